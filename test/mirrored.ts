// A bank whose book is a core's, for tests: a tenant, its mirror, and the means to look at both.
import assert from 'node:assert/strict';
import {
  compareBooks,
  importCore,
  type Mirror,
  mirrorRounds,
  openMirror,
  pollEvents,
} from '#cores';
import type { Adapter } from '../src/cores/adapter.ts';
import type { Book } from '../simulators/cores/book.ts';
import type { Bank, Tenant } from './bank.ts';

export type MirroredBank = {
  readonly bank: Bank;
  readonly tenant: Tenant;
  readonly mirror: Mirror;
  readonly errors: unknown[];
  readonly import: () => ReturnType<typeof importCore>;
  /** Time goes on, the core is asked for events, and they are mirrored; how many were. */
  readonly follow: () => Promise<number>;
  readonly compare: () => ReturnType<typeof compareBooks>;
  /** Our account of the core's. */
  readonly own: (coreId: string) => Promise<string>;
  readonly booked: (coreId: string) => Promise<number>;
  /** The payloads of our events of that type, the oldest first. */
  readonly told: (type: string) => Promise<readonly Record<string, unknown>[]>;
  /** Rows of the register and the ledger that an import or an event writes. */
  readonly counts: () => Promise<Readonly<Record<string, number>>>;
};

export async function mirroredBank(bank: Bank, adapter: Adapter): Promise<MirroredBank> {
  const tenant = await bank.tenant();
  const { planes } = bank;
  const { database, vault, clock, execute } = planes;
  const mirror = openMirror({ tenant: tenant.id, adapter, database, vault, clock, execute });
  const errors: unknown[] = [];
  const round = mirrorRounds(mirror, (error) => errors.push(error));
  const own = async (id: string) => {
    const [found] = await mirror.links.ownAccounts(tenant.id, [id]);
    assert.ok(found, `${id} is linked`);
    return found;
  };
  return {
    ...{ bank, tenant, mirror, errors, own },
    import: () => importCore(mirror),
    async follow() {
      bank.time.now += 1_000;
      await pollEvents(mirror);
      return round();
    },
    compare() {
      bank.time.now += 1_000;
      return compareBooks({ mirror, againMs: 10 });
    },
    booked: async (id) => (await mirror.booked(await own(id))).amount,
    async told(type) {
      const { rows } = await bank.superuser.query<{ body: string }>(
        'select body from core.event where tenant_id = $1 and type = $2 order by seq',
        [tenant.id, type],
      );
      return rows.map(({ body }) => JSON.parse(body).data);
    },
    async counts() {
      const tables = ['register.party', 'register.core_link', 'register.account_party'];
      const all = [...tables, 'money.account', 'money.transfer', 'core.command'];
      const counts = await Promise.all(
        all.map((table) =>
          bank.superuser.query<{ count: number }>(
            `select count(*)::int as count from ${table} where tenant_id = $1`,
            [tenant.id],
          ),
        ),
      );
      return Object.fromEntries(all.map((table, at) => [table, counts[at]?.rows[0]?.count ?? 0]));
    },
  };
}

/** Every account that is linked has on both sides the same. */
export async function assertAgrees(of: MirroredBank, book: Book): Promise<void> {
  for (const account of book.accounts.values()) {
    if (account.status === 'closed') continue;
    assert.equal(await of.booked(account.id), account.booked, `booked on ${account.id}`);
  }
}
