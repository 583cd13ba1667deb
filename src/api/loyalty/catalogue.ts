// The catalogue over HTTP: rewards with the price of the day, their publication, and quotes.
import { closed, type Json, nullable, type Tx } from '#core';
import {
  examineReward,
  listRewards,
  type Offered,
  programName,
  quoteBody,
  quoteOf,
  quoteView,
  readListedPrice,
  readProgramInForce,
  readQuote,
  readReward,
  rewardBody,
  rewardSchema,
} from '#loyalty';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { checked, checkedParts } from '../checked.ts';
import { change, limitQuery, type Parts, read } from '../routes.ts';
import { idempotencyHeaders, page, problems } from '../views.ts';

const tags = ['loyalty'];
const path = '/v1/loyalty/catalogue';

const text = Type.String();
const rewardView = Type.Interface([rewardSchema], {
  version: Type.Integer(),
  stock_left: nullable(Type.Integer()),
  price: nullable(
    Type.Integer({ description: 'Points today, for everybody; null where it cannot be priced.' }),
  ),
  reasons: Type.Array(Type.Object({ reason: text, points: Type.Integer() }), {
    description: 'How the price came to be, from the base on.',
  }),
  published_at: text,
  published_by: text,
  approval_id: text,
});
const query = Type.Object(
  {
    program: programName,
    status: Type.Optional(Type.Enum(['offered', 'withdrawn'])),
    limit: limitQuery,
    after: Type.Optional(Type.String({ maxLength: 60 })),
  },
  closed,
);

export function catalogueRoutes(app: FastifyInstance, parts: Parts): void {
  rewardRoutes(app, parts);
  checkRoute(app, parts);
  quoteRoute(app, parts);
}

function rewardRoutes(app: FastifyInstance, parts: Parts): void {
  const now = () => parts.planes.clock.now();
  app.get(
    path,
    {
      schema: {
        ...{ tags, summary: 'List the rewards of a programme, with what each costs today' },
        querystring: query,
        response: { 200: page(rewardView), ...problems },
      },
    },
    (request) => {
      const { limit = 50, ...of } = request.query as Type.Static<typeof query>;
      return read(
        parts,
        request,
        async (tx) => {
          const found = await listRewards(tx, { ...of, limit });
          const items = [];
          for (const each of found.items) items.push(await viewOf(tx, each, now()));
          return { ...found, items };
        },
        'loyalty:read',
      );
    },
  );
  app.post(
    path,
    {
      schema: {
        ...{ tags, summary: 'Publish a reward, or another version of it' },
        description:
          'Needs an approval of another person. From then on the stock is what it says. A price ' +
          'outside the guardrails of the programme is refused.',
        headers: idempotencyHeaders,
        body: rewardBody,
        response: { 200: rewardView, 201: rewardView, ...problems },
      },
    },
    (request, reply) => {
      const of = request.body as Type.Static<typeof rewardBody>;
      return change(parts, request, reply, {
        ...{ scope: 'loyalty:write', operation: 'loyalty.reward.publish', body: of as Json },
        tell: async (tx) => {
          const found = await readReward(tx, of);
          return found && viewOf(tx, found, now());
        },
      });
    },
  );
}

function checkRoute(app: FastifyInstance, parts: Parts): void {
  app.post(
    `${path}/check`,
    {
      schema: {
        ...{ tags, summary: 'Whether a reward could be published, and what it would cost' },
        body: rewardSchema,
        response: { 200: Type.Object(checkedParts), ...problems },
      },
    },
    (request) => {
      const of = request.body as Type.Static<typeof rewardSchema>;
      const at = parts.planes.clock.now();
      const look = async (tx: Tx) => checked(await examineReward(tx, of, at));
      return read(parts, request, look, 'loyalty:read');
    },
  );
}

function quoteRoute(app: FastifyInstance, parts: Parts): void {
  app.post(
    `${path}/quote`,
    {
      schema: {
        ...{
          tags,
          summary: 'Quote what a reward costs a customer; the price holds until it expires',
        },
        headers: idempotencyHeaders,
        body: quoteBody,
        response: { 200: quoteView, 201: quoteView, ...problems },
      },
    },
    (request, reply) =>
      change(parts, request, reply, {
        ...{ scope: 'loyalty:write', operation: 'loyalty.reward.quote' },
        body: request.body as Json,
        tell: (tx, command) => readQuote(tx, quoteOf(command)),
      }),
  );
}

async function viewOf(tx: Tx, offered: Offered, at: number) {
  const { document, version, stock_left, ...rest } = offered;
  const ruled = await readProgramInForce(tx, document.program, at);
  const price = ruled?.redemption ? await readListedPrice(tx, { offered, ruled }, at) : undefined;
  const told = { price: price?.points ?? null, reasons: [...(price?.steps ?? [])] };
  return { ...document, version, stock_left, ...told, ...rest };
}
