// What a simulated Fineract keeps beside the book: commands with their keys and results, hooks,
// datatables, notes, and which transaction has released which hold.
import type { Book, BookHold, BookMove } from '../book.ts';
import type { SimAnswer, VendorOptions } from '../simulator.ts';

export type Bank = {
  readonly book: Book;
  readonly push: VendorOptions['push'];
  /** By `key|action|entity`, for ever: an answer, or null while the first is under way. */
  readonly answers: Map<string, SimAnswer | null>;
  readonly commands: Command[];
  /** Of the commands, those that wait for a checker. */
  readonly waiting: Set<Command>;
  /** By the id of a hold in the book: the transaction that has released it. */
  readonly releases: Map<string, number>;
  readonly hooks: Hook[];
  /** By table and entity: rows of one to many. */
  readonly datatables: Map<string, Row[]>;
  readonly notes: Note[];
};

/** A row of the audit: every command leaves one, also when it was refused. */
export type Command = {
  /** Of the move in the book, where that waits for a checker. */
  id: number;
  readonly action: string;
  readonly entity: string;
  readonly url: string;
  readonly json: string;
  readonly madeAt: number;
  savingsId: number | null;
  clientId: number | null;
  resourceId: number | null;
  result: 'processed' | 'awaiting.approval' | 'rejected' | 'error';
  /** What a checker decides on. */
  move: BookMove | null;
};

export type Hook = {
  readonly id: number;
  readonly url: string;
  readonly events: readonly { readonly entityName: string; readonly actionName: string }[];
};
export type Row = { readonly id: number; readonly [column: string]: string | number };
export type Note = {
  readonly id: number;
  readonly clientId: number;
  readonly note: string;
  readonly at: number;
};

export function openBank(book: Book, push: VendorOptions['push']): Bank {
  return {
    ...{
      book,
      push,
      answers: new Map(),
      commands: [],
      waiting: new Set(),
      releases: new Map(),
      hooks: [],
    },
    ...{ datatables: new Map(), notes: [] },
  };
}

/** Ids of Fineract are numbers; those of the book are `TX0000000042`. */
export function numberIn(id: string): number {
  return Number(id.replace(/^\D+/, ''));
}

export function bookId(prefix: string, id: string | number): string {
  return `${prefix}${String(id).padStart(10, '0')}`;
}

/** Parties of the book that have no number get one far above the others. */
export function clientIdOf({ parties }: Book, party: string): number {
  if (/^\d+$/.test(party)) return Number(party);
  return 9_000_000 + [...parties.keys()].indexOf(party);
}

export function partyOf(book: Book, clientId: number): string | undefined {
  const id = String(clientId);
  if (book.parties.has(id)) return id;
  const party = clientId >= 9_000_000 ? [...book.parties.keys()][clientId - 9_000_000] : undefined;
  return party !== undefined && !/^\d+$/.test(party) ? party : undefined;
}

/** Transfers are rows of two tables: the detail is what a command answers. */
export const transferIdOf = (move: BookMove) => numberIn(move.id) + 500_000;

export function moveOfTransfer({ movesById }: Book, transferId: number): BookMove | undefined {
  return movesById.get(bookId('TX', transferId - 500_000));
}

export function holdOf({ holds }: Book, transactionId: number): BookHold | undefined {
  return holds.get(bookId('HD', transactionId));
}

/** The next id of what the book itself does not number. */
export function nextId({ book }: Bank): number {
  book.numbers += 1;
  return book.numbers;
}
