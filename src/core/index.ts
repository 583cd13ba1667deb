// The door of core: the words that everyone shares.
export { assert, unreachable } from './assert.ts';
export { canonicalJson, type Json, sha256Hex } from './canonical.ts';
export { type Clock, type Instant, instantFromText, instantToText, systemClock } from './clock.ts';
export { columns, lines } from './columns.ts';
export {
  type Command,
  type CommandInput,
  lengthPrefixed,
  newCommand,
  sealCommand,
} from './command.ts';
export {
  type Countersignature,
  type Countersigned,
  type CountersignKeys,
  countersignatureVerifier,
  countersigner,
  type Decision,
  type Mint,
  type VerifyCountersignature,
} from './countersignature.ts';
export {
  type Database,
  isConnectionError,
  openDatabase,
  type Pool,
  type Role,
  roles,
  type Tx,
  withTx,
} from './database.ts';
export { type EventDraft, type EventRow, eventRow } from './event.ts';
export { Fault, type FaultCode, faults } from './fault.ts';
export {
  derivedUuid,
  externalId,
  type IdKind,
  idPrefixes,
  internalId,
  newUuid,
  type Uuid,
} from './id.ts';
export { migrate } from './migrate.ts';
export {
  allocate,
  amountMax,
  type Currency,
  formatDecimal,
  isMinorUnits,
  isoExponent,
  type MinorUnits,
  type Money,
  parseDecimal,
  toJsonNumber,
  toMinorUnits,
} from './money.ts';
export {
  type Principal,
  type PrincipalKind,
  principalKinds,
  principalOf,
  principalText,
} from './principal.ts';
export { type Random, seededRandom, systemRandom } from './random.ts';
