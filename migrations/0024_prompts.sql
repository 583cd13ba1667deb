-- risk: none (new tables)
-- Prompts: which text a bank has approved for which language model, and each call that was made.
-- What was sent and answered is masked and encrypted, and stands in the command that recorded it.

-- What was done with a prompt, numbered by name: the last act counts. The text itself is a file.
create table ai.prompt_act (
  tenant_id text collate "C" not null,
  name text collate "C" not null,
  ordinal integer not null,
  act text not null constraint act_is_known check (act in ('approved', 'withdrawn')),
  version integer,
  -- SHA-256 of the file, hexadecimal.
  digest text collate "C",
  -- The language model and where it runs: an approval for one is none for another.
  model text,
  reason text,
  approval_id text,
  acted_by text not null,
  recorded_at timestamptz(3) not null,
  primary key (tenant_id, name, ordinal),
  constraint what_is_approved_is_exact check ((act = 'approved')
    = (version is not null and digest is not null and model is not null)),
  constraint what_is_sent_was_approved check ((act = 'approved') = (approval_id is not null)),
  constraint only_a_withdrawal_has_a_reason check ((act = 'withdrawn') = (reason is not null))
);
call core.make_append_only('ai.prompt_act');
call core.isolate_tenants('ai.prompt_act');

-- One call of a language model. What is spent today is their sum.
create table ai.prompt_call (
  tenant_id text collate "C" not null,
  id uuid not null,
  prompt text collate "C" not null,
  version integer not null,
  digest text collate "C" not null,
  model text not null,
  -- Null where the answer was taken: otherwise why the built-in one stood in for it.
  stood_in_because text,
  -- What it was about, and for whom.
  about text collate "C" not null,
  asked_by text not null,
  sources text[] collate "C" not null,
  input_digest text collate "C" not null,
  output_digest text collate "C",
  input_tokens integer not null,
  output_tokens integer not null,
  -- Millionths of a minor unit; null where no price is known.
  cost bigint,
  currency text,
  latency_ms integer not null,
  asked_at timestamptz(3) not null,
  primary key (tenant_id, id),
  constraint nothing_is_earned
    check (input_tokens >= 0 and output_tokens >= 0 and cost >= 0 and latency_ms >= 0),
  constraint cost_has_its_currency check ((cost is null) = (currency is null))
);
call core.make_append_only('ai.prompt_call');
call core.isolate_tenants('ai.prompt_call');
create index prompt_call_is_of_a_day on ai.prompt_call (tenant_id, asked_at);

grant select, insert on ai.prompt_act, ai.prompt_call to countersign_policy;
grant select on ai.prompt_act, ai.prompt_call to countersign_ai, countersign_read;
