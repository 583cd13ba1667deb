// What policy may know of what sends a payment back: how much there is of it, and whether a direct
// posting would undo or take further a step of it behind its back.
import {
  type Command,
  internalId,
  type Pool,
  toldId,
  type Tx,
  type Uuid,
  withTx,
  dayMs,
} from '#core';
import type { JournalBody } from '#money';
import { readReturnable } from './chain.ts';
import type { PaymentBody } from './payment.ts';

/**
 * What a payment has moved is its own to send back: so it is counted, and whoever looks at the
 * payment sees what is left of it. `pool` is of the role `read`.
 */
export async function undoneFacts(
  pool: Pool,
  { tenant, operation, body }: Command,
): Promise<{ readonly of_payment: boolean }> {
  if (operation !== 'journal.post') return { of_payment: false };
  const { legs } = body as JournalBody;
  // A hold has the id of the transfer that has placed it.
  const named = legs.flatMap((leg) => {
    if (leg.kind === 'reverse') return internalId('transfer', leg.transfer_id) ?? [];
    return 'hold_id' in leg ? (internalId('hold', leg.hold_id) ?? []) : [];
  });
  return { of_payment: named.length > 0 && (await isOfPayment(pool, tenant, named)) };
}

/** What was there to be sent back, and how long ago. `pool` is of the role `read`. */
export async function returnFacts(pool: Pool, { tenant, body, receivedAt }: Command) {
  const { payment_id = '' } = body as PaymentBody;
  const look = (tx: Tx) => readReturnable(tx, payment_id);
  const found = await withTx(pool, look, { tenant, readOnly: true });
  const days = found && Math.max(0, Math.floor((receivedAt - found.at) / dayMs));
  return { payment_id, original_amount: found?.amount ?? 0, days_since: days ?? 0 };
}

/** Also of a capture that the ledger alone has made: it has taken from the hold of a payment. */
async function isOfPayment(pool: Pool, tenant: string, ids: readonly Uuid[]): Promise<boolean> {
  const look = { tenant, readOnly: true } as const;
  return withTx(
    pool,
    async (tx) => {
      const { rows } = await tx.query<{ command_id: Uuid }>(
        `select distinct x.command_id from money.transfer t
           join money.transfer x on x.tenant_id = t.tenant_id and x.id = any(array[t.id, t.hold_id])
          where t.tenant_id = core.current_tenant() and t.id = any($1)`,
        [ids],
      );
      const told = await tx.query(
        `select from core.event where tenant_id = core.current_tenant() and id = any($1)
            and type like 'payment.%' limit 1`,
        [rows.map(({ command_id }) => toldId(command_id, 0))],
      );
      return told.rowCount === 1;
    },
    look,
  );
}
