// Every row of the tables of errors, by an answer that it is meant for.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FailureClass } from '../failures.ts';
import { errorTable, failureOf, refusalTable, rejectionOf } from './errors.ts';

const answers: readonly (readonly [number, string, string, FailureClass])[] = [
  [500, 'TGVCP-001', 'Unable to get the response from Transact', 'unavailable'],
  [403, 'TGVCP-002', 'LIVE RECORD NOT CHANGED', 'refused'],
  [403, 'TGVCP-002', 'SECURITY VIOLATION', 'forbidden'],
  [404, 'TGVCP-002', 'APPLICATION MISSING', 'internal'],
  [404, 'TGVCP-002', 'RECORD MISSING', 'missing'],
  [400, 'TGVCP-003', 'Invalid query parameters', 'invalid'],
  [400, 'TGVCP-005', 'Transfer Already Authorised', 'duplicate'],
  [500, 'TGVCP-006', 'Something else', 'internal'],
  [404, 'TGVCP-007', 'No records were found', 'missing'],
  [400, 'TGVCP-007', 'Selection is missing', 'incomplete'],
  [401, 'TGVCP-009', 'Mandatory URL parameter', 'incomplete'],
  [401, 'TGVCP-011', 'Sign on failed', 'unauthenticated'],
  [400, 'TGVCP-014', 'INPUT MISSING', 'incomplete'],
  [400, 'TGVCP-014', 'Not valid', 'invalid'],
  [400, 'TGVCP-017', 'Duplicate query parameter', 'invalid'],
  [400, 'EB-CURR.NO', 'Record has been changed by another user', 'stale'],
  [400, 'EB-LOCK', 'Record locked by another session', 'locked'],
  [429, 'RATE', 'Too many', 'limited'],
  [401, 'X', 'no', 'unauthenticated'],
  [403, 'X', 'no', 'forbidden'],
  [404, 'EB-X', 'RECORD MISSING', 'missing'],
  [404, 'X', 'no such route', 'internal'],
  [503, 'X', 'away', 'unavailable'],
  [500, 'X', 'broken', 'internal'],
  [400, 'X', 'some rule of the bank', 'refused'],
];

void test('each code is told apart by its status and its words', () => {
  assert.equal(answers.length, errorTable.length, 'an answer for every row');
  for (const [at, [status, code, message, of]] of answers.entries()) {
    const query = JSON.stringify({ error: { code, message, type: 'BUSINESS' } });
    const command = JSON.stringify({ error: { errorDetails: [{ code, message }] } });
    for (const body of [query, command]) {
      assert.equal(
        failureOf({ status, headers: {}, body }).class,
        of,
        `${status} ${code} ${message}`,
      );
    }
    const row = errorTable.find(
      ([codes, statuses, words]) =>
        codes.test(code) && statuses.test(String(status)) && words.test(message),
    );
    assert.equal(row, errorTable[at], `row ${at} is what tells it`);
  }
});

void test('what comes from a gateway before the core is told by its status', () => {
  const headers = { 'retry-after': '7' };
  const limited = failureOf({ status: 429, headers, body: '<html>' });
  assert.deepEqual(
    [limited.class, limited.code, limited.retryAfterMs],
    ['limited', 'HTTP-429', 7_000],
  );
  assert.equal(failureOf({ status: 503, headers: {}, body: '' }).class, 'unavailable');
});

const refusals = [
  ['INSUFFICIENT AVAILABLE FUNDS', 'insufficient_funds', 'insufficient_funds'],
  ['LIMIT IS EXCEEDED', 'credit_limit_exceeded', 'credit_limit_exceeded'],
  ['ACCOUNT HAS A POSTING RESTRICTION', 'debit_account_frozen', 'credit_account_frozen'],
  ['LOCKED EVENT HAS ENDED', 'hold_voided', 'hold_voided'],
  ['AMOUNT GREATER THAN LOCKED AMOUNT', 'amount_exceeds_hold', 'amount_exceeds_hold'],
  ['ACCOUNT IS CLOSED', 'debit_account_closed', 'credit_account_closed'],
  ['CURRENCY DIFFERS', 'currency_mismatch', 'currency_mismatch'],
  ['RECORD MISSING', 'debit_account_not_found', 'credit_account_not_found'],
] as const;

void test('a refusal is told in our words, by the account that it is about', () => {
  assert.equal(refusals.length, refusalTable.length, 'a text for every row');
  for (const [text, debit, credit] of refusals) {
    assert.equal(rejectionOf({ field: 'debitAccountId', code: 'X', text }), debit);
    assert.equal(rejectionOf({ field: 'creditAccountId', code: 'X', text }), credit);
  }
  const other = { field: 'debitAccountId', code: 'X', text: 'A RULE OF ITS OWN' };
  assert.equal(rejectionOf(other), 'core_rejected');
});

void test('numbers of accounts do not stand in the reason', () => {
  const message = 'Account 1000000123 of customer 100210 is closed';
  const body = JSON.stringify({ error: { errorDetails: [{ code: 'X', message }] } });
  const { text } = failureOf({ status: 400, headers: {}, body });
  assert.equal(text, 'Account … of customer … is closed');
});
