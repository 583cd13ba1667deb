import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault } from '#core';
import { openEvaluator } from '../models/evaluator.ts';
import { loadParameters, type Parameters } from './parameters.ts';

const purchases = { r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 };
const format = 'countersign-parameters/1';
const churn: Parameters = { format, kind: 'churn', baseline: [1, 10, 30], purchases };
const value: Parameters = {
  ...{ format, kind: 'lifetime_value', baseline: [1, 10, 30, 20], purchases },
  ...{ spend: { p: 6.25, q: 3.74, v: 15.44 }, months: 12 },
  ...{ time_of_month: 30 / 7, discount_of_month: 0.01 },
};
const logistic: Parameters = {
  ...{ format, kind: 'logistic', baseline: [1, 0], intercept: -1 },
  ...{ weights: [0.5, -2], transforms: ['log1p', 'identity'] },
};

const bytes = (json: unknown) => Buffer.from(JSON.stringify(json));

test('a model is its parameters, opened where graphs are', async () => {
  const evaluator = await openEvaluator({}, bytes(churn));
  assert.equal(evaluator.width, 3);
  const left = await evaluator.score(Float32Array.of(2, 8.43, 38.86), 1);
  assert.ok(Math.abs(left - (1 - 0.7266)) < 0.001);
  assert.equal(await evaluator.score(Float32Array.of(0, 38.86, 38.86), 1), 0);
});

test('what each input has done adds up to what differs from the ordinary', () => {
  const cases = [
    [churn, [5, 12, 39]],
    [value, [5, 12, 39, 80]],
    [value, [0, 0, 3, 0]],
  ] as const;
  for (const [model, inputs] of cases) {
    const { score, explain, base } = loadParameters(bytes(model));
    const vector = Float32Array.from(inputs);
    const sum = explain(vector).reduce((all, each) => all + each, base);
    assert.ok(Math.abs(sum - score(vector)) < 1e-9 * Math.max(1, Math.abs(sum)));
  }
  const { score, explain, base } = loadParameters(bytes(logistic));
  const vector = Float32Array.of(3, 0.25);
  const margin = explain(vector).reduce((all, each) => all + each, base);
  assert.ok(Math.abs(1 / (1 + Math.exp(-margin)) - score(vector)) < 1e-12);
  assert.deepEqual([...explain(Float32Array.of(Number.NaN, 0))], [0, 0]);
});

test('whatever comes in, a finite number comes out', () => {
  for (const model of [churn, value, logistic]) {
    const { score, width } = loadParameters(bytes(model));
    for (const each of [0, -5, 1e6, 3.4e38, Number.NaN]) {
      const found = score(new Float32Array(width).fill(each));
      assert.ok(Number.isFinite(found), `${model.kind} of ${each}: ${found}`);
    }
  }
});

test('parameters at the ends of what they may be give a number, or are refused', () => {
  for (const small of [1e-12, 1, 1e12]) {
    for (const large of [1e-12, 1, 1e12]) {
      const extreme = {
        ...value,
        baseline: [0, 0, 0, 0],
        purchases: { r: large, alpha: small, a: large, b: 2 },
        ...{ spend: { p: large, q: 1 + large, v: small }, months: 12, time_of_month: large },
      };
      const load = () => {
        try {
          return loadParameters(bytes(extreme));
        } catch (fault) {
          assert.ok(fault instanceof Fault && fault.code === 'model_invalid', String(fault));
          return undefined;
        }
      };
      const { base = 0 } = load() ?? {};
      assert.ok(Number.isFinite(base), JSON.stringify(extreme));
    }
  }
});

test('what is no such text is refused, with the place', () => {
  const refused = (given: unknown, words: RegExp) =>
    assert.throws(
      () => loadParameters(Buffer.isBuffer(given) ? given : bytes(given)),
      (fault: unknown) =>
        fault instanceof Fault && fault.code === 'model_invalid' && words.test(fault.message),
    );
  refused(Buffer.from('{"format":'), /no JSON/);
  refused({ ...churn, kind: 'oracle' }, /parameters/);
  refused({ ...churn, purchases: { ...purchases, r: -1 } }, /parameters/);
  refused({ ...churn, baseline: [1] }, /baseline: must have 3/);
  refused({ ...churn, purchases: { ...purchases, a: 0.2, b: 0.3 } }, /more than 1/);
  refused({ ...logistic, transforms: ['log1p'] }, /transforms/);
  refused({ ...value, spend: { p: 6.25, q: 0.9, v: 15.44 } }, /spend.q: must be more than 1/);
  refused(Buffer.from(JSON.stringify(logistic).replace('0.5', '1e999')), /parameters/);
  refused(Buffer.from(JSON.stringify(churn).replace('{', '{"__proto__":{"kind":"x"},')), /param/);
  refused({ ...churn, more: 1 }, /parameters/);
  refused(Buffer.from(`{${' '.repeat(100_001)}}`), /bytes/);
});
