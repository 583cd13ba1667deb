import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { seededRandom } from '#core';
import fastify from 'fastify';
import { serveConsole } from './console.ts';

const folder = mkdtempSync(join(tmpdir(), 'console-'));
const app = fastify();
const pages = serveConsole(app, { folder, random: seededRandom(7) });
app.setNotFoundHandler(async (request, reply) => {
  const page = await pages(request, reply);
  return page === undefined ? reply.code(404).send({ code: 'not_found' }) : reply.send(page);
});
after(() => app.close());

const html = { accept: 'text/html,*/*' };
const get = (url: string, headers: Record<string, string> = {}) => app.inject({ url, headers });

test('a console that is not built yet says so, and looks again by itself', async () => {
  const answer = await get('/payments', html);
  assert.equal(answer.statusCode, 503);
  assert.match(answer.body, /http-equiv="refresh".*is being built/s);
});

test('every page has a nonce of its own, and a policy that admits nothing else', async () => {
  writeFileSync(join(folder, 'index.html'), '<meta name="csp-nonce" content="__NONCE__">');
  const [one, other] = await Promise.all([get('/payments/pay_1?tab=raw', html), get('/', html)]);
  assert.equal(one.statusCode, 200);
  const nonce = /content="([A-Za-z0-9+/]{24})"/.exec(one.body)?.[1] ?? 'none';
  const policy = String(one.headers['content-security-policy']);
  assert.ok(policy.includes(`'nonce-${nonce}'`));
  assert.match(policy, /default-src 'none'; script-src 'self';.*frame-ancestors 'none'/);
  assert.doesNotMatch(policy, /unsafe|\*|https:/);
  assert.notEqual(one.body, other.body);
  assert.equal(one.headers['cache-control'], 'no-store');
});

test('a program that mistypes an address gets a problem, and no page', async () => {
  for (const [url, headers] of [
    ['/v1/paymets', html],
    ['/assets/none.js', html],
    ['/payments', {}],
  ] as const) {
    assert.equal((await get(url, headers)).statusCode, 404, url);
  }
  const written = await app.inject({ method: 'POST', url: '/payments', headers: html });
  assert.equal(written.statusCode, 404);
});

test('assets are kept for ever and sent compressed; nothing beside them is reached', async () => {
  mkdirSync(join(folder, 'assets'), { recursive: true });
  writeFileSync(join(folder, 'assets/a-1.js'), 'export {}');
  writeFileSync(join(folder, 'assets/a-1.js.br'), 'packed');
  const plain = await get('/assets/a-1.js');
  assert.equal(plain.body, 'export {}');
  assert.match(String(plain.headers['cache-control']), /immutable/);
  const packed = await get('/assets/a-1.js', { 'accept-encoding': 'br' });
  assert.deepEqual([packed.headers['content-encoding'], packed.body], ['br', 'packed']);
  for (const url of [
    '/assets/../index.html',
    '/assets/%2e%2e/index.html',
    '/assets/..%2findex.html',
  ]) {
    assert.notEqual((await get(url)).statusCode, 200, url);
  }
});
