// Experiments: what each action has changed, for whom, and how sure that is.
import {
  evaluateOffPolicy,
  fairnessOf,
  type GroupFairness,
  type Lift,
  liftOf,
  type OffPolicy,
  qini,
  type Tallies,
  type Trial,
  upliftAuc,
} from '#ai';
import { generationSql, type Instant, instantToText, type Tx, dayMs } from '#core';
import { armsShown } from './arms.ts';
import { learningName } from './rows.ts';
import { type LearningSettings, readLearning } from './settings.ts';

/** Who is young in an experiment says nothing yet: the window of the others has passed. */
export type ArmCount = {
  readonly arm: string;
  readonly n: number;
  readonly mature: number;
  /** Of the mature, those who have opened the product within the window. */
  readonly opened: number;
};

export type ExperimentSummary = {
  readonly action: string;
  readonly arms: readonly ArmCount[];
  /** Offered against not offered, of the mature. */
  readonly lift: Lift;
  /** Of those who were offered it and opened it, how many would not have: control-adjusted. */
  readonly incremental: number | null;
};

export type AttributeFairness = {
  readonly attribute: string;
  readonly groups: readonly GroupFairness[];
};

export type ExperimentView = ExperimentSummary & {
  readonly window_days: number;
  readonly as_of: string;
  /** Offering it to everybody with whom chance was tried: accepted, per offer. */
  readonly off_policy: OffPolicy | null;
  /** Whether those are ranked first whom offering it has changed. */
  readonly ranking: { readonly n: number; qini: number | null; uplift_auc: number | null };
  /** Whom it reaches, where the bank has told groups: nothing decides by them. */
  readonly fairness: readonly AttributeFairness[];
};

const experimentsMax = 200;
const trialsMax = 100_000;
const groupsMax = 200;

type Counted = Omit<ArmCount, 'n' | 'mature' | 'opened'> &
  Record<'n' | 'mature' | 'opened', string> & { readonly action: string };

export async function listExperiments(tx: Tx, now: Instant): Promise<readonly ExperimentSummary[]> {
  const settings = await readLearning(tx);
  const counted = await countArms(tx, null, bounds(settings, now));
  return [...Map.groupBy(counted, ({ action }) => action)].map(([action, rows]) =>
    summaryOf(action, rows),
  );
}

export async function readExperiment(
  tx: Tx,
  action: string,
  now: Instant,
): Promise<ExperimentView | undefined> {
  const settings = await readLearning(tx);
  const at = bounds(settings, now);
  const rows = await countArms(tx, action, at);
  const known = await tx.query(
    'select from offers.action where tenant_id = core.current_tenant() and code = $1 limit 1',
    [action],
  );
  if (rows.length === 0 && known.rowCount === 0) return undefined;
  return {
    ...summaryOf(action, rows),
    ...{ window_days: settings.attribution_days, as_of: instantToText(now) },
    off_policy: await offPolicyOf(tx, action),
    ranking: await rankingOf(tx, action, at),
    fairness: await fairnessOfReach(tx, action),
  };
}

/** The hold-out over all actions: whether those who are offered anything at all open more. */
export async function readHoldout(tx: Tx, now: Instant): Promise<ExperimentSummary> {
  const at = bounds(await readLearning(tx), now);
  const { rows } = await tx.query<Counted>(
    `select '*' as action, arm, count(*)::text as n, (count(*) filter (where is_mature))::text
              as mature, (count(*) filter (where is_mature and opened))::text as opened
       from (select case when bool_or(arm = 'holdout') then 'holdout' else 'treated' end as arm,
                    min(first_at) <= $2 as is_mature,
                    bool_or(opened_at <= first_at + $3 * interval '1 day') is true as opened
               from offers.participant
              where tenant_id = core.current_tenant() and generation = ${generationSql('$1')}
                and arm <> 'control'
              group by customer) as customers
      group by arm order by arm`,
    [learningName, at.matureBefore, at.days],
  );
  return summaryOf('*', rows);
}

type Bounds = { readonly matureBefore: string; readonly days: number };

function bounds({ attribution_days: days }: LearningSettings, now: Instant): Bounds {
  return { matureBefore: instantToText(now - days * dayMs), days };
}

async function countArms(tx: Tx, action: string | null, at: Bounds): Promise<readonly Counted[]> {
  const { rows } = await tx.query<Counted>(
    `select action, arm, count(*)::text as n,
            (count(*) filter (where first_at <= $3))::text as mature,
            (count(*) filter (where first_at <= $3
               and opened_at <= first_at + $4 * interval '1 day'))::text as opened
       from offers.participant
      where tenant_id = core.current_tenant() and generation = ${generationSql('$1')}
        and ($2::text is null or action = $2)
      group by action, arm order by action, arm limit ${experimentsMax}`,
    [learningName, action, at.matureBefore, at.days],
  );
  return rows;
}

function summaryOf(action: string, rows: readonly Counted[]): ExperimentSummary {
  const arms = rows.map(
    ({ arm, n, mature, opened }): ArmCount => ({
      ...{ arm, n: Number(n), mature: Number(mature), opened: Number(opened) },
    }),
  );
  const share = (isShown: boolean) => {
    const own = arms.filter(({ arm }) => arm !== 'explored' && armsShown.includes(arm) === isShown);
    const sum = (name: 'mature' | 'opened') => own.reduce((total, each) => total + each[name], 0);
    return { hits: sum('opened'), n: sum('mature') };
  };
  const treated = share(true);
  const lift = liftOf(treated, share(false));
  const incremental = lift.difference === null ? null : Math.round(lift.difference * treated.n);
  return { action, arms, lift, incremental };
}

/** Of those to whom offers were drawn by chance: there every action had a known chance. */
async function offPolicyOf(tx: Tx, action: string): Promise<OffPolicy | null> {
  const { rows } = await tx.query<{ chosen: number; wanted: boolean; accepted: boolean }>(
    `select chosen_ppm as chosen, action = $2 as wanted, accepted_at is not null as accepted
       from offers.participant
      where tenant_id = core.current_tenant() and generation = ${generationSql('$1')}
        and arm = 'explored'
      order by first_at desc limit ${trialsMax}`,
    [learningName, action],
  );
  return evaluateOffPolicy(
    rows.map(({ chosen, wanted, accepted }) => ({
      ...{ propensity: chosen / 1_000_000, wanted: Number(wanted), reward: Number(accepted) },
    })),
  );
}

async function rankingOf(tx: Tx, action: string, at: Bounds): Promise<ExperimentView['ranking']> {
  const { rows } = await tx.query<{ score: number; arm: string; opened: boolean }>(
    `select propensity_ppm as score, arm,
            coalesce(opened_at <= first_at + $4 * interval '1 day', false) as opened
       from offers.participant
      where tenant_id = core.current_tenant() and generation = ${generationSql('$1')}
        and action = $2 and first_at <= $3 and arm <> 'explored'
      order by first_at desc limit ${trialsMax}`,
    [learningName, action, at.matureBefore, at.days],
  );
  const trials = rows.map(
    ({ score, arm, opened }): Trial => ({
      ...{ score, isTreated: armsShown.includes(arm), value: Number(opened) },
    }),
  );
  const isBoth = new Set(trials.map(({ isTreated }) => isTreated)).size === 2;
  if (!isBoth) return { n: trials.length, qini: null, uplift_auc: null };
  return { n: trials.length, qini: qini(trials), uplift_auc: upliftAuc(trials) };
}

/** Of each group that the bank has told, the share that was offered it. */
export async function fairnessOfReach(
  tx: Tx,
  action: string,
): Promise<readonly AttributeFairness[]> {
  const { rows } = await tx.query<{ attribute: string; name: string; n: string; hits: string }>(
    `select g.attribute, g.group_name as name, count(*)::text as n, count(p.customer)::text as hits
       from offers.monitored_group g
       left join offers.participant p on p.tenant_id = g.tenant_id
        and p.generation = ${generationSql('$1')} and p.action = $2 and p.customer = g.customer
        and p.arm = any ($3)
      where g.tenant_id = core.current_tenant()
      group by g.attribute, g.group_name order by g.attribute, g.group_name limit ${groupsMax}`,
    [learningName, action, armsShown],
  );
  return [...Map.groupBy(rows, ({ attribute }) => attribute)].map(([attribute, found]) => {
    const tallies: Tallies = new Map(
      found.map(({ name: group, n, hits }) => [
        group,
        { group, all: { hits: Number(hits), n: Number(n) }, deserving: { hits: 0, n: 0 } },
      ]),
    );
    return { attribute, groups: fairnessOf(tallies) };
  });
}
