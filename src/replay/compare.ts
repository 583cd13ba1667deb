// The rows of two databases side by side: balances one by one, all other tables by their digests.
import type { Uuid } from '#core';
import type pg from 'pg';

export type RowsCompared = {
  readonly table: string;
  readonly recorded: number;
  readonly lived: number;
  readonly isSame: boolean;
};

type TableDigest = { readonly rows: number; readonly digest: string };

const beforeAll: Uuid = '00000000-0000-0000-0000-000000000000';
/** Accounts per page. */
const pageSize = 5_000;

/** How many accounts have the same balances, terms and versions. */
export async function compareAccounts(
  record: pg.ClientBase,
  scratch: pg.ClientBase,
  tenants: readonly string[],
): Promise<{ accounts: number; identical: number }> {
  let [accounts, identical] = [0, 0];
  for (const tenant of tenants) {
    for (let after: Uuid | undefined = beforeAll; after; ) {
      const recorded: Account[] = await accountsOf(record, tenant, after);
      const lived = await accountsOf(scratch, tenant, after);
      const found = new Map(lived.map(({ id, digest }) => [id, digest]));
      accounts += recorded.length;
      identical += recorded.filter(({ id, digest }) => found.get(id) === digest).length;
      after = recorded.length < pageSize ? undefined : recorded.at(-1)?.id;
    }
  }
  return { accounts, identical };
}

type Account = { readonly id: Uuid; readonly digest: string };

async function accountsOf(client: pg.ClientBase, tenant: string, after: Uuid): Promise<Account[]> {
  const { rows } = await client.query<Account>(
    `select id, md5(a::text) as digest from money.account a
      where tenant_id = $1 and id > $2 order by id limit ${pageSize}`,
    [tenant, after],
  );
  return rows;
}

/**
 * Every table that commands write: not those of the log, nor the vault, whose keys are random, nor
 * what consumers fold from events and can fold again; nor what was asked of other cores, whose
 * answers stand in the outcomes of commands.
 */
/**
 * Rows that say something. A key that a batch has locked and of which nothing was taken has a row
 * all the same: which those are, the batches decide.
 */
const counts: Readonly<Record<string, string>> = { 'money.counter': "counters <> '{}'" };

export async function tableDigests(
  client: pg.ClientBase,
  tenants: readonly string[],
): Promise<ReadonlyMap<string, TableDigest>> {
  const { rows: tables } = await client.query<{ name: string }>(
    `select c.oid::regclass::text as name
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
       join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
      where c.relkind in ('r', 'p') and not c.relispartition and n.nspname <> 'privacy'
        and c.oid <> all (array['core.event', 'core.leaf', 'core.node', 'core.checkpoint',
          'core.tree', 'money.core_intent']::regclass[])
        and not has_table_privilege('countersign_app', c.oid, 'insert')
      order by 1`,
  );
  const digests = new Map<string, TableDigest>();
  for (const { name } of tables) {
    const { rows } = await client.query<TableDigest>(
      `select count(*)::float8 as rows,
              coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text as digest
         from ${name} t where tenant_id = any ($1) and ${counts[name] ?? 'true'}`,
      [tenants],
    );
    digests.set(name, rows[0] as TableDigest);
  }
  return digests;
}

export function compareTables(
  recorded: ReadonlyMap<string, TableDigest>,
  lived: ReadonlyMap<string, TableDigest>,
): readonly RowsCompared[] {
  return [...recorded].map(([table, { rows, digest }]) => {
    const found = lived.get(table);
    const isSame = found?.rows === rows && found.digest === digest;
    return { table, recorded: rows, lived: found?.rows ?? 0, isSame };
  });
}
