// The keyring: what it derives, what it refuses, and that rotation loses nothing.
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { inspect } from 'node:util';
import { Fault } from './fault.ts';
import { openKeyring, rotateKey } from './keyring.ts';
import { signNote, verifierKey, verifyNote } from './note.ts';
import { seededRandom } from './random.ts';

function openFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'keyring-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

const random = seededRandom(1);
const invalid = (part: RegExp) => (error: unknown) =>
  error instanceof Fault && error.code === 'keyring_invalid' && part.test(error.message);

test('a keyring is made once, and is the same whenever it is opened', (t) => {
  const folder = openFolder(t);
  assert.throws(() => openKeyring(folder, { random, create: false }), invalid(/no keyring/));
  const made = openKeyring(folder, { random, create: true });
  const again = openKeyring(folder, { random, create: false });
  assert.equal(again.logId, made.logId);
  assert.equal(again.databasePassword('money'), made.databasePassword('money'));
  assert.notEqual(again.databasePassword('money'), made.databasePassword('read'));
  assert.notEqual(again.databasePassword('money'), made.apiKeySecret('money'));
  assert.deepEqual(again.checkpointKey.publicKey, made.checkpointKey.publicKey);
});

test('only their owner can read the key files, and looser ones are refused', (t) => {
  const folder = openFolder(t);
  openKeyring(folder, { random, create: true });
  for (const name of readdirSync(join(folder, 'keys'))) {
    assert.equal(statSync(join(folder, 'keys', name)).mode & 0o077, 0);
  }
  chmodSync(join(folder, 'keys', 'countersign-1.json'), 0o640);
  assert.throws(() => openKeyring(folder, { random, create: true }), invalid(/chmod 600/));
});

test('a damaged file is named, and its content is not', (t) => {
  const folder = openFolder(t);
  openKeyring(folder, { random, create: true });
  const path = join(folder, 'keys', 'checkpoint-1.json');
  writeFileSync(path, '{"seed": "c2VjcmV0', { mode: 0o600 });
  assert.throws(
    () => openKeyring(folder, { random, create: true }),
    (error: Error) => error.message.includes(path) && !error.message.includes('c2Vj'),
  );
});

test('after a rotation the new key signs, and what the old one signed is still verified', (t) => {
  const folder = openFolder(t);
  const before = openKeyring(folder, { random, create: true });
  const { publicKey, sign } = before.checkpointKey;
  const note = signNote('a\n1\nAA==\n', { name: 'a', publicKey, sign });
  assert.equal(rotateKey(folder, 'checkpoint', random), 'checkpoint-2');
  assert.equal(rotateKey(folder, 'countersign', random), 'countersign-2');
  const after = openKeyring(folder, { random, create: false });
  assert.equal(after.checkpointKey.id, 'checkpoint-2');
  assert.equal(after.countersignKeys.currentId, 'countersign-2');
  assert.ok(after.countersignKeys.secret('countersign-1'));
  assert.equal(after.countersignKeys.secret('countersign-3'), undefined);
  assert.equal(after.checkpointPublicKeys.length, 2);
  const verifies = (key: Buffer) => verifyNote(note, verifierKey('a', key));
  assert.deepEqual(after.checkpointPublicKeys.map(verifies), [false, true]);
});

for (const kind of ['vault', 'totp'] as const) {
  test(`a key of ${kind} stays known after its rotation; an older keyring is given one`, (t) => {
    const folder = openFolder(t);
    const keysNow = (create: boolean) => openKeyring(folder, { random, create })[`${kind}Keys`];
    const before = keysNow(true);
    assert.equal(before.currentId, `${kind}-1`);
    assert.equal(rotateKey(folder, kind, random), `${kind}-2`);
    const after = keysNow(false);
    assert.equal(after.currentId, `${kind}-2`);
    assert.deepEqual(after.secret(`${kind}-1`)?.export(), before.secret(`${kind}-1`)?.export());
    for (const name of [`${kind}-1`, `${kind}-2`]) rmSync(join(folder, 'keys', `${name}.json`));
    assert.equal(keysNow(false).secret(`${kind}-1`), undefined);
    const given = keysNow(true);
    assert.ok(given.secret(given.currentId));
  });
}

test('a keyring shows no secret when it is printed', (t) => {
  const folder = openFolder(t);
  const keyring = openKeyring(folder, { random, create: true });
  const text = inspect(keyring, { depth: 10, showHidden: true });
  for (const secret of [
    keyring.databasePassword('money'),
    keyring.apiKeySecret('a'),
    keyring.webhookSecret('a'),
  ]) {
    assert.ok(!text.includes(secret));
  }
  assert.ok(!/private|seed/i.test(text));
});
