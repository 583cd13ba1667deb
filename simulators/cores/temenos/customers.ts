// Customers of the simulated Temenos core, and what it keeps about them: adverts, contacts,
// consents, portfolios and loans.
import {
  applyForLoan,
  type Book,
  type BookLoan,
  type BookParty,
  changeParty,
  keep,
} from '../book.ts';
import type { SimAnswer } from '../simulator.ts';
import {
  committed,
  decimal,
  type ErrorDetail,
  failed,
  listed,
  minorUnits,
  recordMissing,
  refused,
  type Row,
  shown,
} from './answers.ts';
import { type Command, type Desk, staleVersion } from './orders.ts';
import type { Query } from './queries.ts';

export function readCustomer({ book }: Desk, { id }: Query): SimAnswer {
  const party = book.parties.get(id);
  return party ? shown(customerBody(party), String(party.version)) : recordMissing;
}

function customerBody({ kind, name, country, birthDate, ...of }: BookParty): Row {
  const [givenName, ...rest] = name.split(' ');
  const person = { givenName, lastName: rest.join(' '), dateOfBirth: birthDate ?? undefined };
  return {
    customerId: of.id,
    displayNames: [{ displayName: name }],
    customerNames: [{ customerName: name }],
    communicationDevices: [{ phoneNumber: of.phone, email: of.email }],
    streets: [{ street: of.address }],
    ...{ nationalityId: country, residenceId: country },
    ...{ customerStatus: 1, sectorId: kind === 'person' ? '1001' : '2001', language: 1 },
    ...(kind === 'person' ? person : {}),
  };
}

/** Lists are taken whole: a device that is not sent again is gone. */
export function changeCustomer({ book }: Desk, { id, header, body, isDry }: Command): SimAnswer {
  const party = book.parties.get(id);
  if (!party) return recordMissing;
  const stale = staleVersion(header, party.version);
  if (stale) return stale;
  const devices = body['communicationDevices'];
  if (!Array.isArray(devices)) return wrong('communicationDevices', 'INPUT MISSING');
  const all = devices as readonly Row[];
  const text = (name: string) => all.map((of) => of[name]).find((of) => typeof of === 'string');
  const [email, phone] = [String(text('email') ?? ''), String(text('phoneNumber') ?? '')];
  if (email !== '' && !email.includes('@')) return wrong('email', 'INVALID EMAIL ADDRESS');
  if (email === party.email && phone === party.phone) return notChanged;
  if (!isDry) changeParty(book, id, { email, phone });
  const status = isDry ? 'VALIDATED' : 'Live';
  return committed({ id, transactionStatus: status }, body, String(party.version));
}

const notChanged = failed(403, 'TGVCP-002', 'LIVE RECORD NOT CHANGED');

function wrong(fieldName: string, message: string): SimAnswer {
  return refused(wrongField(fieldName, message));
}

function wrongField(fieldName: string, message: string): ErrorDetail {
  return { fieldName, code: 'TGVCP-014', message };
}

// Records of all kinds ----------------------------------------------------------------------------

/** What is listed about somebody: under this kind of record, with the id under this name. */
export function listRecords(kind: string, idName: string) {
  return ({ book }: Desk, { id, of, page }: Query): SimAnswer => {
    const about = id === '' ? of.get('customerId') : id;
    const found = book.records.filter((one) => one.kind === kind && one.of === about);
    return listed(found, page, (one: Book['records'][number]) => {
      return { ...one.data, [idName]: one.id };
    });
  };
}

/** Keeps what is sent about a customer, where all of this is in it. */
export function createRecord(kind: string, fields: readonly string[]) {
  return ({ book }: Desk, { body, isDry }: Command): SimAnswer => {
    const missing = fields.filter((name) => typeof body[name] !== 'string' || body[name] === '');
    if (missing.length > 0) {
      return refused(...missing.map((name) => wrongField(name, 'INPUT MISSING')));
    }
    const of = String(body['customerId']);
    if (!book.parties.has(of)) return recordMissing;
    if (isDry) return committed({ id: '', transactionStatus: 'VALIDATED' }, body);
    const data = body as Readonly<Record<string, string>>;
    const kept = keep(book, { kind, of, key: '', data });
    return committed({ id: kept.id, transactionStatus: 'Live' }, body);
  };
}

export function changeAdvert({ book }: Desk, { id, body, isDry }: Command): SimAnswer {
  const at = book.records.findIndex((one) => one.kind === 'advert' && one.id === id);
  const advert = book.records[at];
  if (!advert) return recordMissing;
  const data = { ...advert.data, ...(body as Readonly<Record<string, string>>) };
  if (!isDry) book.records[at] = { ...advert, data };
  return committed({ id, transactionStatus: isDry ? 'VALIDATED' : 'Live' }, body);
}

// Loans -------------------------------------------------------------------------------------------

export const loanReferenceField = 'customerReference';

export function createLoan({ book }: Desk, { body, isDry }: Command): SimAnswer {
  const first = (name: string) => (body[name] as readonly Row[] | undefined)?.[0];
  const party = String(first('partyIds')?.['partyId'] ?? '');
  const [product, currency] = [String(body['productId'] ?? ''), String(body['currency'] ?? '')];
  const commitment = first('commitment');
  const amount = minorUnits(Number(commitment?.['amount']), currency);
  const months = /^(\d+)M$/.exec(String(commitment?.['term'] ?? ''))?.[1];
  if (!book.parties.has(party)) return wrong('partyId', 'RECORD MISSING');
  if (product === '') return wrong('productId', 'INPUT MISSING');
  if (!amount || months === undefined) return wrong('commitment', 'INPUT MISSING');
  if (isDry) return committed({ id: '', transactionStatus: 'VALIDATED' }, body);
  const key = String(body[loanReferenceField] ?? '');
  const terms = { party, product, amount, currency, months: Number(months) };
  const { id } = applyForLoan(book, { ...terms, key });
  return committed({ id, aaaId: `AAA${id}`, transactionStatus: 'INAU' }, body);
}

const arrangementWords = {
  ...{ received: 'UNAUTH', in_review: 'PENDING', approved: 'CURRENT' },
  ...{ rejected: 'CANCELLED', withdrawn: 'REVERSED' },
} as const;

export function listArrangements({ book }: Desk, { id, page }: Query): SimAnswer {
  const found = [...book.loans.values()].filter(({ party }) => party === id);
  return listed(found, page, (loan: BookLoan) => ({
    ...{ arrangementId: loan.id, productId: loan.product, currencyId: loan.currency },
    ...{ arrangementStatus: arrangementWords[loan.status], productLineId: 'LENDING' },
    ...{ amount: decimal(loan.amount, loan.currency), term: `${loan.months}M` },
    [loanReferenceField]: loan.key,
  }));
}
