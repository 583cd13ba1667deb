// A deal: the movements of one purchase and what has gone back of it, each in its own currency; and
// what of a movement that comes to.
import { externalId, internalId, type Tx, type Uuid } from '#core';
import { readWorths } from './earn-facts.ts';
import type { Unsettled } from './returns-page.ts';

/** As it is written down: by the deal that movements name. */
export type Deal = {
  /** The movements of the purchase, in the order in which they were posted. */
  readonly posted: readonly Posted[];
  /** What has gone back of it, but for what counts no more. */
  readonly back: readonly Back[];
};
type Posted = { readonly transfer_id: string; readonly amount: number };
type Back = {
  readonly transfer_id: string;
  /** Null for all of one movement, which is undone. */
  readonly amount: number | null;
  readonly undoes: string | null;
};

/** The same with what the ledger says of it, as far as it is of the customer. */
export type SeenDeal = {
  readonly posted: readonly (Posted & Seen)[];
  readonly back: readonly (Back & Seen)[];
};
type Seen = {
  readonly currency: string;
  /** Minor units of the programme's currency; asked for only where currencies differ. */
  readonly worth: number | undefined;
};

/** Captures and refunds of one purchase. */
const dealMax = 10_000;

export async function readDeal(
  tx: Tx,
  {
    tenant_id,
    program,
    deal,
    customer,
  }: Pick<Unsettled, 'tenant_id' | 'program' | 'deal' | 'customer'>,
): Promise<Deal> {
  const posted = await tx.query<{ transfer_id: string; amount: bigint }>(
    `select transfer_id, max(amount) as amount from loyalty.earned
      where tenant_id = $1 and program = $2 and deal = $3 and customer = $4
      group by transfer_id order by min(position), transfer_id limit ${dealMax}`,
    [tenant_id, program, deal, customer],
  );
  const back = await tx.query<Omit<Back, 'amount'> & { amount: bigint | null }>(
    `select transfer_id, amount, undoes from loyalty.returned
      where tenant_id = $1 and deal = $2 and undone_by is null
      order by position, transfer_id limit ${dealMax}`,
    [tenant_id, deal],
  );
  return {
    posted: posted.rows.map(({ transfer_id, amount }) => ({
      transfer_id,
      amount: Number(amount),
    })),
    back: back.rows.map(({ amount, ...row }) => ({
      amount: amount === null ? null : Number(amount),
      ...row,
    })),
  };
}

type Whose = {
  readonly deal: string;
  readonly customer: string;
  /** Of the programme. */
  readonly currency: string;
};

/**
 * Who posts for another system names a deal by a reference, and another customer may have the same:
 * of its returns those count that the customer is a party to. A payment is of one customer, and
 * known by its own id.
 */
export async function seeDeal(
  read: Tx,
  { posted, back }: Deal,
  { deal, customer, currency: home }: Whose,
): Promise<SeenDeal> {
  const lines = await readLedger(read, { of: [...posted, ...back], customer });
  const isPayment = internalId('payment', deal) !== undefined;
  const own = back.filter(({ transfer_id: id }) => isPayment || lines.get(id)?.is_own);
  const currencyOf = ({ transfer_id: id }: Posted | Back) => lines.get(id)?.currency ?? home;
  const all = [...posted, ...own];
  const isMixed = new Set(all.map(currencyOf)).size > 1;
  const worths = isMixed
    ? await readWorths(read, movementsIn(all, lines), home)
    : new Map<string, number>();
  const seen = <Each extends Posted | Back>(each: Each) => ({
    ...each,
    ...{ currency: currencyOf(each), worth: worths.get(each.transfer_id) },
  });
  return { posted: posted.map(seen), back: own.map(seen) };
}

function movementsIn(all: readonly (Posted | Back)[], lines: ReadonlyMap<string, Line>) {
  return all.flatMap(({ transfer_id: id, amount }) => {
    const line = lines.get(id);
    if (line === undefined || amount === null) return [];
    return [{ id, amount, command: line.command_id, currency: line.currency }];
  });
}

type Line = {
  readonly id: Uuid;
  readonly command_id: Uuid;
  readonly currency: string;
  readonly is_own: boolean;
};

async function readLedger(
  read: Tx,
  { of, customer }: { readonly of: readonly (Posted | Back)[]; readonly customer: string },
): Promise<ReadonlyMap<string, Line>> {
  const ids = of.flatMap(({ transfer_id }) => internalId('transfer', transfer_id) ?? []);
  const { rows } = await read.query<Line>(
    `select t.id, t.command_id, t.currency,
            exists (select from register.account_party p
               where p.tenant_id = t.tenant_id and p.party_id = $2
                 and p.account_id in (t.debit_account_id, t.credit_account_id)) as is_own
       from money.transfer t
      where t.tenant_id = core.current_tenant() and t.id = any ($1::uuid[])`,
    [ids, customer],
  );
  return new Map(rows.map((row) => [externalId('transfer', row.id), row]));
}

// What it comes to --------------------------------------------------------------------------------

export type BackOf = {
  /** Minor units of the movement's own currency. */
  readonly amount: number;
  /** Returns in a currency in which nothing was bought, and of which nobody knows the worth. */
  readonly leftOut: readonly string[];
};

/**
 * What of a movement has gone back: of what was posted in the same currency, the first goes back
 * first. A return in a currency in which nothing of the deal was posted is measured by what it is
 * worth at home, on what those have left.
 */
export function backOf({ transfer_id }: { readonly transfer_id: string }, deal: SeenDeal): BackOf {
  const currencies = new Set(deal.posted.map(({ currency }) => currency));
  const others = deal.back.filter(
    ({ amount, currency }) => amount !== null && !currencies.has(currency),
  );
  const leftOut = others.flatMap((each) => (each.worth === undefined ? each.transfer_id : []));
  const isUndone = (id: string) => deal.back.some(({ undoes }) => undoes === id);
  const own = deal.posted.find((each) => each.transfer_id === transfer_id);
  if (own && isUndone(transfer_id)) return { amount: own.amount, leftOut };
  const standing = deal.posted.filter((each) => !isUndone(each.transfer_id));
  const sent = standing.map((each) => ({ ...each, sent: 0n }));
  for (const currency of currencies) spread(sent, currency, sumIn(deal.back, currency));
  spreadWorth(
    sent,
    others.reduce((sum, { worth }) => sum + BigInt(worth ?? 0), 0n),
  );
  const found = sent.find((each) => each.transfer_id === transfer_id);
  return { amount: Number(found?.sent ?? 0n), leftOut };
}

type Sent = SeenDeal['posted'][number] & { sent: bigint };

function sumIn(back: SeenDeal['back'], wanted: string): bigint {
  return back.reduce(
    (sum, { amount, currency }) => sum + (currency === wanted ? BigInt(amount ?? 0) : 0n),
    0n,
  );
}

function spread(all: readonly Sent[], currency: string, back: bigint): void {
  let left = back;
  for (const each of all) {
    if (each.currency !== currency) continue;
    const amount = BigInt(each.amount);
    each.sent = left < amount ? left : amount;
    left -= each.sent;
  }
}

/** In whole minor units of what was posted, rounded down: never more than has gone back. */
function spreadWorth(all: readonly Sent[], back: bigint): void {
  let left = back;
  for (const each of all) {
    if (left === 0n) return;
    if (each.worth === undefined) continue;
    const [amount, worth] = [BigInt(each.amount), BigInt(each.worth)];
    const rest = amount - each.sent;
    // What is left of it is worth no more than this.
    const restWorth = ceilDiv(worth * rest, amount);
    if (left >= restWorth) {
      each.sent = amount;
      left -= restWorth;
    } else {
      each.sent += (left * amount) / worth;
      left = 0n;
    }
  }
}

function ceilDiv(of: bigint, by: bigint): bigint {
  return (of + by - 1n) / by;
}
