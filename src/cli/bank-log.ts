// What the log of a bank says of its day: how each payment was scored, decided, confirmed, looked
// at, and what became of it.
import { type LoadClient, refuseFault } from '../../simulators/load-client.ts';

/** One payment that was asked for, whatever came of it. */
export type LoggedPayment = {
  readonly key: string;
  /** Undefined for one that is a journal of several movements. */
  readonly paymentId: string | undefined;
  readonly decisionId: string;
  /** Of the first decision, before anybody has confirmed or approved anything. */
  readonly outcome: 'allow' | 'hold' | 'review' | 'deny';
  readonly score: LoggedScore | undefined;
  /** Of what was posted or held; absent where policy or the ledger has refused. */
  readonly transferId: string | undefined;
  /** Whether it was carried out, or authorized, be it at once or later. */
  readonly isAllowed: boolean;
  /** Why the ledger has refused it. */
  readonly code: string | undefined;
  readonly stepUps: readonly ('succeeded' | 'failed')[];
};

export type LoggedScore = {
  readonly model: { readonly name: string; readonly version: number };
  readonly status: 'scored' | 'rule' | 'fallback';
  readonly value: number | null;
  readonly fallbackReason: string | null;
  readonly latencyUs: number;
};

export type LoggedCase = {
  readonly id: string;
  readonly paymentId: string;
  readonly queue: string;
  readonly openedAt: string;
  readonly decidedAt: string | undefined;
  readonly verdict: 'approve' | 'reject' | undefined;
  /** Whether a model was heard on what was proposed. */
  readonly isByModel: boolean;
};

export type BankLog = {
  /** In the order of their decisions. */
  readonly payments: readonly LoggedPayment[];
  readonly cases: readonly LoggedCase[];
  readonly events: number;
};

/** The most that one page may have. */
const pageSize = 200;
/** The decision point at which payments are decided on. */
const point = 'payment-authorization';

/** Only what is sealed is in the log. */
export async function readBankLog(
  client: LoadClient,
  onProgress: (events: number) => void,
): Promise<BankLog> {
  const found = nothing();
  let position = 0;
  for (;;) {
    const { items, next } = await readPage(client, position);
    for (const { event } of items) take(found, event.data);
    onProgress(next);
    position = next;
    if (items.length < pageSize) break;
  }
  return {
    payments: [...found.decisions].map(([key, decision]) => paymentOf(found, key, decision)),
    cases: [...found.cases.values()],
    events: position,
  };
}

/** By idempotency key, as what belongs to one command carries one; then by payment, by case. */
type Found = {
  readonly decisions: Map<string, Pick<LoggedPayment, 'decisionId' | 'outcome'>>;
  readonly scores: Map<string, LoggedScore>;
  readonly transfers: Map<string, string>;
  readonly paymentIds: Map<string, string>;
  readonly standings: Map<string, Pick<LoggedPayment, 'isAllowed' | 'code'>>;
  readonly stepUps: Map<string, ('succeeded' | 'failed')[]>;
  readonly cases: Map<string, LoggedCase>;
};

function nothing(): Found {
  return {
    decisions: new Map(),
    scores: new Map(),
    transfers: new Map(),
    paymentIds: new Map(),
    standings: new Map(),
    stepUps: new Map(),
    cases: new Map(),
  };
}

function paymentOf(
  { scores, transfers, paymentIds, standings, stepUps }: Found,
  key: string,
  decision: Pick<LoggedPayment, 'decisionId' | 'outcome'>,
): LoggedPayment {
  const paymentId = paymentIds.get(key);
  const transferId = transfers.get(key);
  // A journal has no life: it is posted or it is not.
  const journal = { isAllowed: transferId !== undefined, code: undefined };
  return {
    ...{ key, paymentId, ...decision, score: scores.get(key), transferId },
    ...((paymentId && standings.get(paymentId)) || journal),
    stepUps: (paymentId && stepUps.get(paymentId)) || [],
  };
}

function take(found: Found, { event_type: type, ...data }: EventData): void {
  const { idempotency_key: key, payload, occurred_at } = data;
  const { decisions, scores, transfers } = found;
  switch (type) {
    case 'decision.made':
      if (payload.point !== point) return;
      decisions.set(key, { decisionId: payload.decision_id, outcome: payload.outcome });
      return;
    case 'score.produced':
      scores.set(key, {
        model: payload.model,
        status: payload.status as LoggedScore['status'],
        value: payload.value,
        fallbackReason: payload.fallback_reason,
        latencyUs: payload.latency_us,
      });
      return;
    case 'transaction.posted':
    case 'hold.created':
      // Of a journal, the leg that it begins with.
      if (!transfers.has(key)) transfers.set(key, payload.transfer_id);
      return;
    case 'case.opened':
    case 'case.decided':
      takeCase(found, payload, type === 'case.opened' ? undefined : occurred_at);
      return;
    case 'step_up.succeeded':
    case 'step_up.failed': {
      const proofs = found.stepUps.get(payload.payment_id) ?? [];
      proofs.push(type === 'step_up.failed' ? 'failed' : 'succeeded');
      found.stepUps.set(payload.payment_id, proofs);
      return;
    }
    default:
      if (type.startsWith('payment.')) takePayment(found, key, { type, payload });
  }
}

/** The first event of a payment is of the command that has begun it. */
function takePayment(
  { paymentIds, standings }: Found,
  key: string,
  { type, payload }: { readonly type: string; readonly payload: Payload },
): void {
  const { payment_id: id, code } = payload;
  const before = standings.get(id);
  if (before === undefined) paymentIds.set(key, id);
  const isAllowed = type === 'payment.posted' || type === 'payment.authorized';
  standings.set(id, {
    isAllowed: isAllowed || before?.isAllowed === true,
    code: type === 'payment.denied' ? (code ?? undefined) : before?.code,
  });
}

function takeCase({ cases }: Found, payload: Payload, decidedAt: string | undefined): void {
  const { case_id: id, payment_id: paymentId, queue, opened_at: openedAt } = payload;
  cases.set(id, {
    ...{ id, paymentId, queue, openedAt, decidedAt },
    verdict: decidedAt === undefined ? undefined : payload.verdict,
    isByModel: payload.ai_proposed === true,
  });
}

async function readPage(client: LoadClient, after: number): Promise<Page> {
  const call = { method: 'GET', path: `/v1/events?limit=${pageSize}&after=${after}` } as const;
  const answer = await client.send(call);
  refuseFault(answer, call);
  return JSON.parse(answer.text) as Page;
}

type Page = {
  readonly items: readonly { readonly event: { readonly data: EventData } }[];
  readonly next: number;
};

type EventData = {
  readonly event_type: string;
  readonly idempotency_key: string;
  readonly occurred_at: string;
  readonly payload: Payload;
};

/** Of every type what is read here; each has its own. */
type Payload = {
  readonly point: string;
  readonly decision_id: string;
  readonly outcome: LoggedPayment['outcome'];
  readonly transfer_id: string;
  readonly model: LoggedScore['model'];
  readonly status: string;
  readonly value: number | null;
  readonly fallback_reason: string | null;
  readonly latency_us: number;
  readonly payment_id: string;
  readonly code: string | null;
  readonly case_id: string;
  readonly queue: string;
  readonly opened_at: string;
  readonly verdict: 'approve' | 'reject';
  readonly ai_proposed?: boolean;
};
