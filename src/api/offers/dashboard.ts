// The dashboard of offers over HTTP, and the breaker that stops them.
import { type Json, nullable } from '#core';
import { breakerBodies, breakerReasons, listBreakers, readDashboard } from '#offers';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { change, type Parts, read } from '../routes.ts';
import { idempotencyHeaders, problems } from '../views.ts';
import { summaryView } from './experiments.ts';

const tags = ['offers'];
const text = Type.String();
const instant = Type.String({ format: 'date-time' });
const integer = Type.Integer();

const breaker = Type.Object({
  scope: Type.String({ description: 'An action, or `*` for all.' }),
  reason: Type.Enum([...breakerReasons]),
  figures: Type.Record(text, Type.Union([Type.Number(), text])),
  ...{ opened_by: text, opened_at: instant },
  ...{ closed_by: nullable(text), closed_at: nullable(instant), note: nullable(text) },
});
const breakers = Type.Object({ items: Type.Array(breaker) });

const dashboardView = Type.Object({
  ...{ as_of: instant, from: instant, folded_at: nullable(instant) },
  rows: Type.Array(
    Type.Object({
      ...{ action: text, channel: text, arm: text, presented: integer, viewed: integer },
      ...{ accepted: integer, declined: integer, expired: integer, withdrawn: integer },
      ...{ booked: integer, withheld: integer },
    }),
  ),
  attribution: Type.Object({
    window_days: integer,
    items: Type.Array(Type.Object({ product: text, action: text, opened: integer }), {
      description: 'By the last offer of such a product within the window.',
    }),
  }),
  holdout: summaryView,
  experiments: Type.Array(summaryView),
  trigger_to_offer: Type.Object({
    ...{ n: integer, p50_ms: nullable(Type.Number()), p95_ms: nullable(Type.Number()) },
  }),
  breakers: Type.Array(breaker),
});

export function dashboardRoutes(app: FastifyInstance, parts: Parts): void {
  const { clock } = parts.planes;
  app.get(
    '/v1/offers/dashboard',
    {
      schema: {
        ...{ tags, summary: 'What was offered, what came of it, and what it has changed' },
        querystring: Type.Object({
          days: Type.Optional(Type.Integer({ minimum: 1, maximum: 366, default: 30 })),
        }),
        response: { 200: dashboardView, ...problems },
      },
    },
    (request) => {
      const { days = 30 } = request.query as { days?: number };
      return read(
        parts,
        request,
        (tx) => readDashboard(tx, { now: clock.now(), days }),
        'offers:read',
      );
    },
  );
  breakerRoute(app, parts, {
    ...{ name: 'open', operation: 'offers.breaker.open', body: breakerBodies.open },
    summary: 'Stop the offers of an action, or all of them',
  });
  breakerRoute(app, parts, {
    ...{ name: 'reset', operation: 'offers.breaker.reset', body: breakerBodies.reset },
    summary: 'Let offers go on that were stopped: a person alone may',
  });
}

function breakerRoute(
  app: FastifyInstance,
  parts: Parts,
  route: {
    readonly name: string;
    readonly operation: string;
    readonly body: Type.TSchema;
    readonly summary: string;
  },
): void {
  const { name, operation, body, summary } = route;
  app.post(
    `/v1/offers/breaker/${name}`,
    {
      schema: {
        ...{ tags, summary, headers: idempotencyHeaders, body },
        response: { 200: breakers, 201: breakers, ...problems },
      },
    },
    (request, reply) =>
      change(parts, request, reply, {
        ...{ scope: 'offers:write', operation, body: request.body as Json },
        tell: async (tx) => ({ items: await listBreakers(tx) }),
      }),
  );
}
