// Approvals over HTTP: asked for by anybody, decided by other people, listed as a queue.
import { type Instant, type Json, nullable, refuseField, type Tx } from '#core';
import {
  type Approval,
  approvalCursor,
  approvalOf,
  approvalSchemas,
  approvalStatuses,
  listApprovals,
  readApproval,
} from '#policy';
import { casesOfApprovals } from '#reviews';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import Type from 'typebox';
import type { Right } from './authenticate.ts';
import { change, idOf, idParams, pageQuery, type Parts, read } from './routes.ts';
import { idempotencyHeaders, problems } from './views.ts';
import { checkInstant } from './write.ts';

const listed = Type.Object({
  id: approvalSchemas.id,
  status: Type.Enum([...approvalStatuses]),
  subject_kind: Type.String(),
  subject_digest: Type.String(),
  summary: Type.String(),
  maker: Type.String(),
  required_checkers: Type.Integer(),
  requested_at: Type.String(),
  expires_at: Type.String(),
  ended_at: nullable(Type.String()),
  used_by: nullable(Type.String({ description: 'The command that it has allowed.' })),
  payment_id: nullable(Type.String({ description: 'That goes on by it, once reviewed.' })),
  case_id: nullable(Type.String({ description: 'In which it is given, and nowhere else.' })),
  verdicts: Type.Array(
    Type.Object({
      checker: Type.String(),
      verdict: Type.String(),
      reason: Type.String(),
      decided_at: Type.String(),
    }),
  ),
});
const approval = Type.Interface([listed], {
  subject: nullable(Type.Record(Type.String(), Type.Any())),
});
const params = idParams(approvalSchemas.id);
const tags = ['governance'];

export function approvalRoutes(app: FastifyInstance, parts: Parts): void {
  const write = (
    path: string,
    scope: Right,
    options: { operation: string; summary: string; body?: Type.TSchema },
  ) =>
    app.post(
      path,
      {
        schema: {
          tags,
          summary: options.summary,
          headers: idempotencyHeaders,
          ...(path.includes(':id') ? { params } : {}),
          body: options.body ?? Type.Object({}, { additionalProperties: false }),
          response: { 200: approval, 201: approval, ...problems },
        },
      },
      (request, reply) => answer(parts, request, reply, { ...options, scope }),
    );
  write('/v1/approvals', 'approval.request', {
    operation: 'approval.request',
    summary: 'Ask other people to approve one exact thing',
    body: approvalSchemas.requestBody,
  });
  write('/v1/approvals/:id/decide', 'policy:approve', {
    operation: decision,
    summary: 'Approve or reject what somebody else has asked for',
    body: approvalSchemas.verdictBody,
  });
  write('/v1/approvals/:id/withdraw', 'approval.withdraw', {
    operation: 'approval.withdraw',
    summary: 'Withdraw an own request that is not used yet',
  });
  readRoutes(app, parts);
}

const decision = 'approval.decide';

async function answer(
  parts: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
  { operation: named, scope }: { operation: string; scope: Right },
) {
  const body = request.body as Record<string, Json>;
  checkInstant(body['expires_at'] as string | undefined, '/expires_at');
  const { id } = request.params as { id?: string };
  const operation = named === decision ? await decisionOn(parts, request, scope) : named;
  return change(parts, request, reply, {
    ...{ scope, operation },
    body: id === undefined ? body : { ...body, approval_id: id },
    tell: (tx, command) => readWithCase(tx, id ?? approvalOf(command), parts.planes.clock.now()),
  });
}

/** What an agent has proposed ends with a no: that is the gateway's to write down. */
async function decisionOn(parts: Parts, request: FastifyRequest, scope: Right): Promise<string> {
  const now = parts.planes.clock.now();
  const found = await read(parts, request, (tx) => readApproval(tx, idOf(request), now), scope);
  return found.subject_kind === 'tool.call' ? 'proposal.decide' : decision;
}

const listQuery = Type.Object({
  ...pageQuery.properties,
  subject_kind: Type.Optional(Type.String({ maxLength: 64 })),
  subject_digest: Type.Optional(Type.String({ pattern: '^[0-9a-f]{64}$' })),
  maker: Type.Optional(Type.String({ maxLength: 100 })),
  status: Type.Optional(
    Type.Enum([...approvalStatuses], { description: 'With it a page may be short, even empty.' }),
  ),
});

async function withCases<Listed extends Pick<Approval, 'id' | 'payment_id'>>(
  tx: Tx,
  items: readonly Listed[],
): Promise<(Listed & { case_id: string | null })[]> {
  const cases = await casesOfApprovals(tx, items);
  return items.map((each) => ({ ...each, case_id: cases.get(each.id) ?? null }));
}

async function readWithCase(tx: Tx, id: string, at: Instant) {
  const found = await readApproval(tx, id, at);
  return found && (await withCases(tx, [found]))[0];
}

function readRoutes(app: FastifyInstance, parts: Parts): void {
  const { clock } = parts.planes;
  app.get(
    '/v1/approvals',
    {
      schema: {
        tags,
        summary: 'List approvals: what waits first, the oldest first; then the rest, newest first',
        querystring: listQuery,
        response: {
          200: Type.Object({ items: Type.Array(listed), next: nullable(Type.String()) }),
          ...problems,
        },
      },
    },
    (request) => {
      const {
        limit = 50,
        after,
        status,
        ...filter
      } = request.query as Type.Static<typeof listQuery>;
      const cursor = after === undefined ? undefined : approvalCursor(after);
      if (after !== undefined && !cursor)
        refuseField('/after', 'is no `next` of a list of approvals');
      const { subject_kind: subjectKind, subject_digest: subjectDigest, maker } = filter;
      const wanted = { subjectKind, subjectDigest, maker, status };
      const page = { at: clock.now(), limit, after: cursor, ...wanted };
      const look = async (tx: Tx) => {
        const { items, next } = await listApprovals(tx, page);
        return { items: await withCases(tx, items), next };
      };
      return read(parts, request, look, 'policy:read');
    },
  );
  app.get(
    '/v1/approvals/:id',
    {
      schema: {
        tags,
        summary: 'Read an approval, with its subject where that was sent',
        params,
        response: { 200: approval, ...problems },
      },
    },
    (request) =>
      read(parts, request, (tx) => readWithCase(tx, idOf(request), clock.now()), 'policy:read'),
  );
}
