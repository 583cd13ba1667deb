// Lots: points that were given at once, and what each movement makes of them. A pure fold over the
// movements of one member, in the order of the log: no point is lost on the way or added.
import { assert, instantFromText, instantToText } from '#core';

/** The account of the member that a movement takes from or gives to. */
export type MemberRole = 'active' | 'pending' | 'owed';

/** What a lot has come to: together these are always all of its points. */
export const lotParts = [
  'pending',
  'active',
  'settled',
  'redeemed',
  'expired',
  'taken_back',
  'forfeited',
  'transferred',
  'adjusted',
] as const;
export type LotPart = (typeof lotParts)[number];
export type UseKind = Exclude<LotPart, 'pending' | 'active'>;

export type Lot = {
  readonly lot_id: string;
  readonly position: number;
  readonly entry: string;
  readonly reason: string | null;
  readonly rule: string | null;
  readonly source: string | null;
  readonly campaign: string | null;
  readonly qualifying: boolean;
  readonly spend: number;
  spend_returned: number;
  readonly earned_at: string;
  readonly matures_at: string | null;
  readonly expires_at: string | null;
  readonly points: number;
  /** What was taken back on its account, be it of this lot, of others, or owed. */
  returned: number;
} & { [Part in LotPart]: number };

/** What a movement has taken from a lot, or given back to it. */
export type Use = {
  readonly transfer_id: string;
  readonly lot_id: string;
  readonly position: number;
  readonly kind: UseKind | 'restored';
  readonly points: number;
  /** What was given back of it since. */
  restored: number;
  readonly used_at: string;
};

/** What stands on the accounts of a member, and the versions at which it does. */
export type Balances = {
  active: number;
  pending: number;
  owed: number;
  earned: number;
  redeemed: number;
  expired: number;
  active_version: number;
  pending_version: number;
  owed_version: number;
  last_earned_at: string | null;
  last_redeemed_at: string | null;
  changed_at: string;
};

/** A transfer as it concerns one member. */
export type Move = {
  readonly transfer: string;
  readonly position: number;
  readonly points: number;
  readonly recordedAt: string;
  readonly effectiveAt: string;
  readonly from: MemberRole | null;
  readonly to: MemberRole | null;
  /** The role of the other account, where that is not the member's own. */
  readonly counter: string | null;
  readonly versions: Readonly<Partial<Record<MemberRole, number>>>;
  readonly reverses: string | null;
  readonly said: Readonly<Record<string, string>>;
};

/** The lots and uses of a member that are at hand, by their ids. */
export type Holding = {
  readonly balances: Balances;
  readonly lots: Map<string, Lot>;
  /** By `useKey`. */
  readonly uses: Map<string, Use>;
};

/** What the fold has touched, to be written. */
export type Folded = {
  readonly balances: Balances;
  readonly lots: readonly Lot[];
  readonly uses: readonly Use[];
};

export function useKey(transfer: string, lot: string): string {
  return `${transfer} ${lot}`;
}

export const noBalances: Balances = {
  ...{ active: 0, pending: 0, owed: 0, earned: 0, redeemed: 0, expired: 0 },
  ...{ active_version: 0, pending_version: 0, owed_version: 0 },
  ...{ last_earned_at: null, last_redeemed_at: null, changed_at: '' },
};

/**
 * Folds movements into what a member holds. With only some of his lots at hand (`isWhole` false) it
 * answers undefined where it would need another one: then it is asked again with all of them. What
 * it was given stays as it is.
 */
export function foldMoves(
  { balances, lots, uses }: Holding,
  moves: readonly Move[],
  isWhole: boolean,
): Folded | undefined {
  const work: Work = {
    balances: { ...balances },
    lots: new Map([...lots].map(([id, lot]) => [id, { ...lot }])),
    uses: new Map([...uses].map(([id, use]) => [id, { ...use }])),
    touched: { lots: new Set(), uses: new Set() },
  };
  for (const move of moves) {
    const short = apply(work, move);
    assert(short === 0 || !isWhole, `${move.transfer} takes ${short} points that are in no lot`);
    if (short > 0) return undefined;
  }
  return {
    balances: work.balances,
    lots: [...work.touched.lots].map((id) => work.lots.get(id) as Lot),
    uses: [...work.touched.uses].map((id) => work.uses.get(id) as Use),
  };
}

type Work = {
  readonly balances: Balances;
  readonly lots: Map<string, Lot>;
  readonly uses: Map<string, Use>;
  readonly touched: { readonly lots: Set<string>; readonly uses: Set<string> };
};

/** Answers how many points it could not find. */
function apply(work: Work, move: Move): number {
  const { balances } = work;
  const { from, to, points, versions } = move;
  balances.changed_at = move.recordedAt;
  for (const role of ['active', 'pending', 'owed'] as const) {
    balances[`${role}_version`] = versions[role] ?? balances[`${role}_version`];
  }
  // To owe is an asset of the bank: what is taken from it is more that is owed.
  if (from !== null) balances[from] += from === 'owed' ? points : -points;
  if (to !== null) balances[to] += to === 'owed' ? -points : points;
  tally(balances, move);
  returned(work, move);
  if (isOpen(from) && isOpen(to)) return take(work, move, from, to);
  if (isOpen(from)) return take(work, move, from, kindOf(move));
  if (to !== null) give(work, move, to);
  return 0;
}

function isOpen(role: MemberRole | null): role is 'active' | 'pending' {
  return role === 'active' || role === 'pending';
}

// Taking ------------------------------------------------------------------------------------------

/** What becomes of points that leave: the accounts say it, not the words that came with it. */
function kindOf({ to, counter, said }: Move): UseKind {
  if (to === 'owed') return 'settled';
  switch (counter) {
    case 'redeemed':
    case 'expired':
    case 'forfeited':
      return counter;
    case 'active':
    case 'pending':
    case 'owed':
      return 'transferred';
    default:
      return said['entry'] === 'adjust' ? 'adjusted' : 'taken_back';
  }
}

function take(work: Work, move: Move, from: 'active' | 'pending', to: LotPart): number {
  let left = move.points;
  for (const lot of inOrder(work, move, { from, kind: to })) {
    if (left === 0) break;
    const part = Math.min(left, lot[from]);
    left -= part;
    lot[from] -= part;
    lot[to] += part;
    work.touched.lots.add(lot.lot_id);
    if (to !== 'active' && to !== 'pending') use(work, move, { lot, kind: to, points: part });
  }
  return left;
}

/** The lot that is named, then those that are not over yet, by their expiry and age. */
function inOrder(
  { lots }: Work,
  move: Move,
  { from, kind }: { readonly from: 'active' | 'pending'; readonly kind: LotPart },
): readonly Lot[] {
  const named = lots.get(move.said['lot'] ?? move.reverses ?? '');
  if (named && named[from] >= move.points) return [named];
  const rank = (lot: Lot) => {
    if (lot === named) return 0;
    const isOver = lot.expires_at !== null && lot.expires_at <= move.recordedAt;
    return isOver && kind !== 'expired' ? 2 : 1;
  };
  return [...lots.values()]
    .filter((lot) => lot[from] > 0)
    .sort((one, other) => rank(one) - rank(other) || byExpiry(one, other));
}

/** Instants are told in one form, which sorts as text. */
export function byExpiry(one: Lot, other: Lot): number {
  const [early, late] = [one.expires_at ?? never, other.expires_at ?? never];
  if (early !== late) return early < late ? -1 : 1;
  return one.position - other.position || (one.lot_id < other.lot_id ? -1 : 1);
}

const never = '~';

function use(
  work: Work,
  { transfer, position, recordedAt }: Move,
  { lot, kind, points }: { lot: Lot; kind: Use['kind']; points: number },
): void {
  const key = useKey(transfer, lot.lot_id);
  const { lot_id } = lot;
  work.uses.set(key, {
    ...{ transfer_id: transfer, lot_id, position, kind, points },
    ...{ restored: 0, used_at: recordedAt },
  });
  work.touched.uses.add(key);
}

// Giving ------------------------------------------------------------------------------------------

function give(work: Work, move: Move, to: MemberRole): void {
  // What is written off of a debt was never given to anybody.
  if (to === 'owed' && !isIssuer(move.counter)) return;
  const back = move.said['of'] ?? move.reverses;
  const left = back !== null && isOpen(to) ? giveBack(work, move, { of: back, to }) : move.points;
  if (left === 0) return;
  const lot = lotOf(move, to, left);
  work.lots.set(lot.lot_id, lot);
  work.touched.lots.add(lot.lot_id);
  if (to === 'owed') use(work, move, { lot, kind: 'settled', points: left });
}

/** Gives lots back what a movement has taken from them, the last of them first. */
function giveBack(
  work: Work,
  move: Move,
  { of, to }: { readonly of: string; readonly to: 'active' | 'pending' },
): number {
  let left = move.points;
  const uses = [...work.uses.values()].filter(
    ({ transfer_id, kind }) => transfer_id === of && kind !== 'restored',
  );
  for (const taken of uses.sort((one, other) => lastFirst(work, one, other))) {
    const part = Math.min(left, taken.points - taken.restored);
    const lot = work.lots.get(taken.lot_id);
    if (part === 0 || lot === undefined) continue;
    left -= part;
    taken.restored += part;
    lot[taken.kind as UseKind] -= part;
    lot[to] += part;
    work.touched.lots.add(lot.lot_id);
    work.touched.uses.add(useKey(of, lot.lot_id));
    use(work, move, { lot, kind: 'restored', points: part });
  }
  return left;
}

function lastFirst({ lots }: Work, one: Use, other: Use): number {
  const [first, second] = [lots.get(one.lot_id), lots.get(other.lot_id)];
  return first && second ? byExpiry(second, first) : 0;
}

function lotOf(move: Move, to: MemberRole, points: number): Lot {
  const { said, counter } = move;
  const entry = said['entry'] ?? entries[counter ?? ''] ?? 'adjust';
  const parts = Object.fromEntries(lotParts.map((part) => [part, 0])) as Record<LotPart, number>;
  return {
    lot_id: move.transfer,
    position: move.position,
    entry,
    reason: said['reason'] ?? null,
    rule: said['rule'] ?? null,
    source: said['source'] ?? null,
    campaign: said['campaign'] ?? null,
    qualifying: (said['qualifying'] ?? String(entry === 'earn')) === 'true',
    spend: wholeIn(said['spend']),
    spend_returned: 0,
    earned_at: move.effectiveAt,
    matures_at: to === 'pending' ? instantIn(said['matures_at']) : null,
    expires_at: instantIn(said['expires_at']),
    points,
    returned: 0,
    ...parts,
    [to === 'owed' ? 'settled' : to]: points,
  };
}

/** By whose account has given them, where no entry is said. */
const entries: Readonly<Record<string, string>> = {
  issued: 'earn',
  budget: 'award',
  redeemed: 'restore',
  active: 'transfer',
};

// What is counted ---------------------------------------------------------------------------------

/** Over a whole life: what was given and not taken back, used, and what has run out. */
function tally(balances: Balances, { from, to, counter, points, recordedAt, said }: Move): void {
  const [isGiven, isTaken] = [from === null, to === null];
  if (isIssuer(counter) && isGiven) {
    balances.earned += points;
    if (said['entry'] !== 'adjust') balances.last_earned_at = recordedAt;
  }
  if (isIssuer(counter) && isTaken) balances.earned -= points;
  if (counter === 'redeemed') {
    balances.redeemed += isTaken ? points : -points;
    if (isTaken) balances.last_redeemed_at = recordedAt;
  }
  if (counter === 'expired') balances.expired += isTaken ? points : -points;
}

/** What is sent back of what a lot was given for, wherever its points are by now. */
function returned(work: Work, { from, to, counter, said, points }: Move): void {
  const lot = work.lots.get(said['lot'] ?? '');
  const isTakenBack = from !== null && to === null && isIssuer(counter);
  if (!isTakenBack || lot === undefined) return;
  lot.returned += points;
  lot.spend_returned += wholeIn(said['spend']);
  work.touched.lots.add(lot.lot_id);
}

function isIssuer(counter: string | null): boolean {
  return counter === 'issued' || counter === 'budget';
}

/** What is no number is none: what people write into a ledger never stops the fold. */
function wholeIn(text: string | undefined): number {
  const value = Number(text ?? 0);
  return Number.isSafeInteger(value) && value >= 0 ? value : 0;
}

function instantIn(text: string | undefined): string | null {
  const at = text === undefined ? undefined : instantFromText(text);
  return at === undefined ? null : instantToText(at);
}
