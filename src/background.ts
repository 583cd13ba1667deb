// What goes on by itself: holds expire, and those on record are screened again when a list changes.
import { externalId } from '#core';
import type { Planes } from '#main';
import { openWatchlists, rescreen } from '#policy';
import { setTimeout as sleep } from 'node:timers/promises';

export type BackgroundOptions = {
  readonly planes: Planes;
  readonly signal: AbortSignal;
  readonly onError: (error: unknown) => void;
};

const expiryIntervalMs = 500;
const expiryPage = 500;

/**
 * Writes down the expiry of holds whose instant has passed. Readers count them as expired from that
 * instant on; this only makes it a journal row. Several processes may do so: one row results.
 */
export async function expireHolds(options: BackgroundOptions): Promise<void> {
  const { planes, signal, onError } = options;
  const pool = planes.database.pool('money');
  while (!signal.aborted) {
    try {
      const { rows } = await pool.query<{ tenant: string; id: string }>(
        'select tenant, id from money.due_holds($1, $2)',
        [new Date(planes.clock.now()), expiryPage],
      );
      await Promise.all(rows.map(({ tenant, id }) => expireHold(planes, tenant, id)));
      if (rows.length === expiryPage) continue;
    } catch (error) {
      onError(error);
    }
    await sleep(expiryIntervalMs, undefined, { signal }).catch(() => undefined);
  }
}

async function expireHold(planes: Planes, tenant: string, id: string): Promise<void> {
  const holdId = externalId('hold', id);
  await planes.execute({
    principal: { kind: 'service', id: 'hold-expiry', tenant },
    operation: 'journal.post',
    // A blank, which no caller can send: nobody else can have taken the key.
    idempotencyKey: `expire ${holdId}`,
    body: { legs: [{ kind: 'expire', hold_id: holdId }] },
  });
}

const rescreenIntervalMs = 60_000;

/**
 * Screens everybody on record against what a list has added or changed. Nothing is remembered here:
 * each subject says through which versions it was screened, so what was interrupted goes on.
 */
export async function rescreenBase(options: BackgroundOptions): Promise<void> {
  const { planes, signal, onError } = options;
  const { database, vault, execute } = planes;
  const pool = database.pool('policy');
  const parts = { pool, watchlists: openWatchlists(pool), values: vault, execute };
  while (!signal.aborted) {
    await sleep(rescreenIntervalMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    try {
      const { matcher } = await parts.watchlists.current();
      if (matcher.entries === 0) continue;
      const { rows } = await pool.query<{ tenant: string }>(
        'select tenant_id as tenant from core.list_tenants()',
      );
      for (const { tenant } of rows) {
        if (signal.aborted) return;
        await rescreen(parts, { kind: 'service', id: 'rescreening', tenant });
      }
    } catch (error) {
      onError(error);
    }
  }
}
