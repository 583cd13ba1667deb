// API keys over HTTP: issued to one principal, listed without their secrets, revoked at once.
import {
  assert,
  derivedUuid,
  externalId,
  Fault,
  instantToText,
  internalId,
  type Keyring,
  type Principal,
  principalText,
  type Tx,
  type Uuid,
  withTx,
  refuseField,
} from '#core';
import type { Planes } from '#main';
import { makesPerson, type Scope, secretHash, tenantSchemas } from '#policy';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import type { Caller } from './authenticate.ts';
import { idOf, idParams, pageQuery, type Parts, sendRejection } from './routes.ts';
import { idempotencyHeaders, problems } from './views.ts';
import { checkInstant, idempotencyKeyOf, type Write, written } from './write.ts';

export function apiKeyRoutes(app: FastifyInstance, parts: Parts): void {
  issueRoute(app, parts);
  listRoute(app, parts);
  revokeRoute(app, parts);
}

function issueRoute(app: FastifyInstance, parts: Parts): void {
  const { planes, authenticate, writer } = parts;
  app.post(
    '/v1/api-keys',
    {
      schema: {
        tags: ['administration'],
        summary: 'Issue an API key to one principal',
        description:
          'A secret that the holder has not made is shown in this answer, and again only to a ' +
          'retry of this call.',
        headers: idempotencyHeaders,
        body: tenantSchemas.issueBody,
        response: {
          201: Type.Object({ id: Type.String(), secret: Type.Optional(Type.String()) }),
          ...problems,
        },
      },
    },
    async (request, reply) => {
      const body = request.body as IssueRequest;
      checkInstant(body.expires_at, '/expires_at');
      const { principal } = await authenticate.remembered(request, 'admin');
      const holder = `${body.principal_kind}:${body.principal_id}`;
      const { write, secret } = keyWrite(planes.keyring, {
        principal,
        idempotencyKey: idempotencyKeyOf(request),
        name: body.name,
        holder,
        scopes: body.scopes,
        expiresAt:
          body.expires_at === undefined ? null : instantToText(Date.parse(body.expires_at)),
        ...(body.secret_digest === undefined ? {} : { secretDigest: body.secret_digest }),
        ...(body.approval_id === undefined ? {} : { approvalId: body.approval_id }),
      });
      if (secret !== undefined && makesPerson({ ...body, principal: holder }, principal)) {
        refuseField(
          '/secret_digest',
          'must be sent: who governs makes the secret, and shows it to nobody',
        );
      }
      const check = (caller: Caller) => {
        const beyond = body.scopes.find((scope) => !caller.may(scope));
        if (beyond)
          throw new Fault('forbidden', `nobody can give away ${beyond} without having it`);
      };
      const executed = await writer.one(request, 'admin', { ...write, check });
      if (executed.outcome.status === 'rejected') {
        return sendRejection(parts, request, reply, { executed, scope: 'admin' });
      }
      written(reply, executed.replayed);
      reply.code(201);
      return { id: keyId(executed.commandId), ...(secret === undefined ? {} : { secret }) };
    },
  );
}

type IssueRequest = {
  readonly name: string;
  readonly principal_kind: string;
  readonly principal_id: string;
  readonly scopes: Scope[];
  readonly expires_at?: string;
  readonly secret_digest?: string;
  readonly approval_id?: string;
};

type Issue = {
  readonly principal: Principal;
  readonly idempotencyKey: string;
  readonly name: string;
  readonly holder: string;
  readonly scopes: readonly string[];
  readonly expiresAt: string | null;
  /** Of a secret that the holder has made. */
  readonly secretDigest?: string;
  readonly approvalId?: string;
};

/** A key with a secret of ours. */
export async function issueKey(
  planes: Planes,
  options: Omit<Issue, 'secretDigest'>,
): Promise<{ id: string; secret: string; replayed: boolean }> {
  const { principal } = options;
  const { write, secret } = keyWrite(planes.keyring, options);
  assert(secret !== undefined, 'who sends no digest is given a secret');
  const { commandId, replayed } = await planes.execute({ principal, ...write });
  return { id: keyId(commandId), secret, replayed };
}

/** Our secret derives from the keyring and the first command, so a retry can show it again. */
function keyWrite(keyring: Keyring, options: Issue): { write: Write; secret?: string } {
  const { principal, idempotencyKey, secretDigest, approvalId } = options;
  const ours = secretDigest === undefined;
  const secret = ours ? keySecret(keyring, principal, idempotencyKey) : undefined;
  const write = {
    idempotencyKey,
    operation: 'api_key.issue',
    body: {
      name: options.name,
      principal: options.holder,
      scopes: options.scopes,
      expires_at: options.expiresAt,
      secret_hash: secret === undefined ? (secretDigest ?? '') : secretHash(secret),
      ...(approvalId === undefined ? {} : { approval_id: approvalId }),
    },
  };
  return secret === undefined ? { write } : { write, secret };
}

function keyId(command: Uuid): string {
  return externalId('apiKey', derivedUuid(command, 'api-key', 0));
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
      if (query.after !== undefined && after === undefined)
        refuseField('/after', 'is no id of a key');
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

function revokeRoute(app: FastifyInstance, parts: Parts): void {
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
      const id = idOf(request);
      const executed = await parts.writer.one(request, 'admin', {
        idempotencyKey: idempotencyKeyOf(request),
        operation: 'api_key.revoke',
        body: { key_id: id },
      });
      if (executed.outcome.status === 'rejected') {
        return sendRejection(parts, request, reply, { executed, scope: 'admin' });
      }
      written(reply, executed.replayed);
      reply.code(200);
      return { id };
    },
  );
}
