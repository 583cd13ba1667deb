// Who says who somebody is: the issuer that the environment names, or one of our own on a machine
// that nobody else reaches.
import { Fault } from '#core';

export type SignIn = {
  /** Where browsers find this server, such as `https://bank.example`. */
  readonly origin: string;
  /** Undefined where nobody can sign in: then only API keys do. */
  readonly issuer: Issuer | undefined;
};

export type Issuer = {
  readonly url: string;
  readonly clientId: string;
  /** None for a public client. */
  readonly clientSecret?: string;
  /** All its people are of this tenant; otherwise a claim names theirs. */
  readonly tenant?: string;
  readonly tenantClaim: string;
  readonly principalClaim: string;
  /** Of our own issuer: where the users are listed who need no password. */
  readonly demoUsersFile?: string;
};

export const ownIssuerPath = '/oidc';
export const ownClientId = 'countersign-console';

type Listening = {
  readonly host: string;
  readonly port: number;
  /** The data folder. */
  readonly folder: string;
};

export const demoUsersFile = 'demo-users.json';

export function readSignIn(environment: NodeJS.ProcessEnv, listening: Listening): SignIn {
  const { host, port, folder } = listening;
  const given = (name: string) => environment[`COUNTERSIGN_${name}`] || undefined;
  const publicUrl = given('PUBLIC_URL');
  const url = given('OIDC_ISSUER');
  const own = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  const origin = publicUrl === undefined ? own : originOf('COUNTERSIGN_PUBLIC_URL', publicUrl);
  if (url === undefined) {
    // A proxy would let others in, where some users need no password.
    const isAlone = isLoopback(host) && publicUrl === undefined;
    return { origin, issuer: isAlone ? ownIssuer(origin, folder) : undefined };
  }
  if (publicUrl === undefined && !isLoopback(host)) {
    throw refused('COUNTERSIGN_PUBLIC_URL', 'must say where browsers find this server');
  }
  const clientId = given('OIDC_CLIENT_ID');
  if (clientId === undefined) throw refused('COUNTERSIGN_OIDC_CLIENT_ID', 'is missing');
  const [clientSecret, tenant] = [given('OIDC_CLIENT_SECRET'), given('OIDC_TENANT')];
  return {
    origin,
    issuer: {
      url: checkedIssuer(url),
      clientId,
      ...(clientSecret === undefined ? {} : { clientSecret }),
      ...(tenant === undefined ? {} : { tenant }),
      tenantClaim: given('OIDC_TENANT_CLAIM') ?? 'countersign_tenant',
      principalClaim: given('OIDC_PRINCIPAL_CLAIM') ?? 'sub',
    },
  };
}

function ownIssuer(origin: string, folder: string): Issuer {
  return {
    url: `${origin}${ownIssuerPath}`,
    clientId: ownClientId,
    tenantClaim: 'countersign_tenant',
    principalClaim: 'countersign_principal',
    demoUsersFile: `${folder}/${demoUsersFile}`,
  };
}

/** Only from here to here. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/.test(host);
}

function checkedIssuer(text: string): string {
  const url = URL.parse(text);
  const isSafe =
    url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
  if (isSafe) return text;
  throw refused('COUNTERSIGN_OIDC_ISSUER', 'is an https URL, or http on this machine');
}

function originOf(name: string, text: string): string {
  const url = URL.parse(text);
  const isOrigin = url !== null && /^https?:$/.test(url.protocol) && url.pathname === '/';
  if (isOrigin && url.search === '' && url.hash === '') return url.origin;
  throw refused(name, 'is such as https://bank.example, without a path');
}

function refused(name: string, why: string): Fault {
  return new Fault('input_invalid', `${name} ${why}`);
}
