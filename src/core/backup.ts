// Backup and restore: every table as it was in one snapshot, and a restore that forks no tree head.
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import type pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { type Clock, instantToText } from './clock.ts';
import { columnTypes } from './database.ts';
import { writeDurably } from './durable-file.ts';
import { Fault } from './fault.ts';
import { type SessionOptions, withSession } from './session.ts';

const backupSession: SessionOptions = { name: 'backup', types: columnTypes };

type TableFile = { readonly table: string; readonly rows: number; readonly sha256: string };

type Manifest = {
  readonly format: 'countersign-backup/1';
  readonly takenAt: string;
  readonly logId: string;
  /** The number of migrations that the tables have gone through. */
  readonly schema: number;
  readonly tables: readonly TableFile[];
  readonly sequences: Readonly<Record<string, string>>;
};

export type Backup = { readonly tables: number; readonly rows: number };

type Progress = (done: number, total: number) => void;

const manifestFile = 'manifest.json';

/** Writes the database into a new folder, as it is in one snapshot; writers are not held up. */
export async function backupDatabase(options: {
  readonly url: string;
  readonly folder: string;
  readonly logId: string;
  readonly clock: Clock;
  readonly progress: Progress;
}): Promise<Backup> {
  const { folder, progress } = options;
  if (existsSync(folder)) {
    throw new Fault('input_invalid', `${folder} exists already: name a folder that does not`);
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return withSession(options.url, backupSession, async (client) => {
    await client.query('begin isolation level repeatable read, read only');
    const names = await tableNames(client);
    const tables: TableFile[] = [];
    for (const table of names) {
      tables.push(await dumpTable(client, table, join(folder, `${table}.copy.gz`)));
      progress(tables.length, names.length);
    }
    const manifest: Manifest = {
      format: 'countersign-backup/1',
      takenAt: instantToText(options.clock.now()),
      logId: options.logId,
      schema: await schemaVersion(client),
      tables,
      // Read after the tables: a sequence knows no snapshot, and may only be ahead of them.
      sequences: await sequenceValues(client),
    };
    await client.query('commit');
    writeDurably(join(folder, manifestFile), `${JSON.stringify(manifest, null, 1)}\n`, 0o600);
    return total(tables);
  });
}

/**
 * Fills an empty database, migrated to the schema of the backup. Heads that were signed after the
 * backup cover events that are lost now, and nothing here can prove that there were none (a copy of
 * heads.json may be as old as the backup). To continue a log under its name could sign another
 * history than the one that somebody holds a head of. So every log goes on under a new origin,
 * which the second of the restore makes unlike all before; receipts of the old one stay valid.
 */
export async function restoreDatabase(options: {
  readonly url: string;
  readonly folder: string;
  readonly logId: string;
  readonly clock: Clock;
  readonly progress: Progress;
}): Promise<Backup> {
  const { folder, progress, logId } = options;
  const manifest = readManifest(folder);
  if (manifest.logId !== logId) {
    throw new Fault(
      'input_invalid',
      `the backup is of log ${manifest.logId} and this keyring of log ${logId}: copy the keys/ ` +
        'of the installation that was backed up into the data folder first',
    );
  }
  await checkFiles(folder, manifest);
  return withSession(options.url, backupSession, async (client) => {
    await client.query('begin');
    // Append-only triggers guard a log in use; here it is being written for the first time.
    await client.query('set local session_replication_role = replica');
    await checkTarget(client, manifest);
    for (const [index, { table }] of manifest.tables.entries()) {
      await client.query(`delete from ${table}`);
      const target = client.query(copyFrom(`copy ${table} from stdin (format binary)`));
      await pipeline(createReadStream(fileOf(folder, table)), createGunzip(), target);
      progress(index + 1, manifest.tables.length);
    }
    for (const [sequence, value] of Object.entries(manifest.sequences)) {
      await client.query('select setval($1::regclass, $2)', [sequence, value]);
    }
    const generation = Math.floor(options.clock.now() / 1000);
    await client.query('update core.tree set generation = $1', [generation]);
    // Tenants that come later get it too: one may have been made, and signed for, after the backup.
    await client.query('update core.seal_state set generation = $1', [generation]);
    await client.query('commit');
    await client.query('analyze');
    return total(manifest.tables);
  });
}

// Tables ------------------------------------------------------------------------------------------

async function tableNames(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema')
        -- The delivery queue of webhooks is filled anew from what is to be delivered.
        and n.nspname not like 'pg\\_%' and n.nspname <> 'pgboss' and c.relname <> 'migration'
      order by 1`,
  );
  return rows.map(({ name }) => name);
}

async function dumpTable(client: pg.Client, table: string, path: string): Promise<TableFile> {
  const digest = createHash('sha256');
  const source = client.query(copyTo(`copy ${table} to stdout (format binary)`));
  const tap = new PassThrough();
  tap.on('data', (chunk: Buffer) => digest.update(chunk));
  const target = createWriteStream(path, { mode: 0o600, flush: true });
  await pipeline(source, createGzip({ level: 1 }), tap, target);
  return { table, rows: source.rowCount, sha256: digest.digest('hex') };
}

async function sequenceValues(client: pg.Client): Promise<Record<string, string>> {
  const { rows } = await client.query<{ name: string; value: bigint | null }>(
    `select format('%I.%I', schemaname, sequencename) as name, last_value as value
       from pg_sequences order by 1`,
  );
  const used = rows.filter(({ value }) => value !== null);
  return Object.fromEntries(used.map(({ name, value }) => [name, String(value)]));
}

async function schemaVersion(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ version: number }>(
    'select coalesce(max(version), 0)::int as version from core.migration',
  );
  return rows[0]?.version ?? 0;
}

async function checkTarget(client: pg.Client, manifest: Manifest): Promise<void> {
  const version = await schemaVersion(client);
  if (version !== manifest.schema) {
    throw new Fault(
      'input_invalid',
      `the backup has schema version ${manifest.schema} and this release ${version}: restore it ` +
        'with the release that wrote it, then upgrade',
    );
  }
  const { rows } = await client.query('select from core.command limit 1');
  if (rows.length > 0) {
    throw new Fault('input_invalid', 'the database is not empty: restore into a new data folder');
  }
}

async function checkFiles(folder: string, manifest: Manifest): Promise<void> {
  for (const { table, sha256 } of manifest.tables) {
    const digest = createHash('sha256');
    try {
      await pipeline(createReadStream(fileOf(folder, table)), digest);
    } catch (cause) {
      throw new Fault('input_invalid', `${fileOf(folder, table)} cannot be read`, { cause });
    }
    if (digest.digest('hex') !== sha256) {
      throw new Fault('input_invalid', `${fileOf(folder, table)} is not as it was written`);
    }
  }
}

function readManifest(folder: string): Manifest {
  try {
    const manifest = JSON.parse(readFileSync(join(folder, manifestFile), 'utf8')) as Manifest;
    if (manifest.format === 'countersign-backup/1') return manifest;
  } catch {
    // Told below.
  }
  throw new Fault('input_invalid', `${folder} holds no whole backup: it lacks ${manifestFile}`);
}

function fileOf(folder: string, table: string): string {
  return join(folder, `${table}.copy.gz`);
}

function total(tables: readonly TableFile[]): Backup {
  return { tables: tables.length, rows: tables.reduce((sum, { rows }) => sum + rows, 0) };
}
