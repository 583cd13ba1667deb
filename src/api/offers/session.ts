// Offers in session over HTTP: the payload is fixed; what else there is to say stands in headers.
import { externalId, internalId, isoExponent, refuseField, type Tx, withTx } from '#core';
import type { Planes } from '#main';
import {
  type Considered,
  customerOfCore,
  type Offering,
  offerCurrency,
  openOffering,
  openPropensities,
  readConsideration,
  withheldBy,
} from '#offers';
import type { Facts } from '#policy';
import type { FastifyInstance, FastifyReply } from 'fastify';
import Type from 'typebox';
import { idOf, idParams, type Parts, read } from '../routes.ts';
import { problems } from '../views.ts';
import { checkOpaque } from '../write.ts';

const tags = ['offers'];
const text = Type.String();
const word = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9 _./-]{0,59}$' });
const decimal = Type.Number({ minimum: -1e13, maximum: 1e13 });
const [wordsMax, transactionsMax] = [50, 100];
const closed = { additionalProperties: false } as const;

const sessionBody = Type.Object(
  {
    customer_id: Type.String({
      pattern: '^[A-Za-z0-9_.:-]{1,80}$',
      description: 'Of the register, or as the bank’s core calls the customer.',
      examples: ['CUST-78910'],
    }),
    session_context: Type.Optional(
      Type.Object(
        {
          current_page: Type.Optional(word),
          recent_activity: Type.Optional(Type.Array(word, { maxItems: wordsMax })),
        },
        closed,
      ),
    ),
    core_banking_data_snapshot: Type.Optional(
      Type.Object(
        {
          avg_monthly_balance: Type.Optional(decimal),
          account_age_days: Type.Optional(Type.Integer({ minimum: 0, maximum: 100_000 })),
          recent_transactions: Type.Optional(
            Type.Array(
              Type.Object(
                {
                  amount: decimal,
                  description: Type.Optional(Type.String({ maxLength: 200 })),
                  category: Type.Optional(word),
                },
                closed,
              ),
              { maxItems: transactionsMax },
            ),
          ),
        },
        {
          ...closed,
          description:
            'Decimal amounts in the home currency: facts for conditions, and never money. ' +
            'Nothing of it is kept, and descriptions are not even read.',
        },
      ),
    ),
  },
  closed,
);
type SessionBody = Type.Static<typeof sessionBody>;

const sessionAnswer = Type.Object({
  offers: Type.Array(
    Type.Object({
      product_code: text,
      personalized_message: text,
      eligibility_score: Type.Number({
        description: 'How likely the customer accepts, 0 to 1, to four places.',
      }),
      api_endpoint: text,
    }),
  ),
});

const considered = Type.Object({
  session_id: text,
  ...{ customer: text, channel: text, path: text, mode: text },
  considered_at: Type.String({ format: 'date-time' }),
  because: Type.Union([text, Type.Null()]),
  candidates: Type.Array(Type.Unknown(), {
    description: 'Every action: its rank and terms P × C × V × L, or why it was not offered.',
  }),
  shadow: Type.Array(Type.Unknown(), { description: 'The same of actions only watched.' }),
  presented: Type.Array(Type.Unknown()),
});

export function sessionRoutes(app: FastifyInstance, parts: Parts): void {
  const { planes, authenticate } = parts;
  const offering = offeringOf(planes);
  app.addHook('onClose', () => offering.settled());
  app.post(
    '/v1/offers/in-session',
    {
      schema: {
        ...{ tags, summary: 'What to offer a customer who is in a session now' },
        description:
          'Answers what fits, in the words that were approved; each is presented by this call, ' +
          'and counts as a contact. Within half an hour the same offers are answered again. ' +
          'Headers: `offer-ids`, in the order of the offers; `offer-session`, by which ' +
          '`GET /v1/offers/sessions/{id}` tells of each action why; `offers-withheld`, how many ' +
          'were not offered for which reason.',
        body: sessionBody,
        response: { 200: sessionAnswer, ...problems },
      },
    },
    async (request, reply) => {
      const { principal } = await authenticate.fresh(request, 'offers:write');
      const body = request.body as SessionBody;
      checkOpaque(body.customer_id, '/customer_id');
      const customer = await partyOf(planes, principal.tenant, body.customer_id);
      if (customer === undefined) {
        reply.header('offers-withheld', 'no_customer=1');
        return { offers: [] };
      }
      const currency = await offerCurrency(planes, principal.tenant);
      const found = await offering.consider({
        ...{ principal, customer, channel: 'in_app', path: 'in_session' },
        said: saidIn(body, currency),
      });
      return answerOf(reply, found);
    },
  );
  app.get(
    '/v1/offers/sessions/:id',
    {
      schema: {
        ...{ tags, summary: 'What was looked at for a customer, and why each action was offered' },
        description: 'Kept a moment behind the answer.',
        params: idParams(Type.String({ pattern: '^ses_[0-9a-hjkmnp-tv-z]{26}$' })),
        response: { 200: considered, ...problems },
      },
    },
    (request) => read(parts, request, (tx) => readConsideration(tx, idOf(request)), 'offers:read'),
  );
}

/** One for a process: it remembers what the bank has published. */
export function offeringOf(planes: Planes): Offering {
  const onError = () => undefined;
  return openOffering({
    ...planes,
    propensities: openPropensities({ ...planes, onError }),
    onError,
  });
}

async function partyOf({ database }: Planes, tenant: string, id: string) {
  if (internalId('party', id) !== undefined) return id;
  return withTx(database.pool('read'), (tx: Tx) => customerOfCore(tx, id), {
    ...{ tenant, readOnly: true },
  });
}

/** Facts of the moment; amounts become minor units, rounded to the nearest. */
function saidIn(
  { session_context: context = {}, core_banking_data_snapshot: snapshot = {} }: SessionBody,
  currency: string,
): Facts {
  const scale = 10 ** (isoExponent(currency) ?? 0);
  const minor = (value: number, pointer: string) => {
    const amount = Math.round(value * scale);
    if (!Number.isSafeInteger(amount)) refuseField(pointer, 'is more than any balance');
    return amount;
  };
  const { recent_transactions: recent = [], avg_monthly_balance: average } = snapshot;
  const at = '/core_banking_data_snapshot';
  const spent = recent.map(({ amount }, index) =>
    minor(amount, `${at}/recent_transactions/${index}/amount`),
  );
  const age = snapshot.account_age_days;
  return {
    page: context.current_page ?? '',
    activity: context.recent_activity ?? [],
    categories: [...new Set(recent.flatMap(({ category }) => category ?? []))],
    ...(spent.length === 0 ? {} : { largest_purchase: Math.max(...spent) }),
    ...(average === undefined
      ? {}
      : { avg_monthly_balance: minor(average, `${at}/avg_monthly_balance`) }),
    ...(age === undefined ? {} : { account_age_days: age }),
  };
}

function answerOf(reply: FastifyReply, found: Considered) {
  const reasons = withheldBy(found);
  reply.header('offer-session', externalId('session', found.id));
  reply.header('offer-ids', found.offers.map(({ offer_id }) => offer_id).join(', '));
  const told = Object.entries(reasons).map(([reason, count]) => `${reason}=${count}`);
  reply.header('offers-withheld', told.join(', '));
  return {
    offers: found.offers.map(({ product_code, message, score, api_endpoint }) => ({
      ...{ product_code, personalized_message: message, eligibility_score: score, api_endpoint },
    })),
  };
}
