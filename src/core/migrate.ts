// Migrations: numbered plain SQL, each applied once, in one transaction, as the schema's owner.
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { sha256Hex } from './canonical.ts';
import { databaseFault, type RolePassword, roleName, roles } from './database.ts';
import { Fault } from './fault.ts';
import { systemRandom } from './random.ts';

export type MigrateOptions = {
  /** A user who may create roles: the superuser of the embedded server, or an administrator. */
  readonly url: string;
  readonly password: RolePassword;
  readonly progress: (message: string) => void;
  /** Of `NNNN_name.sql`, numbered from 1 without a gap; the project's own unless given. */
  readonly folder?: string;
};

export type Migrated = {
  readonly version: number;
  /** The names of the migrations that were applied now. */
  readonly applied: readonly string[];
};

type Migration = {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
  readonly digest: string;
};

const migrationsFolder = fileURLToPath(new URL('../../migrations/', import.meta.url));

/** Names the lock under which one process at a time migrates a database ("csmg" in ASCII). */
const migrationLock = 0x63736d67;
/** A migration that waits for a lock makes everybody behind it wait: give up early, run again. */
const lockTimeoutMs = 10_000;
const owner = roleName('owner');

export async function migrate(options: MigrateOptions): Promise<Migrated> {
  const migrations = readMigrations(options.folder ?? migrationsFolder);
  const client = new pg.Client({
    connectionString: options.url,
    application_name: 'countersign migrate',
    connectionTimeoutMillis: 5_000,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await checkVersion(client);
    await checkDurability(client);
    await client.query('select pg_advisory_lock($1)', [migrationLock]);
    await createRoles(client, options.password);
    await createCore(client);
    const pending = await findPending(client, migrations);
    for (const migration of pending) {
      options.progress(`applying migration ${migration.name}`);
      await apply(client, migration);
    }
    return { version: migrations.length, applied: pending.map(({ name }) => name) };
  } catch (error) {
    throw refusal(error) ?? databaseFault(error);
  } finally {
    await client.end();
  }
}

/** What an administrator has to put right, in PostgreSQL's own words: they name no secret. */
function refusal(error: unknown): Fault | undefined {
  const { code, message } = error as { code?: string; message?: string };
  // 3D000: no such database; 28000, 28P01: not let in; 42501: not allowed to.
  if (code === undefined || !['3D000', '28000', '28P01', '42501'].includes(code)) return undefined;
  return new Fault('database_unavailable', `PostgreSQL refuses: ${message}`, { cause: error });
}

async function checkVersion(client: pg.Client): Promise<void> {
  const { rows } = await client.query('show server_version_num');
  const version = Number(rows[0].server_version_num);
  if (Math.floor(version / 10_000) === 18) return;
  throw new Fault(
    'postgres_version',
    `the database is PostgreSQL ${Math.floor(version / 10_000)}, and Countersign needs 18`,
  );
}

/** A ledger on a server that forgets is worse than none. */
async function checkDurability(client: pg.Client): Promise<void> {
  for (const setting of ['fsync', 'full_page_writes']) {
    const { rows } = await client.query<{ value: string }>('select current_setting($1) as value', [
      setting,
    ]);
    if (rows[0]?.value !== 'off') continue;
    throw new Fault(
      'postgres_failed',
      `the PostgreSQL server runs with ${setting} = off and can lose what was acknowledged: ` +
        'switch it on',
    );
  }
}

// Files -------------------------------------------------------------------------------------------

function readMigrations(folder: string): Migration[] {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort();
  return names.map((file, index) => {
    const version = index + 1;
    const name = file.slice(0, -'.sql'.length);
    if (!/^\d{4}_[a-z0-9_]+$/.test(name) || Number(name.slice(0, 4)) !== version) {
      throw new Error(`migrations/${file}: expected ${String(version).padStart(4, '0')}_name.sql`);
    }
    const sql = readFileSync(join(folder, file), 'utf8');
    if (!/^-- risk: \S/.test(sql)) {
      throw new Error(`migrations/${file} must begin with a line "-- risk: …"`);
    }
    return { version, name, sql, digest: sha256Hex(sql) };
  });
}

async function findPending(client: pg.Client, migrations: Migration[]): Promise<Migration[]> {
  const { rows } = await client.query<{ version: number; name: string; digest: string }>(
    'select version, name, digest from core.migration order by version',
  );
  for (const applied of rows) {
    const known = migrations[applied.version - 1];
    if (known === undefined) {
      throw new Fault(
        'database_too_new',
        `the database has migration ${applied.name}, which this version does not know: ` +
          'run the version that applied it, or a newer one',
      );
    }
    if (known.digest !== applied.digest) {
      throw new Fault(
        'migration_changed',
        `${known.name}.sql is not the file that was applied: bring it back, and write what you ` +
          'want to change as the next migration',
      );
    }
  }
  return migrations.slice(rows.length);
}

async function apply(client: pg.Client, { version, name, sql, digest }: Migration): Promise<void> {
  await client.query(`begin; set local role ${owner}; set local lock_timeout = ${lockTimeoutMs}`);
  try {
    await client.query(sql);
    await client.query('insert into core.migration (version, name, digest) values ($1, $2, $3)', [
      version,
      name,
      digest,
    ]);
    await client.query('commit');
  } catch (cause) {
    await client.query('rollback').catch(() => undefined);
    throw new Error(`migration ${name} failed: ${describe(cause, sql)}`, { cause });
  }
}

/** PostgreSQL counts characters from the start of the text; a person looks for a line. */
function describe(error: unknown, sql: string): string {
  if (!(error instanceof pg.DatabaseError)) return String(error);
  const position = Number(error.position ?? 0);
  const line = position > 0 ? ` (line ${sql.slice(0, position).split('\n').length})` : '';
  return `${error.message}${line}`;
}

// What migrations stand on ------------------------------------------------------------------------

async function createCore(client: pg.Client): Promise<void> {
  await client.query(`
    create schema if not exists core authorization ${owner};
    set role ${owner};
    create table if not exists core.migration (
      version integer primary key,
      name text not null,
      digest text not null,
      applied_at timestamptz(3) not null default now()
    );
    reset role`);
}

async function createRoles(client: pg.Client, password: RolePassword): Promise<void> {
  await client.query('begin');
  await ensureRole(client, owner, 'nologin');
  for (const role of roles) {
    await ensureRole(client, roleName(role), 'login');
    const verifier = scramVerifier(password(role), systemRandom().bytes(16));
    await client.query(`alter role ${roleName(role)} password ${pg.escapeLiteral(verifier)}`);
  }
  const { rows } = await client.query('select current_database() as database');
  const database = pg.escapeIdentifier(rows[0].database);
  await client.query(`grant create on database ${database} to ${owner}`);
  // Temporary tables could shadow names; nobody here needs one.
  await client.query(`revoke temporary on database ${database} from public`);
  // An administrator who is no superuser may act as the owner only when granted it.
  await client.query(`
    do $$ begin
      if not pg_has_role(current_user, '${owner}', 'set') then
        execute format('grant ${owner} to %I', current_user);
      end if;
    end $$`);
  await client.query('commit');
}

async function ensureRole(client: pg.Client, name: string, login: string): Promise<void> {
  const { rows } = await client.query(
    'select rolsuper or rolbypassrls or rolcreaterole or rolcreatedb as mighty ' +
      'from pg_roles where rolname = $1',
    [name],
  );
  const attributes = `${login} nosuperuser nobypassrls nocreaterole nocreatedb`;
  if (rows.length === 0) await client.query(`create role ${name} ${attributes}`);
  else if (rows[0].mighty) await client.query(`alter role ${name} ${attributes}`);
}

const scramIterations = 4096;

/**
 * What PostgreSQL stores for a password (RFC 5803): sent instead of it, so that the password can
 * appear in no statement log.
 */
function scramVerifier(password: string, salt: Uint8Array): string {
  const salted = pbkdf2Sync(password, salt, scramIterations, 32, 'sha256');
  const key = (name: string) => createHmac('sha256', salted).update(name).digest();
  const stored = createHash('sha256').update(key('Client Key')).digest('base64');
  const server = key('Server Key').toString('base64');
  const saltText = Buffer.from(salt).toString('base64');
  return `SCRAM-SHA-256$${scramIterations}:${saltText}$${stored}:${server}`;
}
