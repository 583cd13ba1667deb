import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Adapter } from './adapter.ts';
import { openFineract } from './fineract/core.ts';
import { openMambu } from './mambu/core.ts';
import { isSecret } from './secret.ts';
import { openTemenos } from './temenos/core.ts';

test('only who knows the secret knows it', () => {
  assert.equal(isSecret('abc', 'abc'), true);
  for (const shown of [undefined, '', 'ab', 'abcd', 'abd', 'ABC']) {
    assert.equal(isSecret(shown, 'abc'), false);
  }
  assert.equal(isSecret('', ''), false);
});

test('a secret that was left empty lets nobody in', async () => {
  const common = { url: 'http://127.0.0.1:1', now: () => 0 };
  const user = { username: 'u', password: 'p', user: 'u' };
  const none = { hook_secret: '', webhookSecret: '', callbackSecret: '' };
  const settings = { eventTypes: 'entry.booked=Booked' };
  const given = { ...common, credentials: { ...user, ...none }, settings };
  const adapters: readonly Adapter[] = [openFineract, openMambu, openTemenos].map((open) =>
    open(given),
  );
  const shown = { authorization: 'Bearer ', 'fineract-platform-tenantid': 'default' };
  for (const { name, events, close } of adapters) {
    for (const headers of [{}, shown]) {
      const delivered = { headers, body: '{}', secret: '' };
      assert.ok(events?.accept, name);
      assert.throws(() => events.accept?.(delivered), { code: 'unauthenticated' }, name);
    }
    await close();
  }
});
