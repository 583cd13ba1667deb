// The shapes of the ledger's answers under short names, and what its words mean in a sentence.
import type { Answer } from '../../api/client.ts';

export type Account = Answer<'GET /v1/accounts/{id}'>;
export type ListedAccount = Answer<'GET /v1/accounts'>['items'][number];
export type Balances = Answer<'GET /v1/accounts/{id}/balances'>;
export type Entry = Answer<'GET /v1/accounts/{id}/entries'>['items'][number];
/** A movement by itself, and as the journal tells it: with its command, its payment, its reversal. */
export type Transfer = Answer<'GET /v1/payments/{id}'>['transfers'][number];
export type Line = Answer<'GET /v1/transfers/{id}'>;
export type ListedHold = Answer<'GET /v1/accounts/{id}/holds'>['items'][number];
export type Hold = Answer<'GET /v1/holds/{id}'>;
export type Kind = Transfer['kind'];

export const accountTypes: readonly Account['type'][] = [
  ...(['asset', 'liability', 'equity', 'income', 'expense'] as const),
];
export const accountStates: readonly Account['status'][] = ['open', 'frozen', 'closed'];

/** What a row of the journal does, for those who do not know its word. */
export const kindSentences: Readonly<Record<Kind, string>> = {
  post: 'Moves the amount for good.',
  reverse: 'Mirrors another transfer, once.',
  hold: 'Reserves the amount on both accounts; nothing is booked yet.',
  increase: 'Adds to what a hold reserves.',
  capture: 'Books all or a part of what was held.',
  void: 'Gives back what was held and not captured.',
  expire: 'Gives back what was held, because its time was over.',
};
export const kinds = Object.keys(kindSentences) as readonly Kind[];

const booking: readonly Kind[] = ['post', 'reverse', 'capture'];

/** Whether it books; the others only reserve, or give back what was reserved. */
export function isBooked(kind: Kind): boolean {
  return booking.includes(kind);
}

/** By how much the pending side has grown, in minor units; it shrinks by what is taken or let go. */
export function pendingChange({ kind, amount, released }: Entry | Transfer): number {
  switch (kind) {
    case 'hold':
    case 'increase':
      return amount;
    case 'capture':
    case 'void':
    case 'expire':
      return -(amount + released);
    default:
      return 0;
  }
}

/** The booked balance after an entry: signed so that the normal side of the account is positive. */
export function bookedAfter(entry: Entry, normal: Account['normal_balance']): number {
  const net = entry.debits_posted - entry.credits_posted;
  return normal === 'debit' ? net : -net;
}

const bounds: Readonly<Record<Account['bound'], string>> = {
  none: 'may go below zero without limit',
  no_overdraft: 'may not go below zero',
  credit_limit: 'may go below zero up to its credit limit',
};

export function boundText({ bound }: Pick<Account, 'bound'>): string {
  return bounds[bound];
}
