// Labels over HTTP: how payments and decisions turned out, for the models that scored them.
import {
  derivedUuid,
  externalId,
  internalId,
  invalidRequest,
  type Json,
  type Tx,
  type Uuid,
} from '#core';
import {
  type LabelBody,
  type Labelled,
  type LabelRecordBody,
  labelSchemas as s,
  listLabels,
} from '#ai';
import { readPayments } from '#money';
import { readDecisions } from '#policy';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { change, limitQuery, type Parts, read } from './routes.ts';
import { idempotencyHeaders, page, problems } from './views.ts';
import { checkInstant } from './write.ts';

const tags = ['models'];

export function labelRoutes(app: FastifyInstance, parts: Parts): void {
  recordRoute(app, parts);
  listRoute(app, parts);
}

function recordRoute(app: FastifyInstance, parts: Parts): void {
  const answered = Type.Object({
    items: Type.Array(Type.Object({ label_id: Type.String(), command_id: Type.String() })),
  });
  app.post(
    '/v1/labels',
    {
      schema: {
        tags,
        summary: 'Record how payments or decisions turned out',
        description:
          'A payment is named by any of its transfers, a decision without one by its id. The ' +
          'last label of a case counts; those before stay in the log. Only a person reviews.',
        headers: idempotencyHeaders,
        body: s.labelBody,
        response: { 200: answered, 201: answered, ...problems },
      },
    },
    async (request, reply) => {
      const asked = request.body as LabelBody;
      const body = await read(parts, request, (tx) => resolve(tx, asked), 'ledger:write');
      return change(parts, request, reply, {
        ...{ scope: 'ledger:write', operation: 'label.record', body: body as unknown as Json },
        tell: async (_tx, command) => ({
          items: body.labels.map(({ command_id }, ordinal) => ({
            label_id: externalId('label', derivedUuid(command, 'label', ordinal)),
            command_id,
          })),
        }),
      });
    },
  );
}

/** What never changes of what the labels are about: a retry resolves to the same. */
async function resolve(tx: Tx, { labels }: LabelBody): Promise<LabelRecordBody> {
  const ids = (kind: 'transfer' | 'decision') =>
    labels.flatMap((each) => internalId(kind, each[`${kind}_id`] ?? '') ?? []);
  const payments = await readPayments(tx, ids('transfer'));
  const decisions = await readDecisions(tx, ids('decision'));
  const flaws: { pointer: string; detail: string }[] = [];
  const found = labels.flatMap(({ label, source, occurred_at, ...of }, index) => {
    const at = `/labels/${index}`;
    checkInstant(occurred_at, `${at}/occurred_at`);
    const { transfer_id, decision_id } = of;
    if ((transfer_id === undefined) === (decision_id === undefined)) {
      flaws.push({ pointer: at, detail: 'names either a transfer_id or a decision_id' });
      return [];
    }
    const about =
      transfer_id === undefined
        ? ofDecision(decisions, decision_id ?? '')
        : ofTransfer(payments, transfer_id);
    if (about) return [{ ...about, label, source, occurred_at: occurred_at ?? null }];
    const kind = transfer_id === undefined ? 'decision' : 'transfer';
    flaws.push({ pointer: `${at}/${kind}_id`, detail: `there is no such ${kind}` });
    return [];
  });
  if (flaws.length > 0) throw invalidRequest(flaws);
  return { labels: found };
}

function ofTransfer(
  payments: Awaited<ReturnType<typeof readPayments>>,
  id: string,
): Labelled | undefined {
  const payment = payments.get(internalId('transfer', id) as Uuid);
  if (!payment) return undefined;
  const { command_id, amount, currency, paid_at, metadata } = payment;
  return {
    transfer_id: id,
    decision_id: null,
    command_id,
    account_id: payment.debit_account_id,
    merchant: metadata?.['merchant'] || payment.credit_account_id,
    ...{ amount, currency, paid_at },
  };
}

function ofDecision(
  decisions: Awaited<ReturnType<typeof readDecisions>>,
  id: string,
): Labelled | undefined {
  const decision = decisions.get(internalId('decision', id) as Uuid);
  if (!decision) return undefined;
  const { command_id, account_id, amount, currency, decided_at, facts } = decision;
  const merchant = facts['merchant'] ?? facts['counter_account_id'];
  return {
    transfer_id: null,
    decision_id: id,
    ...{ command_id, account_id, amount, currency },
    merchant: typeof merchant === 'string' ? merchant : null,
    paid_at: decided_at,
  };
}

function listRoute(app: FastifyInstance, parts: Parts): void {
  app.get(
    '/v1/labels',
    {
      schema: {
        tags,
        summary: 'List labels, newest first, once they are sealed',
        querystring: Type.Object({
          source: Type.Optional(s.source),
          limit: limitQuery,
          after: Type.Optional(Type.String({ maxLength: 60 })),
        }),
        response: { 200: page(s.labelView), ...problems },
      },
    },
    (request) => {
      const query = request.query as { source?: string; limit?: number; after?: string };
      const { limit = 50, ...rest } = query;
      return read(parts, request, (tx) => listLabels(tx, { limit, ...rest }), 'ledger:read');
    },
  );
}
