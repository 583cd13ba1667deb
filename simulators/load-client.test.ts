import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { Fault, seededRandom } from '#core';
import { createLatencies } from './latency.ts';
import { checkBank, createLoadClient, refuseFault } from './load-client.ts';

type Handler = (
  request: IncomingMessage,
  response: ServerResponse,
  count: number,
) => Promise<void> | void;

/** A client of a server that answers as the test likes; `count` is that of the requests, from 1. */
async function clientOf(t: TestContext, handler: Handler, { deadlineMs = 5_000, path = '' } = {}) {
  let count = 0;
  const server = createServer((request, response) => {
    count += 1;
    void handler(request, response, count);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const client = createLoadClient({
    url: `http://127.0.0.1:${port}${path}`,
    apiKey: 'secret',
    connections: 4,
    deadlineMs,
    random: seededRandom(1),
  });
  t.after(async () => {
    await client.close();
    server.closeAllConnections();
    server.close();
  });
  return client;
}

const call = { method: 'POST', path: '/v1/transfers', idempotencyKey: 'k-1', body: '{}' } as const;

test('a call carries the key, the API key and the body', async (t) => {
  const client = await clientOf(
    t,
    async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const { authorization, 'idempotency-key': key, 'content-type': type } = request.headers;
      const body = Buffer.concat(chunks).toString();
      response.setHeader('idempotent-replayed', 'true');
      response.end(JSON.stringify([request.method, request.url, authorization, key, type, body]));
    },
    { path: '/bank/' },
  );
  const latencies = createLatencies();
  const { status, replayed, text } = await client.send({ ...call, latencies });
  assert.deepEqual([status, replayed], [200, true]);
  const seen = ['POST', '/bank/v1/transfers', 'Bearer secret', 'k-1', 'application/json', '{}'];
  assert.deepEqual(JSON.parse(text), seen);
  assert.equal(latencies.summary().count, 1);
});

test('a call is repeated with the same key until it has an answer', async (t) => {
  const keys = new Set<string | string[] | undefined>();
  const client = await clientOf(t, (request, response, count) => {
    keys.add(request.headers['idempotency-key']);
    if (count === 1) request.socket.destroy();
    else response.writeHead(count < 4 ? 503 : 201).end('{}');
  });
  assert.equal((await client.send(call)).status, 201);
  assert.deepEqual([...keys], ['k-1']);
  assert.equal(client.retries['status 503'], 2);
  assert.equal(
    Object.values(client.retries).reduce((sum, times) => sum + times),
    3,
  );
});

test('Retry-After is obeyed', async (t) => {
  const at: number[] = [];
  const client = await clientOf(t, (_request, response, count) => {
    at.push(performance.now());
    response.writeHead(count === 1 ? 503 : 201, { 'retry-after': '1' }).end('{}');
  });
  await client.send(call);
  const [first = 0, second = 0] = at;
  assert.ok(second - first >= 999, `${second - first} ms`);
});

test('after its deadline a call is given up, with the reason', async (t) => {
  const client = await clientOf(t, (_request, response) => void response.writeHead(503).end('{}'), {
    deadlineMs: 200,
  });
  const isGivenUp = (error: unknown) =>
    error instanceof Fault && error.code === 'deadline_exceeded' && /503/.test(error.message);
  await assert.rejects(client.send(call), isGivenUp);
});

test('an answer below 500 is an answer, and a rejection by the ledger is no fault', async (t) => {
  const client = await clientOf(t, (_request, response) => {
    response.writeHead(422).end('{"code":"insufficient_funds"}');
  });
  const answer = await client.send(call);
  assert.equal(answer.status, 422);
  refuseFault(answer, call);
  const text = '{"code":"invalid_request","detail":"no","errors":[{"pointer":"/a","detail":"b"}]}';
  assert.throws(() => refuseFault({ ...answer, text }, call), {
    name: 'Fault',
    code: 'invalid_request',
    message: 'POST /v1/transfers: no: /a b',
  });
});

test('an answer that is no JSON is told as it is', () => {
  const answer = { status: 404, replayed: false, text: '<html>' };
  assert.throws(() => refuseFault(answer, call), /POST \/v1\/transfers: status 404: <html>/);
});

test('a bank is balanced when debits equal credits in each currency by itself', async (t) => {
  const sums = { debits_pending: 5, credits_pending: 5 };
  const max = Number.MAX_SAFE_INTEGER;
  let currencies = [
    { currency: 'EUR', type: 'asset', debits_posted: max, credits_posted: 0, ...sums },
    { currency: 'EUR', type: 'liability', debits_posted: max, credits_posted: max, ...sums },
    { currency: 'EUR', type: 'equity', debits_posted: 0, credits_posted: max, ...sums },
  ];
  const client = await clientOf(t, (_request, response) => {
    response.end(JSON.stringify({ currencies }));
  });
  const good = await checkBank(client);
  assert.equal(good.balanced, true);
  assert.equal(good.currencies[0]?.debitsPosted, 2n * BigInt(max));
  const dollar = { ...sums, currency: 'USD', type: 'asset' };
  currencies = [...currencies, { ...dollar, debits_posted: 1, credits_posted: 2 }];
  const bad = await checkBank(client);
  assert.equal(bad.balanced, false);
  assert.deepEqual(
    bad.currencies.map(({ currency, balanced }) => [currency, balanced]),
    [
      ['EUR', true],
      ['USD', false],
    ],
  );
});
