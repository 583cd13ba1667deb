// What a run of traffic counts, and how that adds up.
import type { Reply } from './calls.ts';
import { createLatencies, type Latencies, type LatencySummary } from './latency.ts';
import { type OperationKind, operationKinds } from './operation.ts';

export type KindReport = {
  readonly kind: OperationKind;
  /** Posted, held or carried out. */
  readonly done: number;
  /** Payments that wait for a confirmation or a person. */
  readonly waiting: number;
  readonly rejected: number;
  /** Not sent, because the payment that each continues was not allowed. */
  readonly leftOut: number;
};
type Column = Exclude<keyof KindReport, 'kind'>;

export type RouteReport = { readonly route: string } & LatencySummary;

export type TallySummary = {
  readonly operationsPerSecond: number;
  readonly requestsPerSecond: number;
  readonly done: number;
  readonly waiting: number;
  readonly rejected: number;
  readonly leftOut: number;
  /** Operations that an earlier run had sent: their first answer was that one's. */
  readonly known: number;
  readonly kinds: readonly KindReport[];
  /** By the bank's code, with the reasons of policy where it was that. */
  readonly rejections: Readonly<Record<string, number>>;
  /** Operations sent twice, and how often the second answer was the first one. */
  readonly duplicates: { readonly sent: number; readonly sameAnswer: number };
  /** Clearing messages that came once more, late and out of order, and how many moved nothing. */
  readonly repeats: { readonly sent: number; readonly withoutEffect: number };
  /** Keys used again with another body, and how often that was refused. */
  readonly collisions: { readonly sent: number; readonly refused: number };
  /** Of every request but those that open accounts. */
  readonly latency: LatencySummary;
  readonly routes: readonly RouteReport[];
};

export type Tally = ReturnType<typeof createTally>;

export function createTally() {
  const none = { done: 0, waiting: 0, rejected: 0, leftOut: 0 };
  return {
    kinds: Object.fromEntries(operationKinds.map((kind) => [kind, { ...none }])) as Record<
      OperationKind,
      Record<Column, number>
    >,
    rejections: new Map<string, number>(),
    known: 0,
    duplicates: { sent: 0, sameAnswer: 0 },
    repeats: { sent: 0, withoutEffect: 0 },
    collisions: { sent: 0, refused: 0 },
    latencies: createLatencies(),
    routes: new Map<string, Latencies>(),
  };
}

export function count(tally: Tally, kind: OperationKind, reply: Reply): void {
  tally.kinds[kind][reply.status] += 1;
  if (reply.status !== 'rejected') return;
  const why = [...new Set([reply.code, ...reply.reasons])].join(' ');
  tally.rejections.set(why, (tally.rejections.get(why) ?? 0) + 1);
}

/** Records a duration both of its route and of all. */
export function latenciesOf(tally: Tally, route: string): Pick<Latencies, 'record'> {
  const ofRoute = tally.routes.get(route) ?? createLatencies();
  tally.routes.set(route, ofRoute);
  return {
    record(ms) {
      ofRoute.record(ms);
      tally.latencies.record(ms);
    },
  };
}

export function summarize(tally: Tally, elapsedMs: number): TallySummary {
  const kinds = operationKinds
    .map((kind) => ({ kind, ...tally.kinds[kind] }))
    .filter(({ done, waiting, rejected, leftOut }) => done + waiting + rejected + leftOut > 0);
  const sum = (column: Column) => kinds.reduce((total, each) => total + each[column], 0);
  const latency = tally.latencies.summary();
  const perSecond = (amount: number) => amount / (elapsedMs / 1_000);
  const sums = { done: sum('done'), waiting: sum('waiting'), rejected: sum('rejected') };
  return {
    operationsPerSecond: perSecond(sums.done + sums.waiting + sums.rejected),
    requestsPerSecond: perSecond(latency.count),
    ...sums,
    leftOut: sum('leftOut'),
    known: tally.known,
    kinds,
    rejections: Object.fromEntries([...tally.rejections].sort(([, a], [, b]) => b - a)),
    duplicates: tally.duplicates,
    repeats: tally.repeats,
    collisions: tally.collisions,
    latency,
    routes: [...tally.routes].map(([route, each]) => ({ route, ...each.summary() })),
  };
}
