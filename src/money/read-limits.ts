// Reading limits: what is used of each, for whom, as of an instant.
import { type Page, pageOf, externalId, type Instant, type LimitWindow, type Uuid } from '#core';
import type pg from 'pg';
import { type Counter, countedBy, counterName, placeOf, usedAt } from './counter.ts';
import { accountKey, accountOfKey } from './limits.ts';

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

/**
 * Those of a limit, of a key, of both, or all: first those of accounts, then those of other keys.
 * `after` is the cursor of the page before.
 */
export async function readLimits(
  tx: pg.ClientBase,
  options: {
    readonly limit?: string | undefined;
    readonly key?: string | undefined;
    readonly after?: string | undefined;
    readonly count: number;
    readonly now: Instant;
  },
): Promise<Page<LimitView>> {
  const { limit = null, key = null, after, count, now } = options;
  const most = count + 1;
  const [last, name] = after === undefined ? [null, ''] : positionOf(after);
  const rows: CounterRow[] = [];
  const seesAccounts = last === null || accountOfKey(last) !== undefined;
  if (seesAccounts && (key === null || accountOfKey(key) !== undefined)) {
    const values = [limit, key && accountOfKey(key), last && accountOfKey(last), name, most];
    const { rows: found } = await tx.query<CounterRow>(ofAccounts, values);
    rows.push(
      ...found.map((row) => ({ ...row, key: accountKey + externalId('account', row.key) })),
    );
  }
  if (rows.length < most && (key === null || accountOfKey(key) === undefined)) {
    const values = [limit, key, seesAccounts ? null : last, name, most - rows.length];
    rows.push(...(await tx.query<CounterRow>(ofKeys, values)).rows);
  }
  const page = pageOf(rows, count, (row) => `${row.key}\n${row.name}`);
  return { ...page, items: page.items.map((row) => limitView(row, now)) };
}

/** Rows of an account's journal that are looked through for who took from a counter. */
const takersLookedAt = 50;

/**
 * The command that was the last to take from each, in their order: of limits of accounts, as far as
 * the newest of what the account has paid tells.
 */
export async function readTakers(
  tx: pg.ClientBase,
  limits: readonly LimitView[],
): Promise<readonly (Uuid | undefined)[]> {
  const { rows } = await tx.query<{ place: number; command_id: Uuid }>(
    `select w.place::integer as place, taker.command_id
       from unnest($1::uuid[], $2::text[]) with ordinality as w(account, counter, place)
      cross join lateral (
        select command_id from (select command_id, taken, debit_version from money.transfer
           where tenant_id = core.current_tenant() and debit_account_id = w.account
           order by debit_version desc limit ${takersLookedAt}) newest
         where strpos(taken, w.counter) > 0 order by debit_version desc limit 1) taker`,
    [
      limits.map(({ key }) => accountOfKey(key) ?? null),
      limits.map((each) => JSON.stringify(counterName(each))),
    ],
  );
  const byPlace = new Map(rows.map(({ place, command_id }) => [place, command_id]));
  return limits.map((_, at) => byPlace.get(at + 1));
}

/** The key and the counter that a cursor names: a counter's name has no line break. */
function positionOf(cursor: string): [string, string] {
  const at = cursor.lastIndexOf('\n');
  return [cursor.slice(0, Math.max(0, at)), cursor.slice(at + 1)];
}

type CounterRow = { readonly key: string; readonly name: string; readonly counter: Counter };

const ofAccounts = countersSql('money.account', 'id', 'uuid');
const ofKeys = countersSql('money.counter', 'key', 'text');

/** $1 limit, $2 key, $3 and $4 the last one seen, $5 how many. */
function countersSql(table: string, key: string, type: string): string {
  return `
    select h.${key} as key, c.name, c.counter from ${table} h
     cross join lateral json_each(h.counters::json) as c(name, counter)
     where h.tenant_id = core.current_tenant() and h.counters is not null
       and ($1::text is null or regexp_replace(c.name, '^\\S+ \\S+ ', '') = $1)
       and ($2::${type} is null or h.${key} = $2)
       and ($3::${type} is null or h.${key} >= $3)
       and ($3::${type} is null or h.${key} > $3 or c.name collate "C" > $4::text)
     order by h.${key}, c.name collate "C" limit $5`;
}

function limitView({ key, name, counter }: CounterRow, now: Instant): LimitView {
  const { limit, measure, window } = countedBy(name);
  return { limit, key, measure, window, used: usedAt(counter, placeOf(window, now)) };
}
