import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { seededRandom, withTx } from '#core';
import { day, hold, move, openBank, openShop, uuidOf } from '../../../test/bank.ts';
import { readBoard, readHistory, readMaturity } from './board.ts';
import { objectives, type Window } from './objectives.ts';
import { createRecorder, type Recorder } from './recorder.ts';
import { checkJournal, lookThroughJournal, rollUp } from './upkeep.ts';

const bank = await openBank({ after });
const { planes, superuser, time } = bank;
const pools = { app: planes.database.pool('app'), read: planes.database.pool('read') };
const minute = 60_000;
const hour = 60 * minute;
let seeds = 100;

/** Of a process of its own. */
function recorder(): Recorder {
  seeds += 1;
  return createRecorder({ clock: planes.clock, random: seededRandom(seeds) });
}

async function board(tenant: string) {
  return withTx(pools.read, (tx) => readBoard(tx, time.now), { tenant, readOnly: true });
}

async function reading(tenant: string, name: string, window: Window) {
  const { items } = await board(tenant);
  const found = items
    .find((item) => item.name === name)
    ?.windows.find((each) => each.window === window);
  assert.ok(found, `${name} ${window}`);
  return found;
}

test('where nothing was measured there is no data, which is neither good nor nought', async () => {
  const { id } = await bank.tenant();
  const { items, folded_through } = await board(id);
  assert.equal(folded_through, null);
  assert.equal(items.length, 6);
  for (const each of items.flatMap((item) => item.windows)) {
    assert.deepEqual(
      [each.status, each.value, each.denominator, each.burn_rate],
      ['no_data', null, 0, null],
    );
  }
  const maturity = await withTx(pools.read, (tx) => readMaturity(tx, time.now), { tenant: id });
  assert.equal(maturity.items.length, 5);
  for (const each of maturity.items.flatMap((item) => item.windows)) {
    assert.deepEqual([each.status, each.value], ['no_data', null]);
  }
});

test('what two processes have measured is one figure, and written again the same', async () => {
  const { id } = await bank.tenant();
  const stranger = await bank.tenant();
  const [one, other] = [recorder(), recorder()];
  for (let index = 1; index <= 90; index += 1) one.observe(id, 'authorization', 100);
  for (let index = 1; index <= 10; index += 1) other.observe(id, 'authorization', 400);
  await one.flush(pools.app);
  await other.flush(pools.app);
  await other.flush(pools.app);
  const slow = await reading(id, 'authorization-latency', '1h');
  assert.deepEqual([slow.status, slow.numerator, slow.denominator], ['missed', 10, 100]);
  assert.ok(Math.abs((slow.value ?? 0) - 400) <= 4, `95 of 100 within ${slow.value}`);
  assert.equal(slow.burn_rate, 2);
  // More of the same minute: the row is written again with all of it, and not added to itself.
  for (let index = 1; index <= 200; index += 1) one.observe(id, 'authorization', 100);
  await one.flush(pools.app);
  const fast = await reading(id, 'authorization-latency', '1h');
  assert.deepEqual([fast.status, fast.numerator, fast.denominator], ['met', 10, 300]);
  assert.equal((await reading(stranger.id, 'authorization-latency', '1h')).status, 'no_data');
});

test('an authorization that failed is a bad one, however quickly it did', async () => {
  const { id } = await bank.tenant();
  const one = recorder();
  for (let index = 1; index <= 9; index += 1) one.observe(id, 'authorization', 10);
  one.count(id, 'authorization_failed');
  await one.flush(pools.app);
  const { status, numerator, denominator } = await reading(id, 'authorization-latency', '24h');
  assert.deepEqual([status, numerator, denominator], ['missed', 1, 10]);
});

test('what cannot be written is written next time; what has no room is counted', async () => {
  const { id } = await bank.tenant();
  const one = recorder();
  one.count(id, 'idempotency_keyed', 3);
  const broken = { connect: async () => Promise.reject(new Error('away')) };
  await assert.rejects(one.flush(broken as never), /away/);
  one.count(id, 'idempotency_keyed', 2);
  await one.flush(pools.app);
  const { rows } = await superuser.query(
    `select count::int, buckets from slo.measure where tenant_id = $1`,
    [id],
  );
  assert.deepEqual(rows, [{ count: 5, buckets: [] }]);
  for (let index = 0; index < 20_010; index += 1) one.count(`t${index}`, 'idempotency_keyed');
  assert.ok((one.totals().dropped ?? 0) >= 10);
  assert.equal(one.totals().idempotency_keyed, 20_015);
});

test('each window has what lies within it, before and after minutes are rolled up', async () => {
  const { id } = await bank.tenant();
  const start = time.now;
  const one = recorder();
  const ages = [10 * minute, 3 * hour, 3 * day, 20 * day, 40 * day];
  for (const age of ages.toReversed()) {
    time.now = start - age;
    one.observe(id, 'authorization', 100);
    one.observe(id, 'authorization', 300);
  }
  time.now = start;
  await one.flush(pools.app);
  const counts = async () => {
    const found: [number, number][] = [];
    for (const window of ['1h', '24h', '7d', '30d'] as const) {
      const { numerator, denominator } = await reading(id, 'authorization-latency', window);
      found.push([numerator, denominator]);
    }
    return found;
  };
  const expected = [
    [1, 2],
    [2, 4],
    [3, 6],
    [4, 8],
  ];
  assert.deepEqual(await counts(), expected);
  await rollUp(pools.app, start);
  assert.deepEqual(await counts(), expected);
  const rows = await superuser.query(
    `select count(*) filter (where process = 'hour')::int as hours, count(*)::int as all
       from slo.measure where tenant_id = $1`,
    [id],
  );
  assert.deepEqual(rows.rows, [{ hours: 3, all: 5 }]);
  // Of an hour that was rolled up before, what comes late is added.
  const late = recorder();
  time.now = start - 3 * day;
  late.observe(id, 'authorization', 100);
  time.now = start;
  await late.flush(pools.app);
  await rollUp(pools.app, start);
  assert.deepEqual(await reading(id, 'authorization-latency', '7d').then(bothOf), [3, 7]);
  // After 90 days they are forgotten.
  await rollUp(pools.app, start + 60 * day);
  const left = await superuser.query(
    `select count(*)::int as left from slo.measure where tenant_id = $1`,
    [id],
  );
  assert.equal(left.rows[0].left, 4);
});

function bothOf({ numerator, denominator }: { numerator: number; denominator: number }) {
  return [numerator, denominator];
}

test('the history has a point for each step, and says where nothing was measured', async () => {
  const { id } = await bank.tenant();
  const start = time.now;
  const one = recorder();
  one.observe(id, 'authorization', 100);
  time.now = start - 2 * hour;
  one.observe(id, 'authorization', 300);
  time.now = start;
  await one.flush(pools.app);
  const [objective] = objectives;
  assert.ok(objective);
  const points = await withTx(
    pools.read,
    (tx) => readHistory(tx, { objective, window: '24h', step: '1h', now: start }),
    { tenant: id },
  );
  assert.equal(points.length, 25);
  const told = points.filter(({ status }) => status !== 'no_data');
  assert.deepEqual(
    told.map(({ from, status, denominator }) => [from, status, denominator]),
    [
      [new Date(start - 2 * hour).toISOString(), 'missed', 1],
      [new Date(start).toISOString(), 'met', 1],
    ],
  );
});

async function checked(tenant: string, span: { from: number; to: number }) {
  const found = await withTx(pools.read, (tx) => checkJournal(tx, span), { tenant });
  const sum = (of: 'rows' | 'violations') => found.reduce((total, each) => total + each[of], 0);
  return { rows: sum('rows'), violations: sum('violations') };
}

test('exactly once is found out by looking: a row that is there twice is found', async () => {
  const { tenant, customer, merchant } = await openShop(bank, 1_000);
  const held = await tenant.ok(hold(customer, merchant, 100));
  await tenant.ok({ kind: 'capture', hold_id: held.hold, amount: 60 } as never);
  const paid = await tenant.ok([move(customer, merchant, 10), move(customer, merchant, 20)]);
  const span = { from: time.now - minute, to: time.now + minute };
  const check = () => checked(tenant.id, span);
  assert.deepEqual(await check(), { rows: 5, violations: 0 });
  const original = uuidOf('transfer', paid.transfers[0] ?? '');
  const { rows: found } = await superuser.query(
    `insert into money.transfer
     select (jsonb_populate_record(t, jsonb_build_object('id', overlay(t.id::text
         placing '000000000001' from 25), 'debit_version', 900, 'credit_version', 900))).*
       from money.transfer t where id = $1 returning id`,
    [original],
  );
  assert.equal(found.length, 1);
  assert.deepEqual(await check(), { rows: 6, violations: 1 });
  // It is looked for once it has settled, and once alone.
  time.now += 3 * minute;
  await lookThroughJournal(pools, tenant.id, time.now);
  await lookThroughJournal(pools, tenant.id, time.now);
  const told = await reading(tenant.id, 'exactly-once', '1h');
  assert.deepEqual(
    [told.status, told.value, told.numerator, told.denominator],
    ['missed', 1, 1, 6],
  );
});

test('an effect that the log does not tell of is found, and so is one that is gone', async () => {
  const { tenant, customer, merchant } = await openShop(bank, 1_000);
  await tenant.ok(move(customer, merchant, 10));
  const span = { from: time.now - minute, to: time.now + minute };
  const check = () => checked(tenant.id, span);
  assert.deepEqual(await check(), { rows: 2, violations: 0 });
  await superuser.query(`alter table money.transfer disable trigger append_only`);
  await superuser.query(`delete from money.transfer where tenant_id = $1 and amount = 10`, [
    tenant.id,
  ]);
  await superuser.query(`alter table money.transfer enable trigger append_only`);
  assert.deepEqual(await check(), { rows: 1, violations: 1 });
});
