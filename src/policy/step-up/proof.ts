// Proofs of a customer: codes of an app (RFC 6238), and signatures of a device over exact terms.
import { Fault, type Instant, type Keyring, lengthPrefixed, refuseField, type Uuid } from '#core';
import {
  createHmac,
  createPublicKey,
  type JsonWebKey,
  type KeyObject,
  timingSafeEqual,
  verify,
} from 'node:crypto';
import { Secret, TOTP } from 'otpauth';

/** What every app for codes assumes, and some cannot be told otherwise. */
const [algorithm, digits, periodS] = ['SHA1', 6, 30] as const;
/** A clock may be off by this many steps, which is RFC 6238's advice (5.2). */
const stepsAround = 1;
/** RFC 4226, 4 (R6): 160 bits. */
const secretBytes = 20;
/** r and s of P-256 side by side (RFC 7518, 3.4), as browsers sign; others send DER. */
const rawSignatureBytes = 64;

export const codePattern = `^[0-9]{${digits}}$`;

/** The secret behind an authenticator's codes: made anew whenever it is needed, stored nowhere. */
export type TotpSecret = {
  /** The step (T of RFC 6238) of which the code is around that instant, or null. */
  readonly stepOf: (code: string, at: Instant) => number | null;
  /** What an app reads from a QR code. */
  readonly uri: (issuer: string, label: string) => string;
  /** What stands for a code in a record: equal for equal codes, and tells nothing of them. */
  readonly digestOf: (code: string) => string;
};

export type TotpKeys = Keyring['totpKeys'];

/** Throws `keyring_invalid` for a key that is gone: its authenticators prove nothing any more. */
export function totpSecret(
  keys: TotpKeys,
  authenticator: { readonly tenant: string; readonly id: Uuid; readonly keyId: string },
): TotpSecret {
  const { tenant, id, keyId } = authenticator;
  const key = keys.secret(keyId);
  if (key === undefined) throw new Fault('keyring_invalid', `there is no key ${keyId}`);
  const derived = createHmac('sha256', key)
    .update(lengthPrefixed(['totp', tenant, id]))
    .digest();
  const bytes = Uint8Array.from(derived.subarray(0, secretBytes));
  const secret = new Secret({ buffer: bytes.buffer });
  return {
    stepOf: (code, at) => stepOf(secret, code, at),
    uri: (issuer, label) =>
      new TOTP({ issuer, label, secret, algorithm, digits, period: periodS }).toString(),
    digestOf: (code) => createHmac('sha256', bytes).update(`code ${code}`).digest('hex'),
  };
}

/** Every code of the window is made and compared, whichever of them it is. */
function stepOf(secret: Secret, code: string, at: Instant): number | null {
  const current = Math.floor(at / (periodS * 1_000));
  let found: number | null = null;
  for (let step = current - stepsAround; step <= current + stepsAround; step += 1) {
    const timestamp = step * periodS * 1_000;
    const expected = TOTP.generate({ secret, algorithm, digits, period: periodS, timestamp });
    if (isEqual(code, expected)) found = step;
  }
  return found;
}

function isEqual(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** Whether the holder of the key (SPKI, DER, base64) has signed exactly this text. */
export function isSignedBy(publicKey: string, text: string, signature: string): boolean {
  const key = createPublicKey({
    ...{ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' },
  });
  const bytes = Buffer.from(signature, 'base64url');
  const data = Buffer.from(text);
  if (key.asymmetricKeyType === 'ed25519') return verify(null, data, key, bytes);
  const dsaEncoding = bytes.length === rawSignatureBytes ? 'ieee-p1363' : 'der';
  return verify('sha256', data, { key, dsaEncoding }, bytes);
}

/** A device's public key, as a JWK or in PEM, as it is kept: SPKI, DER, base64. */
export function readPublicKey(given: string | JsonWebKey): string {
  const key = parsed(given);
  const curve = key.asymmetricKeyDetails?.namedCurve;
  const isKnown = key.asymmetricKeyType === 'ed25519' || curve === 'prime256v1';
  if (!isKnown) refuseField('/public_key', 'must be a key of Ed25519 or of P-256');
  return key.export({ format: 'der', type: 'spki' }).toString('base64');
}

function parsed(given: string | JsonWebKey): KeyObject {
  try {
    return typeof given === 'string'
      ? createPublicKey({ key: given, format: 'pem', type: 'spki' })
      : createPublicKey({ key: given, format: 'jwk' });
  } catch {
    return refuseField('/public_key', 'is no public key, as a JWK or in PEM');
  }
}
