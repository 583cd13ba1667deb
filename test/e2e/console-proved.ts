// What stands behind the journeys of those who want proof: postings of the past, a row that
// somebody edits, and what the API says of it all.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import type { Page } from 'playwright-core';
import type { ConsoleBank } from '../console-bank.ts';

export const dayMs = 86_400_000;

// The ledger --------------------------------------------------------------------------------------

/** Three postings, written now, of nine, four and two days ago; and when each was written. */
export async function postedAccount({ call }: ConsoleBank) {
  const open = async (type: string) => {
    const body = { type, currency: 'EUR', bound: 'none' };
    return (await call('POST', '/v1/accounts', { body })).json.id as string;
  };
  const [cash, account] = [await open('asset'), await open('liability')];
  for (const [daysAgo, debit, credit, amount] of [
    [9, cash, account, 10_000],
    [4, cash, account, 2_550],
    [2, account, cash, 1_200],
  ] as const) {
    const effective_at = new Date(Date.now() - daysAgo * dayMs).toISOString();
    const sides = { debit_account_id: debit, credit_account_id: credit };
    const body = { ...sides, amount, currency: 'EUR', effective_at };
    await call('POST', '/v1/transfers', { body });
  }
  const { items } = (await call('GET', `/v1/accounts/${account}/entries`)).json;
  const postings = (items as { recorded_at: string }[]).map((each) => Date.parse(each.recorded_at));
  return { account, postings };
}

/** What the API says to the question that the address of the page is. */
export async function askedBalance(
  { call }: ConsoleBank,
  page: Page,
  account: string,
): Promise<number> {
  const { searchParams } = new URL(page.url());
  const query = new URLSearchParams({
    as_of: searchParams.get('at') ?? '',
    basis: searchParams.get('basis') ?? 'recorded',
  });
  return (await call('GET', `/v1/accounts/${account}/balances?${query}`)).json.booked;
}

/** Opening balance, less debits, plus credits is the closing balance, there and in the API. */
export async function addsUp({ call }: ConsoleBank, page: Page, account: string): Promise<void> {
  const statement = page.getByRole('article').filter({ hasText: 'Statement' });
  await statement.getByRole('row', { name: /^Closing balance/ }).waitFor();
  const rows = await statement.getByRole('row').all();
  const texts = await Promise.all(rows.map((row) => row.getByRole('cell').allInnerTexts()));
  const minor = (text = '') => Number(text.replaceAll(/[^\d.]/g, '').replace('.', ''));
  const [opening, ...rest] = texts.slice(1);
  const closing = rest.pop();
  const posted = rest.pop();
  const sum = (column: number) => rest.reduce((all, cells) => all + minor(cells.at(column)), 0);
  assert.deepEqual([sum(-3), sum(-2)], [minor(posted?.at(-3)), minor(posted?.at(-2))]);
  assert.equal(minor(opening?.at(-1)) - sum(-3) + sum(-2), minor(closing?.at(-1)));
  const from = new URL(page.url()).searchParams.get('from') ?? '';
  const { json } = await call('GET', `/v1/accounts/${account}/statement?from=${from}`);
  assert.equal(minor(closing?.at(-1)), json.closing.booked);
  assert.equal(rest.length, json.entries);
}

// Evidence ----------------------------------------------------------------------------------------

type Findings = {
  readonly findings: readonly { readonly what: string; readonly position: number }[];
};

export async function foundBy({ call }: ConsoleBank): Promise<Findings> {
  return (await call('GET', '/v1/evidence/verifications')).json.verification;
}

/** A row edited by somebody whom no trigger stops, while it is looked for; and put back. */
export async function tampered({ server }: ConsoleBank, event: string, look: () => Promise<void>) {
  const kept = JSON.parse(readFileSync(join(server.folder, 'postgres.json'), 'utf8'));
  const { port, password } = kept as { port: number; password: string };
  const client = new pg.Client({
    ...{ host: '127.0.0.1', port, user: 'countersign_admin', password, database: 'countersign' },
  });
  await client.connect();
  const replace = (from: string, to: string) =>
    client.query(`update core.event set body = replace(body, $2, $3) where body like $1`, [
      `%"${event}"%`,
      from,
      to,
    ]);
  try {
    await client.query('set session_replication_role = replica');
    await replace('"amount":', '"amount":1');
    await look();
    await replace('"amount":1', '"amount":');
  } finally {
    await client.end();
  }
}

// Payments, receivers, rights ---------------------------------------------------------------------

type Paid = { readonly amount: number; readonly from: string };

/** The status of each payment of exactly that amount since then. */
export async function paymentsOf({ call }: ConsoleBank, account: string, { amount, from }: Paid) {
  const exactly = { currency: 'EUR', amount_min: `${amount}`, amount_max: `${amount}` };
  const query = new URLSearchParams({ debtor_account_id: account, from, ...exactly });
  const { items } = (await call('GET', `/v1/payments?${query}`)).json;
  return (items as readonly { status: string }[]).map(({ status }) => status);
}

export async function rolesOf(
  { call }: ConsoleBank,
  principal: string,
): Promise<readonly string[]> {
  const { items } = (await call('GET', '/v1/role-grants?limit=500')).json as {
    items: readonly { principal: string; role: string }[];
  };
  return items.filter((each) => each.principal === principal).map(({ role }) => role);
}

export async function statusOf({ url }: ConsoleBank, secret: string): Promise<number> {
  const headers = { authorization: `Bearer ${secret}` };
  return (await fetch(`${url}/v1/policies`, { headers })).status;
}
