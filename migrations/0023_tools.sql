-- risk: none (new table)
-- Tools: which declarations the people of a bank have approved for its agents.

create table gateway.tool (
  tenant_id text collate "C" not null,
  name text collate "C" not null,
  version integer not null,
  -- SHA-256 of the declaration: one that has changed since is called by nobody.
  digest text collate "C" not null,
  approved_at timestamptz(3) not null,
  -- 'infinity' while agents may call it.
  withdrawn_at timestamptz(3) not null default 'infinity',
  primary key (tenant_id, name),
  constraint versions_count_up check (version > 0)
);
call core.isolate_tenants('gateway.tool');
grant select, insert, update (version, digest, approved_at, withdrawn_at) on gateway.tool
  to countersign_policy;
grant select on gateway.tool to countersign_gateway, countersign_read;
