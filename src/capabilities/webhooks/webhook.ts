// Webhooks: endpoints that are told of a tenant's events, and the commands by which people make,
// change and exercise them.
import {
  closed,
  type Command,
  derivedUuid,
  externalId,
  type EventDraft,
  Fault,
  instantToText,
  internalId,
  refuseField,
  type Uuid,
} from '#core';
import { policyEvent, type PolicyOperation, type PolicyOperations } from '#policy';
import type pg from 'pg';
import Type from 'typebox';
import { urlFlaw } from './targets.ts';

/** Of one tenant. */
const endpointsMax = 20;
/** Of one endpoint, that are not over: each walks the log again. */
const replaysMax = 5;

const id = (prefix: string) => Type.String({ pattern: `^${prefix}_[0-9a-hjkmnp-tv-z]{26}$` });
const url = Type.String({ maxLength: 2_000, examples: ['https://bank.example/countersign'] });
const types = Type.Array(
  Type.String({ pattern: '^([a-z_]+\\.([a-z_]+|\\*)|\\*)$', maxLength: 80 }),
  {
    minItems: 1,
    maxItems: 50,
    uniqueItems: true,
    description: 'Event types, `payment.*` for all of a kind, or `*` for all.',
    examples: [['payment.*', 'case.opened']],
  },
);
const description = Type.String({ maxLength: 200, pattern: '^[^\\u0000\\ud800-\\udfff]*$' });
const position = Type.Integer({
  ...{ minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
  description: 'Of the tenant, as events tell it. 0 begins with the first event of all.',
});

const createBody = Type.Object({ url, types, description: Type.Optional(description) }, closed);
const changeBody = Type.Object(
  {
    url: Type.Optional(url),
    types: Type.Optional(types),
    description: Type.Optional(description),
    enabled: Type.Optional(Type.Boolean()),
  },
  { ...closed, minProperties: 1 },
);
const replayBody = Type.Object({ after: position }, closed);

type CreateBody = Type.Static<typeof createBody>;
type ChangeBody = Type.Static<typeof changeBody>;
/** The bodies of the operations on an endpoint that is there name it. */
type Named<Body = object> = Body & { readonly webhook_id: string };

export const webhookSchemas = {
  createBody,
  changeBody,
  replayBody,
  webhookId: id('whk'),
  deliveryId: id('dlv'),
  url,
  types,
  position,
};

const webhookId = Type.String();
const endpoint = { webhook_id: webhookId, url, types, description };
export const webhookPayloads = {
  'webhook.created': Type.Object({ ...endpoint, secret_version: Type.Integer() }),
  'webhook.changed': Type.Object({
    ...endpoint,
    enabled: Type.Boolean(),
    is_gone: Type.Boolean({ description: 'The receiver answered 410: nobody asked for it here.' }),
  }),
  'webhook.rotated': Type.Object({
    webhook_id: webhookId,
    secret_version: Type.Integer({ description: 'Of the secret that signs from now on.' }),
  }),
  'webhook.deleted': Type.Object({ webhook_id: webhookId }),
  'webhook.pinged': Type.Object({ webhook_id: webhookId }),
  'webhook.replay_requested': Type.Object({
    webhook_id: webhookId,
    replay_id: Type.String(),
    after: position,
  }),
  'webhook.retry_requested': Type.Object({
    webhook_id: webhookId,
    delivery_id: Type.Union([Type.String(), Type.Null()], { description: 'Null means all.' }),
  }),
};

/** The events that feeding itself acts upon, for the endpoint that they name. */
export const requestTypes = [
  'webhook.created',
  'webhook.pinged',
  'webhook.retry_requested',
] as const;
export type RequestType = (typeof requestTypes)[number];
export type RequestPayload = {
  readonly webhook_id: string;
  readonly delivery_id?: string | null;
};

/** Whether an endpoint wants events of a type. */
export function wants(patterns: readonly string[], type: string): boolean {
  const kind = `${type.slice(0, type.indexOf('.'))}.*`;
  return patterns.some((pattern) => pattern === type || pattern === kind || pattern === '*');
}

/** What a 410 makes of an endpoint. No caller can send it. */
export type GoneBody = Named<{ readonly enabled: false; readonly is_gone: true }>;

export const webhookOperations: PolicyOperations = {
  'webhook.create': operation(create),
  'webhook.change': operation(change),
  'webhook.rotate': operation(rotate),
  'webhook.delete': operation(remove),
  'webhook.ping': operation(async (tx, command) => {
    const { webhook_id } = command.body as Named;
    await lockEndpoint(tx, webhook_id);
    return [policyEvent(command, 'webhook.pinged', { webhook_id })];
  }),
  'webhook.replay': operation(replay),
  'webhook.retry': operation(async (tx, command) => {
    const { webhook_id, delivery_id } = command.body as Named<{ delivery_id: string | null }>;
    await lockEndpoint(tx, webhook_id);
    return [policyEvent(command, 'webhook.retry_requested', { webhook_id, delivery_id })];
  }),
};

/** The endpoint that a command has made. */
export function webhookIdOf(command: Uuid): string {
  return externalId('webhook', derivedUuid(command, 'webhook', 0));
}

/** The replay that a command has asked for. */
export function replayIdOf(command: Uuid): string {
  return externalId('redelivery', derivedUuid(command, 'redelivery', 0));
}

function operation(perform: PolicyOperation['perform']): PolicyOperation {
  return { changesRights: false, perform };
}

async function create(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const { url: to, types: of, description: what = '' } = command.body as CreateBody;
  refuseUrl(to);
  const { rows } = await tx.query<{ count: number }>(
    `select count(*)::int as count from webhooks.endpoint where deleted_at = 'infinity'`,
  );
  if ((rows[0]?.count ?? 0) >= endpointsMax) {
    throw new Fault('conflict', `a tenant has at most ${endpointsMax} webhooks: delete one first`);
  }
  const uuid = derivedUuid(command.id, 'webhook', 0);
  const at = instantToText(command.receivedAt);
  await tx.query(
    `insert into webhooks.endpoint
       (tenant_id, webhook_id, url, types, description, rotated_at, created_at)
     values ($1, $2, $3, $4, $5, $6, $6)`,
    [command.tenant, uuid, to, of, what, at],
  );
  // What is sealed from here on, its own event first.
  await tx.query(
    `insert into webhooks.feed
       (tenant_id, feed_id, webhook_id, after_position, position, requested_at)
     select $1, $2, $2, length, length, $3 from core.tenant_length($1) as length`,
    [command.tenant, uuid, at],
  );
  const told = { webhook_id: webhookIdOf(command.id), url: to, types: of, description: what };
  return [policyEvent(command, 'webhook.created', { ...told, secret_version: 1 })];
}

async function change(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const {
    webhook_id,
    is_gone = false,
    ...asked
  } = command.body as Named<ChangeBody & { readonly is_gone?: boolean }>;
  const now = { ...(await lockEndpoint(tx, webhook_id)), ...asked };
  if (asked.url !== undefined) refuseUrl(asked.url);
  await tx.query(
    `update webhooks.endpoint set url = $2, types = $3, description = $4, enabled = $5
      where webhook_id = $1`,
    [internalId('webhook', webhook_id), now.url, now.types, now.description, now.enabled],
  );
  const { url: to, types: of, description: what, enabled } = now;
  const told = { webhook_id, url: to, types: of, description: what, enabled, is_gone };
  return [policyEvent(command, 'webhook.changed', told)];
}

async function rotate(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const { webhook_id } = command.body as Named;
  const secret_version = (await lockEndpoint(tx, webhook_id)).secret_version + 1;
  await tx.query(
    `update webhooks.endpoint set secret_version = $2, rotated_at = $3 where webhook_id = $1`,
    [internalId('webhook', webhook_id), secret_version, instantToText(command.receivedAt)],
  );
  return [policyEvent(command, 'webhook.rotated', { webhook_id, secret_version })];
}

async function remove(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const { webhook_id } = command.body as Named;
  await lockEndpoint(tx, webhook_id);
  await tx.query(`update webhooks.endpoint set deleted_at = $2 where webhook_id = $1`, [
    internalId('webhook', webhook_id),
    instantToText(command.receivedAt),
  ]);
  return [policyEvent(command, 'webhook.deleted', { webhook_id })];
}

/** A walk through what is sealed by now: what is behind that comes by itself. */
async function replay(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const { webhook_id, after } = command.body as Named<Type.Static<typeof replayBody>>;
  await lockEndpoint(tx, webhook_id);
  const uuid = internalId('webhook', webhook_id);
  const { rows } = await tx.query<{ count: number }>(
    `select count(*)::int as count from webhooks.feed
      where webhook_id = $1 and position < through_position`,
    [uuid],
  );
  if ((rows[0]?.count ?? 0) >= replaysMax) {
    throw new Fault('conflict', `a webhook has at most ${replaysMax} replays that go on`, {
      detail: { reason: 'too_many_replays' },
    });
  }
  await tx.query(
    `insert into webhooks.feed (tenant_id, feed_id, webhook_id, after_position, position,
                                through_position, begun, requested_at)
     select $1, $2, $3, least($4::bigint, length), least($4::bigint, length), length, true, $5
       from core.tenant_length($1) as length`,
    [
      ...[command.tenant, derivedUuid(command.id, 'redelivery', 0), uuid],
      ...[after, instantToText(command.receivedAt)],
    ],
  );
  const told = { webhook_id, replay_id: replayIdOf(command.id), after };
  return [policyEvent(command, 'webhook.replay_requested', told)];
}

type Endpoint = {
  readonly url: string;
  readonly types: string[];
  readonly description: string;
  readonly enabled: boolean;
  readonly secret_version: number;
};

async function lockEndpoint(tx: pg.ClientBase, webhook: string): Promise<Endpoint> {
  const { rows } = await tx.query<Endpoint>(
    `select url, types, description, enabled, secret_version from webhooks.endpoint
      where webhook_id = $1 and deleted_at = 'infinity' for update`,
    [internalId('webhook', webhook) ?? null],
  );
  if (rows[0] === undefined) throw new Fault('not_found', `there is no webhook ${webhook}`);
  return rows[0];
}

/** What no configuration allows; which addresses may be reached is judged at every connection. */
function refuseUrl(text: string): void {
  const flaw = urlFlaw(text);
  if (flaw !== undefined) refuseField('/url', flaw);
}
