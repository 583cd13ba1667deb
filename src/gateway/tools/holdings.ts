// What a customer holds: which products, on which accounts.
import { closed, nullable } from '#core';
import Type from 'typebox';
import type { Tool, ToolRun } from '../tool.ts';
import { accountId } from './accounts.ts';
import { askedPage, operationOf, pageArguments } from './own.ts';

export const listHoldings: Tool = {
  name: 'holdings.list',
  title: 'Products that the customer holds',
  description:
    'Lists which products of the bank the customer holds, each with its account and whether the ' +
    'customer holds it alone or jointly. Use accounts.balances for what is on the account.',
  ...{ version: 1, owner: 'products', effect: 'read', cost: 2 },
  purposes: ['servicing', 'advice'],
  input: Type.Object(pageArguments, closed),
  output: Type.Object(
    {
      holdings: Type.Array(
        Type.Object(
          {
            account_id: accountId,
            role: Type.Enum(['holder', 'joint_holder']),
            status: Type.String(),
            currency: Type.String(),
            opened_at: Type.String(),
            product: nullable(
              Type.Object(
                { product_id: Type.String(), code: Type.String(), kind: Type.String() },
                { ...closed, description: 'Null for an account without a product.' },
              ),
            ),
          },
          closed,
        ),
      ),
      next: nullable(Type.String()),
    },
    closed,
  ),
  async run(call) {
    const list = operationOf(call, 'listAccounts');
    const page = await list({ tenant: call.tenant, id: call.customer, ...askedPage(call) });
    const ids = new Set(page.items.flatMap(({ product_id }) => product_id ?? []));
    const products = new Map(
      await Promise.all([...ids].map(async (id) => [id, await product(call, id)] as const)),
    );
    const holdings = page.items.map(({ account_id, status, currency, opened_at, ...of }) => ({
      ...{ account_id, status, currency, opened_at },
      role: of.parties.find(({ party_id }) => party_id === call.customer)?.role ?? 'holder',
      product: products.get(of.product_id ?? '') ?? null,
    }));
    return { holdings, next: page.next };
  },
};

async function product(call: ToolRun, id: string) {
  const found = await operationOf(call, 'readProduct')({ tenant: call.tenant, id });
  return found && { product_id: id, code: found.code, kind: found.kind };
}
