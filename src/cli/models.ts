// `countersign models`: models checked offline, and what can be done with them on a server.
import {
  featureCatalogue,
  type ModelActView,
  type ModelView,
  validateModel,
  type ValidationReport,
  type VersionView,
} from '#ai';
import { Fault, type Json } from '#core';
import { type Approval, subjectDigest } from '#policy';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { allItems, type Client, clientOf, pages, type ServedOptions } from './client.ts';
import { say } from './installation.ts';
import { readJson } from './replay.ts';
import { grouped, table } from './table.ts';

type Version = { readonly name: string; readonly version: number };
type VersionOrLive = { readonly name: string; readonly version: number | undefined };
type VersionOrNone = { readonly name: string; readonly version: number | null };

/** Offline: what is wrong, place by place, or what was found out. */
export async function validateFolder(folder: string): Promise<void> {
  const { card, artefact } = readFolder(folder);
  const options = { features: featureCatalogue };
  const { card: fitting, report } = await validateModel(card, artefact, options);
  console.log(`✓ ${folder}: ${fitting.name}, ${fitting.inputs.length} inputs`);
  printReport(report);
}

function readFolder(folder: string): { readonly card: Json; readonly artefact: Buffer } {
  const card = readJson(join(folder, 'card.json')) as Json;
  const graph = join(folder, 'model.onnx');
  // Some models are no graph but a few parameters.
  const file = existsSync(graph) ? graph : join(folder, 'model.json');
  return { card, artefact: readFileSync(file) };
}

function printReport({ checks, latency_us: { p50, p99 }, samples, score }: ValidationReport): void {
  const [low, median, high] = [score.low, score.median, score.high].map(figure);
  console.log(`  ${samples} cases: scores from ${low} to ${high}, half of them below ${median}`);
  console.log(`  ${grouped(p50)} µs in the middle, ${grouped(p99)} µs for 99 of 100`);
  for (const { check, passed, found } of checks)
    console.log(`  ${mark(passed)} ${check}: ${found}`);
}

function mark(passed: boolean): string {
  return passed ? '✓' : '✗';
}

function figure(value: number): string {
  return String(Number(value.toPrecision(4)));
}

export async function listModels(options: ServedOptions): Promise<void> {
  const models = await allItems<ModelView>(clientOf(options), '/v1/models');
  if (options.json) {
    console.log(JSON.stringify(models));
    return;
  }
  const rows = models.map(({ name, point, production, canary, shadow, suspension }) => [
    name,
    point,
    production === null ? 'nothing decides' : `${production.version} since ${production.since}`,
    [
      ...(suspension === null ? [] : [`suspended since ${suspension.since}`]),
      ...(canary === null ? [] : [`canary ${canary.version} ${canary.share_bps / 100} %`]),
      ...(shadow === null ? [] : [`shadow ${shadow.version}`]),
    ].join(', '),
  ]);
  console.log(table(['model', 'scores for', 'in production', 'beside it'], rows, 4));
}

/** What was done with a model, or a version by its number. */
export async function showModel(
  { name, version }: { readonly name: string; readonly version: number | undefined },
  options: ServedOptions,
): Promise<void> {
  const client = clientOf(options);
  if (version !== undefined) {
    showVersion(await versionOf(client, { name, version }), options);
    return;
  }
  const acts = await allItems<ModelActView>(client, `${pathOf(name)}/acts`);
  if (options.json) {
    console.log(JSON.stringify(acts));
    return;
  }
  const rows = acts.map((each) => [
    ...[each.recorded_at, wordsOf(each), String(each.version ?? '–')],
    ...[each.acted_by, each.reason ?? each.approval_id ?? ''],
  ]);
  console.log(table(['at', 'act', 'version', 'by', ''], rows, 5));
}

function showVersion(view: VersionView, { json = false }: ServedOptions): void {
  if (json) {
    console.log(JSON.stringify(view));
    return;
  }
  const { card, report } = view;
  const rows = [
    ['for', `${card.decides.point}, as ${card.decides.value_fact}`],
    ['purpose', card.purpose],
    ['owner', card.owner],
    ...card.limits.map((limit) => ['limit', limit]),
    ['artefact', view.artefact],
    ['trained on', `${card.training.data.source}, ${grouped(card.training.data.rows)} rows`],
    ['registered', `by ${view.registered_by} at ${view.registered_at}`],
    ...card.metrics.map(({ name, split, value, low, high }) => [
      name,
      `${figure(value)} (${figure(low)} to ${figure(high)}) on ${split}`,
    ]),
  ];
  console.log(table([`${view.name} ${view.version}`], rows, 2));
  console.log('\nwhat was found when it was registered:');
  printReport(report);
}

export async function registerModel(folder: string, options: ServedOptions): Promise<void> {
  const { card, artefact } = readFolder(folder);
  const body = { card, artefact: artefact.toString('base64') };
  const made = await clientOf(options).post<VersionView>('/v1/models', body);
  if (options.json) {
    console.log(JSON.stringify(made));
    return;
  }
  printReport(made.report);
  say('it is on record; nobody hears it yet');
  console.log(`${made.name} ${made.version}`);
}

// Approving ---------------------------------------------------------------------------------------

/** Asks for the approval, or finds what somebody has asked for and agrees to it. */
export async function approveModel(
  of: Version,
  options: ServedOptions & {
    readonly percent?: number;
    readonly resume?: boolean;
    readonly ask?: boolean;
    readonly reason?: string;
  },
): Promise<void> {
  const client = clientOf(options);
  const wanted = options.resume
    ? await resumptionOf(client, of)
    : deploymentOf(await versionOf(client, of), options.percent);
  if (options.ask) {
    const { id } = await client.post<Approval>('/v1/approvals', wanted);
    say(`another person is asked: ${wanted.summary}`);
    console.log(id);
    return;
  }
  const { reason } = options;
  if (reason === undefined) {
    throw new Fault('input_invalid', 'on what grounds? give --reason, or --ask somebody else');
  }
  const { id } = await pendingOf(client, subjectDigest(wanted.subject));
  const given = await client.post<Approval>(`/v1/approvals/${encodeURIComponent(id)}/decide`, {
    ...{ verdict: 'approve', reason },
  });
  console.log(`${given.id}: ${given.status}, ${wanted.summary}`);
}

type Wanted = { readonly subject: Json; readonly summary: string };

function deploymentOf({ approval, name, version }: VersionView, percent?: number): Wanted {
  if (percent === undefined) return approval;
  const canary = { stage: 'canary', share_bps: basisPoints(percent), supersedes: null };
  return {
    ...approval,
    subject: { ...approval.subject, ...canary },
    summary: `Let version ${version} of ${name} decide for ${percent} % of the keys`,
  };
}

async function resumptionOf(client: Client, { name, version }: Version): Promise<Wanted> {
  const { suspension } = await versionOf(client, { name, version });
  if (suspension) return suspension.approval;
  throw new Fault('input_invalid', `version ${version} of ${name} is not suspended`);
}

/** What waits stands first in the list. */
async function pendingOf(client: Client, digest: string): Promise<Approval> {
  for await (const each of pages<Approval>(client, '/v1/approvals')) {
    if (each.status !== 'pending') break;
    if (each.subject_digest === digest) return each;
  }
  throw new Fault('input_invalid', 'nobody has asked for that, as things stand: ask with --ask');
}

// Acts --------------------------------------------------------------------------------------------

export async function promoteModel(
  of: Version,
  options: ServedOptions & { readonly approval: string },
): Promise<void> {
  const client = clientOf(options);
  const { production } = await client.get<ModelView>(pathOf(of.name));
  await act(client, `${pathOf(of.name)}/deployments`, {
    ...{ stage: 'production', version: of.version, approval_id: options.approval },
    supersedes: production?.version ?? null,
  });
}

export async function canaryModel(
  { name, version }: VersionOrNone,
  options: ServedOptions & { readonly percent?: number; readonly approval?: string },
): Promise<void> {
  const { percent, approval } = options;
  if (version !== null && percent === undefined) {
    throw new Fault('input_invalid', 'for how many shall it decide? give --percent');
  }
  await act(clientOf(options), `${pathOf(name)}/deployments`, {
    ...{ stage: 'canary', version },
    ...(percent === undefined ? {} : { share_bps: basisPoints(percent) }),
    ...(approval === undefined ? {} : { approval_id: approval }),
  });
}

export async function shadowModel(
  { name, version }: VersionOrNone,
  options: ServedOptions,
): Promise<void> {
  const body = { stage: 'shadow', version };
  await act(clientOf(options), `${pathOf(name)}/deployments`, body);
}

export async function rollbackModel(name: string, options: ServedOptions): Promise<void> {
  await act(clientOf(options), `${pathOf(name)}/rollback`, {});
}

export async function suspendModel(
  of: VersionOrLive,
  options: ServedOptions & { readonly reason: string },
): Promise<void> {
  const body = { ...chosen(of), reason: options.reason };
  await act(clientOf(options), `${pathOf(of.name)}/suspend`, body);
}

export async function resumeModel(
  of: VersionOrLive,
  options: ServedOptions & { readonly approval: string },
): Promise<void> {
  const body = { ...chosen(of), approval_id: options.approval };
  await act(clientOf(options), `${pathOf(of.name)}/resume`, body);
}

/** Without a version it is the one in production. */
function chosen({ version }: VersionOrLive): { readonly version?: number } {
  return version === undefined ? {} : { version };
}

async function act(client: Client, path: string, body: Json): Promise<void> {
  const done = await client.post<ModelActView>(path, body);
  const what = [wordsOf(done), ...(done.version === null ? [] : [done.version])].join(' ');
  console.log(`${done.name}: ${what} at ${done.recorded_at}`);
}

/** `canary started`; a suspension is no stage of its own. */
function wordsOf({ stage, act: done }: ModelActView): string {
  return stage === 'suspension' ? done : `${stage} ${done}`;
}

function versionOf(client: Client, { name, version }: Version): Promise<VersionView> {
  return client.get(`${pathOf(name)}/versions/${version}`);
}

function pathOf(name: string): string {
  return `/v1/models/${encodeURIComponent(name)}`;
}

function basisPoints(percent: number): number {
  return Math.round(percent * 100);
}
