// What it takes for everybody to use the console, asked of what some of its people see: axe over
// their screens with panels, tabs and dialogs, in light and dark, and the way of the keyboard.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { noBrowser } from '../browser.ts';
import { letAgentsAct, openConsoleAgent, registerAgent } from '../console-agent.ts';
import { type ConsoleBank, openConsoleBank } from '../console-bank.ts';
import { flawsOf, go, untilStill, walk, withAxe } from './console-accessible.ts';
import { actionMaxMs } from './console-look.ts';

/** What is looked at: an address, and what is pressed or clicked there first. */
type Open = ((page: Page) => Promise<unknown>) | undefined;
export type Place = readonly [address: string, open?: Open];
type Ids = Awaited<ReturnType<typeof idsOf>>;

type Seen = {
  /** By who sees them. */
  readonly placesOf: Readonly<Record<string, (ids: Ids) => readonly Place[]>>;
  /** Where the keyboard goes all the way round. */
  readonly walked: Readonly<Record<string, readonly string[]>>;
  /** What else is asked of them. */
  readonly more: (bank: () => ConsoleBank, open: (user: string) => Promise<Page>) => void;
};

const phone = { width: 390, height: 844 };
/** Not high: all rows of a list are alike, and each costs time. */
const desk = { width: 1440, height: 560 };

export function forEverybody(whom: string, { placesOf, walked, more }: Seen): void {
  describe(`the console for everybody: ${whom}`, { skip: noBrowser, concurrency: false }, () => {
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
      await withAxe(page);
      await page.reload();
      return page;
    };

    for (const [user, of] of Object.entries(placesOf)) {
      test(`axe has nothing to say of what ${user} sees, in light and dark`, async () => {
        const page = await open(user);
        const found: string[] = [];
        for (const place of of(ids)) found.push(...(await flawsAt(page, place)));
        await page.context().close();
        assert.deepEqual(found, []);
      });
    }

    for (const [user, addresses] of Object.entries(walked)) {
      test(`Tab comes to every control of ${user}, shows where it is, and goes round`, async () => {
        const page = await open(user);
        for (const address of addresses) {
          await go(page, address);
          await untilStill(page);
          const { missed, unseen } = await walk(page);
          assert.deepEqual({ address, missed, unseen }, { address, missed: [], unseen: [] });
        }
        await page.context().close();
      });
    }

    more(() => bank, open);

    test('no browser had anything to complain of', () => {
      assert.deepEqual(bank.complaints(), []);
    });
  });
}

export async function dialog(page: Page): Promise<void> {
  await page.getByRole('dialog').first().waitFor();
}

export function clicked(name: string | RegExp): Open {
  return (page) => page.getByRole('button', { name }).first().click();
}

async function flawsAt(page: Page, [address, open]: Place): Promise<readonly string[]> {
  await go(page, address);
  await untilStill(page);
  await open?.(page);
  const flaws = await flawsOf(page);
  if (open) await page.keyboard.press('Escape');
  return flaws.map((told) => `${address}: ${told}`);
}

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
  // What a busy machine refuses is asked again.
  const used = async (tool: string, args?: object): Promise<any> => {
    let answer = await agent.use(tool, args);
    for (let again = 0; answer.status >= 300 && again < 5; again += 1) {
      await sleep(2_000);
      answer = await agent.use(tool, args);
    }
    assert.equal(answer.status, 200, `${tool}: ${JSON.stringify(answer.json)}`);
    return answer.json;
  };
  const called = await used('accounts.list');
  const [from, to] = called.output.accounts.map((each: any) => each.account_id);
  const moved = { from_account_id: from, to_account_id: to, amount: 100, currency: 'EUR' };
  const prepared = await used('transfers.prepare', moved);
  const payment = await firstOf('payments?status=captured');
  const { debtor_account_id: debtor } = payment;
  return {
    ...{ payment: payment.payment_id, account: debtor, instant: payment.created_at },
    ...{ webhook: webhook.id, replay: replay.id, screening: screening.id },
    call: called.call_id as string,
    proposal: prepared.output.proposal_id as string,
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
