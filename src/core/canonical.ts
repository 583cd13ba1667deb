// Canonical JSON (RFC 8785): one text for one value, so that a digest means something.
import { hash } from 'node:crypto';

/** What may be written canonically. Numbers must be finite; undefined members are left out. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [member: string]: Json | undefined };

/**
 * RFC 8785 text: members sorted by UTF-16 code units, numbers and strings as ECMAScript writes
 * them. Ours rather than a library's because every command and event passes through it; a value
 * whose members stand in order already is left to the engine's own JSON.
 */
export function canonicalJson(value: Json): string {
  return isInOrder(value) ? JSON.stringify(value) : sortedJson(value);
}

function isInOrder(value: Json | undefined): boolean {
  if (value === undefined) return false;
  if (value === null || typeof value !== 'object') {
    return typeof value !== 'number' || Number.isFinite(value);
  }
  if (isArray(value)) return value.every(isInOrder);
  let before = '';
  for (const member in value) {
    const content = value[member];
    if (content === undefined) continue;
    if (member < before || !isInOrder(content)) return false;
    before = member;
  }
  return true;
}

function sortedJson(value: Json): string {
  if (value === null || typeof value !== 'object') {
    if (typeof value === 'number' && !Number.isFinite(value)) {
      throw new Error('canonical JSON has no NaN and no infinity');
    }
    return JSON.stringify(value);
  }
  if (isArray(value)) return `[${value.map(sortedJson).join(',')}]`;
  let text = '';
  for (const member of Object.keys(value).sort()) {
    const content = value[member];
    if (content === undefined) continue;
    text += `${text === '' ? '' : ','}${JSON.stringify(member)}:${sortedJson(content)}`;
  }
  return `{${text}}`;
}

function isArray(value: object): value is readonly Json[] {
  return Array.isArray(value);
}

/** SHA-256 of a text's UTF-8 bytes, in hexadecimal. */
export function sha256Hex(text: string): string {
  return hash('sha256', text, 'hex');
}
