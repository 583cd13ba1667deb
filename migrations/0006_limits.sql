-- risk: none (new schema)
-- Limits: how much of each is used within its window, and what every posting took or gave back.
-- Policy defines them; a decision says what its command takes, and posting takes it under lock.

create table money.counter (
  tenant_id text collate "C" not null,
  -- Derived from limit, key, measure and window: a limit with another window counts anew.
  id uuid not null,
  limit_id text not null,
  key text not null,
  measure text not null constraint measure_is_known check (measure in ('amount', 'count')),
  time_window jsonb not null,
  -- What was used by bucket of time, the newest first; `head` is the newest one's number. A
  -- calendar window is one bucket, numbered by the millisecond at which it begins.
  head bigint not null default 0,
  buckets bigint[] not null default '{}',
  primary key (tenant_id, id),
  constraint no_bucket_below_zero check (0 <= all (buckets))
) with (fillfactor = 50);
create index counter_by_limit on money.counter (tenant_id, limit_id, id);
create index counter_by_key on money.counter (tenant_id, key, id);
call core.isolate_tenants('money.counter');

create table money.consumption (
  tenant_id text collate "C" not null,
  -- The hold, or else the transfer, for which it was taken: as long as that stands, so does this.
  source_id uuid not null,
  transfer_id uuid not null,
  -- One change each: which counter, in which of its buckets, and by how much. What is given back
  -- is below zero.
  counter_ids uuid[] not null,
  buckets bigint[] not null,
  amounts bigint[] not null,
  primary key (tenant_id, source_id, transfer_id),
  constraint changes_are_whole check (
    cardinality(buckets) = cardinality(counter_ids)
    and cardinality(amounts) = cardinality(counter_ids))
);
call core.make_append_only('money.consumption');
call core.isolate_tenants('money.consumption');

-- Locks, in key order, the counters that a batch takes from and those to which its holds and
-- transfers may give back. Their accounts are locked before.
create function money.lock_counters(
  tenants text[], ids uuid[], hold_tenants text[], hold_ids uuid[], transfer_tenants text[],
  transfer_ids uuid[]
) returns json
  language plpgsql security definer set search_path = pg_catalog as $$
declare
  taken json;
  taken_tenants text[];
  taken_ids uuid[];
begin
  if cardinality(hold_ids) + cardinality(transfer_ids) > 0 then
    select json_agg(t), array_agg(t.tenant), array_agg(t.counter)
      into taken, taken_tenants, taken_ids
      from (
        select c.tenant_id as tenant, c.source_id as source, change.counter, change.bucket,
               sum(change.amount) as amount
          from (select w.t, w.i from unnest(hold_tenants, hold_ids) as w(t, i)
                union select x.tenant_id, coalesce(x.hold_id, x.id)
                  from unnest(transfer_tenants, transfer_ids) as w(t, i)
                  join money.transfer x on x.tenant_id = w.t and x.id = w.i) s
          join money.consumption c on c.tenant_id = s.t and c.source_id = s.i
          cross join lateral unnest(c.counter_ids, c.buckets, c.amounts)
            as change(counter, bucket, amount)
         group by 1, 2, 3, 4) t;
  end if;
  return json_build_object('taken', taken, 'counters', (
    select json_agg(locked) from (
      select c.tenant_id as tenant, c.id, c.measure, c.head, c.buckets
        from (select t, i from unnest(tenants || taken_tenants, ids || taken_ids) as u(t, i)
               group by 1, 2) w
        join money.counter c on c.tenant_id = w.t and c.id = w.i
       order by c.tenant_id, c.id
         for no key update of c) locked));
end $$;

-- Adds the counters that are new. Whoever adds holds others already, so nobody may wait here for
-- one that is there meanwhile: the transaction is refused (CS001), and finds it when it starts
-- anew.
create function money.add_counters(
  tenants text[], ids uuid[], limits text[], keys text[], measures text[], windows text
) returns void
  language plpgsql security definer set search_path = pg_catalog as $$
declare
  added bigint;
begin
  insert into money.counter (tenant_id, id, limit_id, key, measure, time_window)
  select w.t, w.i, w.l, w.k, w.m, w.p::jsonb
    from unnest(tenants, ids, limits, keys, measures, core.lines(windows)) as w(t, i, l, k, m, p)
   order by w.t collate "C", w.i
  on conflict do nothing;
  get diagnostics added = row_count;
  if added < cardinality(ids) then
    raise exception 'a counter was added meanwhile' using errcode = 'CS001';
  end if;
end $$;

create function money.record_limits(
  tenants text[], ids uuid[], heads bigint[], used text[],
  change_tenants text[], sources uuid[], transfers uuid[], change_counters text[],
  change_buckets text[], change_amounts text[]
) returns void
  language sql security definer set search_path = pg_catalog
  begin atomic
  update money.counter c set head = x.h, buckets = x.b::bigint[]
    from unnest(tenants, ids, heads, used) as x(t, i, h, b)
   where c.tenant_id = x.t and c.id = x.i;
  insert into money.consumption (tenant_id, source_id, transfer_id, counter_ids, buckets, amounts)
  select t, s, i, c::uuid[], b::bigint[], a::bigint[]
    from unnest(change_tenants, sources, transfers, change_counters, change_buckets,
      change_amounts) as x(t, s, i, c, b, a);
end;

revoke execute on function money.lock_counters, money.add_counters, money.record_limits
  from public;
grant execute on function money.lock_counters, money.add_counters, money.record_limits
  to countersign_money;
grant select on money.counter, money.consumption
  to countersign_money, countersign_read, countersign_sim;
