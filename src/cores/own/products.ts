// The register's products: what an account may be kept by. Nothing about them is personal.
import {
  type Page,
  pageOf,
  closed,
  type Command,
  derivedUuid,
  type EventDraft,
  externalId,
  Fault,
  instantToText,
  type Json,
  plainText,
  type Tx,
  type Uuid,
} from '#core';
import { moneySchemas } from '#money';
import { policyEvent, type PolicyOperations } from '#policy';
import type pg from 'pg';
import Type from 'typebox';
import { type Product, productKinds } from '../port.ts';

const productId = Type.String({ pattern: '^prd_[0-9a-hjkmnp-tv-z]{26}$' });
const code = Type.String({ pattern: '^[a-z][a-z0-9_-]{1,39}$', examples: ['everyday'] });
const kind = Type.Enum([...productKinds]);
const name = plainText({ minLength: 1, maxLength: 80 });
const status = Type.Enum(['draft', 'offered', 'withdrawn']);
const { currency, metadata: terms } = moneySchemas;

const defineBody = Type.Object(
  { code, kind, name, currency, status: Type.Optional(status), terms: Type.Optional(terms) },
  closed,
);
const changeBody = Type.Object(
  {
    name: Type.Optional(name),
    status: Type.Optional(status),
    terms: Type.Optional(terms),
  },
  { ...closed, minProperties: 1, description: 'Terms are replaced as a whole.' },
);
const productView = Type.Object({
  product_id: productId,
  ...{ code, kind, name, currency, status, terms },
});
export const productSchemas = { productId, defineBody, changeBody, productView };

export const productPayloads = {
  'product.defined': productView,
  'product.changed': productView,
};

type DefineBody = Type.Static<typeof defineBody>;
export type ProductChangeBody = Type.Static<typeof changeBody> & { readonly product_id: string };

export const productOperations: PolicyOperations = {
  'product.define': { changesRights: false, perform: defineProduct },
  'product.change': { changesRights: false, perform: changeProduct },
};

/** The product that a command has defined. */
export function definedProductId(command: Uuid): string {
  return externalId('product', derivedUuid(command, 'product', 0));
}

async function defineProduct(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const body = command.body as DefineBody;
  const product: Product = {
    product_id: definedProductId(command.id),
    code: body.code,
    kind: body.kind,
    name: body.name,
    currency: body.currency,
    status: body.status ?? 'draft',
    terms: body.terms ?? {},
  };
  // A code that is taken already is refused by its constraint, as a conflict.
  await tx.query(
    `insert into register.product (tenant_id, id, code, kind, name, currency, status, terms,
       defined_at, changed_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)`,
    [command.tenant, ...Object.values(product), instantToText(command.receivedAt)],
  );
  return [policyEvent(command, 'product.defined', product as unknown as Json)];
}

async function changeProduct(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const { product_id, ...fields } = command.body as ProductChangeBody;
  const before = await readProduct(tx, product_id);
  if (!before) throw new Fault('not_found', `there is no product ${product_id}`);
  const product: Product = { ...before, ...fields };
  await tx.query(
    `update register.product set name = $3, status = $4, terms = $5, changed_at = $6
      where tenant_id = $1 and id = $2`,
    [
      ...[command.tenant, product_id, product.name, product.status, product.terms],
      instantToText(command.receivedAt),
    ],
  );
  return [policyEvent(command, 'product.changed', product as unknown as Json)];
}

const columns = 'id as product_id, code, kind, name, currency, status, terms';

export async function readProduct(tx: pg.ClientBase, id: string): Promise<Product | undefined> {
  const { rows } = await tx.query<Product>(
    `select ${columns} from register.product
      where tenant_id = core.current_tenant() and id = $1`,
    [id],
  );
  return rows[0];
}

/** In the order of their definition. */
export async function listProducts(
  tx: Tx,
  query: { limit: number; after?: string | undefined },
): Promise<Page<Product>> {
  const { rows } = await tx.query<Product>(
    `select ${columns} from register.product
      where tenant_id = core.current_tenant() and ($1::text is null or id > $1)
      order by id limit $2`,
    [query.after ?? null, query.limit + 1],
  );
  return pageOf(rows, query.limit, ({ product_id }) => product_id);
}
