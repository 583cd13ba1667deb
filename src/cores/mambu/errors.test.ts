// Mambu: every reason, number and status that we know leads where it should, in both shapes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault } from '#core';
import { rejections } from '#money';
import { failureClasses, isRetryable } from '../failures.ts';
import {
  aboutSomeAccount,
  classOfReason,
  classOfStatus,
  failureOf,
  reasonOfCode,
  refusedAs,
  rejectionOfReason,
} from './errors.ts';

const answer = (status: number, body: unknown, headers: Record<string, string> = {}) => ({
  ...{ status, headers },
  body: typeof body === 'string' ? body : JSON.stringify(body),
});
const inList = (errorReason: string, errorCode: unknown = 9_999) => ({
  errors: [{ errorCode, errorSource: 'Erika Muster', errorReason }],
});

void test('a reason is classified by its name, in a list as well as bare', () => {
  for (const [reason, expected] of Object.entries(classOfReason)) {
    assert.ok(Object.hasOwn(failureClasses, expected));
    for (const body of [inList(reason), { errorCode: '9999', errorReason: reason }]) {
      const failure = failureOf(answer(400, body));
      assert.deepEqual([failure.class, failure.code], [expected, reason]);
      assert.ok(!failure.text.includes('Erika'), 'sources may name a person');
    }
  }
});

void test('a number that is published stands for its reason, as a number or a text', () => {
  for (const [code, reason] of Object.entries(reasonOfCode)) {
    for (const errorCode of [Number(code), code]) {
      for (const body of [{ errors: [{ errorCode }] }, { errorCode }]) {
        const failure = failureOf(answer(400, body));
        assert.deepEqual(
          [failure.code, failure.class],
          [reason, classOfReason[reason] ?? 'refused'],
        );
      }
    }
  }
});

void test('a status that says enough is believed, whatever stands in the body', () => {
  for (const [status, expected] of Object.entries(classOfStatus)) {
    for (const body of ['<html>', '', inList('INVALID_PARAMETERS')]) {
      assert.equal(failureOf(answer(Number(status), body)).class, expected);
    }
  }
  assert.equal(failureOf(answer(429, '', { 'retry-after': '3' })).retryAfterMs, 3_000);
  assert.equal(failureOf(answer(404, '<html>nginx</html>')).class, 'malformed');
});

void test('what nobody has told us about is refused by its own name', () => {
  const failure = failureOf(answer(400, inList('SOME_NEW_RULE', 4_711)));
  assert.deepEqual([failure.class, failure.text], ['refused', '4711 SOME_NEW_RULE']);
  const strange = failureOf(answer(400, inList('Frau Muster darf das nicht', 4_711)));
  assert.deepEqual([strange.class, strange.text], ['refused', '4711 4711']);
});

void test('a refused move is rejected in the words of our ledger', () => {
  for (const [reason, code] of Object.entries(rejectionOfReason)) {
    assert.ok(Object.hasOwn(rejections, code));
    assert.ok(!aboutSomeAccount.has(reason), 'for those the accounts are asked');
    const told = refusedAs(failureOf(answer(400, inList(reason))));
    assert.ok(told.status === 'rejected' && told.code === code && told.coreReason.includes(reason));
  }
});

void test('a move is asked for again, unknown or rejected by the class of its failure', () => {
  for (const of of Object.keys(failureClasses) as (keyof typeof failureClasses)[]) {
    const failure = { class: of, code: 'X', text: 'X' };
    if (['unavailable', 'internal', 'malformed'].includes(of)) {
      assert.equal(refusedAs(failure).status, 'unknown');
    } else if (isRetryable(of) || ['unauthenticated', 'forbidden', 'duplicate'].includes(of)) {
      assert.throws(() => refusedAs(failure), Fault);
    } else {
      assert.equal(refusedAs(failure).status, 'rejected');
    }
  }
});
