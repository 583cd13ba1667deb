// Projection `case_links`: payments by what they share, as their last events have left them.
import type { Projection, SealedEvent, Tx } from '#core';

export const linksName = 'case_links';

type Shared = {
  readonly device: string | null;
  readonly card: string | null;
  readonly merchant: string | null;
  readonly debtor: string | null;
  readonly creditor: string | null;
  readonly debtor_account_id: string | null;
  readonly creditor_account_id: string | null;
};

/** What two payments may have in common, and where an event says so. */
export const dimensions = {
  device: ({ device }: Shared) => device,
  card: ({ card }: Shared) => card,
  creditor: ({ creditor, creditor_account_id }: Shared) => creditor ?? creditor_account_id,
  merchant: ({ merchant }: Shared) => merchant,
  debtor: ({ debtor, debtor_account_id }: Shared) => debtor ?? debtor_account_id,
} as const;
export type Dimension = keyof typeof dimensions;
export const dimensionNames = Object.keys(dimensions) as readonly Dimension[];

/** Of one device, card or payee: a till that takes thousands a day is no link worth more. */
export const linksPerKey = 100;

/** What of the payload of `payment.*` makes links. */
type Told = Shared & {
  readonly payment_id: string;
  readonly command_id: string;
  readonly status: string;
  readonly outcome: string | null;
  readonly amount: number;
  readonly currency: string;
};

export const caseLinks: Projection = {
  name: linksName,
  types: [
    'payment.posted',
    'payment.authorized',
    'payment.denied',
    'payment.held',
    'payment.review_required',
    'payment.increased',
    'payment.captured',
    'payment.cancelled',
    'payment.expired',
    'payment.refunded',
    'payment.returned',
    'payment.charged_back',
    'payment.represented',
    'payment.clearing_rejected',
  ],
  tables: ['reviews.case_link'],
  async fold(tx, generation, events) {
    // Of one payment the last event of a page counts, as it would have page by page.
    const rows = new Map<string, Row>();
    for (const event of events) {
      for (const row of rowsOf(event, generation)) {
        const { tenant_id, dimension, key, payment_id } = row;
        rows.set(JSON.stringify([tenant_id, dimension, key, payment_id]), row);
      }
    }
    await writeRows(tx, [...rows.values()]);
    await trim(tx, generation, [...rows.values()]);
  },
};

type Row = {
  readonly tenant_id: string;
  readonly generation: number;
  readonly dimension: Dimension;
  readonly key: string;
  readonly payment_id: string;
  readonly tenant_position: number;
  readonly at: string;
  readonly command_id: string;
  readonly status: string;
  readonly outcome: string | null;
  readonly amount: number;
  readonly currency: string;
};

function rowsOf({ tenant, tenantPosition, body }: SealedEvent, generation: number): Row[] {
  const { data } = JSON.parse(body) as { data: { payload: Told; occurred_at: string } };
  const { payment_id, command_id, status, outcome, amount, currency } = data.payload;
  return dimensionNames.flatMap((dimension) => {
    const key = dimensions[dimension](data.payload) ?? null;
    if (key === null) return [];
    return {
      ...{ tenant_id: tenant, generation, dimension, key, payment_id },
      ...{ tenant_position: Number(tenantPosition), at: data.occurred_at, command_id },
      ...{ status, outcome, amount, currency },
    };
  });
}

async function writeRows(tx: Tx, rows: readonly Row[]): Promise<void> {
  if (rows.length === 0) return;
  await tx.query(
    `insert into reviews.case_link
     select * from jsonb_populate_recordset(null::reviews.case_link, $1::jsonb)
     on conflict (tenant_id, generation, dimension, key, payment_id) do update set
       tenant_position = excluded.tenant_position, at = excluded.at, status = excluded.status,
       command_id = excluded.command_id, outcome = excluded.outcome, amount = excluded.amount,
       currency = excluded.currency`,
    [JSON.stringify(rows)],
  );
}

/**
 * Forgets all but the last of each key that was touched. A row is where the last event of its
 * payment has put it, so what stays is the same whatever the pages were.
 */
async function trim(tx: Tx, generation: number, rows: readonly Row[]): Promise<void> {
  const keys = [...new Map(rows.map((row) => [keyOf(row), row])).values()];
  await tx.query(
    // By place: whatever is known of the table, each key is looked up in its index.
    `delete from reviews.case_link where ctid = any (array(
       select old.ctid
         from unnest($2::text[], $3::text[], $4::text[]) as k(tenant_id, dimension, key)
         cross join lateral (
           select c.ctid from reviews.case_link c
            where c.tenant_id = k.tenant_id and c.generation = $1 and c.dimension = k.dimension
              and c.key = k.key
            order by c.tenant_position desc offset ${linksPerKey}) as old))`,
    [
      generation,
      keys.map((row) => row.tenant_id),
      keys.map((row) => row.dimension),
      keys.map((row) => row.key),
    ],
  );
}

function keyOf({ tenant_id, dimension, key }: Row): string {
  return JSON.stringify([tenant_id, dimension, key]);
}
