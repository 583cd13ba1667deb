// Offers: a bank publishes what may be offered, and its app asks in a session what fits a customer,
// who accepts it. Whoever has not agreed, or is left alone, is offered nothing, and it is told why.
//   COUNTERSIGN_URL=http://127.0.0.1:7400 COUNTERSIGN_KEY=… node run.mjs
import { createHash, randomUUID } from 'node:crypto';

const { COUNTERSIGN_URL: url, COUNTERSIGN_KEY: key } = process.env;

async function send(token, method, path, body) {
  const answer = await fetch(url + path, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body && { 'content-type': 'application/json', 'idempotency-key': randomUUID() }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { headers: answer.headers, json: await answer.json() };
}
const call = async (...sent) => (await send(...sent)).json;
const bank = (path, body) => call(key, body ? 'POST' : 'GET', path, body);
const tell = (what, said) => console.log(`${what.padEnd(26)}${said}`);

// Two people of the bank. Whoever governs makes his secret himself: the bank knows its digest.
const digestOf = (text) => createHash('sha256').update(text).digest('hex');
async function person(name, scopes) {
  const secret = digestOf(`a secret of ${name}'s own, beside ${key}`);
  if ((await call(secret, 'GET', '/v1/session')).code === 'unauthenticated') {
    const user = { name, principal_kind: 'user', principal_id: name, scopes };
    const { code, title } = await bank('/v1/api-keys', {
      ...user,
      secret_digest: digestOf(secret),
    });
    // Where there are people who approve already, one of them has to agree: take a new tenant.
    if (code) throw new Error(`no key for ${name}: ${code}. ${title}`);
  }
  return secret;
}
const ann = await person('ann', ['policy:read', 'policy:write']);
const ben = await person('ben', ['policy:read', 'policy:approve']);

/** What needs another person: Ann asks, Ben agrees to exactly that, and it is done. */
async function approved(path, body) {
  const refused = await bank(path, body);
  if (refused.code !== 'approval_required') return refused;
  const { subject_kind, subject } = refused;
  const expires_at = new Date(Date.now() + 3_600_000).toISOString();
  const request = { subject_kind, subject, summary: 'savings in the app', expires_at };
  const { id } = await call(ann, 'POST', '/v1/approvals', request);
  const verdict = { verdict: 'approve', reason: 'the price is right' };
  await call(ben, 'POST', `/v1/approvals/${id}/decide`, verdict);
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
  const { headers, json } = await send(key, 'POST', '/v1/offers/in-session', {
    customer_id,
    session_context: { current_page: 'account_overview', recent_activity },
    core_banking_data_snapshot: { avg_monthly_balance: 12_500.5, account_age_days: 720 },
  });
  const ids = headers.get('offer-ids')?.split(', ').filter(Boolean) ?? [];
  return { offers: json.offers, ids, withheld: headers.get('offers-withheld') };
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
tell('a large deposit', offer.personalized_message);
tell('how likely', `${offer.eligibility_score}: expected, before anybody has answered`);
const again = await inSession(robin, ['large_deposit']);
tell('asked again', again.ids[0] === shown.ids[0] ? 'the same offer' : 'another one');

const [id] = shown.ids;
const accepted = await bank(`/v1/offers/${id}/accept`, {});
tell('accepted', accepted.history.map(({ act }) => act).join(', '));
const late = await bank(`/v1/offers/${id}/decline`, {});
tell('declined then', `${late.code}: ${late.detail}`);
const contacts = await bank(`/v1/offers/contacts?customer=${robin}`);
tell('contacts', `${contacts.offers_this_month} of ${contacts.offers_max} within 30 days`);

const stopped = await bank(`/v1/offers/actions/${code}/stop`, {});
tell('no longer on offer', stopped.status);
