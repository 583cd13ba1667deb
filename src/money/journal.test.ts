import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import { moneySchemas, rejections } from './journal.ts';

const ajv = new Ajv({ strict: false });
const isMove = ajv.compile(moneySchemas.postLeg);

const account = 'acc_01ke6p51qbg86s9hhsxk40xeay';
const leg = {
  kind: 'post',
  debit_account_id: account,
  credit_account_id: account,
  amount: 14_999,
  currency: 'USD',
};

test('an amount is an integer of minor units from 1 to 2^53 - 1', () => {
  for (const amount of [1, 14_999, Number.MAX_SAFE_INTEGER]) {
    assert.ok(isMove({ ...leg, amount }), String(amount));
  }
  for (const amount of [0, -1, 0.5, 2 ** 53, Number.NaN, '1', null, [1]]) {
    assert.equal(isMove({ ...leg, amount }), false, String(amount));
  }
});

test('a leg has no field that is unknown', () => {
  assert.equal(isMove({ ...leg, amonut: 1 }), false);
  assert.equal(isMove({ ...leg, currency: 'usd' }), false);
  assert.equal(isMove({ ...leg, debit_account_id: account.replace('acc', 'hld') }), false);
});

test('metadata is text that PostgreSQL can keep', () => {
  const keeps = (note: string) => isMove({ ...leg, metadata: { note } });
  assert.ok(keeps(''));
  assert.ok(keeps('Café\n漢字 😀 \u0001'));
  assert.equal(keeps('a\u0000b'), false);
  assert.equal(keeps('half a pair: \ud83d'), false);
  assert.equal(keeps('\ude00'), false);
  assert.equal(keeps('x'.repeat(513)), false);
});

test('every reason says what is wrong in one sentence', () => {
  for (const [code, sentence] of Object.entries(rejections)) {
    assert.match(code, /^[a-z_]+$/);
    assert.match(sentence, /^[A-Z].*[^.]\.$/, code);
  }
});
