// What a bank on Fineract looks like: clients, savings accounts, their balances and transactions,
// products and the general ledger.
import type { AdapterOperations, CoreEntry, CoreProduct, LedgerBalance, Of } from '../adapter.ts';
import { instantToText } from '#core';
import { jsonAt, jsonList, jsonText, malformed, minorUnitsOf, type WireJson } from '../wire.ts';
import { type Fineract, name, page } from './client.ts';
import {
  accountOf,
  balancesOf,
  countryOf,
  dayForm,
  entryOf,
  partyOf,
  productOf,
} from './mapping.ts';

type Reads = Pick<
  AdapterOperations,
  | ('readParty' | 'listParties' | 'readAccount' | 'listAccounts' | 'readBalances')
  | ('listEntries' | 'readProduct' | 'listProducts' | 'listGeneralLedger')
>;

export function reads(core: Fineract): Reads {
  const { settings = {}, timeZone = 'UTC', now } = core.options;
  const account = async ({ id, signal }: Of) =>
    core.find({ path: `savingsaccounts/${encodeURIComponent(id)}`, signal });
  const ledgerCurrency = settings['ledger_currency'];
  return {
    async readParty({ id, signal }) {
      const client = await core.find({ path: `clients/${encodeURIComponent(id)}`, signal });
      return client === undefined ? undefined : partyIn(core, client, signal);
    },
    async listParties(query) {
      const asked = { path: 'clients', query: { orderBy: 'id', sortOrder: 'ASC' } };
      const found = await page(core, { ...asked, signal: query.signal }, query);
      const items = await each(found?.items ?? [], (item) => partyIn(core, item, query.signal));
      return { items, next: found?.next ?? null };
    },
    async readAccount(of) {
      const found = await account(of);
      return found === undefined ? undefined : accountOf(found, timeZone);
    },
    async listAccounts({ id, limit, after, signal }) {
      const path = `clients/${encodeURIComponent(id)}/accounts`;
      const all = jsonList(await core.find({ path, signal }), 'savingsAccounts');
      const ids = all.flatMap((item) => jsonText(item, 'id') ?? []).sort(byNumber);
      const left = after === undefined ? ids : ids.filter((each) => byNumber(each, after) > 0);
      const chosen = left.slice(0, limit);
      const read = await each(chosen, (each) => account({ id: each, ...(signal && { signal }) }));
      const items = read.flatMap((found) => (found ? [accountOf(found, timeZone)] : []));
      return { items, next: left.length > limit ? (chosen.at(-1) ?? null) : null };
    },
    async readBalances(of) {
      const found = await account(of);
      return found === undefined ? undefined : balancesOf(found, instantToText(now()));
    },
    listEntries: async (query) => entries(core, query),
    readProduct: async (of) => product(core, of),
    listProducts: async ({ limit, after, signal }) => {
      const all = await products(core, signal);
      const start = after === undefined ? 0 : all.findIndex(({ id }) => id === after) + 1;
      const items = all.slice(start, start + limit);
      const isLast = start + limit >= all.length;
      return { items, next: isLast ? null : (items.at(-1)?.id ?? null) };
    },
    ...(ledgerCurrency === undefined
      ? {}
      : {
          listGeneralLedger: async ({ limit, after, signal }) => {
            const query = { fetchRunningBalance: 'true' };
            const all = jsonList(await core.ask({ path: 'glaccounts', query, signal }));
            const told = all.map((row) => ledgerOf(row, ledgerCurrency));
            const start = after === undefined ? 0 : Number(after);
            const isLast = start + limit >= told.length;
            const items = told.slice(start, start + limit);
            return { items, next: isLast ? null : String(start + limit) };
          },
        }),
  };
}

/** At most these many calls for the rows of one page at a time. */
const atOnce = 16;

async function each<From, To>(
  items: readonly From[],
  work: (item: From) => Promise<To>,
): Promise<readonly To[]> {
  const done: To[] = [];
  for (let at = 0; at < items.length; at += atOnce) {
    done.push(...(await Promise.all(items.slice(at, at + atOnce).map(work))));
  }
  return done;
}

function byNumber(a: string, b: string): number {
  return Number(a) - Number(b);
}

// Clients -----------------------------------------------------------------------------------------

async function partyIn(core: Fineract, client: WireJson, signal: AbortSignal | undefined) {
  const usual = core.options.settings?.['country'] ?? '';
  const addresses = await addressesOf(core, jsonText(client, 'id') ?? '', signal);
  const country = countryOf(addresses, usual);
  if (country === '') throw malformed(name, 'a country of the client, or one in the settings');
  return partyOf(client, country);
}

/** None where the bank has not switched addresses on. */
export async function addressesOf(
  core: Fineract,
  client: string,
  signal: AbortSignal | undefined,
): Promise<WireJson> {
  if (core.options.settings?.['addresses'] === 'off') return [];
  const path = `client/${encodeURIComponent(client)}/addresses`;
  return (await core.find({ path, signal })) ?? [];
}

// Transactions ------------------------------------------------------------------------------------

/** By their ids: what is dated back comes last all the same, and no page shifts. */
async function entries(
  core: Fineract,
  query: Parameters<NonNullable<Reads['listEntries']>>[0],
): Promise<{ items: readonly CoreEntry[]; next: string | null } | undefined> {
  const { timeZone = 'UTC' } = core.options;
  const path = `savingsaccounts/${encodeURIComponent(query.id)}/transactions/search`;
  const sorted = { orderBy: 'id', sortOrder: 'ASC', ...dayForm };
  const found = await page(core, { path, query: sorted, signal: query.signal }, query);
  if (!found) return undefined;
  const items = found.items.flatMap((row) => entryOf(row, timeZone) ?? []);
  return { items, next: found.next };
}

// Products ----------------------------------------------------------------------------------------

const tables = { savings: 'savingsproducts', loan: 'loanproducts' } as const;

/** Savings and loans are two tables, each with a 1 of its own. */
export function productIn(id: string): { kind: 'savings' | 'loan'; number: string } | undefined {
  const [, kind, number] = /^(savings|loan)-(\d+)$/.exec(id) ?? [];
  if (number === undefined) return undefined;
  return { kind: kind === 'loan' ? 'loan' : 'savings', number };
}

async function product(core: Fineract, { id, signal }: Of): Promise<CoreProduct | undefined> {
  const named = productIn(id);
  if (!named) return undefined;
  const path = `${tables[named.kind]}/${named.number}`;
  const found = await core.find({ path, signal });
  return found === undefined ? undefined : productOf(found, named.kind);
}

async function products(core: Fineract, signal: AbortSignal | undefined) {
  const [savings, loans] = await Promise.all([
    core.ask({ path: tables.savings, signal }),
    core.ask({ path: tables.loan, signal }),
  ]);
  return [
    ...jsonList(savings).map((row) => productOf(row, 'savings')),
    ...jsonList(loans).map((row) => productOf(row, 'loan')),
  ];
}

// The general ledger ------------------------------------------------------------------------------

/** 1 and 5 are assets and expenses: what stands in them is a debit. */
const debitTypes = ['1', '5'];

function ledgerOf(row: WireJson, currency: string): LedgerBalance {
  const text = jsonText(jsonAt(row, 'organizationRunningBalance') ?? '0') ?? '0';
  const balance = minorUnitsOf(text, currency, name);
  const isDebit = debitTypes.includes(jsonText(row, 'type', 'id') ?? '') === balance >= 0;
  return {
    ...{ account: jsonText(row, 'glCode') ?? '', name: jsonText(row, 'name') ?? '' },
    ...{ credit_debit_indicator: isDebit ? 'DBIT' : 'CRDT', amount: Math.abs(balance), currency },
  };
}
