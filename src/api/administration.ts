// Administration over HTTP: tenants, API keys, units, accounting periods, the business calendar.
import {
  derivedUuid,
  externalId,
  Fault,
  instantToText,
  internalId,
  type Json,
  type Keyring,
  type Principal,
  principalText,
  type Tx,
  withTx,
} from '#core';
import type { Planes } from '#main';
import { businessDayFrom, dateIn, moneySchemas as s } from '#money';
import { administrationSchemas, secretHash, systemTenant } from '#policy';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import Type from 'typebox';
import type { Authenticate } from './authenticate.ts';
import { rejectionProblem, sendProblem } from './problem.ts';
import { refuse } from './validate.ts';
import { idempotencyHeaders, problems } from './views.ts';
import { checkInstant, idempotencyKeyOf, type Writer, written } from './write.ts';

const keyView = Type.Object({
  id: Type.String(),
  name: Type.String(),
  principal: Type.String(),
  scopes: Type.Array(Type.String()),
  created_at: Type.String(),
  expires_at: Type.Union([Type.String(), Type.Null()]),
  revoked_at: Type.Union([Type.String(), Type.Null()]),
});
const pageQuery = Type.Object({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 50 })),
  after: Type.Optional(Type.String()),
});

type Parts = { planes: Planes; authenticate: Authenticate; writer: Writer };

export function administrationRoutes(app: FastifyInstance, parts: Parts): void {
  tenantRoutes(app, parts);
  keyRoutes(app, parts);
  settingsRoutes(app, parts);
}

function tenantRoutes(app: FastifyInstance, { planes, authenticate }: Parts): void {
  const operator = async (request: FastifyRequest) => {
    const caller = await authenticate.fresh(request, 'operator');
    if (caller.principal.tenant === systemTenant) return caller;
    throw new Fault('forbidden', 'tenants are administered by operators of the installation');
  };
  const tenantView = Type.Object({
    id: Type.String(),
    name: Type.String(),
    time_zone: Type.String(),
    created_at: Type.String(),
  });

  app.post(
    '/v1/tenants',
    {
      schema: {
        tags: ['administration'],
        summary: 'Create a tenant, with a first key for its administrator',
        headers: idempotencyHeaders,
        body: administrationSchemas.tenantBody,
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
      const { principal } = await operator(request);
      const body = request.body as { tenant_id: string; name: string; time_zone?: string };
      const zone = body.time_zone ?? 'UTC';
      if (!isTimeZone(zone)) refuse('/time_zone', 'must be an IANA time zone such as Europe/Paris');
      const idempotencyKey = idempotencyKeyOf(request);
      const created = await createTenant(planes, {
        tenant: body.tenant_id,
        name: body.name,
        timeZone: zone,
        createdBy: principalText(principal),
        idempotencyKey,
      });
      written(reply, created.replayed);
      reply.code(201);
      return { id: body.tenant_id, api_key: created.apiKey };
    },
  );

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
      await operator(request);
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
  },
): Promise<CreatedTenant> {
  const { tenant, idempotencyKey } = options;
  const principal = creator(tenant, options.createdBy);
  const created = await planes.execute({
    principal,
    idempotencyKey,
    operation: 'tenant.create',
    body: { tenant_id: tenant, name: options.name, time_zone: options.timeZone },
  });
  const apiKey = await issueKey(planes, {
    principal,
    idempotencyKey: `${idempotencyKey}#key`,
    name: 'administrator',
    holder: 'user:administrator',
    scopes: options.scopes ?? ['ledger:read', 'ledger:write', 'events:read', 'admin'],
    expiresAt: null,
  });
  return { replayed: created.replayed, apiKey };
}

/** The secret derives from the keyring and the first command, so a retry can show it again. */
export async function issueKey(
  planes: Planes,
  options: {
    readonly principal: Principal;
    readonly idempotencyKey: string;
    readonly name: string;
    readonly holder: string;
    readonly scopes: readonly string[];
    readonly expiresAt: string | null;
  },
): Promise<{ id: string; secret: string; replayed: boolean }> {
  const { principal, idempotencyKey } = options;
  const secret = keySecret(planes.keyring, principal, idempotencyKey);
  const executed = await planes.execute({
    principal,
    idempotencyKey,
    operation: 'api_key.issue',
    body: {
      name: options.name,
      principal: options.holder,
      scopes: options.scopes,
      expires_at: options.expiresAt,
      secret_hash: secretHash(secret),
    },
  });
  const id = externalId('apiKey', derivedUuid(executed.commandId, 'api-key', 0));
  return { id, secret, replayed: executed.replayed };
}

/** Only who has asked for the key can be shown it again: another caller's retry is refused. */
function keySecret(keyring: Keyring, principal: Principal, idempotencyKey: string): string {
  const name = `${principal.tenant}/${principalText(principal)}/${idempotencyKey}`;
  return keyring.apiKeySecret(name);
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

function keyRoutes(app: FastifyInstance, { planes, authenticate }: Parts): void {
  app.post(
    '/v1/api-keys',
    {
      schema: {
        tags: ['administration'],
        summary: 'Issue an API key to one principal',
        description: 'The secret is shown in this answer, and again only to a retry of this call.',
        headers: idempotencyHeaders,
        body: administrationSchemas.issueBody,
        response: {
          201: Type.Object({ id: Type.String(), secret: Type.String() }),
          ...problems,
        },
      },
    },
    async (request, reply) => {
      const caller = await authenticate.fresh(request, 'admin');
      const body = request.body as {
        name: string;
        principal_kind: string;
        principal_id: string;
        scopes: string[];
        expires_at?: string;
      };
      checkInstant(body.expires_at, '/expires_at');
      const beyond = body.scopes.find((scope) => !(caller.scopes as string[]).includes(scope));
      if (beyond) throw new Fault('forbidden', `nobody can give away ${beyond} without having it`);
      const issued = await issueKey(planes, {
        principal: caller.principal,
        idempotencyKey: idempotencyKeyOf(request),
        name: body.name,
        holder: `${body.principal_kind}:${body.principal_id}`,
        scopes: body.scopes,
        expiresAt:
          body.expires_at === undefined ? null : instantToText(Date.parse(body.expires_at)),
      });
      written(reply, issued.replayed);
      reply.code(201);
      return { id: issued.id, secret: issued.secret };
    },
  );

  app.get(
    '/v1/api-keys',
    {
      schema: {
        tags: ['administration'],
        summary: 'List the API keys of the tenant, without their secrets',
        querystring: pageQuery,
        response: {
          200: Type.Object({
            items: Type.Array(keyView),
            next: Type.Union([Type.String(), Type.Null()]),
          }),
          ...problems,
        },
      },
    },
    async (request) => {
      const { principal } = await authenticate.fresh(request, 'admin');
      const query = request.query as { limit?: number; after?: string };
      const limit = query.limit ?? 50;
      const after = query.after === undefined ? undefined : internalId('apiKey', query.after);
      if (query.after !== undefined && after === undefined) refuse('/after', 'is no id of a key');
      const rows = await withTx(
        planes.database.pool('read'),
        async (tx: Tx) =>
          (
            await tx.query(
              `select id, name, principal, scopes, created_at,
                  nullif(expires_at, 'infinity') as expires_at,
                  nullif(revoked_at, 'infinity') as revoked_at
                 from policy.api_key where $1::uuid is null or id > $1 order by id limit $2`,
              [after ?? null, limit + 1],
            )
          ).rows,
        { tenant: principal.tenant },
      );
      const items = rows.slice(0, limit).map((row) => ({
        ...row,
        id: externalId('apiKey', row.id),
        created_at: row.created_at.toISOString(),
        expires_at: row.expires_at?.toISOString() ?? null,
        revoked_at: row.revoked_at?.toISOString() ?? null,
      }));
      return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
    },
  );

  app.delete(
    '/v1/api-keys/:id',
    {
      schema: {
        tags: ['administration'],
        summary: 'Revoke an API key, at once',
        headers: idempotencyHeaders,
        params: Type.Object({ id: Type.String({ pattern: '^key_[0-9a-hjkmnp-tv-z]{26}$' }) }),
        response: { 200: Type.Object({ id: Type.String() }), ...problems },
      },
    },
    async (request, reply) => {
      const { principal } = await authenticate.fresh(request, 'admin');
      const { id } = request.params as { id: string };
      const executed = await planes.execute({
        principal,
        idempotencyKey: idempotencyKeyOf(request),
        operation: 'api_key.revoke',
        body: { key_id: id },
      });
      written(reply, executed.replayed);
      reply.code(200);
      return { id };
    },
  );
}

function settingsRoutes(app: FastifyInstance, { planes, authenticate, writer }: Parts): void {
  const setting = (path: string, operation: string, summary: string, body: Type.TSchema) =>
    app.post(
      path,
      {
        schema: {
          tags: ['administration'],
          summary,
          headers: idempotencyHeaders,
          body,
          response: { 200: body, 201: body, ...problems },
        },
      },
      async (request, reply) => {
        const executed = await writer.one(request, 'admin', {
          operation,
          body: request.body as Json,
          idempotencyKey: idempotencyKeyOf(request),
        });
        if (executed.outcome.status === 'rejected') {
          return sendProblem(reply, rejectionProblem(executed.outcome));
        }
        written(reply, executed.replayed);
        return request.body;
      },
    );
  setting('/v1/units', 'unit.register', 'Register a unit beside ISO 4217', s.unitBody);
  setting('/v1/periods', 'period.close', 'Close the books through a day', s.periodBody);
  setting('/v1/calendar', 'calendar.set', 'Name holidays', s.holidaysBody);

  app.get(
    '/v1/calendar',
    {
      schema: {
        tags: ['administration'],
        summary: 'The business day of today, the closed period and the holidays ahead',
        response: {
          200: Type.Object({
            time_zone: Type.String(),
            today: s.date,
            business_day: s.date,
            closed_through: Type.Union([s.date, Type.Null()]),
            holidays: Type.Array(Type.Object({ date: s.date, name: Type.String() })),
          }),
          ...problems,
        },
      },
    },
    async (request) => {
      const { principal } = await authenticate.fresh(request, 'ledger:read');
      return withTx(planes.database.pool('read'), (tx) => calendar(tx, planes.clock.now()), {
        tenant: principal.tenant,
      });
    },
  );
}

async function calendar(tx: Tx, now: number) {
  const { rows } = await tx.query<{ time_zone: string; closed_through: string | null }>(
    `select t.time_zone, p.closed_through::text from core.tenant t
       left join money.period p using (tenant_id)`,
  );
  const { time_zone = 'UTC', closed_through = null } = rows[0] ?? {};
  const today = dateIn(now, time_zone);
  const holidays = await tx.query<{ date: string; name: string }>(
    'select date::text, name from money.holiday where date >= $1 order by date limit 400',
    [today],
  );
  const days = new Set(holidays.rows.map(({ date }) => date));
  return {
    time_zone,
    today,
    business_day: businessDayFrom(today, days),
    closed_through,
    holidays: holidays.rows,
  };
}
