// A Mambu tenant behind the port of adapters: API v2, deposit accounts, clients, products, loans.
import { Fault, instantToText, type Page } from '#core';
import type {
  Adapter,
  AdapterOperations,
  AdapterOptions,
  CoreAccount,
  CoreContactPoint,
  CoreEntry,
  CoreProduct,
  FoundMove,
  Keyed,
  LookUp,
  Of,
  Paged,
} from '../adapter.ts';
import { coreFault } from '../failures.ts';
import { jsonText, type WireJson } from '../wire.ts';
import { type Client, offsetOf, openClient, pathPart, type ReadPage } from './client.ts';
import { coreName } from './errors.ts';
import { eventsOf, type SubscriptionTerms, webhookHeaderDefault } from './events.ts';
import {
  captureHold,
  lookUpCapture,
  lookUpHold,
  lookUpRelease,
  placeHold,
  readHold,
  releaseHold,
} from './holds.ts';
import { applyForLoan, missing, noAnswer, readLoanApplication } from './loans.ts';
import {
  accountOf,
  balancesOf,
  contactPathOf,
  contactPointsOf,
  entryOf,
  type PartySettings,
  partyOf,
  productOf,
  required,
} from './mapping.ts';
import {
  lookUpReversal,
  lookUpTransfer,
  type Moves,
  readDeposit,
  reverse,
  transfer,
} from './moves.ts';

/** Credentials and settings are named in the README beside this file. */
export function openMambu(options: AdapterOptions): Adapter {
  const client = openClient(options);
  const { credentials, settings = {} } = options;
  const header = settings['webhookHeader'] ?? webhookHeaderDefault;
  const events = eventsOf(client, {
    webhookSecret: credentials['webhookSecret'],
    webhookHeader: header.toLowerCase(),
    subscription: credentials['apiKey'] === undefined ? null : subscriptionOf(settings),
  });
  return {
    name: coreName,
    operations: operationsOf(client, options),
    ...(events ? { events } : {}),
    close: () => client.wire.close(),
  };
}

/** Null unless the tenant has streams: which events there are to hear is a matter of its setup. */
function subscriptionOf(settings: Readonly<Record<string, string>>): SubscriptionTerms | null {
  const { owningApplication, consumerGroup = 'default', eventTypes } = settings;
  if (owningApplication === undefined || eventTypes === undefined) return null;
  return { owningApplication, consumerGroup, eventTypes: namesIn(eventTypes) };
}

function namesIn(text: string | undefined): readonly string[] {
  return (text ?? '').split(',').flatMap((name) => name.trim() || []);
}

function operationsOf(client: Client, { settings = {}, now }: AdapterOptions): AdapterOperations {
  const moves: Moves = { client, currencies: new Map() };
  const parties: PartySettings = {
    organisationRoles: new Set(namesIn(settings['organisationRoles'])),
    country: settings['country'] ?? 'ZZ',
  };
  return {
    async readParty(of) {
      const json = await readClient(client, of);
      return json === undefined ? undefined : partyOf(json, parties);
    },
    async listParties(query) {
      const section = { limit: query.limit, offset: offsetOf(query.after) };
      const full = { detailsLevel: 'FULL' };
      const asked = { path: '/clients', query: full, signal: query.signal, ...section };
      return pageOf(await client.readPage(asked), (json) => partyOf(json, parties));
    },
    async readContactPoints(of) {
      const json = await readClient(client, of);
      return json ? contactPointsOf(json) : [];
    },
    changeContactPoint: (change) => changeContactPoint(client, change),
    readProduct: (of) => readProduct(client, of),
    listProducts: (query) => listProducts(client, query),
    readAccount: (of) => readAccount(client, of),
    listAccounts: (query) => listAccounts(client, query),
    async readBalances({ id, signal }) {
      const query = { detailsLevel: 'FULL' };
      const json = await client.read({ path: `/deposits/${pathPart(id)}`, query, signal });
      return json === undefined ? undefined : balancesOf(json, instantToText(now()));
    },
    listEntries: (query) => listEntries(client, query),
    readHold: (of) => readHold(moves, of),
    transfer: (order) => transfer(moves, order),
    placeHold: (order) => placeHold(moves, order),
    captureHold: (order) => captureHold(moves, order),
    releaseHold: (order) => releaseHold(moves, order),
    reverse: (order) => reverse(moves, order),
    lookUp: (of) => lookUp(moves, of),
    applyForLoan: (asked) => applyForLoan(client, asked),
    readLoanApplication: (of) => readLoanApplication(client, of),
  };
}

function lookUp(moves: Moves, of: LookUp): Promise<FoundMove | undefined> {
  switch (of.kind) {
    case 'transfer':
      return lookUpTransfer(moves, of);
    case 'reverse':
      return lookUpReversal(moves, of);
    case 'hold':
      return lookUpHold(moves, of);
    case 'release':
      return lookUpRelease(moves, of);
    case 'capture':
      return lookUpCapture(moves, of);
  }
}

// Clients -----------------------------------------------------------------------------------------

function readClient(client: Client, { id, signal }: Of): Promise<WireJson | undefined> {
  const query = { detailsLevel: 'FULL' };
  return client.read({ path: `/clients/${pathPart(id)}`, query, signal });
}

/** Replaces one field: doing it twice is doing it once. */
async function changeContactPoint(
  client: Client,
  { id, kind, usage, value, signal }: Keyed & CoreContactPoint,
): Promise<void> {
  const path = contactPathOf({ kind, usage });
  if (path === undefined) {
    const code = 'OPERATION_NOT_ALLOWED_ON_FIELD';
    throw coreFault(coreName, { class: 'refused', code, text: 'no field of its own' });
  }
  const ordered = await client.order({
    ...{ method: 'PATCH', path: `/clients/${pathPart(id)}`, signal },
    body: [{ op: 'REPLACE', path, value }],
  });
  if (ordered.status === 'unknown') throw noAnswer();
  if (ordered.status === 'done') return;
  throw ordered.failure.class === 'missing'
    ? missing(ordered.failure.code)
    : coreFault(coreName, ordered.failure);
}

// Deposit accounts --------------------------------------------------------------------------------

/** Accounts name their holder by key, and we name clients by id. */
async function readAccount(client: Client, of: Of): Promise<CoreAccount | undefined> {
  const json = await readDeposit(client, of);
  if (!json) return undefined;
  const isGroup = jsonText(json, 'accountHolderType') === 'GROUP';
  const key = pathPart(required(json, 'accountHolderKey'));
  const holder = isGroup
    ? undefined
    : await client.read({ path: `/clients/${key}`, signal: of.signal });
  return accountOf(json, client.timeZone, holder ? required(holder, 'id') : null);
}

async function listAccounts(client: Client, query: Of & Paged): Promise<Page<CoreAccount>> {
  const { id, limit, after, signal } = query;
  const page = await client.readPage({
    ...{ path: '/deposits', signal, limit, offset: offsetOf(after) },
    query: { accountHolderType: 'CLIENT', accountHolderId: id },
  });
  return pageOf(page, (json) => accountOf(json, client.timeZone, id));
}

/** By the day of their creation, which never changes: what is new comes at the end. */
async function listEntries(
  client: Client,
  { id, limit, after, signal }: Of & Paged,
): Promise<Page<CoreEntry> | undefined> {
  // A search knows no accounts, only transactions: whether there is one is asked first.
  if (after === undefined && !(await readDeposit(client, { id, ...(signal ? { signal } : {}) }))) {
    return undefined;
  }
  const page = await client.readPage({
    ...{ path: '/deposits/transactions:search', signal, limit, offset: offsetOf(after) },
    search: {
      filterCriteria: [{ field: 'parentAccountID', operator: 'EQUALS', value: id }],
      sortingCriteria: { field: 'creationDate', order: 'ASC' },
    },
  });
  return pageOf(page, (json) => entryOf(json, client.timeZone));
}

// Products ----------------------------------------------------------------------------------------

const productLists = ['depositproducts', 'loanproducts'] as const;

async function readProduct(client: Client, { id, signal }: Of): Promise<CoreProduct | undefined> {
  for (const list of productLists) {
    const json = await client.read({ path: `/${list}/${pathPart(id)}`, signal });
    if (json) return productOf(json);
  }
  return undefined;
}

/** Those of deposits first; a cursor says which list it is of. */
async function listProducts(client: Client, query: Paged): Promise<Page<CoreProduct>> {
  const [list = productLists[0], after] = query.after?.split(' ') ?? [];
  if (!productLists.some((name) => name === list)) {
    throw new Fault('invalid_request', 'after is not a cursor');
  }
  const section = { limit: query.limit, offset: offsetOf(after) };
  const asked = { path: `/${list}`, signal: query.signal, ...section };
  const { items, next } = pageOf(await client.readPage(asked), productOf);
  const other = list === productLists[0] ? `${productLists[1]} 0` : null;
  return { items, next: next === null ? other : `${list} ${next}` };
}

function pageOf<Item>(
  page: ReadPage | undefined,
  of: (json: WireJson) => Item | undefined,
): Page<Item> {
  const { items = [], nextOffset = null } = page ?? {};
  const read = items.flatMap((json) => of(json) ?? []);
  return { items: read, next: nextOffset === null ? null : String(nextOffset) };
}
