// The rows of limits: counters locked for a batch, and written again with what changed them.
import { columns, lines, type Uuid } from '#core';
import type pg from 'pg';
import { addingTerms, type DatedTake, type Takes } from './limits.ts';
import {
  type AddingTerms,
  type BatchState,
  key,
  type KeyState,
  noCounters,
  type Taken,
} from './state.ts';

/** Holds and transfers as columns of tenants and ids. */
export type Sources = readonly string[];

export type Limits = {
  readonly keys: Map<string, KeyState>;
  /** By hold or else transfer: what it has taken. */
  readonly taken: ReadonlyMap<string, readonly Taken[]>;
};

type WantedKey = Pick<KeyState, 'tenant' | 'key'> & { readonly takes: DatedTake[] };

/**
 * Asks nothing of the database for a batch without such keys, holds to change and reversals. A
 * batch that gives nothing back may do without the locks.
 */
export async function lockLimits(
  client: pg.ClientBase,
  takes: Takes,
  sources: Sources,
): Promise<Limits> {
  const wanted = wantedKeys(takes);
  const mayGiveBack = sources.some((column) => column !== '{}');
  if (wanted.size === 0 && !mayGiveBack) return { keys: new Map(), taken: new Map() };
  const unlocked = mayGiveBack ? undefined : await readKeys(client, wanted);
  return unlocked ? { keys: unlocked, taken: new Map() } : lockKeys(client, wanted, sources);
}

/** The keys from which the commands take, but for those that name an account. */
function wantedKeys(all: Takes): ReadonlyMap<string, WantedKey> {
  const wanted = new Map<string, WantedKey>();
  for (const [{ command }, takes] of all) {
    const { tenant, receivedAt } = command;
    for (const take of takes) {
      const { consume, account, counter } = take;
      if (account !== undefined) continue;
      const at = key(tenant, consume.key);
      const dated = { consume, account, counter, receivedAt };
      const known = wanted.get(at);
      if (known) known.takes.push(dated);
      else wanted.set(at, { tenant, key: consume.key, takes: [dated] });
    }
  }
  return wanted;
}

/** Undefined where one of them has to be locked, and then all are: in key order. */
async function readKeys(
  client: pg.ClientBase,
  wanted: ReadonlyMap<string, WantedKey>,
): Promise<Map<string, KeyState> | undefined> {
  const { rows } = await client.query<{ keys: readonly KeyState[] | null }>({
    name: 'read_counters',
    text: 'select money.read_counters($1, $2) as keys',
    values: keyColumns([...wanted.values()]),
  });
  const read = new Map((rows[0]?.keys ?? []).map((row) => [key(row.tenant, row.key), row]));
  const keys = new Map<string, KeyState>();
  for (const [at, { takes }] of wanted) {
    const row = read.get(at);
    const terms = row && addingTerms(row.counters, takes);
    if (!terms) return undefined;
    keys.set(at, { ...row, terms });
  }
  return keys;
}

async function lockKeys(
  client: pg.ClientBase,
  wanted: ReadonlyMap<string, WantedKey>,
  sources: Sources,
): Promise<Limits> {
  const { rows } = await client.query<{ limits: LimitsJson }>({
    name: 'lock_counters',
    text: 'select money.lock_counters($1, $2, $3, $4, $5, $6) as limits',
    values: [...keyColumns([...wanted.values()]), ...sources],
  });
  const [{ limits }] = rows as [{ limits: LimitsJson }];
  const keys = new Map((limits.keys ?? []).map((row) => [key(row.tenant, row.key), row]));
  const missing = [...wanted].flatMap(([each, row]) => (keys.has(each) ? [] : [row]));
  if (missing.length > 0) {
    const values = keyColumns(missing);
    await client.query({ text: 'select money.add_counters($1, $2)', values });
  }
  for (const { tenant, key: name } of missing) {
    keys.set(key(tenant, name), { tenant, key: name, counters: noCounters });
  }
  const taken = Map.groupBy(limits.taken ?? [], ({ tenant, source }) => key(tenant, source));
  return {
    keys,
    taken: new Map([...taken].map(([source, rows]) => [source, rows.flatMap((row) => row.taken)])),
  };
}

function keyColumns(rows: readonly Pick<KeyState, 'tenant' | 'key'>[]): string[] {
  return columns(
    rows,
    ({ tenant }) => tenant,
    (row) => row.key,
  );
}

type LimitsJson = {
  readonly keys: readonly KeyState[] | null;
  readonly taken: readonly TakenJson[] | null;
};
type TakenJson = {
  readonly tenant: string;
  readonly source: Uuid;
  readonly taken: readonly Taken[];
};

/** The keys whose counters were changed under lock, and what is added to others. */
export function changedKeys({ changed }: BatchState): {
  readonly locked: readonly KeyState[];
  readonly added: readonly Added[];
} {
  const locked: KeyState[] = [];
  const added: Added[] = [];
  for (const home of changed) {
    if (!('key' in home)) continue;
    const { tenant, key, counters, terms } = home;
    if (!terms) locked.push(home);
    for (const [counter, { newest, ...rest }] of terms ?? []) {
      const amount = (counters[counter]?.[1] ?? 0) - newest;
      if (amount > 0) added.push({ tenant, key, counter, amount, ...rest });
    }
  }
  return { locked, added };
}

type Added = Pick<AddingTerms, 'head' | 'usedMax'> & {
  readonly tenant: string;
  readonly key: string;
  readonly counter: string;
  readonly amount: number;
};

export function counterColumns(keys: readonly KeyState[]): string[] {
  return [...keyColumns(keys), lines(keys, ({ counters }) => JSON.stringify(counters))];
}

export function addedColumns(added: readonly Added[]): string[] {
  return [
    ...keyColumns(added),
    ...columns(
      added,
      ({ counter }) => counter,
      ({ head }) => head,
      ({ usedMax }) => usedMax,
      ({ amount }) => amount,
    ),
  ];
}
