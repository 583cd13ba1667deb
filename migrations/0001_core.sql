-- risk: none (new schema)
-- Tenants, commands, the event log and its evidence. Everything here is appended, never changed,
-- but for core.tenant, core.tree, core.seal_state and core.consumer, which are small and derived.

create function core.current_tenant() returns text
  language sql stable parallel safe
  return current_setting('countersign.tenant', true);

create function core.refuse_change() returns trigger
  language plpgsql as $$
begin
  raise exception '% on %.% refused: this table is append-only',
    tg_op, tg_table_schema, tg_table_name using errcode = 'integrity_constraint_violation';
end $$;

-- Makes a table append-only for everybody, its owner included.
create procedure core.make_append_only(target regclass)
  language plpgsql as $$
begin
  execute format('create trigger append_only before update or delete or truncate on %s
    for each statement execute function core.refuse_change()', target);
end $$;

-- Row-level security on a table whose key starts with tenant_id.
create procedure core.isolate_tenants(target regclass)
  language plpgsql as $$
begin
  execute format('alter table %s enable row level security', target);
  execute format('create policy tenant_isolation on %s
    using (tenant_id = core.current_tenant())
    with check (tenant_id = core.current_tenant())', target);
end $$;

create table core.tenant (
  tenant_id text collate "C" primary key,
  name text not null,
  time_zone text not null,
  -- Counts every change of rights in the tenant; whoever caches rights compares it.
  epoch bigint not null default 1,
  created_at timestamptz(3) not null,
  constraint tenant_id_is_a_slug check (tenant_id ~ '^[a-z][a-z0-9-]{1,39}$')
);
call core.isolate_tenants('core.tenant');

-- What was asked, by whom, and what it was answered: the input of replay, and the idempotency
-- index.
create table core.command (
  tenant_id text collate "C" not null,
  idempotency_key text collate "C" not null,
  id uuid not null,
  operation text not null,
  -- SHA-256 of tenant, operation and body: a retry must match it.
  digest bytea not null,
  principal text not null,
  received_at timestamptz(3) not null,
  trace_id text not null,
  decision text not null,
  body text not null,
  outcome text not null,
  constraint one_command_per_key primary key (tenant_id, idempotency_key)
);
call core.make_append_only('core.command');
call core.isolate_tenants('core.command');

create sequence core.event_seq as bigint;

create table core.event (
  -- Drawn once the writer holds all its locks, so conflicting effects stand in their order.
  seq bigint primary key,
  tenant_id text collate "C" not null,
  id uuid not null,
  type text not null,
  -- RFC 8785 text of the CloudEvent: stored once, never derived again.
  body text not null,
  constraint event_is_unique unique (tenant_id, id)
);
call core.make_append_only('core.event');
call core.isolate_tenants('core.event');

-- The sealed order. `position` is dense over all tenants (what consumers checkpoint),
-- `tenant_position` is dense within the tenant (what evidence proves); both start at 1.
create table core.leaf (
  position bigint primary key,
  tenant_id text collate "C" not null,
  tenant_position bigint not null,
  seq bigint not null,
  -- RFC 9162 leaf hash: SHA-256 of a zero byte and the event's body.
  hash bytea not null,
  constraint leaf_is_sealed_once unique (seq),
  constraint tenant_positions_are_unique unique (tenant_id, tenant_position)
);
call core.make_append_only('core.leaf');
call core.isolate_tenants('core.leaf');

-- Roots of complete subtrees of 2^level leaves (levels 8, 16, 24 …): short cuts for proofs.
create table core.node (
  tenant_id text collate "C" not null,
  level integer not null,
  index bigint not null,
  hash bytea not null,
  primary key (tenant_id, level, index)
);
call core.make_append_only('core.node');
call core.isolate_tenants('core.node');

-- Signed tree heads, as C2SP signed notes.
create table core.checkpoint (
  tenant_id text collate "C" not null,
  tree_size bigint not null,
  root bytea not null,
  note text not null,
  signed_at timestamptz(3) not null,
  primary key (tenant_id, tree_size)
);
call core.make_append_only('core.checkpoint');
call core.isolate_tenants('core.checkpoint');

-- How far each tenant's tree has grown. `generation` is that of its log's name: 1, or the second of
-- the last restore.
create table core.tree (
  tenant_id text collate "C" primary key,
  size bigint not null default 0,
  generation integer not null default 1
);
call core.isolate_tenants('core.tree');

create table core.seal_state (
  singleton boolean primary key default true check (singleton),
  position bigint not null default 0,
  -- Of the logs that begin now: each restore begins another, for all tenants there will be.
  generation integer not null default 1,
  -- Every event with a seq up to this one is sealed or will never exist.
  low_seq bigint not null default 0
);
insert into core.seal_state default values;

-- Consumers read sealed positions; their checkpoint moves in the transaction of their effects.
create table core.consumer (
  name text primary key,
  position bigint not null default 0
);

-- Writing -----------------------------------------------------------------------------------------

-- Columns of JSON travel as lines (canonical JSON has no line break): nothing needs escaping. An
-- empty line is null.
create function core.lines(texts text) returns text[]
  language sql immutable parallel safe
  return string_to_array(texts, e'\n', '');

-- Rows are inserted in key order: two writers that meet on keys wait, and can never deadlock. When
-- another writer was faster with one of the keys, the whole transaction is refused (CS001): the
-- caller looks again and finds the answer.
create function core.record_commands(
  tenants text[], keys text[], ids uuid[], operations text[], digests bytea[], principals text[],
  received timestamptz[], traces text[], decisions text, bodies text, outcomes text
) returns void
  language plpgsql security definer set search_path = pg_catalog as $$
declare
  added bigint;
begin
  insert into core.command (tenant_id, idempotency_key, id, operation, digest, principal,
    received_at, trace_id, decision, body, outcome)
  select * from unnest(tenants, keys, ids, operations, digests, principals, received, traces,
    core.lines(decisions), core.lines(bodies), core.lines(outcomes)) as c(tenant, key)
  order by c.tenant collate "C", c.key collate "C"
  on conflict do nothing;
  get diagnostics added = row_count;
  if added < cardinality(keys) then
    raise exception 'a command with the same idempotency key was recorded meanwhile'
      using errcode = 'CS001';
  end if;
end $$;

create function core.record_events(tenants text[], ids uuid[], types text[], bodies text)
  returns void
  language sql security definer set search_path = pg_catalog
  begin atomic
  -- The sealer's proof: whoever draws a seq has a transaction id already.
  select pg_current_xact_id();
  insert into core.event (seq, tenant_id, id, type, body)
  select nextval('core.event_seq'), e.tenant, e.id, e.type, e.body
    from unnest(tenants, ids, types, core.lines(bodies))
      with ordinality as e(tenant, id, type, body, ordinal)
   order by ordinal;
end;

-- Sealing -----------------------------------------------------------------------------------------

-- One pass: events that this snapshot sees and no pass before saw, by seq. The caller holds the
-- sealer's lock. `low` is the caller's proof that nothing at or below it is missing.
create function core.seal(low bigint, pass_limit integer)
  returns table (
    sealed_position bigint, tenant text, tenant_position bigint, seq bigint, hash bytea)
  language sql security definer set search_path = pg_catalog
  -- A page against large tables: only their indexes serve that, whatever the statistics say.
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
  begin atomic
  with fresh as (
    select e.seq, e.tenant_id, sha256('\x00'::bytea || convert_to(e.body, 'UTF8')) as hash
      from core.event e
     where e.seq > low and not exists (select from core.leaf l where l.seq = e.seq)
     order by e.seq limit pass_limit),
  grown as (
    insert into core.tree as t (tenant_id, size, generation)
    select tenant_id, count(*), (select generation from core.seal_state)
      from fresh group by tenant_id
    on conflict (tenant_id) do update set size = t.size + excluded.size
    returning tenant_id, size),
  state as (
    update core.seal_state set position = position + (select count(*) from fresh), low_seq = low
     where exists (select from fresh)
    returning position),
  numbered as (
    select state.position - count(*) over () + row_number() over (order by f.seq) as position,
           f.tenant_id,
           grown.size - count(*) over (partition by f.tenant_id)
             + row_number() over (partition by f.tenant_id order by f.seq) as tenant_position,
           f.seq, f.hash
      from fresh f join grown using (tenant_id), state)
  insert into core.leaf (position, tenant_id, tenant_position, seq, hash)
  select * from numbered order by position
  returning position, tenant_id, tenant_position, seq, hash;
end;

create function core.record_tree(
  node_tenants text[], node_levels integer[], node_indexes bigint[], node_hashes bytea[],
  head_tenants text[], head_sizes bigint[], head_roots bytea[], head_notes text[],
  head_times timestamptz[]
) returns void
  language sql security definer set search_path = pg_catalog
  begin atomic
  insert into core.node (tenant_id, level, index, hash)
  select * from unnest(node_tenants, node_levels, node_indexes, node_hashes)
  on conflict do nothing;
  insert into core.checkpoint (tenant_id, tree_size, root, note, signed_at)
  select * from unnest(head_tenants, head_sizes, head_roots, head_notes, head_times)
  on conflict do nothing;
end;

-- Reading across tenants: consumers, the verifier and the sealer are services of the whole shard.
-- Bodies are of the types that are wanted alone, or of all: most consumers pass over the largest.
create function core.sealed_events(after bigint, page integer, wanted text[])
  returns table (sealed_position bigint, tenant text, tenant_position bigint, id uuid, type text,
    body text)
  language sql stable security definer set search_path = pg_catalog
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off rows 500
  begin atomic
  select l.position, l.tenant_id, l.tenant_position, e.id, e.type,
         case when wanted is null or e.type = any (wanted) then e.body end
    from core.leaf l join core.event e on e.seq = l.seq
   where l.position > after
   order by l.position limit page;
end;

create function core.list_tenants() returns setof core.tenant
  language sql stable security definer set search_path = pg_catalog
  begin atomic
  select * from core.tenant order by tenant_id;
end;

-- Grants ------------------------------------------------------------------------------------------

revoke execute on all functions in schema core from public;
revoke execute on all procedures in schema core from public;
grant usage on schema core to countersign_money, countersign_policy, countersign_ai,
  countersign_gateway, countersign_app, countersign_read, countersign_sim, countersign_sealer;
grant execute on function core.current_tenant(), core.lines(text)
  to countersign_money, countersign_policy,
  countersign_ai, countersign_gateway, countersign_app, countersign_read, countersign_sim,
  countersign_sealer;

grant execute on function core.record_commands, core.record_events
  to countersign_money, countersign_policy;
grant select on core.tenant, core.command to countersign_money, countersign_policy;

grant execute on function core.seal, core.record_tree to countersign_sealer;
grant execute on function core.list_tenants to countersign_policy;
grant select on core.seal_state, core.event_seq to countersign_sealer;
-- The sealer serves every tenant: its policies are open, its grants are narrow.
grant select on core.leaf, core.node, core.checkpoint, core.tree to countersign_sealer;
create policy sealer_reads_all on core.leaf for select to countersign_sealer using (true);
create policy sealer_reads_all on core.node for select to countersign_sealer using (true);
create policy sealer_reads_all on core.checkpoint for select to countersign_sealer using (true);
create policy sealer_reads_all on core.tree for select to countersign_sealer using (true);

grant execute on function core.sealed_events to countersign_app;
grant select, insert, update on core.consumer to countersign_app;

grant select on core.tenant, core.command, core.event, core.leaf, core.node, core.checkpoint,
  core.tree to countersign_read;
