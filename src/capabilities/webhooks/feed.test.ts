import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createBell, internalId } from '#core';
import { openServer, type Tenant } from '../../../test/bank.ts';
import {
  count,
  deliveries,
  endpoint,
  hurry,
  openSendingBank,
  receive,
  until,
} from '../../../test/webhooks.ts';
import { feedDeliveries, walksInTurn } from './feed.ts';
import { openQueue, usualPace } from './queue.ts';
import { openTargets } from './targets.ts';
import { listReplays, readWebhook } from './views.ts';

const { bank, work, seal } = await openSendingBank({ after });

test('a worker that dies between queue and delivery loses nothing', async (t) => {
  const tenant = await bank.tenant();
  const receiver = await receive(t, () => undefined);
  await endpoint(tenant, receiver.url);
  for (let number = 0; number < 3; number += 1) await tenant.open();
  await seal();
  // Its requests hang, and its database goes: it writes nothing down any more.
  const doomed = openServer(t, bank, { name: 'doomed', seed: 7 });
  const dying = work({ database: doomed.database, timeoutMs: 60_000 });
  await count(receiver, 3);
  const seen = new Set(receiver.ids());
  await doomed.database.close();
  await dying.stop();
  const { rows } = await bank.superuser.query(
    `select distinct state::text from pgboss.job where name = 'webhook' and data->>'tenant' = $1`,
    [tenant.id],
  );
  assert.deepEqual(rows, [{ state: 'active' }]);
  const healthy = await receive(t);
  await bank.superuser.query('update webhooks.endpoint set url = $2 where tenant_id = $1', [
    tenant.id,
    healthy.url,
  ]);
  const worker = work();
  t.after(() => worker.stop());
  await until(
    () => new Set(healthy.ids()),
    (ids) => ids.size === 3,
  );
  assert.deepEqual(new Set(healthy.ids()), seen, 'the same ids: the receiver knows them again');
});

test('what a worker dies of at the last try is a dead letter', async (t) => {
  const tenant = await bank.tenant();
  const receiver = await receive(t, () => undefined);
  const webhook = await endpoint(tenant, receiver.url);
  await tenant.open();
  await seal();
  const pace = { ...hurry, retriesMax: 0 };
  const doomed = openServer(t, bank, { name: 'doomed', seed: 8 });
  const dying = work({ database: doomed.database, timeoutMs: 60_000, pace });
  await count(receiver, 1);
  await doomed.database.close();
  await dying.stop();
  const worker = work({ pace });
  t.after(() => worker.stop());
  await until(
    () => deliveries(tenant, webhook, 'dead'),
    (found) => found.length === 1,
  );
  assert.equal(receiver.messages.length, 1);
});

test('what waits is put into the queue again where the queue was lost', async (t) => {
  const tenant = await bank.tenant();
  const receiver = await receive(t);
  const webhook = await endpoint(tenant, receiver.url);
  await tenant.open();
  await seal();
  // Fed, and not sent: this one may send to nobody.
  const feeding = work({ targets: openTargets() });
  await until(
    () => deliveries(tenant, webhook),
    (found) => found[0]?.failure === 'target_refused',
  );
  await feeding.stop();
  await bank.superuser.query('delete from pgboss.job');
  const worker = work();
  t.after(() => worker.stop());
  await count(receiver, 1);
});

test('a ping is for one webhook, and a replay sends again what was before it', async (t) => {
  const tenant = await bank.tenant();
  const [pinged, other] = [await receive(t), await receive(t)];
  for (let number = 0; number < 5; number += 1) await tenant.open();
  const webhook = await endpoint(tenant, pinged.url);
  await endpoint(tenant, other.url);
  const worker = work();
  t.after(() => worker.stop());
  await tenant.execute('webhook.ping', { webhook_id: webhook });
  await seal();
  await count(pinged, 1);
  assert.deepEqual(
    pinged.messages.map(({ type }) => type),
    ['webhook.pinged'],
  );
  await tenant.execute('webhook.replay', { webhook_id: webhook, after: 0 });
  await seal();
  // Five accounts, and the ping of old.
  await count(pinged, 7);
  const replays = await until(
    () => tenant.read((tx) => listReplays(tx, { webhook, limit: 10 })),
    (page) => page?.items[0]?.status === 'done',
  );
  const [replay] = replays?.items ?? [];
  assert.equal(replay?.enqueued, 6);
  assert.equal(replay?.after, 0);
  assert.equal(other.messages.length, 0);
});

test('a tenant is told nothing of another, nor can it touch its webhooks', async (t) => {
  const [ours, theirs] = [await bank.tenant(), await bank.tenant()];
  const receiver = await receive(t);
  const webhook = await endpoint(ours, receiver.url, ['*']);
  const worker = work();
  t.after(() => worker.stop());
  await theirs.open();
  await ours.open();
  await seal();
  // Its own making, and the account.
  await until(() => receiver.messages.map(({ type }) => type).includes('account.opened'), Boolean);
  const tenants = receiver.messages.map(({ body }) => JSON.parse(body).data.tenant_id);
  assert.deepEqual([...new Set(tenants)], [ours.id]);
  for (const [operation, more] of [
    ['webhook.change', { enabled: false }],
    ['webhook.rotate', {}],
    ['webhook.delete', {}],
    ['webhook.ping', {}],
    ['webhook.replay', { after: 0 }],
    ['webhook.retry', { delivery_id: null }],
  ] as const) {
    const attempt = theirs.execute(operation, { webhook_id: webhook, ...more });
    await assert.rejects(attempt, { code: 'not_found' }, operation);
  }
  assert.equal(await theirs.read((tx) => readWebhook(tx, webhook)), undefined);
  assert.deepEqual(await deliveries(theirs, webhook), []);
});

test('an agent sets up no webhook', async () => {
  const tenant = await bank.tenant();
  const { outcome } = await bank.planes.execute({
    principal: { kind: 'agent', id: 'helper', tenant: tenant.id },
    operation: 'webhook.create',
    idempotencyKey: 'agent-hook',
    body: { url: 'https://example.com/', types: ['*'] },
  });
  assert.equal(outcome.status, 'rejected');
});

test('a webhook has five replays that go on, be it switched off or on', async (t) => {
  const tenant = await bank.tenant();
  const webhook = await endpoint(tenant, 'https://receiver.example/x');
  const replay = () => tenant.execute('webhook.replay', { webhook_id: webhook, after: 0 });
  await seal();
  await tenant.execute('webhook.change', { webhook_id: webhook, enabled: false });
  await Promise.all([1, 2, 3, 4, 5].map(replay));
  await assert.rejects(replay(), { code: 'conflict', detail: { reason: 'too_many_replays' } });
  await tenant.execute('webhook.change', { webhook_id: webhook, enabled: true });
  await assert.rejects(replay(), { code: 'conflict' });
  const { pool } = parts;
  const queue = await openQueue(pool, { pace: usualPace, onError: assert.ifError });
  t.after(() => queue.stop());
  while ((await feedDeliveries({ ...parts, queue })) > 0);
  await replay();
});

test('tenants take turns, and what has no room is passed over', async () => {
  const [crowded, quiet] = [await bank.tenant(), await bank.tenant()];
  const full = await endpoint(crowded, 'https://receiver.example/x');
  for (let number = 0; number < 3; number += 1) await crowded.open();
  await seal();
  await fill(crowded, full);
  await endpoint(crowded, 'https://receiver.example/x');
  const webhook = await endpoint(quiet, 'https://receiver.example/x');
  await seal();
  for (const { id } of [crowded, quiet]) {
    await bank.superuser.query(
      `insert into webhooks.feed (tenant_id, feed_id, webhook_id, after_position, position,
                                  through_position, begun, requested_at)
       select tenant_id, gen_random_uuid(), webhook_id, 0, 0, 1, true, created_at
         from webhooks.endpoint cross join generate_series(1, 5) where tenant_id = $1`,
      [id],
    );
  }
  const walks = await walksInTurn(parts.pool, 100);
  const tenants = walks.map(({ tenant_id }) => tenant_id);
  const ours = tenants.filter((id) => id === crowded.id || id === quiet.id);
  const turns = [0, 1, 2, 3, 4, 5].map((turn) => new Set(ours.slice(2 * turn, 2 * turn + 2)).size);
  assert.deepEqual(turns, [2, 2, 2, 2, 2, 2], 'one of each, again and again');
  assert.equal(ours.length, 12, 'of the full one none');
  assert.ok(walks.some(({ feed_id }) => feed_id === internalId('webhook', webhook)));
});

const parts = {
  pool: bank.planes.database.pool('app'),
  now: () => bank.time.now,
  work: createBell(),
  onError: assert.ifError,
};

/** As many deliveries wait as may. */
async function fill({ id }: Tenant, webhook: string): Promise<void> {
  await bank.superuser.query(
    `insert into webhooks.delivery (tenant_id, webhook_id, delivery_id, feed_id, tenant_position,
       event_id, event_type, created_at)
     select $1, $2, gen_random_uuid(), $2, 1, $2, 'account.opened', now()
       from generate_series(1, 10000)`,
    [id, internalId('webhook', webhook)],
  );
}
