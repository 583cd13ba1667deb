// Accounts of our own core: the ledger's figures in the words of the port, with who holds them.
import {
  type Page,
  pageOf,
  type Clock,
  externalId,
  internalId,
  type Pool,
  sharedRead,
  type Tx,
  type Uuid,
  withTx,
} from '#core';
import { accountView, listEntries, readHold, readNow } from '#money';
import type { Account, AmountBlock, Balance, CoreOperations, Entry } from '../port.ts';

type AccountOperations = Pick<
  CoreOperations,
  'readAccount' | 'listAccounts' | 'readBalances' | 'listEntries' | 'readHold'
>;

export type AccountParts = {
  /** Of the role read. */
  readonly pool: Pool;
  /** The same in pipeline mode: agents ask for accounts and balances many times a second. */
  readonly pipeline: Pool;
  readonly clock: Clock;
};

export function accountOperations({ pool, pipeline, clock }: AccountParts): AccountOperations {
  const account = sharedRead({ name: 'accounts', pool: pipeline, read: readAccounts });
  const balances = sharedRead({
    name: 'balances',
    pool: pipeline,
    read: (tx, ids: readonly Uuid[]) => readBalances(tx, ids, clock),
  });
  const inTenant = <Found>(tenant: string, work: (tx: Tx) => Promise<Found>) =>
    withTx(pool, work, { tenant, readOnly: true });
  return {
    async readAccount({ tenant, id }) {
      const uuid = internalId('account', id);
      return uuid === undefined ? undefined : account(tenant, uuid);
    },
    listAccounts: ({ tenant, id, limit, after }) =>
      inTenant(tenant, (tx) => listAccounts(tx, { party: id, limit, after })),
    async readBalances({ tenant, id }) {
      const uuid = internalId('account', id);
      return uuid === undefined ? undefined : balances(tenant, uuid);
    },
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
  const ids = page.items.map(({ account_id }) => account_id);
  const accounts = await readAccounts(tx, ids);
  return { ...page, items: accounts.flatMap((account) => account ?? []) };
}

export async function ownAccount(tx: Tx, id: Uuid): Promise<Account | undefined> {
  return (await readAccounts(tx, [id]))[0];
}

/** In their order, with who holds each and by which product; undefined where there is none. */
async function readAccounts(
  tx: Tx,
  ids: readonly Uuid[],
): Promise<readonly (Account | undefined)[]> {
  const { rows } = await tx.query<AccountRow>({
    name: 'core-accounts',
    text: `select a.*,
             coalesce((select json_agg(json_build_object('party_id', p.party_id, 'role', p.role)
                         order by p.role <> 'holder', p.party_id)
               from register.account_party p
              where p.tenant_id = core.current_tenant() and p.account_id = a.id), '[]') as parties,
             (select g.product_id from register.arrangement g
               where g.tenant_id = core.current_tenant() and g.account_id = a.id) as product_id
        from unnest($1::uuid[]) as asked(id)
        join money.account a on a.tenant_id = core.current_tenant() and a.id = asked.id`,
    values: [ids],
  });
  const found = new Map(rows.map((row) => [row.id, accountOf(row)]));
  return ids.map((id) => found.get(id));
}

type AccountRow = Parameters<typeof accountView>[0] & Pick<Account, 'parties' | 'product_id'>;
type HoldView = NonNullable<Awaited<ReturnType<typeof readHold>>>;
type EntryView = NonNullable<Awaited<ReturnType<typeof listEntries>>>['items'][number];

function blockOf(hold: HoldView): AmountBlock {
  const { currency, amount, captured, released, status, expires_at } = hold;
  const told = { currency, amount, captured, released, status, expires_at };
  return { reference: hold.id, account_id: hold.debit_account_id, ...told };
}

function accountOf({ parties, product_id, ...row }: AccountRow): Account {
  const { id, currency, status, opened_at } = accountView(row);
  return { account_id: id, currency, status: statuses[status], opened_at, product_id, parties };
}

async function readBalances(
  tx: Tx,
  ids: readonly Uuid[],
  clock: Clock,
): Promise<readonly (readonly Balance[] | undefined)[]> {
  const accounts = await readNow(tx, { ids, now: clock.now() });
  return accounts.map((account) => account && balancesOf(account));
}

type AccountNow = NonNullable<Awaited<ReturnType<typeof readNow>>[number]>;

function balancesOf({ normal_balance, currency, as_of, ...on }: AccountNow): readonly Balance[] {
  // The ledger's figures are positive on the account's normal side.
  const isCredit = (figure: number) => (normal_balance === 'credit') === figure >= 0;
  const balance = (type: Balance['type'], figure: number): Balance => ({
    ...{ type, currency, as_of, amount: Math.abs(figure) },
    credit_debit_indicator: isCredit(figure) ? 'CRDT' : 'DBIT',
  });
  return [balance('ITBD', on.booked), balance('ITAV', on.available)];
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
