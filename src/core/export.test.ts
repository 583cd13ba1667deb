// Exports of a sealed log, judged by the stand-alone script as a stranger would run it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { openLog } from '../../test/log.ts';
import { withTx } from './database.ts';
import { type ExportOptions, exportEvents } from './export.ts';
import { externalId, type Uuid } from './id.ts';
import { temporaryKeyring } from './keyring.ts';
import { parseCheckpoint, verifierKey } from './note.ts';
import { seededRandom } from './random.ts';

const script = fileURLToPath(
  new URL('../../examples/06-prove-decisions/verify-export.mjs', import.meta.url),
);
const folder = mkdtempSync(join(tmpdir(), 'export-'));
after(() => rmSync(folder, { recursive: true }));

const log = await openLog({ after });
const ids = await log.write('acme', 300);
await log.write('other', 3);
ids.push(...(await log.write('acme', 230)));
const whole = await exported({});
const vkey = keyOf(whole);

test('every event of the span is there once, and the script agrees', () => {
  const told = whole.slice(1, -1).map((line) => JSON.parse(line) as { event: string });
  assert.deepEqual(
    told.map(({ event }) => (JSON.parse(event) as { id: string }).id),
    ids.toSorted().map((id) => externalId('event', id)),
  );
  const { status, stdout } = judge(whole);
  assert.equal(status, 0, stdout);
  assert.match(stdout, /^OK: 530 × test\.happened from 1970\S+ to 2100\S+\n {4}in \S+ of 530 /);
});

test('a span is half-open, and may be empty', async () => {
  const instants = [...new Set(ids.map(instantOf))].toSorted((one, other) => one - other);
  const [from, to] = [instants[1] ?? 0, instants.at(-1) ?? 0];
  const expected = ids.filter((id) => from <= instantOf(id) && instantOf(id) < to).length;
  const some = await exported({ from, to });
  assert.equal(some.length - 2, expected);
  assert.equal(judge(some).status, 0);
  const none = await exported({ from: 0, to: 1 });
  assert.equal(none.length, 2);
  assert.match(judge(none).stdout, /^OK: 0 × test/);
  assert.equal((await exported({ type: 'test.never' })).length, 2);
});

test('a line that is left out, repeated, moved or added is noticed', async () => {
  const [header = '', first = '', second = '', third = '', ...rest] = whole;
  const foreign = (await exported({ tenant: 'other' }))[1] as string;
  const forgeries = [
    [header, second, third, ...rest],
    [header, first, first, second, third, ...rest],
    [header, second, first, third, ...rest],
    [header, first, second, third, foreign, ...rest],
    [header, first, second, third, ...rest.slice(0, -1)],
    [header, first],
    [header],
    [],
    [first, second, third, ...rest],
    [...whole, rest.at(-1) as string],
    whole.map((line) => `${line} `),
  ];
  for (const [index, lines] of forgeries.entries()) {
    const { status, stdout } = judge(lines);
    assert.equal(status, 1, `forgery ${index} is accepted`);
    assert.match(stdout, /^FAILED: .+\n$/);
  }
  assert.equal(judge(Buffer.from(whole.join('\n'))).status, 1, 'a file without its end');
});

test('whichever byte of whichever field is changed, the script notices', async () => {
  const lines = await exported({ tenant: 'other' });
  const bytes = Buffer.from(textOf(lines));
  // Each field with its name, from its quotation mark to the next field.
  const fields = [...bytes.toString('latin1').matchAll(/"\w+":|\\"\w+\\":|\n/g)].map(
    ({ index }, at, all) => ({ from: index, to: all[at + 1]?.index ?? bytes.length }),
  );
  assert.equal(judge(bytes, keyOf(lines)).status, 0);
  const change = fc.record({
    field: fc.nat(fields.length - 1),
    offset: fc.nat(1_000),
    difference: fc.integer({ min: 1, max: 255 }),
  });
  fc.assert(
    fc.property(change, ({ field, offset, difference }) => {
      const { from, to } = fields[field] as (typeof fields)[number];
      const changed = Buffer.from(bytes);
      const position = from + (offset % (to - from));
      changed[position] = (changed[position] as number) ^ difference;
      return judge(changed, keyOf(lines)).status === 1;
    }),
    { numRuns: 50 },
  );
});

test('an export convinces nobody who trusts another key, or another log', async () => {
  const { origin } = parseCheckpoint((JSON.parse(whole.at(-1) ?? '') as Last).checkpoint);
  const stranger = verifierKey(origin, temporaryKeyring(seededRandom(8)).checkpointKey.publicKey);
  assert.match(judge(whole, stranger).stdout, /^FAILED: a note is not signed by the key/);
  const other = keyOf(await exported({ tenant: 'other' }));
  assert.match(judge(whole, other).stdout, /^FAILED: a note is not signed by the key/);
  assert.match(judge(whole, 'no key').stdout, /^FAILED: the verifier key is malformed/);
});

test('after a rotation the head is under the old key and the seal under the new one', async () => {
  const next = temporaryKeyring(seededRandom(9));
  const checkpointPublicKeys = [next.checkpointKey.publicKey, ...log.keyring.checkpointPublicKeys];
  const keyring = { checkpointKey: next.checkpointKey, checkpointPublicKeys };
  const rotated = await exported({ keyring });
  const keys = (JSON.parse(rotated[0] ?? '') as Header).verifier_keys;
  assert.equal(keys.length, 2);
  assert.equal(judge(rotated, ...keys).status, 0);
  assert.equal(judge(rotated, keys[0] as string).status, 1);
});

test('a log without a signed head has nothing to export yet', async () => {
  await assert.rejects(exported({ tenant: 'nobody' }), { code: 'not_found' });
});

type Header = { readonly verifier_keys: readonly string[] };
type Last = { readonly checkpoint: string };

/** The lines of an export, all of the tenant's events unless said otherwise. */
async function exported({
  tenant = 'acme',
  ...options
}: Partial<ExportOptions> & { readonly tenant?: string }): Promise<string[]> {
  const chunks = await exportEvents({
    type: 'test.happened',
    from: 0,
    to: Date.parse('2100-01-01T00:00:00Z'),
    keyring: log.keyring,
    read: (work) => withTx(log.database.pool('read'), work, { tenant, readOnly: true }),
    ...options,
  });
  let text = '';
  for await (const chunk of chunks) text += chunk;
  return text.slice(0, -1).split('\n');
}

function textOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

function keyOf([header = '']: readonly string[]): string {
  return (JSON.parse(header) as Header).verifier_keys[0] as string;
}

/** What the script says, under the key of the log acme unless another is given. */
function judge(content: readonly string[] | Buffer, ...keys: readonly string[]) {
  const path = join(folder, 'export.jsonl');
  writeFileSync(path, Buffer.isBuffer(content) ? content : textOf(content as string[]));
  const trusted = keys.length > 0 ? keys : [vkey];
  return spawnSync(process.execPath, [script, path, ...trusted], { encoding: 'utf8' });
}

function instantOf(id: Uuid): number {
  return Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);
}
