// Mandates: what an agent may pay without asking each time, who may say so, and that nobody pays
// more by it than was said.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createApi } from '#api';
import { canonicalJson, type Fault } from '#core';
import { openAgentBank, screenHolder, trustAgent } from '../../test/agent-bank.ts';
import type { Reply } from '../../test/api.ts';
import { expectProven } from '../../test/proven-log.ts';
import { enrolApp, enrolDevice } from '../../test/payers.ts';
import { createLog } from '../serve.ts';

const bank = await openAgentBank({ after }, ['transfers.prepare', 'transfers.confirm']);
const { api, boss, customer, stranger, agent, call } = bank;
const { planes, superuser, time } = api.bank;
const tenant = 'agents-1';
const dayMs = 86_400_000;
const paying = ['payments:read', 'payments:write'];
const ada = await api.issue(boss, customer.principal, { scopes: paying });
const bert = await api.issue(boss, stranger.principal, { scopes: paying });
const shop = await boss.open({ bound: 'no_overdraft' });
await boss.post(`/v1/accounts/${shop}/party`, { party_id: stranger.party });
await screenHolder(api.bank, { tenant, party: stranger.party });
await trustAgent(api.bank, { tenant, agent, customer });
// The customer has paid the stranger, and the shop never.
const paid = { debit_account_id: customer.account, credit_account_id: stranger.account };
await boss.post('/v1/transfers', { ...paid, amount: 100, currency: 'EUR' });
time.now += dayMs;

const bounds = { payment_max: 3_000, daily_max: 5_000, daily_count_max: 3, currency: 'EUR' };

function give(more: object = {}, by = ada): Promise<Reply> {
  const valid_until = new Date(time.now + 30 * dayMs).toISOString();
  return by.post('/v1/customer/mandates', { agent, ...bounds, valid_until, ...more });
}

async function given(more: object = {}): Promise<string> {
  const { status, json, text } = await give(more);
  assert.equal(status, 201, text);
  return json.id;
}

function end(id: string, by = ada): Promise<Reply> {
  return by.post(`/v1/customer/mandates/${id}/end`, {});
}

async function prepare(amount: number, to = stranger.account, token?: string): Promise<string> {
  const order = { from_account_id: customer.account, to_account_id: to, amount, currency: 'EUR' };
  const prepared = await call('transfers.prepare', order, token === undefined ? {} : { token });
  assert.equal(prepared.status, 200, prepared.text);
  return prepared.json.output.proposal_id;
}

let keys = 0;
function confirm(proposal_id: string): Promise<Reply> {
  keys += 1;
  const headers = { 'idempotency-key': `confirm-${keys}` };
  return call('transfers.confirm', { proposal_id }, { headers });
}

/** What becomes of a payment that the customer is not asked about: its status, or who is asked. */
async function pay(amount: number, to?: string): Promise<string> {
  const reply = await confirm(await prepare(amount, to));
  return reply.json.output?.status ?? reply.json.proposal?.waits_for ?? reply.json.code;
}

async function balance(account: string): Promise<number> {
  return (await boss.get(`/v1/accounts/${account}/balances`)).json.available;
}

async function told(type: string): Promise<any[]> {
  await api.seal();
  const { rows } = await superuser.query<{ payload: any }>(
    `select body::jsonb #> '{data,payload}' as payload from core.event
      where type = $1 order by seq`,
    [type],
  );
  return rows.map(({ payload }) => payload);
}

async function readMine(id: string): Promise<any> {
  const { json } = await ada.get('/v1/customer/mandates?limit=100');
  return json.items.find((each: any) => each.id === id);
}

test('within a mandate an agent pays known payees without asking, and beyond it asks', async () => {
  assert.equal(await pay(1_000), 'customer', 'without a mandate');
  const mandate = await given();
  const before = await balance(stranger.account);
  assert.equal(await pay(2_500), 'posted');
  assert.equal(await balance(stranger.account), before + 2_500);
  assert.equal(await pay(3_001), 'customer', 'more than one payment may be');
  assert.equal(await pay(500, shop), 'customer', 'a payee who was never paid');
  assert.equal(await pay(2_501), 'customer', 'more than is left of the day');
  assert.equal(await pay(1_500), 'posted');
  const view = await readMine(mandate);
  assert.deepEqual(
    [view.id, view.status, view.used_amount_24h, view.used_count_24h, view.payees],
    [mandate, 'active', 4_000, 2, null],
  );
  assert.equal(await pay(100), 'posted');
  assert.equal(await pay(100), 'customer', 'more often than in a day');
  assert.equal(await balance(stranger.account), before + 4_100);
  const used = await told('proposal.used');
  assert.deepEqual(
    used.map(({ mandate_id }) => mandate_id),
    [mandate, mandate, mandate],
  );
  // What nobody was asked about, nobody has looked at.
  const decided = (await told('decision.made')).at(-1);
  assert.equal(decided.facts.writes_reviewed, 20);
  time.now += dayMs;
  assert.equal(await pay(2_500), 'posted', 'the next day');
  // Whoever is asked may agree, whatever is left of any mandate.
  const asked = await prepare(40_000);
  await ada.post(`/v1/customer/proposals/${asked}/confirm`, {});
  assert.equal((await confirm(asked)).json.output?.status, 'posted');
  assert.equal((await readMine(mandate)).used_amount_24h, 2_500);
  assert.equal((await end(mandate)).json.status, 'ended');
  assert.equal(await pay(100), 'customer', 'ended');
  assert.deepEqual(
    (await told('mandate.ended')).map(({ mandate_id, ended_by }) => [mandate_id, ended_by]),
    [[mandate, customer.principal]],
  );
});

test('a mandate that names its payees covers them, new or not, and nobody else', async () => {
  time.now += dayMs;
  const mandate = await given({ payees: [shop] });
  assert.equal(await pay(700, shop), 'posted');
  assert.equal(await pay(700), 'customer', 'a known one that it does not name');
  await end(mandate);
  const short = await given({ valid_until: new Date(time.now + 60_000).toISOString() });
  assert.equal(await pay(200), 'posted');
  time.now += 60_000;
  assert.equal(await pay(200), 'customer', 'expired');
  assert.equal((await readMine(short)).status, 'expired');
  assert.equal((await end(short)).json.reason, 'expired');
});

test('a mandate is one customer’s, for one agent, and given by himself', async () => {
  const mandate = await given();
  await end(mandate);
  const jwks = { keys: [bank.keys.publicJwk] };
  const registered = await bank.approved('/v1/agents', {
    ...{ id: 'another', name: 'Bill payer', owner: 'user:boss', purposes: ['servicing'] },
    ...{ tools: [{ name: 'transfers.confirm', calls_per_minute: 9 }] },
    clients: [{ issuer: 'https://agents.example', client_id: 'bill-payer', jwks }],
  });
  assert.equal(registered.status, 201, registered.text);
  const others = await given({ agent: 'another' });
  time.now += 1;
  const bertsOwn = await give({}, bert);
  assert.equal(bertsOwn.status, 201, bertsOwn.text);
  assert.equal(await pay(100), 'customer', 'neither for another agent nor of another customer');
  const byAgent = api.caller(await bank.token());
  const refused = [
    await give({}, byAgent),
    await end(others, byAgent),
    await end(others, bert),
    await give({}, boss),
    await give({ currency: 'USD' }),
    await give({ agent: 'nobody' }),
    await give({ daily_max: 10 }),
    await give({ payees: [] }),
    await give({ payment_max: 0 }),
    await give({ valid_until: new Date(time.now + 400 * dayMs).toISOString() }),
    await give({ valid_until: new Date(time.now).toISOString() }),
    await byAgent.get('/v1/mandates'),
    await byAgent.get('/v1/customer/mandates'),
  ];
  assert.deepEqual(
    refused.map(({ status }) => status),
    [403, 403, 404, 403, 422, 422, 422, 422, 422, 422, 422, 403, 403],
  );
  const all = await boss.get(`/v1/mandates?customer=${customer.party}&agent=another`);
  assert.deepEqual(
    all.json.items.map((each: any) => [each.id, each.customer, each.agent]),
    [[others, customer.party, 'another']],
  );
  const first = await boss.get('/v1/mandates?limit=1');
  assert.equal(first.json.items[0].id, bertsOwn.json.id);
  const next = await boss.get(`/v1/mandates?limit=1&after=${first.json.next}`);
  assert.equal(next.json.items[0].id, others);
  assert.equal((await boss.get(`/v1/mandates/${others}`)).json.status, 'active');
});

test('confirms that come at once take no more from a mandate than it leaves', async () => {
  time.now += dayMs;
  const mandate = await given({ daily_max: 5_000, daily_count_max: 100 });
  const proposals = [];
  for (let turn = 0; turn < 6; turn += 1) proposals.push(await prepare(1_500 + turn));
  const before = await balance(stranger.account);
  const replies = await Promise.all(proposals.map(confirm));
  const posted = replies.filter(({ json }) => json.output?.status === 'posted');
  assert.equal(posted.length, 3, replies.map(({ text }) => text).join('\n'));
  const waiting = replies.filter(({ status, json }) => status === 202 && json.status === 'waits');
  assert.equal(waiting.length, 3, 'the customer is asked about the rest');
  const moved = (await balance(stranger.account)) - before;
  assert.ok(moved > 4_500 && moved <= 5_000, `${moved}`);
  assert.equal((await readMine(mandate)).used_amount_24h, moved);
});

test('who splits a large amount is stopped, with a mandate or a confirmation', async () => {
  time.now += dayMs;
  const cash = await boss.open({ type: 'asset' });
  const funds = { debit_account_id: cash, credit_account_id: customer.account, currency: 'EUR' };
  await boss.post('/v1/transfers', { ...funds, amount: 5_000_000 });
  await given({ payment_max: 900_000, daily_max: 2_000_000, daily_count_max: 9 });
  assert.match(await pay(600_000), /posted|step_up_required|review|held/);
  const second = await prepare(600_000);
  assert.equal((await confirm(second)).json.proposal?.waits_for, 'customer');
  await ada.post(`/v1/customer/proposals/${second}/confirm`, {});
  assert.equal((await confirm(second)).json.proposal?.waits_for, 'officers');
  const decided = (await told('decision.made')).at(-1);
  assert.deepEqual(decided.reasons, ['structuring']);
  assert.equal(decided.obligations.approvals, 2);
  assert.equal(await pay(50_000), 'posted', 'below it all together');
});

/** What is on record of the last confirms: what came of each, and instead of which. */
async function recorded(count: number): Promise<any[]> {
  const calls = (await told('tool.called')).filter(({ tool }) => tool === 'transfers.confirm');
  return calls.slice(-count);
}

test('what comes at once is decided on what those before it have moved', async () => {
  time.now += 2 * dayMs;
  await superuser.query(
    `insert into gateway.proposal (tenant_id, id, agent_id, customer, tool, version, arguments,
       arguments_digest, terms, decision_id, policy_version, made_at, expires_at, status, agreed_by,
       used_key, ended_at, amount, currency)
     select $1, uuidv7(), $2, $3, 'transfers.confirm', 1, '{}', '', '', uuidv7(), '', $4, $4,
       'used', 'user:ada', 'small ' || n, $4, 1, 'EUR' from generate_series(1, 18) n`,
    [tenant, agent, customer.party, new Date(time.now)],
  );
  const mandate = await given({ payment_max: 1_000, daily_max: 50_000, daily_count_max: 100 });
  const small = [];
  for (let turn = 0; turn < 6; turn += 1) small.push(await prepare(10 + turn));
  const replies = await Promise.all(small.map(confirm));
  const posted = replies.filter(({ json }) => json.output?.status === 'posted');
  const asked = replies.filter(({ json }) => json.proposal?.waits_for === 'customer');
  assert.deepEqual([posted.length, asked.length], [2, 4], 'twenty a day go unasked');
  const passed = (await recorded(6)).filter(({ status }) => status === 'passed');
  assert.equal(passed.length, 2, 'and nothing is on record as passed that was not carried out');

  time.now += 2 * dayMs;
  const halves = [await prepare(600_000), await prepare(600_001)];
  for (const id of halves) await ada.post(`/v1/customer/proposals/${id}/confirm`, {});
  const both = await Promise.all(halves.map(confirm));
  assert.equal(
    both.filter(({ json }) => json.output).length,
    1,
    both.map(({ text }) => text).join(),
  );
  assert.equal(both.filter(({ json }) => json.proposal?.waits_for === 'officers').length, 1);

  // As another server would, that has decided before anything had moved.
  const late = await prepare(10);
  await ada.post(`/v1/customer/proposals/${late}/confirm`, {});
  const moved = { agent_amount_24h: 0, agent_count_24h: 0, payee_amount_24h: 0 };
  const using = planes.execute({
    principal: { kind: 'service', id: 'gateway', tenant },
    ...{ operation: 'proposal.use', idempotencyKey: `use ${late} x` },
    body: {
      ...{ proposal_id: late, call_id: 'cmd_x', policy_version: '', by_approval: false, moved },
      key: 'late',
    },
  });
  await assert.rejects(using, ({ detail }: Fault) => detail['reason'] === 'moved_since');
  await end(mandate);
});

test('what had passed and was not carried out is on record as that', async () => {
  time.now += 2 * dayMs;
  const { json: others } = await ada.get('/v1/customer/mandates?limit=100');
  for (const { id } of others.items) await end(id);
  const mandate = await given();
  let meanwhile = async (): Promise<unknown> => undefined;
  const execute: typeof planes.execute = async (input) => {
    if (input.operation === 'proposal.use') await meanwhile();
    return planes.execute(input);
  };
  const app = await createApi({
    ...{ planes: { ...planes, execute }, version: 'test', log: createLog('silent') },
    ...{ signIn: { origin: 'https://bank.example', issuer: undefined } },
    sealed: { wait: async () => undefined, ring: () => undefined } as never,
    ...{ unready: () => undefined, gauges: () => ({}) },
  });
  const confirmThere = async (proposal_id: string, key: string) => {
    const authorization = `Bearer ${await bank.token()}`;
    const headers = { authorization, 'idempotency-key': key };
    const url = '/v1/tools/transfers.confirm';
    return (await app.inject({ method: 'POST', url, headers, payload: { proposal_id } })).json();
  };
  const [first, second] = [await prepare(100), await prepare(101)];
  meanwhile = () => end(mandate);
  assert.equal((await confirmThere(first, 'there-1')).status, 'waits', 'the mandate has ended');
  await ada.post(`/v1/customer/proposals/${second}/confirm`, {});
  meanwhile = () => ada.post(`/v1/customer/proposals/${second}/reject`, {});
  assert.equal((await confirmThere(second, 'there-2')).code, 'approval_invalid');
  await app.close();
  const calls = await recorded(4);
  assert.deepEqual(
    calls.map(({ status, result }) => [status, result.instead_of]),
    [
      ['passed', undefined],
      ['waits', calls[0].call_id],
      ['passed', undefined],
      ['refused', calls[2].call_id],
    ],
  );
});

test('who has an authenticator gives no mandate without it, and guesses are counted', async () => {
  const payers = { ...bank, id: tenant, channel: boss, debtor: '' };
  const app = await enrolApp(payers, customer.party);
  const proof = { authenticator_id: app.id, code: app.code() };
  const valid_until = new Date(time.now + dayMs).toISOString();
  const once = { key: 'with-a-code' };
  const asked = { agent, ...bounds, valid_until, proof };
  const right = await ada.post('/v1/customer/mandates', asked, once);
  assert.equal(right.status, 201, right.text);
  time.now += 120_000;
  const again = await ada.post('/v1/customer/mandates', asked, once);
  assert.equal(again.json.id, right.json.id, 'a repeated call asks about the first time');

  const device = await enrolDevice(payers, 'ed25519', customer.party);
  const text = canonicalJson({
    ...{ agree: 'countersign mandate 1', idempotency_key: 'with-a-device' },
    ...{ agent, ...bounds, valid_until },
  });
  const signed = { authenticator_id: device.id, signature: device.sign(text) };
  const byDevice = { agent, ...bounds, valid_until, proof: signed };
  const given = await ada.post('/v1/customer/mandates', byDevice, { key: 'with-a-device' });
  assert.equal(given.status, 201, given.text);

  const theirs = await enrolApp(payers, stranger.party);
  const around = [-30_000, 0, 30_000].map((offMs) => app.code(offMs));
  const code = ['111111', '222222', '333333', '444444'].find((each) => !around.includes(each));
  const refused = [
    await give(),
    await give({ proof }),
    await give({ proof: signed }),
    await give({ proof: { authenticator_id: theirs.id, code: theirs.code() } }),
    await give({ proof: { authenticator_id: app.id, code } }),
    await give({ proof: { authenticator_id: app.id, code } }),
    await give({ proof: { authenticator_id: app.id, code } }),
    await give({ proof: { authenticator_id: app.id, code: app.code() } }),
  ];
  assert.deepEqual(
    refused.map(({ status, json }) => [status, json.reason]),
    [
      ...['proof_missing', 'wrong_proof', 'wrong_proof', 'other_subject', 'wrong_proof'],
      ...['wrong_proof', 'wrong_proof', 'too_many_failures'],
    ].map((reason) => [403, reason]),
  );
  assert.equal((await told('mandate.refused')).length, refused.length);
});

test('the log proves all of it, and lived again it is the same', async (t) => {
  await expectProven(t, api);
});
