// Signing in and out: a browser comes back from the issuer, and is given a session.
import { Fault, faults, type Principal, withTx } from '#core';
import type { Planes } from '#main';
import { type OpenSessionBody, secretHash } from '#policy';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import Type from 'typebox';
import type { Authenticate } from '../authenticate.ts';
import { toFault } from '../problem.ts';
import {
  checkOrigin,
  dropCookie,
  dropSession,
  keepCookie,
  keepSession,
  readCookie,
  sessionTokenOf,
  type Site,
} from '../site.ts';
import { isLoopback, type Issuer, ownIssuerPath, type SignIn } from './configuration.ts';
import type { OwnKey } from './own-key.ts';
import { sendTrouble } from './pages.ts';
import { ownIssuerRoutes } from './own-issuer.ts';
import {
  callbackPath,
  openRelyingParty,
  type Person,
  type RelyingParty,
  type Trouble,
} from './relying-party.ts';
import {
  newSecret,
  newTransaction,
  openTransaction,
  sealTransaction,
  transactionMaxMs,
} from './transaction.ts';

export type SignInParts = {
  readonly planes: Planes;
  readonly authenticate: Authenticate;
  readonly site: Site;
  readonly ownKey: OwnKey;
};

const transactionCookie = 'countersign_sign_in';
const signInPath = '/auth/sign-in';
/** So that the whole transaction fits a cookie. */
const returnMax = 1_500;

type Open = SignInParts & {
  readonly origin: string;
  readonly issuer: Issuer;
  readonly party: RelyingParty;
};

/** Also where nobody can sign in: the page says so. */
export async function useSignIn(
  app: FastifyInstance,
  parts: SignInParts,
  signIn: SignIn | undefined,
): Promise<void> {
  const { issuer, origin = '' } = signIn ?? {};
  if (issuer === undefined) {
    const why = 'This server was not told who knows its people: set COUNTERSIGN_OIDC_ISSUER.';
    page(app, signInPath, async (_request, reply) => sendTrouble(reply, 503, { ...failed, why }));
    signOutRoute(app, parts, undefined);
    return;
  }
  const party = openRelyingParty({ issuer, origin, clock: parts.planes.clock });
  if (issuer.demoUsersFile !== undefined) {
    const { planes, site, ownKey } = parts;
    const issuing = async (routes: FastifyInstance) =>
      ownIssuerRoutes(routes, { planes, site, origin, issuer, ownKey });
    await app.register(issuing, { prefix: ownIssuerPath });
  }
  const open = { ...parts, origin, issuer, party };
  page(app, signInPath, async (request, reply) => begin(open, request, reply));
  page(app, callbackPath, async (request, reply) => finish(open, request, reply));
  signOutRoute(app, parts, party);
}

const failed = { title: 'You are not signed in' };

/** What a browser shows: words, whatever goes wrong. */
function page(
  app: FastifyInstance,
  path: string,
  show: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>,
): void {
  app.get(
    path,
    {
      schema: { hide: true, security: [] },
      exposeHeadRoute: false,
      errorHandler(error, request, reply) {
        const fault = toFault(error);
        const { status } = faults[fault.code];
        if (status >= 500) request.log.error({ err: error }, 'nobody could sign in');
        void sendTrouble(reply, status, { ...failed, why: `${sentence(fault.message)}.` });
      },
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store');
      return show(request, reply);
    },
  );
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

async function begin(parts: Open, request: FastifyRequest, reply: FastifyReply) {
  const { planes, site, party } = parts;
  const elsewhere = atHome(request, parts);
  if (elsewhere !== undefined) return reply.redirect(elsewhere);
  const { return: returnTo = '/' } = request.query as { return?: unknown };
  if (typeof returnTo !== 'string' || !isOwnPath(returnTo)) {
    const why = 'The address to return to is not one of this server.';
    return sendTrouble(reply, 400, { ...failed, why });
  }
  const { clock, random, keyring } = planes;
  const transaction = newTransaction(random, { returnTo, now: clock.now() });
  const begun = await party.begin(transaction);
  if ('status' in begun) return tell(request, reply, begun, returnTo);
  keepCookie(reply, site, {
    name: transactionCookie,
    value: sealTransaction(keyring.signInKey, transaction, random),
    maxAgeS: transactionMaxMs / 1_000,
  });
  return reply.redirect(begun.to);
}

/** A cookie is of one name of the host, and the issuer knows one: `localhost` has several. */
function atHome({ host, hostname, url }: FastifyRequest, { origin }: Open): string | undefined {
  const home = new URL(origin);
  const isAlias = home.host !== host && isLoopback(home.hostname) && isLoopback(hostname);
  return isAlias ? `${origin}${url}` : undefined;
}

/** A path of this server, however a browser may read it. */
function isOwnPath(path: string): boolean {
  return path.length <= returnMax && /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(path);
}

async function finish(parts: Open, request: FastifyRequest, reply: FastifyReply) {
  const { planes, site, party, origin } = parts;
  const { clock, keyring } = planes;
  const sealed = readCookie(request, site, transactionCookie);
  // It serves once, whatever becomes of it.
  dropCookie(reply, site, transactionCookie);
  const transaction =
    sealed === undefined ? undefined : openTransaction(keyring.signInKey, sealed, clock.now());
  if (!transaction) {
    const why = 'It took more than ten minutes, or was begun in another browser or tab.';
    return sendTrouble(reply, 400, { ...failed, why });
  }
  const { returnTo } = transaction;
  const found = await party.finish(new URL(request.url, origin), transaction);
  if ('status' in found) return tell(request, reply, found, returnTo);
  const opened = await openSession(planes, found.person, parts.issuer);
  if ('status' in opened) return tell(request, reply, opened, returnTo);
  await closeSession(parts, request);
  keepSession(reply, site, opened.token);
  return reply.redirect(returnTo);
}

function tell(
  request: FastifyRequest,
  reply: FastifyReply,
  { status, why, cause }: Trouble,
  returnTo: string,
) {
  if (cause !== undefined) request.log.warn({ err: cause }, 'nobody could sign in');
  return sendTrouble(reply, status, { ...failed, why, returnTo });
}

/** Answers the token, which nobody but the browser keeps. */
async function openSession(
  planes: Planes,
  { tenant, id, name, keyId }: Person,
  issuer: Issuer,
): Promise<{ readonly token: string } | Trouble> {
  if (!(await isTenant(planes, tenant))) {
    return { status: 403, why: `There is no tenant ${tenant} here.` };
  }
  const principal: Principal = { kind: 'user', id, tenant };
  const kept = { person: `user:${id}`, class: 'name', value: name ?? '' } as const;
  const [nameToken = null] = name === null ? [] : await planes.vault.tokenize(tenant, [kept]);
  const token = newSecret(planes.random);
  const hash = secretHash(token);
  const body: OpenSessionBody = {
    ...{ token_hash: hash, issuer: issuer.url, name: nameToken, key_id: keyId },
  };
  // A blank, which no caller can send.
  const idempotencyKey = `sign-in ${hash}`;
  const { outcome } = await planes.execute({
    ...{ principal, idempotencyKey, operation: 'session.open', body },
  });
  if (outcome.status !== 'rejected') return { token };
  return { status: 403, why: 'The policy of your bank does not let you sign in.' };
}

async function isTenant({ database }: Planes, tenant: string): Promise<boolean> {
  const sql = 'select from core.tenant where tenant_id = $1';
  const found = await withTx(database.pool('read'), (tx) => tx.query(sql, [tenant]), { tenant });
  return found.rowCount === 1;
}

/** That of the browser's cookie, where there is one: at once, on every server. */
async function closeSession(
  { planes, authenticate, site }: SignInParts,
  request: FastifyRequest,
): Promise<void> {
  if (sessionTokenOf(request, site) === undefined) return;
  const caller = await authenticate.whoever(request).catch(nobody);
  if (caller?.session === undefined) return;
  const { id } = caller.session;
  await planes.execute({
    principal: caller.principal,
    idempotencyKey: `sign-out ${id}`,
    operation: 'session.close',
    body: { session_id: id },
  });
  authenticate.forget(request);
}

function nobody(error: unknown): undefined {
  if (error instanceof Fault && error.code === 'unauthenticated') return undefined;
  throw error;
}

function signOutRoute(
  app: FastifyInstance,
  parts: SignInParts,
  party: RelyingParty | undefined,
): void {
  app.post(
    '/auth/sign-out',
    {
      schema: {
        hide: true,
        security: [],
        response: { 200: Type.Object({ location: Type.String() }) },
      },
    },
    async (request, reply) => {
      checkOrigin(request, parts.site);
      await closeSession(parts, request);
      dropSession(reply, parts.site);
      reply.header('cache-control', 'no-store');
      return { location: (await party?.leave()) ?? '/' };
    },
  );
}
