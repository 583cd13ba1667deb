// Fairness: whether a threshold lets through all groups alike, and the deserving among them.
import { type Share, twoShares, z95 } from './statistics.ts';

/** One scored case of a group. */
export type Member = {
  readonly group: string;
  /** Whether the threshold lets it through. */
  readonly isFavoured: boolean;
  /** Whether it deserved that, where its outcome is known. */
  readonly isDeserving: boolean | null;
};

export type GroupFairness = {
  readonly group: string;
  readonly n: number;
  /** The share that the threshold lets through. */
  readonly favourable_rate: number;
  /** To the group with the highest rate (adverse impact ratio); null where that cannot be told. */
  readonly impact_ratio: number | null;
  readonly impact_z: number | null;
  /** How many deserving cases are known, and the share of them that is let through. */
  readonly deserving_n: number;
  readonly deserving_rate: number | null;
  /** How far that lies below the group with the highest (equal opportunity difference). */
  readonly opportunity_difference: number | null;
  readonly opportunity_z: number | null;
  readonly is_flagged: boolean;
};

/** Four fifths: a ratio strictly below counts (29 CFR 1607.4 D). */
export const impactRatioMin = 0.8;
export const opportunityDifferenceMax = 0.1;
/** A smaller group is shown, and neither compared nor compared with. */
export const groupMin = 30;

type Tally = { readonly group: string; readonly all: Mutable; readonly deserving: Mutable };
type Mutable = { hits: number; n: number };

/** Of the groups of one attribute. */
export type Tallies = Map<string, Tally>;

/** By group, the largest first. A difference counts when it is large and no chance. */
export function fairnessOf(tallies: Tallies): GroupFairness[] {
  const groups = [...tallies.values()].sort((one, other) => other.all.n - one.all.n);
  const best = highest(groups.map(({ all }) => all));
  const bestDeserving = highest(groups.map(({ deserving }) => deserving));
  return groups.map((tally) => groupFairness(tally, best, bestDeserving));
}

export function countMember(tallies: Tallies, { group, isFavoured, isDeserving }: Member): void {
  const tally = tallies.get(group) ?? { group, all: nobody(), deserving: nobody() };
  tallies.set(group, tally);
  add(tally.all, isFavoured);
  if (isDeserving) add(tally.deserving, isFavoured);
}

function groupFairness(
  { group, all, deserving }: Tally,
  best: Share | undefined,
  bestDeserving: Share | undefined,
): GroupFairness {
  const impact = compare(all, best, (rate, top) => (top === 0 ? 1 : rate / top));
  const opportunity = compare(deserving, bestDeserving, (rate, top) => top - rate);
  const isAdverse = impact !== null && impact.figure < impactRatioMin && isSure(impact.z);
  const isUnequal =
    opportunity !== null && opportunity.figure > opportunityDifferenceMax && isSure(opportunity.z);
  return {
    group,
    n: all.n,
    favourable_rate: rate(all),
    impact_ratio: impact?.figure ?? null,
    impact_z: impact?.z ?? null,
    deserving_n: deserving.n,
    deserving_rate: deserving.n === 0 ? null : rate(deserving),
    opportunity_difference: opportunity?.figure ?? null,
    opportunity_z: opportunity?.z ?? null,
    is_flagged: isAdverse || isUnequal,
  };
}

function compare(
  share: Share,
  best: Share | undefined,
  figure: (rate: number, top: number) => number,
): { figure: number; z: number } | null {
  if (best === undefined || share.n < groupMin) return null;
  return { figure: figure(rate(share), rate(best)), z: twoShares(share, best) };
}

function highest(shares: readonly Share[]): Share | undefined {
  const large = shares.filter(({ n }) => n >= groupMin);
  return large.sort((one, other) => rate(other) - rate(one))[0];
}

function isSure(z: number): boolean {
  return Math.abs(z) > z95;
}

function rate({ hits, n }: Share): number {
  return hits / n;
}

function nobody(): Mutable {
  return { hits: 0, n: 0 };
}

function add(share: Mutable, isHit: boolean): void {
  share.n += 1;
  if (isHit) share.hits += 1;
}
