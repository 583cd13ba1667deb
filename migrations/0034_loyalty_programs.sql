-- risk: none (new tables)
-- Loyalty programmes as data: each version with who has approved it.

-- What was written, published or not: those who are to approve a document read it here.
create table loyalty.program_document (
  tenant_id text collate "C" not null,
  -- SHA-256 of the canonical text, in hex: equal documents are one.
  digest text collate "C" not null,
  program text collate "C" not null,
  document jsonb not null,
  drafted_by text not null,
  drafted_at timestamptz(3) not null,
  primary key (tenant_id, digest),
  constraint digest_is_sha_256 check (digest ~ '^[0-9a-f]{64}$')
);
create index document_of_program
  on loyalty.program_document (tenant_id, program, drafted_at, digest);
call core.make_append_only('loyalty.program_document');
call core.isolate_tenants('loyalty.program_document');

-- One act of publication. What counts at an instant is the last of those whose time has come.
create table loyalty.program_version (
  tenant_id text collate "C" not null,
  program text collate "C" not null,
  ordinal integer not null,
  digest text collate "C" not null,
  effective_at timestamptz(3) not null,
  recorded_at timestamptz(3) not null,
  published_by text not null,
  approval_id text not null,
  primary key (tenant_id, program, ordinal),
  constraint version_is_of_a_document foreign key (tenant_id, digest)
    references loyalty.program_document (tenant_id, digest),
  constraint versions_count_up check (ordinal > 0),
  constraint nothing_counts_before_it_was_published check (effective_at >= recorded_at)
);
call core.make_append_only('loyalty.program_version');
call core.isolate_tenants('loyalty.program_version');

grant select, insert on loyalty.program_document, loyalty.program_version to countersign_policy;
grant select on loyalty.program_document, loyalty.program_version
  to countersign_app, countersign_read;
