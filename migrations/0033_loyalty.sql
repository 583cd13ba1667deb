-- risk: none (new tables)
-- Loyalty: who is a member of which programme, by which accounts of the ledger, and what stands on
-- them lot by lot.

create schema loyalty;
grant usage on schema loyalty to countersign_policy, countersign_app, countersign_read;

-- What an account of the ledger is for. What is not here is no account of a programme, whatever its
-- metadata say.
create table loyalty.account (
  tenant_id text collate "C" not null,
  account_id uuid not null,
  program text collate "C" not null,
  role text collate "C" not null,
  -- The unit of its points, or the home currency.
  currency text collate "C" not null,
  customer text collate "C",
  campaign text collate "C",
  opened_at timestamptz(3) not null,
  primary key (tenant_id, account_id),
  constraint role_is_known check (role in ('issued', 'redeemed', 'expired', 'forfeited', 'budget',
    'active', 'pending', 'owed', 'liability', 'deferred_revenue_source', 'redemption_revenue',
    'breakage_revenue')),
  constraint members_accounts_have_a_member
    check ((role in ('active', 'pending', 'owed')) = (customer is not null)),
  constraint budgets_have_a_campaign check ((role = 'budget') = (campaign is not null))
);
create unique index one_account_per_role on loyalty.account (tenant_id, program, role)
  where customer is null and campaign is null;
create unique index one_budget_per_campaign on loyalty.account (tenant_id, program, campaign)
  where campaign is not null;
create unique index one_account_per_member on loyalty.account (tenant_id, program, customer, role)
  where customer is not null;
-- Whether a unit is of a programme.
create index units_of_programs on loyalty.account (tenant_id, currency) where role = 'issued';
call core.make_append_only('loyalty.account');
call core.isolate_tenants('loyalty.account');

create table loyalty.member (
  tenant_id text collate "C" not null,
  program text collate "C" not null,
  customer text collate "C" not null,
  standing text not null default 'good'
    constraint standing_is_known check (standing in ('good', 'suspended', 'closed')),
  active_account uuid not null,
  pending_account uuid not null,
  -- Null until a take-back finds less than it has to take.
  owed_account uuid,
  enrolled_at timestamptz(3) not null,
  changed_at timestamptz(3) not null,
  primary key (tenant_id, program, customer)
);
create index memberships_of_customer on loyalty.member (tenant_id, customer, program);
create index membership_is_closed on loyalty.member (tenant_id, program, customer)
  where standing = 'closed';
call core.isolate_tenants('loyalty.member');

-- Projections: a fold over the sealed log, which `countersign rebuild loyalty` can build anew. Ids
-- are the public ones, as events tell them.

-- Points given at once, and what has become of them.
create table loyalty.lot (
  tenant_id text collate "C" not null,
  generation integer not null,
  program text collate "C" not null,
  customer text collate "C" not null,
  -- Of the transfer that gave them.
  lot_id text collate "C" not null,
  -- In the tenant's log: the order in which lots of one expiry are used up.
  position bigint not null,
  entry text not null,
  reason text,
  rule text,
  source text collate "C",
  campaign text collate "C",
  -- Whether they count towards a tier.
  qualifying boolean not null,
  -- Minor units of the home currency: what was spent for them, and sent back of it.
  spend bigint not null,
  spend_returned bigint not null,
  earned_at timestamptz(3) not null,
  matures_at timestamptz(3),
  expires_at timestamptz(3),
  points bigint not null,
  -- What was taken back on its account, be it of this lot, of others, or owed.
  returned bigint not null,
  pending bigint not null,
  active bigint not null,
  -- What has paid for what the member owed.
  settled bigint not null,
  redeemed bigint not null,
  expired bigint not null,
  taken_back bigint not null,
  forfeited bigint not null,
  transferred bigint not null,
  -- Taken by hand.
  adjusted bigint not null,
  primary key (tenant_id, generation, lot_id),
  constraint points_of_a_lot_are_conserved check (points = pending + active + settled + redeemed
    + expired + taken_back + forfeited + transferred + adjusted),
  constraint nothing_of_a_lot_is_negative check (least(points, pending, active, settled, redeemed,
    expired, taken_back, forfeited, transferred, adjusted, spend, spend_returned) >= 0)
) with (fillfactor = 85);
call core.isolate_tenants('loyalty.lot');
create index lot_of_member on loyalty.lot (tenant_id, generation, program, customer, position);
create index lot_open on loyalty.lot (tenant_id, generation, program, customer)
  where active > 0 or pending > 0;
create index lot_of_source on loyalty.lot (tenant_id, generation, source) where source is not null;
create index lot_matures on loyalty.lot (matures_at, lot_id) where pending > 0;
create index lot_expires on loyalty.lot (expires_at, lot_id) where active > 0 or pending > 0;

-- What a movement has taken from a lot, or given back to it.
create table loyalty.lot_use (
  tenant_id text collate "C" not null,
  generation integer not null,
  transfer_id text collate "C" not null,
  lot_id text collate "C" not null,
  program text collate "C" not null,
  customer text collate "C" not null,
  position bigint not null,
  -- As the columns of the lot say it; `restored` gives back what was `redeemed`.
  kind text not null constraint kind_is_known check (kind in ('settled', 'redeemed', 'expired',
    'taken_back', 'forfeited', 'transferred', 'adjusted', 'restored')),
  points bigint not null constraint something_is_used check (points > 0),
  -- What was given back of it since.
  restored bigint not null default 0,
  used_at timestamptz(3) not null,
  primary key (tenant_id, generation, transfer_id, lot_id),
  constraint no_more_is_restored_than_used check (restored between 0 and points)
) with (fillfactor = 90);
call core.isolate_tenants('loyalty.lot_use');
create index use_of_member
  on loyalty.lot_use (tenant_id, generation, program, customer, position);

-- A member's balances, with the versions of the accounts that they were read at.
create table loyalty.standing (
  tenant_id text collate "C" not null,
  generation integer not null,
  program text collate "C" not null,
  customer text collate "C" not null,
  active bigint not null,
  pending bigint not null,
  owed bigint not null,
  -- Of a whole life: given and kept, used, run out.
  earned bigint not null,
  redeemed bigint not null,
  expired bigint not null,
  active_version bigint not null,
  pending_version bigint not null,
  owed_version bigint not null,
  last_earned_at timestamptz(3),
  last_redeemed_at timestamptz(3),
  changed_at timestamptz(3) not null,
  primary key (tenant_id, generation, program, customer)
) with (fillfactor = 70);
call core.isolate_tenants('loyalty.standing');

-- What policy has refused, by what an approval of it is bound to: it is done as it was asked for.
create index refused_points on core.command (tenant_id, digest)
  where operation like 'points.%' and outcome like '%"policy_review"%';

-- Points are kept, used up and told of for the whole shard.
create policy loyalty_serves_all on loyalty.account to countersign_app using (true);
create policy loyalty_serves_all on loyalty.member to countersign_app using (true);
create policy projections_serve_all on loyalty.lot to countersign_app using (true);
create policy projections_serve_all on loyalty.lot_use to countersign_app using (true);
create policy projections_serve_all on loyalty.standing to countersign_app using (true);

grant select, insert on loyalty.account, loyalty.member to countersign_policy;
grant update (standing, owed_account, changed_at) on loyalty.member to countersign_policy;
grant select on loyalty.account, loyalty.member to countersign_app;
grant select, insert, update, delete on loyalty.lot, loyalty.lot_use, loyalty.standing
  to countersign_app;
grant select on loyalty.account, loyalty.member, loyalty.lot, loyalty.lot_use, loyalty.standing
  to countersign_read;
