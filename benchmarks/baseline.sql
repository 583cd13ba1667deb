-- The baseline: what a ledger without batches does, one transaction per transfer, rows locked in
-- key order, and the same rows written as ours: command, transfer, event, both accounts.
create function money.baseline_transfer(
  the_tenant text, key text, command uuid, digest bytea, body text, transfer uuid, debit uuid,
  credit uuid, moved bigint, event uuid, event_body text, at timestamptz
) returns void
  language plpgsql as $$
declare
  d money.account;
  c money.account;
begin
  insert into core.command (tenant_id, idempotency_key, id, operation, digest, principal,
    received_at, trace_id, decision, body, outcome)
  values (the_tenant, key, command, 'journal.post', digest, 'service:bench', at,
    '00000000000000000000000000000000', '{"outcome":"allow","policy_version":"allow-all-1"}', body,
    '{"status":"posted"}');
  perform from money.account a where a.tenant_id = the_tenant and a.id in (debit, credit)
    order by a.id for update;
  select * into d from money.account a where a.tenant_id = the_tenant and a.id = debit;
  select * into c from money.account a where a.tenant_id = the_tenant and a.id = credit;
  if d.status <> 'open' or c.status <> 'open' or d.currency <> c.currency then
    raise exception 'refused';
  end if;
  insert into money.transfer (tenant_id, id, kind, command_id, leg, debit_account_id,
    credit_account_id, amount, currency, effective_at, recorded_at, debit_version, debit_sums,
    credit_version, credit_sums)
  values (the_tenant, transfer, 'post', command, 0, debit, credit, moved, d.currency, at, at,
    d.version + 1, array[d.debits_posted + moved, d.credits_posted, d.debits_pending,
      d.credits_pending],
    c.version + 1, array[c.debits_posted, c.credits_posted + moved, c.debits_pending,
      c.credits_pending]);
  update money.account a set debits_posted = a.debits_posted + moved, version = a.version + 1,
    recorded_at = at where a.tenant_id = the_tenant and a.id = debit;
  update money.account a set credits_posted = a.credits_posted + moved, version = a.version + 1,
    recorded_at = at where a.tenant_id = the_tenant and a.id = credit;
  insert into core.event (seq, tenant_id, id, type, body)
  values (nextval('core.event_seq'), the_tenant, event, 'transaction.posted', event_body);
end $$;
