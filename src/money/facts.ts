// What policy may know of a command of the money plane: its facts, drawn from nothing but itself.
import { type Command, type Instant, instantFromText } from '#core';
import type { ChangeBody, JournalBody, Leg, OpenBody } from './journal.ts';

const dayMs = 86_400_000;

/**
 * Every operation has the same facts, so that a rule can look at any of them. `amount` is the
 * largest of a leg, in minor units; `leg`, `currency` and the accounts are that leg's. Zero and the
 * empty text stand for what the body has not.
 */
export type LedgerFacts = {
  readonly account_id: string | null;
  readonly amount: number;
  readonly backdated_days: number;
  readonly counter_account_id: string | null;
  readonly credit_limit: number;
  readonly currency: string;
  readonly leg: number;
  readonly leg_kinds: readonly string[];
  readonly legs: number;
};

export function ledgerFacts(command: Command): LedgerFacts {
  switch (command.operation) {
    case 'journal.post':
      return journalFacts(command.body as JournalBody, command.receivedAt);
    case 'account.open':
    case 'account.change': {
      const { credit_limit, currency } = command.body as OpenBody & ChangeBody;
      return { ...noFacts, credit_limit: credit_limit ?? 0, currency: currency ?? '' };
    }
    default:
      return noFacts;
  }
}

const noFacts: LedgerFacts = {
  account_id: null,
  amount: 0,
  backdated_days: 0,
  counter_account_id: null,
  credit_limit: 0,
  currency: '',
  leg: 0,
  leg_kinds: [],
  legs: 0,
};

function journalFacts({ legs, effective_at }: JournalBody, receivedAt: Instant): LedgerFacts {
  const largest = legs.reduce((one, other) => (amountOf(other) > amountOf(one) ? other : one));
  const sides = 'debit_account_id' in largest ? largest : null;
  const effective = effective_at === undefined ? undefined : instantFromText(effective_at);
  const back = effective === undefined ? 0 : receivedAt - effective;
  return {
    account_id: sides?.debit_account_id ?? null,
    amount: amountOf(largest),
    backdated_days: Math.max(0, Math.floor(back / dayMs)),
    counter_account_id: sides?.credit_account_id ?? null,
    credit_limit: 0,
    currency: sides?.currency ?? '',
    leg: legs.indexOf(largest),
    leg_kinds: legs.map(({ kind }) => kind),
    legs: legs.length,
  };
}

function amountOf(leg: Leg): number {
  return 'amount' in leg ? (leg.amount ?? 0) : 0;
}
