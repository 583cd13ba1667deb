// The sealer, against writers that commit out of order, abort, and a database that drops it.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { testDatabase } from '../../test/database.ts';
import { systemClock } from './clock.ts';
import { Fault } from './fault.ts';
import { type Heads, temporaryHeads } from './heads.ts';
import { newUuid } from './id.ts';
import { type Keyring, temporaryKeyring } from './keyring.ts';
import { createFrontier, leafHash } from './merkle.ts';
import { parseCheckpoint, verifierKey, verifyNote } from './note.ts';
import { seededRandom, systemRandom } from './random.ts';
import { startSealer } from './sealer.ts';

const silent = { info: () => undefined, error: () => undefined };

async function openLog(t: TestContext) {
  const { url, database } = await testDatabase(t);
  const clock = systemClock();
  const keyring = temporaryKeyring(seededRandom(1));
  const superuser = new pg.Pool({ connectionString: url, max: 3 });
  superuser.on('error', () => undefined);
  t.after(() => superuser.end());
  const start = (options: { heads?: Heads; keyring?: Keyring } = {}) => {
    const sealer = startSealer({
      database,
      keyring: options.keyring ?? keyring,
      heads: options.heads ?? temporaryHeads(),
      clock,
      log: silent,
    });
    t.after(() => sealer.stop());
    return sealer;
  };
  /** Writes events as a plane does, and commits after `delayMs`, or rolls back. */
  async function write(tenant: string, count: number, { delayMs = 0, commit = true } = {}) {
    const client = await superuser.connect();
    try {
      await client.query('begin');
      const ids = Array.from({ length: count }, () => newUuid({ clock, random: systemRandom() }));
      await client.query('select core.record_events($1, $2, $3, $4)', [
        ids.map(() => tenant),
        ids,
        ids.map(() => 'test.happened'),
        ids.map((id) => `{"id":"${id}"}`).join('\n'),
      ]);
      if (delayMs > 0) await sleep(delayMs);
      await client.query(commit ? 'commit' : 'rollback');
    } finally {
      client.release();
    }
  }
  const rows = async (sql: string, values: unknown[] = []) =>
    (await superuser.query(sql, values)).rows;
  return { url, database, keyring, superuser, start, write, rows };
}

test('each committed event is sealed once, densely, however writers commit', async (t) => {
  const { start, write, rows } = await openLog(t);
  const sealer = start();
  const { uint32 } = seededRandom(5);
  const writers = Array.from({ length: 60 }, () => {
    const delayMs = uint32() % 40;
    return { tenant: `bank-${uint32() % 3}`, delayMs, commit: uint32() % 5 > 0 };
  });
  await Promise.all(writers.map((each) => write(each.tenant, 1 + (each.delayMs % 7), each)));
  await sealer.sealNow();
  const [counts] = await rows(`select (select count(*)::int from core.event) as events,
    count(*)::int as leaves, count(distinct seq)::int as sealed, max(position)::int as last
    from core.leaf`);
  assert.ok(counts.events > 100);
  assert.deepEqual(counts, {
    events: counts.events,
    leaves: counts.events,
    sealed: counts.events,
    last: counts.events,
  });
  for (const tenant of ['bank-0', 'bank-1', 'bank-2']) {
    const log = await rows(
      `select l.tenant_position::int as position, e.body from core.leaf l
         join core.event e using (seq) where l.tenant_id = $1 order by tenant_position`,
      [tenant],
    );
    assert.deepEqual(
      log.map(({ position }) => position),
      log.map((_, index) => index + 1),
    );
    const tree = createFrontier();
    for (const { body } of log) tree.append(leafHash(body));
    const [head] = await rows(
      'select note from core.checkpoint where tenant_id = $1 order by tree_size desc limit 1',
      [tenant],
    );
    const checkpoint = parseCheckpoint(head.note);
    assert.equal(checkpoint.size, log.length);
    assert.deepEqual(checkpoint.root, tree.root());
  }
});

test('events of a transaction keep their order, and conflicting ones that of locks', async (t) => {
  const { start, write, rows } = await openLog(t);
  const sealer = start();
  for (let round = 0; round < 20; round += 1) await write('bank', 3);
  await sealer.sealNow();
  const log = await rows(
    'select seq::int, tenant_position::int as position from core.leaf order by 2',
  );
  assert.equal(log.length, 60);
  assert.deepEqual(
    log.map(({ seq }) => seq),
    log.map(({ seq }) => seq).sort((a, b) => a - b),
  );
});

test('a transaction that stays open is passed by, and sealed when it commits', async (t) => {
  const { start, write, rows } = await openLog(t);
  const sealer = start();
  const slow = write('bank', 1, { delayMs: 300 });
  await sleep(50);
  await write('bank', 5);
  await sealer.sealNow();
  assert.equal((await rows('select from core.leaf')).length, 5);
  await slow;
  await sealer.sealNow();
  assert.equal((await rows('select from core.leaf')).length, 6);
  const [state] = await rows('select position::int from core.seal_state');
  assert.equal(state.position, 6);
});

test('one of two sealers leads, and the other takes over', async (t) => {
  const { start, write, rows } = await openLog(t);
  const heads = temporaryHeads();
  const first = start({ heads });
  await write('bank', 2);
  await first.sealNow();
  const second = start({ heads });
  await sleep(400);
  assert.deepEqual([first.isLeader(), second.isLeader()], [true, false]);
  await first.stop();
  await write('bank', 3);
  await second.sealNow();
  assert.equal(second.isLeader(), true);
  assert.equal((await rows('select from core.leaf')).length, 5);
});

test('a sealer whose session is killed starts anew from the database', async (t) => {
  const { start, write, rows } = await openLog(t);
  const sealer = start();
  for (let round = 0; round < 4; round += 1) {
    await write('bank', 300);
    if (round % 2 === 0) await sealer.sealNow();
    await rows(
      `select pg_terminate_backend(pid) from pg_stat_activity
        where usename = 'countersign_sealer' and datname = current_database()`,
    );
  }
  await sealer.sealNow();
  const [last] = await rows(`select count(*)::int as leaves, max(tenant_position)::int as size,
    (select max(tree_size)::int from core.checkpoint) as signed,
    (select count(*)::int from core.node where level = 8) as nodes from core.leaf`);
  assert.deepEqual(last, { leaves: 1200, size: 1200, signed: 1200, nodes: 4 });
});

test('a head is signed under its origin, by the key that its verifier key names', async (t) => {
  const { start, write, rows, keyring } = await openLog(t);
  const sealer = start();
  await write('bank', 1);
  await sealer.sealNow();
  const [{ note }] = await rows('select note from core.checkpoint');
  const origin = `countersign/${keyring.logId}/bank`;
  assert.equal(parseCheckpoint(note).origin, origin);
  assert.ok(verifyNote(note, verifierKey(origin, keyring.checkpointKey.publicKey)));
});

test('a head that was signed before and is not in the log is never contradicted', async (t) => {
  const { start, write, rows } = await openLog(t);
  const heads = temporaryHeads();
  const first = start({ heads });
  await write('bank', 5);
  await first.sealNow();
  await first.stop();
  // The database comes back from an old copy: without the last events.
  await rows(`do $$ begin
    set local session_replication_role = replica;
    delete from core.leaf where tenant_position > 3;
    delete from core.checkpoint;
    update core.tree set size = 3;
    update core.seal_state set position = 3;
  end $$`);
  const second = start({ heads });
  await assert.rejects(
    second.sealNow(),
    (error) => error instanceof Fault && error.code === 'log_behind_head',
  );
  assert.equal(second.isLeader(), false);
  assert.deepEqual(await rows('select from core.checkpoint'), []);
});
