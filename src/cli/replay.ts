// `countersign replay`: recorded decisions made once more, by their own bundles or by another one.
// It reads as a role that cannot write.
import { Fault, instantFromText, type Pool, withTx } from '#core';
import {
  type Bound,
  compileBundle,
  compileRecorded,
  parseBundle,
  type Replayed,
  replayDecisions,
  replayDrift,
  type Span,
} from '#policy';
import { existsSync, readFileSync } from 'node:fs';
import { printDrift } from './drift.ts';
import { type GlobalOptions, withDatabase } from './installation.ts';
import { createProgress } from './progress.ts';
import { grouped } from './table.ts';

export type ReplayOptions = GlobalOptions & {
  readonly from?: string;
  readonly to?: string;
  readonly policy?: string;
  readonly tenant?: string;
  readonly account?: string;
  readonly json?: boolean;
};

export async function replay(options: ReplayOptions): Promise<void> {
  const { policy, account, json: isJson = false } = options;
  const bounds = spanOf(options);
  await withDatabase(options, 'replay', async (database) => {
    const pool = database.pool('sim');
    const tenants = await tenantsOf(pool, options.tenant);
    const spans: Span[] = tenants.map((tenant) => ({ tenant, account, ...bounds }));
    if (policy === undefined) await replaySame(pool, spans, isJson);
    else await replayOther(pool, spans, policy, isJson);
  });
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
  policy: string,
  isJson: boolean,
): Promise<void> {
  const isFile = existsSync(policy);
  const found = isFile ? undefined : await bundleNamed(pool, spans, policy);
  const program = found ? found.program : compileBundle(parseBundle(readJson(policy)));
  const bar = createProgress({ label: `replaying by ${program.version}`, unit: 'decisions' });
  const report = await replayDrift(pool, found?.spans ?? spans, program, bar.update);
  bar.finish();
  if (isJson) console.log(JSON.stringify({ version: program.version, ...report }));
  else printDrift(report);
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

async function tenantsOf(pool: Pool, wanted: string | undefined): Promise<string[]> {
  const tenants = await withTx(
    pool,
    async (tx) =>
      (await tx.query<{ tenant: string }>('select tenant_id as tenant from core.list_tenants()'))
        .rows,
    { readOnly: true },
  );
  const ids = tenants.map(({ tenant }) => tenant);
  if (wanted === undefined) return ids;
  if (!ids.includes(wanted)) throw new Fault('input_invalid', `there is no tenant ${wanted}`);
  return [wanted];
}

/** What `--from` and `--to` say, each a position in the log, a day or an instant. */
export function spanOf({ from, to }: Pick<ReplayOptions, 'from' | 'to'>) {
  const bounds = { from: boundOf('--from', from), to: boundOf('--to', to) };
  refuseReversed(bounds);
  return bounds;
}

/** Of two positions, or of two instants; how a position lies to an instant only the log knows. */
function refuseReversed({ from, to }: { from: Bound | undefined; to: Bound | undefined }): void {
  const isReversed =
    from !== undefined &&
    to !== undefined &&
    ('position' in from
      ? 'position' in to && to.position <= from.position
      : 'instant' in to && to.instant <= from.instant);
  if (isReversed) throw new Fault('input_invalid', '--to must lie after --from');
}

/** A position in the tenant's log, an instant, or a day, which begins at midnight in UTC. */
function boundOf(option: string, text: string | undefined): Bound | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,14}$/.test(text)) return { position: Number(text) };
  const instant = instantFromText(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text);
  if (instant !== undefined) return { instant };
  throw new Fault('input_invalid', `${option} is a position, a day or an instant, not ${text}`);
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
