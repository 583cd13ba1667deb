import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { scoreProjection } from '#ai';
import { externalId, Fault, followProjection, internalId } from '#core';
import { type Caller, openApi } from '../../test/api.ts';
import { day } from '../../test/bank.ts';
import { deploy, recordCases } from '../../test/monitored.ts';
import { takingTurns } from './monitoring.ts';

const api = await openApi({ after });
const { bank } = api;
const boss = await api.tenant('watched');
const stranger = await api.tenant('elsewhere');
const desk = await api.issue(boss, 'service:desk', {
  scopes: ['ledger:read', 'ledger:write', 'policy:decide', 'model:read'],
});
const ann = await api.issue(boss, 'user:ann', { scopes: ['ledger:read', 'ledger:write'] });
const from = bank.time.now - day / 2;

async function fold(): Promise<void> {
  await api.seal();
  const pool = bank.planes.database.pool('app');
  while ((await followProjection(scoreProjection, pool)) > 0);
}

async function post(caller: Caller, path: string, body: object) {
  const posted = await caller.post(path, body);
  assert.ok(posted.status < 300, posted.text);
  return posted.json;
}

const payer = await desk.open();
const shop = await desk.open();
const leg = { debit_account_id: payer, credit_account_id: shop, amount: 500, currency: 'EUR' };
const metadata = { merchant: 'mer_7' };
const transferOf = (answer: any): string => answer.transfers[0].id;

/** The command behind a hold or a transfer, as the ledger has it. */
async function commandOf(transfer: string): Promise<string> {
  const { rows } = await bank.superuser.query(
    'select command_id from money.transfer where id = $1',
    [internalId('transfer', transfer)],
  );
  return externalId('command', rows[0].command_id);
}

test('a capture and a reversal lead to the payment as it was authorized', async () => {
  const held = await post(desk, '/v1/holds', { ...leg, metadata });
  const captured = await post(desk, `/v1/holds/${held.hold.id}/capture`, { amount: 300 });
  const reversed = await post(desk, `/v1/transfers/${transferOf(captured)}/reversal`, {});
  const paid = await post(desk, '/v1/transfers', leg);
  const ids = [held, captured, reversed, paid].map(transferOf);
  const labels = ids.map((transfer_id) => ({ transfer_id, label: 'fraud', source: 'chargeback' }));
  const { items } = await post(desk, '/v1/labels', { labels });
  const [authorized, own] = [await commandOf(ids[0] ?? ''), await commandOf(ids[3] ?? '')];
  assert.deepEqual(
    items.map(({ command_id }: { command_id: string }) => command_id),
    [authorized, authorized, authorized, own],
  );
  await fold();
  const listed = await desk.get('/v1/labels?limit=3');
  assert.equal(listed.json.items.length, 3);
  const rest = await desk.get(`/v1/labels?limit=3&after=${listed.json.next}`);
  assert.equal(rest.json.next, null);
  const all = [...listed.json.items, ...rest.json.items];
  const of = (transfer: string | undefined) =>
    all.find(({ transfer_id }: { transfer_id: string }) => transfer_id === transfer);
  const { label_id: _, transfer_id: __, ...told } = of(ids[2]);
  const about = { account_id: payer, amount: 500, currency: 'EUR', decision_id: null };
  const at = new Date(bank.time.now).toISOString();
  assert.deepEqual(told, {
    ...{ label: 'fraud', source: 'chargeback', command_id: authorized, merchant: 'mer_7' },
    ...{ ...about, paid_at: at, occurred_at: at, recorded_at: at },
    recorded_by: 'service:desk',
  });
  assert.equal(of(ids[3]).merchant, shop);
});

/** By how much each label of a case has changed its frauds, in the order of the log. */
async function fraudChanges(command: string): Promise<number[]> {
  const { rows } = await bank.superuser.query(
    `select (body::jsonb #>> '{data,payload,fraud_change}')::int as change from core.event
      where type = 'label.recorded' and body::jsonb #>> '{data,payload,command_id}' = $1
      order by seq`,
    [command],
  );
  return rows.map(({ change }) => change);
}

test('a payment is one fraud however often it is labelled, and none once genuine', async () => {
  const held = await post(desk, '/v1/holds', { ...leg, metadata });
  const captured = await post(desk, `/v1/holds/${held.hold.id}/capture`, {});
  const transfer_id = transferOf(held);
  const fraud = { transfer_id, label: 'fraud', source: 'chargeback' };
  const ofCapture = { ...fraud, transfer_id: transferOf(captured) };
  await post(desk, '/v1/labels', { labels: [...Array(400).fill(fraud), ofCapture] });
  await post(ann, '/v1/labels', { labels: [{ ...fraud, source: 'review' }] });
  const command = await commandOf(transfer_id);
  assert.deepEqual(await fraudChanges(command), [1, ...Array(401).fill(0)]);
  // Of several the last counts, wherever it comes from; another matter changes nothing.
  const then = ['genuine', 'repaid', 'genuine', 'fraud', 'genuine'];
  await post(desk, '/v1/labels', { labels: then.map((label) => ({ ...fraud, label })) });
  assert.deepEqual((await fraudChanges(command)).slice(402), [-1, 0, 0, 1, -1]);
});

test('a decision that has moved no money is no fraud of anybody’s account', async () => {
  const decided = await post(desk, '/v1/decisions', { point: 'rail-routing', facts: {} });
  const label = { decision_id: decided.decision_id, label: 'fraud', source: 'chargeback' };
  const { items } = await post(desk, '/v1/labels', { labels: [label] });
  assert.deepEqual(await fraudChanges(items[0].command_id), [0]);
});

test('a decision without a payment is labelled by its id', async () => {
  const decided = await post(desk, '/v1/decisions', { point: 'rail-routing', facts: {} });
  const { decision_id } = decided;
  const occurred_at = '2026-01-02T10:00:00Z';
  const label = { decision_id, label: 'repaid', source: 'repayment', occurred_at };
  const { items } = await post(desk, '/v1/labels', { labels: [label] });
  assert.match(items[0].command_id, /^cmd_/);
  await fold();
  const listed = await desk.get('/v1/labels?source=repayment');
  assert.equal(listed.json.items.length, 1);
  assert.equal(listed.json.items[0].occurred_at, '2026-01-02T10:00:00.000Z');
});

test('a retry records nothing again, and what is wrong is told with its place', async () => {
  const paid = transferOf(await post(desk, '/v1/transfers', leg));
  const good = { transfer_id: paid, label: 'genuine', source: 'chargeback' };
  const first = await desk.post('/v1/labels', { labels: [good] }, { key: 'once' });
  const again = await desk.post('/v1/labels', { labels: [good] }, { key: 'once' });
  assert.deepEqual([first.status, again.status], [201, 200]);
  assert.deepEqual(first.json, again.json);

  const unknown = `trf_${'0'.repeat(25)}1`;
  const flaws: [object, string][] = [
    [{ ...good, transfer_id: unknown }, '/labels/1/transfer_id'],
    [{ label: 'fraud', source: 'chargeback' }, '/labels/1'],
    [{ ...good, decision_id: `dec_${'0'.repeat(25)}1` }, '/labels/1'],
    [{ ...good, occurred_at: '2026-02-30T00:00:00Z' }, '/labels/1/occurred_at'],
    [{ ...good, occurred_at: '2027-01-01T00:00:00Z' }, '/labels/1/occurred_at'],
    [{ ...good, source: 'review' }, '/labels/1/source'],
    [{ ...good, label: 'Very Bad' }, '/labels/1/label'],
  ];
  for (const [flaw, pointer] of flaws) {
    const refused = await desk.post('/v1/labels', { labels: [good, flaw] });
    assert.equal(refused.status, 422, refused.text);
    assert.equal(refused.json.errors[0].pointer, pointer);
  }
  const many = await desk.post('/v1/labels', { labels: Array(501).fill(good) });
  assert.equal(many.status, 422);
});

test('a review is a person’s, and nobody labels the payments of another tenant', async () => {
  const paid = transferOf(await post(desk, '/v1/transfers', leg));
  const review = { transfer_id: paid, label: 'fraud', source: 'review' };
  await post(ann, '/v1/labels', { labels: [review] });
  await fold();
  const { json } = await desk.get('/v1/labels?source=review');
  assert.equal(json.items[0].recorded_by, 'user:ann');
  const thief = await api.issue(stranger, 'user:kim', { scopes: ['ledger:read', 'ledger:write'] });
  const stolen = await thief.post('/v1/labels', { labels: [review] });
  assert.equal(stolen.json.errors[0].detail, 'there is no such transfer');
  assert.deepEqual((await thief.get('/v1/labels')).json.items, []);
});

test('agents and those without the right record no labels', async () => {
  const paid = transferOf(await post(desk, '/v1/transfers', leg));
  const labels = [{ transfer_id: paid, label: 'fraud', source: 'chargeback' }];
  const reader = await api.issue(boss, 'service:reader', { scopes: ['ledger:read'] });
  const bot = await api.issue(boss, 'agent:bot', { scopes: ['ledger:read', 'ledger:write'] });
  for (const caller of [reader, bot]) {
    assert.equal((await caller.post('/v1/labels', { labels })).status, 403);
  }
});

test('a tenant has one report made at a time, and a process two', async () => {
  const takeTurn = takingTurns();
  const waiting = Promise.withResolvers<string>();
  const first = takeTurn('one', () => waiting.promise);
  const made = async () => 'made';
  const isFull = (error: unknown) => error instanceof Fault && error.code === 'overloaded';
  await assert.rejects(takeTurn('one', made), isFull);
  const second = takeTurn('two', () => waiting.promise);
  await assert.rejects(takeTurn('three', made), isFull);
  waiting.resolve('at last');
  assert.deepEqual(await Promise.all([first, second]), ['at last', 'at last']);
  assert.equal(await takeTurn('one', made), 'made');
});

const minuteAgo = () => new Date(bank.time.now - 60_000).toISOString();

test('a model is reported on, its controls run on request, and alerts are listed', async () => {
  await deploy(bank, 'watched');
  const cases = Array.from({ length: 150 }, (_, index) => ({ at: from + index, value: 0.3 }));
  await recordCases(bank, 'watched', cases);
  await fold();
  const report = await desk.get('/v1/models/payment-fraud/monitoring');
  assert.equal(report.status, 200, report.text);
  assert.deepEqual([report.json.version, report.json.asked, report.json.settled.n], [1, 150, 0]);
  const none = await desk.get('/v1/models/payment-fraud/monitoring?version=7');
  assert.deepEqual([none.status, none.json.code], [404, 'not_found']);
  const wrong = await desk.get('/v1/models/payment-fraud/monitoring?from=2026-01-06T00:00:00Z');
  assert.equal(wrong.json.errors[0].pointer, '/from');

  assert.equal((await desk.post('/v1/controls/run', {})).status, 403);
  const run = await boss.post('/v1/controls/run', { model: 'payment-fraud' }, { key: 'now' });
  assert.equal(run.status, 200, run.text);
  const again = await boss.post('/v1/controls/run', { model: 'payment-fraud' }, { key: 'now' });
  assert.deepEqual(again.json, run.json);
  for (const other of [{}, { model: 'other' }, { model: 'payment-fraud', from: minuteAgo() }]) {
    const reused = await boss.post('/v1/controls/run', other, { key: 'now' });
    assert.deepEqual([reused.status, reused.json.code], [422, 'idempotency_key_reused']);
  }
  assert.equal((await boss.post('/v1/controls/run', { model: 'other' })).status, 404);
  await fold();
  const { json: catalogue } = await desk.get('/v1/controls');
  const { json: runs } = await desk.get('/v1/controls/runs?model=payment-fraud');
  assert.equal(runs.items.length, catalogue.items.length);
  for (const { control, figures } of runs.items) {
    const { limits } = catalogue.items.find(({ id }: { id: string }) => id === control);
    for (const { figure, warn, warn_figure } of limits) {
      assert.ok(figure in figures && (warn === null) !== (warn_figure === null), figure);
      assert.ok(warn_figure === null || warn_figure in figures, warn_figure);
    }
  }
  const failed = await desk.get('/v1/controls/runs?result=failed&control=drift');
  assert.deepEqual(
    failed.json.items.map(({ control }: { control: string }) => control),
    ['drift'],
  );
  const { json: alerts } = await desk.get('/v1/alerts?control=drift');
  assert.deepEqual([alerts.items.length, alerts.items[0].severity], [1, 'severe']);
  const { json: model } = await desk.get('/v1/models/payment-fraud');
  assert.equal(model.suspension.by, 'service:controls');
  assert.deepEqual((await stranger.get('/v1/alerts')).json.items, []);
});
