// A simulated Oracle FLEXCUBE: the SOAP services of its gateway over a book, in memory.
import type { Book } from '../book.ts';
import type { SimAnswer, SimRequest, Vendor, VendorOptions, VendorServer } from '../simulator.ts';
import { blocks } from './blocks.ts';
import { customers } from './customers.ts';
import { type Desk, failed, type Served, serve } from './desk.ts';
import { loans } from './loans.ts';
import { answerTo, type Header, readRequest, soapFault } from './message.ts';
import { ownCodes, startNotifications } from './notifications.ts';
import { product, transactions } from './transactions.ts';

export type FlexcubeOptions = {
  /** Of an XREF that is known: a bank decides that. */
  readonly duplicates: 'refused' | 'posted';
};

const services: Readonly<Record<string, Served>> = {
  ...transactions,
  ...blocks,
  ...customers,
  ...loans,
};

const credentials = { source: 'EXTSYS', user: 'GWUSER', relaySecret: 'relay-secret-of-a-test' };
const branch = '001';
/** Of those that are remembered to tell duplicates; the oldest are forgotten. */
const messagesMax = 100_000;

export function flexcubeWith({ duplicates }: FlexcubeOptions): Vendor {
  return {
    name: 'flexcube',
    credentials,
    settings: { branch, product, duplicates, loans: 'on', notifications: ownCodes },
    ids: {
      account: (number) => `${branch}-${String(1_000_000_000 + number)}`,
      party: (number) => String(number).padStart(9, '0'),
      product: 'CASA01',
    },
    open: (book, options) => open(book, options, duplicates),
  };
}

export const flexcube = flexcubeWith({ duplicates: 'refused' });

function open(
  book: Book,
  { push }: VendorOptions,
  duplicates: FlexcubeOptions['duplicates'],
): VendorServer {
  const desk: Desk = {
    ...{ book, refusesDuplicates: duplicates === 'refused' },
    ...{ trips: new Map(), details: new Map() },
  };
  const messages = new Set<string>();
  const notifications = startNotifications(book, push);
  return {
    handle: (request) => handle(desk, messages, request),
    failure: (kind) => (kind === 'limited' ? tooMany : down),
    ...notifications,
  };
}

/** Of the proxy of the bank: the gateway itself counts no calls. */
const tooMany: SimAnswer = {
  status: 429,
  headers: { 'content-type': 'text/html', 'retry-after': '2' },
  body: '<html><body>Too many requests</body></html>',
};
const down: SimAnswer = {
  status: 503,
  headers: { 'content-type': 'text/html' },
  body: '<html><body>Service Unavailable</body></html>',
};

function handle(desk: Desk, messages: Set<string>, asked: SimRequest): SimAnswer {
  const request = readRequest(asked);
  if (typeof request === 'string') return soapFault(request);
  const service = services[request.name];
  if (!service) return soapFault(`there is no operation ${request.name}`);
  const refused = refusedHeader(request.header);
  if (refused) return answerTo(request, refused);
  if (service.changes) {
    const { id } = request.header;
    if (messages.has(id)) {
      return answerTo(request, failed('GW-MSG01', `Duplicate message identifier ${id}`));
    }
    remember(messages, id);
  }
  return answerTo(request, serve(service, desk, request.body, request.header.trip));
}

function refusedHeader({ source, user, branch: asked }: Header) {
  if (source !== credentials.source) {
    return failed('GW-SRC01', `Source ${source} is not registered`);
  }
  if (user !== credentials.user) return failed('GW-USR01', `Invalid user ${user}`);
  return asked === branch ? undefined : failed('GW-BRN01', 'User has no rights there');
}

function remember(messages: Set<string>, id: string): void {
  messages.add(id);
  const [oldest] = messages;
  if (messages.size > messagesMax && oldest !== undefined) messages.delete(oldest);
}
