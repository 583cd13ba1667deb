// A million transfers: does the cost of one stay flat, how much memory does the server take, and
// how long does it take to rebuild all balances from their events?
import { openDatabase, openKeyring, rebuildProjection, systemRandom } from '#core';
import { moneyProjections } from '#money';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '#core';
import { inFlight } from './bank.ts';
import type { Benchmark } from './run.ts';
import { type HttpClient, openHttpBank, type ServerProcess, startServerProcess } from './server.ts';

const accounts = 10_000;
const transfers = 1_000_000;
/** Items of one request, and requests in flight. */
const [page, width] = [500, 4];
const windows = [10_000, 100_000, 1_000_000];
/** The rate is measured over so many transfers before each of the windows' ends. */
const windowSize = 10_000;
const progressStep = 100_000;

export const rebuild: Benchmark = {
  title: 'A million transfers, in arrays over HTTP: flat cost, memory, rebuild of the balances',
  guess: {
    per_second_at_10000: 6_000,
    per_second_at_100000: 6_000,
    per_second_at_1000000: 5_500,
    resident_mb: 250,
    rebuild_seconds: 35,
  },
  targets: { resident_mb: { max: 350 }, rebuild_seconds: { max: 60 }, differences: { max: 0 } },
  async run(say) {
    const server = await startServerProcess();
    try {
      const { client, accounts: ids } = await openHttpBank(server, accounts, width);
      const figures = await load(client, ids, say);
      figures['resident_mb'] = await residentMb(client);
      const lastEvent = transfers + accounts;
      while (Number(await followed(server)) < lastEvent) await sleep(250);
      await client.close();
      const rebuilt = await rebuildBalances(server, say);
      return { ...figures, ...rebuilt };
    } finally {
      await server.close();
    }
  },
};

async function load(client: HttpClient, ids: string[], say: (line: string) => void) {
  const { uint32 } = seededRandom(5);
  const figures: Record<string, number> = {};
  let done = 0;
  let windowAt = 0;
  const startedAt = performance.now();
  await inFlight(transfers / page, width, async (index) => {
    const items = Array.from({ length: page }, () => {
      const debit = uint32() % ids.length;
      const credit = (debit + 1 + (uint32() % (ids.length - 1))) % ids.length;
      return {
        debit_account_id: ids[debit],
        credit_account_id: ids[credit],
        amount: 1 + (uint32() % 100_000),
        currency: 'EUR',
      };
    });
    const { status } = await client.post('/v1/transfers', items, `page-${index}`);
    if (status !== 200) throw new Error(`a page was answered with ${status}`);
    done += page;
    if (windows.includes(done + windowSize)) windowAt = performance.now();
    if (windows.includes(done)) {
      const from = windowAt === 0 ? startedAt : windowAt;
      figures[`per_second_at_${done}`] = (windowSize * 1000) / (performance.now() - from);
    }
    if (done % progressStep === 0) say(`${done} transfers`);
  });
  figures['per_second'] = (transfers * 1000) / (performance.now() - startedAt);
  return figures;
}

async function residentMb(client: HttpClient): Promise<number> {
  const text = await client.get('/metrics');
  return Number(/^process_resident_memory_bytes (\S+)$/m.exec(text)?.[1]) / 2 ** 20;
}

function openAsServer({ folder }: ServerProcess) {
  const keyring = openKeyring(folder, { random: systemRandom(), create: false });
  const { port, password } = JSON.parse(readFileSync(join(folder, 'postgres.json'), 'utf8')) as {
    port: number;
    password: string;
  };
  return openDatabase({
    url: `postgres://countersign_admin:${password}@127.0.0.1:${port}/countersign`,
    password: keyring.databasePassword,
    applicationName: 'bench',
  });
}

/** The position up to which the live projection has followed. */
async function followed(server: ServerProcess): Promise<bigint> {
  const database = openAsServer(server);
  try {
    const { rows } = await database
      .pool('app')
      .query<{ position: bigint }>(`select position from core.consumer where name = 'balances@1'`);
    return rows[0]?.position ?? 0n;
  } finally {
    await database.close();
  }
}

async function rebuildBalances(server: ServerProcess, say: (line: string) => void) {
  const [balances] = moneyProjections;
  if (balances === undefined) throw new Error('there is no projection');
  const database = openAsServer(server);
  try {
    const startedAt = performance.now();
    let told = 0;
    const { events, differences } = await rebuildProjection(
      balances,
      database.pool('app'),
      (done) => {
        if (done - told < 250_000) return;
        told = done;
        say(`${done} events folded`);
      },
    );
    const seconds = (performance.now() - startedAt) / 1000;
    return { rebuild_seconds: seconds, rebuild_events: events, differences };
  } finally {
    await database.close();
  }
}
