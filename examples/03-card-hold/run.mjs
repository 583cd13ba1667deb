// A card hold: reserved at the hotel's desk, increased by the minibar, captured in two parts.
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
  return answer.json();
}
const post = (path, body) => call('POST', path, body);

const [cash, guest, hotel] = await Promise.all([
  post('/v1/accounts', { type: 'asset', currency: 'EUR' }),
  post('/v1/accounts', { type: 'liability', currency: 'EUR', bound: 'no_overdraft' }),
  post('/v1/accounts', { type: 'liability', currency: 'EUR' }),
]);
const move = (debit, credit, amount) => ({
  debit_account_id: debit.id,
  credit_account_id: credit.id,
  amount,
  currency: 'EUR',
});
await post('/v1/transfers', move(cash, guest, 200_00));

async function tell(what, { hold, code }) {
  const { booked, available } = await call('GET', `/v1/accounts/${guest.id}/balances`);
  const { status, amount, captured, released } = hold ?? {};
  const told = hold
    ? `${status}: ${captured} of ${amount}, ${released} released`
    : `refused: ${code}`;
  console.log(
    `${what.padEnd(22)}${told.padEnd(40)}guest: ${booked} booked, ${available} available`,
  );
}

const authorized = await post('/v1/holds', move(guest, hotel, 80_00));
const hold = `/v1/holds/${authorized.hold.id}`;
await tell('authorized 80.00', authorized);
await tell('increased by 20.00', await post(`${hold}/increase`, { amount: 20_00 }));
await tell('captured 60.00', await post(`${hold}/capture`, { amount: 60_00, final: false }));
await tell('captured 50.00', await post(`${hold}/capture`, { amount: 50_00 }));
await tell('captured 35.00, last', await post(`${hold}/capture`, { amount: 35_00 }));
await tell('voided', await post(`${hold}/void`, {}));
