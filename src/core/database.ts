// PostgreSQL as each plane sees it: a pool per role, transactions, and which errors pass by retry.
import type { Writable } from 'node:stream';
import pg from 'pg';
import { Fault } from './fault.ts';

/** One login role per plane, named `countersign_<role>`, with exactly the grants it needs. */
export const roles = [
  'money',
  'policy',
  'ai',
  'gateway',
  'app',
  'read',
  'sim',
  'sealer',
  'vault',
] as const;

export type Role = (typeof roles)[number];
export type RolePassword = (role: Role) => string;

export type Pool = pg.Pool;
export type Tx = pg.PoolClient;

export type Database = {
  /** The role's pool, opened at its first use. A module is handed its own and no other. */
  readonly pool: (role: Role) => Pool;
  /**
   * A pool whose connections send a query without waiting for the answer to the one before. For
   * code that keeps in mind that all queries behind a failed one fail too.
   */
  readonly pipeline: (role: Role, connectionsMax: number) => Pool;
  /**
   * One connection outside of any pool, for session locks and LISTEN, in pipeline mode. The caller
   * ends it.
   */
  readonly connect: (role: Role) => Promise<pg.Client>;
  readonly close: () => Promise<void>;
};

export type DatabaseOptions = {
  /** Where the database is; user and password in it are replaced by the role's. */
  readonly url: string;
  readonly password: RolePassword;
  readonly applicationName: string;
  /** Connections per role; four unless given. */
  readonly connectionsMax?: Partial<Readonly<Record<Role, number>>>;
};

export type TxOptions = {
  /** Whose rows row-level security shows. Without it a transaction sees no tenant's. */
  readonly tenant?: string;
  readonly readOnly?: boolean;
  /**
   * That a commit may be lost when the database crashes: for what is derived, and will be derived
   * again. Nobody waits for the disk then.
   */
  readonly isDerived?: boolean;
  readonly isolation?: 'read committed' | 'repeatable read' | 'serializable';
};

/** Whatever the server's files say: a commit that we acknowledge is on disk. */
const sessionOptions = '-c TimeZone=UTC -c synchronous_commit=on';
const poolMax = 4;
const connectTimeoutMs = 5_000;
/** Followers are many, and take turns: nobody waits for their answer. */
const followerTimeoutMs = 15_000;
const statementTimeoutMs = 30_000;
const idleInTransactionTimeoutMs = 60_000;

export function openDatabase(options: DatabaseOptions): Database {
  const pools = new Map<string, Pool>();
  function opened(role: Role, config: { max: number; pipeline: boolean }): Pool {
    const key = `${role} ${config.max} ${config.pipeline}`;
    const pool = pools.get(key) ?? openPool(options, role, config);
    pools.set(key, pool);
    return pool;
  }
  return {
    pool(role) {
      return opened(role, { max: options.connectionsMax?.[role] ?? poolMax, pipeline: false });
    },
    pipeline: (role, max) => opened(role, { max, pipeline: true }),
    async connect(role) {
      const client = new pg.Client({ ...roleConfig(options, role), pipeline: true });
      client.on('error', () => undefined);
      await client.connect();
      return client;
    },
    async close() {
      const open = [...pools.values()];
      pools.clear();
      await Promise.all(open.map((pool) => pool.end()));
    },
  };
}

function openPool(
  options: DatabaseOptions,
  role: Role,
  config: { max: number; pipeline: boolean },
): Pool {
  // What a pipeline sends joins large tables by a few hundred keys: only index look-ups serve that,
  // and a plan that was cached while the tables were empty must not be another.
  const indexesOnly = '-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off';
  const { pipeline } = config;
  const pool = new pg.Pool({
    ...roleConfig(options, role),
    ...config,
    ...(pipeline ? { options: `${sessionOptions} ${indexesOnly}` } : {}),
  });
  // A connection that breaks while nothing is asked of it would end the process for want of a
  // listener. The pool drops it when it is idle; whoever holds it learns from the next query.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

function roleConfig(options: DatabaseOptions, role: Role): pg.ClientConfig {
  const url = new URL(options.url);
  url.username = roleName(role);
  url.password = options.password(role);
  return {
    connectionString: url.href,
    application_name: `${options.applicationName} ${role}`,
    connectionTimeoutMillis: role === 'app' ? followerTimeoutMs : connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    idle_in_transaction_session_timeout: idleInTransactionTimeoutMs,
    options: sessionOptions,
    types: columnTypes,
  };
}

export function roleName(role: Role | 'owner'): string {
  return `countersign_${role}`;
}

// Values ------------------------------------------------------------------------------------------

const { builtins } = pg.types;
const textArrayOid: number = 1009;
const bigintArrayOid = 1016;
const texts = pg.types.getTypeParser(textArrayOid, 'text') as (text: string) => (string | null)[];

/**
 * How columns arrive: int8 as bigint and date as its text (the driver would make it an instant in
 * the machine's zone); timestamptz as Date, json as parsed, numeric as its text, as usual.
 * Set per pool: a global parser would change every other user of the driver.
 */
export const columnTypes: pg.CustomTypesConfig = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    if (format === 'binary') return pg.types.getTypeParser(oid, 'binary');
    if (oid === builtins.INT8) return BigInt;
    if (oid === builtins.DATE) return String;
    if (oid === bigintArrayOid) return bigints;
    return pg.types.getTypeParser(oid, 'text');
  },
};

function bigints(text: string): (bigint | null)[] {
  return texts(text).map((item) => (item === null ? null : BigInt(item)));
}

// Transactions ------------------------------------------------------------------------------------

/** Runs `work` in a transaction: committed when it returns, rolled back when it throws. */
export function withTx<Result>(
  pool: Pool,
  work: (tx: Tx) => Promise<Result>,
  options: TxOptions = {},
): Promise<Result> {
  return inConnection(pool, async (tx) => {
    await tx.query(beginText(options));
    const result = await work(tx);
    await tx.query('commit');
    return result;
  });
}

/** What has become of a transaction, and what is still to be written in it. */
export type Prepared<Result> = {
  readonly result: Result;
  /** Sends the last statements, and waits for none of them. */
  readonly send: () => readonly Promise<unknown>[];
};

/**
 * The same with few round trips, on a connection in pipeline mode: `begin` leaves with what is
 * asked first, and `commit` with what is sent last. What is asked first must change nothing, since
 * it would stand without a transaction if `begin` failed.
 */
export function withPipelinedTx<Result>(
  pool: Pool,
  work: (tx: Tx) => Promise<Prepared<Result>>,
  options: TxOptions = {},
): Promise<Result> {
  return inConnection(pool, async (tx) => {
    const [, { result, send }] = await inOneWrite(tx, () =>
      Promise.all([tx.query(beginText(options)), work(tx)]),
    );
    // Behind one that failed, the commit is a rollback.
    await inOneWrite(tx, () => Promise.all([...send(), tx.query('commit')]));
    return result;
  });
}

async function inConnection<Result>(
  pool: Pool,
  work: (tx: Tx) => Promise<Result>,
): Promise<Result> {
  let tx: Tx;
  try {
    tx = await pool.connect();
  } catch (error) {
    throw databaseFault(error);
  }
  let broken: Error | undefined;
  try {
    return await work(tx);
  } catch (error) {
    // A connection that cannot roll back is in an unknown state: nobody may get it again.
    broken = await tx.query('rollback').then(
      () => undefined,
      (failure: Error) => failure,
    );
    throw databaseFault(error);
  } finally {
    tx.release(broken);
  }
}

/** One round trip for everything that stands before the work. */
export function beginText({ tenant, readOnly, isDerived, isolation }: TxOptions): string {
  const mode = readOnly ? 'read only' : 'read write';
  const statements = [`begin isolation level ${isolation ?? 'read committed'} ${mode}`];
  if (isDerived) statements.push('set local synchronous_commit = off');
  if (tenant !== undefined) {
    statements.push(`set local countersign.tenant = ${pg.escapeLiteral(tenant)}`);
  }
  return statements.join('; ');
}

/**
 * Runs `send`, and what it asks of a connection in pipeline mode leaves in one write: small
 * statements cost little more than their system call. Large ones are better sent as they are made,
 * so that the server works on the first while the next is written.
 */
export function inOneWrite<Result>(client: pg.ClientBase, send: () => Result): Result {
  const { stream } = (client as unknown as { connection: { stream: Writable } }).connection;
  stream.cork();
  try {
    return send();
  } finally {
    stream.uncork();
  }
}

// Errors ------------------------------------------------------------------------------------------

/** What a database error means to a caller: a retryable fault, or the error as it was. */
export function databaseFault(error: unknown): unknown {
  if (isConnectionError(error)) {
    return new Fault('database_unavailable', 'the database cannot be reached', { cause: error });
  }
  if (codeOf(error) === '57014') {
    return new Fault('deadline_exceeded', 'a statement ran out of time', { cause: error });
  }
  return error;
}

const systemCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
]);

/** The driver gives these no code: they begin so. */
const driverMessages = [
  'Connection terminated',
  'timeout exceeded when trying to connect',
  'Client has encountered a connection error',
];

/**
 * Whether the connection, not the statement, failed. What was under way may or may not have been
 * committed: only a retry under the same idempotency key finds out.
 */
export function isConnectionError(error: unknown): boolean {
  const code = codeOf(error);
  if (code === undefined) {
    return error instanceof Error && driverMessages.some((text) => error.message.startsWith(text));
  }
  // SQLSTATE class 08: connection exception; 53300: too many connections; 57P01 to 57P05: the
  // server is shutting down, has crashed, cannot connect now, or ended an idle session.
  return systemCodes.has(code) || /^(08...|53300|57P0[1-5])$/.test(code);
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
