// A drift report for people: how much a policy would change, of what, and some cases to look at.
import type { DriftReport } from '#policy';
import { grouped as n, table } from './table.ts';

const rowsShown = 12;
const passingInWords = {
  new: 'new: would pass, and did not',
  lost: 'lost: passed, and would not',
  moved: 'changed: would be stopped otherwise',
};

export function printDrift(report: DriftReport): void {
  const { decisions, changed, altered, drift_rate, changes, passing, examples } = report;
  const percent = (drift_rate * 100).toFixed(2);
  console.log(
    `${n(changed)} of ${n(decisions)} decisions would have another outcome: a drift rate of ` +
      `${percent} %; ${n(altered)} more would differ in their reasons, duties or limits`,
  );
  const of = ({ decisions: count, amounts }: (typeof passing)['new']) => [
    n(count),
    amounts.map(({ currency, amount }) => `${amount} ${currency}`).join(', '),
  ];
  const shown = changed === 0 ? [] : (['new', 'lost', 'moved'] as const);
  print(
    ['', 'decisions', 'minor units'],
    shown.map((each) => [passingInWords[each], ...of(passing[each])]),
  );
  print(
    ['outcome', 'decisions', 'minor units'],
    changes.map((change) => [`${change.from} → ${change.to}`, ...of(change)]),
  );
  print(
    ['reason', 'before', 'after'],
    report.reasons
      .filter(({ before, after }) => before !== after)
      .map(({ reason, before, after }) => [reason, n(before), n(after)]),
  );
  print(
    ['segment', 'decisions', 'changed'],
    report.segments
      .filter((each) => each.changed > 0)
      .map(({ by, value, ...counts }) => [
        `${by} ${value}`,
        n(counts.decisions),
        n(counts.changed),
      ]),
  );
  print(
    ['minor units', 'decisions', 'amount', 'changed', 'changed amount'],
    report.amounts.map((each) => [
      each.currency,
      n(each.decisions),
      String(each.amount),
      n(each.changed),
      String(each.changed_amount),
    ]),
  );
  print(
    ['fact missing in history', 'decisions'],
    report.facts_missing.map(({ fact, decisions: count }) => [fact, n(count)]),
  );
  for (const { decision_id, from, to } of examples) {
    const judged = ({ outcome, reasons }: typeof from) => `${outcome} (${reasons.join(', ')})`;
    console.log(`  ${decision_id}  ${judged(from)} → ${judged(to)}`);
  }
}

function print(head: readonly string[], rows: readonly (readonly string[])[]): void {
  if (rows.length === 0) return;
  console.log(`\n${table(head, rows.slice(0, rowsShown))}`);
  if (rows.length > rowsShown) console.log(`and ${rows.length - rowsShown} more`);
}
