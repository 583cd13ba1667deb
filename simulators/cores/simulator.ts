// A simulated core: HTTP in front of a book, in the words of one vendor, with faults by command.
//
// Everything below `/_sim` is the simulator's own: how tests and people seed it, look into it, and
// make it fail. All else is the vendor's.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '#core';
import { type Book, createBook, decide, type Seed, seedBook } from './book.ts';

/** One vendor: it reads requests and the book, and answers as that vendor would. */
export type Vendor = {
  readonly name: string;
  /** What an adapter needs to speak to it: as in the README of the adapter. */
  readonly credentials: Readonly<Record<string, string>>;
  readonly settings?: Readonly<Record<string, string>>;
  /** The forms of ids that it takes. */
  readonly ids: VendorIds;
  readonly open: (book: Book, options: VendorOptions) => VendorServer;
};

/** Of the first, second … account and party; the product by which accounts are kept. */
export type VendorIds = {
  readonly account: (number: number) => string;
  readonly party: (number: number) => string;
  readonly product: string;
};

export type VendorOptions = {
  /** Calls a webhook or relay: bounded in time, told again on failure, at most a few times. */
  readonly push: (delivery: Push) => void;
};
export type Push = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

export type VendorServer = {
  readonly handle: (request: SimRequest) => SimAnswer | Promise<SimAnswer>;
  /** In the vendor's words, for a failure that a fault asks for. */
  readonly failure: (kind: 'unavailable' | 'limited') => SimAnswer;
  /** Tells all events again, or those of one account. */
  readonly redeliver?: (account?: string) => void;
  /** Where the vendor's events go: a webhook or relay of ours. */
  readonly subscribe?: (to: { readonly url: string; readonly secret: string }) => void;
};

export type SimRequest = {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};
export type SimAnswer = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
};

/**
 * `latency`: answers late. `lost`: does it and never answers. `duplicate`: the network brings the
 * request twice. `unavailable`: fails before doing anything; `failed_after`: does it, then fails.
 * `malformed`: does it, and cuts the answer. `limited`: too many calls. `skew`: the clock of the
 * core is off by `ms` from now on. `redelivery`: events are told again.
 */
export const faultKinds = [
  ...(['latency', 'lost', 'duplicate', 'unavailable', 'failed_after'] as const),
  ...(['malformed', 'limited', 'skew', 'redelivery'] as const),
] as const;
export type SimFault = {
  readonly kind: (typeof faultKinds)[number];
  /** A regular expression on `METHOD path body`; every request unless given. */
  readonly match?: string;
  /** How many requests it befalls. Default: 1. */
  readonly times?: number;
  /** Of latency (default 200) and skew, milliseconds. */
  readonly ms?: number;
};

export type Simulator = {
  readonly name: string;
  readonly url: string;
  readonly book: Book;
  readonly credentials: Readonly<Record<string, string>>;
  readonly settings: Readonly<Record<string, string>>;
  readonly inject: (fault: SimFault) => void;
  readonly heal: () => void;
  readonly subscribe: (to: { readonly url: string; readonly secret: string }) => void;
  readonly close: () => Promise<void>;
};

type Running = {
  readonly vendor: Vendor;
  readonly server: VendorServer;
  readonly book: Book;
  readonly faults: { fault: SimFault; left: number }[];
  readonly skew: { ms: number };
};

const bodyMaxBytes = 4 * 1024 * 1024;
const [pushTimeoutMs, pushAttempts, pushPauseMs] = [2_000, 5, 100];

export async function startSimulator(
  vendor: Vendor,
  { clock, port = 0, seed }: { clock: Clock; port?: number; seed?: Seed },
): Promise<Simulator> {
  const skew = { ms: 0 };
  const book = createBook({ now: () => clock.now() + skew.ms });
  if (seed) seedBook(book, seed);
  const stopped = new AbortController();
  const push = (delivery: Push) => void deliver(delivery, stopped.signal);
  const running = { vendor, book, skew, faults: [], server: vendor.open(book, { push }) };
  const http = createServer((request, response) => {
    answer(running, request, response).catch((error: unknown) => {
      response.destroy(error as Error);
    });
  });
  http.listen(port, '127.0.0.1');
  await once(http, 'listening');
  return {
    ...{ name: vendor.name, book, credentials: vendor.credentials },
    settings: vendor.settings ?? {},
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    inject: (fault) => inject(running, fault),
    heal: () => heal(running),
    subscribe: (to) => running.server.subscribe?.(to),
    close: () => close(http, stopped),
  };
}

async function close(http: Server, stopped: AbortController): Promise<void> {
  stopped.abort();
  http.close();
  http.closeAllConnections();
  await once(http, 'close');
}

// Faults ------------------------------------------------------------------------------------------

function inject({ faults, skew, server }: Running, fault: SimFault): void {
  if (fault.kind === 'skew') skew.ms = fault.ms ?? 0;
  else if (fault.kind === 'redelivery') server.redeliver?.(fault.match);
  else faults.push({ fault, left: fault.times ?? 1 });
}

function heal({ faults, skew }: Running): void {
  faults.length = 0;
  skew.ms = 0;
}

function befalling({ faults }: Running, { method, path, body }: SimRequest): SimFault | undefined {
  const text = `${method} ${path} ${body}`;
  const found = faults.find(
    ({ fault: { match }, left }) => left > 0 && (!match || new RegExp(match).test(text)),
  );
  if (found) found.left -= 1;
  return found?.fault;
}

// HTTP --------------------------------------------------------------------------------------------

async function answer(
  running: Running,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const asked = await read(request);
  if (asked.path.startsWith('/_sim/')) return send(response, own(running, asked));
  const fault = befalling(running, asked);
  const { server } = running;
  switch (fault?.kind) {
    case undefined:
    case 'skew':
    case 'redelivery':
      break;
    case 'latency':
      await sleep(fault.ms ?? 200);
      break;
    case 'lost':
      await server.handle(asked);
      return void response.destroy();
    case 'duplicate':
      await server.handle(asked);
      break;
    case 'unavailable':
    case 'limited':
      return send(response, server.failure(fault.kind));
    case 'failed_after':
      await server.handle(asked);
      return send(response, { status: 502, body: '<html>Bad Gateway</html>' });
    case 'malformed': {
      const { body, ...rest } = await server.handle(asked);
      return send(response, { ...rest, body: body.slice(0, Math.floor(body.length / 2)) });
    }
  }
  send(response, await server.handle(asked));
}

async function read(request: IncomingMessage): Promise<SimRequest> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > bodyMaxBytes) throw new Error('the body is too large');
    parts.push(part);
  }
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://core');
  const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)]);
  return {
    method: request.method ?? 'GET',
    path: pathname,
    query: searchParams,
    headers: Object.fromEntries(headers) as Record<string, string>,
    body: Buffer.concat(parts).toString('utf8'),
  };
}

/** An informational status is all that is ever sent: nothing final follows it. */
function send(response: ServerResponse, { status, headers = {}, body }: SimAnswer): void {
  if (status === 102) response.writeProcessing();
  else response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
}

/** The simulator's own calls: `/_sim/seed`, `/_sim/faults`, `/_sim/book`, `/_sim/decide`. */
function own(running: Running, { method, path, body }: SimRequest): SimAnswer {
  const { book } = running;
  const given = body === '' ? {} : (JSON.parse(body) as Record<string, never>);
  const done = (told: unknown) => ({ status: 200, body: JSON.stringify(told) });
  switch (`${method} ${path.slice('/_sim/'.length)}`) {
    case 'POST seed':
      seedBook(book, given);
      return done({ parties: book.parties.size, accounts: book.accounts.size });
    case 'POST faults':
      inject(running, given as unknown as SimFault);
      return done({});
    case 'DELETE faults':
      heal(running);
      return done({});
    case 'POST decide':
      return done(decide(book, given['id'] ?? '', given['agreed'] === true));
    case 'POST subscribe':
      running.server.subscribe?.(given as unknown as { url: string; secret: string });
      return done({});
    case 'GET book':
      return done({
        accounts: Array.from(book.accounts.values(), ({ entries, ...of }) => {
          return { ...of, entries: entries.length };
        }),
        moves: book.moves.length,
      });
    default:
      return { status: 404, body: JSON.stringify({ error: `there is no ${method} ${path}` }) };
  }
}

/** Tells it again where nobody has taken it, at most a few times. */
async function deliver({ url, headers, body }: Push, signal: AbortSignal): Promise<void> {
  for (let attempt = 0; attempt < pushAttempts && !signal.aborted; attempt += 1) {
    try {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(pushTimeoutMs)]);
      const { ok } = await fetch(url, { method: 'POST', headers, body, signal: limit });
      if (ok) return;
    } catch {
      // Nobody listens just now.
    }
    await sleep(pushPauseMs * 2 ** attempt, undefined, { signal }).catch(() => undefined);
  }
}
