// Tiers: which one a member holds by what was earned or spent in the period of the programme, never
// by a balance. Up at once; down at the end of a period alone, and softly where the programme says.
import { type Instant, addMonths, localTime, startOfDay } from '#core';
import type { Program } from './program/program.ts';

export type TierTerms = NonNullable<Program['tiers']>;

/** The tier of a member, as it was set last. */
export type Held = {
  readonly tier: string;
  /** From then on it is looked at again; until then nobody loses it. */
  readonly until: Instant;
};

/** What counts towards a tier within a span: points that were earned and kept, or minor units. */
export type Span = { readonly from: Instant; readonly until: Instant };

/** What a member has done: in the period up to now, and in the one that the tier was held for. */
export type Done = { readonly current: number; readonly ended: number };

export type TierNow = {
  readonly tier: string;
  readonly until: Instant;
  readonly change: 'none' | 'upgraded' | 'kept' | 'downgraded';
};

type Ruled = Pick<Program, 'time_zone'> & { readonly tiers: TierTerms };

/** What a member holds now. Whoever holds nothing yet is of the lowest tier. */
export function tierOf(program: Ruled, done: Done, now: Instant, held: Held | null): TierNow {
  const { levels, soft_landing } = program.tiers;
  const at = held === null ? 0 : placeOf(levels, held.tier);
  const reached = reachedBy(levels, done.current);
  const until = heldUntil(program, now);
  if (reached > at) return { tier: idAt(levels, reached), until, change: 'upgraded' };
  if (held === null || now < held.until) {
    return { tier: idAt(levels, at), until: held?.until ?? until, change: 'none' };
  }
  // Who has qualified in the months of grace has qualified as well.
  const earned = Math.max(reached, reachedBy(levels, done.ended));
  const landed = soft_landing ? Math.max(earned, at - 1) : earned;
  const place = Math.min(at, landed);
  return { tier: idAt(levels, place), until, change: place === at ? 'kept' : 'downgraded' };
}

/** The period in which the instant lies, up to it. */
export function currentSpan({ tiers, time_zone }: Ruled, now: Instant): Span {
  const { date } = localTime(now, time_zone);
  const from =
    tiers.period.kind === 'calendar_year'
      ? `${date.slice(0, 4)}-01-01`
      : addMonths(date, -tiers.period.months);
  return { from: startOfDay(from, time_zone), until: now + 1 };
}

/** The period that has ended when a tier that was held until then is looked at. */
export function endedSpan({ tiers, time_zone }: Ruled, until: Instant): Span {
  const end = addMonths(localTime(until, time_zone).date, -(tiers.grace_months ?? 0));
  const from = addMonths(end, tiers.period.kind === 'calendar_year' ? -12 : -tiers.period.months);
  return { from: startOfDay(from, time_zone), until: startOfDay(end, time_zone) };
}

/** How far the next tier is; null for who holds the highest. */
export function nextTier(
  { levels }: TierTerms,
  { tier, current }: { readonly tier: string; readonly current: number },
): { readonly tier: string; readonly threshold: number; readonly missing: number } | null {
  const next = levels[placeOf(levels, tier) + 1];
  if (!next) return null;
  const { id, threshold } = next;
  return { tier: id, threshold, missing: Math.max(0, threshold - current) };
}

/** The end of the period in which the tier is set, and the months of grace behind it. */
function heldUntil({ tiers, time_zone }: Ruled, now: Instant): Instant {
  const { date } = localTime(now, time_zone);
  const { period, grace_months = 0 } = tiers;
  const end =
    period.kind === 'calendar_year'
      ? `${Number(date.slice(0, 4)) + 1}-01-01`
      : addMonths(date, period.months);
  return startOfDay(addMonths(end, grace_months), time_zone);
}

type Levels = TierTerms['levels'];

/** A tier that the programme does not know any more counts as the lowest. */
function placeOf(levels: Levels, tier: string): number {
  return Math.max(
    0,
    levels.findIndex(({ id }) => id === tier),
  );
}

function reachedBy(levels: Levels, done: number): number {
  const above = levels.findIndex(({ threshold }) => threshold > done);
  return above === -1 ? levels.length - 1 : Math.max(0, above - 1);
}

function idAt(levels: Levels, place: number): string {
  return levels[place]?.id ?? '';
}
