// Verifies a receipt offline: node verify-receipt.mjs receipt.json 'VERIFIER-KEY'
//
// It trusts nothing but the key that you give it, and shares no code with the server. Read it: that
// an event is in the log is a signature (C2SP signed note) over a Merkle root (RFC 9162), and a
// path of hashes from the event to that root.
import { createHash, createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';

const [path, verifierKey] = process.argv.slice(2);
try {
  check(verifierKey, "usage: node verify-receipt.mjs receipt.json 'VERIFIER-KEY'");
  const { id, origin, size } = verifyReceipt(JSON.parse(readFileSync(path, 'utf8')), verifierKey);
  console.log(`OK: event ${id} is in the log ${origin} of ${size} events`);
} catch (error) {
  console.log(`FAILED: ${error.message}`);
  process.exitCode = 1;
}

function verifyReceipt(receipt, vkey) {
  check(receipt?.format === 'countersign-receipt/1', 'this is not a receipt of format 1');
  const { origin, size, root } = openCheckpoint(receipt.checkpoint, readKey(vkey));
  check(size === receipt.tree_size, 'the checkpoint is over a tree of another size');
  const leaf = sha256(Buffer.of(0), Buffer.from(receipt.event));
  const path = receipt.inclusion.map((text) => Buffer.from(text, 'base64'));
  check(
    path.every((hash) => hash.length === 32),
    'the path holds something other than hashes',
  );
  const reached = climb(leaf, receipt.leaf_index, size, path);
  check(reached.equals(root), 'the event is not in the log at the place that the receipt names');
  return { id: JSON.parse(receipt.event).id, origin, size };
}

// NAME+KEYID+BASE64, where the base64 holds a byte 1 (Ed25519) and the key.
function readKey(vkey) {
  const [, name, id, encoded] = /^([^+\s]+)\+([0-9a-f]{8})\+(\S+)$/.exec(vkey) ?? [];
  const typed = Buffer.from(encoded ?? '', 'base64');
  check(typed.length === 33 && typed[0] === 1, 'the verifier key is malformed');
  const expected = sha256(Buffer.from(`${name}\n`), typed)
    .toString('hex')
    .slice(0, 8);
  check(id === expected, 'the verifier key does not have its own id');
  const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), typed.subarray(1)]);
  return { name, id, key: createPublicKey({ key: der, format: 'der', type: 'spki' }) };
}

// The text, a blank line, and lines of "— NAME BASE64(key id, signature)".
function openCheckpoint(note, { name, id, key }) {
  const end = note.lastIndexOf('\n\n') + 1;
  check(end > 1, 'the checkpoint is malformed');
  const text = note.slice(0, end);
  const ours = note
    .slice(end + 1)
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([dash, signer]) => dash === '—' && signer === name)
    .map(([, , encoded]) => Buffer.from(encoded ?? '', 'base64'))
    .filter((bytes) => bytes.subarray(0, 4).toString('hex') === id);
  const isSigned = ours.every((bytes) => verify(null, Buffer.from(text), key, bytes.subarray(4)));
  check(ours.length > 0 && isSigned, `the checkpoint is not signed by ${name}+${id}`);
  const [origin, size, root] = text.split('\n');
  check(origin === name, `the checkpoint is of another log: ${origin}`);
  check(/^[1-9]\d{0,15}$/.test(size), 'the checkpoint has no tree size');
  return { origin, size: Number(size), root: Buffer.from(root, 'base64') };
}

// RFC 9162, 2.1.3.2.
function climb(leaf, index, size, path) {
  check(Number.isSafeInteger(index) && 0 <= index && index < size, 'there is no such leaf');
  let [hash, node, last] = [leaf, BigInt(index), BigInt(size - 1)];
  for (const sibling of path) {
    check(last > 0n, 'the path is too long');
    const isRight = node % 2n === 1n || node === last;
    hash = isRight ? sha256(Buffer.of(1), sibling, hash) : sha256(Buffer.of(1), hash, sibling);
    while (isRight && node % 2n === 0n && node > 0n) [node, last] = [node / 2n, last / 2n];
    [node, last] = [node / 2n, last / 2n];
  }
  check(last === 0n, 'the path is too short');
  return hash;
}

function sha256(...parts) {
  return createHash('sha256').update(Buffer.concat(parts)).digest();
}

function check(condition, message) {
  if (!condition) throw new Error(message);
}
