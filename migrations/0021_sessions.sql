-- risk: none (new table)
-- Sessions: who has signed in from a browser, and for how long.

create table policy.session (
  tenant_id text collate "C" not null,
  id uuid not null,
  -- SHA-256 of the token in the browser's cookie: the token itself is never stored.
  token_hash bytea not null,
  principal text collate "C" not null,
  -- Who has said so.
  issuer text not null,
  -- What the issuer calls the person, as a token of the vault.
  name text,
  -- With whose key somebody has signed in: the session has its scopes, and ends with it.
  key_id uuid,
  opened_at timestamptz(3) not null,
  expires_at timestamptz(3) not null,
  -- Of the moment: no command writes it, and no event tells of it.
  last_seen_at timestamptz(3) not null,
  closed_at timestamptz(3) not null default 'infinity',
  primary key (tenant_id, id),
  constraint one_session_per_token unique (token_hash),
  constraint only_people_sign_in check (starts_with(principal, 'user:')),
  constraint principal_is_in_lower_case check (principal = lower(principal)),
  constraint key_is_there foreign key (tenant_id, key_id)
    references policy.api_key (tenant_id, id)
);
call core.isolate_tenants('policy.session');

-- Like policy.find_api_key. Without a key there are no scopes, which is not the same as none of
-- them: the rights of such a session are those of its principal's roles alone.
create function policy.find_session(hash bytea)
  returns table (tenant text, id uuid, principal text, name text, scopes text[],
    ends_at timestamptz, last_seen_at timestamptz, epoch bigint, roles text[], governed boolean,
    region text, customer text, delegated_by text, rule_set text)
  language sql stable security definer set search_path = pg_catalog
  begin atomic
  select s.tenant_id, s.id, s.principal, s.name, k.scopes,
         least(s.expires_at, s.closed_at, k.expires_at, k.revoked_at), s.last_seen_at, t.epoch,
         r.roles, r.governed, r.region, r.customer, r.delegated_by, r.rule_set
    from policy.session s join core.tenant t using (tenant_id)
    left join policy.api_key k on k.tenant_id = s.tenant_id and k.id = s.key_id
    cross join lateral policy.principal_rights(s.tenant_id, s.principal) r
   where s.token_hash = hash;
end;

revoke execute on function policy.find_session from public;
grant execute on function policy.find_session to countersign_policy;
grant select, insert, update (last_seen_at, closed_at) on policy.session to countersign_policy;
grant select (tenant_id, id, principal, issuer, name, key_id, opened_at, expires_at, last_seen_at,
  closed_at) on policy.session to countersign_read;
