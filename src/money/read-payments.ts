// Payments behind transfers: what was authorized, whichever of its transfers is asked for.
import { externalId, instantToText, type Uuid } from '#core';
import type pg from 'pg';

export type PaymentView = {
  readonly command_id: string;
  readonly debit_account_id: string;
  readonly credit_account_id: string;
  readonly amount: number;
  readonly currency: string;
  /** When it took effect, and never later than it was recorded. */
  readonly paid_at: string;
  readonly metadata: Readonly<Record<string, string>> | null;
};

/**
 * By the id of a transfer. A capture, an increase and the end of a hold lead to the hold, and a
 * reversal to what it reverses: there the command was decided on. Unknown ids are left out.
 */
export async function readPayments(
  tx: pg.ClientBase,
  transfers: readonly Uuid[],
): Promise<ReadonlyMap<Uuid, PaymentView>> {
  const { rows } = await tx.query(
    `select t.id as asked, p.command_id, p.debit_account_id, p.credit_account_id, p.amount,
            p.currency, p.metadata, least(p.effective_at, p.recorded_at) as paid_at
       from unnest($1::uuid[]) as w(id)
       join money.transfer t on t.tenant_id = core.current_tenant() and t.id = w.id
       left join money.transfer r on r.tenant_id = t.tenant_id and r.id = t.reverses_id
       join money.transfer p on p.tenant_id = t.tenant_id
        and p.id = coalesce(r.hold_id, r.id, t.hold_id, t.id)`,
    [transfers],
  );
  return new Map(
    rows.map((row) => [
      row.asked as Uuid,
      {
        command_id: externalId('command', row.command_id),
        debit_account_id: externalId('account', row.debit_account_id),
        credit_account_id: externalId('account', row.credit_account_id),
        amount: Number(row.amount),
        currency: row.currency,
        paid_at: instantToText(row.paid_at.getTime()),
        metadata: row.metadata,
      },
    ]),
  );
}
