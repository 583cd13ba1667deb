import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { after, test } from 'node:test';
import { createApi, createTenant } from '#api';
import { issueKey } from '../src/api/api-keys.ts';
import { createBell, Fault, seededRandom, toMinorUnits } from '#core';
import { pino } from 'pino';
import { monday, openBank } from '../test/bank.ts';
import { bankDay } from './bank-day.ts';
import {
  type Answer,
  type Call,
  checkBank,
  createLoadClient,
  type LoadClient,
} from './load-client.ts';
import type { AccountSpec, Operation, Traffic } from './operation.ts';
import { isKept, runTraffic, type TrafficReport } from './run-traffic.ts';

const bank = await openBank({ after });
const clock = { now: () => bank.time.now };

test('a bank day goes through the real API: twins get one answer, the books balance', async (t) => {
  const client = await realClient(t);
  const traffic = bankDay({ seed: 3, customers: 40, transactions: 250, day: '2026-01-05' });
  const seen: number[] = [];
  const report = await run(client, traffic, {
    duplicates: 0.1,
    collisions: 0.05,
    repeats: 0.2,
    concurrency: 16,
    onProgress: (done: number) => seen.push(done),
  });
  assert.equal(report.setup.accounts, traffic.accounts.length);
  assert.equal(report.done + report.waiting + report.rejected + report.leftOut, traffic.count?.());
  assert.equal(seen.at(-1), traffic.count?.());
  assert.ok(report.done > 300 && report.duplicates.sent > 20 && report.collisions.sent > 5);
  assert.ok(isKept(report), JSON.stringify(report));
  assert.ok(report.repeats.sent > 10, 'clearing messages came again');
  const known = [
    /^(insufficient_funds|credit_limit_exceeded|limit_exceeded)( usual_payment)?$/,
    /^policy_hold( confirm_\w+)+$/,
    /^policy_review large_without_score$/,
  ];
  assert.deepEqual(
    Object.keys(report.rejections).filter((why) => !known.some((each) => each.test(why))),
    [],
  );
  const { balanced, currencies } = await checkBank(client);
  assert.equal(balanced, true);
  assert.deepEqual(currencies.map(({ currency }) => currency).sort(), ['EUR', 'USD']);
  assert.ok(currencies.every(({ debitsPosted }) => debitsPosted > 0n));

  const again = await run(client, traffic, {});
  assert.equal(again.done, report.done, 'the day once more: every answer is the first one');
  assert.deepEqual((await checkBank(client)).currencies, currencies);
});

test('operations of one chain are answered in order, and others meanwhile', async () => {
  const order: string[] = [];
  let running = 0;
  let most = 0;
  const client = fakeClient(async ({ idempotencyKey = '' }) => {
    running += 1;
    most = Math.max(most, running);
    for (let turn = Number(idempotencyKey) % 3; turn >= 0; turn -= 1) await setImmediate();
    running -= 1;
    order.push(idempotencyKey);
    return posted(idempotencyKey);
  });
  const operations = Array.from({ length: 90 }, (_, n) => post(`${n}`, { chains: [`c${n % 3}`] }));
  await run(client, traffic(operations), { concurrency: 8 });
  for (const chain of [0, 1, 2]) {
    const numbers = order.map(Number).filter((number) => number % 3 === chain);
    assert.deepEqual(
      numbers,
      [...numbers].sort((a, b) => a - b),
    );
  }
  assert.equal(most, 3);
});

test('what continues an operation names its id, and is left out if that was rejected', async () => {
  const paths: string[] = [];
  const client = fakeClient(async ({ path, idempotencyKey = '' }) => {
    paths.push(path);
    if (path.includes('/capture')) return ok({ payment_id: 'pay_good', status: 'captured' });
    const outcome = idempotencyKey === 'bad' ? 'denied' : 'allowed';
    return ok({ id: `pay_${idempotencyKey}`, outcome, code: 'insufficient_funds' });
  });
  const hold = (key: string): Operation => ({
    action: 'authorize',
    leg,
    debtor: 'cus_a',
    expiresInMs: 1_000,
    metadata: {},
    kind: 'card_authorization',
    key,
    effectiveAt: monday,
    chains: ['a'],
    continuations: 1,
  });
  const capture = (key: string): Operation => ({
    action: 'capture',
    final: true,
    kind: 'card_capture',
    key: `${key}/capture`,
    effectiveAt: monday,
    chains: ['a'],
    after: key,
  });
  const all = [hold('good'), hold('bad'), capture('good'), capture('bad')];
  const report = await run(client, traffic(all), {});
  const asked = '/v1/card-authorizations';
  assert.deepEqual(paths, [asked, asked, '/v1/payments/pay_good/capture']);
  assert.deepEqual(
    [report.done, report.rejected, report.leftOut, report.rejections],
    [2, 1, 1, { insufficient_funds: 1 }],
  );
});

test('a twin with another answer and a key that serves two bodies are found out', async () => {
  let count = 0;
  const client = fakeClient(async () => {
    count += 1;
    return posted(`${count}`);
  });
  const operations = Array.from({ length: 20 }, (_, n) => post(`${n}`, {}));
  const report = await run(client, traffic(operations), { duplicates: 1, collisions: 1 });
  assert.deepEqual(report.duplicates, { sent: 20, sameAnswer: 0 });
  assert.deepEqual(report.collisions, { sent: 20, refused: 0 });
  assert.equal(isKept(report), false);
});

test('an account that is not opened and a request that does not fit end the run', async () => {
  const code = 'unknown_currency';
  const closed: LoadClient = {
    ...fakeClient(async () => posted('x')),
    send: async () =>
      ok({
        items: [
          { status: 'rejected', code },
          { status: 'rejected', code },
        ],
      }),
  };
  await assert.rejects(run(closed, traffic([]), {}), /account a was not opened: unknown_currency/);
  const fault = { status: 401, replayed: false, text: '{"code":"unauthenticated"}' };
  const strange = fakeClient(async () => fault);
  await assert.rejects(
    run(strange, traffic([post('1', {})]), {}),
    (error) => error instanceof Fault && error.code === 'unauthenticated',
  );
});

test('accounts that appear in the stream are opened before what uses them is sent', async () => {
  let isOpen = false;
  const client = fakeClient(async ({ body = '' }) => {
    assert.ok(isOpen && body.includes('acc-late'));
    return posted('x');
  });
  const late: LoadClient = {
    ...client,
    async send(call) {
      if (call.path !== '/v1/accounts' || !call.body?.includes('"late"')) return client.send(call);
      await setImmediate();
      isOpen = true;
      return ok({ items: [{ status: 'accepted', account: { id: 'acc-late' } }] });
    },
  };
  const opening: Operation = {
    action: 'open',
    accounts: [account('late')],
    kind: 'opening',
    key: 'o',
    effectiveAt: 0,
    chains: [],
  };
  const legs = [{ ...leg, debit: 'late' }];
  const operations = [opening, post('1', { legs }), post('2', { legs })];
  assert.equal((await run(late, traffic(operations), {})).done, 2);
});

const leg = { debit: 'a', credit: 'b', amount: toMinorUnits(100), currency: 'EUR' };

function account(name: string): AccountSpec {
  return { account: name, idempotencyKey: name, type: 'liability', currency: 'EUR', bound: 'none' };
}

function post(key: string, change: object): Operation {
  const operation = {
    action: 'post',
    legs: [leg],
    metadata: {},
    kind: 'streamed_transfer',
  } as const;
  return { ...operation, key, effectiveAt: monday, chains: [], ...change };
}

function traffic(operations: readonly Operation[]): Traffic {
  return { accounts: [account('a'), account('b')], funding: [], operations };
}

function run(
  client: LoadClient,
  traffic: Traffic,
  options: Partial<Parameters<typeof runTraffic>[0]>,
): Promise<TrafficReport> {
  const random = seededRandom(5);
  const quiet = { concurrency: 4, duplicates: 0, collisions: 0, random, clock };
  return runTraffic({ ...quiet, ...options, client, traffic });
}

/** Opens every account and leaves the rest to the test. */
function fakeClient(send: (call: Call) => Promise<Answer>): LoadClient {
  return {
    retries: {},
    close: async () => undefined,
    async send(call) {
      if (call.path !== '/v1/accounts') return send(call);
      const accounts = JSON.parse(call.body ?? '[]') as { idempotency_key: string }[];
      const opened = accounts.map(({ idempotency_key: key }) => ({
        status: 'accepted',
        account: { id: `acc-${key}` },
      }));
      return ok({ items: opened });
    },
  };
}

function ok(body: unknown): Answer {
  return { status: 200, replayed: false, text: JSON.stringify(body) };
}

function posted(id: string): Answer {
  return ok({ status: 'posted', transfers: [{ id: `transfer-${id}` }] });
}

async function realClient(t: { after: (close: () => Promise<void>) => void }) {
  await createTenant(bank.planes, {
    tenant: 'day',
    name: 'A bank day',
    timeZone: 'UTC',
    createdBy: 'service:test',
    idempotencyKey: 'day',
  });
  const apiKey = await issueKey(bank.planes, {
    principal: { kind: 'service', id: 'test', tenant: 'day' },
    idempotencyKey: 'system',
    name: 'posting system',
    holder: 'service:posting-system',
    scopes: [
      ...['ledger:read', 'ledger:write', 'payments:read', 'payments:write'],
      'authenticators:write',
    ],
    expiresAt: null,
  });
  const api = await createApi({
    planes: bank.planes,
    sealed: createBell(),
    version: 'test',
    log: pino({ level: 'silent' }),
    unready: () => undefined,
    gauges: () => ({}),
  });
  const url = await api.listen({ host: '127.0.0.1', port: 0 });
  const client = createLoadClient({
    url,
    apiKey: apiKey.secret,
    connections: 16,
    deadlineMs: 20_000,
    random: seededRandom(4),
  });
  t.after(async () => {
    await client.close();
    await api.close();
  });
  return client;
}
