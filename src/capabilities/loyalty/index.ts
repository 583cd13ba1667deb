// The door: what customers earn by what they do: points, tiers, rewards, and what they cost.
import type { Projection } from '#core';
import type { PolicyOperations } from '#policy';
import type Type from 'typebox';
import { accountOperations, accountPayloads } from './accounts.ts';
import { shadowOperations, shadowPayloads } from './accrual-shadow.ts';
import { budgetOperations, budgetPayloads } from './asked-budgets.ts';
import { warningOperations, warningPayloads } from './clockwork-warnings.ts';
import { memberOperations, memberPayloads } from './members.ts';
import { programOperations, programPayloads } from './program/versions.ts';
import { liabilityOperations, liabilityPayloads } from './liability/record.ts';
import { signalOperations, signalPayloads } from './liability/signals.ts';
import { lotProjection } from './projection.ts';
import { rewardOperations, rewardPayloads } from './rewards.ts';

export const loyaltyOperations: PolicyOperations = {
  ...accountOperations,
  ...shadowOperations,
  ...budgetOperations,
  ...warningOperations,
  ...liabilityOperations,
  ...signalOperations,
  ...memberOperations,
  ...programOperations,
  ...rewardOperations,
};
export const loyaltyPayloads: Readonly<Record<string, Type.TSchema>> = {
  ...accountPayloads,
  ...shadowPayloads,
  ...budgetPayloads,
  ...warningPayloads,
  ...liabilityPayloads,
  ...signalPayloads,
  ...memberPayloads,
  ...programPayloads,
  ...rewardPayloads,
};
export const loyaltyProjections: readonly Projection[] = [lotProjection];

export { adjustmentBody, type AdjustmentBody, adjustmentFor } from './adjustments.ts';
export { listEntries } from './entries.ts';
export { isOfPoints, movedFacts } from './guarded.ts';
export { methods as redemptionRateMethods } from './liability/redemption-rate.ts';
export { liabilitySchemas } from './liability/record.ts';
export { readSignals } from './liability/signals.ts';
export {
  listLiabilityRuns,
  readLiability,
  readRequest as readLiabilityRequest,
} from './liability/views.ts';
export { enrolled, memberSchemas, membershipsOf, readMember, standings } from './members.ts';
export { examineProgram, unknownTier } from './program/check.ts';
export { countersOf } from './program/counters.ts';
export { earnFacts, type Earning, earnWhys } from './program/earning.ts';
export { evaluateEarning } from './program/evaluate.ts';
export {
  type EarnTransaction,
  earnTransaction,
  type Flaw,
  type Program,
  programDigest,
  programName,
  programSchema,
} from './program/program.ts';
export { readPrograms } from './program/programs.ts';
export { programSchemas, publicationSubject, readProgramInForce } from './program/versions.ts';
export {
  listPrograms,
  listVersions,
  readDraft,
  readProgramAt,
  readPublished,
  versionStandings,
} from './program/views.ts';
export { listLots, listStandings, readStanding } from './standing.ts';
export { checkPoints } from './verify.ts';
export { audienceFactWords } from './campaigns-audience.ts';
export { awardOf, fundingOf, openCampaign } from './campaigns-award.ts';
export { examineCampaign } from './campaigns-check.ts';
export {
  awardBody,
  campaignBody,
  campaignId,
  campaignSchema,
  campaignView,
  findCampaign,
  fundBody,
  listCampaigns,
  readCampaign,
} from './campaigns.ts';
export { examineReward } from './catalogue-check.ts';
export {
  listRewards,
  type Offered,
  readReward,
  rewardBody,
  rewardKinds,
  rewardSchema,
} from './catalogue.ts';
export {
  priceFor,
  quoteBody,
  quoteOf,
  quoteView,
  readListedPrice,
  readQuote,
  whyNot,
} from './catalogue-quotes.ts';
export { claimFor, creditClaim } from './claims-credit.ts';
export {
  claimBody,
  claimDecideBody,
  claimOf,
  claimSchemas,
  claimStatuses,
  claimView,
  listClaims,
  readClaim,
} from './claims.ts';
export { priceReasons, type PriceStep } from './pricing.ts';
export { carryOut, expectPoints } from './redeem-steps.ts';
export {
  listRedemptions,
  readRedemption,
  redemptionBody,
  redemptionOf,
  redemptionSchemas,
  redemptionStatuses,
  redemptionView,
  reversalBody,
} from './redeem.ts';
export { readRewards, tierOfMember } from './rewards-view.ts';
export { heldTier } from './tier-moves.ts';
export { runLoyalty } from './run.ts';
