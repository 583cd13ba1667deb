import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { test } from 'node:test';
import { toMinorUnits } from '#core';
import { TOTP } from 'otpauth';
import type { Answer, LoadClient } from './load-client.ts';
import type { Confirmation, Operation } from './operation.ts';
import { createPayers } from './payers.ts';

/** By its digest the one has a phone, the other types codes. */
const [withPhone, withCodes] = ['cus_a', 'cus_f'];

test('a customer with a phone signs the terms that are shown, a thief in vain', async () => {
  const bank = fakeBank();
  const payers = createPayers(bank);
  await payers.enrol([withPhone]);
  assert.deepEqual([...bank.kinds], ['signature']);
  assert.deepEqual(await answers(bank, payers, withPhone, 'right'), [true]);
  assert.deepEqual(await answers(bank, payers, withPhone, 'second_try'), [false, true]);
  assert.deepEqual(await answers(bank, payers, withPhone, 'wrong'), [false, false]);
  assert.deepEqual(await answers(bank, payers, withPhone, 'none'), []);
});

test('a code counts once: whoever has none left waits for the next', async () => {
  const bank = fakeBank();
  const payers = createPayers(bank);
  await payers.enrol([withCodes]);
  assert.deepEqual([...bank.kinds], ['totp']);
  assert.equal(bank.confirmed, 1, 'a generator counts once it has shown a first code');
  assert.deepEqual(await answers(bank, payers, withCodes, 'second_try'), [false, true]);
  assert.deepEqual(await answers(bank, payers, withCodes, 'right'), []);
  bank.now += 30_000;
  assert.deepEqual(await answers(bank, payers, withCodes, 'right'), [true]);
  assert.equal(new Set(bank.codes).size, bank.codes.length, 'no code was sent twice');
});

test('whoever was not enrolled before is enrolled when asked', async () => {
  const bank = fakeBank();
  assert.deepEqual(await answers(bank, createPayers(bank), withPhone, 'right'), [true]);
});

type FakeBank = ReturnType<typeof fakeBank>;

/** What the bank has made of each proof that came for one payment. */
async function answers(
  bank: FakeBank,
  payers: ReturnType<typeof createPayers>,
  debtor: string,
  confirmation: Confirmation,
): Promise<boolean[]> {
  bank.proofs.length = 0;
  const leg = { debit: 'a', credit: 'b', amount: toMinorUnits(1), currency: 'EUR' };
  const circumstances = { country: 'DE', isNewDevice: false, isNewPayee: false, confirmation };
  const payment = { action: 'pay', leg, debtor, metadata: {}, kind: 'peer_transfer' } as const;
  const operation: Operation = { ...payment, key: 'k', effectiveAt: 0, chains: [], circumstances };
  await payers.confirm('pay_1', operation);
  return [...bank.proofs];
}

function fakeBank() {
  const totp = new TOTP({ issuer: 'bank', label: 'cus', period: 30 });
  const terms = '{"amount":1}';
  let publicKey = '';
  const bank = {
    now: Date.parse('2026-01-05T09:00:10Z'),
    kinds: new Set<string>(),
    confirmed: 0,
    proofs: [] as boolean[],
    codes: [] as string[],
  };

  function prove({ code, signature }: { code?: string; signature?: string }): boolean {
    if (code !== undefined) return totp.validate({ token: code, timestamp: bank.now }) !== null;
    const key = createPublicKey(publicKey);
    return verify(null, Buffer.from(terms), key, Buffer.from(signature ?? '', 'base64url'));
  }

  const client: LoadClient = {
    retries: {},
    close: async () => undefined,
    async send({ method, path, body = '{}' }): Promise<Answer> {
      const asked = JSON.parse(body) as Record<string, string>;
      if (method === 'GET') return told({ status: 'posted', text_to_sign: terms });
      if (path === '/v1/authenticators') {
        bank.kinds.add(asked['kind'] ?? '');
        publicKey = asked['public_key'] ?? '';
        return told({ id: 'aut_1', otpauth_uri: totp.toString() });
      }
      const isRight = prove(asked);
      if (asked['code'] !== undefined && isRight) bank.codes.push(asked['code']);
      if (path.endsWith('/confirm')) {
        assert.ok(isRight);
        bank.confirmed += 1;
        return told({});
      }
      bank.proofs.push(isRight);
      return told({ status: isRight ? 'succeeded' : 'failed' });
    },
  };
  return Object.assign(bank, { client, clock: { now: () => bank.now } });
}

function told(answer: object): Answer {
  return { status: 201, replayed: false, text: JSON.stringify(answer) };
}
