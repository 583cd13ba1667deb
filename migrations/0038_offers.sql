-- risk: none (new tables)
-- Offers: what may be offered, to whom it was, and what became of it.

create schema offers;
grant usage on schema offers to countersign_policy, countersign_app, countersign_read;

-- What may be offered, version by version; the highest counts.
create table offers.action (
  tenant_id text collate "C" not null,
  code text collate "C" not null,
  version integer not null,
  -- As `actionSchema` has it.
  body jsonb not null,
  published_by text not null,
  published_at timestamptz(3) not null,
  approval_id text collate "C" not null,
  primary key (tenant_id, code, version),
  constraint versions_are_counted_from_one check (version > 0)
);
call core.make_append_only('offers.action');
call core.isolate_tenants('offers.action');

-- Whether an action is offered at present: who stops one waits for nobody.
create table offers.action_standing (
  tenant_id text collate "C" not null,
  code text collate "C" not null,
  version integer not null,
  status text not null default 'live',
  changed_by text not null,
  changed_at timestamptz(3) not null,
  primary key (tenant_id, code),
  constraint status_is_known check (status in ('live', 'stopped')),
  constraint standing_is_of_a_version foreign key (tenant_id, code, version)
    references offers.action (tenant_id, code, version)
);
call core.isolate_tenants('offers.action_standing');

-- How often and when customers are spoken to; without a row the defaults count.
create table offers.contact_policy (
  tenant_id text collate "C" not null,
  version integer not null,
  body jsonb not null,
  published_by text not null,
  published_at timestamptz(3) not null,
  approval_id text collate "C" not null,
  primary key (tenant_id, version),
  constraint versions_are_counted_from_one check (version > 0)
);
call core.make_append_only('offers.contact_policy');
call core.isolate_tenants('offers.contact_policy');

-- Whom the bank may speak to: its row is locked while somebody does. What the bank tells of a
-- customer that our own register does not know stands here, too, with when it was known.
create table offers.customer (
  tenant_id text collate "C" not null,
  customer text collate "C" not null,
  told jsonb not null default '{}',
  told_by text,
  told_at timestamptz(3),
  primary key (tenant_id, customer),
  constraint who_has_told_is_known check ((told_by is null) = (told_at is null))
);
call core.isolate_tenants('offers.customer');

create table offers.offer (
  tenant_id text collate "C" not null,
  id uuid not null,
  customer text collate "C" not null,
  action text collate "C" not null,
  action_version integer not null,
  class text not null,
  product text collate "C" not null,
  channel text collate "C" not null,
  -- By what it was called for: in_session, trigger, batch, statement or advisor.
  path text collate "C" not null,
  -- The customer names it by this to a person of the bank.
  code text collate "C" not null,
  message text not null,
  why text not null,
  amount bigint not null,
  currency text not null,
  rate_bps integer,
  discount_bps integer not null,
  api_endpoint text,
  chosen_by_model boolean not null,
  status text not null default 'presented',
  -- Of a refusal, a withdrawal.
  reason text,
  presented_at timestamptz(3) not null,
  expires_at timestamptz(3) not null,
  viewed_at timestamptz(3),
  answered_at timestamptz(3),
  -- When it was declined, has expired, was withdrawn or was booked.
  ended_at timestamptz(3),
  booked_at timestamptz(3),
  booked_account text collate "C",
  -- When nobody had answered and a person of the bank was asked to.
  advised_at timestamptz(3),
  -- How many acts its history has.
  acts integer not null default 1,
  primary key (tenant_id, id),
  constraint a_code_names_one_offer unique (tenant_id, code),
  constraint status_is_known check (status in
    ('presented', 'viewed', 'accepted', 'declined', 'expired', 'withdrawn', 'booked')),
  constraint class_is_known check (class in ('default', 'mandatory', 'transactional')),
  constraint only_what_is_booked_has_an_account
    check ((booked_at is null) = (booked_account is null)),
  constraint expires_after_it_was_presented check (expires_at > presented_at),
  constraint offer_is_of_an_action foreign key (tenant_id, action, action_version)
    references offers.action (tenant_id, code, version)
);
call core.isolate_tenants('offers.offer');
create index offer_of_customer on offers.offer (tenant_id, customer, id desc);
create index offer_of_action on offers.offer (tenant_id, action, id desc);
create index offer_may_expire on offers.offer (expires_at, id)
  where status in ('presented', 'viewed');
create index offer_waits_for_an_answer on offers.offer (presented_at, id)
  where status in ('presented', 'viewed') and advised_at is null;
create index offer_waits_for_its_product on offers.offer (tenant_id, customer, product)
  where booked_at is null;
create index offer_was_declined on offers.offer (tenant_id, customer, action, answered_at)
  where status = 'declined';

-- The one ledger of exposures: each presentation by any path is one row, and caps are counted here
-- alone.
create table offers.exposure (
  tenant_id text collate "C" not null,
  -- Of the offer: an offer is presented once.
  offer_id uuid not null,
  customer text collate "C" not null,
  action text collate "C" not null,
  action_version integer not null,
  channel text collate "C" not null,
  path text collate "C" not null,
  -- Whether it counts against the caps: what the bank must tell does not.
  counts boolean not null,
  -- Of the experiment: offered by rank (treated), or by chance among the control (explored).
  arm text collate "C" not null,
  -- With which probability the action was chosen by which it was shown, and what was expected.
  chosen_ppm integer not null,
  propensity_ppm integer not null,
  propensity_source text collate "C" not null,
  -- P, C, V and L, and the priority of which they are factors.
  terms jsonb not null,
  decision_id text collate "C" not null,
  presented_at timestamptz(3) not null,
  primary key (tenant_id, offer_id),
  constraint chosen_with_some_probability check (chosen_ppm between 1 and 1000000),
  constraint propensity_is_a_share check (propensity_ppm between 0 and 1000000),
  constraint exposure_is_of_an_offer foreign key (tenant_id, offer_id)
    references offers.offer (tenant_id, id)
);
call core.make_append_only('offers.exposure');
call core.isolate_tenants('offers.exposure');
create index exposure_of_customer on offers.exposure (tenant_id, customer, presented_at desc);
create index exposure_of_action on offers.exposure (tenant_id, action, presented_at desc);

-- The history of an offer: every act, in its order, also those that changed nothing any more.
create table offers.offer_act (
  tenant_id text collate "C" not null,
  offer_id uuid not null,
  number integer not null,
  act text collate "C" not null,
  -- Whether the offer is another since.
  took_effect boolean not null,
  command_id uuid not null,
  acted_by text not null,
  acted_at timestamptz(3) not null,
  detail jsonb not null,
  primary key (tenant_id, offer_id, number),
  constraint one_act_per_command unique (tenant_id, command_id, offer_id),
  constraint act_is_of_an_offer foreign key (tenant_id, offer_id)
    references offers.offer (tenant_id, id)
);
call core.make_append_only('offers.offer_act');
call core.isolate_tenants('offers.offer_act');

-- Of scarce offers, how many were made in a period.
create table offers.volume (
  tenant_id text collate "C" not null,
  action text collate "C" not null,
  -- A day, a month, or `total`.
  period text collate "C" not null,
  presented bigint not null,
  primary key (tenant_id, action, period),
  constraint presented_is_counted_up check (presented > 0)
);
call core.isolate_tenants('offers.volume');

-- What was looked at for a customer, and why each action was offered or was not.
create table offers.consideration (
  tenant_id text collate "C" not null,
  id uuid not null,
  customer text collate "C" not null,
  path text collate "C" not null,
  channel text collate "C" not null,
  mode text collate "C" not null,
  -- The funnel, action by action, with the terms of each that was ranked.
  body jsonb not null,
  considered_at timestamptz(3) not null,
  primary key (tenant_id, id)
);
call core.make_append_only('offers.consideration');
call core.isolate_tenants('offers.consideration');
create index consideration_of_customer on offers.consideration (tenant_id, customer, id desc);

-- What waits for people to agree: the exact command, whose key is the approval.
create table offers.request (
  tenant_id text collate "C" not null,
  approval_id text collate "C" not null,
  customer text collate "C" not null,
  action text collate "C" not null,
  body jsonb not null,
  asked_at timestamptz(3) not null,
  expires_at timestamptz(3) not null,
  primary key (tenant_id, approval_id)
);
call core.make_append_only('offers.request');
call core.isolate_tenants('offers.request');
create index request_of_customer on offers.request (tenant_id, customer, action, expires_at);

-- What the bank's core has still to be told of offers.
create table offers.write_back (
  tenant_id text collate "C" not null,
  offer_id uuid not null,
  -- An entry of the campaign records, or of the history of contacts.
  kind text collate "C" not null,
  -- What became of the offer.
  outcome text collate "C" not null,
  status text collate "C" not null default 'waiting',
  attempts integer not null default 0,
  due_at timestamptz(3) not null,
  -- What the core calls it.
  receipt text,
  trouble text,
  written_at timestamptz(3),
  primary key (tenant_id, offer_id, kind, outcome),
  constraint kind_is_known check (kind in ('offer', 'interaction')),
  constraint status_is_known check (status in ('waiting', 'written', 'given_up')),
  constraint what_is_written_has_an_instant check ((status = 'written') = (written_at is not null))
);
call core.isolate_tenants('offers.write_back');
create index write_back_is_due on offers.write_back (due_at, tenant_id, offer_id)
  where status = 'waiting';

grant select, insert on offers.action, offers.action_standing, offers.contact_policy,
  offers.customer, offers.offer, offers.exposure, offers.offer_act, offers.volume,
  offers.consideration, offers.request to countersign_policy;
grant update (version, status, changed_by, changed_at) on offers.action_standing
  to countersign_policy;
grant update (told, told_by, told_at) on offers.customer to countersign_policy;
grant update (status, reason, viewed_at, answered_at, ended_at, booked_at, booked_account,
  advised_at, acts) on offers.offer to countersign_policy;
grant update (presented) on offers.volume to countersign_policy;

-- Clocks and what is told to cores are services of the whole shard.
create policy clocks_watch_for_all on offers.offer for select to countersign_app using (true);
grant select on offers.offer to countersign_app;
create policy cores_are_told_for_all on offers.write_back to countersign_app using (true);
grant select, insert, update on offers.write_back to countersign_app;

grant select on offers.action, offers.action_standing, offers.contact_policy, offers.customer,
  offers.offer, offers.exposure, offers.offer_act, offers.volume, offers.consideration,
  offers.request, offers.write_back to countersign_read;
