// Cores of vendors: what an adapter adds to a call, how many transfers go through it to a simulator
// in another process, and how much memory a million entries take when they are paged through.
import { fork } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { systemClock } from '#core';
import { simulatedVendors } from '../simulators/cores/vendors.ts';
import type { Adapter, AdapterOptions } from '../src/cores/adapter.ts';
import { vendors } from '../src/cores/vendors.ts';
import { quantile, sortedTimes } from './bank.ts';
import type { Benchmark, Figures } from './run.ts';

type Ids = { readonly party: string; readonly accounts: readonly [string, string, string] };

const names = Object.keys(vendors).sort();
/** The port looks up by itself; these adapters would look before each transfer once more. */
const settingsOf: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  finacle: { requestUuid: 'unique' },
  temenos: { lookFirst: 'no' },
};
const longVendor = 'mambu';
const entriesTotal = 1_000_000;
const [warmUp, calls, atOnce, seconds] = [300, 1_500, 32, 6];

export const cores: Benchmark = {
  title: 'Cores of vendors over their simulators: overhead of the adapter, transfers, paging',
  guess: {
    ...figuresOf('overhead_p95_ms', 0.2),
    ...figuresOf('transfers_per_s', 1_500),
    paged_entries: entriesTotal,
    paging_growth_mb: 20,
  },
  targets: {
    ...figuresOf('overhead_p95_ms', { max: 0.3 }),
    ...figuresOf('transfers_per_s', { min: 1_000 }),
    paged_entries: { min: entriesTotal },
    paging_growth_mb: { max: 64 },
  },
  async run(say) {
    let figures: Figures = {};
    for (const name of names) {
      say(name);
      const ids = await idsOf(name);
      const [adapter, close] = await openCore(name, ids);
      const overhead = await overheadOf(adapter, ids);
      const rate = await rateOf(adapter, ids);
      await close();
      figures = {
        ...figures,
        [`${name}_overhead_p50_ms`]: quantile(overhead, 0.5),
        [`${name}_overhead_p95_ms`]: quantile(overhead, 0.95),
        [`${name}_transfers_per_s`]: rate,
      };
    }
    say(`paging ${entriesTotal} entries of ${longVendor}`);
    return { ...figures, ...(await paging()) };
  },
};

/** In the forms that the core takes. */
async function idsOf(name: string): Promise<Ids> {
  const vendor = await simulatedVendors[name]?.();
  if (!vendor) throw new Error(`no vendor is called ${name}`);
  const { account, party } = vendor.ids;
  return { party: party(1), accounts: [account(1), account(2), account(3)] };
}

function figuresOf<Of>(figure: string, of: Of): Record<string, Of> {
  return Object.fromEntries(names.map((name) => [`${name}_${figure}`, of]));
}

async function openCore(
  name: string,
  { party, accounts }: Ids,
  entries = 0,
): Promise<readonly [Adapter, () => Promise<void>]> {
  const script = fileURLToPath(new URL('core-bank.ts', import.meta.url));
  const child = fork(script, [name, String(entries), party, ...accounts]);
  const [told] = (await once(child, 'message')) as [Omit<AdapterOptions, 'now'>];
  const open = await vendors[name]?.();
  if (!open) throw new Error(`no vendor is called ${name}`);
  const clock = systemClock();
  const settings = { ...told.settings, ...settingsOf[name] };
  const adapter = open({ ...told, settings, now: () => clock.now() });
  const close = async () => {
    await adapter.close();
    child.disconnect();
  };
  return [adapter, close];
}

let references = 0;

async function transfer({ operations }: Adapter, { accounts }: Ids): Promise<void> {
  references += 1;
  const [debtor, creditor] = references % 2 ? accounts : [accounts[1], accounts[0]];
  const letters = references.toString(26).replace(/[0-9]/g, (digit) => 'QRSTUVWXYZ'[+digit] ?? '');
  const answer = await operations.transfer({
    ...{ reference: letters.toUpperCase().padStart(16, 'A'), mark: 'deadbeef' },
    ...{ debtor, creditor, amount: 1, currency: 'EUR', valueDate: '2026-03-31' },
  });
  if (answer.status !== 'completed') throw new Error(JSON.stringify(answer));
}

/** Of one call after another: what of its time was not on the wire. */
async function overheadOf(adapter: Adapter, ids: Ids): Promise<Float64Array> {
  let [startedAt, onWireMs] = [0, 0];
  const begun = () => {
    startedAt = performance.now();
  };
  const ended = () => {
    onWireMs += performance.now() - startedAt;
  };
  subscribe('undici:request:create', begun);
  subscribe('undici:request:trailers', ended);
  const times: number[] = [];
  for (let call = 0; call < warmUp + calls; call += 1) {
    onWireMs = 0;
    const from = performance.now();
    await transfer(adapter, ids);
    if (call >= warmUp) times.push(performance.now() - from - onWireMs);
  }
  unsubscribe('undici:request:create', begun);
  unsubscribe('undici:request:trailers', ended);
  return sortedTimes(times);
}

async function rateOf(adapter: Adapter, ids: Ids): Promise<number> {
  const [startedAt, until] = [performance.now(), performance.now() + seconds * 1_000];
  let done = 0;
  const caller = async () => {
    while (performance.now() < until) {
      await transfer(adapter, ids);
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, caller));
  return done / ((performance.now() - startedAt) / 1_000);
}

/** Memory after each tenth, beyond that after the first. */
async function paging(): Promise<Figures> {
  const ids = await idsOf(longVendor);
  const [adapter, close] = await openCore(longVendor, ids, entriesTotal);
  const { listEntries } = adapter.operations;
  if (!listEntries) throw new Error(`${longVendor} lists no entries`);
  const used: number[] = [];
  const times: number[] = [];
  let [after, seen]: [string | undefined, number] = [undefined, 0];
  do {
    const from = performance.now();
    const of = { id: ids.accounts[2], limit: 1_000 };
    const page = await listEntries(after === undefined ? of : { ...of, after });
    times.push(performance.now() - from);
    seen += page?.items.length ?? 0;
    after = page?.next ?? undefined;
    if (seen % 100_000 < 1_000) {
      globalThis.gc?.();
      used.push(process.memoryUsage().heapUsed);
    }
  } while (after !== undefined);
  await close();
  const [first = 0] = used;
  const growth = (Math.max(...used) - first) / 2 ** 20;
  const page_p50_ms = quantile(sortedTimes(times), 0.5);
  return { paged_entries: seen, paging_growth_mb: growth, page_p50_ms };
}
