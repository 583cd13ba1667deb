// Tokens: what stands for a personal value everywhere outside of the vault.
import type { Random } from '#core';
import { type FieldClass, fieldClassNames, fieldClasses } from './classes.ts';

declare const opaque: unique symbol;

/** `tok_`, the prefix of its class, and 130 random bits. It tells nothing but its class. */
export type Token = string & { readonly [opaque]: true };

// Crockford's base32, as in ids.
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
const letters = 26;
const form = /^tok_([a-z]{2,5})_[0-9a-hjkmnp-tv-z]{26}$/;
const classes = new Map<string, FieldClass>(
  fieldClassNames.map((fieldClass) => [fieldClasses[fieldClass].prefix, fieldClass]),
);

export function newToken(fieldClass: FieldClass, random: Random): Token {
  let text = `tok_${fieldClasses[fieldClass].prefix}_`;
  for (const byte of random.bytes(letters)) text += alphabet[byte & 31];
  return text as Token;
}

/** The class that a token names, or undefined for what is no token. */
export function classOfToken(text: string): FieldClass | undefined {
  return classes.get(form.exec(text)?.[1] ?? '');
}

export function isToken(text: string): text is Token {
  return classOfToken(text) !== undefined;
}
