// The console of a bank on an external core: what the core can, where it fails and what to do then,
// what it warns of and two people accept, and where its book and ours differ.
import { systemClock } from '#core';
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import type { Seed } from '../../simulators/cores/book.ts';
import { type Simulator, startSimulator } from '../../simulators/cores/simulator.ts';
import { temenos } from '../../simulators/cores/temenos/temenos.ts';
import { noBrowser } from '../browser.ts';
import { type ConsoleBank, openConsoleBank } from '../console-bank.ts';
import { approve, button, go, press, title } from '../console-steps.ts';
import { axe, dressed, untilStill } from './console-accessible.ts';
import { actionMaxMs, until } from './console-look.ts';

const axeFile = fileURLToPath(import.meta.resolve('axe-core/axe.min.js'));
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** Told apart by what is on them. */
const [rich, poor, warned] = [250_000, 80_000, 70_000];
const warning = { code: 'ACCT.UNAUTH.OD', text: 'Unauthorised overdraft' };
const account = { party: '100001', currency: 'EUR' };
const seed: Seed = {
  parties: [{ id: '100001', name: 'Erika Muster' }],
  accounts: [
    { ...account, id: '100000001', balance: rich },
    { ...account, id: '100000002', balance: poor },
    { ...account, id: '100000003', balance: warned, warns: warning },
  ],
};
/** A round of comparison comes once a minute, and looks twice. */
const comparedMaxMs = 120_000;

describe('a bank on an external core', { skip: noBrowser, concurrency: false }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-core-'));
  let core: Simulator;
  let bank: ConsoleBank;
  let accounts: ReadonlyMap<number, string>;
  let page: Page;

  before(async () => {
    core = await startSimulator(temenos, { clock: systemClock(), seed });
    const file = (name: string, of: object) => {
      writeFileSync(join(folder, name), JSON.stringify(of));
      return join(folder, name);
    };
    bank = await openConsoleBank({
      COUNTERSIGN_CORE: core.name,
      COUNTERSIGN_CORE_URL: core.url,
      COUNTERSIGN_CORE_CREDENTIALS: file('credentials.json', core.credentials),
      COUNTERSIGN_CORE_SETTINGS: file('settings.json', core.settings),
      COUNTERSIGN_CORE_TENANT: 'demo-bank',
    });
    await until(async () => {
      accounts = await imported(bank);
      return accounts.size === seed.accounts?.length;
    });
    page = await as('operations');
  });
  after(async () => {
    await bank?.close();
    await core?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function as(user: string): Promise<Page> {
    const opened = await bank.as(user);
    opened.setDefaultTimeout(actionMaxMs);
    await opened.getByRole('heading', { level: 1 }).waitFor();
    return opened;
  }
  const move = (from: number, to: number) => {
    const sides = { debit_account_id: accounts.get(from), credit_account_id: accounts.get(to) };
    const body = { ...sides, amount: 100, currency: 'EUR' };
    return bank.call('POST', '/v1/transfers', { body });
  };

  test('what it has and has not is what it says of itself', async () => {
    await go(page, 'b', 'Cores');
    const [told] = (await bank.call('GET', '/v1/cores')).json.items;
    const matrix = page.getByRole('table', { name: 'What it can do' });
    for (const { name, has } of told.capabilities) {
      await matrix.getByRole('row', { name: `${name} ${has ? 'has it' : 'has not'}` }).waitFor();
    }
    assert.equal(await matrix.getByRole('row').count(), told.capabilities.length + 1);
    await page.getByText(/^The core temenos: all \d+ operations can be called/).waitFor();
    await page.getByText('Both books agree.').waitFor();
  });

  test('where it fails the refusal says what to do, and so does the screen', async () => {
    const moved = await move(rich, poor);
    assert.equal(moved.json.status, 'posted', JSON.stringify(moved.json));
    await page.goto(`${bank.url}/ledger/transfers/${moved.json.transfers[0].id}`);
    await button(page, 'Reverse…').click();
    core.inject({ kind: 'limited', match: '^POST', times: 99 });
    await button(page, 'Reverse it').click();
    await page.getByRole('alert').getByText('Try again in a moment').waitFor();
    core.heal();
    await button(page, 'Reverse it').click();
    await page.getByRole('dialog').getByRole('status').getByText('Done:').waitFor();

    await page.goto(`${bank.url}/cores`);
    const failures = page.getByRole('list', { name: /^What has failed of / }).first();
    await failures.getByText(/\d+ × limited/).waitFor();
    await failures.getByText('Try again in a moment: nothing has to change.').waitFor();
  });

  test('what it warns of is accepted by two people, by name', async () => {
    const refused = await move(warned, poor);
    assert.equal(refused.json.code, 'core_override_needed', JSON.stringify(refused.json));
    await go(page, 'b', 'Cores');
    const moves = page.getByRole('table', { name: 'Moves that are open at the core' });
    await moves.getByRole('row', { name: /^the core warns .*ACCT\.UNAUTH\.OD/ }).waitFor();
    assert.deepEqual(await complaintsOfAxe(page), []);
    await button(moves, 'Accept what it warns of').click();
    const dialog = page.getByRole('dialog');
    await button(dialog, 'Accept all of it').click();
    await button(dialog, 'Ask for approval').click();
    await dialog.getByText(/^Asked\./).waitFor();
    const compliance = await as('compliance');
    await approve(compliance, /Unauthorised overdraft/);
    await compliance.context().close();
    await button(dialog, 'Accept all of it').click();
    await page.getByText(/^Accepted: the same command/).waitFor();
  });

  test('where its book and ours differ leads to the account, until both agree', async () => {
    const atCore = core.book.accounts.get('100000001');
    assert.ok(atCore);
    await go(page, 'b', 'Cores');
    atCore.booked += 1_234;
    await page.getByText('1 difference open').waitFor({ timeout: comparedMaxMs });
    const found = page.getByRole('table', { name: 'Differences between the two books' });
    await found
      .getByRole('row', { name: /(−12\.34 EUR|-1234 minor units)/ })
      .getByRole('link')
      .click();
    await title(page, 'Account');
    assert.ok(page.url().endsWith(`/ledger/accounts/${accounts.get(rich)}`));

    await go(page, 'b', 'Cores');
    atCore.booked -= 1_234;
    await page.getByText('Both books agree.').waitFor({ timeout: comparedMaxMs });
    await press(page, '2');
    await found.getByRole('row', { name: /^over The booked balances are not the same/ }).waitFor();
  });

  test('no browser had anything to complain of', () => {
    assert.deepEqual(bank.complaints(), []);
  });
});

/** Of what has failed and what waits, in light and dark. */
async function complaintsOfAxe(page: Page): Promise<readonly string[]> {
  await page.evaluate(readFileSync(axeFile, 'utf8'));
  const found: string[] = [];
  for (const scheme of ['light', 'dark'] as const) {
    await dressed(page, scheme);
    await untilStill(page);
    found.push(...(await axe(page, { runOnly: tags })));
  }
  await dressed(page, 'light');
  return found;
}

/** Those that came from the core, by what was on them then. */
async function imported({ call }: ConsoleBank): Promise<ReadonlyMap<number, string>> {
  const found = new Map<number, string>();
  let next: string | null = '';
  while (next !== null) {
    const after = next === '' ? '' : `&after=${next}`;
    const { json } = await call('GET', `/v1/accounts?type=liability&limit=500${after}`);
    for (const { id, booked, metadata } of json.items) {
      if (metadata?.core === 'temenos' && booked > 0) found.set(booked, id);
    }
    next = json.next;
  }
  return found;
}
