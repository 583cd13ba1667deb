// How service levels are told: a duration where one is promised, a count where none may be.
import type { Answer } from '../../api/client.ts';
import { countText, shareText, spanText } from '../../parts/figures.ts';

export type Slo = Answer<'GET /v1/slos'>['items'][number];
export type Figures = Pick<
  Slo['windows'][number],
  'status' | 'value' | 'numerator' | 'denominator' | 'burn_rate'
>;

export const refreshMs = 30_000;

export const windowWords = {
  '1h': 'the last hour',
  '24h': 'the last 24 hours',
  '7d': 'the last 7 days',
  '30d': 'the last 30 days',
} as const satisfies Record<Slo['windows'][number]['window'], string>;

/** `within 250 ms, 95 %` or `never`. */
export function promiseText({ share, target_ms }: Slo): string {
  if (target_ms === null) return share === 1 ? 'never wrong' : `${shareText(share)} right`;
  return `${share === 1 ? 'all' : shareText(share)} in ${spanText(target_ms)}`;
}

/** The figure itself: `213 ms`, `0 wrong`; undefined where nothing was measured. */
export function figureText({ target_ms }: Slo, { value, numerator }: Figures): string | undefined {
  if (target_ms === null) return value === null ? undefined : `${countText(numerator)} wrong`;
  return value === null ? undefined : spanText(value);
}

/** Of how many: `338 of 4,090 were slower`, `of 9,825`. */
export function casesText({ target_ms }: Slo, { numerator, denominator }: Figures): string {
  if (target_ms === null) return `of ${countText(denominator)}`;
  return `${countText(numerator)} of ${countText(denominator)} slower or failed`;
}

/** What may fail in a window, and how much of that did: `165 % of what may fail`. */
export function budgetText({ burn_rate }: Figures): string | undefined {
  if (burn_rate === null) return undefined;
  return `${shareText(burn_rate)} of what may fail is used`;
}
