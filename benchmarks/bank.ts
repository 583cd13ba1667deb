// What every benchmark measures on: a whole installation in a temporary folder, with open accounts.
import {
  type Command,
  type CommandInput,
  type Json,
  newCommand,
  seededRandom,
  systemClock,
} from '#core';
import { createTenant } from '#api';
import { openedAccountId } from '../src/api/accounts.ts';
import type { Planes } from '#main';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog, type ProcessRole, type Server, serve } from '../src/serve.ts';

export const tenant = 'bench';

export type BenchBank = {
  readonly server: Server;
  readonly planes: Planes;
  readonly apiKey: string;
  /** Public ids of open accounts without bounds. */
  readonly accounts: readonly string[];
  readonly command: (operation: string, body: Json, key: string) => Command;
  readonly close: () => Promise<void>;
};

export async function openBenchBank(options: {
  readonly accounts: number;
  readonly roles: readonly ProcessRole[];
}): Promise<BenchBank> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
  chmodSync(folder, 0o755);
  const server = await serve({
    folder,
    host: '127.0.0.1',
    port: 0,
    databaseUrl: undefined,
    roles: new Set(options.roles),
    log: createLog('error'),
    version: 'bench',
    progress: () => undefined,
    environment: {},
  });
  const { planes } = server;
  const created = await createTenant(planes, {
    tenant,
    name: 'Benchmark',
    timeZone: 'UTC',
    createdBy: 'service:bench',
    idempotencyKey: 'bench',
  });
  const [clock, random] = [systemClock(), seededRandom(1)];
  const principal = { kind: 'service', id: 'bench', tenant } as const;
  const command = (operation: string, body: Json, idempotencyKey: string) => {
    const input: CommandInput<Json> = { principal, operation, body, idempotencyKey };
    return newCommand(input, { clock, random });
  };
  const accounts = await openAccounts(planes, options.accounts, command);
  return {
    server,
    planes,
    apiKey: created.apiKey.secret,
    accounts,
    command,
    async close() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function openAccounts(
  planes: Planes,
  count: number,
  command: BenchBank['command'],
): Promise<string[]> {
  const ids: string[] = [];
  await inFlight(count, 2_000, async (index) => {
    const body = { type: 'liability', currency: 'EUR', bound: 'none' };
    const { commandId } = await planes.executeCommand(command('account.open', body, `a${index}`));
    ids.push(openedAccountId(commandId));
  });
  return ids;
}

/** Runs `work` for 0 … count−1, at most `width` of them at once. */
export async function inFlight(
  count: number,
  width: number,
  work: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) {
      const index = next;
      next += 1;
      await work(index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, count) }, worker));
}

export function quantile(sorted: ArrayLike<number>, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

export function sortedTimes(times: readonly number[]): Float64Array {
  return Float64Array.from(times).sort();
}
