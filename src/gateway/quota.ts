// Quotas: how many calls of a tool an agent may make in a minute.
import { type Clock, Fault, type Instant } from '#core';

export type Quota = {
  /** Takes from it; throws `quota_exceeded` where nothing is left, and says when there will be. */
  readonly take: (key: string, of: { readonly cost: number; readonly perMinute: number }) => void;
  /** Whether it refuses what was refused within the minute before: nobody has to read it again. */
  readonly isFlood: (fault: Fault) => boolean;
};

type Bucket = { left: number; at: Instant; toldAt: Instant };

const minuteMs = 60_000;
/** Agents × tools of one process. The fullest are forgotten first: they have lost nothing. */
const bucketsMax = 50_000;

/** A bucket that fills evenly and holds what may be used in a minute. Each process has its own. */
export function createQuota(clock: Clock): Quota {
  const buckets = new Map<string, Bucket>();
  const floods = new WeakSet<Fault>();
  return {
    isFlood: (fault) => floods.has(fault),
    take(key, { cost, perMinute }) {
      const now = clock.now();
      const bucket = buckets.get(key) ?? { left: perMinute, at: now, toldAt: -minuteMs };
      const filled = bucket.left + (Math.max(0, now - bucket.at) * perMinute) / minuteMs;
      bucket.left = Math.min(perMinute, filled);
      bucket.at = now;
      if (!buckets.has(key)) makeRoom(buckets);
      buckets.set(key, bucket);
      if (bucket.left >= cost) {
        bucket.left -= cost;
        return;
      }
      const waitMs = Math.ceil(((cost - bucket.left) * minuteMs) / perMinute);
      const fault = new Fault('quota_exceeded', `${perMinute} calls a minute are allowed`, {
        detail: { retry_after_ms: waitMs },
      });
      if (now - bucket.toldAt < minuteMs) floods.add(fault);
      else bucket.toldAt = now;
      throw fault;
    },
  };
}

function makeRoom(buckets: Map<string, Bucket>): void {
  if (buckets.size < bucketsMax) return;
  const oldest = buckets.keys().next().value;
  if (oldest !== undefined) buckets.delete(oldest);
}
