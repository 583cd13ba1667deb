-- risk: none (new tables)
-- What models have said, how it turned out, and what the controls found: folds over the sealed log,
-- which `countersign rebuild scores` can build anew. Ids are the public ones, as events tell them.

-- What was said of one case, by a model (ordinal 0) and by those on trial beside it.
create table ai.score (
  tenant_id text collate "C" not null,
  generation integer not null,
  score_id text collate "C" not null,
  ordinal integer not null,
  tenant_position bigint not null,
  at timestamptz(3) not null,
  point text not null,
  -- What was carried out, or `decision.make` where somebody only asked.
  operation text collate "C" not null,
  model text collate "C" not null,
  -- The version that was to be heard, and the one whose value it is, if any.
  version integer not null,
  served_version integer,
  stage text not null,
  value double precision,
  fallback_reason text,
  latency_us integer,
  inputs jsonb,
  command_id text collate "C" not null,
  -- Of the decision that read it.
  outcome text not null,
  -- The groups by which fairness is looked at.
  segments jsonb not null,
  primary key (tenant_id, generation, score_id, ordinal)
) with (fillfactor = 90);
call core.isolate_tenants('ai.score');
create index score_of_model on ai.score (tenant_id, generation, model, at, score_id, ordinal);
create index score_of_command on ai.score (tenant_id, generation, model, at)
  where operation <> 'decision.make';

-- How a case turned out. Of one command the last that was recorded counts.
create table ai.label (
  tenant_id text collate "C" not null,
  generation integer not null,
  label_id text collate "C" not null,
  tenant_position bigint not null,
  command_id text collate "C" not null,
  transfer_id text collate "C",
  decision_id text collate "C",
  label text not null,
  source text not null,
  account_id text,
  merchant text,
  amount bigint,
  currency text,
  paid_at timestamptz(3) not null,
  occurred_at timestamptz(3) not null,
  recorded_at timestamptz(3) not null,
  recorded_by text not null,
  primary key (tenant_id, generation, label_id)
);
call core.isolate_tenants('ai.label');
create index label_of_command on ai.label (tenant_id, generation, command_id);

-- Whether a payment counts as fraud by its last label: kept by the commands that label, so that
-- however often it is labelled, features count it once, and no more when it was none after all.
create table ai.labelled_payment (
  tenant_id text collate "C" not null,
  command_id text collate "C" not null,
  -- Of a journal with several legs: one payment for each who pays and who is paid.
  account_id text collate "C" not null,
  merchant text collate "C" not null,
  is_fraud boolean not null,
  primary key (tenant_id, command_id, account_id, merchant)
);
call core.isolate_tenants('ai.labelled_payment');
grant select, insert, update (is_fraud) on ai.labelled_payment to countersign_policy;

create table ai.control_run (
  tenant_id text collate "C" not null,
  generation integer not null,
  run_id text collate "C" not null,
  tenant_position bigint not null,
  control text not null,
  model text collate "C" not null,
  version integer not null,
  period_from timestamptz(3) not null,
  period_to timestamptz(3) not null,
  result text not null,
  figures jsonb not null,
  threshold text not null,
  evidence jsonb not null,
  tested_at timestamptz(3) not null,
  requested_by text not null,
  primary key (tenant_id, generation, run_id)
);
call core.isolate_tenants('ai.control_run');

create table ai.alert (
  tenant_id text collate "C" not null,
  generation integer not null,
  alert_id text collate "C" not null,
  tenant_position bigint not null,
  run_id text collate "C" not null,
  control text not null,
  model text collate "C" not null,
  version integer not null,
  severity text not null,
  suspends boolean not null,
  summary text not null,
  raised_at timestamptz(3) not null,
  primary key (tenant_id, generation, alert_id)
);
call core.isolate_tenants('ai.alert');

-- A projection is a service of the whole shard: it folds the events of every tenant.
create policy projections_serve_all on ai.score to countersign_app using (true);
create policy projections_serve_all on ai.label to countersign_app using (true);
create policy projections_serve_all on ai.control_run to countersign_app using (true);
create policy projections_serve_all on ai.alert to countersign_app using (true);
grant select, insert, update, delete on ai.score, ai.label, ai.control_run, ai.alert
  to countersign_app;
grant select on ai.score, ai.label, ai.control_run, ai.alert to countersign_read;
