// The door of the cores: the port, our own core behind it, and the register that it keeps.
export {
  type Account,
  type CoreOperations,
  type AmountBlock,
  type Balance,
  capabilitiesOf,
  type Capabilities,
  type ContactPoint,
  contactKinds,
  type Core,
  coreOperations,
  type Entry,
  type LookedUp,
  type MoneyMove,
  type MoveKey,
  type MoveResult,
  namedOperations,
  type Operations,
  type Override,
  type Party,
  type Product,
  requestStatuses,
  requestSubjects,
  type ServiceRequest,
} from './port.ts';
export { listAccounts as listAccountsOfParty, ownAccount } from './own/accounts.ts';
export {
  contactClasses,
  contactForms,
  contactSchemas,
  readContactPoints,
} from './own/contacts.ts';
export { ownCore } from './own/core.ts';
export {
  type HolderFacts,
  type ReadRegister,
  type RegisterFacts,
  registerFacts,
  registerReader,
} from './own/facts.ts';
export {
  type HeldAccount,
  type Holder,
  isHeldBy,
  listHeld,
  readHolders,
} from './own/held.ts';
export { holdingSchemas, partiesOf } from './own/holdings.ts';
export {
  circuitWords,
  type Endpoints,
  type GuardedCore,
  guardCore,
  type OperationState,
} from './guarded.ts';
export { settle, type Settled } from './settle.ts';
export { tokensOf, type Values } from './own/ingress.ts';
export {
  listParties,
  partyIdOf,
  partySchemas,
  partyView,
  readParty,
  readPartyScreening,
} from './own/parties.ts';
export { definedProductId, listProducts, productSchemas, readProduct } from './own/products.ts';
export { registerOperations, registerPayloads } from './own/register.ts';
export {
  listRequests,
  readRequest,
  requestSchemas,
} from './own/service-requests.ts';
