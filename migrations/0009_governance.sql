-- risk: none (new tables)
-- Approvals, consent and rollout: who agreed to what.

-- Approval ----------------------------------------------------------------------------------------

-- What somebody wants to have approved, known by its digest. Expiry is judged by whoever reads:
-- no row changes when an instant passes.
create table policy.approval (
  tenant_id text collate "C" not null,
  id uuid not null,
  subject_kind text collate "C" not null,
  subject_digest bytea not null,
  -- The canonical text behind the digest, where it is small enough to be read here.
  subject text,
  summary text not null,
  maker text collate "C" not null,
  required_checkers integer not null,
  requested_at timestamptz(3) not null,
  expires_at timestamptz(3) not null,
  status text not null default 'pending',
  -- The command that has used it up.
  used_by uuid,
  ended_at timestamptz(3),
  primary key (tenant_id, id),
  -- So that a verdict can be compared with the maker by the database itself.
  constraint approval_has_one_maker unique (tenant_id, id, maker),
  constraint digest_is_sha_256 check (octet_length(subject_digest) = 32),
  constraint subject_matches_its_digest
    check (sha256(convert_to(subject, 'UTF8')) = subject_digest),
  constraint one_to_three_checkers check (required_checkers between 1 and 3),
  constraint expires_after_its_request check (expires_at > requested_at),
  constraint status_is_known
    check (status in ('pending', 'approved', 'rejected', 'withdrawn', 'used')),
  constraint only_what_is_used_has_a_user check ((status = 'used') = (used_by is not null)),
  constraint only_what_ends_has_an_end
    check ((status in ('pending', 'approved')) = (ended_at is null))
);
call core.isolate_tenants('policy.approval');

-- The queue of the checkers: the oldest first.
create index approval_is_pending on policy.approval (tenant_id, id) where status = 'pending';
create index approval_of_subject on policy.approval (tenant_id, subject_kind, subject_digest);

create table policy.approval_verdict (
  tenant_id text collate "C" not null,
  approval_id uuid not null,
  checker text collate "C" not null,
  maker text collate "C" not null,
  verdict text not null,
  reason text not null,
  decided_at timestamptz(3) not null,
  constraint one_verdict_per_checker primary key (tenant_id, approval_id, checker),
  constraint maker_is_that_of_the_approval foreign key (tenant_id, approval_id, maker)
    references policy.approval (tenant_id, id, maker),
  constraint no_self_approval check (checker <> maker),
  constraint only_people_decide check (starts_with(checker, 'user:')),
  constraint verdict_is_known check (verdict in ('approve', 'reject'))
);
call core.make_append_only('policy.approval_verdict');
call core.isolate_tenants('policy.approval_verdict');

-- Consent -----------------------------------------------------------------------------------------

-- Dated records, by an opaque token for the person. The latest that is in effect counts.
create table policy.consent (
  tenant_id text collate "C" not null,
  id uuid not null,
  person text collate "C" not null,
  -- The purpose, with its channel or party: "marketing/email", "ai_data_use", "open_banking/…".
  topic text collate "C" not null,
  status text collate "C" not null,
  effective_at timestamptz(3) not null,
  expires_at timestamptz(3) not null default 'infinity',
  source text not null,
  text_version text not null,
  recorded_at timestamptz(3) not null,
  recorded_by text not null,
  primary key (tenant_id, id),
  constraint person_is_a_token check (person ~ '^(cus|pty|tok)_(?=[a-z_]*[0-9])[0-9a-z_]{8,80}$'),
  constraint topic_is_known check (topic ~
    '^(marketing/(email|sms|push|phone|post|in_app)|ai_data_use|open_banking/[A-Za-z0-9._-]{1,80})$'),
  constraint status_is_known check (status in ('granted', 'withdrawn')),
  constraint expires_after_it_takes_effect check (expires_at > effective_at),
  constraint a_withdrawal_does_not_expire check (status = 'granted' or expires_at = 'infinity')
);
call core.make_append_only('policy.consent');
call core.isolate_tenants('policy.consent');

-- The latest first; of two that take effect at once the withdrawal, then the one that ends sooner:
-- whatever the order of recording, the same one counts.
create index consent_in_effect on policy.consent
  (tenant_id, person, topic, effective_at desc, status desc, expires_at);

-- Rollout -----------------------------------------------------------------------------------------

-- What a use case may do, by channel, product and cohort; '*' stands for all of them.
create table policy.rollout (
  tenant_id text collate "C" not null,
  -- Of the change that made it what it is: a decision that names it names an exact setting.
  id uuid not null,
  use_case text collate "C" not null,
  channel text collate "C" not null,
  product text collate "C" not null,
  cohort text collate "C" not null,
  mode text not null,
  percent integer,
  set_at timestamptz(3) not null,
  set_by text not null,
  constraint one_setting_per_place primary key (tenant_id, use_case, channel, product, cohort),
  constraint setting_id_is_unique unique (tenant_id, id),
  constraint use_case_is_named check (use_case <> '*'),
  constraint mode_is_known
    check (mode in ('off', 'shadow', 'human_in_the_loop', 'canary', 'automatic')),
  constraint only_a_canary_has_a_percentage check ((mode = 'canary') = (percent is not null)),
  constraint a_canary_is_a_part check (percent between 1 and 99)
);
call core.isolate_tenants('policy.rollout');

-- Kill switches, of a use case or of all ('*'). They override every setting.
create table policy.kill_switch (
  tenant_id text collate "C" not null,
  use_case text collate "C" not null,
  killed boolean not null,
  changed_at timestamptz(3) not null,
  changed_by text not null,
  primary key (tenant_id, use_case)
);
call core.isolate_tenants('policy.kill_switch');

grant select, insert, update (status, used_by, ended_at) on policy.approval to countersign_policy;
grant select, insert on policy.approval_verdict, policy.consent to countersign_policy;
grant select, insert, update (id, mode, percent, set_at, set_by) on policy.rollout
  to countersign_policy;
grant select, insert, update (killed, changed_at, changed_by) on policy.kill_switch
  to countersign_policy;
grant select on policy.approval, policy.approval_verdict, policy.consent, policy.rollout,
  policy.kill_switch to countersign_read;
