-- risk: none (new tables)
-- What points are owed: runs of the estimate, what was posted of them, who was told of points that
-- run out, and members who are about to leave.

-- Somebody wants to know it as of an instant.
create table loyalty.liability_request (
  tenant_id text collate "C" not null,
  program text collate "C" not null,
  as_of timestamptz(3) not null,
  command_id uuid not null,
  requested_by text not null,
  requested_at timestamptz(3) not null,
  primary key (tenant_id, program, as_of),
  constraint nobody_asks_for_the_future check (as_of <= requested_at),
  constraint each_is_asked_for_by_itself unique (tenant_id, command_id)
);
call core.make_append_only('loyalty.liability_request');
call core.isolate_tenants('loyalty.liability_request');

create table loyalty.liability_run (
  tenant_id text collate "C" not null,
  program text collate "C" not null,
  ordinal integer not null,
  as_of timestamptz(3) not null,
  -- Of the programme's document whose terms counted.
  version text not null,
  policy text not null,
  currency text not null,
  -- SHA-256 of what it is made of: the sums of each cohort, the terms and the instant.
  input_digest text not null,
  -- How far the log was folded into lots when they were read.
  position bigint not null,
  -- What all of it comes to, and what has moved since the run that was posted before.
  figures jsonb not null,
  -- Cohorts with what is booked for them, the triangle and its steps, and the months ahead.
  detail jsonb not null,
  -- The run from whose books the movement counts; null for the first.
  follows integer,
  recorded_by text not null,
  recorded_at timestamptz(3) not null,
  primary key (tenant_id, program, ordinal),
  constraint one_run_as_of_an_instant unique (tenant_id, program, as_of),
  constraint runs_count_up check (ordinal > 0),
  constraint policy_is_known check (policy in ('ifrs15', 'ias37'))
);
call core.make_append_only('loyalty.liability_run');
call core.isolate_tenants('loyalty.liability_run');

-- What the ledger has said to the journal of a run.
create table loyalty.liability_posting (
  tenant_id text collate "C" not null,
  program text collate "C" not null,
  ordinal integer not null,
  -- `nothing`: no amount has moved.
  status text not null
    constraint status_is_known check (status in ('posted', 'nothing', 'rejected')),
  -- The journal; null for nothing.
  command_id uuid,
  code text,
  posted_at timestamptz(3) not null,
  primary key (tenant_id, program, ordinal),
  constraint posting_is_of_a_run foreign key (tenant_id, program, ordinal)
    references loyalty.liability_run (tenant_id, program, ordinal)
);
call core.make_append_only('loyalty.liability_posting');
call core.isolate_tenants('loyalty.liability_posting');

-- Once a month at most is a member told of points to use, or looked at as one about to leave.
create table loyalty.member_signal (
  tenant_id text collate "C" not null,
  program text collate "C" not null,
  customer text collate "C" not null,
  kind text not null constraint kind_is_known check (kind in ('burn_suggested', 'at_risk')),
  -- The month, such as `2026-03`.
  month text collate "C" not null,
  -- What policy let happen of it: see the rollout of the use case.
  mode text not null,
  told jsonb not null,
  signalled_at timestamptz(3) not null,
  primary key (tenant_id, program, kind, month, customer)
);
call core.make_append_only('loyalty.member_signal');
call core.isolate_tenants('loyalty.member_signal');

grant select, insert on loyalty.liability_request, loyalty.liability_run, loyalty.liability_posting,
  loyalty.member_signal to countersign_policy;
grant select on loyalty.liability_request, loyalty.liability_run, loyalty.liability_posting,
  loyalty.member_signal to countersign_read;
