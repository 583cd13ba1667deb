-- risk: none (new tables)
-- Rewards: the catalogue and its prices, quotes and redemptions, campaigns and their budgets,
-- claims of points that are missing, and tiers with what comes with them.

-- A reward as it was published, each time with who has approved it.
create table loyalty.reward_version (
  tenant_id text collate "C" not null,
  program text collate "C" not null,
  reward text collate "C" not null,
  version integer not null,
  document jsonb not null,
  digest text collate "C" not null,
  approval_id text collate "C" not null,
  published_by text not null,
  published_at timestamptz(3) not null,
  primary key (tenant_id, program, reward, version),
  constraint versions_count_up check (version > 0)
);
call core.isolate_tenants('loyalty.reward_version');
call core.make_append_only('loyalty.reward_version');

-- Which version is in the catalogue, and how much of it is left; null where there is no end of it.
create table loyalty.reward (
  tenant_id text collate "C" not null,
  program text collate "C" not null,
  reward text collate "C" not null,
  version integer not null,
  stock_left bigint,
  primary key (tenant_id, program, reward),
  constraint nothing_is_given_that_is_not_there check (stock_left >= 0),
  constraint reward_is_published foreign key (tenant_id, program, reward, version)
    references loyalty.reward_version (tenant_id, program, reward, version)
);
call core.isolate_tenants('loyalty.reward');

-- The listed price of a day: fixed by the first quote of it, and the one from which the next moves.
create table loyalty.reward_price (
  tenant_id text collate "C" not null,
  program text collate "C" not null,
  reward text collate "C" not null,
  version integer not null,
  day date not null,
  points bigint not null,
  reasons jsonb not null,
  set_at timestamptz(3) not null,
  primary key (tenant_id, program, reward, version, day),
  constraint price_is_positive check (points > 0)
);
call core.isolate_tenants('loyalty.reward_price');
call core.make_append_only('loyalty.reward_price');

-- What a reward costs one customer until an instant.
create table loyalty.quote (
  tenant_id text collate "C" not null,
  id uuid not null,
  program text collate "C" not null,
  reward text collate "C" not null,
  version integer not null,
  customer text collate "C" not null,
  tier text,
  points bigint not null,
  reasons jsonb not null,
  quoted_at timestamptz(3) not null,
  expires_at timestamptz(3) not null,
  -- Null until it was used, which is once.
  redemption_id uuid,
  primary key (tenant_id, id),
  constraint quoted_price_is_positive check (points > 0),
  constraint quote_lives_for_a_while check (expires_at > quoted_at)
);
call core.isolate_tenants('loyalty.quote');

-- A redemption, with how far it has come: what was begun is finished, or given back, by whoever
-- finds it.
create table loyalty.redemption (
  tenant_id text collate "C" not null,
  id uuid not null,
  program text collate "C" not null,
  customer text collate "C" not null,
  reward text collate "C" not null,
  version integer not null,
  kind text collate "C" not null,
  quote_id uuid not null,
  -- Of the version that was in the catalogue when a piece was taken: it gets the piece back.
  stock_version integer not null,
  points bigint not null,
  -- What the customer gets, in minor units of the currency.
  worth bigint not null,
  currency text collate "C" not null,
  -- To which cashback is paid.
  account_id text collate "C",
  status text collate "C" not null,
  -- Why it was refused, or could not be reversed.
  failure text,
  -- How often somebody has wanted it reversed.
  reversals integer not null default 0,
  requested_by text not null,
  begun_at timestamptz(3) not null,
  changed_at timestamptz(3) not null,
  primary key (tenant_id, id),
  constraint status_is_known check
    (status in ('begun', 'redeemed', 'refused', 'reversing', 'reversed')),
  constraint redemption_takes_points check (points > 0 and worth >= 0),
  constraint money_goes_to_an_account check
    ((kind in ('cashback', 'statement_credit')) = (account_id is not null)),
  constraint quote_is_used_once unique (tenant_id, quote_id)
);
call core.isolate_tenants('loyalty.redemption');
create index redemption_of_member on loyalty.redemption (tenant_id, program, customer, id);
create index redemption_of_reward on loyalty.redemption (tenant_id, program, reward, begun_at);
create index redemption_under_way on loyalty.redemption (changed_at, id)
  where status in ('begun', 'reversing');

-- A campaign. Its budget is an account of the ledger, which it can never overdraw.
create table loyalty.campaign (
  tenant_id text collate "C" not null,
  id text collate "C" not null,
  program text collate "C" not null,
  document jsonb not null,
  approval_id text collate "C" not null,
  created_by text not null,
  created_at timestamptz(3) not null,
  primary key (tenant_id, id)
);
call core.isolate_tenants('loyalty.campaign');
call core.make_append_only('loyalty.campaign');
create index campaign_of_program on loyalty.campaign (tenant_id, program, id);

-- That points are missing for a transaction: one claim for each, with what was found.
create table loyalty.claim (
  tenant_id text collate "C" not null,
  id uuid not null,
  program text collate "C" not null,
  customer text collate "C" not null,
  transfer_id text collate "C" not null,
  status text collate "C" not null,
  -- What the programme says of the transaction, and why.
  finding jsonb not null,
  points_due bigint not null,
  points_given bigint not null default 0,
  -- The approval by which what is large is given.
  approval_id text collate "C",
  made_by text not null,
  made_at timestamptz(3) not null,
  decided_by text,
  changed_at timestamptz(3) not null,
  -- How often somebody has decided on it.
  verdicts integer not null default 0,
  primary key (tenant_id, id),
  constraint status_is_known check
    (status in ('crediting', 'waiting', 'credited', 'refused', 'appealed', 'upheld')),
  constraint claims_are_of_points check (points_due >= 0 and points_given >= 0),
  constraint one_claim_for_a_transaction unique (tenant_id, program, transfer_id)
);
call core.isolate_tenants('loyalty.claim');
create index claim_of_member on loyalty.claim (tenant_id, customer, id);
create index claim_under_way on loyalty.claim (changed_at, id) where status = 'crediting';

-- The tier that a member holds, and until when it is not looked at again.
create table loyalty.tier (
  tenant_id text collate "C" not null,
  program text collate "C" not null,
  customer text collate "C" not null,
  tier text collate "C" not null,
  since timestamptz(3) not null,
  until timestamptz(3) not null,
  -- How often it was set: names each change.
  changes integer not null,
  primary key (tenant_id, program, customer)
);
call core.isolate_tenants('loyalty.tier');
create index tier_is_over on loyalty.tier (until, tenant_id, program, customer);

-- What comes with a tier, on its way to the core.
create table loyalty.benefit (
  tenant_id text collate "C" not null,
  program text collate "C" not null,
  customer text collate "C" not null,
  change integer not null,
  tier text collate "C" not null,
  status text collate "C" not null default 'pending',
  attempts integer not null default 0,
  next_at timestamptz(3) not null,
  primary key (tenant_id, program, customer, change),
  constraint status_is_known check
    (status in ('pending', 'provisioned', 'failed', 'superseded', 'unsupported'))
);
call core.isolate_tenants('loyalty.benefit');
create index benefit_is_due on loyalty.benefit (next_at, tenant_id, program, customer)
  where status = 'pending';

-- What goes on by itself serves the whole shard.
create policy rewards_serve_all on loyalty.redemption to countersign_app using (true);
create policy rewards_serve_all on loyalty.claim to countersign_app using (true);
create policy rewards_serve_all on loyalty.tier to countersign_app using (true);
create policy rewards_serve_all on loyalty.benefit to countersign_app using (true);

grant select, insert on loyalty.reward_version, loyalty.reward_price, loyalty.campaign
  to countersign_policy;
grant select, insert, update (version, stock_left) on loyalty.reward to countersign_policy;
grant select, insert, update (redemption_id) on loyalty.quote to countersign_policy;
grant select, insert, update (status, failure, reversals, changed_at) on loyalty.redemption
  to countersign_policy;
grant select, insert, update (status, finding, points_due, points_given, approval_id, decided_by,
  changed_at, verdicts) on loyalty.claim to countersign_policy;
grant select, insert, update (tier, since, until, changes) on loyalty.tier to countersign_policy;
grant select on loyalty.redemption, loyalty.claim, loyalty.tier to countersign_app;
grant select, insert, update on loyalty.benefit to countersign_app;
grant select on loyalty.reward_version, loyalty.reward, loyalty.reward_price, loyalty.quote,
  loyalty.redemption, loyalty.campaign, loyalty.claim, loyalty.tier, loyalty.benefit
  to countersign_read;
