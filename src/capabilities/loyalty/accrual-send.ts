// Sending what follows from events: each command once, and what stands on record as it stands.
import {
  assert,
  type CommandInput,
  derivedUuid,
  externalId,
  Fault,
  type Json,
  type Tx,
  type Uuid,
} from '#core';
import type { Outcome } from '#money';
import { look, type SystemParts } from './accounts.ts';

/** A command as it stands on record. */
export type Recorded = {
  readonly id: Uuid;
  readonly operation: string;
  readonly body: Json;
  readonly outcome: Outcome;
};

/** A command that was sent, or stood on record. */
export type Sent = Pick<Recorded, 'id' | 'outcome' | 'body'>;

/**
 * Sends the command, unless one of its key stands on record: then that is what was done, whatever
 * would be worked out now.
 */
export async function send(
  parts: SystemParts,
  input: CommandInput<Json>,
  known?: Recorded,
): Promise<Sent> {
  const { idempotencyKey: key, body, principal } = input;
  if (known) return known;
  try {
    const { commandId, outcome } = await parts.execute(input);
    return { id: commandId, outcome, body };
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'idempotency_key_reused') throw error;
    const found = await look(parts, principal.tenant, (tx) => readRecorded(tx, [key]));
    const recorded = found.get(key);
    assert(recorded, 'a key that was used is on record');
    return recorded;
  }
}

/** Commands that were sent under these keys, by the key. */
export async function readRecorded(
  tx: Pick<Tx, 'query'>,
  keys: readonly string[],
): Promise<Map<string, Recorded>> {
  if (keys.length === 0) return new Map();
  type Row = { key: string; id: Uuid; operation: string; body: string; outcome: string };
  const { rows } = await tx.query<Row>({
    name: 'loyalty.recorded',
    text: `select idempotency_key as key, id, operation, body, outcome from core.command
        where tenant_id = core.current_tenant() and idempotency_key = any ($1::text[])`,
    values: [keys],
  });
  return new Map(
    rows.map(({ key, id, operation, body, outcome }) => [
      key,
      {
        ...{ id, operation },
        body: JSON.parse(body) as Json,
        outcome: JSON.parse(outcome) as Outcome,
      },
    ]),
  );
}

export function isRejected(outcome: Outcome, code: string): boolean {
  return outcome.status === 'rejected' && outcome.code === code;
}

/** Whether a budget had too little: policy knew of it, or the ledger. */
export function isShort(outcome: Outcome): boolean {
  if (outcome.status !== 'rejected') return false;
  return outcome.code === 'insufficient_funds' || (outcome.reasons ?? []).includes('budget_spent');
}

/** The transfers of a journal, by the order of its legs. */
export function lotsOf(command: Uuid, legs: number): string[] {
  return Array.from({ length: legs }, (_, leg) =>
    externalId('transfer', derivedUuid(command, 'transfer', leg)),
  );
}

/** What stands on record under keys that begin so; few, and in the order of their keys. */
export async function readBegun(
  parts: Pick<SystemParts, 'database'>,
  tenant: string,
  prefix: string,
): Promise<readonly Recorded[]> {
  // A blank ends each word of a key, and an exclamation mark follows the blank.
  const { rows } = await look(parts, tenant, (tx) =>
    tx.query<{ id: Uuid; operation: string; body: string; outcome: string }>(
      `select id, operation, body, outcome from core.command
        where tenant_id = core.current_tenant() and idempotency_key >= $1
          and idempotency_key < $2 order by idempotency_key limit 100`,
      [`${prefix} `, `${prefix}!`],
    ),
  );
  return rows.map(({ body, outcome, ...row }) => ({
    ...row,
    body: JSON.parse(body) as Json,
    outcome: JSON.parse(outcome) as Outcome,
  }));
}
