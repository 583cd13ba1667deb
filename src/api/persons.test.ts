import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openApi } from '../../test/api.ts';

const api = await openApi({ after });
const { vault } = api.bank.planes;

test('an erasure is finished by a retry, and then erases nothing that came since', async () => {
  const tenant = await api.tenant('bank');
  const scopes = ['policy:decide'];
  const key = { name: 'desk', principal_kind: 'service', principal_id: 'desk', scopes };
  const desk = api.caller((await tenant.post('/v1/api-keys', key)).json.secret);
  const items = [{ person: 'cus_1', class: 'email', value: 'ann@example.com' }];
  const tokenize = async () => (await desk.post('/v1/tokens', { items })).json.tokens[0] as string;
  const read = async (token: string) => (await vault.detokenize('bank', [token]))[0];
  const erase = (idempotencyKey: string) =>
    tenant.send({
      ...{ method: 'DELETE', url: '/v1/persons/cus_1' },
      headers: { 'idempotency-key': idempotencyKey },
    });
  const first = await tokenize();
  // Cut off after the command and before the vault.
  await api.bank.planes.execute({
    principal: { kind: 'user', id: 'bank', tenant: 'bank' },
    ...{ operation: 'person.erase', body: { person: 'cus_1' }, idempotencyKey: 'one' },
  });
  assert.equal(await read(first), 'ann@example.com');
  const finished = await erase('one');
  assert.deepEqual([finished.status, finished.headers['idempotent-replayed']], [200, 'true']);
  assert.equal(await read(first), undefined);
  const second = await tokenize();
  assert.equal((await erase('one')).status, 200);
  assert.equal(await read(second), 'ann@example.com', 'came after the erasure');
  assert.equal((await erase('two')).status, 200);
  assert.equal(await read(second), undefined);
});
