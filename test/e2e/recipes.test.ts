// The recipes of points and offers are run from top to bottom at a demo bank, as a reader would by
// copy and paste: what each block of the shell prints has the shape that the page shows.
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { approved, deskOf } from '../../src/cli/demo-desk.ts';
import { serverProcess } from '../server-process.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const [settledMaxMs, ranMaxMs] = [120_000, 120_000];
const tools = ['bash', 'curl', 'jq', 'awk'] as const;
const missing = tools.filter((tool) => !isThere(tool));
const skip = missing.length > 0 ? `there is no ${missing.join(', ')}` : false;
/** Of an answer, the members whose words are the point of it. */
const telling = new Set(['code', 'status', 'entry', 'subject_kind', 'verdict', 'mode', 'is_right']);

describe('recipes', { skip, concurrency: false }, () => {
  let server: Awaited<ReturnType<typeof serverProcess>>;
  const folder = mkdtempSync(join(tmpdir(), 'countersign-recipes-'));

  before(async () => {
    server = await serverProcess();
    await server.start({ args: ['--traffic', '1'] });
    const deadline = performance.now() + settledMaxMs;
    while (!server.output().includes('synthetic operations')) {
      assert.ok(performance.now() < deadline, `there is no demo bank: ${server.output()}`);
      await sleep(100);
    }
    cpSync(join(root, 'programs'), join(folder, 'programs'), { recursive: true });
    await holdNobodyOut();
  });
  after(async () => {
    await server?.stop();
    server?.remove();
    rmSync(folder, { recursive: true });
  });

  /** Whom chance keeps from offers is none of the recipe. */
  async function holdNobodyOut() {
    const apiKey = readFileSync(join(server.folder, 'api-keys/demo-bank'), 'utf8').trim();
    const tenant = { id: 'demo-bank', apiKey, systemKey: '' };
    const bank = { url: server.url, operatorKey: '', server: undefined };
    await approved(
      deskOf(bank, tenant, server.folder, 'nobody held out'),
      '/v1/offers/experiments/settings',
      {
        ...{ holdout_bps: 0, holdout_months: 6, analysis_days: 28, control_bps: 0 },
        ...{ exploration_bps: 0, attribution_days: 30 },
        breaker: {
          ...{ complaints_ppm: 5_000, presented_min: 500, core_failures: 50, window_hours: 24 },
        },
      },
    );
  }

  async function follow(...names: readonly string[]) {
    const steps = names.flatMap(stepsOf);
    const script = steps.map(({ shell }, number) => `echo '@@ ${number}'\n${shell}`).join('\n');
    const here = script
      .replaceAll('http://127.0.0.1:7400', server.url)
      .replaceAll('.countersign/', `${server.folder}/`);
    const options = { cwd: folder, timeout: ranMaxMs, maxBuffer: 1 << 24 };
    const { stdout } = await promisify(execFile)('bash', ['-c', here], options);
    const parts = stdout.split(/^@@ \d+\n/m).slice(1);
    for (const [number, { where, shell, shown }] of steps.entries()) {
      const printed = valuesIn(parts[number] ?? '');
      for (const [index, each] of valuesIn(shown).entries()) {
        const about = `${where}\n${shell}\nhas printed\n${parts[number]}`;
        assert.deepEqual(shapeOf(printed[index], each), shapeOf(each, printed[index]), about);
      }
    }
  }

  test('a programme is published; points are earned, redeemed, and given by a campaign', () =>
    follow('publish-a-loyalty-program', 'earn-points', 'redeem-points', 'run-a-campaign'));
  test('an action is published, offered, accepted, measured and stopped', () =>
    follow('run-an-offer'));
});

type Step = { readonly where: string; readonly shell: string; readonly shown: string };

/** Blocks of the shell, each with the last block of JSON before the next one. */
function stepsOf(name: string): Step[] {
  const where = `docs/recipes/${name}.md`;
  const [, ...parts] = readFileSync(join(root, where), 'utf8').split(/^```sh\n/m);
  return parts.map((part) => {
    const [shell = '', ...rest] = part.split(/^```\n/m);
    const shown = [...rest.join('```\n').matchAll(/^```json\n([^`]*)/gm)].at(-1)?.[1] ?? '';
    return { where, shell, shown };
  });
}

/** JSON values among other lines: each begins a line, and goes on until it is whole. */
function valuesIn(text: string): unknown[] {
  const values: unknown[] = [];
  let open = '';
  for (const line of text.split('\n')) {
    if (open === '' && !/^[[{"]/.test(line)) continue;
    open += `${line}\n`;
    try {
      values.push(JSON.parse(open));
      open = '';
    } catch {
      // It goes on.
    }
  }
  return values;
}

/** Members and kinds of values, and the words that tell; what is null in either may be anything. */
function shapeOf(value: unknown, other: unknown): unknown {
  if (value === null || other === null) return 'anything';
  if (Array.isArray(value)) return 'a list';
  if (typeof value !== 'object') return typeof value;
  const of = (other ?? {}) as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.entries(value as object)
      .map(([key, each]) => [key, telling.has(key) ? each : shapeOf(each, of[key])] as const)
      .sort(([one], [two]) => (one < two ? -1 : 1)),
  );
}

function isThere(tool: string): boolean {
  try {
    execFileSync('bash', ['-c', `command -v ${tool}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
