// Payments as they are read: pages of them, and one with its whole path.
import { generationSql, type Page, pageOf, type Tx, type Uuid } from '#core';
import { toldId } from '#money';
import { type Chain, readChain } from './chain.ts';
import {
  after,
  type PaymentStep,
  type Standing,
  standingColumns,
  standingIn,
  type StandingRow,
  stepOf,
} from './projection.ts';

export type PaymentView = Standing & { readonly history: readonly PaymentStep[] };

export type PaymentQuery = {
  readonly limit: number;
  /** The tenant's position of the last payment of the page before. */
  readonly after?: string | undefined;
  readonly status?: string | undefined;
  readonly debtorAccountId?: string | undefined;
  /** A principal: only what it has ordered. */
  readonly requestedBy?: string | undefined;
};

const live = `generation = ${generationSql("'payments'")}`;

/** Newest first, as far as they are projected: a moment behind what is committed. */
export async function listPayments(tx: Tx, query: PaymentQuery): Promise<Page<Standing>> {
  const { limit, after: last, status, debtorAccountId, requestedBy } = query;
  const { rows } = await tx.query<StandingRow>(
    `select ${standingColumns} from payments.payment
      where tenant_id = core.current_tenant() and ${live}
        and ($1::bigint is null or payments.payment.tenant_position < $1)
        and ($2::text is null or status = $2)
        and ($3::text is null or debtor_account_id = $3)
        and ($4::text is null or requested_by = $4)
      order by payments.payment.tenant_position desc limit $5`,
    [last ?? null, status ?? null, debtorAccountId ?? null, requestedBy ?? null, limit + 1],
  );
  return pageOf(rows.map(standingIn), limit, (standing) => standing.tenant_position);
}

/** A payment by its id, from what is committed: whoever has written reads what he has written. */
export async function readPayment(
  tx: Tx,
  id: string,
): Promise<{ payment: PaymentView; chain: Chain } | undefined> {
  const chain = await readChain(tx, id);
  if (!chain) return undefined;
  const history = await readSteps(tx, chain);
  const standing = history.reduce<Standing | undefined>(after, undefined);
  return standing && { payment: { ...standing, history }, chain };
}

/** Of one payment: a stay in a hotel has a dozen. */
const stepsMax = 500;

/** What its commands have told, in the order in which they were serialized. */
async function readSteps(tx: Tx, { id, first }: Chain): Promise<PaymentStep[]> {
  const named = await tx.query<{ id: Uuid }>(
    `select id from core.command
      where tenant_id = core.current_tenant() and body::jsonb ->> 'payment_id' = $1
        and operation in ('payment.increase', 'payment.capture', 'payment.cancel',
          'payment.expire', 'payment.resume', 'payment.refund', 'payment.return',
          'payment.charge_back', 'payment.represent') limit ${stepsMax}`,
    [id],
  );
  const commands = [first.commandId, ...named.rows.map((row) => row.id)];
  const { rows } = await tx.query<{ id: string; type: string; body: string }>(
    `select e.id, e.type, e.body from unnest($1::uuid[]) as wanted(id)
       join core.event e on e.tenant_id = core.current_tenant() and e.id = wanted.id
      order by e.seq`,
    [commands.map((command) => toldId(command, 0))],
  );
  return rows.map((row) => stepOf({ ...row, tenant: '', tenantPosition: 0n, position: 0n }));
}

/** The payment that a hold stands for; undefined for any other hold. `tx` reads as `read`. */
export async function paymentOfHold(tx: Tx, hold: string): Promise<string | undefined> {
  const { rows } = await tx.query<{ command_id: string }>(
    'select command_id from money.transfer where tenant_id = core.current_tenant() and id = $1',
    [hold],
  );
  const [placed] = rows;
  if (!placed) return undefined;
  const told = await tx.query<{ payment: string }>(
    `select body::jsonb #>> '{data,payload,payment_id}' as payment from core.event
      where tenant_id = core.current_tenant() and id = $1 and type like 'payment.%'`,
    [toldId(placed.command_id, 0)],
  );
  return told.rows[0]?.payment;
}
