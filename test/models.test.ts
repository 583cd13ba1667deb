// The models that ship: each card fits the artefact beside it, and answers what training has seen.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Value } from 'typebox/value';
import { featureCatalogue } from '../src/ai/features/catalogue.ts';
import { type ModelCard, modelCard } from '../src/ai/models/card.ts';
import { loadHere } from '../src/ai/models/evaluator.ts';
import { defaultBundles } from '../src/policy/defaults.ts';

/** What onnxruntime has answered, or those who have published the formula; null is missing. */
type Parity = { readonly inputs: (number | null)[][]; readonly expected: number[] };

const folder = fileURLToPath(new URL('../models', import.meta.url));
const artefactMaxBytes = 1_500_000;
const parityMax = 1e-6;

for (const name of readdirSync(folder)) {
  describe(name, () => {
    const read = (file: string) => readFileSync(join(folder, name, file));
    const card = JSON.parse(read('card.json').toString()) as ModelCard;
    const names = card.inputs.map((input) => input.name);
    const isGraph = existsSync(join(folder, name, 'model.onnx'));
    const artefact = read(isGraph ? 'model.onnx' : 'model.json');
    const evaluator = loadHere(artefact);

    test('its card is a card, and of this artefact', () => {
      assert.deepEqual([...Value.Errors(modelCard, card)], []);
      assert.equal(card.name, name);
      assert.equal(card.artefact, createHash('sha256').update(artefact).digest('hex'));
      assert.ok(artefact.length <= artefactMaxBytes);
    });

    test('it reads what its card says, and features that exist', () => {
      assert.equal(evaluator.width, names.length);
      assert.equal(new Set(names).size, names.length);
      const features = card.inputs.filter(({ from }) => from === 'feature');
      assert.deepEqual(
        features.filter((input) => !featureCatalogue.has(input.name)),
        [],
      );
      const ruled = card.fallback.rule?.terms.map(({ input }) => input) ?? [];
      assert.deepEqual(
        ruled.filter((input) => !names.includes(input)),
        [],
      );
    });

    test('the policy that it is for hears its score', () => {
      const { point, value_fact, status_fact, needs = [] } = card.decides;
      const facts = defaultBundles().get(point)?.bundle.facts ?? {};
      const scores = [facts[value_fact]?.score, facts[status_fact]?.score];
      assert.deepEqual(scores, ['value', 'status']);
      assert.deepEqual(
        needs.filter((fact) => facts[fact] === undefined),
        [],
      );
    });

    test('it answers what others answer', () => {
      const { inputs, expected } = JSON.parse(read('parity.json').toString()) as Parity;
      assert.ok(inputs.length > 0 && inputs.length <= 50);
      for (const [index, values] of inputs.entries()) {
        const vector = Float32Array.from(values, (value) => value ?? Number.NaN);
        const difference = Math.abs(evaluator.score(vector) - (expected[index] as number));
        assert.ok(difference <= parityMax, `vector ${index} differs by ${difference}`);
      }
    });

    test('drift can be told: each input and the score has the bins of its training data', () => {
      assert.deepEqual(Object.keys(card.reference.inputs).sort(), [...names].sort());
      for (const { edges, counts } of [
        card.reference.score,
        ...Object.values(card.reference.inputs),
      ]) {
        assert.equal(counts.length, edges.length + 1);
        assert.deepEqual(
          edges,
          [...new Set(edges)].sort((a, b) => a - b),
        );
      }
      const sizes = Object.values(card.reference.inputs).map(({ counts, missing }) =>
        counts.reduce((sum, count) => sum + count, missing),
      );
      assert.equal(new Set(sizes).size, 1, 'all of the same rows');
    });

    test('its figures lie within their intervals, and say of how many', () => {
      for (const { name: figure, value, low, high } of card.metrics) {
        assert.ok(low <= value && value <= high, figure);
      }
      const rates = card.fairness.rows.map((row) => row.favourable_rate);
      assert.ok(rates.every((rate) => rate >= 0 && rate <= 1));
    });
  });
}
