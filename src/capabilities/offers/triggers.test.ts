// Triggers: what of a movement is a life event, and what it leads to.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { consumePage } from '#core';
import { definedProductId } from '#cores';
import { day, move, openBank, seal } from '../../../test/bank.ts';
import { openOffers, savings } from '../../../test/offers.ts';
import type { Action } from './action.ts';
import { lifeEventNoting, lifeEventOffers, maturityTeller } from './trigger-reactors.ts';
import { type Moved, readLifeEvents, type Side, triggersOf } from './triggers.ts';

const side = (more: Partial<Side>): Side => ({
  ...{ customer: 'pty_a', productKind: 'current_account', balance: 0, change: 0, currency: 'USD' },
  ...more,
});
const moved = (more: Partial<Moved>): Moved => ({
  ...{ source: 'trf_1', occurredAt: '2026-01-05T09:00:00Z', amount: 0, mcc: null },
  ...{ debit: undefined, credit: undefined },
  ...more,
});
const kinds = (more: Partial<Moved>) =>
  triggersOf(moved(more)).map(({ kind, customer }) => `${customer} ${kind}`);

test('a deposit is large where it is much, and much of what was there', () => {
  const credit = (change: number, balance: number) => side({ change, balance });
  assert.deepEqual(kinds({ amount: 500_000, credit: credit(500_000, 600_000) }), [
    'pty_a large_deposit',
  ]);
  assert.deepEqual(kinds({ amount: 499_999, credit: credit(499_999, 5_000_000) }), []);
  assert.deepEqual(kinds({ amount: 500_000, credit: credit(500_000, 90_000_000) }), []);
  const first = credit(600_000, 600_000);
  assert.deepEqual(kinds({ amount: 600_000, credit: first }), ['pty_a large_deposit']);
});

test('from one account of a customer to another nothing has come in', () => {
  const [debit, credit] = [side({ change: -900_000 }), side({ change: 900_000, balance: 900_000 })];
  assert.deepEqual(kinds({ amount: 900_000, debit, credit }), []);
});

test('half of a balance gone is a change, and a loan at zero is paid off', () => {
  const debit = side({ change: -300_000, balance: 200_000 });
  assert.deepEqual(kinds({ amount: 300_000, debit }), ['pty_a balance_change']);
  const loan = side({ productKind: 'loan', change: -120_000, balance: 0 });
  assert.deepEqual(kinds({ amount: 120_000, credit: loan }), ['pty_a loan_paid_off']);
  const left = side({ productKind: 'loan', change: -120_000, balance: 1 });
  assert.deepEqual(kinds({ amount: 120_000, credit: left }), []);
});

test('what is spent on a home is told by the code of the merchant', () => {
  const debit = side({ change: -60_000, balance: 900_000 });
  assert.deepEqual(kinds({ amount: 60_000, mcc: '5211', debit }), ['pty_a home_improvement']);
  assert.deepEqual(kinds({ amount: 60_000, mcc: '5812', debit }), []);
  assert.deepEqual(kinds({ amount: 49_999, mcc: '5211', debit }), []);
});

const bank = await openBank({ after });

test('a large deposit becomes one offer, whatever is told twice, and else there is', async () => {
  const offers = await openOffers(bank);
  const { tenant } = offers;
  const eligibility = [
    { id: 'deposit', when: "'large_deposit' in events", says: 'No large deposit.' },
  ];
  await offers.publish({ ...savings, eligibility });
  const other = { code: 'OTHER_SAVINGS', kind: 'savings' as const };
  await offers.publish({ ...savings, eligibility, code: 'other', product: other, value: 1 });
  const customer = await offers.customer();
  const cash = await tenant.open({ type: 'asset' });
  const account_id = await tenant.open();
  await tenant.execute('account.link', { account_id, party_id: customer });
  assert.equal((await offers.consider(customer)).offers.length, 0, 'nothing has happened yet');
  await tenant.ok(move(cash, account_id, 800_000));
  const parts = {
    ...bank.planes,
    pool: bank.planes.database.pool('read'),
    offer: async (triggered: { customer: string; events: readonly string[]; because: string }) => {
      const { because, events } = triggered;
      const key = `trigger ${because}`;
      const asked = { path: 'trigger', events, because, key, placesMax: 1 } as const;
      await offers.consider(triggered.customer, asked);
    },
  };
  const consume = async () => {
    await seal(bank);
    for (const consumer of [lifeEventNoting(parts), lifeEventOffers(parts)]) {
      await consumePage(consumer, bank.planes.database.pool('app'));
      await seal(bank);
    }
  };
  await consume();
  await consume();
  // As after a crash behind the effects: everything is told again.
  await bank.superuser.query(`delete from core.consumer where name like 'offer-trigger%'`);
  await consume();
  const events = await tenant.read((tx) => readLifeEvents(tx, customer));
  assert.deepEqual(
    events.map(({ kind, detail }) => [kind, detail]),
    [['large_deposit', { amount: 800_000, currency: 'USD' }]],
  );
  const { items } = await offers.offersOf(customer);
  assert.deepEqual(
    items.map(({ action, path }) => [action, path]),
    [['premium-savings', 'trigger']],
  );
});

test('a deposit that ends is told of thirty days before, once', async () => {
  const offers = await openOffers(bank);
  const { tenant } = offers;
  const customer = await offers.customer();
  const account_id = await tenant.open();
  const product = { code: 'term_90', kind: 'term_deposit', name: 'Ninety days', currency: 'USD' };
  const terms = { term_days: '90' };
  const defined = { ...product, terms, status: 'offered' };
  const { commandId } = await tenant.execute('product.define', defined);
  const product_id = definedProductId(commandId);
  await tenant.execute('account.link', { account_id, party_id: customer, product_id });
  const { database } = bank.planes;
  const tell = maturityTeller(bank.planes, {
    database,
    onError: (error) => assert.fail(String(error)),
  });
  assert.equal(await tell(), 0);
  bank.time.now += 61 * day;
  assert.equal(await tell(), 1);
  assert.equal(await tell(), 0);
  const [found] = await tenant.read((tx) => readLifeEvents(tx, customer));
  assert.equal(found?.kind, 'product_maturity');
});

test('what policy has refused before is refused again, though more was learnt since', async () => {
  const offers = await openOffers(bank);
  const loan: Action = {
    ...{ ...savings, code: 'loan', product: { code: 'LOAN', kind: 'credit' } },
    terms: { amount: 500_000, currency: 'EUR', rate_bps: 790 },
  };
  await offers.publish(loan);
  const declined_at = new Date(bank.time.now - day).toISOString();
  const customer = await offers.customer({ declined_at, approval_likelihood_ppm: 900_000 });
  const because = { path: 'trigger', because: 'x', key: 'trigger x' } as const;
  const first = await offers.consider(customer, because);
  assert.deepEqual(first.presented[0]?.reasons, ['declined_recently']);
  await offers.publish({ ...loan, value: 90_000 });
  const second = await offers.consider(customer, because);
  assert.deepEqual(second.presented[0]?.result, 'refused');
  assert.deepEqual(offers.errors, []);
});
