// Decisions: ask policy, be told why, export what was decided, and let the stand-alone verifier
// judge it; then take one line out of it.
//   COUNTERSIGN_URL=http://127.0.0.1:7400 COUNTERSIGN_KEY=… node run.mjs
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const { COUNTERSIGN_URL: url, COUNTERSIGN_KEY: key } = process.env;
const verifier = fileURLToPath(new URL('verify-export.mjs', import.meta.url));

async function call(method, path, body) {
  const answer = await fetch(url + path, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(body && { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, text };
}

const told = async (...request) => JSON.parse((await call(...request)).text);

const facts = { operation: 'journal.post', principal_kind: 'agent', amount_total: 125_00 };
const asked = await told('POST', '/v1/decisions', { point: 'ledger-operations', facts });
const { decision_id: id, decided_at, outcome, reasons } = asked;
console.log(`${outcome}: ${reasons.map(({ text }) => text).join(' ')}`);

const { why, why_not } = await told('GET', `/v1/decisions/${id}/explanation`);
console.log(why[0]);
console.log(why_not[0]);

// A head is signed every second; until one covers the decision, it is in no export.
const instant = Date.parse(decided_at);
const span = `from=${decided_at}&to=${new Date(instant + 1).toISOString()}`;
let lines = [];
while (!lines.some((line) => line.includes(id))) {
  await sleep(100);
  const { status, text } = await call('GET', `/v1/decisions/export?${span}`);
  if (status === 200) lines = text.trimEnd().split('\n');
}

// In earnest this key comes from the bank on another way, once, and is kept.
const [verifierKey] = JSON.parse(lines[0]).verifier_keys;

const folder = mkdtempSync(join(tmpdir(), 'decisions-'));
function judge(name, kept) {
  const path = join(folder, name);
  writeFileSync(path, kept.map((line) => `${line}\n`).join(''));
  const { status, stdout } = spawnSync(process.execPath, [verifier, path, verifierKey]);
  console.log(`${name}: ${String(stdout).trim().split('\n')[0]} (exit code ${status})`);
}
judge('decisions.jsonl', lines);
judge(
  'without-one.jsonl',
  lines.filter((line) => !line.includes(id)),
);
rmSync(folder, { recursive: true });
