import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { Fault } from '#core';
import {
  dayIn,
  decimalOf,
  instantIn,
  jsonNumber,
  jsonText,
  minorUnitsOf,
  openWire,
  readJson,
} from './wire.ts';

const server = createServer((request, response) => {
  if (request.url === '/lost') return void request.resume().on('end', () => response.destroy());
  if (request.url === '/slow') return;
  response.end(JSON.stringify({ url: request.url, key: request.headers['x-key'] }));
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const wire = openWire({
  core: 'tested',
  url: `${url}/`,
  headers: { 'x-key': 's' },
  timeoutMs: 400,
});
after(async () => {
  await wire.close();
  server.closeAllConnections();
  server.close();
});

test('amounts pass in their decimals, exactly, and nothing is rounded', () => {
  for (const [amount, currency, text] of [
    [1_050, 'EUR', '10.50'],
    [1_050, 'JPY', '1050'],
    [1_050, 'KWD', '1.050'],
    [9_007_199_254_740_991, 'EUR', '90071992547409.91'],
  ] as const) {
    assert.equal(decimalOf(amount, currency), text);
    assert.equal(minorUnitsOf(text, currency, 'tested'), amount);
  }
  assert.equal(minorUnitsOf('+1,234.500000', 'EUR', 'tested'), 123_450);
  assert.equal(minorUnitsOf('-0.01', 'EUR', 'tested'), -1);
  const wrong = ['1.005', '1e3', '', undefined, 'NaN', '1.2.3', '0x10', '112,45', '1,2,3', '1,'];
  for (const text of wrong) {
    assert.throws(() => minorUnitsOf(text, 'EUR', 'tested'), { code: 'core_failed' });
  }
});

test('numbers of JSON keep their digits in both directions', () => {
  const json = readJson('{"amount": 90071992547409.91, "list": [0.10]}');
  assert.equal(jsonText(json, 'amount'), '90071992547409.91');
  assert.equal(jsonText(json, 'list', 0), '0.10');
  assert.equal(JSON.stringify({ amount: jsonNumber('0.10') }), '{"amount":0.10}');
  assert.equal(readJson('{cut'), undefined);
});

test('days and instants are those of the zone of the core', () => {
  const zone = 'Europe/Berlin';
  assert.equal(instantIn(zone, '2026-01-15 12:00:00'), '2026-01-15T11:00:00.000Z');
  assert.equal(instantIn(zone, '2026-07-15T12:00:00.250'), '2026-07-15T10:00:00.250Z');
  assert.equal(instantIn(zone, '2026-07-15T12:00:00+0530'), '2026-07-15T06:30:00.000Z');
  assert.equal(instantIn(zone, '2026-03-29'), '2026-03-28T23:00:00.000Z');
  assert.equal(instantIn('UTC', 'yesterday'), undefined);
  const late = Date.parse('2026-12-31T23:30:00Z');
  assert.deepEqual([dayIn(zone, late), dayIn('UTC', late)], ['2027-01-01', '2026-12-31']);
});

test('an answer that is lost is a failure of what reads, and unknown of what moves', async () => {
  const answer = await wire.ask({ path: '/a', query: { q: 'x y', none: undefined } });
  assert.deepEqual(JSON.parse(answer.body), { url: '/a?q=x+y', key: 's' });
  for (const path of ['/lost', '/slow']) {
    await assert.rejects(wire.ask({ path }), (error) => {
      assert.ok(error instanceof Fault && error.code === 'core_failed');
      assert.equal(error.detail['class'], 'unavailable');
      return true;
    });
    assert.equal(await wire.order({ method: 'POST', path, body: '{}' }), undefined);
  }
});

test('where nothing can have arrived, a move throws', async () => {
  const nobody = openWire({ core: 'tested', url: 'http://127.0.0.1:1' });
  await assert.rejects(nobody.order({ method: 'POST', path: '/' }), { code: 'core_failed' });
  await nobody.close();
});

test('no id leads to what stands above its record', async () => {
  for (const id of ['.', '..']) {
    const path = `/accounts/${encodeURIComponent(id)}`;
    await assert.rejects(wire.ask({ path }), { code: 'input_invalid' });
    await assert.rejects(wire.order({ path, method: 'POST' }), { code: 'input_invalid' });
  }
  const sly = `/accounts/${encodeURIComponent('../x\r\ny?z#')}`;
  const { body } = await wire.ask({ path: sly });
  assert.equal(JSON.parse(body).url, '/accounts/..%2Fx%0D%0Ay%3Fz%23');
});
