// By what a core and we name the same move: derived from the command, so that whoever asks again
// names it again.
import { hash } from 'node:crypto';
import { type Command, lengthPrefixed } from '#core';

/** RFC 4648 base32: what every core we know takes in a reference. */
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const length = 16;

/** 16 of A-Z and 2-7: 80 bits. `step` is that of a call before that of the command itself. */
export function referenceOf(
  { tenant, idempotencyKey }: Pick<Command, 'tenant' | 'idempotencyKey'>,
  step?: number,
): string {
  const parts = [tenant, idempotencyKey, ...(step === undefined ? [] : [String(step)])];
  const digest = hash('sha256', lengthPrefixed(parts), 'buffer');
  let bits = BigInt(`0x${digest.subarray(0, (length * 5) / 8).toString('hex')}`);
  let text = '';
  for (let at = 0; at < length; at += 1) {
    text = `${letters[Number(bits & 31n)]}${text}`;
    bits >>= 5n;
  }
  return text;
}

/** 8 hexadecimal digits, kept by the core: under one reference, commands are told apart by it. */
export function markOf({ digest }: Pick<Command, 'digest'>): string {
  return digest.slice(0, 8);
}
