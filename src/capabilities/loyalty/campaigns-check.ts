// What is known of a campaign before anybody makes it: is it sound, and what would it do.
import { type Instant, instantFromText, type Tx } from '#core';
import { type Campaign, campaignFlaws, findCampaign } from './campaigns.ts';
import type { Flaw, Program } from './program/program.ts';
import { readProgramInForce } from './program/versions.ts';

export type Examined = {
  readonly flaws: readonly Flaw[];
  /** What is no flaw, and whoever agrees to it should know: sentences. */
  readonly remarks: readonly string[];
};

export async function examineCampaign(tx: Tx, campaign: Campaign, at: Instant): Promise<Examined> {
  const program = await readProgramInForce(tx, campaign.program, at);
  const flaws = [...campaignFlaws(campaign)];
  if (!program) {
    flaws.push({ pointer: '/program', detail: `there is no ${campaign.program} in force` });
  }
  if (await findCampaign(tx, campaign.campaign)) {
    flaws.push({ pointer: '/campaign', detail: 'is the name of a campaign that there is already' });
  }
  const isRight = flaws.length === 0 && program !== undefined;
  return { flaws, remarks: isRight ? remarksOn(campaign, program, at) : [] };
}

function remarksOn(campaign: Campaign, program: Program, at: Instant): readonly string[] {
  const { campaign: id, points, budget, until } = campaign;
  const awards = Math.floor(budget / points);
  const rules = program.earn.rules.filter((rule) => rule.campaign === id).map((rule) => rule.id);
  const isOver = (instantFromText(until) ?? at) <= at;
  return [
    ...(isOver ? ['Its end has passed: it would give nothing.'] : []),
    `Its budget is enough for ${awards} ${awards === 1 ? 'award' : 'awards'} of ${points} points.`,
    rules.length === 0
      ? `No rule of ${program.name} names it: it gives what is awarded, and nothing by itself.`
      : `Of its budget comes what these rules of ${program.name} give: ${rules.join(', ')}.`,
  ];
}
