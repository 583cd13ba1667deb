// Counters: what a member has had already, by the names under which caps count it.
import { addDays, localTime } from '#core';
import type { CompiledProgram } from './compile.ts';
import type { CapPeriod } from './earning-terms.ts';
import type { Counter, EarnFacts } from './earning.ts';

/** Names the counters of a member at the instant at which a transaction is posted. */
export type Counting = {
  readonly ofMember: (per: CapPeriod) => Counter;
  readonly ofRule: (rule: string, per: CapPeriod) => Counter;
  /** How often its bonus was given. */
  readonly timesOf: (rule: string, per: CapPeriod) => Counter;
};

/** The counters that evaluating the transaction asks for: what else was counted plays no part. */
export function countersOf(
  program: CompiledProgram,
  facts: Pick<EarnFacts, 'occurredAt'>,
): readonly Counter[] {
  const { ofMember, ofRule, timesOf } = countingAt(program, facts);
  const isKept = ({ per }: { readonly per: CapPeriod }) => per !== 'transaction';
  const { caps = [] } = program.document.earn;
  const ofRules = program.rules.flatMap(({ id, caps: own, times }) => [
    ...own.filter(isKept).map(({ per }) => ofRule(id, per)),
    ...(times === undefined ? [] : [timesOf(id, times.per as CapPeriod)]),
  ]);
  return [...new Set([...caps.filter(isKept).map(({ per }) => ofMember(per)), ...ofRules])];
}

export function countingAt(
  { document }: CompiledProgram,
  { occurredAt }: Pick<EarnFacts, 'occurredAt'>,
): Counting {
  let known: { readonly date: string; readonly weekday: number } | undefined;
  const local = () => {
    known ??= localTime(occurredAt, document.time_zone);
    return known;
  };
  const name = (what: string, per: CapPeriod) =>
    per === 'ever' || per === 'transaction'
      ? `${what} ${per}`
      : `${what} ${per} ${periodOf(per, local())}`;
  return {
    ofMember: (per) => name('member points', per),
    ofRule: (rule, per) => name(`rule ${rule} points`, per),
    timesOf: (rule, per) => name(`rule ${rule} times`, per),
  };
}

function periodOf(
  per: CapPeriod,
  { date, weekday }: { readonly date: string; readonly weekday: number },
): string {
  switch (per) {
    case 'week':
      return addDays(date, 1 - weekday);
    case 'month':
      return date.slice(0, 7);
    case 'quarter':
      return `${date.slice(0, 4)}-Q${Math.ceil(Number(date.slice(5, 7)) / 3)}`;
    case 'year':
      return date.slice(0, 4);
    default:
      return date;
  }
}
