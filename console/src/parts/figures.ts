// Figures in words: shares, counts, spans and sizes, each in one way on all screens.

/** `0.9532` is `95.3 %`; what is nearly all or nearly nothing keeps the digits that tell it apart. */
export function shareText(share: number): string {
  const percent = share * 100;
  const distance = Math.min(percent, 100 - percent);
  const digits = distance > 0 && distance < 0.1 ? 3 : distance < 1 && distance > 0 ? 2 : 1;
  return `${trimmed(percent.toFixed(digits))} %`;
}

export function countText(count: number): string {
  return count.toLocaleString('en');
}

/** `340 ms`, `2.4 s`, `3 min`, `2 h`, `4 days`. */
export function spanText(spanMs: number): string {
  if (spanMs < 1_000) return `${Math.round(spanMs)} ms`;
  if (spanMs < 60_000) return `${trimmed((spanMs / 1_000).toFixed(1))} s`;
  if (spanMs < 3_600_000) return `${Math.round(spanMs / 60_000)} min`;
  if (spanMs < 2 * 86_400_000) return `${Math.round(spanMs / 3_600_000)} h`;
  return `${Math.round(spanMs / 86_400_000)} days`;
}

function trimmed(digits: string): string {
  return digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits;
}
