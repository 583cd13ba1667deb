// A shop at which the demo's customer pays by card, and what marketing has prepared beforehand: so
// that points are earned, and offers made, before the eyes of a browser.
import assert from 'node:assert/strict';
import { approvedWrite } from '../console-agent.ts';
import type { ConsoleBank } from '../console-bank.ts';

export type Shop = Awaited<ReturnType<typeof openShop>>;

/** Of whom the customer has bought before: a new one would be looked at. */
export async function openShop(bank: ConsoleBank) {
  const { call } = bank;
  const principals = (await call('GET', '/v1/principals?limit=500')).json.items;
  const { customer } = principals.find((each: any) => each.principal === 'user:customer');
  const accounts = (await call('GET', `/v1/accounts?holder_id=${customer}`)).json.items;
  const account = accounts[0].id as string;
  const paid = (await call('GET', `/v1/transfers?account_id=${account}&limit=100`)).json.items;
  const cafe = paid.find((each: any) => each.metadata?.mcc === '5814' && each.kind === 'post');
  const issued = await call('POST', '/v1/api-keys', {
    body: {
      ...{ principal_kind: 'service', principal_id: 'till', name: 'till' },
      scopes: ['payments:write'],
    },
  });
  const { secret } = issued.json;
  const sent = async (path: string, body: object) => {
    const { status, json } = await call('POST', path, { body, secret });
    assert.equal(status, 201, JSON.stringify(json));
    return json;
  };
  return {
    customer: customer as string,
    /** Authorized at the counter, and cleared. */
    async pay(amount: number) {
      const order = { amount, currency: 'EUR', facts: { screening_status: 'known' } };
      const { id, status } = await sent('/v1/card-authorizations', {
        ...{ ...order, card: 'crd_demo_customer', entry_mode: 'chip' },
        ...{ debtor_account_id: account, creditor_account_id: cafe.credit_account_id },
        merchant: { id: 'cafe', mcc: '5814', country: 'DE' },
      });
      assert.equal(status, 'authorized');
      const cleared = { clearing_id: `clearing-${id}`, amount, final: true };
      await sent(`/v1/payments/${id}/capture`, cleared);
    },
  };
}

/** A reward for few points; and offers that nobody is held out of by chance. */
export async function prepare(bank: ConsoleBank, { customer }: Shop): Promise<void> {
  await approvedWrite(bank, '/v1/loyalty/catalogue', {
    ...{ program: 'everyday', reward: 'coffee', title: 'A coffee', kind: 'cashback' },
    ...{ description: 'One euro, paid to your account.', points: 210, worth: 100, stock: null },
    status: 'offered',
  });
  await approvedWrite(bank, '/v1/offers/experiments/settings', {
    ...{ holdout_bps: 0, holdout_months: 6, analysis_days: 28, control_bps: 0 },
    ...{ exploration_bps: 0, attribution_days: 30 },
    breaker: {
      ...{ complaints_ppm: 5_000, presented_min: 500, core_failures: 50, window_hours: 24 },
    },
  });
  await approvedWrite(bank, '/v1/rollout', { use_case: 'next-best-offer', mode: 'automatic' });
  for (const action of [savings, cover]) {
    await approvedWrite(bank, '/v1/offers/actions', { action });
  }
  const told = await bank.call('POST', `/v1/offers/customers/${customer}`, {
    body: { of_age: true },
  });
  assert.equal(told.status, 201, JSON.stringify(told.json));
}

const savings = {
  ...{ code: 'rainy-day', title: 'Rainy day', value: 90_000, valid_days: 14 },
  product: { code: 'RAINY_DAY', kind: 'savings' },
  treatments: [{ channel: 'in_app', message: 'Earn {rate} a year on what you put aside.' }],
  why: 'You have put money aside each month.',
  terms: { amount: 100_000, currency: 'EUR', rate_bps: 350 },
  propensity: { starting_ppm: 300_000, evidence: 50 },
  apply: '/core/api/v1/products/apply?type=savings',
};
const { apply: _none, ...common } = savings;
const cover = {
  ...{ ...common, code: 'travel-cover', title: 'Travel cover', value: 60_000 },
  product: { code: 'TRAVEL_COVER', kind: 'insurance' },
  treatments: [{ channel: 'in_app', message: 'Cover up to {amount} on your next journey.' }],
  why: 'You travel by train.',
  terms: { amount: 500_000, currency: 'EUR' },
};
