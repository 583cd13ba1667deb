import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { instantToText } from '#core';
import { readFileSync } from 'node:fs';
import { type Caller, openApi } from '../../../test/api.ts';
import { day } from '../../../test/bank.ts';

const api = await openApi({ after });
const { time } = api.bank;
const everyday = JSON.parse(
  readFileSync(new URL('../../../programs/everyday.json', import.meta.url), 'utf8'),
);
const dinner = { kind: 'purchase', amount: 14_999, currency: 'USD', mcc: '5812' };

let shops = 0;

/** A tenant with Mara, who keeps its programmes, and Ben, who approves. */
async function open() {
  shops += 1;
  const boss = await api.tenant(`loyal-${shops}`);
  const ben = await api.issue(boss, 'user:ben', { scopes: ['policy:approve', 'loyalty:read'] });
  const mara = await api.issue(boss, 'user:mara', { scopes: ['loyalty:read', 'loyalty:write'] });
  return { boss, ben, mara };
}

/** Does what the answers say: asks for the approval of the subject, and publishes with it. */
async function publish(people: { boss: Caller; ben: Caller; mara: Caller }, body: object) {
  const needs = await people.mara.post('/v1/loyalty/programs', body);
  assert.deepEqual([needs.status, needs.json.code], [403, 'approval_required'], needs.text);
  const { subject_kind, subject, subject_digest } = needs.json;
  const expires_at = instantToText(time.now + day);
  const asked = await people.boss.post('/v1/approvals', {
    ...{ subject_kind, subject, subject_digest, summary: 'a programme', expires_at },
  });
  assert.equal(asked.status, 201, asked.text);
  const { id } = asked.json;
  const verdict = { verdict: 'approve', reason: 'read' };
  const given = await people.ben.post(`/v1/approvals/${id}/decide`, verdict);
  assert.ok(given.status < 300, given.text);
  return people.mara.post('/v1/loyalty/programs', { ...body, approval_id: id });
}

test('a programme is drafted, read by who approves it, published and read', async () => {
  const people = await open();
  const drafted = await people.mara.post('/v1/loyalty/programs/everyday/drafts', {
    document: everyday,
  });
  assert.equal(drafted.status, 201, drafted.text);
  const { digest, version } = drafted.json;
  const path = `/v1/loyalty/programs/everyday/documents/${digest}`;
  assert.deepEqual((await people.ben.get(path)).json.document, everyday);
  assert.equal((await people.ben.get('/v1/loyalty/programs/everyday')).status, 404);
  const { status, json } = await publish(people, { document: everyday });
  assert.equal(status, 201);
  assert.deepEqual([json.version, json.ordinal, json.standing], [version, 1, 'in_force']);
  const { items } = (await people.ben.get('/v1/loyalty/programs')).json;
  assert.deepEqual(
    items.map(({ name, unit, currency }: any) => [name, unit, currency]),
    [['everyday', 'POINTS', 'USD']],
  );
  const found = (await people.ben.get('/v1/loyalty/programs/everyday')).json;
  assert.deepEqual([found.document, found.published_by], [everyday, 'user:mara']);
});

test('what will count is read and evaluated as of an instant to come', async () => {
  const people = await open();
  await publish(people, { document: everyday });
  const [dining] = everyday.earn.rules;
  const richer = {
    ...everyday,
    title: 'Richer',
    earn: { ...everyday.earn, rules: [{ ...dining, multiplier: '3' }] },
    examples: [{ name: 'three', transaction: { ...dinner, amount: 100 }, expect: { points: 3 } }],
  };
  const effective_at = instantToText(time.now + day);
  const planned = await publish(people, { document: richer, effective_at });
  assert.deepEqual([planned.status, planned.json.standing], [201, 'scheduled'], planned.text);
  const at = instantToText(time.now + 2 * day);
  const { ben } = people;
  assert.equal(
    (await ben.get(`/v1/loyalty/programs/everyday?at=${at}`)).json.document.title,
    'Richer',
  );
  const path = '/v1/loyalty/programs/everyday/evaluate';
  const points = async (body: object) => (await ben.post(path, body)).json.points;
  assert.equal(await points({ transaction: dinner }), 300);
  assert.equal(await points({ transaction: dinner, now: at }), 450);
  const authorized_at = instantToText(time.now);
  assert.equal(await points({ transaction: { ...dinner, authorized_at }, now: at }), 300);
  const versions = (await ben.get('/v1/loyalty/programs/everyday/versions?limit=1')).json;
  assert.deepEqual([versions.items[0].ordinal, versions.next], [2, '2']);
});

test('evaluating tells points, parts, dates and why, and writes nothing', async () => {
  const people = await open();
  await publish(people, { document: everyday });
  const count = async () => {
    const { rows } = await api.bank.superuser.query(
      'select count(*)::integer as events from core.event',
    );
    return rows[0].events;
  };
  const before = await count();
  const { ben } = people;
  const path = '/v1/loyalty/programs/everyday/evaluate';
  const { status, json } = await ben.post(path, { transaction: dinner });
  assert.equal(status, 200);
  assert.deepEqual(json.parts, [
    { points: 300, campaign: null, rules: ['rate', 'dining'], reason: 'purchase' },
  ]);
  assert.deepEqual([json.points, json.excluded, json.matures_at], [300, null, null]);
  assert.equal(json.expires_at, '2028-04-01T00:00:00.000Z');
  assert.match(json.version, /^everyday@[0-9a-f]{12}$/);
  const step = json.trace.find(({ rule }: any) => rule === 'dining');
  assert.deepEqual([step.worth, step.points, step.saw], ['149.99', 150, { mcc: '5812' }]);
  assert.ok(json.counters.includes('rule dining points month 2026-01'));
  const used = { 'rule dining points month 2026-01': 4_950 };
  assert.equal((await ben.post(path, { transaction: dinner, used })).json.points, 200);
  const document = { ...everyday, pending: { days: 5 } };
  const drafted = (await ben.post(path, { transaction: dinner, document })).json;
  assert.equal(drafted.matures_at, '2026-01-10T00:00:00.000Z');
  assert.equal(await count(), before);
});

test('an amount is of minor units: a decimal is refused, and what to write is told', async () => {
  const people = await open();
  await publish(people, { document: everyday });
  const path = '/v1/loyalty/programs/everyday/evaluate';
  const told = async (transaction: object | string) => {
    const body = typeof transaction === 'string' ? transaction : { transaction };
    const { status, json } = await people.ben.post(path, body);
    assert.ok(status === 400 || status === 422, `${status}`);
    return json.errors[0];
  };
  assert.deepEqual(await told({ ...dinner, amount: 149.99 }), {
    pointer: '/transaction/amount',
    detail: 'must be an integer of minor units: 149.99 USD is 14999',
  });
  const yen = { ...dinner, amount: 149.99, currency: 'JPY' };
  assert.equal((await told(yen)).detail, 'must be an integer of minor units');
  assert.equal(
    (await told('{"transaction": {"kind": "purchase", "amount": 15.00}}')).detail,
    'must be an integer of minor units: 15.00 of a currency with two decimals is 1500',
  );
  assert.equal((await told({ ...dinner, amount: -1 })).pointer, '/transaction/amount');
  assert.equal((await told({ ...dinner, colour: 'red' })).pointer, '/transaction/colour');
  const wrong = { ...dinner, occurred_at: '2026-02-30T00:00:00Z' };
  assert.equal((await told(wrong)).pointer, '/transaction/occurred_at');
});

test('a draft is checked with its own examples, and flaws are the answer', async () => {
  const { boss, ben } = await open();
  const path = '/v1/loyalty/programs/everyday/check';
  const sound = (await ben.post(path, { document: everyday })).json;
  assert.deepEqual([sound.valid, sound.errors, sound.untested], [true, [], []]);
  assert.equal(sound.examples[0].earning.points, 300);
  const { digest } = sound;
  assert.deepEqual(sound.subject, {
    ...{ digest, effective_at: null, name: 'everyday', supersedes: null },
  });
  const [dining] = everyday.earn.rules;
  const rules = [{ ...dining, if: { mmc: "== '5812'" } }];
  const flawed = { ...everyday, earn: { ...everyday.earn, rules } };
  const { valid, errors, subject } = (await ben.post(path, { document: flawed })).json;
  assert.deepEqual([valid, errors[0].pointer, subject], [false, '/earn/rules/0/if/mmc', null]);
  assert.equal((await ben.post(path, { document: 7 })).json.valid, false);
  const other = await ben.post('/v1/loyalty/programs/other/check', { document: everyday });
  assert.equal(other.json.errors[0].pointer, '/name');
  const operator = await api.issue(boss, 'service:setup', { scopes: ['admin'] });
  await operator.post('/v1/units', { code: 'CENTS', exponent: 2, name: 'Cents' });
  const cents = (await ben.post(path, { document: { ...everyday, unit: 'CENTS' } })).json;
  assert.deepEqual(cents.errors, [
    {
      pointer: '/unit',
      detail: 'CENTS has 2 decimals, and points have none: register another unit',
    },
  ]);
});

test('a multiplier that is written as a number is as exact as its text', async () => {
  const { ben } = await open();
  const path = '/v1/loyalty/programs/everyday/check';
  const [, groceries, fuel] = everyday.earn.rules;
  const rules = [groceries, { ...fuel, multiplier: '0.3' }];
  const earn = { ...everyday.earn, rules };
  const third = { kind: 'purchase', amount: 10_000, mcc: '5541' };
  const examples = [{ name: 'fuel', transaction: third, expect: { points: 30 } }];
  const text = JSON.stringify({ document: { ...everyday, earn, examples } });
  const asText = (await ben.post(path, text)).json;
  assert.deepEqual([asText.valid, asText.errors], [true, []]);
  const asNumber = (await ben.post(path, text.replace('"0.3"', '0.3'))).json;
  assert.equal(asNumber.digest, asText.digest);
  assert.equal(asNumber.examples[0].earning.points, 30);
  const whole = (await ben.post(path, text.replace('"0.3"', '2'))).json;
  assert.equal(whole.errors[0].pointer, '/earn/rules/1/multiplier');
});

test('a tier that the programme does not have is no tier, and what there is is told', async () => {
  const people = await open();
  await publish(people, { document: everyday });
  const path = '/v1/loyalty/programs/everyday';
  const detail = '"platinum" is no tier of everyday: it has blue, silver, gold';
  const transaction = { ...dinner, tier: 'platinum' };
  const { status, json } = await people.ben.post(`${path}/evaluate`, { transaction });
  assert.equal(status, 422);
  assert.deepEqual(json.errors, [{ pointer: '/transaction/tier', detail }]);
  const [example] = everyday.examples;
  const document = { ...everyday, examples: [{ ...example, transaction }] };
  const { errors } = (await people.ben.post(`${path}/check`, { document })).json;
  assert.deepEqual(errors, [{ pointer: '/examples/0/transaction/tier', detail }]);
});

test('what is not there is named, by the id that was asked for', async () => {
  const { ben } = await open();
  const told = async (path: string) => (await ben.get(`/v1/loyalty/${path}`)).json.detail;
  const claim = 'clm_00000000000000000000000000';
  assert.equal(await told(`claims/${claim}`), `there is no claim ${claim}`);
  assert.equal(await told('campaigns/spring'), 'there is no campaign spring');
  assert.match(await told('programs/nope'), /^there is no programme nope in force at /);
  assert.equal(await told('programs/nope/versions'), 'there is no programme nope');
  const member = 'there is no member cus_9 of the programme everyday';
  for (const more of ['', '/lots', '/entries']) {
    assert.equal(await told(`members/cus_9${more}?program=everyday`), member);
  }
});

test('who may only read publishes nothing, and nobody sees another tenant', async () => {
  const people = await open();
  await publish(people, { document: everyday });
  const { ben } = people;
  assert.equal((await ben.post('/v1/loyalty/programs', { document: everyday })).status, 403);
  const draft = await ben.post('/v1/loyalty/programs/everyday/drafts', { document: everyday });
  assert.equal(draft.status, 403);
  const other = await open();
  assert.deepEqual((await other.ben.get('/v1/loyalty/programs')).json.items, []);
  assert.equal((await other.ben.get('/v1/loyalty/programs/everyday/versions')).status, 404);
  const path = '/v1/loyalty/programs/everyday/evaluate';
  assert.equal((await other.ben.post(path, { transaction: dinner })).status, 404);
});
