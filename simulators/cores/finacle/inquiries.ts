// What the simulated core tells when it is asked: balances, the last entries, accounts, customers.
import type { XmlInput } from '#core';
import {
  availableOf,
  type Book,
  type BookAccount,
  type BookEntry,
  type BookParty,
} from '../book.ts';
import {
  type Asked,
  type Bank,
  insist,
  localTime,
  money,
  need,
  refuse,
  type Said,
} from './envelope.ts';

export type Place = { readonly book: Book; readonly bank: Bank };
type Inquiry = (place: Place, asked: Asked) => Said;

export const noAccount = refuse('F001', 'ACCOUNT DOES NOT EXIST');
export const noCustomer = refuse('C001', 'CUSTOMER NOT FOUND');

export const inquiries: Readonly<Record<string, Inquiry>> = {
  BalInq: balances,
  getLastNTransactionsWithPagination: lastTransactions,
  ODAcctInq: account,
  RetCustInq: customer,
  RetCustAcctInq: accounts,
  LoanAcctInq: loan,
};

// Balances and entries ----------------------------------------------------------------------------

function balances({ book }: Place, { body }: Asked): Said {
  const found = book.accounts.get(need(body, 'BalInqRq', 'AcctId', 'AcctId'));
  if (!found) return noAccount;
  const { id, currency, booked, held, overdraft } = found;
  const told: readonly (readonly [string, number])[] = [
    ['CLRBAL', booked],
    ['SANLIM', overdraft],
    ['DRWPWR', 0],
    ['LIEN', held],
    ['SYSRES', 0],
    ['FUTBAL', 0],
    ['FLOAT', 0],
    ['AVAIL', booked - held],
    ['EFFAVL', availableOf(found)],
  ];
  const AcctBal = told.map(([BalType, amount]) => ({ BalType, BalAmt: money(amount, currency) }));
  const AcctId = { AcctId: id, AcctType: { SchmCode: '', SchmType: '' }, AcctCurr: currency };
  return { told: { BalInqRs: { AcctId, AcctBal } } };
}

/** In one answer, the newest first; what is older is told of, but not how to come to it. */
function lastTransactions({ book, bank }: Place, { body }: Asked): Said {
  const list = ['PaginatedAccountTransactionList'] as const;
  const element = [...list, 'accountListElement'] as const;
  insist(need(body, ...element, 'branchId') === bank.branchId, 'INVALID branchId');
  const count = Number(need(body, ...list, 'lastNTransactions'));
  insist(Number.isInteger(count) && count > 0, 'INVALID lastNTransactions');
  const found = book.accounts.get(need(body, ...element, 'acid'));
  if (!found) return noAccount;
  const last = found.entries.slice(-count).reverse();
  const balance = (amount: number) => money(amount, found.currency);
  const statement = {
    accountBalances: {
      ...{ acid: found.id, availableBalance: balance(availableOf(found)) },
      ...{ branchId: bank.branchId, currencyCode: found.currency },
      ledgerBalance: balance(found.booked),
    },
    hasMoreData: found.entries.length > count ? 'Y' : 'N',
    transactionDetails: last.map((entry) => rowOf({ book, bank }, entry, found.currency)),
  };
  return { told: { PaginatedAccountStatement: statement } };
}

/** Padded as columns of fixed width are. */
export function rowOf({ book, bank }: Place, entry: BookEntry, currency: string): XmlInput {
  const move = book.movesById.get(entry.move);
  const text = move ? move.text : 'OPENING BALANCE';
  return {
    pstdDate: localTime(entry.at, bank),
    transactionSummary: {
      instrumentId: '',
      txnAmt: money(Math.abs(entry.amount), currency),
      txnDate: `${localTime(entry.at, bank).slice(0, 10)}T00:00:00.000`,
      txnDesc: text.padEnd(50),
      txnType: entry.amount < 0 ? 'D' : 'C',
    },
    txnBalance: money(entry.balance, currency),
    txnCat: 'TCI',
    txnId: transactionId(entry.move).padStart(9),
    txnSrlNo: (entry.amount < 0 ? '1' : '2').padStart(4),
    valueDate: `${entry.valueDate}T00:00:00.000`,
  };
}

/** `S42` of `TX0000000042`: unique for a day only, as the real ones are. */
export function transactionId(move: string): string {
  return `S${Number(move.slice(2))}`;
}

export function moveOf(transaction: string): string {
  return `TX${transaction.trim().slice(1).padStart(10, '0')}`;
}

// Accounts and customers --------------------------------------------------------------------------

function account({ book, bank }: Place, { body }: Asked): Said {
  const found = book.accounts.get(need(body, 'ODAcctInqRq', 'ODAcctId', 'AcctId'));
  if (!found) return noAccount;
  const { id, product, currency, booked, status, openedAt } = found;
  const holder = nameOf(book, found);
  const person = { CustId: found.party, PersonName: { Name: holder } };
  const rs = {
    ODAcctInq: {
      ...{ AcctId: id, AcctType: { SchmCode: product, SchmType: 'ODA' }, AcctCurr: currency },
      BankInfo: { BankId: '', Name: '', BranchId: bank.branchId, BranchName: '' },
    },
    AcctOpnDt: localTime(openedAt, bank),
    BankAcctStatusCode: '',
    CustId: person,
    AcctBalCrDrInd: booked < 0 ? 'D' : 'C',
    AcctBalAmt: money(Math.abs(booked), currency),
    FreezeStatusCode: status === 'blocked' ? 'D' : ' ',
    FreezeReasonCode: '',
    RelPartyRec: {
      ...{ RelPartyType: 'M', RelPartyTypeDesc: 'MAIN HOLDER OF ACCOUNT', CustId: person },
      RecDelFlg: 'N',
    },
  };
  return { told: { ODAcctInqRs: rs } };
}

function nameOf(book: Book, { party }: BookAccount): string {
  return book.parties.get(party)?.name ?? '';
}

function customer({ book }: Place, { body }: Asked): Said {
  const found = book.parties.get(need(body, 'RetCustInqRq', 'CustId'));
  if (found?.kind !== 'person') return noCustomer;
  const [FirstName = '', ...rest] = found.name.split(' ');
  const details = {
    CustId: found.id,
    BirthDt: found.birthDate === null ? '' : `${found.birthDate}T00:00:00.000`,
    ...{ FirstName, LastName: rest.join(' '), Name: found.name },
    PhoneEmailInfo: contactsOf(found),
    RetCustAddrInfo: {
      ...{ AddrLine1: found.address, AddrLine2: '', AddrLine3: '', AddrCategory: 'Mailing' },
      ...{ City: '', Country: found.country, CountryCode: found.country, PrefAddr: 'Y' },
      PostalCode: '',
    },
    Status: 'A',
    IsSuspended: 'N',
  };
  return { told: { RetCustInqRs: { RetCustDtls: details } } };
}

function contactsOf({ email, phone }: BookParty): readonly XmlInput[] {
  const contact = (type: string, what: 'EMAIL' | 'PHONE', value: string, preferred: string) => ({
    PhoneEmailInfo: what === 'EMAIL' ? value : '',
    PhoneEmailType: type,
    PhoneNum: what === 'PHONE' ? value : '',
    PhoneOrEmail: what,
    PrefFlag: preferred,
  });
  return [contact('CELLPH', 'PHONE', phone, 'Y'), contact('COMMEML', 'EMAIL', email, 'N')];
}

function accounts({ book, bank }: Place, { body }: Asked): Said {
  const id = need(body, 'CustAcctInqRq', 'CustId');
  insist(need(body, 'CustAcctInqRq', 'CustType') === 'Retail', 'INVALID CustType');
  const party = book.parties.get(id);
  if (!party) return noCustomer;
  const own = [...book.accounts.values()].filter((each) => each.party === id);
  const loans = [...book.loans.values()].filter((each) => each.party === id);
  const listed = [
    ...own.map(({ id: AcctId, product, currency, status, openedAt }) =>
      saleOf(bank, { AcctId, product, type: 'ODA', currency, status, openedAt, shortName: 'ACCT' }),
    ),
    ...loans.map(({ id: AcctId, product, currency, key }) =>
      saleOf(bank, {
        ...{ AcctId, product, type: 'LAA', currency, status: 'open' },
        ...{ openedAt: book.clock.now(), shortName: shortNameIn(key) },
      }),
    ),
  ];
  const [FirstName = '', ...rest] = party.name.split(' ');
  const RetCustDtlsInfo = { FirstName, LastName: rest.join(' ') };
  return { told: { RetCustAcctInqRs: { RetCustDtlsInfo, RetSaleDtls: listed, Status: '' } } };
}

/** The names of a loan account, as they were given: `LOAN KEY|SHORT`. */
export function shortNameIn(names: string): string {
  return names.split('|')[1] ?? '';
}

type Listed = Pick<BookAccount, 'product' | 'currency' | 'openedAt'> & {
  readonly AcctId: string;
  readonly type: string;
  readonly status: string;
  readonly shortName: string;
};

function saleOf(bank: Bank, { AcctId, product, type, currency, ...of }: Listed): XmlInput {
  return {
    ...{ ProdCatId: '3', AcctBranchCode: bank.branchId, AcctId, ChannelCustId: product },
    ...{ ProductCategory: product, ProductCode: type },
    SaleChannelDtls: {
      AcctCurrCode: currency,
      AcctOpeningDt: localTime(of.openedAt, bank),
      AcctStatus: of.status === 'closed' ? 'Closed' : 'Open',
      AcctShortName: of.shortName,
    },
    SaleCust: { Role: 'Main Account Holder' },
  };
}

/** The customer stands with the related parties, and is blank in front. */
function loan({ book, bank }: Place, { body }: Asked): Said {
  const found = book.loans.get(need(body, 'LoanAcctInqRq', 'LoanAcctId', 'AcctId'));
  if (!found) return noAccount;
  const { id, product, currency, months, amount, key } = found;
  const rs = {
    LoanAcctId: {
      ...{ AcctId: id, AcctType: { SchmCode: product, SchmType: 'LAA' }, AcctCurr: currency },
    },
    AcctOpenDt: localTime(book.clock.now(), bank),
    CustId: { CustId: '' },
    LoanAcctGenInfo: { AcctName: key.split('|')[0] ?? '', AcctShortName: shortNameIn(key) },
    LoanGenDetails: {
      ...{ LoanPeriodDays: '0', LoanPeriodMonths: String(months), RePmtMethod: 'M' },
      LoanAmt: money(amount, currency),
    },
    RelPartyRec: { RelPartyType: 'M', CustId: { CustId: found.party }, RecDelFlg: 'N' },
  };
  return { told: { LoanAcctInqRs: rs } };
}
