// The worker of tickets: takes calls from the queue, makes them as their agents would now, and
// writes down what they would have been told.
import { Fault, type FaultCode, type Pool, listTenants } from '#core';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CallerNow, governed } from './caller-now.ts';
import type { ToolHost } from './host.ts';
import type { TicketJob } from './ticket-queue.ts';
import type { Begun, TicketAnswer, Tickets } from './tickets.ts';

export type TicketWork = {
  readonly tickets: Tickets;
  readonly host: ToolHost;
  readonly callerNow: CallerNow;
  /** Of the role policy, which knows the tenants. */
  readonly pool: Pool;
  readonly signal: AbortSignal;
  readonly onError: (error: unknown) => void;
};

/** Calls of one process: those that somebody waits for come first. */
const atOnceMax = 8;
const pollMs = 200;
const failedMs = 2_000;
const forgetMs = 60 * 60_000;

/** Until the signal; what is under way then comes to its end first. */
export async function runTickets(work: TicketWork): Promise<void> {
  await Promise.all([carryAll(work), forgetOld(work)]);
}

async function carryAll(work: TicketWork): Promise<void> {
  const { tickets, signal, onError } = work;
  const running = new Set<Promise<void>>();
  while (!signal.aborted) {
    const room = atOnceMax - running.size;
    const jobs = room === 0 ? [] : await tickets.take(room).catch(onError);
    for (const job of jobs ?? []) {
      const one: Promise<void> = carry(work, job)
        .catch(onError)
        .finally(() => running.delete(one));
      running.add(one);
    }
    const pause = sleep(jobs === undefined ? failedMs : pollMs, undefined, { signal });
    const idle = pause.catch(() => undefined);
    // With more to do than there is room for, the next begins when one has ended.
    await (running.size === atOnceMax ? Promise.race([idle, ...running]) : idle);
  }
  await Promise.all(running);
}

async function carry(work: TicketWork, job: TicketJob): Promise<void> {
  const { tickets } = work;
  const begun = await tickets.begin(job);
  if (!begun) return;
  const answer = await answerOf(work, begun);
  const isLast = job.retryCount >= tickets.retriesMax;
  if ('fault' in answer && !isLast && mayTryAgain(work, begun, answer.fault.code)) {
    await tickets.again(job);
  } else {
    await tickets.end(job, answer);
  }
}

async function answerOf(
  { host, callerNow, onError }: TicketWork,
  { ticket, asked, wasRunning }: Begun,
): Promise<TicketAnswer> {
  try {
    if (wasRunning && !isOnce(host, ticket.tool)) {
      throw new Fault('outcome_unknown', 'the call was broken off: ask again');
    }
    const signal = new AbortController().signal;
    const caller = async () => callerNow(ticket.claims, ticket);
    const call = { ...asked, isCharged: true, signal };
    return { answer: await governed(caller, async (now) => host.call(now, call)) };
  } catch (error) {
    if (!(error instanceof Fault)) onError(error);
    const isTold = error instanceof Fault;
    const { code, message, detail } = isTold ? error : new Fault('internal', 'the call has failed');
    return { fault: { code, message, detail } };
  }
}

/** Nothing has happened: the call was not let in. */
const before: readonly FaultCode[] = [
  'core_unavailable',
  'overloaded',
  'quota_exceeded',
  'rights_changed',
];
const later: readonly FaultCode[] = [
  ...['database_unavailable', 'deadline_exceeded', 'outcome_unknown', 'shutting_down'],
] as const satisfies readonly FaultCode[];

function mayTryAgain({ host }: TicketWork, { ticket }: Begun, code: FaultCode): boolean {
  return before.includes(code) || (later.includes(code) && isOnce(host, ticket.tool));
}

/** Read twice, changed once by its proposal, or a sequence, which goes on from where it was. */
function isOnce({ tools }: ToolHost, name: string): boolean {
  const tool = tools.find((each) => each.name === name);
  return tool?.effect !== 'draft' || tool.steps !== undefined;
}

async function forgetOld({ tickets, pool, signal, onError }: TicketWork): Promise<void> {
  while (!signal.aborted) {
    try {
      for (const tenant of await listTenants(pool)) {
        if (!signal.aborted) await tickets.forget(tenant);
      }
    } catch (error) {
      onError(error);
    }
    await sleep(forgetMs, undefined, { signal }).catch(() => undefined);
  }
}
