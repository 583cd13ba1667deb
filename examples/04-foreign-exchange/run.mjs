// Foreign exchange: two linked legs, one per currency, that meet in the bank's position accounts.
//   COUNTERSIGN_URL=http://127.0.0.1:7400 COUNTERSIGN_KEY=… node run.mjs

const { COUNTERSIGN_URL: url, COUNTERSIGN_KEY: key } = process.env;

async function call(method, path, body) {
  const answer = await fetch(url + path, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(body && { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { ...(await answer.json()), status: answer.status };
}

const open = (currency, more) =>
  call('POST', '/v1/accounts', { type: 'liability', currency, ...more });
const deposit = { holder_id: 'ada', bound: 'no_overdraft' };
const accounts = {
  'ada, USD': await open('USD', deposit),
  'ada, EUR': await open('EUR', deposit),
  'position, USD': await open('USD'),
  'position, EUR': await open('EUR'),
};
const [adaUsd, adaEur, positionUsd, positionEur] = Object.values(accounts);
const cash = await open('USD', { type: 'asset' });

const leg = (debit, credit, amount, currency) => ({
  debit_account_id: debit.id,
  credit_account_id: credit.id,
  amount,
  currency,
});

/** Sells dollars for euros: both legs are posted, or none. The ledger knows no rates. */
const exchange = (usd, eur, rate) =>
  call('POST', '/v1/transfers', {
    legs: [leg(adaUsd, positionUsd, usd, 'USD'), leg(positionEur, adaEur, eur, 'EUR')],
    metadata: { rate },
  });

await call('POST', '/v1/transfers', leg(cash, adaUsd, 150_00, 'USD'));
const bought = await exchange(100_00, 92_00, '0.9200');
console.log(`100.00 USD for 92.00 EUR: ${bought.status}, ${bought.transfers.length} legs`);
const short = await exchange(100_00, 92_00, '0.9200');
console.log(`once more: ${short.status}, ${short.code} in leg ${short.leg}, nothing was posted`);
const wrong = await call('POST', '/v1/transfers', leg(adaUsd, adaEur, 10_00, 'USD'));
console.log(`one leg across currencies: ${wrong.status}, ${wrong.code}`);

for (const [name, { id }] of Object.entries(accounts)) {
  const { booked } = await call('GET', `/v1/accounts/${id}/balances`);
  console.log(`${name.padEnd(14)} ${String(booked).padStart(6)}`);
}
