-- risk: none (new schema)
-- The AI plane: models with their cards, and what of them serves. Policy's role records here what
-- people have approved; the role of the AI plane only reads, so that no model promotes itself.

create schema ai;
grant usage on schema ai
  to countersign_ai, countersign_policy, countersign_app, countersign_read, countersign_sim;

-- The bytes that a model is evaluated from. They are laid here before the command that registers
-- them: a command names them by their digest.
create table ai.artefact (
  tenant_id text collate "C" not null,
  digest text collate "C" not null,
  bytes bytea not null,
  primary key (tenant_id, digest),
  constraint digest_is_that_of_its_bytes check (digest = encode(sha256(bytes), 'hex')),
  constraint artefact_is_at_most_8_mib check (octet_length(bytes) <= 8388608)
);
-- They do not compress, and are read as a whole.
alter table ai.artefact alter column bytes set storage external;
call core.make_append_only('ai.artefact');
call core.isolate_tenants('ai.artefact');

-- A version never changes: it is one card, which names its artefact.
create table ai.model_version (
  tenant_id text collate "C" not null,
  name text collate "C" not null,
  version integer not null constraint versions_count_from_one check (version >= 1),
  -- The decision that its scores are for; that of every version of the name.
  point text not null,
  -- RFC 8785 text, and its SHA-256.
  card text not null,
  card_digest text collate "C" not null,
  artefact text collate "C" not null,
  -- What was found when it was registered.
  report text not null,
  registered_by text not null,
  registered_at timestamptz(3) not null,
  primary key (tenant_id, name, version),
  constraint one_version_per_card unique (tenant_id, name, card_digest),
  constraint card_digest_is_that_of_its_card
    check (card_digest = encode(sha256(convert_to(card, 'UTF8')), 'hex')),
  foreign key (tenant_id, artefact) references ai.artefact (tenant_id, digest)
);
call core.make_append_only('ai.model_version');
call core.isolate_tenants('ai.model_version');

-- What was done with a model, numbered by name. Of each stage the last act counts; an act without a
-- version ends a trial. `suspension` is no stage of its own: it stops a version, whatever its role.
create table ai.model_act (
  tenant_id text collate "C" not null,
  name text collate "C" not null,
  ordinal integer not null,
  stage text not null
    constraint stage_is_known check (stage in ('shadow', 'canary', 'production', 'suspension')),
  act text not null constraint act_is_known check (
    act in ('deployed', 'rolled_back', 'started', 'stopped', 'suspended', 'resumed')),
  version integer,
  -- Of a canary: hundredths of a percent of the keys.
  share integer,
  -- A suspension's, in words.
  reason text,
  approval_id text,
  -- A C2SP signed note over all of this, and over the note before: whoever writes or deletes here
  -- without the key serves nothing.
  attestation text not null,
  acted_by text not null,
  recorded_at timestamptz(3) not null,
  primary key (tenant_id, name, ordinal),
  foreign key (tenant_id, name, version) references ai.model_version (tenant_id, name, version),
  constraint only_a_trial_ends_without_a_version check ((act = 'stopped') = (version is null)),
  constraint a_share_is_a_part check (share between 1 and 9999),
  constraint a_canary_has_a_share
    check ((share is not null) = (stage = 'canary' and act = 'started')),
  constraint what_decides_was_approved
    check (approval_id is not null
      or act in ('rolled_back', 'stopped', 'suspended') or stage = 'shadow'),
  constraint only_a_suspension_has_a_reason check ((reason is null) = (act <> 'suspended'))
);
call core.make_append_only('ai.model_act');
call core.isolate_tenants('ai.model_act');

grant select, insert on ai.artefact, ai.model_version, ai.model_act to countersign_policy;
grant select on ai.artefact, ai.model_version, ai.model_act
  to countersign_ai, countersign_read, countersign_sim;
