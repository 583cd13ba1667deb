// Reading limits: what is used of each, for whom, as of an instant.
import type { Instant, LimitWindow, Uuid } from '#core';
import type pg from 'pg';
import { placeOf, usedAt } from './counter.ts';
import { type Page, pageOf } from './read.ts';

export type LimitView = {
  /** The id of the limit's definition. */
  readonly limit: string;
  /** Whose it is. */
  readonly key: string;
  readonly measure: 'amount' | 'count';
  readonly window: LimitWindow;
  /** Minor units, or how many. What it may be is the policy's to say. */
  readonly used: number;
};

/** Those of a limit, of a key, of both, or all. `after` is the id of the last one seen. */
export async function readLimits(
  tx: pg.ClientBase,
  options: {
    readonly limit?: string | undefined;
    readonly key?: string | undefined;
    readonly after?: Uuid | undefined;
    readonly count: number;
    readonly now: Instant;
  },
): Promise<Page<LimitView>> {
  const { rows } = await tx.query<CounterRow>(
    `select id, limit_id, key, measure, time_window, head, buckets from money.counter
      where tenant_id = core.current_tenant()
        and ($1::text is null or limit_id = $1) and ($2::text is null or key = $2)
        and ($3::uuid is null or id > $3)
      order by id limit $4`,
    [options.limit ?? null, options.key ?? null, options.after ?? null, options.count + 1],
  );
  const page = pageOf(rows, options.count, ({ id }) => id);
  return { ...page, items: page.items.map((row) => limitView(row, options.now)) };
}

type CounterRow = {
  id: Uuid;
  limit_id: string;
  key: string;
  measure: LimitView['measure'];
  time_window: LimitWindow;
  head: bigint;
  buckets: bigint[];
};

function limitView(row: CounterRow, now: Instant): LimitView {
  const { limit_id: limit, key, measure, time_window: window } = row;
  const counter = { head: Number(row.head), buckets: row.buckets.map(Number) };
  return { limit, key, measure, window, used: usedAt(counter, placeOf(window, now)) };
}
