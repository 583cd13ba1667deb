import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type Json, withTx } from '#core';
import { approvalOf, caseApprovals, subjectDigest } from '#policy';
import { day, openBank } from '../../../test/bank.ts';
import { approve, caseBody, hour, openReviews, refused } from '../../../test/reviewed.ts';
import { caseCursor, readQueues } from './queue.ts';

const bank = await openBank({ after });

test('a reservation that has ended leaves nothing to decide', async () => {
  const { open, as, read, system, told } = await openReviews(bank);
  const case_id = await open();
  bank.time.now += day;
  assert.equal((await read(case_id))?.status, 'expired');
  await refused(as('ann')('case.decide', { case_id, ...approve }), 'conflict', 'expired');
  await refused(as('ann')('case.claim_next', {}), 'not_found');
  await system('case.close', { case_id, because: 'payment_expired' });
  assert.equal((await read(case_id))?.ended_at, new Date(bank.time.now).toISOString());
  await refused(system('case.close', { case_id, because: 'payment_expired' }), 'conflict');
  assert.equal((await told('case.closed')).length, 1);
});

test('a payment that is cancelled takes its case and its approval along', async () => {
  const { open, system, read, told } = await openReviews(bank);
  const case_id = await open();
  await system('case.close', { case_id, because: 'payment_cancelled' });
  assert.equal((await read(case_id))?.status, 'closed');
  assert.equal((await told('approval.withdrawn')).length, 1);
});

test('a case that comes too late for its payment opens without an approval', async () => {
  const { open, as, read } = await openReviews(bank);
  const case_id = await open({ expires_at: new Date(bank.time.now).toISOString() });
  const found = await read(case_id);
  assert.deepEqual([found?.status, found?.approval_id], ['expired', null]);
  await refused(as('ann')('case.decide', { case_id, ...approve }), 'conflict', 'expired');
});

test('of what was denied nothing is released: one verdict says if that was right', async () => {
  const { open, as, read, told } = await openReviews(bank);
  const case_id = await open({ kind: 'denied' }, { amount: 5_000_000 });
  assert.equal((await read(case_id))?.approval_id, null);
  await as('ann')('case.decide', { case_id, ...approve });
  const [event] = await told('case.decided');
  assert.deepEqual([event.proposed, event.verdict, event.label], ['deny', 'approve', 'genuine']);
});

test('the approval of a payment is given in its case alone, and asked for by nobody', async () => {
  const { open, as, read } = await openReviews(bank);
  const case_id = await open();
  const approval_id = (await read(case_id))?.approval_id ?? '';
  const verdict = { approval_id, verdict: 'approve', reason: 'r' };
  await refused(as('ann')('approval.decide', verdict), 'denied');
  await refused(as('maker')('approval.withdraw', { approval_id }), 'denied');
  const request = {
    subject_kind: 'payment.resume',
    subject: { payment_id: 'pay_x', command_digest: 'x' },
    summary: 's',
    expires_at: new Date(bank.time.now + day).toISOString(),
  };
  await refused(as('ann')('approval.request', request), 'invalid_request');
});

test('who agrees in two reviews of a payment is one person', async () => {
  const { open, as, tenant } = await openReviews(bank);
  const [payment_id, command_digest] = ['pay_twice', 'cd'.repeat(32)];
  const count = () =>
    withTx(
      bank.planes.database.pool('policy'),
      (tx) => caseApprovals(tx, payment_id, command_digest),
      { tenant: tenant.id },
    );
  assert.equal(await count(), 0);
  for (const person of ['ann', 'ann', 'ben']) {
    const subject = { payment_id, command_digest };
    const case_id = await open({ subject }, { payment_id });
    assert.ok((await count()) < 2, 'what is open counts for nothing');
    await as(person)('case.decide', { case_id, ...approve });
  }
  assert.equal(await count(), 2);
});

test('what the system does no person can do', async () => {
  const { open, as, read } = await openReviews(bank);
  const case_id = await open();
  for (const [operation, body] of [
    ['case.open', caseBody(bank, 'pay_x')],
    ['case.close', { case_id, because: 'payment_expired' }],
    ['case.mark_overdue', { case_id }],
    ['case.summarize', { case_id, summary: {}, evidence: {} }],
  ] as const) {
    await refused(as('ann')(operation, body as Json), 'denied');
  }
  assert.equal((await read(case_id))?.status, 'open');
});

test('that a promise was not kept is said once', async () => {
  const { open, system, read, told } = await openReviews(bank);
  const case_id = await open();
  await refused(system('case.mark_overdue', { case_id }), 'conflict', 'in_time');
  bank.time.now += 4 * hour;
  await system('case.mark_overdue', { case_id });
  await refused(system('case.mark_overdue', { case_id }), 'conflict', 'overdue');
  assert.equal((await read(case_id))?.overdue, true);
  assert.equal((await told('case.overdue')).length, 1);
});

test('pages rank as of the first of them, so that nothing is passed over', async () => {
  const { open, list, tenant } = await openReviews(bank);
  const all: string[] = [];
  for (let each = 0; each < 7; each += 1) {
    all.push(await open({}, { amount: 1_000 * 2 ** each }));
    bank.time.now += hour / 4;
  }
  const whole = (await list()).items.map(({ id }) => id);
  const seen: string[] = [];
  let after: { at: number; rank: bigint; id: string } | undefined;
  do {
    const page = await list({ limit: 2, after });
    seen.push(...page.items.map(({ id }) => id));
    after = page.next === null ? undefined : caseCursor(page.next);
    // Time goes by between pages.
    bank.time.now += hour;
  } while (after !== undefined);
  assert.deepEqual(seen, whole);
  const [queue] = (await tenant.read((tx) => readQueues(tx, bank.time.now))).items;
  assert.deepEqual([queue?.queue, queue?.open], ['fraud', 7]);
});

test('a tenant sees and touches the cases of its own', async () => {
  const [one, other] = [await openReviews(bank), await openReviews(bank)];
  const case_id = await one.open();
  assert.equal((await other.list()).items.length, 0);
  assert.equal(await other.read(case_id), undefined);
  await refused(other.as('ann')('case.claim', { case_id }), 'not_found');
  await refused(other.as('ann')('case.claim_next', {}), 'not_found');
});

test('the settings of reviews are changed by two people', async () => {
  const { as, open, read, told } = await openReviews(bank);
  const settings = {
    hours: { days: [1, 2, 3, 4, 5, 6], from: '08:00', to: '20:00' },
    promises: [{ queue: '*', minutes: 60 }],
    two_reviewers: [{ queue: 'fraud', currency: 'EUR', amount: 1 }],
    rates_ppm: {},
  };
  const request = {
    subject_kind: 'reviews.configure',
    subject_digest: subjectDigest(settings as Json),
    summary: 's',
    expires_at: new Date(bank.time.now + day).toISOString(),
  };
  const { commandId } = await as('ann')('approval.request', request);
  const approval_id = approvalOf(commandId);
  const change = { ...settings, approval_id };
  await refused(as('ann')('reviews.configure', change), 'approval_invalid', 'pending');
  await as('ben')('approval.decide', { approval_id, verdict: 'approve', reason: 'r' });
  await refused(
    as('ann')('reviews.configure', { ...change, promises: [] }),
    'approval_invalid',
    'other_subject',
  );
  await as('ann')('reviews.configure', change);
  assert.equal((await told('reviews.configured')).length, 1);
  assert.equal((await read(await open({}, { amount: 1 })))?.required_checkers, 2);
});
