import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type Bank, day, monday, openBank } from '../../../test/bank.ts';
import { type Case, deploy, foldScores, recordCases } from '../../../test/monitored.ts';
import { casesOf, chance, reference, resultOf, watch } from '../../../test/watched.ts';

const bank: Bank = await openBank({ after });
const { superuser } = bank;
const { monitored, report, run, acts } = watch(bank);

/** What the control finds of a day, and whether it has stopped the model. */
async function leakageOf(cases: readonly Case[]) {
  const tenant = await monitored();
  await recordCases(bank, tenant, cases);
  await foldScores(bank);
  const { result, severity, figures } = resultOf(await run(tenant), 'leakage');
  assert.ok(!JSON.stringify(figures).includes('ann@'));
  const isStopped = (await acts(tenant)).includes('suspended by service:controls');
  return { told: `${result} ${severity} ${figures['classes']}`, figures, isStopped };
}

test('a personal value that a model writes again and again is told, and stops it', async () => {
  const leak = { inputs: { 'ann@example.com': 1 } };
  const found = await leakageOf(casesOf(200, (index) => (index % 10 === 7 ? leak : {})));
  assert.deepEqual([found.told, found.isStopped], ['failed severe email', true]);
  assert.deepEqual([found.figures['found'], found.figures['own']], [20, 20]);
});

test('what callers write raises an alert, and stops no model', async () => {
  // In facts that policy has read, some of which are segments; in amounts that look like a card.
  const facts = { note: 'call me at ann@example.com', channel: 'ann@example.com' };
  const figures = { inputs: { amount_home: 4111111111111111 } };
  const found = await leakageOf(
    casesOf(200, (index) => ({ ...(index % 3 ? figures : {}), ...(index % 2 ? { facts } : {}) })),
  );
  assert.deepEqual([found.told, found.isStopped], ['failed warning email pan', false]);
  // By whoever may ask, of a model that decides on commands.
  const asked = { operation: 'decision.make', inputs: { 'ann@example.com': 1 } };
  const flood = await leakageOf(casesOf(200, (index) => (index % 2 ? asked : {})));
  assert.deepEqual([flood.told, flood.isStopped], ['failed warning email', false]);
});

test('the name of who has asked for a decision is no leak', async () => {
  const found = await leakageOf(casesOf(200, () => ({ requester: 'ann@example.com' })));
  assert.deepEqual([found.told, found.isStopped], ['passed none ', false]);
});

test('what was merely asked says nothing of a model that decides on commands', async () => {
  const tenant = await monitored();
  const asked = { operation: 'decision.make', value: 0.99 };
  await recordCases(
    bank,
    tenant,
    casesOf(2_000, (index) => (index % 2 ? asked : {})),
  );
  await foldScores(bank);
  const { cases, drift } = await report(tenant);
  assert.deepEqual([cases, drift.score.level], [1_000, 'none']);
  assert.equal(resultOf(await run(tenant), 'drift').result, 'passed');
});

test('a model that is only ever asked is judged by that', async () => {
  const tenant = await monitored();
  await recordCases(
    bank,
    tenant,
    casesOf(300, () => ({ operation: 'decision.make' })),
  );
  await foldScores(bank);
  assert.equal((await report(tenant)).cases, 300);
});

test('of more cases than are read, a sample of the whole period is', async () => {
  const tenant = await monitored();
  const half = (index: number) => ({ value: index < 1_000 ? 0.1 : 0.9 });
  await recordCases(bank, tenant, casesOf(2_000, half));
  await foldScores(bank);
  const { cases, is_truncated, drift } = await report(tenant, { casesMax: 500 });
  assert.ok(is_truncated && cases > 400 && cases < 600, `${cases}`);
  // Either half of the day is there: of one alone the index would be twice as large.
  const whole = await report(tenant);
  assert.deepEqual([whole.is_truncated, whole.cases], [false, 2_000]);
  assert.ok(Math.abs(drift.score.psi - whole.drift.score.psi) < 0.2 * whole.drift.score.psi);
  assert.deepEqual((await report(tenant, { casesMax: 500 })).cases, cases);
});

test('each version that was heard is tested, and stopped by its number', async () => {
  const tenant = await monitored();
  await deploy(bank, tenant, { reference: reference(), title: 'The next one' }, 1);
  // The one before stands in, and has drifted; the one in production is as it was.
  await recordCases(
    bank,
    tenant,
    casesOf(1_200, (index) =>
      index % 2 ? { version: 2 } : { version: 2, standsIn: 1, value: chance() ** 4 },
    ),
  );
  await foldScores(bank);
  const runs = await run(tenant);
  assert.deepEqual(
    runs.map(({ version, results }) => [version, results[0]?.severity]),
    [
      [2, 'none'],
      [1, 'severe'],
    ],
  );
  const { rows } = await superuser.query(
    `select version from ai.model_act where tenant_id = $1 and act = 'suspended'`,
    [tenant],
  );
  assert.deepEqual(rows, [{ version: 1 }]);
});

test('a model in production that its point does not ask is missed', async () => {
  const tenant = await monitored();
  const unscored = { isScored: false };
  await recordCases(
    bank,
    tenant,
    casesOf(100, () => unscored),
  );
  await foldScores(bank);
  // On the day of its deployment nobody expects it.
  assert.equal(resultOf(await run(tenant), 'fallback').result, 'insufficient');
  await recordCases(
    bank,
    tenant,
    casesOf(100, () => unscored).map((each) => ({ ...each, at: each.at + 2 * day })),
  );
  await foldScores(bank);
  const tuesday = { from: monday + day, to: monday + 2 * day, key: 'tuesday' };
  const { result, summary } = resultOf(await run(tenant, tuesday), 'fallback');
  assert.deepEqual(
    [result, summary],
    ['failed', 'it was not asked once, though its point has decided'],
  );
});
