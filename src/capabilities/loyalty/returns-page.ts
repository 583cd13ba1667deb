// What is read of a purchase whose returns are to be settled, and what is written when they are.
import { externalId, generationSql, internalId, type Tx, type Uuid } from '#core';
import type { EarnedPart, EarnedRow } from './accrual-page.ts';
import type { MemberStanding } from './members.ts';
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
            settlements, ${sums.join(', ')}
       from loyalty.earned where tenant_id = $1 and program = $2 and transfer_id = $3
        and kind = $4 ${isUnsettled ? 'and unsettled for update skip locked' : 'for update'}`,
    [tenant, program, transfer_id, kind],
  );
  const [row] = rows;
  if (!row) return undefined;
  const numbers = Object.fromEntries(sums.map((name) => [name, Number(row[name])]));
  return { ...row, ...(numbers as Record<(typeof sums)[number], number>) };
}

type Deal = {
  /** The movements of the purchase, in the order in which they were posted. */
  readonly posted: readonly { readonly transfer_id: string; readonly amount: number }[];
  /** What has gone back of it, but for what counts no more. */
  readonly back: readonly Back[];
};
type Back = {
  readonly transfer_id: string;
  readonly amount: number | null;
  readonly undoes: string | null;
};

/** As far as it is of the customer: a reference that others use as well is another deal. */
export async function readDeal(
  tx: Tx,
  {
    tenant_id,
    program,
    deal,
    customer,
  }: Pick<Unsettled, 'tenant_id' | 'program' | 'deal' | 'customer'>,
): Promise<Deal> {
  const posted = await tx.query<{ transfer_id: string; amount: bigint }>(
    `select transfer_id, max(amount) as amount from loyalty.earned
      where tenant_id = $1 and program = $2 and deal = $3 and customer = $4
      group by transfer_id order by min(position), transfer_id limit ${dealMax}`,
    [tenant_id, program, deal, customer],
  );
  const back = await tx.query<Omit<Back, 'amount'> & { amount: bigint | null }>(
    `select transfer_id, amount, undoes from loyalty.returned
      where tenant_id = $1 and deal = $2 and undone_by is null
      order by position, transfer_id limit ${dealMax}`,
    [tenant_id, deal],
  );
  return {
    posted: posted.rows.map(({ transfer_id, amount }) => ({
      transfer_id,
      amount: Number(amount),
    })),
    back: back.rows.map(({ amount, ...row }) => ({
      amount: amount === null ? null : Number(amount),
      ...row,
    })),
  };
}

/**
 * Of the returns of a deal those that the customer is a party to: who posts for another system
 * names a deal by a reference, and another customer may have the same.
 */
export async function ownReturns(
  read: Tx,
  { back, ...deal }: Deal,
  customer: string,
): Promise<Deal> {
  const ids = back.flatMap(({ transfer_id }) => internalId('transfer', transfer_id) ?? []);
  const { rows } = await read.query<{ id: Uuid }>(
    `select t.id from money.transfer t
      where t.tenant_id = core.current_tenant() and t.id = any ($1::uuid[])
        and exists (select from register.account_party p
             where p.tenant_id = t.tenant_id and p.party_id = $2
               and p.account_id in (t.debit_account_id, t.credit_account_id))`,
    [ids, customer],
  );
  const own = new Set(rows.map(({ id }) => externalId('transfer', id)));
  return { ...deal, back: back.filter(({ transfer_id }) => own.has(transfer_id)) };
}

/** Captures and refunds of one purchase. */
const dealMax = 10_000;

/** What of a movement has gone back: what was posted first goes back first. */
export function amountBack(
  { transfer_id, amount }: Pick<Unsettled, 'transfer_id' | 'amount'>,
  { posted, back }: Deal,
): number {
  const isUndone = (id: string) => back.some(({ undoes }) => undoes === id);
  if (isUndone(transfer_id)) return amount;
  let left = back.reduce((sum, each) => sum + (each.amount ?? 0), 0);
  for (const each of posted) {
    if (isUndone(each.transfer_id)) continue;
    const own = Math.min(left, each.amount);
    if (each.transfer_id === transfer_id) return own;
    left -= own;
  }
  return 0;
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
  const members = await tx.query<MemberRow>(
    `select m.standing, m.active_account, m.pending_account, m.owed_account, m.enrolled_at,
            m.changed_at, s.active, s.pending, s.owed, s.active_version, s.pending_version
       from loyalty.member m
       left join loyalty.standing s on s.tenant_id = m.tenant_id and s.program = m.program
        and s.customer = m.customer and s.generation = ${generation}
      where m.tenant_id = $1 and m.program = $2 and m.customer = $3`,
    [tenant_id, program, customer],
  );
  const [member] = members.rows;
  if (member === undefined || lots.rows.length < ids.length) return undefined;
  return {
    member: {
      ...{ program, customer, standing: member.standing },
      accounts: {
        active: externalId('account', member.active_account),
        pending: externalId('account', member.pending_account),
        owed: member.owed_account && externalId('account', member.owed_account),
      },
      enrolled_at: member.enrolled_at.toISOString(),
      changed_at: member.changed_at.toISOString(),
    },
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

type MemberRow = {
  readonly standing: MemberStanding;
  readonly active_account: Uuid;
  readonly pending_account: Uuid;
  readonly owed_account: Uuid | null;
  readonly enrolled_at: Date;
  readonly changed_at: Date;
  readonly active: bigint | null;
  readonly pending: bigint | null;
  readonly owed: bigint | null;
  readonly active_version: bigint | null;
  readonly pending_version: bigint | null;
};

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
            unsettled = $9
      where tenant_id = $1 and program = $2 and transfer_id = $3 and kind = $4`,
    [
      ...[row.tenant_id, row.program, row.transfer_id, row.kind, back, pointsBack, taken],
      ...[JSON.stringify(parts), isBehind],
    ],
  );
}
