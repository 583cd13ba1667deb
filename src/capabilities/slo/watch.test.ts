import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Fault, seededRandom, withTx } from '#core';
import { day, openBank, openServer } from '../../../test/bank.ts';
import { listAlerts } from './alerts.ts';
import { objectives } from './objectives.ts';
import { createRecorder } from './recorder.ts';
import { judge, judgedBy, takeTurn } from './watch.ts';

const bank = await openBank({ after });
const { planes, superuser, time } = bank;
const other = openServer({ after }, bank, { name: 'other', seed: 7 });
const app = planes.database.pool('app');
const minute = 60_000;
const fail = (error: unknown) => assert.fail(error as Error);
const processes = [planes, other].map((each) => ({ ...each, onError: fail }));

let seeds = 0;
async function authorizations(tenant: string, fast: number, slow: number): Promise<void> {
  seeds += 1;
  const recorder = createRecorder({ clock: planes.clock, random: seededRandom(seeds) });
  for (let index = 0; index < fast; index += 1) recorder.observe(tenant, 'authorization', 20);
  for (let index = 0; index < slow; index += 1) recorder.observe(tenant, 'authorization', 900);
  await recorder.flush(app);
}

async function told(tenant: string): Promise<string[]> {
  const { rows } = await superuser.query<{ what: string }>(
    `select type || ' ' || (body::jsonb #>> '{data,payload,slo}') || ' '
            || (body::jsonb #>> '{data,payload,rule}') as what
       from core.event where tenant_id = $1 and type like 'slo.%' order by seq`,
    [tenant],
  );
  return rows.map(({ what }) => what);
}

const alerts = (tenant: string, limit = 50, after_?: string) =>
  withTx(planes.database.pool('read'), (tx) => listAlerts(tx, { limit, after: after_ }), {
    tenant,
  });

test('an alert is raised once and cleared once, by however many processes', async () => {
  const { id } = await bank.tenant();
  await authorizations(id, 600, 400);
  const judgeAll = () => Promise.all(processes.map((each) => judge(each, id, time.now)));
  await judgeAll();
  await judgeAll();
  const raised = ['fast', 'slow'].map((rule) => `slo.alert_raised authorization-latency ${rule}`);
  assert.deepEqual((await told(id)).sort(), raised);
  const [newest] = (await alerts(id)).items;
  assert.deepEqual(
    [newest?.numerator, newest?.denominator, newest?.ordinal, newest?.cleared_at],
    [400, 1_000, 1, null],
  );
  // The hour after is a good one: the fast rule is whole again, the day is not yet.
  time.now += 70 * minute;
  await authorizations(id, 200, 0);
  await judgeAll();
  await judgeAll();
  assert.deepEqual((await told(id)).slice(2), ['slo.alert_cleared authorization-latency fast']);
  // It breaks again: that is another alert, with the next number.
  await authorizations(id, 0, 500);
  await judgeAll();
  const fast = (await alerts(id)).items.filter(({ rule }) => rule === 'fast');
  assert.deepEqual(
    fast.map(({ ordinal, cleared_at }) => [ordinal, cleared_at === null]),
    [
      [2, true],
      [1, false],
    ],
  );
});

test('an alert stays while nothing is known', async () => {
  const { id } = await bank.tenant();
  await authorizations(id, 0, 100);
  await judge(planes, id, time.now);
  assert.equal((await told(id)).length, 2);
  time.now += 2 * day;
  await judge(planes, id, time.now);
  assert.equal((await told(id)).length, 2, 'no data is not good');
});

test('few cases raise no alert, but a single one where nothing may fail', () => {
  const [latency, , once] = objectives;
  assert.ok(latency && once);
  const figures = { status: 'missed', value: 900, numerator: 9, denominator: 9 } as const;
  const [fast] = latency.rules;
  const [any] = once.rules;
  assert.ok(fast && any);
  assert.equal(judgedBy(latency, fast, { ...figures, burn_rate: 20 }), undefined);
  assert.equal(judgedBy(once, any, { ...figures, numerator: 1, burn_rate: null }), true);
  assert.equal(judgedBy(once, any, { ...figures, numerator: 0, burn_rate: null }), false);
});

test('a minute is looked after by one process, and each tenant gets its alerts', async () => {
  const [one, two] = [await bank.tenant(), await bank.tenant()];
  await authorizations(one.id, 0, 100);
  await authorizations(two.id, 100, 0);
  const turns = await Promise.all(processes.map((each) => takeTurn(each)));
  assert.equal(turns.filter(Boolean).length, 1);
  assert.equal(await takeTurn(processes[0] as (typeof processes)[number]), false);
  assert.equal((await told(one.id)).length, 2);
  assert.deepEqual(await told(two.id), []);
  time.now += minute;
  assert.equal(await takeTurn(processes[1] as (typeof processes)[number]), true);
});

test('the trouble of one tenant keeps no other waiting', async () => {
  const [broken, whole] = [await bank.tenant(), await bank.tenant()];
  await authorizations(broken.id, 0, 100);
  await authorizations(whole.id, 0, 100);
  time.now += minute;
  const errors: unknown[] = [];
  await takeTurn({
    ...planes,
    onError: (error) => errors.push(error),
    execute: async (input) => {
      if (input.principal.tenant === broken.id) throw new Fault('overloaded', 'for this test');
      return planes.execute(input);
    },
  });
  assert.equal(errors.length, 1);
  assert.deepEqual(await told(broken.id), []);
  assert.equal((await told(whole.id)).length, 2);
});

test('alerts are listed newest first, page by page, and each tenant sees its own', async () => {
  const { id } = await bank.tenant();
  const stranger = await bank.tenant();
  await authorizations(id, 0, 100);
  await judge(planes, id, time.now);
  const first = await alerts(id, 1);
  assert.equal(first.items.length, 1);
  const rest = await alerts(id, 1, first.next ?? '');
  assert.equal(rest.items.length, 1);
  assert.equal(rest.next, null);
  assert.notEqual(rest.items[0]?.rule, first.items[0]?.rule);
  assert.deepEqual((await alerts(stranger.id)).items, []);
});
