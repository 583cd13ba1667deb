import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { internalId } from '#core';
import { expirePayment } from '#payments';
import { approve, drain, onlyCase, openReviewApi, pay, reject } from '../../test/review-api.ts';
import { overdueTeller } from '../capabilities/reviews/run.ts';

const { api, parts, openShop, settle, eventsOf } = await openReviewApi({ after });
const { planes, time } = api.bank;

test('a payment that waits is looked at, approved, and goes on through policy', async () => {
  const shop = await openShop();
  const { ann, ben } = shop;
  const payment = await pay(shop);
  assert.equal(payment.outcome, 'review');
  await settle();
  const found = await onlyCase(ann);
  assert.deepEqual(
    [found.payment_id, found.queue, found.status, found.kind],
    [payment.id, 'compliance', 'open', 'release'],
  );
  assert.deepEqual(
    [found.debtor, found.reasons, found.approvals_given, found.required_checkers],
    ['cus_payer1', ['country_watched'], 0, 1],
  );
  const { items: approvals } = (await shop.bank.get('/v1/approvals?status=pending')).json;
  assert.deepEqual(
    approvals.map(({ case_id, payment_id }: any) => [case_id, payment_id]),
    [[found.id, payment.id]],
  );
  // Monday, 09:00 in UTC: eight business hours are the whole day.
  assert.equal(found.due_at, '2026-01-05T17:00:00.000Z');

  const fresh = await ann.post('/v1/cases/next', { opened_before: found.opened_at });
  assert.equal(fresh.status, 404, 'it is left to others for as long');
  const taken = await ann.post('/v1/cases/next', {});
  assert.equal(taken.status, 201, taken.text);
  assert.deepEqual([taken.json.id, taken.json.assignee], [found.id, 'user:ann']);
  assert.equal((await ben.post('/v1/cases/next', {})).status, 404);
  const decided = await ann.post(`/v1/cases/${found.id}/decide`, approve, { key: 'once' });
  assert.equal(decided.json.status, 'decided', decided.text);
  const again = await ann.post(`/v1/cases/${found.id}/decide`, approve, { key: 'once' });
  assert.deepEqual([again.status, again.json], [200, decided.json]);
  await settle();
  const after = await shop.bank.get(`/v1/payments/${payment.id}`);
  assert.equal(after.json.status, 'posted', after.text);
  const balances = await shop.bank.get(`/v1/accounts/${shop.debtor}/balances`);
  assert.deepEqual([balances.json.booked, balances.json.available], [1_998_500, 1_998_500]);
});

test('a payment that people reject gives back what it held', async () => {
  const shop = await openShop();
  const payment = await pay(shop);
  await settle();
  const { id } = await onlyCase(shop.ann);
  const decided = await shop.ann.post(`/v1/cases/${id}/decide`, reject);
  assert.equal(decided.status, 201, decided.text);
  await settle();
  const after = await shop.bank.get(`/v1/payments/${payment.id}`);
  assert.equal(after.json.status, 'cancelled');
  const balances = await shop.bank.get(`/v1/accounts/${shop.debtor}/balances`);
  assert.deepEqual([balances.json.booked, balances.json.available], [2_000_000, 2_000_000]);
  assert.equal((await shop.ann.get(`/v1/cases/${id}`)).json.status, 'decided');
});

test('nobody releases a payment that he has ordered himself', async () => {
  const shop = await openShop();
  const scopes = ['payments:write', 'reviews:read', 'reviews:write'];
  const dora = await api.issue(shop.bank, 'user:dora', { scopes });
  await pay({ ...shop, channel: dora }, { facts: { local_hour: 14 } });
  await settle();
  const { id } = await onlyCase(dora);
  const refused = await dora.post(`/v1/cases/${id}/decide`, approve);
  assert.deepEqual([refused.status, refused.json.code], [403, 'not_a_checker']);
  assert.equal((await shop.ann.post(`/v1/cases/${id}/decide`, approve)).status, 201);
});

test('a customer who works at the bank does not release a payment of his own', async () => {
  const shop = await openShop();
  await pay(shop);
  await settle();
  const { id } = await onlyCase(shop.ann);
  await planes.execute({
    principal: { kind: 'service', id: 'test', tenant: shop.tenant },
    operation: 'principal.describe',
    idempotencyKey: 'describe',
    body: { principal: 'user:ann', customer: 'cus_payer1', region: null, delegated_by: null },
  });
  const refused = await shop.ann.post(`/v1/cases/${id}/decide`, approve);
  assert.deepEqual([refused.status, refused.json.reason], [403, 'party']);
});

test('a payment that is cancelled, and one whose time is over, closes its case', async () => {
  const shop = await openShop();
  const payment = await pay(shop);
  await settle();
  const { id } = await onlyCase(shop.ann);
  await shop.bank.post(`/v1/payments/${payment.id}/cancel`, {});
  await settle();
  assert.equal((await shop.ann.get(`/v1/cases/${id}`)).json.status, 'closed');
  const late = await shop.ann.post(`/v1/cases/${id}/decide`, approve);
  assert.deepEqual([late.status, late.json.code], [409, 'conflict']);

  const other = await pay(shop);
  await settle();
  const waiting = await onlyCase(shop.ann);
  time.now = Date.parse(waiting.expires_at);
  assert.equal((await shop.ann.get(`/v1/cases/${waiting.id}`)).json.status, 'expired');
  const [holdId] = other.hold_ids;
  const hold = internalId('hold', holdId) as string;
  await expirePayment(parts, { tenant: shop.tenant, hold, holdId });
  await settle();
  const ended = await shop.ann.get(`/v1/cases/${waiting.id}`);
  assert.equal(ended.json.ended_at, waiting.expires_at);
});

test('the queue is counted, filtered and paged, and a late case is told of once', async () => {
  const shop = await openShop();
  for (let each = 0; each < 3; each += 1) await pay(shop, { amount: 1_000 * (each + 1) });
  await settle();
  const { ann } = shop;
  const first = await ann.get('/v1/cases?limit=2');
  const rest = await ann.get(`/v1/cases?limit=2&after=${first.json.next}`);
  const amounts = [...first.json.items, ...rest.json.items].map(({ amount }: any) => amount);
  assert.deepEqual(amounts, [3_000, 2_000, 1_000]);
  assert.equal(rest.json.next, null);
  const beyond = `1234567890123.${'9'.repeat(19)}.${first.json.items[0].id}`;
  for (const after of ['nonsense', beyond]) {
    assert.equal((await ann.get(`/v1/cases?after=${after}`)).status, 422, after);
  }
  assert.equal((await ann.get('/v1/cases?queue=fraud')).json.items.length, 0);
  const [top] = first.json.items;
  await ann.post(`/v1/cases/${top.id}/claim`, {});
  const mine = await ann.get('/v1/cases?assignee=user:ann&status=assigned');
  assert.deepEqual(
    mine.json.items.map(({ id }: any) => id),
    [top.id],
  );
  time.now = Date.parse(top.due_at);
  await drain(overdueTeller(parts, { ...planes, onError: assert.ifError }));
  assert.equal((await eventsOf(shop, 'case.overdue')).length, 3);
  const { json } = await ann.get('/v1/case-queues');
  const { oldest_at, ...counts } = json.items[0];
  assert.deepEqual(counts, {
    ...{ queue: 'compliance', open: 2, assigned: 1, snoozed: 0, overdue: 3 },
  });
  assert.equal(typeof oldest_at, 'string');
});

test('a batch does the same with many cases, and answers for each', async () => {
  const shop = await openShop();
  for (let each = 0; each < 3; each += 1) await pay(shop);
  await settle();
  const ids = (await shop.ann.get('/v1/cases')).json.items.map(({ id }: any) => id);
  await shop.ben.post(`/v1/cases/${ids[1]}/claim`, {});
  const unknown = `cas_${'0'.repeat(26)}`;
  const body = { act: 'claim', case_ids: [...ids, unknown] };
  const done = await shop.ann.post('/v1/cases/batch', body, { key: 'batch' });
  assert.equal(done.status, 200, done.text);
  assert.deepEqual(
    done.json.items.map(({ status, code }: any) => code ?? status),
    ['done', 'conflict', 'done', 'not_found'],
  );
  const again = await shop.ann.post('/v1/cases/batch', body, { key: 'batch' });
  assert.deepEqual(again.json, done.json, 'a retry does nothing twice');
  for (const wrong of [
    { act: 'claim', case_ids: [] },
    { act: 'open', case_ids: ids },
    { act: 'decide', case_ids: ids },
    { act: 'claim', case_ids: ids, verdict: 'approve' },
  ]) {
    assert.equal((await shop.ann.post('/v1/cases/batch', wrong)).status, 422);
  }
});

test('reading and deciding are rights of their own', async () => {
  const shop = await openShop();
  const reader = await api.issue(shop.bank, 'user:rea', { scopes: ['reviews:read'] });
  const stranger = await api.issue(shop.bank, 'user:sam', { scopes: ['ledger:read'] });
  await pay(shop);
  await settle();
  const { id } = await onlyCase(reader);
  assert.equal((await reader.post(`/v1/cases/${id}/claim`, {})).status, 403);
  assert.equal(
    (await reader.post('/v1/cases/batch', { act: 'claim', case_ids: [id] })).status,
    403,
  );
  assert.equal((await stranger.get('/v1/cases')).status, 403);
  const other = await openShop();
  assert.equal((await other.ann.get(`/v1/cases/${id}`)).status, 404);
  const { items } = (await reader.get('/v1/case-reasons')).json;
  assert.ok(items.some(({ code, verdict }: any) => code === 'scam' && verdict === 'reject'));
});

test('what settings need is told to whoever has no approval for them', async () => {
  const { ann, bank } = await openShop();
  const settings = (await ann.get('/v1/review-settings')).json;
  assert.equal(settings.hours.from, '09:00');
  const wanted = { ...settings, hours: { ...settings.hours, from: '08:00' } };
  const { status, json } = await ann.post('/v1/review-settings', wanted);
  assert.deepEqual([status, json.code, json.subject], [403, 'approval_required', wanted]);
  const { subject_kind, subject, subject_digest } = json;
  const expires_at = new Date(time.now + 86_400_000).toISOString();
  const request = { subject_kind, subject, subject_digest, summary: 'earlier', expires_at };
  const asked = await bank.post('/v1/approvals', request);
  assert.deepEqual([asked.status, asked.json.subject], [201, wanted], asked.text);
});
