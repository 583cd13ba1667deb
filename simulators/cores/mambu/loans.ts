// Loan applications of a simulated Mambu: created as a part, asked for, decided on, and what their
// schedule would be.
import { allocate, toMinorUnits } from '#core';
import { applyForLoan, type BookLoan } from '../book.ts';
import type { SimAnswer } from '../simulator.ts';
import { loanCurrency, loanProductAt } from './products.ts';
import { keyOf, partyAt, type State } from './state.ts';
import { loanView } from './views.ts';
import {
  amountOf,
  answer,
  digitsOf,
  instantOf,
  invalid,
  isObject,
  numberOf,
  refusal,
  type Sent,
  textOf,
} from './wire.ts';

/** By its id, which the one who asked may have given to it, or its key. */
function loanAt({ book }: State, named: string): BookLoan | undefined {
  for (const loan of book.loans.values()) {
    if (loan.key === named || keyOf('loan', loan.id) === named) return loan;
  }
  return undefined;
}

export function readLoan(state: State, named: string): SimAnswer {
  const loan = loanAt(state, named);
  return loan ? answer(200, loanView(state, loan)) : refusal(404, 'INVALID_LOAN_ACCOUNT_ID');
}

export function createLoan(state: State, body: Sent | undefined): SimAnswer {
  if (!isObject(body)) return invalid('body');
  if (body['accountHolderType'] !== 'CLIENT') return invalid('accountHolderType');
  const key = textOf(body['accountHolderKey']) ?? '';
  const party = key.length === 32 ? partyAt(state, key) : undefined;
  if (!party) return refusal(400, 'ACCOUNT_HOLDER_KEY_INVALID', 'accountHolderKey');
  const product = loanProductAt(textOf(body['productTypeKey']) ?? '');
  if (!product) return refusal(400, 'INVALID_PRODUCT_KEY', 'productTypeKey');
  const { currency } = body;
  if (currency !== undefined && !(isObject(currency) && currency['code'] === loanCurrency)) {
    return refusal(400, 'CURRENCY_NOT_AVAILABLE_FOR_PRODUCT', 'currency');
  }
  const amount = amountOf(body['loanAmount'], loanCurrency);
  if (amount === undefined) return invalid('loanAmount');
  const months = installmentsOf(body['scheduleSettings']);
  if (months === undefined) return invalid('scheduleSettings');
  const id = textOf(body['id']) ?? `LOAN${state.book.loans.size + 1}`;
  if (loanAt(state, id)) return refusal(400, 'ACCOUNT_ID_ALREADY_IN_USE', 'id');
  const of = { key: id, party: party.id, product: product.id, currency: loanCurrency };
  return answer(201, loanView(state, applyForLoan(state.book, { ...of, amount, months })));
}

function installmentsOf(settings: Sent | undefined): number | undefined {
  if (!isObject(settings) || digitsOf(settings['gracePeriod']) === undefined) return undefined;
  const months = digitsOf(settings['repaymentInstallments']);
  const isMonthly = settings['repaymentPeriodUnit'] === 'MONTHS';
  return isMonthly && months && /^[1-9]\d{0,2}$/.test(months) ? Number(months) : undefined;
}

const transitions: Readonly<Record<string, readonly [BookLoan['status'], BookLoan['status']][]>> = {
  REQUEST_APPROVAL: [['received', 'in_review']],
  SET_INCOMPLETE: [['in_review', 'received']],
  APPROVE: [['in_review', 'approved']],
  UNDO_APPROVE: [['approved', 'in_review']],
  REJECT: (['received', 'in_review'] as const).map((from) => [from, 'rejected']),
  WITHDRAW: (['received', 'in_review', 'approved'] as const).map((from) => [from, 'withdrawn']),
};

export function changeState(state: State, named: string, body: Sent | undefined): SimAnswer {
  const loan = loanAt(state, named);
  if (!loan) return refusal(404, 'INVALID_LOAN_ACCOUNT_ID');
  const action = isObject(body) ? textOf(body['action']) : undefined;
  const known = action === undefined ? undefined : transitions[action];
  if (!known) return invalid('action');
  const [, to] = known.find(([from]) => from === loan.status) ?? [];
  if (to === undefined) return refusal(400, 'INVALID_ACCOUNT_STATE');
  loan.status = to;
  return answer(200, loanView(state, loan));
}

/** Without interest: what a schedule would look like, and nothing is kept. */
export function previewSchedule({ book, timeZone }: State, body: Sent | undefined): SimAnswer {
  if (!isObject(body)) return invalid('body');
  if (!loanProductAt(textOf(body['productTypeKey']) ?? '')) return invalid('productTypeKey');
  const amount = amountOf(body['loanAmount'], loanCurrency);
  const months = installmentsOf(body['scheduleSettings']);
  if (amount === undefined) return invalid('loanAmount');
  if (months === undefined) return invalid('scheduleSettings');
  const parts = allocate(
    toMinorUnits(amount),
    Array.from({ length: months }, () => 1n),
  );
  const month = 30 * 86_400_000;
  const installments = parts.map((part, at) => ({
    ...{ number: String(at + 1), state: 'PENDING' },
    dueDate: instantOf(timeZone, book.clock.now() + (at + 1) * month),
    principal: { amount: { due: numberOf(Number(part), loanCurrency) } },
  }));
  return answer(200, { currency: { code: loanCurrency }, installments });
}
