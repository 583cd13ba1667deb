// What requests tell of service levels: how long authorizations take, and which keys were reused.
import { Fault, inSpan, type Pool } from '#core';
import type { Planes } from '#main';
import { countOpenAlerts, objectives, type Recorder } from '#slo';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Counter, Gauge, type Registry } from 'prom-client';

const authorizations: readonly string[] = ['/v1/payments', '/v1/card-authorizations'];
/** Whatever the outcome is. A retry is told an earlier one with 200: it authorizes nothing. */
const decided = 201;
const countTimeoutMs = 2_000;

/** Answers what has to be told whose request it is. */
export function useMeasures(
  app: FastifyInstance,
  recorder: Recorder,
): (request: FastifyRequest, tenant: string) => void {
  const tenants = new WeakMap<FastifyRequest, string>();
  app.addHook('onResponse', async (request, reply) => {
    const tenant = tenants.get(request);
    const isPost = request.method === 'POST';
    if (!tenant || !isPost || !authorizations.includes(request.routeOptions.url ?? '')) return;
    const { statusCode, elapsedTime } = reply;
    if (statusCode === decided) recorder.observe(tenant, 'authorization', elapsedTime);
    if (statusCode >= 500) recorder.count(tenant, 'authorization_failed');
  });
  return (request, tenant) => {
    tenants.set(request, tenant);
  };
}

/** The planes, with each write counted by whether its key was used for something else before. */
export function countingKeys(planes: Planes, recorder: Recorder): Planes {
  const execute: Planes['execute'] = async (input) => {
    const { tenant } = input.principal;
    try {
      const executed = await inSpan(`execute ${input.operation}`, () => planes.execute(input));
      recorder.count(tenant, 'idempotency_keyed');
      return executed;
    } catch (error) {
      const code = error instanceof Fault ? error.code : undefined;
      // That one is tried again, and counted then.
      if (code !== 'rights_changed') recorder.count(tenant, 'idempotency_keyed');
      if (code === 'idempotency_key_reused') recorder.count(tenant, 'idempotency_reused');
      throw error;
    }
  };
  return { ...planes, execute };
}

/** Metrics of the process, and how many alerts are open over all tenants: none of them is named. */
export function measureMetrics(
  registry: Registry,
  { recorder, pool }: { readonly recorder: Recorder; readonly pool: Pool },
): void {
  const registers = [registry];
  const totals = {
    countersign_idempotency_keyed_total: ['idempotency_keyed', 'Writes with a key.'],
    countersign_idempotency_reused_total: ['idempotency_reused', 'Of these, with a reused key.'],
    countersign_measures_dropped_total: ['dropped', 'Measures for which there was no room.'],
  } as const;
  for (const [name, [series, help]] of Object.entries(totals)) {
    const collect = function collect(this: Counter) {
      this.reset();
      this.inc(recorder.totals()[series] ?? 0);
    };
    void new Counter({ name, help, registers, collect });
  }
  void new Gauge({
    name: 'countersign_slo_alerts_open',
    help: 'Alerts on service levels that are raised now, over all tenants.',
    labelNames: ['slo'] as const,
    registers,
    async collect() {
      const open = await inTime(countOpenAlerts(pool));
      this.reset();
      // Where it cannot be known nothing is told: that is not nought.
      if (open) for (const { name } of objectives) this.set({ slo: name }, open.get(name) ?? 0);
    },
  });
}

function inTime<Found>(work: Promise<Found>): Promise<Found | undefined> {
  const late = new Promise<undefined>((resolve) => {
    setTimeout(resolve, countTimeoutMs, undefined).unref();
  });
  return Promise.race([work.catch(() => undefined), late]);
}
