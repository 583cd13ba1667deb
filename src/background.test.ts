import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { expireHolds } from '#background';
import type { Planes } from '#main';
import { hold, openBank, type Tenant } from '../test/bank.ts';
import { during } from '../test/during.ts';

const bank = await openBank({ after });
const minute = 60_000;

/** Holds that are due after a minute. */
async function reserve(tenant: Tenant, count: number): Promise<string> {
  const [debit, credit] = [await tenant.open(), await tenant.open()];
  const leg = hold(debit, credit, 1, bank.time.now + minute);
  return (await tenant.ok(Array.from({ length: count }, () => leg))).hold;
}

/** Lets holds expire until the condition holds. */
function expireUntil(planes: Planes, isIt: () => Promise<boolean>) {
  return during((signal) => expireHolds({ planes, signal, onError: assert.ifError }), isIt);
}

test('holds that a policy does not let expire hold up nobody, and are left alone', async () => {
  const [stubborn, other] = [await bank.tenant(), await bank.tenant()];
  await reserve(stubborn, 600);
  bank.time.now += 1;
  const id = await reserve(other, 1);
  bank.time.now += 2 * minute;
  let refusals = 0;
  const keys = new Set<string>();
  const execute: Planes['execute'] = async (input) => {
    if (input.principal.tenant !== stubborn.id) return bank.planes.execute(input);
    refusals += 1;
    keys.add(input.idempotencyKey);
    return { outcome: { status: 'rejected' } } as never;
  };
  const planes = { ...bank.planes, execute };
  const isExpired = async () => {
    const { rows } = await bank.superuser.query<{ left: number }>(
      `select count(*)::int as left from money.hold where status = 'open' and tenant_id = $1`,
      [other.id],
    );
    return rows[0]?.left === 0;
  };
  await expireUntil(planes, async () => (await isExpired()) && refusals >= 600);
  assert.equal((await other.hold(id))?.status, 'expired');
  assert.deepEqual([refusals, keys.size], [600, 600], 'each was tried once');
});

test('what a policy has refused to let expire can do so once the policy is another', async () => {
  const tenant = await bank.tenant();
  await reserve(tenant, 1);
  bank.time.now += 2 * minute;
  const keys: string[] = [];
  const execute: Planes['execute'] = async (input) => {
    if (input.principal.tenant !== tenant.id) return bank.planes.execute(input);
    keys.push(input.idempotencyKey);
    if (keys.length > 1) return bank.planes.execute(input);
    return { outcome: { status: 'rejected' } } as never;
  };
  const isOver = async () => {
    bank.time.now += 11 * minute;
    return keys.length > 1;
  };
  await expireUntil({ ...bank.planes, execute }, isOver);
  assert.notEqual(keys[0], keys[1], 'the first has its answer for ever');
});
