// Claims of missing points: the rules answer, what is small is given, all else is for people.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { consumePage, type Json } from '#core';
import { figures, openBank } from '../../../test/bank.ts';
import { type Earning, everyday, openEarning, withEarn } from '../../../test/earning.ts';
import { actAs } from '../../../test/programs.ts';
import { refused } from '../../../test/reviewed.ts';
import { openProgramAccounts } from './accounts.ts';
import { claimConsumer, claimFor, claimFinisher, creditClaim } from './claims-credit.ts';
import { claimOf, readClaim } from './claims.ts';
import { enrolled } from './members.ts';

const bank = await openBank({ after });
const { planes, time } = bank;
const program = 'everyday';
const minute = 60_000;
let keys = 0;

async function claim(earning: Earning, transfer_id: string, more: { customer?: string } = {}) {
  const { tenant, customer } = earning;
  keys += 1;
  const key = `claim-${keys}`;
  const of = { program, customer: more.customer ?? customer, transfer_id };
  const body = (await claimFor(planes, tenant.id, of, key)) as unknown as Json;
  const principal = { kind: 'user', id: 'clerk', tenant: tenant.id } as const;
  const asked = { principal, operation: 'loyalty.claim.make', idempotencyKey: key, body };
  const id = claimOf((await planes.execute(asked)).commandId);
  await creditClaim(planes, tenant.id, id);
  return id;
}

const read = async ({ tenant }: Earning, id: string) => {
  const found = await tenant.read((tx) => readClaim(tx, id));
  return [found?.status, found?.why, found?.points_due, found?.points_given];
};

async function approvalOf({ tenant }: Earning, id: string): Promise<string> {
  return (await tenant.read((tx) => readClaim(tx, id)))?.approval_id ?? '';
}

async function decide(earning: Earning, person: string, body: object) {
  const { tenant } = earning;
  await actAs(bank, tenant, person)('loyalty.claim.decide', { reason: 'seen', ...body } as Json);
  await creditClaim(planes, tenant.id, (body as { claim_id: string }).claim_id);
}

test('what was given is given, and what is excluded is told why', async () => {
  const earning = await openEarning(bank);
  const dinner = await earning.buy(14_999, { mcc: '5812' });
  const cash = await earning.buy(5_000, { mcc: '6011' });
  await earning.settle();
  assert.deepEqual(await read(earning, await claim(earning, dinner)), ['refused', 'given', 0, 0]);
  const id = await claim(earning, cash);
  assert.deepEqual(await read(earning, id), ['refused', 'excluded', 0, 0]);
  const found = await earning.tenant.read((tx) => readClaim(tx, id));
  assert.match(found?.explanation ?? '', /Cash, and what is as good as cash/);
  // One claim for a transaction.
  await refused(claim(earning, dinner), 'conflict');
});

test('only what the customer has paid is claimed', async () => {
  const earning = await openEarning(bank);
  const bought = await earning.buy(10_000);
  await earning.settle();
  await refused(claim(earning, bought, { customer: 'cus_other' }), 'not_found');
  await refused(claim(earning, 'trf_00000000000000000000000000'), 'not_found');
});

/** What accrual has refused to give for a reason that has passed since. */
async function suspendedDinner(
  earning: Earning,
  amount: number,
  metadata: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { tenant, customer } = earning;
  await openProgramAccounts(planes, tenant.id, { program, unit: 'POINTS', currency: 'USD' });
  await enrolled(planes, { tenant: tenant.id, program, customer });
  const change = (standing: string) =>
    tenant.execute('loyalty.member.change', { program, customer, standing, reason: 'a mistake' });
  await change('suspended');
  const dinner = await earning.buy(amount, { mcc: '5812', ...metadata });
  await earning.settle();
  await change('good');
  return dinner;
}

test('what is due and small is given at once, and counts towards the tier', async () => {
  const earning = await openEarning(bank);
  const dinner = await suspendedDinner(earning, 14_999);
  assert.deepEqual(await earning.points(), [0, 0, 0]);
  const id = await claim(earning, dinner);
  assert.deepEqual(await read(earning, id), ['credited', 'due', 300, 300]);
  await earning.settle();
  assert.deepEqual(await earning.points(), [300, 0, 0]);
  const { rows } = await bank.superuser.query(
    'select reason, source, qualifying, expires_at from loyalty.lot where tenant_id = $1',
    [earning.tenant.id],
  );
  assert.deepEqual(
    [rows[0]?.reason, rows[0]?.source, rows[0]?.qualifying],
    ['missing_points', id, true],
  );
  // As the dinner would have had it.
  assert.equal(rows[0]?.expires_at.toISOString(), '2028-04-01T00:00:00.000Z');
});

test('what a claim has given goes back with its purchase, in part and whole', async () => {
  const earning = await openEarning(bank);
  const { getBack, settle, points } = earning;
  const dinner = await suspendedDinner(earning, 14_999, { reference: 'dinner-1' });
  assert.equal((await read(earning, await claim(earning, dinner)))[0], 'credited');
  await settle();
  await getBack(5_000, { kind: 'refund', of: 'dinner-1' });
  await settle();
  assert.deepEqual(await points(), [200, 0, 0]);
  await getBack(9_999, { kind: 'refund', of: 'dinner-1' });
  await settle();
  assert.deepEqual(await points(), [0, 0, 0]);
});

test('for what was sent back before it is claimed nothing is due', async () => {
  const earning = await openEarning(bank);
  const dinner = await suspendedDinner(earning, 14_999, { reference: 'dinner-2' });
  await earning.getBack(14_999, { kind: 'refund', of: 'dinner-2' });
  await earning.settle();
  const found = await read(earning, await claim(earning, dinner));
  assert.deepEqual(found, ['refused', 'sent_back', 0, 0]);
});

test('a tier that was reached since makes nothing due', async () => {
  const earning = await openEarning(bank);
  const { tenant, customer } = earning;
  const bought = await earning.buy(10_000);
  await earning.settle();
  const until = new Date(time.now + 1_000 * minute).toISOString();
  const gold = { tier: 'gold', until, direction: 'upgraded', counted: 50_000, after: 0 };
  await tenant.execute('loyalty.tier.set', { program, customer, ...gold });
  const found = await read(earning, await claim(earning, bought));
  assert.deepEqual(found, ['refused', 'given', 0, 0]);
});

test('what a campaign had no budget for is nobody else’s to give', async () => {
  const rule = { id: 'extra', title: 'Extra', points: 50, campaign: 'summer' };
  const earning = await openEarning(bank, { document: withEarn(everyday, { rules: [rule] }) });
  const bought = await earning.buy(10_000);
  await earning.settle();
  assert.deepEqual(await earning.points(), [100, 0, 0]);
  const found = await read(earning, await claim(earning, bought));
  assert.deepEqual(found, ['refused', 'of_campaign', 0, 0]);
});

test('what was worked out in shadow alone is for people, however small', async () => {
  const earning = await openEarning(bank, { mode: 'shadow' });
  const bought = await earning.buy(10_000);
  await earning.settle();
  const id = await claim(earning, bought);
  assert.deepEqual(await read(earning, id), ['waiting', 'due', 100, 0]);
  await decide(earning, 'ben', { claim_id: id, verdict: 'credit' });
  assert.deepEqual(await read(earning, id), ['credited', 'due', 100, 100]);
});

test('after an appeal people are asked anew, whatever they have said before', async () => {
  const earning = await openEarning(bank);
  const { tenant, customer } = earning;
  const dinner = await suspendedDinner(earning, 100_000);
  const id = await claim(earning, dinner);
  await decide(earning, 'ben', { claim_id: id, verdict: 'credit', points: 12_000 });
  const first = await approvalOf(earning, id);
  await earning.approve(first, 'reject');
  await earning.settle();
  while ((await consumePage(claimConsumer(planes), planes.database.pool('app'))) > 0);
  await tenant.execute('loyalty.claim.appeal', { claim_id: id, customer });
  await decide(earning, 'ann', { claim_id: id, verdict: 'credit', points: 12_000 });
  const second = await approvalOf(earning, id);
  assert.equal((await read(earning, id))[0], 'crediting');
  assert.notEqual(second, first);
  await earning.approve(second);
  await earning.settle();
  while ((await consumePage(claimConsumer(planes), planes.database.pool('app'))) > 0);
  assert.deepEqual(await read(earning, id), ['credited', 'due', 12_000, 12_000]);
  assert.deepEqual(await earning.points(), [12_000, 0, 0]);
});

test('what dies before the points are given is finished, once', async () => {
  const earning = await openEarning(bank);
  const { tenant, customer } = earning;
  const dinner = await suspendedDinner(earning, 14_999);
  const of = { program, customer, transfer_id: dinner };
  const body = (await claimFor(planes, tenant.id, of, 'dead')) as unknown as Json;
  const made = await actAs(bank, tenant, 'clerk')('loyalty.claim.make', body);
  time.now += minute;
  const round = () => claimFinisher(planes, { onError: (error) => assert.fail(String(error)) })();
  await Promise.all([round(), round()]);
  const id = claimOf(made.commandId);
  assert.deepEqual(await read(earning, id), ['credited', 'due', 300, 300]);
  assert.deepEqual(await earning.points(), [300, 0, 0]);
});

test('what is large is for people, none of whom decides on their own claim', async () => {
  const earning = await openEarning(bank);
  const dinner = await suspendedDinner(earning, 100_000);
  const id = await claim(earning, dinner);
  assert.deepEqual(await read(earning, id), ['waiting', 'due', 2_000, 0]);
  const credit = { claim_id: id, verdict: 'credit' };
  await refused(decide(earning, 'clerk', credit), 'not_a_checker');
  await decide(earning, 'ben', credit);
  assert.deepEqual(await read(earning, id), ['credited', 'due', 2_000, 2_000]);
  await refused(decide(earning, 'ben', credit), 'conflict');
  assert.deepEqual(await earning.points(), [2_000, 0, 0]);
});

test('more than 10,000 points wait for an approval of exactly that', async () => {
  const earning = await openEarning(bank);
  const dinner = await suspendedDinner(earning, 100_000);
  const id = await claim(earning, dinner);
  await decide(earning, 'ben', { claim_id: id, verdict: 'credit', points: 12_000 });
  assert.deepEqual(await read(earning, id), ['crediting', 'due', 12_000, 0]);
  await earning.approve(await approvalOf(earning, id));
  await earning.settle();
  while ((await consumePage(claimConsumer(planes), planes.database.pool('app'))) > 0);
  assert.deepEqual(await read(earning, id), ['credited', 'due', 12_000, 12_000]);
  assert.deepEqual(await earning.points(), [12_000, 0, 0]);
});

test('and are not given where people say no', async () => {
  const earning = await openEarning(bank);
  const dinner = await suspendedDinner(earning, 100_000);
  const id = await claim(earning, dinner);
  await decide(earning, 'ben', { claim_id: id, verdict: 'credit', points: 12_000 });
  await earning.approve(await approvalOf(earning, id), 'reject');
  await earning.settle();
  while ((await consumePage(claimConsumer(planes), planes.database.pool('app'))) > 0);
  assert.equal((await read(earning, id))[0], 'refused');
  assert.deepEqual(await earning.points(), [0, 0, 0]);
});

test('a refusal is appealed by the customer alone, once, and another person decides', async () => {
  const earning = await openEarning(bank);
  const { tenant, customer, account } = earning;
  const cash = await earning.buy(5_000, { mcc: '6011' });
  await earning.settle();
  const id = await claim(earning, cash);
  const appeal = (of: string) =>
    tenant.execute('loyalty.claim.appeal', { claim_id: id, customer: of });
  await refused(appeal('cus_other'), 'not_found');
  await appeal(customer);
  await refused(appeal(customer), 'conflict');
  // Nothing is due by the rules: whoever gives points all the same says how many.
  await refused(decide(earning, 'ben', { claim_id: id, verdict: 'credit' }), 'conflict');
  await decide(earning, 'ben', { claim_id: id, verdict: 'refuse' });
  assert.equal((await read(earning, id))[0], 'upheld');
  await refused(appeal(customer), 'conflict');
  assert.ok((await figures(tenant, account))[0] !== 0);
});

test('nobody but people decides, and nobody but the system ends', async () => {
  const earning = await openEarning(bank);
  const dinner = await suspendedDinner(earning, 100_000);
  const id = await claim(earning, dinner);
  const verdict = { claim_id: id, verdict: 'credit', reason: 'machine' };
  await refused(earning.tenant.execute('loyalty.claim.decide', verdict), 'denied');
  const end = { claim_id: id, status: 'credited', points: 1, reason: null, approval_id: null };
  await refused(actAs(bank, earning.tenant, 'ben')('loyalty.claim.end', end), 'denied');
});
