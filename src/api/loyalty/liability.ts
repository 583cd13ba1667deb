// What points are owed, over HTTP: the newest run with its triangle and its forecast, the runs
// before it, and asking for one.
import { type Json, nullable, refuseField, type Tx } from '#core';
import {
  liabilitySchemas,
  listLiabilityRuns,
  programName,
  readLiability,
  readLiabilityRequest,
  redemptionRateMethods,
} from '#loyalty';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { expected } from '../expected.ts';
import { change, limitQuery, type Parts, read } from '../routes.ts';
import { idempotencyHeaders, problems } from '../views.ts';

const tags = ['loyalty'];
const text = Type.String();
const points = Type.Integer();
const minor = Type.Integer({ description: 'Minor units of the home currency.' });
const rate = Type.Number({ description: 'A share: 0.7 is 70 %.' });
const instant = Type.String({ format: 'date-time' });

const run = {
  program: text,
  ordinal: Type.Integer({ description: 'Counts the runs of the programme.' }),
  as_of: instant,
  version: Type.String({ description: 'Of the programme whose terms counted.' }),
  policy: Type.Enum(['ifrs15', 'ias37']),
  currency: text,
  input_digest: Type.String({
    description: 'SHA-256 of the sums, the terms and the instant: equal inputs, equal figures.',
  }),
  figures: liabilitySchemas.figures,
  follows: nullable(Type.Integer({ description: 'The run from whose books the movement counts.' })),
  recorded_by: text,
  recorded_at: instant,
  posting: Type.Object({
    status: Type.Enum(['open', 'posted', 'nothing', 'rejected']),
    command_id: nullable(Type.String({ description: 'The journal.' })),
    code: nullable(Type.String({ description: 'Why the ledger refused it.' })),
  }),
};

const cohort = Type.Object({
  month: Type.String({ description: 'Of issue, in the time zone of the programme.' }),
  age: Type.Integer({ description: 'Whole months; -1 in the month of issue.' }),
  points,
  redeemed: points,
  lapsed: Type.Integer({ description: 'Points that have expired or were forfeited.' }),
  outstanding: points,
  ultimate: Type.Integer({ description: 'Points that will have been redeemed in the end.' }),
  redemption_rate: rate,
  redemption_rate_low: Type.Number({ description: 'Of the 95 % interval.' }),
  redemption_rate_high: rate,
  method: Type.Enum([...redemptionRateMethods], {
    description:
      'Nothing is left; its own history; that of other cohorts; or what the programme expects.',
  }),
  spend: minor,
  sold: points,
  deferred: minor,
  released_redeemed: minor,
  released_breakage: minor,
  liability: minor,
});

const fan = (of: Type.TSchema) =>
  Type.Object({ mean: of, p5: of, p25: of, p50: of, p75: of, p95: of });

const liabilityView = Type.Object({
  ...run,
  cohorts: Type.Array(cohort, { description: 'By month, oldest first.' }),
  triangle: Type.Object(
    { months: Type.Array(text), rows: Type.Array(Type.Array(points)) },
    { description: 'Points redeemed to date, by month of issue and whole months of age.' },
  ),
  steps: Type.Array(
    Type.Object({ factor: Type.Number(), variance: Type.Number(), is_observed: Type.Boolean() }),
    { description: 'From one age to the next. What is not observed is drawn on.' },
  ),
  forecast: Type.Array(
    Type.Object({
      month: text,
      season: Type.Number({ description: '1 is an ordinary month.' }),
      is_spike: Type.Boolean(),
      points: fan(points),
      cost: fan(minor),
    }),
    { description: 'Of points issued by now: what is redeemed of them each month, and its cost.' },
  ),
});

const requested = Type.Object({
  program: text,
  as_of: instant,
  requested_by: text,
  requested_at: instant,
});

const programQuery = { program: programName };

export function liabilityRoutes(app: FastifyInstance, parts: Parts): void {
  readRoute(app, parts);
  runRoutes(app, parts);
}

function readRoute(app: FastifyInstance, parts: Parts): void {
  app.get(
    '/v1/loyalty/liability',
    {
      schema: {
        tags,
        summary: 'What the points of a programme are owed, by its newest run',
        description:
          'With the redemption rate of each month of issue and its interval, what is booked for ' +
          'it, and what will be redeemed in the months to come.',
        querystring: Type.Object(programQuery),
        response: { 200: liabilityView, ...problems },
      },
    },
    (request) => {
      const { program } = request.query as { program: string };
      const look = async (tx: Tx) =>
        expected(await readLiability(tx, program), `run of the programme ${program}`);
      return read(parts, request, look, 'loyalty:read');
    },
  );
}

type RunsQuery = { readonly program: string; readonly limit?: number; readonly after?: string };

function runRoutes(app: FastifyInstance, parts: Parts): void {
  const view = Type.Object({
    items: Type.Array(Type.Object(run)),
    next: nullable(text),
    requested: Type.Array(requested, { description: 'Asked for, and not worked out yet.' }),
  });
  app.get(
    '/v1/loyalty/liability/runs',
    {
      schema: {
        tags,
        summary: 'List the runs of a programme, newest first',
        querystring: Type.Object({
          ...programQuery,
          limit: limitQuery,
          after: Type.Optional(Type.String({ maxLength: 20 })),
        }),
        response: { 200: view, ...problems },
      },
    },
    (request) => {
      const { program, limit = 50, after } = request.query as RunsQuery;
      const ordinal = after === undefined ? undefined : Number(after);
      if (ordinal !== undefined && !(Number.isInteger(ordinal) && ordinal > 0)) {
        refuseField('/after', 'is not the `next` of a page');
      }
      const query = { limit, after: ordinal };
      return read(parts, request, (tx) => listLiabilityRuns(tx, program, query), 'loyalty:read');
    },
  );
  const answered = Type.Object({ program: text, as_of: instant });
  app.post(
    '/v1/loyalty/liability/runs',
    {
      schema: {
        tags,
        summary: 'Ask for a run, as of now or of an instant since the last one',
        description:
          'It is worked out and posted within a minute or so, once: the list of runs says when.',
        headers: idempotencyHeaders,
        body: liabilitySchemas.requestBody,
        response: { 200: answered, 201: answered, ...problems },
      },
    },
    (request, reply) =>
      change(parts, request, reply, {
        scope: 'loyalty:write',
        operation: 'loyalty.liability.request',
        body: request.body as Json,
        tell: readLiabilityRequest,
      }),
  );
}
