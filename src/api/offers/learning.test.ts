// What offers have changed, over HTTP: customer 360, experiments, dashboard, batches, the breaker.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { derivedUuid, externalId } from '#core';
import { openApi } from '../../../test/api.ts';
import { tenantOf } from '../../../test/bank.ts';
import { deployModel, shippedModel } from '../../../test/scored.ts';

const api = await openApi({ after });
const admin = await api.tenant('bank');
const tom = await api.issue(admin, 'user:tom', { scopes: ['policy:approve', 'offers:read'] });
const ada = await api.issue(admin, 'user:ada', {
  ...{ scopes: ['offers:read', 'offers:write', 'policy:write'], checker: tom },
});
const reader = await api.issue(admin, 'service:board', { scopes: ['offers:read'] });

test('a customer is told as the bank knows him, and since when', async () => {
  const body = { kind: 'person', country: 'US', name: 'Ann Example', since: '2020-01-01' };
  const party = await admin.post('/v1/parties', body);
  assert.equal(party.status, 201, party.text);
  const { party_id } = party.json;
  const account_id = await admin.open();
  const link = { party_id, role: 'holder' };
  const linked = await admin.post(`/v1/accounts/${account_id}/party`, link);
  assert.ok(linked.status < 300, linked.text);
  const found = await reader.get(`/v1/customers/${party_id}/engagement`);
  assert.equal(found.status, 200, found.text);
  const { profile, products, relationship, household, loyalty, life_events, risk } = found.json;
  assert.deepEqual([profile.kind, profile.since], ['person', '2020-01-01']);
  assert.ok(profile.known_at && profile.relationship_days > 2_000);
  assert.deepEqual(
    products.map((each: { account_id: string; booked: number }) => [each.account_id, each.booked]),
    [[account_id, 0]],
  );
  assert.deepEqual(relationship, [{ currency: 'EUR', deposits: 0, debts: 0 }]);
  assert.deepEqual([household, loyalty, life_events, risk.churn], [null, [], [], null]);
  assert.ok(!found.text.includes('Ann'), 'by ids alone');
  const nobody = await reader.get(`/v1/customers/pty_${'0'.repeat(26)}/engagement`);
  assert.equal(nobody.status, 404);
});

test('what models have said of a customer is told with him, and by which decision', async () => {
  const body = { kind: 'person', country: 'US', name: 'Bo Example', since: '2020-01-01' };
  const { party_id } = (await admin.post('/v1/parties', body)).json;
  const models = async () => {
    const found = await reader.get(`/v1/customers/${party_id}/engagement`);
    assert.equal(found.status, 200, found.text);
    return found.json.models;
  };
  assert.deepEqual(await models(), { lifetime_value: null, churn: null, redemption: null });
  const signal = (kind: string, month: string, told: object) =>
    api.bank.superuser.query(
      `insert into loyalty.member_signal (tenant_id, program, customer, kind, month, mode, told,
         signalled_at) values ('bank', 'everyday', $1, $2, $3, 'automatic', $4, $5)`,
      [party_id, kind, month, { ...told, decision_id: `dec_${month}` }, `${month}-09`],
    );
  const worth = { lifetime_value_status: 'scored', segment: 'middle', spend: 1 };
  await signal('valued', '2025-12', { ...worth, lifetime_value: 12 });
  await signal('valued', '2026-01', { ...worth, lifetime_value: 34.5 });
  await signal('at_risk', '2026-01', { churn: null, churn_status: 'fallback' });
  const said = { program: 'everyday', decision_id: 'dec_2026-01', model: null };
  const known_at = '2026-01-09T00:00:00.000Z';
  assert.deepEqual(await models(), {
    lifetime_value: { value: 34.5, segment: 'middle', status: 'scored', ...said, known_at },
    churn: { value: null, status: 'fallback', ...said, known_at },
    redemption: null,
  });
});

test('of what a model has said, its version is told as the score on record has it', async () => {
  const { planes } = api.bank;
  const version = await deployModel(planes, 'bank', shippedModel('customer-churn'));
  const body = { kind: 'person', country: 'US', name: 'Cy Example', since: '2020-01-01' };
  const { party_id } = (await admin.post('/v1/parties', body)).json;
  const { execute } = tenantOf(planes, api.bank.time, 'bank');
  const consent = { person: party_id, purpose: 'ai_data_use', status: 'granted' };
  await execute('consent.record', { ...consent, source: 'app', text_version: '1' });
  const { commandId } = await execute('decision.make', {
    ...{ point: 'member-retention', about: { subject: party_id } },
    facts: { spend_year: 540_000, days_since_activity: 100 },
    model_inputs: { repeated_purchases: 5, weeks_since_last: 14, weeks_since_first: 30 },
  });
  const decision_id = externalId('decision', derivedUuid(commandId, 'decision', 0));
  const told = { churn: 0.7, churn_status: 'scored', decision_id };
  await api.bank.superuser.query(
    `insert into loyalty.member_signal (tenant_id, program, customer, kind, month, mode, told,
       signalled_at) values ('bank', 'everyday', $1, 'at_risk', '2026-01', 'automatic', $2, $3)`,
    [party_id, told, '2026-01-09'],
  );
  const found = await reader.get(`/v1/customers/${party_id}/engagement`);
  assert.equal(found.status, 200, found.text);
  const { churn } = found.json.models;
  assert.deepEqual([churn.model, churn.value], [{ name: 'customer-churn', version }, 0.7]);
});

test('an empty dashboard says so, and experiments have their settings', async () => {
  const board = await reader.get('/v1/offers/dashboard?days=7');
  assert.equal(board.status, 200, board.text);
  assert.deepEqual(
    [board.json.rows, board.json.trigger_to_offer, board.json.holdout.lift.verdict],
    [[], { n: 0, p50_ms: null, p95_ms: null }, 'too_few'],
  );
  const experiments = await reader.get('/v1/offers/experiments');
  assert.deepEqual([experiments.json.settings.holdout_bps, experiments.json.items], [500, []]);
  const nothing = await reader.get('/v1/offers/experiments/nothing');
  assert.deepEqual([nothing.status, nothing.json.detail], [404, 'there is no action nothing']);
});

test('who is held out is changed by two people', async () => {
  const { settings } = (await reader.get('/v1/offers/experiments')).json;
  const check = (body: object) => reader.post('/v1/offers/experiments/settings/check', body);
  const none = { ...settings, holdout_bps: 0, control_bps: 0 };
  const blind = await check(none);
  assert.equal(blind.json.is_right, true, blind.text);
  assert.match(blind.json.remarks[0], /Nobody would be kept from offers/);
  const odd = await check({ ...settings, holdout_months: 5 });
  assert.deepEqual([odd.status, odd.json.errors[0].pointer], [422, '/holdout_months']);
  const wanted = { ...settings, holdout_bps: 1_000 };
  assert.deepEqual((await check(wanted)).json.remarks, []);
  const refused = await ada.post('/v1/offers/experiments/settings', wanted);
  assert.equal(refused.json.code, 'approval_required', refused.text);
  const expires_at = new Date(api.bank.time.now + 3_600_000).toISOString();
  const asked = await ada.post('/v1/approvals', {
    ...{ subject_kind: 'offers.learning', subject: wanted, summary: 'more held out', expires_at },
  });
  assert.equal(asked.status, 201, asked.text);
  const verdict = { verdict: 'approve', reason: 'read' };
  const given = await tom.post(`/v1/approvals/${asked.json.id}/decide`, verdict);
  assert.equal(given.json.status, 'approved', given.text);
  const approved = { ...wanted, approval_id: asked.json.id };
  const done = await ada.post('/v1/offers/experiments/settings', approved);
  assert.equal(done.status, 201, done.text);
  assert.equal(done.json.settings.holdout_bps, 1_000);
});

test('offers are stopped by whoever may write them, and go on by a person', async () => {
  const body = { scope: '*', note: 'a wrong rate' };
  assert.equal((await reader.post('/v1/offers/breaker/open', body)).status, 403);
  const opened = await ada.post('/v1/offers/breaker/open', body);
  assert.equal(opened.status, 201, opened.text);
  assert.deepEqual(
    [opened.json.items[0].reason, opened.json.items[0].opened_by],
    ['by_hand', 'user:ada'],
  );
  assert.equal((await ada.post('/v1/offers/breaker/open', body)).status, 409);
  const machine = await api.issue(admin, 'service:job', { scopes: ['offers:write'] });
  assert.equal((await machine.post('/v1/offers/breaker/reset', body)).status, 403);
  const closed = await ada.post('/v1/offers/breaker/reset', { ...body, note: 'corrected' });
  assert.equal(closed.json.items[0].closed_by, 'user:ada', closed.text);
});

test('a batch is begun once a day and channel, and can be stopped', async () => {
  const begun = await ada.post('/v1/offers/batches', { channel: 'email' });
  assert.equal(begun.status, 201, begun.text);
  const { batch_id, status } = begun.json.items[0];
  assert.equal(status, 'running');
  assert.equal((await ada.post('/v1/offers/batches', { channel: 'email' })).status, 409);
  const stopped = await ada.post(`/v1/offers/batches/${batch_id}/stop`, {});
  assert.equal(stopped.json.items?.[0]?.status, 'stopped', stopped.text);
  assert.equal((await reader.get('/v1/offers/batches')).json.items.length, 1);
});

test('groups are told by the bank, and shown to nobody by name', async () => {
  const groups = [{ customer: 'pty_1', attribute: 'age', group: 'under 25' }];
  const told = await ada.post('/v1/offers/experiments/groups', { groups });
  assert.deepEqual([told.status, told.json], [201, { told: 1 }], told.text);
});
