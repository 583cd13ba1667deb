// Rollout: how far each use case may go on its own, from off to automatic, and its kill switch.
import { externalId, type Pool, sha256Hex, type Uuid, withTx } from '#core';
import type pg from 'pg';

/** From the most careful to the most daring. Outside of its canary a use case asks a person. */
export const rolloutModes = ['off', 'shadow', 'human_in_the_loop', 'canary', 'automatic'] as const;
export type RolloutMode = (typeof rolloutModes)[number];

/** In a setting: every channel, product or cohort. In a kill switch: every use case. */
export const all = '*';

export type RolloutPlace = {
  readonly useCase: string;
  readonly channel: string;
  readonly product: string;
  readonly cohort: string;
};

export type RolloutSetting = RolloutPlace & {
  readonly id: Uuid;
  readonly mode: RolloutMode;
  /** Of a canary: how many of a hundred keys are in it. */
  readonly percent: number | null;
};

/** All that is set in a tenant, at one epoch. */
export type RolloutSettings = {
  readonly tenant: string;
  readonly settings: ReadonlyMap<string, readonly RolloutSetting[]>;
  /** Use cases, or `*` for all of them. */
  readonly killed: ReadonlySet<string>;
};

/** Whose turn it is; `key` is what a canary is drawn by, such as the customer. */
export type RolloutQuestion = RolloutPlace & { readonly key: string };

export type Rollout = {
  readonly mode: RolloutMode;
  /** Whether it may act without a person. */
  readonly acts: boolean;
  /** The exact setting that said so; null for a kill switch and where nothing is set. */
  readonly settingId: string | null;
  readonly why: 'killed' | 'nothing_set' | 'setting' | 'in_canary' | 'outside_canary';
};

/**
 * What a use case may do here. The most specific setting counts: the one that names more of
 * channel, product and cohort; of equals the one that names the cohort, then the product.
 */
export function rolloutOf(settings: RolloutSettings, question: RolloutQuestion): Rollout {
  const { tenant, killed } = settings;
  const { useCase: asked, key } = question;
  if (killed.has(all) || killed.has(asked)) {
    return { mode: 'off', acts: false, settingId: null, why: 'killed' };
  }
  const setting = settingFor(settings.settings.get(asked) ?? [], question);
  if (!setting) return { mode: 'off', acts: false, settingId: null, why: 'nothing_set' };
  const told = { mode: setting.mode, settingId: externalId('rollout', setting.id) };
  if (setting.percent === null) {
    return { ...told, acts: setting.mode === 'automatic', why: 'setting' };
  }
  const acts = canaryBucket(tenant, asked, key) < setting.percent * 100;
  return { ...told, acts, why: acts ? 'in_canary' : 'outside_canary' };
}

/** From 0 to 9,999, always the same for a key: who is in at 10 % is in at 20 %. */
function canaryBucket(tenant: string, asked: string, key: string): number {
  return Number.parseInt(sha256Hex(`${tenant}/${asked}/${key}`).slice(0, 12), 16) % 10_000;
}

export function settingFor(
  settings: readonly RolloutSetting[],
  at: RolloutPlace,
): RolloutSetting | undefined {
  let found: RolloutSetting | undefined;
  for (const setting of settings) {
    if (!covers(setting, at)) continue;
    if (found === undefined || rank(setting) > rank(found)) found = setting;
  }
  return found;
}

export function covers(setting: RolloutPlace, at: RolloutPlace): boolean {
  return dimensions.every((name) => setting[name] === all || setting[name] === at[name]);
}

/** What a setting may name beside its use case, and how much that weighs among equally many. */
const weights = { cohort: 4, product: 2, channel: 1 } as const;
export const dimensions = ['cohort', 'product', 'channel'] as const;

/** No two settings that cover one place have the same. */
function rank(setting: RolloutPlace): number {
  const named = dimensions.filter((name) => setting[name] !== all);
  return named.reduce((sum, name) => sum + 8 + weights[name], 0);
}

// Reading -----------------------------------------------------------------------------------------

type Row = {
  readonly id: Uuid;
  readonly use_case: string;
  readonly channel: string;
  readonly product: string;
  readonly cohort: string;
  readonly mode: RolloutMode;
  readonly percent: number | null;
  readonly set_at: Date;
  readonly set_by: string;
};

export async function loadRollout(tx: pg.ClientBase, tenant: string): Promise<RolloutSettings> {
  const { rows } = await tx.query<Row>(
    `select id, use_case, channel, product, cohort, mode, percent from policy.rollout
      where tenant_id = $1`,
    [tenant],
  );
  const settings = rows.map(
    ({ use_case: useCase, ...row }): RolloutSetting => ({ useCase, ...row }),
  );
  const switches = await tx.query<{ use_case: string }>(
    'select use_case from policy.kill_switch where tenant_id = $1 and killed',
    [tenant],
  );
  return {
    tenant,
    settings: Map.groupBy(settings, ({ useCase }) => useCase),
    killed: new Set(switches.rows.map(({ use_case }) => use_case)),
  };
}

/** Settings for a tenant at an epoch, or later ones: every change of them is a new epoch. */
export type RolloutSource = (tenant: string, epoch: bigint) => Promise<RolloutSettings>;

const rememberedTenantsMax = 1_000;

/** Remembers what it has read for as long as the epoch that the caller has seen is the same. */
export function rolloutSource(pool: Pool): RolloutSource {
  const memory = new Map<string, { readonly epoch: bigint; readonly settings: RolloutSettings }>();
  return async (tenant, epoch) => {
    const known = memory.get(tenant);
    if (known && known.epoch >= epoch) return known.settings;
    const settings = await withTx(pool, (tx) => loadRollout(tx, tenant), { tenant });
    // The oldest goes first; a slow reader must not bring back what somebody has renewed meanwhile.
    const meanwhile = memory.get(tenant);
    if (meanwhile && meanwhile.epoch >= epoch) return meanwhile.settings;
    memory.delete(tenant);
    const [oldest] = memory.keys();
    if (oldest !== undefined && memory.size >= rememberedTenantsMax) memory.delete(oldest);
    memory.set(tenant, { epoch, settings });
    return settings;
  };
}

/** The settings of a tenant in the order in which they were last changed, and what is killed. */
export async function listRollout(
  tx: pg.ClientBase,
  options: { limit: number; after?: Uuid | undefined; useCase?: string | undefined },
) {
  const { limit, after = null, useCase = null } = options;
  const { rows } = await tx.query<Row>(
    `select id, use_case, channel, product, cohort, mode, percent, set_at, set_by
       from policy.rollout
      where ($1::uuid is null or id > $1) and ($2::text is null or use_case = $2)
      order by id limit $3`,
    [after, useCase, limit + 1],
  );
  const switches = await tx.query<{ use_case: string }>(
    'select use_case from policy.kill_switch where killed order by use_case',
  );
  const items = rows.slice(0, limit).map((row) => ({
    ...row,
    id: externalId('rollout', row.id),
    set_at: row.set_at.toISOString(),
  }));
  return {
    killed: switches.rows.map(({ use_case }) => use_case),
    items,
    next: rows.length > limit ? (items.at(-1)?.id ?? null) : null,
  };
}
