-- risk: none (new tables)
-- Reviews: cases with their history, what the system wrote about them, and linked payments.

create schema reviews;
grant usage on schema reviews to countersign_policy, countersign_app, countersign_read;

-- Business hours, promises and thresholds of a tenant; without a row the defaults count.
create table reviews.setting (
  tenant_id text collate "C" primary key,
  body jsonb not null,
  set_by text not null,
  set_at timestamptz(3) not null
);
call core.isolate_tenants('reviews.setting');

create table reviews.case_file (
  tenant_id text collate "C" not null,
  id uuid not null,
  -- Whether a payment waits for the verdict, was denied, or came back from clearing.
  kind text not null,
  queue text collate "C" not null,
  status text not null default 'open',
  assignee text collate "C",
  snoozed_until timestamptz(3),
  payment_id text collate "C" not null,
  -- What the event of the payment told, and when.
  payment jsonb not null,
  -- Who has asked for the payment, and whose it is: none of them reviews it.
  maker text collate "C" not null,
  parties text[] not null,
  -- Risk by amount; with the age it makes the rank.
  weight integer not null,
  required_checkers integer not null,
  -- Of a payment that waits: the approval by which it goes on.
  approval_id uuid,
  opened_at timestamptz(3) not null,
  due_at timestamptz(3) not null,
  -- Until when the funds are reserved.
  expires_at timestamptz(3),
  overdue_at timestamptz(3),
  verdict text,
  reason_code text,
  ended_at timestamptz(3),
  -- How many acts its history has.
  acts integer not null default 1,
  primary key (tenant_id, id),
  constraint kind_is_known check (kind in ('release', 'denied', 'clearing')),
  constraint status_is_known check (status in
    ('open', 'assigned', 'snoozed', 'escalated', 'decided', 'expired', 'closed')),
  constraint only_what_ends_has_an_end
    check ((status in ('decided', 'expired', 'closed')) = (ended_at is not null)),
  constraint only_what_is_decided_has_a_verdict
    check ((status = 'decided') = (verdict is not null)),
  constraint verdict_is_known check (verdict in ('approve', 'reject')),
  constraint a_verdict_has_its_reason check ((verdict is null) = (reason_code is null)),
  constraint what_is_assigned_has_an_assignee check (status <> 'assigned' or assignee is not null),
  constraint only_people_review check (starts_with(assignee, 'user:')),
  constraint nobody_reviews_his_own check (assignee <> maker),
  constraint due_after_it_was_opened check (due_at > opened_at),
  constraint weight_is_positive check (weight > 0)
);
call core.isolate_tenants('reviews.case_file');
create index case_is_active on reviews.case_file (tenant_id, queue) where ended_at is null;
create index case_of_payment on reviews.case_file (tenant_id, payment_id);
create index case_may_be_late on reviews.case_file (due_at)
  where ended_at is null and overdue_at is null;

-- The history of a case: every act, in its order.
create table reviews.case_act (
  tenant_id text collate "C" not null,
  case_id uuid not null,
  number integer not null,
  act text not null,
  -- A retry of the command finds what it has done.
  command_id uuid not null,
  acted_by text not null,
  acted_at timestamptz(3) not null,
  detail jsonb not null,
  primary key (tenant_id, case_id, number),
  constraint one_act_per_command unique (tenant_id, command_id),
  constraint act_is_of_a_case foreign key (tenant_id, case_id)
    references reviews.case_file (tenant_id, id)
);
call core.make_append_only('reviews.case_act');
call core.isolate_tenants('reviews.case_act');

-- What the system gathered when the case was opened, and said of it.
create table reviews.case_summary (
  tenant_id text collate "C" not null,
  case_id uuid not null,
  summary jsonb not null,
  evidence jsonb not null,
  made_at timestamptz(3) not null,
  constraint one_summary_per_case primary key (tenant_id, case_id),
  constraint summary_is_of_a_case foreign key (tenant_id, case_id)
    references reviews.case_file (tenant_id, id)
);
call core.make_append_only('reviews.case_summary');
call core.isolate_tenants('reviews.case_summary');

-- Projection `case_links`: the last payments that share a device, a card, a payee … with others.
create table reviews.case_link (
  tenant_id text collate "C" not null,
  generation integer not null,
  dimension text collate "C" not null,
  key text collate "C" not null,
  payment_id text collate "C" not null,
  -- Of the last event of the payment, whose state the row has.
  tenant_position bigint not null,
  at timestamptz(3) not null,
  command_id text collate "C" not null,
  status text not null,
  outcome text,
  amount bigint not null,
  currency text not null,
  primary key (tenant_id, generation, dimension, key, payment_id)
);
call core.isolate_tenants('reviews.case_link');
create index case_link_is_recent on reviews.case_link
  (tenant_id, generation, dimension, key, tenant_position desc);

-- Payments of a household are linked by who lives in it.
create index party_of_household on register.party (tenant_id, household)
  where household is not null;

grant select, insert on reviews.setting, reviews.case_file, reviews.case_act, reviews.case_summary
  to countersign_policy;
grant update (body, set_by, set_at) on reviews.setting to countersign_policy;
grant update (queue, status, assignee, snoozed_until, overdue_at, verdict, reason_code, ended_at,
  acts) on reviews.case_file to countersign_policy;

-- Projections and the clock of promises are services of the whole shard.
create policy projections_serve_all on reviews.case_link to countersign_app using (true);
grant select, insert, update, delete on reviews.case_link to countersign_app;
create policy promises_are_watched_for_all on reviews.case_file for select to countersign_app
  using (true);
grant select on reviews.case_file to countersign_app;

grant select on reviews.setting, reviews.case_file, reviews.case_act, reviews.case_summary,
  reviews.case_link to countersign_read;
