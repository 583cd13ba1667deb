// The registry as it is read: what serves of each model, its versions with what was found out about
// them, and what was done with it.
import { derivedUuid, type Instant, instantToText, type Json, type Uuid } from '#core';
import type pg from 'pg';
import { type Act, historyOf, readActs, standingOf } from './acts.ts';
import type { ModelCard } from './card.ts';
import { deploymentSubject, resumeSubject } from './registry.ts';
import type { ValidationReport } from './validation.ts';

/** What serves of a model, and what stands beside it. */
export type ModelView = ReturnType<typeof modelView>;

type NameRow = { readonly name: string; readonly point: string; readonly versions: number };

export async function listModels(
  tx: pg.ClientBase,
  options: { readonly at: Instant; readonly limit: number; readonly after?: string | undefined },
): Promise<{ items: ModelView[]; next: string | null }> {
  const { at, limit, after = '' } = options;
  const { rows } = await tx.query<NameRow>(
    `select name, point, max(version) as versions from ai.model_version
      where name > $1 group by name, point order by name limit $2`,
    [after, limit + 1],
  );
  const page = rows.slice(0, limit);
  const acts = await readActs(
    tx,
    page.map(({ name }) => name),
  );
  const items = page.map((row) => modelView(row, acts.get(row.name) ?? [], at));
  return { items, next: rows.length > limit ? (page.at(-1)?.name ?? null) : null };
}

export async function readModel(
  tx: pg.ClientBase,
  { name, at }: { readonly name: string; readonly at: Instant },
): Promise<ModelView | undefined> {
  const { rows } = await tx.query<NameRow>(
    `select name, point, max(version) as versions from ai.model_version
      where name = $1 group by name, point`,
    [name],
  );
  return rows[0] && modelView(rows[0], await historyOf(tx, name), at);
}

function modelView({ name, point, versions }: NameRow, acts: readonly Act[], at: Instant) {
  const { production, previous, suspension, canary, shadow } = standingOf(acts);
  return {
    name,
    point,
    versions,
    production: named(production),
    previous: named(previous),
    canary: canary?.share == null ? null : { ...served(canary), share_bps: canary.share },
    shadow: named(shadow),
    suspension: suspended(suspension, at),
  };
}

function suspended(suspension: Act | undefined, at: Instant) {
  if (!suspension) return null;
  const { name, version, recordedAt, actedBy, reason } = suspension;
  return {
    since: instantToText(recordedAt),
    by: actedBy,
    reason: reason ?? '',
    approval: askFor('model.resume', resumeSubject(suspension), {
      summary: `Let version ${version} of ${name} be heard again`,
      at,
    }),
  };
}

function named(act: Act | undefined) {
  return act ? served(act) : null;
}

function served({ version, artefact, recordedAt }: Act) {
  return { version: version ?? 0, artefact: artefact ?? '', since: instantToText(recordedAt) };
}

// Versions ----------------------------------------------------------------------------------------

export type VersionListed = ReturnType<typeof versionListed>;

type VersionRow = {
  readonly name: string;
  readonly version: number;
  readonly card_digest: string;
  readonly artefact: string;
  readonly registered_by: string;
  readonly registered_at: Date;
};

function versionListed({ registered_at, ...row }: VersionRow, isSuspended: boolean) {
  return { ...row, registered_at: registered_at.toISOString(), suspended: isSuspended };
}

const versionColumns = 'name, version, card_digest, artefact, registered_by, registered_at';

/** Newest first; undefined for a model that is not there. */
export async function listVersions(
  tx: pg.ClientBase,
  options: { readonly name: string; readonly limit: number; readonly before?: number | undefined },
): Promise<{ items: VersionListed[]; next: string | null } | undefined> {
  const { name, limit, before } = options;
  const { rows } = await tx.query<VersionRow>(
    `select ${versionColumns} from ai.model_version
      where name = $1 and ($2::integer is null or version < $2) order by version desc limit $3`,
    [name, before ?? null, limit + 1],
  );
  if (rows.length === 0 && before === undefined) return undefined;
  const { suspensions } = standingOf(await historyOf(tx, name));
  const items = rows.slice(0, limit).map((row) => versionListed(row, suspensions.has(row.version)));
  return { items, next: rows.length > limit ? String(items.at(-1)?.version) : null };
}

export type VersionView = NonNullable<Awaited<ReturnType<typeof readVersion>>>;

/** With what an approval of its deployment to production would be bound to, as things stand. */
export async function readVersion(
  tx: pg.ClientBase,
  options: { readonly name: string; readonly version: number; readonly at: Instant },
) {
  const { name, version, at } = options;
  const { rows } = await tx.query<VersionRow & { card: string; report: string }>(
    `select ${versionColumns}, card, report from ai.model_version
      where name = $1 and version = $2`,
    [name, version],
  );
  const [row] = rows;
  if (!row) return undefined;
  const { card, report, ...listed } = row;
  const acts = await historyOf(tx, name);
  const { card_digest: cardDigest, artefact } = listed;
  const { production, suspensions } = standingOf(acts);
  const supersedes = production?.version ?? null;
  return {
    ...versionListed(listed, suspensions.has(version)),
    card: JSON.parse(card) as ModelCard,
    report: JSON.parse(report) as ValidationReport,
    approval: askFor(
      'model.deploy',
      deploymentSubject(
        { name, version, cardDigest, artefact },
        { stage: 'production', supersedes },
      ),
      { summary: `Let version ${version} of ${name} decide`, at },
    ),
    suspension: suspended(suspensions.get(version), at),
    acts: acts.filter((act) => act.version === version).map(actView),
  };
}

/** The version of a card; undefined where that card was never registered. */
export async function findVersion(
  tx: pg.ClientBase,
  { name, cardDigest }: { readonly name: string; readonly cardDigest: string },
): Promise<{ readonly version: number; readonly report: Json } | undefined> {
  const { rows } = await tx.query<{ version: number; report: string }>(
    'select version, report from ai.model_version where name = $1 and card_digest = $2',
    [name, cardDigest],
  );
  const [row] = rows;
  return row && { version: row.version, report: JSON.parse(row.report) as Json };
}

// Acts --------------------------------------------------------------------------------------------

export type ModelActView = ReturnType<typeof actView>;

function actView(act: Act) {
  const { name, ordinal, stage, act: done, version, artefact, share, reason } = act;
  return {
    ...{ name, ordinal, stage, act: done, version, artefact, share_bps: share, reason },
    approval_id: act.approvalId,
    attestation: act.attestation,
    acted_by: act.actedBy,
    recorded_at: instantToText(act.recordedAt),
  };
}

/** Newest first; undefined for a model that is not there. */
export async function listModelActs(
  tx: pg.ClientBase,
  options: { readonly name: string; readonly limit: number; readonly before?: number | undefined },
): Promise<{ items: ModelActView[]; next: string | null } | undefined> {
  const { name, limit, before = Infinity } = options;
  const acts = await historyOf(tx, name);
  if (acts.length === 0 && (await listVersions(tx, { name, limit: 1 })) === undefined)
    return undefined;
  const older = acts.filter(({ ordinal }) => ordinal < before).toReversed();
  const items = older.slice(0, limit).map(actView);
  return { items, next: older.length > limit ? String(items.at(-1)?.ordinal) : null };
}

/** The act that a command has added, from its first event. */
export async function modelActOf(tx: pg.ClientBase, command: Uuid): Promise<ModelActView> {
  const { rows } = await tx.query<{ name: string; ordinal: number }>(
    `select body::jsonb #>> '{data,payload,name}' as name,
            (body::jsonb #>> '{data,payload,ordinal}')::integer as ordinal
       from core.event where tenant_id = core.current_tenant() and id = $1`,
    [derivedUuid(command, 'event', 0)],
  );
  const { name = '', ordinal } = rows[0] ?? {};
  const acts = await historyOf(tx, name);
  return actView(acts.find((act) => act.ordinal === ordinal) as Act);
}

// Approvals ---------------------------------------------------------------------------------------

/** For how long an approval that the registry proposes may be waited for. */
const approvalLifeMs = 14 * 86_400_000;

/** What to send to /v1/approvals, so that another person agrees to exactly this. */
function askFor(
  kind: 'model.deploy' | 'model.resume',
  subject: ReturnType<typeof deploymentSubject> | ReturnType<typeof resumeSubject>,
  { summary, at }: { readonly summary: string; readonly at: Instant },
) {
  return {
    subject_kind: kind,
    subject,
    summary,
    required_checkers: 1,
    expires_at: instantToText(at + approvalLifeMs),
  };
}
