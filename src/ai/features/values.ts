// The values of features at an instant, from the states of their entities.
import type { Instant } from '#core';
import {
  type Aggregate,
  type FeatureDescription,
  featureCatalogue,
  type Span,
  spansMs,
} from './catalogue.ts';
import { countSeen } from './distinct.ts';
import {
  bucketsAt,
  latestCell,
  layouts,
  openedCell,
  type Ring,
  type Statistic,
  widthOf,
} from './layout.ts';
import type { EntityKind, Source } from './readings.ts';
import { emptyState, type State } from './state.ts';

/** By feature; null is missing. */
export type FeatureValues = Readonly<Record<string, number | null>>;

export type Moment = {
  /** What happened in later buckets is not seen. */
  readonly at: Instant;
  /** Minor units, of the payment in question. */
  readonly amount: number | null;
};

/** Of an entity that has no state yet. */
export const unseen: Readonly<Record<EntityKind, State>> = {
  account: emptyState('account'),
  customer: emptyState('customer'),
  card: emptyState('card'),
  merchant: emptyState('merchant'),
  device: emptyState('device'),
};

/**
 * `stateOf` answers undefined where the entity is not known at all: then its features are missing.
 * So is what the catalogue does not have.
 */
export function valuesOf(
  wanted: readonly string[],
  stateOf: (kind: EntityKind) => State | undefined,
  moment: Moment,
): FeatureValues {
  const values: Record<string, number | null> = {};
  for (const id of wanted) {
    const found = evaluators.get(id);
    const state = found && stateOf(found.entity);
    values[id] = found && state ? found.evaluate(state, moment) : null;
  }
  return values;
}

type Evaluate = (state: State, moment: Moment) => number | null;

const evaluators = new Map<string, { entity: EntityKind; evaluate: Evaluate }>();
for (const { id, entity, aggregate } of featureCatalogue.values()) {
  evaluators.set(id, { entity, evaluate: evaluatorOf(entity, aggregate) });
}

function evaluatorOf(entity: EntityKind, aggregate: Aggregate): Evaluate {
  switch (aggregate.of) {
    case 'count':
    case 'sum':
      return totalOf(entity, { ...aggregate, statistic: aggregate.of });
    case 'mean': {
      const sum = totalOf(entity, { ...aggregate, statistic: 'sum' });
      const count = totalOf(entity, { ...aggregate, statistic: 'count' });
      return (state, moment) => quotient(sum(state, moment), count(state, moment));
    }
    case 'max':
      return largestOf(entity, aggregate);
    case 'distinct':
      return distinctOf(entity, aggregate);
    case 'amount_ratio': {
      const { mean } = historyOf(entity, aggregate.window);
      return (state, moment) => {
        const usual = mean(state, moment);
        return moment.amount === null || usual === null ? null : quotient(moment.amount, usual);
      };
    }
    case 'amount_zscore':
      return zscoreOf(entity, aggregate.window);
    case 'recency':
      return since(latestCell, 1_000);
    case 'age':
      return since(openedCell, spansMs['1d']);
    case 'ratio':
      return ratioOf(aggregate.parts);
  }
}

type Total = {
  readonly window: Span;
  readonly delay?: Span;
  readonly source: Source;
  readonly statistic: Statistic;
};

/** Over the buckets of a window, from the oldest on: sums of fractions depend on the order. */
function totalOf(entity: EntityKind, { window, delay, source, statistic }: Total) {
  const { ring, column } = columnOf(entity, window, source, statistic);
  const stride = ring.fields.length;
  return (state: State, { at }: Moment): number => {
    const { from, to } = bucketsAt(at, window, delay);
    const newest = state[ring.offset] as number;
    const last = Math.min(to, newest);
    let total = 0;
    for (let bucket = Math.max(from, newest - ring.size + 1, 0); bucket <= last; bucket += 1) {
      total += state[ring.offset + 1 + (bucket % ring.size) * stride + column] as number;
    }
    return total;
  };
}

function largestOf(entity: EntityKind, { window, source }: { window: Span; source: Source }) {
  const { ring, column } = columnOf(entity, window, source, 'max');
  const stride = ring.fields.length;
  return (state: State, { at }: Moment): number | null => {
    const { from, to } = bucketsAt(at, window);
    const newest = state[ring.offset] as number;
    const last = Math.min(to, newest);
    let largest = 0;
    for (let bucket = Math.max(from, newest - ring.size + 1, 0); bucket <= last; bucket += 1) {
      const cell = ring.offset + 1 + (bucket % ring.size) * stride + column;
      largest = Math.max(largest, state[cell] as number);
    }
    return largest === 0 ? null : largest;
  };
}

function columnOf(entity: EntityKind, window: Span, source: Source, statistic: Statistic) {
  const ring = layouts[entity].rings.find(
    (each) => each.source === source && each.widthMs === widthOf(window),
  ) as Ring;
  return { ring, column: ring.fields.indexOf(statistic) };
}

function distinctOf(entity: EntityKind, { member, window }: { member: EntityKind; window: Span }) {
  const sampling = layouts[entity].samplings.find((each) => each.member === member);
  const { offset, widthMs } = sampling as NonNullable<typeof sampling>;
  const buckets = spansMs[window] / widthMs;
  return (state: State, { at }: Moment): number => {
    const to = Math.floor(at / widthMs);
    return countSeen(state, offset, to - buckets, to);
  };
}

function historyOf(entity: EntityKind, window: Span) {
  const of = { window, source: 'payment' } as const;
  const count = totalOf(entity, { ...of, statistic: 'count' });
  const sum = totalOf(entity, { ...of, statistic: 'sum' });
  const mean: Evaluate = (state, moment) => quotient(sum(state, moment), count(state, moment));
  return { of, count, mean };
}

/** Of those that always pay the same, another amount would be infinitely far away. */
const leastSpread = 0.01;

function zscoreOf(entity: EntityKind, window: Span): Evaluate {
  const { of, count, mean } = historyOf(entity, window);
  const squares = totalOf(entity, { ...of, statistic: 'squares' });
  return (state, moment) => {
    const n = count(state, moment);
    const usual = mean(state, moment);
    // One payment has no spread.
    if (moment.amount === null || usual === null || n < 2) return null;
    const variance = squares(state, moment) / n - usual * usual;
    const spread = Math.max(Math.sqrt(Math.max(0, variance)), leastSpread * usual);
    return quotient(moment.amount - usual, spread);
  };
}

function since(cell: number, unitMs: number): Evaluate {
  return (state, { at }) => {
    const instant = state[cell] as number;
    return instant === 0 || instant > at ? null : (at - instant) / unitMs;
  };
}

function ratioOf([part, whole]: readonly [string, string]): Evaluate {
  const of = (id: string) => {
    const feature = featureCatalogue.get(id) as FeatureDescription;
    return evaluatorOf(feature.entity, feature.aggregate);
  };
  const [above, below] = [of(part), of(whole)];
  return (state, moment) => {
    const [one, other] = [above(state, moment), below(state, moment)];
    return one === null || other === null ? null : quotient(one, other);
  };
}

function quotient(one: number, other: number): number | null {
  return other === 0 ? null : one / other;
}
