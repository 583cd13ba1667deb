// The feature store: a projection that keeps every entity's state, live and in rebuilds.
import type { Folder, Part, Projection, SealedEvent, Tx } from '#core';
import { createRecent } from './history.ts';
import { pack, unpack } from './packing.ts';
import { featureProjectionName } from './read.ts';
import { type EntityKind, type Reading, readingsOf, readTypes } from './readings.ts';
import { emptyState, fold, type State } from './state.ts';

/** Kept in memory by a rebuild, of about five kilobytes each; at most twice as many, and a page. */
const recentMax = 15_000;
/** Rows of one statement. */
const writeMax = 5_000;

export const featureProjection: Projection = {
  name: featureProjectionName,
  types: readTypes,
  tables: ['ai.feature_state'],
  keyedBy: 'entity',
  async fold(tx, generation, events) {
    const folder = folderOf(generation, undefined);
    await folder.fold(tx, events);
    await folder.flush(tx);
  },
  folder: folderOf,
};

type Entry = {
  readonly tenant: string;
  readonly kind: EntityKind;
  readonly entity: string;
  readonly state: State;
};
type Told = { readonly tenant: string; readonly key: string; readonly reading: Reading };

function folderOf(generation: number, part: Part | undefined): Folder {
  const recent = createRecent<Entry>(recentMax);
  return {
    async fold(tx, events) {
      const told = toldOf(events, part?.keys);
      const missing = new Map(
        told.filter(({ key }) => recent.get(key) === undefined).map((each) => [each.key, each]),
      );
      for (const [key, entry] of await load(tx, generation, missing)) recent.set(key, entry);
      for (const { key, reading } of told) {
        const entry = recent.get(key);
        if (entry) fold(entry.state, reading);
      }
      await store(tx, generation, [...recent.leaving()]);
    },
    flush: (tx) => store(tx, generation, recent.drain()),
  };
}

function toldOf(
  events: readonly SealedEvent[],
  keys: ReadonlySet<string> | undefined,
): readonly Told[] {
  return events.flatMap((event) =>
    readingsOf(event).flatMap((reading) => {
      const { kind, entity } = reading;
      if (keys && !keys.has(entity)) return [];
      // Neither a tenant nor a kind has a space in it.
      return [{ tenant: event.tenant, key: `${event.tenant} ${kind} ${entity}`, reading }];
    }),
  );
}

/**
 * The states of those who are told of, empty ones where there are none yet. What another version of
 * the catalogue has left is passed over: it stays unreadable, and its features missing, until it is
 * built anew.
 */
async function load(tx: Tx, generation: number, missing: ReadonlyMap<string, Told>) {
  const wanted = [...missing.values()];
  const entries = new Map<string, Entry>();
  if (wanted.length === 0) return entries;
  for (const [key, { tenant, reading }] of missing) {
    const { kind, entity } = reading;
    entries.set(key, { tenant, kind, entity, state: emptyState(kind) });
  }
  const { rows } = await tx.query<Omit<Entry, 'state'> & { state: Buffer }>({
    name: 'load-feature-states',
    text: `select s.tenant_id as tenant, s.kind, s.entity, s.state
             from unnest($2::text[], $3::text[], $4::text[]) as w(tenant, kind, entity)
             join ai.feature_state s on s.tenant_id = w.tenant and s.generation = $1
              and s.kind = w.kind and s.entity = w.entity`,
    values: [
      generation,
      wanted.map(({ tenant }) => tenant),
      wanted.map(({ reading }) => reading.kind),
      wanted.map(({ reading }) => reading.entity),
    ],
  });
  for (const { tenant, kind, entity, state: bytes } of rows) {
    const key = `${tenant} ${kind} ${entity}`;
    const state = unpack(kind, bytes);
    if (state) entries.set(key, { tenant, kind, entity, state });
    else entries.delete(key);
  }
  return entries;
}

/** In the order of keys, so that two writers cannot deadlock. */
async function store(
  tx: Tx,
  generation: number,
  entries: readonly (readonly [string, Entry])[],
): Promise<void> {
  const sorted = [...entries].sort(([one], [other]) => (one < other ? -1 : 1));
  for (let from = 0; from < sorted.length; from += writeMax) {
    const some = sorted.slice(from, from + writeMax).map(([, entry]) => entry);
    await tx.query({
      name: 'store-feature-states',
      text: `insert into ai.feature_state (tenant_id, generation, kind, entity, state)
             select t, $1, k, e, s
               from unnest($2::text[], $3::text[], $4::text[], $5::bytea[]) as r(t, k, e, s)
             on conflict (tenant_id, generation, kind, entity)
                do update set state = excluded.state`,
      values: [
        generation,
        some.map(({ tenant }) => tenant),
        some.map(({ kind }) => kind),
        some.map(({ entity }) => entity),
        some.map(({ kind, state }) => Buffer.from(pack(kind, state))),
      ],
    });
  }
}
