// What an agent may ask of the rewards of the customer for whom it acts: read at once, change only
// what the customer has agreed to, and nothing of anybody else.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openAgentBank } from '../../../test/agent-bank.ts';
import type { Reply } from '../../../test/api.ts';
import { tenantOf } from '../../../test/bank.ts';
import { followPoints, openPoints } from '../../../test/points.ts';
import { publishProgram } from '../../../test/programs.ts';
import { everydayProgram } from '../../capabilities/loyalty/program/shipped.ts';

const tools = [
  ...['loyalty.balance', 'loyalty.expiring', 'loyalty.claim_missing_points', 'loyalty.appeal'],
];
const bank = await openAgentBank({ after }, tools);
const { api, boss, checker, customer, stranger, agent, call } = bank;
const { planes, superuser, time } = api.bank;
const id = 'agents-1';
const ada = await api.issue(boss, customer.principal, {
  scopes: ['payments:read', 'payments:write'],
});
const { examples: _examples, ...document } = everydayProgram();
const dinner = { name: 'a dinner', transaction: { kind: 'purchase', amount: 100, mcc: '5999' } };
await publishProgram(api.bank, { id }, {
  document: { ...document, currency: 'EUR', examples: [{ ...dinner, expect: { points: 1 } }] },
} as never);
const points = await openPoints(api.bank, id);
const member = await points.enrol(customer.party);
await points.earn(member, 5_000, { expiresAt: '2026-06-01T00:00:00Z' });
await api.seal();
await followPoints(planes);
const tenant = tenantOf(planes, time, id);

let keys = 0;
function write(tool: string, args: object, key?: string): Promise<Reply> {
  keys += 1;
  time.now += 10_000;
  return call(tool, args, { headers: { 'idempotency-key': key ?? `write-${keys}` } });
}

/** As if people had looked at many calls of each tool before. */
async function trust(): Promise<void> {
  await superuser.query(
    `insert into gateway.proposal (tenant_id, id, agent_id, customer, tool, version, arguments,
       arguments_digest, terms, decision_id, policy_version, made_at, expires_at, status,
       agreed_by, used_key)
     select $1, uuidv7(), $2, $3, tool, 1, '{}', '', '', uuidv7(), '', $4, $4,
       'used', 'user:ada', tool || n
       from generate_series(1, 20) n, unnest($5::text[]) as tool`,
    [id, agent, customer.party, new Date(time.now), tools],
  );
}

const output = async (tool: string, more: object = {}) => (await call(tool, {}, more)).json.output;

test('points, tier and what runs out are told, of the customer alone', async () => {
  assert.deepEqual(await output('loyalty.balance'), {
    programs: [
      {
        ...{ program: 'everyday', title: 'Everyday', standing: 'good', balance: 5_000 },
        ...{ spendable: 5_000, pending: 0, worth: 2_500, tier: 'Blue' },
        next_tier: { tier: 'silver', missing: 5_000 },
        currency: 'EUR',
      },
    ],
  });
  assert.deepEqual(await output('loyalty.expiring'), {
    expiring: [
      {
        ...{ program: 'everyday', month: '2026-05', points: 5_000 },
        first_expires_at: '2026-06-01T00:00:00.000Z',
      },
    ],
  });
  const token = await bank.token({ sub: stranger.principal, consent: stranger.consent });
  assert.deepEqual(await output('loyalty.balance', { token }), { programs: [] });
});

test('a claim waits for the customer, is made once, and so is the appeal', async () => {
  await trust();
  const { transfers } = await tenant.ok({
    ...{ kind: 'post', debit_account_id: customer.account, credit_account_id: stranger.account },
    ...{ amount: 5_000, currency: 'EUR', metadata: { kind: 'card', mcc: '6011' } },
  });
  const args = { program: 'everyday', transaction_id: transfers[0] };
  const waits = await write('loyalty.claim_missing_points', args);
  assert.equal(waits.json.status, 'waits', waits.text);
  assert.match(waits.json.proposal.terms, /Claim points of everyday/);
  const made = 'select count(*)::int as count from loyalty.claim where tenant_id = $1';
  assert.equal((await superuser.query(made, [id])).rows[0].count, 0);
  await ada.post(`/v1/customer/proposals/${waits.json.proposal.proposal_id}/confirm`, {});
  const done = await write('loyalty.claim_missing_points', args, 'claim');
  assert.equal(done.json.output.status, 'refused', done.text);
  assert.match(done.json.output.explanation, /exclude/);
  const again = await write('loyalty.claim_missing_points', args, 'claim');
  assert.equal(again.json.output.claim_id, done.json.output.claim_id, again.text);
  assert.equal((await superuser.query(made, [id])).rows[0].count, 1);

  const { claim_id } = done.json.output;
  const asked = await write('loyalty.appeal', { claim_id });
  assert.equal(asked.json.status, 'waits', asked.text);
  await ada.post(`/v1/customer/proposals/${asked.json.proposal.proposal_id}/confirm`, {});
  const appealed = await write('loyalty.appeal', { claim_id });
  assert.equal(appealed.json.output.status, 'appealed', appealed.text);
  assert.ok(checker);
});

test('nobody claims for what another has paid', async () => {
  await trust().catch(() => undefined);
  const { transfers } = await tenant.ok({
    ...{ kind: 'post', debit_account_id: stranger.account, credit_account_id: customer.account },
    ...{ amount: 100, currency: 'EUR', metadata: { kind: 'card' } },
  });
  const args = { program: 'everyday', transaction_id: transfers[0] };
  const waits = await write('loyalty.claim_missing_points', args);
  await ada.post(`/v1/customer/proposals/${waits.json.proposal.proposal_id}/confirm`, {});
  const refused = await write('loyalty.claim_missing_points', args);
  assert.equal(refused.json.code, 'not_found', refused.text);
});
