// Two people of a demo bank: what the one asks for the other approves, over the API.
import { Fault, instantToText, systemClock } from '#core';
import { type Client, clientAt } from './client.ts';
import { approverSecret } from './demo-users.ts';
import type { Bank } from './installation.ts';
import type { OpenTenant } from './tenants.ts';

export type Desk = {
  readonly administrator: Client;
  readonly approver: Client;
  /** What the approver reads of anything that is asked for here. */
  readonly summary: string;
};

const approvalMaxMs = 3_600_000;

export function deskOf(bank: Bank, tenant: OpenTenant, data: string, summary: string): Desk {
  return {
    administrator: clientAt(bank.url, tenant.apiKey),
    approver: clientAt(bank.url, approverSecret(tenant, data)),
    summary,
  };
}

/** Refused without an approval, with what to ask for; done with the other person's. */
export async function approved(desk: Desk, path: string, body: object): Promise<void> {
  const { administrator, approver, summary } = desk;
  const needed = await administrator.post(path, body).then(() => undefined, neededBy);
  if (needed === undefined) return;
  const { id: approval_id } = await administrator.post<{ id: string }>('/v1/approvals', {
    ...{ subject_kind: needed.kind, subject: needed.subject, summary },
    expires_at: instantToText(systemClock().now() + approvalMaxMs),
  });
  const verdict = { verdict: 'approve', reason: 'Expected in a demo' };
  await approver.post(`/v1/approvals/${approval_id}/decide`, verdict);
  await administrator.post(path, { ...body, approval_id });
}

function neededBy(error: unknown): { readonly kind: string; readonly subject: object } {
  const detail = error instanceof Fault ? (error.detail as Record<string, unknown>) : {};
  const { code, kind, subject } = detail;
  if (code === 'approval_required' && typeof kind === 'string' && typeof subject === 'object') {
    return { kind, subject: subject as object };
  }
  throw error;
}
