// The door of core: the words that everyone shares.
export { assert, unreachable } from './assert.ts';
export type { Finding } from './audit.ts';
export { type Backup, backupDatabase, restoreDatabase } from './backup.ts';
export { type Bell, createBell } from './bell.ts';
export { canonicalJson, type Json, sha256Hex } from './canonical.ts';
export { type Clock, type Instant, instantFromText, instantToText, systemClock } from './clock.ts';
export { columns, lines } from './columns.ts';
export {
  type Command,
  commandDigest,
  type CommandInput,
  lengthPrefixed,
  newCommand,
  sealCommand,
} from './command.ts';
export {
  type Consumer,
  type ConsumerOptions,
  consumePage,
  followLog,
  listenForSealed,
  runConsumer,
  type SealedEvent,
} from './consumer.ts';
export {
  type Consume,
  type Countersignature,
  type Countersigned,
  type CountersignKeys,
  countersignatureVerifier,
  countersigner,
  type Decision,
  decisionOperation,
  toolCallOperation,
  type LimitWindow,
  type Mint,
  type VerifyCountersignature,
} from './countersignature.ts';
export {
  beginText,
  type Database,
  databaseFault,
  inOneWrite,
  isConnectionError,
  openDatabase,
  type Pool,
  type Role,
  roles,
  type Tx,
  type Prepared,
  withPipelinedTx,
  withTx,
} from './database.ts';
export { dueRounds } from './due.ts';
export { writeDurably } from './durable-file.ts';
export { type EventDraft, type EventRow, eventRow, toldId } from './event.ts';
export { exportEvents } from './export.ts';
export { Fault, type FaultCode, faults, invalidRequest, refuseField } from './fault.ts';
export { type Head, type Heads, logOrigin, openHeads, temporaryHeads } from './heads.ts';
export {
  derivedUuid,
  externalId,
  type IdKind,
  idPrefixes,
  internalId,
  newUuid,
  type Uuid,
  uuidFrom,
} from './id.ts';
export { inTime } from './in-time.ts';
export {
  type CheckpointKey,
  ed25519Key,
  type Keyring,
  openKeyring,
  type RotatableKind,
  rotatableKinds,
  rotateKey,
  temporaryKeyring,
} from './keyring.ts';
export {
  dayMs,
  addDays,
  addMonths,
  afterSpanOf,
  dateIn,
  instantOn,
  type LocalTime,
  localTime,
  nextDay,
  startOfDay,
} from './local-time.ts';
export { sharedLooks } from './looks.ts';
export { createFrontier, leafHash } from './merkle.ts';
export { parseNote, signNote, verifierKey, verifyNote } from './note.ts';
export { migrate } from './migrate.ts';
export {
  allocate,
  amountMax,
  type Currency,
  formatDecimal,
  isMinorUnits,
  isoCurrencies,
  isoExponent,
  type MinorUnits,
  type Money,
  parseDecimal,
  toJsonNumber,
  toMinorUnits,
  type Unit,
} from './money.ts';
export { type Page, pageOf } from './page.ts';
export { ensureDatabase, keepPostgres } from './kept-postgres.ts';
export { type Postgres, startPostgres } from './postgres.ts';
export {
  type Principal,
  type PrincipalKind,
  principalKinds,
  principalOf,
  principalText,
} from './principal.ts';
export {
  foldedPosition,
  type Folder,
  followProjection,
  generationSql,
  liveGenerationOf,
  type Part,
  type Projection,
  type Rebuilt,
  rebuildProjection,
} from './projection.ts';
export { type Random, seededRandom, systemRandom } from './random.ts';
export {
  examineReceipt,
  type Receipt,
  type ReceiptStep,
  readConsistency,
  readReceipt,
  receiptSteps,
  verifyReceipt,
} from './receipt.ts';
export { dumpSchema } from './schema-dump.ts';
export { withSession } from './session.ts';
export { closed, nullable, plainText } from './schema.ts';
export { type Sealer, startSealer } from './sealer.ts';
export { type SharedRead, sharedRead } from './shared-read.ts';
export { acquireServerLock, inUse, type RunningServer, readServerLock } from './server-lock.ts';
export { type LogTail, openTail } from './tail.ts';
export { listTenants } from './tenants.ts';
export { inSpan, startTelemetry } from './telemetry.ts';
export { listCheckpoints, readTreeEdge } from './tree-edge.ts';
export {
  type JournalCheck,
  joinChecks,
  type Verification,
  type VerifiedEvent,
  verifyLog,
} from './verify.ts';
export { verifyTenantLog } from './verify-tenant.ts';
export { violationsOf } from './violations.ts';
export { addressList, hostName, judgedLookup, refusedTargetCode, type Resolve } from './targets.ts';
export { readXml, writeXml, type Xml, xmlAll, xmlAt, type XmlInput, xmlText } from './xml.ts';
