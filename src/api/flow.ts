// The flow over HTTP: what went through the three planes, minute by minute.
import { instantToText, nullable } from '#core';
import { flowMinutesMax, readFlow } from '#slo';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { type Parts, read } from './routes.ts';
import { problems } from './views.ts';

const instant = Type.String({ format: 'date-time' });
const count = Type.Integer({ minimum: 0 });
const countsOf = (description: string) => Type.Record(Type.String(), count, { description });

const view = Type.Object({
  as_of: instant,
  items: Type.Array(
    Type.Object({
      at: instant,
      ai: Type.Object({
        scored: count,
        fell_back: countsOf('Of them, by why the model was not heard.'),
        p95_ms: nullable(Type.Number({ description: 'Within which 95 of 100 were made.' })),
      }),
      policy: countsOf('Decisions by their outcome.'),
      money: Type.Object({
        payments: countsOf(
          'Steps by what came of them: `denied` by policy, `refused` by the ledger, `posted` …',
        ),
        posted: countsOf('Minor units by currency: of what was posted or captured.'),
      }),
      reviews: Type.Object({ opened: count, decided: count }),
    }),
  ),
});

export function flowRoutes(app: FastifyInstance, parts: Parts): void {
  const { clock } = parts.planes;
  app.get(
    '/v1/flow',
    {
      schema: {
        tags: ['slos'],
        summary: 'What went through the AI, policy and money planes, minute by minute',
        description:
          'Oldest first, a point for each minute; the last one is not over. Folded from the log: ' +
          'a moment behind what is committed.',
        querystring: Type.Object({
          minutes: Type.Optional(
            Type.Integer({ minimum: 1, maximum: flowMinutesMax, default: 60 }),
          ),
        }),
        response: { 200: view, ...problems },
      },
    },
    async (request) => {
      const { minutes = 60 } = request.query as { minutes?: number };
      const now = clock.now();
      const items = await read(
        parts,
        request,
        (tx) => readFlow(tx, { minutes, now }),
        'policy:read',
      );
      return { as_of: instantToText(now), items };
    },
  );
}
