// Entries of a core in the mirror: each that is not by our order is posted once.
import { dayMs } from '#core';
import type { CoreEntry, CoreEvent, Paged } from '../adapter.ts';
import type { Importer } from './import.ts';
import { readCursor, writeCursor } from './incoming.ts';
import type { Link } from './links.ts';
import type { Mirror } from './mirror.ts';
import { entriesName, openingEntries } from './opening.ts';
import { ownReferences } from './own-orders.ts';
import { pagesOf } from './pages.ts';
import { notMirrored, tell } from './tell.ts';
import type { Mirroring } from './told.ts';

/** Of an account whose entries have to be read. */
const entriesPage = 200;
/** In every time zone a day begins at a quarter of an hour. */
const quarterMs = 900_000;

export async function mirrorEntries(
  mirror: Mirror,
  importer: Importer,
  event: CoreEvent,
): Promise<void> {
  if (event.account === null) return notMirrored(mirror, event, { reason: 'account_missing' });
  const link = await linked(mirror, importer, event.account);
  if (event.entry) return mirrorEntry(mirror, { event, entry: event.entry, link });
  for await (const entries of entriesOf(mirror, event.account)) {
    for (const entry of entries) await mirrorEntry(mirror, { event, entry, link });
  }
}

/** An account that the core has opened since the import is imported now. */
async function linked(mirror: Mirror, importer: Importer, id: string): Promise<Link | undefined> {
  const known = await mirror.links.ofCore(mirror.tenant, 'account', id);
  if (known) return known;
  const account = await mirror.adapter.operations.readAccount({ id });
  if (!account) return undefined;
  await importer.account(account);
  return mirror.links.ofCore(mirror.tenant, 'account', id);
}

type Found = {
  readonly event: CoreEvent;
  readonly entry: CoreEntry;
  readonly link: Link | undefined;
};

async function mirrorEntry(mirror: Mirror, { event, entry, link }: Found): Promise<void> {
  // What is only reserved is in no booked balance.
  const mirroring = entry.status === 'BOOK' ? await post(mirror, { event, entry, link }) : null;
  await tell(mirror, event, { entry, mirroring });
}

async function post(mirror: Mirror, { event, entry, link }: Found): Promise<Mirroring> {
  const refuse = async (reason: string) => {
    await notMirrored(mirror, event, { reason, entry });
    return 'not_mirrored' as const;
  };
  if (!link) return refuse('account_not_linked');
  if (await isOrdered(mirror, entry)) return 'ordered';
  if (await isContained(mirror, { event, entry, link })) return 'contained';
  const isDebit = entry.credit_debit_indicator === 'DBIT';
  const counter = isLater(link, entry) ? await counterOf(mirror, entry) : undefined;
  // Both accounts have an entry of it: that of the account that pays is posted.
  if (counter !== undefined && !isDebit) return 'by_debtor';
  const other = counter ?? (await mirror.clearing(entry.currency));
  const [debtor, creditor] = isDebit ? [link.own_id, other] : [other, link.own_id];
  const { amount, currency, reference } = entry;
  const outcome = await mirror.post({
    key: `entry ${link.core_id} ${reference}`,
    ...{ debtor, creditor, amount, currency },
    metadata: { core: mirror.core, core_reference: reference.slice(0, 80) },
  });
  return outcome.status === 'accepted' ? 'posted' : refuse(outcome.code);
}

/** Then the command that has ordered it posts it. */
async function isOrdered({ read, core }: Mirror, entry: CoreEntry): Promise<boolean> {
  const { own_reference: own } = entry;
  return own !== null && (await read((tx) => ownReferences(tx, core, [own]))).has(own);
}

/** Ours, where it is linked, and was so when the entry was booked. */
async function counterOf({ links, tenant }: Mirror, entry: CoreEntry): Promise<string | undefined> {
  const { counter_account: id } = entry;
  const link = id === null ? undefined : await links.ofCore(tenant, 'account', id);
  return link && isLater(link, entry) ? link.own_id : undefined;
}

/** Both sides of a movement have to say the same of it, whatever their clocks and days. */
function isLater({ as_of }: Link, { booked_at }: CoreEntry): boolean {
  return as_of !== null && Date.parse(booked_at) > Date.parse(as_of) + dayMs;
}

/**
 * Whether the opening balance has it already. Of the time around the import, what the core listed
 * then says so, or else the clock.
 */
async function isContained(
  mirror: Mirror,
  { event, entry, link }: Found & { readonly link: Link },
): Promise<boolean> {
  const asOf = Date.parse(link.as_of ?? '');
  const bookedAt = Date.parse(entry.booked_at);
  if (Math.abs(bookedAt - asOf) > dayMs) return bookedAt < asOf;
  const listed = await openingEntries(mirror, link.core_id);
  if (listed) return listed.includes(entry.reference);
  // Some cores say no more than the day of an entry; the event says when it was told.
  const isDay = bookedAt % quarterMs === 0;
  return (isDay ? Math.max(bookedAt, Date.parse(event.occurredAt)) : bookedAt) <= asOf;
}

/** From where they were read before; whole pages are behind us, the last one is read again. */
async function* entriesOf(mirror: Mirror, id: string): AsyncGenerator<readonly CoreEntry[]> {
  const { listEntries } = mirror.adapter.operations;
  if (!listEntries) return;
  const name = entriesName(id);
  const after = await readCursor(mirror, name);
  const read = (query: Paged) => listEntries({ ...query, id });
  const listing = { core: mirror.core, read, limit: entriesPage, after };
  for await (const { items, next } of pagesOf(listing)) {
    yield items;
    if (next !== null) await writeCursor(mirror, { name, value: next });
  }
}
