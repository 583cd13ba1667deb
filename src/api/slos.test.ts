import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createBell, instantToText } from '#core';
import { createApi, createTenant } from '#api';
import { createRecorder } from '#slo';
import { openBank } from '../../test/bank.ts';
import { takeTurn } from '../capabilities/slo/watch.ts';
import { createLog } from '../serve.ts';

const bank = await openBank({ after });
const { planes, time } = bank;
const recorder = createRecorder(planes);
const app = await createApi({
  planes,
  sealed: createBell(),
  version: 'test',
  log: createLog('silent'),
  unready: () => undefined,
  gauges: () => ({}),
  recorder,
});
after(() => app.close());
const pool = planes.database.pool('app');

/** The key of a new tenant's first administrator. */
async function tenant(id: string, scopes: readonly string[] = ['admin', 'ledger:write']) {
  const created = await createTenant(planes, {
    ...{ tenant: id, name: id, timeZone: 'UTC', createdBy: 'service:test' },
    idempotencyKey: `create-${id}`,
    scopes: scopes as never,
  });
  return created.apiKey.secret;
}

async function get(secret: string, url: string) {
  const headers = { authorization: `Bearer ${secret}` };
  const { statusCode, body } = await app.inject({ method: 'GET', url, headers });
  return { status: statusCode, json: JSON.parse(body) as any, text: body };
}

async function post(secret: string, url: string, body: object, key: string) {
  const headers = {
    authorization: `Bearer ${secret}`,
    'content-type': 'application/json',
    'idempotency-key': key,
  };
  const payload = JSON.stringify(body);
  return app.inject({ method: 'POST', url, headers, payload });
}

const reads = ['policy:read', 'ledger:read', 'ledger:write', 'payments:write'];
const mine = await tenant('measured', reads);
const theirs = await tenant('elsewhere', reads);

function windowOf(board: any, name: string, window = '1h') {
  const item = board.items.find((each: any) => each.name === name);
  return item.windows.find((each: any) => each.window === window);
}

test('the board says of each objective how it stands, and no data where nothing was', async () => {
  const { status, json } = await get(mine, '/v1/slos');
  assert.equal(status, 200);
  assert.equal(json.as_of, instantToText(time.now));
  assert.deepEqual(
    json.items.map(({ name, is_measured }: any) => [name, is_measured]),
    [
      ['authorization-latency', true],
      ['scoring-latency', true],
      ['exactly-once', true],
      ['reconciliation', false],
      ['model-rollback', true],
      ['cohort-backfill', true],
    ],
  );
  const { status: state, value, numerator, denominator, from } = windowOf(json, 'reconciliation');
  assert.deepEqual([state, value, numerator, denominator], ['no_data', null, 0, 0]);
  assert.equal(from, instantToText(time.now - 3_600_000));
  assert.deepEqual(json.items[2].rules, [
    { name: 'any', window: '24h', burn_rate: 0, cases_min: 1, severity: 'page' },
  ]);
});

test('a key that was used with another body is a collision, and a retry is none', async () => {
  const account = { type: 'asset', currency: 'EUR' };
  assert.equal((await post(mine, '/v1/accounts', account, 'one')).statusCode, 201);
  assert.equal((await post(mine, '/v1/accounts', account, 'one')).statusCode, 200);
  const other = await post(mine, '/v1/accounts', { ...account, currency: 'USD' }, 'one');
  assert.equal(other.statusCode, 422, other.body);
  assert.equal((await post(mine, '/v1/accounts', account, 'two')).statusCode, 201);
  await recorder.flush(pool);
  const { json } = await get(mine, '/v1/maturity');
  const { status, value, numerator, denominator, as_of } = windowOf(
    json,
    'idempotency_collision_rate',
  );
  assert.deepEqual([status, value, numerator, denominator], ['measured', 0.25, 1, 4]);
  assert.equal(as_of, instantToText(time.now));
  const foreign = await get(theirs, '/v1/maturity');
  assert.equal(windowOf(foreign.json, 'idempotency_collision_rate').status, 'no_data');
  const metrics = await app.inject({ method: 'GET', url: '/metrics' });
  assert.match(metrics.body, /^countersign_idempotency_keyed_total 4$/m);
  assert.match(metrics.body, /^countersign_idempotency_reused_total 1$/m);
});

test('an authorization is timed whatever its outcome; a retry and a refusal are none', async () => {
  const open = async (body: object, key: string) => {
    const opened = await post(mine, '/v1/accounts', { currency: 'EUR', ...body }, key);
    return JSON.parse(opened.body).id as string;
  };
  const order = {
    ...{ kind: 'transfer', channel: 'mobile', amount: 1_500, currency: 'EUR' },
    debtor_account_id: await open({ type: 'liability', bound: 'no_overdraft' }, 'debtor'),
    creditor_account_id: await open({ type: 'liability' }, 'creditor'),
  };
  const answers = [
    await post(mine, '/v1/payments', order, 'pay'),
    await post(mine, '/v1/payments', order, 'pay'),
    await post(mine, '/v1/payments', { ...order, amount: -1 }, 'none'),
    await post(await tenant('reader', ['policy:read']), '/v1/payments', order, 'pay'),
    await post('no-such-key-0000000000', '/v1/payments', order, 'pay'),
  ];
  assert.deepEqual(
    answers.map(({ statusCode }) => statusCode),
    [201, 200, 422, 403, 401],
    answers[0]?.body,
  );
  await recorder.flush(pool);
  const { rows } = await bank.superuser.query(
    `select tenant_id, series, count::int from slo.measure where series like 'authorization%'`,
  );
  assert.deepEqual(rows, [{ tenant_id: 'measured', series: 'authorization', count: 1 }]);
  const { json } = await get(mine, '/v1/slos');
  assert.equal(windowOf(json, 'authorization-latency').denominator, 1);
});

test('alerts are on the board, in the list and in the metrics, without tenants there', async () => {
  for (let index = 0; index < 200; index += 1) recorder.observe('measured', 'authorization', 700);
  await recorder.flush(pool);
  await takeTurn({ ...planes, onError: (error) => assert.fail(error as Error) });
  const { json } = await get(mine, '/v1/slos');
  assert.deepEqual(
    json.items[0].alerts.map(({ rule, severity }: any) => [rule, severity]),
    [
      ['fast', 'page'],
      ['slow', 'ticket'],
    ],
  );
  const listed = await get(mine, '/v1/slo-alerts?slo=authorization-latency&limit=1');
  assert.equal(listed.json.items.length, 1);
  const rest = await get(mine, `/v1/slo-alerts?limit=1&after=${listed.json.next}`);
  assert.equal(rest.json.next, null);
  assert.deepEqual((await get(theirs, '/v1/slo-alerts')).json, { items: [], next: null });
  const metrics = (await app.inject({ method: 'GET', url: '/metrics' })).body;
  assert.match(metrics, /^countersign_slo_alerts_open\{slo="authorization-latency"\} 2$/m);
  assert.match(metrics, /^countersign_slo_alerts_open\{slo="exactly-once"\} 0$/m);
  assert.doesNotMatch(metrics, /measured"|elsewhere/);
});

test('a history has as many points as its window has steps', async () => {
  const path = '/v1/slos/authorization-latency/history';
  const sizes = [];
  for (const query of ['window=1h', 'window=24h&step=5m', '', 'window=7d&step=1h', 'window=30d']) {
    const { json, text } = await get(mine, `${path}?${query}`);
    assert.ok(
      json.items.every(({ from, to }: any) => from < to),
      text,
    );
    sizes.push([json.step, json.items.length]);
  }
  assert.deepEqual(sizes, [
    ['5m', 13],
    ['5m', 289],
    ['1h', 25],
    ['1h', 169],
    ['1d', 31],
  ]);
  assert.equal((await get(mine, `${path}?window=30d&step=5m`)).status, 422);
  assert.equal((await get(mine, '/v1/slos/sunshine/history')).status, 422);
});

test('service levels are read by whoever may read policy, and by nobody else', async () => {
  const other = await tenant('narrow', ['ledger:read']);
  for (const path of ['/v1/slos', '/v1/maturity', '/v1/slo-alerts']) {
    assert.equal((await get(other, path)).status, 403);
  }
  assert.equal((await get(other, '/v1/slos/exactly-once/history')).status, 403);
});
