// Tenants and API keys: who may call at all. Each change is a command with an event of its own.
import {
  canonicalJson,
  type Command,
  databaseFault,
  type Countersigned,
  derivedUuid,
  type EventDraft,
  eventRow,
  externalId,
  Fault,
  instantToText,
  internalId,
  principalText,
  principalKinds,
  type VerifyCountersignature,
} from '#core';
import { hash } from 'node:crypto';
import type pg from 'pg';
import Type from 'typebox';

/** What a key may do. `admin` covers the tenant's keys; `operator` (of system's) all tenants. */
export const scopes = ['ledger:read', 'ledger:write', 'events:read', 'admin', 'operator'] as const;
export type Scope = (typeof scopes)[number];

/** The tenant of the installation itself, whose operators create the others. */
export const systemTenant = 'system';

const closed = { additionalProperties: false } as const;
/** Text that PostgreSQL can keep: without U+0000 and without half a surrogate pair. */
const text = (maxLength: number) =>
  Type.String({ minLength: 1, maxLength, pattern: '^[^\\u0000\\ud800-\\udfff]*$' });
const slug = Type.String({ pattern: '^[a-z][a-z0-9-]{1,39}$', examples: ['demo-bank'] });
const tenantBody = Type.Object(
  {
    tenant_id: slug,
    name: text(120),
    time_zone: Type.Optional(
      Type.String({ description: 'IANA zone of business days.', default: 'UTC', maxLength: 60 }),
    ),
  },
  closed,
);
const issueBody = Type.Object(
  {
    name: text(80),
    principal_kind: Type.Enum([...principalKinds]),
    principal_id: Type.String({ pattern: '^[A-Za-z0-9_.@-]{1,80}$' }),
    scopes: Type.Array(Type.Enum([...scopes]), { minItems: 1, maxItems: 5, uniqueItems: true }),
    expires_at: Type.Optional(Type.String({ format: 'date-time' })),
  },
  closed,
);

export const administrationSchemas = { tenantBody, issueBody };

export const administrationPayloads = {
  'tenant.created': Type.Object({
    name: Type.String(),
    time_zone: Type.String(),
    tenant_id: slug,
  }),
  'api_key.issued': Type.Object({
    key_id: Type.String(),
    name: Type.String(),
    principal: Type.String(),
    scopes: Type.Array(Type.String()),
    expires_at: Type.Union([Type.String(), Type.Null()]),
  }),
  'api_key.revoked': Type.Object({ key_id: Type.String() }),
};

/** A tenant is created under its own id, so that its log begins with its creation. */
export type TenantBody = { tenant_id: string; name: string; time_zone: string };
export type IssueBody = {
  name: string;
  principal: string;
  scopes: string[];
  expires_at: string | null;
  secret_hash: string;
};
export type RevokeBody = { key_id: string };

const administrationOperations = new Set(['tenant.create', 'api_key.issue', 'api_key.revoke']);

export function isAdministration(operation: string): boolean {
  return administrationOperations.has(operation);
}

export type Administered = { readonly commandId: string; readonly replayed: boolean };

/**
 * Runs one administrative command in one transaction: its command row, its effect, its event, and a
 * new epoch of the tenant. A retry finds the first command.
 */
export async function administer(
  tx: pg.ClientBase,
  item: Countersigned,
  verify: VerifyCountersignature,
): Promise<Administered> {
  verify(item);
  const { command, countersignature } = item;
  // The tenant's gate, before anything else: a retry that comes meanwhile waits and then finds the
  // first answer, and a posting that holds the gate can never wait for us in turn.
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 1))', [command.tenant]);
  const earlier = await findCommand(tx, command);
  if (earlier) return { commandId: earlier, replayed: true };
  if (command.operation === 'api_key.revoke') await expectKey(tx, command.body as RevokeBody);
  const { columns, draft } = effectOf(command);
  await tx.query(
    `select core.record_commands($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      command.tenant,
      command.idempotencyKey,
      command.id,
      command.operation,
      `\\x${command.digest}`,
      principalText(command.principal),
      instantToText(command.receivedAt),
      command.traceId,
      canonicalJson({
        decision_id: externalId('decision', countersignature.decision.id),
        model_score_ref: countersignature.decision.modelScoreRef,
        outcome: countersignature.decision.outcome,
        policy_version: countersignature.decision.policyVersion,
      }),
      command.bodyText,
      canonicalJson({ status: 'accepted' }),
    ].map((value, index) => (index < 8 ? [value] : value)),
  );
  const places = columns.map((_, index) => `$${index + 1}`).join(', ');
  await tx.query(`select policy.record_administration(${places})`, columns);
  const event = eventRow(command, countersignature.decision, 0, draft);
  await tx.query('select core.record_events($1, $2, $3, $4)', [
    [event.tenant],
    [event.id],
    [event.type],
    event.body,
  ]);
  return { commandId: command.id, replayed: false };
}

async function findCommand(tx: pg.ClientBase, command: Command): Promise<string | undefined> {
  const { rows } = await tx.query<{ id: string; digest: string }>(
    `select id, encode(digest, 'hex') as digest from core.command
      where tenant_id = $1 and idempotency_key = $2`,
    [command.tenant, command.idempotencyKey],
  );
  const [earlier] = rows;
  if (earlier && earlier.digest !== command.digest) {
    throw new Fault('idempotency_key_reused', 'this Idempotency-Key was used with another request');
  }
  return earlier?.id;
}

async function expectKey(tx: pg.ClientBase, { key_id }: RevokeBody): Promise<void> {
  const id = internalId('apiKey', key_id);
  const { rowCount } = await tx.query('select from policy.api_key where id = $1', [id ?? null]);
  if (rowCount === 0) throw new Fault('not_found', `there is no API key ${key_id}`);
}

/** The columns of policy.record_administration, and the event that tells of it. */
function effectOf(command: Command): { columns: unknown[][]; draft: EventDraft } {
  const at = instantToText(command.receivedAt);
  const draft = (type: string, payload: EventDraft['payload']): EventDraft => ({
    type,
    occurredAt: at,
    accountId: null,
    amount: null,
    currency: null,
    payload,
  });
  const none = (count: number) => Array.from({ length: count }, () => []);
  switch (command.operation) {
    case 'tenant.create': {
      const body = command.body as TenantBody;
      return {
        columns: [[body.tenant_id], [body.name], [body.time_zone], [at], ...none(11)],
        draft: draft('tenant.created', body),
      };
    }
    case 'api_key.issue': {
      const body = command.body as IssueBody;
      const id = derivedUuid(command.id, 'api-key', 0);
      const columns = [
        [command.tenant],
        [id],
        [`\\x${body.secret_hash}`],
        [body.principal],
        [`{${body.scopes.map((scope) => `"${scope}"`).join(',')}}`],
        [body.name],
        [at],
        [body.expires_at ?? 'infinity'],
      ];
      const { secret_hash: _, ...shown } = body;
      return {
        columns: [...none(4), ...columns, ...none(3)],
        draft: draft('api_key.issued', { key_id: externalId('apiKey', id), ...shown }),
      };
    }
    case 'api_key.revoke': {
      const { key_id } = command.body as RevokeBody;
      const id = internalId('apiKey', key_id);
      return {
        columns: [...none(12), [command.tenant], [id], [at]],
        draft: draft('api_key.revoked', { key_id }),
      };
    }
    default:
      throw new Error(`policy has no operation ${command.operation}`);
  }
}

export type ApiKey = {
  readonly tenant: string;
  readonly id: string;
  readonly principal: string;
  readonly scopes: readonly Scope[];
  readonly expiresAt: number;
  readonly epoch: bigint;
};

export function secretHash(secret: string): string {
  return hash('sha256', secret, 'hex');
}

/** The live key of a secret, or undefined. The look-up is by hash, so its time tells nothing. */
export async function findApiKey(
  pool: Pick<pg.Pool, 'query'>,
  secret: string,
  now: number,
): Promise<ApiKey | undefined> {
  const { rows } = await pool
    .query({
      name: 'find_api_key',
      text: `select tenant, id, principal, scopes, epoch,
        extract(epoch from least(expires_at, revoked_at, '3000-01-01')) * 1000 as until
      from policy.find_api_key($1)`,
      values: [Buffer.from(secretHash(secret), 'hex')],
    })
    .catch((error: unknown) => {
      throw databaseFault(error);
    });
  const [row] = rows;
  if (!row || Number(row.until) <= now) return undefined;
  return {
    tenant: row.tenant,
    id: row.id,
    principal: row.principal,
    scopes: row.scopes,
    expiresAt: Number(row.until),
    epoch: row.epoch,
  };
}
