// What the services of the simulated FLEXCUBE have in common: the book, keys, amounts, refusals.
import {
  formatDecimal,
  isoExponent,
  parseDecimal,
  toJsonNumber,
  toMinorUnits,
  xmlText,
} from '#core';
import type { Book, BookAccount, Refusal } from '../book.ts';
import { type Fields, misfit, type Outcome, type Said, type Sequence } from './message.ts';

export type Desk = {
  readonly book: Book;
  /** Whether an XREF that is known is refused; otherwise it is posted again. */
  readonly refusesDuplicates: boolean;
  /** Warnings that wait to be accepted, with what they were about. */
  readonly trips: Map<string, string>;
  /** What the book has no place for, by the key of a record. */
  readonly details: Map<string, Fields>;
};

export type Service = (desk: Desk, given: Fields, trip: string | undefined) => Outcome;

/** With what must fit before the service hears of it. */
export type Served = {
  readonly sends: string;
  readonly shape: Sequence;
  readonly work: Service;
  /** Those that change nothing may come twice. */
  readonly changes: boolean;
};

export function serve({ sends, shape, work }: Served, desk: Desk, body: Fields, trip?: string) {
  const given = body[sends];
  if (typeof given !== 'object' || Object.keys(body).length !== 1 || Array.isArray(given)) {
    return failed('ST-VALS-011', `Invalid body: ${sends} is expected`);
  }
  const wrong = misfit(shape, given as Fields);
  if (wrong) return failed('ST-VALS-011', wrong);
  return work(desk, given as Fields, trip);
}

/** The first block says that it failed, the second why. */
export function failed(code: string, text: string, isQuery = false): Outcome {
  const wrapper = isQuery
    ? { code: 'ST-SAVE-024', text: 'Failed to Query Data' }
    : { code: 'ST-SAVE-054', text: 'Failed to Save' };
  return { errors: [wrapper, { code, text }] };
}

export const saved: readonly Said[] = [
  { code: 'ST-SAVE-002', text: 'Record Successfully Saved and Authorized' },
];

export function notFound(what: string): Outcome {
  return failed('ST-VALS-002', `Record Not Found for ${what}`, true);
}

export function accountAt({ book }: Desk, branch: string, number: string): BookAccount | undefined {
  return book.accounts.get(`${branch}-${number}`);
}

export function keyOf(id: string): { readonly branch: string; readonly number: string } {
  const at = id.indexOf('-');
  return { branch: id.slice(0, at), number: id.slice(at + 1) };
}

export function textOf(fields: Fields, name: string): string {
  return xmlText(fields, name) ?? '';
}

export function decimal(amount: number, currency: string): string {
  return formatDecimal(toMinorUnits(amount), isoExponent(currency) ?? 2);
}

/** Undefined for what is no amount of that currency, above zero. */
export function amountOf(text: string, currency: string): number | undefined {
  const exponent = isoExponent(currency);
  if (exponent === undefined) return undefined;
  try {
    const amount = toJsonNumber(parseDecimal(text, exponent));
    return amount > 0 ? amount : undefined;
  } catch {
    return undefined;
  }
}

/** In UTC, `2026-03-31 09:30:00`. */
export function stampOf(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace('T', ' ');
}

/** The number of the account stands in the text, as it does there. */
export function refusal(of: Refusal, account: string): Outcome {
  const { branch, number } = keyOf(account);
  switch (of) {
    case 'account_not_found':
      return failed('ST-VALS-002', `Record Not Found for Branch-${branch}:Account-${number}`);
    case 'account_blocked':
      return failed('AC-VAC04', `Account ${number} Frozen`);
    case 'account_closed':
      return failed('AC-VAC01', `Account ${number} is closed`);
    case 'currency_mismatch':
      return failed('AC-CCY01', `Currency differs from that of account ${number}`);
    case 'insufficient_funds':
      return failed('AC-OVD01', `Account ${number} has not that much available`);
    case 'hold_not_found':
    case 'move_not_found':
      return failed('ST-VALS-002', 'Record Not Found');
    case 'hold_over':
      return failed('CA-BLK02', 'Amount block is closed');
    case 'amount_exceeds_hold':
      return failed('ST-VALS-011', 'Invalid amount');
    case 'already_reversed':
      return failed('RT-REV01', 'Contract is already reversed');
  }
}
