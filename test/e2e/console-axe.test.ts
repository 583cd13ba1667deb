// The console for those who hear it, press keys, or need contrast: what those see who run the bank,
// and the way in.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { axe, tags, withAxe } from './console-accessible.ts';
import { clicked, dialog, forEverybody, type Place } from './console-everybody.ts';

forEverybody('those who run the bank', {
  placesOf: {
    operations: (ids) => [
      ['/'],
      ['/', pressed('Control+k')],
      ['/slos'],
      ['/help'],
      ['/help?tab=words'],
      ['/help?tab=keys'],
      ['/payments'],
      ['/payments', clicked('Choose columns')],
      [`/payments?id=${ids.payment}`],
      [`/payments/${ids.payment}`],
      [`/payments/${ids.declined}`],
      ['/screening'],
      ['/screening?view=lists'],
      ['/screening?new=yes'],
      ['/ledger/accounts'],
      ['/ledger/accounts?tab=trial-balance'],
      [`/ledger/accounts?id=${ids.account}`],
      [`/ledger/accounts/${ids.account}`],
      [`/ledger/accounts/${ids.account}?view=t&at=${ids.instant}`],
      ...['statement', 'holds', 'limits', 'payments'].map(
        (tab): Place => [`/ledger/accounts/${ids.account}?tab=${tab}`],
      ),
      ['/ledger/journal'],
      ['/cores'],
      ['/cores?differences=all'],
      [`/ledger/transfers/${ids.transfer}`],
      [`/ledger/holds/${ids.hold}`],
      [`/customers/${ids.party}`],
      ['/rollout'],
      ['/agents'],
      ['/tools?id=accounts.list'],
      ['/tools?id=customer.profile'],
      ['/tools?id=customer.profile&do=approve', dialog],
      ['/proposals'],
      [`/proposals/${ids.proposal}`],
      ['/prompts'],
      ['/prompts?do=withdraw', dialog],
      ['/calls'],
      [`/calls?id=${ids.call}`],
      ['/replays'],
      ['/replays?new=yes'],
      [`/replays/${ids.replay}`],
      ['/events'],
      ['/events?follow=yes'],
      ['/events?schema=payment.posted'],
      [`/events?id=${ids.event}`],
      [`/events/${ids.event}?tab=json`],
      ['/evidence'],
      ['/webhooks'],
      ['/webhooks?do=new', dialog],
      ...['rotate', 'replay'].map(
        (asked): Place => [`/webhooks/${ids.webhook}?do=${asked}`, dialog],
      ),
      [`/webhooks/${ids.webhook}?tab=replays`],
      ['/nowhere'],
    ],
    compliance: (ids) => [
      ['/reviews'],
      [`/reviews/${ids.case}`],
      ...['?', 'a', 's'].map((key): Place => [`/reviews/${ids.case}`, pressed(key)]),
      ['/reviews?status=closed'],
      ['/approvals'],
      [`/approvals/${ids.approval}`],
      ['/decisions'],
      [`/decisions?id=${ids.decision}`],
      [`/decisions/${ids.decision}`],
      [`/decisions/${ids.decision}?tab=facts`],
      ['/policies'],
      ['/policies/payment-authorization'],
      ...['history', 'drafts', 'trials'].map(
        (tab): Place => [`/policies/payment-authorization?tab=${tab}`],
      ),
      [`/policies/bundles/${ids.bundle}`],
      ...['rules', 'backtest', 'json'].map(
        (tab): Place => [`/policies/bundles/${ids.bundle}?tab=${tab}`],
      ),
      ['/models'],
      ['/models?tab=alerts'],
      ['/models?tab=runs'],
      ['/features'],
      [`/features?id=${ids.feature}`],
    ],
    developer: () => [
      ['/policies/payment-authorization/edit'],
      ['/policies/payment-authorization/edit?tab=json'],
      ...['monitoring', 'card', 'lineage', 'versions', 'acts'].map(
        (tab): Place => [`/models/payment-fraud?tab=${tab}`],
      ),
      ['/ledger/accounts'],
    ],
  },
  walked: {
    compliance: ['/reviews', '/approvals', '/rollout', '/models', '/evidence'],
  },
  more: (bank) => {
    test('nor of the way in', async () => {
      const page = await bank().browser.newPage();
      await withAxe(page);
      const found: string[] = [];
      for (const address of ['/', '/auth/sign-in?return=/help']) {
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme });
          await page.goto(bank().url + address);
          await page.getByRole('heading', { level: 1 }).waitFor();
          found.push(...(await axe(page, { runOnly: tags })));
        }
      }
      await page.context().close();
      assert.deepEqual(found, []);
    });
  },
});

/** What these keys open is a dialog. */
function pressed(keys: string): Place[1] {
  return async (page) => {
    await page.keyboard.press(keys);
    await dialog(page);
  };
}
