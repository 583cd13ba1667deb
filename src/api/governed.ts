// A call of the gateway with the rights of now: where they change under way, with those of then.
import { type GatewayCaller, governed as callGoverned } from '#gateway';
import type { FastifyRequest } from 'fastify';

/**
 * Who sends a request; perhaps remembered, unless it is to be read anew. A call by rights that have
 * changed since is refused by its own record. Throws a Fault for whom it does not know.
 */
export type CallerOf = (request: FastifyRequest, isAnew?: boolean) => Promise<GatewayCaller>;

export async function governed<Answer>(
  callerOf: CallerOf,
  request: FastifyRequest,
  call: (caller: GatewayCaller) => Promise<Answer>,
): Promise<Answer> {
  return callGoverned(async (isAnew) => callerOf(request, isAnew), call);
}
