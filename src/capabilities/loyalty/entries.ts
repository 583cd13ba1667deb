// What has moved on the accounts of a member, as the ledger has it, newest first.
import { externalId, internalId, type Page, type Tx, type Uuid } from '#core';
import type { MemberRole } from './lots.ts';
import type { Member } from './members.ts';

export type Entry = {
  readonly transfer_id: string;
  readonly recorded_at: string;
  readonly effective_at: string;
  readonly entry: string | null;
  readonly points: number;
  /** What the member has more by it, pending points included: less than zero for what was taken. */
  readonly change: number;
  /** The member's own account; null for one of the programme or of another member. */
  readonly from: MemberRole | null;
  readonly to: MemberRole | null;
  readonly reason: string | null;
  readonly rules: readonly string[];
  /** Minor units: what was paid for it. */
  readonly spend: number | null;
  readonly source: string | null;
  readonly campaign: string | null;
  readonly lot: string | null;
  readonly matures_at: string | null;
  readonly expires_at: string | null;
};

type Row = {
  readonly account: Uuid;
  readonly version: bigint;
  readonly id: Uuid;
  readonly command_id: Uuid;
  readonly leg: number;
  readonly amount: bigint;
  readonly debit: Uuid;
  readonly credit: Uuid;
  readonly recorded_at: Date;
  readonly effective_at: Date;
  readonly metadata: Readonly<Record<string, string>> | null;
};

const roles = ['active', 'pending', 'owed'] as const;
/** Behind every entry that an account can have. */
const newest = Number.MAX_SAFE_INTEGER;

/**
 * A page; `after` says up to which entry of each account it was read. Undefined where that is not
 * the `next` of such a page.
 */
export async function listEntries(
  tx: Tx,
  { accounts }: Member,
  { limit = 50, after }: { readonly limit?: number; readonly after?: string | undefined },
): Promise<Page<Entry> | undefined> {
  const cursor = cursorIn(after);
  if (cursor === undefined) return undefined;
  const own = roles.map((role) => internalId('account', accounts[role] ?? '') ?? null);
  const rows = await readRows(tx, own, cursor, limit + 1);
  const lists = own.map((id) => rows.filter(({ account }) => account === id));
  const items: Entry[] = [];
  const heads = [...cursor];
  while (items.length < limit) {
    const next = latestOf(lists);
    const row = next === undefined ? undefined : lists[next]?.shift();
    if (next === undefined || row === undefined) break;
    heads[next] = Number(row.version);
    items.push(entryOf(row, own));
  }
  const isMore = lists.some((list) => list.length > 0);
  return { items, next: isMore ? heads.join('.') : null };
}

function cursorIn(after: string | undefined): number[] | undefined {
  if (after === undefined) return roles.map(() => newest);
  const isOne = /^\d{1,16}(\.\d{1,16}){2}$/.test(after);
  const versions = after.split('.').map(Number);
  return isOne && versions.every(Number.isSafeInteger) ? versions : undefined;
}

/** What moves between two of them is told by the one that gets it. */
async function readRows(
  tx: Tx,
  own: readonly (Uuid | null)[],
  before: readonly number[],
  limit: number,
): Promise<Row[]> {
  const side = (one: string, other: string, more: string) =>
    `(select t.${one}_version as version, t.id, t.command_id, t.leg, t.amount,
             t.debit_account_id as debit, t.credit_account_id as credit, t.recorded_at,
             t.effective_at, t.metadata
        from money.transfer t
       where t.tenant_id = core.current_tenant() and t.${one}_account_id = a.id
         and t.${one}_version < a.before ${more.replaceAll('OTHER', `t.${other}_account_id`)}
       order by t.${one}_version desc limit $3)`;
  const isForeign = `and not coalesce(OTHER = any ($1), false)`;
  const { rows } = await tx.query<Row>(
    `select a.id as account, e.* from unnest($1::uuid[], $2::bigint[]) as a(id, before)
      cross join lateral (
        select * from (${side('credit', 'debit', '')} union all
          ${side('debit', 'credit', isForeign)}) as both_sides
         order by version desc limit $3) as e
      where a.id is not null order by a.id, e.version desc`,
    [own, before, limit],
  );
  return rows;
}

/** Of the first of each list, which was recorded last. */
function latestOf(lists: readonly (readonly Row[])[]): number | undefined {
  let latest: number | undefined;
  for (const [at, [head]] of lists.entries()) {
    const best = latest === undefined ? undefined : lists[latest]?.[0];
    if (head && (best === undefined || isLater(head, best))) latest = at;
  }
  return latest;
}

function isLater(one: Row, other: Row): boolean {
  const [early, late] = [other.recorded_at.getTime(), one.recorded_at.getTime()];
  if (early !== late) return late > early;
  if (one.command_id !== other.command_id) return one.command_id > other.command_id;
  return one.leg > other.leg;
}

function entryOf(row: Row, own: readonly (Uuid | null)[]): Entry {
  const said = row.metadata ?? {};
  const roleOf = (id: Uuid) => roles[own.indexOf(id)] ?? null;
  const [from, to] = [roleOf(row.debit), roleOf(row.credit)];
  const points = Number(row.amount);
  return {
    transfer_id: externalId('transfer', row.id),
    recorded_at: row.recorded_at.toISOString(),
    effective_at: row.effective_at.toISOString(),
    entry: said['entry'] ?? null,
    points,
    change: (to === null ? 0 : points) - (from === null ? 0 : points),
    ...{ from, to },
    reason: said['reason'] ?? null,
    rules: said['rule']?.split(',') ?? [],
    spend: said['spend'] === undefined ? null : Number(said['spend']),
    source: said['source'] ?? null,
    campaign: said['campaign'] ?? null,
    lot: said['lot'] ?? said['of'] ?? null,
    matures_at: said['matures_at'] ?? null,
    expires_at: said['expires_at'] ?? null,
  };
}
