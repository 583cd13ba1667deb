// The door of the money plane: the only part of Countersign that changes balances.
export type { AccountStatus, AccountType } from './journal.ts';
export { type Balances, balancesOf, normalSide } from './account.ts';
export type { Answer } from './batch.ts';
export {
  answerOf,
  type Book,
  type CoreAnswer,
  type CoreStep,
  type Intent,
  type IntentState,
  intentStates,
  type Refusal,
} from './book.ts';
export { createPostingEngine, type PostingEngine } from './engine.ts';
export type { Effects } from './state.ts';
export { moneyEventPayloads } from './events.ts';
export { isContinuing, ledgerFacts, readAmounts } from './facts.ts';
export {
  claimIntent,
  countIntents,
  type DueIntent,
  dueIntents,
  findIntent,
  type IntentCount,
  type IntentRow,
  intentOf,
  listIntents,
  noteIntent,
  underWayFault,
  withdrawIntent,
} from './intents.ts';
export {
  accountStatuses,
  accountTypes,
  bounds,
  type Done,
  isJournal,
  isPayment,
  isPoints,
  type JournalBody,
  type Leg,
  legsMax,
  type MoneyBodies,
  type MoneyOperation,
  moneySchemas,
  type Outcome,
  type PointsOperation,
  pointsOperations,
  type PostingItem,
  type PostLeg,
  type RejectionCode,
  rejections,
} from './journal.ts';
export {
  accountView,
  listAccounts,
  listOpenHolds,
  readAccount,
  readBalances,
  readHold,
  readNow,
  readTrialBalance,
} from './read.ts';
export { listEntries, listJournal, readLines, readTransfers } from './read-journal.ts';
export { readStatement } from './statement.ts';
export {
  type AccountFigures,
  hasPaidFrom,
  listMovements,
  listPaid,
  type Movement,
  readFigures,
} from './movements.ts';
export { legsUnder } from './reserve.ts';
export { type LimitView, readLimits, readTakers } from './read-limits.ts';
export { readPayments } from './read-payments.ts';
export { businessDayFrom } from './settings.ts';
export { moneyProjections } from './projections.ts';
export { checkJournal } from './verify.ts';
