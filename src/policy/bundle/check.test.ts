// What a check of a bundle may cost, since others wait for as long.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault, type Json } from '#core';
import { checkBundle } from './check.ts';

const bundle = {
  ...{ format: 1, name: 'a-test', title: 'A test', description: 'Of what a check costs.' },
  facts: { list: { type: 'integer[]', default: [], description: 'Numbers.' } },
  reasons: { usual: 'As usual.' },
  rules: [{ id: 'all', outcome: 'allow', reason: 'usual' }],
  tests: [{ name: 'any', facts: {}, expect: { outcome: 'allow' } }],
};

function flawOf(value: string): string {
  const node = { kind: 'formula', type: 'boolean', value };
  const nodes = Object.fromEntries(Array.from({ length: 64 }, (_, at) => [`n${at}`, node]));
  try {
    checkBundle({ ...bundle, nodes } as Json);
    return 'none';
  } catch (error) {
    assert.ok(error instanceof Fault);
    return error.message;
  }
}

test('a bundle that would keep a server from all else is refused before it is run', () => {
  const compared = Array.from({ length: 20 }, (_, at) => `x > ${at}`).join(' && ');
  assert.match(flawOf(`list.all(x, ${compared})`), /^\/tests: times \d{7} steps.*5000000 are/);
  assert.match(flawOf(`'${'x'.repeat(1_900)}' == 'x'`), /characters: 100000 are the most/);
  assert.equal(flawOf('list.all(x, x > 1)'), 'none');
});
