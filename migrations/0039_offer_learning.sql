-- risk: none (new tables)
-- Learning from offers: experiments, what was shown with which propensity, and nightly candidates.

-- Without a row the defaults count.
create table offers.learning_setting (
  tenant_id text collate "C" primary key,
  body jsonb not null,
  set_by text not null,
  set_at timestamptz(3) not null
);
call core.isolate_tenants('offers.learning_setting');

-- Who would have been offered an action, and was not, so that the difference can be told. The
-- first time counts for ever, or for the period of a hold-out.
create table offers.assignment (
  tenant_id text collate "C" not null,
  customer text collate "C" not null,
  action text collate "C" not null,
  -- `ever` of an action's control, the first month of a hold-out.
  period text collate "C" not null,
  arm text not null,
  product text collate "C" not null,
  channel text collate "C" not null,
  path text collate "C" not null,
  propensity_ppm integer not null,
  withheld_at timestamptz(3) not null,
  primary key (tenant_id, customer, action, period),
  constraint nothing_was_shown check (arm in ('control', 'holdout')),
  constraint propensity_is_a_share check (propensity_ppm between 0 and 1000000)
);
call core.make_append_only('offers.assignment');
call core.isolate_tenants('offers.assignment');

-- What has happened in a customer's life that somebody may be spoken to about.
create table offers.life_event (
  tenant_id text collate "C" not null,
  customer text collate "C" not null,
  kind text collate "C" not null,
  -- The event that it follows from, or the day of a calendar.
  source text collate "C" not null,
  detail jsonb not null,
  occurred_at timestamptz(3) not null,
  recorded_at timestamptz(3) not null,
  primary key (tenant_id, customer, kind, source)
);
call core.make_append_only('offers.life_event');
call core.isolate_tenants('offers.life_event');
create index life_event_of_customer on offers.life_event (tenant_id, customer, occurred_at desc);

-- Offers that were stopped because something went wrong: of an action, or all (`*`).
create table offers.breaker (
  tenant_id text collate "C" not null,
  id uuid not null,
  scope text collate "C" not null,
  reason text not null,
  -- What was counted, and the limit that it has passed.
  figures jsonb not null,
  opened_by text not null,
  opened_at timestamptz(3) not null,
  closed_by text,
  closed_at timestamptz(3),
  note text,
  primary key (tenant_id, id),
  constraint reason_is_known check
    (reason in ('complaints', 'core_errors', 'drift', 'fairness', 'by_hand')),
  constraint who_has_closed_is_known check ((closed_by is null) = (closed_at is null))
);
call core.isolate_tenants('offers.breaker');
create unique index open_once_for_a_scope on offers.breaker (tenant_id, scope)
  where closed_at is null;
create index breaker_was_opened on offers.breaker (tenant_id, opened_at desc, id desc);

-- Protected groups, where the bank tells them: to look at whom offers reach. Nothing that decides
-- on an offer reads this.
create table offers.monitored_group (
  tenant_id text collate "C" not null,
  customer text collate "C" not null,
  attribute text collate "C" not null,
  group_name text collate "C" not null,
  told_by text not null,
  told_at timestamptz(3) not null,
  primary key (tenant_id, customer, attribute)
);
call core.isolate_tenants('offers.monitored_group');

-- A night's work. How far it has come is written with each page of candidates, so that whoever
-- takes over goes on behind it.
create table offers.batch (
  tenant_id text collate "C" not null,
  -- Its day and channel, such as `2026-01-05-email`.
  id text collate "C" not null,
  channel text collate "C" not null,
  status text not null default 'running',
  -- What of scarce offers was left when it began, by action.
  left_over jsonb not null,
  -- The last customer of the last page that was scored.
  after_customer text collate "C" not null default '',
  customers bigint not null default 0,
  candidates bigint not null default 0,
  withheld bigint not null default 0,
  presented bigint not null default 0,
  refused bigint not null default 0,
  requested_by text not null,
  started_at timestamptz(3) not null,
  scored_at timestamptz(3),
  ended_at timestamptz(3),
  primary key (tenant_id, id),
  constraint status_is_known check
    (status in ('running', 'allocated', 'done', 'stopped')),
  constraint counts_go_up check
    (customers >= 0 and candidates >= 0 and withheld >= 0 and presented >= 0 and refused >= 0)
);
call core.isolate_tenants('offers.batch');
create index batch_is_under_way on offers.batch (started_at) where ended_at is null;

-- Whom a batch would offer what: the best actions of each customer, by priority.
create table offers.candidate (
  tenant_id text collate "C" not null,
  batch_id text collate "C" not null,
  customer text collate "C" not null,
  action text collate "C" not null,
  version integer not null,
  arm text not null,
  -- Of a hold-out or a month of chance.
  period text not null,
  chosen_ppm integer not null,
  propensity_ppm integer not null,
  priority numeric(40) not null,
  -- P, C, V and L, as they are told with an exposure.
  terms jsonb not null,
  -- Spreads equal priorities over customers: the same in every run.
  tie integer not null,
  -- Which of a scarce offer it is.
  place bigint,
  status text not null default 'waiting',
  primary key (tenant_id, batch_id, customer, action),
  constraint candidate_is_of_a_batch foreign key (tenant_id, batch_id)
    references offers.batch (tenant_id, id),
  constraint status_is_known check
    (status in ('waiting', 'allocated', 'left_out', 'presented', 'refused', 'withheld'))
);
call core.isolate_tenants('offers.candidate');
create index candidate_is_to_be_told on offers.candidate (tenant_id, batch_id, status, customer)
  where status in ('allocated', 'withheld');

-- Folded from the log ----------------------------------------------------------------------------

-- By day: what was shown, and what came of it.
create table offers.tally (
  tenant_id text collate "C" not null,
  generation integer not null,
  day date not null,
  action text collate "C" not null,
  channel text collate "C" not null,
  arm text collate "C" not null,
  presented bigint not null,
  viewed bigint not null,
  accepted bigint not null,
  declined bigint not null,
  expired bigint not null,
  withdrawn bigint not null,
  booked bigint not null,
  withheld bigint not null,
  primary key (tenant_id, generation, day, action, channel, arm)
);
call core.isolate_tenants('offers.tally');

-- Who took part in the experiment that every action is, and what came of it.
create table offers.participant (
  tenant_id text collate "C" not null,
  generation integer not null,
  action text collate "C" not null,
  customer text collate "C" not null,
  arm text collate "C" not null,
  product text collate "C" not null,
  channel text collate "C" not null,
  chosen_ppm integer not null,
  propensity_ppm integer not null,
  first_at timestamptz(3) not null,
  last_at timestamptz(3) not null,
  accepted_at timestamptz(3),
  declined_at timestamptz(3),
  -- When the customer has opened such a product, whoever had asked for it.
  opened_at timestamptz(3),
  primary key (tenant_id, generation, action, customer)
);
call core.isolate_tenants('offers.participant');
create index participant_may_open on offers.participant
  (tenant_id, generation, customer, product);

-- The codes of the register's products, by which they are opened.
create table offers.known_product (
  tenant_id text collate "C" not null,
  generation integer not null,
  product_id text collate "C" not null,
  code text collate "C" not null,
  primary key (tenant_id, generation, product_id)
);
call core.isolate_tenants('offers.known_product');

-- By what somebody was spoken to, and when: the life event names its own instant.
create table offers.triggered (
  tenant_id text collate "C" not null,
  generation integer not null,
  customer text collate "C" not null,
  -- The kind and the source of a life event.
  because text collate "C" not null,
  presented_at timestamptz(3) not null,
  primary key (tenant_id, generation, customer, because)
);
call core.isolate_tenants('offers.triggered');
create index triggered_lately on offers.triggered (tenant_id, generation, presented_at);

create policy projections_serve_all on offers.triggered to countersign_app using (true);
create policy projections_serve_all on offers.tally to countersign_app using (true);
create policy projections_serve_all on offers.participant to countersign_app using (true);
create policy projections_serve_all on offers.known_product to countersign_app using (true);
create policy batches_serve_all on offers.batch to countersign_app using (true);
create policy batches_serve_all on offers.candidate to countersign_app using (true);

grant select, insert, update (body, set_by, set_at) on offers.learning_setting
  to countersign_policy;
grant select, insert, update (group_name, told_by, told_at) on offers.monitored_group
  to countersign_policy;
grant select, insert on offers.assignment, offers.life_event to countersign_policy;
grant select, insert, update (closed_by, closed_at, note) on offers.breaker to countersign_policy;
grant select, insert, update (status, ended_at) on offers.batch to countersign_policy;
grant select, update on offers.batch to countersign_app;
grant select, insert, update, delete on offers.candidate, offers.tally, offers.participant,
  offers.known_product, offers.triggered to countersign_app;
grant select on offers.learning_setting, offers.assignment, offers.life_event, offers.breaker,
  offers.monitored_group, offers.batch, offers.candidate, offers.tally, offers.participant,
  offers.known_product, offers.triggered to countersign_read;
