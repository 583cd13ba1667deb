// Consent over HTTP: recorded with its date, read as of an instant.
import { externalId, derivedUuid, internalId, type Json, refuseField, nullable } from '#core';
import { consentHistory, consentSchemas, consentsOf } from '#policy';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { change, limitQuery, type Parts, read } from './routes.ts';
import { idempotencyHeaders, problems } from './views.ts';
import { checkInstant, checkOpaque } from './write.ts';

const text = Type.String();
const record = Type.Object({
  id: text,
  purpose: text,
  channel: nullable(text),
  party: nullable(text),
  status: Type.Enum(['granted', 'withdrawn']),
  effective_at: text,
  expires_at: nullable(text),
  source: text,
  text_version: text,
  recorded_at: text,
  recorded_by: text,
});
const current = Type.Interface([record], {
  in_effect: Type.Boolean({ description: 'Whether it allows anything at that instant.' }),
});
const asked = {
  person: consentSchemas.person,
  at: Type.Optional(Type.String({ format: 'date-time', description: 'Now unless given.' })),
  limit: limitQuery,
  after: Type.Optional(Type.String({ maxLength: 120 })),
};
const page = <T extends Type.TSchema>(item: T) =>
  Type.Object({ person: text, at: text, items: Type.Array(item), next: nullable(text) });
const tags = ['governance'];

type Asked = { person: string; at?: string; limit?: number; after?: string };

export function consentRoutes(app: FastifyInstance, parts: Parts): void {
  recordRoute(app, parts);
  readRoutes(app, parts);
}

function recordRoute(app: FastifyInstance, parts: Parts): void {
  const answered = Type.Object({ id: text });
  app.post(
    '/v1/consents',
    {
      schema: {
        tags,
        summary: 'Record that a person has granted or withdrawn consent',
        headers: idempotencyHeaders,
        body: consentSchemas.recordBody,
        response: { 200: answered, 201: answered, ...problems },
      },
    },
    (request, reply) => {
      checkOpaque((request.body as { person: string }).person, '/person');
      return change(parts, request, reply, {
        scope: 'policy:write',
        operation: 'consent.record',
        body: request.body as Json,
        tell: async (_tx, command) => ({
          id: externalId('consent', derivedUuid(command, 'consent', 0)),
        }),
      });
    },
  );
}

function readRoutes(app: FastifyInstance, parts: Parts): void {
  app.get(
    '/v1/consents',
    {
      schema: {
        tags,
        summary: 'What counts for a person: the latest record of each purpose',
        querystring: Type.Object({
          ...asked,
          basis: Type.Optional(
            Type.Enum(['effective', 'recorded'], {
              default: 'effective',
              description: '`recorded`: only what had been recorded by that instant.',
            }),
          ),
        }),
        response: { 200: page(current), ...problems },
      },
    },
    (request) => {
      const query = request.query as Asked & { basis?: 'effective' | 'recorded' };
      const { person, ...options } = query;
      const at = instantOf(query, parts);
      const answer = async (tx: Parameters<typeof consentsOf>[0]) => ({
        ...{ person, at: new Date(at).toISOString() },
        ...(await consentsOf(tx, person, at, options)),
      });
      return read(parts, request, answer, 'policy:read');
    },
  );
  app.get(
    '/v1/consents/history',
    {
      schema: {
        tags,
        summary: 'Every record of a person up to an instant, in the order of recording',
        querystring: Type.Object(asked),
        response: { 200: page(record), ...problems },
      },
    },
    (request) => {
      const query = request.query as Asked;
      const { person, after } = query;
      if (after !== undefined && !internalId('consent', after))
        refuseField('/after', 'is no consent');
      const at = instantOf(query, parts);
      const answer = async (tx: Parameters<typeof consentHistory>[0]) => ({
        ...{ person, at: new Date(at).toISOString() },
        ...(await consentHistory(tx, person, at, query)),
      });
      return read(parts, request, answer, 'policy:read');
    },
  );
}

function instantOf({ at }: Asked, { planes }: Parts): number {
  checkInstant(at, '/at');
  return at === undefined ? planes.clock.now() : Date.parse(at);
}
