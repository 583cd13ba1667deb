// Sessions: people who have signed in from a browser, for half a day at most.
import {
  type Command,
  databaseFault,
  derivedUuid,
  externalId,
  Fault,
  type Instant,
  instantToText,
  internalId,
  nullable,
  type Page,
  pageOf,
  principalOf,
  principalText,
  type Uuid,
} from '#core';
import type pg from 'pg';
import Type from 'typebox';
import type { Subject } from './entitlements/entitlements.ts';
import { subjectOf } from './entitlements/roles.ts';
import { policyEvent, type PolicyOperations } from './operation.ts';
import { type Scope, secretHash } from './tenants.ts';

/** From signing in, whatever happens. */
export const sessionMaxMs = 12 * 3_600_000;
/** Without a request. */
export const sessionIdleMs = 30 * 60_000;

const sessionId = Type.String({ pattern: '^ses_[0-9a-hjkmnp-tv-z]{26}$' });

export const sessionPayloads = {
  'session.opened': Type.Object({
    session_id: sessionId,
    principal: Type.String(),
    issuer: Type.String({ description: 'Who has said that it is this person.' }),
    key_id: nullable(
      Type.String({ description: 'With whose key the person has signed in, and ends with.' }),
    ),
    expires_at: Type.String(),
  }),
  'session.closed': Type.Object({
    session_id: sessionId,
    principal: Type.String(),
    closed_by: Type.String(),
  }),
};

export type OpenSessionBody = {
  readonly token_hash: string;
  readonly issuer: string;
  /** A token of the vault. */
  readonly name: string | null;
  readonly key_id: string | null;
};

export const sessionOperations: PolicyOperations = {
  'session.open': { changesRights: false, perform: openSession },
  // Rights end with a session: a server that remembers them is told by the epoch.
  'session.close': { changesRights: true, perform: closeSession },
};

/** Of the one who asks: nobody signs in for somebody else. */
async function openSession(tx: pg.ClientBase, command: Command) {
  const { token_hash, issuer, name, key_id } = command.body as OpenSessionBody;
  const principal = principalText(command.principal);
  if (command.principal.kind !== 'user') throw new Fault('denied', 'only people sign in');
  const now = instantToText(command.receivedAt);
  const key = key_id === null ? null : await ownKey(tx, key_id, { principal, now });
  const id = derivedUuid(command.id, 'session', 0);
  const expires_at = instantToText(command.receivedAt + sessionMaxMs);
  await tx.query(
    `insert into policy.session (tenant_id, id, token_hash, principal, issuer, name, key_id,
       opened_at, expires_at, last_seen_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $8)`,
    [
      ...[command.tenant, id, Buffer.from(token_hash, 'hex'), principal, issuer, name, key],
      ...[now, expires_at],
    ],
  );
  const session_id = sessionOf(command.id);
  return [
    policyEvent(command, 'session.opened', { session_id, principal, issuer, key_id, expires_at }),
  ];
}

async function ownKey(
  tx: pg.ClientBase,
  keyId: string,
  { principal, now }: { readonly principal: string; readonly now: string },
): Promise<Uuid> {
  const id = internalId('apiKey', keyId);
  const { rowCount } = await tx.query(
    `select from policy.api_key
      where id = $1 and principal = $2 and expires_at > $3 and revoked_at > $3`,
    [id ?? null, principal, now],
  );
  if (id !== undefined && rowCount === 1) return id;
  throw new Fault('denied', `${keyId} is no key of ${principal}, or has ended`);
}

async function closeSession(tx: pg.ClientBase, command: Command) {
  const { session_id } = command.body as { readonly session_id: string };
  const id = internalId('session', session_id) ?? null;
  const { rows } = await tx.query<{ principal: string; is_open: boolean }>(
    `select principal, closed_at = 'infinity' as is_open from policy.session where id = $1`,
    [id],
  );
  const [session] = rows;
  if (!session) throw new Fault('not_found', `there is no session ${session_id}`);
  if (!session.is_open) return [];
  await tx.query('update policy.session set closed_at = $2 where id = $1', [
    id,
    instantToText(command.receivedAt),
  ]);
  const { principal } = session;
  const closed = { session_id, principal, closed_by: principalText(command.principal) };
  return [policyEvent(command, 'session.closed', closed)];
}

/** The session that a command has opened. */
export function sessionOf(commandId: Uuid): string {
  return externalId('session', derivedUuid(commandId, 'session', 0));
}

// Reading -----------------------------------------------------------------------------------------

export type Session = {
  readonly tenant: string;
  readonly id: Uuid;
  readonly principal: string;
  readonly name: string | null;
  /** Of the key with which the person has signed in; without one there is no such bound. */
  readonly scopes?: readonly Scope[];
  readonly expiresAt: Instant;
  readonly seenAt: Instant;
  readonly epoch: bigint;
  readonly subject: Subject;
  readonly ruleSet: string | null;
};

/** The session of a token, or undefined where it has ended. */
export async function findSession(
  pool: Pick<pg.Pool, 'query'>,
  token: string,
  now: Instant,
): Promise<Session | undefined> {
  const { rows } = await pool
    .query({
      name: 'find_session',
      text: `select tenant, id, principal, name, scopes, ends_at, last_seen_at, epoch, roles,
        governed, region, customer, delegated_by, rule_set from policy.find_session($1)`,
      values: [Buffer.from(secretHash(token), 'hex')],
    })
    .catch((error: unknown) => {
      throw databaseFault(error);
    });
  const [row] = rows;
  if (!row) return undefined;
  const { tenant, id, principal, name, scopes, epoch } = row;
  const [expiresAt, seenAt] = [row.ends_at.getTime(), row.last_seen_at.getTime()];
  if (Math.min(expiresAt, seenAt + sessionIdleMs) <= now) return undefined;
  return {
    ...{ tenant, id, principal, name, expiresAt, seenAt, epoch },
    ...(scopes === null ? {} : { scopes }),
    subject: subjectOf(principalOf(principal, tenant), row),
    ruleSet: row.rule_set,
  };
}

/** In a transaction of its tenant. */
export async function seeSession(tx: pg.ClientBase, id: Uuid, at: Instant): Promise<void> {
  await tx.query(
    'update policy.session set last_seen_at = greatest(last_seen_at, $2) where id = $1',
    [id, instantToText(at)],
  );
}

export type SessionView = {
  readonly id: string;
  readonly principal: string;
  readonly issuer: string;
  readonly key_id: string | null;
  readonly opened_at: string;
  readonly expires_at: string;
  readonly last_seen_at: string;
  readonly closed_at: string | null;
};

/** Those of the transaction's tenant, the newest first. */
export async function listSessions(
  tx: pg.ClientBase,
  { before, limit }: { readonly before: Uuid | undefined; readonly limit: number },
): Promise<Page<SessionView>> {
  const { rows } = await tx.query(
    `select id, principal, issuer, key_id, opened_at, expires_at, last_seen_at,
            nullif(closed_at, 'infinity') as closed_at
       from policy.session where $1::uuid is null or id < $1 order by id desc limit $2`,
    [before ?? null, limit + 1],
  );
  const views = rows.map(
    (row): SessionView => ({
      id: externalId('session', row.id),
      principal: row.principal,
      issuer: row.issuer,
      key_id: row.key_id === null ? null : externalId('apiKey', row.key_id),
      opened_at: row.opened_at.toISOString(),
      expires_at: row.expires_at.toISOString(),
      last_seen_at: row.last_seen_at.toISOString(),
      closed_at: row.closed_at?.toISOString() ?? null,
    }),
  );
  return pageOf(views, limit, ({ id }) => id);
}
