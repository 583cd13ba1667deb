// Holds over HTTP: an amount reserved on both accounts until it is captured or given back.
import type { Json } from '#core';
import { type Leg, moneySchemas as s, readHold } from '#money';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import Type from 'typebox';
import { withPayments } from './journal.ts';
import { effective, effectiveBody, legRoute, type LegRoute } from './leg-route.ts';
import { idOf, idParams, type Parts, read, uuidOf } from './routes.ts';
import * as v from './views.ts';

export function holdRoutes(app: FastifyInstance, parts: Parts): void {
  for (const route of changes) legRoute(app, parts, { tag: 'holds', ...route });

  app.get(
    '/v1/holds/:id',
    {
      schema: {
        tags: ['holds'],
        summary: 'Read a hold as it stands now',
        params: idParams(s.holdId),
        response: { 200: v.holdOfPayment, ...v.problems },
      },
    },
    async (request) =>
      read(parts, request, async (tx) => {
        const hold = await readHold(tx, uuidOf(request, 'hold'), parts.planes.clock.now());
        return hold && (await withPayments(tx, [hold]))[0];
      }),
  );
}

const holdBody = Type.Object(
  { ...s.moveFields, expires_at: Type.Optional(s.instant), payment: v.payment, ...effective },
  { additionalProperties: false },
);
const { kind: _c, hold_id: _h, ...captureFields } = s.captureLeg.properties;
const captureBody = Type.Object(
  { ...captureFields, ...effective },
  { additionalProperties: false },
);
const increaseBody = Type.Object(
  { amount: s.amount, ...effective },
  { additionalProperties: false },
);

const changes: readonly Omit<LegRoute, 'tag'>[] = [
  {
    path: '/v1/holds',
    summary: 'Reserve an amount on both accounts',
    body: holdBody,
    legOf: (request) => ({ kind: 'hold', ...fieldsOf(request) }) as Leg,
  },
  {
    path: '/v1/holds/:id/capture',
    summary: 'Post all or a part of a hold; the rest is released unless final is false',
    body: captureBody,
    params: idParams(s.holdId),
    legOf: (request) => ({ kind: 'capture', hold_id: idOf(request), ...fieldsOf(request) }) as Leg,
  },
  {
    path: '/v1/holds/:id/increase',
    summary: 'Add to a hold (incremental authorization)',
    body: increaseBody,
    params: idParams(s.holdId),
    legOf: (request) => ({ kind: 'increase', hold_id: idOf(request), ...fieldsOf(request) }) as Leg,
  },
  {
    path: '/v1/holds/:id/void',
    summary: 'Release what is left of a hold',
    body: effectiveBody,
    params: idParams(s.holdId),
    legOf: (request) => ({ kind: 'void', hold_id: idOf(request) }),
  },
];

/** The fields of the leg: when it takes effect, and what for, is said of its journal. */
function fieldsOf(request: FastifyRequest): Record<string, Json> {
  const { effective_at: _, payment: _p, ...fields } = request.body as Record<string, Json>;
  return fields;
}
