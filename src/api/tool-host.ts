// The gateway over the planes of this process: the tools behind their controls, for whoever carries
// calls.
import { openGateway, shippedTools, type Tool, type ToolHost } from '#gateway';
import type { Planes } from '#main';
import { ownExplanations } from './customer/explanations.ts';
import { ownRewards } from './loyalty/desk.ts';
import { proposalParts } from './proposals.ts';
import { openNeeds } from './sequences.ts';

export function openToolHost(planes: Planes, tools: readonly Tool[] = shippedTools): ToolHost {
  const explain = ownExplanations(planes);
  return openGateway({
    ...planes,
    ...proposalParts(planes),
    explain,
    rewards: ownRewards(planes),
    meets: openNeeds(planes),
    tools,
  });
}
