// What a simulated Mambu keeps beside the book: keys of entities, answers under idempotency keys,
// where each subscription stands.
import { sha256Hex } from '#core';
import {
  type Book,
  type BookAccount,
  type BookEntry,
  type BookHold,
  type BookParty,
  listenTo,
} from '../book.ts';
import type { SimAnswer, VendorOptions } from '../simulator.ts';

export type State = {
  readonly book: Book;
  readonly timeZone: string;
  /** Accounts that another operation works on. */
  readonly locked: ReadonlySet<string>;
  readonly push: VendorOptions['push'];
  /** Entries by number: each is a transaction of one deposit account. */
  readonly entries: Map<number, BookEntry>;
  /** What was ordered, by move: what was not ordered here is a transfer. */
  readonly kinds: Map<string, MoveKind>;
  /** Of withdrawals that have settled a hold, its external reference. */
  readonly settledHolds: Map<string, string>;
  readonly keyed: Map<string, KeyedAnswer>;
  readonly subscriptions: Map<string, Subscription>;
  readonly webhooks: { url: string; secret: string }[];
  /** Which entity has which key, as far as anybody has asked. */
  readonly ids: Map<string, string>;
};

export type MoveKind = 'TRANSFER' | 'WITHDRAWAL' | 'DEPOSIT';

export type KeyedAnswer = {
  readonly fingerprint: string;
  readonly at: number;
  /** Undefined while the first call is under way. */
  answer: SimAnswer | undefined;
};

export type Subscription = {
  readonly id: string;
  readonly terms: string;
  readonly types: readonly string[];
  readonly createdAt: number;
  /** Number of the last event that is committed, by event type. */
  readonly committed: Map<string, number>;
  /** When each stream was opened or last committed to. */
  readonly streams: Map<string, number>;
};

export function openState(
  book: Book,
  push: VendorOptions['push'],
  { timeZone, locked }: Pick<State, 'timeZone' | 'locked'>,
): State {
  const entries = new Map<number, BookEntry>();
  const enter = ({ entry }: { readonly entry: BookEntry | null }) => {
    if (entry) entries.set(entry.number, entry);
  };
  for (const event of book.events) enter(event);
  listenTo(book, enter);
  return {
    ...{ book, timeZone, locked, push, entries, kinds: new Map(), settledHolds: new Map() },
    ...{ keyed: new Map(), subscriptions: new Map(), webhooks: [], ids: new Map() },
  };
}

// Keys --------------------------------------------------------------------------------------------

/** 32 hexadecimal digits, as every entity has beside its id. */
export function keyOf(kind: string, id: string | number): string {
  return sha256Hex(`${kind} ${id}`).slice(0, 32);
}

/** By id or by key. */
export function accountAt(state: State, named: string): BookAccount | undefined {
  const found = at(state, 'account', state.book.accounts, named);
  return found && !isChannel(found) ? found : undefined;
}

export function partyAt(state: State, named: string): BookParty | undefined {
  return at(state, 'party', state.book.parties, named);
}

/** Transactions have numbers for ids. */
export function entryAt({ entries, ids }: State, named: string): BookEntry | undefined {
  const byId = /^\d{1,15}$/.test(named) ? entries.get(Number(named)) : undefined;
  if (byId || named.length !== 32) return byId;
  if (!ids.has(`entry ${named}`)) {
    for (const number of entries.keys()) ids.set(`entry ${keyOf('entry', number)}`, `${number}`);
  }
  return entries.get(Number(ids.get(`entry ${named}`)));
}

function at<What>(
  { ids }: State,
  kind: string,
  all: ReadonlyMap<string, What>,
  named: string,
): What | undefined {
  const byId = all.get(named);
  if (byId || named.length !== 32) return byId;
  if (!ids.has(`${kind} ${named}`)) {
    for (const id of all.keys()) ids.set(`${kind} ${keyOf(kind, id)}`, id);
  }
  return all.get(ids.get(`${kind} ${named}`) ?? '');
}

export function holdAt(
  { book }: State,
  account: BookAccount,
  reference: string,
): BookHold | undefined {
  for (const hold of book.holds.values()) {
    if (hold.account === account.id && hold.reference === reference) return hold;
  }
  return undefined;
}

// The other side of withdrawals and deposits ------------------------------------------------------

const channelPrefix = 'channel ';

/** The account of the bank behind its default transaction channel, which nobody sees here. */
export function channelOf({ book }: State, currency: string): string {
  const id = `${channelPrefix}${currency}`;
  if (!book.accounts.has(id)) {
    book.accounts.set(id, {
      ...{ id, party: '', product: '', currency, openedAt: book.clock.now(), status: 'open' },
      ...{ warns: null, needsChecker: false, overdraft: 2 ** 50 },
      ...{ booked: 0, held: 0, entries: [] },
    });
  }
  return id;
}

export function isChannel({ id }: Pick<BookAccount, 'id'>): boolean {
  return id.startsWith(channelPrefix);
}
