// Who calls: API keys, looked up by the digest of their secret.
import { type Clock, type Database, Fault, type Principal, principalOf } from '#core';
import { type ApiKey, findApiKey, type Scope, secretHash } from '#policy';
import type { FastifyRequest } from 'fastify';

export type Caller = {
  readonly principal: Principal;
  readonly scopes: readonly Scope[];
  /** The tenant's epoch when these rights were read. */
  readonly epoch: bigint;
};

export type Authenticate = {
  /** The caller, read from the database now: for calls that nothing checks again. */
  readonly fresh: (request: FastifyRequest, scope: Scope) => Promise<Caller>;
  /** The caller, perhaps remembered: only for writes, whose epoch posting compares under lock. */
  readonly remembered: (request: FastifyRequest, scope: Scope) => Promise<Caller>;
  /** Refuses who has no key at all, whatever its scopes. */
  readonly known: (request: FastifyRequest) => Promise<void>;
  /** Forgets a caller whose rights have changed. */
  readonly forget: (request: FastifyRequest) => void;
};

const rememberedMax = 10_000;

export function apiKeyAuthentication(database: Database, clock: Clock): Authenticate {
  const pool = database.pool('policy');
  const memory = new Map<string, ApiKey>();

  async function look(secret: string): Promise<ApiKey> {
    const apiKey = await findApiKey(pool, secret, clock.now());
    if (!apiKey) throw new Fault('unauthenticated', 'the API key is unknown, expired or revoked');
    if (memory.size >= rememberedMax) memory.clear();
    memory.set(secretHash(secret), apiKey);
    return apiKey;
  }

  async function recall(request: FastifyRequest): Promise<ApiKey> {
    const secret = secretOf(request);
    const known = memory.get(secretHash(secret));
    return known !== undefined && known.expiresAt > clock.now() ? known : look(secret);
  }

  return {
    async fresh(request, scope) {
      return callerOf(await look(secretOf(request)), scope);
    },
    async remembered(request, scope) {
      return callerOf(await recall(request), scope);
    },
    async known(request) {
      await recall(request);
    },
    forget(request) {
      memory.delete(secretHash(secretOf(request)));
    },
  };
}

function callerOf(apiKey: ApiKey, scope: Scope): Caller {
  if (!apiKey.scopes.includes(scope)) {
    throw new Fault('forbidden', `the API key lacks the scope ${scope}`);
  }
  return {
    principal: principalOf(apiKey.principal, apiKey.tenant),
    scopes: apiKey.scopes,
    epoch: apiKey.epoch,
  };
}

function secretOf(request: FastifyRequest): string {
  const { authorization } = request.headers;
  const secret = /^Bearer ([\x21-\x7e]{16,200})$/.exec(authorization ?? '')?.[1];
  if (!secret) {
    throw new Fault('unauthenticated', 'send the header Authorization: Bearer <API key>');
  }
  return secret;
}
