import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type Json, principalOf } from '#core';
import { day, openBank, type Tenant } from '../../test/bank.ts';
import { approvalOf, subjectDigest } from './approvals.ts';
import { rolloutSubject } from './rollout-changes.ts';
import { openOwnFacts } from './subject-facts.ts';

const bank = await openBank({ after });
const { planes, time } = bank;
const readOwnFacts = openOwnFacts({
  pool: planes.database.pool('policy'),
  pipeline: planes.database.pipeline('policy', 2),
});
let calls = 0;

async function act(tenant: Tenant, operation: string, body: Json, who = 'user:ann') {
  calls += 1;
  const principal = principalOf(who, tenant.id);
  const input = { principal, operation, body, idempotencyKey: `call-${calls}` };
  return (await planes.execute(input)).commandId;
}

async function set(tenant: Tenant, change: Parameters<typeof rolloutSubject>[0]) {
  const subject = rolloutSubject(change);
  const asked = await act(tenant, 'approval.request', {
    ...{ subject_kind: 'rollout.set', subject_digest: subjectDigest(subject), summary: 'on' },
    expires_at: new Date(time.now + day).toISOString(),
  });
  const approval_id = approvalOf(asked);
  const verdict = { approval_id, verdict: 'approve', reason: 'tested' };
  await act(tenant, 'approval.decide', verdict, 'user:bob');
  await act(tenant, 'rollout.set', { ...change, approval_id });
}

async function rolloutFact(tenant: Tenant, about: object = {}, channel?: string) {
  const whom = { subject: 'cus_00000001', use_case: 'offers', ...about };
  const question = { tenant: tenant.id, about: whom, channel, at: time.now };
  const found = await readOwnFacts(question, (it) => it === 'rollout');
  return found['rollout'];
}

test('who leaves out what a setting goes by is not told the general one', async () => {
  const tenant = await bank.tenant();
  assert.equal(await rolloutFact(tenant), 'off', 'nothing is set');
  await set(tenant, { use_case: 'offers', mode: 'automatic' });
  assert.equal(await rolloutFact(tenant), 'automatic', 'it holds everywhere');
  await set(tenant, { use_case: 'offers', channel: 'phone', mode: 'off' });
  await set(tenant, { use_case: 'offers', cohort: 'minors', mode: 'shadow' });
  assert.equal(await rolloutFact(tenant), undefined);
  assert.equal(await rolloutFact(tenant, { cohort: 'adults' }), undefined);
  assert.equal(await rolloutFact(tenant, { cohort: 'adults' }, 'app'), 'automatic');
  assert.equal(await rolloutFact(tenant, { cohort: 'minors' }, 'app'), 'shadow');
  assert.equal(await rolloutFact(tenant, { cohort: 'adults' }, 'phone'), 'off');
  await act(tenant, 'rollout.kill', { use_case: 'offers' });
  assert.equal(await rolloutFact(tenant), 'off', 'killed, whatever else');
});
