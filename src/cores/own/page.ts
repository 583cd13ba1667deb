// Pages of the register: rows were asked for one beyond the page, to know whether there is more.
import type { Page } from '#money';

export function cut<Row>(
  rows: readonly Row[],
  limit: number,
  cursor: (row: Row) => string,
): Page<Row> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, next: rows.length > limit && last !== undefined ? cursor(last) : null };
}
