// What waits for people: budgets that are used up, and commands that policy wants looked at.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openBank } from '../../../test/bank.ts';
import { checkPoints, everyday, openEarning, withEarn } from '../../../test/earning.ts';
import { withApproval } from '../../../test/rewards.ts';
import { askedSweep } from './asked.ts';
import { raiseBudgets } from './asked-budgets.ts';

const bank = await openBank({ after });

/** 40 points of the campaign for each purchase, besides one for each 1.00. */
const summer = withEarn(everyday, {
  rules: [
    {
      ...{ id: 'summer', title: 'A summer of points', campaign: 'summer', points: 40 },
      if: { kind: "== 'purchase'" },
    },
  ],
  reward_of_spend_bps_max: 10_000,
});

test('a campaign gives of its budget, beside what the programme itself gives', async () => {
  const { buy, settle, points, fund, budget, earned } = await openEarning(bank, {
    document: summer,
  });
  await settle();
  await buy(10_000);
  await settle();
  // Nobody has opened the campaign yet: the programme gives what is its own.
  assert.deepEqual(await points(), [100, 0, 0]);
  await fund('summer', 1_000);
  await buy(10_000);
  await settle();
  assert.deepEqual(await points(), [240, 0, 0]);
  assert.equal(await budget('summer'), 960);
  const [first, second] = await earned();
  assert.deepEqual([first?.reason, second?.points], ['campaign_has_no_budget', 140]);
});

test('rules that name a campaign give within its window alone', async () => {
  const { tenant, buy, settle, points, fund, earned } = await openEarning(bank, {
    document: summer,
  });
  const instant = (at: number) => new Date(at).toISOString();
  await withApproval(bank, tenant, 'loyalty.campaign.create', {
    ...{ program: 'everyday', campaign: 'summer', title: 'Summer', description: 'A summer.' },
    ...{ from: instant(bank.time.now), until: instant(bank.time.now + 60_000) },
    ...{ points: 40, budget: 1_000 },
  });
  await buy(1_000);
  await settle();
  await fund('summer', 1_000);
  await buy(1_000);
  bank.time.now += 60_000;
  await buy(1_000);
  await settle();
  assert.deepEqual(await points(), [30 + 40, 0, 0]);
  assert.equal((await earned()).at(-1)?.reason, 'outside_campaign_window');
});

test('what cannot be given for one campaign holds up no other', async () => {
  const banks = [];
  for (let count = 0; count < 2; count += 1) {
    const earning = await openEarning(bank, { document: summer });
    await earning.buy(1_000);
    await earning.settle();
    await earning.fund('summer', 10);
    await earning.buy(1_000);
    await earning.settle();
    banks.push(earning);
  }
  for (const each of banks) await each.fund('summer', 1_000);
  const [first, second] = banks.toSorted((a, b) => (a.tenant.id < b.tenant.id ? -1 : 1));
  assert.ok(first && second);
  const told: string[] = [];
  const given = await raiseBudgets({
    ...bank.planes,
    onError: (error) => told.push(String(error)),
    async execute(input) {
      const { principal, operation } = input;
      if (principal.tenant === first.tenant.id && operation === 'points.award') {
        throw new Error('it is broken');
      }
      return bank.planes.execute(input);
    },
  });
  assert.ok(given >= 1);
  assert.deepEqual(told, ['Error: it is broken']);
  assert.deepEqual(
    [await first.points(), await second.points()],
    [
      [20, 0, 0],
      [60, 0, 0],
    ],
  );
  await first.settle();
  assert.deepEqual(await first.points(), [60, 0, 0]);
});

test('a budget that ends in the middle is used up, and raised by people', async () => {
  const { buy, settle, points, fund, budget, open, approve, events } = await openEarning(bank, {
    document: summer,
  });
  await buy(1_000);
  await settle();
  await fund('summer', 100);
  for (let count = 0; count < 5; count += 1) await buy(1_000);
  await settle();
  // Two awards, and 20 points that are not enough for a third.
  assert.deepEqual(await points(), [60 + 80, 0, 0]);
  assert.equal(await budget('summer'), 20);
  assert.deepEqual((await events('loyalty.budget_exhausted')).length, 1);
  const [approval = '', ...others] = await open();
  assert.deepEqual(others, []);
  await approve(approval);
  await settle();
  assert.deepEqual(await points(), [60 + 200, 0, 0]);
  assert.equal(await budget('summer'), 0);
  assert.deepEqual(await open(), []);
});

test('a budget that nobody raises: what waits is let go, and what was earned stays', async () => {
  const { buy, settle, points, fund, open, approve, earned } = await openEarning(bank, {
    document: summer,
  });
  await buy(1_000);
  await settle();
  await fund('summer', 40);
  for (let count = 0; count < 3; count += 1) await buy(1_000);
  await settle();
  const [approval = ''] = await open();
  await approve(approval, 'reject');
  await settle();
  assert.deepEqual(await points(), [40 + 40, 0, 0]);
  assert.deepEqual(await open(), []);
  assert.deepEqual(
    (await earned()).map(({ outcome }) => outcome),
    ['earned', 'earned', 'earned', 'earned'],
  );
});

test('a refund while an award waits is settled to the point when that is given', async () => {
  const { buy, getBack, settle, points, fund, open, approve } = await openEarning(bank, {
    document: summer,
  });
  await buy(1_000);
  await settle();
  await fund('summer', 10);
  await buy(1_000, { reference: 'order-5' });
  await settle();
  assert.deepEqual(await points(), [20, 0, 0]);
  await getBack(500, { kind: 'refund', of: 'order-5' });
  await settle();
  assert.deepEqual(await points(), [15, 0, 0]);
  const [approval = ''] = await open();
  await approve(approval);
  await settle();
  // Half of 10 and 40.
  assert.deepEqual(await points(), [10 + 25, 0, 0]);
});

test('what was agreed to before it was written down that it was asked is carried out', async () => {
  const { buy, settle, points, open, approve } = await openEarning(bank);
  await buy(2_000_000);
  await settle();
  const [approval = ''] = await open();
  await approve(approval);
  // The consumer has passed the verdict by.
  await bank.superuser.query('update core.consumer set position = 1000000 where name = $1', [
    'loyalty-asked',
  ]);
  const sweep = askedSweep({ ...bank.planes, onError: (error) => assert.ifError(error) });
  assert.equal(await sweep(), 1);
  assert.equal(await sweep(), 0);
  await settle();
  assert.deepEqual(await points(), [20_000, 0, 0]);
});

test('what waits and what was given: not one point is lost or added', async () => {
  await checkPoints(bank);
});
