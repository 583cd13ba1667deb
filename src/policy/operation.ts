// What a change of the policy plane is: its effect, and the events that tell of it.
import { type CheckpointKey, type Command, type EventDraft, instantToText, type Json } from '#core';
import type pg from 'pg';

/** The events that tell of a change, and the last that it writes: sent with its record. */
export type Performed = {
  readonly events: readonly EventDraft[];
  readonly write: () => Promise<unknown>;
};

export type PolicyOperation = {
  /** Whether it changes what somebody may do: then the tenant has a new epoch with it. */
  readonly changesRights: boolean;
  /**
   * Whether postings and others like it go on beside it: what it reads and writes it guards itself,
   * and in one order. Its connection is in pipeline mode. Unless said, it has the tenant to itself.
   */
  readonly isConcurrent?: boolean;
  /** Whether the rights for it are those of the installation: its tenant is not there before. */
  readonly byInstallation?: boolean;
  /**
   * Writes its rows, as the role of the policy plane and within the command's tenant. Answers the
   * events that tell of it; throws a Fault for what cannot be done. `signer` is for what has to be
   * provable where it is read later.
   */
  readonly perform: (
    tx: pg.ClientBase,
    command: Command,
    signer: CheckpointKey,
  ) => Promise<readonly EventDraft[] | Performed>;
};

/** By name: all that may be administered. */
export type PolicyOperations = Readonly<Record<string, PolicyOperation>>;

/** An event about the tenant's policy rather than an account. */
export function policyEvent(
  command: Pick<Command, 'receivedAt'>,
  type: string,
  payload: Json,
): EventDraft {
  return {
    type,
    occurredAt: instantToText(command.receivedAt),
    accountId: null,
    amount: null,
    currency: null,
    payload,
  };
}
