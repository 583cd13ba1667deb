// A score on its way: asked before a decision, told beside it, read by it, and never asked again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordedScorer } from '#ai';
import type { Json } from '#core';
import { type Bank, openBank, seal, type Tenant } from './bank.ts';
import { recordedCommands } from './recorded.ts';
import { deployModel, shippedModel } from './scored.ts';

const history = {
  ...{ credit_limit: 50_000, repayment_status_1: 0, repayment_status_2: 0 },
  ...{ repayment_status_3: 0, repayment_status_4: 0, repayment_status_5: 0 },
  ...{ repayment_status_6: 0, bill_1: 12_000, bill_2: 11_000, bill_3: 10_000, bill_4: 9_000 },
  ...{ bill_5: 8_000, bill_6: 7_000, paid_1: 2_000, paid_2: 2_000, paid_3: 2_000 },
  ...{ paid_4: 2_000, paid_5: 2_000, paid_6: 2_000 },
};
const applicant = {
  ...{ stage: 'decide', existing_customer: true, age_years: 41, credit_consent: true },
  ...{ credit_score: 720, bureau_age_days: 2, amount: 1_000_000, term_months: 48 },
  ...{ monthly_income: 290_000, monthly_debt: 30_000, income_verified: true },
  ...{ days_past_due: 0, insolvency_years: 99, fraud_alert: false },
};

async function ask(tenant: Tenant, facts: object = {}, inputs: object = {}): Promise<string> {
  const body = {
    point: 'personal-loan',
    facts: { ...applicant, ...facts },
    model_inputs: { ...history, ...inputs },
  };
  const { commandId } = await tenant.execute('decision.make', body as unknown as Json);
  return commandId;
}

type Told = { readonly type: string; readonly data: any };

/** The events of one command, in the order of the log. */
async function eventsOf({ superuser }: Bank, command: string): Promise<Told[]> {
  const { rows } = await superuser.query<{ body: string }>(
    `select e.body from core.event e join core.command c
        on c.tenant_id = e.tenant_id
       and c.idempotency_key = e.body::jsonb #>> '{data,idempotency_key}'
      where c.id = $1 order by e.seq`,
    [command],
  );
  return rows.map(({ body }) => JSON.parse(body) as Told);
}

test('a score is told before the decision that has read it, which names it', async (t) => {
  const bank = await openBank(t);
  const tenant = await bank.tenant();
  const before = await eventsOf(bank, await ask(tenant));
  assert.deepEqual(
    before.map(({ type }) => type),
    ['decision.made'],
  );
  assert.equal(before[0]?.data.payload.facts.default_score_status, 'fallback');

  await deployModel(bank.planes, tenant.id, shippedModel('loan-default'));
  const [score, decision, ...more] = await eventsOf(bank, await ask(tenant));
  assert.deepEqual([score?.type, decision?.type, more], ['score.produced', 'decision.made', []]);
  const { payload } = score!.data;
  assert.match(payload.score_id, /^sco_/);
  assert.equal(decision?.data.model_score_ref, payload.score_id);
  assert.equal(decision?.data.payload.model_score_ref, payload.score_id);
  assert.equal(decision?.data.payload.outcome, 'allow');
  assert.ok(payload.value > 0 && payload.value < 0.4, `${payload.value}`);
  assert.deepEqual(decision?.data.payload.facts.default_probability, payload.value);
  assert.deepEqual(payload.facts, {
    default_probability: payload.value,
    default_score_status: 'scored',
  });
  assert.equal(payload.inputs.bill_1, 12_000);
  assert.ok(payload.reasons.length > 0);
});

test('whom the model doubts a person looks at; without the model others are heard', async (t) => {
  const bank = await openBank(t);
  const tenant = await bank.tenant();
  await deployModel(bank.planes, tenant.id, shippedModel('loan-default'));
  const late = { repayment_status_1: 3, repayment_status_2: 3, repayment_status_3: 2 };
  const [, doubted] = await eventsOf(bank, await ask(tenant, {}, late));
  assert.equal(doubted?.data.payload.outcome, 'review');
  assert.ok(doubted?.data.payload.reasons.includes('default_likely'));

  const [score, decision] = await eventsOf(bank, await ask(tenant, {}, { bill_1: null }));
  const { status, value, fallback_reason } = score!.data.payload;
  assert.deepEqual([status, value, fallback_reason], ['fallback', null, 'missing_input']);
  assert.equal(decision?.data.payload.outcome, 'allow', 'the bureau alone is heard');
});

test('a switch and a way back take effect with the next decision, in every server', async (t) => {
  const bank = await openBank(t);
  const tenant = await bank.tenant();
  const shipped = shippedModel('loan-default');
  await deployModel(bank.planes, tenant.id, shipped);
  const title = 'The same, under another card';
  const other = { ...shipped, card: { ...(shipped.card as object), title } as Json };
  const versionOf = async () => {
    const [score] = await eventsOf(bank, await ask(tenant));
    return score?.data.payload.model.version;
  };
  assert.equal(await versionOf(), 1);
  assert.equal(await deployModel(bank.planes, tenant.id, other), 2);
  assert.equal(await versionOf(), 2);
  await tenant.execute('model.rollback', { name: 'loan-default' });
  assert.equal(await versionOf(), 1);
  await tenant.execute('model.suspend', { name: 'loan-default', reason: 'drifted' });
  const [score] = await eventsOf(bank, await ask(tenant));
  assert.equal(score?.data.payload.fallback_reason, 'suspended');
});

test('no model is asked again when commands are lived once more: equal logs', async (t) => {
  const first = await openBank(t, { seed: 1 });
  const tenant = await first.tenant();
  await deployModel(first.planes, tenant.id, shippedModel('loan-default'));
  for (const bill_1 of [1_000, 20_000, 300_000]) await ask(tenant, {}, { bill_1 });
  const bodies = async ({ superuser }: Bank, only = '') => {
    const { rows } = await superuser.query<{ body: string }>(
      `select body from core.event where tenant_id = $1 and type like $2 || '%' order by seq`,
      [tenant.id, only],
    );
    return rows.map(({ body }) => body);
  };
  const scores = await bodies(first, 'score.');
  const second = await openBank(t, { seed: 2, scorer: recordedScorer(scores) });
  // The bytes of a model are no part of any command.
  const { rows } = await first.superuser.query('select * from ai.artefact');
  const commands = await recordedCommands(first.superuser);
  for (const command of commands) {
    if (command.operation === 'model.register') {
      await second.superuser.query('insert into ai.artefact values ($1, $2, $3)', [
        ...[rows[0].tenant_id, rows[0].digest, rows[0].bytes],
      ]);
    }
    await second.planes.executeCommand(command);
  }
  for (const bank of [first, second]) await seal(bank);
  assert.equal(scores.length, 3);
  assert.deepEqual(await bodies(second), await bodies(first));
});
