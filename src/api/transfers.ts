// Transfers over HTTP: posted alone or as journals of linked legs, read, reversed.
import type { Json } from '#core';
import type { Executed } from '#main';
import { legsMax, readLines, moneySchemas as s } from '#money';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import Type from 'typebox';
import { transferView } from './answer.ts';
import {
  itemAnswer,
  type Item,
  itemKey,
  itemsOf,
  keyOf,
  oneOrMany,
  validatorCompiler,
} from './items.ts';
import { withPayments } from './journal.ts';
import { effectiveBody, legRoute } from './leg-route.ts';
import {
  idOf,
  idParams,
  type Parts,
  read,
  refusedWrites,
  sendRejection,
  told,
  uuidOf,
} from './routes.ts';
import { compile, validate } from './validate.ts';
import * as v from './views.ts';
import { checkInstant, checkTexts, type Write, written } from './write.ts';

export function transferRoutes(app: FastifyInstance, parts: Parts): void {
  postRoute(app, parts);

  app.get(
    '/v1/transfers/:id',
    {
      schema: {
        tags: ['transfers'],
        summary: 'Read a transfer with what stands around it',
        params: idParams(s.transferId),
        response: { 200: v.line, ...v.problems },
      },
    },
    async (request) =>
      read(parts, request, async (tx) => {
        const lines = await readLines(tx, [uuidOf(request, 'transfer')]);
        return (await withPayments(tx, lines))[0];
      }),
  );

  legRoute(app, parts, {
    tag: 'transfers',
    path: '/v1/transfers/:id/reversal',
    summary: 'Reverse a transfer, once: mirror what is posted, release what is held',
    body: effectiveBody,
    params: idParams(s.transferId),
    legOf: (request) => ({ kind: 'reverse', transfer_id: idOf(request) }),
  });
}

const transferItem = Type.Object(
  {
    ...s.moveFields,
    effective_at: Type.Optional(s.instant),
    payment: v.payment,
    idempotency_key: itemKey,
  },
  { additionalProperties: false, title: 'Transfer' },
);
const journalLeg = Type.Object(s.moveFields, { additionalProperties: false });
const journalItem = Type.Object(
  {
    legs: Type.Array(journalLeg, { minItems: 1, maxItems: legsMax }),
    effective_at: Type.Optional(s.instant),
    metadata: Type.Optional(s.metadata),
    payment: v.payment,
    idempotency_key: itemKey,
  },
  { additionalProperties: false, title: 'Journal: legs that succeed or fail together' },
);
const isTransfer = compile(transferItem);
const isJournal = compile(journalItem);

function postRoute(app: FastifyInstance, parts: Parts): void {
  const { writer } = parts;
  app.post(
    '/v1/transfers',
    {
      schema: {
        tags: ['transfers'],
        summary: 'Post a transfer, a journal of linked legs, or up to a thousand of them',
        description:
          'An array is answered item by item; the items of a journal succeed or fail together. ' +
          'Without a key of its own, item n of an array has the key `<Idempotency-Key>#n`. ' +
          'One that is `open` waits for the core of the bank: send it again under its key.',
        headers: v.idempotencyHeaders,
        body: oneOrMany<Type.TSchema>(transferItem, journalItem),
        response: { 200: v.oneOrItems(v.posted), 201: v.posted, ...v.problems },
      },
      validatorCompiler,
    },
    async (request, reply) => {
      const { items, many } = itemsOf(request);
      const writes = items.map((item, index) => writeOf(request, item, index, many));
      const results = many
        ? await writer.all(request, 'ledger:write', writes)
        : [await writer.one(request, 'ledger:write', writes[0] as Write)];
      const events = await told(
        parts,
        request,
        results.map((executed, index) => ({ executed, count: legsOf(writes[index] as Write) })),
      );
      if (!many) {
        const [executed] = results as [Executed];
        if (executed.outcome.status === 'rejected') {
          return sendRejection(parts, request, reply, { executed, scope: 'ledger:write' });
        }
        written(reply, executed.replayed);
        return { status: 'posted', transfers: events[0]?.map(transferView) };
      }
      const refused = await refusedWrites(parts, request, { results, scope: 'ledger:write' });
      return {
        items: results.map((result, index) => {
          const item = itemAnswer(result, 'posted', refused);
          if (item.status !== 'posted') return item;
          return { ...item, transfers: events[index]?.map(transferView) };
        }),
      };
    },
  );
}

/** The transfer or the journal that an item asks for; throws where it does not fit its schema. */
function writeOf(request: FastifyRequest, item: Item, index: number, many: boolean): Write {
  const pointer = many ? `/${index}` : '';
  const isItem = isObject(item) && 'legs' in item ? isJournal : isTransfer;
  validate(isItem, item, pointer);
  checkInstant(item['effective_at'] as string | undefined, `${pointer}/effective_at`);
  checkTexts(item['metadata'], `${pointer}/metadata`);
  checkTexts((item['legs'] as Fields[] | undefined)?.map(metadataOf), `${pointer}/legs`);
  return {
    operation: 'journal.post',
    body: journalOf(item),
    idempotencyKey: keyOf(request, item, index, many),
  };
}

function metadataOf({ metadata }: Fields): Json {
  return { metadata };
}

function isObject(value: unknown): value is Item {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Members in order, so that the body's canonical text (RFC 8785) takes no sorting. */
function journalOf(item: Item): Json {
  const { effective_at, legs, metadata, payment } = item;
  if (legs === undefined) return { effective_at, legs: [postLeg(item)], payment };
  return { effective_at, legs: (legs as Fields[]).map(postLeg), metadata, payment };
}

type Fields = Readonly<Record<string, Json>>;

function postLeg({ amount, credit_account_id, currency, debit_account_id, metadata }: Fields) {
  return { amount, credit_account_id, currency, debit_account_id, kind: 'post', metadata };
}

function legsOf({ body }: Write): number {
  return (body as { legs: unknown[] }).legs.length;
}
