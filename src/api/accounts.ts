// Accounts over HTTP: opened, read, changed; their balances, and the sums of all.
import { derivedUuid, externalId, internalId, type Json, type Uuid, refuseField } from '#core';
import {
  type AccountStatus,
  type AccountType,
  listAccounts,
  moneySchemas as s,
  readAccount,
  readBalances,
  readTrialBalance,
} from '#money';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { openedView, type Told } from './answer.ts';
import {
  type Item,
  itemAnswer,
  itemKey,
  itemsOf,
  keyOf,
  oneOrMany,
  validatorCompiler,
} from './items.ts';
import {
  idOf,
  idParams,
  limitQuery,
  type Parts,
  read,
  refusedWrites,
  sendRejection,
  told,
  uuidOf,
} from './routes.ts';
import { compile, validate } from './validate.ts';
import * as v from './views.ts';
import { checkInstant, idempotencyKeyOf, type Write, written } from './write.ts';

export function accountRoutes(app: FastifyInstance, parts: Parts): void {
  openRoute(app, parts);
  readRoutes(app, parts);
  changeRoute(app, parts);
  balancesRoute(app, parts);
  trialBalanceRoute(app, parts);
}

const accountItem = Type.Object(
  { ...s.openBody.properties, idempotency_key: itemKey },
  { additionalProperties: false, title: 'Account' },
);
const isAccount = compile(accountItem);

function openRoute(app: FastifyInstance, parts: Parts): void {
  const { writer } = parts;
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
      validatorCompiler,
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
          return sendRejection(parts, request, reply, { executed, scope: 'ledger:write' });
        }
        written(reply, executed.replayed);
        const [[opened]] = (await told(parts, request, [{ executed, count: 1 }])) as [[Told]];
        return openedView(opened);
      }
      const results = await writer.all(request, 'ledger:write', writes);
      const opened = await told(
        parts,
        request,
        results.map((executed) => ({ executed, count: 1 })),
      );
      const refused = await refusedWrites(parts, request, { results, scope: 'ledger:write' });
      return {
        items: results.map((result, index) => {
          const item = itemAnswer(result, 'accepted', refused);
          if (item.status !== 'accepted') return item;
          return { ...item, account: openedView(opened[index]?.[0] as Told) };
        }),
      };
    },
  );
}

function bodyOf(item: Item): Json {
  const { idempotency_key: _, ...body } = item;
  return body;
}

/** The public id of an account that a command opened. */
export function openedAccountId(commandId: Uuid): string {
  return externalId('account', derivedUuid(commandId, 'account', 0));
}

const now = Type.Integer({ description: 'Minor units, now.' });
const listed = Type.Object({ ...v.account.properties, booked: now, pending: now, available: now });

type ListQuery = {
  readonly limit?: number;
  readonly after?: string;
  readonly holder_id?: string;
  readonly type?: AccountType;
  readonly currency?: string;
  readonly status?: AccountStatus;
};

function readRoutes(app: FastifyInstance, parts: Parts): void {
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
          type: Type.Optional(v.account.properties.type),
          currency: Type.Optional(s.currency),
          status: Type.Optional(v.account.properties.status),
        }),
        response: { 200: v.page(listed), ...v.problems },
      },
    },
    async (request) => {
      const { limit = 50, after, holder_id, ...filters } = request.query as ListQuery;
      const query = {
        ...filters,
        limit,
        after: after && internalId('account', after),
        holderId: holder_id,
        now: parts.planes.clock.now(),
      };
      return read(parts, request, (tx) => listAccounts(tx, query));
    },
  );

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
    async (request) => read(parts, request, (tx) => readAccount(tx, uuidOf(request, 'account'))),
  );
}

function changeRoute(app: FastifyInstance, parts: Parts): void {
  const { writer } = parts;
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
      const executed = await writer.one(request, 'ledger:write', {
        operation: 'account.change',
        body: { account_id: idOf(request), ...(request.body as Record<string, Json>) },
        idempotencyKey: idempotencyKeyOf(request),
      });
      if (executed.outcome.status === 'rejected') {
        return sendRejection(parts, request, reply, { executed, scope: 'ledger:write' });
      }
      written(reply, executed.replayed);
      const id = uuidOf(request, 'account');
      return read(parts, request, (tx) => readAccount(tx, id), 'ledger:write');
    },
  );
}

function balancesRoute(app: FastifyInstance, parts: Parts): void {
  const { clock } = parts.planes;
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
      const now = clock.now();
      const asOf = query.as_of === undefined ? now : Date.parse(query.as_of);
      if (asOf > now) refuseField('/as_of', 'lies in the future');
      return read(parts, request, (tx) =>
        readBalances(tx, {
          accountId: uuidOf(request, 'account'),
          asOf,
          basis: query.basis ?? 'recorded',
          current: query.as_of === undefined,
        }),
      );
    },
  );
}

function trialBalanceRoute(app: FastifyInstance, parts: Parts): void {
  const { clock } = parts.planes;
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
      if (as_of !== undefined && Date.parse(as_of) > clock.now()) {
        refuseField('/as_of', 'lies in the future');
      }
      return read(parts, request, (tx) =>
        readTrialBalance(tx, as_of === undefined ? undefined : Date.parse(as_of)),
      );
    },
  );
}
