import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bankDay } from './bank-day.ts';
import { namedByParty } from './members.ts';
import type { Operation } from './operation.ts';

const day = bankDay({ seed: 3, customers: 20, transactions: 300, day: '2026-03-27' });

test('who is in the register pays under his name there, and nothing else changes', () => {
  const named = namedByParty(day, new Map([['customer-1', 'pty_one']]));
  const before = [...(day.operations as Iterable<Operation>)];
  const after = [...(named.operations as Iterable<Operation>)];
  assert.equal(after.length, before.length);
  let changed = 0;
  for (const [index, operation] of after.entries()) {
    const was = before[index] as Operation;
    if (!('leg' in operation) || !('leg' in was)) {
      assert.deepEqual(operation, was);
      continue;
    }
    const { debtor, ...rest } = operation;
    assert.equal(debtor, operation.leg.debit === 'customer-1' ? 'pty_one' : was.debtor);
    if (operation.leg.credit !== 'customer-1') {
      assert.deepEqual({ ...rest, debtor: was.debtor }, was);
    }
    changed += Number(debtor === 'pty_one');
  }
  assert.ok(changed > 0);
  assert.ok(named.payers?.().every((payer) => payer === 'pty_one' || payer.startsWith('cus')));
});
