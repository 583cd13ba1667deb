// The console for those who hear it, press keys, or need contrast: what marketing, administrators
// and customers see, and dialogs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { focused } from '../console-steps.ts';
import { go } from './console-accessible.ts';
import { clicked, dialog, forEverybody, type Place } from './console-everybody.ts';

/** More than any of the dialogs has to stop at. */
const tabsInside = 30;

forEverybody('marketing, administrators, customers', {
  placesOf: {
    marketing: (ids) => [
      ['/programs'],
      ...['rules', 'try', 'rewards', 'versions', 'edit'].map(
        (tab): Place => [`/programs/everyday?tab=${tab}`],
      ),
      ['/programs?do=new'],
      ['/programs/nowhere'],
      ['/members'],
      ...['entries', 'lots', 'redemptions'].map(
        (view): Place => [`/members/${ids.member}?show=${view}`],
      ),
      ...['adjust', 'standing', 'close'].map(
        (asked): Place => [`/members/${ids.member}?do=${asked}`, dialog],
      ),
      ['/members/nobody'],
      ['/campaigns'],
      ['/campaigns?tab=claims&view=all'],
      ['/campaigns?do=new'],
      ['/liability'],
      ...['offers', 'actions', 'policy'].map((tab): Place => [`/offers?tab=${tab}`]),
      ['/offers?do=new'],
      ['/offers/nowhere'],
      ...['funnel', 'lift', 'batches', 'settings'].map((tab): Place => [`/experiments?tab=${tab}`]),
      ['/experiments?do=stop', dialog],
    ],
    admin: (_ids) => [
      ['/people'],
      ['/people?id=user:compliance'],
      ...['id=user:compliance&do=grant&role=operations', 'do=issue', 'do=secret'].map(
        (asked): Place => [`/people?${asked}`, dialog],
      ),
      ['/people?id=user:compliance&do=describe', dialog],
      ['/people?tab=keys'],
      ['/people?tab=sessions'],
      ['/people?tab=rules'],
      ['/agents?do=new', dialog],
      ...['change', 'suspend', 'revoke'].map(
        (asked): Place => [`/agents?id=spending-coach&do=${asked}`, dialog],
      ),
      ['/calls'],
      ['/reviews?settings=yes'],
    ],
    customer: (ids) => [
      ['/bank'],
      ['/bank', clicked('You: Customer')],
      ['/bank/activity'],
      ['/bank/activity', clicked(/House management/)],
      ['/bank/pay'],
      ['/bank/pay', ordered],
      ['/bank/rewards'],
      ...['redeem', 'redeemed', 'missing'].map((view): Place => [`/bank/rewards?view=${view}`]),
      ['/bank/offers'],
      ['/bank/requests'],
      ['/bank/requests', clicked('Let an agent pay small amounts')],
      [`/bank/requests/${ids.proposal}`],
      ['/bank/consents'],
      ['/'],
    ],
  },
  walked: {
    admin: ['/', '/slos', '/help', '/agents', '/people?id=user:compliance', '/replays?new=yes'],
    marketing: ['/programs/everyday?tab=try', '/campaigns', '/liability'],
    customer: ['/bank', '/bank/pay', '/bank/rewards', '/bank/requests', '/bank/consents'],
  },
  more: (_bank, open) => {
    test('a dialog keeps the focus while it is open, and gives it back', async () => {
      const page = await open('admin');
      for (const [address, name] of [
        ['/people', 'Issue a key'],
        ['/people', 'Choose columns'],
        ['/people?id=user:compliance', 'Give a role'],
        ['/help', 'Keys of this screen'],
      ] as const) {
        await go(page, address);
        const button = page.getByRole('button', { name }).first();
        await button.focus();
        await page.keyboard.press('Enter');
        const layer = page.locator('[role="dialog"],[role="menu"]');
        await layer.locator(':focus').waitFor();
        for (let tabs = 0; tabs < tabsInside; tabs += 1) {
          await page.keyboard.press('Tab');
          assert.equal(await layer.locator(':focus').count(), 1, `${name}: Tab leaves it`);
        }
        await page.keyboard.press('Escape');
        await layer.waitFor({ state: 'detached' });
        await focused(button);
      }
      await page.context().close();
    });
  },
});

/** As far as the last look at a payment. */
async function ordered(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Sports club' }).click();
  await page.getByLabel('Amount').fill('12.34');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('heading', { level: 1, name: 'Is this right?' }).waitFor();
}
