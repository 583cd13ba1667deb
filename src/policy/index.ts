// The door of the policy plane: it decides, and countersigns what it allows.
export { type Administered, administer, isAdministration } from './administration.ts';
export { allowAll, allowAllVersion, type Decide } from './decide.ts';
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
