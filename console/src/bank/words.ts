// How accounts, transactions and days are called in the bank app.
import {
  ArrowDownLeft,
  ArrowUpRight,
  Banknote,
  BriefcaseBusiness,
  CalendarClock,
  CircleDot,
  CreditCard,
  type LucideIcon,
  Percent,
  Receipt,
  Tag,
  Undo2,
} from 'lucide-react';
import type { Tone } from '../parts/state.tsx';
import type { Account, Request, Transaction } from './reads.ts';

type Look = { readonly words: string; readonly icon: LucideIcon };

const kinds: Readonly<Record<Transaction['kind'], Look>> = {
  card: { words: 'Card payment', icon: CreditCard },
  transfer: { words: 'Transfer', icon: ArrowUpRight },
  bill: { words: 'Bill', icon: Receipt },
  standing_order: { words: 'Standing order', icon: CalendarClock },
  cash: { words: 'Cash', icon: Banknote },
  salary: { words: 'Salary', icon: BriefcaseBusiness },
  fee: { words: 'Fee', icon: Tag },
  interest: { words: 'Interest', icon: Percent },
  refund: { words: 'Refund', icon: Undo2 },
  other: { words: 'Booking', icon: CircleDot },
};

export function lookOf({ kind, amount }: Transaction): Look {
  return kind === 'transfer' && amount > 0
    ? { ...kinds.transfer, icon: ArrowDownLeft }
    : kinds[kind];
}

/** The end of an id, by which people tell accounts apart. */
export function tailOf(accountId: string): string {
  return `…${accountId.slice(-4)}`;
}

export function accountName({ product, account_id }: Account): string {
  return product?.name ?? `Account ${tailOf(account_id)}`;
}

export function nameOf(counterparty: Transaction['counterparty']): string {
  return counterparty.name ?? `Account ${tailOf(counterparty.account_id)}`;
}

/** How a transaction stands in a word; what is simply booked needs none. */
export function standingOf({ status, next }: Transaction): readonly [Tone, string] | undefined {
  switch (status) {
    case 'pending':
      if (next === 'confirm') return ['wait', 'To confirm'];
      return next === 'wait' ? ['look', 'We look at it'] : ['wait', 'Reserved'];
    case 'declined':
      return ['bad', 'Declined'];
    case 'cancelled':
      return ['still', 'Cancelled'];
    case 'booked':
      return undefined;
  }
}

/** Where a mandate names none. */
export const anyPayee = 'your own accounts, and whom you have paid before';

/** How a request of an agent stands, in a word. */
export function requestStanding({ status, waits_for }: Request): readonly [Tone, string] {
  if (waits_for === 'customer') return ['wait', 'To answer'];
  if (waits_for === 'officers') return ['look', 'We look at it'];
  switch (status) {
    case 'used':
      return ['good', 'Carried out'];
    case 'agreed':
      return ['good', 'Agreed'];
    case 'expired':
      return ['still', 'Too late'];
    case 'rejected':
      return ['still', 'Refused'];
    case 'withdrawn':
      return ['still', 'Taken back'];
    default:
      return ['still', 'Not done'];
  }
}

/** What has happened to it and what comes next, in order. */
export function stepsOf(line: Transaction): readonly {
  readonly words: string;
  readonly state: 'done' | 'now' | 'next' | 'failed';
}[] {
  const { status, next, amount } = line;
  const first = { words: amount > 0 ? 'Sent to you' : 'Ordered', state: 'done' } as const;
  switch (status) {
    case 'booked':
      return [first, { words: 'Booked', state: 'done' }];
    case 'declined':
      return [first, { words: 'Declined: no money has moved', state: 'failed' }];
    case 'cancelled':
      return [first, { words: 'Cancelled: no money has moved', state: 'failed' }];
    case 'pending':
      return [first, { words: waitsFor(next), state: 'now' }, { words: 'Booked', state: 'next' }];
  }
}

function waitsFor(next: Transaction['next']): string {
  if (next === 'confirm') return 'Waits for your confirmation';
  return next === 'wait' ? 'We look at it' : 'Reserved on your account';
}
