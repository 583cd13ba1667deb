// Writes that need an approval: once others have given one for exactly this, it is found by what it
// is for, and used.
import { type Answer, call, type Operation } from '../api/client.ts';
import { wantedApproval } from './refusal.tsx';

/**
 * Writes, and where an approval is missing looks for one that was given for this very thing and
 * writes again with it. What is still refused afterwards is told by `Refusal`.
 */
export async function withApproval<Op extends Operation>(
  write: (approvalId: string | undefined) => Promise<Answer<Op>>,
): Promise<Answer<Op>> {
  try {
    return await write(undefined);
  } catch (error) {
    const wanted = wantedApproval(error);
    if (!wanted) throw error;
    const { subject_kind, subject_digest } = wanted;
    const { items } = await call('GET /v1/approvals', { query: { subject_kind, subject_digest } });
    const given = items.find(({ status }) => status === 'approved');
    if (!given) throw error;
    return write(given.id);
  }
}
