// The governed call: every call of a tool, over MCP or REST, takes this one path, and leaves one
// record of what was asked, decided and answered.
import {
  type Command,
  externalId,
  Fault,
  type FaultCode,
  type Json,
  newCommand,
  newUuid,
  type Random,
  toolCallOperation,
} from '#core';
import type { Entitlements, Facts } from '#policy';
import { maskJson } from '#privacy';
import {
  type AgreementParts,
  type Agreements,
  type Carrying,
  openAgreements,
} from './agreements.ts';
import { type Controls, controlsOf, type Found, refusedCall } from './controls.ts';
import type { AskedCall, GatewayCaller, ToolAnswer, ToolHost, ToolView } from './host.ts';
import { createQuota, type Quota } from './quota.ts';
import { type Decided, type Item, record, type RecordParts, type ToolCallBody } from './record.ts';
import { declarationOf, toolDigest } from './registry.ts';
import { openRights } from './rights.ts';
import { type Checks, checksOf } from './schema.ts';
import type { Tool } from './tool.ts';

export type GatewayParts<Of extends Item = Item> = AgreementParts &
  RecordParts<Of> & {
    readonly tools: readonly Tool[];
    readonly random: Random;
    readonly entitlements: Pick<Entitlements, 'check'>;
    readonly decide: (command: Command) => Promise<Of>;
  };

/** How long a tool may take, in milliseconds. */
const toolTimeoutMs = 10_000;

export function openGateway<Of extends Item>(parts: GatewayParts<Of>): ToolHost {
  const { tools, clock, pool } = parts;
  const known = new Map(tools.map((tool) => [tool.name, prepared(tool)]));
  const readRights = openRights(pool);
  const quota = createQuota(clock);
  const control = controlsOf({ ...parts, readRights, quota });
  const agreements = openAgreements(parts);
  const gateway = { parts, known, control, quota, agreements };
  return {
    tools,
    call: (caller, asked) => call(gateway, caller, asked),
    list: async (caller, at) => {
      const rights = await readRights(caller.principal.tenant, caller.epoch);
      return [...known.values()]
        .filter((entry) => control.mayCall(caller, { entry, rights, at }))
        .map(({ view }) => view);
    },
  };
}

type Gateway<Of extends Item> = {
  readonly parts: GatewayParts<Of>;
  readonly known: ReadonlyMap<string, Entry>;
  readonly control: Controls;
  readonly quota: Quota;
  readonly agreements: Agreements;
};

type Asked = {
  readonly caller: GatewayCaller;
  readonly asked: AskedCall;
  readonly found: Found;
  /** Of what changes something: what it would carry out. */
  readonly carrying?: Carrying;
};

/** A call that has passed the controls. */
type Passed = Asked & { readonly entry: Entry };

/** Controls → decision → what was allowed; or who has to agree to it first. */
async function call<Of extends Item>(
  gateway: Gateway<Of>,
  caller: GatewayCaller,
  asked: AskedCall,
): Promise<ToolAnswer> {
  const { parts, agreements } = gateway;
  const decided = await decide(parts, await passControls(gateway, caller, asked));
  const { command, item, carrying } = decided;
  const { decision } = item.countersignature;
  const { outcome, reasons } = decision;
  if (outcome === 'allow') return pass(gateway, decided);
  const of = { tenant: command.tenant, decided: decision, needed: item.approvalsNeeded };
  const mayWait = carrying && outcome === 'review';
  const proposal = mayWait ? await agreements.wait(carrying, of) : undefined;
  if (proposal === undefined) {
    const fault = refusal(outcome, reasons);
    await record(parts, decided, { status: 'refused', code: fault.code });
    throw fault;
  }
  const { proposal_id } = proposal;
  await record(parts, decided, { status: 'waits', output: { proposal_id } });
  return { status: 'waits', callId: callIdOf(command), proposal };
}

/** What does not pass is on record as well, with no more than may be kept of it. */
async function passControls<Of extends Item>(
  { parts, known, control, quota, agreements }: Gateway<Of>,
  caller: GatewayCaller,
  asked: AskedCall,
): Promise<Passed> {
  const entry = known.get(asked.tool);
  try {
    if (!entry) throw new Fault('not_found', 'there is no such tool');
    const found = await control(caller, asked, entry);
    const { tool } = entry;
    if (!changesAnything(tool)) return { caller, asked, entry, found };
    const id = String(found.given['proposal_id']);
    const carrying = await agreements.find(caller, { tool, id, at: parts.clock.now() });
    return { caller, asked, entry, found, carrying };
  } catch (error) {
    if (!(error instanceof Fault) || quota.isFlood(error)) throw error;
    // What may pass when it is tried again was not refused.
    if (error.retryable && error.code !== 'quota_exceeded') throw error;
    const refused = await decide(parts, {
      caller,
      asked,
      found: refusedCall(caller, asked, entry),
    });
    await record(parts, refused, { status: 'refused', code: error.code });
    throw error;
  }
}

async function decide<Of extends Item, Call extends Asked>(
  parts: GatewayParts<Of>,
  of: Call,
): Promise<Call & Decided<Of>> {
  const { carrying } = of;
  const found = { ...of.found, facts: { ...of.found.facts, ...carrying?.facts } as Facts };
  const command = newCommand(inputOf(parts, { ...of, found }), parts);
  const item = await parts.decide(command);
  const { policyVersion } = item.countersignature.decision;
  const isOld = carrying && carrying.proposal.policy_version !== policyVersion;
  if (!isOld || carrying.approvals === 0) return { ...of, found, command, item };
  // What people have approved under another policy, they have not approved under this one.
  const facts = { ...carrying.facts, approvals: 0 };
  return decide(parts, { ...of, carrying: { ...carrying, approvals: 0, facts } });
}

/** Each call is a command of its own: what is done once is done by its proposal. */
function inputOf<Of extends Item>(
  { clock, random }: GatewayParts<Of>,
  { caller, asked, found }: Asked,
) {
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
    ...(found.purpose === undefined ? {} : { purpose: found.purpose }),
    ...(asked.traceId === undefined ? {} : { traceId: asked.traceId }),
  };
}

/**
 * What changes something is on record, and has taken from its limits, before it happens. Whatever
 * breaks off behind that goes on when the agent calls again: its proposal is used up by then.
 */
async function pass<Of extends Item>(
  gateway: Gateway<Of>,
  passing: Passed & Decided<Of>,
): Promise<ToolAnswer> {
  const { parts, agreements } = gateway;
  const { asked, carrying, command, item } = passing;
  const callId = callIdOf(command);
  const isFirst = carrying !== undefined && !carrying.isUsed;
  if (isFirst) {
    const proposal_id = externalId('proposal', carrying.proposal.id);
    await record(parts, passing, { status: 'passed', output: { proposal_id } });
    const { policyVersion } = item.countersignature.decision;
    const key = asked.idempotencyKey ?? callId;
    await agreements.use(carrying, { tenant: command.tenant, callId, policyVersion, key });
  }
  const output = await run(gateway, passing);
  if (output instanceof Fault) {
    if (!isFirst) await record(parts, passing, { status: 'failed', code: output.code });
    throw output;
  }
  if (!isFirst) await record(parts, passing, { status: 'answered', output });
  return { status: 'done', callId, output };
}

/** What it answers, masked; or what the caller is told, where it cannot. */
async function run<Of extends Item>(
  { parts, known, agreements }: Gateway<Of>,
  { caller, asked, entry, found, carrying, command, item }: Passed & Decided<Of>,
): Promise<Json | Fault> {
  const { tool, checks } = entry;
  const signal = AbortSignal.any([asked.signal, AbortSignal.timeout(toolTimeoutMs)]);
  const { decision } = item.countersignature;
  const by = { caller, callId: callIdOf(command), decided: decision, at: command.receivedAt };
  try {
    const asking = tool.run({
      ...{ core: parts.core, tenant: command.tenant, arguments: found.given, signal },
      customer: caller.onBehalfOf?.subject.customer ?? '',
      receivedAt: command.receivedAt,
      propose: (draft) =>
        agreements.make(draft, { ...by, version: known.get(draft.tool)?.tool.version ?? 0 }),
      carryOut: () => agreements.carryOut(carrying, command.tenant),
    });
    const result = await inSignal(asking, signal);
    if (checks.output(result)) return maskJson(tool.output, result) as Json;
    return new Fault('internal', 'the tool has answered what it does not declare');
  } catch (error) {
    if (error instanceof Fault) return error;
    return new Fault('internal', 'the tool has failed', { cause: error });
  }
}

function callIdOf({ id }: Command): string {
  return externalId('command', id);
}

function changesAnything({ effect }: Tool): boolean {
  return effect === 'write' || effect === 'financial';
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
