// What is known of a programme before anybody relies on it: is it sound, do its own examples come
// out, and which of its rules do they leave out.
import { type Instant, instantFromText, isoExponent, type Json, canonicalJson } from '#core';
import { compiled, type CompiledProgram, type CompiledRule } from './compile.ts';
import { looker } from './conditions.ts';
import { earnKinds, type EarnRule } from './earning-terms.ts';
import { earnFacts, type EarnFacts, type Earning } from './earning.ts';
import { evaluateEarning } from './evaluate.ts';
import {
  type EarnTransaction,
  type Flaw,
  parseProgram,
  pointer,
  type Program,
  programDigest,
} from './program.ts';
import { rewardFlaws } from './reward-check.ts';
import { compare, one } from './rounding.ts';

export type Examined = {
  /** Undefined for what is no programme, or one whose conditions do not compile. */
  readonly program: CompiledProgram | undefined;
  readonly flaws: readonly Flaw[];
  /** Rules that none of its examples makes hold. */
  readonly untested: readonly string[];
  /** What its own examples earn, in their order. */
  readonly examples: readonly { readonly name: string; readonly earning: Earning }[];
};

/** Looks at a document that is to come into force then, after `before` if that was in force. */
export function examineProgram(
  value: unknown,
  { at, before }: { readonly at: Instant; readonly before?: Program | undefined },
): Examined {
  const nothing = { program: undefined, untested: [], examples: [] };
  const parsed = parseProgram(value);
  if (isFlaws(parsed)) return { ...nothing, flaws: parsed };
  const { program, flaws: ofConditions } = compiled(parsed, programDigest(parsed));
  const flaws = [
    ...headFlaws(parsed, before),
    ...ofConditions,
    ...parsed.earn.rules.flatMap((rule, index) => ruleFlaws(rule, index, at)),
    ...twinFlaws(parsed),
    ...tierFlaws(parsed),
    ...redemptionFlaws(parsed),
    ...exampleInstants(parsed),
    ...exampleTiers(parsed),
  ];
  if (flaws.length > 0) return { ...nothing, flaws };
  const examples = parsed.examples.map(({ name, transaction }) => ({
    name,
    earning: evaluateEarning(program, factsAt(parsed, transaction, at), { used: {} }),
  }));
  const held = new Set(
    examples.flatMap(({ earning }) =>
      earning.trace.flatMap((step) => (step.held ? step.rule : [])),
    ),
  );
  const ofRules = [...neverFlaws(program), ...rewardFlaws(program)];
  const ofExamples = examples.flatMap(({ earning }, index) => exampleFlaws(parsed, index, earning));
  return {
    program,
    // Where a rule is wrong, what its examples come to says nothing more.
    flaws: ofRules.length > 0 ? ofRules : ofExamples,
    untested: parsed.earn.rules.flatMap(({ id }) => (held.has(id) ? [] : [id])),
    examples,
  };
}

function isFlaws(parsed: Program | readonly Flaw[]): parsed is readonly Flaw[] {
  return Array.isArray(parsed);
}

function factsAt({ currency }: Program, transaction: EarnTransaction, at: Instant): EarnFacts {
  return earnFacts(transaction, { currency, now: at });
}

// The head ----------------------------------------------------------------------------------------

function headFlaws(document: Program, before: Program | undefined): Flaw[] {
  const { currency, time_zone } = document;
  const flaws: Flaw[] = [];
  if (isoExponent(currency) === undefined) {
    flaws.push({ pointer: '/currency', detail: `"${currency}" is no currency of ISO 4217` });
  }
  if (!isTimeZone(time_zone)) {
    flaws.push({ pointer: '/time_zone', detail: `"${time_zone}" is no IANA time zone` });
  }
  for (const member of ['unit', 'currency'] as const) {
    if (before === undefined || before[member] === document[member]) continue;
    const held = `is ${before[member]}, in which points are held already`;
    flaws.push({ pointer: `/${member}`, detail: `${held}: start another programme` });
  }
  return flaws;
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function tierFlaws({ tiers }: Program): Flaw[] {
  const levels = tiers?.levels ?? [];
  return levels.flatMap(({ threshold }, index) => {
    const at = pointer('tiers', 'levels', index, 'threshold');
    const below = levels[index - 1]?.threshold;
    if (below === undefined) {
      return threshold === 0 ? [] : [{ pointer: at, detail: 'is 0 for the lowest: all have it' }];
    }
    if (threshold > below) return [];
    return [{ pointer: at, detail: `is above that of the level before, which is ${below}` }];
  });
}

function redemptionFlaws({ redemption }: Program): Flaw[] {
  const flaws: Flaw[] = [];
  if (redemption !== undefined && redemption.points_max < redemption.points_min) {
    flaws.push({ pointer: '/redemption/points_max', detail: 'is below points_min' });
  }
  const value = redemption?.value;
  if (value !== undefined && value.ceiling_micros < value.floor_micros) {
    flaws.push({ pointer: '/redemption/value/ceiling_micros', detail: 'is below floor_micros' });
  }
  return flaws;
}

function twinFlaws({ earn, tiers, examples }: Program): Flaw[] {
  return [
    ...twins(
      earn.rules.map(({ id }) => id),
      (index) => pointer('earn', 'rules', index, 'id'),
    ),
    ...twins(
      earn.exclusions.map(({ id }) => id),
      (index) => pointer('earn', 'exclusions', index, 'id'),
    ),
    ...twins(
      (tiers?.levels ?? []).map(({ id }) => id),
      (index) => pointer('tiers', 'levels', index, 'id'),
    ),
    ...twins(
      examples.map(({ name }) => name),
      (index) => pointer('examples', index, 'name'),
    ),
    ...twins(
      (earn.caps ?? []).map(({ per }) => per),
      (index) => pointer('earn', 'caps', index, 'per'),
    ),
    ...earn.rules.flatMap(({ caps = [] }, rule) =>
      twins(
        caps.map(({ per }) => per),
        (index) => pointer('earn', 'rules', rule, 'caps', index, 'per'),
      ),
    ),
  ];
}

function twins(ids: readonly string[], at: (index: number) => string): Flaw[] {
  return ids.flatMap((id, index) =>
    ids.indexOf(id) === index ? [] : [{ pointer: at(index), detail: `"${id}" is there twice` }],
  );
}

// Rules -------------------------------------------------------------------------------------------

function ruleFlaws(rule: EarnRule, index: number, at: Instant): Flaw[] {
  const flaws: Flaw[] = [];
  const flaw = (detail: string, ...member: readonly string[]) => {
    flaws.push({ pointer: pointer('earn', 'rules', index, ...member), detail });
  };
  const { id, multiplier, points, times, from, until } = rule;
  if (id === 'rate') flaw('"rate" is what the trace calls the rate: name the rule otherwise', 'id');
  if (points === undefined && (multiplier === undefined || Number(multiplier) === 1)) {
    flaw('gives nothing: add points, or a multiplier other than 1');
  }
  if (rule.campaign !== undefined && Number(multiplier ?? 1) < 1) {
    flaw(
      'takes away, and a campaign only gives: a multiplier of a campaign is 1 or more',
      'multiplier',
    );
  }
  if (times !== undefined && points === undefined) {
    flaw('counts bonuses, and the rule has none: add points, or use caps', 'times');
  }
  const [begins, ends] = [wanted(from, -Infinity), wanted(until, Infinity)];
  if (begins === undefined) flaw('is no instant that exists', 'from');
  if (ends === undefined) flaw('is no instant that exists', 'until');
  if (begins === undefined || ends === undefined) return flaws;
  if (begins >= ends) flaw('is not after from: the rule could never apply', 'until');
  else if (ends <= at) flaw('has passed before this version is in force: drop the rule', 'until');
  return flaws;
}

function wanted(text: string | undefined, otherwise: Instant): Instant | undefined {
  return text === undefined ? otherwise : instantFromText(text);
}

/** What can be told of a condition without a transaction: by kinds, tiers and constants alone. */
function neverFlaws(program: CompiledProgram): Flaw[] {
  const { document, rates } = program;
  const places = new Map(document.earn.rules.map(({ id }, index) => [id, index]));
  const tiers = (document.tiers?.levels ?? []).map(({ id }) => id);
  // The same looks for all rules: what several of them ask is worked out once.
  const looks = earnKinds.map((kind) => ({
    ...{ kind, as: [null, ...tiers].map((tier) => lookAs({ kind, tier })) },
  }));
  return program.rules.flatMap((rule): Flaw[] => {
    const at = pointer('earn', 'rules', places.get(rule.id) ?? 0);
    const told = rule.conditions.filter(({ reads }) =>
      reads.every((name) => name === 'kind' || name === 'tier'),
    );
    const kinds = looks.flatMap(({ kind, as }) => (as.some((look) => look(told).held) ? kind : []));
    if (kinds.length === 0) {
      const known = `kinds are ${earnKinds.join(', ')}, tiers ${tiers.join(', ') || 'none'}`;
      return [{ pointer: `${at}/if`, detail: `could never apply: ${known}` }];
    }
    if (isBonus(rule) || kinds.some((kind) => rates.has(kind))) return [];
    const detail = `multiplies nothing: there is no rate for ${kinds.join(' or ')}`;
    return [{ pointer: `${at}/multiplier`, detail }];
  });
}

function isBonus({ bonus, multiplier }: CompiledRule): boolean {
  return bonus > 0n || compare(multiplier, one) === 0;
}

function lookAs({ kind, tier }: Pick<EarnFacts, 'kind' | 'tier'>): ReturnType<typeof looker> {
  const transaction = { kind, amount: 0, ...(tier === null ? {} : { tier }) };
  const facts = earnFacts(transaction, { currency: 'XXX', now: 0 });
  return looker(facts, { at: 0, timeZone: 'UTC' });
}

// Examples ----------------------------------------------------------------------------------------

function exampleInstants({ examples }: Program): Flaw[] {
  return examples.flatMap(({ transaction }, index) =>
    (['occurred_at', 'authorized_at'] as const).flatMap((member) => {
      if (wanted(transaction[member], 0) !== undefined) return [];
      const at = pointer('examples', index, 'transaction', member);
      return [{ pointer: at, detail: 'is no instant that exists' }];
    }),
  );
}

function exampleTiers(document: Program): Flaw[] {
  return document.examples.flatMap(({ transaction: { tier } }, index) => {
    const detail = tier === undefined ? undefined : unknownTier(document, tier);
    const at = pointer('examples', index, 'transaction', 'tier');
    return detail === undefined ? [] : [{ pointer: at, detail }];
  });
}

/** What is wrong with a tier that a programme does not have: it would multiply nothing. */
export function unknownTier({ name, tiers }: Program, tier: string): string | undefined {
  const levels = (tiers?.levels ?? []).map(({ id }) => id);
  if (levels.includes(tier)) return undefined;
  const known = levels.length === 0 ? 'it has none' : `it has ${levels.join(', ')}`;
  return `"${tier}" is no tier of ${name}: ${known}`;
}

function exampleFlaws(
  { examples }: Program,
  index: number,
  { points, excluded, parts }: Earning,
): Flaw[] {
  const { name, expect } = examples[index] as Program['examples'][number];
  const campaigns = Object.fromEntries(
    parts.flatMap((part) => (part.campaign === null ? [] : [[part.campaign, part.points]])),
  );
  const told = [
    difference('points', expect.points, points),
    difference('exclusion', expect.excluded ?? null, excluded),
    expect.campaigns && difference('campaigns', expect.campaigns as Json, campaigns),
  ];
  return told.flatMap((detail) =>
    detail === undefined
      ? []
      : [{ pointer: pointer('examples', index, 'expect'), detail: `"${name}" ${detail}` }],
  );
}

function difference(what: string, wants: Json, found: Json): string | undefined {
  const [expected, got] = [canonicalJson(wants), canonicalJson(found)];
  return expected === got ? undefined : `expects the ${what} ${expected}, and it is ${got}`;
}
