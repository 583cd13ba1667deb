// What a batch of commands does to the ledger: a pure function from locked state to rows.
//
// Commands are taken one by one in their order, each seeing what those before it did; so the result
// does not depend on where one batch ends and the next begins, and a recorded sequence of commands
// gives the same rows wherever it is fed in. A journal that fails in one leg leaves no trace of the
// legs before it.
import {
  amountMax,
  assert,
  type Command,
  derivedUuid,
  type EventDraft,
  type Instant,
  instantFromText,
  internalId,
  isoExponent,
  type Uuid,
  unreachable,
} from '#core';
import { type AccountState, normalSide, type Side } from './account.ts';
import { changedEvent, openedEvent, rejectedEvent, transferEvent } from './events.ts';
import type {
  ChangeBody,
  HoldChangeLeg,
  HoldLeg,
  JournalBody,
  Leg,
  OpenBody,
  Outcome,
  PostLeg,
  RejectionCode,
  ReverseLeg,
} from './journal.ts';
import {
  type BatchState,
  type Effects,
  type HoldState,
  key,
  NotLocked,
  noEffects,
  type OpenedAccount,
  type PostedTransfer,
  type TenantState,
  type Terms,
  type TransferKind,
  type TransferRow,
} from './state.ts';

const daysMs = 86_400_000;
/** How far ahead of its recording a journal may take effect. */
const effectiveAheadMaxMs = 366 * daysMs;

export function evaluate(state: BatchState, command: Command): Effects {
  const tenant = state.tenants.get(command.tenant);
  assert(tenant, 'the engine admits commands of known tenants only');
  const work = new Work(state, command, tenant);
  const outcome = work.run();
  if (outcome.status === 'rejected') {
    work.undo();
    const events = [rejectedEvent(command, outcome)];
    return { ...noEffects, outcome, events };
  }
  const { transfers, opened, terms, events } = work;
  return { outcome, transfers, opened, terms, events };
}

class Rejected extends Error {
  readonly code: RejectionCode;
  constructor(code: RejectionCode) {
    super(code);
    this.code = code;
  }
}

function refuse(condition: boolean, code: RejectionCode): void {
  if (condition) throw new Rejected(code);
}

/** One command under evaluation, with what it takes to undo it. */
class Work {
  readonly transfers: TransferRow[] = [];
  readonly events: EventDraft[] = [];
  opened: OpenedAccount | null = null;
  terms: Terms | null = null;
  readonly #state: BatchState;
  readonly #command: Command;
  readonly #tenant: TenantState;
  readonly #undo: (() => void)[] = [];
  #recordedAt: Instant;

  constructor(state: BatchState, command: Command, tenant: TenantState) {
    this.#state = state;
    this.#command = command;
    this.#tenant = tenant;
    this.#recordedAt = command.receivedAt;
  }

  run(): Outcome {
    let leg: number | undefined;
    try {
      switch (this.#command.operation) {
        case 'journal.post': {
          const body = this.#command.body as JournalBody;
          this.#recordedAt = this.#recordedInstant(body.legs);
          for (leg = 0; leg < body.legs.length; leg += 1) this.#leg(body, leg);
          break;
        }
        case 'account.open':
          this.#open(this.#command.body as OpenBody);
          break;
        case 'account.change':
          this.#change(this.#command.body as ChangeBody);
          break;
        default:
          assert(false, `money has no operation ${this.#command.operation}`);
      }
      return { status: 'accepted' };
    } catch (error) {
      if (!(error instanceof Rejected)) throw error;
      const many = leg !== undefined && (this.#command.body as JournalBody).legs.length > 1;
      return { status: 'rejected', code: error.code, ...(many ? { leg: leg as number } : {}) };
    }
  }

  undo(): void {
    for (const step of this.#undo.reverse()) step();
  }

  /** No entry is recorded before an earlier entry of the same account (DESIGN 1). */
  #recordedInstant(legs: readonly Leg[]): Instant {
    let instant = this.#command.receivedAt;
    for (const leg of legs) {
      for (const account of this.#accountsOf(leg)) {
        if (account) instant = Math.max(instant, account.recordedAt);
      }
    }
    return instant;
  }

  #accountsOf(leg: Leg): (AccountState | undefined)[] {
    const { accounts } = this.#state;
    const at = (id: Uuid) => accounts.get(key(this.#command.tenant, id));
    switch (leg.kind) {
      case 'post':
      case 'hold':
        return [
          at(internalId('account', leg.debit_account_id) ?? ''),
          at(internalId('account', leg.credit_account_id) ?? ''),
        ];
      case 'reverse': {
        const original = this.#posted(leg.transfer_id);
        return original ? [at(original.debit), at(original.credit)] : [];
      }
      default: {
        const hold = this.#holdOf(leg.hold_id);
        return hold ? [at(hold.debit), at(hold.credit)] : [];
      }
    }
  }

  #leg(body: JournalBody, index: number): void {
    const leg = body.legs[index] as Leg;
    switch (leg.kind) {
      case 'post':
      case 'hold':
        return this.#move(leg, body, index);
      case 'reverse':
        return this.#reverse(leg, body, index);
      case 'increase':
      case 'capture':
      case 'void':
      case 'expire':
        return this.#changeHold(leg, body, index);
      default:
        return unreachable(leg);
    }
  }

  #move(leg: PostLeg | HoldLeg, body: JournalBody, index: number): void {
    refuse(leg.debit_account_id === leg.credit_account_id, 'accounts_same');
    const debit = this.#account(leg.debit_account_id, 'debit_account_not_found');
    const credit = this.#account(leg.credit_account_id, 'credit_account_not_found');
    refuse(!this.#knowsCurrency(leg.currency), 'unknown_currency');
    refuse(
      debit.currency !== leg.currency || credit.currency !== leg.currency,
      'currency_mismatch',
    );
    const effectiveAt = this.#admit(debit, credit, body);
    const amount = BigInt(leg.amount);
    const pending = leg.kind === 'hold';
    if (leg.kind === 'hold' && leg.expires_at !== undefined) {
      refuse(toInstant(leg.expires_at) <= this.#recordedAt, 'expiry_in_the_past');
    }
    this.#checkBounds(debit, credit, amount);
    const id = derivedUuid(this.#command.id, 'transfer', index);
    if (leg.kind === 'hold') this.#addHold(id, leg, debit, credit);
    this.#record({
      id,
      kind: leg.kind,
      index,
      debit,
      credit,
      amount,
      released: 0n,
      posted: pending ? 0n : amount,
      pending: pending ? amount : 0n,
      holdId: pending ? id : null,
      reversesId: null,
      effectiveAt,
      metadata: leg.metadata ?? body.metadata ?? null,
    });
  }

  #addHold(id: Uuid, leg: HoldLeg, debit: AccountState, credit: AccountState): void {
    const hold: HoldState = {
      tenant: this.#command.tenant,
      id,
      debit: debit.id,
      credit: credit.id,
      currency: leg.currency,
      recordedAt: this.#recordedAt,
      expiresAt:
        leg.expires_at === undefined ? Number.POSITIVE_INFINITY : toInstant(leg.expires_at),
      amount: 0n,
      captured: 0n,
      released: 0n,
      status: 'open',
      resolvedAt: Number.POSITIVE_INFINITY,
    };
    hold.amount = BigInt(leg.amount);
    const holdKey = key(hold.tenant, id);
    this.#state.holds.set(holdKey, hold);
    this.#undo.push(() => this.#state.holds.delete(holdKey));
  }

  #changeHold(leg: HoldChangeLeg, body: JournalBody, index: number): void {
    const hold = this.#holdOf(leg.hold_id);
    if (!hold) throw new Rejected('hold_not_found');
    const debit = this.#locked(hold.debit);
    const credit = this.#locked(hold.credit);
    const due = hold.expiresAt <= this.#recordedAt;
    const effectiveAt = leg.kind === 'expire' ? hold.expiresAt : this.#effectiveInstant(body);
    if (leg.kind === 'increase' || leg.kind === 'capture') {
      refuse(debit.status === 'closed', 'debit_account_closed');
      refuse(credit.status === 'closed', 'credit_account_closed');
      // A capture keeps a promise that was made before the freeze; an increase makes a new one.
      refuse(leg.kind === 'increase' && debit.status === 'frozen', 'debit_account_frozen');
      refuse(leg.kind === 'increase' && credit.status === 'frozen', 'credit_account_frozen');
      this.#checkEffective(effectiveAt);
    }
    refuse(hold.status === 'captured', 'hold_captured');
    refuse(hold.status === 'voided', 'hold_voided');
    refuse(hold.status === 'expired' || (due && leg.kind !== 'expire'), 'hold_expired');
    refuse(leg.kind === 'expire' && !due, 'hold_not_due');
    const left = hold.amount - hold.captured - hold.released;
    const change = holdChange(leg, left);
    refuse(change.moved + change.released > left && leg.kind !== 'increase', 'amount_exceeds_hold');
    if (leg.kind === 'increase') this.#checkBounds(debit, credit, change.moved);
    this.#settleHold(hold, leg.kind, change);
    this.#record({
      id: derivedUuid(this.#command.id, 'transfer', index),
      kind: leg.kind,
      index,
      debit,
      credit,
      amount: change.moved,
      released: change.released,
      posted: leg.kind === 'capture' ? change.moved : 0n,
      pending: leg.kind === 'increase' ? change.moved : -(change.moved + change.released),
      holdId: hold.id,
      reversesId: null,
      effectiveAt,
      metadata: ('metadata' in leg ? leg.metadata : undefined) ?? body.metadata ?? null,
    });
  }

  #settleHold(hold: HoldState, kind: HoldChangeLeg['kind'], change: HoldChange): void {
    const before = { ...hold };
    this.#undo.push(() => Object.assign(hold, before));
    if (kind === 'increase') {
      hold.amount += change.moved;
      return;
    }
    if (kind === 'capture') hold.captured += change.moved;
    hold.released += kind === 'capture' ? change.released : change.moved;
    if (hold.captured + hold.released < hold.amount) return;
    hold.status = kind === 'capture' ? 'captured' : kind === 'void' ? 'voided' : 'expired';
    hold.resolvedAt = this.#recordedAt;
  }

  /** Mirrors a posted transfer, once; for a hold, releases what is not captured. */
  #reverse(leg: ReverseLeg, body: JournalBody, index: number): void {
    const original = this.#posted(leg.transfer_id);
    if (!original) throw new Rejected('transfer_not_found');
    if (original.kind === 'hold') {
      const holdId = leg.transfer_id.replace(/^trf_/, 'hld_');
      return this.#changeHold({ kind: 'void', hold_id: holdId }, body, index);
    }
    const debit = this.#locked(original.credit);
    const credit = this.#locked(original.debit);
    const effectiveAt = this.#admit(debit, credit, body);
    refuse(original.kind !== 'post' && original.kind !== 'capture', 'not_reversible');
    refuse(original.reversed, 'already_reversed');
    this.#checkBounds(debit, credit, original.amount);
    original.reversed = true;
    this.#undo.push(() => {
      original.reversed = false;
    });
    this.#record({
      id: derivedUuid(this.#command.id, 'transfer', index),
      kind: 'reverse',
      index,
      debit,
      credit,
      amount: original.amount,
      released: 0n,
      posted: original.amount,
      pending: 0n,
      holdId: null,
      reversesId: original.id,
      effectiveAt,
      metadata: body.metadata ?? null,
    });
  }

  /** The rules that every new movement passes; answers when it takes effect. */
  #admit(debit: AccountState, credit: AccountState, body: JournalBody): Instant {
    refuse(debit.status === 'closed', 'debit_account_closed');
    refuse(credit.status === 'closed', 'credit_account_closed');
    refuse(debit.status === 'frozen', 'debit_account_frozen');
    refuse(credit.status === 'frozen', 'credit_account_frozen');
    const effectiveAt = this.#effectiveInstant(body);
    this.#checkEffective(effectiveAt);
    return effectiveAt;
  }

  #checkEffective(effectiveAt: Instant): void {
    refuse(effectiveAt < this.#tenant.closedBefore, 'period_closed');
    refuse(effectiveAt > this.#recordedAt + effectiveAheadMaxMs, 'effective_too_far');
  }

  #effectiveInstant(body: JournalBody): Instant {
    return body.effective_at === undefined ? this.#recordedAt : toInstant(body.effective_at);
  }

  #checkBounds(debit: AccountState, credit: AccountState, amount: bigint): void {
    const overflows =
      debit.debitsPosted + debit.debitsPending + amount > amountMax ||
      credit.creditsPosted + credit.creditsPending + amount > amountMax;
    refuse(overflows, 'balance_overflow');
    this.#checkFunds(debit, 'debit', amount);
    this.#checkFunds(credit, 'credit', amount);
  }

  /** Refuses what would take more from the account's normal side than its bound leaves free. */
  #checkFunds(account: AccountState, side: Side, amount: bigint): void {
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
    if (free < amount && outgoing > 0n) free += this.#dueAmount(account, side);
    refuse(
      free < amount,
      account.bound === 'no_overdraft' ? 'insufficient_funds' : 'credit_limit_exceeded',
    );
  }

  #dueAmount(account: AccountState, side: Side): bigint {
    let due = 0n;
    for (const hold of this.#state.holds.values()) {
      const own = side === 'debit' ? hold.debit : hold.credit;
      if (own !== account.id || hold.tenant !== account.tenant || hold.status !== 'open') continue;
      if (hold.expiresAt <= this.#recordedAt) due += hold.amount - hold.captured - hold.released;
    }
    return due;
  }

  #record(move: {
    readonly id: Uuid;
    readonly kind: TransferKind;
    readonly index: number;
    readonly debit: AccountState;
    readonly credit: AccountState;
    readonly amount: bigint;
    readonly released: bigint;
    readonly posted: bigint;
    readonly pending: bigint;
    readonly holdId: Uuid | null;
    readonly reversesId: Uuid | null;
    readonly effectiveAt: Instant;
    readonly metadata: Readonly<Record<string, string>> | null;
  }): void {
    const { debit, credit } = move;
    this.#touch(debit);
    this.#touch(credit);
    debit.debitsPosted += move.posted;
    debit.debitsPending += move.pending;
    credit.creditsPosted += move.posted;
    credit.creditsPending += move.pending;
    const row: TransferRow = {
      tenant: this.#command.tenant,
      id: move.id,
      kind: move.kind,
      commandId: this.#command.id,
      leg: move.index,
      debit: debit.id,
      credit: credit.id,
      amount: move.amount,
      released: move.released,
      currency: debit.currency,
      holdId: move.holdId,
      reversesId: move.reversesId,
      effectiveAt: move.effectiveAt,
      recordedAt: this.#recordedAt,
      metadata: move.metadata,
      debitVersion: debit.version,
      debitSums: sumsOf(debit),
      creditVersion: credit.version,
      creditSums: sumsOf(credit),
    };
    this.transfers.push(row);
    const transferKey = key(row.tenant, row.id);
    this.#state.transfers.set(transferKey, { ...row, reversed: false });
    this.#undo.push(() => this.#state.transfers.delete(transferKey));
    const hold = move.holdId ? this.#state.holds.get(key(row.tenant, move.holdId)) : undefined;
    this.events.push(transferEvent(row, hold));
  }

  #touch(account: AccountState): void {
    const before = { ...account };
    this.#undo.push(() => Object.assign(account, before));
    account.version += 1n;
    account.recordedAt = this.#recordedAt;
  }

  #open(body: OpenBody): void {
    refuse(!this.#knowsCurrency(body.currency), 'unknown_currency');
    const bound = body.bound ?? 'none';
    refuse(bound !== 'credit_limit' && (body.credit_limit ?? 0) > 0, 'credit_limit_without_bound');
    const account: AccountState = {
      tenant: this.#command.tenant,
      id: derivedUuid(this.#command.id, 'account', 0),
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
      recordedAt: this.#recordedAt,
    };
    this.opened = {
      account,
      openedAt: this.#recordedAt,
      holderId: body.holder_id ?? null,
      metadata: body.metadata ?? null,
    };
    this.#state.accounts.set(key(account.tenant, account.id), account);
    this.terms = termsOf(account);
    this.events.push(openedEvent(this.opened));
  }

  #change(body: ChangeBody): void {
    const account = this.#account(body.account_id, 'account_not_found');
    refuse(account.status === 'closed', 'account_closed');
    // Strictly later than the last, so that terms have one instant each.
    this.#recordedAt = Math.max(this.#recordedAt, account.recordedAt + 1);
    const bound = body.bound ?? account.bound;
    const kept = bound === 'credit_limit' ? Number(account.creditLimit) : 0;
    const creditLimit = BigInt(body.credit_limit ?? kept);
    refuse(bound !== 'credit_limit' && creditLimit > 0n, 'credit_limit_without_bound');
    if (body.status === 'closed') {
      const empty =
        account.debitsPosted === account.creditsPosted &&
        account.debitsPending === this.#dueAmount(account, 'debit') &&
        account.creditsPending === this.#dueAmount(account, 'credit');
      refuse(!empty, 'account_not_empty');
    }
    const before = { ...account };
    this.#undo.push(() => Object.assign(account, before));
    account.status = body.status ?? account.status;
    account.bound = bound;
    account.creditLimit = creditLimit;
    account.recordedAt = this.#recordedAt;
    this.terms = termsOf(account);
    this.events.push(changedEvent(account));
  }

  #account(publicId: string, code: RejectionCode): AccountState {
    const id = internalId('account', publicId);
    const account = id && this.#state.accounts.get(key(this.#command.tenant, id));
    if (!account) throw new Rejected(code);
    return account;
  }

  #locked(id: Uuid): AccountState {
    const account = this.#state.accounts.get(key(this.#command.tenant, id));
    if (!account) throw new NotLocked(id);
    return account;
  }

  #holdOf(publicId: string): HoldState | undefined {
    const id = internalId('hold', publicId);
    return id ? this.#state.holds.get(key(this.#command.tenant, id)) : undefined;
  }

  #posted(publicId: string): PostedTransfer | undefined {
    const id = internalId('transfer', publicId);
    return id ? this.#state.transfers.get(key(this.#command.tenant, id)) : undefined;
  }

  #knowsCurrency(currency: string): boolean {
    return (
      isoExponent(currency) !== undefined ||
      this.#state.units.has(key(this.#command.tenant, currency))
    );
  }
}

type HoldChange = {
  /** Added to the hold, captured, or given back. */
  readonly moved: bigint;
  /** What a final capture gives back besides. */
  readonly released: bigint;
};

function holdChange(leg: HoldChangeLeg, left: bigint): HoldChange {
  switch (leg.kind) {
    case 'increase':
      return { moved: BigInt(leg.amount), released: 0n };
    case 'capture': {
      const moved = leg.amount === undefined ? left : BigInt(leg.amount);
      return { moved, released: leg.final === false || moved > left ? 0n : left - moved };
    }
    case 'void':
    case 'expire':
      return { moved: left, released: 0n };
    default:
      return unreachable(leg);
  }
}

function termsOf({ tenant, id, status, bound, creditLimit, recordedAt }: AccountState): Terms {
  return { tenant, id, status, bound, creditLimit, recordedAt };
}

function sumsOf(account: AccountState): bigint[] {
  return [
    account.debitsPosted,
    account.creditsPosted,
    account.debitsPending,
    account.creditsPending,
  ];
}

function toInstant(text: string): Instant {
  const instant = instantFromText(text);
  assert(instant !== undefined, 'instants in a body were validated at ingress');
  return instant;
}
