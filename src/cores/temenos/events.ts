// What Temenos tells: its event store is asked, and a callback of it may arrive.
//
// How a bank calls the events that it streams is its own affair: the setting `eventTypes` says
// which of them is which of ours.
import { Fault, instantToText } from '#core';
import type {
  AdapterOptions,
  CoreEntry,
  CoreEvent,
  Delivered,
  EventSource,
  Paged,
} from '../adapter.ts';
import { coreEventTypes } from '../adapter.ts';
import { isSecret } from '../secret.ts';
import { instantIn, jsonText, localIn, malformed, readJson, type WireJson } from '../wire.ts';
import type { Client } from './client.ts';
import { entryFrom } from './mapping.ts';

/** An event may be stored a little later than it says. */
const settlingMs = 2_000;
/** What is asked for at once: the store knows no pages. */
const windowMs = 3_600_000;
/** How far back the first question goes. */
const firstMs = 86_400_000;

type Types = ReadonlyMap<string, CoreEvent['type']>;

/** Undefined where the bank streams nothing. */
export function eventsOf(
  client: Client,
  { credentials }: Pick<AdapterOptions, 'credentials'>,
): EventSource | undefined {
  const types = typesOf(client.settings['eventTypes'] ?? '');
  if (types.size === 0) return undefined;
  const secret = credentials['callbackSecret'];
  return {
    poll: (query) => poll(client, types, query),
    ...(secret === undefined
      ? {}
      : { accept: (delivered) => accept(delivered, { secret, types, client }) }),
  };
}

/** `entry.booked=Transact.AccountEntryBooked,…`: of ours to those of the bank. */
function typesOf(setting: string): Types {
  const pairs = setting.split(',').filter((pair) => pair.trim() !== '');
  return new Map(
    pairs.map((pair) => {
      const [ours = '', theirs = ''] = pair.split('=').map((part) => part.trim());
      const type = coreEventTypes.find((of) => of === ours);
      if (!type || theirs === '') throw new Fault('input_invalid', `no event type: ${pair}`);
      return [theirs, type] as const;
    }),
  );
}

// Asking ------------------------------------------------------------------------------------------

type Poll = NonNullable<EventSource['poll']>;

/** The cursor is the time of the last event and its id, or where a quiet window has ended. */
async function poll(
  client: Client,
  types: Types,
  { limit, after, signal }: Paged,
): ReturnType<Poll> {
  const { timeZone, now } = client;
  const [since, lastId = ''] = (after ?? '').split('|');
  const latest = now() - settlingMs;
  const from = since ? Date.parse(since) : latest - firstMs;
  const to = Math.min(latest, from + windowMs);
  if (!(to > from)) return { events: [], cursor: after ?? `${instantToText(from)}|` };
  const shown = (at: number) => localIn(timeZone, at).slice(0, 19);
  const query = { fromDate: shown(from), toDate: shown(to) };
  const lists = await Promise.all(
    [...types.keys()].map((type) =>
      client.events({ path: `/events/${encodeURIComponent(type)}`, query, signal }),
    ),
  );
  const isNew = ({ occurredAt, id }: CoreEvent) =>
    Date.parse(occurredAt) > from || (Date.parse(occurredAt) === from && id > lastId);
  const found = lists
    .flat()
    .flatMap((row) => eventFrom(row, { types, timeZone }) ?? [])
    .filter(isNew)
    .sort(byTime);
  const events = found.slice(0, limit);
  const last = events.at(-1);
  const isAll = last === undefined || found.length <= limit;
  const isOver = isAll && to < latest;
  if (last && !isOver) return { events, cursor: `${last.occurredAt}|${last.id}` };
  // A quiet window lies behind us; within the running second more may come.
  const end = Math.floor(to / 1_000) * 1_000;
  return { events, cursor: end > from || !after ? `${instantToText(end)}|` : after };
}

function byTime(one: CoreEvent, other: CoreEvent): number {
  return one.occurredAt === other.occurredAt
    ? compare(one.id, other.id)
    : compare(one.occurredAt, other.occurredAt);
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

// Being called ------------------------------------------------------------------------------------

type Accepting = { readonly secret: string; readonly types: Types; readonly client: Client };

function accept(
  { headers, body }: Delivered,
  { secret, types, client }: Accepting,
): readonly CoreEvent[] {
  const [scheme, shown] = (headers['authorization'] ?? '').split(' ');
  if (scheme !== 'Bearer' || !isSecret(shown, secret)) {
    throw new Fault('unauthenticated', 'the callback does not carry its secret');
  }
  const json = readJson(body);
  if (typeof json !== 'object' || json === null) {
    throw new Fault('invalid_request', 'a callback is an event, or a list of them');
  }
  const rows = (Array.isArray(json) ? json : [json]) as readonly WireJson[];
  return rows.flatMap((row) => {
    if (jsonText(row, 'eventId') === undefined || jsonText(row, 'eventType') === undefined) {
      throw new Fault('invalid_request', 'an event has eventId and eventType');
    }
    return eventFrom(row, { types, timeZone: client.timeZone }) ?? [];
  });
}

// Events ------------------------------------------------------------------------------------------

type Reading = { readonly types: Types; readonly timeZone: string };

/** Undefined for what is not for us. The payload is a text with JSON in it. */
function eventFrom(row: WireJson, { types, timeZone }: Reading): CoreEvent | undefined {
  const type = types.get(jsonText(row, 'eventType') ?? '');
  if (!type) return undefined;
  const id = jsonText(row, 'eventId');
  const occurredAt = instantIn(timeZone, jsonText(row, 'creationTime') ?? '');
  if (id === undefined || occurredAt === undefined) throw malformed('temenos', 'an event');
  const payload = readJson(jsonText(row, 'payload') ?? '');
  const entry = type === 'entry.booked' ? entryOf(payload, timeZone) : undefined;
  return {
    ...{ id, type, occurredAt },
    account: jsonText(payload, 'accountId') ?? null,
    party: jsonText(payload, 'customerId') ?? null,
    ...(entry ? { entry } : {}),
  };
}

const entryFields = ['entryReference', 'currencyId', 'amount', 'bookingDate'];

/** Where the payload carries all of it; otherwise the entries of the account are read. */
function entryOf(payload: WireJson | undefined, timeZone: string): CoreEntry | undefined {
  if (payload === undefined) return undefined;
  if (entryFields.some((name) => jsonText(payload, name) === undefined)) return undefined;
  try {
    return entryFrom(payload, timeZone);
  } catch {
    // One that nobody can read holds up no other: the account's entries are read instead.
    return undefined;
  }
}
