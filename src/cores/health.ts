// How an operation of a core has been lately: how long its calls take, and what they fail of.
import { Fault } from '#core';
import { type FailureClass, failureClasses } from './failures.ts';

/** Of one operation at one endpoint, in this process. */
export type Health = {
  /** Of the latest calls that were answered, in milliseconds; null before the first. */
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  /** Failures since the process began, by class; those without one are `internal`. */
  readonly failures: Readonly<Partial<Record<FailureClass, number>>>;
  /** Of the latest failure; null before the first. */
  readonly last: { readonly class: FailureClass; readonly coreCode: string | null } | null;
};

export type HealthRecord = {
  readonly took: (ms: number) => void;
  readonly failed: (error: unknown) => void;
  readonly read: () => Health;
};

/** Calls that the percentiles are of. */
const samplesMax = 256;

export function recordHealth(): HealthRecord {
  const samples: number[] = [];
  const failures = new Map<FailureClass, number>();
  let [next, last]: [number, Health['last']] = [0, null];
  return {
    took(ms) {
      samples[next] = ms;
      next = (next + 1) % samplesMax;
    },
    failed(error) {
      const of = classOf(error);
      failures.set(of, (failures.get(of) ?? 0) + 1);
      last = { class: of, coreCode: codeOf(error) };
    },
    read() {
      const sorted = samples.toSorted((a, b) => a - b);
      const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? null;
      const told = Object.fromEntries(failures);
      return { p50Ms: at(0.5), p95Ms: at(0.95), failures: told, last };
    },
  };
}

/** Whether an adapter has said why. */
export function isClassified(error: unknown): boolean {
  return error instanceof Fault && typeof error.detail['class'] === 'string';
}

function classOf(error: unknown): FailureClass {
  // A move whose answer is `unknown`.
  if (!(error instanceof Error)) return 'unanswered';
  if (!(error instanceof Fault)) return 'internal';
  const { class: of } = error.detail;
  if (typeof of === 'string' && Object.hasOwn(failureClasses, of)) return of as FailureClass;
  return error.code === 'deadline_exceeded' ? 'unavailable' : 'internal';
}

function codeOf(error: unknown): string | null {
  const code = error instanceof Fault ? error.detail['core_code'] : undefined;
  return typeof code === 'string' ? code : null;
}
