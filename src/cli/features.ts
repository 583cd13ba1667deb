// `countersign features`: the catalogue, backfills from the log, and exports for training.
import {
  entityKinds,
  featureCatalogue,
  featureProjection,
  surveyTraining,
  type TrainingQuestion,
  type TrainingRow,
  trainingRows,
  type TrainingSurvey,
} from '#ai';
import {
  type Database,
  Fault,
  type Part,
  type Pool,
  rebuildProjection,
  systemClock,
  systemRandom,
  type Tx,
  withTx,
} from '#core';
import { createRecorder } from '#slo';
import { existsSync, readFileSync } from 'node:fs';
import { exportOffline, quoted, wantedOf } from './features-csv.ts';
import { type GlobalOptions, say, withDatabase } from './installation.ts';
import { instantOf, writeNewFile } from './new-file.ts';
import { createProgress } from './progress.ts';
import { grouped, table } from './table.ts';

export function listFeatures({ json: isJson = false }: { readonly json?: boolean }): void {
  const all = [...featureCatalogue.values()];
  if (isJson) {
    console.log(JSON.stringify(all));
    return;
  }
  const rows = all.map(({ id, unit, default: usual, description }) => [
    id,
    unit,
    usual === null ? 'missing' : String(usual),
    description,
  ]);
  console.log(table(['feature', 'unit', 'if unseen', 'what it is'], rows, 4));
}

export type BackfillOptions = GlobalOptions & {
  readonly tenant?: string;
  readonly accounts?: string;
};

export async function backfillFeatures(options: BackfillOptions): Promise<void> {
  const part = partOf(options);
  await withDatabase(options, 'backfill', async (database) => {
    if (part) await checkTenant(database, part.tenant);
    const startedAt = performance.now();
    const bar = createProgress({ label: 'folding features', unit: 'events' });
    const pool = database.pool('app');
    const rebuilt = await rebuildProjection(featureProjection, pool, bar.update, part);
    bar.finish();
    if (part) await recordBackfill(pool, part.tenant, performance.now() - startedAt);
    const { events, differences } = rebuilt;
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    say(`${grouped(events)} events folded in ${seconds} s; ${differences} rows differed`);
    if (differences > 0) process.exitCode = 1;
  });
}

/** For the service level of backfills, which is about cohorts. */
async function recordBackfill(pool: Pool, tenant: string, durationMs: number): Promise<void> {
  const recorder = createRecorder({ clock: systemClock(), random: systemRandom() });
  recorder.observe(tenant, 'feature_backfill', durationMs);
  await recorder.flush(pool);
}

function partOf({ tenant, accounts }: BackfillOptions): Part | undefined {
  if (tenant === undefined) {
    if (accounts === undefined) return undefined;
    throw new Fault('input_invalid', 'say by --tenant whose accounts they are');
  }
  if (accounts === undefined) return { tenant };
  const isFile = existsSync(accounts);
  if (!isFile && /[/.]/.test(accounts)) throw new Fault('input_invalid', `${accounts} is no file`);
  const list = isFile ? readFileSync(accounts, 'utf8') : accounts;
  const keys = list.split(/[,\s]+/).filter((entity) => entity !== '');
  if (keys.length === 0) throw new Fault('input_invalid', `${accounts} names nobody`);
  return { tenant, keys: new Set(keys) };
}

export type FeatureExportOptions = GlobalOptions & {
  readonly out: string;
  readonly from?: string;
  readonly to?: string;
  readonly features?: string;
  readonly tenant?: string;
  readonly point: string;
  readonly events?: string;
  readonly map?: string;
  readonly labelDelay: string;
  readonly decimals: number;
};

export async function exportFeatures(options: FeatureExportOptions): Promise<void> {
  const { events, map, tenant } = options;
  if (tenant !== undefined && events === undefined) return exportLog({ ...options, tenant });
  if (tenant !== undefined || events === undefined) {
    throw new Fault('input_invalid', 'give --tenant for what the log has, or --events for a file');
  }
  if (map === undefined) throw new Fault('input_invalid', 'say by --map what its columns mean');
  return exportOffline({ ...options, events, map });
}

async function exportLog(options: FeatureExportOptions & { readonly tenant: string }) {
  const { out, tenant, point } = options;
  const from = options.from === undefined ? undefined : instantOf('--from', options.from);
  const to = options.to === undefined ? undefined : instantOf('--to', options.to);
  const wanted = wantedOf(options.features, entityKinds);
  await withDatabase(options, 'features', async (database) => {
    await checkTenant(database, tenant);
    const read: TrainingQuestion['read'] = (work) =>
      withTx(database.pool('read'), work, { tenant, readOnly: true });
    const reading = createProgress({ label: 'reading labels', unit: 'events' });
    const survey = await surveyTraining({ point, wanted, read, progress: reading.update });
    reading.finish();
    if (survey.facts.length === 0) {
      throw new Fault('input_invalid', `nothing was ever decided at ${point} in ${tenant}`);
    }
    const folding = createProgress({ label: 'folding', unit: 'events' });
    const question = { point, wanted, from, to, read, progress: folding.update };
    const lines = await writeNewFile(out, csvOf(question, survey));
    folding.finish();
    say(`${out}: ${grouped(lines - 1)} decisions with ${wanted.length} features each`);
  });
}

async function* csvOf(question: TrainingQuestion, survey: TrainingSurvey): AsyncGenerator<string> {
  const { wanted } = question;
  const facts = survey.facts.map((name) => `fact.${name}`);
  const about = ['decision_id', 'command_id', 'position', 'time', 'outcome'];
  const judged = ['label', 'label_source', 'label_time'];
  yield `${[...about, ...wanted, ...facts, ...judged].join(',')}\n`;
  for await (const row of trainingRows(question, survey)) yield `${lineOf(row, wanted, survey)}\n`;
}

function lineOf(row: TrainingRow, wanted: readonly string[], survey: TrainingSurvey): string {
  const { decisionId, commandId, position, at, outcome, features, facts, label } = row;
  return [
    ...[decisionId, commandId, position, at, outcome],
    ...wanted.map((id) => features[id] ?? ''),
    ...survey.facts.map((name) => quoted(String(facts[name] ?? ''))),
    ...[label?.label ?? '', label?.source ?? '', label?.recordedAt ?? ''],
  ].join(',');
}

async function checkTenant(database: Database, tenant: string): Promise<void> {
  const look = (tx: Tx) => tx.query('select from core.tenant');
  const { rowCount } = await withTx(database.pool('read'), look, { tenant, readOnly: true });
  if (rowCount === 0) throw new Fault('input_invalid', `there is no tenant ${tenant}`);
}
