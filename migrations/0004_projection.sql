-- risk: none (new schema)
-- Projections: read models that are folds over the sealed log. Their rows carry a generation, so
-- that one can be rebuilt beside the live one and swapped by changing one number.

create table core.projection (
  name text primary key,
  -- Which rows are live; their consumer is named name@generation.
  generation integer not null
);
grant select, insert, update on core.projection to countersign_app;
grant delete on core.consumer to countersign_app;
grant select on core.projection to countersign_read;

create function core.sealed_position() returns bigint
  language sql stable security definer set search_path = pg_catalog
  begin atomic
  select position from core.seal_state;
end;
revoke execute on function core.sealed_position from public;
grant execute on function core.sealed_position to countersign_app, countersign_read;

create schema projection;

-- What the log says of each account; it must equal what the money plane keeps.
create table projection.balance (
  tenant_id text collate "C" not null,
  generation integer not null,
  account_id uuid not null,
  currency text not null,
  debits_posted bigint not null,
  credits_posted bigint not null,
  debits_pending bigint not null,
  credits_pending bigint not null,
  entries bigint not null,
  primary key (tenant_id, generation, account_id)
) with (fillfactor = 70);
call core.isolate_tenants('projection.balance');

-- Posted turnover by account and day (UTC, by when it took effect).
create table projection.activity (
  tenant_id text collate "C" not null,
  generation integer not null,
  account_id uuid not null,
  day date not null,
  entries bigint not null,
  debits numeric(38) not null,
  credits numeric(38) not null,
  primary key (tenant_id, generation, account_id, day)
) with (fillfactor = 70);
call core.isolate_tenants('projection.activity');

-- A projection is a service of the whole shard: it folds the events of every tenant.
create policy projections_serve_all on projection.balance to countersign_app using (true);
create policy projections_serve_all on projection.activity to countersign_app using (true);
grant usage on schema projection to countersign_app, countersign_read;
grant select, insert, update, delete on projection.balance, projection.activity
  to countersign_app;
grant select on projection.balance, projection.activity to countersign_read;
