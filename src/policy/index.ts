// The door of the policy plane: it decides, and countersigns what it allows.
export {
  type Administered,
  type AdministrationItem,
  administer,
  isAdministration,
} from './administration.ts';
export { approvalOf, approvalPayloads, approvalSchemas } from './approvals.ts';
export {
  type Approval,
  approvalCursor,
  approvalStatuses,
  listApprovals,
  readApproval,
} from './approval-views.ts';
export {
  type Consent,
  type ConsentChannel,
  consentHistory,
  consentPayloads,
  consentSchemas,
  consentsOf,
  hasConsent,
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
export { bundleSchema, engineVersion } from './bundle/bundle.ts';
export { engineReasons, type Facts } from './bundle/evaluate.ts';
export {
  type Bench,
  decide,
  type DecisionBody,
  decisionBody,
  decisionPayloads,
  decisionRecord,
} from './decide.ts';
export { isApproved } from './approved.ts';
export {
  canarySubject,
  publicationPayloads,
  publicationSchemas,
  publicationSubject,
} from './publication.ts';
export { type Library, openLibrary } from './releases.ts';
export {
  type ApiKey,
  findApiKey,
  type IssueBody,
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
} from './entitlements/publication.ts';
export {
  listGrants,
  readSubject,
  roleCatalogue,
  type RoleGrant,
  rolePayloads,
  roleSchemas,
} from './entitlements/roles.ts';
export {
  entitlementSchema,
  shippedEntitlements,
  shippedPolicies,
} from './entitlements/shipped.ts';
