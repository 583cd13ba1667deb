// How a simulated Mambu tells of what happens: webhooks from a template that the tenant has
// written, and streams with cursors (version 1).
import { type BookEvent, listenTo } from '../book.ts';
import type { SimAnswer, SimRequest } from '../simulator.ts';
import { keyOf, type State, type Subscription } from './state.ts';
import { instantOf, isObject, readSent, type Sent, textOf } from './wire.ts';

/** What the template that the README of the adapter recommends calls each kind. */
const toldAs = {
  entry: 'entry.booked',
  hold: 'hold.changed',
  account: 'account.changed',
  party: 'party.changed',
  loan: 'loan.changed',
} as const satisfies Record<BookEvent['kind'], string>;

// Webhooks ----------------------------------------------------------------------------------------

export function tellWebhooks(state: State): void {
  listenTo(state.book, (event) => {
    for (const to of state.webhooks) deliver(state, event, to);
  });
}

export function subscribe(state: State, to: { url: string; secret: string }): void {
  state.webhooks.push(to);
}

export function redeliver(state: State, account?: string): void {
  const events = state.book.events.filter((event) => !account || event.account === account);
  for (const event of events) {
    for (const to of state.webhooks) deliver(state, event, to);
  }
  for (const { committed } of state.subscriptions.values()) committed.clear();
}

function deliver(state: State, event: BookEvent, to: State['webhooks'][number]): void {
  const headers = { 'content-type': 'application/json', 'x-countersign-secret': to.secret };
  state.push({ url: to.url, headers, body: bodyOf(state, event) });
}

/** As the template fills in its placeholders. */
function bodyOf({ timeZone }: State, event: BookEvent): string {
  return JSON.stringify({
    ...{ event: toldAs[event.kind], id: idOf(event) },
    occurred: instantOf(timeZone, event.at),
    ...{ account: event.account ?? '', client: event.party ?? '' },
  });
}

/** A UUID, always the same for an event. */
function idOf({ number }: BookEvent): string {
  const key = keyOf('event', number);
  return [key.slice(0, 8), key.slice(8, 12), `4${key.slice(13, 16)}`, `8${key.slice(17, 20)}`]
    .concat(key.slice(20))
    .join('-');
}

// Streams -----------------------------------------------------------------------------------------

/** Without a commit a stream is closed after so long. */
const streamForMs = 60_000;
const batchMax = 100;
const partition = '0';
const typePattern = /^mrn\.event\.[\w-]+\.streamingapi\.(\w+)$/;

export function streaming(state: State, request: SimRequest): SimAnswer {
  const [, id, what] =
    /^\/api\/v1\/subscriptions(?:\/([\w-]+)\/(events|cursors))?$/.exec(request.path) ?? [];
  if (request.method === 'POST' && request.path === '/api/v1/subscriptions') {
    return subscription(state, readSent(request.body));
  }
  const found = state.subscriptions.get(id ?? '');
  if (!found) return problem(404, 'the subscription is not there');
  if (request.method === 'GET' && what === 'events') return events(state, found, request);
  if (request.method === 'POST' && what === 'cursors') return commit(state, found, request);
  return problem(405, 'there is no such method');
}

function problem(status: number, detail: string): SimAnswer {
  const body = JSON.stringify({
    type: 'https://httpstatuses.io',
    title: 'Problem',
    status,
    detail,
  });
  return { status, headers: { 'content-type': 'application/problem+json' }, body };
}

/** Who asks for the same again is given the same again. */
function subscription(state: State, body: Sent | undefined): SimAnswer {
  if (!isObject(body)) return problem(400, 'the body is not readable');
  const { owning_application: owner, event_types: types, consumer_group: group } = body;
  const { read_from: from = 'end' } = body;
  const all = Array.isArray(types) ? (types as readonly Sent[]) : [];
  const names = all.map((name) => textOf(name) ?? '');
  if (textOf(owner) === undefined) return problem(422, 'owning_application is missing');
  if (names.length === 0 || names.some((name) => !typePattern.test(name))) {
    return problem(422, 'event_types are missing');
  }
  if (from !== 'begin' && from !== 'end') return problem(422, 'read_from is not known');
  const terms = JSON.stringify([owner, group, names.toSorted()]);
  const known = [...state.subscriptions.values()].find((each) => each.terms === terms);
  const made = known ?? newSubscription(state, terms, names, from === 'begin');
  const told = {
    ...{ id: made.id, owning_application: owner, event_types: made.types },
    ...{ consumer_group: group ?? 'default', read_from: from },
    created_at: instantOf('UTC', made.createdAt),
    updated_at: instantOf('UTC', made.createdAt),
  };
  return { status: known ? 200 : 201, body: JSON.stringify(told) };
}

function newSubscription(
  state: State,
  terms: string,
  types: readonly string[],
  isFromBegin: boolean,
): Subscription {
  const { book, subscriptions } = state;
  const id = keyOf('subscription', terms);
  const last = isFromBegin ? 0 : (book.events.at(-1)?.number ?? 0);
  const committed = new Map(types.map((type) => [type, last]));
  const made = { ...{ id, terms, types, committed }, createdAt: book.clock.now() };
  const opened = { ...made, streams: new Map<string, number>() };
  subscriptions.set(id, opened);
  return opened;
}

/** What is not committed yet, a batch for each event type, then the end of the stream. */
function events(state: State, of: Subscription, { query }: SimRequest): SimAnswer {
  const { book, timeZone } = state;
  const limit = Math.min(Number(query.get('stream_limit') ?? batchMax) || batchMax, 10_000);
  const stream = keyOf('stream', `${of.id} ${of.streams.size}`);
  of.streams.set(stream, book.clock.now());
  const waiting = book.events.flatMap((event) => {
    const type = of.types.find((each) => typePattern.exec(each)?.[1] === event.kind);
    const isNew = type !== undefined && event.number > (of.committed.get(type) ?? 0);
    return isNew ? [{ type, event }] : [];
  });
  const byType = Map.groupBy(waiting.slice(0, limit), ({ type }) => type);
  const lines = [...byType].map(([type, told]) => {
    const offset = String(told.at(-1)?.event.number ?? 0).padStart(18, '0');
    const cursor = { partition, offset, event_type: type, cursor_token: keyOf('cursor', offset) };
    const batch = told.map(({ event }) => ({
      metadata: {
        ...{ eid: idOf(event), event_type: type, occurred_at: instantOf(timeZone, event.at) },
        ...{ content_type: 'application/json', category: 'DATA' },
      },
      ...{ body: bodyOf(state, event), template_name: 'countersign' },
    }));
    return JSON.stringify({ cursor, events: batch });
  });
  const type = { 'content-type': 'application/x-json-stream', 'x-mambu-streamid': stream };
  return { status: 200, headers: type, body: lines.map((line) => `${line}\n`).join('') };
}

function commit({ book }: State, of: Subscription, { headers, body }: SimRequest): SimAnswer {
  const stream = headers['x-mambu-streamid'] ?? '';
  const openedAt = of.streams.get(stream);
  const now = book.clock.now();
  if (openedAt === undefined || now - openedAt > streamForMs) {
    return problem(422, 'the stream is not open');
  }
  const sent = readSent(body);
  const items = isObject(sent) && Array.isArray(sent['items']) ? sent['items'] : undefined;
  if (!items || items.length === 0) return problem(422, 'items are missing');
  const results = (items as readonly Sent[]).map((item) => {
    const {
      event_type: type,
      offset,
      partition: part,
      cursor_token: token,
    } = isObject(item) ? item : {};
    const isReal = token === keyOf('cursor', textOf(offset) ?? '') && part === partition;
    if (!isReal || !of.types.includes(textOf(type) ?? '')) return undefined;
    const [name, at] = [textOf(type) ?? '', Number(textOf(offset))];
    const isAhead = at > (of.committed.get(name) ?? 0);
    if (isAhead) of.committed.set(name, at);
    return { cursor: item, result: isAhead ? 'committed' : 'outdated' };
  });
  if (results.includes(undefined)) return problem(422, 'a cursor is not known');
  of.streams.set(stream, now);
  const isAll = results.every((each) => each?.result === 'committed');
  return isAll
    ? { status: 204, body: '' }
    : { status: 200, body: JSON.stringify({ items: results }) };
}
