// Points lived again: the same lots of the same members, decided on what was known then.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { reliveLog } from '#replay';
import { type Bank, openBank, rejected, seal } from './bank.ts';
import { testDatabase, testPassword } from './database.ts';
import { openPoints } from './points.ts';

test('what points have moved comes out the same, with the lots folded by nobody', async (t) => {
  const bank = await openBank(t);
  const tenant = await bank.tenant();
  const points = await openPoints(bank, tenant.id);
  const member = await points.enrol('cus_1');
  await points.earn(member, 300, { expiresAt: '2027-01-01T00:00:00Z' });
  const late = await points.redeem(member, 400);
  assert.deepEqual(late.outcome, rejected('insufficient_funds'));
  await points.redeem(member, 100);
  const change = { program: 'everyday', customer: 'cus_1', reason: 'asked for' };
  await tenant.execute('loyalty.member.change', { ...change, standing: 'suspended' });
  await points.earn(await points.enrol('cus_1'), 5);
  await points.earn(member, 20_000);
  await seal(bank);
  const relived = await relive(t, bank);
  for (const { differing, added, difference, root } of relived.tenants) {
    assert.deepEqual([differing, added, difference], [0, 0, null]);
    assert.equal(root.lived, root.recorded);
  }
  assert.deepEqual([relived.identical, relived.isSame], [relived.commands, true]);
});

async function relive(t: TestContext, { url, planes }: Bank) {
  const { url: scratchUrl } = await testDatabase(t);
  return reliveLog({ url, scratchUrl, password: testPassword, keyring: planes.keyring });
}
