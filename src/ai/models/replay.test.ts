import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { replayModel } from '#ai';
import type { Json } from '#core';
import { compileBundle, compileRecorded, defaultBundles } from '#policy';
import { openBank, seal } from '../../../test/bank.ts';
import { fakeRuntime, openWith } from '../../../test/fake-runtime.ts';
import { deployModel, shippedModel } from '../../../test/scored.ts';

const bank = await openBank({ after });
const sim = bank.planes.database.pool('sim');
const program = compileRecorded(sim);
const shipped = shippedModel('loan-default');
const card = shipped.card as Readonly<Record<string, Json>>;
const name = card['name'] as string;
const inputs = card['inputs'] as readonly { readonly name: string }[];

const applicant = {
  ...{ stage: 'decide', existing_customer: true, age_years: 41, credit_consent: true },
  ...{ credit_score: 720, bureau_age_days: 2, amount: 1_000_000, term_months: 48 },
  ...{ monthly_income: 290_000, monthly_debt: 30_000, income_verified: true },
  ...{ days_past_due: 0, insolvency_years: 99, fraud_alert: false },
};

/** What somebody who pays owes and has paid. */
const model_inputs = Object.fromEntries(
  inputs.map((each) => {
    if (each.name.startsWith('repayment_status')) return [each.name, -1];
    return [each.name, each.name.startsWith('paid') ? 2_000 : 20_000];
  }),
);

/** Two people who get their loan by the model that ships, and a version that doubts everybody. */
async function openDoubted() {
  const tenant = await bank.tenant();
  await deployModel(bank.planes, tenant.id, shipped);
  for (const amount of [1_000_000, 900_000]) {
    const facts = { ...applicant, amount };
    await tenant.execute('decision.make', { point: 'personal-loan', facts, model_inputs });
  }
  const open = openWith(fakeRuntime(inputs.length));
  const output = { threshold: 110_000, positive: 'default' };
  const doubting = { ...card, runtime: 'onnxruntime', output } as Json;
  await deployModel(bank.planes, tenant.id, { ...shipped, card: doubting, open });
  await seal(bank);
  return { span: { tenant: tenant.id }, by: { name, version: 2, open, program } };
}

test('a model replays to the outcomes that policy would have come to on its scores', async () => {
  const { span, by } = await openDoubted();
  const { model, decisions } = await replayModel(sim, span, by);
  assert.deepEqual([model.scores, model.crossed.up], [2, 2]);
  assert.deepEqual([decisions.decisions, decisions.changed], [2, 2]);
  assert.equal(decisions.passing.lost.decisions, 2);
  const [example] = decisions.examples;
  assert.equal(example?.from.outcome, 'allow');
  assert.notEqual(example?.to.outcome, 'allow');
  const own = await replayModel(sim, span, { ...by, version: 1, open: undefined });
  assert.deepEqual([own.model.scores, own.decisions.changed, own.decisions.altered], [2, 0, 0]);
});

test('another policy decides on the scores where one is given', async () => {
  const { span, by } = await openDoubted();
  const bundle = defaultBundles().get('personal-loan')?.bundle;
  assert.ok(bundle);
  const rules = bundle.rules.map((rule) => ({ ...rule, outcome: 'deny' as const }));
  const policy = compileBundle({ ...bundle, rules });
  const { decisions } = await replayModel(sim, span, { ...by, policy });
  assert.deepEqual(
    decisions.changes.map(({ from, to, decisions: count }) => [from, to, count]),
    [['allow', 'deny', 2]],
  );
});

test('a cohort is replayed alone, and what is given up is given up', async () => {
  const { span, by } = await openDoubted();
  const where = { fact: 'amount', value: 900_000 };
  const { model, decisions } = await replayModel(sim, { ...span, cohort: { where } }, by);
  assert.deepEqual([model.scores, decisions.decisions], [1, 1]);
  const signal = AbortSignal.abort(new Error('given up'));
  await assert.rejects(replayModel(sim, span, { ...by, signal }), /given up/);
});
