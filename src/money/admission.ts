// What a movement has to pass: the status of its accounts, the accounting period, their bounds.
import { amountMax, assert, type Instant, instantFromText, dayMs } from '#core';
import { type AccountState, normalSide, type Side } from './account.ts';
import type { JournalBody } from './journal.ts';
import { leftOf } from './state.ts';
import { refuse, type Work } from './work.ts';

/** How far ahead of its recording a journal may take effect. */
const effectiveAheadMaxMs = 366 * dayMs;

/** The rules that every new movement passes; answers when it takes effect. */
export function admit(
  work: Work,
  journal: JournalBody,
  debit: AccountState,
  credit: AccountState,
): Instant {
  refuseClosed(work, debit, credit);
  refuseFrozen(work, debit, credit);
  const effectiveAt = effectiveInstant(work, journal);
  checkEffective(work, effectiveAt);
  return effectiveAt;
}

export function refuseClosed(work: Work, debit: AccountState, credit: AccountState): void {
  if (work.isMoved) return;
  refuse(debit.status === 'closed', 'debit_account_closed');
  refuse(credit.status === 'closed', 'credit_account_closed');
}

export function refuseFrozen(work: Work, debit: AccountState, credit: AccountState): void {
  if (work.isMoved) return;
  refuse(debit.status === 'frozen', 'debit_account_frozen');
  refuse(credit.status === 'frozen', 'credit_account_frozen');
}

export function effectiveInstant(work: Work, journal: JournalBody): Instant {
  if (journal.effective_at === undefined) return work.recordedAt;
  const asked = toInstant(journal.effective_at);
  // What a core has moved into a period that was closed meanwhile is of the next one.
  return work.isMoved ? Math.max(asked, work.tenant.closedBefore) : asked;
}

export function checkEffective(work: Work, effectiveAt: Instant): void {
  if (work.isMoved) return;
  refuse(effectiveAt < work.tenant.closedBefore, 'period_closed');
  refuse(effectiveAt > work.recordedAt + effectiveAheadMaxMs, 'effective_too_far');
}

export function toInstant(text: string): Instant {
  const instant = instantFromText(text);
  assert(instant !== undefined, 'instants in a body were validated at ingress');
  return instant;
}

export function checkBounds(
  work: Work,
  debit: AccountState,
  credit: AccountState,
  amount: bigint,
): void {
  const overflows =
    debit.debitsPosted + debit.debitsPending + amount > amountMax ||
    credit.creditsPosted + credit.creditsPending + amount > amountMax;
  refuse(overflows, 'balance_overflow');
  if (work.isMoved) return;
  checkFunds(work, debit, 'debit', amount);
  checkFunds(work, credit, 'credit', amount);
}

/** Refuses what would take more from the account's normal side than its bound leaves free. */
function checkFunds(work: Work, account: AccountState, side: Side, amount: bigint): void {
  const normal = normalSide(account.type);
  if (account.bound === 'none' || side === normal) return;
  const booked =
    normal === 'credit'
      ? account.creditsPosted - account.debitsPosted
      : account.debitsPosted - account.creditsPosted;
  const outgoing = normal === 'credit' ? account.debitsPending : account.creditsPending;
  const limit = account.bound === 'credit_limit' ? account.creditLimit : 0n;
  let free = booked - outgoing + limit;
  // Holds that fell due free their funds at that instant, though the row that says so comes later.
  if (free < amount && outgoing > 0n) free += dueAmount(work, account, side);
  refuse(
    free < amount,
    account.bound === 'no_overdraft' ? 'insufficient_funds' : 'credit_limit_exceeded',
  );
}

/** What is left of the account's open holds whose expiry has come. */
export function dueAmount(work: Work, account: AccountState, side: Side): bigint {
  let due = 0n;
  for (const hold of work.state.holds.values()) {
    const own = side === 'debit' ? hold.debit : hold.credit;
    if (own !== account.id || hold.tenant !== account.tenant || hold.status !== 'open') continue;
    if (hold.expiresAt <= work.recordedAt) due += leftOf(hold);
  }
  return due;
}
