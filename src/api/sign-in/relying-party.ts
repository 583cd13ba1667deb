// OpenID Connect as its relying party: away to the issuer and back, by an authorization code with
// PKCE, state and nonce.
import type { Clock, Instant } from '#core';
import * as client from 'openid-client';
import type { Issuer } from './configuration.ts';
import { challengeOf, type Transaction } from './transaction.ts';

/** Whom an issuer has told us of; or why nobody. */
export type SignedIn = { readonly person: Person } | Trouble;

export type Person = {
  readonly tenant: string;
  /** Of the principal, a user. */
  readonly id: string;
  readonly name: string | null;
  /** Told by our own issuer alone: with which API key. */
  readonly keyId: string | null;
};

export type Trouble = { readonly status: number; readonly why: string; readonly cause?: unknown };

export type RelyingParty = {
  /** Where the browser goes to sign in. */
  readonly begin: (transaction: Transaction) => Promise<{ readonly to: string } | Trouble>;
  /** `url` is the one by which the browser came back. */
  readonly finish: (url: URL, transaction: Transaction) => Promise<SignedIn>;
  /** Where a browser signs out at the issuer as well; undefined where there is no such place. */
  readonly leave: () => Promise<string | undefined>;
};

export const callbackPath = '/auth/callback';

/** Of one call to the issuer. */
const deadlineS = 5;
const rediscoverMs = 3_600_000;
const nameMax = 200;

type Options = { readonly issuer: Issuer; readonly origin: string; readonly clock: Clock };
type Known = { readonly at: Instant; readonly found: Promise<client.Configuration> };

export function openRelyingParty({ issuer, origin, clock }: Options): RelyingParty {
  let known: Known | undefined;

  /** Asked of the issuer when it is first needed, and again once an hour or after a failure. */
  function discovered(): Promise<client.Configuration> {
    if (known && clock.now() - known.at < rediscoverMs) return known.found;
    const asked = { at: clock.now(), found: discover(issuer) };
    known = asked;
    asked.found.catch(() => {
      if (known === asked) known = undefined;
    });
    return asked.found;
  }

  async function begin(transaction: Transaction) {
    const configuration = await discovered().catch(unreachable);
    if ('status' in configuration) return configuration;
    const isOwn = issuer.demoUsersFile !== undefined;
    const url = client.buildAuthorizationUrl(configuration, {
      redirect_uri: `${origin}${callbackPath}`,
      scope: issuer.principalClaim === 'email' ? 'openid profile email' : 'openid profile',
      code_challenge: challengeOf(transaction),
      code_challenge_method: 'S256',
      state: transaction.state,
      nonce: transaction.nonce,
      // Whoever comes to our own page wants to choose who to be.
      ...(isOwn ? { prompt: 'login' } : {}),
    });
    return { to: url.href };
  }

  async function finish(url: URL, { state, nonce, verifier }: Transaction): Promise<SignedIn> {
    const configuration = await discovered().catch(unreachable);
    if ('status' in configuration) return configuration;
    try {
      const tokens = await client.authorizationCodeGrant(configuration, url, {
        ...{ expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier },
        idTokenExpected: true,
      });
      return personOf(tokens.claims() ?? {}, issuer);
    } catch (cause) {
      return isUnreachable(cause) ? unreachable(cause) : notGranted(cause);
    }
  }

  async function leave(): Promise<string | undefined> {
    const configuration = await discovered().catch(() => undefined);
    if (configuration?.serverMetadata().end_session_endpoint === undefined) return undefined;
    const back = { post_logout_redirect_uri: `${origin}/`, client_id: issuer.clientId };
    return client.buildEndSessionUrl(configuration, back).href;
  }

  return { begin, finish, leave };
}

async function discover(issuer: Issuer): Promise<client.Configuration> {
  const { url, clientId, clientSecret } = issuer;
  const isPlain = url.startsWith('http:');
  return client.discovery(
    new URL(url),
    clientId,
    undefined,
    clientSecret === undefined ? client.None() : client.ClientSecretPost(clientSecret),
    {
      timeout: deadlineS,
      // The token's signature counts, whatever the connection is worth.
      execute: [
        client.enableNonRepudiationChecks,
        // Plain HTTP is configured for this machine only.
        ...(isPlain ? [client.allowInsecureRequests] : []),
      ],
    },
  );
}

function unreachable(cause: unknown): Trouble {
  const why = 'The issuer, who knows who you are, cannot be reached. Nothing is wrong with you.';
  return { status: 503, why, cause };
}

function isUnreachable(error: unknown): boolean {
  const { code } = error as { code?: string };
  // What fetch throws for a broken connection is a TypeError without a code.
  return code === 'OAUTH_TIMEOUT' || (error instanceof TypeError && code === undefined);
}

/** What the issuer writes about it anybody could have written: only its code is heeded. */
function notGranted(cause: unknown): Trouble {
  const isDeclined =
    cause instanceof client.AuthorizationResponseError && cause.error === 'access_denied';
  if (isDeclined) return { status: 403, why: 'You were not signed in: the issuer has declined.' };
  return { status: 400, why: 'What the issuer has answered does not belong to this.', cause };
}

/** Whom the claims of an ID token mean; or what is missing in them. */
export function personOf(claims: Readonly<Record<string, unknown>>, issuer: Issuer): SignedIn {
  const { principalClaim, tenantClaim, demoUsersFile } = issuer;
  const refused = (why: string) => ({ status: 403, why: `${why} Ask who administers the issuer.` });
  const told = claims[principalClaim];
  // Before it is put into lower case: there are other letters that become these.
  if (typeof told !== 'string' || !/^[A-Za-z0-9_.@-]{1,80}$/.test(told)) {
    return refused(
      `The claim ${principalClaim} must be 1 to 80 letters, digits, and any of _ . @ -`,
    );
  }
  if (principalClaim === 'email' && claims['email_verified'] !== true) {
    return refused('The issuer has not verified your address.');
  }
  const tenant = issuer.tenant ?? claims[tenantClaim];
  if (typeof tenant !== 'string' || !/^[a-z][a-z0-9-]{1,39}$/.test(tenant)) {
    return refused(`The claim ${tenantClaim} names no tenant.`);
  }
  const { name, countersign_key: key } = claims;
  const isOwn = demoUsersFile !== undefined;
  return {
    person: {
      ...{ tenant, id: told.toLowerCase() },
      name: typeof name === 'string' && isName(name) ? name : null,
      keyId: isOwn && typeof key === 'string' ? key : null,
    },
  };
}

function isName(text: string): boolean {
  return (
    text.trim() !== '' && text.length <= nameMax && text.isWellFormed() && !/\p{Cc}/u.test(text)
  );
}
