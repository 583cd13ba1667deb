// What policy looks at before an agent moves money: whether the payee is known, what has been moved
// already, and what a mandate of the customer leaves.
import {
  type Command,
  externalId,
  Fault,
  type Instant,
  instantToText,
  type Pool,
  type Tx,
  withTx,
} from '#core';
import type { Facts } from '#policy';
import type pg from 'pg';
import { mandateLeft, readMandatesInForce } from './mandate-views.ts';
import type { Proposal } from './proposal-views.ts';

export type TransferParts = {
  /** Of the role gateway. */
  readonly pool: Pool;
  /** Whether one account has paid the other a day ago or more, or both have one main holder. */
  readonly isPaidBefore: (of: {
    readonly tenant: string;
    readonly debtorAccountId: string;
    readonly creditorAccountId: string;
    readonly at: Instant;
  }) => Promise<boolean>;
};

export type TransferFacts = {
  readonly facts: Facts;
  /** The mandate that leaves most for it, where one covers it as a whole. */
  readonly mandate?: string;
  /** Undefined where no money moves. */
  readonly transfer?: { readonly amount: number; readonly isPayeeKnown: boolean };
  readonly moved?: Moved;
};

const windowMs = 86_400_000;

type Accounts = { readonly from_account_id: string; readonly to_account_id: string };

function accountsOf(proposal: Pick<Proposal, 'arguments'>): Accounts {
  return JSON.parse(proposal.arguments) as Accounts;
}

/** Of a proposal that moves no money there is no mandate, and nothing else to say. */
export async function transferFacts(
  { pool, isPaidBefore }: TransferParts,
  proposal: Proposal,
  { tenant, at }: { readonly tenant: string; readonly at: Instant },
): Promise<TransferFacts> {
  const { agent, amount, currency, customer } = proposal;
  if (amount === null || currency === null) return { facts: { mandate_left: 0 } };
  const { from_account_id, to_account_id: payee } = accountsOf(proposal);
  const accounts = { debtorAccountId: from_account_id, creditorAccountId: payee };
  const look = async (tx: Tx) => ({
    moved: await readMoved(tx, proposal, at),
    mandates: await readMandatesInForce(tx, { customer, agent, at }),
  });
  const [isKnown, { moved, mandates }] = await Promise.all([
    isPaidBefore({ tenant, ...accounts, at }),
    withTx(pool, look, { tenant, readOnly: true }),
  ]);
  const of = { currency, payee, isPaidBefore: isKnown };
  const most = mandates
    .map((mandate) => ({ id: mandate.id, left: mandateLeft(mandate, of, at) }))
    .reduce((best, each) => (each.left > best.left ? each : best), { id: '', left: 0 });
  const isPayeeKnown = isKnown || mandates.some(({ payees }) => payees.includes(payee));
  const facts = { payee_known: isPayeeKnown, mandate_left: most.left, ...moved };
  const transfer = { amount, isPayeeKnown };
  if (most.left < amount) return { facts, transfer, moved };
  return { facts, transfer, moved, mandate: externalId('mandate', most.id) };
}

/** By agents for the customer, within a day. */
export type Moved = {
  readonly agent_amount_24h: number;
  readonly agent_count_24h: number;
  readonly payee_amount_24h: number;
};

/**
 * Throws `approval_invalid` where more has moved than the transfer was decided on. That nothing
 * moves meanwhile is the tenant's gate, behind which commands of policy are carried out.
 */
export async function expectMoved(
  tx: pg.ClientBase,
  { receivedAt }: Pick<Command, 'receivedAt'>,
  { proposal, moved }: { readonly proposal: Proposal; readonly moved: Moved },
): Promise<void> {
  const now = await readMoved(tx, proposal, receivedAt);
  const isMore =
    now.agent_amount_24h > moved.agent_amount_24h ||
    now.agent_count_24h > moved.agent_count_24h ||
    now.payee_amount_24h > moved.payee_amount_24h;
  if (!isMore) return;
  throw new Fault('approval_invalid', 'more has moved since the transfer was decided on', {
    detail: { reason: movedSince },
  });
}

/** Why a use is refused that was decided on too little. */
export const movedSince = 'moved_since';

/** What two people of the bank have seen is split behind nobody's back. */
async function readMoved(tx: pg.ClientBase, proposal: Proposal, at: Instant): Promise<Moved> {
  const { rows } = await tx.query<Moved>(
    `select coalesce(sum(amount) filter (where agent_id = $3), 0)::float8 as agent_amount_24h,
            (count(*) filter (where agent_id = $3))::int as agent_count_24h,
            coalesce(sum(amount) filter (where arguments::json ->> 'to_account_id' = $4
              and not exists (select from policy.approval a where a.id = p.approval_id
                and a.status = 'used' and a.required_checkers >= 2)), 0)::float8
              as payee_amount_24h
       from gateway.proposal p
      where customer = $1 and status = 'used' and ended_at > $2 and amount is not null`,
    [
      ...[proposal.customer, instantToText(at - windowMs), proposal.agent],
      accountsOf(proposal).to_account_id,
    ],
  );
  return rows[0] ?? { agent_amount_24h: 0, agent_count_24h: 0, payee_amount_24h: 0 };
}
