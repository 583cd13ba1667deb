// Limits over HTTP: what is used of them, by whom. What may be used the bundles say.
import { refuseField } from '#core';
import { readLimits } from '#money';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { limitQuery, type Parts, read } from './routes.ts';
import { problems } from './views.ts';

const used = Type.Object({
  limit: Type.String({ description: 'The id of the limit in its bundle.' }),
  key: Type.String({ description: 'Whose it is, such as `account:acc_…`.' }),
  measure: Type.Enum(['amount', 'count']),
  window: Type.Record(Type.String(), Type.Any()),
  used: Type.Integer({ description: 'Minor units, or how many, within the window that is now.' }),
});

export function limitRoutes(app: FastifyInstance, parts: Parts): void {
  app.get(
    '/v1/limits',
    {
      schema: {
        tags: ['decisions'],
        summary: 'What is used of limits, by whom',
        querystring: Type.Object({
          limit_id: Type.Optional(Type.String({ maxLength: 60 })),
          key: Type.Optional(Type.String({ maxLength: 300 })),
          limit: limitQuery,
          after: Type.Optional(Type.String({ maxLength: 800 })),
        }),
        response: {
          200: Type.Object({
            items: Type.Array(used),
            next: Type.Union([Type.String(), Type.Null()]),
          }),
          ...problems,
        },
      },
    },
    async (request) => {
      const query = request.query as Query;
      const after = query.after === undefined ? undefined : positionIn(query.after);
      const now = parts.planes.clock.now();
      const { limit_id: limit, key, limit: count = 50 } = query;
      const page = await read(
        parts,
        request,
        (tx) => readLimits(tx, { limit, key, after, count, now }),
        'policy:read',
      );
      const { next } = page;
      return { ...page, next: next === null ? null : Buffer.from(next).toString('base64url') };
    },
  );
}

type Query = {
  readonly limit_id?: string;
  readonly key?: string;
  readonly limit?: number;
  readonly after?: string;
};

function positionIn(cursor: string): string {
  const position = Buffer.from(cursor, 'base64url').toString();
  if (!position.includes('\n')) refuseField('/after', 'is no `next` of a page of limits');
  return position;
}
