// A payer's proofs over HTTP, and those who try to do without.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { canonicalJson, consumePage, derivedUuid, externalId, internalId, withTx } from '#core';
import { stepUpDone } from '#policy';
import { paymentsGoOn } from '../background.ts';
import { openApi, type Reply } from '../../test/api.ts';
import { day } from '../../test/bank.ts';
import {
  ann,
  attempt,
  ben,
  enrolApp,
  enrolDevice,
  facts,
  guess,
  openPayerBank,
  order,
  type PayerBank,
  prove,
  step,
  tell,
  toldOf,
} from '../../test/payers.ts';

const api = await openApi({ after });
const { time, planes } = api.bank;
const minute = 60_000;

async function challenge({ boss }: PayerBank, payment: string) {
  const { status, json, text } = await boss.get(`/v1/payments/${payment}/step-up`);
  assert.equal(status, 200, text);
  return json;
}

function isDone({ id: tenant }: PayerBank, payment: string): Promise<boolean> {
  const id = internalId('payment', payment) ?? '';
  return withTx(planes.database.pool('policy'), (tx) => stepUpDone(tx, id), { tenant });
}

/** What came of an attempt, without the payment as it stands after it. */
function came({ json }: Reply): object {
  const { payment: _, ...attempt } = json;
  return attempt;
}

test('a payer proves with an app’s code that he is there, and the proof is on record', async () => {
  const bank = await openPayerBank(api);
  const app = await enrolApp(bank);
  const payment = await order(bank);
  assert.deepEqual((await challenge(bank, payment)).status, 'waiting');
  const reply = await prove(bank, payment, app);
  assert.deepEqual([reply.status, came(reply)], [201, { status: 'succeeded', attempts_left: 4 }]);
  assert.deepEqual([reply.json.payment.status, reply.json.payment.outcome], ['posted', 'allowed']);
  assert.equal((await challenge(bank, payment)).status, 'succeeded');
  assert.equal(await isDone(bank, payment), true);
  const [{ command_id, ...told } = {}] = await toldOf(bank, 'step_up.succeeded');
  assert.match(String(command_id), /^cmd_/);
  const { order_digest } = (await challenge(bank, payment)).terms;
  assert.deepEqual(told, {
    ...{ payment_id: payment, challenge_id: (await challenge(bank, payment)).id, order_digest },
    ...{ authenticator_id: app.id, subject: ann, method: 'totp', attempts_left: 4 },
    ...{ signature: null, totp_step: Math.floor(time.now / step) },
  });
  // Done once: nothing is proven a second time.
  assert.deepEqual(tell(await prove(bank, payment, app)), [409, 'conflict']);
});

test('a proven payment goes on through policy once more, and is posted', async () => {
  const bank = await openPayerBank(api);
  const app = await enrolApp(bank);
  const [proven, other] = [await order(bank), await order(bank)];
  await prove(bank, proven, app);
  await guess(bank, other, app);
  await api.seal();
  await consumePage(
    paymentsGoOn({ ...planes, onError: assert.ifError }),
    planes.database.pool('app'),
    { pageSize: 100 },
  );
  const read = async (payment: string) => (await bank.boss.get(`/v1/payments/${payment}`)).json;
  const { decisions, transfers } = await read(proven);
  const outcomes = decisions.map(({ outcome }: { outcome: string }) => outcome);
  assert.deepEqual(outcomes, ['hold', 'allow']);
  assert.equal(decisions[1].facts.step_up_done, true);
  assert.ok(transfers.some(({ kind }: { kind: string }) => kind === 'post'));
  assert.equal((await read(other)).decisions.length, 1);
});

test('a device signs the exact terms: payee, amount, and the order behind them', async () => {
  const bank = await openPayerBank(api);
  for (const kind of ['ed25519', 'p256'] as const) {
    const device = await enrolDevice(bank, kind);
    const payment = await order(bank, { amount: 42_000, end_to_end_id: 'INV-7' });
    const { text_to_sign, terms, expires_at } = await challenge(bank, payment);
    assert.equal(text_to_sign, canonicalJson(JSON.parse(text_to_sign)));
    const {
      agree,
      challenge_id,
      payment_id,
      expires_at: until,
      ...signed
    } = JSON.parse(text_to_sign);
    assert.deepEqual(signed, terms);
    assert.deepEqual([agree, payment_id, until], ['countersign payment 1', payment, expires_at]);
    assert.match(challenge_id, /^chl_/);
    assert.deepEqual([terms.amount, terms.currency, terms.end_to_end_id], [42_000, 'EUR', 'INV-7']);
    const signature = device.sign(text_to_sign);
    const reply = await attempt(bank, payment, { authenticator_id: device.id, signature });
    assert.equal(reply.json.status, 'succeeded', reply.text);
    const told = (await toldOf(bank, 'step_up.succeeded')).at(-1);
    assert.deepEqual([told?.['signature'], told?.['totp_step']], [signature, null]);
  }
});

test('a signature under another amount, or of another payment, proves nothing', async () => {
  const bank = await openPayerBank(api);
  const device = await enrolDevice(bank);
  const [one, other] = [
    await order(bank, { amount: 40_000 }),
    await order(bank, { amount: 40_000 }),
  ];
  const { text_to_sign } = await challenge(bank, one);
  const cheaper = text_to_sign.replace('"amount":40000', '"amount":4000');
  assert.notEqual(cheaper, text_to_sign);
  const texts = [cheaper, (await challenge(bank, other)).text_to_sign, ` ${text_to_sign}`];
  for (const [index, text] of texts.entries()) {
    const signature = device.sign(text);
    const reply = await attempt(bank, one, { authenticator_id: device.id, signature });
    assert.deepEqual(came(reply), { status: 'failed', attempts_left: 4 - index });
    assert.equal(reply.json.payment.status, 'step_up_required');
  }
  assert.equal(await isDone(bank, one), false);
});

test('five attempts and no more: a right proof after them is as wrong as any', async () => {
  const bank = await openPayerBank(api);
  const app = await enrolApp(bank);
  const payment = await order(bank);
  const answers: unknown[] = [];
  for (let count = 0; count < 5; count += 1) {
    answers.push(came(await guess(bank, payment, app)));
  }
  const failed = [4, 3, 2, 1].map((attempts_left) => ({ status: 'failed', attempts_left }));
  assert.deepEqual(answers, [...failed, { status: 'locked', attempts_left: 0 }]);
  assert.deepEqual(came(await prove(bank, payment, app)), { status: 'locked', attempts_left: 0 });
  assert.equal((await challenge(bank, payment)).status, 'locked');
  assert.equal(await isDone(bank, payment), false);
  const reasons = (await toldOf(bank, 'step_up.failed')).map(({ reason }) => reason);
  assert.deepEqual(reasons, [...Array(5).fill('wrong_proof'), 'locked']);
  // The code that came too late was not used by that.
  assert.equal((await prove(bank, await order(bank), app)).json.status, 'succeeded');
});

test('guesses that come at once are counted as those that come in turn', async () => {
  const bank = await openPayerBank(api);
  const app = await enrolApp(bank);
  const payment = await order(bank);
  const replies = await Promise.all(Array.from({ length: 12 }, () => guess(bank, payment, app)));
  const left = replies.map(({ json }) => json.attempts_left).sort((a, b) => b - a);
  assert.deepEqual(left, [4, 3, 2, 1, ...Array(8).fill(0)]);
  const reasons = (await toldOf(bank, 'step_up.failed')).map(({ reason }) => reason);
  assert.equal(reasons.filter((reason) => reason === 'wrong_proof').length, 5);
});

test('right proofs that come at once prove a payment once', async () => {
  const bank = await openPayerBank(api);
  const app = await enrolApp(bank);
  const payment = await order(bank);
  const replies = await Promise.all(Array.from({ length: 4 }, () => prove(bank, payment, app)));
  assert.deepEqual(
    replies.map(({ status }) => status).sort((a, b) => a - b),
    [201, 409, 409, 409],
  );
  assert.equal((await toldOf(bank, 'step_up.succeeded')).length, 1);
});

test('a code counts once: not for another payment, nor an earlier one after it', async () => {
  const bank = await openPayerBank(api);
  const app = await enrolApp(bank);
  const code = app.code();
  const body = { authenticator_id: app.id, code };
  const [one, other, third] = [await order(bank), await order(bank), await order(bank)];
  assert.equal((await attempt(bank, one, body)).json.status, 'succeeded');
  assert.equal((await attempt(bank, other, body)).json.status, 'failed');
  const earlier = { authenticator_id: app.id, code: app.code(-step) };
  assert.equal((await attempt(bank, other, earlier)).json.status, 'failed');
  const reasons = (await toldOf(bank, 'step_up.failed')).map(({ reason }) => reason);
  assert.deepEqual(reasons, ['code_used', 'code_used']);
  // At once, at two payments: the gate lets one be first.
  time.now += 2 * step;
  const fresh = { authenticator_id: app.id, code: app.code() };
  const raced = await Promise.all([attempt(bank, other, fresh), attempt(bank, third, fresh)]);
  assert.deepEqual(new Set(raced.map(({ json }) => json.status)), new Set(['failed', 'succeeded']));
});

test('a clock may be off by half a minute, and by no more', async () => {
  const bank = await openPayerBank(api);
  const app = await enrolApp(bank);
  for (const [off, status] of [
    [-2, 'failed'],
    [-1, 'succeeded'],
    [1, 'succeeded'],
    [2, 'failed'],
  ] as const) {
    time.now += 10 * step;
    const code = app.code(off * step);
    const reply = await attempt(bank, await order(bank), { authenticator_id: app.id, code });
    assert.equal(reply.json.status, status, `off by ${off}`);
  }
});

test('a challenge expires with the reservation, to the millisecond', async () => {
  const bank = await openPayerBank(api);
  const app = await enrolApp(bank);
  const [late, intime] = [await order(bank), await order(bank)];
  time.now += 10 * minute - 1;
  assert.equal((await prove(bank, intime, app)).json.status, 'succeeded');
  time.now += 1;
  assert.equal((await challenge(bank, late)).status, 'expired');
  assert.deepEqual(came(await prove(bank, late, app)), { status: 'expired', attempts_left: 4 });
  assert.equal(await isDone(bank, late), false);
  time.now += step;
});

test('another customer’s code is no proof, and neither is another tenant’s', async () => {
  const bank = await openPayerBank(api);
  const bens = await enrolApp(bank, ben);
  const payment = await order(bank);
  assert.deepEqual(tell(await prove(bank, payment, bens)), [403, 'denied']);
  const nobodys = await order(bank, { debtor: undefined });
  assert.deepEqual(tell(await prove(bank, nobodys, bens)), [409, 'conflict']);
  const refused = (await toldOf(bank, 'administration.refused')).map(({ reason }) => reason);
  assert.deepEqual(refused, ['other_subject', 'payer_unknown']);
  const foreign = await openPayerBank(api);
  const app = await enrolApp(foreign);
  assert.deepEqual(tell(await prove(bank, payment, app)), [404, 'not_found']);
  assert.deepEqual(tell(await prove(foreign, payment, app)), [404, 'not_found']);
  // What is refused so is no guess.
  assert.equal((await challenge(bank, payment)).attempts_left, 5);
});

test('only a payment that waits for its payer asks him', async () => {
  const bank = await openPayerBank(api);
  const app = await enrolApp(bank);
  const others = [
    await order(bank, { facts, amount: 1_500 }),
    await order(bank, { facts, amount: 1_500, creditor_country: 'RU' }),
    await order(bank, { creditor_country: 'KP' }),
    await order(bank, { debtor_account_id: await bank.boss.open({ bound: 'no_overdraft' }) }),
    externalId('payment', derivedUuid('01980000-0000-7000-8000-000000000000', 'none', 0)),
  ];
  for (const [index, payment] of others.entries()) {
    const refused = await prove(bank, payment, app);
    assert.deepEqual(tell(refused), [404, 'not_found'], `${index}: ${refused.text}`);
    assert.equal((await bank.boss.get(`/v1/payments/${payment}/step-up`)).status, 404);
  }
  const cancelled = await order(bank);
  const cancel = await bank.boss.post(`/v1/payments/${cancelled}/cancel`, {});
  assert.equal(cancel.status, 201, cancel.text);
  assert.deepEqual(tell(await prove(bank, cancelled, app)), [409, 'conflict']);
  const card = await bank.channel.post('/v1/card-authorizations', {
    ...{ debtor: ann, debtor_account_id: bank.debtor, creditor_account_id: await bank.boss.open() },
    ...{ amount: 60_000, currency: 'EUR', card: 'card_01j9zk', entry_mode: 'chip', facts },
    merchant: { id: 'mer_1', mcc: '4829', country: 'DE' },
  });
  assert.equal(card.json.outcome, 'step_up_required', card.text);
  assert.equal((await prove(bank, card.json.id, app)).json.status, 'succeeded');
});

test('whoever guesses over many payments is stopped for a day', async () => {
  const bank = await openPayerBank(api);
  const app = await enrolApp(bank);
  for (let payments = 0; payments < 4; payments += 1) {
    const payment = await order(bank);
    for (let count = 0; count < 5; count += 1) await guess(bank, payment, app);
  }
  const next = await order(bank);
  assert.deepEqual(came(await prove(bank, next, app)), { status: 'locked', attempts_left: 4 });
  assert.equal((await toldOf(bank, 'step_up.failed')).at(-1)?.['reason'], 'too_many_failures');
  // Other customers are not kept from their payments by it.
  const bens = await enrolApp(bank, ben);
  assert.equal(
    (await prove(bank, await order(bank, { debtor: ben }), bens)).json.status,
    'succeeded',
  );
  time.now += day;
  assert.equal((await prove(bank, await order(bank), app)).json.status, 'succeeded');
});

test('a repeated call gets its first answer, whatever the clock says by then', async () => {
  const bank = await openPayerBank(api);
  const app = await enrolApp(bank);
  const payment = await order(bank);
  const body = { authenticator_id: app.id, code: app.code() };
  const first = await attempt(bank, payment, body, 'once');
  time.now += 20 * minute;
  const again = await attempt(bank, payment, body, 'once');
  assert.deepEqual([again.status, again.json], [200, first.json]);
  assert.equal(again.headers['idempotent-replayed'], 'true');
  const other = { ...body, code: app.code() };
  assert.deepEqual(tell(await attempt(bank, payment, other, 'once')), [
    ...[422, 'idempotency_key_reused'],
  ]);
  const elsewhere = await attempt(bank, await order(bank), body, 'once');
  assert.deepEqual(tell(elsewhere), [422, 'idempotency_key_reused']);
});
