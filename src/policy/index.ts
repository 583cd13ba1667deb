// The door of the policy plane: it decides, and countersigns what it allows.
export {
  type Administered,
  type ApiKey,
  administer,
  administrationPayloads,
  administrationSchemas,
  findApiKey,
  type IssueBody,
  isAdministration,
  type RevokeBody,
  type Scope,
  scopes,
  secretHash,
  systemTenant,
  type TenantBody,
} from './administration.ts';
export { allowAll, allowAllVersion, type Decide } from './decide.ts';
