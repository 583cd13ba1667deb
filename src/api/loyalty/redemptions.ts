// Redemptions over HTTP: made by a quote, followed, and reversed.
import { closed, type Json, type Tx } from '#core';
import {
  carryOut,
  expectPoints,
  listRedemptions,
  programName,
  readRedemption,
  redemptionBody,
  redemptionOf,
  redemptionSchemas as s,
  redemptionStatuses,
  redemptionView,
  reversalBody,
} from '#loyalty';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { idOf, idParams, limitQuery, type Parts, read } from '../routes.ts';
import { idempotencyHeaders, page, problems } from '../views.ts';
import { idempotencyKeyOf } from '../write.ts';
import { carried } from './carried.ts';
import { expected } from '../expected.ts';

const tags = ['loyalty'];
const path = '/v1/loyalty/redemptions';
const query = Type.Object(
  {
    program: Type.Optional(programName),
    customer: Type.Optional(s.customer),
    status: Type.Optional(Type.Enum([...redemptionStatuses])),
    limit: limitQuery,
    after: Type.Optional(s.id),
  },
  closed,
);
const madeBody = Type.Object({ ...redemptionBody.properties, program: programName }, closed);

export function redemptionRoutes(app: FastifyInstance, parts: Parts): void {
  readRoutes(app, parts);
  app.post(
    '/v1/loyalty/members/:customer/redemptions',
    {
      schema: {
        ...{ tags, summary: 'Redeem points for a reward, at the price of a quote' },
        description:
          'The points are taken and the stock is; cashback and statement credit are paid to an ' +
          'account of the customer. What is still `begun` in the answer goes on by itself. One ' +
          'that is `refused` has given back what it took. Where the customer has too few points ' +
          'the answer is `insufficient_points`: nothing is begun, and the quote still holds.',
        headers: idempotencyHeaders,
        params: Type.Object({ customer: s.customer }),
        body: madeBody,
        response: { 200: redemptionView, 201: redemptionView, ...problems },
      },
    },
    async (request, reply) => {
      const { customer } = request.params as { customer: string };
      const body = { ...(request.body as Type.Static<typeof madeBody>), customer };
      const scope = 'loyalty:write';
      const { principal } = await parts.authenticate.fresh(request, scope);
      const key = idempotencyKeyOf(request);
      await expectPoints(parts.planes, principal.tenant, { key, body });
      return carried(parts, request, reply, {
        ...{ scope, operation: 'loyalty.redemption.begin', body },
        after: (tenant, command) => carryOut(parts.planes, tenant, redemptionOf(command)),
        tell: (tx, command) => readRedemption(tx, redemptionOf(command)),
      });
    },
  );
  app.post(
    `${path}/:id/reverse`,
    {
      schema: {
        ...{ tags, summary: 'Reverse a redemption: its points come back with the expiry they had' },
        description:
          'Money that was paid is taken back first. Where the customer has spent it, the ' +
          'redemption stays as it is, and `failure` says why.',
        headers: idempotencyHeaders,
        params: idParams(s.id),
        body: reversalBody,
        response: { 200: redemptionView, 201: redemptionView, ...problems },
      },
    },
    (request, reply) => {
      const redemption_id = idOf(request);
      return carried(parts, request, reply, {
        ...{ scope: 'loyalty:write', operation: 'loyalty.redemption.reverse' },
        body: { redemption_id, ...(request.body as Record<string, Json>) },
        after: (tenant) => carryOut(parts.planes, tenant, redemption_id),
        tell: (tx) => readRedemption(tx, redemption_id),
      });
    },
  );
}

function readRoutes(app: FastifyInstance, parts: Parts): void {
  app.get(
    path,
    {
      schema: {
        ...{ tags, summary: 'List redemptions, newest first', querystring: query },
        response: { 200: page(redemptionView), ...problems },
      },
    },
    (request) => {
      const { limit = 50, ...of } = request.query as Type.Static<typeof query>;
      return read(parts, request, (tx) => listRedemptions(tx, { ...of, limit }), 'loyalty:read');
    },
  );
  app.get(
    `${path}/:id`,
    {
      schema: {
        ...{ tags, summary: 'How a redemption stands', params: idParams(s.id) },
        response: { 200: redemptionView, ...problems },
      },
    },
    (request) => {
      const id = idOf(request);
      const look = async (tx: Tx) => expected(await readRedemption(tx, id), `redemption ${id}`);
      return read(parts, request, look, 'loyalty:read');
    },
  );
}
