// Customer 360: what the bank knows of a customer that matters to what he is offered, and since
// when it has known it. It decides nothing.
import { externalId, type Instant, instantToText, type Tx, type Uuid, dayMs } from '#core';
import { readFigures } from '#money';
import { consentsOf } from '#policy';
import type { Told } from './exposure.ts';
import { type ContactsView, readContacts } from './exposure-views.ts';
import { listOffers, type OfferView } from './life-views.ts';
import { type NotedLifeEvent, readLifeEvents } from './triggers.ts';

export type HeldProduct = {
  readonly account_id: string;
  readonly role: string;
  readonly product_code: string | null;
  readonly product_name: string | null;
  readonly kind: string | null;
  readonly currency: string;
  readonly booked: number;
  readonly available: number;
  readonly since: string;
};

/** Positive on both sides: what the customer has with the bank, and what he owes it. */
export type Relationship = {
  readonly currency: string;
  readonly deposits: number;
  readonly debts: number;
};

export type Engagement = {
  readonly customer: string;
  readonly as_of: string;
  readonly profile: {
    readonly kind: string;
    readonly segment: string;
    readonly status: string;
    readonly country: string;
    readonly since: string;
    readonly relationship_days: number;
    readonly known_at: string;
  };
  readonly household: {
    readonly id: string;
    readonly members: readonly string[];
    readonly relationship: readonly Relationship[];
  } | null;
  readonly products: readonly HeldProduct[];
  readonly relationship: readonly Relationship[];
  /** What models have said of the customer, and when; empty where none has. */
  readonly risk: {
    readonly churn: number | null;
    readonly churn_known_at: string | null;
    readonly days_past_due: number | null;
    readonly hardship: boolean | null;
  };
  readonly consents: readonly {
    readonly purpose: string;
    readonly channel: string | null;
    readonly in_effect: boolean;
    readonly known_at: string;
  }[];
  readonly told: { readonly values: Told; readonly known_at: string | null };
  readonly offers: readonly OfferView[];
  readonly contacts: Omit<ContactsView, 'next' | 'customer'>;
  readonly life_events: readonly NotedLifeEvent[];
};

const [accountsMax, membersMax, shownMax] = [200, 20, 50];

/** Undefined where the register has no such party. */
export async function readEngagement(
  tx: Tx,
  customer: string,
  now: Instant,
): Promise<Engagement | undefined> {
  const party = await readProfile(tx, customer);
  if (!party) return undefined;
  const { household, since, changed_at, ...profile } = party;
  const products = await readProducts(tx, [customer], now);
  const lifeEvents = await readLifeEvents(tx, customer);
  const told = await readTold(tx, customer);
  const { items: consents } = await consentsOf(tx, customer, now);
  const { items: offers } = await listOffers(tx, { customer, limit: shownMax });
  const contacts = await readContacts(tx, { customer, at: now, limit: shownMax });
  const { next: _next, customer: _customer, ...spoken } = contacts;
  const leaving = lifeEvents.find(({ kind }) => kind === 'member_at_risk');
  const churn = leaving?.detail['churn'];
  return {
    customer,
    as_of: instantToText(now),
    profile: {
      ...{ ...profile, since, known_at: changed_at.toISOString() },
      relationship_days: Math.max(0, Math.floor((now - Date.parse(since)) / dayMs)),
    },
    household: household === null ? null : await readHousehold(tx, household, now),
    ...{ products, relationship: relationshipOf(products) },
    risk: {
      churn: typeof churn === 'number' ? churn : null,
      churn_known_at: leaving?.occurred_at ?? null,
      days_past_due: told.values.days_past_due ?? null,
      hardship: told.values.hardship ?? null,
    },
    consents: consents.map(({ purpose, channel, in_effect, recorded_at }) => ({
      ...{ purpose, channel, in_effect, known_at: recorded_at },
    })),
    ...{ told, offers, contacts: spoken, life_events: lifeEvents },
  };
}

async function readProfile(tx: Tx, customer: string) {
  const { rows } = await tx.query<{
    readonly kind: string;
    readonly segment: string;
    readonly status: string;
    readonly country: string;
    readonly since: string;
    readonly household: string | null;
    readonly changed_at: Date;
  }>(
    `select kind, segment, status, country, since::text, household, changed_at
       from register.party where tenant_id = core.current_tenant() and id = $1`,
    [customer],
  );
  return rows[0];
}

/** What is told with null was taken back, and is not known any more. */
async function readTold(tx: Tx, customer: string): Promise<Engagement['told']> {
  const { rows } = await tx.query<{ told: Told; at: Date | null }>(
    `select told, told_at as at from offers.customer
      where tenant_id = core.current_tenant() and customer = $1`,
    [customer],
  );
  const [row] = rows;
  return { values: row?.told ?? {}, known_at: row?.at?.toISOString() ?? null };
}

type HeldRow = {
  readonly id: Uuid;
  readonly role: string;
  readonly code: string | null;
  readonly name: string | null;
  readonly kind: string | null;
  readonly since: Date;
};

async function readProducts(
  tx: Tx,
  customers: readonly string[],
  now: Instant,
): Promise<readonly HeldProduct[]> {
  const { rows } = await tx.query<HeldRow>(
    `select distinct on (h.account_id) h.account_id as id, h.role, p.code, p.name, p.kind,
            coalesce(a.agreed_at, h.linked_at) as since
       from register.account_party h
       left join register.arrangement a
         on a.tenant_id = h.tenant_id and a.account_id = h.account_id
       left join register.product p on p.tenant_id = a.tenant_id and p.id = a.product_id
      where h.tenant_id = core.current_tenant() and h.party_id = any ($1) and h.role <> 'former'
      order by h.account_id, h.role limit ${accountsMax}`,
    [customers],
  );
  const figures = await readFigures(
    tx,
    rows.map(({ id }) => id),
    now,
  );
  return rows.flatMap(({ id, role, code, name, kind, since }) => {
    const found = figures.get(id);
    if (!found) return [];
    const { currency, booked, available } = found;
    return [
      {
        ...{ account_id: externalId('account', id), role, product_code: code },
        ...{ product_name: name, kind, currency, booked, available },
        since: since.toISOString(),
      },
    ];
  });
}

/** By currency; a loan is what is owed, and so is an account that is overdrawn. */
function relationshipOf(products: readonly HeldProduct[]): readonly Relationship[] {
  const byCurrency = [...Map.groupBy(products, ({ currency }) => currency)].sort(
    ([one], [other]) => (one < other ? -1 : 1),
  );
  return byCurrency.map(([currency, held]) => {
    const isDebt = ({ kind, booked }: HeldProduct) => kind === 'loan' || booked < 0;
    const sum = (of: readonly HeldProduct[]) =>
      of.reduce((total, { booked }) => total + Math.abs(booked), 0);
    return {
      currency,
      deposits: sum(held.filter((each) => !isDebt(each))),
      debts: sum(held.filter(isDebt)),
    };
  });
}

async function readHousehold(tx: Tx, id: string, now: Instant): Promise<Engagement['household']> {
  const { rows } = await tx.query<{ id: string }>(
    `select id from register.party where tenant_id = core.current_tenant() and household = $1
        and status = 'customer' order by id limit ${membersMax}`,
    [id],
  );
  const members = rows.map((row) => row.id);
  return { id, members, relationship: relationshipOf(await readProducts(tx, members, now)) };
}
