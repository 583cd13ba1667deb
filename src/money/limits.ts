// What a command takes from its limits, and what a release gives back to them.
import { assert, type Consume, type Uuid } from '#core';
import { addTo, advance, placeOf, usedAt } from './counter.ts';
import {
  type CounterState,
  type HoldState,
  key,
  NotLocked,
  type Taken,
  type TakenState,
  type TransferRow,
} from './state.ts';
import { add, Rejected, remember, type Work } from './work.ts';

/** Takes all, or rejects the command for the first limit that it would exceed. */
export function takeFromLimits(work: Work, consume: readonly Consume[]): void {
  for (const each of consume) {
    const transfer = work.transfers[each.leg];
    assert(transfer, 'a leg of the command takes from the limit');
    assert(Number.isSafeInteger(each.amount) && each.amount >= 0, 'what is taken is whole');
    work.leg = each.leg;
    const counter = lockedCounter(work, work.state.counterIds.get(each) as Uuid);
    const place = placeOf(each.window, work.command.receivedAt);
    remember(work, counter);
    advance(counter, place);
    // The sum of both may lie beyond what a number holds exactly, the difference may not.
    if (each.amount > each.cap - usedAt(counter, place)) {
      throw new Rejected('limit_exceeded', each.limit);
    }
    change(work, { source: sourceOf(work, transfer), transfer, counter }, [
      { counter: counter.id, bucket: counter.head, amount: each.amount },
    ]);
  }
}

/**
 * Gives back what belongs to a part of a hold or transfer that stands no more, to the buckets from
 * which it was taken: of an amount its share, of a count nothing before all is released.
 */
export function giveBackToLimits(work: Work, transfer: TransferRow): void {
  const released = releasedBy(transfer);
  if (released === 0n) return;
  const source = sourceOf(work, transfer);
  const taken = work.state.taken.get(key(work.command.tenant, source));
  if (!taken) return;
  const hold = work.state.holds.get(key(work.command.tenant, source));
  const stands = hold ? standsOf(hold) : 0n;
  for (const [id, parts] of Map.groupBy(newestFirst(taken), (part) => part.counter)) {
    const counter = lockedCounter(work, id);
    const total = parts.reduce((sum, { amount }) => sum + amount, 0);
    const kept = keptOf(counter, total, { stands, before: stands + released });
    remember(work, counter);
    change(work, { source, transfer, counter }, lastOf(parts, total - kept));
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

/** The hold or transfer as a part of which it takes and gives back. */
function sourceOf({ state }: Work, { tenant, id, holdId, reversesId }: TransferRow): Uuid {
  if (holdId !== null) return holdId;
  if (reversesId === null) return id;
  return state.transfers.get(key(tenant, reversesId))?.holdId ?? reversesId;
}

type Share = { readonly stands: bigint; readonly before: bigint };

/** Rounded up: a counter may only say too much. */
function keptOf({ measure }: CounterState, total: number, { stands, before }: Share): number {
  if (stands === 0n) return 0;
  if (measure === 'count') return total;
  return Number((BigInt(total) * stands + before - 1n) / before);
}

/** In one order, whether they were read or stood in the batch already. */
function newestFirst({ parts }: TakenState): Taken[] {
  return parts.toSorted((one, other) =>
    one.counter === other.counter
      ? other.bucket - one.bucket
      : one.counter < other.counter
        ? -1
        : 1,
  );
}

/** An increase is given back before what it had increased. */
function lastOf(parts: readonly Taken[], back: number): Taken[] {
  let left = back;
  return parts.flatMap(({ counter, bucket, amount }) => {
    const share = Math.min(left, amount);
    left -= share;
    return share === 0 ? [] : [{ counter, bucket, amount: -share }];
  });
}

type Cause = {
  readonly source: Uuid;
  readonly transfer: TransferRow;
  readonly counter: CounterState;
};

function change(work: Work, { source, transfer, counter }: Cause, changes: readonly Taken[]): void {
  const { tenant } = transfer;
  const taken = takenFor(work, key(tenant, source));
  remember(work, taken);
  for (const each of changes) {
    addTo(counter, each.bucket, each.amount);
    taken.parts = added(taken.parts, each);
    work.consumed.push({ tenant, source, transfer: transfer.id, ...each });
  }
}

function takenFor(work: Work, source: string): TakenState {
  const known = work.state.taken.get(source);
  if (known) return known;
  const taken: TakenState = { parts: [] };
  add(work, work.state.taken, source, taken);
  return taken;
}

function added(parts: readonly Taken[], { counter, bucket, amount }: Taken): readonly Taken[] {
  const at = parts.findIndex((part) => part.counter === counter && part.bucket === bucket);
  const before = parts[at];
  if (before === undefined) return [...parts, { counter, bucket, amount }];
  return parts.with(at, { counter, bucket, amount: before.amount + amount });
}

function lockedCounter({ state, command }: Work, id: Uuid): CounterState {
  const counter = state.counters.get(key(command.tenant, id));
  if (!counter) throw new NotLocked(id);
  return counter;
}
