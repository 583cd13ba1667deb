// Features as pure folds: what each kind of event says, windows, point in time, and bounds.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instantToText } from '#core';
import fc from 'fast-check';
import { featureCatalogue, type Span, spansMs } from './catalogue.ts';
import { createHistory, type History } from './history.ts';
import { layouts } from './layout.ts';
import { bytesMax, pack, unpack } from './packing.ts';
import {
  type Entities,
  entitiesOf,
  entityKinds,
  fraudReadings,
  paymentReadings,
  type Reading,
  readingsOf,
} from './readings.ts';
import { emptyState, fold, type State } from './state.ts';
import { unseen, valuesOf } from './values.ts';

const start = Date.parse('2026-01-05T09:00:00Z');
const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];
const all = [...featureCatalogue.keys()];
const ada: Entities = { account: 'acc_ada', merchant: 'shop', card: 'card-1', device: 'phone' };

const pay = (at: number, amount = 1_000, who = ada) => paymentReadings(who, at, amount);
const told = (readings: readonly Reading[]) => {
  const history = createHistory();
  history.fold(readings);
  return history;
};
const see = (history: History, at: number, amount: number | null = null, who = ada) =>
  history.values(all, who, { at, amount });

test('every feature has a name that says whose it is, and a state of its own to read', () => {
  for (const { id, entity, aggregate } of featureCatalogue.values()) {
    assert.match(id, new RegExp(`^${entity}\\.[a-z0-9_]+$`));
    if (aggregate.of === 'ratio') assert.ok(aggregate.parts.every((part) => all.includes(part)));
  }
  const nobody = valuesOf(all, (kind) => unseen[kind], { at: start, amount: 100 });
  for (const id of all) assert.equal(nobody[id], featureCatalogue.get(id)?.default, id);
});

test('payments are counted, summed and compared within their windows', () => {
  const history = told([
    ...pay(start - 8 * day, 500),
    ...pay(start - 2 * day, 1_500),
    ...pay(start - 30 * minute, 1_000, { ...ada, merchant: 'other' }),
  ]);
  const seen = see(history, start, 2_000);
  assert.equal(seen['account.count_1h'], 1);
  assert.equal(seen['account.count_7d'], 2);
  assert.equal(seen['account.count_30d'], 3);
  assert.equal(seen['account.sum_30d'], 3_000);
  assert.equal(seen['account.mean_30d'], 1_000);
  assert.equal(seen['account.max_7d'], 1_500);
  assert.equal(seen['account.merchants_1d'], 1);
  assert.equal(seen['account.merchants_7d'], 2);
  assert.equal(seen['account.amount_ratio_30d'], 2);
  assert.equal(seen['account.seconds_since_payment'], 1_800);
  assert.equal(seen['merchant.count_7d'], 1, 'of `shop` alone');
  const deviation = Math.sqrt(500_000 / 3);
  const zscore = seen['account.amount_zscore_30d'] as number;
  assert.ok(Math.abs(zscore - 1_000 / deviation) < 1e-6, String(zscore));
});

test('a window is 24 buckets and the one that is leaving: it may only count too much', () => {
  const instants = fc.array(fc.integer({ min: 0, max: 40 * day }), { maxLength: 60 });
  fc.assert(
    fc.property(instants, fc.integer({ min: 0, max: 40 * day }), (offsets, later) => {
      const times = [...offsets].sort((one, other) => one - other).map((offset) => start + offset);
      const at = (times.at(-1) ?? start) + later;
      const seen = see(told(times.flatMap((time) => pay(time))), at);
      for (const window of ['1h', '1d', '7d', '30d'] as const) {
        const count = seen[`account.count_${window}`] as number;
        const within = (ms: number) => times.filter((time) => time > at - ms).length;
        const length = spansMs[window as Span];
        assert.ok(count >= within(length), `${window}: at least all`);
        assert.ok(count <= within(length * (1 + 1 / 24) + 1), `${window}: a 24th more at most`);
      }
    }),
  );
});

test('what is delayed tells nothing that was not known then', () => {
  const history = told([
    ...pay(start - 10 * day),
    ...pay(start - 9 * day),
    ...pay(start - 2 * day),
    ...fraudReadings(ada, start - 10 * day),
    ...fraudReadings(ada, start - 2 * day),
  ]);
  const seen = see(history, start);
  assert.equal(seen['merchant.frauds_7d'], 1, 'the other one lies within the delay');
  assert.equal(seen['merchant.settled_7d'], 2);
  assert.equal(seen['merchant.fraud_rate_7d'], 0.5);
  assert.equal(seen['account.frauds_30d'], 1);
});

test('a reading of the past does not see buckets of its future', () => {
  const past = told(pay(start));
  const before = see(past, start + 5 * minute);
  past.fold([...pay(start + 3 * hour), ...pay(start + 40 * day)]);
  const after = see(past, start + 5 * minute);
  assert.equal(before['account.count_1h'], 1);
  assert.ok((after['account.count_1h'] as number) <= 1);
  assert.ok((after['account.count_30d'] as number) <= 1);
  assert.equal(after['account.seconds_since_payment'], null, 'nobody knows it any more');
});

test('what comes late counts in the windows that still reach it, and in no other', () => {
  const history = told([...pay(start), ...pay(start - 3 * day)]);
  const seen = see(history, start);
  assert.equal(seen['account.count_1d'], 1);
  assert.equal(seen['account.count_7d'], 2);
  assert.equal(seen['account.seconds_since_payment'], 0, 'the latest stays the latest');
});

test('out of order, events are counted the same while the windows hold them all', () => {
  const times = fc.array(fc.integer({ min: 0, max: 55 * minute }), { maxLength: 30 });
  fc.assert(
    fc.property(times, (offsets) => {
      const at = start + hour;
      const inOrder = [...offsets].sort((one, other) => one - other);
      const [one, other] = [offsets, inOrder].map((each) =>
        see(told(each.flatMap((offset) => pay(start + offset))), at, 700),
      );
      assert.deepEqual(one, other);
    }),
  );
});

const transfer = (type: string, more: object = {}, metadata: object | null = null) => {
  const payload = {
    debit_account_id: 'acc_ada',
    credit_account_id: 'acc_shop',
    effective_at: instantToText(start),
    recorded_at: instantToText(start),
    leg: 0,
    metadata,
    ...more,
  };
  const data = { account_id: 'acc_ada', amount: 500, occurred_at: instantToText(start), payload };
  return readingsOf({ type, body: JSON.stringify({ data }) });
};
const brief = (readings: readonly Reading[]) =>
  readings.map(({ kind, entity, source }) => `${source} ${kind} ${entity}`);

test('a hold is the payment, and its capture only brings in the money', () => {
  const payment = ['payment account acc_ada', 'payment merchant acc_shop'];
  assert.deepEqual(brief(transfer('hold.created')), payment);
  assert.deepEqual(brief(transfer('hold.captured')), ['incoming account acc_shop']);
  assert.deepEqual(brief(transfer('hold.voided')), []);
  const posted = brief(transfer('transaction.posted'));
  assert.deepEqual(posted, [...payment, 'incoming account acc_shop']);
});

test('metadata names merchant, customer, card and device, each once for a whole journal', () => {
  const named = { merchant: 'shop', card: 'card-1', kind: 'purchase' };
  assert.deepEqual(brief(transfer('hold.created', {}, named)), [
    'payment account acc_ada',
    'payment card card-1',
    'payment merchant shop',
  ]);
  const fee = transfer('hold.created', { leg: 2 }, named);
  assert.deepEqual(brief(fee), ['payment account acc_ada']);
});

test('reversals are of the merchant who gives back, and no payments', () => {
  const back = { debit_account_id: 'acc_shop', credit_account_id: 'acc_ada' };
  assert.deepEqual(brief(transfer('transaction.reversed', back)), ['reversal merchant acc_shop']);
});

test('nothing that a caller writes beside a payment hides it from what is counted', () => {
  const plain = brief(transfer('transaction.posted'));
  for (const kind of ['refund', 'card_refund', 'reversal']) {
    assert.deepEqual(brief(transfer('transaction.posted', {}, { kind })), plain, kind);
  }
  assert.ok(plain.includes('payment account acc_ada'));
});

test('a payment that takes effect in the future counts from when it was recorded', () => {
  const [future] = transfer('transaction.posted', { effective_at: '2031-01-01T00:00:00.000Z' });
  assert.equal(future?.at, start);
  const [past] = transfer('transaction.posted', { effective_at: instantToText(start - day) });
  assert.equal(past?.at, start - day);
});

test('what policy has refused is a decline, what the funds did not suffice for is none', () => {
  const rejected = (code: string, account_id: string | null = 'acc_ada') => {
    const data = { account_id, amount: null, occurred_at: instantToText(start), payload: { code } };
    return brief(readingsOf({ type: 'journal.rejected', body: JSON.stringify({ data }) }));
  };
  assert.deepEqual(rejected('policy_denied'), ['decline account acc_ada']);
  assert.deepEqual(rejected('policy_review'), ['decline account acc_ada']);
  assert.deepEqual(rejected('insufficient_funds'), []);
  assert.deepEqual(rejected('policy_denied', null), []);
});

const labelled = (fraud_change: number) => {
  const named = { account_id: 'acc_ada', merchant: 'shop' };
  const payload = { ...named, fraud_change, paid_at: instantToText(start - 10 * day) };
  const data = { account_id: null, amount: null, occurred_at: instantToText(start), payload };
  return readingsOf({ type: 'label.recorded', body: JSON.stringify({ data }) });
};

test('a fraud counts at the time of its payment, whatever the label says of itself', () => {
  assert.deepEqual(brief(labelled(1)), ['fraud account acc_ada', 'fraud merchant shop']);
  assert.equal(labelled(1)[0]?.at, start - 10 * day);
  assert.deepEqual(labelled(0), []);
});

test('a label that changes nothing counts nothing, and one that takes back, takes back', () => {
  const history = told(pay(start - 10 * day));
  const frauds = () => {
    const seen = see(history, start);
    return [seen['account.frauds_30d'], seen['merchant.frauds_30d']];
  };
  history.fold([...labelled(1), ...labelled(0), ...labelled(0)]);
  assert.deepEqual(frauds(), [1, 1]);
  history.fold(labelled(-1));
  assert.deepEqual(frauds(), [0, 0]);
  history.fold([...labelled(-1), ...labelled(1)]);
  assert.deepEqual(frauds(), [1, 1], 'there is never less than none');
});

test('accounts are the sides of a payment, unless its metadata names the merchant', () => {
  const sides = { debitAccountId: 'acc_a', creditAccountId: 'acc_b' };
  const account = 'acc_a';
  assert.deepEqual(entitiesOf({ ...sides, metadata: null }), { account, merchant: 'acc_b' });
  const named = entitiesOf({ ...sides, metadata: { merchant: 'shop', device: 'd1', mcc: '5411' } });
  assert.deepEqual(named, { account, merchant: 'shop', device: 'd1' });
});

const readings = fc.record({
  source: fc.constantFrom('payment', 'incoming', 'decline', 'reversal', 'fraud', 'opened' as const),
  at: fc.oneof(
    fc.integer({ min: start, max: start + 60 * day }),
    fc.integer({ min: start, max: start + 2 * hour }),
    fc.integer({ min: -1e12, max: 4e12 }),
  ),
  amount: fc.oneof(fc.nat(100_000), fc.maxSafeNat()),
  count: fc.constantFrom(1 as const, 1 as const, -1 as const),
  with: fc.record({ account: fc.string(), merchant: fc.string() }),
});
const kinds = fc.constantFrom(...entityKinds);

test('a state survives being packed, bit by bit, wherever its folding is interrupted', () => {
  fc.assert(
    fc.property(kinds, fc.array(readings, { maxLength: 80 }), fc.nat(), (kind, happened, cut) => {
      const [whole, first] = [emptyState(kind), emptyState(kind)];
      const here = (each: (typeof happened)[number]) => ({ ...each, kind, entity: 'x' }) as Reading;
      for (const each of happened) fold(whole, here(each));
      const at = happened.length === 0 ? 0 : cut % happened.length;
      for (const each of happened.slice(0, at)) fold(first, here(each));
      const again = unpack(kind, pack(kind, first)) as State;
      for (const each of happened.slice(at)) fold(again, here(each));
      assert.deepEqual(pack(kind, again), pack(kind, whole));
      assert.deepEqual(unpack(kind, pack(kind, whole)), whole);
    }),
    { numRuns: 300 },
  );
});

test('a state stays below two kilobytes, whatever is sent to fill it', () => {
  for (const kind of entityKinds) {
    const state = emptyState(kind);
    let longest = 0;
    for (let index = 0; index < 40_000; index += 1) {
      const at = start + index * 90_000 * (1 + (index % 3));
      const amount = Number.MAX_SAFE_INTEGER - index;
      const others = { account: `acc_${index}`, merchant: `shop-${index}` };
      const reading = { kind, entity: 'x', at, amount, count: 1, with: others } as const;
      for (const source of ['payment', 'incoming', 'decline', 'reversal', 'fraud'] as const) {
        fold(state, { ...reading, source });
      }
      if (index % 500 === 0) longest = Math.max(longest, pack(kind, state).length);
    }
    assert.ok(longest < 2_048, `${kind}: ${longest} bytes`);
    assert.ok(longest <= bytesMax(layouts[kind], 2), kind);
    assert.ok(bytesMax(layouts[kind]) < 3_200, 'even with a hundred million in every bucket');
  }
});

test('distinct others are exact while they are few, and about right when they are many', () => {
  for (const [others, least, most] of [
    [32, 32, 32],
    [1_000, 600, 1_600],
    [10_000, 6e3, 16e3],
  ]) {
    const history = createHistory();
    for (let index = 0; index < (others as number); index += 1) {
      history.fold(pay(start + index, 100, { ...ada, merchant: `shop-${index}` }));
    }
    const found = see(history, start + hour)['account.merchants_7d'] as number;
    assert.ok(found >= (least as number) && found <= (most as number), `${others}: ${found}`);
    // When the crowd has passed, the few are exact again.
    const later = start + 20 * day;
    for (let index = 0; index < 60; index += 1) history.fold(pay(later + index, 100, ada));
    assert.equal(see(history, later + hour)['account.merchants_7d'], 1);
  }
});

test('entities that are packed away are the same when they come back', () => {
  const [one, other] = [createHistory(), createHistory()];
  const of = (index: number): Entities => ({ account: `acc_${index}`, merchant: 'shop' });
  for (let index = 0; index < 30_000; index += 1) one.fold(pay(start + index, index, of(index)));
  for (const index of [3, 4, 29_999]) other.fold(pay(start + index, index, of(index)));
  for (const index of [3, 4, 29_999]) {
    const ids = all.filter((id) => id.startsWith('account.'));
    const moment = { at: start + hour, amount: 5 };
    assert.deepEqual(one.values(ids, of(index), moment), other.values(ids, of(index), moment));
  }
});
