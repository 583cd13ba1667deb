// The relay of events: our own form, told again and out of order, forged, and as XML as well.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openBank } from '../../../test/finacle-bank.ts';
import type { CoreEvent } from '../adapter.ts';
import { referenceOf } from '../adapter-contract.ts';
import { eventsOf } from './events.ts';

const relaySecret = 'a secret of both';
const options = { url: '', credentials: { relaySecret }, now: () => 0, timeZone: 'Asia/Kolkata' };
const { accept } = eventsOf(options);
const headers = { 'x-relay-secret': relaySecret };

const row =
  '<transactionDetails><pstdDate>2026-04-01T01:30:00.000</pstdDate><transactionSummary>' +
  '<txnAmt><amountValue>12.34</amountValue><currencyCode>EUR</currencyCode></txnAmt>' +
  '<txnDate>2026-04-01T00:00:00.000</txnDate><txnDesc>SHOP      </txnDesc><txnType>D</txnType>' +
  '</transactionSummary><txnId>     S42</txnId><txnSrlNo>   1</txnSrlNo>' +
  '<valueDate>2026-04-01T00:00:00.000</valueDate></transactionDetails>';
const xml =
  '<coreEvents><event><eventId>EV1</eventId><eventType>transaction</eventType>' +
  `<eventDt>2026-04-01T01:30:00.000</eventDt><acid>A1</acid>${row}</event>` +
  '<event><eventId>EV2</eventId><eventType>unheard of</eventType></event></coreEvents>';

test('an event is read from XML, in the time of the bank', () => {
  const events = accept?.({ headers, body: xml });
  assert.equal(events?.length, 1, 'what is not for us is none');
  const [event] = events ?? [];
  const { entry, ...rest } = event as CoreEvent;
  const expected = { id: 'EV1', type: 'entry.booked', account: 'A1', party: null } as const;
  assert.deepEqual(rest, { ...expected, occurredAt: '2026-03-31T20:00:00.000Z' });
  assert.equal(entry?.amount, 1_234);
  assert.deepEqual([entry.reference, entry.own_reference], ['2026-04-01/S42/1', null]);
});

test('what is forged or cannot be read is refused', () => {
  for (const secret of [undefined, '', 'another', `${relaySecret} `]) {
    const forged = { headers: { 'x-relay-secret': secret }, body: xml };
    assert.throws(() => accept?.(forged), { code: 'unauthenticated' });
  }
  const noDate = '{"coreEvents":{"event":[{"eventId":"E","eventType":"lien"}]}}';
  for (const body of ['', '{', '{}', '<a/>', '[1]', '{"coreEvents":{"event":7}}', noDate]) {
    assert.throws(() => accept?.({ headers, body }), { code: 'invalid_request' }, body);
  }
  assert.equal(eventsOf({ ...options, credentials: {} }).accept, undefined);
});

test('the relay of the simulated bank tells all that happens, and tells it again', async () => {
  const bank = await openBank();
  const heard: CoreEvent[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const told = { headers: request.headers, body: Buffer.concat(parts).toString('utf8') };
      heard.push(...(bank.adapter.events?.accept?.(told as never) ?? []));
      response.end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/relay`;
  const [debtor, creditor] = [bank.account(1), bank.account(2)];
  bank.simulator.subscribe({ url, secret: bank.simulator.credentials['relaySecret'] ?? '' });
  const sum = { amount: 500, currency: 'EUR', valueDate: '2026-03-31' };
  const order = { reference: referenceOf('told'), mark: 'deadbeef', debtor, creditor, ...sum };
  await bank.operations.transfer(order);
  await heardAtLeast(heard, 2);
  bank.simulator.inject({ kind: 'redelivery', match: debtor });
  await heardAtLeast(heard, 4);
  const own = heard.filter(({ account, entry }) => account === debtor && entry?.own_reference);
  assert.equal(new Set(own.map(({ id }) => id)).size, 1, 'told again under its id');
  const [first] = own;
  assert.deepEqual([first?.entry?.own_reference, first?.entry?.amount], [order.reference, 500]);
  const entries = await bank.operations.listEntries?.({ id: debtor, limit: 10 });
  assert.equal(entries?.items.at(-1)?.reference, first?.entry?.reference, 'the same entry');
  server.close();
  await bank.close();
});

async function heardAtLeast(heard: readonly CoreEvent[], count: number): Promise<void> {
  for (let look = 0; look < 200 && heard.length < count; look += 1) await sleep(10);
  assert.ok(heard.length >= count, `${heard.length} of ${count}`);
}
