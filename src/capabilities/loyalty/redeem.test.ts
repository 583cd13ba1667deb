// Redeeming: at the quoted price and no other, once, with the stock, and back again.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Fault, Json, Uuid } from '#core';
import { figures, openBank, openServer } from '../../../test/bank.ts';
import { foldPoints } from '../../../test/points.ts';
import { refused } from '../../../test/reviewed.ts';
import { cashback, openRewards, type Rewards, voucher } from '../../../test/rewards.ts';
import { readReward } from './catalogue.ts';
import { readQuote } from './catalogue-quotes.ts';
import { carryOut, expectPoints, redemptionFinisher } from './redeem-steps.ts';
import { findRedemption, readRedemption, redemptionOf } from './redeem.ts';
import { readStanding } from './standing.ts';

const bank = await openBank({ after });
const { planes, time } = bank;
const other = openServer({ after }, bank, { name: 'other', seed: 7 });
const minute = 60_000;
const program = 'everyday';

async function balance({ tenant }: Rewards, customer: string): Promise<number> {
  await foldPoints(bank);
  const found = await tenant.read((tx) => readStanding(tx, program, customer, { at: time.now }));
  return found.balance;
}

async function stockOf({ tenant }: Rewards, reward: string): Promise<number | null | undefined> {
  return (await tenant.read((tx) => readReward(tx, { program, reward })))?.stock_left;
}

test('cashback takes the quoted points and pays the account, once', async () => {
  const rewards = await openRewards(bank);
  await rewards.publish(cashback);
  const { account } = await rewards.member('cus_1', 5_000);
  await foldPoints(bank);
  const quote = await rewards.quote('cus_1', 'cashback-10');
  const found = await rewards.redeem('cus_1', quote, { account_id: account });
  assert.deepEqual(
    [found?.status, found?.points, found?.worth, found?.currency],
    ['redeemed', 2_000, 1_000, 'USD'],
  );
  assert.equal(await balance(rewards, 'cus_1'), 3_000);
  assert.equal((await figures(rewards.tenant, account))[0], 1_000);
  // Whoever goes on with what is done does nothing.
  await carryOut(other, rewards.tenant.id, found?.redemption_id ?? '');
  assert.equal(await balance(rewards, 'cus_1'), 3_000);
  assert.equal((await figures(rewards.tenant, account))[0], 1_000);
});

test('two at once with points for one: one has them, and the other nothing', async () => {
  const rewards = await openRewards(bank);
  await rewards.publish(voucher);
  await rewards.member('cus_1', 3_000);
  await foldPoints(bank);
  const quotes = [
    await rewards.quote('cus_1', 'voucher-10'),
    await rewards.quote('cus_1', 'voucher-10'),
  ];
  const follow = setInterval(() => void foldPoints(bank).catch(() => undefined), 50);
  const found = await Promise.all(quotes.map((each) => rewards.redeem('cus_1', each)));
  clearInterval(follow);
  assert.deepEqual(new Set(found.map((each) => each?.status)), new Set(['redeemed', 'refused']));
  const failed = found.find((each) => each?.status === 'refused');
  assert.equal(failed?.failure, 'insufficient_points');
  assert.equal(await balance(rewards, 'cus_1'), 1_000);
  // What was refused has given its piece back.
  assert.equal(await stockOf(rewards, 'voucher-10'), 4);
});

test('with too few points nothing is begun, and the quote still holds', async () => {
  const rewards = await openRewards(bank);
  await rewards.publish(voucher);
  const { member } = await rewards.member('cus_1', 1_500);
  await foldPoints(bank);
  const quote_id = await rewards.quote('cus_1', 'voucher-10');
  const { id: tenant } = rewards.tenant;
  const wanted = { key: 'buy', body: { program, customer: 'cus_1', quote_id } };
  await assert.rejects(expectPoints(planes, tenant, wanted), (error: unknown) => {
    const { code, detail } = error as Fault;
    assert.deepEqual(
      [code, detail],
      ['insufficient_points', { points_needed: 2_000, points_available: 1_500 }],
    );
    return true;
  });
  await rewards.points.earn(member, 500);
  // On their way to the lots: what is not known to be too few is tried.
  await expectPoints(planes, tenant, wanted);
  await foldPoints(bank);
  await expectPoints(planes, tenant, wanted);
  assert.equal((await rewards.redeem('cus_1', quote_id))?.status, 'redeemed');
});

test('the last piece goes to one of two buyers', async () => {
  const rewards = await openRewards(bank);
  await rewards.publish({ ...voucher, stock: 1 });
  for (const customer of ['cus_1', 'cus_2']) await rewards.member(customer, 5_000);
  await foldPoints(bank);
  const quotes = await Promise.all(
    ['cus_1', 'cus_2'].map((each) => rewards.quote(each, 'voucher-10')),
  );
  const found = await Promise.allSettled(
    ['cus_1', 'cus_2'].map((each, at) => rewards.redeem(each, quotes[at] ?? '')),
  );
  const [lost] = found.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
  assert.equal((lost as Fault).code, 'conflict');
  assert.equal(found.filter(({ status }) => status === 'fulfilled').length, 1);
  assert.equal(await stockOf(rewards, 'voucher-10'), 0);
  await refused(rewards.quote('cus_1', 'voucher-10'), 'conflict');
});

test('a quote is for one customer, once, and for a while', async () => {
  const rewards = await openRewards(bank);
  await rewards.publish(voucher);
  for (const customer of ['cus_1', 'cus_2']) await rewards.member(customer, 9_000);
  await foldPoints(bank);
  const quote = await rewards.quote('cus_1', 'voucher-10');
  await refused(rewards.redeem('cus_2', quote), 'not_found');
  await rewards.redeem('cus_1', quote);
  await refused(rewards.redeem('cus_1', quote), 'conflict');
  const late = await rewards.quote('cus_1', 'voucher-10');
  time.now += 15 * minute;
  await refused(rewards.redeem('cus_1', late), 'conflict');
  assert.equal(await stockOf(rewards, 'voucher-10'), 4);
});

test('what was quoted is paid, though the catalogue has another price by then', async () => {
  const rewards = await openRewards(bank);
  await rewards.publish(voucher);
  await rewards.member('cus_1', 9_000);
  await foldPoints(bank);
  const quote = await rewards.quote('cus_1', 'voucher-10');
  await rewards.publish({ ...voucher, points: 4_000 });
  const found = await rewards.redeem('cus_1', quote);
  assert.deepEqual([found?.points, found?.version], [2_000, 1]);
  const next = await rewards.quote('cus_1', 'voucher-10');
  const told = await rewards.tenant.read((tx) => readQuote(tx, next));
  assert.equal(told?.points, 4_000);
});

test('money goes to an account of the customer, or nothing is taken', async () => {
  const rewards = await openRewards(bank);
  await rewards.publish(cashback);
  const { account } = await rewards.member('cus_1', 9_000);
  const another = await rewards.member('cus_2', 0);
  await foldPoints(bank);
  const quote = () => rewards.quote('cus_1', 'cashback-10');
  await refused(
    rewards.redeem('cus_1', await quote(), { account_id: another.account }),
    'not_found',
  );
  await refused(rewards.redeem('cus_1', await quote()), 'conflict');
  await rewards.tenant.change(account, { status: 'frozen' });
  const found = await rewards.redeem('cus_1', await quote(), { account_id: account });
  assert.deepEqual([found?.status, found?.failure], ['refused', 'credit_account_frozen']);
  assert.equal(await balance(rewards, 'cus_1'), 9_000);
});

test('who is suspended redeems nothing, also where that was decided in between', async () => {
  const rewards = await openRewards(bank);
  await rewards.publish(voucher);
  await rewards.member('cus_1', 9_000);
  await foldPoints(bank);
  const quote = await rewards.quote('cus_1', 'voucher-10');
  const begun = await rewards.as('mara')('loyalty.redemption.begin', {
    ...{ program, customer: 'cus_1', quote_id: quote },
  });
  const change = { program, customer: 'cus_1', standing: 'suspended', reason: 'abuse' };
  await rewards.as('mara')('loyalty.member.change', change);
  const id = redemptionOf(begun.commandId);
  await carryOut(planes, rewards.tenant.id, id);
  const found = await rewards.tenant.read((tx) => readRedemption(tx, id));
  assert.deepEqual([found?.status, found?.failure], ['refused', 'policy_denied']);
  assert.equal(await balance(rewards, 'cus_1'), 9_000);
  assert.equal(await stockOf(rewards, 'voucher-10'), 5);
  await refused(rewards.redeem('cus_1', await rewards.quote('cus_1', 'voucher-10')), 'conflict');
});

test('points whose time is over buy nothing, though nobody has posted that yet', async () => {
  const rewards = await openRewards(bank);
  await rewards.publish(voucher);
  const { member } = await rewards.member('cus_1', 0);
  await rewards.points.earn(member, 5_000, {
    expiresAt: new Date(time.now + minute).toISOString(),
  });
  await foldPoints(bank);
  const quote = await rewards.quote('cus_1', 'voucher-10');
  time.now += 2 * minute;
  const found = await rewards.redeem('cus_1', quote);
  assert.deepEqual([found?.status, found?.failure], ['refused', 'insufficient_points']);
});

// Going on ----------------------------------------------------------------------------------------

/** Planes that die once something has been done. */
function dying(operation: string) {
  let isDead = false;
  return {
    ...planes,
    async execute(input: Parameters<typeof planes.execute>[0]) {
      if (isDead) throw new Error('dead');
      const done = await planes.execute(input);
      if (input.operation === operation) {
        isDead = true;
        throw new Error('dead');
      }
      return done;
    },
  };
}

for (const operation of ['points.redeem', 'journal.post', 'loyalty.redemption.end']) {
  test(`what dies behind ${operation} is finished by another, and done once`, async () => {
    const rewards = await openRewards(bank);
    await rewards.publish(cashback);
    const { account } = await rewards.member('cus_1', 5_000);
    await foldPoints(bank);
    const quote_id = await rewards.quote('cus_1', 'cashback-10');
    const begun = await rewards.as('mara')('loyalty.redemption.begin', {
      ...{ program, customer: 'cus_1', quote_id, account_id: account },
    });
    const id = redemptionOf(begun.commandId);
    await assert.rejects(carryOut(dying(operation), rewards.tenant.id, id), { message: 'dead' });
    await foldPoints(bank);
    time.now += minute;
    const errors: unknown[] = [];
    const rounds = [planes, other].map((each) =>
      redemptionFinisher(each, { onError: (error) => errors.push(error) }),
    );
    await Promise.all(rounds.map((round) => round()));
    assert.deepEqual(errors, []);
    const found = await rewards.tenant.read((tx) => readRedemption(tx, id));
    assert.equal(found?.status, 'redeemed');
    assert.equal(await balance(rewards, 'cus_1'), 3_000);
    assert.equal((await figures(rewards.tenant, account))[0], 1_000);
  });
}

// Back again --------------------------------------------------------------------------------------

async function reverse(rewards: Rewards, id: string) {
  const body = { redemption_id: id, reason: 'the customer has changed their mind' };
  await rewards.as('ben')('loyalty.redemption.reverse', body as Json);
  await carryOut(planes, rewards.tenant.id, id);
  return rewards.tenant.read((tx) => readRedemption(tx, id));
}

test('a reversal gives points back to their lots with the expiry that they had, once', async () => {
  const rewards = await openRewards(bank);
  await rewards.publish(voucher);
  const { member } = await rewards.member('cus_1', 0);
  const expiresAt = new Date(time.now + 60 * minute).toISOString();
  await rewards.points.earn(member, 1_500, { expiresAt });
  await rewards.points.earn(member, 1_500);
  await foldPoints(bank);
  const done = await rewards.redeem('cus_1', await rewards.quote('cus_1', 'voucher-10'));
  const id = done?.redemption_id ?? '';
  await foldPoints(bank);
  assert.equal((await reverse(rewards, id))?.status, 'reversed');
  assert.equal(await balance(rewards, 'cus_1'), 3_000);
  const { rows } = await bank.superuser.query<{ active: bigint }>(
    `select active from loyalty.lot where tenant_id = $1 and expires_at is not null`,
    [rewards.tenant.id],
  );
  assert.deepEqual(
    rows.map(({ active }) => Number(active)),
    [1_500],
  );
  assert.equal(await stockOf(rewards, 'voucher-10'), 5);
  await refused(reverse(rewards, id), 'conflict');
  assert.equal(await balance(rewards, 'cus_1'), 3_000);
});

test('points that policy did not let back are given back once it does', async () => {
  const rewards = await openRewards(bank);
  await rewards.publish(voucher);
  await rewards.member('cus_1', 3_000);
  await foldPoints(bank);
  const done = await rewards.redeem('cus_1', await rewards.quote('cus_1', 'voucher-10'));
  const id = done?.redemption_id ?? '';
  await foldPoints(bank);
  const body = { redemption_id: id, reason: 'the customer has changed their mind' };
  await rewards.as('ben')('loyalty.redemption.reverse', body);
  const { tenant } = rewards;
  // As if a rule of the bank had said no to the first try.
  const denied = {
    ...planes,
    async execute(input: Parameters<typeof planes.execute>[0]) {
      if (input.operation !== 'points.restore') return planes.execute(input);
      const principal = { kind: 'user', id: 'mara', tenant: tenant.id } as const;
      return planes.execute({ ...input, principal });
    },
  };
  await refused(carryOut(denied, tenant.id, id), 'conflict');
  assert.equal(await balance(rewards, 'cus_1'), 1_000);
  await Promise.all([carryOut(planes, tenant.id, id), carryOut(other, tenant.id, id)]);
  assert.equal(await balance(rewards, 'cus_1'), 3_000);
  const found = await tenant.read((tx) => readRedemption(tx, id));
  assert.equal(found?.status, 'reversed');
});

test('cashback that was spent is not taken back; later it may be', async () => {
  const rewards = await openRewards(bank);
  await rewards.publish(cashback);
  const { account } = await rewards.member('cus_1', 2_000);
  const { tenant } = rewards;
  const shop = await tenant.open();
  await foldPoints(bank);
  const quote = await rewards.quote('cus_1', 'cashback-10');
  const done = await rewards.redeem('cus_1', quote, { account_id: account });
  const id = done?.redemption_id ?? '';
  const leg = { kind: 'post', currency: 'USD', amount: 600 } as const;
  await tenant.ok({ ...leg, debit_account_id: account, credit_account_id: shop });
  const kept = await reverse(rewards, id);
  assert.deepEqual([kept?.status, kept?.failure], ['redeemed', 'insufficient_funds']);
  assert.equal(await balance(rewards, 'cus_1'), 0);
  await tenant.ok({ ...leg, debit_account_id: shop, credit_account_id: account });
  assert.equal((await reverse(rewards, id))?.status, 'reversed');
  assert.equal(await balance(rewards, 'cus_1'), 2_000);
  assert.equal((await figures(tenant, account))[0], 0);
});

test('what is priced out of bounds is not published, and nothing by one alone', async () => {
  const rewards = await openRewards(bank);
  const subject = { ...voucher, points: 900 };
  await refused(rewards.publish(subject), 'invalid_request');
  await refused(
    rewards.publish({ ...voucher, tiers: [{ tier: 'tin', discount_bps: 1 }] }),
    'invalid_request',
  );
  const alone = rewards.as('mara')('loyalty.reward.publish', voucher as unknown as Json);
  await refused(alone, 'approval_required');
});

test('nobody but the system ends a redemption', async () => {
  const rewards = await openRewards(bank);
  const body = {
    redemption_id: 'rdm_00000000000000000000000000',
    status: 'redeemed',
    failure: null,
  };
  await refused(rewards.as('mara')('loyalty.redemption.end', body), 'denied');
  const of = { program, customer: 'cus_1', tier: 'gold', until: '', direction: 'upgraded' };
  await refused(rewards.as('mara')('loyalty.tier.set', { ...of, counted: 0, after: 0 }), 'denied');
});

test('of another tenant nothing is there', async () => {
  const rewards = await openRewards(bank);
  await rewards.publish(voucher);
  await rewards.member('cus_1', 9_000);
  await foldPoints(bank);
  const done = await rewards.redeem('cus_1', await rewards.quote('cus_1', 'voucher-10'));
  const stranger = await openRewards(bank);
  const look = (tx: Parameters<typeof findRedemption>[0]) =>
    findRedemption(tx, done?.redemption_id ?? ('' as Uuid));
  assert.equal(await stranger.tenant.read(look), undefined);
});
