-- risk: none (new table)
-- Features: what is kept of each entity's past, folded from the sealed log. The AI plane's role
-- only reads it; nothing here is money, and nothing is anybody's name.

create table ai.feature_state (
  tenant_id text collate "C" not null,
  generation integer not null,
  kind text collate "C" not null,
  -- An account's id, or a token.
  entity text collate "C" not null,
  -- Packed by src/ai/features/packing.ts.
  state bytea not null,
  primary key (tenant_id, generation, kind, entity)
) with (fillfactor = 70);
call core.isolate_tenants('ai.feature_state');

-- Packed already: a few hundred bytes that compression would only slow down.
alter table ai.feature_state alter column state set storage external;

create policy projections_serve_all on ai.feature_state to countersign_app using (true);
grant select, insert, update, delete on ai.feature_state to countersign_app;
grant select on ai.feature_state to countersign_ai, countersign_read;
-- Which generation is live: it is read together with the states.
grant select on core.projection to countersign_ai;

-- One tenant's log, for what is rebuilt of one tenant: consumers are services of the whole shard.
create function core.tenant_events(
  tenant_wanted text, after bigint, page integer, wanted text[]
)
  returns table (sealed_position bigint, tenant text, tenant_position bigint, id uuid, type text,
    body text)
  language sql stable security definer set search_path = pg_catalog
  set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off rows 500
  begin atomic
  select l.position, l.tenant_id, l.tenant_position, e.id, e.type,
         case when wanted is null or e.type = any (wanted) then e.body end
    from core.leaf l join core.event e on e.seq = l.seq
   where l.tenant_id = tenant_wanted and l.tenant_position > after
   order by l.tenant_position limit page;
end;

create function core.tenant_length(tenant_wanted text) returns bigint
  language sql stable security definer set search_path = pg_catalog
  begin atomic
  select coalesce(max(size), 0) from core.tree where tenant_id = tenant_wanted;
end;

revoke execute on function core.tenant_events, core.tenant_length from public;
grant execute on function core.tenant_events, core.tenant_length to countersign_app;
