// The gateway in the hands of people: an agent is registered and a tool approved, each by two; the
// agent calls, and what it did is seen, proven, and ended; what it proposes a customer agrees to,
// and people of the bank after him.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { noBrowser } from '../browser.ts';
import {
  type ConsoleAgent,
  letAgentsAct,
  openConsoleAgent,
  registerAgent,
} from '../console-agent.ts';
import { type ConsoleBank, openConsoleBank } from '../console-bank.ts';
import { approve, button, focused, go, press, title } from '../console-steps.ts';
import { actionMaxMs, gridOf, rowOf, settled, until } from './console-look.ts';

const id = 'spending-coach';
/** Asked for nothing here: that it is configured is enough for a prompt to be approved for it. */
const languageModel = {
  COUNTERSIGN_LLM_URL: 'http://127.0.0.1:9/v1',
  COUNTERSIGN_LLM_MODEL: 'small',
};
const phone = { width: 390, height: 844 };

describe('agents at the console', { skip: noBrowser, concurrency: false }, () => {
  let bank: ConsoleBank;
  let agent: ConsoleAgent;
  let admin: Page;
  let operations: Page;
  let compliance: Page;

  before(async () => {
    bank = await openConsoleBank(languageModel);
    agent = await openConsoleAgent(bank, id);
    await letAgentsAct(bank);
    [admin, operations, compliance] = [
      await as('admin'),
      await as('operations'),
      await as('compliance'),
    ];
  });
  after(() => bank?.close());

  test('an agent is registered once another person has approved its terms', async () => {
    await go(admin, 'n', 'Agents');
    await admin.getByText('No agent is registered').waitFor();
    await press(admin, 'n');
    const dialog = admin.getByRole('dialog', { name: 'Register an agent' });
    await dialog.getByLabel('Id', { exact: true }).fill(id);
    await dialog.getByLabel('Name').fill('Spending coach');
    await dialog.getByLabel('Owner').fill('user:operations');
    await dialog.getByLabel('accounts.list', { exact: true }).check();
    await dialog.getByLabel('Calls of accounts.list a minute').fill('45');
    await dialog.getByLabel('Issuer of its tokens').fill(agent.client.issuer);
    await dialog.getByLabel('Client id').fill(agent.client.client_id);
    await dialog.getByLabel('Public keys').fill(JSON.stringify(agent.client.jwks));
    await button(dialog, 'Register it').click();
    await button(dialog, 'Ask for approval').click();
    await dialog.getByText(/^Asked\./).waitFor();
    await approve(compliance, /Register Spending coach/);
    await button(dialog, 'Register it').click();
    await dialog.waitFor({ state: 'hidden' });

    const shown = admin.getByRole('article', { name: 'The agent' });
    await shown.getByRole('heading', { name: 'Spending coach' }).waitFor();
    const row = shown.getByRole('row', { name: /accounts\.list/ });
    assert.match(await row.innerText(), /read\s+not approved\s+45/);
    assert.equal((await agent.use('accounts.list')).status, 404, 'nobody has approved the tool');
  });

  test('a tool is approved in its form by two, and called', async () => {
    await go(operations, 't', 'Tools');
    await operations.goto(`${bank.url}/tools?id=accounts.list`);
    await operations.getByText('No agent may call it.').waitFor();
    await press(operations, 'a');
    const dialog = operations.getByRole('dialog', { name: 'Approve accounts.list' });
    await button(dialog, 'Approve it').click();
    await button(dialog, 'Ask for approval').click();
    await dialog.getByText(/^Asked\./).waitFor();
    await approve(compliance, /Let agents call accounts\.list/);
    await button(dialog, 'Approve it').click();
    await operations.getByText('Agents may call it', { exact: false }).first().waitFor();
    await dialog.waitFor({ state: 'hidden' });

    const { status, json } = await agent.use('accounts.list');
    assert.equal(status, 200, JSON.stringify(json));
    await go(operations, 'c', 'Calls');
    const calls = gridOf(operations, 'Calls');
    assert.match(
      await rowOf(calls, json.call_id).innerText(),
      /answered\s+accounts\.list\s+spending/,
    );
    await press(operations, 'j');
    const panel = operations.getByRole('complementary', { name: 'The call' });
    await panel.getByText('Answered by the core system', { exact: false }).waitFor();
    await panel.getByText(`"account_id": "${json.output.accounts[0].account_id}"`).waitFor();
    await until(async () => {
      await button(panel, 'Verify receipt').click();
      const verdict = panel.getByText('The receipt holds', { exact: true });
      return verdict.waitFor({ timeout: 2_000 }).then(
        () => true,
        () => false,
      );
    });
    await panel.getByRole('link', { name: /^dec_/ }).click();
    await title(operations, /^Decision/);
  });

  test('what is new is offered, what came of it narrows, and a suspension ends it', async () => {
    await operations.goto(`${bank.url}/calls`);
    const calls = gridOf(operations, 'Calls');
    // The list looks further down the log for a while, and says so in a row that is no call.
    const shown = calls.getByRole('row', { name: /accounts\.list/ });
    await shown.first().waitFor();
    const before = await settled(() => shown.count());
    const second = await agent.use('accounts.list', { after: '100' });
    await button(operations, /1 new/).click();
    await rowOf(calls, second.json.call_id).waitFor();
    await until(async () => (await shown.count()) === before + 1);
    await operations.goto(`${bank.url}/calls?status=failed`);
    await operations.getByText('No call fits these filters').waitFor();

    await admin.goto(`${bank.url}/agents?id=${id}`);
    await admin.getByRole('heading', { level: 2, name: 'Spending coach' }).waitFor();
    await button(admin, 'Suspend').click();
    await button(admin.getByRole('dialog'), 'Suspend it now').click();
    await admin.getByText('It is suspended.').waitFor();
    assert.equal((await agent.use('accounts.list')).status, 401);
  });

  test('a customer agrees to a large payment, then two people of the bank do', async () => {
    const coach = await openConsoleAgent(bank, 'household-coach');
    const tools = ['accounts.list', 'transfers.prepare', 'transfers.confirm'];
    await registerAgent(bank, coach, { id: 'household-coach', name: 'Household coach', tools });
    const listed = await coach.use('accounts.list');
    const [from, to] = listed.json.output.accounts.map((each: any) => each.account_id);
    const cash = await bank.call('POST', '/v1/accounts', {
      body: { type: 'asset', currency: 'EUR', bound: 'none' },
    });
    const order = { amount: 1_000_000, currency: 'EUR' };
    const funds = { debit_account_id: cash.json.id, credit_account_id: from, ...order };
    await bank.call('POST', '/v1/transfers', { body: { ...funds, amount: 5_000_000 } });
    const asked = { from_account_id: from, to_account_id: to, ...order, text: 'A new kitchen' };
    const prepared = await coach.use('transfers.prepare', asked);
    const { proposal_id } = prepared.json.output;

    const customer = await bank.as('customer', { size: phone });
    await customer.goto(`${bank.url}/bank`);
    await customer.getByRole('link', { name: /Household coach asks you for 10,000\.00/ }).click();
    await customer.getByText('A new kitchen').waitFor();
    await button(customer, 'I agree').click();
    await title(customer, 'Agreed');

    const waits = await coach.use('transfers.confirm', { proposal_id });
    assert.deepEqual([waits.status, waits.json.proposal?.waits_for], [202, 'officers']);
    await title(customer, 'We look at it');
    const second = await as('compliance-2');
    for (const officer of [compliance, second]) {
      await go(officer, 'q', 'Proposals');
      await rowOf(gridOf(officer, 'Proposals'), proposal_id).click();
      await officer.getByText('2 people of the bank are asked').waitFor();
      await press(officer, 'a');
      await focused(officer.getByRole('dialog').getByRole('textbox', { name: 'Reason' }));
      await officer.keyboard.type('between own accounts');
      await press(officer, 'Enter');
      await officer
        .getByText(/^Approved\./)
        .first()
        .waitFor();
    }
    await second.getByText('All have agreed who were asked.').waitFor();

    const made = await coach.use('transfers.confirm', { proposal_id });
    assert.equal(made.json.status, 'done', JSON.stringify(made.json));
    const panel = second.getByRole('complementary', { name: 'The proposal' });
    await panel.getByText('Carried out,').waitFor();
    await panel.getByRole('link', { name: made.json.output.payment_id }).waitFor();
    await panel.getByRole('link', { name: 'The call that did it' }).click();
    await second.getByText('Let through').first().waitFor();
    await title(customer, 'Carried out');
  });

  test('a customer lets an agent pay small amounts without asking, and ends that', async () => {
    const customer = await bank.as('customer', { size: phone });
    await customer.goto(`${bank.url}/bank/requests`);
    await button(customer, 'Let an agent pay small amounts').click();
    const sheet = customer.getByRole('dialog', { name: 'Without asking each time' });
    await sheet.getByLabel('One payment, at most').fill('20');
    await sheet.getByRole('textbox', { name: 'In 24 hours, at most' }).fill('60.50');
    await button(sheet, 'Fill in').click();
    await button(sheet, 'Let it pay').click();
    await button(customer, /60\.50 EUR\s*left for a day/).click();
    await button(customer, 'End it now').click();
    await customer.getByText('Nothing: agents ask you for every payment.').waitFor();
  });

  test('a prompt is approved for its model by two, and withdrawn by one', async () => {
    await go(operations, 'k', 'Prompts');
    await operations.getByText('The built-in model answers').waitFor();
    await press(operations, 'a');
    const dialog = operations.getByRole('dialog', { name: /^Approve version \d+ of case-summary/ });
    await button(dialog, 'Approve it').click();
    await button(dialog, 'Ask for approval').click();
    await dialog.getByText(/^Asked\./).waitFor();
    // What waited on the page before, and has gone, would keep its place there.
    await compliance.goto(`${bank.url}/help`);
    await approve(compliance, /Let small@.* answer version/);
    await button(dialog, 'Approve it').click();
    await operations.getByText(/Version \d+ is answered by/).waitFor();
    await dialog.waitFor({ state: 'hidden' });
    await press(operations, 'w');
    const end = operations.getByRole('dialog', { name: 'Withdraw case-summary' });
    await end.getByLabel('Reason').fill('its answers are too long');
    await button(end, 'Withdraw it now').click();
    await operations.getByText('The built-in model answers').first().waitFor();
    await operations.getByText('its answers are too long').waitFor();
  });

  test('a tool that was changed since its approval shows which words are others', async () => {
    await operations.route('**/v1/tool-registry', async (route) => {
      const answer = await route.fetch();
      const { items } = (await answer.json()) as { items: any[] };
      const changed = items.map((tool) => {
        if (tool.name !== 'accounts.list') return tool;
        const is = { ...tool, description: 'Lists all accounts.', cost: 2 };
        const change = { was: { ...is, description: 'Lists the accounts.', cost: 1 }, is };
        return { ...tool, status: 'changed', approved_version: tool.version, change };
      });
      await route.fulfill({ response: answer, json: { items: changed } });
    });
    await operations.goto(`${bank.url}/tools?id=accounts.list`);
    const table = operations.getByRole('table', { name: /What has changed/ });
    await table.waitFor();
    assert.deepEqual(await table.getByRole('deletion').allInnerTexts(), ['the ', '1']);
    assert.deepEqual(await table.getByRole('insertion').allInnerTexts(), ['all ', '2']);
    await operations.unroute('**/v1/tool-registry');
  });

  test('no browser had anything to complain of', () => {
    assert.deepEqual(bank.complaints(), []);
  });

  async function as(user: string): Promise<Page> {
    const page = await bank.as(user);
    page.setDefaultTimeout(actionMaxMs);
    return page;
  }
});
