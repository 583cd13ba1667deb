// What the routes of all areas share: their parts, ids and pages, and reading as the caller.
import { assert, Fault, internalId, type Json, type Tx, type Uuid, withTx } from '#core';
import type { Executed, Planes } from '#main';
import type { FastifyReply, FastifyRequest } from 'fastify';
import Type from 'typebox';
import { type Told, toldBy } from './answer.ts';
import type { Authenticate, Right } from './authenticate.ts';
import { rejectionProblem, sendProblem } from './problem.ts';
import { readRefusals, type Refusal } from './refusal.ts';
import { idempotencyKeyOf, type Write, type Writer, written } from './write.ts';

export type Parts = {
  readonly planes: Planes;
  readonly authenticate: Authenticate;
  readonly writer: Writer;
};

const pageMax = 500;

export const limitQuery = Type.Optional(
  Type.Integer({ minimum: 1, maximum: pageMax, default: 50 }),
);
export const pageQuery = Type.Object({ limit: limitQuery, after: Type.Optional(Type.String()) });

/** One or several of these words in a query, with commas between them. */
export function severalOf(words: readonly string[]) {
  const word = `(?:${words.join('|')})`;
  return Type.Optional(
    Type.String({
      pattern: `^${word}(?:,${word}){0,${words.length - 1}}$`,
      description: `One or several, with commas between them: ${words.join(', ')}.`,
    }),
  );
}

/** Takes them apart. */
export function severalIn(text: string | undefined): readonly string[] | undefined {
  return text?.split(',');
}

export const idParams = (id: Type.TSchema) => Type.Object({ id });

/** The `:id` of the path. */
export function idOf(request: FastifyRequest): string {
  return (request.params as { id: string }).id;
}

export function uuidOf(request: FastifyRequest, kind: 'account' | 'hold' | 'transfer'): Uuid {
  return internalId(kind, idOf(request)) as Uuid;
}

/** Reads as the tenant of the caller; what is undefined is not found. */
export async function read<Found>(
  { planes, authenticate }: Parts,
  request: FastifyRequest,
  fn: (tx: Tx) => Promise<Found | undefined>,
  scope: Right = 'ledger:read',
): Promise<Found> {
  const { principal } = await authenticate.fresh(request, scope);
  const pool = planes.database.pool('read');
  const found = await withTx(pool, fn, { tenant: principal.tenant });
  if (found === undefined) throw new Fault('not_found', `there is no ${request.url}`);
  return found;
}

/** Carries out a change of the policy plane, and answers what `tell` reads of it afterwards. */
export async function change<Told>(
  { planes, authenticate, writer }: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
  write: {
    readonly scope: Right;
    readonly operation: string;
    readonly body: Json;
    /** That of the header, unless given. */
    readonly idempotencyKey?: string;
    readonly check?: Write['check'];
    readonly tell: (tx: Tx, commandId: Uuid) => Promise<Told>;
  },
): Promise<Told | FastifyReply> {
  const { scope, operation, body, check, tell } = write;
  const idempotencyKey = write.idempotencyKey ?? idempotencyKeyOf(request);
  const executed = await writer.one(request, scope, {
    ...{ operation, body, idempotencyKey },
    ...(check === undefined ? {} : { check }),
  });
  if (executed.outcome.status === 'rejected') {
    return sendRejection({ planes, authenticate }, request, reply, { executed, scope });
  }
  written(reply, executed.replayed);
  const { principal } = await authenticate.remembered(request, scope);
  const pool = planes.database.pool('read');
  return withTx(pool, (tx) => tell(tx, executed.commandId), { tenant: principal.tenant });
}

/** Answers a write that was rejected, with what policy has to say about its own refusals. */
export async function sendRejection(
  parts: Pick<Parts, 'planes' | 'authenticate'>,
  request: FastifyRequest,
  reply: FastifyReply,
  { executed, scope }: { readonly executed: Executed; readonly scope: Right },
): Promise<FastifyReply> {
  const { commandId, outcome } = executed;
  assert(outcome.status === 'rejected', 'only a rejection is told as a problem');
  const refused = await refusedWrites(parts, request, { results: [executed], scope });
  return sendProblem(reply, rejectionProblem(outcome, refused.get(commandId)));
}

/** Of the writes of a request, what policy has refused. */
export async function refusedWrites(
  { planes, authenticate }: Pick<Parts, 'planes' | 'authenticate'>,
  request: FastifyRequest,
  { results, scope }: { readonly results: readonly (Executed | Fault)[]; readonly scope: Right },
): Promise<ReadonlyMap<Uuid, Refusal>> {
  const { principal } = await authenticate.remembered(request, scope);
  return readRefusals(planes, principal.tenant, results);
}

/** What the writes of a request have done, from their events. */
export async function told(
  { planes, authenticate }: Parts,
  request: FastifyRequest,
  writes: readonly { readonly executed: Executed | Fault; readonly count: number }[],
): Promise<readonly (readonly Told[])[]> {
  const { principal } = await authenticate.remembered(request, 'ledger:write');
  return toldBy(planes.database.pool('read'), principal.tenant, writes);
}
