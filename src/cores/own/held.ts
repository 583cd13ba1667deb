// Accounts as their holder sees them: which are his, by which product, and whose the others are.
import { externalId, internalId, type Page, pageOf, type Tx, type Uuid } from '#core';
import type { Party, Product } from '../port.ts';

export type HeldAccount = {
  readonly id: Uuid;
  readonly role: 'holder' | 'joint_holder';
  readonly product: Pick<Product, 'name' | 'kind'> | null;
};

/** In the order of their opening. `after` is the public id of the last one seen. */
export async function listHeld(
  tx: Tx,
  query: { readonly party: string; readonly limit: number; readonly after?: string | undefined },
): Promise<Page<HeldAccount>> {
  const { party, limit, after } = query;
  const { rows } = await tx.query<HeldAccount>(
    `select h.account_id as id, h.role,
            case when p.id is null then null
              else json_build_object('name', p.name, 'kind', p.kind) end as product
       from register.account_party h
       left join register.arrangement g
         on g.tenant_id = h.tenant_id and g.account_id = h.account_id
       left join register.product p on p.tenant_id = g.tenant_id and p.id = g.product_id
      where h.tenant_id = core.current_tenant() and h.party_id = $1 and h.role <> 'former'
        and ($2::uuid is null or h.account_id > $2)
      order by h.account_id limit $3`,
    [party, (after && internalId('account', after)) ?? null, limit + 1],
  );
  return pageOf(rows, limit, ({ id }) => externalId('account', id));
}

export async function isHeldBy(tx: Tx, party: string, account: Uuid): Promise<boolean> {
  const { rowCount } = await tx.query(
    `select from register.account_party
      where tenant_id = core.current_tenant() and account_id = $2 and party_id = $1
        and role <> 'former'`,
    [party, account],
  );
  return rowCount === 1;
}

export type Holder = Pick<Party, 'party_id' | 'kind' | 'name_token'>;

/** The holder of each account of which the register knows one. */
export async function readHolders(
  tx: Tx,
  accounts: readonly Uuid[],
): Promise<ReadonlyMap<Uuid, Holder>> {
  const { rows } = await tx.query<Holder & { account_id: Uuid }>(
    `select h.account_id, p.id as party_id, p.kind, p.name_token
       from register.account_party h
       join register.party p on p.tenant_id = h.tenant_id and p.id = h.party_id
      where h.tenant_id = core.current_tenant() and h.account_id = any ($1)
        and h.role = 'holder'`,
    [accounts],
  );
  return new Map(rows.map(({ account_id, ...holder }) => [account_id, holder]));
}
