// Journals with limits: commands countersigned as policy would, for tests of what limits do.
import {
  type Command,
  type Consume,
  countersigner,
  type Decision,
  derivedUuid,
  externalId,
  type Json,
  newCommand,
} from '#core';
import type { Planes } from '#main';
import type { Leg, Outcome } from '#money';

export const year = { kind: 'sliding', seconds: 31_536_000 } as const;

/** A limit on amounts over a year, unless said otherwise. */
export function limit(fields: Partial<Consume>): Consume {
  const id = { limit: 'yearly', key: 'tenant', window: year, measure: 'amount' } as const;
  return { ...id, amount: 0, cap: 100, leg: 0, ...fields };
}

export type Limited = {
  readonly outcome: Outcome;
  /** Ids of the legs, whether or not they came to be. */
  readonly transfers: readonly string[];
  /** The id of the hold, when the first leg is one. */
  readonly hold: string;
};

export function journalCommand(
  planes: Parameters<typeof newCommand>[1],
  tenant: string,
  fields: { readonly legs: readonly Leg[]; readonly key: string },
): Command {
  const principal = { kind: 'service', id: 'test', tenant } as const;
  const body = { legs: fields.legs } as unknown as Json;
  const input = { principal, operation: 'journal.post', body, idempotencyKey: fields.key };
  return newCommand(input, planes);
}

export function allowing(command: Command, consume: readonly Consume[]): Decision {
  return {
    id: derivedUuid(command.id, 'decision', 0),
    outcome: 'allow',
    policyVersion: 'test',
    modelScoreRef: null,
    reasons: [],
    consume,
  };
}

export async function submit(
  { keyring, engine }: Planes,
  command: Command,
  consume: readonly Consume[],
): Promise<Limited> {
  const mint = countersigner(keyring.countersignKeys);
  const countersignature = mint(command, allowing(command, consume), command.receivedAt);
  const { outcome, commandId } = await engine.submit({ command, countersignature });
  const { legs = [] } = command.body as unknown as { legs?: readonly Leg[] };
  const ids = legs.map((_, leg) => derivedUuid(commandId, 'transfer', leg));
  return {
    outcome,
    transfers: ids.map((id) => externalId('transfer', id)),
    hold: externalId('hold', derivedUuid(commandId, 'transfer', 0)),
  };
}
