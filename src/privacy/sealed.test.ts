import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom, temporaryKeyring } from '#core';
import { openSealing } from './sealed.ts';

const random = seededRandom(1);
const place = ['prompt call', 'bank', 'prm_1'];

test('what is sealed opens in its own place, with its own keyring, and unchanged', () => {
  const keyring = temporaryKeyring(random);
  const sealing = openSealing(keyring, random);
  const sealed = sealing.seal('masked words', place);
  assert.notEqual(sealed, sealing.seal('masked words', place), 'equal texts look different');
  assert.equal(sealing.open(sealed, place), 'masked words');
  const damaged = { code: 'vault_damaged' };
  for (const other of [
    ['prompt call', 'bank', 'prm_2'],
    ['prompt call', 'other', 'prm_1'],
    ['another log', 'bank', 'prm_1'],
  ]) {
    assert.throws(() => sealing.open(sealed, other), damaged);
  }
  const changed = sealed.replace(/.(?==*$)/, (sign) => (sign === 'A' ? 'Q' : 'A'));
  assert.throws(() => sealing.open(changed, place), damaged);
  assert.throws(() => sealing.open('', place), { code: 'keyring_invalid' });
  const another = openSealing(temporaryKeyring(random), random);
  assert.throws(() => another.open(sealed, place), damaged);
  const { vaultKeys } = keyring;
  const next = temporaryKeyring(random).vaultKeys.secret('vault-1');
  const secret = (id: string) => (id === 'vault-2' ? next : vaultKeys.secret(id));
  const rotated = openSealing({ vaultKeys: { currentId: 'vault-2', secret } }, random);
  assert.equal(rotated.open(sealed, place), 'masked words', 'rotation loses nothing');
  assert.match(rotated.seal('x', place), /^vault-2 /);
});
