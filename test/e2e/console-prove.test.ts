// The console in the hands of those who want proof: balances of the past, evidence, the customer's
// own app, receivers of events, keys and sessions; and a bank in which nothing has happened yet.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import pg from 'pg';
import type { Locator, Page } from 'playwright-core';
import { Webhook } from 'standardwebhooks';
import { noBrowser } from '../browser.ts';
import { type ConsoleBank, openConsoleBank } from '../console-bank.ts';
import { openTenant } from '../server-process.ts';

const dayMs = 86_400_000;
/** A machine that does other things too. */
const actionMaxMs = 30_000;
const phone = { width: 390, height: 844 };

describe('those who want proof', { skip: noBrowser, concurrency: false }, () => {
  let bank: ConsoleBank;

  before(async () => {
    bank = await openConsoleBank({ COUNTERSIGN_WEBHOOK_ALLOW: '127.0.0.1' });
  });
  after(() => bank?.close());

  async function as(user: string, size?: typeof phone): Promise<Page> {
    const page = await bank.as(user, size === undefined ? {} : { size });
    page.setDefaultTimeout(actionMaxMs);
    return page;
  }

  test('a balance is read as of last week, and between two postings; the statement adds up', async () => {
    const { account, postings } = await postedAccount(bank);
    const page = await as('operations');
    await press(page, 'g', 'a');
    await page.getByRole('grid', { name: 'Accounts' }).waitFor();
    await press(page, 'f');
    await page.keyboard.type(account);
    await press(page, 'Enter');
    const booked = page.getByRole('table', { name: 'Balances' }).getByRole('row', { name: 'Booked' });
    await booked.getByText('113.50').waitFor();

    // Nothing was written down a week ago; what counts since nine days was written today.
    await button(page, 'A week ago').click();
    await booked.getByRole('cell', { name: /^0\.00/ }).waitFor();
    await page.getByText('as effective').click();
    await booked.getByRole('cell', { name: /^100\.00/ }).waitFor();
    await booked.getByRole('cell', { name: /^\+13\.50/ }).waitFor();
    assert.equal(await askedBalance(bank, page, account), 10_000);

    await page.getByLabel(/^As of \(/).fill(localText(Date.now() - 2.5 * dayMs));
    await press(page, 'Enter');
    await booked.getByRole('cell', { name: /^125\.50/ }).waitFor();
    assert.equal(await askedBalance(bank, page, account), 12_550);

    // To the millisecond, as a colleague would send it.
    const [, second = 0, third = 0] = postings;
    const between = new Date(Math.floor((second + third) / 2)).toISOString();
    await page.goto(`${bank.url}/ledger/accounts/${account}?at=${between}`);
    await booked.getByRole('cell', { name: /^125\.50/ }).waitFor();
    assert.equal(await askedBalance(bank, page, account), 12_550);
    const entries = page.getByRole('grid', { name: 'Entries of the account' });
    await entries.getByRole('row').nth(2).waitFor();
    assert.equal(await entries.getByRole('row').count(), 3, 'the head, and two of three entries');

    await press(page, '2');
    await addsUp(bank, page, account);
  });

  test('the log is verified, a receipt checks, and a tampered one or row is found', async () => {
    const page = await as('auditor');
    await press(page, 'g', 'i');
    await page.getByRole('heading', { name: 'Verify the whole log' }).waitFor();
    await press(page, 'v');
    await page.getByText(/^All [\d,]+ events agree$/).waitFor({ timeout: 2 * actionMaxMs });
    assert.deepEqual((await foundBy(bank)).findings, []);

    await press(page, 'g', 'e');
    const { json } = await bank.call('GET', '/v1/events?type=transfer.posted&limit=1');
    const [{ event, position }] = json.items;
    await page.goto(`${bank.url}/events/${event.id}`);
    const saved = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download the receipt' }).click();
    const file = await (await saved).path();
    await press(page, 'g', 'i');
    const chooser = page.waitForEvent('filechooser');
    await button(page, 'Open a file').click();
    await (await chooser).setFiles(file);
    await button(page, 'Check').click();
    await page.getByText('The receipt holds').waitFor();

    const receipt = readFileSync(file, 'utf8');
    await page.getByLabel('The receipt').fill(receipt.replace('transfer.posted', 'transfer.voided'));
    await button(page, 'Check').click();
    await page.getByText('The receipt does not hold').waitFor();
    console.error(await page.getByRole('status').allInnerTexts());

    await tampered(bank, event.id, async () => {
      await press(page, 'v');
      await page.getByText('1 thing does not agree').waitFor({ timeout: 2 * actionMaxMs });
      const found = page.getByRole('table', { name: 'What does not agree' });
      await found.getByRole('link', { name: event.id.slice(-6) }).waitFor();
      const { findings } = await foundBy(bank);
      assert.deepEqual(
        findings.map(({ what, position: at }) => [what, at]),
        [['event edited', position]],
      );
    });
  });

  test('a customer pays on the phone: posted, confirmed, declined, and once however often', async () => {
    const page = await as('customer', phone);
    await page.goto(`${bank.url}/bank`);
    await page.getByRole('link', { name: 'Pay', exact: true }).click();
    await page.getByRole('link', { name: /Sports club/ }).click();
    await page.getByLabel('Amount').fill('12.34');
    await page.getByLabel('Text for the payee').fill('The month');
    await button(page, 'Continue').click();
    await button(page, /^Pay 12\.34/).dblclick();
    await page.getByRole('heading', { level: 1, name: /Paid|Please|Not|We/ }).waitFor();
    console.error(await page.locator('main').innerText());
  });

  test('no browser had anything to complain of', () => {
    assert.deepEqual(bank.complaints(), []);
  });
});

// What is done ------------------------------------------------------------------------------------

async function press(page: Page, ...keys: readonly string[]): Promise<void> {
  for (const key of keys) await page.keyboard.press(key);
}

function button(within: Page | Locator, name: string | RegExp): Locator {
  return within.getByRole('button', { name, exact: typeof name === 'string' });
}

/** On a clock of UTC, which is the demo's. */
function localText(at: number): string {
  return new Date(at).toISOString().slice(0, 16);
}

// The ledger --------------------------------------------------------------------------------------

/** Three postings, written now, of nine, four and two days ago; and when each was written. */
async function postedAccount({ call }: ConsoleBank) {
  const open = async (type: string) => {
    const body = { type, currency: 'EUR', bound: 'none' };
    return (await call('POST', '/v1/accounts', { body })).json.id as string;
  };
  const [cash, account] = [await open('asset'), await open('liability')];
  const postings: number[] = [];
  for (const [daysAgo, debit, credit, amount] of [
    [9, cash, account, 10_000],
    [4, cash, account, 2_550],
    [2, account, cash, 1_200],
  ] as const) {
    const effective_at = new Date(Date.now() - daysAgo * dayMs).toISOString();
    const sides = { debit_account_id: debit, credit_account_id: credit };
    const body = { ...sides, amount, currency: 'EUR', effective_at };
    const { json } = await call('POST', '/v1/transfers', { body });
    postings.push(Date.parse(json.recorded_at));
  }
  return { account, postings };
}

/** What the API says to the question that the address of the page is. */
async function askedBalance({ call }: ConsoleBank, page: Page, account: string): Promise<number> {
  const { searchParams } = new URL(page.url());
  const query = new URLSearchParams({
    as_of: searchParams.get('at') ?? '',
    basis: searchParams.get('basis') ?? 'recorded',
  });
  return (await call('GET', `/v1/accounts/${account}/balances?${query}`)).json.booked;
}

/** Opening balance, less debits, plus credits is the closing balance, there and in the API. */
async function addsUp({ call }: ConsoleBank, page: Page, account: string): Promise<void> {
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
  const { json } = await call('GET', `/v1/accounts/${account}/statement`);
  assert.equal(minor(closing?.at(-1)), json.closing.booked);
  assert.equal(rest.length, json.entries);
}

// Evidence ----------------------------------------------------------------------------------------

type Findings = { readonly findings: readonly { readonly what: string; readonly position: number }[] };

async function foundBy({ call }: ConsoleBank): Promise<Findings> {
  return (await call('GET', '/v1/evidence/verifications')).json.verification;
}

/** A row edited by somebody whom no trigger stops, while it is looked for; and put back. */
async function tampered({ server }: ConsoleBank, event: string, look: () => Promise<void>) {
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
