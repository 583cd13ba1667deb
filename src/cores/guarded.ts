// A guard around a core: what it may take, how much of it at a time, and for how long nobody asks
// it any more when it fails; what only reads is asked again, or of another endpoint.
import { Fault, type FaultCode, type Random } from '#core';
import type { PostingItem } from '#money';
import {
  type BulkheadPolicy,
  BrokenCircuitError,
  bulkhead,
  BulkheadRejectedError,
  circuitBreaker,
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  ExponentialBackoff,
  handleWhen,
  handleWhenResult,
  type RetryPolicy,
  retry,
  TaskCancelledError,
  timeout,
  TimeoutStrategy,
} from 'cockatiel';
import { type Health, type HealthRecord, isClassified, recordHealth } from './health.ts';
import {
  type Core,
  type CoreOperations,
  coreOperations,
  furtherOperations,
  type MoveResult,
  type Operations,
} from './port.ts';

export type GuardedCore = Core & {
  /** The same core for somebody who waits until the signal: what only reads is broken off then. */
  readonly until: (signal: AbortSignal) => Core;
  /** How each operation stands at each endpoint, in this process. */
  readonly states: () => readonly OperationState[];
};

export const circuitWords = ['closed', 'half_open', 'open'] as const;

export type OperationState = Health & {
  readonly operation: OperationName;
  /** The first of a core is 1. */
  readonly endpoint: number;
  readonly circuit: (typeof circuitWords)[number];
  readonly underWay: number;
  readonly waiting: number;
  /** Since the process began; `failed` and `turnedAway` are among `calls`. */
  readonly calls: number;
  readonly failed: number;
  /** Not sent to the core: its circuit was open, or too many were before. */
  readonly turnedAway: number;
};

export type GuardTerms = {
  /** Of one call of the core. */
  readonly readTimeoutMs: number;
  readonly moveTimeoutMs: number;
  /** Of one operation at one endpoint; further ones wait, and of those there is a most, too. */
  readonly readsMax: number;
  readonly movesMax: number;
  readonly waitingMax: number;
  /** One after another, before the circuit opens, and how long it stays so. */
  readonly failuresMax: number;
  readonly openMs: number;
};

/**
 * Our own ledger bounds its queue and ends what it cannot do in 15 seconds by itself: it says more
 * of it than a guard could.
 */
const usual: GuardTerms = {
  ...{ readTimeoutMs: 5_000, moveTimeoutMs: 20_000 },
  ...{ readsMax: 128, movesMax: 6_000, waitingMax: 1_000 },
  ...{ failuresMax: 5, openMs: 1_000 },
};
/** Of what only reads; the pauses grow from the first to the last of these, with chance in them. */
const retriesMax = 2;
const [pauseMs, pauseMaxMs] = [50, 400];
/** Where too many wait, or the ledger has no room: a place is free soon. */
const fullRetryMs = 250;

/** One core: its endpoints know the same accounts, and are asked in this order. */
export type Endpoints = {
  readonly endpoints: readonly [Core, ...Core[]];
  readonly terms?: Partial<GuardTerms>;
};

export type GuardOptions = {
  readonly random: Random;
  /** Told of what a core throws instead of telling that it may have happened. */
  readonly onError?: (error: unknown) => void;
};

type OperationName = keyof CoreOperations;
const callable = Object.keys({ ...coreOperations, ...furtherOperations }) as OperationName[];
type Call = (asked: never, signal?: AbortSignal) => Promise<unknown>;

export function guardCore(
  { endpoints, terms: given }: Endpoints,
  { random, onError = () => undefined }: GuardOptions,
): GuardedCore {
  const [{ name, operations: first, events }] = endpoints;
  const told = events === undefined ? { name } : { name, events };
  const terms = { ...usual, ...given };
  const lanes: Lane[] = [];
  const again = retrying(random);
  const calls = new Map<OperationName, Call>();
  for (const operation of callable) {
    if (!first[operation]) continue;
    const own = endpoints.flatMap(({ operations }, at) => {
      const work = operations[operation] as Lane['work'] | undefined;
      return work ? [laneOf({ core: name, operation, endpoint: at + 1, work }, terms)] : [];
    });
    lanes.push(...own);
    const parts = { lanes: own, terms, again, onError };
    calls.set(operation, { reading, moving, changing }[kindOf(operation)](parts));
  }
  const operationsUntil = (signal?: AbortSignal) => {
    const bound = Array.from(calls, ([each, call]) => [each, (of: never) => call(of, signal)]);
    return Object.fromEntries(bound) as Operations;
  };
  return {
    ...told,
    operations: operationsUntil(),
    until: (signal) => ({ ...told, operations: operationsUntil(signal) }),
    states: () => lanes.map(stateOf),
  };
}

const moves: readonly OperationName[] = [
  ...(['transfer', 'placeHold', 'increaseHold', 'captureHold', 'releaseHold', 'reverse'] as const),
];

function kindOf(operation: OperationName): 'reading' | 'moving' | 'changing' {
  if (/^(read|list|lookUp)/.test(operation)) return 'reading';
  return moves.includes(operation) ? 'moving' : 'changing';
}

// Reads and moves ---------------------------------------------------------------------------------

type Calling = {
  readonly lanes: readonly Lane[];
  readonly terms: GuardTerms;
  readonly again: RetryPolicy;
  readonly onError: (error: unknown) => void;
};

/** Of the first endpoint that answers; when all have failed, of all of them once more. */
function reading({ lanes, terms, again }: Calling): Call {
  const limit = timeout(terms.readTimeoutMs, TimeoutStrategy.Aggressive);
  const ask = async (lane: Lane, asked: never, signal?: AbortSignal) =>
    through(lane, signal, async () => {
      try {
        const run = (left: AbortSignal) => lane.work({ ...(asked as object), signal: left });
        return { answer: await limit.execute(async ({ signal: left }) => run(left), signal) };
      } catch (thrown) {
        const error = lateOr(thrown, lane);
        // What comes of a caller who has left is no failure of the core.
        if (signal?.aborted || !isFailure(error)) throw error;
        return { failed: error };
      }
    });
  return async (asked, signal) => {
    const isNext = (error: unknown) =>
      !signal?.aborted && (isFailure(error) || isTurnedAway(error));
    const once = async () => firstOf(lanes, async (lane) => ask(lane, asked, signal), isNext);
    return again.execute(once, signal);
  };
}

/**
 * Once, whatever happens: where something may have, the answer is `unknown`, and only a look-up
 * leads out of it. Who asks cannot break it off.
 */
function moving({ lanes, terms, onError }: Calling): Call {
  const limit = timeout(terms.moveTimeoutMs, TimeoutStrategy.Aggressive);
  const ask = async (lane: Lane, item: PostingItem) =>
    through(lane, undefined, async () => {
      try {
        const answer = (await limit.execute(async () => lane.work(item))) as MoveResult;
        return answer.status === 'unknown' ? { answer, failed: answer } : { answer };
      } catch (error) {
        // The port: a fault is thrown only where nothing can have happened.
        if (error instanceof Fault) return isFailure(error) ? { failed: error } : raise(error);
        if (!(error instanceof TaskCancelledError)) onError(error);
        const { tenant, idempotencyKey, digest } = item.command;
        const answer = { status: 'unknown', lookUp: { tenant, idempotencyKey, digest } };
        return { answer, failed: answer };
      }
    });
  const isNext = (error: unknown) => isFailure(error) || isTurnedAway(error);
  return async (item) => firstOf(lanes, async (lane) => ask(lane, item), isNext);
}

/** Once too, under a key by which whoever asks again hears what became of it. */
function changing({ lanes, terms }: Calling): Call {
  const limit = timeout(terms.moveTimeoutMs, TimeoutStrategy.Aggressive);
  const ask = async (lane: Lane, asked: never) =>
    through(lane, undefined, async () => {
      try {
        return { answer: await limit.execute(async () => lane.work(asked)) };
      } catch (cause) {
        if (!isFailure(cause)) throw cause;
        const why = `whether the core ${lane.core} has done it is not known: ask again`;
        return { failed: new Fault('outcome_unknown', why, { cause }) };
      }
    });
  return async (asked) => firstOf(lanes, async (lane) => ask(lane, asked), isTurnedAway);
}

/** The next one is asked only for what is read, or where the one before has done nothing. */
async function firstOf<Answer>(
  lanes: readonly Lane[],
  ask: (lane: Lane) => Promise<Answer>,
  isNext: (error: unknown) => boolean,
): Promise<Answer> {
  let last: unknown;
  for (const lane of lanes) {
    try {
      return await ask(lane);
    } catch (error) {
      if (!isNext(error)) throw error;
      last = error;
    }
  }
  throw last;
}

/** At most two more, with a pause between that nobody can predict. */
function retrying(random: Random): RetryPolicy {
  const chance = () => new DataView(random.bytes(4).slice().buffer).getUint32(0) / 2 ** 32;
  const backoff = new ExponentialBackoff<number>({
    ...{ initialDelay: pauseMs, maxDelay: pauseMaxMs, exponent: 2 },
    // Decorrelated jitter: between the first pause and three times the one before.
    generator(before = pauseMs, { initialDelay, maxDelay }) {
      const pause = initialDelay + chance() * (before * 3 - initialDelay);
      return [Math.min(maxDelay, pause), Math.min(maxDelay, pause)];
    },
  });
  return retry(handleWhen(isFailure), { maxAttempts: retriesMax, backoff });
}

// One operation at one endpoint -------------------------------------------------------------------

type Lane = {
  readonly core: string;
  readonly operation: OperationName;
  readonly endpoint: number;
  readonly work: (asked: unknown) => Promise<unknown>;
  readonly places: BulkheadPolicy;
  /** By the clock of the machine: cockatiel takes no other, and no record depends on it. */
  readonly circuit: CircuitBreakerPolicy;
  readonly terms: GuardTerms;
  readonly counts: { calls: number; failed: number; turnedAway: number };
  readonly health: HealthRecord;
};

type Answered = { readonly answer?: unknown; readonly failed?: unknown };

function laneOf(
  of: Pick<Lane, 'core' | 'operation' | 'endpoint' | 'work'>,
  terms: GuardTerms,
): Lane {
  const failed = handleWhenResult((result) => (result as Answered).failed !== undefined);
  const breaker = new ConsecutiveBreaker(terms.failuresMax);
  return {
    ...of,
    places: bulkhead(atOnceMax(of.operation, terms), terms.waitingMax),
    circuit: circuitBreaker(failed, { halfOpenAfter: terms.openMs, breaker }),
    terms,
    counts: { calls: 0, failed: 0, turnedAway: 0 },
    health: recordHealth(),
  };
}

function atOnceMax(operation: OperationName, { readsMax, movesMax }: GuardTerms): number {
  return kindOf(operation) === 'reading' ? readsMax : movesMax;
}

/** Throws what has failed without an answer; an answer is told though it counts as a failure. */
async function through(
  lane: Lane,
  signal: AbortSignal | undefined,
  work: () => Promise<Answered>,
): Promise<unknown> {
  const { places, circuit, counts, health } = lane;
  counts.calls += 1;
  const timed = async () => {
    const startedAt = performance.now();
    const result = await work();
    health.took(performance.now() - startedAt);
    return result;
  };
  let result: Answered;
  try {
    result = await places.execute(async () => circuit.execute(timed), signal);
  } catch (error) {
    // A refusal is no failure of the core, and is told by its class all the same.
    if (isClassified(error)) health.failed(error);
    throw turnedAway(error, lane) ?? lateOr(error, lane);
  }
  if (result.failed !== undefined) {
    counts.failed += 1;
    health.failed(result.failed);
  }
  return 'answer' in result ? result.answer : raise(result.failed);
}

function turnedAway(error: unknown, { core, counts, terms }: Lane): Fault | undefined {
  const isOpen = error instanceof BrokenCircuitError;
  if (!isOpen && !(error instanceof BulkheadRejectedError)) return undefined;
  counts.turnedAway += 1;
  const code = isOpen ? 'core_unavailable' : 'overloaded';
  const why = isOpen ? 'has failed again and again' : 'has as much to do as it can';
  const retry_after_ms = isOpen ? terms.openMs : fullRetryMs;
  return new Fault(code, `the core ${core} ${why}: try again soon`, { detail: { retry_after_ms } });
}

function lateOr(error: unknown, { core }: Lane): unknown {
  if (!(error instanceof TaskCancelledError)) return error;
  return new Fault('deadline_exceeded', `the core ${core} did not answer in time`);
}

function stateOf({ operation, endpoint, places, circuit, terms, ...of }: Lane): OperationState {
  const words = { [CircuitState.Closed]: 'closed', [CircuitState.HalfOpen]: 'half_open' } as const;
  return {
    ...{ operation, endpoint, ...of.counts, ...of.health.read() },
    circuit: words[circuit.state as keyof typeof words] ?? 'open',
    underWay: atOnceMax(operation, terms) - places.executionSlots,
    waiting: terms.waitingMax - places.queueSlots,
  };
}

// Failures ----------------------------------------------------------------------------------------

/** A core that refuses, or has not what it is asked for, is well. */
const failing: readonly FaultCode[] = [
  'core_failed',
  'database_unavailable',
  'deadline_exceeded',
  'internal',
  'outcome_unknown',
];
const away: readonly FaultCode[] = ['core_unavailable', 'overloaded'];

function isFailure(error: unknown): boolean {
  return !(error instanceof Fault) || failing.includes(error.code);
}

function isTurnedAway(error: unknown): boolean {
  return error instanceof Fault && away.includes(error.code);
}

function raise(error: unknown): never {
  throw error;
}
