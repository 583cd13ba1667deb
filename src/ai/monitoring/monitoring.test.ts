import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Fault, rebuildProjection, type Uuid, withTx } from '#core';
import { type Bank, day, monday, openBank } from '../../../test/bank.ts';
import { actor, foldScores, labelsOf, recordCases } from '../../../test/monitored.ts';
import { cardOf } from '../../../test/scored.ts';
import { casesOf, chance, from, reference, resultOf, watch } from '../../../test/watched.ts';
import { listAlerts, listControlRuns } from './control-views.ts';
import { dayToTest } from './control-runs.ts';
import { scoreProjection } from './projection.ts';
import { type Report, reportOn } from './report.ts';

const bank: Bank = await openBank({ after });
const { planes, superuser } = bank;
const { monitored, report, run, acts } = watch(bank);
const act = actor(bank);

const service = (tenant: string) => ({ tenant, kind: 'service' as const, id: 'card-scheme' });

async function label(
  tenant: string,
  commands: readonly Uuid[],
  of: (index: number) => string,
  source = 'chargeback',
): Promise<void> {
  const who = source === 'review' ? { tenant, id: 'ann' } : service(tenant);
  await act('label.record', labelsOf(commands, of, { at: from, source }), who);
}

test('what models said is on record as decided on, and those on trial beside them', async () => {
  const tenant = await monitored();
  const facts = { channel: 'web', age_years: 24, account_id: 'acc_1', new_device: true };
  const shadows = [{ version: 2, value: 0.7 }];
  await recordCases(
    bank,
    tenant,
    casesOf(1, () => ({ facts, shadows, value: 0.25 })),
  );
  await foldScores(bank);
  const { rows } = await superuser.query(
    `select ordinal, stage, version, served_version, value, outcome, segments, latency_us,
            command_id like 'cmd_%' as joined from ai.score where tenant_id = $1 order by ordinal`,
    [tenant],
  );
  const joined = {
    outcome: 'allow',
    segments: { age: 'under_25', channel: 'web' },
    joined: true,
  };
  assert.deepEqual(rows, [
    {
      ...{ ordinal: 0, stage: 'production', version: 1, served_version: 1, value: 0.25 },
      ...{ ...joined, latency_us: 900 },
    },
    {
      ...{ ordinal: 1, stage: 'shadow', version: 2, served_version: 2, value: 0.7 },
      ...{ ...joined, latency_us: null },
    },
  ]);
});

test('labels join the scores that they judge; the last that was recorded counts', async () => {
  const tenant = await monitored();
  const commands = await recordCases(
    bank,
    tenant,
    casesOf(4, (index) => ({ value: [0.9, 0.8, 0.2, 0.1][index] ?? 0 })),
  );
  const [first, second, third] = commands as [Uuid, Uuid, Uuid, Uuid];
  await label(tenant, [first, second, third], (index) => (index === 0 ? 'genuine' : 'fraud'));
  // The same again, then the contrary, and one that is about another matter.
  await label(tenant, [second], () => 'fraud');
  await label(tenant, [first], () => 'fraud');
  await label(tenant, [third], () => 'genuine');
  await label(tenant, [first], () => 'repaid', 'repayment');
  await label(tenant, [first, second], (index) => (index === 0 ? 'fraud' : 'genuine'), 'review');
  await foldScores(bank);
  const { settled, reviewed, overruled, coverage } = await report(tenant);
  assert.deepEqual([settled.n, settled.positives, settled.auc?.value], [3, 2, 1]);
  assert.deepEqual([coverage?.value, coverage?.n], [0.75, 4]);
  assert.deepEqual([reviewed.n, reviewed.positives], [2, 1]);
  assert.deepEqual([overruled?.value, overruled?.n], [0.5, 2]);
  const assumed = await report(tenant, { unlabelled: 'negative' });
  assert.deepEqual([assumed.settled.n, assumed.settled.positives], [4, 2]);
  const log = await superuser.query(
    `select from core.event
    where tenant_id = $1 and type = 'label.recorded'`,
    [tenant],
  );
  assert.equal(log.rowCount, 9);
});

test('agents record no labels, services review nothing, and nobody labels the future', async () => {
  const { id: tenant } = await bank.tenant();
  const [command] = await recordCases(bank, tenant, casesOf(1));
  const body = (source: string) => labelsOf([command as Uuid], () => 'fraud', { at: from, source });
  const agent = { tenant, kind: 'agent' as const, id: 'helper' };
  const { outcome } = await act('label.record', body('chargeback'), agent);
  assert.equal(outcome.status, 'rejected');
  const refused = (pointer: string) => (error: unknown) =>
    error instanceof Fault && JSON.stringify(error.detail).includes(pointer);
  await assert.rejects(
    act('label.record', body('review'), service(tenant)),
    refused('/labels/0/source'),
  );
  const { labels } = body('chargeback') as { labels: object[] };
  const tomorrow = new Date(monday + day).toISOString();
  const early = { labels: labels.map((each) => ({ ...each, occurred_at: tomorrow })) };
  await assert.rejects(
    act('label.record', early, service(tenant)),
    refused('/labels/0/occurred_at'),
  );
});

test('a stable day passes, and its controls are on record with their evidence', async () => {
  const tenant = await monitored();
  const segment = (index: number) => ({ facts: { channel: index % 2 === 0 ? 'web' : 'mobile' } });
  const cases = casesOf(2_000, segment);
  const commands = await recordCases(bank, tenant, cases);
  const labelled = commands.slice(0, 400);
  const isFraud = (index: number) => chance() < (cases[index]?.value ?? 0);
  await label(tenant, labelled, (index) => (isFraud(index) ? 'fraud' : 'genuine'));
  await foldScores(bank);
  const runs = await run(tenant);
  const verdicts = runs[0]?.results.map(({ control, result }) => `${control} ${result}`);
  assert.deepEqual(verdicts, [
    'drift passed',
    'performance passed',
    'calibration passed',
    'fairness passed',
    'latency passed',
    'fallback passed',
    'leakage passed',
  ]);
  assert.equal(resultOf(runs, 'leakage').figures['texts'], 1_200);
  await foldScores(bank);
  const read = { tenant, readOnly: true };
  const pool = planes.database.pool('read');
  const listed = await withTx(pool, (tx) => listControlRuns(tx, { limit: 5 }), read);
  assert.equal(listed.items.length, 5);
  const rest = await withTx(
    pool,
    (tx) => listControlRuns(tx, { limit: 5, after: listed.next ?? '' }),
    read,
  );
  assert.deepEqual([rest.items.length, rest.next], [2, null]);
  assert.match(listed.items[0]?.evidence.report_digest, /^[0-9a-f]{64}$/);
  assert.equal(listed.items[0]?.requested_by, 'user:ann');
  assert.deepEqual((await withTx(pool, (tx) => listAlerts(tx, { limit: 5 }), read)).items, []);
  // The same run again is the same one, and its name is not one for another.
  assert.deepEqual(await run(tenant), runs);
  assert.deepEqual(await run(tenant, { from: from + 60_000 }), runs);
  const reused = (error: unknown) => error instanceof Fault && error.code.endsWith('_reused');
  await assert.rejects(run(tenant, { asked: { model: 'payment-fraud' } }), reused);
  assert.deepEqual(await acts(tenant), ['deployed by user:ben']);
});

test('a score that has drifted stops the model, once, and raises an alert each time', async () => {
  const tenant = await monitored();
  await recordCases(
    bank,
    tenant,
    casesOf(600, () => ({ value: chance() ** 4 })),
  );
  await foldScores(bank);
  const runs = await run(tenant, { key: 'monday' });
  const { result, severity, summary } = resultOf(runs, 'drift');
  assert.deepEqual([result, severity], ['failed', 'severe']);
  assert.match(summary, /its score/);
  assert.deepEqual(await acts(tenant), ['deployed by user:ben', 'suspended by service:controls']);
  await run(tenant, { key: 'monday' });
  await run(tenant, { key: 'tuesday' });
  assert.equal((await acts(tenant)).length, 2);
  await foldScores(bank);
  const pool = planes.database.pool('read');
  const alerts = await withTx(pool, (tx) => listAlerts(tx, { limit: 50 }), { tenant });
  assert.equal(alerts.items.length, 2);
  assert.ok(alerts.items.every(({ suspends, control }) => suspends && control === 'drift'));
});

test('controls stop models and do nothing else: no run of theirs deploys or resumes', async () => {
  const { rows } = await superuser.query<{ operation: string }>(
    `select distinct operation from core.command where principal = 'service:controls' order by 1`,
  );
  assert.deepEqual(
    rows.map(({ operation }) => operation),
    ['control.run', 'model.suspend'],
  );
});

test('nobody but the controls records what controls have found', async () => {
  const { id: tenant } = await bank.tenant();
  const body = { results: [], model: 'payment-fraud', version: 1 };
  const code = (error: unknown) => error instanceof Fault && error.code === 'denied';
  await assert.rejects(act('control.run', body, { tenant, id: 'ann' }), code);
  await assert.rejects(act('control.run', body, service(tenant)), code);
});

test('a ranking that has collapsed stops the model', async () => {
  const tenant = await monitored();
  const commands = await recordCases(bank, tenant, casesOf(400));
  await label(tenant, commands, (index) => (index % 2 === 0 ? 'fraud' : 'genuine'));
  await foldScores(bank);
  const runs = await run(tenant);
  const { result, severity } = resultOf(runs, 'performance');
  assert.deepEqual([result, severity], ['failed', 'severe']);
  assert.equal(resultOf(runs, 'drift').result, 'passed');
  assert.equal((await acts(tenant)).at(-1), 'suspended by service:controls');
});

test('a group that is let through less is flagged, and the model goes on', async () => {
  const tenant = await monitored();
  const cases = casesOf(1_000, (index) => {
    const isOld = index % 2 === 0;
    const value = isOld ? 0.3 + 0.7 * chance() : 0.7 * chance();
    return { value, facts: { age_years: isOld ? 70 : 30, channel: isOld ? 'branch' : 'web' } };
  });
  await recordCases(bank, tenant, cases);
  await foldScores(bank);
  const runs = await run(tenant);
  const { result, figures } = resultOf(runs, 'fairness');
  assert.equal(result, 'failed');
  assert.match(String(figures['flagged']), /age=from_62/);
  const { fairness } = await report(tenant);
  const ages = fairness.find(({ attribute }) => attribute === 'age');
  assert.ok(ages?.groups.some(({ group, is_flagged }) => group === '25_to_39' && !is_flagged));
});

test('slow answers and many fallbacks are told, with the reason of most', async () => {
  const tenant = await monitored();
  const late = { fallbackReason: 'timeout' as const, latencyUs: 41_000, value: 0.1 };
  await recordCases(
    bank,
    tenant,
    casesOf(300, (index) => (index % 5 === 0 ? late : {})),
  );
  await foldScores(bank);
  const runs = await run(tenant);
  assert.equal(resultOf(runs, 'latency').result, 'failed');
  const { result, summary } = resultOf(runs, 'fallback');
  assert.deepEqual([result, summary], ['failed', '20.000 % fall back, most of them for timeout']);
  const { fallbacks, by_stage }: Report = await report(tenant);
  assert.deepEqual(fallbacks.by_reason, { timeout: 60 });
  assert.deepEqual(by_stage, { production: 240, rule: 60 });
});

test('a report bounds what it reads, and stops when nobody waits any more', async () => {
  const tenant = await monitored();
  await recordCases(bank, tenant, casesOf(20));
  await foldScores(bank);
  assert.equal((await report(tenant, { to: from + day / 2 })).cases, 10);
  const card = cardOf({ reference: reference() });
  const gone = AbortSignal.abort();
  const question = {
    card,
    version: 1,
    from,
    to: monday,
    unlabelled: 'left_out',
    signal: gone,
  } as const;
  await assert.rejects(
    withTx(planes.database.pool('read'), (tx) => reportOn(tx, question), { tenant }),
    (error) => error instanceof Fault && error.code === 'deadline_exceeded',
  );
});

test('the day that is tested is over, and its last events had time to arrive', () => {
  const at = (text: string) => dayToTest(Date.parse(text)).key;
  assert.equal(at('2026-01-05T00:04:59Z'), 'of 2026-01-03');
  assert.equal(at('2026-01-05T00:05:00Z'), 'of 2026-01-04');
  assert.equal(at('2026-01-05T23:59:59Z'), 'of 2026-01-04');
});

test('what is rebuilt from the log is what was followed live', async () => {
  const pool = planes.database.pool('app');
  const rebuilt = await rebuildProjection(scoreProjection, pool, () => undefined);
  assert.equal(rebuilt.differences, 0);
  assert.ok(rebuilt.events > 5_000);
  const { rows } = await superuser.query<{ count: number }>(
    'select count(distinct generation)::int as count from ai.score',
  );
  assert.equal(rows[0]?.count, 1);
});
