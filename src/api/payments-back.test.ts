import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { canonicalJson, internalId, type Json, sha256Hex } from '#core';
import { defaultBundles } from '#policy';
import fc from 'fast-check';
import { openApi, type Reply } from '../../test/api.ts';
import { checkPayments, funded, openTill, type Till } from '../../test/paid.ts';

const api = await openApi({ after });
const { planes, superuser, time } = api.bank;
const seed = Number(process.env['COUNTERSIGN_SEED'] ?? 7);

async function check(): Promise<void> {
  await api.seal();
  await checkPayments(planes, superuser);
}

const reverse = ({ bank }: Till, transfer: string) =>
  bank.post(`/v1/transfers/${transfer}/reversal`, {});
const back = (amount: number) => ({ amount, reason: 'CUST' });

/** All that the steps of a payment have posted, held and given back. */
async function transfersOf({ bank }: Till, id: string): Promise<string[]> {
  await api.seal();
  const { json } = await bank.get(`/v1/payments/${id}`);
  return json.history.flatMap(({ payload }: any) => [
    ...payload.transfer_ids,
    ...payload.hold_ids.map((hold: string) => hold.replace('hld_', 'trf_')),
  ]);
}

function expectDenied({ status, json, text }: Reply): void {
  assert.deepEqual([status, json.code], [403, 'policy_denied'], text);
  assert.deepEqual(json.reasons, ['goes_back_by_return']);
}

test('what a step of a payment has moved or held is not reversed in the ledger', async () => {
  const till = await openTill(api);
  const { json: paid } = await till.pay();
  const { json: card } = await till.authorize();
  const taken = await till.step(card.id, 'capture', {
    ...{ clearing_id: 'clr_1', amount: 4_000, final: false },
  });
  assert.equal(taken.status, 201, taken.text);
  for (const act of ['refund', 'chargeback']) {
    for (const { id } of [paid, card]) {
      assert.equal((await till.step(id, act, back(500))).status, 201);
    }
  }
  const before = await till.funds();
  for (const { id } of [paid, card]) {
    const transfers = await transfersOf(till, id);
    assert.ok(transfers.length >= 3, transfers.join());
    for (const transfer of transfers) expectDenied(await reverse(till, transfer));
  }
  assert.deepEqual(await till.funds(), before);
  await check();
});

test('a transfer that is of no payment is reversed as ever', async () => {
  const till = await openTill(api);
  const sides = { debit_account_id: till.debtor, credit_account_id: till.creditor };
  const { json } = await till.bank.post('/v1/transfers', {
    ...{ ...sides, amount: 700, currency: 'EUR' },
  });
  assert.equal((await reverse(till, json.transfers[0].id)).status, 201);
  assert.equal((await reverse(till, `trf_${'0'.repeat(26)}`)).json.code, 'transfer_not_found');
  assert.deepEqual(await till.funds(), [funded, funded]);
});

test('where a bank’s policy lets it, what was reversed goes back no second time', async () => {
  const till = await openTill(api);
  await letReverse(till);
  const { json: paid } = await till.pay();
  const { json: card } = await till.authorize();
  await till.step(card.id, 'capture', { clearing_id: 'clr_1', amount: 4_000 });
  const [, taken] = await transfersOf(till, card.id);
  for (const transfer of [paid.transfer_ids[0], taken]) {
    const reversed = await reverse(till, transfer);
    assert.equal(reversed.status, 201, reversed.text);
  }
  for (const { id } of [paid, card]) {
    const refused = await till.step(id, 'refund', back(1));
    assert.deepEqual(refused.json.reasons, ['more_than_paid'], refused.text);
  }
  assert.deepEqual(await till.funds(), [funded, funded]);
});

/** Puts a bundle in force that has no rule about the transfers of payments. */
async function letReverse({ id }: Till): Promise<void> {
  const shipped = defaultBundles().get('ledger-operations')?.bundle;
  assert.ok(shipped);
  const rules = shipped.rules.filter((rule) => rule.id !== 'payments-go-back-by-returns');
  assert.equal(rules.length, shipped.rules.length - 1);
  const { goes_back_by_return: _, ...reasons } = shipped.reasons;
  const tests = shipped.tests.filter(({ facts }) => facts['of_payment'] !== true);
  const body = canonicalJson({ ...shipped, rules, reasons, tests } as unknown as Json);
  const digest = sha256Hex(body);
  await superuser.query(
    `insert into policy.bundle (tenant_id, digest, name, engine, body, created_by, created_at)
     select tenant_id, $2, name, engine, $3, 'user:nobody', '2026-01-01' from policy.bundle
      where tenant_id = $1 and name = 'ledger-operations' limit 1`,
    [id, digest, body],
  );
  await superuser.query(
    `insert into policy.release (tenant_id, name, ordinal, kind, digest, effective_at,
       recorded_at, act, acted_by)
     values ($1, 'ledger-operations', 1000, 'live', $2, '2026-01-01', '2026-01-01', 'published',
       'user:nobody')`,
    [id, digest],
  );
  planes.library.forget(id);
}

// Whatever comes after whatever -------------------------------------------------------------------

/** The least that the creditor ever had of it: less than nothing, were more gone than had come. */
async function leastOf(account: string): Promise<number> {
  const { rows } = await superuser.query(
    'select min(sums[2] - sums[1]) as least from money.entry where account_id = $1',
    [internalId('account', account)],
  );
  return Number(rows[0].least);
}

const acts = ['refund', 'return', 'chargeback', 'represent', 'reversal', 'capture'] as const;

test('in whatever order, no more is taken from a creditor than was paid to him', async () => {
  const till = await openTill(api);
  const act = fc.record({
    name: fc.constantFrom(...acts),
    amount: fc.constantFrom(200, 500, 1_000),
    which: fc.nat(20),
  });
  const bursts = fc.array(fc.array(act, { minLength: 1, maxLength: 4 }), {
    ...{ minLength: 2, maxLength: 4 },
  });
  let clearings = 0;
  const run = fc.asyncProperty(fc.boolean(), bursts, async (isCard, all) => {
    const order = { amount: 1_000, creditor_account_id: await till.bank.open() };
    const { json: payment } = await (isCard ? till.authorize(order) : till.pay(order));
    assert.equal(payment.outcome, 'allowed', JSON.stringify(payment));
    for (const burst of all) {
      const transfers = await transfersOf(till, payment.id);
      const done = burst.map(async ({ name, amount, which }) => {
        clearings += 1;
        const transfer_id = transfers[which % transfers.length] ?? '';
        if (name === 'reversal') return reverse(till, transfer_id);
        if (name === 'represent') return till.step(payment.id, name, { transfer_id });
        const clearing = { clearing_id: `clr_${clearings}`, amount, final: false };
        return till.step(payment.id, name, name === 'capture' ? clearing : back(amount));
      });
      for (const { status, text } of await Promise.all(done)) {
        assert.ok([201, 403, 409, 422].includes(status), text);
      }
      assert.ok((await leastOf(order.creditor_account_id)) >= 0);
    }
    // What is left of a hold must not stay: the next payment needs the funds.
    await till.step(payment.id, 'cancel');
    time.now += 300_000;
  });
  await fc.assert(run, { numRuns: 10, seed });
  await check();
});

// Beside the payment ------------------------------------------------------------------------------
test('the hold of a payment changes by the steps of the payment, and not beside them', async () => {
  const till = await openTill(api);
  const { json: card } = await till.authorize();
  const path = `/v1/holds/${card.hold_ids[0]}`;
  expectDenied(await till.bank.post(`${path}/capture`, { amount: 4_000 }));
  expectDenied(await till.bank.post(`${path}/increase`, { amount: 4_000 }));
  expectDenied(await till.bank.post(`${path}/void`, {}));
  const taken = await till.step(card.id, 'capture', { clearing_id: 'clr_1', amount: 4_000 });
  assert.equal(taken.status, 201, taken.text);
});
