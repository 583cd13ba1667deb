// What another core has to do with a command: its book is the truth for the accounts that it keeps,
// and our ledger mirrors them.
import type { Instant, Json, Uuid } from '#core';
import type { Outcome, RejectionCode } from './journal.ts';

/** Why a command moves nothing; as in `Outcome`. */
export type Refusal = {
  readonly code: RejectionCode;
  readonly leg?: number;
  readonly limit?: string;
  readonly reasons?: readonly string[];
};

/** What a core has answered, as it stands in the outcome of the command. */
export type CoreAnswer = {
  readonly core: {
    readonly name: string;
    /** The core's own name for what it did; null where it was not asked. */
    readonly reference: string | null;
    /** Its own code and text for a refusal. */
    readonly reason?: string;
  };
  /** Without it, the core has done it. */
  readonly refusal?: Refusal;
};

/** A call of a core: one of its operations, and what that is given. */
export type CoreStep = {
  readonly operation: string;
  readonly order: Readonly<Record<string, Json>>;
};

/** What is written down before a core is asked. */
export type Intent = {
  /** Its name. */
  readonly core: string;
  /** Of the last step: by it the core finds it again. */
  readonly reference: string;
  /** In this order; all but the last give back what was held. */
  readonly steps: readonly CoreStep[];
  /** From whose account money leaves. */
  readonly debtor: Uuid;
  /** What the steps were made of: holds, by id, with what was left of each (minor units). */
  readonly holds?: ReadonlyMap<Uuid, number>;
  /** The command of the one in whose place it stands: the core has only warned of that. */
  readonly replaces?: Uuid;
  readonly at: Instant;
};

/**
 * `intent`: it is examined as if it were posted, and only written down, unless it is refused.
 * `mirror`: our ledger alone is moved, but what is on its way at the core counts before it.
 * `answered`: the core has moved or refused it, so nothing else refuses it any more.
 */
export type Book =
  | { readonly kind: 'intent'; readonly core: string; readonly intent: Intent }
  | { readonly kind: 'mirror'; readonly core: string; readonly debtor: Uuid }
  | { readonly kind: 'answered'; readonly answer: CoreAnswer; readonly at: Instant };

export const intentStates = [
  'sent',
  'unknown',
  'pending_approval',
  'needs_override',
  'completed',
  'rejected',
] as const;
export type IntentState = (typeof intentStates)[number];

/** What a core has answered, as an outcome on record has it; undefined where none has. */
export function answerOf(outcome: Outcome | undefined): CoreAnswer | undefined {
  if (!outcome?.core) return undefined;
  const { core } = outcome;
  if (outcome.status === 'accepted') return { core };
  const { status: _, core: __, ...refusal } = outcome;
  return { core, refusal };
}
