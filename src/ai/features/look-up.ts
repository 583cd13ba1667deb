// One entity as it is now: all of its features, for whoever wants to see what models see.
import { type Instant, instantToText, type Tx } from '#core';
import { featureCatalogue } from './catalogue.ts';
import { featureProjectionName, readFeatures } from './read.ts';
import type { EntityKind } from './readings.ts';

export type FeatureLookUp = {
  readonly entity: EntityKind;
  readonly id: string;
  /** What happened in later buckets is not seen. */
  readonly as_of: string;
  /** Whether anything was ever told of it; the values of what was never seen are defaults. */
  readonly seen: boolean;
  readonly features: readonly {
    readonly id: string;
    readonly value: number | null;
    readonly unit: string;
  }[];
};

/** `tx` is of a role that reads features, within the tenant. */
export async function lookUpFeatures(
  tx: Tx,
  question: {
    readonly kind: EntityKind;
    readonly id: string;
    readonly at: Instant;
    readonly amount: number | null;
  },
): Promise<FeatureLookUp> {
  const { kind, id, at, amount } = question;
  const own = [...featureCatalogue.values()].filter(({ entity }) => entity === kind);
  const wanted = own.map((feature) => feature.id);
  const [values = {}] = await readFeatures(tx, [{ entities: { [kind]: id }, wanted, at, amount }]);
  const { rowCount } = await tx.query(
    `select from core.projection p join ai.feature_state s
         on s.tenant_id = core.current_tenant() and s.generation = p.generation
      where p.name = $1 and s.kind = $2 and s.entity = $3`,
    [featureProjectionName, kind, id],
  );
  return {
    ...{ entity: kind, id, as_of: instantToText(at), seen: rowCount === 1 },
    features: own.map((each) => ({ id: each.id, value: values[each.id] ?? null, unit: each.unit })),
  };
}
