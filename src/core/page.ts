// Pages of lists: rows are asked for one beyond the page, to know whether there is more.

/** `next` is the `after` of the next page; null at the end. */
export type Page<Item> = { readonly items: readonly Item[]; readonly next: string | null };

/** Of items that were read with one more than the limit. */
export function pageOf<Item>(
  found: readonly Item[],
  limit: number,
  cursor: (item: Item) => string,
): Page<Item> {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return { items, next: found.length > limit && last !== undefined ? cursor(last) : null };
}
