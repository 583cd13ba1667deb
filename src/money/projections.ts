// Read models of the money plane, folded from its events alone.
import { internalId, type Projection, type SealedEvent, type Tx, type Uuid } from '#core';

/** Whether the amount is posted, and the sign with which amount and release change the pending. */
const effects: Readonly<Record<string, { posts: boolean; pending: number }>> = {
  'transaction.posted': { posts: true, pending: 0 },
  'transaction.reversed': { posts: true, pending: 0 },
  'hold.created': { posts: false, pending: 1 },
  'hold.increased': { posts: false, pending: 1 },
  'hold.captured': { posts: true, pending: -1 },
  'hold.voided': { posts: false, pending: -1 },
  'hold.expired': { posts: false, pending: -1 },
};

const movingTypes = Object.keys(effects);

/** What every account's four sums must be by the log. */
export const balanceProjection: Projection = {
  name: 'balances',
  types: movingTypes,
  tables: ['projection.balance'],
  async fold(tx, generation, events) {
    const sums = new Map<string, Sums>();
    for (const { tenant, entry } of movements(events)) {
      for (const side of ['debit', 'credit'] as const) {
        const account = entry[side];
        const key = `${tenant} ${account}`;
        const sum = sums.get(key) ?? { tenant, account, currency: entry.currency, ...nothing };
        sums.set(key, sum);
        sum.entries += 1;
        if (side === 'debit') {
          sum.debitsPosted += entry.posted;
          sum.debitsPending += entry.pending;
        } else {
          sum.creditsPosted += entry.posted;
          sum.creditsPending += entry.pending;
        }
      }
    }
    await addBalances(tx, generation, [...sums.values()]);
  },
};

/** How much went through each account on each day. */
export const activityProjection: Projection = {
  name: 'activity',
  types: movingTypes,
  tables: ['projection.activity'],
  async fold(tx, generation, events) {
    const days = new Map<string, Day>();
    for (const { tenant, entry } of movements(events)) {
      if (entry.posted === 0n) continue;
      for (const side of ['debit', 'credit'] as const) {
        const account = entry[side];
        const key = `${tenant} ${account} ${entry.day}`;
        const day = days.get(key) ?? {
          tenant,
          account,
          day: entry.day,
          entries: 0,
          debits: 0n,
          credits: 0n,
        };
        days.set(key, day);
        day.entries += 1;
        if (side === 'debit') day.debits += entry.posted;
        else day.credits += entry.posted;
      }
    }
    await addActivity(tx, generation, [...days.values()]);
  },
};

export const moneyProjections: readonly Projection[] = [balanceProjection, activityProjection];

type Sums = {
  readonly tenant: string;
  readonly account: Uuid;
  readonly currency: string;
  debitsPosted: bigint;
  creditsPosted: bigint;
  debitsPending: bigint;
  creditsPending: bigint;
  entries: number;
};

const nothing = {
  debitsPosted: 0n,
  creditsPosted: 0n,
  debitsPending: 0n,
  creditsPending: 0n,
  entries: 0,
};

type Day = {
  readonly tenant: string;
  readonly account: Uuid;
  readonly day: string;
  entries: number;
  debits: bigint;
  credits: bigint;
};

type Movement = {
  readonly debit: Uuid;
  readonly credit: Uuid;
  readonly currency: string;
  readonly posted: bigint;
  readonly pending: bigint;
  /** UTC, of the instant of effect. */
  readonly day: string;
};

/** The events that move money; others are none of these projections' business. */
function* movements(
  events: readonly SealedEvent[],
): Generator<{ tenant: string; entry: Movement }> {
  for (const { tenant, type, body } of events) {
    const effect = effects[type];
    if (effect === undefined) continue;
    const { data } = JSON.parse(body) as {
      data: {
        amount: number;
        currency: string;
        payload: {
          debit_account_id: string;
          credit_account_id: string;
          released: number;
          effective_at: string;
        };
      };
    };
    const { payload, currency } = data;
    const amount = BigInt(data.amount);
    const entry = {
      debit: internalId('account', payload.debit_account_id) as Uuid,
      credit: internalId('account', payload.credit_account_id) as Uuid,
      currency,
      posted: effect.posts ? amount : 0n,
      pending: BigInt(effect.pending) * (amount + BigInt(payload.released)),
      day: payload.effective_at.slice(0, 10),
    };
    yield { tenant, entry };
  }
}

async function addBalances(tx: Tx, generation: number, sums: readonly Sums[]): Promise<void> {
  await tx.query(
    `insert into projection.balance as b (tenant_id, generation, account_id, currency,
       debits_posted, credits_posted, debits_pending, credits_pending, entries)
     select t, $1, a, c, dp, cp, dh, ch, n
       from unnest($2::text[], $3::uuid[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[],
         $8::bigint[], $9::bigint[]) as s(t, a, c, dp, cp, dh, ch, n)
      order by t, a
     on conflict (tenant_id, generation, account_id) do update set
       debits_posted = b.debits_posted + excluded.debits_posted,
       credits_posted = b.credits_posted + excluded.credits_posted,
       debits_pending = b.debits_pending + excluded.debits_pending,
       credits_pending = b.credits_pending + excluded.credits_pending,
       entries = b.entries + excluded.entries`,
    [
      generation,
      sums.map((sum) => sum.tenant),
      sums.map((sum) => sum.account),
      sums.map((sum) => sum.currency),
      sums.map((sum) => sum.debitsPosted),
      sums.map((sum) => sum.creditsPosted),
      sums.map((sum) => sum.debitsPending),
      sums.map((sum) => sum.creditsPending),
      sums.map((sum) => sum.entries),
    ],
  );
}

async function addActivity(tx: Tx, generation: number, days: readonly Day[]): Promise<void> {
  await tx.query(
    `insert into projection.activity as d (tenant_id, generation, account_id, day, entries,
       debits, credits)
     select t, $1, a, y, n, db, cr
       from unnest($2::text[], $3::uuid[], $4::date[], $5::bigint[], $6::numeric[],
         $7::numeric[]) as s(t, a, y, n, db, cr)
      order by t, a, y
     on conflict (tenant_id, generation, account_id, day) do update set
       entries = d.entries + excluded.entries,
       debits = d.debits + excluded.debits,
       credits = d.credits + excluded.credits`,
    [
      generation,
      days.map((day) => day.tenant),
      days.map((day) => day.account),
      days.map((day) => day.day),
      days.map((day) => day.entries),
      days.map((day) => day.debits),
      days.map((day) => day.credits),
    ],
  );
}
