// Runs of controls and alerts as they are read, newest first.
import { pageOf, type Tx } from '#core';
import { scoresGeneration } from './rows.ts';

export type ControlQuery = {
  readonly limit: number;
  /** The `next` of the page before. */
  readonly after?: string | undefined;
  readonly model?: string | undefined;
  readonly control?: string | undefined;
};

export async function listControlRuns(tx: Tx, query: ControlQuery & { result?: string }) {
  const { limit, after, model, control, result } = query;
  const { rows } = await tx.query(
    `select run_id, control, model, version, period_from, period_to, result, figures, threshold,
            evidence, tested_at, requested_by
       from ai.control_run
      where generation = $1 and ($2::text is null or run_id < $2)
        and ($3::text is null or model = $3) and ($4::text is null or control = $4)
        and ($5::text is null or result = $5)
      order by run_id desc limit $6`,
    [...(await filters(tx, { after, model, control })), result ?? null, limit + 1],
  );
  const items = rows.map((row) => ({
    ...row,
    period_from: row.period_from.toISOString(),
    period_to: row.period_to.toISOString(),
    tested_at: row.tested_at.toISOString(),
  }));
  return pageOf(items, limit, (item) => item.run_id);
}

export async function listAlerts(tx: Tx, query: ControlQuery) {
  const { limit, after, model, control } = query;
  const { rows } = await tx.query(
    `select alert_id, run_id, control, model, version, severity, suspends, summary, raised_at
       from ai.alert
      where generation = $1 and ($2::text is null or alert_id < $2)
        and ($3::text is null or model = $3) and ($4::text is null or control = $4)
      order by alert_id desc limit $5`,
    [...(await filters(tx, { after, model, control })), limit + 1],
  );
  const items = rows.map((row) => ({ ...row, raised_at: row.raised_at.toISOString() }));
  return pageOf(items, limit, (item) => item.alert_id);
}

async function filters(tx: Tx, { after, model, control }: Omit<ControlQuery, 'limit'>) {
  return [await scoresGeneration(tx), after ?? null, model ?? null, control ?? null];
}
