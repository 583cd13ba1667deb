// Server-sent events: what is new since the last page, to whoever may still hear it.
import { type Bell, Fault, type Principal, principalText } from '#core';
import type { Scope } from '#policy';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Parts } from './routes.ts';

/** Streams that one process serves at once. */
const streamsMax = 200;
/** Of them for one caller: the others are left to others. */
const ofCallerMax = 20;
/** A comment line keeps proxies from closing a quiet stream. */
const heartbeatMs = 15_000;

export type Feed = {
  readonly reader: Principal;
  /** Asked for anew before every page: who has lost it is not told any more. */
  readonly scope: Scope;
  /** The first lines. */
  readonly opening: string;
  /** What is new, each a message with the empty line at its end, and whether there is more. */
  readonly next: (tenant: string) => Promise<{ texts: readonly string[]; isMore: boolean }>;
  /** Between two pages at least; nought unless given. */
  readonly pauseMs?: number;
};

/** Answers until the reader leaves, the server stops, or the caller may not hear it any more. */
export type SendFeed = (
  request: FastifyRequest,
  reply: FastifyReply,
  feed: Feed,
) => Promise<FastifyReply>;

export function openStreams(
  app: FastifyInstance,
  { authenticate }: Pick<Parts, 'authenticate'>,
  sealed: Bell,
): SendFeed {
  const stopping = new AbortController();
  app.addHook('preClose', async () => stopping.abort());
  /** Who listens, once for each stream. */
  const open: string[] = [];

  return async (request, reply, feed) => {
    const reader = `${feed.reader.tenant} ${principalText(feed.reader)}`;
    const isFull = open.length >= streamsMax;
    if (isFull || open.filter((each) => each === reader).length >= ofCallerMax) {
      const which = isFull ? `${streamsMax} streams` : `${ofCallerMax} of your streams`;
      throw new Fault('overloaded', `${which} are open`);
    }
    open.push(reader);
    try {
      await send(request, reply, feed);
    } finally {
      open.splice(open.indexOf(reader), 1);
    }
    return reply;
  };

  async function send(request: FastifyRequest, reply: FastifyReply, feed: Feed): Promise<void> {
    const { scope, opening, next, pauseMs = 0 } = feed;
    reply.hijack();
    const { raw } = reply;
    const left = new AbortController();
    raw.on('close', () => left.abort());
    const closed = AbortSignal.any([left.signal, stopping.signal]);
    raw.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    raw.write(opening);
    while (!closed.aborted) {
      const since = sealed.count();
      let page: Awaited<ReturnType<Feed['next']>>;
      try {
        const { principal } = await authenticate.fresh(request, scope);
        page = await next(principal.tenant);
      } catch {
        // The reader comes back with the last id that it has seen.
        break;
      }
      for (const text of page.texts) {
        // A reader that is slower than the log waits in TCP, not in our memory.
        if (!raw.write(text)) await drained(raw, closed);
      }
      if (page.isMore) continue;
      if (pauseMs > 0) await sleep(pauseMs, undefined, { signal: closed }).catch(() => undefined);
      const woken = await sealed.wait(since, heartbeatMs, closed);
      if (!woken && !closed.aborted) raw.write(': still here\n\n');
    }
    raw.end();
  }
}

function drained(raw: FastifyReply['raw'], signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    raw.once('drain', resolve);
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
