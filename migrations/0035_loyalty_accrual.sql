-- risk: none (new tables)
-- What transactions have earned, and what was taken back.

-- What a movement has come to in a programme: points, or why there are none. Written in the
-- transaction of the checkpoint, so that it tells what was done and nothing else.
create table loyalty.earned (
  tenant_id text collate "C" not null,
  program text collate "C" not null,
  -- The movement of money; of a milestone the one that has reached it.
  transfer_id text collate "C" not null,
  kind text collate "C" not null,
  -- The purchase, by the name that its refunds know.
  deal text collate "C" not null,
  customer text collate "C" not null,
  outcome text not null
    constraint outcome_is_known
      check (outcome in ('earned', 'shadowed', 'nothing', 'refused', 'asked')),
  -- Why there are none, or why somebody is asked.
  reason text,
  -- What was moved, in minor units of its own currency, and what has gone back of it.
  amount bigint not null,
  amount_back bigint not null default 0,
  -- Minor units of the programme's currency that count.
  spend bigint not null,
  -- What was given, and what of it a cap has let stand before the rounding.
  points bigint not null,
  exact text not null,
  -- What of the points is settled by returns, and what of that could be taken.
  points_back bigint not null default 0,
  points_taken bigint not null default 0,
  -- Each with its campaign, its rules, what has become of it, and its lots.
  parts jsonb not null,
  version text collate "C" not null,
  earned_at timestamptz(3) not null,
  -- Its place in the log: of one purchase, what was posted first is refunded first.
  position bigint not null,
  -- Whether something has gone back that is not taken yet, and how often that was done.
  unsettled boolean not null default false,
  settlements integer not null default 0,
  primary key (tenant_id, program, transfer_id, kind),
  constraint points_and_spend_are_none_or_more check (points >= 0 and spend >= 0),
  constraint never_more_back_than_there_was
    check (amount_back between 0 and amount and points_back between 0 and points
       and points_taken between 0 and points_back)
);
create index earned_by_deal on loyalty.earned (tenant_id, deal);
create index earned_unsettled on loyalty.earned (tenant_id, program, transfer_id, kind)
  where unsettled;
create index earned_by_customer on loyalty.earned (tenant_id, program, customer, position);
call core.isolate_tenants('loyalty.earned');

-- What a member has had that counts towards a cap, by the name of the counter.
create table loyalty.counter (
  tenant_id text collate "C" not null,
  program text collate "C" not null,
  customer text collate "C" not null,
  counter text collate "C" not null,
  used bigint not null,
  primary key (tenant_id, program, customer, counter)
);
call core.isolate_tenants('loyalty.counter');

-- What has gone back of a purchase, whether or not the purchase was seen yet.
create table loyalty.returned (
  tenant_id text collate "C" not null,
  -- The movement that has brought it back.
  transfer_id text collate "C" not null,
  deal text collate "C" not null,
  reason text not null,
  -- Minor units; null for all of one movement, which is undone.
  amount bigint,
  undoes text collate "C",
  -- The reversal of the return itself, such as of a chargeback that was contested: it counts no
  -- more.
  undone_by text collate "C",
  position bigint not null,
  primary key (tenant_id, transfer_id)
);
create index returned_by_deal on loyalty.returned (tenant_id, deal);
call core.isolate_tenants('loyalty.returned');

-- Commands that wait for people: the approval of exactly this command carries it out.
create table loyalty.asked (
  tenant_id text collate "C" not null,
  approval_id text collate "C" not null,
  program text collate "C" not null,
  operation text collate "C" not null,
  -- Canonical text.
  body text not null,
  -- What it is to bring about: the part of an earning, or a budget for what waits.
  transfer_id text collate "C",
  kind text collate "C",
  part integer,
  campaign text collate "C",
  asked_at timestamptz(3) not null,
  status text not null default 'asked'
    constraint status_is_known check (status in ('asked', 'done', 'refused', 'rejected')),
  primary key (tenant_id, approval_id)
);
create unique index one_budget_is_asked_for on loyalty.asked (tenant_id, program, campaign)
  where status = 'asked' and campaign is not null;
call core.isolate_tenants('loyalty.asked');

-- Awards that wait until the budget of their campaign is raised.
create table loyalty.waiting (
  tenant_id text collate "C" not null,
  program text collate "C" not null,
  campaign text collate "C" not null,
  transfer_id text collate "C" not null,
  kind text collate "C" not null,
  part integer not null,
  customer text collate "C" not null,
  points bigint not null constraint something_waits check (points > 0),
  -- The award, but for who gets it and from where.
  gift jsonb not null,
  attempts integer not null default 1,
  position bigint not null,
  primary key (tenant_id, program, campaign, transfer_id, kind, part)
);
create index waiting_in_turn on loyalty.waiting (tenant_id, program, campaign, position);
call core.isolate_tenants('loyalty.waiting');

-- Whom points that end soon were told of, for each month.
create table loyalty.warned (
  tenant_id text collate "C" not null,
  program text collate "C" not null,
  customer text collate "C" not null,
  month text collate "C" not null,
  warned_at timestamptz(3) not null,
  primary key (tenant_id, program, customer, month)
);
call core.isolate_tenants('loyalty.warned');
call core.make_append_only('loyalty.warned');

-- Consumers serve the whole shard.
create policy accrual_serves_all on loyalty.earned to countersign_app using (true);
create policy accrual_serves_all on loyalty.counter to countersign_app using (true);
create policy accrual_serves_all on loyalty.returned to countersign_app using (true);
create policy accrual_serves_all on loyalty.asked to countersign_app using (true);
create policy accrual_serves_all on loyalty.waiting to countersign_app using (true);
create policy accrual_serves_all on loyalty.warned to countersign_app using (true);

grant select, insert, update on loyalty.earned, loyalty.counter, loyalty.returned, loyalty.asked
  to countersign_app;
grant select, insert, update, delete on loyalty.waiting to countersign_app;
grant select on loyalty.warned to countersign_app;
grant select, insert on loyalty.warned to countersign_policy;
grant select on loyalty.earned, loyalty.counter, loyalty.returned, loyalty.asked, loyalty.waiting,
  loyalty.warned to countersign_read;
