// Entitlements over HTTP: roles granted and revoked, a tenant's own rules, and why a call may pass.
import {
  Fault,
  instantFromText,
  type Json,
  principalOf,
  withTx,
  refuseField,
  nullable,
  closed,
} from '#core';
import {
  entitlementSetSchemas,
  listGrants,
  listPrincipals,
  listPublications,
  purposes,
  type Question,
  readSubject,
  resourceTypes,
  roleCatalogue,
  roleSchemas,
  type Scope,
  shippedPolicies,
} from '#policy';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import Type from 'typebox';
import { change, limitQuery, pageQuery, type Parts, read } from './routes.ts';
import { idempotencyHeaders, page, problems } from './views.ts';
import { checkInstant } from './write.ts';

const tags = ['entitlements'];

export function entitlementRoutes(app: FastifyInstance, parts: Parts): void {
  const write = (
    path: string,
    scope: Scope,
    options: { operation: string; summary: string; body: Type.TSchema },
  ) =>
    app.post(
      path,
      {
        schema: {
          tags,
          summary: options.summary,
          headers: idempotencyHeaders,
          body: options.body,
          response: { 200: options.body, 201: options.body, ...problems },
        },
      },
      (request, reply) =>
        answer(parts, request, reply, { ...options, scope, body: request.body as Json }),
    );
  write('/v1/role-grants', 'admin', {
    operation: 'role.grant',
    summary: 'Grant a role, at once; nobody to themselves',
    body: roleSchemas.grantBody,
  });
  write('/v1/principals', 'admin', {
    operation: 'principal.describe',
    summary: 'Set the region, the customer and the delegate of a principal, at once',
    body: roleSchemas.describeBody,
  });
  write('/v1/entitlements', 'policy:write', {
    operation: 'entitlements.publish',
    summary: 'Publish rules of your own beside the shipped ones, at once',
    body: entitlementSetSchemas.publishBody,
  });
  revokeRoute(app, parts);
  principalsRoute(app, parts);
  roleRoutes(app, parts);
  rulesRoute(app, parts);
  checkRoute(app, parts);
}

/** What was asked is what there is now. */
function answer(
  parts: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
  asked: { readonly scope: Scope; readonly operation: string; readonly body: Json },
) {
  const { text } = asked.body as { readonly text?: string };
  // Reading rules takes a moment: it is remembered, so that the tenant's gate is not held for it.
  const check = () => {
    if (text !== undefined) parts.planes.entitlements.withRules(text);
  };
  return change(parts, request, reply, { ...asked, check, tell: async () => asked.body });
}

// Roles -------------------------------------------------------------------------------------------

const grantParams = Type.Object({ principal: roleSchemas.principal, role: roleSchemas.role });

function revokeRoute(app: FastifyInstance, parts: Parts): void {
  app.delete(
    '/v1/role-grants/:principal/:role',
    {
      schema: {
        tags,
        summary: 'Revoke a role, at once',
        headers: idempotencyHeaders,
        params: grantParams,
        response: { 200: grantParams, 201: grantParams, ...problems },
      },
    },
    (request, reply) => {
      const { principal, role } = request.params as { principal: string; role: string };
      const body = { principal, role };
      return answer(parts, request, reply, { scope: 'admin', operation: 'role.revoke', body });
    },
  );
}

const grantView = Type.Object({
  principal: Type.String(),
  role: Type.String(),
  granted_by: Type.String(),
  granted_at: Type.String(),
});
const roleView = Type.Object({
  role: Type.String(),
  summary: Type.String(),
  principal_kinds: Type.Array(Type.String()),
  needs_approval: Type.Boolean(),
});

function roleRoutes(app: FastifyInstance, parts: Parts): void {
  app.get(
    '/v1/roles',
    {
      schema: {
        tags,
        summary: 'The roles there are',
        response: { 200: Type.Object({ items: Type.Array(roleView) }), ...problems },
      },
    },
    async (request) => {
      await parts.authenticate.fresh(request, 'policy:read');
      const items = Object.entries(roleCatalogue).map(([role, { summary, kinds, fourEyes }]) => ({
        role,
        summary,
        principal_kinds: [...kinds],
        needs_approval: fourEyes,
      }));
      return { items };
    },
  );
  app.get(
    '/v1/role-grants',
    {
      schema: {
        tags,
        summary: 'List who has which role',
        querystring: pageQuery,
        response: {
          200: Type.Object({ items: Type.Array(grantView), next: nullable(Type.String()) }),
          ...problems,
        },
      },
    },
    (request) => {
      const { limit = 50, after = ' ' } = request.query as { limit?: number; after?: string };
      const [principal, role, ...rest] = after.split(' ');
      if (principal === undefined || role === undefined || rest.length > 0) {
        refuseField('/after', 'is no `next` of a list of grants');
      }
      return read(
        parts,
        request,
        async (tx) => {
          const rows = await listGrants(tx, { after: [principal, role], limit: limit + 1 });
          const items = rows.slice(0, limit);
          const last = rows.length > limit ? items.at(-1) : undefined;
          return { items, next: last ? `${last.principal} ${last.role}` : null };
        },
        'policy:read',
      );
    },
  );
}

const principalView = Type.Object({
  principal: Type.String(),
  roles: Type.Array(Type.String()),
  region: nullable(Type.String()),
  customer: nullable(Type.String()),
  delegated_by: nullable(Type.String()),
  keys: Type.Integer({ description: 'That can be used now.' }),
  scopes: Type.Array(Type.String(), { description: 'Of all these keys.' }),
  next_expiry_at: nullable(Type.String()),
  last_seen_at: nullable(Type.String({ description: 'In a session of the console.' })),
});

function principalsRoute(app: FastifyInstance, parts: Parts): void {
  app.get(
    '/v1/principals',
    {
      schema: {
        tags,
        summary: 'List everybody who has, or ever had, a key, a role, an attribute or a session',
        querystring: pageQuery,
        response: { 200: page(principalView), ...problems },
      },
    },
    (request) => {
      const { limit = 50, after } = request.query as { limit?: number; after?: string };
      const query = { limit, after, at: parts.planes.clock.now() };
      return read(parts, request, (tx) => listPrincipals(tx, query), 'policy:read');
    },
  );
}

// Rules -------------------------------------------------------------------------------------------

const publicationView = Type.Object({
  number: Type.Integer(),
  digest: entitlementSetSchemas.digest,
  text: Type.String(),
  approval_id: Type.String(),
  published_by: Type.String(),
  published_at: Type.String(),
});

function rulesRoute(app: FastifyInstance, parts: Parts): void {
  app.get(
    '/v1/entitlements',
    {
      schema: {
        tags,
        summary: 'The shipped rules, and your own: the latest first, which is the one in force',
        querystring: Type.Object({
          limit: limitQuery,
          after: Type.Optional(Type.Integer({ minimum: 1 })),
        }),
        response: {
          200: Type.Object({
            shipped: Type.String(),
            items: Type.Array(publicationView),
            next: nullable(Type.Integer()),
          }),
          ...problems,
        },
      },
    },
    (request) => {
      const { limit = 50, after = null } = request.query as { limit?: number; after?: number };
      return read(
        parts,
        request,
        async (tx) => {
          const rows = await listPublications(tx, { before: after, limit: limit + 1 });
          const items = rows.slice(0, limit);
          const next = rows.length > limit ? (items.at(-1)?.number ?? null) : null;
          return { shipped: shippedPolicies, items, next };
        },
        'policy:read',
      );
    },
  );
}

// Why ---------------------------------------------------------------------------------------------

const checkBody = Type.Object(
  {
    principal: Type.Optional(roleSchemas.principal),
    action: Type.String({ maxLength: 60, examples: ['account.read'] }),
    resource: Type.Object(
      {
        type: Type.Enum([...resourceTypes]),
        id: Type.String({ minLength: 1, maxLength: 100 }),
        customer: Type.Optional(roleSchemas.reference),
        region: Type.Optional(roleSchemas.reference),
      },
      closed,
    ),
    on_behalf_of: Type.Optional(roleSchemas.principal),
    purpose: Type.Optional(Type.Enum([...purposes])),
    consents: Type.Optional(Type.Array(Type.String({ maxLength: 60 }), { maxItems: 20 })),
    scopes: Type.Optional(Type.Array(Type.String({ maxLength: 40 }), { maxItems: 20 })),
    at: Type.Optional(Type.String({ format: 'date-time' })),
  },
  { ...closed, description: 'Without a principal: the caller, with the scopes of its key.' },
);
type CheckBody = Type.Static<typeof checkBody>;

const decidingView = Type.Object({
  id: Type.String(),
  effect: Type.Enum(['permit', 'forbid']),
  reason: Type.String(),
});
const answerView = Type.Object({
  allowed: Type.Boolean(),
  deciding: Type.Array(decidingView, {
    description: 'The rules that made it so; none when nothing permits.',
  }),
  errors: Type.Array(Type.String()),
  principal: Type.String(),
  roles: Type.Array(Type.String()),
});

function checkRoute(app: FastifyInstance, parts: Parts): void {
  app.post(
    '/v1/entitlements/check',
    {
      schema: {
        tags,
        summary: 'Ask whether a principal may do something, and which rules decide',
        body: checkBody,
        response: { 200: answerView, ...problems },
      },
    },
    async (request) => {
      const body = request.body as CheckBody;
      checkInstant(body.at, '/at');
      const question = await questionOf(parts, request, body);
      const { allowed, deciding, errors } = parts.planes.entitlements.check(question);
      const { principal, roles } = question.subject;
      return {
        allowed,
        deciding,
        errors,
        principal: `${principal.kind}:${principal.id}`,
        roles,
      };
    },
  );
}

async function questionOf(
  { planes, authenticate }: Parts,
  request: FastifyRequest,
  body: CheckBody,
): Promise<Question> {
  const caller = await authenticate.fresh(request, 'policy:read');
  const { tenant } = caller.principal;
  const read = (text: string) =>
    withTx(
      planes.database.pool('policy'),
      async (tx) => (await readSubject(tx, principalOf(text, tenant))).subject,
      { tenant },
    );
  const { action, resource, purpose, consents } = body;
  if (resource.type === 'Tenant' && resource.id !== tenant) {
    throw new Fault('forbidden', 'a tenant asks about itself');
  }
  const scopes = body.scopes ?? (body.principal === undefined ? caller.scopes : undefined);
  return {
    subject: body.principal === undefined ? caller.subject : await read(body.principal),
    rules: caller.rules,
    epoch: caller.epoch,
    at: body.at === undefined ? planes.clock.now() : (instantFromText(body.at) as number),
    action,
    resource: { ...resource, tenant } as Question['resource'],
    ...(scopes === undefined ? {} : { scopes }),
    ...(purpose === undefined ? {} : { purpose: purpose as (typeof purposes)[number] }),
    ...(consents === undefined ? {} : { consents }),
    ...(body.on_behalf_of === undefined ? {} : { onBehalfOf: await read(body.on_behalf_of) }),
  };
}
