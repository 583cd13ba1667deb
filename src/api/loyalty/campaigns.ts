// Campaigns over HTTP: made, funded, given from, with what is left and how long that will last.
import { closed, derivedUuid, externalId, type Json, type Tx, withTx } from '#core';
import {
  audienceFactWords,
  awardBody,
  awardOf,
  campaignBody,
  campaignId,
  campaignSchema,
  campaignView,
  examineCampaign,
  findCampaign,
  fundBody,
  fundingOf,
  listCampaigns,
  openCampaign,
  programName,
  readCampaign,
} from '#loyalty';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import Type from 'typebox';
import { checked, checkedParts } from '../checked.ts';
import { idOf, idParams, limitQuery, type Parts, read } from '../routes.ts';
import { idempotencyHeaders, page, problems } from '../views.ts';
import { idempotencyKeyOf } from '../write.ts';
import { carried } from './carried.ts';
import { expected } from '../expected.ts';

const tags = ['loyalty'];
const path = '/v1/loyalty/campaigns';
const params = idParams(campaignId);
const query = Type.Object(
  {
    program: Type.Optional(programName),
    limit: limitQuery,
    after: Type.Optional(campaignId),
  },
  closed,
);
const awardView = Type.Object({
  transfer_id: Type.String({ description: 'The lot, where none of it has paid a debt.' }),
  campaign: Type.String(),
  customer: Type.String(),
  points: Type.Integer(),
});

export function campaignRoutes(app: FastifyInstance, parts: Parts): void {
  readRoutes(app, parts);
  createRoute(app, parts);
  checkRoute(app, parts);
  fundRoute(app, parts);
  awardRoute(app, parts);
}

function readRoutes(app: FastifyInstance, parts: Parts): void {
  const now = () => parts.planes.clock.now();
  app.get(
    path,
    {
      schema: {
        ...{ tags, summary: 'List campaigns, with the use of their budgets', querystring: query },
        response: { 200: page(campaignView), ...problems },
      },
    },
    (request) => {
      const { limit = 50, ...of } = request.query as Type.Static<typeof query>;
      const asked = { ...of, limit, at: now() };
      return read(parts, request, (tx) => listCampaigns(tx, asked), 'loyalty:read');
    },
  );
  app.get(
    `${path}/:id`,
    {
      schema: {
        ...{ tags, summary: 'A campaign, with the use of its budget', params },
        response: { 200: campaignView, ...problems },
      },
    },
    (request) => {
      const id = idOf(request);
      const look = async (tx: Tx) => expected(await readCampaign(tx, id, now()), `campaign ${id}`);
      return read(parts, request, look, 'loyalty:read');
    },
  );
}

function createRoute(app: FastifyInstance, parts: Parts): void {
  app.post(
    path,
    {
      schema: {
        ...{ tags, summary: 'Create a campaign' },
        description: 'Needs an approval of another person. It gives nothing before it is funded.',
        headers: idempotencyHeaders,
        body: campaignBody,
        response: { 200: campaignView, 201: campaignView, ...problems },
      },
    },
    (request, reply) => {
      const of = request.body as Type.Static<typeof campaignBody>;
      return carried(parts, request, reply, {
        ...{ scope: 'loyalty:write', operation: 'loyalty.campaign.create', body: of as Json },
        after: (tenant) => openCampaign(parts.planes, tenant, of),
        tell: (tx) => readCampaign(tx, of.campaign, parts.planes.clock.now()),
      });
    },
  );
}

function checkRoute(app: FastifyInstance, parts: Parts): void {
  const facts = Type.Record(Type.String(), Type.String(), {
    description: 'What an audience may look at, in words.',
  });
  app.post(
    `${path}/check`,
    {
      schema: {
        ...{ tags, summary: 'Whether a campaign could be created, and what it would do' },
        body: campaignSchema,
        response: { 200: Type.Object({ ...checkedParts, facts }), ...problems },
      },
    },
    (request) => {
      const of = request.body as Type.Static<typeof campaignSchema>;
      const at = parts.planes.clock.now();
      const look = async (tx: Tx) => ({
        ...checked(await examineCampaign(tx, of, at)),
        facts: audienceFactWords,
      });
      return read(parts, request, look, 'loyalty:read');
    },
  );
}

function fundRoute(app: FastifyInstance, parts: Parts): void {
  app.post(
    `${path}/:id/fund`,
    {
      schema: {
        ...{ tags, summary: 'Put points into the budget of a campaign' },
        description:
          'Needs the approval of a marketing manager: the answer says what is to be approved. ' +
          'Then the same again, with the id of the approval as Idempotency-Key.',
        headers: idempotencyHeaders,
        ...{ params, body: fundBody },
        response: { 200: campaignView, 201: campaignView, ...problems },
      },
    },
    async (request, reply) => {
      const { planes } = parts;
      const campaign = idOf(request);
      const { by, key, at, tenant } = await asked(parts, request);
      const { points } = request.body as Type.Static<typeof fundBody>;
      const pool = planes.database.pool('read');
      const found = await withTx(pool, (tx) => findCampaign(tx, campaign), { tenant });
      // What was broken off behind its creation is done here.
      if (found) await openCampaign(planes, tenant, found.document);
      const command = await fundingOf(planes, tenant, { by, key, campaign, points, at });
      return carried(parts, request, reply, {
        ...{ scope: 'loyalty:write', operation: command.operation, body: command.body },
        tell: (tx) => readCampaign(tx, campaign, planes.clock.now()),
      });
    },
  );
}

function awardRoute(app: FastifyInstance, parts: Parts): void {
  app.post(
    `${path}/:id/awards`,
    {
      schema: {
        ...{ tags, summary: 'Give a member points out of the budget of a campaign' },
        description:
          'Within its window, to its audience. More than 10,000 points need an approval, more ' +
          'than 50,000 one of a marketing manager. The budget is never overdrawn.',
        headers: idempotencyHeaders,
        ...{ params, body: awardBody },
        response: { 200: awardView, 201: awardView, ...problems },
      },
    },
    async (request, reply) => {
      const { planes } = parts;
      const campaign = idOf(request);
      const { by, key, at, tenant } = await asked(parts, request);
      const given = request.body as Type.Static<typeof awardBody>;
      const { command, budget } = await awardOf(planes, tenant, {
        ...{ by, key, campaign, at, ...given },
      });
      const { legs } = command.body as { legs: readonly { readonly amount: number }[] };
      const points = legs.reduce((sum, { amount }) => sum + amount, 0);
      return carried(parts, request, reply, {
        ...{ scope: 'loyalty:write', operation: command.operation, body: command.body },
        tell: async (_tx, made) => ({
          transfer_id: externalId('transfer', derivedUuid(made, 'transfer', legs.length - 1)),
          ...{ campaign, customer: given.customer, points },
        }),
        explain: (code, reasons) => {
          const isShort = code === 'insufficient_funds' || reasons.includes('budget_spent');
          return isShort && budget.left < points ? raise(campaign, budget.left) : undefined;
        },
      });
    },
  );
}

function raise(campaign: string, left: number): string {
  return (
    `${left} points are left of the budget. Somebody with loyalty:write raises it by ` +
    `POST ${path}/${campaign}/fund, with the approval of a marketing_manager; then give again, ` +
    'under another Idempotency-Key.'
  );
}

async function asked({ planes, authenticate }: Parts, request: FastifyRequest) {
  const { principal: by } = await authenticate.fresh(request, 'loyalty:write');
  const key = idempotencyKeyOf(request);
  return { by, key, at: planes.clock.now(), tenant: by.tenant };
}
