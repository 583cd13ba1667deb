// What one leg of a journal does: a movement between two accounts, recorded with their new sums.
import { derivedUuid, unreachable } from '#core';
import type { AccountState } from './account.ts';
import { admit, checkBounds, toInstant } from './admission.ts';
import { transferEvent } from './events.ts';
import { changeHold, lockedHold, placeHold } from './holds.ts';
import type { HoldLeg, JournalBody, Leg, PostLeg, ReverseLeg } from './journal.ts';
import { giveBackToLimits } from './limits.ts';
import { key, type Movement, type PostedTransfer, type TransferRow } from './state.ts';
import {
  accountOf,
  add,
  knowsCurrency,
  lockedAccount,
  Rejected,
  refuse,
  remember,
  transferOf,
  type Work,
} from './work.ts';

export function evaluateLeg(work: Work, journal: JournalBody, leg: Leg): void {
  const movement = movementOf(work, journal, leg);
  apply(work, movement);
  const metadata = ('metadata' in leg ? leg.metadata : undefined) ?? journal.metadata ?? null;
  const row = rowOf(work, movement, metadata);
  work.transfers.push(row);
  giveBackToLimits(work, row);
  add(work, work.state.transfers, key(row.tenant, row.id), postedOf(row));
  const hold = row.holdId ? work.state.holds.get(key(row.tenant, row.holdId)) : undefined;
  work.events.push(transferEvent(row, hold));
}

function movementOf(work: Work, journal: JournalBody, leg: Leg): Movement {
  switch (leg.kind) {
    case 'post':
    case 'hold':
      return move(work, journal, leg);
    case 'reverse':
      return reverse(work, journal, leg);
    case 'increase':
    case 'capture':
    case 'void':
    case 'expire':
      return changeHold(work, journal, leg);
    default:
      return unreachable(leg);
  }
}

function move(work: Work, journal: JournalBody, leg: PostLeg | HoldLeg): Movement {
  refuse(leg.debit_account_id === leg.credit_account_id, 'accounts_same');
  const debit = accountOf(work, leg.debit_account_id, 'debit_account_not_found');
  const credit = accountOf(work, leg.credit_account_id, 'credit_account_not_found');
  refuse(!knowsCurrency(work, leg.currency), 'unknown_currency');
  refuse(debit.currency !== leg.currency || credit.currency !== leg.currency, 'currency_mismatch');
  const effectiveAt = admit(work, journal, debit, credit);
  const amount = BigInt(leg.amount);
  if (leg.kind === 'hold' && leg.expires_at !== undefined && !work.isMoved) {
    refuse(toInstant(leg.expires_at) <= work.recordedAt, 'expiry_in_the_past');
  }
  checkBounds(work, debit, credit, amount);
  const id = derivedUuid(work.command.id, 'transfer', work.leg);
  const isHold = leg.kind === 'hold';
  if (isHold) placeHold(work, leg, id, debit.id, credit.id);
  return {
    id,
    kind: leg.kind,
    debit,
    credit,
    amount,
    released: 0n,
    posted: isHold ? 0n : amount,
    pending: isHold ? amount : 0n,
    holdId: isHold ? id : null,
    reversesId: null,
    effectiveAt,
  };
}

/** Mirrors a posted transfer, once; for a hold, releases what is not captured. */
function reverse(work: Work, journal: JournalBody, leg: ReverseLeg): Movement {
  const original = transferOf(work, leg.transfer_id);
  if (!original) throw new Rejected('transfer_not_found');
  if (original.kind === 'hold') {
    const holdId = leg.transfer_id.replace(/^trf_/, 'hld_');
    return changeHold(work, journal, { kind: 'void', hold_id: holdId });
  }
  const debit = lockedAccount(work, original.credit);
  const credit = lockedAccount(work, original.debit);
  const effectiveAt = admit(work, journal, debit, credit);
  refuse(original.kind !== 'post' && original.kind !== 'capture', 'not_reversible');
  refuse(original.reversed, 'already_reversed');
  checkBounds(work, debit, credit, original.amount);
  remember(work, original);
  original.reversed = true;
  if (original.holdId !== null) {
    const hold = lockedHold(work, original.holdId);
    remember(work, hold);
    hold.reversed += original.amount;
  }
  return {
    id: derivedUuid(work.command.id, 'transfer', work.leg),
    kind: 'reverse',
    debit,
    credit,
    amount: original.amount,
    released: 0n,
    posted: original.amount,
    pending: 0n,
    holdId: null,
    reversesId: original.id,
    effectiveAt,
  };
}

function apply(work: Work, { debit, credit, posted, pending }: Movement): void {
  touch(work, debit);
  touch(work, credit);
  debit.debitsPosted += posted;
  debit.debitsPending += pending;
  credit.creditsPosted += posted;
  credit.creditsPending += pending;
}

function touch(work: Work, account: AccountState): void {
  remember(work, account);
  account.version += 1n;
  account.recordedAt = work.recordedAt;
}

function rowOf(work: Work, movement: Movement, metadata: TransferRow['metadata']): TransferRow {
  const { debit, credit } = movement;
  return {
    tenant: work.command.tenant,
    id: movement.id,
    kind: movement.kind,
    commandId: work.command.id,
    leg: work.leg,
    debit: debit.id,
    credit: credit.id,
    amount: movement.amount,
    released: movement.released,
    currency: debit.currency,
    holdId: movement.holdId,
    reversesId: movement.reversesId,
    effectiveAt: movement.effectiveAt,
    recordedAt: work.recordedAt,
    metadata,
    debitVersion: debit.version,
    debitSums: sumsOf(debit),
    creditVersion: credit.version,
    creditSums: sumsOf(credit),
    taken: [],
  };
}

function postedOf(row: TransferRow): PostedTransfer {
  const { tenant, id, kind, debit, credit, amount, currency, holdId, taken } = row;
  return { tenant, id, kind, debit, credit, amount, currency, holdId, taken, reversed: false };
}

function sumsOf(account: AccountState): bigint[] {
  return [
    account.debitsPosted,
    account.creditsPosted,
    account.debitsPending,
    account.creditsPending,
  ];
}
