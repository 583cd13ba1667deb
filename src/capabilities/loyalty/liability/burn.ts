// Points that run out soon: the members who would lose most of them are told of, so that they use
// them. How likely each kind of reward is for whom, by what he and all have taken.
import { generationSql, type Instant, instantToText, type Tx, dayMs } from '#core';
import { rewardKinds } from '../catalogue.ts';
import { lotProjection } from '../projection.ts';

export type Burn = {
  readonly customer: string;
  readonly points: number;
  readonly first_expires_at: string;
  readonly last_expires_at: string;
};

export type BurnAsked = {
  readonly program: string;
  readonly at: Instant;
  readonly expiringDays: number;
  readonly pointsMin: number;
  readonly membersMax: number;
  /** Who was told of in this month is not told again. */
  readonly month: string;
};

const generation = generationSql(`'${lotProjection.name}'`);

/** Those who would lose most, first; members in good standing alone. */
export async function readBurns(tx: Tx, asked: BurnAsked): Promise<readonly Burn[]> {
  const { program, at, expiringDays, pointsMin, membersMax, month } = asked;
  const { rows } = await tx.query<BurnRow>(
    `select l.customer, sum(l.active)::bigint as points, min(l.expires_at) as first,
            max(l.expires_at) as last
       from loyalty.lot l join loyalty.member m
         on m.tenant_id = l.tenant_id and m.program = l.program and m.customer = l.customer
      where l.tenant_id = core.current_tenant() and l.generation = ${generation}
        and l.program = $1 and l.active > 0 and l.expires_at > $2 and l.expires_at <= $3
        and m.standing = 'good'
        and not exists (select from loyalty.member_signal s
          where s.tenant_id = l.tenant_id and s.program = l.program and s.kind = 'burn_suggested'
            and s.month = $4 and s.customer = l.customer)
      group by l.customer having sum(l.active) >= $5
      order by 2 desc, l.customer limit $6`,
    [
      ...[program, instantToText(at), instantToText(at + expiringDays * dayMs), month],
      ...[pointsMin, membersMax],
    ],
  );
  return rows.map(({ customer, points, first, last }) => ({
    ...{ customer, points: Number(points) },
    ...{ first_expires_at: first.toISOString(), last_expires_at: last.toISOString() },
  }));
}

type BurnRow = {
  readonly customer: string;
  readonly points: bigint;
  readonly first: Date;
  readonly last: Date;
};

/** What a member has done with rewards, for the model of redemption. */
export type Habits = {
  readonly inputs: Readonly<Record<string, number>>;
  readonly propensities: Readonly<Record<string, number>>;
};

const neverWeeks = 104;

/** Within a year, of the members given; and of everybody, which rewards are taken. */
export async function readHabits(
  tx: Tx,
  { program, at }: Pick<BurnAsked, 'program' | 'at'>,
  customers: readonly string[],
): Promise<ReadonlyMap<string, Habits>> {
  const since = instantToText(at - 365 * dayMs);
  const redeemed = `loyalty.redemption where tenant_id = core.current_tenant()
    and program = $1 and status = 'redeemed' and begun_at >= $2 and begun_at < $3`;
  const values = [program, since, instantToText(at)];
  const all = await tx.query<{ kind: string; count: bigint }>(
    `select kind, count(*) from ${redeemed} group by kind`,
    values,
  );
  const own = await tx.query<HabitRow>(
    `select customer, kind, count(*), max(begun_at) as last,
            count(distinct date_trunc('month', begun_at)) as months
       from ${redeemed} and customer = any ($4) group by customer, kind`,
    [...values, customers],
  );
  const told = await tx.query<{ customer: string; count: bigint }>(
    `select customer, count(*) from loyalty.member_signal
      where tenant_id = core.current_tenant() and program = $1 and kind = 'burn_suggested'
        and signalled_at >= $2 and signalled_at < $3 and customer = any ($4) group by customer`,
    [...values, customers],
  );
  const mix = Object.fromEntries(all.rows.map(({ kind, count }) => [kind, Number(count)]));
  const byCustomer = Map.groupBy(own.rows, ({ customer }) => customer);
  const invitations = new Map(told.rows.map(({ customer, count }) => [customer, Number(count)]));
  return new Map(
    customers.map((customer) => {
      const rows = byCustomer.get(customer) ?? [];
      const last = Math.max(...rows.map((row) => row.last.getTime()));
      const weeks = rows.length > 0 ? (at - last) / (7 * dayMs) : neverWeeks;
      const counts = Object.fromEntries(rows.map(({ kind, count }) => [kind, Number(count)]));
      const inputs = {
        invitations_before: invitations.get(customer) ?? 0,
        taken_before: Math.max(0, ...rows.map(({ months }) => Number(months))),
        redemptions_before: rows.reduce((sum, { count }) => sum + Number(count), 0),
        weeks_since_redemption: Math.min(neverWeeks, weeks),
      };
      return [customer, { inputs, propensities: rewardPropensities(counts, mix, rewardKinds) }];
    }),
  );
}

type HabitRow = {
  readonly customer: string;
  readonly kind: string;
  readonly count: bigint;
  readonly last: Date;
  readonly months: bigint;
};

/** How much the habits of all weigh, in redemptions of one's own. */
const habitWeight = 4;

/**
 * What a member would take, of kinds of rewards: his own redemptions, drawn to the mix of all by
 * how few they are. Without any of anybody all kinds are alike.
 */
export function rewardPropensities(
  own: Readonly<Record<string, number>>,
  all: Readonly<Record<string, number>>,
  kinds: readonly string[],
): Readonly<Record<string, number>> {
  const total = (of: typeof own) => kinds.reduce((sum, kind) => sum + (of[kind] ?? 0), 0);
  const [mine, everybodys] = [total(own), total(all)];
  return Object.fromEntries(
    kinds.map((kind) => {
      const habit = everybodys > 0 ? (all[kind] ?? 0) / everybodys : 1 / kinds.length;
      const share = ((own[kind] ?? 0) + habitWeight * habit) / (mine + habitWeight);
      return [kind, Math.round(share * 1e6) / 1e6];
    }),
  );
}
