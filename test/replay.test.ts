// Replay: the commands that a bank has recorded, lived again in an empty database, give the same
// rows, the same events and so the same roots; whatever was changed since is found and named.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { externalId, type Json, seededRandom } from '#core';
import { replayOf } from '#policy';
import { type Relived, reliveLog } from '#replay';
import { openApi } from './api.ts';
import { type Bank, day, hold, move, openBank, openShop, seal, type Tenant } from './bank.ts';
import { testDatabase, testPassword } from './database.ts';
import { deployModel, shippedModel } from './scored.ts';

test('a day lived again in an empty database ends in the same roots and rows', async (t) => {
  const bank = await openBank(t);
  await live(bank);
  await seal(bank);
  const relived = await relive(t, bank);
  for (const { tenant, differing, added, root, difference } of relived.tenants) {
    assert.deepEqual({ tenant, differing, added, difference }, same(tenant));
    assert.equal(root.lived, root.recorded);
  }
  assert.deepEqual(
    relived.rows?.filter(({ isSame }) => !isSame),
    [],
  );
  const written = relived.rows?.filter(({ recorded }) => recorded > 0).map(({ table }) => table);
  const wanted = ['money.transfer', 'policy.bundle', 'policy.consent', 'policy.rollout'];
  wanted.push('policy.approval_verdict', 'policy.replay_result', 'policy.principal_role');
  wanted.push('ai.model_act', 'ai.labelled_payment');
  assert.deepEqual(
    wanted.filter((table) => !written?.includes(table)),
    [],
    'something of everything was written',
  );
  assert.ok(relived.commands > 100);
  assert.equal(relived.identical, relived.commands);
  assert.ok((relived.balances?.accounts ?? 0) >= 6);
  assert.deepEqual([relived.score, relived.isSame], [1, true]);
});

test('payments live again: posted, denied, reserved, cancelled, sent back', async (t) => {
  const api = await openApi(t);
  const boss = await api.tenant('bank');
  const payments = await api.issue(boss, 'service:core', {
    scopes: ['payments:read', 'payments:write', 'ledger:write'],
  });
  const [cash, debtor, creditor] = [
    await payments.open({ type: 'asset' }),
    await payments.open({ bound: 'no_overdraft' }),
    await payments.open(),
  ];
  const funds = { debit_account_id: cash, credit_account_id: debtor, currency: 'EUR' };
  await payments.post('/v1/transfers', { ...funds, amount: 900_000 });
  const known = { screening_status: 'known', local_hour: 14, account_age_days: 700 };
  const pay = async (more: object) => {
    const order = {
      ...{ kind: 'transfer', channel: 'mobile', amount: 1_500, currency: 'EUR' },
      ...{ debtor_account_id: debtor, creditor_account_id: creditor, creditor_country: 'DE' },
      ...{ debtor: 'cus_1', facts: { ...known, new_payee: false, new_device: false }, ...more },
    };
    const { status, json, text } = await payments.post('/v1/payments', order);
    assert.equal(status, 201, text);
    return json;
  };
  const posted = await pay({});
  const unsure = { ...known, new_payee: true, new_device: false };
  const held = await pay({ amount: 30_000, facts: unsure });
  const outcomes = [posted.outcome, held.outcome];
  for (const creditor_country of ['RU', 'KP'])
    outcomes.push((await pay({ creditor_country })).outcome);
  assert.deepEqual(outcomes, ['allowed', 'step_up_required', 'review', 'denied']);
  await payments.post(`/v1/payments/${held.id}/cancel`, {});
  const refund = await payments.post(`/v1/payments/${posted.id}/refund`, {
    amount: 500,
    reason: 'CUST',
  });
  assert.equal(refund.status, 201, refund.text);
  await api.seal();
  const relived = await relive(t, api.bank);
  assert.deepEqual(
    relived.tenants.map(({ difference }) => difference),
    [null, null],
  );
  assert.deepEqual([relived.score, relived.isSame], [1, true]);
});

test('what was changed behind the back of the log is found, and named', async (t) => {
  const bank = await openBank(t);
  const { tenant, customer, merchant } = await openShop(bank, 1_000);
  await tenant.ok(move(customer, merchant, 10));
  const { commandId } = await tenant.ok(move(customer, merchant, 11));
  await tenant.ok(move(customer, merchant, 12));
  await seal(bank);
  await bank.superuser.query(
    `set session_replication_role = replica;
     update core.command set body = replace(body, '"amount":11', '"amount":911')
      where id = '${commandId}';
     set session_replication_role = default`,
  );
  const relived = await relive(t, bank);
  assert.equal(relived.isSame, false);
  assert.ok(relived.score < 1);
  const [found] = relived.tenants;
  assert.notEqual(found?.root.lived, found?.root.recorded);
  assert.equal(found?.difference?.type, 'decision.made');
  assert.equal(found?.difference?.what, 'otherwise');
  assert.ok(found.difference.members.includes('data.payload.command_digest'));
  assert.deepEqual(found.difference.recorded?.decision, 'allow');
  assert.match(found.difference.recorded?.digest ?? '', /^[0-9a-f]{64}$/);
  assert.notEqual(found.difference.lived?.digest, found.difference.recorded?.digest);
  assert.ok(found.differing >= 2, 'the decision, and what was posted by it');
  // Two balances have another amount, and only they.
  assert.deepEqual(relived.balances, { accounts: 3, identical: 1 });
  assert.ok(relived.rows?.some(({ table, isSame }) => table === 'money.transfer' && !isSame));
});

test('a command that is gone from the record is missed, with its events', async (t) => {
  const bank = await openBank(t);
  const { tenant, customer, merchant } = await openShop(bank, 1_000);
  const { commandId } = await tenant.ok(move(customer, merchant, 10));
  await seal(bank);
  await bank.superuser.query(
    `set session_replication_role = replica;
     delete from core.command where id = '${commandId}';
     set session_replication_role = default`,
  );
  const [found] = (await relive(t, bank)).tenants;
  assert.deepEqual(
    [found?.difference?.what, found?.difference?.type],
    ['missing', 'decision.made'],
  );
  assert.equal(found?.differing, 2);
});

test('a command that cannot be carried out any more is told with its trouble', async (t) => {
  const bank = await openBank(t);
  const { tenant, customer, merchant } = await openShop(bank, 1_000);
  const ask = { point: 'ledger-operations', facts: { principal_kind: 'agent' } };
  const { commandId } = await tenant.execute('decision.make', ask);
  await tenant.ok(move(customer, merchant, 10));
  await seal(bank);
  await bank.superuser.query(
    `set session_replication_role = replica;
     update core.command set body = replace(body, 'principal_kind', 'weather')
      where id = '${commandId}';
     set session_replication_role = default`,
  );
  const relived = await relive(t, bank);
  const [found] = relived.tenants;
  assert.deepEqual([found?.differing, found?.difference?.what], [1, 'missing']);
  assert.match(found?.difference?.trouble ?? '', /does not fit its schema/);
  assert.equal(relived.commands - relived.identical, 1);
});

test('one tenant up to a position is lived again alone', async (t) => {
  const bank = await openBank(t);
  const { tenant, customer, merchant } = await openShop(bank, 1_000);
  await openShop(bank, 500);
  await tenant.ok(move(customer, merchant, 10));
  await seal(bank);
  const relived = await relive(t, bank, { tenant: tenant.id, to: { position: 8 } });
  assert.deepEqual(
    relived.tenants.map(({ tenant: name, events, differing }) => [name, events, differing]),
    [[tenant.id, 7, 0]],
  );
  assert.deepEqual([relived.rows, relived.balances, relived.isSame], [null, null, true]);
});

const same = (tenant: string) => ({ tenant, differing: 0, added: 0, difference: null });

/** Lives the bank's log again; `t` has another database for it. */
async function relive(
  t: TestContext,
  { url, planes }: Bank,
  part: Partial<Parameters<typeof reliveLog>[0]> = {},
): Promise<Relived> {
  const scratch = await testDatabase(t);
  return reliveLog({
    ...{ url, scratchUrl: scratch.url, password: testPassword, keyring: planes.keyring },
    ...part,
  });
}

/** Something of everything, many at once, some refused. */
async function live(bank: Bank): Promise<void> {
  const { tenant, cash, customer, merchant } = await openShop(bank, 50_000);
  const { uint32 } = seededRandom(3);
  await tenant.execute('unit.register', { code: 'POINTS', exponent: 0, name: 'Points' });
  for (let round = 0; round < 6; round += 1) {
    bank.time.now += 1_000;
    await Promise.all(
      Array.from({ length: 8 }, () =>
        tenant.post(move(customer, merchant, 1 + (uint32() % 9_000))),
      ),
    );
    const held = await tenant.post(hold(customer, merchant, 100 + round));
    const transfer = await tenant.post([move(cash, merchant, 5), move(cash, customer, 7)]);
    await tenant.post({ kind: 'capture', hold_id: held.hold, amount: 50 });
    await tenant.post({ kind: 'reverse', transfer_id: transfer.transfers[1] as string });
    await tenant.post({ kind: 'reverse', transfer_id: transfer.transfers[1] as string });
  }
  await payByPolicy(bank, tenant, customer, merchant);
  const { transfers } = await tenant.post(move(customer, merchant, 3));
  await govern(bank, tenant, transfers[0] as string);
  await tenant.change(customer, { status: 'frozen' });
  const other = await openShop(bank, 10);
  await other.tenant.post(move(other.customer, other.merchant, 11));
  await tenant.execute('period.close', { closed_through: '2025-12-31' });
}

/** Payments by a model that ships, with limits, several at once. */
async function payByPolicy(
  bank: Bank,
  tenant: Tenant,
  customer: string,
  merchant: string,
): Promise<void> {
  await deployModel(bank.planes, tenant.id, shippedModel('payment-fraud'));
  const payment = {
    ...{ kind: 'transfer', channel: 'mobile', counterparty_country: 'DE', local_hour: 12 },
    ...{ screening_status: 'known', account_age_days: 700, new_payee: false, new_device: false },
  };
  for (let round = 0; round < 3; round += 1) {
    bank.time.now += day / 24;
    await Promise.all(
      [100, 90_000, 5_000_000].map((amount_home) =>
        tenant.post(move(customer, merchant, 10 + round), { payment: { ...payment, amount_home } }),
      ),
    );
  }
}

/** What people do: they agree, refuse, draft, label, ask for replays; and some of it is refused. */
async function govern({ time, planes }: Bank, tenant: Tenant, transfer_id: string): Promise<void> {
  const draft = JSON.parse(readFileSync('policies/rail-routing.json', 'utf8')) as Json;
  const consent = { person: 'cus_01j9zk3v8w2q', channel: 'email', purpose: 'marketing' };
  const told = { source: 'app', text_version: '1' };
  await tenant.execute('consent.record', { ...consent, ...told, status: 'granted' });
  time.now += 1_000;
  await tenant.execute('consent.record', { ...consent, ...told, status: 'withdrawn' });
  await tenant.execute('rollout.set', { use_case: 'offers', mode: 'off' });
  await tenant.execute('policy.draft', { ...(draft as object), title: 'Another title' } as Json);
  await tenant.execute('role.grant', { principal: 'user:ann', role: 'teller' });
  const facts = { point: 'rail-routing', facts: { amount: 100, currency: 'EUR' } };
  await tenant.execute('decision.make', facts);
  const asked = await tenant.execute('replay.request', { kind: 'same' });
  const replay_id = externalId('replay', replayOf(asked.commandId));
  await tenant.execute('replay.cancel', { replay_id });
  const label = {
    ...{ transfer_id, decision_id: null, command_id: asked.commandId, account_id: 'acc_1' },
    ...{ merchant: 'm', amount: 5, currency: 'USD', paid_at: new Date(time.now).toISOString() },
    ...{ label: 'fraud', source: 'chargeback', occurred_at: null },
  };
  await tenant.execute('label.record', { labels: [label] });
  for (const operation of ['policy.shadow', 'replay.cancel']) {
    const body = { name: 'rail-routing', digest: '0'.repeat(64), replay_id };
    await assert.rejects(tenant.execute(operation, body));
  }
  const byAgent = { kind: 'agent', id: 'helper', tenant: tenant.id } as const;
  const denied = { operation: 'rollout.set', body: { use_case: 'offers', mode: 'act' } };
  await planes.execute({ principal: byAgent, idempotencyKey: 'by-agent', ...denied });
}
