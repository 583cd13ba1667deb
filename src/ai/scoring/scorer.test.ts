import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault, newUuid, seededRandom } from '#core';
import type { FeatureValues } from '../features/read.ts';
import type { Served, Serving, Unusable } from '../models/load.ts';
import type { ScoreQuestion } from './inputs.ts';
import type { Score } from './score.ts';
import { createScorer } from './scorer.ts';
import { fakeRuntime, openWith } from '../../../test/fake-runtime.ts';
import { cardOf, served } from '../../../test/scored.ts';

const random = seededRandom(4);
const time = { now: Date.UTC(2026, 10, 2, 9) };
const clock = { now: () => time.now };

const never = () => new Promise<never>(() => undefined);
const half = () => served('payment-fraud', 1, () => 0.5);

function serving(parts: Partial<Serving> = {}): Serving {
  return {
    name: 'payment-fraud',
    isSuspended: false,
    production: half(),
    previous: undefined,
    canary: undefined,
    shadows: [],
    ...parts,
  };
}

type Setting = {
  readonly serving?: Serving;
  readonly features?: (tenant: string) => Promise<FeatureValues>;
  readonly elapsedMs?: () => number;
};

function scorerOf({ serving: at = serving(), ...more }: Setting = {}) {
  return createScorer({
    models: { at: async () => [at], forget: () => undefined },
    features: async () => ({ 'account.count_1h': 2 }),
    clock,
    // Time stands still unless a test says otherwise: only what never comes is late.
    elapsedMs: () => 0,
    onError: (error) => assert.fail(String(error)),
    ...more,
  });
}

function question(more: Partial<ScoreQuestion> = {}): ScoreQuestion {
  return {
    tenant: 'bank-1',
    epoch: 1n,
    commandId: newUuid({ clock, random }),
    operation: 'journal.post',
    point: 'payment-authorization',
    receivedAt: time.now,
    accountId: 'acc_1',
    entities: { account: 'acc_1' },
    asOf: time.now,
    amount: 1_000,
    key: 'acc_1',
    facts: { amount_home: 1_000, channel: 'mobile' },
    inputs: {},
    ...more,
  };
}

async function scoreOf(setting: Setting, asked = question()): Promise<Score> {
  const score = await scorerOf(setting).score(asked);
  assert.ok(score, 'a model serves the point');
  return score;
}

const essence = ({ stage, status, value, fallbackReason }: Score) => [
  stage,
  status,
  value,
  fallbackReason,
];

test('the model in production is heard, with what it has read and what weighed most', async () => {
  let elapsed = 0;
  const score = await scoreOf({ elapsedMs: () => (elapsed += 0.25) });
  assert.deepEqual(score.facts, { fraud_score: 0.5, score_status: 'scored' });
  assert.deepEqual(essence(score), ['production', 'scored', 0.5, null]);
  assert.deepEqual(score.inputs, { 'account.count_1h': 2, amount_home: 1_000, channel: 2 });
  assert.equal(score.reasons[0]?.input, 'amount_home');
  assert.match(score.featureDigest, /^[0-9a-f]{64}$/);
  assert.ok(score.latencyUs >= 250 && score.latencyUs <= 5_000, `${score.latencyUs} µs`);
});

test('where no model serves there is no score, nor where the registry is away', async () => {
  const nobody = createScorer({
    models: { at: async () => [], forget: () => undefined },
    features: never,
    clock,
    elapsedMs: () => 0,
    onError: () => assert.fail('nothing is wrong'),
  });
  assert.equal(await nobody.score(question()), undefined);
  const errors: unknown[] = [];
  const away = createScorer({
    models: { at: async () => Promise.reject(new Error('away')), forget: () => undefined },
    features: never,
    clock,
    elapsedMs: () => 0,
    onError: (error) => errors.push(error),
  });
  assert.equal(await away.score(question()), undefined);
  assert.match(String(errors), /away/);
});

test('nothing is read before the facts say that it may be, of whoever is in line', async () => {
  let reads = 0;
  const card = cardOf({ decides: { ...cardOf().decides, needs: ['credit_consent'] } });
  const careful = served('payment-fraud', 1, () => 0.5, card);
  const careless = served('payment-fraud', 2, () => 0.9);
  const features = async () => {
    reads += 1;
    return { 'account.count_1h': 2 };
  };
  const canary = { model: careless, share: 9_999 };
  const settings = [
    { serving: serving({ production: careful }), features },
    { serving: serving({ production: careful, canary }), features },
    { serving: serving({ production: careless, previous: careful }), features },
  ];
  const refused = question({ facts: { ...question().facts, credit_consent: false } });
  for (const setting of settings) {
    for (const asked of [refused, question()]) {
      const score = await scoreOf(setting, asked);
      assert.deepEqual(essence(score), ['none', 'fallback', null, 'needs_unmet']);
      assert.deepEqual(score.inputs, {});
    }
  }
  assert.equal(reads, 0);
  const given = question({ facts: { ...question().facts, credit_consent: true } });
  assert.equal((await scoreOf(settings[0] as Setting, given)).value, 0.5);
  const watched = serving({ shadows: [careful] });
  assert.deepEqual((await scoreOf({ serving: watched, features }, refused)).shadows, []);
});

const whys: readonly [name: string, setting: Setting, reason: string][] = [
  ['features that never come', { features: never }, 'timeout'],
  ['features that cannot be read', { features: () => Promise.reject(new Error('x')) }, 'error'],
  ['a model that hangs', broken(never), 'timeout'],
  ['a model that throws', broken(throwing), 'error'],
  ['an answer that is no number', broken(() => Number.NaN), 'not_a_number'],
  ['an answer without bounds', broken(() => Number.POSITIVE_INFINITY), 'not_a_number'],
  ['too much that is missing', { features: async () => ({}) }, 'low_confidence'],
  [
    'values as never seen',
    { features: async () => ({ 'account.count_1h': 1e9 }) },
    'low_confidence',
  ],
  [
    'bytes that changed',
    { serving: serving({ production: unusable('artefact_changed') }) },
    'artefact_changed',
  ],
  [
    'a model that nobody signed',
    { serving: serving({ production: unusable('unsigned') }) },
    'unsigned',
  ],
  ['a model that was stopped', { serving: serving({ isSuspended: true }) }, 'suspended'],
];

for (const [name, setting, reason] of whys) {
  test(`${name}: the points of the card stand in, and say so in time`, async () => {
    const startedAt = performance.now();
    const score = await scoreOf(setting);
    const isBlind = score.model !== null && 'why' in (setting.serving?.production ?? {});
    const expected = isBlind ? ['none', 'fallback', null, reason] : ['rule', 'rule', 0.4, reason];
    assert.deepEqual(essence(score), expected);
    assert.ok(performance.now() - startedAt < 300, 'within the budget of 40 ms, and some grace');
    assert.deepEqual(score.shadows, []);
  });
}

test('an input that the model cannot do without refuses the score', async () => {
  const card = cardOf();
  const inputs = card.inputs.map((each) => ({ ...each, missing: 'refuse' as const }));
  const production = served('payment-fraud', 1, () => 0.5, { ...card, inputs });
  const setting = { serving: serving({ production }), features: async () => ({}) };
  assert.equal((await scoreOf(setting)).fallbackReason, 'missing_input');
});

test('the version before stands in where the card says so, and is named', async () => {
  const before = served('payment-fraud', 1, () => 0.2);
  const production = served('payment-fraud', 2, throwing);
  const score = await scoreOf({ serving: serving({ production, previous: before }) });
  assert.deepEqual(essence(score), ['previous', 'scored', 0.2, 'error']);
  assert.deepEqual([score.model.version, score.servedBy?.version], [2, 1]);
  const alone = served('payment-fraud', 2, throwing, {
    ...cardOf(),
    fallback: { previous: false },
  });
  const none = await scoreOf({ serving: serving({ production: alone, previous: before }) });
  assert.deepEqual(essence(none), ['none', 'fallback', null, 'error']);
});

test('a canary scores its share of the keys, always the same, or production does', async () => {
  const canary = { model: served('payment-fraud', 2, () => 0.9), share: 2_000 };
  const keys = Array.from({ length: 400 }, (_, index) => `acc_${index}`);
  const stagesOf = async (model: Served) => {
    const at = serving({ canary: { ...canary, model } });
    const scorer = scorerOf({ serving: at });
    const stages = [];
    for (const key of keys) stages.push((await scorer.score(question({ key })))?.stage);
    return stages;
  };
  const stages = await stagesOf(canary.model);
  const share = stages.filter((stage) => stage === 'canary').length / keys.length;
  assert.ok(share > 0.14 && share < 0.26, `${share} of the keys`);
  assert.deepEqual(await stagesOf(canary.model), stages);
  const failing = await stagesOf(served('payment-fraud', 2, throwing));
  assert.deepEqual(
    failing,
    stages.map((stage) => (stage === 'canary' ? 'previous' : 'production')),
  );
});

test('models on trial are heard beside, and change nothing', async () => {
  const shadows = [served('payment-fraud', 3, () => 0.7), served('payment-fraud', 4, throwing)];
  const score = await scoreOf({ serving: serving({ shadows }) });
  assert.deepEqual(essence(score), ['production', 'scored', 0.5, null]);
  assert.deepEqual(
    score.shadows.map(({ version, value }) => [version, value]),
    [
      [3, 0.7],
      [4, null],
    ],
  );
});

test('a runtime is heard without reasons; where it hangs, others are in time', async (t) => {
  const card = cardOf({ runtime: 'onnxruntime', budget_ms: 100 });
  const evaluator = await openWith(fakeRuntime(3))(card, Uint8Array.of(0));
  t.after(evaluator.close);
  // The first answer takes as long as it takes: what follows has warm code.
  await evaluator.score(Float32Array.of(0, 0, 0), 10_000);
  const model = { ...served('payment-fraud', 2, evaluator.score, card), evaluator };
  const score = await scoreOf({ serving: serving({ production: model }) });
  assert.deepEqual(essence(score), ['production', 'scored', 1_004, null]);
  assert.deepEqual(score.reasons, []);

  const features = async () => ({ 'account.count_1h': 666 });
  const open = cardOf().inputs.map((each) => ({ ...each, range: [0, 1e6] as [number, number] }));
  const hanging = { ...model, card: { ...card, inputs: open } };
  const before = served('payment-fraud', 1, () => 0.2, { ...cardOf(), inputs: open });
  const late = serving({ production: hanging, previous: before });
  const began = performance.now();
  const time = { elapsedMs: () => Math.min(90, performance.now() - began) };
  const replaced = await scoreOf({ serving: late, features, ...time });
  assert.deepEqual(essence(replaced), ['previous', 'scored', 0.2, 'timeout']);

  const watched = serving({ production: before, shadows: [hanging] });
  const alone = await scoreOf({ serving: watched, features });
  assert.deepEqual(essence(alone), ['production', 'scored', 0.2, null]);
  assert.deepEqual(
    alone.shadows.map(({ value }) => value),
    [null],
  );
});

test('whoever is left no time has not failed', async () => {
  let elapsed = 0;
  const production = served('payment-fraud', 2, async () => {
    elapsed += 50;
    throw new Fault('deadline_exceeded', 'late');
  });
  const isAsked: boolean[] = [];
  const previous = served('payment-fraud', 1, () => isAsked.push(true) && 0.2);
  const scorer = scorerOf({
    serving: serving({ production, previous }),
    elapsedMs: () => elapsed,
  });
  const reason = async () => (await scorer.score(question()))?.fallbackReason;
  for (let call = 0; call < 5; call += 1) assert.equal(await reason(), 'timeout');
  assert.deepEqual(isAsked, []);
  const score = await scorer.score(question());
  assert.deepEqual([score?.value, score?.fallbackReason], [0.2, 'breaker_open']);
});

test('before the first model is in production, those on trial are heard all the same', async () => {
  const shadows = [served('payment-fraud', 1, () => 0.7)];
  const score = await scoreOf({ serving: serving({ production: undefined, shadows }) });
  assert.deepEqual(essence(score), ['none', 'fallback', null, null]);
  assert.deepEqual([score.model.version, score.shadows[0]?.value], [1, 0.7]);
  assert.deepEqual(score.facts, { score_status: 'fallback' });
});

test('a model that keeps failing is left alone, and tried again after a while', async () => {
  let asked = 0;
  let isBroken = true;
  const production = served('payment-fraud', 1, () => {
    asked += 1;
    if (isBroken) throw new Error('broken');
    return 0.5;
  });
  const scorer = scorerOf({ serving: serving({ production }) });
  const reason = async () => (await scorer.score(question()))?.fallbackReason;
  for (let call = 0; call < 5; call += 1) assert.equal(await reason(), 'error');
  assert.equal(await reason(), 'breaker_open');
  assert.equal(asked, 5, 'an open breaker asks nobody');
  time.now += 1_000;
  assert.equal(await reason(), 'error', 'one call is let through');
  assert.equal(await reason(), 'breaker_open');
  isBroken = false;
  time.now += 1_999;
  assert.equal(await reason(), 'breaker_open', 'the second pause is twice as long');
  time.now += 1;
  assert.equal(await reason(), null);
  assert.equal(await reason(), null);
});

test('calls that were under way when the breaker opened do not keep it open longer', async () => {
  let fail: ((error: Error) => void) | undefined;
  const gate = new Promise<never>((_, reject) => {
    fail = reject;
  });
  let isBroken = true;
  const features = async () => (isBroken ? gate : { 'account.count_1h': 2 });
  const scorer = scorerOf({ features });
  const burst = Array.from({ length: 40 }, () => scorer.score(question()));
  fail?.(new Error('away'));
  await Promise.all(burst);
  isBroken = false;
  assert.equal((await scorer.score(question()))?.fallbackReason, 'breaker_open');
  time.now += 1_000;
  assert.equal((await scorer.score(question()))?.fallbackReason, null);
});

test('whoever comes beyond what can be scored in time is told so at once', async () => {
  const scorer = scorerOf({ features: never });
  const all = Array.from({ length: 520 }, () => scorer.score(question()));
  const reasons = (await Promise.all(all)).map((score) => score?.fallbackReason);
  assert.equal(reasons.filter((reason) => reason === 'overloaded').length, 20);
});

test('what callers can do opens no breaker, nor what one tenant does that of another', async () => {
  const linear = (vector: Float32Array) => (vector[1] as number) - (vector[1] as number);
  const production = served('payment-fraud', 1, linear);
  const scorer = scorerOf({ serving: serving({ production }) });
  const huge = question({ facts: { ...question().facts, amount_home: 1e300 } });
  for (let call = 0; call < 8; call += 1) {
    assert.equal((await scorer.score(huge))?.fallbackReason, 'low_confidence');
  }
  assert.equal((await scorer.score(question()))?.fallbackReason, null);
  const features = async (tenant: string) =>
    tenant === 'slow' ? Promise.reject(new Error('x')) : { 'account.count_1h': 2 };
  const shared = scorerOf({ features });
  for (let call = 0; call < 8; call += 1) await shared.score(question({ tenant: 'slow' }));
  assert.equal((await shared.score(question({ tenant: 'slow' })))?.fallbackReason, 'breaker_open');
  assert.equal((await shared.score(question()))?.fallbackReason, null);
});

test('text goes no further than to its code, and what is not coded is missing', async () => {
  const facts = { amount_home: 1_000, channel: 'Jane Roe' };
  const score = await scoreOf({}, question({ facts, inputs: { amount_home: 5, other: 'x' } }));
  assert.deepEqual(score.inputs, { 'account.count_1h': 2, amount_home: 1_000, channel: null });
});

function broken(score: () => number | Promise<number>): Setting {
  return { serving: serving({ production: served('payment-fraud', 1, score) }) };
}

function throwing(): number {
  throw new Error('broken');
}

function unusable(why: Unusable['why']): Unusable {
  return { name: 'payment-fraud', version: 1, digest: '0'.repeat(64), why };
}
