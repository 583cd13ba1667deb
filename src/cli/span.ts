// Parts of the log as options say them: from a place, to a place.
import { Fault, instantFromText } from '#core';
import type { Bound } from '#policy';

/** What `--from` and `--to` say, each a position in the log, a day or an instant. */
export function spanOf({ from, to }: { readonly from?: string; readonly to?: string }) {
  const bounds = { from: boundOf('--from', from), to: boundOf('--to', to) };
  refuseReversed(bounds);
  return bounds;
}

/** Of two positions, or of two instants; how a position lies to an instant only the log knows. */
function refuseReversed({ from, to }: { from: Bound | undefined; to: Bound | undefined }): void {
  const isReversed =
    from !== undefined &&
    to !== undefined &&
    ('position' in from
      ? 'position' in to && to.position <= from.position
      : 'instant' in to && to.instant <= from.instant);
  if (isReversed) throw new Fault('input_invalid', '--to must lie after --from');
}

/** A position in the tenant's log, an instant, or a day, which begins at midnight in UTC. */
function boundOf(option: string, text: string | undefined): Bound | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,14}$/.test(text)) return { position: Number(text) };
  const instant = instantFromText(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text);
  if (instant !== undefined) return { instant };
  throw new Fault('input_invalid', `${option} is a position, a day or an instant, not ${text}`);
}
