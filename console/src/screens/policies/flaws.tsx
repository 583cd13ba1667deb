// All that is wrong, in words; a click leads to the cell.
import { UnstyledButton } from '@mantine/core';
import { type CellPlace, cellOf } from './cell-place.ts';
import type { Verdict } from './desk.tsx';
import type { Sheet } from './sheets.ts';

export function Flaws({
  sheets,
  checked,
  goTo,
}: {
  readonly sheets: readonly Sheet[];
  readonly checked: Verdict;
  readonly goTo: (place: CellPlace | undefined) => void;
}) {
  const flaws = flawsByPlace(checked.verdict?.errors ?? []);
  if (flaws.length === 0) return null;
  return (
    <ul className="flaws" aria-label="Flaws">
      {flaws.map(([pointer, detail]) => {
        const place = cellOf(sheets, pointer);
        return (
          <li key={pointer}>
            <UnstyledButton onClick={() => goTo(place)}>
              <span className="flaw-count">{placeText(sheets, place) ?? pointer}</span>
              <span>{detail}</span>
            </UnstyledButton>
          </li>
        );
      })}
    </ul>
  );
}

/** One line for all that is wrong in one place. */
function flawsByPlace(
  flaws: readonly { readonly pointer: string; readonly detail: string }[],
): readonly (readonly [string, string])[] {
  const places = new Map<string, string>();
  for (const { pointer, detail } of flaws) {
    const known = places.get(pointer);
    // A test is named once, however much of it comes out otherwise.
    const more = known === undefined ? detail : detail.replace(/^".*?" (?=expects)/, '');
    places.set(pointer, known === undefined ? detail : `${known}; ${more}`);
  }
  return [...places];
}

/** `Rules 3, amount`: as the reader finds it. */
function placeText(sheets: readonly Sheet[], place: CellPlace | undefined): string | undefined {
  const sheet = sheets.find(({ id }) => id === place?.sheet);
  if (!sheet || !place) return undefined;
  const column = sheet.columns.find(({ id }) => id === place.column)?.title;
  return `${sheet.title} ${place.row + 1}${column ? `, ${column}` : ''}`;
}
