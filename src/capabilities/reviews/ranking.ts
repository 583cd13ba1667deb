// Ranking: which case is looked at first, by risk, amount, and age against what was promised.
import type { Instant } from '#core';

/** What a case without a score counts as: somebody or something doubted it. */
const riskUnknown = 0.5;
/** So that a large amount of little risk still stands before a small one of little risk. */
const riskFloor = 0.1;
const scale = 100;

/**
 * Risk (0 to 1) by amount (minor units of the home currency), fixed when a case is opened. Amounts
 * count by their binary logarithm: what is twice as much is one step more, so that one huge payment
 * does not hide a hundred risky ones.
 */
export function weightOf({ risk, amount }: { risk: number | null; amount: number }): number {
  const known = Math.min(1, Math.max(0, risk ?? riskUnknown));
  return Math.round(scale * (riskFloor + known) * Math.log2(2 + Math.max(0, amount)));
}

export type Ranked = {
  readonly weight: number;
  readonly openedAt: Instant;
  readonly dueAt: Instant;
};

/**
 * `weight × (1 + age ÷ time promised)`, in whole numbers: a case counts double when it is due, and
 * goes on growing. It falls with nothing but time that is turned back.
 */
export function priorityOf({ weight, openedAt, dueAt }: Ranked, at: Instant): number {
  const age = Math.max(0, at - openedAt);
  return weight + Math.floor((weight * age) / Math.max(1, dueAt - openedAt));
}

/** The same in SQL, over a case and an instant such as `$1`. */
export function prioritySql(at: string): string {
  const ms = (span: string) => `(extract(epoch from (${span})) * 1000)::bigint`;
  const age = `greatest(0, ${ms(`${at}::timestamptz - opened_at`)})`;
  return `(weight + weight * ${age} / ${ms('due_at - opened_at')})`;
}
