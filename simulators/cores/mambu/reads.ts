// What a simulated Mambu tells of clients, deposit accounts and their transactions.
import type { BookAccount, BookEntry } from '../book.ts';
import type { SimAnswer, SimRequest } from '../simulator.ts';
import { isMet, paged, readSearch, type Search } from './pages.ts';
import { accountAt, entryAt, isChannel, keyOf, partyAt, type State } from './state.ts';
import { accountView, clientView, transactionView, typeOf } from './views.ts';
import { answer, invalid, readSent, refusal } from './wire.ts';

/** Undefined where the level is none. */
function isFull({ query }: SimRequest): boolean | undefined {
  const level = query.get('detailsLevel') ?? 'BASIC';
  return level === 'FULL' ? true : level === 'BASIC' ? false : undefined;
}

export function clients(state: State, request: SimRequest, named?: string): SimAnswer {
  const full = isFull(request);
  if (full === undefined) return invalid('detailsLevel');
  if (named === undefined) {
    const all = [...state.book.parties.values()];
    return paged(request, all, (party) => clientView(state, party, full));
  }
  const party = partyAt(state, named);
  return party
    ? answer(200, clientView(state, party, full))
    : refusal(404, 'INVALID_CLIENT_ID', 'clientId');
}

export function deposits(state: State, request: SimRequest, named?: string): SimAnswer {
  const full = isFull(request);
  if (full === undefined) return invalid('detailsLevel');
  const view = (account: BookAccount) => accountView(state, account, full);
  if (named !== undefined) {
    const account = accountAt(state, named);
    return account ? answer(200, view(account)) : refusal(404, 'INVALID_SAVINGS_ACCOUNT_ID');
  }
  const { query } = request;
  const [type, holder] = [query.get('accountHolderType'), query.get('accountHolderId')];
  if (holder !== null && type !== 'CLIENT') return invalid('accountHolderType');
  const party = holder === null ? undefined : partyAt(state, holder);
  if (holder !== null && !party) return paged(request, [], view);
  const all = [...state.book.accounts.values()].filter(
    (account) => !isChannel(account) && (!party || account.party === party.id),
  );
  return paged(request, all, view);
}

/** All of one account, the newest first. */
export function transactionsOf(state: State, request: SimRequest, named: string): SimAnswer {
  const account = accountAt(state, named);
  if (!account) return refusal(404, 'INVALID_SAVINGS_ACCOUNT_ID');
  return paged(request, account.entries.toReversed(), (entry) => transactionView(state, entry));
}

export function transaction(state: State, named: string): SimAnswer {
  const entry = visible(entryAt(state, named));
  return entry
    ? answer(200, transactionView(state, entry))
    : refusal(404, 'INVALID_TRANSACTION_ID');
}

export function visible(entry: BookEntry | undefined): BookEntry | undefined {
  return entry && !isChannel({ id: entry.account }) ? entry : undefined;
}

// Searches of transactions ------------------------------------------------------------------------

export function searchTransactions(state: State, request: SimRequest): SimAnswer {
  const search = readSearch(readSent(request.body));
  if (!search) return invalid('filterCriteria');
  const { sorting } = search;
  if (sorting && !['creationDate', 'id'].includes(sorting.field)) {
    return refusal(400, 'INVALID_SORTING_COLUMN');
  }
  const found: BookEntry[] = [];
  for (const entry of candidates(state, search)) {
    const met = search.criteria.map((each) => isMet(each, fieldOf(state, entry, each.field) ?? ''));
    const isKnown = search.criteria.every(({ field }) => fields.has(field));
    if (!isKnown) return refusal(400, 'INVALID_FILTER_SELECTION');
    if (met.includes(undefined)) return refusal(400, 'INVALID_FILTER_ELEMENT');
    if (met.every(Boolean)) found.push(entry);
  }
  if (sorting?.order !== 'ASC') found.reverse();
  return paged(request, found, (entry) => transactionView(state, entry));
}

/** What may be met, found without going through everything where a criterion allows that. */
function candidates(state: State, { criteria }: Search): Iterable<BookEntry> {
  const { book, entries } = state;
  const by = (...names: readonly string[]) =>
    criteria.find(({ field, operator }) => names.includes(field) && operator.startsWith('EQUALS'));
  const external = by('externalId');
  if (external) {
    const moves = book.movesByReference.get(external.value) ?? [];
    const ids = new Set(moves.map(({ id }) => id));
    const accounts = moves.flatMap(({ debtor, creditor }) => [debtor, creditor]);
    const all = accounts.flatMap((id) => book.accounts.get(id)?.entries ?? []);
    return all.filter((entry) => ids.has(entry.move) && visible(entry));
  }
  const parent = by('parentAccountKey', 'parentAccountID');
  if (parent) return accountAt(state, parent.value)?.entries ?? [];
  return [...entries.values()].filter((entry) => visible(entry));
}

const fields: ReadonlySet<string> = new Set([
  ...['id', 'encodedKey', 'externalId', 'type', 'parentAccountKey', 'parentAccountID'],
  ...['typeIsAdjustment', 'originalTransactionKey', 'holdExternalReferenceId'],
]);

function fieldOf(state: State, entry: BookEntry, field: string): string | undefined {
  switch (field) {
    case 'id':
      return String(entry.number);
    case 'encodedKey':
      return keyOf('entry', entry.number);
    case 'type':
      return typeOf(state, entry);
    case 'typeIsAdjustment':
      return String(typeOf(state, entry).includes('ADJUSTMENT')).toUpperCase();
    case 'parentAccountKey':
      return keyOf('account', entry.account);
    case 'parentAccountID':
      return entry.account;
    default: {
      const view = transactionView(state, entry) as Readonly<Record<string, unknown>>;
      const value = view[field];
      return typeof value === 'string' ? value : undefined;
    }
  }
}
