// The console in the hands of those who govern: policies, models, switches and replays, as a person
// works them in a browser; what came of it is asked of the API.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import { noBrowser } from '../browser.ts';
import { type ConsoleBank, openConsoleBank } from '../console-bank.ts';
import { approve, button, focused, go, press, title } from '../console-steps.ts';
import { manyRules, notesOf, openTill, point, publish, stricterDraft } from '../governed.ts';

const model = 'payment-fraud';
/** A machine that does other things too. */
const actionMaxMs = 30_000;
/** What a key may take on such a machine: the promise, five times. */
const keyMaxMs = 5 * 100;

describe('those who govern', { skip: noBrowser, concurrency: false }, () => {
  let bank: ConsoleBank;
  let developer: Page;
  let compliance: Page;
  let operations: Page;

  before(async () => {
    bank = await openConsoleBank();
    developer = await as('developer');
    compliance = await as('compliance');
    operations = await as('operations');
  });
  after(() => bank?.close());

  test('a policy is drafted, mended, tested, approved, decides, and goes back', async () => {
    const pay = await openTill(bank);
    const usual = await pay();
    assert.ok(!usual.reasons.includes('very_large'), 'nobody has to look at this payment so far');

    await go(developer, 'y', 'Policies');
    await developer.getByRole('link', { name: 'Payment authorization', exact: false }).click();
    await title(developer, /^Payment authorization/);
    await press(developer, 'e');
    await write(developer, ['very-large-of-a-person', 'worth'], '>= 4000.00 EUR');
    await told(developer, '1 flaw');
    const cell = await cellOf(developer, ['very-large-of-a-person', 'worth']);
    assert.equal(await cell.getAttribute('aria-invalid'), 'true');
    assert.equal(await button(developer, 'Save draft').getAttribute('aria-disabled'), 'true');

    // To the cell that is wrong, and on with typing: minor units, but now too few of them.
    await developer.getByRole('list', { name: 'Flaws' }).getByRole('button').first().click();
    await focused(sheetOf(developer));
    await developer.keyboard.type('>= 100000');
    await press(developer, 'Enter');
    await told(developer, /^\d tests? fails?$/);
    await write(developer, ['very-large-of-a-person', 'worth'], '>= 400000');
    await told(developer, 'valid, all tests pass');
    await press(developer, 'Control+s');
    await developer.waitForURL('**/policies/bundles/*');
    const digest = lastStep(developer);

    const way = developer.getByRole('complementary', { name: 'The way into force' });
    assert.equal(await button(way, 'Publish now').getAttribute('aria-disabled'), 'true');
    await press(developer, '3');
    await button(developer, 'Run the back-test').click();
    await way.getByText('decisions keep their outcome').waitFor();
    await button(way, 'Ask for approval').click();
    await way.getByText('0 of 1 have approved').waitFor();
    await approve(compliance, /publish/i);
    await way.getByText('reads well').waitFor();
    await button(way, 'Publish now').click();
    await way.getByText('This bundle is in force.').waitFor();
    const looked = await pay();
    assert.equal(looked.digest, digest);
    assert.ok(looked.reasons.includes('very_large'), looked.reasons.join());

    await button(way, 'Roll back').click();
    await button(developer.getByRole('dialog'), 'Roll back now').click();
    await developer.getByText(`${point} has gone back to`).waitFor();
    const again = await pay();
    assert.equal(again.digest, usual.digest);
    assert.ok(!again.reasons.includes('very_large'));
  });

  test('of two editors the second is told, goes on from the first, and loses nothing', async () => {
    for (const page of [developer, operations]) {
      await page.goto(`${bank.url}/policies/${point}/edit`);
      await sheetOf(page).waitFor();
    }
    await write(developer, ['many-movements', 'note'], 'The developer was here.');
    await write(operations, ['unknown-country', 'note'], 'Operations was here.');
    await told(developer, 'valid, all tests pass');
    await press(developer, 'Control+s');
    await developer.waitForURL('**/policies/bundles/*');
    await publish(bank, lastStep(developer));

    await operations.getByText('has come into force since you began').waitFor();
    await button(operations, 'See what it changed').click();
    const dialog = operations.getByRole('dialog');
    await dialog.getByText('The developer was here.').waitFor();
    await button(dialog, 'Bring my changes onto it').click();
    await operations.getByText('Nothing was changed by both.').waitFor();
    await told(operations, 'valid, all tests pass');
    await press(operations, 'Control+s');
    await operations.waitForURL('**/policies/bundles/*');
    const notes = await notesOf(bank, lastStep(operations));
    assert.equal(notes.get('many-movements'), 'The developer was here.');
    assert.equal(notes.get('unknown-country'), 'Operations was here.');
  });

  test('a session that ends in mid-edit costs nothing that was typed', async () => {
    const page = await as('developer');
    await page.goto(`${bank.url}/policies/${point}/edit`);
    await write(page, ['very-large-of-a-business', 'note'], 'Typed before the end.');
    await told(page, 'valid, all tests pass');
    await (await cellOf(page, ['sanctions-match', 'note'])).click();
    await page.keyboard.type('Half typed');
    const { session_id } = await page.evaluate(() =>
      fetch('/v1/session').then((answer) => answer.json()),
    );
    const ended = await bank.call('POST', `/v1/sessions/${session_id}/revoke`, { body: {} });
    assert.ok(ended.status < 300, JSON.stringify(ended.json));
    const dialog = page.getByRole('dialog', { name: 'Signed out' });
    await dialog.waitFor();
    const popup = page.waitForEvent('popup');
    await button(dialog, 'Sign in again').click();
    const other = await popup;
    const closed = other.waitForEvent('close');
    await other.locator('button[value$=" user:developer"]').click();
    await closed;
    await dialog.waitFor({ state: 'hidden' });
    await told(page, 'valid, all tests pass');
    await press(page, 'Control+s');
    await page.waitForURL('**/policies/bundles/*');
    const notes = await notesOf(bank, lastStep(page));
    assert.equal(notes.get('very-large-of-a-business'), 'Typed before the end.');
    assert.equal(notes.get('sanctions-match'), 'Half typed');
    await page.context().close();
  });

  test('a thousand rules open, take what is typed at once, and are checked', async (t) => {
    const digest = await manyRules(bank);
    await developer.goto(`${bank.url}/policies/many-rules/edit?from=${digest}&tab=table+band`);
    const sheet = sheetOf(developer, 'band');
    await sheet.waitFor();
    assert.equal(await sheet.getAttribute('aria-rowcount'), '1001');
    await sheet.focus();
    await watchKeys(developer);
    for (let row = 0; row < 20; row += 1) await press(developer, 'ArrowDown');
    await press(developer, 'PageDown', 'PageDown', 'PageUp', 'ArrowRight', 'ArrowLeft');
    const cell = await cellOf(developer, ['band-777', 'value'], 'band');
    await cell.click();
    await developer.keyboard.type("'changed by hand'");
    await press(developer, 'Enter');
    await press(developer, 'Alt+ArrowUp', 'Control+z', 'Control+Shift+z');
    const times = await keyTimes(developer);
    assert.ok(times.length > 40, `${times.length} keys were timed`);
    const median = times[Math.floor(times.length / 2)] as number;
    t.diagnostic(`half of the keys are painted within ${median.toFixed(0)} ms`);
    assert.ok(median < keyMaxMs, `half of the keys took more than ${median} ms`);
    await told(developer, 'valid, all tests pass');
    await press(developer, 'Control+s');
    await developer.waitForURL('**/policies/bundles/*');
    const { json } = await bank.call('GET', `/v1/policy-bundles/${lastStep(developer)}`);
    const changed = json.bundle.nodes.band.rules.find(
      (rule: { value: string }) => rule.value === "'changed by hand'",
    );
    assert.equal(changed.id, 'band-777');
    assert.equal(json.bundle.nodes.band.rules.length, 1_000);
  });

  test('a model is watched, tried and promoted by two people, and goes back at once', async () => {
    const standing = async () => (await bank.call('GET', `/v1/models/${model}`)).json;
    await developer.goto(`${bank.url}/models/${model}`);
    await button(developer, 'Deploy').waitFor();
    await deploy(developer, 'Shadow');
    await developer.getByText(`Version 2 of ${model} is watched now.`).waitFor();
    assert.equal((await standing()).shadow.version, 2);

    await deploy(developer, 'Canary');
    await approvedBy(compliance, developer, /decide for 10 % of the keys/);
    await developer.getByText('is tried on 10 % now.').waitFor();
    const tried = await standing();
    assert.deepEqual([tried.canary.version, tried.canary.share_bps], [2, 1_000]);
    assert.equal(tried.production.version, 1);

    await deploy(developer, 'Production');
    await approvedBy(compliance, developer, /Let version 2 of payment-fraud decide$/);
    await developer.getByText(`Version 2 of ${model} decides now.`).waitFor();
    assert.equal((await standing()).production.version, 2);

    await press(developer, 'b');
    await button(developer.getByRole('dialog'), 'Go back now').click();
    await developer.getByText(`Version 1 of ${model} decides again.`).waitFor();
    assert.equal((await standing()).production.version, 1);
  });

  test('the kill switch is seen everywhere at once, and takes two people to undo', async () => {
    const analyst = await as('analyst');
    await go(analyst, 'y', 'Policies');
    const badge = analyst.getByRole('link', { name: 'AI is stopped' });
    assert.equal(await badge.count(), 0);
    await go(operations, 'l', 'Rollout');
    await button(operations, 'Stop everything').click();
    await focused(button(operations.getByRole('dialog'), 'Stop now'));
    await press(operations, 'Enter');
    await badge.waitFor();
    assert.deepEqual((await bank.call('GET', '/v1/rollout')).json.killed, ['*']);
    for (const [key, title] of [
      ['o', 'Overview'],
      ['p', 'Payments'],
      ['m', 'Models'],
      ['h', 'Help'],
    ] as const) {
      await go(analyst, key, title);
      assert.ok(await badge.isVisible(), title);
    }

    await button(operations, 'Start everything again').click();
    const dialog = operations.getByRole('dialog');
    await button(dialog, 'Start').click();
    await button(dialog, 'Ask for approval').click();
    await dialog.getByText(/^Asked\./).waitFor();
    await approve(compliance, /Start everything again/);
    await button(dialog, 'Start').click();
    await dialog.waitFor({ state: 'hidden' });
    await badge.waitFor({ state: 'detached' });
    assert.deepEqual((await bank.call('GET', '/v1/rollout')).json.killed, []);
    await analyst.context().close();
  });

  test('a day is replayed: it comes out the same, and by another bundle it does not', async () => {
    await go(developer, 'z', 'Replays');
    await press(developer, 'n');
    const form = developer.getByRole('complementary', { name: 'A new replay' });
    await button(form, 'Last 24 h').click();
    await button(form, 'Start').click();
    await developer
      .getByRole('heading', { name: /^All [\d,]+ decisions come out the same$/ })
      .waitFor();
    const same = (await bank.call('GET', `/v1/replays/${lastStep(developer)}`)).json;
    assert.equal(same.status, 'completed');
    assert.ok(same.decisions > 0);
    assert.equal(same.identical, same.decisions);
    await developer.getByText('100 %').first().waitFor();

    const digest = await stricterDraft(bank);
    await press(developer, 'n');
    await form.getByRole('radio', { name: /^Another bundle of a policy/ }).check();
    await choose(form, 'Policy', point);
    await choose(form, 'Bundle', new RegExp(digest.slice(0, 12)));
    await button(form, 'Last 24 h').click();
    await button(form, 'Start').click();
    await developer.getByRole('heading', { name: /outcomes would change$/ }).waitFor();
    const { changed } = (await bank.call('GET', `/v1/replays/${lastStep(developer)}`)).json;
    const matrix = developer.getByRole('table', { name: 'Outcomes before and after' });
    assert.equal(await sumOf(matrix), changed);
    await developer
      .getByRole('table', { name: 'Decisions that would come out otherwise' })
      .getByRole('link')
      .first()
      .click();
    await developer.waitForURL('**/decisions/dec_*');
    const shown = await bank.call('GET', `/v1/decisions/${lastStep(developer)}`);
    assert.equal(shown.json.point, point);
  });

  test('who may not do something sees it greyed, with the reason, by keyboard too', async () => {
    const analyst = await as('analyst');
    for (const [path, name] of [
      [`/policies/${point}`, 'Roll back'],
      [`/models/${model}`, 'Deploy'],
      ['/rollout', 'Stop everything'],
      ['/replays', 'Start a replay'],
    ] as const) {
      await analyst.goto(bank.url + path);
      const act = button(analyst, name);
      await act.waitFor();
      assert.equal(await act.getAttribute('aria-disabled'), 'true', path);
      await tabTo(analyst, act);
      await analyst.getByRole('tooltip').getByText('Not a part of analyst').waitFor();
      await press(analyst, 'Enter');
      assert.equal(await analyst.getByRole('dialog').count(), 0, path);
    }
    await analyst.context().close();
  });

  test('no script failed, and nothing was done that the policy of the pages forbids', () => {
    assert.deepEqual(bank.complaints(), []);
  });

  async function as(user: string): Promise<Page> {
    const page = await bank.as(user);
    page.setDefaultTimeout(actionMaxMs);
    await page.getByRole('navigation', { name: 'Console' }).waitFor();
    return page;
  }
});

// What a person does ------------------------------------------------------------------------------

/** What stands beside the title. */
async function told(page: Page, text: string | RegExp): Promise<void> {
  await page.getByRole('status').getByText(text).waitFor();
}

function sheetOf(page: Page, name = 'Rules'): Locator {
  return page.getByRole('grid', { name });
}

type Cell = readonly [row: string, column: string];

async function cellOf(page: Page, [row, column]: Cell, name = 'Rules'): Promise<Locator> {
  const sheet = sheetOf(page, name);
  const box = page.getByRole('textbox', { name: 'Find in this sheet' });
  await box.fill(row);
  await box.press('Enter');
  const heads = await sheet.getByRole('columnheader').allTextContents();
  const own = page.getByRole('gridcell', { name: row, exact: true });
  // The first of the heads stands over the numbers.
  const place = heads.indexOf(column) - 1;
  return sheet.getByRole('row').filter({ has: own }).getByRole('gridcell').nth(place);
}

async function write(page: Page, cell: Cell, text: string): Promise<void> {
  await (await cellOf(page, cell)).click();
  await page.keyboard.type(text);
  await press(page, 'Enter');
}

async function deploy(page: Page, stage: string): Promise<void> {
  await press(page, 'd');
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('radio', { name: stage }).check();
  await button(dialog, 'Deploy').click();
}

async function approvedBy(checker: Page, maker: Page, about: RegExp): Promise<void> {
  const dialog = maker.getByRole('dialog');
  await button(dialog, 'Ask for approval').click();
  await dialog.getByText(/^Asked\./).waitFor();
  await approve(checker, about);
  await button(dialog, 'Deploy, once approved').click();
}

async function choose(form: Locator, label: string, option: string | RegExp): Promise<void> {
  await form.getByRole('combobox', { name: label }).click();
  await form.page().getByRole('option', { name: option }).click();
}

/** Past the places, as who works by keys does. */
async function tabTo(page: Page, goal: Locator): Promise<void> {
  await press(page, 'Tab');
  await focused(page.getByRole('link', { name: 'To the content' }));
  await press(page, 'Enter');
  const tabsMax = 20;
  for (let tabs = 0; tabs < tabsMax; tabs += 1) {
    await press(page, 'Tab');
    if (await goal.evaluate((element) => element === document.activeElement)) return;
  }
  assert.fail('the keyboard does not come to it');
}

/** How long each key takes until what it does is painted. */
async function watchKeys(page: Page): Promise<void> {
  await page.evaluate(() => {
    const times: number[] = [];
    Object.assign(window, { keyTimes: times });
    const hear = (event: KeyboardEvent) => {
      const begun = event.timeStamp;
      requestAnimationFrame(() => setTimeout(() => times.push(performance.now() - begun)));
    };
    document.addEventListener('keydown', hear, { capture: true });
  });
}

async function keyTimes(page: Page): Promise<readonly number[]> {
  const times = await page.evaluate(() => (window as unknown as { keyTimes: number[] }).keyTimes);
  return times.toSorted((one, other) => one - other);
}

// What the bank says ------------------------------------------------------------------------------

function lastStep(page: Page): string {
  return new URL(page.url()).pathname.split('/').at(-1) as string;
}

/** Of all cells, each with a count of decisions and perhaps amounts below. */
async function sumOf(matrix: Locator): Promise<number> {
  const cells = await matrix.getByRole('cell').allInnerTexts();
  return cells
    .map((text) => Number.parseInt(text.split('\n')[0]?.replaceAll(',', '') ?? '', 10))
    .reduce((sum, count) => sum + (Number.isNaN(count) ? 0 : count), 0);
}
