import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault } from '#core';
import { creditor, openBank, openCanned, orderOf, replyTo } from '../../../test/flexcube-bank.ts';
import { errorCodesOf, failureOf, knownCodes, meanings, plainText, refusalOf } from './errors.ts';

/** Every row: what the core says, and as what it comes to whoever has asked for a transfer. */
const rows: readonly (readonly [code: string, text: string, comesTo: string])[] = [
  ['AC-OVD01', 'Available amount of 1000000001 after this entry is 5.00-', 'insufficient_funds'],
  ['AC-OVD02', 'Account overdrawn', 'insufficient_funds'],
  ['UP-PMT-90', 'Insufficient account balance', 'insufficient_funds'],
  ['AC-VAC05', 'Account 1000000001 Dormant', 'core_rejected'],
  ['ST-VALS-002', 'Record Not Found for Account-1000000001', 'debit_account_not_found'],
  ['ST-VALS-002', 'Record Not Found for Account-1000000002', 'credit_account_not_found'],
  ['ST-VALS-009', 'Key 4711 is there', 'duplicate'],
  ['ST-VALS-011', 'Value of PRD', 'core_rejected'],
  ['TR-11002', 'Parameters passed are blank.', 'core_rejected'],
  ['X', 'Duplicate external reference', 'duplicate'],
  ['X', 'Contract is already reversed', 'already_reversed'],
  ['X', 'Record was changed by another user', 'throws stale'],
  ['X', 'Record is locked', 'throws locked'],
  ['ORA-00054', 'resource busy', 'throws locked'],
  ['X', 'Branch is in End of Day', 'throws unavailable'],
  ['X', 'Amount exceeds available balance', 'insufficient_funds'],
  ['X', 'Account 1000000001 Frozen', 'debit_account_frozen'],
  ['X', 'Account 1000000002 Frozen', 'credit_account_frozen'],
  ['X', 'No debit is allowed', 'debit_account_frozen'],
  ['X', 'Amount block is closed', 'hold_voided'],
  ['X', 'Account 1000000002 is closed', 'credit_account_closed'],
  ['X', 'Product does not exist', 'debit_account_not_found'],
  ['X', 'Currency differs', 'currency_mismatch'],
  ['X', 'Function is not authorised', 'throws forbidden'],
  ['X', 'Invalid user', 'throws unauthenticated'],
  ['X', 'Source A is not registered', 'throws unauthenticated'],
  ['X', 'User ID COUNTERSIGN does not exist', 'throws unauthenticated'],
  ['ORA-06502', 'PL/SQL: numeric or value error', 'unknown'],
  ['X', 'BRN is mandatory', 'core_rejected'],
  ['X', 'Value date is not valid', 'core_rejected'],
  ['X', 'Something of its own', 'core_rejected'],
];

test('flexcube: each error comes to what it means', () => {
  for (const [code, text, comesTo] of rows) {
    const errors = [
      { code: 'ST-SAVE-054', text: 'Failed to Save' },
      { code, text },
    ];
    assert.equal(told(errors), comesTo, `${code} ${text}`);
    assert.equal(told([...errors].reverse()), comesTo, 'in whatever order they come');
  }
  const missing = [...knownCodes.keys()].filter((code) => !rows.some(([each]) => each === code));
  assert.deepEqual(missing, [], 'each known code has its row');
});

test('flexcube: one duplicate among errors goes before the others; a wrapper alone counts', () => {
  const errors = [
    { code: 'AC-OVD01', text: '' },
    { code: 'ST-VALS-009', text: '' },
  ];
  assert.equal(told(errors), 'duplicate');
  assert.equal(told([{ code: 'ST-SAVE-054', text: 'Failed to Save' }]), 'core_rejected');
  assert.equal(told([]), 'unknown', 'a failure that names none may be anything');
});

test('flexcube: a bank names codes of its own, and only in known words', () => {
  const codes = errorCodesOf('AC-VAC04=account_frozen, BANK-1 = duplicate,');
  assert.equal(codes.get('AC-VAC04'), 'account_frozen');
  assert.equal(codes.get('AC-OVD01'), 'insufficient_funds', 'beside the known ones');
  assert.equal(refusalOf([{ code: 'BANK-1', text: 'Overdrawn' }], codes), 'duplicate');
  assert.throws(() => errorCodesOf('A=perhaps'), { code: 'input_invalid' });
  for (const name of Object.keys(meanings)) assert.ok(errorCodesOf(`A=${name}`).has('A'));
});

test('flexcube: nothing of its texts names an account, an amount or an address', () => {
  const text = 'Account 0010000005 of a.b@mail.example has 1,250.00- left after 12 days';
  assert.equal(plainText(text), 'Account # of # has # left after 12 days');
  const failure = failureOf([{ code: 'X', text: 'Record 101:1019000001258' }], knownCodes);
  assert.equal(failure.text, 'Record #:#');
});

test('flexcube: what stands before the gateway is told as what it is', async (t) => {
  let status = 200;
  const { operations } = await openCanned(t, () => ({ status, body: '<html>no</html>' }));
  const read = () => operations.readBalances({ id: creditor });
  const move = () => operations.transfer(orderOf('any'));
  for (const [code, reads, moves] of [
    [200, 'malformed', 'unknown'],
    [302, 'invalid', 'throws invalid'],
    [401, 'unauthenticated', 'throws unauthenticated'],
    [403, 'forbidden', 'throws forbidden'],
    [404, 'invalid', 'throws invalid'],
    [429, 'limited', 'throws limited'],
    [500, 'unavailable', 'unknown'],
    [502, 'unavailable', 'unknown'],
    [503, 'unavailable', 'unknown'],
  ] as const) {
    status = code;
    assert.equal(await outcome(read), `throws ${reads}`, String(code));
    assert.equal(await outcome(move), moves, String(code));
  }
});

test('flexcube: a fault of SOAP is unknown to a move, and internal to a question', async (t) => {
  const fault = '<S:Fault><faultstring>broken</faultstring></S:Fault>';
  const body = `<S:Envelope xmlns:S="urn:s"><S:Body>${fault}</S:Body></S:Envelope>`;
  const { operations } = await openCanned(t, () => ({ status: 500, body }));
  assert.equal(await outcome(() => operations.transfer(orderOf('any'))), 'unknown');
  assert.equal(await outcome(() => operations.readBalances({ id: creditor })), 'throws internal');
});

test('flexcube: several blocks with several errors are all read', async (t) => {
  const error = (code: string) => `<ERROR><ECODE>${code}</ECODE><EDESC>none</EDESC></ERROR>`;
  const block = (content: string) => `<FCUBS_ERROR_RESP>${content}</FCUBS_ERROR_RESP>`;
  const { operations } = await openCanned(t, () => ({
    body: replyTo('CREATETRANSACTION_FSFS', {
      header: '<MSGSTAT>FAILURE</MSGSTAT>',
      body: block(error('ST-SAVE-054') + error('ST-SAVE-024')) + block(error('AC-OVD01')),
    }),
  }));
  const answer = await operations.transfer(orderOf('poor'));
  assert.ok(answer.status === 'rejected' && answer.code === 'insufficient_funds');
});

test('flexcube: a core that nobody reaches has done nothing', async (t) => {
  const { transfer, simulator, readParty } = await openBank(t);
  await simulator.close();
  assert.equal(await outcome(() => transfer(orderOf('away'))), 'throws unavailable');
  assert.equal(await outcome(async () => readParty?.({ id: '1' })), 'throws unavailable');
});

function told(errors: Parameters<typeof refusalOf>[0]): string {
  try {
    const answer = refusalOf(errors, knownCodes, { creditor: creditor.slice(4) });
    if (answer === 'duplicate') return answer;
    return answer.status === 'rejected' ? answer.code : answer.status;
  } catch (error) {
    return thrown(error);
  }
}

async function outcome(work: () => Promise<unknown>): Promise<string> {
  try {
    const answer = (await work()) as { readonly status?: string } | undefined;
    return answer?.status ?? 'read';
  } catch (error) {
    return thrown(error);
  }
}

function thrown(error: unknown): string {
  assert.ok(error instanceof Fault, String(error));
  return `throws ${String(error.detail['class'])}`;
}
