// `countersign simulate-core`: the simulator of a vendor's core as a process of its own.
import { Fault, systemClock, writeDurably } from '#core';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Seed } from '../../simulators/cores/book.ts';
import { type Simulator, startSimulator, type Vendor } from '../../simulators/cores/simulator.ts';
import { simulatedVendors } from '../../simulators/cores/vendors.ts';
import { say, signalled } from './installation.ts';

export type SimulateCoreOptions = {
  readonly port: number;
  readonly seed?: string;
  /** A folder for the files that `start --core` reads. */
  readonly write?: string;
};

export async function simulateCore(name: string, options: SimulateCoreOptions): Promise<void> {
  const open = Object.hasOwn(simulatedVendors, name) ? simulatedVendors[name] : undefined;
  if (!open) {
    const names = Object.keys(simulatedVendors).sort().join(', ');
    throw new Fault('input_invalid', `there are simulators of ${names}, and none of ${name}`);
  }
  const vendor = await open();
  const seed = options.seed === undefined ? smallBank(vendor) : seedIn(options.seed);
  const stopped = signalled();
  const clock = systemClock();
  const { port } = options;
  const starting = startSimulator(vendor, { clock, port, seed });
  const simulator = await starting.catch((cause: NodeJS.ErrnoException) => {
    throw cause.code === 'EADDRINUSE' ? busy(port, cause) : cause;
  });
  const { url, credentials, settings } = simulator;
  say(`a simulated ${name} answers at ${url}, with these credentials and settings:`);
  console.log(JSON.stringify({ url, credentials, settings }, null, 2));
  if (options.write !== undefined) say(written(options.write, simulator));
  say('Ctrl-C stops it, and it forgets everything.');
  await stopped;
  await simulator.close();
}

function busy(port: number, cause: Error): Fault {
  const help = 'stop it, or choose another with --port';
  return new Fault('port_in_use', `port ${port} is in use by another program: ${help}`, { cause });
}

/** Both files, and the command that reads them. */
function written(folder: string, { name, url, credentials, settings }: Simulator): string {
  mkdirSync(folder, { recursive: true });
  const file = (what: string, texts: object) => {
    const path = join(folder, `${name}-${what}.json`);
    writeDurably(path, `${JSON.stringify(texts, null, 2)}\n`, 0o600);
    return `--core-${what} ${path}`;
  };
  const files = `${file('credentials', credentials)} ${file('settings', settings)}`;
  return `connect a bank to it by: countersign start --core ${name} --core-url ${url} ${files}`;
}

/** Three parties with four accounts, by ids of the vendor's form. */
function smallBank({ ids }: Vendor): Seed {
  const { product } = ids;
  const account = (number: number, of: number, balance: number) => {
    return { id: ids.account(number), party: ids.party(of), product, currency: 'EUR', balance };
  };
  return {
    parties: [
      { id: ids.party(1), name: 'Erika Muster' },
      { id: ids.party(2), name: 'Jan Beispiel' },
      { id: ids.party(3), name: 'Muster Handel GmbH', kind: 'organisation', birthDate: null },
    ],
    accounts: [
      account(1, 1, 250_000),
      account(2, 1, 1_000_000),
      account(3, 2, 80_000),
      account(4, 3, 5_000_000),
    ],
  };
}

function seedIn(file: string): Seed {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Seed;
  } catch (cause) {
    const form = '{"parties": [{"id", "name"}], "accounts": [{"id", "party", "currency"}]}';
    throw new Fault('input_invalid', `--seed is a file of JSON such as ${form}: ${file}`, {
      cause,
    });
  }
}
