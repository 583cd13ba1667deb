import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Caller, openApi } from '../../test/api.ts';

const api = await openApi({ after });

async function verified(bank: Caller, body: object = {}) {
  const begun = await bank.post('/v1/evidence/verifications', body);
  assert.equal(begun.status, 202, begun.text);
  for (let tries = 0; tries < 200; tries += 1) {
    const { verification } = (await bank.get('/v1/evidence/verifications')).json;
    if (verification.state !== 'running') return verification;
    await sleep(25);
  }
  throw new Error('the verification does not end');
}

test('a tenant verifies its own log over HTTP, and what was tampered with is named', async () => {
  const [bank, other] = [await api.tenant('verifiers'), await api.tenant('others')];
  const cash = await bank.open({ type: 'asset' });
  const customer = await bank.open();
  const move = { debit_account_id: cash, credit_account_id: customer, currency: 'EUR' };
  for (const amount of [5, 6, 7]) await bank.post('/v1/transfers', { ...move, amount });
  await other.open();
  await api.seal();
  assert.deepEqual((await bank.get('/v1/evidence/verifications')).json, { verification: null });

  const sound = await verified(bank, { repeat_decisions: true });
  const { json: tree } = await bank.get('/v1/evidence/tree');
  assert.deepEqual(
    [sound.state, sound.findings, sound.size, sound.events, sound.root],
    ['done', [], tree.size, tree.size, tree.root],
  );
  assert.equal((await other.get('/v1/evidence/verifications')).json.verification, null);

  // The tree as it is drawn: complete subtrees without a gap, which join to the root.
  assert.equal(tree.subtrees[0].from, 1);
  assert.equal(tree.subtrees.at(-1).to, tree.size);
  assert.deepEqual([tree.checkpoint.size, tree.checkpoint.root], [tree.size, tree.root]);
  assert.equal(tree.joins.length, tree.subtrees.length - 1);
  const root = tree.joins.at(-1)?.hash ?? tree.subtrees[0].hash;
  assert.equal(root, tree.root);
  const { json: heads } = await bank.get('/v1/evidence/checkpoints');
  assert.deepEqual(heads.items[0], tree.checkpoint);
  assert.equal((await bank.get(`/v1/evidence/tree?size=${tree.size + 1}`)).status, 404);
  assert.equal((await bank.get('/v1/evidence/tree?size=1')).json.height, 0);

  const { superuser } = api.bank;
  const tamper = async (sql: string) => {
    await superuser.query(`set session_replication_role = replica; ${sql}`);
  };
  await tamper(`update money.transfer set amount = 60 where amount = 6`);
  const flawed = await verified(bank);
  assert.ok(flawed.findings.some(({ what }: { what: string }) => what === 'journal row edited'));
  // What is wrong with one is told to no other.
  assert.deepEqual((await verified(other)).findings, []);
  await tamper(`update core.event set body = replace(body, '"amount":7', '"amount":8')`);
  const edited = await verified(bank);
  assert.ok(edited.findings.some(({ what }: { what: string }) => what === 'event edited'));
});

test('a receipt is checked step by step, and the first step that fails is named', async () => {
  const bank = await api.tenant('holders');
  await bank.open();
  await api.seal();
  const { json: events } = await bank.get('/v1/events');
  const { id } = events.items.at(-1).event;
  const { json: receipt } = await bank.get(`/v1/events/${id}/receipt`);
  const check = async (given: unknown, who = bank) => {
    const { json, text } = await who.post('/v1/receipts/verify', { receipt: given });
    assert.ok(json.steps, text);
    const steps = json.steps.map(({ step, ok }: { step: string; ok: boolean }) => [step, ok]);
    const told: Record<string, unknown> = Object.fromEntries(steps);
    return { ...told, ok: json.ok, position: json.position } as Record<string, unknown>;
  };
  const all = { format: true, signature: true, log: true, size: true, inclusion: true };
  const fine = { ok: true, ...all, stored: true, position: receipt.leaf_index + 1 };
  assert.deepEqual(await check(receipt), fine);
  const edited = { ...receipt, event: receipt.event.replace('holders', 'folders') };
  const failed = { ok: false, position: null, stored: null };
  assert.deepEqual(await check(edited), { ...all, ...failed, inclusion: false });
  const unsigned = { log: null, size: null, inclusion: null };
  const stranger = await api.tenant('no-holders');
  const foreign = { ...failed, format: true, signature: false, ...unsigned };
  assert.deepEqual(await check(receipt, stranger), foreign);
  const shapeless = { ...failed, format: false, signature: null, ...unsigned };
  for (const none of [
    null,
    'text',
    { ...receipt, inclusion: [7] },
    { ...receipt, checkpoint: '' },
  ]) {
    assert.deepEqual(await check(none), shapeless);
  }
  assert.equal((await check({ ...receipt, leaf_index: 9999 }))['inclusion'], false);
});
