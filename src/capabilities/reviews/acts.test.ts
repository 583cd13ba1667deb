import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { internalId } from '#core';
import { day, openBank } from '../../../test/bank.ts';
import {
  approve,
  hour,
  openReviews,
  refused,
  reject,
  type Reviews,
} from '../../../test/reviewed.ts';
import { overdueTeller } from './run.ts';

const bank = await openBank({ after });

test('a case is claimed, given back, assigned, snoozed, escalated and decided', async () => {
  const { open, as, read, acts, told, employ } = await openReviews(bank);
  const case_id = await open();
  const [ann, ben] = [as('ann'), as('ben')];
  await employ('ben');
  assert.equal((await read(case_id))?.status, 'open');
  await ann('case.claim', { case_id });
  assert.deepEqual(status(await read(case_id)), ['assigned', 'user:ann']);
  await ann('case.release', { case_id });
  assert.deepEqual(status(await read(case_id)), ['open', null]);
  await ann('case.assign', { case_id, assignee: 'user:ben' });
  assert.deepEqual(status(await read(case_id)), ['assigned', 'user:ben']);
  const until = new Date(bank.time.now + hour).toISOString();
  await ben('case.snooze', { case_id, until, reason: 'the customer calls back' });
  assert.deepEqual(status(await read(case_id)), ['snoozed', 'user:ben']);
  bank.time.now += hour;
  assert.deepEqual(status(await read(case_id)), ['assigned', 'user:ben'], 'it wakes by itself');
  await ben('case.escalate', { case_id, queue: 'compliance', reason: 'a list may mean the payee' });
  const escalated = await read(case_id);
  assert.deepEqual([...status(escalated), escalated?.queue], ['escalated', null, 'compliance']);
  await ann('case.note', { case_id, text: 'asked for the contract' });
  await ann('case.decide', { case_id, ...approve });
  const decided = await read(case_id);
  assert.deepEqual(status(decided), ['decided', 'user:ann']);
  assert.equal(decided?.verdict, 'approve');
  assert.equal(decided?.verdicts[0]?.checker, 'user:ann');
  assert.deepEqual(await acts(case_id), [
    ...['opened', 'assigned', 'released', 'assigned', 'snoozed', 'escalated', 'noted', 'decided'],
  ]);
  const [event] = await told('case.decided');
  const { verdict, reason, proposed, ai_proposed, fraud_score, label } = event;
  assert.deepEqual(
    { verdict, reason, proposed, ai_proposed, fraud_score, label },
    { ...{ verdict: 'approve', reason: 'genuine', proposed: 'review' }, ...scored('genuine') },
  );
});

function status(found: Awaited<ReturnType<Reviews['read']>>) {
  return [found?.status, found?.assignee];
}

function scored(label: string) {
  return { ai_proposed: true, fraud_score: 0.8, label };
}

test('every event of a case carries what a ticket in another system needs', async () => {
  const { open, as, told } = await openReviews(bank);
  const case_id = await open();
  await as('ann')('case.escalate', { case_id, queue: 'compliance', reason: 'r' });
  for (const [type, queue] of [
    ['case.opened', 'fraud'],
    ['case.escalated', 'compliance'],
  ] as const) {
    const [event] = await told(type);
    assert.equal(event.case_id, case_id);
    assert.equal(event.queue, queue);
    assert.equal(event.title, '1250.00 EUR (mobile) waits for review');
    assert.equal(event.link, `/v1/cases/${case_id}`);
    assert.ok(event.priority > 0 && event.due_at > event.opened_at);
  }
});

test('nobody reviews a payment of his own, and no machine reviews', async () => {
  const { open, as, tenant, robot, system, list, employ } = await openReviews(bank);
  const case_id = await open();
  for (const who of ['maker', 'payer', 'payee']) await employ(who);
  const describe = { region: null, delegated_by: null };
  for (const [person, customer] of [
    ['payer', 'cus_payer'],
    ['payee', 'cus_payee'],
  ]) {
    const principal = `user:${person}`;
    await tenant.execute('principal.describe', { principal, customer: customer!, ...describe });
  }
  for (const [who, reason] of [
    ['maker', 'maker'],
    ['payer', 'party'],
    ['payee', 'party'],
  ] as const) {
    await refused(as(who)('case.claim', { case_id }), 'not_a_checker', reason);
    await refused(as(who)('case.decide', { case_id, ...approve }), 'not_a_checker', reason);
    await refused(as(who)('case.claim_next', {}), 'not_found');
    const assignee = `user:${who}`;
    await refused(as('boss')('case.assign', { case_id, assignee }), 'not_a_checker', reason);
  }
  await refused(system('case.claim', { case_id }), 'not_a_checker', 'not_a_user');
  await refused(system('case.decide', { case_id, ...approve }), 'not_a_checker', 'not_a_user');
  const { outcome } = await robot('case.decide', { case_id, ...approve });
  assert.equal(outcome.status, 'rejected', 'policy denies agents to change anything');
  assert.equal((await list()).items[0]?.status, 'open');
});

test('whose an account is does not review what leaves or reaches it, named or not', async () => {
  const { open, as, tenant, list, employ } = await openReviews(bank);
  const party = async (who: string) => {
    const customer = `par_${who}`;
    const tokens = { name: 'tok_name_00000000000000000000000000' };
    const person = { party_id: customer, kind: 'person', country: 'DE', tokens };
    await tenant.execute('party.register', person);
    const described = { customer, region: null, delegated_by: null };
    await tenant.execute('principal.describe', { principal: `user:${who}`, ...described });
    return customer;
  };
  const [debtor_account_id, creditor_account_id] = [await tenant.open(), await tenant.open()];
  const link = async (party_id: string, account_id: string, role: string) =>
    tenant.execute('account.link', { account_id, party_id, role });
  const [holder, joint] = [await party('holder'), await party('joint')];
  const [payee, heir] = [await party('payee'), await party('heir')];
  await link(holder, debtor_account_id, 'holder');
  await link(joint, debtor_account_id, 'joint_holder');
  await link(payee, creditor_account_id, 'holder');
  const unnamed = { debtor: null, creditor: null, debtor_account_id, creditor_account_id };
  const case_id = await open({}, unnamed);
  // While it waits, one leaves and another comes: both have had their part in it.
  await link(payee, creditor_account_id, 'former');
  await link(heir, creditor_account_id, 'holder');
  for (const who of ['holder', 'joint', 'payee', 'heir']) {
    await employ(who);
    const own = as(who);
    await refused(own('case.claim', { case_id }), 'not_a_checker', 'party');
    await refused(own('case.decide', { case_id, ...approve }), 'not_a_checker', 'party');
    await refused(own('case.claim_next', {}), 'not_found');
    const assignee = `user:${who}`;
    await refused(as('boss')('case.assign', { case_id, assignee }), 'not_a_checker', 'party');
  }
  assert.equal((await list()).items[0]?.status, 'open');
  await as('ann')('case.decide', { case_id, ...approve });
});

test('a large payment needs two people, and neither of them twice', async () => {
  const { open, as, read, told } = await openReviews(bank);
  const case_id = await open({}, { amount: 1_000_000 });
  assert.equal((await read(case_id))?.required_checkers, 2);
  await as('ann')('case.decide', { case_id, ...approve });
  assert.deepEqual(status(await read(case_id)), ['open', null], 'it waits for somebody else');
  await refused(as('ann')('case.decide', { case_id, ...approve }), 'not_a_checker');
  await refused(as('ann')('case.claim', { case_id }), 'not_a_checker', 'decided_before');
  await refused(as('ann')('case.claim_next', {}), 'not_found');
  assert.equal((await told('case.decided')).length, 0);
  await as('ben')('case.decide', { case_id, ...approve });
  assert.equal((await read(case_id))?.status, 'decided');
  assert.equal((await told('case.decided')).length, 1);
});

test('as many as policy has asked for must agree, and one who rejects is enough', async () => {
  const { open, as, read } = await openReviews(bank);
  const case_id = await open({ approvals_required: 3 });
  assert.equal((await read(case_id))?.required_checkers, 3);
  await as('ann')('case.decide', { case_id, ...approve });
  await as('ben')('case.decide', { case_id, ...reject });
  const decided = await read(case_id);
  assert.deepEqual([decided?.status, decided?.verdict], ['decided', 'reject']);
});

test('of two who decide at once one is heard, and of two who claim one has it', async () => {
  const { open, as, acts } = await openReviews(bank);
  const case_id = await open();
  const claims = await Promise.allSettled([
    as('ann')('case.claim', { case_id }),
    as('ben')('case.claim', { case_id }),
  ]);
  assert.deepEqual(claims.map(({ status: each }) => each).sort(), ['fulfilled', 'rejected']);
  const other = await open();
  const verdicts = await Promise.allSettled([
    as('ann')('case.decide', { case_id: other, ...approve }),
    as('ben')('case.decide', { case_id: other, ...reject }),
  ]);
  assert.deepEqual(verdicts.map(({ status: each }) => each).sort(), ['fulfilled', 'rejected']);
  assert.deepEqual(await acts(other), ['opened', 'decided']);
});

test('whoever asks for the next case gets the highest, and no two get the same', async () => {
  const { open, as, list } = await openReviews(bank);
  const small = await open({}, { amount: 100 });
  const large = await open({}, { amount: 900_000 });
  const risky = await open({}, { fraud_score: 1, amount: 900_000 });
  const ranked = (await list()).items.map(({ id }) => id);
  assert.deepEqual(ranked, [risky, large, small]);
  await Promise.all(['ann', 'ben', 'cleo'].map((who) => as(who)('case.claim_next', {})));
  const assigned = (await list()).items;
  const people = new Set(assigned.map(({ assignee }) => assignee));
  assert.deepEqual(people, new Set(['user:ann', 'user:ben', 'user:cleo']));
  await refused(as('dora')('case.claim_next', {}), 'not_found');
  await as('ann')('case.release', {
    case_id: assigned.find(({ assignee }) => assignee === 'user:ann')?.id ?? '',
  });
  await refused(as('dora')('case.claim_next', { queue: 'compliance' }), 'not_found');
  await as('dora')('case.claim_next', { queue: 'fraud' });
});

test('age lifts a case over one that weighs more', async () => {
  const { open, list } = await openReviews(bank);
  const old = await open({}, { amount: 50_000 });
  bank.time.now += 8 * hour;
  const fresh = await open({}, { amount: 100_000 });
  assert.deepEqual(
    (await list()).items.map(({ id }) => id),
    [old, fresh],
  );
});

test('what somebody works on is his, and what has ended is over', async () => {
  const { open, as } = await openReviews(bank);
  const case_id = await open();
  const [ann, ben] = [as('ann'), as('ben')];
  await refused(ann('case.release', { case_id }), 'conflict', 'open');
  await ann('case.claim', { case_id });
  await refused(ann('case.claim', { case_id }), 'conflict', 'assigned');
  const until = new Date(bank.time.now + hour).toISOString();
  for (const [operation, body] of [
    ['case.claim', {}],
    ['case.release', {}],
    ['case.snooze', { until, reason: 'r' }],
    ['case.escalate', { queue: 'compliance', reason: 'r' }],
    ['case.decide', approve],
  ] as const) {
    await refused(ben(operation, { case_id, ...body }), 'conflict');
  }
  await ann('case.decide', { case_id, ...reject });
  for (const [operation, body] of [
    ['case.claim', {}],
    ['case.assign', { assignee: 'user:ben' }],
    ['case.release', {}],
    ['case.snooze', { until, reason: 'r' }],
    ['case.escalate', { queue: 'compliance', reason: 'r' }],
    ['case.decide', approve],
  ] as const) {
    await refused(ann(operation, { case_id, ...body }), 'conflict', 'decided');
  }
  await ben('case.note', { case_id, text: 'the customer thanked us' });
  await refused(ann('case.claim', { case_id: 'cas_nothing' }), 'not_found');
});

test('only an administrator takes a case away, and only people of the tenant get one', async () => {
  const { open, as, read, tenant, employ } = await openReviews(bank);
  const case_id = await open();
  await employ('ben');
  await refused(as('ann')('case.assign', { case_id, assignee: 'user:anybody' }), 'invalid_request');
  await as('ann')('case.claim', { case_id });
  const toBen = { case_id, assignee: 'user:ben' };
  await refused(as('ben')('case.assign', toBen), 'conflict', 'assigned_to_another');
  await tenant.execute('api_key.issue', {
    ...{ name: 'boss', principal: 'user:boss', scopes: ['admin'], expires_at: null },
    secret_hash: 'b0'.repeat(32),
  });
  await fill(case_id);
  await refused(as('ann')('case.assign', toBen), 'conflict', 'too_many_acts');
  await as('boss')('case.assign', toBen);
  assert.deepEqual(status(await read(case_id)), ['assigned', 'user:ben']);
  // Who is bound to roles has the rights of these alone.
  await employ('boss');
  await refused(as('boss')('case.assign', toBen), 'conflict', 'assigned_to_another');
});

test('a case that was acted on without end is released, told of, decided and closed', async () => {
  const { open, as, read, system, acts } = await openReviews(bank);
  const [large, other] = [await open({}, { amount: 1_000_000 }), await open()];
  const [ann, ben] = [as('ann'), as('ben')];
  await ann('case.claim', { case_id: large });
  for (const case_id of [large, other]) await fill(case_id);
  const until = new Date(bank.time.now + hour).toISOString();
  for (const [operation, body] of [
    ['case.note', { text: 'x' }],
    ['case.snooze', { until, reason: 'r' }],
    ['case.escalate', { queue: 'compliance', reason: 'r' }],
  ] as const) {
    await refused(ann(operation, { case_id: large, ...body }), 'conflict', 'too_many_acts');
  }
  await ann('case.release', { case_id: large });
  await refused(ben('case.claim', { case_id: large }), 'conflict', 'too_many_acts');
  await refused(ben('case.claim_next', {}), 'not_found');
  bank.time.now += 5 * hour;
  for (const case_id of [large, other]) await system('case.mark_overdue', { case_id });
  await ann('case.decide', { case_id: large, ...approve });
  await ben('case.decide', { case_id: large, ...approve });
  assert.equal((await read(large))?.status, 'decided');
  await system('case.close', { case_id: other, because: 'payment_cancelled' });
  assert.deepEqual(await acts(other), ['opened', 'overdue', 'closed']);
});

/** As if people had acted on a case as often as they may. */
async function fill(case_id: string): Promise<void> {
  await bank.superuser.query('update reviews.case_file set acts = 500 where id = $1', [
    internalId('case', case_id),
  ]);
}

test('a promise that was not kept is told of, whatever becomes of those of others', async () => {
  const [ours, theirs] = [await openReviews(bank), await openReviews(bank)];
  for (let each = 0; each < 30; each += 1) await theirs.open();
  await ours.open();
  bank.time.now += 5 * hour;
  const { database, clock, execute } = bank.planes;
  let refusals = 0;
  const parts = {
    ...{ clock, pool: database.pool('read') },
    execute: async (input: Parameters<typeof execute>[0]) => {
      if (input.principal.tenant !== theirs.tenant.id) return execute(input);
      refusals += 1;
      return { outcome: { status: 'rejected' } };
    },
  };
  const tell = overdueTeller(parts, { database, onError: assert.ifError });
  await tell();
  assert.equal((await ours.told('case.overdue')).length, 1);
  for (let rounds = 0; rounds < 3; rounds += 1) assert.equal(await tell(), 0);
  assert.equal(refusals, 30, 'each was tried once');
});

test('a case sleeps a week at most, and never past its reservation', async () => {
  const { open, as } = await openReviews(bank);
  const case_id = await open();
  const denied = await open({ kind: 'denied', expires_at: null });
  const at = (ms: number) => new Date(bank.time.now + ms).toISOString();
  const snooze = (id: string, until: string) =>
    as('ann')('case.snooze', { case_id: id, until, reason: 'r' });
  await refused(snooze(case_id, at(0)), 'invalid_request');
  await refused(snooze(case_id, at(day + 1)), 'invalid_request');
  await refused(snooze(case_id, 'tomorrow'), 'invalid_request');
  await refused(snooze(denied, at(7 * day + 1)), 'invalid_request');
  await snooze(denied, at(7 * day));
});

test('no personal value is kept in the words of a case', async () => {
  const { open, as } = await openReviews(bank);
  const case_id = await open();
  const words = 'call ana@example.org';
  for (const [operation, body] of [
    ['case.note', { text: words }],
    ['case.escalate', { queue: 'compliance', reason: words }],
    ['case.decide', { ...approve, reason: words }],
  ] as const) {
    await refused(as('ann')(operation, { case_id, ...body }), 'invalid_request');
  }
  const { rows } = await bank.superuser.query(
    `select from core.command where body like '%example.org%'
     union all select from core.event where body like '%example.org%'`,
  );
  assert.equal(rows.length, 0);
});

test('a reason belongs to its verdict', async () => {
  const { open, as } = await openReviews(bank);
  const case_id = await open();
  const body = { case_id, ...approve, reason_code: 'scam' };
  await refused(as('ann')('case.decide', body), 'invalid_request');
});
