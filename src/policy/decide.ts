// The policy door's first form: an explicit allow-all bundle that countersigns what it allows.
import {
  assert,
  type Command,
  type Countersignature,
  type Decision,
  derivedUuid,
  type Mint,
} from '#core';

/** The version of the bundle that allows everything; real bundles carry their digest here. */
export const allowAllVersion = 'allow-all-1';

/** How long after its receipt a decided command may be posted, in milliseconds. */
const countersignatureLifeMs = 60_000;

export type Decide = (command: Command) => {
  readonly decision: Decision;
  readonly countersignature: Countersignature;
};

/** Decides with the allow-all bundle. The decision's id derives from the command's. */
export function allowAll(mint: Mint): Decide {
  return (command) => {
    assert(command.tenant === command.principal.tenant, 'a principal acts in its own tenant');
    const decision: Decision = {
      id: derivedUuid(command.id, 'decision', 0),
      outcome: 'allow',
      policyVersion: allowAllVersion,
      modelScoreRef: null,
    };
    const expiresAt = command.receivedAt + countersignatureLifeMs;
    return { decision, countersignature: mint(command, decision, expiresAt) };
  };
}
