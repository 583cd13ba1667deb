// Screenings, their hits and the lists in force, as they are read.
import { externalId, internalId, type Json, type Uuid } from '#core';
import type pg from 'pg';
import { clearancesOf, hitKey, openHits } from './clearance.ts';

type ScreeningRow = {
  readonly id: Uuid;
  readonly subject: string;
  readonly cause: string;
  readonly list_versions: string;
  readonly screened_at: Date;
  readonly screened_by: string;
};

type HitRow = {
  readonly list: string;
  readonly entry_id: string;
  readonly entry_digest: string;
  readonly score: number;
  readonly explanation: string;
};

/** A screening with its hits, the best first, or undefined; `cleared` as it is now. */
export async function readScreening(tx: pg.ClientBase, id: string) {
  const { rows } = await tx.query<ScreeningRow>(
    `select id, subject, cause, list_versions, screened_at, screened_by
       from policy.screening where id = $1`,
    [internalId('screening', id) ?? null],
  );
  const [screening] = rows;
  if (!screening) return undefined;
  const { rows: hits } = await tx.query<HitRow>(
    `select list, entry_id, encode(entry_digest, 'hex') as entry_digest, score, explanation
       from policy.screening_hit where screening_id = $1 order by score desc, ordinal`,
    [screening.id],
  );
  const cleared = await clearancesOf(tx, screening.subject);
  return {
    id: externalId('screening', screening.id),
    subject: screening.subject,
    cause: screening.cause,
    list_versions: JSON.parse(screening.list_versions) as Record<string, number>,
    screened_at: screening.screened_at.toISOString(),
    screened_by: screening.screened_by,
    open_hits: (await openHits(tx, screening.subject)).length,
    hits: hits.map(({ explanation, ...hit }) => ({
      ...hit,
      cleared: cleared.has(hitKey(hit)),
      clearance_id: cleared.get(hitKey(hit)) ?? null,
      explanation: JSON.parse(explanation) as Json,
    })),
  };
}

type ClearanceRow = {
  readonly id: Uuid;
  readonly subject: string;
  readonly list: string;
  readonly entry_id: string;
  readonly entry_digest: string;
  readonly reason: string;
  readonly cleared_at: Date;
  readonly cleared_by: string;
  readonly revoked_at: Date | null;
  readonly revoked_by: string | null;
};

/** A clearance, in force or revoked, or undefined. */
export async function readClearance(tx: pg.ClientBase, id: string) {
  const { rows } = await tx.query<ClearanceRow>(
    `select id, subject, list, entry_id, encode(entry_digest, 'hex') as entry_digest, reason,
            cleared_at, cleared_by, nullif(revoked_at, 'infinity') as revoked_at, revoked_by
       from policy.screening_clearance where id = $1`,
    [internalId('clearance', id) ?? null],
  );
  return rows.map((row) => ({
    ...row,
    id: externalId('clearance', row.id),
    cleared_at: row.cleared_at.toISOString(),
    revoked_at: row.revoked_at?.toISOString() ?? null,
  }))[0];
}

type VersionRow = {
  readonly list: string;
  readonly version: number;
  readonly format: string;
  readonly digest: string;
  readonly source_date: string | null;
  readonly entries: number;
  readonly names: number;
  readonly loaded_at: Date;
};

const versionColumns = `list, version, format, encode(digest, 'hex') as digest, source_date,
  entries, names, loaded_at`;

/** The version of a list that is in force, or undefined. */
export async function readList(tx: pg.ClientBase, list: string) {
  const { rows } = await tx.query<VersionRow>(
    `select ${versionColumns} from policy.screening_list_version
      where list = $1 order by version desc limit 1`,
    [list],
  );
  return rows.map(versionView)[0];
}

/** The lists in force, by name, a page at a time; `next` is null on the last. */
export async function readLists(
  tx: pg.ClientBase,
  { limit, after }: { limit: number; after?: string },
) {
  const { rows } = await tx.query<VersionRow>(
    `select distinct on (list) ${versionColumns}
       from policy.screening_list_version where list > $1 order by list, version desc limit $2`,
    [after ?? '', limit + 1],
  );
  const items = rows.slice(0, limit).map(versionView);
  return { items, next: rows.length > limit ? (items.at(-1)?.list ?? null) : null };
}

function versionView({ loaded_at, ...row }: VersionRow) {
  return { ...row, loaded_at: loaded_at.toISOString() };
}
