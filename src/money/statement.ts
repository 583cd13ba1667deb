// A statement: what an account had before a span of time, what happened in it, what it has after.
import { type Instant, instantToText, type Page, type Uuid } from '#core';
import type pg from 'pg';
import { type BalancesView, readAccount, readBalances } from './read.ts';
import { type EntryView, pageOfEntries } from './read-journal.ts';

export type StatementQuery = {
  readonly accountId: Uuid;
  /** Half-open, by when it was recorded. Without an end: through all that there is by `now`. */
  readonly from: Instant;
  readonly to?: Instant | undefined;
  readonly now: Instant;
  readonly limit: number;
  /** The version of the last entry seen. */
  readonly after?: number | undefined;
};

export type StatementView = Page<EntryView> & {
  readonly account_id: string;
  readonly currency: string;
  /** Just before the span, and at its end: what `balances` says as of these instants. */
  readonly opening: StatedBalances;
  readonly closing: StatedBalances;
  /** Minor units: what was posted in the span. Opening and these give closing. */
  readonly debits: number;
  readonly credits: number;
  /** How many entries there are in the span, on all pages. */
  readonly entries: number;
};

type StatedBalances = Pick<BalancesView, 'as_of' | 'booked' | 'pending' | 'available'>;

/** Undefined for an account that there was not by the end. Oldest entries first. */
export async function readStatement(
  tx: pg.ClientBase,
  query: StatementQuery,
): Promise<StatementView | undefined> {
  const { accountId, from, to, now, limit, after } = query;
  const account = await readAccount(tx, accountId);
  const end = { asOf: to === undefined ? now : to - 1, current: to === undefined };
  const closing = await readBalances(tx, { accountId, basis: 'recorded', ...end });
  if (!account || !closing) return undefined;
  const before = from - 1;
  const opening =
    (await readBalances(tx, { accountId, basis: 'recorded', asOf: before })) ??
    notYetOpened(closing, before);
  const versions = { above: opening.version, through: closing.version };
  return {
    account_id: account.id,
    currency: account.currency,
    opening: stated(opening),
    closing: stated(closing),
    debits: closing.debits_posted - opening.debits_posted,
    credits: closing.credits_posted - opening.credits_posted,
    entries: closing.version - opening.version,
    ...(await pageOfEntries(tx, { accountId, limit, after }, versions)),
  };
}

function notYetOpened(balances: BalancesView, at: Instant): BalancesView {
  const nothing = { booked: 0, pending: 0, available: 0, version: 0 };
  const sums = { debits_posted: 0, credits_posted: 0, debits_pending: 0, credits_pending: 0 };
  return { ...balances, ...nothing, ...sums, as_of: instantToText(at) };
}

function stated({ as_of, booked, pending, available }: BalancesView): StatedBalances {
  return { as_of, booked, pending, available };
}
