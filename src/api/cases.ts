// Cases over HTTP: the ranked queue, one case with its evidence, and what people do with cases.
import { Fault, faults, type Json, refuseField, type Tx } from '#core';
import {
  actBodies,
  type ActName,
  actNames,
  caseActView,
  caseCursor,
  caseDetail,
  caseQueueView,
  caseReasonView,
  caseSchemas as s,
  type CaseStatus,
  caseStatuses,
  caseView,
  listCases,
  nextBody,
  readActedCase,
  readCase,
  readHistory,
  readQueues,
  readSettings,
  reasonCodes,
  settingsBody,
  settingsSchema,
} from '#reviews';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import Type from 'typebox';
import { outlookOf, outlookView } from './outlook.ts';
import { change, idOf, idParams, limitQuery, type Parts, read } from './routes.ts';
import { idempotencyHeaders, page, problems } from './views.ts';
import { checkInstant, idempotencyKeyOf } from './write.ts';

const tags = ['reviews'];
const params = idParams(s.caseId);
const batchMax = 100;

const summaries: Readonly<Record<ActName, string>> = {
  claim: 'Take a case that nobody has',
  assign: 'Give a case to somebody',
  release: 'Give back a case that is yours',
  snooze: 'Let a case sleep until an instant; it wakes by itself',
  escalate: 'Move a case to another queue; its promise stays',
  note: 'Add a note to the history',
  decide: 'Give a verdict. Of a payment that waits it is one on the approval of the case',
};

export function caseRoutes(app: FastifyInstance, parts: Parts): void {
  listRoutes(app, parts);
  reasonsRoute(app, parts);
  readRoutes(app, parts);
  nextRoute(app, parts);
  batchRoute(app, parts);
  for (const act of actNames) actRoute(app, parts, act);
  settingsRoutes(app, parts);
}

function listRoutes(app: FastifyInstance, parts: Parts): void {
  const { clock } = parts.planes;
  app.get(
    '/v1/cases',
    {
      schema: {
        tags,
        summary: 'List cases: what waits, by rank; what has ended, the newest first',
        description:
          'Without a status: everything that waits. All pages are ranked as of the first one.',
        querystring: Type.Object({
          queue: Type.Optional(s.queueName),
          status: Type.Optional(Type.Enum([...caseStatuses])),
          assignee: Type.Optional(s.user),
          limit: limitQuery,
          after: Type.Optional(Type.String({ maxLength: 80 })),
        }),
        response: { 200: page(caseView), ...problems },
      },
    },
    (request) => {
      const {
        limit = 50,
        after,
        ...of
      } = request.query as {
        limit?: number;
        after?: string;
        queue?: string;
        status?: CaseStatus;
        assignee?: string;
      };
      const cursor = after === undefined ? undefined : caseCursor(after);
      if (after !== undefined && !cursor) refuseField('/after', 'is no `next` of a list of cases');
      const query = { ...of, limit, after: cursor };
      return read(parts, request, (tx) => listCases(tx, query, clock.now()), 'reviews:read');
    },
  );
  app.get(
    '/v1/case-queues',
    {
      schema: {
        tags,
        summary: 'What waits in each queue, and how much of it is late',
        response: { 200: Type.Object({ items: Type.Array(caseQueueView) }), ...problems },
      },
    },
    (request) => read(parts, request, (tx) => readQueues(tx, clock.now()), 'reviews:read'),
  );
}

function readRoutes(app: FastifyInstance, parts: Parts): void {
  const { clock } = parts.planes;
  app.get(
    '/v1/cases/:id',
    {
      schema: {
        tags,
        summary: 'Read a case, with its evidence as of now and the summary of its opening',
        params,
        response: { 200: Type.Interface([caseDetail], { outlook: outlookView }), ...problems },
      },
    },
    async (request) => {
      const look = (tx: Tx) => readCase(tx, idOf(request), clock.now());
      const found = await read(parts, request, look, 'reviews:read');
      const { principal } = await parts.authenticate.remembered(request, 'reviews:read');
      return { ...found, outlook: await outlookOf(parts, principal.tenant, found) };
    },
  );
  app.get(
    '/v1/cases/:id/history',
    {
      schema: {
        tags,
        summary: 'List what was done with a case, the oldest first',
        params,
        querystring: Type.Object({
          limit: limitQuery,
          after: Type.Optional(Type.String({ pattern: '^[0-9]{1,6}$' })),
        }),
        response: { 200: page(caseActView), ...problems },
      },
    },
    (request) => {
      const { limit = 50, after } = request.query as { limit?: number; after?: string };
      const query = { limit, after: Number(after ?? 0) };
      return read(parts, request, (tx) => readHistory(tx, idOf(request), query), 'reviews:read');
    },
  );
}

// Acts --------------------------------------------------------------------------------------------

function actRoute(app: FastifyInstance, parts: Parts, act: ActName): void {
  app.post(
    `/v1/cases/:id/${act}`,
    {
      schema: {
        tags,
        summary: summaries[act],
        headers: idempotencyHeaders,
        params,
        body: actBodies[act],
        response: { 200: caseView, 201: caseView, ...problems },
        ...(act === 'decide' ? { description: 'Its reasons: `GET /v1/case-reasons`.' } : {}),
      },
    },
    (request, reply) => {
      const body = request.body as Record<string, Json>;
      checkInstant(body['until'] as string | undefined, '/until');
      return change(parts, request, reply, {
        scope: 'reviews:write',
        operation: `case.${act}`,
        body: { ...body, case_id: idOf(request) },
        tell: (tx, command) => readActedCase(tx, command, parts.planes.clock.now()),
      });
    },
  );
}

/** The catalogue itself, for screens: what it holds is the same for every tenant. */
function reasonsRoute(app: FastifyInstance, parts: Parts): void {
  const items = Object.entries(reasonCodes).map(([code, reason]) => ({ code, ...reason }));
  app.get(
    '/v1/case-reasons',
    {
      schema: {
        tags,
        summary: 'The reasons for a verdict, in the order in which they are offered',
        response: { 200: Type.Object({ items: Type.Array(caseReasonView) }), ...problems },
      },
    },
    (request) => read(parts, request, async () => ({ items }), 'reviews:read'),
  );
}

function nextRoute(app: FastifyInstance, parts: Parts): void {
  app.post(
    '/v1/cases/next',
    {
      schema: {
        tags,
        summary: 'Take the highest case that waits for you; no two people get the same',
        description:
          'Passes over payments of your own and those that you have judged. 404: nothing waits.',
        headers: idempotencyHeaders,
        body: nextBody,
        response: { 200: caseView, 201: caseView, ...problems },
      },
    },
    (request, reply) => {
      const body = request.body as { opened_before?: string };
      checkInstant(body.opened_before, '/opened_before');
      return change(parts, request, reply, {
        ...{ scope: 'reviews:write', operation: 'case.claim_next', body },
        tell: (tx, command) => readActedCase(tx, command, parts.planes.clock.now()),
      });
    },
  );
}

const caseIds = Type.Array(s.caseId, { minItems: 1, maxItems: batchMax, uniqueItems: true });
const batchBody = Type.Union(
  actNames.map((act) =>
    Type.Object(
      { act: Type.Literal(act), case_ids: caseIds, ...actBodies[act].properties },
      { additionalProperties: false, title: act },
    ),
  ),
);
const batchAnswer = Type.Object({
  items: Type.Array(
    Type.Object({
      case_id: s.caseId,
      status: Type.Enum(['done', 'rejected']),
      code: Type.Optional(Type.String()),
      detail: Type.Optional(Type.String()),
    }),
  ),
});

function batchRoute(app: FastifyInstance, parts: Parts): void {
  app.post(
    '/v1/cases/batch',
    {
      schema: {
        tags,
        summary: `Do the same with up to ${batchMax} cases; each is a command with its own answer`,
        headers: idempotencyHeaders,
        body: batchBody,
        response: { 200: batchAnswer, ...problems },
      },
    },
    async (request) => {
      const { act, case_ids, ...body } = request.body as {
        act: ActName;
        case_ids: string[];
        until?: string;
      };
      checkInstant(body.until, '/until');
      const items: unknown[] = [];
      // One after the other: each is heard under the tenant's gate anyway.
      for (const case_id of case_ids) {
        items.push({ case_id, ...(await actOnOne(parts, request, act, { ...body, case_id })) });
      }
      return { items };
    },
  );
}

async function actOnOne(
  { writer }: Parts,
  request: FastifyRequest,
  act: ActName,
  body: Record<string, Json> & { case_id: string },
) {
  const idempotencyKey = `${idempotencyKeyOf(request)}#${body.case_id}`;
  const write = { operation: `case.${act}`, body, idempotencyKey };
  try {
    const { outcome } = await writer.one(request, 'reviews:write', write);
    return outcome.status === 'rejected'
      ? { status: 'rejected', code: outcome.code }
      : { status: 'done' };
  } catch (error) {
    // What is wrong with one is its answer; what keeps all from being done is that of all.
    const isOwn = error instanceof Fault && faults[error.code].status < 500;
    if (!isOwn || error.code === 'forbidden' || error.code === 'unauthenticated') throw error;
    return { status: 'rejected', code: error.code, detail: error.message };
  }
}

// Settings ----------------------------------------------------------------------------------------

function settingsRoutes(app: FastifyInstance, parts: Parts): void {
  app.get(
    '/v1/review-settings',
    {
      schema: {
        tags,
        summary: 'Business hours, promises, and from when on two people must agree',
        response: { 200: settingsSchema, ...problems },
      },
    },
    (request) => read(parts, request, (tx) => readSettings(tx), 'reviews:read'),
  );
  app.post(
    '/v1/review-settings',
    {
      schema: {
        tags,
        summary: 'Replace the settings of reviews, which another person has approved',
        description:
          'Without `approval_id` the answer tells what to ask an approval for: everything else ' +
          'in the body.',
        headers: idempotencyHeaders,
        body: settingsBody,
        response: { 200: settingsSchema, 201: settingsSchema, ...problems },
      },
    },
    (request, reply) =>
      change(parts, request, reply, {
        ...{ scope: 'reviews:write', operation: 'reviews.configure', body: request.body as Json },
        tell: (tx) => readSettings(tx),
      }),
  );
}
