// The words of Temenos in ours: accounts, balances, statement lines, customers, loans, offers.
import { Fault } from '#core';
import type {
  CoreAccount,
  CoreContactPoint,
  CoreEntry,
  CoreHold,
  CoreOffer,
  CoreParty,
  LoanApplication,
  Preference,
  SecuritiesPosition,
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

const core = 'temenos';

/** The text at a path. Throws `core_failed` where there is none. */
function needed(json: WireJson, name: string): string {
  const found = jsonText(json, name);
  if (found === undefined) throw malformed(core, name);
  return found;
}

/** Of a day or an instant of the core. */
function instantOf(timeZone: string, text: string): string {
  const found = instantIn(timeZone, text);
  if (found === undefined) throw malformed(core, 'a date');
  return found;
}

/** The first value of a list of objects with one member each. */
function firstOf(json: WireJson, list: string, name: string): string | undefined {
  return jsonList(json, list)
    .map((of) => jsonText(of, name))
    .find((of) => of !== undefined);
}

// Accounts ----------------------------------------------------------------------------------------

export function accountFrom(row: WireJson, timeZone: string): CoreAccount {
  const holders = jsonList(row, 'customerDetails').flatMap(
    (of) => jsonText(of, 'customerId') ?? [],
  );
  return {
    id: needed(row, 'accountId'),
    currency: needed(row, 'currencyId'),
    status: statusFrom(jsonText(row, 'accountStatus')),
    opened_at: instantOf(timeZone, needed(row, 'openingDate')),
    product: jsonText(row, 'productId') ?? null,
    parties: holders.map((id, at) => ({ id, role: at === 0 ? 'holder' : 'joint_holder' })),
  };
}

/** A word that nobody knows stands for an account that nothing leaves. */
function statusFrom(word = 'ACTIVE'): CoreAccount['status'] {
  if (/CLOSE/i.test(word)) return 'deleted';
  return /^(?:ACTIVE|CURRENT|LIVE|AUTH)$/i.test(word) ? 'enabled' : 'disabled';
}

/** As texts or numbers: the services differ. */
export function balancesFrom(row: WireJson, asOf: string): readonly Balance[] {
  const currency = needed(row, 'currencyId');
  const balance = (type: Balance['type'], name: string): Balance => {
    const signed = minorUnitsOf(needed(row, name), currency, core);
    const credit_debit_indicator = signed < 0 ? 'DBIT' : 'CRDT';
    return { type, credit_debit_indicator, amount: Math.abs(signed), currency, as_of: asOf };
  };
  return [balance('ITBD', 'ledgerBalance'), balance('ITAV', 'useableBalance')];
}

// Statement lines ---------------------------------------------------------------------------------

const narrative = /(?:^|\s)([A-Z2-7]{16}) ([0-9a-f]{8})(?:\s|$)/;

/** Reference and mark, as we have them printed beside the entries of a transfer. */
export function narrativeOf(reference: string, mark: string): string {
  return `${reference} ${mark}`;
}

export function ownFrom(text: string | undefined) {
  const found = narrative.exec(text ?? '');
  return found ? { reference: found[1] ?? '', mark: found[2] ?? '' } : undefined;
}

/** Printed beside the entry, or kept as the reference of its side. */
function ownReferenceFrom(row: WireJson): string | null {
  const printed = ownFrom(jsonText(row, 'narrative'))?.reference;
  const kept = jsonText(row, 'transactionReference') ?? '';
  return printed ?? (/^[A-Z2-7]{16}$/.test(kept) ? kept : null);
}

export function entryFrom(row: WireJson, timeZone: string): CoreEntry {
  const currency = needed(row, 'currencyId');
  const signed = minorUnitsOf(needed(row, 'amount'), currency, core);
  const booked = needed(row, 'bookingDate');
  return {
    reference: needed(row, 'entryReference'),
    status: 'BOOK',
    credit_debit_indicator: signed < 0 ? 'DBIT' : 'CRDT',
    ...{ amount: Math.abs(signed), currency },
    booked_at: instantOf(timeZone, booked),
    value_at: instantOf(timeZone, jsonText(row, 'valueDate') ?? booked),
    counter_account: jsonText(row, 'contraAccountId') ?? null,
    own_reference: ownReferenceFrom(row),
  };
}

// Reserved funds ----------------------------------------------------------------------------------

/** A lock says who placed it and what has changed it last: `HOLD CHANGE mark`, both ours. */
const lockReason = /^([A-Z2-7]{16}) ([A-Z2-7]{16}) ([0-9a-f]{8})$/;

export type Lock = {
  /** The core's own. */
  readonly id: string;
  readonly placedBy: string;
  readonly changedBy: string;
  readonly mark: string;
  /** As it is written there: what is left. */
  readonly amount: string;
  readonly until: string | undefined;
};

export function lockFrom(row: WireJson): Lock | undefined {
  const [, placedBy, changedBy, mark] = lockReason.exec(jsonText(row, 'lockReason') ?? '') ?? [];
  if (placedBy === undefined || changedBy === undefined || mark === undefined) return undefined;
  const id = jsonText(row, 'eventId') ?? needed(row, 'transactionReference');
  const until = jsonText(row, 'toDate');
  return { id, placedBy, changedBy, mark, amount: needed(row, 'lockedAmount'), until };
}

type HoldParts = { readonly account: string; readonly currency: string; readonly timeZone: string };

/** What has been released, the core does not say beside what is left. */
export function holdFrom(lock: Lock, { account, currency, timeZone }: HoldParts): CoreHold {
  const amount = minorUnitsOf(lock.amount, currency, core);
  return {
    ...{ reference: lock.placedBy, account, currency, amount, captured: 0, released: 0 },
    status: amount === 0 ? 'voided' : 'open',
    expires_at: lock.until === undefined ? null : instantOf(timeZone, lock.until),
  };
}

// Customers ---------------------------------------------------------------------------------------

export function partyFrom(id: string, body: WireJson): CoreParty {
  const born = jsonText(body, 'dateOfBirth') ?? null;
  const isPerson = born !== null || jsonText(body, 'lastName') !== undefined;
  const name =
    firstOf(body, 'customerNames', 'customerName') ??
    firstOf(body, 'displayNames', 'displayName') ??
    [jsonText(body, 'givenName'), jsonText(body, 'lastName')].filter(Boolean).join(' ');
  return {
    ...{ id, name, kind: isPerson ? 'person' : 'organisation', status: 'customer' },
    segment: isPerson ? 'person' : 'business',
    country: jsonText(body, 'residenceId') ?? needed(body, 'nationalityId'),
    date_of_birth: born,
  };
}

export function contactPointsFrom(body: WireJson): readonly CoreContactPoint[] {
  const points: CoreContactPoint[] = [];
  const add = (point: Omit<CoreContactPoint, 'value'>, value: string | undefined) => {
    if (value !== undefined) points.push({ ...point, value });
  };
  const device = (name: string) => firstOf(body, 'communicationDevices', name);
  add({ kind: 'email', usage: 'main' }, device('email'));
  add({ kind: 'phone', usage: 'main' }, device('phoneNumber'));
  add({ kind: 'phone', usage: 'mobile' }, device('smsNumber'));
  const lines = [
    firstOf(body, 'streets', 'street'),
    firstOf(body, 'addresses', 'address'),
    firstOf(body, 'addressCities', 'addressCity'),
  ].filter((line) => line !== undefined);
  add({ kind: 'postal_address', usage: 'main' }, lines.length > 0 ? lines.join(', ') : undefined);
  return points;
}

const deviceNames: Readonly<Record<string, string>> = {
  'email main': 'email',
  'phone main': 'phoneNumber',
  'phone mobile': 'smsNumber',
};

/** All devices, with this one changed: what is not sent again is gone. */
export function devicesWith(body: WireJson, { kind, usage, value }: CoreContactPoint): unknown {
  const name = deviceNames[`${kind} ${usage}`];
  if (name === undefined) {
    throw new Fault('invalid_request', `temenos keeps no ${kind} for ${usage} that can be changed`);
  }
  const devices = jsonList(body, 'communicationDevices').filter(isRow);
  const at = devices.findIndex((of) => jsonText(of, name) !== undefined);
  if (at >= 0) return devices.map((of, index) => (index === at ? { ...of, [name]: value } : of));
  const [first = {}, ...others] = devices;
  return [{ ...first, [name]: value }, ...others];
}

function isRow(json: WireJson): json is { readonly [name: string]: WireJson } {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

// What is kept about customers --------------------------------------------------------------------

export const offerWords = {
  offered: 'OFFERED',
  accepted: 'ACCEPTED',
  declined: 'REJECTED',
  expired: 'EXPIRED',
} as const satisfies Record<CoreOffer['status'], string>;

export function offerFrom(row: WireJson): CoreOffer | undefined {
  const [product, code] = [
    jsonText(row, 'opportunityProductId'),
    jsonText(row, 'opportunityTemplateId') ?? jsonText(row, 'campaignId'),
  ];
  const word = jsonText(row, 'opportunityStatus')?.toUpperCase();
  const status = (Object.keys(offerWords) as CoreOffer['status'][]).find(
    (one) => offerWords[one] === word,
  );
  const [id, validFrom] = [jsonText(row, 'advertId'), jsonText(row, 'startDate')];
  // What somebody else keeps there in words of his own is no offer of ours.
  if (!id || !product || !code || !status || !validFrom) return undefined;
  return { id, product, code, status, validFrom };
}

export function preferenceFrom(row: WireJson): Preference {
  const given = jsonAt(row, 'consentGiven');
  const granted = given === true || /^(?:YES|TRUE)$/i.test(jsonText(given) ?? '');
  return { purpose: needed(row, 'consentType'), granted };
}

export function positionFrom(row: WireJson, timeZone: string): SecuritiesPosition {
  const currency = needed(row, 'currencyId');
  return {
    instrument: needed(row, 'instrumentId'),
    quantity: needed(row, 'quantity'),
    value: minorUnitsOf(needed(row, 'marketValue'), currency, core),
    currency,
    as_of: instantOf(timeZone, needed(row, 'positionDate')),
  };
}

/** An arrangement that waits for its authorisation is an application that was received. */
export function loanStatusFrom(word = ''): LoanApplication['status'] {
  if (/^(?:AUTH|CURRENT|LIVE)$/i.test(word)) return 'approved';
  if (/CANCEL|DECLINE|REJECT/i.test(word)) return 'rejected';
  if (/REVERSED/i.test(word)) return 'withdrawn';
  return /PENDING/i.test(word) ? 'in_review' : 'received';
}
