// Loyalty programmes for tests: published by one person, approved by another.
import { type Json, sha256Hex, canonicalJson } from '#core';
import type { Executed } from '#main';
import { approvalOf } from '#policy';
import { type Bank, day, type Tenant } from './bank.ts';

let made = 0;

export type Publication = {
  readonly document: { readonly name: string };
  readonly effective_at?: string;
  readonly supersedes?: string | null;
};

/** Acts as somebody of the tenant. */
export function actAs(bank: Bank, tenant: Pick<Tenant, 'id'>, person: string) {
  return (operation: string, body: Json): Promise<Executed> => {
    made += 1;
    const principal = { kind: 'user', id: person, tenant: tenant.id } as const;
    return bank.planes.execute({ principal, operation, body, idempotencyKey: `program-${made}` });
  };
}

/** Asks for the approval of exactly this as `mara`, and gives it as `ben`; answers its id. */
export async function approveProgram(
  bank: Bank,
  tenant: Pick<Tenant, 'id'>,
  { document, effective_at, supersedes }: Publication,
): Promise<string> {
  const { commandId } = await actAs(
    bank,
    tenant,
    'mara',
  )('approval.request', {
    subject_kind: 'loyalty.program.publish',
    subject: {
      digest: sha256Hex(canonicalJson(document as Json)),
      effective_at: effective_at ?? null,
      name: document.name,
      supersedes: supersedes ?? null,
    },
    summary: 'a programme',
    expires_at: new Date(bank.time.now + day).toISOString(),
  });
  const approval_id = approvalOf(commandId);
  const verdict = { approval_id, verdict: 'approve', reason: 'read' };
  await actAs(bank, tenant, 'ben')('approval.decide', verdict);
  return approval_id;
}

/** Publishes as `mara` what `ben` has approved. */
export async function publishProgram(
  bank: Bank,
  tenant: Pick<Tenant, 'id'>,
  publication: Publication,
): Promise<Executed> {
  const approval_id = await approveProgram(bank, tenant, publication);
  const body = { ...publication, approval_id } as unknown as Json;
  return actAs(bank, tenant, 'mara')('loyalty.program.publish', body);
}
