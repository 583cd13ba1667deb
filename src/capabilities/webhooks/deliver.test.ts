import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { day } from '../../../test/bank.ts';
import {
  count,
  deliveries,
  endpoint,
  hurry,
  type Message,
  openSendingBank,
  receive,
  until,
  verifies,
} from '../../../test/webhooks.ts';
import { readWebhook } from './views.ts';

const { bank, errors, work, seal, secretOf } = await openSendingBank({ after });

test('an event is sent as it stands in the log, signed as Standard Webhooks asks', async (t) => {
  const [receiver, tenant] = [await receive(t), await bank.tenant()];
  const before = await tenant.open();
  const webhook = await endpoint(tenant, receiver.url);
  const account = await tenant.open();
  await endpoint(tenant, receiver.url, ['payment.*']);
  await seal();
  const worker = work();
  t.after(() => worker.stop());
  await count(receiver, 1);
  const [message] = receiver.messages;
  assert.ok(message);
  assert.equal(message.headers['content-type'], 'application/cloudevents+json');
  const stored = await bank.superuser.query(
    `select body from core.event where tenant_id = $1 and type = 'account.opened'
      order by seq desc limit 1`,
    [tenant.id],
  );
  assert.equal(message.body, stored.rows[0].body);
  assert.equal(JSON.parse(message.body).id, message.id);
  assert.equal(JSON.parse(message.body).data.account_id, account);
  assert.ok(verifies(secretOf(tenant, webhook), message));
  assert.ok(!verifies(secretOf(tenant, webhook, 2), message), 'another secret');
  assert.ok(!verifies(secretOf(await bank.tenant(), webhook), message), 'another tenant');
  const [delivery] = await until(
    () => deliveries(tenant, webhook),
    (found) => found[0]?.status === 'delivered',
  );
  assert.deepEqual(
    [delivery?.attempts, delivery?.http_status, delivery?.failure, delivery?.event_id],
    [1, 204, null, message.id],
  );
  // What was before the endpoint is not for it, nor what it did not ask for.
  assert.notEqual(JSON.parse(message.body).data.account_id, before);
  assert.equal((await deliveries(tenant, webhook)).length, 1);
});

test('a receiver that is slow, lies, or has moved holds up nobody', async (t) => {
  const tenant = await bank.tenant();
  const good = await receive(t);
  const slow = await receive(t, () => undefined);
  const torn = await receive(t, (response) => {
    response.writeHead(200, { 'content-length': '1000' }).write('{');
    setImmediate(() => response.destroy());
  });
  const endless = await receive(t, (response) => {
    response.writeHead(200);
    const more = () => {
      if (!response.destroyed) response.write(Buffer.alloc(16_384), more);
    };
    more();
  });
  const moved = await receive(t, (response) =>
    response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end(),
  );
  const names = { slow, torn, endless, moved, good };
  const ids: Record<string, string> = {};
  for (const [name, { url }] of Object.entries(names)) ids[name] = await endpoint(tenant, url);
  for (let number = 0; number < 6; number += 1) await tenant.open();
  await seal();
  const worker = work({ timeoutMs: 1_500 });
  t.after(() => worker.stop());
  await count(good, 6);
  const waiting = await deliveries(tenant, ids['slow'] ?? '');
  assert.ok(
    waiting.every(({ attempts }) => attempts === 0),
    'the good one has not waited for the end of any slow one',
  );
  const status = async (name: string) =>
    (await deliveries(tenant, ids[name] ?? '')).map((each) => `${each.status} ${each.failure}`);
  // The status has been said: what comes after it is nobody's matter.
  for (const name of ['good', 'torn', 'endless']) {
    await until(
      () => status(name),
      (all) => all.length === 6 && all.every((each) => each === 'delivered null'),
    );
  }
  await until(
    () => status('slow'),
    (all) => all.includes('pending timeout'),
  );
  await until(
    () => status('moved'),
    (all) => all.includes('pending status'),
  );
});

test('what fails is tried again, then is a dead letter, which can be retried', async (t) => {
  const tenant = await bank.tenant();
  let broken = true;
  const receiver = await receive(t, (response) => response.writeHead(broken ? 503 : 200).end());
  const webhook = await endpoint(tenant, receiver.url);
  await tenant.open();
  await tenant.open();
  await seal();
  const worker = work({ pace: { ...hurry, retriesMax: 1 } });
  t.after(() => worker.stop());
  const dead = await until(
    () => deliveries(tenant, webhook, 'dead'),
    (found) => found.length === 2,
  );
  assert.deepEqual(
    dead.map(({ attempts, http_status, failure }) => [attempts, http_status, failure]),
    [
      [2, 503, 'status'],
      [2, 503, 'status'],
    ],
  );
  broken = false;
  await tenant.execute('webhook.retry', { webhook_id: webhook, delivery_id: dead[0]?.id ?? '' });
  await seal();
  const [one] = await until(
    () => deliveries(tenant, webhook, 'delivered'),
    (found) => found.length === 1,
  );
  assert.deepEqual([one?.id, one?.attempts], [dead[0]?.id, 3]);
  await tenant.execute('webhook.retry', { webhook_id: webhook, delivery_id: null });
  await seal();
  await until(
    () => deliveries(tenant, webhook, 'delivered'),
    (found) => found.length === 2,
  );
  // Each was heard of several times, under one id.
  assert.deepEqual([receiver.messages.length, new Set(receiver.ids()).size], [6, 2]);
});

test('410 switches a webhook off; switched on, it goes on from its place', async (t) => {
  const tenant = await bank.tenant();
  let gone = true;
  const receiver = await receive(t, (response) => response.writeHead(gone ? 410 : 200).end());
  const webhook = await endpoint(tenant, receiver.url);
  await tenant.open();
  await seal();
  const worker = work();
  t.after(() => worker.stop());
  await until(
    () => tenant.read((tx) => readWebhook(tx, webhook)),
    (found) => found?.enabled === false,
  );
  await tenant.open();
  await seal();
  await sleep(300);
  assert.equal(receiver.messages.length, 1, 'nothing is sent to who is gone');
  gone = false;
  await tenant.execute('webhook.change', { webhook_id: webhook, enabled: true });
  await seal();
  await count(receiver, 2);
  const statuses = () => deliveries(tenant, webhook);
  const all = await until(statuses, (found) => found.every(({ status }) => status !== 'pending'));
  assert.deepEqual(new Set(all.map(({ status }) => status)), new Set(['dead', 'delivered']));
  assert.equal(all.length, 2);
});

test('after a rotation both secrets sign for a day', async (t) => {
  const [receiver, tenant] = [await receive(t), await bank.tenant()];
  const webhook = await endpoint(tenant, receiver.url);
  const worker = work();
  t.after(() => worker.stop());
  await tenant.execute('webhook.rotate', { webhook_id: webhook });
  await tenant.open();
  await seal();
  await count(receiver, 1);
  const [first] = receiver.messages as [Message];
  assert.ok(verifies(secretOf(tenant, webhook, 1), first));
  assert.ok(verifies(secretOf(tenant, webhook, 2), first));
  assert.equal(String(first.headers['webhook-signature']).split(' ').length, 2);
  const now = bank.time.now;
  bank.time.now = now + day;
  t.after(() => {
    bank.time.now = now;
  });
  await tenant.open();
  await seal();
  await count(receiver, 2);
  const [, second] = receiver.messages as [Message, Message];
  assert.equal(String(second.headers['webhook-signature']).split(' ').length, 1);
});

test('nothing went wrong unseen, and no secret is in the database', async () => {
  const faults = errors.filter((error) => !/Cannot use a pool after/.test(String(error)));
  assert.deepEqual(faults, []);
  const { rows } = await bank.superuser.query(
    `select count(*)::int as count from core.event e join core.command c using (tenant_id)
      where e.body ~ 'whsec_' or c.body ~ 'whsec_'`,
  );
  assert.equal(rows[0].count, 0);
});
