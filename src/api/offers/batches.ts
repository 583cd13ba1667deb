// Batches over HTTP: a night's work is begun here, followed, and stopped.
import { type Json, nullable } from '#core';
import { batchBody, listBatches } from '#offers';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { change, type Parts, read } from '../routes.ts';
import { idempotencyHeaders, problems } from '../views.ts';

const tags = ['offers'];
const text = Type.String();
const instant = Type.String({ format: 'date-time' });
const integer = Type.Integer();

const batches = Type.Object({
  items: Type.Array(
    Type.Object({
      batch_id: Type.String({ description: 'Its day and channel.' }),
      channel: text,
      status: Type.Enum(['running', 'allocated', 'done', 'stopped']),
      after_customer: Type.String({ description: 'Behind whom it goes on.' }),
      ...{ customers: integer, candidates: integer, withheld: integer },
      ...{ presented: integer, refused: integer, requested_by: text, started_at: instant },
      ...{ scored_at: nullable(instant), ended_at: nullable(instant) },
    }),
  ),
});

export function batchRoutes(app: FastifyInstance, parts: Parts): void {
  app.get(
    '/v1/offers/batches',
    {
      schema: {
        ...{ tags, summary: 'The last 100 batches, the newest first' },
        response: { 200: batches, ...problems },
      },
    },
    (request) =>
      read(parts, request, async (tx) => ({ items: await listBatches(tx) }), 'offers:read'),
  );
  app.post(
    '/v1/offers/batches',
    {
      schema: {
        ...{ tags, summary: 'Put every customer through the funnel, for one channel' },
        description: 'One a day and channel. It goes on by itself, also after a restart.',
        headers: idempotencyHeaders,
        body: batchBody,
        response: { 200: batches, 201: batches, ...problems },
      },
    },
    (request, reply) =>
      change(parts, request, reply, {
        ...{ scope: 'offers:write', operation: 'offers.batch.start', body: request.body as Json },
        tell: async (tx) => ({ items: await listBatches(tx) }),
      }),
  );
  app.post(
    '/v1/offers/batches/:id/stop',
    {
      schema: {
        ...{ tags, summary: 'Stop a batch that is under way' },
        headers: idempotencyHeaders,
        params: Type.Object({
          id: Type.String({ pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}-[a-z_]+$' }),
        }),
        response: { 200: batches, 201: batches, ...problems },
      },
    },
    (request, reply) =>
      change(parts, request, reply, {
        ...{ scope: 'offers:write', operation: 'offers.batch.stop' },
        body: { batch_id: (request.params as { id: string }).id },
        tell: async (tx) => ({ items: await listBatches(tx) }),
      }),
  );
}
