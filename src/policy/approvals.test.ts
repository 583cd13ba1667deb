import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  Fault,
  type FaultCode,
  type Json,
  newCommand,
  newUuid,
  principalOf,
  type Tx,
  withTx,
} from '#core';
import fc from 'fast-check';
import { day, openBank, type Tenant } from '../../test/bank.ts';
import { approvalCursor, listApprovals, readApproval } from './approval-views.ts';
import { approvalOperations, approvalOf, subjectDigest, useApproval } from './approvals.ts';
import type { PolicyOperation } from './operation.ts';

const bank = await openBank({ after });
const { planes } = bank;
const pool = planes.database.pool('policy');
const kind = 'rollout.set';
const subject = { use_case: 'offers', mode: 'automatic' };
const digest = subjectDigest(subject);
let calls = 0;

/** Acts as somebody: `user:ann`, `service:till`. */
function as(tenant: Tenant, who: string, operation: string, body: Json) {
  calls += 1;
  const principal = principalOf(who, tenant.id);
  return planes.execute({ principal, operation, body, idempotencyKey: `call-${calls}` });
}

async function request(tenant: Tenant, more: Record<string, Json> = {}, maker = 'user:ann') {
  const { commandId } = await as(tenant, maker, 'approval.request', {
    subject_kind: kind,
    subject_digest: digest,
    summary: 'Offers go live',
    expires_at: new Date(bank.time.now + day).toISOString(),
    ...more,
  });
  return approvalOf(commandId);
}

const decide = (tenant: Tenant, who: string, approval_id: string, verdict = 'approve') =>
  as(tenant, who, 'approval.decide', { approval_id, verdict, reason: 'read and compared' });
const withdraw = (tenant: Tenant, who: string, approval_id: string) =>
  as(tenant, who, 'approval.withdraw', { approval_id });

/** Decides without asking policy before, which would deny what the approval itself refuses. */
async function unasked(tenant: Tenant, who: string, body: Json) {
  const principal = principalOf(who, tenant.id);
  const input = { principal, operation: 'approval.decide', idempotencyKey: 'unasked', body };
  const { perform } = approvalOperations['approval.decide'] as PolicyOperation;
  return inTenant(tenant, (tx) =>
    perform(tx, newCommand(input, planes), planes.keyring.checkpointKey),
  );
}

function inTenant<T>(tenant: Tenant, work: (tx: Tx) => Promise<T>): Promise<T> {
  return withTx(pool, work, { tenant: tenant.id });
}

function use(tenant: Tenant, id: string | undefined, more: object = {}) {
  const principal = principalOf('service:executor', tenant.id);
  const command = { id: newUuid(planes), receivedAt: bank.time.now, principal };
  return inTenant(tenant, (tx) =>
    useApproval(tx, { id, subjectKind: kind, subject, command, ...more }),
  );
}

const view = (tenant: Tenant, approval: string) =>
  tenant.read((tx) => readApproval(tx, approval, bank.time.now));

function fault(code: FaultCode, reason?: string) {
  return (error: unknown) =>
    error instanceof Fault &&
    error.code === code &&
    (reason === undefined || error.detail['reason'] === reason);
}

async function events(tenant: Tenant): Promise<{ type: string; payload: any }[]> {
  const sql = `select type, body::json->'data'->'payload' as payload from core.event
     where type like 'approval.%' order by seq`;
  return tenant.read(async (tx) => (await tx.query(sql)).rows);
}

test('what another person has approved may be done, once', async () => {
  const tenant = await bank.tenant();
  const approval = await request(tenant, { subject });
  await assert.rejects(use(tenant, approval), fault('approval_invalid', 'pending'));
  await decide(tenant, 'user:bob', approval);
  const event = await use(tenant, approval);
  assert.equal(event.type, 'approval.used');
  await assert.rejects(use(tenant, approval), fault('approval_invalid', 'used'));
  const read = await view(tenant, approval);
  assert.deepEqual([read?.status, read?.maker, read?.subject], ['used', 'user:ann', subject]);
  assert.deepEqual(read?.verdicts, [
    {
      checker: 'user:bob',
      verdict: 'approve',
      reason: 'read and compared',
      decided_at: new Date(bank.time.now).toISOString(),
    },
  ]);
  assert.deepEqual(
    (await events(tenant)).map(({ type, payload }) => [type, payload.approval_id]),
    [
      ['approval.requested', approval],
      ['approval.given', approval],
    ],
  );
});

test('no approval, an unknown one, and one of another subject allow nothing', async () => {
  const [tenant, other] = [await bank.tenant(), await bank.tenant()];
  await assert.rejects(use(tenant, undefined), fault('approval_required'));
  await assert.rejects(use(tenant, 'apr_1'), fault('approval_invalid', 'not_found'));
  const approval = await request(tenant);
  await decide(tenant, 'user:bob', approval);
  await assert.rejects(use(other, approval), fault('approval_invalid', 'not_found'));
  for (const different of [{ subjectKind: 'bundle' }, { subject: { use_case: 'other' } }]) {
    await assert.rejects(
      use(tenant, approval, different),
      fault('approval_invalid', 'other_subject'),
    );
  }
  await assert.rejects(
    use(tenant, approval, { authors: ['user:cid', 'user:bob'] }),
    fault('approval_invalid', 'self_approval'),
  );
  await use(tenant, approval, { authors: ['user:cid'] });
});

test('only a person decides, never who has asked, and each once', async () => {
  const tenant = await bank.tenant();
  const approval = await request(tenant, { required_checkers: 2 });
  for (const who of ['agent:copilot', 'service:till', 'partner:shop']) {
    for (const verdict of ['approve', 'reject']) {
      const tried = unasked(tenant, who, { approval_id: approval, verdict, reason: 'fine' });
      await assert.rejects(tried, fault('not_a_checker', 'not_a_user'));
    }
  }
  await assert.rejects(decide(tenant, 'user:ann', approval), fault('not_a_checker', 'maker'));
  await decide(tenant, 'user:bob', approval);
  await assert.rejects(
    decide(tenant, 'user:bob', approval, 'reject'),
    fault('not_a_checker', 'decided_before'),
  );
  assert.equal((await view(tenant, approval))?.status, 'pending');
  await decide(tenant, 'user:cid', approval);
  assert.equal((await view(tenant, approval))?.status, 'approved');
  await assert.rejects(decide(tenant, 'user:dan', approval), fault('conflict'));
});

test('a rejection ends it, before its use even after others have approved', async () => {
  const tenant = await bank.tenant();
  const [early, late] = [await request(tenant), await request(tenant)];
  await decide(tenant, 'user:bob', early, 'reject');
  await assert.rejects(decide(tenant, 'user:cid', early), fault('conflict'));
  await decide(tenant, 'user:bob', late);
  await decide(tenant, 'user:cid', late, 'reject');
  for (const approval of [early, late]) {
    await assert.rejects(use(tenant, approval), fault('approval_invalid', 'rejected'));
  }
});

test('its maker, and nobody else, withdraws a request', async () => {
  const tenant = await bank.tenant();
  const approval = await request(tenant, {}, 'service:till');
  await assert.rejects(withdraw(tenant, 'user:bob', approval), fault('denied'));
  await decide(tenant, 'user:bob', approval);
  await withdraw(tenant, 'service:till', approval);
  await assert.rejects(use(tenant, approval), fault('approval_invalid', 'withdrawn'));
  await assert.rejects(withdraw(tenant, 'service:till', approval), fault('conflict'));
  await assert.rejects(withdraw(tenant, 'service:till', 'apr_1'), fault('not_found'));
});

test('from its expiry on it can neither be given nor used', async () => {
  const tenant = await bank.tenant();
  const [given, open] = [await request(tenant), await request(tenant)];
  await decide(tenant, 'user:bob', given);
  const before = bank.time.now;
  bank.time.now = before + day;
  await assert.rejects(use(tenant, given), fault('approval_invalid', 'expired'));
  await assert.rejects(decide(tenant, 'user:bob', open), fault('conflict'));
  assert.equal((await view(tenant, open))?.status, 'expired');
  bank.time.now = before + day - 1;
  await decide(tenant, 'user:bob', open);
  await use(tenant, given);
  bank.time.now = before;
});

test('a request that cannot be meant is refused where it is wrong', async () => {
  const tenant = await bank.tenant();
  const at = (ms: number) => new Date(bank.time.now + ms).toISOString();
  for (const wrong of [
    { expires_at: at(0) },
    { expires_at: at(91 * day) },
    { expires_at: '2026-02-30T00:00:00Z' },
    { subject: { ...subject, mode: 'off' } },
    { subject: { text: 'x'.repeat(9_000) } },
  ]) {
    await assert.rejects(request(tenant, wrong), fault('invalid_request'));
  }
  const summary = 'neither subject nor digest';
  const body = { subject_kind: kind, summary, expires_at: at(day) };
  await assert.rejects(as(tenant, 'user:ann', 'approval.request', body), fault('invalid_request'));
});

test('the database itself refuses four eyes that are two', async () => {
  const tenant = await bank.tenant();
  const approval = await request(tenant);
  const insert = (checker: string, maker: string) =>
    inTenant(tenant, (tx) =>
      tx.query(
        `insert into policy.approval_verdict select tenant_id, id, $1, $2, 'approve', '', $3
           from policy.approval`,
        [checker, maker, new Date(bank.time.now)],
      ),
    );
  await assert.rejects(insert('user:ann', 'user:ann'), { constraint: 'no_self_approval' });
  await assert.rejects(insert('user:ann', 'user:bob'), {
    constraint: 'maker_is_that_of_the_approval',
  });
  await assert.rejects(insert('agent:copilot', 'user:ann'), { constraint: 'only_people_decide' });
  await insert('user:bob', 'user:ann');
  await assert.rejects(insert('user:bob', 'user:ann'), { constraint: 'one_verdict_per_checker' });
  assert.equal((await view(tenant, approval))?.status, 'pending');
});

test('what waits is listed first, the oldest first; then the rest, the newest first', async () => {
  const tenant = await bank.tenant();
  const made: string[] = [];
  for (let count = 0; count < 6; count += 1) {
    bank.time.now += 1_000;
    made.push(await request(tenant));
  }
  const [a, b, c, d, e, f] = made as [string, string, string, string, string, string];
  await decide(tenant, 'user:bob', b, 'reject');
  await decide(tenant, 'user:bob', d);
  const walk = async (limit: number, between: () => Promise<unknown> = async () => undefined) => {
    const seen: string[] = [];
    let next: string | null = '';
    while (next !== null) {
      const after = next === '' ? undefined : approvalCursor(next);
      const page: Awaited<ReturnType<typeof listApprovals>> = await tenant.read((tx) =>
        listApprovals(tx, { at: bank.time.now, limit, after }),
      );
      seen.push(...page.items.map(({ id }) => id));
      next = page.next;
      await between();
    }
    return seen;
  };
  for (const limit of [1, 2, 3, 4, 5, 6, 7]) {
    assert.deepEqual(await walk(limit), [a, c, e, f, d, b], `pages of ${limit}`);
  }
  // What is decided between two pages is seen again rather than lost.
  let isFirst = true;
  const seen = await walk(1, async () => {
    if (isFirst) await decide(tenant, 'user:bob', a);
    isFirst = false;
  });
  assert.deepEqual(seen, [a, c, e, f, d, b, a]);
  for (const text of ['', a, `open.${a.slice(1)}`, `pending.${a}`]) {
    assert.equal(approvalCursor(text), undefined, text);
  }
});

test('whatever comes at once: no maker approves, enough others do, and one use works', async () => {
  const people = ['user:ann', 'user:bob', 'user:cid', 'service:till'];
  const maker = fc.constantFrom(...people);
  const who = fc.constantFrom(...people, 'agent:copilot');
  const verdicts = fc.array(
    fc.record({ who, verdict: fc.constantFrom('approve', 'approve', 'reject') }),
    {
      maxLength: 7,
    },
  );
  const tenant = await bank.tenant();
  await fc.assert(
    fc.asyncProperty(
      maker,
      fc.integer({ min: 1, max: 3 }),
      verdicts,
      async (maker, required, tried) => {
        const approval = await request(tenant, { required_checkers: required }, maker);
        const attempts = await Promise.allSettled([
          ...tried.map((each) => decide(tenant, each.who, approval, each.verdict)),
          use(tenant, approval),
          use(tenant, approval),
        ]);
        const later = await Promise.allSettled([1, 2, 3].map(() => use(tenant, approval)));
        const read = await view(tenant, approval);
        const approved = read?.verdicts.filter(({ verdict }) => verdict === 'approve') ?? [];
        const checkers = read?.verdicts.map(({ checker }) => checker) ?? [];
        assert.equal(new Set(checkers).size, checkers.length, 'each once');
        assert.ok(checkers.every((each) => each !== maker && each.startsWith('user:')));
        const uses = [...attempts.slice(tried.length), ...later];
        const used = uses.filter(({ status }) => status === 'fulfilled').length;
        const isRejected = read?.verdicts.some(({ verdict }) => verdict === 'reject') === true;
        // A maker that is no person needs one more.
        const needed = Math.min(3, required + (maker.startsWith('user:') ? 0 : 1));
        if (read?.status === 'used') assert.ok(approved.length >= needed && !isRejected);
        assert.equal(used, read?.status === 'used' ? 1 : 0);
        if (approved.length >= needed && !isRejected) assert.equal(used, 1);
      },
    ),
    { numRuns: 40 },
  );
});
