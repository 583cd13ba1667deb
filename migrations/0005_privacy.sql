-- risk: none (new schema)
-- The token vault: personal values under a key per person, which alone makes them readable. The
-- role `vault` and no other has a grant here.

create schema privacy;

-- A tenant's envelope keys wrap the keys of its persons; the newest wraps those to come. A second
-- one is there only while a rotation is under way.
create table privacy.envelope_key (
  tenant_id text collate "C" not null,
  number integer not null,
  -- The key of the keyring that wraps this one.
  kek_id text not null,
  wrapped bytea not null,
  created_at timestamptz(3) not null,
  primary key (tenant_id, number)
);
call core.isolate_tenants('privacy.envelope_key');

-- Under which a tenant's values are digested, to be found again by equality.
create table privacy.index_key (
  tenant_id text collate "C" primary key,
  kek_id text not null,
  wrapped bytea not null,
  created_at timestamptz(3) not null
);
call core.isolate_tenants('privacy.index_key');

create table privacy.person_key (
  tenant_id text collate "C" not null,
  person text collate "C" not null,
  envelope integer not null,
  wrapped bytea not null,
  created_at timestamptz(3) not null,
  primary key (tenant_id, person),
  -- An envelope key stays for as long as it wraps anything.
  constraint envelope_is_kept foreign key (tenant_id, envelope) references privacy.envelope_key
);
create index person_of_envelope on privacy.person_key (tenant_id, envelope);
call core.isolate_tenants('privacy.person_key');

create table privacy.token (
  tenant_id text collate "C" not null,
  token text collate "C" not null,
  person text collate "C" not null,
  class text collate "C" not null,
  -- HMAC-SHA256 of the value under the tenant's index key.
  digest bytea not null,
  -- AES-256-GCM under the person's key: nonce, ciphertext, tag.
  ciphertext bytea not null,
  created_at timestamptz(3) not null,
  primary key (tenant_id, token),
  -- Erasing a person's key takes with it what nobody can read any more.
  constraint token_is_of_a_person foreign key (tenant_id, person)
    references privacy.person_key on delete cascade,
  constraint one_token_per_value unique (tenant_id, class, digest, person),
  constraint token_is_opaque check (token ~ '^tok_[a-z]{2,5}_[0-9a-hjkmnp-tv-z]{26}$')
);
create index token_of_person on privacy.token (tenant_id, person);
call core.isolate_tenants('privacy.token');

-- Erasures that were finished: a retry of one erases nothing that came after it.
create table privacy.erasure (
  tenant_id text collate "C" not null,
  -- That of the command which asked for it.
  id uuid not null,
  person text collate "C" not null,
  erased_at timestamptz(3) not null,
  primary key (tenant_id, id)
);
call core.make_append_only('privacy.erasure');
call core.isolate_tenants('privacy.erasure');

grant usage on schema core, privacy to countersign_vault;
grant execute on function core.current_tenant() to countersign_vault;
grant select, insert, delete on privacy.envelope_key to countersign_vault;
grant select, insert, update (kek_id, wrapped) on privacy.index_key to countersign_vault;
grant select, insert, delete, update (envelope, wrapped) on privacy.person_key
  to countersign_vault;
grant select, insert, delete on privacy.token to countersign_vault;
grant select, insert on privacy.erasure to countersign_vault;
