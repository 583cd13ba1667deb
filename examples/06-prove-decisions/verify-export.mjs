// Verifies an export of the log offline: node verify-export.mjs decisions.jsonl 'VERIFIER-KEY' …
//
// It trusts only the keys that you give it (two after a rotation), and shares no code with the
// server. Each event is under a signed tree head by a path of hashes (RFC 9162), and all lines but
// the last are under a seal, a signature over their digest.
import { createHash, createPublicKey, verify } from 'node:crypto';
import { createReadStream } from 'node:fs';

const [path, ...verifierKeys] = process.argv.slice(2);
try {
  check(verifierKeys.length > 0, "usage: node verify-export.mjs export.jsonl 'VERIFIER-KEY' …");
  const { count, log, type, from, to, tree_size: size } = await verifyExport(path, verifierKeys);
  console.log(`OK: ${count} × ${type} from ${from} to ${to}\n    in ${log} of ${size} events`);
} catch (error) {
  console.log(`FAILED: ${error.message}`);
  process.exitCode = 1;
}

async function verifyExport(path, vkeys) {
  const keys = vkeys.map(readKey);
  const [digest, roots] = [createHash('sha256'), new Set()];
  let [header, seen, before, held] = [null, 0, '', null];
  // The seal is over all lines but the last, which is known only by the end of the file.
  for await (const line of linesOf(path)) {
    if (held !== null) {
      digest.update(held).update('\n');
      const value = JSON.parse(held);
      if (header !== null) {
        before = checkEvent(value, header, before);
        roots.add(climb(value, header.tree_size).toString('base64'));
        seen += 1;
      } else header = value;
    }
    held = line;
  }
  check(header?.format === 'countersign-export/1', 'this is not an export of format 1');
  const { log, type, from, to, tree_size } = header;
  const { checkpoint, count, seal } = JSON.parse(held);
  check(JSON.stringify({ checkpoint, count, seal }) === String(held), 'the last line is malformed');
  const [origin, size, root] = openNote(checkpoint, keys, log);
  check(origin === log && size === String(tree_size), 'the tree head is of another log or size');
  const isThere = [...roots].every((each) => each === root);
  check(isThere, 'an event is not in the log at the place that is named');
  const sum = digest.digest('base64');
  const sealed = [header.format, log, type, `${from} ${to}`, tree_size, seen, sum].join('\n');
  const isSealed = openNote(seal, keys, log).join('\n') === sealed && count === seen;
  check(isSealed, 'the lines are not those that were sealed');
  return { ...header, count };
}

/** The event is of the type and time that were asked for, and stands behind the one before it. */
function checkEvent({ event }, { type, from, to }, before) {
  const { id, type: own } = JSON.parse(event);
  check(own === type && id > before, `event ${id} is of another type or stands elsewhere`);
  // An id begins with its instant: 48 bits in base32, behind two that are zero.
  const letters = '0123456789abcdefghjkmnpqrstvwxyz';
  let at = 0;
  for (const letter of id.slice(4, 14)) at = at * 32 + letters.indexOf(letter);
  check(Date.parse(from) <= at && at < Date.parse(to), `event ${id} is of another time`);
  return id;
}

/** Lines as bytes, each ended by a line feed: what is hashed must not pass through a decoder. */
async function* linesOf(path) {
  let rest = Buffer.alloc(0);
  for await (const chunk of createReadStream(path)) {
    rest = Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      yield rest.subarray(0, end);
      rest = rest.subarray(end + 1);
    }
  }
  check(rest.length === 0, 'the file is cut off');
}

// NAME+KEYID+BASE64, where the base64 holds a byte 1 (Ed25519) and the key.
function readKey(vkey) {
  const [, name, id, encoded] = /^([^+\s]+)\+([0-9a-f]{8})\+(\S+)$/.exec(vkey) ?? [];
  const typed = Buffer.from(encoded ?? '', 'base64');
  check(typed.length === 33 && typed[0] === 1, 'the verifier key is malformed');
  const own = sha256(Buffer.from(`${name}\n`), typed).subarray(0, 4);
  check(own.toString('hex') === id, 'the verifier key does not have its own id');
  const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), typed.subarray(1)]);
  return { name, id, key: createPublicKey({ key: der, format: 'der', type: 'spki' }) };
}

// A note is its text, a blank line, and `— NAME BASE64`, signed by one of the keys.
function openNote(note, keys, log) {
  const [, text, name, encoded] = /^([\s\S]+\n)\n— (\S+) (\S+)\n$/.exec(note) ?? [];
  const bytes = Buffer.from(encoded ?? '', 'base64');
  const signer = keys.find(({ id }) => id === bytes.subarray(0, 4).toString('hex'));
  const isOurs = signer?.name === log && name === log && bytes.toString('base64') === encoded;
  const isSigned = isOurs && verify(null, Buffer.from(text), signer.key, bytes.subarray(4));
  check(isSigned, `a note is not signed by the key of ${log}`);
  return text.slice(0, -1).split('\n');
}

// From the event to the root, RFC 9162, 2.1.3.2.
function climb({ event, leaf_index: index, inclusion }, size) {
  check(Number.isSafeInteger(index) && 0 <= index && index < size, 'there is no such leaf');
  let hash = sha256(Buffer.of(0), Buffer.from(event));
  let [node, last] = [BigInt(index), BigInt(size - 1)];
  for (const sibling of inclusion.map((text) => Buffer.from(text, 'base64'))) {
    check(last > 0n && sibling.length === 32, 'the path is too long, or no hashes');
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
