// An adapter over the book of a simulated bank, without a vendor or a network between: for tests of
// what stands behind adapters. Entries and events are those of the book.
import { Fault, instantToText, pageOf } from '#core';
import type {
  Adapter,
  CoreAccount,
  CoreEntry,
  CoreEvent,
  CoreParty,
  Paged,
} from '../src/cores/adapter.ts';
import {
  availableOf,
  type Book,
  type BookAccount,
  type BookEntry,
  type BookEvent,
  type BookParty,
} from '../simulators/cores/book.ts';

export type BookAdapter = Adapter & {
  /** How often it was asked, by operation. */
  readonly asked: Map<string, number>;
};

export type BookAdapterOptions = {
  /** Whether an event brings its entry along; else entries are to be read. */
  readonly hasEntries?: boolean;
  readonly secret?: string;
};

export function bookAdapter(
  book: Book,
  { hasEntries = true, secret }: BookAdapterOptions = {},
): BookAdapter {
  const asked = new Map<string, number>();
  const counted = <Args extends unknown[], Found>(name: string, work: (...of: Args) => Found) => {
    return async (...of: Args) => {
      asked.set(name, (asked.get(name) ?? 0) + 1);
      return work(...of);
    };
  };
  const never = () => ({ status: 'unknown' }) as const;
  return {
    name: 'book',
    capturesInParts: true,
    asked,
    close: async () => undefined,
    operations: {
      readParty: counted('readParty', ({ id }) => mapped(book.parties.get(id), partyOf)),
      listParties: counted('listParties', (query) =>
        paged([...book.parties.values()], query, partyOf),
      ),
      readContactPoints: counted('readContactPoints', ({ id }) => {
        const party = book.parties.get(id);
        return party ? [{ kind: 'email', usage: 'main', value: party.email } as const] : [];
      }),
      readAccount: counted('readAccount', ({ id }) => mapped(book.accounts.get(id), accountOf)),
      listAccounts: counted('listAccounts', ({ id, ...query }) => {
        const held = [...book.accounts.values()].filter(({ party }) => party === id);
        return paged(held, query, accountOf);
      }),
      readBalances: counted('readBalances', ({ id }) =>
        mapped(book.accounts.get(id), (account) => balancesOf(book, account)),
      ),
      listEntries: counted('listEntries', ({ id, ...query }) =>
        mapped(book.accounts.get(id), ({ entries }) => {
          const numbered = entries.map((entry) => ({ ...entry, id: String(entry.number) }));
          return paged(numbered, query, (entry) => entryOf(book, entry));
        }),
      ),
      readProduct: counted('readProduct', ({ id }) => ({
        ...({ id, code: id, kind: 'current_account', name: `Product ${id}` } as const),
        ...({ currency: 'EUR', status: 'offered', terms: {} } as const),
      })),
      transfer: async () => never(),
      lookUp: async () => undefined,
      placeHold: async () => never(),
    },
    events: {
      async poll({ limit, after = '0' }) {
        const from = Number(after);
        const events = book.events.slice(from, from + limit);
        const told = events.map((event) => eventOf(book, event, hasEntries));
        return { events: told, cursor: String(from + events.length) };
      },
      accept({ headers, body }) {
        if (secret !== undefined && headers['x-secret'] !== secret) {
          throw new Fault('unauthenticated', 'the secret is another one');
        }
        try {
          return JSON.parse(body) as CoreEvent[];
        } catch (cause) {
          throw new Fault('invalid_request', 'these are no events', { cause });
        }
      },
    },
  };
}

function mapped<From, To>(from: From | undefined, map: (from: From) => To): To | undefined {
  return from === undefined ? undefined : map(from);
}

function paged<From extends { readonly id: string }, To>(
  all: readonly From[],
  { limit, after }: Paged,
  map: (from: From) => To,
) {
  const start = after === undefined ? 0 : all.findIndex(({ id }) => id === after) + 1;
  const page = pageOf(all.slice(start, start + limit + 1), limit, ({ id }) => id);
  return { ...page, items: page.items.map(map) };
}

function partyOf({ id, kind, name, birthDate, country }: BookParty): CoreParty {
  const segment = kind === 'person' ? 'person' : 'business';
  return { id, kind, name, country, segment, status: 'customer', date_of_birth: birthDate };
}

const statuses = { open: 'enabled', blocked: 'disabled', closed: 'deleted' } as const;

function accountOf({ id, currency, product, party, status, openedAt }: BookAccount): CoreAccount {
  return {
    ...{ id, currency, product, status: statuses[status], opened_at: instantToText(openedAt) },
    parties: [{ id: party, role: 'holder' }],
  };
}

function balancesOf(book: Book, account: BookAccount) {
  const balance = (type: 'ITBD' | 'ITAV', figure: number) => ({
    ...{ type, currency: account.currency, amount: Math.abs(figure) },
    credit_debit_indicator: indicatorOf(figure),
    as_of: instantToText(book.clock.now()),
  });
  return [balance('ITBD', account.booked), balance('ITAV', availableOf(account))];
}

function indicatorOf(figure: number) {
  return figure >= 0 ? ('CRDT' as const) : ('DBIT' as const);
}

function entryOf(book: Book, entry: BookEntry): CoreEntry {
  const { amount, account, counter, move, at } = entry;
  return {
    ...{ reference: move, amount: Math.abs(amount), credit_debit_indicator: indicatorOf(amount) },
    currency: book.accounts.get(account)?.currency ?? '',
    ...{ status: 'BOOK', booked_at: instantToText(at), value_at: instantToText(at) },
    counter_account: counter === '' ? null : counter,
    own_reference: book.movesById.get(move)?.reference ?? null,
  };
}

const types = {
  entry: 'entry.booked',
  hold: 'hold.changed',
  account: 'account.changed',
  party: 'party.changed',
  loan: 'loan.changed',
} as const;

function eventOf(book: Book, event: BookEvent, hasEntries: boolean): CoreEvent {
  const { number, kind, account, party, entry, at } = event;
  return {
    ...{ id: `ev-${number}`, type: types[kind], account, party, occurredAt: instantToText(at) },
    ...(entry && hasEntries ? { entry: entryOf(book, entry) } : {}),
  };
}
