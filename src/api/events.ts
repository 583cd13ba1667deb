// The event log over HTTP: pages, the live tail, what has changed, single events, their schemas.
import {
  type Bell,
  canonicalJson,
  Fault,
  instantToText,
  internalId,
  type Principal,
  refuseField,
  type Tx,
  type Uuid,
  withTx,
} from '#core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import Type from 'typebox';
import { eventSchema, eventSummary, eventTypes } from './event-types.ts';
import { idOf, type Parts, read, severalIn } from './routes.ts';
import { type Feed, openStreams, type SendFeed } from './streams.ts';
import { problems } from './views.ts';

const pageSize = 200;
/** Positions at which a page of some types alone looks. */
const scanMax = 5_000;

type Row = { tenant_position: bigint; type: string; body: string };

export const eventIdParams = Type.Object({
  id: Type.String({ pattern: '^evt_[0-9a-hjkmnp-tv-z]{26}$' }),
});

export function eventUuid(request: FastifyRequest): Uuid {
  return internalId('event', idOf(request)) as Uuid;
}

const eventType = Type.Object({
  type: Type.String(),
  summary: Type.String({ description: 'What it tells: Markdown, without blocks.' }),
  schema: Type.String(),
});

/** Texts that are stored or signed are sent as they are. */
export function sendText(reply: FastifyReply, type: string, text: string): FastifyReply {
  return reply
    .header('content-type', type)
    .serializer((body: string) => body)
    .send(text);
}

export function eventRoutes(app: FastifyInstance, parts: Parts, sealed: Bell): void {
  const send = openStreams(app, parts, sealed);
  logRoute(app, parts, send);
  changesRoute(app, parts, send);

  app.get(
    '/v1/events/:id',
    {
      schema: {
        tags: ['events'],
        summary: 'Read an event: exactly the text that was stored',
        params: eventIdParams,
        response: { ...problems },
      },
    },
    async (request, reply) => {
      const body = await read(
        parts,
        request,
        async (tx) => {
          const { rows } = await tx.query<{ body: string }>(
            'select body from core.event where tenant_id = core.current_tenant() and id = $1',
            [eventUuid(request)],
          );
          return rows[0]?.body;
        },
        'events:read',
      );
      return sendText(reply, 'application/cloudevents+json', body);
    },
  );

  app.get(
    '/v1/event-types',
    {
      schema: {
        tags: ['events'],
        summary: 'Every type of event, what it tells, and where its JSON Schema is',
        security: [],
        response: {
          200: Type.Object({
            items: Type.Array(eventType),
          }),
          ...problems,
        },
      },
    },
    async () => ({
      items: eventTypes.map((type) => ({
        ...{ type, summary: eventSummary(type), schema: `/v1/event-schemas/${type}/1` },
      })),
    }),
  );

  app.get(
    '/v1/event-schemas/:type/:version',
    {
      schema: {
        tags: ['events'],
        summary: 'The JSON Schema of an event type',
        security: [],
        params: Type.Object({ type: Type.String(), version: Type.Literal('1') }),
        response: { ...problems },
      },
    },
    async (request, reply) => {
      const { type } = request.params as { type: string };
      if (!eventTypes.includes(type)) throw new Fault('not_found', `there is no event ${type}`);
      const text = canonicalJson(JSON.parse(JSON.stringify(eventSchema(type))));
      return sendText(reply, 'application/schema+json', text);
    },
  );
}

// The log -----------------------------------------------------------------------------------------

const logQuery = Type.Object({
  after: Type.Optional(Type.Integer({ minimum: 0 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: pageSize, default: 50 })),
  order: Type.Optional(Type.Enum(['asc', 'desc'], { default: 'asc' })),
  type: Type.Optional(
    Type.String({
      pattern: '^[a-z_]{1,40}\\.[a-z_]{1,40}(,[a-z_]{1,40}\\.[a-z_]{1,40}){0,49}$',
      description: 'One or several types, with commas between them.',
    }),
  ),
});

function logRoute(app: FastifyInstance, parts: Parts, send: SendFeed): void {
  app.get(
    '/v1/events',
    {
      schema: {
        tags: ['events'],
        summary: 'The sealed events of the tenant, in their order',
        description:
          'With `Accept: text/event-stream` the stream stays open and each event carries its ' +
          'position as its id (`Last-Event-ID` resumes); otherwise one page is answered. Of ' +
          'some types alone a page may be empty: `next` goes on from where it has looked, and ' +
          'is null at the beginning of the log when it is read downwards.',
        querystring: logQuery,
        response: { ...problems },
      },
    },
    async (request, reply) => {
      const { principal } = await parts.authenticate.fresh(request, 'events:read');
      const { limit = 50, order = 'asc', ...query } = request.query as Type.Static<typeof logQuery>;
      const types = severalIn(query.type);
      const after = lastSeen(request) ?? query.after;
      if (!(request.headers.accept ?? '').includes('text/event-stream')) {
        return sendPage(
          reply,
          await pageOf(parts, principal.tenant, { after, limit, order, types }),
        );
      }
      if (order === 'desc') refuseField('/order', 'a stream goes on upwards');
      return send(request, reply, eventFeed(parts, principal, after ?? 0, types));
    },
  );
}

/** The last id that a reader of a stream has seen, when it comes back. */
function lastSeen(request: FastifyRequest): number | undefined {
  const text = request.headers['last-event-id'];
  if (text === undefined) return undefined;
  const position = Number(text);
  if (Number.isSafeInteger(position) && position >= 0) return position;
  throw new Fault('invalid_request', 'Last-Event-ID is a position in the log');
}

function sendPage(reply: FastifyReply, { rows, next }: EventPage): FastifyReply {
  const items = rows.map((row) => `{"position":${row.tenant_position},"event":${row.body}}`);
  return sendText(reply, 'application/json', `{"items":[${items.join(',')}],"next":${next}}`);
}

function eventFeed(
  parts: Parts,
  reader: Principal,
  from: number,
  types: readonly string[] | undefined,
): Feed {
  let after = from;
  return {
    reader,
    scope: 'events:read',
    opening: ': the events of this tenant\n\n',
    async next(tenant) {
      const place = { after, limit: pageSize, order: 'asc', types } as const;
      const { rows, next, size } = await pageOf(parts, tenant, place);
      after = next ?? after;
      const texts = rows.map(
        (row) => `id: ${row.tenant_position}\nevent: ${row.type}\ndata: ${row.body}\n\n`,
      );
      return { texts, isMore: after < size };
    },
  };
}

type Place = {
  readonly after: number | undefined;
  readonly limit: number;
  readonly order: 'asc' | 'desc';
  readonly types: readonly string[] | undefined;
};
type EventPage = {
  readonly rows: readonly Row[];
  /** Where the next page begins; null before the first event. */
  readonly next: number | null;
  /** How many events are sealed. */
  readonly size: number;
};

/** Positions are dense, so where a page has looked is known without reading it. */
async function pageOf({ planes }: Parts, tenant: string, place: Place): Promise<EventPage> {
  const { after, limit, order, types } = place;
  const isUp = order === 'asc';
  const lookAt = types === undefined ? limit : scanMax;
  const work = async (tx: Tx) => {
    const size = await sizeOf(tx);
    // Behind one place, up to and including the other.
    const [from, to] = isUp
      ? [after ?? 0, Math.min(size, (after ?? 0) + lookAt)]
      : belowOf(Math.min(after ?? size + 1, size + 1), lookAt);
    const { rows } = await tx.query<Row>(
      `select l.tenant_position, e.type, e.body
         from core.leaf l join core.event e on e.seq = l.seq and e.tenant_id = l.tenant_id
        where l.tenant_id = $1 and l.tenant_position > $2 and l.tenant_position <= $3
          and ($4::text[] is null or e.type = any ($4))
        order by l.tenant_position ${order} limit $5`,
      [tenant, from, to, types ?? null, limit],
    );
    const last = rows.length === limit ? Number(rows.at(-1)?.tenant_position) : undefined;
    if (isUp) return { rows, next: last ?? Math.max(from, to), size };
    const next = last ?? from + 1;
    return { rows, next: next === 1 ? null : next, size };
  };
  return withTx(planes.database.pool('read'), work, { tenant, readOnly: true });
}

function belowOf(end: number, count: number): [number, number] {
  return [Math.max(0, end - 1 - count), end - 1];
}

/** How many events of the tenant are sealed. */
async function sizeOf(tx: Tx): Promise<number> {
  const { rows } = await tx.query<{ size: bigint }>(
    'select size from core.tree where tenant_id = core.current_tenant()',
  );
  return Number(rows[0]?.size ?? 0n);
}

// Changes -----------------------------------------------------------------------------------------

/** Sealed positions that one message counts: of more it says that it has skipped them. */
const countedMax = 5_000;
const changesPauseMs = 1_000;

function changesRoute(app: FastifyInstance, parts: Parts, send: SendFeed): void {
  const { planes, authenticate } = parts;
  app.get(
    '/v1/changes',
    {
      schema: {
        tags: ['events'],
        summary: 'That something has happened: how many events of each type, once a second at most',
        description:
          'Server-sent events named `changes`, for screens that then read what they show. Each ' +
          'is `{position, at, types, skipped}`: the last position that it counts, how many of ' +
          'each type were sealed since the message before, and how many positions it has left ' +
          'out. Begins with what is sealed next, or behind `Last-Event-ID`.',
        produces: ['text/event-stream'],
        response: { ...problems },
      },
    },
    async (request, reply) => {
      const { principal } = await authenticate.fresh(request, 'policy:read');
      const size = await readAs(principal.tenant, sizeOf);
      // A reader that has seen more than there is has seen another log.
      let after = Math.min(lastSeen(request) ?? size, size);
      return send(request, reply, {
        reader: principal,
        scope: 'policy:read',
        // An id without a message: who is cut off before the first one misses nothing either.
        opening: `: changes of this tenant\nid: ${after}\n\n`,
        pauseMs: changesPauseMs,
        async next(tenant) {
          const found = await readAs(tenant, (tx) => changesSince(tx, after));
          if (!found) return { texts: [], isMore: false };
          after = found.position;
          const at = instantToText(planes.clock.now());
          const data = JSON.stringify({ at, ...found });
          return { texts: [`id: ${after}\nevent: changes\ndata: ${data}\n\n`], isMore: false };
        },
      });
    },
  );

  function readAs<Found>(tenant: string, work: (tx: Tx) => Promise<Found>): Promise<Found> {
    return withTx(planes.database.pool('read'), work, { tenant, readOnly: true });
  }
}

type Changes = {
  readonly position: number;
  readonly types: Readonly<Record<string, number>>;
  readonly skipped: number;
};

async function changesSince(tx: Tx, after: number): Promise<Changes | undefined> {
  const position = await sizeOf(tx);
  if (position <= after) return undefined;
  const from = Math.max(after, position - countedMax);
  const { rows } = await tx.query<{ type: string; count: bigint }>(
    `select e.type, count(*)
       from core.leaf l join core.event e on e.seq = l.seq and e.tenant_id = l.tenant_id
      where l.tenant_id = core.current_tenant()
        and l.tenant_position > $1 and l.tenant_position <= $2
      group by e.type order by e.type`,
    [from, position],
  );
  const types = Object.fromEntries(rows.map(({ type, count }) => [type, Number(count)]));
  return { position, types, skipped: from - after };
}
