// Offers over HTTP: what was presented to whom, what became of it, and how often anybody was
// spoken to.
import { type Json, nullable } from '#core';
import {
  declineBody,
  listOffers,
  listStatementOffers,
  offerStatuses,
  readContacts,
  readOffer,
  toldSchema,
  withdrawBody,
} from '#offers';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import {
  change,
  idOf,
  idParams,
  limitQuery,
  type Parts,
  read,
  severalIn,
  severalOf,
} from '../routes.ts';
import { idempotencyHeaders, page, problems, words } from '../views.ts';

const tags = ['offers'];
const text = Type.String();
const instant = Type.String({ format: 'date-time' });
const integer = Type.Integer();
const offerId = Type.String({ pattern: '^off_[0-9a-hjkmnp-tv-z]{26}$' });
const customer = Type.String({ pattern: '^pty_[0-9a-hjkmnp-tv-z]{26}$' });

const offer = {
  offer_id: offerId,
  ...{ customer, action: text, version: integer, class: text, product_code: text },
  ...{ channel: text, path: text },
  code: Type.String({ description: 'By which the customer names it to a person.' }),
  message: text,
  why: Type.String({ description: 'Why this customer, in words for him.' }),
  amount: Type.Integer({ description: 'Minor units.' }),
  ...{ currency: text, rate_bps: nullable(integer), discount_bps: integer },
  api_endpoint: nullable(Type.String({ description: 'Where he applies; null for a person.' })),
  chosen_by_model: Type.Boolean(),
  status: words(offerStatuses),
  reason: nullable(text),
  ...{ presented_at: instant, expires_at: instant, viewed_at: nullable(instant) },
  ...{ answered_at: nullable(instant), ended_at: nullable(instant), booked_at: nullable(instant) },
  ...{ booked_account: nullable(text), advised_at: nullable(instant) },
  score: Type.Number({ description: 'How likely he was to accept, 0 to 1.' }),
  counts: Type.Boolean({ description: 'Whether it counts as a contact.' }),
  arm: text,
  terms: Type.Record(text, Type.Unknown(), { description: 'P, C, V and L, and their product.' }),
  decision_id: text,
};
const offerView = Type.Object(offer);
const offerDetail = Type.Object({
  ...offer,
  session_id: {
    ...nullable(text),
    description: 'What was looked at when it was chosen: `GET /v1/offers/sessions/{id}`.',
  },
  history: Type.Array(
    Type.Object({
      ...{ number: integer, act: text },
      took_effect: Type.Boolean({ description: 'False for what came late, or again.' }),
      ...{ acted_by: text, acted_at: instant, detail: Type.Record(text, Type.Unknown()) },
    }),
  ),
  core: Type.Array(
    Type.Object({
      ...{ kind: text, outcome: text, status: text, attempts: integer },
      ...{ receipt: nullable(text), trouble: nullable(text) },
    }),
    { description: 'What the bank’s core was told, or still has to be.' },
  ),
});

export function offersRoutes(app: FastifyInstance, parts: Parts): void {
  readRoutes(app, parts);
  actRoutes(app, parts);
  contactRoutes(app, parts);
}

type ListQuery = {
  readonly customer?: string;
  readonly action?: string;
  readonly status?: string;
  readonly channel?: string;
  readonly limit?: number;
  readonly after?: string;
};

function readRoutes(app: FastifyInstance, parts: Parts): void {
  app.get(
    '/v1/offers',
    {
      schema: {
        ...{ tags, summary: 'Offers that were made, the newest first' },
        querystring: Type.Object({
          customer: Type.Optional(customer),
          action: Type.Optional(Type.String({ maxLength: 60 })),
          status: severalOf(offerStatuses),
          channel: Type.Optional(Type.String({ maxLength: 20 })),
          limit: limitQuery,
          after: Type.Optional(offerId),
        }),
        response: { 200: page(offerView), ...problems },
      },
    },
    (request) => {
      const { limit = 50, status, ...rest } = request.query as ListQuery;
      const query = { ...rest, limit, status: severalIn(status) };
      return read(parts, request, (tx) => listOffers(tx, query), 'offers:read');
    },
  );
  app.get(
    '/v1/offers/:id',
    {
      schema: {
        ...{ tags, summary: 'An offer with its history', params: idParams(offerId) },
        response: { 200: offerDetail, ...problems },
      },
    },
    (request) => read(parts, request, (tx) => readOffer(tx, idOf(request)), 'offers:read'),
  );
}

const acts = {
  view: { summary: 'The customer has seen it', body: Type.Object({}) },
  accept: { summary: 'The customer accepts it', body: Type.Object({}) },
  decline: { summary: 'The customer does not want it: it is kept from him', body: declineBody },
  withdraw: { summary: 'The bank takes it back', body: withdrawBody },
} as const;

function actRoutes(app: FastifyInstance, parts: Parts): void {
  for (const [act, { summary, body }] of Object.entries(acts)) {
    app.post(
      `/v1/offers/:id/${act}`,
      {
        schema: {
          ...{ tags, summary, headers: idempotencyHeaders, params: idParams(offerId) },
          description:
            'What comes again, late or out of order changes nothing more, and stands in the ' +
            'history. What cannot be answered any more is a `conflict` whose `reason` says why.',
          body: Type.Optional(body),
          response: { 200: offerDetail, 201: offerDetail, ...problems },
        },
      },
      (request, reply) =>
        change(parts, request, reply, {
          ...{ scope: 'offers:write', operation: `offer.${act}` },
          body: { offer_id: idOf(request), ...((request.body ?? {}) as object) } as Json,
          tell: (tx) => readOffer(tx, idOf(request)),
        }),
    );
  }
}

function contactRoutes(app: FastifyInstance, parts: Parts): void {
  const { clock } = parts.planes;
  const contacts = Type.Object({
    ...{ customer, month_days: integer, offers_this_month: integer, offers_max: integer },
    days_since_complaint: Type.Integer({ description: '9999 for never, 0 while one is open.' }),
    channels: Type.Array(
      Type.Object({ channel: text, offers: integer, offers_max: nullable(integer) }),
    ),
    told: Type.Object(toldSchema.properties, { description: 'What the bank has told of him.' }),
    ...page(
      Type.Object({
        ...{ offer_id: offerId, action: text, channel: text, path: text },
        ...{ counts: Type.Boolean(), presented_at: instant, status: text },
      }),
    ).properties,
  });
  app.get(
    '/v1/offers/contacts',
    {
      schema: {
        ...{ tags, summary: 'How often a customer was spoken to, by what, and what room is left' },
        querystring: Type.Object({ customer, limit: limitQuery, after: Type.Optional(offerId) }),
        response: { 200: contacts, ...problems },
      },
    },
    (request) => {
      const { limit = 50, ...rest } = request.query as { customer: string; limit?: number };
      const query = { ...rest, limit, at: clock.now() };
      return read(parts, request, (tx) => readContacts(tx, query), 'offers:read');
    },
  );
  app.post(
    '/v1/offers/customers/:id',
    {
      schema: {
        ...{ tags, summary: 'Tell what the register does not know of a customer' },
        description: 'Adds to what was told before; null takes a fact back.',
        ...{ headers: idempotencyHeaders, params: idParams(customer), body: toldSchema },
        response: { 200: contacts, 201: contacts, ...problems },
      },
    },
    (request, reply) =>
      change(parts, request, reply, {
        ...{ scope: 'offers:write', operation: 'offer.customer.tell' },
        body: { customer: idOf(request), told: request.body as Json },
        tell: (tx) => readContacts(tx, { customer: idOf(request), at: clock.now(), limit: 50 }),
      }),
  );
  const onStatement = Type.Object({
    ...{ account_id: text, offer_id: offerId, customer, product_code: text, message: text },
    ...{ code: text, expires_at: instant },
  });
  app.get(
    '/v1/offers/statements',
    {
      schema: {
        ...{ tags, summary: 'Offers to print on statements, account by account' },
        description: 'Those made for the post that can still be answered, the oldest first.',
        querystring: Type.Object({ limit: limitQuery, after: Type.Optional(offerId) }),
        response: { 200: page(onStatement), ...problems },
      },
    },
    (request) => {
      const { limit = 50, after } = request.query as { limit?: number; after?: string };
      const query = { limit, after, at: clock.now() };
      return read(parts, request, (tx) => listStatementOffers(tx, query), 'offers:read');
    },
  );
}
