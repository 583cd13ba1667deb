// Consistency: the booked balances of the mirror against those of the core, account by account, for
// as long as the bank is connected.
import { instantToText } from '#core';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DifferenceBody, openKinds } from './differences.ts';
import { mirrorEntries } from './follow-entries.ts';
import { inParallel, openImporter } from './import.ts';
import { subjectsWaiting } from './incoming.ts';
import { type Link, listLinks } from './links.ts';
import { bookedAtCore, type Mirror } from './mirror.ts';
import { accountsUnderWay } from './own-orders.ts';

export type CompareOptions = {
  readonly mirror: Mirror;
  readonly signal?: AbortSignal;
  /** Between the two looks at an account that differs: an event may be on its way. */
  readonly againMs?: number;
  /** Told of accounts that could not be looked at: they hold up no other. */
  readonly onError?: (error: unknown) => void;
};

export type Compared = {
  readonly accounts: number;
  /** That were being moved, or of which the core has told nothing: they are for the next round. */
  readonly skipped: number;
  readonly differing: number;
};

const pageSize = 100;
const againMsDefault = 5_000;
/** Between pages: the core has other things to do. */
const pagePauseMs = 200;
const roundPauseMs = 60_000;
/** So many accounts, and none of them can be read: that is no matter of single accounts. */
const awayMin = 8;

export async function keepComparing(
  options: CompareOptions & {
    readonly signal: AbortSignal;
    readonly onError: (error: unknown) => void;
    readonly pauseMs?: number;
  },
): Promise<void> {
  const { signal, onError, pauseMs = roundPauseMs } = options;
  while (!signal.aborted) {
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    await compareBooks(options).catch((error: unknown) => {
      if (!signal.aborted) onError(error);
    });
  }
}

/** One round over all accounts that are linked. Differences are written as they begin and end. */
export async function compareBooks(options: CompareOptions): Promise<Compared> {
  const { mirror, signal } = options;
  const { core } = mirror;
  const total = { accounts: 0, skipped: 0, differing: 0 };
  let after: string | undefined;
  do {
    signal?.throwIfAborted();
    const query = { core, kind: 'account', limit: pageSize, after } as const;
    const page = await mirror.read((tx) => listLinks(tx, query));
    const found = await comparePage(options, page.items);
    total.accounts += page.items.length;
    total.skipped += found.skipped;
    total.differing += found.differing;
    after = page.next ?? undefined;
    if (after !== undefined) await sleep(pagePauseMs, undefined, signal ? { signal } : {});
  } while (after !== undefined);
  return total;
}

/** `open` is nothing that could be compared: it is being moved, or could not be read. */
type Look =
  | { readonly state: 'same' | 'open' }
  | {
      readonly state: 'differs';
      readonly currency: string;
      readonly ours: number;
      readonly theirs: number | null;
    };

async function comparePage(
  { mirror, signal, againMs = againMsDefault, onError = () => undefined }: CompareOptions,
  links: readonly Link[],
): Promise<{ skipped: number; differing: number }> {
  const look = (some: readonly Link[]) => lookAt(mirror, some, onError);
  const first = await look(links);
  const suspects = links.filter(({ core_id }) => first.get(core_id)?.state === 'differs');
  if (suspects.length > 0) await sleep(againMs, undefined, signal ? { signal } : {});
  const second = await look(suspects);
  const behind = suspects.filter(({ core_id }) => second.get(core_id)?.state === 'differs');
  const third = (await catchUp(mirror, behind, onError)) ? await look(behind) : [];
  const last = new Map([...first, ...second, ...third]);
  const ids = links.map(({ core_id }) => core_id);
  const open = await mirror.read((tx) => openKinds(tx, mirror.core, ids));
  let [skipped, differ] = [0, 0];
  for (const link of links) {
    const seen = last.get(link.core_id);
    if (seen?.state === 'differs') {
      differ += 1;
      await found(mirror, { link, seen, open: open.get(link.core_id) ?? [] });
    } else if (seen?.state === 'same' && open.has(link.core_id)) await ended(mirror, link);
    else if (seen?.state === 'open') skipped += 1;
  }
  return { skipped, differing: differ };
}

/**
 * An event can be lost on its way, and some cores tell none: then the entries are read, where they
 * can be. Answers whether anything was.
 */
async function catchUp(
  mirror: Mirror,
  links: readonly Link[],
  onError: (error: unknown) => void,
): Promise<boolean> {
  if (!mirror.adapter.operations.listEntries || links.length === 0) return false;
  const importer = openImporter(mirror);
  await inParallel(links, ({ core_id }) => {
    const occurredAt = instantToText(mirror.clock.now());
    const id = `read ${core_id} ${occurredAt}`;
    const event = { id, type: 'entry.booked', occurredAt, account: core_id, party: null } as const;
    // What could not be read stays a difference.
    return mirrorEntries(mirror, importer, event).catch(onError);
  });
  return true;
}

/**
 * What is moved while we look is not compared: by one of our commands, or by something that the
 * core has told and that waits to be mirrored. Throws where the core is away.
 */
async function lookAt(
  mirror: Mirror,
  links: readonly Link[],
  onError: (error: unknown) => void,
): Promise<Map<string, Look>> {
  const looks = new Map<string, Look>();
  const failures: unknown[] = [];
  const moving = () => mirror.read((tx) => accountsUnderWay(tx, mirror.core));
  const before = await moving();
  await inParallel(links, async (link) => {
    const seen = await lookAtOne(mirror, link).catch((error: unknown) => {
      failures.push(error);
      return { state: 'open' } as const;
    });
    looks.set(link.core_id, seen);
  });
  if (failures.length >= awayMin && failures.length === links.length) throw failures[0];
  for (const error of failures) onError(error);
  const ids = links.map(({ core_id }) => core_id);
  const waiting = await subjectsWaiting(mirror, ids);
  for (const id of [...before, ...(await moving()), ...waiting]) {
    if (looks.has(id)) looks.set(id, { state: 'open' });
  }
  return looks;
}

async function lookAtOne(mirror: Mirror, { own_id, core_id }: Link): Promise<Look> {
  const { core } = mirror;
  const earlier = await mirror.booked(own_id);
  const balances = await mirror.adapter.operations.readBalances({ id: core_id });
  const { amount, version, currency } = await mirror.booked(own_id);
  if (earlier.version !== version) return { state: 'open' };
  const theirs = balances ? (bookedAtCore(balances, { core, currency }) ?? null) : null;
  return amount === theirs
    ? { state: 'same' }
    : { state: 'differs', currency, ours: amount, theirs };
}

type Found = {
  readonly link: Link;
  readonly seen: Extract<Look, { state: 'differs' }>;
  /** What is known about it already, by kind. */
  readonly open: readonly string[];
};

async function found(mirror: Mirror, { link, seen, open }: Found): Promise<void> {
  const { core, clock } = mirror;
  const { own_id, core_id } = link;
  const { ours, theirs, currency } = seen;
  const kind = theirs === null ? 'missing' : 'balance';
  if (open.includes(kind)) return;
  const difference: DifferenceBody = {
    ...{ core, kind, core_id, account_id: own_id, currency, ours, theirs },
    ...{ core_event: null, reason: null },
  };
  const key = `differ ${core_id} ${kind} ${instantToText(clock.now())}`;
  await mirror.must('core.differ', key, difference);
}

async function ended(mirror: Mirror, { core_id }: Link): Promise<void> {
  const key = `agree ${core_id} ${instantToText(mirror.clock.now())}`;
  await mirror.must('core.agree', key, { core: mirror.core, core_id });
}
