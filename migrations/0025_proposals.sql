-- risk: none (new table)
-- Proposals: what agents would do for customers, in exact terms, and who has agreed to it.

create table gateway.proposal (
  tenant_id text collate "C" not null,
  id uuid not null,
  agent_id text collate "C" not null,
  -- For whom: a party of the register.
  customer text collate "C" not null,
  -- The tool that carries it out, in the version in which it was proposed.
  tool text collate "C" not null,
  version integer not null,
  -- RFC 8785 text of what is to be done, with tokens for what is personal, and its SHA-256.
  arguments text not null,
  arguments_digest text collate "C" not null,
  -- What people read before they agree.
  terms text not null,
  -- What it moves, in minor units; null where it moves no money.
  amount bigint,
  currency text collate "C",
  -- By which it waits: of its preparation, then of the call for which people are asked.
  decision_id uuid not null,
  policy_version text collate "C" not null,
  made_at timestamptz(3) not null,
  expires_at timestamptz(3) not null,
  status text not null default 'open',
  -- The principal that has agreed for the customer.
  agreed_by text collate "C",
  agreed_at timestamptz(3),
  -- Of people of the bank, where policy asks for them.
  approval_id uuid,
  -- The idempotency key of the call that has made it, where that had one.
  made_key text collate "C",
  -- The idempotency key of the call that has used it up.
  used_key text collate "C",
  ended_at timestamptz(3),
  primary key (tenant_id, id),
  constraint status_is_known
    check (status in ('open', 'agreed', 'rejected', 'withdrawn', 'used', 'expired')),
  constraint money_has_a_currency check ((amount is null) = (currency is null)),
  constraint nothing_is_done_without_the_customer
    check (status not in ('agreed', 'used') or agreed_by is not null),
  constraint used_by_one_call check ((status = 'used') = (used_key is not null)),
  constraint proposal_is_of_an_agent foreign key (tenant_id, agent_id)
    references gateway.agent (tenant_id, agent_id)
);
call core.isolate_tenants('gateway.proposal');
create index proposal_of_customer on gateway.proposal (tenant_id, customer, id);
create index proposal_used_of_agent on gateway.proposal (tenant_id, agent_id, tool)
  where status = 'used';
create unique index made_once_per_key on gateway.proposal (tenant_id, agent_id, customer, made_key);
create unique index one_proposal_per_key on gateway.proposal (tenant_id, agent_id, used_key);
create index proposal_is_open on gateway.proposal (expires_at, id)
  where status in ('open', 'agreed');

-- Of all tenants: those whose time is over, and whose end is not written down.
create function gateway.due_proposals(until timestamptz, page integer, after_at timestamptz,
    after_id uuid)
  returns table (tenant text, id uuid, expires_at timestamptz)
  language sql stable security definer set search_path = pg_catalog
  begin atomic
  select tenant_id, id, expires_at from gateway.proposal
   where status in ('open', 'agreed') and expires_at <= until
     and (expires_at, id) > (after_at, after_id)
   order by expires_at, id limit page;
end;

revoke execute on function gateway.due_proposals from public;
grant execute on function gateway.due_proposals to countersign_policy;
grant select, insert, update (decision_id, policy_version, expires_at, status, agreed_by, agreed_at,
    approval_id, used_key, ended_at) on gateway.proposal to countersign_policy;
grant select on gateway.proposal to countersign_gateway, countersign_read;
-- Whether people have approved what they were asked, and who.
grant usage on schema policy to countersign_gateway;
grant select (tenant_id, id, status, expires_at) on policy.approval to countersign_gateway;
grant select (tenant_id, approval_id, checker, verdict) on policy.approval_verdict
  to countersign_gateway;
