// What an agent changes by its own call: the customer agrees to exactly that call, people of the
// bank where policy asks for them, and it is done once. What is personal is a token from the start.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createApi } from '#api';
import { externalId, internalId } from '#core';
import { openVault } from '#privacy';
import { openAgentBank } from '../../test/agent-bank.ts';
import type { Reply } from '../../test/api.ts';
import { expectProven } from '../../test/proven-log.ts';
import { createLog } from '../serve.ts';

const tools = [
  ...['contacts.update', 'service_requests.create', 'service_requests.list'],
  ...['holdings.list', 'decisions.explain', 'transfers.prepare', 'transfers.confirm'],
];
const bank = await openAgentBank({ after }, tools);
const { api, boss, checker, customer, stranger, agent, call } = bank;
const { planes, superuser, time } = api.bank;
const tenant = 'agents-1';
const paying = ['payments:read', 'payments:write'];
const ada = await api.issue(boss, customer.principal, { scopes: paying });
const desk = await api.issue(boss, 'service:desk', {
  scopes: ['register:read', 'register:write', 'policy:read'],
});
const contacts = `/v1/parties/${customer.party}/contacts`;

let keys = 0;
function write(tool: string, args: object, key?: string): Promise<Reply> {
  keys += 1;
  // So that no quota comes in between, and what is made later sorts later.
  time.now += 10_000;
  const headers = { 'idempotency-key': key ?? `write-${keys}` };
  return call(tool, args, { headers });
}

async function agree({ json }: Reply): Promise<Reply> {
  return ada.post(`/v1/customer/proposals/${json.proposal.proposal_id}/confirm`, {});
}

/** Agreed to, by people of the bank too, and carried out. */
async function agreedWrite(tool: string, args: object): Promise<Reply> {
  await trust();
  await agree(await write(tool, args));
  const done = await write(tool, args);
  assert.equal(done.json.status, 'done', done.text);
  return done;
}

/** As if people had looked at many calls of each tool before. */
async function trust(): Promise<void> {
  keys += 1;
  await superuser.query(
    `insert into gateway.proposal (tenant_id, id, agent_id, customer, tool, version, arguments,
       arguments_digest, terms, decision_id, policy_version, made_at, expires_at, status,
       agreed_by, used_key)
     select $1, uuidv7(), $2, $3, tool, 1, '{}', '', '', uuidv7(), '', $4, $4,
       'used', 'user:ada', tool || n || $6::text
       from generate_series(1, 20) n, unnest($5::text[]) as tool`,
    [tenant, agent, customer.party, new Date(time.now), tools, keys],
  );
}

async function contactTokens(): Promise<string[]> {
  const { json } = await desk.get(contacts);
  return json.items.map((each: any) => each.value_token);
}

test('a contact detail changes once the customer has agreed to exactly that call', async () => {
  const asked = { usage: 'main', email: 'q.zedworthy@example.com' };
  const first = await write('contacts.update', asked);
  assert.deepEqual([first.status, first.json.status], [202, 'waits'], first.text);
  assert.equal(
    first.json.proposal.terms,
    'Change your email address (main) to the one that you are shown.',
  );
  const same = await write('contacts.update', asked);
  const { proposal_id } = first.json.proposal;
  assert.equal(same.json.proposal?.proposal_id, proposal_id, 'the same call asks once');
  const other = await write('contacts.update', { ...asked, email: 'someone@example.org' });
  assert.notEqual(other.json.proposal?.proposal_id, proposal_id, other.text);
  const { json: listed } = await ada.get('/v1/customer/proposals');
  assert.deepEqual(
    listed.items.map((each: any) => each.personal),
    [{ email: 'someone@example.org' }, { email: 'q.zedworthy@example.com' }],
    'the customer sees what he agrees to',
  );
  assert.equal((await agree(first)).json.status, 'agreed');
  // The first calls of an agent are looked at, whoever has agreed.
  const referred = await write('contacts.update', asked);
  assert.equal(referred.json.proposal?.waits_for, 'officers', referred.text);
  const { rows } = await superuser.query<{ approval_id: string }>(
    'select approval_id from gateway.proposal where id = $1',
    [internalId('proposal', proposal_id)],
  );
  const approval = externalId('approval', rows[0]?.approval_id ?? '');
  const verdict = { verdict: 'approve', reason: 'looked at' };
  assert.equal((await checker.post(`/v1/approvals/${approval}/decide`, verdict)).status, 201);
  assert.deepEqual(await contactTokens(), [], 'nothing has changed yet');

  const made = await write('contacts.update', asked, 'the-key');
  assert.deepEqual(
    made.json.output,
    { status: 'changed', kind: 'email', usage: 'main' },
    made.text,
  );
  const before = await contactTokens();
  assert.equal(before.length, 1);
  const again = await write('contacts.update', asked, 'the-key');
  assert.deepEqual(again.json.output, made.json.output, again.text);
  // Back to it, once it is another one: nobody is told that it was changed when it was not.
  await agreedWrite('contacts.update', { ...asked, email: 'someone@example.org' });
  assert.equal((await write('contacts.update', asked)).json.status, 'waits', 'another wish');
  await api.seal();
  const { rows: events } = await superuser.query<{ payload: any; key: string }>(
    `select body::jsonb #> '{data,payload}' as payload,
            body::jsonb #>> '{data,idempotency_key}' as key
       from core.event where type = 'contact.set' order by seq`,
  );
  assert.deepEqual(
    events.slice(0, -1).map(({ key, payload }) => [key, payload.value_token]),
    [[`proposal ${proposal_id}`, before[0]]],
    'it was done once, by the proposal',
  );
  // When its time is over the same arguments are another wish, but not under the key of the first.
  time.now += 2 * 86_400_000;
  assert.equal((await write('contacts.update', asked)).json.status, 'waits');
  assert.equal((await write('contacts.update', asked, 'the-key')).json.status, 'done');
});

test('what is handed on is a token of the customer’s own, and of its kind', async () => {
  await trust();
  const [own = ''] = await contactTokens();
  const handed = await write('contacts.update', { usage: 'home', email: own });
  assert.equal(handed.json.status, 'waits', handed.text);
  await agree(handed);
  assert.equal((await write('contacts.update', { usage: 'home', email: own })).status, 200);
  // Whoever sends a value in place of a token does not learn whether that is the value.
  const asked = [];
  for (const email of [own, 'someone@example.org', 'somebody@example.org'])
    asked.push(await write('contacts.update', { usage: 'work', email }, 'guess'));
  assert.deepEqual(
    asked.map(({ status, json }) => [status, json.status, json.proposal?.waits_for]),
    asked.map(() => [202, 'waits', 'customer']),
  );
  assert.equal(new Set(asked.map(({ json }) => json.proposal.proposal_id)).size, 3);
  const set = await desk.post(`/v1/parties/${stranger.party}/contacts`, {
    ...{ kind: 'email', usage: 'main', value: 'bert@example.com' },
  });
  const theirs = set.json.items[0].value_token as string;
  const personal = async () => {
    const { json } = await ada.get('/v1/customer/proposals?limit=500');
    return json.items.map((each: any) => each.personal.email);
  };
  const put = `update gateway.proposal set arguments = replace(arguments, $1, $2)
    where agent_id = '${agent}'`;
  await superuser.query(put, [own, theirs]);
  assert.ok(!(await personal()).includes('bert@example.com'), 'he reads nobody else’s');
  await superuser.query(put, [theirs, own]);
  assert.ok((await personal()).includes('someone@example.org'), 'he reads what is his');
  const forged = theirs.replace(/.{4}$/, '0000');
  const wrong = [
    { usage: 'main', email: theirs },
    { usage: 'main', email: forged },
    { usage: 'main', phone: own },
    { usage: 'main', postal_address: own },
    { usage: 'main' },
    { usage: 'main', email: 'a@b.example', phone: '+4930123456' },
    { usage: 'main', email: 'not an address' },
    { usage: 'main', email: 'a@b.example\u202e' },
    { usage: 'main', phone: "1'; drop table register.party; --" },
    { usage: 'main', postal_address: '\u0000' },
    { usage: 'main', email: null },
    { usage: '../../main', email: 'a@b.example' },
    { usage: 'main', email: 'a@b.example', party_id: stranger.party },
  ];
  for (const each of wrong) {
    const refused = await write('contacts.update', each);
    assert.equal(refused.status, 422, `${JSON.stringify(each)} ${refused.text}`);
    assert.equal(refused.json.code, 'invalid_request');
    assert.ok(!refused.text.includes('drop table'));
  }
  const { rows } = await superuser.query<{ count: number }>(
    `select count(*)::int as count from privacy.token where person = $1 and class = 'email'`,
    [customer.party],
  );
  assert.equal(rows[0]?.count, 3, 'of a token that is not his, nothing is kept for him');
});

test('over MCP the call asks for input, and comes back by the name of its proposal', async () => {
  const token = await bank.token();
  const name = 'contacts.update';
  const send = async (args: object, more: object = {}) => {
    const _meta = {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': { elicitation: {} },
      'io.countersign/idempotency-key': 'over-mcp',
    };
    const reply = await api.app.inject({
      ...{ method: 'POST', url: '/mcp' },
      headers: {
        ...{ authorization: `Bearer ${token}`, accept: 'application/json, text/event-stream' },
        ...{ 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': name },
      },
      payload: {
        ...{ jsonrpc: '2.0', id: 1, method: 'tools/call' },
        params: { name, arguments: args, ...more, _meta },
      },
    });
    return reply.json().result;
  };
  const args = { usage: 'mobile', phone: '+44 20 7946 0123' };
  const { resultType, requestState, inputRequests } = await send(args);
  assert.equal(resultType, 'input_required');
  assert.match(inputRequests.approval.params.message, /^Change your phone number \(mobile\)/);
  const back = { requestState, inputResponses: { approval: { action: 'accept' } } };
  assert.equal(
    (await send(args, back)).resultType,
    'input_required',
    'that it says yes is nothing',
  );
  await ada.post(`/v1/customer/proposals/${requestState}/confirm`, {});
  const other = await send({ ...args, phone: '+44 20 7946 9999' }, back);
  assert.notEqual(other.requestState, requestState, 'other arguments are another proposal');
  const done = await send(args, back);
  assert.deepEqual(done.structuredContent, { status: 'changed', kind: 'phone', usage: 'mobile' });
});

test('a request reaches people of the bank, who end it', async () => {
  const asked = { subject: 'card_lost', text: 'Quillark Zedworthy here, my card is gone' };
  const waits = await write('service_requests.create', asked);
  assert.equal(
    waits.json.proposal?.terms,
    'Ask people of the bank for a card that is lost or stolen.',
  );
  await agree(waits);
  // Twice at once, under two keys: one is carried out, and the other is another wish.
  const both = await Promise.all([
    write('service_requests.create', asked),
    write('service_requests.create', asked),
  ]);
  const [made, other] = both.toSorted((a, b) => a.status - b.status) as [Reply, Reply];
  assert.equal(made.status, 200, made.text);
  assert.equal(other.json.status, 'waits', other.text);
  const { request_id } = made.json.output;
  const { json: queue } = await desk.get('/v1/service-requests?status=open');
  assert.deepEqual(
    queue.items.map((each: any) => [each.request_id, each.party_id, each.subject]),
    [[request_id, customer.party, 'card_lost']],
  );
  assert.match(queue.items[0].text_token, /^tok_text_/);
  const ended = await desk.post(`/v1/service-requests/${request_id}/end`, { status: 'done' });
  assert.equal(ended.json.status, 'done', ended.text);
  // Nor does a key that comes again tell whether a value is that of a token.
  const between = { from_account_id: customer.account, to_account_id: stranger.account };
  const order = { ...between, amount: 1, currency: 'EUR' };
  const prepared = [];
  for (const text of [queue.items[0].text_token, asked.text, 'something else'])
    prepared.push(await write('transfers.prepare', { ...order, text }, 'prepared'));
  assert.deepEqual(
    prepared.map(({ json }) => json.code ?? json.status),
    ['done', 'idempotency_key_reused', 'idempotency_key_reused'],
  );
  const twice = await desk.post(`/v1/service-requests/${request_id}/end`, { status: 'declined' });
  assert.equal(twice.json.code, 'conflict');
  const own = await call('service_requests.list');
  assert.deepEqual(
    own.json.output.requests.map((each: any) => [each.request_id, each.status]),
    [[request_id, 'done']],
  );
  const token = await bank.token({ sub: stranger.principal, consent: stranger.consent });
  assert.deepEqual((await call('service_requests.list', {}, { token })).json.output.requests, []);
  assert.equal((await boss.get('/v1/service-requests?after=srq_x')).status, 422);

  const unwanted = await write('service_requests.create', { subject: 'complaint' });
  const { proposal_id } = unwanted.json.proposal;
  await ada.post(`/v1/customer/proposals/${proposal_id}/reject`, {});
  const nagging = await write('service_requests.create', { subject: 'complaint' });
  assert.deepEqual([nagging.json.code, nagging.json.reason], ['approval_invalid', 'rejected']);
});

test('a customer’s holdings and decisions are told in words, and nobody else’s', async () => {
  const product = await boss.post('/v1/products', {
    ...{ code: 'everyday', kind: 'current_account', name: 'Everyday', currency: 'EUR' },
    status: 'offered',
  });
  const { product_id } = product.json;
  await boss.post(`/v1/accounts/${customer.account}/party`, {
    party_id: customer.party,
    product_id,
  });
  const { output } = (await call('holdings.list')).json;
  const [held] = output.holdings;
  assert.deepEqual(
    [held.account_id, held.role, held.product, output.next],
    [customer.account, 'holder', { product_id, code: 'everyday', kind: 'current_account' }, null],
  );

  const waits = await write('contacts.update', { usage: 'work', phone: '+49 30 1234567' });
  assert.equal(waits.json.status, 'waits', waits.text);
  const explained = await call('decisions.explain', { id: waits.json.call_id });
  assert.equal(explained.status, 200, explained.text);
  const { about, result, explanation, decision_id } = explained.json.output;
  assert.deepEqual(
    [about, result, explanation],
    ['tool_call', 'waits', ['What an assistant would change, you confirm first.']],
  );
  const byDecision = await call('decisions.explain', { id: decision_id });
  assert.deepEqual(byDecision.json.output, explained.json.output);
  const order = {
    ...{ kind: 'transfer', channel: 'mobile', amount: 100, currency: 'EUR' },
    ...{ debtor_account_id: customer.account, creditor_account_id: stranger.account },
    facts: { local_hour: 12 },
  };
  const paid = await boss.post('/v1/payments', order);
  assert.ok(paid.json.id, paid.text);
  const payment = paid.json.id as string;
  const words = await call('decisions.explain', { id: payment });
  assert.equal(words.status, 200, words.text);
  assert.equal(words.json.output.about, 'payment');
  assert.ok(!/score|threshold|rule|\d{3}/.test(words.json.output.explanation.join(' ')));
  const token = await bank.token({ sub: stranger.principal, consent: stranger.consent });
  const { json: log } = await desk.get('/v1/decisions?operation=contact.set&limit=1');
  const others = [
    await call('decisions.explain', { id: payment }, { token }),
    await call('decisions.explain', { id: decision_id }, { token }),
    await call('decisions.explain', { id: log.items[0].decision_id }),
    await call('decisions.explain', { id: `dec_${'0'.repeat(26)}` }),
  ];
  assert.deepEqual(
    others.map(({ status, json }) => [status, json.code]),
    others.map(() => [404, 'not_found']),
  );
});

test('without the vault’s keys what is personal fails by name, and the rest goes on', async () => {
  const { database, random, clock } = planes;
  const vaultKeys = { currentId: 'gone', secret: () => undefined };
  const vault = openVault({ pool: database.pool('vault'), keyring: { vaultKeys }, random, clock });
  const app = await createApi({
    ...{ planes: { ...planes, vault }, version: 'test', log: createLog('silent') },
    ...{ signIn: { origin: 'https://bank.example', issuer: undefined } },
    sealed: { wait: async () => undefined, ring: () => undefined } as never,
    ...{ unready: () => undefined, gauges: () => ({}) },
  });
  const send = async (tool: string, payload: object) => {
    keys += 1;
    const headers = {
      authorization: `Bearer ${await bank.token()}`,
      'content-type': 'application/json',
      'idempotency-key': `lost-${keys}`,
    };
    const url = `/v1/tools/${tool}`;
    const answer = await app.inject({ method: 'POST', url, headers, payload });
    return answer.json();
  };
  const lost = await send('contacts.update', { usage: 'main', email: 'new@example.com' });
  assert.deepEqual([lost.status, lost.code, lost.retryable], [503, 'vault_unavailable', true]);
  assert.ok(!JSON.stringify(lost).includes('gone'), 'and no key is named');
  assert.equal((await send('accounts.list', {})).status, 'done');
  assert.equal((await send('service_requests.create', { subject: 'other' })).status, 'waits');
  const profile = await send('customer.profile', {});
  assert.match(profile.output.name, /^tok_name_/);
  await app.close();
  await api.seal();
  const { rows } = await superuser.query<{ payload: any }>(
    `select body::jsonb #> '{data,payload}' as payload from core.event
      where type = 'tool.called' order by seq desc limit 4`,
  );
  assert.deepEqual(
    rows.map(({ payload }) => [payload.tool, payload.status, payload.code]).reverse(),
    [
      ['contacts.update', 'refused', 'vault_unavailable'],
      ['accounts.list', 'answered', null],
      ['service_requests.create', 'waits', null],
      ['customer.profile', 'answered', null],
    ],
  );
});

test('the log proves all of that, and lived again it is the same', async (t) => {
  await expectProven(t, api);
});
