// The holds and transfers that a journal goes on with, as our ledger has them, and by which
// reference of ours the core knows them.
import { externalId, internalId, type Pool, type Tx, type Uuid, withTx } from '#core';
import type { Leg } from '#money';
import { addedAlone, isGivenBack } from './held.ts';

type Sides = {
  readonly debit_account_id: string;
  readonly credit_account_id: string;
  readonly currency: string;
  /** Under which the core has it; null where our ledger alone does. */
  readonly reference: string | null;
};
/** Minor units. */
export type ContinuedHold = Sides & {
  /** What is neither captured nor given back. */
  readonly left: number;
  /** Of that, what our ledger alone holds. */
  readonly alone: number;
};
export type ContinuedTransfer = Sides & { readonly amount: number };

/** By their public ids. */
export type Continued = {
  readonly holds: ReadonlyMap<string, ContinuedHold>;
  readonly transfers: ReadonlyMap<string, ContinuedTransfer>;
};

export type ReadContinued = (tenant: string, legs: readonly Leg[]) => Promise<Continued>;

const none: Continued = { holds: new Map(), transfers: new Map() };

/** `pool` is of the role read. */
export function continuedOf(pool: Pool, core: string): ReadContinued {
  return async (tenant, legs) => {
    const ids = [...new Set(legs.flatMap(namedIn))];
    if (ids.length === 0) return none;
    const rows = await withTx(pool, (tx) => readRows(tx, { core, ids }), {
      tenant,
      readOnly: true,
    });
    const isHold = ({ left }: Row) => left !== null;
    const entry = (row: Row) => [externalId('transfer', row.id), transferIn(row)] as const;
    const holds = rows.filter(isHold).map((row) => {
      return [externalId('hold', row.id), holdIn(row)] as const;
    });
    const moved = rows.filter((row) => !isHold(row)).map(entry);
    return { holds: new Map(holds), transfers: new Map(moved) };
  };
}

/** A hold has the id of the transfer that has placed it. */
function namedIn(leg: Leg): Uuid[] {
  if (leg.kind === 'reverse') return [internalId('transfer', leg.transfer_id) ?? []].flat();
  return 'hold_id' in leg ? [internalId('hold', leg.hold_id) ?? []].flat() : [];
}

type Row = {
  readonly id: Uuid;
  readonly debit_account_id: Uuid;
  readonly credit_account_id: Uuid;
  readonly currency: string;
  readonly amount: bigint;
  readonly left: bigint | null;
  readonly added: bigint;
  readonly reference: string | null;
};

/** A capture is no transfer that the core could mirror: it is sent back. */
async function readRows(
  tx: Tx,
  { core, ids }: { readonly core: string; readonly ids: readonly Uuid[] },
): Promise<readonly Row[]> {
  const { rows } = await tx.query<Row>(
    `select x.id, x.debit_account_id, x.credit_account_id, x.currency, x.amount,
            h.amount - h.captured - h.released as left, ${addedAlone}::bigint as added,
            case when h.id is null or not ${isGivenBack(`and j.state = 'completed'`)}
              then i.reference end as reference
       from money.transfer x
       left join money.hold h on h.tenant_id = x.tenant_id and h.id = x.id
       left join money.core_intent i on i.tenant_id = x.tenant_id and i.command_id = x.command_id
        and i.core = $2 and i.state = 'completed'
        and i.steps -> -1 ->> 'operation' = case when h.id is null then 'transfer'
          else 'placeHold' end
      where x.tenant_id = core.current_tenant() and x.id = any ($1)`,
    [ids, core],
  );
  return rows;
}

function sidesOf(row: Row): Sides {
  return {
    debit_account_id: externalId('account', row.debit_account_id),
    credit_account_id: externalId('account', row.credit_account_id),
    currency: row.currency,
    reference: row.reference,
  };
}

function holdIn(row: Row): ContinuedHold {
  const left = Number(row.left);
  const alone = row.reference === null ? left : Math.min(left, Number(row.added));
  return { ...sidesOf(row), left, alone };
}

function transferIn(row: Row): ContinuedTransfer {
  return { ...sidesOf(row), amount: Number(row.amount) };
}
