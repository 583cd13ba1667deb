// The gateway in the hands of a bank's people: an agent is registered and a tool approved, each by
// two; the agent calls, and what it did is seen, proven, and ended.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { noBrowser } from '../browser.ts';
import { type ConsoleAgent, letAgentsAct, openConsoleAgent } from '../console-agent.ts';
import { type ConsoleBank, openConsoleBank } from '../console-bank.ts';
import { approve, button, go, press, title } from '../console-steps.ts';
import { actionMaxMs, gridOf, rowOf, until } from './console-look.ts';

const id = 'spending-coach';

describe('agents at the console', { skip: noBrowser, concurrency: false }, () => {
  let bank: ConsoleBank;
  let agent: ConsoleAgent;
  let admin: Page;
  let operations: Page;
  let compliance: Page;

  before(async () => {
    bank = await openConsoleBank();
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
    await dialog.getByText('Asked.').waitFor();
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
    await dialog.getByText('Asked.').waitFor();
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
    await calls
      .getByRole('row', { name: /accounts\.list/ })
      .first()
      .waitFor();
    const rows = await calls.getByRole('row').count();
    const second = await agent.use('accounts.list', { after: '100' });
    await button(operations, /1 new/).click();
    await rowOf(calls, second.json.call_id).waitFor();
    assert.equal(await calls.getByRole('row').count(), rows + 1);
    await operations.goto(`${bank.url}/calls?status=failed`);
    await operations.getByText('No call is so').waitFor();

    await admin.goto(`${bank.url}/agents?id=${id}`);
    await admin.getByRole('heading', { level: 2, name: 'Spending coach' }).waitFor();
    await press(admin, 's');
    await button(admin.getByRole('dialog'), 'Suspend it now').click();
    await admin.getByText('It is suspended.').waitFor();
    assert.equal((await agent.use('accounts.list')).status, 401);
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
