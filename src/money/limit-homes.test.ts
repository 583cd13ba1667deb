// Where counters stand, and that none has two homes.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Consume } from '#core';
import type { Planes } from '#main';
import fc from 'fast-check';
import { hold, move, openBank, openServer, openShop, uuidOf } from '../../test/bank.ts';
import { journalCommand, limit, submit } from '../../test/limited.ts';
import { counterName } from './counter.ts';
import type { Leg } from './journal.ts';
import { addingTerms } from './limits.ts';
import { readLimits } from './read-limits.ts';

const bank = await openBank({ after });

let keys = 0;

function commandOf(tenant: string, legs: readonly Leg[]) {
  keys += 1;
  return journalCommand(bank.planes, tenant, { legs, key: `home-${keys}` });
}

/** A shop with a limited way to pay and a look at what is used, by key. */
async function openLimited() {
  const shop = await openShop(bank, 10_000);
  const { tenant } = shop;
  const pay = (leg: Leg, consume: readonly Consume[]) =>
    submit(bank.planes, commandOf(tenant.id, [leg]), consume);
  const used = async (name: string) => {
    const options = { limit: name, count: 100, now: bank.time.now };
    const { items } = await tenant.read((tx) => readLimits(tx, options));
    return items.map((each) => [each.key, each.used] as const);
  };
  return { ...shop, pay, used };
}

test('an account has its counters in its own row, another key in one of its own', async () => {
  const { tenant, customer, merchant, cash, pay, used } = await openLimited();
  // The third account is not a side of the payment, and is locked with the others all the same.
  const keys = [`account:${customer}`, `account:${cash}`, 'tenant', 'account:1'];
  const consume = keys.flatMap((key) => [limit({ key, amount: 5 }), limit({ key, limit: 'two' })]);
  const held = await pay(hold(customer, merchant, 5), consume);
  const homes = async () => {
    const { rows: accounts } = await bank.superuser.query(
      `select id, counters from money.account where tenant_id = $1 and counters is not null`,
      [tenant.id],
    );
    const { rows: others } = await bank.superuser.query(
      `select key, counters from money.counter where tenant_id = $1 order by key`,
      [tenant.id],
    );
    return { accounts, others };
  };
  const { accounts, others } = await homes();
  const ids = [customer, cash].map((id) => uuidOf('account', id));
  assert.deepEqual(new Set(accounts.map(({ id }) => id)), new Set(ids));
  assert.deepEqual(
    others.map(({ key }) => key),
    ['account:1', 'tenant'],
  );
  assert.deepEqual(new Map(await used('yearly')), new Map(keys.map((key) => [key, 5])));
  await tenant.ok({ kind: 'void', hold_id: held.hold });
  assert.deepEqual(new Map(await used('yearly')), new Map(keys.map((key) => [key, 0])));
  const after = await homes();
  assert.deepEqual([after.accounts.length, after.others.length], [2, 2]);
});

test('whatever is used within its terms, all that a batch takes fits', () => {
  const window = { kind: 'sliding', seconds: 60 } as const;
  const take = fc.record({ amount: fc.nat(30), cap: fc.nat(100) });
  fc.assert(
    fc.property(fc.array(take, { minLength: 1, maxLength: 6 }), fc.nat(80), (takes, used) => {
      const counters = { [counterName(limit({ window }))]: [100, used] };
      const dated = takes.map((fields) => {
        const consume = limit({ window, ...fields });
        return { consume, account: undefined, counter: counterName(consume), receivedAt: 100_000 };
      });
      const fits = (before: number) => {
        let sum = before;
        return takes.every(({ amount, cap }) => {
          sum += amount;
          return sum <= cap;
        });
      };
      const usedMax = [...(addingTerms(counters, dated)?.values() ?? [])][0]?.usedMax;
      assert.equal(usedMax !== undefined, fits(used));
      if (usedMax === undefined) return;
      assert.ok(fits(usedMax) && !fits(usedMax + 1));
    }),
  );
});

test('nothing may be used in the name of an account that there is not', async () => {
  const [{ customer, merchant, pay }, other] = [await openLimited(), await openLimited()];
  for (const stranger of [other.customer, `acc_${'0'.repeat(26)}`]) {
    const { outcome } = await pay(move(customer, merchant, 1), [
      limit({ key: `account:${stranger}`, amount: 1 }),
    ]);
    assert.deepEqual(outcome, { status: 'rejected', code: 'limit_exceeded', limit: 'yearly' });
  }
});

test('what two servers add to one key without locks is what they took', async () => {
  const { tenant, used } = await openLimited();
  const servers = [70, 71].map((seed) => openServer({ after }, bank, { name: 'limits', seed }));
  const accounts = await Promise.all(Array.from({ length: 40 }, () => tenant.open()));
  const start = bank.time.now;
  const window = { kind: 'sliding', seconds: 60 } as const;
  for (let round = 0; round < 6; round += 1) {
    // The newest bucket is another one each second, and whoever is late finds it moved.
    bank.time.now = start + round * 1000;
    const outcomes = await Promise.all(
      accounts.map((account, index) => {
        const consume = [
          limit({ limit: 'minute', window, amount: 3, cap: 1_000_000 }),
          limit({ limit: 'own', key: `account:${account}`, amount: 3, cap: 1_000_000 }),
        ];
        const [from, to] = [account, accounts[(index + 1) % accounts.length] as string];
        const command = commandOf(tenant.id, [move(from, to, 3)]);
        return submit(servers[index % 2] as Planes, command, consume);
      }),
    );
    assert.ok(outcomes.every(({ outcome }) => outcome.status === 'accepted'));
  }
  assert.deepEqual(await used('minute'), [['tenant', 6 * 40 * 3]]);
  const own = new Map(await used('own'));
  assert.ok(accounts.every((account) => own.get(`account:${account}`) === 6 * 3));
  bank.time.now = start;
});

test('limits of accounts and of other keys are read in one sequence of pages', async () => {
  const { tenant, customer, merchant, cash, pay } = await openLimited();
  const keys = [`account:${customer}`, `account:${cash}`, 'account:1', 'tenant', 'z\nz'];
  const consume = keys.flatMap((key) => ['a', 'b c'].map((name) => limit({ key, limit: name })));
  await pay(move(customer, merchant, 1), consume);
  const seen: string[] = [];
  let after: string | undefined;
  do {
    const options = { count: 3, now: bank.time.now, after };
    const page = await tenant.read((tx) => readLimits(tx, options));
    seen.push(...page.items.map(({ key, limit: name }) => `${key} ${name}`));
    after = page.next ?? undefined;
  } while (after !== undefined);
  assert.equal(seen.length, keys.length * 2);
  assert.deepEqual(seen.toSorted(), consume.map((each) => `${each.key} ${each.limit}`).sort());
  const one = { key: `account:${cash}`, limit: 'b c', count: 5, now: bank.time.now };
  assert.equal((await tenant.read((tx) => readLimits(tx, one))).items.length, 1);
});
