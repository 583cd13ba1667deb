// What the log of a bank says of its payments: how each was scored, decided, and carried out.
import { type LoadClient, refuseFault } from '../../simulators/load-client.ts';

/** One payment that was asked for, whatever came of it. */
export type LoggedPayment = {
  readonly key: string;
  readonly decisionId: string;
  readonly outcome: 'allow' | 'hold' | 'review' | 'deny';
  readonly score: LoggedScore | undefined;
  /** Of what was posted or held; absent where policy or the ledger has refused. */
  readonly transferId: string | undefined;
};

export type LoggedScore = {
  readonly model: { readonly name: string; readonly version: number };
  readonly status: 'scored' | 'rule' | 'fallback';
  readonly value: number | null;
  readonly fallbackReason: string | null;
  readonly latencyUs: number;
};

/** The most that one page may have. */
const pageSize = 200;
/** The decision point at which payments are decided on. */
const point = 'payment-authorization';

/** In the order of their decisions. Only what is sealed is in the log. */
export async function readPayments(
  client: LoadClient,
  onProgress: (events: number) => void,
): Promise<readonly LoggedPayment[]> {
  const found: Found = { decisions: new Map(), scores: new Map(), transfers: new Map() };
  for (let position = 0; ; ) {
    const { items, next } = await readPage(client, position);
    for (const { event } of items) take(found, event.data);
    onProgress(next);
    if (items.length < pageSize) break;
    position = next;
  }
  const { decisions, scores, transfers } = found;
  return [...decisions].map(([key, decision]) => ({
    key,
    ...decision,
    score: scores.get(key),
    transferId: transfers.get(key),
  }));
}

/** By idempotency key: what belongs to one command carries one. */
type Found = {
  readonly decisions: Map<string, Pick<LoggedPayment, 'decisionId' | 'outcome'>>;
  readonly scores: Map<string, LoggedScore>;
  readonly transfers: Map<string, string>;
};

function take({ decisions, scores, transfers }: Found, data: EventData): void {
  const { idempotency_key: key, payload } = data;
  switch (data.event_type) {
    case 'decision.made':
      if (payload.point !== point) return;
      decisions.set(key, { decisionId: payload.decision_id, outcome: payload.outcome });
      return;
    case 'score.produced':
      scores.set(key, {
        model: payload.model,
        status: payload.status,
        value: payload.value,
        fallbackReason: payload.fallback_reason,
        latencyUs: payload.latency_us,
      });
      return;
    case 'transaction.posted':
    case 'hold.created':
      // Of a journal, the leg that it begins with.
      if (!transfers.has(key)) transfers.set(key, payload.transfer_id);
  }
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

/** Of every type what is read here; each has its own. */
type EventData = { readonly event_type: string; readonly idempotency_key: string } & {
  readonly payload: {
    readonly point: string;
    readonly decision_id: string;
    readonly outcome: LoggedPayment['outcome'];
    readonly transfer_id: string;
    readonly model: LoggedScore['model'];
    readonly status: LoggedScore['status'];
    readonly value: number | null;
    readonly fallback_reason: string | null;
    readonly latency_us: number;
  };
};
