-- risk: none (new table)
-- Runs of sequences: how far each has come, so that it goes on after a crash, or is taken back.

create table gateway.sequence_run (
  tenant_id text collate "C" not null,
  id uuid not null,
  agent_id text collate "C" not null,
  -- For whom, by which consent and for what it was begun; its steps have those of their calls.
  customer text collate "C" not null,
  consent text collate "C" not null,
  purpose text collate "C" not null,
  tool text collate "C" not null,
  version integer not null,
  -- By which the agent calls it again.
  key text collate "C" not null,
  -- RFC 8785 text, with tokens for what is personal.
  arguments text not null,
  status text not null default 'running',
  -- What has happened, in order: step, status, call and answer (masked) of each.
  turns jsonb not null default '[]',
  -- The proposal to which somebody has to agree first.
  waits_for uuid,
  problem jsonb,
  begun_at timestamptz(3) not null,
  moved_at timestamptz(3) not null,
  primary key (tenant_id, id),
  constraint status_is_known
    check (status in ('running', 'waits', 'undoing', 'done', 'undone', 'stuck',
      'abandoned')),
  constraint one_run_per_key unique (tenant_id, agent_id, customer, key),
  constraint run_is_of_an_agent foreign key (tenant_id, agent_id)
    references gateway.agent (tenant_id, agent_id)
);
call core.isolate_tenants('gateway.sequence_run');
create index sequence_run_is_open on gateway.sequence_run (moved_at, id)
  where status in ('running', 'waits', 'undoing');

-- Of all tenants: runs that nobody has moved for a day; `expires_at` is when that was over.
create function gateway.due_runs(until timestamptz, page integer, after_at timestamptz,
    after_id uuid)
  returns table (tenant text, id uuid, expires_at timestamptz)
  language sql stable security definer set search_path = pg_catalog
  begin atomic
  select tenant_id, id, moved_at + interval '24 hours' from gateway.sequence_run
   where status in ('running', 'waits', 'undoing') and moved_at <= until - interval '24 hours'
     and (moved_at + interval '24 hours', id) > (after_at, after_id)
   order by moved_at, id limit page;
end;

revoke execute on function gateway.due_runs from public;
grant execute on function gateway.due_runs to countersign_policy;
grant select, insert, update (status, turns, waits_for, problem, moved_at)
  on gateway.sequence_run to countersign_policy;
grant select on gateway.sequence_run to countersign_gateway, countersign_read;
