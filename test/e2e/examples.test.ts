// The examples print what is committed beside them: the documentation is a golden test.
//   COUNTERSIGN_WRITE=1 npm run e2e -- test/e2e/examples.test.ts      writes the outputs anew
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { serverProcess } from '../server-process.ts';

const examples = fileURLToPath(new URL('../../examples', import.meta.url));
const server = await serverProcess();
const timeoutMs = 20_000;
const settledMaxMs = 120_000;

/** With the demo bank, as `npm start` has it: one of the examples is its agent. */
before(async () => {
  await server.start({ args: ['--traffic', '1'] });
  const deadline = performance.now() + settledMaxMs;
  while (!server.output().includes('the agent assistant may act')) {
    assert.ok(performance.now() < deadline, `there is no demo bank: ${server.output()}`);
    await sleep(100);
  }
});

after(async () => {
  await server.stop();
  server.remove();
});

for (const example of globSync('*/run.mjs', { cwd: examples }).sort()) {
  const folder = example.split('/')[0] as string;
  test(`the example ${folder} prints what it says`, async () => {
    const printed = await run(`${examples}/${example}`, await openTenant(`of-${folder}`));
    const path = outputOf(`${examples}/${folder}`);
    if (process.env['COUNTERSIGN_WRITE']) writeFileSync(path, printed);
    assert.equal(normalized(printed), normalized(readFileSync(path, 'utf8')));
  });
}

test('every example is listed, and its output is read from a file', () => {
  const readme = readFileSync(`${examples}/README.md`, 'utf8');
  for (const folder of globSync('[0-9]*', { cwd: examples })) {
    assert.ok(readme.includes(`(${folder}/run.mjs)`), `${folder} is not in examples/README.md`);
    assert.ok(readme.includes(`(${outputOf(folder)})`), `${folder} has no output in the README`);
  }
});

/** `output.txt`, but where another program of the example has that name already. */
function outputOf(folder: string): string {
  const path = `${folder}/run-output.txt`;
  const isThere = existsSync(path.startsWith('/') ? path : `${examples}/${path}`);
  return isThere ? path : `${folder}/output.txt`;
}

async function run(script: string, key: string): Promise<string> {
  const where = { COUNTERSIGN_URL: server.url, COUNTERSIGN_DATA: server.folder };
  const env = { ...process.env, ...where, COUNTERSIGN_KEY: key };
  const options = { env, timeout: timeoutMs };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [script], options).catch(
    (error: Error) => assert.fail(`${error}\nthe server said: ${server.output()}`),
  );
  assert.equal(stderr, '');
  return stdout;
}

async function openTenant(id: string): Promise<string> {
  const answer = await fetch(`${server.url}/v1/tenants`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${server.operatorKey()}`,
      'content-type': 'application/json',
      'idempotency-key': id,
    },
    body: JSON.stringify({ tenant_id: id, name: id }),
  });
  return ((await answer.json()) as { api_key: { secret: string } }).api_key.secret;
}

/** Ids, instants and hashes differ from run to run; where the same one comes twice is kept. */
function normalized(text: string): string {
  const seen = new Map<string, string>();
  const changing =
    /\b(?:(?<kind>acc|trf|hld|evt|cmd|dec)_[0-9a-hjkmnp-tv-z]{26}|\d{4}-\d\d-\d\dT[\d:.]+Z|(?<hex>[0-9a-f]{16,64}))\b/g;
  return text.replace(changing, (found, kind: string | undefined, hex: string | undefined) => {
    const name = seen.get(found) ?? `<${kind ?? (hex ? 'hash' : 'instant')} ${seen.size + 1}>`;
    seen.set(found, name);
    return name;
  });
}
