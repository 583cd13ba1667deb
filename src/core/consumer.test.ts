// Consumers: each event has its effect once, whoever dies between the effect and the checkpoint.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { hold, move, openBank, openSealer, openShop } from '../../test/bank.ts';
import { moneyProjections } from '../money/projections.ts';
import { createBell } from './bell.ts';
import { type Consumer, consumePage, followLog, runConsumer } from './consumer.ts';
import { followProjection, rebuildProjection } from './projection.ts';

async function openSealedShop(
  t: Parameters<typeof openBank>[0] & { after: (fn: () => any) => void },
) {
  const bank = await openBank(t);
  const { database } = bank.planes;
  const sealer = openSealer(bank);
  t.after(() => sealer.stop());
  const shop = await openShop(bank, 10_000);
  await bank.superuser.query('create table effect (event uuid primary key, account text)');
  await bank.superuser.query('grant insert on effect to countersign_app');
  const counting: Consumer = {
    name: 'counting',
    async apply(tx, events) {
      for (const { id, type } of events) {
        await tx.query('insert into effect values ($1, $2)', [id, type]);
      }
    },
  };
  return { bank, sealer, ...shop, counting, pool: database.pool('app') };
}

test('a consumer that dies before its commit has no effect, and then has it once', async (t) => {
  const { bank, sealer, counting, pool } = await openSealedShop(t);
  await sealer.sealNow();
  const dying: Consumer = {
    ...counting,
    async apply(tx, events) {
      await counting.apply(tx, events);
      await bank.superuser.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
          where usename = 'countersign_app' and datname = current_database()`,
      );
    },
  };
  await assert.rejects(consumePage(dying, pool));
  const consumed = await consumePage(counting, pool);
  assert.ok(consumed >= 5);
  assert.equal(await consumePage(counting, pool), 0);
  const { rowCount } = await bank.superuser.query('select from effect');
  assert.equal(rowCount, consumed);
});

test('one that takes its time over some events passes the others over in one stride', async (t) => {
  const { sealer, counting, pool, bank, tenant, cash, merchant } = await openSealedShop(t);
  for (let round = 0; round < 5; round += 1) await tenant.ok(move(cash, merchant, 1));
  await sealer.sealNow();
  const told: number[] = [];
  const slow: Consumer = {
    ...{ name: 'slow', types: ['transaction.posted'], eventsMax: 2 },
    apply: async (tx, events) => {
      told.push(events.length);
      await counting.apply(tx, events);
    },
  };
  let positions = 0;
  for (let consumed = 1; consumed > 0; positions += consumed) {
    consumed = await consumePage(slow, pool);
  }
  const { rows } = await bank.superuser.query(
    `select (select count(*) from core.leaf)::int as all,
       (select count(*) from core.event where type = 'transaction.posted')::int as wanted,
       (select count(*) from effect)::int as done`,
  );
  assert.equal(positions, rows[0].all);
  assert.equal(rows[0].done, rows[0].wanted);
  assert.deepEqual([...new Set(told.slice(0, -1))], [2]);
});

test('a page that was cut is gone on with; what others are told of wakes nobody', async (t) => {
  const { sealer, counting, pool, bank, tenant, cash, merchant } = await openSealedShop(t);
  for (let round = 0; round < 7; round += 1) await tenant.ok(move(cash, merchant, 1));
  await sealer.sealNow();
  const bell = createBell();
  let looks = 0;
  const rows = () => {
    looks += 1;
    return undefined;
  };
  const sealed = { ...bell, rows };
  const stopping = new AbortController();
  const onError = (error: unknown) => assert.ifError(error);
  const options = { sealed, signal: stopping.signal, onError, pauseMs: 1 };
  const slow: Consumer = { ...counting, types: ['transaction.posted'], eventsMax: 2 };
  const running = followLog(slow, pool, options);
  const done = async () => (await bank.superuser.query('select from effect')).rowCount ?? 0;
  while ((await done()) < 7) await sleep(10);
  await sleep(300);
  const looked = looks;
  for (let ring = 0; ring < 20; ring += 1) {
    bell.ring(['decision.made']);
    await sleep(10);
  }
  assert.ok(looks - looked <= 1, `${looks - looked} looks for what it does not want`);
  stopping.abort();
  await running;
});

test('two processes of one consumer share the events between them', async (t) => {
  const { bank, sealer, counting, pool, tenant, cash, merchant } = await openSealedShop(t);
  const sealed = createBell();
  const stopping = new AbortController();
  const failures: unknown[] = [];
  const options = { sealed, signal: stopping.signal, onError: (e: unknown) => failures.push(e) };
  const running = [1, 2].map(() =>
    runConsumer(() => consumePage(counting, pool, { pageSize: 7 }), options),
  );
  for (let round = 0; round < 30; round += 1) await tenant.ok(move(cash, merchant, 1));
  await sealer.sealNow();
  const { rows } = await bank.superuser.query('select count(*)::int as sealed from core.leaf');
  for (;;) {
    sealed.ring();
    const { rowCount } = await bank.superuser.query('select from effect');
    if (rowCount === rows[0].sealed) break;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  stopping.abort();
  await Promise.all(running);
  assert.deepEqual(failures, []);
});

test('the events of an account come in the order of its entries', async (t) => {
  const { sealer, pool, tenant, cash, merchant } = await openSealedShop(t);
  await Promise.all(Array.from({ length: 50 }, () => tenant.ok(move(cash, merchant, 1))));
  await sealer.sealNow();
  const versions: number[] = [];
  const watching: Consumer = {
    name: 'watching',
    async apply(_tx, events) {
      for (const { body } of events) {
        const { payload } = JSON.parse(body).data;
        if (payload.credit_account_id === merchant) versions.push(payload.credit_version);
      }
    },
  };
  while ((await consumePage(watching, pool)) > 0);
  assert.deepEqual(
    versions,
    Array.from({ length: 50 }, (_, index) => index + 1),
  );
});

test('projections that are rebuilt from the log equal the live ones and the ledger', async (t) => {
  const { bank, sealer, pool, tenant, cash, customer, merchant } = await openSealedShop(t);
  await tenant.ok(move(customer, merchant, 1_500));
  const held = await tenant.ok(hold(customer, merchant, 900));
  await tenant.ok({ kind: 'capture', hold_id: held.hold, amount: 400, final: false });
  const other = await tenant.ok(hold(customer, merchant, 50));
  await tenant.ok({ kind: 'increase', hold_id: other.hold, amount: 25 });
  await sealer.sealNow();
  for (const projection of moneyProjections) {
    while ((await followProjection(projection, pool)) > 0);
    await tenant.ok({ kind: 'void', hold_id: (await tenant.ok(hold(cash, merchant, 9))).hold });
    await sealer.sealNow();
    const rebuilt = await rebuildProjection(projection, pool, () => undefined);
    assert.deepEqual([rebuilt.differences, rebuilt.generation], [0, 2]);
    assert.ok(rebuilt.events >= 12);
    // The swapped one is followed from where it stands.
    await tenant.ok(move(customer, merchant, 1));
    await sealer.sealNow();
    assert.equal(await followProjection(projection, pool), 2, 'a decision and a movement');
  }
  const different = `
    select from money.account a
      full join (select * from projection.balance where generation = 2) b
        on b.tenant_id = a.tenant_id and b.account_id = a.id
     where (a.debits_posted, a.credits_posted, a.debits_pending, a.credits_pending, a.version)
           is distinct from
           (b.debits_posted, b.credits_posted, b.debits_pending, b.credits_pending, b.entries)`;
  while ((await followProjection(moneyProjections[0]!, pool)) > 0);
  assert.equal((await bank.superuser.query(different)).rowCount, 0);
});
