// Feeding: each endpoint walks its tenant's log, and what it wants becomes a delivery and a job, in
// the transaction in which it goes forward. A replay is a walk of its own, with an end.
import {
  type Bell,
  derivedUuid,
  externalId,
  Fault,
  type Instant,
  internalId,
  type Pool,
  type Tx,
  type Uuid,
  withTx,
} from '#core';
import type { JobData, NewJob, Queue } from './queue.ts';
import { type RequestPayload, requestTypes, type RequestType, wants } from './webhook.ts';

export type FeedParts = {
  readonly pool: Pool;
  readonly queue: Queue;
  readonly now: () => Instant;
  /** Rung when there is something to send. */
  readonly work: Bell;
  readonly onError: (error: unknown) => void;
};

/** Events of one step. */
const stepMax = 1_000;
/** Deliveries of one endpoint that wait: behind these it stays where it is in the log. */
const pendingMax = 10_000;
/** Walks that one round takes forward. */
const feedsMax = 1_000;
/** Dead letters that one request retries, the oldest first. */
const retriedMax = 5_000;

/** Takes the walks whose turn it is one step forward; answers how many events were passed. */
export async function feedDeliveries(parts: FeedParts): Promise<number> {
  let passed = 0;
  for (const { tenant_id, feed_id } of await walksInTurn(parts.pool, feedsMax)) {
    try {
      passed += await withTx(parts.pool, (tx) => step(tx, parts, tenant_id, feed_id));
    } catch (error) {
      // Without a database nobody goes on; what is wrong with one is no matter of the others.
      if (error instanceof Fault) throw error;
      parts.onError(error);
    }
  }
  if (passed > 0) parts.work.ring();
  return passed;
}

/**
 * The walks that have something before them, and room for it. Tenants take turns, so that none
 * waits for all the walks of another.
 */
export async function walksInTurn(
  pool: Pool,
  limit: number,
): Promise<readonly { readonly tenant_id: string; readonly feed_id: Uuid }[]> {
  const { rows } = await pool.query<{ tenant_id: string; feed_id: Uuid }>(
    `with walk as materialized (
       select f.tenant_id, f.webhook_id, f.feed_id, f.position - l.length as ahead
         from webhooks.feed f join webhooks.endpoint e using (tenant_id, webhook_id)
         cross join lateral core.tenant_length(f.tenant_id) as l (length)
        where e.enabled and e.deleted_at = 'infinity'
          and f.position < coalesce(f.through_position, l.length)),
     roomy as materialized (
       select tenant_id, webhook_id
         from (select distinct tenant_id, webhook_id from walk) as w
        where not exists (select from webhooks.delivery d
                           where d.tenant_id = w.tenant_id and d.webhook_id = w.webhook_id
                             and d.status = 'pending' offset $2))
     select tenant_id, feed_id,
            row_number() over (partition by tenant_id order by ahead, feed_id) as turn
       from walk join roomy using (tenant_id, webhook_id)
      order by turn, ahead, feed_id limit $1`,
    [limit, pendingMax - 1],
  );
  return rows;
}

type Feed = {
  readonly tenant: string;
  readonly feedId: Uuid;
  readonly webhookId: Uuid;
  readonly position: bigint;
  readonly through: bigint | null;
  readonly types: readonly string[];
  readonly begun: boolean;
};

type LogRow = {
  readonly position: bigint;
  readonly id: Uuid;
  readonly type: string;
  readonly body: string | null;
};

async function step(tx: Tx, parts: FeedParts, tenant: string, feedId: Uuid): Promise<number> {
  const feed = await lockFeed(tx, tenant, feedId);
  if (feed === undefined) return 0;
  const room = pendingMax - (await pendingOf(tx, feed));
  if (room <= 0) return 0;
  const { rows } = await tx.query<LogRow>(
    `select tenant_position as position, id, type, body
       from core.tenant_events($1, $2, $3, $4)
      where $5::bigint is null or tenant_position <= $5 order by tenant_position`,
    [tenant, feed.position, Math.min(stepMax, room), requestTypes, feed.through],
  );
  const last = rows.at(-1);
  if (last === undefined) return 0;
  const isLive = feed.through === null;
  const wanted: LogRow[] = [];
  let { begun } = feed;
  for (const row of rows) {
    const asked = requestOf(row, feed);
    begun ||= asked?.type === 'webhook.created';
    if (!begun) continue;
    if (wants(feed.types, row.type) || asked?.type === 'webhook.pinged') wanted.push(row);
    // A replay passes requests of old, which have had their effect.
    const isRetry = asked?.type === 'webhook.retry_requested' && isLive;
    if (isRetry) await retryDead(tx, parts, feed, asked.payload.delivery_id);
  }
  await enqueue(tx, parts, feed, wanted);
  await tx.query(
    `update webhooks.feed set position = $3, enqueued = enqueued + $4, begun = $5
      where tenant_id = $1 and feed_id = $2`,
    [tenant, feedId, last.position, wanted.length, begun],
  );
  return rows.length;
}

/** Another process may be at it, and then does our part too. */
async function lockFeed(tx: Tx, tenant: string, feedId: Uuid): Promise<Feed | undefined> {
  const { rows } = await tx.query<Feed>(
    `select f.tenant_id as tenant, f.feed_id as "feedId", f.webhook_id as "webhookId", f.position,
            f.through_position as through, e.types, f.begun
       from webhooks.feed f join webhooks.endpoint e using (tenant_id, webhook_id)
      where f.tenant_id = $1 and f.feed_id = $2 and e.enabled and e.deleted_at = 'infinity'
        for update of f skip locked`,
    [tenant, feedId],
  );
  return rows[0];
}

async function pendingOf(tx: Tx, { tenant, webhookId }: Feed): Promise<number> {
  const { rows } = await tx.query<{ count: number }>(
    `select count(*)::int as count from (
       select from webhooks.delivery
        where tenant_id = $1 and webhook_id = $2 and status = 'pending' limit $3) as pending`,
    [tenant, webhookId, pendingMax],
  );
  return rows[0]?.count ?? 0;
}

async function enqueue(
  tx: Tx,
  { queue, now }: FeedParts,
  feed: Feed,
  events: readonly LogRow[],
): Promise<void> {
  if (events.length === 0) return;
  const { tenant, feedId, webhookId } = feed;
  const ids = events.map(({ id }) => derivedUuid(id, `delivery:${feedId}`, 0));
  await tx.query(
    `insert into webhooks.delivery (tenant_id, webhook_id, delivery_id, feed_id, tenant_position,
                                    event_id, event_type, created_at)
     select $1, $2, delivery, $3, position, event, type, $4
       from unnest($5::uuid[], $6::bigint[], $7::uuid[], $8::text[])
         as wanted(delivery, position, event, type)`,
    [
      ...[tenant, webhookId, feedId, new Date(now())],
      ids,
      events.map(({ position }) => position),
      events.map(({ id }) => id),
      events.map(({ type }) => type),
    ],
  );
  await queue.put(
    tx,
    ids.map((deliveryId) => jobOf({ tenant, webhookId, deliveryId, round: 1 })),
  );
}

/** Each round of a delivery has a job of its own: putting it again changes nothing. */
function jobOf(data: JobData): NewJob {
  return { ...data, jobId: derivedUuid(data.deliveryId, 'job', data.round) };
}

// Requests ----------------------------------------------------------------------------------------

type Asked = { readonly type: RequestType; readonly payload: RequestPayload };

/** What an event asks for, where it asks this endpoint. */
function requestOf({ type, body }: LogRow, { webhookId }: Feed): Asked | undefined {
  if (body === null) return undefined;
  const { data } = JSON.parse(body) as { data: { payload: RequestPayload } };
  const { payload } = data;
  if (payload.webhook_id !== externalId('webhook', webhookId)) return undefined;
  return { type: type as RequestType, payload };
}

async function retryDead(
  tx: Tx,
  { queue }: FeedParts,
  { tenant, webhookId }: Feed,
  deliveryId: string | null | undefined,
): Promise<void> {
  const one = deliveryId ? internalId('delivery', deliveryId) : undefined;
  const { rows } = await tx.query<{ delivery_id: Uuid; round: number }>(
    `update webhooks.delivery set status = 'pending', round = round + 1
      where tenant_id = $1 and webhook_id = $2 and delivery_id in (
        select delivery_id from webhooks.delivery
         where tenant_id = $1 and webhook_id = $2 and status = 'dead'
           and ($3::uuid is null or delivery_id = $3)
         order by delivery_id limit $4)
     returning delivery_id, round`,
    [tenant, webhookId, one ?? null, retriedMax],
  );
  await queue.put(
    tx,
    rows.map(({ delivery_id, round }) =>
      jobOf({ tenant, webhookId, deliveryId: delivery_id, round }),
    ),
  );
}

const firstUuid = '00000000-0000-0000-0000-000000000000';

/**
 * Puts the job of every delivery that waits, once more: where it is in the queue already, nothing
 * happens. After a restore from a backup, which keeps no queue, all of them are missing.
 */
export async function requeuePending({ pool, queue }: Pick<FeedParts, 'pool' | 'queue'>) {
  let after: readonly string[] = ['', firstUuid, firstUuid];
  for (;;) {
    const rows = await withTx(pool, async (tx) => {
      const page = await tx.query<JobData>(
        `select tenant_id as tenant, webhook_id as "webhookId", delivery_id as "deliveryId", round
           from webhooks.delivery
          where status = 'pending' and (tenant_id, webhook_id, delivery_id) > ($1, $2, $3)
          order by tenant_id, webhook_id, delivery_id limit $4`,
        [...after, stepMax],
      );
      await queue.put(tx, page.rows.map(jobOf));
      return page.rows;
    });
    const last = rows.at(-1);
    if (last === undefined || rows.length < stepMax) return;
    after = [last.tenant, last.webhookId, last.deliveryId];
  }
}
