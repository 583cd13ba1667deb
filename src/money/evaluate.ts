// What a batch of commands does to the ledger: a pure function from locked state to rows.
//
// Commands are taken one by one in their order, each seeing what those before it did; so the result
// does not depend on where one batch ends and the next begins, and a recorded sequence of commands
// gives the same rows wherever it is fed in. A journal that fails in one leg leaves no trace of the
// legs before it.
import {
  assert,
  type Command,
  Fault,
  type Instant,
  internalId,
  toolCallOperation,
  type Uuid,
} from '#core';
import { rejectedEvent } from './events.ts';
import {
  type ChangeBody,
  isJournal,
  type JournalBody,
  type Leg,
  type OpenBody,
  type Outcome,
} from './journal.ts';
import { evaluateLeg } from './legs.ts';
import { type Take, takeFromLimits } from './limits.ts';
import { type BatchState, type Effects, key, noEffects, type Taken } from './state.ts';
import { changeAccount, openAccount } from './terms.ts';
import {
  accountOf,
  holdOf,
  refuse,
  Rejected,
  startWork,
  transferOf,
  undo,
  type Work,
} from './work.ts';

/** What its decision makes of it: the legs of a journal, and what is taken from limits. */
export type Decided = {
  readonly legs: readonly Leg[];
  readonly takes: readonly Take[];
  /** By another core: then only what cannot be recorded at all is refused. */
  readonly isMoved?: boolean;
};

export function evaluate(state: BatchState, command: Command, decided: Decided): Effects {
  return attempt(state, command, decided).effects;
}

/**
 * What it would do, and what it would do behind those that are on their way: nothing of it is done.
 * It has to be accepted either way, because nobody knows yet what becomes of them. Answers the
 * rejection, or effects without rows. Throws where it would leave no room for one of those.
 */
export function rehearse(
  state: BatchState,
  { command, ...decided }: Deciding,
  underWay: readonly Deciding[],
): Effects {
  const alone = attempt(state, command, decided);
  undo(alone.work);
  if (alone.effects.outcome.status === 'rejected') return alone.effects;
  if (underWay.length === 0) return noEffects;
  const move = (each: Deciding) => attempt(state, each.command, { ...each, isMoved: true });
  const before = underWay.map(move);
  const last = attempt(state, command, decided);
  for (const { work } of [...before, last].reverse()) undo(work);
  if (last.effects.outcome.status === 'rejected') return last.effects;
  // What a core may have moved has to be recorded behind it: of a hold that is gone, it cannot be.
  const first = attempt(state, command, decided);
  const after = underWay.map(move);
  for (const { work } of [first, ...after].reverse()) undo(work);
  const isInTheWay = after.some(({ effects: { outcome } }, at) => {
    return outcome.status === 'rejected' && before[at]?.effects.outcome.status === 'accepted';
  });
  if (!isInTheWay) return noEffects;
  throw new Fault('overloaded', 'what it takes may be taken at the core: try again shortly');
}

type Deciding = Decided & { readonly command: Command };

function attempt(
  state: BatchState,
  command: Command,
  { legs, takes, isMoved = false }: Decided,
): { readonly effects: Effects; readonly work: Work } {
  const tenant = state.tenants.get(command.tenant);
  assert(tenant, 'the engine admits commands of known tenants only');
  const work = startWork(state, command, { tenant, isMoved });
  let taken: readonly Taken[];
  try {
    perform(work, legs);
    taken = takeFromLimits(work, takes);
  } catch (error) {
    if (!(error instanceof Rejected)) throw error;
    undo(work);
    const outcome = rejection(work, error, legs.length);
    return { effects: refused(command, outcome), work };
  }
  const { transfers, opened, terms, events } = work;
  const outcome = { status: 'accepted', ...(taken.length === 0 ? {} : { taken }) } as const;
  return { effects: { outcome, transfers, opened, terms, events }, work };
}

/** A rejection, and the event that tells of it. */
export function refused(command: Command, outcome: Outcome & { status: 'rejected' }): Effects {
  return { ...noEffects, outcome, events: [rejectedEvent(command, outcome)] };
}

function perform(work: Work, legs: readonly Leg[]): void {
  const { operation, body } = work.command;
  if (isJournal(operation)) {
    postJournal(work, body as JournalBody, legs);
    return;
  }
  switch (operation) {
    case 'account.open':
      openAccount(work, body as OpenBody);
      break;
    case 'account.change':
      changeAccount(work, body as ChangeBody);
      break;
    case toolCallOperation:
      // It moves nothing, and takes from limits.
      break;
    default:
      assert(false, `money has no operation ${operation}`);
  }
}

function postJournal(work: Work, journal: JournalBody, legs: readonly Leg[]): void {
  work.recordedAt = recordedInstant(work, legs);
  checkExpected(work, journal);
  for (const leg of legs) {
    evaluateLeg(work, journal, leg);
    work.leg += 1;
  }
}

function checkExpected(work: Work, { expects = {} }: JournalBody): void {
  for (const [id, version] of Object.entries(expects)) {
    const account = accountOf(work, id, 'account_not_found');
    refuse(account.version !== BigInt(version), 'account_changed');
  }
}

/** Names the leg that failed, where there are several. */
function rejection(
  { leg }: Work,
  { code, limit }: Rejected,
  legs: number,
): Outcome & { status: 'rejected' } {
  return {
    status: 'rejected',
    code,
    ...(legs > 1 ? { leg } : {}),
    ...(limit === undefined ? {} : { limit }),
  };
}

/** No entry is recorded before an earlier entry of the same account. */
function recordedInstant(work: Work, legs: readonly Leg[]): Instant {
  const { command, state } = work;
  let instant = command.receivedAt;
  for (const leg of legs) {
    const sides = sidesOf(work, leg);
    if (!sides) continue;
    const debit = state.accounts.get(key(command.tenant, sides.debit));
    const credit = state.accounts.get(key(command.tenant, sides.credit));
    if (debit) instant = Math.max(instant, debit.recordedAt);
    if (credit) instant = Math.max(instant, credit.recordedAt);
  }
  return instant;
}

/** The accounts of a leg, whether or not there are such accounts. */
function sidesOf(
  work: Work,
  leg: Leg,
): { readonly debit: Uuid; readonly credit: Uuid } | undefined {
  switch (leg.kind) {
    case 'post':
    case 'hold':
      return {
        debit: internalId('account', leg.debit_account_id) ?? '',
        credit: internalId('account', leg.credit_account_id) ?? '',
      };
    case 'reverse':
      return transferOf(work, leg.transfer_id);
    default:
      return holdOf(work, leg.hold_id);
  }
}
