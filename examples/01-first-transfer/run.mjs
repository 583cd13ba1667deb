// A first transfer: two accounts, money between them, a retry that is harmless, and the balances.
//   COUNTERSIGN_URL=http://127.0.0.1:7400 COUNTERSIGN_KEY=… node run.mjs

const { COUNTERSIGN_URL: url, COUNTERSIGN_KEY: key } = process.env;

// Every write has a key of its own. Sent again with the same key, it has its effect once.
async function post(path, body, idempotencyKey = crypto.randomUUID()) {
  const answer = await fetch(url + path, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      'idempotency-key': idempotencyKey,
    },
    body: JSON.stringify(body),
  });
  return { status: answer.status, headers: answer.headers, json: await answer.json() };
}

async function get(path) {
  const answer = await fetch(url + path, { headers: { authorization: `Bearer ${key}` } });
  return answer.json();
}

// What the bank has is an asset; what it owes is a liability. Nobody's deposit goes below zero.
const cash = (await post('/v1/accounts', { type: 'asset', currency: 'EUR' })).json;
const deposit = { type: 'liability', currency: 'EUR', bound: 'no_overdraft' };
const ada = (await post('/v1/accounts', { ...deposit, holder_id: 'ada' })).json;
const bob = (await post('/v1/accounts', { ...deposit, holder_id: 'bob' })).json;

const move = (debit, credit, amount) => ({
  debit_account_id: debit.id,
  credit_account_id: credit.id,
  amount, // in cents
  currency: 'EUR',
});
await post('/v1/transfers', move(cash, ada, 100_00));

const once = crypto.randomUUID();
const first = await post('/v1/transfers', move(ada, bob, 25_50), once);
const again = await post('/v1/transfers', move(ada, bob, 25_50), once);
console.log(`posted: ${first.status}, transfer ${first.json.transfers[0].id}`);
console.log(`again:  ${again.status}, transfer ${again.json.transfers[0].id}`);
console.log(`replayed: ${again.headers.get('idempotent-replayed')}`);

const refused = await post('/v1/transfers', move(ada, bob, 1_000_00));
console.log(`too much: ${refused.status}, ${refused.json.code}`);

for (const { id, holder_id } of [ada, bob]) {
  const { booked, available } = await get(`/v1/accounts/${id}/balances`);
  console.log(`${holder_id}: booked ${booked}, available ${available}`);
}
