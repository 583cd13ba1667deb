// What is read of a purchase whose returns are to be settled, and what is written when they are.
import { externalId, generationSql, type Tx, type Uuid } from '#core';
import type { EarnedPart, EarnedRow } from './accrual-page.ts';
import { memberColumns, memberOf, type MemberRow } from './members.ts';
import { lotProjection } from './projection.ts';
import type { HeldLot, Holding } from './returns-takes.ts';

/** What has earned, as far as it is settled. */
export type Unsettled = {
  readonly tenant_id: string;
  readonly program: string;
  readonly transfer_id: string;
  readonly kind: string;
  readonly deal: string;
  readonly customer: string;
  readonly outcome: EarnedRow['outcome'];
  readonly amount: number;
  readonly amount_back: number;
  readonly spend: number;
  readonly points: number;
  readonly exact: string;
  readonly points_back: number;
  readonly points_taken: number;
  readonly parts: readonly EarnedPart[];
  readonly settlements: number;
  /** Returns of it that take nothing: nobody knows what they are worth beside it. */
  readonly left_out: readonly string[];
};

/** How far it is settled by a command. */
export type Settled = {
  readonly amountBack: number;
  readonly pointsBack: number;
  /** Negative where it was given again. */
  readonly taken: number;
  /** What was given again. */
  readonly lots: readonly string[];
  /** Whether more has gone back since. */
  readonly isBehind?: boolean;
};

type Named = Pick<Unsettled, 'program' | 'transfer_id' | 'kind'> & { readonly tenant: string };

const sums = ['amount', 'amount_back', 'spend', 'points', 'points_back', 'points_taken'] as const;

/** Undefined where it is not there, settled already, or in the hands of another process. */
export async function lockEarned(
  tx: Tx,
  { tenant, program, transfer_id, kind }: Named,
  { isUnsettled = true }: { readonly isUnsettled?: boolean } = {},
): Promise<Unsettled | undefined> {
  type Row = Omit<Unsettled, (typeof sums)[number]> & Record<(typeof sums)[number], bigint>;
  const { rows } = await tx.query<Row>(
    `select tenant_id, program, transfer_id, kind, deal, customer, outcome, exact, parts,
            settlements, left_out, ${sums.join(', ')}
       from loyalty.earned where tenant_id = $1 and program = $2 and transfer_id = $3
        and kind = $4 ${isUnsettled ? 'and unsettled for update skip locked' : 'for update'}`,
    [tenant, program, transfer_id, kind],
  );
  const [row] = rows;
  if (!row) return undefined;
  const numbers = Object.fromEntries(sums.map((name) => [name, Number(row[name])]));
  return { ...row, ...(numbers as Record<(typeof sums)[number], number>) };
}

/** Undefined as long as not all of its lots are folded. */
export async function readHolding(
  tx: Tx,
  { tenant_id, program, customer, parts }: Unsettled,
): Promise<Holding | undefined> {
  const generation = generationSql(`'${lotProjection.name}'`);
  const ids = parts.flatMap(({ lots }) => lots);
  const lots = await tx.query<LotRow>(
    `select l.lot_id, l.points, l.pending, l.active, l.expired, l.forfeited, l.returned,
            l.expires_at, b.account_id as budget
       from loyalty.lot l
       left join loyalty.account b on b.tenant_id = l.tenant_id and b.program = l.program
        and b.campaign = l.campaign
      where l.tenant_id = $1 and l.generation = ${generation} and l.lot_id = any ($2)
      order by l.position, l.lot_id`,
    [tenant_id, ids],
  );
  const members = await tx.query<HoldingRow>(
    `select ${memberColumns('m')}, s.active, s.pending, s.owed, s.active_version, s.pending_version
       from loyalty.member m
       left join loyalty.standing s on s.tenant_id = m.tenant_id and s.program = m.program
        and s.customer = m.customer and s.generation = ${generation}
      where m.tenant_id = $1 and m.program = $2 and m.customer = $3`,
    [tenant_id, program, customer],
  );
  const [member] = members.rows;
  if (member === undefined || lots.rows.length < ids.length) return undefined;
  return {
    member: memberOf(member),
    lots: lots.rows.map(lotOf),
    ...{ active: Number(member.active ?? 0n), pending: Number(member.pending ?? 0n) },
    owed: Number(member.owed ?? 0n),
    active_version: Number(member.active_version ?? 0n),
    pending_version: Number(member.pending_version ?? 0n),
  };
}

type LotRow = {
  readonly lot_id: string;
  readonly budget: Uuid | null;
  readonly points: bigint;
  readonly pending: bigint;
  readonly active: bigint;
  readonly expired: bigint;
  readonly forfeited: bigint;
  readonly returned: bigint;
  readonly expires_at: Date | null;
};

/** None of the sums is there before anything is folded of the member. */
type HoldingRow = MemberRow &
  Readonly<
    Record<'active' | 'pending' | 'owed' | 'active_version' | 'pending_version', bigint | null>
  >;

function lotOf({ lot_id, budget, expires_at, ...row }: LotRow): HeldLot {
  return {
    budget: budget && externalId('account', budget),
    ...{ lot_id, points: Number(row.points), pending: Number(row.pending) },
    ...{ active: Number(row.active), expired: Number(row.expired) },
    ...{ forfeited: Number(row.forfeited), returned: Number(row.returned) },
    expires_at: expires_at?.toISOString() ?? null,
  };
}

export async function writeSettled(
  tx: Tx,
  row: Unsettled,
  { amountBack: back, pointsBack, taken, lots, isBehind = false }: Settled,
): Promise<void> {
  const parts = row.parts.map((part, index) =>
    index === 0 ? { ...part, lots: [...part.lots, ...lots] } : part,
  );
  // A return that has come meanwhile is in another transaction, which waits for this one.
  await tx.query(
    `update loyalty.earned set amount_back = $5, points_back = $6,
            points_taken = points_taken + $7, parts = $8, settlements = settlements + 1,
            unsettled = $9, left_out = $10
      where tenant_id = $1 and program = $2 and transfer_id = $3 and kind = $4`,
    [
      ...[row.tenant_id, row.program, row.transfer_id, row.kind, back, pointsBack, taken],
      ...[JSON.stringify(parts), isBehind, row.left_out],
    ],
  );
}
