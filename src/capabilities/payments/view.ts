// Payments as they are read: pages of them, and one with its whole path.
import type { Tx, Uuid } from '#core';
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
};

const live = `generation = (select generation from core.projection where name = 'payments')`;

/** Newest first, as far as they are projected: a moment behind what is committed. */
export async function listPayments(
  tx: Tx,
  query: PaymentQuery,
): Promise<{ items: Standing[]; next: string | null }> {
  const { limit, after: last, status, debtorAccountId } = query;
  const { rows } = await tx.query<StandingRow>(
    `select ${standingColumns} from payments.payment
      where tenant_id = core.current_tenant() and ${live}
        and ($1::bigint is null or payments.payment.tenant_position < $1)
        and ($2::text is null or status = $2)
        and ($3::text is null or debtor_account_id = $3)
      order by payments.payment.tenant_position desc limit $4`,
    [last ?? null, status ?? null, debtorAccountId ?? null, limit + 1],
  );
  const items = rows.slice(0, limit).map(standingIn);
  return { items, next: rows.length > limit ? (items.at(-1)?.tenant_position ?? null) : null };
}

/**
 * A payment by its id, with the commands it is made of. What is committed and not yet projected is
 * read from the events of those commands, and of `told`, so that whoever has written reads what he
 * has written.
 */
export async function readPayment(
  tx: Tx,
  id: string,
  told: readonly Uuid[] = [],
): Promise<{ payment: PaymentView; chain: Chain } | undefined> {
  const chain = await readChain(tx, id);
  if (!chain) return undefined;
  const projected = await readSteps(tx, id);
  const known = new Set(projected.map(({ event_id }) => event_id));
  const own = await readTold(tx, chain, told);
  const history = [...projected, ...own.filter(({ event_id }) => !known.has(event_id))];
  const standing = history.reduce<Standing | undefined>(after, undefined);
  return standing && { payment: { ...standing, history }, chain };
}

async function readSteps(tx: Tx, id: string): Promise<PaymentStep[]> {
  const { rows } = await tx.query<Omit<PaymentStep, 'at'> & { at: Date }>(
    `select tenant_position::text, event_id, type, at, payload from payments.step
      where tenant_id = core.current_tenant() and ${live} and payment_id = $1
      order by payments.step.tenant_position limit ${stepsMax}`,
    [id],
  );
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}

/** Of one payment: a stay in a hotel has a dozen. */
const stepsMax = 500;

/** What the commands that have decided on it have told. */
async function readTold(
  tx: Tx,
  { first, resumptions }: Chain,
  told: readonly Uuid[],
): Promise<PaymentStep[]> {
  const decided = [first, ...resumptions].map(({ commandId }) => toldId(commandId, 0));
  const ids = [...decided, ...told];
  const { rows } = await tx.query<{ id: string; type: string; body: string }>(
    `select e.id, e.type, e.body from unnest($1::uuid[]) with ordinality as wanted(id, nth)
       join core.event e on e.tenant_id = core.current_tenant() and e.id = wanted.id
      order by nth`,
    [ids],
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
