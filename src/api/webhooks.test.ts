import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type Api, openApi } from '../../test/api.ts';

const api: Api = await openApi({ after });
const hook = { url: 'https://receiver.example/hook', types: ['payment.*', 'account.opened'] };

test('the secret of a webhook is shown when it is made, and to a retry alone', async () => {
  const bank = await api.tenant('bank-one');
  const created = await bank.post('/v1/webhooks', hook, { key: 'make' });
  assert.equal(created.status, 201, created.text);
  const { id, secret, ...view } = created.json;
  assert.match(secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
  assert.match(id, /^whk_/);
  assert.deepEqual(
    [view.url, view.types, view.enabled, view.secret_version, view.pending, view.dead],
    [hook.url, hook.types, true, 1, 0, 0],
  );
  const again = await bank.post('/v1/webhooks', hook, { key: 'make' });
  assert.deepEqual([again.status, again.json.secret, again.json.id], [200, secret, id]);
  const read = await bank.get(`/v1/webhooks/${id}`);
  assert.equal(read.status, 200, read.text);
  assert.ok(!read.text.includes('whsec_'));
  const other = await bank.post('/v1/webhooks', hook);
  assert.notEqual(other.json.secret, secret);
  const list = await bank.get('/v1/webhooks?limit=1');
  const [first, second] = [id, other.json.id].toSorted((a, b) => (a < b ? -1 : 1));
  assert.deepEqual([list.json.items.length, list.json.next], [1, first]);
  const rest = await bank.get(`/v1/webhooks?limit=1&after=${first}`);
  assert.deepEqual([rest.json.items[0].id, rest.json.next], [second, null]);
});

test('a rotation shows the new secret, and a retry of it the same', async () => {
  const bank = await api.tenant('bank-two');
  const { id, secret } = (await bank.post('/v1/webhooks', hook, { key: 'make' })).json;
  const rotated = await bank.post(`/v1/webhooks/${id}/rotate`, {}, { key: 'turn' });
  assert.equal(rotated.status, 201, rotated.text);
  assert.equal(rotated.json.secret_version, 2);
  assert.notEqual(rotated.json.secret, secret);
  await bank.post(`/v1/webhooks/${id}/rotate`, {});
  const again = await bank.post(`/v1/webhooks/${id}/rotate`, {}, { key: 'turn' });
  assert.deepEqual([again.status, again.json], [200, rotated.json]);
  const first = await bank.post('/v1/webhooks', hook, { key: 'make' });
  assert.equal(first.json.secret, secret);
  assert.equal((await bank.get(`/v1/webhooks/${id}`)).json.secret_version, 3);
});

test('a webhook is changed, switched off, exercised and deleted', async () => {
  const bank = await api.tenant('bank-three');
  const { id } = (await bank.post('/v1/webhooks', hook)).json;
  const change = { description: 'ours', enabled: false, types: ['*'] };
  const changed = await bank.send({
    method: 'PATCH',
    url: `/v1/webhooks/${id}`,
    headers: { 'content-type': 'application/json', 'idempotency-key': 'change' },
    payload: JSON.stringify(change),
  });
  assert.equal(changed.status, 201, changed.text);
  const { description, enabled, types } = changed.json;
  assert.deepEqual({ description, enabled, types }, change);
  const asked = [
    ['ping', {}],
    ['deliveries/retry', {}],
    [`deliveries/dlv_${'0'.repeat(26)}/retry`, {}],
  ] as const;
  for (const [path, body] of asked) {
    const answer = await bank.post(`/v1/webhooks/${id}/${path}`, body);
    assert.deepEqual([answer.status, answer.json], [201, { id }], path);
  }
  const replay = await bank.post(`/v1/webhooks/${id}/replay`, { after: 0 });
  assert.match(replay.json.replay_id, /^rdl_/);
  const { json: replays } = await bank.get(`/v1/webhooks/${id}/replays`);
  assert.deepEqual(
    replays.items.map((each: { id: string; status: string }) => [each.id, each.status]),
    [[replay.json.replay_id, 'running']],
  );
  for (const list of ['deliveries', 'deliveries?status=dead']) {
    const page = await bank.get(`/v1/webhooks/${id}/${list}`);
    assert.deepEqual(page.json, { items: [], next: null }, list);
  }
  const deleted = await bank.send({
    method: 'DELETE',
    url: `/v1/webhooks/${id}`,
    headers: { 'idempotency-key': 'delete' },
  });
  assert.equal(deleted.status, 201, deleted.text);
  assert.equal((await bank.get(`/v1/webhooks/${id}`)).status, 404);
  assert.equal((await bank.get(`/v1/webhooks/${id}/deliveries`)).status, 404);
  assert.equal((await bank.post(`/v1/webhooks/${id}/ping`, {})).status, 404);
});

test('an address of the public Internet will do for a host', async () => {
  const bank = await api.tenant('bank-zero');
  const created = await bank.post('/v1/webhooks', { ...hook, url: 'https://93.184.215.14/hook' });
  assert.equal(created.status, 201, created.text);
});

test('what cannot be sent to, or never would be sent, is refused', async () => {
  const bank = await api.tenant('bank-four');
  for (const [body, pointer] of [
    [{ ...hook, url: 'http://receiver.example/' }, '/url'],
    [{ ...hook, url: 'https://10.0.0.1/' }, '/url'],
    [{ ...hook, url: 'https://user:word@receiver.example/' }, '/url'],
    [{ ...hook, url: 'https://receiver.example/4111111111111111' }, '/url'],
    [{ ...hook, description: 'for ann@receiver.example' }, '/description'],
    [{ ...hook, types: ['account.opened', 'account.vanished'] }, '/types/1'],
    [{ ...hook, types: ['nothing.*'] }, '/types/0'],
    [{ ...hook, types: [] }, '/types'],
    [{ ...hook, secret: 'mine' }, '/secret'],
  ] as const) {
    const answer = await bank.post('/v1/webhooks', body);
    assert.equal(answer.status, 422, answer.text);
    assert.equal(answer.json.errors[0].pointer, pointer);
  }
});

test('webhooks need their own scope, and are of one tenant', async () => {
  const [ours, theirs] = [await api.tenant('bank-five'), await api.tenant('bank-six')];
  const { id } = (await ours.post('/v1/webhooks', hook)).json;
  assert.equal((await theirs.get(`/v1/webhooks/${id}`)).status, 404);
  assert.equal((await theirs.post(`/v1/webhooks/${id}/rotate`, {})).status, 404);
  const reader = await api.issue(ours, 'service:reader', { scopes: ['events:read'] });
  assert.equal((await reader.get('/v1/webhooks')).status, 403);
  assert.equal((await reader.post('/v1/webhooks', hook)).status, 403);
});

test('a tenant has at most twenty', async () => {
  const bank = await api.tenant('bank-seven');
  for (let number = 0; number < 20; number += 1) {
    assert.equal((await bank.post('/v1/webhooks', hook)).status, 201);
  }
  assert.equal((await bank.post('/v1/webhooks', hook)).status, 409);
});
