// What the simulated Temenos core tells of accounts, their balances, statements and reserved funds.
import {
  availableOf,
  type Book,
  type BookAccount,
  type BookEntry,
  type BookMove,
} from '../book.ts';
import type { SimAnswer } from '../simulator.ts';
import {
  decimal,
  failed,
  listed,
  noRecords,
  type PageAsk,
  recordMissing,
  type Row,
} from './answers.ts';
import { type Desk, holdRow } from './orders.ts';

export type Query = {
  readonly id: string;
  readonly of: URLSearchParams;
  readonly page: PageAsk;
};

export function listAccounts({ book }: Desk, { of, page }: Query): SimAnswer {
  const [account, customer] = [of.get('accountId'), of.get('customerId')];
  if (account === null && customer === null) return missingSelection;
  const found = [...book.accounts.values()].filter(
    ({ id, party }) => (account ?? id) === id && (customer ?? party) === party,
  );
  return listed(found, page, (one: BookAccount) => accountRow(book, one));
}

const missingSelection = failed(400, 'TGVCP-007', 'MANDATORY SELECTION IS MISSING');

const statusWords = { open: 'ACTIVE', blocked: 'BLOCKED', closed: 'CLOSED' } as const;

function accountRow(book: Book, account: BookAccount): Row {
  const { id, party, product, currency, status, openedAt, booked, held } = account;
  return {
    ...{ accountId: id, currencyId: currency, productId: product, displayName: product },
    customerDetails: [{ customerId: party, customerName: book.parties.get(party)?.name ?? '' }],
    accountStatus: statusWords[status],
    openingDate: new Date(openedAt).toISOString().slice(0, 10),
    // A number here; in the list of balances it is a text.
    workingBalance: Number(decimal(booked, currency)),
    lockedAmount: Number(decimal(held, currency)),
  };
}

export function listBalances({ book }: Desk, { of, page }: Query): SimAnswer {
  const account = book.accounts.get(of.get('accountId') ?? '');
  if (!account) return noRecords;
  const { id, product, currency, booked, held } = account;
  const text = (amount: number) => decimal(amount, currency);
  const row = () => ({
    ...{ accountId: id, accountName: product, productId: product, currencyId: currency },
    ...{ workingBalance: text(booked), ledgerBalance: text(booked), clearedBalance: text(booked) },
    ...{ lockedAmount: text(held), useableBalance: text(availableOf(account)) },
  });
  return listed([account], page, row);
}

// Statements --------------------------------------------------------------------------------------

type Line = {
  readonly account: BookAccount;
  readonly move: BookMove | undefined;
  readonly id: string;
  readonly amount: number;
  readonly balance: number | undefined;
  readonly at: number;
  readonly valueDate: string;
};

const listTypes = ['RECENT', 'COMPLETED', 'PENDING', 'SEARCH'];

export function listTransactions(desk: Desk, { of, page }: Query): SimAnswer {
  const account = desk.book.accounts.get(of.get('accountId') ?? '');
  const type = of.get('listType') ?? 'RECENT';
  if (!listTypes.includes(type))
    return failed(400, 'TGVCP-003', 'INVALID QUERY PARAMETER listType');
  if (!account) return recordMissing;
  const [from, to] = [of.get('dateFrom') ?? '0000', of.get('dateTo') ?? '9999'];
  const fits = ({ at }: Pick<Line, 'at'>) => dayOf(at) >= from && dayOf(at) <= to;
  const lines = type === 'PENDING' ? pendingOf(desk.book, account) : linesOf(desk.book, account);
  const found = lines.filter((line) => fits(line) && isWithin(line, account.currency, of));
  return listed(found, page, (line: Line) => lineRow(desk, line));
}

function isWithin({ amount }: Line, currency: string, of: URLSearchParams): boolean {
  const units = Number(decimal(Math.abs(amount), currency));
  const [least, most] = [of.get('minimumAmount') ?? '0', of.get('maximumAmount') ?? 'Infinity'];
  return units >= Number(least) && units <= Number(most);
}

function linesOf(book: Book, account: BookAccount): Line[] {
  return account.entries.map((entry: BookEntry) => {
    const { move, amount, balance, at, valueDate } = entry;
    return { account, move: book.movesById.get(move), id: move, amount, balance, at, valueDate };
  });
}

function pendingOf({ moves }: Book, account: BookAccount): Line[] {
  return moves
    .filter(({ status, debtor }) => status === 'pending' && debtor === account.id)
    .map((move) => {
      const { id, amount, at, valueDate } = move;
      return { account, move, id, amount: -amount, balance: undefined, at, valueDate };
    });
}

function lineRow({ narratives }: Desk, { account, move, id, ...of }: Line): Row {
  const { currency } = account;
  const balance = of.balance;
  return {
    ...{ accountId: account.id, currencyId: currency, entryReference: id },
    bookingDate: dayOf(of.at),
    valueDate: of.valueDate,
    amount: Number(decimal(of.amount, currency)),
    ...(balance === undefined ? {} : { balance: Number(decimal(balance, currency)) }),
    narrative: narratives.get(id) ?? 'Transfer',
    transactionReference: move?.reference ?? id,
    transactionType: 'ACPX',
  };
}

/** An enquiry over orders, as a bank publishes one for itself: by the reference of the debit. */
export function listTransfers({ book }: Desk, { of, page }: Query): SimAnswer {
  const reference = of.get('debitReference');
  if (reference === null) return missingSelection;
  const found = (book.movesByReference.get(reference) ?? []).filter(
    ({ status }) => status !== 'declined',
  );
  return listed(found, page, (move: BookMove) => {
    const currency = book.accounts.get(move.debtor)?.currency ?? '';
    return {
      ...{ fundsTransferId: move.id, transactionType: 'ACPX', debitAccountId: move.debtor },
      ...{ debitCurrency: currency, debitAmount: Number(decimal(move.amount, currency)) },
      ...{ creditAccountId: move.creditor, debitValueDate: move.valueDate },
      ...{ debitReference: move.reference, creditReference: move.text },
      ...(move.status === 'pending' ? { recordStatus: 'INAU' } : {}),
    };
  });
}

export function listReservedFunds(desk: Desk, { of, page }: Query): SimAnswer {
  const account = of.get('accountId');
  if (account === null) return missingSelection;
  const found = [...desk.book.holds.values()].filter((hold) => hold.account === account);
  return listed(found, page, (hold: Parameters<typeof holdRow>[1]) => holdRow(desk, hold));
}

function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
