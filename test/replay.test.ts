// Replay: the commands that one bank has recorded, fed into an empty database, give the same rows,
// the same events and so the same roots, whatever the batches were.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFrontier, leafHash, seededRandom } from '#core';
import type pg from 'pg';
import { type Bank, hold, move, openBank, openShop, seal } from './bank.ts';
import { recordedCommands } from './recorded.ts';

test('recorded commands give the same root in an empty database', async (t) => {
  const first = await openBank(t, { seed: 1 });
  await live(first);
  const second = await openBank(t, { seed: 2 });
  for (const command of await recordedCommands(first.superuser)) {
    await second.planes.executeCommand(command);
  }
  for (const bank of [first, second]) await seal(bank);
  const [one, other] = [await contents(first.superuser), await contents(second.superuser)];
  assert.ok(one.events > 60);
  assert.deepEqual(other, one);
});

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
  await tenant.change(customer, { status: 'frozen' });
  const other = await openShop(bank, 10);
  await other.tenant.post(move(other.customer, other.merchant, 11));
  await tenant.execute('period.close', { closed_through: '2025-12-31' });
}

/** Digests of everything that was written, and the root of every tenant's log. */
async function contents(superuser: pg.Pool) {
  const { rows } = await superuser.query<{ tenant_id: string; body: string }>(
    `select tenant_id, body from core.leaf l join core.event e using (tenant_id, seq)
      order by tenant_id, tenant_position`,
  );
  const roots: Record<string, string> = {};
  for (const [tenant, events] of Map.groupBy(rows, (row) => row.tenant_id)) {
    const tree = createFrontier();
    for (const { body } of events) tree.append(leafHash(body));
    roots[tenant] = tree.root().toString('hex');
  }
  const tables: Record<string, string> = {};
  for (const table of [
    'money.transfer',
    'money.account',
    'money.hold',
    'money.account_terms',
    'core.command',
    'policy.api_key',
    'money.unit',
    'money.period',
  ]) {
    const found = await superuser.query<{ digest: string }>(
      `select md5(coalesce(string_agg(t::text, e'\\n' order by t::text), '')) as digest
         from ${table} t`,
    );
    tables[table] = found.rows[0]?.digest ?? '';
  }
  return { events: rows.length, roots, tables };
}
