// A route of one leg and one answer: a reversal, and everything that happens to a hold.
import { type JournalBody, type Leg, moneySchemas as s } from '#money';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import Type from 'typebox';
import { holdView, type Told, transferView } from './answer.ts';
import { type Parts, sendRejection, told } from './routes.ts';
import * as v from './views.ts';
import { checkInstant, checkTexts, idempotencyKeyOf, written } from './write.ts';

export const effective = { effective_at: Type.Optional(s.instant) };
export const effectiveBody = Type.Object(effective, { additionalProperties: false });

export type LegRoute = {
  readonly tag: 'transfers' | 'holds';
  readonly path: string;
  readonly summary: string;
  readonly body: Type.TSchema;
  readonly params?: Type.TSchema;
  readonly legOf: (request: FastifyRequest) => Leg;
};

export function legRoute(app: FastifyInstance, parts: Parts, route: LegRoute): void {
  const { tag, path, summary, body, params, legOf } = route;
  app.post(
    path,
    {
      schema: {
        tags: [tag],
        summary,
        headers: v.idempotencyHeaders,
        body,
        ...(params ? { params } : {}),
        response: { 200: v.postedHold, 201: v.postedHold, ...v.problems },
      },
    },
    async (request, reply) => {
      const leg = legOf(request);
      checkInstant('expires_at' in leg ? leg.expires_at : undefined, '/expires_at');
      const { effective_at, payment } = request.body as Pick<
        JournalBody,
        'effective_at' | 'payment'
      >;
      checkInstant(effective_at, '/effective_at');
      checkTexts((request.body as { metadata?: unknown }).metadata, '/metadata');
      const executed = await parts.writer.one(request, 'ledger:write', {
        operation: 'journal.post',
        body: { effective_at, legs: [leg], payment },
        idempotencyKey: idempotencyKeyOf(request),
      });
      if (executed.outcome.status === 'rejected') {
        return sendRejection(parts, request, reply, { executed, scope: 'ledger:write' });
      }
      written(reply, executed.replayed);
      const [[event]] = (await told(parts, request, [{ executed, count: 1 }])) as [[Told]];
      const hold = holdView(event);
      return { status: 'posted', transfers: [transferView(event)], ...(hold ? { hold } : {}) };
    },
  );
}
