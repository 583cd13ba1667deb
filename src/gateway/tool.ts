// A tool: one thing that an agent may ask of the bank, declared once for MCP and for REST.
import type { Instant, Json } from '#core';
import type { Core } from '#cores';
import type { purposes } from '#policy';
import { classKeyword, type FieldClass } from '#privacy';
import Type from 'typebox';
import type { ProposalView } from './host.ts';

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
  /** Does it, for a customer who may have it done. Throws a Fault for what cannot be. */
  readonly run: (call: ToolRun) => Promise<Json>;
};

/** What a tool is given: arguments that fit its schema, and nothing of the token of the caller. */
export type ToolRun = {
  readonly core: Core;
  readonly tenant: string;
  /** The customer for whom the agent acts: the id of the party. */
  readonly customer: string;
  readonly arguments: Readonly<Record<string, Json>>;
  readonly receivedAt: Instant;
  /** Aborted when the deadline of the call has passed or the caller has left. */
  readonly signal: AbortSignal;
  /** Of what is prepared: makes it a proposal, which waits for those who have to agree to it. */
  readonly propose: (draft: Draft) => Promise<ProposalView>;
  /** Of what changes something: carries out the proposal, once however often it is asked to. */
  readonly carryOut: () => Promise<CarriedOut>;
};

/** What an agent would do, in full: whoever agrees to it agrees to nothing else. */
export type Draft = {
  /** The tool that carries it out, by `proposal_id`. */
  readonly tool: string;
  readonly arguments: Readonly<Record<string, Json>>;
  /** In words that a customer reads, without a personal value. */
  readonly terms: string;
  /** Where money moves, in minor units. */
  readonly moves?: { readonly amount: number; readonly currency: string };
  /** What the customer writes in his own words: kept as a token. */
  readonly text?: string;
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
