// Lists of payments over HTTP: by all that one looks for, page by page, and how many of each sort.
import { principalText } from '#core';
import { moneySchemas as s } from '#money';
import {
  countPayments,
  listPayments,
  paymentChannels,
  paymentFacets,
  type PaymentFilter,
  paymentKinds,
  paymentOutcomes,
  paymentStatuses,
} from '#payments';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import Type from 'typebox';
import { isOfBank, standing } from './payment-path.ts';
import { limitQuery, type Parts, read, severalIn, severalOf } from './routes.ts';
import { facetsOf, page, problems } from './views.ts';
import { instantIn } from './write.ts';

const tags = ['payments'];
const amount = Type.Optional(
  Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description: 'Minor units.' }),
);
const instant = Type.Optional(Type.String({ format: 'date-time', maxLength: 40 }));

const filters = {
  q: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 60,
      description: 'The id of a payment or of an account, or an end-to-end id: the whole of it.',
    }),
  ),
  account_id: Type.Optional(s.accountId),
  debtor_account_id: Type.Optional(s.accountId),
  customer: Type.Optional(
    Type.String({ minLength: 1, maxLength: 80, description: 'Who pays or is paid, by a token.' }),
  ),
  status: severalOf(paymentStatuses),
  kind: severalOf([...paymentKinds, 'card']),
  channel: severalOf(paymentChannels),
  outcome: severalOf(paymentOutcomes),
  currency: Type.Optional(Type.String({ pattern: '^[A-Z0-9_]{3,12}(,[A-Z0-9_]{3,12}){0,19}$' })),
  amount_min: amount,
  amount_max: amount,
  from: instant,
  to: instant,
};
const filterQuery = Type.Object(filters);
const listQuery = Type.Object({
  ...filters,
  limit: limitQuery,
  after: Type.Optional(Type.String({ pattern: '^pay_[0-9a-hjkmnp-tv-z]{26}$' })),
});

export function paymentListRoutes(app: FastifyInstance, parts: Parts): void {
  app.get(
    '/v1/payments',
    {
      schema: {
        tags,
        summary: 'List payments, newest first',
        description:
          'With filters a page may be shorter than its limit, even empty: `next` is null only at ' +
          'the end. Of several values, with commas between them, one has to fit.',
        querystring: listQuery,
        response: { 200: page(standing), ...problems },
      },
    },
    async (request) => {
      const { limit = 50, after, ...rest } = request.query as Type.Static<typeof listQuery>;
      const query = { ...(await filterOf(parts, request, rest)), limit, after };
      return read(parts, request, (tx) => listPayments(tx, query), 'payments:read');
    },
  );
  app.get(
    '/v1/payments/facets',
    {
      schema: {
        tags,
        summary: 'Count payments by status, kind, channel, outcome and currency',
        description:
          'Under the same filters as the list, but for what is chosen of a facet itself; of very ' +
          'many the newest are counted.',
        querystring: filterQuery,
        response: { 200: facetsOf(paymentFacets), ...problems },
      },
    },
    async (request) => {
      const asked = request.query as Type.Static<typeof filterQuery>;
      const filter = await filterOf(parts, request, asked);
      return read(parts, request, (tx) => countPayments(tx, filter), 'payments:read');
    },
  );
}

/** Partners and agents see what they have ordered themselves. */
async function filterOf(
  { authenticate }: Parts,
  request: FastifyRequest,
  query: Type.Static<typeof filterQuery>,
): Promise<PaymentFilter> {
  const { principal } = await authenticate.remembered(request, 'payments:read');
  return {
    text: query.q,
    account: query.account_id,
    debtorAccount: query.debtor_account_id,
    customer: query.customer,
    statuses: severalIn(query.status),
    kinds: severalIn(query.kind),
    channels: severalIn(query.channel),
    outcomes: severalIn(query.outcome),
    currencies: severalIn(query.currency),
    amountMin: query.amount_min,
    amountMax: query.amount_max,
    from: instantIn(query.from, '/from'),
    to: instantIn(query.to, '/to'),
    requestedBy: isOfBank(principal) ? undefined : principalText(principal),
  };
}
