import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { followProjection, rebuildProjection, withTx } from '#core';
import { openApi } from '../../../test/api.ts';
import { openTill } from '../../../test/paid.ts';
import { readFlow, takeIntoFlow, writeFlow } from './flow.ts';
import { sloProjection } from './projection.ts';
import { sloGeneration } from './series.ts';

const api = await openApi({ after });
const { planes, time } = api.bank;
const app = planes.database.pool('app');

test('the flow tells by minute what was scored, decided, and became of payments', async () => {
  const till = await openTill(api);
  const opened = time.now;
  time.now += 60_000;
  await till.pay();
  await till.pay({ amount: 2_500 });
  await till.pay({ creditor_country: 'KP' });
  await till.pay({ amount: 1_999_000 });
  time.now += 60_000;
  const { json } = await till.authorize();
  await till.step(json.id, 'capture', { clearing_id: 'c1', amount: 4_000 });
  const fold = async () => {
    await api.seal();
    while ((await followProjection(sloProjection, app)) > 0);
    const flow = await till.bank.get('/v1/flow?minutes=3');
    assert.equal(flow.status, 200, flow.text);
    return flow.json.items;
  };
  const [first, second, third] = await fold();
  assert.equal(first.at, new Date(opened).toISOString());
  assert.deepEqual(first.money, { payments: {}, posted: {} });
  assert.ok(first.policy.allow > 0, 'accounts were opened');
  assert.equal(second.money.payments.posted, 2);
  assert.equal(second.money.payments.denied, 1);
  assert.deepEqual(second.money.posted, { EUR: 4_000 });
  assert.equal(second.policy.deny, 1);
  assert.deepEqual(third.money, {
    payments: { authorized: 1, captured: 1 },
    posted: { EUR: 4_000 },
  });
  // In what pages the log was folded makes no difference, nor when what is old was forgotten.
  time.now += 5 * 3_600_000;
  await till.pay();
  const [, , last] = await fold();
  assert.deepEqual(last.money.posted, { EUR: 1_500 });
  const kept = await api.bank.superuser.query('select from slo.flow where tenant_id = $1', [
    till.id,
  ]);
  assert.equal(kept.rowCount, 1);
  const rebuilt = await rebuildProjection(sloProjection, app, () => undefined);
  assert.equal(rebuilt.differences, 0);
});

test('of scores the flow tells how long they took, and why no model was heard', async () => {
  const { id } = await api.bank.tenant();
  const score = (latency_us: number, fallback_reason: string | null = null) => ({
    ...{ tenant: id, at: time.now, type: 'score.produced' },
    payload: { latency_us, fallback_reason },
  });
  // A minute may come in several pages.
  for (const slow of [score(40_000, 'timeout'), score(1_000)]) {
    const flow = new Map();
    for (const event of [...Array.from({ length: 9 }, () => score(2_000)), slow]) {
      takeIntoFlow(flow, event);
    }
    await withTx(app, async (tx) => writeFlow(tx, await sloGeneration(tx), flow));
  }
  const [minute] = await withTx(
    planes.database.pool('read'),
    (tx) => readFlow(tx, { minutes: 1, now: time.now }),
    { tenant: id },
  );
  assert.deepEqual(minute?.ai, { scored: 20, fell_back: { timeout: 1 }, p95_ms: 2.008 });
});
