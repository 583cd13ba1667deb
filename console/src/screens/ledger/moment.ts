// Moments that people ask balances of, on the clock of the bank.
import { instantAt, localText } from '../../parts/instant-input.tsx';

const dayMs = 86_400_000;

export type Moment = { readonly words: string; readonly at: string | undefined };

/** The first instant of a day of the bank, so many months away from the one in which `now` is. */
export function startOfMonth(now: number, zone: string, months = 0): string {
  const [year = 0, month = 1] = localText(new Date(now).toISOString(), zone).split('-').map(Number);
  const at = year * 12 + (month - 1) + months;
  const text = `${Math.floor(at / 12)}-${String((at % 12) + 1).padStart(2, '0')}-01T00:00`;
  return instantAt(text, zone) ?? new Date(now).toISOString();
}

export function startOfDay(now: number, zone: string): string {
  const [day = ''] = localText(new Date(now).toISOString(), zone).split('T');
  return instantAt(`${day}T00:00`, zone) ?? new Date(now).toISOString();
}

/** The last instant that still belongs to what was before. */
function justBefore(instant: string): string {
  return new Date(Date.parse(instant) - 1).toISOString();
}

export function pastMoments(now: number, zone: string): readonly Moment[] {
  return [
    { words: 'Now', at: undefined },
    { words: 'An hour ago', at: new Date(now - 3_600_000).toISOString() },
    { words: 'End of yesterday', at: justBefore(startOfDay(now, zone)) },
    { words: 'A week ago', at: new Date(now - 7 * dayMs).toISOString() },
    { words: 'End of last month', at: justBefore(startOfMonth(now, zone)) },
  ];
}

export type Span = { readonly words: string; readonly from: string; readonly to?: string };

export function spans(now: number, zone: string): readonly Span[] {
  const thisMonth = startOfMonth(now, zone);
  const [year] = localText(new Date(now).toISOString(), zone).split('-');
  const thisYear = instantAt(`${year}-01-01T00:00`, zone) ?? thisMonth;
  return [
    { words: 'Today', from: startOfDay(now, zone) },
    { words: 'This month', from: thisMonth },
    { words: 'Last month', from: startOfMonth(now, zone, -1), to: thisMonth },
    { words: 'This year', from: thisYear },
  ];
}
