// A simulated Finacle: FIXML over one address, in front of a book, with that core's habits.
//
// Status 200 whatever it says; no memory of requests unless the bank has set it so; values padded
// with blanks; liens that are gone once they hold nothing. The relay of events is our own form.
import { type Book, type BookEvent, listenTo } from '../book.ts';
import type { SimAnswer, SimRequest, Vendor, VendorOptions, VendorServer } from '../simulator.ts';
import {
  type Asked,
  type Bank,
  isInsistence,
  localTime,
  readRequest,
  refuse,
  type Said,
  writeAnswer,
} from './envelope.ts';
import { inquiries, type Place, rowOf } from './inquiries.ts';
import { type Liens, lienServices } from './liens.ts';
import { orders } from './orders.ts';

export type FinacleTerms = Partial<
  Pick<Bank, 'refusesRepeated' | 'listsEmptyLiens' | 'timeZone'>
> & {
  /** As the adapter is to be set up for it. */
  readonly settings?: Readonly<Record<string, string>>;
};

export const finacle: Vendor = finacleWith({});

/** The same bank, set up in another way. */
export function finacleWith({ settings = {}, ...terms }: FinacleTerms): Vendor {
  const bank: Bank = {
    ...{ bankId: '01', branchId: '0001', userId: 'FIUSR1', password: 'fi-password-of-tests' },
    ...{ relaySecret: 'relay-secret-of-tests', timeZone: 'UTC' },
    ...{ refusesRepeated: false, listsEmptyLiens: false },
    ...terms,
  };
  const { userId, password, relaySecret, bankId, branchId } = bank;
  return {
    name: 'finacle',
    credentials: { userId, password, relaySecret },
    settings: { bankId, branchId, loans: 'on', contacts: 'on', ...settings },
    ids: {
      account: (number) => `100011001000${String(number).padStart(4, '0')}`,
      party: (number) => String(1_010_000 + number),
      product: 'SBGEN',
    },
    open: (book, options) => open(book, bank, options),
  };
}

type State = Place & { readonly liens: Liens; readonly seen: Set<string> };

function open(book: Book, bank: Bank, { push }: VendorOptions): VendorServer {
  const state: State = { book, bank, liens: new Map(), seen: new Set() };
  const relays: { readonly url: string; readonly secret: string }[] = [];
  const relay = (event: BookEvent) => {
    for (const { url, secret } of relays) {
      const body = JSON.stringify({ coreEvents: { event: [told(state, event)] } });
      const headers = { 'content-type': 'application/json', 'x-relay-secret': secret };
      push({ url, headers, body });
    }
  };
  listenTo(book, relay);
  return {
    handle: (request) => handle(state, request),
    failure: (kind) =>
      kind === 'limited'
        ? { ...plain(429, 'Too Many Requests'), headers: { 'retry-after': '1' } }
        : plain(503, 'Service Unavailable'),
    redeliver: (account) => {
      const again = book.events.filter((each) => !account || each.account === account);
      for (const event of again) relay(event);
    },
    subscribe: (to) => void relays.push(to),
  };
}

/** By a web server in front of the core. */
function plain(status: number, words: string): SimAnswer {
  return { status, headers: { 'content-type': 'text/html' }, body: `<html>${words}</html>` };
}

const path = '/FISERVLET/fihttp';

function handle(state: State, request: SimRequest): SimAnswer {
  if (request.path !== path) return plain(404, 'Not Found');
  if (request.method !== 'POST') return plain(405, 'Method Not Allowed');
  const { bank, book } = state;
  const now = book.clock.now();
  let asked: Pick<Asked, 'uuid' | 'service'> = namesIn(request.body);
  try {
    const read = readRequest(request.body, bank);
    asked = read;
    return writeAnswer(asked, serve(state, read), { bank, now });
  } catch (error) {
    if (!isInsistence(error)) return writeAnswer(asked, { broken: 'ERROR' }, { bank, now });
    return writeAnswer(asked, refuse('FI001', error.message), { bank, now });
  }
}

/** To answer what is not in order under the names that it gives itself. */
function namesIn(body: string): Pick<Asked, 'uuid' | 'service'> {
  const at = (name: string) => new RegExp(`<${name}>([\\w-]{1,60})</${name}>`).exec(body)?.[1];
  return { uuid: at('RequestUUID') ?? 'null', service: at('ServiceRequestId') ?? 'null' };
}

function serve(state: State, asked: Asked): Said {
  const { service, uuid } = asked;
  const inquiry = inquiries[service];
  if (inquiry) return inquiry(state, asked);
  const lien = lienServices[service];
  if (lien && service === 'AcctLienInq') return lien(state, asked);
  const order = orders[service];
  if (!order && !lien) return refuse('FI002', 'INVALID ServiceRequestId');
  if (state.bank.refusesRepeated && state.seen.has(uuid)) {
    return refuse('FI003', 'DUPLICATE RequestUUID');
  }
  state.seen.add(uuid);
  return order ? order(state, asked) : (lien?.(state, asked) ?? refuse('FI002', ''));
}

// Events ------------------------------------------------------------------------------------------

const eventTypes = {
  ...{ entry: 'transaction', hold: 'lien', account: 'account', party: 'customer', loan: 'loan' },
} as const satisfies Record<BookEvent['kind'], string>;

function told({ book, bank }: State, event: BookEvent) {
  const { number, kind, account, party, entry, at } = event;
  const currency = book.accounts.get(account ?? '')?.currency ?? 'EUR';
  return {
    eventId: `EV${number}`,
    ...{ eventType: eventTypes[kind], eventDt: localTime(at, bank) },
    ...(account === null ? {} : { acid: account }),
    ...(party === null ? {} : { custId: party }),
    ...(entry ? { transactionDetails: rowOf({ book, bank }, entry, currency) } : {}),
  };
}
