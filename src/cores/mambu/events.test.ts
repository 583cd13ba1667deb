// Mambu: webhooks are believed by their secret, streams are told at least once and in order.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { Fault } from '#core';
import { transfer } from '../../../simulators/cores/book.ts';
import { mambu } from '../../../simulators/cores/mambu/mambu.ts';
import { startSimulator } from '../../../simulators/cores/simulator.ts';
import type { CoreEvent, Delivered, EventSource } from '../adapter.ts';
import { openMambu } from './core.ts';

const [debtor, creditor, party] = [mambu.ids.account(1), mambu.ids.account(2), mambu.ids.party(1)];

type Heard = {
  readonly events: EventSource;
  readonly simulator: Awaited<ReturnType<typeof startSimulator>>;
  /** Moves a minor unit, which is told as two entries. */
  readonly move: () => void;
  readonly later: (ms: number) => void;
};

async function hearing(work: (heard: Heard) => Promise<void>): Promise<void> {
  let now = Date.parse('2026-03-31T10:00:00Z');
  const accounts = [debtor, creditor].map((id) => ({ id, party, currency: 'EUR', balance: 1_000 }));
  const seed = { parties: [{ id: party, name: 'Erika Muster' }], accounts };
  const simulator = await startSimulator(mambu, { clock: { now: () => now }, seed });
  const { url, credentials, settings, book } = simulator;
  const adapter = openMambu({ url, credentials, settings, now: () => now });
  const order = { debtor, creditor, amount: 1, currency: 'EUR', valueDate: '2026-03-31' };
  const move = () => {
    now += 1_000;
    transfer(book, { ...order, reference: `move ${now}` });
  };
  const later = (ms: number) => {
    now += ms;
  };
  try {
    assert.ok(adapter.events);
    await work({ events: adapter.events, simulator, move, later });
  } finally {
    await adapter.close();
    await simulator.close();
  }
}

// Webhooks ----------------------------------------------------------------------------------------

const secret = 'of-the-template-77';
const body = JSON.stringify({
  ...{ event: 'party.changed', id: 'c0ffee', occurred: '2026-03-31T12:00:00+02:00' },
  ...{ account: '', client: party },
});

function accepting(timeZone = 'UTC') {
  const credentials = { apiKey: 'key', webhookSecret: secret };
  const adapter = openMambu({ url: 'http://127.0.0.1:1', credentials, timeZone, now: () => 0 });
  const { accept } = adapter.events ?? {};
  assert.ok(accept);
  return accept;
}

void test('a webhook with the secret of its template is heard', () => {
  const headers = { 'x-countersign-secret': secret };
  assert.deepEqual(accepting()({ headers, body }), [
    {
      ...{ id: 'c0ffee', type: 'party.changed', occurredAt: '2026-03-31T10:00:00.000Z' },
      ...{ account: null, party },
    },
  ]);
  const local = body.replace('+02:00', '');
  const [event] = accepting('Europe/Berlin')({ headers, body: local });
  assert.equal(event?.occurredAt, '2026-03-31T10:00:00.000Z');
});

void test('a forged webhook is refused, and a foreign one is not ours', () => {
  for (const headers of [{}, { 'x-countersign-secret': 'guess' }, { authorization: secret }]) {
    assert.throws(
      () => accepting()({ headers, body }),
      (error) => error instanceof Fault && error.code === 'unauthenticated',
    );
  }
  const headers = { 'x-countersign-secret': secret };
  for (const foreign of ['{}', '{"event":"loan.sold","id":"1"}']) {
    assert.deepEqual(accepting()({ headers, body: foreign }), []);
  }
  const undated = '{"event":"party.changed","id":"1","occurred":"yesterday"}';
  const halves = ['{"event":"party.changed"}', undated];
  for (const broken of ['', 'Dear {CLIENT_NAME}', '[]', '"text"', ...halves]) {
    assert.throws(
      () => accepting()({ headers, body: broken }),
      (error) => error instanceof Fault && error.code === 'invalid_request',
    );
  }
});

void test('what the core pushes is heard, and told again it is the same', () =>
  hearing(async ({ events, simulator, move }) => {
    const heard: CoreEvent[] = [];
    const server = createServer((request, response) => {
      void (async () => {
        const parts: Buffer[] = [];
        for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
        const headers = request.headers as Delivered['headers'];
        heard.push(...(events.accept?.({ headers, body: Buffer.concat(parts).toString() }) ?? []));
        response.end();
        server.emit('heard');
      })();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const until = async (count: number) => {
      while (heard.length < count) await once(server, 'heard');
    };
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    simulator.subscribe({ url, secret: simulator.credentials['webhookSecret'] ?? '' });
    move();
    await until(2);
    simulator.inject({ kind: 'redelivery', match: debtor });
    await until(4);
    const first = heard.find(({ account }) => account === debtor);
    assert.equal(heard.filter(({ id }) => id === first?.id).length, 2);
    assert.ok(heard.every(({ type }) => type === 'entry.booked'));
    server.closeAllConnections();
    server.close();
  }));

// Streams -----------------------------------------------------------------------------------------

async function polled(events: EventSource, after?: string, limit = 1_000) {
  const page = await events.poll?.({ limit, ...(after === undefined ? {} : { after }) });
  assert.ok(page);
  return page;
}

void test('a stream goes on after what was told, the oldest first', () =>
  hearing(async ({ events, move }) => {
    move();
    const first = await polled(events);
    assert.equal(first.events.length, 4, 'two that were there, two that have come');
    const told = first.events.map(({ occurredAt }) => occurredAt);
    assert.deepEqual(told, told.toSorted());
    const none = await polled(events, first.cursor);
    assert.deepEqual(none.events, []);
    move();
    const second = await polled(events, none.cursor, 1);
    const third = await polled(events, second.cursor, 1);
    assert.deepEqual([second.events.length, third.events.length], [1, 1]);
    const ids = [...first.events, ...second.events, ...third.events].map(({ id }) => id);
    assert.equal(new Set(ids).size, 6);
  }));

void test('what was not dealt with is told again, with the same ids', () =>
  hearing(async ({ events, move, later }) => {
    move();
    const first = await polled(events);
    const again = await polled(events);
    assert.deepEqual(again.events, first.events, 'nobody has come back with the cursor');
    later(61_000);
    const late = await polled(events, again.cursor);
    assert.deepEqual(late.events, first.events, 'the stream was over by then');
    const next = await polled(events, late.cursor);
    assert.deepEqual(next.events, []);
  }));
