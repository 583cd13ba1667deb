// Payments as they stand, folded from their events.
import type { Projection, SealedEvent, Tx } from '#core';
import { type PaymentPayload, paymentEventTypes } from './events.ts';
import type { PaymentStatus } from './payment.ts';

/** A payment as its steps have left it; what is undefined in the payloads is null here. */
export type Standing = {
  readonly payment_id: string;
  readonly tenant_position: string;
  readonly kind: string;
  readonly channel: string;
  readonly status: PaymentStatus;
  readonly outcome: string;
  readonly debtor_account_id: string;
  readonly creditor_account_id: string;
  readonly debtor: string | null;
  readonly creditor: string | null;
  readonly amount: number;
  readonly captured: number;
  readonly returned: number;
  readonly currency: string;
  readonly end_to_end_id: string | null;
  /** Who has ordered it: a principal. */
  readonly requested_by: string;
  readonly created_at: string;
  readonly updated_at: string;
};

/** An event of a payment. */
export type PaymentStep = {
  readonly tenant_position: string;
  readonly event_id: string;
  readonly type: string;
  readonly at: string;
  readonly payload: PaymentPayload;
};

export const paymentProjection: Projection = {
  name: 'payments',
  types: paymentEventTypes,
  tables: ['payments.payment'],
  async fold(tx, generation, events) {
    for (const [tenant, own] of Map.groupBy(events, (event) => event.tenant)) {
      await foldTenant(tx, { tenant, generation }, own.map(stepOf));
    }
  },
};

type Part = { readonly tenant: string; readonly generation: number };

async function foldTenant(tx: Tx, part: Part, steps: readonly PaymentStep[]): Promise<void> {
  const ids = [...new Set(steps.map(({ payload }) => payload.payment_id))];
  const standings = await readStandings(tx, part, ids);
  for (const step of steps) {
    const { payment_id } = step.payload;
    standings.set(payment_id, after(standings.get(payment_id), step));
  }
  const whole = (row: object) => ({
    tenant_id: part.tenant,
    generation: part.generation,
    ...row,
  });
  await tx.query(
    `insert into payments.payment
     select * from jsonb_populate_recordset(null::payments.payment, $1::jsonb)
     on conflict (tenant_id, generation, payment_id) do update set
       status = excluded.status, outcome = excluded.outcome, amount = excluded.amount,
       captured = excluded.captured, returned = excluded.returned,
       updated_at = excluded.updated_at`,
    [JSON.stringify([...standings.values()].map(whole))],
  );
}

export function stepOf({ tenantPosition, type, body }: SealedEvent): PaymentStep {
  const { data } = JSON.parse(body) as {
    data: { occurred_at: string; payload: PaymentPayload; event_id: string };
  };
  const { payload, occurred_at: at, event_id } = data;
  return { tenant_position: String(tenantPosition), event_id, type, at, payload };
}

/** What a step makes of a payment; of none, what it begins with. */
export function after(before: Standing | undefined, step: PaymentStep): Standing {
  const { type, at, payload } = step;
  const { amount } = payload;
  if (!before) return begun(step);
  const now = { ...before, updated_at: at };
  switch (type) {
    case 'payment.increased':
      return { ...now, amount: before.amount + amount };
    case 'payment.captured': {
      const captured = before.captured + amount;
      // With the last of it the hold ends, whether or not the message calls itself final.
      const isDone = payload.final === true || captured >= before.amount;
      return { ...now, captured, status: isDone ? 'captured' : 'partially_captured' };
    }
    case 'payment.clearing_rejected':
      return now;
    case 'payment.cancelled':
    case 'payment.expired':
      return { ...now, status: ended(before, payload.status) };
    case 'payment.refunded':
    case 'payment.returned':
    case 'payment.charged_back':
      return sentBack(now, payload.status, amount);
    case 'payment.represented':
      return { ...now, status: 'represented', returned: Math.max(0, before.returned - amount) };
    default:
      return { ...now, status: payload.status, outcome: payload.outcome ?? before.outcome };
  }
}

/** What was taken of an authorization stays taken; what was denied is only given back. */
function ended({ captured, status }: Standing, end: PaymentStatus): PaymentStatus {
  if (captured > 0) return 'captured';
  return status === 'denied' ? status : end;
}

function sentBack(before: Standing, status: PaymentStatus, amount: number): Standing {
  const returned = before.returned + amount;
  const isPartly = status === 'refunded' && returned < (before.captured || before.amount);
  return { ...before, returned, status: isPartly ? 'partially_refunded' : status };
}

function begun({ tenant_position, at, payload }: PaymentStep): Standing {
  const { payment_id, kind, channel, status, outcome, amount, currency } = payload;
  const { debtor_account_id, creditor_account_id, debtor, creditor } = payload;
  const { end_to_end_id, requested_by } = payload;
  return {
    ...{ payment_id, tenant_position, kind, channel, status, amount, currency, end_to_end_id },
    ...{ debtor_account_id, creditor_account_id, debtor, creditor, requested_by },
    outcome: outcome ?? 'denied',
    captured: 0,
    returned: 0,
    created_at: at,
    updated_at: at,
  };
}

export const standingColumns =
  'payment_id, tenant_position::text, kind, channel, status, outcome, debtor_account_id, ' +
  'creditor_account_id, debtor, creditor, amount::text, captured::text, returned::text, ' +
  'currency, end_to_end_id, requested_by, created_at, updated_at';

export type StandingRow = Omit<
  Standing,
  'amount' | 'captured' | 'returned' | 'created_at' | 'updated_at'
> & {
  readonly amount: string;
  readonly captured: string;
  readonly returned: string;
  readonly created_at: Date;
  readonly updated_at: Date;
};

export function standingIn(row: StandingRow): Standing {
  return {
    ...row,
    amount: Number(row.amount),
    captured: Number(row.captured),
    returned: Number(row.returned),
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
  };
}

async function readStandings(
  tx: Tx,
  { tenant, generation }: Part,
  ids: readonly string[],
): Promise<Map<string, Standing>> {
  const { rows } = await tx.query<StandingRow>(
    `select ${standingColumns} from payments.payment
      where tenant_id = $1 and generation = $2 and payment_id = any ($3)`,
    [tenant, generation, ids],
  );
  return new Map(rows.map((row) => [row.payment_id, standingIn(row)]));
}
