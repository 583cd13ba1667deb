// Where a payment stands by the commands on record: its first, and those that took it up again.
import {
  type Decision,
  derivedUuid,
  externalId,
  Fault,
  internalId,
  principalOf,
  type Principal,
  type Tx,
  type Uuid,
  toldId,
} from '#core';
import type { Outcome, RejectionCode } from '#money';
import { resumptionKey } from '#policy';
import type { PaymentBody } from './payment.ts';

export type Chain = {
  readonly id: string;
  readonly tenant: string;
  /** The command that the payment is named after. */
  readonly first: Link;
  readonly resumptions: readonly Link[];
  /**
   * `waiting` for a step-up or a review, `done` where it was allowed, or `denied`: also by the
   * ledger when it was taken up again, and then its holds are still to be given back.
   */
  readonly state: 'waiting' | 'done' | 'denied';
  /** The holds that stand for it: its reservation, or an authorization. */
  readonly holds: readonly string[];
  /** What was posted when it was allowed. */
  readonly transfers: readonly string[];
};

export type Link = {
  readonly commandId: Uuid;
  readonly operation: string;
  readonly principal: Principal;
  readonly receivedAt: number;
  readonly digest: string;
  readonly body: PaymentBody;
  readonly decision: Pick<Decision, 'outcome' | 'modelScoreRef'>;
  readonly outcome: Outcome;
};

type LinkRow = {
  readonly tenant: string;
  readonly id: Uuid;
  readonly operation: string;
  readonly principal: string;
  readonly received_at: Date;
  readonly digest: string;
  readonly body: string;
  readonly decision: string;
  readonly outcome: string;
};

/** Undefined where there is no such payment. Reads what was committed, whether or not sealed. */
export async function readChain(tx: Tx, id: string): Promise<Chain | undefined> {
  const uuid = internalId('payment', id);
  if (uuid === undefined) return undefined;
  const prefix = resumptionKey(id, '');
  const { rows } = await tx.query<LinkRow>({
    name: 'payments.chain',
    text: `with keys as (
        select e.body::jsonb #>> '{data,idempotency_key}' as key from core.event e
         where e.tenant_id = core.current_tenant() and e.id = $1)
      select c.tenant_id as tenant, c.id, c.operation, c.principal, c.received_at,
             encode(c.digest, 'hex') as digest, c.body, c.decision, c.outcome
        from (select * from core.command
               where tenant_id = core.current_tenant()
                 and idempotency_key = (select key from keys)
              union all
              select * from core.command
               where tenant_id = core.current_tenant()
                 and idempotency_key >= $2 and idempotency_key < $3) as c
       order by c.operation = 'payment.resume', length(c.idempotency_key), c.idempotency_key`,
    values: [derivedUuid(uuid, 'decision', 0), prefix, `${prefix.slice(0, -1)}!`],
  });
  const [first, ...resumptions] = rows.map(linkOf);
  if (!first || !beginnings.has(first.operation) || first.commandId !== uuid) return undefined;
  return chainOf(id, first, resumptions);
}

const beginnings: ReadonlySet<string> = new Set(['payment.initiate', 'payment.authorize']);

function linkOf(row: LinkRow): Link {
  const { outcome, model_score_ref: modelScoreRef } = JSON.parse(row.decision) as {
    outcome: Decision['outcome'];
    model_score_ref: string | null;
  };
  return {
    commandId: row.id,
    operation: row.operation,
    principal: principalOf(row.principal, row.tenant),
    receivedAt: row.received_at.getTime(),
    digest: row.digest,
    body: JSON.parse(row.body) as PaymentBody,
    decision: { outcome, modelScoreRef },
    outcome: JSON.parse(row.outcome) as Outcome,
  };
}

function chainOf(id: string, first: Link, resumptions: readonly Link[]): Chain {
  const { tenant } = first.principal;
  let at: Pick<Chain, 'state' | 'holds' | 'transfers'> = {
    state: 'denied',
    holds: [],
    transfers: [],
  };
  for (const link of [first, ...resumptions]) {
    if (link.outcome.status === 'accepted') at = standing(link);
    // Of what had ended before it was taken up again, nothing changes.
    else if (!isOver(link.outcome)) at = { ...at, state: 'denied' };
  }
  return { id, tenant, first, resumptions, ...at };
}

function standing(link: Link): Pick<Chain, 'state' | 'holds' | 'transfers'> {
  const ids = movementIds(link.commandId, link.body);
  const holds = ids.map((uuid) => externalId('hold', uuid));
  const { outcome } = link.decision;
  if (outcome === 'deny') return { state: 'denied', holds: [], transfers: [] };
  if (outcome !== 'allow') return { state: 'waiting', holds, transfers: [] };
  const isPosted = link.body.legs[0]?.kind === 'post';
  const transfers = isPosted ? ids.map((uuid) => externalId('transfer', uuid)) : [];
  return { state: 'done', holds: isPosted ? [] : holds, transfers };
}

/** Its reservation is gone: whatever has ended it has told so. */
export function isOver(outcome: Outcome): boolean {
  return outcome.status === 'rejected' && over.includes(outcome.code);
}

const over: readonly RejectionCode[] = ['hold_voided', 'hold_expired', 'hold_captured'];

/** Of the movements of a command, behind those that give back what was held. */
export function movementIds(command: Uuid, { legs, held = [] }: PaymentBody): Uuid[] {
  return legs.map((_, leg) => derivedUuid(command, 'transfer', held.length + leg));
}

/** What was allowed of it, as the ledger knows it; throws where there is nothing to go on with. */
export function expectState(chain: Chain, state: Chain['state'], toDo: string): void {
  if (chain.state === state) return;
  const is = { waiting: 'still to be decided', done: 'decided', denied: 'denied' }[chain.state];
  throw new Fault('conflict', `the payment ${chain.id} is ${is}: it cannot be ${toDo}`, {
    detail: { reason: chain.state },
  });
}

/**
 * What of a payment can be sent back at most, in minor units, and since when it is posted: an order
 * from when it was allowed, an authorization as far as it was taken. What a bank's own policy has
 * let somebody reverse in the ledger itself has gone back already.
 */
export async function readReturnable(
  tx: Tx,
  id: string,
): Promise<{ readonly amount: number; readonly at: number } | undefined> {
  const chain = await readChain(tx, id);
  if (chain?.state !== 'done') return undefined;
  const at = (chain.resumptions.at(-1) ?? chain.first).receivedAt;
  const [hold] = chain.holds;
  if (hold === undefined) {
    const posted = chain.transfers.map((id) => internalId('transfer', id));
    const reversals = await tx.query(
      `select from money.transfer
        where tenant_id = core.current_tenant() and reverses_id = any ($1)`,
      [posted],
    );
    return { amount: reversals.rowCount === 0 ? chain.first.body.order.amount : 0, at };
  }
  const { rows } = await tx.query<{ captured: bigint }>(
    `select captured - reversed as captured from money.hold
      where tenant_id = core.current_tenant() and id = $1`,
    [internalId('hold', hold)],
  );
  return { amount: Number(rows[0]?.captured ?? 0n), at };
}

/** What a chargeback of the payment has moved, in minor units; undefined for any other transfer. */
export async function readChargeback(
  tx: Tx,
  { payment, transfer }: { readonly payment: string; readonly transfer: string },
): Promise<number | undefined> {
  const moved = await tx.query<{ command_id: Uuid; amount: bigint }>(
    `select command_id, amount from money.transfer
      where tenant_id = core.current_tenant() and id = $1`,
    [internalId('transfer', transfer) ?? null],
  );
  const [row] = moved.rows;
  if (!row) return undefined;
  const told = await tx.query(
    `select from core.event where tenant_id = core.current_tenant() and id = $1
        and type = 'payment.charged_back' and body::jsonb #>> '{data,payload,payment_id}' = $2`,
    [toldId(row.command_id, 0), payment],
  );
  return told.rowCount === 1 ? Number(row.amount) : undefined;
}
