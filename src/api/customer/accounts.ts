// A customer's accounts: what is on them, what has moved, and whom they have paid before.
import { externalId, nullable, type Tx } from '#core';
import { listHeld, readHolders, readParty } from '#cores';
import { accountStatuses, listPaid, moneySchemas as s, readFigures } from '#money';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { visibleTo } from '../personal.ts';
import { idOf, idParams, limitQuery, pageQuery, type Parts } from '../routes.ts';
import { page, problems, words } from '../views.ts';
import { heldAccount, type Mine, own, readOwn } from './own.ts';
import {
  cursorOf,
  cursorPattern,
  namesOf,
  readLines,
  tellLines,
  transactionSchema,
} from './transactions.ts';

const tags = ['customer'];
const payeesMax = 50;
/** Of a person, as far as payees are looked for. */
const ownMax = 50;

const accountView = Type.Object({
  account_id: s.accountId,
  role: Type.Enum(['holder', 'joint_holder']),
  product: nullable(Type.Object({ name: Type.String(), kind: Type.String() })),
  currency: s.currency,
  status: words(accountStatuses),
  booked: Type.Integer({ description: 'Minor units.' }),
  available: Type.Integer({ description: 'Minor units: what may be spent now.' }),
});
const customerView = Type.Object({
  customer: Type.String(),
  name: nullable(Type.String({ description: 'Null where it was erased.' })),
  accounts: page(accountView),
});
const payeeView = Type.Object({
  account_id: s.accountId,
  name: nullable(Type.String({ description: 'As far as the customer may see it.' })),
  paid_at: s.instant,
});

export function customerAccountRoutes(app: FastifyInstance, parts: Parts): void {
  meRoute(app, parts);
  transactionsRoute(app, parts);
  payeesRoute(app, parts);
}

function meRoute(app: FastifyInstance, parts: Parts): void {
  const { planes } = parts;
  app.get(
    '/v1/customer',
    {
      schema: {
        tags,
        summary: 'Who the customer is for the bank, and what is on the own accounts',
        querystring: pageQuery,
        response: { 200: customerView, ...problems },
      },
    },
    async (request) => {
      const { limit = 50, after } = request.query as { limit?: number; after?: string };
      const look = async (tx: Tx, { party }: Mine) => {
        const known = await readParty(tx, party);
        const held = await listHeld(tx, { party, limit, after });
        const ids = held.items.map(({ id }) => id);
        return known && { known, held, figures: await readFigures(tx, ids, planes.clock.now()) };
      };
      const { mine, found } = await readOwn(parts, request, own('account.read'), look);
      const { known, held, figures } = found;
      const [name = null] = await visibleTo(planes, { caller: mine.caller, purpose: 'servicing' }, [
        { class: 'name', token: known.name_token, customer: mine.party },
      ]);
      const accounts = held.items.flatMap(({ id, role, product }) => {
        const figuresOfIt = figures.get(id);
        return figuresOfIt ? [{ ...figuresOfIt, role, product }] : [];
      });
      return { customer: mine.party, name, accounts: { items: accounts, next: held.next } };
    },
  );
}

function transactionsRoute(app: FastifyInstance, parts: Parts): void {
  const { planes } = parts;
  app.get(
    '/v1/customer/accounts/:id/transactions',
    {
      schema: {
        tags,
        summary: 'The transactions of an own account, newest first',
        description:
          'What is booked and what is pending is as of now; what came to nothing is a moment late.',
        params: idParams(s.accountId),
        querystring: Type.Object({
          limit: limitQuery,
          after: Type.Optional(Type.String({ pattern: cursorPattern })),
        }),
        response: { 200: page(transactionSchema), ...problems },
      },
    },
    async (request) => {
      const { limit = 50, after } = request.query as { limit?: number; after?: string };
      const cursor = after === undefined ? {} : { after: cursorOf(after) };
      const right = own('transfer.read', idOf(request));
      const { mine, found } = await readOwn(parts, request, right, async (tx, me) => {
        const account = await heldAccount(tx, me, idOf(request));
        if (account === undefined) return undefined;
        return readLines(tx, { account, limit, now: planes.clock.now(), ...cursor });
      });
      return { items: await tellLines(planes, mine, found), next: found.next };
    },
  );
}

function payeesRoute(app: FastifyInstance, parts: Parts): void {
  app.get(
    '/v1/customer/payees',
    {
      schema: {
        tags,
        summary: `Whom the own accounts have paid lately, ${payeesMax} at most, the latest first`,
        response: { 200: Type.Object({ items: Type.Array(payeeView) }), ...problems },
      },
    },
    async (request) => {
      const look = async (tx: Tx, { party }: Mine) => {
        const held = await listHeld(tx, { party, limit: ownMax });
        const ids = held.items.map(({ id }) => id);
        const paid = await listPaid(tx, ids, payeesMax);
        const holders = await readHolders(
          tx,
          paid.map(({ account_id }) => account_id),
        );
        return { paid, holders };
      };
      const { mine, found } = await readOwn(parts, request, own('transfer.read'), look);
      const names = await namesOf(parts.planes, mine, found);
      const items = found.paid.map(({ account_id, paid_at }) => ({
        ...{ account_id: externalId('account', account_id), paid_at },
        name: names.get(account_id) ?? null,
      }));
      return { items };
    },
  );
}
