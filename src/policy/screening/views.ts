// Screenings, their hits and the lists in force, as they are read.
import {
  derivedUuid,
  externalId,
  type Instant,
  internalId,
  type Json,
  type Page,
  pageOf,
  type Uuid,
  uuidFrom,
} from '#core';
import type pg from 'pg';
import { type HitKey, hitKey, openHits } from './clearance.ts';
import type { ListEntry } from './entry.ts';
import type { RecordBody, RecordedRequest } from './record.ts';

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
  /** As it was when it was found, and whether its list has it so now. */
  readonly entry: string;
  readonly is_current: boolean;
};

/**
 * A screening with its hits, the best first, each with its entry and with what people have judged;
 * undefined where there is none. `cleared` is as it is now.
 */
export async function readScreening(tx: pg.ClientBase, id: string) {
  const { rows } = await tx.query<ScreeningRow>(
    `select id, subject, cause, list_versions, screened_at, screened_by
       from policy.screening where id = $1`,
    [internalId('screening', id) ?? null],
  );
  const [screening] = rows;
  if (!screening) return undefined;
  const { rows: hits } = await tx.query<HitRow>(
    `select h.list, h.entry_id, encode(h.entry_digest, 'hex') as entry_digest, h.score,
            h.explanation, e.body as entry, e.until = 2147483647 as is_current
       from policy.screening_hit h
      cross join lateral (select body, until from policy.screening_entry e
             where (e.list, e.entry_id, e.digest) = (h.list, h.entry_id, h.entry_digest)
             order by since desc limit 1) e
      where h.screening_id = $1 order by h.score desc, h.ordinal`,
    [screening.id],
  );
  const judged = await clearancesByHit(tx, screening.subject);
  return {
    id: externalId('screening', screening.id),
    subject: screening.subject,
    cause: screening.cause,
    list_versions: JSON.parse(screening.list_versions) as Record<string, number>,
    screened_at: screening.screened_at.toISOString(),
    screened_by: screening.screened_by,
    open_hits: (await openHits(tx, screening.subject)).length,
    hits: hits.map(({ explanation, entry, is_current, ...hit }) => {
      const clearances = judged.get(hitKey(hit)) ?? [];
      return {
        ...hit,
        cleared: clearances.some(({ revoked_at }) => revoked_at === null),
        clearances,
        entry: { ...entryView(JSON.parse(entry) as ListEntry), is_current },
        explanation: JSON.parse(explanation) as Json,
      };
    }),
  };
}

function entryView({ entityType, names, birthDates, countries, programmes }: ListEntry) {
  return { entity_type: entityType, names, birth_dates: birthDates, countries, programmes };
}

/**
 * Whom a screening has looked for, as tokens: what its command says. What a command makes has ids
 * that begin with its instant, so its event is among few of the index.
 */
export async function readScreened(
  tx: pg.ClientBase,
  id: string,
): Promise<RecordedRequest | undefined> {
  const uuid = internalId('screening', id);
  if (uuid === undefined) return undefined;
  const instant = uuid.slice(0, 13);
  const told = await tx.query<{ key: string }>(
    `select body::jsonb #>> '{data,idempotency_key}' as key from core.event
      where tenant_id = core.current_tenant() and id between $1 and $2
        and type = 'screening.performed'
        and body::jsonb #>> '{data,payload,screening_id}' = $3`,
    [`${instant}-0000-0000-000000000000`, `${instant}-ffff-ffff-ffffffffffff`, id],
  );
  const { rows } = await tx.query<{ id: Uuid; body: string }>(
    `select id, body from core.command
      where tenant_id = core.current_tenant() and idempotency_key = $1`,
    [told.rows[0]?.key ?? null],
  );
  const [command] = rows;
  if (!command) return undefined;
  const { subjects } = JSON.parse(command.body) as RecordBody;
  return subjects.find((_, at) => derivedUuid(command.id, 'screening', at) === uuid)?.request;
}

/** Nobody was found; somebody was, and all are cleared; or not all. */
export const screeningStatuses = ['none', 'cleared', 'open'] as const;

export type ListedScreening = {
  readonly id: string;
  readonly subject: string;
  readonly cause: string;
  readonly screened_at: string;
  readonly screened_by: string;
  readonly status: (typeof screeningStatuses)[number];
  /** How many entries were found, and how many of them nobody has cleared. */
  readonly hits: number;
  readonly open: number;
  readonly best: readonly { list: string; entry_id: string; score: number; cleared: boolean }[];
};

export type ScreeningQuery = {
  readonly limit: number;
  /** The last one seen. */
  readonly after?: Uuid | undefined;
  readonly status?: ListedScreening['status'] | undefined;
  readonly list?: string | undefined;
  readonly subject?: string | undefined;
  /** Half-open, by receipt. */
  readonly from?: Instant | undefined;
  readonly to?: Instant | undefined;
};

/** Screenings that one page looks at: where few fit, a page may be short, even empty. */
const scanMax = 2_000;
const bestShown = 3;
const lastUuid = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** Newest first, each with its best hits as they stand now; with `list`, only hits of that one. */
export async function listScreenings(
  tx: pg.ClientBase,
  query: ScreeningQuery,
): Promise<Page<ListedScreening>> {
  const { limit, after = lastUuid, from, to, status, list, subject } = query;
  const scanned = `select * from policy.screening
    where tenant_id = core.current_tenant() and id < $1 and id < $2 and id > $3
      and ($4::text is null or subject = $4) order by id desc`;
  const values = [
    ...[after, to === undefined ? lastUuid : uuidFrom(to), uuidFrom(from ?? 0)],
    subject ?? null,
  ];
  const { rows } = await tx.query<ScreeningRow & Omit<ListedScreening, 'screened_at'>>(
    `select s.*, h.hits, h.open, h.best, h.status from (${scanned} limit ${scanMax}) s
      cross join lateral (
        select count(*)::integer as hits, (count(*) filter (where not cleared))::integer as open,
               case when count(*) = 0 then 'none'
                    when bool_and(cleared) then 'cleared' else 'open' end as status,
               coalesce(jsonb_agg(jsonb_build_object('list', list, 'entry_id', entry_id,
                 'score', score, 'cleared', cleared) order by score desc, ordinal)
                 filter (where place <= ${bestShown}), '[]') as best
          from (select h.*, c.id is not null as cleared,
                       row_number() over (order by h.score desc, h.ordinal) as place
                  from policy.screening_hit h
                  left join policy.screening_clearance c
                    on c.tenant_id = s.tenant_id and c.subject = s.subject
                   and (c.list, c.entry_id, c.entry_digest) = (h.list, h.entry_id, h.entry_digest)
                   and c.revoked_at = 'infinity'
                 where h.tenant_id = s.tenant_id and h.screening_id = s.id
                   and ($5::text is null or h.list = $5)) found) h
      where ($6::text is null or h.status = $6) and ($5::text is null or h.hits > 0)
      order by s.id desc limit $7`,
    [...values, list ?? null, status ?? null, limit + 1],
  );
  const page = pageOf(rows.map(listedScreening), limit, ({ id }) => id);
  if (page.next !== null) return page;
  const { rows: last } = await tx.query<{ id: Uuid }>(
    `select id from (${scanned} offset ${scanMax - 1} limit 1) last`,
    values,
  );
  return { items: page.items, next: last[0] ? externalId('screening', last[0].id) : null };
}

function listedScreening(row: ScreeningRow & Omit<ListedScreening, 'screened_at'>) {
  const { id, subject, cause, screened_at, screened_by, status, hits, open, best } = row;
  return {
    id: externalId('screening', id),
    ...{ subject, cause, screened_at: screened_at.toISOString(), screened_by },
    ...{ status, hits, open, best },
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

const clearanceColumns = `id, subject, list, entry_id,
  encode(entry_digest, 'hex') as entry_digest, reason, cleared_at, cleared_by,
  nullif(revoked_at, 'infinity') as revoked_at, revoked_by`;

/** A clearance, in force or revoked, or undefined. */
export async function readClearance(tx: pg.ClientBase, id: string) {
  const { rows } = await tx.query<ClearanceRow>(
    `select ${clearanceColumns} from policy.screening_clearance where id = $1`,
    [internalId('clearance', id) ?? null],
  );
  return rows.map(clearanceView)[0];
}

/** Of one subject, those in force and the newest that were revoked. */
const clearancesMax = 200;

type Judged = Omit<ReturnType<typeof clearanceView>, 'subject' | keyof HitKey>;

/** What people have judged of a subject's hits, by hit, newest first. */
async function clearancesByHit(
  tx: pg.ClientBase,
  subject: string,
): Promise<ReadonlyMap<string, readonly Judged[]>> {
  const { rows } = await tx.query<ClearanceRow>(
    `select ${clearanceColumns} from policy.screening_clearance where subject = $1
      order by revoked_at = 'infinity' desc, id desc limit ${clearancesMax}`,
    [subject],
  );
  const byHit = new Map<string, Judged[]>();
  for (const row of rows) {
    const { subject: _, list, entry_id, entry_digest, ...judged } = clearanceView(row);
    const key = hitKey({ list, entry_id, entry_digest });
    byHit.set(key, [...(byHit.get(key) ?? []), judged]);
  }
  return byHit;
}

function clearanceView(row: ClearanceRow) {
  return {
    ...row,
    id: externalId('clearance', row.id),
    cleared_at: row.cleared_at.toISOString(),
    revoked_at: row.revoked_at?.toISOString() ?? null,
  };
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
