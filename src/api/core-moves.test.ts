// Over HTTP: what is open at a bank's core, what people accept of its warnings, and how they end
// what it knows nothing of.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '#core';
import { importCore, openMirror } from '#cores';
import { createBook, seedBook } from '../../simulators/cores/book.ts';
import { type Caller, openApi } from '../../test/api.ts';
import { movingAdapter } from '../../test/moving-adapter.ts';

const book = createBook({ now: () => api.bank.time.now });
const adapter = movingAdapter(book);
const api = await openApi({ after }, { adapter });
const { planes, time } = api.bank;
seedBook(book, {
  parties: [{ id: 'P1', name: 'Ann Example' }],
  accounts: [
    { id: 'A', party: 'P1', currency: 'EUR', balance: 1_000 },
    { id: 'B', party: 'P1', currency: 'EUR' },
  ],
});
const bank = { tenant: 'at-a-core', boss: await api.tenant('at-a-core') };
const stranger = await api.tenant('another-bank');
const scopes = ['policy:read', 'policy:write', 'policy:approve', 'ledger:read'];
const bea = await api.issue(bank.boss, 'user:bea', { scopes });
const ann = await api.issue(bank.boss, 'user:ann', { scopes, checker: bea });
const mirror = openMirror({ ...planes, tenant: bank.tenant, adapter });
await importCore(mirror);
const [debtor, creditor] = await mirror.links.ownAccounts(bank.tenant, ['A', 'B']);

function pay(amount: number, key: string) {
  const sides = { debit_account_id: debtor, credit_account_id: creditor };
  return bank.boss.post('/v1/transfers', { ...sides, amount, currency: 'EUR' }, { key });
}

async function moves(caller: Caller): Promise<readonly Record<string, any>[]> {
  const { status, json } = await caller.get('/v1/cores/moves');
  assert.equal(status, 200);
  return json.items;
}

async function approved(subject_kind: string, subject: object, by = bea): Promise<string> {
  const expires_at = new Date(time.now + 3_600_000).toISOString();
  const request = { subject_kind, subject, summary: 'looked at in the core', expires_at };
  const asked = await ann.post('/v1/approvals', request);
  assert.equal(asked.status, 201, asked.text);
  const verdict = { verdict: 'approve', reason: 'it is so' };
  await by.post(`/v1/approvals/${asked.json.id}/decide`, verdict);
  return asked.json.id;
}

test('what the core warns of is listed, and sent again when two people accept it', async () => {
  const account = book.accounts.get('A');
  assert.ok(account);
  account.warns = { code: 'OD-1', text: 'Unauthorised overdraft' };
  const warned = await pay(100, 'warned');
  assert.deepEqual([warned.status, warned.json.code], [409, 'core_override_needed']);
  const [open, ...none] = await moves(ann);
  assert.deepEqual(none, []);
  assert.deepEqual(
    [open?.['state'], open?.['idempotency_key'], open?.['operation'], open?.['is_left']],
    ['needs_override', 'warned', 'transfer', false],
  );
  assert.deepEqual(open?.['overrides'], [
    { id: 'OD-1', code: 'OD-1', text: 'Unauthorised overdraft' },
  ]);
  assert.deepEqual(await moves(stranger), [], 'another bank sees nothing of it');

  const path = '/v1/cores/moves/accept';
  const body = { idempotency_key: 'warned', overrides: ['OD-1'] };
  const alone = await ann.post(path, body);
  assert.deepEqual([alone.status, alone.json.code], [403, 'approval_required']);
  const mine = await approved('core.accept_overrides', body, ann);
  const self = await ann.post(path, { ...body, approval_id: mine });
  assert.deepEqual([self.status, self.json.code], [409, 'approval_invalid']);
  const none_such = await ann.post(path, { ...body, approval_id: 'apr_none' });
  assert.equal(none_such.status, 409, none_such.text);
  const other = { ...body, overrides: ['OD-2'] };
  const approval_id = await approved('core.accept_overrides', other);
  const wrong = await ann.post(path, { ...body, approval_id });
  assert.deepEqual([wrong.status, wrong.json.code], [409, 'approval_invalid']);
  const unfit = await ann.post(path, { ...body, overrides: [] });
  assert.equal(unfit.status, 422);
  const unknown = await api.caller('no key').post(path, body);
  assert.equal(unknown.status, 401);

  const theirs = await stranger.post(path, { ...body, approval_id });
  assert.ok(theirs.status === 409 || theirs.status === 403, theirs.text);
  assert.equal((await pay(100, 'warned')).status, 409, 'nothing accepts it by itself');
  const good = await approved('core.accept_overrides', body);
  const accepted = await ann.post(path, { ...body, approval_id: good });
  assert.deepEqual([accepted.status, accepted.json], [201, body]);
  const done = await pay(100, 'warned');
  assert.equal(done.status, 201, done.text);
  assert.deepEqual(await moves(ann), []);
  assert.equal(account.booked, 900);
  account.warns = null;
});

test('what the core knows nothing of is ended by two people, and by nobody else', async () => {
  const { lookUp } = adapter.operations;
  adapter.trouble.push('vanished');
  Object.assign(adapter.operations, {
    lookUp: async () => Promise.reject(new Fault('core_failed', 'away')),
  });
  const lost = await pay(50, 'lost');
  assert.deepEqual([lost.status, lost.json.code], [503, 'outcome_unknown']);
  const [open] = await moves(ann);
  assert.deepEqual([open?.['state'], open?.['refusal']], ['unknown', null]);
  const path = '/v1/cores/moves/end';
  const body = { command_id: open?.['command_id'], reason: 'not in the journal of the day' };
  const alone = await ann.post(path, body);
  assert.deepEqual([alone.status, alone.json.code], [403, 'approval_required']);
  for (const [caller, command_id] of [
    [ann, 'cmd_none'],
    [ann, 'cmd_00000000000000000000000000'],
    [stranger, body.command_id],
  ] as const) {
    const wrong = await caller.post(path, { ...body, command_id });
    assert.deepEqual([wrong.status, wrong.json.code], [404, 'not_found']);
  }
  const approval_id = await approved('core.end_move', body);
  const otherwise = await ann.post(path, { ...body, reason: 'another', approval_id });
  assert.deepEqual([otherwise.status, otherwise.json.code], [409, 'approval_invalid']);
  const early = await ann.post(path, { ...body, approval_id }, { key: 'end' });
  assert.deepEqual([early.status, early.json.state], [201, 'unknown'], 'the core has not told yet');
  Object.assign(adapter.operations, { lookUp });
  time.now += 61_000;
  const ended = await ann.post(path, { ...body, approval_id }, { key: 'end' });
  assert.deepEqual([ended.status, ended.json.state], [200, 'rejected']);
  assert.deepEqual(await moves(ann), []);
  // The guard of the core has had enough of failures for a moment.
  await sleep(1_100);
  const refused = await pay(50, 'lost');
  assert.deepEqual([refused.status, refused.json.code], [422, 'core_rejected']);
  assert.equal(book.accounts.get('A')?.booked, 900);
});

test('of a batch, each item says what became of it', async () => {
  const sides = { debit_account_id: debtor, credit_account_id: creditor, currency: 'EUR' };
  adapter.trouble.push('fine', 'away');
  const items = [1, 2, 2_000, 3].map((amount) => ({ ...sides, amount }));
  const { status, json } = await bank.boss.post('/v1/transfers', items, { key: 'batch' });
  assert.equal(status, 200, JSON.stringify(json));
  const statusOf = (item: any) => [item.status, item.code].filter(Boolean).join(' ');
  const told: string[] = json.items.map(statusOf);
  // Which of them meets the core while it is away, their turns say.
  const there = ['posted', 'posted', 'rejected insufficient_funds', 'posted'];
  assert.deepEqual(
    told.filter((status, item) => status !== there[item]),
    ['open core_failed'],
  );
  const again = await bank.boss.post('/v1/transfers', items, { key: 'batch' });
  const last: string[] = again.json.items.map(statusOf);
  assert.deepEqual(last.toSpliced(2, 1), ['posted', 'posted', 'posted'], again.text);
  assert.equal(book.accounts.get('A')?.booked, 894);
});
