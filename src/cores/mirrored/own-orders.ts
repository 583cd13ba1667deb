// What of ours is under way at the core, or was ordered there by us.
import type { Tx } from '#core';

/** Of these references, those under which one of our commands was sent. */
export async function ownReferences(
  tx: Tx,
  core: string,
  references: readonly string[],
): Promise<ReadonlySet<string>> {
  if (references.length === 0) return new Set();
  const { rows } = await tx.query<{ reference: string }>(
    `select reference from money.core_intent
      where tenant_id = core.current_tenant() and core = $1 and reference = any ($2)`,
    [core, references],
  );
  return new Set(rows.map(({ reference }) => reference));
}

/** The core's ids of the accounts that commands of ours may just be moving there. */
export async function accountsUnderWay(tx: Tx, core: string): Promise<ReadonlySet<string>> {
  const { rows } = await tx.query<{ id: string }>(
    `select distinct named #>> '{}' as id from money.core_intent i
       cross join lateral jsonb_path_query(i.steps, '$[*].order.*') as named
      where i.tenant_id = core.current_tenant() and i.core = $1
        and i.state not in ('completed', 'rejected') and jsonb_typeof(named) = 'string'`,
    [core],
  );
  return new Set(rows.map(({ id }) => id));
}
