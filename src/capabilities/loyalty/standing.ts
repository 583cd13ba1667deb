// Members as they stand: balances, what runs out next, what was earned; lots, one by one.
import { generationSql, type Instant, instantToText, type Page, pageOf, type Tx } from '#core';
import { lotParts } from './lots.ts';
import type { MemberStanding } from './members.ts';
import { keptUntil } from './program/expiry.ts';
import { readProgramInForce } from './program/versions.ts';
import { lotProjection } from './projection.ts';

const generation = generationSql(`'${lotProjection.name}'`);
/** When a lot ends: no sooner than what the member did last keeps it; some never do. */
const endsAt = (kept: string) =>
  `case when expires_at is null then null else greatest(expires_at, ${kept}::timestamptz) end`;
const bucketsMax = 24;

/** Points that run out in one month. */
export type ExpiryBucket = {
  /** `2026-04`: the month in whose last instant or before it they run out. */
  readonly month: string;
  readonly points: number;
  readonly first_expires_at: string;
};

export type StandingAsked = {
  readonly at: Instant;
  /** From when on `earned_in_period` counts; nothing is counted without. */
  readonly since?: Instant | undefined;
  /** Of the months; UTC unless given. */
  readonly timeZone?: string;
};

export type Standing = {
  readonly program: string;
  readonly customer: string;
  readonly active: number;
  readonly pending: number;
  readonly owed: number;
  /** Active less what is owed. */
  readonly balance: number;
  /** What may be spent now: active points whose time is not over, less what is owed. */
  readonly spendable: number;
  /** Active points whose time is over, which nobody has posted yet. */
  readonly lapsed: number;
  readonly expiring: readonly ExpiryBucket[];
  /** What counts towards a tier, since `since`: given and not taken back. */
  readonly earned_in_period: number;
  /** Minor units that were spent for it, less what was sent back. */
  readonly spend_in_period: number;
  readonly lifetime_earned: number;
  readonly lifetime_redeemed: number;
  readonly lifetime_expired: number;
  /** Of the accounts, as they were when all this was so. */
  readonly active_version: number;
  readonly pending_version: number;
  readonly owed_version: number;
  readonly last_earned_at: string | null;
  readonly last_redeemed_at: string | null;
  /** Until when what was done last keeps all points; null where it keeps none. */
  readonly kept_until: string | null;
};

type StandingRow = {
  readonly program: string;
  readonly customer: string;
  readonly active: bigint;
  readonly pending: bigint;
  readonly owed: bigint;
  readonly earned: bigint;
  readonly redeemed: bigint;
  readonly expired: bigint;
  readonly active_version: bigint;
  readonly pending_version: bigint;
  readonly owed_version: bigint;
  readonly last_earned_at: Date | null;
  readonly last_redeemed_at: Date | null;
};

const columns = `program, customer, active, pending, owed, earned, redeemed, expired,
  active_version, pending_version, owed_version, last_earned_at, last_redeemed_at`;

/** How a member stands; one who has never moved a point stands at zero. */
export async function readStanding(
  tx: Tx,
  program: string,
  customer: string,
  asked: StandingAsked,
): Promise<Standing> {
  const { rows } = await tx.query<StandingRow>(
    `select ${columns} from loyalty.standing
      where tenant_id = core.current_tenant() and generation = ${generation}
        and program = $1 and customer = $2`,
    [program, customer],
  );
  const row = rows[0];
  if (!row) return { ...empty, program, customer };
  const kept = await keptOf(tx, row, asked.at);
  const { lapsed, expiring } = await readExpiring(tx, { ...row, kept }, asked);
  const period = asked.since === undefined ? noPeriod : await readPeriod(tx, row, asked.since);
  const [active, owed] = [Number(row.active), Number(row.owed)];
  return {
    ...{ program, customer, active, pending: Number(row.pending), owed },
    balance: active - owed,
    spendable: Math.max(0, active - lapsed - owed),
    ...{ lapsed, expiring, ...period },
    lifetime_earned: Number(row.earned),
    lifetime_redeemed: Number(row.redeemed),
    lifetime_expired: Number(row.expired),
    active_version: Number(row.active_version),
    pending_version: Number(row.pending_version),
    owed_version: Number(row.owed_version),
    last_earned_at: row.last_earned_at?.toISOString() ?? null,
    last_redeemed_at: row.last_redeemed_at?.toISOString() ?? null,
    kept_until: kept,
  };
}

async function keptOf(
  tx: Tx,
  { program, last_earned_at, last_redeemed_at }: StandingRow,
  at: Instant,
): Promise<string | null> {
  const ruled = await readProgramInForce(tx, program, at);
  const activities = [last_earned_at, last_redeemed_at].map((each) => each?.getTime() ?? null);
  const kept = ruled ? keptUntil(ruled, activities) : null;
  return kept === null ? null : instantToText(kept);
}

const noPeriod = { earned_in_period: 0, spend_in_period: 0 };
const empty = {
  ...{ active: 0, pending: 0, owed: 0, balance: 0, spendable: 0, lapsed: 0, expiring: [] },
  ...noPeriod,
  ...{ lifetime_earned: 0, lifetime_redeemed: 0, lifetime_expired: 0 },
  ...{ active_version: 0, pending_version: 0, owed_version: 0 },
  ...{ last_earned_at: null, last_redeemed_at: null, kept_until: null },
};

type Owner = { readonly program: string; readonly customer: string };

async function readExpiring(
  tx: Pick<Tx, 'query'>,
  { program, customer, kept }: Owner & { readonly kept: string | null },
  { at, timeZone = 'UTC' }: StandingAsked,
): Promise<{ readonly lapsed: number; readonly expiring: readonly ExpiryBucket[] }> {
  type Row = { month: string | null; points: string; first: Date };
  const { rows } = await tx.query<Row>(
    // What runs out as April ends is April's.
    `select case when ends_at > $3 then
              to_char((ends_at - interval '1 ms') at time zone $4, 'YYYY-MM') end as month,
            sum(active)::text as points, min(ends_at) as first
       from (select active, ${endsAt('$6')} as ends_at from loyalty.lot
              where tenant_id = core.current_tenant() and generation = ${generation}
                and program = $1 and customer = $2 and active > 0 and expires_at is not null) l
      group by 1 order by 1 nulls first limit $5`,
    [program, customer, instantToText(at), timeZone, bucketsMax + 1, kept],
  );
  const lapsed = rows.find(({ month }) => month === null)?.points ?? 0;
  const expiring = rows.flatMap(({ month, points, first }) =>
    month === null
      ? []
      : [{ month, points: Number(points), first_expires_at: first.toISOString() }],
  );
  return { lapsed: Number(lapsed), expiring: expiring.slice(0, bucketsMax) };
}

async function readPeriod(
  tx: Pick<Tx, 'query'>,
  { program, customer }: Owner,
  since: Instant,
): Promise<typeof noPeriod> {
  const { rows } = await tx.query<{ earned: string; spend: string }>(
    `select coalesce(sum(points - returned) filter (where qualifying), 0)::text as earned,
            coalesce(sum(spend - spend_returned), 0)::text as spend
       from loyalty.lot
      where tenant_id = core.current_tenant() and generation = ${generation}
        and program = $1 and customer = $2 and earned_at >= $3`,
    [program, customer, instantToText(since)],
  );
  const { earned = 0, spend = 0 } = rows[0] ?? {};
  return { earned_in_period: Number(earned), spend_in_period: Number(spend) };
}

// Lists -------------------------------------------------------------------------------------------

export type ListedStanding = Owner & {
  readonly standing: MemberStanding;
  readonly active: number;
  readonly pending: number;
  readonly owed: number;
  readonly balance: number;
  readonly lifetime_earned: number;
  readonly enrolled_at: string;
};

type ListedRow = Owner & {
  readonly standing: MemberStanding;
  readonly enrolled_at: Date;
  readonly active: bigint;
  readonly pending: bigint;
  readonly owed: bigint;
  readonly earned: bigint;
};

/** The members of a program by their ids. */
export async function listStandings(
  tx: Pick<Tx, 'query'>,
  program: string,
  { limit = 50, after = '' }: { readonly limit?: number; readonly after?: string | undefined },
): Promise<Page<ListedStanding>> {
  const { rows } = await tx.query<ListedRow>(
    `select m.program, m.customer, m.standing, m.enrolled_at, coalesce(s.active, 0) as active,
            coalesce(s.pending, 0) as pending, coalesce(s.owed, 0) as owed,
            coalesce(s.earned, 0) as earned
       from loyalty.member m left join loyalty.standing s on s.tenant_id = m.tenant_id
        and s.generation = ${generation} and s.program = m.program and s.customer = m.customer
      where m.tenant_id = core.current_tenant() and m.program = $1 and m.customer > $2
      order by m.customer limit $3`,
    [program, after, limit + 1],
  );
  const items = rows.map((row) => ({
    ...{ program: row.program, customer: row.customer, standing: row.standing },
    ...{ active: Number(row.active), pending: Number(row.pending), owed: Number(row.owed) },
    balance: Number(row.active - row.owed),
    lifetime_earned: Number(row.earned),
    enrolled_at: row.enrolled_at.toISOString(),
  }));
  return pageOf(items, limit, ({ customer }) => customer);
}

export type ListedLot = {
  readonly lot_id: string;
  readonly entry: string;
  readonly reason: string | null;
  readonly rules: readonly string[];
  readonly source: string | null;
  readonly campaign: string | null;
  readonly earned_at: string;
  readonly matures_at: string | null;
  readonly expires_at: string | null;
  readonly points: number;
  readonly pending: number;
  readonly active: number;
  /** By what has become of it: settled, redeemed, expired, taken_back and so on. */
  readonly used: Readonly<Record<string, number>>;
};

const usedParts = lotParts.filter((part) => part !== 'active' && part !== 'pending');

type LotRow = Record<(typeof usedParts)[number], bigint> & {
  readonly lot_id: string;
  readonly position: bigint;
  readonly entry: string;
  readonly reason: string | null;
  readonly rule: string | null;
  readonly source: string | null;
  readonly campaign: string | null;
  readonly earned_at: Date;
  readonly matures_at: Date | null;
  readonly expires_at: Date | null;
  readonly points: bigint;
  readonly pending: bigint;
  readonly active: bigint;
};

/**
 * The newest first; `open` are those with something left; of one `source`, if it is named. What is
 * kept by what the member did last ends `at` an instant as it is known by then.
 */
export async function listLots(
  tx: Tx,
  { program, customer }: Owner,
  asked: {
    readonly limit?: number;
    readonly after?: string | undefined;
    readonly open?: boolean;
    readonly source?: string;
    readonly at?: Instant;
  },
): Promise<Page<ListedLot>> {
  const { limit = 50, after, open = false, source, at } = asked;
  const { kept_until: kept } =
    at === undefined ? empty : await readStanding(tx, program, customer, { at });
  const { rows } = await tx.query<LotRow>(
    `select lot_id, position, entry, reason, rule, source, campaign, earned_at, matures_at,
            case when active + pending > 0 then ${endsAt('$7')} else expires_at end as expires_at,
            points, pending, active, ${usedParts.join(', ')}
       from loyalty.lot
      where tenant_id = core.current_tenant() and generation = ${generation}
        and program = $1 and customer = $2
        and ($3::bigint is null or position < $3) and (not $4 or active > 0 or pending > 0)
        and ($5::text is null or source = $5)
      order by position desc limit $6`,
    [program, customer, after ?? null, open, source ?? null, limit + 1, kept],
  );
  const { items, next } = pageOf(rows, limit, ({ position }) => String(position));
  return { items: items.map(lotView), next };
}

function lotView(row: LotRow): ListedLot {
  const used = usedParts.flatMap((part) => (row[part] > 0n ? [[part, Number(row[part])]] : []));
  return {
    ...{ lot_id: row.lot_id, entry: row.entry, reason: row.reason },
    rules: row.rule === null ? [] : row.rule.split(','),
    ...{ source: row.source, campaign: row.campaign },
    earned_at: row.earned_at.toISOString(),
    matures_at: row.matures_at?.toISOString() ?? null,
    expires_at: row.expires_at?.toISOString() ?? null,
    points: Number(row.points),
    pending: Number(row.pending),
    active: Number(row.active),
    used: Object.fromEntries(used) as Record<string, number>,
  };
}
