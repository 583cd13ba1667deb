// Payments over HTTP: ordered or authorized, answered with their outcome, and taken step by step.
import {
  type EventDraft,
  Fault,
  instantFromText,
  type Json,
  nullable,
  refuseField,
  type Tx,
  withTx,
  toldId,
} from '#core';
import type { Executed } from '#main';
import { moneySchemas as s } from '#money';
import {
  type AuthorizationBody,
  authorization,
  cancellation,
  type Chain,
  clearing,
  type ClearingBody,
  increment,
  type IncrementBody,
  initiation,
  type OrderBody,
  type PaymentPayload,
  paymentSchemas as p,
  paymentStatuses,
  readChain,
  representation,
  type ReturnBody,
  sendBack,
  type Step,
} from '#payments';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import Type from 'typebox';
import { paymentListRoutes } from './payment-lists.ts';
import { explainPayment, isSeenBy, pathSchema, standing, standingView } from './payment-path.ts';
import { idOf, type Parts, read, sendRejection } from './routes.ts';
import * as v from './views.ts';
import { checkInstant, checkOpaque, checkTexts, idempotencyKeyOf, written } from './write.ts';

const scope = 'payments:write';
export const paymentParams = Type.Object({
  id: Type.String({ pattern: '^pay_[0-9a-hjkmnp-tv-z]{26}$' }),
});

const answerSchema = Type.Object({
  id: Type.String(),
  outcome: v.words(['allowed', 'denied', 'held', 'review', 'step_up_required']),
  status: v.words([...paymentStatuses]),
  reasons: Type.Array(Type.String({ description: 'Codes of the policy, or the ledger’s one.' })),
  code: nullable(Type.String({ description: 'Why the ledger has refused what policy allowed.' })),
  limit: nullable(Type.String()),
  amount: Type.Integer(),
  currency: s.currency,
  debtor_account_id: s.accountId,
  creditor_account_id: s.accountId,
  end_to_end_id: nullable(Type.String()),
  decision_id: Type.String(),
  fraud_score: nullable(Type.Number()),
  score_status: nullable(Type.String()),
  transfer_ids: Type.Array(Type.String()),
  hold_ids: Type.Array(Type.String()),
});

export function paymentRoutes(app: FastifyInstance, parts: Parts): void {
  beginRoute(app, parts, {
    path: '/v1/payments',
    summary: 'Order a payment: it is scored, decided, and posted or held, in one call',
    operation: 'payment.initiate',
    body: p.orderBody,
    bodyOf: (body) => initiation(body as OrderBody),
  });
  beginRoute(app, parts, {
    path: '/v1/card-authorizations',
    summary: 'Authorize a card payment: its amount is held until it is cleared',
    operation: 'payment.authorize',
    body: p.authorizationBody,
    bodyOf: (body) => authorization(body as AuthorizationBody),
  });
  for (const route of steps) stepRoute(app, parts, route);
  paymentListRoutes(app, parts);
  readRoute(app, parts);
}

type Beginning = {
  readonly path: string;
  readonly summary: string;
  readonly operation: string;
  readonly body: Type.TSchema;
  readonly bodyOf: (body: unknown) => Json;
};

function beginRoute(app: FastifyInstance, parts: Parts, route: Beginning): void {
  const { path, summary, operation, body, bodyOf } = route;
  app.post(
    path,
    {
      schema: {
        tags: ['payments'],
        summary,
        description:
          'Every outcome that was decided is answered with 201: `outcome` says whether it was ' +
          'allowed. A retry under the same key gets the first answer with 200.',
        headers: v.idempotencyHeaders,
        body,
        response: { 200: answerSchema, 201: answerSchema, ...v.problems },
      },
    },
    async (request, reply) => {
      const asked = request.body as OrderBody & AuthorizationBody;
      checkInstant(asked.effective_at, '/effective_at');
      checkInstant(asked.expires_at, '/expires_at');
      for (const name of ['debtor', 'creditor', 'device', 'session', 'card'] as const) {
        if (asked[name] !== undefined) checkOpaque(asked[name], `/${name}`);
      }
      checkTexts(asked);
      checkLife(asked.expires_at, parts.planes.clock.now());
      const executed = await parts.writer.one(request, scope, {
        operation,
        body: bodyOf(asked),
        idempotencyKey: idempotencyKeyOf(request),
      });
      written(reply, executed.replayed);
      return answerOf(await payloadOf(parts, request, executed));
    },
  );
}

/** Of an authorization: what card schemes allow at most. */
const lifeMaxMs = 31 * 86_400_000;

function checkLife(expiresAt: string | undefined, now: number): void {
  if (expiresAt === undefined) return;
  const aheadMs = (instantFromText(expiresAt) ?? 0) - now;
  if (aheadMs <= 0) refuseField('/expires_at', 'is over already');
  if (aheadMs > lifeMaxMs) refuseField('/expires_at', 'is at most 31 days ahead');
}

/** What the step has told of the payment: at hand, or on record where it is a retry. */
async function payloadOf(
  { planes, authenticate }: Parts,
  request: FastifyRequest,
  executed: Executed,
): Promise<PaymentPayload> {
  const told = executed.told?.[0] ?? (await readTold());
  return (told as Pick<EventDraft, 'payload'>).payload as unknown as PaymentPayload;

  async function readTold(): Promise<Pick<EventDraft, 'payload'>> {
    const { principal } = await authenticate.remembered(request, scope);
    const look = (tx: Tx) =>
      tx.query<{ payload: Json }>(
        `select body::jsonb #> '{data,payload}' as payload from core.event
          where tenant_id = core.current_tenant() and id = $1`,
        [toldId(executed.commandId, 0)],
      );
    const { rows } = await withTx(planes.database.pool('read'), look, {
      tenant: principal.tenant,
      readOnly: true,
    });
    const [row] = rows;
    if (!row) throw new Fault('idempotency_key_reused', 'this key was used for something else');
    return row;
  }
}

function answerOf(payload: PaymentPayload) {
  const { payment_id, outcome, status, reasons, code, limit, amount, currency } = payload;
  const { debtor_account_id, creditor_account_id, end_to_end_id, decision_id } = payload;
  const { fraud_score, score_status, transfer_ids, hold_ids } = payload;
  return {
    ...{ id: payment_id, outcome, status, reasons, code, limit, amount, currency },
    ...{ debtor_account_id, creditor_account_id, end_to_end_id, decision_id },
    ...{ fraud_score, score_status, transfer_ids, hold_ids },
  };
}

// Steps -------------------------------------------------------------------------------------------

type StepRoute = {
  readonly act: string;
  readonly summary: string;
  readonly body: Type.TSchema;
  readonly stepOf: (chain: Chain, body: unknown, tx: Tx) => Step | Promise<Step>;
  /** Where the message itself has a name that its repetitions share. */
  readonly keyOf?: (id: string, body: unknown) => string;
};

const steps: readonly StepRoute[] = [
  {
    act: 'increment',
    summary: 'Add to a card authorization: policy looks at what is added',
    body: p.incrementBody,
    stepOf: (chain, body) => increment(chain, body as IncrementBody),
  },
  {
    act: 'capture',
    summary: 'Take all or a part of a card authorization: a clearing message',
    body: p.clearingBody,
    stepOf: (chain, body) => clearing(chain, body as ClearingBody),
    // A blank, which no caller can send: the message is known by its own id.
    keyOf: (id, body) => `clearing ${id} ${(body as ClearingBody).clearing_id}`,
  },
  {
    act: 'cancel',
    summary: 'Give back what is held: of a payment that waits, or of an authorization',
    body: p.cancelBody,
    stepOf: (chain, body) => cancellation(chain, (body as { reason?: string }).reason),
  },
  {
    act: 'refund',
    summary: 'Send all or a part back, by the creditor',
    body: p.returnBody,
    stepOf: (chain, body) => sendBack(chain, 'refund', body as ReturnBody),
  },
  {
    act: 'return',
    summary: 'Send all or a part back, by the rail or the creditor’s bank',
    body: p.returnBody,
    stepOf: (chain, body) => sendBack(chain, 'return', body as ReturnBody),
  },
  {
    act: 'chargeback',
    summary: 'Take all or a part back from the creditor, by the card network',
    body: p.returnBody,
    stepOf: (chain, body) => sendBack(chain, 'chargeback', body as ReturnBody),
  },
  {
    act: 'represent',
    summary: 'Contest a chargeback: what it has moved is moved again',
    body: p.representBody,
    stepOf: (chain, body, tx) =>
      representation(tx, chain, (body as { transfer_id: string }).transfer_id),
  },
];

function stepRoute(app: FastifyInstance, parts: Parts, route: StepRoute): void {
  const { act, summary, body, stepOf, keyOf } = route;
  app.post(
    `/v1/payments/:id/${act}`,
    {
      schema: {
        tags: ['payments'],
        summary,
        headers: v.idempotencyHeaders,
        params: paymentParams,
        body,
        response: { 200: standing, 201: standing, ...v.problems },
      },
    },
    async (request, reply) => {
      const asked = request.body as { effective_at?: string };
      checkInstant(asked.effective_at, '/effective_at');
      checkTexts(asked);
      const given = idempotencyKeyOf(request);
      const id = idOf(request);
      const { principal } = await parts.authenticate.remembered(request, scope);
      if (principal.kind !== 'service' && 'facts' in asked) {
        refuseField('/facts', 'are said by services of the bank alone');
      }
      const idempotencyKey = keyOf?.(id, asked) ?? given;
      const look = async (tx: Tx) => {
        const chain = await readChain(tx, id);
        return chain && isSeenBy(principal, chain) ? stepOf(chain, asked, tx) : undefined;
      };
      const step = await read(parts, request, look, scope);
      const executed = await parts.writer
        .one(request, scope, { ...step, idempotencyKey })
        .catch((error: unknown) => tellMessage(error, asked));
      return tellStep(parts, request, reply, executed);
    },
  );
}

/** A message that is known by its own id is told by it, and not by a key that nobody has sent. */
function tellMessage(error: unknown, asked: object): never {
  const isReused = error instanceof Fault && error.code === 'idempotency_key_reused';
  if (!isReused || !('clearing_id' in asked)) throw error;
  const why = `the clearing message ${String(asked.clearing_id)} was heard with another content`;
  throw new Fault('idempotency_key_reused', why, { cause: error });
}

/** The payment after a step, or why the ledger or policy has refused it. */
async function tellStep(
  parts: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
  executed: Executed,
) {
  if (executed.outcome.status === 'rejected') {
    return sendRejection(parts, request, reply, { executed, scope });
  }
  written(reply, executed.replayed);
  return read(parts, request, (tx) => standingView(tx, idOf(request)), scope);
}

// Reading -----------------------------------------------------------------------------------------

function readRoute(app: FastifyInstance, parts: Parts): void {
  app.get(
    '/v1/payments/:id',
    {
      schema: {
        tags: ['payments'],
        summary: 'A payment with its whole path: facts, score, rules, entries, evidence, history',
        params: paymentParams,
        response: { 200: pathSchema, ...v.problems },
      },
    },
    async (request) => explainPayment(parts, request, idOf(request)),
  );
}
