-- risk: low (new schema; an index on policy.principal, which has a row per described principal)
-- Agents: which programs may call tools for people, how they prove who they are, and which of their
-- tokens count no more.

create schema gateway;

create table gateway.agent (
  tenant_id text collate "C" not null,
  -- Of the principal `agent:<id>`.
  agent_id text collate "C" not null,
  name text not null,
  -- The person of the bank who answers for it.
  owner text not null,
  purposes text[] collate "C" not null,
  -- Each with its name and calls_per_minute, by name.
  tools jsonb not null,
  status text not null default 'active',
  registered_at timestamptz(3) not null,
  changed_at timestamptz(3) not null,
  primary key (tenant_id, agent_id),
  constraint status_is_known check (status in ('active', 'suspended'))
);
call core.isolate_tenants('gateway.agent');

-- An issuer's client by which an agent proves who it is.
create table gateway.agent_client (
  tenant_id text collate "C" not null,
  id uuid not null,
  agent_id text collate "C" not null,
  -- A URL, or `own` for the issuer that comes with the server, wherever it listens.
  issuer text collate "C" not null,
  client_id text collate "C" not null,
  -- The public keys: of the issuer, or of the client itself at our own issuer.
  jwks text,
  jwks_uri text,
  redirect_uris text[] not null,
  requires_dpop boolean not null,
  -- 'infinity' while it counts.
  removed_at timestamptz(3) not null default 'infinity',
  primary key (tenant_id, id),
  constraint keys_come_from_one_place check (jwks is null or jwks_uri is null),
  constraint client_is_of_an_agent foreign key (tenant_id, agent_id)
    references gateway.agent (tenant_id, agent_id)
);
call core.isolate_tenants('gateway.agent_client');
-- In the whole installation: a token says nothing of tenants.
create unique index one_agent_per_client on gateway.agent_client (issuer, client_id)
  where removed_at = 'infinity';
create index client_of_agent on gateway.agent_client (tenant_id, agent_id);

create table gateway.revoked_token (
  tenant_id text collate "C" not null,
  agent_id text collate "C" not null,
  jti text collate "C" not null,
  revoked_at timestamptz(3) not null,
  primary key (tenant_id, agent_id, jti),
  constraint token_is_of_an_agent foreign key (tenant_id, agent_id)
    references gateway.agent (tenant_id, agent_id)
);
call core.isolate_tenants('gateway.revoked_token');

create index principal_of_customer on policy.principal (tenant_id, customer);

-- Like policy.find_api_key, for a token: its agent with the rights of that epoch, by what the token
-- says of itself. Nothing of the answer counts before the keys in it have verified the token.
-- `person` is a user or a customer for whom the agent acts, `agreed` the consent that lets it.
create function gateway.find_agent(by_issuer text, by_client text, by_token text, person text,
  agreed uuid, at timestamptz)
  returns table (tenant text, agent_id text, name text, status text, purposes text[],
    is_revoked boolean, jwks text, jwks_uri text, redirect_uris text[], requires_dpop boolean,
    epoch bigint, roles text[], governed boolean, region text, customer text, delegated_by text,
    rule_set text, person_principal text, person_roles text[], person_governed boolean,
    person_region text, person_customer text, agreed_until timestamptz)
  language sql stable security definer set search_path = pg_catalog
  begin atomic
  select c.tenant_id, c.agent_id, a.name, a.status, a.purposes,
         exists(select from gateway.revoked_token v where v.tenant_id = c.tenant_id
                   and v.agent_id = c.agent_id and v.jti = by_token),
         c.jwks, c.jwks_uri, c.redirect_uris, c.requires_dpop, t.epoch,
         r.roles, r.governed, r.region, r.customer, r.delegated_by, r.rule_set,
         who.principal, p.roles, p.governed, p.region, p.customer, latest.expires_at
    from gateway.agent_client c
    join gateway.agent a on a.tenant_id = c.tenant_id and a.agent_id = c.agent_id
    join core.tenant t on t.tenant_id = c.tenant_id
    cross join lateral policy.principal_rights(c.tenant_id, 'agent:' || c.agent_id) r
    -- Of several users who are one customer, always the same.
    left join lateral (
      select u.principal from policy.principal u
       where u.tenant_id = c.tenant_id and (u.principal = person or u.customer = person)
         and starts_with(u.principal, 'user:')
       order by u.principal limit 1) who on true
    left join lateral policy.principal_rights(c.tenant_id, who.principal) p
      on who.principal is not null
    -- What counts now, in the order of policy's own question; the named record is one of the same.
    left join lateral (
      select g.status, g.expires_at from policy.consent g
       where g.tenant_id = c.tenant_id and g.person = p.customer and g.topic = 'ai_data_use'
         and g.effective_at <= at
       order by g.effective_at desc, g.status desc, g.expires_at, g.id desc limit 1) latest
      on latest.status = 'granted' and latest.expires_at > at
     and exists(select from policy.consent g where g.tenant_id = c.tenant_id and g.id = agreed
                   and g.person = p.customer and g.topic = 'ai_data_use' and g.status = 'granted')
   where c.issuer = by_issuer and c.client_id = by_client and c.removed_at = 'infinity';
end;

revoke execute on function gateway.find_agent from public;
grant execute on function gateway.find_agent to countersign_policy;
grant usage on schema gateway to countersign_policy, countersign_gateway, countersign_read;
grant select, insert, update (name, owner, purposes, tools, status, changed_at) on gateway.agent
  to countersign_policy;
grant select, insert, update (removed_at) on gateway.agent_client to countersign_policy;
grant select, insert on gateway.revoked_token to countersign_policy;
grant select on gateway.agent, gateway.agent_client to countersign_gateway, countersign_read;
