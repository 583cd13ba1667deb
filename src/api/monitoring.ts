// Monitoring over HTTP: the report on a model, what the controls found, and the alerts.
import { Fault, instantFromText, nullable, refuseField, type Tx, withTx, dayMs } from '#core';
import {
  controls,
  limitDirections,
  limitUnits,
  listAlerts,
  listControlRuns,
  readWatched,
  reportOn,
  runControls,
} from '#ai';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import Type from 'typebox';
import { reportView } from './monitoring-views.ts';
import { limitQuery, type Parts, read } from './routes.ts';
import { idempotencyHeaders, page, problems } from './views.ts';
import { checkInstant, idempotencyKeyOf } from './write.ts';

const tags = ['models'];
const text = Type.String();
const instant = Type.String({ format: 'date-time' });
const periodMaxMs = 366 * dayMs;
const reportTimeoutMs = 20_000;
/** Reports and runs under way in the process: what else is read has to get through beside them. */
const reportsMax = 2;

const period = {
  from: Type.Optional(Type.String({ format: 'date-time', description: 'A day before `to`.' })),
  to: Type.Optional(Type.String({ format: 'date-time', description: 'Now unless given.' })),
};
const modelName = Type.String({ pattern: '^[a-z][a-z0-9-]{1,59}$' });

export function monitoringRoutes(app: FastifyInstance, parts: Parts): void {
  const takeTurn = takingTurns();
  reportRoute(app, parts, takeTurn);
  catalogueRoute(app, parts);
  runRoute(app, parts, takeTurn);
  listRoutes(app, parts);
}

type TakeTurn = <Made>(tenant: string, make: () => Promise<Made>) => Promise<Made>;

/** One at a time for each tenant: who asks in between is told to try again. */
export function takingTurns(): TakeTurn {
  const busy = new Set<string>();
  return async (tenant, make) => {
    if (busy.has(tenant) || busy.size >= reportsMax) {
      throw new Fault('overloaded', 'another report is being made: try again');
    }
    busy.add(tenant);
    try {
      return await make();
    } finally {
      busy.delete(tenant);
    }
  };
}

type ReportQuery = {
  from?: string;
  to?: string;
  version?: number;
  unlabelled?: 'left_out' | 'negative';
};

function reportRoute(app: FastifyInstance, parts: Parts, takeTurn: TakeTurn): void {
  app.get(
    '/v1/models/:name/monitoring',
    {
      schema: {
        tags,
        summary: 'How a model does: drift, performance, calibration, fairness, latency, fallbacks',
        description:
          'Of the cases of the period, as far as they are sealed; of more than 50,000, a sample. ' +
          'One report at a time for a tenant.',
        params: Type.Object({ name: modelName }),
        querystring: Type.Object({
          ...period,
          version: Type.Optional(
            Type.Integer({ minimum: 1, description: 'That in production unless given.' }),
          ),
          unlabelled: Type.Optional(
            Type.Enum(['left_out', 'negative'], {
              default: 'left_out',
              description:
                '`negative` counts a case without a label as one that turned out well: right ' +
                'where only what went wrong is reported, once enough time has passed.',
            }),
          ),
        }),
        response: { 200: reportView, ...problems },
      },
    },
    async (request) => {
      const { planes, authenticate } = parts;
      const { principal } = await authenticate.fresh(request, 'model:read');
      const { tenant } = principal;
      const { name } = request.params as { name: string };
      const query = request.query as ReportQuery;
      const { unlabelled = 'left_out' } = query;
      const span = spanOf(query, planes.clock.now());
      const signal = AbortSignal.timeout(reportTimeoutMs);
      const report = async (tx: Tx) => {
        const watched = await readWatched(tx, name, query.version);
        return watched && reportOn(tx, { ...watched, ...span, unlabelled, signal });
      };
      const pool = planes.database.pool('read');
      const found = await takeTurn(tenant, () => withTx(pool, report, { tenant, readOnly: true }));
      if (!found) throw new Fault('not_found', `there is no ${request.url}`);
      return found;
    },
  );
}

function spanOf({ from, to }: Pick<ReportQuery, 'from' | 'to'>, now: number) {
  checkInstant(from, '/from');
  checkInstant(to, '/to');
  const end = (to === undefined ? undefined : instantFromText(to)) ?? now;
  const start = (from === undefined ? undefined : instantFromText(from)) ?? end - dayMs;
  if (start >= end || end - start > periodMaxMs) {
    refuseField('/from', 'lies before `to`, by a year at most');
  }
  return { from: start, to: end };
}

// Controls ----------------------------------------------------------------------------------------

const figures = Type.Record(text, Type.Union([Type.Number(), text, Type.Null()]));
const position = nullable(Type.Integer());
const evidence = Type.Object({
  report_digest: text,
  first_position: position,
  last_position: position,
});
const result = Type.Enum(['passed', 'failed', 'insufficient']);
const severity = Type.Enum(['none', 'warning', 'severe']);

function catalogueRoute(app: FastifyInstance, parts: Parts): void {
  const control = Type.Object({
    id: text,
    title: text,
    owner: text,
    threshold: text,
    limits: Type.Array(
      Type.Object({
        figure: Type.String({ description: 'Of its runs.' }),
        direction: Type.Enum([...limitDirections]),
        unit: Type.Enum([...limitUnits]),
        warn: Type.Union([Type.Number(), Type.Null()], {
          description: 'Beyond it the control fails, unless chance explains it.',
        }),
        warn_figure: Type.Union([text, Type.Null()], {
          description: 'The figure of a run that says it, where each card has its own.',
        }),
        severe: Type.Union([Type.Number(), Type.Null()]),
      }),
    ),
    schedule: text,
    suspends: Type.Boolean({ description: 'Whether a severe failure stops the model.' }),
  });
  app.get(
    '/v1/controls',
    {
      schema: {
        tags,
        summary: 'The controls that are tested of every model in production',
        response: { 200: page(control), ...problems },
      },
    },
    (request) => read(parts, request, async () => ({ items: controls, next: null }), 'model:read'),
  );
}

function runRoute(app: FastifyInstance, parts: Parts, takeTurn: TakeTurn): void {
  const run = Type.Object({
    model: text,
    version: Type.Integer(),
    period_from: instant,
    period_to: instant,
    requested_by: text,
    evidence,
    results: Type.Array(
      Type.Object({
        control: text,
        threshold: text,
        result,
        severity,
        suspends: Type.Boolean(),
        figures,
        summary: text,
      }),
    ),
  });
  app.post(
    '/v1/controls/run',
    {
      schema: {
        tags,
        summary: 'Run the controls now, of the last day unless another period is named',
        description:
          'What is found goes on record by our own hand. A severe failure of a control that ' +
          'suspends stops the model; nothing that is found here ever lets one go on.',
        headers: idempotencyHeaders,
        body: Type.Object(
          { model: Type.Optional(modelName), ...period },
          { additionalProperties: false },
        ),
        response: { 200: Type.Object({ items: Type.Array(run) }), ...problems },
      },
    },
    async (request) => {
      const { planes, authenticate } = parts;
      const { principal } = await authenticate.fresh(request, 'model:write');
      const { tenant } = principal;
      const asked = request.body as { model?: string; from?: string; to?: string };
      const { model } = asked;
      const question = {
        ...{ tenant, model, ...spanOf(asked, planes.clock.now()) },
        key: `asked ${idempotencyKeyOf(request)}`,
        asked,
        requestedBy: `${principal.kind}:${principal.id}`,
        signal: AbortSignal.timeout(reportTimeoutMs),
      };
      const use = { pool: planes.database.pool('read'), execute: planes.execute };
      const items = await takeTurn(tenant, () => runControls(use, question));
      if (items.length === 0) {
        throw new Fault('not_found', `nothing${model ? ` of ${model}` : ''} is in production`);
      }
      return { items };
    },
  );
}

const tested = Type.Object({
  run_id: text,
  control: text,
  model: text,
  version: Type.Integer(),
  period_from: instant,
  period_to: instant,
  result,
  figures,
  threshold: text,
  evidence,
  tested_at: instant,
  requested_by: text,
});
const alert = Type.Object({
  alert_id: text,
  run_id: text,
  control: text,
  model: text,
  version: Type.Integer(),
  severity,
  suspends: Type.Boolean({ description: 'Whether the model was stopped for it.' }),
  summary: text,
  raised_at: instant,
});

type ListQuery = { limit?: number; after?: string; model?: string; control?: string };

function listRoutes(app: FastifyInstance, parts: Parts): void {
  const asked = {
    model: Type.Optional(modelName),
    control: Type.Optional(Type.String({ maxLength: 40 })),
    limit: limitQuery,
    after: Type.Optional(Type.String({ maxLength: 60 })),
  };
  const queryOf = (request: FastifyRequest) => {
    const { limit = 50, ...rest } = request.query as ListQuery & { result?: string };
    return { limit, ...rest };
  };
  app.get(
    '/v1/controls/runs',
    {
      schema: {
        tags,
        summary: 'What controls found, newest first',
        querystring: Type.Object({ ...asked, result: Type.Optional(result) }),
        response: { 200: page(tested), ...problems },
      },
    },
    (request) => read(parts, request, (tx) => listControlRuns(tx, queryOf(request)), 'model:read'),
  );
  app.get(
    '/v1/alerts',
    {
      schema: {
        tags,
        summary: 'Alerts that controls have raised, newest first',
        querystring: Type.Object(asked),
        response: { 200: page(alert), ...problems },
      },
    },
    (request) => read(parts, request, (tx) => listAlerts(tx, queryOf(request)), 'model:read'),
  );
}
