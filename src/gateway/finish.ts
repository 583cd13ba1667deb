// What was let through and broke off, done without its agent, who may have died as well.
import { assert, type Clock, externalId, Fault, type Tx, withTx } from '#core';
import type { GuardedCore } from '#cores';
import type { AgreementParts, ProposalKey } from './agreements.ts';
import { paymentKey } from './payment-order.ts';
import { readProposal } from './proposal-views.ts';
import type { Given, RewardsDesk, Tool } from './tool.ts';

export type FinishParts = Pick<AgreementParts, 'pool' | 'pay' | 'isCarriedOut'> & {
  readonly clock: Clock;
  readonly core: GuardedCore;
  readonly tools: readonly Tool[];
  readonly rewards: RewardsOf;
};

/** The desk for one customer's points. */
export type RewardsOf = (of: { readonly tenant: string; readonly customer: string }) => RewardsDesk;

const finishTimeoutMs = 10_000;

/**
 * Once, however often it is asked to. What an agent changes by its call itself is done while its
 * proposal lives: after that it would be written over what is newer.
 */
export async function finishProposal(
  parts: FinishParts,
  { tenant, id }: ProposalKey,
): Promise<void> {
  if (await parts.isCarriedOut({ tenant, id })) return;
  const look = (tx: Tx) => readProposal(tx, externalId('proposal', id));
  const proposal = await withTx(parts.pool, look, { tenant, readOnly: true });
  assert(proposal?.status === 'used', 'only what was let through is carried out');
  const tool = parts.tools.find(({ name }) => name === proposal.tool);
  if (!tool?.terms) {
    await parts.pay({ tenant, id });
    return;
  }
  const now = parts.clock.now();
  if (tool.version !== proposal.version || proposal.expires_at.getTime() <= now) return;
  const signal = AbortSignal.timeout(finishTimeoutMs);
  await tool.run({
    ...{ core: parts.core.until(signal), tenant, signal, receivedAt: now },
    ...{ customer: proposal.customer, arguments: JSON.parse(proposal.arguments) as Given },
    onceKey: () => paymentKey(id),
    rewards: parts.rewards({ tenant, customer: proposal.customer }),
    ...{ propose: never, carryOut: never, withdraw: never, follow: never, explain: never },
  });
}

function never(): Promise<never> {
  return Promise.reject(new Fault('internal', 'what a call changes by itself is all that it does'));
}
