// Releases as they are read: what holds at each point, the acts behind it, bundles and back-tests.
import {
  derivedUuid,
  externalId,
  type Instant,
  instantToText,
  internalId,
  type Json,
  pageOf,
  type Uuid,
} from '#core';
import type pg from 'pg';
import { type Bundle, policyVersion } from './bundle/bundle.ts';
import { defaultBundles } from './defaults.ts';
import { publicationSubject } from './publication.ts';
import type { BacktestReport } from './drift-report.ts';
import { inForceAt, loadReleases, type Release, scheduledAfter } from './releases.ts';

export type Named = { readonly digest: string; readonly version: string };

/** What holds at a point at an instant. */
export type PointView = {
  readonly name: string;
  readonly live: (Named & { readonly effective_at: string | null }) | null;
  readonly scheduled: readonly (Named & { readonly effective_at: string })[];
  readonly shadow: Named | null;
  readonly canary: (Named & { readonly share_bps: number; readonly key_fact: string }) | null;
  /** What a publication supersedes. */
  readonly published: string | null;
};

/** Every point where something decides: those of ours, and the tenant's own. */
export async function listPoints(
  tx: pg.ClientBase,
  options: { tenant: string; at: Instant; limit: number; after?: string | undefined },
): Promise<{ items: PointView[]; next: string | null }> {
  const { tenant, at, limit, after = '' } = options;
  const { byName } = await loadReleases(tx, tenant);
  const names = [...new Set([...defaultBundles().keys(), ...byName.keys()])].sort();
  const behind = names.filter((name) => name > after);
  const items = behind.slice(0, limit).map((name) => pointView(name, byName.get(name) ?? [], at));
  return { items, next: behind.length > limit ? (items.at(-1)?.name ?? null) : null };
}

function pointView(name: string, acts: readonly Release[], at: Instant): PointView {
  const { live, shadow, canary } = inForceAt(acts, at);
  // A point that is newer than the tenant is decided by the bundle that ships with it.
  const shipped = acts.length === 0 ? defaultBundles().get(name)?.digest : undefined;
  const digest = live?.digest ?? shipped ?? null;
  const effectiveAt = live === undefined ? null : instantToText(live.effectiveAt);
  return {
    name,
    live: digest === null ? null : { ...named(name, digest), effective_at: effectiveAt },
    scheduled: scheduledAfter(acts, at).map((each) => ({
      ...named(name, each.digest as string),
      effective_at: instantToText(each.effectiveAt),
    })),
    shadow: shadow?.digest == null ? null : named(name, shadow.digest),
    canary:
      canary?.digest == null
        ? null
        : {
            ...named(name, canary.digest),
            share_bps: canary.share as number,
            key_fact: canary.keyFact as string,
          },
    published: acts.findLast(({ kind }) => kind === 'live')?.digest ?? shipped ?? null,
  };
}

function named(name: string, digest: string): Named {
  return { digest, version: policyVersion(name, digest) };
}

// Acts --------------------------------------------------------------------------------------------

export type ActView = ReturnType<typeof actView>;

type ActRow = {
  readonly name: string;
  readonly ordinal: number;
  readonly kind: Release['kind'];
  readonly act: Release['act'];
  readonly digest: string | null;
  readonly share: number | null;
  readonly key_fact: string | null;
  readonly effective_at: Date;
  readonly recorded_at: Date;
  readonly acted_by: string;
  readonly approval_id: string | null;
  readonly backtest_id: Uuid | null;
};

const actColumns = `name, ordinal, kind, act, digest, share, key_fact, effective_at, recorded_at,
  acted_by, approval_id, backtest_id`;

function actView({ share, backtest_id, ...row }: ActRow) {
  return {
    ...row,
    version: row.digest === null ? null : policyVersion(row.name, row.digest),
    share_bps: share,
    effective_at: row.effective_at.toISOString(),
    recorded_at: row.recorded_at.toISOString(),
    backtest_id: backtest_id === null ? null : externalId('backtest', backtest_id),
  };
}

/** Newest first; undefined where nothing ever was. */
export async function listActs(
  tx: pg.ClientBase,
  options: { name: string; limit: number; before?: number | undefined },
): Promise<{ items: ActView[]; next: string | null } | undefined> {
  const { name, limit, before } = options;
  const { rows } = await tx.query<ActRow>(
    `select ${actColumns} from policy.release
      where name = $1 and ($2::integer is null or ordinal < $2) order by ordinal desc limit $3`,
    [name, before ?? null, limit + 1],
  );
  if (rows.length === 0 && before === undefined && !defaultBundles().has(name)) return undefined;
  const items = rows.slice(0, limit).map(actView);
  return { items, next: rows.length > limit ? String(items.at(-1)?.ordinal) : null };
}

/** The act that a command has added, from its first event. */
export async function actOf(tx: pg.ClientBase, command: Uuid): Promise<ActView> {
  const { rows } = await tx.query<ActRow>(
    `select ${actColumns} from policy.release
      where (name, ordinal) = (
        select body::jsonb #>> '{data,payload,name}',
               (body::jsonb #>> '{data,payload,ordinal}')::integer
          from core.event where tenant_id = core.current_tenant() and id = $1)`,
    [derivedUuid(command, 'event', 0)],
  );
  return actView(rows[0] as ActRow);
}

// Bundles and back-tests --------------------------------------------------------------------------

export async function readBundleView(tx: pg.ClientBase, digest: string) {
  const { rows } = await tx.query<{
    name: string;
    engine: string;
    body: string;
    created_by: string;
    created_at: Date;
  }>('select name, engine, body, created_by, created_at from policy.bundle where digest = $1', [
    digest,
  ]);
  const [row] = rows;
  return (
    row && {
      ...named(row.name, digest),
      name: row.name,
      engine: row.engine,
      created_by: row.created_by,
      created_at: row.created_at.toISOString(),
      bundle: JSON.parse(row.body) as Bundle,
    }
  );
}

/** What becomes of a bundle at its point; `past` has decided or been tried, and does no more. */
export const bundleStandings = ['live', 'canary', 'shadow', 'scheduled', 'past', 'draft'] as const;
type Standing = (typeof bundleStandings)[number];

/** The bundles on record for a point, newest first; undefined where nothing ever was. */
export async function listBundles(
  tx: pg.ClientBase,
  query: { tenant: string; at: Instant; name: string; limit: number; after?: string | undefined },
) {
  const { tenant, at, name, limit, after } = query;
  const { rows } = await tx.query<{
    digest: string;
    title: string;
    rules: number;
    tests: number;
    created_by: string;
    created_at: Date;
  }>(
    `select digest, created_by, created_at, parsed ->> 'title' as title,
            jsonb_array_length(parsed -> 'rules') as rules,
            jsonb_array_length(parsed -> 'tests') as tests
       from (select digest, created_by, created_at, body::jsonb as parsed
               from policy.bundle
              where name = $1 and ($2::text is null or (created_at, digest)
                  < (select created_at, digest from policy.bundle where digest = $2))
              order by created_at desc, digest desc limit $3) page
      order by created_at desc, digest desc`,
    [name, after ?? null, limit + 1],
  );
  if (rows.length === 0 && after === undefined && !defaultBundles().has(name)) return undefined;
  const acts = (await loadReleases(tx, tenant)).byName.get(name) ?? [];
  const items = rows.map(({ digest, created_at, ...row }) => ({
    ...named(name, digest),
    ...row,
    created_at: created_at.toISOString(),
    standing: standingOf(digest, acts, at),
  }));
  return pageOf(items, limit, ({ digest }) => digest);
}

function standingOf(digest: string, acts: readonly Release[], at: Instant): Standing {
  const inForce = inForceAt(acts, at);
  for (const kind of ['live', 'canary', 'shadow'] as const) {
    if (inForce[kind]?.digest === digest) return kind;
  }
  if (scheduledAfter(acts, at).some((act) => act.digest === digest)) return 'scheduled';
  return acts.some((act) => act.digest === digest) ? 'past' : 'draft';
}

/** What is being tried beside the bundle that decides, and since when. */
export async function readTrial(
  tx: pg.ClientBase,
  { tenant, at, name }: { readonly tenant: string; readonly at: Instant; readonly name: string },
) {
  const acts = (await loadReleases(tx, tenant)).byName.get(name) ?? [];
  const { live, shadow } = inForceAt(acts, at);
  if (live?.digest == null || shadow?.digest == null) return undefined;
  const since = Math.max(shadow.effectiveAt, shadow.recordedAt);
  return { live: named(name, live.digest), shadow: named(name, shadow.digest), since };
}

export type BacktestView = NonNullable<Awaited<ReturnType<typeof readBacktest>>>;

/**
 * The back-tests of a bundle, newest first; `after` is the last of the page before. Undefined for a
 * bundle that is not on record.
 */
export async function listBacktests(
  tx: pg.ClientBase,
  digest: string,
  { limit, after }: { readonly limit: number; readonly after?: Uuid | undefined },
) {
  const { rows } = await tx.query<{
    id: Uuid;
    created_by: string;
    created_at: Date;
    decisions: number;
    changed: number;
    altered: number;
    cut_short: boolean;
  }>(
    `select id, created_by, created_at, r.decisions, r.changed, r.altered, r.cut_short
       from policy.backtest, json_to_record(report::json)
              as r(decisions float8, changed float8, altered float8, cut_short boolean)
      where digest = $1 and ($2::uuid is null or id < $2)
      order by id desc limit $3`,
    [digest, after ?? null, limit + 1],
  );
  if (rows.length === 0 && !(await isOnRecord(tx, digest))) return undefined;
  const items = rows.map(({ id, created_at, ...row }) => ({
    id: externalId('backtest', id),
    ...row,
    created_at: created_at.toISOString(),
  }));
  return pageOf(items, limit, ({ id }) => id);
}

async function isOnRecord(tx: pg.ClientBase, digest: string): Promise<boolean> {
  const { rowCount } = await tx.query('select from policy.bundle where digest = $1', [digest]);
  return rowCount !== 0;
}

/** For how long the approval that a back-test proposes may be waited for. */
const approvalLifeMs = 14 * 86_400_000;

/** With the exact request for an approval of publishing the bundle on the strength of it. */
export async function readBacktest(tx: pg.ClientBase, digest: string, backtest: string) {
  const { rows } = await tx.query<{
    name: string;
    report: string;
    created_by: string;
    created_at: Date;
    published: string | null;
  }>(
    `select b.name, t.report, t.created_by, t.created_at, (
              select r.digest from policy.release r
               where r.name = b.name and r.kind = 'live' order by r.ordinal desc limit 1
            ) as published
       from policy.backtest t join policy.bundle b using (tenant_id, digest)
      where t.id = $1 and t.digest = $2`,
    [internalId('backtest', backtest) ?? null, digest],
  );
  const [row] = rows;
  if (!row) return undefined;
  const report = JSON.parse(row.report) as BacktestReport;
  const { changed, decisions, version } = report;
  return {
    id: backtest,
    digest,
    created_by: row.created_by,
    created_at: row.created_at.toISOString(),
    report,
    approval: {
      subject_kind: 'policy.publish',
      subject: publicationSubject({
        name: row.name,
        digest,
        backtest_id: backtest,
        supersedes: row.published,
      }),
      summary: `Publish ${version}: ${changed} of ${decisions} decisions would change`,
      required_checkers: 1,
      expires_at: instantToText(row.created_at.getTime() + approvalLifeMs),
    },
  };
}

/** The back-test that a command has recorded. */
export function backtestOf(command: Uuid): string {
  return externalId('backtest', derivedUuid(command, 'backtest', 0));
}

/** The body of a back-test that was recorded under this idempotency key. */
export async function earlierBacktest(
  tx: pg.ClientBase,
  idempotencyKey: string,
): Promise<Readonly<Record<string, Json>> | undefined> {
  const { rows } = await tx.query<{ body: string }>(
    `select body from core.command
      where tenant_id = core.current_tenant() and idempotency_key = $1
        and operation = 'policy.backtest'`,
    [idempotencyKey],
  );
  return rows[0] && JSON.parse(rows[0].body);
}
