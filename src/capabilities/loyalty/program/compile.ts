// From a document to what is evaluated: conditions compiled, decimals exact, rules in one order.
import { Fault, type Instant, instantFromText } from '#core';
import { type Condition, conditionCompiler } from './conditions.ts';
import type { Cap, EarnKind, EarnRule } from './earning-terms.ts';
import { type Flaw, pointer, type Program, programDigest, programVersion } from './program.ts';
import { decimalRatio, one, type Ratio } from './rounding.ts';

export type CompiledRule = {
  readonly id: string;
  readonly campaign: string | null;
  readonly conditions: readonly Condition[];
  /** Half-open; an end that is not given is infinite. */
  readonly from: Instant;
  readonly until: Instant;
  readonly multiplier: Ratio;
  readonly bonus: bigint;
  readonly times: EarnRule['times'];
  readonly caps: readonly Cap[];
};

export type CompiledExclusion = { readonly id: string; readonly conditions: readonly Condition[] };

export type CompiledProgram = {
  readonly document: Program;
  readonly digest: string;
  /** `everyday@3f1c09ab52de`. */
  readonly version: string;
  /** Points for one minor unit. */
  readonly rates: ReadonlyMap<EarnKind, Ratio>;
  readonly exclusions: readonly CompiledExclusion[];
  /** Those of the programme first, then those of campaigns; by campaign and id. */
  readonly rules: readonly CompiledRule[];
  readonly tierMultipliers: ReadonlyMap<string, Ratio>;
};

const programsKept = 500;
const programs = new Map<string, CompiledProgram>();

/** Throws `input_invalid` with the place and the reason of each flaw. */
export function compileProgram(document: Program): CompiledProgram {
  const digest = programDigest(document);
  const known = programs.get(digest);
  if (known) return known;
  const { program, flaws } = compiled(document, digest);
  if (flaws.length > 0) refuseProgram(flaws);
  if (programs.size >= programsKept) programs.clear();
  programs.set(digest, program);
  return program;
}

/** One that was compiled before, by the digest of its document. */
export function compiledBefore(digest: string): CompiledProgram | undefined {
  return programs.get(digest);
}

const flawsShown = 50;

export function refuseProgram(flaws: readonly Flaw[]): never {
  const [first] = flaws;
  throw new Fault('input_invalid', `${first?.pointer || 'the programme'}: ${first?.detail}`, {
    detail: { errors: flaws.slice(0, flawsShown) },
  });
}

/** The programme, to be thrown away if it has flaws. */
export function compiled(
  document: Program,
  digest: string,
): { readonly program: CompiledProgram; readonly flaws: readonly Flaw[] } {
  const compiler = conditionCompiler();
  const { earn, tiers } = document;
  const program = {
    document,
    digest,
    version: programVersion(document.name, digest),
    rates: new Map(
      Object.entries(earn.rates).map(([kind, rate]) => [
        kind as EarnKind,
        { numerator: BigInt(rate.points), denominator: BigInt(rate.per) },
      ]),
    ),
    exclusions: earn.exclusions.map((each, index) => ({
      id: each.id,
      conditions: compiler.conditions(each.if, pointer('earn', 'exclusions', index)),
    })),
    rules: earn.rules
      .map((rule, index) => ({
        id: rule.id,
        campaign: rule.campaign ?? null,
        conditions: compiler.conditions(rule.if, pointer('earn', 'rules', index)),
        from: instantOf(rule.from, -Infinity),
        until: instantOf(rule.until, Infinity),
        multiplier: rule.multiplier === undefined ? one : decimalRatio(rule.multiplier),
        bonus: BigInt(rule.points ?? 0),
        times: rule.times,
        caps: rule.caps ?? [],
      }))
      .sort(inOrder),
    tierMultipliers: new Map(
      (tiers?.levels ?? []).flatMap(({ id, multiplier }) =>
        multiplier === undefined ? [] : [[id, decimalRatio(multiplier)] as const],
      ),
    ),
  };
  return { program, flaws: compiler.flaws };
}

/** However a document orders its rules, equal ones give equal points to equal budgets. */
function inOrder(one: CompiledRule, other: CompiledRule): number {
  const [a, b] = [one.campaign ?? '', other.campaign ?? ''];
  if (a !== b) return a < b ? -1 : 1;
  return one.id < other.id ? -1 : 1;
}

/** An instant that does not exist is told by the check, before anything is published. */
function instantOf(text: string | undefined, otherwise: number): Instant {
  const instant = text === undefined ? otherwise : instantFromText(text);
  return instant ?? otherwise;
}
