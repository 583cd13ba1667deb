// What a customer was spoken to of, and what room that leaves: as people of the bank look at it.
import { externalId, type Instant, internalId, type Page, pageOf, type Tx, type Uuid } from '#core';
import { type OfferChannel, offerChannels } from './action.ts';
import { contactMonthDays, readContactPolicy } from './contact-policy.ts';
import { readKnown, standingOf, type Told } from './exposure.ts';

export type ContactView = {
  readonly offer_id: string;
  readonly action: string;
  readonly channel: string;
  readonly path: string;
  readonly counts: boolean;
  readonly presented_at: string;
  readonly status: string;
};

export type ContactsView = Page<ContactView> & {
  readonly customer: string;
  readonly month_days: number;
  readonly offers_this_month: number;
  readonly offers_max: number;
  readonly days_since_complaint: number;
  readonly channels: readonly {
    readonly channel: OfferChannel;
    readonly offers: number;
    readonly offers_max: number | null;
  }[];
  readonly told: Told;
};

type Row = Omit<ContactView, 'offer_id' | 'presented_at'> & {
  readonly offer_id: Uuid;
  readonly presented_at: Date;
};

export type ContactsQuery = {
  readonly customer: string;
  readonly at: Instant;
  readonly limit: number;
  readonly after?: string | undefined;
};

export async function readContacts(tx: Tx, query: ContactsQuery): Promise<ContactsView> {
  const { customer, at, limit, after } = query;
  const { rows } = await tx.query<Row>(
    `select e.offer_id, e.action, e.channel, e.path, e.counts, e.presented_at, o.status
       from offers.exposure e
       join offers.offer o on o.tenant_id = e.tenant_id and o.id = e.offer_id
      where e.tenant_id = core.current_tenant() and e.customer = $1
        and ($2::uuid is null or e.offer_id < $2)
      order by e.offer_id desc limit $3`,
    [customer, (after && internalId('offer', after)) ?? null, limit + 1],
  );
  const page = pageOf(rows, limit, ({ offer_id }) => externalId('offer', offer_id));
  const known = await readKnown(tx, customer);
  const { contactPolicy } = await readContactPolicy(tx);
  const standing = (channel: OfferChannel) =>
    standingOf(known, { at, action: '', channel, contactPolicy });
  const { offers_this_month, days_since_complaint } = standing('in_app');
  return {
    ...{ customer, month_days: contactMonthDays, offers_this_month, days_since_complaint },
    offers_max: contactPolicy.offers_max,
    channels: offerChannels.map((channel) => {
      const { offers_by_channel: offers, channel_offers_max: offers_max } = standing(channel);
      return { channel, offers, offers_max };
    }),
    told: known.told,
    items: page.items.map(({ offer_id, presented_at, ...row }) => ({
      ...row,
      offer_id: externalId('offer', offer_id),
      presented_at: presented_at.toISOString(),
    })),
    next: page.next,
  };
}

export type StatementOffer = {
  readonly account_id: string;
  readonly offer_id: string;
  readonly customer: string;
  readonly product_code: string;
  readonly message: string;
  readonly code: string;
  readonly expires_at: string;
};

/**
 * For the run of statements: offers made for the post that can still be answered, account by
 * account, each on the account that the customer holds longest.
 */
export async function listStatementOffers(
  tx: Tx,
  { at, limit, after }: Omit<ContactsQuery, 'customer'>,
): Promise<Page<StatementOffer>> {
  const { rows } = await tx.query<
    Omit<StatementOffer, 'account_id' | 'offer_id' | 'expires_at'> & {
      id: Uuid;
      account: Uuid;
      expires_at: Date;
    }
  >(
    `select o.id, h.account_id as account, o.customer, a.body #>> '{product,code}' as product_code,
            o.message, o.code, o.expires_at
       from offers.offer o
       join offers.action a on a.tenant_id = o.tenant_id and a.code = o.action
        and a.version = o.action_version
       join lateral (select account_id from register.account_party p
                      where p.tenant_id = o.tenant_id and p.party_id = o.customer
                        and p.role = 'holder' order by linked_at, account_id limit 1) h on true
      where o.tenant_id = core.current_tenant() and o.channel = 'post'
        and o.status in ('presented', 'viewed') and o.expires_at > to_timestamp($1::bigint / 1000.0)
        and ($2::uuid is null or o.id > $2)
      order by o.id limit $3`,
    [at, (after && internalId('offer', after)) ?? null, limit + 1],
  );
  const page = pageOf(rows, limit, ({ id }) => externalId('offer', id));
  return {
    ...page,
    items: page.items.map(({ id, account, expires_at, ...row }) => ({
      ...row,
      account_id: externalId('account', account),
      offer_id: externalId('offer', id),
      expires_at: expires_at.toISOString(),
    })),
  };
}
