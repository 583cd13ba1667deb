// Which core keeps accounts of a bank without this process being connected to it. Whoever moves
// them here would move them in the mirror alone, and the core would never hear of it.
import { type Clock, type Instant, type Pool, type Tx, withTx } from '#core';

/** The name of that core; undefined where there is none. */
export type KeptElsewhere = (tenant: string) => Promise<string | undefined>;

/** A bank may be connected by another process meanwhile. */
const rememberedMs = 60_000;

/** `core` is the one that this process is connected to, or our own. `pool` is of the role read. */
export function keptElsewhere(pool: Pool, clock: Clock, core: string): KeptElsewhere {
  const known = new Map<string, { readonly at: Instant; readonly keeper: Look }>();
  const look = (tenant: string): Look =>
    withTx(pool, (tx) => readKeeper(tx, core), { tenant, readOnly: true });
  return (tenant) => {
    const at = clock.now();
    const before = known.get(tenant);
    if (before && at - before.at < rememberedMs) return before.keeper;
    // Whoever asks meanwhile waits for the same look: commands keep their order.
    const keeper = look(tenant);
    known.set(tenant, { at, keeper });
    keeper.catch(() => known.delete(tenant));
    return keeper;
  };
}

type Look = ReturnType<KeptElsewhere>;

async function readKeeper(tx: Tx, core: string): Promise<string | undefined> {
  const { rows } = await tx.query<{ core: string }>({
    name: 'core-kept-elsewhere',
    text: `select core from register.core_link
            where tenant_id = core.current_tenant() and kind = 'account' and core <> $1 limit 1`,
    values: [core],
  });
  return rows[0]?.core;
}
