import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openServer } from '../../../test/bank.ts';
import {
  count,
  deliveries,
  endpoint,
  hurry,
  openSendingBank,
  receive,
  until,
} from '../../../test/webhooks.ts';
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
