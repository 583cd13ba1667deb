// Decisions over HTTP: asked for, read, explained, and exported so that strangers can verify them.
import {
  decisionOperation,
  derivedUuid,
  exportEvents,
  Fault,
  internalId,
  type Json,
  type Tx,
  withTx,
  refuseField,
  nullable,
} from '#core';
import type { Executed } from '#main';
import {
  countDecisions,
  decisionBody,
  decisionFacets,
  type DecisionFilter,
  decisionOutcomes,
  explainDecision,
  listDecisions,
  type LoggedDecision,
  readDecision,
  readDecisions,
  reasonsInWords,
} from '#policy';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { addAbortSignal, Readable } from 'node:stream';
import Type from 'typebox';
import {
  type Item,
  itemAnswer,
  itemKey,
  itemsOf,
  keyOf,
  oneOrMany,
  validatorCompiler,
} from './items.ts';
import { idOf, idParams, limitQuery, type Parts, read, severalIn, severalOf } from './routes.ts';
import { compile, validate } from './validate.ts';
import * as v from './views.ts';
import { instantIn, type Write, written } from './write.ts';

const tags = ['decisions'];
const decisionId = Type.String({ pattern: '^dec_[0-9a-hjkmnp-tv-z]{26}$' });
const params = idParams(decisionId);
const instant = Type.String({ format: 'date-time', maxLength: 40 });
const free = Type.Record(Type.String(), Type.Any());
const outcome = Type.Enum([...decisionOutcomes]);
const reasons = Type.Array(Type.Object({ code: Type.String(), text: Type.String() }));

export function decisionRoutes(app: FastifyInstance, parts: Parts): void {
  makeRoute(app, parts);
  listRoutes(app, parts);
  readRoute(app, parts);
  explanationRoute(app, parts);
  exportRoute(app, parts);
}

// Asking ------------------------------------------------------------------------------------------

const decisionItem = Type.Object(
  { ...decisionBody.properties, idempotency_key: itemKey },
  { additionalProperties: false, title: 'Question to policy' },
);
const isQuestion = compile(decisionItem);

const made = Type.Object({
  decision_id: decisionId,
  decided_at: instant,
  point: Type.String(),
  outcome,
  reasons,
  obligations: free,
  answers: Type.Record(Type.String(), Type.Any(), { description: 'What the bundle works out.' }),
  policy_version: Type.String(),
});

function makeRoute(app: FastifyInstance, parts: Parts): void {
  app.post(
    '/v1/decisions',
    {
      schema: {
        tags,
        summary: 'Ask policy for a decision on facts in hand, or for up to a thousand',
        description:
          'Nothing else happens: no money moves and no limit is taken from. The decision is ' +
          'recorded with its facts and its trace. An array is answered item by item.',
        headers: v.idempotencyHeaders,
        body: oneOrMany<Type.TSchema>(decisionItem),
        response: { 200: v.oneOrItems(made), 201: made, ...v.problems },
      },
      validatorCompiler,
    },
    async (request, reply) => {
      const { items, many } = itemsOf(request);
      const writes = items.map((item, index) => questionOf(request, item, index, many));
      if (!many) {
        const executed = await parts.writer.one(request, 'policy:decide', writes[0] as Write);
        const [decision] = await decisionsOf(parts, request, [executed]);
        written(reply, executed.replayed);
        return decision;
      }
      const results = await parts.writer.all(request, 'policy:decide', writes);
      const decisions = await decisionsOf(parts, request, results);
      return {
        items: results.map((result, index) => ({
          ...itemAnswer(result, 'decided'),
          ...(decisions[index] ? { decision: decisions[index] } : {}),
        })),
      };
    },
  );
}

function questionOf(request: FastifyRequest, item: Item, index: number, many: boolean): Write {
  validate(isQuestion, item, many ? `/${index}` : '');
  const { about, facts, model_inputs, point } = item as Readonly<Record<string, Json | undefined>>;
  return {
    operation: decisionOperation,
    body: { about, facts, model_inputs, point },
    idempotencyKey: keyOf(request, item, index, many),
  };
}

/** The decisions of the first calls, so that a retry is told the same. */
async function decisionsOf(
  { planes, authenticate }: Parts,
  request: FastifyRequest,
  results: readonly (Executed | Fault)[],
) {
  const { principal } = await authenticate.remembered(request, 'policy:decide');
  const { tenant } = principal;
  const ids = results.map((result) =>
    result instanceof Fault ? undefined : derivedUuid(result.commandId, 'decision', 0),
  );
  const pool = planes.database.pool('read');
  const wanted = ids.filter((id) => id !== undefined);
  const work = (tx: Tx) => readDecisions(tx, wanted);
  const decisions = await withTx(pool, work, { tenant, readOnly: true });
  return Promise.all(
    ids.map(async (id) => {
      const decision = id === undefined ? undefined : decisions.get(id);
      if (!decision) return undefined;
      const program = await planes.library.program(tenant, decision.bundle);
      const { decision_id, decided_at, point, obligations, answers, policy_version } = decision;
      return {
        ...{ decision_id, decided_at, point, outcome: decision.outcome },
        reasons: reasonsInWords(program, decision.reasons),
        ...{ obligations, answers, policy_version },
      };
    }),
  );
}

// Reading -----------------------------------------------------------------------------------------

const listed = Type.Object({
  decision_id: decisionId,
  decided_at: instant,
  operation: Type.String(),
  point: Type.String(),
  outcome,
  reasons: Type.Array(Type.String()),
  policy_version: Type.String(),
  requester: Type.String(),
  purpose: nullable(Type.String()),
  canary: Type.Boolean(),
  command_id: Type.String(),
  account_id: nullable(Type.String()),
  amount: nullable(Type.Integer({ description: 'Minor units.' })),
  currency: nullable(Type.String()),
  trace_id: Type.String(),
});
const whole = Type.Interface([listed], {
  event_id: Type.String(),
  receipt: Type.String({ description: 'Where its receipt is, to be verified offline.' }),
  command_digest: Type.String(),
  bundle: Type.String({ description: 'SHA-256 of the bundle that has decided.' }),
  engine: Type.String(),
  facts: free,
  answers: free,
  obligations: free,
  consume: Type.Array(free, { description: 'What it took, or would take, from limits.' }),
  trace: free,
  shadows: Type.Array(free),
  model_score_ref: nullable(Type.String()),
});

const text = Type.Optional(Type.String({ minLength: 1, maxLength: 120 }));
const filters = {
  point: text,
  outcome: severalOf(decisionOutcomes),
  reason: text,
  operation: text,
  policy_version: text,
  bundle: Type.Optional(Type.String({ pattern: '^[0-9a-f]{64}$' })),
  requester: text,
  account_id: text,
  from: Type.Optional(instant),
  to: Type.Optional(instant),
};
const filterQuery = Type.Object(filters);
const listQuery = Type.Object({ ...filters, limit: limitQuery, after: Type.Optional(decisionId) });
function listRoutes(app: FastifyInstance, parts: Parts): void {
  app.get(
    '/v1/decisions',
    {
      schema: {
        tags,
        summary: 'List decisions, newest first',
        description:
          'With filters a page may be shorter than its limit, even empty: `next` is null only at ' +
          'the end.',
        querystring: listQuery,
        response: { 200: v.page(listed), ...v.problems },
      },
    },
    async (request) => {
      const { limit = 50, after, ...rest } = request.query as Type.Static<typeof listQuery>;
      const last = after === undefined ? undefined : internalId('decision', after);
      const page = { ...filterOf(rest), limit, after: last };
      return read(parts, request, (tx) => listDecisions(tx, page), 'policy:read');
    },
  );
  app.get(
    '/v1/decisions/facets',
    {
      schema: {
        tags,
        summary: 'Count decisions by point, outcome, reason, operation and version of the policy',
        description:
          'Under the same filters as the list, but for what is chosen of a facet itself; of very ' +
          'many the newest are counted.',
        querystring: filterQuery,
        response: {
          200: v.facetsOf(decisionFacets),
          ...v.problems,
        },
      },
    },
    async (request) => {
      const filter = filterOf(request.query as Type.Static<typeof filterQuery>);
      return read(parts, request, (tx) => countDecisions(tx, filter), 'policy:read');
    },
  );
}

function filterOf(query: Type.Static<typeof filterQuery>): DecisionFilter {
  const { point, reason, operation, policy_version: policyVersion, bundle, requester } = query;
  return {
    ...{ point, reason, operation, policyVersion, bundle, requester },
    outcomes: severalIn(query.outcome),
    account: query.account_id,
    from: instantIn(query.from, '/from'),
    to: instantIn(query.to, '/to'),
  };
}

function readRoute(app: FastifyInstance, parts: Parts): void {
  app.get(
    '/v1/decisions/:id',
    {
      schema: {
        tags,
        summary: 'Read a decision with its facts and its trace',
        params,
        response: { 200: whole, ...v.problems },
      },
    },
    async (request) => {
      const decision = await find(parts, request);
      return { ...decision, receipt: `/v1/events/${decision.event_id}/receipt` };
    },
  );
}

function find(parts: Parts, request: FastifyRequest): Promise<LoggedDecision> {
  return read(parts, request, (tx) => readDecision(tx, idOf(request)), 'policy:read');
}

function explanationRoute(app: FastifyInstance, parts: Parts): void {
  const condition = Type.Object({
    key: Type.String(),
    cell: Type.String(),
    held: Type.String(),
    read: free,
    doubt: nullable(Type.String()),
  });
  const rule = Type.Object({
    rule: Type.String(),
    held: Type.String({ description: 'yes, no or unknown' }),
    decisive: Type.Boolean(),
    outcome,
    reason: Type.String(),
    note: nullable(Type.String()),
    conditions: Type.Array(condition),
  });
  const explained = Type.Object({
    ...{ decision_id: decisionId, outcome, reasons, policy_version: Type.String() },
    repeated: Type.Boolean({ description: 'Whether it comes out the same on the same facts.' }),
    why: Type.Array(Type.String()),
    why_not: Type.Array(Type.String()),
    rules: Type.Array(rule),
  });
  app.get(
    '/v1/decisions/:id/explanation',
    {
      schema: {
        tags,
        summary: 'Why a decision came out so, and why not otherwise',
        description: 'Every rule of the recorded bundle on the recorded facts, with what it read.',
        params,
        response: { 200: explained, ...v.problems },
      },
    },
    async (request) => {
      const { principal } = await parts.authenticate.fresh(request, 'policy:read');
      const decision = await find(parts, request);
      const program = await parts.planes.library.program(principal.tenant, decision.bundle);
      const { decision_id, policy_version } = decision;
      const told = { decision_id, policy_version, outcome: decision.outcome };
      return { ...told, ...explainDecision(program, decision) };
    },
  );
}

// Exporting ---------------------------------------------------------------------------------------

/** Exports that one process streams at once. */
const exportsMax = 4;

function exportRoute(app: FastifyInstance, parts: Parts): void {
  const { planes, authenticate } = parts;
  const stopping = new AbortController();
  app.addHook('preClose', async () => stopping.abort());
  let exports = 0;
  app.get(
    '/v1/decisions/export',
    {
      schema: {
        tags,
        summary: 'Export the decisions of a span of time as lines that anybody can verify offline',
        description:
          'JSON lines: a header, each decision with its inclusion proof, and a signed seal over ' +
          'all of them. Decisions that no tree head covers yet are left out: those of the last ' +
          'second or so.',
        querystring: Type.Object({ from: instant, to: instant }),
        produces: ['application/x-ndjson'],
        response: { ...v.problems },
      },
    },
    async (request, reply) => {
      const { principal } = await authenticate.fresh(request, 'policy:read');
      const query = request.query as { from: string; to: string };
      const from = instantIn(query.from, '/from') ?? 0;
      const to = instantIn(query.to, '/to') ?? 0;
      if (to <= from) refuseField('/to', 'must lie after from');
      if (exports >= exportsMax)
        throw new Fault('overloaded', `${exportsMax} exports are under way`);
      const scope = { tenant: principal.tenant, readOnly: true };
      const lines = await exportEvents({
        type: 'decision.made',
        from,
        to,
        keyring: planes.keyring,
        read: (work) => withTx(planes.database.pool('read'), work, scope),
      });
      // A reader that is slower than the log waits in TCP, with one page in our memory.
      const stream = addAbortSignal(stopping.signal, Readable.from(lines, { highWaterMark: 1 }));
      exports += 1;
      stream.once('close', () => {
        exports -= 1;
      });
      return sendLines(reply, stream);
    },
  );
}

function sendLines(reply: FastifyReply, lines: Readable): FastifyReply {
  return reply
    .header('content-type', 'application/x-ndjson')
    .header('content-disposition', 'attachment; filename="decisions.jsonl"')
    .send(lines);
}
