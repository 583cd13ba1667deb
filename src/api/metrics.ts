// Prometheus metrics: requests by route, and what the process knows of its queues and its log.
import type { GuardedCore, Mirror } from '#cores';
import type { FastifyInstance } from 'fastify';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Planes } from '#main';
import { mirrorMetrics } from './core-events.ts';
import { coreMoveMetrics } from './core-moves.ts';
import { coreMetrics } from './cores.ts';
import { measureMetrics } from './measures.ts';

/** In seconds; those of the objectives are among them. */
const buckets = [0.001, 0.0025, 0.005, 0.01, 0.02, 0.04, 0.08, 0.15, 0.25, 0.6, 1.2, 5];

export function useMetrics(
  app: FastifyInstance,
  gauges: () => Readonly<Record<string, number>>,
  measures: Parameters<typeof measureMetrics>[1] & {
    readonly core: GuardedCore;
    readonly mirror: Mirror | undefined;
    readonly planes: Planes;
  },
): void {
  const registry = new Registry();
  measureMetrics(registry, measures);
  coreMetrics(registry, measures.core);
  if (measures.mirror) mirrorMetrics(registry, measures.mirror);
  coreMoveMetrics(registry, measures.planes);
  collectDefaultMetrics({ register: registry });
  const requests = new Counter({
    name: 'countersign_http_requests_total',
    help: 'Requests by method, route and status.',
    labelNames: ['method', 'route', 'status'] as const,
    registers: [registry],
  });
  const durations = new Histogram({
    name: 'countersign_http_request_duration_seconds',
    help: 'Seconds from the first byte of a request to the last of its answer.',
    labelNames: ['method', 'route'] as const,
    buckets,
    registers: [registry],
  });
  const state = new Gauge({
    name: 'countersign_state',
    help: 'Queue lengths, positions and leadership, by name.',
    labelNames: ['name'] as const,
    registers: [registry],
    collect() {
      for (const [name, value] of Object.entries(gauges())) this.set({ name }, value);
    },
  });
  void state;
  app.addHook('onResponse', async (request, reply) => {
    const { method } = request;
    // The pattern, never the address: labels stay few, and no id gets into them.
    const route = request.routeOptions.url ?? 'unknown';
    requests.inc({ method, route, status: reply.statusCode });
    durations.observe({ method, route }, reply.elapsedTime / 1000);
  });
  app.get('/metrics', { schema: { hide: true } }, async (_request, reply) => {
    reply.header('content-type', registry.contentType);
    return registry.metrics();
  });
}
