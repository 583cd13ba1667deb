// Calls of tools over HTTP: what agents have asked, as those who audit find it again.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openAgentBank, openBankOf } from '../../test/agent-bank.ts';

const bank = await openAgentBank({ after });
const { api, boss, customer, stranger } = bank;

/** A second after the one before: newest first is a matter of time. */
const call: typeof bank.call = (...asked) => {
  api.bank.time.now += 1_000;
  return bank.call(...asked);
};

test('calls are found by agent, tool, customer and what came of them, newest first', async () => {
  const known = await call('accounts.balances', { account_id: customer.account });
  const failed = await call('accounts.balances', { account_id: stranger.account });
  const listed = await call('accounts.list');
  assert.deepEqual([known.status, failed.status, listed.status], [200, 404, 200]);

  const toolsOf = async (query: string) => {
    const { status, json, text } = await boss.get(`/v1/tool-calls?${query}`);
    assert.equal(status, 200, text);
    return json.items.map(({ tool, status: came }: any) => `${tool} ${came}`);
  };
  const all = ['accounts.list answered', 'accounts.balances failed', 'accounts.balances answered'];
  assert.deepEqual(await toolsOf(''), all);
  assert.deepEqual(
    await toolsOf(`caller=agent:spending-coach&on_behalf_of=${customer.party}`),
    all,
  );
  assert.deepEqual(await toolsOf('tool=accounts.list,customer.profile'), [all[0]]);
  assert.deepEqual(await toolsOf('status=failed,refused'), [all[1]]);
  assert.deepEqual(await toolsOf(`on_behalf_of=${stranger.party}`), []);

  const first = await boss.get('/v1/tool-calls?limit=2');
  const rest = await boss.get(`/v1/tool-calls?limit=2&after=${first.json.next}`);
  assert.deepEqual(
    [...first.json.items, ...rest.json.items].map(({ tool, status }) => `${tool} ${status}`),
    all,
  );
  assert.equal(rest.json.next, null);

  const { json: counts } = await boss.get('/v1/tool-calls/facets?status=failed');
  assert.deepEqual(counts, {
    caller: [{ value: 'agent:spending-coach', count: 1 }],
    tool: [{ value: 'accounts.balances', count: 1 }],
    status: [
      { value: 'answered', count: 2 },
      { value: 'failed', count: 1 },
    ],
    ...{ total: 1, capped: false },
  });
});

test('a call tells what was asked and answered, and leads to decision and event', async () => {
  const { json: told } = await call('accounts.balances', { account_id: customer.account });
  const { json } = await boss.get(`/v1/tool-calls/${told.call_id}`);
  assert.deepEqual(json.arguments, { account_id: customer.account });
  assert.deepEqual(json.result, told.output);
  const decision = await boss.get(`/v1/decisions/${json.decision_id}`);
  assert.equal(decision.json.command_id, told.call_id);
  const event = await boss.get(`/v1/events/${json.event_id}`);
  assert.equal(JSON.parse(event.text).data.payload.call_id, told.call_id);
  const listed = await boss.get('/v1/tool-calls?limit=1');
  const { arguments: _given, result: _result, visible, ...row } = json;
  assert.deepEqual(visible, { query: null });
  assert.deepEqual(listed.json.items[0], row);
});

test('no other bank, and nobody without the right to the log, reads calls', async () => {
  const { json: told } = await call('accounts.list');
  const other = await openBankOf(api);
  assert.equal((await other.boss.get(`/v1/tool-calls/${told.call_id}`)).status, 404);
  assert.deepEqual((await other.boss.get('/v1/tool-calls')).json.items, []);
  const developer = await api.issue(boss, 'user:developer', { scopes: ['policy:read'] });
  for (const path of ['', '/facets', `/${told.call_id}`]) {
    assert.equal((await developer.get(`/v1/tool-calls${path}`)).status, 403, path);
  }
  for (const query of ['after=acc_1', 'status=done', 'caller=Robert;drop', 'limit=501']) {
    assert.equal((await boss.get(`/v1/tool-calls?${query}`)).status, 422, query);
  }
});
