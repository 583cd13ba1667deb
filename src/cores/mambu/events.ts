// What Mambu tells of itself: webhooks with the template that our README recommends, and streams
// with cursors where the tenant has them.
import { Fault, instantFromText } from '#core';
import { type CoreEvent, coreEventTypes, type Delivered, type EventSource } from '../adapter.ts';
import { coreFault } from '../failures.ts';
import { isSecret } from '../secret.ts';
import { instantIn, jsonAt, jsonList, jsonText, readJson, type WireJson } from '../wire.ts';
import { type Client, pathPart } from './client.ts';
import { coreName, failureOf } from './errors.ts';

export type EventOptions = {
  /** That every webhook carries in its header; without it no webhook is believed. */
  readonly webhookSecret: string | undefined;
  readonly webhookHeader: string;
  /** Null where the tenant has no streams, or the credentials are no API key. */
  readonly subscription: SubscriptionTerms | null;
};
export type SubscriptionTerms = {
  readonly owningApplication: string;
  readonly consumerGroup: string;
  readonly eventTypes: readonly string[];
};

export const webhookHeaderDefault = 'x-countersign-secret';
const isoType: ReadonlySet<string> = new Set(coreEventTypes);

export function eventsOf(client: Client, options: EventOptions): EventSource | undefined {
  const { webhookSecret: secret, webhookHeader: header, subscription } = options;
  if (secret === undefined && !subscription) return undefined;
  return {
    ...(secret === undefined
      ? {}
      : { accept: (request) => accepted(client, request, { secret, header }) }),
    ...(subscription ? { poll: poller(client, subscription) } : {}),
  };
}

// Webhooks ----------------------------------------------------------------------------------------

/** Nobody signs a webhook of Mambu: who knows the secret of the template is believed. */
function accepted(
  { timeZone }: Client,
  { headers, body }: Delivered,
  { secret, header }: { readonly secret: string; readonly header: string },
): readonly CoreEvent[] {
  if (!isSecret(headers[header], secret)) {
    throw new Fault('unauthenticated', 'the webhook does not carry the secret of its template');
  }
  const json = readJson(body);
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new Fault('invalid_request', 'the webhook is no JSON object');
  }
  const event = eventOf(json, timeZone, {});
  // Of our template, and yet not to be read: the bank shall hear of it.
  if (!event && isoType.has(jsonText(json, 'event') ?? '')) {
    throw new Fault('invalid_request', 'the webhook has no id, or no date that can be read');
  }
  return event ? [event] : [];
}

/** Undefined for what is not of our template. `id` and `occurred` may come from around it. */
function eventOf(
  json: WireJson | undefined,
  timeZone: string,
  around: { readonly id?: string | undefined; readonly occurred?: string | undefined },
): CoreEvent | undefined {
  const type = jsonText(json, 'event') ?? '';
  const id = around.id ?? jsonText(json, 'id');
  if (!isoType.has(type) || id === undefined) return undefined;
  const occurredAt = instantIn(timeZone, around.occurred ?? jsonText(json, 'occurred') ?? '');
  if (occurredAt === undefined) return undefined;
  return {
    ...{ id, type: type as CoreEvent['type'], occurredAt },
    ...{ account: jsonText(json, 'account') ?? null, party: jsonText(json, 'client') ?? null },
  };
}

// Streams -----------------------------------------------------------------------------------------

/** Seconds that a stream waits for events, and events in a batch. */
const [waitSeconds, batchMax] = [1, 100];

/**
 * A cursor is committed when it comes back, for only then what was told has been dealt with. Where
 * its stream is over by then, the same events are told again: their ids are the same.
 */
function poller(client: Client, terms: SubscriptionTerms): NonNullable<EventSource['poll']> {
  return async ({ limit, after, signal }) => {
    const id = await subscribed(client, terms, signal);
    const path = `/api/v1/subscriptions/${pathPart(id)}`;
    if (after !== undefined) await committed(client, path, { after, signal });
    const query = {
      ...{ batch_limit: Math.min(limit, batchMax), stream_limit: limit },
      ...{ stream_timeout: waitSeconds, batch_flush_timeout: waitSeconds },
    };
    const headers = { accept: 'application/x-json-stream' };
    const answer = await client.wire.ask({ path: `${path}/events`, query, headers, signal });
    if (answer.status !== 200) throw coreFault(coreName, failureOf(answer));
    const batches = batchesOf(answer.body);
    const events = batches.flatMap((batch) => toldIn(client, batch));
    events.sort((one, other) => instantOf(one) - instantOf(other));
    const items = batches.map((batch) => jsonAt(batch, 'cursor') ?? null);
    const stream = answer.headers['x-mambu-streamid'] ?? '';
    return { events, cursor: items.length === 0 ? '' : JSON.stringify({ stream, items }) };
  };
}

function instantOf({ occurredAt }: CoreEvent): number {
  return instantFromText(occurredAt) ?? 0;
}

/** The same terms give the same subscription again. */
async function subscribed(
  { wire }: Client,
  { owningApplication, consumerGroup, eventTypes }: SubscriptionTerms,
  signal: AbortSignal | undefined,
): Promise<string> {
  const body = JSON.stringify({
    ...{ owning_application: owningApplication, event_types: eventTypes },
    ...{ consumer_group: consumerGroup, read_from: 'begin' },
  });
  const headers = { accept: 'application/json', 'content-type': 'application/json' };
  const asked = { method: 'POST', path: '/api/v1/subscriptions', headers, body, signal } as const;
  const answer = await wire.ask(asked);
  const id = jsonText(readJson(answer.body), 'id');
  if (answer.status < 300 && id !== undefined) return id;
  throw coreFault(coreName, failureOf(answer));
}

/** A stream that is over takes no commit any more, which is no failure: it is told again. */
async function committed(
  { wire }: Client,
  path: string,
  { after, signal }: { readonly after: string; readonly signal: AbortSignal | undefined },
): Promise<void> {
  const cursor = readJson(after);
  const stream = jsonText(cursor, 'stream');
  const items = jsonList(cursor, 'items');
  if (stream === undefined || items.length === 0) return;
  const type = { accept: 'application/json', 'content-type': 'application/json' };
  const headers = { ...type, 'x-mambu-streamid': stream };
  const body = JSON.stringify({ items });
  const asked = { method: 'POST', path: `${path}/cursors`, headers, body, signal } as const;
  const answer = await wire.ask(asked);
  const isOver = answer.status === 404 || answer.status === 422;
  if (answer.status >= 400 && !isOver) throw coreFault(coreName, failureOf(answer));
}

/** One JSON to a line; the last may be cut off, and is told again then. */
function batchesOf(body: string): readonly WireJson[] {
  return body.split('\n').flatMap((line) => {
    const json = line.trim() === '' ? undefined : readJson(line);
    return json === undefined || jsonAt(json, 'cursor') === undefined ? [] : [json];
  });
}

/** The body of an event is a text, or a JSON of its own. */
function toldIn({ timeZone }: Client, batch: WireJson): readonly CoreEvent[] {
  return jsonList(batch, 'events').flatMap((event) => {
    const body = jsonAt(event, 'body');
    const template = typeof body === 'string' ? readJson(body) : body;
    const id = jsonText(event, 'metadata', 'eid');
    const occurred = jsonText(event, 'metadata', 'occurred_at');
    return eventOf(template, timeZone, { id, occurred }) ?? [];
  });
}
