// What an offer is chosen by, read at once: one round trip for the customer, and a memory of what
// the bank has published, which is good for as long as nobody changes it.
import {
  type Instant,
  instantToText,
  type Pool,
  type SharedRead,
  sharedRead,
  type Tx,
  type Uuid,
  withTx,
} from '#core';
import { type RolloutSettings, rolloutSource } from '#policy';
import type { OfferChannel, PublishedAction } from './action.ts';
import { type CompiledAction, compileAction } from './action-facts.ts';
import { isFrozen, isStopped } from './breaker.ts';
import { type ContactPolicy, readContactPolicy } from './contact-policy.ts';
import { type Known, knownSql } from './exposure.ts';
import { type Arm, holdoutPeriod } from './learning/arms.ts';
import { learningDefault, type LearningSettings } from './learning/settings.ts';
import { volumePeriod } from './present.ts';
import { readShown, type ShownOffer } from './session-shown.ts';

export type CustomerQuestion = {
  readonly customer: string;
  readonly channel: OfferChannel;
  /** In which balances count. */
  readonly currency: string;
  readonly at: Instant;
};

/** Of the customer, and of what the whole bank shares at the same instant. */
export type Looked = {
  readonly known: Known;
  readonly marketing: boolean;
  readonly data: boolean;
  /** Minor units of the home currency; null where the customer has no such account. */
  readonly balance: number | null;
  readonly open: readonly OpenOffer[];
  readonly stored: readonly StoredArm[];
  readonly epoch: string;
  readonly volumes: Readonly<Record<string, number>>;
  readonly breakers: readonly string[];
  /** Null where the tenant has said nothing of it. */
  readonly learning: LearningSettings | null;
};

type StoredArm = { readonly action: string; readonly arm: Arm; readonly period: string };

/** An offer that the customer has and has not answered. */
export type OpenOffer = {
  readonly offer_id: string;
  readonly action: string;
  readonly presented_at: string;
};

/** What the bank has published, at one epoch. */
export type Published = {
  readonly epoch: bigint;
  readonly actions: readonly CompiledAction[];
  readonly contactPolicy: ContactPolicy;
  readonly contactPolicyVersion: number;
  readonly rollout: RolloutSettings;
};

export type Reading = {
  readonly customer: SharedRead<CustomerQuestion, Looked>;
  /** Offers by their ids, in their order. */
  readonly shown: SharedRead<readonly Uuid[], readonly ShownOffer[]>;
  readonly published: (tenant: string, epoch: bigint) => Promise<Published>;
};

const tenantsMax = 1_000;
/** More than a bank has on offer at a time. */
const actionsMax = 1_000;

export function openReading(pools: {
  /** Of the role read: in pipeline mode, and as it is. */
  readonly pipeline: Pool;
  readonly read: Pool;
  readonly policy: Pool;
}): Reading {
  const memory = new Map<string, Promise<Published>>();
  const rollouts = rolloutSource(pools.policy);
  return {
    customer: sharedRead({ name: 'offers', pool: pools.pipeline, read: readCustomers }),
    shown: sharedRead({ name: 'offers shown', pool: pools.pipeline, read: readShown }),
    async published(tenant, epoch) {
      const known = await memory.get(tenant);
      if (known && known.epoch >= epoch) return known;
      const look = Promise.all([
        withTx(pools.read, (tx) => readPublished(tx), { tenant, readOnly: true }),
        rollouts(tenant, epoch),
      ]).then(([found, rollout]) => ({ ...found, rollout, epoch }));
      if (memory.size >= tenantsMax) memory.clear();
      memory.set(tenant, look);
      look.catch(() => memory.delete(tenant));
      return look;
    },
  };
}

async function readPublished(tx: Tx) {
  const { rows } = await tx.query<PublishedRow>(
    `select a.code, a.version, a.body from offers.action_standing s
       join offers.action a on a.tenant_id = s.tenant_id and a.code = s.code
        and a.version = s.version
      where s.tenant_id = core.current_tenant() and s.status = 'live'
      order by a.code limit ${actionsMax}`,
  );
  const { version, contactPolicy } = await readContactPolicy(tx);
  const actions = rows.map(({ body: action, ...row }) => compileAction({ ...row, action }));
  return { actions, contactPolicy, contactPolicyVersion: version };
}

type PublishedRow = Pick<PublishedAction, 'code' | 'version'> & {
  readonly body: PublishedAction['action'];
};

const consentSql = (topic: string) => `coalesce((
  select status = 'granted' and expires_at > asked.at from policy.consent c
   where c.tenant_id = core.current_tenant() and c.person = asked.customer
     and c.topic = ${topic} and c.effective_at <= asked.at
   order by effective_at desc, status desc, expires_at, id desc limit 1), false)`;

const customerSql = `select json_build_object(
  'known', ${knownSql('asked.customer')},
  'marketing', ${consentSql(`'marketing/' || asked.channel`)},
  'data', ${consentSql(`'ai_data_use'`)},
  'balance', (select sum(a.credits_posted - a.debits_posted)::bigint
                from register.account_party h
                join money.account a on a.tenant_id = h.tenant_id and a.id = h.account_id
               where h.tenant_id = core.current_tenant() and h.party_id = asked.customer
                 and h.role <> 'former' and a.type = 'liability'
                 and a.currency = asked.currency),
  'open', coalesce((select json_agg(o) from (
            select id as offer_id, action, presented_at from offers.offer
             where tenant_id = core.current_tenant() and customer = asked.customer
               and status in ('presented', 'viewed') and channel = asked.channel
               and expires_at > asked.at and class = 'default'
             order by id desc limit 10) o), '[]'),
  'stored', coalesce((select json_agg(s order by s.arm = 'holdout') from (
              select action, 'treated' as arm, 'ever' as period from offers.exposure
               where tenant_id = core.current_tenant() and customer = asked.customer
                 and arm = 'treated' group by action
              union all
              select action, arm, period from offers.assignment
               where tenant_id = core.current_tenant() and customer = asked.customer) s), '[]'),
  'epoch', (select epoch::text from core.tenant where tenant_id = core.current_tenant()),
  'volumes', coalesce((select json_object_agg(v.action || ' ' || v.period, v.presented)
                         from offers.volume v
                        where v.tenant_id = core.current_tenant()
                          and v.period in ('total', asked.day, left(asked.day, 7))), '{}'),
  'breakers', coalesce((select json_agg(scope) from offers.breaker
                         where tenant_id = core.current_tenant() and closed_at is null), '[]'),
  'learning', (select body from offers.learning_setting
                where tenant_id = core.current_tenant())) as looked
  from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::text[])
    with ordinality as asked(customer, channel, currency, at, day, place)
 order by asked.place`;

async function readCustomers(tx: Tx, questions: readonly CustomerQuestion[]): Promise<Looked[]> {
  const instants = questions.map(({ at }) => instantToText(at));
  const { rows } = await tx.query<{ looked: Looked }>({
    name: 'offer-customers',
    text: customerSql,
    values: [
      questions.map(({ customer }) => customer),
      questions.map(({ channel }) => channel),
      questions.map(({ currency }) => currency),
      instants,
      instants.map((each) => each.slice(0, 10)),
    ],
  });
  return rows.map(({ looked }) => looked);
}

/** What was decided before; of a hold-out, that of this period alone. */
export function storedArms({ stored, learning }: Looked, at: Instant): ReadonlyMap<string, Arm> {
  const period = holdoutPeriod(learning ?? learningDefault, at);
  const counting = stored.filter((each) => each.period === 'ever' || each.period === period);
  return new Map(counting.map(({ action, arm }) => [action, arm]));
}

/** Scarce offers of which none is left. */
export function exhaustedOf(
  { volumes }: Looked,
  actions: readonly CompiledAction[],
  at: Instant,
): ReadonlySet<string> {
  return new Set(
    actions.flatMap(({ code, action: { volume } }) => {
      if (!volume) return [];
      const presented = volumes[`${code} ${volumePeriod(volume.period, at)}`] ?? 0;
      return presented >= volume.offers_max ? [code] : [];
    }),
  );
}

export function brokenIn({ breakers }: Looked) {
  const scopes = new Set(breakers);
  return {
    isBroken: ({ code }: CompiledAction) => isStopped(scopes, code),
    isFrozen: isFrozen(scopes),
  };
}

/** Our customer of the id that the bank's core has for him. */
export async function customerOfCore(tx: Tx, id: string): Promise<string | undefined> {
  const { rows } = await tx.query<{ own_id: string }>(
    `select own_id from register.core_link
      where tenant_id = core.current_tenant() and kind = 'party' and core_id = $1
      order by core limit 1`,
    [id],
  );
  return rows[0]?.own_id;
}
