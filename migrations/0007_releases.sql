-- risk: none (new schema objects)
-- Bundles, and what a tenant has done with them: published, tried beside, tried on a share, undone.

-- A bundle never changes: its name is the digest of its text. The engine that checked it stands
-- beside it, because an answer is that of a text and an engine.
create table policy.bundle (
  tenant_id text collate "C" not null,
  digest text collate "C" not null constraint digest_is_sha256 check (digest ~ '^[0-9a-f]{64}$'),
  name text not null,
  engine text not null,
  -- RFC 8785 text: what the digest is of.
  body text not null,
  created_by text not null,
  created_at timestamptz(3) not null,
  primary key (tenant_id, digest)
);
create index bundle_by_name on policy.bundle (tenant_id, name, created_at);
call core.make_append_only('policy.bundle');
call core.isolate_tenants('policy.bundle');

-- The acts of publication, numbered by name. Of the acts `live` whose instant has come the last one
-- is in force; of the acts `shadow` and `canary` the last, where a digest of null ends it.
create table policy.release (
  tenant_id text collate "C" not null,
  name text not null,
  ordinal integer not null,
  kind text not null
    constraint release_kind_is_known check (kind in ('live', 'shadow', 'canary')),
  digest text collate "C",
  -- Of a canary: hundredths of a percent of the keys, and the fact that is the key.
  share integer check (share between 1 and 9999),
  key_fact text,
  effective_at timestamptz(3) not null,
  recorded_at timestamptz(3) not null,
  -- Why it is there: published, rolled_back, seeded, started, stopped.
  act text not null,
  acted_by text not null,
  approval_id text,
  backtest_id uuid,
  primary key (tenant_id, name, ordinal),
  foreign key (tenant_id, digest) references policy.bundle (tenant_id, digest),
  constraint live_is_a_bundle check (kind <> 'live' or digest is not null)
);
call core.make_append_only('policy.release');
call core.isolate_tenants('policy.release');

-- What a draft would have changed among the decisions on record.
create table policy.backtest (
  tenant_id text collate "C" not null,
  id uuid not null,
  digest text collate "C" not null,
  report text not null,
  created_by text not null,
  created_at timestamptz(3) not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, digest) references policy.bundle (tenant_id, digest)
);
call core.make_append_only('policy.backtest');
call core.isolate_tenants('policy.backtest');

grant select, insert on policy.bundle, policy.release, policy.backtest to countersign_policy;
grant select on policy.bundle, policy.release, policy.backtest
  to countersign_read, countersign_sim;
grant usage on schema policy to countersign_sim;

-- Replay and back-tests read what is sealed, a tenant at a time, as a role that cannot write.
grant select on core.event, core.leaf to countersign_sim;
grant execute on function core.list_tenants to countersign_sim;
