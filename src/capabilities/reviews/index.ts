// The door of reviews: what people look at, decide on, and leave behind for models to learn from.
import { actOperations } from './acts.ts';
import { casePayloads } from './case.ts';
import { systemOperations } from './opening.ts';
import { settingsOperations, settingsPayloads } from './settings.ts';

export const reviewOperations = { ...systemOperations, ...actOperations, ...settingsOperations };
export const reviewPayloads = { ...casePayloads, ...settingsPayloads };

export { actBodies, type ActName, actNames, nextBody } from './acts.ts';
export { type CaseStatus, caseStatuses, caseSchemas, isActive, reasonCodes } from './case.ts';
export { caseLinks } from './links.ts';
export {
  approvedDecisions,
  caseActView,
  caseCursor,
  type CaseDetail,
  caseDetail,
  caseQueueView,
  caseReasonView,
  casesOfApprovals,
  caseView,
  listCases,
  readActedCase,
  readCase,
  readHistory,
  readQueues,
} from './queue.ts';
export { runReviews } from './run.ts';
export { readSettings, settingsBody, settingsSchema } from './settings.ts';
