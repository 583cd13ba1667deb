// Replays as callers see them: asked for, run by a role that cannot write, read, cancelled.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Database, Json } from '#core';
import { defaultBundles } from '#policy';
import { runOpenReplays } from '#replay';
import { type Caller, openApi } from '../../test/api.ts';
import { deployModel, shippedModel } from '../../test/scored.ts';

const api = await openApi({ after });
const { planes, superuser, time } = api.bank;
let banks = 0;

type Planes = Parameters<typeof runOpenReplays>[0]['planes'];

async function round(more: Partial<Planes> = {}): Promise<unknown[]> {
  const errors: unknown[] = [];
  const { signal } = new AbortController();
  const onError = (error: unknown) => errors.push(error);
  const { clock, database, execute } = planes;
  await runOpenReplays({ planes: { clock, database, execute, ...more }, signal, onError });
  return errors;
}

/** A tenant with decisions on cards: three pass, and an agent's is denied. */
async function openDecided() {
  banks += 1;
  const tenant = `replaying-${banks}`;
  const boss = await api.tenant(tenant);
  const checker = await api.issue(boss, 'user:checker', { scopes: ['policy:approve'] });
  const scopes = ['policy:decide', 'policy:read', 'policy:write'];
  const clerk = await api.issue(boss, 'user:clerk', { scopes, checker });
  for (const amount of [10, 500, 90_000]) await ask(clerk, { amount });
  await ask(clerk, { amount: 20, principal_kind: 'agent', agent_authority: 'none' });
  await api.seal();
  return { tenant, boss, clerk };
}

const point = 'payment-authorization';
const card = {
  ...{ kind: 'card', channel: 'card_present', principal_kind: 'service', account_id: 'acc_1' },
  ...{ counter_account_id: 'acc_2', currency: 'EUR', legs: 1, counterparty_country: 'DE' },
  ...{ mcc: '5411', screening_status: 'known' },
};

async function ask(caller: Caller, more: object): Promise<void> {
  const asked = await caller.post('/v1/decisions', { point, facts: { ...card, ...more } });
  assert.equal(asked.status, 201, asked.text);
}

const little = { ...card, amount: 5, score_status: 'fallback' };

/** What ships, and denies more than it does. */
function stricter(limit: number): Json {
  const bundle = defaultBundles().get(point)?.bundle;
  assert.ok(bundle);
  const rule = {
    id: 'too-much',
    if: { amount: `> ${limit}` },
    outcome: 'deny',
    reason: 'too_much',
  };
  return {
    ...bundle,
    reasons: { ...bundle.reasons, too_much: 'Too much.' },
    rules: [rule, ...bundle.rules],
    tests: [{ name: 'little', facts: little, expect: { outcome: 'allow' } }],
  } as unknown as Json;
}

test('every decision comes out the same; a retry asks for nothing new', async () => {
  const { clerk } = await openDecided();
  const first = await clerk.post('/v1/replays', { kind: 'same' }, { key: 'again' });
  assert.equal(first.status, 201, first.text);
  assert.match(first.json.id, /^rpl_/);
  assert.deepEqual(
    [first.json.status, first.json.score, first.json.report],
    ['waiting', null, null],
  );
  assert.deepEqual(await round(), []);
  const { json } = await clerk.get(`/v1/replays/${first.json.id}`);
  assert.equal(json.status, 'completed');
  assert.ok(json.decisions > 4);
  assert.deepEqual([json.identical, json.changed, json.score], [json.decisions, 0, 1]);
  assert.ok(json.to_position > json.from_position);
  assert.equal(json.ended_by, 'service:replay');
  const again = await clerk.post('/v1/replays', { kind: 'same' }, { key: 'again' });
  assert.deepEqual([again.status, again.json.id], [200, first.json.id]);
  assert.equal((await clerk.get('/v1/replays')).json.items.length, 1);
  await api.seal();
  const events = await superuser.query<{ data: any }>(
    `select body::jsonb -> 'data' as data from core.event
      where type = 'replay.completed' and body like $1`,
    [`%${first.json.id}%`],
  );
  assert.equal(events.rows.length, 1);
  const { payload } = events.rows[0]!.data;
  assert.deepEqual(
    [payload.status, payload.decisions, payload.score],
    ['completed', json.decisions, 1],
  );
});

test('another policy: what passed and would not, by amount, with examples in pages', async () => {
  const { clerk } = await openDecided();
  const drafted = await clerk.post('/v1/policies', stricter(100));
  assert.equal(drafted.status, 201, drafted.text);
  const { digest: bundle, version } = drafted.json;
  const asked = await clerk.post('/v1/replays', { kind: 'policy', bundle, point });
  assert.equal(asked.status, 201, asked.text);
  await round();
  const { json } = await clerk.get(`/v1/replays/${asked.json.id}?limit=1`);
  assert.equal(json.status, 'completed', json.reason);
  assert.equal(json.report.version, version);
  assert.deepEqual(json.report.passing.lost, {
    decisions: 2,
    amounts: [{ currency: 'EUR', amount: 90_500 }],
  });
  assert.equal(json.report.passing.new.decisions, 0);
  assert.equal(json.changed, 2);
  const [shown] = json.examples.items;
  assert.deepEqual([shown.from.outcome, shown.to.outcome], ['allow', 'deny']);
  assert.deepEqual(shown.to.reasons, ['too_much']);
  const next = await clerk.get(`/v1/replays/${asked.json.id}?limit=1&after=${json.examples.next}`);
  assert.notEqual(next.json.examples.items[0].decision_id, shown.decision_id);
  assert.equal(next.json.examples.next, null);
});

test('a cohort: accounts, or cases in which a fact has a value; a part of the log', async () => {
  const { tenant, boss, clerk } = await openDecided();
  const account_id = await boss.open();
  await ask(clerk, { account_id, amount: 7 });
  await api.seal();
  const { rows } = await superuser.query('select size from core.tree where tenant_id = $1', [
    tenant,
  ]);
  const counted = async (body: object) => {
    const asked = await clerk.post('/v1/replays', { kind: 'same', point, ...body });
    assert.equal(asked.status, 201, asked.text);
    await round();
    return (await clerk.get(`/v1/replays/${asked.json.id}`)).json.decisions;
  };
  assert.equal(await counted({ cohort: { accounts: [account_id] } }), 1);
  const where = { fact: 'principal_kind', value: 'agent' };
  assert.equal(await counted({ cohort: { where } }), 1);
  assert.equal(await counted({ cohort: { where: { fact: 'amount', value: 500 } } }), 1);
  assert.equal(await counted({ from: Number(rows[0].size) }), 1, 'the last decision alone');
  assert.equal(await counted({ to: new Date(time.now).toISOString() }), 0);
});

test('a model: its scores, and what policy would decide on them', async () => {
  const { tenant, clerk } = await openDecided();
  const shipped = shippedModel('loan-default');
  await deployModel(planes, tenant, shipped);
  const title = 'Another one';
  await deployModel(planes, tenant, { ...shipped, card: { ...(shipped.card as object), title } });
  const facts = {
    ...{ stage: 'decide', existing_customer: true, age_years: 41, credit_consent: true },
    ...{ credit_score: 720, bureau_age_days: 2, amount: 1_000_000, term_months: 48 },
    ...{ monthly_income: 290_000, monthly_debt: 30_000, income_verified: true },
    ...{ days_past_due: 0, insolvency_years: 99, fraud_alert: false },
  };
  const inputs = shipped.card as { inputs: { name: string; from: string }[] };
  const model_inputs = Object.fromEntries(
    inputs.inputs.filter(({ from }) => from !== 'feature').map(({ name }) => [name, 1]),
  );
  const asked = await clerk.post('/v1/decisions', { point: 'personal-loan', facts, model_inputs });
  assert.equal(asked.status, 201, asked.text);
  await api.seal();
  const body = { kind: 'model', model: { name: 'loan-default', version: 1 } };
  const replay = await clerk.post('/v1/replays', body);
  assert.equal(replay.status, 201, replay.text);
  assert.deepEqual(await round(), []);
  const { json } = await clerk.get(`/v1/replays/${replay.json.id}`);
  assert.equal(json.status, 'completed', json.reason);
  assert.deepEqual([json.report.scores.scores, json.decisions, json.changed], [1, 1, 0]);
  assert.equal(json.report.scores.version, 1);
});

test('whoever replays cannot write, and asks for no other role', async () => {
  const { clerk } = await openDecided();
  const asked = await clerk.post('/v1/replays', { kind: 'same' });
  const used = new Set<string>();
  const { database } = planes;
  const watched: Pick<Database, 'pool'> = {
    pool: (role) => {
      used.add(role);
      return database.pool(role);
    },
  };
  await round({ database: watched });
  assert.equal((await clerk.get(`/v1/replays/${asked.json.id}`)).json.status, 'completed');
  assert.deepEqual([...used], ['sim']);
  const { rows } = await superuser.query(
    `select c.oid::regclass::text as name from pg_class c
       join pg_namespace n on n.oid = c.relnamespace and n.nspname !~ '^(pg_|information_schema)'
      where c.relkind in ('r', 'p', 'S') and has_table_privilege('countersign_sim', c.oid,
        'insert, update, delete, truncate')
     union all
     select p.oid::regprocedure::text from pg_proc p
       join pg_namespace n on n.oid = p.pronamespace and n.nspname !~ '^(pg_|information_schema)'
      where p.provolatile = 'v' and has_function_privilege('countersign_sim', p.oid, 'execute')`,
  );
  assert.deepEqual(rows, []);
  const insert = `insert into policy.replay select * from policy.replay`;
  await assert.rejects(database.pool('sim').query(insert), { code: '42501' });
});

test('one that is cancelled does nothing; what ends it later changes nothing', async () => {
  const { clerk } = await openDecided();
  const cancel = (id: string) => clerk.post(`/v1/replays/${id}/cancel`, {});
  const waiting = await clerk.post('/v1/replays', { kind: 'same' });
  const cancelled = await cancel(waiting.json.id);
  assert.deepEqual([cancelled.status, cancelled.json.status], [201, 'cancelled']);
  assert.equal(cancelled.json.ended_by, 'user:clerk');
  assert.equal((await cancel(waiting.json.id)).status, 409);
  assert.equal((await cancel('rpl_01j9zk3v8w2q01j9zk3v8w2q01')).status, 404);
  const running = await clerk.post('/v1/replays', { kind: 'same' });
  await round({
    async execute(input) {
      await cancel(running.json.id);
      return planes.execute(input);
    },
  });
  const { json } = await clerk.get(`/v1/replays/${running.json.id}`);
  assert.deepEqual([json.status, json.decisions, json.report], ['cancelled', 0, null]);
});

test('nobody sees the replays of another tenant, nor replays by its bundles', async () => {
  const [mine, theirs] = [await openDecided(), await openDecided()];
  const drafted = await theirs.clerk.post('/v1/policies', stricter(100 + banks));
  assert.equal(drafted.status, 201, drafted.text);
  const asked = await theirs.clerk.post('/v1/replays', { kind: 'same' });
  assert.equal((await mine.clerk.get(`/v1/replays/${asked.json.id}`)).status, 404);
  assert.equal((await mine.clerk.post(`/v1/replays/${asked.json.id}/cancel`, {})).status, 404);
  assert.deepEqual((await mine.clerk.get('/v1/replays')).json.items, []);
  const bundle = drafted.json.digest;
  const refused = await mine.clerk.post('/v1/replays', { kind: 'policy', bundle });
  assert.deepEqual([refused.status, refused.json.errors[0].pointer], [422, '/bundle']);
});

test('what cannot be asked is refused with its place; too many wait no longer', async () => {
  const { boss, clerk } = await openDecided();
  const cases: [object, string][] = [
    [{ kind: 'policy' }, '/bundle'],
    [{ kind: 'same', bundle: '0'.repeat(64) }, '/bundle'],
    [{ kind: 'policy', bundle: '0'.repeat(64) }, '/bundle'],
    [{ kind: 'model' }, '/model'],
    [{ kind: 'same', model: { name: 'x', version: 1 } }, '/model'],
    [{ kind: 'model', model: { name: 'x', version: 1 } }, '/model'],
    [{ kind: 'same', from: 5, to: 5 }, '/to'],
  ];
  for (const [body, pointer] of cases) {
    const { status, json, text } = await clerk.post('/v1/replays', body);
    assert.deepEqual([status, json.errors?.[0]?.pointer], [422, pointer], text);
  }
  const reader = await api.issue(boss, 'service:reader', { scopes: ['policy:read'] });
  assert.equal((await reader.post('/v1/replays', { kind: 'same' })).status, 403);
  for (let each = 0; each < 10; each += 1) {
    assert.equal((await clerk.post('/v1/replays', { kind: 'same' })).status, 201);
  }
  const beyond = await clerk.post('/v1/replays', { kind: 'same' });
  assert.deepEqual([beyond.status, beyond.json.code], [409, 'conflict']);
  const page = (await clerk.get('/v1/replays?limit=4')).json;
  const rest = (await clerk.get(`/v1/replays?limit=500&after=${page.next}`)).json;
  assert.deepEqual([page.items.length, rest.items.length, rest.next], [4, 6, null]);
  // An hour later nobody waits for them any more.
  time.now += 3_700_000;
  await round();
  const { json } = await clerk.get(`/v1/replays/${rest.items.at(-1).id}`);
  assert.deepEqual([json.status, json.reason], ['failed', 'deadline_exceeded']);
});
