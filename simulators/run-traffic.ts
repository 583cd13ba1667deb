// Sends traffic to a bank: many requests at once, each chain in order, some twice; and reports.
import { assert, type Clock, instantToText, toJsonNumber, toMinorUnits, unreachable } from '#core';
import { chance, type Dice } from './distributions.ts';
import { runInOrder } from './in-order.ts';
import { createLatencies, type LatencySummary } from './latency.ts';
import { type Answer, type Call, type LoadClient, refuseFault } from './load-client.ts';
import type { AccountKey, AccountSpec, Leg, Operation, OperationKind, Traffic } from './operation.ts';

export type RunOptions = {
  readonly client: LoadClient;
  readonly traffic: Traffic;
  /** Requests in flight. */
  readonly concurrency: number;
  /** Of all operations, how many are sent twice with one key: half of them at the same time. */
  readonly duplicates: number;
  /** Of all operations that move an amount, how many have their key used for another amount. */
  readonly collisions: number;
  readonly random: Dice;
  readonly clock: Clock;
  /** Called after every operation of the traffic. */
  readonly onProgress?: (operationsDone: number) => void;
  /** Ends the run early; the report covers what was done. */
  readonly signal?: AbortSignal;
};

export type KindReport = {
  readonly kind: OperationKind;
  readonly posted: number;
  readonly rejected: number;
  /** Not sent, because the operation that it continues was not posted. */
  readonly leftOut: number;
};

export type TrafficReport = {
  /** What came before the traffic: accounts opened and the journals that funded them. */
  readonly setup: { readonly accounts: number; readonly journals: number; readonly elapsedMs: number };
  readonly elapsedMs: number;
  /** Operations with an answer: posted and rejected. */
  readonly answered: number;
  readonly answeredPerSecond: number;
  readonly posted: number;
  readonly rejected: number;
  readonly leftOut: number;
  readonly kinds: readonly KindReport[];
  /** By the ledger's code. */
  readonly rejections: Readonly<Record<string, number>>;
  /** Operations sent twice, and how often the second answer was that of the first. */
  readonly duplicates: { readonly sent: number; readonly sameAnswer: number };
  /** Keys used for something else, and how often that was refused. */
  readonly collisions: { readonly sent: number; readonly refused: number };
  readonly retries: Readonly<Record<string, number>>;
  /** Of every request but those that open accounts. */
  readonly latency: LatencySummary;
  /** Whether every duplicate got the same answer and every collision was refused. */
  readonly kept: boolean;
};

/** Of one request; the server takes a thousand. */
const accountsPerCall = 500;
const openingConcurrency = 4;

export async function runTraffic(options: RunOptions): Promise<TrafficReport> {
  const { client, traffic, concurrency, signal } = options;
  const startedMs = performance.now();
  const retriedBefore = { ...client.retries };
  const setup = createRun({ ...options, duplicates: 0, collisions: 0, onProgress: () => undefined });
  await runInOrder(openings(traffic.accounts), {
    chainsOf: ({ operation }) => operation.chains,
    work: setup.work,
    concurrency: openingConcurrency,
    signal,
  });
  const run = createRun(options, setup.accounts);
  await runInOrder(setup.marked(traffic.funding), {
    chainsOf: ({ operation }) => operation.chains,
    work: setup.work,
    concurrency: openingConcurrency,
    signal,
  });
  const trafficStartedMs = performance.now();
  await runInOrder(run.marked(traffic.operations), {
    chainsOf: ({ operation }) => operation.chains,
    work: run.work,
    concurrency,
    signal,
  });
  const endedMs = performance.now();
  return {
    setup: {
      accounts: traffic.accounts.length,
      journals: traffic.funding.length,
      elapsedMs: trafficStartedMs - startedMs,
    },
    ...run.report(endedMs - trafficStartedMs),
    retries: since(retriedBefore, client.retries),
  };
}
