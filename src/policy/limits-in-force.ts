// What the limits of the bundles in force allow at most, for those who look at what is used of
// them.
import { canonicalJson, type Consume, type Instant, type Json } from '#core';
import type pg from 'pg';
import type { Program } from './bundle/compile.ts';
import { type Facts, prepare, resultOf } from './bundle/evaluate.ts';
import { homeCurrencyOf } from './bundle/home.ts';
import type { Library } from './releases.ts';
import { listPoints } from './release-views.ts';

export type LimitTerms = {
  readonly point: string;
  readonly policyVersion: string;
  /** In which the bundle counts amounts; null where it does not say so. */
  readonly currency: string | null;
  /** The cap as it is written: an expression. */
  readonly capRule: string;
  /** Whether it reads no facts, and is the same for everybody. */
  readonly isFixed: boolean;
  /** In minor units, or how many; null where these facts do not say it. */
  readonly capOn: (facts: Facts) => number | null;
};

/** What tells a limit from the others: under another window it counts anew. */
type Counted = Pick<Consume, 'limit' | 'measure' | 'window'>;

/** Points of a tenant that are looked through. */
const pointsMax = 500;

/** Finds the terms of a limit; of what no bundle in force defines there are none. */
export async function limitsInForce(
  tx: pg.ClientBase,
  library: Pick<Library, 'program'>,
  { tenant, at }: { readonly tenant: string; readonly at: Instant },
): Promise<(counted: Counted) => LimitTerms | undefined> {
  const { items } = await listPoints(tx, { tenant, at, limit: pointsMax });
  const terms = new Map<string, LimitTerms>();
  for (const { name, live } of items) {
    if (live === null) continue;
    const program = await library.program(tenant, live.digest);
    for (const limit of program.limits) {
      const key = keyOf({ ...limit, limit: limit.id });
      if (!terms.has(key)) terms.set(key, termsOf(name, program, limit));
    }
  }
  return (counted) => terms.get(keyOf(counted));
}

function keyOf({ limit, measure, window }: Counted): string {
  return canonicalJson([limit, measure, window as Json]);
}

function termsOf(
  point: string,
  program: Program,
  { measure, cap }: Program['limits'][number],
): LimitTerms {
  const { bundle, version: policyVersion } = program;
  return {
    ...{ point, policyVersion },
    currency: measure === 'amount' ? (homeCurrencyOf(bundle) ?? null) : null,
    capRule: cap.text,
    isFixed: cap.reads.length === 0,
    capOn(facts) {
      const result = resultOf(prepare(program, facts), cap);
      const most = 'value' in result ? Number(result.value) : -1;
      return Number.isSafeInteger(most) && most >= 0 ? most : null;
    },
  };
}
