// Authenticators over HTTP: what customers prove themselves with, enrolled, confirmed and revoked.
import { internalId, type Json, principalText, refuseField, type Tx, withTx } from '#core';
import {
  type Authenticator,
  authenticatorOf,
  authenticatorSchemas as s,
  authenticatorView,
  type ConfirmBody,
  type EnrolBody,
  type EnrolRequest,
  expectAuthenticator,
  listAuthenticators,
  refuseState,
  statusOf,
  totpSecret,
} from '#policy';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import Type from 'typebox';
import type { Right } from './authenticate.ts';
import { change, idOf, idParams, limitQuery, type Parts, read } from './routes.ts';
import { idempotencyHeaders, page, problems } from './views.ts';
import { checkOpaque, idempotencyKeyOf } from './write.ts';

const tags = ['payments'];
const [readScope, scope] = ['authenticators:read', 'authenticators:write'] as const;
const params = idParams(s.id);

export function authenticatorRoutes(app: FastifyInstance, parts: Parts): void {
  enrolRoute(app, parts);
  confirmRoute(app, parts);
  revokeRoute(app, parts);
  listRoute(app, parts);
}

function enrolRoute(app: FastifyInstance, parts: Parts): void {
  const { planes, authenticate } = parts;
  const enrolled = Type.Interface([s.view], {
    otpauth_uri: Type.Optional(
      Type.String({
        description: 'Of a `totp`: for its app, as a QR code. A retry shows it until it is used.',
      }),
    ),
  });
  app.post(
    '/v1/authenticators',
    {
      schema: {
        tags,
        summary: 'Enrol an authenticator of a customer',
        description:
          'A `totp` counts once a first code confirms it; a `signature` counts at once. Who ' +
          'enrols has to know the customer already: by another authenticator, or in person.',
        headers: idempotencyHeaders,
        body: s.enrolBody,
        response: { 200: enrolled, 201: enrolled, ...problems },
      },
    },
    async (request, reply) => {
      const asked = request.body as EnrolRequest;
      checkOpaque(asked.subject, '/subject');
      const isDevice = asked.kind === 'signature';
      if (isDevice && asked.public_key === undefined) refuseField('/public_key', 'is required');
      if (!isDevice && asked.public_key !== undefined) {
        refuseField('/public_key', 'is for a `signature`');
      }
      const { principal } = await authenticate.remembered(request, scope);
      // A key that is rotated between a call and its retry is not that of the first answer.
      const operation = 'authenticator.enrol';
      const first = await firstBody<EnrolBody>(parts, request, { right: scope, operation });
      const current = isDevice ? null : planes.keyring.totpKeys.currentId;
      const body: EnrolBody = { ...asked, key_id: first ? first.key_id : current };
      return change(parts, request, reply, {
        ...{ scope, operation, body: body as Json },
        tell: async (tx, command) => {
          const row = await expectAuthenticator(tx, authenticatorOf(command));
          const isShown =
            statusOf(row) === 'unconfirmed' && row.enrolled_by === principalText(principal);
          const shown = isShown ? await otpauthUri(parts, tx, principal.tenant, row) : undefined;
          return { ...authenticatorView(row), ...(shown && { otpauth_uri: shown }) };
        },
      });
    },
  );
}

async function otpauthUri({ planes }: Parts, tx: Tx, tenant: string, row: Authenticator) {
  const { rows } = await tx.query<{ name: string }>('select name from core.tenant');
  return secretOf(planes.keyring, tenant, row).uri(rows[0]?.name ?? tenant, row.subject);
}

function secretOf({ totpKeys }: Parts['planes']['keyring'], tenant: string, row: Authenticator) {
  return totpSecret(totpKeys, { tenant, id: row.id, keyId: row.key_id ?? '' });
}

function confirmRoute(app: FastifyInstance, parts: Parts): void {
  const { planes, authenticate } = parts;
  app.post(
    '/v1/authenticators/:id/confirm',
    {
      schema: {
        tags,
        summary: 'Confirm a `totp` by the first code that its app shows',
        headers: idempotencyHeaders,
        params,
        body: s.confirmBody,
        response: { 200: s.view, 201: s.view, ...problems },
      },
    },
    async (request, reply) => {
      const { code } = request.body as { code: string };
      const authenticator_id = idOf(request);
      const { principal } = await authenticate.remembered(request, scope);
      const find = (tx: Tx) => expectAuthenticator(tx, authenticator_id);
      const row = await read(parts, request, find, scope);
      const operation = 'authenticator.confirm';
      const first = await firstBody<ConfirmBody>(parts, request, { right: scope, operation });
      const status = statusOf(row);
      // Of one in use nothing is said, or its codes could be guessed here without end.
      if (!first && status !== 'unconfirmed') {
        refuseState(status, `the authenticator ${authenticator_id} is ${status}`);
      }
      const secret = secretOf(planes.keyring, principal.tenant, row);
      const proof = secret.digestOf(code);
      const isFirst = first?.authenticator_id === authenticator_id && first.proof === proof;
      const totp_step = isFirst ? first.totp_step : secret.stepOf(code, planes.clock.now());
      if (totp_step === null) refuseField('/code', 'is not what the app shows now');
      const body: ConfirmBody = { authenticator_id, proof, totp_step };
      return change(parts, request, reply, {
        ...{ scope, operation, body },
        tell: async (tx) => authenticatorView(await expectAuthenticator(tx, authenticator_id)),
      });
    },
  );
}

function revokeRoute(app: FastifyInstance, parts: Parts): void {
  app.post(
    '/v1/authenticators/:id/revoke',
    {
      schema: {
        tags,
        summary: 'Revoke an authenticator: it proves nothing any more, at once',
        headers: idempotencyHeaders,
        params,
        body: Type.Object({}, { additionalProperties: false }),
        response: { 200: s.view, 201: s.view, ...problems },
      },
    },
    (request, reply) => {
      const authenticator_id = idOf(request);
      return change(parts, request, reply, {
        ...{ scope, operation: 'authenticator.revoke', body: { authenticator_id } },
        tell: async (tx) => authenticatorView(await expectAuthenticator(tx, authenticator_id)),
      });
    },
  );
}

function listRoute(app: FastifyInstance, parts: Parts): void {
  app.get(
    '/v1/authenticators',
    {
      schema: {
        tags,
        summary: 'List the authenticators of a customer',
        querystring: Type.Object({
          ...{ subject: s.subject, limit: limitQuery },
          after: Type.Optional(Type.String({ maxLength: 60 })),
        }),
        response: { 200: page(s.view), ...problems },
      },
    },
    (request) => {
      const query = request.query as { subject: string; limit?: number; after?: string };
      const { subject, limit = 50 } = query;
      const after =
        query.after === undefined ? undefined : internalId('authenticator', query.after);
      if (query.after !== undefined && after === undefined) {
        refuseField('/after', 'is no id of an authenticator');
      }
      const list = (tx: Tx) => listAuthenticators(tx, { subject, limit, after });
      return read(parts, request, list, readScope);
    },
  );
}

/**
 * The body of the command that this call repeats, if it does: what was fixed by the first one, such
 * as what a code has proven then, is not found out anew.
 */
export async function firstBody<Body>(
  { planes, authenticate }: Parts,
  request: FastifyRequest,
  asked: { readonly right: Right; readonly operation: string; readonly idempotencyKey?: string },
): Promise<Body | undefined> {
  const { right, operation, idempotencyKey = idempotencyKeyOf(request) } = asked;
  const { principal } = await authenticate.remembered(request, right);
  const find = async (tx: Tx) =>
    tx.query<{ body: string }>(
      'select body from core.command where idempotency_key = $1 and operation = $2',
      [idempotencyKey, operation],
    );
  const { tenant } = principal;
  const { rows } = await withTx(planes.database.pool('read'), find, { tenant, readOnly: true });
  return rows[0] && (JSON.parse(rows[0].body) as Body);
}
