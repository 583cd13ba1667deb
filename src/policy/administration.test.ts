// Changes of policy that are refused: each attempt leaves one event, and nothing else.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { derivedUuid, externalId, type Fault, type Json, principalOf, verifyLog } from '#core';
import { day, openBank, seal } from '../../test/bank.ts';
import { approvalOf } from './approvals.ts';
import { defaultBundle } from './defaults.ts';
import { checkDecisions } from './verify.ts';

const bank = await openBank({ after });
const { planes, superuser } = bank;
const { id: tenant } = await bank.tenant();

function act(key: string, operation: string, body: Json, who = 'user:ann') {
  const principal = principalOf(who, tenant);
  return planes.execute({ principal, operation, body, idempotencyKey: key });
}

const codeOf = (attempt: Promise<unknown>) =>
  attempt.then(
    () => 'done',
    (fault: Fault) => fault.code,
  );

type Told = { readonly key: string; readonly policy: string; readonly payload: Json };

/** What the log tells of refused attempts since the last look. */
async function refused(): Promise<Told[]> {
  const { rows } = await superuser.query<Told>(
    `select body::jsonb #>> '{data,payload,key}' as key,
            body::jsonb #>> '{data,policy_decision}' as policy,
            body::jsonb #> '{data,payload}' as payload
       from core.event where tenant_id = $1 and type = 'administration.refused' order by seq`,
    [tenant],
  );
  const fresh = rows.slice(seen);
  seen = rows.length;
  return fresh;
}
let seen = 0;

async function request(key: string): Promise<string> {
  const { commandId } = await act(key, 'approval.request', {
    subject_kind: 'rollout.revive',
    subject: { use_case: 'offers' },
    summary: 'again',
    expires_at: new Date(bank.time.now + day).toISOString(),
  });
  return approvalOf(commandId);
}

const verdict = (approval_id: string) => ({ approval_id, verdict: 'approve', reason: 'mine' });

test('whoever tries to approve their own request has tried it on record', async () => {
  const approval_id = await request('own');
  assert.equal(await codeOf(act('self', 'approval.decide', verdict(approval_id))), 'not_a_checker');
  const [told, ...more] = await refused();
  assert.deepEqual(more, []);
  const { command_id, command_digest, ...payload } = Object(told?.payload);
  assert.deepEqual([told?.key, told?.policy], ['self', 'allow']);
  assert.deepEqual(payload, {
    operation: 'approval.decide',
    key: 'self',
    requester: 'user:ann',
    code: 'not_a_checker',
    reason: 'maker',
  });
  assert.match(`${command_id} ${command_digest}`, /^cmd_\w+ [0-9a-f]{64}$/);
});

test('a publication over another, and one by an approval that is none, are on record', async () => {
  const { digest, bundle } = defaultBundle('rail-routing');
  await act('draft', 'policy.draft', bundle as Json);
  const other = { ...bundle, title: 'Another title' } as Json;
  const drafted = await act('other', 'policy.draft', other);
  const { rows } = await superuser.query<{ digest: string }>(
    `select body::jsonb #>> '{data,payload,digest}' as digest from core.event where id = $1`,
    [derivedUuid(drafted.commandId, 'event', 0)],
  );
  const another = rows[0]?.digest as string;
  const tested = await act('tested', 'policy.backtest', { digest: another, report: {} });
  const backtest_id = externalId('backtest', derivedUuid(tested.commandId, 'backtest', 0));
  const approval_id = externalId('approval', tested.commandId);
  const body = { name: 'rail-routing', digest: another, backtest_id, approval_id };
  const publish = (key: string, supersedes: string) =>
    codeOf(act(key, 'policy.publish', { ...body, supersedes }));
  assert.equal(await publish('second', another), 'conflict');
  assert.equal(await publish('unknown', digest), 'approval_invalid');
  const told = (await refused()).map(({ key, payload }) => {
    const { code, reason } = payload as Record<string, string>;
    return [key, code, reason];
  });
  assert.deepEqual(told, [
    ['second', 'conflict', null],
    ['unknown', 'approval_invalid', 'not_found'],
  ]);
});

test('a mistake leaves no trace', async () => {
  const approval_id = externalId('approval', derivedUuid(tenant, 'approval', 0));
  assert.equal(await codeOf(act('lost', 'approval.decide', verdict(approval_id))), 'not_found');
  const wrong = { use_case: 'offers', mode: 'canary' };
  assert.equal(await codeOf(act('wrong', 'rollout.set', wrong)), 'invalid_request');
  assert.deepEqual(await refused(), []);
});

test('a refused attempt does not spend its key, and every one is told', async () => {
  const rise = { use_case: 'offers', mode: 'automatic' };
  for (const _ of [1, 2]) {
    assert.equal(await codeOf(act('rise', 'rollout.set', rise)), 'approval_required');
  }
  assert.equal((await refused()).length, 2);
  const { outcome, replayed } = await act('rise', 'rollout.set', { ...rise, mode: 'off' });
  assert.deepEqual([outcome.status, replayed], ['accepted', false]);
  assert.deepEqual(await refused(), []);
});

test('where the database goes away, the first answer stays and nothing is told', async (t) => {
  const approval_id = await request('again');
  const attempt = () => codeOf(act('alone', 'approval.decide', verdict(approval_id)));
  const pool = planes.database.pool('policy');
  const connect = pool.connect.bind(pool) as () => Promise<never>;
  await attempt();
  const counted = t.mock.method(pool, 'connect', connect);
  await attempt();
  assert.equal((await refused()).length, 2);
  const last = counted.mock.callCount();
  counted.mock.resetCalls();
  counted.mock.mockImplementation(async () => {
    if (counted.mock.callCount() < last - 1) return connect();
    throw Object.assign(new Error('gone'), { code: 'ECONNREFUSED' });
  });
  assert.equal(await attempt(), 'not_a_checker');
  assert.equal(counted.mock.callCount(), last, 'the last connection was the one that failed');
  counted.mock.restore();
  assert.deepEqual(await refused(), []);
});

test('the log stays whole', async () => {
  await seal(bank);
  const { logId, checkpointPublicKeys: publicKeys } = planes.keyring;
  const journal = checkDecisions({ isRepeating: true });
  const { findings } = await verifyLog({ url: bank.url, logId, publicKeys, journal });
  assert.deepEqual(findings, []);
});
