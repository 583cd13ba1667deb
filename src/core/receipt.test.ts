// Receipts and consistency proofs from a sealed log, checked by us and by the stand-alone script.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openLog } from '../../test/log.ts';
import { type Tx, withTx } from './database.ts';
import type { Uuid } from './id.ts';
import { leafHash, verifyConsistency } from './merkle.ts';
import { parseCheckpoint, verifierKey } from './note.ts';
import {
  type Receipt,
  readConsistency,
  readReceipt,
  type receiptFlaws,
  verifyReceipt,
} from './receipt.ts';

const example = fileURLToPath(new URL('../../examples/02-receipt/', import.meta.url));
const script = join(example, 'verify-receipt.mjs');
const log = await openLog({ after });
const ids = await log.write('acme', 600);
await log.write('other', 3);
ids.push(...(await log.write('acme', 101)));

test('every event has a receipt that verifies under the key of its log', async () => {
  for (const index of [0, 1, 255, 256, 511, 512, 599, 600, 700]) {
    const receipt = await receiptOf(ids[index] as Uuid);
    assert.equal(receipt.leaf_index, index);
    assert.equal(receipt.tree_size, 701);
    assert.equal(JSON.parse(receipt.event).data.amount, index < 600 ? index : index - 600);
    assert.deepEqual(verifyReceipt(receipt, receipt.verifier_key), { ok: true });
  }
});

test('another tenant gets no receipt of an event, and nobody of one that is not', async () => {
  const own = ids[5] as Uuid;
  assert.equal(await inTenant('other', (tx) => readReceipt(tx, own, keys())), undefined);
  const unknown = own.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'));
  assert.equal(await inTenant('acme', (tx) => readReceipt(tx, unknown, keys())), undefined);
});

test('a receipt names the key that has signed, though the current one is another', async () => {
  const rotated = [newPublicKey(), ...keys()];
  const receipt = await inTenant('acme', (tx) => readReceipt(tx, ids[7] as Uuid, rotated));
  const { origin } = parseCheckpoint(receipt?.checkpoint ?? '');
  assert.equal(receipt?.verifier_key, verifierKey(origin, log.keyring.checkpointKey.publicKey));
  await assert.rejects(
    inTenant('acme', (tx) => readReceipt(tx, ids[7] as Uuid, [newPublicKey()])),
    { code: 'keyring_invalid' },
  );
});

test('what is changed in a receipt is noticed, by us and by the script', async () => {
  const receipt = await receiptOf(ids[300] as Uuid);
  const foreign = await inTenant('other', async (tx) => {
    const { rows } = await tx.query<{ note: string }>(
      'select note from core.checkpoint where tenant_id = $1 order by tree_size desc limit 1',
      ['other'],
    );
    return rows[0]?.note ?? '';
  });
  const [first = '', ...rest] = receipt.inclusion;
  const changes: [Partial<Record<keyof Receipt, unknown>>, (typeof receiptFlaws)[number]][] = [
    [{ format: 'countersign-receipt/2' }, 'not a receipt'],
    [{ event: receipt.event.replace('"amount":300', '"amount":3000') }, 'event not in the log'],
    [{ leaf_index: 301 }, 'event not in the log'],
    [{ leaf_index: -1 }, 'event not in the log'],
    [{ leaf_index: 300.5 }, 'event not in the log'],
    [{ tree_size: 702 }, 'tree size differs from the checkpoint'],
    [{ inclusion: rest }, 'event not in the log'],
    [{ inclusion: [first, ...receipt.inclusion] }, 'event not in the log'],
    [{ inclusion: [leafHash('x').toString('base64'), ...rest] }, 'event not in the log'],
    [{ inclusion: [first.slice(4), ...rest] }, 'event not in the log'],
    [
      { checkpoint: receipt.checkpoint.replace('\n701\n', '\n700\n') },
      'checkpoint not signed by this key',
    ],
    [{ checkpoint: foreign }, 'checkpoint not signed by this key'],
    [{ checkpoint: 'nothing' }, 'checkpoint malformed'],
  ];
  assert.equal(runScript(receipt, receipt.verifier_key).status, 0);
  for (const [change, reason] of changes) {
    const changed = { ...receipt, ...change };
    assert.deepEqual(verifyReceipt(changed, receipt.verifier_key), { ok: false, reason });
    const { status, stdout } = runScript(changed, receipt.verifier_key);
    assert.equal(status, 1, `the script accepts: ${reason}`);
    assert.match(stdout, /^FAILED: .+\n$/);
  }
});

test('a receipt convinces nobody who trusts another key', async () => {
  const receipt = await receiptOf(ids[0] as Uuid);
  const { origin } = parseCheckpoint(receipt.checkpoint);
  const stranger = verifierKey(origin, newPublicKey());
  const verdict = { ok: false, reason: 'checkpoint not signed by this key' };
  assert.deepEqual(verifyReceipt(receipt, stranger), verdict);
  assert.equal(runScript(receipt, stranger).status, 1);
  assert.throws(() => verifyReceipt(receipt, 'no key'), { code: 'input_invalid' });
  assert.match(runScript(receipt, 'no key').stdout, /^FAILED: the verifier key is malformed/);
});

test('the receipt of the example verifies, and prints what is committed beside it', () => {
  const receipt = readFileSync(join(example, 'receipt.json'), 'utf8');
  const vkey = readFileSync(join(example, 'verifier-key.txt'), 'utf8').trim();
  const { status, stdout } = runScript(JSON.parse(receipt), vkey);
  assert.equal(status, 0);
  assert.equal(stdout, readFileSync(join(example, 'output.txt'), 'utf8'));
});

test('the log of one size is proved to begin the log of another', async () => {
  const { rows } = await inTenant('acme', (tx) =>
    tx.query<{ tree_size: bigint; root: Buffer }>(
      'select tree_size, root from core.checkpoint order by tree_size',
    ),
  );
  const [first, second] = [rows[0], rows.at(-1)];
  assert(first !== undefined && second !== undefined);
  assert.deepEqual([first.tree_size, second.tree_size], [600n, 701n]);
  const { proof } = await inTenant('acme', (tx) => readConsistency(tx, 600, 701));
  const claim = { first: 600, second: 701, firstRoot: first.root, secondRoot: second.root };
  const hashes = proof.map((text) => Buffer.from(text, 'base64'));
  assert.equal(verifyConsistency({ ...claim, proof: hashes }), true);
  assert.equal(verifyConsistency({ ...claim, first: 599, proof: hashes }), false);
});

test('a consistency proof beyond the log, or backwards, is refused', async () => {
  const cases: [number, number, string][] = [
    [1, 702, 'not_found'],
    [0, 5, 'input_invalid'],
    [6, 5, 'input_invalid'],
    [1.5, 5, 'input_invalid'],
  ];
  for (const [from, to, code] of cases) {
    await assert.rejects(
      inTenant('acme', (tx) => readConsistency(tx, from, to)),
      { code },
    );
  }
  await assert.rejects(
    inTenant('nobody', (tx) => readConsistency(tx, 1, 1)),
    {
      code: 'not_found',
    },
  );
});

function inTenant<Result>(tenant: string, work: (tx: Tx) => Promise<Result>): Promise<Result> {
  return withTx(log.database.pool('read'), work, { tenant, readOnly: true });
}

async function receiptOf(id: Uuid): Promise<Receipt> {
  const receipt = await inTenant('acme', (tx) => readReceipt(tx, id, keys()));
  assert(receipt !== undefined, `event ${id} has a receipt`);
  return receipt;
}

function keys(): readonly Buffer[] {
  return log.keyring.checkpointPublicKeys;
}

function newPublicKey(): Buffer {
  const { publicKey } = generateKeyPairSync('ed25519');
  return publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
}

function runScript(receipt: unknown, vkey: string) {
  const path = join(mkdtempSync(join(tmpdir(), 'receipt-')), 'receipt.json');
  writeFileSync(path, JSON.stringify(receipt));
  return spawnSync(process.execPath, [script, path, vkey], { encoding: 'utf8' });
}
