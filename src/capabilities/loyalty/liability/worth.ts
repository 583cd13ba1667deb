// Members to be valued: how often, how lately and how much they buy, as the model of lifetime value
// reads it. A part of all members each night, so that everybody has his turn once a month.
import { generationSql, type Instant, instantToText, type Tx, dayMs } from '#core';
import { lotProjection } from '../projection.ts';

export type Worthy = {
  readonly customer: string;
  /** Minor units of the home currency, within a year. */
  readonly spend: number;
  readonly inputs: Readonly<Record<string, number>>;
};

export type WorthyAsked = {
  readonly program: string;
  readonly at: Instant;
  readonly timeZone: string;
  /** Of the month, from 1; on those that not every month has nobody has a turn. */
  readonly dayOfMonth: number;
  readonly month: string;
  /** Of minor units in a whole unit of the home currency. */
  readonly unit: number;
  readonly membersMax: number;
};

/** Of the shortest month. */
const turns = 28;
const generation = generationSql(`'${lotProjection.name}'`);

/** Of those whose turn it is, who have spent most, first. A day of purchases counts as one. */
export async function readWorthy(tx: Tx, asked: WorthyAsked): Promise<readonly Worthy[]> {
  const { program, at, timeZone, dayOfMonth, month, unit, membersMax } = asked;
  const { rows } = await tx.query<WorthyRow>(
    `with bought as (
       select l.customer, (l.earned_at at time zone $2)::date as day, min(l.earned_at) as first,
              max(l.earned_at) as last, sum(l.spend - l.spend_returned) as spend
         from loyalty.lot l join loyalty.member m
           on m.tenant_id = l.tenant_id and m.program = l.program and m.customer = l.customer
        where l.tenant_id = core.current_tenant() and l.generation = ${generation}
          and l.program = $1 and l.spend > 0 and l.earned_at < $3 and m.standing = 'good'
          and get_byte(sha256(convert_to(l.customer, 'UTF8')), 0) % ${turns} = $5 - 1
          and not exists (select from loyalty.member_signal s
            where s.tenant_id = l.tenant_id and s.program = l.program and s.kind = 'valued'
              and s.month = $6 and s.customer = l.customer)
        group by 1, 2)
     select customer, min(first) as first, max(last) as last, count(*) as days,
            sum(spend)::bigint as spend_ever,
            ((array_agg(spend order by day))[1])::bigint as spend_first,
            coalesce(sum(spend) filter (where last >= $4), 0)::bigint as spend
       from bought group by customer order by spend desc, customer limit $7`,
    [
      ...[program, timeZone, instantToText(at), instantToText(at - 365 * dayMs)],
      ...[dayOfMonth, month, membersMax],
    ],
  );
  return rows.map((row) => worthyOf(row, at, unit));
}

function worthyOf({ customer, spend, ...row }: WorthyRow, at: Instant, unit: number): Worthy {
  const repeated = Number(row.days) - 1;
  const repeatedSpend = Math.max(0, Number(row.spend_ever - row.spend_first));
  const weeks = (since: Date) => Math.round((at - since.getTime()) / (dayMs / 100) / 7) / 100;
  return {
    ...{ customer, spend: Math.max(0, Number(spend)) },
    inputs: {
      repeated_purchases: repeated,
      weeks_since_last: weeks(row.last),
      weeks_since_first: weeks(row.first),
      // A figure for a model, which reads whole units of money: it is booked nowhere.
      mean_spend: repeated === 0 ? 0 : Math.round(repeatedSpend / repeated) / unit,
    },
  };
}

type WorthyRow = {
  readonly customer: string;
  readonly first: Date;
  readonly last: Date;
  readonly days: bigint;
  readonly spend_ever: bigint;
  readonly spend_first: bigint;
  readonly spend: bigint;
};
