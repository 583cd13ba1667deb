// What people of the bank say to a proposal that policy has referred to them.
import { type Command, type EventDraft, Fault, principalText } from '#core';
import { type DecideBody, giveVerdict, policyEvent, type PolicyOperations } from '#policy';
import type pg from 'pg';
import { endProposal, toldOf } from './proposals.ts';
import { lockReferred, type Proposal } from './proposal-views.ts';

export const referralOperations: PolicyOperations = {
  'proposal.decide': { changesRights: false, perform: decide },
};

/** Enough of them let the agent carry it out; one no ends it at once. */
async function decide(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const body = command.body as DecideBody;
  const { approval_id, verdict } = body;
  const proposal = await lockReferred(tx, approval_id);
  if (proposal) await expectOutsider(tx, command, proposal);
  const { event } = await giveVerdict(tx, command, body);
  if (!proposal || verdict === 'approve') return [event];
  await endProposal(tx, proposal, { status: 'rejected', at: command.receivedAt });
  const told = { ...toldOf(proposal), rejected_by: approval_id };
  return [event, policyEvent(command, 'proposal.rejected', told)];
}

/** Who works for the bank and is its customer is no second person for himself. */
async function expectOutsider(
  tx: pg.ClientBase,
  command: Command,
  { customer, agreed_by }: Proposal,
): Promise<void> {
  const checker = principalText(command.principal);
  const { rowCount } = await tx.query(
    'select from policy.principal where principal = $1 and customer = $2',
    [checker, customer],
  );
  if (rowCount === 0 && checker !== agreed_by) return;
  throw new Fault('not_a_checker', 'nobody approves what is done for himself', {
    detail: { reason: 'party' },
  });
}
