// Tampering as a superuser whom no trigger stops: verification names the row.
import assert from 'node:assert/strict';
import { after, test, type TestContext } from 'node:test';
import pg from 'pg';
import { testDatabase } from '../../test/database.ts';
import { eventText, openLog } from '../../test/log.ts';
import type { Finding } from './audit.ts';
import { logOrigin } from './heads.ts';
import { externalId, type Uuid } from './id.ts';
import { leafHash, rootOf } from './merkle.ts';
import { checkpointText, signNote } from './note.ts';
import { databaseSubtrees } from './receipt.ts';
import { type JournalCheck, type VerifiedEvent, type VerifyOptions, verifyLog } from './verify.ts';

// One log for all tests: each tampers with its own copy. Heads of acme at 300, 700, 2,300 and 2,310.
const log = await openLog({ after });
const { logId, checkpointKey, checkpointPublicKeys: publicKeys } = log.keyring;
const ids = await log.write('acme', 300);
await log.write('other', 5);
for (const count of [400, 1600, 10]) ids.push(...(await log.write('acme', count)));
await log.close();
const template = new URL(log.url).pathname.slice(1);

test('a log that nobody touched has no findings, and the root that was signed', async (t) => {
  const { verify, rows, client } = await openCopy(t);
  const seen: number[] = [];
  const verified = await verify({ progress: (done) => seen.push(done) });
  assert.deepEqual(verified.findings, []);
  assert.equal(verified.omitted, 0);
  assert.equal(verified.events, 2315);
  assert.equal(seen.at(-1), 2315);
  const [acme, other] = verified.tenants;
  assert(acme !== undefined && other !== undefined);
  assert.deepEqual([acme.tenant, acme.size, acme.signed], ['acme', 2310, 2310]);
  assert.deepEqual([other.tenant, other.size, other.signed], ['other', 5, 5]);
  assert.deepEqual(acme.root, await rootOf(2310, databaseSubtrees(client, 'acme')));
  const heads = await rows('select root from core.checkpoint order by tenant_id, tree_size');
  assert.equal(heads.length, 5);
});

test('an edited event is named, whether its subtree is complete or not', async (t) => {
  const { verify, edit } = await openCopy(t);
  for (const position of [7, 256, 2305]) await edit(position, 1_000_000);
  assert.deepEqual(places(await verify()), [
    ['event edited', 7],
    ['event edited', 256],
    ['event edited', 2305],
  ]);
  const [first] = (await verify()).findings;
  assert.equal(first?.tenant, 'acme');
  assert.equal(first?.event, externalId('event', ids[6] as Uuid));
});

test('a change of what stands beside the text of an event is named too', async (t) => {
  const { verify, tamper } = await openCopy(t);
  await tamper(`update core.event set type = 'test.other' where id = $1`, [ids[10]]);
  await tamper(`update core.event set tenant_id = 'other' where id = $1`, [ids[20]]);
  const forged = (ids[30] as string).replace(/^......../, '00000000');
  await tamper('update core.event set id = $2 where id = $1', [ids[30], forged]);
  assert.deepEqual(places(await verify()), [
    ['event edited', 11],
    ['event edited', 21],
    ['event edited', 31],
  ]);
});

test('a deleted event is named', async (t) => {
  const { verify, tamper } = await openCopy(t);
  await tamper('delete from core.event where id = any($1)', [[ids[99], ids[2309]]]);
  assert.deepEqual(places(await verify()), [
    ['event deleted', 100],
    ['event deleted', 2310],
  ]);
});

test('two events that changed places are named with the places they had', async (t) => {
  const { verify, tamper } = await openCopy(t);
  const pair = [ids[40], ids[1900]];
  await tamper(
    `update core.event e set id = o.id, body = o.body
       from core.event o where e.id = any($1) and o.id = any($1) and e.id <> o.id`,
    [pair],
    'alter table core.event drop constraint event_is_unique',
  );
  const verified = await verify();
  assert.deepEqual(places(verified), [
    ['event reordered', 41],
    ['event reordered', 1901],
  ]);
  assert.match(verified.findings[0]?.detail ?? '', /sealed at position 1901/);
});

test('an edited leaf is told from an edited event', async (t) => {
  const { verify, tamper } = await openCopy(t);
  const sql = `update core.leaf set hash = $2 where tenant_id = 'acme' and tenant_position = $1`;
  for (const position of [8, 2306]) await tamper(sql, [position, leafHash('another')]);
  assert.deepEqual(places(await verify()), [
    ['leaf edited', 8],
    ['leaf edited', 2306],
  ]);
});

test('an event edited together with its leaf is narrowed to its run and its head', async (t) => {
  const { verify, edit, editLeaf } = await openCopy(t);
  await edit(290, 1);
  await editLeaf(290);
  const verified = await verify();
  assert.deepEqual(places(verified), [['root differs', 257]]);
  assert.match(verified.findings[0]?.detail ?? '', /positions 257 to 300 /);
});

test('the same where no subtree is stored yet is narrowed by the heads around it', async (t) => {
  const { verify, edit, editLeaf } = await openCopy(t);
  await edit(2309, 1);
  await editLeaf(2309);
  const verified = await verify();
  assert.deepEqual(places(verified), [['root differs', 2305]]);
  assert.match(verified.findings[0]?.detail ?? '', /positions 2305 to 2310 /);
});

test('an event edited together with its leaf and its subtree is found by the head', async (t) => {
  const { verify, edit, editLeaf, rebuildNode } = await openCopy(t);
  await edit(600, 1);
  await editLeaf(600);
  await rebuildNode(2);
  const verified = await verify();
  assert.deepEqual(places(verified), [['root differs', 301]]);
  assert.match(verified.findings[0]?.detail ?? '', /positions 301 to 700 /);
});

test('edited, deleted and premature subtrees are named', async (t) => {
  const { verify, tamper } = await openCopy(t);
  await tamper(`update core.node set hash = $1 where index = 3`, [leafHash('another')]);
  await tamper('delete from core.node where index = 5');
  await tamper(`insert into core.node values ('acme', 8, 9, $1)`, [leafHash('another')]);
  const { findings } = await verify();
  assert.deepEqual(
    findings.map(({ what, detail }) => `${what}: ${detail}`),
    [
      'subtree edited: the subtree of level 8 over positions 1281 to 1536 is missing',
      'subtree edited: the subtree of level 8 over positions 769 to 1024 was changed',
      'subtree edited: the log has 2310 positions, and 1 stored subtrees reach beyond',
    ],
  );
});

test('many changes at once are each named', async (t) => {
  const { verify, tamper, edit, editLeaf } = await openCopy(t);
  await edit(5, 1);
  await tamper('delete from core.event where id = $1', [ids[350]]);
  await edit(800, 1);
  await editLeaf(800);
  await edit(2310, 1);
  assert.deepEqual(places(await verify()), [
    ['event edited', 5],
    ['event deleted', 351],
    ['root differs', 769],
    ['event edited', 2310],
  ]);
});

test('a position that lacks its leaf is named, with its event or without', async (t) => {
  const { verify, tamper } = await openCopy(t);
  await tamper(`delete from core.leaf where tenant_id = 'acme' and tenant_position in (9, 10)`);
  await tamper('delete from core.event where id = $1', [ids[8]]);
  const verified = await verify();
  assert.deepEqual(verified.findings[0]?.detail, 'position 9 to 10 have no leaves');
  assert.deepEqual(places(verified), [
    ['position missing', 9],
    ['position missing', undefined],
  ]);
});

test('a cut tail is found by a head kept outside, and only by it', async (t) => {
  const { verify, tamper, rows } = await openCopy(t);
  const kept = await rows(`select note from core.checkpoint where tenant_id = 'acme'
    order by tree_size`);
  const outside = kept.map(({ note }) => note as string);
  assert.deepEqual((await verify({ outside })).findings, []);
  await tamper(`delete from core.event where id = any($1)`, [ids.slice(700)]);
  await tamper(`delete from core.leaf where tenant_id = 'acme' and tenant_position > 700`);
  await tamper(`delete from core.node where index >= 2`);
  await tamper(`delete from core.checkpoint where tree_size > 700`);
  assert.deepEqual(places(await verify()), [
    ['tail cut', 701],
    ['position missing', undefined],
  ]);
  await tamper(`update core.tree set size = 700 where tenant_id = 'acme'`);
  await tamper('update core.seal_state set position = 705');
  assert.deepEqual(places(await verify()), []);
  assert.deepEqual(places(await verify({ outside: outside.slice(0, 2) })), []);
  const found = await verify({ outside });
  assert.deepEqual(places(found), [
    ['tail cut', 701],
    ['tail cut', 701],
  ]);
  assert.match(found.findings[1]?.detail ?? '', /covers 2310$/);
});

test('a whole tenant that is gone is found by a head kept outside', async (t) => {
  const { verify, tamper } = await openCopy(t);
  const outside = [headOf('vanished', 3)];
  assert.deepEqual(places(await verify({ outside })), [['tail cut', 1]]);
  await tamper(`delete from core.tree where tenant_id = 'other'`);
  await tamper(`delete from core.checkpoint where tenant_id = 'other'`);
  const { findings } = await verify();
  assert.deepEqual(
    findings.map(({ tenant, what }) => [tenant, what]),
    [['*', 'event added']],
  );
});

test('a signed head that contradicts the log shows the fork', async (t) => {
  const { verify } = await openCopy(t);
  const verified = await verify({ outside: [headOf('acme', 300), headOf('acme', 2310)] });
  assert.deepEqual(places(verified), [
    ['root differs', 300],
    ['root differs', 2310],
  ]);
  const lost = await verify({ outside: [headOf('acme', 300, 2)] });
  assert.deepEqual(places(lost), [['tail cut', 300]]);
  assert.match(lost.findings[0]?.detail ?? '', /restore/);
});

test('heads that our keys did not sign prove nothing', async (t) => {
  const { verify, tamper } = await openCopy(t);
  const sql = `update core.checkpoint set note = $2 where tenant_id = 'acme' and tree_size = $1`;
  await tamper(sql, [300, headOf('acme', 300, 1, () => Buffer.alloc(64))]);
  await tamper(sql, [700, 'nothing']);
  await tamper(sql, [2300, headOf('other', 2300)]);
  await tamper(`update core.checkpoint set root = $1 where tree_size = 2310`, [leafHash('x')]);
  assert.deepEqual(places(await verify()), [
    ['signature invalid', 300],
    ['signature invalid', 700],
    ['signature invalid', 2300],
    ['root differs', 2310],
  ]);
});

test('an event slipped in among sealed ones is named', async (t) => {
  const { verify, tamper } = await openCopy(t);
  const id = (ids[0] as string).replace(/^......../, '00000000');
  await tamper(`insert into core.event values (0, 'acme', $1, 'test.happened', $2)`, [
    id,
    eventText('acme', id, 1),
  ]);
  const [finding] = (await verify()).findings;
  assert.deepEqual([finding?.what, finding?.event], ['event added', externalId('event', id)]);
});

test('more findings than anybody reads are counted', async (t) => {
  const { verify, tamper } = await openCopy(t);
  await tamper('delete from core.event where id = any($1)', [ids.slice(0, 250)]);
  const { findings, omitted } = await verify();
  assert.deepEqual([findings.length, omitted], [100, 150]);
});

test('another plane sees every intact event once, in order, and adds its findings', async (t) => {
  const { verify, edit } = await openCopy(t);
  await edit(3, 1);
  const seen: VerifiedEvent[] = [];
  const found = (detail: string): Finding[] => [
    { tenant: 'acme', what: 'journal row added', detail },
  ];
  const journal: JournalCheck = {
    begin: async () => undefined,
    async page(client, events) {
      await client.query('select 1');
      seen.push(...events);
      return [];
    },
    end: async () => found('a row'),
  };
  const verified = await verify({ journal });
  assert.deepEqual(places(verified), [
    ['event edited', 3],
    ['journal row added', undefined],
  ]);
  const positions = seen.filter(({ tenant }) => tenant === 'acme').map((each) => each.position);
  const expected = Array.from({ length: 2310 }, (_, index) => index + 1);
  assert.deepEqual(
    positions,
    expected.filter((position) => position !== 3),
  );
  const { id, type, body } = seen[0] as VerifiedEvent;
  assert.deepEqual([id, type], [ids[0], 'test.happened']);
  assert.equal((body as { id: string }).id, externalId('event', id));
});

test('an outside checkpoint that is none of ours is refused', async (t) => {
  const { verify } = await openCopy(t);
  const foreign = signed({ origin: 'elsewhere/log', size: 1 });
  for (const outside of [['nothing'], [foreign], [headOf('acme', 1, 1, () => Buffer.alloc(64))]]) {
    await assert.rejects(verify({ outside }), { code: 'input_invalid' });
  }
});

async function openCopy(t: TestContext) {
  const { url } = await testDatabase(t, { template });
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  t.after(() => client.end());
  // Switches the triggers off that refuse changes.
  await client.query('set session_replication_role = replica');
  const tamper = async (sql: string, values: unknown[] = [], first?: string) => {
    if (first !== undefined) await client.query(first);
    const { rowCount } = await client.query(sql, values);
    assert(rowCount !== null && rowCount > 0, 'something was tampered with');
  };
  const nodes = databaseSubtrees(client, 'acme');
  return {
    client,
    tamper,
    rows: async (sql: string) => (await client.query(sql)).rows,
    verify: (options: Partial<VerifyOptions> = {}) =>
      verifyLog({ url, logId, publicKeys, ...options }),
    edit: (position: number, amount: number) => {
      const id = ids[position - 1] as Uuid;
      const body = eventText('acme', id, amount * 1_000_003);
      return tamper('update core.event set body = $2 where id = $1', [id, body]);
    },
    /** Makes the leaf agree with the event as it now is. */
    editLeaf: (position: number) =>
      tamper(
        `update core.leaf l set hash = sha256('\\x00'::bytea || convert_to(e.body, 'UTF8'))
           from core.event e
          where e.seq = l.seq and l.tenant_id = 'acme' and l.tenant_position = $1`,
        [position],
      ),
    /** Makes a stored subtree of level 8 agree with its leaves as they now are. */
    rebuildNode: async (index: number) => {
      const leaves = await nodes(0, index * 256, (index + 1) * 256);
      const root = await rootOf(256, async (_level, from, to) => leaves.slice(from, to));
      await tamper('update core.node set hash = $2 where index = $1', [index, root]);
    },
  };
}

function places({ findings }: { findings: readonly Finding[] }): [string, number | undefined][] {
  return findings.map(({ what, position }) => [what, position]);
}

/** A head over events that never were. */
function headOf(tenant: string, size: number, generation = 1, sign = checkpointKey.sign): string {
  return signed({ origin: logOrigin(logId, tenant, generation), size, sign });
}

function signed({
  origin,
  size,
  sign = checkpointKey.sign,
}: {
  origin: string;
  size: number;
  sign?: (bytes: Uint8Array) => Buffer;
}): string {
  const text = checkpointText({ origin, size, root: leafHash('never') });
  return signNote(text, { name: origin, publicKey: checkpointKey.publicKey, sign });
}
