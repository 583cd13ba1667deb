// How a write travels from HTTP to its command: caller, idempotency key, trace, one more try.
import { Fault, type FaultCode, instantFromText, type Json } from '#core';
import type { Executed, Planes } from '#main';
import type { Scope } from '#policy';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Authenticate } from './authenticate.ts';

export type Write = {
  readonly operation: string;
  readonly body: Json;
  readonly idempotencyKey: string;
};

export type Writer = {
  /**
   * Executes the writes of one request, side by side. What is wrong with one alone is its result;
   * what keeps all from being done is thrown, and a retry finds those that were done.
   */
  readonly all: (
    request: FastifyRequest,
    scope: Scope,
    writes: readonly Write[],
  ) => Promise<(Executed | Fault)[]>;
  readonly one: (request: FastifyRequest, scope: Scope, write: Write) => Promise<Executed>;
};

export function createWriter(planes: Planes, authenticate: Authenticate): Writer {
  async function attempt(request: FastifyRequest, scope: Scope, write: Write): Promise<Executed> {
    const { principal, epoch } = await authenticate.remembered(request, scope);
    const [traceId, purpose] = [traceIdOf(request), purposeOf(request)];
    return planes.execute({
      ...write,
      principal,
      epoch,
      ...(traceId === undefined ? {} : { traceId }),
      ...(purpose === undefined ? {} : { purpose }),
    });
  }
  async function one(request: FastifyRequest, scope: Scope, write: Write): Promise<Executed> {
    try {
      return await attempt(request, scope, write);
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== 'rights_changed') throw error;
      // The rights that were remembered are old: read them anew, once.
      authenticate.forget(request);
      return attempt(request, scope, write);
    }
  }
  return {
    one,
    all: (request, scope, writes) =>
      Promise.all(writes.map((write) => one(request, scope, write).catch(ownFault))),
  };
}

const ownCodes: readonly FaultCode[] = ['idempotency_key_reused', 'invalid_request'];

function ownFault(error: unknown): Fault {
  if (error instanceof Fault && ownCodes.includes(error.code)) return error;
  throw error;
}

/** W3C trace context: the trace that the caller is in. */
function traceIdOf(request: FastifyRequest): string | undefined {
  const { traceparent } = request.headers;
  if (typeof traceparent !== 'string') return undefined;
  return /^00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/.exec(traceparent)?.[1];
}

/** Why the caller asks: kept with the decision, and nothing else is made of it. */
function purposeOf(request: FastifyRequest): string | undefined {
  const { purpose } = request.headers;
  if (purpose === undefined) return undefined;
  if (typeof purpose === 'string' && /^[\x20-\x7e]{1,120}$/.test(purpose)) return purpose;
  throw new Fault('bad_request', 'the header Purpose is 1 to 120 printable ASCII characters');
}

export const idempotencyKeyPattern = /^[\x21-\x7e]{1,255}$/;

export function idempotencyKeyOf(request: FastifyRequest): string {
  const key = request.headers['idempotency-key'];
  if (key === undefined) {
    throw new Fault('idempotency_key_missing', 'send the header Idempotency-Key with every write');
  }
  if (typeof key !== 'string' || !idempotencyKeyPattern.test(key)) {
    throw new Fault('idempotency_key_invalid', 'Idempotency-Key is 1 to 255 printable characters');
  }
  return key;
}

/** 201 for what is new, 200 for the first answer told again. */
export function written(reply: FastifyReply, replayed: boolean): void {
  reply.code(replayed ? 200 : 201);
  if (replayed) reply.header('idempotent-replayed', 'true');
}

/** Refuses dates that have the form but do not exist, such as 30 February. */
export function checkInstant(text: string | undefined, pointer: string): void {
  if (text === undefined || instantFromText(text) !== undefined) return;
  throw new Fault('invalid_request', 'the request does not fit its schema', {
    detail: { errors: [{ pointer, detail: 'must be an RFC 3339 instant that exists' }] },
  });
}
