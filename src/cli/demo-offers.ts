// Offers at the demo bank: three actions that people have approved, and a customer who is offered
// what fits.
import type { Action } from '#offers';
import type { Client } from './client.ts';
import { settleCustomer } from './demo-customer.ts';
import { approved, deskOf } from './demo-desk.ts';
import { type Bank, say } from './installation.ts';
import type { OpenTenant } from './tenants.ts';

const useCase = 'next-best-offer';
const currency = 'EUR';

/** Savings for who has money, a card for who travels, and what saves everybody a letter. */
const actions: readonly Action[] = [
  {
    code: 'premium-savings',
    title: 'Premium savings',
    product: { code: 'PREM_SAVINGS', kind: 'savings' },
    treatments: [
      { channel: 'in_app', message: 'Earn {rate} a year on what you put aside, from {amount} on.' },
      { channel: 'email', message: 'Earn {rate} a year until {valid_until}. Your code: {code}.' },
    ],
    why: 'There is more on your account than you use in a month.',
    applicability: [{ id: 'has_money', when: 'balance >= 100000', says: 'has less than 1,000.00' }],
    value: 12_000,
    terms: { amount: 100_000, currency, rate_bps: 350 },
    propensity: { starting_ppm: 120_000, evidence: 50 },
    valid_days: 30,
    apply: '/core/api/v1/products/apply?type=savings',
  },
  {
    code: 'travel-card',
    title: 'Travel card',
    product: { code: 'TRAVEL_CARD', kind: 'payments' },
    treatments: [{ channel: 'in_app', message: 'Pay abroad without a fee, with the {product}.' }],
    why: 'You have been a customer for more than a year.',
    eligibility: [
      { id: 'known_long', when: 'relationship_days >= 365', says: 'is a customer for less long' },
    ],
    context: [{ when: "page == 'cards'", percent: 200 }],
    value: 8_000,
    terms: { amount: 0, currency },
    propensity: { starting_ppm: 90_000, evidence: 50 },
    valid_days: 30,
  },
  {
    code: 'paperless',
    title: 'Statements without paper',
    product: { code: 'PAPERLESS', kind: 'service' },
    treatments: [{ channel: 'in_app', message: 'Get your statements in the app, not by post.' }],
    why: 'Your statements still come by post.',
    value: 1_500,
    terms: { amount: 0, currency },
    propensity: { starting_ppm: 200_000, evidence: 50 },
    valid_days: 60,
  },
];

/** Whatever an earlier run has made is found again. */
export async function openOffers(bank: Bank, tenant: OpenTenant, data: string): Promise<void> {
  const desk = deskOf(bank, tenant, data, 'Offers at the demo bank');
  const { administrator } = desk;
  const effective = `/v1/rollout/effective?use_case=${useCase}&key=any`;
  const { mode } = await administrator.get<{ readonly mode: string }>(effective);
  if (mode !== 'off') return;
  for (const action of actions) await approved(desk, '/v1/offers/actions', { action });
  const { customer } = await settleCustomer(bank, tenant, data);
  await greet(administrator, customer);
  // Last: what is let go is whole.
  await approved(desk, '/v1/rollout', { use_case: useCase, mode: 'automatic' });
  const session = { customer_id: customer, session_context: { current_page: 'home' } };
  await administrator.post('/v1/offers/in-session', session);
  say(`${tenant.id} makes offers: ${actions.map(({ title }) => title).join(', ')}`);
}

/** Of age, and agreed to be shown offers in the app. */
async function greet(administrator: Client, customer: string): Promise<void> {
  const key = `demo/offers/${customer}`;
  await administrator.post(`/v1/offers/customers/${customer}`, { of_age: true }, `${key}/age`);
  const consent = { purpose: 'marketing', channel: 'in_app', person: customer };
  const given = { status: 'granted', source: 'app', text_version: '2026-01' };
  await administrator.post('/v1/consents', { ...consent, ...given }, `${key}/consent`);
}
