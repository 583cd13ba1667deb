// Proposals as they are read: by the agent, the customer, and whoever decides or pays by them.
import {
  externalId,
  type Instant,
  instantToText,
  internalId,
  type Page,
  pageOf,
  type Uuid,
} from '#core';
import type pg from 'pg';
import type { ProposalView } from './host.ts';

export const proposalStatuses = [
  ...(['open', 'agreed', 'rejected', 'withdrawn', 'used', 'expired'] as const),
] as const;
export type ProposalStatus = (typeof proposalStatuses)[number];

export type Proposal = {
  readonly id: Uuid;
  readonly agent: string;
  readonly agent_name: string;
  readonly customer: string;
  readonly tool: string;
  readonly version: number;
  /** RFC 8785 text. */
  readonly arguments: string;
  readonly arguments_digest: string;
  readonly terms: string;
  readonly amount: number | null;
  readonly currency: string | null;
  readonly decision_id: Uuid;
  readonly policy_version: string;
  readonly made_at: Date;
  readonly expires_at: Date;
  readonly status: ProposalStatus;
  readonly agreed_by: string | null;
  readonly agreed_at: Date | null;
  /** When it was used, rejected, or written down as expired. */
  readonly ended_at: Date | null;
  /** By which it was used, where the customer was not asked. */
  readonly mandate_id: Uuid | null;
  readonly approval_id: Uuid | null;
  /** Of the approval, where people of the bank were asked. */
  readonly approval_status: string | null;
};

/** A number, for amounts are bounded by what JSON can say. */
export const proposalColumns = `
  p.id, p.agent_id as agent, a.name as agent_name, p.customer, p.tool, p.version,
  p.arguments, p.arguments_digest, p.terms, p.amount::float8 as amount, p.currency, p.decision_id,
  p.policy_version, p.made_at, p.expires_at, p.status, p.agreed_by, p.agreed_at, p.ended_at,
  p.mandate_id, p.approval_id,
  (select status from policy.approval where id = p.approval_id) as approval_status`;
export const fromProposals =
  'from gateway.proposal p join gateway.agent a on a.agent_id = p.agent_id';

/** As it stands: time and the people of the bank end it too. */
export function proposalStatus(
  { status, expires_at, approval_status }: Proposal,
  at: Instant,
): ProposalStatus {
  if (status !== 'open' && status !== 'agreed') return status;
  if (approval_status === 'rejected' || approval_status === 'withdrawn') return 'rejected';
  return expires_at.getTime() <= at ? 'expired' : status;
}

/** The same of a row of `proposalColumns`, at the instant $1. */
export const standingSql = `case
  when status not in ('open', 'agreed') then status
  when approval_status in ('rejected', 'withdrawn') then 'rejected'
  when expires_at <= $1 then 'expired' else status end`;

/** Who has not agreed yet; null where nobody is left to. */
export function waitsFor(proposal: Proposal, at: Instant): 'customer' | 'officers' | null {
  const status = proposalStatus(proposal, at);
  if (status === 'open') return 'customer';
  return status === 'agreed' && proposal.approval_status === 'pending' ? 'officers' : null;
}

/** What is told of one that waits. */
export function waitingView(
  { id, tool, terms, expires_at }: Proposal,
  waits_for: ProposalView['waits_for'],
): ProposalView {
  const proposal_id = externalId('proposal', id);
  return { proposal_id, tool, waits_for, terms, expires_at: expires_at.toISOString() };
}

export async function lockProposal(tx: pg.ClientBase, id: string): Promise<Proposal | undefined> {
  return readOne(tx, id, 'for update of p');
}

export async function readProposal(tx: pg.ClientBase, id: string): Promise<Proposal | undefined> {
  return readOne(tx, id, '');
}

/** The one about which people of the bank are asked by this approval. */
export async function lockReferred(
  tx: pg.ClientBase,
  approval: string,
): Promise<Proposal | undefined> {
  const { rows } = await tx.query<Proposal>(
    `select ${proposalColumns} ${fromProposals} where p.approval_id = $1 for update of p`,
    [internalId('approval', approval) ?? null],
  );
  return rows[0];
}

async function readOne(tx: pg.ClientBase, id: string, locking: string) {
  const { rows } = await tx.query<Proposal>(
    `select ${proposalColumns} ${fromProposals} where p.id = $1 ${locking}`,
    [internalId('proposal', id) ?? null],
  );
  return rows[0];
}

/** The one that a call with this key has prepared. */
export async function readMade(
  tx: pg.ClientBase,
  { agent, customer, key }: { agent: string; customer: string; key: string },
): Promise<Proposal | undefined> {
  const { rows } = await tx.query<Proposal>(
    `select ${proposalColumns} ${fromProposals}
      where p.agent_id = $1 and p.customer = $2 and p.made_key = $3`,
    [agent, customer, key],
  );
  return rows[0];
}

export type CallQuery = Pick<Proposal, 'agent' | 'customer' | 'tool' | 'version'> & {
  /** Of its arguments, by `callText`. */
  readonly digest: string;
  readonly key: string;
  readonly at: Instant;
};

/**
 * The proposal that a call has made by its own arguments: the one that was used under its key, or
 * the last that was not used, for as long as that lives. Beyond that the same arguments ask anew.
 */
export async function readProposalOfCall(
  tx: pg.ClientBase,
  { agent, customer, tool, version, digest, key, at }: CallQuery,
): Promise<Proposal | undefined> {
  const { rows } = await tx.query<Proposal>(
    `select ${proposalColumns} ${fromProposals}
      where p.customer = $1 and p.arguments_digest = $2
        and p.agent_id = $3 and p.tool = $4 and p.version = $5
        and ((p.status <> 'used' and p.expires_at > $6) or p.used_key = $7)
      order by p.used_key is not distinct from $7 desc, p.id desc limit 1`,
    [customer, digest, agent, tool, version, instantToText(at), key],
  );
  return rows[0];
}

/** Whether a call of the agent has used up a proposal under this key. */
export async function isKeyUsed(
  tx: pg.ClientBase,
  { agent, key }: { readonly agent: string; readonly key: string },
): Promise<boolean> {
  const { rowCount } = await tx.query(
    'select from gateway.proposal where agent_id = $1 and used_key = $2',
    [agent, key],
  );
  return rowCount !== 0;
}

export type ProposalQuery = {
  readonly customer: string;
  readonly limit: number;
  /** The public id of the last one seen. */
  readonly after?: string | undefined;
};

/** Of a customer, the newest first. */
export async function listProposals(
  tx: pg.ClientBase,
  { customer, limit, after }: ProposalQuery,
): Promise<Page<Proposal>> {
  const { rows } = await tx.query<Proposal>(
    `select ${proposalColumns} ${fromProposals}
      where p.customer = $1 and ($2::uuid is null or p.id < $2) order by p.id desc limit $3`,
    [customer, (after && internalId('proposal', after)) ?? null, limit + 1],
  );
  return pageOf(rows, limit, ({ id }) => externalId('proposal', id));
}

/** What policy looks at: who has approved, and how often this went well before. */
export type Agreement = { readonly approvals: number; readonly reviewed: number };

type AgreementKey = 'approval_id' | 'agreed_by' | 'agent' | 'tool' | 'version';

/** Beyond this many nobody counts. */
const reviewedMax = 1_000;

/** Once all have approved who have to; who has agreed for the customer is no second person. */
export async function readAgreement(
  tx: pg.ClientBase,
  { approval_id, agreed_by, agent, tool, version }: Pick<Proposal, AgreementKey>,
  at: Instant,
): Promise<Agreement> {
  const { rows } = await tx.query<Agreement>(
    `select (select count(*)::int from policy.approval a
               join policy.approval_verdict v on v.approval_id = a.id
              where a.id = $1 and a.status = 'approved' and a.expires_at > $2
                and v.verdict = 'approve' and v.checker is distinct from $3) as approvals,
            (select count(*)::int from (select from gateway.proposal
              where agent_id = $4 and tool = $5 and version = $6 and status = 'used'
                and mandate_id is null limit $7) u) as reviewed`,
    [approval_id, instantToText(at), agreed_by, agent, tool, version, reviewedMax],
  );
  return rows[0] ?? { approvals: 0, reviewed: 0 };
}
