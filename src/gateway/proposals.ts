// Proposals: what an agent would do for a customer, in exact terms. It is done once, before it
// expires, when all have agreed who have to: the customer, and people of the bank if policy says.
import {
  canonicalJson,
  closed,
  type Command,
  derivedUuid,
  type EventDraft,
  externalId,
  Fault,
  type Instant,
  instantToText,
  internalId,
  type Json,
  nullable,
  principalText,
  sha256Hex,
  type Uuid,
} from '#core';
import {
  approvalOf,
  openApproval,
  policyEvent,
  type PolicyOperation,
  type PolicyOperations,
  subjectDigest,
  useApproval,
  withdrawOpen,
} from '#policy';
import type pg from 'pg';
import Type from 'typebox';
import { callText } from './ingress.ts';
import { takeFromMandate } from './mandates.ts';
import { isKeyUsed, lockProposal, type Proposal, proposalStatus } from './proposal-views.ts';
import { expectMoved, type Moved } from './transfer-facts.ts';

/** How long the customer has, and then people of the bank where policy asks for them. */
const [customerMs, officersMs] = [15 * 60_000, 86_400_000];
/** Of one agent for one customer: whoever is asked more often reads nothing any more. */
const openMax = 20;

const proposalId = Type.String({ pattern: '^prp_[0-9a-hjkmnp-tv-z]{26}$' });
const text = Type.String();

export const proposalSchemas = { id: proposalId, verdictBody: Type.Object({}, closed) };

const about = {
  proposal_id: proposalId,
  agent: text,
  on_behalf_of: Type.String({ description: 'The customer: a party of the register.' }),
  tool: Type.String({ description: 'That carries it out.' }),
  version: Type.Integer(),
  arguments_digest: Type.String({
    description: 'SHA-256 of what is to be done and which of it came as tokens (RFC 8785).',
  }),
};
export const proposalPayloads = {
  'proposal.made': Type.Object({
    ...about,
    terms: text,
    amount: nullable(Type.Integer()),
    currency: nullable(text),
    decision_id: text,
    policy_version: text,
    expires_at: text,
  }),
  'proposal.agreed': Type.Object({ ...about, agreed_by: text }),
  'proposal.rejected': Type.Object({
    ...about,
    rejected_by: Type.String({ description: 'The customer’s principal, or the bank’s approval.' }),
  }),
  'proposal.referred': Type.Object({
    ...about,
    approval_id: text,
    required_checkers: Type.Integer(),
    decision_id: text,
    policy_version: text,
    expires_at: text,
  }),
  'proposal.used': Type.Object({
    ...about,
    call_id: Type.String({ description: 'The call that policy has let carry it out.' }),
    approval_id: nullable(text),
    mandate_id: nullable(
      Type.String({ description: 'Under which it was used, where the customer was not asked.' }),
    ),
  }),
  'proposal.withdrawn': Type.Object(about),
  'proposal.expired': Type.Object({
    ...about,
    decision_id: Type.String({ description: 'By which it has waited.' }),
    waited_for: Type.Enum(['customer', 'officers']),
  }),
};

export const proposalOperations: PolicyOperations = {
  'proposal.make': operation(make),
  'proposal.agree': operation(agree),
  'proposal.reject': operation(reject),
  'proposal.withdraw': operation(takeBack),
  'proposal.refer': operation(refer),
  'proposal.use': operation(use),
  'proposal.expire': operation(expire),
};

/** What anybody may do is the same before and after. */
function operation(perform: PolicyOperation['perform']): PolicyOperation {
  return { changesRights: false, perform };
}

/** The proposal that a command has made. */
export function proposalOf(command: Uuid): string {
  return externalId('proposal', derivedUuid(command, 'proposal', 0));
}

// Its life ----------------------------------------------------------------------------------------

export type MakeBody = {
  readonly agent: string;
  readonly customer: string;
  readonly tool: string;
  readonly version: number;
  readonly arguments: Json;
  /** What of it came as a token. */
  readonly handed: readonly string[];
  readonly terms: string;
  readonly amount: number | null;
  readonly currency: string | null;
  readonly decision_id: string;
  readonly policy_version: string;
  /** The idempotency key of the call, where it had one. */
  readonly key: string | null;
};

async function make(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const { customer, arguments: asked, handed, key, ...made } = command.body as MakeBody;
  const { decision_id, ...body } = made;
  const { rows } = await tx.query<{ count: number }>(
    `select count(*)::int as count from gateway.proposal
      where customer = $1 and agent_id = $2 and status in ('open', 'agreed') and expires_at > $3`,
    [customer, body.agent, instantToText(command.receivedAt)],
  );
  if ((rows[0]?.count ?? 0) >= openMax) {
    throw new Fault('conflict', `${openMax} proposals for this customer wait already`);
  }
  const argumentsText = canonicalJson(asked);
  const digest = sha256Hex(callText(asked, handed));
  const expiresAt = instantToText(command.receivedAt + customerMs);
  await tx.query(
    `insert into gateway.proposal (tenant_id, id, agent_id, customer, tool, version, arguments,
       arguments_digest, terms, amount, currency, decision_id, policy_version, made_at, expires_at,
       made_key)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
    [
      ...[command.tenant, derivedUuid(command.id, 'proposal', 0), body.agent, customer],
      ...[body.tool, body.version, argumentsText, digest, body.terms, body.amount, body.currency],
      ...[internalId('decision', decision_id), body.policy_version],
      ...[instantToText(command.receivedAt), expiresAt, key],
    ],
  );
  return [
    policyEvent(command, 'proposal.made', {
      ...body,
      ...{ proposal_id: proposalOf(command.id), on_behalf_of: customer },
      ...{ arguments_digest: digest, decision_id, expires_at: expiresAt },
    }),
  ];
}

/** The bodies of what the customer says; the route knows who that is. */
export type VerdictBody = { readonly proposal_id: string; readonly customer: string };

async function agree(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const proposal = await lockOfCustomer(tx, command);
  expectStatus(proposal, command, ['open']);
  const by = principalText(command.principal);
  await tx.query(
    `update gateway.proposal set status = 'agreed', agreed_by = $2, agreed_at = $3 where id = $1`,
    [proposal.id, by, instantToText(command.receivedAt)],
  );
  return [policyEvent(command, 'proposal.agreed', { ...toldOf(proposal), agreed_by: by })];
}

/** Until it is used up: whoever sees better may still stop what he has agreed to. */
async function reject(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const proposal = await lockOfCustomer(tx, command);
  expectStatus(proposal, command, ['open', 'agreed']);
  await endProposal(tx, proposal, { status: 'rejected', at: command.receivedAt });
  const told = { ...toldOf(proposal), rejected_by: principalText(command.principal) };
  const withdrawn = await withdrawReferral(tx, command, proposal);
  return [policyEvent(command, 'proposal.rejected', told), ...withdrawn];
}

/** By its agent, who does not want it any more. */
async function takeBack(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const proposal = await lockOfCustomer(tx, command);
  expectStatus(proposal, command, ['open', 'agreed']);
  await endProposal(tx, proposal, { status: 'withdrawn', at: command.receivedAt });
  const ended = await withdrawReferral(tx, command, proposal);
  return [policyEvent(command, 'proposal.withdrawn', toldOf(proposal)), ...ended];
}

async function lockOfCustomer(tx: pg.ClientBase, { body }: Command): Promise<Proposal> {
  const { proposal_id, customer } = body as VerdictBody;
  const proposal = await lock(tx, proposal_id);
  if (proposal.customer !== customer) refuseUnknown(proposal_id);
  return proposal;
}

export type ReferBody = {
  readonly proposal_id: string;
  /** What people of the bank approve; `referralOf` makes it. */
  readonly subject: Readonly<Record<string, Json>>;
  readonly summary: string;
  readonly required_checkers: number;
  readonly decision_id: string;
  readonly policy_version: string;
};

/** What people of the bank agree to: this call under this policy, and no other. */
export function referralOf(proposal: Proposal, policyVersion: string) {
  return { ...toldOf(proposal), terms: proposal.terms, policy_version: policyVersion };
}

/** Asks people of the bank; those who were asked under another policy are not heard any more. */
async function refer(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const body = command.body as ReferBody;
  const proposal = await lock(tx, body.proposal_id);
  expectStatus(proposal, command, ['agreed']);
  const { decision_id, policy_version, required_checkers } = body;
  const expiresAt = command.receivedAt + officersMs;
  const withdrawn = await withdrawReferral(tx, command, proposal);
  const requested = await openApproval(tx, command, {
    ...{ subjectKind: 'tool.call', subjectDigest: subjectDigest(body.subject) },
    ...{ subject: canonicalJson(body.subject), summary: body.summary },
    ...{ maker: `agent:${proposal.agent}`, requiredCheckers: required_checkers, expiresAt },
  });
  const approval_id = approvalOf(command.id);
  await tx.query(
    `update gateway.proposal set approval_id = $2, decision_id = $3, policy_version = $4,
       expires_at = $5 where id = $1`,
    [
      ...[proposal.id, internalId('approval', approval_id)],
      ...[internalId('decision', decision_id), policy_version, instantToText(expiresAt)],
    ],
  );
  const told = { ...toldOf(proposal), approval_id, required_checkers, decision_id, policy_version };
  return [
    ...withdrawn,
    policyEvent(command, 'proposal.referred', { ...told, expires_at: instantToText(expiresAt) }),
    requested,
  ];
}

export type UseBody = {
  readonly proposal_id: string;
  readonly call_id: string;
  readonly policy_version: string;
  /** Where the customer was not asked about it. */
  readonly mandate_id?: string;
  /** Whether policy has let it through by what people of the bank have approved. */
  readonly by_approval: boolean;
  /** On which policy has let money move: where more has moved since, it has to decide again. */
  readonly moved?: Moved;
  /** The idempotency key of the agent. */
  readonly key: string;
};

/** From here on it is carried out, whatever happens on the way: nobody can agree to it twice. */
async function use(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const body = command.body as UseBody;
  const { proposal_id, call_id, mandate_id, policy_version, by_approval, key, moved } = body;
  const proposal = await lock(tx, proposal_id);
  const isAsked = mandate_id === undefined || proposal.status !== 'open';
  expectStatus(proposal, command, [isAsked ? 'agreed' : 'open']);
  if (await isKeyUsed(tx, { agent: proposal.agent, key })) refuseKey();
  if (moved) await expectMoved(tx, command, { proposal, moved });
  if (!isAsked) await agreeBy(tx, command, { mandate_id, proposal });
  const approval = proposal.approval_id;
  const used =
    by_approval && approval !== null
      ? await useApproval(tx, {
          ...{ id: externalId('approval', approval), subjectKind: 'tool.call', command },
          subject: referralOf(proposal, policy_version),
          // Who has agreed for the customer is no second person.
          authors: [proposal.agreed_by ?? ''],
        })
      : undefined;
  const at = command.receivedAt;
  await endProposal(tx, proposal, { status: 'used', at, key });
  const approval_id = used && approval !== null ? externalId('approval', approval) : null;
  const told = {
    ...{ ...toldOf(proposal), call_id, approval_id },
    mandate_id: isAsked ? null : mandate_id,
  };
  return [...(used ? [used] : []), policyEvent(command, 'proposal.used', told)];
}

export function refuseKey(): never {
  throw new Fault('idempotency_key_reused', 'the key was used for another proposal');
}

/** The customer has agreed to it when he gave the mandate. */
async function agreeBy(
  tx: pg.ClientBase,
  command: Command,
  of: { readonly mandate_id: string; readonly proposal: Proposal },
): Promise<void> {
  const { id, given_by } = await takeFromMandate(tx, command, of);
  await tx.query(
    'update gateway.proposal set agreed_by = $2, agreed_at = $3, mandate_id = $4 where id = $1',
    [of.proposal.id, given_by, instantToText(command.receivedAt), id],
  );
}

/** Silence is a no; and what people of the bank have rejected is written down by now as well. */
async function expire(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const { proposal_id } = command.body as { proposal_id: string };
  const proposal = await lock(tx, proposal_id);
  expectStatus(proposal, command, ['expired', 'rejected']);
  if (proposal.status === 'rejected') return [];
  const { approval_id } = proposal;
  if (approval_id !== null && proposalStatus(proposal, command.receivedAt) === 'rejected') {
    await endProposal(tx, proposal, { status: 'rejected', at: command.receivedAt });
    const told = { ...toldOf(proposal), rejected_by: externalId('approval', approval_id) };
    return [policyEvent(command, 'proposal.rejected', told)];
  }
  await endProposal(tx, proposal, { status: 'expired', at: command.receivedAt });
  const told = {
    ...toldOf(proposal),
    decision_id: externalId('decision', proposal.decision_id),
    waited_for: proposal.status === 'open' ? 'customer' : 'officers',
  };
  return [policyEvent(command, 'proposal.expired', told)];
}

// Parts of it -------------------------------------------------------------------------------------

export function toldOf({ id, agent, customer, tool, version, arguments_digest }: Proposal) {
  const proposal_id = externalId('proposal', id);
  return { proposal_id, agent, on_behalf_of: customer, tool, version, arguments_digest };
}

async function lock(tx: pg.ClientBase, id: string): Promise<Proposal> {
  return (await lockProposal(tx, id)) ?? refuseUnknown(id);
}

export function refuseUnknown(id: string): never {
  throw new Fault('not_found', `there is no proposal ${id}`);
}

/** Throws `approval_invalid` for one that stands otherwise at the instant of the command. */
function expectStatus(
  proposal: Proposal,
  { receivedAt }: Pick<Command, 'receivedAt'>,
  wanted: readonly string[],
): void {
  const status = proposalStatus(proposal, receivedAt);
  if (!wanted.includes(status)) refuseStatus(proposal, status);
}

export function refuseStatus({ id }: Pick<Proposal, 'id'>, status: string): never {
  throw new Fault('approval_invalid', `the proposal ${externalId('proposal', id)} is ${status}`, {
    detail: { reason: status },
  });
}

type End = {
  readonly status: 'rejected' | 'withdrawn' | 'used' | 'expired';
  readonly at: Instant;
};

export async function endProposal(
  tx: pg.ClientBase,
  { id }: Proposal,
  { status, at, key }: End & { readonly key?: string },
): Promise<void> {
  await tx.query(
    'update gateway.proposal set status = $2, ended_at = $3, used_key = $4 where id = $1',
    [id, status, instantToText(at), key ?? null],
  );
}

async function withdrawReferral(
  tx: pg.ClientBase,
  command: Command,
  { approval_id }: Proposal,
): Promise<readonly EventDraft[]> {
  if (approval_id === null) return [];
  return withdrawOpen(tx, command, externalId('approval', approval_id));
}
