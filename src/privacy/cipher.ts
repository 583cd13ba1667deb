// Authenticated encryption of the vault: what is encrypted opens only in the place it was made for.
import { Fault, lengthPrefixed, type Random } from '#core';
import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';

const algorithm = 'aes-256-gcm';
const keyBytes = 32;
// NIST SP 800-38D, 8.2.2: 96 random bits serve 2^32 encryptions under one key.
const nonceBytes = 12;
const tagBytes = 16;

/** The place of what is encrypted: its kind, tenant and names. It is authenticated, not stored. */
export type Place = readonly string[];

export function newKey(random: Random): KeyObject {
  return createSecretKey(random.bytes(keyBytes));
}

/** Nonce, ciphertext, tag. */
export function encrypt(
  key: KeyObject,
  plain: Uint8Array,
  { place, random }: { place: Place; random: Random },
): Buffer {
  const nonce = random.bytes(nonceBytes);
  const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: tagBytes });
  cipher.setAAD(Buffer.from(lengthPrefixed(place)));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** Throws `vault_damaged` for another key, another place or a changed byte. */
export function decrypt(key: KeyObject, encrypted: Uint8Array, place: Place): Buffer {
  try {
    const nonce = encrypted.subarray(0, nonceBytes);
    const decipher = createDecipheriv(algorithm, key, nonce, { authTagLength: tagBytes });
    decipher.setAAD(Buffer.from(lengthPrefixed(place)));
    decipher.setAuthTag(encrypted.subarray(-tagBytes));
    const body = encrypted.subarray(nonceBytes, -tagBytes);
    return Buffer.concat([decipher.update(body), decipher.final()]);
  } catch (cause) {
    const [kind = '', tenant = ''] = place;
    const message = `what the vault holds as ${kind} of ${tenant} does not open with its key`;
    throw new Fault('vault_damaged', message, { cause });
  }
}

/** A key under another: what the database may hold of it. */
export function wrapKey(
  under: KeyObject,
  key: KeyObject,
  where: { place: Place; random: Random },
): Buffer {
  return encrypt(under, key.export(), where);
}

export function unwrapKey(under: KeyObject, wrapped: Uint8Array, place: Place): KeyObject {
  return createSecretKey(decrypt(under, wrapped, place));
}
