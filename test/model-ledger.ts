// The ledger in a hundred lines of memory: what the real one must answer, command by command.

export type ModelAccount = {
  readonly debitNormal: boolean;
  readonly currency: string;
  status: 'open' | 'frozen' | 'closed';
  bound: 'none' | 'no_overdraft' | 'credit_limit';
  limit: number;
  /** Posted and held, by side. */
  debits: number;
  credits: number;
  debitsHeld: number;
  creditsHeld: number;
};
type Hold = { debit: number; credit: number; left: number; due: number; status: string };
type Posted = { debit: number; credit: number; amount: number; reversed: boolean };

export type ModelLeg =
  | { kind: 'post'; debit: number; credit: number; amount: number }
  | { kind: 'hold'; debit: number; credit: number; amount: number; due: number }
  | { kind: 'increase'; hold: number; amount: number }
  | { kind: 'capture'; hold: number; amount: number; final: boolean }
  | { kind: 'void' | 'expire'; hold: number }
  | { kind: 'reverse'; posting: number };

/** Accounts, holds and postings are numbered in the order in which they came to be. */
export type ModelLedger = { accounts: ModelAccount[]; holds: Hold[]; postings: Posted[] };

/** Posts all legs or none; answers the reason against it, or undefined. */
export function modelPost(ledger: ModelLedger, legs: readonly ModelLeg[], now: number) {
  const before = structuredClone(ledger);
  for (const [index, leg] of legs.entries()) {
    const code = postLeg(ledger, leg, now);
    if (code === undefined) continue;
    Object.assign(ledger, before);
    return { code, ...(legs.length > 1 ? { leg: index } : {}) };
  }
  return undefined;
}

function postLeg(ledger: ModelLedger, leg: ModelLeg, now: number): string | undefined {
  if (leg.kind === 'post' || leg.kind === 'hold') {
    const why = admit(ledger, leg, now) ?? funds(ledger, leg, now);
    if (why) return why;
    if (leg.kind === 'post') {
      book(ledger, leg);
    } else {
      ledger.holds.push({ ...leg, left: leg.amount, status: 'open' });
      reserve(ledger, leg, leg.amount);
    }
    return undefined;
  }
  if (leg.kind === 'reverse') {
    const posting = ledger.postings[leg.posting];
    if (!posting) return 'transfer_not_found';
    const back = { debit: posting.credit, credit: posting.debit, amount: posting.amount };
    const why = admit(ledger, back, now);
    if (why) return why;
    if (posting.reversed) return 'already_reversed';
    const short = funds(ledger, back, now);
    if (short) return short;
    posting.reversed = true;
    book(ledger, back, false);
    return undefined;
  }
  return changeHold(ledger, leg, now);
}

type HoldLeg = Exclude<ModelLeg, { kind: 'post' | 'hold' | 'reverse' }>;

function changeHold(ledger: ModelLedger, leg: HoldLeg, now: number): string | undefined {
  const hold = ledger.holds[leg.hold];
  if (!hold) return 'hold_not_found';
  const sides = [ledger.accounts[hold.debit], ledger.accounts[hold.credit]] as const;
  const is = (status: string) => sides.map((account) => account?.status === status);
  const names = ['debit', 'credit'];
  if (leg.kind === 'increase' || leg.kind === 'capture') {
    const closed = is('closed').indexOf(true);
    if (closed >= 0) return `${names[closed]}_account_closed`;
    const frozen = is('frozen').indexOf(true);
    if (leg.kind === 'increase' && frozen >= 0) return `${names[frozen]}_account_frozen`;
  }
  if (hold.status !== 'open') return `hold_${hold.status}`;
  if (hold.due <= now && leg.kind !== 'expire') return 'hold_expired';
  if (hold.due > now && leg.kind === 'expire') return 'hold_not_due';
  if (leg.kind === 'increase') {
    const why = funds(ledger, { ...hold, amount: leg.amount }, now);
    if (why) return why;
    hold.left += leg.amount;
    reserve(ledger, hold, leg.amount);
    return undefined;
  }
  const captured = leg.kind === 'capture' ? leg.amount : 0;
  if (captured > hold.left) return 'amount_exceeds_hold';
  const ends = leg.kind !== 'capture' || leg.final || captured === hold.left;
  const freed = ends ? hold.left : captured;
  reserve(ledger, hold, -freed);
  hold.left -= freed;
  if (captured > 0) book(ledger, { ...hold, amount: captured });
  if (ends) hold.status = { capture: 'captured', void: 'voided', expire: 'expired' }[leg.kind];
  return undefined;
}

type Move = { debit: number; credit: number; amount: number };

function admit(ledger: ModelLedger, { debit, credit, ...leg }: Move & { due?: number }, now: number) {
  const [from, to] = [ledger.accounts[debit], ledger.accounts[credit]];
  if (debit === credit) return 'accounts_same';
  if (!from) return 'debit_account_not_found';
  if (!to) return 'credit_account_not_found';
  if (from.currency !== 'USD' || to.currency !== 'USD') return 'currency_mismatch';
  for (const status of ['closed', 'frozen']) {
    if (from.status === status) return `debit_account_${status}`;
    if (to.status === status) return `credit_account_${status}`;
  }
  return leg.due !== undefined && leg.due <= now ? 'expiry_in_the_past' : undefined;
}

function funds(ledger: ModelLedger, { debit, credit, amount }: Move, now: number) {
  for (const [number, side] of [[debit, 'debit'], [credit, 'credit']] as const) {
    const account = ledger.accounts[number] as ModelAccount;
    if (account.bound === 'none' || account.debitNormal === (side === 'debit')) continue;
    const due = ledger.holds.filter(
      (hold) => hold[side] === number && hold.status === 'open' && hold.due <= now,
    );
    const free = modelAvailable(account) + due.reduce((sum, { left }) => sum + left, 0);
    if (free >= amount) continue;
    return account.bound === 'no_overdraft' ? 'insufficient_funds' : 'credit_limit_exceeded';
  }
  return undefined;
}

/** What may be spent, before holds that are due and not yet recorded as expired. */
export function modelAvailable(account: ModelAccount): number {
  const { debits, credits, debitsHeld, creditsHeld, limit, bound } = account;
  const booked = account.debitNormal ? debits - credits : credits - debits;
  const held = account.debitNormal ? creditsHeld : debitsHeld;
  return booked - held + (bound === 'credit_limit' ? limit : 0);
}

function book(ledger: ModelLedger, { debit, credit, amount }: Move, reversible = true): void {
  (ledger.accounts[debit] as ModelAccount).debits += amount;
  (ledger.accounts[credit] as ModelAccount).credits += amount;
  if (reversible) ledger.postings.push({ debit, credit, amount, reversed: false });
}

function reserve(ledger: ModelLedger, { debit, credit }: Omit<Move, 'amount'>, amount: number): void {
  (ledger.accounts[debit] as ModelAccount).debitsHeld += amount;
  (ledger.accounts[credit] as ModelAccount).creditsHeld += amount;
}
