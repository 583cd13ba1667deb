-- The schema after all migrations, for reading and for review. Generated.

-- Schemas -----------------------------------------------------------------------------------------

create schema ai authorization countersign_owner;
create schema core authorization countersign_owner;
create schema gateway authorization countersign_owner;
create schema loyalty authorization countersign_owner;
create schema money authorization countersign_owner;
create schema offers authorization countersign_owner;
create schema payments authorization countersign_owner;
create schema pgboss authorization countersign_owner;
create schema policy authorization countersign_owner;
create schema privacy authorization countersign_owner;
create schema projection authorization countersign_owner;
create schema register authorization countersign_owner;
create schema reviews authorization countersign_owner;
create schema slo authorization countersign_owner;
create schema webhooks authorization countersign_owner;

-- Sequences ---------------------------------------------------------------------------------------

create sequence core.event_seq as bigint start 1 increment 1 minvalue 1 maxvalue 9223372036854775807 cache 1;

-- Tables ------------------------------------------------------------------------------------------

create table ai.alert (
  tenant_id text collate "C" not null,
  generation integer not null,
  alert_id text collate "C" not null,
  tenant_position bigint not null,
  run_id text collate "C" not null,
  control text not null,
  model text collate "C" not null,
  version integer not null,
  severity text not null,
  suspends boolean not null,
  summary text not null,
  raised_at timestamp(3) with time zone not null,
  constraint alert_pkey PRIMARY KEY (tenant_id, generation, alert_id)
);
alter table ai.alert owner to countersign_owner;
alter table ai.alert enable row level security;

create table ai.artefact (
  tenant_id text collate "C" not null,
  digest text collate "C" not null,
  bytes bytea not null,
  constraint artefact_pkey PRIMARY KEY (tenant_id, digest),
  constraint artefact_is_at_most_8_mib CHECK ((octet_length(bytes) <= 8388608)),
  constraint digest_is_that_of_its_bytes CHECK ((digest = encode(sha256(bytes), 'hex'::text)))
);
alter table ai.artefact owner to countersign_owner;
alter table ai.artefact enable row level security;

create table ai.control_run (
  tenant_id text collate "C" not null,
  generation integer not null,
  run_id text collate "C" not null,
  tenant_position bigint not null,
  control text not null,
  model text collate "C" not null,
  version integer not null,
  period_from timestamp(3) with time zone not null,
  period_to timestamp(3) with time zone not null,
  result text not null,
  figures jsonb not null,
  threshold text not null,
  evidence jsonb not null,
  tested_at timestamp(3) with time zone not null,
  requested_by text not null,
  constraint control_run_pkey PRIMARY KEY (tenant_id, generation, run_id)
);
alter table ai.control_run owner to countersign_owner;
alter table ai.control_run enable row level security;

create table ai.feature_state (
  tenant_id text collate "C" not null,
  generation integer not null,
  kind text collate "C" not null,
  entity text collate "C" not null,
  state bytea not null,
  constraint feature_state_pkey PRIMARY KEY (tenant_id, generation, kind, entity)
) with (fillfactor=70);
alter table ai.feature_state owner to countersign_owner;
alter table ai.feature_state enable row level security;

create table ai.label (
  tenant_id text collate "C" not null,
  generation integer not null,
  label_id text collate "C" not null,
  tenant_position bigint not null,
  command_id text collate "C" not null,
  transfer_id text collate "C",
  decision_id text collate "C",
  label text not null,
  source text not null,
  account_id text,
  merchant text,
  amount bigint,
  currency text,
  paid_at timestamp(3) with time zone not null,
  occurred_at timestamp(3) with time zone not null,
  recorded_at timestamp(3) with time zone not null,
  recorded_by text not null,
  constraint label_pkey PRIMARY KEY (tenant_id, generation, label_id)
);
alter table ai.label owner to countersign_owner;
alter table ai.label enable row level security;

create table ai.labelled_payment (
  tenant_id text collate "C" not null,
  command_id text collate "C" not null,
  account_id text collate "C" not null,
  merchant text collate "C" not null,
  is_fraud boolean not null,
  constraint labelled_payment_pkey PRIMARY KEY (tenant_id, command_id, account_id, merchant)
);
alter table ai.labelled_payment owner to countersign_owner;
alter table ai.labelled_payment enable row level security;

create table ai.model_act (
  tenant_id text collate "C" not null,
  name text collate "C" not null,
  ordinal integer not null,
  stage text not null,
  act text not null,
  version integer,
  share integer,
  reason text,
  approval_id text,
  attestation text not null,
  acted_by text not null,
  recorded_at timestamp(3) with time zone not null,
  constraint model_act_pkey PRIMARY KEY (tenant_id, name, ordinal),
  constraint a_canary_has_a_share CHECK (((share IS NOT NULL) = ((stage = 'canary'::text) AND (act = 'started'::text)))),
  constraint a_share_is_a_part CHECK (((share >= 1) AND (share <= 9999))),
  constraint act_is_known CHECK ((act = ANY (ARRAY['deployed'::text, 'rolled_back'::text, 'started'::text, 'stopped'::text, 'suspended'::text, 'resumed'::text]))),
  constraint model_act_tenant_id_name_version_fkey FOREIGN KEY (tenant_id, name, version) REFERENCES ai.model_version(tenant_id, name, version),
  constraint only_a_suspension_has_a_reason CHECK (((reason IS NULL) = (act <> 'suspended'::text))),
  constraint only_a_trial_ends_without_a_version CHECK (((act = 'stopped'::text) = (version IS NULL))),
  constraint stage_is_known CHECK ((stage = ANY (ARRAY['shadow'::text, 'canary'::text, 'production'::text, 'suspension'::text]))),
  constraint what_decides_was_approved CHECK (((approval_id IS NOT NULL) OR (act = ANY (ARRAY['rolled_back'::text, 'stopped'::text, 'suspended'::text])) OR (stage = 'shadow'::text)))
);
alter table ai.model_act owner to countersign_owner;
alter table ai.model_act enable row level security;

create table ai.model_version (
  tenant_id text collate "C" not null,
  name text collate "C" not null,
  version integer not null,
  point text not null,
  card text not null,
  card_digest text collate "C" not null,
  artefact text collate "C" not null,
  report text not null,
  registered_by text not null,
  registered_at timestamp(3) with time zone not null,
  constraint model_version_pkey PRIMARY KEY (tenant_id, name, version),
  constraint card_digest_is_that_of_its_card CHECK ((card_digest = encode(sha256(convert_to(card, 'UTF8'::name)), 'hex'::text))),
  constraint model_version_tenant_id_artefact_fkey FOREIGN KEY (tenant_id, artefact) REFERENCES ai.artefact(tenant_id, digest),
  constraint one_version_per_card UNIQUE (tenant_id, name, card_digest),
  constraint versions_count_from_one CHECK ((version >= 1))
);
alter table ai.model_version owner to countersign_owner;
alter table ai.model_version enable row level security;

create table ai.prompt_act (
  tenant_id text collate "C" not null,
  name text collate "C" not null,
  ordinal integer not null,
  act text not null,
  version integer,
  digest text collate "C",
  model text,
  reason text,
  approval_id text,
  acted_by text not null,
  recorded_at timestamp(3) with time zone not null,
  constraint prompt_act_pkey PRIMARY KEY (tenant_id, name, ordinal),
  constraint act_is_known CHECK ((act = ANY (ARRAY['approved'::text, 'withdrawn'::text]))),
  constraint only_a_withdrawal_has_a_reason CHECK (((act = 'withdrawn'::text) = (reason IS NOT NULL))),
  constraint what_is_approved_is_exact CHECK (((act = 'approved'::text) = ((version IS NOT NULL) AND (digest IS NOT NULL) AND (model IS NOT NULL)))),
  constraint what_is_sent_was_approved CHECK (((act = 'approved'::text) = (approval_id IS NOT NULL)))
);
alter table ai.prompt_act owner to countersign_owner;
alter table ai.prompt_act enable row level security;

create table ai.prompt_call (
  tenant_id text collate "C" not null,
  id uuid not null,
  prompt text collate "C" not null,
  version integer not null,
  digest text collate "C" not null,
  model text not null,
  stood_in_because text,
  about text collate "C" not null,
  asked_by text not null,
  sources text[] collate "C" not null,
  input_digest text collate "C" not null,
  output_digest text collate "C",
  input_tokens integer not null,
  output_tokens integer not null,
  cost bigint,
  currency text,
  latency_ms integer not null,
  asked_at timestamp(3) with time zone not null,
  constraint prompt_call_pkey PRIMARY KEY (tenant_id, id),
  constraint cost_has_its_currency CHECK (((cost IS NULL) = (currency IS NULL))),
  constraint nothing_is_earned CHECK (((input_tokens >= 0) AND (output_tokens >= 0) AND (cost >= 0) AND (latency_ms >= 0)))
);
alter table ai.prompt_call owner to countersign_owner;
alter table ai.prompt_call enable row level security;

create table ai.score (
  tenant_id text collate "C" not null,
  generation integer not null,
  score_id text collate "C" not null,
  ordinal integer not null,
  tenant_position bigint not null,
  at timestamp(3) with time zone not null,
  point text not null,
  operation text collate "C" not null,
  model text collate "C" not null,
  version integer not null,
  served_version integer,
  stage text not null,
  value double precision,
  fallback_reason text,
  latency_us integer,
  inputs jsonb,
  command_id text collate "C" not null,
  outcome text not null,
  segments jsonb not null,
  constraint score_pkey PRIMARY KEY (tenant_id, generation, score_id, ordinal)
) with (fillfactor=90);
alter table ai.score owner to countersign_owner;
alter table ai.score enable row level security;

create table core.checkpoint (
  tenant_id text collate "C" not null,
  tree_size bigint not null,
  root bytea not null,
  note text not null,
  signed_at timestamp(3) with time zone not null,
  constraint checkpoint_pkey PRIMARY KEY (tenant_id, tree_size)
);
alter table core.checkpoint owner to countersign_owner;
alter table core.checkpoint enable row level security;

create table core.command (
  tenant_id text collate "C" not null,
  idempotency_key text collate "C" not null,
  id uuid not null,
  operation text not null,
  digest bytea not null,
  principal text not null,
  received_at timestamp(3) with time zone not null,
  trace_id text not null,
  decision text not null,
  body text not null,
  outcome text not null,
  constraint one_command_per_key PRIMARY KEY (tenant_id, idempotency_key)
);
alter table core.command owner to countersign_owner;
alter table core.command enable row level security;

create table core.consumer (
  name text not null,
  "position" bigint not null default 0,
  constraint consumer_pkey PRIMARY KEY (name)
);
alter table core.consumer owner to countersign_owner;

create table core.event (
  seq bigint not null,
  tenant_id text collate "C" not null,
  id uuid not null,
  type text not null,
  body text not null,
  constraint event_pkey PRIMARY KEY (seq),
  constraint event_is_unique UNIQUE (tenant_id, id)
);
alter table core.event owner to countersign_owner;
alter table core.event enable row level security;

create table core.leaf (
  "position" bigint not null,
  tenant_id text collate "C" not null,
  tenant_position bigint not null,
  seq bigint not null,
  hash bytea not null,
  constraint leaf_pkey PRIMARY KEY ("position"),
  constraint leaf_is_sealed_once UNIQUE (seq),
  constraint tenant_positions_are_unique UNIQUE (tenant_id, tenant_position)
);
alter table core.leaf owner to countersign_owner;
alter table core.leaf enable row level security;

create table core.migration (
  version integer not null,
  name text not null,
  digest text not null,
  applied_at timestamp(3) with time zone not null default now(),
  constraint migration_pkey PRIMARY KEY (version)
);
alter table core.migration owner to countersign_owner;

create table core.node (
  tenant_id text collate "C" not null,
  level integer not null,
  index bigint not null,
  hash bytea not null,
  constraint node_pkey PRIMARY KEY (tenant_id, level, index)
);
alter table core.node owner to countersign_owner;
alter table core.node enable row level security;

create table core.projection (
  name text not null,
  generation integer not null,
  constraint projection_pkey PRIMARY KEY (name)
);
alter table core.projection owner to countersign_owner;

create table core.seal_state (
  singleton boolean not null default true,
  "position" bigint not null default 0,
  generation integer not null default 1,
  low_seq bigint not null default 0,
  constraint seal_state_pkey PRIMARY KEY (singleton),
  constraint seal_state_singleton_check CHECK (singleton)
);
alter table core.seal_state owner to countersign_owner;

create table core.tenant (
  tenant_id text collate "C" not null,
  name text not null,
  time_zone text not null,
  epoch bigint not null default 1,
  created_at timestamp(3) with time zone not null,
  constraint tenant_pkey PRIMARY KEY (tenant_id),
  constraint tenant_id_is_a_slug CHECK ((tenant_id ~ '^[a-z][a-z0-9-]{1,39}$'::text))
);
alter table core.tenant owner to countersign_owner;
alter table core.tenant enable row level security;

create table core.tree (
  tenant_id text collate "C" not null,
  size bigint not null default 0,
  generation integer not null default 1,
  constraint tree_pkey PRIMARY KEY (tenant_id)
);
alter table core.tree owner to countersign_owner;
alter table core.tree enable row level security;

create table gateway.agent (
  tenant_id text collate "C" not null,
  agent_id text collate "C" not null,
  name text not null,
  owner text not null,
  purposes text[] collate "C" not null,
  tools jsonb not null,
  status text not null default 'active'::text,
  registered_at timestamp(3) with time zone not null,
  changed_at timestamp(3) with time zone not null,
  constraint agent_pkey PRIMARY KEY (tenant_id, agent_id),
  constraint status_is_known CHECK ((status = ANY (ARRAY['active'::text, 'suspended'::text])))
);
alter table gateway.agent owner to countersign_owner;
alter table gateway.agent enable row level security;

create table gateway.agent_client (
  tenant_id text collate "C" not null,
  id uuid not null,
  agent_id text collate "C" not null,
  issuer text collate "C" not null,
  client_id text collate "C" not null,
  jwks text,
  jwks_uri text,
  redirect_uris text[] not null,
  requires_dpop boolean not null,
  removed_at timestamp(3) with time zone not null default 'infinity'::timestamp with time zone,
  constraint agent_client_pkey PRIMARY KEY (tenant_id, id),
  constraint client_is_of_an_agent FOREIGN KEY (tenant_id, agent_id) REFERENCES gateway.agent(tenant_id, agent_id),
  constraint keys_come_from_one_place CHECK (((jwks IS NULL) OR (jwks_uri IS NULL)))
);
alter table gateway.agent_client owner to countersign_owner;
alter table gateway.agent_client enable row level security;

create table gateway.mandate (
  tenant_id text collate "C" not null,
  id uuid not null,
  customer text collate "C" not null,
  agent_id text collate "C" not null,
  payment_max bigint not null,
  daily_max bigint not null,
  daily_count_max integer not null,
  currency text collate "C" not null,
  payees text[] collate "C" not null,
  given_by text collate "C" not null,
  given_at timestamp(3) with time zone not null,
  valid_until timestamp(3) with time zone not null,
  ended_at timestamp(3) with time zone not null default 'infinity'::timestamp with time zone,
  ended_by text collate "C",
  constraint mandate_pkey PRIMARY KEY (tenant_id, id),
  constraint it_bounds_something CHECK (((payment_max > 0) AND (daily_max >= payment_max) AND (daily_count_max > 0))),
  constraint it_ends CHECK (((valid_until > given_at) AND (valid_until < 'infinity'::timestamp with time zone))),
  constraint mandate_is_for_an_agent FOREIGN KEY (tenant_id, agent_id) REFERENCES gateway.agent(tenant_id, agent_id),
  constraint somebody_has_ended_it CHECK (((ended_at = 'infinity'::timestamp with time zone) = (ended_by IS NULL)))
);
alter table gateway.mandate owner to countersign_owner;
alter table gateway.mandate enable row level security;

create table gateway.mandate_refusal (
  tenant_id text collate "C" not null,
  id uuid not null,
  customer text collate "C" not null,
  reason text not null,
  refused_at timestamp(3) with time zone not null,
  constraint mandate_refusal_pkey PRIMARY KEY (tenant_id, id)
);
alter table gateway.mandate_refusal owner to countersign_owner;
alter table gateway.mandate_refusal enable row level security;

create table gateway.proposal (
  tenant_id text collate "C" not null,
  id uuid not null,
  agent_id text collate "C" not null,
  customer text collate "C" not null,
  tool text collate "C" not null,
  version integer not null,
  arguments text not null,
  arguments_digest text collate "C" not null,
  terms text not null,
  amount bigint,
  currency text collate "C",
  decision_id uuid not null,
  policy_version text collate "C" not null,
  made_at timestamp(3) with time zone not null,
  expires_at timestamp(3) with time zone not null,
  status text not null default 'open'::text,
  agreed_by text collate "C",
  agreed_at timestamp(3) with time zone,
  approval_id uuid,
  made_key text collate "C",
  used_key text collate "C",
  ended_at timestamp(3) with time zone,
  mandate_id uuid,
  constraint proposal_pkey PRIMARY KEY (tenant_id, id),
  constraint money_has_a_currency CHECK (((amount IS NULL) = (currency IS NULL))),
  constraint nothing_is_done_without_the_customer CHECK (((status <> ALL (ARRAY['agreed'::text, 'used'::text])) OR (agreed_by IS NOT NULL))),
  constraint proposal_is_by_a_mandate FOREIGN KEY (tenant_id, mandate_id) REFERENCES gateway.mandate(tenant_id, id),
  constraint proposal_is_of_an_agent FOREIGN KEY (tenant_id, agent_id) REFERENCES gateway.agent(tenant_id, agent_id),
  constraint status_is_known CHECK ((status = ANY (ARRAY['open'::text, 'agreed'::text, 'rejected'::text, 'withdrawn'::text, 'used'::text, 'expired'::text]))),
  constraint used_by_one_call CHECK (((status = 'used'::text) = (used_key IS NOT NULL)))
);
alter table gateway.proposal owner to countersign_owner;
alter table gateway.proposal enable row level security;

create table gateway.revoked_token (
  tenant_id text collate "C" not null,
  agent_id text collate "C" not null,
  jti text collate "C" not null,
  revoked_at timestamp(3) with time zone not null,
  constraint revoked_token_pkey PRIMARY KEY (tenant_id, agent_id, jti),
  constraint token_is_of_an_agent FOREIGN KEY (tenant_id, agent_id) REFERENCES gateway.agent(tenant_id, agent_id)
);
alter table gateway.revoked_token owner to countersign_owner;
alter table gateway.revoked_token enable row level security;

create table gateway.sequence_run (
  tenant_id text collate "C" not null,
  id uuid not null,
  agent_id text collate "C" not null,
  customer text collate "C" not null,
  consent text collate "C" not null,
  purpose text collate "C" not null,
  tool text collate "C" not null,
  version integer not null,
  key text collate "C" not null,
  arguments text not null,
  status text not null default 'running'::text,
  turns jsonb not null default '[]'::jsonb,
  waits_for uuid,
  problem jsonb,
  begun_at timestamp(3) with time zone not null,
  moved_at timestamp(3) with time zone not null,
  constraint sequence_run_pkey PRIMARY KEY (tenant_id, id),
  constraint one_run_per_key UNIQUE (tenant_id, agent_id, customer, key),
  constraint run_is_of_an_agent FOREIGN KEY (tenant_id, agent_id) REFERENCES gateway.agent(tenant_id, agent_id),
  constraint status_is_known CHECK ((status = ANY (ARRAY['running'::text, 'waits'::text, 'undoing'::text, 'done'::text, 'undone'::text, 'stuck'::text, 'abandoned'::text])))
);
alter table gateway.sequence_run owner to countersign_owner;
alter table gateway.sequence_run enable row level security;

create table gateway.ticket (
  tenant_id text collate "C" not null,
  id uuid not null,
  agent_id text collate "C" not null,
  customer text collate "C" not null,
  caller jsonb not null,
  tool text collate "C" not null,
  purpose text collate "C",
  key text collate "C",
  trace_id text,
  asked text,
  fingerprint text not null,
  status text not null default 'queued'::text,
  asked_at timestamp(3) with time zone not null,
  ended_at timestamp(3) with time zone,
  answer jsonb,
  constraint ticket_pkey PRIMARY KEY (tenant_id, id),
  constraint status_is_known CHECK ((status = ANY (ARRAY['queued'::text, 'running'::text, 'done'::text, 'failed'::text]))),
  constraint ticket_is_of_an_agent FOREIGN KEY (tenant_id, agent_id) REFERENCES gateway.agent(tenant_id, agent_id),
  constraint what_has_ended_has_an_answer CHECK (((status = ANY (ARRAY['done'::text, 'failed'::text])) = ((answer IS NOT NULL) AND (ended_at IS NOT NULL)))),
  constraint what_has_ended_is_not_kept CHECK (((status = ANY (ARRAY['queued'::text, 'running'::text])) OR (asked IS NULL)))
);
alter table gateway.ticket owner to countersign_owner;
alter table gateway.ticket enable row level security;

create table gateway.tool (
  tenant_id text collate "C" not null,
  name text collate "C" not null,
  version integer not null,
  digest text collate "C" not null,
  approved_at timestamp(3) with time zone not null,
  withdrawn_at timestamp(3) with time zone not null default 'infinity'::timestamp with time zone,
  declaration text,
  constraint tool_pkey PRIMARY KEY (tenant_id, name),
  constraint versions_count_up CHECK ((version > 0))
);
alter table gateway.tool owner to countersign_owner;
alter table gateway.tool enable row level security;

create table loyalty.account (
  tenant_id text collate "C" not null,
  account_id uuid not null,
  program text collate "C" not null,
  role text collate "C" not null,
  currency text collate "C" not null,
  customer text collate "C",
  campaign text collate "C",
  opened_at timestamp(3) with time zone not null,
  constraint account_pkey PRIMARY KEY (tenant_id, account_id),
  constraint budgets_have_a_campaign CHECK (((role = 'budget'::text) = (campaign IS NOT NULL))),
  constraint members_accounts_have_a_member CHECK (((role = ANY (ARRAY['active'::text, 'pending'::text, 'owed'::text])) = (customer IS NOT NULL))),
  constraint role_is_known CHECK ((role = ANY (ARRAY['issued'::text, 'redeemed'::text, 'expired'::text, 'forfeited'::text, 'budget'::text, 'active'::text, 'pending'::text, 'owed'::text, 'liability'::text, 'deferred_revenue_source'::text, 'redemption_revenue'::text, 'breakage_revenue'::text])))
);
alter table loyalty.account owner to countersign_owner;
alter table loyalty.account enable row level security;

create table loyalty.asked (
  tenant_id text collate "C" not null,
  approval_id text collate "C" not null,
  program text collate "C" not null,
  operation text collate "C" not null,
  body text not null,
  transfer_id text collate "C",
  kind text collate "C",
  part integer,
  campaign text collate "C",
  asked_at timestamp(3) with time zone not null,
  status text not null default 'asked'::text,
  constraint asked_pkey PRIMARY KEY (tenant_id, approval_id),
  constraint status_is_known CHECK ((status = ANY (ARRAY['asked'::text, 'done'::text, 'refused'::text, 'rejected'::text])))
);
alter table loyalty.asked owner to countersign_owner;
alter table loyalty.asked enable row level security;

create table loyalty.benefit (
  tenant_id text collate "C" not null,
  program text collate "C" not null,
  customer text collate "C" not null,
  change integer not null,
  tier text collate "C" not null,
  status text collate "C" not null default 'pending'::text,
  attempts integer not null default 0,
  next_at timestamp(3) with time zone not null,
  constraint benefit_pkey PRIMARY KEY (tenant_id, program, customer, change),
  constraint status_is_known CHECK ((status = ANY (ARRAY['pending'::text, 'provisioned'::text, 'failed'::text, 'superseded'::text, 'unsupported'::text])))
);
alter table loyalty.benefit owner to countersign_owner;
alter table loyalty.benefit enable row level security;

create table loyalty.campaign (
  tenant_id text collate "C" not null,
  id text collate "C" not null,
  program text collate "C" not null,
  document jsonb not null,
  approval_id text collate "C" not null,
  created_by text not null,
  created_at timestamp(3) with time zone not null,
  constraint campaign_pkey PRIMARY KEY (tenant_id, id)
);
alter table loyalty.campaign owner to countersign_owner;
alter table loyalty.campaign enable row level security;

create table loyalty.claim (
  tenant_id text collate "C" not null,
  id uuid not null,
  program text collate "C" not null,
  customer text collate "C" not null,
  transfer_id text collate "C" not null,
  status text collate "C" not null,
  finding jsonb not null,
  points_due bigint not null,
  points_given bigint not null default 0,
  approval_id text collate "C",
  made_by text not null,
  made_at timestamp(3) with time zone not null,
  decided_by text,
  changed_at timestamp(3) with time zone not null,
  verdicts integer not null default 0,
  constraint claim_pkey PRIMARY KEY (tenant_id, id),
  constraint claims_are_of_points CHECK (((points_due >= 0) AND (points_given >= 0))),
  constraint one_claim_for_a_transaction UNIQUE (tenant_id, program, transfer_id),
  constraint status_is_known CHECK ((status = ANY (ARRAY['crediting'::text, 'waiting'::text, 'credited'::text, 'refused'::text, 'appealed'::text, 'upheld'::text])))
);
alter table loyalty.claim owner to countersign_owner;
alter table loyalty.claim enable row level security;

create table loyalty.counter (
  tenant_id text collate "C" not null,
  program text collate "C" not null,
  customer text collate "C" not null,
  counter text collate "C" not null,
  used bigint not null,
  constraint counter_pkey PRIMARY KEY (tenant_id, program, customer, counter)
);
alter table loyalty.counter owner to countersign_owner;
alter table loyalty.counter enable row level security;

create table loyalty.earned (
  tenant_id text collate "C" not null,
  program text collate "C" not null,
  transfer_id text collate "C" not null,
  kind text collate "C" not null,
  deal text collate "C" not null,
  customer text collate "C" not null,
  outcome text not null,
  reason text,
  amount bigint not null,
  amount_back bigint not null default 0,
  spend bigint not null,
  points bigint not null,
  exact text not null,
  points_back bigint not null default 0,
  points_taken bigint not null default 0,
  parts jsonb not null,
  version text collate "C" not null,
  earned_at timestamp(3) with time zone not null,
  "position" bigint not null,
  unsettled boolean not null default false,
  settlements integer not null default 0,
  left_out text[] not null default '{}'::text[],
  constraint earned_pkey PRIMARY KEY (tenant_id, program, transfer_id, kind),
  constraint never_more_back_than_there_was CHECK ((((amount_back >= 0) AND (amount_back <= amount)) AND ((points_back >= 0) AND (points_back <= points)) AND ((points_taken >= 0) AND (points_taken <= points_back)))),
  constraint outcome_is_known CHECK ((outcome = ANY (ARRAY['earned'::text, 'shadowed'::text, 'nothing'::text, 'refused'::text, 'asked'::text]))),
  constraint points_and_spend_are_none_or_more CHECK (((points >= 0) AND (spend >= 0)))
);
alter table loyalty.earned owner to countersign_owner;
alter table loyalty.earned enable row level security;

create table loyalty.liability_posting (
  tenant_id text collate "C" not null,
  program text collate "C" not null,
  ordinal integer not null,
  status text not null,
  command_id uuid,
  code text,
  posted_at timestamp(3) with time zone not null,
  constraint liability_posting_pkey PRIMARY KEY (tenant_id, program, ordinal),
  constraint posting_is_of_a_run FOREIGN KEY (tenant_id, program, ordinal) REFERENCES loyalty.liability_run(tenant_id, program, ordinal),
  constraint status_is_known CHECK ((status = ANY (ARRAY['posted'::text, 'nothing'::text, 'rejected'::text])))
);
alter table loyalty.liability_posting owner to countersign_owner;
alter table loyalty.liability_posting enable row level security;

create table loyalty.liability_request (
  tenant_id text collate "C" not null,
  program text collate "C" not null,
  as_of timestamp(3) with time zone not null,
  command_id uuid not null,
  requested_by text not null,
  requested_at timestamp(3) with time zone not null,
  constraint liability_request_pkey PRIMARY KEY (tenant_id, program, as_of),
  constraint each_is_asked_for_by_itself UNIQUE (tenant_id, command_id),
  constraint nobody_asks_for_the_future CHECK ((as_of <= requested_at))
);
alter table loyalty.liability_request owner to countersign_owner;
alter table loyalty.liability_request enable row level security;

create table loyalty.liability_run (
  tenant_id text collate "C" not null,
  program text collate "C" not null,
  ordinal integer not null,
  as_of timestamp(3) with time zone not null,
  version text not null,
  policy text not null,
  currency text not null,
  input_digest text not null,
  "position" bigint not null,
  figures jsonb not null,
  detail jsonb not null,
  follows integer,
  recorded_by text not null,
  recorded_at timestamp(3) with time zone not null,
  constraint liability_run_pkey PRIMARY KEY (tenant_id, program, ordinal),
  constraint one_run_as_of_an_instant UNIQUE (tenant_id, program, as_of),
  constraint policy_is_known CHECK ((policy = ANY (ARRAY['ifrs15'::text, 'ias37'::text]))),
  constraint runs_count_up CHECK ((ordinal > 0))
);
alter table loyalty.liability_run owner to countersign_owner;
alter table loyalty.liability_run enable row level security;

create table loyalty.lot (
  tenant_id text collate "C" not null,
  generation integer not null,
  program text collate "C" not null,
  customer text collate "C" not null,
  lot_id text collate "C" not null,
  "position" bigint not null,
  entry text not null,
  reason text,
  rule text,
  source text collate "C",
  campaign text collate "C",
  qualifying boolean not null,
  spend bigint not null,
  spend_returned bigint not null,
  earned_at timestamp(3) with time zone not null,
  matures_at timestamp(3) with time zone,
  expires_at timestamp(3) with time zone,
  points bigint not null,
  returned bigint not null,
  pending bigint not null,
  active bigint not null,
  settled bigint not null,
  redeemed bigint not null,
  expired bigint not null,
  taken_back bigint not null,
  forfeited bigint not null,
  transferred bigint not null,
  adjusted bigint not null,
  constraint lot_pkey PRIMARY KEY (tenant_id, generation, lot_id),
  constraint nothing_of_a_lot_is_negative CHECK ((LEAST(points, pending, active, settled, redeemed, expired, taken_back, forfeited, transferred, adjusted, spend, spend_returned) >= 0)),
  constraint points_of_a_lot_are_conserved CHECK ((points = ((((((((pending + active) + settled) + redeemed) + expired) + taken_back) + forfeited) + transferred) + adjusted)))
) with (fillfactor=85);
alter table loyalty.lot owner to countersign_owner;
alter table loyalty.lot enable row level security;

create table loyalty.lot_use (
  tenant_id text collate "C" not null,
  generation integer not null,
  transfer_id text collate "C" not null,
  lot_id text collate "C" not null,
  program text collate "C" not null,
  customer text collate "C" not null,
  "position" bigint not null,
  kind text not null,
  points bigint not null,
  restored bigint not null default 0,
  used_at timestamp(3) with time zone not null,
  constraint lot_use_pkey PRIMARY KEY (tenant_id, generation, transfer_id, lot_id),
  constraint kind_is_known CHECK ((kind = ANY (ARRAY['settled'::text, 'redeemed'::text, 'expired'::text, 'taken_back'::text, 'forfeited'::text, 'transferred'::text, 'adjusted'::text, 'restored'::text]))),
  constraint no_more_is_restored_than_used CHECK (((restored >= 0) AND (restored <= points))),
  constraint something_is_used CHECK ((points > 0))
) with (fillfactor=90);
alter table loyalty.lot_use owner to countersign_owner;
alter table loyalty.lot_use enable row level security;

create table loyalty.member (
  tenant_id text collate "C" not null,
  program text collate "C" not null,
  customer text collate "C" not null,
  standing text not null default 'good'::text,
  active_account uuid not null,
  pending_account uuid not null,
  owed_account uuid,
  enrolled_at timestamp(3) with time zone not null,
  changed_at timestamp(3) with time zone not null,
  constraint member_pkey PRIMARY KEY (tenant_id, program, customer),
  constraint standing_is_known CHECK ((standing = ANY (ARRAY['good'::text, 'suspended'::text, 'closed'::text])))
);
alter table loyalty.member owner to countersign_owner;
alter table loyalty.member enable row level security;

create table loyalty.member_look (
  tenant_id text collate "C" not null,
  program text collate "C" not null,
  customer text collate "C" not null,
  kind text not null,
  looked_on date not null,
  constraint member_look_pkey PRIMARY KEY (tenant_id, program, kind, customer),
  constraint kind_is_known CHECK ((kind = 'at_risk'::text))
);
alter table loyalty.member_look owner to countersign_owner;
alter table loyalty.member_look enable row level security;

create table loyalty.member_signal (
  tenant_id text collate "C" not null,
  program text collate "C" not null,
  customer text collate "C" not null,
  kind text not null,
  month text collate "C" not null,
  mode text not null,
  told jsonb not null,
  signalled_at timestamp(3) with time zone not null,
  constraint member_signal_pkey PRIMARY KEY (tenant_id, program, kind, month, customer),
  constraint kind_is_known CHECK ((kind = ANY (ARRAY['burn_suggested'::text, 'at_risk'::text, 'valued'::text])))
);
alter table loyalty.member_signal owner to countersign_owner;
alter table loyalty.member_signal enable row level security;

create table loyalty.program_document (
  tenant_id text collate "C" not null,
  digest text collate "C" not null,
  program text collate "C" not null,
  document jsonb not null,
  drafted_by text not null,
  drafted_at timestamp(3) with time zone not null,
  constraint program_document_pkey PRIMARY KEY (tenant_id, digest),
  constraint digest_is_sha_256 CHECK ((digest ~ '^[0-9a-f]{64}$'::text))
);
alter table loyalty.program_document owner to countersign_owner;
alter table loyalty.program_document enable row level security;

create table loyalty.program_version (
  tenant_id text collate "C" not null,
  program text collate "C" not null,
  ordinal integer not null,
  digest text collate "C" not null,
  effective_at timestamp(3) with time zone not null,
  recorded_at timestamp(3) with time zone not null,
  published_by text not null,
  approval_id text not null,
  constraint program_version_pkey PRIMARY KEY (tenant_id, program, ordinal),
  constraint nothing_counts_before_it_was_published CHECK ((effective_at >= recorded_at)),
  constraint version_is_of_a_document FOREIGN KEY (tenant_id, digest) REFERENCES loyalty.program_document(tenant_id, digest),
  constraint versions_count_up CHECK ((ordinal > 0))
);
alter table loyalty.program_version owner to countersign_owner;
alter table loyalty.program_version enable row level security;

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
  quoted_at timestamp(3) with time zone not null,
  expires_at timestamp(3) with time zone not null,
  redemption_id uuid,
  constraint quote_pkey PRIMARY KEY (tenant_id, id),
  constraint quote_lives_for_a_while CHECK ((expires_at > quoted_at)),
  constraint quoted_price_is_positive CHECK ((points > 0))
);
alter table loyalty.quote owner to countersign_owner;
alter table loyalty.quote enable row level security;

create table loyalty.redemption (
  tenant_id text collate "C" not null,
  id uuid not null,
  program text collate "C" not null,
  customer text collate "C" not null,
  reward text collate "C" not null,
  version integer not null,
  kind text collate "C" not null,
  quote_id uuid not null,
  stock_version integer not null,
  points bigint not null,
  worth bigint not null,
  currency text collate "C" not null,
  account_id text collate "C",
  status text collate "C" not null,
  failure text,
  reversals integer not null default 0,
  requested_by text not null,
  begun_at timestamp(3) with time zone not null,
  changed_at timestamp(3) with time zone not null,
  constraint redemption_pkey PRIMARY KEY (tenant_id, id),
  constraint money_goes_to_an_account CHECK (((kind = ANY (ARRAY['cashback'::text, 'statement_credit'::text])) = (account_id IS NOT NULL))),
  constraint quote_is_used_once UNIQUE (tenant_id, quote_id),
  constraint redemption_takes_points CHECK (((points > 0) AND (worth >= 0))),
  constraint status_is_known CHECK ((status = ANY (ARRAY['begun'::text, 'redeemed'::text, 'refused'::text, 'reversing'::text, 'reversed'::text])))
);
alter table loyalty.redemption owner to countersign_owner;
alter table loyalty.redemption enable row level security;

create table loyalty.returned (
  tenant_id text collate "C" not null,
  transfer_id text collate "C" not null,
  deal text collate "C" not null,
  reason text not null,
  amount bigint,
  undoes text collate "C",
  undone_by text collate "C",
  "position" bigint not null,
  constraint returned_pkey PRIMARY KEY (tenant_id, transfer_id)
);
alter table loyalty.returned owner to countersign_owner;
alter table loyalty.returned enable row level security;

create table loyalty.reward (
  tenant_id text collate "C" not null,
  program text collate "C" not null,
  reward text collate "C" not null,
  version integer not null,
  stock_left bigint,
  constraint reward_pkey PRIMARY KEY (tenant_id, program, reward),
  constraint nothing_is_given_that_is_not_there CHECK ((stock_left >= 0)),
  constraint reward_is_published FOREIGN KEY (tenant_id, program, reward, version) REFERENCES loyalty.reward_version(tenant_id, program, reward, version)
);
alter table loyalty.reward owner to countersign_owner;
alter table loyalty.reward enable row level security;

create table loyalty.reward_price (
  tenant_id text collate "C" not null,
  program text collate "C" not null,
  reward text collate "C" not null,
  version integer not null,
  day date not null,
  points bigint not null,
  reasons jsonb not null,
  set_at timestamp(3) with time zone not null,
  constraint reward_price_pkey PRIMARY KEY (tenant_id, program, reward, version, day),
  constraint price_is_positive CHECK ((points > 0))
);
alter table loyalty.reward_price owner to countersign_owner;
alter table loyalty.reward_price enable row level security;

create table loyalty.reward_version (
  tenant_id text collate "C" not null,
  program text collate "C" not null,
  reward text collate "C" not null,
  version integer not null,
  document jsonb not null,
  digest text collate "C" not null,
  approval_id text collate "C" not null,
  published_by text not null,
  published_at timestamp(3) with time zone not null,
  constraint reward_version_pkey PRIMARY KEY (tenant_id, program, reward, version),
  constraint versions_count_up CHECK ((version > 0))
);
alter table loyalty.reward_version owner to countersign_owner;
alter table loyalty.reward_version enable row level security;

create table loyalty.standing (
  tenant_id text collate "C" not null,
  generation integer not null,
  program text collate "C" not null,
  customer text collate "C" not null,
  active bigint not null,
  pending bigint not null,
  owed bigint not null,
  earned bigint not null,
  redeemed bigint not null,
  expired bigint not null,
  active_version bigint not null,
  pending_version bigint not null,
  owed_version bigint not null,
  last_earned_at timestamp(3) with time zone,
  last_redeemed_at timestamp(3) with time zone,
  changed_at timestamp(3) with time zone not null,
  constraint standing_pkey PRIMARY KEY (tenant_id, generation, program, customer)
) with (fillfactor=70);
alter table loyalty.standing owner to countersign_owner;
alter table loyalty.standing enable row level security;

create table loyalty.tier (
  tenant_id text collate "C" not null,
  program text collate "C" not null,
  customer text collate "C" not null,
  tier text collate "C" not null,
  since timestamp(3) with time zone not null,
  until timestamp(3) with time zone not null,
  changes integer not null,
  constraint tier_pkey PRIMARY KEY (tenant_id, program, customer)
);
alter table loyalty.tier owner to countersign_owner;
alter table loyalty.tier enable row level security;

create table loyalty.waiting (
  tenant_id text collate "C" not null,
  program text collate "C" not null,
  campaign text collate "C" not null,
  transfer_id text collate "C" not null,
  kind text collate "C" not null,
  part integer not null,
  customer text collate "C" not null,
  points bigint not null,
  gift jsonb not null,
  attempts integer not null default 1,
  "position" bigint not null,
  constraint waiting_pkey PRIMARY KEY (tenant_id, program, campaign, transfer_id, kind, part),
  constraint something_waits CHECK ((points > 0))
);
alter table loyalty.waiting owner to countersign_owner;
alter table loyalty.waiting enable row level security;

create table loyalty.warned (
  tenant_id text collate "C" not null,
  program text collate "C" not null,
  customer text collate "C" not null,
  month text collate "C" not null,
  warned_at timestamp(3) with time zone not null,
  constraint warned_pkey PRIMARY KEY (tenant_id, program, customer, month)
);
alter table loyalty.warned owner to countersign_owner;
alter table loyalty.warned enable row level security;

create table money.account (
  tenant_id text collate "C" not null,
  id uuid not null,
  type text not null,
  currency text not null,
  holder_id text,
  metadata jsonb,
  opened_at timestamp(3) with time zone not null,
  status text not null default 'open'::text,
  bound text not null,
  credit_limit bigint not null default 0,
  debits_posted bigint not null default 0,
  credits_posted bigint not null default 0,
  debits_pending bigint not null default 0,
  credits_pending bigint not null default 0,
  version bigint not null default 0,
  recorded_at timestamp(3) with time zone not null,
  counters text,
  constraint account_pkey PRIMARY KEY (tenant_id, id),
  constraint account_type_is_known CHECK ((type = ANY (ARRAY['asset'::text, 'liability'::text, 'equity'::text, 'income'::text, 'expense'::text]))),
  constraint bound_is_known CHECK ((bound = ANY (ARRAY['none'::text, 'no_overdraft'::text, 'credit_limit'::text]))),
  constraint credit_limit_is_positive CHECK ((credit_limit >= 0)),
  constraint no_negative_pending_credits CHECK ((credits_pending >= 0)),
  constraint no_negative_pending_debits CHECK ((debits_pending >= 0)),
  constraint status_is_known CHECK ((status = ANY (ARRAY['open'::text, 'frozen'::text, 'closed'::text]))),
  constraint sums_stay_exact CHECK ((((debits_posted + debits_pending) <= '9007199254740991'::bigint) AND ((credits_posted + credits_pending) <= '9007199254740991'::bigint)))
) with (fillfactor=50);
alter table money.account owner to countersign_owner;
alter table money.account enable row level security;

create table money.account_terms (
  tenant_id text collate "C" not null,
  account_id uuid not null,
  recorded_at timestamp(3) with time zone not null,
  status text not null,
  bound text not null,
  credit_limit bigint not null,
  constraint account_terms_pkey PRIMARY KEY (tenant_id, account_id, recorded_at)
);
alter table money.account_terms owner to countersign_owner;
alter table money.account_terms enable row level security;

create table money.core_intent (
  tenant_id text collate "C" not null,
  idempotency_key text collate "C" not null,
  command_id uuid not null,
  digest text not null,
  core text collate "C" not null,
  reference text not null,
  debtor_id uuid not null,
  steps jsonb not null,
  item text,
  state text not null default 'sent'::text,
  core_reference text,
  refusal text,
  overrides jsonb,
  attempts integer not null default 1,
  looks integer not null default 0,
  next_look_at timestamp(3) with time zone not null,
  made_at timestamp(3) with time zone not null,
  asked_at timestamp(3) with time zone not null,
  changed_at timestamp(3) with time zone not null,
  constraint core_intent_pkey PRIMARY KEY (tenant_id, idempotency_key),
  constraint one_intent_per_command UNIQUE (tenant_id, command_id),
  constraint one_intent_per_reference UNIQUE (tenant_id, core, reference),
  constraint open_intent_has_its_item CHECK (((item IS NOT NULL) OR (state = ANY (ARRAY['completed'::text, 'rejected'::text])))),
  constraint state_is_known CHECK ((state = ANY (ARRAY['sent'::text, 'unknown'::text, 'pending_approval'::text, 'needs_override'::text, 'completed'::text, 'rejected'::text])))
);
alter table money.core_intent owner to countersign_owner;
alter table money.core_intent enable row level security;

create table money.counter (
  tenant_id text collate "C" not null,
  key text collate "C" not null,
  counters jsonb not null default '{}'::jsonb,
  constraint counter_pkey PRIMARY KEY (tenant_id, key)
) with (fillfactor=50);
alter table money.counter owner to countersign_owner;
alter table money.counter enable row level security;

create table money.hold (
  tenant_id text collate "C" not null,
  id uuid not null,
  debit_account_id uuid not null,
  credit_account_id uuid not null,
  currency text not null,
  amount bigint not null,
  captured bigint not null default 0,
  released bigint not null default 0,
  reversed bigint not null default 0,
  status text not null default 'open'::text,
  expires_at timestamp(3) with time zone not null default 'infinity'::timestamp with time zone,
  recorded_at timestamp(3) with time zone not null,
  resolved_at timestamp(3) with time zone not null default 'infinity'::timestamp with time zone,
  constraint hold_pkey PRIMARY KEY (tenant_id, id),
  constraint captured_and_released_fit CHECK (((captured + released) <= amount)),
  constraint hold_status_check CHECK ((status = ANY (ARRAY['open'::text, 'captured'::text, 'voided'::text, 'expired'::text]))),
  constraint resolved_holds_are_whole CHECK (((status = 'open'::text) OR ((captured + released) = amount))),
  constraint reversed_was_captured CHECK ((reversed <= captured))
) with (fillfactor=70);
alter table money.hold owner to countersign_owner;
alter table money.hold enable row level security;

create table money.holiday (
  tenant_id text collate "C" not null,
  date date not null,
  name text not null,
  constraint holiday_pkey PRIMARY KEY (tenant_id, date)
);
alter table money.holiday owner to countersign_owner;
alter table money.holiday enable row level security;

create table money.period (
  tenant_id text collate "C" not null,
  closed_through date not null,
  closed_before timestamp(3) with time zone not null,
  constraint period_pkey PRIMARY KEY (tenant_id)
);
alter table money.period owner to countersign_owner;
alter table money.period enable row level security;

create table money.transfer (
  tenant_id text collate "C" not null,
  id uuid not null,
  kind text not null,
  command_id uuid not null,
  leg integer not null,
  debit_account_id uuid not null,
  credit_account_id uuid not null,
  amount bigint not null,
  released bigint not null default 0,
  currency text not null,
  hold_id uuid,
  reverses_id uuid,
  effective_at timestamp(3) with time zone not null,
  recorded_at timestamp(3) with time zone not null,
  metadata jsonb,
  debit_version bigint not null,
  debit_sums bigint[] not null,
  credit_version bigint not null,
  credit_sums bigint[] not null,
  taken text,
  constraint transfer_pkey PRIMARY KEY (tenant_id, id),
  constraint amount_is_positive CHECK ((amount > 0)),
  constraint debit_and_credit_differ CHECK ((debit_account_id <> credit_account_id)),
  constraint kind_is_known CHECK ((kind = ANY (ARRAY['post'::text, 'reverse'::text, 'hold'::text, 'increase'::text, 'capture'::text, 'void'::text, 'expire'::text]))),
  constraint one_entry_per_credit_version UNIQUE (tenant_id, credit_account_id, credit_version),
  constraint one_entry_per_debit_version UNIQUE (tenant_id, debit_account_id, debit_version),
  constraint transfer_released_check CHECK ((released >= 0))
);
alter table money.transfer owner to countersign_owner;
alter table money.transfer enable row level security;

create table money.unit (
  tenant_id text collate "C" not null,
  code text collate "C" not null,
  exponent integer not null,
  name text not null,
  constraint unit_pkey PRIMARY KEY (tenant_id, code),
  constraint unit_code_is_no_iso_code CHECK ((code ~ '^[A-Z][A-Z0-9_]{3,11}$'::text)),
  constraint unit_exponent_check CHECK (((exponent >= 0) AND (exponent <= 8)))
);
alter table money.unit owner to countersign_owner;
alter table money.unit enable row level security;

create table offers.action (
  tenant_id text collate "C" not null,
  code text collate "C" not null,
  version integer not null,
  body jsonb not null,
  published_by text not null,
  published_at timestamp(3) with time zone not null,
  approval_id text collate "C" not null,
  constraint action_pkey PRIMARY KEY (tenant_id, code, version),
  constraint versions_are_counted_from_one CHECK ((version > 0))
);
alter table offers.action owner to countersign_owner;
alter table offers.action enable row level security;

create table offers.action_standing (
  tenant_id text collate "C" not null,
  code text collate "C" not null,
  version integer not null,
  status text not null default 'live'::text,
  changed_by text not null,
  changed_at timestamp(3) with time zone not null,
  constraint action_standing_pkey PRIMARY KEY (tenant_id, code),
  constraint standing_is_of_a_version FOREIGN KEY (tenant_id, code, version) REFERENCES offers.action(tenant_id, code, version),
  constraint status_is_known CHECK ((status = ANY (ARRAY['live'::text, 'stopped'::text])))
);
alter table offers.action_standing owner to countersign_owner;
alter table offers.action_standing enable row level security;

create table offers.assignment (
  tenant_id text collate "C" not null,
  customer text collate "C" not null,
  action text collate "C" not null,
  period text collate "C" not null,
  arm text not null,
  product text collate "C" not null,
  channel text collate "C" not null,
  path text collate "C" not null,
  propensity_ppm integer not null,
  withheld_at timestamp(3) with time zone not null,
  constraint assignment_pkey PRIMARY KEY (tenant_id, customer, action, period),
  constraint nothing_was_shown CHECK ((arm = ANY (ARRAY['control'::text, 'holdout'::text]))),
  constraint propensity_is_a_share CHECK (((propensity_ppm >= 0) AND (propensity_ppm <= 1000000)))
);
alter table offers.assignment owner to countersign_owner;
alter table offers.assignment enable row level security;

create table offers.batch (
  tenant_id text collate "C" not null,
  id text collate "C" not null,
  channel text collate "C" not null,
  status text not null default 'running'::text,
  left_over jsonb not null,
  after_customer text collate "C" not null default ''::text,
  customers bigint not null default 0,
  candidates bigint not null default 0,
  withheld bigint not null default 0,
  presented bigint not null default 0,
  refused bigint not null default 0,
  requested_by text not null,
  started_at timestamp(3) with time zone not null,
  scored_at timestamp(3) with time zone,
  ended_at timestamp(3) with time zone,
  constraint batch_pkey PRIMARY KEY (tenant_id, id),
  constraint counts_go_up CHECK (((customers >= 0) AND (candidates >= 0) AND (withheld >= 0) AND (presented >= 0) AND (refused >= 0))),
  constraint status_is_known CHECK ((status = ANY (ARRAY['running'::text, 'allocated'::text, 'done'::text, 'stopped'::text])))
);
alter table offers.batch owner to countersign_owner;
alter table offers.batch enable row level security;

create table offers.breaker (
  tenant_id text collate "C" not null,
  id uuid not null,
  scope text collate "C" not null,
  reason text not null,
  figures jsonb not null,
  opened_by text not null,
  opened_at timestamp(3) with time zone not null,
  closed_by text,
  closed_at timestamp(3) with time zone,
  note text,
  constraint breaker_pkey PRIMARY KEY (tenant_id, id),
  constraint reason_is_known CHECK ((reason = ANY (ARRAY['complaints'::text, 'core_errors'::text, 'drift'::text, 'fairness'::text, 'by_hand'::text]))),
  constraint who_has_closed_is_known CHECK (((closed_by IS NULL) = (closed_at IS NULL)))
);
alter table offers.breaker owner to countersign_owner;
alter table offers.breaker enable row level security;

create table offers.candidate (
  tenant_id text collate "C" not null,
  batch_id text collate "C" not null,
  customer text collate "C" not null,
  action text collate "C" not null,
  version integer not null,
  arm text not null,
  period text not null,
  chosen_ppm integer not null,
  propensity_ppm integer not null,
  priority numeric(40,0) not null,
  terms jsonb not null,
  tie integer not null,
  place bigint,
  status text not null default 'waiting'::text,
  constraint candidate_pkey PRIMARY KEY (tenant_id, batch_id, customer, action),
  constraint candidate_is_of_a_batch FOREIGN KEY (tenant_id, batch_id) REFERENCES offers.batch(tenant_id, id),
  constraint status_is_known CHECK ((status = ANY (ARRAY['waiting'::text, 'allocated'::text, 'left_out'::text, 'presented'::text, 'refused'::text, 'withheld'::text])))
);
alter table offers.candidate owner to countersign_owner;
alter table offers.candidate enable row level security;

create table offers.consideration (
  tenant_id text collate "C" not null,
  id uuid not null,
  customer text collate "C" not null,
  path text collate "C" not null,
  channel text collate "C" not null,
  mode text collate "C" not null,
  body jsonb not null,
  considered_at timestamp(3) with time zone not null,
  constraint consideration_pkey PRIMARY KEY (tenant_id, id)
);
alter table offers.consideration owner to countersign_owner;
alter table offers.consideration enable row level security;

create table offers.contact_policy (
  tenant_id text collate "C" not null,
  version integer not null,
  body jsonb not null,
  published_by text not null,
  published_at timestamp(3) with time zone not null,
  approval_id text collate "C" not null,
  constraint contact_policy_pkey PRIMARY KEY (tenant_id, version),
  constraint versions_are_counted_from_one CHECK ((version > 0))
);
alter table offers.contact_policy owner to countersign_owner;
alter table offers.contact_policy enable row level security;

create table offers.customer (
  tenant_id text collate "C" not null,
  customer text collate "C" not null,
  told jsonb not null default '{}'::jsonb,
  told_by text,
  told_at timestamp(3) with time zone,
  constraint customer_pkey PRIMARY KEY (tenant_id, customer),
  constraint who_has_told_is_known CHECK (((told_by IS NULL) = (told_at IS NULL)))
);
alter table offers.customer owner to countersign_owner;
alter table offers.customer enable row level security;

create table offers.exposure (
  tenant_id text collate "C" not null,
  offer_id uuid not null,
  customer text collate "C" not null,
  action text collate "C" not null,
  action_version integer not null,
  channel text collate "C" not null,
  path text collate "C" not null,
  counts boolean not null,
  arm text collate "C" not null,
  chosen_ppm integer not null,
  propensity_ppm integer not null,
  propensity_source text collate "C" not null,
  terms jsonb not null,
  decision_id text collate "C" not null,
  presented_at timestamp(3) with time zone not null,
  constraint exposure_pkey PRIMARY KEY (tenant_id, offer_id),
  constraint chosen_with_some_probability CHECK (((chosen_ppm >= 1) AND (chosen_ppm <= 1000000))),
  constraint exposure_is_of_an_offer FOREIGN KEY (tenant_id, offer_id) REFERENCES offers.offer(tenant_id, id),
  constraint propensity_is_a_share CHECK (((propensity_ppm >= 0) AND (propensity_ppm <= 1000000)))
);
alter table offers.exposure owner to countersign_owner;
alter table offers.exposure enable row level security;

create table offers.known_product (
  tenant_id text collate "C" not null,
  generation integer not null,
  product_id text collate "C" not null,
  code text collate "C" not null,
  constraint known_product_pkey PRIMARY KEY (tenant_id, generation, product_id)
);
alter table offers.known_product owner to countersign_owner;
alter table offers.known_product enable row level security;

create table offers.learning_setting (
  tenant_id text collate "C" not null,
  body jsonb not null,
  set_by text not null,
  set_at timestamp(3) with time zone not null,
  constraint learning_setting_pkey PRIMARY KEY (tenant_id)
);
alter table offers.learning_setting owner to countersign_owner;
alter table offers.learning_setting enable row level security;

create table offers.life_event (
  tenant_id text collate "C" not null,
  customer text collate "C" not null,
  kind text collate "C" not null,
  source text collate "C" not null,
  detail jsonb not null,
  occurred_at timestamp(3) with time zone not null,
  recorded_at timestamp(3) with time zone not null,
  constraint life_event_pkey PRIMARY KEY (tenant_id, customer, kind, source)
);
alter table offers.life_event owner to countersign_owner;
alter table offers.life_event enable row level security;

create table offers.monitored_group (
  tenant_id text collate "C" not null,
  customer text collate "C" not null,
  attribute text collate "C" not null,
  group_name text collate "C" not null,
  told_by text not null,
  told_at timestamp(3) with time zone not null,
  constraint monitored_group_pkey PRIMARY KEY (tenant_id, customer, attribute)
);
alter table offers.monitored_group owner to countersign_owner;
alter table offers.monitored_group enable row level security;

create table offers.offer (
  tenant_id text collate "C" not null,
  id uuid not null,
  customer text collate "C" not null,
  action text collate "C" not null,
  action_version integer not null,
  class text not null,
  product text collate "C" not null,
  channel text collate "C" not null,
  path text collate "C" not null,
  code text collate "C" not null,
  message text not null,
  why text not null,
  amount bigint not null,
  currency text not null,
  rate_bps integer,
  discount_bps integer not null,
  api_endpoint text,
  chosen_by_model boolean not null,
  status text not null default 'presented'::text,
  reason text,
  presented_at timestamp(3) with time zone not null,
  expires_at timestamp(3) with time zone not null,
  viewed_at timestamp(3) with time zone,
  answered_at timestamp(3) with time zone,
  ended_at timestamp(3) with time zone,
  booked_at timestamp(3) with time zone,
  booked_account text collate "C",
  advised_at timestamp(3) with time zone,
  acts integer not null default 1,
  constraint offer_pkey PRIMARY KEY (tenant_id, id),
  constraint a_code_names_one_offer UNIQUE (tenant_id, code),
  constraint class_is_known CHECK ((class = ANY (ARRAY['default'::text, 'mandatory'::text, 'transactional'::text]))),
  constraint expires_after_it_was_presented CHECK ((expires_at > presented_at)),
  constraint offer_is_of_an_action FOREIGN KEY (tenant_id, action, action_version) REFERENCES offers.action(tenant_id, code, version),
  constraint only_what_is_booked_has_an_account CHECK (((booked_at IS NULL) = (booked_account IS NULL))),
  constraint status_is_known CHECK ((status = ANY (ARRAY['presented'::text, 'viewed'::text, 'accepted'::text, 'declined'::text, 'expired'::text, 'withdrawn'::text, 'booked'::text])))
);
alter table offers.offer owner to countersign_owner;
alter table offers.offer enable row level security;

create table offers.offer_act (
  tenant_id text collate "C" not null,
  offer_id uuid not null,
  number integer not null,
  act text collate "C" not null,
  took_effect boolean not null,
  command_id uuid not null,
  acted_by text not null,
  acted_at timestamp(3) with time zone not null,
  detail jsonb not null,
  constraint offer_act_pkey PRIMARY KEY (tenant_id, offer_id, number),
  constraint act_is_of_an_offer FOREIGN KEY (tenant_id, offer_id) REFERENCES offers.offer(tenant_id, id),
  constraint one_act_per_command UNIQUE (tenant_id, command_id, offer_id)
);
alter table offers.offer_act owner to countersign_owner;
alter table offers.offer_act enable row level security;

create table offers.participant (
  tenant_id text collate "C" not null,
  generation integer not null,
  action text collate "C" not null,
  customer text collate "C" not null,
  arm text collate "C" not null,
  product text collate "C" not null,
  channel text collate "C" not null,
  chosen_ppm integer not null,
  propensity_ppm integer not null,
  first_at timestamp(3) with time zone not null,
  last_at timestamp(3) with time zone not null,
  accepted_at timestamp(3) with time zone,
  declined_at timestamp(3) with time zone,
  opened_at timestamp(3) with time zone,
  constraint participant_pkey PRIMARY KEY (tenant_id, generation, action, customer)
);
alter table offers.participant owner to countersign_owner;
alter table offers.participant enable row level security;

create table offers.request (
  tenant_id text collate "C" not null,
  approval_id text collate "C" not null,
  customer text collate "C" not null,
  action text collate "C" not null,
  body jsonb not null,
  asked_at timestamp(3) with time zone not null,
  expires_at timestamp(3) with time zone not null,
  constraint request_pkey PRIMARY KEY (tenant_id, approval_id)
);
alter table offers.request owner to countersign_owner;
alter table offers.request enable row level security;

create table offers.tally (
  tenant_id text collate "C" not null,
  generation integer not null,
  day date not null,
  action text collate "C" not null,
  channel text collate "C" not null,
  arm text collate "C" not null,
  presented bigint not null,
  viewed bigint not null,
  accepted bigint not null,
  declined bigint not null,
  expired bigint not null,
  withdrawn bigint not null,
  booked bigint not null,
  withheld bigint not null,
  constraint tally_pkey PRIMARY KEY (tenant_id, generation, day, action, channel, arm)
);
alter table offers.tally owner to countersign_owner;
alter table offers.tally enable row level security;

create table offers.triggered (
  tenant_id text collate "C" not null,
  generation integer not null,
  customer text collate "C" not null,
  because text collate "C" not null,
  presented_at timestamp(3) with time zone not null,
  constraint triggered_pkey PRIMARY KEY (tenant_id, generation, customer, because)
);
alter table offers.triggered owner to countersign_owner;
alter table offers.triggered enable row level security;

create table offers.volume (
  tenant_id text collate "C" not null,
  action text collate "C" not null,
  period text collate "C" not null,
  presented bigint not null,
  constraint volume_pkey PRIMARY KEY (tenant_id, action, period),
  constraint presented_is_counted_up CHECK ((presented > 0))
);
alter table offers.volume owner to countersign_owner;
alter table offers.volume enable row level security;

create table offers.write_back (
  tenant_id text collate "C" not null,
  offer_id uuid not null,
  kind text collate "C" not null,
  outcome text collate "C" not null,
  status text collate "C" not null default 'waiting'::text,
  attempts integer not null default 0,
  due_at timestamp(3) with time zone not null,
  receipt text,
  trouble text,
  written_at timestamp(3) with time zone,
  constraint write_back_pkey PRIMARY KEY (tenant_id, offer_id, kind, outcome),
  constraint kind_is_known CHECK ((kind = ANY (ARRAY['offer'::text, 'interaction'::text]))),
  constraint status_is_known CHECK ((status = ANY (ARRAY['waiting'::text, 'written'::text, 'given_up'::text]))),
  constraint what_is_written_has_an_instant CHECK (((status = 'written'::text) = (written_at IS NOT NULL)))
);
alter table offers.write_back owner to countersign_owner;
alter table offers.write_back enable row level security;

create table payments.payment (
  tenant_id text collate "C" not null,
  generation integer not null,
  payment_id text collate "C" not null,
  tenant_position bigint not null,
  kind text not null,
  channel text not null,
  status text not null,
  outcome text not null,
  debtor_account_id text collate "C" not null,
  creditor_account_id text collate "C" not null,
  debtor text,
  creditor text,
  amount bigint not null,
  captured bigint not null,
  returned bigint not null,
  currency text not null,
  end_to_end_id text,
  requested_by text collate "C" not null,
  created_at timestamp(3) with time zone not null,
  updated_at timestamp(3) with time zone not null,
  constraint payment_pkey PRIMARY KEY (tenant_id, generation, payment_id)
) with (fillfactor=85);
alter table payments.payment owner to countersign_owner;
alter table payments.payment enable row level security;

create table policy.api_key (
  tenant_id text collate "C" not null,
  id uuid not null,
  secret_hash bytea not null,
  principal text not null,
  scopes text[] not null,
  name text not null,
  created_at timestamp(3) with time zone not null,
  expires_at timestamp(3) with time zone not null default 'infinity'::timestamp with time zone,
  revoked_at timestamp(3) with time zone not null default 'infinity'::timestamp with time zone,
  constraint api_key_pkey PRIMARY KEY (tenant_id, id),
  constraint one_key_per_secret UNIQUE (secret_hash),
  constraint principal_is_in_lower_case CHECK ((principal = lower(principal)))
);
alter table policy.api_key owner to countersign_owner;
alter table policy.api_key enable row level security;

create table policy.approval (
  tenant_id text collate "C" not null,
  id uuid not null,
  subject_kind text collate "C" not null,
  subject_digest bytea not null,
  subject text,
  summary text not null,
  maker text collate "C" not null,
  required_checkers integer not null,
  requested_at timestamp(3) with time zone not null,
  expires_at timestamp(3) with time zone not null,
  status text not null default 'pending'::text,
  used_by uuid,
  ended_at timestamp(3) with time zone,
  constraint approval_pkey PRIMARY KEY (tenant_id, id),
  constraint approval_has_one_maker UNIQUE (tenant_id, id, maker),
  constraint digest_is_sha_256 CHECK ((octet_length(subject_digest) = 32)),
  constraint expires_after_its_request CHECK ((expires_at > requested_at)),
  constraint one_to_three_checkers CHECK (((required_checkers >= 1) AND (required_checkers <= 3))),
  constraint only_what_ends_has_an_end CHECK (((status = ANY (ARRAY['pending'::text, 'approved'::text])) = (ended_at IS NULL))),
  constraint only_what_is_used_has_a_user CHECK (((status = 'used'::text) = (used_by IS NOT NULL))),
  constraint status_is_known CHECK ((status = ANY (ARRAY['pending'::text, 'approved'::text, 'rejected'::text, 'withdrawn'::text, 'used'::text]))),
  constraint subject_matches_its_digest CHECK ((sha256(convert_to(subject, 'UTF8'::name)) = subject_digest))
);
alter table policy.approval owner to countersign_owner;
alter table policy.approval enable row level security;

create table policy.approval_verdict (
  tenant_id text collate "C" not null,
  approval_id uuid not null,
  checker text collate "C" not null,
  maker text collate "C" not null,
  verdict text not null,
  reason text not null,
  decided_at timestamp(3) with time zone not null,
  constraint one_verdict_per_checker PRIMARY KEY (tenant_id, approval_id, checker),
  constraint maker_is_that_of_the_approval FOREIGN KEY (tenant_id, approval_id, maker) REFERENCES policy.approval(tenant_id, id, maker),
  constraint no_self_approval CHECK ((checker <> maker)),
  constraint only_people_decide CHECK (starts_with(checker, 'user:'::text)),
  constraint verdict_is_known CHECK ((verdict = ANY (ARRAY['approve'::text, 'reject'::text])))
);
alter table policy.approval_verdict owner to countersign_owner;
alter table policy.approval_verdict enable row level security;

create table policy.authenticator (
  tenant_id text collate "C" not null,
  id uuid not null,
  subject text collate "C" not null,
  kind text not null,
  public_key text,
  key_id text,
  enrolled_at timestamp(3) with time zone not null,
  enrolled_by text not null,
  confirmed_at timestamp(3) with time zone,
  revoked_at timestamp(3) with time zone,
  totp_step integer,
  constraint authenticator_pkey PRIMARY KEY (tenant_id, id),
  constraint a_code_confirms_a_totp CHECK (
CASE kind
    WHEN 'totp'::text THEN ((confirmed_at IS NULL) = (totp_step IS NULL))
    ELSE ((confirmed_at IS NOT NULL) AND (totp_step IS NULL))
END),
  constraint kind_is_known CHECK ((kind = ANY (ARRAY['totp'::text, 'signature'::text]))),
  constraint only_a_device_has_a_public_key CHECK (((kind = 'signature'::text) = (public_key IS NOT NULL))),
  constraint only_a_totp_has_a_secret CHECK (((kind = 'totp'::text) = (key_id IS NOT NULL))),
  constraint subject_is_a_token CHECK ((subject ~ '^[A-Za-z0-9._:-]{1,80}$'::text))
);
alter table policy.authenticator owner to countersign_owner;
alter table policy.authenticator enable row level security;

create table policy.backtest (
  tenant_id text collate "C" not null,
  id uuid not null,
  digest text collate "C" not null,
  report text not null,
  created_by text not null,
  created_at timestamp(3) with time zone not null,
  constraint backtest_pkey PRIMARY KEY (tenant_id, id),
  constraint backtest_tenant_id_digest_fkey FOREIGN KEY (tenant_id, digest) REFERENCES policy.bundle(tenant_id, digest)
);
alter table policy.backtest owner to countersign_owner;
alter table policy.backtest enable row level security;

create table policy.bundle (
  tenant_id text collate "C" not null,
  digest text collate "C" not null,
  name text not null,
  engine text not null,
  body text not null,
  created_by text not null,
  created_at timestamp(3) with time zone not null,
  constraint bundle_pkey PRIMARY KEY (tenant_id, digest),
  constraint digest_is_sha256 CHECK ((digest ~ '^[0-9a-f]{64}$'::text))
);
alter table policy.bundle owner to countersign_owner;
alter table policy.bundle enable row level security;

create table policy.consent (
  tenant_id text collate "C" not null,
  id uuid not null,
  person text collate "C" not null,
  topic text collate "C" not null,
  status text collate "C" not null,
  effective_at timestamp(3) with time zone not null,
  expires_at timestamp(3) with time zone not null default 'infinity'::timestamp with time zone,
  source text not null,
  text_version text not null,
  recorded_at timestamp(3) with time zone not null,
  recorded_by text not null,
  constraint consent_pkey PRIMARY KEY (tenant_id, id),
  constraint a_withdrawal_does_not_expire CHECK (((status = 'granted'::text) OR (expires_at = 'infinity'::timestamp with time zone))),
  constraint expires_after_it_takes_effect CHECK ((expires_at > effective_at)),
  constraint person_is_a_token CHECK ((person ~ '^(cus|pty|tok)_(?=[a-z_]*[0-9])[0-9a-z_]{8,80}$'::text)),
  constraint status_is_known CHECK ((status = ANY (ARRAY['granted'::text, 'withdrawn'::text]))),
  constraint topic_is_known CHECK ((topic ~ '^(marketing/(email|sms|push|phone|post|in_app)|ai_data_use|open_banking/[A-Za-z0-9._-]{1,80})$'::text))
);
alter table policy.consent owner to countersign_owner;
alter table policy.consent enable row level security;

create table policy.entitlement_publication (
  tenant_id text collate "C" not null,
  number integer not null,
  digest bytea not null,
  approval text not null,
  published_by text not null,
  published_at timestamp(3) with time zone not null,
  constraint entitlement_publication_pkey PRIMARY KEY (tenant_id, number),
  constraint publication_is_of_a_set FOREIGN KEY (tenant_id, digest) REFERENCES policy.entitlement_set(tenant_id, digest)
);
alter table policy.entitlement_publication owner to countersign_owner;
alter table policy.entitlement_publication enable row level security;

create table policy.entitlement_set (
  tenant_id text collate "C" not null,
  digest bytea not null,
  text text not null,
  constraint entitlement_set_pkey PRIMARY KEY (tenant_id, digest),
  constraint digest_is_of_the_text CHECK ((digest = sha256(convert_to(text, 'UTF8'::name))))
);
alter table policy.entitlement_set owner to countersign_owner;
alter table policy.entitlement_set enable row level security;

create table policy.kill_switch (
  tenant_id text collate "C" not null,
  use_case text collate "C" not null,
  killed boolean not null,
  changed_at timestamp(3) with time zone not null,
  changed_by text not null,
  constraint kill_switch_pkey PRIMARY KEY (tenant_id, use_case)
);
alter table policy.kill_switch owner to countersign_owner;
alter table policy.kill_switch enable row level security;

create table policy.principal (
  tenant_id text collate "C" not null,
  principal text collate "C" not null,
  region text,
  customer text,
  delegated_by text,
  described_by text not null,
  described_at timestamp(3) with time zone not null,
  constraint principal_pkey PRIMARY KEY (tenant_id, principal),
  constraint nobody_describes_himself CHECK ((described_by <> principal))
);
alter table policy.principal owner to countersign_owner;
alter table policy.principal enable row level security;

create table policy.principal_role (
  tenant_id text collate "C" not null,
  principal text collate "C" not null,
  role text not null,
  granted_by text not null,
  granted_at timestamp(3) with time zone not null,
  revoked_at timestamp(3) with time zone not null default 'infinity'::timestamp with time zone,
  constraint principal_role_pkey PRIMARY KEY (tenant_id, principal, role),
  constraint nobody_grants_a_role_to_himself CHECK ((granted_by <> principal))
);
alter table policy.principal_role owner to countersign_owner;
alter table policy.principal_role enable row level security;

create table policy.release (
  tenant_id text collate "C" not null,
  name text not null,
  ordinal integer not null,
  kind text not null,
  digest text collate "C",
  share integer,
  key_fact text,
  effective_at timestamp(3) with time zone not null,
  recorded_at timestamp(3) with time zone not null,
  act text not null,
  acted_by text not null,
  approval_id text,
  backtest_id uuid,
  constraint release_pkey PRIMARY KEY (tenant_id, name, ordinal),
  constraint live_is_a_bundle CHECK (((kind <> 'live'::text) OR (digest IS NOT NULL))),
  constraint release_kind_is_known CHECK ((kind = ANY (ARRAY['live'::text, 'shadow'::text, 'canary'::text]))),
  constraint release_share_check CHECK (((share >= 1) AND (share <= 9999))),
  constraint release_tenant_id_digest_fkey FOREIGN KEY (tenant_id, digest) REFERENCES policy.bundle(tenant_id, digest)
);
alter table policy.release owner to countersign_owner;
alter table policy.release enable row level security;

create table policy.replay (
  tenant_id text collate "C" not null,
  id uuid not null,
  kind text not null,
  request text not null,
  requested_by text not null,
  requested_at timestamp(3) with time zone not null,
  constraint replay_pkey PRIMARY KEY (tenant_id, id),
  constraint kind_is_known CHECK ((kind = ANY (ARRAY['same'::text, 'policy'::text, 'model'::text])))
);
alter table policy.replay owner to countersign_owner;
alter table policy.replay enable row level security;

create table policy.replay_result (
  tenant_id text collate "C" not null,
  id uuid not null,
  status text not null,
  reason text,
  from_position bigint,
  to_position bigint,
  decisions bigint not null,
  identical bigint not null,
  changed bigint not null,
  report text,
  examples text not null,
  ended_by text not null,
  ended_at timestamp(3) with time zone not null,
  constraint replay_result_pkey PRIMARY KEY (tenant_id, id),
  constraint counts_add_up CHECK (((identical >= 0) AND (changed >= 0) AND (identical <= decisions))),
  constraint only_a_failure_has_a_reason CHECK (((reason IS NOT NULL) = (status = 'failed'::text))),
  constraint replay_result_tenant_id_id_fkey FOREIGN KEY (tenant_id, id) REFERENCES policy.replay(tenant_id, id),
  constraint status_is_known CHECK ((status = ANY (ARRAY['completed'::text, 'cancelled'::text, 'failed'::text]))),
  constraint what_is_completed_has_a_report CHECK (((report IS NOT NULL) = (status = 'completed'::text)))
);
alter table policy.replay_result owner to countersign_owner;
alter table policy.replay_result enable row level security;

create table policy.rollout (
  tenant_id text collate "C" not null,
  id uuid not null,
  use_case text collate "C" not null,
  channel text collate "C" not null,
  product text collate "C" not null,
  cohort text collate "C" not null,
  mode text not null,
  percent integer,
  set_at timestamp(3) with time zone not null,
  set_by text not null,
  constraint one_setting_per_place PRIMARY KEY (tenant_id, use_case, channel, product, cohort),
  constraint a_canary_is_a_part CHECK (((percent >= 1) AND (percent <= 99))),
  constraint mode_is_known CHECK ((mode = ANY (ARRAY['off'::text, 'shadow'::text, 'human_in_the_loop'::text, 'canary'::text, 'automatic'::text]))),
  constraint only_a_canary_has_a_percentage CHECK (((mode = 'canary'::text) = (percent IS NOT NULL))),
  constraint setting_id_is_unique UNIQUE (tenant_id, id),
  constraint use_case_is_named CHECK ((use_case <> '*'::text))
);
alter table policy.rollout owner to countersign_owner;
alter table policy.rollout enable row level security;

create table policy.screening (
  tenant_id text collate "C" not null,
  id uuid not null,
  subject text collate "C" not null,
  cause text not null,
  list_versions text not null,
  screened_at timestamp(3) with time zone not null,
  screened_by text not null,
  constraint screening_pkey PRIMARY KEY (tenant_id, id),
  constraint cause_is_known CHECK ((cause = ANY (ARRAY['request'::text, 'list_change'::text])))
);
alter table policy.screening owner to countersign_owner;
alter table policy.screening enable row level security;

create table policy.screening_clearance (
  tenant_id text collate "C" not null,
  id uuid not null,
  subject text collate "C" not null,
  list text collate "C" not null,
  entry_id text collate "C" not null,
  entry_digest bytea not null,
  reason text not null,
  cleared_at timestamp(3) with time zone not null,
  cleared_by text not null,
  revoked_at timestamp(3) with time zone not null default 'infinity'::timestamp with time zone,
  revoked_by text,
  constraint screening_clearance_pkey PRIMARY KEY (tenant_id, id),
  constraint only_people_clear CHECK (starts_with(cleared_by, 'user:'::text)),
  constraint only_what_is_revoked_has_a_revoker CHECK (((revoked_at = 'infinity'::timestamp with time zone) = (revoked_by IS NULL)))
);
alter table policy.screening_clearance owner to countersign_owner;
alter table policy.screening_clearance enable row level security;

create table policy.screening_entry (
  list text collate "C" not null,
  entry_id text collate "C" not null,
  since integer not null,
  until integer not null default 2147483647,
  digest bytea not null,
  body text not null,
  constraint screening_entry_pkey PRIMARY KEY (list, entry_id, since),
  constraint ends_after_it_began CHECK ((until > since)),
  constraint screening_entry_list_since_fkey FOREIGN KEY (list, since) REFERENCES policy.screening_list_version(list, version)
);
alter table policy.screening_entry owner to countersign_owner;

create table policy.screening_hit (
  tenant_id text collate "C" not null,
  screening_id uuid not null,
  ordinal integer not null,
  list text collate "C" not null,
  entry_id text collate "C" not null,
  entry_digest bytea not null,
  score integer not null,
  explanation text not null,
  constraint screening_hit_pkey PRIMARY KEY (tenant_id, screening_id, ordinal),
  constraint score_is_of_a_thousand CHECK (((score >= 0) AND (score <= 1000))),
  constraint screening_hit_tenant_id_screening_id_fkey FOREIGN KEY (tenant_id, screening_id) REFERENCES policy.screening(tenant_id, id)
);
alter table policy.screening_hit owner to countersign_owner;
alter table policy.screening_hit enable row level security;

create table policy.screening_list_version (
  list text collate "C" not null,
  version integer not null,
  format text not null,
  digest bytea not null,
  source_date date,
  entries integer not null,
  names integer not null,
  added integer not null,
  changed integer not null,
  removed integer not null,
  loaded_at timestamp(3) with time zone not null,
  loaded_by text not null,
  constraint screening_list_version_pkey PRIMARY KEY (list, version),
  constraint a_list_has_entries CHECK ((entries >= 1)),
  constraint screening_list_version_digest_fkey FOREIGN KEY (digest) REFERENCES policy.screening_source(digest),
  constraint versions_count_from_one CHECK ((version >= 1))
);
alter table policy.screening_list_version owner to countersign_owner;

create table policy.screening_source (
  digest bytea not null,
  content text not null,
  constraint screening_source_pkey PRIMARY KEY (digest),
  constraint digest_is_sha_256 CHECK ((sha256(convert_to(content, 'UTF8'::name)) = digest))
);
alter table policy.screening_source owner to countersign_owner;

create table policy.screening_subject (
  tenant_id text collate "C" not null,
  subject text collate "C" not null,
  request text collate "C" not null,
  unscreenable boolean not null default false,
  screening_id uuid not null,
  list_versions text not null,
  constraint screening_subject_pkey PRIMARY KEY (tenant_id, subject, request)
);
alter table policy.screening_subject owner to countersign_owner;
alter table policy.screening_subject enable row level security;

create table policy.session (
  tenant_id text collate "C" not null,
  id uuid not null,
  token_hash bytea not null,
  principal text collate "C" not null,
  issuer text not null,
  name text,
  key_id uuid,
  opened_at timestamp(3) with time zone not null,
  expires_at timestamp(3) with time zone not null,
  last_seen_at timestamp(3) with time zone not null,
  closed_at timestamp(3) with time zone not null default 'infinity'::timestamp with time zone,
  constraint session_pkey PRIMARY KEY (tenant_id, id),
  constraint key_is_there FOREIGN KEY (tenant_id, key_id) REFERENCES policy.api_key(tenant_id, id),
  constraint one_session_per_token UNIQUE (token_hash),
  constraint only_people_sign_in CHECK (starts_with(principal, 'user:'::text)),
  constraint principal_is_in_lower_case CHECK ((principal = lower(principal)))
);
alter table policy.session owner to countersign_owner;
alter table policy.session enable row level security;

create table policy.step_up_attempt (
  tenant_id text collate "C" not null,
  payment_id uuid not null,
  id uuid not null,
  authenticator_id uuid not null,
  subject text collate "C" not null,
  attempted_at timestamp(3) with time zone not null,
  reason text,
  attempts_left integer not null,
  constraint step_up_attempt_pkey PRIMARY KEY (tenant_id, payment_id, id),
  constraint attempts_left_are_counted CHECK ((attempts_left >= 0)),
  constraint authenticator_is_on_record FOREIGN KEY (tenant_id, authenticator_id) REFERENCES policy.authenticator(tenant_id, id),
  constraint reason_is_known CHECK ((reason = ANY (ARRAY['expired'::text, 'locked'::text, 'too_many_failures'::text, 'wrong_proof'::text, 'code_used'::text])))
);
alter table policy.step_up_attempt owner to countersign_owner;
alter table policy.step_up_attempt enable row level security;

create table privacy.envelope_key (
  tenant_id text collate "C" not null,
  number integer not null,
  kek_id text not null,
  wrapped bytea not null,
  created_at timestamp(3) with time zone not null,
  constraint envelope_key_pkey PRIMARY KEY (tenant_id, number)
);
alter table privacy.envelope_key owner to countersign_owner;
alter table privacy.envelope_key enable row level security;

create table privacy.erasure (
  tenant_id text collate "C" not null,
  id uuid not null,
  person text collate "C" not null,
  erased_at timestamp(3) with time zone not null,
  constraint erasure_pkey PRIMARY KEY (tenant_id, id)
);
alter table privacy.erasure owner to countersign_owner;
alter table privacy.erasure enable row level security;

create table privacy.index_key (
  tenant_id text collate "C" not null,
  kek_id text not null,
  wrapped bytea not null,
  created_at timestamp(3) with time zone not null,
  constraint index_key_pkey PRIMARY KEY (tenant_id)
);
alter table privacy.index_key owner to countersign_owner;
alter table privacy.index_key enable row level security;

create table privacy.person_key (
  tenant_id text collate "C" not null,
  person text collate "C" not null,
  envelope integer not null,
  wrapped bytea not null,
  created_at timestamp(3) with time zone not null,
  constraint person_key_pkey PRIMARY KEY (tenant_id, person),
  constraint envelope_is_kept FOREIGN KEY (tenant_id, envelope) REFERENCES privacy.envelope_key(tenant_id, number)
);
alter table privacy.person_key owner to countersign_owner;
alter table privacy.person_key enable row level security;

create table privacy.token (
  tenant_id text collate "C" not null,
  token text collate "C" not null,
  person text collate "C" not null,
  class text collate "C" not null,
  digest bytea not null,
  ciphertext bytea not null,
  created_at timestamp(3) with time zone not null,
  constraint token_pkey PRIMARY KEY (tenant_id, token),
  constraint one_token_per_value UNIQUE (tenant_id, class, digest, person),
  constraint token_is_of_a_person FOREIGN KEY (tenant_id, person) REFERENCES privacy.person_key(tenant_id, person) ON DELETE CASCADE,
  constraint token_is_opaque CHECK ((token ~ '^tok_[a-z]{2,5}_[0-9a-hjkmnp-tv-z]{26}$'::text))
);
alter table privacy.token owner to countersign_owner;
alter table privacy.token enable row level security;

create table projection.activity (
  tenant_id text collate "C" not null,
  generation integer not null,
  account_id uuid not null,
  day date not null,
  entries bigint not null,
  debits numeric(38,0) not null,
  credits numeric(38,0) not null,
  constraint activity_pkey PRIMARY KEY (tenant_id, generation, account_id, day)
) with (fillfactor=70);
alter table projection.activity owner to countersign_owner;
alter table projection.activity enable row level security;

create table projection.balance (
  tenant_id text collate "C" not null,
  generation integer not null,
  account_id uuid not null,
  currency text not null,
  debits_posted bigint not null,
  credits_posted bigint not null,
  debits_pending bigint not null,
  credits_pending bigint not null,
  entries bigint not null,
  constraint balance_pkey PRIMARY KEY (tenant_id, generation, account_id)
) with (fillfactor=70);
alter table projection.balance owner to countersign_owner;
alter table projection.balance enable row level security;

create table register.account_party (
  tenant_id text collate "C" not null,
  account_id uuid not null,
  party_id text collate "C" not null,
  role text not null,
  linked_at timestamp(3) with time zone not null,
  constraint account_party_pkey PRIMARY KEY (tenant_id, account_id, party_id),
  constraint account_party_tenant_id_party_id_fkey FOREIGN KEY (tenant_id, party_id) REFERENCES register.party(tenant_id, id),
  constraint role_is_known CHECK ((role = ANY (ARRAY['holder'::text, 'joint_holder'::text, 'former'::text])))
);
alter table register.account_party owner to countersign_owner;
alter table register.account_party enable row level security;

create table register.arrangement (
  tenant_id text collate "C" not null,
  account_id uuid not null,
  product_id text collate "C" not null,
  agreed_at timestamp(3) with time zone not null,
  constraint arrangement_pkey PRIMARY KEY (tenant_id, account_id),
  constraint arrangement_tenant_id_product_id_fkey FOREIGN KEY (tenant_id, product_id) REFERENCES register.product(tenant_id, id)
);
alter table register.arrangement owner to countersign_owner;
alter table register.arrangement enable row level security;

create table register.contact_point (
  tenant_id text collate "C" not null,
  party_id text collate "C" not null,
  kind text collate "C" not null,
  usage text collate "C" not null,
  value_token text,
  changed_at timestamp(3) with time zone not null,
  constraint contact_point_pkey PRIMARY KEY (tenant_id, party_id, kind, usage),
  constraint contact_point_tenant_id_party_id_fkey FOREIGN KEY (tenant_id, party_id) REFERENCES register.party(tenant_id, id),
  constraint kind_is_known CHECK ((kind = ANY (ARRAY['email'::text, 'phone'::text, 'postal_address'::text]))),
  constraint usage_is_known CHECK ((usage = ANY (ARRAY['main'::text, 'home'::text, 'work'::text, 'mobile'::text]))),
  constraint value_is_a_token CHECK ((value_token ~ '^tok_(mail|tel|addr)_'::text))
);
alter table register.contact_point owner to countersign_owner;
alter table register.contact_point enable row level security;

create table register.core_acceptance (
  tenant_id text collate "C" not null,
  idempotency_key text collate "C" not null,
  overrides text[] not null,
  accepted_by text collate "C" not null,
  accepted_at timestamp(3) with time zone not null,
  constraint core_acceptance_pkey PRIMARY KEY (tenant_id, idempotency_key, overrides)
);
alter table register.core_acceptance owner to countersign_owner;
alter table register.core_acceptance enable row level security;

create table register.core_cursor (
  tenant_id text collate "C" not null,
  core text collate "C" not null,
  name text collate "C" not null,
  cursor text not null,
  constraint core_cursor_pkey PRIMARY KEY (tenant_id, core, name)
);
alter table register.core_cursor owner to countersign_owner;
alter table register.core_cursor enable row level security;

create table register.core_difference (
  tenant_id text collate "C" not null,
  id uuid not null,
  core text collate "C" not null,
  kind text collate "C" not null,
  core_id text collate "C" not null,
  account_id text collate "C",
  currency text,
  ours bigint,
  theirs bigint,
  core_event text collate "C" not null default ''::text,
  reason text,
  found_at timestamp(3) with time zone not null,
  ended_at timestamp(3) with time zone,
  constraint core_difference_pkey PRIMARY KEY (tenant_id, id),
  constraint kind_is_known CHECK ((kind = ANY (ARRAY['balance'::text, 'missing'::text, 'not_mirrored'::text])))
);
alter table register.core_difference owner to countersign_owner;
alter table register.core_difference enable row level security;

create table register.core_ending (
  tenant_id text collate "C" not null,
  command_id uuid not null,
  reason text not null,
  ended_by text collate "C" not null,
  ended_at timestamp(3) with time zone not null,
  constraint core_ending_pkey PRIMARY KEY (tenant_id, command_id)
);
alter table register.core_ending owner to countersign_owner;
alter table register.core_ending enable row level security;

create table register.core_event (
  tenant_id text collate "C" not null,
  core text collate "C" not null,
  id text collate "C" not null,
  seq bigint not null generated always as identity,
  subject text collate "C" not null,
  body jsonb not null,
  arrived_at timestamp(3) with time zone not null,
  handled_at timestamp(3) with time zone,
  constraint core_event_pkey PRIMARY KEY (tenant_id, core, id)
);
alter table register.core_event owner to countersign_owner;
alter table register.core_event enable row level security;

create table register.core_link (
  tenant_id text collate "C" not null,
  core text collate "C" not null,
  kind text collate "C" not null,
  own_id text collate "C" not null,
  core_id text collate "C" not null,
  as_of timestamp(3) with time zone,
  linked_at timestamp(3) with time zone not null,
  constraint core_link_pkey PRIMARY KEY (tenant_id, core, kind, own_id),
  constraint a_core_id_is_linked_once UNIQUE (tenant_id, core, kind, core_id),
  constraint accounts_begin_at_an_instant CHECK (((kind = 'account'::text) = (as_of IS NOT NULL))),
  constraint kind_is_known CHECK ((kind = ANY (ARRAY['account'::text, 'party'::text, 'product'::text, 'clearing'::text])))
);
alter table register.core_link owner to countersign_owner;
alter table register.core_link enable row level security;

create table register.party (
  tenant_id text collate "C" not null,
  id text collate "C" not null,
  kind text not null,
  status text not null,
  segment text not null,
  country text not null,
  name_token text not null,
  date_of_birth_token text,
  merchant_category text,
  household text collate "C",
  since date not null,
  registered_at timestamp(3) with time zone not null,
  changed_at timestamp(3) with time zone not null,
  constraint party_pkey PRIMARY KEY (tenant_id, id),
  constraint birth_is_a_token CHECK ((date_of_birth_token ~ '^tok_dob_'::text)),
  constraint country_has_two_letters CHECK ((country ~ '^[A-Z]{2}$'::text)),
  constraint kind_is_known CHECK ((kind = ANY (ARRAY['person'::text, 'organisation'::text]))),
  constraint name_is_a_token CHECK ((name_token ~ '^tok_name_'::text)),
  constraint only_persons_are_born CHECK (((kind = 'person'::text) OR (date_of_birth_token IS NULL))),
  constraint segment_is_known CHECK ((segment = ANY (ARRAY['person'::text, 'business'::text]))),
  constraint status_is_known CHECK ((status = ANY (ARRAY['prospect'::text, 'customer'::text, 'former'::text])))
);
alter table register.party owner to countersign_owner;
alter table register.party enable row level security;

create table register.product (
  tenant_id text collate "C" not null,
  id text collate "C" not null,
  code text collate "C" not null,
  kind text not null,
  name text not null,
  currency text not null,
  status text not null,
  terms jsonb not null,
  defined_at timestamp(3) with time zone not null,
  changed_at timestamp(3) with time zone not null,
  constraint product_pkey PRIMARY KEY (tenant_id, id),
  constraint a_code_names_one_product UNIQUE (tenant_id, code),
  constraint status_is_known CHECK ((status = ANY (ARRAY['draft'::text, 'offered'::text, 'withdrawn'::text])))
);
alter table register.product owner to countersign_owner;
alter table register.product enable row level security;

create table register.service_request (
  tenant_id text collate "C" not null,
  id uuid not null,
  party_id text collate "C" not null,
  subject text collate "C" not null,
  text_token text,
  status text not null default 'open'::text,
  made_at timestamp(3) with time zone not null,
  ended_at timestamp(3) with time zone,
  constraint service_request_pkey PRIMARY KEY (tenant_id, id),
  constraint only_what_ends_has_an_end CHECK (((status = 'open'::text) = (ended_at IS NULL))),
  constraint request_is_of_a_party FOREIGN KEY (tenant_id, party_id) REFERENCES register.party(tenant_id, id),
  constraint status_is_known CHECK ((status = ANY (ARRAY['open'::text, 'done'::text, 'declined'::text]))),
  constraint text_is_a_token CHECK ((text_token ~ '^tok_text_'::text))
);
alter table register.service_request owner to countersign_owner;
alter table register.service_request enable row level security;

create table reviews.case_act (
  tenant_id text collate "C" not null,
  case_id uuid not null,
  number integer not null,
  act text not null,
  command_id uuid not null,
  acted_by text not null,
  acted_at timestamp(3) with time zone not null,
  detail jsonb not null,
  constraint case_act_pkey PRIMARY KEY (tenant_id, case_id, number),
  constraint act_is_of_a_case FOREIGN KEY (tenant_id, case_id) REFERENCES reviews.case_file(tenant_id, id),
  constraint one_act_per_command UNIQUE (tenant_id, command_id)
);
alter table reviews.case_act owner to countersign_owner;
alter table reviews.case_act enable row level security;

create table reviews.case_file (
  tenant_id text collate "C" not null,
  id uuid not null,
  kind text not null,
  queue text collate "C" not null,
  status text not null default 'open'::text,
  assignee text collate "C",
  snoozed_until timestamp(3) with time zone,
  payment_id text collate "C" not null,
  payment jsonb not null,
  maker text collate "C" not null,
  parties text[] not null,
  weight integer not null,
  required_checkers integer not null,
  approval_id uuid,
  opened_at timestamp(3) with time zone not null,
  due_at timestamp(3) with time zone not null,
  expires_at timestamp(3) with time zone,
  overdue_at timestamp(3) with time zone,
  verdict text,
  reason_code text,
  ended_at timestamp(3) with time zone,
  acts integer not null default 1,
  constraint case_file_pkey PRIMARY KEY (tenant_id, id),
  constraint a_verdict_has_its_reason CHECK (((verdict IS NULL) = (reason_code IS NULL))),
  constraint due_after_it_was_opened CHECK ((due_at > opened_at)),
  constraint kind_is_known CHECK ((kind = ANY (ARRAY['release'::text, 'denied'::text, 'clearing'::text]))),
  constraint nobody_reviews_his_own CHECK ((assignee <> maker)),
  constraint only_people_review CHECK (starts_with(assignee, 'user:'::text)),
  constraint only_what_ends_has_an_end CHECK (((status = ANY (ARRAY['decided'::text, 'expired'::text, 'closed'::text])) = (ended_at IS NOT NULL))),
  constraint only_what_is_decided_has_a_verdict CHECK (((status = 'decided'::text) = (verdict IS NOT NULL))),
  constraint status_is_known CHECK ((status = ANY (ARRAY['open'::text, 'assigned'::text, 'snoozed'::text, 'escalated'::text, 'decided'::text, 'expired'::text, 'closed'::text]))),
  constraint verdict_is_known CHECK ((verdict = ANY (ARRAY['approve'::text, 'reject'::text]))),
  constraint weight_is_positive CHECK ((weight > 0)),
  constraint what_is_assigned_has_an_assignee CHECK (((status <> 'assigned'::text) OR (assignee IS NOT NULL)))
);
alter table reviews.case_file owner to countersign_owner;
alter table reviews.case_file enable row level security;

create table reviews.case_link (
  tenant_id text collate "C" not null,
  generation integer not null,
  dimension text collate "C" not null,
  key text collate "C" not null,
  payment_id text collate "C" not null,
  tenant_position bigint not null,
  at timestamp(3) with time zone not null,
  command_id text collate "C" not null,
  status text not null,
  outcome text,
  amount bigint not null,
  currency text not null,
  constraint case_link_pkey PRIMARY KEY (tenant_id, generation, dimension, key, payment_id)
);
alter table reviews.case_link owner to countersign_owner;
alter table reviews.case_link enable row level security;

create table reviews.case_summary (
  tenant_id text collate "C" not null,
  case_id uuid not null,
  summary jsonb not null,
  evidence jsonb not null,
  made_at timestamp(3) with time zone not null,
  constraint one_summary_per_case PRIMARY KEY (tenant_id, case_id),
  constraint summary_is_of_a_case FOREIGN KEY (tenant_id, case_id) REFERENCES reviews.case_file(tenant_id, id)
);
alter table reviews.case_summary owner to countersign_owner;
alter table reviews.case_summary enable row level security;

create table reviews.setting (
  tenant_id text collate "C" not null,
  body jsonb not null,
  set_by text not null,
  set_at timestamp(3) with time zone not null,
  constraint setting_pkey PRIMARY KEY (tenant_id)
);
alter table reviews.setting owner to countersign_owner;
alter table reviews.setting enable row level security;

create table slo.alert (
  tenant_id text collate "C" not null,
  slo text collate "C" not null,
  rule text collate "C" not null,
  ordinal integer not null,
  alert_id uuid not null,
  severity text not null,
  window_name text not null,
  numerator bigint not null,
  denominator bigint not null,
  raised_at timestamp(3) with time zone not null,
  cleared_at timestamp(3) with time zone,
  constraint alert_pkey PRIMARY KEY (tenant_id, slo, rule, ordinal),
  constraint an_alert_is_cleared_after_it_was_raised CHECK ((cleared_at >= raised_at))
);
alter table slo.alert owner to countersign_owner;
alter table slo.alert enable row level security;

create table slo.checked (
  tenant_id text collate "C" not null,
  until timestamp(3) with time zone not null,
  constraint checked_pkey PRIMARY KEY (tenant_id)
);
alter table slo.checked owner to countersign_owner;
alter table slo.checked enable row level security;

create table slo.flow (
  tenant_id text collate "C" not null,
  generation integer not null,
  at timestamp(3) with time zone not null,
  counts jsonb not null,
  buckets integer[] not null,
  bucket_counts bigint[] not null,
  constraint flow_pkey PRIMARY KEY (tenant_id, generation, at),
  constraint buckets_have_counts CHECK ((cardinality(buckets) = cardinality(bucket_counts)))
);
alter table slo.flow owner to countersign_owner;
alter table slo.flow enable row level security;

create table slo.folded (
  tenant_id text collate "C" not null,
  generation integer not null,
  tenant_position bigint not null,
  at timestamp(3) with time zone not null,
  constraint folded_pkey PRIMARY KEY (tenant_id, generation)
);
alter table slo.folded owner to countersign_owner;
alter table slo.folded enable row level security;

create table slo.measure (
  tenant_id text collate "C" not null,
  series text collate "C" not null,
  at timestamp(3) with time zone not null,
  process text collate "C" not null,
  count bigint not null,
  buckets integer[] not null,
  counts bigint[] not null,
  constraint measure_pkey PRIMARY KEY (tenant_id, series, at, process),
  constraint buckets_have_counts CHECK ((cardinality(buckets) = cardinality(counts)))
);
alter table slo.measure owner to countersign_owner;
alter table slo.measure enable row level security;

create table slo.rollback (
  tenant_id text collate "C" not null,
  generation integer not null,
  model text collate "C" not null,
  version integer not null,
  acted_at timestamp(3) with time zone not null,
  was_stale boolean not null,
  constraint rollback_pkey PRIMARY KEY (tenant_id, generation, model)
);
alter table slo.rollback owner to countersign_owner;
alter table slo.rollback enable row level security;

create table slo.tally (
  tenant_id text collate "C" not null,
  generation integer not null,
  series text collate "C" not null,
  step_s integer not null,
  at timestamp(3) with time zone not null,
  count bigint not null,
  buckets integer[] not null,
  counts bigint[] not null,
  constraint tally_pkey PRIMARY KEY (tenant_id, generation, series, step_s, at),
  constraint buckets_have_counts CHECK ((cardinality(buckets) = cardinality(counts)))
);
alter table slo.tally owner to countersign_owner;
alter table slo.tally enable row level security;

create table slo.turn (
  singleton boolean not null default true,
  minute timestamp(3) with time zone not null default '-infinity'::timestamp with time zone,
  constraint turn_pkey PRIMARY KEY (singleton),
  constraint turn_singleton_check CHECK (singleton)
);
alter table slo.turn owner to countersign_owner;

create table webhooks.delivery (
  tenant_id text collate "C" not null,
  webhook_id uuid not null,
  delivery_id uuid not null,
  feed_id uuid not null,
  tenant_position bigint not null,
  event_id uuid not null,
  event_type text not null,
  status text not null default 'pending'::text,
  round integer not null default 1,
  attempts integer not null default 0,
  http_status integer,
  failure text,
  latency_ms integer,
  created_at timestamp(3) with time zone not null,
  attempted_at timestamp(3) with time zone,
  constraint delivery_pkey PRIMARY KEY (tenant_id, webhook_id, delivery_id),
  constraint status_is_known CHECK ((status = ANY (ARRAY['pending'::text, 'delivered'::text, 'dead'::text])))
);
alter table webhooks.delivery owner to countersign_owner;
alter table webhooks.delivery enable row level security;

create table webhooks.endpoint (
  tenant_id text collate "C" not null,
  webhook_id uuid not null,
  url text not null,
  types text[] collate "C" not null,
  description text not null,
  enabled boolean not null default true,
  secret_version integer not null default 1,
  rotated_at timestamp(3) with time zone not null,
  created_at timestamp(3) with time zone not null,
  deleted_at timestamp(3) with time zone not null default 'infinity'::timestamp with time zone,
  constraint endpoint_pkey PRIMARY KEY (tenant_id, webhook_id),
  constraint secret_versions_count_up CHECK ((secret_version > 0)),
  constraint types_are_few CHECK (((cardinality(types) >= 1) AND (cardinality(types) <= 50)))
);
alter table webhooks.endpoint owner to countersign_owner;
alter table webhooks.endpoint enable row level security;

create table webhooks.feed (
  tenant_id text collate "C" not null,
  feed_id uuid not null,
  webhook_id uuid not null,
  after_position bigint not null,
  "position" bigint not null,
  through_position bigint,
  begun boolean not null default false,
  enqueued bigint not null default 0,
  requested_at timestamp(3) with time zone not null,
  constraint feed_pkey PRIMARY KEY (tenant_id, feed_id),
  constraint feed_goes_forward CHECK ((("position" >= after_position) AND (after_position >= 0)))
);
alter table webhooks.feed owner to countersign_owner;
alter table webhooks.feed enable row level security;

-- Indexes -----------------------------------------------------------------------------------------

CREATE INDEX label_of_command ON ai.label USING btree (tenant_id, generation, command_id);
CREATE INDEX prompt_call_is_of_a_day ON ai.prompt_call USING btree (tenant_id, asked_at);
CREATE INDEX score_of_command ON ai.score USING btree (tenant_id, generation, model, at) WHERE (operation <> 'decision.make'::text);
CREATE INDEX score_of_model ON ai.score USING btree (tenant_id, generation, model, at, score_id, ordinal);
CREATE INDEX refused_points ON core.command USING btree (tenant_id, digest) WHERE ((operation ~~ 'points.%'::text) AND (outcome ~~ '%"policy_review"%'::text));
CREATE INDEX step_of_payment ON core.command USING btree (tenant_id, (((body)::jsonb ->> 'payment_id'::text))) WHERE (operation = ANY (ARRAY['payment.increase'::text, 'payment.capture'::text, 'payment.cancel'::text, 'payment.expire'::text, 'payment.resume'::text, 'payment.refund'::text, 'payment.return'::text, 'payment.charge_back'::text, 'payment.represent'::text]));
CREATE INDEX client_of_agent ON gateway.agent_client USING btree (tenant_id, agent_id);
CREATE UNIQUE INDEX made_once_per_key ON gateway.proposal USING btree (tenant_id, agent_id, customer, made_key);
CREATE INDEX mandate_of_agent ON gateway.mandate USING btree (tenant_id, agent_id, id);
CREATE INDEX mandate_of_customer ON gateway.mandate USING btree (tenant_id, customer, id);
CREATE INDEX mandate_refusal_of_customer ON gateway.mandate_refusal USING btree (tenant_id, customer, refused_at);
CREATE UNIQUE INDEX one_agent_per_client ON gateway.agent_client USING btree (issuer, client_id) WHERE (removed_at = 'infinity'::timestamp with time zone);
CREATE UNIQUE INDEX one_proposal_per_key ON gateway.proposal USING btree (tenant_id, agent_id, used_key);
CREATE UNIQUE INDEX one_ticket_per_key ON gateway.ticket USING btree (tenant_id, agent_id, customer, key);
CREATE INDEX proposal_by_mandate ON gateway.proposal USING btree (tenant_id, mandate_id, ended_at) WHERE (mandate_id IS NOT NULL);
CREATE INDEX proposal_is_open ON gateway.proposal USING btree (expires_at, id) WHERE (status = ANY (ARRAY['open'::text, 'agreed'::text]));
CREATE INDEX proposal_of_approval ON gateway.proposal USING btree (tenant_id, approval_id) WHERE (approval_id IS NOT NULL);
CREATE INDEX proposal_of_call ON gateway.proposal USING btree (tenant_id, customer, arguments_digest);
CREATE INDEX proposal_of_customer ON gateway.proposal USING btree (tenant_id, customer, id);
CREATE INDEX proposal_used ON gateway.proposal USING btree (ended_at, id) WHERE (status = 'used'::text);
CREATE INDEX proposal_used_for_customer ON gateway.proposal USING btree (tenant_id, customer, ended_at) WHERE (status = 'used'::text);
CREATE INDEX proposal_used_of_agent ON gateway.proposal USING btree (tenant_id, agent_id, tool) WHERE (status = 'used'::text);
CREATE INDEX sequence_run_is_open ON gateway.sequence_run USING btree (moved_at, id) WHERE (status = ANY (ARRAY['running'::text, 'waits'::text, 'undoing'::text]));
CREATE INDEX ticket_age ON gateway.ticket USING btree (tenant_id, asked_at);
CREATE INDEX ticket_waits ON gateway.ticket USING btree (tenant_id) WHERE (status = ANY (ARRAY['queued'::text, 'running'::text]));
CREATE INDEX benefit_is_due ON loyalty.benefit USING btree (next_at, tenant_id, program, customer) WHERE (status = 'pending'::text);
CREATE INDEX campaign_of_program ON loyalty.campaign USING btree (tenant_id, program, id);
CREATE INDEX claim_of_member ON loyalty.claim USING btree (tenant_id, customer, id);
CREATE INDEX claim_under_way ON loyalty.claim USING btree (changed_at, id) WHERE (status = 'crediting'::text);
CREATE INDEX document_of_program ON loyalty.program_document USING btree (tenant_id, program, drafted_at, digest);
CREATE INDEX earned_by_customer ON loyalty.earned USING btree (tenant_id, program, customer, "position");
CREATE INDEX earned_by_deal ON loyalty.earned USING btree (tenant_id, deal);
CREATE INDEX earned_unsettled ON loyalty.earned USING btree (tenant_id, program, transfer_id, kind) WHERE unsettled;
CREATE INDEX lot_expires ON loyalty.lot USING btree (expires_at, lot_id) WHERE ((active > 0) OR (pending > 0));
CREATE INDEX lot_matures ON loyalty.lot USING btree (matures_at, lot_id) WHERE (pending > 0);
CREATE INDEX lot_of_member ON loyalty.lot USING btree (tenant_id, generation, program, customer, "position");
CREATE INDEX lot_of_source ON loyalty.lot USING btree (tenant_id, generation, source) WHERE (source IS NOT NULL);
CREATE INDEX lot_open ON loyalty.lot USING btree (tenant_id, generation, program, customer) WHERE ((active > 0) OR (pending > 0));
CREATE INDEX member_signal_of_customer ON loyalty.member_signal USING btree (tenant_id, customer, kind, month);
CREATE INDEX membership_is_closed ON loyalty.member USING btree (tenant_id, program, customer) WHERE (standing = 'closed'::text);
CREATE INDEX memberships_of_customer ON loyalty.member USING btree (tenant_id, customer, program);
CREATE UNIQUE INDEX one_account_per_member ON loyalty.account USING btree (tenant_id, program, customer, role) WHERE (customer IS NOT NULL);
CREATE UNIQUE INDEX one_account_per_role ON loyalty.account USING btree (tenant_id, program, role) WHERE ((customer IS NULL) AND (campaign IS NULL));
CREATE UNIQUE INDEX one_budget_is_asked_for ON loyalty.asked USING btree (tenant_id, program, campaign) WHERE ((status = 'asked'::text) AND (campaign IS NOT NULL));
CREATE UNIQUE INDEX one_budget_per_campaign ON loyalty.account USING btree (tenant_id, program, campaign) WHERE (campaign IS NOT NULL);
CREATE INDEX redemption_of_member ON loyalty.redemption USING btree (tenant_id, program, customer, id);
CREATE INDEX redemption_of_reward ON loyalty.redemption USING btree (tenant_id, program, reward, begun_at);
CREATE INDEX redemption_under_way ON loyalty.redemption USING btree (changed_at, id) WHERE (status = ANY (ARRAY['begun'::text, 'reversing'::text]));
CREATE INDEX returned_by_deal ON loyalty.returned USING btree (tenant_id, deal);
CREATE INDEX tier_is_over ON loyalty.tier USING btree (until, tenant_id, program, customer);
CREATE INDEX units_of_programs ON loyalty.account USING btree (tenant_id, currency) WHERE (role = 'issued'::text);
CREATE INDEX use_of_member ON loyalty.lot_use USING btree (tenant_id, generation, program, customer, "position");
CREATE INDEX waiting_in_turn ON loyalty.waiting USING btree (tenant_id, program, campaign, "position");
CREATE INDEX account_by_holder ON money.account USING btree (tenant_id, holder_id, id) WHERE (holder_id IS NOT NULL);
CREATE INDEX core_intent_gives_back ON money.core_intent USING btree (tenant_id, debtor_id) WHERE (jsonb_array_length(steps) > 1);
CREATE INDEX core_intent_is_due ON money.core_intent USING btree (next_look_at, command_id) WHERE (state <> ALL (ARRAY['completed'::text, 'rejected'::text]));
CREATE INDEX core_intent_is_under_way ON money.core_intent USING btree (tenant_id, debtor_id, made_at) WHERE (state <> ALL (ARRAY['completed'::text, 'rejected'::text]));
CREATE INDEX dated_credit ON money.transfer USING btree (tenant_id, credit_account_id, effective_at) WHERE (effective_at <> recorded_at);
CREATE INDEX dated_debit ON money.transfer USING btree (tenant_id, debit_account_id, effective_at) WHERE (effective_at <> recorded_at);
CREATE INDEX expired_of_credit ON money.hold USING btree (tenant_id, credit_account_id, resolved_at) WHERE (status = 'expired'::text);
CREATE INDEX expired_of_debit ON money.hold USING btree (tenant_id, debit_account_id, resolved_at) WHERE (status = 'expired'::text);
CREATE INDEX hold_due ON money.hold USING btree (expires_at, id) WHERE (status = 'open'::text);
CREATE INDEX open_of_credit ON money.hold USING btree (tenant_id, credit_account_id, expires_at) WHERE (status = 'open'::text);
CREATE INDEX open_of_debit ON money.hold USING btree (tenant_id, debit_account_id, expires_at) WHERE (status = 'open'::text);
CREATE UNIQUE INDEX reversed_once ON money.transfer USING btree (tenant_id, reverses_id) WHERE (reverses_id IS NOT NULL);
CREATE INDEX transfer_of_hold ON money.transfer USING btree (tenant_id, hold_id) WHERE (hold_id IS NOT NULL);
CREATE INDEX batch_is_under_way ON offers.batch USING btree (started_at) WHERE (ended_at IS NULL);
CREATE INDEX breaker_was_opened ON offers.breaker USING btree (tenant_id, opened_at DESC, id DESC);
CREATE INDEX candidate_is_to_be_told ON offers.candidate USING btree (tenant_id, batch_id, status, customer) WHERE (status = ANY (ARRAY['allocated'::text, 'withheld'::text]));
CREATE INDEX consideration_of_customer ON offers.consideration USING btree (tenant_id, customer, id DESC);
CREATE INDEX exposure_of_action ON offers.exposure USING btree (tenant_id, action, presented_at DESC);
CREATE INDEX exposure_of_customer ON offers.exposure USING btree (tenant_id, customer, presented_at DESC);
CREATE INDEX life_event_of_customer ON offers.life_event USING btree (tenant_id, customer, occurred_at DESC);
CREATE INDEX offer_may_expire ON offers.offer USING btree (expires_at, id) WHERE (status = ANY (ARRAY['presented'::text, 'viewed'::text]));
CREATE INDEX offer_of_action ON offers.offer USING btree (tenant_id, action, id DESC);
CREATE INDEX offer_of_customer ON offers.offer USING btree (tenant_id, customer, id DESC);
CREATE INDEX offer_waits_for_an_answer ON offers.offer USING btree (presented_at, id) WHERE ((status = ANY (ARRAY['presented'::text, 'viewed'::text])) AND (advised_at IS NULL));
CREATE INDEX offer_waits_for_its_product ON offers.offer USING btree (tenant_id, customer, product) WHERE (booked_at IS NULL);
CREATE INDEX offer_was_declined ON offers.offer USING btree (tenant_id, customer, action, answered_at) WHERE (status = 'declined'::text);
CREATE UNIQUE INDEX open_once_for_a_scope ON offers.breaker USING btree (tenant_id, scope) WHERE (closed_at IS NULL);
CREATE INDEX participant_may_open ON offers.participant USING btree (tenant_id, generation, customer, product);
CREATE INDEX request_of_customer ON offers.request USING btree (tenant_id, customer, action, expires_at);
CREATE INDEX triggered_lately ON offers.triggered USING btree (tenant_id, generation, presented_at);
CREATE INDEX write_back_is_due ON offers.write_back USING btree (due_at, tenant_id, offer_id) WHERE (status = 'waiting'::text);
CREATE INDEX payments_by_reference ON payments.payment USING btree (tenant_id, generation, end_to_end_id, payment_id) WHERE (end_to_end_id IS NOT NULL);
CREATE INDEX payments_by_status ON payments.payment USING btree (tenant_id, generation, status, payment_id);
CREATE INDEX payments_not_made ON payments.payment USING btree (tenant_id, generation, debtor_account_id, payment_id) WHERE (status = ANY (ARRAY['denied'::text, 'cancelled'::text, 'expired'::text]));
CREATE INDEX payments_of_creditor ON payments.payment USING btree (tenant_id, generation, creditor, payment_id) WHERE (creditor IS NOT NULL);
CREATE INDEX payments_of_creditor_account ON payments.payment USING btree (tenant_id, generation, creditor_account_id, payment_id);
CREATE INDEX payments_of_debtor ON payments.payment USING btree (tenant_id, generation, debtor, payment_id) WHERE (debtor IS NOT NULL);
CREATE INDEX payments_of_debtor_account ON payments.payment USING btree (tenant_id, generation, debtor_account_id, payment_id);
CREATE INDEX payments_of_requester ON payments.payment USING btree (tenant_id, generation, requested_by, payment_id);
CREATE UNIQUE INDEX a_hit_is_cleared_once ON policy.screening_clearance USING btree (tenant_id, subject, list, entry_id, entry_digest) WHERE (revoked_at = 'infinity'::timestamp with time zone);
CREATE INDEX approval_is_pending ON policy.approval USING btree (tenant_id, id) WHERE (status = 'pending'::text);
CREATE INDEX approval_of_subject ON policy.approval USING btree (tenant_id, subject_kind, subject_digest);
CREATE INDEX authenticator_of_subject ON policy.authenticator USING btree (tenant_id, subject, id);
CREATE INDEX bundle_by_name ON policy.bundle USING btree (tenant_id, name, created_at);
CREATE INDEX consent_in_effect ON policy.consent USING btree (tenant_id, person, topic, effective_at DESC, status DESC, expires_at);
CREATE UNIQUE INDEX payment_is_proven_once ON policy.step_up_attempt USING btree (tenant_id, payment_id) WHERE (reason IS NULL);
CREATE INDEX principal_of_customer ON policy.principal USING btree (tenant_id, customer);
CREATE INDEX screening_entry_in_force ON policy.screening_entry USING btree (list, entry_id) WHERE (until = 2147483647);
CREATE INDEX screening_of_subject ON policy.screening USING btree (tenant_id, subject, id);
CREATE INDEX wrong_proof_of_subject ON policy.step_up_attempt USING btree (tenant_id, subject, attempted_at) WHERE (reason = ANY (ARRAY['wrong_proof'::text, 'code_used'::text]));
CREATE INDEX person_of_envelope ON privacy.person_key USING btree (tenant_id, envelope);
CREATE INDEX token_of_person ON privacy.token USING btree (tenant_id, person);
CREATE INDEX account_of_party ON register.account_party USING btree (tenant_id, party_id, account_id);
CREATE UNIQUE INDEX an_account_has_one_holder ON register.account_party USING btree (tenant_id, account_id) WHERE (role = 'holder'::text);
CREATE INDEX core_event_is_open ON register.core_event USING btree (tenant_id, core, seq) WHERE (handled_at IS NULL);
CREATE UNIQUE INDEX one_open_difference_of_a_kind ON register.core_difference USING btree (tenant_id, core, core_id, kind, core_event) WHERE (ended_at IS NULL);
CREATE INDEX party_by_registration ON register.party USING btree (tenant_id, registered_at, id);
CREATE INDEX party_of_household ON register.party USING btree (tenant_id, household) WHERE (household IS NOT NULL);
CREATE INDEX request_is_open ON register.service_request USING btree (tenant_id, id) WHERE (status = 'open'::text);
CREATE INDEX request_of_party ON register.service_request USING btree (tenant_id, party_id, id);
CREATE INDEX case_is_active ON reviews.case_file USING btree (tenant_id, queue) WHERE (ended_at IS NULL);
CREATE INDEX case_link_is_recent ON reviews.case_link USING btree (tenant_id, generation, dimension, key, tenant_position DESC);
CREATE INDEX case_may_be_late ON reviews.case_file USING btree (due_at) WHERE ((ended_at IS NULL) AND (overdue_at IS NULL));
CREATE INDEX case_of_payment ON reviews.case_file USING btree (tenant_id, payment_id);
CREATE INDEX alert_by_id ON slo.alert USING btree (tenant_id, alert_id);
CREATE INDEX fine_measure_by_age ON slo.measure USING btree (at) WHERE (process <> 'hour'::text);
CREATE INDEX measure_by_age ON slo.measure USING btree (at);
CREATE UNIQUE INDEX one_open_alert_per_rule ON slo.alert USING btree (tenant_id, slo, rule) WHERE (cleared_at IS NULL);
CREATE INDEX delivery_age ON webhooks.delivery USING btree (created_at) WHERE (status <> 'pending'::text);
CREATE INDEX delivery_dead ON webhooks.delivery USING btree (tenant_id, webhook_id, delivery_id) WHERE (status = 'dead'::text);
CREATE INDEX delivery_pending ON webhooks.delivery USING btree (tenant_id, webhook_id, delivery_id) WHERE (status = 'pending'::text);
CREATE INDEX feed_of_endpoint ON webhooks.feed USING btree (tenant_id, webhook_id, feed_id);

-- Views -------------------------------------------------------------------------------------------

create view money.entry with (security_invoker=true) as
 SELECT transfer.tenant_id,
    transfer.debit_account_id AS account_id,
    transfer.debit_version AS version,
    'debit'::text AS side,
    transfer.debit_sums AS sums,
    transfer.id AS transfer_id,
    transfer.kind,
    transfer.credit_account_id AS counter_account_id,
    transfer.amount,
    transfer.released,
    transfer.currency,
    transfer.hold_id,
    transfer.reverses_id,
    transfer.command_id,
    transfer.effective_at,
    transfer.recorded_at,
    transfer.metadata
   FROM money.transfer
UNION ALL
 SELECT transfer.tenant_id,
    transfer.credit_account_id AS account_id,
    transfer.credit_version AS version,
    'credit'::text AS side,
    transfer.credit_sums AS sums,
    transfer.id AS transfer_id,
    transfer.kind,
    transfer.debit_account_id AS counter_account_id,
    transfer.amount,
    transfer.released,
    transfer.currency,
    transfer.hold_id,
    transfer.reverses_id,
    transfer.command_id,
    transfer.effective_at,
    transfer.recorded_at,
    transfer.metadata
   FROM money.transfer;
alter view money.entry owner to countersign_owner;

-- Functions and procedures ------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION core.current_tenant()
 RETURNS text
 LANGUAGE sql
 STABLE PARALLEL SAFE
RETURN current_setting('countersign.tenant'::text, true);
alter function core.current_tenant() owner to countersign_owner;

CREATE OR REPLACE PROCEDURE core.isolate_tenants(IN target regclass)
 LANGUAGE plpgsql
AS $procedure$
begin
  execute format('alter table %s enable row level security', target);
  execute format('create policy tenant_isolation on %s
    using (tenant_id = core.current_tenant())
    with check (tenant_id = core.current_tenant())', target);
end $procedure$;
alter procedure core.isolate_tenants(IN target regclass) owner to countersign_owner;

CREATE OR REPLACE FUNCTION core.lines(texts text)
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN string_to_array(texts, '
'::text, ''::text);
alter function core.lines(texts text) owner to countersign_owner;

CREATE OR REPLACE FUNCTION core.list_tenants()
 RETURNS SETOF core.tenant
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
BEGIN ATOMIC
 SELECT tenant.tenant_id,
     tenant.name,
     tenant.time_zone,
     tenant.epoch,
     tenant.created_at
    FROM core.tenant
   ORDER BY tenant.tenant_id;
END;
alter function core.list_tenants() owner to countersign_owner;

CREATE OR REPLACE PROCEDURE core.make_append_only(IN target regclass)
 LANGUAGE plpgsql
AS $procedure$
begin
  execute format('create trigger append_only before update or delete or truncate on %s
    for each statement execute function core.refuse_change()', target);
end $procedure$;
alter procedure core.make_append_only(IN target regclass) owner to countersign_owner;

CREATE OR REPLACE FUNCTION core.record_commands(tenants text[], keys text[], ids uuid[], operations text[], digests bytea[], principals text[], received timestamp with time zone[], traces text[], decisions text, bodies text, outcomes text)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
declare
  added bigint;
begin
  insert into core.command (tenant_id, idempotency_key, id, operation, digest, principal,
    received_at, trace_id, decision, body, outcome)
  select * from unnest(tenants, keys, ids, operations, digests, principals, received, traces,
    core.lines(decisions), core.lines(bodies), core.lines(outcomes)) as c(tenant, key)
  order by c.tenant collate "C", c.key collate "C"
  on conflict do nothing;
  get diagnostics added = row_count;
  if added < cardinality(keys) then
    raise exception 'a command with the same idempotency key was recorded meanwhile'
      using errcode = 'CS001';
  end if;
end $function$;
alter function core.record_commands(tenants text[], keys text[], ids uuid[], operations text[], digests bytea[], principals text[], received timestamp with time zone[], traces text[], decisions text, bodies text, outcomes text) owner to countersign_owner;

CREATE OR REPLACE FUNCTION core.record_events(tenants text[], ids uuid[], types text[], bodies text)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
BEGIN ATOMIC
 SELECT pg_current_xact_id() AS pg_current_xact_id;
 INSERT INTO core.event (seq, tenant_id, id, type, body)  SELECT nextval('core.event_seq'::regclass) AS nextval,
             e.tenant,
             e.id,
             e.type,
             e.body
            FROM UNNEST(record_events.tenants, record_events.ids, record_events.types, core.lines(record_events.bodies)) WITH ORDINALITY e(tenant, id, type, body, ordinal)
           ORDER BY e.ordinal;
END;
alter function core.record_events(tenants text[], ids uuid[], types text[], bodies text) owner to countersign_owner;

CREATE OR REPLACE FUNCTION core.record_tree(node_tenants text[], node_levels integer[], node_indexes bigint[], node_hashes bytea[], head_tenants text[], head_sizes bigint[], head_roots bytea[], head_notes text[], head_times timestamp with time zone[])
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
BEGIN ATOMIC
 INSERT INTO core.node (tenant_id, level, index, hash)  SELECT unnest.unnest,
             unnest.unnest_1 AS unnest,
             unnest.unnest_2 AS unnest,
             unnest.unnest_3 AS unnest
            FROM UNNEST(record_tree.node_tenants, record_tree.node_levels, record_tree.node_indexes, record_tree.node_hashes) unnest(unnest, unnest_1, unnest_2, unnest_3) ON CONFLICT DO NOTHING;
 INSERT INTO core.checkpoint (tenant_id, tree_size, root, note, signed_at)  SELECT unnest.unnest,
             unnest.unnest_1 AS unnest,
             unnest.unnest_2 AS unnest,
             unnest.unnest_3 AS unnest,
             unnest.unnest_4 AS unnest
            FROM UNNEST(record_tree.head_tenants, record_tree.head_sizes, record_tree.head_roots, record_tree.head_notes, record_tree.head_times) unnest(unnest, unnest_1, unnest_2, unnest_3, unnest_4) ON CONFLICT DO NOTHING;
END;
alter function core.record_tree(node_tenants text[], node_levels integer[], node_indexes bigint[], node_hashes bytea[], head_tenants text[], head_sizes bigint[], head_roots bytea[], head_notes text[], head_times timestamp with time zone[]) owner to countersign_owner;

CREATE OR REPLACE FUNCTION core.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception '% on %.% refused: this table is append-only',
    tg_op, tg_table_schema, tg_table_name using errcode = 'integrity_constraint_violation';
end $function$;
alter function core.refuse_change() owner to countersign_owner;

CREATE OR REPLACE FUNCTION core.seal(low bigint, pass_limit integer)
 RETURNS TABLE(sealed_position bigint, tenant text, tenant_position bigint, seq bigint, hash bytea)
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
 SET enable_seqscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
BEGIN ATOMIC
 WITH fresh AS (
          SELECT e.seq,
             e.tenant_id,
             sha256(('\x00'::bytea || convert_to(e.body, 'UTF8'::name))) AS hash
            FROM core.event e
           WHERE ((e.seq > seal.low) AND (NOT (EXISTS ( SELECT
                    FROM core.leaf l
                   WHERE (l.seq = e.seq)))))
           ORDER BY e.seq
          LIMIT seal.pass_limit
         ), grown AS (
          INSERT INTO core.tree AS t (tenant_id, size, generation)  SELECT fresh.tenant_id,
                     count(*) AS count,
                     ( SELECT seal_state.generation
                            FROM core.seal_state) AS generation
                    FROM fresh
                   GROUP BY fresh.tenant_id ON CONFLICT(tenant_id) DO UPDATE SET size = (t.size + excluded.size)
           RETURNING t.tenant_id,
             t.size
         ), state AS (
          UPDATE core.seal_state SET "position" = (seal_state."position" + ( SELECT count(*) AS count
                    FROM fresh)), low_seq = seal.low
           WHERE (EXISTS ( SELECT
                    FROM fresh))
           RETURNING seal_state."position"
         ), numbered AS (
          SELECT ((state."position" - count(*) OVER ()) + row_number() OVER (ORDER BY f.seq)) AS "position",
             f.tenant_id,
             ((grown.size - count(*) OVER (PARTITION BY f.tenant_id)) + row_number() OVER (PARTITION BY f.tenant_id ORDER BY f.seq)) AS tenant_position,
             f.seq,
             f.hash
            FROM (fresh f
              JOIN grown USING (tenant_id)),
             state
         )
  INSERT INTO core.leaf ("position", tenant_id, tenant_position, seq, hash)  SELECT numbered."position",
             numbered.tenant_id,
             numbered.tenant_position,
             numbered.seq,
             numbered.hash
            FROM numbered
           ORDER BY numbered."position"
   RETURNING leaf."position",
     leaf.tenant_id,
     leaf.tenant_position,
     leaf.seq,
     leaf.hash;
END;
alter function core.seal(low bigint, pass_limit integer) owner to countersign_owner;

CREATE OR REPLACE FUNCTION core.sealed_events(after bigint, page integer, wanted text[])
 RETURNS TABLE(sealed_position bigint, tenant text, tenant_position bigint, id uuid, type text, body text)
 LANGUAGE sql
 STABLE SECURITY DEFINER ROWS 500
 SET search_path TO 'pg_catalog'
 SET enable_seqscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
BEGIN ATOMIC
 SELECT l."position",
     l.tenant_id,
     l.tenant_position,
     e.id,
     e.type,
         CASE
             WHEN ((sealed_events.wanted IS NULL) OR (e.type = ANY (sealed_events.wanted))) THEN e.body
             ELSE NULL::text
         END AS "case"
    FROM (core.leaf l
      JOIN core.event e ON ((e.seq = l.seq)))
   WHERE (l."position" > sealed_events.after)
   ORDER BY l."position"
  LIMIT sealed_events.page;
END;
alter function core.sealed_events(after bigint, page integer, wanted text[]) owner to countersign_owner;

CREATE OR REPLACE FUNCTION core.sealed_position()
 RETURNS bigint
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
BEGIN ATOMIC
 SELECT seal_state."position"
    FROM core.seal_state;
END;
alter function core.sealed_position() owner to countersign_owner;

CREATE OR REPLACE FUNCTION core.tenant_events(tenant_wanted text, after bigint, page integer, wanted text[])
 RETURNS TABLE(sealed_position bigint, tenant text, tenant_position bigint, id uuid, type text, body text)
 LANGUAGE sql
 STABLE SECURITY DEFINER ROWS 500
 SET search_path TO 'pg_catalog'
 SET enable_seqscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
BEGIN ATOMIC
 SELECT l."position",
     l.tenant_id,
     l.tenant_position,
     e.id,
     e.type,
         CASE
             WHEN ((tenant_events.wanted IS NULL) OR (e.type = ANY (tenant_events.wanted))) THEN e.body
             ELSE NULL::text
         END AS "case"
    FROM (core.leaf l
      JOIN core.event e ON ((e.seq = l.seq)))
   WHERE ((l.tenant_id = tenant_events.tenant_wanted) AND (l.tenant_position > tenant_events.after))
   ORDER BY l.tenant_position
  LIMIT tenant_events.page;
END;
alter function core.tenant_events(tenant_wanted text, after bigint, page integer, wanted text[]) owner to countersign_owner;

CREATE OR REPLACE FUNCTION core.tenant_length(tenant_wanted text)
 RETURNS bigint
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
BEGIN ATOMIC
 SELECT COALESCE(max(tree.size), (0)::bigint) AS "coalesce"
    FROM core.tree
   WHERE (tree.tenant_id = tenant_length.tenant_wanted);
END;
alter function core.tenant_length(tenant_wanted text) owner to countersign_owner;

CREATE OR REPLACE FUNCTION gateway.due_proposals(until timestamp with time zone, page integer, after_at timestamp with time zone, after_id uuid)
 RETURNS TABLE(tenant text, id uuid, expires_at timestamp with time zone)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
BEGIN ATOMIC
 SELECT proposal.tenant_id,
     proposal.id,
     proposal.expires_at
    FROM gateway.proposal
   WHERE ((proposal.status = ANY (ARRAY['open'::text, 'agreed'::text])) AND (proposal.expires_at <= due_proposals.until) AND (ROW(proposal.expires_at, proposal.id) > ROW(due_proposals.after_at, due_proposals.after_id)))
   ORDER BY proposal.expires_at, proposal.id
  LIMIT due_proposals.page;
END;
alter function gateway.due_proposals(until timestamp with time zone, page integer, after_at timestamp with time zone, after_id uuid) owner to countersign_owner;

CREATE OR REPLACE FUNCTION gateway.due_runs(until timestamp with time zone, page integer, after_at timestamp with time zone, after_id uuid)
 RETURNS TABLE(tenant text, id uuid, expires_at timestamp with time zone)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
BEGIN ATOMIC
 SELECT sequence_run.tenant_id,
     sequence_run.id,
     (sequence_run.moved_at + '24:00:00'::interval)
    FROM gateway.sequence_run
   WHERE ((sequence_run.status = ANY (ARRAY['running'::text, 'waits'::text, 'undoing'::text])) AND (sequence_run.moved_at <= (due_runs.until - '24:00:00'::interval)) AND (ROW((sequence_run.moved_at + '24:00:00'::interval), sequence_run.id) > ROW(due_runs.after_at, due_runs.after_id)))
   ORDER BY sequence_run.moved_at, sequence_run.id
  LIMIT due_runs.page;
END;
alter function gateway.due_runs(until timestamp with time zone, page integer, after_at timestamp with time zone, after_id uuid) owner to countersign_owner;

CREATE OR REPLACE FUNCTION gateway.find_agent(by_issuer text, by_client text, by_token text, person text, agreed uuid, at timestamp with time zone)
 RETURNS TABLE(tenant text, agent_id text, name text, status text, purposes text[], is_revoked boolean, jwks text, jwks_uri text, redirect_uris text[], requires_dpop boolean, epoch bigint, roles text[], governed boolean, region text, customer text, delegated_by text, rule_set text, person_principal text, person_roles text[], person_governed boolean, person_region text, person_customer text, agreed_until timestamp with time zone)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
BEGIN ATOMIC
 SELECT c.tenant_id,
     c.agent_id,
     a.name,
     a.status,
     a.purposes,
     (EXISTS ( SELECT
            FROM gateway.revoked_token v
           WHERE ((v.tenant_id = c.tenant_id) AND (v.agent_id = c.agent_id) AND (v.jti = find_agent.by_token)))) AS "exists",
     c.jwks,
     c.jwks_uri,
     c.redirect_uris,
     c.requires_dpop,
     t.epoch,
     r.roles,
     r.governed,
     r.region,
     r.customer,
     r.delegated_by,
     r.rule_set,
     who.principal,
     p.roles,
     p.governed,
     p.region,
     p.customer,
     latest.expires_at
    FROM ((((((gateway.agent_client c
      JOIN gateway.agent a ON (((a.tenant_id = c.tenant_id) AND (a.agent_id = c.agent_id))))
      JOIN core.tenant t ON ((t.tenant_id = c.tenant_id)))
      CROSS JOIN LATERAL policy.principal_rights(c.tenant_id, ('agent:'::text || c.agent_id)) r(roles, governed, region, customer, delegated_by, rule_set))
      LEFT JOIN LATERAL ( SELECT u.principal
            FROM policy.principal u
           WHERE ((u.tenant_id = c.tenant_id) AND ((u.principal = find_agent.person) OR (u.customer = find_agent.person)) AND starts_with(u.principal, 'user:'::text))
           ORDER BY u.principal
          LIMIT 1) who ON (true))
      LEFT JOIN LATERAL policy.principal_rights(c.tenant_id, who.principal) p(roles, governed, region, customer, delegated_by, rule_set) ON ((who.principal IS NOT NULL)))
      LEFT JOIN LATERAL ( SELECT g.status,
             g.expires_at
            FROM policy.consent g
           WHERE ((g.tenant_id = c.tenant_id) AND (g.person = p.customer) AND (g.topic = 'ai_data_use'::text) AND (g.effective_at <= find_agent.at))
           ORDER BY g.effective_at DESC, g.status DESC, g.expires_at, g.id DESC
          LIMIT 1) latest ON (((latest.status = 'granted'::text) AND (latest.expires_at > find_agent.at) AND (EXISTS ( SELECT
            FROM policy.consent g
           WHERE ((g.tenant_id = c.tenant_id) AND (g.id = find_agent.agreed) AND (g.person = p.customer) AND (g.topic = 'ai_data_use'::text) AND (g.status = 'granted'::text)))))))
   WHERE ((c.issuer = find_agent.by_issuer) AND (c.client_id = find_agent.by_client) AND (c.removed_at = 'infinity'::timestamp with time zone));
END;
alter function gateway.find_agent(by_issuer text, by_client text, by_token text, person text, agreed uuid, at timestamp with time zone) owner to countersign_owner;

CREATE OR REPLACE FUNCTION gateway.used_proposals(since timestamp with time zone, until timestamp with time zone, page integer, after_at timestamp with time zone, after_id uuid)
 RETURNS TABLE(tenant text, id uuid, used_at timestamp with time zone)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
BEGIN ATOMIC
 SELECT proposal.tenant_id,
     proposal.id,
     proposal.ended_at
    FROM gateway.proposal
   WHERE ((proposal.status = 'used'::text) AND (proposal.ended_at >= used_proposals.since) AND (proposal.ended_at < used_proposals.until) AND (ROW(proposal.ended_at, proposal.id) > ROW(used_proposals.after_at, used_proposals.after_id)))
   ORDER BY proposal.ended_at, proposal.id
  LIMIT used_proposals.page;
END;
alter function gateway.used_proposals(since timestamp with time zone, until timestamp with time zone, page integer, after_at timestamp with time zone, after_id uuid) owner to countersign_owner;

CREATE OR REPLACE FUNCTION money.add_counters(tenants text[], keys text[])
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
declare
  added bigint;
begin
  insert into money.counter (tenant_id, key)
  select w.t, w.k from unnest(tenants, keys) as w(t, k)
   order by w.t collate "C", w.k collate "C"
  on conflict do nothing;
  get diagnostics added = row_count;
  if added < cardinality(keys) then
    raise exception 'a counter was added meanwhile' using errcode = 'CS001';
  end if;
end $function$;
alter function money.add_counters(tenants text[], keys text[]) owner to countersign_owner;

CREATE OR REPLACE FUNCTION money.add_to_counters(tenants text[], keys text[], names text[], heads bigint[], used_max bigint[], amounts bigint[])
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
declare
  each record;
begin
  for each in
    select * from unnest(tenants, keys, names, heads, used_max, amounts) as w(t, k, n, h, m, a)
     order by t collate "C", k collate "C"
  loop
    update money.counter c
       set counters = jsonb_set(c.counters, array[each.n, '1'],
             to_jsonb((c.counters -> each.n ->> 1)::bigint + each.a))
     where c.tenant_id = each.t and c.key = each.k
       and (c.counters -> each.n ->> 0)::bigint = each.h
       and (select sum(u::bigint) from jsonb_array_elements_text(c.counters -> each.n)
              with ordinality as bucket(u, at) where at > 1) <= each.m;
    if not found then
      raise exception 'a counter has moved meanwhile' using errcode = 'CS001';
    end if;
  end loop;
end $function$;
alter function money.add_to_counters(tenants text[], keys text[], names text[], heads bigint[], used_max bigint[], amounts bigint[]) owner to countersign_owner;

CREATE OR REPLACE FUNCTION money.claim_intent(tenant text, key text, attempts_before integer, changed timestamp with time zone)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
begin
  update money.core_intent i
     set state = 'sent', attempts = i.attempts + 1, asked_at = changed, changed_at = changed
   where i.tenant_id = tenant and i.idempotency_key = key and i.attempts = attempts_before
     and i.state in ('sent', 'unknown');
  return found;
end $function$;
alter function money.claim_intent(tenant text, key text, attempts_before integer, changed timestamp with time zone) owner to countersign_owner;

CREATE OR REPLACE FUNCTION money.close_gate(tenants text[])
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
BEGIN ATOMIC
 SELECT pg_advisory_xact_lock(hashtextextended(gates.t, (1)::bigint)) AS pg_advisory_xact_lock
    FROM ( SELECT DISTINCT (u.t COLLATE "C") AS t
            FROM unnest(close_gate.tenants) u(t)
           ORDER BY (u.t COLLATE "C")) gates;
END;
alter function money.close_gate(tenants text[]) owner to countersign_owner;

CREATE OR REPLACE FUNCTION money.close_intents(tenants text[], keys text[], states text[], refs text, reasons text, changed timestamp with time zone[])
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
BEGIN ATOMIC
 UPDATE money.core_intent i SET state = x.s, core_reference = x.r, refusal = x.why, item = NULL::text, changed_at = x.c
    FROM UNNEST(close_intents.tenants, close_intents.keys, close_intents.states, core.lines(close_intents.refs), core.lines(close_intents.reasons), close_intents.changed) x(t, k, s, r, why, c)
   WHERE ((i.tenant_id = x.t) AND (i.idempotency_key = x.k) AND (i.state <> ALL (ARRAY['completed'::text, 'rejected'::text])));
END;
alter function money.close_intents(tenants text[], keys text[], states text[], refs text, reasons text, changed timestamp with time zone[]) owner to countersign_owner;

CREATE OR REPLACE FUNCTION money.count_intents(looks_max integer)
 RETURNS TABLE(core text, state text, is_left boolean, count bigint)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
BEGIN ATOMIC
 SELECT core_intent.core,
     core_intent.state,
     (core_intent.looks >= count_intents.looks_max),
     count(*) AS count
    FROM money.core_intent
   WHERE (core_intent.state <> ALL (ARRAY['completed'::text, 'rejected'::text]))
   GROUP BY core_intent.core, core_intent.state, (core_intent.looks >= count_intents.looks_max);
END;
alter function money.count_intents(looks_max integer) owner to countersign_owner;

CREATE OR REPLACE FUNCTION money.due_holds(until timestamp with time zone, page integer, after_at timestamp with time zone DEFAULT '-infinity'::timestamp with time zone, after_id uuid DEFAULT '00000000-0000-0000-0000-000000000000'::uuid)
 RETURNS TABLE(tenant text, id uuid, expires_at timestamp with time zone)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
BEGIN ATOMIC
 SELECT hold.tenant_id,
     hold.id,
     hold.expires_at
    FROM money.hold
   WHERE ((hold.status = 'open'::text) AND (hold.expires_at <= due_holds.until) AND (ROW(hold.expires_at, hold.id) > ROW(due_holds.after_at, due_holds.after_id)))
   ORDER BY hold.expires_at, hold.id
  LIMIT due_holds.page;
END;
alter function money.due_holds(until timestamp with time zone, page integer, after_at timestamp with time zone, after_id uuid) owner to countersign_owner;

CREATE OR REPLACE FUNCTION money.due_intents(core_name text, until timestamp with time zone, page integer, looks_max integer, after_at timestamp with time zone, after_id uuid)
 RETURNS TABLE(tenant text, id uuid, key text, expires_at timestamp with time zone)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
BEGIN ATOMIC
 SELECT core_intent.tenant_id,
     core_intent.command_id,
     core_intent.idempotency_key,
     core_intent.next_look_at
    FROM money.core_intent
   WHERE ((core_intent.core = due_intents.core_name) AND (core_intent.state = ANY (ARRAY['sent'::text, 'unknown'::text, 'pending_approval'::text])) AND (core_intent.looks < due_intents.looks_max) AND (core_intent.next_look_at <= due_intents.until) AND (ROW(core_intent.next_look_at, core_intent.command_id) > ROW(due_intents.after_at, due_intents.after_id)))
   ORDER BY core_intent.next_look_at, core_intent.command_id
  LIMIT due_intents.page;
END;
alter function money.due_intents(core_name text, until timestamp with time zone, page integer, looks_max integer, after_at timestamp with time zone, after_id uuid) owner to countersign_owner;

CREATE OR REPLACE FUNCTION money.expect_no_open_intent()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
 SET enable_seqscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
AS $function$
declare
  is_same boolean;
begin
  select i.digest = encode(a.digest, 'hex') into is_same
    from added a
    join money.core_intent i
      on i.tenant_id = a.tenant_id and i.idempotency_key = a.idempotency_key
   where i.command_id <> a.id and i.state not in ('completed', 'rejected') limit 1;
  if is_same then
    raise exception 'a core may have done it already' using errcode = 'CS002';
  elsif is_same is not null then
    raise exception 'a core was asked for another command under this key' using errcode = 'CS003';
  end if;
  return null;
end $function$;
alter function money.expect_no_open_intent() owner to countersign_owner;

CREATE OR REPLACE FUNCTION money.lock_accounts(tenants text[], account_tenants text[], account_ids uuid[], hold_tenants text[], hold_ids uuid[], transfer_tenants text[], transfer_ids uuid[])
 RETURNS TABLE(tenant_id text, id uuid, type text, currency text, status text, bound text, credit_limit bigint, debits_posted bigint, credits_posted bigint, debits_pending bigint, credits_pending bigint, version bigint, recorded_at timestamp with time zone, counters text)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
begin
  perform pg_advisory_xact_lock_shared(hashtextextended(t, 1))
     from (select distinct t collate "C" as t from unnest(tenants) as u(t) order by 1) gates;
  return query
  with wanted as (
    select t, i from unnest(account_tenants, account_ids) as w(t, i)
    union select h.tenant_id, side.i
      from unnest(hold_tenants, hold_ids) as w(t, i)
      join money.hold h on h.tenant_id = w.t and h.id = w.i
      cross join lateral (values (h.debit_account_id), (h.credit_account_id)) as side(i)
    union select x.tenant_id, side.i
      from unnest(transfer_tenants, transfer_ids) as w(t, i)
      join money.transfer x on x.tenant_id = w.t and x.id = w.i
      cross join lateral (values (x.debit_account_id), (x.credit_account_id)) as side(i)
    union select x.tenant, t.account
      from money.taken_by(hold_tenants, hold_ids, transfer_tenants, transfer_ids) x
      cross join lateral json_to_recordset(x.taken::json) as t(account uuid)
     where t.account is not null)
  select a.tenant_id, a.id, a.type, a.currency, a.status, a.bound, a.credit_limit, a.debits_posted,
         a.credits_posted, a.debits_pending, a.credits_pending, a.version, a.recorded_at,
         a.counters
    from money.account a join wanted w on a.tenant_id = w.t and a.id = w.i
   order by a.tenant_id, a.id
     for no key update of a;
end $function$;
alter function money.lock_accounts(tenants text[], account_tenants text[], account_ids uuid[], hold_tenants text[], hold_ids uuid[], transfer_tenants text[], transfer_ids uuid[]) owner to countersign_owner;

CREATE OR REPLACE FUNCTION money.lock_counters(tenants text[], keys text[], hold_tenants text[], hold_ids uuid[], transfer_tenants text[], transfer_ids uuid[])
 RETURNS json
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
declare
  taken json;
begin
  if cardinality(hold_ids) + cardinality(transfer_ids) > 0 then
    select json_agg(json_build_object('tenant', t.tenant, 'source', t.source,
        'taken', t.taken::json)) into taken
      from money.taken_by(hold_tenants, hold_ids, transfer_tenants, transfer_ids) t;
  end if;
  return json_build_object('taken', taken, 'keys', (
    select json_agg(locked) from (
      select c.tenant_id as tenant, c.key, c.counters
        from (select * from unnest(tenants, keys)
              union select s.tenant, p.key
                from json_to_recordset(taken) as s(tenant text, taken json)
                cross join lateral json_to_recordset(s.taken) as p(key text)
               where p.key is not null) as w(t, k)
        join money.counter c on c.tenant_id = w.t and c.key = w.k
       order by c.tenant_id, c.key
         for no key update of c) locked));
end $function$;
alter function money.lock_counters(tenants text[], keys text[], hold_tenants text[], hold_ids uuid[], transfer_tenants text[], transfer_ids uuid[]) owner to countersign_owner;

CREATE OR REPLACE FUNCTION money.note_intent(tenant text, key text, new_state text, ref text, why text, shown jsonb, looked integer, look_at timestamp with time zone, changed timestamp with time zone)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
begin
  update money.core_intent i
     set state = case when i.state = 'pending_approval' and new_state = 'unknown' then i.state
           else coalesce(new_state, i.state) end,
         core_reference = coalesce(ref, i.core_reference),
         refusal = coalesce(why, i.refusal), overrides = coalesce(shown, i.overrides),
         looks = i.looks + looked,
         next_look_at = coalesce(look_at, i.next_look_at), changed_at = changed
   where i.tenant_id = tenant and i.idempotency_key = key
     and i.state not in ('completed', 'rejected');
  return found;
end $function$;
alter function money.note_intent(tenant text, key text, new_state text, ref text, why text, shown jsonb, looked integer, look_at timestamp with time zone, changed timestamp with time zone) owner to countersign_owner;

CREATE OR REPLACE FUNCTION money.read_batch(key_tenants text[], keys text[], account_tenants text[], account_ids uuid[], hold_tenants text[], hold_ids uuid[], transfer_tenants text[], transfer_ids uuid[], until timestamp with time zone)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
begin
  return jsonb_build_object(
    'tenants', (select jsonb_agg(jsonb_build_object('tenant', t.tenant_id, 'epoch', t.epoch,
        'time_zone', t.time_zone,
        'closed_before', (select p.closed_before from money.period p
                           where p.tenant_id = t.tenant_id)))
      from core.tenant t where t.tenant_id = any (key_tenants)),
    'units', (select jsonb_agg(jsonb_build_array(u.tenant_id, u.code))
      from money.unit u where u.tenant_id = any (key_tenants)),
    'commands', (select jsonb_agg(jsonb_build_object('tenant', c.tenant_id,
        'key', c.idempotency_key, 'id', c.id, 'digest', encode(c.digest, 'hex'),
        'outcome', c.outcome))
      from unnest(key_tenants, keys) as k(t, i)
      join core.command c on c.tenant_id = k.t and c.idempotency_key = k.i),
    'holds', (select jsonb_agg(to_jsonb(h))
      from (select w.t, w.i from unnest(hold_tenants, hold_ids) as w(t, i)
            union select x.tenant_id, coalesce(x.hold_id, x.id)
              from unnest(transfer_tenants, transfer_ids) as w(t, i)
              join money.transfer x on x.tenant_id = w.t and x.id = w.i
             where x.kind in ('hold', 'increase', 'capture')
            union select a.tenant_id, due.id
              from unnest(account_tenants, account_ids) as w(t, i)
              join money.account a on a.tenant_id = w.t and a.id = w.i
               and (a.debits_pending > 0 or a.credits_pending > 0)
              cross join lateral (
                (select h.id from money.hold h
                  where h.tenant_id = a.tenant_id and h.debit_account_id = a.id
                    and h.status = 'open'
                    and h.expires_at <= until order by h.expires_at limit 1000)
                union all
                (select h.id from money.hold h
                  where h.tenant_id = a.tenant_id and h.credit_account_id = a.id
                    and h.status = 'open'
                    and h.expires_at <= until order by h.expires_at limit 1000)) due
           ) as w(t, i)
      join money.hold h on h.tenant_id = w.t and h.id = w.i),
    'transfers', (select jsonb_agg(jsonb_build_object('tenant_id', x.tenant_id, 'id', x.id,
        'kind', x.kind, 'debit_account_id', x.debit_account_id,
        'credit_account_id', x.credit_account_id, 'amount', x.amount, 'currency', x.currency,
        'hold_id', x.hold_id,
        -- A scalar query with a limit: an exists() may be answered by hashing the whole table.
        'reversed', coalesce((select true from money.transfer r
          where r.tenant_id = x.tenant_id and r.reverses_id = x.id limit 1), false)))
      from unnest(transfer_tenants, transfer_ids) as w(t, i)
      join money.transfer x on x.tenant_id = w.t and x.id = w.i));
end $function$;
alter function money.read_batch(key_tenants text[], keys text[], account_tenants text[], account_ids uuid[], hold_tenants text[], hold_ids uuid[], transfer_tenants text[], transfer_ids uuid[], until timestamp with time zone) owner to countersign_owner;

CREATE OR REPLACE FUNCTION money.read_counters(tenants text[], keys text[])
 RETURNS json
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
BEGIN ATOMIC
 SELECT json_agg(json_build_object('tenant', c.tenant_id, 'key', c.key, 'counters', c.counters)) AS json_agg
    FROM (UNNEST(read_counters.tenants, read_counters.keys) w(t, k)
      JOIN money.counter c ON (((c.tenant_id = w.t) AND (c.key = w.k))));
END;
alter function money.read_counters(tenants text[], keys text[]) owner to countersign_owner;

CREATE OR REPLACE FUNCTION money.read_intents(key_tenants text[], keys text[], debtor_tenants text[], debtors uuid[])
 RETURNS SETOF money.core_intent
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
BEGIN ATOMIC
 SELECT i.tenant_id,
     i.idempotency_key,
     i.command_id,
     i.digest,
     i.core,
     i.reference,
     i.debtor_id,
     i.steps,
     i.item,
     i.state,
     i.core_reference,
     i.refusal,
     i.overrides,
     i.attempts,
     i.looks,
     i.next_look_at,
     i.made_at,
     i.asked_at,
     i.changed_at
    FROM money.core_intent i
   WHERE (((i.tenant_id, i.idempotency_key) IN ( SELECT w.t,
             w.k
            FROM UNNEST(read_intents.key_tenants, read_intents.keys) w(t, k))) OR ((i.state = ANY (ARRAY['sent'::text, 'unknown'::text, 'pending_approval'::text])) AND ((i.tenant_id, i.debtor_id) IN ( SELECT w.t,
             w.d
            FROM UNNEST(read_intents.debtor_tenants, read_intents.debtors) w(t, d)))))
   ORDER BY i.made_at, i.command_id;
END;
alter function money.read_intents(key_tenants text[], keys text[], debtor_tenants text[], debtors uuid[]) owner to countersign_owner;

CREATE OR REPLACE FUNCTION money.record_accounts(opened_tenants text[], opened_ids uuid[], opened_types text[], opened_currencies text[], opened_holders text[], opened_metadata text, opened_at timestamp with time zone[], tenants text[], ids uuid[], statuses text[], bounds text[], credit_limits bigint[], sums_debits_posted bigint[], sums_credits_posted bigint[], sums_debits_pending bigint[], sums_credits_pending bigint[], versions bigint[], recorded timestamp with time zone[], used text)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
BEGIN ATOMIC
 INSERT INTO money.account (tenant_id, id, type, currency, holder_id, metadata, opened_at, bound, recorded_at)  SELECT x.t,
             x.i,
             x.ty,
             x.cu,
             x.h,
             (x.m)::jsonb AS m,
             x.o,
             'none',
             x.o
            FROM UNNEST(record_accounts.opened_tenants, record_accounts.opened_ids, record_accounts.opened_types, record_accounts.opened_currencies, record_accounts.opened_holders, core.lines(record_accounts.opened_metadata), record_accounts.opened_at) x(t, i, ty, cu, h, m, o);
 UPDATE money.account a SET status = x.s, bound = x.b, credit_limit = x.cl, debits_posted = x.dp, credits_posted = x.cp, debits_pending = x.dn, credits_pending = x.cn, version = x.v, recorded_at = x.r, counters = COALESCE(x.n, a.counters)
    FROM UNNEST(record_accounts.tenants, record_accounts.ids, record_accounts.statuses, record_accounts.bounds, record_accounts.credit_limits, record_accounts.sums_debits_posted, record_accounts.sums_credits_posted, record_accounts.sums_debits_pending, record_accounts.sums_credits_pending, record_accounts.versions, record_accounts.recorded, core.lines(record_accounts.used)) x(t, i, s, b, cl, dp, cp, dn, cn, v, r, n)
   WHERE ((a.tenant_id = x.t) AND (a.id = x.i));
END;
alter function money.record_accounts(opened_tenants text[], opened_ids uuid[], opened_types text[], opened_currencies text[], opened_holders text[], opened_metadata text, opened_at timestamp with time zone[], tenants text[], ids uuid[], statuses text[], bounds text[], credit_limits bigint[], sums_debits_posted bigint[], sums_credits_posted bigint[], sums_debits_pending bigint[], sums_credits_pending bigint[], versions bigint[], recorded timestamp with time zone[], used text) owner to countersign_owner;

CREATE OR REPLACE FUNCTION money.record_counters(tenants text[], keys text[], used text)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
BEGIN ATOMIC
 UPDATE money.counter c SET counters = (x.u)::jsonb
    FROM UNNEST(record_counters.tenants, record_counters.keys, core.lines(record_counters.used)) x(t, k, u)
   WHERE ((c.tenant_id = x.t) AND (c.key = x.k));
END;
alter function money.record_counters(tenants text[], keys text[], used text) owner to countersign_owner;

CREATE OR REPLACE FUNCTION money.record_holds(tenants text[], ids uuid[], debits uuid[], credits uuid[], currencies text[], amounts bigint[], captures bigint[], releases bigint[], reversals bigint[], statuses text[], expires timestamp with time zone[], recorded timestamp with time zone[], resolved timestamp with time zone[])
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
BEGIN ATOMIC
 INSERT INTO money.hold (tenant_id, id, debit_account_id, credit_account_id, currency, amount, captured, released, reversed, status, expires_at, recorded_at, resolved_at)  SELECT unnest.unnest,
             unnest.unnest_1 AS unnest,
             unnest.unnest_2 AS unnest,
             unnest.unnest_3 AS unnest,
             unnest.unnest_4 AS unnest,
             unnest.unnest_5 AS unnest,
             unnest.unnest_6 AS unnest,
             unnest.unnest_7 AS unnest,
             unnest.unnest_8 AS unnest,
             unnest.unnest_9 AS unnest,
             unnest.unnest_10 AS unnest,
             unnest.unnest_11 AS unnest,
             unnest.unnest_12 AS unnest
            FROM UNNEST(record_holds.tenants, record_holds.ids, record_holds.debits, record_holds.credits, record_holds.currencies, record_holds.amounts, record_holds.captures, record_holds.releases, record_holds.reversals, record_holds.statuses, record_holds.expires, record_holds.recorded, record_holds.resolved) unnest(unnest, unnest_1, unnest_2, unnest_3, unnest_4, unnest_5, unnest_6, unnest_7, unnest_8, unnest_9, unnest_10, unnest_11, unnest_12) ON CONFLICT(tenant_id, id) DO UPDATE SET amount = excluded.amount, captured = excluded.captured, released = excluded.released, reversed = excluded.reversed, status = excluded.status, resolved_at = excluded.resolved_at;
END;
alter function money.record_holds(tenants text[], ids uuid[], debits uuid[], credits uuid[], currencies text[], amounts bigint[], captures bigint[], releases bigint[], reversals bigint[], statuses text[], expires timestamp with time zone[], recorded timestamp with time zone[], resolved timestamp with time zone[]) owner to countersign_owner;

CREATE OR REPLACE FUNCTION money.record_intents(tenants text[], keys text[], commands uuid[], digests text[], cores text[], refs text[], debtors uuid[], steps text, items text, looks timestamp with time zone[], made timestamp with time zone[])
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
BEGIN ATOMIC
 INSERT INTO money.core_intent (tenant_id, idempotency_key, command_id, digest, core, reference, debtor_id, steps, item, next_look_at, made_at, asked_at, changed_at)  SELECT x.t,
             x.k,
             x.c,
             x.d,
             x.n,
             x.r,
             x.a,
             (x.s)::jsonb AS s,
             x.i,
             x.l,
             x.m,
             x.m,
             x.m
            FROM UNNEST(record_intents.tenants, record_intents.keys, record_intents.commands, record_intents.digests, record_intents.cores, record_intents.refs, record_intents.debtors, core.lines(record_intents.steps), core.lines(record_intents.items), record_intents.looks, record_intents.made) x(t, k, c, d, n, r, a, s, i, l, m)
           ORDER BY (x.t COLLATE "C"), (x.k COLLATE "C");
END;
alter function money.record_intents(tenants text[], keys text[], commands uuid[], digests text[], cores text[], refs text[], debtors uuid[], steps text, items text, looks timestamp with time zone[], made timestamp with time zone[]) owner to countersign_owner;

CREATE OR REPLACE FUNCTION money.record_settings(unit_tenants text[], unit_codes text[], unit_exponents integer[], unit_names text[], period_tenants text[], closed_through date[], closed_before timestamp with time zone[], holiday_tenants text[], holiday_dates date[], holiday_names text[])
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
BEGIN ATOMIC
 INSERT INTO money.unit (tenant_id, code, exponent, name)  SELECT unnest.unnest,
             unnest.unnest_1 AS unnest,
             unnest.unnest_2 AS unnest,
             unnest.unnest_3 AS unnest
            FROM UNNEST(record_settings.unit_tenants, record_settings.unit_codes, record_settings.unit_exponents, record_settings.unit_names) unnest(unnest, unnest_1, unnest_2, unnest_3);
 INSERT INTO money.period (tenant_id, closed_through, closed_before)  SELECT unnest.unnest,
             unnest.unnest_1 AS unnest,
             unnest.unnest_2 AS unnest
            FROM UNNEST(record_settings.period_tenants, record_settings.closed_through, record_settings.closed_before) unnest(unnest, unnest_1, unnest_2) ON CONFLICT(tenant_id) DO UPDATE SET closed_through = excluded.closed_through, closed_before = excluded.closed_before;
 INSERT INTO money.holiday (tenant_id, date, name)  SELECT unnest.unnest,
             unnest.unnest_1 AS unnest,
             unnest.unnest_2 AS unnest
            FROM UNNEST(record_settings.holiday_tenants, record_settings.holiday_dates, record_settings.holiday_names) unnest(unnest, unnest_1, unnest_2) ON CONFLICT(tenant_id, date) DO UPDATE SET name = excluded.name;
END;
alter function money.record_settings(unit_tenants text[], unit_codes text[], unit_exponents integer[], unit_names text[], period_tenants text[], closed_through date[], closed_before timestamp with time zone[], holiday_tenants text[], holiday_dates date[], holiday_names text[]) owner to countersign_owner;

CREATE OR REPLACE FUNCTION money.record_terms(tenants text[], ids uuid[], recorded timestamp with time zone[], statuses text[], bounds text[], credit_limits bigint[])
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
BEGIN ATOMIC
 INSERT INTO money.account_terms (tenant_id, account_id, recorded_at, status, bound, credit_limit)  SELECT unnest.unnest,
             unnest.unnest_1 AS unnest,
             unnest.unnest_2 AS unnest,
             unnest.unnest_3 AS unnest,
             unnest.unnest_4 AS unnest,
             unnest.unnest_5 AS unnest
            FROM UNNEST(record_terms.tenants, record_terms.ids, record_terms.recorded, record_terms.statuses, record_terms.bounds, record_terms.credit_limits) unnest(unnest, unnest_1, unnest_2, unnest_3, unnest_4, unnest_5);
END;
alter function money.record_terms(tenants text[], ids uuid[], recorded timestamp with time zone[], statuses text[], bounds text[], credit_limits bigint[]) owner to countersign_owner;

CREATE OR REPLACE FUNCTION money.record_transfers(tenants text[], ids uuid[], kinds text[], commands uuid[], legs integer[], debits uuid[], credits uuid[], amounts bigint[], releases bigint[], currencies text[], holds uuid[], reverses uuid[], effective timestamp with time zone[], recorded timestamp with time zone[], metadata text, debit_versions bigint[], debit_sums text[], credit_versions bigint[], credit_sums text[], taken text)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
BEGIN ATOMIC
 INSERT INTO money.transfer (tenant_id, id, kind, command_id, leg, debit_account_id, credit_account_id, amount, released, currency, hold_id, reverses_id, effective_at, recorded_at, metadata, debit_version, debit_sums, credit_version, credit_sums, taken)  SELECT x.t,
             x.i,
             x.k,
             x.c,
             x.l,
             x.d,
             x.cr,
             x.a,
             x.r,
             x.cu,
             x.h,
             x.rv,
             x.e,
             x.rc,
             (x.m)::jsonb AS m,
             x.dv,
             (x.ds)::bigint[] AS ds,
             x.cv,
             (x.cs)::bigint[] AS cs,
             x.tk
            FROM UNNEST(record_transfers.tenants, record_transfers.ids, record_transfers.kinds, record_transfers.commands, record_transfers.legs, record_transfers.debits, record_transfers.credits, record_transfers.amounts, record_transfers.releases, record_transfers.currencies, record_transfers.holds, record_transfers.reverses, record_transfers.effective, record_transfers.recorded, core.lines(record_transfers.metadata), record_transfers.debit_versions, record_transfers.debit_sums, record_transfers.credit_versions, record_transfers.credit_sums, core.lines(record_transfers.taken)) x(t, i, k, c, l, d, cr, a, r, cu, h, rv, e, rc, m, dv, ds, cv, cs, tk);
END;
alter function money.record_transfers(tenants text[], ids uuid[], kinds text[], commands uuid[], legs integer[], debits uuid[], credits uuid[], amounts bigint[], releases bigint[], currencies text[], holds uuid[], reverses uuid[], effective timestamp with time zone[], recorded timestamp with time zone[], metadata text, debit_versions bigint[], debit_sums text[], credit_versions bigint[], credit_sums text[], taken text) owner to countersign_owner;

CREATE OR REPLACE FUNCTION money.replace_intents(tenants text[], keys text[], commands uuid[])
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
declare
  taken bigint;
begin
  delete from money.core_intent i using unnest(tenants, keys, commands) as x(t, k, c)
   where i.tenant_id = x.t and i.idempotency_key = x.k and i.command_id = x.c
     and i.state = 'needs_override';
  get diagnostics taken = row_count;
  if taken < cardinality(keys) then
    raise exception 'what was warned of has gone on meanwhile' using errcode = 'CS001';
  end if;
end $function$;
alter function money.replace_intents(tenants text[], keys text[], commands uuid[]) owner to countersign_owner;

CREATE OR REPLACE FUNCTION money.taken_by(hold_tenants text[], hold_ids uuid[], transfer_tenants text[], transfer_ids uuid[])
 RETURNS TABLE(tenant text, source uuid, taken text)
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog'
AS $function$
  with named as (
    select x.tenant_id, x.id, x.hold_id, x.taken
      from unnest(transfer_tenants, transfer_ids) as w(t, i)
      join money.transfer x on x.tenant_id = w.t and x.id = w.i),
  changes as (
    select h.t, h.i, x.id, x.kind, x.taken
      from (select * from unnest(hold_tenants, hold_ids)
            union select n.tenant_id, n.hold_id from named n where n.hold_id is not null) as h(t, i)
      cross join lateral (select * from money.transfer x
                           where x.tenant_id = h.t and x.hold_id = h.i offset 0) x)
  select c.t, c.i, c.taken from changes c where c.taken is not null
  union all
  select c.t, c.i, r.taken
    from changes c
    cross join lateral (select * from money.transfer r
                         where r.tenant_id = c.t and r.reverses_id = c.id offset 0) r
   where c.kind = 'capture' and r.taken is not null
  union all
  select n.tenant_id, n.id, n.taken from named n where n.hold_id is null and n.taken is not null
$function$;
alter function money.taken_by(hold_tenants text[], hold_ids uuid[], transfer_tenants text[], transfer_ids uuid[]) owner to countersign_owner;

CREATE OR REPLACE FUNCTION money.version_at(tenant text, account uuid, instant timestamp with time zone)
 RETURNS bigint
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog'
AS $function$
declare
  low bigint := 0;
  high bigint;
  middle bigint;
  recorded timestamptz;
begin
  select a.version into high from money.account a where a.tenant_id = tenant and a.id = account;
  while low < high loop
    middle := (low + high + 1) / 2;
    select e.recorded_at into recorded from money.entry e
     where e.tenant_id = tenant and e.account_id = account and e.version = middle;
    if recorded <= instant then low := middle; else high := middle - 1; end if;
  end loop;
  return low;
end $function$;
alter function money.version_at(tenant text, account uuid, instant timestamp with time zone) owner to countersign_owner;

CREATE OR REPLACE FUNCTION money.withdraw_intent(tenant text, key text, command uuid)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
begin
  delete from money.core_intent i
   where i.tenant_id = tenant and i.idempotency_key = key and i.command_id = command
     and (i.state = 'needs_override' or i.state = 'sent' and i.attempts = 1);
  return found;
end $function$;
alter function money.withdraw_intent(tenant text, key text, command uuid) owner to countersign_owner;

CREATE OR REPLACE FUNCTION payments.steps_of(payment text, most integer)
 RETURNS SETOF uuid
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
BEGIN ATOMIC
 SELECT c.id
    FROM core.command c
   WHERE ((c.tenant_id = core.current_tenant()) AND (((c.body)::jsonb ->> 'payment_id'::text) = steps_of.payment) AND (c.operation = ANY (ARRAY['payment.increase'::text, 'payment.capture'::text, 'payment.cancel'::text, 'payment.expire'::text, 'payment.resume'::text, 'payment.refund'::text, 'payment.return'::text, 'payment.charge_back'::text, 'payment.represent'::text])))
  LIMIT steps_of.most;
END;
alter function payments.steps_of(payment text, most integer) owner to countersign_owner;

CREATE OR REPLACE FUNCTION policy.change_rights(tenant text)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
BEGIN ATOMIC
 UPDATE core.tenant t SET epoch = (t.epoch + 1)
   WHERE ((t.tenant_id = change_rights.tenant) AND (change_rights.tenant = core.current_tenant()));
END;
alter function policy.change_rights(tenant text) owner to countersign_owner;

CREATE OR REPLACE FUNCTION policy.create_tenant(tenant text, name text, time_zone text, created timestamp with time zone)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
BEGIN ATOMIC
 INSERT INTO core.tenant (tenant_id, name, time_zone, created_at)
   VALUES (create_tenant.tenant, create_tenant.name, create_tenant.time_zone, create_tenant.created);
END;
alter function policy.create_tenant(tenant text, name text, time_zone text, created timestamp with time zone) owner to countersign_owner;

CREATE OR REPLACE FUNCTION policy.enter(tenant text, key text, is_concurrent boolean, by_installation boolean)
 RETURNS TABLE(id uuid, digest text, outcome text, epoch bigint)
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog'
AS $function$
begin
  if is_concurrent then
    perform pg_advisory_xact_lock_shared(hashtextextended(tenant, 1));
    perform pg_advisory_xact_lock(hashtextextended(tenant || ' ' || key, 39));
  else
    perform pg_advisory_xact_lock(hashtextextended(tenant, 1));
  end if;
  return query
  select c.id, encode(c.digest, 'hex'), c.outcome,
         case when by_installation
              then (select policy.installation_epoch() where not exists (select from core.tenant))
              else (select t.epoch from core.tenant t) end
    from (select) found
    left join core.command c on c.tenant_id = tenant and c.idempotency_key = key;
end $function$;
alter function policy.enter(tenant text, key text, is_concurrent boolean, by_installation boolean) owner to countersign_owner;

CREATE OR REPLACE FUNCTION policy.find_api_key(hash bytea)
 RETURNS TABLE(tenant text, id uuid, principal text, scopes text[], expires_at timestamp with time zone, revoked_at timestamp with time zone, epoch bigint, roles text[], governed boolean, region text, customer text, delegated_by text, rule_set text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
BEGIN ATOMIC
 SELECT k.tenant_id,
     k.id,
     k.principal,
     k.scopes,
     k.expires_at,
     k.revoked_at,
     t.epoch,
     r.roles,
     r.governed,
     r.region,
     r.customer,
     r.delegated_by,
     r.rule_set
    FROM ((policy.api_key k
      JOIN core.tenant t USING (tenant_id))
      CROSS JOIN LATERAL policy.principal_rights(k.tenant_id, k.principal) r(roles, governed, region, customer, delegated_by, rule_set))
   WHERE (k.secret_hash = find_api_key.hash);
END;
alter function policy.find_api_key(hash bytea) owner to countersign_owner;

CREATE OR REPLACE FUNCTION policy.find_session(hash bytea)
 RETURNS TABLE(tenant text, id uuid, principal text, name text, scopes text[], ends_at timestamp with time zone, last_seen_at timestamp with time zone, epoch bigint, roles text[], governed boolean, region text, customer text, delegated_by text, rule_set text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
BEGIN ATOMIC
 SELECT s.tenant_id,
     s.id,
     s.principal,
     s.name,
     k.scopes,
     LEAST(s.expires_at, s.closed_at, k.expires_at, k.revoked_at) AS "least",
     s.last_seen_at,
     t.epoch,
     r.roles,
     r.governed,
     r.region,
     r.customer,
     r.delegated_by,
     r.rule_set
    FROM (((policy.session s
      JOIN core.tenant t USING (tenant_id))
      LEFT JOIN policy.api_key k ON (((k.tenant_id = s.tenant_id) AND (k.id = s.key_id))))
      CROSS JOIN LATERAL policy.principal_rights(s.tenant_id, s.principal) r(roles, governed, region, customer, delegated_by, rule_set))
   WHERE (s.token_hash = find_session.hash);
END;
alter function policy.find_session(hash bytea) owner to countersign_owner;

CREATE OR REPLACE FUNCTION policy.installation_epoch()
 RETURNS bigint
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
BEGIN ATOMIC
 SELECT tenant.epoch
    FROM core.tenant
   WHERE (tenant.tenant_id = 'system'::text);
END;
alter function policy.installation_epoch() owner to countersign_owner;

CREATE OR REPLACE FUNCTION policy.open_replays(page integer)
 RETURNS TABLE(tenant text, id uuid, request text, requested_at timestamp with time zone)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
BEGIN ATOMIC
 SELECT DISTINCT ON (r.tenant_id) r.tenant_id,
     r.id,
     r.request,
     r.requested_at
    FROM policy.replay r
   WHERE (NOT (EXISTS ( SELECT
            FROM policy.replay_result e
           WHERE ((e.tenant_id = r.tenant_id) AND (e.id = r.id)))))
   ORDER BY r.tenant_id, r.requested_at, r.id
  LIMIT open_replays.page;
END;
alter function policy.open_replays(page integer) owner to countersign_owner;

CREATE OR REPLACE FUNCTION policy.ordered_payment(payment_id uuid, decision_ids uuid[])
 RETURNS TABLE(principal text, digest bytea, body text, received_at timestamp with time zone, status text, asked integer)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog'
BEGIN ATOMIC
 SELECT c.principal,
     c.digest,
     c.body,
     c.received_at,
     ((c.outcome)::json ->> 'status'::text),
     ( SELECT (max(made.nth))::integer AS max
            FROM (unnest(ordered_payment.decision_ids) WITH ORDINALITY made(id, nth)
              JOIN core.event d ON (((d.tenant_id = e.tenant_id) AND (d.id = made.id))))
           WHERE ((d.type = 'decision.made'::text) AND (((d.body)::json #>> '{data,payload,outcome}'::text[]) = 'hold'::text) AND (((d.body)::json #> '{data,payload,obligations,step_up}'::text[]) IS NOT NULL))) AS max
    FROM (core.event e
      JOIN core.command c ON (((c.tenant_id = e.tenant_id) AND (c.idempotency_key = ((e.body)::json #>> '{data,idempotency_key}'::text[])))))
   WHERE ((e.tenant_id = core.current_tenant()) AND (e.id = (ordered_payment.decision_ids)[1]) AND (e.type = 'decision.made'::text) AND (c.id = ordered_payment.payment_id) AND (c.operation = ANY (ARRAY['payment.initiate'::text, 'payment.authorize'::text])));
END;
alter function policy.ordered_payment(payment_id uuid, decision_ids uuid[]) owner to countersign_owner;

CREATE OR REPLACE FUNCTION policy.principal_rights(tenant text, who text, OUT roles text[], OUT governed boolean, OUT region text, OUT customer text, OUT delegated_by text, OUT rule_set text)
 RETURNS record
 LANGUAGE sql
 STABLE
BEGIN ATOMIC
 SELECT ARRAY( SELECT r.role
            FROM policy.principal_role r
           WHERE ((r.tenant_id = principal_rights.tenant) AND (r.principal = principal_rights.who) AND (r.revoked_at = 'infinity'::timestamp with time zone))
           ORDER BY r.role) AS "array",
     (EXISTS ( SELECT
            FROM policy.principal_role r
           WHERE ((r.tenant_id = principal_rights.tenant) AND (r.principal = principal_rights.who)))) AS "exists",
     p.region,
     p.customer,
     p.delegated_by,
     ( SELECT encode(e.digest, 'hex'::text) AS encode
            FROM policy.entitlement_publication e
           WHERE (e.tenant_id = principal_rights.tenant)
           ORDER BY e.number DESC
          LIMIT 1) AS encode
    FROM (( VALUES (1)) one
      LEFT JOIN policy.principal p ON (((p.tenant_id = principal_rights.tenant) AND (p.principal = principal_rights.who))));
END;
alter function policy.principal_rights(tenant text, who text, OUT roles text[], OUT governed boolean, OUT region text, OUT customer text, OUT delegated_by text, OUT rule_set text) owner to countersign_owner;

-- Triggers ----------------------------------------------------------------------------------------

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON ai.artefact FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON ai.model_act FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON ai.model_version FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON ai.prompt_act FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON ai.prompt_call FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON core.checkpoint FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON core.command FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER no_open_intent AFTER INSERT ON core.command REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION money.expect_no_open_intent();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON core.event FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON core.leaf FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON core.node FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON gateway.mandate_refusal FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON loyalty.account FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON loyalty.campaign FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON loyalty.liability_posting FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON loyalty.liability_request FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON loyalty.liability_run FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON loyalty.member_signal FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON loyalty.program_document FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON loyalty.program_version FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON loyalty.reward_price FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON loyalty.reward_version FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON loyalty.warned FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON money.account_terms FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON money.transfer FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON offers.action FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON offers.assignment FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON offers.consideration FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON offers.contact_policy FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON offers.exposure FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON offers.life_event FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON offers.offer_act FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON offers.request FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON policy.approval_verdict FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON policy.backtest FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON policy.bundle FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON policy.consent FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON policy.entitlement_publication FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON policy.entitlement_set FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON policy.release FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON policy.replay FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON policy.replay_result FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON policy.screening FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON policy.screening_hit FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON policy.step_up_attempt FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON privacy.erasure FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON reviews.case_act FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON reviews.case_summary FOR EACH STATEMENT EXECUTE FUNCTION core.refuse_change();

-- Row-level security policies ---------------------------------------------------------------------

create policy projections_serve_all on ai.alert as permissive for all to countersign_app
  using (true);

create policy tenant_isolation on ai.alert as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on ai.artefact as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy projections_serve_all on ai.control_run as permissive for all to countersign_app
  using (true);

create policy tenant_isolation on ai.control_run as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy projections_serve_all on ai.feature_state as permissive for all to countersign_app
  using (true);

create policy tenant_isolation on ai.feature_state as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy projections_serve_all on ai.label as permissive for all to countersign_app
  using (true);

create policy tenant_isolation on ai.label as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on ai.labelled_payment as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on ai.model_act as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on ai.model_version as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on ai.prompt_act as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on ai.prompt_call as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy projections_serve_all on ai.score as permissive for all to countersign_app
  using (true);

create policy tenant_isolation on ai.score as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy sealer_reads_all on core.checkpoint as permissive for select to countersign_sealer
  using (true);

create policy tenant_isolation on core.checkpoint as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on core.command as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on core.event as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy sealer_reads_all on core.leaf as permissive for select to countersign_sealer
  using (true);

create policy tenant_isolation on core.leaf as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy sealer_reads_all on core.node as permissive for select to countersign_sealer
  using (true);

create policy tenant_isolation on core.node as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on core.tenant as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy sealer_reads_all on core.tree as permissive for select to countersign_sealer
  using (true);

create policy tenant_isolation on core.tree as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on gateway.agent as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on gateway.agent_client as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on gateway.mandate as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on gateway.mandate_refusal as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on gateway.proposal as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on gateway.revoked_token as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on gateway.sequence_run as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on gateway.ticket as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on gateway.tool as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy loyalty_serves_all on loyalty.account as permissive for all to countersign_app
  using (true);

create policy tenant_isolation on loyalty.account as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy accrual_serves_all on loyalty.asked as permissive for all to countersign_app
  using (true);

create policy tenant_isolation on loyalty.asked as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy rewards_serve_all on loyalty.benefit as permissive for all to countersign_app
  using (true);

create policy tenant_isolation on loyalty.benefit as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on loyalty.campaign as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy rewards_serve_all on loyalty.claim as permissive for all to countersign_app
  using (true);

create policy tenant_isolation on loyalty.claim as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy accrual_serves_all on loyalty.counter as permissive for all to countersign_app
  using (true);

create policy tenant_isolation on loyalty.counter as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy accrual_serves_all on loyalty.earned as permissive for all to countersign_app
  using (true);

create policy tenant_isolation on loyalty.earned as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on loyalty.liability_posting as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on loyalty.liability_request as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on loyalty.liability_run as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy projections_serve_all on loyalty.lot as permissive for all to countersign_app
  using (true);

create policy tenant_isolation on loyalty.lot as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy projections_serve_all on loyalty.lot_use as permissive for all to countersign_app
  using (true);

create policy tenant_isolation on loyalty.lot_use as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy loyalty_serves_all on loyalty.member as permissive for all to countersign_app
  using (true);

create policy tenant_isolation on loyalty.member as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on loyalty.member_look as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on loyalty.member_signal as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on loyalty.program_document as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on loyalty.program_version as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on loyalty.quote as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy rewards_serve_all on loyalty.redemption as permissive for all to countersign_app
  using (true);

create policy tenant_isolation on loyalty.redemption as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy accrual_serves_all on loyalty.returned as permissive for all to countersign_app
  using (true);

create policy tenant_isolation on loyalty.returned as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on loyalty.reward as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on loyalty.reward_price as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on loyalty.reward_version as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy projections_serve_all on loyalty.standing as permissive for all to countersign_app
  using (true);

create policy tenant_isolation on loyalty.standing as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy rewards_serve_all on loyalty.tier as permissive for all to countersign_app
  using (true);

create policy tenant_isolation on loyalty.tier as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy accrual_serves_all on loyalty.waiting as permissive for all to countersign_app
  using (true);

create policy tenant_isolation on loyalty.waiting as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy accrual_serves_all on loyalty.warned as permissive for all to countersign_app
  using (true);

create policy tenant_isolation on loyalty.warned as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on money.account as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on money.account_terms as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on money.core_intent as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on money.counter as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on money.hold as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on money.holiday as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on money.period as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on money.transfer as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on money.unit as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on offers.action as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on offers.action_standing as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on offers.assignment as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy batches_serve_all on offers.batch as permissive for all to countersign_app
  using (true);

create policy tenant_isolation on offers.batch as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on offers.breaker as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy batches_serve_all on offers.candidate as permissive for all to countersign_app
  using (true);

create policy tenant_isolation on offers.candidate as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on offers.consideration as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on offers.contact_policy as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on offers.customer as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on offers.exposure as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy projections_serve_all on offers.known_product as permissive for all to countersign_app
  using (true);

create policy tenant_isolation on offers.known_product as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on offers.learning_setting as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on offers.life_event as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on offers.monitored_group as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy clocks_watch_for_all on offers.offer as permissive for select to countersign_app
  using (true);

create policy tenant_isolation on offers.offer as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on offers.offer_act as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy projections_serve_all on offers.participant as permissive for all to countersign_app
  using (true);

create policy tenant_isolation on offers.participant as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on offers.request as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy projections_serve_all on offers.tally as permissive for all to countersign_app
  using (true);

create policy tenant_isolation on offers.tally as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy projections_serve_all on offers.triggered as permissive for all to countersign_app
  using (true);

create policy tenant_isolation on offers.triggered as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on offers.volume as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy cores_are_told_for_all on offers.write_back as permissive for all to countersign_app
  using (true);

create policy tenant_isolation on offers.write_back as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy projections_serve_all on payments.payment as permissive for all to countersign_app
  using (true);

create policy tenant_isolation on payments.payment as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on policy.api_key as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on policy.approval as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on policy.approval_verdict as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on policy.authenticator as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on policy.backtest as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on policy.bundle as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on policy.consent as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on policy.entitlement_publication as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on policy.entitlement_set as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on policy.kill_switch as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on policy.principal as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on policy.principal_role as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on policy.release as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on policy.replay as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on policy.replay_result as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on policy.rollout as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on policy.screening as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on policy.screening_clearance as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on policy.screening_hit as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on policy.screening_subject as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on policy.session as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on policy.step_up_attempt as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on privacy.envelope_key as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on privacy.erasure as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on privacy.index_key as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on privacy.person_key as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on privacy.token as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy projections_serve_all on projection.activity as permissive for all to countersign_app
  using (true);

create policy tenant_isolation on projection.activity as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy projections_serve_all on projection.balance as permissive for all to countersign_app
  using (true);

create policy tenant_isolation on projection.balance as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on register.account_party as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on register.arrangement as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on register.contact_point as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on register.core_acceptance as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on register.core_cursor as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on register.core_difference as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on register.core_ending as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on register.core_event as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on register.core_link as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on register.party as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on register.product as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on register.service_request as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on reviews.case_act as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy promises_are_watched_for_all on reviews.case_file as permissive for select to countersign_app
  using (true);

create policy tenant_isolation on reviews.case_file as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy projections_serve_all on reviews.case_link as permissive for all to countersign_app
  using (true);

create policy tenant_isolation on reviews.case_link as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on reviews.case_summary as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy tenant_isolation on reviews.setting as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy metrics_count_all on slo.alert as permissive for select to countersign_app
  using (true);

create policy tenant_isolation on slo.alert as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy measuring_serves_all on slo.checked as permissive for all to countersign_app
  using (true);

create policy tenant_isolation on slo.checked as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy projections_serve_all on slo.flow as permissive for all to countersign_app
  using (true);

create policy tenant_isolation on slo.flow as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy projections_serve_all on slo.folded as permissive for all to countersign_app
  using (true);

create policy tenant_isolation on slo.folded as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy measuring_serves_all on slo.measure as permissive for all to countersign_app
  using (true);

create policy tenant_isolation on slo.measure as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy projections_serve_all on slo.rollback as permissive for all to countersign_app
  using (true);

create policy tenant_isolation on slo.rollback as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy projections_serve_all on slo.tally as permissive for all to countersign_app
  using (true);

create policy tenant_isolation on slo.tally as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy sending_serves_all on webhooks.delivery as permissive for all to countersign_app
  using (true);

create policy tenant_isolation on webhooks.delivery as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy sending_serves_all on webhooks.endpoint as permissive for all to countersign_app
  using (true);

create policy tenant_isolation on webhooks.endpoint as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

create policy sending_serves_all on webhooks.feed as permissive for all to countersign_app
  using (true);

create policy tenant_isolation on webhooks.feed as permissive for all to public
  using ((tenant_id = core.current_tenant()))
  with check ((tenant_id = core.current_tenant()));

-- Grants on schemas -------------------------------------------------------------------------------

grant usage on schema ai
  to countersign_ai, countersign_app, countersign_policy, countersign_read, countersign_sim;

grant usage on schema core
  to countersign_ai, countersign_app, countersign_gateway, countersign_money, countersign_policy, countersign_read, countersign_sealer, countersign_sim, countersign_vault;

grant usage on schema gateway
  to countersign_app, countersign_gateway, countersign_policy, countersign_read;

grant usage on schema loyalty
  to countersign_app, countersign_policy, countersign_read;

grant usage on schema money
  to countersign_money, countersign_read, countersign_sim;

grant usage on schema offers
  to countersign_app, countersign_policy, countersign_read;

grant usage on schema payments
  to countersign_app, countersign_read;

grant create, usage on schema pgboss
  to countersign_app;

grant usage on schema policy
  to countersign_gateway, countersign_policy, countersign_read, countersign_sim;

grant usage on schema privacy
  to countersign_vault;

grant usage on schema projection
  to countersign_app, countersign_read;

grant usage on schema register
  to countersign_app, countersign_policy, countersign_read;

grant usage on schema reviews
  to countersign_app, countersign_policy, countersign_read;

grant usage on schema slo
  to countersign_app, countersign_policy, countersign_read;

grant usage on schema webhooks
  to countersign_app, countersign_policy, countersign_read;

-- Grants on tables, views and sequences -----------------------------------------------------------

grant select on sequence core.event_seq
  to countersign_sealer;

grant delete, insert, select, update on table ai.alert
  to countersign_app;

grant select on table ai.alert
  to countersign_read;

grant insert, select on table ai.artefact
  to countersign_policy;

grant select on table ai.artefact
  to countersign_ai, countersign_read, countersign_sim;

grant delete, insert, select, update on table ai.control_run
  to countersign_app;

grant select on table ai.control_run
  to countersign_read;

grant delete, insert, select, update on table ai.feature_state
  to countersign_app;

grant select on table ai.feature_state
  to countersign_ai, countersign_read;

grant delete, insert, select, update on table ai.label
  to countersign_app;

grant select on table ai.label
  to countersign_read;

grant insert, select on table ai.labelled_payment
  to countersign_policy;

grant insert, select on table ai.model_act
  to countersign_policy;

grant select on table ai.model_act
  to countersign_ai, countersign_read, countersign_sim;

grant insert, select on table ai.model_version
  to countersign_policy;

grant select on table ai.model_version
  to countersign_ai, countersign_read, countersign_sim;

grant insert, select on table ai.prompt_act
  to countersign_policy;

grant select on table ai.prompt_act
  to countersign_ai, countersign_read;

grant insert, select on table ai.prompt_call
  to countersign_policy;

grant select on table ai.prompt_call
  to countersign_ai, countersign_read;

grant delete, insert, select, update on table ai.score
  to countersign_app;

grant select on table ai.score
  to countersign_read;

grant select on table core.checkpoint
  to countersign_read, countersign_sealer;

grant select on table core.command
  to countersign_money, countersign_policy, countersign_read;

grant delete, insert, select, update on table core.consumer
  to countersign_app;

grant select on table core.event
  to countersign_read, countersign_sim;

grant select on table core.leaf
  to countersign_read, countersign_sealer, countersign_sim;

grant select on table core.node
  to countersign_read, countersign_sealer;

grant insert, select, update on table core.projection
  to countersign_app;

grant select on table core.projection
  to countersign_ai, countersign_read;

grant select on table core.seal_state
  to countersign_sealer;

grant select on table core.tenant
  to countersign_money, countersign_policy, countersign_read;

grant select on table core.tree
  to countersign_read, countersign_sealer;

grant insert, select on table gateway.agent
  to countersign_policy;

grant select on table gateway.agent
  to countersign_gateway, countersign_read;

grant insert, select on table gateway.agent_client
  to countersign_policy;

grant select on table gateway.agent_client
  to countersign_gateway, countersign_read;

grant insert, select on table gateway.mandate
  to countersign_policy;

grant select on table gateway.mandate
  to countersign_gateway, countersign_read;

grant insert, select on table gateway.mandate_refusal
  to countersign_policy;

grant select on table gateway.mandate_refusal
  to countersign_read;

grant insert, select on table gateway.proposal
  to countersign_policy;

grant select on table gateway.proposal
  to countersign_gateway, countersign_read;

grant insert, select on table gateway.revoked_token
  to countersign_policy;

grant insert, select on table gateway.sequence_run
  to countersign_policy;

grant select on table gateway.sequence_run
  to countersign_gateway, countersign_read;

grant delete, insert, select on table gateway.ticket
  to countersign_app;

grant insert, select on table gateway.tool
  to countersign_policy;

grant select on table gateway.tool
  to countersign_gateway, countersign_read;

grant insert, select on table loyalty.account
  to countersign_policy;

grant select on table loyalty.account
  to countersign_app, countersign_read;

grant insert, select, update on table loyalty.asked
  to countersign_app;

grant select on table loyalty.asked
  to countersign_read;

grant insert, select, update on table loyalty.benefit
  to countersign_app;

grant select on table loyalty.benefit
  to countersign_read;

grant insert, select on table loyalty.campaign
  to countersign_policy;

grant select on table loyalty.campaign
  to countersign_read;

grant insert, select on table loyalty.claim
  to countersign_policy;

grant select on table loyalty.claim
  to countersign_app, countersign_read;

grant insert, select, update on table loyalty.counter
  to countersign_app;

grant select on table loyalty.counter
  to countersign_read;

grant insert, select, update on table loyalty.earned
  to countersign_app;

grant select on table loyalty.earned
  to countersign_read;

grant insert, select on table loyalty.liability_posting
  to countersign_policy;

grant select on table loyalty.liability_posting
  to countersign_read;

grant insert, select on table loyalty.liability_request
  to countersign_policy;

grant select on table loyalty.liability_request
  to countersign_read;

grant insert, select on table loyalty.liability_run
  to countersign_policy;

grant select on table loyalty.liability_run
  to countersign_read;

grant delete, insert, select, update on table loyalty.lot
  to countersign_app;

grant select on table loyalty.lot
  to countersign_read;

grant delete, insert, select, update on table loyalty.lot_use
  to countersign_app;

grant select on table loyalty.lot_use
  to countersign_read;

grant insert, select on table loyalty.member
  to countersign_policy;

grant select on table loyalty.member
  to countersign_app, countersign_read;

grant insert, select on table loyalty.member_look
  to countersign_policy;

grant select on table loyalty.member_look
  to countersign_read;

grant insert, select on table loyalty.member_signal
  to countersign_policy;

grant select on table loyalty.member_signal
  to countersign_read;

grant insert, select on table loyalty.program_document
  to countersign_policy;

grant select on table loyalty.program_document
  to countersign_app, countersign_read;

grant insert, select on table loyalty.program_version
  to countersign_policy;

grant select on table loyalty.program_version
  to countersign_app, countersign_read;

grant insert, select on table loyalty.quote
  to countersign_policy;

grant select on table loyalty.quote
  to countersign_read;

grant insert, select on table loyalty.redemption
  to countersign_policy;

grant select on table loyalty.redemption
  to countersign_app, countersign_read;

grant insert, select, update on table loyalty.returned
  to countersign_app;

grant select on table loyalty.returned
  to countersign_read;

grant insert, select on table loyalty.reward
  to countersign_policy;

grant select on table loyalty.reward
  to countersign_read;

grant insert, select on table loyalty.reward_price
  to countersign_policy;

grant select on table loyalty.reward_price
  to countersign_read;

grant insert, select on table loyalty.reward_version
  to countersign_policy;

grant select on table loyalty.reward_version
  to countersign_read;

grant delete, insert, select, update on table loyalty.standing
  to countersign_app;

grant select on table loyalty.standing
  to countersign_read;

grant insert, select on table loyalty.tier
  to countersign_policy;

grant select on table loyalty.tier
  to countersign_app, countersign_read;

grant delete, insert, select, update on table loyalty.waiting
  to countersign_app;

grant select on table loyalty.waiting
  to countersign_read;

grant insert, select on table loyalty.warned
  to countersign_policy;

grant select on table loyalty.warned
  to countersign_app, countersign_read;

grant select on table money.account
  to countersign_money, countersign_read, countersign_sim;

grant select on table money.account_terms
  to countersign_money, countersign_read, countersign_sim;

grant select on table money.core_intent
  to countersign_money, countersign_read, countersign_sim;

grant select on table money.counter
  to countersign_money, countersign_read, countersign_sim;

grant select on table money.entry
  to countersign_money, countersign_read, countersign_sim;

grant select on table money.hold
  to countersign_money, countersign_read, countersign_sim;

grant select on table money.holiday
  to countersign_money, countersign_read, countersign_sim;

grant select on table money.period
  to countersign_money, countersign_read, countersign_sim;

grant select on table money.transfer
  to countersign_money, countersign_read, countersign_sim;

grant select on table money.unit
  to countersign_money, countersign_read, countersign_sim;

grant insert, select on table offers.action
  to countersign_policy;

grant select on table offers.action
  to countersign_read;

grant insert, select on table offers.action_standing
  to countersign_policy;

grant select on table offers.action_standing
  to countersign_read;

grant insert, select on table offers.assignment
  to countersign_policy;

grant select on table offers.assignment
  to countersign_read;

grant insert, select on table offers.batch
  to countersign_policy;

grant select on table offers.batch
  to countersign_read;

grant select, update on table offers.batch
  to countersign_app;

grant insert, select on table offers.breaker
  to countersign_policy;

grant select on table offers.breaker
  to countersign_read;

grant delete, insert, select, update on table offers.candidate
  to countersign_app;

grant select on table offers.candidate
  to countersign_read;

grant insert, select on table offers.consideration
  to countersign_policy;

grant select on table offers.consideration
  to countersign_read;

grant insert, select on table offers.contact_policy
  to countersign_policy;

grant select on table offers.contact_policy
  to countersign_read;

grant insert, select on table offers.customer
  to countersign_policy;

grant select on table offers.customer
  to countersign_read;

grant insert, select on table offers.exposure
  to countersign_policy;

grant select on table offers.exposure
  to countersign_read;

grant delete, insert, select, update on table offers.known_product
  to countersign_app;

grant select on table offers.known_product
  to countersign_read;

grant insert, select on table offers.learning_setting
  to countersign_policy;

grant select on table offers.learning_setting
  to countersign_read;

grant insert, select on table offers.life_event
  to countersign_policy;

grant select on table offers.life_event
  to countersign_read;

grant insert, select on table offers.monitored_group
  to countersign_policy;

grant select on table offers.monitored_group
  to countersign_read;

grant insert, select on table offers.offer
  to countersign_policy;

grant select on table offers.offer
  to countersign_app, countersign_read;

grant insert, select on table offers.offer_act
  to countersign_policy;

grant select on table offers.offer_act
  to countersign_read;

grant delete, insert, select, update on table offers.participant
  to countersign_app;

grant select on table offers.participant
  to countersign_read;

grant insert, select on table offers.request
  to countersign_policy;

grant select on table offers.request
  to countersign_read;

grant delete, insert, select, update on table offers.tally
  to countersign_app;

grant select on table offers.tally
  to countersign_read;

grant delete, insert, select, update on table offers.triggered
  to countersign_app;

grant select on table offers.triggered
  to countersign_read;

grant insert, select on table offers.volume
  to countersign_policy;

grant select on table offers.volume
  to countersign_read;

grant insert, select, update on table offers.write_back
  to countersign_app;

grant select on table offers.write_back
  to countersign_read;

grant delete, insert, select, update on table payments.payment
  to countersign_app;

grant select on table payments.payment
  to countersign_read;

grant insert, select on table policy.api_key
  to countersign_policy;

grant insert, select on table policy.approval
  to countersign_policy;

grant select on table policy.approval
  to countersign_read;

grant insert, select on table policy.approval_verdict
  to countersign_policy;

grant select on table policy.approval_verdict
  to countersign_read;

grant insert, select on table policy.authenticator
  to countersign_policy;

grant select on table policy.authenticator
  to countersign_read;

grant insert, select on table policy.backtest
  to countersign_policy;

grant select on table policy.backtest
  to countersign_read, countersign_sim;

grant insert, select on table policy.bundle
  to countersign_policy;

grant select on table policy.bundle
  to countersign_read, countersign_sim;

grant insert, select on table policy.consent
  to countersign_policy;

grant select on table policy.consent
  to countersign_read;

grant insert, select on table policy.entitlement_publication
  to countersign_policy;

grant select on table policy.entitlement_publication
  to countersign_read;

grant insert, select on table policy.entitlement_set
  to countersign_policy;

grant select on table policy.entitlement_set
  to countersign_read;

grant insert, select on table policy.kill_switch
  to countersign_policy;

grant select on table policy.kill_switch
  to countersign_read;

grant insert, select on table policy.principal
  to countersign_policy;

grant select on table policy.principal
  to countersign_read;

grant insert, select on table policy.principal_role
  to countersign_policy;

grant select on table policy.principal_role
  to countersign_read;

grant insert, select on table policy.release
  to countersign_policy;

grant select on table policy.release
  to countersign_read, countersign_sim;

grant insert, select on table policy.replay
  to countersign_policy;

grant select on table policy.replay
  to countersign_read, countersign_sim;

grant insert, select on table policy.replay_result
  to countersign_policy;

grant select on table policy.replay_result
  to countersign_read, countersign_sim;

grant insert, select on table policy.rollout
  to countersign_policy;

grant select on table policy.rollout
  to countersign_read;

grant insert, select on table policy.screening
  to countersign_policy;

grant select on table policy.screening
  to countersign_read;

grant insert, select on table policy.screening_clearance
  to countersign_policy;

grant select on table policy.screening_clearance
  to countersign_read;

grant insert, select on table policy.screening_entry
  to countersign_policy;

grant select on table policy.screening_entry
  to countersign_read;

grant insert, select on table policy.screening_hit
  to countersign_policy;

grant select on table policy.screening_hit
  to countersign_read;

grant insert, select on table policy.screening_list_version
  to countersign_policy;

grant select on table policy.screening_list_version
  to countersign_read;

grant insert, select on table policy.screening_source
  to countersign_policy;

grant insert, select on table policy.screening_subject
  to countersign_policy;

grant select on table policy.screening_subject
  to countersign_read;

grant insert, select on table policy.session
  to countersign_policy;

grant insert, select on table policy.step_up_attempt
  to countersign_policy;

grant select on table policy.step_up_attempt
  to countersign_read;

grant delete, insert, select on table privacy.envelope_key
  to countersign_vault;

grant insert, select on table privacy.erasure
  to countersign_vault;

grant insert, select on table privacy.index_key
  to countersign_vault;

grant delete, insert, select on table privacy.person_key
  to countersign_vault;

grant delete, insert, select on table privacy.token
  to countersign_vault;

grant delete, insert, select, update on table projection.activity
  to countersign_app;

grant select on table projection.activity
  to countersign_read;

grant delete, insert, select, update on table projection.balance
  to countersign_app;

grant select on table projection.balance
  to countersign_read;

grant insert, select on table register.account_party
  to countersign_policy;

grant select on table register.account_party
  to countersign_read;

grant insert, select on table register.arrangement
  to countersign_policy;

grant select on table register.arrangement
  to countersign_read;

grant insert, select on table register.contact_point
  to countersign_policy;

grant select on table register.contact_point
  to countersign_read;

grant insert, select on table register.core_acceptance
  to countersign_policy;

grant select on table register.core_acceptance
  to countersign_read;

grant delete, insert, select, update on table register.core_cursor
  to countersign_app;

grant insert, select on table register.core_difference
  to countersign_policy;

grant select on table register.core_difference
  to countersign_read;

grant insert, select on table register.core_ending
  to countersign_policy;

grant select on table register.core_ending
  to countersign_read;

grant delete, insert, select, update on table register.core_event
  to countersign_app;

grant select on table register.core_event
  to countersign_read;

grant insert, select on table register.core_link
  to countersign_policy;

grant select on table register.core_link
  to countersign_read;

grant insert, select on table register.party
  to countersign_policy;

grant select on table register.party
  to countersign_read;

grant insert, select on table register.product
  to countersign_policy;

grant select on table register.product
  to countersign_read;

grant insert, select on table register.service_request
  to countersign_policy;

grant select on table register.service_request
  to countersign_read;

grant insert, select on table reviews.case_act
  to countersign_policy;

grant select on table reviews.case_act
  to countersign_read;

grant insert, select on table reviews.case_file
  to countersign_policy;

grant select on table reviews.case_file
  to countersign_app, countersign_read;

grant delete, insert, select, update on table reviews.case_link
  to countersign_app;

grant select on table reviews.case_link
  to countersign_read;

grant insert, select on table reviews.case_summary
  to countersign_policy;

grant select on table reviews.case_summary
  to countersign_read;

grant insert, select on table reviews.setting
  to countersign_policy;

grant select on table reviews.setting
  to countersign_read;

grant insert, select on table slo.alert
  to countersign_policy;

grant select on table slo.alert
  to countersign_app, countersign_read;

grant insert, select, update on table slo.checked
  to countersign_app;

grant select on table slo.checked
  to countersign_read;

grant delete, insert, select, update on table slo.flow
  to countersign_app;

grant select on table slo.flow
  to countersign_read;

grant delete, insert, select, update on table slo.folded
  to countersign_app;

grant select on table slo.folded
  to countersign_read;

grant delete, insert, select, update on table slo.measure
  to countersign_app;

grant select on table slo.measure
  to countersign_read;

grant delete, insert, select, update on table slo.rollback
  to countersign_app;

grant select on table slo.rollback
  to countersign_read;

grant delete, insert, select, update on table slo.tally
  to countersign_app;

grant select on table slo.tally
  to countersign_read;

grant select, update on table slo.turn
  to countersign_app;

grant delete, insert, select, update on table webhooks.delivery
  to countersign_app;

grant select on table webhooks.delivery
  to countersign_read;

grant insert, select on table webhooks.endpoint
  to countersign_policy;

grant select on table webhooks.endpoint
  to countersign_app, countersign_read;

grant delete, insert, select, update on table webhooks.feed
  to countersign_app;

grant insert, select on table webhooks.feed
  to countersign_policy;

grant select on table webhooks.feed
  to countersign_read;

-- Grants on columns -------------------------------------------------------------------------------

grant update (is_fraud) on table ai.labelled_payment
  to countersign_policy;

grant update (changed_at), update (name), update (owner), update (purposes), update (status), update (tools) on table gateway.agent
  to countersign_policy;

grant update (removed_at) on table gateway.agent_client
  to countersign_policy;

grant update (ended_at), update (ended_by) on table gateway.mandate
  to countersign_policy;

grant update (agreed_at), update (agreed_by), update (approval_id), update (decision_id), update (ended_at), update (expires_at), update (mandate_id), update (policy_version), update (status), update (used_key) on table gateway.proposal
  to countersign_policy;

grant update (moved_at), update (problem), update (status), update (turns), update (waits_for) on table gateway.sequence_run
  to countersign_policy;

grant update (answer), update (asked), update (ended_at), update (key), update (status) on table gateway.ticket
  to countersign_app;

grant update (approved_at), update (declaration), update (digest), update (version), update (withdrawn_at) on table gateway.tool
  to countersign_policy;

grant update (approval_id), update (changed_at), update (decided_by), update (finding), update (points_due), update (points_given), update (status), update (verdicts) on table loyalty.claim
  to countersign_policy;

grant update (changed_at), update (owed_account), update (standing) on table loyalty.member
  to countersign_policy;

grant update (looked_on) on table loyalty.member_look
  to countersign_policy;

grant update (redemption_id) on table loyalty.quote
  to countersign_policy;

grant update (changed_at), update (failure), update (reversals), update (status) on table loyalty.redemption
  to countersign_policy;

grant update (stock_left), update (version) on table loyalty.reward
  to countersign_policy;

grant update (changes), update (since), update (tier), update (until) on table loyalty.tier
  to countersign_policy;

grant update (changed_at), update (changed_by), update (status), update (version) on table offers.action_standing
  to countersign_policy;

grant update (ended_at), update (status) on table offers.batch
  to countersign_policy;

grant update (closed_at), update (closed_by), update (note) on table offers.breaker
  to countersign_policy;

grant update (told), update (told_at), update (told_by) on table offers.customer
  to countersign_policy;

grant update (body), update (set_at), update (set_by) on table offers.learning_setting
  to countersign_policy;

grant update (group_name), update (told_at), update (told_by) on table offers.monitored_group
  to countersign_policy;

grant update (acts), update (advised_at), update (answered_at), update (booked_account), update (booked_at), update (ended_at), update (reason), update (status), update (viewed_at) on table offers.offer
  to countersign_policy;

grant update (presented) on table offers.volume
  to countersign_policy;

grant select (created_at), select (expires_at), select (id), select (name), select (principal), select (revoked_at), select (scopes), select (tenant_id) on table policy.api_key
  to countersign_read;

grant update (revoked_at) on table policy.api_key
  to countersign_policy;

grant select (expires_at), select (id), select (required_checkers), select (status), select (tenant_id) on table policy.approval
  to countersign_gateway;

grant update (ended_at), update (status), update (used_by) on table policy.approval
  to countersign_policy;

grant select (approval_id), select (checker), select (tenant_id), select (verdict) on table policy.approval_verdict
  to countersign_gateway;

grant update (confirmed_at), update (revoked_at), update (totp_step) on table policy.authenticator
  to countersign_policy;

grant update (changed_at), update (changed_by), update (killed) on table policy.kill_switch
  to countersign_policy;

grant update (customer), update (delegated_by), update (described_at), update (described_by), update (region) on table policy.principal
  to countersign_policy;

grant update (granted_at), update (granted_by), update (revoked_at) on table policy.principal_role
  to countersign_policy;

grant update (id), update (mode), update (percent), update (set_at), update (set_by) on table policy.rollout
  to countersign_policy;

grant update (revoked_at), update (revoked_by) on table policy.screening_clearance
  to countersign_policy;

grant update (until) on table policy.screening_entry
  to countersign_policy;

grant update (list_versions), update (screening_id), update (unscreenable) on table policy.screening_subject
  to countersign_policy;

grant select (closed_at), select (expires_at), select (id), select (issuer), select (key_id), select (last_seen_at), select (name), select (opened_at), select (principal), select (tenant_id) on table policy.session
  to countersign_read;

grant update (closed_at), update (last_seen_at) on table policy.session
  to countersign_policy;

grant update (kek_id), update (wrapped) on table privacy.index_key
  to countersign_vault;

grant update (envelope), update (wrapped) on table privacy.person_key
  to countersign_vault;

grant update (linked_at), update (role) on table register.account_party
  to countersign_policy;

grant update (agreed_at), update (product_id) on table register.arrangement
  to countersign_policy;

grant update (changed_at), update (value_token) on table register.contact_point
  to countersign_policy;

grant update (ended_at) on table register.core_difference
  to countersign_policy;

grant update (changed_at), update (country), update (date_of_birth_token), update (household), update (merchant_category), update (name_token), update (segment), update (status) on table register.party
  to countersign_policy;

grant update (changed_at), update (name), update (status), update (terms) on table register.product
  to countersign_policy;

grant update (ended_at), update (status) on table register.service_request
  to countersign_policy;

grant update (acts), update (assignee), update (ended_at), update (overdue_at), update (queue), update (reason_code), update (snoozed_until), update (status), update (verdict) on table reviews.case_file
  to countersign_policy;

grant update (body), update (set_at), update (set_by) on table reviews.setting
  to countersign_policy;

grant update (cleared_at) on table slo.alert
  to countersign_policy;

grant update (deleted_at), update (description), update (enabled), update (rotated_at), update (secret_version), update (types), update (url) on table webhooks.endpoint
  to countersign_policy;

-- Grants on functions and procedures --------------------------------------------------------------

grant execute on function core.current_tenant()
  to countersign_ai, countersign_app, countersign_gateway, countersign_money, countersign_policy, countersign_read, countersign_sealer, countersign_sim, countersign_vault;

grant execute on function core.lines(texts text)
  to countersign_ai, countersign_app, countersign_gateway, countersign_money, countersign_policy, countersign_read, countersign_sealer, countersign_sim;

grant execute on function core.list_tenants()
  to countersign_policy, countersign_sim;

grant execute on function core.record_commands(tenants text[], keys text[], ids uuid[], operations text[], digests bytea[], principals text[], received timestamp with time zone[], traces text[], decisions text, bodies text, outcomes text)
  to countersign_money, countersign_policy;

grant execute on function core.record_events(tenants text[], ids uuid[], types text[], bodies text)
  to countersign_money, countersign_policy;

grant execute on function core.record_tree(node_tenants text[], node_levels integer[], node_indexes bigint[], node_hashes bytea[], head_tenants text[], head_sizes bigint[], head_roots bytea[], head_notes text[], head_times timestamp with time zone[])
  to countersign_sealer;

grant execute on function core.seal(low bigint, pass_limit integer)
  to countersign_sealer;

grant execute on function core.sealed_events(after bigint, page integer, wanted text[])
  to countersign_app;

grant execute on function core.sealed_position()
  to countersign_app, countersign_read;

grant execute on function core.tenant_events(tenant_wanted text, after bigint, page integer, wanted text[])
  to countersign_app;

grant execute on function core.tenant_length(tenant_wanted text)
  to countersign_app, countersign_policy;

grant execute on function gateway.due_proposals(until timestamp with time zone, page integer, after_at timestamp with time zone, after_id uuid)
  to countersign_policy;

grant execute on function gateway.due_runs(until timestamp with time zone, page integer, after_at timestamp with time zone, after_id uuid)
  to countersign_policy;

grant execute on function gateway.find_agent(by_issuer text, by_client text, by_token text, person text, agreed uuid, at timestamp with time zone)
  to countersign_policy;

grant execute on function gateway.used_proposals(since timestamp with time zone, until timestamp with time zone, page integer, after_at timestamp with time zone, after_id uuid)
  to countersign_policy;

grant execute on function money.add_counters(tenants text[], keys text[])
  to countersign_money;

grant execute on function money.add_to_counters(tenants text[], keys text[], names text[], heads bigint[], used_max bigint[], amounts bigint[])
  to countersign_money;

grant execute on function money.claim_intent(tenant text, key text, attempts_before integer, changed timestamp with time zone)
  to countersign_money;

grant execute on function money.close_gate(tenants text[])
  to countersign_money;

grant execute on function money.close_intents(tenants text[], keys text[], states text[], refs text, reasons text, changed timestamp with time zone[])
  to countersign_money;

grant execute on function money.count_intents(looks_max integer)
  to countersign_money;

grant execute on function money.due_holds(until timestamp with time zone, page integer, after_at timestamp with time zone, after_id uuid)
  to countersign_money;

grant execute on function money.due_intents(core_name text, until timestamp with time zone, page integer, looks_max integer, after_at timestamp with time zone, after_id uuid)
  to countersign_money;

grant execute on function money.lock_accounts(tenants text[], account_tenants text[], account_ids uuid[], hold_tenants text[], hold_ids uuid[], transfer_tenants text[], transfer_ids uuid[])
  to countersign_money;

grant execute on function money.lock_counters(tenants text[], keys text[], hold_tenants text[], hold_ids uuid[], transfer_tenants text[], transfer_ids uuid[])
  to countersign_money;

grant execute on function money.note_intent(tenant text, key text, new_state text, ref text, why text, shown jsonb, looked integer, look_at timestamp with time zone, changed timestamp with time zone)
  to countersign_money;

grant execute on function money.read_batch(key_tenants text[], keys text[], account_tenants text[], account_ids uuid[], hold_tenants text[], hold_ids uuid[], transfer_tenants text[], transfer_ids uuid[], until timestamp with time zone)
  to countersign_money;

grant execute on function money.read_counters(tenants text[], keys text[])
  to countersign_money;

grant execute on function money.read_intents(key_tenants text[], keys text[], debtor_tenants text[], debtors uuid[])
  to countersign_money;

grant execute on function money.record_accounts(opened_tenants text[], opened_ids uuid[], opened_types text[], opened_currencies text[], opened_holders text[], opened_metadata text, opened_at timestamp with time zone[], tenants text[], ids uuid[], statuses text[], bounds text[], credit_limits bigint[], sums_debits_posted bigint[], sums_credits_posted bigint[], sums_debits_pending bigint[], sums_credits_pending bigint[], versions bigint[], recorded timestamp with time zone[], used text)
  to countersign_money;

grant execute on function money.record_counters(tenants text[], keys text[], used text)
  to countersign_money;

grant execute on function money.record_holds(tenants text[], ids uuid[], debits uuid[], credits uuid[], currencies text[], amounts bigint[], captures bigint[], releases bigint[], reversals bigint[], statuses text[], expires timestamp with time zone[], recorded timestamp with time zone[], resolved timestamp with time zone[])
  to countersign_money;

grant execute on function money.record_intents(tenants text[], keys text[], commands uuid[], digests text[], cores text[], refs text[], debtors uuid[], steps text, items text, looks timestamp with time zone[], made timestamp with time zone[])
  to countersign_money;

grant execute on function money.record_settings(unit_tenants text[], unit_codes text[], unit_exponents integer[], unit_names text[], period_tenants text[], closed_through date[], closed_before timestamp with time zone[], holiday_tenants text[], holiday_dates date[], holiday_names text[])
  to countersign_money;

grant execute on function money.record_terms(tenants text[], ids uuid[], recorded timestamp with time zone[], statuses text[], bounds text[], credit_limits bigint[])
  to countersign_money;

grant execute on function money.record_transfers(tenants text[], ids uuid[], kinds text[], commands uuid[], legs integer[], debits uuid[], credits uuid[], amounts bigint[], releases bigint[], currencies text[], holds uuid[], reverses uuid[], effective timestamp with time zone[], recorded timestamp with time zone[], metadata text, debit_versions bigint[], debit_sums text[], credit_versions bigint[], credit_sums text[], taken text)
  to countersign_money;

grant execute on function money.replace_intents(tenants text[], keys text[], commands uuid[])
  to countersign_money;

grant execute on function money.version_at(tenant text, account uuid, instant timestamp with time zone)
  to countersign_money, countersign_read, countersign_sim;

grant execute on function money.withdraw_intent(tenant text, key text, command uuid)
  to countersign_money;

grant execute on function payments.steps_of(payment text, most integer)
  to countersign_read;

grant execute on function policy.change_rights(tenant text)
  to countersign_policy;

grant execute on function policy.create_tenant(tenant text, name text, time_zone text, created timestamp with time zone)
  to countersign_policy;

grant execute on function policy.enter(tenant text, key text, is_concurrent boolean, by_installation boolean)
  to countersign_policy;

grant execute on function policy.find_api_key(hash bytea)
  to countersign_policy;

grant execute on function policy.find_session(hash bytea)
  to countersign_policy;

grant execute on function policy.installation_epoch()
  to countersign_policy;

grant execute on function policy.open_replays(page integer)
  to countersign_sim;

grant execute on function policy.ordered_payment(payment_id uuid, decision_ids uuid[])
  to countersign_policy, countersign_read;

grant execute on function policy.principal_rights(tenant text, who text, OUT roles text[], OUT governed boolean, OUT region text, OUT customer text, OUT delegated_by text, OUT rule_set text)
  to countersign_policy;
