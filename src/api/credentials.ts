// By what a request says who sends it: an API key, or the cookie of a session, each found by the
// digest of its secret.
import { Fault, type Instant, type Pool, type Uuid } from '#core';
import { findApiKey, findSession, type Scope, secretHash, type Subject } from '#policy';
import type { FastifyRequest } from 'fastify';
import { checkOrigin, type Site, sessionTokenOf } from './site.ts';

/** A secret as it was sent; a session's is a cookie, and only where there is no header. */
export type Sent = { readonly secret: string; readonly isSession: boolean };

/** What the database says of a key or of a session. */
export type Credential = {
  readonly tenant: string;
  readonly id: Uuid;
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
};

export function sentBy(request: FastifyRequest, site: Site): Sent {
  const { authorization } = request.headers;
  const token = authorization === undefined ? sessionTokenOf(request, site) : undefined;
  if (token !== undefined) {
    checkOrigin(request, site);
    return { secret: token, isSession: true };
  }
  const secret = /^Bearer ([\x21-\x7e]{16,200})$/.exec(authorization ?? '')?.[1];
  if (secret) return { secret, isSession: false };
  const isThere = authorization !== undefined;
  const what = isThere ? 'the header Authorization holds no API key' : 'no API key was sent';
  throw new Fault('unauthenticated', `${what}: send Authorization: Bearer <API key>`);
}

/** Undefined for what is unknown or has ended. */
export async function findCredential(
  pool: Pool,
  { secret, isSession }: Sent,
  now: Instant,
): Promise<Credential | undefined> {
  return isSession ? findSession(pool, secret, now) : findApiKey(pool, secret, now);
}

/** The digest, so that memory holds no secret; a key never finds a session, nor the reverse. */
export function placeOf({ secret, isSession }: Sent): string {
  const digest = secretHash(secret);
  return isSession ? `session ${digest}` : digest;
}

export function unknown({ isSession }: Sent): Fault {
  const [key, session] = ['the API key is unknown, expired or revoked', 'the session has ended'];
  return new Fault('unauthenticated', isSession ? `${session}: sign in again` : key);
}
