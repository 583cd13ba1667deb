import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  checkpointText,
  type NoteSigner,
  parseCheckpoint,
  parseNote,
  parseVerifierKey,
  signNote,
  verifierKey,
  verifyNote,
} from './note.ts';

// The example that the specification and its first implementation (Go's sumdb/note) publish.
const published = {
  vkey: 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
  note: `If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
`,
};

const origin = 'countersign/0123456789abcdef/acme';
const head = { origin, size: 20_852_163, root: randomBytes(32) };

test('the published note verifies under the published key', () => {
  assert.equal(verifyNote(published.note, published.vkey), true);
  assert.equal(verifyNote(published.note.replace('think', 'thank'), published.vkey), false);
  const { name, publicKey } = parseVerifierKey(published.vkey);
  assert.equal(verifierKey(name, publicKey), published.vkey);
});

test('a signed checkpoint reads back as it was and verifies under its key alone', () => {
  const signer = newSigner(origin);
  const note = signNote(checkpointText(head), signer);
  assert.match(note, /^countersign\/0123456789abcdef\/acme\n20852163\n\S{44}\n\n— \S+ \S{92}\n$/);
  const { origin: name, size, root, extensions } = parseCheckpoint(note);
  assert.deepEqual({ origin: name, size, root }, head);
  assert.deepEqual(extensions, []);
  assert.equal(verifyNote(note, verifierKey(origin, signer.publicKey)), true);
  assert.equal(verifyNote(note, verifierKey(origin, newSigner(origin).publicKey)), false);
  assert.equal(verifyNote(note, verifierKey(`${origin}/2`, signer.publicKey)), false);
});

test('cosignatures of witnesses are kept, and do not disturb ours', () => {
  const [signer, witness] = [newSigner(origin), newSigner('witness.example/w1')];
  const note = signNote(checkpointText(head), signer);
  // cosignature/v1 has a timestamp before the signature: a kind we do not know.
  const cosignature = randomBytes(4 + 8 + 64).toString('base64');
  const cosigned = `${note}— ${witness.name} ${cosignature}\n`;
  assert.deepEqual(
    parseNote(cosigned).signatures.map(({ name }) => name),
    [origin, 'witness.example/w1'],
  );
  assert.equal(verifyNote(cosigned, verifierKey(origin, signer.publicKey)), true);
});

test('a wrong signature under our key spoils the note, even beside the right one', () => {
  const signer = newSigner(origin);
  const note = signNote(checkpointText(head), signer);
  const forged = { ...signer, sign: () => randomBytes(64) };
  const spoiled = note + (signNote(checkpointText(head), forged).split('\n\n')[1] ?? '');
  assert.equal(parseNote(spoiled).signatures.length, 2);
  assert.equal(verifyNote(spoiled, verifierKey(origin, signer.publicKey)), false);
});

test('extension lines are read and signed', () => {
  const signer = newSigner(origin);
  const note = signNote(`${checkpointText(head)}generation 2\n`, signer);
  assert.deepEqual(parseCheckpoint(note).extensions, ['generation 2']);
  assert.equal(verifyNote(note, verifierKey(origin, signer.publicKey)), true);
});

test('any changed character of a note is noticed', () => {
  const signer = newSigner(origin);
  const note = signNote(checkpointText(head), signer);
  const vkey = verifierKey(origin, signer.publicKey);
  fc.assert(
    fc.property(fc.nat(note.length - 1), fc.constantFrom(...'A+\n x'), (at, letter) => {
      fc.pre(note[at] !== letter);
      const changed = note.slice(0, at) + letter + note.slice(at + 1);
      let verified = false;
      try {
        verified = verifyNote(changed, vkey);
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'input_invalid');
      }
      assert.equal(verified, false);
    }),
    { numRuns: 300 },
  );
});

test('what is not a note, a checkpoint or a verifier key is refused with the reason', () => {
  const note = signNote(checkpointText(head), newSigner(origin));
  const root = head.root.toString('base64');
  const cases: [() => unknown, RegExp][] = [
    [() => parseNote(''), /no blank line/],
    [() => parseNote(note.trimEnd()), /last line/],
    [() => parseNote(`${note}\u0007\n`), /control characters/],
    [() => parseNote('x'.repeat(200_000)), /too long/],
    [() => parseNote(note + '— a AAAAAAAA\n'.repeat(100)), /too many signatures/],
    [() => parseNote(`${note}-- name AAAA\n`), /not "— NAME BASE64"/],
    [() => parseNote(`${note}— name AAAA\n`), /signature by name/],
    [() => parseNote(`${note}— name AAAAAAAA=\n`), /signature by name/],
    [() => parseCheckpoint(note.replace('20852163', '020852163')), /no tree size/],
    [() => parseCheckpoint(note.replace('20852163', '9007199254740993')), /no tree size/],
    [() => parseCheckpoint(note.replace(root, 'AAAA')), /no root hash/],
    [() => parseVerifierKey('name'), /not NAME\+KEYID\+BASE64/],
    [() => parseVerifierKey(published.vkey.replace('c74f20a3', 'c74f20a4')), /another key/],
    [() => parseVerifierKey(published.vkey.replace('+AR', '+BR')), /not an Ed25519 key/],
  ];
  for (const [read, message] of cases) {
    assert.throws(read, { name: 'Fault', code: 'input_invalid', message });
  }
});

function newSigner(name: string): NoteSigner {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  return { name, publicKey: raw, sign: (bytes) => sign(null, bytes, privateKey) };
}
