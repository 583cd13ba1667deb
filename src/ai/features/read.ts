// Features as they are now, of all entities of some payments, in one round trip.
import type { Tx } from '#core';
import { unpack } from './packing.ts';
import { type Entities, type EntityKind, entityKinds } from './readings.ts';
import type { State } from './state.ts';
import { type FeatureValues, type Moment, unseen, valuesOf } from './values.ts';

export type { Entities } from './readings.ts';
export type { FeatureValues } from './values.ts';

export type FeatureQuestion = Moment & {
  readonly entities: Entities;
  /** Ids of the catalogue. */
  readonly wanted: readonly string[];
};

/** The name of the projection that keeps the states. */
export const featureProjectionName = 'features';

/**
 * `tx` is of the role `ai`, within the tenant. An entity that was never seen has the defaults of
 * its features. Missing are those of entities that a payment has not, and of states that an earlier
 * version of the catalogue has left: `countersign features backfill` makes them anew.
 */
export async function readFeatures(
  tx: Tx,
  questions: readonly FeatureQuestion[],
): Promise<FeatureValues[]> {
  const asked = new Map<string, readonly [EntityKind, string]>();
  for (const { entities } of questions) {
    for (const kind of entityKinds) {
      const entity = entities[kind];
      if (entity !== undefined) asked.set(keyOf(kind, entity), [kind, entity]);
    }
  }
  const known = [...asked.values()];
  const { rows } = await tx.query<{ kind: EntityKind | null; entity: string; state: Buffer }>({
    name: 'read-features',
    text: `select s.kind, s.entity, s.state
             from core.projection p
             left join unnest($1::text[], $2::text[]) as e(kind, entity) on true
             left join ai.feature_state s on s.tenant_id = core.current_tenant()
              and s.generation = p.generation and s.kind = e.kind and s.entity = e.entity
            where p.name = $3`,
    values: [known.map(([kind]) => kind), known.map(([, entity]) => entity), featureProjectionName],
  });
  const states = new Map<string, State | undefined>();
  // Where nobody has folded anything yet, nothing is known of anybody.
  if (rows.length > 0) for (const [key, [kind]] of asked) states.set(key, unseen[kind]);
  for (const { kind, entity, state } of rows) {
    if (kind !== null) states.set(keyOf(kind, entity), unpack(kind, state));
  }
  return questions.map((question) => {
    const { entities, wanted } = question;
    return valuesOf(wanted, (kind) => states.get(keyOf(kind, entities[kind])), question);
  });
}

/** No kind has a space in it. */
function keyOf(kind: EntityKind, entity: string | undefined): string {
  return entity === undefined ? '' : `${kind} ${entity}`;
}
