// A receipt: post, wait until the event is under a signed head, save the proof, and let the
// stand-alone verifier judge it; then change one digit of it.
//   COUNTERSIGN_URL=http://127.0.0.1:7400 COUNTERSIGN_KEY=… node run.mjs
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const { COUNTERSIGN_URL: url, COUNTERSIGN_KEY: key } = process.env;
const verifier = fileURLToPath(new URL('verify-receipt.mjs', import.meta.url));

async function call(method, path, body) {
  const answer = await fetch(url + path, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(body && { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: answer.status, json: await answer.json() };
}

const open = async (type) =>
  (await call('POST', '/v1/accounts', { type, currency: 'EUR' })).json.id;
const transfer = {
  debit_account_id: await open('asset'),
  credit_account_id: await open('liability'),
  amount: 125_00,
  currency: 'EUR',
};
const posted = await call('POST', '/v1/transfers', transfer);
const { id: transferId } = posted.json.transfers[0];
console.log(`posted ${transferId}`);

/** The event that tells of the transfer, once it is sealed. */
async function findEvent() {
  for (let after = 0; ; await sleep(10)) {
    const { items, next } = (await call('GET', `/v1/events?limit=200&after=${after}`)).json;
    const found = items.find(({ event }) => event.data.payload.transfer_id === transferId);
    if (found) return found.event.id;
    after = next;
  }
}

// A head is signed every second; until one covers the event, there is no receipt.
const eventId = await findEvent();
let receipt = await call('GET', `/v1/events/${eventId}/receipt`);
while (receipt.status === 404) {
  await sleep(100);
  receipt = await call('GET', `/v1/events/${eventId}/receipt`);
}

// In earnest this key comes from the bank on another way, once, and is kept.
const { verifier_key: verifierKey } = receipt.json;

const folder = mkdtempSync(join(tmpdir(), 'receipt-'));
function judge(name, value) {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(value, null, 2));
  const { status, stdout } = spawnSync(process.execPath, [verifier, path, verifierKey]);
  console.log(`${name}: ${String(stdout).trim()} (exit code ${status})`);
}
judge('receipt.json', receipt.json);
const event = receipt.json.event.replace('"amount":12500', '"amount":92500');
judge('tampered.json', { ...receipt.json, event });
rmSync(folder, { recursive: true });
