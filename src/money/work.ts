// One command under evaluation: what it reads, what it adds, and what it takes to undo it.
import {
  type Command,
  type EventDraft,
  type Instant,
  internalId,
  isoExponent,
  type Uuid,
} from '#core';
import type { AccountState } from './account.ts';
import type { RejectionCode } from './journal.ts';
import {
  type BatchState,
  type HoldState,
  key,
  NotLocked,
  type OpenedAccount,
  type PostedTransfer,
  type TenantState,
  type Terms,
  type TransferRow,
} from './state.ts';

export type Work = {
  readonly state: BatchState;
  readonly command: Command;
  readonly tenant: TenantState;
  /** Another core has moved it already: what is allowed and what there is refuses it no more. */
  readonly isMoved: boolean;
  /** When its effects are recorded: at its receipt, or after what its accounts have seen since. */
  recordedAt: Instant;
  /** The leg under evaluation. */
  leg: number;
  readonly transfers: TransferRow[];
  readonly events: EventDraft[];
  opened: OpenedAccount | null;
  terms: Terms | null;
  readonly undoSteps: (() => void)[];
};

export function startWork(
  state: BatchState,
  command: Command,
  { tenant, isMoved }: Pick<Work, 'tenant' | 'isMoved'>,
): Work {
  return {
    state,
    command,
    tenant,
    isMoved,
    recordedAt: command.receivedAt,
    leg: 0,
    transfers: [],
    events: [],
    opened: null,
    terms: null,
    undoSteps: [],
  };
}

/** Ends the evaluation of a command: the outcome is a rejection. */
export class Rejected extends Error {
  readonly code: RejectionCode;
  readonly limit: string | undefined;
  constructor(code: RejectionCode, limit?: string) {
    super(code);
    this.code = code;
    this.limit = limit;
  }
}

export function refuse(condition: boolean, code: RejectionCode): void {
  if (condition) throw new Rejected(code);
}

// What it changes ---------------------------------------------------------------------------------

/** Called before `target` changes: undoing brings it back to what it is now. */
export function remember(work: Work, target: object): void {
  const before = { ...target };
  work.undoSteps.push(() => Object.assign(target, before));
}

/** Adds to the state, for the legs and commands after this one. */
export function add<Value>(work: Work, to: Map<string, Value>, at: string, value: Value): void {
  to.set(at, value);
  work.undoSteps.push(() => to.delete(at));
}

/** A second time it does nothing. */
export function undo({ undoSteps }: Work): void {
  for (let step = undoSteps.pop(); step; step = undoSteps.pop()) step();
}

// What it reads -----------------------------------------------------------------------------------

/** An account that the command names. */
export function accountOf(work: Work, publicId: string, missing: RejectionCode): AccountState {
  const id = internalId('account', publicId);
  const account = id && work.state.accounts.get(key(work.command.tenant, id));
  if (!account) throw new Rejected(missing);
  return account;
}

/** An account that a hold or a transfer names: it exists, but perhaps was not locked. */
export function lockedAccount(work: Work, id: Uuid): AccountState {
  const account = work.state.accounts.get(key(work.command.tenant, id));
  if (!account) throw new NotLocked(id);
  return account;
}

export function holdOf(work: Work, publicId: string): HoldState | undefined {
  const id = internalId('hold', publicId);
  return id ? work.state.holds.get(key(work.command.tenant, id)) : undefined;
}

export function transferOf(work: Work, publicId: string): PostedTransfer | undefined {
  const id = internalId('transfer', publicId);
  return id ? work.state.transfers.get(key(work.command.tenant, id)) : undefined;
}

export function knowsCurrency({ state, command }: Work, currency: string): boolean {
  return isoExponent(currency) !== undefined || state.units.has(key(command.tenant, currency));
}
