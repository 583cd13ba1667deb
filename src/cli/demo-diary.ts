// What is only seen while a demo day goes by: when each payment was, and how long answers took.
import { createLatencies, type LatencySummary } from '../../simulators/latency.ts';
import type { Operation } from '../../simulators/operation.ts';
import type { Answered } from '../../simulators/run-traffic.ts';
import type { Truth, WhatItWas } from '../../simulators/truth.ts';

export const hoursOfDay = 24;
const hourMs = 3_600_000;

export type Diary = {
  readonly write: (answered: Answered) => void;
  readonly whatIs: (paymentId: string) => WhatItWas | undefined;
  /** How far the day is, in hours. */
  readonly now: () => number;
  readonly entries: ReadonlyMap<string, Entry>;
  /** By hour of the day. */
  readonly latencies: () => readonly LatencySummary[];
};
export type Entry = { readonly hour: number; readonly amount: number };

export function createDiary(truth: Truth, midnight: number, home: string): Diary {
  const entries = new Map<string, Entry>();
  const known = new Map<string, WhatItWas>();
  const latencies = Array.from({ length: hoursOfDay }, () => createLatencies());
  let latest = 0;
  return {
    write({ operation, reply, durationMs }) {
      const at = (operation.effectiveAt - midnight) / hourMs;
      const hour = Math.min(hoursOfDay - 1, Math.max(0, Math.floor(at)));
      latest = Math.max(latest, at);
      latencies[hour]?.record(durationMs);
      const what = truth.get(operation.key);
      if (what === undefined) return;
      entries.set(operation.key, { hour, amount: worthOf(operation, home) });
      if (reply.id !== undefined) known.set(reply.id, what);
    },
    whatIs: (paymentId) => known.get(paymentId),
    now: () => latest,
    entries,
    latencies: () => latencies.map((each) => each.summary()),
  };
}

function worthOf(operation: Operation, home: string): number {
  const legs = 'leg' in operation ? [operation.leg] : 'legs' in operation ? operation.legs : [];
  const amounts = legs.flatMap((leg) => (leg.currency === home ? [Number(leg.amount)] : []));
  return Math.max(0, ...amounts);
}
