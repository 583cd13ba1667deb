// Mandates as they are read: by their customer, by people of the bank, and where money is about to
// move under one.
import {
  externalId,
  type Instant,
  instantToText,
  internalId,
  type Page,
  pageOf,
  type Uuid,
} from '#core';
import type pg from 'pg';

export const mandateStatuses = ['active', 'ended', 'expired'] as const;
export type MandateStatus = (typeof mandateStatuses)[number];

/** Amounts are in minor units. */
export type Mandate = {
  readonly id: Uuid;
  readonly customer: string;
  readonly agent: string;
  readonly agent_name: string;
  readonly payment_max: number;
  readonly daily_max: number;
  readonly daily_count_max: number;
  readonly currency: string;
  /** Accounts; where it names none, those that the paying account has paid before. */
  readonly payees: readonly string[];
  readonly given_by: string;
  readonly given_at: Date;
  readonly valid_until: Date;
  readonly ended_at: Date | null;
  /** Taken from it within the last 24 hours. */
  readonly used_amount: number;
  readonly used_count: number;
};

/** The day of a mandate is any 24 hours: two days' worth never fits around a midnight. */
export const mandateDayMs = 86_400_000;

/** Numbers, for amounts are bounded by what JSON can say. $1 is where its day begins. */
const select = `select m.id, m.customer, m.agent_id as agent, a.name as agent_name,
    m.payment_max::float8 as payment_max, m.daily_max::float8 as daily_max, m.daily_count_max,
    m.currency, m.payees, m.given_by, m.given_at, m.valid_until,
    nullif(m.ended_at, 'infinity') as ended_at, used.amount as used_amount,
    used.count as used_count
  from gateway.mandate m
  join gateway.agent a on a.agent_id = m.agent_id
  cross join lateral (
    select coalesce(sum(p.amount), 0)::float8 as amount, count(*)::int as count
      from gateway.proposal p where p.mandate_id = m.id and p.ended_at > $1) used`;

export function mandateStatus(
  { ended_at, valid_until }: Pick<Mandate, 'ended_at' | 'valid_until'>,
  at: Instant,
): MandateStatus {
  if (ended_at !== null) return 'ended';
  return valid_until.getTime() <= at ? 'expired' : 'active';
}

/** A payment as a mandate sees it. */
export type Covered = {
  readonly amount: number;
  readonly currency: string;
  readonly payee: string;
  /** Whether the paying account has paid it before, or both have one main holder. */
  readonly isPaidBefore: boolean;
};

/** What the mandate leaves for a payment, by the narrowest of its bounds; 0 where it has no say. */
export function mandateLeft(mandate: Mandate, of: Omit<Covered, 'amount'>, at: Instant): number {
  const { payees, payment_max, daily_max, daily_count_max, used_amount, used_count } = mandate;
  const isPayee = payees.length === 0 ? of.isPaidBefore : payees.includes(of.payee);
  const isThere = mandateStatus(mandate, at) === 'active' && mandate.currency === of.currency;
  if (!isPayee || !isThere || used_count >= daily_count_max) return 0;
  return Math.max(0, Math.min(payment_max, daily_max - used_amount));
}

/** Those in force of a customer for an agent. */
export async function readMandatesInForce(
  tx: pg.ClientBase,
  of: { readonly customer: string; readonly agent: string; readonly at: Instant },
): Promise<readonly Mandate[]> {
  const { rows } = await tx.query<Mandate>(
    `${select} where m.customer = $2 and m.agent_id = $3 and m.ended_at = 'infinity'
       and m.valid_until > $4 order by m.id`,
    [...[dayBefore(of.at), of.customer, of.agent], instantToText(of.at)],
  );
  return rows;
}

export async function readMandate(
  tx: pg.ClientBase,
  { id, at }: { readonly id: string; readonly at: Instant },
): Promise<Mandate | undefined> {
  const { rows } = await tx.query<Mandate>(`${select} where m.id = $2`, [
    dayBefore(at),
    internalId('mandate', id) ?? null,
  ]);
  return rows[0];
}

/** Why a mandate was not given; undefined where it was. */
export async function readMandateRefusal(
  tx: pg.ClientBase,
  id: string,
): Promise<string | undefined> {
  const { rows } = await tx.query<{ reason: string }>(
    'select reason from gateway.mandate_refusal where id = $1',
    [internalId('mandate', id) ?? null],
  );
  return rows[0]?.reason;
}

export type MandateQuery = {
  readonly customer?: string | undefined;
  readonly agent?: string | undefined;
  readonly at: Instant;
  readonly limit: number;
  /** The public id of the last one seen. */
  readonly after?: string | undefined;
};

/** The newest first. */
export async function listMandates(
  tx: pg.ClientBase,
  { customer, agent, at, limit, after }: MandateQuery,
): Promise<Page<Mandate>> {
  const { rows } = await tx.query<Mandate>(
    `${select} where ($2::text is null or m.customer = $2) and ($3::text is null or m.agent_id = $3)
        and ($4::uuid is null or m.id < $4) order by m.id desc limit $5`,
    [
      ...[dayBefore(at), customer ?? null, agent ?? null],
      ...[(after && internalId('mandate', after)) ?? null, limit + 1],
    ],
  );
  return pageOf(rows, limit, ({ id }) => externalId('mandate', id));
}

function dayBefore(at: Instant): string {
  return instantToText(at - mandateDayMs);
}
