// Who calls, and whether he may: API keys by the digest of their secret, entitlements on top.
import { Fault, type Principal } from '#core';
import type { Planes } from '#main';
import {
  type ApiKey,
  type EntitlementAnswer,
  type EntitlementRules,
  findApiKey,
  minuteOf,
  openRuleSets,
  type Scope,
  secretHash,
  type Subject,
} from '#policy';
import type { FastifyRequest } from 'fastify';
import { leadsBack } from './retreat.ts';

/** What a route asks for: a scope, or an action that those may do who have not all of its scope. */
export type Right = Scope | 'approval.request' | 'approval.withdraw';

export type Caller = {
  readonly principal: Principal;
  readonly scopes: readonly Scope[];
  /** The tenant's epoch when these rights were read. */
  readonly epoch: bigint;
  /** The principal with its roles and attributes, and its tenant's rules: to ask more about it. */
  readonly subject: Subject;
  readonly rules: EntitlementRules;
  /** Whether another scope is allowed too. */
  readonly may: (scope: Scope) => boolean;
};

export type Authenticate = {
  /** The caller, read from the database now: for calls that nothing checks again. */
  readonly fresh: (request: FastifyRequest, right: Right) => Promise<Caller>;
  /** The caller, perhaps remembered: only for writes, whose epoch posting compares under lock. */
  readonly remembered: (request: FastifyRequest, right: Right) => Promise<Caller>;
  /** Refuses who has no key at all, whatever its scopes; answers the tenant of who has one. */
  readonly known: (request: FastifyRequest) => Promise<string>;
  /** Forgets a caller whose rights have changed. */
  readonly forget: (request: FastifyRequest) => void;
};

const rememberedMax = 10_000;

/** A key that was looked up, and what of its answers still holds. */
type Known = {
  readonly apiKey: ApiKey;
  readonly caller: Caller;
  /** By right, of that minute: rules may speak of the time, to the minute. */
  readonly answers: Map<Right, EntitlementAnswer>;
  minute: number;
};

export function apiKeyAuthentication(
  planes: Pick<Planes, 'database' | 'clock' | 'entitlements'>,
): Authenticate {
  const { clock, entitlements } = planes;
  const pool = planes.database.pool('policy');
  const rulesOf = openRuleSets(pool, entitlements);
  const memory = new Map<string, Known>();

  async function look(secret: string): Promise<Known> {
    const apiKey = await findApiKey(pool, secret, clock.now());
    if (!apiKey) throw new Fault('unauthenticated', 'the API key is unknown, expired or revoked');
    if (memory.size >= rememberedMax) memory.clear();
    const { tenant, scopes, epoch, subject } = apiKey;
    const rules = await rulesOf(tenant, apiKey.ruleSet);
    const may = (scope: Scope) => ask(apiKey, rules, scope).allowed;
    const caller = { principal: subject.principal, scopes, epoch, subject, rules, may };
    const known: Known = { apiKey, caller, answers: new Map(), minute: 0 };
    memory.set(secretHash(secret), known);
    return known;
  }

  async function recall(request: FastifyRequest): Promise<Known> {
    const secret = secretOf(request);
    const known = memory.get(secretHash(secret));
    const isLive = known !== undefined && known.apiKey.expiresAt > clock.now();
    return isLive ? known : look(secret);
  }

  async function fresh(request: FastifyRequest, right: Right): Promise<Caller> {
    const known = await look(secretOf(request));
    const answer = answerOf(known, right);
    if (answer.allowed || (await mayGoBack(request, known, right))) return known.caller;
    throw forbidden(known.apiKey, right, answer);
  }

  /** Whom the shipped rules let go back to them is not kept from it by others. */
  async function mayGoBack(request: FastifyRequest, known: Known, right: Right): Promise<boolean> {
    if (known.apiKey.ruleSet === null) return false;
    if (!ask(known.apiKey, entitlements.shipped, right).allowed) return false;
    return leadsBack(request, { pool, tenant: known.apiKey.tenant, at: clock.now() });
  }

  function answerOf(known: Known, right: Right): EntitlementAnswer {
    const minute = minuteOf(clock.now());
    if (known.minute !== minute) known.answers.clear();
    known.minute = minute;
    const earlier = known.answers.get(right);
    if (earlier) return earlier;
    const answer = ask(known.apiKey, known.caller.rules, right);
    known.answers.set(right, answer);
    return answer;
  }

  /** The scope is a group of actions; a route asks for it on the tenant as a whole. */
  function ask(apiKey: ApiKey, rules: EntitlementRules, action: Right): EntitlementAnswer {
    const { tenant, subject, epoch, scopes } = apiKey;
    const resource = { type: 'Tenant', id: tenant, tenant } as const;
    const at = clock.now();
    return entitlements.check({ subject, rules, epoch, at, scopes, action, resource });
  }

  return {
    fresh,
    async remembered(request, right) {
      const known = await recall(request);
      // A refusal is not remembered: a right that was given since counts at once.
      return answerOf(known, right).allowed ? known.caller : fresh(request, right);
    },
    async known(request) {
      return (await recall(request)).apiKey.tenant;
    },
    forget(request) {
      memory.delete(secretHash(secretOf(request)));
    },
  };
}

function forbidden(apiKey: ApiKey, right: Right, { deciding }: EntitlementAnswer): Fault {
  const rules = deciding.map(({ id }) => id);
  // Of the scopes of the key, in words.
  if (rules.includes('scopes')) return new Fault('forbidden', deciding[0]?.reason ?? '');
  const why = rules.length === 0 ? 'nothing permits it' : `forbidden by ${rules.join(', ')}`;
  return new Fault('forbidden', `${apiKey.principal} is not entitled to ${right}: ${why}`);
}

function secretOf(request: FastifyRequest): string {
  const { authorization } = request.headers;
  const secret = /^Bearer ([\x21-\x7e]{16,200})$/.exec(authorization ?? '')?.[1];
  if (!secret) {
    const isThere = authorization !== undefined;
    const what = isThere ? 'the header Authorization holds no API key' : 'no API key was sent';
    throw new Fault('unauthenticated', `${what}: send Authorization: Bearer <API key>`);
  }
  return secret;
}
