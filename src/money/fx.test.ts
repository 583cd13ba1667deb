import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { figures, move, openBank, rejected } from '../../test/bank.ts';
import { readTrialBalance } from './read.ts';

const bank = await openBank({ after });

/** A bank's position per currency: the difference between what it has bought and sold of it. */
async function openExchange() {
  const tenant = await bank.tenant();
  const inEuro = { currency: 'EUR' };
  const exchange = {
    tenant,
    dollars: await tenant.open({ bound: 'no_overdraft' }),
    euros: await tenant.open({ bound: 'no_overdraft', ...inEuro }),
    dollarPosition: await tenant.open({ type: 'equity' }),
    euroPosition: await tenant.open({ type: 'equity', ...inEuro }),
    cash: await tenant.open({ type: 'asset' }),
  };
  await tenant.ok(move(exchange.cash, exchange.dollars, 10_000));
  return exchange;
}

test('a conversion is two legs over position accounts, and each currency balances', async () => {
  const { tenant, dollars, euros, dollarPosition, euroPosition } = await openExchange();
  await tenant.ok([
    move(dollars, dollarPosition, 10_000),
    move(euroPosition, euros, 9200, { currency: 'EUR' }),
  ]);
  assert.deepEqual(await figures(tenant, dollars), [0, 0, 0]);
  assert.deepEqual(await figures(tenant, euros), [9200, 0, 9200]);
  assert.deepEqual(await figures(tenant, dollarPosition), [10_000, 0, 10_000]);
  assert.deepEqual(await figures(tenant, euroPosition), [-9200, 0, -9200]);
  const trial = await tenant.read((tx) => readTrialBalance(tx));
  assert.equal(trial.balanced, true);
  const sums = new Map<string, number>();
  for (const { currency, debits_posted, credits_posted } of trial.currencies) {
    sums.set(currency, (sums.get(currency) ?? 0) + debits_posted - credits_posted);
  }
  assert.deepEqual(
    [...sums],
    [
      ['EUR', 0],
      ['USD', 0],
    ],
  );
});

test('a conversion whose second leg fails sells nothing', async () => {
  const { tenant, dollars, euros, dollarPosition, euroPosition } = await openExchange();
  await tenant.change(euroPosition, { status: 'frozen' });
  const { outcome } = await tenant.post([
    move(dollars, dollarPosition, 10_000),
    move(euroPosition, euros, 9200, { currency: 'EUR' }),
  ]);
  assert.deepEqual(outcome, rejected('debit_account_frozen', 1));
  assert.deepEqual(await figures(tenant, dollars), [10_000, 0, 10_000]);
});

test('no leg crosses currencies', async () => {
  const { tenant, dollars, euros } = await openExchange();
  for (const currency of ['USD', 'EUR']) {
    const { outcome } = await tenant.post(move(dollars, euros, 1, { currency }));
    assert.deepEqual(outcome, rejected('currency_mismatch'));
  }
});
