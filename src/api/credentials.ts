// By what a request says who sends it: an API key or the cookie of a session, each found by the
// digest of its secret, or the access token of an agent.
import { Fault, type Instant, type Pool } from '#core';
import type { Delegation, VerifiedNames } from '#gateway';
import { type Asker, findApiKey, findSession, type Scope, secretHash, type Subject } from '#policy';
import type { FastifyRequest } from 'fastify';
import { checkOrigin, type Site, sessionTokenOf } from './site.ts';
import { isJwt } from './token/algorithms.ts';
import type { Tokens } from './token/token.ts';

/** A secret as it was sent; a session's is a cookie, and only where there is no header. */
export type Sent = {
  readonly secret: string;
  readonly kind: 'key' | 'session' | 'token';
  /** Whether a proof of possession comes with it (RFC 9449, 7.1). */
  readonly isProven: boolean;
};

/** What the database says of a key, a session or the agent of a token. */
export type Credential = {
  readonly tenant: string;
  readonly id: string;
  readonly principal: string;
  /** Of the key; a session has those of the key with which somebody has signed in, if any. */
  readonly scopes?: readonly Scope[];
  readonly expiresAt: Instant;
  readonly epoch: bigint;
  readonly subject: Subject;
  readonly ruleSet: string | null;
  /** Of a session: when it was last in use. */
  readonly seenAt?: Instant;
  /** Of a session: what the issuer calls the person, as a token of the vault. */
  readonly name?: string | null;
  /** Of a token: for whom its agent acts, why, and to which key it is bound. */
  readonly onBehalfOf?: Delegation;
  readonly purpose?: Asker['purpose'];
  readonly thumbprint?: string;
  /** What it says of itself. */
  readonly token?: VerifiedNames;
};

const keyLengthMax = 200;

export function sentBy(request: FastifyRequest, site: Site): Sent {
  const { authorization } = request.headers;
  const token = authorization === undefined ? sessionTokenOf(request, site) : undefined;
  if (token !== undefined) {
    checkOrigin(request, site);
    return { secret: token, kind: 'session', isProven: false };
  }
  const [, scheme = '', secret = ''] =
    /^(Bearer|DPoP) ([\x21-\x7e]{16,8192})$/i.exec(authorization ?? '') ?? [];
  const isProven = scheme.toLowerCase() === 'dpop';
  if (isJwt(secret)) return { secret, kind: 'token', isProven };
  if (secret !== '' && secret.length <= keyLengthMax && !isProven) {
    return { secret, kind: 'key', isProven };
  }
  const isThere = authorization !== undefined;
  const what = isThere ? 'the header Authorization holds neither' : 'neither was sent';
  const how = 'send Authorization: Bearer <API key>, or the access token of an agent';
  throw new Fault('unauthenticated', `${what}: ${how}`);
}

/** Undefined for what is unknown or has ended. */
export async function findCredential(
  { pool, tokens }: { readonly pool: Pool; readonly tokens: Tokens },
  { secret, kind }: Sent,
  now: Instant,
): Promise<Credential | undefined> {
  if (kind === 'token') return tokens.find(secret, now);
  return kind === 'session' ? findSession(pool, secret, now) : findApiKey(pool, secret, now);
}

/** The digest, so that memory holds no secret; one kind never finds what is of another. */
export function placeOf({ secret, kind }: Sent): string {
  const digest = secretHash(secret);
  return kind === 'key' ? digest : `${kind} ${digest}`;
}

export function unknown({ kind }: Sent): Fault {
  const [key, session] = ['the API key is unknown, expired or revoked', 'the session has ended'];
  return new Fault('unauthenticated', kind === 'session' ? `${session}: sign in again` : key);
}
