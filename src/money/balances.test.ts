import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { figures, hold, move, openBank, openShop, type Tenant, uuidOf } from '../../test/bank.ts';
import type { Leg } from './journal.ts';
import { listAccounts, readTrialBalance } from './read.ts';
import { type EntryView, listEntries } from './read-journal.ts';

const bank = await openBank({ after });

async function entries(tenant: Tenant, account: string): Promise<readonly EntryView[]> {
  const accountId = uuidOf('account', account);
  const page = await tenant.read((tx) => listEntries(tx, { accountId, after: 0, limit: 500 }));
  assert.ok(page);
  return page.items;
}

/** What the entries up to an instant add up to, with holds ending at their own instant. */
function fold(
  list: readonly EntryView[],
  expiries: ReadonlyMap<string, number>,
  asOf: number,
  basis: 'recorded' | 'effective',
): { booked: number; pending: number } {
  const seen = (entry: EntryView) => Date.parse(entry.recorded_at) <= asOf;
  const counted = (entry: EntryView) =>
    basis === 'effective' ? Date.parse(entry.effective_at) <= asOf : seen(entry);
  let booked = 0;
  const held = new Map<string, number>();
  for (const entry of list) {
    const sign = entry.side === 'credit' ? 1 : -1;
    const { amount, kind, released } = entry;
    if (['post', 'reverse', 'capture'].includes(kind) && counted(entry)) booked += sign * amount;
    if (entry.hold_id === null || !seen(entry)) continue;
    const grows = kind === 'hold' || kind === 'increase' ? amount : -(amount + released);
    held.set(entry.hold_id, (held.get(entry.hold_id) ?? 0) + sign * grows);
  }
  let pending = 0;
  for (const [id, amount] of held) {
    if ((expiries.get(id) ?? Number.POSITIVE_INFINITY) > asOf) pending += amount;
  }
  return { booked, pending };
}

const step = fc.record({
  kind: fc.constantFrom('move', 'back', 'hold', 'capture', 'partial', 'void', 'expire', 'reverse'),
  amount: fc.integer({ min: 1, max: 50 }),
  waitMs: fc.constantFrom(0, 1, 10, 40),
  shiftMs: fc.constantFrom(0, 0, -25, 25),
  lifeMs: fc.constantFrom(5, 30, 0),
  pick: fc.nat(10),
});

test('a balance as of any instant is the fold of the entries up to it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 14 }), async (steps) => {
      const { tenant, customer, merchant } = await openShop(bank, 300, { bound: 'none' });
      const start = bank.time.now;
      const expiries = new Map<string, number>();
      const holds: string[] = [];
      const moves: string[] = [];
      for (const { kind, amount, waitMs, shiftMs, lifeMs, pick } of steps) {
        bank.time.now += waitMs;
        const id = holds[pick % holds.length] ?? '';
        const expiry = lifeMs === 0 ? undefined : bank.time.now + lifeMs;
        const legs: Record<string, Leg | undefined> = {
          move: move(customer, merchant, amount),
          back: move(merchant, customer, amount),
          hold: hold(customer, merchant, amount, expiry),
          capture: id === '' ? undefined : { kind: 'capture', hold_id: id },
          partial: id === '' ? undefined : { kind: 'capture', hold_id: id, amount, final: false },
          void: id === '' ? undefined : { kind: 'void', hold_id: id },
          expire: id === '' ? undefined : { kind: 'expire', hold_id: id },
          reverse:
            moves.length === 0
              ? undefined
              : { kind: 'reverse', transfer_id: moves[pick % moves.length] as string },
        };
        const leg = legs[kind];
        if (leg === undefined) continue;
        const effective_at = new Date(bank.time.now + shiftMs).toISOString();
        const posted = await tenant.post(leg, shiftMs === 0 ? {} : { effective_at });
        if (posted.outcome.status === 'rejected') continue;
        if (kind === 'hold') holds.push(posted.hold);
        if (kind === 'hold' && expiry !== undefined) expiries.set(posted.hold, expiry);
        if (kind === 'move' || kind === 'back') moves.push(posted.transfers[0] as string);
      }
      bank.time.now += 60;
      for (const account of [customer, merchant]) {
        const list = await entries(tenant, account);
        for (let asOf = start; asOf <= bank.time.now; asOf += 11) {
          for (const basis of ['recorded', 'effective'] as const) {
            const view = await tenant.balances(account, { asOf, basis });
            assert.ok(view);
            const expected = fold(list, expiries, asOf, basis);
            assert.deepEqual({ booked: view.booked, pending: view.pending }, expected, basis);
            const debitsHeld = view.debits_pending;
            assert.equal(view.available, view.booked - debitsHeld);
          }
        }
      }
    }),
    { numRuns: 6 },
  );
});

test('available balances of the past know the limit of that time', async () => {
  const limit = { bound: 'credit_limit', credit_limit: 100 };
  const { tenant, customer } = await openShop(bank, 10, limit);
  const opened = bank.time.now;
  bank.time.now += 1000;
  await tenant.change(customer, { credit_limit: 500 });
  const raised = bank.time.now;
  bank.time.now += 1000;
  await tenant.change(customer, { bound: 'none' });
  const available = async (asOf: number) => (await figures(tenant, customer, { asOf }))[2];
  assert.equal(await available(opened), 110);
  assert.equal(await available(raised - 1), 110);
  assert.equal(await available(raised), 510);
  assert.equal(await available(bank.time.now), 10);
});

test('an account has no balances before it was opened', async () => {
  const { tenant, customer } = await openShop(bank, 10);
  const asOf = bank.time.now - 1;
  assert.equal(await tenant.balances(customer, { asOf }), undefined);
  bank.time.now -= 1;
  const [booked] = await figures(tenant, customer);
  assert.equal(booked, 10, 'a server whose clock is behind shows the latest all the same');
  bank.time.now += 1;
});

test('no figure is larger than a number can be exactly', async () => {
  const limit = { bound: 'credit_limit', credit_limit: Number.MAX_SAFE_INTEGER };
  const { tenant, customer } = await openShop(bank, 10, limit);
  assert.deepEqual(await figures(tenant, customer), [10, 0, Number.MAX_SAFE_INTEGER]);
});

test('entries are numbered without a gap and read in pages', async () => {
  const { tenant, cash, customer } = await openShop(bank, 10);
  for (let count = 2; count <= 7; count += 1) await tenant.ok(move(cash, customer, count));
  const accountId = uuidOf('account', customer);
  const versions: number[] = [];
  for (let cursor: string | null = '0'; cursor !== null; ) {
    const after: number = Number(cursor);
    const page = await tenant.read((tx) => listEntries(tx, { accountId, after, limit: 3 }));
    versions.push(...(page?.items ?? []).map(({ version }) => version));
    cursor = page?.next ?? null;
  }
  assert.deepEqual(versions, [1, 2, 3, 4, 5, 6, 7]);
});

test('accounts are listed in the order of their opening, or of one holder', async () => {
  const tenant = await bank.tenant();
  const opened: string[] = [];
  for (let count = 0; count < 5; count += 1) {
    bank.time.now += 1;
    opened.push(await tenant.open({ holder_id: count % 2 === 0 ? 'cus:1' : 'cus:2' }));
  }
  const { now } = bank.time;
  const first = await tenant.read((tx) => listAccounts(tx, { limit: 3, now }));
  assert.deepEqual(
    first.items.map(({ id }) => id),
    opened.slice(0, 3),
  );
  const after = uuidOf('account', first.next as string);
  const rest = await tenant.read((tx) => listAccounts(tx, { limit: 3, after, now }));
  assert.deepEqual([rest.items.map(({ id }) => id), rest.next], [opened.slice(3), null]);
  const held = await tenant.read((tx) => listAccounts(tx, { limit: 9, holderId: 'cus:2', now }));
  assert.deepEqual(
    held.items.map(({ id }) => id),
    [opened[1], opened[3]],
  );
});

test('the trial balance of a past instant is that of then', async () => {
  const { tenant, cash, customer } = await openShop(bank, 10);
  const then = bank.time.now;
  bank.time.now += 1000;
  await tenant.ok(move(cash, customer, 90));
  const debits = async (asOf?: number) => {
    const trial = await tenant.read((tx) => readTrialBalance(tx, asOf));
    assert.equal(trial.balanced, true);
    return trial.currencies.find(({ type }) => type === 'asset')?.debits_posted;
  };
  assert.equal(await debits(then), 10);
  assert.equal(await debits(bank.time.now), 100);
  assert.equal(await debits(), 100);
});
