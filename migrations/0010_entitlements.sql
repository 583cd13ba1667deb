-- risk: none (new schema; policy.find_api_key answers more columns, the earlier ones stay)
-- Entitlements: which roles and attributes a principal has, and a tenant's own rules.

-- A row stays when its role is revoked: whoever was once given a role never falls back to scopes.
create table policy.principal_role (
  tenant_id text collate "C" not null,
  principal text collate "C" not null,
  role text not null,
  granted_by text not null,
  granted_at timestamptz(3) not null,
  revoked_at timestamptz(3) not null default 'infinity',
  primary key (tenant_id, principal, role),
  constraint nobody_grants_a_role_to_himself check (granted_by <> principal)
);
call core.isolate_tenants('policy.principal_role');

create table policy.principal (
  tenant_id text collate "C" not null,
  principal text collate "C" not null,
  region text,
  -- Whom a person is, as a customer: an opaque reference.
  customer text,
  -- The user for whom an agent was set up.
  delegated_by text,
  described_by text not null,
  described_at timestamptz(3) not null,
  primary key (tenant_id, principal),
  constraint nobody_describes_himself check (described_by <> principal)
);
call core.isolate_tenants('policy.principal');

-- The texts, by their digest: the one that was approved is the one that is in force.
create table policy.entitlement_set (
  tenant_id text collate "C" not null,
  -- SHA-256 of the text.
  digest bytea not null,
  text text not null,
  primary key (tenant_id, digest),
  constraint digest_is_of_the_text check (digest = sha256(convert_to(text, 'UTF8')))
);
call core.make_append_only('policy.entitlement_set');
call core.isolate_tenants('policy.entitlement_set');

-- What was in force when; the highest number is in force now.
create table policy.entitlement_publication (
  tenant_id text collate "C" not null,
  number integer not null,
  digest bytea not null,
  approval text not null,
  published_by text not null,
  published_at timestamptz(3) not null,
  primary key (tenant_id, number),
  constraint publication_is_of_a_set foreign key (tenant_id, digest)
    references policy.entitlement_set (tenant_id, digest)
);
call core.make_append_only('policy.entitlement_publication');
call core.isolate_tenants('policy.entitlement_publication');

-- A principal's rights as they stand, in one row.
create function policy.principal_rights(
  tenant text, who text, out roles text[], out governed boolean, out region text,
  out customer text, out delegated_by text, out rule_set text)
  language sql stable
  begin atomic
  select
    array(select r.role from policy.principal_role r
           where r.tenant_id = tenant and r.principal = who and r.revoked_at = 'infinity'
           order by r.role),
    exists(select from policy.principal_role r where r.tenant_id = tenant and r.principal = who),
    p.region, p.customer, p.delegated_by,
    (select encode(e.digest, 'hex') from policy.entitlement_publication e
      where e.tenant_id = tenant order by e.number desc limit 1)
    from (values (1)) as one
    left join policy.principal p on p.tenant_id = tenant and p.principal = who;
end;

-- Authentication learns them together with the key and the epoch.
drop function policy.find_api_key(bytea);
create function policy.find_api_key(hash bytea)
  returns table (tenant text, id uuid, principal text, scopes text[], expires_at timestamptz,
    revoked_at timestamptz, epoch bigint, roles text[], governed boolean, region text,
    customer text, delegated_by text, rule_set text)
  language sql stable security definer set search_path = pg_catalog
  begin atomic
  select k.tenant_id, k.id, k.principal, k.scopes, k.expires_at, k.revoked_at, t.epoch,
         r.roles, r.governed, r.region, r.customer, r.delegated_by, r.rule_set
    from policy.api_key k join core.tenant t using (tenant_id)
    cross join lateral policy.principal_rights(k.tenant_id, k.principal) r
   where k.secret_hash = hash;
end;

revoke execute on function policy.principal_rights, policy.find_api_key from public;
grant execute on function policy.principal_rights, policy.find_api_key to countersign_policy;
grant select, insert, update (granted_by, granted_at, revoked_at) on policy.principal_role
  to countersign_policy;
grant select, insert, update (region, customer, delegated_by, described_by, described_at)
  on policy.principal to countersign_policy;
grant select, insert on policy.entitlement_set, policy.entitlement_publication
  to countersign_policy;
grant select on policy.principal_role, policy.principal, policy.entitlement_set,
  policy.entitlement_publication to countersign_read;
