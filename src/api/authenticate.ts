// Who calls, and whether he may: entitlements on top of what the caller's key or session is.
import { type Clock, externalId, Fault, type Instant, type Principal, withTx } from '#core';
import type { Delegation, GatewayCaller, VerifiedNames } from '#gateway';
import type { Planes } from '#main';
import {
  type Asker,
  type EntitlementAnswer,
  type EntitlementRules,
  minuteOf,
  openRuleSets,
  type Question,
  type Resource,
  type Scope,
  seeSession,
  sessionIdleMs,
  type Subject,
} from '#policy';
import type { FastifyRequest } from 'fastify';
import {
  type Credential,
  findCredential,
  placeOf,
  type Sent,
  sentBy,
  unknown,
} from './credentials.ts';
import { leadsBack } from './retreat.ts';
import type { Site } from './site.ts';
import type { Proofs } from './token/proof.ts';
import type { Tokens } from './token/token.ts';

/** What a route asks for: a scope, or an action that those may do who have not all of its scope. */
export type Right = Scope | 'approval.request' | 'approval.withdraw' | ResourceRight;

/** An action on one thing, which follows from who asks: those may do it who have no whole scope. */
export type ResourceRight = {
  readonly action: string;
  /** Undefined where the caller has nothing of the kind. */
  readonly on: (subject: Subject) => Omit<Resource, 'tenant'> | undefined;
};

export type Caller = {
  readonly principal: Principal;
  /** Of the key; absent in a session, whose rights are bounded by nothing but the rules. */
  readonly scopes?: readonly Scope[];
  /** The tenant's epoch when these rights were read. */
  readonly epoch: bigint;
  /** The principal with its roles and attributes, and its tenant's rules: to ask more about it. */
  readonly subject: Subject;
  readonly rules: EntitlementRules;
  /** Whether another scope is allowed too. */
  readonly may: (scope: Scope) => boolean;
  /** The same of any right, with the rules that decide. */
  readonly ask: (right: Right) => EntitlementAnswer;
  readonly expiresAt: Instant;
  /** When the caller has signed in: which session it is, and the name, as a token of the vault. */
  readonly session?: { readonly id: string; readonly name: string | null };
  /** Of an agent's token: for whom it acts, and what for. */
  readonly onBehalfOf?: Delegation;
  readonly purpose?: Asker['purpose'];
  /** What the token says of itself. */
  readonly token?: VerifiedNames;
};

export type Authenticate = {
  /** The caller, read from the database now: for calls that nothing checks again. */
  readonly fresh: (request: FastifyRequest, right: Right) => Promise<Caller>;
  /** The caller, perhaps remembered: only for writes, whose epoch posting compares under lock. */
  readonly remembered: (request: FastifyRequest, right: Right) => Promise<Caller>;
  /** Refuses who has neither key nor session, whatever its rights; answers the tenant of others. */
  readonly known: (request: FastifyRequest) => Promise<string>;
  /** The caller as it is now, whatever it may do. */
  readonly whoever: (request: FastifyRequest) => Promise<Caller>;
  /** The same, perhaps remembered: for what is refused where rights have changed since. */
  readonly recalled: (request: FastifyRequest) => Promise<Caller>;
  /** Forgets a caller whose rights have changed. */
  readonly forget: (request: FastifyRequest) => void;
};

const rememberedMax = 10_000;
/** A session is marked as in use once in so long. */
const seenEveryMs = 60_000;

/** A key or a session that was looked up, and what of its answers still holds. */
type Known = {
  readonly credential: Credential;
  readonly caller: Caller;
  /** By right, of that minute: rules may speak of the time, to the minute. */
  readonly answers: Map<string, EntitlementAnswer>;
  minute: number;
  /** Of a session: when it was last in use, as far as we have heard. */
  seenAt: Instant | undefined;
};

export type AuthenticationParts = {
  readonly planes: Pick<Planes, 'database' | 'clock' | 'entitlements'>;
  readonly site: Site;
  readonly tokens: Tokens;
  readonly proofs: Proofs;
};

export function authentication(parts: AuthenticationParts): Authenticate {
  const { planes, site, tokens } = parts;
  const { clock, entitlements } = planes;
  const pool = planes.database.pool('policy');
  const rulesOf = openRuleSets(pool, entitlements);
  const memory = new Map<string, Known>();
  const ask: Ask = (of, rules, right) => {
    const question = questionOf(of, rules, right, clock);
    return question ? entitlements.check(question) : { allowed: false, deciding: [], errors: [] };
  };

  const prove = openProving(parts);

  async function look(request: FastifyRequest): Promise<Known> {
    const sent = sentBy(request, site);
    const place = placeOf(sent);
    const credential = await findCredential({ pool, tokens }, sent, clock.now()).catch((error) => {
      memory.delete(place);
      throw error;
    });
    if (!credential) {
      memory.delete(place);
      throw unknown(sent);
    }
    await prove(request, sent, credential);
    if (memory.size >= rememberedMax) memory.clear();
    const rules = await rulesOf(credential.tenant, credential.ruleSet);
    const { seenAt } = credential;
    const caller = callerOf(credential, rules, ask);
    const known: Known = { credential, caller, answers: new Map(), minute: 0, seenAt };
    memory.set(place, known);
    return known;
  }

  async function recall(request: FastifyRequest): Promise<Known> {
    const sent = sentBy(request, site);
    const known = memory.get(placeOf(sent));
    if (known === undefined || !isLive(known, clock.now())) return look(request);
    await prove(request, sent, known.credential);
    return known;
  }

  /** A request keeps a session from ending; what a server asks again by itself does not. */
  async function see(known: Known): Promise<void> {
    const now = clock.now();
    if (known.seenAt === undefined || now - known.seenAt < seenEveryMs) return;
    known.seenAt = now;
    const { id, tenant } = known.credential;
    await withTx(pool, (tx) => seeSession(tx, id, now), { tenant });
  }

  async function fresh(request: FastifyRequest, right: Right): Promise<Caller> {
    const known = await look(request);
    const answer = answerOf(known, right, clock.now());
    if (answer.allowed || (await mayGoBack(request, known, right))) return known.caller;
    throw forbidden(known.credential, right, answer);
  }

  /** Whom the shipped rules let go back to them is not kept from it by others. */
  async function mayGoBack(request: FastifyRequest, { credential }: Known, right: Right) {
    if (credential.ruleSet === null) return false;
    if (!ask(credential, entitlements.shipped, right).allowed) return false;
    return leadsBack(request, { pool, tenant: credential.tenant, at: clock.now() });
  }

  return {
    fresh,
    async remembered(request, right) {
      const known = await recall(request);
      // A refusal is not remembered: a right that was given since counts at once.
      return answerOf(known, right, clock.now()).allowed ? known.caller : fresh(request, right);
    },
    async known(request) {
      const known = await recall(request);
      await see(known);
      return known.credential.tenant;
    },
    whoever: async (request) => (await look(request)).caller,
    recalled: async (request) => (await recall(request)).caller,
    forget(request) {
      memory.delete(placeOf(sentBy(request, site)));
    },
  };
}

function isLive({ credential, seenAt }: Known, now: Instant): boolean {
  const idleAt = seenAt === undefined ? Number.POSITIVE_INFINITY : seenAt + sessionIdleMs;
  return Math.min(credential.expiresAt, idleAt) > now;
}

type Prove = (request: FastifyRequest, sent: Sent, credential: Credential) => Promise<void>;

/** That who sends a token has the key to which it is bound. */
function openProving({ site, proofs }: AuthenticationParts): Prove {
  // What was proven for a request is proven for all that it asks: a proof serves once.
  const proven = new WeakMap<FastifyRequest, Promise<void>>();
  return async (request, { secret: token, isProven }, { thumbprint }) => {
    // RFC 9449, 7.1: whoever has stolen it could leave the proof away.
    if (isProven !== (thumbprint !== undefined)) throw wrongScheme(isProven);
    if (thumbprint === undefined) return;
    const { method, url, headers } = request;
    const proof = typeof headers['dpop'] === 'string' ? headers['dpop'] : undefined;
    const asked = { method, url: `${site.origin}${url}`, token, thumbprint };
    const proving = proven.get(request) ?? proofs.check(proof, asked);
    proven.set(request, proving);
    await proving;
  };
}

function wrongScheme(isProven: boolean): Fault {
  const why = isProven ? 'is bound to no key' : 'is bound to a key';
  const how = isProven ? 'Bearer' : 'DPoP, with the header DPoP';
  return new Fault('unauthenticated', `the access token ${why}: send it as ${how}`);
}

/** The caller as the gateway knows it: nothing of the key or the token that was sent. */
export function gatewayCaller(caller: Caller): GatewayCaller {
  const { principal, subject, rules, epoch, scopes, onBehalfOf, purpose } = caller;
  return {
    ...{ principal, subject, rules, epoch },
    ...(scopes === undefined ? {} : { scopes }),
    ...(onBehalfOf === undefined ? {} : { onBehalfOf }),
    ...(purpose === undefined ? {} : { purpose }),
  };
}

// What the caller may do --------------------------------------------------------------------------

type Ask = (of: Credential, rules: EntitlementRules, right: Right) => EntitlementAnswer;

function callerOf(credential: Credential, rules: EntitlementRules, ask: Ask): Caller {
  const { id, scopes, epoch, subject, expiresAt, seenAt, name = null } = credential;
  const answer = (right: Right) => ask(credential, rules, right);
  return {
    ...{ principal: subject.principal, epoch, subject, rules, expiresAt },
    ...(scopes === undefined ? {} : { scopes }),
    ...(seenAt === undefined ? {} : { session: { id: externalId('session', id), name } }),
    ...(credential.onBehalfOf === undefined ? {} : { onBehalfOf: credential.onBehalfOf }),
    ...(credential.purpose === undefined ? {} : { purpose: credential.purpose }),
    ...(credential.token === undefined ? {} : { token: credential.token }),
    may: (scope) => answer(scope).allowed,
    ask: answer,
  };
}

function answerOf(known: Known, right: Right, now: Instant): EntitlementAnswer {
  // Of things there are as many as customers: what was asked about them the rules remember.
  if (typeof right !== 'string') return known.caller.ask(right);
  const minute = minuteOf(now);
  if (known.minute !== minute) known.answers.clear();
  known.minute = minute;
  const earlier = known.answers.get(right);
  if (earlier) return earlier;
  const answer = known.caller.ask(right);
  known.answers.set(right, answer);
  return answer;
}

/** The scope is a group of actions; a route asks for it on the tenant as a whole. */
function questionOf(
  { tenant, subject, epoch, scopes, purpose, onBehalfOf }: Credential,
  rules: EntitlementRules,
  right: Right,
  clock: Clock,
): Question | undefined {
  const isGroup = typeof right === 'string';
  const on = isGroup ? ({ type: 'Tenant', id: tenant } as const) : right.on(subject);
  if (on === undefined) return undefined;
  const [action, resource] = [actionOf(right), { ...on, tenant }];
  return {
    ...{ subject, rules, epoch, at: clock.now(), action, resource },
    ...(scopes === undefined ? {} : { scopes }),
    ...(purpose === undefined ? {} : { purpose }),
    // A token counts for a customer only while that customer's consent is in force.
    ...(onBehalfOf === undefined
      ? {}
      : { onBehalfOf: onBehalfOf.subject, consents: ['ai_data_use'] }),
  };
}

function forbidden(of: Credential, right: Right, { deciding }: EntitlementAnswer): Fault {
  const rules = deciding.map(({ id }) => id);
  // Of the scopes of the key, in words.
  if (rules.includes('scopes')) return new Fault('forbidden', deciding[0]?.reason ?? '');
  const why = rules.length === 0 ? 'nothing permits it' : `forbidden by ${rules.join(', ')}`;
  const what = `${of.principal} is not entitled to ${actionOf(right)}`;
  return new Fault('forbidden', `${what}: ${why}`);
}

function actionOf(right: Right): string {
  return typeof right === 'string' ? right : right.action;
}
