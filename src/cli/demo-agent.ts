// The agent of a demo bank: registered, with its tools approved and its customer's consent, each by
// the API and four eyes, so that a program can be `assistant` at once (examples/10-agent-pays).
import { ed25519Key, systemRandom } from '#core';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { allItems } from './client.ts';
import { settleCustomer } from './demo-customer.ts';
import { approved, type Desk, deskOf } from './demo-desk.ts';
import { type Bank, say } from './installation.ts';
import { keepKey } from './start.ts';
import type { OpenTenant } from './tenants.ts';

/** Where a customer comes back to, who lets the agent act: nobody has to listen there. */
const redirectUri = 'http://127.0.0.1:7499/back';
const callsPerMinute = 300;

/** What an earlier run has done stands, and what people have changed since. */
export async function settleAgent(bank: Bank, tenant: OpenTenant, data: string): Promise<void> {
  const desk = deskOf(bank, tenant, data, 'The agent of the demo');
  const { administrator } = desk;
  const agents = await allItems<{ readonly id: string }>(administrator, '/v1/agents');
  if (agents.some(({ id }) => id === 'assistant')) return;
  const { items: tools } = await administrator.get<{ items: readonly Tool[] }>('/v1/tool-registry');
  for (const { name, status } of tools) {
    if (status === 'approved') continue;
    await approved(desk, `/v1/tool-registry/${name}/approve`, {});
  }
  await letAgentsAct(desk);
  const { customer } = await settleCustomer(bank, tenant, data);
  await administrator.post(
    '/v1/consents',
    {
      ...{ purpose: 'ai_data_use', person: customer, status: 'granted' },
      ...{ source: 'app', text_version: '2026-01' },
    },
    `demo/agent/consent/${customer}`,
  );
  // Last: what is there is whole.
  await approved(desk, '/v1/agents', {
    ...{ id: 'assistant', name: 'Assistant', owner: 'user:operations' },
    purposes: ['servicing', 'advice'],
    tools: tools.map(({ name }) => ({ name, calls_per_minute: callsPerMinute })),
    clients: [
      {
        ...{ issuer: 'own', client_id: `${tenant.id}-assistant`, redirect_uris: [redirectUri] },
        jwks: { keys: [publicKeyOf(tenant, data)] },
      },
    ],
  });
  say(`the agent assistant may act for customers of ${tenant.id} who let it`);
}

type Tool = { readonly name: string; readonly status: string };

async function letAgentsAct(desk: Desk): Promise<void> {
  type Rollout = { readonly use_case: string };
  const { items } = await desk.administrator.get<{ items: readonly Rollout[] }>('/v1/rollout');
  if (items.some(({ use_case }) => use_case === 'agent-tools')) return;
  await approved(desk, '/v1/rollout', { use_case: 'agent-tools', mode: 'automatic' });
}

/** The private one stays with the agent: here, in a file that only its owner can read. */
function publicKeyOf({ id }: OpenTenant, data: string): object {
  const file = join(data, 'api-keys', `${id}-assistant`);
  if (!existsSync(file)) {
    const made = ed25519Key(systemRandom().bytes(32));
    const pem = made.export({ format: 'pem', type: 'pkcs8' }).toString();
    keepKey(data, `${id}-assistant`, pem.trim());
  }
  const key = createPublicKey(createPrivateKey(readFileSync(file)));
  return key.export({ format: 'jwk' });
}
