// Points that end soon: whoever has some is told of them once for each month in which they end.
import {
  type Clock,
  type Command,
  Fault,
  generationSql,
  type Instant,
  instantToText,
  type Json,
  type Tx,
  dayMs,
} from '#core';
import { policyEvent, type PolicyOperations } from '#policy';
import type pg from 'pg';
import Type from 'typebox';
import { look, onlySystem, type SystemParts, systemOf } from './accounts.ts';
import { send } from './accrual-send.ts';
import { keptUntil } from './program/expiry.ts';
import { readProgramInForce } from './program/versions.ts';
import { lotProjection } from './projection.ts';
import { readStanding } from './standing.ts';

/** How long before. */
const aheadDays = 30;
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
  const until = now + aheadDays * dayMs;
  const kept = await keptPrograms(parts, now);
  let told = 0;
  let after: Place = { tenant: '', program: '', customer: '', month: '' };
  for (;;) {
    const rows = await readExpiring(parts, { now, until, kept, after });
    const done = await Promise.all(
      rows.map(async (row) => {
        const isKept = kept.some(isOf(row));
        const about = isKept ? await keptNow(parts, row, { now, until }) : row;
        return about !== undefined && tell(parts, about);
      }),
    );
    told += done.filter(Boolean).length;
    const last = rows.at(-1);
    if (last === undefined || rows.length < pageSize) return told;
    after = last;
  }
}

type Named = { readonly tenant: string; readonly program: string };
type Place = Pick<Expiring, 'tenant' | 'program' | 'customer' | 'month'>;

function isOf({ tenant, program }: Named) {
  return (each: Named) => each.tenant === tenant && each.program === program;
}

/** Those that count from what a member did last. */
async function keptPrograms(parts: SystemParts, now: Instant): Promise<readonly Named[]> {
  const { rows } = await parts.database
    .pool('app')
    .query<Named>(`select tenant_id as tenant, program from loyalty.account where role = 'issued'`);
  const kept: Named[] = [];
  for (const each of rows) {
    const read = (tx: Tx) => readProgramInForce(tx, each.program, now);
    const ruled = await look(parts, each.tenant, read);
    if (ruled && keptUntil(ruled, [now]) !== null) kept.push(each);
  }
  return kept;
}

/** No programme rounds up by more. */
const roundedMaxDays = 366;

type Looking = {
  readonly now: Instant;
  readonly until: Instant;
  readonly kept: readonly Named[];
  readonly after: Place;
};

/**
 * By the month in which their points would end. Where the last activity keeps them, those who have
 * done nothing for so long that it may be over by then: as much later as that was later.
 */
async function readExpiring(
  parts: SystemParts,
  { now, until, kept, after }: Looking,
): Promise<readonly Expiring[]> {
  const { rows } = await parts.database.pool('app').query<Expiring>(
    // What ends as April ends is April's.
    `select l.tenant_id as tenant, l.program, l.customer, month, sum(l.active)::bigint as points,
            min(l.expires_at) as first
       from loyalty.lot l
       left join unnest($4::text[], $5::text[]) as k(tenant, program)
         on k.tenant = l.tenant_id and k.program = l.program
       left join loyalty.standing s on k.tenant is not null and s.tenant_id = l.tenant_id
        and s.generation = l.generation and s.program = l.program and s.customer = l.customer
      cross join lateral (select
        to_char((l.expires_at - interval '1 ms') at time zone 'UTC', 'YYYY-MM') as month) as m
      where l.generation = ${generation} and l.active > 0 and l.expires_at <= $2
        and case when k.tenant is null then l.expires_at > $1
            else l.expires_at + (greatest(s.last_earned_at, s.last_redeemed_at) - l.earned_at)
                 <= $3::timestamptz end
        and (l.tenant_id, l.program, l.customer, month) > ($6, $7, $8, $9)
        and (k.tenant is not null or not exists (select from loyalty.warned w
             where w.tenant_id = l.tenant_id and w.program = l.program
               and w.customer = l.customer and w.month = m.month))
      group by 1, 2, 3, 4 order by 1, 2, 3, 4 limit ${pageSize}`,
    [
      ...[now, until, until + roundedMaxDays * dayMs].map(instantToText),
      ...[kept.map(({ tenant }) => tenant), kept.map(({ program }) => program)],
      ...[after.tenant, after.program, after.customer, after.month],
    ],
  );
  return rows;
}

/** What ends next of what was kept; undefined where that is not soon. */
async function keptNow(
  parts: SystemParts,
  { tenant, program, customer }: Place,
  { now, until }: { readonly now: Instant; readonly until: Instant },
): Promise<Expiring | undefined> {
  const read = (tx: Tx) => readStanding(tx, program, customer, { at: now });
  const [next] = (await look(parts, tenant, read)).expiring;
  if (next === undefined || Date.parse(next.first_expires_at) > until) return undefined;
  const { month, points, first_expires_at } = next;
  const first = new Date(first_expires_at);
  return { tenant, program, customer, month, points: BigInt(points), first };
}

/** Answers whether the member is told of it by this. */
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
    if (error instanceof Fault && error.code === 'conflict') return false;
    throw error;
  }
}
