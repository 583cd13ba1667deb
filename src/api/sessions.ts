// Sessions over HTTP: who the caller is and what it may do, and which sessions a tenant has.
import { instantToText, internalId, nullable, refuseField, withTx } from '#core';
import { type EntitlementAnswer, listSessions, scopes, type Subject } from '#policy';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import type { Right } from './authenticate.ts';
import { change, idOf, idParams, pageQuery, type Parts, read } from './routes.ts';
import { idempotencyHeaders, page, problems } from './views.ts';

const tags = ['administration'];
const sessionId = Type.String({ pattern: '^ses_[0-9a-hjkmnp-tv-z]{26}$' });

export function sessionRoutes(app: FastifyInstance, parts: Parts): void {
  ownRoute(app, parts);
  listRoute(app, parts);
  revokeRoute(app, parts);
}

// The caller --------------------------------------------------------------------------------------

const rights: readonly Right[] = [...scopes, 'approval.request', 'approval.withdraw'];

const ownView = Type.Object({
  principal: Type.String(),
  name: nullable(Type.String({ description: 'As the issuer says; null for an API key.' })),
  tenant: Type.Object({ id: Type.String(), name: Type.String(), time_zone: Type.String() }),
  roles: Type.Array(Type.String()),
  customer: nullable(Type.String({ description: 'Whom the caller is, as a customer.' })),
  session_id: nullable(Type.String()),
  expires_at: nullable(Type.String({ description: 'However busy the caller is.' })),
  rights: Type.Array(
    Type.Object({
      right: Type.String(),
      allowed: Type.Boolean(),
      why: Type.String({ description: 'By which rule, or for want of what.' }),
    }),
  ),
});

/** A key that never expires has an end that is further away than this. */
const neverMs = Date.UTC(2900, 0, 1);

function ownRoute(app: FastifyInstance, { planes, authenticate }: Parts): void {
  app.get(
    '/v1/session',
    {
      schema: {
        tags,
        summary: 'Who the caller is, and what it may do',
        response: { 200: ownView, ...problems },
      },
    },
    async (request) => {
      const { principal, subject, session, expiresAt, ask } = await authenticate.whoever(request);
      const { tenant } = principal;
      const names = session?.name == null ? [] : [session.name];
      const [name = null] = await planes.vault.detokenize(tenant, names);
      const sql = 'select tenant_id as id, name, time_zone from core.tenant where tenant_id = $1';
      const { rows } = await withTx(
        planes.database.pool('read'),
        (tx) => tx.query<{ id: string; name: string; time_zone: string }>(sql, [tenant]),
        { tenant },
      );
      return {
        principal: `${principal.kind}:${principal.id}`,
        ...{ name, tenant: rows[0], roles: subject.roles, customer: subject.customer },
        session_id: session?.id ?? null,
        expires_at: expiresAt < neverMs ? instantToText(expiresAt) : null,
        rights: rights.map((right) => {
          const answer = ask(right);
          return { right, allowed: answer.allowed, why: whyOf(answer, subject) };
        }),
      };
    },
  );
}

function whyOf({ deciding, errors }: EntitlementAnswer, { roles, governed }: Subject): string {
  if (errors.length > 0) return 'A rule could not be evaluated, so the answer is no.';
  if (deciding.length > 0) return deciding.map(({ reason }) => reason).join(' ');
  if (roles.length > 0) return `Not a part of ${roles.join(', ')}: another role is needed.`;
  return governed
    ? 'Your last role was revoked: an administrator of the tenant can grant one.'
    : 'You have no role yet: an administrator of the tenant grants it.';
}

// All of a tenant ---------------------------------------------------------------------------------

const sessionView = Type.Object({
  id: Type.String(),
  principal: Type.String(),
  issuer: Type.String(),
  key_id: nullable(Type.String({ description: 'With whose key somebody has signed in.' })),
  opened_at: Type.String(),
  expires_at: Type.String(),
  last_seen_at: Type.String({ description: 'To the minute.' }),
  closed_at: nullable(Type.String()),
});

function listRoute(app: FastifyInstance, parts: Parts): void {
  app.get(
    '/v1/sessions',
    {
      schema: {
        tags,
        summary: 'List the sessions of the tenant, the newest first',
        querystring: pageQuery,
        response: { 200: page(sessionView), ...problems },
      },
    },
    (request) => {
      const { limit = 50, after } = request.query as { limit?: number; after?: string };
      const before = after === undefined ? undefined : internalId('session', after);
      if (after !== undefined && before === undefined) {
        refuseField('/after', 'is no id of a session');
      }
      return read(parts, request, (tx) => listSessions(tx, { before, limit }), 'admin');
    },
  );
}

function revokeRoute(app: FastifyInstance, parts: Parts): void {
  app.post(
    '/v1/sessions/:id/revoke',
    {
      schema: {
        tags,
        summary: 'End a session, at once',
        headers: idempotencyHeaders,
        params: idParams(sessionId),
        response: {
          200: Type.Object({ id: Type.String() }),
          201: Type.Object({ id: Type.String() }),
          ...problems,
        },
      },
    },
    (request, reply) => {
      const id = idOf(request);
      return change(parts, request, reply, {
        ...{ scope: 'admin', operation: 'session.close', body: { session_id: id } },
        tell: async () => ({ id }),
      });
    },
  );
}
