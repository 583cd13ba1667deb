import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { externalId } from '#core';
import { openLibrary, replayDecisions } from '#policy';
import { type Caller, openApi, type Reply } from './api.ts';
import { day } from './bank.ts';

const api = await openApi({ after });
const { planes, time } = api.bank;
const minute = 60_000;

/** A bundle at a point of the tenant's own: gifts above a limit are looked at. */
function gifts(limit: number, more: object = {}) {
  return {
    format: 1,
    name: 'gift-cards',
    title: 'Gift cards',
    description: 'Who may buy how much.',
    facts: {
      amount: { type: 'integer', description: 'Minor units.' },
      currency: { type: 'string', description: 'ISO 4217.', default: 'EUR' },
      channel: { type: 'string', description: 'Where from.', default: 'web' },
      buyer: { type: 'string', description: 'Who buys.', default: 'nobody' },
    },
    reasons: { small: 'It is small.', large: 'Somebody looks at it.' },
    rules: [
      { id: 'small', if: { amount: `<= ${limit}` }, outcome: 'allow', reason: 'small' },
      { id: 'large', if: { amount: `> ${limit}` }, outcome: 'review', reason: 'large' },
    ],
    tests: [
      { name: 'small', facts: { amount: limit }, expect: { outcome: 'allow' } },
      { name: 'large', facts: { amount: limit + 1 }, expect: { outcome: 'review' } },
    ],
    ...more,
  };
}

type People = {
  readonly id: string;
  readonly boss: Caller;
  readonly ann: Caller;
  readonly annAgain: Caller;
  readonly bob: Caller;
  readonly bot: Caller;
};
let banks = 0;

async function openPeople(): Promise<People> {
  banks += 1;
  const id = `policy-${banks}`;
  const boss = await api.tenant(id);
  const scopes = ['policy:read', 'policy:write', 'policy:approve'];
  const ann = await api.issue(boss, 'user:ann', { scopes });
  return {
    ...{ id, boss, ann },
    annAgain: await api.issue(boss, 'user:ann', { scopes, checker: ann }),
    bob: await api.issue(boss, 'user:bob', { scopes, checker: ann }),
    bot: await api.issue(boss, 'agent:bot', { scopes }),
  };
}

const tell = ({ status, json }: Reply) => [status, json?.code];

async function drafted(caller: Caller, bundle: object): Promise<string> {
  const draft = await caller.post('/v1/policies', bundle);
  assert.ok(draft.status < 300, draft.text);
  return draft.json.digest;
}

async function backtested(caller: Caller, digest: string, decisions = 1_000) {
  await api.seal();
  const tested = await caller.post(`/v1/policy-bundles/${digest}/backtests`, { decisions });
  assert.equal(tested.status, 201, tested.text);
  return tested.json;
}

async function approved(maker: Caller, checker: Caller, approval: object): Promise<string> {
  const { json, status, text } = await maker.post('/v1/approvals', approval);
  assert.equal(status, 201, text);
  const verdict = { verdict: 'approve', reason: 'read the report' };
  const given = await checker.post(`/v1/approvals/${json.id}/decide`, verdict);
  assert.equal(given.json.status, 'approved', given.text);
  return json.id;
}

async function publishedAt(caller: Caller, name = 'gift-cards'): Promise<string | null> {
  const { items } = (await caller.get('/v1/policies?limit=500')).json;
  return items.find((each: { name: string }) => each.name === name)?.published ?? null;
}

/** From a bundle to its publication, with all that it takes. */
async function publish(people: People, bundle: object, effective_at?: string): Promise<Reply> {
  const { ann, bob } = people;
  const digest = await drafted(ann, bundle);
  const { id, approval } = await backtested(ann, digest);
  const subject = { ...approval.subject, ...(effective_at ? { effective_at } : {}) };
  const approval_id = await approved(ann, bob, { ...approval, subject });
  return ann.post('/v1/policies/gift-cards/publications', {
    ...{ digest, supersedes: await publishedAt(ann), backtest_id: id, approval_id },
    ...(effective_at ? { effective_at } : {}),
  });
}

let asked = 0;
async function decide(tenant: string, facts: object) {
  asked += 1;
  const { commandId } = await planes.execute({
    principal: { kind: 'service', id: 'till', tenant },
    operation: 'decision.make',
    idempotencyKey: `ask-${asked}`,
    body: { point: 'gift-cards', facts: { ...facts } },
  });
  const { rows } = await api.bank.superuser.query<{ payload: any }>(
    `select body::jsonb #> '{data,payload}' as payload from core.event
      where tenant_id = $1 and type = 'decision.made'
        and body::jsonb #>> '{data,payload,command_id}' = $2`,
    [tenant, externalId('command', commandId)],
  );
  return rows[0]?.payload;
}

async function replayed(tenant: string) {
  await api.seal();
  const pool = planes.database.pool('sim');
  return replayDecisions(pool, [{ tenant }], { program: openLibrary(pool).program });
}

test('drafts that cannot be are refused, each with its place', async () => {
  const { ann } = await openPeople();
  const rules = gifts(1).rules;
  const rule = (cell: string) => [{ ...rules[0], if: { amount: cell } }, rules[1]];
  const nodes = {
    one: { kind: 'formula', type: 'integer', value: 'two + 1' },
    two: { kind: 'formula', type: 'integer', value: 'one + 1' },
  };
  const wrong: readonly [string, object, string, RegExp][] = [
    ['a member too many', gifts(1, { clock: true }), '/clock', /no member/],
    ['no rules', gifts(1, { rules: [] }), '/rules', /fewer|least|1/],
    ['an expression that is none', gifts(1, { rules: rule('> > 5') }), '/rules/0/if/amount', /./],
    ['the clock', gifts(1, { rules: rule('< now()') }), '/rules/0/if/amount', /calls now/],
    ['a fact that is none', gifts(1, { rules: rule('< wealth') }), '/rules/0/if/amount', /wealth/],
    ['a circle', gifts(1, { nodes }), '/nodes/one', /needs itself: one → two → one/],
    [
      'a test of its own that fails',
      gifts(1, { tests: [{ name: 'x', facts: { amount: 9 }, expect: { outcome: 'allow' } }] }),
      '/tests/0',
      /expects the outcome "allow", and it is "review"/,
    ],
    ['too many bytes', gifts(1, { description: 'x'.repeat(600_000) }), '', /bytes/],
  ];
  for (const [what, bundle, pointer, detail] of wrong) {
    const { status, json, text } = await ann.post('/v1/policies', bundle);
    assert.deepEqual([what, status, json.code], [what, 422, 'bundle_invalid'], text);
    assert.equal(json.errors[0].pointer, pointer, what);
    assert.match(json.errors[0].detail, detail, what);
  }
  const deep = (depth: number) => `{"tests": ${'['.repeat(depth)}${']'.repeat(depth)}}`;
  const nested = await ann.post('/v1/policies', deep(20));
  assert.match(nested.json.errors[0].detail, /nested more than/);
  assert.deepEqual(tell(await ann.post('/v1/policies', deep(100_000))), [400, 'invalid_json']);
  assert.deepEqual(tell(await ann.post('/v1/policies', '{"format": 1,')), [400, 'invalid_json']);
  const huge = JSON.stringify(gifts(1, { description: 'x'.repeat(1_200_000) }));
  assert.deepEqual(tell(await ann.post('/v1/policies', huge)), [413, 'body_too_large']);
  const supplied = { new_fact: { type: 'string', description: 'Nobody has it.' } };
  const shipped = (await ann.get('/v1/policies/rail-routing')).json.items[0].digest;
  const { bundle } = (await ann.get(`/v1/policy-bundles/${shipped}`)).json;
  const own = { ...bundle, facts: { ...bundle.facts, ...supplied } };
  assert.equal((await ann.post('/v1/policies', own)).json.errors[0].pointer, '/facts/new_fact');
});

test('a draft, its back-test, another person, and it decides from then on', async () => {
  const people = await openPeople();
  const { id, ann, annAgain, bob, bot } = people;
  assert.equal((await publish(people, gifts(1_000))).status, 201);
  for (const [amount, channel] of [
    [900, 'web'],
    [500, 'app'],
    [100, 'web'],
  ] as const) {
    assert.equal((await decide(id, { amount, channel })).outcome, 'allow');
  }

  const draft = await ann.post('/v1/policies', gifts(400));
  assert.deepEqual(draft.json.untested, []);
  const { digest } = draft.json;
  const path = `/v1/policy-bundles/${digest}/backtests`;
  await api.seal();
  const tested = await ann.post(path, { decisions: 100 }, { key: 'test-1' });
  const { report, approval } = tested.json;
  assert.deepEqual([report.decisions, report.changed, report.cut_short], [3, 2, false]);
  assert.deepEqual(report.changes, [{ from: 'allow', to: 'review', decisions: 2, amounts: [] }]);
  assert.deepEqual(
    report.segments.filter(({ by }: { by: string }) => by === 'channel'),
    [
      { by: 'channel', value: 'app', decisions: 1, changed: 1 },
      { by: 'channel', value: 'web', decisions: 2, changed: 1 },
    ],
  );
  assert.deepEqual(report.examples[0].facts, { amount: 500, channel: 'app' });
  const listed = (await ann.get(path)).json.items;
  const { id: backtest_id, created_by, created_at } = tested.json;
  const counts = { decisions: 3, changed: 2, altered: 0, cut_short: false };
  assert.deepEqual(listed, [{ id: backtest_id, created_by, created_at, ...counts }]);
  assert.equal((await ann.get(path.replace(digest, '0'.repeat(64)))).status, 404);
  await decide(id, { amount: 800 });
  await api.seal();
  const again = await ann.post(path, { decisions: 100 }, { key: 'test-1' });
  assert.equal(again.status, 200, 'a retry is told the first report, though history has grown');
  assert.deepEqual(again.json, tested.json);
  assert.deepEqual((await bob.get(`${path}/${tested.json.id}`)).json, tested.json);
  const other = await ann.post(path, { decisions: 7 }, { key: 'test-1' });
  assert.deepEqual(tell(other), [422, 'idempotency_key_reused']);

  const asked = await ann.post('/v1/approvals', approval);
  const verdict = { verdict: 'approve', reason: 'fine' };
  const decideOn = (caller: Caller) =>
    caller.post(`/v1/approvals/${asked.json.id}/decide`, verdict);
  const body = {
    ...{ digest, backtest_id: tested.json.id, approval_id: asked.json.id },
    supersedes: await publishedAt(ann),
  };
  const send = (more: object = {}) =>
    ann.post('/v1/policies/gift-cards/publications', { ...body, ...more });
  assert.deepEqual(tell(await send()), [409, 'approval_invalid'], 'not yet');
  assert.deepEqual(tell(await decideOn(ann)), [403, 'not_a_checker']);
  assert.deepEqual(tell(await decideOn(annAgain)), [403, 'not_a_checker'], 'one person, two keys');
  assert.equal((await decideOn(bot)).status, 403, 'an agent approves nothing');
  assert.equal((await decideOn(bob)).status, 201);
  assert.deepEqual(tell(await send({ effective_at: '2026-02-30T00:00:00Z' })), [
    422,
    'invalid_request',
  ]);
  const tomorrow = new Date(time.now + day).toISOString();
  assert.deepEqual(tell(await send({ effective_at: tomorrow })), [409, 'approval_invalid']);
  const published = await send();
  assert.equal(published.status, 201, published.text);
  assert.equal(published.json.act, 'published');
  const made = await decide(id, { amount: 500 });
  assert.deepEqual([made.outcome, made.bundle], ['review', digest]);
  assert.deepEqual(tell(await send()), [409, 'conflict'], 'an approval is used once');

  const { items } = (await bob.get('/v1/policies/gift-cards?limit=1')).json;
  assert.deepEqual([items[0].acted_by, items[0].approval_id], ['user:ann', asked.json.id]);
  assert.equal((await replayed(id)).score, 1);
});

test('who has drafted a bundle does not approve it, whoever asks for the approval', async () => {
  const { ann, bob, id } = await openPeople();
  const digest = await drafted(ann, gifts(50));
  const { id: backtest_id, approval } = await backtested(ann, digest);
  const body = { digest, backtest_id, supersedes: null };
  const send = (approval_id: string) =>
    bob.post('/v1/policies/gift-cards/publications', { ...body, approval_id });
  const own = await send(await approved(bob, ann, approval));
  assert.deepEqual([...tell(own), own.json.reason], [409, 'approval_invalid', 'self_approval']);
  await assert.rejects(decide(id, { amount: 1 }), { code: 'invalid_request' });
});

test('a publication comes into force at its instant, and going back is one call', async () => {
  const people = await openPeople();
  const { id, bob } = people;
  const first = (await publish(people, gifts(1_000))).json.digest;
  const at = new Date(time.now + 10 * minute).toISOString();
  const later = await publish(people, gifts(100), at);
  assert.equal(later.json.effective_at, at, later.text);
  const point = async () => {
    const { items } = (await bob.get('/v1/policies')).json;
    return items.find(({ name }: { name: string }) => name === 'gift-cards');
  };
  assert.deepEqual(
    [(await point()).live.digest, (await point()).scheduled[0].effective_at],
    [first, at],
  );
  assert.equal((await decide(id, { amount: 500 })).outcome, 'allow');
  time.now += 10 * minute;
  assert.equal((await decide(id, { amount: 500 })).outcome, 'review');
  assert.equal((await point()).live.digest, later.json.digest);

  const roll = (body = {}) => bob.post('/v1/policies/gift-cards/rollbacks', body);
  assert.deepEqual(tell(await roll({ supersedes: first })), [409, 'conflict'], 'seen another one');
  const back = await roll();
  assert.deepEqual([back.status, back.json.digest, back.json.act], [201, first, 'rolled_back']);
  assert.equal((await decide(id, { amount: 500 })).outcome, 'allow');
  assert.deepEqual(tell(await roll()), [409, 'conflict'], 'there is nothing before the first');

  const soon = new Date(time.now + minute).toISOString();
  assert.equal((await publish(people, gifts(1), soon)).status, 201);
  assert.equal((await roll()).json.digest, first, 'what is scheduled is called off');
  time.now += minute;
  assert.equal((await decide(id, { amount: 500 })).outcome, 'allow');
  assert.equal((await replayed(id)).score, 1);
});

test('a clock that goes back reorders nothing, and undoes nothing', async () => {
  const people = await openPeople();
  const { id, ann } = people;
  await publish(people, gifts(1_000));
  time.now += 5 * minute;
  await publish(people, gifts(100));
  time.now -= 4 * minute;
  assert.equal((await decide(id, { amount: 500 })).outcome, 'review', 'what is in force stays so');
  const third = await publish(people, gifts(10));
  assert.equal(third.status, 201, third.text);
  assert.equal((await decide(id, { amount: 50 })).outcome, 'review', 'at once, by any clock');
  const { items } = (await ann.get('/v1/policies/gift-cards')).json;
  const dates = items.map(({ effective_at }: { effective_at: string }) => effective_at);
  assert.deepEqual(dates, dates.toSorted().toReversed());
  time.now += 4 * minute;
});

test('of two publications at once one wins, and the other is told which', async () => {
  const people = await openPeople();
  const { ann, bob } = people;
  await publish(people, gifts(1_000));
  const supersedes = await publishedAt(ann);
  const bodies = [];
  for (const limit of [300, 200]) {
    const digest = await drafted(ann, gifts(limit));
    const { id: backtest_id, approval } = await backtested(ann, digest);
    const approval_id = await approved(ann, bob, approval);
    bodies.push({ digest, backtest_id, approval_id, supersedes });
  }
  const path = '/v1/policies/gift-cards/publications';
  const answers = await Promise.all([ann.post(path, bodies[0]), bob.post(path, bodies[1])]);
  const [won, lost] = answers.sort((one, other) => one.status - other.status);
  assert.deepEqual([won?.status, ...tell(lost as Reply)], [201, 409, 'conflict']);
  assert.equal(lost?.json.published, won?.json.digest);
});

test('a shadow is recorded beside, a canary decides for the same keys every time', async () => {
  const people = await openPeople();
  const { id, ann, bob } = people;
  await publish(people, gifts(1_000));
  const digest = await drafted(ann, gifts(100));
  const post = (path: string, body: object) => ann.post(`/v1/policies/gift-cards/${path}`, body);
  assert.equal((await post('shadow', { digest })).status, 201);
  const watched = await decide(id, { amount: 500 });
  assert.equal(watched.outcome, 'allow');
  assert.deepEqual(watched.shadows, [{ bundle: digest, outcome: 'review', reasons: ['large'] }]);
  assert.equal((await post('shadow', { digest: null })).status, 201);
  assert.deepEqual((await decide(id, { amount: 500 })).shadows, []);

  const canary = { digest, share_bps: 3_000, key_fact: 'buyer' };
  assert.deepEqual(tell(await post('canary', canary)), [403, 'approval_required']);
  const ask = async (share_bps: number) => {
    const wanted = { ...canary, share_bps };
    const { subject_kind, subject_digest } = (await post('canary', wanted)).json;
    const expires_at = new Date(time.now + day).toISOString();
    const request = { subject_kind, subject_digest, summary: 'a trial', expires_at };
    const approval_id = await approved(ann, bob, request);
    const started = await post('canary', { ...wanted, approval_id });
    assert.equal(started.status, 201, started.text);
    const chosen = new Set<string>();
    for (let buyer = 0; buyer < 40; buyer += 1) {
      const made = await decide(id, { amount: 500, buyer: `buyer-${buyer}` });
      assert.equal(made.outcome, made.canary ? 'review' : 'allow');
      if (made.canary) chosen.add(`buyer-${buyer}`);
    }
    return chosen;
  };
  const few = await ask(3_000);
  const more = await ask(6_000);
  assert.ok(few.size > 3 && few.size < more.size && more.size < 37, `${few.size}, ${more.size}`);
  assert.ok(
    [...few].every((buyer) => more.has(buyer)),
    'who was in stays in',
  );
  assert.equal((await decide(id, { amount: 500 })).canary, false, 'the default key is one key');
  await publish(people, gifts(2_000));
  assert.equal((await decide(id, { amount: 500, buyer: [...few][0] })).canary, false, 'it ended');
  assert.equal((await replayed(id)).score, 1);
});

test('a tenant is decided by its own bundles, and sees no others', async () => {
  const [one, other] = [await openPeople(), await openPeople()];
  const { digest } = (await publish(one, gifts(1_000))).json;
  assert.equal((await publish(other, gifts(10))).status, 201);
  assert.equal((await decide(one.id, { amount: 500 })).outcome, 'allow');
  assert.equal((await decide(other.id, { amount: 500 })).outcome, 'review');
  assert.equal((await other.ann.get(`/v1/policy-bundles/${digest}`)).status, 404);
  const tried = await other.ann.post(`/v1/policy-bundles/${digest}/backtests`, {});
  assert.deepEqual(tell(tried), [404, 'not_found']);
  const shadow = await other.ann.post('/v1/policies/gift-cards/shadow', { digest });
  assert.deepEqual(tell(shadow), [404, 'not_found']);
  const reports = await replayed(other.id);
  assert.ok(reports.decisions > 5);
  assert.deepEqual([reports.score, reports.unrepeated], [1, []]);
});
