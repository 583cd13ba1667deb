// Backup and restore through real folders and databases: what comes back is what was there, and no
// log that lost a signed tail goes on under its old name.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { openPlanes } from '#main';
import { checkJournal } from '#money';
import pg from 'pg';
import { type Bank, move, openBank, openShop, tenantOf } from '../../test/bank.ts';
import { testDatabase } from '../../test/database.ts';
import { backupDatabase, restoreDatabase } from './backup.ts';
import { systemClock } from './clock.ts';
import type { Database } from './database.ts';
import { type Head, type Heads, logOrigin, parseOrigin, temporaryHeads } from './heads.ts';
import { seededRandom } from './random.ts';
import { type Sealer, startSealer } from './sealer.ts';
import { verifyLog } from './verify.ts';

const clock = systemClock();
const silent = { info: () => undefined, error: () => undefined };

test('a restore brings back every table, and verification finds nothing', async (t) => {
  const { bank, sealer } = await openSealedBank(t);
  const shop = await openShop(bank, 100_000);
  for (let n = 1; n <= 20; n += 1) await shop.tenant.ok(move(shop.customer, shop.merchant, n));
  await sealer.sealNow();
  await sealer.stop();
  const { folder, written } = await backUp(t, bank);
  const target = await testDatabase(t);
  const read = await restore(bank, target.url, folder);
  assert.deepEqual(read, written);
  assert.deepEqual(await tables(target.url), await tables(bank.url));
  assert.deepEqual(await findings(bank, target.url), []);

  // Life goes on where it was: a retry gets the first answer, and money is where it was.
  const planes = openPlanes({ database: target.database, ...plain(bank) });
  t.after(() => planes.close());
  const again = tenantOf(planes, bank.time, shop.tenant.id);
  assert.equal((await again.balances(shop.customer))?.booked, 100_000 - 210);
  await again.ok(move(shop.customer, shop.merchant, 5));
});

test('a restore that lost a signed tail goes on under new names, for every tenant', async (t) => {
  const { bank, heads, sealer } = await openSealedBank(t);
  const shop = await openShop(bank, 1_000);
  await sealer.sealNow();
  const { folder } = await backUp(t, bank);
  // After the backup: more is signed, and a tenant is made and signed for.
  await shop.tenant.ok(move(shop.customer, shop.merchant, 100));
  const late = await openShop(bank, 1_000);
  await sealer.sealNow();
  await sealer.stop();
  const signed = new Map(heads.all());
  assert.ok((signed.get(originOf(bank, shop.tenant.id))?.size ?? 0) > 5);
  assert.ok(signed.has(originOf(bank, late.tenant.id)));

  const target = await testDatabase(t);
  const before = Math.floor(clock.now() / 1000);
  await restore(bank, target.url, folder);
  const planes = openPlanes({ database: target.database, ...plain(bank) });
  t.after(() => planes.close());
  const resumed = startSealerOn(t, target.database, bank, heads);
  // Another history than the one that was lost, of both tenants.
  await tenantOf(planes, bank.time, shop.tenant.id).ok(move(shop.customer, shop.merchant, 777));
  const reborn = tenantOf(planes, bank.time, late.tenant.id);
  await reborn.execute('tenant.create', { tenant_id: reborn.id, name: 'Again', time_zone: 'UTC' });
  await reborn.open();
  await resumed.sealNow();
  assert.equal(resumed.failure(), undefined);

  const fresh = new Map<string, Head>();
  for (const [origin, head] of heads.all()) {
    const old = signed.get(origin);
    if (old === undefined) fresh.set(origin, head);
    else assert.deepEqual(head, old, `${origin} was not signed again`);
  }
  const named = [...fresh.keys()].map((origin) => parseOrigin(origin, bank.planes.keyring.logId));
  assert.deepEqual(
    named.map((log) => String(log?.tenant)).sort(),
    [shop.tenant.id, late.tenant.id].sort(),
  );
  assert.ok(named.every((log) => log !== undefined && log.generation >= before));
  assert.deepEqual(await findings(bank, target.url), []);
});

test('a database that was copied behind its heads instead is refused', async (t) => {
  const { bank, heads, sealer } = await openSealedBank(t);
  const shop = await openShop(bank, 1_000);
  await sealer.sealNow();
  const { folder } = await backUp(t, bank);
  await shop.tenant.ok(move(shop.customer, shop.merchant, 100));
  await sealer.sealNow();
  await sealer.stop();
  const target = await testDatabase(t);
  await restore(bank, target.url, folder);
  await query(target.url, 'update core.tree set generation = 1');
  await query(target.url, 'update core.seal_state set generation = 1');
  const resumed = startSealerOn(t, target.database, bank, heads);
  await assert.rejects(resumed.sealNow(), { code: 'log_behind_head' });
});

test('a backup that is taken while everybody writes is consistent', async (t) => {
  const { bank, sealer } = await openSealedBank(t);
  const shop = await openShop(bank, 1_000_000);
  let posted = 0;
  const finished = new AbortController();
  const writers = Array.from({ length: 4 }, async () => {
    while (!finished.signal.aborted) {
      await shop.tenant.ok(move(shop.customer, shop.merchant, 1));
      posted += 1;
    }
  });
  while (posted < 20) await shop.tenant.balances(shop.customer);
  const from = posted;
  const { folder } = await backUp(t, bank);
  const to = posted;
  finished.abort();
  await Promise.all(writers);
  assert.ok(to > from, 'writers went on meanwhile');
  await sealer.stop();

  const target = await testDatabase(t);
  await restore(bank, target.url, folder);
  const resumed = startSealerOn(t, target.database, bank, temporaryHeads());
  await resumed.sealNow();
  assert.deepEqual(await findings(bank, target.url), []);
  const [moved] = await query(
    target.url,
    `select count(*)::int as count from core.event where type = 'transaction.posted'`,
  );
  assert.ok(moved.count > from && moved.count <= to + 5, `${from} < ${moved.count} <= ${to} + 5`);
});

test('a restore refuses what is not whole, not ours, or has no room', async (t) => {
  const bank = await openBank(t);
  await openShop(bank, 1_000);
  const { folder } = await backUp(t, bank);
  const target = await testDatabase(t);
  const refused = (url: string, message: RegExp, logId?: string) =>
    assert.rejects(restore(bank, url, folder, logId), { code: 'input_invalid', message });

  await refused(bank.url, /not empty: restore into a new data folder/);
  await refused(target.url, /copy the keys\/ of the installation/, 'f00f00f00f00f00f');

  const file = join(folder, 'core.event.copy.gz');
  const bytes = readFileSync(file);
  writeFileSync(file, Buffer.concat([bytes.subarray(0, -1), Buffer.of(1 + (bytes.at(-1) ?? 0))]));
  await refused(target.url, /core\.event\.copy\.gz is not as it was written/);
  rmSync(file);
  await refused(target.url, /core\.event\.copy\.gz cannot be read/);
  writeFileSync(file, bytes);

  const manifest = join(folder, 'manifest.json');
  const text = readFileSync(manifest, 'utf8');
  writeFileSync(manifest, text.replace(/"schema": \d+/, '"schema": 999'));
  await refused(target.url, /schema version 999 .* with the release that wrote it/);
  rmSync(manifest);
  await refused(target.url, /no whole backup: it lacks manifest\.json/);
  writeFileSync(manifest, text);

  // Nothing of all this has left a trace.
  await restore(bank, target.url, folder);
  assert.deepEqual(await tables(target.url), await tables(bank.url));
});

test('a backup is written into a new folder, for its owner only', async (t) => {
  const bank = await openBank(t);
  const { folder } = await backUp(t, bank);
  for (const name of ['manifest.json', 'core.event.copy.gz']) {
    assert.equal(statSync(join(folder, name)).mode & 0o077, 0);
  }
  const options = { url: bank.url, folder, logId: bank.planes.keyring.logId, clock };
  await assert.rejects(backupDatabase({ ...options, progress: () => undefined }), {
    code: 'input_invalid',
    message: /exists already/,
  });
});

// The bank and its copies -------------------------------------------------------------------------

async function openSealedBank(t: TestContext) {
  const bank = await openBank(t);
  const heads = temporaryHeads();
  return { bank, heads, sealer: startSealerOn(t, bank.planes.database, bank, heads) };
}

function startSealerOn(t: TestContext, database: Database, bank: Bank, heads: Heads): Sealer {
  const { keyring } = bank.planes;
  const sealer = startSealer({ database, keyring, heads, clock, log: silent });
  t.after(() => sealer.stop());
  return sealer;
}

/** What planes on another database share with the bank's own. */
function plain({ planes, time }: Bank) {
  return { keyring: planes.keyring, clock: { now: () => time.now }, random: seededRandom(99) };
}

function originOf({ planes }: Bank, tenant: string): string {
  return logOrigin(planes.keyring.logId, tenant, 1);
}

async function backUp(t: TestContext, { url, planes }: Bank) {
  const parent = mkdtempSync(join(tmpdir(), 'countersign-backup-'));
  t.after(() => rmSync(parent, { recursive: true }));
  const folder = join(parent, 'backup');
  const { logId } = planes.keyring;
  const written = await backupDatabase({ url, folder, logId, clock, progress: () => undefined });
  return { folder, written };
}

function restore({ planes }: Bank, url: string, folder: string, logId = planes.keyring.logId) {
  return restoreDatabase({ url, folder, logId, clock, progress: () => undefined });
}

async function findings({ planes }: Bank, url: string) {
  const { logId, checkpointPublicKeys: publicKeys } = planes.keyring;
  const verified = await verifyLog({ url, logId, publicKeys, journal: checkJournal() });
  assert.ok(verified.events > 0);
  return verified.findings;
}

/** A digest of the rows of every table, but for the generation, which a restore renews. */
async function tables(url: string): Promise<Record<string, string>> {
  const names = await query(
    url,
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
      where schemaname not in ('pg_catalog', 'information_schema') and tablename <> 'migration'
      order by 1`,
  );
  const found: Record<string, string> = {};
  for (const { name } of names) {
    const [{ told }] = await query(
      url,
      `select count(*) || ' rows ' || coalesce(md5(string_agg(row, e'\n' order by row)), '') as told
         from (select (to_jsonb(t) - 'generation')::text as row from ${name} t)`,
    );
    found[name] = told;
  }
  return found;
}

async function query(url: string, sql: string): Promise<any[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}
