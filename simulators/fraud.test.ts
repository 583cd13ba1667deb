import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Fault } from '#core';
import { bankDay } from './bank-day.ts';
import { callOf } from './calls.ts';
import { fraudScenarios, isFraud, lookAlikes, type Scenario } from './fraud.ts';
import type { Operation } from './operation.ts';
import { truthOf } from './truth.ts';

const friday = { seed: 7, customers: 300, transactions: 10_000, day: '2026-03-27' };

test('as many payments are fraud as were asked for, of every scenario, and some look alike', () => {
  for (const fraud of [0, 0.008, 0.05]) {
    const count = countsOf(bankDay({ ...friday, fraud }));
    const frauds = fraudScenarios.map((scenario) => count(scenario));
    assert.equal(
      frauds.reduce((sum, each) => sum + each, 0),
      Math.round(fraud * friday.transactions),
    );
    assert.ok(frauds.every((each) => each > 0 === fraud > 0));
    assert.ok(lookAlikes.every((scenario) => count(scenario) > 5));
  }
});

test('a day has as many transactions as asked for, however many of them are staged', () => {
  const begun = (fraud: number) => {
    const keys = operationsOf(bankDay({ ...friday, transactions: 500, fraud })).map(numberOf);
    return new Set(keys.filter((number) => number !== undefined)).size;
  };
  assert.deepEqual([begun(0), begun(0.1)], [500, 500]);
});

test('the truth is in no call: without it, an operation asks for exactly the same', () => {
  const days = fc.record({
    seed: fc.nat(),
    customers: fc.integer({ min: 10, max: 200 }),
    transactions: fc.integer({ min: 50, max: 400 }),
    day: fc.constantFrom('2026-03-27', '2026-03-29'),
    fraud: fc.constantFrom(0.05, 0.2),
  });
  const words = new RegExp([...fraudScenarios, ...lookAlikes, 'scenario', 'fraud'].join('|'));
  fc.assert(
    fc.property(days, (options) => {
      for (const operation of operationsOf(bankDay(options))) {
        const { scenario, ...untold } = operation;
        const text = textOf(operation);
        assert.equal(textOf(untold as Operation), text);
        assert.ok(!words.test(text), text);
        // What stands for a thief's device looks like what stands for anybody's.
        for (const token of devicesOf(operation)) assert.match(token, /^dev_[a-z]{10}$/);
        assert.ok(
          scenario === undefined || ['pay', 'authorize', 'post'].includes(operation.action),
        );
      }
    }),
    { numRuns: 15 },
  );
});

test('a key tells by its number when a transaction began, and not what it is', () => {
  const first = operationsOf(bankDay(friday)).filter(({ after }) => after === undefined);
  const numbers = first.map(numberOf).filter((number) => number !== undefined);
  assert.deepEqual(
    numbers,
    numbers.map((_, index) => index),
  );
});

test('no fact that a channel knows tells fraud from honest payments', () => {
  const facts = [...operationsOf(bankDay(friday))].flatMap((operation) => {
    const { circumstances, scenario } = operation;
    return circumstances ? [{ ...circumstances, isFraud: isFraud(scenario) }] : [];
  });
  const both = (holds: (fact: (typeof facts)[number]) => boolean) => {
    const found = facts.filter(holds);
    assert.ok(found.some((each) => each.isFraud) && found.some((each) => !each.isFraud));
  };
  both(({ isNewDevice }) => isNewDevice);
  both(({ isNewDevice }) => !isNewDevice);
  both(({ isNewPayee }) => isNewPayee);
  both(({ confirmation }) => confirmation === 'right');
  both(({ country }) => country !== 'DE');
  both(({ country }) => country === 'DE');
});

test('stolen cards are used in bursts, elsewhere; accounts are emptied towards new payees', () => {
  const staged = operationsOf(bankDay(friday));
  const of = (scenario: Scenario) => staged.filter((each) => each.scenario === scenario);
  const byCard = Map.groupBy(of('stolen_card'), ({ chains: [account = ''] }) => account);
  for (const charges of byCard.values()) {
    const times = charges.map(({ effectiveAt }) => effectiveAt);
    const hours = (Math.max(...times) - Math.min(...times)) / 3_600_000;
    assert.ok(hours <= 2 || charges.length > 8, 'within two hours, unless it was stolen twice');
  }
  assert.ok([...byCard.values()].some((charges) => charges.length >= 4));
  for (const { kind, circumstances } of of('account_takeover')) {
    assert.equal(kind, 'peer_transfer');
    assert.equal(circumstances?.isNewPayee, true);
  }
  const tiny = of('card_testing').filter((operation) => worthOf(operation) < 200);
  assert.ok(tiny.length > of('card_testing').length / 2);
});

test('the truth is known of every payment of a customer, and of nothing else', async () => {
  const traffic = bankDay(friday);
  const truth = await truthOf(traffic);
  assert.equal(truth.size, friday.transactions);
  const frauds = [...truth.values()].filter((what) => what !== 'ordinary' && isFraud(what));
  assert.equal(frauds.length, 80);
  const payrolls = operationsOf(traffic).filter(({ kind }) => kind === 'payroll');
  assert.ok(payrolls.length > 0 && payrolls.every(({ key }) => !truth.has(key)));
});

test('a share that makes no sense is refused', () => {
  for (const fraud of [-0.1, 0.3, Number.NaN]) {
    assert.throws(
      () => bankDay({ ...friday, fraud }),
      (error) =>
        error instanceof Fault && /fraud must be a share from 0 to 0.2/.test(error.message),
    );
  }
});

function operationsOf({ operations }: ReturnType<typeof bankDay>): Operation[] {
  return [...(operations as Iterable<Operation>)];
}

function countsOf(traffic: ReturnType<typeof bankDay>) {
  const scenarios = operationsOf(traffic).map(({ scenario }) => scenario);
  return (wanted: Scenario) => scenarios.filter((scenario) => scenario === wanted).length;
}

function numberOf({ key }: Operation): number | undefined {
  const [number] = /(?<=^[^/]+\/[^/]+\/\d+\/)\d+/.exec(key) ?? [];
  return number === undefined ? undefined : Number(number);
}

/** All that is sent, with the key. */
function textOf(operation: Operation): string {
  assert.ok(operation.action !== 'open');
  const accountId = (account: string) => `acc_${account}`;
  const payment = { id: 'pay_1', held: 1n, captured: 1n };
  return JSON.stringify(callOf(operation, { accountId, payment, now: 0 }));
}

function devicesOf(operation: Operation): string[] {
  const { device } = 'metadata' in operation ? operation.metadata : {};
  return device === undefined ? [] : [device];
}

function worthOf(operation: Operation): number {
  assert.ok('leg' in operation);
  return Number(operation.leg.amount);
}
