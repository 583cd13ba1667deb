// Triggers: what has happened in a customer's life that he may be spoken to about.
import { closed, type Command, type EventDraft, Fault, instantToText } from '#core';
import { policyEvent, type PolicyOperations } from '#policy';
import type pg from 'pg';
import Type from 'typebox';

export const triggerKinds = {
  large_deposit: 'Much more has come in than usually does.',
  balance_change: 'The balance has risen or fallen by half.',
  loan_paid_off: 'A loan has been paid back.',
  product_maturity: 'A deposit ends soon.',
  home_improvement: 'Much was spent on a home.',
  points_expiring: 'Points expire soon.',
  member_at_risk: 'The customer is likely to leave.',
} as const;
export type TriggerKind = keyof typeof triggerKinds;

/** What has happened, to whom, and the event that says so. */
export type LifeEvent = {
  readonly customer: string;
  readonly kind: TriggerKind;
  /** The event's id, or the day of a calendar. */
  readonly source: string;
  readonly occurred_at: string;
  /** Figures, and codes; no words of anybody. */
  readonly detail: Readonly<Record<string, number | string>>;
};

/** One side of a movement: an account of a customer as it is since. */
export type Side = {
  readonly customer: string;
  readonly productKind: string | null;
  /** Minor units, positive on the account's normal side. */
  readonly balance: number;
  /** What this movement has added to it; below zero where it took. */
  readonly change: number;
  readonly currency: string;
};

export type Moved = {
  readonly source: string;
  readonly occurredAt: string;
  readonly amount: number;
  readonly mcc: string | null;
  readonly debit: Side | undefined;
  readonly credit: Side | undefined;
};

/** Minor units: what is smaller is nothing to speak about. */
export const triggerMin = { deposit: 500_000, change: 250_000, homeSpend: 50_000 } as const;

/**
 * ISO 18245: builders and craftsmen (15xx, 17xx), building materials, paint, hardware, gardens
 * (52xx), furniture, floors and fireplaces (57xx).
 */
const homeCodes: readonly (readonly [number, number])[] = [
  [1520, 1520],
  [1711, 1799],
  [5200, 5261],
  [5712, 5719],
];

/** Pure: the same movement always says the same. */
export function triggersOf(moved: Moved): readonly LifeEvent[] {
  const { debit, credit, amount, mcc, source, occurredAt } = moved;
  const tell = (customer: string, kind: TriggerKind, detail: LifeEvent['detail']): LifeEvent => ({
    customer,
    kind,
    source,
    occurred_at: occurredAt,
    detail,
  });
  // From one's own account to another one's own nothing has come in, and nothing is gone.
  const isOwn = debit !== undefined && debit.customer === credit?.customer;
  const found: LifeEvent[] = [];
  if (credit?.productKind === 'loan' && credit.balance === 0 && credit.change < 0) {
    found.push(tell(credit.customer, 'loan_paid_off', { amount, currency: credit.currency }));
  }
  if (debit && isHome(mcc) && amount >= triggerMin.homeSpend) {
    const { currency } = debit;
    found.push(tell(debit.customer, 'home_improvement', { amount, currency, mcc: mcc ?? '' }));
  }
  if (isOwn) return found;
  for (const side of [debit, credit]) {
    if (!side || side.productKind === 'loan') continue;
    const { customer, balance, change, currency } = side;
    const before = balance - change;
    const isLarge = change >= triggerMin.deposit && change >= before / 5;
    if (isLarge) found.push(tell(customer, 'large_deposit', { amount: change, currency }));
    const isHalf = Math.abs(change) >= triggerMin.change && Math.abs(change) * 2 >= before;
    if (isHalf && !isLarge && before > 0) {
      found.push(tell(customer, 'balance_change', { before, after: balance, currency }));
    }
  }
  return found;
}

function isHome(mcc: string | null): boolean {
  const code = Number(mcc ?? Number.NaN);
  return homeCodes.some(([from, to]) => code >= from && code <= to);
}

// Recording ---------------------------------------------------------------------------------------

const lifeEvent = Type.Object(
  {
    customer: Type.String(),
    kind: Type.Enum(Object.keys(triggerKinds)),
    source: Type.String(),
    occurred_at: Type.String({ format: 'date-time' }),
    detail: Type.Record(Type.String(), Type.Union([Type.Number(), Type.String()])),
  },
  closed,
);

export const triggerPayloads = { 'offers.life_event_noted': lifeEvent };

export const triggerOperations: PolicyOperations = {
  'offers.life_event.note': { changesRights: false, perform: note },
};

async function note(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  if (command.principal.kind !== 'service') {
    throw new Fault('denied', 'offers.life_event.note is done by the system alone');
  }
  const body = command.body as LifeEvent;
  const { rowCount } = await tx.query(
    `insert into offers.life_event
       (tenant_id, customer, kind, source, detail, occurred_at, recorded_at)
     values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing`,
    [
      ...[command.tenant, body.customer, body.kind, body.source, JSON.stringify(body.detail)],
      ...[body.occurred_at, instantToText(command.receivedAt)],
    ],
  );
  return rowCount === 0 ? [] : [policyEvent(command, 'offers.life_event_noted', body)];
}

export type NotedLifeEvent = Omit<LifeEvent, 'customer'> & { readonly recorded_at: string };

const shownMax = 50;

/** Of a customer, newest first. */
export async function readLifeEvents(
  tx: pg.ClientBase,
  customer: string,
): Promise<readonly NotedLifeEvent[]> {
  const { rows } = await tx.query<
    Omit<NotedLifeEvent, 'occurred_at' | 'recorded_at'> & { occurred_at: Date; recorded_at: Date }
  >(
    `select kind, source, detail, occurred_at, recorded_at from offers.life_event
      where tenant_id = core.current_tenant() and customer = $1
      order by occurred_at desc, kind limit ${shownMax}`,
    [customer],
  );
  return rows.map(({ occurred_at, recorded_at, ...row }) => ({
    ...row,
    occurred_at: occurred_at.toISOString(),
    recorded_at: recorded_at.toISOString(),
  }));
}
