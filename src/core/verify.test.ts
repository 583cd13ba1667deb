// Tampering as a superuser whom no trigger stops: verification names the row.
import assert from 'node:assert/strict';
import { after, test, type TestContext } from 'node:test';
import pg from 'pg';
import { testDatabase } from '../../test/database.ts';
import { eventText, openLog } from '../../test/log.ts';
import { type Finding, TreeAudit } from './audit.ts';
import { logOrigin } from './heads.ts';
import { externalId, type Uuid } from './id.ts';
import { createFrontier, leafHash } from './merkle.ts';
import { checkpointText, signNote } from './note.ts';
import { databaseSubtrees } from './receipt.ts';
import { type JournalCheck, type VerifiedEvent, verifyLog } from './verify.ts';

// Every case has a tenant of its own: all are tampered with, and verified in one pass.
type Case = {
  readonly name: string;
  readonly tamper: (log: Tampering) => Promise<void>;
  /** What is found, and at which position. */
  readonly finds: readonly (readonly [Finding['what'], number])[];
  /** Of the first finding. */
  readonly detail?: RegExp;
};

const cases: readonly Case[] = [
  {
    name: 'an edited event is named, whether its subtree is complete or not',
    async tamper({ edit }) {
      for (const position of [7, 256, 525]) await edit(position);
    },
    finds: [
      ['event edited', 7],
      ['event edited', 256],
      ['event edited', 525],
    ],
  },
  {
    name: 'a change beside the text of an event is named',
    async tamper({ sql, ids }) {
      await sql(`update core.event set type = 'test.other' where id = $1`, [ids[10]]);
      await sql(`update core.event set tenant_id = 'other' where id = $1`, [ids[20]]);
      await sql('update core.event set id = $2 where id = $1', [ids[30], early(ids[30])]);
    },
    finds: [
      ['event edited', 11],
      ['event edited', 21],
      ['event edited', 31],
    ],
  },
  {
    name: 'a deleted event is named',
    tamper: ({ sql, ids }) =>
      sql('delete from core.event where id = any($1)', [[ids[99], ids[529]]]),
    finds: [
      ['event deleted', 100],
      ['event deleted', 530],
    ],
  },
  {
    name: 'two events that changed places are named with the places they had',
    async tamper({ sql, ids }) {
      // By way of a seq that no event has.
      const move = (id: Uuid | undefined, other: string) =>
        sql(`update core.event set seq = ${other} where id = $1`, [id]);
      const { rows } = await client.query(
        'select seq from core.event where id = any($1) order by 1',
        [[ids[40], ids[501]]],
      );
      await move(ids[40], '-1');
      await move(ids[501], rows[0].seq);
      await move(ids[40], rows[1].seq);
    },
    finds: [
      ['event reordered', 41],
      ['event reordered', 502],
    ],
    detail: /sealed at position 502/,
  },
  {
    name: 'an edited leaf is told from an edited event',
    async tamper({ sql, tenant }) {
      const edit = 'update core.leaf set hash = $3 where tenant_id = $1 and tenant_position = $2';
      for (const position of [8, 526]) await sql(edit, [tenant, position, leafHash('another')]);
    },
    finds: [
      ['leaf edited', 8],
      ['leaf edited', 526],
    ],
  },
  {
    name: 'an event edited together with its leaf is narrowed to its run and its head',
    tamper: ({ editWithLeaf }) => editWithLeaf(290),
    finds: [['root differs', 257]],
    detail: /positions 257 to 300 /,
  },
  {
    name: 'an event edited with its leaf in an open run is narrowed to the heads around it',
    tamper: ({ editWithLeaf }) => editWithLeaf(529),
    finds: [['root differs', 521]],
    detail: /positions 521 to 530 /,
  },
  {
    name: 'an event edited with its leaf and its subtree is found by the head',
    async tamper({ editWithLeaf, rebuildNode }) {
      await editWithLeaf(310);
      await rebuildNode(1);
    },
    finds: [['root differs', 301]],
    detail: /positions 301 to 520 /,
  },
  {
    name: 'an edited subtree is named',
    tamper: ({ sql, tenant }) =>
      sql('update core.node set hash = $2 where tenant_id = $1 and index = 1', [
        tenant,
        leafHash('another'),
      ]),
    finds: [['subtree edited', 257]],
    detail: /was changed$/,
  },
  {
    name: 'a deleted subtree is named',
    tamper: ({ sql, tenant }) =>
      sql('delete from core.node where tenant_id = $1 and index = 0', [tenant]),
    finds: [['subtree edited', 1]],
    detail: /is missing$/,
  },
  {
    name: 'a subtree that came before its leaves is named',
    tamper: ({ sql, tenant }) =>
      sql('insert into core.node values ($1, 8, 2, $2)', [tenant, leafHash('another')]),
    finds: [['subtree edited', 530]],
    detail: /1 stored subtrees reach beyond$/,
  },
  {
    name: 'many changes at once are each named',
    async tamper({ sql, ids, edit, editWithLeaf }) {
      await edit(5);
      await sql('delete from core.event where id = $1', [ids[149]]);
      await editWithLeaf(400);
      await edit(530);
    },
    finds: [
      ['event edited', 5],
      ['event deleted', 150],
      ['root differs', 301],
      ['event edited', 530],
    ],
  },
  {
    name: 'a position without a leaf is named, and its event where that is left',
    async tamper({ sql, ids, tenant }) {
      const remove = 'delete from core.leaf where tenant_id = $1 and tenant_position = any($2)';
      await sql(remove, [tenant, [9, 10, 300]]);
      await sql('delete from core.event where id = any($1)', [[ids[8], ids[9]]]);
    },
    finds: [
      ['position missing', 9],
      ['position missing', 300],
      ['event added', Number.NaN],
    ],
    detail: /^position 9 to 10 have no leaves$/,
  },
  {
    name: 'a head that our keys did not sign proves nothing',
    async tamper({ sql, tenant }) {
      const edit = 'update core.checkpoint set note = $3 where tenant_id = $1 and tree_size = $2';
      await sql(edit, [tenant, 300, headOf(tenant, 300, { sign: () => Buffer.alloc(64) })]);
      await sql(edit, [tenant, 520, 'nothing']);
      await sql(edit, [tenant, 530, headOf('other', 530)]);
    },
    finds: [
      ['signature invalid', 300],
      ['signature invalid', 520],
      ['signature invalid', 530],
    ],
  },
  {
    name: 'a head stored with another root than it has signed is named',
    tamper: ({ sql, tenant }) =>
      sql('update core.checkpoint set root = $2 where tenant_id = $1 and tree_size = 520', [
        tenant,
        leafHash('another'),
      ]),
    finds: [['root differs', 520]],
  },
  {
    name: 'an event slipped in among sealed ones is named',
    async tamper({ sql, ids, tenant }) {
      const id = early(ids[0]);
      await sql(`insert into core.event values (-7, $1, $2, 'test.happened', $3)`, [
        tenant,
        id,
        eventText(tenant, id, 1),
      ]);
    },
    finds: [['event added', Number.NaN]],
  },
  {
    name: 'more findings than anybody reads are counted',
    tamper: ({ sql, ids }) => sql('delete from core.event where id = any($1)', [ids.slice(0, 250)]),
    finds: Array.from({ length: 100 }, (_, index) => ['event deleted', index + 1] as const),
  },
  {
    name: 'a signed head that contradicts the log shows the fork',
    tamper: async ({ keepOutside, tenant }) => {
      for (const size of [300, 525]) keepOutside(headOf(tenant, size));
    },
    finds: [
      ['root differs', 300],
      ['root differs', 525],
    ],
  },
  {
    name: 'a head of a log that a restore has ended tells what was lost',
    async tamper({ keepOutside, tenant, note }) {
      keepOutside(await note(520));
      keepOutside(headOf(tenant, 525, { generation: 7 }));
      keepOutside(headOf(tenant, 600, { generation: 7 }));
    },
    finds: [
      ['tail cut', 525],
      ['tail cut', 531],
    ],
    detail: /restore/,
  },
  {
    name: 'a cut tail is found by what the database still says of it',
    tamper: ({ cut }) => cut(520),
    finds: [['tail cut', 521]],
  },
  {
    name: 'a cut tail with all its traces is found by a head kept outside',
    async tamper({ cut, sql, tenant, keepOutside, note }) {
      for (const size of [300, 530]) keepOutside(await note(size));
      await cut(520);
      await sql('update core.tree set size = 520 where tenant_id = $1', [tenant]);
      await sql('delete from core.checkpoint where tenant_id = $1 and tree_size > 520', [tenant]);
    },
    finds: [['tail cut', 521]],
    detail: /kept outside covers 530$/,
  },
  {
    name: 'without that head nothing tells of it',
    async tamper({ cut, sql, tenant, keepOutside, note }) {
      keepOutside(await note(520));
      await cut(520);
      await sql('update core.tree set size = 520 where tenant_id = $1', [tenant]);
      await sql('delete from core.checkpoint where tenant_id = $1 and tree_size > 520', [tenant]);
    },
    finds: [],
  },
  {
    name: 'a log that nobody touched has no findings',
    tamper: async () => undefined,
    finds: [],
  },
];

const log = await openLog({ after });
const { logId, checkpointKey, checkpointPublicKeys: publicKeys } = log.keyring;
const tenants = cases.map((_, index) => `case-${index + 1}`);
const written = new Map<string, Uuid[]>([['large', await log.write('large', 2_310)]]);
for (const count of [300, 220, 10]) {
  for (const tenant of tenants) {
    const more = await log.write(tenant, count);
    written.set(tenant, [...(written.get(tenant) ?? []), ...more]);
  }
}
await log.close();
const { url: intactUrl } = await testDatabase({ after } as TestContext, {
  template: nameOf(log.url),
});

const client = new pg.Client({ connectionString: log.url });
await client.connect();
// Switches the triggers off that refuse changes.
await client.query('set session_replication_role = replica');
const outside: string[] = [];
for (const [index, { tamper }] of cases.entries())
  await tamper(tamperingOf(tenants[index] as string));
await client.end();
const verified = await verifyLog({ url: log.url, logId, publicKeys, outside });

for (const [index, { name, finds, detail }] of cases.entries()) {
  test(name, () => {
    const tenant = tenants[index] as string;
    const found = verified.findings.filter((finding) => finding.tenant === tenant);
    const expected = finds.toSorted(([, a], [, b]) => a - b);
    assert.deepEqual(
      found.map(({ what, position }) => [what, position ?? Number.NaN]),
      expected,
    );
    if (detail !== undefined) assert.match(found[0]?.detail ?? '', detail);
    const ids = written.get(tenant) as Uuid[];
    for (const { what, event, position } of found) {
      if (event === undefined || position === undefined || what === 'event reordered') continue;
      const isForged = what === 'event edited' && position === 31;
      if (!isForged) assert.equal(event, externalId('event', ids[position - 1] as Uuid));
    }
  });
}

test('what is beyond a hundred findings, and what is of no tenant, is told too', () => {
  assert.equal(verified.omitted, 150);
  const shard = verified.findings.filter(({ tenant }) => tenant === '*');
  assert.deepEqual(
    shard.map(({ what }) => what),
    ['position missing'],
  );
});

test('an untouched log verifies to the roots that were signed', async () => {
  const seen: number[] = [];
  const progress = (done: number) => seen.push(done);
  const intact = await verifyLog({ url: intactUrl, logId, publicKeys, progress });
  const total = 2310 + 530 * cases.length;
  assert.deepEqual([intact.findings, intact.omitted, intact.events], [[], 0, total]);
  assert.equal(seen.at(-1), total);
  for (const { tenant, size, signed, root } of intact.tenants) {
    assert.deepEqual([tenant, size, signed], [tenant, written.get(tenant)?.length, size]);
    assert.equal(root.length, 32);
  }
});

test('another plane sees every intact event once, in order, and adds its findings', async () => {
  const seen: VerifiedEvent[] = [];
  const finding: Finding = { tenant: 'large', what: 'journal row added', detail: 'a row' };
  const calls: string[] = [];
  const journal: JournalCheck = {
    begin: async () => void calls.push('begin'),
    async page(session, events) {
      const { rows } = await session.query('select count(*)::int as n from core.event');
      assert.equal(rows[0].n, 2310 + 530 * cases.length);
      seen.push(...events.filter(({ tenant }) => tenant === 'large'));
      return [];
    },
    async end() {
      calls.push('end');
      return [finding];
    },
  };
  const { findings } = await verifyLog({ url: intactUrl, logId, publicKeys, journal });
  assert.deepEqual(findings, [finding]);
  assert.deepEqual(calls, ['begin', 'end']);
  assert.deepEqual(
    seen.map(({ id }) => id),
    written.get('large'),
  );
  const { position, type, body } = seen[2309] as VerifiedEvent;
  assert.deepEqual([position, type], [2310, 'test.happened']);
  assert.equal((body as { data: { amount: number } }).data.amount, 2309);
});

test('a tenant that is gone as a whole is found by a head kept outside', async () => {
  const note = headOf('vanished', 3);
  const { findings } = await verifyLog({ url: intactUrl, logId, publicKeys, outside: [note] });
  assert.deepEqual(
    findings.map(({ tenant, what, position }) => [tenant, what, position]),
    [['vanished', 'tail cut', 1]],
  );
});

test('an outside checkpoint that is none of ours is refused', async () => {
  const foreign = signed({ origin: 'elsewhere/log', size: 1 });
  const unsigned = headOf('large', 1, { sign: () => Buffer.alloc(64) });
  for (const note of ['nothing', foreign, unsigned]) {
    const verifying = verifyLog({ url: intactUrl, logId, publicKeys, outside: [note] });
    await assert.rejects(verifying, { code: 'input_invalid' });
  }
});

test('a changed subtree of subtrees is told from changed events below it', () => {
  const leaves = Array.from({ length: 65_700 }, (_, index) => leafHash(`event ${index}`));
  const nodes = new Map<string, Buffer>();
  const tree = createFrontier();
  for (const leaf of leaves) {
    for (const { level, index, hash } of tree.append(leaf)) nodes.set(`${level}/${index}`, hash);
  }
  const audited = (changes: Record<string, Buffer>, edited?: number) => {
    const found: [string, number | undefined][] = [];
    const audit = new TreeAudit(({ what, position }) => found.push([what, position]));
    for (const [index, leaf] of leaves.entries()) {
      const hash = index === edited ? leafHash('another') : leaf;
      audit.append({ event: '', leaf: hash, hash }, (level, at) => {
        return changes[`${level}/${at}`] ?? nodes.get(`${level}/${at}`);
      });
    }
    if (!audit.prove(tree.root())) audit.refuse();
    audit.finish();
    return found;
  };
  const another = leafHash('another');
  assert.deepEqual(audited({}), []);
  assert.deepEqual(audited({ '16/0': another }), [['subtree edited', 1]]);
  assert.deepEqual(audited({ '8/3': another }), [['subtree edited', 769]]);
  assert.deepEqual(audited({}, 40_000), [['root differs', 39_937]]);
});

type Tampering = ReturnType<typeof tamperingOf>;

function tamperingOf(tenant: string) {
  const ids = written.get(tenant) as Uuid[];
  const sql = async (text: string, values: unknown[]): Promise<void> => {
    const { rowCount } = await client.query(text, values);
    assert(rowCount !== null && rowCount > 0, 'something was tampered with');
  };
  const edit = (position: number) => {
    const id = ids[position - 1] as Uuid;
    const body = eventText(tenant, id, 1_000_000);
    return sql('update core.event set body = $2 where id = $1', [id, body]);
  };
  return {
    tenant,
    ids,
    sql,
    edit,
    keepOutside: (note: string) => outside.push(note),
    note: async (size: number): Promise<string> => {
      const text = 'select note from core.checkpoint where tenant_id = $1 and tree_size = $2';
      return (await client.query(text, [tenant, size])).rows[0].note;
    },
    editWithLeaf: async (position: number) => {
      await edit(position);
      await sql(
        `update core.leaf l set hash = sha256('\\x00'::bytea || convert_to(e.body, 'UTF8'))
           from core.event e
          where e.seq = l.seq and l.tenant_id = $1 and l.tenant_position = $2`,
        [tenant, position],
      );
    },
    /** Makes a stored subtree agree with its leaves as they now are. */
    rebuildNode: async (index: number) => {
      const run = createFrontier();
      const read = databaseSubtrees(client, tenant);
      for (const leaf of await read(0, index * 256, (index + 1) * 256)) run.append(leaf);
      await sql('update core.node set hash = $3 where tenant_id = $1 and index = $2', [
        tenant,
        index,
        run.root(),
      ]);
    },
    /** Deletes the events and leaves behind a position. */
    cut: async (size: number) => {
      await sql('delete from core.event where id = any($1)', [ids.slice(size)]);
      const leaves = 'delete from core.leaf where tenant_id = $1 and tenant_position > $2';
      await sql(leaves, [tenant, size]);
    },
  };
}

/** An id that no event has. */
function early(id: Uuid | undefined): Uuid {
  return (id as Uuid).replace(/^......../, '00000000');
}

function nameOf(url: string): string {
  return new URL(url).pathname.slice(1);
}

/** A head over events that never were. */
function headOf(
  tenant: string,
  size: number,
  { generation = 1, sign = checkpointKey.sign } = {},
): string {
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
