// Points on the screen: whole numbers with the name of their unit, and what they are worth.
import { countText } from '../../parts/figures.ts';

export function pointsText(points: number): string {
  return points < 0 ? `−${countText(-points)}` : countText(points);
}

export function Points({
  points,
  unit,
  signed = false,
}: {
  readonly points: number;
  readonly unit?: string;
  /** Whether what comes in is marked with a plus. */
  readonly signed?: boolean;
}) {
  return (
    <span className="amount">
      {signed && points > 0 ? '+' : ''}
      {pointsText(points)}
      {unit !== undefined && <span className="currency"> {unit}</span>}
    </span>
  );
}
