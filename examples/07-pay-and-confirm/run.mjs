// Payments: one that is usual, and one to a new payee that waits until its payer has confirmed it
// with a code of an app.
//   COUNTERSIGN_URL=http://127.0.0.1:7400 COUNTERSIGN_KEY=… node run.mjs
import { createHmac, randomUUID } from 'node:crypto';

const { COUNTERSIGN_URL: url, COUNTERSIGN_KEY: key } = process.env;

function callerWith(apiKey) {
  async function call(method, path, body) {
    const answer = await fetch(url + path, {
      method,
      headers: {
        authorization: `Bearer ${apiKey}`,
        ...(body && { 'content-type': 'application/json', 'idempotency-key': randomUUID() }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    return answer.json();
  }
  return { get: (path) => call('GET', path), post: (path, body) => call('POST', path, body) };
}
const bank = callerWith(key);

// Payments are ordered by the bank's app, which cannot enrol anybody: that takes another scope.
const { secret } = await bank.post('/v1/api-keys', {
  name: 'app',
  principal_kind: 'service',
  principal_id: 'mobile-channel',
  scopes: ['payments:read', 'payments:write'],
});
const channel = callerWith(secret);

const [cash, anns, landlord] = await Promise.all([
  bank.post('/v1/accounts', { type: 'asset', currency: 'EUR' }),
  bank.post('/v1/accounts', { type: 'liability', currency: 'EUR', bound: 'no_overdraft' }),
  bank.post('/v1/accounts', { type: 'liability', currency: 'EUR' }),
]);
const funding = { debit_account_id: cash.id, credit_account_id: anns.id };
await bank.post('/v1/transfers', { ...funding, amount: 1_000_00, currency: 'EUR' });

async function tell(what, said) {
  const { booked, available } = await bank.get(`/v1/accounts/${anns.id}/balances`);
  console.log(`${what.padEnd(24)}${said.padEnd(54)}${booked} booked, ${available} available`);
}

// Ann is known by a token. Her app is enrolled once, where the bank knows her by other means.
const ann = `cus_${randomUUID()}`;
const enrolled = await bank.post('/v1/authenticators', { subject: ann, kind: 'totp' });
const app = appOf(enrolled.otpauth_uri);
await bank.post(`/v1/authenticators/${enrolled.id}/confirm`, { code: app.code() });

// Whether the payee is new is known to the bank; what we say counts where it cannot look in time.
const pay = (amount, isNewPayee) =>
  channel.post('/v1/payments', {
    channel: 'mobile',
    debtor_account_id: anns.id,
    creditor_account_id: landlord.id,
    amount,
    currency: 'EUR',
    debtor: ann,
    creditor_country: 'DE',
    facts: {
      screening_status: 'known',
      new_payee: isNewPayee,
      new_device: false,
      local_hour: 14,
    },
  });
const saidOf = ({ outcome, reasons }) => `${outcome}: ${reasons.join(' ')}`;

const rent = await pay(300_00, true);
await tell('rent 300.00, new payee', saidOf(rent));

// What she sees before she confirms: exactly these terms, and for how long.
const challenge = await channel.get(`/v1/payments/${rent.id}/step-up`);
const { amount, creditor_account_id } = challenge.terms;
const isRight = amount === 300_00 && creditor_account_id === landlord.id;
await tell('her app shows', `${amount} to ${isRight ? 'the landlord' : 'somebody else'}`);

const prove = (code) =>
  channel.post(`/v1/payments/${rent.id}/step-up`, { authenticator_id: enrolled.id, code });
const attemptOf = ({ status, attempts_left: left, payment }) =>
  `${status}, ${left} attempts left, ${payment.status}`;
await tell('a wrong code', attemptOf(await prove(app.wrongCode())));
// A code counts once. That of the next half minute is taken too, for clocks are never equal.
await tell('the code of her app', attemptOf(await prove(app.code(1))));

// The landlord was paid before: nothing is asked.
await tell('the next rent', saidOf(await pay(300_00, false)));

/** An app for codes (RFC 6238), which knows nothing but what it was shown. */
function appOf(uri) {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...new URL(uri).searchParams.get('secret')]
    .map((letter) => letters.indexOf(letter).toString(2).padStart(5, '0'))
    .join('');
  const secret = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const code = (stepsAhead = 0) => {
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + stepsAhead));
    const mac = createHmac('sha1', secret).update(counter).digest();
    const number = mac.readUInt32BE(mac.at(-1) & 15) & 0x7fffffff;
    return String(number % 1_000_000).padStart(6, '0');
  };
  const right = [-2, -1, 0, 1, 2].map(code);
  const wrong = ['000000', '111111', '222222', '333333', '444444', '555555'];
  return { code, wrongCode: () => wrong.find((each) => !right.includes(each)) };
}
