// Features as they are now, of all entities of a payment, in one round trip.
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
 * its features. Missing are those of entities that the payment has not, and of states that an
 * earlier version of the catalogue has left: `countersign features backfill` makes them anew.
 */
export async function readFeatures(tx: Tx, question: FeatureQuestion): Promise<FeatureValues> {
  const { entities, wanted } = question;
  const known = entityKinds.filter((kind) => entities[kind] !== undefined);
  const { rows } = await tx.query<{ kind: EntityKind | null; state: Buffer | null }>({
    name: 'read-features',
    text: `select s.kind, s.state
             from core.projection p
             left join unnest($1::text[], $2::text[]) as e(kind, entity) on true
             left join ai.feature_state s on s.tenant_id = core.current_tenant()
              and s.generation = p.generation and s.kind = e.kind and s.entity = e.entity
            where p.name = $3`,
    values: [known, known.map((kind) => entities[kind]), featureProjectionName],
  });
  const states = new Map<EntityKind, State | undefined>();
  // Where nobody has folded anything yet, nothing is known of anybody.
  if (rows.length > 0) for (const kind of known) states.set(kind, unseen[kind]);
  for (const { kind, state } of rows) {
    if (kind !== null && state !== null) states.set(kind, unpack(kind, state));
  }
  return valuesOf(wanted, (kind) => states.get(kind), question);
}
