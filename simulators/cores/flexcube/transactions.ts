// Retail teller transactions of the simulated FLEXCUBE: one under each XREF, or as many as come;
// warnings that hold a transaction until they are accepted; reversals under the same reference.
import { sha256Hex, xmlText } from '#core';
import { type BookMove, reverse, todayIn, transfer } from '../book.ts';
import {
  amountOf,
  decimal,
  type Desk,
  failed,
  keyOf,
  notFound,
  refusal,
  saved,
  type Served,
  stampOf,
  textOf,
} from './desk.ts';
import { type Fields, type Outcome, sequence } from './message.ts';

const details = `FCCREF PRD* ESN EVNTCD BRN* MODULE TXNBRN TXNACC TXNCCY TXNAMT TXNTRN OFFSETBRN
  OFFSETACC OFFSETCCY OFFSETAMT OFFSETTRN XRATE LCYAMT TXNDATE VALDATE RELCUST NARRATIVE`;
const key = sequence('XREF FCCREF');

export const product = 'FTRQ';

export const transactions: Readonly<Record<string, Served>> = {
  CREATETRANSACTION_FSFS: {
    sends: 'Transaction-Details',
    shape: sequence(`XREF* ${details.replace(/(TXN|OFFSET)(BRN|ACC|CCY|AMT)\b/g, '$1$2*')}`),
    work: create,
    changes: true,
  },
  REVERSETRANSACTION_FSFS: {
    ...{ sends: 'Transaction-Details', shape: sequence(`XREF ${details}`) },
    ...{ work: mirror, changes: true },
  },
  QUERYTRANSACTION_IOFS: {
    ...{ sends: 'Transaction-Details-IO', shape: key, work: query, changes: false },
  },
};

function create(desk: Desk, given: Fields, trip: string | undefined): Outcome {
  const text = (name: string) => textOf(given, name);
  const [currency, reference] = [text('TXNCCY'), text('XREF')];
  const amount = amountOf(text('TXNAMT'), currency);
  if (text('PRD') !== product) return failed('RT-PRD01', `Invalid product ${text('PRD')}`);
  const isOne = currency === text('OFFSETCCY') && text('TXNAMT') === text('OFFSETAMT');
  if (amount === undefined || !isOne) return failed('ST-VALS-011', 'Invalid amount or currency');
  if (desk.refusesDuplicates && desk.book.movesByReference.has(reference)) {
    return failed('RT-XREF01', `Duplicate external reference ${reference}`);
  }
  const debtor = `${text('TXNBRN')}-${text('TXNACC')}`;
  const creditor = `${text('OFFSETBRN')}-${text('OFFSETACC')}`;
  for (const each of [debtor, creditor]) {
    if (!desk.book.accounts.has(each)) return refusal('account_not_found', each);
  }
  const warning = warningOf(desk, { debtor, content: JSON.stringify(given), trip });
  if (warning) return warning;
  const made = transfer(desk.book, {
    ...{ reference, debtor, creditor, amount, currency, text: text('NARRATIVE') },
    valueDate: text('VALDATE') || todayIn(desk.book),
  });
  if ('refused' in made) {
    return refusal(made.refused, sideOf(desk, made.refused, { debtor, creditor }));
  }
  return { record: { 'Transaction-Details': recordOf(desk, made.done) }, warnings: saved };
}

/** Which of the two it is about. */
function sideOf(
  { book }: Desk,
  refused: string,
  { debtor, creditor }: { readonly debtor: string; readonly creditor: string },
): string {
  const isCredit = refused === 'account_closed' && book.accounts.get(debtor)?.status !== 'closed';
  return isCredit ? creditor : debtor;
}

/** Nothing is saved until the same message comes with the id of this trip. */
function warningOf(
  { book, trips }: Desk,
  about: { readonly debtor: string; readonly content: string; readonly trip: string | undefined },
): Outcome | undefined {
  const { debtor, content, trip } = about;
  const warning = book.accounts.get(debtor)?.warns;
  if (trip !== undefined) {
    const isSame = trips.get(trip) === content;
    trips.delete(trip);
    return isSame ? undefined : failed('GW-TRIP01', 'Invalid MULTITRIPID');
  }
  if (!warning) return undefined;
  const id = sha256Hex(`${trips.size} ${content} ${book.clock.now()}`).slice(0, 20);
  trips.set(id, content);
  return { warnings: [warning], trip: id };
}

function mirror(desk: Desk, given: Fields): Outcome {
  const move = moveAt(desk, given);
  if (!move) return failed('ST-VALS-002', 'Record Not Found for the external reference');
  const made = reverse(desk.book, move.id, {
    ...{ reference: `${move.id}/REVR`, text: textOf(given, 'NARRATIVE') },
    valueDate: todayIn(desk.book),
  });
  if ('refused' in made) return refusal(made.refused, move.creditor);
  return { record: { 'Transaction-Details': recordOf(desk, move) }, warnings: saved };
}

function query(desk: Desk, given: Fields): Outcome {
  const move = moveAt(desk, given);
  if (!move) return notFound('the external reference');
  return { record: { 'Transaction-Details': recordOf(desk, move) } };
}

function moveAt({ book }: Desk, given: Fields): BookMove | undefined {
  const [reference, own] = [xmlText(given, 'XREF'), xmlText(given, 'FCCREF')];
  if (own !== undefined) return book.movesById.get(own);
  return reference === undefined ? undefined : book.movesByReference.get(reference)?.[0];
}

/** In the order of Retail-Teller-Type-Full. After a reversal it is the record of that event. */
export function recordOf({ book }: Pick<Desk, 'book'>, move: BookMove): Fields {
  const [from, to] = [keyOf(move.debtor), keyOf(move.creditor)];
  const currency = book.accounts.get(move.debtor)?.currency ?? '';
  const amount = decimal(move.amount, currency);
  const back = move.reversedBy === null ? undefined : book.movesById.get(move.reversedBy);
  const stamp = stampOf(move.at);
  return {
    ...{ XREF: move.reference, FCCREF: move.id, PRD: product, ESN: back ? '2' : '1' },
    ...{ EVNTCD: back ? 'REVR' : 'INIT', BRN: from.branch, MODULE: 'RT', TXNBRN: from.branch },
    ...{ TXNACC: from.number, TXNCCY: currency, TXNAMT: amount, OFFSETBRN: to.branch },
    ...{ OFFSETACC: to.number, OFFSETCCY: currency, OFFSETAMT: amount },
    ...{ TXNDATE: stamp.slice(0, 10), VALDATE: move.valueDate, NARRATIVE: (back ?? move).text },
    ...{ MAKERID: 'GWUSER', MAKERSTAMP: stamp, CHECKERID: 'GWUSER', CHECKERSTAMP: stamp },
    ...{ MODNO: '1', RECSTAT: move.status === 'declined' ? 'D' : 'O' },
    AUTHSTAT: move.status === 'pending' ? 'U' : 'A',
  };
}
