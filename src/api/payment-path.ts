// One payment explained: what was known, what the model said, which rules held, what moved, how it
// is proven, and every step it took.
import {
  derivedUuid,
  externalId,
  internalId,
  type Json,
  nullable,
  type Principal,
  principalText,
  type Tx,
} from '#core';
import { moneySchemas as s, readHold, readTransfers } from '#money';
import { type Chain, type Link, movementIds, type PaymentView, readPayment } from '#payments';
import { challengeOf, explainDecision, readDecisions } from '#policy';
import type { FastifyRequest } from 'fastify';
import Type from 'typebox';
import { type Parts, read } from './routes.ts';
import * as v from './views.ts';

const text = Type.String();
const free = Type.Record(text, Type.Unknown());

export const standing = Type.Object({
  payment_id: text,
  kind: text,
  channel: text,
  status: text,
  outcome: text,
  debtor_account_id: s.accountId,
  creditor_account_id: s.accountId,
  debtor: nullable(text),
  creditor: nullable(text),
  amount: Type.Integer({ description: 'Minor units: ordered or authorized, and added since.' }),
  captured: Type.Integer({ description: 'What of an authorization was taken.' }),
  returned: Type.Integer({ description: 'What has gone back.' }),
  currency: s.currency,
  end_to_end_id: nullable(text),
  requested_by: Type.String({ description: 'Who has ordered it.' }),
  created_at: s.instant,
  updated_at: s.instant,
});
const history = Type.Array(
  Type.Object({ event_id: text, type: text, at: s.instant, payload: free, receipt: text }),
);
const decided = Type.Object({
  decision_id: text,
  decided_at: s.instant,
  outcome: text,
  policy_version: text,
  bundle: text,
  reasons: Type.Array(Type.Object({ code: text, text })),
  obligations: free,
  facts: free,
  why: Type.Array(Type.String({ description: 'A sentence for each rule that held.' })),
  why_not: Type.Array(Type.String({ description: 'A sentence for each rule that did not.' })),
  receipt: text,
});
export const pathSchema = Type.Interface([standing], {
  command_id: text,
  trace_id: text,
  requested_by: text,
  purpose: nullable(text),
  order: free,
  challenge: nullable(free),
  score: nullable(free),
  decisions: Type.Array(decided),
  transfers: Type.Array(v.transfer),
  holds: Type.Array(v.hold),
  history,
});

/** How the payment stands, with all that is committed of it. */
export async function standingView(tx: Tx, id: string) {
  return (await readPayment(tx, id))?.payment;
}

export async function explainPayment(parts: Parts, request: FastifyRequest, id: string) {
  const { planes } = parts;
  const { principal } = await parts.authenticate.fresh(request, 'payments:read');
  const look = async (tx: Tx) => {
    const found = await readPayment(tx, id);
    if (found && !isSeenBy(principal, found.chain)) return undefined;
    return found && { ...found, ...(await readPath(tx, found, planes.clock.now())) };
  };
  const { payment, chain, made, score, transfers, holds } = await read(
    parts,
    request,
    look,
    'payments:read',
  );
  const { first, tenant, state } = chain;
  const decisions = await Promise.all(
    made.map(async (decision) => {
      const program = await planes.library.program(tenant, decision.bundle);
      const { reasons, why, why_not } = explainDecision(program, decision);
      const { decision_id, decided_at, outcome, policy_version, bundle } = decision;
      const { obligations, facts, event_id } = decision;
      return {
        ...{ decision_id, decided_at, outcome, policy_version, bundle, reasons, obligations },
        ...{ facts, why, why_not, receipt: receiptOf(event_id) },
      };
    }),
  );
  const { history: steps, ...stands } = payment;
  const asked = steps.some(({ payload }) => payload.step_up) && state === 'waiting';
  return {
    ...stands,
    command_id: externalId('command', first.commandId),
    trace_id: made[0]?.trace_id ?? '',
    requested_by: made[0]?.requester ?? '',
    purpose: made[0]?.purpose ?? null,
    order: first.body.order,
    challenge: asked ? challengeOfChain(chain) : null,
    ...{ score, decisions, transfers, holds },
    history: steps.map(({ event_id, type, at, payload }) => ({
      ...{ event_id, type, at, payload, receipt: receiptOf(event_id) },
    })),
  };
}

/** Partners and agents see what they have ordered themselves, and act on nothing else. */
export function isSeenBy(principal: Principal, { first }: Chain): boolean {
  return isOfBank(principal) || principalText(first.principal) === principalText(principal);
}

export function isOfBank({ kind }: Principal): boolean {
  return kind === 'user' || kind === 'service';
}

function receiptOf(event: string): string {
  return `/v1/events/${event}/receipt`;
}

function challengeOfChain({ first, resumptions }: Chain) {
  const { commandId: id, digest, body } = first;
  const isAsking = ({ decision, outcome }: Link) =>
    decision.outcome === 'hold' && outcome.status === 'accepted';
  const { receivedAt: askedAt } = resumptions.findLast(isAsking) ?? first;
  return challengeOf({ id, digest, body, askedAt }) ?? null;
}

/** What was decided on it, what was heard, and what has moved. */
async function readPath(
  tx: Tx,
  { chain, payment }: { readonly chain: Chain; readonly payment: PaymentView },
  now: number,
) {
  const links = [chain.first, ...chain.resumptions];
  const ids = links.map(({ commandId }) => derivedUuid(commandId, 'decision', 0));
  const decisions = await readDecisions(tx, ids);
  const placed = links.flatMap(({ commandId, body }) => movementIds(commandId, body));
  const told = payment.history.flatMap(({ payload }) => payload.transfer_ids);
  const moved = told.flatMap((id) => internalId('transfer', id) ?? []);
  const transfers = await readTransfers(tx, [...new Set([...placed, ...moved])]);
  const held = transfers.filter(({ kind }) => kind === 'hold');
  const holds = [];
  for (const { id } of held.slice(0, holdsMax)) {
    const hold = await readHold(tx, internalId('transfer', id) as string, now);
    if (hold) holds.push(hold);
  }
  return {
    made: ids.flatMap((id) => decisions.get(id) ?? []),
    score: await readScore(tx, chain.first.decision.modelScoreRef),
    transfers,
    holds,
  };
}

/** Of one payment. */
const holdsMax = 20;

async function readScore(tx: Tx, ref: string | null): Promise<Json> {
  const id = ref === null ? undefined : internalId('score', ref);
  if (id === undefined) return null;
  const { rows } = await tx.query<{ payload: Json }>(
    `select body::jsonb #> '{data,payload}' as payload from core.event
      where tenant_id = core.current_tenant() and id = $1 and type = 'score.produced'`,
    [id],
  );
  return rows[0]?.payload ?? null;
}
