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
  sha256Hex,
  type Tx,
  type Uuid,
  withTx,
} from '#core';
import type { Facts } from '#policy';
import type { GatewayCaller, ProposalView } from './host.ts';
import { callText } from './ingress.ts';
import { paymentKey } from './payment-order.ts';
import { mandateSpent } from './mandates.ts';
import type { Conduct } from './quota.ts';
import {
  type MakeBody,
  proposalOf,
  type ReferBody,
  referralOf,
  refuseKey,
  refuseStatus,
  refuseUnknown,
  type UseBody,
  type VerdictBody,
} from './proposals.ts';
import {
  isKeyUsed,
  type Proposal,
  proposalStatus,
  readAgreement,
  readMade,
  readProposal,
  readProposalOfCall,
  waitingView,
} from './proposal-views.ts';
import type { CarriedOut, Draft, Given, Tool } from './tool.ts';
import { type Moved, movedSince, transferFacts, type TransferParts } from './transfer-facts.ts';

export type AgreementParts = TransferParts & {
  readonly execute: (input: CommandInput<Json>) => Promise<{
    readonly commandId: Uuid;
    readonly outcome: { readonly status: string };
  }>;
  /** In which the policies of a tenant count; undefined where theirs do not say. */
  readonly homeCurrency: (tenant: string, at: Instant) => Promise<string | undefined>;
  /** Makes the payment of a proposal that is used up: once, however often it is asked to. */
  readonly pay: (proposal: ProposalKey) => Promise<CarriedOut>;
  /** Whether what was let through was done. */
  readonly isCarriedOut: (proposal: ProposalKey) => Promise<boolean>;
};

export type ProposalKey = { readonly tenant: string; readonly id: Uuid };

/** What a call would carry out, as it stands. */
export type Carrying = {
  readonly proposal: Proposal;
  /** Let through before: the call asks what came of it, and changes nothing. */
  readonly isUsed: boolean;
  /** Of people of the bank, under the policy of the proposal. */
  readonly approvals: number;
  /** What policy looks at besides. */
  readonly facts: Facts;
  /** Of the customer, which covers it. */
  readonly mandate?: string | undefined;
  /** Of what moves money and is not done yet: what it costs of the quota. */
  readonly transfer?: Conduct['transfer'];
  /** Of the same: what has moved before. */
  readonly moved?: Moved | undefined;
};

/** People look at so many calls of an agent first, as the policy that ships says. */
const newUntil = 20;

/** Of an approval's summary. */
const summaryMax = 500;

type Decided = Pick<Decision, 'id' | 'policyVersion' | 'reasons'>;

export type Agreements = ReturnType<typeof openAgreements>;

export function openAgreements(parts: AgreementParts) {
  return {
    /**
     * Throws for what is not there for this agent, or ended otherwise; undefined where the call is
     * itself what somebody has to agree to, and nobody was asked.
     */
    find: (caller: GatewayCaller, of: Finding) => find(parts, caller, of),
    /** What policy looks at while nobody was asked. */
    unasked: (caller: GatewayCaller, of: Finding) => unasked(parts, caller, of),
    /** Who has to agree first; undefined where nobody's word would change the decision. */
    wait: (carrying: Carrying, of: Waiting) => wait(parts, carrying, of),
    /** False where another call was faster, has spent its mandate or moved more: decide again. */
    use: (carrying: Carrying, of: Using) => use(parts, carrying, of),
    make: (draft: Draft, of: Making) => make(parts, draft, of),
    carryOut(carrying: Carrying | undefined, tenant: string): Promise<CarriedOut> {
      assert(carrying, 'only what changes something is carried out');
      return parts.pay({ tenant, id: carrying.proposal.id });
    },
    withdraw: (caller: GatewayCaller, id: string) => withdraw(parts, caller, id),
    onceKey(carrying: Carrying | undefined): string {
      assert(carrying, 'only what changes something is carried out');
      return paymentKey(carrying.proposal.id);
    },
  };
}

type Finding = {
  readonly tool: Tool;
  readonly given: Given;
  /** What of it came as a token. */
  readonly handed: readonly string[];
  /** The idempotency key of the call. */
  readonly key: string;
  readonly at: Instant;
};

/** What is another agent's, or another customer's, does not exist for this one. */
async function find(
  parts: AgreementParts,
  { principal: { tenant, id: agent }, onBehalfOf }: GatewayCaller,
  { tool, given, handed, key, at }: Finding,
): Promise<Carrying | undefined> {
  const id = String(given['proposal_id']);
  const customer = onBehalfOf?.subject.customer ?? '';
  const digest = sha256Hex(callText(given as Json, handed));
  const call = { agent, customer, tool: tool.name, version: tool.version, digest, key, at };
  const look = async (tx: Tx) => {
    const proposal = tool.terms ? await readProposalOfCall(tx, call) : await readProposal(tx, id);
    if (!proposal) return undefined;
    const isOther = proposal.status !== 'used' && (await isKeyUsed(tx, { agent, key }));
    return { proposal, isOther, ...(await readAgreement(tx, proposal, at)) };
  };
  const found = await withTx(parts.pool, look, { tenant, readOnly: true });
  if (!found) return tool.terms ? undefined : refuseUnknown(id);
  const { proposal, isOther, approvals, reviewed } = found;
  const isOwn = proposal.agent === agent && proposal.customer === customer;
  if (!isOwn || proposal.tool !== tool.name) return refuseUnknown(id);
  if (proposal.version !== tool.version) refuseStatus(proposal, 'of another version of the tool');
  const status = proposalStatus(proposal, at);
  if (status === 'used') {
    // What a call changes by itself stands on the data of then: what has broken off ends with it.
    const isOver = tool.terms !== undefined && proposal.expires_at.getTime() <= at;
    const isDone = !isOver || (await parts.isCarriedOut({ tenant, id: proposal.id }));
    if (!isDone) refuseStatus(proposal, 'expired');
    return { proposal, isUsed: true, approvals, facts: { effect: 'read' } };
  }
  if (status !== 'open' && status !== 'agreed') refuseStatus(proposal, status);
  if (isOther) refuseKey();
  const isHome = proposal.currency === (await parts.homeCurrency(tenant, at));
  const moving = await transferFacts(parts, proposal, { tenant, at });
  const facts: Facts = {
    amount: isHome ? proposal.amount : null,
    confirmed_by_customer: status === 'agreed',
    ...moving.facts,
    ...{ approvals, writes_reviewed: reviewed },
  };
  const isNewAgent = reviewed < newUntil;
  const transfer = moving.transfer && { ...moving.transfer, isNewAgent };
  const { mandate, moved } = moving;
  return { proposal, isUsed: false, approvals, facts, mandate, transfer, moved };
}

async function unasked(
  { pool }: AgreementParts,
  { principal: { tenant, id: agent } }: GatewayCaller,
  { tool: { name: tool, version }, at }: Pick<Finding, 'tool' | 'at'>,
): Promise<Facts> {
  const nobody = { approval_id: null, agreed_by: null, agent, tool, version };
  const look = (tx: Tx) => readAgreement(tx, nobody, at);
  const { approvals, reviewed } = await withTx(pool, look, { tenant, readOnly: true });
  return { confirmed_by_customer: false, mandate_left: 0, approvals, writes_reviewed: reviewed };
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
  { proposal, approvals, mandate, moved }: Carrying,
  { tenant, callId, policyVersion, key }: Using,
): Promise<boolean> {
  const proposal_id = externalId('proposal', proposal.id);
  const by_approval = approvals > 0;
  const body: UseBody = {
    ...{ proposal_id, call_id: callId, policy_version: policyVersion, by_approval, key },
    ...(mandate === undefined || proposal.status !== 'open' ? {} : { mandate_id: mandate }),
    ...(moved === undefined ? {} : { moved }),
  };
  const once = `use ${proposal_id} ${callId}`;
  try {
    await administer(parts, { tenant, operation: 'proposal.use', key: once, body });
    return true;
  } catch (error) {
    const reason = error instanceof Fault && error.detail['reason'];
    if (reason === mandateSpent || reason === movedSince || reason === 'used') return false;
    throw error;
  }
}

type Making = {
  readonly caller: GatewayCaller;
  readonly callId: string;
  /** Of the tool that carries it out. */
  readonly version: number;
  readonly handed: readonly string[];
  readonly decided: Decided;
  readonly at: Instant;
  /** Of a call that prepares something: made again under it, it is answered the same. */
  readonly key?: string | undefined | null;
};

async function make(
  parts: AgreementParts,
  { tool, terms, moves, arguments: asked }: Draft,
  { caller, callId, version, handed, decided, at, key = null }: Making,
): Promise<ProposalView> {
  const { tenant, id: agent } = caller.principal;
  const customer = caller.onBehalfOf?.subject.customer ?? '';
  if (moves && moves.currency !== (await parts.homeCurrency(tenant, at))) {
    throw new Fault('denied', `agents move no ${moves.currency}: policy does not count in it`);
  }
  const earlier =
    key === null ? undefined : await findMade(parts, { tenant, agent, customer, key });
  if (earlier) {
    const digest = sha256Hex(callText(asked as Json, handed));
    const isSame = earlier.tool === tool && earlier.arguments_digest === digest;
    if (isSame) return waitingView(earlier, 'customer');
    throw new Fault('idempotency_key_reused', 'the key was used for another proposal');
  }
  const body: MakeBody = {
    ...{ agent, customer, tool, version, terms, key },
    ...{ arguments: asked, handed },
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

type Made = Parameters<typeof readMade>[1] & { readonly tenant: string };

function findMade({ pool }: AgreementParts, { tenant, ...of }: Made) {
  return withTx(pool, (tx) => readMade(tx, of), { tenant, readOnly: true });
}

/** What the agent itself does not want any more; nothing, where it has come to an end already. */
async function withdraw(
  { pool, execute }: AgreementParts,
  { principal: { tenant, id: agent }, onBehalfOf }: GatewayCaller,
  id: string,
): Promise<void> {
  const proposal = await withTx(pool, (tx) => readProposal(tx, id), { tenant, readOnly: true });
  const customer = onBehalfOf?.subject.customer;
  if (proposal?.agent !== agent || proposal.customer !== customer) return refuseUnknown(id);
  if (proposal.status === 'used') refuseStatus(proposal, 'used');
  if (proposal.status !== 'open' && proposal.status !== 'agreed') return;
  const body: VerdictBody = { proposal_id: id, customer };
  const of = { tenant, operation: 'proposal.withdraw', key: `withdraw ${id}`, body };
  await administer({ execute }, of).catch((error: unknown) => {
    const isOver = error instanceof Fault && error.code === 'approval_invalid';
    if (!isOver) throw error;
  });
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
export async function administer(
  { execute }: Pick<AgreementParts, 'execute'>,
  { tenant, key: idempotencyKey, ...change }: Change,
): Promise<Uuid> {
  const principal = { kind: 'service', id: 'gateway', tenant } as const;
  const { commandId, outcome } = await execute({ ...change, principal, idempotencyKey });
  if (outcome.status === 'accepted') return commandId;
  throw new Fault('denied', `policy does not let the gateway do ${change.operation}`);
}
