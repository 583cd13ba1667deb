// A score on its way: asked before a decision, told beside it, read by it, and never asked again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordedScorer, type Scorer } from '#ai';
import type { Json } from '#core';
import { scoreIdOf } from '../src/ai/scoring/score.ts';
import { openApi } from './api.ts';
import { type Bank, move, openBank, openShop, seal, type Tenant } from './bank.ts';
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
  await seal(first);
  const commands = await recordedCommands(first.superuser);
  for (const command of commands) {
    if (command.operation === 'model.register') {
      await second.superuser.query('insert into ai.artefact values ($1, $2, $3)', [
        ...[rows[0].tenant_id, rows[0].digest, rows[0].bytes],
      ]);
    }
    await second.planes.executeCommand(command);
  }
  await seal(second);
  assert.equal(scores.length, 3);
  assert.deepEqual(await bodies(second), await bodies(first));
});

test('whatever a model says, it stands in the place of no fact that is not a score', async (t) => {
  const model = { name: 'payment-fraud', version: 1, digest: '0'.repeat(64) };
  const told = { approvals: 2, amount: 1, score_status: 'scored', fraud_score: 0.1 };
  const scorer: Scorer = {
    score: async ({ commandId, operation, point, receivedAt: at }) => ({
      ...{ id: scoreIdOf(commandId), commandId, operation, point, at, model, servedBy: model },
      ...{ accountId: null, stage: 'production', status: 'scored', value: 0.1, facts: told },
      ...{ fallbackReason: null, inputs: {}, featureDigest: '', reasons: [], shadows: [] },
      ...{ segments: {}, latencyUs: 1 },
    }),
  };
  const bank = await openBank(t, { scorer });
  const { tenant, customer, merchant } = await openShop(bank, 50_000_000);
  const payment = {
    ...{ kind: 'transfer', channel: 'mobile', counterparty_country: 'DE', local_hour: 12 },
    ...{ screening_status: 'known', account_age_days: 700, amount_home: 5_000_000 },
    ...{ new_payee: false, new_device: false },
  };
  const paid = await tenant.post(move(customer, merchant, 5_000_000), { payment });
  assert.equal(paid.outcome.status, 'rejected');
  const events = await eventsOf(bank, paid.commandId);
  const { facts, outcome } = events.find(({ type }) => type === 'decision.made')!.data.payload;
  assert.deepEqual([facts.approvals, facts.amount], [0, 5_000_000]);
  assert.deepEqual([facts.fraud_score, facts.score_status, outcome], [0.1, 'scored', 'review']);
});

test('over HTTP a loan is scored on what is sent for it, which is nothing personal', async (t) => {
  const api = await openApi(t);
  const boss = await api.tenant('lender');
  await deployModel(api.bank.planes, 'lender', shippedModel('loan-default'));
  const body = { point: 'personal-loan', facts: applicant, model_inputs: history };
  const asked = await boss.post('/v1/decisions', body);
  assert.equal(asked.status, 201, asked.text);
  const { facts, model_score_ref } = (await boss.get(`/v1/decisions/${asked.json.decision_id}`))
    .json;
  assert.equal(facts.default_score_status, 'scored');
  assert.ok(facts.default_probability > 0 && facts.default_probability < 0.4);
  assert.match(model_score_ref, /^sco_/);
  for (const flaw of [{ bill_1: 4_111_111_111_111_111 }, { note: 'jane.roe@example.com' }]) {
    const inputs = { ...history, ...flaw };
    const refused = await boss.post('/v1/decisions', { ...body, model_inputs: inputs });
    assert.equal(refused.status, 422, refused.text);
    assert.equal(refused.json.errors[0].pointer, `/model_inputs/${Object.keys(flaw)[0]}`);
  }
});
