// Lots beside the ledger: what it has moved, they tell lot by lot; built anew, they are the same.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { derivedUuid, externalId, rebuildProjection, seededRandom, type Uuid } from '#core';
import type { Executed } from '#main';
import { day, openBank, rejected } from '../../../test/bank.ts';
import { openPoints } from '../../../test/points.ts';
import { openBudget } from './accounts.ts';
import { owing, type Member } from './members.ts';
import {
  adjustDownCommand,
  awardCommand,
  earnCommand,
  expireCommand,
  forfeitCommand,
  fundCommand,
  matureCommand,
  redeemCommand,
  restoreCommand,
  takeBackCommand,
  transferCommand,
} from './points.ts';
import { lotProjection } from './projection.ts';
import { listLots, listStandings, readStanding } from './standing.ts';

const bank = await openBank({ after });
const { planes } = bank;
const program = 'everyday';
const facts = { customerPoints: 0, pointValueMicros: 500_000 };
const inDays = (days: number) => new Date(bank.time.now + days * day).toISOString();
const transferOf = ({ commandId }: { commandId: Uuid }, leg = 0) =>
  externalId('transfer', derivedUuid(commandId, 'transfer', leg));

async function openMembers(...customers: string[]) {
  const tenant = await bank.tenant();
  const points = await openPoints(bank, tenant.id);
  const members: Member[] = [];
  for (const customer of customers) members.push(await points.enrol(customer));
  const standing = async ({ customer }: Member) => {
    await points.fold();
    const asked = { at: bank.time.now, since: bank.time.now - 365 * day };
    return tenant.read((tx) => readStanding(tx, program, customer, asked));
  };
  const lots = ({ customer }: Member) =>
    tenant.read(async (tx) => (await listLots(tx, { program, customer }, {})).items);
  return { tenant, points, members: members as [Member, Member], standing, lots };
}

const done = (executed: Executed) => {
  assert.deepEqual(executed.outcome.status, 'accepted', JSON.stringify(executed.outcome));
  return executed;
};

test('a member stands at what the ledger says, with what runs out next', async () => {
  const { points, members, standing, lots, tenant } = await openMembers('cus_1');
  const [member] = members;
  assert.equal((await standing(member)).balance, 0);
  const gift = { rules: ['dining', 'base'], spend: 14_999, expiresAt: '2026-05-01T00:00:00Z' };
  done(await points.earn(member, 300, gift));
  done(await points.earn(member, 50, { to: 'pending', maturesAt: inDays(5) }));
  done(await points.earn(member, 20, { expiresAt: '2026-07-15T10:00:00Z' }));
  const seen = await standing(member);
  const { active, pending, owed, balance, spendable, active_version } = seen;
  assert.deepEqual([active, pending, owed, balance, spendable], [320, 50, 0, 320, 320]);
  assert.equal(active_version, 2);
  assert.deepEqual(seen.expiring, [
    // What runs out as April ends is April's.
    { month: '2026-04', points: 300, first_expires_at: '2026-05-01T00:00:00.000Z' },
    { month: '2026-07', points: 20, first_expires_at: '2026-07-15T10:00:00.000Z' },
  ]);
  assert.deepEqual([seen.earned_in_period, seen.spend_in_period], [370, 14_999]);
  const [, , first] = await lots(member);
  assert.deepEqual(first?.rules, ['dining', 'base']);
  assert.deepEqual([first?.reason, first?.entry, first?.points], ['purchase', 'earn', 300]);
  const listed = await tenant.read((tx) => listStandings(tx, program, {}));
  assert.deepEqual(
    listed.items.map((each) => [each.customer, each.balance]),
    [['cus_1', 320]],
  );
});

test('who decides by lots that have changed since is told so', async () => {
  const { points, members, standing } = await openMembers('cus_1');
  const [member] = members;
  done(await points.earn(member, 300));
  const { active_version } = await standing(member);
  const expects = { [member.accounts.active]: active_version };
  const taking = () =>
    adjustDownCommand({ ...points.moving(member, { expects }), takes: [{ points: 100 }] });
  done(await planes.execute(taking()));
  const late = await planes.execute(taking());
  assert.deepEqual(late.outcome, rejected('account_changed'));
  assert.equal((await standing(member)).spendable, 200);
});

test('points whose time is over are not spendable from that instant, posted or not', async () => {
  const { points, members, standing, lots } = await openMembers('cus_1');
  const [member] = members;
  done(await points.earn(member, 100, { expiresAt: inDays(1) }));
  done(await points.earn(member, 40));
  bank.time.now += day - 1;
  assert.equal((await standing(member)).spendable, 140);
  bank.time.now += 1;
  const over = await standing(member);
  assert.deepEqual([over.active, over.lapsed, over.spendable], [140, 100, 40]);
  const [, lot] = await lots(member);
  const named = [{ lot: lot?.lot_id ?? '', points: 100 }];
  done(await planes.execute(expireCommand({ ...points.moving(member), lots: named })));
  const after = await standing(member);
  assert.deepEqual([after.active, after.lapsed, after.lifetime_expired], [40, 0, 100]);
});

test('a purchase sent back takes its points: of its lot, of others, and what is owed', async () => {
  const { tenant, points, standing, lots } = await openMembers();
  await points.enrol('cus_1');
  const named = { tenant: tenant.id, program, customer: 'cus_1' };
  const member = await owing(planes, named);
  const bought = done(await points.earn(member, 300, { spend: 15_000 }));
  const lot = transferOf(bought);
  done(await points.redeem(member, 250));
  const takes = [
    { points: 50, lot, spend: 15_000 },
    { points: 250, lot, from: 'owed' as const },
  ];
  done(await planes.execute(takeBackCommand({ ...points.moving(member), takes })));
  const below = await standing(member);
  assert.deepEqual([below.active, below.owed, below.balance, below.spendable], [0, 250, -250, 0]);
  assert.deepEqual([below.earned_in_period, below.spend_in_period], [0, 0]);
  // What is earned next pays it first: never more than is owed, whatever the caller has seen.
  const gifts = [{ points: 200, to: 'active' as const, spend: 10_000 }];
  const next = (owed: number) => earnCommand({ ...points.moving(member), gifts, owed, facts });
  done(await planes.execute(next(250)));
  const late = await planes.execute(next(250));
  assert.deepEqual(late.outcome, rejected('insufficient_funds'));
  done(await planes.execute(next(50)));
  const paid = await standing(member);
  assert.deepEqual([paid.active, paid.owed, paid.balance], [150, 0, 150]);
  assert.deepEqual([paid.earned_in_period, paid.spend_in_period], [400, 20_000]);
  assert.deepEqual(
    (await lots(member)).map((each) => [each.points, each.active, each.used['settled'] ?? 0]),
    [
      [150, 150, 0],
      [50, 0, 50],
      [200, 0, 200],
      [300, 0, 0],
    ],
  );
});

test('a campaign gives what its budget has, which the ledger never overdraws', async () => {
  const { tenant, points, members, standing } = await openMembers('cus_1');
  const [member] = members;
  const campaign = 'spring';
  const budget = await openBudget(planes, tenant.id, { program, campaign });
  const money = { budgetLeft: 1_000_000, rewardOfSpendBps: 100, varianceBps: 0 };
  const awarding = (many: number) =>
    awardCommand({
      ...points.moving(member),
      ...{ campaign, budget, gifts: [{ points: many, to: 'active' as const }] },
      facts: { ...facts, ...money },
    });
  const funding = { campaign, budget, points: 500, pointValueMicros: 500_000 };
  const asked = fundCommand({ ...points.moving(member), ...funding });
  const refused = await planes.execute(asked);
  assert.equal(refused.outcome.status === 'rejected' && refused.outcome.code, 'policy_review');
  const none = await planes.execute(awarding(1));
  assert.deepEqual(none.outcome, rejected('insufficient_funds'));
  assert.equal((await standing(member)).balance, 0);
});

test('a redemption sent back gives lots back what they had', async () => {
  const { points, members, standing, lots } = await openMembers('cus_1');
  const [member] = members;
  done(await points.earn(member, 100, { expiresAt: inDays(30) }));
  done(await points.earn(member, 100, { expiresAt: inDays(60) }));
  const of = transferOf(done(await points.redeem(member, 150)));
  assert.equal((await standing(member)).balance, 50);
  const back = { ...points.moving(member), points: 150, of };
  done(await planes.execute(restoreCommand(back)));
  const { balance, lifetime_redeemed, expiring } = await standing(member);
  assert.deepEqual([balance, lifetime_redeemed], [200, 0]);
  assert.equal(
    expiring.reduce((sum, each) => sum + each.points, 0),
    200,
  );
  assert.deepEqual(
    (await lots(member)).map(({ active }) => active),
    [100, 100],
  );
});

test('points given away keep their expiry; what a closed membership has is forfeited', async () => {
  const { tenant, points, members, standing, lots } = await openMembers('cus_1', 'cus_2');
  const [one, two] = members;
  const expiresAt = inDays(30);
  const lot = transferOf(done(await points.earn(one, 100, { expiresAt })));
  const parts = [{ points: 60, lot, expiresAt }];
  const giving = { ...points.moving(one), to: two, parts, facts };
  done(await planes.execute(transferCommand(giving)));
  assert.deepEqual([(await standing(one)).balance, (await standing(two)).balance], [40, 60]);
  const [given] = await lots(two);
  assert.deepEqual([given?.entry, given?.expires_at], ['transfer', expiresAt]);
  const closed = { program, customer: 'cus_1', standing: 'closed', reason: 'asked for' };
  await tenant.execute('loyalty.member.change', closed);
  const member = await points.enrol('cus_1');
  const takes = [{ points: 40 }];
  done(await planes.execute(forfeitCommand({ ...points.moving(member), takes })));
  const { balance, earned_in_period } = await standing(one);
  assert.deepEqual([balance, earned_in_period], [0, 100]);
});

// Whatever order ----------------------------------------------------------------------------------

type Points = Awaited<ReturnType<typeof openPoints>>;

/** What was given or redeemed, to be named by what comes later. */
type Past = { readonly member: Member; readonly id: string; readonly operation: string };

/** Any movement, sensible or not: the ledger says which. */
function movement(points: Points, members: readonly Member[], past: readonly Past[], draw: Draw) {
  const member = members[draw(3)] as Member;
  const many = 1 + draw(90);
  const moving = (of: Member) => points.moving(of);
  const nothing = { member, id: 'trf_none' };
  const any = (pattern: RegExp) => {
    const found = past.filter(({ operation }) => pattern.test(operation));
    return found[draw(Math.max(1, found.length))] ?? nothing;
  };
  const given = any(/earn/);
  const spent = any(/redeem/);
  const expiresAt = draw(2) ? inDays(draw(40)) : null;
  const to = draw(2) === 0 ? ('pending' as const) : ('active' as const);
  const from = (['active', 'pending', 'owed'] as const)[draw(3)] as 'active';
  const named = { points: many, lot: given.id };
  const next = members[(members.indexOf(member) + 1) % 3] as Member;
  const choices = [
    () => earnCommand({ ...moving(member), gifts: [{ points: many, to, expiresAt }], facts }),
    () => earnCommand({ ...moving(member), gifts: [{ points: many, to }], facts, owed: many - 1 }),
    () => redeemCommand({ ...moving(member), points: many }),
    () => redeemCommand({ ...moving(member), points: many }),
    () => restoreCommand({ ...moving(spent.member), points: many, of: spent.id }),
    () => takeBackCommand({ ...moving(given.member), takes: [{ ...named, from }] }),
    () => matureCommand({ ...moving(given.member), lots: [named] }),
    () => matureCommand({ ...moving(member), lots: [{ points: many }], owed: draw(3) }),
    () => expireCommand({ ...moving(given.member), lots: [{ ...named, from }] }),
    () => adjustDownCommand({ ...moving(member), takes: [{ points: many }] }),
    () => {
      const parts = [{ points: many, expiresAt }];
      return transferCommand({ ...moving(member), to: next, parts, facts });
    },
  ];
  return { member, input: choices[draw(choices.length)]!() };
}

type Draw = (below: number) => number;

test('after whatever movements, lots and ledger agree, and are built anew the same', async () => {
  const tenant = await bank.tenant();
  const points = await openPoints(bank, tenant.id);
  const random = seededRandom(7);
  const draw: Draw = (below) => (random.bytes(1)[0] as number) % below;
  const members: Member[] = [];
  for (const customer of ['cus_1', 'cus_2', 'cus_3']) {
    await points.enrol(customer);
    members.push(await owing(planes, { tenant: tenant.id, program, customer }));
  }
  const past: Past[] = [];
  const outcomes = new Set<string>();
  for (let step = 0; step < 160; step += 1) {
    const { member, input } = movement(points, members, past, draw);
    const executed = await planes.execute(input);
    const { operation } = input;
    const isDone = executed.outcome.status === 'accepted';
    outcomes.add(isDone ? operation : 'refused');
    if (isDone) past.push({ member, id: transferOf(executed), operation });
    if (draw(4) === 0) bank.time.now += draw(4) * day;
    if (draw(12) === 0) await points.fold();
  }
  await points.fold();
  assert.equal(outcomes.size, 9, [...outcomes].join());
  const pool = planes.database.pool('app');
  const rebuilt = await rebuildProjection(lotProjection, pool, () => undefined);
  assert.equal(rebuilt.differences, 0);
  for (const { customer, accounts } of members) {
    const asked = { at: bank.time.now };
    const seen = await tenant.read((tx) => readStanding(tx, program, customer, asked));
    for (const role of ['active', 'pending', 'owed'] as const) {
      const balances = await tenant.balances(accounts[role] as string);
      assert.equal(seen[role], Number(balances?.booked), `${customer} ${role}`);
    }
    const { active, pending } = await sumOfLots(tenant.id, customer, rebuilt.generation);
    assert.deepEqual([active, pending], [seen.active, seen.pending]);
  }
});

async function sumOfLots(tenant: string, customer: string, generation: number) {
  const { rows } = await bank.superuser.query(
    `select sum(active) as active, sum(pending) as pending from loyalty.lot
      where tenant_id = $1 and customer = $2 and generation = $3`,
    [tenant, customer, generation],
  );
  return { active: Number(rows[0].active), pending: Number(rows[0].pending) };
}
