// Evidence over HTTP: receipts, signed tree heads, the keys that verify them, consistency proofs.
import { logOrigin, readConsistency, readReceipt, verifierKey } from '#core';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { eventIdParams, eventUuid, sendText } from './events.ts';
import { type Parts, read } from './routes.ts';
import { problems } from './views.ts';

export function evidenceRoutes(app: FastifyInstance, parts: Parts): void {
  const { keyring } = parts.planes;

  app.get(
    '/v1/events/:id/receipt',
    {
      schema: {
        tags: ['evidence'],
        summary: 'A receipt that anybody can verify offline',
        description: 'Answers 404 until a signed tree head covers the event: a second or so.',
        params: eventIdParams,
        response: { ...problems },
      },
    },
    async (request) =>
      read(
        parts,
        request,
        (tx) => readReceipt(tx, eventUuid(request), keyring.checkpointPublicKeys),
        'events:read',
      ),
  );

  app.get(
    '/v1/checkpoint',
    {
      schema: {
        tags: ['evidence'],
        summary: 'The latest signed tree head, as a C2SP checkpoint',
        description: 'Keep it outside of this bank: the log can then never be cut behind it.',
        produces: ['text/plain'],
        response: { ...problems },
      },
    },
    async (request, reply) => {
      const note = await read(
        parts,
        request,
        async (tx) => {
          const { rows } = await tx.query<{ note: string }>(
            `select note from core.checkpoint where tenant_id = core.current_tenant()
              order by tree_size desc limit 1`,
          );
          return rows[0]?.note;
        },
        'events:read',
      );
      return sendText(reply, 'text/plain; charset=utf-8', note);
    },
  );

  keysRoute(app, parts);

  app.get(
    '/v1/checkpoint/consistency',
    {
      schema: {
        tags: ['evidence'],
        summary: 'Proof that the log of one size is the beginning of the log of another',
        querystring: Type.Object({
          from: Type.Integer({ minimum: 1 }),
          to: Type.Integer({ minimum: 1 }),
        }),
        response: { ...problems },
      },
    },
    async (request) => {
      const { from, to } = request.query as { from: number; to: number };
      return read(parts, request, (tx) => readConsistency(tx, from, to), 'events:read');
    },
  );
}

function keysRoute(app: FastifyInstance, parts: Parts): void {
  app.get(
    '/v1/checkpoint/keys',
    {
      schema: {
        tags: ['evidence'],
        summary: 'The verifier keys of the log, the current one first',
        description:
          'Hand them to whoever verifies receipts by a way they trust: a key that comes with ' +
          'a receipt proves nothing.',
        response: {
          200: Type.Object({ origin: Type.String(), keys: Type.Array(Type.String()) }),
          ...problems,
        },
      },
    },
    async (request) =>
      read(
        parts,
        request,
        async (tx) => {
          const { rows } = await tx.query<{ tenant: string; generation: number }>(
            `select tenant_id as tenant, generation from core.tree
              where tenant_id = core.current_tenant()`,
          );
          const [tree] = rows;
          if (tree === undefined) return undefined;
          const { logId, checkpointPublicKeys } = parts.planes.keyring;
          const origin = logOrigin(logId, tree.tenant, tree.generation);
          return { origin, keys: checkpointPublicKeys.map((key) => verifierKey(origin, key)) };
        },
        'events:read',
      ),
  );
}
