// Webhooks over HTTP: endpoints and their secrets, what became of deliveries, replay and ping.
import {
  derivedUuid,
  Fault,
  internalId,
  type IdKind,
  type Json,
  refuseField,
  type Tx,
  type Uuid,
} from '#core';
import {
  deliveryStatuses,
  listDeliveries,
  listReplays,
  listWebhooks,
  readWebhook,
  replayIdOf,
  secretVersionOf,
  signingSecret,
  type Targets,
  type WebhookView,
  wants,
  webhookIdOf,
  webhookSchemas as s,
  webhookViews as v,
} from '#webhooks';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import Type from 'typebox';
import { eventTypes } from './event-types.ts';
import { change, idOf, idParams, limitQuery, type Parts, read } from './routes.ts';
import { idempotencyHeaders, page, problems } from './views.ts';
import { checkOpaque } from './write.ts';

const tags = ['webhooks'];
const scope = 'webhooks:write';
const params = idParams(s.webhookId);
const secretOnce = Type.String({
  description: 'What the receiver verifies with. Shown here, and to a retry of this call alone.',
});
const after = Type.Optional(Type.String({ maxLength: 60 }));

type WebhookParts = Parts & { readonly targets: Targets };

export function webhookRoutes(app: FastifyInstance, parts: WebhookParts): void {
  createRoute(app, parts);
  changeRoute(app, parts);
  rotateRoute(app, parts);
  deleteRoute(app, parts);
  readRoutes(app, parts);
  deliveryRoutes(app, parts);
  replayRoutes(app, parts);
}

function createRoute(app: FastifyInstance, parts: WebhookParts): void {
  const { keyring } = parts.planes;
  const created = Type.Object({ ...v.webhook.properties, secret: secretOnce });
  app.post(
    '/v1/webhooks',
    {
      schema: {
        tags,
        summary: 'Have events sent to a URL, signed',
        description:
          'Begins with what is sealed from now on; a replay sends what was before. Bodies are ' +
          'the CloudEvents of the log, signed by Standard Webhooks v1. Delivery is at least ' +
          'once, and in no particular order.',
        headers: idempotencyHeaders,
        body: s.createBody,
        response: { 200: created, 201: created, ...problems },
      },
    },
    async (request, reply) => {
      const body = request.body as Json & Asked;
      checkAsked(parts, body);
      const { principal } = await parts.authenticate.remembered(request, scope);
      const { tenant } = principal;
      return change(parts, request, reply, {
        ...{ scope, operation: 'webhook.create', body },
        tell: async (tx, command) => {
          const id = webhookIdOf(command);
          const webhookId = internalId('webhook', id) as Uuid;
          const secret = signingSecret(keyring, { tenant, webhookId }, 1);
          return { ...(await readExisting(tx, id)), secret };
        },
      });
    },
  );
}

type Asked = {
  readonly url?: string;
  readonly types?: readonly string[];
  readonly description?: string;
};

/** What depends on where and what this process is, and so is no matter of the command. */
function checkAsked({ targets }: WebhookParts, { url, types = [], description }: Asked): void {
  if (url !== undefined) {
    const refusal = targets.refusal(url);
    if (refusal !== undefined) refuseField('/url', refusal);
    // Its host may be an address: that is nobody's.
    const { pathname, search } = new URL(url);
    checkOpaque(`${pathname}${search}`, '/url');
  }
  if (description !== undefined) checkOpaque(description, '/description');
  for (const [index, pattern] of types.entries()) {
    if (eventTypes.some((type) => wants([pattern], type))) continue;
    refuseField(`/types/${index}`, 'matches no type of event');
  }
}

function changeRoute(app: FastifyInstance, parts: WebhookParts): void {
  app.patch(
    '/v1/webhooks/:id',
    {
      schema: {
        tags,
        summary: 'Change a webhook, or switch it off and on',
        description:
          'One that is switched off keeps its place in the log: switched on again, it goes on ' +
          'from there. What was queued meanwhile is given up, and can be retried.',
        headers: idempotencyHeaders,
        params,
        body: s.changeBody,
        response: { 200: v.webhook, 201: v.webhook, ...problems },
      },
    },
    async (request, reply) => {
      const asked = request.body as Record<string, Json>;
      checkAsked(parts, asked as Asked);
      return change(parts, request, reply, {
        ...{ scope, operation: 'webhook.change', body: { ...asked, webhook_id: idOf(request) } },
        tell: (tx) => readExisting(tx, idOf(request)),
      });
    },
  );
}

/** A retry may come when it was deleted meanwhile. */
async function readExisting(tx: Tx, id: string): Promise<WebhookView> {
  const found = await readWebhook(tx, id);
  if (found === undefined) throw new Fault('not_found', `there is no webhook ${id}`);
  return found;
}

function rotateRoute(app: FastifyInstance, parts: WebhookParts): void {
  const { keyring } = parts.planes;
  const rotated = Type.Object({
    id: s.webhookId,
    secret_version: Type.Integer(),
    secret: secretOnce,
  });
  app.post(
    '/v1/webhooks/:id/rotate',
    {
      schema: {
        tags,
        summary: 'Make a new signing secret',
        description: 'For 24 hours the one before signs as well: two signatures, one of each.',
        headers: idempotencyHeaders,
        params,
        body: Type.Object({}, { additionalProperties: false }),
        response: { 200: rotated, 201: rotated, ...problems },
      },
    },
    async (request, reply) => {
      const { principal } = await parts.authenticate.remembered(request, scope);
      return change(parts, request, reply, {
        ...{ scope, operation: 'webhook.rotate', body: named(request) },
        tell: async (tx, command) => {
          const id = idOf(request);
          const owner = {
            tenant: principal.tenant,
            webhookId: internalId('webhook', id) as Uuid,
          };
          const version = await secretVersionOf(tx, derivedUuid(command, 'event', 0));
          const secret = signingSecret(keyring, owner, version);
          return { id, secret_version: version, secret };
        },
      });
    },
  );
}

function deleteRoute(app: FastifyInstance, parts: Parts): void {
  const deleted = Type.Object({ id: s.webhookId });
  app.delete(
    '/v1/webhooks/:id',
    {
      schema: {
        tags,
        summary: 'Delete a webhook; nothing more is sent to it',
        headers: idempotencyHeaders,
        params,
        response: { 200: deleted, 201: deleted, ...problems },
      },
    },
    (request, reply) =>
      change(parts, request, reply, {
        ...{ scope, operation: 'webhook.delete', body: named(request) },
        tell: async () => ({ id: idOf(request) }),
      }),
  );
}

function named(request: FastifyRequest) {
  return { webhook_id: idOf(request) };
}

function readRoutes(app: FastifyInstance, parts: Parts): void {
  app.get(
    '/v1/webhooks',
    {
      schema: {
        tags,
        summary: 'List the webhooks of the tenant, with how they are doing',
        querystring: Type.Object({ limit: limitQuery, after }),
        response: { 200: page(v.webhook), ...problems },
      },
    },
    (request) => read(parts, request, (tx) => listWebhooks(tx, paging(request, 'webhook')), scope),
  );
  app.get(
    '/v1/webhooks/:id',
    {
      schema: {
        ...{ tags, summary: 'Read a webhook', params },
        response: { 200: v.webhook, ...problems },
      },
    },
    (request) => read(parts, request, (tx) => readWebhook(tx, idOf(request)), scope),
  );
}

function deliveryRoutes(app: FastifyInstance, parts: Parts): void {
  app.get(
    '/v1/webhooks/:id/deliveries',
    {
      schema: {
        tags,
        summary: 'List deliveries, the newest events first; `status=dead` for dead letters',
        description: 'What has ended is kept for 30 days. Bodies are in the log.',
        params,
        querystring: Type.Object({
          status: Type.Optional(Type.Enum([...deliveryStatuses])),
          limit: limitQuery,
          after,
        }),
        response: { 200: page(v.delivery), ...problems },
      },
    },
    (request) => {
      const { status } = request.query as { status?: string };
      const query = { webhook: idOf(request), status, ...paging(request, 'delivery') };
      return read(parts, request, (tx) => listDeliveries(tx, query), scope);
    },
  );
  const path = '/v1/webhooks/:id/deliveries';
  const one = Type.Object({ id: s.webhookId, delivery_id: s.deliveryId });
  requestRoute(app, parts, {
    path: `${path}/retry`,
    operation: 'webhook.retry',
    summary: 'Retry dead letters, up to 5,000, the oldest first',
    bodyOf: (request) => ({ ...named(request), delivery_id: null }),
  });
  requestRoute(app, parts, {
    path: `${path}/:delivery_id/retry`,
    params: one,
    operation: 'webhook.retry',
    summary: 'Retry one dead letter',
    bodyOf: (request) => {
      const { delivery_id } = request.params as { delivery_id: string };
      return { ...named(request), delivery_id };
    },
  });
}

function replayRoutes(app: FastifyInstance, parts: Parts): void {
  requestRoute(app, parts, {
    path: '/v1/webhooks/:id/ping',
    operation: 'webhook.ping',
    summary: 'Send an event that is for this webhook alone, whatever its types',
    bodyOf: named,
  });
  requestRoute(app, parts, {
    path: '/v1/webhooks/:id/replay',
    operation: 'webhook.replay',
    summary: 'Send everything behind a position again, as far as it matches',
    description: 'Receivers know what they have seen by its `webhook-id`. Progress is listed.',
    body: s.replayBody,
    bodyOf: (request) => ({ ...named(request), ...(request.body as { after: number }) }),
    tell: (_request, command) => ({ replay_id: replayIdOf(command) }),
  });
  app.get(
    '/v1/webhooks/:id/replays',
    {
      schema: {
        ...{ tags, summary: 'List replays and how far they are, the newest first', params },
        querystring: Type.Object({ limit: limitQuery, after }),
        response: { 200: page(v.replay), ...problems },
      },
    },
    (request) => {
      const query = { webhook: idOf(request), ...paging(request, 'redelivery') };
      return read(parts, request, (tx) => listReplays(tx, query), scope);
    },
  );
}

type RequestRoute = {
  readonly path: string;
  readonly params?: Type.TSchema;
  readonly operation: string;
  readonly summary: string;
  readonly description?: string;
  readonly body?: Type.TSchema;
  readonly bodyOf: (request: FastifyRequest) => Json;
  readonly tell?: (request: FastifyRequest, command: Uuid) => object;
};

/** Asks for something that follows once the request is sealed. */
function requestRoute(app: FastifyInstance, parts: Parts, route: RequestRoute): void {
  const { path, operation, summary, description, bodyOf, tell } = route;
  const answer = Type.Object({ id: s.webhookId, replay_id: Type.Optional(Type.String()) });
  app.post(
    path,
    {
      schema: {
        ...{ tags, summary, headers: idempotencyHeaders, params: route.params ?? params },
        ...(description === undefined ? {} : { description }),
        body: route.body ?? Type.Object({}, { additionalProperties: false }),
        response: { 200: answer, 201: answer, ...problems },
      },
    },
    (request, reply) =>
      change(parts, request, reply, {
        ...{ scope, operation, body: bodyOf(request) },
        tell: async (_tx: Tx, command) => ({ id: idOf(request), ...tell?.(request, command) }),
      }),
  );
}

function paging(request: FastifyRequest, kind: IdKind) {
  const { limit = 50, after: id } = request.query as { limit?: number; after?: string };
  const uuid = id === undefined ? undefined : internalId(kind, id);
  if (id !== undefined && uuid === undefined) refuseField('/after', 'is no `next` of a page');
  return { limit, after: uuid };
}
