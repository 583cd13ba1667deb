// What goes on by itself: holds expire, those on record are screened again when a list changes, and
// models are tested day by day.
import { dayToTest, runControls } from '#ai';
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
      for (const tenant of await tenantsOf(options)) {
        if (signal.aborted) return;
        await rescreen(parts, { kind: 'service', id: 'rescreening', tenant });
      }
    } catch (error) {
      onError(error);
    }
  }
}

const controlsIntervalMs = 60_000;
/** Of the controls of one tenant: what is late is tried again. */
const controlsTimeoutMs = 60_000;

/**
 * Tests every model in production once for each day that is over. A run is known by its day, so
 * that several processes, and one that begins again, make one of it.
 */
export async function runDailyControls(options: BackgroundOptions): Promise<void> {
  const { planes, signal, onError } = options;
  const { clock, database, execute } = planes;
  const parts = { pool: database.pool('read'), execute };
  const done = new Map<string, string>();
  while (!signal.aborted) {
    await sleep(controlsIntervalMs, undefined, { signal }).catch(() => undefined);
    const day = dayToTest(clock.now());
    for (const tenant of signal.aborted ? [] : await tenantsOf(options)) {
      if (signal.aborted) return;
      if (done.get(tenant) === day.key) continue;
      try {
        const deadline = AbortSignal.any([signal, AbortSignal.timeout(controlsTimeoutMs)]);
        const question = { tenant, ...day, requestedBy: 'service:controls', signal: deadline };
        await runControls(parts, question);
        done.set(tenant, day.key);
      } catch (error) {
        onError(error);
      }
    }
  }
}

async function tenantsOf({ planes, onError }: BackgroundOptions): Promise<readonly string[]> {
  try {
    const { rows } = await planes.database
      .pool('policy')
      .query<{ tenant: string }>('select tenant_id as tenant from core.list_tenants()');
    return rows.map(({ tenant }) => tenant);
  } catch (error) {
    onError(error);
    return [];
  }
}
