// Points that end soon: whoever has some is told of them once for each month in which they end.
import { type Clock, type Command, Fault, generationSql, instantToText, type Json } from '#core';
import { policyEvent, type PolicyOperations } from '#policy';
import type pg from 'pg';
import Type from 'typebox';
import { onlySystem, type SystemParts, systemOf } from './accounts.ts';
import { send } from './accrual-send.ts';
import { lotProjection } from './projection.ts';

/** How long before. */
const aheadDays = 30;
const dayMs = 86_400_000;
const pageSize = 200;
const generation = generationSql(`'${lotProjection.name}'`);

const body = Type.Object({
  program: Type.String(),
  customer: Type.String(),
  month: Type.String({ description: 'In which they end: `2026-04`.' }),
  points: Type.Integer({ minimum: 1 }),
  first_expires_at: Type.String(),
});
type Body = Type.Static<typeof body>;

export const warningPayloads = { 'loyalty.points_expiring': body };

export const warningOperations: PolicyOperations = {
  'loyalty.points.warn': { changesRights: false, perform: warn },
};

async function warn(tx: pg.ClientBase, command: Command) {
  onlySystem(command);
  const { program, customer, month } = command.body as Body;
  const { rowCount } = await tx.query(
    `insert into loyalty.warned (tenant_id, program, customer, month, warned_at)
     values ($1, $2, $3, $4, $5) on conflict do nothing`,
    [command.tenant, program, customer, month, instantToText(command.receivedAt)],
  );
  if (rowCount === 0) throw new Fault('conflict', `${customer} was told of ${month} already`);
  return [policyEvent(command, 'loyalty.points_expiring', command.body)];
}

type Expiring = Omit<Body, 'points' | 'first_expires_at'> & {
  readonly tenant: string;
  readonly points: bigint;
  readonly first: Date;
};

/** Tells all who are to be told by now; answers how many that were. */
export async function warnOfExpiry(
  parts: SystemParts & { readonly clock: Clock },
): Promise<number> {
  const now = parts.clock.now();
  let told = 0;
  for (;;) {
    // What ends as April ends is April's.
    const { rows } = await parts.database.pool('app').query<Expiring>(
      `select l.tenant_id as tenant, l.program, l.customer, month, sum(l.active)::bigint as points,
              min(l.expires_at) as first
         from loyalty.lot l
        cross join lateral (select
          to_char((l.expires_at - interval '1 ms') at time zone 'UTC', 'YYYY-MM') as month) as m
        where l.generation = ${generation} and l.active > 0
          and l.expires_at > $1 and l.expires_at <= $2
          and not exists (select from loyalty.warned w
             where w.tenant_id = l.tenant_id and w.program = l.program
               and w.customer = l.customer and w.month = m.month)
        group by 1, 2, 3, 4 order by 1, 2, 3, 4 limit ${pageSize}`,
      [instantToText(now), instantToText(now + aheadDays * dayMs)],
    );
    const done = await Promise.all(rows.map((row) => tell(parts, row)));
    told += done.filter(Boolean).length;
    if (rows.length < pageSize || !done.every(Boolean)) return told;
  }
}

async function tell(parts: SystemParts, { tenant, points, first, ...row }: Expiring) {
  const { program, customer, month } = row;
  const about: Body = { ...row, points: Number(points), first_expires_at: first.toISOString() };
  try {
    const { outcome } = await send(parts, {
      principal: systemOf(tenant),
      operation: 'loyalty.points.warn',
      idempotencyKey: `expiring ${program} ${customer} ${month}`,
      body: about as Json,
    });
    return outcome.status === 'accepted';
  } catch (error) {
    // Another process was faster.
    if (error instanceof Fault && error.code === 'conflict') return true;
    throw error;
  }
}
