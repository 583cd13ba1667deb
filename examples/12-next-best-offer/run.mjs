// Offers: a bank publishes what may be offered, and its app asks in a session what fits a customer,
// who accepts it. Whoever has not agreed, or is left alone, is offered nothing, and it is told why.
//   COUNTERSIGN_URL=http://127.0.0.1:7400 COUNTERSIGN_KEY=… node run.mjs
import { createHash, randomUUID } from 'node:crypto';

const { COUNTERSIGN_URL: url, COUNTERSIGN_KEY: key } = process.env;
if (!url || !key) stop('COUNTERSIGN_URL and COUNTERSIGN_KEY say which server, and whose key.');

function stop(why) {
  console.error(`${why}\nexamples/README.md says how a server and a tenant of its own are made.`);
  process.exit(1);
}

async function send(token, method, path, body) {
  const answer = await fetch(url + path, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body && { 'content-type': 'application/json', 'idempotency-key': randomUUID() }),
    },
    ...(body && { body: JSON.stringify(body) }),
  }).catch(() => stop(`${url} does not answer: is the server running?`));
  return { headers: answer.headers, json: await answer.json() };
}
const call = async (...sent) => (await send(...sent)).json;
/** As the bank's administrator, whatever is answered. */
const ask = (path, body) => call(key, body ? 'POST' : 'GET', path, body);
/** What has to work. */
const bank = async (path, body) => done(path, await ask(path, body));
function done(path, said) {
  if (!said.type?.startsWith('/problems/')) return said;
  const places = said.errors?.map(({ pointer, detail }) => `${pointer} ${detail}`);
  return stop(`${path} was refused. ${said.title}: ${places?.join('; ') ?? said.detail}`);
}
const tell = (what, said) => console.log(`${what.padEnd(26)}${said}`);

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
  const request = { subject_kind, subject, summary: 'savings in the app', expires_at };
  const { id } = done('/v1/approvals', await call(ann, 'POST', '/v1/approvals', request));
  const verdict = { verdict: 'approve', reason: 'the price is right' };
  const decide = `/v1/approvals/${id}/decide`;
  done(decide, await call(ben, 'POST', decide, verdict));
  return bank(path, { ...body, approval_id: id });
}

const code = `savings-${randomUUID().slice(0, 8)}`;
const action = {
  code,
  title: 'Premium savings',
  product: { code: code.toUpperCase(), kind: 'savings' },
  treatments: [{ channel: 'in_app', message: 'Earn {rate} a year from {amount} on.' }],
  why: 'Much has come in lately.',
  applicability: [
    { id: 'large_deposit', when: "'large_deposit' in activity", says: 'nothing large came in' },
  ],
  value: 12_000,
  terms: { amount: 1_000_000, currency: 'EUR', rate_bps: 350 },
  propensity: { starting_ppm: 300_000, evidence: 50 },
  valid_days: 14,
};
const published = await approved('/v1/offers/actions', { action });
tell('an action', `${published.status}, version ${published.version}, approved by another person`);
await approved('/v1/rollout', { use_case: 'next-best-offer', mode: 'automatic' });

async function customer(consents) {
  const who = { kind: 'person', country: 'DE', status: 'customer', segment: 'person' };
  const made = await bank('/v1/parties', { ...who, name: 'Robin Example', since: '2020-01-01' });
  const { party_id } = made;
  // The register has no date of birth: the bank tells what follows from it.
  await bank(`/v1/offers/customers/${party_id}`, { of_age: true });
  for (const consent of consents) {
    const given = { status: 'granted', source: 'app', text_version: '2026-01' };
    await bank('/v1/consents', { ...consent, person: party_id, ...given });
  }
  return party_id;
}
const app = { purpose: 'marketing', channel: 'in_app' };

/** As the app sends it: amounts are decimals here, and never money. */
async function inSession(customer_id, recent_activity) {
  const path = '/v1/offers/in-session';
  const { headers, json } = await send(key, 'POST', path, {
    customer_id,
    session_context: { current_page: 'account_overview', recent_activity },
    core_banking_data_snapshot: { avg_monthly_balance: 12_500.5, account_age_days: 720 },
  });
  const ids = headers.get('offer-ids')?.split(', ').filter(Boolean) ?? [];
  return { offers: done(path, json).offers, ids, withheld: headers.get('offers-withheld') };
}

const silent = await inSession(await customer([]), ['large_deposit']);
tell('without consent', `${silent.offers.length} offers: ${silent.withheld}`);

// Some are held out, so that it can be told what offers change: the next one is asked then.
let [robin, shown] = ['', { offers: [] }];
for (let attempt = 0; shown.offers.length === 0 && attempt < 50; attempt += 1) {
  robin = await customer([app]);
  if (attempt === 0) {
    const { offers, withheld } = await inSession(robin, []);
    tell('nothing came in', `${offers.length} offers: ${withheld}`);
  }
  shown = await inSession(robin, ['large_deposit']);
}
const [offer] = shown.offers;
if (!offer) stop(`Nothing was offered to fifty customers: ${shown.withheld}.`);
tell('a large deposit', offer.personalized_message);
tell('how likely', `${offer.eligibility_score}: expected, before anybody has answered`);
const again = await inSession(robin, ['large_deposit']);
tell('asked again', again.ids[0] === shown.ids[0] ? 'the same offer' : 'another one');

const [id] = shown.ids;
const accepted = await bank(`/v1/offers/${id}/accept`, {});
tell('accepted', accepted.history.map(({ act }) => act).join(', '));
const late = await ask(`/v1/offers/${id}/decline`, {});
tell('declined then', `${late.code}: ${late.detail}`);
const contacts = await bank(`/v1/offers/contacts?customer=${robin}`);
tell('contacts', `${contacts.offers_this_month} of ${contacts.offers_max} within 30 days`);

const stopped = await bank(`/v1/offers/actions/${code}/stop`, {});
tell('no longer on offer', stopped.status);
