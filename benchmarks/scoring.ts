// Scoring on the way of payments: features, model and evidence at a steady rate, while the model is
// replaced and brought back.
import { createScorer, featureReader, openModels } from '#ai';
import { type Json, newUuid } from '#core';
import type { Planes } from '#main';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { deployModel, shippedModel } from '../test/scored.ts';
import { openBenchBank, quantile, sortedTimes, tenant } from './bank.ts';
import type { Benchmark } from './run.ts';

const accounts = 2_000;
const perSecond = 500;
const seconds = 20;
const warmUpSeconds = 4;
const aloneSeconds = 10;
/** When the next version comes, and when the one before comes back, by second. */
const switchAt = 8;
const backAt = 14;
const model = 'payment-fraud';

export const scoring: Benchmark = {
  title: `Scoring: ${perSecond} per second, alone, and on the way of payments with two switches`,
  guess: {
    alone_p95_ms: 2,
    alone_p99_ms: 4,
    score_p50_ms: 0.9,
    score_p95_ms: 2.5,
    score_p99_ms: 6,
    switch_ms: 60,
    back_ms: 40,
  },
  targets: {
    alone_p95_ms: { max: 5 },
    alone_p99_ms: { max: 15 },
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
      const warm = warmUpSeconds * perSecond;
      await steady(warm, pay);
      times.length = 0;
      const alone = await scoreAlone(planes, ids);
      const startedAt = planes.clock.now();
      const load = steady(seconds * perSecond, (index) => pay(warm + index));
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
        ...alone,
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

/** Starts one after the other at the rate, however long they take. */
async function steady(count: number, start: (index: number) => Promise<void>): Promise<void> {
  const startedAt = performance.now();
  const all: Promise<void>[] = [];
  for (let index = 0; index < count; index += 1) {
    const waitMs = startedAt + (index * 1000) / perSecond - performance.now();
    if (waitMs > 1) await sleep(waitMs);
    all.push(start(index));
  }
  await Promise.all(all);
}

/** The same cases, of accounts with a past, and nothing decided or posted. */
async function scoreAlone({ database, keyring, clock, random }: Planes, ids: readonly string[]) {
  const scorer = createScorer({
    models: openModels({ pool: database.pool('ai'), publicKeys: keyring.checkpointPublicKeys }),
    features: featureReader(database.pipeline('ai', 2)),
    clock,
    elapsedMs: () => performance.now(),
    onError: (error) => {
      throw error;
    },
  });
  const times: number[] = [];
  const score = async (index: number) => {
    const {
      debit_account_id: account = '',
      credit_account_id: merchant = '',
      amount,
    } = legOf(ids, index);
    const from = performance.now();
    const now = clock.now();
    const made = await scorer.score({
      ...{ tenant, epoch: 1n, commandId: newUuid({ clock, random }), inputs: {} },
      operation: 'journal.post',
      point: 'payment-authorization',
      facts: { ...paymentOf(index), amount_home: amount },
      receivedAt: now,
      asOf: now,
      accountId: account,
      entities: { account, merchant },
      amount,
      key: account,
    });
    if (made?.status !== 'scored')
      throw new Error(`a case was not scored: ${made?.fallbackReason}`);
    times.push(performance.now() - from);
  };
  // The first loads the model.
  await score(0);
  times.length = 0;
  await steady(aloneSeconds * perSecond, score);
  const sorted = sortedTimes(times);
  return {
    alone_p50_ms: quantile(sorted, 0.5),
    alone_p95_ms: quantile(sorted, 0.95),
    alone_p99_ms: quantile(sorted, 0.99),
  };
}

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
