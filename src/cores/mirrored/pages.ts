// Page after page of what a core lists, to the last one.
import type { Page } from '#core';
import type { Paged } from '../adapter.ts';
import { malformed } from '../wire.ts';

export type Listing<Item> = {
  /** The name of the core. */
  readonly core: string;
  /** Undefined where there is nothing to be listed any more. */
  readonly read: (query: Paged) => Promise<Page<Item> | undefined>;
  readonly limit: number;
  /** Where to begin. */
  readonly after?: string | undefined;
};

/** Throws `core_failed` where a page leads back to one before it: that would never end. */
export async function* pagesOf<Item>(listing: Listing<Item>): AsyncGenerator<Page<Item>> {
  const { core, read, limit } = listing;
  const seen = new Set<string>();
  let { after } = listing;
  for (;;) {
    const page = await read({ limit, ...(after === undefined ? {} : { after }) });
    if (!page) return;
    yield page;
    if (page.next === null) return;
    if (page.next === after || seen.has(page.next)) throw malformed(core, 'a page that is next');
    seen.add(page.next);
    after = page.next;
  }
}
