// What a journal expects of an account: that nobody has moved it since it was looked at.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { figures, move, openBank, openShop, rejected } from '../../test/bank.ts';

const bank = await openBank({ after });

test('a journal goes through at the version that it expects, and at no other', async () => {
  const { tenant, customer, merchant } = await openShop(bank, 100);
  const spend = (version: number) => ({ expects: { [customer]: version } });
  await tenant.ok(move(customer, merchant, 10), spend(1));
  const late = await tenant.post(move(customer, merchant, 10), spend(1));
  assert.deepEqual(late.outcome, rejected('account_changed'));
  const early = await tenant.post(move(customer, merchant, 10), spend(3));
  assert.deepEqual(early.outcome, rejected('account_changed'));
  await tenant.ok(move(customer, merchant, 10), spend(2));
  assert.deepEqual(await figures(tenant, customer), [80, 0, 80]);
});

test('holds and rejections: a hold is a version, what was refused is none', async () => {
  const { tenant, customer, merchant } = await openShop(bank, 100);
  const spend = (version: number) => ({ expects: { [customer]: version } });
  const much = await tenant.post(move(customer, merchant, 500), spend(1));
  assert.deepEqual(much.outcome, rejected('insufficient_funds'));
  const held = { ...move(customer, merchant, 10), kind: 'hold' } as Parameters<typeof move>[3];
  await tenant.ok(held as never, spend(1));
  const late = await tenant.post(move(customer, merchant, 10), spend(1));
  assert.deepEqual(late.outcome, rejected('account_changed'));
});

test('an account that the journal does not move is not found among its own', async () => {
  const { tenant, cash, customer, merchant } = await openShop(bank, 100);
  const other = await tenant.open();
  const leg = move(customer, merchant, 10);
  const missing = await tenant.post(leg, { expects: { [other]: 0 } });
  assert.deepEqual(missing.outcome, rejected('account_not_found'));
  const foreign = await openShop(bank, 100);
  const theirs = await tenant.post(leg, { expects: { [foreign.customer]: 1 } });
  assert.deepEqual(theirs.outcome, rejected('account_not_found'));
  const none = await tenant.post(leg, { expects: { nobody: 0 } });
  assert.deepEqual(none.outcome, rejected('account_not_found'));
  await tenant.ok([leg, move(cash, customer, 1)], { expects: { [cash]: 1, [customer]: 1 } });
});

test('the version is that before the journal, whichever of its legs come first', async () => {
  const { tenant, customer, merchant } = await openShop(bank, 100);
  const legs = [move(customer, merchant, 10), move(customer, merchant, 20)];
  await tenant.ok(legs, { expects: { [customer]: 1, [merchant]: 0 } });
  await tenant.ok(legs, { expects: { [customer]: 3, [merchant]: 2 } });
});

test('a retry gets the first answer, though the account has moved by it', async () => {
  const { tenant, customer, merchant } = await openShop(bank, 100);
  const body = { legs: [move(customer, merchant, 10)], expects: { [customer]: 1 } };
  const first = await tenant.execute('journal.post', body, 'spend once');
  const again = await tenant.execute('journal.post', body, 'spend once');
  assert.deepEqual([first.outcome, again.outcome], [{ status: 'accepted' }, first.outcome]);
  assert.deepEqual([first.replayed, again.replayed], [false, true]);
  const changed = await tenant.execute('journal.post', body, 'spend twice');
  assert.deepEqual(changed.outcome, rejected('account_changed'));
  const still = await tenant.execute('journal.post', body, 'spend twice');
  assert.deepEqual([still.outcome, still.replayed], [changed.outcome, true]);
});

test('of many who have seen one version one goes through, in one batch or in several', async () => {
  const { tenant, customer, merchant } = await openShop(bank, 1_000);
  let version = 1;
  for (const size of [2, 7, 30]) {
    const more = { expects: { [customer]: version } };
    const sent = Array.from({ length: size }, () => tenant.post(move(customer, merchant, 1), more));
    const answers = (await Promise.all(sent)).map(({ outcome }) => outcome);
    const accepted = answers.filter(({ status }) => status === 'accepted');
    const late = answers.filter((each) => each.status === 'rejected');
    assert.equal(accepted.length, 1);
    assert.deepEqual(late, Array(size - 1).fill(rejected('account_changed')));
    version += 1;
  }
  assert.deepEqual(await figures(tenant, merchant), [3, 0, 3]);
});
