// Points and offers in the hands of a customer and of those who make them: earned and redeemed,
// accepted and refused, a budget that is spent, a version that two publish, and what is owed.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { noBrowser } from '../browser.ts';
import { approvedWrite } from '../console-agent.ts';
import { type ConsoleBank, openConsoleBank } from '../console-bank.ts';
import { approve, button, focused, go, title } from '../console-steps.ts';
import { flawsOf, withAxe } from './console-accessible.ts';
import { actionMaxMs, gridOf, until } from './console-look.ts';
import { openShop, prepare, type Shop } from './console-shop.ts';

const phone = { width: 390, height: 844 };
const dinner = 14_999;
/** What is looked at here happens before the eyes of the browser. */
const quiet = ['--customers', '30', '--transactions', '60', '--no-model'];

describe('points and offers', { skip: noBrowser, concurrency: false }, () => {
  let bank: ConsoleBank;
  let shop: Shop;
  let customer: Page;
  let marketing: Page;
  let manager: Page;

  before(async () => {
    bank = await openConsoleBank({}, quiet);
    shop = await openShop(bank);
    await prepare(bank, shop);
    customer = await as('customer', true);
    marketing = await as('marketing');
    manager = await as('marketing-manager');
  });
  after(() => bank?.close());

  test('a card payment earns points while the customer looks, who redeems them once', async () => {
    await customer.goto(`${bank.url}/bank`);
    await customer.getByRole('link', { name: 'Rewards' }).click();
    await customer.getByText('You have no points yet.').waitFor();
    await shop.pay(dinner);
    const points = customer.getByRole('region', { name: 'Everyday: your points' });
    await points.getByText('300 points').waitFor();
    await button(customer, /Twice the points .* for 149\.99 EUR/).click();
    const entry = customer.getByRole('dialog', { name: 'Where these points come from' });
    await entry.getByText('You paid 149.99 EUR.').waitFor();
    await entry.getByText(/They are good until 3\d \w+ \d{4}/).waitFor();
    await button(entry, 'Close').click();
    await seen(customer);

    await customer
      .getByRole('link', { name: /^Redeem\b/ })
      .first()
      .click();
    await button(customer, /A coffee/).click();
    const sheet = customer.getByRole('dialog', { name: 'A coffee' });
    await button(sheet, /Why this/).click();
    await sheet.getByText('nobody has chosen it for you', { exact: false }).waitFor();
    await sheet.getByText('Points are redeemed in whole steps.').waitFor();
    await button(sheet, /^Redeem for 300 points/).click();
    await sheet.getByText(/held until \d\d:\d\d/).waitFor();
    await sheet.getByText('0 points to spend').waitFor();
    await seen(customer);
    await button(sheet, 'Yes, redeem it').dblclick();
    await sheet.getByText('300 points redeemed and 1.00 EUR paid to your account.').waitFor();
    await button(sheet, 'Good').click();
    const made = await bank.call('GET', `/v1/loyalty/redemptions?customer=${shop.customer}`);
    assert.equal(made.json.items.length, 1, 'two taps are one redemption');

    const far = customer.getByRole('region', { name: 'For later' });
    await button(far, /5\.00 EUR back/).click();
    const beyond = customer.getByRole('dialog', { name: '5.00 EUR back' });
    await beyond.getByText(/You need [\d,]+ points more for it/).waitFor();
    await seen(customer);
    await button(beyond, 'Not interested').click();
    const unwanted = customer.getByRole('region', { name: 'Not interested' });
    await focused(button(unwanted, /5\.00 EUR back/));
    await customer.reload();
    await button(unwanted, /5\.00 EUR back/).click();
    await button(beyond, 'Show it among the others again').click();
    await focused(button(far, /5\.00 EUR back/));

    const { redemption_id: id } = made.json.items[0];
    const reason = { reason: 'the machine was out of order' };
    await bank.call('POST', `/v1/loyalty/redemptions/${id}/reverse`, { body: reason });
    await customer.goto(`${bank.url}/bank/rewards?view=redeemed`);
    await customer.getByText('It was reversed. Your points are back').waitFor();
    await seen(customer);
  });

  test('points that have gone while a price is held are told as missing', async () => {
    const path = `/v1/loyalty/members/${shop.customer}`;
    const spendable = async () =>
      (await bank.call('GET', `${path}?program=everyday`)).json.spendable as number;
    const adjust = async (points: number) => {
      const goal = (await spendable()) + points;
      const body = { program: 'everyday', points, reason: 'correction' };
      const { status, json } = await bank.call('POST', `${path}/adjustments`, { body });
      assert.ok(status < 300, JSON.stringify(json));
      await until(async () => (await spendable()) === goal);
    };
    await until(async () => (await spendable()) === 300);
    await customer.goto(`${bank.url}/bank/rewards?view=redeem`);
    await button(customer, /A coffee/).click();
    const sheet = customer.getByRole('dialog', { name: 'A coffee' });
    await button(sheet, /^Redeem for 300 points/).click();
    await button(sheet, 'Yes, redeem it').waitFor();
    await adjust(-250);
    await button(sheet, 'Yes, redeem it').click();
    await sheet.getByText('You need 250 points more for it.').waitFor();
    await seen(customer);
    await adjust(250);
    await button(sheet, 'No, keep my points').click();
  });

  test('missing points are looked at by the rules, and then by a person', async () => {
    await customer.goto(`${bank.url}/bank/rewards?view=missing`);
    await button(customer, /Grocery market/)
      .first()
      .click();
    const sheet = customer.getByRole('dialog', { name: 'Points for this payment' });
    await button(sheet, 'Look at it').click();
    await sheet.getByText('The programme had not begun when it was made.').waitFor();
    await button(sheet, 'Have a person look at it').click();
    await sheet.getByText('A person looks at it').waitFor();
    await seen(customer);
  });

  test('an offer is accepted, another refused, and the third visit offers neither', async () => {
    await customer.goto(`${bank.url}/bank`);
    await customer.getByText('We show you no offers').waitFor();
    await grant('Offers within the app', true);
    await customer.goto(`${bank.url}/bank`);
    const savings = customer.getByRole('article', { name: /Earn 3\.5/ });
    await button(savings, /Why this/).click();
    await savings.getByText('You have put money aside each month.').waitFor();
    await savings.getByText(/No model has chosen it/).waitFor();
    await seen(customer);
    await button(savings, 'I want this').click();
    const yes = customer.getByRole('dialog', { name: 'You want this' });
    await yes.getByText('3.50 % a year').waitFor();
    await yes.getByText('Until then you owe nothing', { exact: false }).waitFor();
    await seen(customer);
    await button(yes, 'Yes, I want this').click();
    await button(yes, 'Good').click();
    await savings.getByText('You said yes.').waitFor();

    const cover = customer.getByRole('article', { name: /Cover up to/ });
    await button(cover, 'Not interested').click();
    const no = customer.getByRole('dialog', { name: 'Not interested' });
    await no.getByLabel('It costs too much').check();
    await seen(customer);
    await button(no, 'Say no').click();
    await button(no, 'Good').click();
    await cover.getByText('We keep it from you for a while').waitFor();

    await customer.reload();
    await customer.getByText('There is no offer for you at the moment.').waitFor();
    await customer.getByRole('link', { name: 'All', exact: true }).first().click();
    await title(customer, 'Offers');
    await customer.getByText('You said no: “It costs too much”').waitFor();
    await seen(customer);
    const { json } = await bank.call('GET', `/v1/offers?customer=${shop.customer}`);
    assert.deepEqual(
      json.items.map((each: any) => [each.action, each.status, each.reason]).sort(),
      [
        ['rainy-day', 'accepted', null],
        ['travel-cover', 'declined', 'too_expensive'],
      ],
    );
  });

  test('an offer on the screen says that the consent to it was withdrawn', async () => {
    const code = 'home-care';
    const treatments = [{ channel: 'in_app', message: 'Your home, insured for {amount}.' }];
    await approvedWrite(bank, '/v1/offers/actions', {
      action: {
        ...{ code, title: 'Home', value: 90_000, valid_days: 14, treatments, why: 'You rent.' },
        product: { code: 'HOME_CARE', kind: 'insurance' },
        terms: { amount: 2_000_000, currency: 'EUR' },
        propensity: { starting_ppm: 300_000, evidence: 50 },
      },
    });
    await customer.goto(`${bank.url}/bank`);
    const offer = customer.getByRole('article', { name: /Your home/ });
    await button(offer, 'I want this').waitFor();
    const body = {
      ...{ purpose: 'marketing', channel: 'in_app', person: shop.customer },
      ...{ status: 'withdrawn', source: 'branch', text_version: '2026-01' },
    };
    assert.equal((await bank.call('POST', '/v1/consents', { body })).status, 201);
    await offer.getByText('You have withdrawn your consent').waitFor();
    await button(offer, 'I want this').waitFor({ state: 'detached' });
  });

  test('an award beyond its budget goes through once a manager has funded it', async () => {
    const at = Date.now();
    const campaign = { program: 'everyday', campaign: 'thanks', title: 'Thanks' };
    await approvedWrite(bank, '/v1/loyalty/campaigns', {
      ...{ ...campaign, description: 'For those who wait.', points: 500, budget: 5_000 },
      from: new Date(at - 86_400_000).toISOString(),
      until: new Date(at + 30 * 86_400_000).toISOString(),
    });
    await marketing.goto(`${bank.url}/campaigns?id=thanks`);
    await fund(1_000, /^Fund the campaign thanks/);
    await button(marketing, 'Give points').click();
    const award = marketing.getByRole('dialog', { name: 'Give points of Thanks' });
    await award.getByLabel('Customer').fill(shop.customer);
    await award.getByLabel('Points').fill('1500');
    await button(award, 'Give them').click();
    await award.getByText(/1000 points are left of the budget/).waitFor();
    await button(award, 'Cancel').click();
    await fund(2_000, /^Fund the campaign thanks/);
    await button(marketing, 'Give points').click();
    await award.getByLabel('Customer').fill(shop.customer);
    await award.getByLabel('Points').fill('1500');
    await button(award, 'Give them').click();
    await award.waitFor({ state: 'hidden' });
    const { json } = await bank.call('GET', '/v1/loyalty/campaigns/thanks');
    assert.deepEqual([json.use.used, json.use.left], [1_500, 1_500]);
    await seen(marketing);
    await customer.goto(`${bank.url}/bank/rewards`);
    await customer.getByText('From a campaign').waitFor();
  });

  test('a version is tried dry, and published with the approval of another person', async () => {
    await marketing.goto(`${bank.url}/programs/everyday?tab=try`);
    await marketing.getByLabel('Amount in EUR').fill('149.99');
    await marketing.getByLabel('MCC').fill('5812');
    await button(marketing, 'Work it out').click();
    await marketing.getByRole('table', { name: 'Line by line' }).waitFor();
    await marketing.getByText('300 points').first().waitFor();
    await seen(marketing);
    await marketing.goto(`${bank.url}/programs/everyday?tab=edit`);
    const text = marketing.getByLabel('The document');
    const before = await text.inputValue();
    const document = JSON.parse(before);
    document.title = 'Everyday, and more';
    await text.fill(JSON.stringify(document, null, 2));
    assert.equal(await button(marketing, 'Publish').getAttribute('aria-disabled'), 'true');
    await button(marketing, 'Check it').click();
    await marketing.getByText('Nothing is wrong with it').waitFor();
    await seen(marketing);
    await button(marketing, 'Publish').click();
    await button(marketing, 'Ask for approval').click();
    await marketing.getByText(/^Asked\./).waitFor();
    await approve(manager, /^Publish a version of the programme everyday/);
    await button(marketing, 'Publish').click();
    await until(async () => {
      const { json } = await bank.call('GET', '/v1/loyalty/programs/everyday');
      return json.title === document.title || json.document?.title === document.title;
    });
    await customer.goto(`${bank.url}/bank/rewards`);
    await customer.getByRole('region', { name: /Everyday, and more/ }).waitFor();
  });

  test('desks say what a document would do before anybody is asked to approve it', async () => {
    await marketing.goto(`${bank.url}/campaigns?do=new`);
    const campaign = await unchecked('The campaign');
    const document = JSON.parse(await campaign.inputValue());
    await campaign.fill(JSON.stringify({ ...document, points: 200_000 }, null, 2));
    await button(marketing, 'Check it').click();
    await button(marketing, '/points').click();
    await focused(campaign);
    await marketing.getByText('What conditions may look at').waitFor();
    await seen(marketing);
    await button(marketing, 'Back to how it was').click();
    await button(marketing, 'Check it').click();
    await marketing.getByText('Its budget is enough for 200 awards of 500 points.').waitFor();
    await seen(marketing);

    await marketing.goto(`${bank.url}/programs/everyday?tab=rewards&reward=new`);
    await unchecked('A new reward');
    await button(marketing, 'Check it').click();
    await marketing.getByText('It would cost 2000 points today.').waitFor();
    await seen(marketing);

    await marketing.goto(`${bank.url}/experiments?tab=settings&do=edit`);
    const settings = await unchecked('The settings');
    const held = { ...JSON.parse(await settings.inputValue()), holdout_bps: 500 };
    await settings.fill(JSON.stringify(held, null, 2));
    await button(marketing, 'Check it').click();
    await marketing.getByText(/^Nothing would be left to chance/).waitFor();
    await seen(marketing);
  });

  test('what a contact policy does at night is told before, and where batches are', async () => {
    await marketing.goto(`${bank.url}/offers?tab=policy`);
    await marketing.getByText('no batch begins by itself').waitFor();
    await button(marketing, 'Write a version').click();
    const text = await unchecked('The contact policy');
    const policy = JSON.parse(await text.inputValue());
    const nightly = { hour: 2, channels: ['in_app', 'email'] };
    await text.fill(JSON.stringify({ ...policy, nightly }, null, 2));
    await button(marketing, 'Check it').click();
    await marketing.getByText(/^Each night from 02:00 on every customer/).waitFor();
    await seen(marketing);
    await button(marketing, 'Publish').click();
    await button(marketing, 'Ask for approval').click();
    await marketing.getByText(/^Asked\./).waitFor();
    await approve(manager, /^Change how often customers are spoken to/);
    await button(marketing, 'Publish').click();
    const night = 'each customer is looked at from 02:00 on, for in app, email';
    await marketing.getByText(night).waitFor();
    await seen(marketing);
    await marketing.goto(`${bank.url}/experiments?tab=batches`);
    await marketing.getByText(`At night ${night}`, { exact: false }).waitFor();
    await seen(marketing);
  });

  test('what models have said of a member stands beside what the bank knows', async () => {
    await marketing.goto(`${bank.url}/members/${shop.customer}`);
    const said = marketing.getByRole('table', { name: 'What models have said' });
    await said.getByRole('row', { name: /^Leaves .*nobody was asked/ }).waitFor();
    await seen(marketing);
  });

  test('a membership ends for good once somebody has said that it is meant', async () => {
    const { items } = (await bank.call('GET', '/v1/loyalty/members?program=everyday')).json;
    const other = items.find(
      (each: any) =>
        each.customer !== shop.customer && each.standing === 'good' && each.balance > 0,
    );
    await marketing.goto(`${bank.url}/members/${other.customer}`);
    await button(marketing, 'End membership …').click();
    const dialog = marketing.getByRole('dialog', { name: 'End this membership for good' });
    await dialog.getByLabel('Why', { exact: true }).fill('asked for by the customer');
    await dialog.getByText('Say that you mean it').waitFor();
    await dialog.getByRole('checkbox', { name: /forfeit the [\d,]+ points/ }).check();
    await seen(marketing);
    await button(dialog, 'End it for good').click();
    await dialog.waitFor({ state: 'hidden' });
    await marketing.getByText('ended', { exact: true }).waitFor();
    await until(async () => {
      const path = `/v1/loyalty/members/${other.customer}?program=everyday`;
      return (await bank.call('GET', path)).json.balance === 0;
    });
  });

  test('what is owed for points is worked out by month of issue', async () => {
    await marketing.goto(`${bank.url}/liability`);
    await title(marketing, 'Liability');
    await button(marketing, 'Ask for a run').click();
    const triangle = marketing.getByRole('table', { name: 'Redeemed by month of issue and age' });
    await triangle.waitFor();
    await marketing.getByText(/^Deferred revenue/).waitFor();
    await seen(marketing);
    await go(marketing, '5', 'Offers');
    await gridOf(marketing, 'Actions').or(gridOf(marketing, 'Offers')).first().waitFor();
    await seen(marketing);
  });

  test('no browser had anything to complain of', () => {
    assert.deepEqual(bank.complaints(), []);
  });

  /** The text of a document, which nobody publishes before it was checked. */
  async function unchecked(name: string) {
    const text = marketing.getByLabel(name, { exact: true });
    await text.waitFor();
    await button(marketing, 'Check it').waitFor();
    assert.equal(await button(marketing, 'Publish').getAttribute('aria-disabled'), 'true');
    return text;
  }

  async function as(user: string, isPhone = false): Promise<Page> {
    const page = await bank.as(user, isPhone ? { size: phone } : {});
    page.setDefaultTimeout(actionMaxMs);
    await withAxe(page);
    return page;
  }

  /** By its switch, which asks once more. */
  async function grant(name: string, isGranted: boolean): Promise<void> {
    await customer.goto(`${bank.url}/bank/consents`);
    await customer.getByRole('switch', { name }).click({ force: true });
    const sheet = customer.getByRole('dialog');
    await button(sheet, isGranted ? 'I agree' : 'Withdraw').click();
    await sheet.waitFor({ state: 'hidden' });
  }

  async function fund(points: number, about: RegExp): Promise<void> {
    await button(marketing, 'Fund it').click();
    const dialog = marketing.getByRole('dialog', { name: 'Fund Thanks' });
    await dialog.getByLabel('Points').fill(String(points));
    await button(dialog, 'Fund it').click();
    await button(dialog, 'Ask for approval').click();
    await dialog.getByText(/^Asked\./).waitFor();
    await approve(manager, about);
    await button(dialog, 'Fund it').click();
    await dialog.waitFor({ state: 'hidden' });
  }
});

/** Axe has nothing to say of it, in light and dark. */
async function seen(page: Page): Promise<void> {
  assert.deepEqual(await flawsOf(page), [], page.url());
}
