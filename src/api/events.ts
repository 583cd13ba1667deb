// The event log over HTTP: pages, the live tail, single events, their schemas.
import { type Bell, canonicalJson, Fault, internalId, type Uuid, withTx } from '#core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import Type from 'typebox';
import { eventSchema, eventTypes } from './event-types.ts';
import { idOf, type Parts, read } from './routes.ts';
import { problems } from './views.ts';

const pageSize = 200;
/** Streams that one process serves at once. */
const streamsMax = 200;
/** A comment line keeps proxies from closing a quiet stream. */
const heartbeatMs = 15_000;

type Row = { tenant_position: bigint; body: string };

export const eventIdParams = Type.Object({
  id: Type.String({ pattern: '^evt_[0-9a-hjkmnp-tv-z]{26}$' }),
});

export function eventUuid(request: FastifyRequest): Uuid {
  return internalId('event', idOf(request)) as Uuid;
}

/** Texts that are stored or signed are sent as they are. */
export function sendText(reply: FastifyReply, type: string, text: string): FastifyReply {
  return reply
    .header('content-type', type)
    .serializer((body: string) => body)
    .send(text);
}

export function eventRoutes(app: FastifyInstance, parts: Parts, sealed: Bell): void {
  logRoute(app, parts, sealed);

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

function logRoute(app: FastifyInstance, parts: Parts, sealed: Bell): void {
  const stopping = new AbortController();
  app.addHook('preClose', async () => stopping.abort());
  let streams = 0;

  app.get(
    '/v1/events',
    {
      schema: {
        tags: ['events'],
        summary: 'The sealed events of the tenant, in their order',
        description:
          'With `Accept: text/event-stream` the stream stays open and each event carries its ' +
          'position as its id (`Last-Event-ID` resumes); otherwise one page is answered.',
        querystring: Type.Object({
          after: Type.Optional(Type.Integer({ minimum: 0, default: 0 })),
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: pageSize, default: 50 })),
        }),
        response: { ...problems },
      },
    },
    async (request, reply) => {
      const { principal } = await parts.authenticate.fresh(request, 'events:read');
      const query = request.query as { after?: number; limit?: number };
      const after = Number(request.headers['last-event-id'] ?? query.after ?? 0);
      if (!Number.isSafeInteger(after) || after < 0) {
        throw new Fault('invalid_request', 'Last-Event-ID is a position in the log');
      }
      if (!(request.headers.accept ?? '').includes('text/event-stream')) {
        return page(parts, reply, { tenant: principal.tenant, after, limit: query.limit ?? 50 });
      }
      if (streams >= streamsMax) throw new Fault('overloaded', `${streamsMax} streams are open`);
      streams += 1;
      try {
        await stream(parts, { request, reply, after, sealed, stopping: stopping.signal });
      } finally {
        streams -= 1;
      }
      return reply;
    },
  );
}

type Place = { readonly tenant: string; readonly after: number; readonly limit: number };

async function page(parts: Parts, reply: FastifyReply, place: Place): Promise<FastifyReply> {
  const rows = await pageOf(parts, place);
  const items = rows.map((row) => `{"position":${row.tenant_position},"event":${row.body}}`);
  const next = rows.at(-1)?.tenant_position ?? place.after;
  return sendText(reply, 'application/json', `{"items":[${items.join(',')}],"next":${next}}`);
}

async function pageOf({ planes }: Parts, { tenant, after, limit }: Place): Promise<Row[]> {
  const pool = planes.database.pool('read');
  const { rows } = await withTx(
    pool,
    (tx) =>
      tx.query<Row>(
        `select l.tenant_position, e.body
           from core.leaf l join core.event e on e.seq = l.seq and e.tenant_id = l.tenant_id
          where l.tenant_id = $1 and l.tenant_position > $2
          order by l.tenant_position limit $3`,
        [tenant, after, limit],
      ),
    { tenant, readOnly: true },
  );
  return rows;
}

type Stream = {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly after: number;
  readonly sealed: Bell;
  readonly stopping: AbortSignal;
};

async function stream(parts: Parts, options: Stream): Promise<void> {
  const { request, reply, sealed } = options;
  reply.hijack();
  const { raw } = reply;
  const left = new AbortController();
  raw.on('close', () => left.abort());
  const closed = AbortSignal.any([left.signal, options.stopping]);
  raw.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  raw.write(': the events of this tenant\n\n');
  let { after } = options;
  while (!closed.aborted) {
    const since = sealed.count();
    let rows: Row[];
    try {
      // Rights are read anew before every page, so a revoked key ends its stream.
      const { principal } = await parts.authenticate.fresh(request, 'events:read');
      rows = await pageOf(parts, { tenant: principal.tenant, after, limit: pageSize });
    } catch {
      // The reader comes back with the last id that it has seen.
      break;
    }
    for (const row of rows) {
      const { type } = JSON.parse(row.body) as { type: string };
      const text = `id: ${row.tenant_position}\nevent: ${type}\ndata: ${row.body}\n\n`;
      // A reader that is slower than the log waits in TCP, not in our memory.
      if (!raw.write(text)) await drained(raw, closed);
      after = Number(row.tenant_position);
    }
    if (rows.length === pageSize) continue;
    const woken = await sealed.wait(since, heartbeatMs, closed);
    if (!woken && !closed.aborted) raw.write(': still here\n\n');
  }
  raw.end();
}

function drained(raw: FastifyReply['raw'], signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    raw.once('drain', resolve);
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
