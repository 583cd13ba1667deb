// The door of the policy plane: it decides, and countersigns what it allows.
export {
  type Administered,
  type AdministrationItem,
  type Administration,
  administer,
  administrationPayloads,
  isRefusal,
  policyOperations,
  refusalOf,
} from './administration.ts';
export {
  type Performed,
  policyEvent,
  type PolicyOperation,
  type PolicyOperations,
} from './operation.ts';
export {
  approvalId,
  approvalOf,
  approvalPayloads,
  approvalSchemas,
  type DecideBody,
  giveVerdict,
  openApproval,
  subjectDigest,
  useApproval,
  withdrawOpen,
} from './approvals.ts';
export {
  type Approval,
  approvalCursor,
  approvalStatuses,
  listApprovals,
  readApproval,
} from './approval-views.ts';
export {
  type Consent,
  type ConsentQuestion,
  type ConsentChannel,
  consentChannels,
  consentHistory,
  consentPayloads,
  consentSchemas,
  consentsOf,
  haveConsent,
  type Purpose,
} from './consent.ts';
export {
  listRollout,
  loadRollout,
  type Rollout,
  rolloutModes,
  rolloutOf,
  type RolloutQuestion,
  type RolloutSettings,
  type RolloutSource,
  rolloutSource,
} from './rollout.ts';
export { rolloutPayloads, rolloutSchemas } from './rollout-changes.ts';
export {
  bundleSchema,
  engineVersion,
  outcomes as decisionOutcomes,
  parseBundle,
} from './bundle/bundle.ts';
export { compileBundle, type Program } from './bundle/compile.ts';
export { type BundleChange, diffBundles } from './bundle/diff.ts';
export {
  type Bindings,
  compileExpression,
  type Expression,
  type Scope as ExpressionScope,
} from './bundle/expression.ts';
export { factValue } from './bundle/facts.ts';
export { bundleForm } from './bundle/form.ts';
export { homeCurrencyOf } from './bundle/home.ts';
export { bundlePage } from './bundle/page.ts';
export { defaultBundle, defaultBundles } from './defaults.ts';
export { type Doubted, engineReasons } from './bundle/doubts.ts';
export type { Facts } from './bundle/evaluate.ts';
export {
  type Bench,
  decide,
  type DecisionBody,
  decisionBody,
  decisionPayloads,
  decisionRecord,
  factsSchema,
  foresee,
} from './decide.ts';
export {
  countDecisions,
  decisionFacets,
  type DecisionFilter,
  type DecisionQuery,
  type DecisionRecord,
  type LoggedDecision,
  listDecisions,
  readDecision,
  readDecisions,
} from './decision-log.ts';
export { explainDecision, reasonsInWords } from './explanation.ts';
export {
  approvalsOf,
  caseApprovals,
  commandSubject,
  resumptionDigest,
  resumptionKey,
  resumptionSubject,
} from './approved.ts';
export { accountsOf, holdersOf } from './holders.ts';
export { type LimitTerms, limitsInForce } from './limits-in-force.ts';
export { standingOf } from './standing.ts';
export {
  canarySubject,
  publicationPayloads,
  publicationSchemas,
  publicationSubject,
} from './publication.ts';
export { personPayloads, personSchemas } from './persons.ts';
export { listPrincipals } from './principals.ts';
export {
  inForceAt,
  isInShare,
  type Library,
  liveHistory,
  loadReleases,
  openLibrary,
  readBundle,
  type Releasing,
} from './releases.ts';
export type { Obligations } from './bundle/bundle.ts';
export { type About, openOwnFacts, type OwnFacts, ownFacts } from './subject-facts.ts';
export { checkDraft } from './drafts.ts';
export {
  backtest,
  type Bound,
  type Cohort,
  compileRecorded,
  isWithin,
  positionsOf,
  replayDecisions,
  type Replayed,
  replayDrift,
  type Span,
  type Watch,
} from './recorded.ts';
export {
  actOf,
  type ActView,
  backtestOf,
  type BacktestView,
  bundleStandings,
  earlierBacktest,
  listActs,
  listBacktests,
  listBundles,
  listPoints,
  type PointView,
  readBacktest,
  readBundleView,
  readTrial,
} from './release-views.ts';
export {
  backtestReport,
  driftExample,
  driftFigures,
  type DriftReport,
} from './drift-report.ts';
export { createDrift } from './replay.ts';
export {
  type ReplayBody,
  type ReplayFound,
  replayKinds,
  replayOf,
  replayPayloads,
  replaySchemas,
  replaySpan,
} from './replays.ts';
export { listReplays, readReplay } from './replay-views.ts';
export {
  findSession,
  listSessions,
  type OpenSessionBody,
  seeSession,
  type Session,
  sessionIdleMs,
  sessionPayloads,
} from './sessions.ts';
export {
  type ApiKey,
  findApiKey,
  type IssueBody,
  makesPerson,
  type RevokeBody,
  type Scope,
  scopes,
  secretHash,
  systemTenant,
  type TenantBody,
  tenantPayloads,
  tenantSchemas,
} from './tenants.ts';
export {
  type Answer as EntitlementAnswer,
  type Asker,
  createEntitlements,
  type EntitlementRules,
  type Entitlements,
  minuteOf,
  purposes,
  type Question,
  type Resource,
  resourceTypes,
  type Subject,
  type Visibility,
} from './entitlements/entitlements.ts';
export {
  entitlementSetPayloads,
  entitlementSetSchemas,
  listPublications,
  openRuleSets,
  type Publication,
  retreatSubject,
} from './entitlements/publication.ts';
export {
  giveRole,
  listGrants,
  readSubject,
  type RightsRow,
  roleCatalogue,
  type RoleGrant,
  rolePayloads,
  roleSchemas,
  subjectOf,
  takeRole,
} from './entitlements/roles.ts';
export {
  entitlementSchema,
  shippedEntitlements,
  shippedPolicies,
} from './entitlements/shipped.ts';
export { checkDecisions } from './verify.ts';
export { entityTypes } from './screening/entry.ts';
export { screeningFacts } from './screening/facts.ts';
export {
  isLoaded as isListLoaded,
  type ListFormat,
  listPayloads,
  listSchemas,
  stageList,
} from './screening/load.ts';
export { screeningPayloads, screeningSchemas } from './screening/record.ts';
export {
  rescreen,
  screen,
  type ScreeningParts,
  type ScreeningRequest,
  type ValueStore,
} from './screening/screening.ts';
export {
  type ListedScreening,
  listScreenings,
  readClearance,
  readList,
  readLists,
  readScreened,
  readScreening,
  screeningStatuses,
} from './screening/views.ts';
export { openWatchlists, type OpenWatchlists } from './screening/watchlists.ts';
export {
  type AttemptBody,
  type AttemptRequest,
  readAttempt,
  readChallenge,
  stepUpDone,
  stepUpPayloads,
  stepUpSchemas,
} from './step-up/attempt.ts';
export {
  type Authenticator,
  authenticatorOf,
  authenticatorPayloads,
  authenticatorSchemas,
  authenticatorView,
  type ConfirmBody,
  type EnrolBody,
  type EnrolRequest,
  expectAuthenticator,
  listAuthenticators,
  type Proof,
  proofFailures,
  readAuthenticator,
  useProof,
  refuseState,
  statusOf,
} from './step-up/authenticators.ts';
export { type Challenge, challengeOf, type OrderedPayment } from './step-up/challenge.ts';
export { isSignedBy, totpSecret } from './step-up/proof.ts';
