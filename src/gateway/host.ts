// What carries calls, as MCP and REST do, knows of the gateway: which tools there are for a caller,
// and what became of a call.
import type { Instant, Json, Principal, Uuid } from '#core';
import type { EntitlementRules, Subject } from '#policy';
import type { Purpose, Tool, ToolEffect } from './tool.ts';

/** Who calls, as the token or the key has said. */
export type GatewayCaller = {
  readonly principal: Principal;
  readonly subject: Subject;
  readonly rules: EntitlementRules;
  /** The tenant's epoch when these rights were read. */
  readonly epoch: bigint;
  /** Of an API key. */
  readonly scopes?: readonly string[];
  /** For whom an agent acts, and what lets it. */
  readonly onBehalfOf?: Delegation;
  /** That of the token; a call may name it as well, and may name no other. */
  readonly purpose?: Purpose;
};

export type Delegation = {
  /** The person, with the customer that he is. */
  readonly subject: Subject;
  /** The consent on record that lets the agent act. */
  readonly consent: string;
};

/** Where a key is sent, for whoever has sent none. */
export const keyPlaces =
  'the header Idempotency-Key, or over MCP _meta["io.countersign/idempotency-key"]';

export const doors = ['rest', 'mcp'] as const;

export type AskedCall = {
  readonly tool: string;
  readonly arguments: Json;
  readonly purpose?: string;
  /** Needed by what writes; one that is used again gets the first answer. */
  readonly idempotencyKey?: string;
  /** The question or the prompt that has made the agent call: a token on record, and no more. */
  readonly query?: string;
  /** By which it came; REST unless given. */
  readonly door?: (typeof doors)[number];
  readonly traceId?: string;
  /** By `admit`, when it was left for later: then it takes nothing from the quota again. */
  readonly isCharged?: boolean;
  /** Aborted when the caller has left. */
  readonly signal: AbortSignal;
};

export type ToolAnswer =
  | { readonly status: 'done'; readonly callId: string; readonly output: Json }
  /** Someone else has to agree first: the customer, or people of the bank. */
  | { readonly status: 'waits'; readonly callId: string; readonly proposal: ProposalView };

/** The exact terms that somebody has to agree to. */
export type ProposalView = {
  readonly proposal_id: string;
  readonly tool: string;
  /** Who has to agree. */
  readonly waits_for: 'customer' | 'officers';
  /** In words that a customer reads; personal values are masked. */
  readonly terms: string;
  readonly expires_at: string;
};

/** A tool as callers see it. */
export type ToolView = {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly version: number;
  readonly effect: ToolEffect;
  /** JSON Schema 2020-12. */
  readonly input_schema: Json;
  readonly output_schema: Json;
  readonly purposes: readonly Purpose[];
};

/** The gateway behind its doors: every call, wherever it comes from, takes the one path. */
export type ToolHost = {
  readonly tools: readonly Tool[];
  /** What this caller may call now, by name; nothing else is told of. */
  readonly list: (caller: GatewayCaller, at: Instant) => Promise<readonly ToolView[]>;
  /** Throws a Fault for what is refused: MCP and REST tell the same problem. */
  readonly call: (caller: GatewayCaller, asked: AskedCall) => Promise<ToolAnswer>;
  /** The controls before a call that is left for later: it takes from the quota, and throws. */
  readonly admit: (caller: GatewayCaller, asked: AskedCall) => Promise<void>;
  /** Does what was let through and broke off: once, however often it is asked to. */
  readonly finish: (proposal: { readonly tenant: string; readonly id: Uuid }) => Promise<void>;
};
