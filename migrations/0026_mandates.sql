-- risk: low (new table; a column and indexes on proposals, of which there are few)
-- Mandates: what an agent may pay for a customer without asking him each time, and what each of its
-- payments has taken from them.

create table gateway.mandate (
  tenant_id text collate "C" not null,
  id uuid not null,
  -- Whose it is: a party of the register.
  customer text collate "C" not null,
  agent_id text collate "C" not null,
  -- In minor units.
  payment_max bigint not null,
  daily_max bigint not null,
  daily_count_max integer not null,
  currency text collate "C" not null,
  -- Public ids of accounts; where it names none, those that the paying account has paid before.
  payees text[] collate "C" not null,
  -- The principal of the customer.
  given_by text collate "C" not null,
  given_at timestamptz(3) not null,
  valid_until timestamptz(3) not null,
  -- 'infinity' while nobody has ended it.
  ended_at timestamptz(3) not null default 'infinity',
  ended_by text collate "C",
  primary key (tenant_id, id),
  constraint it_bounds_something
    check (payment_max > 0 and daily_max >= payment_max and daily_count_max > 0),
  constraint it_ends check (valid_until > given_at and valid_until < 'infinity'),
  constraint somebody_has_ended_it check ((ended_at = 'infinity') = (ended_by is null)),
  constraint mandate_is_for_an_agent foreign key (tenant_id, agent_id)
    references gateway.agent (tenant_id, agent_id)
);
call core.isolate_tenants('gateway.mandate');
create index mandate_of_customer on gateway.mandate (tenant_id, customer, id);
create index mandate_of_agent on gateway.mandate (tenant_id, agent_id, id);

-- When a customer was to prove that it is he who gives a mandate, and did not: guesses are counted.
create table gateway.mandate_refusal (
  tenant_id text collate "C" not null,
  -- Of the mandate that was not given.
  id uuid not null,
  customer text collate "C" not null,
  reason text not null,
  refused_at timestamptz(3) not null,
  primary key (tenant_id, id)
);
call core.make_append_only('gateway.mandate_refusal');
call core.isolate_tenants('gateway.mandate_refusal');
create index mandate_refusal_of_customer
  on gateway.mandate_refusal (tenant_id, customer, refused_at);

-- By which a proposal was used that the customer was not asked about. What is left of a mandate is
-- what these have not taken.
alter table gateway.proposal add column mandate_id uuid,
  add constraint proposal_is_by_a_mandate foreign key (tenant_id, mandate_id)
    references gateway.mandate (tenant_id, id);
create index proposal_by_mandate on gateway.proposal (tenant_id, mandate_id, ended_at)
  where mandate_id is not null;
create index proposal_of_approval on gateway.proposal (tenant_id, approval_id)
  where approval_id is not null;
create index proposal_used_for_customer on gateway.proposal (tenant_id, customer, ended_at)
  where status = 'used';

grant select, insert, update (ended_at, ended_by) on gateway.mandate to countersign_policy;
grant update (mandate_id) on gateway.proposal to countersign_policy;
grant select, insert on gateway.mandate_refusal to countersign_policy;
grant select on gateway.mandate_refusal to countersign_read;
-- By how many people what was moved has been seen.
grant select (required_checkers) on policy.approval to countersign_gateway;
grant select on gateway.mandate to countersign_gateway, countersign_read;
