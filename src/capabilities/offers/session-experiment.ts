// The funnel as an experiment: what a customer would be offered, whether he is of those who are
// not, and, for a few, a draw in the place of the ranking.
import { classOf } from './action.ts';
import type { CompiledAction } from './action-facts.ts';
import { type Funnel, type FunnelQuestion, funnel, type Offered } from './funnel.ts';
import { type Arm, armDrawer, type Drawn, drawByChance } from './learning/arms.ts';
import type { LearningSettings } from './learning/settings.ts';

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
  readonly arm: Arm;
  readonly period: string;
};

/** Of a million: who is ranked is shown what comes first. */
const certain = 1_000_000;

/** Only who would have been offered something can be compared with who was. */
export function tryFunnel(question: Omit<FunnelQuestion, 'armOf'>, experiment: Experiment): Tried {
  const { customer, at, actions } = question;
  const { tenant, settings, stored, isFrozen } = experiment;
  const drawArm = armDrawer(settings, { tenant, customer, at, isFrozen });
  const arms = new Map(actions.map(({ code }) => [code, drawArm(code, stored.get(code))]));
  const armIn = ({ code }: CompiledAction) => arms.get(code) as Drawn;
  const open = funnel({
    ...question,
    armOf: (action) => ({ ...armIn(action), is_held_out: false, chosen_ppm: certain }),
  });
  const withheld = open.offered.flatMap((offered): Withheld[] => {
    const isOut = classOf(offered.action.action) === 'default' && isHeldOut(armIn(offered.action));
    return isOut ? [{ offered, ...armIn(offered.action) }] : [];
  });
  const drawn = drawIn(open, { tenant, customer, at });
  if (!drawn && withheld.length === 0) return { funnel: open, withheld };
  const shown = funnel({
    ...question,
    armOf: (action) => {
      const own = armIn(action);
      const isExplored = own.arm === 'explored' && drawn !== undefined;
      return {
        arm: own.arm,
        is_held_out: isHeldOut(own) || (isExplored && drawn.candidate.code !== action.code),
        chosen_ppm: isExplored ? drawn.chosenPpm : certain,
      };
    },
  });
  return { funnel: shown, withheld };
}

function isHeldOut({ arm }: Drawn): boolean {
  return arm === 'control' || arm === 'holdout';
}

/** Among what could be offered, whatever its rank: for who is explored this month. */
function drawIn(
  { candidates }: Funnel,
  who: { readonly tenant: string; readonly customer: string; readonly at: number },
) {
  const explored = candidates.filter(
    ({ rank, class: of, arm }) => rank !== null && of === 'default' && arm === 'explored',
  );
  return drawByChance(
    explored.map(({ action: code }) => ({ code })),
    who,
  );
}
