// Sends traffic to a bank: many requests at once, each chain in order, some twice; and reports.
import { assert, type Clock, Fault } from '#core';
import {
  altered,
  callOf,
  openedOf,
  openingOf,
  replyOf,
  type References,
  type Reply,
  type Sendable,
} from './calls.ts';
import { chance, type Dice } from './distributions.ts';
import { runInOrder } from './in-order.ts';
import { type Call, type LoadClient, refuseFault } from './load-client.ts';
import type { AccountKey, AccountSpec, Operation, Traffic } from './operation.ts';
import type { Payers } from './payers.ts';
import {
  count,
  createTally,
  latenciesOf,
  summarize,
  type Tally,
  type TallySummary,
} from './tally.ts';

export type RunOptions = {
  readonly client: LoadClient;
  readonly traffic: Traffic;
  /** Operations in flight. */
  readonly concurrency: number;
  /** Of all operations, how many are sent twice with one key: half of them at the same time. */
  readonly duplicates: number;
  /** Of all clearing messages, how many come once more at the end, the last one first. */
  readonly repeats?: number;
  /** Of all operations that name an amount, how many have their key used for another amount. */
  readonly collisions: number;
  readonly random: Dice;
  readonly clock: Clock;
  /** The ids of accounts that are open already, by their keys. */
  readonly accounts?: ReadonlyMap<AccountKey, string>;
  /** Who confirms payments when asked; nobody unless given. */
  readonly payers?: Payers;
  readonly onAnswer?: (answered: Answered) => void;
  /** Called after each operation of the traffic, with the number of those that are done. */
  readonly onProgress?: (done: number) => void;
  /** Ends the run early; the report covers what was done. */
  readonly signal?: AbortSignal;
};

/** One operation with its first answer. */
export type Answered = {
  readonly operation: Sendable;
  readonly reply: Reply;
  readonly durationMs: number;
};

export type TrafficReport = TallySummary & {
  /** Accounts opened, before the traffic or within it, and the journals that funded them. */
  readonly setup: {
    readonly accounts: number;
    readonly journals: number;
    readonly elapsedMs: number;
  };
  readonly elapsedMs: number;
  /** Requests repeated by reason, such as `status 503` or `ECONNRESET`. */
  readonly retries: Readonly<Record<string, number>>;
};

/** Of one call; the server takes a thousand. */
const accountsPerCall = 500;
/** The calls of the setup carry hundreds of items each. */
const setupConcurrency = 4;

/** Nothing was done twice, and every other use of a key was refused. */
export function isKept({ duplicates, repeats, collisions }: TrafficReport): boolean {
  return (
    duplicates.sent === duplicates.sameAnswer &&
    repeats.sent === repeats.withoutEffect &&
    collisions.sent === collisions.refused
  );
}

/** Throws a fault when a request cannot be answered or the accounts cannot be opened and funded. */
export async function runTraffic(options: RunOptions): Promise<TrafficReport> {
  const { client, traffic, payers } = options;
  const names = createNames(options.accounts);
  const { onAnswer: _, ...unheard } = options;
  const quiet = { duplicates: 0, collisions: 0, onProgress: () => undefined };
  const setup = { ...unheard, ...quiet, concurrency: setupConcurrency };
  const retriedBefore = { ...client.retries };
  const beganMs = performance.now();
  const funding = createTally();
  await pass(openings(traffic.accounts), setup, names, funding);
  await pass(traffic.funding, setup, names, funding);
  const [refused] = funding.rejections.keys();
  if (refused) throw new Fault('input_invalid', `an account could not be funded: ${refused}`);
  await payers?.enrol(traffic.payers?.() ?? []);

  const tally = createTally();
  const startedMs = performance.now();
  await pass(traffic.operations, options, names, tally);
  await repeatClearing(names, options, tally);
  const elapsedMs = performance.now() - startedMs;
  return {
    setup: {
      accounts: names.accounts.size,
      journals: traffic.funding.length,
      elapsedMs: startedMs - beganMs,
    },
    elapsedMs,
    ...summarize(tally, elapsedMs),
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

/** What operations call by name, and the bank by id. */
type Names = {
  /** An account that is being opened is a promise of its id. */
  readonly accounts: Map<AccountKey, string | Promise<void>>;
  /** Each for as long as there are operations that continue it. */
  readonly payments: Map<string, Continued>;
  /** Clearing messages that the network sends once more. */
  readonly repeats: Call[];
};

type Continued = {
  readonly id: string;
  held: bigint;
  captured: bigint;
  /** How many operations continue it still. */
  left: number;
  /** Whether it was not yet allowed when it was last heard of. */
  isWaiting: boolean;
};

function createNames(accounts: ReadonlyMap<AccountKey, string> = new Map()): Names {
  return { accounts: new Map(accounts), payments: new Map(), repeats: [] };
}

/** An operation, and what else is done with its key. */
type Step = {
  readonly operation: Operation;
  readonly twin: 'none' | 'at_once' | 'afterwards';
  readonly collides: boolean;
  readonly repeats: boolean;
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
  { duplicates, collisions, repeats = 0, random }: PassOptions,
): AsyncGenerator<Step> {
  for await (const operation of operations) {
    const isTwin = chance(random, duplicates);
    const twin = isTwin ? (chance(random, 0.5) ? 'at_once' : 'afterwards') : 'none';
    const collides = chance(random, collisions);
    yield { operation, twin, collides, repeats: chance(random, repeats) };
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
  step: Step & { readonly operation: Sendable },
  options: PassOptions,
  names: Names,
  tally: Tally,
): Promise<void> {
  const { operation, twin, collides } = step;
  const { client, clock, payers, onAnswer } = options;
  const { kind, after } = operation;
  const payment = after === undefined ? undefined : await continued(names, after, client);
  if (after !== undefined && !hasMore(operation, payment)) {
    tally.kinds[kind].leftOut += 1;
    return;
  }
  await opened(operation, names);
  const accountId = (account: AccountKey) => names.accounts.get(account) as string;
  const references: References = { accountId, payment, now: clock.now() };
  const asked = callOf(operation, references);
  const call = { ...asked, latencies: latenciesOf(tally, asked.route ?? asked.path) };
  const send = async () => replyOf(await client.send(call), call);
  const startedMs = performance.now();
  const first = twin === 'at_once' ? await twins(send, tally) : await send();
  onAnswer?.({ operation, reply: first, durationMs: performance.now() - startedMs });
  count(tally, kind, first);
  if (first.replayed && twin !== 'at_once') tally.known += 1;
  if (twin === 'afterwards') compare(first, await send(), tally);
  if (collides) await collide(operation, references, client, tally);
  if (step.repeats && operation.action === 'capture' && first.status === 'done') {
    names.repeats.push({ ...asked, idempotencyKey: `${operation.key}/again` });
  }
  remember(operation, first, payment, names);
  const isAsked = first.status === 'waiting' && first.outcome === 'step_up_required';
  if (isAsked) await payers?.confirm(first.id, operation);
}

async function collide(
  operation: Sendable,
  references: References,
  client: LoadClient,
  { collisions }: Tally,
): Promise<void> {
  const other = altered(operation);
  if (!other) return;
  collisions.sent += 1;
  const answer = await client.send(callOf(other, references));
  const isRefused = answer.text.includes('"idempotency_key_reused"');
  if (answer.status === 422 && isRefused) collisions.refused += 1;
}

/** Whether there is a payment, and something of it that this could be done with. */
function hasMore({ action }: Sendable, payment: Continued | undefined): payment is Continued {
  if (payment === undefined || payment.isWaiting) return false;
  return action === 'refund' ? payment.captured > 0n : payment.held > 0n;
}

/** The payment that an operation continues; of one that waits it is asked how it stands. */
async function continued(
  { payments }: Names,
  key: string,
  client: LoadClient,
): Promise<Continued | undefined> {
  const found = payments.get(key);
  if (found === undefined) return undefined;
  found.left -= 1;
  if (found.left === 0) payments.delete(key);
  if (found.isWaiting) found.isWaiting = !(await isAllowed(client, found.id));
  return found;
}

async function isAllowed(client: LoadClient, id: string): Promise<boolean> {
  const call = { method: 'GET', path: `/v1/payments/${id}` } as const;
  const answer = await client.send(call);
  refuseFault(answer, call);
  const { status } = JSON.parse(answer.text) as { readonly status: string };
  return status === 'authorized' || status === 'posted';
}

/**
 * Waits for the accounts of the operation that are still being opened: their opening was started
 * before it, so there is always something to wait for.
 */
async function opened(operation: Sendable, { accounts }: Names): Promise<void> {
  const legs = 'legs' in operation ? operation.legs : 'leg' in operation ? [operation.leg] : [];
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
  const of = reply.status === 'rejected' ? reply.code : '';
  return [reply.status, reply.id ?? '', of].join(' ');
}

/** What is known of a payment follows from its own messages, so that it is the same in each run. */
function remember(
  operation: Sendable,
  reply: Reply,
  payment: Continued | undefined,
  { payments }: Names,
): void {
  const { action, key, continuations: left = 0 } = operation;
  if (reply.status === 'rejected') return;
  if (action === 'authorize' && left > 0) {
    assert(reply.id !== undefined, 'what was authorized has an id');
    const isWaiting = reply.status === 'waiting';
    payments.set(key, { id: reply.id, held: operation.leg.amount, captured: 0n, left, isWaiting });
  }
  if (payment === undefined) return;
  if (action === 'increase') payment.held += operation.amount;
  if (action === 'cancel') payment.held = 0n;
  if (action === 'refund') payment.captured = 0n;
  if (action !== 'capture') return;
  const amount = operation.amount ?? payment.held;
  payment.captured += amount;
  payment.held = operation.final ? 0n : payment.held - amount;
}

/** The network sends a part of its messages once more: nothing may be taken for a second time. */
async function repeatClearing(
  { repeats }: Names,
  { client, concurrency, signal }: PassOptions,
  tally: Tally,
): Promise<void> {
  await runInOrder(repeats.toReversed(), {
    chainsOf: () => [],
    concurrency,
    signal,
    async work(call) {
      tally.repeats.sent += 1;
      const reply = replyOf(await client.send(call), call);
      if (reply.replayed) tally.repeats.withoutEffect += 1;
    },
  });
}

function since(before: Record<string, number>, now: Readonly<Record<string, number>>) {
  return Object.fromEntries(
    Object.entries(now)
      .map(([reason, times]) => [reason, times - (before[reason] ?? 0)] as const)
      .filter(([, times]) => times > 0),
  );
}
