// Events in: what the core tells is kept, then mirrored and told on, one event of a subject after
// the other. Everything has a key of its own, so that what is begun again changes nothing.
import { Fault } from '#core';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CoreEvent, Delivered } from '../adapter.ts';
import { mirrorAccount } from './follow-account.ts';
import { mirrorEntries } from './follow-entries.ts';
import { changePartyTo } from './import-party.ts';
import { type Importer, openImporter } from './import.ts';
import {
  forgetEvents,
  keepEvents,
  keepPage,
  openEvents,
  readCursor,
  settleEvent,
  subjectOf,
} from './incoming.ts';
import { type Mirror, ownOf } from './mirror.ts';
import { notMirrored, tell } from './tell.ts';

export type FollowOptions = {
  readonly mirror: Mirror;
  readonly signal: AbortSignal;
  readonly onError: (error: unknown) => void;
  readonly pauseMs?: number;
};

const pollPage = 200;
/** In one round: some cores tell an hour at a time. */
const pollsMax = 50;
const eventsAtOnce = 500;
const subjectsAtOnce = 8;
const pauseMsDefault = 1_000;
/** After this, a subject whose event fails is tried again; the others go on meanwhile. */
const asideMs = 10_000;
const pollTimeoutMs = 30_000;
/** A core that does not tell is asked again after this, then after twice as long, to a minute. */
const [troubleMs, troubleMaxMs] = [2_000, 60_000];
/** Between two looks for events that are old. */
const forgetMs = 3_600_000;
const cursorName = 'events';

/** Takes a request that the core, or a relay, has sent. When this ends, its events are kept. */
export async function acceptEvents(mirror: Mirror, delivered: Delivered): Promise<number> {
  const accept = mirror.adapter.events?.accept;
  if (!accept) throw new Fault('not_found', `the core ${mirror.core} sends no events`);
  const events = accept(delivered);
  return events.length === 0 ? 0 : keepEvents(mirror, events);
}

/** Until the signal: asks for events where the core has to be asked, and mirrors what is kept. */
export async function followCore(options: FollowOptions): Promise<void> {
  const { mirror, signal, onError, pauseMs = pauseMsDefault } = options;
  const round = mirrorRounds(mirror, onError);
  let forgotAt = mirror.clock.now();
  let [failures, askAt] = [0, 0];
  while (!signal.aborted) {
    try {
      if (mirror.clock.now() >= askAt) {
        await pollEvents(mirror, { signal, onError });
        failures = 0;
      }
      if (mirror.clock.now() - forgotAt > forgetMs) {
        forgotAt = mirror.clock.now();
        await forgetEvents(mirror);
      }
    } catch (error) {
      askAt = mirror.clock.now() + Math.min(troubleMaxMs, troubleMs * 2 ** failures);
      failures += 1;
      if (!signal.aborted) onError(error);
    }
    const done = await round(signal).catch((error: unknown) => {
      onError(error);
      return 0;
    });
    if (done < eventsAtOnce) {
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }
}

/** Keeps all that the core has to tell by now. */
export async function pollEvents(
  mirror: Mirror,
  { signal, onError = () => undefined }: Partial<Pick<FollowOptions, 'signal' | 'onError'>> = {},
): Promise<number> {
  const poll = mirror.adapter.events?.poll;
  if (!poll) return 0;
  let kept = 0;
  for (let polls = 0; polls < pollsMax && !signal?.aborted; polls += 1) {
    const after = await readCursor(mirror, cursorName);
    const deadline = AbortSignal.timeout(pollTimeoutMs);
    const { events, cursor } = await poll({
      limit: pollPage,
      ...(after === undefined ? {} : { after }),
      signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
    });
    kept += await keepPage(mirror, { events, cursor }, { name: cursorName, onError });
    if (cursor === after) break;
  }
  return kept;
}

/** Answers what does one round, and says how many events it has settled. */
export function mirrorRounds(
  mirror: Mirror,
  onError: (error: unknown) => void,
): (signal?: AbortSignal) => Promise<number> {
  const importer = openImporter(mirror);
  /** Until when each subject is left alone. */
  const failed = new Map<string, number>();
  return async (signal) => {
    const now = mirror.clock.now();
    for (const [subject, until] of failed) if (until <= now) failed.delete(subject);
    const events = await openEvents(mirror, { limit: eventsAtOnce, aside: [...failed.keys()] });
    const subjects = [...Map.groupBy(events, subjectOf)].reverse();
    let settled = 0;
    const worker = async () => {
      for (let next = subjects.pop(); next && !signal?.aborted; next = subjects.pop()) {
        const [subject, of] = next;
        try {
          for (const event of of) {
            await mirrorEvent(mirror, importer, event);
            settled += 1;
          }
        } catch (error) {
          onError(error);
          failed.set(subject, now + asideMs);
        }
      }
    };
    await Promise.all(Array.from({ length: subjectsAtOnce }, worker));
    return settled;
  };
}

/** What another try may do away with is thrown; what stays so becomes a difference. */
async function mirrorEvent(mirror: Mirror, importer: Importer, event: CoreEvent): Promise<void> {
  try {
    await mirrorByType(mirror, importer, event);
  } catch (error) {
    if (!(error instanceof Fault) || error.retryable) throw error;
    await notMirrored(mirror, event, { reason: error.code });
    await tell(mirror, event);
  }
  await settleEvent(mirror, event.id);
}

async function mirrorByType(mirror: Mirror, importer: Importer, event: CoreEvent): Promise<void> {
  switch (event.type) {
    case 'entry.booked':
      return mirrorEntries(mirror, importer, event);
    case 'account.changed':
      await mirrorAccount(mirror, importer, event);
      return tell(mirror, event);
    case 'party.changed':
      await mirrorParty(mirror, importer, event);
      return tell(mirror, event);
    case 'hold.changed':
    case 'loan.changed':
      return tell(mirror, event);
  }
}

async function mirrorParty(mirror: Mirror, importer: Importer, event: CoreEvent): Promise<void> {
  const { party: id } = event;
  const { readParty } = mirror.adapter.operations;
  if (id === null || !readParty) return;
  const own_id = await ownOf(mirror, 'party', id);
  if (own_id === undefined) {
    await importer.party(id);
    return;
  }
  const party = await readParty({ id });
  if (party) await changePartyTo(mirror, { party, own_id, event: event.id });
}
