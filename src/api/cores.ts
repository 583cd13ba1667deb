// The core behind this process: what it can, and how each of its operations stands, as JSON; how
// much it was asked for all tenants together, as metrics. Nothing of what it was asked is told.
import {
  capabilitiesOf,
  circuitWords,
  coreOperations,
  type GuardedCore,
  type OperationState,
} from '#cores';
import type { FastifyInstance } from 'fastify';
import { Counter, Gauge, type Registry } from 'prom-client';
import Type from 'typebox';
import type { Parts } from './routes.ts';
import { problems } from './views.ts';

const endpointView = Type.Object({
  endpoint: Type.Integer({ description: 'The first is asked first.' }),
  circuit: Type.Enum([...circuitWords], {
    description: 'open: it has failed again and again, and is left alone for a moment.',
  }),
});
const coreView = Type.Object(
  {
    name: Type.String(),
    operations: Type.Array(
      Type.Object({
        name: Type.String(),
        about: Type.String(),
        endpoints: Type.Array(endpointView),
      }),
    ),
    lacks: Type.Array(Type.String(), { description: 'Operations that it has not.' }),
  },
  { title: 'Core' },
);

export function coreRoutes(app: FastifyInstance, { planes, authenticate }: Parts): void {
  app.get(
    '/v1/cores',
    {
      schema: {
        tags: ['administration'],
        summary: 'The core systems: what each can, and how its operations stand now',
        description: 'As the process that answers knows them: each has circuits of its own.',
        response: { 200: Type.Object({ items: Type.Array(coreView) }), ...problems },
      },
    },
    async (request) => {
      await authenticate.fresh(request, 'policy:read');
      return { items: [viewOf(planes.core)] };
    },
  );
}

function viewOf(core: GuardedCore) {
  const states = Map.groupBy(core.states(), ({ operation }) => operation);
  const lacks = Object.entries(capabilitiesOf(core)).filter(([, has]) => !has);
  return {
    name: core.name,
    operations: Array.from(states, ([name, endpoints]) => {
      const told = endpoints.map(({ endpoint, circuit }) => ({ endpoint, circuit }));
      return { name, about: coreOperations[name], endpoints: told };
    }),
    lacks: lacks.map(([name]) => name),
  };
}

type Figure = readonly [name: string, help: string, of: (state: OperationState) => number];

const gauges: readonly Figure[] = [
  ['circuit', '0 closed, 1 half open, 2 open.', ({ circuit }) => circuitWords.indexOf(circuit)],
  ['calls_under_way', 'Calls of the core under way.', ({ underWay }) => underWay],
  ['calls_waiting', 'Calls that wait for a place.', ({ waiting }) => waiting],
];
const totals: readonly Figure[] = [
  ['calls_total', 'Calls of the core.', ({ calls }) => calls],
  ['calls_failed_total', 'Of these, those that failed.', ({ failed }) => failed],
  ['calls_turned_away_total', 'Of these, those never sent.', ({ turnedAway }) => turnedAway],
];

/** What Prometheus reads: of each operation at each endpoint. */
export function coreMetrics(registry: Registry, core: GuardedCore): void {
  const of = { registers: [registry], labelNames: ['core', 'operation', 'endpoint'] as const };
  const labelled = ({ operation, endpoint }: OperationState) => {
    return { core: core.name, operation, endpoint: String(endpoint) };
  };
  for (const [name, help, figure] of gauges) {
    void new Gauge({
      ...{ ...of, name: `countersign_core_${name}`, help },
      collect() {
        for (const state of core.states()) this.set(labelled(state), figure(state));
      },
    });
  }
  for (const [name, help, figure] of totals) {
    void new Counter({
      ...{ ...of, name: `countersign_core_${name}`, help },
      collect() {
        this.reset();
        for (const state of core.states()) this.inc(labelled(state), figure(state));
      },
    });
  }
}
