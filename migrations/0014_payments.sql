-- risk: none (new tables)
-- Payments as they stand: a fold over the sealed log, which `countersign rebuild payments` can
-- build anew. Ids are the public ones, as events tell them.
create schema payments;

create table payments.payment (
  tenant_id text collate "C" not null,
  generation integer not null,
  payment_id text collate "C" not null,
  -- Of its first step in the log.
  tenant_position bigint not null,
  kind text not null,
  channel text not null,
  status text not null,
  outcome text not null,
  debtor_account_id text collate "C" not null,
  creditor_account_id text collate "C" not null,
  debtor text,
  creditor text,
  -- Minor units: ordered or authorized, with what was added; taken; sent back.
  amount bigint not null,
  captured bigint not null,
  returned bigint not null,
  currency text not null,
  end_to_end_id text,
  -- Who has ordered it: outsiders see their own.
  requested_by text collate "C" not null,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  primary key (tenant_id, generation, payment_id)
) with (fillfactor = 85);
call core.isolate_tenants('payments.payment');
-- Lists are newest first, and ids begin with the instant of receipt: each index ends with them.
create index payments_of_debtor_account
  on payments.payment (tenant_id, generation, debtor_account_id, payment_id);
create index payments_of_creditor_account
  on payments.payment (tenant_id, generation, creditor_account_id, payment_id);
create index payments_of_debtor
  on payments.payment (tenant_id, generation, debtor, payment_id) where debtor is not null;
create index payments_of_creditor
  on payments.payment (tenant_id, generation, creditor, payment_id) where creditor is not null;
create index payments_by_reference
  on payments.payment (tenant_id, generation, end_to_end_id, payment_id)
  where end_to_end_id is not null;
create index payments_of_requester
  on payments.payment (tenant_id, generation, requested_by, payment_id);
create index payments_by_status
  on payments.payment (tenant_id, generation, status, payment_id);
-- Of an account that pays much, what came to nothing.
create index payments_not_made
  on payments.payment (tenant_id, generation, debtor_account_id, payment_id)
  where status in ('denied', 'cancelled', 'expired');

-- The steps of a payment after its first, by the payment that they name.
create index step_of_payment on core.command (tenant_id, (body::jsonb ->> 'payment_id'))
  where operation in ('payment.increase', 'payment.capture', 'payment.cancel', 'payment.expire',
    'payment.resume', 'payment.refund', 'payment.return', 'payment.charge_back',
    'payment.represent');

-- A function, as row-level security keeps what reads a body from an index: the commands of one
-- payment would be looked for among all of the tenant.
create function payments.steps_of(payment text, most integer) returns setof uuid
  language sql stable security definer set search_path = pg_catalog
  begin atomic
  select c.id from core.command c
   where c.tenant_id = core.current_tenant() and c.body::jsonb ->> 'payment_id' = payment
     and c.operation in ('payment.increase', 'payment.capture', 'payment.cancel',
       'payment.expire', 'payment.resume', 'payment.refund', 'payment.return',
       'payment.charge_back', 'payment.represent')
   limit most;
end;
revoke execute on function payments.steps_of from public;

create policy projections_serve_all on payments.payment to countersign_app using (true);
grant usage on schema payments to countersign_app, countersign_read;
grant execute on function payments.steps_of to countersign_read;
grant select, insert, update, delete on payments.payment to countersign_app;
grant select on payments.payment to countersign_read;
