// The API as its callers meet it: what it refuses and why, what it repeats, what it shows to whom.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openApi } from '../../test/api.ts';

const api = await openApi({ after });
const bank = await api.tenant('bank');
const other = await api.tenant('other');
const cash = await bank.open({ type: 'asset' });
const customer = await bank.open({ bound: 'no_overdraft' });
const strangers = await other.open();

const transfer = (more: object = {}) => ({
  debit_account_id: cash,
  credit_account_id: customer,
  amount: 100,
  currency: 'EUR',
  ...more,
});

async function journalRows(): Promise<number> {
  const { rows } = await api.bank.superuser.query('select count(*)::int as n from money.transfer');
  return rows[0].n;
}

/** What is wrong, the status and code it gets, and a word that its explanation must contain. */
const badInput: [string, () => unknown, number, string, RegExp][] = [
  ['a negative amount', () => transfer({ amount: -1 }), 422, 'invalid_request', /amount/],
  ['an amount of zero', () => transfer({ amount: 0 }), 422, 'invalid_request', /amount/],
  ['a fraction', () => transfer({ amount: 1.5 }), 422, 'invalid_request', /amount/],
  ['a text', () => transfer({ amount: '100' }), 422, 'invalid_request', /amount/],
  [
    'more than 2^53-1',
    () => JSON.stringify(transfer()).replace('100', '9007199254740992'),
    422,
    'invalid_request',
    /amount/,
  ],
  [
    'a fraction that a float would round away',
    () => JSON.stringify(transfer()).replace('100', '9007199254740990.6'),
    422,
    'invalid_request',
    /amount/,
  ],
  [
    '1e400',
    () => JSON.stringify(transfer()).replace('100', '1e400'),
    422,
    'invalid_request',
    /amount/,
  ],
  ['an unknown currency', () => transfer({ currency: 'XXQ' }), 422, 'unknown_currency', /./],
  [
    'another currency than the accounts have',
    () => transfer({ currency: 'JPY' }),
    422,
    'currency_mismatch',
    /./,
  ],
  [
    'a currency in small letters',
    () => transfer({ currency: 'eur' }),
    422,
    'invalid_request',
    /currency/,
  ],
  [
    'the same account twice',
    () => transfer({ credit_account_id: cash }),
    422,
    'accounts_same',
    /./,
  ],
  [
    "another tenant's account",
    () => transfer({ credit_account_id: strangers }),
    422,
    'credit_account_not_found',
    /./,
  ],
  [
    'an id of another kind',
    () => transfer({ debit_account_id: cash.replace('acc', 'trf') }),
    422,
    'invalid_request',
    /debit_account_id/,
  ],
  [
    'an unknown field',
    () => transfer({ ammount: 5 }),
    422,
    'invalid_request',
    /ammount.*not a field/,
  ],
  [
    'no amount',
    () => ({ ...transfer(), amount: undefined }),
    422,
    'invalid_request',
    /amount.*required/,
  ],
  ['broken JSON', () => '{"amount": 1,', 400, 'invalid_json', /./],
  ['a body of null', () => 'null', 422, 'invalid_request', /./],
  [
    '30 February',
    () => transfer({ effective_at: '2026-02-30T00:00:00Z' }),
    422,
    'invalid_request',
    /effective_at/,
  ],
  [
    'a date without a zone',
    () => transfer({ effective_at: '2026-02-03T00:00:00' }),
    422,
    'invalid_request',
    /effective_at/,
  ],
  [
    'an effect far in the future',
    () => transfer({ effective_at: '2036-01-01T00:00:00Z' }),
    422,
    'effective_too_far',
    /./,
  ],
  [
    '100,000 items',
    () => `[${Array.from({ length: 100_000 }, () => '{}').join(',')}]`,
    422,
    'too_many_items',
    /1000/,
  ],
  ['an empty array', () => [], 422, 'invalid_request', /./],
  [
    'more than was there',
    () => transfer({ debit_account_id: customer, credit_account_id: cash, amount: 99_999_999 }),
    422,
    'insufficient_funds',
    /./,
  ],
];

for (const [name, body, status, code, detail] of badInput) {
  test(`a transfer with ${name} is refused as ${code}, and nothing is posted`, async () => {
    const rows = await journalRows();
    const reply = await bank.post('/v1/transfers', body());
    assert.deepEqual([reply.status, reply.json?.code], [status, code], reply.text);
    assert.match(String(reply.headers['content-type']), /^application\/problem\+json/);
    assert.match(JSON.stringify(reply.json), detail);
    assert.equal(reply.json.type, `/problems/${code}`);
    assert.equal(await journalRows(), rows);
  });
}

test('a body of 10 MB is refused before it is read', async () => {
  const reply = await bank.post('/v1/transfers', `"${'x'.repeat(10 * 1024 * 1024)}"`);
  assert.deepEqual([reply.status, reply.json.code], [413, 'body_too_large']);
});

test('a frozen or closed account takes nothing', async () => {
  const account = await bank.open();
  const change = (status: string) =>
    bank.send({
      method: 'PATCH',
      url: `/v1/accounts/${account}`,
      headers: { 'content-type': 'application/json', 'idempotency-key': `${account}-${status}` },
      payload: JSON.stringify({ status }),
    });
  for (const status of ['frozen', 'closed']) {
    const changed = await change(status);
    assert.equal(changed.status, 201, changed.text);
    const reply = await bank.post('/v1/transfers', transfer({ credit_account_id: account }));
    assert.deepEqual([reply.status, reply.json.code], [422, `credit_account_${status}`]);
  }
});

test('without an idempotency key, or with one that is none, nothing is written', async () => {
  const none = await bank.send({
    method: 'POST',
    url: '/v1/transfers',
    headers: { 'content-type': 'application/json' },
    payload: JSON.stringify(transfer()),
  });
  assert.deepEqual([none.status, none.json.code], [400, 'idempotency_key_missing']);
  const long = await bank.post('/v1/transfers', transfer(), { key: 'x'.repeat(256) });
  assert.deepEqual([long.status, long.json.code], [400, 'idempotency_key_invalid']);
});

test('a retry gets the first answer, and the same key with another body is refused', async () => {
  const first = await bank.post('/v1/transfers', transfer({ amount: 7 }), { key: 'once' });
  assert.equal(first.status, 201);
  const again = await bank.post('/v1/transfers', transfer({ amount: 7 }), { key: 'once' });
  assert.deepEqual([again.status, again.headers['idempotent-replayed']], [200, 'true']);
  assert.deepEqual(again.json, first.json);
  const different = await bank.post('/v1/transfers', transfer({ amount: 8 }), { key: 'once' });
  assert.deepEqual([different.status, different.json.code], [422, 'idempotency_key_reused']);
  // Keys are the tenant's own.
  const account = await other.open();
  const theirs = await other.post(
    '/v1/transfers',
    { ...transfer(), debit_account_id: strangers, credit_account_id: account },
    { key: 'once' },
  );
  assert.equal(theirs.status, 201);
});

test('an array answers item by item', async () => {
  const items = [transfer({ idempotency_key: 'a-1' }), transfer({ currency: 'JPY' }), transfer()];
  const reply = await bank.post('/v1/transfers', items, { key: 'array' });
  assert.equal(reply.status, 200);
  assert.deepEqual(
    reply.json.items.map((item: { status: string; code?: string }) => item.code ?? item.status),
    ['posted', 'currency_mismatch', 'posted'],
  );
  const again = await bank.post('/v1/transfers', items, { key: 'array' });
  assert.deepEqual(
    again.json.items.map((item: { replayed?: boolean }) => item.replayed ?? false),
    [true, true, true],
  );
});

test('a hold lives through increase, capture and void over HTTP', async () => {
  const held = await bank.post('/v1/holds', transfer({ amount: 500 }));
  assert.equal(held.status, 201, held.text);
  const { id } = held.json.hold;
  assert.equal(
    (await bank.post(`/v1/holds/${id}/increase`, { amount: 100 })).json.hold.amount,
    600,
  );
  const captured = await bank.post(`/v1/holds/${id}/capture`, { amount: 250, final: false });
  assert.deepEqual([captured.json.hold.captured, captured.json.hold.status], [250, 'open']);
  const tooMuch = await bank.post(`/v1/holds/${id}/capture`, { amount: 351 });
  assert.deepEqual([tooMuch.status, tooMuch.json.code], [422, 'amount_exceeds_hold']);
  // No body is needed where there is nothing to say.
  const voided = await bank.send({
    method: 'POST',
    url: `/v1/holds/${id}/void`,
    headers: { 'idempotency-key': 'void-it' },
  });
  assert.deepEqual([voided.status, voided.json.hold.status], [201, 'voided']);
  assert.equal((await bank.get(`/v1/holds/${id}`)).json.released, 350);
});

test('nobody is let in without a key that is good for it', async () => {
  const none = await api.app.inject({ method: 'GET', url: '/v1/accounts' });
  assert.equal(none.statusCode, 401);
  assert.equal(none.headers['www-authenticate'], 'Bearer');
  const wrong = await api.caller('x'.repeat(43)).get('/v1/accounts');
  assert.deepEqual([wrong.status, wrong.json.code], [401, 'unauthenticated']);
  const reader = await bank.post('/v1/api-keys', {
    name: 'reader',
    principal_kind: 'service',
    principal_id: 'reports',
    scopes: ['ledger:read'],
  });
  const caller = api.caller(reader.json.secret);
  const read = await caller.get('/v1/accounts');
  assert.deepEqual([read.status, read.headers['cache-control']], [200, 'no-store']);
  const refused = await caller.post('/v1/transfers', transfer());
  assert.deepEqual([refused.status, refused.json.code], [403, 'forbidden']);
  const operator = await bank.post('/v1/tenants', { tenant_id: 'mine', name: 'Mine' });
  assert.equal(operator.status, 403);
});

test('a revoked key is refused at once, in spite of every cache', async () => {
  const issued = await bank.post('/v1/api-keys', {
    name: 'short-lived',
    principal_kind: 'service',
    principal_id: 'helper',
    scopes: ['ledger:read', 'ledger:write'],
  });
  const caller = api.caller(issued.json.secret);
  assert.equal((await caller.post('/v1/transfers', transfer())).status, 201);
  const revoked = await bank.send({
    method: 'DELETE',
    url: `/v1/api-keys/${issued.json.id}`,
    headers: { 'idempotency-key': 'revoke-it' },
  });
  assert.equal(revoked.status, 200, revoked.text);
  assert.equal((await caller.post('/v1/transfers', transfer())).status, 401);
  assert.equal((await caller.get('/v1/accounts')).status, 401);
});

test("no address shows another tenant's rows", async () => {
  const posted = await bank.post('/v1/transfers', transfer());
  const held = await bank.post('/v1/holds', transfer());
  await api.seal();
  const events = (await bank.get('/v1/events?limit=200')).json.items;
  const addresses = [
    `/v1/accounts/${cash}`,
    `/v1/accounts/${cash}/balances`,
    `/v1/accounts/${cash}/entries`,
    `/v1/transfers/${posted.json.transfers[0].id}`,
    `/v1/holds/${held.json.hold.id}`,
    `/v1/events/${events.at(-1).event.id}`,
    `/v1/events/${events.at(-1).event.id}/receipt`,
  ];
  for (const address of addresses) {
    assert.equal((await bank.get(address)).status, 200, address);
    const reply = await other.get(address);
    assert.deepEqual([reply.status, reply.json.code], [404, 'not_found'], address);
  }
  for (const action of ['capture', 'void']) {
    const reply = await other.post(`/v1/holds/${held.json.hold.id}/${action}`, {});
    assert.deepEqual([reply.status, reply.json.code], [422, 'hold_not_found']);
  }
});

test('a page leads to the next until all is seen', async () => {
  const caller = await api.tenant('pages');
  const ids = [];
  for (let count = 0; count < 5; count += 1) ids.push(await caller.open());
  const seen: string[] = [];
  for (let next: string | null = ''; next !== null; ) {
    const { json } = await caller.get(`/v1/accounts?limit=2${next && `&after=${next}`}`);
    seen.push(...json.items.map((item: { id: string }) => item.id));
    next = json.next;
  }
  assert.deepEqual(seen.sort(), ids.sort());
  const tooMany = await caller.get('/v1/accounts?limit=501');
  assert.deepEqual([tooMany.status, tooMany.json.code], [422, 'invalid_request']);
});

test('events stream as they are sealed, and resume where a reader left', async () => {
  await api.app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = api.app.server.address() as { port: number };
  const caller = await api.tenant('stream');
  await caller.open();
  await api.seal();
  const stopping = new AbortController();
  const answer = await fetch(`http://127.0.0.1:${port}/v1/events`, {
    headers: {
      authorization: `Bearer ${caller.apiKey}`,
      accept: 'text/event-stream',
      'last-event-id': '5',
    },
    signal: stopping.signal,
  });
  assert.equal(answer.headers.get('content-type'), 'text/event-stream');
  let text = '';
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  const until = async (part: RegExp) => {
    while (!part.test(text)) text += (await reader.read()).value ?? '';
  };
  await until(/id: 6\nevent: account\.opened\ndata: \{/);
  assert.ok(!text.includes('id: 5\n'));
  await caller.open();
  await api.seal();
  await until(/id: 8\n/);
  stopping.abort();
});

test('health, readiness, metrics, documentation and problems are open to everybody', async () => {
  const get = (url: string) => api.app.inject({ method: 'GET', url });
  for (const url of ['/healthz', '/readyz', '/openapi.json', '/asyncapi.json', '/docs/']) {
    assert.equal((await get(url)).statusCode, 200, url);
  }
  const metrics = await get('/metrics');
  assert.match(
    metrics.body,
    /countersign_http_requests_total\{method="POST",route="\/v1\/transfers"/,
  );
  assert.match(metrics.body, /countersign_state\{name="commands_queued"\} 0/);
  assert.equal((await get('/problems/insufficient_funds')).json().status, 422);
  const nothing = await get('/v2/nothing');
  assert.deepEqual([nothing.statusCode, nothing.json().code], [404, 'not_found']);
});

test('an event can be read by the schema that it names', async () => {
  await api.seal();
  const { json } = await bank.get('/v1/events?limit=200');
  const types = new Map<string, { dataschema: string }>(
    json.items.map(({ event }: { event: { type: string; dataschema: string } }) => [
      event.type,
      event,
    ]),
  );
  assert.ok(types.size >= 6);
  const { Ajv } = await import('ajv');
  const formats = (await import('ajv-formats')).default as unknown as (ajv: unknown) => void;
  for (const [type, event] of types) {
    const schema = (await bank.get(event.dataschema)).json;
    const ajv = new Ajv({ strict: false });
    formats(ajv);
    const check = ajv.compile({ ...schema, $id: undefined });
    assert.ok(check(event), `${type}: ${JSON.stringify(check.errors)}`);
  }
});

test('a text that is no Unicode is refused, not mended', async () => {
  const reply = await bank.post(
    '/v1/transfers',
    JSON.stringify(transfer({ metadata: { note: 'X' } })).replace('X', '\\ud800'),
  );
  assert.deepEqual([reply.status, reply.json.code], [422, 'invalid_request'], reply.text);
  for (const address of ['/v1/search?q=%00', '/v1/accounts/%00', '/v1/limits?key=a%00b']) {
    const refused = await bank.get(address);
    assert.deepEqual([refused.status, refused.json.code], [400, 'bad_request'], address);
  }
});
