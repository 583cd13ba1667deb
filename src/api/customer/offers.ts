// A customer's own offers: what the bank offers him and why, and what he says to it.
import { type Json, nullable, type Tx } from '#core';
import { declineBody, listOffers, offerStatuses, type OfferView, readOffer } from '#offers';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { offeringOf } from '../offers/session.ts';
import { change, idOf, idParams, limitQuery, type Parts } from '../routes.ts';
import { idempotencyHeaders, page, problems, words } from '../views.ts';

import { type Mine, own, ownKey, readOwn } from './own.ts';

const tags = ['customer'];
const path = '/v1/customer/offers';
const text = Type.String();
const offerId = Type.String({ pattern: '^off_[0-9a-hjkmnp-tv-z]{26}$' });

const view = Type.Object({
  offer_id: offerId,
  product_code: text,
  message: text,
  why: Type.String({ description: 'Why it is offered to him.' }),
  code: Type.String({ description: 'By which he names it to a person of the bank.' }),
  amount: Type.Integer({ description: 'Minor units.' }),
  currency: text,
  rate_bps: nullable(Type.Integer()),
  channel: text,
  status: words(offerStatuses),
  reason: nullable(text),
  is_open: Type.Boolean({ description: 'Whether he can still answer.' }),
  chosen_by_model: Type.Boolean({ description: 'Whether a model has had a part in choosing it.' }),
  api_endpoint: nullable(text),
  presented_at: Type.String({ format: 'date-time' }),
  expires_at: Type.String({ format: 'date-time' }),
});

function viewOf(offer: OfferView, at: number): Type.Static<typeof view> {
  const { offer_id, product_code, message, why, code, amount, currency, rate_bps } = offer;
  const { channel, status, reason, chosen_by_model, api_endpoint } = offer;
  const { presented_at, expires_at } = offer;
  const isUnanswered = status === 'presented' || status === 'viewed';
  return {
    ...{ offer_id, product_code, message, why, code, amount, currency, rate_bps, channel },
    ...{ status, reason, chosen_by_model, api_endpoint, presented_at, expires_at },
    is_open: isUnanswered && Date.parse(expires_at) > at,
  };
}

const query = Type.Object({ limit: limitQuery, after: Type.Optional(offerId) });
const visit = Type.Object({
  page: Type.Optional(
    Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9 _./-]{0,59}$', description: 'Where he is.' }),
  ),
});

export function customerOfferRoutes(app: FastifyInstance, parts: Parts): void {
  const { clock } = parts.planes;
  app.get(
    path,
    {
      schema: {
        ...{ tags, summary: 'What the bank offers me, the newest first, each with why' },
        ...{ querystring: query, response: { 200: page(view), ...problems } },
      },
    },
    async (request) => {
      const { limit = 50, after } = request.query as Type.Static<typeof query>;
      const { found } = await readOwn(parts, request, own('offer.read'), (tx, { party }) =>
        listOffers(tx, { customer: party, limit, after }),
      );
      return { ...found, items: found.items.map((each) => viewOf(each, clock.now())) };
    },
  );
  visitRoute(app, parts);
  answerRoutes(app, parts);
}

function visitRoute(app: FastifyInstance, parts: Parts): void {
  const { planes } = parts;
  const offering = offeringOf(planes);
  app.addHook('onClose', () => offering.settled());
  app.post(
    path,
    {
      schema: {
        ...{ tags, summary: 'I am here: what does the bank offer me now?' },
        description:
          'Presents what fits. Within half an hour the same is answered again, and what was ' +
          'refused or has had its turn is not.',
        ...{ headers: idempotencyHeaders, body: Type.Optional(visit) },
        response: { 200: Type.Object({ items: Type.Array(view) }), ...problems },
      },
    },
    async (request) => {
      const { mine } = await readOwn(parts, request, own('offer.read'), async () => true);
      const { page: where = '' } = (request.body ?? {}) as Type.Static<typeof visit>;
      const shown = await offering.consider({
        ...{ principal: mine.caller.subject.principal, customer: mine.party },
        ...{ channel: 'in_app', path: 'in_session', said: { page: where, activity: [] } },
      });
      const ids = shown.offers.map(({ offer_id }) => offer_id);
      const { found } = await readOwn(parts, request, own('offer.read'), (tx) =>
        Promise.all(ids.map((id) => readOffer(tx, id))),
      );
      return { items: found.flatMap((each) => (each ? [viewOf(each, planes.clock.now())] : [])) };
    },
  );
}

const acts = {
  view: { summary: 'I have seen it', body: Type.Object({}) },
  accept: { summary: 'I want it', body: Type.Object({}) },
  decline: { summary: 'I am not interested: it is kept from me from now on', body: declineBody },
} as const;

function answerRoutes(app: FastifyInstance, parts: Parts): void {
  const at = () => parts.planes.clock.now();
  for (const [act, { summary, body }] of Object.entries(acts)) {
    app.post(
      `${path}/:id/${act}`,
      {
        schema: {
          ...{ tags, summary, headers: idempotencyHeaders, params: idParams(offerId) },
          body: Type.Optional(body),
          response: { 200: view, 201: view, ...problems },
        },
      },
      async (request, reply) => {
        const right = own('offer.answer');
        const find = async (tx: Tx, { party }: Mine) => {
          const found = await readOffer(tx, idOf(request));
          return found?.customer === party ? viewOf(found, at()) : undefined;
        };
        const { mine } = await readOwn(parts, request, right, find);
        return change(parts, request, reply, {
          ...{ scope: right, operation: `offer.${act}`, idempotencyKey: ownKey(request, mine) },
          body: { offer_id: idOf(request), ...((request.body ?? {}) as object) } as Json,
          tell: (tx) => find(tx, mine),
        });
      },
    );
  }
}
