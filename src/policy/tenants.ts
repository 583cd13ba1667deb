// Tenants and API keys: who may call at all.
import {
  type Command,
  databaseFault,
  derivedUuid,
  externalId,
  Fault,
  instantToText,
  internalId,
  type Principal,
  principalKinds,
  principalOf,
  principalText,
  closed,
  plainText,
} from '#core';
import { hash } from 'node:crypto';
import type pg from 'pg';
import Type from 'typebox';
import { approvalId, useApproval } from './approvals.ts';
import type { Subject } from './entitlements/entitlements.ts';
import { subjectOf } from './entitlements/roles.ts';
import { policyEvent, type PolicyOperations } from './operation.ts';
import { seedReleases } from './publication.ts';

/** What a key may do. `admin` covers the tenant's keys; `operator` (of system's) all tenants. */
export const scopes = [
  'ledger:read',
  'ledger:write',
  'events:read',
  'policy:read',
  'policy:write',
  'policy:approve',
  'policy:decide',
  'model:read',
  'model:write',
  'payments:read',
  'payments:write',
  'authenticators:read',
  'authenticators:write',
  'register:read',
  'register:write',
  'reviews:read',
  'reviews:write',
  'webhooks:write',
  'loyalty:read',
  'loyalty:write',
  'offers:read',
  'offers:write',
  'tools',
  'admin',
  'operator',
] as const;
export type Scope = (typeof scopes)[number];

/** With these a person governs: asks, approves, or makes others who do. */
const governing: readonly string[] = ['policy:write', 'policy:approve', 'model:write', 'admin'];

/** The tenant of the installation itself, whose operators create the others. */
export const systemTenant = 'system';

const slug = Type.String({ pattern: '^[a-z][a-z0-9-]{1,39}$', examples: ['demo-bank'] });
const tenantBody = Type.Object(
  {
    tenant_id: slug,
    name: plainText({ minLength: 1, maxLength: 120 }),
    time_zone: Type.Optional(
      Type.String({ description: 'IANA zone of business days.', default: 'UTC', maxLength: 60 }),
    ),
  },
  closed,
);
const issueBody = Type.Object(
  {
    name: plainText({ minLength: 1, maxLength: 80 }),
    principal_kind: Type.Enum([...principalKinds]),
    principal_id: Type.String({
      pattern: '^[a-z0-9_.@-]{1,80}$',
      description: 'In lower case, so that nobody is two by the case of a letter.',
    }),
    scopes: Type.Array(Type.Enum([...scopes]), {
      minItems: 1,
      maxItems: scopes.length,
      uniqueItems: true,
    }),
    expires_at: Type.Optional(Type.String({ format: 'date-time' })),
    secret_digest: Type.Optional(
      Type.String({
        pattern: '^[0-9a-f]{64}$',
        description:
          'SHA-256 of a secret that the holder has made and shows to nobody. Needed for another ' +
          'person’s key with policy:write, policy:approve, model:write or admin.',
      }),
    ),
    approval_id: Type.Optional(approvalId),
  },
  {
    ...closed,
    description:
      'Another person’s key with policy:write, policy:approve, model:write or admin needs an ' +
      'approval as soon as there is somebody to give it: subject kind `api_key.issue`, subject ' +
      '`{"principal", "scopes" (sorted), "secret_digest", "expires_at" (or null)}`.',
  },
);

export const tenantSchemas = { tenantBody, issueBody };

export const tenantPayloads = {
  'tenant.created': Type.Object({
    name: Type.String(),
    time_zone: Type.String(),
    tenant_id: slug,
    policies: Type.Record(Type.String(), Type.String(), {
      description: 'The digest of the bundle that decides at each point from the start.',
    }),
  }),
  'api_key.issued': Type.Object({
    key_id: Type.String(),
    name: Type.String(),
    principal: Type.String(),
    scopes: Type.Array(Type.String()),
    expires_at: Type.Union([Type.String(), Type.Null()]),
    approval_id: Type.Union([Type.String(), Type.Null()]),
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
  approval_id?: string;
};
export type RevokeBody = { key_id: string };

export const tenantOperations: PolicyOperations = {
  'tenant.create': { changesRights: false, byInstallation: true, perform: createTenant },
  'api_key.issue': { changesRights: true, perform: issueKey },
  'api_key.revoke': { changesRights: true, perform: revokeKey },
};

async function createTenant(tx: pg.ClientBase, command: Command) {
  const body = command.body as TenantBody;
  await tx.query('select policy.create_tenant($1, $2, $3, $4)', [
    body.tenant_id,
    body.name,
    body.time_zone,
    instantToText(command.receivedAt),
  ]);
  const policies = await seedReleases(tx, command);
  return [policyEvent(command, 'tenant.created', { ...body, policies })];
}

async function issueKey(tx: pg.ClientBase, command: Command) {
  const { secret_hash, approval_id, ...shown } = command.body as IssueBody;
  const needsApproval = makesPerson(shown, command.principal) && (await hasChecker(tx, command));
  const used = needsApproval ? [await useIssueApproval(tx, command)] : [];
  const id = derivedUuid(command.id, 'api-key', 0);
  await tx.query(
    `insert into policy.api_key (tenant_id, id, secret_hash, principal, scopes, name, created_at,
       expires_at) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      command.tenant,
      id,
      Buffer.from(secret_hash, 'hex'),
      shown.principal,
      shown.scopes,
      shown.name,
      instantToText(command.receivedAt),
      shown.expires_at ?? 'infinity',
    ],
  );
  const payload = {
    key_id: externalId('apiKey', id),
    ...shown,
    approval_id: needsApproval ? (approval_id ?? null) : null,
  };
  return [...used, policyEvent(command, 'api_key.issued', payload)];
}

/** Whether with such a key a person governs who is not its issuer: that must be somebody else. */
export function makesPerson(
  key: Pick<IssueBody, 'principal' | 'scopes'>,
  issuer: Principal,
): boolean {
  const isPerson = principalOf(key.principal, issuer.tenant).kind === 'user';
  const isOwn = key.principal === principalText(issuer);
  return isPerson && !isOwn && key.scopes.some((scope) => governing.includes(scope));
}

/**
 * Whether there ever was a person, other than who issues, with a key or a role to approve. Also one
 * whose key or role was revoked: or it would be enough to revoke it.
 */
async function hasChecker(tx: pg.ClientBase, { principal }: Command): Promise<boolean> {
  const { rows } = await tx.query<{ found: boolean }>(
    `select exists (
       select from policy.api_key
        where starts_with(principal, 'user:') and principal <> $1
          and 'policy:approve' = any (scopes)
       union all
       select from policy.principal_role
        where starts_with(principal, 'user:') and principal <> $1 and role = 'compliance'
     ) as found`,
    [principalText(principal)],
  );
  return rows[0]?.found === true;
}

/** Nobody makes a second person of himself: another one has to know who it is. */
function useIssueApproval(tx: pg.ClientBase, command: Command) {
  const {
    principal,
    scopes: held,
    secret_hash,
    expires_at,
    approval_id,
  } = command.body as IssueBody;
  return useApproval(tx, {
    id: approval_id,
    subjectKind: 'api_key.issue',
    subject: {
      principal,
      scopes: held.toSorted(),
      secret_digest: secret_hash,
      expires_at,
    },
    command,
  });
}

async function revokeKey(tx: pg.ClientBase, command: Command) {
  const { key_id } = command.body as RevokeBody;
  const id = internalId('apiKey', key_id) ?? null;
  const { rowCount } = await tx.query('select from policy.api_key where id = $1', [id]);
  if (rowCount === 0) throw new Fault('not_found', `there is no API key ${key_id}`);
  await tx.query(
    `update policy.api_key set revoked_at = $2 where id = $1 and revoked_at = 'infinity'`,
    [id, instantToText(command.receivedAt)],
  );
  return [policyEvent(command, 'api_key.revoked', { key_id })];
}

export type ApiKey = {
  readonly tenant: string;
  readonly id: string;
  readonly principal: string;
  readonly scopes: readonly Scope[];
  readonly expiresAt: number;
  readonly epoch: bigint;
  /** Its principal, with roles and attributes of that epoch. */
  readonly subject: Subject;
  /** SHA-256 (hex) of the tenant's own entitlement rules; null when it has none. */
  readonly ruleSet: string | null;
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
      text: `select tenant, id, principal, scopes, epoch, roles, governed, region, customer,
        delegated_by, rule_set,
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
    subject: subjectOf(principalOf(row.principal, row.tenant), row),
    ruleSet: row.rule_set,
  };
}
