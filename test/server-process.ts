// A server in a process of its own, on a port that stays, to be killed and started again.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const cli = fileURLToPath(new URL('../src/cli/countersign.ts', import.meta.url));

export type ServerProcess = {
  readonly folder: string;
  readonly url: string;
  /** Everything that the process has said since its last start. */
  readonly output: () => string;
  /** By PORT in the environment, or by --port. */
  readonly start: (options?: RunOptions) => Promise<void>;
  /** SIGKILL, as the kernel or a power cut would; resolves when it is gone. */
  readonly kill: () => Promise<void>;
  /** SIGKILL to PostgreSQL alone. */
  readonly killPostgres: () => Promise<void>;
  readonly operatorKey: () => string;
  /** Of the process as it runs now. */
  readonly pid: () => number | undefined;
  /** SIGTERM; answers the exit code. */
  readonly stop: () => Promise<number | null>;
  /** Runs a command of the command line on the same data folder. */
  readonly run: (...args: string[]) => Promise<Ran>;
  readonly remove: () => void;
};

export type RunOptions = {
  readonly environment?: Readonly<Record<string, string>>;
  /** Of `start`, besides its port. */
  readonly args?: readonly string[];
};

export type Ran = {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
};

const readyTimeoutMs = 60_000;

export async function serverProcess(): Promise<ServerProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-server-'));
  // As root, PostgreSQL runs as another user, who must be able to pass.
  chmodSync(folder, 0o755);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;
  let output = '';

  return {
    folder,
    url,
    output: () => output,
    pid: () => child?.pid,
    async start({ environment = {}, args: more = [] } = {}) {
      output = '';
      const args = [cli, '--data', folder, 'start', ...more];
      if (environment['PORT'] === undefined) args.push('--port', String(port));
      const env = environmentOf(environment);
      const started = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
      child = started;
      for (const stream of [started.stdout, started.stderr]) {
        stream.on('data', (chunk: Buffer) => {
          output = (output + chunk).slice(-100_000);
        });
      }
      const deadline = performance.now() + readyTimeoutMs;
      while (!(await isReady(url))) {
        if (started.exitCode !== null) throw new Error(`the server ended: ${output}`);
        if (performance.now() > deadline) throw new Error(`the server is not ready: ${output}`);
        await sleep(50);
      }
    },
    async kill() {
      const gone = once(child as ChildProcess, 'exit');
      child?.kill('SIGKILL');
      await gone;
    },
    async killPostgres() {
      const deadline = performance.now() + readyTimeoutMs;
      // The one before may be gone, and the next not yet there.
      while (!killPostmaster(folder, child?.pid)) {
        if (performance.now() > deadline) throw new Error(`PostgreSQL does not run: ${output}`);
        await sleep(20);
      }
    },
    operatorKey: () => readFileSync(join(folder, 'api-keys', 'operator'), 'utf8').trim(),
    async stop() {
      if (child === undefined || child.exitCode !== null) return child?.exitCode ?? null;
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
      return child.exitCode;
    },
    run: (...args) => runCli('--data', folder, ...args),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Creates a tenant, and answers the key of its administrator. */
export async function openTenant(
  { url, operatorKey }: Pick<ServerProcess, 'url' | 'operatorKey'>,
  id: string,
): Promise<string> {
  const answer = await fetch(`${url}/v1/tenants`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${operatorKey()}`,
      'content-type': 'application/json',
      'idempotency-key': 'tenant',
    },
    body: JSON.stringify({ tenant_id: id, name: id }),
  });
  const { api_key } = (await answer.json()) as { api_key: { secret: string } };
  return api_key.secret;
}

function killPostmaster(folder: string, server: number | undefined): boolean {
  try {
    const text = readFileSync(join(folder, 'pgdata', 'postmaster.pid'), 'utf8');
    const pid = Number(text.split('\n', 1)[0]);
    // A stale lock bears the id of the server until its PostgreSQL takes it.
    return pid !== server && process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
}

export function runCli(...args: string[]): Promise<Ran> {
  return runCliWith({}, ...args);
}

export async function runCliWith(
  { environment = {} }: RunOptions,
  ...args: string[]
): Promise<Ran> {
  const child = spawn(process.execPath, [cli, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environmentOf(environment),
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

async function isReady(url: string): Promise<boolean> {
  return fetch(`${url}/readyz`).then(
    (answer) => answer.ok,
    () => false,
  );
}

export async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/** Ours, and a place to keep compiled code: tests start many processes of the same program. */
function environmentOf(more: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'compiled'), ...more };
}
