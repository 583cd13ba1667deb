// The bank's core is told of offers: its campaign records and its history of contacts. What is to
// be told is a row, until the core has answered: nothing is lost with a crash, and under its key
// nothing is written twice.
import {
  type Clock,
  type Consumer,
  type Database,
  externalId,
  Fault,
  type Instant,
  instantToText,
  internalId,
  type Tx,
  type Uuid,
  withTx,
} from '#core';
import type { Core } from '#cores';
import { dataOf } from './deliver.ts';

export type WriteBackParts = {
  readonly database: Database;
  readonly clock: Clock;
  readonly core: Pick<Core, 'operations'>;
  readonly onError: (error: unknown) => void;
};

type Outcome = 'offered' | 'accepted' | 'declined' | 'expired';

const outcomes: Readonly<Record<string, Outcome>> = {
  'offer.presented': 'offered',
  'offer.accepted': 'accepted',
  'offer.declined': 'declined',
  'offer.expired': 'expired',
  'offer.withdrawn': 'expired',
};

/** What a core has no word for, or keeps no history of, it is not told. */
const contacts: ReadonlySet<Outcome> = new Set(['offered', 'accepted', 'declined']);

export function offerWriteBack({ core, clock }: Pick<WriteBackParts, 'core' | 'clock'>): Consumer {
  return {
    name: 'offer-write-back',
    types: Object.keys(outcomes),
    async apply(tx, events) {
      const { recordOffer, recordInteraction } = core.operations;
      const rows = events.flatMap((event) => {
        const outcome = outcomes[event.type];
        if (outcome === undefined) return [];
        const { offer_id } = dataOf<{ offer_id: string }>(event).payload;
        const of = { tenant: event.tenant, offer: internalId('offer', offer_id) ?? '', outcome };
        return [
          ...(recordOffer ? [{ ...of, kind: 'offer' }] : []),
          ...(recordInteraction && contacts.has(outcome) ? [{ ...of, kind: 'interaction' }] : []),
        ];
      });
      if (rows.length > 0) await enqueue(tx, rows, clock.now());
    },
  };
}

type Row = {
  readonly tenant: string;
  readonly offer: Uuid;
  readonly outcome: Outcome;
  readonly kind: string;
};

async function enqueue(tx: Tx, rows: readonly Row[], at: Instant): Promise<void> {
  await tx.query(
    `insert into offers.write_back (tenant_id, offer_id, kind, outcome, due_at)
     select *, $5::timestamptz from unnest($1::text[], $2::uuid[], $3::text[], $4::text[])
     on conflict do nothing`,
    [
      rows.map(({ tenant }) => tenant),
      rows.map(({ offer }) => offer),
      rows.map(({ kind }) => kind),
      rows.map(({ outcome }) => outcome),
      instantToText(at),
    ],
  );
}

// Writing -----------------------------------------------------------------------------------------

type Due = {
  readonly tenant: string;
  readonly offer: Uuid;
  readonly kind: 'offer' | 'interaction';
  readonly outcome: Outcome;
  readonly attempts: number;
  readonly customer: string;
  readonly product_code: string;
  readonly channel: string;
  readonly presented_at: Date;
  readonly code: string;
};

const pageSize = 50;
/** Doubled with each try: after a day and a half it is a person's. */
const [pauseMs, pauseMaxMs, attemptsMax] = [60_000, 3_600_000, 40];

/** Answers what tells the core all that is due, and says how much of it was written. */
export function coreTeller(parts: WriteBackParts): () => Promise<number> {
  return async () => {
    let written = 0;
    for (;;) {
      const page = await readDue(parts);
      const done = await Promise.all(page.map((due) => tell(parts, due)));
      written += done.filter(Boolean).length;
      // What was put off is not due any more, so that each page is another one.
      if (page.length < pageSize) return written;
    }
  };
}

/** In the order in which they come about: of an offer each is told before the next. */
const order = `'{offered,expired,declined,accepted}'::text[]`;

/** The offer before what became of it, and its end before a no that comes late. */
async function readDue({ database, clock }: WriteBackParts): Promise<readonly Due[]> {
  const { rows } = await database.pool('app').query<Due>(
    `select w.tenant_id as tenant, w.offer_id as offer, w.kind, w.outcome, w.attempts, o.customer,
            o.product as product_code, o.channel, o.presented_at, o.code
       from offers.write_back w
       join offers.offer o on o.tenant_id = w.tenant_id and o.id = w.offer_id
      where w.status = 'waiting' and w.due_at <= $1
        and not exists (
          select from offers.write_back f
           where f.tenant_id = w.tenant_id and f.offer_id = w.offer_id and f.kind = w.kind
             and f.status = 'waiting'
             and array_position(${order}, f.outcome) < array_position(${order}, w.outcome))
      order by w.due_at, w.tenant_id, w.offer_id, w.kind, w.outcome limit ${pageSize}`,
    [instantToText(clock.now())],
  );
  return rows;
}

async function tell(parts: WriteBackParts, due: Due): Promise<boolean> {
  try {
    const receipt = await write(parts.core, due);
    await mark(parts, due, { status: 'written', receipt, trouble: null, dueAt: null });
    return true;
  } catch (error) {
    const attempts = due.attempts + 1;
    // What the core refuses it will refuse again; all else may pass.
    const isFinal =
      (error instanceof Fault && !error.retryable && error.code !== 'internal') ||
      attempts >= attemptsMax;
    const pause = Math.min(pauseMaxMs, pauseMs * 2 ** Math.min(due.attempts, 10));
    const trouble = error instanceof Fault ? error.code : 'failed';
    if (!(error instanceof Fault)) parts.onError(error);
    await mark(parts, due, {
      ...{ status: isFinal ? 'given_up' : 'waiting', receipt: null, trouble },
      // Whoever counts what was given up counts from when it was.
      dueAt: isFinal ? null : parts.clock.now() + pause,
    });
    return false;
  }
}

async function write({ operations }: Pick<Core, 'operations'>, due: Due): Promise<string | null> {
  const { tenant, customer: id, outcome, code, channel, product_code: product } = due;
  const offer = externalId('offer', due.offer);
  // Always the same for what became of an offer: under one key a core writes once.
  const key = `${due.kind} ${offer} ${outcome}`;
  if (due.kind === 'offer') {
    const validFrom = due.presented_at.toISOString().slice(0, 10);
    const asked = { tenant, id, key, product, code, status: outcome, validFrom };
    return (await operations.recordOffer?.(asked))?.id ?? null;
  }
  const direction = outcome === 'offered' ? 'outbound' : 'inbound';
  const summary = `offer ${code} ${outcome}`;
  const asked = { tenant, id, key, channel, direction, summary } as const;
  return (await operations.recordInteraction?.(asked))?.id ?? null;
}

type Mark = {
  readonly status: 'written' | 'waiting' | 'given_up';
  readonly receipt: string | null;
  readonly trouble: string | null;
  /** When it is tried again; null where it is not. */
  readonly dueAt: Instant | null;
};

async function mark(
  { database, clock }: WriteBackParts,
  { tenant, offer, kind, outcome }: Due,
  { status, receipt, trouble, dueAt }: Mark,
): Promise<void> {
  const now = clock.now();
  const work = (tx: Tx) =>
    tx.query(
      `update offers.write_back
          set status = $5, attempts = attempts + 1, receipt = $6, trouble = $7, due_at = $8,
              written_at = case when $5 = 'written' then $9::timestamptz end
        where tenant_id = $1 and offer_id = $2 and kind = $3 and outcome = $4
          and status = 'waiting'`,
      [
        ...[tenant, offer, kind, outcome, status, receipt, trouble],
        ...[instantToText(dueAt ?? now), instantToText(now)],
      ],
    );
  await withTx(database.pool('app'), work, { tenant });
}
