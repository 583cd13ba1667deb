// Offers as they are read: one with its history, those of a customer, and what he was spoken to of.
import { externalId, internalId, type Page, pageOf, type Tx, type Uuid } from '#core';
import type { OfferStatus } from './exposure.ts';
import type { OfferAct } from './life.ts';

export type OfferView = {
  readonly offer_id: string;
  readonly customer: string;
  readonly action: string;
  readonly version: number;
  readonly class: string;
  readonly product_code: string;
  readonly channel: string;
  readonly path: string;
  readonly code: string;
  readonly message: string;
  readonly why: string;
  readonly amount: number;
  readonly currency: string;
  readonly rate_bps: number | null;
  readonly discount_bps: number;
  readonly api_endpoint: string | null;
  readonly chosen_by_model: boolean;
  readonly status: OfferStatus;
  readonly reason: string | null;
  readonly presented_at: string;
  readonly expires_at: string;
  readonly viewed_at: string | null;
  readonly answered_at: string | null;
  readonly ended_at: string | null;
  readonly booked_at: string | null;
  readonly booked_account: string | null;
  readonly advised_at: string | null;
  readonly score: number;
  readonly counts: boolean;
  readonly arm: string;
  readonly terms: Readonly<Record<string, unknown>>;
  readonly decision_id: string;
};

type Row = Omit<OfferView, 'offer_id' | 'amount' | 'score'> & {
  readonly id: Uuid;
  readonly amount: bigint;
  readonly propensity_ppm: number;
};

const iso = (name: string) => `to_char(o.${name}, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as ${name}`;
const instants = [
  'presented_at',
  'expires_at',
  'viewed_at',
  'answered_at',
  'ended_at',
  'booked_at',
];

const columns = `o.id, o.customer, o.action, o.action_version as version, o.class,
  a.body #>> '{product,code}' as product_code, o.channel, o.path, o.code, o.message, o.why,
  o.amount, o.currency, o.rate_bps, o.discount_bps, o.api_endpoint, o.chosen_by_model, o.status,
  o.reason, ${[...instants, 'advised_at'].map(iso).join(', ')}, o.booked_account,
  e.propensity_ppm, e.counts, e.arm, e.terms, e.decision_id`;
const tables = `offers.offer o
  join offers.exposure e on e.tenant_id = o.tenant_id and e.offer_id = o.id
  join offers.action a on a.tenant_id = o.tenant_id and a.code = o.action
   and a.version = o.action_version`;

function viewOf({ id, amount, propensity_ppm: ppm, ...row }: Row): OfferView {
  return {
    ...row,
    offer_id: externalId('offer', id),
    amount: Number(amount),
    score: Math.round(ppm / 100) / 10_000,
  };
}

export type OfferQuery = {
  readonly customer?: string | undefined;
  readonly action?: string | undefined;
  readonly status?: readonly string[] | undefined;
  readonly channel?: string | undefined;
  /** Only those that the customer can still answer then. */
  readonly openAt?: string | undefined;
  readonly limit: number;
  readonly after?: string | undefined;
};

/** Newest first. */
export async function listOffers(tx: Tx, query: OfferQuery): Promise<Page<OfferView>> {
  const { customer, action, status, channel, openAt, limit, after } = query;
  const { rows } = await tx.query<Row>(
    `select ${columns} from ${tables}
      where o.tenant_id = core.current_tenant()
        and ($1::text is null or o.customer = $1) and ($2::text is null or o.action = $2)
        and ($3::text[] is null or o.status = any ($3)) and ($4::text is null or o.channel = $4)
        and ($5::timestamptz is null
             or (o.status in ('presented', 'viewed') and o.expires_at > $5))
        and ($6::uuid is null or o.id < $6)
      order by o.id desc limit $7`,
    [
      ...[customer ?? null, action ?? null, status ?? null, channel ?? null, openAt ?? null],
      ...[(after && internalId('offer', after)) ?? null, limit + 1],
    ],
  );
  const page = pageOf(rows, limit, ({ id }) => externalId('offer', id));
  return { ...page, items: page.items.map(viewOf) };
}

export type ActView = {
  readonly number: number;
  readonly act: OfferAct | 'present';
  readonly took_effect: boolean;
  readonly acted_by: string;
  readonly acted_at: string;
  readonly detail: Readonly<Record<string, unknown>>;
};
export type OfferDetail = OfferView & {
  /** What was looked at when it was chosen; null until that is recorded, behind the answer. */
  readonly session_id: string | null;
  readonly history: readonly ActView[];
  readonly core: readonly WriteBackView[];
};
export type WriteBackView = {
  readonly kind: string;
  readonly outcome: string;
  readonly status: string;
  readonly attempts: number;
  readonly receipt: string | null;
  readonly trouble: string | null;
};

/** More acts than this a robot has made. */
const historyMax = 200;

export async function readOffer(tx: Tx, offer: string): Promise<OfferDetail | undefined> {
  const id = internalId('offer', offer) ?? null;
  const { rows } = await tx.query<Row>(
    `select ${columns} from ${tables} where o.tenant_id = core.current_tenant() and o.id = $1`,
    [id],
  );
  const [row] = rows;
  if (!row) return undefined;
  const acts = await tx.query<Omit<ActView, 'acted_at'> & { acted_at: Date }>(
    `select number, act, took_effect, acted_by, acted_at, detail from offers.offer_act
      where tenant_id = core.current_tenant() and offer_id = $1
      order by number limit ${historyMax}`,
    [id],
  );
  const core = await tx.query<WriteBackView>(
    `select kind, outcome, status, attempts, receipt, trouble from offers.write_back
      where tenant_id = core.current_tenant() and offer_id = $1 order by kind, outcome`,
    [id],
  );
  const history = acts.rows.map((each) => ({ ...each, acted_at: each.acted_at.toISOString() }));
  const session_id = await sessionOf(tx, row);
  return { ...viewOf(row), session_id, history, core: core.rows };
}

/** The first that names it: within half an hour the same offer is answered again. */
async function sessionOf(tx: Tx, { id, customer }: Row): Promise<string | null> {
  const { rows } = await tx.query<{ id: string }>(
    `select id from offers.consideration
      where tenant_id = core.current_tenant() and customer = $1
        and body -> 'presented' @> jsonb_build_array(jsonb_build_object('offer_id', $2::text))
      order by id limit 1`,
    [customer, id],
  );
  return rows[0] ? externalId('session', rows[0].id) : null;
}

export type ConsiderationView = {
  readonly session_id: string;
  readonly customer: string;
  readonly channel: string;
  readonly path: string;
  readonly mode: string;
  readonly considered_at: string;
  readonly because: string | null;
  readonly candidates: readonly Readonly<Record<string, unknown>>[];
  readonly shadow: readonly Readonly<Record<string, unknown>>[];
  readonly presented: readonly Readonly<Record<string, unknown>>[];
};

/** What was looked at, and why each action was offered or not. */
export async function readConsideration(
  tx: Tx,
  session: string,
): Promise<ConsiderationView | undefined> {
  const { rows } = await tx.query<{
    customer: string;
    channel: string;
    path: string;
    mode: string;
    considered_at: Date;
    body: Pick<ConsiderationView, 'because' | 'candidates' | 'shadow' | 'presented'>;
  }>(
    `select customer, channel, path, mode, considered_at, body from offers.consideration
      where tenant_id = core.current_tenant() and id = $1`,
    [internalId('session', session) ?? null],
  );
  const [row] = rows;
  if (!row) return undefined;
  const { body, considered_at, ...rest } = row;
  const { because, candidates, shadow, presented } = body;
  return {
    ...{ session_id: session, ...rest, considered_at: considered_at.toISOString() },
    ...{ because, candidates, shadow, presented: presented.map(withPublicId) },
  };
}

function withPublicId(presented: Readonly<Record<string, unknown>>) {
  const { offer_id: id, command_id: _, ...rest } = presented;
  return { ...rest, offer_id: typeof id === 'string' ? externalId('offer', id) : null };
}
