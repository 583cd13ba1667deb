// The funnel as an experiment: what a customer would be offered, whether he is of those who are
// not, and, for a few, a draw in the place of the ranking.
import { classOf } from '../action.ts';
import type { CompiledAction } from '../action-facts.ts';
import { type Funnel, type FunnelQuestion, funnel, type Offered } from '../funnel.ts';
import { type Arm, type Drawn, drawArm, drawByChance, isExplored } from './arms.ts';
import type { LearningSettings } from './settings.ts';

export type Experiment = {
  readonly tenant: string;
  readonly settings: LearningSettings;
  /** What was decided before, by action. */
  readonly stored: ReadonlyMap<string, Arm>;
  /** While the circuit breaker is open nothing is tried. */
  readonly isFrozen: boolean;
};

export type Tried = {
  readonly funnel: Funnel;
  /** What the customer would have been offered, were he not held out: to be recorded. */
  readonly withheld: readonly Withheld[];
};

export type Withheld = {
  readonly offered: Offered;
  readonly arm: 'control' | 'holdout';
  readonly period: string;
};

/** Of a million: who is ranked is shown what comes first. */
const certain = 1_000_000;

/** Only who would have been offered something can be compared with who was. */
export function tryFunnel(question: Omit<FunnelQuestion, 'armOf'>, experiment: Experiment): Tried {
  const arms = armsOf(question, experiment);
  const armIn = ({ code }: CompiledAction): Drawn =>
    arms.get(code) ?? { arm: 'treated', period: 'ever' };
  const open = funnel({
    ...question,
    armOf: (action) => ({ arm: armIn(action).arm, is_held_out: false, chosen_ppm: certain }),
  });
  const withheld = open.offered.flatMap((offered): Withheld[] => {
    const { arm, period } = armIn(offered.action);
    const isOut = isDefault(offered.action) && (arm === 'control' || arm === 'holdout');
    return isOut ? [{ offered, arm, period }] : [];
  });
  const drawn = draw(open, question, experiment);
  if (drawn === undefined && withheld.length === 0) return { funnel: open, withheld };
  const shown = funnel({
    ...question,
    armOf: (action) => {
      const { arm } = armIn(action);
      const isOut = arm === 'control' || arm === 'holdout';
      if (arm !== 'explored' || !drawn) return { arm, is_held_out: isOut, chosen_ppm: certain };
      const isOther = isDefault(action) && action.code !== drawn.candidate.code;
      return { arm, is_held_out: isOther, chosen_ppm: drawn.chosenPpm };
    },
  });
  return { funnel: shown, withheld };
}

function armsOf(
  { customer, at, actions }: Pick<FunnelQuestion, 'customer' | 'at' | 'actions'>,
  { tenant, settings, stored, isFrozen }: Experiment,
): ReadonlyMap<string, Drawn> {
  const drawn = actions.map(({ code }) => {
    const asked = { tenant, customer, action: code, at, isFrozen, stored: stored.get(code) };
    return [code, drawArm(settings, asked)] as const;
  });
  return new Map(drawn);
}

/** Among what could be offered, whatever its rank: for those alone with whom chance is tried. */
function draw(
  open: Funnel,
  { customer, at }: Pick<FunnelQuestion, 'customer' | 'at'>,
  { tenant, settings, isFrozen }: Experiment,
) {
  if (!isExplored(settings, { tenant, customer, at, isFrozen })) return undefined;
  const candidates = open.candidates
    .filter(({ rank, class: of, arm }) => rank !== null && of === 'default' && arm === 'explored')
    .map(({ action }) => ({ code: action }));
  return drawByChance(candidates, { tenant, customer, at });
}

function isDefault({ action }: CompiledAction): boolean {
  return classOf(action) === 'default';
}
