// Purchases and what goes back of them in other currencies: nothing is taken but what it is worth.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { externalId, type Json } from '#core';
import { authorization } from '#payments';
import fc from 'fast-check';
import { move, openBank } from '../../../test/bank.ts';
import { checkPoints, openEarning } from '../../../test/earning.ts';
import { backOf } from './returns-deal.ts';

const bank = await openBank({ after });

test('a refund in another currency of unknown worth takes nothing, and says so', async () => {
  const { tenant, customer, buy, getBack, settle, points } = await openEarning(bank);
  const leftOut = async () => {
    const { rows } = await bank.superuser.query<{ left_out: string[] }>(
      'select left_out from loyalty.earned where tenant_id = $1',
      [tenant.id],
    );
    return rows.map(({ left_out }) => left_out);
  };
  const account = await tenant.open({ currency: 'JPY', holder_id: customer });
  const shop = await tenant.open({ currency: 'JPY' });
  await tenant.execute('account.link', { account_id: account, party_id: customer });
  await buy(10_000, { reference: 'order-8' });
  const metadata = { kind: 'refund', of: 'order-8' };
  const { transfers } = await tenant.ok(move(shop, account, 10_000, { currency: 'JPY', metadata }));
  await settle();
  assert.deepEqual([await points(), await leftOut()], [[100, 0, 0], [transfers]]);
  await getBack(4_000, metadata);
  await settle();
  assert.deepEqual([await points(), await leftOut()], [[60, 0, 0], [transfers]]);
  // What was bought in that currency is what it is of, though it has earned nothing.
  const more = { kind: 'card', mcc: '5999', reference: 'order-8' };
  await tenant.ok(move(account, shop, 10_000, { currency: 'JPY', metadata: more }));
  await settle();
  assert.deepEqual(
    [await points(), await leftOut()],
    [
      [60, 0, 0],
      [[], []],
    ],
  );
});

test('a refund at home of a payment in another currency takes what it is worth', async () => {
  const { tenant, customer, merchant, capture, getBack, settle, points } = await openEarning(bank);
  const account = await tenant.open({ currency: 'EUR', holder_id: customer });
  const shop = await tenant.open({ currency: 'EUR' });
  await tenant.execute('account.link', { account_id: account, party_id: customer });
  const body = authorization({
    ...{ debtor_account_id: account, creditor_account_id: shop, amount: 10_000, currency: 'EUR' },
    ...{ card: 'card_1', entry_mode: 'chip', debtor: customer },
    merchant: { id: merchant, mcc: '5999', country: 'DE' },
    facts: { screening_status: 'known', amount_home: 12_000 },
  });
  const { commandId } = await tenant.execute('payment.authorize', body as Json);
  const payment = externalId('payment', commandId);
  await capture(payment, 10_000);
  await settle();
  assert.deepEqual(await points(), [120, 0, 0]);
  await getBack(3_000, { kind: 'refund', of: payment });
  await settle();
  assert.deepEqual(await points(), [90, 0, 0]);
  await getBack(10_000, { kind: 'refund', of: payment });
  await settle();
  assert.deepEqual(await points(), [0, 0, 0]);
});

test('in whatever currencies and order it goes back, no more does than there was', () => {
  const currency = fc.constantFrom('USD', 'EUR', 'JPY');
  const worth = fc.option(fc.nat(3_000), { nil: undefined });
  const movement = fc.record({ amount: fc.integer({ min: 1, max: 1_000 }), currency, worth });
  const many = fc.array(movement, { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(many, many, fc.nat(), (bought, returned, turn) => {
      const posted = bought.map((each, index) => ({ ...each, transfer_id: `trf_${index}` }));
      const back = returned.map((each, index) => ({
        ...{ ...each, transfer_id: `back_${index}`, undoes: null },
      }));
      const cut = turn % back.length;
      const turned = [...back.slice(cut), ...back.slice(0, cut)];
      const sent = posted.map((each) => backOf(each, { posted, back }).amount);
      assert.deepEqual(
        posted.map((each) => backOf(each, { posted, back: turned }).amount),
        sent,
      );
      const isBought = new Set(bought.map((each) => each.currency));
      for (const [index, { amount, currency: own }] of posted.entries()) {
        const most = back.reduce((sum, each) => sum + (each.currency === own ? each.amount : 0), 0);
        const others = back.some((each) => !isBought.has(each.currency) && each.worth);
        const part = sent[index] ?? Number.NaN;
        assert.ok(part >= 0 && part <= amount && (others || part <= most));
      }
      const { leftOut } = backOf({ transfer_id: 'trf_0' }, { posted, back });
      assert.equal(
        leftOut.length,
        back.filter((each) => !isBought.has(each.currency) && each.worth === undefined).length,
      );
    }),
  );
});

test('whatever goes back, in whatever currency, not one point is lost or added', async () => {
  await checkPoints(bank);
});
