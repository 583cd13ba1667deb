// A server in a process of its own, as `npm start` runs it, for benchmarks that speak HTTP.
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
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

export async function startServerProcess(): Promise<ServerProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
  chmodSync(folder, 0o755);
  const startedAt = performance.now();
  // The flag is that of `npm start`.
  const args = ['--max-semi-space-size=16', cli, '--data', folder, 'start', '--port', '0'];
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  const url = await readyUrl(child);
  return {
    url,
    folder,
    readyMs: performance.now() - startedAt,
    operatorKey: readFileSync(join(folder, 'api-keys', 'operator'), 'utf8').trim(),
    process: child,
    async close() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function readyUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const timer = setTimeout(() => reject(new Error(`not ready: ${text}`)), startTimeoutMs);
    child.stderr?.on('data', (chunk: Buffer) => {
      text += chunk;
      const url = /API +(http\S+)\/v1/.exec(text)?.[1];
      if (url !== undefined && text.includes('Ctrl-C')) {
        clearTimeout(timer);
        resolve(url);
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
