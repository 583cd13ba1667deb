// What an earning is worth before the rounding, of which a part is kept when a part goes back.
import type { RoundingMode } from './program/earning-terms.ts';
import type { Earning } from './program/earning.ts';
import {
  minus,
  none,
  plus,
  type Ratio,
  ratioText,
  roundPoints,
  times,
  whole,
} from './program/rounding.ts';

/** As text, such as `299.98`; the points themselves where not all of it was given. */
export function exactWorth({ trace, points }: Earning, given: number): string {
  if (given !== points || points === 0) return String(given);
  const exact = trace.reduce(
    (sum, { worth, cuts }) =>
      cuts.reduce((left, cut) => minus(left, ratioOf(cut.worth)), plus(sum, ratioOf(worth))),
    none,
  );
  const [up, down] = [roundPoints(exact, 'up'), roundPoints(exact, 'down')];
  const isIts = BigInt(points) === up || BigInt(points) === down;
  return isIts ? ratioText(exact) : String(points);
}

/** Where so much of the amount has gone back: what is kept, rounded as it was when it was given. */
export function keptPoints(
  { exact, points }: { readonly exact: string; readonly points: number },
  { amount, back }: { readonly amount: number; readonly back: number },
  mode: RoundingMode,
): number {
  if (back >= amount) return 0;
  if (back <= 0) return points;
  const share: Ratio = { numerator: BigInt(amount - back), denominator: BigInt(amount) };
  const kept = Number(roundPoints(times(ratioOf(exact), share), mode));
  return Math.max(0, Math.min(points, kept));
}

/** `299.98`, `-1.5` or `100/3`, as `ratioText` writes them. */
function ratioOf(text: string): Ratio {
  const [top = '0', bottom] = text.split('/');
  if (bottom !== undefined) return { numerator: BigInt(top), denominator: BigInt(bottom) };
  const [units = '0', decimals = ''] = top.split('.');
  if (decimals === '') return whole(BigInt(units));
  return { numerator: BigInt(units + decimals), denominator: 10n ** BigInt(decimals.length) };
}
