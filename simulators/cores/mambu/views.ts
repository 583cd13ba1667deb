// The entities of a simulated Mambu as its API shows them, out of the book.
import {
  type BookAccount,
  type BookEntry,
  type BookHold,
  type BookLoan,
  type BookParty,
  availableOf,
} from '../book.ts';
import { isChannel, keyOf, type State } from './state.ts';
import { instantOf, numberOf } from './wire.ts';

/** Of clients that are no persons. */
export const organisationRole = keyOf('role', 'organisation');

export function clientView({ timeZone }: State, party: BookParty, isFull: boolean) {
  const { id, name, birthDate, email, phone, address, country } = party;
  const words = name.split(' ');
  const lastName = words.pop() ?? '';
  const full = {
    addresses: [
      { ...{ encodedKey: keyOf('address', id), parentKey: keyOf('party', id) }, indexInList: 0 },
    ].map((of) => ({ ...of, line1: address, country })),
    idDocuments: [],
  };
  return {
    ...{ encodedKey: keyOf('party', id), id, state: 'ACTIVE' },
    creationDate: instantOf(timeZone, 1_500_000_000_000),
    ...{ firstName: words.join(' ') || lastName, lastName },
    ...(birthDate === null ? {} : { birthDate }),
    ...(party.kind === 'organisation' ? { clientRoleKey: organisationRole } : {}),
    ...{ mobilePhone: phone, emailAddress: email, preferredLanguage: 'ENGLISH' },
    ...{ loanCycle: 0, groupLoanCycle: 0, groupKeys: [] },
    ...(isFull ? full : {}),
  };
}

const states = { open: 'ACTIVE', blocked: 'LOCKED', closed: 'CLOSED' } as const;

export function accountView({ timeZone }: State, account: BookAccount, isFull: boolean) {
  const { id, party, product, currency, openedAt, booked, held, overdraft } = account;
  const of = (amount: number) => numberOf(amount, currency);
  const balances = {
    ...{ totalBalance: of(booked), availableBalance: of(availableOf(account)) },
    ...{ holdBalance: of(held), blockedBalance: of(0), lockedBalance: of(0) },
    ...{ overdraftAmount: of(Math.max(0, -booked)), feesDue: of(0) },
    forwardAvailableBalance: of(0),
  };
  const full = {
    balances,
    overdraftSettings: { allowOverdraft: overdraft > 0, overdraftLimit: of(overdraft) },
  };
  return {
    ...{ encodedKey: keyOf('account', id), id, name: product, notes: '' },
    ...{ creationDate: instantOf('UTC', openedAt), lastModifiedDate: instantOf('UTC', openedAt) },
    ...{
      approvedDate: instantOf(timeZone, openedAt),
      activationDate: instantOf(timeZone, openedAt),
    },
    ...{ accountHolderType: 'CLIENT', accountHolderKey: keyOf('party', party) },
    ...{ accountState: states[account.status], accountType: 'CURRENT_ACCOUNT' },
    ...{ productTypeKey: keyOf('product', product), currencyCode: currency },
    ...(isFull ? full : {}),
  };
}

/** A transaction is one side of a move, so a transfer has two that name each other. */
export function transactionView(state: State, entry: BookEntry) {
  const { book, timeZone, kinds, settledHolds } = state;
  const account = book.accounts.get(entry.account);
  const currency = account?.currency ?? 'EUR';
  const move = book.movesById.get(entry.move);
  const linked = linkedOf(state, entry);
  const hold = settledHolds.get(entry.move);
  const mirrored = (of: string) =>
    keyOf('entry', account?.entries.find((other) => other.move === of)?.number ?? '');
  const isOrdered = move !== undefined && move.reverses === null && move.debtor === entry.account;
  const isSingle = kinds.get(entry.move) === 'DEPOSIT';
  return {
    ...{ encodedKey: keyOf('entry', entry.number), id: String(entry.number) },
    ...((isOrdered || isSingle) && move?.reference ? { externalId: move.reference } : {}),
    ...{ type: typeOf(state, entry), amount: numberOf(entry.amount, currency) },
    ...{ currencyCode: currency, parentAccountKey: keyOf('account', entry.account) },
    creationDate: instantOf(timeZone, entry.at),
    ...{ bookingDate: instantOf(timeZone, entry.at), valueDate: midnightOf(timeZone, entry) },
    ...(move?.text ? { notes: move.text } : {}),
    ...(hold === undefined ? {} : { holdExternalReferenceId: hold }),
    ...(move?.reversedBy ? { adjustmentTransactionKey: mirrored(move.reversedBy) } : {}),
    ...(move?.reverses ? { originalTransactionKey: mirrored(move.reverses) } : {}),
    ...(linked
      ? { transferDetails: { linkedDepositTransactionKey: keyOf('entry', linked.number) } }
      : {}),
    accountBalances: { totalBalance: numberOf(entry.balance, currency) },
  };
}

export function typeOf({ book, kinds }: State, { move: id }: BookEntry): string {
  const move = book.movesById.get(id);
  if (!move) return 'DEPOSIT';
  const kind = kinds.get(move.reverses ?? id) ?? 'TRANSFER';
  if (move.reverses === null) return kind;
  return kind === 'DEPOSIT' ? 'ADJUSTMENT' : `${kind}_ADJUSTMENT`;
}

/** Both sides are entered one after the other, each with its event between. */
const numbersApart = 2;

function linkedOf({ entries, book }: State, { number, move }: BookEntry): BookEntry | undefined {
  for (const at of [number - numbersApart, number + numbersApart]) {
    const other = entries.get(at);
    const account = other?.move === move ? book.accounts.get(other.account) : undefined;
    if (account) return isChannel(account) ? undefined : other;
  }
  return undefined;
}

/** The day begins when the organisation's does. */
function midnightOf(timeZone: string, { valueDate }: Pick<BookEntry, 'valueDate'>): string {
  const midnight = (offset: string) => `${valueDate}T00:00:00${offset}`;
  const offsetAt = (text: string) => instantOf(timeZone, Date.parse(text)).slice(-6);
  return midnight(offsetAt(midnight(offsetAt(midnight('+00:00')))));
}

const holdStates = {
  ...{ open: 'PENDING', captured: 'SETTLED', released: 'REVERSED', expired: 'EXPIRED' },
} as const;

export function holdView({ book, timeZone }: State, hold: BookHold) {
  const currency = book.accounts.get(hold.account)?.currency ?? 'EUR';
  const of = { amount: numberOf(hold.amount, currency), currencyCode: currency };
  return {
    ...{ encodedKey: keyOf('hold', hold.id), accountKey: keyOf('account', hold.account) },
    ...{ externalReferenceId: hold.reference, status: holdStates[hold.status], ...of },
    ...{ originalAmount: of.amount, originalCurrency: currency, exchangeRate: 1 },
    ...{ advice: false, creditDebitIndicator: 'DBIT', source: 'ACCOUNT', partial: false },
    creationDate: instantOf(timeZone, hold.at),
  };
}

const loanStates = {
  received: { accountState: 'PARTIAL_APPLICATION' },
  in_review: { accountState: 'PENDING_APPROVAL' },
  approved: { accountState: 'APPROVED' },
  rejected: { accountState: 'CLOSED_REJECTED', accountSubState: 'REJECTED' },
  withdrawn: { accountState: 'CLOSED', accountSubState: 'WITHDRAWN' },
} as const;

/** The id that was given with it is kept as the key of the loan. */
export function loanView({ timeZone, book }: State, loan: BookLoan) {
  const { id, key, party, product, amount, currency, months, status } = loan;
  return {
    ...{ encodedKey: keyOf('loan', id), id: key, loanName: product, ...loanStates[status] },
    ...{ accountHolderType: 'CLIENT', accountHolderKey: keyOf('party', party) },
    ...{ productTypeKey: keyOf('product', product), loanAmount: numberOf(amount, currency) },
    currency: { code: currency },
    scheduleSettings: {
      ...{ gracePeriod: 0, gracePeriodType: 'NONE', repaymentInstallments: months },
      ...{ repaymentPeriodCount: 1, repaymentPeriodUnit: 'MONTHS' },
    },
    interestSettings: { interestRate: 0, interestType: 'SIMPLE_INTEREST' },
    creationDate: instantOf(timeZone, book.clock.now()),
  };
}
