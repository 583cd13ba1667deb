// A client of the ledger's HTTP API that keeps asking until it has an answer, and measures.
import { setTimeout as sleep } from 'node:timers/promises';
import { Fault, faults, type FaultCode } from '#core';
import { type Dispatcher, errors, Pool } from 'undici';
import { type Dice, unit } from './distributions.ts';
import type { Latencies } from './latency.ts';

export type LoadClientOptions = {
  /** Where the server is, such as `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly apiKey: string;
  readonly connections: number;
  /** How long one call may take with all its retries. */
  readonly deadlineMs: number;
  readonly random: Dice;
};

export type Call = {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** The path with names in place of ids, such as `/v1/payments/{id}/capture`. */
  readonly route?: string;
  /** Every write has one, which makes every retry harmless. */
  readonly idempotencyKey?: string;
  /** JSON text. */
  readonly body?: string;
  /** Where the duration of each attempt that is answered goes. */
  readonly latencies?: Pick<Latencies, 'record'>;
};

export type Answer = {
  readonly status: number;
  /** Whether it is the answer to an earlier call with the same key. */
  readonly replayed: boolean;
  readonly text: string;
};

export type LoadClient = {
  /** Answers anything below 500; throws `deadline_exceeded` when nothing else could be had. */
  readonly send: (call: Call) => Promise<Answer>;
  /** How often a call was repeated, by reason. */
  readonly retries: Readonly<Record<string, number>>;
  readonly close: () => Promise<void>;
};

const attemptTimeoutMs = 30_000;
const backoffFirstMs = 25;
const backoffMaxMs = 2_000;

export function createLoadClient(options: LoadClientOptions): LoadClient {
  const { apiKey, connections, deadlineMs, random } = options;
  const { origin, pathname } = new URL(options.url);
  const prefix = pathname.replace(/\/$/, '');
  const pool = new Pool(origin, {
    connections,
    headersTimeout: attemptTimeoutMs,
    bodyTimeout: attemptTimeoutMs,
  });
  const authorization = `Bearer ${apiKey}`;
  const retries: Record<string, number> = {};

  async function send(call: Call): Promise<Answer> {
    const startedMs = performance.now();
    const request = requestOf(call, prefix, authorization);
    for (let attempt = 0; ; attempt += 1) {
      const attemptedMs = performance.now();
      const { answer, reason, retryAfterMs } = await dispatch(pool, request);
      const nowMs = performance.now();
      if (answer) {
        call.latencies?.record(nowMs - attemptedMs);
        return answer;
      }
      retries[reason] = (retries[reason] ?? 0) + 1;
      // Full jitter, so that callers who were refused together do not come back together.
      const backoffMs = Math.min(backoffMaxMs, backoffFirstMs * 2 ** attempt) * unit(random);
      const waitMs = retryAfterMs + backoffMs;
      if (nowMs + waitMs > startedMs + deadlineMs) {
        throw new Fault('deadline_exceeded', `${call.method} ${call.path}: ${reason}`);
      }
      await sleep(waitMs);
    }
  }

  return { send, retries, close: () => pool.close() };
}

function requestOf(call: Call, prefix: string, authorization: string): Dispatcher.DispatchOptions {
  const { method, path, idempotencyKey, body } = call;
  const headers: Record<string, string> = { authorization };
  if (idempotencyKey !== undefined) headers['idempotency-key'] = idempotencyKey;
  if (body !== undefined) headers['content-type'] = 'application/json';
  return { method, path: prefix + path, headers, body: body ?? null };
}

type Attempt =
  | { readonly answer: Answer; readonly reason?: never; readonly retryAfterMs?: never }
  | { readonly answer?: never; readonly reason: string; readonly retryAfterMs: number };

/** One attempt, by undici's callbacks: half the cost of its streams. */
function dispatch(pool: Pool, request: Dispatcher.DispatchOptions): Promise<Attempt> {
  return new Promise((resolve, reject) => {
    let status = 0;
    let head: Record<string, string | string[] | undefined> = {};
    const chunks: Buffer[] = [];
    pool.dispatch(request, {
      // undici insists on it.
      onRequestStart: () => undefined,
      onResponseStart(_controller, statusCode, headers) {
        status = statusCode;
        head = headers;
      },
      onResponseData(_controller, chunk) {
        chunks.push(chunk);
      },
      onResponseEnd() {
        if (status >= 500 || status === 429) {
          const seconds = Number(head['retry-after'] ?? 0);
          const retryAfterMs = Number.isFinite(seconds) ? seconds * 1_000 : 0;
          resolve({ reason: `status ${status}`, retryAfterMs });
          return;
        }
        const text = (chunks.length === 1 ? chunks[0] : Buffer.concat(chunks))?.toString() ?? '';
        const replayed = head['idempotent-replayed'] === 'true';
        resolve({ answer: { status, replayed, text } });
      },
      onResponseError(_controller, error) {
        if (error instanceof errors.InvalidArgumentError) reject(error);
        else
          resolve({ reason: (error as { code?: string }).code ?? error.message, retryAfterMs: 0 });
      },
    });
  });
}

/** Throws when the answer is no answer to the question: a bad key, an unfit request, no route. */
export function refuseFault({ status, text }: Answer, call: Call): void {
  if (status < 400) return;
  const problem = problemOf(text);
  if (!problem) {
    const what = `status ${status}: ${text.slice(0, 200)}`;
    throw new Fault('bad_request', `${call.method} ${call.path}: ${what}`);
  }
  const { code, detail, errors: reasons } = problem;
  if (!Object.hasOwn(faults, code)) return;
  const where = reasons?.map(({ pointer, detail: why }) => `${pointer} ${why}`).join(', ');
  const why = [detail, where].filter(Boolean).join(': ');
  throw new Fault(code as FaultCode, `${call.method} ${call.path}: ${why}`);
}

function problemOf(text: string): Problem | undefined {
  try {
    const problem = JSON.parse(text) as Problem;
    return typeof problem.code === 'string' ? problem : undefined;
  } catch {
    return undefined;
  }
}

type Problem = {
  readonly code: string;
  readonly detail?: string;
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
};

/** The sums of all accounts in one currency, minor units. */
export type CurrencyCheck = {
  readonly currency: string;
  readonly debitsPosted: bigint;
  readonly creditsPosted: bigint;
  readonly debitsPending: bigint;
  readonly creditsPending: bigint;
  /** Whether debits equal credits, both the posted and the pending ones. */
  readonly balanced: boolean;
};

export type BankCheck = {
  readonly balanced: boolean;
  readonly currencies: readonly CurrencyCheck[];
};

/** Adds up the trial balance by currency: debits must equal credits, or money was made or lost. */
export async function checkBank(client: LoadClient): Promise<BankCheck> {
  const call = { method: 'GET', path: '/v1/trial-balance' } as const;
  const answer = await client.send(call);
  refuseFault(answer, call);
  const rows = (JSON.parse(answer.text) as { currencies: readonly TrialBalanceRow[] }).currencies;
  const byCurrency = Map.groupBy(rows, ({ currency }) => currency);
  const currencies = [...byCurrency].map(([currency, ofCurrency]): CurrencyCheck => {
    const sum = (column: keyof Omit<TrialBalanceRow, 'currency'>) =>
      ofCurrency.reduce((total, row) => total + BigInt(row[column]), 0n);
    const debitsPosted = sum('debits_posted');
    const creditsPosted = sum('credits_posted');
    const debitsPending = sum('debits_pending');
    const creditsPending = sum('credits_pending');
    const balanced = debitsPosted === creditsPosted && debitsPending === creditsPending;
    const sums = { debitsPosted, creditsPosted, debitsPending, creditsPending };
    return { currency, ...sums, balanced };
  });
  return { balanced: currencies.every(({ balanced }) => balanced), currencies };
}

type TrialBalanceRow = {
  readonly currency: string;
  readonly debits_posted: number;
  readonly credits_posted: number;
  readonly debits_pending: number;
  readonly credits_pending: number;
};
