// What the one who looks may do with a case, and the words for why not. The API has the last word.
import type { Answer } from '../../api/client.ts';
import { useApi } from '../../api/queries.ts';
import { type Session, useMay, useSession } from '../../api/session.ts';
import { nameOf } from '../../parts/who.tsx';
import { type CaseDetail, hasEnded } from './words.ts';

export type PaymentPath = Answer<'GET /v1/payments/{id}'>;
/** What a key or a button starts. */
export type Asked = 'approve' | 'reject' | 'claim' | 'escalate' | 'snooze' | 'note';
export type WhyNot = Readonly<Record<Asked, string | undefined>> & {
  /** The one reason that is worth a line of its own. */
  readonly told: string | undefined;
};

/** The case and its payment, read once for all who show a part of them. */
export function useCase(id: string | undefined) {
  const path = { path: { id: id ?? '' } };
  const { data: shown, ...read } = useApi('GET /v1/cases/{id}', path, {
    enabled: id !== undefined,
  });
  const mayRead = useMay()('payments:read').allowed;
  const { data: payment } = useApi(
    'GET /v1/payments/{id}',
    { path: { id: shown?.payment_id ?? '' } },
    { enabled: shown !== undefined && mayRead },
  );
  return { shown, payment, error: read.error, refetch: read.refetch };
}

export function useWhyNot(id: string | undefined): WhyNot {
  const { shown, payment } = useCase(id);
  const session = useSession() ?? undefined;
  const may = useMay()('reviews:write');
  if (shown === undefined) return all('The case is being read.');
  if (!may.allowed) return all(may.why);
  const { assignee } = shown;
  const ended = hasEnded(shown) ? 'It has ended: nothing is left to do.' : undefined;
  const isOthers = assignee !== null && assignee !== session?.principal;
  const others = isOthers ? `${nameOf(assignee)} has it.` : undefined;
  const own = ended ?? ownReason(shown, payment, session);
  const isMine = assignee !== null && !isOthers;
  return {
    ...{ approve: own ?? others, reject: own ?? others },
    claim: isMine ? ended : (own ?? others),
    ...{ escalate: ended ?? others, snooze: ended ?? others },
    note: undefined,
    told: ended === undefined ? (own ?? others) : undefined,
  };
}

function all(why: string): WhyNot {
  const verdicts = { approve: why, reject: why, claim: why };
  return { ...verdicts, escalate: why, snooze: why, note: why, told: undefined };
}

/** Nobody judges a payment of their own, nor one twice. */
function ownReason(
  { verdicts }: CaseDetail,
  payment: PaymentPath | undefined,
  session: Session | undefined,
): string | undefined {
  if (session === undefined) return undefined;
  const { principal, customer } = session;
  if (verdicts.some(({ checker }) => checker === principal)) {
    return 'You have agreed already: the second pair of eyes must be another person’s.';
  }
  if (payment?.requested_by === principal) {
    return 'You asked for this payment: another person must judge it.';
  }
  if (customer !== null && (payment?.debtor === customer || payment?.creditor === customer)) {
    return 'You pay or get this payment: another person must judge it.';
  }
  return undefined;
}
