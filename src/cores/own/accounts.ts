// Accounts of our own core: the ledger's figures in the words of the port, with who holds them.
import {
  type Page,
  pageOf,
  type Clock,
  externalId,
  internalId,
  type Pool,
  type Tx,
  type Uuid,
  withTx,
} from '#core';
import { accountView, listEntries, readAccount, readBalances, readHold } from '#money';
import type {
  Account,
  AccountParty,
  AmountBlock,
  Balance,
  CoreOperations,
  Entry,
} from '../port.ts';
import { arrangementsOf, partiesOf } from './holdings.ts';

type AccountOperations = Pick<
  CoreOperations,
  'readAccount' | 'listAccounts' | 'readBalances' | 'listEntries' | 'readHold'
>;

/** `pool` is of the role read. */
export function accountOperations(pool: Pool, clock: Clock): AccountOperations {
  const inTenant = <Found>(tenant: string, work: (tx: Tx) => Promise<Found>) =>
    withTx(pool, work, { tenant, readOnly: true });
  return {
    readAccount: ({ tenant, id }) =>
      inTenant(tenant, async (tx) => {
        const uuid = internalId('account', id);
        return uuid === undefined ? undefined : ownAccount(tx, uuid);
      }),
    listAccounts: ({ tenant, id, limit, after }) =>
      inTenant(tenant, (tx) => listAccounts(tx, { party: id, limit, after })),
    readBalances: ({ tenant, id }) =>
      inTenant(tenant, (tx) => balancesOf(tx, internalId('account', id), clock)),
    listEntries: ({ tenant, id, limit, after }) =>
      inTenant(tenant, (tx) => entriesOf(tx, internalId('account', id), { limit, after })),
    readHold: ({ tenant, id }) =>
      inTenant(tenant, async (tx) => {
        const uuid = internalId('hold', id);
        const hold = uuid && (await readHold(tx, uuid, clock.now()));
        return hold ? blockOf(hold) : undefined;
      }),
  };
}

const statuses = { open: 'enabled', frozen: 'disabled', closed: 'deleted' } as const;

/** Those of a party, in the order of their opening. */
export async function listAccounts(
  tx: Tx,
  query: { party: string; limit: number; after?: string | undefined },
): Promise<Page<Account>> {
  const { rows } = await tx.query<{ account_id: Uuid }>(
    `select account_id from register.account_party
      where tenant_id = core.current_tenant() and party_id = $1 and role <> 'former'
        and ($2::uuid is null or account_id > $2)
      order by account_id limit $3`,
    [query.party, (query.after && internalId('account', query.after)) ?? null, query.limit + 1],
  );
  const page = pageOf(rows, query.limit, ({ account_id }) => externalId('account', account_id));
  return {
    ...page,
    items: await readAccounts(
      tx,
      page.items.map((row) => row.account_id),
    ),
  };
}

export async function ownAccount(tx: Tx, id: Uuid): Promise<Account | undefined> {
  return (await readAccounts(tx, [id]))[0];
}

async function readAccounts(tx: Tx, ids: readonly Uuid[]): Promise<Account[]> {
  const { rows } = await tx.query(
    `select a.* from unnest($1::uuid[]) with ordinality as asked(id, place)
       join money.account a on a.tenant_id = core.current_tenant() and a.id = asked.id
      order by asked.place`,
    [ids],
  );
  const parties = await partiesOf(tx, ids);
  const products = await arrangementsOf(tx, ids);
  return rows.map((row) =>
    accountOf(accountView(row), parties.get(row.id) ?? [], products.get(row.id) ?? null),
  );
}

type AccountView = ReturnType<typeof accountView>;
type HoldView = NonNullable<Awaited<ReturnType<typeof readHold>>>;
type EntryView = NonNullable<Awaited<ReturnType<typeof listEntries>>>['items'][number];

function blockOf(hold: HoldView): AmountBlock {
  const { currency, amount, captured, released, status, expires_at } = hold;
  const told = { currency, amount, captured, released, status, expires_at };
  return { reference: hold.id, account_id: hold.debit_account_id, ...told };
}

function accountOf(
  { id, currency, status, opened_at }: AccountView,
  parties: readonly AccountParty[],
  product_id: string | null,
): Account {
  return { account_id: id, currency, status: statuses[status], opened_at, product_id, parties };
}

async function balancesOf(
  tx: Tx,
  accountId: Uuid | undefined,
  clock: Clock,
): Promise<readonly Balance[] | undefined> {
  if (accountId === undefined) return undefined;
  const account = await readAccount(tx, accountId);
  const asked = { accountId, asOf: clock.now(), basis: 'recorded', current: true } as const;
  const balances = account && (await readBalances(tx, asked));
  if (!balances) return undefined;
  const { currency, as_of, booked, available } = balances;
  // The ledger's figures are positive on the account's normal side.
  const isCredit = (figure: number) => (account.normal_balance === 'credit') === figure >= 0;
  const balance = (type: Balance['type'], figure: number): Balance => ({
    ...{ type, currency, as_of, amount: Math.abs(figure) },
    credit_debit_indicator: isCredit(figure) ? 'CRDT' : 'DBIT',
  });
  return [balance('ITBD', booked), balance('ITAV', available)];
}

async function entriesOf(
  tx: Tx,
  accountId: Uuid | undefined,
  { limit, after }: { limit: number; after?: string | undefined },
): Promise<Page<Entry> | undefined> {
  if (accountId === undefined) return undefined;
  const version = /^\d{1,15}$/.test(after ?? '') ? Number(after) : 0;
  const page = await listEntries(tx, { accountId, after: version, limit });
  return page && { ...page, items: page.items.flatMap((entry) => entryOf(entry) ?? []) };
}

/** What a journal row is to a statement; the end of a hold is none. */
const entryStatuses: Readonly<Record<string, Entry['status']>> = {
  post: 'BOOK',
  capture: 'BOOK',
  reverse: 'BOOK',
  hold: 'PDNG',
  increase: 'PDNG',
};

function entryOf(entry: EntryView): Entry | undefined {
  const status = entryStatuses[entry.kind];
  if (status === undefined) return undefined;
  return {
    reference: entry.transfer_id,
    credit_debit_indicator: entry.side === 'credit' ? 'CRDT' : 'DBIT',
    amount: entry.amount,
    currency: entry.currency,
    status,
    booked_at: entry.recorded_at,
    value_at: entry.effective_at,
    counter_account_id: entry.counter_account_id,
  };
}
