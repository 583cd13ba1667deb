// What somebody with a key and bad intent tries on the policy plane, and where it stops.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type Caller, openApi, type Reply } from './api.ts';
import { day } from './bank.ts';

const api = await openApi({ after });
const { planes, time, superuser } = api.bank;
const scopes = [
  ...['ledger:read', 'ledger:write', 'events:read'],
  ...['policy:read', 'policy:write', 'policy:approve', 'policy:decide'],
];
let tenants = 0;

async function openTenant() {
  tenants += 1;
  const id = `hostile-${tenants}`;
  const boss = await api.tenant(id);
  const key = (holder: string, more: { checker?: Caller } = {}) =>
    api.issue(boss, holder, { scopes, ...more });
  const ann = await key('user:ann');
  return { id, key, ann, bob: await key('user:bob', { checker: ann }) };
}

const tell = ({ status, json }: Reply) => [status, json?.code];
const inDays = (days: number) => new Date(time.now + days * day).toISOString();

async function approve(maker: Caller, checker: Caller, asked: object): Promise<string> {
  const { json, text } = await maker.post('/v1/approvals', asked);
  const verdict = { verdict: 'approve', reason: 'looked at' };
  const given = await checker.post(`/v1/approvals/${json.id}/decide`, verdict);
  assert.equal(given.json.status, 'approved', text + given.text);
  return json.id;
}

/** A transfer that a person may not post alone, and the approval that policy asks for. */
async function largeTransfer(ann: Caller) {
  const [from, to] = [await ann.open(), await ann.open()];
  const body = { debit_account_id: from, credit_account_id: to, amount: 500_000_000 };
  const transfer = { ...body, currency: 'EUR' };
  const refused = await ann.post('/v1/transfers', transfer);
  assert.deepEqual(tell(refused), [409, 'policy_review'], refused.text);
  const { subject_kind, subject_digest } = refused.json.approval;
  const asked = { subject_kind, subject_digest, summary: 'rent', expires_at: inDays(1) };
  return { transfer, asked };
}

/** The shipped bundle of a point with one more rule, published by two people. */
async function publishStricter({ ann, bob }: { ann: Caller; bob: Caller }, point: string) {
  const acts = (await ann.get(`/v1/policies/${point}`)).json.items;
  const supersedes = acts[0].digest;
  const { bundle } = (await ann.get(`/v1/policy-bundles/${supersedes}`)).json;
  const [reason] = Object.keys(bundle.reasons);
  const rules = [...bundle.rules, { id: 'nothing-goes', outcome: 'deny', reason }];
  const tests = [{ name: 'nothing goes', facts: {}, expect: { outcome: 'deny' } }];
  const { digest } = (await ann.post('/v1/policies', { ...bundle, rules, tests })).json;
  await api.seal();
  const tested = await ann.post(`/v1/policy-bundles/${digest}/backtests`, { decisions: 10 });
  const approval_id = await approve(ann, bob, tested.json.approval);
  return ann.post(`/v1/policies/${point}/publications`, {
    ...{ digest, supersedes, approval_id, backtest_id: tested.json.id },
  });
}

test('an approval is good for one command, until it ends, and once', async () => {
  const { ann, bob } = await openTenant();
  const { transfer, asked } = await largeTransfer(ann);
  const try_ = (key: string, more = {}) =>
    ann.post('/v1/transfers', { ...transfer, ...more }, { key });
  const review = [409, 'policy_review'];
  const spared = [409, 'approval_invalid'];
  assert.deepEqual(
    tell(await try_(await approve(ann, bob, asked), { amount: 500_000_001 })),
    spared,
  );
  const renamed = await approve(ann, bob, { ...asked, subject_kind: 'role.grant' });
  assert.deepEqual(tell(await try_(renamed)), spared, 'of another kind');
  const withdrawn = await approve(ann, bob, asked);
  await ann.post(`/v1/approvals/${withdrawn}/withdraw`, {});
  assert.deepEqual(tell(await try_(withdrawn)), spared, 'withdrawn');
  const late = await approve(ann, bob, asked);
  time.now += 2 * day;
  assert.deepEqual(tell(await try_(late)), spared, 'expired');
  const good = await approve(ann, bob, { ...asked, expires_at: inDays(1) });
  assert.equal((await try_(good)).status, 201);
  assert.equal((await try_(good)).headers['idempotent-replayed'], 'true');
  assert.deepEqual(tell(await try_(`${good}#1`)), review, 'a key that only begins like it');
});

test('an approval of one tenant is nothing to another', async () => {
  const [one, other] = [await openTenant(), await openTenant()];
  const { asked } = await largeTransfer(one.ann);
  const { json } = await one.ann.post('/v1/approvals', asked);
  const verdict = { verdict: 'approve', reason: 'why not' };
  assert.equal((await other.bob.get(`/v1/approvals/${json.id}`)).status, 404);
  assert.equal((await other.bob.post(`/v1/approvals/${json.id}/decide`, verdict)).status, 404);
  const grant = { use_case: 'offers', channel: '*', product: '*', cohort: '*', mode: 'automatic' };
  const of = { subject_kind: 'rollout.set', subject: grant, summary: 'x', expires_at: inDays(1) };
  const theirs = await approve(one.ann, one.bob, of);
  const set = await other.ann.post('/v1/rollout', { ...grant, approval_id: theirs });
  assert.deepEqual([...tell(set), set.json.reason], [409, 'approval_invalid', 'not_found']);
});

test('what another tenant has drafted, tested or decided is not there', async () => {
  const [one, other] = [await openTenant(), await openTenant()];
  const bundle = {
    ...{ format: 1, name: 'gift-cards', title: 'Gifts', description: 'Who may buy.' },
    facts: { amount: { type: 'integer', description: 'Minor units.' } },
    reasons: { small: 'It is small.' },
    rules: [{ id: 'small', if: { amount: '< 5' }, outcome: 'allow', reason: 'small' }],
    tests: [{ name: 'small', facts: { amount: 1 }, expect: { outcome: 'allow' } }],
  };
  const { digest } = (await one.ann.post('/v1/policies', bundle)).json;
  const tested = await one.ann.post(`/v1/policy-bundles/${digest}/backtests`, {});
  const asked = { point: 'rail-routing', facts: {} };
  const { decision_id } = (await one.ann.post('/v1/decisions', asked)).json;
  for (const path of [
    `/v1/policy-bundles/${digest}`,
    `/v1/policy-bundles/${digest}/backtests/${tested.json.id}`,
    `/v1/decisions/${decision_id}`,
    `/v1/decisions/${decision_id}/explanation`,
  ]) {
    assert.equal((await one.ann.get(path)).status, 200, path);
    assert.equal((await other.ann.get(path)).status, 404, path);
  }
  // The program is compiled and remembered by now, for whoever has the bundle on record.
  const backtests = `/v1/policy-bundles/${digest}/backtests`;
  assert.equal((await other.ann.post(backtests, {})).status, 404);
  const shadow = await other.ann.post('/v1/policies/rail-routing/shadow', { digest });
  assert.equal(shadow.status, 404);
  assert.equal((await other.ann.post('/v1/policies', bundle)).json.digest, digest);
  const report = { digest, supersedes: null, backtest_id: tested.json.id };
  const subject = { name: 'gift-cards', digest, backtest_id: tested.json.id, effective_at: null };
  const of = { subject_kind: 'policy.publish', subject, summary: 'x', expires_at: inDays(1) };
  const approval_id = await approve(other.ann, other.bob, of);
  const publication = { ...report, approval_id };
  const published = await other.ann.post('/v1/policies/gift-cards/publications', publication);
  assert.deepEqual(tell(published), [409, 'backtest_required'], 'on the test of another tenant');
});

test('nothing is posted by the bundle before, once another is published', async () => {
  const tenant = await openTenant();
  const { id, ann } = tenant;
  const teller = await tenant.key('service:teller');
  const [from, to] = [await ann.open(), await ann.open()];
  const body = { debit_account_id: from, credit_account_id: to, amount: 1, currency: 'EUR' };
  let isOver = false;
  const posting = Array.from({ length: 6 }, async () => {
    while (!isOver) await teller.post('/v1/transfers', body);
  });
  const published = await publishStricter(tenant, 'ledger-operations');
  assert.equal(published.status, 201, published.text);
  await new Promise((resolve) => setTimeout(resolve, 100));
  isOver = true;
  await Promise.all(posting);
  const { rows } = await superuser.query<{ told: string }>(
    `select case type when 'policy.published' then 'published'
              else body::jsonb #>> '{data,payload,outcome}' end as told
       from core.event where tenant_id = $1
        and (type = 'policy.published'
          or body::jsonb #>> '{data,payload,point}' = 'ledger-operations') order by seq`,
    [id],
  );
  const told = rows.map((row) => row.told);
  const at = told.indexOf('published');
  assert.ok(told.slice(0, at).includes('allow') && at < told.length - 1, 'both sides were heard');
  assert.deepEqual(new Set(told.slice(at + 1)), new Set(['deny']));
});

test('no decision counts on a consent that is withdrawn already', async () => {
  const { id, ann, key } = await openTenant();
  const service = await key('service:offers');
  const person = 'cus_00000001';
  const of = { purpose: 'ai_data_use', person, source: 'app', text_version: 'v1' };
  await ann.post('/v1/consents', { ...of, status: 'granted' });
  const facts = { agent_id: 'a', tool: 'read' };
  const question = { point: 'agent-actions', facts, about: { subject: person } };
  let [isOver, heard] = [false, 0];
  const asking = Array.from({ length: 6 }, async () => {
    while (!isOver) {
      await service.post('/v1/decisions', question);
      heard += 1;
    }
  });
  /** Each of the six has asked meanwhile, from its beginning. */
  const more = async () => {
    const until = heard + 12;
    while (heard < until) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  await more();
  assert.equal((await ann.post('/v1/consents', { ...of, status: 'withdrawn' })).status, 201);
  await more();
  isOver = true;
  await Promise.all(asking);
  const { rows } = await superuser.query<{ told: string }>(
    `select coalesce(body::jsonb #>> '{data,payload,facts,customer_consent}', 'withdrawn') as told
       from core.event where tenant_id = $1
        and (type = 'consent.withdrawn'
          or body::jsonb #>> '{data,payload,point}' = 'agent-actions') order by seq`,
    [id],
  );
  const told = rows.map((row) => row.told);
  const at = told.indexOf('withdrawn');
  assert.ok(told.slice(0, at).includes('true') && at < told.length - 1, 'both sides were heard');
  assert.deepEqual(new Set(told.slice(at + 1)), new Set(['false']));
});

test('facts with the names of machinery, or numbers that are none, decide nothing', async () => {
  const { ann } = await openTenant();
  const ask = (facts: string) =>
    ann.post('/v1/decisions', `{"point":"rail-routing","facts":${facts}}`);
  for (const name of [
    '__proto__',
    'constructor',
    'toString',
    'data_consent',
    'rollout',
    'Amount',
  ]) {
    const { status, json } = await ask(`{"${name}": true}`);
    assert.deepEqual([name, status, json.code], [name, 422, 'invalid_request']);
  }
  assert.equal((await ask('{"currency": "\\ud800"}')).status, 422, 'half a sign');
  for (const amount of ['9007199254740993', '1e400', '1e3', '"1"', 'true']) {
    const { json } = await ask(`{"amount": ${amount}}`);
    const codes = json.reasons.map(({ code }: { code: string }) => code);
    assert.deepEqual([amount, json.outcome], [amount, 'review']);
    assert.ok(codes.includes('fact_invalid'), amount);
  }
});

test('text of Cedar or SQL in an id stays an id', async () => {
  const { ann } = await openTenant();
  const id = `x"}; permit(principal, action, resource); //`;
  const resource = { type: 'Account', id };
  const asked = { principal: 'agent:eve', action: 'account.read', resource };
  const { json } = await ann.post('/v1/entitlements/check', asked);
  assert.equal(json.allowed, false);
  for (const path of [
    `/v1/decisions?reason=${encodeURIComponent("' or 1=1 --")}`,
    `/v1/decisions?point=${encodeURIComponent('%')}`,
    `/v1/policies?after=${encodeURIComponent("'; drop table policy.release; --")}`,
    `/v1/role-grants?after=${encodeURIComponent("user:x' or")}`,
    `/v1/screening-lists?after=${encodeURIComponent("'")}`,
  ]) {
    const found = await ann.get(path);
    assert.ok(found.status < 500, found.text);
  }
});

test('a token opens for its tenant alone, and never for half of an erasure', async () => {
  const [one, other] = [await openTenant(), await openTenant()];
  const { vault } = planes;
  const items = [{ person: 'cus_1', class: 'email', value: 'ann@example.com' }] as const;
  const [token = ''] = await vault.tokenize(one.id, items);
  assert.deepEqual(await vault.detokenize(other.id, [token]), [undefined]);
  assert.equal(await vault.erase(other.id, 'cus_1'), 0);
  assert.deepEqual(await vault.detokenize(one.id, [token]), ['ann@example.com']);
  const racing = Array.from({ length: 30 }, async (_, turn) => {
    if (turn % 3 === 0) return vault.erase(one.id, 'cus_1');
    const tokens = await vault.tokenize(one.id, items);
    return vault.detokenize(one.id, tokens);
  });
  for (const found of await Promise.all(racing)) {
    if (Array.isArray(found)) assert.ok([undefined, 'ann@example.com'].includes(found[0]));
  }
  await vault.erase(one.id, 'cus_1');
  assert.deepEqual(await vault.detokenize(one.id, [token]), [undefined]);
});
