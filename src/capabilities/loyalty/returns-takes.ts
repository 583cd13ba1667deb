// What is taken for a return, by the policy of the programme: what is pending, what is there, all.
import type { Member } from './members.ts';
import type { Take } from './points.ts';
import type { Program } from './program/program.ts';

/** A lot that the purchase has given, as it is now. */
export type HeldLot = {
  readonly lot_id: string;
  /** The account of the budget that has given it; null for what the programme has. */
  readonly budget: string | null;
  readonly points: number;
  readonly pending: number;
  readonly active: number;
  /** Nobody has these any more but the bank. */
  readonly expired: number;
  readonly forfeited: number;
  /** What was taken back on its account before, be it of this lot or of others. */
  readonly returned: number;
  readonly expires_at: string | null;
};

/** A member with the lots of a purchase, and the versions at which all this was so. */
export type Holding = {
  readonly member: Member;
  readonly lots: readonly HeldLot[];
  readonly active: number;
  readonly pending: number;
  readonly owed: number;
  readonly active_version: number;
  readonly pending_version: number;
};

/**
 * Of the very lots first, and of each what is pending first. What has run out went back to the bank
 * already, and is not taken once more. What is left of an award goes back to its budget; for what
 * the member has spent of it other points are taken, which no budget has given.
 */
export function takesOf(
  { lots, active, owed }: Pick<Holding, 'lots' | 'active' | 'owed'>,
  { policy, points }: { readonly policy: Program['returns']; readonly points: number },
): Take[] {
  const takes: Take[] = [];
  const elsewhere: { readonly lot: string; readonly points: number }[] = [];
  let left = points;
  let taken = 0;
  for (const lot of lots) {
    const claimable = lot.points - lot.expired - lot.forfeited - lot.returned;
    const claim = Math.max(0, Math.min(left, claimable));
    const pending = Math.min(claim, lot.pending);
    const own = policy === 'only_pending' ? 0 : Math.min(claim - pending, lot.active);
    const its = { lot: lot.lot_id, ...(lot.budget === null ? {} : { into: lot.budget }) };
    add(takes, { points: pending, ...its, from: 'pending' });
    add(takes, { points: own, ...its, from: 'active' });
    taken += own;
    left -= claim;
    elsewhere.push({ lot: lot.lot_id, points: claim - pending - own });
  }
  if (policy === 'only_pending') return takes;
  // The balance is what is there less what is owed.
  let rest = Math.max(0, active - taken - owed);
  for (const { lot, points: wanted } of elsewhere) {
    const other = Math.min(wanted, rest);
    rest -= other;
    add(takes, { points: other, lot, from: 'active' });
    if (policy === 'unlimited') add(takes, { points: wanted - other, lot, from: 'owed' });
  }
  return takes;
}

function add(takes: Take[], take: Take): void {
  if (take.points > 0) takes.push(take);
}
