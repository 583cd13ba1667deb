// Replays over HTTP: recorded decisions made again, by their policy or another, on a worker's time.
import { type Json, internalId, nullable, refuseField } from '#core';
import {
  driftExample,
  driftFigures,
  listReplays,
  readReplay,
  replayOf,
  replaySchemas as s,
} from '#policy';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import Type from 'typebox';
import { change, idOf, idParams, limitQuery, pageQuery, type Parts, read } from './routes.ts';
import { idempotencyHeaders, page, problems } from './views.ts';

const tags = ['decisions'];
const text = nullable(Type.String());
const count = Type.Integer({ minimum: 0 });
const whatever = (description: string) =>
  Type.Unsafe<object>({ type: 'object', additionalProperties: true, description });

const view = {
  id: s.replayId,
  kind: s.kind,
  status: Type.Enum(['waiting', 'completed', 'cancelled', 'failed']),
  reason: Type.Union([Type.String(), Type.Null()], { description: 'Of a failure.' }),
  request: whatever('As it was asked for.'),
  requested_by: Type.String(),
  requested_at: Type.String(),
  ended_by: text,
  ended_at: text,
  from_position: nullable(Type.Integer()),
  to_position: nullable(Type.Integer()),
  decisions: count,
  identical: count,
  changed: Type.Integer({ minimum: 0, description: 'Those with another outcome.' }),
  score: Type.Union([Type.Number(), Type.Null()], {
    description: 'identical / decisions. Of the kind `same` it is the replay determinism score.',
  }),
};
const replayView = Type.Object(view);
const reportView = Type.Object({
  ...view,
  report: nullable(
    Type.Object(
      {
        ...Type.Partial(driftFigures).properties,
        ...{ decisions: count, identical: Type.Optional(count) },
        version: Type.Optional(Type.String({ description: 'Of the bundle that was asked.' })),
        scores: Type.Optional(whatever('Of the model that was asked.')),
      },
      { description: 'Of the kind `same` only how many decisions there were, and were identical.' },
    ),
  ),
  examples: page(
    Type.Object(
      {
        ...Type.Partial(driftExample).properties,
        decision_id: Type.String(),
        fields: Type.Optional(Type.Array(Type.String(), { description: 'Those that differ.' })),
        trouble: Type.Optional(Type.Union([Type.String(), Type.Null()])),
        tenant: Type.Optional(Type.String()),
        position: Type.Optional(Type.Integer()),
      },
      {
        description:
          'A decision that came out otherwise: `from`, `to` and `facts`; of the kind `same` the ' +
          '`fields` that differ, or what `trouble` kept it from being made again.',
      },
    ),
  ),
});

/** For tellings of a write: a report has at most as many examples as a page. */
const examplesDefault = 50;

export function replayRoutes(app: FastifyInstance, parts: Parts): void {
  requestRoute(app, parts);
  cancelRoute(app, parts);
  app.get(
    '/v1/replays',
    {
      schema: {
        tags,
        summary: 'List replays, newest first',
        querystring: pageQuery,
        response: { 200: page(replayView), ...problems },
      },
    },
    (request) => {
      const { limit = 50, after } = request.query as { limit?: number; after?: string };
      if (after !== undefined && internalId('replay', after) === undefined) {
        refuseField('/after', 'is no `next` of replays');
      }
      return read(parts, request, (tx) => listReplays(tx, { limit, after }), 'policy:read');
    },
  );
  app.get(
    '/v1/replays/:id',
    {
      schema: {
        tags,
        summary: 'Read a replay: how it stands, what it has found, and a page of examples',
        params: idParams(s.replayId),
        querystring: Type.Object({
          limit: limitQuery,
          after: Type.Optional(Type.String({ pattern: '^[0-9]{1,6}$' })),
        }),
        response: { 200: reportView, ...problems },
      },
    },
    (request) => {
      const { limit = examplesDefault, after } = request.query as {
        limit?: number;
        after?: string;
      };
      const from = { limit, after: after === undefined ? undefined : Number(after) };
      return read(parts, request, (tx) => readReplay(tx, uuidOf(request), from), 'policy:read');
    },
  );
}

function uuidOf(request: FastifyRequest): string {
  return internalId('replay', idOf(request)) ?? '';
}

function requestRoute(app: FastifyInstance, parts: Parts): void {
  app.post(
    '/v1/replays',
    {
      schema: {
        tags,
        summary: 'Ask for a replay of recorded decisions',
        description:
          'A worker makes the decisions again, as a role that cannot write, one replay of a ' +
          'tenant after the other. `replay.completed` tells when it has ended.',
        headers: idempotencyHeaders,
        body: s.requestBody,
        response: { 200: reportView, 201: reportView, ...problems },
      },
    },
    (request, reply) =>
      change(parts, request, reply, {
        ...{ scope: 'policy:decide', operation: 'replay.request', body: request.body as Json },
        tell: (tx, command) => readReplay(tx, replayOf(command), { limit: examplesDefault }),
      }),
  );
}

function cancelRoute(app: FastifyInstance, parts: Parts): void {
  app.post(
    '/v1/replays/:id/cancel',
    {
      schema: {
        tags,
        summary: 'Cancel a replay that has not ended',
        headers: idempotencyHeaders,
        params: idParams(s.replayId),
        response: { 200: reportView, 201: reportView, ...problems },
      },
    },
    (request, reply) =>
      change(parts, request, reply, {
        ...{ scope: 'policy:decide', operation: 'replay.cancel' },
        body: { replay_id: idOf(request) },
        tell: (tx) => readReplay(tx, uuidOf(request), { limit: examplesDefault }),
      }),
  );
}
