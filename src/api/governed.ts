// A call of the gateway with the rights of now: where they change under way, with those of then.
import { Fault } from '#core';
import type { GatewayCaller } from '#gateway';
import type { FastifyRequest } from 'fastify';

/**
 * Who sends a request; perhaps remembered, unless it is to be read anew. A call by rights that have
 * changed since is refused by its own record. Throws a Fault for whom it does not know.
 */
export type CallerOf = (request: FastifyRequest, isAnew?: boolean) => Promise<GatewayCaller>;

/** Consents of a busy bank change its rights many times a second: each try may meet another one. */
const attemptsMax = 8;

export async function governed<Answer>(
  callerOf: CallerOf,
  request: FastifyRequest,
  call: (caller: GatewayCaller) => Promise<Answer>,
): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call(await callerOf(request, attempt > 1));
    } catch (error) {
      const isStale = error instanceof Fault && error.code === 'rights_changed';
      if (!isStale || attempt === attemptsMax) throw error;
    }
  }
}
