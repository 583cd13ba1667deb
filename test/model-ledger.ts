// The ledger in a hundred lines of memory: what the real one must answer, command by command.

export type ModelAccount = {
  readonly debitNormal: boolean;
  readonly currency: string;
  readonly bound: 'none' | 'no_overdraft' | 'credit_limit';
  readonly limit: number;
  status: 'open' | 'frozen';
  debits: number;
  credits: number;
  debitsHeld: number;
  creditsHeld: number;
};
type Sides = { readonly debit: number; readonly credit: number };
type Move = Sides & { readonly amount: number };
type Hold = Sides & { left: number; readonly due: number; status: string };

/** Accounts, holds and postings are named by their number, in the order of their making. */
export type ModelLedger = {
  accounts: ModelAccount[];
  holds: Hold[];
  postings: (Move & { reversed: boolean })[];
};
export type ModelLeg =
  | ({ readonly kind: 'post' } & Move)
  | ({ readonly kind: 'hold'; readonly due: number } & Move)
  | { readonly kind: 'increase'; readonly hold: number; readonly amount: number }
  | { kind: 'capture'; readonly hold: number; readonly amount: number; readonly final: boolean }
  | { readonly kind: 'void' | 'expire'; readonly hold: number }
  | { readonly kind: 'reverse'; readonly posting: number };

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

type Answer = string | undefined;
const first = (...rules: [boolean, string][]): Answer => rules.find(([holds]) => holds)?.[1];

function postLeg(ledger: ModelLedger, leg: ModelLeg, now: number): Answer {
  if (leg.kind === 'post') {
    return admit(ledger, leg) ?? funds(ledger, leg, now) ?? book(ledger, leg);
  }
  if (leg.kind === 'hold') {
    const past = first([leg.due <= now, 'expiry_in_the_past']);
    const why = admit(ledger, leg) ?? past ?? funds(ledger, leg, now);
    if (why === undefined) ledger.holds.push({ ...leg, left: leg.amount, status: 'open' });
    return why ?? reserve(ledger, leg, leg.amount);
  }
  if (leg.kind !== 'reverse') return changeHold(ledger, leg, now);
  const posting = ledger.postings[leg.posting];
  if (!posting) return 'transfer_not_found';
  const back = { debit: posting.credit, credit: posting.debit, amount: posting.amount };
  const again = first([posting.reversed, 'already_reversed']);
  const why = admit(ledger, back) ?? again ?? funds(ledger, back, now);
  posting.reversed ||= why === undefined;
  return why ?? book(ledger, back, false);
}

type HoldLeg = Exclude<ModelLeg, { kind: 'post' | 'hold' | 'reverse' }>;

function changeHold(ledger: ModelLedger, leg: HoldLeg, now: number): Answer {
  const hold = ledger.holds[leg.hold];
  if (!hold) return 'hold_not_found';
  const moved = 'amount' in leg ? leg.amount : 0;
  const frozen = (side: keyof Sides) =>
    leg.kind === 'increase' && ledger.accounts[hold[side]]?.status === 'frozen';
  const why = first(
    [frozen('debit'), 'debit_account_frozen'],
    [frozen('credit'), 'credit_account_frozen'],
    [hold.status !== 'open', `hold_${hold.status}`],
    [hold.due <= now && leg.kind !== 'expire', 'hold_expired'],
    [hold.due > now && leg.kind === 'expire', 'hold_not_due'],
    [leg.kind === 'capture' && moved > hold.left, 'amount_exceeds_hold'],
  );
  const grows = leg.kind === 'increase';
  const short = grows ? funds(ledger, { ...hold, amount: moved }, now) : undefined;
  if (why ?? short) return why ?? short;
  const ends = !grows && (leg.kind !== 'capture' || leg.final || moved === hold.left);
  const change = grows ? moved : ends ? -hold.left : -moved;
  hold.left += change;
  reserve(ledger, hold, change);
  if (ends) hold.status = { capture: 'captured', void: 'voided', expire: 'expired' }[leg.kind];
  return leg.kind === 'capture' ? book(ledger, { ...hold, amount: moved }) : undefined;
}

function admit({ accounts }: ModelLedger, { debit, credit }: Sides): Answer {
  const [from, to] = [accounts[debit], accounts[credit]];
  return first(
    [debit === credit, 'accounts_same'],
    [!from, 'debit_account_not_found'],
    [!to, 'credit_account_not_found'],
    [from?.currency !== 'USD' || to?.currency !== 'USD', 'currency_mismatch'],
    [from?.status === 'frozen', 'debit_account_frozen'],
    [to?.status === 'frozen', 'credit_account_frozen'],
  );
}

function funds(ledger: ModelLedger, move: Move, now: number): Answer {
  for (const side of ['debit', 'credit'] as const) {
    const account = ledger.accounts[move[side]] as ModelAccount;
    const { debitNormal, bound, limit, debits, credits, debitsHeld, creditsHeld } = account;
    if (bound === 'none' || debitNormal === (side === 'debit')) continue;
    let free = debitNormal ? debits - credits - creditsHeld : credits - debits - debitsHeld;
    for (const hold of ledger.holds) {
      if (hold[side] === move[side] && hold.status === 'open' && hold.due <= now) free += hold.left;
    }
    if (bound === 'no_overdraft' && free < move.amount) return 'insufficient_funds';
    if (bound === 'credit_limit' && free + limit < move.amount) return 'credit_limit_exceeded';
  }
  return undefined;
}

function book(ledger: ModelLedger, { debit, credit, amount }: Move, reversible = true): undefined {
  (ledger.accounts[debit] as ModelAccount).debits += amount;
  (ledger.accounts[credit] as ModelAccount).credits += amount;
  if (reversible) ledger.postings.push({ debit, credit, amount, reversed: false });
}

function reserve({ accounts }: ModelLedger, { debit, credit }: Sides, amount: number): undefined {
  (accounts[debit] as ModelAccount).debitsHeld += amount;
  (accounts[credit] as ModelAccount).creditsHeld += amount;
}
