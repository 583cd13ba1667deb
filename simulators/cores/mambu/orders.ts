// What a simulated Mambu does with money: transfers, withdrawals, deposits, adjustments and
// authorization holds, and why it refuses them.
import {
  type BookAccount,
  type BookMove,
  captureHold,
  type Done,
  placeHold,
  type Refusal,
  releaseHold,
  reverse,
  todayIn,
  transfer,
} from '../book.ts';
import type { SimAnswer } from '../simulator.ts';
import { visible } from './reads.ts';
import { accountAt, channelOf, entryAt, holdAt, type MoveKind, type State } from './state.ts';
import { holdView, transactionView } from './views.ts';
import {
  amountOf,
  answer,
  dayOf,
  invalid,
  isObject,
  refusal,
  type Sent,
  strangerIn,
  textOf,
} from './wire.ts';

const reasons = {
  account_not_found: 'INVALID_SAVINGS_ACCOUNT_ID',
  account_blocked: 'INVALID_DEPOSIT_ACCOUNT_STATE',
  account_closed: 'INVALID_DEPOSIT_ACCOUNT_STATE',
  currency_mismatch: 'ACCOUNT_CURRENCY_NOT_MATCH',
  insufficient_funds: 'BALANCE_BELOW_ZERO',
  hold_not_found: 'AUTHORIZATION_HOLD_NOT_FOUND',
  hold_over: 'INVALID_AUTHORIZATION_HOLD_STATE',
  amount_exceeds_hold: 'INVALID_AUTHORIZATION_HOLD_STATE',
  move_not_found: 'TRANSACTION_TYPE_DOES_NOT_ALLOW_ADJUSTMENT',
  already_reversed: 'TRANSACTION_ALREADY_ADJUSTED',
} as const satisfies Record<Refusal, string>;

type Terms = {
  readonly account: BookAccount;
  readonly amount: number;
  readonly reference: string;
  readonly text: string;
  readonly valueDate: string;
};

const commonFields = 'amount externalId notes valueDate paymentOrderId paymentDetails';

/** Of all three kinds of transactions that are ordered on a deposit account. */
function termsOf(
  state: State,
  named: string,
  { body, own }: { readonly body: Sent | undefined; readonly own: string },
): Terms | SimAnswer {
  const account = accountAt(state, named);
  if (!account) return refusal(404, 'INVALID_SAVINGS_ACCOUNT_ID', 'depositAccountId');
  if (!isObject(body)) return invalid('body');
  const stranger = strangerIn(body, `${commonFields} ${own}`);
  if (stranger !== undefined) return invalid(stranger);
  const amount = amountOf(body['amount'], account.currency);
  if (amount === undefined) return invalid('amount');
  const { externalId, notes, valueDate } = body;
  if (externalId !== undefined && textOf(externalId) === undefined) return invalid('externalId');
  if (notes !== undefined && typeof notes !== 'string') return invalid('notes');
  const { book, timeZone } = state;
  const day = valueDate === undefined ? todayIn(book) : dayOf(timeZone, valueDate);
  if (day === undefined) return refusal(400, 'INVALID_DATE_TIME_FORMAT', 'valueDate');
  const reference = textOf(externalId) ?? '';
  if (reference !== '' && book.movesByReference.has(reference)) {
    return refusal(400, 'EXTERNAL_ID_ALREADY_EXISTS', 'externalId');
  }
  return { account, amount, reference, text: notes ?? '', valueDate: day };
}

function isRefusal<What>(found: What | SimAnswer): found is SimAnswer {
  return typeof found === 'object' && found !== null && 'status' in found && 'body' in found;
}

export function makeTransfer(state: State, named: string, body: Sent | undefined): SimAnswer {
  const own = 'transferDetails';
  const terms = termsOf(state, named, { body, own });
  if (isRefusal(terms)) return terms;
  const details = isObject(body) ? body['transferDetails'] : undefined;
  if (!isObject(details)) return invalid('transferDetails');
  if (details['linkedAccountType'] !== 'DEPOSIT') return invalid('linkedAccountType');
  const linked = textOf(details['linkedAccountId']) ?? textOf(details['linkedAccountKey']);
  const creditor = accountAt(state, linked ?? '');
  if (!creditor) return refusal(400, 'INVALID_SAVINGS_ACCOUNT_ID', 'linkedAccountId');
  if (creditor === terms.account) return refusal(400, 'CANNOT_MAKE_TRANSFER_TO_SOURCE_ACCOUNT');
  return posted(state, 'TRANSFER', terms.account, transferred(state, terms, creditor.id));
}

function transferred({ book }: State, terms: Terms, creditor: string): Done<BookMove> {
  const { account, ...order } = terms;
  return transfer(book, { ...order, debtor: account.id, creditor, currency: account.currency });
}

/** Settles a hold where it names one: what is left of that is given back. */
export function withdraw(state: State, named: string, body: Sent | undefined): SimAnswer {
  const own = 'bookingDate holdExternalReferenceId transactionDetails';
  const terms = termsOf(state, named, { body, own });
  if (isRefusal(terms)) return terms;
  const { account, ...order } = terms;
  const channel = channelOf(state, account.currency);
  const of = isObject(body) ? body['holdExternalReferenceId'] : undefined;
  if (of === undefined) {
    return posted(state, 'WITHDRAWAL', account, transferred(state, terms, channel));
  }
  const hold = holdAt(state, account, textOf(of) ?? '');
  if (!hold) return refusal(404, 'AUTHORIZATION_HOLD_NOT_FOUND', 'holdExternalReferenceId');
  const sum = { debtor: account.id, creditor: channel, currency: account.currency };
  const done = captureHold(state.book, hold.id, { ...order, ...sum });
  if ('done' in done) state.settledHolds.set(done.done.id, hold.reference);
  return posted(state, 'WITHDRAWAL', account, done);
}

export function deposit(state: State, named: string, body: Sent | undefined): SimAnswer {
  const own = 'bookingDate transactionDetails skipMaximumBalanceValidation';
  const terms = termsOf(state, named, { body, own });
  if (isRefusal(terms)) return terms;
  const { account, ...order } = terms;
  const { id: creditor, currency } = account;
  const sum = { debtor: channelOf(state, currency), creditor, currency };
  return posted(state, 'DEPOSIT', account, transfer(state.book, { ...order, ...sum }));
}

function posted(
  state: State,
  kind: MoveKind,
  account: BookAccount,
  done: Done<BookMove>,
): SimAnswer {
  if ('refused' in done) return refusal(400, reasons[done.refused]);
  const { id } = done.done;
  state.kinds.set(id, kind);
  const entry = account.entries.findLast(({ move }) => move === id);
  return entry ? answer(201, transactionView(state, entry)) : refusal(500, 'INTERNAL_ERROR');
}

/** Undoes both sides of a transfer, whichever is named; answers what it has undone. */
export function adjust(state: State, named: string, body: Sent | undefined): SimAnswer {
  const entry = visible(entryAt(state, named));
  if (!entry) return refusal(404, 'INVALID_TRANSACTION_ID', 'depositTransactionId');
  if (!isObject(body)) return invalid('body');
  const stranger = strangerIn(body, 'notes bookingDate');
  if (stranger !== undefined) return invalid(stranger);
  const { notes = '' } = body;
  if (typeof notes !== 'string') return invalid('notes');
  const { book } = state;
  const move = book.movesById.get(entry.move);
  if (!move || move.reverses !== null) return refusal(400, reasons.move_not_found);
  const back = { reference: '', text: notes, valueDate: todayIn(book) };
  const done = reverse(book, move.id, back);
  if ('refused' in done) return refusal(400, reasons[done.refused]);
  return answer(200, transactionView(state, entry));
}

// Holds -------------------------------------------------------------------------------------------

const holdFields =
  'externalReferenceId amount advice creditDebitIndicator currencyCode userTransactionTime';

export function createHold(state: State, named: string, body: Sent | undefined): SimAnswer {
  const account = accountAt(state, named);
  if (!account) return refusal(404, 'INVALID_SAVINGS_ACCOUNT_ID', 'depositAccountId');
  if (!isObject(body)) return invalid('body');
  const stranger = strangerIn(body, holdFields);
  if (stranger !== undefined) return invalid(stranger);
  const reference = textOf(body['externalReferenceId']);
  if (reference === undefined) return invalid('externalReferenceId');
  const amount = amountOf(body['amount'], account.currency);
  if (amount === undefined) return invalid('amount');
  const { currencyCode, creditDebitIndicator = 'DBIT', advice } = body;
  if (currencyCode !== undefined && currencyCode !== account.currency) {
    return refusal(400, 'CURRENCY_NOT_MATCHING', 'currencyCode');
  }
  if (creditDebitIndicator !== 'DBIT') return invalid('creditDebitIndicator');
  if (typeof advice !== 'boolean') return invalid('advice');
  if (holdAt(state, account, reference)) {
    return refusal(400, 'DUPLICATE_AUTHORIZATION_HOLD', 'externalReferenceId');
  }
  const of = { reference, account: account.id, amount, expiresAt: null };
  const done = placeHold(state.book, of);
  if ('done' in done) return answer(201, holdView(state, done.done));
  const isPoor = done.refused === 'insufficient_funds';
  return refusal(400, isPoor ? 'AVAILABLE_BALANCE_BELOW_ZERO' : reasons[done.refused]);
}

export function readHold(state: State, named: string, reference: string): SimAnswer {
  const account = accountAt(state, named);
  if (!account) return refusal(404, 'INVALID_SAVINGS_ACCOUNT_ID', 'depositAccountId');
  const hold = holdAt(state, account, reference);
  return hold ? answer(200, holdView(state, hold)) : refusal(404, 'AUTHORIZATION_HOLD_NOT_FOUND');
}

export function reverseHold(state: State, named: string, reference: string): SimAnswer {
  const account = accountAt(state, named);
  if (!account) return refusal(404, 'INVALID_SAVINGS_ACCOUNT_ID', 'depositAccountId');
  const hold = holdAt(state, account, reference);
  if (!hold) return refusal(404, 'AUTHORIZATION_HOLD_NOT_FOUND');
  const done = releaseHold(state.book, hold.id);
  return 'done' in done ? answer(204) : refusal(400, reasons[done.refused]);
}
