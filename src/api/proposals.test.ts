// A guarded transfer: an agent prepares it, the customer agrees at the bank, people of the bank too
// where policy asks for them, and then it is made, once and exactly so.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { expireProposals } from '#background';
import { externalId, internalId, type Json, withTx } from '#core';
import { paymentKey, paymentOrder, readAgreed } from '#gateway';
import { initiation } from '#payments';
import { defaultBundle, publicationSubject } from '#policy';
import { openAgentBank, screenHolder, trustAgent } from '../../test/agent-bank.ts';
import { during } from '../../test/during.ts';
import type { Reply } from '../../test/api.ts';
import { enrolApp } from '../../test/payers.ts';
import { expectProven } from '../../test/proven-log.ts';

const bank = await openAgentBank({ after }, ['transfers.prepare', 'transfers.confirm']);
const { api, boss, checker, customer, stranger, agent, call } = bank;
const { planes, superuser, time } = api.bank;
const tenant = 'agents-1';
const paying = ['payments:read', 'payments:write'];
const ada = await api.issue(boss, customer.principal, { scopes: paying });
const bert = await api.issue(boss, stranger.principal, { scopes: paying });
const second = await api.issue(boss, 'user:second', {
  scopes: ['policy:approve', 'policy:read'],
  checker,
});
await screenHolder(api.bank, { tenant, party: stranger.party });
const order = {
  ...{ from_account_id: customer.account, to_account_id: stranger.account },
  ...{ amount: 5_000, currency: 'EUR' },
};

async function prepare(more: object = {}): Promise<string> {
  const prepared = await call('transfers.prepare', { ...order, ...more });
  assert.equal(prepared.status, 200, prepared.text);
  return prepared.json.output.proposal_id;
}

let keys = 0;
function confirm(proposal_id: string, given?: string): Promise<Reply> {
  keys += 1;
  const key = given ?? `confirm-${keys}`;
  return call('transfers.confirm', { proposal_id }, { headers: { 'idempotency-key': key } });
}

async function say(word: 'confirm' | 'reject', id: string, by = ada): Promise<Reply> {
  return by.post(`/v1/customer/proposals/${id}/${word}`, {});
}

async function agreed(more: object = {}): Promise<string> {
  const id = await prepare(more);
  assert.equal((await say('confirm', id)).json.status, 'agreed');
  return id;
}

/** The approval that waits for this proposal, decided by a person of the bank. */
async function officer(id: string, by = checker, verdict = 'approve'): Promise<Reply> {
  const { rows } = await superuser.query<{ approval_id: string }>(
    'select approval_id from gateway.proposal where id = $1',
    [internalId('proposal', id)],
  );
  const approval = externalId('approval', rows[0]?.approval_id ?? '');
  return by.post(`/v1/approvals/${approval}/decide`, { verdict, reason: 'looked at' });
}

async function balance(account: string): Promise<number> {
  const { json } = await boss.get(`/v1/accounts/${account}/balances`);
  return json.available;
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

const trust = (version = 1) => trustAgent(api.bank, { tenant, agent, customer }, { version });

/** The account has a limit of its own for each. */
function nextDay(): void {
  time.now += 86_400_000;
}

function codes(replies: readonly Reply[]) {
  return replies.map(({ status, json }) => [status, json.code, json.reason]);
}

test('a transfer is prepared, agreed to by the customer and the bank, and made once', async () => {
  const before = await balance(stranger.account);
  const prepared = await call('transfers.prepare', { ...order, text: 'For Grace Hopper' });
  assert.equal(prepared.status, 200, prepared.text);
  const { proposal_id, ...view } = prepared.json.output;
  const ending = (account: string) => `the account ending in ${account.slice(-4)}`;
  assert.deepEqual(view, {
    terms: `Transfer EUR 50.00 from ${ending(customer.account)} to ${ending(stranger.account)}.`,
    waits_for: 'customer',
    expires_at: new Date(time.now + 15 * 60_000).toISOString(),
  });
  const early = await confirm(proposal_id);
  assert.deepEqual([early.status, early.json.status], [202, 'waits'], early.text);
  assert.deepEqual(early.json.proposal, {
    ...{ proposal_id, tool: 'transfers.confirm', ...view },
  });
  const { json: listed } = await ada.get('/v1/customer/proposals');
  const [shown] = listed.items;
  assert.deepEqual(
    [shown.id, shown.status, shown.amount, shown.text, shown.agent_name, listed.next],
    [proposal_id, 'open', 5_000, 'For Grace Hopper', 'Spending coach', null],
  );
  assert.equal((await say('confirm', proposal_id)).json.status, 'agreed');
  // The first calls of an agent are looked at, whoever has agreed.
  const referred = await confirm(proposal_id);
  assert.deepEqual([referred.status, referred.json.proposal?.waits_for], [202, 'officers']);
  assert.equal(referred.json.proposal.expires_at, new Date(time.now + 86_400_000).toISOString());
  const own = api.caller(await bank.token());
  assert.equal((await own.get(`/v1/proposals/${proposal_id}`)).json.waits_for, 'officers');
  assert.equal(await balance(stranger.account), before, 'nothing has moved');
  assert.equal((await officer(proposal_id)).json.status, 'approved');

  const made = await confirm(proposal_id, 'the-key');
  assert.equal(made.status, 200, made.text);
  assert.equal(made.json.output.status, 'posted');
  const again = [await confirm(proposal_id, 'the-key'), await confirm(proposal_id)];
  for (const each of again) assert.deepEqual(each.json.output, made.json.output);
  assert.equal(await balance(stranger.account), before + 5_000);
  assert.equal((await own.get(`/v1/proposals/${proposal_id}`)).json.status, 'used');
  assert.deepEqual(codes([await say('reject', proposal_id)]), [[409, 'approval_invalid', 'used']]);

  const calls = (await told('tool.called')).filter(({ tool }) => tool === 'transfers.confirm');
  assert.deepEqual(
    calls.map(({ status }) => status),
    ['waits', 'waits', 'passed', 'answered', 'answered'],
  );
  const [used] = await told('proposal.used');
  assert.equal(used.call_id, calls[2].call_id);
  const { rows } = await superuser.query(
    `select from core.command where body like '%Hopper%' union all
     select from core.event where body like '%Hopper%'`,
  );
  assert.equal(rows.length, 0, 'what the payee reads is kept as a token');
});

test('a proposal is its agent’s and its customer’s alone, and a no is a no', async () => {
  const id = await prepare();
  const forBert = await bank.token({ sub: stranger.principal, consent: stranger.consent });
  const headers = { 'idempotency-key': 'another' };
  const others = [
    await call('transfers.confirm', { proposal_id: id }, { token: forBert, headers }),
    await api.caller(forBert).get(`/v1/proposals/${id}`),
    await say('confirm', id, bert),
    await call('transfers.confirm', { proposal_id: `prp_${'0'.repeat(26)}` }, { headers }),
    await call('transfers.prepare', { ...order, from_account_id: stranger.account }),
  ];
  assert.deepEqual(
    others.map(({ status, json }) => [status, json.code]),
    others.map(() => [404, 'not_found']),
  );
  const agentSays = api.caller(await bank.token());
  assert.equal((await say('confirm', id, agentSays)).status, 403);
  assert.equal((await say('reject', id)).json.status, 'rejected');
  assert.deepEqual(codes([await confirm(id), await say('confirm', id)]), [
    [409, 'approval_invalid', 'rejected'],
    [409, 'approval_invalid', 'rejected'],
  ]);
  const wrong = [
    await call('transfers.prepare', { ...order, amount: 9_999_999 }),
    await call('transfers.prepare', { ...order, currency: 'USD' }),
    await call('transfers.prepare', { ...order, to_account_id: order.from_account_id }),
  ];
  assert.deepEqual(
    wrong.map(({ json }) => json.code),
    ['conflict', 'conflict', 'conflict'],
  );
  const keyless = api.caller(await bank.token());
  const none = await keyless.send({
    ...{ method: 'POST', url: '/v1/tools/transfers.confirm', payload: { proposal_id: id } },
  });
  assert.equal(none.json.code, 'idempotency_key_missing');
});

test('two people of the bank agree to what is worth much, and one no is enough', async () => {
  nextDay();
  const cash = await boss.open({ type: 'asset' });
  const funds = { debit_account_id: cash, credit_account_id: customer.account, currency: 'EUR' };
  await boss.post('/v1/transfers', { ...funds, amount: 5_000_000 });
  const large = await agreed({ amount: 1_000_000 });
  assert.equal((await confirm(large)).json.proposal.waits_for, 'officers');
  assert.equal((await officer(large)).json.status, 'pending');
  assert.equal((await officer(large)).json.code, 'not_a_checker', 'nobody counts twice');
  assert.equal((await confirm(large)).json.status, 'waits');
  assert.equal((await officer(large, second)).json.status, 'approved');
  const made = await confirm(large);
  assert.equal(made.json.output?.status, 'review', 'the policy of payments decides as well');
  // What one person has approved of it, two have not seen.
  const halves = [await agreed({ amount: 600_000 }), await agreed({ amount: 600_001 })];
  for (const half of halves) {
    await confirm(half);
    const isFirst = half === halves[0];
    assert.equal((await officer(half)).json.status, isFirst ? 'approved' : 'pending');
    await confirm(half);
  }
  const refused = await agreed();
  await confirm(refused);
  // The customer works for the bank as well, under another name.
  const scopes = ['policy:approve', 'policy:read'];
  const herself = await api.issue(boss, 'user:clerk', { scopes, checker });
  const person = { principal: 'user:clerk', region: null, delegated_by: null };
  await boss.post('/v1/principals', { ...person, customer: customer.party });
  const own = await officer(refused, herself);
  assert.deepEqual([own.json.code, own.json.reason], ['not_a_checker', 'party'], own.text);
  await officer(refused, second, 'reject');
  assert.equal((await told('proposal.rejected')).at(-1)?.proposal_id, refused);
  assert.deepEqual(codes([await confirm(refused)]), [[409, 'approval_invalid', 'rejected']]);
});

test('what people approved under one policy they did not approve under the next', async () => {
  nextDay();
  const id = await agreed();
  await confirm(id);
  await officer(id);
  const { bundle, digest: supersedes } = defaultBundle('agent-actions');
  const drafted = await boss.post('/v1/policies', { ...bundle, title: 'Actions of agents' });
  const { digest } = drafted.json;
  const tested = await boss.post(`/v1/policy-bundles/${digest}/backtests`, { decisions: 100 });
  const publication = { digest, supersedes, backtest_id: tested.json.id };
  const approval = await boss.post('/v1/approvals', {
    ...{ subject_kind: 'policy.publish', summary: 'a title' },
    subject: publicationSubject({ ...publication, name: 'agent-actions' }),
    expires_at: new Date(time.now + 86_400_000).toISOString(),
  });
  const grounds = { verdict: 'approve', reason: 'reads well' };
  await checker.post(`/v1/approvals/${approval.json.id}/decide`, grounds);
  const published = await boss.post('/v1/policies/agent-actions/publications', {
    ...{ ...publication, approval_id: approval.json.id },
  });
  assert.ok(published.status < 300, published.text);
  const asked = await confirm(id);
  assert.deepEqual([asked.json.status, asked.json.proposal?.waits_for], ['waits', 'officers']);
  assert.equal((await told('approval.withdrawn')).length, 1);
  await officer(id);
  assert.equal((await confirm(id)).json.output.status, 'posted');
});

test('once trusted, the customer’s word is enough, and a key serves once', async () => {
  await trust(2);
  assert.equal((await confirm(await agreed())).json.proposal?.waits_for, 'officers');
  await trust();
  const [first, other] = [await agreed(), await agreed({ amount: 700 })];
  assert.equal((await confirm(first, 'one-key')).json.output.status, 'posted');
  assert.equal((await confirm(other, 'one-key')).json.code, 'idempotency_key_reused');
  assert.equal((await told('tool.called')).at(-1).status, 'refused');
  assert.equal((await confirm(other)).json.output.status, 'posted');

  const [late, silent] = [await agreed(), await prepare()];
  time.now += 15 * 60_000;
  assert.deepEqual(codes([await confirm(late), await say('confirm', silent)]), [
    [409, 'approval_invalid', 'expired'],
    [409, 'approval_invalid', 'expired'],
  ]);
  await during(
    (signal) => expireProposals({ planes, signal, onError: assert.ifError }),
    async () => (await told('proposal.expired')).length >= 2,
  );
  const expired = await told('proposal.expired');
  const byId = new Map(expired.map((each) => [each.proposal_id, each]));
  assert.deepEqual(
    [byId.get(late).waited_for, byId.get(silent).waited_for],
    ['officers', 'customer'],
  );
  assert.match(byId.get(silent).decision_id, /^dec_/);
});

test('an agent pays what was let through, nothing else, and a crash loses nothing', async () => {
  const [id, untouched] = [await agreed({ amount: 900 }), await agreed({ amount: 901 })];
  const before = await balance(stranger.account);
  const use = (proposal_id: string) =>
    planes.execute({
      principal: { kind: 'service', id: 'gateway', tenant },
      ...{ operation: 'proposal.use', idempotencyKey: `use ${proposal_id} x` },
      body: {
        ...{ proposal_id, call_id: 'cmd_x', policy_version: '', by_approval: false },
        key: `key of ${proposal_id}`,
      },
    });
  // Killed behind the use: the agent calls again, twice at once.
  await use(id);
  const both = await Promise.all([confirm(id), confirm(id)]);
  const [made, same] = both.map(({ json }) => json.output);
  assert.equal(made?.status, 'posted', both[0].text);
  assert.deepEqual(made, same);
  assert.equal(await balance(stranger.account), before + 900);

  await use(untouched);
  const uuid = internalId('proposal', untouched) ?? '';
  const look = { tenant, readOnly: true };
  const found = await withTx(planes.database.pool('read'), (tx) => readAgreed(tx, uuid), look);
  assert.ok(found);
  const exact = { ...initiation(paymentOrder(found)), proposal_id: untouched };
  const more = { ...exact, legs: exact.legs.map((leg) => ({ ...leg, amount: 90_000 })) };
  const pay = (body: Json, idempotencyKey: string, who = agent) =>
    planes.execute({
      principal: { kind: 'agent', id: who, tenant },
      ...{ operation: 'payment.initiate', idempotencyKey, body },
    });
  const forged = [
    await pay(exact, 'another key'),
    await pay({ ...exact, proposal_id: id }, 'a third'),
    await pay(exact, 'a fourth', 'another-agent'),
    await pay(more, paymentKey(uuid)),
  ];
  assert.deepEqual(
    forged.map(({ outcome }) => 'reasons' in outcome && outcome.reasons),
    forged.map(() => ['agent_without_authority']),
  );
  assert.equal(await balance(stranger.account), before + 900);
});

test('where policy asks the payer for a proof, the payment waits for it', async () => {
  const unknown = await boss.open({ bound: 'no_overdraft' });
  await boss.post(`/v1/accounts/${unknown}/party`, { party_id: stranger.party });
  const id = await agreed({ to_account_id: unknown, amount: 26_000 });
  const waits = await confirm(id);
  assert.equal(waits.json.output?.status, 'step_up_required', waits.text);
  const app = await enrolApp({ ...bank, id: tenant, channel: boss, debtor: '' }, customer.party);
  const path = `/v1/customer/payments/${waits.json.output.payment_id}/step-up`;
  const proven = await ada.post(path, { authenticator_id: app.id, code: app.code() });
  assert.equal(proven.json.status, 'succeeded', proven.text);
  assert.equal((await confirm(id)).json.output.status, 'posted');
  assert.equal(await balance(unknown), 26_000);
});

test('people of the bank find proposals by how they stand, and what used one up', async () => {
  const { json: all } = await boss.get('/v1/proposals?limit=500');
  const { json: counts } = await boss.get('/v1/proposals/facets');
  assert.equal(counts.total, all.items.length);
  for (const facet of ['status', 'waits_for'] as const) {
    for (const { value, count } of counts[facet]) {
      const { json } = await boss.get(`/v1/proposals?limit=500&${facet}=${value}`);
      const own = all.items.filter((each: any) => each[facet] === value);
      assert.deepEqual([json.items, count], [own, own.length], value);
    }
  }
  const { json: first } = await boss.get('/v1/proposals?limit=2');
  const { json: next } = await boss.get(`/v1/proposals?limit=2&after=${first.next}`);
  assert.deepEqual([...first.items, ...next.items], all.items.slice(0, 4));

  const id = await agreed({ amount: 1_100 });
  const { call_id, output } = (await confirm(id)).json;
  const { json: record } = await boss.get(`/v1/proposals/${id}/record`);
  const { event_id, ...used } = record.used;
  assert.deepEqual(used, { call_id, payment_id: output.payment_id });
  assert.equal((await boss.get(`/v1/tool-calls/${call_id}`)).json.event_id, event_id);
  assert.deepEqual([record.agreed_by, record.amount], [customer.principal, 1_100]);
  assert.equal((await ada.get(`/v1/proposals/${id}/record`)).status, 403);
});

test('the log proves limits and approvals, and lived again it is the same', async (t) => {
  await expectProven(t, api);
});
