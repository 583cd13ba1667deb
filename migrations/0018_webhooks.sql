-- risk: none (new tables)
-- Webhooks out: who is told of which events, how far each of them has been fed from the log, and
-- what became of each delivery. Neither a body nor a secret is stored here: the one stands in the
-- log, the other derives from the keyring.

create schema webhooks;

-- Somebody's receiver. Commands decide on it, so commands write it.
create table webhooks.endpoint (
  tenant_id text collate "C" not null,
  webhook_id uuid not null,
  url text not null,
  -- Exact types, `payment.*`, or `*` for all.
  types text[] collate "C" not null,
  description text not null,
  enabled boolean not null default true,
  -- Which of its derived secrets signs; the one before signs too for a day after `rotated_at`.
  secret_version integer not null default 1,
  rotated_at timestamptz(3) not null,
  created_at timestamptz(3) not null,
  -- 'infinity' while it is there.
  deleted_at timestamptz(3) not null default 'infinity',
  primary key (tenant_id, webhook_id),
  constraint types_are_few check (cardinality(types) between 1 and 50),
  constraint secret_versions_count_up check (secret_version > 0)
);
call core.isolate_tenants('webhooks.endpoint');

-- A walk through the tenant's log for one endpoint: the one that goes on for ever has the
-- endpoint's id, and each replay has an id and an end of its own.
create table webhooks.feed (
  tenant_id text collate "C" not null,
  feed_id uuid not null,
  webhook_id uuid not null,
  after_position bigint not null,
  -- What was sent up to here stands in the queue, or in no queue any more.
  position bigint not null,
  -- Null for the one that goes on.
  through_position bigint,
  -- Whether the event of the endpoint's making was passed: what stands before it is not for it.
  begun boolean not null default false,
  enqueued bigint not null default 0,
  requested_at timestamptz(3) not null,
  primary key (tenant_id, feed_id),
  constraint feed_goes_forward check (position >= after_position and after_position >= 0)
);
call core.isolate_tenants('webhooks.feed');
create index feed_of_endpoint on webhooks.feed (tenant_id, webhook_id, feed_id);

-- One event for one endpoint, and how its sending went.
create table webhooks.delivery (
  tenant_id text collate "C" not null,
  webhook_id uuid not null,
  delivery_id uuid not null,
  feed_id uuid not null,
  tenant_position bigint not null,
  event_id uuid not null,
  event_type text not null,
  status text not null default 'pending',
  -- How often it was put into the queue: once, and again for each time somebody wants it retried.
  round integer not null default 1,
  attempts integer not null default 0,
  -- Of the last attempt.
  http_status integer,
  failure text,
  latency_ms integer,
  created_at timestamptz(3) not null,
  attempted_at timestamptz(3),
  primary key (tenant_id, webhook_id, delivery_id),
  constraint status_is_known check (status in ('pending', 'delivered', 'dead'))
);
call core.isolate_tenants('webhooks.delivery');
create index delivery_pending on webhooks.delivery (tenant_id, webhook_id, delivery_id)
  where status = 'pending';
create index delivery_dead on webhooks.delivery (tenant_id, webhook_id, delivery_id)
  where status = 'dead';
create index delivery_age on webhooks.delivery (created_at) where status <> 'pending';

-- Feeding and sending serve the whole shard.
create policy sending_serves_all on webhooks.endpoint to countersign_app using (true);
create policy sending_serves_all on webhooks.feed to countersign_app using (true);
create policy sending_serves_all on webhooks.delivery to countersign_app using (true);

grant usage on schema webhooks to countersign_policy, countersign_app, countersign_read;
grant select, insert, update (url, types, description, enabled, secret_version, rotated_at,
  deleted_at) on webhooks.endpoint to countersign_policy;
-- Where an endpoint begins, with what is sealed after it was made, and its replays, which are few.
grant select, insert on webhooks.feed to countersign_policy;
grant execute on function core.tenant_length to countersign_policy;
grant select on webhooks.endpoint to countersign_app;
grant select, insert, update, delete on webhooks.feed, webhooks.delivery to countersign_app;
grant select on webhooks.endpoint, webhooks.feed, webhooks.delivery to countersign_read;

-- The delivery queue is pg-boss's: it makes its tables here, and keeps them up to date, as the role
-- that sends. Its jobs hold ids alone, and nobody else may look in.
create schema pgboss;
grant usage, create on schema pgboss to countersign_app;
