// The opening balance of a mirror: what the core had booked on an account at one moment, and which
// of its latest entries were in it.
import { assert, instantToText, dayMs } from '#core';
import type { Paged } from '../adapter.ts';
import type { Balance } from '../port.ts';
import { readCursor, writeCursor } from './incoming.ts';
import { bookedAtCore, type Mirror } from './mirror.ts';
import { pagesOf } from './pages.ts';

export type Opening = {
  /** Minor units, above zero for what is owed to the holder. */
  readonly booked: number;
  /** RFC 3339, by the core's clock where it says so. */
  readonly as_of: string;
};

const entriesPage = 200;
/** How often it is read again where somebody moves the account meanwhile. */
const readsMax = 5;

/** Reads both of one moment, and keeps which entries were there. */
export async function readOpening(
  mirror: Mirror,
  { id, currency }: { readonly id: string; readonly currency: string },
): Promise<Opening> {
  const bookedIn = (of: readonly Balance[]) => bookedAtCore(of, { core: mirror.core, currency });
  const before = instantToText(mirror.clock.now());
  let balances = await balancesNow(mirror, id);
  for (let reads = 0; reads < readsMax; reads += 1) {
    const recent = await recentEntries(mirror, id);
    const again = await balancesNow(mirror, id);
    const isSame = bookedIn(again) === bookedIn(balances);
    balances = again;
    if (!isSame) continue;
    if (recent) await writeCursor(mirror, { name: nameOf(id), value: JSON.stringify(recent) });
    break;
  }
  const as_of = balances.find(({ type }) => type === 'ITBD')?.as_of ?? before;
  return { booked: bookedIn(balances) ?? 0, as_of };
}

async function balancesNow({ adapter }: Mirror, id: string): Promise<readonly Balance[]> {
  const balances = await adapter.operations.readBalances({ id });
  assert(balances, 'an account of the core has a balance');
  return balances;
}

/** The references of the last days' entries; undefined where the core cannot list them. */
async function recentEntries(mirror: Mirror, id: string): Promise<readonly string[] | undefined> {
  const { listEntries } = mirror.adapter.operations;
  if (!listEntries) return undefined;
  const since = mirror.clock.now() - 2 * dayMs;
  const recent: string[] = [];
  let after: string | undefined;
  const read = (query: Paged) => listEntries({ ...query, id });
  for await (const { items, next } of pagesOf({ core: mirror.core, read, limit: entriesPage })) {
    for (const { reference, booked_at } of items) {
      if (Date.parse(booked_at) >= since) recent.push(reference);
    }
    after = next ?? after;
  }
  // Whoever reads its entries later goes on from here.
  if (after !== undefined) await writeCursor(mirror, { name: entriesName(id), value: after });
  return recent;
}

export function entriesName(id: string): string {
  return `entries ${id}`;
}

function nameOf(id: string): string {
  return `opening ${id}`;
}

/** The references of entries that were in the opening balance, as far as they were listed. */
export async function openingEntries(
  mirror: Mirror,
  id: string,
): Promise<readonly string[] | undefined> {
  const text = await readCursor(mirror, nameOf(id));
  return text === undefined ? undefined : (JSON.parse(text) as string[]);
}
