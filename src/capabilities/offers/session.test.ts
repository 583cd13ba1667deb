import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { day, openBank } from '../../../test/bank.ts';
import { openOffers, savings } from '../../../test/offers.ts';
import type { Considered } from './session.ts';

const bank = await openBank({ after });

function refusedBy({ candidates }: Considered, action: string): readonly string[] {
  const found = candidates.find((each) => each.action === action);
  return (found?.refused ?? []).map(({ stage, rule }) => `${stage}/${rule}`);
}

test('a customer is offered what fits, in the words that were approved', async () => {
  const { publish, customer, consider } = await openOffers(bank);
  await publish(savings);
  const { offers, candidates } = await consider(await customer());
  const [offer] = offers;
  assert.equal(offers.length, 1);
  assert.equal(offer?.product_code, 'PREM_SAVINGS');
  assert.equal(
    offer?.message,
    'Based on your recent deposit, earn 3.5% APY on balances over 10,000 EUR.',
  );
  assert.equal(offer?.why, 'You keep more than 10,000 EUR with us.');
  assert.equal(offer?.api_endpoint, '/core/api/v1/products/apply?type=savings');
  // (50 / 51) × 0.30: what is expected of the action, before anybody has answered.
  assert.equal(offer?.score, 0.2941);
  assert.deepEqual(candidates[0]?.terms, {
    ...{ p_ppm: 294_118, p_source: 'starting', c_percent: 100, v: 12_000, l_percent: 100 },
    used: ['propensity', 'context', 'value', 'lever'],
    priority: String(294_118n * 100n * 12_000n * 100n),
  });
});

test('the same session is shown the same, and that is one contact', async () => {
  const { publish, customer, consider, offersOf } = await openOffers(bank);
  await publish(savings);
  const who = await customer();
  const first = await consider(who);
  const second = await consider(who);
  assert.deepEqual(second.offers, first.offers);
  assert.equal((await offersOf(who)).items.length, 1);
  bank.time.now += 3_600_000;
  const later = await consider(who);
  assert.deepEqual(later.offers, [], 'another session is another contact');
  assert.deepEqual(refusedBy(later, 'premium-savings'), [
    'contact_policy/open_offer',
    'contact_policy/presented_recently',
  ]);
});

test('without consent to marketing there is no offer; to models, none by a model', async () => {
  const { publish, customer, consider, consent, offersOf } = await openOffers(bank);
  await publish(savings);
  const silent = await customer({}, []);
  assert.deepEqual(refusedBy(await consider(silent), 'premium-savings'), ['consent/no_consent']);
  const private_ = await customer();
  await consent(private_, { purpose: 'ai_data_use' }, 'withdrawn');
  await consider(private_);
  const [offer] = (await offersOf(private_)).items;
  assert.equal(offer?.chosen_by_model, false);
});

test('conditions say why they do not hold, and so does what nobody knows', async () => {
  const { publish, customer, consider } = await openOffers(bank);
  const condition = (id: string, when: string) => ({ id, when, says: `${id} does not hold` });
  await publish({
    ...savings,
    applicability: [
      condition('large_deposit', "'large_deposit' in activity"),
      condition('known', 'avg_monthly_balance >= 1000000'),
    ],
  });
  const who = await customer();
  const without = await consider(who);
  assert.deepEqual(without.candidates[0]?.refused, [
    { stage: 'applicability', rule: 'large_deposit', says: 'large_deposit does not hold' },
    {
      ...{ stage: 'applicability', rule: 'known' },
      says: 'not known of the customer: avg_monthly_balance',
    },
  ]);
  const said = { activity: ['large_deposit'], avg_monthly_balance: 1_250_000 };
  assert.equal((await consider(who, { said })).offers.length, 1);
});

test('of many, the highest product of the terms is first; the others say their rank', async () => {
  const { publish, customer, consider } = await openOffers(bank);
  const others = ['a', 'b', 'c'].map((letter, index) => ({
    ...savings,
    code: `${letter}-savings`,
    product: { ...savings.product, code: `SAVINGS_${letter.toUpperCase()}` },
    value: 1_000 * (index + 1),
    context: [{ when: "page == 'cards'", percent: index === 0 ? 900 : 100 }],
  }));
  for (const each of others) await publish(each);
  const found = await consider(await customer(), { said: { page: 'home' } });
  assert.deepEqual(
    found.offers.map(({ product_code }) => product_code),
    ['SAVINGS_C', 'SAVINGS_B'],
  );
  assert.deepEqual(refusedBy(found, 'a-savings'), ['arbitration/outranked']);
  const cards = await consider(await customer(), { said: { page: 'cards' } });
  assert.equal(cards.offers[0]?.product_code, 'SAVINGS_A', 'what fits here comes first');
});

test('off, nobody is looked at; watched, all is recorded and nothing is shown', async () => {
  const off = await openOffers(bank, 'off');
  await off.publish(savings);
  const nothing = await off.consider(await off.customer());
  assert.deepEqual([nothing.offers, nothing.candidates, nothing.shadow], [[], [], []]);
  const shadow = await openOffers(bank, 'shadow');
  await shadow.publish(savings);
  const who = await shadow.customer();
  const watched = await shadow.consider(who);
  assert.deepEqual([watched.offers, watched.candidates.length], [[], 0]);
  assert.equal(watched.shadow[0]?.refused.length, 0);
  assert.equal((await shadow.offersOf(who)).items.length, 0);
  const { rows } = await bank.superuser.query(
    `select mode, body -> 'shadow' -> 0 ->> 'action' as action from offers.consideration
      where tenant_id = $1`,
    [shadow.tenant.id],
  );
  assert.deepEqual(rows, [{ mode: 'shadow', action: 'premium-savings' }]);
});

test('where a person decides on each, it waits for one and is presented then', async () => {
  const { publish, customer, consider, act, offersOf, deliver } = await openOffers(
    bank,
    'human_in_the_loop',
  );
  await publish(savings);
  const who = await customer();
  const { offers, presented } = await consider(who);
  assert.deepEqual(offers, []);
  assert.deepEqual([presented[0]?.result, presented[0]?.reasons], ['asked', ['person_decides']]);
  const [approval] = await deliver.approvals();
  await consider(who);
  assert.equal((await deliver.approvals()).length, 1, 'people are asked once');
  const verdict = { approval_id: approval, verdict: 'approve', reason: 'fits' };
  await act('user:mia', 'approval.decide', verdict);
  await deliver.all();
  const [offer] = (await offersOf(who)).items;
  assert.equal(offer?.status, 'presented');
});

test('much money wants a manager, and a manager’s approval is enough', async () => {
  const { publish, customer, consider, act, offersOf, deliver } = await openOffers(bank);
  await publish({ ...savings, terms: { ...savings.terms, amount: 8_000_000 } });
  const who = await customer();
  assert.deepEqual((await consider(who)).presented[0]?.reasons, ['manager_decides_value']);
  const [approval] = await deliver.approvals();
  const verdict = { approval_id: approval, verdict: 'approve', reason: 'fits' };
  await act('user:bob', 'approval.decide', verdict);
  await deliver.all();
  assert.equal((await offersOf(who)).items.length, 0, 'bob is no manager');
});

test('who is held out is offered nothing, and it is recorded that he would have been', async () => {
  const { publish, customer, consider, tenant } = await openOffers(bank);
  await publish(savings);
  await bank.superuser.query(
    `update offers.learning_setting set body = body || '{"holdout_bps": 10000}'
      where tenant_id = $1`,
    [tenant.id],
  );
  const found = await consider(await customer());
  assert.deepEqual(found.offers, []);
  assert.deepEqual(refusedBy(found, 'premium-savings'), ['experiment/control_group']);
  assert.deepEqual(
    found.withheld.map(({ arm, offered }) => [arm, offered.action.code]),
    [['holdout', 'premium-savings']],
  );
});

test('neither what the customer has is offered, nor anything to who is under age', async () => {
  const { publish, customer, consider, tenant } = await openOffers(bank);
  await publish(savings);
  const minor = await customer({ of_age: false });
  assert.deepEqual(refusedBy(await consider(minor), 'premium-savings'), ['eligibility/under_age']);
  const unknown = await customer({ of_age: null });
  assert.deepEqual(refusedBy(await consider(unknown), 'premium-savings'), [
    'eligibility/age_unknown',
  ]);
  const owner = await customer();
  await tenant.execute('product.define', {
    ...{ code: 'prem_savings', kind: 'savings_account', name: 'Premium', currency: 'USD' },
    status: 'offered',
  });
  const { rows } = await bank.superuser.query<{ id: string }>(
    'select id from register.product where tenant_id = $1',
    [tenant.id],
  );
  const account_id = await tenant.open();
  const link = { account_id, party_id: owner, product_id: rows[0]?.id ?? '' };
  await tenant.execute('account.link', link);
  assert.deepEqual(refusedBy(await consider(owner), 'premium-savings'), [
    'eligibility/already_holds',
  ]);
});

test('credit is for nobody who is behind, in hardship, or would be declined', async () => {
  const { publish, customer, consider } = await openOffers(bank);
  await publish({
    ...savings,
    code: 'small-loan',
    product: { code: 'SMALL_LOAN', kind: 'credit' },
    terms: { amount: 500_000, currency: 'EUR', rate_bps: 790 },
  });
  const rule = async (told: object) =>
    refusedBy(await consider(await customer(told)), 'small-loan');
  assert.deepEqual(await rule({ approval_likelihood_ppm: 900_000 }), []);
  assert.deepEqual(await rule({}), ['suitability/approval_unknown']);
  assert.deepEqual(await rule({ approval_likelihood_ppm: 100_000 }), [
    'suitability/likely_declined',
  ]);
  assert.deepEqual(await rule({ approval_likelihood_ppm: 900_000, days_past_due: 3 }), [
    'suitability/behind',
  ]);
  assert.deepEqual(await rule({ approval_likelihood_ppm: 900_000, hardship: true }), [
    'suitability/in_hardship',
  ]);
});

test('an action that is stopped, or has ended, is offered to nobody', async () => {
  const { publish, customer, consider, act } = await openOffers(bank);
  const until = new Date(bank.time.now + day).toISOString();
  await publish({ ...savings, until });
  const who = await customer();
  await act('user:ada', 'offer.action.stop', { action: 'premium-savings' });
  assert.deepEqual((await consider(who)).candidates, []);
  await act('user:ada', 'offer.action.resume', { action: 'premium-savings' });
  bank.time.now += day;
  assert.deepEqual(refusedBy(await consider(who), 'premium-savings'), ['in_force/ended']);
});
