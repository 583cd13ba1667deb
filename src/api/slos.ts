// Service levels over HTTP: the board, the history of an objective, alerts, and maturity.
import { Fault, nullable, refuseField } from '#core';
import {
  type HistoryStep,
  historyStepsMs,
  isMeasured,
  listSloAlerts,
  objectives,
  readBoard,
  readHistory,
  readMaturity,
  stepsOf,
  type Window,
  windows,
} from '#slo';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { limitQuery, type Parts, read } from './routes.ts';
import { page, problems } from './views.ts';

const tags = ['slos'];
const text = Type.String();
const instant = Type.String({ format: 'date-time' });
const count = Type.Integer({ minimum: 0 });
const window = Type.Enum([...windows]);
const name = Type.Enum(objectives.map((objective) => objective.name));

const alert = Type.Object({
  alert_id: text,
  slo: text,
  rule: text,
  ordinal: Type.Integer({ description: 'Counts the alerts of a rule, from 1.' }),
  severity: text,
  window,
  numerator: count,
  denominator: count,
  raised_at: instant,
  cleared_at: nullable(instant),
});

const figures = {
  status: Type.Enum(['met', 'missed', 'no_data']),
  value: nullable(
    Type.Number({
      description: 'Milliseconds within which the share lies; of what is counted, how many.',
    }),
  ),
  numerator: Type.Integer({ minimum: 0, description: 'Cases that were bad.' }),
  denominator: Type.Integer({ minimum: 0, description: 'All cases.' }),
  burn_rate: nullable(
    Type.Number({ description: 'At 1 what may fail is used up just as its window ends.' }),
  ),
};
const span = { window, from: instant, as_of: instant };
const foldedThrough = nullable(
  Type.Object(
    { position: count, at: instant },
    { description: 'The last event of the log that counts here, and was folded.' },
  ),
);

const boardView = Type.Object({
  as_of: instant,
  folded_through: foldedThrough,
  items: Type.Array(
    Type.Object({
      name: text,
      title: text,
      share: Type.Number({ description: 'Of all cases, how many have to be good.' }),
      target_ms: nullable(count),
      is_measured: Type.Boolean({ description: 'Whether anything measures it yet.' }),
      sources: Type.Array(text),
      rules: Type.Array(
        Type.Object({
          name: text,
          window,
          burn_rate: Type.Number({ description: 'Above it the alert is raised.' }),
          cases_min: Type.Integer({ description: 'Fewer say nothing.' }),
          severity: text,
        }),
      ),
      windows: Type.Array(Type.Object({ ...span, ...figures })),
      alerts: Type.Array(alert),
    }),
  ),
});

const maturityView = Type.Object({
  as_of: instant,
  folded_through: foldedThrough,
  items: Type.Array(
    Type.Object({
      name: text,
      title: text,
      unit: Type.Enum(['share', 'incidents']),
      sources: Type.Array(text),
      windows: Type.Array(
        Type.Object({
          ...span,
          status: Type.Enum(['measured', 'no_data']),
          value: nullable(Type.Number()),
          numerator: count,
          denominator: count,
        }),
      ),
    }),
  ),
});

export function sloRoutes(app: FastifyInstance, parts: Parts): void {
  boardRoutes(app, parts);
  historyRoute(app, parts);
  alertRoute(app, parts);
}

function boardRoutes(app: FastifyInstance, parts: Parts): void {
  const { clock } = parts.planes;
  const isMeasuredByName = new Map(objectives.map((each) => [each.name, isMeasured(each)]));
  app.get(
    '/v1/slos',
    {
      schema: {
        tags,
        summary: 'How the service levels stand, and which alerts are raised',
        description:
          'Over the last hour, day, week and month. `no_data` is neither good nor bad: nothing ' +
          'was measured. Durations are within 1 % of the truth.',
        response: { 200: boardView, ...problems },
      },
    },
    async (request) => {
      const board = await read(parts, request, (tx) => readBoard(tx, clock.now()), 'policy:read');
      const items = board.items.map((item) => ({
        ...item,
        is_measured: isMeasuredByName.get(item.name) ?? false,
      }));
      return { ...board, items };
    },
  );
  app.get(
    '/v1/maturity',
    {
      schema: {
        tags,
        summary: 'How mature the bank runs: collisions, drift, overrules, leaks, determinism',
        response: { 200: maturityView, ...problems },
      },
    },
    (request) => read(parts, request, (tx) => readMaturity(tx, clock.now()), 'policy:read'),
  );
}

type HistoryQuery = { readonly window?: Window; readonly step?: HistoryStep };

function historyRoute(app: FastifyInstance, parts: Parts): void {
  const view = Type.Object({
    name: text,
    window,
    step: text,
    items: Type.Array(Type.Object({ from: instant, to: instant, ...figures })),
  });
  app.get(
    '/v1/slos/:name/history',
    {
      schema: {
        tags,
        summary: 'How a service level stood, step by step, oldest first',
        description: 'A window has up to 721 steps; a step without data says so.',
        params: Type.Object({ name }),
        querystring: Type.Object({
          window: Type.Optional(Type.Enum([...windows], { default: '24h' })),
          step: Type.Optional(
            Type.Enum(Object.keys(historyStepsMs), {
              description: 'The coarsest of the window unless given.',
            }),
          ),
        }),
        response: { 200: view, ...problems },
      },
    },
    (request) => {
      const params = request.params as { readonly name: string };
      const objective = objectives.find((each) => each.name === params.name);
      if (!objective) throw new Fault('not_found', `there is no ${request.url}`);
      const asked = request.query as HistoryQuery;
      const { window: asWindow = '24h' } = asked;
      const steps = stepsOf[asWindow];
      const step = asked.step ?? (steps.at(-1) as HistoryStep);
      if (!steps.includes(step)) refuseField('/step', `is ${steps.join(' or ')} for ${asWindow}`);
      const question = { objective, window: asWindow, step, now: parts.planes.clock.now() };
      return read(
        parts,
        request,
        async (tx) => ({
          ...{ name: objective.name, window: asWindow, step },
          items: await readHistory(tx, question),
        }),
        'policy:read',
      );
    },
  );
}

type AlertQuery = { readonly limit?: number; readonly after?: string; readonly slo?: string };

function alertRoute(app: FastifyInstance, parts: Parts): void {
  app.get(
    '/v1/slo-alerts',
    {
      schema: {
        tags,
        summary: 'Alerts on service levels, newest first',
        querystring: Type.Object({
          slo: Type.Optional(name),
          limit: limitQuery,
          after: Type.Optional(Type.String({ maxLength: 60 })),
        }),
        response: { 200: page(alert), ...problems },
      },
    },
    (request) => {
      const { limit = 50, ...rest } = request.query as AlertQuery;
      return read(parts, request, (tx) => listSloAlerts(tx, { limit, ...rest }), 'policy:read');
    },
  );
}
