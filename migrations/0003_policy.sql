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
  constraint one_key_per_secret unique (secret_hash),
  -- Or one person could be two by the case of a letter.
  constraint principal_is_in_lower_case check (principal = lower(principal))
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

create function policy.create_tenant(tenant text, name text, time_zone text, created timestamptz)
  returns void
  language sql security definer set search_path = pg_catalog
  begin atomic
  insert into core.tenant (tenant_id, name, time_zone, created_at)
  values (tenant, name, time_zone, created);
end;

-- Who creates a tenant has the right to it in the tenant of the installation.
create function policy.installation_epoch() returns bigint
  language sql stable security definer set search_path = pg_catalog
  begin atomic
  select epoch from core.tenant where tenant_id = 'system';
end;

-- Whoever remembers rights compares the epoch. The caller holds the tenant's gate.
create function policy.change_rights(tenant text) returns void
  language sql security definer set search_path = pg_catalog
  begin atomic
  update core.tenant t set epoch = epoch + 1
   where t.tenant_id = tenant and tenant = core.current_tenant();
end;

-- Before an administrative command: through the tenant's gate, alone or beside others, and then
-- what is there behind it: the first answer to the key, if any, and the epoch of the rights.
create function policy.enter(tenant text, key text, is_concurrent boolean, by_installation boolean)
  returns table (id uuid, digest text, outcome text, epoch bigint)
  language plpgsql set search_path = pg_catalog as $$
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
end $$;

revoke execute on all functions in schema policy from public;
grant usage on schema policy to countersign_policy, countersign_read;
grant execute on function policy.find_api_key, policy.create_tenant, policy.change_rights,
  policy.installation_epoch, policy.enter to countersign_policy;
grant select, insert, update (revoked_at) on policy.api_key to countersign_policy;
grant select (tenant_id, id, principal, scopes, name, created_at, expires_at, revoked_at)
  on policy.api_key to countersign_read;
