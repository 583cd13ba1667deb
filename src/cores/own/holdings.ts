// Who holds which account, and by which product: the register's links to the ledger.
import {
  closed,
  type Command,
  type EventDraft,
  Fault,
  instantToText,
  internalId,
  nullable,
  refuseField,
  type Uuid,
} from '#core';
import { moneySchemas } from '#money';
import { policyEvent, type PolicyOperations } from '#policy';
import type pg from 'pg';
import Type from 'typebox';
import { type AccountParty, accountRoles } from '../port.ts';
import { partySchemas, readParty } from './parties.ts';
import { productSchemas, readProduct } from './products.ts';

/** Parties of one account, those that were included. */
const partiesMax = 50;

const role = Type.Enum([...accountRoles]);
const linkBody = Type.Object(
  {
    party_id: partySchemas.partyId,
    role: Type.Optional(role),
    product_id: Type.Optional(productSchemas.productId),
  },
  { ...closed, description: 'The role `former` ends a link. Default: holder.' },
);
const accountPartyView = Type.Object({ party_id: partySchemas.partyId, role });
const accountView = Type.Object({
  account_id: moneySchemas.accountId,
  currency: moneySchemas.currency,
  status: Type.Enum(['enabled', 'disabled', 'deleted']),
  opened_at: moneySchemas.instant,
  product_id: nullable(productSchemas.productId),
  parties: Type.Array(accountPartyView),
});
export const holdingSchemas = { linkBody, accountView };

export const holdingPayloads = {
  'account.linked': Type.Object({
    account_id: moneySchemas.accountId,
    party_id: partySchemas.partyId,
    role,
    product_id: nullable(productSchemas.productId),
  }),
};

export type LinkBody = Type.Static<typeof linkBody> & { readonly account_id: string };

/** Whether the ledger has the account is looked up by whoever asks: policy has no eyes there. */
export const holdingOperations: PolicyOperations = {
  'account.link': { changesRights: false, perform: linkAccount },
};

async function linkAccount(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const { account_id, party_id, role: as = 'holder', product_id } = command.body as LinkBody;
  const account = internalId('account', account_id);
  if (account === undefined) throw new Fault('not_found', `there is no account ${account_id}`);
  if (!(await readParty(tx, party_id))) refuseField('/party_id', 'there is no such party');
  const parties = (await partiesOf(tx, [account])).get(account) ?? [];
  const isLinked = parties.some((each) => each.party_id === party_id);
  const holder = parties.find((each) => each.role === 'holder');
  if (as === 'holder' && holder && holder.party_id !== party_id) {
    throw new Fault('conflict', `the account has a holder already: ${holder.party_id}`);
  }
  if (as === 'former' && !isLinked) refuseField('/party_id', 'is not linked to the account');
  if (!isLinked && parties.length >= partiesMax) {
    throw new Fault('conflict', `the account has ${partiesMax} parties already`);
  }
  const at = instantToText(command.receivedAt);
  await tx.query(
    `insert into register.account_party (tenant_id, account_id, party_id, role, linked_at)
     values ($1, $2, $3, $4, $5)
     on conflict (tenant_id, account_id, party_id)
        do update set role = excluded.role, linked_at = excluded.linked_at`,
    [command.tenant, account, party_id, as, at],
  );
  if (product_id !== undefined) await arrange(tx, command, { account, product_id, at });
  const product = product_id ?? (await arrangementsOf(tx, [account])).get(account) ?? null;
  const told = { account_id, party_id, role: as, product_id: product };
  return [{ ...policyEvent(command, 'account.linked', told), accountId: account_id }];
}

async function arrange(
  tx: pg.ClientBase,
  { tenant }: Command,
  { account, product_id, at }: { account: Uuid; product_id: string; at: string },
): Promise<void> {
  const product = await readProduct(tx, product_id);
  if (!product) refuseField('/product_id', 'there is no such product');
  if (product.status !== 'offered') refuseField('/product_id', `the product is ${product.status}`);
  await tx.query(
    `insert into register.arrangement (tenant_id, account_id, product_id, agreed_at)
     values ($1, $2, $3, $4)
     on conflict (tenant_id, account_id)
        do update set product_id = excluded.product_id, agreed_at = excluded.agreed_at`,
    [tenant, account, product_id, at],
  );
}

// Reading -----------------------------------------------------------------------------------------

/** By account, holders first. */
export async function partiesOf(
  tx: pg.ClientBase,
  accounts: readonly Uuid[],
): Promise<ReadonlyMap<Uuid, AccountParty[]>> {
  const { rows } = await tx.query<AccountParty & { account_id: Uuid }>(
    `select account_id, party_id, role from register.account_party
      where tenant_id = core.current_tenant() and account_id = any ($1)
      order by account_id, role <> 'holder', party_id`,
    [accounts],
  );
  const found = new Map<Uuid, AccountParty[]>();
  for (const { account_id, ...party } of rows) {
    const parties = found.get(account_id) ?? [];
    found.set(account_id, parties);
    parties.push(party);
  }
  return found;
}

/** The product of each account that has one. */
export async function arrangementsOf(
  tx: pg.ClientBase,
  accounts: readonly Uuid[],
): Promise<ReadonlyMap<Uuid, string>> {
  const { rows } = await tx.query<{ account_id: Uuid; product_id: string }>(
    `select account_id, product_id from register.arrangement
      where tenant_id = core.current_tenant() and account_id = any ($1)`,
    [accounts],
  );
  return new Map(rows.map(({ account_id, product_id }) => [account_id, product_id]));
}
