// The book of a simulated bank, in memory, whichever vendor's words are spoken about it: what it
// does with money, holds and customers, and why it refuses.
import type { Clock } from '#core';
import type {
  Book,
  BookAccount,
  BookEntry,
  BookEvent,
  BookHold,
  BookLoan,
  BookMove,
  BookOrder,
  BookParty,
  BookRecord,
  Done,
  Refusal,
  Seed,
} from './book-types.ts';

export type * from './book-types.ts';

export function createBook(clock: Clock): Book {
  return {
    ...{ clock, parties: new Map(), accounts: new Map(), moves: [], movesById: new Map() },
    ...{ movesByReference: new Map(), holds: new Map(), loans: new Map(), records: [] },
    ...{ events: [], listeners: new Set(), numbers: 0 },
  };
}

/** Adds parties, and accounts with what they bring along. */
export function seedBook(book: Book, { parties = [], accounts = [] }: Seed): void {
  for (const of of parties) {
    book.parties.set(of.id, {
      ...{ kind: 'person', birthDate: '1980-04-01', country: 'DE' },
      ...{ email: `p${of.id}@mail.example`, phone: '+491510000000', address: 'Markt 1' },
      ...of,
      version: 1,
    });
  }
  for (const { balance = 0, ...of } of accounts) {
    const account: BookAccount = {
      ...{ product: 'CURRENT', status: 'open', warns: null, needsChecker: false, overdraft: 0 },
      ...{ booked: 0, held: 0, entries: [], openedAt: book.clock.now() },
      ...of,
    };
    book.accounts.set(of.id, account);
    if (balance === 0) continue;
    const entry = { move: idOf(book, 'TX'), counter: '', amount: balance };
    enter(book, account, { ...entry, valueDate: todayIn(book) });
  }
}

/** The next number of the book, as the core's own id of something. */
export function idOf(book: Book, prefix: string): string {
  return `${prefix}${String(numberOf(book)).padStart(10, '0')}`;
}

function numberOf(book: Book): number {
  book.numbers += 1;
  return book.numbers;
}

/** In UTC, `2026-03-31`. */
export function todayIn({ clock }: Book): string {
  return new Date(clock.now()).toISOString().slice(0, 10);
}

export function availableOf({ booked, held, overdraft }: BookAccount): number {
  return booked + overdraft - held;
}

export function leftOf({ amount, captured, released }: BookHold): number {
  return amount - captured - released;
}

/** Calls with every event from now on; answers how to stop. */
export function listenTo(book: Book, listener: (event: BookEvent) => void): () => void {
  book.listeners.add(listener);
  return () => {
    book.listeners.delete(listener);
  };
}

// Money -------------------------------------------------------------------------------------------

/** Books it, or leaves it to a second person where the account wants one. */
export function transfer(book: Book, order: BookOrder): Done<BookMove> {
  const refused = refusalOf(book, order);
  if (refused) return { refused };
  const isPending = book.accounts.get(order.debtor)?.needsChecker === true;
  const move = record(book, order, isPending ? 'pending' : 'booked');
  if (!isPending) enterBoth(book, move);
  return { done: move };
}

/** What the second person says of a move that waits. */
export function decide(book: Book, id: string, isAgreed: boolean): Done<BookMove> {
  const move = book.movesById.get(id);
  if (move?.status !== 'pending') return { refused: 'move_not_found' };
  const currency = book.accounts.get(move.debtor)?.currency ?? '';
  const refused = isAgreed ? refusalOf(book, { ...move, currency }) : undefined;
  move.status = isAgreed && !refused ? 'booked' : 'declined';
  if (move.status === 'booked') enterBoth(book, move);
  return refused ? { refused } : { done: move };
}

/** Mirrors a move that is booked, once. */
export function reverse(
  book: Book,
  id: string,
  of: Pick<BookOrder, 'reference' | 'text' | 'valueDate'>,
): Done<BookMove> {
  const move = book.movesById.get(id);
  if (move?.status !== 'booked') return { refused: 'move_not_found' };
  if (move.reversedBy !== null) return { refused: 'already_reversed' };
  const { debtor, creditor, amount } = move;
  const currency = book.accounts.get(debtor)?.currency ?? '';
  const back = { ...of, amount, currency, debtor: creditor, creditor: debtor, reverses: id };
  const refused = refusalOf(book, back);
  if (refused) return { refused };
  const mirror = record(book, back, 'booked');
  enterBoth(book, mirror);
  move.reversedBy = mirror.id;
  return { done: mirror };
}

/** Why it cannot be moved; undefined where it can. `free` is held for it already. */
function refusalOf(
  { accounts }: Book,
  {
    debtor,
    creditor,
    amount,
    currency,
  }: Pick<BookOrder, 'debtor' | 'creditor' | 'amount' | 'currency'>,
  free = 0,
): Refusal | undefined {
  const [from, to] = [accounts.get(debtor), accounts.get(creditor)];
  if (!from || !to) return 'account_not_found';
  if (from.status === 'closed' || to.status === 'closed') return 'account_closed';
  if (from.status === 'blocked') return 'account_blocked';
  if (from.currency !== currency || to.currency !== currency) return 'currency_mismatch';
  return availableOf(from) + free < amount ? 'insufficient_funds' : undefined;
}

function record(book: Book, order: BookOrder, status: BookMove['status']): BookMove {
  const { reference, text = '', debtor, creditor, amount, valueDate, reverses = null } = order;
  const move: BookMove = {
    ...{ id: idOf(book, 'TX'), reference, text, debtor, creditor, amount, valueDate, reverses },
    ...{ status, at: book.clock.now(), reversedBy: null },
  };
  book.moves.push(move);
  book.movesById.set(move.id, move);
  const before = book.movesByReference.get(reference) ?? [];
  book.movesByReference.set(reference, [...before, move]);
  return move;
}

function enterBoth(book: Book, { id, debtor, creditor, amount, valueDate }: BookMove): void {
  const [from, to] = [book.accounts.get(debtor), book.accounts.get(creditor)];
  if (!from || !to) return;
  enter(book, from, { move: id, counter: creditor, amount: -amount, valueDate });
  enter(book, to, { move: id, counter: debtor, amount, valueDate });
}

function enter(
  book: Book,
  account: BookAccount,
  of: Pick<BookEntry, 'move' | 'counter' | 'amount' | 'valueDate'>,
): void {
  account.booked += of.amount;
  const at = { number: numberOf(book), at: book.clock.now(), balance: account.booked };
  const entry = { ...of, ...at, account: account.id };
  account.entries.push(entry);
  tell(book, { kind: 'entry', account: account.id, party: account.party, entry });
}

function tell(book: Book, of: Omit<BookEvent, 'number' | 'at'>): void {
  const event = { ...of, number: numberOf(book), at: book.clock.now() };
  book.events.push(event);
  for (const listener of book.listeners) listener(event);
}

// Holds -------------------------------------------------------------------------------------------

export type PlaceHold = Pick<BookHold, 'reference' | 'account' | 'amount' | 'expiresAt'> & {
  readonly text?: string;
};

export function placeHold(book: Book, { text = '', ...of }: PlaceHold): Done<BookHold> {
  const account = book.accounts.get(of.account);
  if (!account) return { refused: 'account_not_found' };
  if (account.status !== 'open') return { refused: `account_${account.status}` };
  if (availableOf(account) < of.amount) return { refused: 'insufficient_funds' };
  account.held += of.amount;
  const state = { captured: 0, released: 0, status: 'open', at: book.clock.now() } as const;
  const hold: BookHold = { ...of, text, ...state, id: idOf(book, 'HD') };
  book.holds.set(hold.id, hold);
  tell(book, { kind: 'hold', account: account.id, party: account.party, entry: null });
  return { done: hold };
}

export function increaseHold(book: Book, id: string, amount: number): Done<BookHold> {
  const found = openHold(book, id);
  if ('refused' in found) return found;
  const { hold, account } = found.done;
  if (availableOf(account) < amount) return { refused: 'insufficient_funds' };
  hold.amount += amount;
  account.held += amount;
  return { done: hold };
}

export function releaseHold(
  book: Book,
  id: string,
  status: 'released' | 'expired' = 'released',
): Done<BookHold> {
  const found = openHold(book, id);
  if ('refused' in found) return found;
  const { hold, account } = found.done;
  account.held -= leftOf(hold);
  hold.released += leftOf(hold);
  hold.status = hold.captured > 0 ? 'captured' : status;
  tell(book, { kind: 'hold', account: account.id, party: account.party, entry: null });
  return { done: hold };
}

/** Books a part of a hold; with `isFinal` the rest is given back. */
export function captureHold(
  book: Book,
  id: string,
  { isFinal = true, ...order }: BookOrder & { readonly isFinal?: boolean },
): Done<BookMove> {
  const found = openHold(book, id);
  if ('refused' in found) return found;
  const { hold, account } = found.done;
  if (order.amount > leftOf(hold)) return { refused: 'amount_exceeds_hold' };
  const refused = refusalOf(book, order, order.amount);
  if (refused) return { refused };
  account.held -= order.amount;
  hold.captured += order.amount;
  const move = record(book, order, 'booked');
  enterBoth(book, move);
  if (leftOf(hold) === 0) hold.status = 'captured';
  else if (isFinal) releaseHold(book, id);
  return { done: move };
}

function openHold(book: Book, id: string): Done<{ hold: BookHold; account: BookAccount }> {
  const hold = book.holds.get(id);
  const account = hold && book.accounts.get(hold.account);
  if (!account) return { refused: 'hold_not_found' };
  return hold.status === 'open' ? { done: { hold, account } } : { refused: 'hold_over' };
}

// Customers ---------------------------------------------------------------------------------------

type PartyChange = Partial<Pick<BookParty, 'email' | 'phone' | 'address' | 'name'>>;

/** False where there is no such party. */
export function changeParty(book: Book, id: string, change: PartyChange): boolean {
  const party = book.parties.get(id);
  if (!party) return false;
  Object.assign(party, change);
  party.version += 1;
  tell(book, { kind: 'party', account: null, party: id, entry: null });
  return true;
}

export function applyForLoan(book: Book, of: Omit<BookLoan, 'id' | 'status'>): BookLoan {
  const loan: BookLoan = { ...of, id: idOf(book, 'LN'), status: 'received' };
  book.loans.set(loan.id, loan);
  tell(book, { kind: 'loan', account: null, party: of.party, entry: null });
  return loan;
}

export function keep(book: Book, of: Omit<BookRecord, 'id'>): BookRecord {
  const kept = { ...of, id: idOf(book, 'RC') };
  book.records.push(kept);
  return kept;
}
