// What the log tells of the policy plane: the rows that its events have made, and so what was in
// force at any place of the log.
import {
  canonicalJson,
  commandDigest,
  externalId,
  type Instant,
  instantToText,
  internalId,
  type Json,
  type Uuid,
  type VerifiedEvent,
} from '#core';
import type Type from 'typebox';
import { approvalPayloads } from './approvals.ts';
import { consentPayloads } from './consent.ts';
import type { DecisionRecord } from './decision-log.ts';
import { defaultBundles } from './defaults.ts';
import { entitlementSetPayloads } from './entitlements/publication.ts';
import { rolePayloads } from './entitlements/roles.ts';
import { publicationPayloads } from './publication.ts';
import type { Release } from './releases.ts';
import { rolloutPayloads } from './rollout-changes.ts';
import { screeningPayloads } from './screening/record.ts';
import { sessionPayloads } from './sessions.ts';
import { stepUpPayloads } from './step-up/attempt.ts';
import { authenticatorPayloads } from './step-up/authenticators.ts';
import { tenantPayloads } from './tenants.ts';

/** The tables that are made by events alone: what is their key, and what its ids name. */
export const tables = {
  api_key: { key: ['id'], kind: 'apiKey' },
  approval: { key: ['id'], kind: 'approval' },
  approval_verdict: { key: ['approval_id', 'checker'], kind: 'approval' },
  authenticator: { key: ['id'], kind: 'authenticator' },
  backtest: { key: ['id'], kind: 'backtest' },
  bundle: { key: ['digest'], kind: undefined },
  consent: { key: ['id'], kind: 'consent' },
  entitlement_publication: { key: ['number'], kind: undefined },
  entitlement_set: { key: ['digest'], kind: undefined },
  kill_switch: { key: ['use_case'], kind: undefined },
  principal: { key: ['principal'], kind: undefined },
  principal_role: { key: ['principal', 'role'], kind: undefined },
  release: { key: ['name', 'ordinal'], kind: undefined },
  rollout: { key: ['use_case', 'channel', 'product', 'cohort'], kind: undefined },
  screening: { key: ['id'], kind: 'screening' },
  screening_clearance: { key: ['id'], kind: 'clearance' },
  screening_hit: { key: ['screening_id', 'ordinal'], kind: 'screening' },
  session: { key: ['id'], kind: 'session' },
  step_up_attempt: { key: ['payment_id', 'id'], kind: 'payment' },
} as const;

export type Table = keyof typeof tables;
export type Value = string | number | boolean | null;
/** A row as events tell it; what they leave open is undefined. */
export type Row = Readonly<Record<string, Value | undefined>>;
type Place = { readonly event: string; readonly position?: number };

/** All that the events of one tenant have told so far. */
export type Told = {
  readonly tenant: string;
  /** By key, with the event that was the last to tell of the row. */
  readonly rows: Readonly<Record<Table, Map<string, { row: Row; told: Place }>>>;
  /** The acts of publication by point, in their order. */
  readonly acts: Map<string, readonly Release[]>;
  /** The last decision: the events of policy's own changes follow theirs. */
  decision: Decision | undefined;
};
type Decision = {
  readonly idempotencyKey: string;
  readonly record: DecisionRecord;
  /** The body of its command where it is the one that was decided on. */
  readonly body: () => Body;
};
type Body = Readonly<Record<string, Json>> | undefined;
type CommandRow = { readonly operation: string; readonly body: string };

export function tellNothing(tenant: string): Told {
  const rows = Object.fromEntries(Object.keys(tables).map((table) => [table, new Map()]));
  return { tenant, rows: rows as Told['rows'], acts: new Map(), decision: undefined };
}

/** Takes in the tenant's next event that is no decision. */
export function tell(told: Told, { type, id, position, body }: ToldEvent): void {
  const teller = tellers[type as ToldType] as Teller<Json> | undefined;
  if (teller === undefined) return;
  const { data } = body as { data: Data };
  const isOurs = told.decision?.idempotencyKey === data.idempotency_key;
  const decision = isOurs ? told.decision : undefined;
  const at = Date.parse(data.occurred_at);
  const by = decision?.record.requester;
  const place = { event: externalId('event', id), ...(position === undefined ? {} : { position }) };
  const act = { type, at, time: instantToText(at), by, place, decision };
  teller(told, data.payload, act);
}

/** Takes in the tenant's next decision, with the row of its command. */
export function tellDecision(
  told: Told,
  { body }: ToldEvent,
  command: CommandRow | undefined,
): void {
  const { data } = body as { data: Data<DecisionRecord> };
  const { idempotency_key: idempotencyKey, payload: record } = data;
  let read: { readonly body: Body } | undefined;
  const bodyOnce = () => {
    read ??= { body: bodyOf(told, record, command) };
    return read.body;
  };
  told.decision = { idempotencyKey, record, body: bodyOnce };
}

function bodyOf({ tenant }: Told, record: DecisionRecord, command: CommandRow | undefined): Body {
  if (command === undefined) return undefined;
  const { operation, body: bodyText } = command;
  const isIt = commandDigest({ tenant, operation, bodyText }) === record.command_digest;
  return isIt ? JSON.parse(bodyText) : undefined;
}

/** An event whose place is not known yet has no position. */
export type ToldEvent = Pick<VerifiedEvent, 'id' | 'type' | 'body'> & {
  readonly position?: number;
};
type Data<Payload = Json> = {
  readonly idempotency_key: string;
  readonly occurred_at: string;
  readonly payload: Payload;
};

// What each event tells ---------------------------------------------------------------------------

const payloads = {
  ...approvalPayloads,
  ...authenticatorPayloads,
  ...consentPayloads,
  ...entitlementSetPayloads,
  ...publicationPayloads,
  ...rolePayloads,
  ...rolloutPayloads,
  ...screeningPayloads,
  ...sessionPayloads,
  ...stepUpPayloads,
  ...tenantPayloads,
};
type Payloads = { [Name in keyof typeof payloads]: Type.Static<(typeof payloads)[Name]> };
/** What is told of a page of those on record stands nowhere else. */
type ToldType = Exclude<keyof Payloads, 'screening.base_rescreened'>;
type Act = {
  readonly type: string;
  readonly at: Instant;
  /** The same as text. */
  readonly time: string;
  readonly by: string | undefined;
  readonly place: Place;
  readonly decision: Decision | undefined;
};
type Teller<Payload> = (told: Told, payload: Payload, act: Act) => void;

const tellers: { readonly [Name in ToldType]: Teller<Payloads[Name]> } = {
  'tenant.created': (told, { policies }, act) => {
    for (const [name, digest] of Object.entries(policies)) tellSeed(told, act, name, digest);
  },
  'api_key.issued': (told, { key_id, principal, scopes, name, expires_at }, act) =>
    put(told, act, 'api_key', {
      ...{ id: uuidOf('apiKey', key_id), secret_hash: textOf(act, 'secret_hash'), principal, name },
      ...{ scopes: canonicalJson(scopes), created_at: act.time, revoked_at: forever },
      expires_at: expires_at ?? forever,
    }),
  'api_key.revoked': (told, { key_id }, act) => {
    const id = uuidOf('apiKey', key_id);
    const isRevoked = (told.rows.api_key.get(id)?.row['revoked_at'] ?? forever) !== forever;
    if (!isRevoked) put(told, act, 'api_key', { id, revoked_at: act.time });
  },
  'session.opened': (told, { session_id, key_id, ...session }, act) =>
    put(told, act, 'session', {
      ...{ id: uuidOf('session', session_id), token_hash: textOf(act, 'token_hash'), ...session },
      key_id: key_id && uuidOf('apiKey', key_id),
      ...{ name: textOf(act, 'name'), opened_at: act.time, closed_at: forever },
    }),
  'session.closed': (told, { session_id }, act) =>
    put(told, act, 'session', { id: uuidOf('session', session_id), closed_at: act.time }),
  'role.granted': (told, { principal, role }, act) =>
    put(told, act, 'principal_role', {
      ...{ principal, role, granted_by: act.by, granted_at: act.time, revoked_at: forever },
    }),
  'role.revoked': (told, { principal, role }, act) =>
    put(told, act, 'principal_role', { principal, role, revoked_at: act.time }),
  'principal.described': (told, described, act) =>
    put(told, act, 'principal', {
      ...{ ...described, described_by: act.by, described_at: act.time },
    }),
  'entitlements.published': (told, { number, digest, approval_id }, act) => {
    const by = { published_by: act.by, published_at: act.time };
    put(told, act, 'entitlement_publication', { number, digest, approval: approval_id, ...by });
    put(told, act, 'entitlement_set', { digest, text: digest });
  },
  'policy.drafted': (told, { name, digest, engine }, act) =>
    tellBundle(told, act, { name, digest, engine }),
  'policy.backtested': (told, { backtest_id, digest, report_digest }, act) =>
    put(told, act, 'backtest', {
      ...{ id: uuidOf('backtest', backtest_id), digest, report: report_digest },
      ...{ created_by: act.by, created_at: act.time },
    }),
  'policy.published': (told, { effective_at, approval_id, backtest_id, ...act }, by) =>
    tellAct(told, by, {
      ...{ ...act, kind: 'live', act: 'published', effectiveAt: Date.parse(effective_at) },
      ...{ approval_id, backtest_id: uuidOf('backtest', backtest_id) },
    }),
  'policy.rolled_back': (told, act, by) =>
    tellAct(told, by, { ...act, kind: 'live', act: 'rolled_back' }),
  'policy.shadowed': (told, act, by) => tellAct(told, by, { ...act, kind: 'shadow' }),
  'policy.canaried': (told, { share_bps: share, key_fact: keyFact, ...act }, by) =>
    tellAct(told, by, {
      ...{ ...act, kind: 'canary', share, keyFact },
      approval_id: act.digest === null ? null : textOf(by, 'approval_id'),
    }),
  'approval.requested': (told, { approval_id, ...asked }, act) =>
    put(told, act, 'approval', {
      ...{ ...asked, id: uuidOf('approval', approval_id), requested_at: act.time },
      ...{ summary: textOf(act, 'summary'), subject: jsonOf(act, 'subject') },
      ...{ status: 'pending', used_by: null, ended_at: null },
    }),
  'approval.given': (told, { approval_id, checker, given, required_checkers }, act) => {
    tellVerdict(told, act, { approval_id, checker, verdict: 'approve' });
    if (given < required_checkers) return;
    put(told, act, 'approval', { id: uuidOf('approval', approval_id), status: 'approved' });
  },
  'approval.rejected': (told, { approval_id, checker }, act) => {
    tellVerdict(told, act, { approval_id, checker, verdict: 'reject' });
    tellEnd(told, act, { approval_id, status: 'rejected' });
  },
  'approval.withdrawn': (told, { approval_id }, act) =>
    tellEnd(told, act, { approval_id, status: 'withdrawn' }),
  'approval.used': (told, { approval_id, command_id }, act) =>
    tellEnd(told, act, { approval_id, status: 'used', used_by: uuidOf('command', command_id) }),
  'consent.granted': tellConsent,
  'consent.withdrawn': tellConsent,
  'rollout.set': (told, { setting_id, before: _before, approval_id: _used, ...setting }, act) =>
    put(told, act, 'rollout', {
      ...{ ...setting, id: uuidOf('rollout', setting_id), set_at: act.time, set_by: act.by },
    }),
  'rollout.killed': (told, { use_case }, act) => tellSwitch(told, act, { use_case, killed: true }),
  'rollout.revived': (told, { use_case }, act) =>
    tellSwitch(told, act, { use_case, killed: false }),
  'screening.performed': (told, { screening_id, subject, cause, list_versions, hits }, act) => {
    const id = uuidOf('screening', screening_id);
    put(told, act, 'screening', {
      ...{ id, subject, cause, list_versions: canonicalJson(list_versions) },
      ...{ screened_at: act.time, screened_by: act.by },
    });
    for (const [ordinal, { cleared: _, ...hit }] of hits.entries()) {
      put(told, act, 'screening_hit', { ...hit, screening_id: id, ordinal });
    }
  },
  'screening.cleared': (told, { clearance_id, ...hit }, act) =>
    put(told, act, 'screening_clearance', {
      ...{ ...hit, id: uuidOf('clearance', clearance_id), revoked_at: forever, revoked_by: null },
      ...{ cleared_at: act.time, cleared_by: act.by },
    }),
  'screening.clearance_revoked': (told, { clearance_id }, act) =>
    put(told, act, 'screening_clearance', {
      ...{ id: uuidOf('clearance', clearance_id), revoked_at: act.time, revoked_by: act.by },
    }),
  'authenticator.enrolled': (told, { authenticator_id, ...enrolled }, act) =>
    put(told, act, 'authenticator', {
      ...{ ...enrolled, id: uuidOf('authenticator', authenticator_id), enrolled_by: act.by },
      ...{ enrolled_at: act.time, confirmed_at: enrolled.kind === 'totp' ? null : act.time },
      ...{ revoked_at: null, totp_step: null },
    }),
  'authenticator.confirmed': (told, confirmed, act) =>
    tellProver(told, act, { ...confirmed, confirmed_at: act.time }),
  'authenticator.used': (told, used, act) => tellProver(told, act, used),
  'authenticator.revoked': (told, revoked, act) =>
    tellProver(told, act, { ...revoked, revoked_at: act.time }),
  'step_up.failed': (told, { reason, ...attempt }, act) => tellAttempt(told, act, attempt, reason),
  'step_up.succeeded': (told, { totp_step, ...attempt }, act) => {
    tellAttempt(told, act, attempt, null);
    const { authenticator_id } = attempt;
    if (totp_step !== null) tellProver(told, act, { authenticator_id, totp_step });
  },
};

/** The events that tell of rows, and the decisions that tell who has made them. */
export const toldTypes: readonly string[] = [...Object.keys(tellers), 'decision.made'];

// Rows --------------------------------------------------------------------------------------------

const forever = 'infinity';

/** Adds a row, or changes what is told of one. */
function put({ rows }: Told, { place }: Pick<Act, 'place'>, table: Table, row: Row): void {
  const key = keyOf(table, row);
  rows[table].set(key, { row: { ...rows[table].get(key)?.row, ...row }, told: place });
}

export function keyOf(table: Table, row: Row): string {
  return tables[table].key.map((column) => row[column]).join('/');
}

function tellBundle(told: Told, act: Act, { digest, ...row }: Row & { digest: string }): void {
  // Equal texts are one bundle: it stays that of who has drafted it first.
  if (told.rows.bundle.has(digest)) return;
  const by = { created_by: act.by, created_at: act.time };
  put(told, act, 'bundle', { ...row, digest, body: digest, ...by });
}

function tellSeed(told: Told, act: Act, name: string, digest: string): void {
  tellBundle(told, act, { name, digest, engine: act.decision?.record.engine });
  addAct(told, act, { name, digest, ordinal: 1, kind: 'live', act: 'seeded' });
}

type ToldAct = Pick<Release, 'name' | 'ordinal' | 'kind' | 'digest'> &
  Partial<Omit<Release, 'recordedAt'>> & {
    readonly approval_id?: string | null | undefined;
    readonly backtest_id?: string;
    readonly supersedes?: string | null;
  };

function tellAct(told: Told, act: Act, { supersedes, ...added }: ToldAct): void {
  const isFirst = added.ordinal === 2 && !told.acts.has(added.name);
  // A point of ours that is newer than the tenant begins with what ships.
  const seed = isFirst ? (supersedes ?? defaultBundles().get(added.name)?.digest) : undefined;
  if (seed !== undefined) tellSeed(told, act, added.name, seed);
  addAct(told, act, { act: added.digest === null ? 'stopped' : 'started', ...added });
}

/** As publication adds it: acts follow each other in time as in number. */
function addAct(told: Told, act: Act, added: ToldAct & Pick<Release, 'act'>): void {
  const { name, ordinal, kind, digest, share = null, keyFact = null } = added;
  const acts = told.acts.get(name) ?? [];
  const recordedAt = Math.max(act.at, acts.at(-1)?.recordedAt ?? act.at);
  const effectiveAt = Math.max(recordedAt, added.effectiveAt ?? recordedAt);
  const release = { name, ordinal, kind, digest, share, keyFact, act: added.act };
  told.acts.set(name, [...acts, { ...release, recordedAt, effectiveAt }]);
  put(told, act, 'release', {
    ...{ name, ordinal, kind, digest, share, key_fact: keyFact, act: added.act },
    ...{ effective_at: instantToText(effectiveAt), recorded_at: instantToText(recordedAt) },
    ...{ acted_by: act.by, backtest_id: added.backtest_id ?? null },
    approval_id: 'approval_id' in added ? added.approval_id : null,
  });
}

type ToldVerdict = { readonly approval_id: string; readonly checker: string; verdict: string };

function tellVerdict(told: Told, act: Act, { approval_id, ...verdict }: ToldVerdict): void {
  const id = uuidOf('approval', approval_id);
  put(told, act, 'approval_verdict', {
    ...{ ...verdict, approval_id: id, decided_at: act.time, reason: textOf(act, 'reason') },
    maker: told.rows.approval.get(id)?.row['maker'],
  });
}

function tellEnd(told: Told, act: Act, { approval_id, ...end }: Row): void {
  const id = uuidOf('approval', String(approval_id));
  put(told, act, 'approval', { id, ...end, ended_at: act.time });
}

function tellProver(told: Told, act: Act, { authenticator_id: id, ...row }: Row): void {
  put(told, act, 'authenticator', { ...row, id: uuidOf('authenticator', String(id)) });
}

function tellConsent(told: Told, payload: Payloads['consent.granted'], act: Act): void {
  const { consent_id, purpose, channel, party, expires_at, ...row } = payload;
  const of = channel ?? party;
  put(told, act, 'consent', {
    ...{ ...row, id: uuidOf('consent', consent_id), expires_at: expires_at ?? forever },
    ...{ topic: of === null ? purpose : `${purpose}/${of}`, recorded_by: act.by },
    ...{ recorded_at: act.time, status: act.type.slice('consent.'.length) },
  });
}

function tellSwitch(told: Told, act: Act, row: { use_case: string; killed: boolean }): void {
  put(told, act, 'kill_switch', { ...row, changed_at: act.time, changed_by: act.by });
}

type ToldAttempt = Omit<Payloads['step_up.failed'], 'reason'>;

function tellAttempt(told: Told, act: Act, attempt: ToldAttempt, reason: string | null): void {
  const { command_id, payment_id, authenticator_id, subject, attempts_left } = attempt;
  put(told, act, 'step_up_attempt', {
    ...{ payment_id: uuidOf('payment', payment_id), id: uuidOf('command', command_id) },
    ...{ authenticator_id: uuidOf('authenticator', authenticator_id), subject },
    ...{ attempted_at: act.time, reason, attempts_left },
  });
}

function uuidOf(kind: Parameters<typeof internalId>[0], id: string): Uuid {
  return internalId(kind, id) ?? id;
}

/** What the command says and its event leaves out; undefined where the command is not to be had. */
function textOf({ decision }: Act, member: string): string | null | undefined {
  const body = decision?.body();
  return body && ((body[member] ?? null) as string | null);
}

function jsonOf({ decision }: Act, member: string): string | null | undefined {
  const body = decision?.body();
  return body && (body[member] === undefined ? null : canonicalJson(body[member]));
}
