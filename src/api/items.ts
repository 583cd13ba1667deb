// Requests of one item or an array of them: an array is answered item by item.
import { Fault, type FaultCode, type Json, type Uuid } from '#core';
import type { Executed } from '#main';
import type { FastifyRequest } from 'fastify';
import Type from 'typebox';
import type { Refusal } from './refusal.ts';
import { idempotencyKeyOf, idempotencyKeyPattern } from './write.ts';

/** Items of one request. */
const itemsMax = 1000;

export type Item = Record<string, Json> & { idempotency_key?: string };

export const itemKey = Type.Optional(Type.String({ pattern: idempotencyKeyPattern.source }));

export const oneOrMany = <T extends Type.TSchema>(...items: T[]) =>
  Type.Union([...items, Type.Array(Type.Union(items), { minItems: 1, maxItems: itemsMax })]);

/** For routes that validate each item by its own schema: an error names the item and its fault. */
export const validatorCompiler = () => () => true;

export function itemsOf(request: FastifyRequest): { items: Item[]; many: boolean } {
  const many = Array.isArray(request.body);
  const items = (many ? request.body : [request.body]) as Item[];
  if (items.length === 0) throw new Fault('invalid_request', 'the array has no items');
  if (items.length > itemsMax) {
    throw new Fault(
      'too_many_items',
      `${items.length} items: send at most ${itemsMax} in one request`,
    );
  }
  return { items, many };
}

/** Without a key of its own, an item of an array has the request's key and its number. */
export function keyOf(request: FastifyRequest, item: Item, index: number, many: boolean): string {
  const header = idempotencyKeyOf(request);
  return many ? (item.idempotency_key ?? `${header}#${index}`) : header;
}

/** Of which the same, sent again, can come to nothing else. */
const refusedCodes: readonly FaultCode[] = [
  ...(['idempotency_key_reused', 'invalid_request'] as const),
  ...(['core_refused', 'core_operation_missing'] as const),
];

/**
 * What happened to one item of an array; `refused` tells more of what policy has refused. `open`:
 * it is not over, or could not be done now. Sent again under its key, it goes on.
 */
export function itemAnswer(
  result: Executed | Fault,
  done: 'accepted' | 'decided' | 'posted',
  refused: ReadonlyMap<Uuid, Refusal> = new Map(),
) {
  if (result instanceof Fault) {
    const { code, detail } = result;
    return { ...detail, status: refusedCodes.includes(code) ? 'rejected' : 'open', code } as const;
  }
  const { commandId, outcome, replayed } = result;
  if (outcome.status === 'accepted') return { status: done, replayed };
  return { ...outcome, ...refused.get(commandId), replayed };
}
