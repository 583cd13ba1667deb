// A simulated Mambu: API v2 in front of the book, strict about headers, keys and bodies.
import type { Book } from '../book.ts';
import type { SimAnswer, SimRequest, Vendor, VendorOptions, VendorServer } from '../simulator.ts';
import { patchClient } from './contacts.ts';
import { changeState, createLoan, previewSchedule, readLoan } from './loans.ts';
import { adjust, createHold, deposit, makeTransfer, readHold, reverseHold } from './orders.ts';
import { withdraw } from './orders.ts';
import { products } from './products.ts';
import { clients, deposits, searchTransactions, transaction, transactionsOf } from './reads.ts';
import { accountAt, openState, type State } from './state.ts';
import { redeliver, streaming, subscribe, tellWebhooks } from './streams.ts';
import { organisationRole } from './views.ts';
import { answer, bareRefusal, invalid, readSent, refusal, type Sent } from './wire.ts';

const [apiKey, username, password] = ['sim-mambu-api-key-41', 'sim.user', 'sim-mambu-password-7'];
const basic = `Basic ${btoa(`${username}:${password}`)}`;
/** Answers under an idempotency key are kept for so long. */
const keptForMs = 6 * 3_600_000;

export type MambuTenant = {
  /** Of the organisation: every date is written in it. Default: UTC. */
  readonly timeZone?: string;
  /** Accounts that another operation works on, as tests say. */
  readonly locked?: ReadonlySet<string>;
};

export const mambu: Vendor = mambuOf({});

/** As another tenant has set it up. */
export function mambuOf({ timeZone = 'UTC', locked = new Set() }: MambuTenant): Vendor {
  return {
    name: 'mambu',
    credentials: { apiKey, webhookSecret: 'sim-mambu-webhook-secret-9' },
    settings: {
      organisationRoles: organisationRole,
      ...{ owningApplication: 'countersign', consumerGroup: 'core' },
      eventTypes: ['entry', 'hold', 'account', 'party', 'loan']
        .map((kind) => `mrn.event.sim.streamingapi.${kind}`)
        .join(),
    },
    ids: {
      account: (number) => `DE4410${String(number).padStart(4, '0')}`,
      party: (number) => String(180_043_126 + number),
      product: 'CURRENT',
    },
    open: (book, options) => openMambu(book, options, { timeZone, locked }),
  };
}

function openMambu(
  book: Book,
  { push }: VendorOptions,
  tenant: Required<MambuTenant>,
): VendorServer {
  const state = openState(book, push, tenant);
  tellWebhooks(state);
  return {
    handle: (request) => handle(state, request),
    failure: (kind) =>
      kind === 'limited'
        ? refusal(429, 'TOO_MANY_REQUESTS')
        : { status: 503, body: '<html>Service Unavailable</html>' },
    redeliver: (account) => redeliver(state, account),
    subscribe: (to) => subscribe(state, to),
  };
}

const v2 = 'application/vnd.mambu.v2+json';

function handle(state: State, request: SimRequest): SimAnswer | Promise<SimAnswer> {
  const { method, path, headers, body } = request;
  const isKey = headers['apikey'] === apiKey;
  if (!isKey && headers['authorization'] !== basic) return bareRefusal(401, 'INVALID_CREDENTIALS');
  if (path.startsWith('/api/v1/')) {
    // Streams are for API keys only.
    return isKey ? streaming(state, request) : bareRefusal(403, 'API_NOT_AUTHORIZED');
  }
  if (headers['accept'] !== v2) return ofVersion1();
  const sent = body === '' ? undefined : readSent(body);
  const hasJson = headers['content-type']?.startsWith('application/json') === true;
  if (body !== '' && (sent === undefined || !hasJson)) return invalid('body');
  return method === 'POST' && !path.endsWith(':search')
    ? keyed(state, request, sent)
    : routed(state, request, sent);
}

/** The same paths without the header are those of the first version, which nobody speaks here. */
function ofVersion1(): SimAnswer {
  return answer(400, { returnCode: 3, returnStatus: 'INVALID_API_OPERATION' });
}

// Idempotency -------------------------------------------------------------------------------------

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

async function keyed(
  state: State,
  request: SimRequest,
  sent: Sent | undefined,
): Promise<SimAnswer> {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return routed(state, request, sent);
  if (!uuid.test(key)) return invalid('Idempotency-Key');
  const fingerprint = `${request.method} ${request.path} ${request.body}`;
  const now = state.book.clock.now();
  const known = state.keyed.get(key);
  if (known && now - known.at < keptForMs) {
    if (known.fingerprint !== fingerprint) return invalid('Idempotency-Key');
    // Informational: whoever waits for more than that waits in vain.
    return known.answer ?? { status: 102, body: '' };
  }
  const mine = { fingerprint, at: now, answer: undefined as SimAnswer | undefined };
  state.keyed.set(key, mine);
  await new Promise((resolve) => setImmediate(resolve));
  const done = routed(state, request, sent);
  if (done.status >= 400) state.keyed.delete(key);
  else mine.answer = done;
  return done;
}

// Routes ------------------------------------------------------------------------------------------

type Handle = (of: {
  readonly state: State;
  readonly request: SimRequest;
  readonly sent: Sent | undefined;
  readonly at: (index: number) => string;
}) => SimAnswer;

/** Parts in braces are ids; what follows a colon is an action. */
const routes: readonly (readonly [string, Handle])[] = [
  ['GET clients', ({ state, request }) => clients(state, request)],
  ['GET clients/{}', ({ state, request, at }) => clients(state, request, at(0))],
  ['PATCH clients/{}', ({ state, sent, at }) => patchClient(state, at(0), sent)],
  ['GET deposits', ({ state, request }) => deposits(state, request)],
  ['GET deposits/{}', ({ state, request, at }) => deposits(state, request, at(0))],
  ['POST deposits/transactions:search', ({ state, request }) => searchTransactions(state, request)],
  ['GET deposits/transactions/{}', ({ state, at }) => transaction(state, at(0))],
  ['POST deposits/transactions/{}:adjust', ({ state, sent, at }) => adjust(state, at(0), sent)],
  [
    'GET deposits/{}/transactions',
    ({ state, request, at }) => transactionsOf(state, request, at(0)),
  ],
  [
    'POST deposits/{}/transfer-transactions',
    ({ state, sent, at }) => free(state, at(0)) ?? makeTransfer(state, at(0), sent),
  ],
  [
    'POST deposits/{}/withdrawal-transactions',
    ({ state, sent, at }) => free(state, at(0)) ?? withdraw(state, at(0), sent),
  ],
  [
    'POST deposits/{}/deposit-transactions',
    ({ state, sent, at }) => free(state, at(0)) ?? deposit(state, at(0), sent),
  ],
  [
    'POST deposits/{}/authorizationholds',
    ({ state, sent, at }) => free(state, at(0)) ?? createHold(state, at(0), sent),
  ],
  ['GET deposits/{}/authorizationholds/{}', ({ state, at }) => readHold(state, at(0), at(1))],
  [
    'DELETE deposits/{}/authorizationholds/{}',
    ({ state, at }) => free(state, at(0)) ?? reverseHold(state, at(0), at(1)),
  ],
  ['GET depositproducts', ({ state, request }) => products(state, request, 'depositproducts')],
  [
    'GET depositproducts/{}',
    ({ state, request, at }) => products(state, request, 'depositproducts', at(0)),
  ],
  ['GET loanproducts', ({ state, request }) => products(state, request, 'loanproducts')],
  [
    'GET loanproducts/{}',
    ({ state, request, at }) => products(state, request, 'loanproducts', at(0)),
  ],
  ['POST loans', ({ state, sent }) => createLoan(state, sent)],
  ['POST loans:previewSchedule', ({ state, sent }) => previewSchedule(state, sent)],
  ['POST loans/{}:changeState', ({ state, sent, at }) => changeState(state, at(0), sent)],
  ['GET loans/{}', ({ state, at }) => readLoan(state, at(0))],
];

const patterns = routes.map(([route, handler]) => {
  const [method = '', path = ''] = route.split(' ');
  return { method, handler, pattern: new RegExp(`^/api/${path.replaceAll('{}', '([^/:]+)')}$`) };
});

function routed(state: State, request: SimRequest, sent: Sent | undefined): SimAnswer {
  let isKnown = false;
  for (const { method, pattern, handler } of patterns) {
    const found = pattern.exec(request.path);
    if (!found) continue;
    isKnown = true;
    if (method !== request.method) continue;
    const ids = found.slice(1).map(decodeURIComponent);
    return handler({ state, request, sent, at: (index) => ids[index] ?? '' });
  }
  return isKnown
    ? refusal(405, 'METHOD_NOT_IMPLEMENTED')
    : bareRefusal(404, 'INVALID_API_OPERATION');
}

/** Undefined where nobody else works on the account. */
function free(state: State, named: string): SimAnswer | undefined {
  const account = accountAt(state, named);
  const isLocked = account !== undefined && state.locked.has(account.id);
  return isLocked ? refusal(409, 'RESOURCE_LOCKED') : undefined;
}
