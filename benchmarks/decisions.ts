// Decisions: the default policies on facts in hand, with trace, countersignature and event.
import {
  type Command,
  countersigner,
  type Json,
  newCommand,
  seededRandom,
  systemClock,
  temporaryKeyring,
} from '#core';
import { compileBundle, decide, defaultBundle, type Facts } from '#policy';
import { quantile, sortedTimes } from './bank.ts';
import type { Benchmark, Figures } from './run.ts';

const decisions = 60_000;
const warmUp = 20_000;

export const decisionsBenchmark: Benchmark = {
  title: 'Decisions: default bundles, facts in hand, with trace, countersignature and event',
  guess: { payments_per_s: 18_000, payments_p99_us: 200, ledger_per_s: 40_000, ledger_p99_us: 80 },
  targets: { payments_per_s: { min: 15_000 }, payments_p99_us: { max: 500 } },
  async run() {
    const random = seededRandom(1);
    const mint = countersigner(temporaryKeyring(random).countersignKeys);
    const clock = systemClock();
    const tell = (point: string, name: string, factsOf: (index: number) => Facts): Figures => {
      const program = compileBundle(defaultBundle(point).bundle);
      const bench = { deciding: program, isCanary: false, shadows: [] };
      const times: number[] = [];
      let startedAt = 0;
      const outcomes = new Map<string, number>();
      for (let index = -warmUp; index < decisions; index += 1) {
        if (index === 0) startedAt = performance.now();
        const facts = factsOf(Math.abs(index));
        const command: Command = newCommand(
          {
            principal: { kind: 'service', id: 'bench', tenant: 'bench' },
            operation: 'journal.post',
            idempotencyKey: `b-${index}`,
            body: { legs: [{ amount: facts['amount'] as Json, kind: 'post' }] },
          },
          { clock, random },
        );
        const from = performance.now();
        const decided = decide(mint, {
          command,
          bench,
          facts,
          modelScoreRef: null,
          consumes: true,
        });
        if (index >= 0) times.push((performance.now() - from) * 1000);
        const { outcome } = decided.decision;
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      }
      // Making a command is part of the rate, as it is of a call.
      const perSecond = (decisions * 1000) / (performance.now() - startedAt);
      const sorted = sortedTimes(times);
      return {
        [`${name}_per_s`]: perSecond,
        [`${name}_p50_us`]: quantile(sorted, 0.5),
        [`${name}_p99_us`]: quantile(sorted, 0.99),
        [`${name}_allowed_percent`]: (100 * (outcomes.get('allow') ?? 0)) / (decisions + warmUp),
      };
    };
    return {
      ...tell('payment-authorization', 'payments', payment),
      ...tell('ledger-operations', 'ledger', ledger),
    };
  },
};

/** Mostly what customers do; every twentieth is something to think about. */
export function payment(index: number): Facts {
  const odd = index % 20 === 0;
  return {
    ...ledger(index),
    amount: odd ? 2_000_000 : 1_000 + (index % 9_000),
    amount_home: odd ? 2_000_000 : 1_000 + (index % 9_000),
    kind: index % 3 === 0 ? 'transfer' : 'card',
    channel: index % 3 === 0 ? 'mobile' : 'card_present',
    mcc: '5411',
    counterparty_country: 'DE',
    customer_kind: 'person',
    account_age_days: 400,
    fraud_score: (index % 70) / 100,
    score_status: 'scored',
    screening_status: 'screened',
    screening_score: 0,
    local_hour: index % 24,
  };
}

function ledger(index: number): Facts {
  return {
    account_id: `acc_${index % 1000}`,
    amount: 1 + index,
    amount_total: 1 + index,
    approvals: 0,
    backdated_days: 0,
    of_payment: false,
    counter_account_id: `acc_${(index + 1) % 1000}`,
    credit_limit: 0,
    currency: 'EUR',
    leg_kinds: ['post'],
    legs: 1,
    operation: 'journal.post',
    principal_kind: 'service',
  };
}
