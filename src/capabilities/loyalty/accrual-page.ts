// What accrual has at hand for a page of movements of one bank, and what it writes in the end.
import type { Tx } from '#core';
import type { Happening } from './earn-facts.ts';
import { type Member, memberColumns, memberOf, type MemberRow } from './members.ts';

/** What became of a part of an earning: `waits` for a budget, `asked` of people. */
export type PartState = 'given' | 'asked' | 'waits' | 'refused';

export type EarnedPart = {
  readonly points: number;
  readonly campaign: string | null;
  readonly rules: readonly string[];
  readonly state: PartState;
  /** The transfers that have given it. */
  readonly lots: readonly string[];
};

/** A row of `loyalty.earned`. */
export type EarnedRow = {
  readonly tenant_id: string;
  readonly program: string;
  readonly transfer_id: string;
  readonly kind: string;
  readonly deal: string;
  readonly customer: string;
  readonly outcome: 'earned' | 'shadowed' | 'nothing' | 'refused' | 'asked';
  readonly reason: string | null;
  readonly amount: number;
  readonly spend: number;
  readonly points: number;
  readonly exact: string;
  readonly parts: readonly EarnedPart[];
  readonly version: string;
  readonly earned_at: string;
  readonly position: string;
};

/** A member, and what his accounts hold now. */
export type Held = { readonly member: Member; active: number; pending: number; owed: number };

type Members = { readonly program: string; readonly customers: readonly string[] };

/** The members among these customers of a programme, as the ledger has them at this moment. */
export async function readHeld(
  tx: Pick<Tx, 'query'>,
  { program, customers }: Members,
): Promise<Map<string, Held>> {
  const { rows } = await tx.query<HeldRow>({
    name: 'loyalty.held',
    text: `select ${memberColumns('m')},
           coalesce(a.credits_posted - a.debits_posted, 0) as active,
           coalesce(p.credits_posted - p.debits_posted, 0) as pending,
           coalesce(o.debits_posted - o.credits_posted, 0) as owed
         from loyalty.member m
         left join money.account a on a.tenant_id = m.tenant_id and a.id = m.active_account
         left join money.account p on p.tenant_id = m.tenant_id and p.id = m.pending_account
         left join money.account o on o.tenant_id = m.tenant_id and o.id = m.owed_account
        where m.tenant_id = core.current_tenant() and m.program = $1
          and m.customer = any ($2::text[])`,
    values: [program, customers],
  });
  return new Map(rows.map((row) => [row.customer, heldOf(row)]));
}

type HeldRow = MemberRow & Readonly<Record<'active' | 'pending' | 'owed', bigint>>;

function heldOf(row: HeldRow): Held {
  const { active, pending, owed } = row;
  return {
    member: memberOf(row),
    ...{ active: Number(active), pending: Number(pending), owed: Number(owed) },
  };
}

/** The tiers that customers hold. */
export async function readTiers(
  tx: Pick<Tx, 'query'>,
  { program, customers }: Members,
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await tx.query<{ customer: string; tier: string }>({
    name: 'loyalty.tiers-held',
    text: `select customer, tier from loyalty.tier
        where tenant_id = core.current_tenant() and program = $1
          and customer = any ($2::text[])`,
    values: [program, customers],
  });
  return new Map(rows.map(({ customer, tier }) => [customer, tier]));
}

/** By customer: what was counted of him under these names. */
export type Counters = Map<string, Record<string, number>>;

/** In the transaction of the checkpoint. What was worked out in shadow is counted apart. */
export async function readCounters(
  tx: Tx,
  { tenant, program }: { readonly tenant: string; readonly program: string },
  wanted: ReadonlyMap<string, ReadonlySet<string>>,
): Promise<Counters> {
  const counters = [...new Set([...wanted.values()].flatMap((names) => [...names]))];
  if (counters.length === 0) return new Map();
  const { rows } = await tx.query<{ customer: string; counter: string; used: bigint }>(
    `select customer, counter, used from loyalty.counter
      where tenant_id = $1 and program = $2 and customer = any ($3::text[])
        and counter = any ($4::text[])`,
    [tenant, program, [...wanted.keys()], counters],
  );
  const found: Counters = new Map();
  for (const { customer, counter, used } of rows) {
    const own = found.get(customer) ?? {};
    own[counter] = Number(used);
    found.set(customer, own);
  }
  return found;
}

// Writing -----------------------------------------------------------------------------------------

/** What counters grow by. */
export type Growth = {
  readonly program: string;
  readonly customer: string;
  readonly counted: Readonly<Record<string, number>>;
};

export async function writeEarned(
  tx: Tx,
  tenant: string,
  { rows, growths }: { readonly rows: readonly EarnedRow[]; readonly growths: readonly Growth[] },
): Promise<void> {
  if (rows.length > 0) {
    await tx.query(
      `insert into loyalty.earned (tenant_id, program, transfer_id, kind, deal, customer, outcome,
         reason, amount, spend, points, exact, parts, version, earned_at, position, unsettled)
       select r.tenant_id, r.program, r.transfer_id, r.kind, r.deal, r.customer, r.outcome,
              r.reason, r.amount, r.spend, r.points, r.exact, r.parts, r.version, r.earned_at,
              r.position, false
         from jsonb_populate_recordset(null::loyalty.earned, $1::jsonb) as r
       on conflict do nothing`,
      [JSON.stringify(rows)],
    );
  }
  const grown = sumsOf(growths);
  if (grown.length === 0) return;
  await tx.query(
    `insert into loyalty.counter as c (tenant_id, program, customer, counter, used)
     select $1, r.program, r.customer, r.counter, r.used
       from jsonb_to_recordset($2::jsonb)
         as r (program text, customer text, counter text, used bigint)
     on conflict (tenant_id, program, customer, counter) do update
        set used = c.used + excluded.used`,
    [tenant, JSON.stringify(grown)],
  );
}

function sumsOf(growths: readonly Growth[]) {
  const sums = new Map<
    string,
    { program: string; customer: string; counter: string; used: number }
  >();
  for (const { program, customer, counted } of growths) {
    for (const [counter, by] of Object.entries(counted)) {
      const name = `${program} ${customer} ${counter}`;
      const sum = sums.get(name) ?? { program, customer, counter, used: 0 };
      sum.used += by;
      sums.set(name, sum);
    }
  }
  return [...sums.values()];
}

/**
 * Writes down what has gone back, and marks what it is of: also what has come in this page for a
 * return that was seen before.
 */
export async function writeReturned(
  tx: Tx,
  tenant: string,
  { happenings, deals }: { happenings: readonly Happening[]; deals: readonly string[] },
): Promise<void> {
  const returned = happenings.flatMap((each) => (each.what === 'goes_back' ? [each] : []));
  const undone = happenings.flatMap((each) => (each.what === 'is_undone' ? [each] : []));
  const touched = new Set(deals);
  if (returned.length > 0) {
    const rows = returned.map(({ movement: { id, amount, position }, deal, reason }) => {
      touched.add(deal);
      return { transfer_id: id, deal, reason, amount, position: String(position) };
    });
    await tx.query(
      `insert into loyalty.returned (tenant_id, transfer_id, deal, reason, amount, position)
       select $1, r.transfer_id, r.deal, r.reason, r.amount, r.position
         from jsonb_populate_recordset(null::loyalty.returned, $2::jsonb) as r
       on conflict do nothing`,
      [tenant, JSON.stringify(rows)],
    );
  }
  if (undone.length > 0) await writeUndone(tx, tenant, undone, touched);
  if (touched.size === 0) return;
  // Also where it is so already: whoever settles it now has not seen what has come in this page.
  await tx.query(
    `update loyalty.earned e set unsettled = true
      where e.tenant_id = $1 and e.deal = any ($2::text[])
        and e.outcome in ('earned', 'asked')
        and exists (select from loyalty.returned r
                     where r.tenant_id = e.tenant_id and r.deal = e.deal)`,
    [tenant, [...touched]],
  );
}

type Undone = Extract<Happening, { readonly what: 'is_undone' }>;

/** A reversal is of a return, which counts no more, or of what has earned: of all of it. */
async function writeUndone(
  tx: Tx,
  tenant: string,
  undone: readonly Undone[],
  touched: Set<string>,
): Promise<void> {
  const rows = undone.map(({ movement: { id, position }, undoes }) => ({
    ...{ transfer_id: id, undoes, position: String(position) },
  }));
  const { rows: deals } = await tx.query<{ deal: string }>(
    `with reversal as (
       select * from jsonb_to_recordset($2::jsonb)
         as r (transfer_id text, undoes text, position bigint)),
     contested as (
       update loyalty.returned t set undone_by = r.transfer_id from reversal r
        where t.tenant_id = $1 and t.transfer_id = r.undoes returning t.deal),
     reversed as (
       insert into loyalty.returned (tenant_id, transfer_id, deal, reason, undoes, position)
       select distinct on (r.transfer_id) $1, r.transfer_id, e.deal, 'reversal', r.undoes,
              r.position
         from reversal r join loyalty.earned e
           on e.tenant_id = $1 and e.transfer_id = r.undoes
       on conflict do nothing returning deal)
     select deal from contested union select deal from reversed`,
    [tenant, JSON.stringify(rows)],
  );
  for (const { deal } of deals) touched.add(deal);
}
