// States of many entities in memory: the latest used as they are, all others packed.
import type { Entities, EntityKind, Reading } from './readings.ts';
import { pack, unpack } from './packing.ts';
import { emptyState, fold, type State } from './state.ts';
import { type FeatureValues, type Moment, unseen, valuesOf } from './values.ts';

/** What has happened so far. Its memory grows with entities, not with events. */
export type History = {
  readonly fold: (readings: readonly Reading[]) => void;
  readonly values: (wanted: readonly string[], of: Entities, moment: Moment) => FeatureValues;
};

/** States kept unpacked, of about five kilobytes each; at most twice as many. */
const recentMax = 10_000;

export function createHistory(): History {
  const packed = new Map<string, Uint8Array>();
  const recent = createRecent<Entry>(recentMax);

  function find(kind: EntityKind, entity: string): State | undefined {
    const key = `${kind} ${entity}`;
    const known = recent.get(key);
    if (known) return known.state;
    const bytes = packed.get(key);
    const state = bytes && unpack(kind, bytes);
    if (state) recent.set(key, { kind, state });
    return state;
  }

  return {
    fold(readings) {
      for (const reading of readings) {
        const { kind, entity } = reading;
        let state = find(kind, entity);
        if (state === undefined) {
          state = emptyState(kind);
          recent.set(`${kind} ${entity}`, { kind, state });
        }
        fold(state, reading);
      }
      for (const [key, entry] of recent.leaving()) packed.set(key, pack(entry.kind, entry.state));
    },
    values: (wanted, of, moment) =>
      valuesOf(wanted, (kind) => stateOf(find, kind, of[kind]), moment),
  };
}

type Entry = { readonly kind: EntityKind; readonly state: State };

function stateOf(
  find: (kind: EntityKind, entity: string) => State | undefined,
  kind: EntityKind,
  entity: string | undefined,
): State | undefined {
  return entity === undefined ? undefined : (find(kind, entity) ?? unseen[kind]);
}

/** Values by key, of which the least recently used leave in great numbers at a time. */
export type Recent<Value> = {
  readonly get: (key: string) => Value | undefined;
  readonly set: (key: string, value: Value) => void;
  /** What has to be kept elsewhere now, because there is too much. */
  readonly leaving: () => Iterable<readonly [string, Value]>;
  /** All there is, which leaves. */
  readonly drain: () => readonly (readonly [string, Value])[];
};

/** Holds up to twice `max`, and what is set between two calls of `leaving`. */
export function createRecent<Value>(max: number): Recent<Value> {
  let young = new Map<string, Value>();
  let old = new Map<string, Value>();
  return {
    get(key) {
      const found = young.get(key);
      if (found !== undefined) return found;
      const aged = old.get(key);
      if (aged === undefined) return undefined;
      old.delete(key);
      young.set(key, aged);
      return aged;
    },
    set: (key, value) => void young.set(key, value),
    leaving() {
      if (young.size < max) return [];
      const gone = old;
      old = young;
      young = new Map();
      return gone;
    },
    drain() {
      const all = [...old, ...young];
      young = new Map();
      old = new Map();
      return all;
    },
  };
}
