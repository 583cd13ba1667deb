// The record of a call: what was asked, by whom, for whom, and what came of it, in one event.
import {
  canonicalJson,
  type Clock,
  type Command,
  type Countersigned,
  type EventDraft,
  type EventRow,
  externalId,
  Fault,
  instantToText,
  type Json,
  principalText,
  sha256Hex,
} from '#core';
import type { Core } from '#cores';
import type { Facts } from '#policy';
import Type from 'typebox';
import type { Found } from './controls.ts';
import { doors } from './host.ts';

/** A decided command: what money's door or administration takes. */
export type Item = Countersigned & {
  readonly around: readonly EventRow[];
  /** How many people of the bank have to agree, where policy says so. */
  readonly approvalsNeeded?: number;
};

/** What became of a call on its way into the log: a limit may still be against it. */
export type Outcome = { readonly status: string; readonly code?: string };

type Told = { readonly tell: (done: { readonly outcome: Outcome }) => readonly EventDraft[] };

/** One that was decided. */
export type Decided<Of extends Item> = {
  readonly found: Found;
  readonly command: Command;
  readonly item: Of;
};

export type RecordParts<Of extends Item> = {
  readonly clock: Clock;
  readonly core: Core;
  readonly carryOut: (item: Of & Told) => Promise<{ readonly outcome: Outcome }>;
};

/** The body of `tool.call`: what was asked, without personal values, and what decides it. */
export type ToolCallBody = {
  readonly tool: string;
  readonly version: number;
  /** Masked by the schema of the tool. */
  readonly arguments: Json;
  readonly on_behalf_of: string | null;
  readonly consent: string | null;
  /** A token of the customer's. */
  readonly query: string | null;
  readonly door: (typeof doors)[number];
  readonly facts: Facts;
  readonly about: Readonly<Record<string, string>>;
};

/** `passed`: policy has let through what changes something, and other events tell the rest. */
export const callStatuses = ['answered', 'failed', 'passed', 'refused', 'waits'] as const;

const nullableText = Type.Union([Type.String(), Type.Null()]);
export const callPayloads = {
  'tool.called': Type.Object({
    call_id: Type.String(),
    caller: Type.String(),
    on_behalf_of: nullableText,
    consent: nullableText,
    purpose: nullableText,
    query: Type.Union([Type.String(), Type.Null()], {
      description: 'What has made the agent call, as it says: a token of the customer’s.',
    }),
    door: Type.Enum([...doors]),
    tool: Type.String(),
    version: Type.Integer(),
    effect: Type.String(),
    arguments: Type.Unknown({ description: 'Masked.' }),
    status: Type.Enum([...callStatuses]),
    code: Type.Union([Type.String(), Type.Null()], {
      description: 'Of the problem that the caller was told, where there was one.',
    }),
    result: Type.Unknown({ description: 'Masked; null where it is long, and its digest stays.' }),
    result_digest: nullableText,
    latency_ms: Type.Integer(),
    core: Type.String({ description: 'Which core system answered.' }),
  }),
};

/** Longer results leave their digest on record. */
const resultMaxChars = 4_096;

type Came = {
  readonly status: (typeof callStatuses)[number];
  readonly code?: string;
  readonly output?: Json | undefined;
};

/** Throws `denied` where a limit is against what policy has allowed. */
export async function record<Of extends Item>(
  { carryOut, clock, core }: RecordParts<Of>,
  { command, found, item }: Decided<Of>,
  { status, code, output }: Came,
): Promise<void> {
  const body = command.body as unknown as ToolCallBody;
  const text = output === undefined ? undefined : canonicalJson(output);
  const isAllowed = item.countersignature.decision.outcome === 'allow';
  const tell = (isLimited: boolean): EventDraft => ({
    ...{ type: 'tool.called', occurredAt: instantToText(command.receivedAt) },
    ...{ accountId: null, amount: null, currency: null },
    payload: {
      call_id: externalId('command', command.id),
      caller: principalText(command.principal),
      ...{ on_behalf_of: body.on_behalf_of, consent: body.consent },
      purpose: command.purpose ?? null,
      ...{ query: body.query, door: body.door },
      ...{ tool: body.tool, version: body.version, effect: found.tool.effect },
      arguments: body.arguments,
      ...(isLimited ? { status: 'refused', code: 'denied' } : { status, code: code ?? null }),
      result: text !== undefined && text.length <= resultMaxChars ? (output as Json) : null,
      result_digest: text === undefined ? null : sha256Hex(text),
      latency_ms: Math.max(0, clock.now() - command.receivedAt),
      core: core.name,
    },
  });
  const { outcome } = await carryOut({
    ...item,
    tell: (done) => [tell(isAllowed && done.outcome.status === 'rejected')],
  });
  if (!isAllowed || outcome.status !== 'rejected') return;
  throw new Fault('denied', `the call is over a limit: ${outcome.code}`, {
    detail: { reasons: [outcome.code ?? 'limit_exceeded'] },
  });
}
