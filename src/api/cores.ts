// The core behind this process: what it can, and how each of its operations stands, as JSON; how
// much it was asked for all tenants together, as metrics. Nothing of what it was asked is told.
import {
  allOperations,
  capabilitiesOf,
  circuitWords,
  type FailureClass,
  failureClasses,
  type GuardedCore,
  type OperationState,
} from '#cores';
import { nullable } from '#core';
import type { FastifyInstance } from 'fastify';
import { Counter, Gauge, type Registry } from 'prom-client';
import Type from 'typebox';
import type { Parts } from './routes.ts';
import { problems } from './views.ts';

const leads = [...new Set(Object.values(failureClasses).map(({ leadsTo }) => leadsTo))];

const endpointView = Type.Object({
  endpoint: Type.Integer({ description: 'The first is asked first.' }),
  circuit: Type.Enum([...circuitWords], {
    description: 'open: it has failed again and again, and is left alone for a moment.',
  }),
  calls: Type.Integer({
    description: 'Since the process began. Of a bank’s own core alone, as all figures here.',
  }),
  failed: Type.Integer(),
  turned_away: Type.Integer({ description: 'Never sent: the circuit was open, or all was full.' }),
  under_way: Type.Integer(),
  p50_ms: nullable(Type.Number({ description: 'Of the latest 256 calls.' })),
  p95_ms: nullable(Type.Number()),
  failures: Type.Array(
    Type.Object({
      class: Type.Enum(Object.keys(failureClasses) as FailureClass[]),
      count: Type.Integer(),
      leads_to: Type.Enum(leads, { description: 'What to do, or who has to.' }),
      about: Type.String(),
    }),
    { description: 'By class, the most frequent first.' },
  ),
  last_failure: nullable(
    Type.Object({ class: Type.String(), core_code: nullable(Type.String()) }, {}),
  ),
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
    capabilities: Type.Array(
      Type.Object({ name: Type.String(), about: Type.String(), has: Type.Boolean() }),
      { description: 'What a core may be able to do, and whether this one is.' },
    ),
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
      return { items: [viewOf(planes.core, !planes.mirrored)] };
    },
  );
}

function viewOf(core: GuardedCore, isShared: boolean) {
  const told = isShared ? core.states().map(quiet) : core.states();
  const states = Map.groupBy(told, ({ operation }) => operation);
  const can = Object.entries(capabilitiesOf(core)) as [keyof typeof allOperations, boolean][];
  return {
    name: core.name,
    operations: Array.from(states, ([name, endpoints]) => {
      return { name, about: allOperations[name], endpoints: endpoints.map(endpointOf) };
    }),
    capabilities: can.map(([name, has]) => ({ name, about: allOperations[name], has })),
  };
}

/** Our own ledger serves all tenants: how much, is for none of them to know. */
function quiet(state: OperationState): OperationState {
  const nothing = { calls: 0, failed: 0, turnedAway: 0, underWay: 0, waiting: 0 };
  return { ...state, ...nothing, p50Ms: null, p95Ms: null, failures: {}, last: null };
}

function endpointOf({ endpoint, circuit, calls, failed, turnedAway, ...of }: OperationState) {
  const counted = Object.entries(of.failures).map(([name, count]) => {
    const { leadsTo, about } = failureClasses[name as FailureClass];
    return { class: name as FailureClass, count, leads_to: leadsTo, about };
  });
  return {
    ...{ endpoint, circuit, calls, failed, turned_away: turnedAway, under_way: of.underWay },
    ...{ p50_ms: rounded(of.p50Ms), p95_ms: rounded(of.p95Ms) },
    failures: counted.sort((a, b) => b.count - a.count),
    last_failure: of.last && { class: of.last.class, core_code: of.last.coreCode },
  };
}

function rounded(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms * 100) / 100;
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
  void new Counter({
    ...{ ...of, name: 'countersign_core_failures_total', help: 'Failures and refusals, by class.' },
    labelNames: [...of.labelNames, 'class'],
    collect() {
      this.reset();
      for (const state of core.states()) {
        for (const [name, count] of Object.entries(state.failures)) {
          this.inc({ ...labelled(state), class: name }, count);
        }
      }
    },
  });
}
