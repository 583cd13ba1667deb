// Which models are watched, with the cards that say what they promise.
import type { Json, Tx } from '#core';
import { readActs, standingOf } from '../models/acts.ts';
import { type ModelCard, parseCard } from '../models/card.ts';

export type Watched = {
  readonly name: string;
  readonly version: number;
  readonly card: ModelCard;
  /** Whether what is in production was stopped. */
  readonly isSuspended: boolean;
};

/** What is in production: all of it, or the model of a name. */
export async function readProduction(tx: Tx, name?: string): Promise<Watched[]> {
  const found: Watched[] = [];
  for (const [model, acts] of await readActs(tx, name === undefined ? null : [name])) {
    const { production, suspension } = standingOf(acts);
    if (!production || production.version === null) continue;
    const { version } = production;
    const card = await readCard(tx, model, version);
    if (card) found.push({ name: model, version, card, isSuspended: suspension !== undefined });
  }
  return found;
}

/** A version of a model; without one what is in production, or else the latest that there is. */
export async function readWatched(
  tx: Tx,
  name: string,
  version: number | undefined,
): Promise<Pick<Watched, 'version' | 'card'> | undefined> {
  const [serving] = version === undefined ? await readProduction(tx, name) : [];
  if (serving) return serving;
  const wanted = version ?? (await latestVersion(tx, name));
  const card = wanted === undefined ? undefined : await readCard(tx, name, wanted);
  return card && wanted !== undefined ? { version: wanted, card } : undefined;
}

async function latestVersion(tx: Tx, name: string): Promise<number | undefined> {
  const { rows } = await tx.query<{ version: number | null }>(
    'select max(version) as version from ai.model_version where name = $1',
    [name],
  );
  return rows[0]?.version ?? undefined;
}

async function readCard(tx: Tx, name: string, version: number): Promise<ModelCard | undefined> {
  const { rows } = await tx.query<{ card: string }>(
    'select card from ai.model_version where name = $1 and version = $2',
    [name, version],
  );
  return rows[0] && parseCard(JSON.parse(rows[0].card) as Json);
}
