// What a leg does to a hold: place it, increase it, capture it, give back what is left.
import { derivedUuid, type Uuid, unreachable } from '#core';
import {
  checkBounds,
  checkEffective,
  effectiveInstant,
  refuseClosed,
  refuseFrozen,
  toInstant,
} from './admission.ts';
import { never } from './events.ts';
import type { HoldChangeLeg, HoldLeg, JournalBody } from './journal.ts';
import { type HoldState, key, leftOf, type Movement, NotLocked } from './state.ts';
import { add, holdOf, lockedAccount, Rejected, refuse, remember, type Work } from './work.ts';

export function changeHold(work: Work, journal: JournalBody, leg: HoldChangeLeg): Movement {
  const hold = holdOf(work, leg.hold_id);
  if (!hold) throw new Rejected('hold_not_found');
  const debit = lockedAccount(work, hold.debit);
  const credit = lockedAccount(work, hold.credit);
  const { kind } = leg;
  const effectiveAt = kind === 'expire' ? hold.expiresAt : effectiveInstant(work, journal);
  if (kind === 'increase' || kind === 'capture') {
    refuseClosed(work, debit, credit);
    // A capture keeps a promise that was made before the freeze; an increase makes a new one.
    if (kind === 'increase') refuseFrozen(work, debit, credit);
    checkEffective(work, effectiveAt);
  }
  checkStatus(work, hold, kind);
  const { moved, released } = changeOf(leg, leftOf(hold));
  refuse(kind !== 'increase' && moved + released > leftOf(hold), 'amount_exceeds_hold');
  if (kind === 'increase') checkBounds(work, debit, credit, moved);
  settle(work, hold, kind, { moved, released });
  return {
    id: derivedUuid(work.command.id, 'transfer', work.leg),
    kind,
    debit,
    credit,
    amount: moved,
    released,
    posted: kind === 'capture' ? moved : 0n,
    pending: kind === 'increase' ? moved : -(moved + released),
    holdId: hold.id,
    reversesId: null,
    effectiveAt,
  };
}

/** A hold is due at its expiry, whether or not that is recorded yet. */
function checkStatus(work: Work, hold: HoldState, kind: HoldChangeLeg['kind']): void {
  const isDue = hold.expiresAt <= work.recordedAt;
  const isLate = isDue && kind !== 'expire' && !work.isMoved;
  refuse(hold.status === 'captured', 'hold_captured');
  refuse(hold.status === 'voided', 'hold_voided');
  refuse(hold.status === 'expired' || isLate, 'hold_expired');
  refuse(kind === 'expire' && !isDue, 'hold_not_due');
}

/** A hold that a transfer names: it exists, but perhaps was not read. */
export function lockedHold(work: Work, id: Uuid): HoldState {
  const hold = work.state.holds.get(key(work.command.tenant, id));
  if (!hold) throw new NotLocked(id);
  return hold;
}

type HoldChange = {
  /** Added to the hold, captured, or given back. */
  readonly moved: bigint;
  /** What a final capture gives back besides. */
  readonly released: bigint;
};

function changeOf(leg: HoldChangeLeg, left: bigint): HoldChange {
  switch (leg.kind) {
    case 'increase':
      return { moved: BigInt(leg.amount), released: 0n };
    case 'capture': {
      const moved = leg.amount === undefined ? left : BigInt(leg.amount);
      return { moved, released: leg.final === false || moved > left ? 0n : left - moved };
    }
    case 'void':
    case 'expire':
      return { moved: left, released: 0n };
    default:
      return unreachable(leg);
  }
}

function settle(
  work: Work,
  hold: HoldState,
  kind: HoldChangeLeg['kind'],
  { moved, released }: HoldChange,
): void {
  remember(work, hold);
  if (kind === 'increase') {
    hold.amount += moved;
    return;
  }
  if (kind === 'capture') hold.captured += moved;
  hold.released += kind === 'capture' ? released : moved;
  if (leftOf(hold) > 0n) return;
  hold.status = kind === 'capture' ? 'captured' : kind === 'void' ? 'voided' : 'expired';
  hold.resolvedAt = work.recordedAt;
}

/** A hold has the id of the transfer that places it. */
export function placeHold(work: Work, leg: HoldLeg, id: Uuid, debit: Uuid, credit: Uuid): void {
  const { tenant } = work.command;
  add(work, work.state.holds, key(tenant, id), {
    tenant,
    id,
    debit,
    credit,
    currency: leg.currency,
    recordedAt: work.recordedAt,
    expiresAt: leg.expires_at === undefined ? never : toInstant(leg.expires_at),
    amount: BigInt(leg.amount),
    captured: 0n,
    released: 0n,
    reversed: 0n,
    status: 'open',
    resolvedAt: never,
    taken: [],
  });
}
