// Two people of a demo bank: what the one asks for the other approves, over the API.
import { Fault, instantToText, systemClock } from '#core';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Client, clientAt } from './client.ts';
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
  const secret = readFileSync(join(data, 'api-keys', `${tenant.id}-approver`), 'utf8').trim();
  return {
    administrator: clientAt(bank.url, tenant.apiKey),
    approver: clientAt(bank.url, secret),
    summary,
  };
}

/** Refused without an approval, with what to ask for; done with the other person's. */
export async function approved(desk: Desk, path: string, body: object): Promise<void> {
  const { administrator, approver, summary } = desk;
  const needed = await administrator.post(path, body).then(() => undefined, neededBy);
  if (needed === undefined) return;
  const { isOfCommand, subject } = needed;
  const { id: approval_id } = await administrator.post<{ id: string }>('/v1/approvals', {
    ...{ ...subject, summary },
    expires_at: instantToText(systemClock().now() + approvalMaxMs),
  });
  const verdict = { verdict: 'approve', reason: 'Expected in a demo' };
  await approver.post(`/v1/approvals/${approval_id}/decide`, verdict);
  if (isOfCommand) await administrator.post(path, body, approval_id);
  else await administrator.post(path, { ...body, approval_id });
}

type Needed = {
  /** Of a command that policy wants looked at: sent again with the approval as its key. */
  readonly isOfCommand: boolean;
  readonly subject: object;
};

function neededBy(error: unknown): Needed {
  const detail = error instanceof Fault ? (error.detail as Record<string, unknown>) : {};
  const { code, kind, digest, subject } = detail;
  if (typeof kind !== 'string') throw error;
  if (code === 'approval_required' && typeof subject === 'object') {
    return { isOfCommand: false, subject: { subject_kind: kind, subject } };
  }
  if (code === 'policy_review' && typeof digest === 'string') {
    return { isOfCommand: true, subject: { subject_kind: kind, subject_digest: digest } };
  }
  throw error;
}
