// Commands that move or lock money at the simulated Temenos core. It compares no references: the
// same order twice is two orders.
import {
  type Book,
  type BookHold,
  type BookMove,
  availableOf,
  leftOf,
  increaseHold,
  placeHold,
  type Refusal,
  releaseHold,
  transfer,
} from '../book.ts';
import type { SimAnswer } from '../simulator.ts';
import {
  committed,
  decimal,
  type ErrorDetail,
  minorUnits,
  recordMissing,
  refused,
  type Row,
  warned,
} from './answers.ts';

/** What the book has no place for. */
export type Desk = {
  readonly book: Book;
  /** By move: what is printed beside it. */
  readonly narratives: Map<string, string>;
  /** By hold. */
  readonly versions: Map<string, number>;
  readonly reasons: Map<string, string>;
};

export type Command = {
  readonly id: string;
  readonly header: Row;
  readonly body: Row;
  readonly isDry: boolean;
};

// Transfers ---------------------------------------------------------------------------------------

const required = ['creditAccountId', 'debitAccountId', 'debitCurrency', 'transactionType'];
const known = new Set([
  ...required,
  ...['debitAmount', 'debitValueDate', 'creditCurrencyId', 'creditValueDate'],
  ...['debitReference', 'creditReference', 'paymentDetails'],
]);
const textMax = 45;

export function createTransfer(desk: Desk, { header, body, isDry }: Command): SimAnswer {
  const wrong = wrongFields(body);
  if (wrong.length > 0) return refused(...wrong);
  const { book } = desk;
  const text = (name: string) => String(body[name] ?? '');
  const [debtor, creditor] = [text('debitAccountId'), text('creditAccountId')];
  const currency = text('debitCurrency');
  const amount = minorUnits(body['debitAmount'], currency) ?? 0;
  const order = {
    ...{ debtor, creditor, amount, currency },
    ...{ reference: text('debitReference'), text: text('creditReference') },
    valueDate: text('debitValueDate'),
  };
  const why = refusalFor(book, order);
  if (why) return refused(why);
  const warning = book.accounts.get(debtor)?.warns;
  if (warning && !isAccepted(header, warning.code)) {
    return warned({ id: overrideId, code: warning.code, description: warning.text });
  }
  if (isDry) return committed({ id: '', transactionStatus: 'VALIDATED' }, body);
  const made = transfer(book, order);
  if ('refused' in made) return refused(inWords(made.refused, 'debitAccountId'));
  const details = (body['paymentDetails'] ?? []) as readonly Row[];
  desk.narratives.set(made.done.id, details.map((of) => String(of['paymentDetail'])).join(' '));
  const transactionStatus = made.done.status === 'pending' ? 'INAU' : 'Live';
  return committed({ id: made.done.id, transactionStatus }, body);
}

const overrideId = 'DM.OVERRIDE.1';

function isAccepted(header: Row, code: string): boolean {
  const override = header['override'] as Row | undefined;
  const details = (override?.['overrideDetails'] ?? []) as readonly Row[];
  return details.some(
    (of) => of['id'] === overrideId && of['code'] === code && of['responseCode'] === 'YES',
  );
}

function wrongFields(body: Row): ErrorDetail[] {
  const wrong: ErrorDetail[] = [];
  const add = (fieldName: string, message: string) =>
    wrong.push({ fieldName, code: 'TGVCP-014', message });
  for (const name of required) {
    if (typeof body[name] !== 'string' || body[name] === '') add(name, 'INPUT MISSING');
  }
  for (const [name, value] of Object.entries(body)) {
    if (!known.has(name)) add(name, 'FIELD UNKNOWN');
    else if (typeof value === 'string' && value.length > textMax) add(name, 'TOO MANY CHARACTERS');
  }
  const amount = minorUnits(body['debitAmount'], String(body['debitCurrency']));
  if (amount === undefined || amount === 0) add('debitAmount', 'INVALID AMOUNT');
  if (!/^\d{4}-\d\d-\d\d$/.test(String(body['debitValueDate']))) {
    add('debitValueDate', 'INVALID DATE');
  }
  const details = body['paymentDetails'];
  const isList = Array.isArray(details) && details.every(isSingleDetail);
  if (details !== undefined && !isList) add('paymentDetails', 'INVALID MULTI-VALUE');
  return wrong;
}

/** A multi-value is a list of objects with one member each. */
function isSingleDetail(of: unknown): boolean {
  const members = typeof of === 'object' && of !== null ? Object.entries(of) : [];
  const [member] = members;
  return members.length === 1 && member?.[0] === 'paymentDetail' && typeof member[1] === 'string';
}

type Sides = Pick<BookMove, 'debtor' | 'creditor' | 'amount'> & { readonly currency: string };

/** As the book would refuse it, without trying. */
function refusalFor({ accounts }: Book, order: Sides): ErrorDetail | undefined {
  const { debtor, creditor, currency, amount } = order;
  const [from, to] = [accounts.get(debtor), accounts.get(creditor)];
  if (!from) return inWords('account_not_found', 'debitAccountId');
  if (!to) return inWords('account_not_found', 'creditAccountId');
  if (from.status === 'closed') return inWords('account_closed', 'debitAccountId');
  if (to.status === 'closed') return inWords('account_closed', 'creditAccountId');
  if (from.status === 'blocked') return inWords('account_blocked', 'debitAccountId');
  if (from.currency !== currency || to.currency !== currency) {
    return inWords('currency_mismatch', 'debitCurrency');
  }
  const isShort = availableOf(from) < amount;
  return isShort ? inWords('insufficient_funds', 'debitAmount') : undefined;
}

const words: Readonly<Record<Refusal, readonly [code: string, message: string]>> = {
  account_not_found: ['EB-RECORD.MISSING', 'RECORD MISSING'],
  account_blocked: ['AC-POSTING.RESTRICT', 'ACCOUNT HAS A POSTING RESTRICTION - NO DEBITS'],
  account_closed: ['AC-CLOSED', 'ACCOUNT IS CLOSED'],
  currency_mismatch: ['FT-CURRENCY.DIFF', 'CURRENCY DIFFERS FROM THAT OF THE ACCOUNT'],
  insufficient_funds: ['AC-AVAILABLE.FUNDS', 'INSUFFICIENT AVAILABLE FUNDS'],
  hold_not_found: ['EB-RECORD.MISSING', 'RECORD MISSING'],
  hold_over: ['AC-LOCK.ENDED', 'LOCKED EVENT HAS ENDED'],
  amount_exceeds_hold: ['AC-LOCK.AMOUNT', 'AMOUNT GREATER THAN LOCKED AMOUNT'],
  move_not_found: ['EB-RECORD.MISSING', 'RECORD MISSING'],
  already_reversed: ['EB-REVERSED', 'RECORD ALREADY REVERSED'],
};

export function inWords(of: Refusal, fieldName: string): ErrorDetail {
  const [code, message] = words[of];
  return { fieldName, code, message };
}

// Reserved funds ----------------------------------------------------------------------------------

export function createHold(desk: Desk, { id: account, body, isDry }: Command): SimAnswer {
  const currency = desk.book.accounts.get(account)?.currency;
  if (currency === undefined) return recordMissing;
  const amount = minorUnits(body['lockedAmount'], currency);
  const isWhole = ['holdTypeId', 'description', 'fromDate'].every((name) => body[name]);
  if (!amount || !isWhole) {
    const code = 'TGVCP-014';
    return refused({ fieldName: 'lockedAmount', code, message: 'INPUT MISSING' });
  }
  const description = String(body['description']);
  if (isDry) return committed({ id: '', transactionStatus: 'VALIDATED' }, body);
  const until = typeof body['toDate'] === 'string' ? Date.parse(body['toDate']) : null;
  const of = { account, amount, expiresAt: until, reference: description, text: '' };
  const made = placeHold(desk.book, of);
  if ('refused' in made) return refused(inWords(made.refused, 'lockedAmount'));
  desk.reasons.set(made.done.id, description);
  return committed({ id: made.done.id, transactionStatus: 'Live' }, body);
}

/** The locked amount is what it shall be from now on; at zero the lock is over. */
export function changeHold(desk: Desk, { id, header, body, isDry }: Command): SimAnswer {
  const hold = desk.book.holds.get(id);
  const currency = hold && desk.book.accounts.get(hold.account)?.currency;
  if (!hold || currency === undefined) return recordMissing;
  const wanted = minorUnits(body['lockedAmount'], currency);
  const version = desk.versions.get(id) ?? 1;
  const stale = staleVersion(header, version);
  if (stale) return stale;
  if (wanted === undefined) {
    const code = 'TGVCP-014';
    return refused({ fieldName: 'lockedAmount', code, message: 'INVALID AMOUNT' });
  }
  if (isDry) return committed({ id, transactionStatus: 'VALIDATED' }, body);
  const done = setHold(desk.book, hold, wanted);
  if (done !== undefined) return refused(inWords(done, 'lockedAmount'));
  if (typeof body['description'] === 'string') desk.reasons.set(id, body['description']);
  desk.versions.set(id, version + 1);
  return committed({ id, transactionStatus: 'Live' }, body, String(version + 1));
}

function setHold(book: Book, hold: BookHold, wanted: number): Refusal | undefined {
  const more = wanted - leftOf(hold);
  // A lock is ended or raised here; that a part of it is given back, nobody asks for.
  if (wanted > 0 && more <= 0) return 'amount_exceeds_hold';
  const done = wanted === 0 ? releaseHold(book, hold.id) : increaseHold(book, hold.id, more);
  return 'refused' in done ? done.refused : undefined;
}

/** Refuses a change of what somebody else has changed in the meantime. */
export function staleVersion(header: Row, version: number): SimAnswer | undefined {
  const audit = header['audit'] as Row | undefined;
  const given = audit?.['versionNumber'];
  if (given === undefined || given === String(version)) return undefined;
  const message = 'RECORD HAS BEEN CHANGED BY ANOTHER USER';
  return refused({ fieldName: 'versionNumber', code: 'EB-CURR.NO', message });
}

export function holdRow({ reasons, book }: Desk, hold: BookHold): Row {
  const currency = book.accounts.get(hold.account)?.currency ?? '';
  return {
    eventId: hold.id,
    transactionReference: hold.id,
    lockReason: reasons.get(hold.id) ?? hold.reference,
    fromDate: new Date(hold.at).toISOString().slice(0, 10),
    ...(hold.expiresAt === null
      ? {}
      : { toDate: new Date(hold.expiresAt).toISOString().slice(0, 10) }),
    lockedAmount: decimal(leftOf(hold), currency),
  };
}
