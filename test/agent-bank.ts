// A bank with a customer and an agent that may act for him: what the tests of the gateway call.
import assert from 'node:assert/strict';
import { type Api, type Caller, openApi, type Reach, type Reply } from './api.ts';
import { accessToken, approvedPost, newKeys, type Keys } from './agents.ts';

export type AgentBank = {
  readonly boss: Caller;
  readonly checker: Caller;
  readonly agent: string;
  readonly keys: Keys;
  readonly customer: Holder;
  readonly stranger: Holder;
  /** A token of the agent for the customer; claims add to it or take its place. */
  readonly token: (claims?: Readonly<Record<string, unknown>>) => Promise<string>;
  /** Calls a tool over REST with a token of its own, unless one is given. */
  readonly call: (
    tool: string,
    args?: object,
    more?: { token?: string; headers?: Record<string, string> },
  ) => Promise<Reply>;
  /** Posts what needs an approval, with one of another person. */
  readonly approved: (url: string, body: object) => Promise<Reply>;
};

export type Holder = {
  readonly principal: string;
  readonly party: string;
  readonly account: string;
  readonly consent: string;
};

type Opening = {
  /** Further tools. */
  readonly more?: readonly string[];
  readonly now: () => number;
  /** Where the server is for those who ask for tokens. */
  readonly audience?: string;
  readonly perMinute?: number;
};

export const origin = 'https://bank.example';
const issuer = 'https://agents.example';
const tools = [
  ...['accounts.list', 'accounts.balances', 'accounts.transactions'],
  ...['customer.profile', 'products.list'],
];
let banks = 0;
let tokens = 0;
let calls = 0;

/** With further tools, where a test calls them. */
export async function openAgentBank(
  t: Parameters<typeof openApi>[0],
  more: readonly string[] = [],
): Promise<AgentBank & { readonly api: Api }> {
  const api = await openApi(t, { signIn: { origin, issuer: undefined } });
  return { ...(await openBankOf(api, more)), api };
}

/** A further tenant behind the same API. */
export function openBankOf(api: Api, more: readonly string[] = []): Promise<AgentBank> {
  return openBankAt(api, { more, now: () => api.bank.time.now });
}

/** A tenant of any server. */
export async function openBankAt(api: Reach, opening: Opening): Promise<AgentBank> {
  const { more = [], now, audience = origin, perMinute = 600 } = opening;
  banks += 1;
  const id = `agents-${banks}`;
  const boss = await api.tenant(id);
  const checking = ['policy:approve', 'policy:read'];
  const maker = await api.issue(boss, 'user:maker', { scopes: ['policy:write', 'policy:read'] });
  const checker = await api.issue(boss, 'user:checker', { scopes: checking });
  const approved = (url: string, body: object) =>
    approvedPost({ boss: maker, checker, now: now() }, (approval) =>
      boss.post(url, { ...body, ...approval }),
    );
  const [customer, stranger] = [await openHolder(boss, 'ada'), await openHolder(boss, 'bert')];
  const keys = await newKeys();
  const clientId = `coach-of-${id}`;
  const agent = 'spending-coach';
  const client = { issuer, client_id: clientId, jwks: { keys: [keys.publicJwk] } };
  expectMade(
    await approved('/v1/agents', {
      ...{ id: agent, name: 'Spending coach', owner: 'user:boss' },
      purposes: ['servicing', 'advice'],
      tools: [...tools, ...more].map((name) => ({ name, calls_per_minute: perMinute })),
      clients: [client],
    }),
  );
  for (const name of [...tools, ...more])
    expectMade(await approved(`/v1/tool-registry/${name}/approve`, {}));
  expectMade(await approved('/v1/rollout', { use_case: 'agent-tools', mode: 'automatic' }));

  const token = (claims: Readonly<Record<string, unknown>> = {}) => {
    tokens += 1;
    const at = Math.floor(now() / 1_000);
    const life = { iat: at, exp: at + 600, jti: `token-${tokens}` };
    const who = { sub: customer.principal, act: { sub: clientId }, client_id: clientId };
    const what = { aud: `${audience}/mcp`, scope: 'tools', purpose: 'servicing' };
    const all = { iss: issuer, ...life, ...who, ...what, consent: customer.consent, ...claims };
    return accessToken(keys, all);
  };
  const call: AgentBank['call'] = async (tool, args = {}, more = {}) => {
    const caller = api.caller(more.token ?? (await token()));
    calls += 1;
    const { headers = {} } = more;
    return caller.post(`/v1/tools/${tool}`, args, { key: `call-${calls}`, headers });
  };
  return { boss, checker, agent, keys, customer, stranger, token, call, approved };
}

async function openHolder(boss: Caller, name: string): Promise<Holder> {
  const principal = `user:${name}`;
  const about = { kind: 'person', country: 'DE', status: 'customer', segment: 'person' };
  const party = expectMade(
    await boss.post('/v1/parties', { ...about, name: `${name} Lovelace`, since: '2020-01-01' }),
  ).party_id as string;
  expectMade(await boss.post('/v1/role-grants', { principal, role: 'customer' }));
  const person = { principal, customer: party, region: null, delegated_by: null };
  expectMade(await boss.post('/v1/principals', person));
  const cash = await boss.open({ type: 'asset' });
  const account = await boss.open({ bound: 'no_overdraft' });
  expectMade(await boss.post(`/v1/accounts/${account}/party`, { party_id: party }));
  const funds = { debit_account_id: cash, credit_account_id: account, currency: 'EUR' };
  expectMade(await boss.post('/v1/transfers', { ...funds, amount: 123_456 }));
  const consent = expectMade(
    await boss.post('/v1/consents', {
      ...{ purpose: 'ai_data_use', person: party, status: 'granted' },
      ...{ source: 'app', text_version: '2026-01' },
    }),
  ).id as string;
  return { principal, party, account, consent };
}

function expectMade(reply: Reply) {
  assert.ok(reply.status < 300, `${reply.status} ${reply.text}`);
  return reply.json;
}

type Places = { readonly superuser: Queries; readonly time: { readonly now: number } };
type Queries = { readonly query: (sql: string, values: unknown[]) => Promise<unknown> };
type Of = Pick<AgentBank, 'agent' | 'customer'> & { readonly tenant: string };

/** As if people had looked at twenty calls of the tool before: the customer's word is enough. */
export async function trustAgent(
  { superuser, time }: Places,
  { tenant, agent, customer }: Of,
  { tool = 'transfers.confirm', version = 1 } = {},
): Promise<void> {
  await superuser.query(
    `insert into gateway.proposal (tenant_id, id, agent_id, customer, tool, version, arguments,
       arguments_digest, terms, decision_id, policy_version, made_at, expires_at, status,
       agreed_by, used_key)
     select $1, uuidv7(), $2, $3, $4, $5, '{}', '', '', uuidv7(), '', $6, $6,
       'used', 'user:ada', $7::text || n from generate_series(1, 20) n`,
    [tenant, agent, customer.party, tool, version, new Date(time.now), `${tool} ${version} `],
  );
}

/** As if the holder's name had been looked up in all lists. */
export async function screenHolder(
  { superuser }: Pick<Places, 'superuser'>,
  { tenant, party }: { readonly tenant: string; readonly party: string },
): Promise<void> {
  await superuser.query(
    `insert into policy.screening_subject
       (tenant_id, subject, request, unscreenable, screening_id, list_versions)
     values ($1, $2, '{}', false, uuidv7(), '{}')`,
    [tenant, party],
  );
}
