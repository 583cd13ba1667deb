// The terms of an agent: what it may do, and how it proves who it is. Other people agree to exactly
// these, and to every change by which it may do more.
import { canonicalJson, closed, plainText, refuseField } from '#core';
import { purposes } from '#policy';
import { hash } from 'node:crypto';
import Type from 'typebox';
import type { Purpose } from './tool.ts';

/** The issuer that comes with the server, wherever it listens. */
export const ownIssuerName = 'own';

export const agentLimits = { tools: 200, clients: 5, keys: 10, redirects: 5, perMinute: 60_000 };

const agentId = Type.String({
  pattern: '^[a-z0-9_.@-]{1,80}$',
  description: 'Of the principal `agent:<id>`.',
  examples: ['spending-coach'],
});
const tool = Type.Object(
  {
    name: Type.String({ pattern: '^[a-z][a-z0-9_.-]{0,63}$', examples: ['accounts.list'] }),
    calls_per_minute: Type.Integer({ minimum: 1, maximum: agentLimits.perMinute }),
  },
  closed,
);
const member = Type.Optional(Type.String({ maxLength: 2_000 }));
/** RFC 7517. A member that is not listed could be a part of a private key. */
const publicKey = Type.Object(
  {
    kty: Type.Enum(['EC', 'OKP', 'RSA']),
    ...{ crv: member, x: member, y: member, n: member, e: member },
    ...{ kid: member, alg: member, use: member },
  },
  closed,
);
const jwks = Type.Object(
  { keys: Type.Array(publicKey, { minItems: 1, maxItems: agentLimits.keys }) },
  { ...closed, description: 'Public keys: of the issuer, or of the client at our own issuer.' },
);
const url = Type.String({ maxLength: 500 });
const client = Type.Object(
  {
    issuer: Type.String({
      maxLength: 500,
      description: 'The URL that its tokens name as `iss`, or `own` for the issuer of this server.',
      examples: ['https://id.bank.example'],
    }),
    client_id: Type.String({ pattern: '^[\\x21-\\x7e]{1,200}$' }),
    jwks: Type.Optional(jwks),
    jwks_uri: Type.Optional(url),
    redirect_uris: Type.Optional(
      Type.Array(url, {
        maxItems: agentLimits.redirects,
        description: 'At our own issuer: where a customer comes back to, who lets the agent act.',
      }),
    ),
    requires_dpop: Type.Optional(Type.Boolean({ default: false })),
  },
  closed,
);

export const agentFields = {
  name: plainText({ minLength: 1, maxLength: 80 }),
  owner: Type.String({
    pattern: '^user:[a-z0-9_.@-]{1,80}$',
    description: 'The person of the bank who answers for it.',
  }),
  purposes: Type.Array(Type.Enum([...purposes]), {
    ...{ minItems: 1, maxItems: purposes.length, uniqueItems: true },
    description: 'For nothing else may it call.',
  }),
  tools: Type.Array(tool, { maxItems: agentLimits.tools, description: 'No other may it call.' }),
  clients: Type.Array(client, { minItems: 1, maxItems: agentLimits.clients }),
};

export const agentSchemas = { agentId, ...agentFields };

type Asked = Type.Static<typeof client>;

export type AgentTool = { readonly name: string; readonly calls_per_minute: number };

export type AgentClient = {
  readonly issuer: string;
  readonly client_id: string;
  /** The canonical text of the key set. */
  readonly jwks: string | null;
  readonly jwks_uri: string | null;
  readonly redirect_uris: readonly string[];
  readonly requires_dpop: boolean;
};

export type AgentTerms = {
  readonly agent_id: string;
  readonly name: string;
  readonly owner: string;
  readonly purposes: readonly Purpose[];
  readonly tools: readonly AgentTool[];
  readonly clients: readonly AgentClient[];
};

/** As they are told: of keys, what identifies them (RFC 7638). */
export const agentTermsView = {
  agent_id: agentId,
  ...agentFields,
  clients: Type.Array(
    Type.Object({
      issuer: Type.String(),
      client_id: Type.String(),
      keys: Type.Array(Type.String(), {
        description: 'Thumbprints of the public keys (RFC 7638).',
      }),
      jwks_uri: Type.Union([Type.String(), Type.Null()]),
      redirect_uris: Type.Array(Type.String()),
      requires_dpop: Type.Boolean(),
    }),
  ),
};

/** What people agree to, and what events and views say. */
export function toldTerms({ agent_id, name, owner, ...terms }: AgentTerms) {
  return {
    ...{ agent_id, name, owner },
    purposes: [...terms.purposes],
    tools: terms.tools.map((each) => ({ ...each })),
    clients: terms.clients.map(({ jwks: text, ...rest }) => ({
      ...rest,
      redirect_uris: [...rest.redirect_uris],
      keys: text === null ? [] : keysOf(text).map(thumbprint),
    })),
  };
}

/** In the one order in which they are kept; refuses what a schema cannot tell. */
export function purposesOf(asked: readonly Purpose[]): readonly Purpose[] {
  return asked.toSorted();
}

export function toolsOf(asked: readonly AgentTool[]): readonly AgentTool[] {
  const names = asked.map(({ name }) => name);
  const twice = names.findIndex((name, at) => names.indexOf(name) < at);
  if (twice >= 0) refuseField(`/tools/${twice}/name`, 'stands there twice');
  return asked.toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

export function clientsOf(asked: readonly Asked[]): readonly AgentClient[] {
  const clients = asked.map((each, at): AgentClient => {
    refuseClient(each, `/clients/${at}`);
    return {
      ...{ issuer: each.issuer, client_id: each.client_id, jwks_uri: each.jwks_uri ?? null },
      jwks: each.jwks === undefined ? null : canonicalJson(each.jwks),
      redirect_uris: each.redirect_uris ?? [],
      requires_dpop: each.requires_dpop ?? false,
    };
  });
  const places = clients.map(placeOf);
  const twice = places.findIndex((place, at) => places.indexOf(place) < at);
  if (twice >= 0) refuseField(`/clients/${twice}/client_id`, 'stands there twice');
  return clients.toSorted((one, other) => (placeOf(one) < placeOf(other) ? -1 : 1));
}

function refuseClient(asked: Asked, pointer: string): void {
  const isOwn = asked.issuer === ownIssuerName;
  if (!isOwn) refuseUrl(asked.issuer, `${pointer}/issuer`);
  if (asked.jwks !== undefined && asked.jwks_uri !== undefined) {
    refuseField(`${pointer}/jwks_uri`, 'or jwks: keys come from one place');
  }
  if (asked.jwks_uri !== undefined) refuseUrl(asked.jwks_uri, `${pointer}/jwks_uri`);
  if (isOwn && asked.jwks === undefined) {
    refuseField(`${pointer}/jwks`, 'is how a client proves to our own issuer who it is');
  }
  for (const [at, key] of (asked.jwks?.keys ?? []).entries()) {
    if (membersOf(key).includes(undefined)) refuseField(`${pointer}/jwks/keys/${at}`, 'is no key');
  }
  for (const [at, to] of (asked.redirect_uris ?? []).entries()) {
    if (!isOwn) refuseField(`${pointer}/redirect_uris`, 'are the matter of the issuer');
    refuseUrl(to, `${pointer}/redirect_uris/${at}`);
  }
}

/** Only from here to here without TLS. */
function refuseUrl(text: string, pointer: string): void {
  const found = URL.parse(text);
  const isHere = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(found?.hostname ?? '');
  const isSafe = found?.protocol === 'https:' || (found?.protocol === 'http:' && isHere);
  if (found === null || !isSafe) refuseField(pointer, 'must be an https URL');
  const isBare = found.username === '' && found.password === '' && found.hash === '';
  if (!isBare) refuseField(pointer, 'must name no user, no password and no fragment');
}

function placeOf({ issuer, client_id }: Pick<AgentClient, 'issuer' | 'client_id'>): string {
  return `${issuer} ${client_id}`;
}

// What is more than before ------------------------------------------------------------------------

/** Whether the agent may do anything that it could not do before, or anybody else be it. */
export function isWider(before: AgentTerms, after: AgentTerms): boolean {
  const rates = new Map(before.tools.map((each) => [each.name, each.calls_per_minute]));
  const proofs = new Map(before.clients.map((each) => [placeOf(each), each]));
  return (
    after.purposes.some((purpose) => !before.purposes.includes(purpose)) ||
    after.tools.some(({ name, calls_per_minute: rate }) => rate > (rates.get(name) ?? 0)) ||
    after.clients.some((each) => {
      const earlier = proofs.get(placeOf(each));
      if (earlier === undefined || (earlier.requires_dpop && !each.requires_dpop)) return true;
      const { requires_dpop: _, ...then } = earlier;
      const { requires_dpop: __, ...now } = each;
      return canonicalJson(then) !== canonicalJson(now);
    })
  );
}

// Keys --------------------------------------------------------------------------------------------

type PublicKey = Type.Static<typeof publicKey>;

export function keysOf(text: string): readonly PublicKey[] {
  return (JSON.parse(text) as Type.Static<typeof jwks>).keys;
}

const required = {
  EC: ['crv', 'kty', 'x', 'y'],
  OKP: ['crv', 'kty', 'x'],
  RSA: ['e', 'kty', 'n'],
} as const;

function membersOf(key: PublicKey): readonly (string | undefined)[] {
  return required[key.kty as keyof typeof required].map((name) => key[name]);
}

/** RFC 7638, 3: over what a key consists of, and nothing else that stands beside it. */
function thumbprint(key: PublicKey): string {
  const names = required[key.kty as keyof typeof required];
  const members = Object.fromEntries(names.map((name) => [name, key[name] ?? '']));
  return hash('sha256', canonicalJson(members), 'base64url');
}
