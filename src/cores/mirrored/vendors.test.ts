// The contract of the port over every vendor's core: adapter, links, intents and mirror at once.
import { after } from 'node:test';
import assert from 'node:assert/strict';
import { newCommand } from '#core';
import { importAll } from '#cores';
import { startSimulator } from '../../../simulators/cores/simulator.ts';
import { simulatedVendors } from '../../../simulators/cores/vendors.ts';
import { monday, openBank } from '../../../test/bank.ts';
import { mirroredBank } from '../../../test/mirrored.ts';
import type { Adapter } from '../adapter.ts';
import { coreContract, type Subject } from '../contract.ts';
import { vendors } from '../vendors.ts';

const funds = 10_000;
const moving = ['transfer', 'placeHold', 'captureHold', 'releaseHold', 'reverse'] as const;

// Opened before the first test, so that what they have lives as long as the file.
const subjects = new Map<string, Subject>();
for (const name of Object.keys(simulatedVendors)) subjects.set(name, await open(name));
for (const [name, subject] of subjects) coreContract(name, async () => subject);

async function open(name: string): Promise<Subject> {
  const [vendor, openAdapter] = [await simulatedVendors[name]?.(), await vendors[name]?.()];
  assert.ok(vendor && openAdapter);
  const { ids } = vendor;
  const [party, first, second] = [ids.party(1), ids.account(1), ids.account(2)];
  const common = { party, product: ids.product, currency: 'EUR' };
  const seed = {
    parties: [{ id: party, name: 'Erika Muster', country: 'DE' }],
    accounts: [
      { ...common, id: first, balance: funds },
      { ...common, id: second },
    ],
  };
  const clock = { now: () => bank?.time.now ?? monday };
  let bank: Awaited<ReturnType<typeof openBank>> | undefined;
  const simulator = await startSimulator(vendor, { clock, seed });
  const { url, credentials, settings } = simulator;
  const kept = settings === undefined ? {} : { settings };
  const { adapter, deafen } = losing(openAdapter({ url, credentials, ...kept, ...clock }));
  bank = await openBank({ after }, { adapter });
  after(async () => {
    await adapter.close();
    await simulator.close();
  });
  const of = await mirroredBank(bank, adapter);
  await importAll(of.mirror, adapter.operations.listParties ? {} : { parties: [party] });
  const { planes } = bank;
  const core = planes.mirrored?.core;
  assert.ok(core);
  const principal = { kind: 'service', id: 'test', tenant: of.tenant.id } as const;
  const owner = (await of.mirror.links.ofCore(of.tenant.id, 'party', party))?.own_id ?? null;
  return {
    ...{ core, tenant: of.tenant.id, party: owner, currency: 'EUR', funds },
    ...{ debtor: await of.own(first), creditor: await of.own(second) },
    item(legs, idempotencyKey) {
      const asked = { principal, operation: 'journal.post', idempotencyKey };
      return planes.decide(newCommand({ ...asked, body: { legs } as never }, planes));
    },
    async deaf(work) {
      deafen(true);
      return work(core).finally(() => deafen(false));
    },
  };
}

/** While it is deaf, what it has moved is done, and nobody hears so. */
function losing(adapter: Adapter) {
  let isDeaf = false;
  const operations = { ...adapter.operations } as Record<string, unknown>;
  for (const name of moving) {
    const work = adapter.operations[name] as ((order: unknown) => Promise<unknown>) | undefined;
    if (!work) continue;
    operations[name] = async (order: unknown) => {
      const answer = await work(order);
      return isDeaf ? { status: 'unknown' } : answer;
    };
  }
  return {
    adapter: { ...adapter, operations } as unknown as Adapter,
    deafen: (now: boolean) => {
      isDeaf = now;
    },
  };
}
