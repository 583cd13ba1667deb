// One batch in one transaction: lock, read, evaluate, write.
import { decisionOperation, type Uuid } from '#core';
import type pg from 'pg';
import { type BatchInput, lockBatch } from './batch-read.ts';
import { type Write, writeBatch } from './batch-write.ts';
import { evaluate } from './evaluate.ts';
import { rejectedEvent } from './events.ts';
import type { Leg, Outcome, PostingItem } from './journal.ts';
import { legsUnder } from './reserve.ts';
import { evaluateSettings, isSettings } from './settings.ts';
import { type Effects, key, noEffects } from './state.ts';

/** What happened to one command of the batch. */
export type Answer =
  | {
      readonly kind: 'done';
      readonly outcome: Outcome;
      /** The command that was answered first; another id than the asker's means a replay. */
      readonly commandId: Uuid;
      /** Rows of this very batch; empty for a replay. */
      readonly effects: Effects | null;
    }
  | { readonly kind: 'key_reused' }
  | { readonly kind: 'rights_changed' }
  | { readonly kind: 'unknown_tenant' };

/**
 * Runs the batch on a connection in pipeline mode, which does not wait between statements that do
 * not depend on each other. Throws whatever the database throws; then nothing was written.
 */
export async function runBatch(
  client: pg.ClientBase,
  items: readonly PostingItem[],
): Promise<Answer[]> {
  const gates = items.flatMap(({ command: { operation, tenant } }) =>
    isSettings(operation) ? [tenant] : [],
  );
  const input = await lockBatch(client, items, gates);
  const { answers, writes } = evaluateAll(items, input);
  await writeBatch(client, writes, input.state);
  return answers;
}

function evaluateAll(
  items: readonly PostingItem[],
  { state, recorded, takes }: BatchInput,
): { answers: Answer[]; writes: Write[] } {
  const writes: Write[] = [];
  const answers = items.map((item): Answer => {
    const { command } = item;
    const tenant = state.tenants.get(command.tenant);
    if (!tenant) return { kind: 'unknown_tenant' };
    const commandKey = key(command.tenant, command.idempotencyKey);
    const earlier = recorded.get(commandKey);
    if (earlier) {
      if (earlier.digest !== command.digest) return { kind: 'key_reused' };
      return { kind: 'done', outcome: earlier.outcome, commandId: earlier.id, effects: null };
    }
    if (command.epoch !== undefined && command.epoch !== tenant.epoch) {
      return { kind: 'rights_changed' };
    }
    const legs = legsUnder(command, item.countersignature.decision.outcome);
    const refused = refusedByPolicy(item, legs);
    const isAllowedSetting = !refused && isSettings(command.operation);
    const settings = isAllowedSetting ? evaluateSettings(state, command) : null;
    const effects =
      refused ??
      settings?.effects ??
      evaluate(state, command, { legs: legs ?? [], takes: takes.get(item) ?? [] });
    const { outcome } = effects;
    recorded.set(commandKey, { id: command.id, digest: command.digest, outcome });
    writes.push({ item, effects, settings });
    return { kind: 'done', outcome, commandId: command.id, effects };
  });
  return { answers, writes };
}

/** A decision other than `allow` moves nothing; a question is answered by its decision alone. */
function refusedByPolicy(
  { command, countersignature }: PostingItem,
  legs: readonly Leg[] | undefined,
): Effects | null {
  const { outcome, reasons } = countersignature.decision;
  if (command.operation === decisionOperation) return noEffects;
  if (outcome === 'allow' || legs) return null;
  const rejection = { status: 'rejected', code: policyCodes[outcome], reasons } as const;
  return { ...noEffects, outcome: rejection, events: [rejectedEvent(command, rejection)] };
}

const policyCodes = {
  deny: 'policy_denied',
  hold: 'policy_hold',
  review: 'policy_review',
} as const;
