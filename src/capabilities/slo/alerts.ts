// Alerts on service levels: each raising and each clearing is a command, so that the log tells it.
import {
  type Page,
  pageOf,
  type Command,
  derivedUuid,
  type EventDraft,
  externalId,
  internalId,
  type Json,
  type Pool,
  type Tx,
  type Uuid,
} from '#core';
import { policyEvent, type PolicyOperations } from '#policy';
import type pg from 'pg';
import Type from 'typebox';

const count = Type.Integer({ minimum: 0 });
const which = {
  alert_id: Type.String(),
  slo: Type.String(),
  rule: Type.String(),
  ordinal: Type.Integer({ minimum: 1, description: 'Counts the alerts of a rule.' }),
  severity: Type.Enum(['page', 'ticket']),
  window: Type.String(),
  numerator: count,
  denominator: count,
};

export const sloPayloads = {
  'slo.alert_raised': Type.Object({ ...which, title: Type.String() }),
  'slo.alert_cleared': Type.Object({ ...which, title: Type.String() }),
};

/** The body of both operations: what was found, and of which alert of its rule. */
export type AlertBody = {
  readonly slo: string;
  readonly title: string;
  readonly rule: string;
  readonly ordinal: number;
  readonly severity: 'page' | 'ticket';
  readonly window: string;
  readonly numerator: number;
  readonly denominator: number;
};

export const sloOperations: PolicyOperations = {
  'slo.raise_alert': { changesRights: false, perform: raise },
  'slo.clear_alert': { changesRights: false, perform: clear },
};

/** Only ever the first command of its key comes here: see `keyOf`. */
async function raise(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const body = command.body as AlertBody;
  const { slo, rule, ordinal, severity, window, numerator, denominator } = body;
  const id = derivedUuid(command.id, 'alert', 0);
  await tx.query(
    `insert into slo.alert (tenant_id, slo, rule, ordinal, alert_id, severity, window_name,
       numerator, denominator, raised_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      ...[command.tenant, slo, rule, ordinal, id, severity, window, numerator, denominator],
      new Date(command.receivedAt),
    ],
  );
  return [told(command, 'slo.alert_raised', id)];
}

async function clear(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const { slo, rule, ordinal } = command.body as AlertBody;
  const { rows } = await tx.query<{ alert_id: Uuid }>(
    `update slo.alert set cleared_at = greatest(raised_at, $4)
      where slo = $1 and rule = $2 and ordinal = $3 and cleared_at is null returning alert_id`,
    [slo, rule, ordinal, new Date(command.receivedAt)],
  );
  return rows.map(({ alert_id }) => told(command, 'slo.alert_cleared', alert_id));
}

function told(command: Command, type: string, id: Uuid): EventDraft {
  const body = command.body as AlertBody & Readonly<Record<string, Json>>;
  return policyEvent(command, type, { ...body, alert_id: externalId('alert', id) });
}

/** With blanks, so that no caller can send it: each alert is raised and cleared once. */
export function keyOf(act: 'raise' | 'clear', { slo, rule, ordinal }: AlertBody): string {
  return `slo ${slo} ${rule} ${ordinal} ${act}`;
}

// Reading -----------------------------------------------------------------------------------------

export type Alert = {
  readonly alert_id: string;
  readonly slo: string;
  readonly rule: string;
  readonly ordinal: number;
  readonly severity: string;
  readonly window: string;
  /** As it was raised. */
  readonly numerator: number;
  readonly denominator: number;
  readonly raised_at: string;
  readonly cleared_at: string | null;
};

const columns = `alert_id, slo, rule, ordinal, severity, window_name as window, numerator,
  denominator, raised_at, cleared_at`;

export async function openAlerts(tx: Tx): Promise<readonly Alert[]> {
  const { rows } = await tx.query<Row>(
    `select ${columns} from slo.alert where cleared_at is null order by slo, rule`,
  );
  return rows.map(alertOf);
}

/** How many are open, by objective, of all tenants: for the role that serves them all. */
export async function countOpenAlerts(pool: Pool): Promise<ReadonlyMap<string, number>> {
  const { rows } = await pool.query<{ slo: string; count: bigint }>(
    'select slo, count(*) from slo.alert where cleared_at is null group by slo',
  );
  return new Map(rows.map(({ slo, count: open }) => [slo, Number(open)]));
}

/** The last alert of each rule, whether or not it is cleared. */
export async function lastAlerts(tx: Tx): Promise<readonly Alert[]> {
  const { rows } = await tx.query<Row>(
    `select distinct on (slo, rule) ${columns} from slo.alert order by slo, rule, ordinal desc`,
  );
  return rows.map(alertOf);
}

/** Newest first. `after` is the `next` of the page before. */
export async function listAlerts(
  tx: Tx,
  { limit, after, slo }: { limit: number; after?: string | undefined; slo?: string | undefined },
): Promise<Page<Alert>> {
  const before = after === undefined ? null : (internalId('alert', after) ?? null);
  const { rows } = await tx.query<Row>(
    `select ${columns} from slo.alert
      where ($1::uuid is null or alert_id < $1) and ($2::text is null or slo = $2)
      order by alert_id desc limit $3`,
    [before, slo ?? null, limit + 1],
  );
  return pageOf(rows.map(alertOf), limit, (alert) => alert.alert_id);
}

type Row = Omit<Alert, 'numerator' | 'denominator' | 'raised_at' | 'cleared_at'> & {
  readonly numerator: bigint;
  readonly denominator: bigint;
  readonly raised_at: Date;
  readonly cleared_at: Date | null;
};

function alertOf(row: Row): Alert {
  return {
    ...row,
    alert_id: externalId('alert', row.alert_id),
    numerator: Number(row.numerator),
    denominator: Number(row.denominator),
    raised_at: row.raised_at.toISOString(),
    cleared_at: row.cleared_at?.toISOString() ?? null,
  };
}
