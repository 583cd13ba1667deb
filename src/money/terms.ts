// How a command opens an account, and how it changes what is allowed on one.
import { derivedUuid } from '#core';
import type { AccountState } from './account.ts';
import { dueAmount } from './admission.ts';
import { changedEvent, openedEvent } from './events.ts';
import type { ChangeBody, OpenBody } from './journal.ts';
import { key, noCounters, type Terms } from './state.ts';
import { accountOf, add, knowsCurrency, refuse, remember, type Work } from './work.ts';

export function openAccount(work: Work, body: OpenBody): void {
  refuse(!knowsCurrency(work, body.currency), 'unknown_currency');
  const bound = body.bound ?? 'none';
  refuse(bound !== 'credit_limit' && (body.credit_limit ?? 0) > 0, 'credit_limit_without_bound');
  const { tenant, id: commandId } = work.command;
  const account: AccountState = {
    tenant,
    id: derivedUuid(commandId, 'account', 0),
    type: body.type,
    currency: body.currency,
    status: 'open',
    bound,
    creditLimit: BigInt(body.credit_limit ?? 0),
    debitsPosted: 0n,
    creditsPosted: 0n,
    debitsPending: 0n,
    creditsPending: 0n,
    version: 0n,
    recordedAt: work.recordedAt,
    counters: noCounters,
  };
  work.opened = {
    account,
    openedAt: work.recordedAt,
    holderId: body.holder_id ?? null,
    metadata: body.metadata ?? null,
  };
  add(work, work.state.accounts, key(tenant, account.id), account);
  work.terms = termsOf(account);
  work.events.push(openedEvent(work.opened));
}

export function changeAccount(work: Work, body: ChangeBody): void {
  const account = accountOf(work, body.account_id, 'account_not_found');
  refuse(account.status === 'closed', 'account_closed');
  // Strictly later than the last, so that terms have one instant each.
  work.recordedAt = Math.max(work.recordedAt, account.recordedAt + 1);
  const bound = body.bound ?? account.bound;
  const kept = bound === 'credit_limit' ? Number(account.creditLimit) : 0;
  const creditLimit = BigInt(body.credit_limit ?? kept);
  refuse(bound !== 'credit_limit' && creditLimit > 0n, 'credit_limit_without_bound');
  if (body.status === 'closed') refuse(!isEmpty(work, account), 'account_not_empty');
  remember(work, account);
  account.status = body.status ?? account.status;
  account.bound = bound;
  account.creditLimit = creditLimit;
  account.recordedAt = work.recordedAt;
  work.terms = termsOf(account);
  work.events.push(changedEvent(account));
}

/** Holds that are due hold nothing any more. */
function isEmpty(work: Work, account: AccountState): boolean {
  return (
    account.debitsPosted === account.creditsPosted &&
    account.debitsPending === dueAmount(work, account, 'debit') &&
    account.creditsPending === dueAmount(work, account, 'credit')
  );
}

function termsOf({ tenant, id, status, bound, creditLimit, recordedAt }: AccountState): Terms {
  return { tenant, id, status, bound, creditLimit, recordedAt };
}
