// The payment of a proposal: all of it follows from what was agreed to, so that anybody can make it
// once more and compare.
import { externalId, type Uuid } from '#core';
import type pg from 'pg';
import { type Proposal, readProposal } from './proposal-views.ts';

/** One word of a payment's life. */
export const paymentStatusPattern = '^[a-z_]{1,40}$';

export type AgreedPayment = {
  readonly proposal: Proposal;
  /** The hour of day at which the customer has agreed, where the bank is. */
  readonly agreed_hour: number;
};

/** The arguments of a transfer, with a token for its text. */
type Transfer = {
  readonly from_account_id: string;
  readonly to_account_id: string;
  readonly amount: number;
  readonly currency: string;
  readonly text?: string;
};

/** Undefined for what nobody has let through. */
export async function readAgreed(tx: pg.ClientBase, id: Uuid): Promise<AgreedPayment | undefined> {
  const proposal = await readProposal(tx, externalId('proposal', id));
  if (proposal?.status !== 'used') return undefined;
  const { rows } = await tx.query<{ agreed_hour: number }>(
    `select extract(hour from $1::timestamptz at time zone time_zone)::int as agreed_hour
       from core.tenant`,
    [proposal.agreed_at],
  );
  return { proposal, agreed_hour: rows[0]?.agreed_hour ?? 0 };
}

/** In the words of a payment order. */
export function paymentOrder({ proposal, agreed_hour }: AgreedPayment) {
  const { from_account_id, to_account_id, amount, currency, text } = JSON.parse(
    proposal.arguments,
  ) as Transfer;
  return {
    ...({ kind: 'transfer', channel: 'api' } as const),
    ...{ debtor: proposal.customer, amount, currency },
    ...{ debtor_account_id: from_account_id, creditor_account_id: to_account_id },
    facts: { local_hour: agreed_hour },
    ...(text === undefined ? {} : { metadata: { remittance: text } }),
  };
}

/** The key of the one payment of a proposal. A blank, which no caller can send. */
export function paymentKey(id: Uuid): string {
  return `proposal ${externalId('proposal', id)}`;
}
