// What became of the points of each month, summed from the lots of members and their uses.
import { generationSql, type Instant, instantToText, type Tx, startOfDay, dateIn } from '#core';
import { lotProjection } from '../projection.ts';
import { type Cohort, monthNumber, monthText } from './cohorts.ts';

export type SumsAsked = {
  readonly program: string;
  readonly timeZone: string;
  /** What was given or used from this instant on is not counted. */
  readonly asOf: Instant;
};

const generation = generationSql(`'${lotProjection.name}'`);
/** Cohorts that are looked at; what is older has run out. */
export const cohortsMax = 240;
/** What the database may sort and group by in memory, before it writes to disk. */
const memory = '128MB';

/** In the order of their months, without gaps from the first to that of the run. */
export async function readCohorts(tx: Tx, asked: SumsAsked): Promise<readonly Cohort[]> {
  const { program, timeZone, asOf } = asked;
  await tx.query(`set local work_mem = '${memory}'`);
  const values = [program, instantToText(asOf)];
  const { rows } = await tx.query<{ first: Date | null }>(firstSql, values);
  const [first] = rows;
  if (!first?.first) return [];
  const last = monthNumber(monthOf(asOf, timeZone));
  const oldest = monthNumber(monthOf(first.first.getTime(), timeZone));
  const from = Math.max(oldest, last - cohortsMax + 1);
  // Where each month begins in the programme's time zone: to find a row's month is to look it up.
  const starts = Array.from({ length: last - from + 1 }, (_, at) =>
    instantToText(startOfDay(`${monthText(from + at)}-01`, timeZone)),
  );
  const issued = await tx.query<IssuedRow>(issuedSql, [...values, starts]);
  const used = await tx.query<UsedRow>(usedSql, [...values, starts]);
  return cohortsOf(issued.rows, used.rows, { from, count: starts.length });
}

/** The month in which an instant lies, somewhere. */
export function monthOf(at: Instant, timeZone: string): string {
  return dateIn(at, timeZone).slice(0, 7);
}

type IssuedRow = {
  readonly month: number;
  readonly points: bigint;
  readonly sold: bigint;
  readonly spend: bigint;
};
type UsedRow = {
  readonly month: number;
  readonly used_month: number;
  readonly kind: string;
  readonly points: bigint;
};

const lots = `loyalty.lot l
  where l.tenant_id = core.current_tenant() and l.generation = ${generation}
    and l.program = $1 and l.earned_at < $2`;

const firstSql = `select min(l.earned_at) as first from ${lots}`;

/** Counted from the oldest month, which has what is older, too. */
function monthSql(instant: string): string {
  return `greatest(0, width_bucket(${instant}, $3::timestamptz[]) - 1)`;
}

const issuedSql = `select ${monthSql('l.earned_at')} as month, sum(l.points)::bigint as points,
    coalesce(sum(l.points) filter (where l.spend > 0), 0)::bigint as sold,
    sum(l.spend - l.spend_returned)::bigint as spend
  from ${lots} group by 1 order by 1`;

const usedSql = `select month, used_month, kind, sum(points)::bigint as points from (
    select ${monthSql('l.earned_at')} as month, ${monthSql('u.used_at')} as used_month,
        u.kind, u.points
      from loyalty.lot_use u join loyalty.lot l
        on l.tenant_id = u.tenant_id and l.generation = u.generation and l.lot_id = u.lot_id
     where u.tenant_id = core.current_tenant() and u.generation = ${generation}
       and u.program = $1 and u.used_at < $2 and l.earned_at < $2) as uses
  group by 1, 2, 3`;

/** What a use does to a cohort: points redeemed, points that lapsed, or fewer points at all. */
const redeeming: Readonly<Record<string, number>> = { redeemed: 1, restored: -1 };
const lapsing = new Set(['expired', 'forfeited']);

function cohortsOf(
  issued: readonly IssuedRow[],
  used: readonly UsedRow[],
  { from, count }: { readonly from: number; readonly count: number },
): readonly Cohort[] {
  const made = Array.from({ length: count }, (_, at) => ({
    ...{ month: monthText(from + at), points: 0, spend: 0, sold: 0, lapsed: 0 },
    redeemed: Array.from({ length: count - at }, () => 0),
  }));
  for (const { month, points, sold, spend } of issued) {
    const cohort = made[month];
    if (!cohort) continue;
    cohort.points += Number(points);
    cohort.sold += Number(sold);
    cohort.spend += Math.max(0, Number(spend));
  }
  for (const { month, used_month: when, kind, points } of used) {
    const cohort = made[month];
    if (!cohort) continue;
    const sign = redeeming[kind];
    const age = Math.max(0, when - month);
    const before = cohort.redeemed[age] ?? 0;
    if (sign !== undefined) cohort.redeemed[age] = before + sign * Number(points);
    else if (lapsing.has(kind)) cohort.lapsed += Number(points);
    else cohort.points -= Number(points);
  }
  return made.map((cohort) => ({ ...cohort, redeemed: withoutFalls(cohort.redeemed) }));
}

/** What was given back in a later month was never redeemed: it is taken from the months before. */
function withoutFalls(redeemed: readonly number[]): number[] {
  const kept = [...redeemed];
  for (let age = kept.length - 1; age >= 0; age -= 1) {
    const short = Math.min(0, kept[age] ?? 0);
    kept[age] = (kept[age] ?? 0) - short;
    if (age > 0) kept[age - 1] = (kept[age - 1] ?? 0) + short;
    else kept[0] = Math.max(0, kept[0] ?? 0);
  }
  return kept;
}
