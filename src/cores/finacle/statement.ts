// The last entries of an account: a window on them, as large as it has to be and no larger.
import { type Page, type Xml, xmlAll, xmlAt } from '#core';
import type { AdapterCalls, CoreEntry } from '../adapter.ts';
import { coreFault } from '../failures.ts';
import type { Client } from './client.ts';
import { coreName } from './errors.ts';
import { type Row, rowIn, text } from './mapping.ts';

/** What is looked for first, and what at most: entries of one account. */
export const recentRows = 50;
const searchWindows = [recentRows, 400, 2_000] as const;
/** An account with more entries than that cannot be read whole: the core knows no other way. */
const entriesMax = 20_000;
/** Entries that may have come since the page before. */
const sparedRows = 200;

export type Window = {
  /** The newest first, as the core tells them. */
  readonly rows: readonly Row[];
  readonly hasMore: boolean;
};

/** Undefined where there is no such account. */
export async function lastRows(
  { ask, settings }: Client,
  account: string,
  { count, signal }: { readonly count: number; readonly signal?: AbortSignal | undefined },
): Promise<Window | undefined> {
  const list = {
    accountListElement: { acid: account, branchId: settings.branchOf(account) },
    lastNTransactions: String(count),
  };
  const request = { PaginatedAccountTransactionList: list };
  const told = await ask('getLastNTransactionsWithPagination', request, signal);
  const statement: Xml | undefined = xmlAt(told?.body, 'PaginatedAccountStatement');
  if (statement === undefined) return undefined;
  const rows = xmlAll(statement, 'transactionDetails');
  return {
    rows: rows.map((each) => rowIn(each, settings.timeZone)),
    hasMore: text(statement, 'hasMoreData') === 'Y',
  };
}

export type Search = {
  /** Whether the rows, the newest first, hold what is looked for. */
  readonly isEnough: (rows: readonly Row[]) => boolean;
  /** An instant, RFC 3339: what was booked before it is of no interest. */
  readonly since: string;
  readonly signal?: AbortSignal | undefined;
};

/**
 * The newest rows, back to what is looked for, or to that instant, or to the first of all. Throws
 * where the largest window does not reach so far: then nobody can say that it is not there.
 */
export async function searchRows(
  client: Client,
  account: string,
  { isEnough, since, signal }: Search,
): Promise<readonly Row[]> {
  for (const count of searchWindows) {
    const { rows, hasMore } = (await lastRows(client, account, { count, signal })) ?? none;
    const oldest = rows.at(-1)?.entry.booked_at ?? '';
    if (isEnough(rows) || !hasMore || oldest < since) return rows;
  }
  const why = 'more entries than can be looked through';
  throw coreFault(coreName, { class: 'incomplete', code: 'lastNTransactions', text: why });
}

const none: Window = { rows: [], hasMore: false };

/** Of the account that was paged last: not all of it anew for each page. */
type Held = { readonly id: string; readonly entries: readonly CoreEntry[]; readonly at: number };
const heldMaxMs = 60_000;

/**
 * Oldest first over what the core tells newest first: each page is cut from a window that reaches
 * back to the entry before it. The cursor names that entry, and how many were newer. The last page
 * is always read, so that what has come meanwhile is on it.
 */
export function listEntriesOf(client: Client): AdapterCalls['listEntries'] {
  let held: Held | undefined;
  return async ({ id, limit, after, signal }) => {
    const [, newer = '0', last] = /^(\d{1,6}) (.+)$/.exec(after ?? '') ?? [];
    const now = client.settings.now();
    if (last !== undefined && held?.id === id && now - held.at < heldMaxMs) {
      const page = cut(held.entries, limit, last);
      if (page?.next) return page;
    }
    const entries = await entriesFrom(client, id, { newer: Number(newer), last, signal });
    if (!entries) return undefined;
    const page = cut(entries, limit, last);
    held = page?.next ? { id, entries, at: now } : undefined;
    return page;
  };
}

type From = {
  readonly newer: number;
  readonly last: string | undefined;
  readonly signal: AbortSignal | undefined;
};

/** The oldest first, back to that entry, or to the first. Throws where it cannot. */
async function entriesFrom(
  client: Client,
  id: string,
  { newer, last, signal }: From,
): Promise<readonly CoreEntry[] | undefined> {
  const reaches = ({ rows, hasMore }: Window) =>
    last === undefined ? !hasMore : rows.some(({ entry }) => entry.reference === last);
  const counts = last === undefined ? [entriesMax] : [newer + 1 + sparedRows, entriesMax];
  for (const count of counts) {
    const window = await lastRows(client, id, { count, signal });
    if (!window) return undefined;
    if (reaches(window)) return window.rows.map(({ entry }) => entry).reverse();
  }
  const why = `its last ${entriesMax} entries do not reach so far`;
  throw coreFault(coreName, { class: 'incomplete', code: 'hasMoreData', text: why });
}

/** Undefined where that entry is not among them. */
function cut(
  entries: readonly CoreEntry[],
  limit: number,
  last: string | undefined,
): Page<CoreEntry> | undefined {
  const before = last === undefined ? -1 : entries.findIndex((each) => each.reference === last);
  if (last !== undefined && before < 0) return undefined;
  const items = entries.slice(before + 1, before + 1 + limit);
  const left = entries.length - before - 1 - items.length;
  const end = items.at(-1);
  return { items, next: left > 0 && end ? `${left} ${end.reference}` : null };
}
