// Rewards over HTTP: published, quoted, redeemed and reversed; campaigns, budgets and claims.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openApi } from '../../../test/api.ts';
import { day, tenantOf } from '../../../test/bank.ts';
import { followPoints, openPoints } from '../../../test/points.ts';
import { actAs, publishProgram } from '../../../test/programs.ts';
import { cashback, voucher, withApproval } from '../../../test/rewards.ts';
import { everydayProgram } from '../../capabilities/loyalty/program/shipped.ts';

const api = await openApi({ after });
const { bank } = api;
const { time } = bank;
let tenants = 0;

async function open() {
  tenants += 1;
  const id = `api-rewards-${tenants}`;
  const admin = await api.tenant(id);
  await publishProgram(bank, { id }, { document: everydayProgram() });
  const scopes = ['loyalty:read', 'loyalty:write', 'ledger:read', 'ledger:write', 'register:write'];
  const maker = await api.issue(admin, 'user:mara', {
    scopes: [...scopes, 'policy:write', 'policy:approve'],
  });
  const checker = await api.issue(admin, 'user:ben', {
    ...{ scopes: ['policy:approve', 'loyalty:read', 'loyalty:write'], checker: maker },
  });
  const points = await openPoints(bank, id);
  const tenant = tenantOf(bank.planes, time, id);
  /** Asks for the approval that a refusal speaks of, and has it given. */
  async function approved(refusal: { json: any }, manager?: string): Promise<string> {
    const { subject_kind, subject_digest, approval } = refusal.json;
    const asked = await maker.post('/v1/approvals', {
      subject_kind: subject_kind ?? approval.subject_kind,
      subject_digest: subject_digest ?? approval.subject_digest,
      summary: 'a test',
      expires_at: new Date(time.now + day).toISOString(),
    });
    const verdict = { verdict: 'approve', reason: 'seen' };
    if (manager !== undefined) {
      const decided = { approval_id: asked.json.id, ...verdict };
      await actAs(bank, { id }, manager)('approval.decide', decided);
      return asked.json.id;
    }
    const given = await checker.post(`/v1/approvals/${asked.json.id}/decide`, verdict);
    assert.equal(given.json.status, 'approved', given.text);
    return asked.json.id;
  }
  async function made(url: string, body: object) {
    const first = await maker.post(url, body);
    assert.equal(first.json.code, 'approval_required', first.text);
    return maker.post(url, { ...body, approval_id: await approved(first) });
  }
  async function member(customer: string, held: number) {
    const account = await tenant.open({ bound: 'no_overdraft' });
    const tokens = { name: 'tok_name_00000000000000000000000000' };
    const party = { party_id: customer, kind: 'person', country: 'US', tokens };
    await tenant.execute('party.register', party);
    await tenant.execute('account.link', { account_id: account, party_id: customer });
    if (held > 0) await points.earn(await points.enrol(customer), held);
    await api.seal();
    await followPoints(bank.planes);
    return account;
  }
  return { id, admin, maker, checker, tenant, points, approved, made, member };
}

const catalogue = '/v1/loyalty/catalogue';

test('too few points: it is told how many are needed, and the quote still holds', async () => {
  const { maker, made, member, points } = await open();
  await made(catalogue, voucher);
  await member('cus_1', 1_200);
  const of = { program: 'everyday', reward: 'voucher-10', customer: 'cus_1' };
  const { quote_id } = (await maker.post(`${catalogue}/quote`, of)).json;
  const body = { program: 'everyday', quote_id };
  const path = '/v1/loyalty/members/cus_1/redemptions';
  const { status, json } = await maker.post(path, body);
  assert.deepEqual([status, json.code], [409, 'insufficient_points']);
  assert.deepEqual([json.points_needed, json.points_available], [2_000, 1_200]);
  assert.match(json.detail, /costs 2000 points, and 1200 may be spent/);
  assert.deepEqual((await maker.get('/v1/loyalty/redemptions')).json.items, []);
  await points.earn(await points.enrol('cus_1'), 800);
  await api.seal();
  await followPoints(bank.planes);
  const done = await maker.post(path, body);
  assert.deepEqual([done.status, done.json.status], [201, 'redeemed'], done.text);
});

test('a reward is published by two, listed, quoted, redeemed and reversed', async () => {
  const { maker, made, member } = await open();
  const published = await made(catalogue, cashback);
  assert.equal(published.status, 201, published.text);
  assert.deepEqual([published.json.version, published.json.price], [1, 2_000]);
  const listed = await maker.get(`${catalogue}?program=everyday`);
  assert.deepEqual(listed.json.items, [published.json]);
  const account_id = await member('cus_1', 5_000);
  const of = { program: 'everyday', reward: 'cashback-10', customer: 'cus_1' };
  const quote = await maker.post(`${catalogue}/quote`, of);
  assert.equal(quote.json.points, 2_000, quote.text);
  const body = { program: 'everyday', quote_id: quote.json.quote_id, account_id };
  const url = '/v1/loyalty/members/cus_1/redemptions';
  const done = await maker.post(url, body, { key: 'once' });
  assert.deepEqual([done.status, done.json.status], [201, 'redeemed'], done.text);
  const again = await maker.post(url, body, { key: 'once' });
  assert.deepEqual([again.status, again.json], [200, done.json]);
  const id = done.json.redemption_id;
  assert.equal((await maker.get(`/v1/accounts/${account_id}/balances`)).json.booked, 1_000);
  const reversed = await maker.post(`/v1/loyalty/redemptions/${id}/reverse`, { reason: 'undone' });
  assert.equal(reversed.json.status, 'reversed', reversed.text);
  const twice = await maker.post(`/v1/loyalty/redemptions/${id}/reverse`, { reason: 'undone' });
  assert.equal(twice.status, 409);
  const list = await maker.get('/v1/loyalty/redemptions?customer=cus_1');
  assert.deepEqual(
    list.json.items.map((each: any) => each.status),
    ['reversed'],
  );
  assert.deepEqual((await maker.get(`/v1/loyalty/redemptions/${id}`)).json, list.json.items[0]);
});

test('prices below nothing, other people’s quotes and unknown rewards are refused', async () => {
  const { maker, made, member } = await open();
  await made(catalogue, voucher);
  await member('cus_1', 5_000);
  await member('cus_2', 5_000);
  const negative = await maker.post(catalogue, { ...voucher, points: -5 });
  assert.deepEqual([negative.status, negative.json.errors[0].pointer], [422, '/points']);
  const of = { program: 'everyday', reward: 'voucher-10', customer: 'cus_1' };
  const quote = await maker.post(`${catalogue}/quote`, of);
  const body = { program: 'everyday', quote_id: quote.json.quote_id };
  const stolen = await maker.post('/v1/loyalty/members/cus_2/redemptions', body);
  assert.equal(stolen.status, 404);
  const none = await maker.post(`${catalogue}/quote`, { ...of, reward: 'yacht' });
  assert.equal(none.status, 404);
});

test('what a reward would cost whom is told before anybody is asked to approve it', async () => {
  const { maker, checker, made } = await open();
  const check = async (body: object) => {
    const { status, json, text } = await checker.post(`${catalogue}/check`, body);
    assert.equal(status, 200, text);
    return json;
  };
  const tiers = [{ tier: 'gold', discount_bps: 1_000 }];
  assert.deepEqual(await check({ ...voucher, tiers }), {
    ...{ is_right: true, flaws: [] },
    remarks: [
      'It would cost 2000 points today.',
      'For gold it would cost 1800.',
      'Its price stays from 1000 to 4000 points, for what it is worth.',
      'There would be 5 of it.',
    ],
  });
  const bad = {
    ...voucher,
    points: 5,
    only_tiers: ['silver', 'plastic'],
    until: '2020-01-01T00:00:00Z',
  };
  const found = await check({ ...bad, from: '2020-01-02T00:00:00Z' });
  assert.deepEqual(
    [found.is_right, found.flaws.map((each: any) => each.pointer), found.remarks],
    [false, ['/points', '/only_tiers/1', '/until'], []],
  );
  const elsewhere = await check({ ...voucher, program: 'miles' });
  assert.deepEqual(elsewhere.flaws[0].pointer, '/program');
  assert.deepEqual((await maker.get(`${catalogue}?program=everyday`)).json.items, []);
  await made(catalogue, voucher);
  const again = await check({ ...voucher, status: 'withdrawn', stock: 3 });
  assert.deepEqual(
    [again.remarks[0], again.remarks.at(-1)],
    [
      'Nobody could redeem it; quotes that hold stay good.',
      'There would be 3 of it, in the place of the 5 that are left.',
    ],
  );
  const shape = await checker.post(`${catalogue}/check`, { ...voucher, worth: 0 });
  assert.deepEqual([shape.status, shape.json.errors[0].pointer], [422, '/worth']);
});

test('a campaign is checked before it is made, with the words for its audience', async () => {
  const { checker } = await open();
  const campaign = {
    ...{ program: 'everyday', campaign: 'spring', title: 'Spring', description: 'For spring.' },
    from: new Date(time.now).toISOString(),
    until: new Date(time.now + 9 * day).toISOString(),
    ...{ points: 500, budget: 100_000, audience: { tier: "in ['gold']" } },
  };
  const url = '/v1/loyalty/campaigns/check';
  const { status, json, text } = await checker.post(url, campaign);
  assert.deepEqual([status, json.is_right, json.flaws], [200, true, []], text);
  assert.match(json.remarks[0], /enough for 200 awards/);
  assert.match(json.facts.days_since_earned, /whole days/);
  const wrong = await checker.post(url, { ...campaign, audience: { shoe_size: '> 40' } });
  assert.deepEqual(wrong.json.flaws[0].pointer, '/audience/shoe_size');
  assert.equal((await checker.get('/v1/loyalty/campaigns')).json.items.length, 0);
});

test('a budget is raised by a manager, and who has too little hears how', async () => {
  const { id, maker, checker, made, approved, member } = await open();
  const campaign = {
    ...{ program: 'everyday', campaign: 'spring', title: 'Spring', description: 'For spring.' },
    from: new Date(time.now - day).toISOString(),
    until: new Date(time.now + 9 * day).toISOString(),
    ...{ points: 500, budget: 100_000 },
  };
  const created = await made('/v1/loyalty/campaigns', campaign);
  assert.deepEqual([created.status, created.json.use.left], [201, 0], created.text);
  await member('cus_1', 100);
  const url = '/v1/loyalty/campaigns/spring';
  const empty = await maker.post(`${url}/awards`, { customer: 'cus_1' });
  assert.ok([409, 422].includes(empty.status), empty.text);
  assert.match(empty.json.detail, /POST \/v1\/loyalty\/campaigns\/spring\/fund/);
  const first = await maker.post(`${url}/fund`, { points: 20_000 });
  assert.deepEqual([first.status, first.json.code], [409, 'policy_review'], first.text);
  const role = { principal: 'user:max', role: 'marketing_manager' };
  await withApproval(bank, { id }, 'role.grant', role);
  const approval = await approved(first, 'max');
  const funded = await maker.post(`${url}/fund`, { points: 20_000 }, { key: approval });
  assert.equal(funded.status, 201, funded.text);
  assert.equal(funded.json.use.left, 20_000);
  const given = await maker.post(`${url}/awards`, { customer: 'cus_1' }, { key: 'gift' });
  assert.deepEqual([given.status, given.json.points], [201, 500], given.text);
  const again = await maker.post(`${url}/awards`, { customer: 'cus_1' }, { key: 'gift' });
  assert.deepEqual([again.status, again.json], [200, given.json]);
  const many = { customer: 'cus_1', points: 12_000 };
  const looked = await maker.post(`${url}/awards`, many);
  assert.deepEqual([looked.status, looked.json.reasons], [409, ['many_points']], looked.text);
  const yes = await approved(looked);
  const agreed = await maker.post(`${url}/awards`, many, { key: yes });
  assert.deepEqual([agreed.status, agreed.json.points], [201, 12_000], agreed.text);
  const view = await checker.get(url);
  assert.deepEqual([view.json.use.used, view.json.use.left], [12_500, 7_500]);
  assert.equal((await checker.get('/v1/loyalty/campaigns')).json.items.length, 1);
});

test('a claim is answered with what the rules say, and decided by somebody else', async () => {
  const { maker, checker, tenant, member } = await open();
  const account = await member('cus_1', 0);
  const shop = await tenant.open();
  const leg = { kind: 'post', debit_account_id: shop, credit_account_id: account } as const;
  await tenant.ok({ ...leg, amount: 50_000, currency: 'USD' });
  const { transfers } = await tenant.ok({
    ...{ kind: 'post', debit_account_id: account, credit_account_id: shop },
    ...{ amount: 14_999, currency: 'USD', metadata: { kind: 'card', mcc: '5812' } },
  });
  const body = { program: 'everyday', customer: 'cus_1', transfer_id: transfers[0] };
  const claimed = await maker.post('/v1/loyalty/claims', body, { key: 'claim' });
  // Nobody accrues here: what was not looked at is for people.
  assert.deepEqual(
    [claimed.status, claimed.json.status, claimed.json.points_due],
    [201, 'waiting', 300],
    claimed.text,
  );
  const again = await maker.post('/v1/loyalty/claims', body, { key: 'claim' });
  assert.deepEqual([again.status, again.json.claim_id], [200, claimed.json.claim_id]);
  assert.equal((await maker.post('/v1/loyalty/claims', body)).status, 409);
  const url = `/v1/loyalty/claims/${claimed.json.claim_id}`;
  const verdict = { verdict: 'refuse', reason: 'given at the till' };
  assert.equal((await maker.post(`${url}/decide`, verdict)).json.code, 'not_a_checker');
  const decided = await checker.post(`${url}/decide`, verdict);
  assert.equal(decided.json.status, 'refused', decided.text);
  const list = await maker.get('/v1/loyalty/claims?status=refused');
  assert.deepEqual(list.json.items, [(await maker.get(url)).json]);
  assert.equal((await maker.get('/v1/loyalty/claims/clm_00000000000000000000000000')).status, 404);
});

test('whoever may only read changes nothing, and another tenant sees nothing', async () => {
  const { admin, made } = await open();
  await made(catalogue, voucher);
  const reader = await api.issue(admin, 'service:report', { scopes: ['loyalty:read'] });
  const of = { program: 'everyday', reward: 'voucher-10', customer: 'cus_1' };
  assert.equal((await reader.post(`${catalogue}/quote`, of)).status, 403);
  const other = await open();
  const list = await other.maker.get(`${catalogue}?program=everyday`);
  assert.deepEqual(list.json.items, []);
});
