// Members over HTTP: what they hold, what has moved, and points by hand, as policy lets them.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { instantToText } from '#core';
import { readFileSync } from 'node:fs';
import { type Caller, openApi } from '../../../test/api.ts';
import { day } from '../../../test/bank.ts';
import { followPoints, openPoints } from '../../../test/points.ts';
import { publishProgram } from '../../../test/programs.ts';
import { matureCommand } from '../../capabilities/loyalty/points.ts';

const api = await openApi({ after });
const { bank } = api;
const { planes, time } = bank;
const document = JSON.parse(
  readFileSync(new URL('../../../programs/everyday.json', import.meta.url), 'utf8'),
);

let shops = 0;

/** A tenant with a programme in force; Mara may give points by hand, Ben approves. */
async function open() {
  shops += 1;
  const id = `members-${shops}`;
  const boss = await api.tenant(id);
  await publishProgram(bank, { id }, { document });
  const points = await openPoints(bank, id);
  const scopes = ['loyalty:read', 'loyalty:write', 'policy:write', 'policy:approve'];
  const mara = await api.issue(boss, 'user:mara', { scopes });
  const ben = await api.issue(boss, 'user:ben', { scopes: ['policy:approve'], checker: mara });
  const url = '/v1/loyalty/members';
  const fold = async () => {
    await api.seal();
    await followPoints(planes);
  };
  const enrol = async (customer: string) => {
    const made = await mara.post(url, { program: 'everyday', customer });
    assert.equal(made.status, 200, made.text);
    return points.enrol(customer);
  };
  const adjust = (body: object, options = {}, by: Caller = mara, customer = 'cus_1') =>
    by.post(`${url}/${customer}/adjustments`, { program: 'everyday', ...body }, options);
  const see = async (what = '', by: Caller = mara) => {
    await fold();
    const query = what.includes('?') ? '&' : '?';
    return by.get(`${url}/cus_1${what}${query}program=everyday`);
  };
  return { id, boss, mara, ben, points, enrol, adjust, see, fold, url };
}

test('a member stands at what was given and taken, each with its reason and rules', async () => {
  const { mara, points, enrol, adjust, see, url } = await open();
  const member = await enrol('cus_1');
  const again = await mara.post(url, { program: 'everyday', customer: 'cus_1' });
  assert.deepEqual([again.status, again.json.enrolled_at], [200, member.enrolled_at]);
  await points.earn(member, 300, { rules: ['dining', 'base'], spend: 14_999 });
  await points.earn(member, 40, { to: 'pending', maturesAt: instantToText(time.now + day) });
  const given = await adjust({ points: 500, reason: 'goodwill', source: 'case 7' });
  assert.equal(given.status, 201, given.text);
  const taken = await adjust({ points: -100, reason: 'correction' });
  assert.deepEqual([taken.status, taken.json.points, taken.json.transfers.length], [201, -100, 1]);

  const seen = await see();
  assert.equal(seen.status, 200, seen.text);
  const { active, pending, owed, balance, spendable, lifetime_earned, tier } = seen.json;
  assert.deepEqual([active, pending, owed, balance, spendable], [700, 40, 0, 700, 700]);
  assert.deepEqual([lifetime_earned, tier], [740, document.tiers?.levels[0].id ?? null]);
  // Of the hundred that were taken the programme knows whose expiry came first.
  assert.equal(seen.json.expiring[0].points, 400);

  const lots = await see('/lots?limit=2');
  assert.deepEqual(
    lots.json.items.map((lot: any) => [lot.entry, lot.reason, lot.points, lot.active]),
    [
      ['adjust', 'goodwill', 500, 400],
      ['earn', 'purchase', 40, 0],
    ],
  );
  const rest = await see(`/lots?after=${lots.json.next}`);
  assert.deepEqual(rest.json.items[0].rules, ['dining', 'base']);
  assert.deepEqual([rest.json.items.length, rest.json.next], [1, null]);
});

test('entries tell all that has moved, page by page, newest first', async () => {
  const { points, enrol, adjust, see } = await open();
  const member = await enrol('cus_1');
  for (const many of [10, 20, 30]) await points.earn(member, many);
  await points.redeem(member, 25);
  time.now += 1_000;
  await adjust({ points: 5, reason: 'goodwill' });
  const all = await see('/entries');
  assert.equal(all.status, 200, all.text);
  const told = all.json.items.map(({ entry, change, from, to }: any) => [entry, change, from, to]);
  assert.deepEqual(told[0], ['adjust', 5, null, 'active']);
  assert.deepEqual(told.length, 5);
  assert.equal(
    all.json.items.reduce((sum: number, { change }: any) => sum + change, 0),
    40,
  );
  const paged: unknown[] = [];
  for (let next: string | null = ''; next !== null; ) {
    const page = await see(`/entries?limit=2${next === '' ? '' : `&after=${next}`}`);
    assert.equal(page.status, 200, page.text);
    paged.push(...page.json.items);
    next = page.json.next;
  }
  assert.deepEqual(paged, all.json.items);
  for (const after of ['x', '1.2', '1.2.-3', '99999999999999999999.1.1']) {
    assert.equal((await see(`/entries?after=${after}`)).status, 422, after);
  }
});

test('what moves within a membership is one entry, and changes nothing', async () => {
  const { points, enrol, see } = await open();
  const member = await enrol('cus_1');
  await points.earn(member, 40, { to: 'pending' });
  const lots = [{ points: 40 }];
  await planes.execute(matureCommand({ ...points.moving(member), lots }));
  const { items } = (await see('/entries')).json;
  assert.deepEqual(
    items.map(({ entry, change, from, to }: any) => [entry, change, from, to]).sort(),
    [
      ['earn', 40, null, 'pending'],
      ['mature', 0, 'pending', 'active'],
    ],
  );
});

test('above 10,000 points the answer says how to ask, and it is done as asked', async () => {
  const { boss, mara, ben, points, enrol, adjust, see } = await open();
  const member = await enrol('cus_1');
  const body = { points: 12_000, reason: 'missing_points', source: 'case 9' };
  const refused = await adjust(body);
  assert.deepEqual([refused.status, refused.json.code], [409, 'policy_review'], refused.text);
  assert.deepEqual(refused.json.reasons, ['many_points']);
  const { subject_kind, subject_digest, summary, instruction } = refused.json.approval;
  assert.match(instruction, /Idempotency-Key: apr_/);
  const expires_at = instantToText(time.now + 80 * day);
  const asked = await mara.post('/v1/approvals', {
    ...{ subject_kind, subject_digest, summary, expires_at },
  });
  assert.equal(asked.status, 201, asked.text);
  const key = asked.json.id;
  const early = await adjust(body, { key });
  assert.deepEqual([early.status, early.json.code], [409, 'approval_invalid'], early.text);
  const verdict = { verdict: 'approve', reason: 'looked at' };
  const own = await mara.post(`/v1/approvals/${key}/decide`, verdict);
  assert.equal(own.status, 403);
  assert.ok((await ben.post(`/v1/approvals/${key}/decide`, verdict)).status < 300);
  // Meanwhile points were earned, and the programme would count from another day.
  await points.earn(member, 100);
  time.now += 40 * day;
  const others = await adjust({ ...body, points: 13_000 }, { key });
  assert.deepEqual([others.status, others.json.code], [409, 'approval_invalid'], others.text);
  const done = await adjust(body, { key });
  assert.equal(done.status, 201, done.text);
  const again = await adjust(body, { key });
  assert.deepEqual([again.status, again.json], [200, done.json]);
  assert.equal((await see()).json.active, 12_100);
  const approval = await boss.get(`/v1/approvals/${key}`);
  assert.equal(approval.json.status, 'used', approval.text);
});

test('a retry is told the first answer, whatever has moved since', async () => {
  const { points, enrol, adjust, see } = await open();
  const member = await enrol('cus_1');
  const body = { points: 50, reason: 'goodwill' };
  const first = await adjust(body, { key: 'gift-1' });
  await points.earn(member, 10);
  time.now += 100 * day;
  const again = await adjust(body, { key: 'gift-1' });
  assert.deepEqual([first.status, again.status], [201, 200], again.text);
  assert.deepEqual(again.json, first.json);
  const other = await adjust({ ...body, points: 51 }, { key: 'gift-1' });
  assert.deepEqual([other.status, other.json.code], [422, 'idempotency_key_reused'], other.text);
  assert.equal((await see()).json.active, 60);
});

test('what makes no sense is refused, field by field', async () => {
  const { mara, enrol, adjust, url } = await open();
  await enrol('cus_1');
  const fine = { points: 10, reason: 'goodwill' };
  const bad: readonly [object, number][] = [
    [{ ...fine, points: 0 }, 422],
    [{ ...fine, points: 1.5 }, 422],
    [{ ...fine, points: 2 ** 53 }, 422],
    [{ ...fine, points: '10' }, 422],
    [{ ...fine, reason: 'Because I say so' }, 422],
    [{ ...fine, metadata: { lot: 'trf_1' } }, 422],
    [{ ...fine, expects: {} }, 422],
    [{ ...fine, approvals: 3 }, 422],
    [{ ...fine, source: 'anna.bell@example.com' }, 422],
    [{ ...fine, expires_at: '2020-01-01T00:00:00Z' }, 422],
    [{ ...fine, expires_at: '2026-02-30T00:00:00Z' }, 422],
    [{ ...fine, program: 'nowhere' }, 404],
  ];
  for (const [body, status] of bad) {
    const tried = await adjust(body);
    assert.equal(tried.status, status, `${JSON.stringify(body)} ${tried.text}`);
  }
  const missing = await adjust({ points: -1, reason: 'correction' });
  assert.deepEqual([missing.status, missing.json.code], [422, 'insufficient_funds']);
  assert.equal((await adjust(fine, {}, mara, 'cus_none')).status, 404);
  for (const what of ['', '/lots', '/entries']) {
    assert.equal((await mara.get(`${url}/cus_none${what}?program=everyday`)).status, 404);
  }
  const person = { program: 'everyday', customer: '4111111111111111' };
  assert.equal((await mara.post(url, person)).status, 422);
});

test('members are those of the caller’s bank, and for those who may see them', async () => {
  const [ours, theirs] = [await open(), await open()];
  const member = await ours.enrol('cus_1');
  await ours.points.earn(member, 300);
  await ours.fold();
  assert.equal((await theirs.see()).status, 404);
  assert.equal((await theirs.adjust({ points: 5, reason: 'goodwill' })).status, 404);
  const listed = await theirs.mara.get(`${theirs.url}?program=everyday`);
  assert.deepEqual(listed.json, { items: [], next: null });
  const own = await ours.mara.get(`${ours.url}?program=everyday`);
  assert.deepEqual(
    own.json.items.map(({ customer, balance }: any) => [customer, balance]),
    [['cus_1', 300]],
  );
  const reader = await api.issue(ours.boss, 'user:cid', { scopes: ['loyalty:read'] });
  assert.equal((await ours.see('', reader)).status, 200);
  const tried = await ours.adjust({ points: 5, reason: 'goodwill' }, {}, reader);
  assert.equal(tried.status, 403);
  const stranger = await api.issue(ours.boss, 'user:dan', { scopes: ['ledger:write'] });
  assert.equal((await ours.see('', stranger)).status, 403);
  // Nor by the routes of the ledger.
  const { accounts } = ours.points;
  const leg = {
    ...{ debit_account_id: accounts.issued, credit_account_id: member.accounts.active },
    ...{ amount: 5, currency: 'POINTS', metadata: { entry: 'earn', member: 'cus_1' } },
  };
  const posted = await stranger.post('/v1/transfers', leg);
  assert.deepEqual([posted.status, posted.json.code], [403, 'policy_denied'], posted.text);
  assert.deepEqual(posted.json.reasons, ['moves_by_program']);
});

test('a membership is suspended: nothing is given, and what is wrong is still taken', async () => {
  const { mara, points, enrol, adjust, see, url } = await open();
  const member = await enrol('cus_1');
  await points.earn(member, 300);
  const change = (standing: string, key?: string) => {
    const body = { program: 'everyday', standing, reason: 'under review' };
    return mara.post(`${url}/cus_1/standing`, body, key === undefined ? {} : { key });
  };
  const suspended = await change('suspended', 'suspend-1');
  assert.deepEqual([suspended.status, suspended.json.standing], [201, 'suspended'], suspended.text);
  assert.equal((await change('suspended', 'suspend-1')).status, 200);
  const given = await adjust({ points: 5, reason: 'goodwill' });
  assert.deepEqual(given.json.reasons, ['not_in_good_standing'], given.text);
  assert.equal((await adjust({ points: -300, reason: 'fraud' })).status, 201);
  assert.equal((await see()).json.balance, 0);
  assert.equal((await change('closed')).status, 201);
  assert.equal((await change('good')).status, 409);
});
