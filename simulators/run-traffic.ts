// Sends traffic to a bank: many requests at once, each chain in order, some twice; and reports.
import { assert, type Clock, Fault } from '#core';
import {
  altered,
  callOf,
  openedOf,
  openingOf,
  replyOf,
  type Reply,
  type Sendable,
} from './calls.ts';
import { chance, type Dice } from './distributions.ts';
import { runInOrder } from './in-order.ts';
import { createLatencies, type LatencySummary } from './latency.ts';
import type { LoadClient } from './load-client.ts';
import {
  type AccountKey,
  type AccountSpec,
  type Operation,
  type OperationKind,
  operationKinds,
  type Traffic,
} from './operation.ts';

export type RunOptions = {
  readonly client: LoadClient;
  readonly traffic: Traffic;
  /** Operations in flight. */
  readonly concurrency: number;
  /** Of all operations, how many are sent twice with one key: half of them at the same time. */
  readonly duplicates: number;
  /** Of all operations that name an amount, how many have their key used for another amount. */
  readonly collisions: number;
  readonly random: Dice;
  readonly clock: Clock;
  /** Called after each operation of the traffic, with the number of those that are done. */
  readonly onProgress?: (done: number) => void;
  /** Ends the run early; the report covers what was done. */
  readonly signal?: AbortSignal;
};

export type TrafficReport = {
  /** Accounts opened, before the traffic or within it, and the journals that funded them. */
  readonly setup: {
    readonly accounts: number;
    readonly journals: number;
    readonly elapsedMs: number;
  };
  readonly elapsedMs: number;
  readonly operationsPerSecond: number;
  readonly requestsPerSecond: number;
  readonly posted: number;
  readonly rejected: number;
  /** Operations that an earlier run had sent: their first answer was that one's. */
  readonly known: number;
  /** Not sent, because the operation that each continues was not posted. */
  readonly leftOut: number;
  readonly kinds: readonly KindReport[];
  /** Rejected operations by the ledger's code, with the reasons of policy where it was that. */
  readonly rejections: Readonly<Record<string, number>>;
  /** Operations sent twice, and how often the second answer was the first one. */
  readonly duplicates: { readonly sent: number; readonly sameAnswer: number };
  /** Keys used again with another body, and how often that was refused. */
  readonly collisions: { readonly sent: number; readonly refused: number };
  /** Requests repeated by reason, such as `status 503` or `ECONNRESET`. */
  readonly retries: Readonly<Record<string, number>>;
  /** Of every request but those that open accounts. */
  readonly latency: LatencySummary;
};

export type KindReport = {
  readonly kind: OperationKind;
  readonly posted: number;
  readonly rejected: number;
  readonly leftOut: number;
};

/** Of one call; the server takes a thousand. */
const accountsPerCall = 500;
/** The calls of the setup carry hundreds of items each. */
const setupConcurrency = 4;

/** Every duplicate got the first answer, and every other use of a key was refused. */
export function isKept({ duplicates, collisions }: TrafficReport): boolean {
  return duplicates.sent === duplicates.sameAnswer && collisions.sent === collisions.refused;
}

/** Throws a fault when a request cannot be answered or the accounts cannot be opened and funded. */
export async function runTraffic(options: RunOptions): Promise<TrafficReport> {
  const { client, traffic } = options;
  const names = createNames();
  const quiet = { duplicates: 0, collisions: 0, onProgress: () => undefined };
  const setup = { ...options, ...quiet, concurrency: setupConcurrency };
  const retriedBefore = { ...client.retries };
  const beganMs = performance.now();
  const funding = createTally();
  await pass(openings(traffic.accounts), setup, names, funding);
  await pass(traffic.funding, setup, names, funding);
  const [refused] = funding.rejections.keys();
  if (refused) throw new Fault('input_invalid', `an account could not be funded: ${refused}`);

  const tally = createTally();
  const startedMs = performance.now();
  await pass(traffic.operations, options, names, tally);
  const elapsedMs = performance.now() - startedMs;
  return {
    setup: {
      accounts: names.accounts.size,
      journals: traffic.funding.length,
      elapsedMs: startedMs - beganMs,
    },
    elapsedMs,
    ...summary(tally, elapsedMs),
    retries: since(retriedBefore, client.retries),
  };
}

function* openings(accounts: readonly AccountSpec[]): Generator<Operation> {
  for (let from = 0; from < accounts.length; from += accountsPerCall) {
    const part = accounts.slice(from, from + accountsPerCall);
    const key = `${part[0]?.idempotencyKey}+${part.length}`;
    yield { action: 'open', accounts: part, kind: 'opening', key, effectiveAt: 0, chains: [] };
  }
}

/** What operations call by name, and the ledger by id. */
type Names = {
  /** An account that is being opened is a promise of its id. */
  readonly accounts: Map<AccountKey, string | Promise<void>>;
  /** Ids of holds and transfers, each for as long as there are operations that continue it. */
  readonly earlier: Map<string, { readonly id: string; left: number }>;
};

function createNames(): Names {
  return { accounts: new Map(), earlier: new Map() };
}

/** An operation, and what else is done with its key. */
type Step = {
  readonly operation: Operation;
  readonly twin: 'none' | 'at_once' | 'afterwards';
  readonly collides: boolean;
};

type PassOptions = Omit<RunOptions, 'traffic'>;

async function pass(
  operations: Traffic['operations'],
  options: PassOptions,
  names: Names,
  tally: Tally,
): Promise<void> {
  let done = 0;
  await runInOrder(steps(operations, options), {
    chainsOf: ({ operation }) => operation.chains,
    concurrency: options.concurrency,
    signal: options.signal,
    async work(step) {
      const { operation } = step;
      if (operation.action === 'open') await openAccounts(operation, options, names);
      else await perform({ ...step, operation }, options, names, tally);
      done += 1;
      options.onProgress?.(done);
    },
  });
}

/** Drawn in the order of the traffic, so that the same operations are sent twice in every run. */
async function* steps(
  operations: Traffic['operations'],
  { duplicates, collisions, random }: PassOptions,
): AsyncGenerator<Step> {
  for await (const operation of operations) {
    const isTwin = chance(random, duplicates);
    const twin = isTwin ? (chance(random, 0.5) ? 'at_once' : 'afterwards') : 'none';
    yield { operation, twin, collides: chance(random, collisions) };
  }
}

async function openAccounts(
  { accounts, key }: Operation & { action: 'open' },
  { client }: PassOptions,
  names: Names,
): Promise<void> {
  async function open(): Promise<void> {
    const call = openingOf(accounts, key);
    const opened = openedOf(await client.send(call), call);
    for (const [index, { account }] of accounts.entries()) {
      const result = opened[index];
      if (result?.status !== 'accepted') {
        throw new Fault('input_invalid', `account ${account} was not opened: ${result?.code}`);
      }
      names.accounts.set(account, result.account.id);
    }
  }
  const opening = open();
  for (const { account } of accounts) names.accounts.set(account, opening);
  await opening;
}

async function perform(
  { operation, twin, collides }: Step & { readonly operation: Sendable },
  { client, clock }: PassOptions,
  names: Names,
  tally: Tally,
): Promise<void> {
  const { kind, after } = operation;
  const earlierId = after === undefined ? undefined : takeEarlier(names, after);
  if (after !== undefined && earlierId === undefined) {
    tally.kinds[kind].leftOut += 1;
    return;
  }
  await opened(operation, names);
  const references = {
    accountId: (account: AccountKey) => names.accounts.get(account) as string,
    earlierId,
    now: clock.now(),
  };
  const call = { ...callOf(operation, references), latencies: tally.latencies };
  const send = async () => replyOf(await client.send(call), call);
  const first = twin === 'at_once' ? await twins(send, tally) : await send();
  count(operation, first, names, tally);
  if (first.replayed && twin !== 'at_once') tally.known += 1;
  if (twin === 'afterwards') compare(first, await send(), tally);
  const other = collides ? altered(operation) : undefined;
  if (other) {
    tally.collisions.sent += 1;
    const answer = await client.send({ ...call, body: callOf(other, references).body as string });
    const isRefused = answer.text.includes('"idempotency_key_reused"');
    if (answer.status === 422 && isRefused) tally.collisions.refused += 1;
  }
}

function takeEarlier({ earlier }: Names, key: string): string | undefined {
  const found = earlier.get(key);
  if (found === undefined) return undefined;
  found.left -= 1;
  if (found.left === 0) earlier.delete(key);
  return found.id;
}

/**
 * Waits for the accounts of the operation that are still being opened: their opening was started
 * before it, so there is always something to wait for.
 */
async function opened(operation: Sendable, { accounts }: Names): Promise<void> {
  if (operation.action !== 'post' && operation.action !== 'hold') return;
  const legs = operation.action === 'post' ? operation.legs : [operation.leg];
  for (const { debit, credit } of legs) {
    for (const account of [debit, credit]) {
      const id = accounts.get(account);
      assert(id !== undefined, `account ${account} is opened before it is used`);
      if (typeof id !== 'string') await id;
    }
  }
}

async function twins(send: () => Promise<Reply>, tally: Tally): Promise<Reply> {
  const [first, second] = await Promise.all([send(), send()]);
  compare(first, second, tally);
  return first;
}

function compare(first: Reply, second: Reply, { duplicates }: Tally): void {
  duplicates.sent += 1;
  if (mark(first) === mark(second)) duplicates.sameAnswer += 1;
}

function mark(reply: Reply): string {
  return reply.status === 'posted' ? reply.transferIds.join() : reply.code;
}

function count(operation: Sendable, reply: Reply, { earlier }: Names, tally: Tally): void {
  const { kind, key, action, continuations = 0 } = operation;
  if (reply.status === 'rejected') {
    tally.kinds[kind].rejected += 1;
    const why = [reply.code, ...reply.reasons].join(' ');
    tally.rejections.set(why, (tally.rejections.get(why) ?? 0) + 1);
    return;
  }
  tally.kinds[kind].posted += 1;
  if (continuations === 0) return;
  const id = action === 'hold' ? reply.holdId : reply.transferIds[0];
  assert(id !== undefined, 'what was posted has an id');
  earlier.set(key, { id, left: continuations });
}

type Tally = ReturnType<typeof createTally>;

function createTally() {
  return {
    kinds: Object.fromEntries(
      operationKinds.map((kind) => [kind, { posted: 0, rejected: 0, leftOut: 0 }]),
    ) as Record<OperationKind, { posted: number; rejected: number; leftOut: number }>,
    rejections: new Map<string, number>(),
    known: 0,
    duplicates: { sent: 0, sameAnswer: 0 },
    collisions: { sent: 0, refused: 0 },
    latencies: createLatencies(),
  };
}

function summary(tally: Tally, elapsedMs: number) {
  const kinds = operationKinds
    .map((kind) => ({ kind, ...tally.kinds[kind] }))
    .filter(({ posted, rejected, leftOut }) => posted + rejected + leftOut > 0);
  const sum = (column: 'posted' | 'rejected' | 'leftOut') =>
    kinds.reduce((total, each) => total + each[column], 0);
  const latency = tally.latencies.summary();
  const perSecond = (amount: number) => amount / (elapsedMs / 1_000);
  return {
    operationsPerSecond: perSecond(sum('posted') + sum('rejected')),
    requestsPerSecond: perSecond(latency.count),
    posted: sum('posted'),
    rejected: sum('rejected'),
    leftOut: sum('leftOut'),
    known: tally.known,
    kinds,
    rejections: Object.fromEntries([...tally.rejections].sort(([, a], [, b]) => b - a)),
    duplicates: tally.duplicates,
    collisions: tally.collisions,
    latency,
  };
}

function since(before: Record<string, number>, now: Readonly<Record<string, number>>) {
  return Object.fromEntries(
    Object.entries(now)
      .map(([reason, times]) => [reason, times - (before[reason] ?? 0)] as const)
      .filter(([, times]) => times > 0),
  );
}
