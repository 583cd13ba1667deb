// Writes that go on by themselves once they are on record: the caller hears how far they have come.
import { assert, type Fault, type Json, type Tx, type Uuid, withTx } from '#core';
import type { Executed } from '#main';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Right } from '../authenticate.ts';
import { rejectionProblem, sendProblem } from '../problem.ts';
import { type Parts, refusedWrites } from '../routes.ts';
import { idempotencyKeyOf, written } from '../write.ts';

export type Carried<Told> = {
  readonly scope: Right;
  readonly operation: string;
  readonly body: Json;
  /** That of the header, unless given. */
  readonly idempotencyKey?: string;
  /** What follows from it: a repeat finds what was done. */
  readonly after?: (tenant: string, command: Uuid) => Promise<void>;
  readonly tell: (tx: Tx, command: Uuid) => Promise<Told>;
  /** What to say besides of a rejection. */
  readonly explain?: (code: string, reasons: readonly string[]) => string | undefined;
};

export async function carried<Told>(
  parts: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
  write: Carried<Told>,
): Promise<Told | FastifyReply> {
  const { scope, operation, body, after, tell } = write;
  const idempotencyKey = write.idempotencyKey ?? idempotencyKeyOf(request);
  const executed = await parts.writer.one(request, scope, { operation, body, idempotencyKey });
  if (executed.outcome.status === 'rejected') {
    return refused(parts, request, reply, { executed, write });
  }
  const { principal } = await parts.authenticate.remembered(request, scope);
  await after?.(principal.tenant, executed.commandId);
  written(reply, executed.replayed);
  const pool = parts.planes.database.pool('read');
  return withTx(pool, (tx) => tell(tx, executed.commandId), { tenant: principal.tenant });
}

async function refused<Told>(
  parts: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
  { executed, write }: { readonly executed: Executed; readonly write: Carried<Told> },
): Promise<FastifyReply> {
  const { outcome, commandId } = executed;
  assert(outcome.status === 'rejected', 'only a rejection is told as a problem');
  const results: (Executed | Fault)[] = [executed];
  const refusals = await refusedWrites(parts, request, { results, scope: write.scope });
  const refusal = refusals.get(commandId);
  const problem = rejectionProblem(outcome, refusal);
  const more = write.explain?.(outcome.code, refusal?.reasons ?? []);
  const detail = more === undefined ? {} : { detail: [problem.detail, more].join(' ').trim() };
  return sendProblem(reply, { ...problem, ...detail });
}
