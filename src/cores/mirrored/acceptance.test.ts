import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { derivedUuid, externalId, type Json } from '#core';
import { createBook } from '../../../simulators/cores/book.ts';
import { openBank, type Tenant } from '../../../test/bank.ts';
import { customersAtCore } from '../../../test/customer-at-core.ts';
import { movingAdapter } from '../../../test/moving-adapter.ts';

const book = createBook({ now: () => bank.time.now });
const adapter = movingAdapter(book);
const bank = await openBank({ after }, { adapter });
const openCustomer = customersAtCore({ bank, book, adapter });

let keys = 0;
function as({ id: tenant }: Tenant, user: string, operation: string, body: Json) {
  keys += 1;
  const principal = { kind: 'user', id: user, tenant } as const;
  return bank.planes.execute({ principal, operation, body, idempotencyKey: `by ${keys}` });
}

async function approved(tenant: Tenant, subject: Json): Promise<string> {
  const { commandId } = await as(tenant, 'ann', 'approval.request', {
    ...{ subject_kind: 'core.accept_overrides', subject, summary: 'the customer has been asked' },
    expires_at: new Date(bank.time.now + 3_600_000).toISOString(),
  });
  const approval_id = externalId('approval', derivedUuid(commandId, 'approval', 0));
  const verdict = { approval_id, verdict: 'approve', reason: 'asked twice' };
  await as(tenant, 'bea', 'approval.decide', verdict);
  return approval_id;
}

test('what a core warns of is carried out once two people have accepted just that', async () => {
  const { tenant, first, pay, both, intentOf } = await openCustomer();
  const account = book.accounts.get(first);
  assert.ok(account);
  account.warns = { code: 'OD-1', text: 'Unauthorised overdraft' };
  await assert.rejects(pay(100, 'warned'), { code: 'core_override_needed' });
  await assert.rejects(pay(100, 'warned'), { code: 'core_override_needed' });
  assert.equal((await intentOf('warned'))?.state, 'needs_override');
  assert.deepEqual(await both(), [1_000, 0]);

  const body = { idempotency_key: 'warned', overrides: ['OD-1'] };
  const alone = as(tenant, 'ann', 'core.accept_overrides', body);
  await assert.rejects(alone, { code: 'approval_required' });
  const other = { idempotency_key: 'warned', overrides: ['OD-2'] };
  const approval_id = await approved(tenant, other);
  await as(tenant, 'ann', 'core.accept_overrides', { ...other, approval_id });
  await assert.rejects(pay(100, 'warned'), { code: 'core_override_needed' });

  const mine = await approved(tenant, body);
  await as(tenant, 'ann', 'core.accept_overrides', { ...body, approval_id: mine });
  const { outcome } = await pay(100, 'warned');
  assert.equal(outcome.status, 'accepted');
  assert.deepEqual(await both(), [900, 100]);
  assert.equal((await intentOf('warned'))?.state, 'completed');
});
