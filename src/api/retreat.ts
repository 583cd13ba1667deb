// The way back to the shipped entitlement rules: none that a tenant publishes can close it.
import { type Instant, type Json, type Pool, withTx } from '#core';
import { readApproval, retreatSubject, subjectDigest } from '#policy';
import type { FastifyRequest } from 'fastify';

type Body = {
  readonly text?: string;
  readonly subject_kind?: string;
  readonly subject_digest?: string;
  readonly subject?: Json;
};

/**
 * Whether a call does nothing but lead back: whoever asks other people to agree to the empty text,
 * agrees to it, or publishes it.
 */
export async function leadsBack(
  request: FastifyRequest,
  { pool, tenant, at }: { readonly pool: Pool; readonly tenant: string; readonly at: Instant },
): Promise<boolean> {
  if (request.method !== 'POST') return false;
  const body = request.body as Body;
  switch (request.routeOptions.url) {
    case '/v1/entitlements':
      return body.text === '';
    case '/v1/approvals':
      return isRetreat({
        subject_kind: body.subject_kind,
        subject_digest: body.subject_digest ?? subjectDigest(body.subject ?? null),
      });
    case '/v1/approvals/:id/decide': {
      const { id } = request.params as { id: string };
      const approval = await withTx(pool, (tx) => readApproval(tx, id, at), { tenant });
      return approval !== undefined && isRetreat(approval);
    }
    default:
      return false;
  }
}

function isRetreat(of: { readonly subject_kind: string | undefined; subject_digest: string }) {
  const { kind, digest } = retreatSubject;
  return of.subject_kind === kind && of.subject_digest === digest;
}
