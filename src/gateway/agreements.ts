// What a call that changes something needs before it may: a proposal to which all have agreed who
// have to. Here it is looked up, waited for, and used up.
import {
  assert,
  type CommandInput,
  type Decision,
  externalId,
  Fault,
  type Instant,
  type Json,
  type Pool,
  type Tx,
  type Uuid,
  withTx,
} from '#core';
import type { Facts } from '#policy';
import type { Vault } from '#privacy';
import type { GatewayCaller, ProposalView } from './host.ts';
import {
  type MakeBody,
  proposalOf,
  type ReferBody,
  referralOf,
  refuseStatus,
  refuseUnknown,
  type UseBody,
} from './proposals.ts';
import {
  type Proposal,
  proposalStatus,
  readAgreement,
  readProposal,
  waitingView,
} from './proposal-views.ts';
import type { CarriedOut, Draft, Tool } from './tool.ts';

export type AgreementParts = {
  /** Of the role gateway. */
  readonly pool: Pool;
  readonly vault: Pick<Vault, 'tokenize'>;
  readonly execute: (input: CommandInput<Json>) => Promise<{
    readonly commandId: Uuid;
    readonly outcome: { readonly status: string };
  }>;
  /** In which the policies of a tenant count; undefined where theirs do not say. */
  readonly homeCurrency: (tenant: string, at: Instant) => Promise<string | undefined>;
  /** Carries out a proposal that is used up: once, however often it is asked to. */
  readonly pay: (proposal: { readonly tenant: string; readonly id: Uuid }) => Promise<CarriedOut>;
};

/** What a call would carry out, as it stands. */
export type Carrying = {
  readonly proposal: Proposal;
  /** Let through before: the call asks what came of it, and changes nothing. */
  readonly isUsed: boolean;
  /** Of people of the bank, under the policy of the proposal. */
  readonly approvals: number;
  /** What policy looks at besides. */
  readonly facts: Facts;
};

/** Of an approval's summary. */
const summaryMax = 500;

type Decided = Pick<Decision, 'id' | 'policyVersion' | 'reasons'>;

export type Agreements = ReturnType<typeof openAgreements>;

export function openAgreements(parts: AgreementParts) {
  return {
    /** Throws for what is not there for this agent, or ended otherwise. */
    find: (caller: GatewayCaller, of: Finding) => find(parts, caller, of),
    /** Who has to agree first; undefined where nobody's word would change the decision. */
    wait: (carrying: Carrying, of: Waiting) => wait(parts, carrying, of),
    use: (carrying: Carrying, of: Using) => use(parts, carrying, of),
    make: (draft: Draft, of: Making) => make(parts, draft, of),
    carryOut(carrying: Carrying | undefined, tenant: string): Promise<CarriedOut> {
      assert(carrying, 'only what changes something is carried out');
      return parts.pay({ tenant, id: carrying.proposal.id });
    },
  };
}

type Finding = { readonly tool: Tool; readonly id: string; readonly at: Instant };

/** What is another agent's, or another customer's, does not exist for this one. */
async function find(
  { pool, homeCurrency }: AgreementParts,
  { principal: { tenant, id: agent }, onBehalfOf }: GatewayCaller,
  { tool, id, at }: Finding,
): Promise<Carrying> {
  const look = async (tx: Tx) => {
    const proposal = await readProposal(tx, id);
    return proposal && { proposal, ...(await readAgreement(tx, proposal, at)) };
  };
  const found = await withTx(pool, look, { tenant, readOnly: true });
  if (!found) return refuseUnknown(id);
  const { proposal, approvals, reviewed } = found;
  const isOwn = proposal.agent === agent && proposal.customer === onBehalfOf?.subject.customer;
  if (!isOwn || proposal.tool !== tool.name) return refuseUnknown(id);
  if (proposal.version !== tool.version) refuseStatus(proposal, 'of another version of the tool');
  const status = proposalStatus(proposal, at);
  if (status === 'used') return { proposal, isUsed: true, approvals, facts: { effect: 'read' } };
  if (status === 'rejected' || status === 'expired') refuseStatus(proposal, status);
  const isHome = proposal.currency === (await homeCurrency(tenant, at));
  const facts: Facts = {
    amount: isHome ? proposal.amount : null,
    confirmed_by_customer: status === 'agreed',
    mandate_left: 0,
    ...{ approvals, writes_reviewed: reviewed },
  };
  return { proposal, isUsed: false, approvals, facts };
}

type Waiting = {
  readonly tenant: string;
  readonly decided: Decided;
  /** How many people of the bank have to agree, where policy says so. */
  readonly needed: number | undefined;
};

async function wait(
  parts: AgreementParts,
  { proposal, approvals }: Carrying,
  { tenant, decided, needed }: Waiting,
): Promise<ProposalView | undefined> {
  // First the customer: what he does not want, nobody has to look at.
  if (proposal.status === 'open') return waitingView(proposal, 'customer');
  const { id, policyVersion, reasons } = decided;
  const isSame = proposal.policy_version === policyVersion;
  if (proposal.approval_status === 'pending' && isSame) return waitingView(proposal, 'officers');
  const wasAsked = proposal.approval_id !== null && isSame;
  if (needed === undefined || wasAsked || approvals >= needed) return undefined;
  const proposal_id = externalId('proposal', proposal.id);
  const body: ReferBody = {
    ...{ proposal_id, subject: referralOf(proposal, policyVersion) },
    summary: `${proposal.terms} Asked because: ${reasons.join(', ')}.`.slice(0, summaryMax),
    ...{ required_checkers: needed, policy_version: policyVersion },
    decision_id: externalId('decision', id),
  };
  // A blank, which no caller can send: nobody else can have taken the key.
  const key = `refer ${proposal_id} ${policyVersion}`;
  await administer(parts, { tenant, operation: 'proposal.refer', key, body });
  return waitingView(await expect(parts, tenant, proposal_id), 'officers');
}

type Using = {
  readonly tenant: string;
  readonly callId: string;
  readonly policyVersion: string;
  readonly key: string;
};

async function use(
  parts: AgreementParts,
  { proposal, approvals }: Carrying,
  { tenant, callId, policyVersion, key }: Using,
): Promise<void> {
  const proposal_id = externalId('proposal', proposal.id);
  const by_approval = approvals > 0;
  const body: UseBody = {
    ...{ proposal_id, call_id: callId, policy_version: policyVersion, by_approval, key },
  };
  const once = `use ${proposal_id} ${callId}`;
  await administer(parts, { tenant, operation: 'proposal.use', key: once, body });
}

type Making = {
  readonly caller: GatewayCaller;
  readonly callId: string;
  /** Of the tool that carries it out. */
  readonly version: number;
  readonly decided: Decided;
  readonly at: Instant;
};

async function make(
  parts: AgreementParts,
  { tool, terms, moves, text, arguments: asked }: Draft,
  { caller, callId, version, decided, at }: Making,
): Promise<ProposalView> {
  const { tenant, id: agent } = caller.principal;
  const customer = caller.onBehalfOf?.subject.customer ?? '';
  if (moves && moves.currency !== (await parts.homeCurrency(tenant, at))) {
    throw new Fault('denied', `agents move no ${moves.currency}: policy does not count in it`);
  }
  const personal = { person: customer, class: 'free_text', value: text ?? '' } as const;
  const [token] = text === undefined ? [] : await parts.vault.tokenize(tenant, [personal]);
  const body: MakeBody = {
    ...{ agent, customer, tool, version, terms },
    arguments: { ...asked, ...(token === undefined ? {} : { text: token }) },
    ...{ amount: moves?.amount ?? null, currency: moves?.currency ?? null },
    decision_id: externalId('decision', decided.id),
    policy_version: decided.policyVersion,
  };
  const made = await administer(parts, {
    ...{ tenant, operation: 'proposal.make', key: `propose ${callId}`, body },
    // Where rights have changed since, the call is made once more: then nothing is left of this.
    epoch: caller.epoch,
  });
  return waitingView(await expect(parts, tenant, proposalOf(made)), 'customer');
}

async function expect({ pool }: AgreementParts, tenant: string, id: string): Promise<Proposal> {
  const found = await withTx(pool, (tx) => readProposal(tx, id), { tenant, readOnly: true });
  return found ?? refuseUnknown(id);
}

type Change = {
  readonly tenant: string;
  readonly operation: string;
  readonly key: string;
  readonly body: Json;
  readonly epoch?: bigint;
};

/** By the gateway itself: an agent changes nothing of what people agree to. */
async function administer(
  { execute }: AgreementParts,
  { tenant, key: idempotencyKey, ...change }: Change,
): Promise<Uuid> {
  const principal = { kind: 'service', id: 'gateway', tenant } as const;
  const { commandId, outcome } = await execute({ ...change, principal, idempotencyKey });
  if (outcome.status === 'accepted') return commandId;
  throw new Fault('denied', `policy does not let the gateway do ${change.operation}`);
}
