// Customers of Temenos: who they are, how they are reached, what they were offered and told, what
// they have agreed to, and the loans that they ask for.
import { Fault } from '#core';
import type {
  AdapterOperations,
  Keyed,
  LoanApplication,
  LoanTerms,
  Of,
  Paged,
} from '../adapter.ts';
import { coreFault } from '../failures.ts';
import { dayIn, decimalOf, jsonText, malformed, type WireJson } from '../wire.ts';
import type { Client, CommandRequest, Service } from './client.ts';
import {
  contactPointsFrom,
  devicesWith,
  loanStatusFrom,
  offerFrom,
  offerWords,
  partyFrom,
  preferenceFrom,
} from './mapping.ts';

type Operations = Pick<
  AdapterOperations,
  | 'readParty'
  | 'readContactPoints'
  | 'changeContactPoint'
  | 'recordOffer'
  | 'listOffers'
  | 'recordInteraction'
  | 'readPreferences'
  | 'applyForLoan'
>;

/** What is read of one customer at most, to see whether something is there already. */
const [recordsPage, recordsPagesMax] = [200, 5];

export function partyOperations(client: Client): Operations {
  const { settings } = client;
  const { loanReferenceField } = settings;
  const customer = ({ id, signal }: Of) =>
    client.read({ service: 'party', path: customerPath(id), signal });
  return {
    async readParty(of) {
      const found = await customer(of);
      return found && partyFrom(of.id, found.body);
    },
    async readContactPoints(of) {
      const found = await customer(of);
      return found ? contactPointsFrom(found.body) : [];
    },
    changeContactPoint: (change) => changeContact(client, change),
    recordOffer: (offer) => recordOffer(client, offer),
    async listOffers({ id, limit, after, signal }) {
      const page = { limit, signal, ...(after === undefined ? {} : { after }) };
      const { items, next } = await client.list({ ...advertsOf(id), ...page });
      return { items: items.flatMap((row) => offerFrom(row) ?? []), next };
    },
    async readPreferences({ id, signal }) {
      const path = `${customerPath(id)}/consents`;
      const rows = await allOf(client, { service: 'party', path, signal });
      return rows.map(preferenceFrom);
    },
    ...(settings['contactHistory'] === 'yes'
      ? { recordInteraction: (interaction) => recordContact(client, interaction) }
      : {}),
    ...(loanReferenceField === undefined
      ? {}
      : { applyForLoan: (application) => applyForLoan(client, application, loanReferenceField) }),
  };
}

function customerPath(id: string): string {
  return `/party/customers/${encodeURIComponent(id)}`;
}

type Listing = {
  readonly service: Service;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
};

async function allOf(client: Client, list: Listing): Promise<readonly WireJson[]> {
  const rows: WireJson[] = [];
  let after: Pick<Paged, 'after'> = {};
  for (let page = 0; page < recordsPagesMax; page += 1) {
    const { items, next } = await client.list({ ...list, limit: recordsPage, ...after });
    rows.push(...items);
    if (next === null) return rows;
    after = { after: next };
  }
  const text = 'more records than are read of one customer';
  throw coreFault(client.name, { class: 'incomplete', code: 'search_too_wide', text });
}

/** Answers the core's id of what it has written. Throws where it has not, or may not have. */
async function written(client: Client, request: CommandRequest): Promise<string> {
  const ordered = await client.command(request);
  switch (ordered.kind) {
    case 'done': {
      const id = jsonText(ordered.header, 'id');
      if (id === undefined) throw malformed(client.name, 'the id of a record');
      return id;
    }
    case 'refused':
      throw coreFault(client.name, ordered.failure);
    case 'warned': {
      const [first] = ordered.overrides;
      const failure = {
        class: 'warned',
        code: first?.code ?? '',
        text: first?.text ?? '',
      } as const;
      throw coreFault(client.name, failure);
    }
    case 'unknown': {
      const text = 'it may have been written';
      throw coreFault(client.name, { class: 'unavailable', code: 'no answer', text });
    }
  }
}

// Contacts ----------------------------------------------------------------------------------------

type ContactChange = Parameters<NonNullable<AdapterOperations['changeContactPoint']>>[0];

/** The whole list is written back, under the version that was read. */
async function changeContact(client: Client, change: ContactChange): Promise<void> {
  const { id, signal } = change;
  const customer = { service: 'party', path: customerPath(id), signal } as const;
  const found = await client.read(customer);
  if (!found) throw coreFault(client.name, { class: 'missing', code: 'customer', text: '' });
  const before = contactPointsFrom(found.body).find(
    ({ kind, usage }) => kind === change.kind && usage === change.usage,
  );
  // The core calls it an error to change nothing.
  if (before?.value === change.value) return;
  const versionNumber = jsonText(found.header, 'audit', 'versionNumber');
  // Without it what somebody else has changed meanwhile would be written over.
  if (versionNumber === undefined) throw malformed(client.name, 'the versionNumber of a customer');
  const body = { communicationDevices: devicesWith(found.body, change) };
  await written(client, { ...customer, method: 'PUT', body, versionNumber });
}

// Offers ------------------------------------------------------------------------------------------

function advertsOf(id: string) {
  return { service: 'adverts', path: `${customerPath(id)}/adverts` } as const;
}

type Offer = Parameters<NonNullable<AdapterOperations['recordOffer']>>[0];

/** One advert for a product, a code and a day: told again, its status is changed. */
async function recordOffer(client: Client, offer: Offer): Promise<{ readonly id: string }> {
  const { id: customerId, product, code, status, validFrom, signal } = offer;
  const rows = await allOf(client, { ...advertsOf(customerId), signal });
  const found = rows
    .flatMap((row) => offerFrom(row) ?? [])
    .find((of) => of.product === product && of.code === code && of.validFrom === validFrom);
  if (found?.status === status) return { id: found.id };
  const body = {
    customerId,
    opportunityProductId: product,
    opportunityTemplateId: code,
    opportunityDirection: 'OUTWARD',
    opportunityStatus: offerWords[status],
    startDate: validFrom,
  };
  const path = '/party/customers/adverts';
  const request = found
    ? ({ method: 'PUT', path: `${path}/${encodeURIComponent(found.id)}` } as const)
    : ({ method: 'POST', path } as const);
  return { id: await written(client, { service: 'adverts', ...request, body, signal }) };
}

// Interactions ------------------------------------------------------------------------------------

type Interaction = Parameters<NonNullable<AdapterOperations['recordInteraction']>>[0];

/** Under one key once: the key stands at the end of the notes, and is looked for first. */
async function recordContact(
  client: Client,
  interaction: Interaction,
): Promise<{ readonly id: string }> {
  const { id: customerId, key, channel, direction, summary, signal } = interaction;
  const contacts = { service: 'party', path: '/party/customers/contactHistory', signal } as const;
  const rows = await allOf(client, { ...contacts, query: { customerId } });
  const found = rows.find((row) => jsonText(row, 'contactNotes')?.endsWith(` ${key}`));
  const known = jsonText(found, 'contactHistoryId');
  if (known !== undefined) return { id: known };
  const body = {
    customerId,
    contactChannel: channel,
    contactType: direction === 'inbound' ? 'INWARD' : 'OUTWARD',
    contactDate: dayIn(client.timeZone, client.now()),
    contactNotes: `${summary} ${key}`,
  };
  return { id: await written(client, { ...contacts, method: 'POST', body }) };
}

// Loans -------------------------------------------------------------------------------------------

/** An arrangement from the beginning; our key stands in a field that the bank has named. */
async function applyForLoan(
  client: Client,
  { id: party, key, signal, ...terms }: Keyed & LoanTerms,
  referenceField: string,
): Promise<LoanApplication> {
  const { product, amount, currency, months } = terms;
  if (!Number.isInteger(months) || months < 1) {
    throw new Fault('invalid_request', 'a loan has a term of whole months');
  }
  const application = { party, product, amount, currency, months };
  const path = `/holdings/customers/${encodeURIComponent(party)}/arrangements`;
  const rows = await allOf(client, { service: 'customerHoldings', path, signal });
  const found = rows.find((row) => jsonText(row, referenceField) === key);
  const known = jsonText(found, 'arrangementId');
  if (known !== undefined) {
    const status = loanStatusFrom(jsonText(found, 'arrangementStatus'));
    return { ...application, id: known, status };
  }
  const body = {
    partyIds: [{ partyId: party }],
    productId: product,
    activityId: client.settings['loanActivityId'] ?? 'LENDING-NEW-ARRANGEMENT',
    currency,
    arrangementEffectiveDate: dayIn(client.timeZone, client.now()),
    commitment: [{ amount: decimalOf(amount, currency), term: `${months}M`, revolving: 'NO' }],
    [referenceField]: key,
  };
  const loans = { service: 'loans', path: '/holdings/loans/personalLoans' } as const;
  const id = await written(client, { ...loans, method: 'POST', body, signal });
  return { ...application, id, status: 'received' };
}
