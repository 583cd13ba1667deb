// The event log over HTTP: live tail, single events, receipts, checkpoints, schemas.
import {
  type Bell,
  canonicalJson,
  Fault,
  internalId,
  logOrigin,
  readConsistency,
  readReceipt,
  type Tx,
  type Uuid,
  verifierKey,
  withTx,
} from '#core';
import type { Planes } from '#main';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import Type from 'typebox';
import type { Authenticate } from './authenticate.ts';
import { eventSchema, eventTypes } from './event-types.ts';
import { problems } from './views.ts';

const pageSize = 200;
/** Streams that one process serves at once. */
const streamsMax = 200;
/** A comment line keeps proxies from closing a quiet stream. */
const heartbeatMs = 15_000;

type Row = { tenant_position: bigint; body: string };

export function eventRoutes(
  app: FastifyInstance,
  parts: { planes: Planes; authenticate: Authenticate; sealed: Bell },
): void {
  const { planes, authenticate, sealed } = parts;
  const pool = planes.database.pool('read');
  const read = async <T>(
    request: FastifyRequest,
    fn: (tx: Tx, tenant: string) => Promise<T | undefined>,
  ): Promise<T> => {
    const { principal } = await authenticate.fresh(request, 'events:read');
    const { tenant } = principal;
    const found = await withTx(pool, (tx) => fn(tx, tenant), { tenant });
    if (found === undefined) throw new Fault('not_found', `there is no ${request.url}`);
    return found;
  };
  let streams = 0;
  const stopping = new AbortController();
  app.addHook('preClose', async () => stopping.abort());

  async function pageOf(tenant: string, after: bigint, limit: number): Promise<Row[]> {
    return withTx(
      pool,
      async (tx) =>
        (
          await tx.query<Row>(
            `select l.tenant_position, e.body
               from core.leaf l join core.event e on e.seq = l.seq and e.tenant_id = l.tenant_id
              where l.tenant_id = $1 and l.tenant_position > $2
              order by l.tenant_position limit $3`,
            [tenant, after, limit],
          )
        ).rows,
      { tenant },
    );
  }

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
      const { principal } = await authenticate.fresh(request, 'events:read');
      const query = request.query as { after?: number; limit?: number };
      const last = Number(request.headers['last-event-id'] ?? query.after ?? 0);
      if (!Number.isSafeInteger(last) || last < 0) {
        throw new Fault('invalid_request', 'Last-Event-ID is a position in the log');
      }
      if (!(request.headers.accept ?? '').includes('text/event-stream')) {
        const rows = await pageOf(principal.tenant, BigInt(last), query.limit ?? 50);
        const items = rows.map((row) => `{"position":${row.tenant_position},"event":${row.body}}`);
        reply.header('content-type', 'application/json').serializer((text: string) => text);
        return `{"items":[${items.join(',')}],"next":${rows.at(-1)?.tenant_position ?? last}}`;
      }
      if (streams >= streamsMax) throw new Fault('overloaded', `${streamsMax} streams are open`);
      streams += 1;
      try {
        await stream(request, reply, principal.tenant, BigInt(last));
      } finally {
        streams -= 1;
      }
      return reply;
    },
  );

  async function stream(
    request: FastifyRequest,
    reply: FastifyReply,
    tenant: string,
    from: bigint,
  ): Promise<void> {
    reply.hijack();
    const { raw } = reply;
    const left = new AbortController();
    raw.on('close', () => left.abort());
    const closed = AbortSignal.any([left.signal, stopping.signal]);
    raw.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    raw.write(': the events of this tenant\n\n');
    let after = from;
    while (!closed.aborted) {
      const since = sealed.count();
      let rows: Row[];
      try {
        // Rights are read anew before every page, so a revoked key ends its stream.
        await authenticate.fresh(request, 'events:read');
        rows = await pageOf(tenant, after, pageSize);
      } catch {
        // The reader comes back with the last id that it has seen.
        break;
      }
      for (const row of rows) {
        const { type } = JSON.parse(row.body) as { type: string };
        const text = `id: ${row.tenant_position}\nevent: ${type}\ndata: ${row.body}\n\n`;
        // A reader that is slower than the log waits in TCP, not in our memory.
        if (!raw.write(text)) await drained(raw, closed);
        after = row.tenant_position;
      }
      if (rows.length < pageSize) {
        const woken = await sealed.wait(since, heartbeatMs, closed);
        if (!woken && !closed.aborted) raw.write(': still here\n\n');
      }
    }
    raw.end();
  }

  const eventId = Type.Object({ id: Type.String({ pattern: '^evt_[0-9a-hjkmnp-tv-z]{26}$' }) });
  const uuidOf = (request: FastifyRequest): Uuid =>
    internalId('event', (request.params as { id: string }).id) as Uuid;

  app.get(
    '/v1/events/:id',
    {
      schema: {
        tags: ['events'],
        summary: 'Read an event: exactly the text that was stored',
        params: eventId,
        response: { ...problems },
      },
    },
    async (request, reply) => {
      const body = await read(request, async (tx, tenant) => {
        const { rows } = await tx.query<{ body: string }>(
          'select body from core.event where tenant_id = $1 and id = $2',
          [tenant, uuidOf(request)],
        );
        return rows[0]?.body;
      });
      reply.header('content-type', 'application/cloudevents+json');
      return reply.serializer((text: string) => text).send(body);
    },
  );

  app.get(
    '/v1/events/:id/receipt',
    {
      schema: {
        tags: ['evidence'],
        summary: 'A receipt that anybody can verify offline',
        description:
          'Answers 404 until a signed tree head covers the event: within a second or so.',
        params: eventId,
        response: { ...problems },
      },
    },
    async (request) =>
      read(request, (tx) => readReceipt(tx, uuidOf(request), planes.keyring.checkpointPublicKeys)),
  );

  app.get(
    '/v1/checkpoint',
    {
      schema: {
        tags: ['evidence'],
        summary: 'The latest signed tree head, as a C2SP checkpoint',
        description: 'Keep it outside of this bank: the log can then never be cut behind it.',
        produces: ['text/plain'],
        response: { ...problems },
      },
    },
    async (request, reply) => {
      const note = await read(request, async (tx, tenant) => {
        const { rows } = await tx.query<{ note: string }>(
          `select note from core.checkpoint where tenant_id = $1
            order by tree_size desc limit 1`,
          [tenant],
        );
        return rows[0]?.note;
      });
      reply.header('content-type', 'text/plain; charset=utf-8');
      return reply.serializer((text: string) => text).send(note);
    },
  );

  app.get(
    '/v1/checkpoint/keys',
    {
      schema: {
        tags: ['evidence'],
        summary: 'The verifier keys of the log, the current one first',
        description:
          'Hand them to whoever verifies receipts by a way that they trust: a key that comes with ' +
          'a receipt proves nothing.',
        response: {
          200: Type.Object({ origin: Type.String(), keys: Type.Array(Type.String()) }),
          ...problems,
        },
      },
    },
    async (request) =>
      read(request, async (tx, tenant) => {
        const { rows } = await tx.query<{ generation: number }>(
          'select generation from core.tree where tenant_id = $1',
          [tenant],
        );
        const { logId, checkpointPublicKeys } = planes.keyring;
        const origin = logOrigin(logId, tenant, rows[0]?.generation ?? 1);
        return { origin, keys: checkpointPublicKeys.map((key) => verifierKey(origin, key)) };
      }),
  );

  app.get(
    '/v1/checkpoint/consistency',
    {
      schema: {
        tags: ['evidence'],
        summary: 'Proof that the log of one size is the beginning of the log of another',
        querystring: Type.Object({
          from: Type.Integer({ minimum: 1 }),
          to: Type.Integer({ minimum: 1 }),
        }),
        response: { ...problems },
      },
    },
    async (request) => {
      const { from, to } = request.query as { from: number; to: number };
      return read(request, (tx) => readConsistency(tx, from, to));
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
      reply.header('content-type', 'application/schema+json').serializer((text: string) => text);
      return canonicalJson(JSON.parse(JSON.stringify(eventSchema(type))));
    },
  );
}

function drained(raw: FastifyReply['raw'], signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    raw.once('drain', resolve);
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
