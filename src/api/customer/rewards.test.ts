// What customers see of their rewards and redeem, each with their own.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openApi } from '../../../test/api.ts';
import { tenantOf } from '../../../test/bank.ts';
import { followPoints, openPoints } from '../../../test/points.ts';
import { publishProgram } from '../../../test/programs.ts';
import { cashback, withApproval } from '../../../test/rewards.ts';
import { everydayProgram } from '../../capabilities/loyalty/program/shipped.ts';

const api = await openApi({ after });
const { bank } = api;
const id = 'rewarded';
const path = '/v1/customer/rewards';
const boss = await api.tenant(id);
await publishProgram(bank, { id }, { document: everydayProgram() });
await withApproval(bank, { id }, 'loyalty.reward.publish', cashback);
const points = await openPoints(bank, id);
const tenant = tenantOf(bank.planes, bank.time, id);

async function customer(name: string, held: number) {
  const principal = `user:${name}`;
  const app = await api.issue(boss, principal, { scopes: ['loyalty:read', 'loyalty:write'] });
  await boss.post('/v1/role-grants', { principal, role: 'customer' });
  const about = { kind: 'person', country: 'US', status: 'customer', segment: 'person' };
  const made = await boss.post('/v1/parties', { ...about, name, since: '2020-01-01' });
  const party = made.json.party_id;
  const of = { principal, customer: party, region: null, delegated_by: null };
  assert.equal((await boss.post('/v1/principals', of)).status, 201);
  const account = await tenant.open({ bound: 'no_overdraft' });
  await tenant.execute('account.link', { account_id: account, party_id: party });
  const member = await points.enrol(party);
  if (held > 0) await points.earn(member, held, { expiresAt: '2026-06-01T00:00:00Z' });
  await api.seal();
  await followPoints(bank.planes);
  return { app, party, account };
}

const one = await customer('one', 5_000);
const other = await customer('other', 0);

test('a customer sees points, tier, what runs out, and what has moved, in words', async () => {
  const { json } = await one.app.get(path);
  const [found] = json.items;
  assert.deepEqual(
    [found.program, found.balance, found.spendable, found.worth, found.currency],
    ['everyday', 5_000, 5_000, 2_500, 'USD'],
  );
  assert.deepEqual(found.tier, {
    ...{ tier: 'blue', title: 'Blue', until: null, basis: 'earned_points', counted: 5_000 },
    next: { tier: 'silver', threshold: 10_000, missing: 5_000 },
    benefits: [],
  });
  assert.deepEqual(found.expiring, [
    { month: '2026-05', points: 5_000, first_expires_at: '2026-06-01T00:00:00.000Z' },
  ]);
  assert.deepEqual(
    found.entries.map((each: any) => [each.points, each.entry, each.words]),
    [[5_000, 'earn', 'For a purchase.']],
  );
});

test('the catalogue is at the customer’s own price, and for members alone', async () => {
  const { json } = await one.app.get(`${path}/catalogue?program=everyday`);
  assert.deepEqual(
    json.items.map((each: any) => [each.reward, each.points, each.worth, each.available]),
    [['cashback-10', 2_000, 1_000, true]],
  );
  assert.deepEqual(json.items[0].price, [], 'nothing has moved it');
  assert.equal((await one.app.get(`${path}/catalogue?program=miles`)).status, 404);
});

test('a customer redeems by a quote of their own, to an account of their own, once', async () => {
  const quoted = await one.app.post(`${path}/quotes`, {
    ...{ program: 'everyday', reward: 'cashback-10' },
  });
  assert.deepEqual([quoted.status, quoted.json.points], [201, 2_000], quoted.text);
  const body = { program: 'everyday', quote_id: quoted.json.quote_id, account_id: one.account };
  const url = `${path}/redemptions`;
  const stolen = await other.app.post(url, { ...body, account_id: other.account });
  assert.equal(stolen.status, 404, stolen.text);
  const elsewhere = await one.app.post(url, { ...body, account_id: other.account });
  assert.equal(elsewhere.status, 404, elsewhere.text);
  const done = await one.app.post(url, body, { key: 'mine' });
  assert.deepEqual([done.status, done.json.status], [201, 'redeemed'], done.text);
  const again = await one.app.post(url, body, { key: 'mine' });
  assert.deepEqual([again.status, again.json], [200, done.json]);
  assert.equal((await one.app.get(url)).json.items.length, 1);
  assert.deepEqual((await other.app.get(url)).json.items, []);
  await api.seal();
  await followPoints(bank.planes);
  const { json } = await one.app.get(path);
  assert.deepEqual(
    json.items[0].entries.map((each: any) => [each.points, each.words]),
    [
      [-2_000, 'Redeemed for a reward.'],
      [5_000, 'For a purchase.'],
    ],
  );
});

test('a claim is made and appealed by whose transaction it is', async () => {
  const shop = await tenant.open();
  const sides = { debit_account_id: shop, credit_account_id: one.account } as const;
  await tenant.ok({ kind: 'post', ...sides, amount: 50_000, currency: 'USD' });
  const { transfers } = await tenant.ok({
    ...{ kind: 'post', debit_account_id: one.account, credit_account_id: shop },
    ...{ amount: 5_000, currency: 'USD', metadata: { kind: 'card', mcc: '6011' } },
  });
  const body = { program: 'everyday', transfer_id: transfers[0] };
  assert.equal((await other.app.post(`${path}/claims`, body)).status, 404);
  const claimed = await one.app.post(`${path}/claims`, body);
  assert.deepEqual([claimed.json.status, claimed.json.why], ['refused', 'excluded'], claimed.text);
  const url = `${path}/claims/${claimed.json.claim_id}/appeal`;
  assert.equal((await other.app.post(url, {})).status, 404);
  const appealed = await one.app.post(url, {});
  assert.equal(appealed.json.status, 'appealed', appealed.text);
  const listed = await one.app.get(`${path}/claims`);
  assert.deepEqual(listed.json.items, [appealed.json]);
  assert.deepEqual((await other.app.get(`${path}/claims`)).json.items, []);
});

test('whoever is no customer has no rewards here, and customers no lists of the bank', async () => {
  assert.equal((await boss.get(path)).status, 403);
  assert.equal((await one.app.get('/v1/loyalty/redemptions')).status, 403);
});
