// Reviews: two payments to a watched country wait for people; one is approved and goes on, the
// other is rejected and gives its funds back.
//   COUNTERSIGN_URL=http://127.0.0.1:7400 COUNTERSIGN_KEY=… node run.mjs
import { setTimeout as sleep } from 'node:timers/promises';

const { COUNTERSIGN_URL: url, COUNTERSIGN_KEY: key } = process.env;

function callerWith(apiKey) {
  async function call(method, path, body) {
    const answer = await fetch(url + path, {
      method,
      headers: {
        authorization: `Bearer ${apiKey}`,
        ...(body && { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    return answer.json();
  }
  return { get: (path) => call('GET', path), post: (path, body) => call('POST', path, body) };
}
const bank = callerWith(key);

// Payments are ordered by the bank's app, and reviewed by Ann.
async function issue(principal_kind, principal_id, scopes) {
  const asked = { name: principal_id, principal_kind, principal_id, scopes };
  return callerWith((await bank.post('/v1/api-keys', asked)).secret);
}
const channel = await issue('service', 'mobile-channel', ['payments:write']);
const ann = await issue('user', 'ann', ['reviews:read', 'reviews:write', 'payments:read']);

const [cash, debtor, creditor] = await Promise.all([
  bank.post('/v1/accounts', { type: 'asset', currency: 'EUR' }),
  bank.post('/v1/accounts', { type: 'liability', currency: 'EUR', bound: 'no_overdraft' }),
  bank.post('/v1/accounts', { type: 'liability', currency: 'EUR' }),
]);
const funding = { debit_account_id: cash.id, credit_account_id: debtor.id };
await bank.post('/v1/transfers', { ...funding, amount: 1_000_00, currency: 'EUR' });

async function tell(what, said) {
  const { booked, available } = await bank.get(`/v1/accounts/${debtor.id}/balances`);
  console.log(`${what.padEnd(24)}${said.padEnd(44)}${booked} booked, ${available} available`);
}

const pay = (amount) =>
  channel.post('/v1/payments', {
    channel: 'mobile',
    debtor_account_id: debtor.id,
    creditor_account_id: creditor.id,
    amount,
    currency: 'EUR',
    creditor_country: 'RU',
    facts: { screening_status: 'known', new_device: false },
  });

/** What is asked for comes a moment later: it follows from the log. */
async function until(look) {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const found = await look();
    if (found) return found;
    await sleep(100);
  }
  throw new Error('nothing came of it within ten seconds');
}
const caseOf = ({ id }) =>
  until(async () => {
    const { items } = await ann.get('/v1/cases?queue=compliance&limit=100');
    return items.find(({ payment_id }) => payment_id === id);
  });
const endOf = ({ id }) =>
  until(async () => {
    const payment = await bank.get(`/v1/payments/${id}`);
    return payment.status === 'review' ? undefined : payment;
  });

/** Without the balance, since the payment may or may not have gone on by the answer. */
const tellVerdict = (what, { status, verdict }) =>
  console.log(`${what.padEnd(24)}${status}: ${verdict}`);
const decide = (who, { id }, verdict) => who.post(`/v1/cases/${id}/decide`, verdict);

const first = await pay(42_00);
await tell('42.00', `${first.outcome}: ${first.reasons.join(' ')}`);
const waiting = await caseOf(first);
await tell('its case', waiting.title);

const claimed = await ann.post(`/v1/cases/${waiting.id}/claim`, {});
await tell('Ann takes it', claimed.status);
const because = { reason_code: 'customer_confirmed', reason: 'called back' };
const approved = await decide(ann, waiting, { verdict: 'approve', ...because });
tellVerdict('Ann approves', approved);
const { status, decisions } = await endOf(first);
await tell(
  'to policy once more',
  `${decisions.map(({ outcome }) => outcome).join(', ')}: ${status}`,
);

const second = await pay(7_00);
await tell('7.00', `${second.outcome}: ${second.reasons.join(' ')}`);
const scam = { reason_code: 'scam', reason: 'the payee is a fake shop' };
const rejected = await decide(ann, await caseOf(second), { verdict: 'reject', ...scam });
tellVerdict('Ann rejects', rejected);
await tell('released', (await endOf(second)).status);
