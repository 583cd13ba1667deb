// What a simulated Fineract keeps of people beside their money: how they are reached, loans they
// apply for, notes, and datatables of the bank's own.
import { applyForLoan, changeParty, type BookParty } from '../book.ts';
import { type Bank, bookId, clientIdOf, nextId, numberIn, partyOf, type Row } from './bank.ts';
import type { DoneCommand } from './commands.ts';
import {
  type Body,
  type Members,
  membersOf,
  bodyOf,
  dayFrom,
  failed,
  invalid,
  minorUnits,
  missing,
  amountOf,
  currencyOf,
} from './words.ts';

export function clientOf({ book }: Bank, id: string): BookParty {
  const party = book.parties.get(partyOf(book, Number(id)) ?? '');
  if (party) return party;
  throw missing('error.msg.client.id.invalid', 'Client does not exist');
}

export function updateClient(bank: Bank, id: string, text: string): DoneCommand {
  const party = clientOf(bank, id);
  const members = { mobileNo: 'optional', emailAddress: 'optional' } as const;
  const { mobileNo, emailAddress, ...rest } = bodyOf(text, members, 'client');
  if (Object.keys(rest).length > 0) throw failed(400, 'error.msg.invalid.request.body');
  changeParty(bank.book, party.id, {
    ...(typeof mobileNo === 'string' ? { phone: mobileNo } : {}),
    ...(typeof emailAddress === 'string' ? { email: emailAddress } : {}),
  });
  const changes = JSON.parse(text) as Body;
  const clientId = Number(id);
  return { resourceId: clientId, clientId, answer: { clientId, changes } };
}

// Loans -------------------------------------------------------------------------------------------

export const loanProduct = { id: 2, currency: 'EUR', ratePerPeriod: 1 };

const loanMembers: Members = {
  ...membersOf('number', 'clientId', 'productId', 'principal', 'loanTermFrequency'),
  ...membersOf('number', 'loanTermFrequencyType', 'numberOfRepayments', 'repaymentEvery'),
  ...membersOf('number', 'repaymentFrequencyType', 'interestRatePerPeriod', 'interestType'),
  ...membersOf('number', 'amortizationType', 'interestCalculationPeriodType'),
  ...membersOf('text', 'loanType', 'transactionProcessingStrategyCode', 'dateFormat', 'locale'),
  ...membersOf('date', 'expectedDisbursementDate', 'submittedOnDate'),
  externalId: 'optional',
};

function loanIn(bank: Bank, text: string) {
  const body = bodyOf(text, loanMembers, 'loan');
  if (body['productId'] !== loanProduct.id) {
    throw missing('error.msg.loanproduct.id.invalid', 'Loan product does not exist');
  }
  const party = clientOf(bank, String(body['clientId']));
  // Read again from the text: a number of JSON is an amount here.
  const amount = minorUnits(/"principal"\s*:\s*([\d.]+)/.exec(text)?.[1], loanProduct.currency);
  if (amount === undefined) {
    const code = 'validation.msg.loan.principal.not.greater.than.zero';
    throw invalid({ code, text: 'principal must be greater than 0.', parameter: 'principal' });
  }
  return { body, party, amount, months: Number(body['numberOfRepayments']) };
}

export function submitLoan(bank: Bank, text: string): DoneCommand {
  const { body, party, amount, months } = loanIn(bank, text);
  const key = String(body['externalId'] ?? '');
  const isKnown = [...bank.book.loans.values()].some((loan) => key !== '' && loan.key === key);
  if (isKnown) {
    const code = 'error.msg.loan.duplicate.externalId';
    throw failed(403, 'validation.msg.domain.rule.violation', [{ code, text: 'Known already' }]);
  }
  const product = String(loanProduct.id);
  const of = { key, party: party.id, product, amount, currency: loanProduct.currency, months };
  const loan = applyForLoan(bank.book, of);
  const [loanId, clientId] = [numberIn(loan.id), clientIdOf(bank.book, party.id)];
  return { resourceId: loanId, clientId, answer: { loanId, clientId } };
}

/** A preview: it writes nothing. Interest is flat, a percent of the principal each month. */
export function schedule(bank: Bank, text: string) {
  const { amount, months, body } = loanIn(bank, text);
  const currency = loanProduct.currency;
  const rate = Math.round(Number(body['interestRatePerPeriod']) * 100);
  const interest = Math.floor((amount * rate * months) / 10_000);
  return {
    ...{ currency: currencyOf(currency), loanTermInDays: months * 30 },
    totalPrincipalExpected: amountOf(amount, currency),
    totalInterestCharged: amountOf(interest, currency),
    totalRepaymentExpected: amountOf(amount + interest, currency),
    periods: [],
  };
}

const transitions = {
  approve: { from: ['received', 'in_review'], to: 'approved', day: 'approvedOnDate' },
  reject: { from: ['received', 'in_review'], to: 'rejected', day: 'rejectedOnDate' },
  withdrawnByApplicant: {
    from: ['received', 'in_review'],
    to: 'withdrawn',
    day: 'withdrawnOnDate',
  },
} as const;

export function changeLoan(bank: Bank, id: string, what: string, text: string): DoneCommand {
  const loan = loanOf(bank, id);
  const change = transitions[what as keyof typeof transitions] as
    | (typeof transitions)[keyof typeof transitions]
    | undefined;
  if (!change) throw failed(400, 'error.msg.unknown.command');
  const members = membersOf('text', 'dateFormat', 'locale');
  const all: Members = { ...members, [change.day]: 'date', note: 'optional' };
  const body = bodyOf(text, all, 'loanapplication');
  dayFrom(body[change.day], body['dateFormat']);
  if (!change.from.some((status) => status === loan.status)) {
    const code = 'error.msg.loan.application.is.not.pending.approval';
    throw failed(403, 'validation.msg.domain.rule.violation', [{ code, text: 'Decided already' }]);
  }
  loan.status = change.to;
  const loanId = numberIn(loan.id);
  return { resourceId: loanId, answer: { loanId, changes: { status: { id: 200 } } } };
}

export function loanOf({ book }: Bank, id: string) {
  const loan = book.loans.get(bookId('LN', id));
  if (loan) return loan;
  throw missing('error.msg.loan.id.invalid', 'Loan does not exist');
}

export function loanOfExternal({ book }: Bank, key: string) {
  const loan = [...book.loans.values()].find((each) => each.key === key);
  if (loan) return loan;
  throw missing('error.msg.loan.external.id.invalid', 'Loan does not exist');
}

// Notes and datatables ----------------------------------------------------------------------------

export function addNote(bank: Bank, id: string, text: string): DoneCommand {
  clientOf(bank, id);
  const { note } = bodyOf(text, { note: 'text' }, 'note');
  if (String(note).length > 1000) {
    throw invalid({ code: 'validation.msg.note.note.exceeds.max.length', text: 'Too long' });
  }
  const row = { id: nextId(bank), clientId: Number(id), at: bank.book.clock.now() };
  bank.notes.push({ ...row, note: String(note) });
  return { resourceId: row.id, clientId: Number(id), answer: { clientId: Number(id) } };
}

/** Tables that the bank has registered, with their columns; `single` has one row for a client. */
const tables: Readonly<Record<string, { columns: readonly string[]; single: boolean }>> = {
  countersign_offer: {
    columns: ['reference', 'product', 'code', 'status', 'valid_from'],
    single: false,
  },
  countersign_loyalty: { columns: ['points', 'tier'], single: true },
};

function tableOf(name: string) {
  const table = tables[name];
  if (table) return table;
  throw missing('error.msg.datatable.not.found', `Datatable ${name} does not exist`);
}

export function rowsOf(bank: Bank, table: string, id: string): readonly Row[] {
  tableOf(table);
  clientOf(bank, id);
  return bank.datatables.get(`${table} ${id}`) ?? [];
}

export function writeRow(
  bank: Bank,
  { table, id, isNew }: { table: string; id: string; isNew: boolean },
  text: string,
): DoneCommand {
  const { columns, single } = tableOf(table);
  const members = Object.fromEntries(columns.map((name) => [name, 'optional' as const]));
  const form = { dateFormat: 'optional', locale: 'text' } as const;
  const {
    locale: _locale,
    dateFormat: _format,
    ...given
  } = bodyOf(...[text, { ...members, ...form }, 'datatable']);
  const rows = [...rowsOf(bank, table, id)];
  if (isNew && single && rows.length > 0) {
    throw failed(403, 'error.msg.datatable.entry.duplicate');
  }
  if (!isNew && rows.length === 0) throw missing('error.msg.datatable.data.not.found', 'No row');
  const row: Row = { ...given, id: isNew ? nextId(bank) : (rows[0]?.id ?? 0) };
  bank.datatables.set(`${table} ${id}`, single ? [row] : [...rows, row]);
  return { resourceId: single ? Number(id) : row.id, clientId: Number(id) };
}
