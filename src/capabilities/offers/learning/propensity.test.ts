// Propensity: what is expected, what was answered, and what a model that serves says of it.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { loadOnnx } from '../../../ai/onnx/model.ts';
import { openBank } from '../../../../test/bank.ts';
import { openOffers, savings } from '../../../../test/offers.ts';
import { deployModel, shippedModel } from '../../../../test/scored.ts';
import {
  type ContactHistory,
  modelInputsOf,
  openPropensities,
  propensityOf,
} from './propensity.ts';

const bank = await openBank({ after });
const published = { code: savings.code, version: 1, action: savings };

test('a cold start is what was expected, and weighs less with each answer', () => {
  const of = (answers: number, accepted: number) => {
    const { ppm, source } = propensityOf(published, { answers, accepted });
    return [ppm, source];
  };
  assert.deepEqual(of(0, 0), [294_118, 'starting'], 'Pega, SE 50, SP 0.30');
  assert.deepEqual(of(50, 5), [198_020, 'answers']);
  assert.deepEqual(of(1_000_000, 100_000), [100_010, 'answers']);
});

const history: ContactHistory = {
  ...{ channel: 'phone', holdsHomeLoan: false, holdsPersonalLoan: null },
  ...{ contactsForAction: 1, contactsBefore: 2, daysSinceContact: 6, lastOutcome: 'accepted' },
};

test('a model reads contacts alone: no age, no name, nothing that stands for them', () => {
  assert.deepEqual(modelInputsOf(history), {
    ...{ housing_loan: 0, personal_loan: null, channel: 'telephone', contacts_in_campaign: 1 },
    ...{ days_since_contact: 6, contacts_before: 2, last_outcome: 1 },
  });
});

test('the model that ships answers what onnxruntime answers', async () => {
  const { artefact } = shippedModel('offer-propensity');
  const url = new URL('../../../../models/offer-propensity/parity.json', import.meta.url);
  const { default: parity } = (await import(url.href, { with: { type: 'json' } })) as {
    default: { inputs: (number | null)[][]; expected: number[] };
  };
  const model = loadOnnx(artefact);
  for (const [at, row] of parity.inputs.entries()) {
    const answer = model.score(Float32Array.from(row, (x) => x ?? Number.NaN));
    assert.ok(Math.abs(answer - (parity.expected[at] ?? 0)) <= 1e-6, `row ${at}`);
  }
});

test('a model that serves says it, with reasons, of savings and with consent alone', async () => {
  const offers = await openOffers(bank);
  const tenant = offers.tenant.id;
  await deployModel(bank.planes, tenant, shippedModel('offer-propensity'));
  await bank.superuser.query(
    `insert into offers.tally (tenant_id, generation, day, action, channel, arm, presented, viewed,
       accepted, declined, expired, withdrawn, booked, withheld)
     values ($1, 1, '2026-01-01', $2, 'in_app', 'treated', 60, 0, 5, 45, 0, 0, 0, 0)`,
    [tenant, savings.code],
  );
  const errors: unknown[] = [];
  const { of } = openPropensities({ ...bank.planes, onError: (error) => errors.push(error) });
  const { rows } = await bank.superuser.query(
    'select epoch from core.tenant where tenant_id = $1',
    [tenant],
  );
  const question = {
    ...{ tenant, epoch: BigInt(rows[0].epoch), commandId: crypto.randomUUID(), published },
    ...{ at: bank.time.now, customer: 'pty_1', hasDataConsent: true },
    inputs: modelInputsOf(history),
  };
  // The first look loads the model, and may come too late to be heard.
  let asked = await of(question);
  for (let look = 1; look < 50 && asked.source !== 'model'; look += 1) asked = await of(question);
  assert.equal(asked.model?.name, 'offer-propensity', JSON.stringify(asked));
  assert.ok(asked.reasons.length > 0);
  assert.ok(asked.ppm !== 198_020, 'the model says something else than the others');
  const silent = await of({ ...question, hasDataConsent: false });
  assert.deepEqual([silent.ppm, silent.source, silent.reasons], [198_020, 'answers', []]);
  const product = { code: 'CARD', kind: 'credit' as const };
  const credit = { ...published, action: { ...savings, product } };
  assert.equal((await of({ ...question, published: credit })).source, 'answers');
  assert.deepEqual(errors, []);
});

test('a model that fails or is late leaves what others have answered', async () => {
  const { tenant } = await openOffers(bank);
  const late = openPropensities({
    ...bank.planes,
    scorer: { score: () => new Promise(() => undefined) },
  });
  const question = {
    ...{ tenant: tenant.id, epoch: 1n, commandId: crypto.randomUUID(), published },
    ...{ at: bank.time.now, customer: 'pty_1', hasDataConsent: true },
    inputs: modelInputsOf(history),
  };
  const { ppm, source } = await late.of(question);
  assert.deepEqual([ppm, source], [294_118, 'starting']);
});
