-- risk: none (new tables)
-- Service levels: what processes have measured, what the log tells, and which alerts were raised.

create schema slo;

-- What processes measured in five minutes: how many, and for durations a log-linear histogram. A
-- row is written again with larger figures while its time lasts. What is older than a day is one
-- row an hour, whose process is named `hour`.
create table slo.measure (
  tenant_id text collate "C" not null,
  series text collate "C" not null,
  at timestamptz(3) not null,
  process text collate "C" not null,
  count bigint not null,
  buckets integer[] not null,
  counts bigint[] not null,
  primary key (tenant_id, series, at, process),
  constraint buckets_have_counts check (cardinality(buckets) = cardinality(counts))
);
call core.isolate_tenants('slo.measure');
create index measure_by_age on slo.measure (at);
create index fine_measure_by_age on slo.measure (at) where process <> 'hour';

-- Up to where the journal was looked through for what is there twice.
create table slo.checked (
  tenant_id text collate "C" primary key,
  until timestamptz(3) not null
);
call core.isolate_tenants('slo.checked');

-- Who looks after the service levels this minute: whoever moves it on.
create table slo.turn (
  singleton boolean primary key default true check (singleton),
  minute timestamptz(3) not null default '-infinity'
);
insert into slo.turn default values;

-- The same as measures, folded from the sealed log, by five minutes and by hours.
create table slo.tally (
  tenant_id text collate "C" not null,
  generation integer not null,
  series text collate "C" not null,
  step_s integer not null,
  at timestamptz(3) not null,
  count bigint not null,
  buckets integer[] not null,
  counts bigint[] not null,
  primary key (tenant_id, generation, series, step_s, at),
  constraint buckets_have_counts check (cardinality(buckets) = cardinality(counts))
);
call core.isolate_tenants('slo.tally');

-- What went through in a minute, folded from the sealed log: counts by name, and how long scores
-- took, as a histogram. Only the last hours are kept.
create table slo.flow (
  tenant_id text collate "C" not null,
  generation integer not null,
  at timestamptz(3) not null,
  counts jsonb not null,
  buckets integer[] not null,
  bucket_counts bigint[] not null,
  primary key (tenant_id, generation, at),
  constraint buckets_have_counts check (cardinality(buckets) = cardinality(bucket_counts))
);
call core.isolate_tenants('slo.flow');

-- Ways back to an earlier version of a model that no score has come from yet.
create table slo.rollback (
  tenant_id text collate "C" not null,
  generation integer not null,
  model text collate "C" not null,
  version integer not null,
  acted_at timestamptz(3) not null,
  -- Whether another version was heard since.
  was_stale boolean not null,
  primary key (tenant_id, generation, model)
);
call core.isolate_tenants('slo.rollback');

-- How far the log was folded for a tenant, of what matters here.
create table slo.folded (
  tenant_id text collate "C" not null,
  generation integer not null,
  tenant_position bigint not null,
  at timestamptz(3) not null,
  primary key (tenant_id, generation)
);
call core.isolate_tenants('slo.folded');

-- Each time that a rule was broken, counted from 1 for each rule.
create table slo.alert (
  tenant_id text collate "C" not null,
  slo text collate "C" not null,
  rule text collate "C" not null,
  ordinal integer not null,
  alert_id uuid not null,
  severity text not null,
  window_name text not null,
  numerator bigint not null,
  denominator bigint not null,
  raised_at timestamptz(3) not null,
  cleared_at timestamptz(3),
  primary key (tenant_id, slo, rule, ordinal),
  constraint an_alert_is_cleared_after_it_was_raised check (cleared_at >= raised_at)
);
call core.isolate_tenants('slo.alert');
create unique index one_open_alert_per_rule on slo.alert (tenant_id, slo, rule)
  where cleared_at is null;
create index alert_by_id on slo.alert (tenant_id, alert_id);

-- Processes measure, and a projection folds, for every tenant of the shard.
create policy measuring_serves_all on slo.measure to countersign_app using (true);
create policy measuring_serves_all on slo.checked to countersign_app using (true);
create policy projections_serve_all on slo.tally to countersign_app using (true);
create policy projections_serve_all on slo.flow to countersign_app using (true);
create policy projections_serve_all on slo.rollback to countersign_app using (true);
create policy projections_serve_all on slo.folded to countersign_app using (true);
create policy metrics_count_all on slo.alert for select to countersign_app using (true);

grant usage on schema slo to countersign_app, countersign_policy, countersign_read;
grant select, insert, update, delete
  on slo.measure, slo.tally, slo.flow, slo.rollback, slo.folded to countersign_app;
grant select, insert, update on slo.checked to countersign_app;
grant select, update on slo.turn to countersign_app;
grant select on slo.alert to countersign_app;
grant select, insert, update (cleared_at) on slo.alert to countersign_policy;
grant select on slo.measure, slo.checked, slo.tally, slo.flow, slo.rollback, slo.folded, slo.alert
  to countersign_read;
