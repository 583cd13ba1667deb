// Runs one benchmark: npm run bench -- NAME [--json]
import { execSync, type StdioOptions } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { consoleBenchmark } from './console.ts';
import { cores } from './cores.ts';
import { decisionsBenchmark as decisions } from './decisions.ts';
import { entitlements } from './entitlements.ts';
import { features } from './features.ts';
import { gateway } from './gateway.ts';
import { http } from './http.ts';
import { liability } from './liability.ts';
import { limits } from './limits.ts';
import { loyalty } from './loyalty.ts';
import { masking } from './masking.ts';
import { offers } from './offers.ts';
import { posting } from './posting.ts';
import { rebuild } from './rebuild.ts';
import { replay } from './replay.ts';
import { rtpDay } from './rtp-day.ts';
import { scoring } from './scoring.ts';
import { screening } from './screening.ts';
import { trees } from './trees.ts';

/** Measured figures by name; rates per second, times in milliseconds, unless the name says. */
export type Figures = Readonly<Record<string, number>>;

export type Benchmark = {
  readonly title: string;
  /** Written before the first measurement, and left as it was. */
  readonly guess: Figures;
  /** What must hold; a smaller (`max`) or larger (`min`) figure fails the run. */
  readonly targets: Readonly<Record<string, { readonly min?: number; readonly max?: number }>>;
  readonly run: (say: (line: string) => void) => Promise<Figures>;
};

const benchmarks: Readonly<Record<string, Benchmark>> = {
  console: consoleBenchmark,
  cores,
  decisions,
  entitlements,
  features,
  gateway,
  posting,
  http,
  liability,
  limits,
  loyalty,
  masking,
  offers,
  rebuild,
  replay,
  'rtp-day': rtpDay,
  scoring,
  screening,
  trees,
};

const args = process.argv.slice(2);
const isJson = args.includes('--json');
const name = args.find((arg) => !arg.startsWith('--')) ?? '';
const benchmark = benchmarks[name];

if (benchmark === undefined) {
  console.error(`Usage: npm run bench -- NAME [--json]
There are: ${Object.keys(benchmarks).join(', ')}`);
  process.exitCode = 2;
} else {
  const figures = await benchmark.run((line) => console.error(line));
  const missed = tell(benchmark, figures);
  if (isJson) console.log(JSON.stringify({ benchmark: name, ...place(), figures, missed }));
}

function tell({ title, guess, targets }: Benchmark, figures: Figures): string[] {
  const missed: string[] = [];
  console.log(`${title}\n`);
  for (const [figure, value] of Object.entries(figures)) {
    const { min, max } = targets[figure] ?? {};
    const target = min !== undefined ? `≥ ${min}` : max !== undefined ? `≤ ${max}` : '';
    const isMissed = (min !== undefined && value < min) || (max !== undefined && value > max);
    if (isMissed) missed.push(figure);
    const line = [
      figure.padEnd(36),
      format(value).padStart(12),
      `guess ${figure in guess ? format(guess[figure] as number) : '–'}`.padStart(18),
      target.padStart(12),
      isMissed ? '  missed' : '',
    ];
    console.log(line.join(' '));
  }
  const { commit, machine } = place();
  console.log(`\n${machine}, commit ${commit}`);
  return missed;
}

function format(value: number): string {
  return value >= 100
    ? Math.round(value).toLocaleString('en')
    : String(Number(value.toPrecision(3)));
}

function place(): { commit: string; machine: string } {
  const all = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  let commit = 'unknown';
  try {
    const stdio: StdioOptions = ['ignore', 'pipe', 'ignore'];
    commit = execSync('git rev-parse --short HEAD', { stdio }).toString().trim();
  } catch {
    // Not a checkout.
  }
  return { commit, machine: `${all.length} × ${all[0]?.model ?? 'CPU'}, ${memory} GiB` };
}
