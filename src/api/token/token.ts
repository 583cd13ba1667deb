// Access tokens of agents: which one counts, for which agent of which tenant, on whose behalf. Each
// is verified once and then known by its digest; what it may do is read anew.
import { Fault, type Instant } from '#core';
import {
  type AgentByToken,
  findAgentByToken,
  keysDigest,
  ownIssuerName,
  type TokenNames,
} from '#gateway';
import { type Asker, purposes, type Scope, scopes, secretHash } from '#policy';
import {
  decodeJwt,
  decodeProtectedHeader,
  errors,
  type JWTPayload,
  jwtVerify,
  type JWTVerifyGetKey,
} from 'jose';
import type pg from 'pg';
import type { Credential } from '../credentials.ts';
import { algorithms } from './algorithms.ts';
import type { KeyStore } from './keys.ts';

export type Tokens = {
  /** Throws `unauthenticated` for a token that does not count, in words that name no agent. */
  readonly find: (token: string, now: Instant) => Promise<Credential>;
};

/** Where this server is for those who ask for tokens (RFC 8707), and who issues some here. */
export type TokenSite = {
  /** Without it no token can be meant for this server. */
  readonly origin: string | undefined;
  readonly ownIssuer?: { readonly url: string; readonly jwks: () => string };
};

export type TokenParts = {
  readonly pool: Pick<pg.Pool, 'query'>;
  readonly keys: KeyStore;
  readonly site: TokenSite;
};

/** The paths of this server for which tokens are issued. */
export const resourcePaths = ['', '/mcp'] as const;
const lifeMaxS = 15 * 60;
/** By how much two clocks may differ. */
const toleranceS = 10;
const verifiedMax = 10_000;

/** With which keys a token was verified, and until when it serves. */
type Verified = { readonly keys: string; readonly until: Instant };

export function openTokens({ pool, keys, site }: TokenParts): Tokens {
  const verified = new Map<string, Verified>();
  const audience = resourcePaths.map((path) => `${site.origin}${path}`);

  async function find(token: string, now: Instant): Promise<Credential> {
    if (site.origin === undefined) throw refused('this server was not told its own address');
    const claims = claimsOf(token, site);
    const agent = await findAgentByToken(pool, claims, now);
    if (agent === undefined) throw refused('it is of no client that is known here');
    await verify(token, claims, agent, now);
    if (!agent.isActive) throw refused('its agent is suspended');
    if (agent.isRevoked) throw refused('it was revoked');
    return credentialOf(claims, agent);
  }

  async function verify(
    token: string,
    { issuer, payload }: Claims,
    { jwks, jwksUri }: AgentByToken,
    now: Instant,
  ): Promise<void> {
    const own = issuer === ownIssuerName ? site.ownIssuer : undefined;
    const source = own ? { jwks: own.jwks(), jwksUri: null } : { jwks, jwksUri };
    const place = secretHash(token);
    const using = source.jwks ?? source.jwksUri ?? '';
    const known = verified.get(place);
    // A key that was taken from an agent verifies nothing any more.
    if (known !== undefined && known.keys === using && known.until > now) return;
    const key = await keys.keysOf({ issuer, ...source });
    await checkSigned(token, { key, audience, issuer: payload.iss ?? '', now });
    const [oldest] = verified.keys();
    if (verified.size >= verifiedMax && oldest !== undefined) verified.delete(oldest);
    verified.set(place, { keys: using, until: (payload.exp ?? 0) * 1_000 });
  }

  return { find };
}

// What it says ------------------------------------------------------------------------------------

type Claims = TokenNames & { readonly payload: JWTPayload; readonly issuer: string };

/** Read before it is verified: only to find whose keys have to verify it. */
function claimsOf(token: string, { ownIssuer }: TokenSite): Claims {
  const payload = decoded(() => decodeJwt(token));
  const { typ } = decoded(() => decodeProtectedHeader(token));
  // RFC 9068, 4, and issuers that were there before it; an ID token or a proof is none of these.
  if (!/^(application\/)?(at\+jwt|jwt)$/i.test(typ ?? '')) throw refused('its typ is not at+jwt');
  const issuer = nameIn(payload.iss, 'iss');
  const actor = actorOf(payload);
  const { client_id, azp, sub, consent } = payload;
  const client = [client_id, azp, actor, sub].find((name) => name !== undefined);
  if (actor !== undefined && actor !== client) throw refused('it names two who act');
  // Only by its URL our own issuer is what we call it; a word instead of a URL is nobody.
  if (!URL.canParse(issuer)) throw refused('it names no issuer');
  return {
    ...{ payload, issuer: issuer === ownIssuer?.url ? ownIssuerName : issuer },
    ...{ clientId: nameIn(client, 'client_id'), tokenId: nameIn(payload.jti, 'jti') },
    ...(actor === undefined ? {} : { person: nameIn(sub, 'sub') }),
    ...(typeof consent === 'string' ? { consent } : {}),
  };
}

/** Printable, and so short that the database can be asked for it. */
function nameIn(value: unknown, claim: string): string {
  if (typeof value === 'string' && /^[\x21-\x7e]{1,500}$/.test(value)) return value;
  throw refused(`its ${claim} is missing, or odd`);
}

function decoded<Value>(decode: () => Value): Value {
  try {
    return decode();
  } catch {
    throw refused('it cannot be read');
  }
}

/** RFC 8693, 4.1: who acts for the subject. One agent acts, not a chain of them. */
function actorOf({ act }: JWTPayload): string | undefined {
  if (act === undefined) return undefined;
  const { sub, act: further } = (act ?? {}) as { sub?: unknown; act?: unknown };
  if (typeof sub === 'string' && further === undefined) return sub;
  throw refused('its act names nobody, or several');
}

type Check = {
  readonly key: JWTVerifyGetKey;
  readonly audience: readonly string[];
  readonly issuer: string;
  readonly now: Instant;
};

async function checkSigned(token: string, { key, audience, issuer, now }: Check): Promise<void> {
  const options = {
    ...{ algorithms: [...algorithms], audience: [...audience], issuer },
    ...{ clockTolerance: toleranceS, currentDate: new Date(now), maxTokenAge: lifeMaxS },
    requiredClaims: ['exp', 'iat', 'jti', 'aud'],
  };
  const { payload } = await jwtVerify(token, key, options).catch((error: unknown) => {
    throw error instanceof Fault ? error : refused(whyNot(error));
  });
  const { exp = 0, iat = 0 } = payload;
  if (exp - iat > lifeMaxS) throw refused('it lives for more than 15 minutes');
}

function whyNot(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'it has expired';
  if (error instanceof errors.JWTClaimValidationFailed) return `its ${error.claim} does not count`;
  if (error instanceof errors.JOSEAlgNotAllowed) return 'its algorithm is not allowed';
  if (error instanceof errors.JWKSNoMatchingKey) return 'its kid and alg fit no key of the issuer';
  return 'its signature does not verify';
}

// What it is worth --------------------------------------------------------------------------------

function credentialOf({ payload, ...token }: Claims, agent: AgentByToken): Credential {
  const { person, tokenId } = token;
  const { tenant, agentId, subject, epoch, ruleSet, requiresDpop, onBehalfOf } = agent;
  const purpose = purposeOf(payload, agent);
  const thumbprint = thumbprintOf(payload);
  if (requiresDpop && thumbprint === undefined) throw refused('it is bound to no key (DPoP)');
  if (person !== undefined && onBehalfOf === undefined) {
    const why = 'it is unknown here, or has consented to nothing that is in force';
    throw new Fault('forbidden', `the token names a customer for whom nobody may act: ${why}`);
  }
  // RFC 7519, 2: a NumericDate may have a fraction, an instant here has none.
  const expiresAt = Math.floor((payload.exp ?? 0) * 1_000);
  return {
    ...{ tenant, id: tokenId, principal: `agent:${agentId}`, scopes: scopesOf(payload) },
    ...{ epoch, subject, ruleSet, token: { ...token, keys: keysDigest(agent) } },
    expiresAt: Math.min(expiresAt, onBehalfOf?.until ?? expiresAt),
    ...(purpose === undefined ? {} : { purpose }),
    ...(thumbprint === undefined ? {} : { thumbprint }),
    ...(person === undefined || onBehalfOf === undefined
      ? {}
      : { onBehalfOf: { subject: onBehalfOf.subject, consent: onBehalfOf.consent } }),
  };
}

/** RFC 8693, 4.2, and how others write it. What is no scope here means nothing here. */
function scopesOf({ scope, scp }: JWTPayload): readonly Scope[] {
  const told = scope ?? scp ?? '';
  const words = new Set(Array.isArray(told) ? told : String(told).split(' '));
  return scopes.filter((known) => words.has(known));
}

function purposeOf({ purpose }: JWTPayload, agent: AgentByToken): Asker['purpose'] {
  if (purpose === undefined) return undefined;
  const known = purposes.find((each) => each === purpose);
  if (known !== undefined && agent.purposes.includes(known)) return known;
  throw new Fault('forbidden', 'the token names a purpose for which its agent may not call');
}

/** RFC 7800: of the key to which the token is bound. */
function thumbprintOf({ cnf }: JWTPayload): string | undefined {
  if (cnf === undefined) return undefined;
  const { jkt, ...others } = (cnf ?? {}) as { jkt?: unknown };
  if (typeof jkt === 'string' && Object.keys(others).length === 0) return jkt;
  throw refused('it is bound to what nobody proves here');
}

function refused(why: string): Fault {
  return new Fault('unauthenticated', `the access token does not count: ${why}`);
}
