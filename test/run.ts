// The test runner: one embedded PostgreSQL for all files, a migrated template, then `node --test`.
//   node test/run.ts [unit|api|capabilities|sim|faults|e2e] [file…]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { migrate } from '../src/core/migrate.ts';
import { type Postgres, startPostgres } from '../src/core/postgres.ts';
import { testPassword, testTemplate } from './database.ts';

/** What takes long goes with what it is about. */
const longer = {
  faults: 'src/core/{backup,postgres}.test.ts',
  sim: [
    'simulators/**/*.test.ts',
    'src/cores/mirrored/!(core|vendors).test.ts',
    'test/{replay,core-replay,points-replay,scoring}.test.ts',
  ],
};

const suites = {
  unit: {
    files: [...['src/!(api|capabilities)/**/*.test.ts', 'src/*.test.ts'], 'test/*.test.ts'],
    timeoutMs: 60_000,
  },
  api: { files: ['src/api/**/*.test.ts'], timeoutMs: 60_000 },
  capabilities: { files: ['src/capabilities/**/*.test.ts'], timeoutMs: 60_000 },
  sim: { files: ['test/sim/*.test.ts', ...longer.sim], timeoutMs: 600_000 },
  faults: { files: ['test/faults/*.test.ts', longer.faults], timeoutMs: 600_000 },
  e2e: { files: ['test/e2e/*.test.ts'], timeoutMs: 300_000 },
};

const project = fileURLToPath(new URL('..', import.meta.url));
const filesAtOnce = 2;
const runMaxMs = 20 * 60_000;

process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<number> {
  const startedAt = performance.now();
  const named = Object.hasOwn(suites, args[0] ?? '');
  const suite = suites[named ? (args[0] as keyof typeof suites) : 'unit'];
  const given = named ? args.slice(1) : args;
  const exclude = suite === suites.unit ? [longer.faults, ...longer.sim] : [];
  const found = () => globSync(suite.files, { cwd: project, exclude }).sort();
  const files = given.length > 0 ? given : found();
  if (files.length === 0) {
    console.error(`there are no test files: ${suite.files.join(', ')}`);
    return 1;
  }

  const interrupted = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(name, () => interrupted.abort());
  }
  const folder = mkdtempSync(join(tmpdir(), 'countersign-test-'));
  // As root, PostgreSQL runs as another user, who must be able to pass.
  chmodSync(folder, 0o755);
  let postgres: Postgres | undefined;
  try {
    postgres = await startPostgres({ folder, log: console, progress: () => undefined });
    await makeTemplate(postgres);
    if (interrupted.signal.aborted) return 130;
    return await runTests({
      files,
      timeoutMs: suite.timeoutMs,
      url: postgres.superuserUrl('postgres'),
      folder,
      signal: interrupted.signal,
    });
  } finally {
    await postgres?.stop();
    rmSync(folder, { recursive: true, force: true });
    console.log(`total ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
  }
}

async function makeTemplate(postgres: Postgres): Promise<void> {
  const client = new pg.Client({ connectionString: postgres.superuserUrl('postgres') });
  await client.connect();
  try {
    await client.query(`create database ${testTemplate}`);
    await migrate({
      url: postgres.superuserUrl(testTemplate),
      password: testPassword,
      progress: () => undefined,
    });
    // A template with a session in it cannot be copied.
    await client.query(`alter database ${testTemplate} is_template true allow_connections false`);
  } finally {
    await client.end();
  }
}

async function runTests({
  files,
  timeoutMs,
  url,
  folder,
  signal,
}: {
  files: string[];
  timeoutMs: number;
  url: string;
  folder: string;
  signal: AbortSignal;
}): Promise<number> {
  const child = spawn(
    process.execPath,
    [
      '--test',
      '--test-reporter=spec',
      `--test-timeout=${timeoutMs}`,
      `--test-concurrency=${filesAtOnce}`,
      ...files,
    ],
    {
      cwd: project,
      stdio: 'inherit',
      // Temporary files of the tests lie in our folder: they go with it, even after a kill.
      // What one file has compiled, the next need not: half a second for each of them.
      env: {
        ...process.env,
        COUNTERSIGN_TEST_URL: url,
        TMPDIR: folder,
        NODE_COMPILE_CACHE: join(folder, 'compiled'),
      },
    },
  );
  // A failed test may leave sockets open, and its file would wait for ever; to force every file to
  // its end instead would cut off what it has still to tell.
  const late = AbortSignal.any([signal, AbortSignal.timeout(runMaxMs)]);
  late.addEventListener('abort', () => child.kill('SIGTERM'), { once: true });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 130;
}
