// A simulated Temenos Transact behind its API framework: every service with a version of its own in
// the path, and references that nobody compares.
import type { Book } from '../book.ts';
import type { SimAnswer, SimRequest, Vendor, VendorOptions, VendorServer } from '../simulator.ts';
import { failed, type PageAsk, refused, type Row } from './answers.ts';
import {
  changeAdvert,
  changeCustomer,
  createLoan,
  createRecord,
  listArrangements,
  listRecords,
  loanReferenceField,
  readCustomer,
} from './customers.ts';
import { callbacks, eventTypes, listEvents } from './event-store.ts';
import { changeHold, type Command, createHold, createTransfer, type Desk } from './orders.ts';
import {
  listAccounts,
  listBalances,
  listReservedFunds,
  listTransactions,
  listTransfers,
  type Query,
} from './queries.ts';

const apiKey = 'sim-temenos-key';
const [user, password] = ['SIMUSER', 'sim-temenos-password'];
const companyId = 'GB0010001';

/** Outside of the United States: funds are locked by people only. */
export const temenos: Vendor = vendor('');
export const temenosUs: Vendor = vendor('us');

/** As another way to sign on to the same core. */
export const temenosBasic = { user, password };

function vendor(region: string): Vendor {
  return {
    name: region === '' ? 'temenos' : `temenos-${region}`,
    credentials: { apiKey, callbackSecret: 'sim-temenos-callback' },
    settings: {
      ...{ companyId, region, eventTypes, loanReferenceField, contactHistory: 'yes' },
    },
    ids: {
      account: (number) => `1000${String(number).padStart(4, '0')}`,
      party: (number) => String(100_200 + number),
      product: 'CURRENT.ACCOUNT',
    },
    open: (book, options) => open(book, region, options),
  };
}

function open(book: Book, region: string, options: VendorOptions): VendorServer {
  const desk: Desk = { book, narratives: new Map(), versions: new Map(), reasons: new Map() };
  const tokens = new Set<string>();
  const served = routes.filter(({ isUs }) => isUs !== true || region === 'us');
  return {
    ...callbacks(desk, options),
    handle: (request) => handle({ desk, tokens, served }, request),
    failure: (kind) =>
      kind === 'limited'
        ? { status: 429, body: JSON.stringify({ statusCode: 429, message: 'Too Many Requests' }) }
        : failed(500, 'TGVCP-001', 'Unable to get the response from Transact'),
  };
}

// Routes ------------------------------------------------------------------------------------------

type Route = {
  readonly method: string;
  readonly version: string;
  /** Without the version; a star is one part. */
  readonly path: RegExp;
  readonly isUs?: boolean;
  readonly query?: (desk: Desk, query: Query) => SimAnswer;
  readonly selects?: readonly string[];
  readonly command?: (desk: Desk, command: Command) => SimAnswer;
};

const dates = ['dateFrom', 'dateTo', 'minimumAmount', 'maximumAmount'];
const advert = ['customerId', 'opportunityProductId', 'opportunityStatus', 'startDate'];

const routes: readonly Route[] = [
  get('4.3.0', '/holdings/accounts', listAccounts, ['accountId', 'customerId']),
  get('4.3.0', '/holdings/accounts/balances', listBalances, ['accountId']),
  get('4.3.0', '/holdings/accounts/reservedFunds', listReservedFunds, ['accountId']),
  get('2.0.0', '/holdings/transactions', listTransactions, [
    ...['accountId', 'listType', 'entryReference'],
    ...dates,
  ]),
  get('1.0.1', '/order/transfers', listTransfers, ['debitReference']),
  post('1.0.1', '/order/transfers', createTransfer),
  { ...post('2.0.0', '/order/us/accounts/*/reservedFunds', createHold), isUs: true },
  { ...put('2.0.0', '/order/us/payment/holds/*', changeHold), isUs: true },
  // Before the customers: it has their form.
  get('4.0.0', '/party/customers/contactHistory', listRecords('contact', 'contactHistoryId'), [
    'customerId',
  ]),
  get('4.0.0', '/party/customers/*', readCustomer),
  put('4.0.0', '/party/customers/*', changeCustomer),
  get('1.0.0', '/party/customers/*/adverts', listRecords('advert', 'advertId')),
  post('1.0.0', '/party/customers/adverts', createRecord('advert', advert)),
  put('1.0.0', '/party/customers/adverts/*', changeAdvert),
  post(
    '4.0.0',
    '/party/customers/contactHistory',
    createRecord('contact', ['customerId', 'contactChannel', 'contactType', 'contactNotes']),
  ),
  get('4.0.0', '/party/customers/*/consents', listRecords('consent', 'consentId')),
  get('1.0.0', '/holdings/portfolios/*/positions', listRecords('position', 'positionId')),
  get('1.0.0', '/holdings/customers/*/arrangements', listArrangements),
  post('3.0.0', '/holdings/loans/personalLoans', createLoan),
];

function get(
  version: string,
  path: string,
  query: NonNullable<Route['query']>,
  selects: readonly string[] = [],
): Route {
  return { method: 'GET', version, path: pattern(path), query, selects };
}

function post(version: string, path: string, command: NonNullable<Route['command']>): Route {
  return { method: 'POST', version, path: pattern(path), command };
}

function put(version: string, path: string, command: NonNullable<Route['command']>): Route {
  return { method: 'PUT', version, path: pattern(path), command };
}

function pattern(path: string): RegExp {
  return new RegExp(`^${path.replaceAll('*', '([^/]+)')}$`);
}

// Requests ----------------------------------------------------------------------------------------

type Server = {
  readonly desk: Desk;
  readonly tokens: Set<string>;
  readonly served: readonly Route[];
};

const pageSizeMax = 1_000;
const eventsPath = /^\/ms-eventstore\/api\/v1\.0\.0\/events\/([^/]+)$/;

function handle({ desk, tokens, served }: Server, request: SimRequest): SimAnswer {
  const { method, path, query } = request;
  const unknown = turnedAway(request);
  if (unknown) return unknown;
  const events = method === 'GET' ? eventsPath.exec(path)?.[1] : undefined;
  if (events !== undefined) return listEvents(desk, decodeURIComponent(events), query);
  const [, version = '', rest = ''] = /^\/api\/v([\d.]+)(\/.*)$/.exec(path) ?? [];
  const route = served.find(
    (of) => of.method === method && of.version === version && of.path.test(rest),
  );
  if (!route) return failed(404, 'TGVCP-002', 'APPLICATION MISSING');
  const id = decodeURIComponent(route.path.exec(rest)?.[1] ?? '');
  if (route.command) return commanded(desk, route.command, { request, id });
  const page = pageOf(query, route.selects ?? [], tokens);
  if (!('size' in page)) return page;
  return route.query?.(desk, { id, of: query, page }) ?? failed(500, 'TGVCP-006', 'NO ROUTINE');
}

function turnedAway({ headers }: SimRequest): SimAnswer | undefined {
  const given = headers['authorization'] ?? '';
  const basic = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  if (given !== apiKey && given !== basic) {
    return failed(401, 'TGVCP-011', 'SIGN ON NAME OR PASSWORD IS WRONG');
  }
  const company = headers['companyid'];
  const isOurs = company === undefined || company === companyId;
  return isOurs ? undefined : failed(403, 'TGVCP-002', 'SECURITY VIOLATION - COMPANY');
}

/** What is asked of the list: anything that it does not know is refused. */
function pageOf(
  query: URLSearchParams,
  selects: readonly string[],
  tokens: Set<string>,
): PageAsk | SimAnswer {
  const names = [...query.keys()];
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice) return failed(400, 'TGVCP-017', `DUPLICATE QUERY PARAMETER ${twice}`);
  const paging = ['page_size', 'page_start', 'page_token'];
  const strange = names.find((name) => ![...selects, ...paging].includes(name));
  if (strange) return failed(400, 'TGVCP-003', `INVALID QUERY PARAMETER ${strange}`);
  const size = Number(query.get('page_size') ?? '100');
  const start = Number(query.get('page_start') ?? '1');
  if (!(size >= 1 && size <= pageSizeMax && start >= 1)) {
    return failed(400, 'TGVCP-003', 'INVALID QUERY PARAMETER page_size');
  }
  const given = query.get('page_token');
  if (start > 1 && (given === null || !tokens.has(given))) {
    return failed(400, 'TGVCP-003', 'INVALID QUERY PARAMETER page_token');
  }
  const token = given ?? `PT${String(tokens.size + 1).padStart(8, '0')}`;
  tokens.add(token);
  return { size, start, token };
}

function commanded(
  desk: Desk,
  command: NonNullable<Route['command']>,
  { request, id }: { readonly request: SimRequest; readonly id: string },
): SimAnswer {
  const { headers, query } = request;
  const wrong = (fieldName: string, message: string) =>
    refused({ fieldName, code: 'TGVCP-014', message });
  if (!headers['content-type']?.startsWith('application/json')) {
    return wrong('', 'CONTENT TYPE IS NOT SUPPORTED');
  }
  const isDry = query.get('validate_only') === 'true';
  const given = parsed(request.body);
  const strange = Object.keys(given ?? {}).find((name) => name !== 'header' && name !== 'body');
  const body = given?.['body'];
  if (strange !== undefined || typeof body !== 'object' || body === null) {
    return wrong(strange ?? 'body', 'PAYLOAD IS INVALID');
  }
  return command(desk, { id, header: (given?.['header'] ?? {}) as Row, body: body as Row, isDry });
}

function parsed(text: string): Row | undefined {
  try {
    return JSON.parse(text) as Row;
  } catch {
    return undefined;
  }
}
