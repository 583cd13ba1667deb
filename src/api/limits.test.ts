// Limits over HTTP: a payment takes from them, and what is used can be read page by page.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openApi } from '../../test/api.ts';

const api = await openApi({ after });

test('what is taken from limits is told beside what they allow, page by page', async () => {
  const boss = await api.tenant('limits');
  const system = await api.issue(boss, 'service:channel', {
    scopes: ['ledger:read', 'ledger:write', 'policy:read'],
  });
  const open = { type: 'liability', currency: 'EUR' };
  const [payer, payee] = [
    (await system.post('/v1/accounts', open)).json.id,
    (await system.post('/v1/accounts', open)).json.id,
  ];
  const payment = {
    ...{ kind: 'transfer', channel: 'mobile', counterparty_country: 'DE', local_hour: 12 },
    ...{ screening_status: 'known', account_age_days: 700 },
    ...{ new_payee: false, new_device: false, customer_kind: 'business' },
  };
  const sides = { debit_account_id: payer, credit_account_id: payee, currency: 'EUR' };
  const paid = await system.post('/v1/transfers', { ...sides, amount: 2_500, payment });
  assert.equal(paid.status, 201, paid.text);

  const seen: [string, number, number][] = [];
  for (let after = ''; ; ) {
    const { status, json, text } = await system.get(`/v1/limits?limit=1${after}`);
    assert.equal(status, 200, text);
    for (const { limit, key, used, cap, point } of json.items) {
      assert.deepEqual([key, point], [`account:${payer}`, 'payment-authorization']);
      seen.push([limit, used, cap]);
    }
    if (json.next === null) break;
    after = `&after=${json.next}`;
  }
  const byLimit = seen.sort(([one], [other]) => (one < other ? -1 : 1));
  assert.deepEqual(byLimit, [
    ['account-daily-amount', 2_500, 25_000_000],
    ['account-daily-count', 1, 5_000],
  ]);
  const one = await system.get('/v1/limits?limit_id=account-daily-amount');
  assert.deepEqual(
    one.json.items.map(({ used, currency }: { used: number; currency: string }) => [
      used,
      currency,
    ]),
    [[2_500, 'EUR']],
  );
  assert.equal((await system.get('/v1/limits?after=nothing')).status, 422);
});
