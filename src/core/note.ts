// Signed tree heads as text: C2SP signed notes (c2sp.org/signed-note) that hold checkpoints
// (c2sp.org/tlog-checkpoint), so that the witnesses that exist can cosign our logs.
import { createPublicKey, hash, verify } from 'node:crypto';
import { assert } from './assert.ts';
import { Fault } from './fault.ts';

export type NoteSigner = {
  /** For a checkpoint the origin of its log: that is where witnesses look for our key. */
  readonly name: string;
  /** The 32 bytes of an Ed25519 key. */
  readonly publicKey: Buffer;
  readonly sign: (bytes: Uint8Array) => Buffer;
};

export type NoteSignature = {
  readonly name: string;
  /** Eight hexadecimal digits. */
  readonly keyId: string;
  readonly signature: Buffer;
};

export type Note = {
  /** What is signed, its last line break included. */
  readonly text: string;
  /** In their order, those of unknown keys and kinds (witnesses' cosignatures) included. */
  readonly signatures: readonly NoteSignature[];
};

export type TreeHead = { readonly origin: string; readonly size: number; readonly root: Buffer };

export type Checkpoint = TreeHead & Note & { readonly extensions: readonly string[] };

const ed25519Kind = 1;
const keyBytes = 32;
const keyIdBytes = 4;
const rootBytes = 32;
/** A note that is larger, or has more signatures, is not read: nobody means well with it. */
const noteCharactersMax = 100_000;
const signaturesMax = 100;
// RFC 8410: the DER of an Ed25519 public key is these bytes and then the key.
const ed25519Prefix = Buffer.from('302a300506032b6570032100', 'hex');

export function signNote(text: string, signer: NoteSigner): string {
  assert(text.endsWith('\n') && !text.includes('\n\n'), 'a note is lines, none of them empty');
  assert(isName(signer.name), 'a key name has neither spaces nor plus signs');
  const signature = signer.sign(Buffer.from(text));
  const id = Buffer.from(keyIdOf(signer.name, signer.publicKey), 'hex');
  return `${text}\n— ${signer.name} ${Buffer.concat([id, signature]).toString('base64')}\n`;
}

/**
 * Whether the key of `vkey` has signed the note. Signatures of other keys are ignored; a wrong one
 * under this key's name and id spoils the note, whatever stands beside it.
 */
export function verifyNote(noteText: string, vkey: string): boolean {
  const { name, keyId, publicKey } = parseVerifierKey(vkey);
  const { text, signatures } = parseNote(noteText);
  const ours = signatures.filter((line) => line.name === name && line.keyId === keyId);
  if (ours.length === 0) return false;
  const der = Buffer.concat([ed25519Prefix, publicKey]);
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
  const signed = Buffer.from(text);
  return ours.every(({ signature }) => verify(null, signed, key, signature));
}

export function parseNote(noteText: string): Note {
  if (noteText.length > noteCharactersMax) throw invalid('the note is too long');
  if (hasControlCharacters(noteText)) throw invalid('the note holds control characters');
  const end = noteText.lastIndexOf('\n\n');
  if (end < 1) throw invalid('the note has no blank line between its text and its signatures');
  if (!noteText.endsWith('\n')) throw invalid('the last line of the note is not complete');
  const lines = noteText.slice(end + 2, -1).split('\n');
  if (lines.length > signaturesMax) throw invalid('the note has too many signatures');
  return { text: noteText.slice(0, end + 1), signatures: lines.map(parseSignature) };
}

function parseSignature(line: string): NoteSignature {
  const [dash, name, encoded, ...rest] = line.split(' ');
  const bytes = encoded === undefined ? undefined : fromBase64(encoded);
  if (dash !== '—' || name === undefined || !isName(name) || rest.length > 0) {
    throw invalid('a signature line of the note is not "— NAME BASE64"');
  }
  if (bytes === undefined || bytes.length <= keyIdBytes) {
    throw invalid(`the signature by ${name} is not the base64 of a key id and a signature`);
  }
  return {
    name,
    keyId: bytes.subarray(0, keyIdBytes).toString('hex'),
    signature: bytes.subarray(keyIdBytes),
  };
}

// Checkpoints -------------------------------------------------------------------------------------

export function checkpointText({ origin, size, root }: TreeHead): string {
  return `${origin}\n${size}\n${root.toString('base64')}\n`;
}

export function parseCheckpoint(noteText: string): Checkpoint {
  const note = parseNote(noteText);
  const [origin, decimal, encoded, ...extensions] = note.text.slice(0, -1).split('\n');
  if (origin === undefined || origin === '') throw invalid('the checkpoint names no origin');
  const size = Number(decimal);
  if (!/^(0|[1-9]\d*)$/.test(decimal ?? '') || !Number.isSafeInteger(size)) {
    throw invalid(`the checkpoint of ${origin} has no tree size in its second line`);
  }
  const root = fromBase64(encoded ?? '');
  if (root?.length !== rootBytes) {
    throw invalid(`the checkpoint of ${origin} has no root hash in its third line`);
  }
  return { origin, size, root, extensions, ...note };
}

// Keys --------------------------------------------------------------------------------------------

/** The text that tells others our key: `NAME+KEYID+BASE64`. */
export function verifierKey(name: string, publicKey: Buffer): string {
  assert(isName(name), 'a key name has neither spaces nor plus signs');
  return `${name}+${keyIdOf(name, publicKey)}+${typedKey(publicKey).toString('base64')}`;
}

export function parseVerifierKey(vkey: string): {
  name: string;
  keyId: string;
  publicKey: Buffer;
} {
  // Base64 has plus signs too: only the first two divide.
  const [, name, keyId, encoded] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/u.exec(vkey) ?? [];
  const typed = encoded === undefined ? undefined : fromBase64(encoded);
  if (name === undefined || !isName(name) || typed === undefined) {
    throw invalid('the verifier key is not NAME+KEYID+BASE64');
  }
  const publicKey = typed.subarray(1);
  if (typed[0] !== ed25519Kind || publicKey.length !== keyBytes) {
    throw invalid(`the verifier key of ${name} is not an Ed25519 key`);
  }
  if (keyIdOf(name, publicKey) !== keyId) {
    throw invalid(`the verifier key of ${name} has the id of another key or name`);
  }
  return { name, keyId, publicKey };
}

/** SHA-256(name || 0x0A || 0x01 || key), the first four bytes. */
function keyIdOf(name: string, publicKey: Buffer): string {
  assert(publicKey.length === keyBytes, 'an Ed25519 key has 32 bytes');
  const input = Buffer.concat([Buffer.from(`${name}\n`), typedKey(publicKey)]);
  return hash('sha256', input, 'hex').slice(0, 2 * keyIdBytes);
}

function typedKey(publicKey: Buffer): Buffer {
  return Buffer.concat([Buffer.of(ed25519Kind), publicKey]);
}

function isName(name: string): boolean {
  return name !== '' && !/[\s+]/u.test(name);
}

// Text --------------------------------------------------------------------------------------------

/** The bytes, or undefined for anything that is not exactly their canonical base64. */
function fromBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}

function hasControlCharacters(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < 0x20 && code !== 0x0a) return true;
  }
  return false;
}

function invalid(message: string): Fault {
  return new Fault('input_invalid', message);
}
