// Money moves of our own core: the ledger answers at once, or its answer is lost and looked up.
import { externalId, Fault, type FaultCode, type Pool, type Uuid, withTx } from '#core';
import type { Outcome, PostingEngine } from '#money';
import type { LookedUp, MoneyMove, MoveKey, MoveResult } from '../port.ts';

/** Our ledger does all moves alike: what a journal is, its legs say. */
export function moves(engine: Pick<PostingEngine, 'submit'>): MoneyMove {
  return async (item) => {
    const { tenant, idempotencyKey, digest, id } = item.command;
    try {
      const { outcome, commandId, effects } = await engine.submit(item);
      return resultOf(outcome, { commandId, replayed: commandId !== id, effects });
    } catch (error) {
      if (!isOpen(error)) throw error;
      return { status: 'unknown', lookUp: { tenant, idempotencyKey, digest } };
    }
  };
}

type Found = { readonly id: Uuid; readonly outcome: string; readonly digest: string };

/** `pool` is of the role read. What was ever answered is on record, and stays. */
export function lookUpIn(pool: Pool): (move: MoveKey) => Promise<LookedUp> {
  return async ({ tenant, idempotencyKey, digest }) => {
    const sql = `select id, outcome, encode(digest, 'hex') as digest from core.command
      where tenant_id = $1 and idempotency_key = $2`;
    const { rows } = await withTx(pool, (tx) => tx.query<Found>(sql, [tenant, idempotencyKey]), {
      tenant,
      readOnly: true,
    });
    const [found] = rows;
    if (!found) return { status: 'not_found' };
    if (found.digest !== digest) {
      throw new Fault('idempotency_key_reused', 'this key was used before with another request');
    }
    const outcome = JSON.parse(found.outcome) as Outcome;
    return resultOf(outcome, { commandId: found.id, replayed: true, effects: null });
  };
}

/** Of all faults, those after which a commit may stand though nobody was told of it. */
const open: readonly FaultCode[] = ['database_unavailable', 'deadline_exceeded'];

function isOpen(error: unknown): boolean {
  return error instanceof Fault && open.includes(error.code);
}

type Answered = Pick<Extract<MoveResult, { status: 'completed' }>, 'replayed' | 'effects'> & {
  readonly commandId: Uuid;
};

/** What our ledger has answered, as the port tells it. */
export function resultOf(outcome: Outcome, { commandId, replayed, effects }: Answered): MoveResult {
  const told = { reference: externalId('command', commandId), replayed, effects };
  if (outcome.status === 'accepted') return { status: 'completed', ...told };
  const { core, ...refusal } = outcome;
  return { ...refusal, ...told, coreReason: core?.reason ?? null };
}
