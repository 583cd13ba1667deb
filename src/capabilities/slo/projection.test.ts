import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  type Decision,
  derivedUuid,
  type EventRow,
  eventRow,
  followProjection,
  type Instant,
  instantToText,
  type Json,
  newCommand,
  rebuildProjection,
  withTx,
} from '#core';
import { day, openBank, seal } from '../../../test/bank.ts';
import { readBoard, readMaturity } from './board.ts';
import type { Window } from './objectives.ts';
import { sloProjection } from './projection.ts';

const bank = await openBank({ after });
const { planes, time, superuser } = bank;
const app = planes.database.pool('app');
const second = 1_000;
const minute = 60 * second;

type Told = { readonly type: string; readonly at?: Instant; readonly payload: Json };

/** Writes events as planes and capabilities write them, and folds them. */
async function tell(tenant: string, events: readonly Told[], isFolded = true): Promise<void> {
  const rows = events.map(({ type, at = time.now, payload }): EventRow => {
    const principal = { kind: 'service', id: 'test', tenant } as const;
    const input = { principal, operation: 'test', body: {}, idempotencyKey: 'none' };
    const command = newCommand(input, { clock: { now: () => at }, random: planes.random });
    const decision: Decision = {
      id: derivedUuid(command.id, 'decision', 0),
      outcome: 'allow',
      policyVersion: 'test@1',
      reasons: [],
      modelScoreRef: null,
      consume: [],
    };
    return eventRow(command, decision, 0, {
      ...{ type, payload, occurredAt: instantToText(at) },
      ...{ accountId: null, amount: null, currency: null },
    });
  });
  await withTx(planes.database.pool('policy'), (tx) =>
    tx.query('select core.record_events($1, $2, $3, $4)', [
      rows.map((row) => row.tenant),
      rows.map(({ id }) => id),
      rows.map(({ type }) => type),
      rows.map(({ body }) => body).join('\n'),
    ]),
  );
  await seal(bank);
  if (isFolded) await fold();
}

async function fold(): Promise<void> {
  while ((await followProjection(sloProjection, app)) > 0);
}

function score(latency_us: number, version = 1, at = time.now, stage = 'production'): Told {
  const model = { name: 'payment-fraud', version, digest: '0' };
  return { type: 'score.produced', at, payload: { model, stage, latency_us } };
}

async function objective(tenant: string, name: string, window: Window = '24h') {
  const read = (tx: Parameters<typeof readBoard>[0]) => readBoard(tx, time.now);
  const { items } = await withTx(planes.database.pool('read'), read, { tenant });
  const found = items
    .find((item) => item.name === name)
    ?.windows.find((each) => each.window === window);
  assert.ok(found);
  const { status, numerator, denominator, value } = found;
  return { status, numerator, denominator, value };
}

async function maturity(tenant: string, name: string, window: Window = '24h') {
  const read = (tx: Parameters<typeof readMaturity>[0]) => readMaturity(tx, time.now);
  const { items } = await withTx(planes.database.pool('read'), read, { tenant });
  const found = items
    .find((item) => item.name === name)
    ?.windows.find((each) => each.window === window);
  assert.ok(found);
  const { status, numerator, denominator, value } = found;
  return [status, numerator, denominator, value];
}

test('how fast models answer is folded from their scores, tenant by tenant', async () => {
  const [{ id }, stranger] = [await bank.tenant(), await bank.tenant()];
  const fast = Array.from({ length: 19 }, () => score(9_000));
  await tell(id, [...fast, score(200_000)]);
  await tell(stranger.id, [score(200_000)]);
  assert.deepEqual(await objective(id, 'scoring-latency'), {
    ...{ status: 'met', numerator: 1, denominator: 20 },
    value: 9.024,
  });
  assert.equal((await objective(stranger.id, 'scoring-latency')).status, 'missed');
  assert.equal((await objective(stranger.id, 'scoring-latency')).denominator, 1);
});

test('a score counts in the windows that reach back to it, and in no other', async () => {
  const { id } = await bank.tenant();
  const ages = [2 * minute, 2 * 60 * minute, 2 * day, 20 * day, 31 * day];
  await tell(
    id,
    ages.map((age) => score(1_000, 1, time.now - age)),
  );
  const counts = [];
  for (const window of ['1h', '24h', '7d', '30d'] as const) {
    counts.push((await objective(id, 'scoring-latency', window)).denominator);
  }
  assert.deepEqual(counts, [1, 2, 3, 4]);
});

const rolledBack = (version: number): Told => ({
  type: 'model.rolled_back',
  payload: { name: 'payment-fraud', version, supersedes: version + 1 },
});

test('a rollback takes until the version that was gone back to is heard', async () => {
  const { id } = await bank.tenant();
  const at = (seconds: number) => time.now + seconds * second;
  await tell(id, [rolledBack(1), score(1, 2, at(1)), score(1, 2, at(2), 'canary')]);
  assert.equal((await objective(id, 'model-rollback')).status, 'no_data');
  await tell(id, [score(1, 1, at(4)), score(1, 1, at(500))]);
  const quick = await objective(id, 'model-rollback');
  assert.deepEqual([quick.status, quick.numerator, quick.denominator], ['met', 0, 1]);
  assert.ok(Math.abs((quick.value ?? 0) - 4_000) <= 40, `${quick.value} ms`);
});

test('a rollback that is not heard of within five minutes is missed', async () => {
  const { id } = await bank.tenant();
  await tell(id, [rolledBack(1), score(1, 2, time.now + 200 * second)]);
  time.now += 6 * minute;
  // Whether or not it succeeds in the end.
  await tell(id, [score(1, 2)]);
  assert.equal((await objective(id, 'model-rollback')).status, 'missed');
  await tell(id, [score(1, 1)]);
  const slow = await objective(id, 'model-rollback');
  assert.deepEqual([slow.status, slow.numerator, slow.denominator], ['missed', 1, 1]);
});

test('that nobody asked for a score in between is not slowness', async () => {
  const { id } = await bank.tenant();
  await tell(id, [rolledBack(1)]);
  time.now += 60 * minute;
  await tell(id, [score(1, 1)]);
  const { status, value } = await objective(id, 'model-rollback');
  assert.deepEqual([status, value], ['met', 0]);
  // Another version came into production before: that rollback is heard no more.
  const deployed = { name: 'payment-fraud', stage: 'production', version: 3 };
  await tell(id, [rolledBack(1), { type: 'model.deployed', payload: deployed }, score(1, 3)]);
  await tell(id, [score(1, 1)]);
  assert.equal((await objective(id, 'model-rollback')).denominator, 1);
});

test('policy drift is what shadows and replays would have decided otherwise', async () => {
  const { id } = await bank.tenant();
  const decided = (outcome: string, ...others: string[]): Told => ({
    type: 'decision.made',
    payload: { outcome, shadows: others.map((other) => ({ bundle: '0', outcome: other })) },
  });
  await tell(id, [decided('allow'), decided('allow', 'allow', 'deny'), decided('review', 'deny')]);
  assert.deepEqual(await maturity(id, 'policy_drift_rate'), ['measured', 2, 3, 2 / 3]);
  const replayed = {
    kind: 'policy',
    status: 'completed',
    decisions: 97,
    identical: 97,
    changed: 0,
  };
  await tell(id, [{ type: 'replay.completed', payload: replayed }]);
  assert.deepEqual(await maturity(id, 'policy_drift_rate'), ['measured', 2, 100, 0.02]);
  assert.deepEqual(await maturity(id, 'replay_determinism_score'), ['no_data', 0, 0, null]);
});

test('only a replay of the same says how deterministic replay is', async () => {
  const { id } = await bank.tenant();
  const replayed = (kind: string, identical: number, status = 'completed'): Told => ({
    type: 'replay.completed',
    payload: { kind, status, decisions: 100, identical, changed: 100 - identical },
  });
  await tell(id, [replayed('same', 100), replayed('same', 99), replayed('model', 1)]);
  await tell(id, [replayed('same', 0, 'cancelled')]);
  assert.deepEqual(await maturity(id, 'replay_determinism_score'), ['measured', 199, 200, 0.995]);
  assert.deepEqual(await maturity(id, 'policy_drift_rate'), ['no_data', 0, 0, null]);
});

test('people overrule a model when they let pass what it has flagged', async () => {
  const { id } = await bank.tenant();
  const reviewed = (verdict: string, ai_proposed = true): Told => ({
    type: 'case.decided',
    payload: { verdict, ai_proposed, proposed: 'review' },
  });
  const all = [reviewed('approve'), reviewed('reject'), reviewed('reject'), reviewed('reject')];
  await tell(id, [...all, reviewed('approve', false)]);
  assert.deepEqual(await maturity(id, 'human_overrule_rate'), ['measured', 1, 4, 0.25]);
});

test('a leak counts once, however many models were looked at of that day', async () => {
  const { id } = await bank.tenant();
  const tested = (found: number, texts: number, daysAgo = 0, control = 'leakage'): Told => ({
    type: 'control.tested',
    payload: {
      ...{ control, result: texts === 0 ? 'insufficient' : found > 0 ? 'failed' : 'passed' },
      figures: { texts, found, own: 0, classes: '' },
      period_to: instantToText(time.now - daysAgo * day),
    },
  });
  await tell(id, [tested(2, 1_200), tested(3, 1_200), tested(1, 600, 2), tested(9, 9, 0, 'drift')]);
  await tell(id, [tested(2, 1_100), tested(0, 0)]);
  const name = 'masked_field_leakage_incidents';
  assert.deepEqual(await maturity(id, name), ['measured', 3, 1_200, 3]);
  assert.deepEqual(await maturity(id, name, '7d'), ['measured', 4, 1_800, 4]);
});

test('folded anew from the log it comes out the same, wherever pages have ended', async () => {
  const { id } = await bank.tenant();
  for (let index = 0; index < 3; index += 1) {
    await tell(id, [rolledBack(1), score(1_000 * index, 2), score(5_000, 1, time.now + second)]);
  }
  await tell(id, [rolledBack(1)]);
  const { events, differences } = await rebuildProjection(sloProjection, app, () => undefined);
  assert.ok(events > 0);
  assert.equal(differences, 0);
  const { rows } = await superuser.query(
    `select through.generation, open.version from slo.folded through
       join slo.rollback open using (tenant_id, generation) where tenant_id = $1`,
    [id],
  );
  assert.deepEqual(rows, [{ generation: 2, version: 1 }]);
  assert.equal((await objective(id, 'model-rollback')).denominator, 3);
});
