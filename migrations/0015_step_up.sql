-- risk: none (new tables)
-- Step-up: with what a customer can prove to be there, and every proof that was tried.

-- What proves a customer. The secret of a `totp` is derived from a key of the keyring and stands
-- nowhere; a `signature` has the public key of a device.
create table policy.authenticator (
  tenant_id text collate "C" not null,
  id uuid not null,
  subject text collate "C" not null,
  kind text not null,
  -- SPKI, DER, base64.
  public_key text,
  -- The key of the keyring from which the secret derives.
  key_id text,
  enrolled_at timestamptz(3) not null,
  enrolled_by text not null,
  confirmed_at timestamptz(3),
  revoked_at timestamptz(3),
  -- RFC 6238, T of the last code that has counted: that code and earlier ones count no more.
  totp_step integer,
  primary key (tenant_id, id),
  constraint subject_is_a_token check (subject ~ '^[A-Za-z0-9._:-]{1,80}$'),
  constraint kind_is_known check (kind in ('totp', 'signature')),
  constraint only_a_device_has_a_public_key check ((kind = 'signature') = (public_key is not null)),
  constraint only_a_totp_has_a_secret check ((kind = 'totp') = (key_id is not null)),
  constraint a_code_confirms_a_totp
    check (case kind when 'totp' then (confirmed_at is null) = (totp_step is null)
           else confirmed_at is not null and totp_step is null end)
);
call core.isolate_tenants('policy.authenticator');

create index authenticator_of_subject on policy.authenticator (tenant_id, subject, id);

-- Every attempt at a payment's challenge, with why it failed; null where it succeeded.
create table policy.step_up_attempt (
  tenant_id text collate "C" not null,
  payment_id uuid not null,
  -- The command that has made the attempt.
  id uuid not null,
  authenticator_id uuid not null,
  subject text collate "C" not null,
  attempted_at timestamptz(3) not null,
  reason text,
  attempts_left integer not null,
  primary key (tenant_id, payment_id, id),
  constraint authenticator_is_on_record foreign key (tenant_id, authenticator_id)
    references policy.authenticator (tenant_id, id),
  constraint reason_is_known
    check (reason in ('expired', 'locked', 'too_many_failures', 'wrong_proof', 'code_used')),
  constraint attempts_left_are_counted check (attempts_left >= 0)
);
call core.make_append_only('policy.step_up_attempt');
call core.isolate_tenants('policy.step_up_attempt');

create unique index payment_is_proven_once on policy.step_up_attempt (tenant_id, payment_id)
  where reason is null;
-- Guesses at whatever proves a customer, over all of their payments.
create index wrong_proof_of_subject on policy.step_up_attempt (tenant_id, subject, attempted_at)
  where reason in ('wrong_proof', 'code_used');

-- A payment as it was ordered, and which of its decisions was the last to ask its payer. It is
-- found by its first decision: the id of its event follows from the command's. Whoever calls sees
-- nothing else of the log.
create function policy.ordered_payment(payment_id uuid, decision_ids uuid[])
  returns table (principal text, digest bytea, body text, received_at timestamptz, status text,
    asked integer)
  language sql stable security definer set search_path = pg_catalog
  begin atomic
  select c.principal, c.digest, c.body, c.received_at, c.outcome::json ->> 'status',
         (select max(made.nth)::integer
            from unnest(decision_ids) with ordinality as made(id, nth)
            join core.event d on d.tenant_id = e.tenant_id and d.id = made.id
           where d.type = 'decision.made'
             and d.body::json #>> '{data,payload,outcome}' = 'hold'
             and d.body::json #> '{data,payload,obligations,step_up}' is not null)
    from core.event e
    join core.command c on c.tenant_id = e.tenant_id
     and c.idempotency_key = e.body::json #>> '{data,idempotency_key}'
   where e.tenant_id = core.current_tenant() and e.id = decision_ids[1] and e.type = 'decision.made'
     and c.id = payment_id and c.operation in ('payment.initiate', 'payment.authorize');
  end;
revoke execute on function policy.ordered_payment from public;

grant execute on function policy.ordered_payment to countersign_policy, countersign_read;
grant select, insert, update (confirmed_at, revoked_at, totp_step) on policy.authenticator
  to countersign_policy;
grant select, insert on policy.step_up_attempt to countersign_policy;
grant select on policy.authenticator, policy.step_up_attempt to countersign_read;
