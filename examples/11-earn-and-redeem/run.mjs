// Points: a programme is published, a dinner earns by it, and the points are redeemed for money and
// come back. Points are a unit of the ledger, so each of these is a journal.
//   COUNTERSIGN_URL=http://127.0.0.1:7400 COUNTERSIGN_KEY=… node run.mjs
import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const { COUNTERSIGN_URL: url, COUNTERSIGN_KEY: key } = process.env;
if (!url || !key) stop('COUNTERSIGN_URL and COUNTERSIGN_KEY say which server, and whose key.');

function stop(why) {
  console.error(`${why}\nexamples/README.md says how a server and a tenant of its own are made.`);
  process.exit(1);
}

async function call(token, method, path, body) {
  const answer = await fetch(url + path, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body && { 'content-type': 'application/json', 'idempotency-key': randomUUID() }),
    },
    ...(body && { body: JSON.stringify(body) }),
  }).catch(() => stop(`${url} does not answer: is the server running?`));
  return answer.json();
}
/** As the bank's administrator, whatever is answered. */
const ask = (path, body) => call(key, body ? 'POST' : 'GET', path, body);
/** What has to work. */
const bank = async (path, body) => done(path, await ask(path, body));
function done(path, said) {
  if (!said.type?.startsWith('/problems/')) return said;
  const places = said.errors?.map(({ pointer, detail }) => `${pointer} ${detail}`);
  return stop(`${path} was refused. ${said.title}: ${places?.join('; ') ?? said.detail}`);
}
const tell = (what, said) => console.log(`${what.padEnd(24)}${said}`);

// Two people of the bank. Whoever governs makes his secret himself: the bank knows its digest.
const digestOf = (text) => createHash('sha256').update(text).digest('hex');
async function person(name, scopes) {
  const secret = digestOf(`a secret of ${name}'s own, beside ${key}`);
  if ((await call(secret, 'GET', '/v1/session')).code === 'unauthenticated') {
    const user = { name, principal_kind: 'user', principal_id: name, scopes };
    const made = await ask('/v1/api-keys', { ...user, secret_digest: digestOf(secret) });
    if (made.code === 'approval_required') {
      stop('This bank has people who approve already, and they would have to agree: take another.');
    }
    done('/v1/api-keys', made);
  }
  return secret;
}
const ann = await person('ann', ['policy:read', 'policy:write']);
const ben = await person('ben', ['policy:read', 'policy:approve']);

/** What needs another person: Ann asks, Ben agrees to exactly that, and it is done. */
async function approved(path, body) {
  const refused = await ask(path, body);
  if (refused.code !== 'approval_required') return done(path, refused);
  const { subject_kind, subject } = refused;
  const expires_at = new Date(Date.now() + 3_600_000).toISOString();
  const request = { subject_kind, subject, summary: 'points for dinners', expires_at };
  const { id } = done('/v1/approvals', await call(ann, 'POST', '/v1/approvals', request));
  const verdict = { verdict: 'approve', reason: 'as agreed' };
  const decide = `/v1/approvals/${id}/decide`;
  done(decide, await call(ben, 'POST', decide, verdict));
  return bank(path, { ...body, approval_id: id });
}

/** What is given comes a moment later: it follows from the log. */
async function until(look) {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const found = await look();
    if (found) return found;
    await sleep(100);
  }
  return stop('Nothing came of it within ten seconds: what does the server say?');
}

const document = JSON.parse(
  readFileSync(new URL('../../programs/everyday.json', import.meta.url), 'utf8'),
);
const program = 'everyday';
// A second run finds what the first has published.
if ((await ask(`/v1/loyalty/programs/${program}`)).code === 'not_found') {
  await approved('/v1/loyalty/programs', { document });
}
await approved('/v1/rollout', { use_case: 'loyalty-accrual', mode: 'automatic' });
tell('a programme', `${program}: 1 point for 1.00, twice as many in restaurants`);

const who = { kind: 'person', country: 'US', status: 'customer', segment: 'person' };
const made = await bank('/v1/parties', { ...who, name: 'Robin Example', since: '2020-01-01' });
const customer = made.party_id;
const open = (more) => bank('/v1/accounts', { type: 'liability', currency: 'USD', ...more });
const cash = await open({ type: 'asset' });
const account = await open({ bound: 'no_overdraft' });
const restaurant = await open({});
await bank(`/v1/accounts/${account.id}/party`, { party_id: customer });
const post = (from, to, amount, metadata) =>
  bank('/v1/transfers', {
    ...{ debit_account_id: from.id, credit_account_id: to.id, amount, currency: 'USD', metadata },
  });
await post(cash, account, 5_000_00, { kind: 'funding' });

// Nobody is a member before the first points.
const member = () => ask(`/v1/loyalty/members/${customer}?program=${program}`);
const balanceOf = (points) =>
  until(async () => {
    const found = await member();
    return found.balance === points ? found : undefined;
  });

await post(account, restaurant, 149_99, { kind: 'card', mcc: '5812' });
tell('a dinner for 149.99', `${(await balanceOf(300)).balance} points`);
const draw = await post(account, restaurant, 80_00, { kind: 'card', mcc: '6011' });
const [{ id: transfer_id }] = draw.transfers;
await post(account, restaurant, 1_000_00, { kind: 'card', mcc: '5812' });
tell('a feast for 1,000.00', `${(await balanceOf(2_300)).balance} points`);

const claim = await bank('/v1/loyalty/claims', { program, customer, transfer_id });
tell('none for the cash?', `${claim.status}: ${claim.explanation}`);

const reward = {
  ...{ program, reward: 'cashback-10', title: '10.00 back', kind: 'cashback' },
  ...{ description: 'Paid to your account.', points: 2_000, worth: 10_00, stock: null },
  status: 'offered',
};
const dear = await ask('/v1/loyalty/catalogue', { ...reward, points: 9_000 });
tell('10.00 for 9,000 points', dear.errors[0].detail);
const published = await approved('/v1/loyalty/catalogue', reward);
tell('a reward', `${published.title} for ${published.price} points, approved by another person`);

const asked = { program, reward: reward.reward, customer };
const quote = await bank('/v1/loyalty/catalogue/quote', asked);
tell('a quote', `${quote.points} points, for some minutes`);
const redeem = { program, quote_id: quote.quote_id, account_id: account.id };
const redeemed = await bank(`/v1/loyalty/members/${customer}/redemptions`, redeem);
tell('redeemed', `${redeemed.status}: ${(await balanceOf(300)).balance} points are left`);
const twice = await ask(`/v1/loyalty/members/${customer}/redemptions`, redeem);
tell('with the same quote', `${twice.code}: ${twice.detail}`);

const undo = `/v1/loyalty/redemptions/${redeemed.redemption_id}/reverse`;
const reversed = await bank(undo, { reason: 'the customer has changed their mind' });
tell('reversed', `${reversed.status}: ${(await balanceOf(2_300)).balance} points again`);
