// Loan accounts of the simulated FLEXCUBE: their number may be the caller's, and is used once.
import { applyForLoan, type BookLoan } from '../book.ts';
import {
  amountOf,
  decimal,
  type Desk,
  failed,
  notFound,
  saved,
  type Served,
  textOf,
} from './desk.ts';
import { type Fields, type Outcome, sequence } from './message.ts';

export const loanProduct = 'PLN1';

export const loans: Readonly<Record<string, Served>> = {
  CREATEACCOUNT_FSFS: {
    sends: 'Account-Master-Full',
    shape: sequence('ACCNO BRN* APPLNO PROD* CUSTID* BOOKDT* VALDT* MATDT* CCY* AMTFINANCED*'),
    work: create,
    changes: true,
  },
  QUERYACCOUNT_IOFS: {
    ...{ sends: 'Account-Master-IO', shape: sequence('BRN* ACCNO*'), work: query, changes: false },
  },
};

function create(desk: Desk, given: Fields): Outcome {
  const text = (name: string) => textOf(given, name);
  const [party, product, currency] = [text('CUSTID'), text('PROD'), text('CCY')];
  const key = `${text('BRN')}-${text('ACCNO')}`;
  const amount = amountOf(text('AMTFINANCED'), currency);
  if (!desk.book.parties.has(party)) return failed('ST-VALS-002', 'Record Not Found for Customer');
  if (product !== loanProduct) return failed('CL-PRD01', `Invalid product ${product}`);
  if (amount === undefined) return failed('ST-VALS-011', 'Invalid amount');
  if (loanAt(desk, key)) return failed('ST-VALS-009', `Duplicate Record ${text('ACCNO')}`);
  const count = (day: string) => Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7));
  const months = count(text('MATDT')) - count(text('VALDT'));
  const loan = applyForLoan(desk.book, { key, party, product, amount, currency, months });
  desk.details.set(`loan ${key}`, given);
  return { record: { 'Account-Master-Full': recordOf(desk, loan) }, warnings: saved };
}

function query(desk: Desk, given: Fields): Outcome {
  const loan = loanAt(desk, `${textOf(given, 'BRN')}-${textOf(given, 'ACCNO')}`);
  if (!loan) return notFound('the loan account');
  return { record: { 'Account-Master-Full': recordOf(desk, loan) } };
}

function loanAt({ book }: Desk, key: string): BookLoan | undefined {
  return Array.from(book.loans.values()).find((loan) => loan.key === key);
}

function recordOf({ details }: Desk, loan: BookLoan): Fields {
  const isOver = loan.status === 'rejected' || loan.status === 'withdrawn';
  return {
    ...details.get(`loan ${loan.key}`),
    AMTFINANCED: decimal(loan.amount, loan.currency),
    RECSTAT: isOver ? 'D' : 'O',
    AUTHSTAT: loan.status === 'approved' ? 'A' : 'U',
  };
}
