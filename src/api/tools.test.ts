// Tools over HTTP: an agent reads what is of the customer for whom it acts, each call is decided
// and on record, and what a bank takes away is gone at the next call.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openAgentBank } from '../../test/agent-bank.ts';

const bank = await openAgentBank({ after });
const { api, boss, customer, stranger, call } = bank;

test('an agent sees the tools that it may call, and reads what is the customer’s', async () => {
  const caller = api.caller(await bank.token());
  const { json: listed } = await caller.get('/v1/tools');
  assert.deepEqual(
    listed.items.map(({ name }: { name: string }) => name),
    [
      ...['accounts.list', 'products.list', 'accounts.transactions', 'accounts.balances'],
      'customer.profile',
    ],
  );
  const accounts = await call('accounts.list');
  assert.equal(accounts.status, 200, accounts.text);
  assert.deepEqual(
    accounts.json.output.accounts.map(({ account_id }: { account_id: string }) => account_id),
    [customer.account],
  );
  const { account } = customer;
  const balances = await call('accounts.balances', { account_id: account });
  assert.equal(balances.json.output.balances[0].amount, 123_456, balances.text);
  const moved = await call('accounts.transactions', { account_id: account });
  assert.equal(moved.json.output.transactions[0].amount, 123_456);
  const profile = await call('customer.profile');
  assert.match(profile.json.output.name, /^tok_name_/, 'a token, and no name');
  assert.doesNotMatch(profile.text, /Lovelace/);
});

test('each call is on record: who, for whom, why, what came of it', async () => {
  const question = 'What is left? I am Grace Hopper, grace.hopper@navy.example';
  const headers = { 'triggering-query': encodeURIComponent(question) };
  const { json } = await call('accounts.balances', { account_id: customer.account }, { headers });
  const refused = await call('accounts.balances', { account_id: stranger.account });
  await call('accounts.balances', { account_id: '../../etc' }, { headers });
  await call('accounts.close', { account_id: customer.account });
  assert.deepEqual([refused.status, refused.json.code], [404, 'not_found']);
  await api.seal();
  const { rows } = await api.bank.superuser.query<{ payload: any }>(
    `select body::jsonb #> '{data,payload}' as payload from core.event
      where type = 'tool.called' order by seq`,
  );
  const events = rows.map(({ payload }) => payload);
  const told = events.find((event: any) => event.call_id === json.call_id);
  const { result_digest, latency_ms, result, query, ...rest } = told;
  assert.match(query, /^tok_text_/);
  const opened = await api.bank.planes.vault.detokenize('agents-1', [query]);
  assert.deepEqual(opened, [question], 'for those who may see it, until the customer is erased');
  const { json: read } = await boss.get(`/v1/tool-calls/${json.call_id}`);
  assert.equal(read.query, query);
  const reader = await api.issue(boss, 'service:reader', { scopes: ['events:read'] });
  const unseen = await reader.get(`/v1/tool-calls/${json.call_id}`);
  assert.notEqual(unseen.json.visible.query, question, unseen.text);
  assert.deepEqual(rest, {
    ...{ call_id: json.call_id, caller: 'agent:spending-coach', on_behalf_of: customer.party },
    ...{ consent: customer.consent, purpose: 'servicing', tool: 'accounts.balances', version: 1 },
    ...{ effect: 'read', arguments: { account_id: customer.account }, status: 'answered' },
    ...{ code: null, core: 'own', door: 'rest' },
  });
  assert.deepEqual(result, json.output);
  assert.match(result_digest, /^[0-9a-f]{64}$/);
  assert.ok(latency_ms >= 0);
  const others = events.slice(-3).map(({ tool, status, code }) => [tool, status, code]);
  assert.deepEqual(others, [
    ['accounts.balances', 'failed', 'not_found'],
    ['accounts.balances', 'refused', 'invalid_request'],
    // A name that nobody has declared may be anything: it is not kept.
    ['unknown', 'refused', 'not_found'],
  ]);
  assert.deepEqual(
    events.slice(-3).map((event: any) => event.query),
    [null, null, null],
  );
});

test('what does not fit, or is for no purpose, is refused before anything is read', async () => {
  const wrong = [
    await call('accounts.balances', { account_id: customer.account, more: 1 }),
    await call('accounts.balances', { account_id: "x' or 1=1" }),
    await call('accounts.balances', { account_id: '../../etc' }),
    await call('accounts.balances', {}, { headers: { purpose: 'marketing' } }),
    await call('accounts.balances', {}, { token: await bank.token({ purpose: 'marketing' }) }),
    await call('accounts.close'),
  ];
  assert.deepEqual(
    wrong.map(({ status, json }) => [status, json.code]),
    [
      [422, 'invalid_request'],
      [422, 'invalid_request'],
      [422, 'invalid_request'],
      [403, 'forbidden'],
      [403, 'forbidden'],
      [404, 'not_found'],
    ],
  );
});

test('nobody but a registered agent with a customer calls a tool', async () => {
  const alone = await bank.token({ act: undefined, sub: `coach-of-agents-1`, consent: undefined });
  assert.equal((await call('accounts.list', {}, { token: alone })).json.code, 'forbidden');
  assert.equal((await boss.post('/v1/tools/accounts.list', {})).json.code, 'forbidden');
  const none = await api.app.inject({ method: 'POST', url: '/v1/tools/accounts.list' });
  assert.equal(none.statusCode, 401);
  assert.match(String(none.headers['www-authenticate']), /resource_metadata=.*scope="tools"/);
});

test('what a bank takes away is gone at the next call', async () => {
  assert.equal((await call('products.list')).status, 200);
  await boss.post('/v1/tool-registry/products.list/withdraw', {});
  assert.deepEqual((await call('products.list')).json.code, 'not_found');
  const again = await bank.approved('/v1/tool-registry/products.list/approve', {});
  assert.equal(again.json.status, 'approved', again.text);
  assert.equal((await call('products.list')).status, 200);

  await boss.post('/v1/rollout/kill', { use_case: 'agent-tools' });
  const killed = await call('products.list');
  assert.deepEqual([killed.json.code, killed.json.reasons], ['denied', ['use_case_off']]);
});

test('a tool that is another one since its approval says what has changed of it', async () => {
  const find = async () => {
    const { json } = await boss.get('/v1/tool-registry');
    return json.items.find(({ name }: { name: string }) => name === 'products.list');
  };
  assert.deepEqual([(await find()).status, (await find()).change], ['approved', null]);
  // As if it had been approved in other words, before the server was replaced.
  await api.bank.superuser.query(
    `update gateway.tool set digest = repeat('0', 64),
       declaration = jsonb_set(declaration::jsonb, '{description}', '"Lists offers."')::text
      where name = 'products.list' and tenant_id = 'agents-1'`,
  );
  const { status, change, description } = await find();
  assert.equal(status, 'changed');
  assert.deepEqual({ ...change.is, description: 'Lists offers.' }, change.was);
  assert.equal(change.is.description, description);
  await bank.approved('/v1/tool-registry/products.list/approve', {});
  assert.deepEqual([(await find()).status, (await find()).change], ['approved', null]);
});

test('over MCP it is the same call, and a refusal the same problem', async () => {
  await bank.approved('/v1/rollout/revive', { use_case: 'agent-tools' });
  const token = await bank.token();
  const mcp = async (method: string, params: object, name?: string) => {
    const _meta = {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': {},
    };
    const reply = await api.app.inject({
      ...{ method: 'POST', url: '/mcp' },
      headers: {
        ...{ authorization: `Bearer ${token}`, accept: 'application/json, text/event-stream' },
        ...{ 'mcp-protocol-version': '2026-07-28', 'mcp-method': method },
        ...(name === undefined ? {} : { 'mcp-name': name }),
      },
      payload: { jsonrpc: '2.0', id: 1, method, params: { ...params, _meta } },
    });
    return reply.json().result;
  };
  const { tools } = await mcp('tools/list', {});
  assert.ok(tools.some(({ name }: { name: string }) => name === 'accounts.balances'));
  const name = 'accounts.balances';
  const asked = (account_id: string) => ({ name, arguments: { account_id } });
  const told = await mcp('tools/call', asked(customer.account), name);
  assert.equal(told.structuredContent.balances[0].amount, 123_456);
  const refused = await mcp('tools/call', asked(stranger.account), name);
  const overRest = await call(name, { account_id: stranger.account });
  assert.equal(refused.isError, true);
  assert.deepEqual(refused.structuredContent, overRest.json);
});
