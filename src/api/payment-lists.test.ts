import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { followProjection, withTx } from '#core';
import { countPayments, paymentProjection } from '#payments';
import { openApi } from '../../test/api.ts';
import { openTill } from '../../test/paid.ts';

const api = await openApi({ after });

test('payments are found by all that one may know of them, and counted by sort', async () => {
  const till = await openTill(api);
  const { time, planes } = api.bank;
  const first = await till.pay({ end_to_end_id: 'INV-1', creditor: 'cus_payee' });
  time.now += 1_000;
  const denied = await till.pay({ creditor_country: 'KP', kind: 'bill', channel: 'web' });
  time.now += 1_000;
  const card = await till.authorize();
  const larger = await till.pay({ amount: 9_000 });
  // Between two accounts of one customer: found by both sides, and yet once.
  const own = await till.pay({ creditor: 'cus_payer', amount: 2 });
  await api.seal();
  while ((await followProjection(paymentProjection, planes.database.pool('app'))) > 0);
  const [a, b, c, d, e] = [first, denied, card, larger, own].map(({ json }) => json.id as string);

  const find = async (query: string) => {
    const { status, json, text } = await till.bank.get(`/v1/payments?${query}`);
    assert.equal(status, 200, text);
    assert.deepEqual(json.items, json.items.toSorted(byIdDownwards), 'newest first');
    return new Set(json.items.map(({ payment_id }: { payment_id: string }) => payment_id));
  };
  const isFound = async (query: string, ids: readonly unknown[]) =>
    assert.deepEqual(await find(query), new Set(ids), query);
  await isFound('', [a, b, c, d, e]);
  await isFound('q=INV-1', [a]);
  await isFound(`q=${c}`, [c]);
  await isFound(`q=${till.creditor}&status=denied`, [b]);
  await isFound(`account_id=${till.debtor}&amount_min=9000&amount_max=9999`, [d]);
  await isFound(`debtor_account_id=${till.creditor}`, []);
  await isFound('customer=cus_payee', [a]);
  await isFound('customer=cus_payer&status=posted,posted', [a, d, e]);
  await isFound('status=denied,authorized', [b, c]);
  await isFound('kind=bill,card&channel=web,card_present', [b, c]);
  await isFound('outcome=denied&currency=USD,EUR', [b]);
  await isFound('currency=USD', []);
  const [start, end] = [time.now - 1_000, time.now].map((at) => new Date(at).toISOString());
  await isFound(`from=${start}&to=${end}`, [b]);
  for (const query of ['status=nothing', 'from=2026-02-30T00:00:00Z', 'after=7', 'amount_min=-1']) {
    assert.ok((await till.bank.get(`/v1/payments?${query}`)).status < 500);
    assert.ok((await till.bank.get(`/v1/payments?${query}`)).status >= 400, query);
  }
  const ordered = (requestedBy: string) =>
    withTx(planes.database.pool('read'), (tx) => countPayments(tx, { requestedBy }), {
      tenant: till.id,
    });
  assert.equal((await ordered('service:network')).total, 5);
  assert.equal((await ordered('partner:shop')).total, 0, 'others see what they have ordered');

  const pages: string[] = [];
  for (let next = ''; ; ) {
    const { json } = await till.bank.get(`/v1/payments?status=posted,denied&limit=2${next}`);
    for (const { payment_id } of json.items) pages.push(payment_id);
    if (json.next === null) break;
    next = `&after=${json.next}`;
  }
  assert.deepEqual(new Set(pages), new Set([a, b, d, e]));
  assert.equal(pages.length, 4);

  const { json: counts } = await till.bank.get('/v1/payments/facets?channel=mobile,web');
  assert.deepEqual(counts, {
    status: [
      { value: 'posted', count: 3 },
      { value: 'denied', count: 1 },
    ],
    kind: [
      { value: 'transfer', count: 3 },
      { value: 'bill', count: 1 },
    ],
    // What is chosen of a facet does not narrow its own counts.
    channel: [
      { value: 'mobile', count: 3 },
      { value: 'card_present', count: 1 },
      { value: 'web', count: 1 },
    ],
    outcome: [
      { value: 'allowed', count: 3 },
      { value: 'denied', count: 1 },
    ],
    currency: [{ value: 'EUR', count: 4 }],
    total: 4,
    capped: false,
  });
});

type Listed = { readonly payment_id: string };
function byIdDownwards(one: Listed, other: Listed): number {
  return one.payment_id < other.payment_id ? 1 : -1;
}

test('a page of very many payments reads no more of an index than it needs', async () => {
  const { superuser } = api.bank;
  const reader = await api.tenant('crowded');
  await superuser.query(
    `insert into payments.payment
     select 'crowded', 1, 'pay_' || lpad(n::text, 26, '0'), n, 'transfer', 'mobile',
            case when n % 50 = 0 then 'review' else 'posted' end, 'allowed',
            'acc_' || lpad('', 26, '0'), 'acc_' || lpad((n % 9)::text, 26, '0'), null, null,
            n, 0, 0, 'EUR', null, 'service:app', $1, $1
       from generate_series(1, 60_000) as n`,
    [new Date(api.bank.time.now)],
  );
  const list = async (query: string) => (await reader.get(`/v1/payments?${query}`)).json;
  const newest = await list('limit=500');
  assert.equal(newest.items[0].amount, 60_000);
  // Nothing fits among the first that are looked at: the page is empty, and goes on behind them.
  const none = await list('amount_max=20');
  assert.deepEqual([none.items.length, none.next], [0, 'pay_00000000000000000000010001']);
  assert.equal((await list(`amount_max=20&after=${none.next}`)).items.length, 20);
  const counted = (query: string) => reader.get(`/v1/payments/facets?${query}`);
  const all = (await counted('')).json;
  assert.deepEqual([all.total, all.capped], [10_000, true]);
  const waiting = (await counted('status=review')).json;
  assert.deepEqual([waiting.total, waiting.capped], [1_200, false]);
  assert.deepEqual(waiting.status, all.status, 'the other statuses can still be chosen');
});
