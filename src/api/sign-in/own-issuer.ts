// An issuer of our own for a first start: whoever has an API key signs in with it, the users of a
// demo bank with a click, and agents by their keys. It serves this machine alone, and forgets all
// when it ends.
import { externalId } from '#core';
import type { Planes } from '#main';
import { findApiKey } from '#policy';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type Provider from 'oidc-provider';
import type { Configuration, errors, Interaction } from 'oidc-provider';
import { checkOrigin, type Site } from '../site.ts';
import { resourceIndicators, withAgents } from './agent-clients.ts';
import { isLoopback, ownClientId, ownIssuerPath, type Issuer } from './configuration.ts';
import { type DemoUser, readDemoUsers } from './demo-users.ts';
import { type Mandates, openMandates } from './mandate.ts';
import type { OwnKey } from './own-key.ts';
import { html, type Html, list, page, pageHeaders, sendPage, sendTrouble } from './pages.ts';
import { callbackPath } from './relying-party.ts';
import { shortMemory } from './short-memory.ts';
import { createTries } from './tries.ts';

export type OwnIssuerParts = {
  readonly planes: Planes;
  readonly site: Site;
  readonly origin: string;
  readonly issuer: Issuer;
  readonly ownKey: OwnKey;
};

const interactionPath = `${ownIssuerPath}/interaction`;
const formMaxBytes = 4_096;
const noForm = new URLSearchParams();
const failed = { title: 'You are not signed in' };
const unmet = { title: 'No agent acts for you' };

export async function ownIssuerRoutes(app: FastifyInstance, parts: OwnIssuerParts): Promise<void> {
  const { planes, origin, issuer, ownKey } = parts;
  const usersFile = issuer.demoUsersFile ?? '';
  let opened: Promise<Provider> | undefined;
  const mandates = openMandates(planes);
  const provider = () => {
    const users = () => readDemoUsers(usersFile);
    opened ??= open({ ...planes, origin, users, ownKey, mandates });
    return opened;
  };
  app.addHook('onRequest', async (request, reply) => {
    if (isFromHere(request)) return;
    const why = 'This page serves the machine alone on which it runs. Name an issuer of your own.';
    return sendTrouble(reply, 403, { ...failed, why });
  });
  await app.register(async (forms) =>
    signInPage(forms, provider, { ...parts, usersFile, mandates }),
  );
  await app.register(async (protocol) => mount(protocol, provider));
}

type OpenProvider = () => Promise<Provider>;

/** When somebody first signs in: its library takes a moment, which no start has to wait for. */
async function open(parts: Configured): Promise<Provider> {
  const { default: OwnProvider, errors } = await import('oidc-provider');
  return new OwnProvider(`${parts.origin}${ownIssuerPath}`, configuration(parts, errors));
}

/** Also behind a proxy on this machine others could come: they are told by what it adds. */
function isFromHere({ hostname, headers }: FastifyRequest): boolean {
  const added = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'];
  return isLoopback(hostname) && !added.some((name) => name in headers);
}

/** The protocol itself: the library reads its requests and writes its answers. */
function mount(app: FastifyInstance, provider: OpenProvider): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  app.route({
    method: ['GET', 'POST'],
    url: '/*',
    schema: { hide: true, security: [] },
    exposeHeadRoute: false,
    handler: async (request, reply) => {
      const serve = (await provider()).callback();
      reply.hijack();
      const { raw } = request;
      for (const [name, value] of Object.entries(pageHeaders)) reply.raw.setHeader(name, value);
      // By the difference between the two it learns where it is mounted.
      Object.assign(raw, { originalUrl: raw.url, url: raw.url?.slice(ownIssuerPath.length) });
      await serve(raw, reply.raw);
    },
  });
}

// Who somebody is ---------------------------------------------------------------------------------

/** As the library names an account: the tenant, the principal, and the key if there was one. */
type Account = { readonly tenant: string; readonly principal: string; readonly keyId?: string };

function accountId({ tenant, principal, keyId }: Account): string {
  return [tenant, principal, ...(keyId === undefined ? [] : [keyId])].join(' ');
}

function claimsOf(id: string, users: readonly DemoUser[]) {
  const [tenant = '', principal = '', keyId] = id.split(' ');
  const user = users.find((each) => each.tenant === tenant && each.principal === principal);
  return {
    sub: id,
    countersign_tenant: tenant,
    countersign_principal: principal.replace(/^user:/, ''),
    ...(keyId === undefined ? { name: user?.name } : { countersign_key: keyId }),
  };
}

type Configured = Pick<Planes, 'database' | 'clock' | 'random'> & {
  readonly origin: string;
  readonly users: () => readonly DemoUser[];
  readonly ownKey: OwnKey;
  readonly mandates: Mandates;
};

function configuration(parts: Configured, { InvalidTarget }: typeof errors): Configuration {
  const { origin, database, clock, random, users, ownKey, mandates } = parts;
  const client = {
    client_id: ownClientId,
    client_name: 'Countersign',
    token_endpoint_auth_method: 'none',
    redirect_uris: [`${origin}${callbackPath}`],
    grant_types: ['authorization_code'],
    response_types: ['code'],
    id_token_signed_response_alg: 'EdDSA',
  } as const;
  const off = { enabled: false };
  const cookie = { httpOnly: true, sameSite: 'lax', signed: true } as const;
  return {
    adapter: withAgents(shortMemory(clock), { pool: database.pool('policy'), clock }),
    clients: [client],
    responseTypes: ['code'],
    scopes: ['openid', 'profile'],
    claims: {
      openid: ['sub', 'countersign_tenant', 'countersign_principal', 'countersign_key'],
      profile: ['name'],
    },
    // What the ID token does not say nobody learns: there is no other place to ask.
    conformIdTokenClaims: false,
    features: {
      ...{ devInteractions: off, pushedAuthorizationRequests: off },
      ...{ rpInitiatedLogout: off, userinfo: off },
      ...{ clientCredentials: { enabled: true }, dPoP: { enabled: true } },
      resourceIndicators: resourceIndicators(origin, { InvalidTarget }),
    },
    clientAuthMethods: ['none', 'private_key_jwt'],
    // Why an agent wants to act for a customer.
    extraParams: ['purpose'],
    formats: { customizers: { jwt: mandates.tell } },
    pkce: { required: () => true },
    jwks: { keys: [ownKey.privateJwk()] },
    cookies: {
      keys: [Buffer.from(random.bytes(32)).toString('base64url')],
      names: {
        session: 'countersign_issuer',
        interaction: 'countersign_issuer_ask',
        resume: 'countersign_issuer_on',
      },
      long: cookie,
      short: cookie,
    },
    // In seconds.
    ttl: {
      ...{ Interaction: 600, Session: 600, Grant: 600 },
      ...{ AuthorizationCode: 60, IdToken: 300 },
      AccessToken: (_context, { resourceServer }) => resourceServer?.accessTokenTTL ?? 60,
      ClientCredentials: (_context, { resourceServer }) => resourceServer?.accessTokenTTL ?? 60,
    },
    interactions: { url: (_context, { uid }) => `${interactionPath}/${uid}` },
    findAccount: (_context, id) => ({ accountId: id, claims: () => claimsOf(id, users()) }),
    // The console is ours: nobody has to consent that it learns who he is. An agent asks each time.
    async loadExistingGrant({ oidc }) {
      const { client: asking, session, provider, result } = oidc;
      if (!asking || !session?.accountId) return undefined;
      if (asking.clientId !== ownClientId) {
        const agreed = result?.consent?.grantId;
        return agreed === undefined ? undefined : provider.Grant.find(agreed);
      }
      const account = { clientId: asking.clientId, accountId: session.accountId };
      const grant = new provider.Grant(account);
      grant.addOIDCScope('openid profile');
      await grant.save();
      return grant;
    },
    renderError(context) {
      context.type = 'html';
      const why = html`<p>This sign-in has ended, or was begun in another browser.</p>
<p><a href="/auth/sign-in">Try again</a></p>`;
      context.body = page(failed.title, why);
    },
  };
}

// The page ----------------------------------------------------------------------------------------

type PageParts = OwnIssuerParts & { readonly usersFile: string; readonly mandates: Mandates };

function signInPage(app: FastifyInstance, provider: OpenProvider, parts: PageParts): void {
  const { planes, site, usersFile } = parts;
  const tries = createTries(planes.clock);
  const hidden = { schema: { hide: true, security: [] }, exposeHeadRoute: false };
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: formMaxBytes },
    (_request, body, done) => done(null, new URLSearchParams(body as string)),
  );

  app.get(`/interaction/:uid`, hidden, async (request, reply) => {
    const interaction = await asked(await provider(), request, reply);
    if (interaction === undefined) return tellEnded(reply);
    if (interaction.prompt.name === 'consent') {
      const offer = await parts.mandates.ask(interaction);
      if (typeof offer === 'string') return sendTrouble(reply, 403, { ...unmet, why: offer });
      return sendPage(reply, 200, offer.page);
    }
    return sendPage(reply, 200, choice(readDemoUsers(usersFile)));
  });

  app.post(`/interaction/:uid`, hidden, async (request, reply) => {
    checkOrigin(request, site);
    const issuing = await provider();
    const interaction = await asked(issuing, request, reply);
    if (interaction === undefined) return tellEnded(reply);
    const form = request.body instanceof URLSearchParams ? request.body : noForm;
    if (interaction.prompt.name === 'consent') {
      const declined = { error: 'access_denied' };
      const isAllowed = form.get('act') === 'allow';
      const result = isAllowed ? await parts.mandates.agree(issuing, interaction) : declined;
      if (typeof result === 'string') return sendTrouble(reply, 403, { ...unmet, why: result });
      return reply.redirect(await issuing.interactionResult(request.raw, reply.raw, result), 303);
    }
    const chosen = await accountOf(form);
    if (typeof chosen === 'string') {
      return sendPage(reply, 403, choice(readDemoUsers(usersFile), chosen));
    }
    const login = { accountId: accountId(chosen), remember: false };
    const on = await issuing.interactionResult(request.raw, reply.raw, { login });
    await forgetEarlier(issuing, interaction);
    return reply.redirect(on, 303);
  });

  /** Whom the form means; or what is wrong with it, in words. */
  async function accountOf(form: URLSearchParams): Promise<Account | string> {
    const user = form.get('user');
    if (user !== null) {
      const users = readDemoUsers(usersFile);
      const found = users.find((each) => `${each.tenant} ${each.principal}` === user);
      return found ?? 'There is no such demo user any more.';
    }
    if (!tries.isAllowed()) return 'Too many keys were wrong. Wait a minute, then try again.';
    const secret = form.get('key')?.trim() ?? '';
    const key = await findApiKey(planes.database.pool('policy'), secret, planes.clock.now());
    if (key === undefined) {
      tries.failed();
      return 'This API key is unknown, expired or revoked.';
    }
    const { principal, tenant } = key;
    if (principal.startsWith('user:')) {
      return { tenant, principal, keyId: externalId('apiKey', key.id) };
    }
    return `This is the key of ${principal}: people sign in with keys of their own.`;
  }
}

/** The sign-in of this browser for which the page is; undefined when it has ended. */
async function asked(
  provider: Provider,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Interaction | undefined> {
  const { uid } = request.params as { uid: string };
  const found = await provider.interactionDetails(request.raw, reply.raw).catch(() => undefined);
  return found?.uid === uid ? found : undefined;
}

/** Whom this browser was before does not matter: otherwise the library would sign him out first. */
async function forgetEarlier(provider: Provider, { session }: Interaction): Promise<void> {
  const earlier = session?.uid && (await provider.Session.findByUid(session.uid));
  if (!earlier) return;
  delete earlier.accountId;
  await earlier.persist();
}

function tellEnded(reply: FastifyReply): FastifyReply {
  return sendTrouble(reply, 400, { ...failed, why: 'This sign-in has ended.' });
}

function choice(users: readonly DemoUser[], wrong?: string): string {
  const byTenant = [...Map.groupBy(users, ({ tenant }) => tenant)];
  const demo = byTenant.map(
    ([tenant, all]) => html`<h2>Users of ${tenant}, which is a demo</h2>
<form method="post"><ul>${list(all.map(userButton))}</ul></form>`,
  );
  const isDemo = users.length > 0;
  const hint = isDemo ? 'Choose whose work you want to see.' : 'With a key of yours.';
  return page(
    'Sign in',
    html`<p>${hint}</p>
${wrong === undefined ? '' : html`<p class="wrong" role="alert">${wrong}</p>`}
${list(demo)}
<h2>With an API key</h2>
<form method="post">
<label for="key">Your API key</label>
<input id="key" name="key" type="password" autocomplete="off" required maxlength="200">
<p class="hint">A key of a person. The session may do what the key may, and ends with it.</p>
<button class="act">Sign in</button>
</form>`,
  );
}

function userButton({ tenant, principal, name, summary }: DemoUser): Html {
  const words = html`<strong>${name}</strong> <span>${summary}</span>`;
  return html`<li><button name="user" value="${`${tenant} ${principal}`}">${words}</button></li>`;
}
