// What the core says when it refuses, row by row: what it is taken for, and what a move answers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault, readXml } from '#core';
import { rejections } from '#money';
import type { MoveAnswer } from '../adapter.ts';
import { type FailureClass, failureClasses } from '../failures.ts';
import {
  errorCodes,
  faultOf,
  httpFault,
  type MeaningName,
  meanings,
  moveAnswerOf,
  refusalIn,
} from './errors.ts';

const [debtor, creditor] = ['1000110010000001', '1000110010000002'];
const at = (account: string) => `M104/1|0001${account}EUR1.00`;

/** Description, what it means, what a move answers: a rejection, or why a fault is thrown. */
const rows: readonly (readonly [string, MeaningName, string])[] = [
  [`ACCOUNT FROZEN ${at(debtor)}`, 'frozen', 'debit_account_frozen'],
  [`Account is under total freeze ${at(creditor)}`, 'frozen', 'credit_account_frozen'],
  ['ACCOUNT FROZEN', 'frozen', 'debit_account_frozen'],
  [`ACCOUNT CLOSED ${at(creditor)}`, 'closed', 'credit_account_closed'],
  [`ACCOUNT CLOSED ${at(debtor)}`, 'closed', 'debit_account_closed'],
  ['Insufficient available balance', 'insufficient_funds', 'insufficient_funds'],
  ['Amount exceeds the available balance', 'insufficient_funds', 'insufficient_funds'],
  ['TRANSACTION ALREADY REVERSED', 'already_reversed', 'already_reversed'],
  ['Transaction does not exist', 'transaction_missing', 'transfer_not_found'],
  ['TRAN ID NOT FOUND', 'transaction_missing', 'transfer_not_found'],
  ['Transaction currency differs', 'currency_mismatch', 'currency_mismatch'],
  ['Duplicate RequestUUID', 'duplicate', 'unknown'],
  ['Record is locked by another user', 'locked', 'class locked'],
  ['Record in use', 'locked', 'class locked'],
  ['Too many requests', 'limited', 'class limited'],
  ['Invalid user id or password', 'unauthenticated', 'class unauthenticated'],
  ['User is not authorised for this service', 'forbidden', 'class forbidden'],
  [`Account does not exist ${at(creditor)}`, 'missing', 'credit_account_not_found'],
  [`INVALID ACCOUNT ${at(debtor)}`, 'missing', 'debit_account_not_found'],
  ['NO LIEN RECORDS EXIST', 'no_lien', 'core_rejected'],
  ['Mandatory field ValueDt', 'incomplete', 'class incomplete'],
  ['Invalid format of ValueDt', 'invalid', 'class invalid'],
  ['Transaction not balanced', 'invalid', 'class invalid'],
  ['Something of its own', 'refused', 'core_rejected'],
];

test('every description is taken for what it says', () => {
  for (const [description, meaning, expected] of rows) {
    const refusal = told('FIBusinessException', 'X1', description);
    assert.equal(refusal.meaning, meaning, description);
    assert.equal(
      answered(() => moveAnswerOf(refusal, { debtor, creditor })),
      expected,
      description,
    );
    assert.equal(faultOf(refusal).detail['class'], meanings[meaning].class);
  }
});

test('every meaning has a row, a class that there is, and a rejection that there is', () => {
  const shown = new Set(rows.map(([, meaning]) => meaning));
  const names = Object.keys(meanings) as MeaningName[];
  assert.deepEqual(
    names.filter((name) => !shown.has(name) && name !== 'broken'),
    [],
  );
  for (const name of names) {
    const of: { class: FailureClass; rejection?: string; sided?: string } = meanings[name];
    assert.ok(Object.hasOwn(failureClasses, of.class), name);
    if (of.rejection !== undefined) assert.ok(Object.hasOwn(rejections, of.rejection), name);
    if (of.sided !== undefined) assert.ok(Object.hasOwn(rejections, `debit_account_${of.sided}`));
  }
});

test('a bank names its own codes, and they go before the words', () => {
  const codes = errorCodes('E101=insufficient_funds E205=locked');
  const body = readXml(errorXml('FIBusinessException', 'E101', 'ACCOUNT FROZEN'));
  assert.equal(refusalIn(body, codes)?.meaning, 'insufficient_funds');
});

test('a system exception is definite about nothing, and neither is code SYS', () => {
  for (const [kind, code] of [
    ['FISystemException', 'GF3'],
    ['FIBusinessException', 'SYS'],
  ] as const) {
    const refusal = told(kind, code, 'ACCOUNT FROZEN');
    assert.deepEqual([refusal.isDefinite, refusal.meaning], [false, 'broken']);
    assert.deepEqual(moveAnswerOf(refusal, { debtor, creditor }), { status: 'unknown' });
    assert.equal(faultOf(refusal).detail['class'], 'internal');
  }
});

test('no number of an account leaves with a reason', () => {
  const refusal = told('FIBusinessException', 'GF3', `FROZEN ${debtor} ${at(debtor)}`);
  const answer = moveAnswerOf(refusal, { debtor, creditor });
  assert.ok(answer.status === 'rejected');
  assert.equal(answer.coreReason, 'GF3 FROZEN … M104/1');
  assert.ok(!faultOf(refusal).message.includes(debtor));
});

test('what HTTP says stands for itself', () => {
  const classes: readonly (readonly [number, FailureClass])[] = [
    ...([
      [400, 'invalid'],
      [401, 'unauthenticated'],
      [403, 'forbidden'],
    ] as const),
    ...([
      [404, 'invalid'],
      [408, 'unavailable'],
      [429, 'limited'],
      [503, 'unavailable'],
    ] as const),
  ];
  for (const [status, of] of classes) {
    assert.equal(httpFault(status, {}).detail['class'], of);
  }
  assert.equal(httpFault(429, { 'retry-after': '2' }).detail['retry_after_ms'], 2_000);
});

function told(kind: string, code: string, description: string) {
  const refusal = refusalIn(readXml(errorXml(kind, code, description)), errorCodes());
  assert.ok(refusal);
  return refusal;
}

function errorXml(kind: string, code: string, description: string): string {
  const detail = `<ErrorCode>${code}</ErrorCode><ErrorDesc>${description}</ErrorDesc>`;
  return `<Error><${kind}><ErrorDetail>${detail}</ErrorDetail></${kind}></Error>`;
}

function answered(work: () => MoveAnswer): string {
  try {
    const answer = work();
    return answer.status === 'rejected' ? answer.code : answer.status;
  } catch (error) {
    assert.ok(error instanceof Fault);
    return `class ${String(error.detail['class'])}`;
  }
}
