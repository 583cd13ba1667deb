// A night's work: every customer is put through the funnel, page by page, and what is scarce is
// given to those who come first. Whoever takes over goes on behind the last page that was written.
import { openBatchScorer, openModels } from '#ai';
import {
  type Clock,
  closed,
  type Command,
  type Database,
  Fault,
  type Instant,
  instantToText,
  principalText,
  type Tx,
  withTx,
} from '#core';
import { policyEvent, type PolicyOperations } from '#policy';
import type pg from 'pg';
import Type from 'typebox';
import { actionParts, type OfferChannel } from './action.ts';
import { allocate } from './batch-allocate.ts';
import { readPage } from './batch-read.ts';
import { type Candidates, type Night, scorePage } from './batch-score.ts';
import { isFrozen, isStopped, readOpenScopes } from './breaker.ts';
import { holdoutPeriod } from './learning/arms.ts';
import { readEvidence } from './learning/evidence.ts';
import { propensityPoint } from './learning/propensity.ts';
import { readLearning } from './learning/settings.ts';
import { volumePeriod } from './present.ts';
import { offerCurrency } from './session.ts';
import type { Published } from './session-read.ts';

export type BatchParts = {
  readonly database: Database;
  readonly keyring: { readonly checkpointPublicKeys: readonly Buffer[] };
  readonly clock: Clock;
  readonly published: (tenant: string, epoch: bigint) => Promise<Published>;
  readonly library: Parameters<typeof offerCurrency>[0]['library'];
  readonly signal: AbortSignal;
  /** Customers of one page, `batchPage` unless given. */
  readonly pageSize?: number;
};

export type Batch = {
  readonly batch_id: string;
  readonly channel: OfferChannel;
  readonly status: 'running' | 'allocated' | 'done' | 'stopped';
  readonly after_customer: string;
  readonly customers: number;
  readonly candidates: number;
  readonly withheld: number;
  readonly presented: number;
  readonly refused: number;
  readonly requested_by: string;
  readonly started_at: string;
  readonly scored_at: string | null;
  readonly ended_at: string | null;
};

export const batchBody = Type.Object({ channel: actionParts.channel }, closed);

const told = Type.Object({ batch_id: Type.String(), channel: Type.String(), by: Type.String() });
export const batchPayloads = {
  'offers.batch_started': told,
  'offers.batch_stopped': told,
};

export const batchOperations: PolicyOperations = {
  'offers.batch.start': { changesRights: false, perform: start },
  'offers.batch.stop': { changesRights: false, perform: stop },
};

/** Customers of one page: what of them is in memory at a time is bounded by it. */
const batchPage = 1_000;

async function start(tx: pg.ClientBase, command: Command) {
  const { channel } = command.body as { channel: OfferChannel };
  const { tenant, receivedAt, principal } = command;
  if (principal.kind === 'agent') throw new Fault('denied', 'an agent starts no batch');
  const batch_id = `${instantToText(receivedAt).slice(0, 10)}-${channel}`;
  const by = principalText(principal);
  const { rowCount } = await tx.query(
    `insert into offers.batch (tenant_id, id, channel, left_over, requested_by, started_at)
     values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
    [
      ...[tenant, batch_id, channel, JSON.stringify(await leftOver(tx, receivedAt))],
      ...[by, instantToText(receivedAt)],
    ],
  );
  if (rowCount === 0) throw new Fault('conflict', `the batch ${batch_id} is there already`);
  return [policyEvent(command, 'offers.batch_started', { batch_id, channel, by })];
}

/** By action: how many of a scarce offer are left now. */
async function leftOver(tx: pg.ClientBase, at: Instant): Promise<Record<string, number>> {
  const { rows } = await tx.query<{ code: string; period: 'day' | 'month' | 'total'; max: number }>(
    `select a.code, a.body -> 'volume' ->> 'period' as period,
            (a.body -> 'volume' ->> 'offers_max')::integer as max
       from offers.action_standing s
       join offers.action a on a.tenant_id = s.tenant_id and a.code = s.code
        and a.version = s.version
      where s.tenant_id = core.current_tenant() and s.status = 'live' and a.body ? 'volume'
      order by a.code`,
  );
  const left: Record<string, number> = {};
  for (const { code, period, max } of rows) {
    const found = await tx.query<{ presented: string }>(
      `select presented::text from offers.volume
        where tenant_id = core.current_tenant() and action = $1 and period = $2`,
      [code, volumePeriod(period, at)],
    );
    left[code] = Math.max(0, max - Number(found.rows[0]?.presented ?? 0));
  }
  return left;
}

async function stop(tx: pg.ClientBase, command: Command) {
  const { batch_id } = command.body as { batch_id: string };
  const { rows } = await tx.query<{ channel: string }>(
    `update offers.batch set status = 'stopped', ended_at = $3
      where tenant_id = $1 and id = $2 and ended_at is null returning channel`,
    [command.tenant, batch_id, instantToText(command.receivedAt)],
  );
  const [row] = rows;
  if (!row) throw new Fault('not_found', `no batch ${batch_id} is under way`);
  const by = principalText(command.principal);
  return [policyEvent(command, 'offers.batch_stopped', { batch_id, channel: row.channel, by })];
}

// Working -----------------------------------------------------------------------------------------

/** Scores all customers that are left, and allocates; answers how many it has scored. */
export async function runBatch(parts: BatchParts, tenant: string, id: string): Promise<number> {
  const { scored, isThrough } = await scoreBatch(parts, tenant, id);
  const at = instantToText(parts.clock.now());
  if (isThrough) await allocate(parts.database, tenant, { id, at });
  return scored;
}

/** `isThrough` where nobody is left to be scored, and nothing was allocated yet. */
export async function scoreBatch(
  parts: BatchParts,
  tenant: string,
  id: string,
): Promise<{ readonly scored: number; readonly isThrough: boolean }> {
  const { database, signal, pageSize: limit = batchPage } = parts;
  const first = await readBatch(database, tenant, id);
  if (first?.status !== 'running') return { scored: 0, isThrough: false };
  const night = await nightOf(parts, tenant, first);
  const { channel, at } = night;
  const currency = await offerCurrency(parts, tenant);
  const period = holdoutPeriod(night.learning, at);
  const read = (after: string) =>
    withTx(
      database.pool('read'),
      (tx) => readPage(tx, { after, limit, channel, currency, at, period }),
      { tenant, readOnly: true },
    );
  let scored = 0;
  let writing: Promise<boolean> = Promise.resolve(true);
  let coming = read(first.after_customer);
  for (;;) {
    const page = await coming;
    const last = page.at(-1);
    if (!last || signal.aborted) break;
    // While this one is worked out, the next one is read and the one before is written.
    coming = read(last.customer);
    coming.catch(() => undefined);
    const found = scorePage(night, page);
    // Stopped by a person, or another process is further on.
    if (!(await writing)) return { scored, isThrough: false };
    writing = writePage(database, tenant, { id, after: last.customer, page, found });
    writing.then((isOurs) => (scored += isOurs ? page.length : 0)).catch(() => undefined);
  }
  const isOurs = await writing;
  return { scored, isThrough: isOurs && !signal.aborted };
}

async function nightOf(parts: BatchParts, tenant: string, batch: Batch): Promise<Night> {
  const { database, keyring } = parts;
  const at = Date.parse(batch.started_at);
  const look = await withTx(
    database.pool('read'),
    async (tx) => ({
      epoch: await epochOf(tx),
      learning: await readLearning(tx),
      evidence: await readEvidence(tx),
      scopes: await readOpenScopes(tx),
      left: await leftIn(tx, batch.batch_id),
    }),
    { tenant, readOnly: true },
  );
  const models = openModels({
    pool: database.pool('ai'),
    publicKeys: [...keyring.checkpointPublicKeys],
  });
  const { epoch, learning, evidence, scopes, left } = look;
  return {
    ...{ tenant, channel: batch.channel, at, learning, evidence },
    published: await parts.published(tenant, epoch),
    scorer: await openBatchScorer(models, { tenant, epoch, point: propensityPoint }),
    isBroken: ({ code }) => isStopped(scopes, code),
    isFrozen: isFrozen(scopes),
    exhausted: new Set(Object.keys(left).filter((code) => left[code] === 0)),
    scarce: new Set(Object.keys(left)),
  };
}

async function epochOf(tx: Tx): Promise<bigint> {
  const { rows } = await tx.query<{ epoch: bigint }>(
    'select epoch from core.tenant where tenant_id = core.current_tenant()',
  );
  return BigInt(rows[0]?.epoch ?? 0n);
}

async function leftIn(tx: Tx, id: string): Promise<Readonly<Record<string, number>>> {
  const { rows } = await tx.query<{ left: Record<string, number> }>(
    `select left_over as left from offers.batch
      where tenant_id = core.current_tenant() and id = $1`,
    [id],
  );
  return rows[0]?.left ?? {};
}

type Page = {
  readonly id: string;
  readonly after: string;
  readonly page: { readonly length: number };
  readonly found: Candidates;
};

/** The page and how far it goes, at once; nothing where another process has written it. */
async function writePage(
  database: Database,
  tenant: string,
  { id, after, page, found }: Page,
): Promise<boolean> {
  const withheld = found.status.filter((each) => each === 'withheld').length;
  return withTx(database.pool('app'), async (tx) => {
    const { rowCount } = await tx.query(
      `update offers.batch set after_customer = $3, customers = customers + $4,
              candidates = candidates + $5, withheld = withheld + $6
        where tenant_id = $1 and id = $2 and status = 'running' and after_customer < $3`,
      [tenant, id, after, page.length, found.status.length - withheld, withheld],
    );
    if (rowCount === 0) return false;
    await tx.query({
      name: 'offer-candidates',
      text: `insert into offers.candidate (tenant_id, batch_id, customer, action, version, arm,
               period, chosen_ppm, propensity_ppm, priority, terms, tie, status)
             select $1, $2, c.customer, c.action, c.version, c.arm, c.period, c.chosen_ppm,
                    c.propensity_ppm, c.priority, t.terms, c.tie, c.status
               from unnest($3::text[], $4::text[], $5::integer[], $6::text[], $7::text[],
                      $8::integer[], $9::integer[], $10::numeric[], $11::integer[],
                      $12::integer[], $13::text[])
                 as c(customer, action, version, arm, period, chosen_ppm, propensity_ppm,
                      priority, terms, tie, status)
               join unnest($14::jsonb[]) with ordinality as t(terms, number) on number = c.terms`,
      values: [
        ...[tenant, id, found.customer, found.action, found.version, found.arm, found.period],
        ...[found.chosen_ppm, found.propensity_ppm, found.priority, found.terms, found.tie],
        ...[found.status, [...found.allTerms.keys()]],
      ],
    });
    return true;
  });
}

// Reading -----------------------------------------------------------------------------------------

const columns = `id as batch_id, channel, status, after_customer, customers, candidates, withheld,
  presented, refused, requested_by, started_at, scored_at, ended_at`;
const shownMax = 100;

type BatchRow = Record<keyof Batch, unknown>;

export async function readBatch(
  database: Database,
  tenant: string,
  id: string,
): Promise<Batch | undefined> {
  const { rows } = await database
    .pool('app')
    .query<BatchRow>(`select ${columns} from offers.batch where tenant_id = $1 and id = $2`, [
      tenant,
      id,
    ]);
  return rows[0] && batchOf(rows[0]);
}

/** The newest first. */
export async function listBatches(tx: Tx): Promise<readonly Batch[]> {
  const { rows } = await tx.query<BatchRow>(
    `select ${columns} from offers.batch where tenant_id = core.current_tenant()
      order by started_at desc, id limit ${shownMax}`,
  );
  return rows.map(batchOf);
}

function batchOf(row: BatchRow): Batch {
  const counts = ['customers', 'candidates', 'withheld', 'presented', 'refused'] as const;
  const instants = ['started_at', 'scored_at', 'ended_at'] as const;
  return {
    ...row,
    ...Object.fromEntries(counts.map((name) => [name, Number(row[name])])),
    ...Object.fromEntries(
      instants.map((name) => [name, (row[name] as Date | null)?.toISOString() ?? null]),
    ),
  } as Batch;
}
