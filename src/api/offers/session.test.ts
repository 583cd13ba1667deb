import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openApi } from '../../../test/api.ts';
import { tenantOf } from '../../../test/bank.ts';
import { openOffers, savings } from '../../../test/offers.ts';

const api = await openApi({ after });
let banks = 0;

async function open(mode?: string) {
  banks += 1;
  const boss = await api.tenant(`offers-${banks}`);
  const tenant = tenantOf(api.bank.planes, api.bank.time, `offers-${banks}`);
  const offers = await openOffers(api.bank, mode, tenant);
  const channel = await api.issue(boss, 'service:app', { scopes: ['offers:read', 'offers:write'] });
  return { ...offers, boss, channel };
}

/** As the mission has it. */
function payload(customer_id: string) {
  return {
    customer_id,
    session_context: {
      current_page: 'account_overview',
      recent_activity: ['large_deposit', 'recurring_subscription'],
    },
    core_banking_data_snapshot: {
      avg_monthly_balance: 12_500.0,
      account_age_days: 720,
      recent_transactions: [
        { amount: 299.99, description: 'ELECTRONICS RETAILER', category: 'shopping' },
      ],
    },
  };
}

const fitting = {
  ...savings,
  applicability: [
    { id: 'deposit', when: "'large_deposit' in activity", says: 'has deposited nothing' },
    { id: 'rich', when: 'avg_monthly_balance >= 1000000', says: 'has too little' },
    { id: 'shops', when: "'shopping' in categories && largest_purchase == 29999", says: 'no' },
  ],
};

test('the payload of the mission is answered by the payload of the mission', async () => {
  const { publish, customer, channel } = await open();
  await publish(fitting);
  const who = await customer();
  const reply = await channel.post('/v1/offers/in-session', payload(who));
  assert.equal(reply.status, 200, reply.text);
  assert.deepEqual(reply.json, {
    offers: [
      {
        product_code: 'PREM_SAVINGS',
        personalized_message:
          'Based on your recent deposit, earn 3.5% APY on balances over 10,000 EUR.',
        eligibility_score: 0.2941,
        api_endpoint: '/core/api/v1/products/apply?type=savings',
      },
    ],
  });
  assert.match(String(reply.headers['offer-ids']), /^off_[0-9a-z]{26}$/);
  const again = await channel.post('/v1/offers/in-session', payload(who));
  assert.deepEqual(again.json, reply.json);
  assert.equal(again.headers['offer-ids'], reply.headers['offer-ids']);
});

test('who is offered nothing has an empty body, and the channel is told why', async () => {
  const { publish, customer, channel } = await open();
  await publish(fitting);
  const body = { ...payload(await customer()), session_context: { current_page: 'home' } };
  const reply = await channel.post('/v1/offers/in-session', body);
  assert.deepEqual([reply.status, reply.json], [200, { offers: [] }]);
  assert.equal(reply.headers['offers-withheld'], 'deposit=1');
  const session = String(reply.headers['offer-session']);
  const explained = await until(() => channel.get(`/v1/offers/sessions/${session}`));
  assert.deepEqual(explained.json.candidates[0].refused, [
    { stage: 'applicability', rule: 'deposit', says: 'has deposited nothing' },
  ]);
});

/** It is recorded a moment behind the answer. */
async function until(ask: () => ReturnType<Awaited<ReturnType<typeof open>>['channel']['get']>) {
  for (let attempt = 0; ; attempt += 1) {
    const reply = await ask();
    if (reply.status === 200 || attempt === 50) return reply;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('who is unknown is offered nothing; the core’s own id of one is known', async () => {
  const { publish, customer, channel, tenant } = await open();
  await publish(fitting);
  const stranger = await channel.post('/v1/offers/in-session', payload('CUST-78910'));
  assert.deepEqual([stranger.status, stranger.json], [200, { offers: [] }]);
  assert.equal(stranger.headers['offers-withheld'], 'no_customer=1');
  await api.bank.superuser.query(
    `insert into register.core_link (tenant_id, core, kind, own_id, core_id, linked_at)
     values ($1, 'temenos', 'party', $2, 'CUST-78910', now())`,
    [tenant.id, await customer()],
  );
  const known = await channel.post('/v1/offers/in-session', payload('CUST-78910'));
  assert.equal(known.json.offers.length, 1);
});

test('switched off, or only watched, the answer is empty', async () => {
  for (const [mode, reason] of [
    ['off', 'not_rolled_out=1'],
    ['shadow', 'only_watched=1'],
  ] as const) {
    const { publish, customer, channel } = await open(mode);
    await publish(fitting);
    const reply = await channel.post('/v1/offers/in-session', payload(await customer()));
    assert.deepEqual([reply.json, reply.headers['offers-withheld']], [{ offers: [] }, reason]);
  }
});

test('a body that is another is refused, and so is who may not offer', async () => {
  const { customer, channel, boss } = await open();
  const body = payload(await customer());
  const wrong = { ...body, session_context: { current_page: 7 } };
  assert.equal((await channel.post('/v1/offers/in-session', wrong)).status, 422);
  const more = { ...body, rate: 9 };
  assert.equal((await channel.post('/v1/offers/in-session', more)).status, 422);
  const huge = { ...body, core_banking_data_snapshot: { avg_monthly_balance: 1e300 } };
  assert.equal((await channel.post('/v1/offers/in-session', huge)).status, 422);
  const reader = await api.issue(boss, 'service:reader', { scopes: ['offers:read'] });
  assert.equal((await reader.post('/v1/offers/in-session', body)).status, 403);
});
