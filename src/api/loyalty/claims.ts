// Claims over HTTP: points that a customer misses for a transaction, what the rules say of it, and
// what people have decided.
import { closed, type Json, type Tx } from '#core';
import {
  claimBody,
  claimDecideBody,
  claimFor,
  claimOf,
  claimSchemas as s,
  claimStatuses,
  claimView,
  creditClaim,
  listClaims,
  readClaim,
} from '#loyalty';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { idOf, idParams, limitQuery, type Parts, read } from '../routes.ts';
import { idempotencyHeaders, page, problems } from '../views.ts';
import { idempotencyKeyOf } from '../write.ts';
import { carried } from './carried.ts';
import { expected } from '../expected.ts';

const tags = ['loyalty'];
const path = '/v1/loyalty/claims';
const query = Type.Object(
  {
    customer: Type.Optional(s.customer),
    status: Type.Optional(Type.Enum([...claimStatuses])),
    limit: limitQuery,
    after: Type.Optional(s.id),
  },
  closed,
);

export function claimRoutes(app: FastifyInstance, parts: Parts): void {
  readRoutes(app, parts);
  const scope = 'loyalty:write' as const;
  app.post(
    path,
    {
      schema: {
        ...{ tags, summary: 'Claim points that are missing for a transaction' },
        description:
          'The programme is evaluated again for it, by the rules that counted then. What is due ' +
          'and small is given at once, all else is for people; a refusal says why.',
        headers: idempotencyHeaders,
        body: claimBody,
        response: { 200: claimView, 201: claimView, ...problems },
      },
    },
    async (request, reply) => {
      const of = request.body as Type.Static<typeof claimBody>;
      const { principal } = await parts.authenticate.fresh(request, scope);
      const key = idempotencyKeyOf(request);
      const body = await claimFor(parts.planes, principal.tenant, of, key);
      return carried(parts, request, reply, {
        ...{ scope, operation: 'loyalty.claim.make', body: body as unknown as Json },
        after: (tenant, command) => creditClaim(parts.planes, tenant, claimOf(command)),
        tell: (tx, command) => readClaim(tx, claimOf(command)),
      });
    },
  );
  app.post(
    `${path}/:id/decide`,
    {
      schema: {
        ...{ tags, summary: 'Decide on a claim that waits for people, or on an appeal' },
        description:
          'By somebody who has neither made it nor decided on it before. More than 10,000 points ' +
          'need an approval besides: the claim then waits for it as `crediting`.',
        headers: idempotencyHeaders,
        ...{ params: idParams(s.id), body: claimDecideBody },
        response: { 200: claimView, 201: claimView, ...problems },
      },
    },
    (request, reply) => {
      const claim_id = idOf(request);
      return carried(parts, request, reply, {
        ...{ scope, operation: 'loyalty.claim.decide' },
        body: { claim_id, ...(request.body as Record<string, Json>) },
        after: (tenant) => creditClaim(parts.planes, tenant, claim_id),
        tell: (tx) => readClaim(tx, claim_id),
      });
    },
  );
}

function readRoutes(app: FastifyInstance, parts: Parts): void {
  app.get(
    path,
    {
      schema: {
        ...{ tags, summary: 'List claims of missing points, newest first', querystring: query },
        response: { 200: page(claimView), ...problems },
      },
    },
    (request) => {
      const { limit = 50, ...of } = request.query as Type.Static<typeof query>;
      return read(parts, request, (tx) => listClaims(tx, { ...of, limit }), 'loyalty:read');
    },
  );
  app.get(
    `${path}/:id`,
    {
      schema: {
        ...{ tags, summary: 'How a claim stands', params: idParams(s.id) },
        response: { 200: claimView, ...problems },
      },
    },
    (request) => {
      const id = idOf(request);
      const look = async (tx: Tx) => expected(await readClaim(tx, id), `claim ${id}`);
      return read(parts, request, look, 'loyalty:read');
    },
  );
}
