// What an agent changes by its own call and does not see to the end: it is done soon or never.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openToolHost } from '#api';
import { finishProposals } from '#background';
import type { Uuid } from '#core';
import { openAgentBank, trustAgent } from '../../test/agent-bank.ts';
import { during } from '../../test/during.ts';

const bank = await openAgentBank({ after }, ['contacts.update']);
const { api, boss, customer, agent, call } = bank;
const { planes, superuser, time } = api.bank;
const tenant = 'agents-1';
const paying = ['payments:read', 'payments:write'];
const ada = await api.issue(boss, customer.principal, { scopes: paying });
const desk = await api.issue(boss, 'service:desk', { scopes: ['register:read'] });

function write(email: string, key: string) {
  // What is made later sorts later.
  time.now += 10_000;
  const headers = { 'idempotency-key': key };
  return call('contacts.update', { usage: 'main', email }, { headers });
}

test('what was let through and broke off is done soon, or not at all', async () => {
  await trustAgent(api.bank, { tenant, agent, customer }, { tool: 'contacts.update' });
  const usedUp = async (email: string, key: string) => {
    const { json } = await write(email, `${key}-asks`);
    const { proposal_id } = json.proposal;
    await ada.post(`/v1/customer/proposals/${proposal_id}/confirm`, {});
    await planes.execute({
      principal: { kind: 'service', id: 'gateway', tenant },
      ...{ operation: 'proposal.use', idempotencyKey: `use ${proposal_id} x` },
      body: { proposal_id, call_id: 'cmd_x', policy_version: '', by_approval: false, key },
    });
    return () => write(email, key);
  };
  const main = async () => {
    const { json } = await desk.get(`/v1/parties/${customer.party}/contacts`);
    const tokens = json.items.map((each: any) => each.value_token);
    return (await planes.vault.detokenize(tenant, tokens))[0];
  };
  const again = await usedUp('soon@example.org', 'died-soon');
  time.now += 16_000;
  const errors: unknown[] = [];
  const host = openToolHost(planes);
  const onError = (error: unknown) => errors.push(error);
  await during(
    (signal) => finishProposals({ planes, signal, host, onError }),
    async () => (await main()) === 'soon@example.org',
  );
  assert.deepEqual([await main(), errors], ['soon@example.org', []]);
  assert.equal((await again()).json.output?.status, 'changed');

  const late = await usedUp('late@example.org', 'died-late');
  time.now += 5 * 86_400_000;
  const { json } = await late();
  assert.deepEqual([json.code, json.reason], ['approval_invalid', 'expired']);
  await openToolHost(planes).finish({ tenant, id: await lastUsed() });
  assert.equal(await main(), 'soon@example.org', 'nothing newer is written over');
  assert.equal((await again()).json.output?.status, 'changed', 'what was done stays told');
});

async function lastUsed(): Promise<Uuid> {
  const { rows } = await superuser.query<{ id: Uuid }>(
    `select id from gateway.proposal where used_key = 'died-late'`,
  );
  return rows[0]?.id as Uuid;
}
