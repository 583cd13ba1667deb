// How a write travels from HTTP to its command: caller, idempotency key, trace, further tries.
import {
  Fault,
  type FaultCode,
  type Instant,
  instantFromText,
  type Json,
  refuseField,
} from '#core';
import type { Executed, Planes } from '#main';
import { detect } from '#privacy';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Authenticate, Caller, Right } from './authenticate.ts';

export type Write = {
  readonly operation: string;
  readonly body: Json;
  readonly idempotencyKey: string;
  /** Throws for a caller whose rights, those on which the write is done, are not enough for it. */
  readonly check?: (caller: Caller) => void;
};

export type Writer = {
  /**
   * Executes the writes of one request, side by side. What is wrong with one alone is its result;
   * what keeps all from being done is thrown, and a retry finds those that were done.
   */
  readonly all: (
    request: FastifyRequest,
    right: Right,
    writes: readonly Write[],
  ) => Promise<(Executed | Fault)[]>;
  readonly one: (request: FastifyRequest, right: Right, write: Write) => Promise<Executed>;
};

/**
 * How long a write is tried again whose rights have changed under way. Every consent of anybody is
 * such a change, so a busy bank has many in a second: each try may meet another one.
 */
const patienceMs = 2_000;
/** Of the first wait; each further one may be twice as long, up to the last. */
const [firstWaitMs, lastWaitMs] = [4, 64];

export function createWriter(planes: Planes, authenticate: Authenticate): Writer {
  async function attempt(request: FastifyRequest, right: Right, asked: Write): Promise<Executed> {
    const caller = await authenticate.remembered(request, right);
    const { check, ...write } = asked;
    check?.(caller);
    const { principal, epoch } = caller;
    const [traceId, purpose] = [traceIdOf(request), purposeOf(request)];
    return planes.execute({
      ...write,
      principal,
      epoch,
      ...(traceId === undefined ? {} : { traceId }),
      ...(purpose === undefined ? {} : { purpose }),
    });
  }
  async function one(request: FastifyRequest, right: Right, write: Write): Promise<Executed> {
    const startedAt = planes.clock.now();
    let waitedMs = 0;
    for (let most = firstWaitMs; ; most = Math.min(most * 2, lastWaitMs)) {
      try {
        return await attempt(request, right, write);
      } catch (error) {
        if (!(error instanceof Fault) || error.code !== 'rights_changed') throw error;
        // Also where the clock stands still, this ends.
        const spentMs = Math.max(waitedMs, planes.clock.now() - startedAt);
        if (spentMs >= patienceMs) throw error;
        const waitMs = jittered(most);
        waitedMs += waitMs;
        await sleep(waitMs);
        // The rights that were remembered are old: read them anew.
        authenticate.forget(request);
      }
    }
  }
  /** Those who were too late together shall not come back together. */
  function jittered(mostMs: number): number {
    const [byte = 0] = planes.random.bytes(1);
    return (mostMs * (byte + 1)) / 256;
  }
  return {
    one,
    all: (request, right, writes) =>
      Promise.all(writes.map((write) => one(request, right, write).catch(ownFault))),
  };
}

/** Of one item: those beside it are done all the same. All else fails the request as a whole. */
const ownCodes: readonly FaultCode[] = [
  ...(['idempotency_key_reused', 'invalid_request'] as const),
  ...(['outcome_unknown', 'core_approval_pending', 'core_override_needed'] as const),
  ...(['core_failed', 'core_refused', 'core_unavailable', 'core_operation_missing'] as const),
];

function ownFault(error: unknown): Fault {
  if (error instanceof Fault && ownCodes.includes(error.code)) return error;
  throw error;
}

/** W3C trace context: the trace that the caller is in. */
export function traceIdOf({ headers: { traceparent } }: FastifyRequest): string | undefined {
  return typeof traceparent === 'string' ? traceIdIn(traceparent) : undefined;
}

export function traceIdIn(traceparent: string): string | undefined {
  return /^00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/.exec(traceparent)?.[1];
}

/** Of what a call says of its cause; more is not read. */
export const queryMaxChars = 2_000;

/** Which question or prompt has led to the call: percent-encoded, since headers are ASCII. */
export function queryIn({ 'triggering-query': sent }: FastifyRequest['headers']) {
  if (typeof sent !== 'string') return undefined;
  try {
    return decodeURIComponent(sent).slice(0, queryMaxChars);
  } catch {
    throw new Fault('bad_request', 'the header Triggering-Query is not percent-encoded UTF-8');
  }
}

/** Why the caller asks: kept with the decision, and nothing else is made of it. */
function purposeOf(request: FastifyRequest): string | undefined {
  const { purpose } = request.headers;
  if (purpose === undefined) return undefined;
  if (typeof purpose !== 'string' || !/^[\x20-\x7e]{1,120}$/.test(purpose)) {
    throw new Fault('bad_request', 'the header Purpose is 1 to 120 printable ASCII characters');
  }
  const [found] = detect(purpose);
  if (found === undefined) return purpose;
  throw new Fault('bad_request', `the header Purpose holds a personal value (${found.class})`);
}

/** The instant of a text that may be missing; refuses one that is none. */
export function instantIn(text: string | undefined, pointer: string): Instant | undefined {
  checkInstant(text, pointer);
  return text === undefined ? undefined : instantFromText(text);
}

/** Refuses an id that is itself a personal value: what it gets into is kept for ever. */
export function checkOpaque(id: string, pointer: string): void {
  const [found] = detect(id);
  if (found)
    refuseField(pointer, `looks like a personal value (${found.class}): name a token or an id`);
}

/** What nobody may leave in a text that is kept for ever; a long number may be a mere reference. */
const plainly = new Set(['pan', 'iban', 'email', 'national_id']);

/** What has neither an at sign nor so many digits holds none of these, however it is written. */
const mayBePlain = /[@\uff20]|(?:\p{Nd}\P{Nd}{0,3}){8}/u;

/** Refuses a personal value in any text of a body, wherever it stands. */
export function checkTexts(value: unknown, pointer = ''): void {
  if (typeof value === 'string') {
    // Most texts are short tokens, in which nothing of the kind can be.
    if (!mayBePlain.test(value)) return;
    const found = detect(value).find((each) => plainly.has(each.class));
    if (found) refuseField(pointer, `holds a personal value (${found.class}): send a token for it`);
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) checkTexts(member, `${pointer}/${name}`);
  }
}

export const idempotencyKeyPattern = /^[\x21-\x7e]{1,255}$/;

export function idempotencyKeyOf(request: FastifyRequest): string {
  const key = givenKeyOf(request);
  if (key !== undefined) return key;
  throw new Fault('idempotency_key_missing', 'send the header Idempotency-Key with every write');
}

/** Where not every call needs one; refuses one that is malformed. */
export function givenKeyOf(request: FastifyRequest): string | undefined {
  const key = request.headers['idempotency-key'];
  return key === undefined ? undefined : checkedKey(key);
}

/** The same wherever a key comes from. Throws `idempotency_key_invalid`. */
export function checkedKey(key: unknown): string {
  if (typeof key === 'string' && idempotencyKeyPattern.test(key)) return key;
  throw new Fault('idempotency_key_invalid', 'Idempotency-Key is 1 to 255 printable characters');
}

/** 201 for what is new, 200 for the first answer told again. */
export function written(reply: FastifyReply, replayed: boolean): void {
  reply.code(replayed ? 200 : 201);
  if (replayed) reply.header('idempotent-replayed', 'true');
}

/** Refuses dates that have the form but do not exist, such as 30 February. */
export function checkInstant(text: string | undefined, pointer: string): void {
  if (text === undefined || instantFromText(text) !== undefined) return;
  refuseField(pointer, 'must be an RFC 3339 instant that exists');
}
