// Every vendor's core from its import to its events, over its simulator and its adapter.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createBell } from '#core';
import { createApi } from '#api';
import { acceptEvents, importAll } from '#cores';
import { startSimulator } from '../../../simulators/cores/simulator.ts';
import { simulatedVendors } from '../../../simulators/cores/vendors.ts';
import { day, openBank } from '../../../test/bank.ts';
import { assertAgrees, type MirroredBank, mirroredBank } from '../../../test/mirrored.ts';
import { createLog } from '../../serve.ts';
import type { Adapter } from '../adapter.ts';
import { vendors } from '../vendors.ts';

const bank = await openBank({ after });
const clock = { now: () => bank.time.now };

let orders = 0;

/** By a branch of the bank, past us. */
async function move(
  { operations }: Adapter,
  of: { readonly debtor: string; readonly creditor: string; readonly amount: number },
): Promise<void> {
  orders += 1;
  bank.time.now += 5_000;
  const answer = await operations.transfer({
    ...{ ...of, currency: 'EUR', mark: '0123abcd' },
    reference: `BRANCHBRANCHBRA${String.fromCharCode(64 + orders)}`,
    valueDate: new Date(bank.time.now).toISOString().slice(0, 10),
  });
  assert.equal(answer.status, 'completed');
}

for (const name of Object.keys(simulatedVendors)) {
  test(`${name}: imported, followed, compared`, async (t) => {
    const [vendor, open] = [await simulatedVendors[name]?.(), await vendors[name]?.()];
    assert.ok(vendor && open);
    const { ids } = vendor;
    const [a, b, party, product] = [ids.account(1), ids.account(2), ids.party(1), ids.product];
    const common = { party, product, currency: 'EUR' };
    const seed = {
      parties: [{ id: party, name: 'Erika Muster', country: 'DE' }],
      accounts: [
        { ...common, id: a, balance: 100_000 },
        { ...common, id: b, balance: 2_050 },
      ],
    };
    const simulator = await startSimulator(vendor, { clock, seed });
    const { url, credentials, settings, book } = simulator;
    const adapter = open({ url, credentials, settings, now: clock.now });
    t.after(async () => {
      await adapter.close();
      await simulator.close();
    });
    const of = await mirroredBank(bank, adapter);
    const app = await createApi({
      ...{ planes: bank.planes, mirror: of.mirror, sealed: createBell(), version: 'test' },
      ...{ log: createLog('silent'), unready: () => undefined, gauges: () => ({}) },
    });
    t.after(() => app.close());
    const here = await app.listen({ host: '127.0.0.1', port: 0 });
    const isListed = adapter.operations.listParties !== undefined;
    const done = await importAll(of.mirror, isListed ? {} : { parties: [party] });
    assert.deepEqual([done.accounts, done.opened], [2, 2]);
    await assertAgrees(of, book);
    if (!adapter.events) return;
    const { accept, poll } = adapter.events;
    const secret = Object.entries(credentials).find(([key]) => /secret/i.test(key))?.[1] ?? '';
    if (accept) simulator.subscribe({ url: `${here}/v1/core-events/${adapter.name}`, secret });
    // On the day of the import, and later, when entries are told by one side alone.
    for (const laterMs of [0, 2 * day]) {
      bank.time.now += laterMs;
      await move(adapter, { debtor: a, creditor: b, amount: 1_234 });
      await move(adapter, { debtor: b, creditor: a, amount: 34 });
      for (let looks = 0; looks < 200; looks += 1) {
        await of.follow();
        bank.time.now += 1_000;
        const isThere = (await of.booked(a)) === book.accounts.get(a)?.booked;
        if (isThere && (await of.booked(b)) === book.accounts.get(b)?.booked) break;
        await sleep(50);
      }
      assert.deepEqual(of.errors, []);
      await assertAgrees(of, book);
    }
    await assertNamedOnce(of, adapter);
    const before = (await of.counts())['money.transfer'];
    simulator.inject({ kind: 'redelivery' });
    await sleep(accept && !poll ? 300 : 0);
    await of.follow();
    assert.equal((await of.counts())['money.transfer'], before, 'told again, nothing is moved');
    assert.deepEqual(await of.compare(), { accounts: 2, skipped: 0, differing: 0 });
    if (accept) {
      await assert.rejects(async () => acceptEvents(of.mirror, { headers: {}, body: '{}' }), {
        code: 'unauthenticated',
      });
    }
  });
}

/** An entry has one name, whether it is told or listed: else it would be mirrored twice. */
async function assertNamedOnce(of: MirroredBank, { operations }: Adapter): Promise<void> {
  const { rows } = await bank.superuser.query<{ account: string; reference: string }>(
    `select distinct body ->> 'account' as account, body -> 'entry' ->> 'reference' as reference
       from register.core_event where tenant_id = $1 and body -> 'entry' is not null`,
    [of.tenant.id],
  );
  for (const { account, reference } of rows) {
    const page = await operations.listEntries?.({ id: account, limit: 100 });
    if (page)
      assert.ok(
        page.items.some((each) => each.reference === reference),
        reference,
      );
  }
}
