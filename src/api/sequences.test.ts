// A sequence: a transfer from the balance to the payment as one call, which waits for the customer,
// goes on after a crash, and is taken back where it cannot be ended.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { endAbandonedRuns } from '#background';
import { canonicalJson, externalId } from '#core';
import { openAgentBank, screenHolder, trustAgent } from '../../test/agent-bank.ts';
import { during } from '../../test/during.ts';
import type { Reply } from '../../test/api.ts';

const steps = ['transfers.prepare', 'transfers.confirm', 'transfers.withdraw', 'holdings.list'];
const bank = await openAgentBank({ after }, [...steps, 'sequences.pay', 'sequences.offer']);
const { api, boss, customer, stranger, agent, call } = bank;
const { superuser, time } = api.bank;
const ada = await api.issue(boss, customer.principal, {
  scopes: ['payments:read', 'payments:write'],
});
const order = {
  ...{ from_account_id: customer.account, to_account_id: stranger.account },
  ...{ amount: 5_000, currency: 'EUR' },
};
await screenHolder(api.bank, { tenant: 'agents-1', party: stranger.party });
await trustAgent(api.bank, { tenant: 'agents-1', agent, customer });

function pay(key: string, more: object = {}): Promise<Reply> {
  return call('sequences.pay', { ...order, ...more }, { headers: { 'idempotency-key': key } });
}

function told({ json }: Reply) {
  const { status, steps: each } = json.output;
  return [status, ...each.map((step: any) => `${step.step} ${step.status}`)];
}

async function events(run: string): Promise<string[]> {
  await api.seal();
  const { rows } = await superuser.query(
    `select body::jsonb #> '{data,payload}' as told, type from core.event
      where body::jsonb #>> '{data,payload,run_id}' = $1 order by seq`,
    [run],
  );
  return rows.map(({ type, told: of }) =>
    [type, of.step, of.step_status, of.code, of.status].filter(Boolean).join(' '),
  );
}

test('it waits for the customer, goes on where it was, and pays once', async () => {
  const first = await pay('one');
  assert.equal(first.status, 200, first.text);
  assert.deepEqual(told(first), ['waits', 'balances done', 'prepare done', 'confirm waits']);
  const { run_id, proposal } = first.json.output;
  assert.equal(proposal.waits_for, 'customer');
  assert.deepEqual(told(await pay('one')), told(first), 'asked again, it waits as before');
  await ada.post(`/v1/customer/proposals/${proposal.proposal_id}/confirm`, {});
  const done = await pay('one');
  assert.deepEqual(told(done), ['done', 'balances done', 'prepare done', 'confirm done']);
  assert.equal(done.json.output.steps[2].output.status, 'posted', done.text);
  assert.deepEqual(told(await pay('one')), told(done), 'asked again, it tells what came of it');
  assert.deepEqual(await events(run_id), [
    'sequence.begun',
    'sequence.moved balances done',
    'sequence.moved prepare done',
    'sequence.moved confirm waits',
    'sequence.moved confirm done',
    'sequence.ended done',
  ]);
  const changed = await pay('one', { amount: 6_000 });
  assert.deepEqual([changed.status, changed.json.code], [422, 'idempotency_key_reused']);
});

test('what the customer rejects is taken back', async () => {
  const first = await pay('two');
  const { run_id, proposal } = first.json.output;
  await ada.post(`/v1/customer/proposals/${proposal.proposal_id}/reject`, {});
  const back = await pay('two');
  assert.deepEqual(told(back), ['undone', 'balances done', 'prepare undone', 'confirm failed']);
  assert.equal(back.json.output.problem.code, 'approval_invalid');
  const listed = await boss.get('/v1/sequence-runs?status=undone');
  assert.deepEqual(
    listed.json.items.map(({ id }: { id: string }) => id),
    [run_id],
  );
  assert.equal((await boss.get(`/v1/sequence-runs/${run_id}`)).json.status, 'undone');
});

test('a step that fails ends it before anything is prepared', async () => {
  const poor = await pay('three', { amount: 99_999_999 });
  assert.deepEqual(told(poor), ['undone', 'balances done', 'prepare failed']);
  assert.equal(poor.json.output.problem.code, 'conflict');
  const keyless = await api.caller(await bank.token()).send({
    ...{ method: 'POST', url: '/v1/tools/sequences.pay', payload: order },
  });
  assert.deepEqual([keyless.status, keyless.json.code], [400, 'idempotency_key_missing']);
});

test('nothing is offered to whom nobody may offer anything', async () => {
  const offer = async (key: string) => {
    const token = await bank.token({ purpose: 'advice' });
    return call('sequences.offer', {}, { token, headers: { 'idempotency-key': key } });
  };
  const without = await offer('o1');
  assert.deepEqual(told(without), ['undone', 'holdings done', 'products failed'], without.text);
  assert.match(without.json.output.problem.detail, /needs first: marketing/);
  await boss.post('/v1/consents', {
    ...{ purpose: 'marketing', channel: 'in_app', person: customer.party, status: 'granted' },
    ...{ source: 'app', text_version: '2026-01' },
  });
  assert.deepEqual(told(await offer('o2')), ['done', 'holdings done', 'products done']);
});

test('it goes on after a crash, and ends where nobody comes back for it', async () => {
  // As a server leaves it that dies after the first step.
  const balances = { step: 'balances', status: 'done', call_id: null, output: null };
  const { rows } = await superuser.query<{ id: string }>(
    `insert into gateway.sequence_run (tenant_id, id, agent_id, customer, consent, purpose, tool,
       version, key, arguments, turns, begun_at, moved_at)
     values ('agents-1', uuidv7(), $1, $2, $3, 'servicing', 'sequences.pay', 1, 'five', $4, $5, $6,
       $6) returning id`,
    [
      ...[agent, customer.party, customer.consent, canonicalJson(order)],
      ...[JSON.stringify([balances]), new Date(time.now)],
    ],
  );
  const run_id = externalId('sequence', rows[0]?.id ?? '');
  // And that had prepared, but not written that down.
  const headers = { 'idempotency-key': `${run_id}.prepare` };
  const { proposal_id } = (await call('transfers.prepare', order, { headers })).json.output;
  const other = await call('transfers.prepare', { ...order, amount: 1 }, { headers });
  assert.deepEqual([other.status, other.json.code], [422, 'idempotency_key_reused']);
  const resumed = await pay('five');
  const steps = ['balances done', 'prepare done', 'confirm waits'];
  assert.deepEqual(told(resumed), ['waits', ...steps]);
  assert.equal(resumed.json.output.proposal.proposal_id, proposal_id, 'prepared once');
  time.now += 86_400_000;
  const { planes } = api.bank;
  const status = async () => (await boss.get(`/v1/sequence-runs/${run_id}`)).json.status;
  await during(
    (signal) => endAbandonedRuns({ planes, signal, onError: assert.ifError }),
    async () => (await status()) !== 'waits',
  );
  assert.equal(await status(), 'abandoned');
});

test('what the agent takes back, nobody has rejected', async () => {
  const { proposal_id } = (await call('transfers.prepare', order)).json.output;
  const back = await call('transfers.withdraw', { proposal_id });
  assert.equal(back.json.output.status, 'withdrawn', back.text);
  assert.equal((await boss.get(`/v1/proposals/${proposal_id}`)).json.status, 'withdrawn');
  const again = await call('transfers.withdraw', { proposal_id });
  assert.equal(again.status, 200, 'as before');
  const { json } = await ada.post(`/v1/customer/proposals/${proposal_id}/confirm`, {});
  assert.equal(json.code, 'approval_invalid');
});

test('a run is its agent’s for its customer, and nobody else’s', async () => {
  const { run_id } = (await pay('four')).json.output;
  const own = api.caller(await bank.token());
  assert.equal((await own.get(`/v1/sequence-runs/${run_id}`)).json.status, 'waits');
  const { principal: sub, consent } = stranger;
  const other = api.caller(await bank.token({ sub, consent }));
  assert.equal((await other.get(`/v1/sequence-runs/${run_id}`)).status, 404);
  const same = await call('sequences.pay', order, {
    token: await bank.token({ sub, consent }),
    headers: { 'idempotency-key': 'four' },
  });
  assert.deepEqual(told(same), ['undone', 'balances failed'], 'a run of its own');
});
