// The console in the hands of those who want proof: balances of the past, evidence, the customer's
// own app, receivers of events, keys and sessions; and a bank in which nothing has happened yet.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
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
    await page.getByRole('heading', { level: 1 }).waitFor();
    return page;
  }

  test('a balance is read as of last week, and between two postings; the statement adds up', async () => {
    const { account, postings } = await postedAccount(bank);
    const page = await as('operations');
    await go(page, 'a', 'Accounts');
    await press(page, 'f');
    await page.keyboard.type(account);
    await press(page, 'Enter');
    const booked = page
      .getByRole('table', { name: 'Balances' })
      .getByRole('row', { name: 'Booked' });
    await booked.getByText('113.50').waitFor();

    // Nothing was written down a week ago; what counts since nine days was written today.
    await button(page, 'A week ago').click();
    await page.getByText('Nothing was recorded yet: the account was opened at').waitFor();
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
    await button(page, 'This year').click();
    await addsUp(bank, page, account);
  });

  test('the log is verified, a receipt checks, and a tampered one or row is found', async () => {
    const page = await as('auditor');
    await go(page, 'i', 'Evidence');
    await page.getByRole('heading', { name: 'Verify the whole log' }).waitFor();
    await press(page, 'v');
    await page.getByText(/^All [\d,]+ events agree$/).waitFor({ timeout: 2 * actionMaxMs });
    assert.deepEqual((await foundBy(bank)).findings, []);

    const { json } = await bank.call('GET', '/v1/events?type=payment.posted&limit=1');
    const [{ event, position }] = json.items;
    await page.goto(`${bank.url}/events/${event.id}`);
    const saved = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download the receipt' }).click();
    const file = await (await saved).path();
    await go(page, 'i', 'Evidence');
    const chooser = page.waitForEvent('filechooser');
    await button(page, 'Open a file').click();
    await (await chooser).setFiles(file);
    await button(page, 'Check').click();
    await page.getByText('The receipt holds').waitFor();

    const receipt = readFileSync(file, 'utf8');
    await page.getByLabel('The receipt').fill(receipt.replace('payment.posted', 'payment.denied'));
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

  test('a customer pays on the phone, and however often it is tapped once', async () => {
    const page = await as('customer', phone);
    await page.goto(`${bank.url}/bank`);
    const own = (await (await page.request.get(`${bank.url}/v1/customer`)).json()).accounts
      .items[0];
    const from = new Date().toISOString();
    const paid = (amount: number, as: string) =>
      becomes(() => paymentsOf(bank, own.account_id, { amount, from }), [as]);

    await order(page, { to: 'Sports club', amount: '12.34' });
    await button(page, /^Pay 12\.34/).dblclick();
    await title(page, 'Paid');
    await paid(1_234, 'posted');

    await order(page, { to: 'Power company', amount: '600' });
    await button(page, /^Pay 600\.00/).click();
    await title(page, 'Please confirm');
    await paid(60_000, 'step_up_required');
    const shown = await page.getByText(/the app of this customer shows/).innerText();
    const [code = ''] = /\d{6}/.exec(shown) ?? [];
    await page.getByLabel('Digit 1 of 6').click();
    await page.keyboard.type(String((Number(code) + 1) % 1_000_000).padStart(6, '0'));
    await page.getByText('This code is wrong, or was used before.').waitFor();
    await paid(60_000, 'step_up_required');
    await button(page, 'Fill in').click();
    await title(page, 'Paid');
    await paid(60_000, 'posted');

    await order(page, { to: 'House management', amount: '90000' });
    await button(page, /^Pay 90,000\.00/).click();
    await title(page, 'Not paid');
    console.error(await page.getByRole('status').allInnerTexts());
    await paid(9_000_000, 'denied');
    await page.context().close();
  });

  test('a customer grants a consent, and takes it back', async () => {
    const page = await as('customer', phone);
    await page.goto(`${bank.url}/bank/consents`);
    const { customer } = await (await page.request.get(`${bank.url}/v1/customer`)).json();
    const offers = page.getByRole('switch', { name: 'Offers by e-mail' });
    for (const [word, granted] of [
      ['I agree', true],
      ['Withdraw', false],
    ] as const) {
      await offers.click();
      await button(page.getByRole('dialog', { name: 'Offers by e-mail' }), word).click();
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await offers.and(page.locator(granted ? ':checked' : ':not(:checked)')).waitFor();
      const { json } = await bank.call('GET', `/v1/consents?person=${customer}`);
      console.error(JSON.stringify(json));
    }
    await page.context().close();
  });

  test('a receiver hears a ping, gives up, and is sent again what it has missed', async () => {
    const receiver = await openReceiver();
    try {
      const page = await as('operations');
      await go(page, 'w', 'Webhooks');
      await press(page, 'n');
      const dialog = page.getByRole('dialog', { name: 'Set up a webhook' });
      await dialog.getByLabel('Address').fill(receiver.url);
      await dialog.getByLabel('Events', { exact: true }).fill('account.opened');
      await dialog.getByLabel('What it is for').fill('The till');
      await button(dialog, 'Set it up').click();
      const secret = await dialog.getByText(/^whsec_/).innerText();
      await button(dialog, 'Done').click();
      await page.getByRole('article', { name: 'The till' }).waitFor();
      assert.equal(await page.getByText('whsec_').count(), 0, 'it is not shown again');

      await press(page, 'p');
      await button(page.getByRole('dialog'), 'Send it').click();
      const sent = page.getByRole('grid', { name: 'Deliveries' });
      await sent.getByRole('row', { name: /^delivered webhook\.pinged/ }).waitFor();
      assert.deepEqual(receiver.heard(secret), ['webhook.pinged']);

      // What says that it is gone is switched off; once it is back, nothing is lost.
      receiver.answers(410);
      await bank.call('POST', '/v1/accounts', {
        body: { type: 'asset', currency: 'EUR', bound: 'none' },
      });
      await button(page, '1 new').click();
      await sent.getByRole('row', { name: /^given up account\.opened/ }).waitFor();
      await button(page, 'Switch on').click();
      receiver.answers(204);
      await button(page, 'Retry account.opened').click();
      await sent.getByRole('row', { name: /^delivered account\.opened/ }).waitFor();
      assert.deepEqual(receiver.heard(secret), [
        ...['webhook.pinged', 'account.opened', 'account.opened'],
      ]);
      await page.context().close();
    } finally {
      receiver.close();
    }
  });

  test('a role takes four eyes; a key works until it is revoked; a session until it is ended', async () => {
    const [page, colleague] = [await as('admin'), await as('compliance')];
    await go(page, 'u', 'People and keys');
    await press(page, 'r');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('To whom').fill('user:newcomer');
    await dialog.getByRole('radio', { name: 'auditor' }).check();
    await button(dialog, 'Give the role').click();
    await button(dialog, 'Ask for approval').click();
    await dialog.getByText('Asked.').waitFor();
    assert.deepEqual(await rolesOf(bank, 'user:newcomer'), []);
    const request = dialog.getByRole('link', { name: 'See the request' });
    await approve(colleague, bank.url + (await request.getAttribute('href')));
    await button(dialog, 'Give the role').click();
    await page.getByText('newcomer is auditor from now on.').waitFor();
    assert.deepEqual(await rolesOf(bank, 'user:newcomer'), ['auditor']);

    await press(page, 'i');
    await dialog.getByLabel('Name of the key').fill('The till');
    await dialog.getByLabel('For', { exact: true }).fill('service:till');
    await dialog.getByRole('checkbox', { name: 'policy:read' }).check();
    await button(dialog, 'Issue it').click();
    const secret = await dialog.locator('code').innerText();
    await button(dialog, 'Done').click();
    assert.equal(await statusOf(bank, secret), 200);
    await press(page, '2');
    await button(page, 'Revoke the key The till').click();
    await button(page.getByRole('dialog'), 'Revoke it').click();
    await page.getByRole('row', { name: /^revoked The till/ }).waitFor();
    assert.equal(await statusOf(bank, secret), 401);

    const other = await as('analyst');
    await press(page, '3');
    await page
      .getByRole('row', { name: /analyst/ })
      .first()
      .waitFor();
    console.error(await page.getByRole('row').allInnerTexts());
    await Promise.all([page, colleague, other].map((each) => each.context().close()));
  });

  test('in a bank in which nothing has happened every screen says so, and none fails', async () => {
    const secret = await openTenant(bank.server, 'new-bank');
    const page = await (await bank.browser.newContext({ locale: 'en-GB' })).newPage();
    page.setDefaultTimeout(actionMaxMs);
    await page.goto(`${bank.url}/auth/sign-in?return=/help`);
    await page.getByLabel('Your API key').fill(secret);
    await button(page, 'Sign in').click();
    await page.getByRole('heading', { level: 1 }).waitFor();
    const links = await page.getByRole('navigation', { name: 'Console' }).getByRole('link').all();
    for (const link of links) {
      await link.click();
      await page
        .getByRole('heading', { level: 1, name: (await link.innerText()).split('\n')[0] ?? '' })
        .waitFor();
      await page.waitForFunction(() => !document.querySelector('main [aria-label="Loading"]'));
      console.error(
        page.url(),
        (await page.locator('main').innerText()).slice(0, 700).replaceAll('\n', ' | '),
      );
      assert.equal(await page.getByRole('alert').count(), 0, page.url());
    }
    await page.context().close();
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

async function go(page: Page, key: string, name: string): Promise<void> {
  await press(page, 'g', key);
  await title(page, name);
}

async function title(page: Page, name: string): Promise<void> {
  await page.getByRole('heading', { level: 1, name }).waitFor();
}

/** By keys alone, where the link leads. */
async function approve(page: Page, request: string): Promise<void> {
  await page.goto(request);
  await page.getByRole('heading', { level: 2, name: /^Give/ }).waitFor();
  await press(page, 'a');
  await page.getByRole('dialog').getByRole('textbox', { name: 'Reason' }).waitFor();
  await page.keyboard.type('expected');
  await press(page, 'Enter');
  await page.getByText('Approved.').first().waitFor();
}

/** Up to the last look, on the phone. */
async function order(page: Page, { to, amount }: { to: string; amount: string }): Promise<void> {
  await page.getByRole('navigation', { name: 'Bank' }).getByRole('link', { name: 'Pay' }).click();
  await page.getByRole('link', { name: to }).click();
  await page.getByLabel('Amount').fill(amount);
  await button(page, 'Continue').click();
}

// The ledger --------------------------------------------------------------------------------------

/** Three postings, written now, of nine, four and two days ago; and when each was written. */
async function postedAccount({ call }: ConsoleBank) {
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
  const from = new URL(page.url()).searchParams.get('from') ?? '';
  const { json } = await call('GET', `/v1/accounts/${account}/statement?from=${from}`);
  assert.equal(minor(closing?.at(-1)), json.closing.booked);
  assert.equal(rest.length, json.entries);
}

// Evidence ----------------------------------------------------------------------------------------

type Findings = {
  readonly findings: readonly { readonly what: string; readonly position: number }[];
};

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

// Payments, receivers, rights ---------------------------------------------------------------------

type Paid = { readonly amount: number; readonly from: string };

/** The status of each payment of exactly that amount since then. */
async function paymentsOf({ call }: ConsoleBank, account: string, { amount, from }: Paid) {
  const exactly = { currency: 'EUR', amount_min: `${amount}`, amount_max: `${amount}` };
  const query = new URLSearchParams({ debtor_account_id: account, from, ...exactly });
  const { items } = (await call('GET', `/v1/payments?${query}`)).json;
  return (items as readonly { status: string }[]).map(({ status }) => status);
}

/** Lists of payments follow the log within a moment. */
async function becomes(ask: () => Promise<unknown>, expected: unknown): Promise<void> {
  const deadline = performance.now() + actionMaxMs;
  for (;;) {
    const answer = await ask();
    if (isDeepStrictEqual(answer, expected)) return;
    if (performance.now() > deadline) assert.deepEqual(answer, expected);
    await sleep(50);
  }
}

/** Listens in this process, and answers as it is told. */
async function openReceiver() {
  const messages: { readonly headers: Record<string, string>; readonly body: string }[] = [];
  let status = 204;
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    messages.push({ headers: request.headers as Record<string, string>, body });
    response.writeHead(status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/events`,
    answers(next: number) {
      status = next;
    },
    /** The types of what has come, each by its signature from this bank. */
    heard(secret: string): readonly string[] {
      const own = new Webhook(secret);
      return messages.map(
        ({ headers, body }) => (own.verify(body, headers) as { type: string }).type,
      );
    },
    close: () => server.close(),
  };
}

async function rolesOf({ call }: ConsoleBank, principal: string): Promise<readonly string[]> {
  const { items } = (await call('GET', '/v1/role-grants?limit=500')).json as {
    items: readonly { principal: string; role: string }[];
  };
  return items.filter((each) => each.principal === principal).map(({ role }) => role);
}

async function statusOf({ url }: ConsoleBank, secret: string): Promise<number> {
  const headers = { authorization: `Bearer ${secret}` };
  return (await fetch(`${url}/v1/policies`, { headers })).status;
}
