// The ledger of exposures: what a customer was presented with by any path, and what that leaves
// room for. Whoever presents asks here, and nowhere else.
import { type Instant, instantToText, localTime, nullable, dayMs } from '#core';
import type pg from 'pg';
import Type from 'typebox';
import type { ActionClass, OfferChannel, ProductKind } from './action.ts';
import { contactMonthDays, type ContactPolicy } from './contact-policy.ts';

/** What the bank tells of a customer that the register does not know. Null takes it back. */
export const toldSchema = Type.Object(
  {
    of_age: Type.Optional(nullable(Type.Boolean())),
    hardship: Type.Optional(nullable(Type.Boolean())),
    bereaved_until: Type.Optional(nullable(Type.String({ format: 'date' }))),
    days_past_due: Type.Optional(nullable(Type.Integer({ minimum: 0, maximum: 100_000 }))),
    approval_likelihood_ppm: Type.Optional(
      nullable(
        Type.Integer({
          ...{ minimum: 0, maximum: 1_000_000 },
          description: 'How many of a million such applications for credit are approved.',
        }),
      ),
    ),
    declined_at: Type.Optional(
      nullable(
        Type.String({ format: 'date-time', description: 'When credit was last declined to him.' }),
      ),
    ),
    complained_at: Type.Optional(
      nullable(
        Type.String({ format: 'date-time', description: 'Where complaints are kept elsewhere.' }),
      ),
    ),
    time_zone: Type.Optional(nullable(Type.String({ pattern: '^[A-Za-z0-9_+/-]{1,60}$' }))),
    cohort: Type.Optional(nullable(Type.String({ pattern: '^[a-z][a-z0-9_-]{0,39}$' }))),
    segment: Type.Optional(nullable(Type.String({ pattern: '^[a-z][a-z0-9_-]{0,39}$' }))),
    tier: Type.Optional(nullable(Type.String({ pattern: '^[a-z][a-z0-9_-]{0,39}$' }))),
    life_events: Type.Optional(
      nullable(
        Type.Array(Type.String({ pattern: '^[a-z][a-z0-9_]{0,39}$' }), {
          ...{ maxItems: 20, uniqueItems: true },
        }),
      ),
    ),
  },
  { additionalProperties: false, minProperties: 1 },
);
export type Told = Type.Static<typeof toldSchema>;

export type OfferStatus =
  | 'presented'
  | 'viewed'
  | 'accepted'
  | 'declined'
  | 'expired'
  | 'withdrawn'
  | 'booked';

/** A presentation, with what became of the offer since. */
export type Contact = {
  readonly offer_id: string;
  readonly action: string;
  readonly channel: OfferChannel;
  readonly counts: boolean;
  readonly status: OfferStatus;
  readonly presented_at: string;
  readonly expires_at: string;
  readonly answered_at: string | null;
};

/** What is known of a customer where an offer is decided on. */
export type Known = {
  readonly party: {
    readonly kind: 'person' | 'organisation';
    readonly segment: 'person' | 'business';
    readonly status: 'prospect' | 'customer' | 'former';
    readonly country: string;
    readonly since: string;
  } | null;
  readonly told: Told;
  /** Codes of the register. */
  readonly products: readonly string[];
  readonly contacts: readonly Contact[];
  readonly complaints: { readonly open: number; readonly ended_at: string | null };
  /** Of the bank, where the customer has told none. */
  readonly time_zone: string;
};

/** More than any contact policy looks back to, and more than one lets a customer have. */
const contactsMax = 200;
/** For what has never been. */
export const never = 9_999;

/** One object of what is known of the customer that the SQL names; roles policy and read. */
export const knownSql = (customer: string) => `json_build_object(
  'party', (select json_build_object('kind', kind, 'segment', segment, 'status', status,
              'country', country, 'since', since)
              from register.party
             where tenant_id = core.current_tenant() and id = ${customer}),
  'told', coalesce((select told from offers.customer
                     where tenant_id = core.current_tenant() and customer = ${customer}), '{}'),
  'products', coalesce((select json_agg(distinct p.code)
                 from register.account_party h
                 join register.arrangement a on a.tenant_id = h.tenant_id
                  and a.account_id = h.account_id
                 join register.product p on p.tenant_id = a.tenant_id and p.id = a.product_id
                where h.tenant_id = core.current_tenant() and h.party_id = ${customer}
                  and h.role <> 'former'), '[]'),
  'contacts', coalesce((select json_agg(c) from (
                select o.id as offer_id, o.action, o.channel, e.counts, o.status, o.presented_at,
                       o.expires_at, o.answered_at
                  from offers.offer o
                  join offers.exposure e on e.tenant_id = o.tenant_id and e.offer_id = o.id
                 where o.tenant_id = core.current_tenant() and o.customer = ${customer}
                 order by o.id desc limit ${contactsMax}) c), '[]'),
  'complaints', (select json_build_object('open', count(*) filter (where status = 'open'),
                   'ended_at', max(ended_at))
                   from register.service_request
                  where tenant_id = core.current_tenant() and party_id = ${customer}
                    and subject = 'complaint'),
  'time_zone', (select time_zone from core.tenant where tenant_id = core.current_tenant()))`;

export async function readKnown(tx: pg.ClientBase, customer: string): Promise<Known> {
  const { rows } = await tx.query<{ known: Known }>({
    name: 'offer-known',
    text: `select ${knownSql('$1')} as known`,
    values: [customer],
  });
  return (rows[0] as { known: Known }).known;
}

/** What the exposures of a customer say of one more, of one action by one channel. */
export type ContactStanding = {
  readonly offers_this_month: number;
  readonly offers_by_channel: number;
  /** Of the channel's own cap; null where it has none. */
  readonly channel_offers_max: number | null;
  readonly days_since_refusal: number;
  readonly days_since_complaint: number;
  readonly days_since_presented: number;
  readonly has_open_offer: boolean;
};

export type Asking = {
  readonly at: Instant;
  readonly action: string;
  readonly channel: OfferChannel;
  readonly contactPolicy: ContactPolicy;
};

export function standingOf(known: Known, asking: Asking): ContactStanding {
  const { at, action, channel, contactPolicy } = asking;
  const cap = contactPolicy.channels.find((each) => each.channel === channel);
  // Most customers have heard nothing yet.
  if (known.contacts.length === 0) return unheard(cap?.offers_max ?? null, known, at);
  const own = known.contacts.filter((each) => each.action === action);
  const counted = known.contacts.filter(({ counts }) => counts);
  const within = (days: number) =>
    counted.filter(({ presented_at }) => Date.parse(presented_at) > at - days * dayMs);
  const refused = own.filter(({ status }) => status === 'declined');
  return {
    offers_this_month: within(contactMonthDays).length,
    offers_by_channel: within(cap?.days ?? contactMonthDays).filter(
      (each) => each.channel === channel,
    ).length,
    channel_offers_max: cap?.offers_max ?? null,
    days_since_refusal: daysSince(
      at,
      refused.map(({ answered_at }) => answered_at),
    ),
    days_since_complaint: sinceComplaint(known, at),
    days_since_presented: daysSince(
      at,
      own.map(({ presented_at }) => presented_at),
    ),
    has_open_offer: own.some((each) => isOpen(each, at)),
  };
}

function unheard(channelMax: number | null, known: Known, at: Instant): ContactStanding {
  return {
    ...{ offers_this_month: 0, offers_by_channel: 0, channel_offers_max: channelMax },
    ...{ days_since_refusal: never, days_since_complaint: sinceComplaint(known, at) },
    ...{ days_since_presented: never, has_open_offer: false },
  };
}

export function isOpen(
  { status, expires_at }: Pick<Contact, 'status' | 'expires_at'>,
  at: Instant,
): boolean {
  return (status === 'presented' || status === 'viewed') && Date.parse(expires_at) > at;
}

function sinceComplaint({ complaints, told }: Known, at: Instant): number {
  if (complaints.open > 0) return 0;
  return daysSince(at, [complaints.ended_at, told.complained_at ?? null]);
}

/** Whole days since the last of these; `never` without any. */
export function daysSince(at: Instant, instants: readonly (string | null)[]): number {
  let last = Number.NEGATIVE_INFINITY;
  for (const each of instants) if (each !== null) last = Math.max(last, Date.parse(each));
  return last === Number.NEGATIVE_INFINITY ? never : Math.max(0, Math.floor((at - last) / dayMs));
}

export const contactReasons = {
  presented_recently: 'The customer was presented with this not long ago.',
  open_offer: 'The customer has this offer, and has not answered yet.',
  enough_offers: 'The customer has had as many offers as there may be within 30 days.',
  enough_on_channel: 'The customer has had as many by this channel as there may be.',
  refused_recently: 'The customer has turned this down, and is left alone with it.',
  complained_recently: 'The customer has complained, and is left alone.',
} as const;
export type ContactReason = keyof typeof contactReasons;

/**
 * Why one more presentation would be too many. What the bank has to tell, or what follows from what
 * the customer has done, is told whatever there was before; but nothing is told twice.
 */
export function tooMany(
  standing: ContactStanding,
  contactPolicy: ContactPolicy,
  ofClass: ActionClass,
): readonly ContactReason[] {
  const { offers_max, refusal_days, complaint_days, repeat_days } = contactPolicy;
  const { channel_offers_max: channelMax } = standing;
  const found: ContactReason[] = [];
  const refuse = (holds: boolean, reason: ContactReason) => {
    if (holds) found.push(reason);
  };
  refuse(standing.has_open_offer, 'open_offer');
  refuse(standing.days_since_presented < repeat_days, 'presented_recently');
  if (ofClass !== 'default') return found;
  refuse(standing.offers_this_month >= offers_max, 'enough_offers');
  refuse(channelMax !== null && standing.offers_by_channel >= channelMax, 'enough_on_channel');
  refuse(standing.days_since_refusal < refusal_days, 'refused_recently');
  refuse(standing.days_since_complaint < complaint_days, 'complained_recently');
  return found;
}

/** Whether a customer is of age, as far as anybody has said; an organisation has no age. */
export function isOfAge({ party, told }: Known): boolean | undefined {
  return told.of_age ?? (party?.kind === 'organisation' ? true : undefined);
}

/** The hour of day where the customer lives; the bank's, where nobody has told. */
export function localHour({ told, time_zone }: Known, at: Instant): number {
  const zone = told.time_zone ?? time_zone;
  return hourIn(zone, at) ?? hourIn(time_zone, at) ?? localTime(at, 'UTC').hour;
}

/** Undefined where there is no zone of that name: whoever asks knows another. */
function hourIn(timeZone: string, at: Instant): number | undefined {
  try {
    return localTime(at, timeZone).hour;
  } catch {
    return undefined;
  }
}

export function isBereaved({ told }: Known, at: Instant): boolean {
  return (told.bereaved_until ?? '') > instantToText(at).slice(0, 10);
}

/** For how long credit was not declined to the customer; for anything else it does not matter. */
export function daysSinceDecline({ told }: Known, kind: ProductKind, at: Instant): number {
  return kind === 'credit' ? daysSince(at, [told.declined_at ?? null]) : never;
}
