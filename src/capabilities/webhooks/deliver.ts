// Delivering: jobs are taken from the queue and sent side by side, and what came of them is written
// down together with what becomes of the jobs.
import {
  type Bell,
  type CommandInput,
  externalId,
  type Instant,
  type Json,
  type Keyring,
  type Pool,
  type Tx,
  type Uuid,
  withTx,
} from '#core';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Circuits, openCircuits } from './circuits.ts';
import type { Job, Queue } from './queue.ts';
import type { Attempt, Sender } from './send.ts';
import { signedHeaders } from './signature.ts';
import type { GoneBody } from './webhook.ts';

export type DeliveryParts = {
  readonly pool: Pool;
  readonly queue: Queue;
  readonly sender: Sender;
  readonly keyring: Keyring;
  readonly now: () => Instant;
  readonly execute: (input: CommandInput<Json>) => Promise<unknown>;
  /** Rung when there may be something to send; and here, when something was sent. */
  readonly work: Bell;
  /** Between looks for dead letters that come by the death of a process. */
  readonly deadIntervalMs: number;
  readonly signal: AbortSignal;
  readonly onError: (error: unknown) => void;
};

/** That this process sends at a time. */
const concurrencyMax = 64;
/** Between looks into the queue while nothing rings: retries fall due by themselves. */
const pollMs = 1_000;
/** What ends within this time is written down together, and makes room together. */
const gatherMs = 20;
const deadPage = 100;

/** Sends until the signal; what is on its way then is broken off, and tried again later. */
export async function deliverWebhooks(parts: DeliveryParts): Promise<void> {
  const { queue, work, deadIntervalMs, signal, onError, now } = parts;
  const circuits = openCircuits(now);
  const sending = new Set<Promise<void>>();
  const ended: Ended[] = [];
  let deadAt = -Infinity;
  while (!signal.aborted) {
    const since = work.count();
    try {
      await settle(parts, ended);
      if (performance.now() - deadAt >= deadIntervalMs) {
        await buryDead(parts);
        deadAt = performance.now();
      }
      const limit = concurrencyMax - sending.size - ended.length;
      const jobs = limit > 0 ? await queue.take({ limit, without: circuits.closedTo() }) : [];
      const deliveries = await readDeliveries(parts.pool, jobs);
      for (const job of jobs) {
        const sent = send(parts, circuits, job, deliveries.get(job.data.deliveryId))
          .then((end) => void ended.push(end), onError)
          .finally(() => {
            sending.delete(sent);
            work.ring();
          });
        sending.add(sent);
      }
      // One endpoint's jobs may have stood before those of others: look once more.
      if (jobs.length > 0) continue;
    } catch (error) {
      onError(error);
      await sleep(pollMs, undefined, { signal }).catch(() => undefined);
    }
    await work.wait(since, pollMs, signal);
    await sleep(gatherMs, undefined, { signal }).catch(() => undefined);
  }
  await Promise.all(sending);
  // What cannot be written down is sent again when its time is up.
  await settle(parts, ended).catch(onError);
}

type Delivery = {
  readonly deliveryId: Uuid;
  readonly tenant: string;
  readonly webhookId: Uuid;
  readonly status: string;
  readonly round: number;
  readonly url: string;
  readonly enabled: boolean;
  readonly isDeleted: boolean;
  readonly secretVersion: number;
  readonly rotatedAt: Date;
  readonly eventId: Uuid;
  readonly body: string;
};

/** What is sent is the event's stored text, and the endpoint as it is now. */
async function readDeliveries(pool: Pool, jobs: readonly Job[]): Promise<Map<Uuid, Delivery>> {
  if (jobs.length === 0) return new Map();
  const { rows } = await pool.query<Delivery>(
    `select d.delivery_id as "deliveryId", d.tenant_id as tenant, d.webhook_id as "webhookId",
            d.status, d.round, e.url, e.enabled, e.deleted_at <> 'infinity' as "isDeleted",
            e.secret_version as "secretVersion", e.rotated_at as "rotatedAt",
            d.event_id as "eventId", log.body
       from unnest($1::text[], $2::uuid[], $3::uuid[]) as job(tenant, webhook, delivery)
       join webhooks.delivery d on d.tenant_id = job.tenant and d.webhook_id = job.webhook
        and d.delivery_id = job.delivery
       join webhooks.endpoint e using (tenant_id, webhook_id)
       cross join lateral core.tenant_events(d.tenant_id, d.tenant_position - 1, 1, null) as log`,
    namesOf(jobs.map(({ data }) => data)),
  );
  return new Map(rows.map((row) => [row.deliveryId, row]));
}

type Names = { readonly tenant: string; readonly webhookId: Uuid; readonly deliveryId: Uuid };

function namesOf(of: readonly Names[]): string[][] {
  return [
    of.map(({ tenant }) => tenant),
    of.map(({ webhookId }) => webhookId),
    of.map(({ deliveryId }) => deliveryId),
  ];
}

// Sending -----------------------------------------------------------------------------------------

/** What came of a job: without an attempt there is nothing more to be done about it. */
type Ended = {
  readonly job: Job;
  readonly tried?: { readonly delivery: Delivery; readonly attempt: Attempt };
  readonly fate: 'delivered' | 'pending' | 'dead';
};

async function send(
  { keyring, sender, now, signal }: DeliveryParts,
  circuits: Circuits,
  job: Job,
  delivery: Delivery | undefined,
): Promise<Ended> {
  // Somebody was faster, such as a process that was taken for dead.
  if (delivery?.status !== 'pending' || delivery.round !== job.data.round) {
    return { job, fate: 'dead' };
  }
  if (delivery.isDeleted || !delivery.enabled) {
    const failure = delivery.isDeleted ? 'endpoint_deleted' : 'endpoint_disabled';
    const attempt = { status: null, failure, latencyMs: 0 } as const;
    return { job, tried: { delivery, attempt }, fate: 'dead' };
  }
  const { tenant, webhookId, secretVersion, body } = delivery;
  const signing = { tenant, webhookId, secretVersion, rotatedAt: delivery.rotatedAt.getTime() };
  const id = externalId('event', delivery.eventId);
  const signed = signedHeaders(keyring, signing, { id, body, at: now() });
  const headers = { 'content-type': 'application/cloudevents+json', ...signed };
  const attempt = await sender.send(delivery.url, { headers, body }, signal);
  circuits.note(webhookId, attempt);
  const tried = { delivery, attempt };
  if (attempt.failure === null) return { job, tried, fate: 'delivered' };
  const isLast = attempt.status === gone || job.retryCount >= job.retryLimit;
  return { job, tried, fate: isLast ? 'dead' : 'pending' };
}

/** RFC 9110, 15.5.11: the receiver is not there any more, and will not be. */
const gone = 410;

// Writing down ------------------------------------------------------------------------------------

/** Writes down what has ended, and takes it off the list once it is written. */
async function settle(parts: DeliveryParts, ended: Ended[]): Promise<void> {
  const { pool, queue } = parts;
  const batch = [...ended];
  if (batch.length === 0) return;
  await withTx(pool, async (tx) => {
    await record(tx, parts, batch);
    const isOver = ({ fate }: Ended) => fate !== 'pending';
    await queue.done(tx, batch.filter(isOver).map(jobOf));
    await queue.again(tx, batch.filter((each) => !isOver(each)).map(jobOf));
  });
  ended.splice(0, batch.length);
  for (const { tried } of batch) {
    if (tried?.attempt.status === gone) await disable(parts, tried.delivery);
  }
}

function jobOf({ job }: Ended): Job {
  return job;
}

async function record(tx: Tx, { now }: DeliveryParts, batch: readonly Ended[]): Promise<void> {
  const rows = batch.flatMap(({ tried, fate }) => (tried ? [{ ...tried, fate }] : []));
  await tx.query(
    `update webhooks.delivery d
        set status = ended.status, attempts = attempts + 1, http_status = ended.http_status,
            failure = ended.failure, latency_ms = ended.latency_ms, attempted_at = $8
       from unnest($1::text[], $2::uuid[], $3::uuid[], $4::text[], $5::integer[], $6::text[],
                   $7::integer[])
         as ended(tenant, webhook, delivery, status, http_status, failure, latency_ms)
      where d.tenant_id = ended.tenant and d.webhook_id = ended.webhook
        and d.delivery_id = ended.delivery`,
    [
      ...namesOf(rows.map(({ delivery }) => delivery)),
      rows.map(({ fate }) => fate),
      rows.map(({ attempt }) => attempt.status),
      rows.map(({ attempt }) => attempt.failure),
      rows.map(({ attempt }) => attempt.latencyMs),
      new Date(now()),
    ],
  );
}

/** The deliveries whose process has died at the last try. */
async function buryDead({ pool, queue }: DeliveryParts): Promise<void> {
  for (;;) {
    const jobs = await queue.takeDead(deadPage);
    if (jobs.length === 0) return;
    await withTx(pool, async (tx) => {
      await tx.query(
        `update webhooks.delivery d set status = 'dead'
           from unnest($1::text[], $2::uuid[], $3::uuid[], $4::integer[])
             as gone(tenant, webhook, delivery, round)
          where d.tenant_id = gone.tenant and d.webhook_id = gone.webhook
            and d.delivery_id = gone.delivery and d.round = gone.round and d.status = 'pending'`,
        [...namesOf(jobs.map(({ data }) => data)), jobs.map(({ data }) => data.round)],
      );
      await queue.doneDead(tx, jobs);
    });
  }
}

/** A receiver that says that it is gone is believed, until somebody enables it again. */
async function disable(
  { execute }: DeliveryParts,
  { tenant, webhookId, deliveryId }: Delivery,
): Promise<void> {
  const body: GoneBody = {
    webhook_id: externalId('webhook', webhookId),
    enabled: false,
    is_gone: true,
  };
  await execute({
    principal: { kind: 'service', id: 'webhooks', tenant },
    operation: 'webhook.change',
    // A blank, which no caller can send: nobody else can have taken the key.
    idempotencyKey: `gone ${externalId('delivery', deliveryId)}`,
    body,
  });
}
