// Back-tests over HTTP: what a bundle would have said to decisions on record, and a shadow does.
import {
  closed,
  Fault,
  instantToText,
  internalId,
  type Json,
  nullable,
  refuseField,
  type Tx,
  withTx,
} from '#core';
import {
  backtest,
  backtestOf,
  backtestReport,
  earlierBacktest,
  listBacktests,
  publicationSchemas as s,
  readBacktest,
  readBundleView,
  readTrial,
} from '#policy';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import Type from 'typebox';
import { nameOf } from './act-routes.ts';
import { change, pageQuery, type Parts, read } from './routes.ts';
import { idempotencyHeaders, page, problems } from './views.ts';
import { idempotencyKeyOf } from './write.ts';

const tags = ['policies'];
const text = Type.String();
const count = Type.Integer();
const nameParams = Type.Object({ name: s.point });
const digestParams = Type.Object({ digest: s.digest });
const named = { digest: s.digest, version: text };
const backtestView = Type.Object({
  id: s.backtestId,
  digest: s.digest,
  created_by: text,
  created_at: text,
  report: backtestReport,
  approval: Type.Object(
    {
      subject_kind: text,
      subject: Type.Object({
        ...{ backtest_id: s.backtestId, digest: s.digest, effective_at: nullable(text) },
        ...{ name: s.point, supersedes: nullable(s.digest) },
      }),
      summary: text,
      required_checkers: count,
      expires_at: text,
    },
    {
      description:
        'What to send to /v1/approvals, so that another person approves exactly this. To publish ' +
        'later, set `effective_at` in its subject to the text that the publication will have.',
    },
  ),
});
const listedBacktest = Type.Object({
  ...{ id: s.backtestId, created_by: text, created_at: text },
  ...{ decisions: count, changed: count, altered: count, cut_short: Type.Boolean() },
});

const decisionsMax = 50_000;
const decisionsDefault = 10_000;
const backtestDeadlineMs = 20_000;
/** Back-tests that one process runs at once. */
const backtestsMax = 2;

export function backtestRoutes(app: FastifyInstance, parts: Parts): void {
  let running = 0;
  const inTurn: InTurn = async (run) => {
    if (running === backtestsMax) {
      throw new Fault('overloaded', `${backtestsMax} back-tests are running: try again`);
    }
    running += 1;
    try {
      return await run();
    } finally {
      running -= 1;
    }
  };
  app.post(
    '/v1/policy-bundles/:digest/backtests',
    {
      schema: {
        tags,
        summary: 'Ask what a bundle would have said to the latest decisions at its point',
        description:
          'Reads what is sealed, newest first, until so many decisions were made again or ' +
          `${backtestDeadlineMs / 1_000} s have passed. A publication names the report.`,
        headers: idempotencyHeaders,
        params: digestParams,
        body: Type.Object(
          {
            decisions: Type.Optional(
              Type.Integer({ minimum: 1, maximum: decisionsMax, default: decisionsDefault }),
            ),
          },
          closed,
        ),
        response: { 200: backtestView, 201: backtestView, ...problems },
      },
    },
    (request, reply) => inTurn(() => runBacktest(parts, request, reply)),
  );
  app.get(
    '/v1/policy-bundles/:digest/backtests',
    {
      schema: {
        tags,
        summary: 'List the back-tests of a bundle, newest first',
        params: digestParams,
        querystring: pageQuery,
        response: { 200: page(listedBacktest), ...problems },
      },
    },
    (request) => {
      const { limit = 50, after } = request.query as { limit?: number; after?: string };
      const uuid = after === undefined ? undefined : internalId('backtest', after);
      if (after !== undefined && !uuid) refuseField('/after', 'is no `next` of back-tests');
      const from = { limit, after: uuid };
      const look = (tx: Tx) => listBacktests(tx, digestOf(request), from);
      return read(parts, request, look, 'policy:read');
    },
  );
  app.get(
    '/v1/policy-bundles/:digest/backtests/:id',
    {
      schema: {
        tags,
        summary: 'Read a back-test',
        params: Type.Object({ digest: s.digest, id: s.backtestId }),
        response: { 200: backtestView, ...problems },
      },
    },
    (request) => {
      const { digest, id } = request.params as { digest: string; id: string };
      return read(parts, request, (tx) => readBacktest(tx, digest, id), 'policy:read');
    },
  );
  trialRoute(app, parts, inTurn);
}

type InTurn = <Result>(run: () => Promise<Result>) => Promise<Result>;

const trialDeadlineMs = 5_000;

function trialRoute(app: FastifyInstance, parts: Parts, inTurn: InTurn): void {
  app.get(
    '/v1/policies/:name/shadow',
    {
      schema: {
        tags,
        summary: 'How the shadow bundle would have decided otherwise since it began',
        description:
          `Reads the newest ${decisionsDefault} decisions at most, for ` +
          `${trialDeadlineMs / 1_000} s at most. 404 where no bundle is tried as a shadow.`,
        params: nameParams,
        response: {
          200: Type.Object({
            name: s.point,
            live: Type.Object(named),
            shadow: Type.Object(named),
            since: text,
            report: backtestView.properties.report,
          }),
          ...problems,
        },
      },
    },
    (request) => inTurn(() => compareTrial(parts, request)),
  );
}

async function compareTrial(parts: Parts, request: FastifyRequest) {
  const { clock, database, library } = parts.planes;
  const name = nameOf(request);
  const { principal } = await parts.authenticate.fresh(request, 'policy:read');
  const { tenant } = principal;
  const at = clock.now();
  const found = await read(
    parts,
    request,
    (tx) => readTrial(tx, { tenant, at, name }),
    'policy:read',
  );
  const { since, ...trial } = found;
  const program = await library.program(tenant, trial.shadow.digest);
  const report = await backtest(database.pool('sim'), program, {
    ...{ tenant, clock, from: { instant: since } },
    ...{ decisionsMax: decisionsDefault, deadlineMs: trialDeadlineMs },
  });
  return { name, ...trial, since: instantToText(since), report };
}

async function runBacktest(parts: Parts, request: FastifyRequest, reply: FastifyReply) {
  const { planes, authenticate } = parts;
  const { principal } = await authenticate.fresh(request, 'policy:write');
  const { tenant } = principal;
  const digest = digestOf(request);
  const { decisions = decisionsDefault } = request.body as { decisions?: number };
  const key = idempotencyKeyOf(request);
  const options = { tenant, readOnly: true } as const;
  const [known, earlier] = await withTx(
    planes.database.pool('read'),
    async (tx) => [await readBundleView(tx, digest), await earlierBacktest(tx, key)] as const,
    options,
  );
  if (!known) throw new Fault('not_found', `there is no bundle ${digest}`);
  const isRetry = earlier?.['digest'] === digest && earlier['decisions'] === decisions;
  // History has grown meanwhile: a retry is told the first report, and nothing is run for it.
  const report = earlier?.['report'] ?? (await run());
  const body = isRetry ? earlier : { decisions, digest, report };
  return change(parts, request, reply, {
    ...{ scope: 'policy:write', operation: 'policy.backtest', body },
    tell: (tx, command) => readBacktest(tx, digest, backtestOf(command)),
  });

  async function run(): Promise<Json> {
    const program = await planes.library.program(tenant, digest);
    return backtest(planes.database.pool('sim'), program, {
      tenant,
      decisionsMax: decisions,
      clock: planes.clock,
      deadlineMs: backtestDeadlineMs,
    });
  }
}

function digestOf(request: FastifyRequest): string {
  return (request.params as { digest: string }).digest;
}
