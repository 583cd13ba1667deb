// Finacle's words and ours: amounts, days, the texts that carry our references, entries, liens.
import { type Xml, type XmlInput, xmlAll, xmlAt, xmlText } from '#core';
import type { Balance } from '../port.ts';
import type { CoreEntry } from '../adapter.ts';
import { decimalOf, instantIn, malformed, minorUnitsOf } from '../wire.ts';
import { coreName } from './errors.ts';

// Amounts and days --------------------------------------------------------------------------------

export function amountInput(amount: number, currency: string): XmlInput {
  return { amountValue: decimalOf(amount, currency), currencyCode: currency };
}

/** Minor units and currency of an element with `amountValue` and `currencyCode`. */
export function moneyIn(
  xml: Xml | undefined,
  ...path: readonly string[]
): { readonly amount: number; readonly currency: string } {
  const currency = text(xml, ...path, 'currencyCode') ?? '';
  const amount = minorUnitsOf(text(xml, ...path, 'amountValue'), currency, coreName);
  return { amount, currency };
}

/** Values come padded with blanks, and are nothing where they are blanks alone. */
export function text(xml: Xml | undefined, ...path: readonly string[]): string | undefined {
  const found = xmlText(xml, ...path)?.trim();
  return found === '' ? undefined : found;
}

/** Midnight of a day, as the core writes days. */
export function dayInput(day: string): string {
  return `${day}T00:00:00.000`;
}

export function dayOf(told: string | undefined): string | undefined {
  return /^\d{4}-\d\d-\d\d/.exec(told ?? '')?.[0];
}

/** Throws where the core has told none. */
export function instantOf(told: string | undefined, timeZone: string): string {
  const instant = instantIn(timeZone, told ?? '');
  if (instant === undefined) throw malformed(coreName, 'an instant');
  return instant;
}

export function must(told: string | undefined, what: string): string {
  if (told === undefined) throw malformed(coreName, what);
  return told;
}

export function balancesIn(body: Xml, asOf: string): readonly Balance[] {
  const types = { CLRBAL: 'ITBD', EFFAVL: 'ITAV' } as const;
  const told = xmlAll(xmlAt(body, 'BalInqRs'), 'AcctBal');
  return Object.entries(types).map(([core, type]) => {
    const found = told.find((each) => text(each, 'BalType') === core);
    const { amount, currency } = moneyIn(found, 'BalAmt');
    const credit_debit_indicator = amount < 0 ? 'DBIT' : 'CRDT';
    return { type, amount: Math.abs(amount), currency, credit_debit_indicator, as_of: asOf };
  });
}

// Texts that carry references ---------------------------------------------------------------------

/** `TrnParticulars` of the core: `REFERENCE mark`, and of what it reverses or captures. */
export type Particulars = {
  readonly reference: string;
  readonly mark: string;
  /** RV: reverses that transfer; HD: captures of that hold; HF: captures its last. */
  readonly about?: { readonly kind: 'RV' | 'HD' | 'HF'; readonly reference: string };
};

const particularsForm = /^([A-Z2-7]{16}) ([0-9A-F]{8})(?: (RV|HD|HF) ([A-Z2-7]{16}))?(?: |$)/i;

/** At most 45 signs: the core has room for 50. */
export function particularsText({ reference, mark, about }: Particulars): string {
  return `${reference} ${mark}${about ? ` ${about.kind} ${about.reference}` : ''}`;
}

export function particularsIn(told: string): Particulars | undefined {
  const found = particularsForm.exec(told.trim());
  if (!found) return undefined;
  const [, reference = '', mark = '', kind, of = ''] = found;
  const about = { kind: (kind ?? 'RV').toUpperCase() as 'RV' | 'HD' | 'HF', reference: of };
  return {
    ...{ reference: reference.toUpperCase(), mark: mark.toLowerCase() },
    ...(kind === undefined ? {} : { about: { ...about, reference: of.toUpperCase() } }),
  };
}

// Entries -----------------------------------------------------------------------------------------

export type Row = {
  readonly entry: CoreEntry;
  /** `2026-03-31/S42`: numbers of transactions begin anew each day. */
  readonly move: string;
  readonly ours: Particulars | undefined;
};

/** Of `transactionDetails`. */
export function rowIn(xml: Xml, timeZone: string): Row {
  const summary = xmlAt(xml, 'transactionSummary');
  const day = must(dayOf(text(summary, 'txnDate')), 'the day of a transaction');
  const move = `${day}/${must(text(xml, 'txnId'), 'the id of a transaction')}`;
  const side = text(summary, 'txnType');
  if (side !== 'C' && side !== 'D') throw malformed(coreName, 'debit or credit');
  const { amount, currency } = moneyIn(summary, 'txnAmt');
  const ours = particularsIn(text(summary, 'txnDesc') ?? '');
  const entry: CoreEntry = {
    reference: `${move}/${must(text(xml, 'txnSrlNo'), 'the number of an entry')}`,
    ...{ status: 'BOOK', amount: Math.abs(amount), currency, counter_account: null },
    credit_debit_indicator: side === 'C' ? 'CRDT' : 'DBIT',
    booked_at: instantOf(text(xml, 'pstdDate'), timeZone),
    value_at: instantOf(text(xml, 'valueDate'), timeZone),
    own_reference: ours?.reference ?? null,
  };
  return { entry, move, ours };
}

// Liens -------------------------------------------------------------------------------------------

/** `Rmks` of a lien: what the core itself does not keep of a hold. */
export type LienRemarks = {
  /** Of the hold, with the mark of the command that has placed it. */
  readonly reference: string;
  readonly mark: string;
  /** All that was ever to be held, in minor units: the lien itself has what is left of it. */
  readonly original: number;
  /** By the beginning of its reference, the last command that has changed it. */
  readonly last?: { readonly kind: 'increased' | 'captured' | 'voided'; readonly by: string };
};

const signs = { increased: '+', captured: 'C', voided: 'V' } as const;
const remarksForm = /^([A-Z2-7]{16}) ([0-9A-F]{8}) ([0-9A-Z]{1,11})(?: ([+CV])([A-Z2-7]{8}))?$/i;
/** 40 of the 80 bits: enough to know again the last change of one hold. */
export const lastSigns = 8;

/** At most 48 signs. */
export function remarksText({ reference, mark, original, last }: LienRemarks): string {
  const change = last ? ` ${signs[last.kind]}${last.by.slice(0, lastSigns)}` : '';
  return `${reference} ${mark} ${original.toString(36)}${change}`;
}

export function remarksIn(told: string): LienRemarks | undefined {
  const found = remarksForm.exec(told.trim());
  if (!found) return undefined;
  const [, reference = '', mark = '', original = '', sign, by = ''] = found;
  const kinds = Object.keys(signs) as (keyof typeof signs)[];
  const kind = kinds.find((each) => signs[each] === sign?.toUpperCase());
  return {
    ...{ reference: reference.toUpperCase(), mark: mark.toLowerCase() },
    original: Number.parseInt(original, 36),
    ...(kind === undefined ? {} : { last: { kind, by: by.toUpperCase() } }),
  };
}

export type Lien = LienRemarks & {
  readonly id: string;
  /** Minor units that it still holds. */
  readonly left: number;
  readonly currency: string;
  /** As the core writes them: a change of the lien repeats both. */
  readonly from: string;
  readonly until: string;
};

/** Of those that we have placed. */
export function liensIn(body: Xml): readonly Lien[] {
  return xmlAll(xmlAt(body, 'AcctLienInqRs'), 'LienDtlsRec').flatMap((each) => {
    const remarks = remarksIn(text(each, 'Rmks') ?? '');
    if (!remarks) return [];
    const { amount: left, currency } = moneyIn(each, 'NewLienAmt');
    const [from, until] = [text(each, 'LienDt', 'StartDt'), text(each, 'LienDt', 'EndDt')];
    const id = must(text(each, 'LienId'), 'the id of a lien');
    return [{ ...remarks, id, left, currency, from: from ?? '', until: until ?? endless }];
  });
}

/** What the core writes where there is no end. */
export const endless = '2099-12-31T00:00:00.000';
