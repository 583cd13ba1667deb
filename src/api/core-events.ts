// What an external core tells, on its way in, and where its book and our mirror of it differ.
import {
  acceptEvents,
  countDifferences,
  differenceView,
  listDifferences,
  type Mirror,
} from '#cores';
import { Fault } from '#core';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Gauge, type Registry } from 'prom-client';
import Type from 'typebox';
import { pageQuery, type Parts, read } from './routes.ts';
import { page, problems } from './views.ts';

const tags = ['administration'];
/** Of one delivery, in bytes: webhooks of cores carry one event, relays some dozens. */
const deliveryMax = 256 * 1024;

export function mirrorRoutes(app: FastifyInstance, parts: Parts, mirror: Mirror | undefined): void {
  differenceRoute(app, parts);
  void app.register(async (scope) => {
    // The adapter reads what its vendor writes, and proves it by the letter.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => {
      done(null, body);
    });
    const path = '/v1/core-events/:core';
    const params = Type.Object({ core: Type.String({ pattern: '^[a-z][a-z0-9-]{0,39}$' }) });
    const kept = Type.Object({
      kept: Type.Integer({ description: 'How many were new. They are mirrored right after.' }),
    });
    scope.post(
      path,
      {
        bodyLimit: deliveryMax,
        schema: {
          tags,
          summary: 'Take what a core, or a relay beside it, has to tell',
          description:
            'In the words of the vendor, and proven by the secret that its adapter expects. It ' +
            'is answered once everything is kept; what was told before changes nothing.',
          params,
          querystring: Type.Object({
            secret: Type.Optional(
              Type.String({ maxLength: 200, description: 'Where a core can send no header.' }),
            ),
          }),
          security: [],
          response: { 200: kept, ...problems },
        },
      },
      async (request) => {
        const { core } = request.params as { core: string };
        if (mirror?.core !== core) throw new Fault('not_found', 'no such core is connected');
        return { kept: await acceptEvents(mirror, deliveredIn(request)) };
      },
    );
  });
}

function deliveredIn({ headers, body, query }: FastifyRequest) {
  const { secret } = query as { readonly secret?: unknown };
  const single = Object.entries(headers).map(([name, value]) => {
    return [name, Array.isArray(value) ? value.join(', ') : value] as const;
  });
  return {
    ...{ headers: Object.fromEntries(single), body: typeof body === 'string' ? body : '' },
    ...(typeof secret === 'string' ? { secret } : {}),
  };
}

function differenceRoute(app: FastifyInstance, parts: Parts): void {
  app.get(
    '/v1/cores/differences',
    {
      schema: {
        tags,
        summary: 'Where the book of a core and our mirror of it differ',
        description: 'The newest first. Each ends when both books are found to agree again.',
        querystring: Type.Object({
          ...pageQuery.properties,
          status: Type.Optional(Type.Enum(['open', 'ended'])),
        }),
        response: { 200: page(differenceView), ...problems },
      },
    },
    (request) => {
      const { limit = 50, after, status } = request.query as Query;
      const open = status && status === 'open';
      return read(parts, request, (tx) => listDifferences(tx, { limit, after, open }));
    },
  );
}

type Query = { limit?: number; after?: string; status?: 'open' | 'ended' };

const kinds = ['balance', 'missing', 'not_mirrored'] as const;

/** What Prometheus reads: how many differences are open. */
export function mirrorMetrics(registry: Registry, mirror: Mirror): void {
  void new Gauge({
    name: 'countersign_core_differences',
    help: 'Open differences between the book of the core and our mirror of it.',
    ...{ registers: [registry], labelNames: ['core', 'kind'] as const },
    async collect() {
      const { core } = mirror;
      const counts = await mirror.read((tx) => countDifferences(tx, core)).catch(() => undefined);
      // While the database is away there is no figure, rather than a wrong one.
      this.reset();
      if (counts) for (const kind of kinds) this.set({ core, kind }, counts[kind] ?? 0);
    },
  });
}
