// Tenants over HTTP, and how one is made: with a first key for its administrator.
import { Fault, type Keyring, type Principal, principalText, withTx, refuseField } from '#core';
import type { Planes } from '#main';
import { scopes, systemTenant, tenantSchemas } from '#policy';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import Type from 'typebox';
import { issueKey, keySecret } from './api-keys.ts';
import type { Authenticate, Caller } from './authenticate.ts';
import { pageQuery, type Parts } from './routes.ts';
import { idempotencyHeaders, problems } from './views.ts';
import { idempotencyKeyOf, written } from './write.ts';

export function tenantRoutes(app: FastifyInstance, parts: Parts): void {
  createRoute(app, parts);
  listRoute(app, parts);
}

function createRoute(app: FastifyInstance, { planes, authenticate }: Parts): void {
  app.post(
    '/v1/tenants',
    {
      schema: {
        tags: ['administration'],
        summary: 'Create a tenant, with a first key for its administrator',
        headers: idempotencyHeaders,
        body: tenantSchemas.tenantBody,
        response: {
          201: Type.Object({
            id: Type.String(),
            api_key: Type.Object({ id: Type.String(), secret: Type.String() }),
          }),
          ...problems,
        },
      },
    },
    async (request, reply) => {
      const { principal, epoch } = await operatorOf(request, authenticate);
      const body = request.body as { tenant_id: string; name: string; time_zone?: string };
      const zone = body.time_zone ?? 'UTC';
      if (!isTimeZone(zone))
        refuseField('/time_zone', 'must be an IANA time zone such as Europe/Paris');
      const idempotencyKey = idempotencyKeyOf(request);
      const created = await createTenant(planes, {
        tenant: body.tenant_id,
        name: body.name,
        timeZone: zone,
        createdBy: principalText(principal),
        idempotencyKey,
        epoch,
      });
      written(reply, created.replayed);
      reply.code(201);
      return { id: body.tenant_id, api_key: created.apiKey };
    },
  );
}

const tenantView = Type.Object({
  id: Type.String(),
  name: Type.String(),
  time_zone: Type.String(),
  created_at: Type.String(),
});

function listRoute(app: FastifyInstance, { planes, authenticate }: Parts): void {
  app.get(
    '/v1/tenants',
    {
      schema: {
        tags: ['administration'],
        summary: 'List the tenants of the installation',
        querystring: pageQuery,
        response: {
          200: Type.Object({
            items: Type.Array(tenantView),
            next: Type.Union([Type.String(), Type.Null()]),
          }),
          ...problems,
        },
      },
    },
    async (request) => {
      await operatorOf(request, authenticate);
      const { limit = 50, after = '' } = request.query as { limit?: number; after?: string };
      const { rows } = await withTx(planes.database.pool('policy'), (tx) =>
        tx.query(
          'select * from core.list_tenants() where tenant_id > $1 order by tenant_id limit $2',
          [after, limit + 1],
        ),
      );
      const items = rows.slice(0, limit).map((row) => ({
        id: row.tenant_id,
        name: row.name,
        time_zone: row.time_zone,
        created_at: row.created_at.toISOString(),
      }));
      return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
    },
  );
}

async function operatorOf(request: FastifyRequest, authenticate: Authenticate): Promise<Caller> {
  const caller = await authenticate.fresh(request, 'operator');
  if (caller.principal.tenant === systemTenant) return caller;
  throw new Fault('forbidden', 'tenants are administered by operators of the installation');
}

function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

export type CreatedTenant = {
  readonly replayed: boolean;
  readonly apiKey: { readonly id: string; readonly secret: string };
};

/** A tenant and its administrator's first key: two commands, each found again by a retry. */
export async function createTenant(
  planes: Planes,
  options: {
    readonly tenant: string;
    readonly name: string;
    readonly timeZone: string;
    readonly createdBy: string;
    readonly idempotencyKey: string;
    readonly scopes?: readonly string[];
    /** Of the installation, when the rights to this were read. */
    readonly epoch?: bigint;
  },
): Promise<CreatedTenant> {
  const { tenant, idempotencyKey } = options;
  const principal = creator(tenant, options.createdBy);
  const created = await planes.execute({
    principal,
    idempotencyKey,
    ...(options.epoch === undefined ? {} : { epoch: options.epoch }),
    operation: 'tenant.create',
    body: { tenant_id: tenant, name: options.name, time_zone: options.timeZone },
  });
  const apiKey = await issueKey(planes, {
    principal,
    idempotencyKey: `${idempotencyKey}#key`,
    name: 'administrator',
    holder: 'user:administrator',
    // All but that of the installation: what administrators lack, they could give to nobody.
    scopes: options.scopes ?? scopes.filter((scope) => scope !== 'operator'),
    expiresAt: null,
  });
  return { replayed: created.replayed, apiKey };
}

/** Answers the secret of its administrator where a bank of that name was not there yet. */
export async function createBankOnce(planes: Planes, tenant: string): Promise<string | undefined> {
  const { rowCount } = await planes.database
    .pool('policy')
    .query('select from core.list_tenants() where tenant_id = $1', [tenant]);
  if (rowCount !== 0) return undefined;
  const { apiKey } = await createTenant(planes, {
    ...{ tenant, name: tenant, timeZone: 'UTC' },
    ...{ createdBy: 'service:installation', idempotencyKey: `core ${tenant}` },
  });
  return apiKey.secret;
}

const installation = {
  tenant: systemTenant,
  name: 'This installation',
  timeZone: 'UTC',
  createdBy: 'service:installation',
  idempotencyKey: 'bootstrap',
  scopes: ['operator', 'admin', 'ledger:read', 'events:read'],
} as const;

/** The system tenant and its operator's key: made at the first start, found at every other. */
export function createInstallation(planes: Planes): Promise<CreatedTenant> {
  return createTenant(planes, installation);
}

/** The operator's secret, for a command line that has the keyring. */
export function operatorSecret(keyring: Keyring): string {
  const { tenant, createdBy, idempotencyKey } = installation;
  return keySecret(keyring, creator(tenant, createdBy), `${idempotencyKey}#key`);
}

function creator(tenant: string, createdBy: string): Principal {
  return { kind: 'service', id: createdBy.replace(':', '.'), tenant };
}
