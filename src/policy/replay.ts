// Replay: recorded decisions are made once more, by their own bundle or by another one, and what
// differs is told. Nothing is read or written here.
import { canonicalJson, type Json } from '#core';
import type { Program } from './bundle/compile.ts';
import { evaluate, type Verdict, type VerdictOutcome } from './bundle/evaluate.ts';
import { jsonValue } from './bundle/facts.ts';
import type { DecisionRecord } from './decision-log.ts';
import type { DriftExample, DriftReport } from './drift-report.ts';

type Count = DriftReport['passing']['new'];

const segmentFacts = ['channel', 'kind', 'currency', 'principal_kind'] as const;
/** Values of one fact that are told apart; the rest is counted as one. */
const segmentValuesMax = 30;
const otherValues = '(others)';
const examplesMaxDefault = 20;
const exampleCharsMax = 4_000;

export type Drift = {
  /** The program judges what is on record, or other facts in its place. */
  readonly add: (record: DecisionRecord, program: Program, facts?: DecisionRecord['facts']) => void;
  readonly report: () => DriftReport;
};

export function createDrift({ examplesMax = examplesMaxDefault } = {}): Drift {
  let [decisions, changed, altered] = [0, 0, 0];
  const changes = new Map<string, Sum>();
  const reasons = new Map<string, { before: number; after: number }>();
  const missing = new Map<string, number>();
  const segments = createSegments();
  const amounts = createAmounts();
  const examples: DriftExample[] = [];

  function countChange(record: DecisionRecord, verdict: Verdict): void {
    const change = `${record.outcome} ${verdict.outcome}`;
    const sum = changes.get(change) ?? createSum();
    changes.set(change, sum);
    sum.add(record.facts);
    // A frequent change leaves room for the rare ones.
    if (sum.decisions() > examplesMax / 4 || examples.length >= examplesMax) return;
    const isLong = canonicalJson(record.facts).length > exampleCharsMax;
    examples.push({
      decision_id: record.decision_id,
      from: { outcome: record.outcome, reasons: [...record.reasons] },
      to: { outcome: verdict.outcome, reasons: [...verdict.reasons] },
      facts: isLong ? null : record.facts,
    });
  }

  return {
    add(record, program, facts = record.facts) {
      const verdict = evaluate(program, facts, record.settled);
      const isChanged = verdict.outcome !== record.outcome;
      decisions += 1;
      if (isChanged) {
        changed += 1;
        countChange(record, verdict);
      } else if (isAltered(record, verdict)) altered += 1;
      countReasons(reasons, record, verdict);
      for (const fact of missingFacts(record, verdict)) {
        missing.set(fact, (missing.get(fact) ?? 0) + 1);
      }
      segments.add(program, record.facts, isChanged);
      amounts.add(record.facts, isChanged);
    },
    report: () => ({
      decisions,
      changed,
      altered,
      drift_rate: decisions === 0 ? 0 : changed / decisions,
      ...tellChanges(changes),
      reasons: [...reasons].sort(byName).map(([reason, counts]) => ({ reason, ...counts })),
      segments: segments.rows(),
      amounts: amounts.rows(),
      facts_missing: inOrder(missing).map(([fact, count]) => ({ fact, decisions: count })),
      examples,
    }),
  };
}

/** Whether somebody would notice a decision of the same outcome. */
function isAltered(record: DecisionRecord, verdict: Verdict): boolean {
  return (['reasons', 'obligations', 'consume', 'answers'] as const).some(
    (field) => canonicalJson(record[field] as Json) !== canonicalJson(verdict[field] as Json),
  );
}

function countReasons(
  reasons: Map<string, { before: number; after: number }>,
  record: DecisionRecord,
  verdict: Verdict,
): void {
  for (const [when, told] of [
    ['before', record.reasons],
    ['after', verdict.reasons],
  ] as const) {
    for (const reason of told) {
      const counts = reasons.get(reason) ?? { before: 0, after: 0 };
      counts[when] += 1;
      reasons.set(reason, counts);
    }
  }
}

function missingFacts({ facts }: DecisionRecord, { trace }: Verdict): ReadonlySet<string> {
  const doubts = trace.doubts.filter(({ kind }) => kind === 'fact_missing');
  return new Set(doubts.flatMap(({ detail }) => (Object.hasOwn(facts, detail) ? [] : [detail])));
}

// Segments ----------------------------------------------------------------------------------------

type FactsOnRecord = DecisionRecord['facts'];

/** By what a decision was about, as far as its facts say; personal facts are no segments. */
function createSegments() {
  const counts = new Map<string, Map<string, { decisions: number; changed: number }>>();
  function count(by: string, value: string, isChanged: boolean): void {
    const values = counts.get(by) ?? new Map<string, { decisions: number; changed: number }>();
    counts.set(by, values);
    const name = values.has(value) || values.size < segmentValuesMax ? value : otherValues;
    const row = values.get(name) ?? { decisions: 0, changed: 0 };
    row.decisions += 1;
    if (isChanged) row.changed += 1;
    values.set(name, row);
  }
  return {
    add({ bundle }: Program, facts: FactsOnRecord, isChanged: boolean): void {
      const isShown = (fact: string) => bundle.facts[fact]?.personal === undefined;
      for (const fact of segmentFacts) {
        const value = facts[fact];
        if (typeof value === 'string' && value !== '' && isShown(fact)) {
          count(fact, value, isChanged);
        }
      }
      const { amount } = facts;
      if (typeof amount === 'number' && amount >= 0 && isShown('amount')) {
        count('amount', amountBand(amount), isChanged);
      }
    },
    rows: () =>
      [...counts].sort(byName).flatMap(([by, values]) => {
        const rows = [...values].sort(byName).map(([value, row]) => ({ by, value, ...row }));
        return rows.sort((one, other) => other.changed - one.changed);
      }),
  };
}

/** Powers of ten: `1000-9999` minor units. */
function amountBand(amount: number): string {
  const digits = String(Math.floor(amount)).length;
  return digits === 1 ? '0-9' : `${10 ** (digits - 1)}-${10 ** digits - 1}`;
}

/** Of changes of one kind: how many, and the sums of what they are about. */
function createSum() {
  let decisions = 0;
  const sums = new Map<string, bigint>();
  return {
    decisions: () => decisions,
    sums,
    add({ amount, currency }: FactsOnRecord): void {
      decisions += 1;
      if (!isAmount(amount, currency)) return;
      const name = sums.has(currency) || sums.size < segmentValuesMax ? currency : otherValues;
      sums.set(name, (sums.get(name) ?? 0n) + BigInt(amount as number));
    },
  };
}
type Sum = ReturnType<typeof createSum>;

function tellChanges(changes: ReadonlyMap<string, Sum>): Pick<DriftReport, 'changes' | 'passing'> {
  const counts = new Map([...changes].map(([change, sum]) => [change, sum.decisions()]));
  const among = (isAmong: (from: string, to: string) => boolean) =>
    countOf(
      [...changes].flatMap(([change, sum]) => {
        const [from = '', to = ''] = change.split(' ');
        return isAmong(from, to) ? [sum] : [];
      }),
    );
  return {
    changes: inOrder(counts).map(([change]) => {
      const [from, to] = change.split(' ') as [VerdictOutcome, VerdictOutcome];
      return { from, to, ...countOf([changes.get(change) as Sum]) };
    }),
    passing: {
      new: among((_, to) => to === 'allow'),
      lost: among((from) => from === 'allow'),
      moved: among((from, to) => from !== 'allow' && to !== 'allow'),
    },
  };
}

function countOf(all: readonly Sum[]): Count {
  const total = new Map<string, bigint>();
  for (const [currency, amount] of all.flatMap(({ sums }) => [...sums])) {
    total.set(currency, (total.get(currency) ?? 0n) + amount);
  }
  return {
    decisions: all.reduce((sum, { decisions }) => sum + decisions(), 0),
    amounts: [...total].sort(byName).map(([currency, amount]) => ({
      currency,
      amount: jsonValue(amount) as number | string,
    })),
  };
}

function isAmount(amount: Json | undefined, currency: Json | undefined): currency is string {
  return Number.isSafeInteger(amount) && typeof currency === 'string' && currency !== '';
}

function createAmounts() {
  type Sums = { decisions: number; amount: bigint; changed: number; changedAmount: bigint };
  const sums = new Map<string, Sums>();
  return {
    add({ amount, currency }: FactsOnRecord, isChanged: boolean): void {
      if (!isAmount(amount, currency)) return;
      const unseen = { decisions: 0, amount: 0n, changed: 0, changedAmount: 0n };
      const name = sums.has(currency) || sums.size < segmentValuesMax ? currency : otherValues;
      const row = sums.get(name) ?? unseen;
      row.decisions += 1;
      row.amount += BigInt(amount as number);
      if (isChanged) {
        row.changed += 1;
        row.changedAmount += BigInt(amount as number);
      }
      sums.set(name, row);
    },
    rows: () =>
      [...sums].sort(byName).map(([currency, { decisions, amount, changed, changedAmount }]) => ({
        ...{ currency, decisions, changed },
        amount: jsonValue(amount) as number | string,
        changed_amount: jsonValue(changedAmount) as number | string,
      })),
  };
}

/** The most frequent first; in the order of their names where they are equally frequent. */
function inOrder(counts: ReadonlyMap<string, number>): [string, number][] {
  return [...counts].sort(byName).sort(([, one], [, other]) => other - one);
}

function byName([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
