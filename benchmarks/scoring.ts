// Scoring on the way of payments: features, model and evidence at a steady rate, while the model is
// replaced and brought back.
import type { Json } from '#core';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { deployModel, shippedModel } from '../test/scored.ts';
import { openBenchBank, quantile, sortedTimes, tenant } from './bank.ts';
import type { Benchmark } from './run.ts';

const accounts = 2_000;
const perSecond = 500;
const seconds = 20;
const warmUpSeconds = 4;
/** When the next version comes, and when the one before comes back, by second. */
const switchAt = 8;
const backAt = 14;
const model = 'payment-fraud';

export const scoring: Benchmark = {
  title: `Scoring: ${perSecond} payments per second, each scored, decided and posted; two switches`,
  guess: { score_p50_ms: 0.9, score_p95_ms: 2.5, score_p99_ms: 6, switch_ms: 60, back_ms: 40 },
  targets: {
    score_p95_ms: { max: 5 },
    score_p99_ms: { max: 15 },
    switch_ms: { max: 1_000 },
    back_ms: { max: 1_000 },
    failed_requests: { max: 0 },
  },
  async run(say) {
    const bank = await openBenchBank({ accounts, roles: ['worker', 'sealer'] });
    try {
      const { planes, command, accounts: ids } = bank;
      const shipped = shippedModel(model);
      await deployModel(planes, tenant, shipped);
      let failed = 0;
      const times: number[] = [];
      const pay = async (index: number) => {
        const legs = [legOf(ids, index)];
        const body = { legs, payment: paymentOf(index) } as unknown as Json;
        const from = performance.now();
        await planes.executeCommand(command('journal.post', body, `pay-${index}`)).catch(() => {
          failed += 1;
        });
        times.push(performance.now() - from);
      };
      const steady = async (from: number, count: number) => {
        const startedAt = performance.now();
        const all: Promise<void>[] = [];
        for (let index = 0; index < count; index += 1) {
          const waitMs = startedAt + (index * 1000) / perSecond - performance.now();
          if (waitMs > 1) await sleep(waitMs);
          all.push(pay(from + index));
        }
        await Promise.all(all);
      };
      await steady(0, warmUpSeconds * perSecond);
      times.length = 0;
      const startedAt = planes.clock.now();
      const load = steady(warmUpSeconds * perSecond, seconds * perSecond);
      await sleep(switchAt * 1000);
      say('the next version comes');
      const title = 'The same model under another card';
      const card = { ...(shipped.card as object), title } as Json;
      const deployedAt = planes.clock.now();
      await deployModel(planes, tenant, { ...shipped, card });
      await sleep((backAt - switchAt) * 1000);
      say('the one before comes back');
      const backCalledAt = planes.clock.now();
      await planes.executeCommand(command('model.rollback', { name: model }, 'back'));
      await load;
      const scores = await readScores(bank.server.databaseUrl, startedAt);
      const latencies = sortedTimes(scores.map(({ latencyUs }) => latencyUs / 1000));
      const payments = sortedTimes(times);
      const first = (version: number, since: number) =>
        (scores.find((score) => score.version === version && score.at >= since)?.at ?? Infinity) -
        since;
      return {
        scores: scores.length,
        heard_share: scores.filter(({ status }) => status === 'scored').length / scores.length,
        score_p50_ms: quantile(latencies, 0.5),
        score_p95_ms: quantile(latencies, 0.95),
        score_p99_ms: quantile(latencies, 0.99),
        payment_p50_ms: quantile(payments, 0.5),
        payment_p95_ms: quantile(payments, 0.95),
        payment_p99_ms: quantile(payments, 0.99),
        switch_ms: first(2, deployedAt),
        back_ms: first(1, backCalledAt),
        failed_requests: failed,
      };
    } finally {
      await bank.close();
    }
  },
};

function legOf(ids: readonly string[], index: number) {
  const debit = (index * 7919) % ids.length;
  const credit = (debit + 1 + (index % 300)) % ids.length;
  const amount = 500 + ((index * 37) % 20_000);
  const sides = { debit_account_id: ids[debit], credit_account_id: ids[credit] };
  return { kind: 'post', ...sides, amount, currency: 'EUR' };
}

function paymentOf(index: number) {
  return {
    ...{ kind: 'card', channel: 'card_present', mcc: '5411', counterparty_country: 'DE' },
    ...{ screening_status: 'known', local_hour: index % 24, account_age_days: 700 },
    ...{ new_payee: false, new_device: false },
  };
}

async function readScores(databaseUrl: string, since: number) {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ body: string }>(
      `select body from core.event where type = 'score.produced' order by seq`,
    );
    return rows.flatMap(({ body }) => {
      const { payload } = (JSON.parse(body) as { data: { payload: Payload } }).data;
      const at = Date.parse(payload.at);
      if (at < since) return [];
      const { latency_us: latencyUs, status, served_by } = payload;
      return [{ at, latencyUs, status, version: served_by?.version ?? 0 }];
    });
  } finally {
    await client.end();
  }
}

type Payload = {
  readonly at: string;
  readonly latency_us: number;
  readonly status: string;
  readonly served_by: { readonly version: number } | null;
};
