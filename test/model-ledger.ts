// The ledger in two hundred lines of memory: what the real one must answer, command by command.

export type ModelAccount = {
  readonly debitNormal: boolean;
  readonly currency: string;
  bound: 'none' | 'no_overdraft' | 'credit_limit';
  limit: number;
  status: 'open' | 'frozen' | 'closed';
  debits: number;
  credits: number;
  debitsHeld: number;
  creditsHeld: number;
  /** Nothing is recorded on it before this instant. */
  recordedAt?: number;
};
type Sides = { readonly debit: number; readonly credit: number };
type Move = Sides & { readonly amount: number; readonly currency?: string };
type Hold = Sides & {
  readonly currency?: string;
  left: number;
  readonly due: number;
  status: string;
};

/** Accounts, holds and postings are named by their number, in the order of their making. */
export type ModelLedger = {
  accounts: ModelAccount[];
  holds: Hold[];
  postings: (Move & { reversed: boolean })[];
  /** Nothing takes effect before this instant. */
  closedBefore?: number;
};
export type ModelLeg =
  | ({ readonly kind: 'post' } & Move)
  | ({ readonly kind: 'hold'; readonly due: number } & Move)
  | { readonly kind: 'increase'; readonly hold: number; readonly amount: number }
  | {
      readonly kind: 'capture';
      readonly hold: number;
      /** All that is left, unless it is given. */
      readonly amount?: number;
      readonly final: boolean;
    }
  | { readonly kind: 'void' | 'expire'; readonly hold: number }
  | { readonly kind: 'reverse'; readonly posting: number };

/**
 * Posts all legs or none; answers the reason against it, or undefined. It is recorded when it was
 * received, or when its accounts saw something later.
 */
export function modelPost(
  ledger: ModelLedger,
  legs: readonly ModelLeg[],
  receivedAt: number,
  effectiveAt?: number,
) {
  const touched = legs.flatMap((leg) => accountsOf(ledger, leg));
  const now = Math.max(receivedAt, ...touched.map(({ recordedAt = 0 }) => recordedAt));
  // A single leg leaves nothing behind when it fails.
  const before = legs.length > 1 ? structuredClone(ledger) : ledger;
  for (const [index, leg] of legs.entries()) {
    const code = postLeg(ledger, leg, { now, effectiveAt: effectiveAt ?? now });
    if (code === undefined) continue;
    Object.assign(ledger, before);
    return { code, ...(legs.length > 1 ? { leg: index } : {}) };
  }
  for (const account of touched) account.recordedAt = now;
  return undefined;
}

type Change = Partial<Pick<ModelAccount, 'status' | 'bound' | 'limit'>>;

/** Changes what is allowed on an account; answers the reason against it, or undefined. */
export function modelChange(
  ledger: ModelLedger,
  number: number,
  change: Change,
  receivedAt: number,
): Answer {
  const account = ledger.accounts[number] as ModelAccount;
  const now = Math.max(receivedAt, (account.recordedAt ?? 0) + 1);
  const bound = change.bound ?? account.bound;
  const limit = change.limit ?? (bound === 'credit_limit' ? account.limit : 0);
  const isEmpty =
    account.debits === account.credits &&
    account.debitsHeld === dueOf(ledger, number, 'debit', now) &&
    account.creditsHeld === dueOf(ledger, number, 'credit', now);
  const why = first(
    [account.status === 'closed', 'account_closed'],
    [bound !== 'credit_limit' && limit > 0, 'credit_limit_without_bound'],
    [change.status === 'closed' && !isEmpty, 'account_not_empty'],
  );
  if (why === undefined) Object.assign(account, change, { bound, limit, recordedAt: now });
  return why;
}

function accountsOf({ accounts, holds, postings }: ModelLedger, leg: ModelLeg): ModelAccount[] {
  let sides: Sides | undefined;
  if ('debit' in leg) sides = leg;
  else sides = 'hold' in leg ? holds[leg.hold] : postings[leg.posting];
  const found = [accounts[sides?.debit ?? -1], accounts[sides?.credit ?? -1]];
  return found.filter((account) => account !== undefined);
}

type Answer = string | undefined;
const first = (...rules: [boolean, string][]): Answer => rules.find(([holds]) => holds)?.[1];

type When = { readonly now: number; readonly effectiveAt: number };

function postLeg(ledger: ModelLedger, leg: ModelLeg, when: When): Answer {
  const { now } = when;
  if (leg.kind === 'post') {
    return admit(ledger, leg, when) ?? funds(ledger, leg, now) ?? book(ledger, leg);
  }
  if (leg.kind === 'hold') {
    const past = first([leg.due <= now, 'expiry_in_the_past']);
    const why = admit(ledger, leg, when) ?? past ?? funds(ledger, leg, now);
    if (why === undefined) ledger.holds.push({ ...leg, left: leg.amount, status: 'open' });
    return why ?? reserve(ledger, leg, leg.amount);
  }
  if (leg.kind !== 'reverse') return changeHold(ledger, leg, when);
  const posting = ledger.postings[leg.posting];
  if (!posting) return 'transfer_not_found';
  const { debit, credit, ...rest } = posting;
  const back = { ...rest, debit: credit, credit: debit };
  const again = first([posting.reversed, 'already_reversed']);
  const why = admit(ledger, back, when) ?? again ?? funds(ledger, back, now);
  posting.reversed ||= why === undefined;
  return why ?? book(ledger, back, false);
}

type HoldLeg = Exclude<ModelLeg, { kind: 'post' | 'hold' | 'reverse' }>;

function changeHold(ledger: ModelLedger, leg: HoldLeg, when: When): Answer {
  const { now } = when;
  const hold = ledger.holds[leg.hold];
  if (!hold) return 'hold_not_found';
  const given = 'amount' in leg ? leg.amount : undefined;
  const moved = given ?? (leg.kind === 'capture' ? hold.left : 0);
  const binds = leg.kind === 'increase' || leg.kind === 'capture';
  const is = (side: keyof Sides, status: string) => ledger.accounts[hold[side]]?.status === status;
  const why = first(
    [binds && is('debit', 'closed'), 'debit_account_closed'],
    [binds && is('credit', 'closed'), 'credit_account_closed'],
    [leg.kind === 'increase' && is('debit', 'frozen'), 'debit_account_frozen'],
    [leg.kind === 'increase' && is('credit', 'frozen'), 'credit_account_frozen'],
    ...(binds ? timely(ledger, when) : []),
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

const aheadMaxMs = 366 * 86_400_000;

const timely = ({ closedBefore = 0 }: ModelLedger, { now, effectiveAt }: When) =>
  [
    [effectiveAt < closedBefore, 'period_closed'],
    [effectiveAt > now + aheadMaxMs, 'effective_too_far'],
  ] satisfies [boolean, string][];

function admit(ledger: ModelLedger, move: Move, when: When): Answer {
  const { debit, credit, currency = 'USD' } = move;
  const [from, to] = [ledger.accounts[debit], ledger.accounts[credit]];
  return first(
    [debit === credit, 'accounts_same'],
    [!from, 'debit_account_not_found'],
    [!to, 'credit_account_not_found'],
    [from?.currency !== currency || to?.currency !== currency, 'currency_mismatch'],
    [from?.status === 'closed', 'debit_account_closed'],
    [to?.status === 'closed', 'credit_account_closed'],
    [from?.status === 'frozen', 'debit_account_frozen'],
    [to?.status === 'frozen', 'credit_account_frozen'],
    ...timely(ledger, when),
  );
}

function funds(ledger: ModelLedger, move: Move, now: number): Answer {
  for (const side of ['debit', 'credit'] as const) {
    const account = ledger.accounts[move[side]] as ModelAccount;
    const { debitNormal, bound, limit, debits, credits, debitsHeld, creditsHeld } = account;
    if (bound === 'none' || debitNormal === (side === 'debit')) continue;
    let free = debitNormal ? debits - credits - creditsHeld : credits - debits - debitsHeld;
    free += dueOf(ledger, move[side], side, now);
    if (bound === 'no_overdraft' && free < move.amount) return 'insufficient_funds';
    if (bound === 'credit_limit' && free + limit < move.amount) return 'credit_limit_exceeded';
  }
  return undefined;
}

/** What is left of open holds that are due: free, though nobody has written it down yet. */
function dueOf({ holds }: ModelLedger, account: number, side: keyof Sides, now: number): number {
  let due = 0;
  for (const hold of holds) {
    if (hold[side] === account && hold.status === 'open' && hold.due <= now) due += hold.left;
  }
  return due;
}

function book(ledger: ModelLedger, move: Move, reversible = true): undefined {
  const { debit, credit, amount, currency = 'USD' } = move;
  (ledger.accounts[debit] as ModelAccount).debits += amount;
  (ledger.accounts[credit] as ModelAccount).credits += amount;
  if (reversible) ledger.postings.push({ debit, credit, amount, currency, reversed: false });
}

function reserve({ accounts }: ModelLedger, { debit, credit }: Sides, amount: number): undefined {
  (accounts[debit] as ModelAccount).debitsHeld += amount;
  (accounts[credit] as ModelAccount).creditsHeld += amount;
}
