// Experiments over HTTP: hold-outs and controls, what offers have changed, and whom they reach.
import { instantToText, type Json, nullable, type Tx } from '#core';
import { liftVerdicts } from '#ai';
import {
  groupsBody,
  holdoutPeriod,
  holdoutWatchedUntil,
  learningBody,
  learningRemarks,
  learningSchema,
  listExperiments,
  readExperiment,
  readHoldout,
  readLearning,
} from '#offers';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { checked, checkedParts } from '../checked.ts';
import { expected } from '../expected.ts';
import { change, type Parts, read } from '../routes.ts';
import { idempotencyHeaders, problems } from '../views.ts';

const tags = ['offers'];
const text = Type.String();
const instant = Type.String({ format: 'date-time' });
const integer = Type.Integer();
const number = Type.Number();

const rate = nullable(
  Type.Object(
    { value: number, low: number, high: number, n: integer },
    {
      description: 'A share with its 95 % interval.',
    },
  ),
);
const summary = {
  action: text,
  arms: Type.Array(
    Type.Object({
      ...{ arm: text, n: integer },
      mature: Type.Integer({ description: 'For whom the window has passed.' }),
      opened: Type.Integer({ description: 'Of the mature: who has opened the product within it.' }),
    }),
  ),
  lift: Type.Object({
    verdict: Type.Enum([...liftVerdicts]),
    ...{ treated: rate, control: rate, difference: nullable(number) },
    ...{ low: nullable(number), high: nullable(number), z: number },
    needed_per_arm: nullable(
      Type.Integer({ description: 'Would show such a difference in four of five experiments.' }),
    ),
  }),
  incremental: nullable(
    Type.Integer({ description: 'Products that would not have been opened without the offer.' }),
  ),
};
export const summaryView = Type.Object(summary);

const estimate = Type.Object({ value: number, error: number });
const experimentView = Type.Object({
  ...{ ...summary, window_days: integer, as_of: instant },
  off_policy: nullable(
    Type.Object(
      {
        ...{ n: integer, ips: estimate, snips: nullable(estimate) },
        ...{ effective_n: number, clipped: integer },
      },
      { description: 'What offering it to everybody would bring, from offers drawn by chance.' },
    ),
  ),
  ranking: Type.Object({ n: integer, qini: nullable(number), uplift_auc: nullable(number) }),
  fairness: Type.Array(
    Type.Object({
      attribute: text,
      groups: Type.Array(
        Type.Object({
          ...{ group: text, n: integer, favourable_rate: number },
          ...{ impact_ratio: nullable(number), impact_z: nullable(number) },
          is_flagged: Type.Boolean(),
        }),
      ),
    }),
  ),
});

export function experimentRoutes(app: FastifyInstance, parts: Parts): void {
  readRoutes(app, parts);
  settingRoutes(app, parts);
  settingCheckRoute(app, parts);
}

function readRoutes(app: FastifyInstance, parts: Parts): void {
  const { clock } = parts.planes;
  app.get(
    '/v1/offers/experiments',
    {
      schema: {
        ...{ tags, summary: 'What each action has changed, against those who were not offered it' },
        response: {
          200: Type.Object({
            holdout: Type.Object(
              { ...summary, period: text, watched_until: instant },
              { description: 'Over all actions; it is watched a while behind its end.' },
            ),
            settings: learningSchema,
            items: Type.Array(summaryView),
          }),
          ...problems,
        },
      },
    },
    (request) =>
      read(
        parts,
        request,
        async (tx) => {
          const [now, settings] = [clock.now(), await readLearning(tx)];
          const holdout = {
            ...(await readHoldout(tx, now)),
            period: holdoutPeriod(settings, now),
            watched_until: instantToText(holdoutWatchedUntil(settings, now)),
          };
          return { holdout, settings, items: await listExperiments(tx, now) };
        },
        'offers:read',
      ),
  );
  app.get(
    '/v1/offers/experiments/:action',
    {
      schema: {
        ...{ tags, summary: 'One action: lift, what chance has taught, ranking and fairness' },
        params: Type.Object({ action: Type.String({ maxLength: 60 }) }),
        response: { 200: experimentView, ...problems },
      },
    },
    (request) => {
      const { action } = request.params as { action: string };
      const look = async (tx: Tx) =>
        expected(await readExperiment(tx, action, clock.now()), `action ${action}`);
      return read(parts, request, look, 'offers:read');
    },
  );
}

function settingRoutes(app: FastifyInstance, parts: Parts): void {
  const done = { settings: learningSchema };
  app.post(
    '/v1/offers/experiments/settings',
    {
      schema: {
        ...{ tags, summary: 'Say who is held out, and when offers stop by themselves' },
        description: 'Another person has to approve: subject kind `offers.learning`.',
        headers: idempotencyHeaders,
        body: learningBody,
        response: { 200: Type.Object(done), 201: Type.Object(done), ...problems },
      },
    },
    (request, reply) =>
      change(parts, request, reply, {
        ...{ scope: 'offers:write', operation: 'offers.learning.configure' },
        body: request.body as Json,
        tell: async (tx) => ({ settings: await readLearning(tx) }),
      }),
  );
  const told = Type.Object({ told: integer });
  app.post(
    '/v1/offers/experiments/groups',
    {
      schema: {
        ...{ tags, summary: 'Tell protected groups of customers, to see whom offers reach' },
        description: 'Nothing that decides on an offer ever reads them.',
        headers: idempotencyHeaders,
        body: groupsBody,
        response: { 200: told, 201: told, ...problems },
      },
    },
    (request, reply) =>
      change(parts, request, reply, {
        ...{ scope: 'offers:write', operation: 'offers.groups.tell' },
        body: request.body as Json,
        tell: async () => ({ told: (request.body as { groups: unknown[] }).groups.length }),
      }),
  );
}

function settingCheckRoute(app: FastifyInstance, parts: Parts): void {
  app.post(
    '/v1/offers/experiments/settings/check',
    {
      schema: {
        ...{ tags, summary: 'Whether settings could be put in force, and what they would do' },
        body: learningSchema,
        response: { 200: Type.Object(checkedParts), ...problems },
      },
    },
    (request) => {
      const settings = request.body as Type.Static<typeof learningSchema>;
      const at = parts.planes.clock.now();
      const look = async (tx: Tx) => {
        const before = await readLearning(tx);
        return checked({ flaws: [], remarks: learningRemarks(settings, { before, at }) });
      };
      return read(parts, request, look, 'offers:read');
    },
  );
}
