// The governed call: every call of a tool, over MCP or REST, takes this one path, and leaves one
// record of what was asked, decided and answered.
import {
  type Command,
  type Decision,
  externalId,
  Fault,
  type FaultCode,
  type Json,
  newCommand,
  newUuid,
  type Random,
  toolCallOperation,
} from '#core';
import type { GuardedCore } from '#cores';
import type { Entitlements, Facts } from '#policy';
import { maskJson } from '#privacy';
import {
  type AgreementParts,
  type Agreements,
  type Carrying,
  openAgreements,
} from './agreements.ts';
import { conductKey, type Controls, controlsOf, type Found, refusedCall } from './controls.ts';
import { changesAnything, type Entry, prepared, unknownEntry } from './entry.ts';
import type { AskedCall, GatewayCaller, ProposalView, ToolAnswer, ToolHost } from './host.ts';
import { finishProposal, type RewardsOf } from './finish.ts';
import { type IngressParts, type Kept, withTokens } from './ingress.ts';
import { type Follow, type Meets, openFollow } from './follow.ts';
import { inTime, late } from './in-time.ts';
import { createQuota, type Quota } from './quota.ts';
import { type Decided, type Item, record, type RecordParts, type ToolCallBody } from './record.ts';
import { openRights } from './rights.ts';
import type { Explained, Tool } from './tool.ts';
import { createTurns, type Turns } from './turns.ts';

export type GatewayParts<Of extends Item = Item> = AgreementParts &
  IngressParts &
  RecordParts<Of> & {
    readonly tools: readonly Tool[];
    readonly core: GuardedCore;
    readonly random: Random;
    readonly entitlements: Pick<Entitlements, 'check'>;
    /** Undefined for what is not the customer's. */
    readonly explain: (of: {
      readonly tenant: string;
      readonly customer: string;
      readonly id: string;
    }) => Promise<Explained | undefined>;
    readonly rewards: RewardsOf;
    readonly decide: (command: Command) => Promise<Of>;
    /** Whether something is so that a step of a sequence needs. */
    readonly meets: Meets;
  };

export function openGateway<Of extends Item>(parts: GatewayParts<Of>): ToolHost {
  const { tools, clock, pool } = parts;
  const known = new Map(tools.map((tool) => [tool.name, prepared(tool)]));
  const readRights = openRights(pool);
  const quota = createQuota(clock);
  const control = controlsOf({ ...parts, readRights, quota });
  const agreements = openAgreements(parts);
  const follow = openFollow({
    ...parts,
    call: (caller, asked) => call(gateway, caller, asked),
  });
  const turns = createTurns();
  const gateway: Gateway<Of> = { parts, known, control, quota, agreements, follow, turns };
  return {
    tools,
    call: (caller, asked) => call(gateway, caller, asked),
    async admit(caller, asked) {
      await orRecorded(gateway, { caller, asked }, (entry) => control(caller, asked, entry));
    },
    list: async (caller, at) => {
      control.meterList(caller);
      const rights = await readRights(caller.principal.tenant, caller.epoch);
      return [...known.values()]
        .filter((entry) => control.mayCall(caller, { entry, rights, at }))
        .map(({ view }) => view);
    },
    finish: (proposal) => finishProposal(parts, proposal),
  };
}

type Gateway<Of extends Item> = {
  readonly parts: GatewayParts<Of>;
  readonly known: ReadonlyMap<string, Entry>;
  readonly control: Controls;
  readonly quota: Quota;
  readonly agreements: Agreements;
  readonly follow: Follow;
  readonly turns: Turns;
};

type Asked = {
  readonly caller: GatewayCaller;
  readonly asked: AskedCall;
  readonly found: Found;
  /** Of what changes something: what it would carry out. */
  readonly carrying?: Carrying;
  /** What has made the agent call: a token. */
  readonly query?: string | null;
};

/** A call that has passed the controls. */
type Passed = Asked & Pick<Kept, 'handed'> & { readonly entry: Entry };

/** Controls → decision → what was allowed; or who has to agree to it first. */
async function call<Of extends Item>(
  gateway: Gateway<Of>,
  caller: GatewayCaller,
  asked: AskedCall,
): Promise<ToolAnswer> {
  const passed = await passControls(gateway, caller, asked);
  const { tenant } = caller.principal;
  const settling = () => settle(gateway, passed);
  const turn = { key: `${tenant} ${customerOf(caller)}`, signal: asked.signal };
  const settled = changesAnything(passed.entry.tool)
    ? await gateway.turns(turn, settling)
    : await settling();
  return 'status' in settled ? settled : answer(gateway, settled);
}

type Waits = Extract<ToolAnswer, { readonly status: 'waits' }>;

/**
 * What policy has let through, used up and on record; or who has to agree to it first. `instead`
 * names the record of the same call that had passed, and was not carried out.
 */
async function settle<Of extends Item>(
  gateway: Gateway<Of>,
  passed: Passed,
  instead?: string,
): Promise<Waits | (Passed & Decided<Of>)> {
  const { parts, agreements } = gateway;
  const decided = await decide(parts, await findAgreement(gateway, passed, instead));
  const { caller, command, item, carrying, entry } = decided;
  const { outcome, reasons } = item.countersignature.decision;
  // Whatever policy says, nobody has agreed to a call that was never shown to its customer.
  const isAsked = carrying !== undefined && carrying.proposal.status !== 'open';
  const isUnasked = entry.tool.terms !== undefined && !isAsked;
  const named = insteadOf(instead);
  if (outcome === 'allow' && !isUnasked) {
    const isThrough = !isFirst(decided) || (await useUp(gateway, decided, named));
    return isThrough ? decided : settle(gateway, passed, callIdOf(command));
  }
  const proposal = await ask(agreements, decided);
  if (proposal === undefined || proposal instanceof Fault) {
    const fault = proposal ?? refusal(outcome, reasons);
    gateway.quota.noteRefusal(conductKey(caller));
    await record(parts, decided, { status: 'refused', code: fault.code, output: named });
    throw fault;
  }
  const { proposal_id } = proposal;
  await record(parts, decided, { status: 'waits', output: { proposal_id, ...named } });
  return { status: 'waits', callId: callIdOf(command), proposal };
}

/** Who has to agree first; undefined where nobody's word would change the decision. */
async function ask(
  agreements: Agreements,
  { caller, carrying, command, entry: { tool }, found, handed, item }: Passed & Decided<Item>,
): Promise<ProposalView | Fault | undefined> {
  const { decision } = item.countersignature;
  const { tenant, receivedAt: at } = command;
  if (decision.outcome === 'deny' || decision.outcome === 'hold') return undefined;
  if (carrying) {
    return agreements.wait(carrying, { tenant, decided: decision, needed: item.approvalsNeeded });
  }
  if (!tool.terms) return undefined;
  const draft = { tool: tool.name, arguments: found.given, terms: tool.terms(found.given) };
  const by = { caller, callId: callIdOf(command), version: tool.version, decided: decision, at };
  return agreements.make(draft, { ...by, handed }).catch((error: unknown) => {
    if (error instanceof Fault && !error.retryable) return error;
    throw error;
  });
}

/** These the bank wants to see, though they pass. */
const recordedToo: ReadonlySet<FaultCode> = new Set(['quota_exceeded', 'vault_unavailable']);

async function passControls<Of extends Item>(
  gateway: Gateway<Of>,
  caller: GatewayCaller,
  asked: AskedCall,
): Promise<Passed> {
  const { parts, control } = gateway;
  return orRecorded(gateway, { caller, asked }, async (entry) => {
    const asWritten = await control(caller, asked, entry);
    const { tenant } = caller.principal;
    const of = { tenant, customer: customerOf(caller), fields: entry.personal, query: asked.query };
    const { given, handed, query } = await withTokens(parts, asWritten.given, of);
    const found = { ...asWritten, given };
    return { caller, asked, entry, found, handed, query };
  });
}

/** Of what changes something: the proposal that it carries out, or that there is none yet. */
async function findAgreement<Of extends Item>(
  gateway: Gateway<Of>,
  passed: Passed,
  instead?: string,
): Promise<Passed> {
  const { parts, control, agreements } = gateway;
  const { caller, asked, handed, found } = passed;
  const { tool } = passed.entry;
  const { given } = found;
  if (!changesAnything(tool)) return passed;
  return orRecorded(gateway, { caller, asked, instead }, async (entry) => {
    const key = asked.idempotencyKey ?? '';
    const finding = { tool, given, handed, key, at: parts.clock.now() };
    const carrying = await agreements.find(caller, finding);
    // Looked for again it is the same call, and takes no more of its quota.
    const isAnew = instead === undefined;
    if (isAnew && carrying?.transfer) await control.weigh(caller, entry, carrying.transfer);
    if (carrying) return { ...passed, carrying };
    const facts = { ...found.facts, ...(await agreements.unasked(caller, finding)) };
    return { ...passed, found: { ...found, facts } };
  });
}

/** What does not pass is on record as well, with no more than may be kept of it. */
async function orRecorded<Of extends Item, Result>(
  { parts, known, quota }: Gateway<Of>,
  { caller, asked, instead }: Pick<Asked, 'caller' | 'asked'> & Instead,
  pass: (entry: Entry) => Promise<Result>,
): Promise<Result> {
  const entry = known.get(asked.tool) ?? unknownEntry;
  try {
    return await pass(entry);
  } catch (error) {
    if (!(error instanceof Fault) || quota.isFlood(error)) throw error;
    // What may pass when it is tried again was not refused.
    if (error.retryable && !recordedToo.has(error.code)) throw error;
    if (error.code !== 'quota_exceeded') quota.noteRefusal(conductKey(caller));
    const found = refusedCall(caller, asked, entry);
    const refused = await decide(parts, { caller, asked, found });
    await record(parts, refused, {
      ...{ status: 'refused', code: error.code },
      output: insteadOf(instead),
    });
    throw error;
  }
}

type Instead = { readonly instead?: string | undefined };

/** What the record of a call says of the one before it that had passed, and was not carried out. */
function insteadOf(call: string | undefined): { readonly instead_of: string } | undefined {
  return call === undefined ? undefined : { instead_of: call };
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
  { caller, asked, found, query = null }: Asked,
) {
  const body: ToolCallBody = {
    ...{ tool: found.tool.name, version: found.tool.version },
    arguments: maskJson(found.tool.input, found.given) as Json,
    on_behalf_of: caller.onBehalfOf?.subject.customer ?? null,
    consent: caller.onBehalfOf?.consent ?? null,
    ...{ query, door: asked.door ?? 'rest' },
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
 * False where another call was faster, has moved more, or has taken what was left of its mandate.
 */
async function useUp<Of extends Item>(
  gateway: Gateway<Of>,
  passing: Passed & Decided<Of> & { readonly carrying: Carrying },
  named: ReturnType<typeof insteadOf>,
): Promise<boolean> {
  const { parts, agreements } = gateway;
  const { asked, carrying, command, item } = passing;
  const callId = callIdOf(command);
  const proposal_id = externalId('proposal', carrying.proposal.id);
  await record(parts, passing, { status: 'passed', output: { proposal_id, ...named } });
  const { policyVersion } = item.countersignature.decision;
  const key = asked.idempotencyKey ?? callId;
  const using = { tenant: command.tenant, callId, policyVersion, key };
  const of = { caller: passing.caller, asked, instead: callId };
  return orRecorded(gateway, of, () => agreements.use(carrying, using));
}

/** Whether it carries out what no call has carried out before. */
function isFirst<Call extends Asked>(call: Call): call is Call & { readonly carrying: Carrying } {
  return call.carrying !== undefined && !call.carrying.isUsed;
}

async function answer<Of extends Item>(
  gateway: Gateway<Of>,
  passing: Passed & Decided<Of>,
): Promise<ToolAnswer> {
  const { parts } = gateway;
  const output = await run(gateway, passing);
  if (output instanceof Fault) {
    if (!isFirst(passing)) await record(parts, passing, { status: 'failed', code: output.code });
    throw output;
  }
  if (!isFirst(passing)) await record(parts, passing, { status: 'answered', output });
  return { status: 'done', callId: callIdOf(passing.command), output };
}

/** What it answers, masked; or what the caller is told, where it cannot. */
async function run<Of extends Item>(
  { parts, known, agreements, follow }: Gateway<Of>,
  { caller, asked, entry, found, handed, carrying, command, item }: Passed & Decided<Of>,
): Promise<Json | Fault> {
  const { tool, checks } = entry;
  const { decision } = item.countersignature;
  const customer = customerOf(caller);
  const by = { caller, callId: callIdOf(command), decided: decision, at: command.receivedAt };
  const running = (signal: AbortSignal) =>
    tool.run({
      ...{ core: parts.core.until(signal), tenant: command.tenant, signal },
      ...{ arguments: found.given, customer },
      receivedAt: command.receivedAt,
      propose(draft) {
        const version = known.get(draft.tool)?.tool.version ?? 0;
        return agreements.make(draft, { ...by, version, handed, key: asked.idempotencyKey });
      },
      carryOut: () => agreements.carryOut(carrying, command.tenant),
      withdraw: (id) => agreements.withdraw(caller, id),
      follow: () => follow({ ...asked, caller, tool, given: found.given, handed }),
      onceKey: () => agreements.onceKey(carrying),
      explain: (id) => parts.explain({ tenant: command.tenant, customer, id }),
      rewards: parts.rewards({ tenant: command.tenant, customer }),
    });
  try {
    const result = await inTime(asked.signal, late(tool), running);
    if (checks.output(result)) return maskJson(tool.output, result) as Json;
    return new Fault('internal', 'the tool has answered what it does not declare');
  } catch (error) {
    if (error instanceof Fault) return error;
    return new Fault('internal', 'the tool has failed', { cause: error });
  }
}

function customerOf({ onBehalfOf }: GatewayCaller): string {
  return onBehalfOf?.subject.customer ?? '';
}

function callIdOf({ id }: Command): string {
  return externalId('command', id);
}

function refusal(outcome: Decision['outcome'], reasons: readonly string[]): Fault {
  const code: FaultCode = outcome === 'deny' ? 'denied' : 'approval_required';
  const what = outcome === 'deny' ? 'policy denies the call' : 'a person has to agree to it first';
  return new Fault(code, `${what}: ${reasons.join(', ')}`, { detail: { reasons } });
}
