// What is known of a reward before anybody publishes it: is it sound, and what would it cost whom.
import { type Instant, instantFromText, type Tx } from '#core';
import type { Examined } from './campaigns-check.ts';
import { readListedPrice } from './catalogue-quotes.ts';
import { readReward, type Reward, rewardFlaws } from './catalogue.ts';
import {
  type Guardrails,
  guardrailsOf,
  memberPrice,
  priceBounds,
  priceReasons,
} from './pricing.ts';
import type { Program } from './program/program.ts';
import { readProgramInForce } from './program/versions.ts';

export async function examineReward(tx: Tx, reward: Reward, at: Instant): Promise<Examined> {
  const program = await readProgramInForce(tx, reward.program, at);
  const refused = (detail: string) => ({
    ...{ flaws: [{ pointer: '/program', detail }], remarks: [] },
  });
  if (!program) return refused(`there is no ${reward.program} in force`);
  const rails = guardrailsOf(program);
  if (!rails) return refused('says nothing of redeeming: publish it with `redemption`');
  const flaws = rewardFlaws(reward, program, rails);
  if (flaws.length > 0) return { flaws, remarks: [] };
  return { flaws, remarks: await remarksOn(tx, { reward, program, rails }, at) };
}

type Sound = {
  readonly reward: Reward;
  readonly program: Program;
  readonly rails: Guardrails;
};

async function remarksOn(
  tx: Tx,
  { reward, program, rails }: Sound,
  at: Instant,
): Promise<readonly string[]> {
  const before = await readReward(tx, reward);
  const offered = {
    ...{ document: reward, version: (before?.version ?? 0) + 1, stock_left: reward.stock },
    ...{ published_at: '', published_by: '', approval_id: '' },
  };
  const listed = await readListedPrice(tx, { offered, ruled: program }, at);
  const steps = listed.steps.map(({ reason, points }) => `${priceReasons[reason]} Then ${points}.`);
  const { least, most } = priceBounds(reward.worth, rails);
  const ofTiers = (reward.tiers ?? []).map(({ tier }) => {
    const { points } = memberPrice(reward, rails, { listed, tier });
    return `For ${tier} it would cost ${points}.`;
  });
  return [
    ...endings(reward, at),
    `It would cost ${listed.points} points today.`,
    ...steps,
    ...ofTiers,
    `Its price stays from ${least} to ${most} points, for what it is worth.`,
    ...stocked(reward.stock, before?.stock_left),
  ];
}

function endings({ status, until }: Reward, at: Instant): readonly string[] {
  if (status === 'withdrawn') return ['Nobody could redeem it; quotes that hold stay good.'];
  const isOver = until !== undefined && (instantFromText(until) ?? at) <= at;
  return isOver ? ['Its end has passed: nobody could redeem it.'] : [];
}

/** `left` is undefined where there was no version before. */
function stocked(stock: number | null, left: number | null | undefined): readonly string[] {
  if (stock === null && (left === null || left === undefined)) return [];
  const now = stock === null ? 'There would be any number of it' : `There would be ${stock} of it`;
  if (left === undefined) return [`${now}.`];
  return [`${now}, in the place of ${left === null ? 'any number' : `the ${left} that are left`}.`];
}
