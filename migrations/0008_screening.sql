-- risk: none (new tables)
-- Screening: the lists of sanctioned and exposed persons, and what was found for whom.

-- Lists ---------------------------------------------------------------------------------------------

-- Lists are public, and the same for every tenant: these three tables have no tenant. Who loads one
-- is an operator of the tenant `system`, in whose log it is told.

-- The files of a publication as they came, so that a version can be made again from them.
create table policy.screening_source (
  digest bytea primary key,
  content text not null,
  constraint digest_is_sha_256 check (sha256(convert_to(content, 'UTF8')) = digest)
);

create table policy.screening_list_version (
  list text collate "C" not null,
  version integer not null,
  format text not null,
  digest bytea not null references policy.screening_source,
  source_date date,
  entries integer not null,
  names integer not null,
  added integer not null,
  changed integer not null,
  removed integer not null,
  loaded_at timestamptz(3) not null,
  loaded_by text not null,
  primary key (list, version),
  constraint versions_count_from_one check (version >= 1),
  constraint a_list_has_entries check (entries >= 1)
);

-- An entry is in the versions from `since` to before `until`: a version costs what it changes.
create table policy.screening_entry (
  list text collate "C" not null,
  entry_id text collate "C" not null,
  since integer not null,
  until integer not null default 2147483647,
  digest bytea not null,
  body text not null,
  primary key (list, entry_id, since),
  constraint ends_after_it_began check (until > since),
  foreign key (list, since) references policy.screening_list_version (list, version)
);

create index screening_entry_in_force on policy.screening_entry (list, entry_id)
  where until = 2147483647;

-- Screenings ----------------------------------------------------------------------------------------

-- Who is on record, by tokens only: each request under which somebody was ever screened, and
-- through which versions of the lists. Another name adds to a subject, and replaces nothing.
create table policy.screening_subject (
  tenant_id text collate "C" not null,
  subject text collate "C" not null,
  -- The tokens of name and date of birth, the countries and the kind, as canonical JSON.
  request text collate "C" not null,
  -- Whether the name was erased: lists that came since say nothing about it.
  unscreenable boolean not null default false,
  screening_id uuid not null,
  list_versions text not null,
  primary key (tenant_id, subject, request)
);
call core.isolate_tenants('policy.screening_subject');

create table policy.screening (
  tenant_id text collate "C" not null,
  id uuid not null,
  subject text collate "C" not null,
  cause text not null,
  list_versions text not null,
  screened_at timestamptz(3) not null,
  screened_by text not null,
  primary key (tenant_id, id),
  constraint cause_is_known check (cause in ('request', 'list_change'))
);
call core.make_append_only('policy.screening');
call core.isolate_tenants('policy.screening');
create index screening_of_subject on policy.screening (tenant_id, subject, id);

-- `explanation` names positions of the name that was asked for, never its words.
create table policy.screening_hit (
  tenant_id text collate "C" not null,
  screening_id uuid not null,
  ordinal integer not null,
  list text collate "C" not null,
  entry_id text collate "C" not null,
  entry_digest bytea not null,
  score integer not null,
  explanation text not null,
  primary key (tenant_id, screening_id, ordinal),
  foreign key (tenant_id, screening_id) references policy.screening (tenant_id, id),
  constraint score_is_of_a_thousand check (score between 0 and 1000)
);
call core.make_append_only('policy.screening_hit');
call core.isolate_tenants('policy.screening_hit');

-- A hit that a person has judged to mean somebody else. It holds for this entry as it stood: an
-- entry that the list changes has another digest.
create table policy.screening_clearance (
  tenant_id text collate "C" not null,
  id uuid not null,
  subject text collate "C" not null,
  list text collate "C" not null,
  entry_id text collate "C" not null,
  entry_digest bytea not null,
  reason text not null,
  cleared_at timestamptz(3) not null,
  cleared_by text not null,
  revoked_at timestamptz(3) not null default 'infinity',
  revoked_by text,
  primary key (tenant_id, id),
  constraint only_what_is_revoked_has_a_revoker
    check ((revoked_at = 'infinity') = (revoked_by is null)),
  constraint only_people_clear check (starts_with(cleared_by, 'user:'))
);
call core.isolate_tenants('policy.screening_clearance');
create unique index a_hit_is_cleared_once
  on policy.screening_clearance (tenant_id, subject, list, entry_id, entry_digest)
  where revoked_at = 'infinity';

grant select, insert on policy.screening_source, policy.screening_list_version, policy.screening,
  policy.screening_hit to countersign_policy;
grant select, insert, update (until) on policy.screening_entry to countersign_policy;
grant select, insert, update (unscreenable, screening_id, list_versions)
  on policy.screening_subject to countersign_policy;
grant select, insert, update (revoked_at, revoked_by) on policy.screening_clearance
  to countersign_policy;
grant select on policy.screening_list_version, policy.screening_entry, policy.screening_subject,
  policy.screening, policy.screening_hit, policy.screening_clearance to countersign_read;
