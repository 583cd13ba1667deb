// Programmes as people read them: what counts now, what was published, what awaits an approval.
import { type Instant, type Page, pageOf } from '#core';
import type pg from 'pg';
import { type Program, programVersion } from './program.ts';
import { actInForce, actsOf, type ProgramAct, readPrograms } from './programs.ts';

export const versionStandings = ['in_force', 'scheduled', 'superseded'] as const;

export type VersionView = {
  readonly name: string;
  readonly ordinal: number;
  readonly version: string;
  readonly digest: string;
  /** Whether it counts now, will count, or does not any more. */
  readonly standing: (typeof versionStandings)[number];
  readonly effective_at: string;
  readonly published_at: string;
  readonly published_by: string;
  readonly approval_id: string;
};

/** What counts at an instant; of one that is only planned, nothing but its name is there yet. */
export type ProgramView = {
  readonly name: string;
  readonly version: string;
  readonly digest: string;
  readonly title: string;
  readonly unit: string;
  readonly currency: string;
  readonly point_value_micros: number;
};

/** The programmes that count at an instant, by name. */
export async function listPrograms(
  tx: pg.ClientBase,
  { at, limit, after = '' }: { at: Instant; limit: number; after?: string | undefined },
): Promise<Page<ProgramView>> {
  const programs = await readPrograms(tx);
  const items = programs.names.flatMap((name) => {
    const found = name > after ? programs.inForce(name, at) : undefined;
    if (!found) return [];
    const { title, unit, currency, point_value_micros } = found.document;
    const { version, digest } = found;
    return { name, version, digest, title, unit, currency, point_value_micros };
  });
  return pageOf(items, limit, ({ name }) => name);
}

/** The version that counts at an instant, with its document. */
export async function readProgramAt(tx: pg.ClientBase, name: string, at: Instant) {
  const acts = await actsOf(tx, name);
  const act = actInForce(acts, at);
  if (!act) return undefined;
  const { rows } = await tx.query<VersionRow & { readonly document: Program }>(
    `${versionSql} and v.ordinal = $2`,
    [name, act.ordinal],
  );
  const [row] = rows;
  return row && { ...viewOf(row, acts, at), document: row.document };
}

/** The versions of a programme, newest first. */
export async function listVersions(
  tx: pg.ClientBase,
  {
    name,
    at,
    limit,
    after,
  }: { name: string; at: Instant; limit: number; after?: string | undefined },
): Promise<Page<VersionView> | undefined> {
  const acts = await actsOf(tx, name);
  if (acts.length === 0) return undefined;
  const { rows } = await tx.query<VersionRow>(
    `${versionSql} and ($2::integer is null or v.ordinal < $2) order by v.ordinal desc limit $3`,
    [name, after ?? null, limit + 1],
  );
  const views = rows.map((row) => viewOf(row, acts, at));
  return pageOf(views, limit, ({ ordinal }) => String(ordinal));
}

/** What was published by an approval: each is used once. */
export async function readPublished(
  tx: pg.ClientBase,
  { name, approval, at }: { name: string; approval: string; at: Instant },
): Promise<VersionView | undefined> {
  const acts = await actsOf(tx, name);
  const { rows } = await tx.query<VersionRow>(`${versionSql} and v.approval_id = $2`, [
    name,
    approval,
  ]);
  const [row] = rows;
  // Whoever has looked at the clock before it was recorded is no earlier than that.
  return row && viewOf(row, acts, Math.max(at, row.recorded_at.getTime()));
}

/** A document on record: what its checkers read before they approve it. */
export async function readDraft(tx: pg.ClientBase, name: string, digest: string) {
  const { rows } = await tx.query<DraftRow>(
    `select digest, document, drafted_by, drafted_at from loyalty.program_document
      where tenant_id = core.current_tenant() and program = $1 and digest = $2`,
    [name, digest],
  );
  const [row] = rows;
  if (!row) return undefined;
  const { document, drafted_by, drafted_at } = row;
  const version = programVersion(name, digest);
  return { name, version, digest, drafted_by, drafted_at: drafted_at.toISOString(), document };
}

const versionSql = `select v.program, v.ordinal, v.digest, v.effective_at, v.recorded_at,
    v.published_by, v.approval_id, d.document
  from loyalty.program_version v
  join loyalty.program_document d on d.tenant_id = v.tenant_id and d.digest = v.digest
  where v.tenant_id = core.current_tenant() and v.program = $1`;

type VersionRow = {
  readonly program: string;
  readonly ordinal: number;
  readonly digest: string;
  readonly effective_at: Date;
  readonly recorded_at: Date;
  readonly published_by: string;
  readonly approval_id: string;
};
type DraftRow = {
  readonly digest: string;
  readonly document: Program;
  readonly drafted_by: string;
  readonly drafted_at: Date;
};

function viewOf(row: VersionRow, acts: readonly ProgramAct[], at: Instant): VersionView {
  const { program: name, ordinal, digest, published_by, approval_id } = row;
  return {
    ...{ name, ordinal, version: programVersion(name, digest), digest },
    standing: standingOf(ordinal, acts, at),
    effective_at: row.effective_at.toISOString(),
    published_at: row.recorded_at.toISOString(),
    ...{ published_by, approval_id },
  };
}

/** A plan is one no more when a later act comes into force no later than it would. */
function standingOf(
  ordinal: number,
  acts: readonly ProgramAct[],
  at: Instant,
): VersionView['standing'] {
  if (ordinal === actInForce(acts, at)?.ordinal) return 'in_force';
  const effectiveAt = acts.find((act) => act.ordinal === ordinal)?.effectiveAt ?? at;
  const isOvertaken = acts.some(
    (act) => act.ordinal > ordinal && act.effectiveAt <= Math.max(effectiveAt, at),
  );
  return effectiveAt > at && !isOvertaken ? 'scheduled' : 'superseded';
}
