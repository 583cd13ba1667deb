// The demo bank over a core of its own: a simulated one, which has its accounts before the day and
// keeps the truth about them; and whether both books agree when it is over.
import { type Clock, Fault, systemClock } from '#core';
import { importAll, isImported, type Mirror, openMirror, vendors } from '#cores';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AtCore, type Imported, movedAtCore, seedAtCore } from '../../simulators/at-core.ts';
import { type Simulator, startSimulator } from '../../simulators/cores/simulator.ts';
import { simulatedVendors } from '../../simulators/cores/vendors.ts';
import type { AccountKey, Traffic } from '../../simulators/operation.ts';
import type { ConnectedCore } from '../serve.ts';
import { type Bank, say } from './installation.ts';
import type { Proof } from './report.ts';
import { type OpenTenant, tenantOf } from './tenants.ts';

/** A bank at its core, before its server runs. */
export type DemoCore = {
  readonly simulator: Simulator;
  readonly connected: ConnectedCore;
  readonly atCore: AtCore;
};

/** The day as that bank lives it. */
export type CoreDay = {
  readonly tenant: OpenTenant;
  readonly traffic: Traffic;
  readonly accounts: ReadonlyMap<AccountKey, string>;
  readonly mirror: Mirror;
};

const importMaxMs = 600_000;
const lookEveryMs = 250;

export async function openDemoCore(name: string, traffic: Traffic): Promise<DemoCore> {
  const [openAdapter, vendor] = [await vendors[name]?.(), await simulatedVendors[name]?.()];
  if (!openAdapter || !vendor) {
    const names = Object.keys(vendors).sort().join(', ');
    throw new Fault('input_invalid', `--core is one of ${names}, not ${name}`);
  }
  const clock = systemClock();
  const atCore = seedAtCore(traffic, vendor.ids);
  const simulator = await startSimulator(vendor, { clock, seed: atCore.seed });
  const { url, credentials, settings } = simulator;
  const adapter = openAdapter({ url, credentials, settings, now: () => clock.now() });
  const { size } = atCore.accounts;
  say(`a simulated ${name} at ${url} keeps ${size} accounts`);
  return { simulator, atCore, connected: { adapter, tenant: `demo-${name}` } };
}

/** Its accounts become ours, linked to the core's; the day is told in our ids. */
export async function takeOver(
  { connected, atCore }: DemoCore,
  { url, server }: Bank,
  traffic: Traffic,
): Promise<CoreDay> {
  const { tenant: id } = connected;
  if (server?.bankKey === undefined) {
    const help = 'a simulated core forgets everything: choose another --data';
    throw new Fault(
      'input_invalid',
      `the bank ${id} is here already, and its core is new: ${help}`,
    );
  }
  const mirror = openMirror({ ...server.planes, ...connected });
  await filled(mirror, atCore, server.planes.clock);
  const keys = [...atCore.accounts.keys()];
  const own = await mirror.links.ownAccounts(id, [...atCore.accounts.values()]);
  const accounts = new Map(keys.map((key, at) => [key, own[at] ?? missing(key)]));
  const parties = new Map<string, string>();
  for (const [holder, coreId] of atCore.parties) {
    const link = await mirror.links.ofCore(id, 'party', coreId);
    // Not every core tells of organisations.
    if (link) parties.set(holder, link.own_id);
  }
  const imported: Imported = { accounts, parties };
  const tenant = await tenantOf({ url }, id, server.bankKey);
  return { tenant, traffic: movedAtCore(traffic, imported), accounts, mirror };
}

/** By the server itself, or from here where the core cannot list its parties. */
async function filled(mirror: Mirror, { parties }: AtCore, clock: Clock): Promise<void> {
  if (!mirror.adapter.operations.listParties) {
    await importAll(mirror, { parties: [...parties.values()] });
    return;
  }
  const until = clock.now() + importMaxMs;
  while (!(await isImported(mirror))) {
    if (clock.now() > until) throw new Fault('deadline_exceeded', 'the import takes too long');
    await sleep(lookEveryMs);
  }
}

function missing(name: string): never {
  throw new Fault('internal', `${name} was not imported`);
}

/** Every account of the core has the same booked balance there and here. */
export async function proveBooks({ simulator, atCore }: DemoCore, day: CoreDay): Promise<Proof> {
  const { book, name } = simulator;
  const differing: string[] = [];
  for (const [key, coreId] of atCore.accounts) {
    const ours = await day.mirror.booked(day.accounts.get(key) ?? missing(key));
    const theirs = book.accounts.get(coreId)?.booked;
    if (ours.amount !== theirs) differing.push(`${key}: ${ours.amount} here, ${theirs} there`);
  }
  const count = atCore.accounts.size;
  if (differing.length === 0) {
    const text = `the books of ${name} and of this ledger agree: ${count} accounts`;
    return { holds: true, text };
  }
  const some = differing.slice(0, 3).join('; ');
  return { holds: false, text: `${differing.length} of ${count} accounts differ: ${some}` };
}
