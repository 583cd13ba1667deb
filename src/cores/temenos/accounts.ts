// Accounts of Temenos: what they are, what is on them, and what is held in portfolios.
import { instantToText } from '#core';
import type { AdapterOperations } from '../adapter.ts';
import type { Client } from './client.ts';
import { accountFrom, balancesFrom, entryFrom, positionFrom } from './mapping.ts';

type Operations = Required<
  Pick<
    AdapterOperations,
    'readAccount' | 'listAccounts' | 'readBalances' | 'listEntries' | 'listSecurities'
  >
>;

export function accountOperations(client: Client): Operations {
  const { timeZone, now } = client;
  const accounts = { service: 'accounts', path: '/holdings/accounts' } as const;
  const readAccount: Operations['readAccount'] = async ({ id, signal }) => {
    const query = { accountId: id };
    const { items } = await client.list({ ...accounts, query, limit: 1, signal });
    return items.map((row) => accountFrom(row, timeZone)).find((of) => of.id === id);
  };
  return {
    readAccount,
    async listAccounts({ id, limit, after, signal }) {
      const page = { limit, signal, ...(after === undefined ? {} : { after }) };
      const found = await client.list({ ...accounts, query: { customerId: id }, ...page });
      return { ...found, items: found.items.map((row) => accountFrom(row, timeZone)) };
    },
    async readBalances({ id, signal }) {
      const path = '/holdings/accounts/balances';
      const query = { accountId: id };
      const { items } = await client.list({ service: 'accounts', path, query, limit: 1, signal });
      const [row] = items;
      return row === undefined ? undefined : balancesFrom(row, instantToText(now()));
    },
    async listEntries({ id, limit, after, signal }) {
      const list = { service: 'transactions', path: '/holdings/transactions' } as const;
      const query = { accountId: id, listType: 'SEARCH' };
      const page = { limit, signal, ...(after === undefined ? {} : { after }) };
      const { items, next } = await client.list({ ...list, query, ...page });
      // An account without entries and no account are told in one way.
      if (items.length === 0 && !(await readAccount({ id }))) return undefined;
      return { items: items.map((row) => entryFrom(row, timeZone)), next };
    },
    async listSecurities({ id, limit, after, signal }) {
      const path = `/holdings/portfolios/${encodeURIComponent(id)}/positions`;
      const page = { limit, signal, ...(after === undefined ? {} : { after }) };
      const { items, next } = await client.list({ service: 'portfolios', path, ...page });
      return { items: items.map((row) => positionFrom(row, timeZone)), next };
    },
  };
}
