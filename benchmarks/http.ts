// The HTTP API: single transfers on 64 connections, authenticated, idempotent, countersigned.
import { seededRandom } from '#core';
import { inFlight, quantile, sortedTimes } from './bank.ts';
import type { Benchmark } from './run.ts';
import { openHttpBank, startServerProcess } from './server.ts';

const connections = 64;
const accounts = 10_000;
const transfers = 40_000;
const warmUp = 5_000;

export const http: Benchmark = {
  title: 'HTTP: single transfers, 64 connections; client, server and PostgreSQL share the machine',
  guess: { per_second: 2_800, p50_ms: 21, p95_ms: 34, p99_ms: 50, ready_ms: 3_000 },
  targets: { per_second: { min: 2_500 }, p95_ms: { max: 40 }, ready_ms: { max: 8_000 } },
  async run(say) {
    const server = await startServerProcess();
    try {
      say(`the server is ready after ${Math.round(server.readyMs)} ms`);
      const { client, accounts: ids } = await openHttpBank(server, accounts, connections);
      const { uint32 } = seededRandom(3);
      const times: number[] = [];
      const send = async (label: string, index: number) => {
        const debit = uint32() % ids.length;
        const credit = (debit + 1 + (uint32() % (ids.length - 1))) % ids.length;
        const body = {
          debit_account_id: ids[debit],
          credit_account_id: ids[credit],
          amount: 1 + (index % 100_000),
          currency: 'EUR',
        };
        const from = performance.now();
        const { status } = await client.post('/v1/transfers', body, `${label}-${index}`);
        if (status !== 201) throw new Error(`a transfer was answered with ${status}`);
        times.push(performance.now() - from);
      };
      await inFlight(warmUp, connections, (index) => send('warm', index));
      times.length = 0;
      const startedAt = performance.now();
      await inFlight(transfers, connections, (index) => send('run', index));
      const seconds = (performance.now() - startedAt) / 1000;
      await client.close();
      const sorted = sortedTimes(times);
      return {
        ready_ms: server.readyMs,
        per_second: transfers / seconds,
        p50_ms: quantile(sorted, 0.5),
        p95_ms: quantile(sorted, 0.95),
        p99_ms: quantile(sorted, 0.99),
        max_ms: sorted.at(-1) ?? 0,
      };
    } finally {
      await server.close();
    }
  },
};
