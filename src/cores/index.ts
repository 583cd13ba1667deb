// The door of the cores: the port, our own core behind it, and the register that it keeps.
export type { Adapter } from './adapter.ts';
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
  allOperations,
  type Entry,
  type LookedUp,
  type MoneyMove,
  type MoveKey,
  type MoveResult,
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
export { type FailureClass, failureClasses } from './failures.ts';
export {
  circuitWords,
  type Endpoints,
  type GuardedCore,
  guardCore,
  type OperationState,
} from './guarded.ts';
export { poster } from './poster.ts';
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
export { type Compared, compareBooks, keepComparing } from './mirrored/consistency.ts';
export { countDifferences, differenceView, listDifferences } from './mirrored/differences.ts';
export { acceptEvents, followCore, mirrorRounds, pollEvents } from './mirrored/follow.ts';
export { keptElsewhere } from './mirrored/elsewhere.ts';
export { importCore, type Imported } from './mirrored/import.ts';
export { type Links, linksOf, listLinks } from './mirrored/links.ts';
export { type MirroredCore, mirroredCore } from './mirrored/core.ts';
export { acceptanceBody } from './mirrored/acceptance.ts';
export { endingBody } from './mirrored/ending.ts';
export { finishRound, looksMax } from './mirrored/round.ts';
export { answerMirrored, type Mirror, type MirrorOptions, openMirror } from './mirrored/mirror.ts';
export { mirrorOperations, mirrorPayloads } from './mirrored/operations.ts';
export { connectCore, type CoreConnection, coreNames, probeCore } from './connect.ts';
export { importAll, importedText, isImported, runMirror } from './mirrored/run.ts';
export { vendors } from './vendors.ts';
