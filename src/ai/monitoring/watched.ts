// Which models are watched, with the cards that say what they promise.
import { type Instant, instantToText, type Json, type Tx } from '#core';
import { readActs, standingOf } from '../models/acts.ts';
import { type ModelCard, parseCard } from '../models/card.ts';
import type { Span } from './cases.ts';
import { scoresGeneration } from './rows.ts';

export type Watched = {
  readonly name: string;
  readonly version: number;
  readonly card: ModelCard;
  /** Since when there is one in production; null for what is not in production, as a canary. */
  readonly since: Instant | null;
};

/** Models in production, or the one of a name, in each version that was heard in a period. */
export async function readHeard(tx: Tx, span: Span, name?: string): Promise<Watched[]> {
  const found: Watched[] = [];
  for (const serving of await readProduction(tx, name)) {
    found.push(serving);
    for (const version of await heardVersions(tx, serving.name, span)) {
      const card = await readCard(tx, serving.name, version);
      if (!card || version === serving.version) continue;
      found.push({ name: serving.name, version, card, since: null });
    }
  }
  return found;
}

/** What is in production: all of it, or the model of a name. */
async function readProduction(tx: Tx, name?: string): Promise<Watched[]> {
  const found: Watched[] = [];
  for (const [model, acts] of await readActs(tx, name === undefined ? null : [name])) {
    const { production } = standingOf(acts);
    if (!production || production.version === null) continue;
    const { version } = production;
    const card = await readCard(tx, model, version);
    const first = acts.find(({ stage }) => stage === 'production') ?? production;
    const since = first.recordedAt;
    if (card) found.push({ name: model, version, card, since });
  }
  return found;
}

/** Whether anybody could still hear it. */
export async function isInUse(tx: Tx, { name, version }: Pick<Watched, 'name' | 'version'>) {
  const acts = (await readActs(tx, [name])).get(name) ?? [];
  const { suspensions, ...roles } = standingOf(acts);
  const isNamed = [roles.production, roles.previous, roles.canary, roles.shadow].some(
    (act) => act?.version === version,
  );
  return isNamed && !suspensions.has(version);
}

/** As the model of its point, as a canary, or standing in for the version after it. */
async function heardVersions(tx: Tx, name: string, { from, to }: Span): Promise<number[]> {
  const { rows } = await tx.query<{ version: number }>(
    `select distinct served_version as version from ai.score
      where generation = $1 and model = $2 and at >= $3 and at < $4
        and stage in ('production', 'canary', 'previous') and served_version is not null
      order by 1`,
    [await scoresGeneration(tx), name, instantToText(from), instantToText(to)],
  );
  return rows.map(({ version }) => version);
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
