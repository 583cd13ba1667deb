// What the words of keys and roles mean to the people who give them out.
import type { Answer, Call } from '../../api/client.ts';

export type Person = Answer<'GET /v1/principals'>['items'][number];
export type ApiKey = Answer<'GET /v1/api-keys'>['items'][number];
export type SignIn = Answer<'GET /v1/sessions'>['items'][number];
export type Role = Call<'POST /v1/role-grants'>['body']['role'];
export type Scope = Call<'POST /v1/api-keys'>['body']['scopes'][number];
export type Question = Call<'POST /v1/entitlements/check'>['body'];

/** A sentence for each scope: the compiler asks for one where the API has a new scope. */
export const scopeWords: Readonly<Record<Scope, string>> = {
  'ledger:read': 'See accounts, balances and the journal',
  'ledger:write': 'Open accounts, post and reverse transfers, place holds',
  'payments:read': 'See payments',
  'payments:write': 'Initiate, capture, cancel and refund payments',
  'events:read': 'Read the log of events and its evidence',
  'policy:read': 'See policies, decisions, approvals and roles',
  'policy:write': 'Write policies and switches, and ask for approvals',
  'policy:approve': 'Approve what other people ask for',
  'policy:decide': 'Ask for a decision, and screen a name',
  'model:read': 'See models, features and their monitoring',
  'model:write': 'Register, deploy and suspend models',
  'reviews:read': 'See the cases that wait for a person',
  'reviews:write': 'Decide cases, and judge the hits of screenings',
  'register:read': 'See customers and their products',
  'register:write': 'Register customers and change what is known of them',
  'authenticators:read': 'See by what customers prove who they are',
  'authenticators:write': 'Enrol and revoke what customers prove it by',
  'webhooks:write': 'Set up webhooks, and see their deliveries',
  'loyalty:read': 'See programmes, members and what points are owed',
  'loyalty:write': 'Write programmes, and move points',
  'offers:read': 'See offers, experiments and what customers were shown',
  'offers:write': 'Write offers, and run them',
  tools: 'Call the tools of the gateway',
  admin: 'Manage keys, roles, periods and calendars',
  operator: 'Create the tenants of the installation',
};

export const scopes = Object.keys(scopeWords) as readonly Scope[];

export function kindOf(principal: string): string {
  return principal.slice(0, principal.indexOf(':'));
}

/** `expired`, `revoked` or `active`. */
export function keyState(key: Pick<ApiKey, 'expires_at' | 'revoked_at'>, now: number): string {
  if (key.revoked_at !== null) return 'revoked';
  return key.expires_at !== null && Date.parse(key.expires_at) <= now ? 'expired' : 'active';
}

export function sessionState(session: SignIn, now: number): string {
  if (session.closed_at !== null) return 'closed';
  return Date.parse(session.expires_at) <= now ? 'expired' : 'open';
}

/** What a list of people is read by, after something of them was changed. */
export const rightsReads = [
  ...([
    'GET /v1/principals',
    'GET /v1/role-grants',
    'GET /v1/api-keys',
    'GET /v1/sessions',
  ] as const),
];
