// What agents see of the gateway by MCP, message by message, in both revisions.
import assert from 'node:assert/strict';
import { Fault, type Json } from '#core';
import type { AskedCall, GatewayCaller, ProposalView, ToolHost, ToolView } from '#gateway';
import { fastify, type FastifyInstance } from 'fastify';
import { type TestContext, test } from 'node:test';
import { fixtureCaller } from '../../../test/mcp-fixture.ts';
import { bodyLimit, parseBody } from '../body.ts';
import { type McpOptions, mcpPath, mountMcp } from './mount.ts';

const proposal: ProposalView = {
  proposal_id: 'prp_1',
  tool: 'transfers.confirm',
  waits_for: 'customer',
  terms: 'Pay 120.00 EUR to •••• 4411',
  expires_at: '2026-11-23T10:00:00.000Z',
};

test('a caller is shown its own tools, page by page, with all that may come back', async (t) => {
  const { send, listedFor } = openMcp(t, { tools: many(103) });
  const first = await send('tools/list', {});
  const { tools, nextCursor, ttlMs, cacheScope } = first.result;
  assert.deepEqual([tools.length, nextCursor], [100, tools[99].name]);
  assert.deepEqual([ttlMs, cacheScope], [0, 'private'], 'rights may change at any time');
  const second = await send('tools/list', { cursor: nextCursor });
  assert.deepEqual([second.result.tools.length, second.result.nextCursor], [3, undefined]);
  assert.deepEqual(listedFor, ['agent-1', 'agent-1']);

  const { result } = await openMcp(t).send('tools/list', {});
  const [read, write] = result.tools;
  assert.deepEqual(
    [read.annotations.readOnlyHint, write.annotations.destructiveHint],
    [true, true],
  );
  assert.equal(write._meta['io.countersign/effect'], 'financial');
  const titles = (tool: any) => tool.outputSchema.anyOf.map(({ title }: any) => title ?? 'Output');
  assert.deepEqual(
    [titles(read), titles(write)],
    [
      ['Output', 'Problem'],
      ['Output', 'Waiting', 'Problem'],
    ],
  );
});

test('key, purpose, query and trace of a call come in _meta or in headers', async (t) => {
  const { send, handshaken, calls } = openMcp(t);
  const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  const said = {
    ...{ 'idempotency-key': 'k-1', purpose: 'servicing', traceparent },
    'triggering-query': 'What%20is%20left%3F',
  };
  const _meta = {
    'io.countersign/idempotency-key': 'k-1',
    'io.countersign/purpose': 'servicing',
    'io.countersign/query': 'What is left?',
    traceparent,
  };
  const params = { name: 'accounts.list', arguments: { limit: 2 } };
  const results = [
    await send('tools/call', params, said),
    await send('tools/call', { ...params, _meta }),
    await handshaken('tools/call', params, said),
    await handshaken('tools/call', { ...params, _meta }),
  ];
  const wanted = {
    tool: 'accounts.list',
    arguments: { limit: 2 },
    ...{ purpose: 'servicing', idempotencyKey: 'k-1', traceId: 'a'.repeat(32) },
    ...{ query: 'What is left?', door: 'mcp' },
  };
  assert.deepEqual(calls, [wanted, wanted, wanted, wanted]);
  for (const { result } of results) {
    assert.deepEqual(result.structuredContent, { accounts: [] });
    assert.deepEqual(JSON.parse(result.content[0].text), { accounts: [] });
    assert.equal(result.isError, undefined);
  }
  const wrong = { 'io.countersign/purpose': 7 };
  const { error } = await send('tools/call', { ...params, _meta: wrong });
  assert.equal(error.code, -32_602);
  const odd = { 'io.countersign/idempotency-key': 'no spaces' };
  const { result: refused } = await send('tools/call', { ...params, _meta: odd });
  assert.deepEqual(
    [refused.isError, refused.structuredContent.code, calls.length],
    [true, 'idempotency_key_invalid', 4],
  );
});

test('a refusal is the problem that REST tells, and what broke stays in the log', async (t) => {
  const refusals = new Map<string, unknown>([
    ['denied', new Fault('denied', 'over the mandate', { detail: { decision_id: 'dec_1' } })],
    ['broken', new Error('password=hunter2')],
    ['missing', new Fault('not_found', 'there is no such account')],
  ]);
  const { send, handshaken } = openMcp(t, {
    call: ({ arguments: given }) => {
      throw refusals.get((given as { why: string }).why);
    },
  });
  const name = 'accounts.list';
  for (const by of [send, handshaken]) {
    const denied = (await by('tools/call', { name, arguments: { why: 'denied' } })).result;
    assert.equal(denied.isError, true);
    assert.deepEqual(denied.structuredContent, {
      ...{ type: '/problems/denied', title: 'Policy denied the command', status: 403 },
      ...{ code: 'denied', detail: 'over the mandate', decision_id: 'dec_1' },
    });
    assert.deepEqual(JSON.parse(denied.content[0].text), denied.structuredContent);
    const broken = (await by('tools/call', { name, arguments: { why: 'broken' } })).result;
    assert.equal(broken.structuredContent.code, 'internal');
    assert.ok(!JSON.stringify(broken).includes('hunter2'));
    const missing = (await by('tools/call', { name, arguments: { why: 'missing' } })).result;
    assert.equal(missing.structuredContent.code, 'not_found');
    // The same answer as for a tool that there is, and is not his to call.
    const unknown = await by('tools/call', { name: 'vault.open', arguments: { why: 'missing' } });
    assert.deepEqual(unknown.error, { code: -32_602, message: 'there is no such tool' });
  }
});

test('a call that waits has somebody look, and is taken up by its proposal', async (t) => {
  const proposalUrl = ({ proposal_id: id }: ProposalView) => `https://bank.example/agree/${id}`;
  const { send, handshaken, calls } = openMcp(t, {
    proposalUrl,
    call: ({ idempotencyKey }) =>
      idempotencyKey === proposal.proposal_id
        ? { status: 'done', callId: 'call_2', output: { transfer: 'trf_1' } }
        : { status: 'waits', callId: 'call_1', proposal },
  });
  const params = { name: 'transfers.confirm', arguments: { draft: 'd-1' } };
  const asked = await send('tools/call', params, {}, { elicitation: { form: {}, url: {} } });
  assert.equal(asked.result.resultType, 'input_required');
  assert.deepEqual(asked.result.inputRequests.approval.params, {
    mode: 'url',
    message: proposal.terms,
    url: 'https://bank.example/agree/prp_1',
  });
  const { requestState } = asked.result;
  const back = { ...params, requestState, inputResponses: { approval: { action: 'accept' } } };
  const done = await send('tools/call', back, {}, { elicitation: { url: {} } });
  assert.deepEqual(done.result.structuredContent, { transfer: 'trf_1' });
  assert.equal(calls.at(-1)?.idempotencyKey, 'prp_1');

  const form = await send('tools/call', params, {}, { elicitation: {} });
  assert.match(form.result.inputRequests.approval.params.message, /4411.*at the bank/s);
  // Without anybody to ask, with a person who does not want to wait, and in earlier revisions.
  const declined = { ...params, inputResponses: { approval: { action: 'decline' } } };
  const told = [
    await send('tools/call', params),
    await send('tools/call', declined, {}, { elicitation: {} }),
    await handshaken('tools/call', params),
  ];
  for (const { result } of told) {
    const expected = { status: 'waits', call_id: 'call_1', proposal };
    assert.deepEqual([result.structuredContent, result.isError], [expected, undefined]);
  }
});

test('what is no message for us is refused before a tool hears of it', async (t) => {
  const { app, post, send, calls } = openMcp(t, { origin: 'https://bank.example' });
  const body = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
  const rejected = async (payload: unknown, headers: Record<string, string> = {}) => {
    const { status, json } = await post(payload, headers);
    return [status, json.error?.code ?? json.code];
  };
  assert.deepEqual(await rejected('{"jsonrpc":'), [400, -32_700]);
  assert.deepEqual(await rejected([body, body]), [400, -32_600], 'batches are of 2025-03-26');
  assert.deepEqual(await rejected({ hello: 1 }), [400, -32_600]);
  assert.deepEqual(await rejected({ jsonrpc: '2.0', id: 1, result: {} }), [400, -32_600]);
  assert.deepEqual(await rejected('x'.repeat(bodyLimit + 1)), [413, 'body_too_large']);
  assert.deepEqual(await rejected(body, { 'content-type': 'text/plain' }), [
    415,
    'unsupported_media_type',
  ]);
  const old = { 'mcp-protocol-version': '2024-11-05' };
  assert.deepEqual(await rejected(body, old), [400, -32_000]);
  const evil = { origin: 'https://evil.example' };
  assert.deepEqual(await rejected(body, evil), [403, 'forbidden']);
  assert.deepEqual(await rejected(body, { origin: 'http://localhost:1' }), [403, 'forbidden']);
  assert.equal((await post(body, { origin: 'https://bank.example' })).status, 200);
  const anyone = await post(body, { authorization: 'Bearer wrong' });
  assert.deepEqual([anyone.status, anyone.json.code], [401, 'unauthenticated']);
  assert.equal(anyone.headers['www-authenticate'], 'Bearer');
  const other = await send('tools/call', { name: 'accounts.list' }, { 'mcp-name': 'other' });
  assert.deepEqual([other.status, other.error.code], [400, -32_020]);
  for (const method of ['GET', 'DELETE'] as const) {
    const { statusCode, headers } = await app.inject({ method, url: mcpPath });
    assert.deepEqual([statusCode, headers['allow']], [405, 'POST']);
  }
  const notified = await post({ jsonrpc: '2.0', method: 'notifications/initialized' });
  assert.equal(notified.status, 202);
  assert.deepEqual(calls, []);
});

test('a call ends with the caller who has left', async (t) => {
  const { promise: left, resolve } = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  const { app } = openMcp(t, {
    call: async ({ signal }) => {
      signal.addEventListener('abort', () => resolve());
      reached.resolve();
      await left;
      throw new Fault('deadline_exceeded', 'too late');
    },
  });
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  const leaving = new AbortController();
  const message = handshakenMessage('tools/call', { name: 'accounts.list', arguments: {} });
  const request = fetch(`${address}${mcpPath}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(message),
    signal: leaving.signal,
  });
  await reached.promise;
  leaving.abort();
  await assert.rejects(request);
  await left;
});

// A host that answers as it is told ---------------------------------------------------------------

type Asked = Omit<AskedCall, 'signal'>;
type Answer = Awaited<ReturnType<ToolHost['call']>>;
type Send = (
  method: string,
  params: Record<string, unknown>,
  headers?: Record<string, string>,
  capabilities?: object,
) => Promise<any>;

type Given = Partial<Pick<McpOptions, 'origin' | 'proposalUrl'>> & {
  readonly tools?: readonly ToolView[];
  readonly call?: (asked: AskedCall) => Answer | Promise<Answer>;
};

const bankTools = [toolView('accounts.list', 'read'), toolView('transfers.confirm', 'financial')];

function openMcp(t: TestContext, { tools = bankTools, call, ...options }: Given = {}) {
  const [calls, listedFor]: [Asked[], string[]] = [[], []];
  const caller: GatewayCaller = {
    ...fixtureCaller,
    principal: { kind: 'agent', id: 'agent-1', tenant: 'bank' },
  };
  const app = fastify({ bodyLimit });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'string' },
    async (_: unknown, body: string) => parseBody(body),
  );
  mountMcp(app, {
    host: {
      tools: [],
      list: async ({ principal }) => {
        listedFor.push(principal.id);
        return tools;
      },
      call: async (_caller, asked) => {
        const { signal: _signal, ...rest } = asked;
        calls.push(rest);
        return call?.(asked) ?? { status: 'done', callId: 'call_1', output: { accounts: [] } };
      },
      admit: async () => undefined,
      finish: async () => undefined,
    },
    callerOf: async ({ headers }) => {
      if (headers.authorization === undefined) return caller;
      throw new Fault('unauthenticated', 'the token is not known');
    },
    ...{ clock: { now: () => 0 }, version: 'test', ...options },
  });
  t.after(() => app.close());
  return { app, calls, listedFor, ...callersOf(app) };
}

function callersOf(app: FastifyInstance) {
  const post = async (body: unknown, headers: Record<string, string> = {}) => {
    const payload = typeof body === 'string' ? body : JSON.stringify(body);
    const all = { 'content-type': 'application/json', ...headers };
    const reply = await app.inject({ method: 'POST', url: mcpPath, headers: all, payload });
    const json = reply.body === '' ? undefined : reply.json();
    return { status: reply.statusCode, headers: reply.headers, json };
  };
  /** As 2026-07-28 has it: each request says all that there is to know of its client. */
  const send: Send = async (method, { _meta, ...params }, headers = {}, capabilities = {}) => {
    const revision = '2026-07-28';
    const envelope = {
      'io.modelcontextprotocol/protocolVersion': revision,
      'io.modelcontextprotocol/clientCapabilities': capabilities,
    };
    const name = params['name'] === undefined ? {} : { 'mcp-name': String(params['name']) };
    const message = { ...params, _meta: { ...envelope, ...(_meta as object) } };
    const { status, json } = await post(
      { jsonrpc: '2.0', id: 1, method, params: message },
      { 'mcp-protocol-version': revision, 'mcp-method': method, ...name, ...headers },
    );
    return { status, ...json };
  };
  const handshaken: Send = async (method, params, headers = {}) => {
    const revision = { 'mcp-protocol-version': '2025-11-25' };
    const { status, json } = await post(handshakenMessage(method, params), {
      ...revision,
      ...headers,
    });
    return { status, ...json };
  };
  return { post, send, handshaken };
}

function handshakenMessage(method: string, params: object) {
  return { jsonrpc: '2.0', id: 1, method, params };
}

function toolView(name: string, effect: ToolView['effect']): ToolView {
  const schema: Json = { type: 'object' };
  const texts = { name, title: name, description: `Of ${name}.` };
  return {
    ...texts,
    version: 1,
    effect,
    input_schema: schema,
    output_schema: schema,
    purposes: [],
  };
}

function many(count: number): ToolView[] {
  const names = Array.from({ length: count }, (_, at) => `tool.${String(at).padStart(3, '0')}`);
  return names.reverse().map((name) => toolView(name, 'read'));
}
