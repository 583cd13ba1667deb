// What a command takes from its limits, and what a release gives back to them.
//
// A counter has one home: the row of the account that its key names, which is locked like any other
// account of the command, or else the row of its key.
import {
  assert,
  type Consume,
  type Instant,
  internalId,
  toolCallOperation,
  type Uuid,
} from '#core';
import {
  addTo,
  advance,
  countedBy,
  counterName,
  headOf,
  placeOf,
  unused,
  usedAt,
} from './counter.ts';
import { isJournal, type JournalBody, type PostingItem } from './journal.ts';
import {
  type AddingTerms,
  type CounterHome,
  type Counters,
  type HoldState,
  key,
  NotLocked,
  type Taken,
  type TransferRow,
} from './state.ts';
import { Rejected, remember, type Work } from './work.ts';

/** A take of a decision, with what is found out about it once. */
export type Take = {
  readonly consume: Consume;
  /** In whose row the counter stands; undefined where it stands in that of its key. */
  readonly account: Uuid | undefined;
  readonly counter: string;
};

export type DatedTake = Take & { readonly receivedAt: Instant };

/** What each command of a batch takes. */
export type Takes = ReadonlyMap<PostingItem, readonly Take[]>;

/**
 * Takes all, or rejects the command for the first limit that it would exceed. Answers what no leg
 * has taken: a call of a tool moves nothing that could be released or go back.
 */
export function takeFromLimits(work: Work, takes: readonly Take[]): readonly Taken[] {
  const { state, command } = work;
  const byCalls: Taken[] = [];
  for (const { consume, account, counter } of takes) {
    const { key: name, window, amount, cap, leg, limit } = consume;
    const transfer = work.transfers[leg];
    const isCall = command.operation === toolCallOperation;
    assert(transfer ?? isCall, 'a leg of the command takes from the limit');
    assert(Number.isSafeInteger(amount) && amount >= 0, 'what is taken is whole');
    work.leg = leg;
    const home =
      account === undefined
        ? state.keys.get(key(command.tenant, name))
        : state.accounts.get(key(command.tenant, account));
    assert(home ?? account, 'the keys of what a command takes were read');
    // Nothing may be used in the name of an account that there is not.
    if (!home) throw new Rejected('limit_exceeded', limit);
    const place = placeOf(window, command.receivedAt);
    const before = advance(home.counters[counter] ?? unused, place);
    // The sum of both may lie beyond what a number holds exactly, the difference may not.
    const isOver = amount > cap - usedAt(before, place);
    if (isOver && !work.isMoved) throw new Rejected('limit_exceeded', limit);
    const bucket = headOf(before);
    change(work, home, { ...home.counters, [counter]: addTo(before, bucket, amount) });
    const whose = account === undefined ? { key: name } : { account };
    const taken = { ...whose, counter, bucket, amount };
    if (transfer) note(work, transfer, taken);
    else byCalls.push(taken);
  }
  return byCalls;
}

/** What the command takes if it is posted. */
export function takesOf({ command, countersignature }: PostingItem): Take[] {
  const { outcome, consume } = countersignature.decision;
  if (consume.length === 0 || outcome === 'deny') return [];
  // What is reserved counts already, as if it had been moved.
  const isReserved = isJournal(command.operation) && (command.body as JournalBody).reserves;
  if (outcome !== 'allow' && !isReserved) return [];
  return consume.map((each) => ({
    consume: each,
    account: accountOfKey(each.key),
    counter: counterName(each),
  }));
}

/** Before the public id of an account whose counters they are. */
export const accountKey = 'account:';

/** The account in whose row the counters of a key stand: `account:acc_…` is that account's. */
export function accountOfKey(key: string): Uuid | undefined {
  return key.startsWith(accountKey)
    ? internalId('account', key.slice(accountKey.length))
    : undefined;
}

function change(work: Work, home: CounterHome, counters: Counters): void {
  const { changed } = work.state;
  const before = home.counters;
  const isFirst = !changed.has(home);
  home.counters = counters;
  changed.add(home);
  work.undoSteps.push(() => {
    home.counters = before;
    if (isFirst) changed.delete(home);
  });
}

// Without locks -----------------------------------------------------------------------------------

/**
 * A key that is in every batch need not be locked from the first look to the commit, as long as the
 * batch only adds to the newest buckets and all that its commands may take fits: then the sums are
 * added when it is written, on terms. Undefined where it is not so, and the key is to be locked.
 */
export function addingTerms(
  counters: Counters,
  takes: Iterable<DatedTake>,
): ReadonlyMap<string, AddingTerms> | undefined {
  const all = new Map<string, AddingTerms>();
  const sums = new Map<string, number>();
  for (const { counter: name, consume, receivedAt } of takes) {
    const { window, amount, cap } = consume;
    const place = placeOf(window, receivedAt);
    const counter = counters[name];
    if (!counter || advance(counter, place) !== counter) return undefined;
    const sum = sums.get(name) ?? 0;
    const room = cap - amount - sum;
    if (usedAt(counter, place) > room) return undefined;
    sums.set(name, sum + amount);
    const usedMax = Math.min(all.get(name)?.usedMax ?? room, room);
    all.set(name, { head: headOf(counter), newest: counter[1] as number, usedMax });
  }
  return all;
}

// Giving back -------------------------------------------------------------------------------------

/**
 * Gives back what belongs to a part of a hold or transfer that stands no more, to the buckets from
 * which it was taken: of an amount its share, of a count nothing before all is released.
 */
export function giveBackToLimits(work: Work, transfer: TransferRow): void {
  const released = releasedBy(transfer);
  if (released === 0n) return;
  const hold = holdBehind(work, transfer);
  const taken = hold ? hold.taken : reversedBy(work, transfer)?.taken;
  if (!taken || taken.length === 0) return;
  const stands = hold ? standsOf(hold) : 0n;
  for (const parts of byCounter(taken)) {
    const total = parts.reduce((sum, { amount }) => sum + amount, 0);
    const kept = keptOf(parts[0] as Taken, total, { stands, before: stands + released });
    for (const part of lastOf(parts, total - kept)) {
      const home = lockedHome(work, part);
      const left = addTo(home.counters[part.counter] ?? unused, part.bucket, part.amount);
      change(work, home, { ...home.counters, [part.counter]: left });
      note(work, transfer, part);
    }
  }
}

/** What a hold has promised or posted, and neither released nor reversed. */
function standsOf({ amount, released, reversed }: HoldState): bigint {
  return amount - released - reversed;
}

function releasedBy({ kind, amount, released }: TransferRow): bigint {
  if (kind === 'capture') return released;
  return kind === 'void' || kind === 'expire' || kind === 'reverse' ? amount : 0n;
}

/** The hold as a part of which a row takes and gives back. */
function holdBehind(work: Work, transfer: TransferRow): HoldState | undefined {
  const id = transfer.holdId ?? reversedBy(work, transfer)?.holdId ?? null;
  return id === null ? undefined : work.state.holds.get(key(transfer.tenant, id));
}

function reversedBy({ state }: Work, { tenant, reversesId }: TransferRow) {
  return reversesId === null ? undefined : state.transfers.get(key(tenant, reversesId));
}

type Share = { readonly stands: bigint; readonly before: bigint };

/** Rounded up: a counter may only say too much. */
function keptOf({ counter }: Taken, total: number, { stands, before }: Share): number {
  if (stands === 0n) return 0;
  if (countedBy(counter).measure === 'count') return total;
  return Number((BigInt(total) * stands + before - 1n) / before);
}

/**
 * What is left of what was taken: for each counter one part for each bucket, the newest first. In
 * one order, whether it was read or stood in the batch already.
 */
function byCounter(taken: readonly Taken[]): Taken[][] {
  const nameOf = (part: Taken) => `${part.account ?? ''} ${part.counter} ${part.key ?? ''}`;
  const counters = [...Map.groupBy(taken, nameOf)].sort(([one], [other]) => (one < other ? -1 : 1));
  return counters.map(([, parts]) => {
    const buckets = [...Map.groupBy(parts, ({ bucket }) => bucket).values()].map((same) => ({
      ...(same[0] as Taken),
      amount: same.reduce((sum, { amount }) => sum + amount, 0),
    }));
    return buckets.sort((one, other) => other.bucket - one.bucket);
  });
}

/** An increase is given back before what it had increased. */
function lastOf(parts: readonly Taken[], back: number): Taken[] {
  let left = back;
  return parts.flatMap((part) => {
    const share = Math.min(left, part.amount);
    left -= share;
    return share === 0 ? [] : [{ ...part, amount: -share }];
  });
}

/** It exists, but perhaps was not locked: another batch has taken it since. */
function lockedHome({ state, command }: Work, { account, key: name }: Taken): CounterHome {
  const { tenant } = command;
  const home: CounterHome | undefined =
    account === undefined
      ? state.keys.get(key(tenant, name as string))
      : state.accounts.get(key(tenant, account));
  assert(!home || !('terms' in home && home.terms), 'what may give back is locked');
  if (!home) throw new NotLocked(account ?? name);
  return home;
}

function note(work: Work, transfer: TransferRow, taken: Taken): void {
  transfer.taken.push(taken);
  const hold = holdBehind(work, transfer);
  if (!hold) return;
  remember(work, hold);
  hold.taken = [...hold.taken, taken];
}
