import assert from 'node:assert/strict';
import { after, afterEach, test } from 'node:test';
import { consumePage, followProjection, internalId, seededRandom } from '#core';
import { expirePayment, paymentProjection, releasePayment, resumePayment } from '#payments';
import fc from 'fast-check';
import { openApi, type Reply } from '../../test/api.ts';
import { checkPayments, facts, funded, openTill, type Till } from '../../test/paid.ts';
import { enrolDevice } from '../../test/payers.ts';
import { paymentsGoOn } from '../background.ts';
import { caseOpening } from '../capabilities/reviews/reactors.ts';

const api = await openApi({ after });
const { planes, superuser, time } = api.bank;
const app = planes.database.pool('app');
const parts = { pool: planes.database.pool('read'), execute: planes.execute };
const seed = Number(process.env['COUNTERSIGN_SEED'] ?? 7);

afterEach(async () => {
  await api.seal();
  await checkPayments(planes, superuser);
});

const said = ({ status, json }: Reply) => `${status} ${json.code ?? json.status}`;

/** A payment that waits for its payer. */
const asked = { amount: 30_000, facts: { ...facts, new_device: true } };

/** The payer agrees, and the server ends before it has done anything about it. */
async function agree(till: Till, payment_id: string): Promise<void> {
  const device = await enrolDevice({ ...till, api, boss: till.bank }, 'ed25519', 'cus_payer');
  const proof = { authenticator_id: device.id, method: 'signature', proof: 'seen', proven: true };
  const { outcome } = await planes.execute({
    principal: { kind: 'service', id: 'channel', tenant: till.id },
    operation: 'step_up.attempt',
    idempotencyKey: `agree ${payment_id}`,
    body: { payment_id, ...proof, totp_step: null },
  });
  assert.equal(outcome.status, 'accepted');
}

/** A payment with all that has become of it. */
async function found({ bank }: Till, id: string) {
  await api.seal();
  while ((await followProjection(paymentProjection, app)) > 0);
  return (await bank.get(`/v1/payments/${id}`)).json;
}

async function takeNote(): Promise<void> {
  await api.seal();
  while ((await consumePage(paymentsGoOn({ ...planes, onError: assert.ifError }), app)) > 0);
}

// Clearing ----------------------------------------------------------------------------------------

test('a clearing message that comes too early is refused, and heard when it comes', async () => {
  const till = await openTill(api);
  const early = await till.step(`pay_${'0'.repeat(25)}1`, 'capture', {
    ...{ clearing_id: 'clr_1', amount: 30_000 },
  });
  assert.equal(said(early), '404 not_found');
  const remote = { amount: 30_000, entry_mode: 'ecommerce' };
  const { json: payment } = await till.authorize(remote);
  assert.equal(payment.outcome, 'step_up_required');
  const message = { clearing_id: 'clr_1', amount: 30_000 };
  const waiting = await till.step(payment.id, 'capture', message);
  assert.deepEqual([said(waiting), waiting.json.reason], ['409 conflict', 'waiting']);
  assert.deepEqual(await till.funds(), [funded, funded - 30_000]);
  await agree(till, payment.id);
  await takeNote();
  assert.equal((await found(till, payment.id)).status, 'authorized');
  assert.equal(said(await till.step(payment.id, 'capture', message)), '201 captured');
  assert.deepEqual(await till.funds(), [funded - 30_000, funded - 30_000]);
});

test('messages in another order, twice, at once have the effect that they have once', async () => {
  const till = await openTill(api);
  const { json: payment } = await till.authorize();
  const part = (number: number) => ({ clearing_id: `p_${number}`, amount: 3_000, final: false });
  const order = [2, 1, 2, 3, 1, 3];
  const replies = await Promise.all(
    order.map((each) => till.step(payment.id, 'capture', part(each))),
  );
  assert.equal(replies.filter(({ status }) => status === 201).length, 3);
  assert.equal(replies.filter(({ status }) => status === 200).length, 3);
  assert.equal((await found(till, payment.id)).status, 'partially_captured');
  const other = await till.step(payment.id, 'capture', { ...part(2), amount: 1 });
  assert.equal(said(other), '422 idempotency_key_reused');
  const above = await till.step(payment.id, 'capture', { clearing_id: 'p_4', amount: 1_001 });
  assert.equal(said(above), '422 amount_exceeds_hold');
  // Whoever takes the last of it has ended it, and need not say so.
  const last = { clearing_id: 'p_5', amount: 1_000, final: false };
  assert.equal(said(await till.step(payment.id, 'capture', last)), '201 captured');
  const more = await till.step(payment.id, 'capture', { clearing_id: 'p_6', amount: 1 });
  assert.equal(said(more), '422 hold_captured');
  assert.equal(said(await till.step(payment.id, 'increment', { amount: 1 })), '422 hold_captured');
  assert.deepEqual(await till.funds(), [funded - 10_000, funded - 10_000]);
});

test('nothing is taken of what was cancelled or has expired', async () => {
  const till = await openTill(api);
  const capture = { clearing_id: 'clr_1', amount: 5_000 };
  const { json: cancelled } = await till.authorize();
  assert.equal(said(await till.step(cancelled.id, 'cancel')), '201 cancelled');
  assert.equal(said(await till.step(cancelled.id, 'capture', capture)), '422 hold_voided');
  assert.equal(said(await till.step(cancelled.id, 'cancel')), '422 hold_voided');

  const expires_at = new Date(time.now + 60_000).toISOString();
  const { json: expired } = await till.authorize({ expires_at });
  time.now += 60_000;
  assert.equal(said(await till.step(expired.id, 'capture', capture)), '422 hold_expired');
  const [holdId] = expired.hold_ids;
  const due = { tenant: till.id, hold: internalId('hold', holdId) ?? '', holdId };
  await Promise.all([expirePayment(parts, due), expirePayment(parts, due)]);
  assert.equal((await found(till, expired.id)).status, 'expired');
  assert.equal(said(await till.step(expired.id, 'capture', capture)), '422 hold_expired');
  assert.deepEqual(await till.funds(), [funded, funded]);
});

// What goes back ----------------------------------------------------------------------------------

test('of a chargeback, and of nothing else, what it has moved is moved again, once', async () => {
  const till = await openTill(api);
  const [{ json: one }, { json: other }] = [await till.pay(), await till.pay()];
  const back = (id: string, act: string, amount: number) =>
    till.step(id, act, { amount, reason: '104' });
  await back(one.id, 'refund', 300);
  await back(one.id, 'chargeback', 500);
  await back(other.id, 'chargeback', 700);
  const moved = async (id: string): Promise<string[]> => {
    const json = await found(till, id);
    return json.history.flatMap((step: any) => step.payload.transfer_ids);
  };
  const [paid, refunded, charged] = await moved(one.id);
  const [, elsewhere] = await moved(other.id);
  for (const transfer_id of [paid, refunded, elsewhere, `trf_${'0'.repeat(26)}`]) {
    const refused = await till.step(one.id, 'represent', { transfer_id });
    assert.equal(said(refused), '422 invalid_request');
    assert.equal(refused.json.errors[0].pointer, '/transfer_id');
  }
  const contested = await till.step(one.id, 'represent', { transfer_id: charged });
  assert.deepEqual([said(contested), contested.json.returned], ['201 represented', 300]);
  const again = await till.step(one.id, 'represent', { transfer_id: charged });
  assert.equal(said(again), '422 already_reversed');
  assert.equal(said(await back(one.id, 'chargeback', 1_201)), '422 limit_exceeded');
  assert.deepEqual(await till.funds(), [funded - 3_000 + 300 + 700, funded - 3_000 + 1_000]);
});

test('whatever goes back at once, it is never more than was taken', async () => {
  const till = await openTill(api);
  const act = fc.record({
    act: fc.constantFrom('refund', 'return', 'chargeback', 'capture', 'represent'),
    amount: fc.integer({ min: 1, max: 600 }),
  });
  const bursts = fc.array(fc.array(act, { minLength: 2, maxLength: 5 }), {
    ...{ minLength: 1, maxLength: 3 },
  });
  let clearings = 0;
  const run = fc.asyncProperty(bursts, async (all) => {
    const before = await till.funds();
    const { json: payment } = await till.authorize({ amount: 1_000 });
    assert.equal(payment.outcome, 'allowed', JSON.stringify(payment));
    const charged: string[] = [];
    for (const burst of all) {
      const done = burst.map(async ({ act: name, amount }) => {
        clearings += 1;
        const clearing_id = `clr_${clearings}`;
        const body =
          name === 'capture'
            ? { clearing_id, amount, final: false }
            : name === 'represent'
              ? { transfer_id: charged.at(-1) ?? `trf_${'0'.repeat(26)}` }
              : { amount, reason: 'CUST' };
        const reply = await till.step(payment.id, name, body);
        assert.ok([201, 403, 422].includes(reply.status), reply.text);
      });
      await Promise.all(done);
      const json = await found(till, payment.id);
      assert.ok(json.returned <= json.captured && json.captured <= 1_000, JSON.stringify(json));
      for (const { type, payload } of json.history) {
        if (type === 'payment.charged_back') charged.push(payload.transfer_ids[0]);
      }
    }
    await till.step(payment.id, 'cancel');
    const json = await found(till, payment.id);
    const [booked, available] = await till.funds();
    assert.equal(booked, before[0] - json.captured + json.returned);
    assert.equal(available, booked);
    time.now += 300_000;
  });
  await fc.assert(run, { numRuns: 8, seed });
});

// Two causes of one payment -----------------------------------------------------------------------

test('of all that may end a payment that waits, at once, one does', async () => {
  const till = await openTill(api);
  const dice = seededRandom(seed);
  const ends = new Map<string, number>();
  for (let round = 0; round < 10; round += 1) {
    const { json: payment } = await till.pay({ ...asked, amount: 26_000 });
    assert.equal(payment.outcome, 'step_up_required', JSON.stringify(payment));
    await agree(till, payment.id);
    const [holdId] = payment.hold_ids;
    const isDue = dice.uint32() % 3 === 0;
    const which = { tenant: till.id, id: payment.id };
    const due = { tenant: till.id, hold: internalId('hold', holdId) ?? '', holdId };
    const all = [
      () => resumePayment(parts, { ...which, cause: `one ${payment.id}` }),
      () => resumePayment(parts, { ...which, cause: `two ${payment.id}` }),
      () => till.step(payment.id, 'cancel'),
      () => releasePayment(parts, { ...which, cause: `three ${payment.id}`, reason: 'scam' }),
      ...(isDue ? [() => expirePayment(parts, due)] : []),
    ];
    all.sort(() => (dice.uint32() % 2 === 0 ? 1 : -1));
    const [head, ...rest] = all;
    await head?.();
    if (isDue) time.now += 600_000;
    await Promise.all(rest.map((each) => each().catch(expectConflict)));
    if (isDue) await expirePayment(parts, due);
    await resumePayment(parts, { ...which, cause: `late ${payment.id}` });
    const status = (await found(till, payment.id)).status;
    ends.set(status, (ends.get(status) ?? 0) + 1);
    time.now += 3_600_000;
  }
  const [booked, available] = await till.funds();
  assert.equal(booked, funded - 26_000 * (ends.get('posted') ?? 0));
  assert.equal(available, booked);
  assert.ok(ends.size >= 2, JSON.stringify([...ends]));
});

function expectConflict(error: unknown): void {
  assert.equal((error as { code?: string }).code, 'conflict', String(error));
}

test('what the ledger refuses when it is taken up again keeps nothing back', async () => {
  const till = await openTill(api);
  const { json: payment } = await till.pay(asked);
  await agree(till, payment.id);
  const frozen = await till.bank.send({
    ...{ method: 'PATCH', url: `/v1/accounts/${till.creditor}` },
    headers: { 'idempotency-key': 'freeze', 'content-type': 'application/json' },
    payload: JSON.stringify({ status: 'frozen' }),
  });
  assert.equal(frozen.status, 201, frozen.text);
  await takeNote();
  await takeNote();
  const json = await found(till, payment.id);
  assert.equal(json.status, 'denied');
  assert.deepEqual(
    json.history.map(({ type, payload }: any) => `${type} ${payload.code}`),
    ['payment.held null', 'payment.denied credit_account_frozen', 'payment.cancelled null'],
  );
  assert.deepEqual(await till.funds(), [funded, funded]);
  // Denied it stays, though whoever froze the account may change his mind.
  await resumePayment(parts, { tenant: till.id, id: payment.id, cause: 'again' });
  assert.equal((await found(till, payment.id)).status, 'denied');
});

test('a payment that was looked at first asks its payer afterwards, and has his time', async () => {
  const till = await openTill(api);
  const { json: payment } = await till.pay({ ...asked, creditor_country: 'RU' });
  assert.equal(payment.outcome, 'review');
  const look = await till.bank.get(`/v1/payments/${payment.id}/step-up`);
  assert.equal(said(look), '404 not_found', 'nobody has asked him yet');
  time.now += 3_600_000;
  await approve(till);
  assert.equal((await found(till, payment.id)).status, 'step_up_required');
  const { json: challenge } = await till.bank.get(`/v1/payments/${payment.id}/step-up`);
  assert.equal(challenge.status, 'waiting');
  assert.equal(Date.parse(challenge.expires_at), time.now + 600_000);
  await agree(till, payment.id);
  await takeNote();
  assert.equal((await found(till, payment.id)).status, 'posted');
  assert.deepEqual(await till.funds(), [funded - 30_000, funded - 30_000]);
});

/** The case that is open is approved. */
async function approve(till: Till): Promise<void> {
  const opening = caseOpening({ ...parts, clock: planes.clock });
  await api.seal();
  while ((await consumePage(opening, app)) > 0);
  const ann = await api.issue(till.bank, 'user:ann', { scopes: ['reviews:read', 'reviews:write'] });
  const { json } = await ann.get('/v1/cases');
  const verdict = { verdict: 'approve', reason_code: 'customer_confirmed', reason: 'called back' };
  const decided = await ann.post(`/v1/cases/${json.items[0].id}/decide`, verdict);
  assert.equal(decided.status, 201, decided.text);
  await takeNote();
}
