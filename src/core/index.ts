// The door of core: the words that everyone shares.
export { assert, unreachable } from './assert.ts';
export { canonicalJson, type Json, sha256Hex } from './canonical.ts';
export { type Clock, type Instant, instantFromText, instantToText, systemClock } from './clock.ts';
export { Fault, type FaultCode, faults } from './fault.ts';
export { derivedUuid, externalId, type IdKind, idPrefixes, internalId, newUuid, type Uuid } from './id.ts';
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
export { type Random, seededRandom, systemRandom } from './random.ts';
