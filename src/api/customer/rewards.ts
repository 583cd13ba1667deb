// A customer's rewards: points and what they come from, the tier, the catalogue at his own price,
// redeeming, and claims of points that are missing.
import { closed, type Json, nullable, type Tx } from '#core';
import {
  carryOut,
  claimFor,
  claimOf,
  claimSchemas,
  claimView,
  creditClaim,
  expectPoints,
  heldTier,
  listClaims,
  listRedemptions,
  listRewards,
  membershipsOf,
  priceFor,
  priceReasons,
  type PriceStep,
  type Program,
  programName,
  quoteBody,
  quoteOf,
  quoteView,
  readClaim,
  readListedPrice,
  readProgramInForce,
  readQuote,
  readRedemption,
  readRewards,
  redemptionBody,
  redemptionOf,
  redemptionView,
  rewardKinds,
  whyNot,
} from '#loyalty';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { carried } from '../loyalty/carried.ts';
import { expected } from '../expected.ts';
import { change, idOf, idParams, limitQuery, type Parts } from '../routes.ts';
import { idempotencyHeaders, page, problems } from '../views.ts';
import { type Mine, own, ownKey, readOwn } from './own.ts';

const tags = ['customer'];
const path = '/v1/customer/rewards';
const text = Type.String();
const points = Type.Integer();

const rewardsView = Type.Object({
  items: Type.Array(
    Type.Object({
      program: text,
      title: text,
      standing: text,
      unit: text,
      currency: text,
      balance: points,
      spendable: points,
      pending: points,
      owed: points,
      worth: Type.Integer({ description: 'Of what is spendable, in minor units.' }),
      tier: nullable(
        Type.Object({
          tier: text,
          title: text,
          until: nullable(text),
          basis: Type.Enum(['earned_points', 'spend']),
          counted: Type.Integer({ description: 'In the period, towards the next tier.' }),
          next: nullable(Type.Object({ tier: text, threshold: points, missing: points })),
          benefits: Type.Array(Type.Object({ id: text, title: text })),
        }),
      ),
      expiring: Type.Array(Type.Object({ month: text, points, first_expires_at: text }), {
        description: 'What runs out, by month.',
      }),
      entries: Type.Array(
        Type.Object({
          transfer_id: text,
          at: text,
          points: Type.Integer({ description: 'Below zero for what was taken.' }),
          entry: text,
          words: text,
          rules: Type.Array(text, {
            description: 'What has made it more or less than usual, as the programme calls it.',
          }),
          spend: nullable(Type.Integer({ description: 'Minor units: what was paid for it.' })),
          expires_at: nullable(text),
        }),
        { description: 'The latest, newest first.' },
      ),
    }),
  ),
});
const offeredView = Type.Object({
  program: text,
  reward: text,
  title: text,
  description: text,
  kind: Type.Enum([...rewardKinds]),
  worth: Type.Integer({ description: 'Minor units of the currency of the programme.' }),
  currency: text,
  points: Type.Integer({ description: 'For this customer, today.' }),
  price: Type.Array(Type.Object({ words: text, points }), {
    description: 'How the price came to be: each step from the base on, with the points after it.',
  }),
  stock_left: nullable(Type.Integer()),
  available: Type.Boolean(),
  why_not: nullable(Type.String({ description: 'Where it is not available.' })),
});
const catalogueQuery = Type.Object(
  { program: programName, limit: limitQuery, after: Type.Optional(Type.String({ maxLength: 60 })) },
  closed,
);
const listQuery = Type.Object({ limit: limitQuery, after: Type.Optional(redemptionId()) }, closed);
const claimsQuery = Type.Object(
  { limit: limitQuery, after: Type.Optional(claimSchemas.id) },
  closed,
);
const { customer: _quoted, ...quoteFields } = quoteBody.properties;
const madeBody = Type.Object({ ...redemptionBody.properties, program: programName }, closed);
const missingBody = Type.Object(
  { program: programName, transfer_id: claimSchemas.transferId },
  closed,
);

export function customerRewardRoutes(app: FastifyInstance, parts: Parts): void {
  readRoutes(app, parts);
  redeemRoutes(app, parts);
  claimRoutes(app, parts);
}

function readRoutes(app: FastifyInstance, parts: Parts): void {
  const now = () => parts.planes.clock.now();
  app.get(
    path,
    {
      schema: {
        tags,
        summary: 'Points, tier, what runs out when, and what has moved',
        response: { 200: rewardsView, ...problems },
      },
    },
    async (request) => {
      const { found } = await readOwn(parts, request, own('member.read'), (tx, { party }) =>
        readRewards(tx, { customer: party, at: now() }),
      );
      return { items: found };
    },
  );
  app.get(
    `${path}/catalogue`,
    {
      schema: {
        ...{ tags, summary: 'Rewards at this customer’s price', querystring: catalogueQuery },
        response: { 200: page(offeredView), ...problems },
      },
    },
    async (request) => {
      const { program, limit = 50, after } = request.query as Type.Static<typeof catalogueQuery>;
      const { found } = await readOwn(parts, request, own('member.read'), async (tx, mine) => {
        const found = await memberProgram(tx, mine, program, now());
        const ruled = expected(found, `programme ${program} of which you are a member`);
        const rewards = await listRewards(tx, { program, status: 'offered', limit, after });
        const items = [];
        for (const offered of rewards.items) {
          items.push(await offeredFor(tx, { offered, ruled }, { customer: mine.party, at: now() }));
        }
        return { ...rewards, items };
      });
      return found;
    },
  );
  app.get(
    `${path}/redemptions`,
    {
      schema: {
        ...{ tags, summary: 'What was redeemed, newest first', querystring: listQuery },
        response: { 200: page(redemptionView), ...problems },
      },
    },
    async (request) => {
      const { limit = 50, after } = request.query as Type.Static<typeof listQuery>;
      const { found } = await readOwn(parts, request, own('member.read'), (tx, { party }) =>
        listRedemptions(tx, { customer: party, limit, after }),
      );
      return found;
    },
  );
}

/** What is not the customer's programme is not there. */
async function memberProgram(
  tx: Tx,
  { party }: Mine,
  program: string,
  at: number,
): Promise<Program | undefined> {
  const members = await membershipsOf(tx, party);
  const isMember = members.some((each) => each.program === program);
  return isMember ? readProgramInForce(tx, program, at) : undefined;
}

type Priced = Parameters<typeof readListedPrice>[1];

async function offeredFor(
  tx: Tx,
  priced: Priced,
  { customer, at }: { readonly customer: string; readonly at: number },
) {
  const { offered, ruled } = priced;
  const { document, stock_left } = offered;
  const tier = await heldTier(tx, ruled, customer);
  const listed = await readListedPrice(tx, priced, at);
  const price = priceFor(document, ruled, { listed, tier });
  const { program, reward, title, description, kind, worth } = document;
  // A customer reads the name that he knows.
  const named = { ...offered, document: { ...document, reward: title } };
  const why = whyNot(named, { tier, at }) ?? null;
  return {
    ...{ program, reward, title, description, kind, worth, currency: ruled.currency },
    ...{ points: price.points, price: price.steps.map(wordsOf) },
    ...{ stock_left, available: why === null, why_not: why },
  };
}

function wordsOf({ reason, points: after }: PriceStep) {
  return { words: priceReasons[reason], points: after };
}

function redeemRoutes(app: FastifyInstance, parts: Parts): void {
  const right = own('points.redeem');
  app.post(
    `${path}/quotes`,
    {
      schema: {
        ...{ tags, summary: 'Have a price held for a few minutes', headers: idempotencyHeaders },
        body: Type.Object(quoteFields, closed),
        response: { 200: quoteView, 201: quoteView, ...problems },
      },
    },
    async (request, reply) => {
      const { mine } = await readOwn(parts, request, right, async () => true);
      return change(parts, request, reply, {
        ...{ scope: right, operation: 'loyalty.reward.quote' },
        idempotencyKey: ownKey(request, mine),
        body: { ...(request.body as Record<string, Json>), customer: mine.party },
        tell: (tx, command) => readQuote(tx, quoteOf(command)),
      });
    },
  );
  app.post(
    `${path}/redemptions`,
    {
      schema: {
        ...{ tags, summary: 'Redeem points for a reward, at the price of a quote' },
        description:
          'Where there are too few points the answer is `insufficient_points`: nothing is begun, ' +
          'and the quote still holds.',
        headers: idempotencyHeaders,
        body: madeBody,
        response: { 200: redemptionView, 201: redemptionView, ...problems },
      },
    },
    async (request, reply) => {
      const { mine } = await readOwn(parts, request, right, async () => true);
      const made = request.body as Type.Static<typeof madeBody>;
      const body = { ...made, customer: mine.party };
      const key = ownKey(request, mine);
      await expectPoints(parts.planes, mine.tenant, { key, body });
      return carried(parts, request, reply, {
        ...{ scope: right, operation: 'loyalty.redemption.begin', idempotencyKey: key, body },
        after: (tenant, command) => carryOut(parts.planes, tenant, redemptionOf(command)),
        tell: (tx, command) => readRedemption(tx, redemptionOf(command)),
      });
    },
  );
}

function claimRoutes(app: FastifyInstance, parts: Parts): void {
  const right = own('points.redeem');
  app.get(
    `${path}/claims`,
    {
      schema: {
        ...{ tags, summary: 'What I have said is missing, newest first', querystring: claimsQuery },
        response: { 200: page(claimView), ...problems },
      },
    },
    async (request) => {
      const { limit = 50, after } = request.query as Type.Static<typeof claimsQuery>;
      const { found } = await readOwn(parts, request, own('member.read'), (tx, { party }) =>
        listClaims(tx, { customer: party, limit, after }),
      );
      return found;
    },
  );
  app.post(
    `${path}/claims`,
    {
      schema: {
        ...{ tags, summary: 'Say that points are missing for a transaction' },
        headers: idempotencyHeaders,
        body: missingBody,
        response: { 200: claimView, 201: claimView, ...problems },
      },
    },
    async (request, reply) => {
      const { mine } = await readOwn(parts, request, right, async () => true);
      const { tenant, party: customer } = mine;
      const idempotencyKey = ownKey(request, mine);
      const asked = request.body as Type.Static<typeof missingBody>;
      const body = await claimFor(parts.planes, tenant, { ...asked, customer }, idempotencyKey);
      return carried(parts, request, reply, {
        ...{ scope: right, operation: 'loyalty.claim.make', idempotencyKey },
        body: body as unknown as Json,
        after: (_tenant, command) => creditClaim(parts.planes, tenant, claimOf(command)),
        tell: (tx, command) => readClaim(tx, claimOf(command)),
      });
    },
  );
  app.post(
    `${path}/claims/:id/appeal`,
    {
      schema: {
        ...{ tags, summary: 'Have a person look at a claim that was refused' },
        headers: idempotencyHeaders,
        params: idParams(claimSchemas.id),
        response: { 200: claimView, 201: claimView, ...problems },
      },
    },
    async (request, reply) => {
      const claim_id = idOf(request);
      const { mine } = await readOwn(parts, request, right, async (tx, { party }) => {
        const found = await readClaim(tx, claim_id);
        return expected(
          found?.customer === party ? found : undefined,
          `claim ${claim_id} of yours`,
        );
      });
      return change(parts, request, reply, {
        ...{ scope: right, operation: 'loyalty.claim.appeal' },
        idempotencyKey: ownKey(request, mine),
        body: { claim_id, customer: mine.party },
        tell: (tx) => readClaim(tx, claim_id),
      });
    },
  );
}

function redemptionId() {
  return Type.String({ pattern: '^rdm_[0-9a-hjkmnp-tv-z]{26}$' });
}
