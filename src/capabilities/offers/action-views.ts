// Actions as they are read: what is offered at present, and how it came to be so.
import type { Page, Tx } from '#core';
import type { Action } from './action.ts';

export type ActionView = {
  readonly code: string;
  readonly version: number;
  readonly status: 'live' | 'stopped';
  readonly action: Action;
  readonly published_by: string;
  readonly published_at: string;
  readonly approval_id: string;
  readonly changed_by: string;
  readonly changed_at: string;
};
export type ActionVersion = Omit<ActionView, 'code' | 'status' | 'changed_by' | 'changed_at'>;

type Row = Omit<ActionView, 'published_at' | 'changed_at'> & {
  readonly published_at: Date;
  readonly changed_at: Date;
};

const sql = `select s.code, s.version, s.status, a.body as action, a.published_by, a.published_at,
       a.approval_id, s.changed_by, s.changed_at
  from offers.action_standing s
  join offers.action a on a.tenant_id = s.tenant_id and a.code = s.code and a.version = s.version
 where s.tenant_id = core.current_tenant()`;

function viewOf({ published_at, changed_at, ...row }: Row): ActionView {
  return {
    ...row,
    published_at: published_at.toISOString(),
    changed_at: changed_at.toISOString(),
  };
}

export async function listActions(
  tx: Tx,
  { limit, after }: { readonly limit: number; readonly after?: string | undefined },
): Promise<Page<ActionView>> {
  const { rows } = await tx.query<Row>(
    `${sql} and ($1::text is null or s.code > $1) order by s.code limit $2`,
    [after ?? null, limit + 1],
  );
  const items = rows.slice(0, limit).map(viewOf);
  return { items, next: rows.length > limit ? (items.at(-1)?.code ?? null) : null };
}

/** Older versions than these are in the log. */
const versionsMax = 50;

/** With its versions, the newest first. */
export async function readAction(
  tx: Tx,
  code: string,
): Promise<(ActionView & { readonly versions: readonly ActionVersion[] }) | undefined> {
  const { rows } = await tx.query<Row>(`${sql} and s.code = $1`, [code]);
  const [row] = rows;
  if (!row) return undefined;
  const versions = await tx.query<Omit<ActionVersion, 'published_at'> & { published_at: Date }>(
    `select version, body as action, published_by, published_at, approval_id from offers.action
      where tenant_id = core.current_tenant() and code = $1
      order by version desc limit ${versionsMax}`,
    [code],
  );
  return {
    ...viewOf(row),
    versions: versions.rows.map(({ published_at, ...each }) => ({
      ...each,
      published_at: published_at.toISOString(),
    })),
  };
}
