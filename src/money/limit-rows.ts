// The rows of limits: counters locked for a batch, and written again with what changed them.
import { type Consume, columns, type Json, lines, type Uuid } from '#core';
import type pg from 'pg';
import { counterId } from './counter.ts';
import type { PostingItem } from './journal.ts';
import {
  type BatchState,
  type ConsumptionRow,
  type CounterState,
  key,
  type Taken,
  type TakenState,
} from './state.ts';

export type Limits = Pick<BatchState, 'counters' | 'counterIds' | 'taken'>;

/** Holds and transfers as columns of tenants and ids. */
export type Sources = readonly string[][];

/** Asks nothing of the database for a batch without limits, holds to change and reversals. */
export async function lockLimits(
  client: pg.ClientBase,
  { wanted, ids }: WantedCounters,
  sources: Sources,
): Promise<Limits> {
  if (wanted.size === 0 && sources.every((column) => column.length === 0)) {
    return { counters: new Map(), taken: new Map(), counterIds: ids };
  }
  const { rows } = await client.query<{ limits: LimitsJson }>({
    name: 'lock_counters',
    text: 'select money.lock_counters($1, $2, $3, $4, $5, $6) as limits',
    values: [
      ...columns(
        [...wanted.values()],
        ({ tenant }) => tenant,
        ({ id }) => id,
      ),
      ...sources,
    ],
  });
  const [{ limits }] = rows as [{ limits: LimitsJson }];
  const { counters, taken } = limits;
  const locked = new Map((counters ?? []).map((row) => [key(row.tenant, row.id), row]));
  const missing = [...wanted].flatMap(([each, row]) => (locked.has(each) ? [] : [row]));
  if (missing.length > 0) await addCounters(client, missing);
  for (const { tenant, id, measure } of missing) {
    locked.set(key(tenant, id), { tenant, id, measure, head: 0, buckets: [] });
  }
  return { counters: locked, taken: takenBySource(taken ?? []), counterIds: ids };
}

type Wanted = Consume & { readonly tenant: string; readonly id: Uuid };

export type WantedCounters = {
  readonly wanted: ReadonlyMap<string, Wanted>;
  readonly ids: ReadonlyMap<Consume, Uuid>;
};

/** The counters from which the commands take. */
export function wantedCounters(items: readonly PostingItem[]): WantedCounters {
  const wanted = new Map<string, Wanted>();
  const ids = new Map<Consume, Uuid>();
  for (const { command, countersignature } of items) {
    const { tenant } = command;
    for (const each of countersignature.decision.consume) {
      const id = counterId(each);
      ids.set(each, id);
      const name = key(tenant, id);
      if (!wanted.has(name)) wanted.set(name, { ...each, tenant, id });
    }
  }
  return { wanted, ids };
}

async function addCounters(client: pg.ClientBase, missing: readonly Wanted[]): Promise<void> {
  await client.query({
    name: 'add_counters',
    text: 'select money.add_counters($1, $2, $3, $4, $5, $6)',
    values: [
      ...columns(
        missing,
        ({ tenant }) => tenant,
        ({ id }) => id,
        ({ limit }) => limit,
        ({ key }) => key,
        ({ measure }) => measure,
      ),
      lines(missing, ({ window }) => JSON.stringify(window)),
    ],
  });
}

type LimitsJson = {
  readonly counters: readonly CounterState[] | null;
  readonly taken: readonly TakenJson[] | null;
};
type TakenJson = Taken & { readonly tenant: string; readonly source: Uuid };

function takenBySource(taken: readonly TakenJson[]): Map<string, TakenState> {
  const parts = Map.groupBy(taken, ({ tenant, source }) => key(tenant, source));
  return new Map(
    [...parts].map(([source, each]): [string, TakenState] => [source, { parts: each }]),
  );
}

/** Null where nothing was taken and nothing given back. */
export function limitColumns(
  rows: readonly ConsumptionRow[],
  { counters }: BatchState,
): Json[] | null {
  if (rows.length === 0) return null;
  const touched = new Set(rows.map(({ tenant, counter }) => key(tenant, counter)));
  const states = [...touched].map((each) => counters.get(each) as CounterState);
  const changes = [...Map.groupBy(rows, ({ tenant, transfer }) => key(tenant, transfer)).values()];
  const first = (change: readonly ConsumptionRow[]) => change[0] as ConsumptionRow;
  return [
    ...columns(
      states,
      ({ tenant }) => tenant,
      ({ id }) => id,
      ({ head }) => head,
      ({ buckets }) => `{${buckets.join(',')}}`,
    ),
    ...columns(
      changes,
      (change) => first(change).tenant,
      (change) => first(change).source,
      (change) => first(change).transfer,
      (change) => `{${change.map(({ counter }) => counter).join(',')}}`,
      (change) => `{${change.map(({ bucket }) => bucket).join(',')}}`,
      (change) => `{${change.map(({ amount }) => amount).join(',')}}`,
    ),
  ];
}
