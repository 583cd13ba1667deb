import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createBell } from '#core';
import { createApi } from '#api';
import { createBook, seedBook, transfer } from '../../simulators/cores/book.ts';
import { openApi } from '../../test/api.ts';
import { bookAdapter } from '../../test/book-adapter.ts';
import { mirroredBank } from '../../test/mirrored.ts';
import { createLog } from '../serve.ts';

const secret = 'a secret that nobody guesses';
const api = await openApi({ after });
const { bank } = api;
const book = createBook({ now: () => bank.time.now });
seedBook(book, {
  parties: [{ id: 'P1', name: 'Anna Example' }],
  accounts: [
    { id: 'A', party: 'P1', currency: 'EUR', balance: 1_000 },
    { id: 'B', party: 'P1', currency: 'EUR' },
  ],
});
const adapter = bookAdapter(book, { secret });
const of = await mirroredBank(bank, adapter);
await of.import();
const app = await createApi({
  ...{ planes: bank.planes, mirror: of.mirror, sealed: createBell(), version: 'test' },
  ...{ log: createLog('silent'), unready: () => undefined, gauges: () => ({}) },
});
after(() => app.close());

function push(payload: string, headers: Record<string, string> = {}) {
  const url = '/v1/core-events/book';
  return app.inject({ method: 'POST', url, payload, headers: { 'x-secret': secret, ...headers } });
}

async function kept(): Promise<number> {
  const { rows } = await bank.superuser.query<{ count: number }>(
    'select count(*)::int as count from register.core_event where tenant_id = $1',
    [of.tenant.id],
  );
  return rows[0]?.count ?? 0;
}

test('what a core pushes is kept before it is answered, once', async () => {
  bank.time.now += 1_000;
  transfer(book, {
    ...{ reference: 'R1', debtor: 'A', creditor: 'B', amount: 40, currency: 'EUR' },
    valueDate: '2026-01-05',
  });
  const told = await adapter.events?.poll?.({ limit: 10 });
  const body = JSON.stringify(told?.events);
  const answer = await push(body, { 'content-type': 'application/json' });
  assert.deepEqual([answer.statusCode, answer.json()], [200, { kept: 3 }]);
  assert.equal(await kept(), 3);
  const again = await push(body, { 'content-type': 'application/xml' });
  assert.deepEqual(again.json(), { kept: 0 });
  await of.follow();
  assert.deepEqual([await of.booked('A'), await of.booked('B')], [960, 40]);
});

test('nobody else tells us anything', async () => {
  const strangers = [
    [await push('[]', { 'x-secret': 'another one' }), 401, 'unauthenticated'],
    [await push('no JSON at all'), 422, 'invalid_request'],
    [await push('x'.repeat(300_000)), 413, 'body_too_large'],
    [
      await app.inject({ method: 'POST', url: '/v1/core-events/other', payload: '[]' }),
      404,
      'not_found',
    ],
  ] as const;
  for (const [answer, status, code] of strangers) {
    assert.deepEqual([answer.statusCode, answer.json().code], [status, code]);
  }
  const plain = await api.app.inject({
    method: 'POST',
    url: '/v1/core-events/book',
    payload: '[]',
  });
  assert.equal(plain.statusCode, 404, 'where no core is connected');
});

test('the secret of an address is in no log, problem or metric', async () => {
  const lines: string[] = [];
  const log = createLog('trace', { write: (line: string) => lines.push(line) });
  const { accept } = adapter.events ?? {};
  const broken = { ...adapter, events: { ...adapter.events, accept: () => assert.fail('broken') } };
  const loud = await createApi({
    ...{ planes: bank.planes, mirror: { ...of.mirror, adapter: broken }, version: 'test', log },
    ...{ sealed: createBell(), unready: () => undefined, gauges: () => ({}) },
  });
  after(() => loud.close());
  assert.ok(accept);
  const told = await Promise.all(
    ['book', 'other', 'book/none', 'BOOK'].flatMap((path) =>
      ['q-hidden-q', `q-hidden-q${'x'.repeat(300)}`, 'q-hidden-q&secret=q-hidden-q'].map((shown) =>
        loud.inject({
          ...{ method: 'POST', url: `/v1/core-events/${path}?secret=${shown}`, payload: '[]' },
        }),
      ),
    ),
  );
  const statuses = told.map(({ statusCode }) => statusCode);
  assert.ok(
    statuses.includes(500) && statuses.includes(404) && statuses.includes(422),
    statuses.join(),
  );
  assert.ok(lines.length > 0);
  const metrics = (await loud.inject({ url: '/metrics' })).body;
  const all = [...lines, ...told.map(({ body }) => body), metrics].join('');
  assert.doesNotMatch(all, /q-hidden-q/);
});

test('differences are listed a page at a time, and counted', async () => {
  const account = book.accounts.get('B');
  assert.ok(account);
  account.booked += 5;
  await of.compare();
  const boss = await api.tenant('other-bank');
  assert.deepEqual((await boss.get('/v1/cores/differences')).json.items, []);
  const { rows } = await bank.superuser.query('select from register.core_difference');
  assert.equal(rows.length, 1);
  const metrics = (await app.inject({ url: '/metrics' })).body;
  assert.match(metrics, /countersign_core_differences\{core="book",kind="balance"\} 1/);
  account.booked -= 5;
  await of.compare();
  const later = (await app.inject({ url: '/metrics' })).body;
  assert.match(later, /countersign_core_differences\{core="book",kind="balance"\} 0/);
});
