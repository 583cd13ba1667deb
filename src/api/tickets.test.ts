// Calls for later: tickets, and the rights, the room and the workers that they need.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { carryTickets } from '#background';
import { createApi } from '#api';
import { createBell } from '#core';
import { type GatewayCaller, type Tickets, type ToolHost, usualPace, withRoom } from '#gateway';
import { openBankAt, openBankOf, origin, screenHolder, trustAgent } from '../../test/agent-bank.ts';
import { during } from '../../test/during.ts';
import { openApi, reach, type Reply } from '../../test/api.ts';
import { createLog } from '../serve.ts';
import { openToolHost } from './tool-host.ts';
import { ticketsOf } from './tickets.ts';

let tickets: Tickets | undefined;
after(async () => tickets?.stop());
const api = await openApi({ after }, { signIn: { origin, issuer: undefined } });
const bank = await openBankOf(api, ['transfers.prepare', 'transfers.confirm']);
const { boss, customer, stranger, agent, call } = bank;
const { planes, superuser, time } = api.bank;
const { rows: tenants } = await superuser.query<{ tenant_id: string }>(
  'select tenant_id from gateway.agent',
);
const tenant = tenants[0]?.tenant_id ?? '';
const ada = await api.issue(boss, customer.principal, {
  scopes: ['payments:read', 'payments:write'],
});
await screenHolder(api.bank, { tenant, party: stranger.party });
await trustAgent(api.bank, { tenant, agent, customer });

const host = openToolHost(planes);
const pace = { ...usualPace, retryDelayS: 1, jobTimeoutS: 1, superviseS: 1 };
const queue = ticketsOf(planes, assert.ifError, pace);
tickets = queue;
const background = { planes, onError: assert.ifError };

async function carried(ids: readonly string[], by: { token?: string } = {}): Promise<any[]> {
  const reader = api.caller(by.token ?? (await bank.token()));
  const look = async () =>
    Promise.all(ids.map(async (id) => (await reader.get(`/v1/tool-tickets/${id}`)).json));
  const isOver = async () => (await look()).every(({ ended_at }) => ended_at !== null);
  await during((signal) => carryTickets({ ...background, signal, host, tickets: queue }), isOver);
  return look();
}

let keys = 0;
async function leave(tool: string, args: object = {}, more: object = {}): Promise<Reply> {
  keys += 1;
  const headers = { prefer: 'respond-async', 'idempotency-key': `later-${keys}`, ...more };
  return call(tool, args, { headers });
}

async function prepared(amount: number): Promise<string> {
  const accounts = { from_account_id: customer.account, to_account_id: stranger.account };
  const { json, text } = await call('transfers.prepare', { ...accounts, amount, currency: 'EUR' });
  return json.output?.proposal_id ?? assert.fail(text);
}

async function agree(id: string): Promise<string> {
  const said = await ada.post(`/v1/customer/proposals/${id}/confirm`, {});
  assert.equal(said.json.status, 'agreed', said.text);
  return id;
}

async function agreed(amount: number): Promise<string> {
  return agree(await prepared(amount));
}

async function balance(): Promise<number> {
  return (await boss.get(`/v1/accounts/${stranger.account}/balances`)).json.available;
}

test('many calls at once get tickets, of which none waits for what the others hold', async () => {
  const left = await Promise.all(Array.from({ length: 6 }, () => leave('accounts.list')));
  assert.deepEqual(
    left.map(({ status }) => status),
    Array(6).fill(202),
  );
  const done = await carried(left.map(({ json }) => json.ticket_id));
  assert.ok(done.every(({ status }) => status === 'done'));
});

test('one agent takes its own room in the queue, and pays for it from its quota', async () => {
  const args = { account_id: customer.account };
  const unfit = await leave('accounts.balances', { ...args, more: 'x'.repeat(9_000) });
  assert.equal(unfit.json.code, 'invalid_request', unfit.text);
  const long = await leave('transfers.prepare', {
    ...{ from_account_id: customer.account, to_account_id: 'x'.repeat(60_000) },
    ...{ amount: 1, currency: 'EUR' },
  });
  assert.equal(long.json.code, 'invalid_request', long.text);
  const unkeyed = await leave('transfers.confirm', {}, { 'idempotency-key': '' });
  assert.ok(unkeyed.status >= 400 && unkeyed.status < 500, unkeyed.text);

  // A token may live for a fraction of a second more: that breaks nobody's queue.
  const token = await bank.token({ exp: Math.floor(time.now / 1_000) + 600.000_7 });
  const odd = await call('accounts.list', {}, { token, headers: { prefer: 'respond-async' } });
  assert.equal(odd.status, 202, odd.text);
  const { rows } = await superuser.query<{ id: string }>(
    `insert into gateway.ticket
       (tenant_id, id, agent_id, customer, caller, tool, asked, fingerprint, asked_at)
     select tenant_id, uuidv7(), agent_id, customer, caller, tool, asked, fingerprint, asked_at
       from (select * from gateway.ticket where status = 'queued' limit 1),
         generate_series(1, 99) returning id`,
  );
  assert.equal(rows.length, 99);
  const full = await leave('accounts.list');
  assert.deepEqual([full.status, full.json.code], [503, 'overloaded']);
  assert.match(full.json.detail, /100 calls of the agent/);
  await superuser.query('delete from gateway.ticket where id = any($1)', [
    rows.map(({ id }) => id),
  ]);
  await carried([odd.json.ticket_id]);

  const poor = await openBankAt(api, { now: () => time.now, perMinute: 2 });
  const headers = { prefer: 'respond-async' };
  const left = [];
  for (let n = 0; n < 3; n += 1) left.push(await poor.call('accounts.list', {}, { headers }));
  assert.deepEqual(
    left.map(({ status }) => status),
    [202, 202, 429],
  );
  const ids = left.slice(0, 2).map(({ json }) => json.ticket_id);
  const answered = await carried(ids, { token: await poor.token() });
  assert.ok(answered.every(({ status }) => status === 'done', 'it has paid when it asked'));
});

test('a call for later is answered as if made at once, to its agent and nobody else', async () => {
  const args = { account_id: customer.account };
  const asks = { 'idempotency-key': 'one', 'triggering-query': 'What%20is%20left%3F' };
  const left = await leave('accounts.balances', args, asks);
  assert.equal(left.status, 202, left.text);
  const { ticket_id, location, status } = left.json;
  assert.deepEqual([left.headers['location'], status], [location, 'queued']);
  const again = await leave('accounts.balances', args, { 'idempotency-key': 'one' });
  assert.equal(again.json.ticket_id, ticket_id, 'a key has one ticket');
  const other = await leave('accounts.list', {}, { 'idempotency-key': 'one' });
  assert.equal(other.json.code, 'idempotency_key_reused');
  // What would be refused is refused at once, and on record.
  assert.equal((await leave('vault.open')).json.code, 'not_found');

  const { rows } = await superuser.query(
    `select t::text as row from gateway.ticket t where status = 'queued'
      union all select j::text from pgboss.job j`,
  );
  assert.ok(rows.length > 1);
  assert.ok(!JSON.stringify(rows).includes(customer.account), 'what was asked lies encrypted');

  const forBert = await bank.token({ sub: stranger.principal, consent: stranger.consent });
  const others = [api.caller(forBert), boss, api.caller(await (await openBankOf(api)).token())];
  for (const each of others) assert.equal((await each.get(location)).status, 404);

  const [found] = await carried([ticket_id]);
  const { json: now } = await call('accounts.balances', args);
  assert.deepEqual([found.status, found.problem], ['done', null]);
  assert.deepEqual({ ...found.answer, call_id: now.call_id }, now);
  const { json: record } = await boss.get(`/v1/tool-calls/${found.answer.call_id}`);
  assert.deepEqual([record.tool, record.status], ['accounts.balances', 'answered']);
  assert.ok(record.query, 'which question has led to it');
  assert.equal((await leave('accounts.balances', args, asks)).json.ticket_id, ticket_id);
  const sql = 'select from gateway.ticket where asked is not null';
  const { rows: kept } = await superuser.query(sql);
  assert.equal(kept.length, 0, 'of what has ended nothing is kept that was asked');
});

test('what waits, or is a sequence under way, goes on by its key with another ticket', async () => {
  const id = await prepared(40);
  const asks = { 'idempotency-key': 'goes-on' };
  const first = await leave('transfers.confirm', { proposal_id: id }, asks);
  const [waits] = await carried([first.json.ticket_id]);
  assert.deepEqual([waits.status, waits.answer?.status], ['done', 'waits']);
  await agree(id);
  const second = await leave('transfers.confirm', { proposal_id: id }, asks);
  const [posted] = await carried([second.json.ticket_id]);
  assert.equal(posted.answer?.output?.status, 'posted', JSON.stringify(posted));
  const third = await leave('transfers.confirm', { proposal_id: id }, asks);
  assert.equal(third.json.ticket_id, second.json.ticket_id, 'what is done answers for its key');

  const owner = { tenant, agent, customer: customer.party };
  const under = { 'idempotency-key': 'a-run' };
  const run = await leave('accounts.list', {}, under);
  const [job] = await queue.take(1);
  assert.ok(job && (await queue.begin(job)));
  const output = { run_id: 'seq_1', status: 'waits' };
  await queue.end(job, { answer: { status: 'done', callId: 'cmd_1', output } });
  assert.equal((await queue.find(owner, run.json.ticket_id))?.status, 'done');
  const again = await leave('accounts.list', {}, under);
  assert.notEqual(again.json.ticket_id, run.json.ticket_id);
  await carried([again.json.ticket_id]);
});

test('a call is not made any more by a key that was taken from its agent', async () => {
  const left = await leave('accounts.list');
  const { rows } = await superuser.query<{ jwks: string }>(
    `select jwks from gateway.agent_client where tenant_id = $1`,
    [tenant],
  );
  const setKeys = (jwks: string) =>
    superuser.query('update gateway.agent_client set jwks = $2 where tenant_id = $1', [
      ...[tenant, jwks],
    ]);
  await setKeys('{"keys":[]}');
  const reader = { agent, tenant, customer: customer.party };
  await during(
    (signal) => carryTickets({ ...background, signal, host, tickets: queue }),
    async () => (await queue.find(reader, left.json.ticket_id))?.status === 'failed',
  );
  const gone = await queue.find(reader, left.json.ticket_id);
  await setKeys(rows[0]?.jwks ?? assert.fail());
  assert.equal(gone?.answer && 'fault' in gone.answer && gone.answer.fault.code, 'unauthenticated');
});

test('the rights are those of then: a token, a consent, an agent may count no more', async () => {
  const [withdrawn, expired] = [await leave('accounts.list'), await leave('accounts.list')];
  const consent = { purpose: 'ai_data_use', person: customer.party, source: 'app' };
  const say = async (status: string) =>
    boss.post('/v1/consents', { ...consent, status, text_version: '2026-01' });
  time.now += 1_000;
  await say('withdrawn');
  const begun = await queue.take(1);
  assert.equal(begun.length, 1);
  const reader = { agent, tenant, customer: customer.party };
  await during(
    (signal) => carryTickets({ ...background, signal, host, tickets: queue }),
    async () => (await queue.find(reader, expired.json.ticket_id))?.status === 'failed',
  );
  const lost = await queue.find(reader, expired.json.ticket_id);
  assert.equal(lost?.answer && 'fault' in lost.answer && lost.answer.fault.code, 'forbidden');
  time.now += 1_000;
  const granted = await say('granted');
  assert.ok(granted.status < 300, granted.text);
  // Longer than any token lives: what a worker has taken with it has failed by then.
  time.now += 17 * 60_000;
  const token = await bank.token({ consent: granted.json.id });
  const { json } = await api.caller(token).get(`/v1/tool-tickets/${withdrawn.json.ticket_id}`);
  assert.deepEqual([json.status, json.problem?.code], ['failed', 'outcome_unknown']);
  Object.assign(customer, { consent: granted.json.id });

  const suspended = await leave('accounts.list');
  await boss.post(`/v1/agents/${agent}/suspend`, {});
  await during(
    (signal) => carryTickets({ ...background, signal, host, tickets: queue }),
    async () => (await queue.find(reader, suspended.json.ticket_id))?.status === 'failed',
  );
  const gone = await queue.find(reader, suspended.json.ticket_id);
  assert.equal(gone?.answer && 'fault' in gone.answer && gone.answer.fault.code, 'unauthenticated');
  assert.ok((await bank.approved(`/v1/agents/${agent}/resume`, {})).status < 300);
});

test('a worker that dies with a call leaves it to the next, and it happens once', async () => {
  const before = await balance();
  const id = await agreed(700);
  const left = await leave('transfers.confirm', { proposal_id: id });
  const draft = await leave('transfers.prepare', {
    ...{ from_account_id: customer.account, to_account_id: stranger.account },
    ...{ amount: 5, currency: 'EUR' },
  });
  const jobs = await queue.take(2);
  assert.equal(jobs.length, 2);
  for (const job of jobs) assert.ok(await queue.begin(job));
  // It has paid, and dies before it can write that down.
  const key = `later-${keys - 1}`;
  const paid = await call(
    'transfers.confirm',
    { proposal_id: id },
    {
      headers: { 'idempotency-key': key },
    },
  );
  assert.equal(paid.json.output?.status, 'posted', paid.text);
  await superuser.query(
    `update pgboss.job set started_on = started_on - interval '1 minute', retry_delay = 0
       where state = 'active'`,
  );
  const [confirmed, drafted] = await carried([left.json.ticket_id, draft.json.ticket_id]);
  assert.deepEqual(confirmed.answer?.output, paid.json.output, JSON.stringify(confirmed));
  assert.equal(await balance(), before + 700);
  // Of what it was to draft nobody knows: a second one would be another.
  assert.deepEqual([drafted.status, drafted.problem?.code], ['failed', 'outcome_unknown']);
});

test('where there is no room a call gets a ticket, over MCP the time to return', async () => {
  const full = await createApi({
    ...{ planes, sealed: createBell(), version: 'test', log: createLog('silent') },
    ...{ unready: () => undefined, gauges: () => ({}), signIn: { origin, issuer: undefined } },
    ...{ tickets: queue, toolCallsMax: 0 },
  });
  const send = full.inject.bind(full);
  const { caller } = reach(async (options) => send(options), { operatorKey: '', time });
  const busy = caller(await bank.token());
  const { status, json } = await busy.post('/v1/tools/accounts.list', {});
  assert.deepEqual([status, json.status], [202, 'queued']);
  const mcp = await busy.send({
    ...{ method: 'POST', url: '/mcp' },
    headers: {
      ...{ 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      'mcp-protocol-version': '2025-11-25',
    },
    payload: {
      ...{ jsonrpc: '2.0', id: 1, method: 'tools/call' },
      params: { name: 'accounts.list', arguments: {} },
    },
  });
  assert.match(mcp.text, /"code":"overloaded"/);
  assert.match(mcp.text, /"retry_after_ms":1000/);
  await full.close();
});

test('a bank takes half of the room at most, and another one finds a place', async () => {
  const gate = Promise.withResolvers<void>();
  const whose: string[] = [];
  const waiting: ToolHost = {
    ...host,
    async call({ principal }) {
      whose.push(principal.tenant);
      await gate.promise;
      return { status: 'done', callId: 'cmd_1', output: {} };
    },
  };
  const room = withRoom(waiting, 4);
  const of = (one: string) => ({ principal: { tenant: one } }) as GatewayCaller;
  const asked = { tool: 'x', arguments: {}, signal: new AbortController().signal };
  const inside = [room.call(of('a'), asked), room.call(of('a'), asked)];
  assert.deepEqual([room.isFull('a'), room.isFull('b')], [true, false]);
  await assert.rejects(room.call(of('a'), asked), /too many calls/);
  inside.push(room.call(of('b'), asked), room.call(of('b'), asked));
  assert.ok(room.isFull('c'));
  gate.resolve();
  await Promise.all(inside);
  assert.deepEqual([whose, room.isFull('a')], [['a', 'a', 'b', 'b'], false]);
});
