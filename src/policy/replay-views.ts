// Replays as they are read: what was asked for, how it ended, and its examples in pages.
import { type Page, pageOf, externalId, internalId, type Json, type Uuid } from '#core';
import type pg from 'pg';
import type { ReplayBody, replayEndings, replayKinds } from './replays.ts';

export type ReplayView = {
  readonly id: string;
  readonly kind: (typeof replayKinds)[number];
  readonly status: (typeof replayEndings)[number] | 'waiting';
  /** Of a failure. */
  readonly reason: string | null;
  readonly request: ReplayBody;
  readonly requested_by: string;
  readonly requested_at: string;
  readonly ended_by: string | null;
  readonly ended_at: string | null;
  readonly from_position: number | null;
  readonly to_position: number | null;
  readonly decisions: number;
  readonly identical: number;
  readonly changed: number;
  /** identical / decisions; null until it has ended. */
  readonly score: number | null;
};

/** With what was found; null until then. */
export type ReplayReport = ReplayView & {
  readonly report: Json;
  readonly examples: { readonly items: readonly Json[]; readonly next: string | null };
};

type Row = {
  readonly id: Uuid;
  readonly kind: ReplayView['kind'];
  readonly request: string;
  readonly requested_by: string;
  readonly requested_at: Date;
  readonly status: (typeof replayEndings)[number] | null;
  readonly reason: string | null;
  readonly from_position: number | null;
  readonly to_position: number | null;
  readonly decisions: number | null;
  readonly identical: number | null;
  readonly changed: number | null;
  readonly ended_by: string | null;
  readonly ended_at: Date | null;
};

const columns = `r.id, r.kind, r.request, r.requested_by, r.requested_at, e.status, e.reason,
  e.from_position::float8 as from_position, e.to_position::float8 as to_position,
  e.decisions::float8 as decisions, e.identical::float8 as identical,
  e.changed::float8 as changed, e.ended_by, e.ended_at`;
const joined = `policy.replay r left join policy.replay_result e
  on e.tenant_id = r.tenant_id and e.id = r.id`;

/** Newest first. `after` is the `next` of the page before. */
export async function listReplays(
  tx: pg.ClientBase,
  { limit, after }: { readonly limit: number; readonly after?: string | undefined },
): Promise<Page<ReplayView>> {
  const before = after === undefined ? null : (internalId('replay', after) ?? null);
  const { rows } = await tx.query<Row>(
    `select ${columns} from ${joined} where $1::uuid is null or r.id < $1
      order by r.id desc limit $2`,
    [before, limit + 1],
  );
  return pageOf(rows.map(viewOf), limit, ({ id }) => id);
}

/** With a page of its examples; `after` is the `next` of the page before. */
export async function readReplay(
  tx: pg.ClientBase,
  id: Uuid,
  { limit, after = 0 }: { readonly limit: number; readonly after?: number | undefined },
): Promise<ReplayReport | undefined> {
  const { rows } = await tx.query<Row & { report: string | null; examples: string | null }>(
    `select ${columns}, e.report, e.examples from ${joined} where r.id = $1`,
    [id],
  );
  const [row] = rows;
  if (!row) return undefined;
  const examples = JSON.parse(row.examples ?? '[]') as Json[];
  const next = after + limit;
  return {
    ...viewOf(row),
    report: row.report === null ? null : (JSON.parse(row.report) as Json),
    examples: {
      items: examples.slice(after, next),
      next: next < examples.length ? String(next) : null,
    },
  };
}

function viewOf(row: Row): ReplayView {
  const [decisions, identical, changed] = [
    row.decisions ?? 0,
    row.identical ?? 0,
    row.changed ?? 0,
  ];
  return {
    id: externalId('replay', row.id),
    kind: row.kind,
    status: row.status ?? 'waiting',
    reason: row.reason,
    request: JSON.parse(row.request) as ReplayBody,
    requested_by: row.requested_by,
    requested_at: row.requested_at.toISOString(),
    ended_by: row.ended_by,
    ended_at: row.ended_at?.toISOString() ?? null,
    from_position: row.from_position,
    to_position: row.to_position,
    ...{ decisions, identical, changed },
    score: row.status === null ? null : decisions === 0 ? 1 : identical / decisions,
  };
}
