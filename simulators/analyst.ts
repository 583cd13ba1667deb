// An analyst who works the review queue: takes the next case, looks at it, and decides.
import { type Clock, instantToText } from '#core';
import { setTimeout as sleep } from 'node:timers/promises';
import { chance, type Dice } from './distributions.ts';
import { type Call, type LoadClient, refuseFault } from './load-client.ts';
import { isFraud } from './fraud.ts';
import type { WhatItWas } from './truth.ts';

export type AnalystOptions = {
  readonly client: LoadClient;
  /** What good work would find out. Undefined for what nobody has planted. */
  readonly truthOf: (paymentId: string) => WhatItWas | undefined;
  /** Of the verdicts, how many are mistakes. */
  readonly mistakes: number;
  readonly random: Dice;
  /** Names this analyst in idempotency keys. */
  readonly name: string;
  /** The day is over: what waits is still done, then nothing more. */
  readonly signal: AbortSignal;
  /** One who leaves to others what has come up of late, and takes what they leave. */
  readonly leisure?: Leisure | undefined;
};
export type Leisure = {
  /** What has waited for less is left. */
  readonly waitedMs: number;
  readonly idleMs: number;
  readonly clock: Clock;
};

export type Work = { readonly decided: number; readonly mistaken: number };

/** How long a free analyst looks away from an empty queue. */
const idleMs = 200;
const reasons = {
  stolen_card: 'stolen_card',
  compromised_merchant: 'stolen_card',
  account_takeover: 'account_takeover',
  card_testing: 'stolen_card',
} as const;

type Case = {
  readonly id: string;
  readonly payment_id: string;
  readonly reasons?: readonly string[];
  readonly evidence?: unknown;
};

export async function workQueue(options: AnalystOptions): Promise<Work> {
  const { client, name, signal, leisure } = options;
  const work = { decided: 0, mistaken: 0 };
  for (let number = 0; ; number += 1) {
    // Before the queue is looked at: what was opened before the end is not left behind.
    const isOver = signal.aborted;
    const wish = leisure === undefined ? {} : { opened_before: longAgo(leisure) };
    const next = await post<Case>(client, `${name}/next/${number}`, '/v1/cases/next', wish);
    if (next === undefined) {
      if (isOver) return work;
      const restMs = leisure?.idleMs ?? idleMs;
      await sleep(restMs, undefined, { signal }).catch(() => undefined);
      continue;
    }
    await get(client, `/v1/cases/${next.id}`);
    const { isMistaken, ...verdict } = judge(options, next);
    const path = `/v1/cases/${next.id}/decide`;
    const decided = await post(client, `${name}/decide/${next.id}`, path, verdict);
    // One whose payment has ended meanwhile is nobody's any more.
    if (decided === undefined) continue;
    work.decided += 1;
    if (isMistaken) work.mistaken += 1;
  }
}

function longAgo({ clock, waitedMs }: Leisure): string {
  return instantToText(clock.now() - waitedMs);
}

function judge({ truthOf, mistakes, random }: AnalystOptions, { payment_id }: Case) {
  const what = truthOf(payment_id) ?? 'ordinary';
  const isMistaken = chance(random, mistakes);
  const fraud = what !== 'ordinary' && isFraud(what) ? what : undefined;
  const isRejected = (fraud !== undefined) !== isMistaken;
  if (!isRejected) {
    const reason = 'the customer was called back on the number on record';
    return { verdict: 'approve', reason_code: 'customer_confirmed', reason, isMistaken };
  }
  const reason = 'the pattern of the payments before it is not that of this customer';
  const reason_code = fraud ? reasons[fraud] : 'scam';
  return { verdict: 'reject', reason_code, reason, isMistaken };
}

/** Undefined where there is nothing to be done, or not any more. */
async function post<Answer>(
  client: LoadClient,
  idempotencyKey: string,
  path: string,
  body: object,
): Promise<Answer | undefined> {
  const call: Call = { method: 'POST', path, idempotencyKey, body: JSON.stringify(body) };
  const answer = await client.send(call);
  if (answer.status === 404 || answer.status === 409) return undefined;
  refuseFault(answer, call);
  return JSON.parse(answer.text) as Answer;
}

async function get(client: LoadClient, path: string): Promise<void> {
  const call: Call = { method: 'GET', path };
  refuseFault(await client.send(call), call);
}
