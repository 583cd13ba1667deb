// `countersign policy`: bundles checked offline, and what can be done with them on a server.
import { Fault, type Json, readServerLock, systemRandom } from '#core';
import { type ActView, type BacktestView, checkDraft, type PointView } from '#policy';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { printDrift } from './drift.ts';
import { type GlobalOptions, say } from './installation.ts';
import { readJson } from './replay.ts';
import { table } from './table.ts';

export type PolicyOptions = GlobalOptions & {
  readonly url?: string;
  readonly key?: string;
  readonly tenant?: string;
  readonly json?: boolean;
};

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
      tellFlaws(error.detail['errors'] as readonly Flaw[]);
      process.exitCode = 1;
    }
  }
}

type Flaw = { readonly pointer: string; readonly detail: string };

function tellFlaws(errors: readonly Flaw[]): void {
  for (const { pointer, detail } of errors) {
    console.log(`  ${pointer === '' ? 'the bundle' : pointer}: ${detail}`);
  }
}

export async function listPolicies(options: PolicyOptions): Promise<void> {
  const points: PointView[] = [];
  const { get } = clientOf(options);
  for (let after = ''; ; ) {
    const page = await get<{ items: PointView[]; next: string | null }>(
      `/v1/policies?limit=500&after=${after}`,
    );
    points.push(...page.items);
    if (page.next === null) break;
    after = page.next;
  }
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

/** The acts at a point, or a bundle by its digest. */
export async function showPolicy(name: string, options: PolicyOptions): Promise<void> {
  const { get } = clientOf(options);
  if (/^[0-9a-f]{64}$/.test(name)) {
    const view = await get<{ bundle: Json }>(`/v1/policy-bundles/${name}`);
    console.log(JSON.stringify(view.bundle, null, 2));
    return;
  }
  const { items } = await get<{ items: ActView[] }>(
    `/v1/policies/${encodeURIComponent(name)}?limit=500`,
  );
  if (options.json) {
    console.log(JSON.stringify(items));
    return;
  }
  const rows = items.map((each) => [
    each.effective_at,
    `${each.kind} ${each.act}`,
    each.digest ?? '–',
    each.acted_by,
  ]);
  console.log(table(['effective', 'act', 'bundle', 'by'], rows, 4));
}

export async function draftPolicy(file: string, options: PolicyOptions): Promise<void> {
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
  options: PolicyOptions & { readonly decisions: number; readonly ask?: boolean },
): Promise<void> {
  const { post } = clientOf(options);
  const { decisions } = options;
  const tested = await post<BacktestView>(`/v1/policy-bundles/${digest}/backtests`, { decisions });
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
  options: PolicyOptions & {
    readonly backtest: string;
    readonly approval: string;
    readonly at?: string;
  },
): Promise<void> {
  const { get, post } = clientOf(options);
  const { items } = await get<{ items: PointView[] }>('/v1/policies?limit=500');
  const { backtest: backtest_id, approval: approval_id, at } = options;
  const supersedes = items.find((each) => each.name === name)?.published ?? null;
  const body = { digest, supersedes, backtest_id, approval_id };
  tellAct(
    await post<ActView>(`/v1/policies/${name}/publications`, {
      ...body,
      ...(at === undefined ? {} : { effective_at: at }),
    }),
  );
}

export async function rollbackPolicy(name: string, options: PolicyOptions): Promise<void> {
  tellAct(await clientOf(options).post<ActView>(`/v1/policies/${name}/rollbacks`, {}));
}

export async function shadowPolicy(
  name: string,
  digest: string,
  options: PolicyOptions,
): Promise<void> {
  const body = { digest: digestOrNone(digest) };
  tellAct(await clientOf(options).post<ActView>(`/v1/policies/${name}/shadow`, body));
}

export async function canaryPolicy(
  name: string,
  digest: string,
  options: PolicyOptions & {
    readonly percent?: number;
    readonly keyFact?: string;
    readonly approval?: string;
  },
): Promise<void> {
  const { percent, keyFact, approval } = options;
  const body = {
    digest: digestOrNone(digest),
    ...(percent === undefined ? {} : { share_bps: Math.round(percent * 100) }),
    ...(keyFact === undefined ? {} : { key_fact: keyFact }),
    ...(approval === undefined ? {} : { approval_id: approval }),
  };
  tellAct(await clientOf(options).post<ActView>(`/v1/policies/${name}/canary`, body));
}

function digestOrNone(text: string): string | null {
  return text === 'none' ? null : text;
}

function tellAct({ kind, act, version, name, effective_at }: ActView): void {
  console.log(`${name}: ${kind} ${act} ${version ?? ''} from ${effective_at}`);
}

// The server --------------------------------------------------------------------------------------

type Client = {
  readonly get: <Answer>(path: string) => Promise<Answer>;
  readonly post: <Answer>(path: string, body: unknown) => Promise<Answer>;
};

const deadlineMs = 60_000;

function clientOf({ data, url, key, tenant }: PolicyOptions): Client {
  const base = url ?? readServerLock(data)?.url;
  if (base === undefined) {
    throw new Fault('input_invalid', `no server runs on ${data}: start one, or give --url`);
  }
  const secret = key ?? keptKey(data, tenant);
  async function send<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    const answer = await fetch(`${base}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${secret}`,
        ...(body === undefined
          ? {}
          : {
              'content-type': 'application/json',
              'idempotency-key': `cli/${Buffer.from(systemRandom().bytes(12)).toString('hex')}`,
            }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(deadlineMs),
    }).catch((cause: unknown) => {
      throw new Fault('input_invalid', `${base} cannot be reached: is the server running?`, {
        cause,
      });
    });
    if (answer.ok) return (await answer.json()) as Answer;
    throw refusal((await answer.json()) as Problem);
  }
  return {
    get: (path) => send('GET', path),
    post: (path, body) => send('POST', path, body),
  };
}

type Problem = {
  readonly title: string;
  readonly code: string;
  readonly detail?: string;
  readonly errors?: readonly Flaw[];
  /** Of an approval that is missing: what to ask it for. */
  readonly subject_kind?: string;
  readonly subject_digest?: string;
};

function refusal({ title, code, detail = code, errors, ...wanted }: Problem): Fault {
  if (errors) tellFlaws(errors);
  const { subject_kind, subject_digest } = wanted;
  const hint = subject_kind ? ` (${subject_kind}, subject digest ${subject_digest})` : '';
  return new Fault('input_invalid', `${title}: ${detail}${hint}`);
}

/** The key that an earlier command has kept for a tenant. */
function keptKey(data: string, tenant: string | undefined): string {
  const path = join(data, 'api-keys', tenant ?? '');
  if (tenant === undefined || !existsSync(path)) {
    throw new Fault('input_invalid', 'whose policy? give --key, or --tenant of a kept key');
  }
  return readFileSync(path, 'utf8').trim();
}
