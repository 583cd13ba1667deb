// The console in the hands of those who want proof: balances of the past, evidence, the customer's
// own app, receivers of events, keys and sessions; and a bank in which nothing has happened yet.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { complaintsOf, noBrowser } from '../browser.ts';
import { type ConsoleBank, openConsoleBank } from '../console-bank.ts';
import { approve, button, go, press, title } from '../console-steps.ts';
import { openTenant } from '../server-process.ts';
import { receive, verifies } from '../webhooks.ts';
import { actionMaxMs, until } from './console-look.ts';
import {
  addsUp,
  askedBalance,
  dayMs,
  foundBy,
  paymentsOf,
  postedAccount,
  rolesOf,
  statusOf,
  tampered,
} from './console-proved.ts';

const phone = { width: 390, height: 844 };

/** What a place says while there is nothing; the others always have something to show. */
const emptyWords: Readonly<Record<string, string>> = {
  Payments: 'No payment is so',
  Reviews: 'Nothing waits for a person',
  Screening: 'No hit waits for a judgement',
  Accounts: 'No account is so',
  Journal: 'No transfer is so',
  Cores: 'Both books agree',
  Approvals: 'Nothing waits here',
  Models: 'No model is registered',
  Rollout: 'No use case is switched on',
  Replays: 'No replay yet',
  Webhooks: 'Nobody is told yet',
};

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

  test('a balance is read as of any moment, and the statement adds up', async () => {
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
    const steps = page.getByRole('status').getByRole('listitem');
    const inTree = steps.filter({ hasText: 'The event is in the tree' });
    await inTree.getByText('does not lead to the root that was signed').waitFor();

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
    const { accounts } = await (await page.request.get(`${bank.url}/v1/customer`)).json();
    const [own] = accounts.items;
    const from = new Date().toISOString();
    // The list of payments follows what happens within a moment.
    const becomes = (amount: number, status: string) =>
      until(async () => {
        const found = await paymentsOf(bank, own.account_id, { amount, from });
        assert.ok(found.length <= 1, `paid ${found.length} times`);
        return found[0] === status;
      });

    const posted = await pay(page, { to: 'Sports club', cents: 1_234, until: 'Paid' });
    await becomes(posted, 'posted');

    const asked = await pay(page, { to: 'Power company', cents: 60_000, until: 'Please confirm' });
    await becomes(asked, 'step_up_required');
    const shown = await page.getByText(/the app of this customer shows/).innerText();
    const [code = ''] = /\d{6}/.exec(shown) ?? [];
    await page.getByLabel('Digit 1 of 6').click();
    await page.keyboard.type(String((Number(code) + 1) % 1_000_000).padStart(6, '0'));
    await page.getByText('This code is wrong, or was used before.').waitFor();
    await becomes(asked, 'step_up_required');
    await button(page, 'Fill in').click();
    await button(page, 'Confirm').click();
    await title(page, 'Paid');
    await becomes(asked, 'posted');

    const denied = await pay(page, { to: 'Sports club', cents: 9_000_000, until: 'Not paid' });
    await page.getByText('Declined: there was not enough money in the account.').first().waitFor();
    await becomes(denied, 'denied');
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
      const [{ channel, in_effect }] = json.items;
      assert.deepEqual([channel, in_effect], ['email', granted]);
    }
    await page.context().close();
  });

  test('a receiver hears a ping, gives up, and is sent again what it has missed', async (t) => {
    let status = 204;
    const receiver = await receive(t, (response) => response.writeHead(status).end());
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
    const heard = () => {
      assert.ok(receiver.messages.every((message) => verifies(secret, message)));
      return receiver.messages.map(({ type }) => type);
    };

    await press(page, 'p');
    await button(page.getByRole('dialog'), 'Send it').click();
    const sent = page.getByRole('grid', { name: 'Deliveries' });
    await sent.getByRole('row', { name: /^delivered webhook\.pinged/ }).waitFor();
    assert.deepEqual(heard(), ['webhook.pinged']);

    // What says that it is gone is switched off; once it is back, nothing is lost.
    status = 410;
    await bank.call('POST', '/v1/accounts', {
      body: { type: 'asset', currency: 'EUR', bound: 'none' },
    });
    await button(page, '1 new').click();
    await sent.getByRole('row', { name: /^given up account\.opened/ }).waitFor();
    await button(page, 'Switch on').click();
    status = 204;
    await button(page, 'Retry account.opened').click();
    await sent.getByRole('row', { name: /^delivered account\.opened/ }).waitFor();
    assert.deepEqual(heard(), ['webhook.pinged', 'account.opened', 'account.opened']);
    await page.context().close();
  });

  test('a role takes four eyes; a key works until revoked; a session until ended', async () => {
    const [page, colleague] = [await as('admin'), await as('compliance')];
    await go(page, 'u', 'People and keys');
    await press(page, 'r');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('To whom').fill('user:newcomer');
    await dialog.getByRole('radio', { name: 'auditor' }).check();
    await button(dialog, 'Give the role').click();
    await button(dialog, 'Ask for approval').click();
    await dialog.getByText(/^Asked\./).waitFor();
    assert.deepEqual(await rolesOf(bank, 'user:newcomer'), []);
    await approve(colleague, /newcomer/);
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
    await button(page, 'End the session of analyst').first().click();
    await button(page.getByRole('dialog'), 'End it').click();
    await page
      .getByRole('row', { name: /^ended analyst/ })
      .first()
      .waitFor();
    await other.getByRole('dialog', { name: 'Signed out' }).waitFor();
    assert.equal((await other.request.get(`${bank.url}/v1/session`)).status(), 401);
    await Promise.all([page, colleague, other].map((each) => each.context().close()));
  });

  test('in a bank in which nothing has happened every screen says so, and none fails', async () => {
    const secret = await openTenant(bank.server, 'new-bank');
    const page = await bank.browser.newPage({ locale: 'en-GB' });
    const complaints = complaintsOf(page.context());
    page.setDefaultTimeout(actionMaxMs);
    await page.goto(`${bank.url}/auth/sign-in?return=/help`);
    await page.getByLabel('Your API key').fill(secret);
    await button(page, 'Sign in').click();
    await page.getByRole('heading', { level: 1 }).waitFor();
    const rail = page.getByRole('navigation', { name: 'Console' });
    const names = (await rail.getByRole('link').allTextContents()).map(placeName);
    for (const name of names) {
      await rail.getByRole('link', { name, exact: true }).click();
      await title(page, name);
      await page
        .getByRole('main')
        .getByText(emptyWords[name] ?? /./)
        .first()
        .waitFor();
      assert.equal(await page.getByRole('alert').count(), 0, name);
    }
    assert.deepEqual(
      Object.keys(emptyWords).filter((name) => !names.includes(name)),
      [],
    );
    await page.goto(`${bank.url}/bank`);
    await title(page, 'This app is for customers');
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  test('no browser had anything to complain of', () => {
    assert.deepEqual(bank.complaints(), []);
  });
});

// What is done ------------------------------------------------------------------------------------

/** Without the keys that lead there. */
function placeName(text: string): string {
  return text.replace(/g .$/, '').trim();
}

/** On a clock of UTC, which is the demo's. */
function localText(at: number): string {
  return new Date(at).toISOString().slice(0, 16);
}

type Order = { readonly to: string; readonly cents: number; readonly until: string };

const triesMax = 5;

/**
 * On the phone, with a finger that is too quick; answers the amount. A busy machine may come to
 * know the payee too late, and the bank looks at the payment first: that one is taken back.
 */
async function pay(page: Page, { to, cents, until: goal }: Order): Promise<number> {
  for (let tries = 0; tries < triesMax; tries += 1) {
    const amount = cents + tries;
    const tabs = page.getByRole('navigation', { name: 'Bank' });
    await tabs.getByRole('link', { name: 'Pay' }).click();
    await page.getByRole('link', { name: to }).click();
    await page.getByLabel('Amount').fill((amount / 100).toFixed(2));
    await button(page, 'Continue').click();
    await button(page, /^Pay /).dblclick();
    const end = page.getByRole('heading', {
      level: 1,
      name: new RegExp(`^(${goal}|We look at it)$`),
    });
    if ((await end.textContent()) === goal) return amount;
    await button(page, 'Cancel this payment').click();
    await button(page, 'Yes, cancel it').click();
    await title(page, 'Cancelled');
  }
  return assert.fail(`the bank has looked at ${triesMax} payments`);
}
