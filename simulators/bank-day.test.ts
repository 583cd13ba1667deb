import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { Fault } from '#core';
import { bankDay } from './bank-day.ts';
import type { Leg, Operation, OperationKind, Traffic } from './operation.ts';

const friday = { seed: 7, customers: 300, transactions: 3_000, day: '2026-03-27' };

test('one seed gives one day, to the last operation, and another seed another day', () => {
  const digest = digestOf(bankDay(friday));
  assert.equal(digestOf(bankDay(friday)), digest);
  assert.notEqual(digestOf(bankDay({ ...friday, seed: 8 })), digest);
  assert.notEqual(digestOf(bankDay({ ...friday, day: '2026-03-28' })), digest);
});

test('a day can be walked through twice, and is counted without being lived', () => {
  const traffic = bankDay(friday);
  const first = operationsOf(traffic);
  assert.deepEqual(operationsOf(traffic), first);
  assert.equal(traffic.count?.(), first.length);
});

test('operations come in order of time, each with a key of its own, within the day', () => {
  const midnight = Date.parse(`${friday.day}T00:00:00Z`);
  const keys = new Set<string>();
  let before = midnight;
  for (const { key, effectiveAt } of operationsOf(bankDay(friday))) {
    assert.ok(effectiveAt >= before && effectiveAt < midnight + 86_400_000);
    assert.ok(!keys.has(key) && key.length <= 255 && /^[\x21-\x7e]+$/.test(key), key);
    keys.add(key);
    before = effectiveAt;
  }
});

test('every account is opened, and what continues an operation is announced by it', () => {
  const traffic = bankDay(friday);
  const accounts = new Map(traffic.accounts.map((each) => [each.account, each.currency]));
  assert.equal(accounts.size, traffic.accounts.length);
  const left = new Map<string, number>();
  for (const operation of [...traffic.funding, ...operationsOf(traffic)]) {
    for (const { debit, credit, currency, amount } of legsOf(operation)) {
      assert.equal(accounts.get(debit), currency);
      assert.equal(accounts.get(credit), currency);
      assert.notEqual(debit, credit);
      assert.ok(amount > 0n);
    }
    if (operation.after !== undefined) {
      const announced = left.get(operation.after) ?? 0;
      assert.ok(announced > 0, `${operation.key} continues ${operation.after} unannounced`);
      left.set(operation.after, announced - 1);
    }
    if (operation.continuations) left.set(operation.key, operation.continuations);
  }
  assert.deepEqual(
    [...left].filter(([, count]) => count !== 0),
    [],
  );
});

test('never is more captured than is held, and what continues a hold shares its chain', () => {
  const holds = new Map<string, { amount: bigint; chains: readonly string[] }>();
  let captured = 0;
  for (const operation of operationsOf(bankDay(friday))) {
    if (operation.action === 'authorize') {
      holds.set(operation.key, { amount: operation.leg.amount, chains: operation.chains });
    }
    const hold = holds.get(operation.after ?? '');
    if (!hold) continue;
    assert.deepEqual(operation.chains, hold.chains);
    if (operation.action === 'increase') hold.amount += operation.amount;
    if (operation.action === 'capture') {
      const amount = operation.amount ?? hold.amount;
      assert.ok(amount > 0n && amount <= hold.amount, operation.key);
      hold.amount = operation.final ? 0n : hold.amount - amount;
      captured += 1;
    }
  }
  assert.ok(captured > 500);
});

test('a day has two card peaks, a quiet night, payroll at six and every kind of payment', () => {
  const kinds = new Map<OperationKind, number>();
  const cardsByHour = Array.from({ length: 24 }, () => 0);
  const traffic = bankDay({ ...friday, transactions: 10_000 });
  for (const { kind, effectiveAt } of operationsOf(traffic)) {
    const hour = new Date(effectiveAt).getUTCHours();
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    if (kind === 'card_authorization') cardsByHour[hour] = (cardsByHour[hour] ?? 0) + 1;
    if (kind === 'payroll') assert.equal(hour, 6);
  }
  const at = (hour: number) => cardsByHour[hour] ?? 0;
  assert.ok(at(3) * 5 < at(12) && at(15) < at(18), cardsByHour.join(' '));
  const expected: OperationKind[] = [
    ...(['payroll', 'card_authorization', 'card_increment', 'card_capture'] as const),
    ...(['card_cancellation', 'card_refund', 'fx_purchase', 'bill'] as const),
    ...(['standing_order', 'peer_transfer', 'atm_withdrawal'] as const),
  ];
  assert.deepEqual(
    expected.filter((kind) => !kinds.has(kind)),
    [],
  );
  const share = (kind: OperationKind) => (kinds.get(kind) ?? 0) / 10_000;
  assert.ok(share('card_authorization') > 0.6 && share('card_authorization') < 0.85);
  assert.ok(share('peer_transfer') > 0.05 && share('peer_transfer') < 0.1);
});

test('journals are balanced by construction and no longer than the ledger takes', () => {
  const traffic = bankDay({ ...friday, customers: 3_000, transactions: 10 });
  const journals = [...traffic.funding, ...operationsOf(traffic)];
  assert.ok(journals.every((operation) => legsOf(operation).length <= 500));
  assert.ok(journals.some(({ kind, ...rest }) => kind === 'payroll' && legsOf(rest).length > 50));
});

test('who pays larger sums at a distance can expect to be asked, and nobody else', () => {
  const traffic = bankDay(friday);
  const remote = operationsOf(traffic).flatMap((operation) => {
    if (!('debtor' in operation) || !operation.metadata['device']) return [];
    return operation.leg.amount >= 10_000n ? [operation.debtor] : [];
  });
  const payers = traffic.payers?.() ?? [];
  assert.deepEqual(payers.toSorted(), [...new Set(remote)].toSorted());
  assert.ok(payers.length > 20 && payers.every((token) => /^cus_[a-z]{10}$/.test(token)));
});

test('nonsense is refused with its reason', () => {
  const refused = (change: Partial<typeof friday>, reason: RegExp) =>
    assert.throws(
      () => bankDay({ ...friday, ...change }),
      (error) =>
        error instanceof Fault && error.code === 'input_invalid' && reason.test(error.message),
    );
  refused({ day: '2026-02-30' }, /"2026-02-30" is not a date/);
  refused({ transactions: 0 }, /transactions must be 1 to/);
  refused({ customers: 1.5 }, /customers must be 10 to/);
});

function operationsOf({ operations }: Traffic): Operation[] {
  return [...(operations as Iterable<Operation>)];
}

function legsOf(operation: Pick<Operation, 'action'> | Operation): readonly Leg[] {
  if ('legs' in operation) return operation.legs;
  return 'leg' in operation ? [operation.leg] : [];
}

function digestOf(traffic: Traffic): string {
  const hash = createHash('sha256');
  const text = (value: unknown) =>
    JSON.stringify(value, (_key, each) => (typeof each === 'bigint' ? `${each}` : each));
  hash.update(text(traffic.accounts)).update(text(traffic.funding));
  for (const operation of operationsOf(traffic)) hash.update(text(operation));
  return hash.digest('hex');
}
