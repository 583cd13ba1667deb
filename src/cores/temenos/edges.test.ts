// Answers of Temenos that are less than they should be: never read as "there is nothing".
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { systemClock } from '#core';
import { referenceOf } from '../adapter-contract.ts';
import { openTemenos } from './core.ts';

const clock = systemClock();

type Canned = (path: string, query: URLSearchParams) => unknown;

/** Answers what it is told to, with 200; who asks is never looked at. */
async function canned(t: TestContext, answer: Canned, settings: Record<string, string> = {}) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://core');
    asked.push(`${request.method} ${pathname}`);
    response.end(JSON.stringify(answer(pathname, searchParams)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const now = () => clock.now();
  const adapter = openTemenos({ url, credentials: { apiKey: 'k' }, settings, now });
  t.after(async () => {
    await adapter.close();
    server.close();
  });
  return { adapter, asked };
}

void test('temenos: a full page without a total is not taken for the last', async (t) => {
  const reference = referenceOf('on the second page');
  const { adapter } = await canned(t, (_path, query) => {
    const size = Number(query.get('page_size'));
    const isFirst = query.get('page_start') === null;
    const other = { narrative: 'of others', currencyId: 'EUR', amount: '-1.00' };
    const own = { ...other, narrative: `${reference} deadbeef`, entryReference: 'E1' };
    const isPending = query.get('listType') === 'PENDING';
    const body = isPending ? [] : isFirst ? Array.from({ length: size }, () => other) : [own];
    return { header: { status: 'success' }, body };
  });
  const sought = { reference, kind: 'transfer', account: '10000001' } as const;
  const found = await adapter.operations.lookUp(sought);
  assert.equal(found?.answer.status, 'completed');
});

void test('temenos: a customer is written back only over the version that was read', async (t) => {
  const { adapter, asked } = await canned(t, () => ({
    header: { status: 'success' },
    body: { communicationDevices: [{ emailAddress: 'old@mail.example' }] },
  }));
  const point = { kind: 'email', usage: 'main', value: 'new@mail.example' } as const;
  const change = adapter.operations.changeContactPoint?.({ id: '1', key: 'K', ...point });
  await assert.rejects(async () => change, { code: 'core_failed' });
  assert.deepEqual(asked, ['GET /api/v4.0.0/party/customers/1'], 'nothing was written');
});

void test('temenos: an entry that nobody can read holds up no event', async (t) => {
  const eventTypes = 'entry.booked=Booked';
  const payload = {
    ...{ accountId: '10000001', entryReference: 'E1', currencyId: 'EUR' },
    ...{ amount: '112,45', bookingDate: '2026-03-31' },
  };
  const creationTime = new Date(clock.now() - 60_000).toISOString();
  const row = { eventId: 'V1', eventType: 'Booked', creationTime };
  const { adapter } = await canned(t, () => [{ ...row, payload: JSON.stringify(payload) }], {
    eventTypes,
  });
  const after = new Date(clock.now() - 120_000).toISOString();
  const told = await adapter.events?.poll?.({ limit: 10, after: `${after}|` });
  assert.deepEqual(
    told?.events.map(({ id, account, entry }) => [id, account, entry]),
    [['V1', '10000001', undefined]],
  );
});
