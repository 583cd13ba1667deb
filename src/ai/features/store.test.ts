// The feature store on real events: live, rebuilt and exported values agree, tenants are apart.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  followProjection,
  type Instant,
  instantToText,
  type Part,
  rebuildProjection,
  type Tx,
  withTx,
} from '#core';
import fc from 'fast-check';
import { day, hold, monday, move, openBank, seal, type Tenant } from '../../../test/bank.ts';
import { type Planted, plantEvents } from '../../../test/planted-log.ts';
import { featureCatalogue } from './catalogue.ts';
import { featureProjection } from './projection.ts';
import { type Entities, type FeatureValues, readFeatures } from './read.ts';
import { surveyTraining, type TrainingRow, trainingRows } from './training.ts';

const bank = await openBank({ after });
const { database } = bank.planes;
const pool = database.pool('app');
const all = [...featureCatalogue.keys()];

async function follow(): Promise<void> {
  await seal(bank);
  while ((await followProjection(featureProjection, pool)) > 0);
}

function online(tenant: string, entities: Entities, at: Instant, amount: number | null = 100) {
  const question = { entities, at, amount, wanted: all };
  const look = async (tx: Tx) => (await readFeatures(tx, [question]))[0] as FeatureValues;
  return withTx(database.pool('ai'), look, { tenant, readOnly: true });
}

const rebuild = (part?: Part, progress: (done: number) => void = () => undefined) =>
  rebuildProjection(featureProjection, pool, progress, part);

/** Every state as it is stored, of the live generation. */
async function states(): Promise<Map<string, string>> {
  const { rows } = await bank.superuser.query(
    `select s.tenant_id || ' ' || s.kind || ' ' || s.entity as key, encode(s.state, 'hex') as state
       from ai.feature_state s join core.projection p using (generation)
      where p.name = 'features' order by 1`,
  );
  return new Map(rows.map(({ key, state }) => [key, state]));
}

const named = { merchant: 'shop', card: 'card-1', device: 'phone', customer: 'cus-1' };

/** A tenant whose customer has paid by hold, by transfer and to another. */
async function openLife() {
  const tenant = await bank.tenant();
  const customer = await tenant.open();
  const merchant = await tenant.open();
  const pay = (amount: number, metadata: Readonly<Record<string, string>> = named) =>
    tenant.ok(move(customer, merchant, amount), { metadata });
  await pay(1_000);
  const { hold: held } = await tenant.ok(hold(customer, merchant, 700), { metadata: named });
  await tenant.ok({ kind: 'capture', hold_id: held, amount: 500 });
  await pay(300, { merchant: 'kiosk' });
  return { tenant, customer, merchant, pay };
}

test('a payment is readable as soon as its event is followed, in one round trip', async () => {
  const { tenant, customer, merchant, pay } = await openLife();
  await follow();
  const entities = { account: customer, ...named };
  const seen = await online(tenant.id, entities, monday, 2_000);
  assert.equal(seen['account.count_1h'], 3, 'the capture is no payment of its own');
  assert.equal(seen['account.sum_1d'], 2_000);
  assert.equal(seen['account.merchants_1d'], 2);
  assert.equal(seen['account.amount_ratio_30d'], 3);
  assert.equal(seen['account.age_days'], 0);
  assert.equal(seen['merchant.count_1h'], 2);
  assert.equal(seen['card.sum_1h'], 1_700);
  assert.equal(seen['device.accounts_1d'], 1);
  await pay(50);
  await follow();
  assert.equal((await online(tenant.id, entities, monday))['account.count_1h'], 4);
  const shop = await online(tenant.id, { account: merchant }, monday);
  assert.equal(shop['account.incoming_1d'], 1_000 + 500 + 300 + 50);
});

test('a payment is one fraud by its last label, live and rebuilt', async () => {
  const { tenant, customer } = await openLife();
  const payment = { command_id: 'cmd_1', account_id: customer, merchant: 'shop' };
  const about = { ...payment, decision_id: null, amount: 1_000, currency: 'EUR' };
  const paid_at = instantToText(bank.time.now);
  const label = (word: string, times: number, transfer_id: string | null = 'trf_1') => {
    const each = { ...about, transfer_id, paid_at, label: word, source: 'chargeback' };
    const body = { labels: Array(times).fill({ ...each, occurred_at: null }) };
    return tenant.execute('label.record', body);
  };
  const frauds = async () => {
    await follow();
    const seen = await online(tenant.id, { account: customer, ...named }, monday + 10 * day);
    return [seen['account.frauds_30d'], seen['merchant.frauds_30d']];
  };
  await label('fraud', 400);
  await label('fraud', 3);
  assert.deepEqual(await frauds(), [1, 1]);
  await label('fraud', 3, null);
  assert.deepEqual(await frauds(), [1, 1], 'a decision alone has moved no money');
  await label('genuine', 2);
  assert.deepEqual(await frauds(), [0, 0]);
  await label('fraud', 1);
  assert.deepEqual(await frauds(), [1, 1]);
  assert.equal((await rebuild()).differences, 0);
});

test('nobody sees the features of another tenant, and the AI plane writes none', async () => {
  const { tenant, customer } = await openLife();
  const other = await bank.tenant();
  await follow();
  const mine = await online(tenant.id, { account: customer }, monday);
  const theirs = await online(other.id, { account: customer }, monday);
  assert.equal(mine['account.count_1h'], 3);
  assert.equal(theirs['account.count_1h'], 0);
  assert.equal(theirs['merchant.count_1h'], null, 'no merchant was named');
});

test('rebuilt from the log, every state is the same bit by bit, and live goes on', async () => {
  const { tenant, customer, pay } = await openLife();
  await follow();
  const before = await states();
  const progress: number[] = [];
  const rebuilt = await rebuild(undefined, (done) => void progress.push(done));
  assert.equal(rebuilt.differences, 0);
  assert.equal(progress.at(-1), rebuilt.events);
  assert.deepEqual(await states(), before);
  await pay(1);
  await follow();
  const seen = await online(tenant.id, { account: customer }, monday);
  assert.equal(seen['account.count_1h'], 4);
});

test('events that come while everything is rebuilt are in it, and none twice', async () => {
  const { tenant, customer, pay } = await openLife();
  await follow();
  const rebuilding = rebuild();
  for (let round = 0; round < 5; round += 1) {
    await pay(10);
    await seal(bank);
    await followProjection(featureProjection, pool).catch(() => 0);
  }
  assert.equal((await rebuilding).differences, 0);
  await follow();
  const seen = await online(tenant.id, { account: customer }, monday);
  assert.equal(seen['account.count_1h'], 8);
});

test('a tenant, or some of its accounts, is repaired without touching anything else', async () => {
  const [mine, theirs] = [await openLife(), await openLife()];
  const spared = await mine.tenant.open();
  await follow();
  const right = await states();
  const spoil = (where: string) =>
    bank.superuser.query(`update ai.feature_state set state = '\\x00' where ${where}`);
  const spoiledOf = async () => {
    const now = await states();
    return [...right].filter(([key, state]) => now.get(key) !== state).map(([key]) => key);
  };
  await spoil(`entity in ('${mine.customer}', '${spared}', '${theirs.customer}')`);
  const cohort = { tenant: mine.tenant.id, keys: new Set([mine.customer]) };
  // What cannot be read is missing, not wrong.
  const unread = await online(mine.tenant.id, { account: mine.customer }, monday);
  assert.equal(unread['account.count_1h'], null);
  assert.equal((await rebuild(cohort)).differences, 2, 'one row out, another in');
  const left = [`${mine.tenant.id} account ${spared}`, `${theirs.tenant.id} account`];
  const spoiled = await spoiledOf();
  assert.equal(spoiled.length, 2);
  assert.ok(spoiled.every((key, index) => key.startsWith(left[index] as string)));
  assert.equal((await rebuild({ tenant: mine.tenant.id })).differences, 2);
  assert.equal((await spoiledOf()).length, 1, 'the other tenant is as it was');
  assert.equal((await rebuild({ tenant: theirs.tenant.id })).differences, 2);
  assert.deepEqual(await states(), right);
});

test('a backfill that dies on the way leaves what is live, and can be run again', async () => {
  const { tenant, customer } = await openLife();
  await follow();
  const before = await states();
  // It has folded all, and waits for the live consumer so that it can swap: there it dies.
  const busy = await bank.superuser.connect();
  await busy.query(`begin; select from core.consumer where name like 'features@%' for update`);
  const killed = assert.rejects(rebuild({ tenant: tenant.id }), { code: 'database_unavailable' });
  const kill = `select pg_terminate_backend(pid) from pg_stat_activity
    where usename = 'countersign_app' and datname = current_database()
      and wait_event_type = 'Lock'`;
  while ((await bank.superuser.query(kill)).rowCount === 0) await sleep(5);
  await busy.query('rollback');
  busy.release();
  await killed;
  assert.deepEqual(await states(), before);
  const seen = await online(tenant.id, { account: customer }, monday);
  assert.equal(seen['account.count_1h'], 3);
  assert.equal((await rebuild({ tenant: tenant.id })).differences, 0);
  const { rowCount } = await bank.superuser.query(
    `select from ai.feature_state s join core.projection p on p.name = 'features'
      where s.generation <> p.generation`,
  );
  assert.equal(rowCount, 0, 'nothing is left behind');
});

async function exported(tenant: Tenant): Promise<TrainingRow[]> {
  const question = { point: 'payment-authorization', wanted: all, read: tenant.read };
  const rows: TrainingRow[] = [];
  for await (const row of trainingRows(question, await surveyTraining(question))) rows.push(row);
  return rows;
}

const payment = {
  ...{ kind: 'card', channel: 'card_present', mcc: '5411', counterparty_country: 'DE' },
  ...{ screening_status: 'known', local_hour: 12, account_age_days: 700 },
  ...{ amount_home: 500, new_payee: false, new_device: false },
};

test('training rows say what was known then: later events change none of them', async () => {
  const tenant = await bank.tenant();
  const customer = await tenant.open();
  const merchant = await tenant.open();
  const pay = (amount: number, more = {}) =>
    tenant.post(move(customer, merchant, amount), { metadata: named, payment, ...more });
  const wasSeen: unknown[] = [];
  for (const amount of [100, 250, 400]) {
    await follow();
    const entities = { account: customer, ...named };
    wasSeen.push(await online(tenant.id, entities, bank.time.now, amount));
    assert.deepEqual((await pay(amount)).outcome, { status: 'accepted' });
    bank.time.now += 20 * 60_000;
  }
  await seal(bank);
  const rows = await exported(tenant);
  assert.deepEqual(
    rows.map(({ features }) => features),
    wasSeen,
    'what online look-ups have answered, and training sees, is one',
  );
  // Planted: later in the log, though it says that it was earlier.
  await pay(77_777, { effective_at: new Date(monday - day).toISOString() });
  bank.time.now += day;
  await pay(88_888);
  await seal(bank);
  const later = await exported(tenant);
  assert.equal(later.length, 5);
  assert.deepEqual(later.slice(0, 3), rows);
  assert.equal(later[4]?.features['account.max_7d'], 77_777, 'it is seen from there on');
});

test('only services say when something has happened: others ask as of now', async () => {
  const { tenant, customer, merchant } = await openLife();
  const effective_at = instantToText(bank.time.now - 2 * day);
  const body = { legs: [move(customer, merchant, 200)], effective_at, metadata: named, payment };
  for (const kind of ['user', 'service'] as const) {
    const principal = { kind, id: 'ann', tenant: tenant.id };
    const input = { principal, operation: 'journal.post', body, idempotencyKey: `${kind}-asks` };
    await bank.planes.execute(input);
  }
  await seal(bank);
  const rows = await exported(tenant);
  const counts = rows.map(({ features }) => features['account.count_1h']);
  assert.deepEqual(counts, [3, 0]);
});

test('who is named in training is whom the first leg names, or the journal', async () => {
  const tenant = await bank.tenant();
  const [customer, merchant] = [await tenant.open(), await tenant.open()];
  const legs = [
    move(customer, merchant, 500),
    move(customer, merchant, 1, { metadata: { card: 'card-9' } }),
  ];
  await tenant.post(legs, { payment, metadata: { device: 'phone' } });
  await seal(bank);
  const [row] = await exported(tenant);
  assert.equal(row?.features['card.count_1h'], null);
  assert.equal(row?.features['device.count_1h'], 0);
});

/** What happens at `at`, and is recorded so late, or so early, that clocks seem to be wrong. */
const happening = fc.record({
  what: fc.constantFrom('decision', 'payment', 'payment', 'decline', 'fraud' as const),
  at: fc.integer({ min: monday, max: monday + 40 * day }),
  recordedAt: fc.integer({ min: monday, max: monday + 40 * day }),
  amount: fc.integer({ min: 1, max: 100_000 }),
});

function plantedOf(
  { what, at, recordedAt, amount }: typeof happening extends fc.Arbitrary<infer T> ? T : never,
  nth: number,
): Planted {
  const account = { account_id: 'acc_x' };
  const instants = { effective_at: instantToText(at), recorded_at: instantToText(recordedAt) };
  const command = `cmd_${nth}`;
  const common = { ...account, amount, idempotency_key: command, occurred_at: instantToText(at) };
  if (what === 'payment') {
    const sides = { debit_account_id: 'acc_x', credit_account_id: 'acc_y' };
    const payload = { ...sides, ...instants, leg: 0, metadata: null };
    return { type: 'transaction.posted', data: { ...common, payload } };
  }
  if (what === 'fraud') {
    const judged = { label: 'fraud', source: 'review', command_id: `cmd_${nth % 7}` };
    const counted = { ...account, merchant: 'acc_y', fraud_change: 1 };
    const payload = { ...judged, ...counted, paid_at: instantToText(at) };
    return { type: 'label.recorded', data: { ...common, payload } };
  }
  if (what === 'decline') {
    return { type: 'journal.rejected', data: { ...common, payload: { code: 'policy_hold' } } };
  }
  const facts = { ...account, counter_account_id: 'acc_y', amount };
  const ids = { decision_id: `dec_${nth}`, command_id: command };
  const decided = { outcome: 'deny', requester: 'service:cards', point: 'payment-authorization' };
  const payload = { ...ids, ...decided, facts };
  return { type: 'decision.made', data: { ...common, payload } };
}

test('whatever is planted behind a decision, however it is dated, is not in its row', async () => {
  const log = fc.array(happening, { minLength: 1, maxLength: 25 });
  await fc.assert(
    fc.asyncProperty(log, log, async (before, planted) => {
      const tenant = await bank.tenant();
      await plantEvents(bank.superuser, tenant.id, before.map(plantedOf));
      const features = (rows: readonly TrainingRow[]) => rows.map((row) => row.features);
      const rows = await exported(tenant);
      const behind = planted.map((each, nth) => plantedOf(each, before.length + nth));
      await plantEvents(bank.superuser, tenant.id, behind);
      const later = await exported(tenant);
      assert.deepEqual(features(later.slice(0, rows.length)), features(rows));
    }),
    { numRuns: 15 },
  );
});
