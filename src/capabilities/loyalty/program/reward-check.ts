// The reward of spend: no rule of a programme may give more of an amount than the programme allows.
import type { CompiledProgram } from './compile.ts';
import { type Flaw, pointer } from './program.ts';
import { compare, none, one, plus, type Ratio, ratioText, times, whole } from './rounding.ts';
import { stack } from './stacking.ts';

/**
 * Each rate by itself, and each rule with the tier that multiplies most. Several rules together may
 * still come to more: what is above is cut when a transaction is evaluated.
 */
export function rewardFlaws(program: CompiledProgram): Flaw[] {
  const { document, rates } = program;
  const most = document.earn.reward_of_spend_bps_max;
  const [dearest] = [...rates.values()].sort((a, b) => compare(b, a));
  if (dearest === undefined) return [];
  const ofRates = [...rates].flatMap(([kind, rate]) => {
    const bps = bpsOf(program, rate);
    if (compare(bps, whole(BigInt(most))) <= 0) return [];
    return [{ pointer: pointer('earn', 'rates', kind), detail: tooMuch(bps, most) }];
  });
  if (ofRates.length > 0) return ofRates;
  const places = new Map(document.earn.rules.map(({ id }, index) => [id, index]));
  return program.rules.flatMap(({ id, campaign, multiplier }) => {
    const given = [...tierFactors(program), { rule: id, campaign, multiplier }];
    const extras = stack(dearest, given, document.earn.stacking);
    const all = extras.reduce<Ratio>((sum, extra) => plus(sum, extra ?? none), dearest);
    const bps = bpsOf(program, all);
    if (compare(bps, whole(BigInt(most))) <= 0) return [];
    const at = pointer('earn', 'rules', places.get(id) ?? 0, 'multiplier');
    return [{ pointer: at, detail: tooMuch(bps, most) }];
  });
}

function tierFactors({ tierMultipliers }: CompiledProgram) {
  const [highest = one] = [...tierMultipliers.values()].sort((a, b) => compare(b, a));
  return compare(highest, one) === 0 ? [] : [{ rule: 'tier', campaign: null, multiplier: highest }];
}

/** What points for a minor unit are worth of it, in hundredths of a percent. */
function bpsOf({ document }: CompiledProgram, points: Ratio): Ratio {
  const value = { numerator: BigInt(document.point_value_micros), denominator: 1_000_000n };
  return times(times(points, value), whole(10_000n));
}

function tooMuch(bps: Ratio, most: number): string {
  return (
    `is worth ${ratioText(bps)} hundredths of a percent of the amount, and ` +
    `reward_of_spend_bps_max is ${most}: lower the rate, the multiplier or the value of a point`
  );
}
