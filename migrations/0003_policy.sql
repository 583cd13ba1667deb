-- risk: none (new schema)
-- The policy plane's first part: API keys and the administration of tenants.

create schema policy;

create table policy.api_key (
  tenant_id text collate "C" not null,
  id uuid not null,
  -- SHA-256 of the secret: the secret itself is never stored.
  secret_hash bytea not null,
  principal text not null,
  scopes text[] not null,
  name text not null,
  created_at timestamptz(3) not null,
  expires_at timestamptz(3) not null default 'infinity',
  revoked_at timestamptz(3) not null default 'infinity',
  primary key (tenant_id, id),
  constraint one_key_per_secret unique (secret_hash)
);
call core.isolate_tenants('policy.api_key');

-- Authentication asks before it knows the tenant: by hash only, and it learns the epoch with it.
create function policy.find_api_key(hash bytea)
  returns table (tenant text, id uuid, principal text, scopes text[], expires_at timestamptz,
    revoked_at timestamptz, epoch bigint)
  language sql stable security definer set search_path = pg_catalog
  begin atomic
  select k.tenant_id, k.id, k.principal, k.scopes, k.expires_at, k.revoked_at, t.epoch
    from policy.api_key k join core.tenant t using (tenant_id)
   where k.secret_hash = hash;
end;

-- Every change of rights goes through here: behind the tenant's gate, with a new epoch.
create function policy.record_administration(
  tenants text[], tenant_names text[], tenant_zones text[], tenants_created timestamptz[],
  key_tenants text[], key_ids uuid[], key_hashes bytea[], key_principals text[],
  key_scopes text[], key_names text[], keys_created timestamptz[], keys_expire timestamptz[],
  revoked_tenants text[], revoked_ids uuid[], revoked timestamptz[]
) returns void
  language plpgsql security definer set search_path = pg_catalog as $$
begin
  perform pg_advisory_xact_lock(hashtextextended(t, 1))
     from (select distinct t collate "C" as t
             from unnest(tenants || key_tenants || revoked_tenants) as u(t) order by 1) gates;
  insert into core.tenant (tenant_id, name, time_zone, created_at)
  select * from unnest(tenants, tenant_names, tenant_zones, tenants_created);
  insert into policy.api_key (tenant_id, id, secret_hash, principal, scopes, name, created_at,
    expires_at)
  select t, i, h, p, s::text[], n, c, e
    from unnest(key_tenants, key_ids, key_hashes, key_principals, key_scopes, key_names,
      keys_created, keys_expire) as x(t, i, h, p, s, n, c, e);
  update policy.api_key k set revoked_at = x.r
    from unnest(revoked_tenants, revoked_ids, revoked) as x(t, i, r)
   where k.tenant_id = x.t and k.id = x.i and k.revoked_at = 'infinity';
  update core.tenant set epoch = epoch + 1
   where tenant_id = any (key_tenants || revoked_tenants);
end $$;

revoke execute on all functions in schema policy from public;
grant usage on schema policy to countersign_policy, countersign_read;
grant execute on function policy.find_api_key, policy.record_administration to countersign_policy;
grant select on policy.api_key to countersign_policy;
grant select (tenant_id, id, principal, scopes, name, created_at, expires_at, revoked_at)
  on policy.api_key to countersign_read;
