// `countersign replay`: recorded decisions made once more, by their own bundles, by another one, or
// on what a model says. It reads as a role that cannot write.
import { type ModelReplay, replayModel } from '#ai';
import { Fault, type Pool, withTx, listTenants } from '#core';
import {
  type Cohort,
  compileBundle,
  compileRecorded,
  parseBundle,
  type Program,
  type Replayed,
  replayDecisions,
  replayDrift,
  type Span,
} from '#policy';
import { existsSync, readFileSync } from 'node:fs';
import { printDrift } from './drift.ts';
import { type GlobalOptions, withDatabase } from './installation.ts';
import { createProgress } from './progress.ts';
import { printSimulation } from './simulate.ts';
import { spanOf } from './span.ts';
import { grouped } from './table.ts';

export type ReplayOptions = GlobalOptions & {
  readonly from?: string;
  readonly to?: string;
  readonly policy?: string;
  readonly model?: { readonly name: string; readonly version: number };
  readonly tenant?: string;
  readonly account?: string;
  readonly accounts?: string;
  readonly where?: NonNullable<Cohort['where']>;
  readonly json?: boolean;
};

export async function replay(options: ReplayOptions): Promise<void> {
  const { policy, model, account, json: isJson = false } = options;
  const bounds = { ...spanOf(options), cohort: cohortOf(options) };
  if (model && options.tenant === undefined) {
    throw new Fault('input_invalid', '--tenant says whose model it is');
  }
  await withDatabase(options, 'replay', async (database) => {
    const pool = database.pool('sim');
    const tenants = await tenantsOf(pool, options.tenant);
    const spans: Span[] = tenants.map((tenant) => ({ tenant, account, ...bounds }));
    if (policy === undefined && !model) return replaySame(pool, spans, isJson);
    const other = policy === undefined ? undefined : await otherPolicy(pool, spans, policy);
    if (model) return replayByModel(pool, spans, { ...model, policy: other?.program, isJson });
    if (other) await replayOther(pool, other.spans, other.program, isJson);
  });
}

/** Whom `--accounts` and `--where` mean; everybody without them. */
function cohortOf({ accounts: path, where }: ReplayOptions): Cohort {
  if (path === undefined) return { where };
  const accounts = new Set(
    readFileSync(path, 'utf8')
      .split(/\s+/)
      .filter((each) => each !== ''),
  );
  if (accounts.size === 0) throw new Fault('input_invalid', `${path} names no account`);
  return { accounts, where };
}

async function replaySame(pool: Pool, spans: readonly Span[], isJson: boolean): Promise<void> {
  const bar = createProgress({ label: 'replaying', unit: 'decisions' });
  const program = compileRecorded(pool);
  const replayed = await replayDecisions(pool, spans, { program, progress: bar.update });
  bar.finish();
  if (isJson) console.log(JSON.stringify(replayed));
  else tellReplayed(replayed);
  if (replayed.identical < replayed.decisions) process.exitCode = 1;
}

function tellReplayed({ decisions, identical, score, unrepeated }: Replayed): void {
  if (decisions === 0) {
    console.log('no decision lies there: nothing was made again');
    return;
  }
  for (const { tenant, position, decision_id, fields, trouble } of unrepeated) {
    const what = trouble ?? `${fields.join(', ')} came out otherwise`;
    console.log(`✗ ${tenant} at position ${position} (${decision_id}): ${what}`);
  }
  const [mark, missed] = identical === decisions ? ['✓', ''] : ['✗', ` of ${grouped(decisions)}`];
  // Rounded down: 100 % is said of nothing less.
  const percent = Math.floor(score * 10_000) / 100;
  console.log(
    `${mark} ${grouped(identical)}${missed} decisions came out the same: ` +
      `replay determinism score ${percent} %`,
  );
}

async function replayOther(
  pool: Pool,
  spans: readonly Span[],
  program: Program,
  isJson: boolean,
): Promise<void> {
  const bar = createProgress({ label: `replaying by ${program.version}`, unit: 'decisions' });
  const report = await replayDrift(pool, spans, program, { progress: bar.update });
  bar.finish();
  if (isJson) console.log(JSON.stringify({ version: program.version, ...report }));
  else printDrift(report);
}

async function replayByModel(
  pool: Pool,
  spans: readonly Span[],
  options: NonNullable<ReplayOptions['model']> & {
    readonly policy: Program | undefined;
    readonly isJson: boolean;
  },
): Promise<void> {
  const { name, version, policy, isJson } = options;
  const bar = createProgress({ label: `replaying by ${name} ${version}`, unit: 'scores' });
  const program = compileRecorded(pool);
  const reports: ModelReplay[] = [];
  for (const span of spans) {
    const asked = { name, version, policy, program, progress: bar.update };
    reports.push(await replayModel(pool, span, asked));
  }
  bar.finish();
  for (const report of reports) {
    if (isJson) console.log(JSON.stringify(report));
    else {
      printSimulation(report.model);
      console.log('');
      printDrift(report.decisions);
    }
  }
}

/** A bundle from a file, or on record; and the spans that it has a say on. */
async function otherPolicy(pool: Pool, spans: readonly Span[], policy: string) {
  if (!existsSync(policy)) return bundleNamed(pool, spans, policy);
  return { program: compileBundle(parseBundle(readJson(policy))), spans };
}

/** A bundle on record, and the tenants that have it: it says nothing about others. */
async function bundleNamed(pool: Pool, spans: readonly Span[], policy: string) {
  const [, name, digest] = /^(?:([a-z][a-z0-9-]*)@)?([0-9a-f]{12,64})$/.exec(policy) ?? [];
  const programs = compileRecorded(pool);
  const having: { span: Span; digest: string }[] = [];
  for (const span of digest === undefined ? [] : spans) {
    const rows = await withTx(
      pool,
      async (tx) => {
        const found = await tx.query<{ digest: string }>(
          `select digest from policy.bundle
            where starts_with(digest, $1) and ($2::text is null or name = $2)`,
          [digest, name ?? null],
        );
        return found.rows;
      },
      { tenant: span.tenant, readOnly: true },
    );
    having.push(...rows.map((row) => ({ span, digest: row.digest })));
  }
  const [first] = having;
  if (first === undefined || new Set(having.map((each) => each.digest)).size > 1) {
    const kinds = 'a digest, a version such as rail-routing@0123456789ab, or a file';
    const what = first === undefined ? 'no bundle' : 'more than one bundle';
    throw new Fault('input_invalid', `${policy} is ${what} on record: give ${kinds}`);
  }
  const program = await programs(first.span.tenant, first.digest);
  return { program, spans: having.map(({ span }) => span) };
}

async function tenantsOf(pool: Pool, wanted: string | undefined): Promise<readonly string[]> {
  const ids = await listTenants(pool);
  if (wanted === undefined) return ids;
  if (!ids.includes(wanted)) throw new Fault('input_invalid', `there is no tenant ${wanted}`);
  return [wanted];
}

export function readJson(path: string) {
  const text = readFileSync(path, 'utf8');
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Fault('input_invalid', `${path} is no JSON file: ${(cause as Error).message}`, {
      cause,
    });
  }
}
