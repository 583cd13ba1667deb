// Once a minute, by whichever process is first: the journal is looked through, and alerts are
// raised and cleared.
import {
  type Clock,
  type CommandInput,
  type Database,
  Fault,
  type Instant,
  type Json,
  withTx,
  listTenants,
} from '#core';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Alert, type AlertBody, keyOf, lastAlerts } from './alerts.ts';
import { figuresOf, type Figures, spanOf, type Sums, sumsOf } from './board.ts';
import { type AlertRule, type Objective, objectives } from './objectives.ts';
import { floorTo, minuteMs } from './series.ts';
import { lookThroughJournal, rollUp } from './upkeep.ts';

export type Watching = {
  readonly database: Database;
  readonly clock: Clock;
  readonly execute: (input: CommandInput<Json>) => Promise<unknown>;
  readonly onError: (error: unknown) => void;
};

/** More often than once a minute, so that none is missed by much. */
const lookIntervalMs = 10_000;

/** Until the signal; what fails of one tenant keeps no other waiting. */
export async function watchObjectives(
  options: Watching & { readonly signal: AbortSignal },
): Promise<void> {
  const { signal, onError } = options;
  while (!signal.aborted) {
    await sleep(lookIntervalMs, undefined, { signal }).catch(() => undefined);
    if (!signal.aborted) await takeTurn(options, signal).catch(onError);
  }
}

/** Answers whether it was this process's turn: one of all does what is due in a minute. */
export async function takeTurn(options: Watching, signal?: AbortSignal): Promise<boolean> {
  const { database, clock, onError } = options;
  const now = clock.now();
  const pools = { app: database.pool('app'), read: database.pool('read') };
  const { rowCount } = await pools.app.query('update slo.turn set minute = $1 where minute < $1', [
    new Date(floorTo(now, minuteMs)),
  ]);
  if (rowCount === 0) return false;
  for (const tenant of await listTenants(database.pool('policy'))) {
    if (signal?.aborted) return true;
    try {
      await lookThroughJournal(pools, tenant, now);
      await judge(options, tenant, now);
    } catch (error) {
      onError(error);
    }
  }
  await rollUp(pools.app, now);
  return true;
}

/**
 * Raises what is broken and not raised, and clears what is whole again. Where nothing is known an
 * alert stays as it is. Two processes that find the same send the same key: one of them is heard.
 */
export async function judge(
  { database, execute }: Pick<Watching, 'database' | 'execute'>,
  tenant: string,
  now: Instant,
): Promise<void> {
  const { last, sums } = await withTx(
    database.pool('read'),
    async (tx) => ({
      last: await lastAlerts(tx),
      sums: {
        '1h': await sumsOf(tx, spanOf('1h', now)),
        '24h': await sumsOf(tx, spanOf('24h', now)),
      },
    }),
    { tenant, readOnly: true },
  );
  for (const objective of objectives) {
    for (const rule of objective.rules) {
      const isOurs = (alert: Alert) => alert.slo === objective.name && alert.rule === rule.name;
      const due = dueOf(objective, rule, { sums: sums[rule.window], last: last.find(isOurs) });
      if (due) await carryOut(execute, tenant, due);
    }
  }
}

type Due = { readonly act: 'raise' | 'clear'; readonly body: AlertBody };

function dueOf(
  objective: Objective,
  rule: AlertRule,
  { sums, last }: { readonly sums: Sums; readonly last: Alert | undefined },
): Due | undefined {
  const figures = figuresOf(objective, sums);
  const isBroken = judgedBy(objective, rule, figures);
  const isOpen = last !== undefined && last.cleared_at === null;
  if (isBroken === undefined || isBroken === isOpen) return undefined;
  const { numerator, denominator } = figures;
  const ordinal = (last?.ordinal ?? 0) + (isBroken ? 1 : 0);
  return {
    act: isBroken ? 'raise' : 'clear',
    body: {
      ...{ slo: objective.name, title: objective.title, rule: rule.name, ordinal },
      ...{ severity: rule.severity, window: rule.window, numerator, denominator },
    },
  };
}

/** Whether a rule is broken; undefined where there is too little to say so. */
export function judgedBy(
  { share }: Objective,
  rule: AlertRule,
  { status, numerator, denominator, burn_rate }: Figures,
): boolean | undefined {
  if (status === 'no_data') return undefined;
  if (share === 1) return numerator > 0;
  if (denominator < rule.cases_min) return undefined;
  return burn_rate !== null && burn_rate > rule.burn_rate;
}

async function carryOut(execute: Watching['execute'], tenant: string, { act, body }: Due) {
  const principal = { kind: 'service', id: 'service-levels', tenant } as const;
  const operation = `slo.${act}_alert`;
  try {
    await execute({ principal, operation, body, idempotencyKey: keyOf(act, body) });
  } catch (error) {
    // Another process was faster, with figures of its own.
    if (error instanceof Fault && error.code === 'idempotency_key_reused') return;
    throw error;
  }
}
