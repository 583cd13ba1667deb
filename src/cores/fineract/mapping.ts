// Fineract's words and ours: days as arrays, amounts with six decimals, states as codes.
import type {
  CoreAccount,
  CoreContactPoint,
  CoreEntry,
  CoreParty,
  CoreProduct,
  LoanApplication,
} from '../adapter.ts';
import type { Balance } from '../port.ts';
import {
  instantIn,
  jsonAt,
  jsonList,
  jsonText,
  malformed,
  minorUnitsOf,
  type WireJson,
} from '../wire.ts';
import { name } from './client.ts';

/** `2026-03-31` of `[2026,3,31]`, or of the text that the published description promises. */
export function dayOf(json: WireJson | undefined): string | undefined {
  if (typeof json === 'string') return /^\d{4}-\d\d-\d\d/.exec(json)?.[0];
  if (!Array.isArray(json)) return undefined;
  const [year, month, day] = (json as readonly WireJson[]).map(String);
  if (!year || !month || !day) return undefined;
  return `${year.padStart(4, '0')}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
}

/** On every request that has a day in it. */
export const dayForm = { dateFormat: 'yyyy-MM-dd', locale: 'en' };

function startOf(json: WireJson | undefined, timeZone: string): string {
  const day = dayOf(json);
  const instant = day === undefined ? undefined : instantIn(timeZone, day);
  if (instant === undefined) throw malformed(name, 'a day');
  return instant;
}

function required(json: WireJson | undefined, ...path: readonly string[]): string {
  const text = jsonText(json, ...path);
  if (text === undefined) throw malformed(name, path.join('.'));
  return text;
}

// Clients -----------------------------------------------------------------------------------------

export function partyOf(client: WireJson, country: string): CoreParty {
  const isPerson = jsonText(client, 'legalForm', 'id') !== '2';
  const state = jsonText(client, 'status', 'code') ?? '';
  return {
    id: required(client, 'id'),
    kind: isPerson ? 'person' : 'organisation',
    status: /\.(?:pending|submitted)/.test(state)
      ? 'prospect'
      : /\.(?:closed|rejected|withdrawn|transfer)/.test(state)
        ? 'former'
        : 'customer',
    segment: isPerson ? 'person' : 'business',
    country,
    name: required(client, 'displayName'),
    date_of_birth: dayOf(jsonAt(client, 'dateOfBirth')) ?? null,
  };
}

/** Where a client lives, of the address that is in use; the code where it is one. */
export function countryOf(addresses: WireJson, usual: string): string {
  const country = jsonText(activeAddress(addresses), 'countryName') ?? '';
  return /^[A-Z]{2}$/.test(country) ? country : usual;
}

function activeAddress(addresses: WireJson): WireJson | undefined {
  return jsonList(addresses).find((each) => jsonAt(each, 'isActive') === true);
}

export function contactPointsOf(client: WireJson, addresses: WireJson): CoreContactPoint[] {
  const [email, phone] = [jsonText(client, 'emailAddress'), jsonText(client, 'mobileNo')];
  const address = activeAddress(addresses);
  const lines = ['addressLine1', 'addressLine2', 'addressLine3', 'postalCode', 'city'] as const;
  const postal = lines.flatMap((line) => jsonText(address, line) ?? []).join(', ');
  return [
    ...(email ? [{ kind: 'email', usage: 'main', value: email } as const] : []),
    ...(phone ? [{ kind: 'phone', usage: 'mobile', value: phone } as const] : []),
    ...(postal ? [{ kind: 'postal_address', usage: 'home', value: postal } as const] : []),
  ];
}

// Savings accounts --------------------------------------------------------------------------------

export function currencyOf(of: WireJson): string {
  return required(of, 'currency', 'code');
}

export function accountOf(account: WireJson, timeZone: string): CoreAccount {
  const product = jsonText(account, 'savingsProductId');
  const client = jsonText(account, 'clientId');
  const opened =
    jsonAt(account, 'timeline', 'activatedOnDate') ??
    jsonAt(account, 'timeline', 'submittedOnDate');
  return {
    id: required(account, 'id'),
    currency: currencyOf(account),
    status: statusOf(account),
    opened_at: startOf(opened, timeZone),
    product: product === undefined ? null : `savings-${product}`,
    parties: client === undefined ? [] : [{ id: client, role: 'holder' }],
  };
}

function statusOf(account: WireJson): CoreAccount['status'] {
  const isOver = ['closed', 'rejected', 'withdrawnByApplicant', 'prematureClosed'] as const;
  if (isOver.some((each) => jsonAt(account, 'status', each) === true)) return 'deleted';
  const isActive = jsonAt(account, 'status', 'active') === true;
  const isBlocked = (['block', 'blockDebit', 'escheat'] as const).some(
    (each) => jsonAt(account, 'subStatus', each) === true,
  );
  return isActive && !isBlocked ? 'enabled' : 'disabled';
}

export function balancesOf(account: WireJson, asOf: string): readonly Balance[] {
  const currency = currencyOf(account);
  const balance = (type: Balance['type'], member: string): Balance => {
    const amount = minorUnitsOf(jsonText(account, 'summary', member), currency, name);
    const credit_debit_indicator = amount < 0 ? 'DBIT' : 'CRDT';
    return { type, credit_debit_indicator, amount: Math.abs(amount), currency, as_of: asOf };
  };
  return [balance('ITBD', 'accountBalance'), balance('ITAV', 'availableBalance')];
}

// Transactions ------------------------------------------------------------------------------------

/** Undefined for what moves nothing: amounts on hold, their release, what was undone. */
export function entryOf(transaction: WireJson, timeZone: string): CoreEntry | undefined {
  const type = (word: string) => jsonAt(transaction, 'transactionType', word) === true;
  const isUndone = jsonAt(transaction, 'reversed') === true;
  if (isUndone || type('amountHold') || type('amountRelease')) return undefined;
  const currency = currencyOf(transaction);
  const isCredit = jsonText(transaction, 'entryType') === 'CREDIT';
  const text = jsonText(transaction, 'transfer', 'transferDescription');
  return {
    reference: required(transaction, 'id'),
    status: 'BOOK',
    credit_debit_indicator: isCredit ? 'CRDT' : 'DBIT',
    amount: minorUnitsOf(jsonText(transaction, 'amount'), currency, name),
    currency,
    booked_at: startOf(
      jsonAt(transaction, 'submittedOnDate') ?? jsonAt(transaction, 'date'),
      timeZone,
    ),
    value_at: startOf(jsonAt(transaction, 'date'), timeZone),
    counter_account: null,
    own_reference: textIn(text)?.reference ?? null,
  };
}

/** What we write into the text of a transfer or a hold. */
export type MoveText = {
  readonly reference: string;
  readonly mark: string;
  /** `takes` a hold, `mirrors` a transfer. */
  readonly of?: { readonly what: 'takes' | 'mirrors'; readonly reference: string };
};

const written = /^([A-Z2-7]{16}) ([0-9a-f]{8})(?: (takes|mirrors) ([A-Z2-7]{16}))?$/;

export function textOf({ reference, mark, of }: MoveText): string {
  return `${reference} ${mark}${of ? ` ${of.what} ${of.reference}` : ''}`;
}

/** Undefined where the text is not one of ours. */
export function textIn(text: string | undefined): MoveText | undefined {
  const [, reference, mark, what, of] = written.exec(text ?? '') ?? [];
  if (reference === undefined || mark === undefined) return undefined;
  if (of === undefined || (what !== 'takes' && what !== 'mirrors')) return { reference, mark };
  return { reference, mark, of: { what, reference: of } };
}

// Products and loans ------------------------------------------------------------------------------

export function productOf(product: WireJson, kind: 'savings' | 'loan'): CoreProduct {
  const rate = kind === 'savings' ? 'nominalAnnualInterestRate' : 'interestRatePerPeriod';
  const terms = ([rate, 'numberOfRepayments', 'description'] as const).flatMap((term) => {
    const value = jsonText(product, term);
    return value === undefined ? [] : [[term, value] as const];
  });
  return {
    id: `${kind}-${required(product, 'id')}`,
    code: jsonText(product, 'shortName') ?? required(product, 'id'),
    kind: kind === 'savings' ? 'savings_account' : 'loan',
    name: required(product, 'name'),
    currency: currencyOf(product),
    status: /inActive/i.test(jsonText(product, 'status') ?? '') ? 'withdrawn' : 'offered',
    terms: Object.fromEntries(terms),
  };
}

/** Of the code of its state: what is active or closed was approved. */
const loanStates: readonly (readonly [RegExp, LoanApplication['status']])[] = [
  [/submitted\.and\.pending/, 'received'],
  [/withdrawn/, 'withdrawn'],
  [/rejected/, 'rejected'],
];

export function loanOf(loan: WireJson): LoanApplication {
  const currency = currencyOf(loan);
  const state = required(loan, 'status', 'code');
  return {
    id: required(loan, 'id'),
    party: required(loan, 'clientId'),
    product: `loan-${required(loan, 'loanProductId')}`,
    amount: minorUnitsOf(jsonText(loan, 'principal'), currency, name),
    currency,
    months: Number(required(loan, 'numberOfRepayments')),
    status: loanStates.find(([word]) => word.test(state))?.[1] ?? 'approved',
  };
}
