// A page of customers for a batch: what the funnel goes by, of thousands in one statement.
import { type Instant, instantToText, type Tx, dayMs } from '#core';
import type { OfferChannel } from './action.ts';
import type { Contact, Known, Told } from './exposure.ts';
import type { Arm } from './learning/arms.ts';

export type BatchCustomer = {
  readonly customer: string;
  readonly known: Known;
  /** Whether he agrees to marketing by the channel, and to models reading his data. */
  readonly marketing: boolean;
  readonly data: boolean;
  readonly balance: number | null;
  readonly stored: ReadonlyMap<string, Arm>;
};

export type PageQuery = {
  readonly after: string;
  readonly limit: number;
  readonly channel: OfferChannel;
  readonly currency: string;
  readonly at: Instant;
  /** Of the hold-out that counts. */
  readonly period: string;
};

/** Contacts that no contact policy looks back to any more are not read. */
const lookBackDays = 366;

type Row = {
  readonly customer: string;
  readonly kind: 'person' | 'organisation';
  readonly segment: 'person' | 'business';
  readonly country: string;
  readonly since: string;
  readonly marketing: boolean;
  readonly data: boolean;
  readonly codes: readonly string[] | null;
  readonly balance: string | null;
  readonly told: Told | null;
  readonly contacts: readonly Contact[] | null;
  readonly open_complaints: number | null;
  readonly complaint_ended_at: string | null;
  readonly stored: Readonly<Record<string, Arm>> | null;
};

/** In the order of their ids, which is that of every run. */
export async function readPage(
  tx: Tx,
  { after, limit, channel, currency, at, period }: PageQuery,
): Promise<readonly BatchCustomer[]> {
  const ends = await tx.query<{ first: string | null; last: string | null }>(endsSql, [
    after,
    limit,
  ]);
  const { first = null, last = null } = ends.rows[0] ?? {};
  // Without a name: planned anew for each page, by where it begins and ends.
  const { rows } = await tx.query<Row>(pageSql, [
    ...[first, last, `marketing/${channel}`, currency, instantToText(at)],
    ...[instantToText(at - lookBackDays * dayMs), period],
  ]);
  return rows.map(customerOf);
}

const endsSql = `select min(id) as first, max(id) as last from (
    select id from register.party
     where tenant_id = core.current_tenant() and id > $1 and status = 'customer'
     order by id limit $2) as page`;

function customerOf(row: Row): BatchCustomer {
  const { customer, kind, segment, country, since, marketing, data } = row;
  return {
    ...{ customer, marketing, data },
    known: {
      party: { kind, segment, status: 'customer', country, since },
      told: row.told ?? none,
      products: row.codes ?? [],
      contacts: row.contacts ?? [],
      complaints: { open: row.open_complaints ?? 0, ended_at: row.complaint_ended_at },
      // Quiet hours are for whoever presents.
      time_zone: 'UTC',
    },
    balance: row.balance === null ? null : Number(row.balance),
    stored: row.stored === null ? nobody : new Map(Object.entries(row.stored)),
  };
}

const none: Told = {};
const nobody: ReadonlyMap<string, Arm> = new Map();

/** Each table is walked once along its key, between the first and the last customer of the page. */
const pageSql = `with held as (
    select h.party_id, array_agg(distinct p.code) filter (where p.code is not null) as codes,
           sum(a.credits_posted - a.debits_posted)
             filter (where a.type = 'liability' and a.currency = $4)::text as balance
      from register.account_party h
      left join money.account a on a.tenant_id = core.current_tenant() and a.id = h.account_id
      left join register.arrangement g
        on g.tenant_id = core.current_tenant() and g.account_id = h.account_id
      left join register.product p
        on p.tenant_id = core.current_tenant() and p.id = g.product_id
     where h.tenant_id = core.current_tenant() and h.party_id between $1 and $2
       and h.role <> 'former'
     group by h.party_id),
  agreed as (
    select person, bool_or(topic = $3 and granted) as marketing,
           bool_or(topic = 'ai_data_use' and granted) as data
      from (select distinct on (person, topic) person, topic,
                   status = 'granted' and expires_at > $5 as granted
              from policy.consent
             where tenant_id = core.current_tenant() and person between $1 and $2
               and topic in ($3, 'ai_data_use') and effective_at <= $5
             order by person, topic, effective_at desc, status desc, expires_at, id desc) latest
     group by person),
  spoken as (
    select o.customer, json_agg(json_build_object('offer_id', o.id, 'action', o.action,
             'channel', o.channel, 'counts', x.counts, 'status', o.status,
             'presented_at', o.presented_at, 'expires_at', o.expires_at,
             'answered_at', o.answered_at) order by o.id desc) as contacts
      from offers.offer o
      join offers.exposure x on x.tenant_id = core.current_tenant() and x.offer_id = o.id
     where o.tenant_id = core.current_tenant() and o.customer between $1 and $2
       and o.presented_at > $6
     group by o.customer),
  complained as (
    select party_id, (count(*) filter (where status = 'open'))::integer as open,
           max(ended_at)::text as ended_at
      from register.service_request
     where tenant_id = core.current_tenant() and party_id between $1 and $2
       and subject = 'complaint'
     group by party_id),
  kept as (
    -- Of two the last counts: who is held out of all is out of what he was shown before.
    select customer, json_object_agg(action, arm order by arm = 'holdout') as stored
      from (select customer, action, 'treated' as arm from offers.exposure
             where tenant_id = core.current_tenant() and customer between $1 and $2
               and arm = 'treated'
            union
            select customer, action, arm from offers.assignment
             where tenant_id = core.current_tenant() and customer between $1 and $2
               and period in ('ever', $7)) as arms
     group by customer)
  select page.id as customer, page.kind, page.segment, page.country, page.since::text as since,
         coalesce(agreed.marketing, false) as marketing, coalesce(agreed.data, false) as data,
         held.codes, held.balance, c.told, spoken.contacts,
         complained.open as open_complaints, complained.ended_at as complaint_ended_at,
         kept.stored
    from register.party page
    left join held on held.party_id = page.id
    left join agreed on agreed.person = page.id
    left join spoken on spoken.customer = page.id
    left join complained on complained.party_id = page.id
    left join kept on kept.customer = page.id
    left join offers.customer c on c.tenant_id = core.current_tenant()
     and c.customer between $1 and $2 and c.customer = page.id
   where page.tenant_id = core.current_tenant() and page.id between $1 and $2
     and page.status = 'customer'
   order by page.id`;
