// `countersign start`: serve until stopped.
import { writeDurably } from '#core';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Server } from '../serve.ts';
import { buildConsole, isConsoleBuilt } from './console-build.ts';
import { connectedCore, type CoreOptions } from './core-options.ts';
import { type StartOptions, say, signalled, startServer, version } from './installation.ts';

export type ServingOptions = StartOptions &
  CoreOptions & {
    /** Synthetic operations a second for the demo bank; none unless asked for. */
    readonly traffic?: number;
  };

export async function start(options: ServingOptions): Promise<void> {
  const startedAt = performance.now();
  // Listened for from the beginning: a start that is told to stop leaves no PostgreSQL behind.
  const stopped = signalled();
  const connected = await connectedCore(options, say);
  const server = await startServer({ ...options, connected });
  const bankKey = connected ? keptBankKey(options.data, connected.tenant, server.bankKey) : '';
  const keyFile = keepKey(options.data, 'operator', server.operatorKey);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const { url } = server;
  const isBuilt = isConsoleBuilt();
  say(`Countersign ${version} is ready after ${seconds} s

  console   ${url}/${isBuilt ? '' : '  (is being built, once: some ten seconds)'}
  API       ${url}/v1
  docs      ${url}/docs
  health    ${url}/healthz  ${url}/readyz  ${url}/metrics
  key       ${keyFile} (the operator's: it creates tenants)${bankKey}

Ctrl-C stops it.`);
  const quiet = new AbortController();
  const building = isBuilt ? undefined : readyConsole(url, quiet.signal);
  const living = live(server, options, quiet.signal);
  await Promise.race([stopped, server.failed.then(tell)]);
  say('stopping');
  quiet.abort();
  await Promise.all([living, building]);
  await server.stop();
}

/** A line that says where the administrator's key is; made with the bank, it is kept now. */
function keptBankKey(folder: string, tenant: string, secret: string | undefined): string {
  const file = join(folder, 'api-keys', tenant);
  if (secret !== undefined) keepKey(folder, tenant, secret);
  else if (!existsSync(file)) return '';
  return `\n            ${file} (the administrator's of ${tenant})`;
}

/** The API answers already; a console that is not there yet is built now. */
async function readyConsole(url: string, signal: AbortSignal): Promise<void> {
  try {
    await buildConsole(signal);
    say(`the console is built: ${url}/`);
  } catch (error) {
    if (!signal.aborted) say((error as Error).message);
  }
}

/** Whatever becomes of the traffic, the server goes on. */
async function live(server: Server, options: ServingOptions, signal: AbortSignal): Promise<void> {
  const { data, traffic: perSecond } = options;
  if (perSecond === undefined) return;
  const { keepLiving } = await import('./traffic.ts');
  const { url, operatorKey } = server;
  const bank = { url, operatorKey, server };
  await keepLiving(bank, { data, perSecond }, signal).catch((error: unknown) => {
    say(`the synthetic traffic has ended: ${(error as Error).message}`);
  });
}

/** Keeps an API key where its owner finds it and nobody else can read it. */
export function keepKey(folder: string, name: string, secret: string): string {
  const keys = join(folder, 'api-keys');
  mkdirSync(keys, { recursive: true, mode: 0o700 });
  const path = join(keys, name);
  writeDurably(path, `${secret}\n`, 0o600);
  return path;
}

function tell(error: Error): void {
  say(`countersign: ${error.message}`);
  process.exitCode = 1;
}
