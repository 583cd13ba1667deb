// Members who may be leaving: they have spent much within a year, and were not seen for a month.
import { generationSql, type Instant, instantToText, type Tx, dayMs } from '#core';
import { lotProjection } from '../projection.ts';

export type Absent = {
  readonly customer: string;
  /** Minor units of the home currency. */
  readonly spend: number;
  readonly daysSince: number;
  /** For the model of churn. */
  readonly inputs: Readonly<Record<string, number>>;
};

export type AbsentAsked = {
  readonly program: string;
  readonly at: Instant;
  readonly timeZone: string;
  readonly month: string;
  /** In the time zone of the programme. */
  readonly day: string;
  readonly membersMax: number;
};

const absentDays = 30;
/** For so long nobody looks again at who was looked at: the others have their turn. */
const restDays = 14;
const generation = generationSql(`'${lotProjection.name}'`);

/** Those who have spent most, first, but for who was told of this month or looked at lately. */
export async function readAbsent(tx: Tx, asked: AbsentAsked): Promise<readonly Absent[]> {
  const { program, at, timeZone, month, day, membersMax } = asked;
  const { rows } = await tx.query<AbsentRow>(
    `select l.customer, min(l.earned_at) as first, max(l.earned_at) as last,
            count(distinct (l.earned_at at time zone $2)::date) as days,
            coalesce(sum(l.spend - l.spend_returned) filter (where l.earned_at >= $4), 0)::bigint
              as spend
       from loyalty.lot l join loyalty.member m
         on m.tenant_id = l.tenant_id and m.program = l.program and m.customer = l.customer
      where l.tenant_id = core.current_tenant() and l.generation = ${generation}
        and l.program = $1 and l.spend > 0 and l.earned_at < $3 and m.standing = 'good'
        and not exists (select from loyalty.member_signal s
          where s.tenant_id = l.tenant_id and s.program = l.program and s.kind = 'at_risk'
            and s.month = $5 and s.customer = l.customer)
        and not exists (select from loyalty.member_look k
          where k.tenant_id = l.tenant_id and k.program = l.program and k.kind = 'at_risk'
            and k.customer = l.customer and k.looked_on > $8::date - ${restDays})
      group by l.customer having max(l.earned_at) < $6
      order by spend desc, l.customer limit $7`,
    [
      ...[program, timeZone, instantToText(at), instantToText(at - 365 * dayMs), month],
      ...[instantToText(at - absentDays * dayMs), membersMax, day],
    ],
  );
  const weeks = (since: Date) => Math.round((at - since.getTime()) / (dayMs / 100) / 7) / 100;
  return rows.map(({ customer, first, last, days, spend }) => ({
    ...{ customer, spend: Math.max(0, Number(spend)) },
    daysSince: Math.floor((at - last.getTime()) / dayMs),
    inputs: {
      repeated_purchases: Number(days) - 1,
      weeks_since_last: weeks(last),
      weeks_since_first: weeks(first),
    },
  }));
}

type AbsentRow = {
  readonly customer: string;
  readonly first: Date;
  readonly last: Date;
  readonly days: bigint;
  readonly spend: bigint;
};
