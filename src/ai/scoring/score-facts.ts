// What of a score policy hears: the facts that the deciding policy declares as a score's, alone.
import type { Bench, Facts } from '#policy';

/**
 * The facts of a score that the deciding policy declares as such, and no others: a model's card may
 * name any fact. Where no model was heard, the status says so.
 */
export function scoreFacts({ deciding }: Bench, scored: Facts = {}): Facts {
  const { values, statuses } = deciding.scoreFacts;
  const unscored = statuses.map((name) => [name, 'fallback']);
  const told = Object.entries(scored).filter(([name, value]) =>
    (typeof value === 'number' ? values : statuses).includes(name),
  );
  return Object.fromEntries([...unscored, ...told]) as Facts;
}
