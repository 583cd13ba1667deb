import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { derivedUuid, externalId, followProjection, internalId } from '#core';
import { paymentProjection } from '#payments';
import { defaultBundle } from '#policy';
import { openApi } from '../../test/api.ts';
import { openTill } from '../../test/paid.ts';

const api = await openApi({ after });

test('whatever an id or a reference names is found, by those who may read it', async () => {
  const till = await openTill(api);
  const { bank } = till;
  const held = await bank.open({ holder_id: 'cus_holder' });
  const paid = await till.pay({ end_to_end_id: 'INV-7', creditor: 'cus_paid' });
  const { id, decision_id, transfer_ids } = paid.json;
  await api.seal();
  while ((await followProjection(paymentProjection, api.bank.planes.database.pool('app'))) > 0);

  const search = async (q: string, by = bank) => {
    const { status, json, text } = await by.get(`/v1/search?q=${encodeURIComponent(q)}`);
    assert.equal(status, 200, text);
    return json.items.map(({ href }: { href: string }) => href) as string[];
  };
  const digest = defaultBundle('payment-authorization').digest;
  const event = externalId('event', internalId('decision', decision_id) as string);
  const command = internalId('payment', id) as string;
  const expected: readonly (readonly [string, readonly string[]])[] = [
    [id, [`/payments/${id}`]],
    [externalId('command', command), [`/payments/${id}`]],
    ['INV-7', [`/payments/${id}`]],
    ['cus_paid', [`/payments/${id}`]],
    [` ${decision_id} `, [`/decisions/${decision_id}`]],
    [event, [`/events/${event}`]],
    [transfer_ids[0], [`/ledger/transfers/${transfer_ids[0]}`]],
    [till.debtor, [`/ledger/accounts/${till.debtor}`]],
    ['cus_holder', [`/ledger/accounts/${held}`]],
    ['payment-auth', ['/policies/payment-authorization']],
    [digest.slice(0, 12), [`/policies/bundles/${digest}`]],
    [externalId('approval', derivedUuid(command, 'none', 0)), []],
    ["'; drop table core.event; --", []],
    ['  ', []],
  ];
  for (const [q, hrefs] of expected) assert.deepEqual(await search(q), hrefs, q);
  const { items } = (await bank.get('/v1/events?limit=1')).json;
  assert.deepEqual(await search('1'), [`/events/${items[0].event.id}`]);

  // What a caller may not read is as if it were not there; nor is what others have.
  const cashier = await api.issue(bank, 'service:pos', { scopes: ['payments:read'] });
  const stranger = await api.tenant('stranger');
  for (const [q, hrefs] of [0, 4, 7, 8, 9, 10].flatMap((at) => expected.slice(at, at + 1))) {
    const own = hrefs.filter((href) => href.startsWith('/payments/'));
    assert.deepEqual(await search(q, cashier), own, q);
    const shared = hrefs.filter((href) => href.startsWith('/policies/'));
    assert.deepEqual(await search(q, stranger), shared, q);
  }
});

test('amounts are shown by the units of ISO 4217 and those of the tenant', async () => {
  const bank = await api.tenant('units');
  const points = { code: 'POINTS', exponent: 0, name: 'Bonus points' };
  assert.equal((await bank.post('/v1/units', points)).status, 201);
  const { items } = (await bank.get('/v1/units')).json;
  const exponentOf = (code: string) =>
    items.find((unit: { code: string }) => unit.code === code)?.exponent;
  assert.deepEqual(items[0], points);
  assert.deepEqual(['EUR', 'JPY', 'BHD', 'XXX'].map(exponentOf), [2, 0, 3, undefined]);
  const other = (await (await api.tenant('plain')).get('/v1/units')).json;
  assert.equal(other.items.length, items.length - 1);
});
