// Evaluating what a transaction earns: pure, exact, with a trace that explains every point.
//
// Nothing here reads a clock or draws a number: equal programmes, facts and counters give equal
// points for ever, so that an earning can be worked out again whenever somebody asks why.
import { assert, type Instant } from '#core';
import { capGifts, type Gift, type Given } from './capping.ts';
import type { CompiledProgram, CompiledRule } from './compile.ts';
import { type Look, looker } from './conditions.ts';
import { type Counting, countingAt } from './counters.ts';
import type { CapPeriod } from './earning-terms.ts';
import type { Counter, EarnFacts, Earning, EarnPart, EarnState, EarnStep } from './earning.ts';
import { expiresAt, maturesAt } from './expiry.ts';
import { compare, none, one, plus, type Ratio, ratioText, times, whole } from './rounding.ts';
import { type Multiplier, stack } from './stacking.ts';

/**
 * What a transaction earns by one version of a programme, for a member who has had what the state
 * says. Which version counts is the matter of `versionFor`.
 */
export function evaluateEarning(
  program: CompiledProgram,
  facts: EarnFacts,
  state: EarnState,
): Earning {
  assert(Number.isSafeInteger(facts.amount) && facts.amount >= 0, 'an amount is of minor units');
  if (facts.currency !== program.document.currency) {
    return earned(program, facts, { excluded: 'other_currency' });
  }
  const at = rulesInstant(program.document, facts);
  const look = looker(facts, { at, timeZone: program.document.time_zone });
  const { excluded, steps } = judgeExclusions(program, look);
  if (excluded !== null) return earned(program, facts, { excluded, trace: steps });
  const counting = countingAt(program, facts);
  const lines = linesOf(program, { facts, state, at, look, counting });
  const given = capGifts(
    lines.map(({ gift }) => gift),
    { program, facts, state, counting },
  );
  const trace = lines.map(({ gift, step }, index) => told(gift, step, given[index] as Given));
  return earned(program, facts, {
    trace: [...steps, ...trace],
    counted: countedBy(program, trace, { lines, counting }),
  });
}

/** By whose rules: those of the authorization, where the programme says so and there was one. */
export function rulesInstant(
  { rules_as_of }: Pick<CompiledProgram['document'], 'rules_as_of'>,
  { occurredAt, authorizedAt }: Pick<EarnFacts, 'occurredAt' | 'authorizedAt'>,
): Instant {
  return rules_as_of === 'authorization' ? (authorizedAt ?? occurredAt) : occurredAt;
}

// What holds --------------------------------------------------------------------------------------

type Looking = {
  readonly facts: EarnFacts;
  readonly state: EarnState;
  readonly at: Instant;
  readonly look: ReturnType<typeof looker>;
  readonly counting: Counting;
};
type Step = Pick<EarnStep, 'held' | 'why' | 'saw'>;
type Line = { readonly gift: Gift; readonly step: Step };

/** Of exclusions the trace names the one that holds, and those that nobody could tell of. */
function judgeExclusions(
  { exclusions }: CompiledProgram,
  look: Looking['look'],
): { readonly excluded: string | null; readonly steps: readonly EarnStep[] } {
  const steps: EarnStep[] = [];
  for (const { id, conditions } of exclusions) {
    const found = look(conditions);
    if (!found.held && found.why === 'condition_does_not_hold') continue;
    const why = found.held ? 'excludes' : found.why;
    const nothing = { campaign: null, worth: '0', points: 0, cuts: [] };
    steps.push({ ...nothing, ...found, rule: `exclusion:${id}`, why });
    if (found.held) return { excluded: id, steps };
  }
  return { excluded: null, steps };
}

/** In the order in which they are cut: rate, tier, rules, campaigns; what raises goes first. */
function linesOf(program: CompiledProgram, looking: Looking): readonly Line[] {
  const { facts } = looking;
  const rate = program.rates.get(facts.kind);
  const base = rate ? times(whole(BigInt(facts.amount)), rate) : none;
  const looked = program.rules.map((rule) => ({ rule, ...judgeRule(rule, looking) }));
  const held = looked.filter(({ step }) => step.held);
  const multipliers = inTurn([
    ...tierOf(program, facts),
    ...held
      .filter(({ rule }) => rate !== undefined && rule.multiplier !== one)
      .map(({ rule: { id, campaign, multiplier } }) => ({ rule: id, campaign, multiplier })),
  ]);
  const extras = stack(base, multipliers, program.document.earn.stacking);
  const extraOf = new Map(multipliers.map(({ rule }, index) => [rule, extras[index]]));
  const first = rate === undefined ? [] : [line('rate', { multiplied: base, saw: sawRate(facts) })];
  const tier = tierOf(program, facts).map(({ rule }) => {
    const extra = extraOf.get(rule);
    const why = extra === undefined ? 'another_multiplies_more' : 'gives';
    return line(rule, { multiplied: extra ?? none, saw: { tier: facts.tier }, why });
  });
  const rules = looked.map(({ rule, step, bonus }) =>
    step.held
      ? heldLine(rule, { step, bonus, extra: extraOf.get(rule.id), hasRate: rate !== undefined })
      : { gift: giftOf(rule, none, 0n), step },
  );
  return [...first, ...[...tier, ...rules].sort(byTurn)];
}

/** The tier is a multiplier like others, and stacks with them. */
function tierOf({ tierMultipliers }: CompiledProgram, { tier }: EarnFacts): Multiplier[] {
  const multiplier = tier === null ? undefined : tierMultipliers.get(tier);
  return multiplier === undefined ? [] : [{ rule: `tier:${tier}`, campaign: null, multiplier }];
}

/** What reduces comes after what raises, so that it takes from all of it; campaigns come last. */
function inTurn(multipliers: readonly Multiplier[]): readonly Multiplier[] {
  const turn = ({ campaign, multiplier }: Multiplier) =>
    campaign === null ? Number(compare(multiplier, one) < 0) : 2;
  return [...multipliers].sort((a, b) => turn(a) - turn(b));
}

function byTurn({ gift: a }: Line, { gift: b }: Line): number {
  const turn = ({ campaign, multiplied }: Gift) =>
    campaign === null ? Number(compare(multiplied, none) < 0) : 2;
  return turn(a) - turn(b);
}

function judgeRule(
  { id, conditions, from, until, bonus, times: most }: CompiledRule,
  { at, look, counting, state }: Looking,
): { readonly step: Step; readonly bonus: bigint } {
  if (at < from) return { step: { held: false, why: 'not_yet', saw: {} }, bonus: 0n };
  if (at >= until) return { step: { held: false, why: 'over', saw: {} }, bonus: 0n };
  const step: Look = look(conditions);
  if (!step.held || most === undefined) return { step, bonus };
  const had = state.used[counting.timesOf(id, most.per as CapPeriod)] ?? 0;
  return { step, bonus: had < most.count ? bonus : 0n };
}

/** A rule that holds may still give nothing: the trace says why. */
function heldLine(
  rule: CompiledRule,
  {
    step,
    bonus,
    extra,
    hasRate,
  }: {
    readonly step: Step;
    readonly bonus: bigint;
    readonly extra: Ratio | undefined;
    readonly hasRate: boolean;
  },
): Line {
  const gift = giftOf(rule, extra ?? none, bonus);
  if (extra !== undefined || bonus > 0n) return { gift, step: { ...step, why: 'gives' } };
  if (rule.bonus > 0n) return { gift, step: { ...step, why: 'had_as_often_as_it_may' } };
  const why =
    hasRate && rule.multiplier !== one ? 'another_multiplies_more' : 'nothing_to_multiply';
  return { gift, step: { ...step, why } };
}

function giftOf({ id, campaign, caps }: CompiledRule, multiplied: Ratio, bonus: bigint): Gift {
  return { rule: id, campaign, multiplied, bonus, caps };
}

function line(
  rule: string,
  {
    multiplied,
    saw,
    why = 'gives',
  }: { readonly multiplied: Ratio } & Pick<Step, 'saw'> & Partial<Pick<Step, 'why'>>,
): Line {
  const gift = { rule, campaign: null, multiplied, bonus: 0n, caps: [] };
  return { gift, step: { held: true, why, saw } };
}

function sawRate({ kind, amount }: EarnFacts): Step['saw'] {
  return { kind, amount };
}

// What comes of it --------------------------------------------------------------------------------

function told(gift: Gift, step: Step, { points, cuts }: Given): EarnStep {
  const { rule, campaign, multiplied, bonus } = gift;
  const worth = ratioText(bonus === 0n ? multiplied : plus(multiplied, whole(bonus)));
  return { rule, campaign, ...step, worth, points: Number(points), cuts };
}

function earned(
  { document, version }: CompiledProgram,
  facts: EarnFacts,
  found: Partial<Pick<Earning, 'excluded' | 'trace' | 'counted'>>,
): Earning {
  const { excluded = null, trace = [], counted = {} } = found;
  const { kind, amount, occurredAt } = facts;
  const isSpending = kind === 'purchase' || kind === 'international_payment';
  const parts = partsOf(trace, kind);
  return {
    parts,
    points: parts.reduce((sum, { points }) => sum + points, 0),
    spend: isSpending && excluded === null ? amount : 0,
    excluded,
    trace,
    counted,
    maturesAt: maturesAt(document, occurredAt),
    expiresAt: expiresAt(document, occurredAt),
    version,
  };
}

/** One for the programme and one for each campaign: their points are taken from other accounts. */
function partsOf(trace: readonly EarnStep[], reason: EarnPart['reason']): readonly EarnPart[] {
  const parts = new Map<string | null, { points: number; rules: string[] }>();
  for (const { campaign, rule, points } of trace) {
    if (points === 0) continue;
    const part = parts.get(campaign) ?? { points: 0, rules: [] };
    part.points += points;
    part.rules.push(rule);
    parts.set(campaign, part);
  }
  return [...parts]
    .filter(([, { points }]) => points > 0)
    .map(([campaign, part]) => ({ campaign, reason, ...part }));
}

function countedBy(
  { document, rules }: CompiledProgram,
  trace: readonly EarnStep[],
  { lines, counting }: { readonly lines: readonly Line[]; readonly counting: Counting },
): Readonly<Record<Counter, number>> {
  const counted: Record<Counter, number> = {};
  const count = (counter: Counter, by: number) => {
    if (by > 0) counted[counter] = (counted[counter] ?? 0) + by;
  };
  const pointsOf = new Map(trace.map(({ rule, points }) => [rule, points]));
  const all = trace.reduce((sum, { points }) => sum + points, 0);
  for (const { per } of document.earn.caps ?? []) {
    if (per !== 'transaction') count(counting.ofMember(per), all);
  }
  const hasBonus = new Set(lines.flatMap(({ gift }) => (gift.bonus > 0n ? gift.rule : [])));
  for (const { id, caps, times: most } of rules) {
    const points = pointsOf.get(id) ?? 0;
    for (const { per } of caps) {
      if (per !== 'transaction') count(counting.ofRule(id, per), points);
    }
    if (most && hasBonus.has(id) && points > 0)
      count(counting.timesOf(id, most.per as CapPeriod), 1);
  }
  return counted;
}
