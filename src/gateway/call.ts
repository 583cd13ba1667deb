// The governed call: every call of a tool, over MCP or REST, takes this one path, and leaves one
// record of what was asked, decided and answered.
import {
  canonicalJson,
  type Clock,
  type Command,
  type Countersigned,
  type EventDraft,
  type EventRow,
  externalId,
  Fault,
  type FaultCode,
  instantToText,
  type Json,
  newCommand,
  newUuid,
  type Pool,
  type Random,
  sha256Hex,
  toolCallOperation,
} from '#core';
import type { Core } from '#cores';
import type { Entitlements, Facts } from '#policy';
import { maskJson } from '#privacy';
import Type from 'typebox';
import { controlsOf, type Found } from './controls.ts';
import type { AskedCall, GatewayCaller, ToolAnswer, ToolHost, ToolView } from './host.ts';
import { createQuota } from './quota.ts';
import { declarationOf, toolDigest } from './registry.ts';
import { openRights } from './rights.ts';
import { type Checks, checksOf } from './schema.ts';
import type { Tool } from './tool.ts';

/** A decided command: what money's door or administration takes. */
type Item = Countersigned & { readonly around: readonly EventRow[] };

type Told = { readonly tell: () => readonly EventDraft[] };

export type GatewayParts<Decided extends Item = Item> = {
  readonly tools: readonly Tool[];
  readonly clock: Clock;
  readonly random: Random;
  /** Of the role gateway. */
  readonly pool: Pool;
  readonly core: Core;
  readonly entitlements: Pick<Entitlements, 'check'>;
  readonly decide: (command: Command) => Promise<Decided>;
  readonly carryOut: (item: Decided & Told) => Promise<{
    readonly outcome: { readonly status: string; readonly code?: string };
    readonly replayed: boolean;
  }>;
};

/** The body of `tool.call`: what was asked, without personal values, and what decides it. */
export type ToolCallBody = {
  readonly tool: string;
  readonly version: number;
  /** Masked by the schema of the tool. */
  readonly arguments: Json;
  readonly on_behalf_of: string | null;
  readonly consent: string | null;
  readonly facts: Facts;
  readonly about: Readonly<Record<string, string>>;
};

export const callStatuses = ['answered', 'failed', 'refused'] as const;

const nullableText = Type.Union([Type.String(), Type.Null()]);
export const callPayloads = {
  'tool.called': Type.Object({
    call_id: Type.String(),
    caller: Type.String(),
    on_behalf_of: nullableText,
    consent: nullableText,
    purpose: nullableText,
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

/** How long a tool may take, in milliseconds. */
const toolTimeoutMs = 10_000;
/** Longer results leave their digest on record. */
const resultMaxChars = 4_096;

export function openGateway<Decided extends Item>(parts: GatewayParts<Decided>): ToolHost {
  const { tools, clock, random } = parts;
  const known = new Map(tools.map((tool) => [tool.name, prepared(tool)]));
  const readRights = openRights(parts.pool);
  const control = controlsOf({ ...parts, readRights, quota: createQuota(clock) });

  async function call(caller: GatewayCaller, asked: AskedCall): Promise<ToolAnswer> {
    const entry = known.get(asked.tool);
    if (!entry) throw new Fault('not_found', 'there is no such tool');
    const found = await control(caller, asked, entry);
    const { tool, given } = found;
    const command = newCommand(inputOf(caller, asked, found), parts);
    const item = await parts.decide(command);
    const record = recorder(parts, { caller, command, found });
    const { outcome, reasons } = item.countersignature.decision;
    if (outcome !== 'allow') {
      const fault = refusal(outcome, reasons);
      await record(item, { status: 'refused', code: fault.code });
      throw fault;
    }
    const result = await run(parts, tool, { caller, asked, given, command });
    if (result instanceof Fault) {
      await record(item, { status: 'failed', code: result.code });
      throw result;
    }
    if (!entry.checks.output(result)) {
      await record(item, { status: 'failed', code: 'internal' });
      throw new Fault('internal', 'the tool has answered what it does not declare');
    }
    const output = maskJson(tool.output, result) as Json;
    await record(item, { status: 'answered', output });
    return { status: 'done', callId: externalId('command', command.id), output };
  }

  /** What is allowed to be called once for its effect has a key; a question is asked anew. */
  function inputOf(caller: GatewayCaller, asked: AskedCall, found: Found) {
    const body: ToolCallBody = {
      ...{ tool: found.tool.name, version: found.tool.version },
      arguments: maskJson(found.tool.input, found.given) as Json,
      on_behalf_of: caller.onBehalfOf?.subject.customer ?? null,
      consent: caller.onBehalfOf?.consent ?? null,
      ...{ facts: found.facts, about: found.about },
    };
    return {
      ...{ principal: caller.principal, epoch: caller.epoch, operation: toolCallOperation },
      idempotencyKey: `tool ${newUuid({ clock, random })}`,
      body: body as unknown as Json,
      purpose: found.purpose,
      ...(asked.traceId === undefined ? {} : { traceId: asked.traceId }),
    };
  }

  return {
    tools,
    call,
    list: async (caller, at) => {
      const rights = await readRights(caller.principal.tenant, caller.epoch);
      return [...known.values()]
        .filter((entry) => control.mayCall(caller, { entry, rights, at }))
        .map(({ view }) => view);
    },
  };
}

type Run = {
  readonly caller: GatewayCaller;
  readonly asked: AskedCall;
  readonly given: Found['given'];
  readonly command: Command;
};

/** What it answers; or what the caller is told, where it cannot. */
async function run(
  { core }: Pick<GatewayParts, 'core'>,
  tool: Tool,
  { caller, asked, given, command }: Run,
): Promise<Json | Fault> {
  const signal = AbortSignal.any([asked.signal, AbortSignal.timeout(toolTimeoutMs)]);
  try {
    return await inSignal(
      tool.run({
        ...{ core, tenant: command.tenant, arguments: given, signal },
        customer: caller.onBehalfOf?.subject.customer ?? '',
        receivedAt: command.receivedAt,
      }),
      signal,
    );
  } catch (error) {
    if (error instanceof Fault) return error;
    return new Fault('internal', 'the tool has failed', { cause: error });
  }
}

export type Entry = {
  readonly tool: Tool;
  readonly digest: string;
  readonly checks: Checks;
  readonly view: ToolView;
};

function prepared(tool: Tool): Entry {
  const { owner: _owner, cost: _cost, ...view } = declarationOf(tool);
  return { tool, digest: toolDigest(tool), checks: checksOf(tool), view };
}

/** An answer, or the reason why nobody waits for it any more. */
async function inSignal<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const late = new Promise<never>((_resolve, reject) => {
    const refuse = () => reject(new Fault('deadline_exceeded', 'the core did not answer in time'));
    if (signal.aborted) refuse();
    else signal.addEventListener('abort', refuse, { once: true });
  });
  return Promise.race([work, late]);
}

function refusal(outcome: 'deny' | 'hold' | 'review', reasons: readonly string[]): Fault {
  const code: FaultCode = outcome === 'deny' ? 'denied' : 'approval_required';
  const what = outcome === 'deny' ? 'policy denies the call' : 'a person has to agree to it first';
  return new Fault(code, `${what}: ${reasons.join(', ')}`, { detail: { reasons } });
}

// The record --------------------------------------------------------------------------------------

type Came = {
  readonly status: (typeof callStatuses)[number];
  readonly code?: string;
  readonly output?: Json;
};

function recorder<Decided extends Item>(
  { carryOut, clock, core }: GatewayParts<Decided>,
  of: { readonly caller: GatewayCaller; readonly command: Command; readonly found: Found },
) {
  const { command, found } = of;
  const body = command.body as unknown as ToolCallBody;
  return async (item: Decided, { status, code, output }: Came): Promise<void> => {
    const text = output === undefined ? undefined : canonicalJson(output);
    const draft: EventDraft = {
      ...{ type: 'tool.called', occurredAt: instantToText(command.receivedAt) },
      ...{ accountId: null, amount: null, currency: null },
      payload: {
        call_id: externalId('command', command.id),
        caller: `${command.principal.kind}:${command.principal.id}`,
        ...{ on_behalf_of: body.on_behalf_of, consent: body.consent },
        purpose: command.purpose ?? null,
        ...{ tool: body.tool, version: body.version, effect: found.tool.effect },
        ...{ arguments: body.arguments, status, code: code ?? null },
        result: text !== undefined && text.length <= resultMaxChars ? (output as Json) : null,
        result_digest: text === undefined ? null : sha256Hex(text),
        latency_ms: Math.max(0, clock.now() - command.receivedAt),
        core: core.name,
      },
    };
    await carryOut({ ...item, tell: () => [draft] });
  };
}
