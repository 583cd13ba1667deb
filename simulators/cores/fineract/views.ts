// What a simulated Fineract shows: clients, savings accounts with their transactions, transfers,
// loans and the commands that were given.
import {
  availableOf,
  type Book,
  type BookAccount,
  type BookEntry,
  type BookHold,
  type BookLoan,
  type BookMove,
  type BookParty,
} from '../book.ts';
import { type Bank, clientIdOf, type Command, numberIn, transferIdOf } from './bank.ts';
import { amountOf, currencyOf, dayArray, dayOf } from './words.ts';

const office = { id: 1, name: 'Head Office' };

export function clientView({ id, kind, birthDate, name, email, phone }: BookParty, book: Book) {
  const clientId = clientIdOf(book, id);
  return {
    ...{ id: clientId, accountNo: String(clientId).padStart(9, '0'), active: true },
    status: { id: 300, code: 'clientStatusType.active', value: 'Active' },
    legalForm:
      kind === 'person'
        ? { id: 1, code: 'legalFormType.person', value: 'Person' }
        : { id: 2, code: 'legalFormType.entity', value: 'Entity' },
    ...(birthDate === null ? {} : { dateOfBirth: dayArray(birthDate) }),
    ...{ displayName: name, emailAddress: email, mobileNo: phone },
    ...{ officeId: office.id, officeName: office.name, activationDate: dayArray('2020-01-01') },
  };
}

export function addressView({ address, country }: BookParty) {
  const line = { addressLine1: address, countryName: country, isActive: true };
  return { addressId: 1, addressTypeId: 1, addressType: 'RESIDENTIAL', ...line };
}

// Savings accounts --------------------------------------------------------------------------------

function statusView({ status }: BookAccount) {
  const isClosed = status === 'closed';
  const flags = { active: !isClosed, closed: isClosed, approved: false, rejected: false };
  const name = isClosed ? 'closed' : 'active';
  return { id: isClosed ? 600 : 300, code: `savingsAccountStatusType.${name}`, ...flags };
}

function subStatusView({ status }: BookAccount) {
  const isBlocked = status === 'blocked';
  const code = isBlocked ? 'blockDebit' : 'none';
  const flags = { none: !isBlocked, block: false, blockCredit: false, blockDebit: isBlocked };
  return { id: isBlocked ? 700 : 0, code: `SavingsAccountSubStatusEnum.${code}`, ...flags };
}

export function accountListView(account: BookAccount) {
  return {
    ...{ id: Number(account.id), accountNo: account.id.padStart(9, '0') },
    ...{ productId: Number(account.product), productName: 'Current account' },
    ...{ status: statusView(account), currency: currencyOf(account.currency) },
    depositType: { id: 100, code: 'depositAccountType.savingsDeposit', value: 'Savings' },
  };
}

export function accountView(account: BookAccount, book: Book) {
  const { party, product, currency, openedAt, booked, held, overdraft } = account;
  const money = (amount: number) => amountOf(amount, currency);
  return {
    ...{ id: Number(account.id), accountNo: account.id.padStart(9, '0') },
    ...{ clientId: clientIdOf(book, party), clientName: book.parties.get(party)?.name ?? '' },
    ...{ savingsProductId: Number(product), savingsProductName: 'Current account' },
    ...{ status: statusView(account), subStatus: subStatusView(account) },
    timeline: { activatedOnDate: dayArray(dayOf(openedAt)) },
    ...{ currency: currencyOf(currency), savingsAmountOnHold: money(held) },
    ...(overdraft > 0 ? { allowOverdraft: true, overdraftLimit: money(overdraft) } : {}),
    summary: {
      ...{ currency: currencyOf(currency), accountBalance: money(booked) },
      availableBalance: money(availableOf(account)),
    },
  };
}

// Transactions ------------------------------------------------------------------------------------

const types = {
  deposit: { id: 1, value: 'Deposit' },
  withdrawal: { id: 2, value: 'Withdrawal' },
  amountHold: { id: 20, value: 'Amount on hold' },
  amountRelease: { id: 21, value: 'Release Amount' },
} as const;

function typeView(name: keyof typeof types) {
  const flags = Object.fromEntries(Object.keys(types).map((each) => [each, each === name]));
  const { id, value } = types[name];
  return { id, value, code: `savingsAccountTransactionType.${name}`, ...flags };
}

function common({ id, currency }: BookAccount, day: string, submitted: number) {
  return {
    ...{ accountId: Number(id), accountNo: id.padStart(9, '0'), currency: currencyOf(currency) },
    ...{ date: dayArray(day), submittedOnDate: dayArray(dayOf(submitted)), reversed: false },
    ...{ submittedByUsername: 'mifos', isManualTransaction: false, lienTransaction: false },
  };
}

function entryView({ book }: Bank, account: BookAccount, entry: BookEntry) {
  const { number, amount, balance, at, valueDate } = entry;
  const move = book.movesById.get(entry.move);
  const isCredit = amount > 0;
  return {
    id: number,
    ...common(account, valueDate, at),
    transactionType: typeView(isCredit ? 'deposit' : 'withdrawal'),
    entryType: isCredit ? 'CREDIT' : 'DEBIT',
    amount: amountOf(Math.abs(amount), account.currency),
    runningBalance: amountOf(balance, account.currency),
    ...(move ? { transfer: transferOf(move, account) } : {}),
  };
}

function transferOf(move: BookMove, { currency }: BookAccount) {
  return {
    ...{ id: transferIdOf(move), reversed: false, currency: currencyOf(currency) },
    transferAmount: amountOf(move.amount, currency),
    ...{ transferDate: dayArray(move.valueDate), transferDescription: move.text },
  };
}

export function holdView(bank: Bank, account: BookAccount, hold: BookHold) {
  const released = bank.releases.get(hold.id);
  return {
    id: numberIn(hold.id),
    ...common(account, dayOf(hold.at), hold.at),
    ...{ transactionType: typeView('amountHold'), entryType: 'DEBIT' },
    amount: amountOf(hold.amount, account.currency),
    runningBalance: amountOf(account.booked, account.currency),
    releaseTransactionId: released ?? 0,
    // A release wipes out the reason of its hold.
    ...(released === undefined ? { reasonForBlock: hold.text } : {}),
  };
}

function releaseView(bank: Bank, account: BookAccount, hold: BookHold) {
  return {
    ...holdView(bank, account, { ...hold, id: '' }),
    id: bank.releases.get(hold.id) ?? 0,
    ...{ transactionType: typeView('amountRelease'), entryType: 'CREDIT' },
  };
}

/** All of an account, holds and their releases among them, by id. */
export function transactionsOf(bank: Bank, account: BookAccount) {
  const holds = [...bank.book.holds.values()].filter(({ account: of }) => of === account.id);
  const told = [
    ...account.entries.map((entry) => ({
      id: entry.number,
      at: entry.at,
      view: () => entryView(bank, account, entry),
    })),
    ...holds.map((hold) => ({
      id: numberIn(hold.id),
      at: hold.at,
      view: () => holdView(bank, account, hold),
    })),
    ...holds.flatMap((hold) => {
      const id = bank.releases.get(hold.id);
      return id === undefined
        ? []
        : [{ id, at: hold.at, view: () => releaseView(bank, account, hold) }];
    }),
  ];
  return told.sort((a, b) => a.id - b.id);
}

// Transfers, loans, commands ----------------------------------------------------------------------

export function transferView(move: BookMove, book: Book) {
  const [from, to] = [book.accounts.get(move.debtor), book.accounts.get(move.creditor)];
  const side = (account: BookAccount | undefined) => {
    const id = Number(account?.id);
    const client = { id: clientIdOf(book, account?.party ?? ''), officeId: office.id };
    return { account: { id, accountNo: id }, client };
  };
  const type = { id: 2, code: 'accountType.savings', value: 'Savings Account' };
  return {
    ...(from ? transferOf(move, from) : {}),
    ...{ fromAccountType: type, toAccountType: type, fromOffice: office, toOffice: office },
    ...{ fromAccount: side(from).account, fromClient: side(from).client },
    ...{ toAccount: side(to).account, toClient: side(to).client },
  };
}

const loanWords: Readonly<Record<BookLoan['status'], readonly [number, string]>> = {
  received: [100, 'submitted.and.pending.approval'],
  in_review: [100, 'submitted.and.pending.approval'],
  approved: [200, 'approved'],
  withdrawn: [400, 'withdrawn.by.client'],
  rejected: [500, 'rejected'],
};

export function loanView(loan: BookLoan, book: Book) {
  const [id, word] = loanWords[loan.status];
  return {
    ...{ id: numberIn(loan.id), accountNo: loan.id.slice(-9), externalId: loan.key },
    ...{ clientId: clientIdOf(book, loan.party), loanProductId: Number(loan.product) },
    ...{ principal: amountOf(loan.amount, loan.currency), currency: currencyOf(loan.currency) },
    ...{ numberOfRepayments: loan.months, termFrequency: loan.months },
    termPeriodFrequencyType: { id: 2, code: 'termFrequency.periodFrequencyType.months' },
    status: { id, code: `loanStatusType.${word}`, pendingApproval: id === 100 },
  };
}

export function commandView(command: Command, isWithJson: boolean) {
  const { id, action, entity, resourceId, clientId, url, json, result, madeAt } = command;
  return {
    ...{ id, actionName: action, entityName: entity, processingResult: result, url },
    ...(resourceId === null ? {} : { resourceId }),
    ...(clientId === null ? {} : { clientId }),
    ...{ maker: 'mifos', madeOnDate: new Date(madeAt).toISOString() },
    ...(isWithJson ? { commandAsJson: json } : {}),
  };
}
