// What callers may see of their webhooks: endpoints, deliveries and replays, and never a secret.
import { pageOf, externalId, internalId, nullable, type Tx, type Uuid } from '#core';
import Type from 'typebox';
import { failures } from './send.ts';
import { overlapEnd } from './signature.ts';
import { webhookSchemas as s } from './webhook.ts';

const instant = Type.String({ format: 'date-time' });
/** Counting further would cost more than it tells. */
const countMax = 10_000;

export const deliveryStatuses = ['pending', 'delivered', 'dead'] as const;
export type DeliveryStatus = (typeof deliveryStatuses)[number];

const webhook = Type.Object({
  id: s.webhookId,
  url: s.url,
  types: s.types,
  description: Type.String(),
  enabled: Type.Boolean(),
  secret_version: Type.Integer({ description: 'Of the secret that signs.' }),
  previous_secret_until: nullable(instant),
  position: Type.Integer({ description: 'What stands in the log up to here is queued or sent.' }),
  behind: Type.Integer({ description: 'Sealed events that are still to be looked at.' }),
  pending: Type.Integer({ maximum: countMax, description: 'Waiting, retries included.' }),
  dead: Type.Integer({ maximum: countMax, description: 'Given up, until somebody retries them.' }),
  created_at: instant,
});

const delivery = Type.Object({
  id: s.deliveryId,
  event_id: Type.String(),
  event_type: Type.String(),
  position: s.position,
  status: Type.Enum([...deliveryStatuses]),
  attempts: Type.Integer(),
  http_status: nullable(Type.Integer({ description: 'Of the last attempt.' })),
  failure: nullable(Type.Enum([...failures])),
  latency_ms: nullable(Type.Integer()),
  created_at: instant,
  attempted_at: nullable(instant),
});

const replay = Type.Object({
  id: Type.String(),
  after: s.position,
  position: s.position,
  through: s.position,
  enqueued: Type.Integer(),
  status: Type.Enum(['running', 'done']),
  requested_at: instant,
});

export const webhookViews = { webhook, delivery, replay };
export type WebhookView = Type.Static<typeof webhook>;

type Page = { readonly limit: number; readonly after?: Uuid | undefined };

/** In the order in which they were made. */
export async function listWebhooks(tx: Tx, { limit, after }: Page) {
  const rows = await endpoints(tx, '($1::uuid is null or e.webhook_id > $1)', after, limit + 1);
  return pageOf(rows, limit, ({ id }) => id);
}

export async function readWebhook(tx: Tx, id: string): Promise<WebhookView | undefined> {
  const [found] = await endpoints(tx, 'e.webhook_id = $1', internalId('webhook', id), 1);
  return found;
}

async function endpoints(
  tx: Tx,
  where: string,
  id: Uuid | undefined,
  limit: number,
): Promise<WebhookView[]> {
  const count = (status: DeliveryStatus) =>
    `(select count(*)::int from (
        select from webhooks.delivery d
         where d.tenant_id = e.tenant_id and d.webhook_id = e.webhook_id
           and d.status = '${status}' limit ${countMax}) as counted) as ${status}`;
  const { rows } = await tx.query(
    `select e.webhook_id, e.url, e.types, e.description, e.enabled, e.secret_version,
            e.rotated_at, e.created_at, f.position, t.size, ${count('pending')}, ${count('dead')}
       from webhooks.endpoint e
       join webhooks.feed f on f.tenant_id = e.tenant_id and f.feed_id = e.webhook_id
       left join core.tree t on t.tenant_id = e.tenant_id
      where e.deleted_at = 'infinity' and ${where} order by e.webhook_id limit $2`,
    [id ?? null, limit],
  );
  return rows.map(({ webhook_id, rotated_at, created_at, position, size, ...row }) => ({
    id: externalId('webhook', webhook_id),
    ...row,
    previous_secret_until:
      row.secret_version === 1 ? null : new Date(overlapEnd(rotated_at.getTime())).toISOString(),
    position: Number(position),
    behind: Number((size ?? 0n) - position),
    created_at: created_at.toISOString(),
  }));
}

/** By the time of their events, the newest first. */
export async function listDeliveries(
  tx: Tx,
  { webhook: id, status, limit, after }: Page & { webhook: string; status?: string | undefined },
) {
  if ((await readWebhook(tx, id)) === undefined) return undefined;
  const { rows } = await tx.query(
    `select delivery_id as id, event_id, event_type, tenant_position as position, status, attempts,
            http_status, failure, latency_ms, created_at, attempted_at
       from webhooks.delivery
      where tenant_id = core.current_tenant() and webhook_id = $1
        and ($2::text is null or status = $2) and ($3::uuid is null or delivery_id < $3)
      order by delivery_id desc limit $4`,
    [internalId('webhook', id), status ?? null, after ?? null, limit + 1],
  );
  const items = rows.map((row) => ({
    ...row,
    id: externalId('delivery', row.id),
    event_id: externalId('event', row.event_id),
    position: Number(row.position),
    created_at: row.created_at.toISOString(),
    attempted_at: row.attempted_at?.toISOString() ?? null,
  }));
  return pageOf(items, limit, ({ id }) => id);
}

/** The newest first. One that was asked for is here once its request is sealed. */
export async function listReplays(
  tx: Tx,
  { webhook: id, limit, after }: Page & { webhook: string },
) {
  if ((await readWebhook(tx, id)) === undefined) return undefined;
  const { rows } = await tx.query(
    `select feed_id as id, after_position as after, position, through_position as through, enqueued,
            requested_at
       from webhooks.feed
      where tenant_id = core.current_tenant() and webhook_id = $1
        and through_position is not null and ($2::uuid is null or feed_id < $2)
      order by feed_id desc limit $3`,
    [internalId('webhook', id), after ?? null, limit + 1],
  );
  const items = rows.map((row) => ({
    id: externalId('redelivery', row.id),
    after: Number(row.after),
    position: Number(row.position),
    through: Number(row.through),
    enqueued: Number(row.enqueued),
    status: row.position < row.through ? ('running' as const) : ('done' as const),
    requested_at: row.requested_at.toISOString() as string,
  }));
  return pageOf(items, limit, ({ id }) => id);
}

/** The version of the secret that a command has made, from its event. */
export async function secretVersionOf(tx: Tx, event: Uuid): Promise<number> {
  const { rows } = await tx.query<{ body: string }>(
    'select body from core.event where tenant_id = core.current_tenant() and id = $1',
    [event],
  );
  const { data } = JSON.parse(rows[0]?.body ?? '{}') as {
    data: { payload: { secret_version: number } };
  };
  return data.payload.secret_version;
}
