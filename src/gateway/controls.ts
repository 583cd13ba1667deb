// What a call has to pass before policy decides on it, in this order. Each control is one line of
// the table: which effects it is for, and what it finds out.
import { Fault, type Instant, type Json } from '#core';
import type { EntitlementAnswer, Entitlements, Facts, Question } from '#policy';
import { type Entry, unknownEntry } from './entry.ts';
import { type AskedCall, type GatewayCaller, keyPlaces } from './host.ts';
import { withoutValues } from './ingress.ts';
import { chargesOf, type Conduct, type Quota, weightOf } from './quota.ts';
import type { AgentRights, ReadRights, TenantRights } from './rights.ts';
import type { Purpose, Tool, ToolEffect } from './tool.ts';

/** What the controls have found out of a call that has passed them. */
export type Found = {
  readonly tool: Tool;
  readonly purpose: Purpose | undefined;
  readonly given: Readonly<Record<string, Json>>;
  readonly facts: Facts;
  readonly about: Readonly<Record<string, string>>;
};

type Parts = {
  readonly entitlements: Pick<Entitlements, 'check'>;
  readonly readRights: ReadRights;
  readonly quota: Quota;
  readonly clock: { readonly now: () => Instant };
};

type Passing = {
  readonly caller: GatewayCaller;
  readonly asked: AskedCall;
  readonly entry: Entry;
  readonly rights: TenantRights;
  readonly agent: AgentRights;
  readonly at: Instant;
};

type Control = {
  readonly name: string;
  /** For which effects; for all unless given. */
  readonly effects?: readonly ToolEffect[];
  /** Throws what the caller is told. */
  readonly pass: (passing: Passing, parts: Parts) => void;
};

/**
 * Read from above: what is refused has its price, too; strangers learn nothing of tools, and what
 * costs most comes last.
 */
export const controls: readonly Control[] = [
  { name: 'quota', pass: takesFromQuota },
  { name: 'registered', pass: isRegistered },
  { name: 'purpose', pass: hasPurpose },
  { name: 'person', pass: actsForSomebody },
  { name: 'entitled', pass: isEntitled },
  { name: 'key', effects: ['write', 'financial'], pass: hasKey },
];

/** The use case by which rollout lets agents act; the tool is its product. */
export const agentTools = 'agent-tools';

/** Calls a minute of what is no tool of the agent's, and as often a list of those that are. */
const strangePerMinute = 600;
const refusedMaxChars = 2_048;

/** What is on record of a call that did not pass. */
export function refusedCall(caller: GatewayCaller, asked: AskedCall, entry: Entry): Found {
  const { tool } = entry;
  const isDeclared = entry !== unknownEntry;
  const given = asked.arguments as Found['given'];
  const isShort = JSON.stringify(given).length <= refusedMaxChars;
  const isWhole = typeof given === 'object' && given !== null && !Array.isArray(given);
  return {
    tool,
    purpose: purposeIn(tool, asked.purpose ?? caller.purpose),
    given: isDeclared && isShort && isWhole ? withoutValues(entry, given) : {},
    facts: { agent_id: caller.principal.id, tool: tool.name, tool_registered: false },
    about: { use_case: agentTools, product: tool.name },
  };
}

function purposeIn({ purposes }: Pick<Tool, 'purposes'>, said: string | undefined) {
  return purposes.find((each) => each === said);
}

export type Controls = {
  /** Takes what a transfer costs besides, once it is known what it moves and to whom. */
  readonly weigh: (
    caller: GatewayCaller,
    entry: Entry,
    transfer: NonNullable<Conduct['transfer']>,
  ) => Promise<void>;
  (caller: GatewayCaller, asked: AskedCall, entry: Entry): Promise<Found>;
  /** Takes what a list of the tools costs. */
  readonly meterList: (caller: GatewayCaller) => void;
  /** Whether the tool is there for the caller. */
  readonly mayCall: (
    caller: GatewayCaller,
    of: { readonly entry: Entry; readonly rights: TenantRights; readonly at: Instant },
  ) => boolean;
};

export function controlsOf(parts: Parts): Controls {
  const pass = async (caller: GatewayCaller, asked: AskedCall, entry: Entry): Promise<Found> => {
    const rights = await parts.readRights(caller.principal.tenant, caller.epoch);
    const agent = agentOf(caller, rights);
    const passing = { caller, asked, entry, rights, agent, at: parts.clock.now() };
    for (const { effects, pass: check } of controls) {
      if (effects?.includes(entry.tool.effect) ?? true) check(passing, parts);
    }
    const given = entry.checks.input(asked.arguments);
    const purpose = purposeOf(passing);
    const customer = caller.onBehalfOf?.subject.customer ?? '';
    const about = { subject: customer, use_case: agentTools, product: entry.tool.name };
    return { tool: entry.tool, purpose, given, facts: factsOf(passing, purpose), about };
  };
  return Object.assign(pass, {
    async weigh(...[caller, entry, transfer]: Parameters<Controls['weigh']>) {
      const rights = await parts.readRights(caller.principal.tenant, caller.epoch);
      const refusals = parts.quota.refusalsOf(conductKey(caller));
      const weight = weightOf({ refusals, transfer }) - weightOf({ refusals });
      const call = quotaCall({ caller, entry, rights, agent: agentOf(caller, rights) });
      parts.quota.take(chargesOf({ ...call, weight }));
    },
    meterList(caller: GatewayCaller) {
      const listing = { ...unknownEntry.tool, name: 'list' };
      const { tenant, id: agent } = caller.principal;
      const call = { tenant, agent, tool: listing, perMinute: strangePerMinute, weight: 1 };
      parts.quota.take(chargesOf(call));
    },
    mayCall(caller: GatewayCaller, { entry, rights, at }: Parameters<Controls['mayCall']>[1]) {
      const agent = rights.agents.get(caller.principal.id);
      if (caller.principal.kind !== 'agent' || !agent) return false;
      const asked = { tool: entry.tool.name, arguments: {}, signal: new AbortController().signal };
      const passing = { caller, asked, entry, rights, agent, at };
      return (
        isCallable(passing) &&
        entry.tool.purposes.some((purpose) => {
          const isHis = caller.purpose === undefined || caller.purpose === purpose;
          return isHis && answersFor(passing, purpose, parts).every(({ allowed }) => allowed);
        })
      );
    },
  });
}

function agentOf({ principal }: GatewayCaller, { agents }: TenantRights): AgentRights {
  const agent = principal.kind === 'agent' ? agents.get(principal.id) : undefined;
  if (!agent)
    throw new Fault('forbidden', 'tools are called by agents that the bank has registered');
  return agent;
}

// The controls ------------------------------------------------------------------------------------

/** One answer for what is not there, not approved, changed since, or not this agent's. */
function isRegistered(passing: Passing): void {
  if (!isCallable(passing)) throw new Fault('not_found', 'there is no such tool');
}

function isCallable({ entry, rights, agent }: Omit<Passing, 'asked' | 'at'>): boolean {
  const approved = rights.approvals.get(entry.tool.name);
  const isHis = agent.status === 'active' && agent.tools.has(entry.tool.name);
  return isHis && approved?.digest === entry.digest;
}

function hasPurpose(passing: Passing): void {
  const { asked, caller, entry, agent } = passing;
  if (asked.purpose !== undefined && caller.purpose !== undefined) {
    if (asked.purpose !== caller.purpose) {
      throw new Fault('forbidden', 'the call names another purpose than its token');
    }
  }
  const purpose = purposeOf(passing);
  const choice = entry.tool.purposes.join(', ');
  if (purpose === undefined) {
    throw new Fault('forbidden', `say what the call is for: Purpose is one of ${choice}`);
  }
  if (!agent.purposes.includes(purpose)) {
    throw new Fault('forbidden', `the agent is not registered for the purpose ${purpose}`);
  }
}

function purposeOf({ asked, caller, entry }: Passing): Purpose | undefined {
  return purposeIn(entry.tool, asked.purpose ?? caller.purpose);
}

function actsForSomebody({ caller }: Passing): void {
  if (caller.onBehalfOf?.subject.customer) return;
  throw new Fault('forbidden', 'the token names no customer for whom the agent acts');
}

function isEntitled(passing: Passing, parts: Parts): void {
  for (const answer of answersFor(passing, purposeOf(passing) as Purpose, parts)) {
    if (answer.allowed) continue;
    const rules = answer.deciding.map(({ id }) => id).join(', ');
    const why = rules === '' ? 'nothing permits it' : `forbidden by ${rules}`;
    throw new Fault('forbidden', `${passing.caller.principal.id} may not call this tool: ${why}`);
  }
}

/** The agent and the person for whom it acts may both: call the tool, and read what is his. */
function answersFor(
  { caller, entry, at }: Omit<Passing, 'asked'>,
  purpose: Purpose,
  { entitlements }: Pick<Parts, 'entitlements'>,
): readonly EntitlementAnswer[] {
  const { subject, rules, epoch, scopes, onBehalfOf, principal } = caller;
  const { tenant } = principal;
  const customer = onBehalfOf?.subject.customer ?? undefined;
  const asker = {
    ...{ subject, rules, epoch, at, purpose, consents: onBehalfOf ? ['ai_data_use'] : [] },
    ...(onBehalfOf === undefined ? {} : { onBehalfOf: onBehalfOf.subject }),
  };
  const calls: Question = {
    ...{ ...asker, action: 'tool.call' },
    // What a tool reads is the tool's matter: the scope of the token is to call it.
    ...(scopes === undefined ? {} : { scopes }),
    resource: { type: 'Tool', id: entry.tool.name, tenant },
  };
  if (customer === undefined) return [entitlements.check(calls)];
  const reads: Question = {
    ...{ ...asker, action: 'account.read' },
    resource: { type: 'Customer', id: customer, tenant, customer },
  };
  return [entitlements.check(calls), entitlements.check(reads)];
}

function takesFromQuota(passing: Passing, { quota }: Parts): void {
  if (passing.asked.isCharged) return;
  const refusals = quota.refusalsOf(conductKey(passing.caller));
  quota.take(chargesOf({ ...quotaCall(passing), weight: weightOf({ refusals }) }));
}

/** What is no tool of the agent's costs as much as what there is not, and takes from the same. */
function quotaCall(passing: Omit<Passing, 'asked' | 'at'>) {
  const { caller, entry, agent } = passing;
  const { tenant, id } = caller.principal;
  const own = isCallable(passing) ? agent.tools.get(entry.tool.name) : undefined;
  const tool = own === undefined ? unknownEntry.tool : entry.tool;
  return { tenant, agent: id, tool, perMinute: own ?? strangePerMinute };
}

/** Whose refused calls make the next ones dearer: what it does for one customer is no other's. */
export function conductKey({ principal: { tenant, id }, onBehalfOf }: GatewayCaller): string {
  return `${tenant} ${id} ${onBehalfOf?.subject.customer ?? ''}`;
}

function hasKey({ asked }: Passing): void {
  if (asked.idempotencyKey !== undefined) return;
  const why = `send an idempotency key with every call that writes: ${keyPlaces}`;
  throw new Fault('idempotency_key_missing', why);
}

// Facts -------------------------------------------------------------------------------------------

/** What the bundle `agent-actions` reads; consent and rollout policy looks up itself. */
function factsOf({ caller, entry, agent }: Passing, purpose = ''): Facts {
  return {
    agent_id: caller.principal.id,
    agent_status: agent.status,
    tool: entry.tool.name,
    tool_registered: true,
    effect: entry.tool.effect,
    purpose,
    purpose_allowed: true,
    on_behalf_of: 'customer',
    // Every answer goes through the mask; what an agent has read before, nobody knows.
    masked: true,
    untrusted_content: true,
  };
}
