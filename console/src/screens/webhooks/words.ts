// How a webhook is doing, and what became of a delivery, in words.
import type { Answer } from '../../api/client.ts';
import { countText } from '../../parts/figures.ts';
import type { Tone } from '../../parts/state.tsx';

export type Hook = Answer<'GET /v1/webhooks'>['items'][number];
export type Delivery = Answer<'GET /v1/webhooks/{id}/deliveries'>['items'][number];
export type Replay = Answer<'GET /v1/webhooks/{id}/replays'>['items'][number];

/** More than the feed leaves behind for a moment while it works. */
const behindIsLate = 500;

export type Health = {
  readonly word: string;
  readonly tone: Tone;
  readonly text: string;
};

export function healthOf({ enabled, dead, behind, pending }: Hook): Health {
  if (!enabled) return { word: 'disabled', tone: 'still', text: 'switched off' };
  if (dead > 0) return { word: 'dead', tone: 'bad', text: `${countText(dead)} given up` };
  if (behind > behindIsLate) {
    return { word: 'warn', tone: 'wait', text: `${countText(behind)} events behind` };
  }
  if (pending > 0) return { word: 'pending', tone: 'wait', text: `${countText(pending)} waiting` };
  return { word: 'ok', tone: 'good', text: 'all delivered' };
}

const failures: Readonly<Record<NonNullable<Delivery['failure']>, string>> = {
  status: 'the receiver refused it',
  timeout: 'no answer in time',
  unreachable: 'no connection',
  target_refused: 'the address may not be sent to',
  stopped: 'the server was stopped meanwhile',
  endpoint_disabled: 'switched off while it waited',
  endpoint_deleted: 'deleted while it waited',
};

/** `answered 200`, `no answer in time`, or nothing before the first attempt. */
export function answerText({ http_status, failure }: Delivery): string {
  const status = http_status === null ? '' : `answered ${http_status}`;
  if (failure === null || failure === 'status') return status;
  return failures[failure];
}

/** `payment.* case.opened`, by blanks, commas or lines. */
export function typesOf(text: string): readonly string[] {
  return [...new Set(text.split(/[\s,]+/).filter(Boolean))];
}

export const hookReads = [...(['GET /v1/webhooks', 'GET /v1/webhooks/{id}'] as const)];
export const sentReads = [
  ...hookReads,
  ...(['GET /v1/webhooks/{id}/deliveries', 'GET /v1/webhooks/{id}/replays'] as const),
];
