// Quotas: how much agents may call in a minute, each of its tools and all of them, and all agents
// of a bank together. What a call takes depends on how the agent behaves and what is at stake.
import { type Clock, Fault, type Instant } from '#core';
import type { ToolEffect } from './tool.ts';

export type Quota = {
  /** From all or none; throws `quota_exceeded` where one has too little, and says for how long. */
  readonly take: (charges: readonly Charge[]) => void;
  /** Whether it refuses what was refused within the minute before: nobody has to read it again. */
  readonly isFlood: (fault: Fault) => boolean;
  /** Remembers that a call of the agent was refused. */
  readonly noteRefusal: (agent: string) => void;
  /** How many of its calls were refused lately, up to as many as count. */
  readonly refusalsOf: (agent: string) => number;
};

export type Charge = {
  readonly of: 'tool' | 'agent' | 'bank';
  readonly key: string;
  readonly cost: number;
  readonly perMinute: number;
};

export type QuotaCall = {
  readonly tenant: string;
  readonly agent: string;
  readonly tool: { readonly name: string; readonly effect: ToolEffect; readonly cost: number };
  /** Of this tool, as the agent is registered for it. */
  readonly perMinute: number;
  /** How many times the cost of the tool it takes. */
  readonly weight: number;
};

/**
 * A minute of one agent over all its tools, and of all agents of a bank: what changes something is
 * rarer by far, and harder to undo.
 */
const [readsPerAgent, writesPerAgent, agentsPerBank] = [60_000, 600, 4];

export function chargesOf({ tenant, agent, tool, perMinute, weight }: QuotaCall): Charge[] {
  const isRead = tool.effect === 'read' || tool.effect === 'draft';
  const kind = isRead ? 'reads' : 'writes';
  const ofAgent = isRead ? readsPerAgent : writesPerAgent;
  const cost = tool.cost * weight;
  return [
    { of: 'tool', key: `${tenant} ${agent} ${tool.name}`, cost, perMinute },
    { of: 'agent', key: `${tenant} ${agent} ${kind}`, cost, perMinute: ofAgent },
    { of: 'bank', key: `${tenant} ${kind}`, cost, perMinute: ofAgent * agentsPerBank },
  ];
}

/** What is known of an agent and of what it is about to do. */
export type Conduct = {
  readonly refusals: number;
  /** Of money that moves. */
  readonly transfer?: {
    /** Minor units of the home currency. */
    readonly amount: number;
    readonly isPayeeKnown: boolean;
    /** Whether fewer of its calls have gone well than people look at first. */
    readonly isNewAgent: boolean;
  };
};

const [refusalsPerStep, stepsMax] = [5, 4];
/** What two people approve, as the policy that ships says; in minor units. */
const highValue = 1_000_000;

/** 1 for whoever behaves and moves little to somebody known, and up to 11. */
export function weightOf({ refusals, transfer }: Conduct): number {
  const behaviour = Math.min(stepsMax, Math.floor(refusals / refusalsPerStep));
  if (!transfer) return 1 + behaviour;
  const { amount, isPayeeKnown, isNewAgent } = transfer;
  const value = Math.min(stepsMax, Math.floor((amount * stepsMax) / highValue));
  return 1 + behaviour + value + (isPayeeKnown ? 0 : 1) + (isNewAgent ? 1 : 0);
}

type Bucket = { left: number; at: Instant; toldAt: Instant };

const minuteMs = 60_000;
const refusalsWindowMs = 600_000;
const refusalsMax = refusalsPerStep * stepsMax;
/** Of one process, of each kind. Those that were used longest ago are forgotten first. */
const keysMax = 50_000;
const words = {
  tool: 'this tool, for this agent',
  agent: 'calls of this kind, for this agent',
  bank: 'calls of this kind, for all agents',
};

/** Buckets that fill evenly and hold what may be used in a minute. Each process has its own. */
export function createQuota(clock: Clock): Quota {
  const buckets = new Map<string, Bucket>();
  const refusals = new Map<string, readonly Instant[]>();
  const floods = new WeakSet<Fault>();

  function filled({ key, perMinute }: Charge, now: Instant): Bucket {
    const bucket = buckets.get(key) ?? { left: perMinute, at: now, toldAt: -minuteMs };
    const more = (Math.max(0, now - bucket.at) * perMinute) / minuteMs;
    bucket.left = Math.min(perMinute, bucket.left + more);
    bucket.at = now;
    remember(buckets, key, bucket);
    return bucket;
  }

  function lately(agent: string): readonly Instant[] {
    const since = clock.now() - refusalsWindowMs;
    return (refusals.get(agent) ?? []).filter((at) => at > since);
  }

  return {
    isFlood: (fault) => floods.has(fault),
    refusalsOf: (agent) => lately(agent).length,
    noteRefusal: (agent) =>
      remember(refusals, agent, [...lately(agent), clock.now()].slice(-refusalsMax)),
    take(charges) {
      const now = clock.now();
      const wanted = charges.map((charge) => ({
        ...{ charge, bucket: filled(charge, now) },
        // No call takes more than there can be: it would never pass.
        cost: Math.min(charge.cost, charge.perMinute),
      }));
      const short = wanted.find(({ bucket, cost }) => bucket.left < cost);
      if (!short) {
        for (const { bucket, cost } of wanted) bucket.left -= cost;
        return;
      }
      const { bucket, charge, cost } = short;
      const fault = exceeded(charge, { cost, left: bucket.left });
      if (now - bucket.toldAt < minuteMs) floods.add(fault);
      else bucket.toldAt = now;
      throw fault;
    },
  };
}

function exceeded(
  { of, perMinute }: Charge,
  { cost, left }: { readonly cost: number; readonly left: number },
): Fault {
  const text = `the call takes ${cost} of ${perMinute} a minute: ${words[of]}`;
  const retry_after_ms = Math.ceil(((cost - left) * minuteMs) / perMinute);
  return new Fault('quota_exceeded', text, {
    detail: { quota: of, cost, per_minute: perMinute, retry_after_ms },
  });
}

/** As the latest of them, in a place for so many. */
function remember<Value>(known: Map<string, Value>, key: string, value: Value): void {
  known.delete(key);
  if (known.size >= keysMax) known.delete(known.keys().next().value as string);
  known.set(key, value);
}
