// Customer 360 over HTTP: what the bank knows of a customer, put together for people of the bank.
import { internalId, nullable, type Tx } from '#core';
import { membershipsOf, readRewards, readSignals } from '#loyalty';
import { readEngagement, triggerKinds } from '#offers';
import { readDecisions } from '#policy';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { idOf, idParams, type Parts, read } from '../routes.ts';
import { problems } from '../views.ts';

const text = Type.String();
const instant = Type.String({ format: 'date-time' });
const integer = Type.Integer();
const anything = Type.Record(text, Type.Unknown());

const relationship = Type.Array(
  Type.Object({
    currency: text,
    deposits: Type.Integer({ description: 'Minor units: what the customer has with the bank.' }),
    debts: Type.Integer({ description: 'Minor units: what the customer owes it.' }),
  }),
);
/** `status`: `scored` by a model, by its `rule`, or `fallback` where nothing has said anything. */
const said = {
  ...{ status: text, program: text, decision_id: text, known_at: instant },
  model: nullable(
    Type.Object(
      { name: text, version: integer },
      { description: 'Which was asked; whose value it is, where one has stood in for it.' },
    ),
  ),
};
const engagementView = Type.Object({
  customer: text,
  as_of: instant,
  profile: Type.Object({
    ...{ kind: text, segment: text, status: text, country: text, since: text },
    ...{ relationship_days: integer, known_at: instant },
  }),
  household: nullable(Type.Object({ id: text, members: Type.Array(text), relationship })),
  products: Type.Array(
    Type.Object({
      ...{ account_id: text, role: text, product_code: nullable(text) },
      ...{ product_name: nullable(text), kind: nullable(text), currency: text },
      ...{ booked: integer, available: integer, since: instant },
    }),
  ),
  relationship,
  risk: Type.Object({
    churn: nullable(Type.Number({ description: '0 to 1, as a model has said it.' })),
    churn_known_at: nullable(instant),
    days_past_due: nullable(integer),
    hardship: nullable(Type.Boolean()),
  }),
  models: Type.Object(
    {
      lifetime_value: nullable(
        Type.Object({
          value: nullable(
            Type.Number({ description: 'What he will spend within a year, in whole units.' }),
          ),
          segment: nullable(text),
          ...said,
        }),
      ),
      churn: nullable(
        Type.Object({ value: nullable(Type.Number({ description: '0 to 1.' })), ...said }),
      ),
      redemption: nullable(
        Type.Object({
          value: nullable(Type.Number({ description: 'That he uses points by himself, 0 to 1.' })),
          by_kind: nullable(Type.Record(text, Type.Number())),
          ...said,
        }),
      ),
    },
    {
      description:
        'What models have said of him last, by a decision that is on record; null where none was ' +
        'asked. Members are asked about at night, as far as `loyalty-burn`, `retention` and ' +
        '`customer-value` are rolled out.',
    },
  ),
  consents: Type.Array(
    Type.Object({
      ...{ purpose: text, channel: nullable(text), in_effect: Type.Boolean() },
      known_at: instant,
    }),
  ),
  told: Type.Object(
    { values: anything, known_at: nullable(instant) },
    { description: 'What the bank has told that its register does not know.' },
  ),
  loyalty: Type.Array(
    Type.Object({
      ...{ program: text, standing: text, unit: text, balance: integer, spendable: integer },
      ...{ pending: integer, worth: integer, currency: text, tier: nullable(text) },
    }),
  ),
  offers: Type.Array(anything, { description: 'The last 50: see `GET /v1/offers`.' }),
  contacts: anything,
  life_events: Type.Array(
    Type.Object({
      kind: Type.Enum(Object.keys(triggerKinds)),
      ...{ source: text, detail: anything, occurred_at: instant, recorded_at: instant },
    }),
    { description: 'The last 50.' },
  ),
});

export function engagementRoutes(app: FastifyInstance, parts: Parts): void {
  const { clock } = parts.planes;
  app.get(
    '/v1/customers/:id/engagement',
    {
      schema: {
        ...{ tags: ['offers'], summary: 'All that the bank knows of a customer, and since when' },
        description:
          'Products and balances, household, points and tier, consents, offers and contacts, and ' +
          'what has happened in the customer’s life. Each part says since when it is known.',
        params: idParams(Type.String({ pattern: '^pty_[0-9a-hjkmnp-tv-z]{26}$' })),
        response: { 200: engagementView, ...problems },
      },
    },
    (request) => {
      const customer = idOf(request);
      const now = clock.now();
      return read(
        parts,
        request,
        async (tx) => {
          const found = await readEngagement(tx, customer, now);
          if (!found) return undefined;
          const isMember = (await membershipsOf(tx, customer)).length > 0;
          const rewards = isMember ? await readRewards(tx, { customer, at: now }) : [];
          const loyalty = rewards.map(({ tier, ...each }) => ({
            ...each,
            tier: tier?.tier ?? null,
          }));
          const signals = await readSignals(tx, customer);
          const models = modelsOf(signals, await readAsked(tx, signals));
          return { ...found, loyalty, models };
        },
        'offers:read',
      );
    },
  );
}

type Signals = Awaited<ReturnType<typeof readSignals>>;
type Asked = { readonly name: string; readonly version: number };

/** By the id of the decision: the registered model behind it, as its score is on record. */
async function readAsked(tx: Tx, signals: Signals): Promise<ReadonlyMap<string, Asked>> {
  const told = Object.values(signals).map(({ told: { decision_id } }) => decision_id);
  const decisions = await readDecisions(
    tx,
    told.flatMap((id) => internalId('decision', String(id)) ?? []),
  );
  const scored = [...decisions.values()].flatMap(({ decision_id, model_score_ref: ref }) => {
    const score = ref === null ? undefined : internalId('score', ref);
    return score === undefined ? [] : [{ decision_id, score }];
  });
  const { rows } = await tx.query<{ id: string; model: Asked; served_by: Asked | null }>(
    `select id, body::jsonb #> '{data,payload,model}' as model,
            body::jsonb #> '{data,payload,served_by}' as served_by
       from core.event where tenant_id = core.current_tenant() and id = any ($1::uuid[])
        and type = 'score.produced'`,
    [scored.map(({ score }) => score)],
  );
  return new Map(
    scored.flatMap(({ decision_id, score }) => {
      const row = rows.find(({ id }) => id === score);
      if (!row) return [];
      const { name, version } = row.served_by ?? row.model;
      return [[decision_id, { name, version }]];
    }),
  );
}

function modelsOf(
  { valued, at_risk: leaving, burn_suggested: burning }: Signals,
  asked: ReadonlyMap<string, Asked>,
) {
  const saidIn = ({ told, program, known_at }: NonNullable<typeof valued>, status: string) => ({
    ...{ status: told[status] ?? 'fallback', decision_id: told['decision_id'] },
    ...{ program, known_at, model: asked.get(String(told['decision_id'])) ?? null },
  });
  const { lifetime_value = null, segment = null } = valued?.told ?? {};
  const { churn = null } = leaving?.told ?? {};
  const { redemption = null, propensities = null } = burning?.told ?? {};
  return {
    lifetime_value: valued
      ? { value: lifetime_value, segment, ...saidIn(valued, 'lifetime_value_status') }
      : null,
    churn: leaving ? { value: churn, ...saidIn(leaving, 'churn_status') } : null,
    redemption: burning
      ? { value: redemption, by_kind: propensities, ...saidIn(burning, 'redemption_status') }
      : null,
  };
}
