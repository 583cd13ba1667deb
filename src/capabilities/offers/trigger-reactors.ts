// What follows from triggers: movements become life events, and those become offers.
import {
  type Clock,
  type CommandInput,
  type Consumer,
  type Database,
  dueRounds,
  externalId,
  Fault,
  type FaultCode,
  type Instant,
  internalId,
  instantToText,
  type Json,
  type Pool,
  type SealedEvent,
  type Tx,
  type Uuid,
  withTx,
  listTenants,
  dayMs,
} from '#core';
import { readFigures } from '#money';
import { type LifeEvent, type Moved, type Side, type TriggerKind, triggersOf } from './triggers.ts';

export type TriggerParts = {
  /** Of the role `read`. */
  readonly pool: Pool;
  readonly clock: Clock;
  readonly execute: (input: CommandInput<Json>) => Promise<unknown>;
  /** Puts a customer through the funnel; answers when that is done. */
  readonly offer: (triggered: Triggered) => Promise<void>;
};

export type Triggered = {
  readonly tenant: string;
  readonly customer: string;
  /** By which an offer is triggered: conditions read them as `events`. */
  readonly events: readonly TriggerKind[];
  /** What the offer follows from: told with it, and the key of what is sent. */
  readonly because: string;
  readonly occurredAt: string;
};

/** Commands take their time: what is not done yet of a page is done again after a crash. */
const eventsMax = 100;

/** What loyalty tells of its members, by the kind of life event that it is. */
const fromLoyalty: Readonly<Record<string, TriggerKind>> = {
  'loyalty.points_expiring': 'points_expiring',
  'loyalty.member_at_risk': 'member_at_risk',
};

export function lifeEventNoting(parts: TriggerParts): Consumer {
  return {
    name: 'offer-triggers',
    types: ['transaction.posted', 'hold.captured', ...Object.keys(fromLoyalty)],
    eventsMax,
    async apply(_tx, events) {
      for (const [tenant, own] of Map.groupBy(events, (event) => event.tenant)) {
        const found = await lifeEventsOf(parts, tenant, own);
        for (const each of found) await noteLifeEvent(parts, tenant, each);
      }
    },
  };
}

/** Events are told at least once, and a customer is spoken to about each once. */
export function lifeEventOffers({ pool, offer }: TriggerParts): Consumer {
  return {
    name: 'offer-trigger-offers',
    types: ['offers.life_event_noted'],
    eventsMax,
    async apply(_tx, events) {
      for (const { tenant, body } of events) {
        const { payload } = dataOf<LifeEvent>(body);
        const { customer, kind, source, occurred_at: occurredAt } = payload;
        const because = `${kind} ${source}`;
        const about = { customer, because };
        const isTold = await withTx(pool, (tx) => isSpokenTo(tx, about), {
          tenant,
          readOnly: true,
        });
        if (isTold) continue;
        await offer({ tenant, customer, events: [kind], because, occurredAt });
      }
    },
  };
}

/** Whether he was presented with something because of it, or people were asked about that. */
async function isSpokenTo(
  tx: Tx,
  { customer, because }: { readonly customer: string; readonly because: string },
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `select from offers.offer o
       join offers.offer_act a on a.tenant_id = o.tenant_id and a.offer_id = o.id and a.number = 1
      where o.tenant_id = core.current_tenant() and o.customer = $1 and o.path = 'trigger'
        and a.detail ->> 'because' = $2
     union all
     select from offers.request
      where tenant_id = core.current_tenant() and customer = $1 and body ->> 'because' = $2
      limit 1`,
    [customer, because],
  );
  return rowCount !== 0;
}

// Movements ---------------------------------------------------------------------------------------

type Transfer = {
  readonly transfer_id: string;
  readonly debit_account_id: string;
  readonly credit_account_id: string;
  readonly metadata: Readonly<Record<string, string>> | null;
};
type Held = {
  readonly account: Uuid;
  readonly customer: string;
  readonly product_kind: string | null;
};

async function lifeEventsOf(
  { pool, clock }: TriggerParts,
  tenant: string,
  events: readonly SealedEvent[],
): Promise<readonly LifeEvent[]> {
  const movements = events.filter(({ type }) => fromLoyalty[type] === undefined);
  const told = events.flatMap((event) => toldByLoyalty(event) ?? []);
  if (movements.length === 0) return told;
  const transfers = movements.map(({ body }) => dataOf<Transfer>(body));
  const accounts = transfers.flatMap(({ payload }) => [
    internalId('account', payload.debit_account_id) ?? '',
    internalId('account', payload.credit_account_id) ?? '',
  ]);
  const { held, figures } = await withTx(
    pool,
    async (tx) => {
      const found = await readHeld(tx, [...new Set(accounts)]);
      const known = [...found.keys()];
      return { held: found, figures: await readFigures(tx, known, clock.now()) };
    },
    { tenant, readOnly: true },
  );
  const sideOf = (account: string, amount: number, isCredit: boolean): Side | undefined => {
    const id = internalId('account', account) ?? '';
    const [holder, figure] = [held.get(id), figures.get(id)];
    if (!holder || !figure) return undefined;
    const { customer, product_kind: productKind } = holder;
    // What a customer owes falls when it is credited: his side of a loan is the debit.
    const rises = isCredit !== (productKind === 'loan');
    const change = rises ? amount : -amount;
    return { customer, productKind, balance: figure.booked, change, currency: figure.currency };
  };
  const found = transfers.flatMap(({ payload, amount, occurred_at: occurredAt }) => {
    const moved: Moved = {
      ...{ source: payload.transfer_id, occurredAt, amount },
      mcc: payload.metadata?.['mcc'] ?? null,
      debit: sideOf(payload.debit_account_id, amount, false),
      credit: sideOf(payload.credit_account_id, amount, true),
    };
    return triggersOf(moved).map((each) =>
      // A loan is paid off once, whichever movement of a page meets it empty.
      each.kind === 'loan_paid_off' ? { ...each, source: payload.credit_account_id } : each,
    );
  });
  return [...told, ...found];
}

function toldByLoyalty({ type, id, body }: SealedEvent): LifeEvent | undefined {
  const kind = fromLoyalty[type];
  if (kind === undefined) return undefined;
  const { payload, occurred_at } = dataOf<{ customer: string }>(body);
  const detail = Object.fromEntries(
    Object.entries(payload).filter(([, value]) => /^(number|string)$/.test(typeof value)),
  );
  return { customer: payload.customer, kind, source: externalId('event', id), occurred_at, detail };
}

/** Who holds these accounts, and by which kind of product. */
async function readHeld(tx: Tx, accounts: readonly Uuid[]): Promise<ReadonlyMap<Uuid, Held>> {
  const { rows } = await tx.query<Held>(
    `select h.account_id as account, h.party_id as customer, p.kind as product_kind
       from register.account_party h
       left join register.arrangement a
         on a.tenant_id = h.tenant_id and a.account_id = h.account_id
       left join register.product p on p.tenant_id = a.tenant_id and p.id = a.product_id
      where h.tenant_id = core.current_tenant() and h.account_id = any ($1) and h.role = 'holder'`,
    [accounts],
  );
  return new Map(rows.map((row) => [row.account, row]));
}

/** What another process has done meanwhile is done. */
const isDone: readonly FaultCode[] = ['idempotency_key_reused', 'conflict', 'not_found'];

async function noteLifeEvent(
  { execute }: Pick<TriggerParts, 'execute'>,
  tenant: string,
  event: LifeEvent,
): Promise<void> {
  try {
    await execute({
      principal: { kind: 'service', id: 'offers', tenant },
      operation: 'offers.life_event.note',
      idempotencyKey: `life_event ${event.kind} ${event.source} ${event.customer}`,
      body: event,
    });
  } catch (error) {
    if (!(error instanceof Fault) || !isDone.includes(error.code)) throw error;
  }
}

// The calendar ------------------------------------------------------------------------------------

const maturityNoticeDays = 30;
const maturityPage = 200;

type Maturing = {
  readonly tenant: string;
  readonly id: Uuid;
  readonly customer: string;
  readonly matures_at: Date;
};

/**
 * Answers what notes each deposit that ends within 30 days, once; that answers of how many. Its
 * product says in its terms how long it runs: `term_days`.
 */
export function maturityTeller(
  parts: Pick<TriggerParts, 'execute' | 'clock'>,
  { database, onError }: { database: Database; onError: (error: unknown) => void },
): () => Promise<number> {
  const now = () => parts.clock.now();
  return dueRounds<Maturing>({
    ...{ now, onError, pageSize: maturityPage },
    readPage: (after) => readMaturing(database, now(), after),
    async perform({ tenant, id, customer, matures_at }) {
      const source = `${externalId('account', id)} ${matures_at.toISOString().slice(0, 10)}`;
      await noteLifeEvent(parts, tenant, {
        ...{ customer, kind: 'product_maturity', source },
        occurred_at: instantToText(now()),
        detail: { account_id: externalId('account', id), matures_at: matures_at.toISOString() },
      });
      return true;
    },
  });
}

/** Tenant by tenant: the register shows none of one to another. */
async function readMaturing(
  database: Database,
  now: Instant,
  after: Maturing | undefined,
): Promise<readonly Maturing[]> {
  const tenants = await listTenants(database.pool('policy'));
  const found: Maturing[] = [];
  for (const tenant of tenants) {
    if (found.length >= maturityPage) break;
    if (after && tenant < after.tenant) continue;
    const from = after?.tenant === tenant ? after.id : null;
    const { rows } = await withTx(
      database.pool('read'),
      (tx) =>
        tx.query<Omit<Maturing, 'tenant'>>(maturingSql, [
          ...[instantToText(now), instantToText(now + maturityNoticeDays * dayMs)],
          ...[from, maturityPage - found.length],
        ]),
      { tenant, readOnly: true },
    );
    found.push(...rows.map((row) => ({ tenant, ...row })));
  }
  return found;
}

const maturingSql = `select id, customer, matures_at from (
    select a.account_id as id, h.party_id as customer,
           a.agreed_at + (p.terms ->> 'term_days')::integer * interval '1 day' as matures_at
      from register.arrangement a
      join register.product p on p.tenant_id = a.tenant_id and p.id = a.product_id
      join register.account_party h on h.tenant_id = a.tenant_id
       and h.account_id = a.account_id and h.role = 'holder'
     where a.tenant_id = core.current_tenant() and p.terms ->> 'term_days' ~ '^[0-9]{1,5}$') t
  where matures_at > $1 and matures_at <= $2 and ($3::uuid is null or id > $3)
    and not exists (select from offers.life_event e
      where e.tenant_id = core.current_tenant() and e.customer = t.customer
        and e.kind = 'product_maturity' and e.occurred_at > $1::timestamptz - interval '30 days')
  order by id limit $4`;

type Data<Payload> = {
  readonly payload: Payload;
  readonly amount: number;
  readonly occurred_at: string;
};

function dataOf<Payload>(body: string): Data<Payload> {
  return (JSON.parse(body) as { data: Data<Payload> }).data;
}
