// What offers have changed, folded from the log and told with how sure that is.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type SealedEvent, withTx } from '#core';
import { day, monday, openBank } from '../../../../test/bank.ts';
import { readDashboard } from '../dashboard.ts';
import { drawArm, drawByChance, holdoutPeriod, holdoutWatchedUntil, isExplored } from './arms.ts';
import { readEvidence } from './evidence.ts';
import { listExperiments, readExperiment, readHoldout } from './experiments.ts';
import { learningProjection } from './projection.ts';
import { learningDefault } from './settings.ts';

const bank = await openBank({ after });
const settings = learningDefault;
const customers = Array.from({ length: 20_000 }, (_, index) => `pty_${index}`);

test('a hash draws who is held out: about as many as were asked for, and always the same', () => {
  const draw = (customer: string, at = monday, action = 'a') =>
    drawArm(settings, { tenant: 't', customer, action, at }).arm;
  const count = (arm: string) => customers.filter((each) => draw(each) === arm).length;
  const near = (found: number, expected: number) =>
    assert.ok(Math.abs(found - expected) < 4 * Math.sqrt(expected), `${found}, not ${expected}`);
  near(count('holdout'), 1_000);
  near(count('explored'), 380);
  near(count('control'), 1_862);
  const again = customers.every((each) => draw(each) === draw(each, monday + day));
  assert.ok(again, 'a day later nothing has changed');
  const first = customers.find((each) => draw(each) === 'control') ?? '';
  assert.ok(
    ['b', 'c', 'd', 'e', 'f', 'g'].some((action) => draw(first, monday, action) === 'treated'),
    'each action has a control of its own',
  );
});

test('whoever is out at 5 % is out at 10 %, and a decision of the past counts', () => {
  const wider = { ...settings, holdout_bps: 1_000, control_bps: 2_000 };
  for (const customer of customers.slice(0, 2_000)) {
    const asked = { tenant: 't', customer, action: 'a', at: monday };
    const { arm } = drawArm(settings, asked);
    if (arm === 'holdout') assert.equal(drawArm(wider, asked).arm, 'holdout');
    if (arm !== 'treated') continue;
    const later = drawArm({ ...settings, control_bps: 5_000 }, { ...asked, stored: 'treated' });
    assert.equal(later.arm, 'treated');
  }
});

test('a hold-out ends with its period, and is watched a while longer', () => {
  assert.equal(holdoutPeriod(settings, Date.parse('2026-06-30T23:59:59Z')), '2026-01');
  assert.equal(holdoutPeriod(settings, Date.parse('2026-07-01T00:00:00Z')), '2026-07');
  assert.equal(holdoutWatchedUntil(settings, monday), Date.parse('2026-07-29T00:00:00Z'));
});

test('chance takes each with the probability that is logged, and none while frozen', () => {
  const candidates = ['a', 'b', 'c'].map((code) => ({ code }));
  const taken = new Map<string, number>();
  for (const customer of customers) {
    const draw = drawByChance(candidates, { tenant: 't', customer, at: monday });
    assert.equal(draw?.chosenPpm, 333_333);
    const code = draw?.candidate.code ?? '';
    taken.set(code, (taken.get(code) ?? 0) + 1);
  }
  for (const [, count] of taken) assert.ok(Math.abs(count - 6_667) < 280, String(count));
  // Who was drawn b is drawn anew among what is left: what he was not drawn before has no say.
  const left = candidates.filter(({ code }) => code !== 'b');
  const again = customers.flatMap((customer) => {
    const who = { tenant: 't', customer, at: monday };
    if (drawByChance(candidates, who)?.candidate.code !== 'b') return [];
    return drawByChance(left, who)?.candidate.code ?? [];
  });
  const half = again.filter((code) => code === 'a').length;
  assert.ok(Math.abs(half - again.length / 2) < 3 * Math.sqrt(again.length / 4), String(half));
  assert.equal(drawByChance([], { tenant: 't', customer: 'x', at: monday }), undefined);
  const asked = { tenant: 't', at: monday, isFrozen: true };
  assert.ok(!customers.some((customer) => isExplored(settings, { ...asked, customer })));
});

const at = (days: number) => new Date(monday + days * day).toISOString();

function told(tenant: string, type: string, days: number, payload: object): SealedEvent {
  const data = { occurred_at: at(days), payload };
  const nothing = { position: 0n, tenantPosition: 0n, id: '' };
  return { ...nothing, tenant, type, body: JSON.stringify({ data }) };
}

async function fold(events: readonly SealedEvent[]): Promise<void> {
  await withTx(bank.planes.database.pool('app'), (tx) => learningProjection.fold(tx, 1, events));
}

test('lift is of those whose window has passed, less what would have come by itself', async () => {
  const tenant = await bank.tenant();
  const shown = { action: 'saver', product: 'saver', channel: 'in_app', chosen_ppm: 1_000_000 };
  const arm = (customer: string) => (Number(customer.slice(4)) % 2 === 0 ? 'treated' : 'control');
  const people = customers.slice(0, 4_000);
  const events = people.map((customer, index) =>
    told(tenant.id, arm(customer) === 'treated' ? 'offer.presented' : 'offer.withheld', 0, {
      ...{ ...shown, customer, arm: arm(customer), propensity_ppm: index, because: null },
    }),
  );
  const product = { product_id: 'prd_1', code: 'saver' };
  const opened = people.filter((customer) => {
    const place = Math.floor(Number(customer.slice(4)) / 2);
    return place < (arm(customer) === 'treated' ? 120 : 75);
  });
  await fold([told(tenant.id, 'product.defined', -1, product), ...events]);
  await fold(
    opened.map((party_id) =>
      told(tenant.id, 'account.linked', 3, { party_id, product_id: 'prd_1', role: 'holder' }),
    ),
  );
  // Who opens it after the window, or was offered it yesterday, changes nothing.
  const late = { party_id: people.at(-2), product_id: 'prd_1', role: 'holder' };
  const young = { ...shown, customer: 'pty_young', arm: 'treated', propensity_ppm: 9 };
  await fold([
    told(tenant.id, 'account.linked', 31, late),
    told(tenant.id, 'offer.presented', 39, young),
  ]);
  const now = monday + 40 * day;
  const [found] = await tenant.read((tx) => listExperiments(tx, now));
  assert.deepEqual(
    found?.arms.map(({ arm: name, n, mature, opened: hits }) => [name, n, mature, hits]),
    [
      ['control', 2_000, 2_000, 75],
      ['treated', 2_001, 2_000, 120],
    ],
  );
  assert.equal(found?.lift.z.toFixed(2), '3.30');
  assert.deepEqual([found?.lift.verdict, found?.incremental], ['better', 45]);
  const experiment = await tenant.read((tx) => readExperiment(tx, 'saver', now));
  assert.equal(experiment?.ranking.n, 4_000);
  assert.ok(Math.abs(experiment?.ranking.qini ?? 1) <= 1, JSON.stringify(experiment?.ranking));
  assert.equal(await tenant.read((tx) => readExperiment(tx, 'nothing', now)), undefined);
  const board = await tenant.read((tx) => readDashboard(tx, { now, days: 90 }));
  const last = [{ product: 'saver', action: 'saver', opened: 120 }];
  assert.deepEqual(board.attribution, { window_days: 30, items: last });
  assert.deepEqual(
    board.rows.map(({ arm: name, presented, withheld }) => [name, presented, withheld]),
    [
      ['control', 0, 2_000],
      ['treated', 2_001, 0],
    ],
  );
});

test('a page of the log folds to the same whatever its borders are', async () => {
  const tenant = await bank.tenant();
  const shown = { action: 'saver', product: 'saver', channel: 'sms', propensity_ppm: 1 };
  const one = { customer: 'pty_1', action: 'saver' };
  const steps = [
    told(tenant.id, 'offer.presented', 0, { ...shown, ...one, arm: 'explored', chosen_ppm: 5 }),
    told(tenant.id, 'offer.viewed', 0, one),
    told(tenant.id, 'offer.accepted', 1, one),
    told(tenant.id, 'product.defined', 1, { product_id: 'prd_1', code: 'saver' }),
    told(tenant.id, 'account.linked', 2, {
      ...{ party_id: 'pty_1', product_id: 'prd_1', role: 'holder' },
    }),
    told(tenant.id, 'offer.booked', 2, one),
    told(tenant.id, 'offer.presented', 40, { ...shown, ...one, arm: 'treated' }),
    told(tenant.id, 'offer.expired', 70, one),
  ];
  const pool = bank.planes.database.pool('app');
  const rowsOf = async (generation: number) => {
    const { rows } = await bank.superuser.query(
      `select (to_jsonb(t) - 'generation')::text as row from offers.tally t
        where tenant_id = $1 and generation = $2
       union all select (to_jsonb(p) - 'generation')::text from offers.participant p
        where tenant_id = $1 and generation = $2 order by 1`,
      [tenant.id, generation],
    );
    return rows;
  };
  await withTx(pool, (tx) => learningProjection.fold(tx, 1, steps));
  for (const step of steps) await withTx(pool, (tx) => learningProjection.fold(tx, 2, [step]));
  const whole = await rowsOf(1);
  assert.equal(whole.length, 6, JSON.stringify(whole));
  assert.deepEqual(await rowsOf(2), whole);
  const evidence = await tenant.read(readEvidence);
  assert.deepEqual(evidence.get('saver'), { answers: 2, accepted: 1 });
});

test('who was offered by chance tells what offering one thing to all would bring', async () => {
  const tenant = await bank.tenant();
  const log = [
    ['a', 500_000, true],
    ['b', 500_000, false],
    ['a', 250_000, true],
    ['b', 750_000, true],
  ] as const;
  const events = log.flatMap(([action, chosen_ppm, isAccepted], index) => {
    const one = { action, customer: `pty_${index}` };
    const shown = { ...one, chosen_ppm, product: action, channel: 'in_app', propensity_ppm: 1 };
    const presented = told(tenant.id, 'offer.presented', 0, { ...shown, arm: 'explored' });
    return isAccepted ? [presented, told(tenant.id, 'offer.accepted', 1, one)] : [presented];
  });
  await fold(events);
  const found = await tenant.read((tx) => readExperiment(tx, 'a', monday + day));
  assert.deepEqual(
    [found?.off_policy?.ips.value, found?.off_policy?.snips?.value, found?.off_policy?.n],
    [1.5, 1, 4],
  );
});

test('the hold-out is compared over all actions, customer by customer', async () => {
  const tenant = await bank.tenant();
  const events = customers.slice(0, 400).flatMap((customer, index) => {
    const isOut = index % 4 === 0;
    const shown = { customer, product: 'x', channel: 'email', propensity_ppm: 1 };
    const types = isOut ? 'offer.withheld' : 'offer.presented';
    const arm = isOut ? 'holdout' : 'treated';
    return ['a', 'b'].map((action) => told(tenant.id, types, 0, { ...shown, action, arm }));
  });
  await fold(events);
  const found = await tenant.read((tx) => readHoldout(tx, monday + 40 * day));
  assert.deepEqual(
    found.arms.map(({ arm, n }) => [arm, n]),
    [
      ['holdout', 100],
      ['treated', 300],
    ],
  );
  assert.equal(found.lift.verdict, 'no_difference');
});
