// The door: what customers are offered next: eligible, ranked, agreed to, measured.
import type { Projection } from '#core';
import type { PolicyOperations } from '#policy';
import type Type from 'typebox';
import { actionOperations, actionPayloads } from './action-publish.ts';
import { batchOperations, batchPayloads } from './batch.ts';
import { breakerOperations, breakerPayloads } from './breaker.ts';
import { contactPolicyOperations, contactPolicyPayloads } from './contact-policy.ts';
import { groupOperations, groupPayloads } from './learning/groups.ts';
import { learningProjection } from './learning/projection.ts';
import { learningOperations, learningPayloads } from './learning/settings.ts';
import { withholdOperations, withholdPayloads } from './learning/withhold.ts';
import { lifeOperations, lifePayloads } from './life-acts.ts';
import { askOperations, askPayloads } from './present-ask.ts';
import { presentOperations, presentPayloads } from './present.ts';
import { triggerOperations, triggerPayloads } from './triggers.ts';

export const offerOperations: PolicyOperations = {
  ...actionOperations,
  ...contactPolicyOperations,
  ...presentOperations,
  ...askOperations,
  ...lifeOperations,
  ...learningOperations,
  ...withholdOperations,
  ...breakerOperations,
  ...batchOperations,
  ...groupOperations,
  ...triggerOperations,
};
export const offerPayloads: Readonly<Record<string, Type.TSchema>> = {
  ...actionPayloads,
  ...contactPolicyPayloads,
  ...presentPayloads,
  ...askPayloads,
  ...lifePayloads,
  ...learningPayloads,
  ...withholdPayloads,
  ...breakerPayloads,
  ...batchPayloads,
  ...groupPayloads,
  ...triggerPayloads,
};
export const offerProjections: readonly Projection[] = [learningProjection];

export { groundReader, presentFacts, presentOperation, type ReadGround } from './present.ts';
export { type Action, actionParts, actionSchema } from './action.ts';
export { conditionFacts as actionFactWords } from './action-facts.ts';
export { actionFlaws, managerRole, needsManager, publishBody } from './action-publish.ts';
export { homeCurrencyAt } from './home-currency.ts';
export { listActions, readAction } from './action-views.ts';
export { contactPolicyRemarks } from './contact-policy-check.ts';
export {
  contactPolicyBody,
  contactPolicyFlaws,
  contactPolicySchema,
  readContactPolicy,
} from './contact-policy.ts';
export { toldSchema } from './exposure.ts';
export { listStatementOffers, readContacts } from './exposure-views.ts';
export { openPropensities } from './learning/propensity.ts';
export { offerStatuses } from './life.ts';
export { declineBody, withdrawBody } from './life-acts.ts';
export { listOffers, type OfferView, readConsideration, readOffer } from './life-views.ts';
export {
  type Asking,
  type Considered,
  type Offering,
  offerCurrency,
  openOffering,
  withheldBy,
} from './session.ts';
export { customerOfCore } from './session-read.ts';
export { offerConsumers, runOffers } from './run.ts';
export { batchBody, listBatches } from './batch.ts';
export { breakerBodies, breakerReasons, listBreakers } from './breaker.ts';
export { readEngagement } from './customer.ts';
export { readDashboard } from './dashboard.ts';
export { holdoutPeriod, holdoutWatchedUntil } from './learning/arms.ts';
export { listExperiments, readExperiment, readHoldout } from './learning/experiments.ts';
export { groupsBody } from './learning/groups.ts';
export { learningRemarks } from './learning/settings-check.ts';
export { learningBody, learningSchema, readLearning } from './learning/settings.ts';
export { triggerKinds } from './triggers.ts';
