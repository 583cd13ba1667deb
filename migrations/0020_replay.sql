-- risk: none (new tables)
-- Replays on request: what somebody wants to be made again, and what came of it. Both are written
-- by commands; between them a worker reads the log, as the role that cannot write.

create table policy.replay (
  tenant_id text collate "C" not null,
  id uuid not null,
  kind text not null constraint kind_is_known check (kind in ('same', 'policy', 'model')),
  -- Canonical JSON of what was asked for.
  request text not null,
  requested_by text not null,
  requested_at timestamptz(3) not null,
  primary key (tenant_id, id)
);
call core.make_append_only('policy.replay');
call core.isolate_tenants('policy.replay');

create table policy.replay_result (
  tenant_id text collate "C" not null,
  id uuid not null,
  status text not null
    constraint status_is_known check (status in ('completed', 'cancelled', 'failed')),
  -- Of a failure: the code of its fault.
  reason text,
  -- Positions that were looked at, both included.
  from_position bigint,
  to_position bigint,
  decisions bigint not null,
  identical bigint not null,
  changed bigint not null,
  -- Canonical JSON; the examples as an array, so that they can be read in pages.
  report text,
  examples text not null,
  ended_by text not null,
  ended_at timestamptz(3) not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, id) references policy.replay (tenant_id, id),
  constraint only_a_failure_has_a_reason check ((reason is not null) = (status = 'failed')),
  constraint what_is_completed_has_a_report check ((report is not null) = (status = 'completed')),
  constraint counts_add_up check (identical >= 0 and changed >= 0 and identical <= decisions)
);
call core.make_append_only('policy.replay_result');
call core.isolate_tenants('policy.replay_result');

-- The worker serves all tenants: the oldest of each that nobody has ended, one at a time.
create function policy.open_replays(page integer)
  returns table (tenant text, id uuid, request text, requested_at timestamptz)
  language sql stable security definer set search_path = pg_catalog
  begin atomic
  select distinct on (r.tenant_id) r.tenant_id, r.id, r.request, r.requested_at
    from policy.replay r
   where not exists (
     select from policy.replay_result e where e.tenant_id = r.tenant_id and e.id = r.id)
   order by r.tenant_id, r.requested_at, r.id limit page;
end;
revoke execute on function policy.open_replays from public;
grant execute on function policy.open_replays to countersign_sim;

grant select, insert on policy.replay, policy.replay_result to countersign_policy;
grant select on policy.replay, policy.replay_result to countersign_read, countersign_sim;
