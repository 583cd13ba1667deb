// A tool: one thing that an agent may ask of the bank, declared once for MCP and for REST.
import type { Instant, Json } from '#core';
import type { Core } from '#cores';
import type { purposes } from '#policy';
import { classKeyword, type FieldClass, fieldClasses } from '#privacy';
import Type from 'typebox';
import type { ProposalView } from './host.ts';
import type { Step } from './sequence.ts';

/**
 * What a call does, in the words of the bundle `agent-actions`: it reads, prepares something that
 * changes nothing, changes data, or moves money.
 */
export const toolEffects = ['read', 'draft', 'write', 'financial'] as const;
export type ToolEffect = (typeof toolEffects)[number];

/** Why somebody calls, as entitlements know it. */
export type Purpose = (typeof purposes)[number];

/** Declared in code; that agents may call it, in this version, a bank's people approve. */
export type Tool = {
  /** `accounts.list`: lower case, dots between words. */
  readonly name: string;
  readonly title: string;
  /** For the model that chooses tools. A changed one has to be approved again. */
  readonly description: string;
  /** Raised with every change that callers can tell. */
  readonly version: number;
  /** Who answers for it. */
  readonly owner: string;
  readonly effect: ToolEffect;
  /** How much of a quota one call takes. */
  readonly cost: number;
  readonly purposes: readonly Purpose[];
  /** JSON Schema 2020-12, closed objects; personal fields carry their class (`classed`). */
  readonly input: Type.TSchema;
  readonly output: Type.TSchema;
  /**
   * Of what changes something by its own arguments: what the customer agrees to before it is done,
   * in words that he reads, without a personal value.
   */
  readonly terms?: (given: Given) => string;
  /** Of a sequence: the calls that it makes, in order. Each is governed by itself. */
  readonly steps?: readonly Step[];
  /** Does it, for a customer who may have it done. Throws a Fault for what cannot be. */
  readonly run: (call: ToolRun) => Promise<Json>;
};

export type Given = Readonly<Record<string, Json>>;

/** What a tool is given: arguments that fit its schema, and nothing of the token of the caller. */
export type ToolRun = {
  readonly core: Core;
  readonly tenant: string;
  /** The customer for whom the agent acts: the id of the party. */
  readonly customer: string;
  /** With a token for each personal value. */
  readonly arguments: Given;
  readonly receivedAt: Instant;
  /** Aborted when the deadline of the call has passed or the caller has left. */
  readonly signal: AbortSignal;
  /** Of what is prepared: makes it a proposal, which waits for those who have to agree to it. */
  readonly propose: (draft: Draft) => Promise<ProposalView>;
  /** Of what changes something: carries out the proposal, once however often it is asked to. */
  readonly carryOut: () => Promise<CarriedOut>;
  /** Ends a proposal of the agent's that nobody has carried out. */
  readonly withdraw: (proposalId: string) => Promise<void>;
  /** Of a sequence: makes its calls, as far as they go, and tells how far that was. */
  readonly follow: () => Promise<Json>;
  /** The same, of what a core does: under this key it is done once. */
  readonly onceKey: () => string;
  /** Why something of the customer's came out so; undefined for what is not the customer's. */
  readonly explain: (id: string) => Promise<Explained | undefined>;
  /** The customer's own points. */
  readonly rewards: RewardsDesk;
};

/** What a customer has of points, and what may be asked for about them. */
export type RewardsDesk = {
  readonly read: () => Promise<readonly RewardsHeld[]>;
  /** Under one key it is made once. Throws `conflict` where points for it were claimed before. */
  readonly claim: (of: Claiming & { readonly key: string }) => Promise<ClaimStanding>;
  readonly appeal: (of: {
    readonly claim_id: string;
    readonly key: string;
  }) => Promise<ClaimStanding>;
};

type Claiming = { readonly program: string; readonly transfer_id: string };

/** In one programme. */
export type RewardsHeld = {
  readonly program: string;
  readonly title: string;
  readonly standing: string;
  readonly balance: number;
  readonly spendable: number;
  readonly pending: number;
  /** Minor units of the currency: of what is spendable. */
  readonly worth: number;
  readonly currency: string;
  readonly tier: {
    readonly title: string;
    readonly next: { readonly tier: string; readonly missing: number } | null;
  } | null;
  readonly expiring: readonly {
    readonly month: string;
    readonly points: number;
    readonly first_expires_at: string;
  }[];
};

export type ClaimStanding = {
  readonly claim_id: string;
  readonly status: string;
  readonly explanation: string;
  readonly points_due: number;
  readonly points_given: number;
};

/** A decision as the one whom it was about may know it: no threshold, no score, no rule. */
export type Explained = {
  readonly decision_id: string;
  readonly about: 'payment' | 'tool_call';
  readonly result: 'allowed' | 'refused' | 'waits';
  readonly explanation: readonly string[];
  readonly decided_at: string;
};

/** What an agent would do, in full: whoever agrees to it agrees to nothing else. */
export type Draft = {
  /** The tool that carries it out, by `proposal_id`. */
  readonly tool: string;
  readonly arguments: Given;
  /** In words that a customer reads, without a personal value. */
  readonly terms: string;
  /** Where money moves, in minor units. */
  readonly moves?: { readonly amount: number; readonly currency: string };
};

export type CarriedOut = {
  readonly payment_id: string;
  /** Of the payment, in its own words: policy may want the customer or people to look at it. */
  readonly status: string;
};

export { classKeyword };

/** A text field of a class of personal values: masked on its way out, a token on its way in. */
export function classed(fieldClass: FieldClass, options: Type.TStringOptions = {}) {
  return Type.String({ ...options, [classKeyword]: fieldClass });
}

/** A personal argument: its value in this form, or the token by which the agent knows it. */
export function personal(fieldClass: FieldClass, form: string, description: string) {
  const token = `tok_${fieldClasses[fieldClass].prefix}_[0-9a-hjkmnp-tv-z]{26}`;
  return classed(fieldClass, { pattern: `^(?:${token}|${form})$`, maxLength: 1_000, description });
}
