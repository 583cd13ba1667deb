-- risk: low (a new table; an index on gateway.proposal, which has a row per proposal)
-- Tickets: calls of tools that are carried out later, because the agent has asked for that or the
-- gateway had too much to do; and which payments of proposals may have been left undone.

create table gateway.ticket (
  tenant_id text collate "C" not null,
  id uuid not null,
  agent_id text collate "C" not null,
  -- For whom: a party of the register.
  customer text collate "C" not null,
  -- What the token has said, and no part of the token itself: rights are read anew by it.
  caller jsonb not null,
  tool text collate "C" not null,
  purpose text collate "C",
  -- The idempotency key of the agent; null once the ticket does not answer for it any more.
  key text collate "C",
  trace_id text,
  -- The arguments and the question, encrypted under the keyring; null once nobody needs them.
  asked text,
  -- By which the same arguments are known again: their digest, encrypted as well.
  fingerprint text not null,
  status text not null default 'queued',
  asked_at timestamptz(3) not null,
  ended_at timestamptz(3),
  -- What the agent is told, masked; or the problem.
  answer jsonb,
  primary key (tenant_id, id),
  constraint status_is_known check (status in ('queued', 'running', 'done', 'failed')),
  constraint what_has_ended_has_an_answer
    check ((status in ('done', 'failed')) = (answer is not null and ended_at is not null)),
  constraint what_has_ended_is_not_kept check (status in ('queued', 'running') or asked is null),
  constraint ticket_is_of_an_agent foreign key (tenant_id, agent_id)
    references gateway.agent (tenant_id, agent_id)
);
call core.isolate_tenants('gateway.ticket');
create unique index one_ticket_per_key on gateway.ticket (tenant_id, agent_id, customer, key);
create index ticket_waits on gateway.ticket (tenant_id) where status in ('queued', 'running');
create index ticket_age on gateway.ticket (tenant_id, asked_at);

grant usage on schema gateway to countersign_app;
grant select, insert, update (status, ended_at, answer, asked, key), delete on gateway.ticket
  to countersign_app;

create index proposal_used on gateway.proposal (ended_at, id) where status = 'used';

-- Of all tenants: what was let through in that time, in the order in which it was.
create function gateway.used_proposals(since timestamptz, until timestamptz, page integer,
    after_at timestamptz, after_id uuid)
  returns table (tenant text, id uuid, used_at timestamptz)
  language sql stable security definer set search_path = pg_catalog
  begin atomic
  select tenant_id, id, ended_at from gateway.proposal
   where status = 'used' and ended_at >= since and ended_at < until
     and (ended_at, id) > (after_at, after_id)
   order by ended_at, id limit page;
end;

revoke execute on function gateway.used_proposals from public;
grant execute on function gateway.used_proposals to countersign_policy;
