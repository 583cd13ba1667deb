// The console in the hands of those who operate: payments watched and explained, cases reviewed by
// several people, anything found by its id; and what it does with hostile text and without a
// server.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import { noBrowser } from '../browser.ts';
import { type ConsoleBank, openConsoleBank } from '../console-bank.ts';
import { button, focused, go, press } from '../console-steps.ts';
import {
  actionMaxMs,
  gridOf,
  harmOn,
  hostile,
  longWord,
  placesOf,
  rowOf,
  settled,
  stateOf,
  statusOf,
  unfold,
  until,
} from './console-look.ts';
import { openTill, type Till } from './console-till.ts';

describe('those who operate', { skip: noBrowser, concurrency: false }, () => {
  let bank: ConsoleBank;
  let till: Till;
  let operations: Page;
  let compliance: Page;
  let second: Page;

  before(async () => {
    bank = await openConsoleBank();
    till = await openTill(bank);
    operations = await as('operations');
    compliance = await as('compliance');
    second = await as('compliance-2');
  });
  after(() => bank?.close());

  test('a deep link survives the sign-in, and what is closed to a teller says why', async () => {
    const page = await as('teller');
    const closed = page.getByRole('navigation').getByRole('link', { name: /^Decisions/ });
    await closed.focus();
    await page.getByRole('tooltip').getByText('Not a part of teller').waitFor();
    await press(page, 'Enter');
    await page.getByRole('alert').getByText('Your roles do not allow this').first().waitFor();
    assert.equal(await statusOf(page, '/v1/decisions'), 403);

    await page.evaluate(() => sessionStorage.setItem('typed', 'by a teller'));
    await button(page, 'Teller, teller').click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('link', { name: 'Sign in' }).waitFor();
    assert.equal(await statusOf(page, '/v1/session'), 401);
    assert.equal(await page.evaluate(() => sessionStorage.getItem('typed')), null);

    const address = `${bank.url}/payments?status=denied%2Cposted&tab=json`;
    await page.goto(address);
    await page.getByRole('link', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: /^Operations/ }).click();
    await gridOf(page, 'Payments').getByRole('row').nth(1).waitFor();
    assert.equal(page.url(), address);
    await button(page, 'Operations, operations').waitFor();
    assert.ok(await facet(page, 'State', 'denied').isChecked());
    assert.ok(!(await facet(page, 'State', 'captured').isChecked()));
    await page.context().close();
  });

  test('a payment that comes moves no row under the eye, and is shown on request', async () => {
    await go(operations, 'p', 'Payments');
    const list = gridOf(operations, 'Payments');
    await list.getByRole('row').nth(20).waitFor();
    await list.hover();
    await operations.mouse.wheel(0, 1_800);
    const seen = await settled(() => placesOf(list));
    assert.ok(seen.length > 10);

    const paid = await till.pay({ amount: 1_537 });
    assert.equal(paid.status, 'posted', JSON.stringify(paid));
    const offer = button(operations, /^\d+ new$/);
    await offer.waitFor();
    assert.equal(await offer.textContent(), '1 new');
    assert.deepEqual(await placesOf(list), seen);
    // The list is a read model: it may be a moment behind what was told.
    await until(async () => {
      const { json } = await bank.call('GET', '/v1/payments?limit=1');
      return json.items[0].payment_id === paid.id;
    });
    await offer.click();
    await rowOf(list, paid.id).waitFor();
    assert.equal(await rowOf(list, paid.id).getAttribute('aria-rowindex'), '2');
    await offer.waitFor({ state: 'detached' });
  });

  test('a denial is explained: by a sentence, by each rule, and by doing it again', async () => {
    const denied = await till.pay({ amount: 1_541, creditor_country: 'KP' });
    assert.equal(denied.status, 'denied');
    await operations.goto(`${bank.url}/payments`);
    await facet(operations, 'State', 'denied').check();
    await operations.waitForURL('**/payments?status=denied');
    await rowOf(gridOf(operations, 'Payments'), denied.id).click();
    const panel = operations.getByRole('complementary', { name: 'The payment' });
    const { json } = await bank.call('GET', `/v1/decisions/${denied.decision_id}/explanation`);
    const [reason] = json.reasons as readonly { readonly text: string }[];
    const sentence = panel.getByRole('paragraph').filter({ hasText: /^Denied because: / });
    await sentence.getByText(reason?.text ?? '').waitFor();
    await sentence.getByText('prohibited-country').waitFor();

    const rules = json.rules as readonly { readonly rule: string; readonly held: string }[];
    const stage = panel.getByRole('listitem').filter({ hasText: 'policy decides' }).first();
    for (const { rule } of rules.filter(({ held }) => held === 'yes')) {
      await stage.getByText(rule, { exact: true }).first().waitFor();
    }
    const others = rules.filter(({ held }) => held === 'no');
    await stage.getByText(`${others.length} rules did not hold`).click();
    for (const { rule } of others) {
      assert.ok(await stage.getByText(rule, { exact: true }).first().isVisible(), rule);
    }

    await press(operations, 'r');
    await panel.getByRole('status').getByText('Came out the same').waitFor();
    assert.deepEqual([json.repeated, json.outcome], [true, 'deny']);
  });

  test('a payment of weight takes two people, and the same one cannot be the second', async () => {
    const paid = await till.pay({ amount: 1_200_000, creditor_country: 'RU' });
    const id = await till.caseOf(paid.id, 'large-sums');
    await takeNext(compliance, 'large-sums');
    const section = (name: string) => compliance.getByRole('region', { name, exact: true });
    await section('Why it is here').getByText('watched-country').first().waitFor();
    await section('Facts').getByText('RU', { exact: true }).waitFor();
    await section('Linked payments').waitFor();
    await verdict(compliance, 'a', 'called back');
    await compliance.getByText('You have agreed already').first().waitFor();
    assert.equal((await till.payment(paid.id)).status, 'review');

    await press(compliance, 'a');
    assert.equal(await compliance.getByRole('dialog').count(), 0);
    const body = { verdict: 'approve', reason_code: 'genuine', reason: 'once more' };
    assert.equal(await statusOf(compliance, `/v1/cases/${id}/decide`, body), 403);

    await takeNext(second, 'large-sums');
    const before = second.getByRole('region', { name: 'Verdicts so far' });
    await before.getByText('compliance', { exact: true }).waitFor();
    await verdict(second, 'a', 'reads well');
    await until(async () => (await till.payment(paid.id)).status === 'posted');
    const timeline = compliance.getByRole('region', { name: 'Timeline' });
    const agreed = timeline
      .getByRole('listitem')
      .filter({ hasText: 'Agreed, for a second person' });
    await agreed.filter({ hasText: 'by you' }).filter({ hasText: 'called back' }).waitFor();
    const decided = timeline.getByRole('listitem').filter({ hasText: 'Approved: genuine' });
    await decided.filter({ hasText: 'by compliance-2' }).waitFor();
    const { verdicts, status } = (await bank.call('GET', `/v1/cases/${id}`)).json;
    const checkers = (verdicts as readonly { checker: string }[]).map(({ checker }) => checker);
    assert.deepEqual(checkers.toSorted(), ['user:compliance', 'user:compliance-2']);
    assert.equal(status, 'decided');
    await compliance.getByRole('link', { name: 'Payment', exact: true }).click();
    const steps = compliance.getByRole('region', { name: 'Timeline' });
    await steps.getByText('review required').waitFor();
    await steps.getByText('posted', { exact: true }).waitFor();
  });

  test('who is beaten to a case is told by whom, goes on, and keeps the note', async () => {
    const [first, other] = [
      await till.pay({ amount: 1_501, creditor_country: 'RU' }),
      await till.pay({ amount: 1_502, creditor_country: 'RU' }),
    ];
    const id = await till.caseOf(first.id, 'small-sums');
    const next = await till.caseOf(other.id, 'small-sums');
    for (const page of [compliance, second]) {
      await page.goto(`${bank.url}/reviews?queue=small-sums`);
      await rowOf(gridOf(page, 'Cases'), id).click();
      await page.waitForURL(`**id=${id}`);
      await button(page, 'Approve').waitFor();
    }
    await press(second, 'm');
    await second.keyboard.type('Not sent yet.');
    await press(second, 'Escape', 'd');
    const dialog = second.getByRole('dialog');
    await reasonsAsked(second);
    await press(second, '2');
    await second.keyboard.type('a fake shop');

    await verdict(compliance, 'a', 'seen');
    await press(second, 'Enter');
    await dialog.getByText('compliance has approved it (genuine)').waitFor();
    await dialog.getByText('Nothing was changed by you.').waitFor();
    await press(second, 'Enter');
    await second.waitForURL(`**id=${next}`);
    assert.equal((await bank.call('GET', `/v1/cases/${id}`)).json.verdict, 'approve');
    await until(async () => (await till.payment(first.id)).status === 'posted');

    await second.goto(`${bank.url}/reviews/${id}`);
    const note = second.getByRole('textbox', { name: 'Note for colleagues' });
    assert.equal(await note.inputValue(), 'Not sent yet.');
    await note.press('Control+Enter');
    await second.getByRole('listitem').filter({ hasText: 'Not sent yet.' }).waitFor();
    assert.deepEqual(await till.notesOn(id), ['Not sent yet.']);
  });

  test('⌘K finds anything by its id or name, and g goes anywhere but where one types', async () => {
    const paid = await till.pay({ amount: 1_503 });
    for (const [text, address] of [
      [paid.id, `/payments/${paid.id}`],
      [paid.debtor_account_id, `/ledger/accounts/${paid.debtor_account_id}`],
      [paid.decision_id, `/decisions/${paid.decision_id}`],
      ['payment-auth', '/policies/payment-authorization'],
      ['journ', '/ledger/journal'],
    ]) {
      await press(operations, 'Control+k');
      await focused(operations.getByPlaceholder(/or a place$/));
      await operations.keyboard.type(text);
      const found = operations.getByRole('dialog').getByRole('button').filter({ hasText: text });
      await found.first().waitFor();
      await press(operations, 'Enter');
      await operations.waitForURL(`${bank.url}${address}`);
      await operations.getByRole('heading', { level: 1 }).waitFor();
    }
    for (const [key, title] of [
      ['o', 'Overview'],
      ['p', 'Payments'],
      ['r', 'Reviews'],
      ['a', 'Accounts'],
      ['d', 'Decisions'],
      ['e', 'Events'],
    ] as const) {
      await go(operations, key, title);
    }
    await go(operations, 'p', 'Payments');
    await press(operations, 'f', 'g', 'r');
    const box = operations.getByRole('textbox', { name: /^Search by payment/ });
    assert.equal(await box.inputValue(), 'gr');
    assert.equal(new URL(operations.url()).pathname, '/payments');
  });

  test('hostile text is text, on every screen on which it stands', async () => {
    const other = await openTill(bank);
    const metadata = { text: hostile, word: longWord };
    const facts = { customer_kind: hostile };
    const paid = await other.pay({ amount: 1_517, metadata, facts });
    assert.equal(paid.status, 'posted', JSON.stringify(paid));
    const waiting = await other.pay({ amount: 1_518, creditor_country: 'RU', metadata, facts });
    const id = await other.caseOf(waiting.id, 'odd-texts');
    const { event_id } = (await bank.call('GET', `/v1/decisions/${paid.decision_id}`)).json;
    const page = await as('compliance');
    const dialogs: string[] = [];
    page.on('dialog', (dialog) => {
      dialogs.push(dialog.message());
      void dialog.dismiss();
    });
    await page.goto(`${bank.url}/reviews/${id}`);
    const note = page.getByRole('textbox', { name: 'Note for colleagues' });
    await note.fill(`${hostile} ${longWord}`);
    await note.press('Control+Enter');
    await page.getByRole('listitem').filter({ hasText: 'onerror' }).waitFor();
    assert.deepEqual(await other.notesOn(id), [`${hostile} ${longWord}`]);
    for (const path of [
      `/reviews/${id}`,
      `/payments?id=${paid.id}`,
      `/payments/${paid.id}`,
      `/payments/${paid.id}?tab=json`,
      `/decisions/${paid.decision_id}`,
      `/decisions/${paid.decision_id}?tab=json`,
      `/ledger/transfers/${paid.transfer_ids[0]}`,
      `/ledger/accounts/${paid.debtor_account_id}`,
      '/ledger/journal',
      `/events/${event_id}`,
      `/events/${event_id}?tab=json`,
    ]) {
      await page.goto(bank.url + path);
      await page.getByText('onerror').first().waitFor({ state: 'attached' });
      await unfold(page);
      assert.deepEqual(await harmOn(page), [], path);
    }
    assert.deepEqual(dialogs, []);
    await page.context().close();
  });

  test('without its server the console says so, keeps what is typed, and comes back', async () => {
    const paid = await till.pay({ amount: 1_521, creditor_country: 'RU' });
    const id = await till.caseOf(paid.id, 'cut-off');
    await compliance.goto(`${bank.url}/reviews/${id}`);
    const status = compliance.getByRole('status');
    await status.getByText('live', { exact: true }).waitFor();
    const note = compliance.getByRole('textbox', { name: 'Note for colleagues' });
    await note.fill('Written before the cut');
    await compliance.evaluate(() => Object.assign(window, { stays: true }));
    const keys = new Set<string | undefined>();
    compliance.on('request', (request) => {
      if (request.method() === 'POST') keys.add(request.headers()['idempotency-key']);
    });

    await bank.server.kill();
    await status.getByText('away', { exact: true }).hover();
    await compliance.getByRole('tooltip').getByText('tries again by itself').waitFor();
    await note.press('End');
    await compliance.keyboard.type(', and after it.');
    await note.press('Control+Enter');
    await compliance.getByRole('alert').getByText('Trying again does it once').waitFor();
    const text = 'Written before the cut, and after it.';
    assert.equal(await note.inputValue(), text);

    await bank.server.start();
    const noted = await bank.call('POST', `/v1/cases/${id}/note`, { body: { text: 'Meanwhile.' } });
    assert.equal(noted.status, 201, JSON.stringify(noted.json));
    await status.getByText('live', { exact: true }).waitFor();
    await compliance.getByRole('listitem').filter({ hasText: 'Meanwhile.' }).waitFor();
    assert.equal(await note.inputValue(), text);
    await note.press('Control+Enter');
    await compliance.getByRole('listitem').filter({ hasText: text }).waitFor();
    assert.deepEqual(await till.notesOn(id), ['Meanwhile.', text]);
    assert.equal(keys.size, 1, 'every try goes under the same key');
    assert.ok(await compliance.evaluate(() => 'stays' in window), 'it was not loaded anew');
  });

  test('every state of the explorer is in its address', async () => {
    const denied = await till.pay({ amount: 1_542, creditor_country: 'KP' });
    const fresh = await as('operations');
    const list = gridOf(operations, 'Payments');
    await operations.goto(`${bank.url}/payments`);
    const acts: readonly (() => Promise<unknown>)[] = [
      () => facet(operations, 'State', 'posted').check(),
      () => facet(operations, 'State', 'denied').check(),
      () => facet(operations, 'Kind', 'transfer').check(),
      async () => {
        await operations.getByLabel('At least: amount').fill('15');
        await press(operations, 'Enter');
      },
      () => button(operations, '7 days').click(),
      () => rowOf(list, denied.id).click(),
      () => operations.getByRole('tab', { name: 'Raw JSON' }).click(),
      async () => {
        await press(operations, 'Escape', 'f');
        await operations.keyboard.type(till.debtor);
        await press(operations, 'Enter');
      },
    ];
    const addresses = new Set([operations.url()]);
    for (const act of acts) {
      await act();
      await until(async () => !addresses.has(operations.url()));
      addresses.add(operations.url());
      await fresh.goto(operations.url());
      const states = () => Promise.all([stateOf(operations), stateOf(fresh)]);
      await until(async () => {
        const [shown, same] = await states();
        return shown.rows.length > 0 && JSON.stringify(shown) === JSON.stringify(same);
      }).catch(() => undefined);
      const [shown, same] = await states();
      assert.deepEqual(same, shown);
      assert.ok(shown.rows.length > 0);
    }
    assert.equal(addresses.size, acts.length + 1);
    await fresh.context().close();
  });

  test('no script failed, and nothing was done that the policy of the pages forbids', () => {
    // While the server was gone, the browser told of each call that did not reach it.
    const isOfCut = /^Failed to load resource: net::ERR_/;
    const complaints = bank.complaints().filter((each) => !isOfCut.test(each));
    assert.deepEqual(complaints, []);
  });

  async function as(user: string): Promise<Page> {
    const page = await bank.as(user);
    page.setDefaultTimeout(actionMaxMs);
    await page.getByRole('navigation', { name: 'Console' }).waitFor();
    return page;
  }
});

// What a person does ------------------------------------------------------------------------------

function facet(page: Page, title: string, name: string): Locator {
  return page.getByRole('group', { name: title }).getByRole('checkbox', { name, exact: true });
}

async function takeNext(page: Page, queue: string): Promise<void> {
  await page.goto(`${new URL(page.url()).origin}/reviews`);
  await button(page.getByRole('group', { name: 'Queues' }), new RegExp(`^${queue}`)).click();
  await gridOf(page, 'Cases').getByRole('row').nth(1).waitFor();
  await press(page, 'n');
  await button(page, /^Give back/).waitFor();
}

/** By keys alone, for the first reason of the catalogue. */
async function verdict(page: Page, key: 'a' | 'd', words: string): Promise<void> {
  await press(page, key);
  await reasonsAsked(page);
  await press(page, '1');
  await page.keyboard.type(words);
  await press(page, 'Enter');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}

async function reasonsAsked(page: Page): Promise<void> {
  await focused(page.getByRole('dialog').getByRole('radio').first());
}
