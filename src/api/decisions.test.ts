// Decisions as callers see them: asked for, refused with a reason, explained, exported.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { day } from '../../test/bank.ts';
import { type Caller, openApi } from '../../test/api.ts';

const script = fileURLToPath(
  new URL('../../examples/06-prove-decisions/verify-export.mjs', import.meta.url),
);
const api = await openApi({ after });
const { time } = api.bank;
let banks = 0;

async function openBank() {
  banks += 1;
  const boss = await api.tenant(`deciding-${banks}`);
  const keyOf = (holder: string, scopes: string[], more: { checker?: Caller } = {}) =>
    api.issue(boss, holder, { scopes, ...more });
  const [cash, customer] = [await boss.open({ type: 'asset' }), await boss.open()];
  const checker = await keyOf('user:checker', ['policy:approve', 'policy:read']);
  return { boss, keyOf, checker, cash, customer };
}

const { boss, keyOf, checker, cash, customer } = await openBank();
const duties = ['ledger:write', 'policy:decide', 'policy:write'];
const clerk = await keyOf('user:clerk', duties, { checker });
const transfer = { debit_account_id: cash, credit_account_id: customer, currency: 'EUR' };
const large = { ...transfer, amount: 100_000_000 };
const byAgent = { point: 'ledger-operations', facts: { principal_kind: 'agent' } };

// Asking ------------------------------------------------------------------------------------------

test('a question is answered with its reasons in words, and a retry gets the same', async () => {
  const first = await clerk.post('/v1/decisions', byAgent, { key: 'ask-1' });
  assert.equal(first.status, 201, first.text);
  assert.equal(first.json.outcome, 'deny');
  assert.deepEqual(first.json.reasons, [
    {
      code: 'agent_may_not_post',
      text: 'An AI agent proposes; it never posts to the ledger itself.',
    },
  ]);
  assert.match(first.json.policy_version, /^ledger-operations@[0-9a-f]{12}$/);
  time.now += 1_000;
  const again = await clerk.post('/v1/decisions', byAgent, { key: 'ask-1' });
  assert.deepEqual([again.status, again.json], [200, first.json]);
  const other = await clerk.post('/v1/decisions', { ...byAgent, facts: {} }, { key: 'ask-1' });
  assert.deepEqual([other.status, other.json.code], [422, 'idempotency_key_reused']);
});

test('a missing fact is a review; a likeness is a fraction, an amount is not', async () => {
  const unknown = await clerk.post('/v1/decisions', { ...byAgent, facts: {} });
  assert.deepEqual(unknown.json.outcome, 'review');
  assert.equal(unknown.json.reasons[0].code, 'fact_missing');
  const read = async (match: string) => {
    const body = `{"point":"onboarding-kyc","facts":{"face_match":${match}}}`;
    const { json, text } = await clerk.post('/v1/decisions', body);
    assert.ok(json.decision_id, text);
    return (await boss.get(`/v1/decisions/${json.decision_id}`)).json.facts.face_match;
  };
  assert.deepEqual(
    [await read('0.25'), await read('1.0'), await read('2.5e-1'), await read('1')],
    [0.25, 1, 0.25, 1],
  );
  assert.equal(await read('9007199254740993'), '9007199254740993', 'never rounded');
});

test('a question that cannot be asked is refused with its place, alone or an item', async () => {
  const cases: [object, RegExp, RegExp][] = [
    [{ point: 'tea', facts: {} }, /^\/point$/, /no point where .* payment-authorization/],
    [{ ...byAgent, facts: { weather: 1 } }, /^\/facts\/weather$/, /no fact of the policy/],
    [
      { point: 'payment-authorization', facts: { fraud_score: 0.01 } },
      /^\/facts\/fraud_score$/,
      /never taken from a caller/,
    ],
    [{ ...byAgent, facts: { operation: {} } }, /^\/facts\/operation/, /./],
    [{ ...byAgent, facts: { operation: 'a\u0000b' } }, /^\/facts\/operation/, /./],
    [{ point: 'ledger-operations' }, /^\/facts$/, /required/],
  ];
  for (const [body, pointer, detail] of cases) {
    const { status, json } = await clerk.post('/v1/decisions', body);
    assert.deepEqual([status, json.code], [422, 'invalid_request']);
    assert.match(json.errors[0].pointer, pointer);
    assert.match(json.errors[0].detail, detail);
  }
  const many = [byAgent, { ...byAgent, facts: { weather: 1 } }, { point: 'tea', facts: {} }];
  const { status, json } = await clerk.post('/v1/decisions', many);
  assert.equal(status, 200);
  assert.deepEqual(
    json.items.map((item: { status: string; code?: string }) => item.code ?? item.status),
    ['decided', 'invalid_request', 'invalid_request'],
  );
  assert.equal(json.items[0].decision.outcome, 'deny');
  assert.equal(json.items[1].errors[0].pointer, '/facts/weather');
  const reader = await keyOf('user:reader', ['ledger:read']);
  assert.equal((await reader.post('/v1/decisions', byAgent)).json.code, 'forbidden');
});

// Refusals ----------------------------------------------------------------------------------------

test('a refusal says which decision it was, why, and what to have approved', async () => {
  const refused = await clerk.post('/v1/transfers', large, { key: 'large-1' });
  assert.equal(refused.status, 409, refused.text);
  const { code, detail, reasons, decision_id, obligations, approval } = refused.json;
  assert.deepEqual([code, reasons], ['policy_review', ['large_manual_posting']]);
  assert.match(detail, /another person must approve it/);
  assert.deepEqual(obligations, { approvals: 1, review_queue: 'ledger' });
  const retried = await clerk.post('/v1/transfers', large, { key: 'large-1' });
  assert.deepEqual([retried.status, retried.json], [409, refused.json]);
  const decision = await boss.get(`/v1/decisions/${decision_id}`);
  assert.equal(decision.json.command_digest, approval.subject_digest);

  const posted = await clerk.post('/v1/transfers', large, { key: await approve(clerk, approval) });
  assert.equal(posted.status, 201, posted.text);
});

type Wanted = { readonly subject_kind: string; readonly subject_digest: string };

/** One asks, another approves; answers the id of the approval. */
async function approve(maker: Caller, { subject_kind, subject_digest }: Wanted): Promise<string> {
  const expires_at = new Date(time.now + day).toISOString();
  const request = { subject_kind, subject_digest, summary: 'as agreed', expires_at };
  const asked = await maker.post('/v1/approvals', request);
  assert.equal(asked.status, 201, asked.text);
  const verdict = { verdict: 'approve', reason: 'as agreed' };
  const given = await checker.post(`/v1/approvals/${asked.json.id}/decide`, verdict);
  assert.ok(given.status < 300, given.text);
  return asked.json.id;
}

test('what policy denies is forbidden, alone and as an item', async () => {
  const payment = { kind: 'card', channel: 'card_present', counterparty_country: 'KP' };
  const body = { ...transfer, amount: 1, payment };
  const denied = await clerk.post('/v1/transfers', body);
  assert.deepEqual([denied.status, denied.json.code], [403, 'policy_denied'], denied.text);
  assert.equal(denied.json.approval, undefined, 'nobody could approve it');
  const many = await clerk.post('/v1/transfers', [body, { ...transfer, amount: 1 }]);
  const [item, other] = many.json.items;
  assert.deepEqual([item.status, item.code], ['rejected', 'policy_denied']);
  assert.deepEqual(item.reasons, denied.json.reasons);
  assert.match(item.decision_id, /^dec_/);
  assert.equal(other.status, 'posted');
});

test('a payment is decided by its facts, which nobody can forge from what is ours', async () => {
  const payment = { kind: 'transfer', channel: 'branch', counterparty_country: 'DE' };
  time.now += 1;
  const paid = await clerk.post(
    '/v1/transfers',
    { ...transfer, amount: 500, payment },
    { headers: { purpose: 'invoice 4711' } },
  );
  const { json } = await boss.get('/v1/decisions?limit=1');
  const [latest] = json.items;
  assert.equal(latest.point, 'payment-authorization', paid.text);
  assert.equal(latest.purpose, 'invoice 4711');
  const { facts } = (await boss.get(`/v1/decisions/${latest.decision_id}`)).json;
  assert.deepEqual([facts.amount, facts.channel, facts.principal_kind], [500, 'branch', 'user']);
  time.now += 1;
  const held = await clerk.post('/v1/holds', { ...transfer, amount: 5, payment });
  const after = (await boss.get('/v1/decisions?limit=1')).json.items[0];
  assert.equal(after.point, 'payment-authorization', held.text);

  const forged = { ...payment, weather: 'fine' };
  const refused = await clerk.post('/v1/transfers', { ...transfer, amount: 5, payment: forged });
  assert.equal(refused.json.errors[0].pointer, '/payment/weather');
  const purpose = { headers: { purpose: 'x'.repeat(121) } };
  const long = await clerk.post('/v1/transfers', { ...transfer, amount: 5 }, purpose);
  assert.deepEqual([long.status, long.json.code], [400, 'bad_request']);
});

// Reading -----------------------------------------------------------------------------------------

test('decisions are listed newest first, page by page, and by what they came to', async () => {
  const bank = await openBank();
  const from = time.now + 1_000;
  const ids: string[] = [];
  for (let minute = 0; minute < 7; minute += 1) {
    time.now = from + minute * 60_000;
    const byPartner = { principal_kind: 'partner', operation: 'journal.post' };
    const facts = minute % 2 === 0 ? byAgent.facts : byPartner;
    ids.push((await bank.boss.post('/v1/decisions', { ...byAgent, facts })).json.decision_id);
  }
  const all = await walk(bank.boss, `from=${new Date(from).toISOString()}`);
  assert.deepEqual(all, ids.toReversed());
  assert.deepEqual((await walk(bank.boss, '')).slice(0, 7), ids.toReversed());
  const span = [new Date(from + 60_000), new Date(from + 3 * 60_000)].map((at) => at.toISOString());
  assert.deepEqual(await walk(bank.boss, `from=${span[0]}&to=${span[1]}`), [ids[2], ids[1]]);
  const partners = await walk(bank.boss, 'reason=partner_may_not_post');
  assert.deepEqual(partners, [ids[5], ids[3], ids[1]]);
  assert.equal((await walk(bank.boss, 'point=ledger-operations&outcome=deny')).length, 7);
  assert.deepEqual(await walk(bank.boss, 'outcome=hold,review'), []);
  const one = (await bank.boss.get(`/v1/decisions/${ids[1]}`)).json;
  const told = `bundle=${one.bundle}&policy_version=${one.policy_version}&outcome=deny,hold`;
  assert.deepEqual(await walk(bank.boss, `${told}&requester=${one.requester}`), ids.toReversed());
  assert.deepEqual(await walk(bank.boss, `${told}&requester=user:nobody`), []);
  const { json: counts } = await bank.boss.get(`/v1/decisions/facets?from=${span[0]}&outcome=deny`);
  assert.deepEqual(counts, {
    point: [{ value: 'ledger-operations', count: 6 }],
    outcome: [{ value: 'deny', count: 6 }],
    reason: counts.reason,
    operation: [{ value: one.operation, count: 6 }],
    policy_version: [{ value: one.policy_version, count: 6 }],
    ...{ total: 6, capped: false },
  });
  // What is chosen of a facet does not narrow its own counts.
  const { json: none } = await bank.boss.get(`/v1/decisions/facets?from=${span[0]}&outcome=allow`);
  assert.deepEqual([none.total, none.operation], [0, []]);
  assert.deepEqual(none.outcome, [{ value: 'deny', count: 6 }]);
  assert.ok(
    counts.reason.some(
      ({ value, count }: { value: string; count: number }) =>
        value === 'partner_may_not_post' && count === 3,
    ),
  );
  assert.equal((await bank.boss.get('/v1/decisions?after=dec_1')).status, 422);
  assert.equal((await boss.get(`/v1/decisions/${ids[0]}`)).status, 404, 'of another tenant');
});

async function walk(caller: Caller, filter: string): Promise<string[]> {
  const found: string[] = [];
  for (let next: string | null = null, page = 0; page < 50; page += 1) {
    const after: string = next === null ? '' : `&after=${next}`;
    const { status, json, text } = await caller.get(`/v1/decisions?limit=3&${filter}${after}`);
    assert.equal(status, 200, text);
    for (const { decision_id } of json.items) found.push(decision_id);
    next = json.next;
    if (next === null) break;
  }
  return found;
}

test('an explanation names each rule, what it read, and that it comes out the same', async () => {
  const { json } = await clerk.post('/v1/transfers', large);
  const explained = await boss.get(`/v1/decisions/${json.decision_id}/explanation`);
  assert.equal(explained.status, 200, explained.text);
  const { repeated, why, why_not, rules } = explained.json;
  assert.equal(repeated, true);
  assert.ok(
    why.some((text: string) =>
      /^large-by-hand says review: .*amount_total >= 100000000, .*is 100000000;/.test(text),
    ),
    why.join('\n'),
  );
  assert.ok(
    why_not.includes(
      `agents-never-post (deny) does not hold: principal_kind == 'agent', and ` +
        'principal_kind is "user".',
    ),
    why_not.join('\n'),
  );
  const rule = rules.find(({ rule: id }: { rule: string }) => id === 'large-by-hand');
  assert.deepEqual([rule.held, rule.decisive], ['yes', true]);
  assert.match(rule.note, /1,000,000\.00/);
  const [condition] = rule.conditions.filter(({ key }: { key: string }) => key === 'amount_total');
  assert.deepEqual(condition, {
    ...{ key: 'amount_total', cell: '>= 100000000', held: 'yes' },
    ...{ read: { amount_total: 100_000_000 }, doubt: null },
  });
});

// Exporting ---------------------------------------------------------------------------------------

test('an export of the decisions is verified by the script, and by nobody else’s key', async () => {
  await api.seal();
  const url = '/v1/decisions/export?from=2026-01-01T00:00:00Z&to=2027-01-01T00:00:00Z';
  const exported = await boss.get(url);
  assert.equal(exported.status, 200);
  assert.match(String(exported.headers['content-type']), /^application\/x-ndjson/);
  const lines = exported.text.trimEnd().split('\n');
  assert.ok(lines.length > 10);
  const [key] = (await boss.get('/v1/checkpoint/keys')).json.keys as [string];
  const folder = mkdtempSync(join(tmpdir(), 'decisions-'));
  const path = join(folder, 'decisions.jsonl');
  writeFileSync(path, exported.text);
  const { status, stdout } = spawnSync(process.execPath, [script, path, key], { encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  assert.equal(status, 0, stdout);
  assert.match(stdout, new RegExp(`^OK: ${lines.length - 2} × decision.made `));
  const backwards = '/v1/decisions/export?from=2027-01-01T00:00:00Z&to=2026-01-01T00:00:00Z';
  assert.equal((await boss.get(backwards)).json.errors[0].pointer, '/to');
  const { status: refused } = await clerk.get(url);
  assert.equal(refused, 403);
});
