// Recorded decisions as replay reads them: sealed events in the order of the log, page by page, and
// what a walk over them has found.
import { type Clock, Fault, type Instant, type Json, type Pool, uuidFrom, withTx } from '#core';
import { setImmediate as breathe } from 'node:timers/promises';
import type { Program } from './bundle/compile.ts';
import { engineVersion } from './bundle/bundle.ts';
import { type DecisionRecord, lastUuid } from './decision-log.ts';
import type { BacktestReport, DriftReport } from './drift-report.ts';
import { repeat } from './explanation.ts';
import { type Library, openLibrary } from './releases.ts';
import { createDrift } from './replay.ts';

/** A part of a tenant's log, half-open, by position within the tenant or by instant of receipt. */
export type Span = {
  readonly tenant: string;
  readonly from?: Bound | undefined;
  readonly to?: Bound | undefined;
  /** Only decisions about this account. */
  readonly account?: string | undefined;
  /** Only decisions at this point. */
  readonly point?: string | undefined;
  /** Only decisions about these. */
  readonly cohort?: Cohort | undefined;
};
/** Some accounts, or all cases in which a fact, such as the segment of a party, has a value. */
export type Cohort = {
  readonly accounts?: ReadonlySet<string> | undefined;
  readonly where?: { readonly fact: string; readonly value: Json } | undefined;
};
export type Bound = { readonly position: number } | { readonly instant: Instant };

export type Page = {
  /** Positions of the page: after the first, up to the second. */
  readonly after: number;
  readonly to: number;
  readonly decisions: readonly { readonly position: number; readonly record: DecisionRecord }[];
};

/** Positions per page: small enough that the database reads ahead while a page is judged. */
const pageSize = 2_048;
/** Decisions between two looks at what else the process has to do. */
const sliceSize = 100;

/** Where a span lies in the log: after the first position, up to the second. */
export async function positionsOf(pool: Pool, span: Span): Promise<{ after: number; to: number }> {
  const { tenant, from, to } = span;
  return withTx(
    pool,
    async (tx) => {
      const { rows } = await tx.query<{ last: number }>(
        `select coalesce(max(tenant_position), 0)::float8 as last from core.leaf
          where tenant_id = $1`,
        [tenant],
      );
      const bounds = { after: 0, to: rows[0]?.last ?? 0 };
      if (from && 'position' in from) bounds.after = Math.max(0, from.position - 1);
      if (to && 'position' in to) bounds.to = Math.min(bounds.to, to.position - 1);
      const [first, last] = [instantOf(from), instantOf(to)];
      if (first === undefined && last === undefined) return bounds;
      // Ids begin with the instant of receipt: a span of time is a span of their index.
      const found = await tx.query<{ first: number | null; last: number | null }>(
        `select min(l.tenant_position)::float8 as first, max(l.tenant_position)::float8 as last
           from core.event e join core.leaf l on l.seq = e.seq
          where e.tenant_id = $1 and e.id >= $2 and e.id < $3`,
        [tenant, uuidFrom(first ?? 0), last === undefined ? lastUuid : uuidFrom(last)],
      );
      const { first: begins, last: ends } = found.rows[0] ?? {};
      if (begins == null || ends == null) return { after: 0, to: 0 };
      return { after: Math.max(bounds.after, begins - 1), to: Math.min(bounds.to, ends) };
    },
    { tenant, readOnly: true },
  );
}

function instantOf(bound: Bound | undefined): Instant | undefined {
  return bound && 'instant' in bound ? bound.instant : undefined;
}

/** The pages of a span; the next is read while one is judged. */
export async function* readSpan(
  pool: Pool,
  span: Span,
  { newestFirst = false } = {},
): AsyncGenerator<Page> {
  const bounds = await positionsOf(pool, span);
  const pages: { after: number; to: number }[] = [];
  let [low, high] = [bounds.after, bounds.to];
  const next = () => {
    if (low >= high) return undefined;
    const page = newestFirst
      ? { after: Math.max(low, high - pageSize), to: high }
      : { after: low, to: Math.min(high, low + pageSize) };
    if (newestFirst) high = page.after;
    else low = page.to;
    pages.push(page);
    return readPage(pool, span, page);
  };
  let ahead = next();
  while (ahead !== undefined) {
    const page = await ahead;
    ahead = next();
    // It is awaited in the next round; a failure before that is not an unhandled one.
    ahead?.catch(() => undefined);
    yield newestFirst ? { ...page, decisions: page.decisions.toReversed() } : page;
  }
}

type Data = { readonly occurred_at: string; readonly payload: DecisionRecord };

async function readPage(
  pool: Pool,
  span: Span,
  page: { after: number; to: number },
): Promise<Page> {
  const { tenant, account, point } = span;
  const rows = await withTx(
    pool,
    async (tx) => {
      // A page joins by keys whatever the statistics say, which may be missing.
      await tx.query('set local enable_hashjoin = off; set local enable_mergejoin = off');
      const found = await tx.query<{ position: number; body: string }>(
        `select l.tenant_position::float8 as position, e.body
           from core.leaf l join core.event e on e.seq = l.seq
          where l.tenant_id = $1 and l.tenant_position > $2 and l.tenant_position <= $3
            and e.type = 'decision.made' and strpos(e.body, $4) > 0 and strpos(e.body, $5) > 0
          order by l.tenant_position`,
        // What has not even the text is not sent; the members themselves are compared below.
        [tenant, page.after, page.to, account ?? '', point === undefined ? '' : `"${point}"`],
      );
      return found.rows;
    },
    { tenant, readOnly: true },
  );
  const decisions = rows.flatMap(({ position, body }) => {
    const { data } = JSON.parse(body) as { data: Data };
    const record = data.payload;
    return isWithin(span, data.occurred_at, record) ? [{ position, record }] : [];
  });
  return { ...page, decisions };
}

/** Whether a decision of the pages of a span is one of the span itself. */
export function isWithin(
  { from, to, account, point, cohort: { accounts, where } = {} }: Span,
  occurredAt: string,
  record: DecisionRecord,
): boolean {
  const at = Date.parse(occurredAt);
  const about = record.facts['account_id'];
  return (
    at >= (instantOf(from) ?? -Infinity) &&
    at < (instantOf(to) ?? Infinity) &&
    (point === undefined || record.point === point) &&
    (account === undefined || about === account) &&
    (accounts === undefined || (typeof about === 'string' && accounts.has(about))) &&
    (where === undefined || record.facts[where.fact] === where.value)
  );
}

// Walks -------------------------------------------------------------------------------------------

/** The newest decisions at the program's point, as it would have made them. */
export async function backtest(
  pool: Pool,
  program: Program,
  options: {
    readonly tenant: string;
    /** Only those from then on. */
    readonly from?: Bound | undefined;
    readonly decisionsMax: number;
    readonly clock: Clock;
    readonly deadlineMs: number;
  },
): Promise<BacktestReport> {
  const { tenant, from, decisionsMax, clock, deadlineMs } = options;
  const until = clock.now() + deadlineMs;
  const drift = createDrift();
  let judged = 0;
  let [lowest, highest]: (number | null)[] = [null, null];
  const isOver = () => clock.now() >= until;
  const span = { tenant, from, point: program.bundle.name };
  for await (const page of readSpan(pool, span, { newestFirst: true })) {
    highest ??= page.to;
    lowest = page.after + 1;
    for (const { position, record } of page.decisions) {
      if (judged === decisionsMax || (judged % sliceSize === 0 && isOver())) break;
      drift.add(record, program);
      judged += 1;
      lowest = position;
      if (judged % sliceSize === 0) await breathe();
    }
    if (judged === decisionsMax || isOver()) break;
  }
  return {
    digest: program.digest,
    version: program.version,
    engine: program.engine,
    ...{ from_position: lowest ?? null, to_position: highest ?? null },
    cut_short: judged < decisionsMax && isOver(),
    ...drift.report(),
  };
}

/** A decision that did not come out as recorded, or could not be made again. */
export type Unrepeated = {
  readonly tenant: string;
  readonly position: number;
  readonly decision_id: string;
  /** The members that differ; or why it could not be made again. */
  readonly fields: readonly string[];
  readonly trouble: string | null;
};

export type Replayed = {
  readonly decisions: number;
  readonly identical: number;
  /** Replay determinism score: identical / decisions; 1 where there are none. */
  readonly score: number;
  /** The first ones. */
  readonly unrepeated: readonly Unrepeated[];
};

const unrepeatedShown = 100;

/** The programs of bundles on record, each compiled once. */
export function compileRecorded(pool: Pool): Library['program'] {
  return openLibrary(pool).program;
}

/** Of what goes through whole spans. */
export type Watch = {
  /** Told how many decisions have been made again, after each page. */
  readonly progress?: ((done: number) => void) | undefined;
  /** Ends it, with its reason. */
  readonly signal?: AbortSignal | undefined;
};

/** Makes every decision of the spans again, each by the bundle that has made it. */
export async function replayDecisions(
  pool: Pool,
  spans: readonly Span[],
  options: Watch & { readonly program: Library['program'] },
): Promise<Replayed> {
  const { progress, signal } = options;
  let [decisions, identical] = [0, 0];
  const unrepeated: Unrepeated[] = [];
  for (const span of spans) {
    const { tenant } = span;
    for await (const page of readSpan(pool, span)) {
      signal?.throwIfAborted();
      for (const { position, record } of page.decisions) {
        const found = await again(tenant, record, options.program);
        decisions += 1;
        if (found === undefined) identical += 1;
        else if (unrepeated.length < unrepeatedShown) {
          unrepeated.push({ tenant, position, decision_id: record.decision_id, ...found });
        }
      }
      progress?.(decisions);
      await breathe();
    }
  }
  const score = decisions === 0 ? 1 : identical / decisions;
  return { decisions, identical, score, unrepeated };
}

/** Undefined for a decision whose every byte comes out the same. */
async function again(
  tenant: string,
  record: DecisionRecord,
  programOf: Library['program'],
): Promise<Pick<Unrepeated, 'fields' | 'trouble'> | undefined> {
  if (record.engine !== engineVersion) {
    const trouble = `it was made by the engine ${record.engine}, and this is ${engineVersion}`;
    return { fields: [], trouble };
  }
  try {
    const fields = repeat(await programOf(tenant, record.bundle), record);
    return fields.length === 0 ? undefined : { fields, trouble: null };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { fields: [], trouble: error.message };
  }
}

/** What a program would have said to the decisions at its point in the spans. */
export async function replayDrift(
  pool: Pool,
  spans: readonly Span[],
  program: Program,
  { progress, signal, examplesMax }: Watch & { readonly examplesMax?: number } = {},
): Promise<DriftReport> {
  const drift = createDrift(examplesMax === undefined ? {} : { examplesMax });
  let done = 0;
  for (const span of spans) {
    for await (const page of readSpan(pool, { ...span, point: program.bundle.name })) {
      signal?.throwIfAborted();
      for (const { record } of page.decisions) drift.add(record, program);
      done += page.decisions.length;
      progress?.(done);
      await breathe();
    }
  }
  return drift.report();
}
