// What goes back of a purchase takes its points back: to the point, in whatever order it comes.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { move, openBank } from '../../../test/bank.ts';
import {
  checkPoints,
  type Earning,
  everyday,
  openEarning,
  openParty,
  withEarn,
} from '../../../test/earning.ts';
import { readBudget as readCampaignBudget } from './campaigns.ts';
import { redeemCommand } from './points.ts';
import { keptPoints } from './accrual-worth.ts';
import { openProgramAccounts, programAccounts } from './accounts.ts';
import { readMember } from './members.ts';
import type { Program } from './program/program.ts';
import { takesOf } from './returns-takes.ts';

const bank = await openBank({ after });
const plain = withEarn(everyday, { rules: [] });
const pending: Program = { ...everyday, pending: { days: 14 }, returns: 'only_pending' };

async function redeem({ tenant, customer, settle }: Earning, points: number): Promise<void> {
  await settle();
  const found = await tenant.read(async (tx) => ({
    program: await programAccounts(tx, 'everyday'),
    member: await readMember(tx, 'everyday', customer),
  }));
  assert.ok(found.program && found.member);
  const by = { kind: 'service', id: 'loyalty', tenant: tenant.id } as const;
  const { program, member } = found;
  const more = { reason: 'reward', key: `redeem ${points}`, points };
  const { outcome } = await bank.planes.execute(redeemCommand({ by, program, member, ...more }));
  assert.deepEqual(outcome, { status: 'accepted' });
}

test('refunds take back in proportion, and all of them take all', async () => {
  const { authorize, capture, sendBack, settle, points, earned } = await openEarning(bank);
  const payment = await authorize(14_999);
  await capture(payment, 14_999);
  await settle();
  assert.deepEqual(await points(), [300, 0, 0]);
  // 99.99 of 149.99 at twice the points: 199.98 are kept as 200.
  await sendBack(payment, 'refund', 5_000);
  await settle();
  assert.deepEqual(await points(), [200, 0, 0]);
  await sendBack(payment, 'refund', 1);
  await settle();
  await sendBack(payment, 'refund', 9_998);
  await settle();
  assert.deepEqual(await points(), [0, 0, 0]);
  const [row] = await earned();
  assert.deepEqual([row?.points, row?.points_back, row?.points_taken], [300, 300, 300]);
});

test('a refund of several captures takes of the first before the second', async () => {
  const { authorize, capture, sendBack, settle, points, earned } = await openEarning(bank);
  const payment = await authorize(10_000);
  await capture(payment, 4_000, false);
  await capture(payment, 6_000);
  await settle();
  await sendBack(payment, 'refund', 5_000);
  await settle();
  assert.deepEqual(await points(), [100, 0, 0]);
  assert.deepEqual(
    (await earned()).map(({ points_back }) => points_back),
    [80, 20],
  );
});

test('a refund before its purchase is remembered, and settled when that comes', async () => {
  const { buy, getBack, settle, points, earned } = await openEarning(bank);
  await getBack(3_000, { kind: 'refund', of: 'order-77' });
  await settle();
  assert.deepEqual(await earned(), []);
  await buy(10_000, { reference: 'order-77' });
  await settle();
  assert.deepEqual(await points(), [70, 0, 0]);
  await getBack(7_000, { kind: 'refund', of: 'order-77' });
  await settle();
  assert.deepEqual(await points(), [0, 0, 0]);
});

test('purchase and refund in one page of the log come to what is left', async () => {
  const { buy, getBack, settle, points } = await openEarning(bank);
  await buy(10_000, { reference: 'order-1' });
  await getBack(10_000, { kind: 'return', of: 'order-1' });
  await settle();
  assert.deepEqual(await points(), [0, 0, 0]);
});

test('a reversal in the ledger undoes all of what its purchase has earned', async () => {
  const { buy, tenant, settle, points } = await openEarning(bank);
  const purchase = await buy(10_000);
  await settle();
  await tenant.ok({ kind: 'reverse', transfer_id: purchase });
  await settle();
  assert.deepEqual(await points(), [0, 0, 0]);
});

test('a chargeback takes the points, and gives them again when it is contested', async () => {
  const { authorize, capture, sendBack, represent, settle, points } = await openEarning(bank);
  const payment = await authorize(10_000);
  await capture(payment, 10_000);
  await settle();
  const chargeback = await sendBack(payment, 'chargeback', 10_000);
  await settle();
  assert.deepEqual(await points(), [0, 0, 0]);
  await represent(payment, chargeback);
  await settle();
  assert.deepEqual(await points(), [200, 0, 0]);
  await sendBack(payment, 'chargeback', 10_000);
  await settle();
  assert.deepEqual(await points(), [0, 0, 0]);
});

test('what is spent already is owed, and what is earned next pays it first', async () => {
  const earning = await openEarning(bank);
  const { buy, getBack, settle, points } = earning;
  await buy(10_000, { reference: 'order-2' });
  await redeem(earning, 80);
  await getBack(10_000, { kind: 'refund', of: 'order-2' });
  await settle();
  assert.deepEqual(await points(), [0, 0, 80]);
  await buy(5_000);
  await settle();
  assert.deepEqual(await points(), [0, 0, 30]);
  await buy(5_000);
  await settle();
  assert.deepEqual(await points(), [20, 0, 0]);
});

test('within the balance: other points go for what was spent, and nothing is owed', async () => {
  const earning = await openEarning(bank, { document: { ...everyday, returns: 'within_balance' } });
  const { buy, getBack, settle, points, earned } = earning;
  await buy(10_000, { reference: 'order-3' });
  await redeem(earning, 100);
  await buy(3_000);
  await settle();
  await getBack(10_000, { kind: 'refund', of: 'order-3' });
  await settle();
  assert.deepEqual(await points(), [0, 0, 0]);
  const [row] = await earned();
  assert.deepEqual([row?.points_back, row?.points_taken], [100, 30]);
});

test('pending points alone: what is active stays with the member', async () => {
  const { buy, getBack, settle, points } = await openEarning(bank, { document: pending });
  await buy(10_000, { reference: 'order-4' });
  await settle();
  assert.deepEqual(await points(), [0, 100, 0]);
  await getBack(4_000, { kind: 'refund', of: 'order-4' });
  await settle();
  assert.deepEqual(await points(), [0, 60, 0]);
  bank.time.now += 15 * 86_400_000;
  await settle();
  assert.deepEqual(await points(), [60, 0, 0]);
  await getBack(6_000, { kind: 'refund', of: 'order-4' });
  await settle();
  assert.deepEqual(await points(), [60, 0, 0]);
});

test('what is left of an award goes back to its budget, what was spent does not', async () => {
  const rule = { id: 'extra', title: 'Extra', points: 50, campaign: 'summer' };
  const earning = await openEarning(bank, { document: withEarn(everyday, { rules: [rule] }) });
  const { buy, getBack, fund, budget, settle, points, tenant } = earning;
  const units = { program: 'everyday', unit: 'POINTS', currency: 'USD' };
  await openProgramAccounts(bank.planes, tenant.id, units);
  await fund('summer', 120);
  await buy(10_000, { reference: 'order-5' });
  await buy(10_000, { reference: 'order-6' });
  await settle();
  assert.deepEqual([await points(), await budget('summer')], [[300, 0, 0], 20]);
  await getBack(10_000, { kind: 'refund', of: 'order-5' });
  await settle();
  assert.deepEqual([await points(), await budget('summer')], [[150, 0, 0], 70]);
  const { used, funded, left } = await tenant.read((tx) => readCampaignBudget(tx, 'summer'));
  assert.deepEqual({ used, funded, left }, { used: 50, funded: 120, left: 70 });
  await redeem(earning, 120);
  await getBack(10_000, { kind: 'refund', of: 'order-6' });
  await settle();
  // Of the 50, 30 were there; what is owed is owed to the programme.
  assert.deepEqual([await points(), await budget('summer')], [[0, 0, 120], 100]);
});

test('a reference that two customers have takes nothing from the other', async () => {
  const { tenant, merchant, buy, getBack, settle, points } = await openEarning(bank);
  const party = await openParty(tenant);
  const account = await tenant.open({ holder_id: party });
  await tenant.execute('account.link', { account_id: account, party_id: party });
  await buy(10_000, { reference: '4711' });
  const metadata = { kind: 'card', mcc: '5999', reference: '4711' };
  await tenant.ok(move(account, merchant, 6_000, { metadata }));
  await settle();
  const back = { metadata: { kind: 'refund', of: '4711' } };
  await tenant.ok(move(merchant, account, 6_000, back));
  await settle();
  assert.deepEqual(
    [await points(), await points(party)],
    [
      [100, 0, 0],
      [0, 0, 0],
    ],
  );
  await getBack(4_000, back.metadata);
  await settle();
  assert.deepEqual(await points(), [60, 0, 0]);
});

test('many points that a contested chargeback gives again wait for people, once', async () => {
  const earning = await openEarning(bank, { document: plain });
  const { tenant, buy, getBack, settle, points, open, approve } = earning;
  await buy(1_200_000, { reference: 'order-7' });
  await settle();
  for (const each of await open()) await approve(each);
  await settle();
  assert.deepEqual(await points(), [12_000, 0, 0]);
  const chargeback = await getBack(1_200_000, { kind: 'chargeback', of: 'order-7' });
  await settle();
  assert.deepEqual(await points(), [0, 0, 0]);
  await tenant.ok({ kind: 'reverse', transfer_id: chargeback });
  await settle();
  await settle();
  const [asked, ...others] = await open();
  assert.deepEqual([await points(), others], [[0, 0, 0], []]);
  await approve(asked ?? '');
  await settle();
  assert.deepEqual(await points(), [12_000, 0, 0]);
  await getBack(1_200_000, { kind: 'chargeback', of: 'order-7' });
  await settle();
  assert.deepEqual(await points(), [0, 0, 0]);
});

test('what people agree to when more has gone back since is not given', async () => {
  const earning = await openEarning(bank, { document: plain });
  const { tenant, buy, getBack, settle, points, open, approve } = earning;
  await buy(2_000_000, { reference: 'order-7' });
  await settle();
  for (const each of await open()) await approve(each);
  await settle();
  const chargeback = await getBack(1_500_000, { kind: 'chargeback', of: 'order-7' });
  await settle();
  await tenant.ok({ kind: 'reverse', transfer_id: chargeback });
  await settle();
  const [asked] = await open();
  await getBack(2_000_000, { kind: 'refund', of: 'order-7' });
  await settle();
  assert.deepEqual(await points(), [0, 0, 0]);
  await approve(asked ?? '');
  await settle();
  assert.deepEqual([await points(), await open()], [[0, 0, 0], []]);
});

test('where people say no, it stays taken, and nobody is asked twice', async () => {
  const earning = await openEarning(bank, { document: plain });
  const { tenant, buy, getBack, settle, points, open, approve } = earning;
  await buy(1_200_000, { reference: 'order-7' });
  await settle();
  for (const each of await open()) await approve(each);
  await settle();
  const chargeback = await getBack(1_200_000, { kind: 'chargeback', of: 'order-7' });
  await settle();
  await tenant.ok({ kind: 'reverse', transfer_id: chargeback });
  await settle();
  const [asked] = await open();
  await approve(asked ?? '', 'reject');
  await settle();
  assert.deepEqual([await points(), await open()], [[0, 0, 0], []]);
});

test('whatever goes back, not one point is lost or added', async () => {
  await checkPoints(bank);
});

test('however a purchase is sent back in parts, what is kept never grows and ends at none', () => {
  const amount = fc.integer({ min: 1, max: 1_000_000 });
  const parts = fc.array(fc.nat({ max: 1_000_000 }), { maxLength: 10 });
  const mode = fc.constantFrom('half_up', 'down', 'up' as const);
  fc.assert(
    fc.property(amount, parts, mode, (whole, sent, rounding) => {
      const points = Math.round((whole * 2) / 100);
      const exact = String((whole * 2) / 100);
      let [back, before] = [0, points];
      for (const part of sent) {
        back = Math.min(whole, back + part);
        const kept = keptPoints({ exact, points }, { amount: whole, back }, rounding);
        assert.ok(kept <= before && kept >= 0);
        before = kept;
      }
      assert.equal(keptPoints({ exact, points }, { amount: whole, back: whole }, rounding), 0);
    }),
  );
});

test('what is taken is never more than was given, is owed only where that is the policy', () => {
  const lot = fc
    .record({
      pending: fc.nat(50),
      active: fc.nat(50),
      spent: fc.nat(50),
      expired: fc.nat(50),
      returned: fc.nat(20),
    })
    .map(({ pending: waits, active, spent, expired, returned }, ...rest) => ({
      ...{ lot_id: `trf_${rest.length}`, pending: waits, active, expired, returned },
      ...{ forfeited: 0, expires_at: null, budget: null },
      points: waits + active + spent + expired + returned,
    }));
  const policy = fc.constantFrom('only_pending', 'within_balance', 'unlimited' as const);
  fc.assert(
    fc.property(
      fc.array(lot, { maxLength: 3 }),
      fc.nat(40),
      fc.nat(20),
      fc.nat(300),
      policy,
      (lots, others, owed, points, returns) => {
        const active = lots.reduce((sum, each) => sum + each.active, others);
        const takes = takesOf({ lots, active, owed }, { policy: returns, points });
        const from = (role: string) =>
          takes.filter((take) => take.from === role).reduce((sum, take) => sum + take.points, 0);
        const all = takes.reduce((sum, take) => sum + take.points, 0);
        const had = lots.reduce((sum, each) => sum + each.points - each.expired - each.returned, 0);
        assert.ok(all <= Math.min(points, had));
        assert.ok(from('active') <= active);
        assert.ok(from('pending') <= lots.reduce((sum, each) => sum + each.pending, 0));
        if (returns !== 'unlimited') assert.equal(from('owed'), 0);
        if (returns === 'only_pending') assert.equal(from('active'), 0);
        if (returns === 'unlimited') assert.equal(all, Math.min(points, had));
      },
    ),
  );
});
