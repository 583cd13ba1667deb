// An agent at a demo bank, so that a browser has something to look at: registered with another
// person's approval, with tools that the bank has approved, for the demo's customer.
import assert from 'node:assert/strict';
import { accessToken, type Keys, newKeys } from './agents.ts';
import type { ConsoleBank } from './console-bank.ts';

export type ConsoleAgent = {
  /** What a person would paste into the console. */
  readonly client: {
    readonly issuer: string;
    readonly client_id: string;
    readonly jwks: { readonly keys: readonly Keys['publicJwk'][] };
  };
  /** Calls a tool over REST for the customer, with a token and a key of its own. */
  readonly use: (tool: string, args?: object) => Promise<{ status: number; json: any }>;
};

const issuer = 'https://agents.example';
const dayMs = 86_400_000;
const tokenLifeS = 600;

/** Keys of an agent, and its customer's consent; the bank is yet to register it. */
export async function openConsoleAgent(bank: ConsoleBank, id: string): Promise<ConsoleAgent> {
  const keys = await newKeys();
  const clientId = `client-of-${id}`;
  const { json } = await bank.call('GET', '/v1/principals?limit=500');
  const person = json.items.find((each: any) => each.principal === 'user:customer');
  const consent = await made(bank, '/v1/consents', {
    ...{ purpose: 'ai_data_use', person: person.customer, status: 'granted' },
    ...{ source: 'app', text_version: '2026-01' },
  });
  let tokens = 0;
  return {
    client: { issuer, client_id: clientId, jwks: { keys: [keys.publicJwk] } },
    async use(tool, args = {}) {
      tokens += 1;
      const now = Math.floor(Date.now() / 1_000);
      const token = await accessToken(keys, {
        ...{ iss: issuer, aud: `${bank.url}/mcp`, scope: 'tools', purpose: 'servicing' },
        ...{ iat: now, exp: now + tokenLifeS, jti: `${id}-${tokens}` },
        ...{ sub: person.principal, act: { sub: clientId }, client_id: clientId },
        consent: consent.id,
      });
      const answer = await fetch(`${bank.url}/v1/tools/${tool}`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          'idempotency-key': `${id}-${tokens}`,
        },
        body: JSON.stringify(args),
      });
      return { status: answer.status, json: await answer.json() };
    },
  };
}

/** Posts what needs an approval, and has another person give it. */
export async function approvedWrite(bank: ConsoleBank, path: string, body: object): Promise<any> {
  const refused = await bank.call('POST', path, { body });
  if (refused.status < 300) return refused.json;
  assert.equal(refused.json.code, 'approval_required', `${path}: ${JSON.stringify(refused.json)}`);
  const { subject_kind, subject } = refused.json;
  const expires_at = new Date(Date.now() + dayMs).toISOString();
  const asked = { subject_kind, subject, summary: 'its owner is known', expires_at };
  const { id } = await made(bank, '/v1/approvals', asked);
  const verdict = { verdict: 'approve', reason: 'reads well' };
  const approver = 'demo-bank-approver';
  await bank.call('POST', `/v1/approvals/${id}/decide`, { body: verdict, key: approver });
  return made(bank, path, { ...body, approval_id: id });
}

/** Registers it, approves its tools, and lets agents act at all. */
export async function registerAgent(
  bank: ConsoleBank,
  { client }: ConsoleAgent,
  { id, name, tools }: { id: string; name: string; tools: readonly string[] },
): Promise<void> {
  await approvedWrite(bank, '/v1/agents', {
    ...{ id, name, owner: 'user:operations', purposes: ['servicing', 'advice'], clients: [client] },
    tools: tools.map((tool) => ({ name: tool, calls_per_minute: 120 })),
  });
  for (const tool of tools) await approvedWrite(bank, `/v1/tool-registry/${tool}/approve`, {});
}

export async function letAgentsAct(bank: ConsoleBank): Promise<void> {
  await approvedWrite(bank, '/v1/rollout', { use_case: 'agent-tools', mode: 'automatic' });
}

async function made(bank: ConsoleBank, path: string, body: object): Promise<any> {
  const { status, json } = await bank.call('POST', path, { body });
  assert.ok(status < 300, `${path}: ${JSON.stringify(json)}`);
  return json;
}
