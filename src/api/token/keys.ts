// The public keys that verify tokens: those on record, or those that an issuer publishes, fetched
// within a deadline and kept for a while.
import { type Clock, Fault, type Instant } from '#core';
import { createLocalJWKSet, createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from 'jose';
import { isLoopback } from '../sign-in/configuration.ts';

export type KeySource = {
  readonly issuer: string;
  /** The canonical text of a key set. */
  readonly jwks: string | null;
  readonly jwksUri: string | null;
};

export type KeyStore = {
  /** Throws `unauthenticated` where the issuer says nothing that can be used. */
  readonly keysOf: (source: KeySource) => Promise<JWTVerifyGetKey>;
};

/** Of one request to an issuer. */
const deadlineMs = 3_000;
/** So long an issuer is left alone that could not be reached. */
const restMs = 5_000;
const bytesMax = 256 * 1024;
/** What issuers publish about themselves is asked for again after this. */
const rediscoverMs = 3_600_000;
const sourcesMax = 200;

export function openKeys(clock: Clock, fetchIt: typeof fetch = fetch): KeyStore {
  const sets = new Map<string, JWTVerifyGetKey>();
  const places = new Map<string, { readonly uri: Promise<string>; readonly until: Instant }>();
  const fetchFew = restful(clock, fetchIt);

  async function keysOf({ issuer, jwks, jwksUri }: KeySource): Promise<JWTVerifyGetKey> {
    if (jwks !== null) {
      return kept(sets, jwks, () => createLocalJWKSet(JSON.parse(jwks)));
    }
    const uri = jwksUri ?? (await published(issuer));
    return kept(sets, uri, () =>
      createRemoteJWKSet(new URL(uri), {
        ...{ timeoutDuration: deadlineMs, [customFetch]: fetchFew },
      }),
    );
  }

  /** Where the issuer publishes its keys, as it says itself (RFC 8414). */
  async function published(issuer: string): Promise<string> {
    const known = places.get(issuer);
    if (known !== undefined && known.until > clock.now()) return known.uri;
    const uri = discover(issuer, fetchFew);
    bound(places);
    places.set(issuer, { uri, until: clock.now() + rediscoverMs });
    uri.catch(() => places.delete(issuer));
    return uri;
  }

  return { keysOf };
}

type Fetch = (url: string, options: RequestInit) => Promise<Response>;

/** Leaves alone what could not be reached a moment ago: whoever has no token can ask, too. */
function restful(clock: Clock, fetchIt: typeof fetch): Fetch {
  const failedAt = new Map<string, Instant>();
  return async (url, options) => {
    const since = clock.now() - (failedAt.get(url) ?? Number.NEGATIVE_INFINITY);
    if (since < restMs) throw unreachable();
    try {
      const response = await fetchIt(url, options);
      const length = Number(response.headers.get('content-length') ?? 0);
      if (response.status !== 200 || length > bytesMax) throw unreachable();
      const text = await limited(response);
      failedAt.delete(url);
      return new Response(text, { status: 200 });
    } catch (cause) {
      bound(failedAt);
      failedAt.set(url, clock.now());
      throw cause instanceof Fault ? cause : unreachable(cause);
    }
  };
}

async function limited(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += part.length;
    if (size > bytesMax) throw unreachable();
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

async function discover(issuer: string, fetchFew: Fetch): Promise<string> {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  const wellKnown = [
    `${origin}${path}/.well-known/openid-configuration`,
    `${origin}/.well-known/oauth-authorization-server${path}`,
  ];
  for (const url of wellKnown) {
    const signal = AbortSignal.timeout(deadlineMs);
    const found = await fetchFew(url, { signal, redirect: 'manual' })
      .then((response) => response.json() as Promise<{ issuer?: unknown; jwks_uri?: unknown }>)
      .catch(() => undefined);
    if (found === undefined) continue;
    const { issuer: said, jwks_uri: uri } = found;
    // RFC 8414, 3.3: what one issuer says counts for no other.
    if (said === issuer && typeof uri === 'string' && isSafe(uri)) return uri;
  }
  throw unreachable();
}

function isSafe(text: string): boolean {
  const url = URL.parse(text);
  return url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
}

function unreachable(cause?: unknown): Fault {
  return new Fault('deadline_exceeded', 'the keys of the issuer cannot be had now', { cause });
}

function kept<Value>(among: Map<string, Value>, key: string, make: () => Value): Value {
  const known = among.get(key);
  if (known !== undefined) return known;
  const made = make();
  bound(among);
  among.set(key, made);
  return made;
}

/** Makes room for one more: the oldest goes first. */
function bound(among: Map<string, unknown>): void {
  const [oldest] = among.keys();
  if (among.size >= sourcesMax && oldest !== undefined) among.delete(oldest);
}
