// The words of Mambu in ours: clients, deposit accounts, products, transactions, holds, loans.
import { instantFromText } from '#core';
import type {
  CoreAccount,
  CoreContactPoint,
  CoreEntry,
  CoreHold,
  CoreParty,
  CoreProduct,
  LoanApplication,
} from '../adapter.ts';
import type { Balance, Product } from '../port.ts';
import {
  decimalOf,
  instantIn,
  jsonAt,
  jsonList,
  jsonNumber,
  jsonText,
  malformed,
  minorUnitsOf,
  type WireJson,
} from '../wire.ts';
import { coreName } from './errors.ts';

/** Throws `core_failed` where it is not there: an answer without it is no answer. */
export function required(json: WireJson | undefined, name: string): string {
  const text = jsonText(json, name);
  if (text === undefined) throw malformed(coreName, name);
  return text;
}

// Clients -----------------------------------------------------------------------------------------

export type PartySettings = {
  /** Keys of those client roles that are no persons. */
  readonly organisationRoles: ReadonlySet<string>;
  /** For clients without an address: ISO 3166-1 alpha-2. */
  readonly country: string;
};

const partyStatuses: Readonly<Record<string, CoreParty['status']>> = {
  ...{ PENDING_APPROVAL: 'prospect', INACTIVE: 'prospect', ACTIVE: 'customer' },
  ...{ EXITED: 'former', BLACKLISTED: 'former', REJECTED: 'former' },
};

export function partyOf(json: WireJson, settings: PartySettings): CoreParty {
  const role = jsonText(json, 'clientRoleKey');
  const isPerson = role === undefined || !settings.organisationRoles.has(role);
  const names = ['firstName', 'middleName', 'lastName'].flatMap((n) => jsonText(json, n) ?? []);
  const country = jsonText(json, 'addresses', 0, 'country') ?? '';
  return {
    ...{ id: required(json, 'id'), name: [...new Set(names)].join(' ') },
    ...{ kind: isPerson ? 'person' : 'organisation', segment: isPerson ? 'person' : 'business' },
    status: partyStatuses[jsonText(json, 'state') ?? ''] ?? 'former',
    country: /^[A-Z]{2}$/.test(country) ? country : settings.country,
    date_of_birth: jsonText(json, 'birthDate')?.slice(0, 10) ?? null,
  };
}

export function contactPointsOf(json: WireJson): readonly CoreContactPoint[] {
  const one = (kind: 'email' | 'phone', usage: CoreContactPoint['usage'], name: string) => {
    const value = jsonText(json, name);
    return value === undefined ? [] : [{ kind, usage, value }];
  };
  const address = jsonAt(json, 'addresses', 0);
  const parts = ['line1', 'line2', 'postcode', 'city', 'region', 'country'];
  const value = parts.flatMap((name) => jsonText(address, name) ?? []).join(', ');
  return [
    ...one('email', 'main', 'emailAddress'),
    ...one('phone', 'mobile', 'mobilePhone'),
    ...one('phone', 'home', 'homePhone'),
    ...(value === '' ? [] : [{ kind: 'postal_address', usage: 'main', value } as const]),
  ];
}

/** Undefined for a contact point that has no field of its own. */
export function contactPathOf({ kind, usage }: Omit<CoreContactPoint, 'value'>) {
  if (kind === 'email' && usage === 'main') return '/emailAddress';
  if (kind !== 'phone') return undefined;
  return usage === 'home' ? '/homePhone' : usage === 'mobile' ? '/mobilePhone' : undefined;
}

// Deposit accounts --------------------------------------------------------------------------------

/** What leaves an account is what counts: one that has not begun or is locked is disabled. */
const accountStatuses: Readonly<Record<string, CoreAccount['status']>> = {
  ...{ ACTIVE: 'enabled', ACTIVE_IN_ARREARS: 'enabled', MATURED: 'enabled' },
  ...{ PENDING_APPROVAL: 'disabled', APPROVED: 'disabled', LOCKED: 'disabled' },
  ...{ DORMANT: 'disabled', CLOSED: 'deleted', CLOSED_WRITTEN_OFF: 'deleted' },
  ...{ WITHDRAWN: 'deleted', CLOSED_REJECTED: 'deleted' },
};

/** `holder` is the id of the client; null where a group holds it. */
export function accountOf(json: WireJson, timeZone: string, holder: string | null): CoreAccount {
  const opened = ['activationDate', 'approvedDate', 'creationDate']
    .map((name) => jsonText(json, name))
    .find((text) => text !== undefined);
  return {
    ...{ id: required(json, 'id'), currency: required(json, 'currencyCode') },
    status: accountStatuses[required(json, 'accountState')] ?? 'disabled',
    opened_at: instantOf(opened, timeZone),
    product: jsonText(json, 'productTypeKey') ?? null,
    parties: holder === null ? [] : [{ id: holder, role: 'holder' }],
  };
}

export function balancesOf(json: WireJson, asOf: string): readonly Balance[] {
  const currency = required(json, 'currencyCode');
  const of = (type: Balance['type'], name: string): Balance => {
    const told = jsonText(json, 'balances', name);
    return { type, ...indicated(minorUnitsOf(told, currency, coreName)), currency, as_of: asOf };
  };
  return [of('ITBD', 'totalBalance'), of('ITAV', 'availableBalance')];
}

function indicated(signed: number) {
  const indicator = signed < 0 ? ('DBIT' as const) : ('CRDT' as const);
  return { credit_debit_indicator: indicator, amount: Math.abs(signed) };
}

function instantOf(text: string | undefined, timeZone: string): string {
  const instant = text === undefined ? undefined : instantIn(timeZone, text);
  if (instant === undefined) throw malformed(coreName, 'a date');
  return instant;
}

// Products ----------------------------------------------------------------------------------------

const productKinds: Readonly<Record<string, Product['kind']>> = {
  ...{ CURRENT_ACCOUNT: 'current_account', REGULAR_SAVINGS: 'savings_account' },
  ...{ SAVINGS_PLAN: 'savings_account', FIXED_DEPOSIT: 'term_deposit' },
  INVESTOR_ACCOUNT: 'investment_account',
};

/** Named by their keys: that is how accounts name them. */
export function productOf(json: WireJson): CoreProduct {
  const category = jsonText(json, 'category');
  const currency =
    jsonText(json, 'currency', 'code') ??
    jsonText(json, 'currencySettings', 'currencies', 0, 'code');
  return {
    ...{ id: required(json, 'encodedKey'), code: required(json, 'id') },
    ...{ kind: productKinds[required(json, 'type')] ?? 'loan', name: required(json, 'name') },
    ...{ currency: currency ?? '', terms: category === undefined ? {} : { category } },
    status: jsonText(json, 'state') === 'INACTIVE' ? 'withdrawn' : 'offered',
  };
}

// Transactions ------------------------------------------------------------------------------------

/** In the notes of what we order: by them both sides of a transfer are known to be ours. */
export function notesOf({ reference, mark }: { reference: string; mark: string }): string {
  return `Countersign ${reference} ${mark}`;
}

const notesPattern = /\bCountersign ([A-Z2-7]{16}) ([0-9a-f]{8})\b/;

export type Noted = { readonly reference: string; readonly mark: string };
export function notedIn(json: WireJson): Noted | undefined {
  const [, reference, mark] = notesPattern.exec(jsonText(json, 'notes') ?? '') ?? [];
  return reference === undefined || mark === undefined ? undefined : { reference, mark };
}

/** Undefined for what moves nothing, such as a change of the interest rate. */
export function entryOf(json: WireJson, timeZone: string): CoreEntry | undefined {
  const currency = required(json, 'currencyCode');
  const amount = jsonText(json, 'amount');
  if (amount === undefined) return undefined;
  const signed = minorUnitsOf(amount, currency, coreName);
  if (signed === 0) return undefined;
  const bookedAt = instantOf(jsonText(json, 'creationDate'), timeZone);
  const valueDate = jsonText(json, 'valueDate');
  return {
    ...{ reference: required(json, 'id'), status: 'BOOK', ...indicated(signed), currency },
    booked_at: bookedAt,
    value_at: valueDate === undefined ? bookedAt : instantOf(valueDate, timeZone),
    ...{ counter_account: null, own_reference: notedIn(json)?.reference ?? null },
  };
}

/** Midnight of a day with the offset that the organisation has then. */
export function dateTimeOf(day: string, timeZone: string): string {
  const midnight = instantFromText(instantIn(timeZone, day) ?? '');
  if (midnight === undefined) throw malformed(coreName, 'a day');
  const minutes = Math.round((Date.parse(`${day}T00:00:00Z`) - midnight) / 60_000);
  const two = (number: number) => String(Math.floor(number)).padStart(2, '0');
  const offset = `${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`;
  return `${day}T00:00:00${minutes < 0 ? '-' : '+'}${offset}`;
}

/** A JSON number with the decimals of its currency. */
export function amountIn(amount: number, currency: string): unknown {
  return jsonNumber(decimalOf(amount, currency));
}

// Holds -------------------------------------------------------------------------------------------

const holdStatuses: Readonly<Record<string, CoreHold['status']>> = {
  ...{ PENDING: 'open', SETTLED: 'captured', REVERSED: 'voided', EXPIRED: 'expired' },
};

export function holdStatusOf(json: WireJson): CoreHold['status'] {
  const status = holdStatuses[required(json, 'status')];
  if (!status) throw malformed(coreName, 'the status of a hold');
  return status;
}

/** `settled` is what was taken from it. */
export function holdOf(json: WireJson, account: string, settled: number): CoreHold {
  const currency = required(json, 'currencyCode');
  const amount = minorUnitsOf(jsonText(json, 'amount'), currency, coreName);
  const status = holdStatusOf(json);
  return {
    ...{ reference: required(json, 'externalReferenceId'), account, currency, amount, status },
    ...{ captured: settled, released: status === 'open' ? 0 : amount - settled, expires_at: null },
  };
}

// Loans -------------------------------------------------------------------------------------------

const loanStatuses: Readonly<Record<string, LoanApplication['status']>> = {
  ...{ PARTIAL_APPLICATION: 'received', PENDING_APPROVAL: 'in_review', APPROVED: 'approved' },
  ...{ ACTIVE: 'approved', ACTIVE_IN_ARREARS: 'approved', CLOSED: 'approved' },
  ...{ CLOSED_WRITTEN_OFF: 'approved', CLOSED_REJECTED: 'rejected' },
};

export function loanOf(json: WireJson, party: string): LoanApplication {
  const currency = jsonText(json, 'currency', 'code') ?? '';
  const isWithdrawn = jsonText(json, 'accountSubState') === 'WITHDRAWN';
  const status = loanStatuses[required(json, 'accountState')] ?? 'in_review';
  const months = jsonText(json, 'scheduleSettings', 'repaymentInstallments');
  return {
    ...{ id: required(json, 'id'), party, product: required(json, 'productTypeKey'), currency },
    amount: minorUnitsOf(jsonText(json, 'loanAmount'), currency, coreName),
    ...{ months: Number(months ?? 0), status: isWithdrawn ? 'withdrawn' : status },
  };
}

/** The first of a list, if any. */
export function firstOf(json: WireJson | undefined): WireJson | undefined {
  return jsonList(json)[0];
}
