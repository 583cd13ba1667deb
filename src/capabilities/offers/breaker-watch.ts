// Watching over offers: complaints, what the core refuses, drift and fairness are counted, and the
// breaker opens where one of them passes its limit.
import { counterOf, countValue, measureDrift } from '#ai';
import {
  type Clock,
  type CommandInput,
  type Database,
  Fault,
  type Instant,
  instantToText,
  type Json,
  type Tx,
  withTx,
  dayMs,
} from '#core';
import { setTimeout as sleep } from 'node:timers/promises';
import { allActions, isStopped, type OpenBody, readOpenScopes } from './breaker.ts';
import { fairnessOfReach } from './learning/experiments.ts';
import { type LearningSettings, readLearning } from './learning/settings.ts';

export type BreakerParts = {
  readonly database: Database;
  readonly clock: Clock;
  readonly execute: (input: CommandInput<Json>) => Promise<unknown>;
  readonly onError: (error: unknown) => void;
};

const lookIntervalMs = 60_000;
const hourMs = 3_600_000;
/** A complaint is about offers where one was presented within so many days before. */
const complaintDays = 7;
/** What the propensities of today are compared with: those of so many days before. */
const driftDays = 28;
const driftSignificance = 0.001;
/** Of propensities, in millionths: small ones are told apart as well as large ones. */
const driftEdges = [
  ...[5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 300_000, 500_000, 700_000],
];
const driftSampleMax = 25_000;
const actionsMax = 1_000;

export async function watchBreaker(
  options: BreakerParts & { readonly signal: AbortSignal },
): Promise<void> {
  const { signal, onError } = options;
  while (!signal.aborted) {
    await judgeAll(options).catch(onError);
    await sleep(lookIntervalMs, undefined, { signal }).catch(() => undefined);
  }
}

/** What fails of one tenant keeps no other waiting. */
async function judgeAll(options: BreakerParts): Promise<void> {
  const { database, clock, onError } = options;
  const { rows } = await database
    .pool('app')
    .query<{ tenant: string }>(
      `select distinct tenant_id as tenant from offers.tally where day >= $1::date - 2`,
      [instantToText(clock.now())],
    );
  for (const { tenant } of rows) await judgeOffers(options, tenant).catch(onError);
}

/** Opens what has to be opened; answers the scopes. Nothing here ever closes one. */
export async function judgeOffers(
  { database, clock, execute }: Pick<BreakerParts, 'database' | 'clock' | 'execute'>,
  tenant: string,
): Promise<readonly string[]> {
  const now = clock.now();
  const { found, open } = await withTx(
    database.pool('read'),
    async (tx) => ({ found: await findTrouble(tx, now), open: await readOpenScopes(tx) }),
    { tenant, readOnly: true },
  );
  const opened: string[] = [];
  for (const trouble of found.filter(({ scope }) => !isStopped(open, scope))) {
    if (isStopped(new Set(opened), trouble.scope)) continue;
    if (await openBreaker(execute, tenant, trouble, now)) opened.push(trouble.scope);
  }
  return opened;
}

async function openBreaker(
  execute: BreakerParts['execute'],
  tenant: string,
  trouble: OpenBody,
  now: Instant,
): Promise<boolean> {
  try {
    await execute({
      principal: { kind: 'service', id: 'offers', tenant },
      operation: 'offers.breaker.open',
      idempotencyKey: `breaker ${trouble.scope} ${trouble.reason} ${instantToText(now)}`,
      body: trouble as unknown as Json,
    });
    return true;
  } catch (error) {
    // Another process was first.
    if (error instanceof Fault && error.code === 'conflict') return false;
    throw error;
  }
}

/** Over all before action by action: where everything stops, nothing else has to. */
async function findTrouble(tx: Tx, now: Instant): Promise<readonly OpenBody[]> {
  const settings = await readLearning(tx);
  const from = now - settings.breaker.window_hours * hourMs;
  const since = await sinceReset(tx, from);
  return [
    ...(await coreTrouble(tx, settings, since(allActions))),
    ...(await complaintTrouble(tx, settings, since(allActions))),
    ...(await driftTrouble(tx, settings, { from, since })),
    ...(await fairnessTrouble(tx)),
  ];
}

/** The newest of a span: of today and of before apart, so that neither leaves no room. */
function sampleSql(span: string): string {
  return `select action, propensity_ppm as ppm, presented_at as at from offers.exposure
    where tenant_id = core.current_tenant() and ${span}
    order by presented_at desc limit ${driftSampleMax}`;
}

type Since = (scope: string) => Instant;

/** Each newest reset by its scope. */
const resetsSql = `select scope, max(closed_at) as at from offers.breaker
  where tenant_id = core.current_tenant() and closed_at is not null group by scope`;

/**
 * What a person has looked at and let go on is not held against it again: of an action, or of all.
 * Of what else there is he has said nothing.
 */
async function sinceReset(tx: Tx, from: Instant): Promise<Since> {
  const { rows } = await tx.query<{ scope: string; at: Date }>(resetsSql);
  const resets = new Map(rows.map(({ scope, at }) => [scope, at.getTime()]));
  const at = (scope: string) => resets.get(scope) ?? 0;
  return (scope) => Math.max(from, at(scope), at(allActions));
}

async function coreTrouble(
  tx: Tx,
  { breaker: { core_failures: most } }: LearningSettings,
  since: Instant,
): Promise<OpenBody[]> {
  const { rows } = await tx.query<{ n: string }>(
    `select count(*)::text as n from offers.write_back
      where tenant_id = core.current_tenant() and status = 'given_up' and due_at > $1`,
    [instantToText(since)],
  );
  const failures = Number(rows[0]?.n ?? 0);
  if (failures < most) return [];
  return [{ scope: allActions, reason: 'core_errors', figures: { failures, limit: most } }];
}

type Complained = {
  readonly action: string;
  readonly presented: number;
  readonly complaints: number;
};

/**
 * Of all and of each action. Whoever was presented with two things and complains has complained
 * once, of both.
 */
const complainedSql = `with resets as (${resetsSql}),
  shown as (
    select action, presented_at from offers.exposure
     where tenant_id = core.current_tenant() and presented_at > $1),
  said as (
    select distinct q.id, q.made_at, e.action
      from register.service_request q
      join offers.exposure e on e.tenant_id = q.tenant_id and e.customer = q.party_id
       and e.presented_at <= q.made_at and e.presented_at > q.made_at - $2 * interval '1 day'
     where q.tenant_id = core.current_tenant() and q.subject = 'complaint' and q.made_at > $1)
  select $3 as action, (select count(*) from shown)::integer as presented,
         (select count(distinct id) from said)::integer as complaints
  union all
  (select s.action, s.presented,
          (select count(*) from said
            where said.action = s.action and said.made_at > s.since)::integer
     from (select e.action, coalesce(r.at, $1) as since, count(*) filter
                    (where e.presented_at > coalesce(r.at, $1))::integer as presented
             from shown e left join resets r on r.scope = e.action
            group by e.action, coalesce(r.at, $1)) s
    order by s.action limit ${actionsMax})`;

/** The complaints of customers to whom something was presented lately, per presentation. */
async function complaintTrouble(
  tx: Tx,
  { breaker }: LearningSettings,
  since: Instant,
): Promise<OpenBody[]> {
  const { rows } = await tx.query<Complained>(complainedSql, [
    instantToText(since),
    complaintDays,
    allActions,
  ]);
  return rows.flatMap(({ action: scope, presented, complaints }): OpenBody[] => {
    const ppm = presented === 0 ? 0 : Math.round((complaints * 1_000_000) / presented);
    const isEnough = presented >= breaker.presented_min;
    if (!isEnough || ppm <= breaker.complaints_ppm) return [];
    const figures = { presented, complaints, ppm, limit_ppm: breaker.complaints_ppm };
    return [{ scope, reason: 'complaints', figures }];
  });
}

/** Whether those who are offered an action today are thought as likely to accept as before. */
async function driftTrouble(
  tx: Tx,
  { breaker }: LearningSettings,
  { from, since }: { readonly from: Instant; readonly since: Since },
): Promise<OpenBody[]> {
  const { rows } = await tx.query<{ action: string; ppm: number; at: Date }>(
    `(${sampleSql('presented_at > $1')})
     union all (${sampleSql('presented_at <= $1 and presented_at > $2')})`,
    [instantToText(from), instantToText(from - driftDays * dayMs)],
  );
  return [...Map.groupBy(rows, ({ action }) => action)].flatMap(([scope, own]): OpenBody[] => {
    const [before, today] = [false, true].map((isNow) => {
      const counter = counterOf({ edges: driftEdges });
      for (const { ppm, at } of own) {
        if (at.getTime() > since(scope) === isNow) countValue(counter, ppm);
      }
      return counter;
    });
    if (!before || !today) return [];
    const drift = measureDrift(before, today, driftSignificance);
    const isEnough = drift.current_n >= breaker.presented_min;
    if (!isEnough || drift.level !== 'large') return [];
    const { psi, psi_critical, current_n } = drift;
    return [{ scope, reason: 'drift', figures: { psi, psi_critical, n: current_n } }];
  });
}

/** Four fifths, with few excused and chance, too: see fairness of models. */
async function fairnessTrouble(tx: Tx): Promise<OpenBody[]> {
  const { rows } = await tx.query<{ code: string }>(
    `select code from offers.action_standing
      where tenant_id = core.current_tenant() and status = 'live'
        and exists (select from offers.monitored_group
                     where tenant_id = core.current_tenant())
        and not exists (select from offers.breaker b
                     where b.tenant_id = core.current_tenant() and b.scope = code
                       and b.reason = 'fairness' and b.closed_at is not null)
      order by code limit ${actionsMax}`,
  );
  const found: OpenBody[] = [];
  for (const { code: scope } of rows) {
    const flagged = (await fairnessOfReach(tx, scope)).flatMap(({ attribute, groups }) =>
      groups.filter(({ is_flagged }) => is_flagged).map((group) => ({ attribute, ...group })),
    );
    const [first] = flagged;
    if (!first) continue;
    const { attribute, group, n, impact_ratio, impact_z } = first;
    const figures = { attribute, group, n, impact_ratio: impact_ratio ?? 0, z: impact_z ?? 0 };
    found.push({ scope, reason: 'fairness', figures });
  }
  return found;
}
