// One attempt to deliver: an HTTP request with a deadline, of whose answer the status alone counts.
import { Agent, type Dispatcher } from 'undici';
import { refusedTargetCode } from '#core';
import type { Protocol, Targets } from './targets.ts';

/** Why an attempt did not deliver. */
export const failures = [
  'status',
  'timeout',
  'unreachable',
  'target_refused',
  'stopped',
  'endpoint_disabled',
  'endpoint_deleted',
] as const;
export type Failure = (typeof failures)[number];

export type Attempt = {
  /** Null where no answer came. */
  readonly status: number | null;
  /** Null where it was delivered. */
  readonly failure: Failure | null;
  readonly latencyMs: number;
};

export type Sender = {
  readonly send: (
    url: string,
    message: { readonly headers: Readonly<Record<string, string>>; readonly body: string },
    signal: AbortSignal,
  ) => Promise<Attempt>;
  readonly close: () => Promise<void>;
};

export type SenderOptions = {
  readonly targets: Targets;
  /** From the look-up of the name to the end of the answer. */
  readonly timeoutMs?: number;
};

const usualTimeoutMs = 10_000;
/** Of an answer: what comes behind that is not read. */
const answerMax = 64 * 1024;
/** Connections to one origin, in which the endpoints of several tenants may share. */
const connectionsMax = 8;

export function openSender({ targets, timeoutMs = usualTimeoutMs }: SenderOptions): Sender {
  const agents: Readonly<Record<Protocol, Agent>> = {
    'http:': agentFor('http:'),
    'https:': agentFor('https:'),
  };
  /** An agent of our own takes no proxy from the environment and follows no redirect. */
  function agentFor(protocol: Protocol): Agent {
    return new Agent({
      connections: connectionsMax,
      connect: { lookup: targets.lookup(protocol), timeout: timeoutMs },
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
    });
  }
  return {
    async send(text, { headers, body }, signal) {
      const startedAt = performance.now();
      const latencyMs = () => Math.round(performance.now() - startedAt);
      if (targets.refusal(text) !== undefined) {
        return { status: null, failure: 'target_refused', latencyMs: 0 };
      }
      const url = new URL(text);
      const deadline = AbortSignal.timeout(timeoutMs);
      try {
        const answer = await agents[url.protocol as Protocol].request({
          origin: url.origin,
          path: `${url.pathname}${url.search}`,
          method: 'POST',
          headers: { ...headers, 'user-agent': 'countersign' },
          body,
          signal: AbortSignal.any([signal, deadline]),
        });
        const { statusCode: status } = answer;
        await drain(answer.body);
        const failure = status >= 200 && status < 300 ? null : 'status';
        return { status, failure, latencyMs: latencyMs() };
      } catch (error) {
        const failure = signal.aborted ? 'stopped' : failureOf(error, deadline);
        return { status: null, failure, latencyMs: latencyMs() };
      }
    },
    async close() {
      await Promise.all(Object.values(agents).map((agent) => agent.destroy()));
    },
  };
}

/**
 * Takes the answer's body away, so that its connection can be used again; one that is too long, or
 * breaks off, costs its connection. The status has been said by then, and counts.
 */
async function drain(body: Dispatcher.ResponseData['body']): Promise<void> {
  let length = 0;
  try {
    for await (const chunk of body) {
      length += (chunk as Buffer).length;
      if (length > answerMax) return void body.destroy();
    }
  } catch {
    body.destroy();
  }
}

function failureOf(error: unknown, deadline: AbortSignal): Failure {
  const { code } = error as { code?: string };
  if (code === refusedTargetCode) return 'target_refused';
  return deadline.aborted || code?.endsWith('_TIMEOUT') ? 'timeout' : 'unreachable';
}
