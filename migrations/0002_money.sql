-- risk: none (new schema)
-- The money plane: accounts, the journal, holds. The journal is money.transfer: one row is one
-- debit and one credit, so it cannot fail to balance; money.entry shows it account by account.

create schema money;

-- A tenant's own units beside ISO 4217: points, vouchers, fund shares.
create table money.unit (
  tenant_id text collate "C" not null,
  code text collate "C" not null,
  exponent integer not null check (exponent between 0 and 8),
  name text not null,
  primary key (tenant_id, code),
  constraint unit_code_is_no_iso_code check (code ~ '^[A-Z][A-Z0-9_]{3,11}$')
);
call core.isolate_tenants('money.unit');

-- Up to where the books are closed: a posting may not take effect before this instant.
create table money.period (
  tenant_id text collate "C" primary key,
  closed_through date not null,
  closed_before timestamptz(3) not null
);
call core.isolate_tenants('money.period');

create table money.holiday (
  tenant_id text collate "C" not null,
  date date not null,
  name text not null,
  primary key (tenant_id, date)
);
call core.isolate_tenants('money.holiday');

-- The definition is fixed at opening; status, bound and the four sums move under the row's lock.
create table money.account (
  tenant_id text collate "C" not null,
  id uuid not null,
  type text not null
    constraint account_type_is_known
    check (type in ('asset', 'liability', 'equity', 'income', 'expense')),
  currency text not null,
  holder_id text,
  metadata jsonb,
  opened_at timestamptz(3) not null,
  status text not null default 'open'
    constraint status_is_known check (status in ('open', 'frozen', 'closed')),
  bound text not null
    constraint bound_is_known check (bound in ('none', 'no_overdraft', 'credit_limit')),
  credit_limit bigint not null default 0
    constraint credit_limit_is_positive check (credit_limit >= 0),
  debits_posted bigint not null default 0,
  credits_posted bigint not null default 0,
  debits_pending bigint not null default 0
    constraint no_negative_pending_debits check (debits_pending >= 0),
  credits_pending bigint not null default 0
    constraint no_negative_pending_credits check (credits_pending >= 0),
  -- Counts the account's entries: entry n has version n.
  version bigint not null default 0,
  recorded_at timestamptz(3) not null,
  -- What is used of the limits whose key is the account: JSON as in money.counter.
  counters text,
  primary key (tenant_id, id),
  constraint sums_stay_exact check (
    debits_posted + debits_pending <= 9007199254740991
    and credits_posted + credits_pending <= 9007199254740991)
) with (fillfactor = 50);
create index account_by_holder on money.account (tenant_id, holder_id, id)
  where holder_id is not null;
call core.isolate_tenants('money.account');

-- Each side keeps its account's version and the four sums after it: balances as of any instant are
-- one look-up, and an edited row contradicts its neighbours.
create table money.transfer (
  tenant_id text collate "C" not null,
  id uuid not null,
  kind text not null constraint kind_is_known
    check (kind in ('post', 'reverse', 'hold', 'increase', 'capture', 'void', 'expire')),
  command_id uuid not null,
  leg integer not null,
  debit_account_id uuid not null,
  credit_account_id uuid not null,
  amount bigint not null constraint amount_is_positive check (amount > 0),
  -- What a final capture gives back of its hold.
  released bigint not null default 0 check (released >= 0),
  currency text not null,
  hold_id uuid,
  reverses_id uuid,
  effective_at timestamptz(3) not null,
  recorded_at timestamptz(3) not null,
  metadata jsonb,
  debit_version bigint not null,
  debit_sums bigint[] not null,
  credit_version bigint not null,
  credit_sums bigint[] not null,
  -- What it took from counters, and below zero what it gave back to them: JSON, which nothing
  -- but a release reads.
  taken text,
  primary key (tenant_id, id),
  constraint debit_and_credit_differ check (debit_account_id <> credit_account_id),
  constraint one_entry_per_debit_version unique (tenant_id, debit_account_id, debit_version),
  constraint one_entry_per_credit_version unique (tenant_id, credit_account_id, credit_version)
);
create index transfer_of_hold on money.transfer (tenant_id, hold_id) where hold_id is not null;
create unique index reversed_once on money.transfer (tenant_id, reverses_id)
  where reverses_id is not null;
-- Entries whose effect lies apart from their recording: few, and all that a value-dated balance
-- needs.
create index dated_debit on money.transfer (tenant_id, debit_account_id, effective_at)
  where effective_at <> recorded_at;
create index dated_credit on money.transfer (tenant_id, credit_account_id, effective_at)
  where effective_at <> recorded_at;
call core.make_append_only('money.transfer');
call core.isolate_tenants('money.transfer');

-- What the bank allowed on an account, and since when: available balances of the past need it.
create table money.account_terms (
  tenant_id text collate "C" not null,
  account_id uuid not null,
  recorded_at timestamptz(3) not null,
  status text not null,
  bound text not null,
  credit_limit bigint not null,
  primary key (tenant_id, account_id, recorded_at)
);
call core.make_append_only('money.account_terms');
call core.isolate_tenants('money.account_terms');

create table money.hold (
  tenant_id text collate "C" not null,
  id uuid not null,
  debit_account_id uuid not null,
  credit_account_id uuid not null,
  currency text not null,
  amount bigint not null,
  captured bigint not null default 0,
  released bigint not null default 0,
  -- Captured first, and reversed since.
  reversed bigint not null default 0,
  status text not null default 'open'
    check (status in ('open', 'captured', 'voided', 'expired')),
  expires_at timestamptz(3) not null default 'infinity',
  recorded_at timestamptz(3) not null,
  resolved_at timestamptz(3) not null default 'infinity',
  primary key (tenant_id, id),
  constraint captured_and_released_fit check (captured + released <= amount),
  constraint reversed_was_captured check (reversed <= captured),
  constraint resolved_holds_are_whole check (status = 'open' or captured + released = amount)
) with (fillfactor = 70);
create index hold_due on money.hold (expires_at, id) where status = 'open';
-- Holds that fell due: open ones by their expiry, expired ones by when that was written down.
create index open_of_debit on money.hold (tenant_id, debit_account_id, expires_at)
  where status = 'open';
create index open_of_credit on money.hold (tenant_id, credit_account_id, expires_at)
  where status = 'open';
create index expired_of_debit on money.hold (tenant_id, debit_account_id, resolved_at)
  where status = 'expired';
create index expired_of_credit on money.hold (tenant_id, credit_account_id, resolved_at)
  where status = 'expired';
call core.isolate_tenants('money.hold');

-- One row per account and journal row. Sums are [debits posted, credits posted, debits pending,
-- credits pending] after the entry.
create view money.entry with (security_invoker = true) as
  select tenant_id, debit_account_id as account_id, debit_version as version, 'debit' as side,
         debit_sums as sums, id as transfer_id, kind, credit_account_id as counter_account_id,
         amount, released, currency, hold_id, reverses_id, command_id, effective_at, recorded_at,
         metadata
    from money.transfer
  union all
  select tenant_id, credit_account_id, credit_version, 'credit', credit_sums, id, kind,
         debit_account_id, amount, released, currency, hold_id, reverses_id, command_id,
         effective_at, recorded_at, metadata
    from money.transfer;

-- The version of an account at an instant: versions are dense and their instants never fall, so
-- twenty probes find one among a million. 0 before the first entry.
create function money.version_at(tenant text, account uuid, instant timestamptz) returns bigint
  language plpgsql stable set search_path = pg_catalog as $$
declare
  low bigint := 0;
  high bigint;
  middle bigint;
  recorded timestamptz;
begin
  select a.version into high from money.account a where a.tenant_id = tenant and a.id = account;
  while low < high loop
    middle := (low + high + 1) / 2;
    select e.recorded_at into recorded from money.entry e
     where e.tenant_id = tenant and e.account_id = account and e.version = middle;
    if recorded <= instant then low := middle; else high := middle - 1; end if;
  end loop;
  return low;
end $$;

-- Posting -----------------------------------------------------------------------------------------
-- A batch mixes tenants, so these run with the owner's eyes and compare the tenant in every join.

-- Locks, in key order, every account that the batch touches, and returns what evaluation reads.
-- First the tenants' gates, shared: whoever closes a period or changes rights takes them alone.
create function money.lock_accounts(
  tenants text[], account_tenants text[], account_ids uuid[], hold_tenants text[], hold_ids uuid[],
  transfer_tenants text[], transfer_ids uuid[]
) returns table (tenant_id text, id uuid, type text, currency text, status text, bound text,
  credit_limit bigint, debits_posted bigint, credits_posted bigint, debits_pending bigint,
  credits_pending bigint, version bigint, recorded_at timestamptz, counters text)
  language plpgsql security definer set search_path = pg_catalog as $$
begin
  perform pg_advisory_xact_lock_shared(hashtextextended(t, 1))
     from (select distinct t collate "C" as t from unnest(tenants) as u(t) order by 1) gates;
  return query
  with wanted as (
    select t, i from unnest(account_tenants, account_ids) as w(t, i)
    union select h.tenant_id, side.i
      from unnest(hold_tenants, hold_ids) as w(t, i)
      join money.hold h on h.tenant_id = w.t and h.id = w.i
      cross join lateral (values (h.debit_account_id), (h.credit_account_id)) as side(i)
    union select x.tenant_id, side.i
      from unnest(transfer_tenants, transfer_ids) as w(t, i)
      join money.transfer x on x.tenant_id = w.t and x.id = w.i
      cross join lateral (values (x.debit_account_id), (x.credit_account_id)) as side(i)
    union select x.tenant, t.account
      from money.taken_by(hold_tenants, hold_ids, transfer_tenants, transfer_ids) x
      cross join lateral json_to_recordset(x.taken::json) as t(account uuid)
     where t.account is not null)
  select a.tenant_id, a.id, a.type, a.currency, a.status, a.bound, a.credit_limit, a.debits_posted,
         a.credits_posted, a.debits_pending, a.credits_pending, a.version, a.recorded_at,
         a.counters
    from money.account a join wanted w on a.tenant_id = w.t and a.id = w.i
   order by a.tenant_id, a.id
     for no key update of a;
end $$;

-- Everything else that evaluation reads, in a snapshot taken once the locks are held. Holds that
-- are due but not yet expired come along, because their funds are free already (see expireHolds).
create function money.read_batch(
  key_tenants text[], keys text[], account_tenants text[], account_ids uuid[],
  hold_tenants text[], hold_ids uuid[], transfer_tenants text[], transfer_ids uuid[],
  until timestamptz
) returns jsonb
  language plpgsql security definer set search_path = pg_catalog as $$
begin
  return jsonb_build_object(
    'tenants', (select jsonb_agg(jsonb_build_object('tenant', t.tenant_id, 'epoch', t.epoch,
        'time_zone', t.time_zone,
        'closed_before', (select p.closed_before from money.period p
                           where p.tenant_id = t.tenant_id)))
      from core.tenant t where t.tenant_id = any (key_tenants)),
    'units', (select jsonb_agg(jsonb_build_array(u.tenant_id, u.code))
      from money.unit u where u.tenant_id = any (key_tenants)),
    'commands', (select jsonb_agg(jsonb_build_object('tenant', c.tenant_id,
        'key', c.idempotency_key, 'id', c.id, 'digest', encode(c.digest, 'hex'),
        'outcome', c.outcome))
      from unnest(key_tenants, keys) as k(t, i)
      join core.command c on c.tenant_id = k.t and c.idempotency_key = k.i),
    'holds', (select jsonb_agg(to_jsonb(h))
      from (select w.t, w.i from unnest(hold_tenants, hold_ids) as w(t, i)
            union select x.tenant_id, coalesce(x.hold_id, x.id)
              from unnest(transfer_tenants, transfer_ids) as w(t, i)
              join money.transfer x on x.tenant_id = w.t and x.id = w.i
             where x.kind in ('hold', 'increase', 'capture')
            union select a.tenant_id, due.id
              from unnest(account_tenants, account_ids) as w(t, i)
              join money.account a on a.tenant_id = w.t and a.id = w.i
               and (a.debits_pending > 0 or a.credits_pending > 0)
              cross join lateral (
                (select h.id from money.hold h
                  where h.tenant_id = a.tenant_id and h.debit_account_id = a.id
                    and h.status = 'open'
                    and h.expires_at <= until order by h.expires_at limit 1000)
                union all
                (select h.id from money.hold h
                  where h.tenant_id = a.tenant_id and h.credit_account_id = a.id
                    and h.status = 'open'
                    and h.expires_at <= until order by h.expires_at limit 1000)) due
           ) as w(t, i)
      join money.hold h on h.tenant_id = w.t and h.id = w.i),
    'transfers', (select jsonb_agg(jsonb_build_object('tenant_id', x.tenant_id, 'id', x.id,
        'kind', x.kind, 'debit_account_id', x.debit_account_id,
        'credit_account_id', x.credit_account_id, 'amount', x.amount, 'currency', x.currency,
        'hold_id', x.hold_id,
        -- A scalar query with a limit: an exists() may be answered by hashing the whole table.
        'reversed', coalesce((select true from money.transfer r
          where r.tenant_id = x.tenant_id and r.reverses_id = x.id limit 1), false)))
      from unnest(transfer_tenants, transfer_ids) as w(t, i)
      join money.transfer x on x.tenant_id = w.t and x.id = w.i));
end $$;

create function money.record_transfers(
  tenants text[], ids uuid[], kinds text[], commands uuid[], legs integer[], debits uuid[],
  credits uuid[], amounts bigint[], releases bigint[], currencies text[], holds uuid[],
  reverses uuid[], effective timestamptz[], recorded timestamptz[], metadata text,
  debit_versions bigint[], debit_sums text[], credit_versions bigint[], credit_sums text[],
  taken text
) returns void
  language sql security definer set search_path = pg_catalog
  begin atomic
  insert into money.transfer (tenant_id, id, kind, command_id, leg, debit_account_id,
    credit_account_id, amount, released, currency, hold_id, reverses_id, effective_at, recorded_at,
    metadata, debit_version, debit_sums, credit_version, credit_sums, taken)
  select t, i, k, c, l, d, cr, a, r, cu, h, rv, e, rc, m::jsonb, dv, ds::bigint[], cv, cs::bigint[],
      tk
    from unnest(tenants, ids, kinds, commands, legs, debits, credits, amounts, releases, currencies,
      holds, reverses, effective, recorded, core.lines(metadata), debit_versions, debit_sums,
      credit_versions, credit_sums, core.lines(taken))
      as x(t, i, k, c, l, d, cr, a, r, cu, h, rv, e, rc, m, dv, ds, cv, cs, tk);
end;

create function money.record_terms(
  tenants text[], ids uuid[], recorded timestamptz[], statuses text[], bounds text[],
  credit_limits bigint[]
) returns void
  language sql security definer set search_path = pg_catalog
  begin atomic
  insert into money.account_terms
  select * from unnest(tenants, ids, recorded, statuses, bounds, credit_limits);
end;

-- Opens accounts and writes the state of touched ones: sums, version, status, bound.
create function money.record_accounts(
  opened_tenants text[], opened_ids uuid[], opened_types text[], opened_currencies text[],
  opened_holders text[], opened_metadata text, opened_at timestamptz[],
  tenants text[], ids uuid[], statuses text[], bounds text[], credit_limits bigint[],
  sums_debits_posted bigint[], sums_credits_posted bigint[], sums_debits_pending bigint[],
  sums_credits_pending bigint[], versions bigint[], recorded timestamptz[], used text
) returns void
  language sql security definer set search_path = pg_catalog
  begin atomic
  insert into money.account (tenant_id, id, type, currency, holder_id, metadata, opened_at, bound,
    recorded_at)
  select t, i, ty, cu, h, m::jsonb, o, 'none', o
    from unnest(opened_tenants, opened_ids, opened_types, opened_currencies, opened_holders,
      core.lines(opened_metadata), opened_at) as x(t, i, ty, cu, h, m, o);
  update money.account a
     set status = x.s, bound = x.b, credit_limit = x.cl, debits_posted = x.dp,
         credits_posted = x.cp, debits_pending = x.dn, credits_pending = x.cn, version = x.v,
         recorded_at = x.r, counters = coalesce(x.n, a.counters)
    from unnest(tenants, ids, statuses, bounds, credit_limits, sums_debits_posted,
      sums_credits_posted, sums_debits_pending, sums_credits_pending, versions, recorded,
      core.lines(used)) as x(t, i, s, b, cl, dp, cp, dn, cn, v, r, n)
   where a.tenant_id = x.t and a.id = x.i;
end;

create function money.record_holds(
  tenants text[], ids uuid[], debits uuid[], credits uuid[], currencies text[], amounts bigint[],
  captures bigint[], releases bigint[], reversals bigint[], statuses text[],
  expires timestamptz[], recorded timestamptz[], resolved timestamptz[]
) returns void
  language sql security definer set search_path = pg_catalog
  begin atomic
  insert into money.hold (tenant_id, id, debit_account_id, credit_account_id, currency, amount,
    captured, released, reversed, status, expires_at, recorded_at, resolved_at)
  select * from unnest(tenants, ids, debits, credits, currencies, amounts, captures, releases,
    reversals, statuses, expires, recorded, resolved)
  on conflict (tenant_id, id) do update
    set amount = excluded.amount, captured = excluded.captured, released = excluded.released,
        reversed = excluded.reversed, status = excluded.status, resolved_at = excluded.resolved_at;
end;

-- The tenant's own settings of the money plane: units, the closed period, holidays.
create function money.record_settings(
  unit_tenants text[], unit_codes text[], unit_exponents integer[], unit_names text[],
  period_tenants text[], closed_through date[], closed_before timestamptz[],
  holiday_tenants text[], holiday_dates date[], holiday_names text[]
) returns void
  language sql security definer set search_path = pg_catalog
  begin atomic
  insert into money.unit select * from unnest(unit_tenants, unit_codes, unit_exponents, unit_names);
  insert into money.period
  select * from unnest(period_tenants, closed_through, closed_before)
  on conflict (tenant_id) do update
    set closed_through = excluded.closed_through, closed_before = excluded.closed_before;
  insert into money.holiday
  select * from unnest(holiday_tenants, holiday_dates, holiday_names)
  on conflict (tenant_id, date) do update set name = excluded.name;
end;

-- Closing a period or changing rights waits for the postings under way, and they for it.
create function money.close_gate(tenants text[]) returns void
  language sql security definer set search_path = pg_catalog
  begin atomic
  select pg_advisory_xact_lock(hashtextextended(t, 1))
    from (select distinct t collate "C" as t from unnest(tenants) as u(t) order by 1) gates;
end;

create function money.due_holds(until timestamptz, page integer,
    after_at timestamptz default '-infinity',
    after_id uuid default '00000000-0000-0000-0000-000000000000')
  returns table (tenant text, id uuid, expires_at timestamptz)
  language sql stable security definer set search_path = pg_catalog
  begin atomic
  select tenant_id, id, expires_at from money.hold
   where status = 'open' and expires_at <= until and (expires_at, id) > (after_at, after_id)
   order by expires_at, id limit page;
end;

revoke execute on all functions in schema money from public;
grant usage on schema money to countersign_money, countersign_read, countersign_sim;
grant execute on all functions in schema money to countersign_money;
grant execute on function money.version_at to countersign_read, countersign_sim;
grant select on all tables in schema money to countersign_money, countersign_read, countersign_sim;
