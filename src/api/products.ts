// Products over HTTP, and which party holds which account by which of them.
import { Fault, internalId, type Json, type Tx, type Uuid } from '#core';
import {
  definedProductId,
  holdingSchemas,
  listProducts,
  ownAccount,
  type Product,
  productSchemas as s,
  readProduct,
} from '#cores';
import { moneySchemas } from '#money';
import type { FastifyInstance } from 'fastify';
import { change, idOf, idParams, pageQuery, type Parts, read } from './routes.ts';
import { idempotencyHeaders, page, problems } from './views.ts';

const tags = ['register'];

export function productRoutes(app: FastifyInstance, parts: Parts): void {
  writeRoutes(app, parts);
  readRoutes(app, parts);
  linkRoutes(app, parts);
}

function writeRoutes(app: FastifyInstance, parts: Parts): void {
  const response = { 200: s.productView, 201: s.productView, ...problems };
  app.post(
    '/v1/products',
    {
      schema: {
        tags,
        summary: 'Define a product',
        headers: idempotencyHeaders,
        body: s.defineBody,
        response,
      },
    },
    (request, reply) =>
      change(parts, request, reply, {
        ...{ scope: 'register:write', operation: 'product.define', body: request.body as Json },
        tell: (tx, command) => found(tx, definedProductId(command)),
      }),
  );
  app.post(
    '/v1/products/:id/change',
    {
      schema: {
        tags,
        summary: 'Offer, withdraw or rename a product, or replace its terms',
        headers: idempotencyHeaders,
        params: idParams(s.productId),
        body: s.changeBody,
        response,
      },
    },
    (request, reply) => {
      const product_id = idOf(request);
      const body = { ...(request.body as Record<string, Json>), product_id };
      return change(parts, request, reply, {
        ...{ scope: 'register:write', operation: 'product.change', body },
        tell: (tx) => found(tx, product_id),
      });
    },
  );
}

async function found(tx: Tx, id: string): Promise<Product> {
  const product = await readProduct(tx, id);
  if (!product) throw new Fault('not_found', `there is no product ${id}`);
  return product;
}

function readRoutes(app: FastifyInstance, parts: Parts): void {
  app.get(
    '/v1/products',
    {
      schema: {
        tags,
        summary: 'List products in the order of their definition',
        querystring: pageQuery,
        response: { 200: page(s.productView), ...problems },
      },
    },
    (request) => {
      const { limit = 50, after } = request.query as { limit?: number; after?: string };
      return read(parts, request, (tx) => listProducts(tx, { limit, after }), 'register:read');
    },
  );
  app.get(
    '/v1/products/:id',
    {
      schema: {
        tags,
        summary: 'Read a product',
        params: idParams(s.productId),
        response: { 200: s.productView, ...problems },
      },
    },
    (request) => read(parts, request, (tx) => readProduct(tx, idOf(request)), 'register:read'),
  );
}

function linkRoutes(app: FastifyInstance, parts: Parts): void {
  const path = '/v1/accounts/:id/party';
  const params = idParams(moneySchemas.accountId);
  const account = (tx: Tx, id: string) => ownAccount(tx, internalId('account', id) as Uuid);
  app.post(
    path,
    {
      schema: {
        tags,
        summary: 'Say who holds an account, and by which product',
        headers: idempotencyHeaders,
        params,
        body: holdingSchemas.linkBody,
        response: { 200: holdingSchemas.accountView, 201: holdingSchemas.accountView, ...problems },
      },
    },
    async (request, reply) => {
      const account_id = idOf(request);
      // Accounts never go away: what is there now is there when the command is carried out.
      const told = await read(parts, request, (tx) => account(tx, account_id), 'register:write');
      const body = { ...(request.body as Record<string, Json>), account_id };
      return change(parts, request, reply, {
        ...{ scope: 'register:write', operation: 'account.link', body },
        tell: async (tx) => (await account(tx, account_id)) ?? told,
      });
    },
  );
  app.get(
    path,
    {
      schema: {
        tags,
        summary: 'Who holds an account, and by which product',
        params,
        response: { 200: holdingSchemas.accountView, ...problems },
      },
    },
    (request) => read(parts, request, (tx) => account(tx, idOf(request)), 'register:read'),
  );
}
