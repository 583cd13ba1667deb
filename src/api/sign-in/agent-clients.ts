// Agents at our own issuer: clients by their records, with keys of their own, for tokens that this
// server accepts and no other.
import type { Clock } from '#core';
import { type AgentByToken, findAgentByToken, keysOf, ownIssuerName } from '#gateway';
import type { Adapter, AdapterPayload, Client, Configuration, errors } from 'oidc-provider';
import type pg from 'pg';
import { toolScope } from '../token/challenge.ts';
import { resourcePaths } from '../token/token.ts';
import { ownClientId } from './configuration.ts';

type Pool = Pick<pg.Pool, 'query'>;

/** In seconds: less than any token may live. */
const tokenLifeS = 600;

/** What the library keeps, with agents among its clients as they are at that moment. */
export function withAgents(
  memory: (kind: string) => Adapter,
  { pool, clock }: { readonly pool: Pool; readonly clock: Clock },
): (kind: string) => Adapter {
  return (kind) => {
    const adapter = memory(kind);
    if (kind !== 'Client') return adapter;
    return {
      ...adapter,
      find: async (id) => {
        const agent = await findOwnAgent(pool, id, clock);
        return agent && metadataOf(id, agent);
      },
    };
  };
}

/** Undefined for one that is suspended, too. */
export async function findOwnAgent(
  pool: Pool,
  clientId: string,
  clock: Clock,
): Promise<AgentByToken | undefined> {
  const names = { issuer: ownIssuerName, clientId, tokenId: '' };
  const agent = await findAgentByToken(pool, names, clock.now());
  return agent?.isActive === true ? agent : undefined;
}

function metadataOf(id: string, agent: AgentByToken): AdapterPayload {
  const { name, jwks, redirectUris, requiresDpop } = agent;
  const asksCustomers = redirectUris.length > 0;
  return {
    ...{ client_id: id, client_name: name, token_endpoint_auth_method: 'private_key_jwt' },
    jwks: { keys: keysOf(jwks ?? '{"keys":[]}') },
    redirect_uris: [...redirectUris],
    grant_types: ['client_credentials', ...(asksCustomers ? ['authorization_code'] : [])],
    response_types: asksCustomers ? ['code'] : [],
    id_token_signed_response_alg: 'EdDSA',
    dpop_bound_access_tokens: requiresDpop,
  } as AdapterPayload;
}

/** RFC 8707: tokens of agents are for this server; the console needs none. */
export function resourceIndicators(
  origin: string,
  { InvalidTarget }: Pick<typeof errors, 'InvalidTarget'>,
): NonNullable<NonNullable<Configuration['features']>['resourceIndicators']> {
  const resources = resourcePaths.map((path) => `${origin}${path}`);
  const isAgent = ({ clientId }: Client) => clientId !== ownClientId;
  return {
    enabled: true,
    defaultResource: async (_context, client, oneOf) =>
      oneOf ?? (client && isAgent(client) ? `${origin}/mcp` : []),
    useGrantedResource: () => true,
    async getResourceServerInfo(_context, resource, client) {
      if (!isAgent(client) || !resources.includes(resource)) throw new InvalidTarget();
      return {
        ...{ scope: toolScope, audience: resource, accessTokenTTL: tokenLifeS },
        ...{ accessTokenFormat: 'jwt', jwt: { sign: { alg: 'EdDSA' } } },
      };
    },
  };
}
