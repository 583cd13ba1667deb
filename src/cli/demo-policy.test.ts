import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { checkDraft } from '#policy';
import { tighten } from './demo-policy.ts';

const file = new URL('../../policies/payment-authorization.json', import.meta.url);
const shipped = JSON.parse(readFileSync(file, 'utf8')) as Parameters<typeof tighten>[0];

test('what the demo tightens is a rule of the policy that ships, and its tests still hold', () => {
  const tightened = tighten(shipped);
  const { program } = checkDraft(tightened as never);
  assert.equal(program.bundle.name, 'payment-authorization');
  const changed = tightened.rules.filter((rule, index) => {
    return JSON.stringify(rule) !== JSON.stringify(shipped.rules[index]);
  });
  assert.deepEqual(changed.map(({ id }) => id).toSorted(), ['new-payee', 'remote-card-scored']);
});
