// What onnxruntime answers (training/parity.py asked it) is what we answer.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { loadOnnx } from './model.ts';

const folder = new URL('parity/', import.meta.url);
const names = globSync('*.onnx', { cwd: fileURLToPath(folder) }).sort();
const read = (name: string) => readFileSync(new URL(name, folder));

/** Planted by training/parity.py: rows of numbers, null where one is missing, and the answers. */
type Parity = {
  readonly inputs: readonly (readonly (number | null)[])[];
  readonly expected: readonly (number | null)[];
};

const vectorOf = (row: readonly (number | null)[]) =>
  Float32Array.from(row, (x) => x ?? Number.NaN);

test('there is a model of every kind', () => assert.ok(names.length >= 30));

for (const name of names) {
  test(`${name} answers what onnxruntime answers, within 1e-6`, () => {
    const { inputs, expected }: Parity = JSON.parse(
      read(name.replace('.onnx', '.json')).toString(),
    );
    const model = loadOnnx(read(name));
    for (const [at, row] of inputs.entries()) {
      const answer = model.score(vectorOf(row));
      const [ours, theirs] = [answer, expected[at] ?? Number.NaN];
      const equal = Number.isNaN(theirs) ? Number.isNaN(ours) : Math.abs(ours - theirs) <= 1e-6;
      assert.ok(equal, `row ${at}: ${ours}, not ${theirs}`);
    }
  });
}
