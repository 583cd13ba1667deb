// API keys over HTTP: issued to one principal, listed without their secrets, revoked at once.
import {
  derivedUuid,
  externalId,
  Fault,
  instantToText,
  internalId,
  type Keyring,
  type Principal,
  principalText,
  type Tx,
  withTx,
} from '#core';
import type { Planes } from '#main';
import { type Scope, secretHash, tenantSchemas } from '#policy';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { idOf, idParams, pageQuery, type Parts } from './routes.ts';
import { refuse } from './validate.ts';
import { idempotencyHeaders, problems } from './views.ts';
import { checkInstant, idempotencyKeyOf, written } from './write.ts';

export function apiKeyRoutes(app: FastifyInstance, parts: Parts): void {
  issueRoute(app, parts);
  listRoute(app, parts);
  revokeRoute(app, parts);
}

function issueRoute(app: FastifyInstance, { planes, authenticate }: Parts): void {
  app.post(
    '/v1/api-keys',
    {
      schema: {
        tags: ['administration'],
        summary: 'Issue an API key to one principal',
        description: 'The secret is shown in this answer, and again only to a retry of this call.',
        headers: idempotencyHeaders,
        body: tenantSchemas.issueBody,
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
      const beyond = body.scopes.find((scope) => !caller.may(scope as Scope));
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
export function keySecret(keyring: Keyring, principal: Principal, idempotencyKey: string): string {
  const name = `${principal.tenant}/${principalText(principal)}/${idempotencyKey}`;
  return keyring.apiKeySecret(name);
}

const keyView = Type.Object({
  id: Type.String(),
  name: Type.String(),
  principal: Type.String(),
  scopes: Type.Array(Type.String()),
  created_at: Type.String(),
  expires_at: Type.Union([Type.String(), Type.Null()]),
  revoked_at: Type.Union([Type.String(), Type.Null()]),
});

function listRoute(app: FastifyInstance, { planes, authenticate }: Parts): void {
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
}

function revokeRoute(app: FastifyInstance, { planes, authenticate }: Parts): void {
  app.delete(
    '/v1/api-keys/:id',
    {
      schema: {
        tags: ['administration'],
        summary: 'Revoke an API key, at once',
        headers: idempotencyHeaders,
        params: idParams(Type.String({ pattern: '^key_[0-9a-hjkmnp-tv-z]{26}$' })),
        response: { 200: Type.Object({ id: Type.String() }), ...problems },
      },
    },
    async (request, reply) => {
      const { principal } = await authenticate.fresh(request, 'admin');
      const id = idOf(request);
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
