// A server in a process of its own, as `npm start` runs it, for benchmarks that speak HTTP.
import { startPostgres } from '#core';
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Pool } from 'undici';

const cli = fileURLToPath(new URL('../src/cli/countersign.ts', import.meta.url));

export type ServerProcess = {
  readonly url: string;
  readonly folder: string;
  /** Milliseconds from its start until it said that it is ready. */
  readonly readyMs: number;
  readonly operatorKey: string;
  readonly process: ChildProcess;
  readonly close: () => Promise<void>;
};

const startTimeoutMs = 60_000;

/** `roles` are all unless given: then others are to be started beside it. */
export async function startServerProcess(roles?: string): Promise<ServerProcess> {
  const folder = newFolder();
  const startedAt = performance.now();
  const child = start(folder, roles);
  const url = await readyUrl(child);
  return {
    url,
    folder,
    readyMs: performance.now() - startedAt,
    operatorKey: readFileSync(join(folder, 'api-keys', 'operator'), 'utf8').trim(),
    process: child,
    close: () => stop(child, folder),
  };
}

/** What a server with other roles leaves to it, as docs/operating/scaling.md has it. */
export async function startWorkerBeside(server: ServerProcess): Promise<() => Promise<void>> {
  const folder = newFolder();
  cpSync(join(server.folder, 'keys'), join(folder, 'keys'), { recursive: true });
  const log = { info: () => undefined, warn: () => undefined };
  // It runs already: this only says where.
  const postgres = await startPostgres({ folder: server.folder, log, progress: () => undefined });
  const child = start(folder, 'worker', { DATABASE_URL: postgres.superuserUrl('countersign') });
  await ready(child, /Ctrl-C/);
  return () => stop(child, folder);
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
  chmodSync(folder, 0o755);
  return folder;
}

function start(folder: string, roles: string | undefined, env: NodeJS.ProcessEnv = {}) {
  // The flag is that of `npm start`.
  const args = ['--max-semi-space-size=16', cli, '--data', folder, 'start', '--port', '0'];
  return spawn(process.execPath, [...args, ...(roles ? ['--roles', roles] : [])], {
    stdio: ['ignore', 'inherit', 'pipe'],
    env: { ...process.env, ...env },
  });
}

async function stop(child: ChildProcess, folder: string): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
  rmSync(folder, { recursive: true, force: true });
}

async function readyUrl(child: ChildProcess): Promise<string> {
  const text = await ready(child, /API +http\S+\/v1[\s\S]*Ctrl-C/);
  return /API +(http\S+)\/v1/.exec(text)?.[1] ?? '';
}

/** All that it has said when it said that it is ready. */
function ready(child: ChildProcess, said: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const timer = setTimeout(() => reject(new Error(`not ready: ${text}`)), startTimeoutMs);
    child.stderr?.on('data', (chunk: Buffer) => {
      text += chunk;
      if (said.test(text)) {
        clearTimeout(timer);
        resolve(text);
      }
    });
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${text}`)));
  });
}

/** The few fields that benchmarks read. */
type HttpAnswer = {
  readonly status: number;
  readonly json: {
    readonly api_key: { readonly secret: string };
    readonly items: readonly { readonly account: { readonly id: string } }[];
  };
};

export type HttpClient = {
  readonly post: (path: string, body: unknown, key: string) => Promise<HttpAnswer>;
  readonly get: (path: string) => Promise<string>;
  readonly close: () => Promise<void>;
};

export function httpClient(url: string, apiKey: string, connections: number): HttpClient {
  const pool = new Pool(url, { connections, pipelining: 1 });
  const authorization = `Bearer ${apiKey}`;
  return {
    async post(path, body, key) {
      const answer = await pool.request({
        method: 'POST',
        path,
        headers: { authorization, 'content-type': 'application/json', 'idempotency-key': key },
        body: JSON.stringify(body),
      });
      return { status: answer.statusCode, json: (await answer.body.json()) as HttpAnswer['json'] };
    },
    async get(path) {
      const answer = await pool.request({ method: 'GET', path, headers: { authorization } });
      return answer.body.text();
    },
    close: () => pool.close(),
  };
}

/** A tenant with open accounts; answers a client that speaks for it, and the accounts' ids. */
export async function openHttpBank(server: ServerProcess, count: number, connections: number) {
  const operator = httpClient(server.url, server.operatorKey, 1);
  const made = await operator.post('/v1/tenants', { tenant_id: 'bench', name: 'Bench' }, 'bench');
  await operator.close();
  const client = httpClient(server.url, made.json.api_key.secret, connections);
  return { client, accounts: await openAccounts(client, count) };
}

export async function openAccounts(client: HttpClient, count: number): Promise<string[]> {
  const accounts: string[] = [];
  const page = 1_000;
  for (let from = 0; from < count; from += page) {
    const items = Array.from({ length: Math.min(page, count - from) }, () => ({
      type: 'liability',
      currency: 'EUR',
      bound: 'none',
    }));
    const { json } = await client.post('/v1/accounts', items, `accounts-${from}`);
    for (const { account } of json.items) accounts.push(account.id);
  }
  return accounts;
}
