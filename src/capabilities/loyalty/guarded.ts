// What policy may know of points: of a movement of them, its facts; of any other command, whether
// it would move them behind the back of the programme.
import { type Command, internalId, type Pool, refuseField, type Tx, withTx } from '#core';
import { isPayment, type JournalBody } from '#money';

type Facts = Readonly<Record<string, string | number | boolean | null>>;

/** What follows from the command itself, which nobody can say of his own. */
type Own = {
  readonly account_id: string | null;
  readonly currency: string;
  readonly principal_kind: string;
  readonly approvals: number;
  readonly manager_approvals: number;
};

/**
 * Of a movement of points. What was seen of the member when it was asked for is old by the time
 * that others have approved it: then it is looked up anew. `pool` is of the role `read`.
 */
export async function movedFacts(
  pool: Pool,
  { operation, tenant, body }: Command,
  { account_id, currency, principal_kind, approvals, manager_approvals }: Own,
): Promise<Facts> {
  const { points: told, legs } = body as JournalBody;
  const said = told as Facts;
  const points = legs.reduce((sum, leg) => sum + ('amount' in leg ? (leg.amount ?? 0) : 0), 0);
  const seen =
    approvals > 0 ? await withTx(pool, (tx) => seenNow(tx, said), { tenant, readOnly: true }) : {};
  return {
    ...said,
    ...seen,
    // For those who look for the decision.
    ...{ account_id, currency, amount: points },
    ...{ operation: operation.slice('points.'.length), principal_kind, points },
    ...{ approvals, manager_approvals },
  };
}

/** Where one of two members is in no good standing, that one's. */
async function seenNow(tx: Tx, said: Facts): Promise<Facts> {
  const { program, customer_id, to_customer_id = null } = said;
  const { rows } = await tx.query<{ customer: string; standing: string; points: bigint | null }>(
    `select m.customer, m.standing, sum(a.credits_posted - a.debits_posted)::bigint as points
       from loyalty.member m join money.account a on a.tenant_id = m.tenant_id
        and a.id in (m.active_account, m.pending_account, m.owed_account)
      where m.tenant_id = core.current_tenant() and m.program = $1 and m.customer in ($2, $3)
      group by 1, 2`,
    [program, customer_id, to_customer_id],
  );
  const holder = rows.find(({ customer }) => customer === (to_customer_id ?? customer_id));
  const standing = rows.find((row) => row.standing !== 'good')?.standing ?? rows[0]?.standing;
  return {
    ...(standing === undefined ? {} : { account_standing: standing }),
    ...(said['customer_points'] === undefined || holder === undefined
      ? {}
      : { customer_points: Number(holder.points ?? 0n) }),
  };
}

/**
 * Whether a direct posting is in the unit of a programme, or undoes or takes further what was moved
 * in it, or an account of one is changed: its lots would not know of it.
 * Throws for a payment in such a unit.
 */
export async function isOfPoints(pool: Pool, command: Command): Promise<boolean> {
  const look = lookOf(command);
  const { tenant, operation } = command;
  if (!look || !(await withTx(pool, look, { tenant, readOnly: true }))) return false;
  if (!isPayment(operation)) return true;
  return refuseField('/currency', 'is of points: their programme alone moves them');
}

/** Most journals are in currencies of ISO 4217 alone, and need no look. */
function lookOf({ operation, body }: Command): ((tx: Tx) => Promise<boolean>) | undefined {
  if (operation === 'account.change') {
    const { account_id } = body as { readonly account_id: string };
    return (tx) => isKept(tx, account_id);
  }
  const { legs = [] } = body as Partial<JournalBody>;
  const units = legs.flatMap((leg) =>
    'currency' in leg && leg.currency.length > isoLength ? [leg.currency] : [],
  );
  const named = legs.flatMap((leg) => {
    if (leg.kind === 'reverse') return internalId('transfer', leg.transfer_id) ?? [];
    return 'hold_id' in leg ? (internalId('hold', leg.hold_id) ?? []) : [];
  });
  return units.length + named.length === 0 ? undefined : (tx) => isInUnit(tx, units, named);
}

/** Units that tenants register have longer codes. */
const isoLength = 3;

async function isKept(tx: Tx, account: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    `select from loyalty.account
      where tenant_id = core.current_tenant() and account_id = $1`,
    [internalId('account', account) ?? null],
  );
  return rowCount === 1;
}

async function isInUnit(
  tx: Tx,
  units: readonly string[],
  transfers: readonly string[],
): Promise<boolean> {
  const { rows } = await tx.query<{ found: boolean }>(
    `select exists (select from loyalty.account a
              where a.tenant_id = core.current_tenant() and a.role = 'issued'
                and a.currency = any ($1))
         or exists (select from money.transfer t join loyalty.account a
                 on a.tenant_id = t.tenant_id and a.currency = t.currency and a.role = 'issued'
              where t.tenant_id = core.current_tenant() and t.id = any ($2)) as found`,
    [units, transfers],
  );
  return rows[0]?.found === true;
}
