// The ledger over HTTP: accounts, transfers, holds, balances.
import { derivedUuid, externalId, Fault, internalId, type Json, type Uuid, withTx } from '#core';
import type { Executed, Planes } from '#main';
import {
  type Leg,
  legsMax,
  listAccounts,
  listEntries,
  moneySchemas as s,
  readAccount,
  readBalances,
  readHold,
  readTransfers,
  readTrialBalance,
} from '#money';
import type { Scope } from '#policy';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { PoolClient } from 'pg';
import Type from 'typebox';
import { holdView, openedView, type Told, toldBy, transferView } from './answer.ts';
import type { Authenticate } from './authenticate.ts';
import { rejectionProblem, sendProblem } from './problem.ts';
import * as v from './views.ts';
import { compile, refuse, validate } from './validate.ts';
import {
  checkInstant,
  idempotencyKeyOf,
  idempotencyKeyPattern,
  type Write,
  type Writer,
  written,
} from './write.ts';

/** Items of one request. */
const itemsMax = 1000;
const pageMax = 500;

const limitQuery = Type.Optional(Type.Integer({ minimum: 1, maximum: pageMax, default: 50 }));
const itemKey = Type.Optional(Type.String({ pattern: idempotencyKeyPattern.source }));

const transferItem = Type.Object(
  { ...s.moveFields, effective_at: Type.Optional(s.instant), idempotency_key: itemKey },
  { additionalProperties: false, title: 'Transfer' },
);
const journalLeg = Type.Object(s.moveFields, { additionalProperties: false });
const journalItem = Type.Object(
  {
    legs: Type.Array(journalLeg, { minItems: 1, maxItems: legsMax }),
    effective_at: Type.Optional(s.instant),
    metadata: Type.Optional(s.metadata),
    idempotency_key: itemKey,
  },
  { additionalProperties: false, title: 'Journal: legs that succeed or fail together' },
);
const accountItem = Type.Object(
  { ...s.openBody.properties, idempotency_key: itemKey },
  { additionalProperties: false, title: 'Account' },
);
const holdBody = Type.Object(
  { ...s.moveFields, expires_at: Type.Optional(s.instant), effective_at: Type.Optional(s.instant) },
  { additionalProperties: false },
);
const { kind: _c, hold_id: _h, ...captureFields } = s.captureLeg.properties;
const effective = { effective_at: Type.Optional(s.instant) };
const captureBody = Type.Object(
  { ...captureFields, ...effective },
  { additionalProperties: false },
);
const increaseBody = Type.Object(
  { amount: s.amount, ...effective },
  { additionalProperties: false },
);
const effectiveBody = Type.Object(effective, { additionalProperties: false });
const oneOrMany = <T extends Type.TSchema>(...items: T[]) =>
  Type.Union([...items, Type.Array(Type.Union(items), { minItems: 1, maxItems: itemsMax })]);

const isTransfer = compile(transferItem);
const isJournal = compile(journalItem);
const isAccount = compile(accountItem);

type Item = Record<string, Json> & { idempotency_key?: string };

export function ledgerRoutes(
  app: FastifyInstance,
  { planes, authenticate, writer }: { planes: Planes; authenticate: Authenticate; writer: Writer },
): void {
  const pool = planes.database.pool('read');
  const read = async <T>(
    request: FastifyRequest,
    fn: (tx: PoolClient) => Promise<T | undefined>,
    scope: Scope = 'ledger:read',
  ): Promise<T> => {
    const { principal } = await authenticate.fresh(request, scope);
    const found = await withTx(pool, fn, { tenant: principal.tenant });
    if (found === undefined) throw new Fault('not_found', `there is no ${request.url}`);
    return found;
  };
  /** What the writes of a request have done, from their events. */
  const told = async (
    request: FastifyRequest,
    writes: { executed: Executed | Fault; count: number }[],
  ) => {
    const { principal } = await authenticate.remembered(request, 'ledger:write');
    return toldBy(pool, principal.tenant, writes);
  };

  // Accounts --------------------------------------------------------------------------------------

  app.post(
    '/v1/accounts',
    {
      schema: {
        tags: ['accounts'],
        summary: 'Open one account, or up to a thousand',
        headers: v.idempotencyHeaders,
        body: oneOrMany(accountItem),
        response: { 200: v.oneOrItems(v.account), 201: v.account, ...v.problems },
      },
      validatorCompiler: () => () => true,
    },
    async (request, reply) => {
      const { items, many } = itemsOf(request);
      const writes = items.map((item, index): Write => {
        validate(isAccount, item, many ? `/${index}` : '');
        return {
          operation: 'account.open',
          body: bodyOf(item),
          idempotencyKey: keyOf(request, item, index, many),
        };
      });
      if (!many) {
        const executed = await writer.one(request, 'ledger:write', writes[0] as Write);
        if (executed.outcome.status === 'rejected') {
          return sendProblem(reply, rejectionProblem(executed.outcome));
        }
        written(reply, executed.replayed);
        const [[opened]] = (await told(request, [{ executed, count: 1 }])) as [[Told]];
        return openedView(opened);
      }
      const results = await writer.all(request, 'ledger:write', writes);
      const opened = await told(
        request,
        results.map((executed) => ({ executed, count: 1 })),
      );
      return {
        items: results.map((result, index) => {
          const account = opened[index]?.[0];
          return {
            ...itemOf(result, 'accepted'),
            ...(account && { account: openedView(account) }),
          };
        }),
      };
    },
  );

  app.get(
    '/v1/accounts',
    {
      schema: {
        tags: ['accounts'],
        summary: 'List accounts in the order of their opening',
        querystring: Type.Object({
          limit: limitQuery,
          after: Type.Optional(s.accountId),
          holder_id: Type.Optional(Type.String()),
        }),
        response: { 200: v.page(v.account), ...v.problems },
      },
    },
    async (request) => {
      const query = request.query as { limit?: number; after?: string; holder_id?: string };
      return read(request, (tx) =>
        listAccounts(tx, {
          limit: query.limit ?? 50,
          after: query.after && internalId('account', query.after),
          holderId: query.holder_id,
        }),
      );
    },
  );

  const idParams = (id: Type.TSchema) => Type.Object({ id });
  const uuidOf = (request: FastifyRequest, kind: 'account' | 'hold' | 'transfer'): Uuid =>
    internalId(kind, (request.params as { id: string }).id) as Uuid;

  app.get(
    '/v1/accounts/:id',
    {
      schema: {
        tags: ['accounts'],
        summary: 'Read an account',
        params: idParams(s.accountId),
        response: { 200: v.account, ...v.problems },
      },
    },
    async (request) => read(request, (tx) => readAccount(tx, uuidOf(request, 'account'))),
  );

  app.patch(
    '/v1/accounts/:id',
    {
      schema: {
        tags: ['accounts'],
        summary: 'Freeze, unfreeze or close an account, or change its bound',
        headers: v.idempotencyHeaders,
        params: idParams(s.accountId),
        body: s.changeBody,
        response: { 200: v.account, 201: v.account, ...v.problems },
      },
    },
    async (request, reply) => {
      const { id: account_id } = request.params as { id: string };
      const executed = await writer.one(request, 'ledger:write', {
        operation: 'account.change',
        body: { account_id, ...(request.body as Record<string, Json>) },
        idempotencyKey: idempotencyKeyOf(request),
      });
      if (executed.outcome.status === 'rejected') {
        return sendProblem(reply, rejectionProblem(executed.outcome));
      }
      written(reply, executed.replayed);
      const id = uuidOf(request, 'account');
      return read(request, (tx) => readAccount(tx, id), 'ledger:write');
    },
  );

  app.get(
    '/v1/accounts/:id/balances',
    {
      schema: {
        tags: ['accounts'],
        summary: 'Booked, pending and available balance, now or as of any past instant',
        params: idParams(s.accountId),
        querystring: Type.Object({
          as_of: Type.Optional(s.instant),
          basis: Type.Optional(
            Type.Unsafe<'recorded' | 'effective'>({
              type: 'string',
              enum: ['recorded', 'effective'],
              default: 'recorded',
              description: 'As it was recorded, or by value date.',
            }),
          ),
        }),
        response: { 200: v.balances, ...v.problems },
      },
    },
    async (request) => {
      const query = request.query as { as_of?: string; basis?: 'recorded' | 'effective' };
      checkInstant(query.as_of, '/as_of');
      const now = planes.clock.now();
      const asOf = query.as_of === undefined ? now : Date.parse(query.as_of);
      if (asOf > now) refuse('/as_of', 'lies in the future');
      return read(request, (tx) =>
        readBalances(tx, {
          accountId: uuidOf(request, 'account'),
          asOf,
          basis: query.basis ?? 'recorded',
          current: query.as_of === undefined,
        }),
      );
    },
  );

  app.get(
    '/v1/accounts/:id/entries',
    {
      schema: {
        tags: ['accounts'],
        summary: 'The entries of an account, oldest first, each with the balances after it',
        params: idParams(s.accountId),
        querystring: Type.Object({
          limit: limitQuery,
          after: Type.Optional(Type.Integer({ minimum: 0, description: 'The version last seen.' })),
        }),
        response: { 200: v.page(v.entry), ...v.problems },
      },
    },
    async (request) => {
      const query = request.query as { limit?: number; after?: number };
      return read(request, (tx) =>
        listEntries(tx, {
          accountId: uuidOf(request, 'account'),
          after: query.after ?? 0,
          limit: query.limit ?? 50,
        }),
      );
    },
  );

  // Transfers -------------------------------------------------------------------------------------

  app.post(
    '/v1/transfers',
    {
      schema: {
        tags: ['transfers'],
        summary: 'Post a transfer, a journal of linked legs, or up to a thousand of them',
        description:
          'An array is answered item by item; the items of a journal succeed or fail together. ' +
          'Without a key of its own, item n of an array has the key `<Idempotency-Key>#n`.',
        headers: v.idempotencyHeaders,
        body: oneOrMany<Type.TSchema>(transferItem, journalItem),
        response: { 200: v.oneOrItems(v.posted), 201: v.posted, ...v.problems },
      },
      validatorCompiler: () => () => true,
    },
    async (request, reply) => {
      const { items, many } = itemsOf(request);
      const writes = items.map((item, index): Write => {
        const pointer = many ? `/${index}` : '';
        const isItem = isObject(item) && 'legs' in item ? isJournal : isTransfer;
        validate(isItem, item, pointer);
        checkInstant(item['effective_at'] as string | undefined, `${pointer}/effective_at`);
        return {
          operation: 'journal.post',
          body: journalOf(item),
          idempotencyKey: keyOf(request, item, index, many),
        };
      });
      const results = many
        ? await writer.all(request, 'ledger:write', writes)
        : [await writer.one(request, 'ledger:write', writes[0] as Write)];
      const events = await told(
        request,
        results.map((executed, index) => ({ executed, count: legsOf(writes[index] as Write) })),
      );
      if (!many) {
        const [executed] = results as [Executed];
        if (executed.outcome.status === 'rejected') {
          return sendProblem(reply, rejectionProblem(executed.outcome));
        }
        written(reply, executed.replayed);
        return { status: 'posted', transfers: events[0]?.map(transferView) };
      }
      return {
        items: results.map((result, index) => {
          const item = itemOf(result, 'posted');
          if (item.status === 'rejected') return item;
          return { ...item, transfers: events[index]?.map(transferView) };
        }),
      };
    },
  );

  app.get(
    '/v1/transfers/:id',
    {
      schema: {
        tags: ['transfers'],
        summary: 'Read a transfer',
        params: idParams(s.transferId),
        response: { 200: v.transfer, ...v.problems },
      },
    },
    async (request) =>
      read(request, async (tx) => (await readTransfers(tx, [uuidOf(request, 'transfer')]))[0]),
  );

  // One leg, one answer: reversals and everything that happens to a hold.
  const legRoute = (
    path: string,
    summary: string,
    body: Type.TSchema,
    leg: (request: FastifyRequest) => Leg,
    params?: Type.TSchema,
  ) =>
    app.post(
      path,
      {
        schema: {
          tags: [path.includes('hold') ? 'holds' : 'transfers'],
          summary,
          headers: v.idempotencyHeaders,
          body,
          ...(params ? { params } : {}),
          response: { 200: v.postedHold, 201: v.postedHold, ...v.problems },
        },
      },
      async (request, reply) => {
        const asked = leg(request);
        checkInstant('expires_at' in asked ? asked.expires_at : undefined, '/expires_at');
        const { effective_at } = request.body as { effective_at?: string };
        checkInstant(effective_at, '/effective_at');
        const executed = await writer.one(request, 'ledger:write', {
          operation: 'journal.post',
          body: { legs: [asked], ...(effective_at === undefined ? {} : { effective_at }) },
          idempotencyKey: idempotencyKeyOf(request),
        });
        if (executed.outcome.status === 'rejected') {
          return sendProblem(reply, rejectionProblem(executed.outcome));
        }
        written(reply, executed.replayed);
        const [[event]] = (await told(request, [{ executed, count: 1 }])) as [[Told]];
        const hold = holdView(event);
        return { status: 'posted', transfers: [transferView(event)], ...(hold ? { hold } : {}) };
      },
    );

  legRoute(
    '/v1/transfers/:id/reversal',
    'Reverse a transfer, once: mirror what is posted, release what is held',
    effectiveBody,
    (request) => ({ kind: 'reverse', transfer_id: (request.params as { id: string }).id }),
    idParams(s.transferId),
  );

  // Holds -----------------------------------------------------------------------------------------

  const holdIdOf = (request: FastifyRequest) => (request.params as { id: string }).id;

  const fieldsOf = (request: FastifyRequest) => {
    const { effective_at: _, ...fields } = request.body as Record<string, Json>;
    return fields;
  };

  legRoute(
    '/v1/holds',
    'Reserve an amount on both accounts',
    holdBody,
    (request) => ({ kind: 'hold', ...fieldsOf(request) }) as Leg,
  );
  legRoute(
    '/v1/holds/:id/capture',
    'Post all or a part of a hold; the rest is released unless final is false',
    captureBody,
    (request) => ({ kind: 'capture', hold_id: holdIdOf(request), ...fieldsOf(request) }) as Leg,
    idParams(s.holdId),
  );
  legRoute(
    '/v1/holds/:id/increase',
    'Add to a hold (incremental authorization)',
    increaseBody,
    (request) => ({ kind: 'increase', hold_id: holdIdOf(request), ...fieldsOf(request) }) as Leg,
    idParams(s.holdId),
  );
  legRoute(
    '/v1/holds/:id/void',
    'Release what is left of a hold',
    effectiveBody,
    (request) => ({ kind: 'void', hold_id: holdIdOf(request) }),
    idParams(s.holdId),
  );
  app.get(
    '/v1/holds/:id',
    {
      schema: {
        tags: ['holds'],
        summary: 'Read a hold as it stands now',
        params: idParams(s.holdId),
        response: { 200: v.hold, ...v.problems },
      },
    },
    async (request) =>
      read(request, (tx) => readHold(tx, uuidOf(request, 'hold'), planes.clock.now())),
  );

  app.get(
    '/v1/trial-balance',
    {
      schema: {
        tags: ['accounts'],
        summary: 'The sums of all accounts by currency and type',
        querystring: Type.Object({ as_of: Type.Optional(s.instant) }),
        response: { 200: v.trialBalance, ...v.problems },
      },
    },
    async (request) => {
      const { as_of } = request.query as { as_of?: string };
      checkInstant(as_of, '/as_of');
      if (as_of !== undefined && Date.parse(as_of) > planes.clock.now()) {
        refuse('/as_of', 'lies in the future');
      }
      return read(request, (tx) =>
        readTrialBalance(tx, as_of === undefined ? undefined : Date.parse(as_of)),
      );
    },
  );
}

/** What happened to one item of an array. */
function itemOf(result: Executed | Fault, done: 'accepted' | 'posted') {
  if (result instanceof Fault) return { status: 'rejected', code: result.code };
  const { outcome, replayed } = result;
  return outcome.status === 'rejected' ? { ...outcome, replayed } : { status: done, replayed };
}

function isObject(value: unknown): value is Item {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function itemsOf(request: FastifyRequest): { items: Item[]; many: boolean } {
  const many = Array.isArray(request.body);
  const items = (many ? request.body : [request.body]) as Item[];
  if (items.length === 0) throw new Fault('invalid_request', 'the array has no items');
  if (items.length > itemsMax) {
    throw new Fault(
      'too_many_items',
      `${items.length} items: send at most ${itemsMax} in one request`,
    );
  }
  return { items, many };
}

function keyOf(request: FastifyRequest, item: Item, index: number, many: boolean): string {
  const header = idempotencyKeyOf(request);
  return many ? (item.idempotency_key ?? `${header}#${index}`) : header;
}

function bodyOf(item: Item): Json {
  const { idempotency_key: _, ...body } = item;
  return body;
}

function journalOf(item: Item): Json {
  const { idempotency_key: _, effective_at, ...rest } = item;
  const effective = effective_at === undefined ? {} : { effective_at };
  if (!('legs' in rest)) return { legs: [{ kind: 'post', ...rest }], ...effective };
  const { legs, ...more } = rest as { legs: Record<string, Json>[] };
  return { legs: legs.map((leg) => ({ kind: 'post', ...leg })), ...more, ...effective };
}

function legsOf({ body }: Write): number {
  return (body as { legs: unknown[] }).legs.length;
}

/** The public id of an account that a command opened. */
export function openedAccountId(commandId: Uuid): string {
  return externalId('account', derivedUuid(commandId, 'account', 0));
}
