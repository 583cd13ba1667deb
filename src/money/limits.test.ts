import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type Consume, countersigner, Fault, seededRandom } from '#core';
import type { Planes } from '#main';
import fc from 'fast-check';
import { day, hold, move, openBank, openServer, openShop } from '../../test/bank.ts';
import { allowing, journalCommand, limit, submit, year } from '../../test/limited.ts';
import type { Leg, Outcome } from './journal.ts';
import { readLimits } from './read-limits.ts';

const bank = await openBank({ after });
const accepted: Outcome = { status: 'accepted' };

function exceeded(name: string, leg?: number): Outcome {
  const rejection = { status: 'rejected', code: 'limit_exceeded', limit: name } as const;
  return leg === undefined ? rejection : { ...rejection, leg };
}

let keys = 0;

function commandOf(tenant: string, legs: readonly Leg[]) {
  keys += 1;
  return journalCommand(bank.planes, tenant, { legs, key: `limit-${keys}` });
}

/** A shop with a limited way to pay and a look at what is used. */
async function openLimited(funds = 10_000) {
  const shop = await openShop(bank, funds);
  const { tenant } = shop;
  const pay = (legs: Leg | readonly Leg[], consume: readonly Consume[]) => {
    const list = Array.isArray(legs) ? (legs as readonly Leg[]) : [legs as Leg];
    return submit(bank.planes, commandOf(tenant.id, list), consume);
  };
  const used = async (name = 'yearly', now = bank.time.now) => {
    const page = await tenant.read((tx) => readLimits(tx, { limit: name, count: 10, now }));
    return page.items.reduce((sum, each) => sum + each.used, 0);
  };
  return { ...shop, pay, used };
}

test('a posting takes up to the cap and not one unit more', async () => {
  const { customer, merchant, pay, used } = await openLimited();
  const leg = move(customer, merchant, 60);
  assert.deepEqual((await pay(leg, [limit({ amount: 60 })])).outcome, accepted);
  assert.deepEqual((await pay(leg, [limit({ amount: 41 })])).outcome, exceeded('yearly'));
  assert.deepEqual((await pay(leg, [limit({ amount: 40 })])).outcome, accepted);
  assert.deepEqual((await pay(leg, [limit({ amount: 1 })])).outcome, exceeded('yearly'));
  assert.equal(await used(), 100);
});

test('a posting takes from all its limits or from none; the first exceeded is named', async () => {
  const { tenant, customer, merchant, pay, used } = await openLimited();
  const legs = [move(customer, merchant, 10), move(customer, merchant, 20)];
  const consume = [
    limit({ limit: 'wide', amount: 10, cap: 1000 }),
    limit({ limit: 'narrow', amount: 20, cap: 19, leg: 1 }),
    limit({ limit: 'closed', amount: 1, cap: 0 }),
  ];
  assert.deepEqual((await pay(legs, consume)).outcome, exceeded('narrow', 1));
  assert.deepEqual([await used('wide'), await used('narrow')], [0, 0]);
  assert.equal((await tenant.balances(merchant))?.booked, 0);
  assert.deepEqual((await pay(legs, consume.slice(0, 1))).outcome, accepted);
  assert.equal(await used('wide'), 10);
});

test('two takes of one posting from one limit add up', async () => {
  const { customer, merchant, pay, used } = await openLimited();
  const legs = [move(customer, merchant, 60), move(customer, merchant, 41)];
  const consume = [limit({ amount: 60 }), limit({ amount: 41, leg: 1 })];
  assert.deepEqual((await pay(legs, consume)).outcome, exceeded('yearly', 1));
  assert.equal(await used(), 0);
});

test('a rejection says which limit, and its retry says it again', async () => {
  const { tenant, customer, merchant } = await openLimited();
  const command = commandOf(tenant.id, [move(customer, merchant, 1)]);
  const consume = [limit({ cap: 0, amount: 1 })];
  for (const _ of [1, 2]) {
    const { outcome } = await submit(bank.planes, command, consume);
    assert.deepEqual(outcome, exceeded('yearly'));
  }
  const { rows } = await bank.superuser.query(
    `select body::jsonb #>> '{data,payload,limit}' as name from core.event
      where tenant_id = $1 and type = 'journal.rejected'`,
    [tenant.id],
  );
  assert.deepEqual(rows, [{ name: 'yearly' }]);
});

test('limits of keys, windows and tenants are counted apart', async () => {
  const [one, other] = [await openLimited(), await openLimited()];
  const pay = ({ pay, customer, merchant }: typeof one, fields: Partial<Consume>) =>
    pay(move(customer, merchant, 1), [limit({ amount: 100, ...fields })]);
  assert.deepEqual((await pay(one, {})).outcome, accepted);
  assert.deepEqual((await pay(one, {})).outcome, exceeded('yearly'));
  assert.deepEqual((await pay(one, { key: 'account:1' })).outcome, accepted);
  assert.deepEqual((await pay(one, { measure: 'count' })).outcome, accepted);
  assert.deepEqual((await pay(other, {})).outcome, accepted);
});

test('no interleaving of servers passes a cap by one, nor do they wait in a circle', async () => {
  const { tenant, customer, merchant, cash, used } = await openLimited();
  const servers = Array.from({ length: 3 }, (_, index) =>
    openServer({ after }, bank, { name: 'limits', seed: 50 + index }),
  );
  const accounts = await Promise.all(Array.from({ length: 8 }, () => tenant.open()));
  const { uint32 } = seededRandom(5);
  const outcomes = await Promise.all(
    Array.from({ length: 600 }, (_, index) => {
      const planes = servers[index % servers.length] as Planes;
      const own = accounts[uint32() % accounts.length] as string;
      const [from, to] = uint32() % 2 === 0 ? [own, cash] : [cash, own];
      const consume = [
        limit({ limit: 'count', measure: 'count', amount: 1, cap: 300 }),
        limit({ limit: 'own', key: `account:${own}`, measure: 'count', amount: 1, cap: 50 }),
        limit({ limit: 'amount', amount: 7, cap: 2000 }),
      ];
      // In any order: the database locks them in its own.
      if (uint32() % 2 === 0) consume.reverse();
      return submit(planes, commandOf(tenant.id, [move(from, to, 7)]), consume);
    }),
  );
  const passed = outcomes.filter(({ outcome }) => outcome.status === 'accepted').length;
  // 2,000 is 285 times seven, and five.
  assert.equal(passed, 285);
  assert.equal(await used('count'), 285);
  assert.equal(await used('amount'), 1995);
  assert.equal(await used('own'), 285);
  const { rows } = await bank.superuser.query(
    'select deadlocks::int from pg_stat_database where datname = current_database()',
  );
  assert.equal(rows[0].deadlocks, 0);
  assert.equal((await tenant.balances(customer))?.booked, 10_000, merchant);
});

test('what is used slides out of its window, or ends with its day', async () => {
  const { customer, merchant, pay, used } = await openLimited();
  const start = bank.time.now;
  const leg = move(customer, merchant, 1);
  const hour = limit({ limit: 'hour', window: { kind: 'sliding', seconds: 3600 }, amount: 60 });
  const window = { kind: 'calendar', unit: 'day', time_zone: 'Europe/Paris' } as const;
  const daily = limit({ limit: 'day', window, amount: 60 });
  try {
    assert.deepEqual((await pay(leg, [hour, daily])).outcome, accepted);
    bank.time.now += 3_599_000;
    assert.deepEqual((await pay(leg, [hour])).outcome, exceeded('hour'));
    bank.time.now += 62_000;
    assert.deepEqual((await pay(leg, [hour])).outcome, accepted);
    // 29 March 2026 has 23 hours in Paris.
    bank.time.now = Date.parse('2026-03-28T23:00:00Z');
    assert.deepEqual((await pay(leg, [daily])).outcome, accepted);
    bank.time.now = Date.parse('2026-03-29T21:59:59Z');
    assert.deepEqual((await pay(leg, [daily])).outcome, exceeded('day'));
    bank.time.now = Date.parse('2026-03-29T22:00:00Z');
    assert.equal(await used('day'), 0);
    assert.deepEqual((await pay(leg, [daily])).outcome, accepted);
    bank.time.now -= 2 * day;
    assert.deepEqual((await pay(leg, [daily])).outcome, exceeded('day'), 'a clock went backwards');
  } finally {
    bank.time.now = start;
  }
});

const both = (amount: number, leg = 0) => [
  limit({ amount, leg, cap: 1000 }),
  limit({ limit: 'count', measure: 'count', amount: 1, leg }),
];

test('a void, an expiry and a reversal give back what was taken', async () => {
  const { customer, merchant, pay, used, tenant } = await openLimited();
  const start = bank.time.now;
  const figures = async () => [await used(), await used('count')];
  const voided = await pay(hold(customer, merchant, 60), both(60));
  const due = await pay(hold(customer, merchant, 30, start + 1000), both(30));
  const paid = await pay(move(customer, merchant, 10), both(10));
  assert.deepEqual(await figures(), [100, 3]);
  await tenant.ok({ kind: 'void', hold_id: voided.hold });
  assert.deepEqual(await figures(), [40, 2]);
  await tenant.ok({ kind: 'reverse', transfer_id: paid.transfers[0] as string });
  assert.deepEqual(await figures(), [30, 1]);
  bank.time.now += 1000;
  await tenant.ok({ kind: 'expire', hold_id: due.hold });
  assert.deepEqual(await figures(), [0, 0]);
  bank.time.now = start;
});

test('a reversal that is sent twice in one batch gives back once', async () => {
  const { tenant, customer, merchant, pay, used } = await openLimited();
  await pay(move(customer, merchant, 60), both(60));
  const paid = await pay(move(customer, merchant, 10), both(10));
  const legs = [{ kind: 'reverse', transfer_id: paid.transfers[0] as string }] as const;
  const reversal = commandOf(tenant.id, legs);
  const other = commandOf(tenant.id, legs);
  const sent = [reversal, reversal, other].map((each) => submit(bank.planes, each, []));
  const outcomes = (await Promise.all(sent)).map(({ outcome }) => outcome.status);
  assert.deepEqual(outcomes, ['accepted', 'accepted', 'rejected']);
  assert.deepEqual([await used(), await used('count')], [60, 1]);
});

test('a capture gives back what it releases, and its reversal the capture', async () => {
  const { customer, merchant, pay, used, tenant } = await openLimited();
  const figures = async () => [await used(), await used('count')];
  const held = await pay(hold(customer, merchant, 60), both(60));
  const first = await tenant.ok({
    kind: 'capture',
    hold_id: held.hold,
    amount: 20,
    final: false,
  });
  assert.deepEqual(await figures(), [60, 1]);
  const second = await tenant.ok({ kind: 'capture', hold_id: held.hold, amount: 5 });
  assert.deepEqual(await figures(), [25, 1]);
  await tenant.ok({ kind: 'reverse', transfer_id: first.transfers[0] as string });
  assert.deepEqual(await figures(), [5, 1]);
  await tenant.ok({ kind: 'reverse', transfer_id: second.transfers[0] as string });
  assert.deepEqual(await figures(), [0, 0], 'a count is given back when nothing remains');
});

test('an increase takes as its own decision says, and is given back with its hold', async () => {
  const { customer, merchant, pay, used, tenant } = await openLimited();
  const held = await pay(hold(customer, merchant, 60), both(60));
  const more = { kind: 'increase', hold_id: held.hold, amount: 30 } as const;
  assert.deepEqual((await pay(more, [limit({ amount: 41 })])).outcome, exceeded('yearly'));
  assert.deepEqual((await pay(more, [limit({ amount: 30 })])).outcome, accepted);
  await tenant.ok({ ...more, amount: 10 });
  assert.equal(await used(), 90, 'a decision without limits takes nothing');
  await tenant.ok({ kind: 'capture', hold_id: held.hold, amount: 25 });
  // Of 100 held, of which 90 were counted, a quarter remains.
  assert.equal(await used(), 23);
});

test('what has left its window is not given back to those that came after', async () => {
  const { customer, merchant, pay, used, tenant } = await openLimited();
  const start = bank.time.now;
  const consume = [limit({ window: { kind: 'sliding', seconds: 3600 }, amount: 60 })];
  const held = await pay(hold(customer, merchant, 60), consume);
  bank.time.now += 2 * 3_600_000;
  await pay(move(customer, merchant, 60), consume);
  await tenant.ok({ kind: 'void', hold_id: held.hold });
  assert.equal(await used(), 60);
  bank.time.now = start;
});

test('a journal may use what it gives back itself', async () => {
  const { customer, merchant, pay, used } = await openLimited();
  const held = await pay(hold(customer, merchant, 60), [limit({ amount: 60 })]);
  const legs = [{ kind: 'void', hold_id: held.hold } as const, move(customer, merchant, 100)];
  assert.deepEqual((await pay(legs, [limit({ amount: 100, leg: 1 })])).outcome, accepted);
  assert.equal(await used(), 100);
});

test('limits that were touched after the decision are refused', async () => {
  const { tenant, customer, merchant } = await openLimited();
  const { planes } = bank;
  const command = commandOf(tenant.id, [move(customer, merchant, 1)]);
  const decision = allowing(command, [limit({ amount: 1 })]);
  const mint = countersigner(planes.keyring.countersignKeys);
  const genuine = mint(command, decision, command.receivedAt);
  for (const consume of [[], [limit({ amount: 1, cap: 101 })], [limit({ amount: 0 })]]) {
    const countersignature = { ...genuine, decision: { ...decision, consume } };
    await assert.rejects(
      planes.engine.submit({ command, countersignature }),
      (error) => error instanceof Fault && error.code === 'countersignature_invalid',
    );
  }
});

test('a limit that no leg can take is a bug, and moves nothing', async () => {
  const { tenant, customer, merchant, pay, used } = await openLimited();
  await assert.rejects(pay(move(customer, merchant, 1), [limit({ amount: 1, leg: 1 })]));
  await assert.rejects(pay(move(customer, merchant, 1), [limit({ amount: -1 })]));
  assert.equal(await used(), 0);
  assert.equal((await tenant.balances(merchant))?.booked, 0);
});

test('a lower cap never accepts more', async () => {
  const amount = fc.nat(40);
  const caps = fc.tuple(fc.nat(120), fc.nat(120)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)]);
  await fc.assert(
    fc.asyncProperty(fc.array(amount, { maxLength: 5 }), amount, caps, async (past, next, each) => {
      const { customer, merchant, pay } = await openLimited();
      const leg = move(customer, merchant, 1);
      const statuses = await Promise.all(
        each.map(async (cap) => {
          const key = `cap-${cap}`;
          for (const one of past) await pay(leg, [limit({ key, amount: one, cap: 1_000 })]);
          return (await pay(leg, [limit({ key, amount: next, cap })])).outcome.status;
        }),
      );
      assert.notDeepEqual(statuses, ['accepted', 'rejected']);
    }),
    { numRuns: 12 },
  );
});

test('limits are read by definition and by key, in pages', async () => {
  const { tenant, customer, merchant, pay } = await openLimited();
  const consume = ['a', 'b', 'c'].map((key) => limit({ key, amount: 5 }));
  await pay(move(customer, merchant, 1), [...consume, limit({ limit: 'other', key: 'a' })]);
  const read = (options: object) =>
    tenant.read((tx) => readLimits(tx, { count: 2, now: bank.time.now, ...options }));
  const first = await read({ limit: 'yearly' });
  const rest = await read({ limit: 'yearly', after: first.next });
  assert.deepEqual([...first.items, ...rest.items].map(({ key }) => key).sort(), ['a', 'b', 'c']);
  assert.equal(rest.next, null);
  const { items } = await read({ limit: 'yearly', key: 'a' });
  assert.deepEqual(items, [
    { limit: 'yearly', key: 'a', measure: 'amount', window: year, used: 5 },
  ]);
  assert.deepEqual((await read({ key: 'a' })).items.map((each) => each.limit).sort(), [
    'other',
    'yearly',
  ]);
});

test('a batch without limits, changed holds and reversals asks nothing of counters', async (t) => {
  // A database of its own: sessions tell what they have scanned only some time later.
  const own = await openBank(t);
  const { customer, merchant, tenant } = await openShop(own, 10_000);
  const { rows: before } = await own.superuser.query(callsOfCounters);
  await Promise.all(Array.from({ length: 20 }, () => tenant.ok(move(customer, merchant, 1))));
  await tenant.ok(hold(customer, merchant, 1));
  const { rows } = await own.superuser.query(callsOfCounters);
  assert.deepEqual(rows, before);
});

const callsOfCounters = `select pg_stat_force_next_flush(), seq_scan + idx_scan as scans
  from pg_stat_user_tables where relid = 'money.counter'::regclass`;
