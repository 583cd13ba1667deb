// Mandates over HTTP for people of the bank: which agents may pay for whom without asking.
import { externalId, type Instant, nullable } from '#core';
import {
  listMandates,
  type Mandate,
  mandateSchemas,
  mandateStatus,
  mandateStatuses,
  mandateTermsView,
  readMandate,
} from '#gateway';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { idOf, idParams, limitQuery, type Parts, read } from './routes.ts';
import { problems } from './views.ts';

const scope = 'policy:read';
const tags = ['gateway'];

export const mandateView = Type.Object({
  ...mandateTermsView,
  agent_name: Type.String(),
  status: Type.Enum([...mandateStatuses]),
  ended_at: nullable(Type.String()),
  used_amount_24h: Type.Integer({ description: 'Taken within the last 24 hours, minor units.' }),
  used_count_24h: Type.Integer(),
});
const bankView = Type.Object(
  {
    ...mandateView.properties,
    customer: Type.String({ description: 'A party of the register.' }),
    given_by: Type.String(),
  },
  { title: 'Mandate' },
);
const query = Type.Object({
  ...{ limit: limitQuery, after: Type.Optional(mandateSchemas.id) },
  agent: Type.Optional(Type.String({ maxLength: 80 })),
  customer: Type.Optional(Type.String({ maxLength: 80 })),
});

export function mandateRoutes(app: FastifyInstance, parts: Parts): void {
  const { clock } = parts.planes;
  app.get(
    '/v1/mandates',
    {
      schema: {
        ...{ tags, summary: 'Mandates of customers for agents, the newest first' },
        querystring: query,
        response: {
          200: Type.Object({ items: Type.Array(bankView), next: nullable(Type.String()) }),
          ...problems,
        },
      },
    },
    async (request) => {
      const { limit = 50, ...filter } = request.query as Type.Static<typeof query>;
      const at = clock.now();
      const asked = { ...filter, limit, at };
      const { items, next } = await read(parts, request, (tx) => listMandates(tx, asked), scope);
      return { items: items.map((each) => bankViewOf(each, at)), next };
    },
  );
  app.get(
    '/v1/mandates/:id',
    {
      schema: {
        ...{ tags, summary: 'A mandate, and what was taken from it' },
        params: idParams(mandateSchemas.id),
        response: { 200: bankView, ...problems },
      },
    },
    async (request) => {
      const at = clock.now();
      const asked = { id: idOf(request), at };
      return bankViewOf(await read(parts, request, (tx) => readMandate(tx, asked), scope), at);
    },
  );
}

function bankViewOf(mandate: Mandate, at: Instant) {
  const { customer, given_by } = mandate;
  return { ...mandateViewOf(mandate, at), customer, given_by };
}

export function mandateViewOf(mandate: Mandate, at: Instant) {
  const { id, agent, agent_name, payment_max, daily_max, daily_count_max, currency } = mandate;
  const { payees, given_at, valid_until, ended_at, used_amount, used_count } = mandate;
  return {
    ...{ id: externalId('mandate', id), agent, agent_name, status: mandateStatus(mandate, at) },
    ...{ payment_max, daily_max, daily_count_max, currency },
    payees: payees.length === 0 ? null : payees,
    ...{ given_at: given_at.toISOString(), valid_until: valid_until.toISOString() },
    ended_at: ended_at?.toISOString() ?? null,
    ...{ used_amount_24h: used_amount, used_count_24h: used_count },
  };
}
