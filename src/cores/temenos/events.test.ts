// What Temenos tells: asked for, called back with, told twice, out of order, and forged.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '#core';
import { seedBook, transfer } from '../../../simulators/cores/book.ts';
import { startSimulator } from '../../../simulators/cores/simulator.ts';
import { temenos } from '../../../simulators/cores/temenos/temenos.ts';
import type { Adapter, CoreEvent, Delivered } from '../adapter.ts';
import { referenceOf } from '../adapter-contract.ts';
import { openTemenos } from './core.ts';

const clock = systemClock();
const [debtor, creditor, party] = ['10000001', '10000002', '100210'];

/** Its adapter is ahead by what an event takes to settle. */
async function bank(t: TestContext) {
  const simulator = await startSimulator(temenos, { clock });
  const account = { party, currency: 'EUR', balance: 1_000 };
  const accounts = [debtor, creditor].map((id) => ({ ...account, id }));
  seedBook(simulator.book, { parties: [{ id: party, name: 'Erika Muster' }], accounts });
  const { url, credentials, settings } = simulator;
  const adapter = openTemenos({ url, credentials, settings, now: () => clock.now() + 2_000 });
  const move = (reference: string) => {
    const order = { debtor, creditor, amount: 10, currency: 'EUR', valueDate: '2026-03-31' };
    transfer(simulator.book, { ...order, reference });
  };
  t.after(async () => {
    await adapter.close();
    await simulator.close();
  });
  return { simulator, adapter, move };
}

async function all({ events }: Adapter, limit: number, from?: string) {
  const seen: CoreEvent[] = [];
  let [cursor, isQuiet] = [from, 0];
  while (isQuiet < 30) {
    const query = { limit, ...(cursor === undefined ? {} : { after: cursor }) };
    const found = await events?.poll?.(query);
    assert.ok(found && found.events.length <= limit);
    seen.push(...found.events);
    isQuiet = found.events.length === 0 ? isQuiet + 1 : 0;
    ({ cursor } = found);
  }
  assert.ok(cursor);
  return { seen, cursor };
}

void test('events are asked for a few at a time, each once, the oldest first', async (t) => {
  const { adapter, move } = await bank(t);
  for (let at = 0; at < 25; at += 1) move(`R${at}`);
  const { seen, cursor } = await all(adapter, 7);
  assert.equal(seen.length, 52);
  assert.equal(new Set(seen.map(({ id }) => id)).size, 52);
  const times = seen.map(({ occurredAt }) => occurredAt);
  assert.deepEqual(times, times.toSorted());
  const last = seen.at(-1);
  assert.deepEqual([last?.type, last?.account, last?.party], ['entry.booked', creditor, party]);
  assert.deepEqual([last?.entry?.amount, last?.entry?.credit_debit_indicator], [10, 'CRDT']);
  move('later');
  await sleep(1_100);
  const more = await all(adapter, 7, cursor);
  assert.equal(more.seen.length, 2);
});

void test('a callback is believed by its secret, and again is the same event', async (t) => {
  const { simulator, adapter, move } = await bank(t);
  const delivered: Delivered[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => {
      body += part.toString();
    });
    request.on('end', () => {
      const { authorization } = request.headers;
      delivered.push({ headers: { authorization }, body });
      response.end();
    });
  });
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  simulator.subscribe({ url, secret: simulator.credentials['callbackSecret'] ?? '' });
  move('R1');
  simulator.inject({ kind: 'redelivery', match: debtor });
  for (let wait = 0; wait < 100 && delivered.length < 4; wait += 1) await sleep(20);
  const sum = { amount: 5, currency: 'EUR', valueDate: '2026-03-31' };
  const ours = { reference: referenceOf('ours'), mark: 'deadbeef', debtor, creditor, ...sum };
  assert.equal((await adapter.operations.transfer(ours)).status, 'completed');
  for (let wait = 0; wait < 100 && delivered.length < 6; wait += 1) await sleep(20);
  const accept = adapter.events?.accept;
  assert.ok(accept);
  const told = delivered.toReversed().flatMap((one) => accept(one));
  const ofDebtor = told.filter(({ account }) => account === debtor);
  assert.equal(ofDebtor.length, 4, 'the opening entry, the move twice, and ours');
  assert.equal(new Set(ofDebtor.map(({ id }) => id)).size, 3);
  const own = told.filter(({ entry }) => entry?.own_reference === ours.reference);
  assert.equal(own.length, 2, 'both sides of what we have ordered');
  const [genuine] = delivered;
  assert.ok(genuine);
  for (const authorization of [undefined, 'Bearer guessed', '']) {
    const forged = { ...genuine, headers: { authorization } };
    assert.throws(() => accept(forged), { code: 'unauthenticated' });
  }
  assert.throws(() => accept({ ...genuine, body: '<xml/>' }), { code: 'invalid_request' });
  assert.throws(() => accept({ ...genuine, body: '{}' }), { code: 'invalid_request' });
  const strange = JSON.stringify({ eventId: 'E1', eventType: 'Transact.SomethingElse' });
  assert.deepEqual(accept({ ...genuine, body: strange }), []);
});

void test('times without an offset are those of the zone of the core', async (t) => {
  const { simulator } = await bank(t);
  const { credentials, settings } = simulator;
  const timeZone = 'Asia/Tokyo';
  const url = simulator.url;
  const adapter = openTemenos({ url, credentials, settings, timeZone, now: () => clock.now() });
  const event = { eventId: 'E1', eventType: 'Transact.CustomerChanged', payload: '{}' };
  const headers = { authorization: `Bearer ${credentials['callbackSecret']}` };
  const body = JSON.stringify({ ...event, creationTime: '2026-03-31T08:00:00' });
  const [told] = adapter.events?.accept?.({ headers, body }) ?? [];
  assert.equal(told?.occurredAt, '2026-03-30T23:00:00.000Z');
  await adapter.close();
});
