// The live rows of the projection, and pages of them.
import type { Tx } from '#core';

export const scoresName = 'scores';

/** Which generation of the projection is read; the first before anything was folded. */
export async function scoresGeneration(tx: Tx): Promise<number> {
  const { rows } = await tx.query<{ generation: number }>(
    'select generation from core.projection where name = $1',
    [scoresName],
  );
  return rows[0]?.generation ?? 1;
}

/** Of items that were read with one more than the limit. */
export function pageOf<Item>(
  items: readonly Item[],
  limit: number,
  cursor: (item: Item) => string,
): { items: readonly Item[]; next: string | null } {
  const page = items.slice(0, limit);
  const last = page.at(-1);
  return { items: page, next: items.length > limit && last !== undefined ? cursor(last) : null };
}
