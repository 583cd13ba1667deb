// The record day of an instant-payment network through the whole path over HTTP: features, score,
// decision, posting, events. A tenth of it by default, all of it with --whole.
import { seededRandom } from '#core';
import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { deployShippedModel } from '../src/cli/demo-model.ts';
import { invitePeople } from '../src/cli/demo-people.ts';
import { openTenant } from '../src/cli/tenants.ts';
import { inFlight, quantile, sortedTimes } from './bank.ts';
import type { Benchmark } from './run.ts';
import { type HttpClient, httpClient, openAccounts, startServerProcess } from './server.ts';

/** Payments of the RTP network on its record day. */
const recordDay = 2_050_000;
const payments = process.argv.includes('--whole') ? recordDay : recordDay / 10;
const connections = 64;
/** Payments of an account, so that no limit of a person is met. */
const perAccount = 10;
const steadyPerSecond = 300;
const steadySeconds = 20;
const warmUp = 3_000;
const restMs = 5_000;
/** Of the payments, how many are sent twice under one key. */
const duplicates = 0.01;

const cli = fileURLToPath(new URL('../src/cli/countersign.ts', import.meta.url));

export const rtpDay: Benchmark = {
  title: `RTP day: ${payments.toLocaleString('en')} payments over HTTP, scored, decided, posted`,
  guess: {
    steady_p95_ms: 22,
    steady_p99_ms: 45,
    per_second: 1_100,
    p95_ms: 80,
    facts_and_score_p95_ms: 8,
    determinism: 1,
    duplicates: 0,
  },
  targets: {
    steady_p95_ms: { max: 30 },
    steady_p99_ms: { max: 80 },
    per_second: { min: 1_000 },
    p95_ms: { max: 250 },
    facts_and_score_p95_ms: { max: 10 },
    allowed_share: { min: 0.95 },
    duplicates: { max: 0 },
    determinism: { min: 1 },
  },
  async run(say) {
    const server = await startServerProcess();
    try {
      const bank = { url: server.url, operatorKey: server.operatorKey, server: undefined };
      const tenant = await openTenant(bank, 'rtp', 'Instant payments');
      await deployShippedModel(await invitePeople(bank, tenant, server.folder));
      const client = httpClient(server.url, tenant.systemKey, connections);
      const ids = await openAccounts(client, Math.max(2_000, payments / perAccount));
      say(`${ids.length} accounts are open`);
      const day = dayOf(client, ids);
      await inFlight(warmUp, connections, (index) => day.pay(`warm-${index}`));
      // What follows the log has caught up by then: the steady hour begins from rest.
      await sleep(restMs);
      const steady = await atRate((index) => day.pay(`steady-${index}`));
      say('the steady hour is over');
      const scores = await scoringOf(client);
      const startedAt = performance.now();
      day.times.length = 0;
      await inFlight(payments, connections, (index) => day.pay(`day-${index}`));
      const seconds = (performance.now() - startedAt) / 1000;
      const times = sortedTimes(day.times);
      say('the day is over: it is counted, and decided once more');
      const counted = await count(client, ids, day.outcomes);
      await client.close();
      return {
        ready_ms: server.readyMs,
        ...steady,
        ...scores,
        per_second: payments / seconds,
        p50_ms: quantile(times, 0.5),
        p95_ms: quantile(times, 0.95),
        p99_ms: quantile(times, 0.99),
        ...counted,
        determinism: replayed(server.folder),
      };
    } finally {
      await server.close();
    }
  },
};

type Day = {
  readonly pay: (key: string) => Promise<void>;
  readonly times: number[];
  /** By outcome, each payment once. */
  readonly outcomes: Record<string, number>;
};

function dayOf(client: HttpClient, ids: readonly string[]): Day {
  const { uint32 } = seededRandom(11);
  const times: number[] = [];
  const outcomes: Record<string, number> = {};
  return {
    times,
    outcomes,
    async pay(key) {
      const body = orderOf(ids, uint32);
      const from = performance.now();
      const { status, json } = await client.post('/v1/payments', body, key);
      times.push(performance.now() - from);
      if (status !== 201) throw new Error(`a payment was answered with ${status}`);
      const { id, outcome } = json as unknown as { id: string; outcome: string };
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      if (uint32() / 2 ** 32 >= duplicates) return;
      const again = await client.post('/v1/payments', body, key);
      const same = (again.json as unknown as { id: string }).id;
      if (again.status !== 200 || same !== id) throw new Error('a retry was paid again');
    },
  };
}

/** Most are small, as instant payments of persons are; one in a hundred is new and large. */
function orderOf(ids: readonly string[], uint32: () => number) {
  const debtor = uint32() % ids.length;
  const creditor = (debtor + 1 + (uint32() % (ids.length - 1))) % ids.length;
  const isLarge = uint32() % 100 === 0;
  const amount = isLarge ? 25_000 + (uint32() % 20_000) : 100 + (uint32() % 9_000);
  return {
    kind: 'transfer',
    channel: 'mobile',
    debtor_account_id: ids[debtor],
    creditor_account_id: ids[creditor],
    amount,
    currency: 'EUR',
    debtor: `cus_${debtor}`,
    device: `dev_${debtor}`,
    creditor_country: 'DE',
    facts: {
      screening_status: 'known',
      local_hour: 14,
      account_age_days: 700,
      new_payee: false,
      new_device: false,
    },
  };
}

/** Begins one after the other at the rate, however long they take. */
async function atRate(pay: (index: number) => Promise<void>) {
  const times: number[] = [];
  const all: Promise<void>[] = [];
  const startedAt = performance.now();
  for (let index = 0; index < steadyPerSecond * steadySeconds; index += 1) {
    const waitMs = startedAt + (index * 1000) / steadyPerSecond - performance.now();
    if (waitMs > 1) await sleep(waitMs);
    const from = performance.now();
    all.push(pay(index).then(() => void times.push(performance.now() - from)));
  }
  await Promise.all(all);
  const sorted = sortedTimes(times);
  return {
    steady_p50_ms: quantile(sorted, 0.5),
    steady_p95_ms: quantile(sorted, 0.95),
    steady_p99_ms: quantile(sorted, 0.99),
  };
}

/** Facts are gathered and scored side by side: the score's own time is told by its event. */
async function scoringOf(client: HttpClient) {
  const { items } = JSON.parse(await client.get('/v1/payments?limit=500')) as {
    items: { payment_id: string }[];
  };
  const took: number[] = [];
  for (const { payment_id: id } of items.slice(0, 200)) {
    const { score } = JSON.parse(await client.get(`/v1/payments/${id}`)) as {
      score: { latency_us: number } | null;
    };
    if (score) took.push(score.latency_us / 1000);
  }
  return { facts_and_score_p95_ms: quantile(sortedTimes(took), 0.95), scores_read: took.length };
}

/** Every payment that was allowed has moved once: as many entries as there were answers. */
async function count(
  client: HttpClient,
  ids: readonly string[],
  outcomes: Readonly<Record<string, number>>,
) {
  const total = Object.values(outcomes).reduce((sum, each) => sum + each, 0);
  const allowed = outcomes['allowed'] ?? 0;
  let posted = 0;
  await inFlight(ids.length, 16, async (index) => {
    const path = `/v1/accounts/${ids[index]}/entries?limit=500`;
    const { items } = JSON.parse(await client.get(path)) as {
      items: { side: string; kind: string }[];
    };
    posted += items.filter(({ side, kind }) => side === 'debit' && kind === 'post').length;
  });
  return {
    payments: total,
    allowed_share: allowed / total,
    duplicates: Math.abs(posted - allowed),
  };
}

/** Every decision of the day made once more, by the command that a bank would use. */
function replayed(folder: string): number {
  const args = [cli, '--data', folder, 'replay', '--json'];
  const output = execFileSync(process.execPath, args, { maxBuffer: 1 << 26 }).toString();
  return (JSON.parse(output.trim().split('\n').at(-1) ?? '{}') as { score: number }).score;
}
