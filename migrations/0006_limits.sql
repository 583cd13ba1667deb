-- risk: none (new schema)
-- Limits: how much of each is used within its window. Policy defines them; a decision says what its
-- command takes, and posting takes it. What every posting took or gave back stands in its own row
-- (money.transfer.taken); the counters of a key are one value, which has one home: the account that
-- the key names, or else a row here.

create table money.counter (
  tenant_id text collate "C" not null,
  key text collate "C" not null,
  -- By window, measure and limit: [newest bucket's number, what it holds, what those before it
  -- hold]. A calendar window is one bucket, numbered by the millisecond at which it begins.
  counters jsonb not null default '{}',
  primary key (tenant_id, key)
) with (fillfactor = 50);
call core.isolate_tenants('money.counter');

-- What holds and transfers have taken and given back, for those that a batch changes: a hold by all
-- its rows and by the reversals of its captures. Few among many, so each is looked up by itself.
create function money.taken_by(
  hold_tenants text[], hold_ids uuid[], transfer_tenants text[], transfer_ids uuid[]
) returns table (tenant text, source uuid, taken text)
  language sql stable set search_path = pg_catalog as $$
  with named as (
    select x.tenant_id, x.id, x.hold_id, x.taken
      from unnest(transfer_tenants, transfer_ids) as w(t, i)
      join money.transfer x on x.tenant_id = w.t and x.id = w.i),
  changes as (
    select h.t, h.i, x.id, x.kind, x.taken
      from (select * from unnest(hold_tenants, hold_ids)
            union select n.tenant_id, n.hold_id from named n where n.hold_id is not null) as h(t, i)
      cross join lateral (select * from money.transfer x
                           where x.tenant_id = h.t and x.hold_id = h.i offset 0) x)
  select c.t, c.i, c.taken from changes c where c.taken is not null
  union all
  select c.t, c.i, r.taken
    from changes c
    cross join lateral (select * from money.transfer r
                         where r.tenant_id = c.t and r.reverses_id = c.id offset 0) r
   where c.kind = 'capture' and r.taken is not null
  union all
  select n.tenant_id, n.id, n.taken from named n where n.hold_id is null and n.taken is not null
$$;

-- Locks, in key order, the keys that a batch takes from and those to which its holds and transfers
-- may give back. Their accounts are locked before.
create function money.lock_counters(
  tenants text[], keys text[], hold_tenants text[], hold_ids uuid[], transfer_tenants text[],
  transfer_ids uuid[]
) returns json
  language plpgsql security definer set search_path = pg_catalog as $$
declare
  taken json;
begin
  if cardinality(hold_ids) + cardinality(transfer_ids) > 0 then
    select json_agg(json_build_object('tenant', t.tenant, 'source', t.source,
        'taken', t.taken::json)) into taken
      from money.taken_by(hold_tenants, hold_ids, transfer_tenants, transfer_ids) t;
  end if;
  return json_build_object('taken', taken, 'keys', (
    select json_agg(locked) from (
      select c.tenant_id as tenant, c.key, c.counters
        from (select * from unnest(tenants, keys)
              union select s.tenant, p.key
                from json_to_recordset(taken) as s(tenant text, taken json)
                cross join lateral json_to_recordset(s.taken) as p(key text)
               where p.key is not null) as w(t, k)
        join money.counter c on c.tenant_id = w.t and c.key = w.k
       order by c.tenant_id, c.key
         for no key update of c) locked));
end $$;

-- For a batch that only adds: it locks them when it is written, by add_to_counters.
create function money.read_counters(tenants text[], keys text[]) returns json
  language sql stable security definer set search_path = pg_catalog
  begin atomic
  select json_agg(json_build_object('tenant', c.tenant_id, 'key', c.key, 'counters',
      c.counters))
    from unnest(tenants, keys) as w(t, k)
    join money.counter c on c.tenant_id = w.t and c.key = w.k;
end;

-- Adds to the newest buckets, if these are what they were and no more is used than lets all that
-- the batch takes fit. Else the transaction is refused (CS001), and looks again when it starts
-- anew.
create function money.add_to_counters(
  tenants text[], keys text[], names text[], heads bigint[], used_max bigint[], amounts bigint[]
) returns void
  language plpgsql security definer set search_path = pg_catalog as $$
declare
  each record;
begin
  for each in
    select * from unnest(tenants, keys, names, heads, used_max, amounts) as w(t, k, n, h, m, a)
     order by t collate "C", k collate "C"
  loop
    update money.counter c
       set counters = jsonb_set(c.counters, array[each.n, '1'],
             to_jsonb((c.counters -> each.n ->> 1)::bigint + each.a))
     where c.tenant_id = each.t and c.key = each.k
       and (c.counters -> each.n ->> 0)::bigint = each.h
       and (select sum(u::bigint) from jsonb_array_elements_text(c.counters -> each.n)
              with ordinality as bucket(u, at) where at > 1) <= each.m;
    if not found then
      raise exception 'a counter has moved meanwhile' using errcode = 'CS001';
    end if;
  end loop;
end $$;

-- Adds the keys that are new. Whoever adds holds others already, so nobody may wait here for one
-- that is there meanwhile: the transaction is refused (CS001), and finds it when it starts anew.
create function money.add_counters(tenants text[], keys text[]) returns void
  language plpgsql security definer set search_path = pg_catalog as $$
declare
  added bigint;
begin
  insert into money.counter (tenant_id, key)
  select w.t, w.k from unnest(tenants, keys) as w(t, k)
   order by w.t collate "C", w.k collate "C"
  on conflict do nothing;
  get diagnostics added = row_count;
  if added < cardinality(keys) then
    raise exception 'a counter was added meanwhile' using errcode = 'CS001';
  end if;
end $$;

create function money.record_counters(tenants text[], keys text[], used text) returns void
  language sql security definer set search_path = pg_catalog
  begin atomic
  update money.counter c set counters = x.u::jsonb
    from unnest(tenants, keys, core.lines(used)) as x(t, k, u)
   where c.tenant_id = x.t and c.key = x.k;
end;

revoke execute on function money.taken_by, money.lock_counters, money.read_counters,
  money.add_to_counters, money.add_counters, money.record_counters from public;
grant execute on function money.lock_counters, money.read_counters, money.add_to_counters,
  money.add_counters, money.record_counters to countersign_money;
grant select on money.counter to countersign_money, countersign_read, countersign_sim;
