import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import type { Json } from '#core';
import { type Attribute, ml, tensorInput, writeModel } from '../../../test/onnx-writer.ts';
import { fakeRuntime, openWith } from '../../../test/fake-runtime.ts';
import { cardOf } from '../../../test/scored.ts';
import type { ModelCard } from './card.ts';
import type { OpenEvaluator } from './evaluator.ts';
import { validateModel } from './validation.ts';

const features = new Set(['account.count_1h']);
const output = { threshold: 20, positive: 'fraud' };

/** A linear model of the three inputs of a test's card. */
function linear(coefficients: readonly number[], intercept = 0): Uint8Array {
  const attributes: Record<string, Attribute> = {
    coefficients: { floats: coefficients },
    intercepts: { floats: [intercept] },
  };
  const node = { operator: 'LinearRegressor', domain: ml, inputs: ['x'], outputs: ['y'] };
  const inputs = [tensorInput('x', coefficients.length)];
  return writeModel({ nodes: [{ ...node, attributes }], outputs: ['y'], inputs });
}

function validated(
  artefact: Uint8Array,
  more: Partial<ModelCard> = {},
  open: OpenEvaluator = openWith('no-such-runtime'),
) {
  const digests = { artefact: hash('sha256', artefact, 'hex') };
  const card = { ...cardOf(), output, ...digests, ...more };
  return validateModel(card as unknown as Json, artefact, { features, open });
}

/** The first place that is wrong, and how. */
async function flawOf(artefact: Uint8Array, more: Partial<ModelCard> = {}): Promise<string> {
  try {
    await validated(artefact, more);
  } catch (error) {
    const { code, detail } = error as { code: string; detail: { errors?: Flaw[] } };
    return [code, detail.errors?.[0]?.pointer, detail.errors?.[0]?.detail].join(' ');
  }
  return 'fits';
}
type Flaw = { readonly pointer: string; readonly detail: string };

test('a model is tried out on cases like those of its training: how fast, and why', async () => {
  const { report, cardDigest, cardText } = await validated(linear([0.25, 0.5, -1], 3));
  assert.equal(hash('sha256', cardText, 'hex'), cardDigest);
  assert.deepEqual(
    report.checks.map(({ check, passed }) => [check, passed]),
    [
      ['latency', true],
      ['range', true],
      ['explanations', true],
    ],
  );
  assert.ok(report.score.low < report.score.median && report.score.median < report.score.high);
  assert.ok(report.latency_us.p50 <= report.latency_us.p99);
});

test('a report is the same each time, but for how long it took', async () => {
  const one = await validated(linear([1, 2, 3]));
  const other = await validated(linear([1, 2, 3]));
  assert.deepEqual(one.report.score, other.report.score);
  assert.equal(one.cardDigest, other.cardDigest);
});

test('scores where training has seen none show in the report, and are no refusal', async () => {
  const score = { edges: [0, 1, 2, 3], counts: [0, 40, 40, 20, 0], missing: 0 };
  const { reference } = cardOf();
  const { report } = await validated(linear([1, 1, 1], 50), {
    ...{ reference: { ...reference, score }, output: { ...output, threshold: 100 } },
  });
  const range = report.checks.find(({ check }) => check === 'range');
  assert.deepEqual([range?.passed, range?.found.split(' ')[0]], [false, '256']);
});

test('what cannot serve is refused with its place', async () => {
  const good = linear([1, 1, 1]);
  assert.equal(await flawOf(good), 'fits');
  const { inputs, reference, fallback, metrics } = cardOf();
  const scored = (edges: number[], counts: number[]) => ({
    reference: { ...reference, score: { edges, counts, missing: 0 } },
  });
  const figure = (more: object) => ({ metrics: [{ ...metrics[0]!, ...more }] });
  const cases: [Uint8Array, Partial<ModelCard>, RegExp][] = [
    [linear([1, 1]), {}, /^model_invalid \/card\/inputs 3 are named, and the artefact reads 2/],
    [linear([1, Number.NaN, 1]), {}, /^model_invalid/],
    [good, { artefact: '0'.repeat(64) }, /\/card\/artefact is another artefact/],
    [good, { inputs: inputs.with(1, inputs[0]!) }, /\/card\/inputs\/1\/name .* is named twice/],
    [
      good,
      { inputs: inputs.with(0, { ...inputs[0]!, name: 'account.mood' }) },
      /\/card\/inputs\/0\/name there is no feature account\.mood/,
    ],
    [
      good,
      {
        fallback: { ...fallback, rule: { base: 0, terms: [{ input: 'x', at_least: 0, add: 1 }] } },
      },
      /\/card\/fallback\/rule\/terms\/0\/input x is no input/,
    ],
    [
      good,
      { reference: { ...reference, score: { edges: [1, 1], counts: [1, 1, 1], missing: 0 } } },
      /\/card\/reference\/score\/edges must ascend/,
    ],
    [
      good,
      { reference: { ...reference, score: { edges: [1], counts: [1], missing: 0 } } },
      /\/card\/reference\/score\/counts must be one more/,
    ],
    [
      good,
      { reference: { ...reference, score: { edges: [1], counts: [0, 0], missing: 0 } } },
      /\/card\/reference\/score\/counts has seen nothing/,
    ],
    [good, { reference: { ...reference, inputs: {} } }, /\/card\/reference\/inputs\/.* is missing/],
    [good, { budget_ms: 0 }, /^model_invalid \/card\/budget_ms/],
    [good, { surprise: 1 } as object, /^model_invalid \/card\/surprise is no member/],
    [Uint8Array.of(1, 2, 3), {}, /^model_invalid/],
    // What would keep its alarms from ever being raised.
    [good, scored([1, 10], [50, 50, 0]), /\/card\/reference\/score\/counts fills 2 bins/],
    [good, scored([1, 10], [33, 33, 33]), /\/card\/reference\/score\/counts has seen 99 cases/],
    [good, figure({ value: 0.7 }), /\/card\/metrics\/0 auc lies outside of its own interval/],
    [good, figure({ high: 1.5 }), /\/card\/metrics\/0 auc with its interval must be from 0 to 1/],
    [good, { output: { ...output, threshold: 1e6 } }, /\/card\/output\/threshold is reached by/],
    [linear([0, 0, 0], 20), {}, /^model_invalid \/artefact scores 20, whatever it reads/],
    [
      good,
      { ...scored([0.1, 0.2], [40, 40, 40]), output: { ...output, threshold: 0.5 } },
      /^model_invalid \/artefact scores from .* its card tells of probabilities/,
    ],
  ];
  for (const [artefact, more, expected] of cases) {
    assert.match(await flawOf(artefact, more), expected);
  }
});

test('a graph that is not evaluated here is refused, and told what could do it', async () => {
  const node = { operator: 'Softmax', inputs: ['x'], outputs: ['y'] };
  const graph = writeModel({ nodes: [node], outputs: ['y'], inputs: [tensorInput('x', 3)] });
  await assert.rejects(validated(graph), {
    code: 'model_invalid',
    message: /Softmax.* no operator that is evaluated here; .* see its member `runtime`/,
  });
  const runtime = 'onnxruntime' as const;
  await assert.rejects(validated(graph, { runtime }), { code: 'model_runtime_missing' });
  const { report } = await validated(graph, { runtime }, openWith(fakeRuntime(3)));
  const explained = report.checks.find(({ check }) => check === 'explanations');
  assert.deepEqual([report.samples, explained?.passed], [256, false]);
  const short = validated(graph, { runtime }, openWith(fakeRuntime(2)));
  await assert.rejects(short, /3 are named, and the artefact reads 2/);
});

test('what would hold up all who wait is refused', async () => {
  /** For some cases, which are more than one of a hundred. */
  const wait = ([, amount = 0]: Float32Array, ms: number) => {
    const endsAt = performance.now() + (amount > 95 ? ms : 0);
    while (performance.now() < endsAt);
  };
  const evaluator = (scoreMs: number, explainMs: number): OpenEvaluator => {
    const score = (vector: Float32Array) => {
      wait(vector, scoreMs);
      return 10 + (vector[1] ?? 0);
    };
    const explain = (vector: Float32Array) => {
      wait(vector, explainMs);
      return Float64Array.from(vector);
    };
    return async () => ({ width: 3, score, explain, base: 0 });
  };
  const good = linear([1, 1, 1]);
  await assert.rejects(validated(good, {}, evaluator(1.2, 0)), /a score takes \d+ µs/);
  await assert.rejects(validated(good, {}, evaluator(0, 5.2)), /an explanation takes \d+ µs/);
});
