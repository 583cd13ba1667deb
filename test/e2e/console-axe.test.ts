// The console for those who hear it, press keys, or need contrast: axe over every screen with its
// panels, tabs and dialogs, in light and dark; and the way of the keyboard through the main ones.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { noBrowser } from '../browser.ts';
import { letAgentsAct, openConsoleAgent, registerAgent } from '../console-agent.ts';
import { type ConsoleBank, openConsoleBank } from '../console-bank.ts';
import { focused } from '../console-steps.ts';
import { axe, dressed, go, untilStill, walk } from './console-accessible.ts';
import { actionMaxMs } from './console-look.ts';

/** What is looked at: an address, and what is pressed or clicked there first. */
type Open = ((page: Page) => Promise<unknown>) | undefined;
type Place = readonly [address: string, open?: Open];

const axeFile = fileURLToPath(import.meta.resolve('axe-core/axe.min.js'));
const phone = { width: 390, height: 844 };
/** Not high: all rows of a list are alike, and each costs time. */
const desk = { width: 1440, height: 560 };
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
/** More than any of the dialogs has to stop at. */
const tabsInside = 30;

type Ids = Awaited<ReturnType<typeof idsOf>>;

const placesOf: Readonly<Record<string, (ids: Ids) => readonly Place[]>> = {
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
    ...['rotate', 'replay'].map((asked): Place => [`/webhooks/${ids.webhook}?do=${asked}`, dialog]),
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
  marketing: (ids) => [
    ['/programs'],
    ...['rules', 'try', 'rewards', 'versions', 'edit'].map(
      (tab): Place => [`/programs/everyday?tab=${tab}`],
    ),
    ['/members'],
    [`/members/${ids.member}`],
    ['/campaigns'],
    ['/campaigns?tab=claims'],
    ['/campaigns?do=new'],
    ['/liability'],
    ['/offers'],
    ['/experiments'],
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
    ['/bank/offers'],
    ['/bank/requests'],
    ['/bank/requests', clicked('Let an agent pay small amounts')],
    [`/bank/requests/${ids.proposal}`],
    ['/bank/consents'],
    ['/'],
  ],
};

/** Where the keyboard goes all the way round. */
const walked: Readonly<Record<string, readonly string[]>> = {
  admin: ['/', '/slos', '/help', '/agents', '/people?id=user:compliance', '/replays?new=yes'],
  compliance: ['/reviews', '/approvals', '/rollout', '/models', '/evidence'],
  marketing: ['/programs/everyday?tab=try', '/campaigns', '/liability'],
  customer: ['/bank', '/bank/pay', '/bank/rewards', '/bank/requests', '/bank/consents'],
};

describe('the console for everybody', { skip: noBrowser, concurrency: false }, () => {
  let bank: ConsoleBank;
  let ids: Ids;

  before(async () => {
    bank = await openConsoleBank();
    ids = await idsOf(bank);
  });
  after(() => bank?.close());

  const open = async (user: string) => {
    const page = await bank.as(user, { size: user === 'customer' ? phone : desk });
    page.setDefaultTimeout(actionMaxMs);
    await page.context().addInitScript({ path: axeFile });
    await page.reload();
    return page;
  };

  for (const [user, of] of Object.entries(placesOf)) {
    test(`axe has nothing to say of what ${user} sees, in light and dark`, async () => {
      const page = await open(user);
      const found: string[] = [];
      for (const place of of(ids)) found.push(...(await violations(page, place)));
      await page.context().close();
      assert.deepEqual(found, []);
    });
  }

  test('nor of the way in', async () => {
    const page = await bank.browser.newPage();
    await page.context().addInitScript({ path: axeFile });
    const found: string[] = [];
    for (const address of ['/', '/auth/sign-in?return=/help']) {
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        await page.goto(bank.url + address);
        await page.getByRole('heading', { level: 1 }).waitFor();
        found.push(...(await axe(page, { runOnly: tags })));
      }
    }
    await page.context().close();
    assert.deepEqual(found, []);
  });

  test('Tab comes to every control of a screen, shows where it is, and goes round', async () => {
    for (const [user, addresses] of Object.entries(walked)) {
      const page = await open(user);
      for (const address of addresses) {
        await go(page, address);
        await untilStill(page);
        const { missed, unseen } = await walk(page);
        assert.deepEqual({ address, missed, unseen }, { address, missed: [], unseen: [] });
      }
      await page.context().close();
    }
  });

  test('a dialog keeps the focus while it is open, and gives it back to where it was', async () => {
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

  test('no browser had anything to complain of', () => {
    assert.deepEqual(bank.complaints(), []);
  });
});

// What is looked at -------------------------------------------------------------------------------

/** One of each; what the demo makes none of is made here. */
async function idsOf(bank: ConsoleBank) {
  const { call } = bank;
  const firstOf = async (path: string) => (await call('GET', `/v1/${path}`)).json.items[0];
  const made = async (path: string, body: object) =>
    (await call('POST', `/v1/${path}`, { body })).json;
  const open = async (type: string) =>
    (await made('accounts', { type, currency: 'EUR', bound: 'none' })).id as string;
  const [cash, account] = [await open('asset'), await open('liability')];
  const money = { currency: 'EUR', amount: 5_000 };
  await made('transfers', { ...money, debit_account_id: cash, credit_account_id: account });
  const order = { debtor_account_id: account, creditor_account_id: cash, creditor_country: 'DE' };
  await made('payments', { ...money, ...order, kind: 'transfer', channel: 'mobile' });
  const webhook = await made('webhooks', { url: 'https://bank.example/hook', types: ['case.*'] });
  const replay = await made('replays', { kind: 'same' });
  await made('rollout', { use_case: 'fraud', state: 'shadow' });
  const name = { name: 'Example Of A Listed Name', entity_type: 'person' };
  const screening = await made('screenings', { subject: 'pty_somebody_else', ...name });
  const agent = await openConsoleAgent(bank, 'spending-coach');
  await letAgentsAct(bank);
  const tools = ['accounts.list', 'transfers.prepare', 'transfers.confirm'];
  await registerAgent(bank, agent, { id: 'spending-coach', name: 'Spending coach', tools });
  const called = await agent.use('accounts.list');
  const [from, to] = called.json.output.accounts.map((each: any) => each.account_id);
  const moved = { from_account_id: from, to_account_id: to, amount: 100, currency: 'EUR' };
  const prepared = await agent.use('transfers.prepare', moved);
  const payment = await firstOf('payments?status=captured');
  const { debtor_account_id: debtor } = payment;
  return {
    ...{ payment: payment.payment_id, account: debtor, instant: payment.created_at },
    ...{ webhook: webhook.id, replay: replay.id, screening: screening.id },
    call: called.json.call_id as string,
    proposal: prepared.json.output.proposal_id as string,
    declined: (await firstOf('payments?outcome=denied')).payment_id,
    transfer: (await firstOf(`transfers?account_id=${debtor}`)).id,
    hold: (await firstOf('transfers?kind=capture')).hold_id,
    party: (await firstOf('parties')).party_id,
    case: (await firstOf('cases')).id,
    approval: (await firstOf('approvals')).id,
    decision: (await firstOf('decisions?point=payment-authorization')).decision_id,
    bundle: (await firstOf('policies/payment-authorization/bundles')).digest,
    event: (await firstOf('events?order=desc&type=payment.posted')).event.id,
    feature: (await firstOf('features')).id,
    member: (await firstOf('loyalty/members?program=everyday')).customer,
  };
}

// How it is looked at -----------------------------------------------------------------------------

async function dialog(page: Page): Promise<void> {
  await page.getByRole('dialog').first().waitFor();
}

/** As far as the last look at a payment. */
async function ordered(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Sports club' }).click();
  await page.getByLabel('Amount').fill('12.34');
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('heading', { level: 1, name: 'Is this right?' }).waitFor();
}

/** What these keys open is a dialog. */
function pressed(keys: string): Place[1] {
  return async (page) => {
    await page.keyboard.press(keys);
    await dialog(page);
  };
}

function clicked(name: string | RegExp): Place[1] {
  return (page) => page.getByRole('button', { name }).first().click();
}

/** Dark differs from light in colours alone. */
async function violations(page: Page, [address, open]: Place): Promise<readonly string[]> {
  await go(page, address);
  await untilStill(page);
  await open?.(page);
  await untilStill(page);
  const light = await axe(page, { runOnly: tags });
  await dressed(page, 'dark');
  const dark = await axe(page, { runOnly: { type: 'rule', values: ['color-contrast'] } });
  await dressed(page, 'light');
  if (open) await page.keyboard.press('Escape');
  return [
    ...light.map((told) => `${address}: ${told}`),
    ...dark.map((told) => `${address}, dark: ${told}`),
  ];
}
