import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { day, figures, hold, move, openBank, openShop, rejected, uuidOf } from '../../test/bank.ts';
import { Fault, type Json } from '#core';
import { accountTypes, type Leg, type RejectionCode, rejections } from './journal.ts';
import { readTrialBalance } from './read.ts';
import { listEntries, readTransfers } from './read-journal.ts';

const bank = await openBank({ after });

const unknown = {
  account: 'acc_00000000000000000000000000',
  hold: 'hld_00000000000000000000000000',
  transfer: 'trf_00000000000000000000000000',
};
const text = (instant: number) => new Date(instant).toISOString();

test('a transfer debits one account and credits the other', async () => {
  const { tenant, cash, customer } = await openShop(bank, 0);
  const metadata = { mcc: '5411' };
  const { transfers } = await tenant.ok(move(cash, customer, 14_999, { metadata }));
  assert.deepEqual(await figures(tenant, cash), [14_999, 0, 14_999]);
  assert.deepEqual(await figures(tenant, customer), [14_999, 0, 14_999]);
  const [transfer] = await tenant.read((tx) =>
    readTransfers(tx, [uuidOf('transfer', transfers[0] as string)]),
  );
  assert.deepEqual(transfer, {
    id: transfers[0],
    kind: 'post',
    debit_account_id: cash,
    credit_account_id: customer,
    amount: 14_999,
    released: 0,
    currency: 'USD',
    hold_id: null,
    reverses_id: null,
    effective_at: text(bank.time.now),
    recorded_at: text(bank.time.now),
    metadata,
  });
});

test('assets and expenses grow by debits, the others by credits', async () => {
  const tenant = await bank.tenant();
  const counter = await tenant.open();
  for (const type of accountTypes) {
    const account = await tenant.open({ type });
    const grows = type === 'asset' || type === 'expense';
    await tenant.ok(grows ? move(account, counter, 70) : move(counter, account, 70));
    assert.deepEqual(await figures(tenant, account), [70, 0, 70], type);
  }
  const trial = await tenant.read((tx) => readTrialBalance(tx));
  assert.equal(trial.balanced, true);
});

test('an account without overdraft pays out what it has, and not a unit more', async () => {
  const { tenant, customer, merchant } = await openShop(bank, 100);
  const more = await tenant.post(move(customer, merchant, 101));
  assert.deepEqual(more.outcome, rejected('insufficient_funds'));
  await tenant.ok(move(customer, merchant, 100));
  assert.deepEqual(await figures(tenant, customer), [0, 0, 0]);
});

test('an asset without overdraft cannot be credited below zero', async () => {
  const { tenant, cash, customer } = await openShop(bank, 100);
  await tenant.change(cash, { bound: 'no_overdraft' });
  const more = await tenant.post(move(customer, cash, 101));
  assert.deepEqual(more.outcome, rejected('insufficient_funds'));
  await tenant.change(customer, { bound: 'none' });
  const bare = await tenant.post(move(customer, cash, 101));
  assert.deepEqual(bare.outcome, rejected('insufficient_funds'), 'now for the credit account');
});

test('a credit limit is spent together with the balance, holds included', async () => {
  const limit = { bound: 'credit_limit', credit_limit: 500 };
  const { tenant, customer, merchant } = await openShop(bank, 100, limit);
  await tenant.ok(hold(customer, merchant, 250));
  assert.deepEqual(await figures(tenant, customer), [100, -250, 350]);
  const more = await tenant.post(move(customer, merchant, 351));
  assert.deepEqual(more.outcome, rejected('credit_limit_exceeded'));
  await tenant.ok(move(customer, merchant, 350));
  assert.deepEqual(await figures(tenant, customer), [-250, -250, 0]);
});

test('a limit lowered below what is used stops spending and lets money in', async () => {
  const limit = { bound: 'credit_limit', credit_limit: 500 };
  const { tenant, cash, customer, merchant } = await openShop(bank, 0, limit);
  await tenant.ok(move(customer, merchant, 400));
  assert.deepEqual(await tenant.change(customer, { credit_limit: 100 }), { status: 'accepted' });
  assert.deepEqual(await figures(tenant, customer), [-400, 0, -300]);
  const more = await tenant.post(move(customer, merchant, 1));
  assert.deepEqual(more.outcome, rejected('credit_limit_exceeded'));
  await tenant.ok(move(cash, customer, 301));
  await tenant.ok(move(customer, merchant, 1));
});

test('an account without bound may go below zero', async () => {
  const { tenant, customer, merchant } = await openShop(bank, 0, { bound: 'none' });
  await tenant.ok(move(customer, merchant, 5));
  assert.deepEqual(await figures(tenant, customer), [-5, 0, -5]);
});

test('a journal posts all of its legs or none, and names the leg that failed', async () => {
  const { tenant, cash, customer, merchant } = await openShop(bank, 100);
  const legs = [
    move(customer, merchant, 60),
    hold(customer, merchant, 40),
    move(customer, merchant, 1),
  ];
  const failed = await tenant.post(legs);
  assert.deepEqual(failed.outcome, rejected('insufficient_funds', 2));
  assert.deepEqual(await figures(tenant, customer), [100, 0, 100]);
  assert.equal(await tenant.hold(failed.hold), undefined);
  // In order, money that comes in by one leg can go out by the next.
  await tenant.ok([move(cash, customer, 1), ...legs]);
  assert.deepEqual(await figures(tenant, customer), [40, -40, 0]);
});

test('a failed journal gives back the holds and reversals that it had touched', async () => {
  const { tenant, customer, merchant } = await openShop(bank, 100);
  const { hold: id } = await tenant.ok(hold(customer, merchant, 40));
  const { transfers } = await tenant.ok(move(customer, merchant, 10));
  const touch: Leg[] = [
    { kind: 'capture', hold_id: id, amount: 10, final: false },
    { kind: 'increase', hold_id: id, amount: 5 },
    { kind: 'reverse', transfer_id: transfers[0] as string },
    { kind: 'void', hold_id: id },
  ];
  const failing = move(customer, unknown.account, 1);
  const failed = await tenant.post([...touch, failing]);
  assert.deepEqual(failed.outcome, rejected('credit_account_not_found', 4));
  assert.deepEqual(await figures(tenant, customer), [90, -40, 50]);
  assert.equal((await tenant.hold(id))?.status, 'open');
  await tenant.ok(touch);
  assert.deepEqual(await figures(tenant, customer), [90, 0, 90]);
});

test('an account of another tenant does not exist', async () => {
  const { tenant, customer } = await openShop(bank, 100);
  const other = await openShop(bank, 100);
  const { hold: theirs } = await other.tenant.ok(hold(other.customer, other.merchant, 1));
  const { transfers } = await other.tenant.ok(move(other.customer, other.merchant, 1));
  const attempts: [Leg, RejectionCode][] = [
    [move(other.customer, customer, 1), 'debit_account_not_found'],
    [move(customer, other.customer, 1), 'credit_account_not_found'],
    [{ kind: 'capture', hold_id: theirs }, 'hold_not_found'],
    [{ kind: 'void', hold_id: theirs }, 'hold_not_found'],
    [{ kind: 'reverse', transfer_id: transfers[0] as string }, 'transfer_not_found'],
    [{ kind: 'reverse', transfer_id: theirs.replace('hld', 'trf') }, 'transfer_not_found'],
  ];
  for (const [leg, code] of attempts) {
    assert.deepEqual((await tenant.post(leg)).outcome, rejected(code), leg.kind);
  }
  assert.deepEqual(
    await tenant.change(other.customer, { status: 'frozen' }),
    rejected('account_not_found'),
  );
  assert.equal(await tenant.balances(other.customer), undefined);
  assert.equal(await tenant.hold(theirs), undefined);
});

test('points are a unit of the tenant that registered them', async () => {
  const tenant = await bank.tenant();
  const unit = { code: 'POINTS', exponent: 0, name: 'Points' };
  const open = { type: 'liability', currency: 'POINTS' };
  const outcome = async (operation: string, body: Json) =>
    (await tenant.execute(operation, body)).outcome;
  assert.deepEqual(await outcome('account.open', open), rejected('unknown_currency'));
  assert.deepEqual(await outcome('unit.register', unit), { status: 'accepted' });
  assert.deepEqual(await outcome('unit.register', unit), rejected('unit_exists'));
  const [earn, burn] = [await tenant.open(open), await tenant.open(open)];
  await tenant.ok(move(earn, burn, 5, { currency: 'POINTS' }));
  const neighbour = await bank.tenant();
  const stranger = await neighbour.execute('account.open', open);
  assert.deepEqual(stranger.outcome, rejected('unknown_currency'));
});

test('an account is closed when it is empty, for good', async () => {
  const { tenant, cash, customer, merchant } = await openShop(bank, 100);
  const close = () => tenant.change(customer, { status: 'closed' });
  assert.deepEqual(await close(), rejected('account_not_empty'));
  const due = bank.time.now + 1000;
  await tenant.ok(hold(customer, merchant, 10, due));
  await tenant.ok(move(customer, cash, 90));
  bank.time.now = due;
  await tenant.ok(move(customer, cash, 10));
  assert.deepEqual(await close(), { status: 'accepted' }, 'a hold that is due holds nothing');
  assert.deepEqual(await tenant.change(customer, { status: 'open' }), rejected('account_closed'));
});

test('the time of effect may differ from the time of recording', async () => {
  const { tenant, cash, customer } = await openShop(bank, 0);
  const now = bank.time.now;
  await tenant.ok(move(cash, customer, 7), { effective_at: text(now - 3 * day) });
  await tenant.ok(move(cash, customer, 20), { effective_at: text(now + 2 * day) });
  const at = (asOf: number, basis: 'recorded' | 'effective') =>
    figures(tenant, customer, { asOf, basis }).then(([booked]) => booked);
  assert.equal(await at(now, 'recorded'), 27);
  assert.equal(await at(now, 'effective'), 7);
  assert.equal(await at(now - 3 * day, 'effective'), 7);
  assert.equal(await at(now - 3 * day - 1, 'effective'), 0);
  assert.equal(await at(now + 2 * day, 'effective'), 27);
  assert.equal(await at(now + 2 * day - 1, 'effective'), 7);
});

test('no entry is recorded before an earlier one, though the clock goes back', async () => {
  const { tenant, cash, customer } = await openShop(bank, 100);
  const now = bank.time.now;
  bank.time.now = now - 5000;
  const { transfers } = await tenant.ok(move(cash, customer, 1));
  bank.time.now = now;
  const page = await tenant.read((tx) =>
    listEntries(tx, { accountId: uuidOf('account', customer), after: 0, limit: 10 }),
  );
  const last = page?.items.at(-1);
  assert.equal(last?.transfer_id, transfers[0]);
  assert.equal(last?.recorded_at, text(now));
});

test('a closed period takes no more postings, in the days of the tenant', async () => {
  const tenant = await bank.tenant({ timeZone: 'America/New_York' });
  const [cash, customer] = [await tenant.open({ type: 'asset' }), await tenant.open()];
  const close = async (date: string) =>
    (await tenant.execute('period.close', { closed_through: date })).outcome;
  const { hold: id } = await tenant.ok(hold(cash, customer, 9));
  // 09:00 UTC on 5 January is 04:00 in New York.
  assert.deepEqual(await close('2026-01-05'), rejected('period_not_over'));
  assert.deepEqual(await close('2026-01-03'), { status: 'accepted' });
  assert.deepEqual(await close('2026-01-03'), rejected('period_already_closed'));
  assert.deepEqual(await close('2026-01-02'), rejected('period_already_closed'));
  const dated = (instant: string) => ({ effective_at: instant });
  const last = await tenant.post(move(cash, customer, 1), dated('2026-01-04T04:59:59.999Z'));
  assert.deepEqual(last.outcome, rejected('period_closed'));
  const late = await tenant.post({ kind: 'capture', hold_id: id }, dated('2026-01-03T12:00:00Z'));
  assert.deepEqual(late.outcome, rejected('period_closed'));
  await tenant.ok(move(cash, customer, 1), dated('2026-01-04T05:00:00Z'));
});

test('a holiday may be named twice in one call, and again later', async () => {
  const tenant = await bank.tenant();
  const set = (...names: string[]) =>
    tenant.execute('calendar.set', {
      holidays: names.map((name) => ({ date: '2026-12-25', name })),
    });
  for (const names of [['Xmas', 'Christmas'], ['Christmas Day']]) {
    assert.deepEqual((await set(...names)).outcome, { status: 'accepted' });
  }
  const { rows } = await tenant.read((tx) => tx.query('select date, name from money.holiday'));
  assert.deepEqual(rows, [{ date: '2026-12-25', name: 'Christmas Day' }]);
});

test('a retry gets the first answer, whatever has changed since', async () => {
  const { tenant, cash, customer, merchant } = await openShop(bank, 100);
  const body = (amount: number) => ({ legs: [move(customer, merchant, amount)] });
  const first = await tenant.execute('journal.post', body(100), 'pay-1');
  const again = await tenant.execute('journal.post', body(100), 'pay-1');
  assert.deepEqual(again, { ...first, replayed: true, effects: null, told: null });
  const refused = await tenant.execute('journal.post', body(50), 'pay-2');
  assert.deepEqual(refused.outcome, rejected('insufficient_funds'));
  await tenant.ok(move(cash, customer, 1000));
  const still = await tenant.execute('journal.post', body(50), 'pay-2');
  assert.deepEqual(still.outcome, rejected('insufficient_funds'));
  assert.deepEqual(await figures(tenant, merchant), [100, 0, 100]);
});

test('a key that is used for another request is refused', async () => {
  const { tenant, cash, customer } = await openShop(bank, 100);
  const body = { legs: [move(cash, customer, 1)] };
  await tenant.execute('journal.post', body, 'once');
  const reuses = [
    () => tenant.execute('journal.post', { legs: [move(cash, customer, 2)] }, 'once'),
    () => tenant.execute('account.open', { type: 'asset', currency: 'USD' }, 'once'),
  ];
  for (const reuse of reuses) {
    await assert.rejects(reuse, (error) => isFault(error, 'idempotency_key_reused'));
  }
  // The key is the tenant's: another tenant's use of it is its own.
  const other = await openShop(bank, 0);
  const theirs = { legs: [move(other.cash, other.customer, 1)] };
  const { replayed } = await other.tenant.execute('journal.post', theirs, 'once');
  assert.equal(replayed, false);
});

test('one key twice within one batch is one effect', async () => {
  const { tenant, cash, customer } = await openShop(bank, 0);
  const body = { legs: [move(cash, customer, 5)] };
  const [first, second, third] = await Promise.allSettled([
    tenant.execute('journal.post', body, 'twin'),
    tenant.execute('journal.post', body, 'twin'),
    tenant.execute('journal.post', { legs: [move(cash, customer, 6)] }, 'twin'),
  ]);
  assert.ok(first.status === 'fulfilled' && second.status === 'fulfilled');
  assert.equal(first.value.replayed, false);
  assert.equal(second.value.replayed, true);
  assert.equal(second.value.commandId, first.value.commandId);
  assert.ok(third.status === 'rejected' && isFault(third.reason, 'idempotency_key_reused'));
  assert.deepEqual(await figures(tenant, customer), [5, 0, 5]);
});

test('a tenant that does not exist is not found', async () => {
  const ghost = { kind: 'service', id: 'x', tenant: 'ghost' } as const;
  const call = bank.planes.execute({
    principal: ghost,
    operation: 'account.open',
    body: { type: 'asset', currency: 'USD' },
    idempotencyKey: 'k',
  });
  await assert.rejects(call, (error) => isFault(error, 'not_found'));
});

test('reasons are examined in the order in which they are documented', async () => {
  const world = await rejectionWorld();
  const order = Object.keys(rejections);
  for (const [legs, code, effectiveAt] of world.cases) {
    const more = effectiveAt === undefined ? {} : { effective_at: text(effectiveAt) };
    const { outcome } = await world.tenant.post(legs, more);
    assert.deepEqual(outcome, rejected(code), `${code} by ${JSON.stringify(legs)}`);
  }
  const shown = new Set<string>(world.cases.map(([, code]) => code));
  const elsewhere = [
    'policy_denied',
    'policy_hold',
    'policy_review',
    'account_changed',
    'account_not_found',
    'account_closed',
    'hold_not_due',
    'limit_exceeded',
    'credit_limit_without_bound',
    'account_not_empty',
    'unit_exists',
    'period_not_over',
    'period_already_closed',
    'core_rejected',
  ];
  const missing = order.filter((code) => !shown.has(code) && !elsewhere.includes(code));
  assert.deepEqual(missing, [], 'every reason that a journal can meet is in the table');
});

/** Each case meets its reason and, wherever it can, reasons that stand later in the list. */
async function rejectionWorld() {
  const tenant = await bank.tenant();
  const limited = { bound: 'no_overdraft' };
  const max = Number.MAX_SAFE_INTEGER;
  const cash = await tenant.open({ type: 'asset' });
  const [poor, euro] = [await tenant.open(limited), await tenant.open({ currency: 'EUR' })];
  const [frozen, closed] = [await tenant.open(limited), await tenant.open(limited)];
  const card = await tenant.open({ bound: 'credit_limit', credit_limit: 10 });
  const [rich, spare, full] = [await tenant.open(), await tenant.open(), await tenant.open()];
  await tenant.ok(move(spare, full, max));
  const soon = bank.time.now + 1000;
  const holdOf = async (debit: string, expiresAt?: number) =>
    (await tenant.ok(hold(debit, cash, 5, expiresAt))).hold;
  const [captured, voided, expired, open] = [
    await holdOf(rich),
    await holdOf(rich),
    await holdOf(rich, soon),
    await holdOf(rich),
  ];
  await tenant.ok({ kind: 'capture', hold_id: captured });
  const voidedBy = await tenant.ok({ kind: 'void', hold_id: voided });
  const onFrozen = await holdOf(frozen, soon).catch(() => undefined);
  assert.equal(onFrozen, undefined, 'an empty account holds nothing');
  await tenant.ok(move(cash, frozen, 100));
  const frozenHold = await holdOf(frozen, soon);
  const frozenMove = await tenant.ok(move(cash, frozen, 5));
  await tenant.ok({ kind: 'reverse', transfer_id: frozenMove.transfers[0] as string });
  const moved = await tenant.ok(move(cash, rich, 5));
  await tenant.ok({ kind: 'reverse', transfer_id: moved.transfers[0] as string });
  await tenant.change(frozen, { status: 'frozen' });
  await tenant.change(closed, { status: 'closed' });
  bank.time.now = soon + day;
  await tenant.execute('period.close', { closed_through: '2026-01-04' });
  const [past, far] = [Date.parse('2026-01-04T12:00:00Z'), bank.time.now + 367 * day];
  const reverse = (posted: { transfers: readonly string[] }): Leg => ({
    kind: 'reverse',
    transfer_id: posted.transfers[0] as string,
  });
  const increase = (id: string, amount = 1): Leg => ({ kind: 'increase', hold_id: id, amount });
  const capture = (id: string, amount = 1): Leg => ({ kind: 'capture', hold_id: id, amount });
  const inGbp = { currency: 'GBP' };
  const cases: [Leg, RejectionCode, number?][] = [
    [move(unknown.account, unknown.account, 1, { currency: 'NOPE' }), 'accounts_same', past],
    [move(closed, closed, 1), 'accounts_same'],
    [move(unknown.account, closed, 1, { currency: 'NOPE' }), 'debit_account_not_found', past],
    [move(closed, unknown.account, 1, { currency: 'NOPE' }), 'credit_account_not_found', past],
    [increase(unknown.hold), 'hold_not_found', past],
    [capture(unknown.hold), 'hold_not_found', far],
    [{ kind: 'reverse', transfer_id: unknown.transfer }, 'transfer_not_found', past],
    [move(closed, frozen, 1, { currency: 'NOPE' }), 'unknown_currency', past],
    [move(closed, frozen, 1, inGbp), 'currency_mismatch', past],
    [move(closed, euro, 1), 'currency_mismatch', past],
    [move(closed, frozen, max), 'debit_account_closed', past],
    [move(frozen, closed, max), 'credit_account_closed', past],
    [move(frozen, full, max), 'debit_account_frozen', past],
    [move(poor, frozen, max), 'credit_account_frozen', far],
    [increase(frozenHold), 'debit_account_frozen', past],
    [reverse(frozenMove), 'debit_account_frozen', past],
    [hold(poor, full, 1, past), 'period_closed', past],
    [capture(captured, 99), 'period_closed', past],
    [reverse(moved), 'period_closed', past],
    [hold(poor, full, 1, past), 'effective_too_far', far],
    [capture(captured, 99), 'effective_too_far', far],
    [increase(voided, 99), 'effective_too_far', far],
    [reverse(moved), 'effective_too_far', far],
    [hold(poor, full, 1, past), 'expiry_in_the_past'],
    [capture(captured, 99), 'hold_captured'],
    [capture(voided, 99), 'hold_voided'],
    [reverse({ transfers: [voided.replace('hld', 'trf')] }), 'hold_voided'],
    [capture(expired, 99), 'hold_expired'],
    [capture(open, 99), 'amount_exceeds_hold'],
    [reverse(voidedBy), 'not_reversible'],
    [reverse(moved), 'already_reversed'],
    [move(poor, full, 1), 'balance_overflow'],
    [hold(spare, rich, max), 'balance_overflow'],
    [move(poor, rich, 1), 'insufficient_funds'],
    [move(card, rich, 11), 'credit_limit_exceeded'],
  ];
  return { tenant, cases };
}

test('the reasons against an account are told apart', async () => {
  const { tenant, customer } = await openShop(bank, 1);
  const close = { status: 'closed' };
  const limit = { credit_limit: 5 };
  assert.deepEqual(await tenant.change(unknown.account, limit), rejected('account_not_found'));
  assert.deepEqual(
    await tenant.change(customer, { ...close, ...limit }),
    rejected('credit_limit_without_bound'),
  );
  assert.deepEqual(await tenant.change(customer, close), rejected('account_not_empty'));
  const open = { type: 'asset', currency: 'USD', bound: 'no_overdraft', ...limit };
  const without = rejected('credit_limit_without_bound');
  assert.deepEqual((await tenant.execute('account.open', open)).outcome, without);
});

function isFault(error: unknown, code: Fault['code']): boolean {
  return error instanceof Fault && error.code === code;
}
