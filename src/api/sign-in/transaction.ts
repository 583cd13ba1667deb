// What we have to remember while somebody is away at the issuer: it travels in a cookie that only
// we can read or make.
import type { Instant, Random } from '#core';
import { createCipheriv, createDecipheriv, hash, type KeyObject } from 'node:crypto';

export type Transaction = {
  readonly state: string;
  readonly nonce: string;
  /** RFC 7636: the issuer knows its digest. */
  readonly verifier: string;
  /** A path of ours. */
  readonly returnTo: string;
  readonly expiresAt: Instant;
};

export const transactionMaxMs = 10 * 60_000;

const algorithm = 'aes-256-gcm';
const [ivBytes, tagBytes, secretBytes] = [12, 16, 32];
/** So that nothing else that is under the key can be taken for one. */
const purpose = Buffer.from('countersign sign-in transaction 1');

export function newTransaction(
  random: Random,
  { returnTo, now }: { readonly returnTo: string; readonly now: Instant },
): Transaction {
  return {
    ...{ state: newSecret(random), nonce: newSecret(random), verifier: newSecret(random) },
    ...{ returnTo, expiresAt: now + transactionMaxMs },
  };
}

/** 256 random bits, as text. */
export function newSecret(random: Random): string {
  return Buffer.from(random.bytes(secretBytes)).toString('base64url');
}

export function challengeOf({ verifier }: Transaction): string {
  return hash('sha256', verifier, 'base64url');
}

export function sealTransaction(key: KeyObject, transaction: Transaction, random: Random): string {
  const iv = random.bytes(ivBytes);
  const cipher = createCipheriv(algorithm, key, iv, { authTagLength: tagBytes });
  cipher.setAAD(purpose);
  const body = [cipher.update(JSON.stringify(transaction), 'utf8'), cipher.final()];
  return Buffer.concat([iv, ...body, cipher.getAuthTag()]).toString('base64url');
}

/** Undefined for what we have not made, and for what has taken too long. */
export function openTransaction(
  key: KeyObject,
  sealed: string,
  now: Instant,
): Transaction | undefined {
  try {
    const bytes = Buffer.from(sealed, 'base64url');
    const iv = bytes.subarray(0, ivBytes);
    const decipher = createDecipheriv(algorithm, key, iv, { authTagLength: tagBytes });
    decipher.setAAD(purpose);
    decipher.setAuthTag(bytes.subarray(-tagBytes));
    const body = decipher.update(bytes.subarray(ivBytes, -tagBytes));
    const text = Buffer.concat([body, decipher.final()]).toString('utf8');
    const transaction = JSON.parse(text) as Transaction;
    return transaction.expiresAt > now ? transaction : undefined;
  } catch {
    return undefined;
  }
}
