import assert from 'node:assert/strict';
import { createSecretKey, generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import { derivedUuid, Fault, seededRandom, temporaryKeyring } from '#core';
import fc from 'fast-check';
import { Secret, TOTP, URI } from 'otpauth';
import { isSignedBy, readPublicKey, totpSecret } from './proof.ts';

const keys = temporaryKeyring(seededRandom(7)).totpKeys;
const id = derivedUuid('01980000-0000-7000-8000-000000000000', 'authenticator', 0);
const keyId = keys.currentId;
const secret = totpSecret(keys, { tenant: 'bank', id, keyId });
const periodMs = 30_000;

/** The app of a customer, which knows nothing but what it was shown. */
function appOf(uri: string) {
  const app = URI.parse(uri) as TOTP;
  return (timestamp: number) => app.generate({ timestamp });
}

test('an app that was shown the secret gives codes that are right, as RFC 6238 has them', () => {
  const app = appOf(secret.uri('Demo bank', 'cus_01j9zk3v8w2q'));
  const instants = fc.integer({ min: periodMs * 10, max: 2 ** 41 });
  fc.assert(
    fc.property(instants, (at) => secret.stepOf(app(at), at) === Math.floor(at / periodMs)),
  );
  // The vectors of RFC 6238, appendix B, cut to six digits: what apps expect of the parameters.
  const rfc = Secret.fromLatin1('12345678901234567890');
  const code = (timestamp: number) => TOTP.generate({ secret: rfc, timestamp });
  assert.deepEqual([59_000, 1_111_111_109_000].map(code), ['287082', '081804']);
});

test('a clock may be off by one step, and by no more', () => {
  const app = appOf(secret.uri('Demo bank', 'cus_01j9zk3v8w2q'));
  const at = Date.parse('2026-01-05T09:00:00Z');
  const step = at / periodMs;
  const found = [-2, -1, 0, 1, 2].map((off) => secret.stepOf(app(at + off * periodMs), at));
  assert.deepEqual(found, [null, step - 1, step, step + 1, null]);
  assert.equal(secret.stepOf(app(at + 2 * periodMs - 1), at), step + 1);
});

test('a secret is that of one authenticator of one tenant under one key', () => {
  const other = createSecretKey(Buffer.alloc(32, 1));
  const more = {
    currentId: 'totp-2',
    secret: (key: string) => (key === 'totp-2' ? other : keys.secret(key)),
  };
  const uris = [
    secret,
    totpSecret(keys, { tenant: 'bank2', id, keyId }),
    totpSecret(keys, { tenant: 'bank', id: derivedUuid(id, 'authenticator', 1), keyId }),
    totpSecret(more, { tenant: 'bank', id, keyId: 'totp-2' }),
  ].map((each) => each.uri('', 'a'));
  assert.equal(new Set(uris).size, 4);
  // After a rotation those that were enrolled before have the secret that they had.
  assert.equal(totpSecret(more, { tenant: 'bank', id, keyId }).uri('', 'a'), uris[0]);
  const gone = (error: unknown) => error instanceof Fault && error.code === 'keyring_invalid';
  assert.throws(() => totpSecret(keys, { tenant: 'bank', id, keyId: 'totp-9' }), gone);
});

test('a device signs one text, in every form in which devices sign', () => {
  const ed = generateKeyPairSync('ed25519');
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const edKey = readPublicKey(ed.publicKey.export({ format: 'jwk' }));
  const ecKey = readPublicKey(ec.publicKey.export({ format: 'pem', type: 'spki' }).toString());
  const sign256 = (dsaEncoding: 'der' | 'ieee-p1363') => (data: Buffer) =>
    sign('sha256', data, { key: ec.privateKey, dsaEncoding });
  const signers = [
    [edKey, (data: Buffer) => sign(null, data, ed.privateKey)],
    [ecKey, sign256('der')],
    [ecKey, sign256('ieee-p1363')],
  ] as const;
  for (const [key, signed] of signers) {
    const signature = signed(Buffer.from('{"amount":4200}')).toString('base64url');
    assert.equal(isSignedBy(key, '{"amount":4200}', signature), true);
    assert.equal(isSignedBy(key, '{"amount":42000}', signature), false);
    assert.equal(isSignedBy(key === edKey ? ecKey : edKey, '{"amount":4200}', signature), false);
  }
});

test('whatever is no signature is wrong, and never an error', () => {
  const keysOfBoth = [
    readPublicKey(generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })),
    readPublicKey(
      generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' }),
    ),
  ];
  const bytes = fc.uint8Array({ minLength: 0, maxLength: 75 });
  fc.assert(
    fc.property(fc.constantFrom(...keysOfBoth), bytes, (key, signature) => {
      return !isSignedBy(key, 'text', Buffer.from(signature).toString('base64url'));
    }),
  );
});

test('a key of another kind, or none at all, is refused with its place', () => {
  const refused = (given: Parameters<typeof readPublicKey>[0]) =>
    assert.throws(
      () => readPublicKey(given),
      (error) => error instanceof Fault && JSON.stringify(error.detail).includes('/public_key'),
    );
  const spki = { format: 'pem', type: 'spki' } as const;
  refused(generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export(spki).toString());
  refused(generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({ format: 'jwk' }));
  refused(generateKeyPairSync('x25519').publicKey.export(spki).toString());
  refused('-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n');
  const point = 'A'.repeat(43);
  refused({ kty: 'EC', crv: 'P-256', x: point, y: point });
});
