// `countersign policy`: bundles checked offline, and what can be done with them on a server.
import { Fault, type Json } from '#core';
import { type ActView, type BacktestView, checkDraft, type PointView } from '#policy';
import { allItems, clientOf, type ServedOptions } from './client.ts';
import { printDrift } from './drift.ts';
import { say } from './installation.ts';
import { readJson } from './replay.ts';
import { flawLines, table } from './table.ts';

/** Offline: what is wrong, place by place, and which rules no test makes hold. */
export function validatePolicies(files: readonly string[]): void {
  for (const file of files) {
    try {
      const { program, untested } = checkDraft(readJson(file));
      const { tests, rules } = program.bundle;
      console.log(
        `✓ ${file}: ${program.version}, ${rules.length} rules, ${tests.length} tests hold`,
      );
      console.log(`  ${program.digest}`);
      for (const rule of untested) console.log(`  no test makes the rule ${rule} hold`);
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== 'bundle_invalid') throw error;
      console.log(`✗ ${file}`);
      for (const line of flawLines(error.detail['errors'])) console.log(line);
      process.exitCode = 1;
    }
  }
}

export async function listPolicies(options: ServedOptions): Promise<void> {
  const points = await allItems<PointView>(clientOf(options), '/v1/policies');
  if (options.json) {
    console.log(JSON.stringify(points));
    return;
  }
  const rows = points.map(({ live, scheduled, shadow, canary, name }) => [
    live?.version ?? name,
    live === null ? 'nothing decides' : `since ${live.effective_at ?? 'the beginning'}`,
    [
      ...scheduled.map((each) => `${each.version} from ${each.effective_at}`),
      ...(shadow === null ? [] : [`shadow ${shadow.version}`]),
      ...(canary === null ? [] : [`canary ${canary.version} ${canary.share_bps / 100} %`]),
    ].join(', '),
  ]);
  console.log(table(['decides', '', 'beside and after it'], rows, 3));
}

function pathOf(point: string): string {
  return `/v1/policies/${encodeURIComponent(point)}`;
}

/** The acts at a point, or a bundle by its digest. */
export async function showPolicy(name: string, options: ServedOptions): Promise<void> {
  const client = clientOf(options);
  if (/^[0-9a-f]{64}$/.test(name)) {
    const view = await client.get<{ bundle: Json }>(`/v1/policy-bundles/${name}`);
    console.log(JSON.stringify(view.bundle, null, 2));
    return;
  }
  const acts = await allItems<ActView>(client, pathOf(name));
  if (options.json) {
    console.log(JSON.stringify(acts));
    return;
  }
  const rows = acts.map((each) => [
    each.effective_at,
    `${each.kind} ${each.act}`,
    each.digest ?? '–',
    each.acted_by,
  ]);
  console.log(table(['effective', 'act', 'bundle', 'by'], rows, 4));
}

export async function draftPolicy(file: string, options: ServedOptions): Promise<void> {
  const { post } = clientOf(options);
  const draft = await post<{ digest: string; version: string; untested: string[] }>(
    '/v1/policies',
    readJson(file),
  );
  for (const rule of draft.untested) say(`no test makes the rule ${rule} hold`);
  say(`${draft.version} is on record; it decides nothing yet`);
  console.log(draft.digest);
}

export async function backtestPolicy(
  digest: string,
  options: ServedOptions & { readonly decisions: number; readonly ask?: boolean },
): Promise<void> {
  const { post } = clientOf(options);
  const { decisions } = options;
  const tested = await post<BacktestView>(
    `/v1/policy-bundles/${encodeURIComponent(digest)}/backtests`,
    { decisions },
  );
  if (options.json) console.log(JSON.stringify(tested));
  else {
    printDrift(tested.report);
    console.log(`\nback-test ${tested.id}`);
  }
  if (!options.ask) return;
  const { id } = await post<{ id: string }>('/v1/approvals', tested.approval);
  say(`another person is asked to approve the publication: ${id}`);
}

export async function publishPolicy(
  name: string,
  digest: string,
  options: ServedOptions & {
    readonly backtest: string;
    readonly approval: string;
    readonly at?: string;
  },
): Promise<void> {
  const client = clientOf(options);
  const points = await allItems<PointView>(client, '/v1/policies');
  const { backtest: backtest_id, approval: approval_id, at } = options;
  const supersedes = points.find((each) => each.name === name)?.published ?? null;
  const body = { digest, supersedes, backtest_id, approval_id };
  tellAct(
    await client.post<ActView>(`${pathOf(name)}/publications`, {
      ...body,
      ...(at === undefined ? {} : { effective_at: at }),
    }),
  );
}

export async function rollbackPolicy(name: string, options: ServedOptions): Promise<void> {
  tellAct(await clientOf(options).post<ActView>(`${pathOf(name)}/rollbacks`, {}));
}

export async function shadowPolicy(
  name: string,
  digest: string,
  options: ServedOptions,
): Promise<void> {
  const body = { digest: digestOrNone(digest) };
  tellAct(await clientOf(options).post<ActView>(`${pathOf(name)}/shadow`, body));
}

export async function canaryPolicy(
  name: string,
  digest: string,
  options: ServedOptions & {
    readonly percent?: number;
    readonly keyFact?: string;
    readonly approval?: string;
  },
): Promise<void> {
  const { percent, keyFact, approval } = options;
  if (digest !== 'none' && (percent === undefined || keyFact === undefined)) {
    throw new Fault('input_invalid', 'whom shall it decide for? give --percent and --key-fact');
  }
  const body = {
    digest: digestOrNone(digest),
    ...(percent === undefined ? {} : { share_bps: Math.round(percent * 100) }),
    ...(keyFact === undefined ? {} : { key_fact: keyFact }),
    ...(approval === undefined ? {} : { approval_id: approval }),
  };
  tellAct(await clientOf(options).post<ActView>(`${pathOf(name)}/canary`, body));
}

function digestOrNone(text: string): string | null {
  return text === 'none' ? null : text;
}

function tellAct({ kind, act, version, name, effective_at }: ActView): void {
  const what = [kind, act, ...(version === null ? [] : [version])].join(' ');
  console.log(`${name}: ${what} from ${effective_at}`);
}
