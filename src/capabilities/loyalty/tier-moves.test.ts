// Tiers as they are held: up with the event that brings it, down when the year is over, told to the
// core and tried again while that cannot hear it.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { consumePage, Fault, type Json } from '#core';
import { day, openBank } from '../../../test/bank.ts';
import { foldPoints } from '../../../test/points.ts';
import { openRewards, type Rewards } from '../../../test/rewards.ts';
import { takeBackCommand } from './points.ts';
import { everydayProgram } from './program/shipped.ts';
import { readRewards } from './rewards-view.ts';
import {
  attemptsMax,
  benefitConsumer,
  type BenefitParts,
  benefitProvisioner,
} from './tier-benefits.ts';
import { findTier, tierClock, tierFollower } from './tier-moves.ts';

const bank = await openBank({ after });
const { planes, time } = bank;
const program = 'everyday';
const app = planes.database.pool('app');
const onError = (error: unknown) => {
  throw error;
};

async function follow(): Promise<void> {
  await foldPoints(bank);
  const tiers = tierFollower(planes);
  while ((await tiers()) > 0);
  await foldPoints(bank);
}

const tierOf = async ({ tenant }: Rewards, customer: string) =>
  (await tenant.read((tx) => findTier(tx, { program, customer })))?.tier;
const changes = async ({ told: tell }: Rewards) =>
  (await tell('loyalty.tier_changed')).map((each) => {
    const { customer, before, tier, direction } = each as Record<string, string | null>;
    return [customer, before, tier, direction];
  });

test('who has earned enough is of the higher tier at once, never by a balance', async () => {
  const rewards = await openRewards(bank);
  const one = await rewards.points.enrol('cus_1');
  const two = await rewards.points.enrol('cus_2');
  await rewards.points.earn(one, 9_999);
  await rewards.points.earn(two, 9_999);
  await follow();
  assert.deepEqual(await changes(rewards), []);
  await rewards.points.redeem(one, 9_000);
  await rewards.points.earn(one, 1);
  // What was awarded does not count, unless it says so.
  await rewards.points.earn(two, 500, { qualifying: false });
  await follow();
  assert.deepEqual(await changes(rewards), [['cus_1', null, 'silver', 'upgraded']]);
  assert.equal(await tierOf(rewards, 'cus_2'), undefined);
  // Told of the same events again, nothing changes.
  await bank.superuser.query(`update core.consumer set position = 0 where name = 'loyalty-tiers'`);
  await follow();
  assert.equal((await changes(rewards)).length, 1);
});

test('what was taken back counts no more, and costs no tier in the year', async () => {
  const rewards = await openRewards(bank);
  const member = await rewards.points.enrol('cus_1');
  await rewards.points.earn(member, 10_000);
  await follow();
  const { rows } = await bank.superuser.query<{ lot_id: string }>(
    'select lot_id from loyalty.lot where tenant_id = $1',
    [rewards.tenant.id],
  );
  const takes = [{ points: 8_000, lot: rows[0]?.lot_id ?? '', from: 'active' as const }];
  await planes.execute(takeBackCommand({ ...rewards.points.moving(member), takes }));
  await follow();
  const [found] = await rewards.tenant.read((tx) =>
    readRewards(tx, { customer: 'cus_1', at: time.now }),
  );
  assert.deepEqual(
    [found?.tier?.tier, found?.tier?.counted, found?.tier?.next?.missing],
    ['silver', 2_000, 38_000],
  );
});

test('at the end of the year a tier is kept, or falls by one', async () => {
  const rewards = await openRewards(bank);
  const gold = await rewards.points.enrol('cus_gold');
  const loyal = await rewards.points.enrol('cus_loyal');
  // No more at a time than goes without anybody.
  for (let times = 0; times < 4; times += 1) await rewards.points.earn(gold, 10_000);
  await rewards.points.earn(loyal, 10_000);
  await follow();
  const round = tierClock(planes, { onError });
  await round();
  assert.equal(await tierOf(rewards, 'cus_gold'), 'gold');
  // A year in which one of them earns again, and one does not.
  const year = time.now;
  time.now = Date.parse('2027-01-01T00:02:00Z');
  await round();
  assert.equal(await tierOf(rewards, 'cus_gold'), 'gold');
  await rewards.points.earn(loyal, 10_000);
  await follow();
  time.now = Date.parse('2028-01-01T00:02:00Z');
  await Promise.all([round(), tierClock(planes, { onError })()]);
  assert.equal(await tierOf(rewards, 'cus_gold'), 'silver');
  assert.equal(await tierOf(rewards, 'cus_loyal'), 'silver');
  await round();
  assert.equal(await tierOf(rewards, 'cus_gold'), 'silver');
  const kept = (await rewards.told('loyalty.tier_kept')) as { customer: string }[];
  assert.deepEqual(kept.map(({ customer }) => customer).sort(), [
    'cus_gold',
    'cus_loyal',
    'cus_loyal',
  ]);
  time.now = year;
});

test('a programme without tiers has none', async () => {
  const { tiers: _tiers, ...document } = everydayProgram();
  const rewards = await openRewards(bank, { ...document, examples: document.examples.slice(0, 1) });
  const member = await rewards.points.enrol('cus_1');
  await rewards.points.earn(member, 50_000);
  await follow();
  assert.deepEqual(await changes(rewards), []);
});

// Benefits ----------------------------------------------------------------------------------------

/** A core that cannot hear of a customer for so many calls. */
function coreThat(
  customer: string,
  fails: number,
  code: 'core_failed' | 'core_refused' = 'core_failed',
) {
  const calls: Json[] = [];
  let left = fails;
  const core = {
    ...planes.core,
    name: 'bank',
    operations: {
      ...planes.core.operations,
      async recordLoyalty({ id, points, tier }: { id: string; points: number; tier: string }) {
        if (id !== customer) return { id: '0' };
        calls.push({ id, points, tier });
        left -= 1;
        if (left >= 0) throw new Fault(code, 'not now');
        return { id: '1' };
      },
    },
  } as BenefitParts['core'];
  return { calls, core };
}

async function promoted(customer: string) {
  const rewards = await openRewards(bank);
  const member = await rewards.points.enrol(customer);
  await rewards.points.earn(member, 10_000);
  await follow();
  while ((await consumePage(benefitConsumer(), app)) > 0);
  return rewards;
}

async function provision(core: BenefitParts['core'], times: number): Promise<void> {
  const round = benefitProvisioner({ ...planes, core }, { onError });
  const before = time.now;
  for (let at = 0; at < times; at += 1) {
    await round();
    time.now += day / 12;
  }
  time.now = before;
}

const told = async ({ told: tell }: Rewards) => [
  ...(await tell('loyalty.benefit_provisioned')),
  ...(await tell('loyalty.benefit_failed')),
];

test('the core is told of points and tier, and told again until it hears', async () => {
  const rewards = await promoted('cus_heard');
  const { calls, core } = coreThat('cus_heard', 2);
  await provision(core, 4);
  assert.deepEqual(calls, Array(3).fill({ id: 'cus_heard', points: 10_000, tier: 'silver' }));
  assert.deepEqual(await told(rewards), [
    {
      ...{ program, customer: 'cus_heard', tier: 'silver', change: 1, core: 'bank', attempts: 3 },
      benefits: ['no-card-fee'],
    },
  ]);
});

test('after so many times nobody tries any more; what is refused is tried once', async () => {
  const rewards = await promoted('cus_deaf');
  const deaf = coreThat('cus_deaf', 100);
  await provision(deaf.core, attemptsMax + 2);
  assert.equal(deaf.calls.length, attemptsMax);
  const [failed] = (await told(rewards)) as { attempts: number }[];
  assert.equal(failed?.attempts, attemptsMax);
  await promoted('cus_refused');
  const strict = coreThat('cus_refused', 100, 'core_refused');
  await provision(strict.core, 3);
  assert.equal(strict.calls.length, 1);
});

test('a core that knows nothing of tiers is told nothing', async () => {
  const rewards = await promoted('cus_alone');
  await provision(planes.core, 2);
  assert.deepEqual(await told(rewards), []);
  const { rows } = await bank.superuser.query<{ status: string }>(
    'select status from loyalty.benefit where tenant_id = $1',
    [rewards.tenant.id],
  );
  assert.deepEqual(rows, [{ status: 'unsupported' }]);
});
